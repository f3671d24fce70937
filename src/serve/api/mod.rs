//! The native API, below `/v1`: matching, hashing, comparing, how the service is, and its own description.

mod answers;
mod ask;
mod binary;
mod compare;
mod compared;
pub(super) mod extract;
pub(super) mod form;
mod hashed;
mod listed;
mod many;
mod matching;
pub(super) mod openapi;
mod page;
pub(super) mod patterns;
mod status;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_many;
#[cfg(test)]
mod tests_openapi;

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};

pub(super) use answers::COUNTS;

use super::{Problem, Scope, State, caller};

/// Its paths.
pub(super) fn routes(state: &State) -> Router<State> {
    let matching = refusing(routed(of_matching()));
    caller::guarded(Scope::Match, state, matching)
        .merge(refusing(routed(of_itself())))
        // What is below it and no path of anybody's; a path of somebody's goes before.
        .route("/v1", any(unknown_path))
        .route("/v1/", any(unknown_path))
        .route("/v1/{*path}", any(unknown_path))
}

type Table = Vec<(&'static str, MethodRouter<State>)>;

/// The paths that need the scope.
fn of_matching() -> Table {
    vec![
        ("/v1/match", post(matching::upload)),
        ("/v1/match/hash/{signal}", get(matching::look_up)),
        ("/v1/match/hashes", post(many::hashes)),
        ("/v1/hash", post(matching::hash)),
        ("/v1/compare", post(compare::compare)),
        ("/v1/status", get(status::status)),
    ]
}

/// The paths that need no token: they are the same in every ward.
fn of_itself() -> Table {
    vec![("/v1/openapi.json", get(openapi::document)), ("/v1/docs", get(page::docs))]
}

fn routed(table: Table) -> Router<State> {
    table.into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods))
}

/// `router`, which refuses what method its paths do not take with a [`Problem`], and says which they do. Call it before
/// the paths are guarded.
pub(super) fn refusing(router: Router<State>) -> Router<State> {
    router.method_not_allowed_fallback(other_method)
}

/// `Allow` is there already.
async fn other_method(method: Method) -> Response {
    match method {
        Method::OPTIONS => (StatusCode::NO_CONTENT, [extract::NO_STORE]).into_response(),
        _ => Problem::no_such_method().into_response(),
    }
}

async fn unknown_path() -> Problem {
    Problem::no_such_path()
}
