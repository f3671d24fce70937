//! Listeners, and the paths behind them.
//!
//! [`Service`] listens, [`router`] is all paths of the inner service. Around each request stand its bounds in time, around each
//! connection those of its head, its pauses and its place among all; see `docs/serve.md`.

mod around;
mod connections;
mod error;
mod handshake;
mod health;
mod host;
mod listen;
mod logs;
mod metrics;
mod notify;
mod patient;
mod service;
mod tls;
mod validity;

#[cfg(test)]
mod clock_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;

use axum::Router;
use axum::middleware::from_fn_with_state;

use super::{State, api, console, hma, manage, shadow};

pub(super) use around::names_us;
pub(super) use connections::{Admission, Connections};
pub use error::ServeError;
pub(super) use host::Host;
pub use host::{Ended, Orders};
pub use listen::answers;
pub(super) use listen::{Listener, listen};
pub use logs::{Level, Log};
pub(super) use metrics::Metrics;
pub use service::Service;
pub(super) use tls::Certificates;
pub use validity::{Validity, probe, validity};

/// All paths of the inner service. Slashes that follow each other count as one.
pub fn router(state: State) -> Router {
    let all = Router::new()
        .merge(shadow::beside(&state, api::routes(&state).merge(hma::routes(&state))))
        .merge(manage::routes(&state))
        .merge(shadow::routes(&state))
        .merge(console::routes(&state));
    surrounded(&state, all)
}

/// `paths` and those of whoever watches over the service, with what holds around every request.
fn surrounded(state: &State, paths: Router<State>) -> Router {
    let all = health::routes(state)
        .merge(paths)
        .fallback(around::no_such_path)
        .method_not_allowed_fallback(around::no_such_method)
        .layer(from_fn_with_state(state.clone(), around::watched))
        .with_state(state.clone());
    around::with_plain_paths(all)
}
