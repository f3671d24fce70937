//! What the comparison with a running HMA has come to so far, for who operates the service.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::serve::api::openapi::Refusals;
use crate::serve::{Problem, Scope, State, guarded};

/// The answers that were compared since the service began.
#[derive(Serialize, ToSchema)]
struct ShadowView {
    /// How many.
    compared: u64,
    /// Those that a client takes for the same.
    same: u64,
    /// Of those that differ: matched here and not there.
    only_here: u64,
    /// Of those that differ: matched there and not here.
    only_there: u64,
    /// Those that differ, by class.
    reasons: BTreeMap<&'static str, u64>,
    /// Requests that were not sent: too many waited, or they were too long.
    dropped: u64,
    /// What follows, in one sentence.
    verdict: String,
}

/// Its paths.
pub(in crate::serve) fn routes(state: &State) -> Router<State> {
    guarded(Scope::Manage, state, Router::new().route("/v1/shadow", get(told)))
}

/// How answers differ from those of the HMA beside
///
/// Counts alone, by class; with `innerward serve --shadow URL`.
#[utoipa::path(get, path = "/v1/shadow", tag = "service", responses((status = 200, body = ShadowView), Refusals))]
async fn told(Shared(state): Shared<State>) -> Response {
    let Some(shadow) = &state.0.shadow else {
        return Problem::not_found(
            "no HMA is asked beside this service; `innerward serve --shadow URL` does so",
        )
        .into_response();
    };
    let report = shadow.report();
    let verdict = report.verdict();
    let reasons = report.reasons.iter().map(|(reason, number)| (reason.as_str(), *number)).collect();
    let view = ShadowView {
        compared: report.compared,
        same: report.same,
        only_here: report.only_here,
        only_there: report.only_there,
        reasons,
        dropped: report.dropped,
        verdict,
    };
    axum::Json(view).into_response()
}

#[derive(OpenApi)]
#[openapi(paths(told))]
struct Paths;

/// What is said of them to programs.
pub(in crate::serve) fn openapi() -> utoipa::openapi::OpenApi {
    Paths::openapi()
}
