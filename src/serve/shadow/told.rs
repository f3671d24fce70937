//! What the comparison with a running HMA has come to so far, for who operates the service.

use axum::Router;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::{Difference, ShadowReport};
use crate::serve::api::extract::NoParameters;
use crate::serve::api::openapi::Refusals;
use crate::serve::{Problem, Scope, State, guarded};

/// The answers that were compared since the service began.
#[derive(Serialize, ToSchema)]
struct ShadowView {
    #[serde(flatten)]
    report: ShadowReport,
    /// What follows, in one sentence.
    verdict: String,
    /// The latest answers that differed, at most 256, the oldest first.
    differences: Vec<Difference>,
}

/// Its paths.
pub(in crate::serve) fn routes(state: &State) -> Router<State> {
    guarded(Scope::Manage, state, Router::new().route("/v1/shadow", get(told)))
}

/// How answers differ from those of the HMA beside
///
/// Counts by reason, and of the latest answers that differ when, at which path and why; nothing of what was asked. With
/// `innerward serve --shadow URL`.
#[utoipa::path(get, path = "/v1/shadow", tag = "service", responses((status = 200, body = ShadowView), Refusals))]
async fn told(Shared(state): Shared<State>, _: NoParameters) -> Response {
    let Some(shadow) = &state.0.shadow else {
        return Problem::not_found(
            "no HMA is asked beside this service; `innerward serve --shadow URL` does so",
        )
        .into_response();
    };
    let (report, differences) = (shadow.report(), shadow.differences());
    let verdict = report.verdict();
    axum::Json(ShadowView { report, verdict, differences }).into_response()
}

#[derive(OpenApi)]
#[openapi(paths(told))]
struct Paths;

/// What is said of them to programs.
pub(in crate::serve) fn openapi() -> utoipa::openapi::OpenApi {
    Paths::openapi()
}
