//! (to be written)

use axum::Router;

use super::State;

/// Its paths.
pub(super) fn routes(_state: &State) -> Router<State> {
    Router::new()
}

/// What its paths take and answer.
pub(super) fn openapi() -> utoipa::openapi::OpenApi {
    utoipa::openapi::OpenApi::default()
}
