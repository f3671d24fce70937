//! (to be written)

use axum::Router;

use super::State;

/// Its paths.
pub(super) fn routes(_state: &State) -> Router<State> {
    Router::new()
}
