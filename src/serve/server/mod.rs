//! Listeners, and the paths behind them.

use axum::Router;

use super::{State, api, console, hma, manage, shadow};

/// All paths of the inner service.
#[must_use]
pub fn router(state: State) -> Router {
    Router::new()
        .merge(api::routes(&state))
        .merge(manage::routes(&state))
        .merge(shadow::beside(&state, hma::routes(&state)))
        .merge(console::routes(&state))
        .with_state(state)
}
