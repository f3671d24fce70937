//! Whether the service is alive, and whether it is ready: for whoever starts it, balances its load, or watches it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::screen::LiveHealth;
use crate::serve::engine::CountingFault;
use crate::serve::{Problem, Scope, State, guarded};

/// Beyond this age it is not known any more whether lists are as they were: ten looks of [`crate::screen::Live::INTERVAL`], and
/// time for one of them to open something large.
const STALE: Duration = Duration::from_secs(10);

/// As HMA's answers read.
const ALIVE: &str = "I-AM-ALIVE";
const NOT_LOADED: &str = "INDEX-NOT-LOADED";
const STALE_TEXT: &str = "INDEX-STALE";

const TOKENS_STALE: &str =
    "ready, and the file of tokens or of quotas cannot be used; `innerward doctor` says why\n";

const FLOOD_STALE: &str =
    "ready, and what the flood guard counts cannot be written down; it is kept and tried again\n";
const NOT_COUNTED: &str = "ready to look hashes up; what is screened cannot be counted and is refused; `innerward doctor` says why\n";

/// How ready it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Readiness {
    Ready,
    NoLists,
    /// What is newer could not be opened, or nobody has looked for too long.
    Stale,
    /// It has been asked to end.
    Draining,
}

/// `/`, `/healthz`, `/readyz`, `/status`, `/status/live` without a token, `/metrics` with one.
pub(super) fn routes(state: &State) -> Router<State> {
    let metrics = Router::new().route("/metrics", get(metrics));
    Router::new()
        // As HMA, to whoever asks for nothing in particular.
        .route("/", get(|| async { (StatusCode::FOUND, [(header::LOCATION, "/status")]) }))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/status", get(status))
        .route("/status/live", get(|| async { ALIVE }))
        .merge(guarded(Scope::Metrics, state, metrics))
}

fn readiness(draining: bool, health: &LiveHealth) -> Readiness {
    match health {
        _ if draining => Readiness::Draining,
        health if health.generation.is_none() => Readiness::NoLists,
        health if health.fault.is_some() || health.age > STALE => Readiness::Stale,
        _ => Readiness::Ready,
    }
}

fn look(state: &State) -> Readiness {
    // It never waits for whoever opens something large, nor for a thread that others keep.
    readiness(state.0.draining.load(Ordering::Relaxed), &state.0.live.health())
}

async fn ready(Shared(state): Shared<State>) -> Response {
    let detail = match look(&state) {
        // What was known of tokens still holds, and matching goes on.
        Readiness::Ready if state.counting_fault() == Some(CountingFault::Down) => {
            "what is screened cannot be counted, since the thread for it fails or hangs, and is refused; the log says more"
        }
        Readiness::Ready if !state.identity_faults().is_empty() => return TOKENS_STALE.into_response(),
        Readiness::Ready if state.counting_fault().is_some() => return NOT_COUNTED.into_response(),
        Readiness::Ready if state.0.live.guard_fault().is_some() => return FLOOD_STALE.into_response(),
        Readiness::Ready => return "ready\n".into_response(),
        Readiness::NoLists => state.no_lists(),
        Readiness::Stale => "what is newest of the lists could not be opened; the log says why",
        Readiness::Draining => "the service is about to end; ask another",
    };
    Problem::unavailable(detail).into_response()
}

async fn status(Shared(state): Shared<State>) -> (StatusCode, &'static str) {
    match look(&state) {
        Readiness::Ready => (StatusCode::OK, ALIVE),
        Readiness::NoLists => (StatusCode::SERVICE_UNAVAILABLE, NOT_LOADED),
        Readiness::Stale | Readiness::Draining => (StatusCode::SERVICE_UNAVAILABLE, STALE_TEXT),
    }
}

async fn metrics(Shared(state): Shared<State>) -> Result<Response, Problem> {
    let text = state.apart(|state| Ok(state.0.metrics.text(state))).await?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::testing::Ward;

    #[test]
    fn an_empty_home_is_alive_and_not_ready() {
        let ward = Ward::with(&[]);
        assert_eq!(
            (ward.get("/healthz").status, ward.get("/healthz").text()),
            (StatusCode::OK, "ok\n".into())
        );
        assert_eq!(ward.get("/status/live").text(), ALIVE);
        let status = ward.get("/status");
        assert_eq!((status.status, status.text().as_str()), (StatusCode::SERVICE_UNAVAILABLE, NOT_LOADED));
        let ready = ward.get("/readyz");
        assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(ready.json()["code"], "unavailable");
        assert!(ready.headers.contains_key(header::RETRY_AFTER));
    }

    #[test]
    fn with_a_list_it_is_ready_and_while_draining_not() {
        let ward = Ward::with(&[(
            "DEMO",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
        )]);
        assert_eq!(ward.get("/readyz").status, StatusCode::OK);
        assert_eq!(ward.get("/status").text(), ALIVE);
        assert_eq!(ward.get("//status//live").text(), ALIVE, "slashes are merged");
        ward.state.0.draining.store(true, Ordering::Relaxed);
        assert_eq!(ward.get("/readyz").status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(ward.get("/healthz").status, StatusCode::OK, "it is still alive");
    }

    #[test]
    fn a_damaged_file_of_tokens_is_told_and_stops_nothing() {
        let list = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n";
        let ward = Ward::with(&[("DEMO", list)]);
        std::fs::write(ward.home.root().join("tokens.json"), "{").unwrap();
        let again = Ward::on(&ward.home);
        let ready = again.get("/readyz");
        assert_eq!((ready.status, ready.text().as_str()), (StatusCode::OK, TOKENS_STALE));
        assert_eq!(again.get("/v1/status").json()["identity_stale"], true);
        assert_eq!(ward.get("/readyz").status, StatusCode::OK);
    }

    #[test]
    fn what_is_newer_and_cannot_be_opened_makes_it_stale() {
        let good = LiveHealth { generation: Some(3), age: Duration::ZERO, fault: None };
        assert_eq!(readiness(false, &good), Readiness::Ready);
        let broken = LiveHealth { fault: Some("cut off".into()), ..good.clone() };
        assert_eq!(readiness(false, &broken), Readiness::Stale);
        let old = LiveHealth { age: STALE * 2, ..good.clone() };
        assert_eq!(readiness(false, &old), Readiness::Stale);
        assert_eq!(readiness(true, &good), Readiness::Draining);
    }
}
