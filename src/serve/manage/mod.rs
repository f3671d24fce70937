//! Sets, decisions, counts, releases and the audit over HTTP: what `innerward set`, `decide`, `tally show`, `release ledger`
//! and `audit` do, by the same rules.
//!
//! Everything that changes something is on record before it is done, and holds for the caller's next request.

mod audit;
mod decisions;
mod entries;
mod export;
mod extract;
mod faults;
mod import;
mod patterns;
mod policy;
mod releases;
mod sets;
mod spool;
pub(super) mod tally;

#[cfg(test)]
mod audit_tests;
#[cfg(test)]
mod decision_tests;
#[cfg(test)]
mod import_tests;
#[cfg(test)]
mod tests;

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Extension, Router};
use utoipa::OpenApi;

use super::api::refusing;
use super::caller::guarded;
use super::{ProblemCode, Scope, State};
use spool::Spools;

/// Its paths.
pub(super) fn routes(state: &State) -> Router<State> {
    let sets = Router::new()
        .route("/v1/sets", get(sets::list))
        .route("/v1/sets/{name}", get(sets::show).put(policy::change).delete(sets::remove))
        .route("/v1/sets/{name}/log", get(sets::log))
        .route("/v1/sets/{name}/import", post(import::import).layer(DefaultBodyLimit::disable()))
        .route("/v1/sets/{name}/export", get(export::export))
        .route("/v1/sets/{name}/withdraw", post(entries::withdraw))
        .route("/v1/sets/{name}/quarantine/release", post(entries::release))
        .route("/v1/sets/{name}/quarantine/guard", post(entries::guard))
        .route("/v1/quarantine", get(entries::quarantine))
        .route("/v1/audit", get(audit::list))
        .layer(Extension(Spools::new()));
    let decisions = Router::new().route("/v1/decisions", get(decisions::list).post(decisions::decide));
    let tally = Router::new().route("/v1/tally", get(tally::show));
    let releases = Router::new()
        .route("/v1/releases", get(releases::releases))
        .route("/v1/budget", get(releases::budget));
    Router::new()
        .merge(guarded(Scope::Manage, state, refusing(sets)))
        .merge(guarded(Scope::Decide, state, refusing(decisions)))
        .merge(guarded(Scope::Tally, state, refusing(tally)))
        .merge(guarded(Scope::Release, state, refusing(releases)))
}

/// What is said of these paths to programs.
pub(super) fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

#[derive(OpenApi)]
#[openapi(
    paths(
        sets::list,
        sets::show,
        sets::remove,
        sets::log,
        policy::change,
        import::import,
        export::export,
        entries::withdraw,
        entries::quarantine,
        entries::release,
        entries::guard,
        audit::list,
        decisions::decide,
        decisions::list,
        tally::show,
        releases::releases,
        releases::budget
    ),
    components(schemas(
        sets::ChangeView,
        import::ListRead,
        import::ListChanges,
        import::BadLineView,
        ProblemCode
    ))
)]
struct Api;
