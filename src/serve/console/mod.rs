//! The console: pages for the operator and the analyst of the ward, under `/console`.
//!
//! Rendered here, whole without a script; the one script lets a file be dropped anywhere on its field. Whoever logs in
//! shows a token and may do in the browser what the token may do; a session lives in memory, ends with its token, and its
//! forms carry a key. Nothing is changed by reading a page. No page shows, keeps or names what was uploaded.

mod audit;
mod bits;
mod compare;
mod decide;
mod deeds;
mod examine;
mod forms;
mod gate;
mod login;
mod overview;
mod page;
mod quarantine;
mod releases;
mod session;
mod sets;
mod tally;
mod words;

#[cfg(test)]
mod pages_tests;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, any, get, post};

use super::{Problem, ProblemCode, State};
use gate::{Console, Trouble, behind, gate};
use page::Page;
use session::Sessions;

/// Its paths.
pub(super) fn routes(state: &State) -> Router<State> {
    let console = Console { state: state.clone(), sessions: Arc::new(Sessions::default()) };
    // Of files their own bound holds.
    let unbounded = DefaultBodyLimit::disable();
    let only =
        |page: Page, handlers: MethodRouter<Console>| handlers.route_layer(from_fn_with_state(page, behind));
    Router::new()
        .route("/console", get(overview::show))
        .route("/console/", get(overview::show))
        .route("/console/login", get(login::form).post(login::enter))
        .route("/console/logout", post(login::leave))
        .route(
            "/console/match",
            only(Page::Examine, get(examine::form).post(examine::answer)).layer(unbounded),
        )
        .route(
            "/console/compare",
            only(Page::Compare, get(compare::form).post(compare::answer)).layer(unbounded),
        )
        .route("/console/decide", only(Page::Decide, get(decide::show).post(decide::keep)))
        .route("/console/decide/find", only(Page::Decide, post(decide::find)))
        .route("/console/quarantine", only(Page::Quarantine, get(quarantine::show)))
        .route("/console/quarantine/release", only(Page::Quarantine, post(quarantine::release)))
        .route("/console/quarantine/guard", only(Page::Quarantine, post(quarantine::guard)))
        .route("/console/sets", only(Page::Sets, get(sets::list)))
        .route("/console/sets/{name}", only(Page::Sets, get(sets::one)))
        .route("/console/tally", only(Page::Tally, get(tally::show)))
        .route("/console/releases", only(Page::Releases, get(releases::show)))
        .route("/console/audit", only(Page::Audit, get(audit::show)))
        .route("/console/assets/console.css", asset("text/css; charset=utf-8", include_str!("console.css")))
        .route(
            "/console/assets/console.js",
            asset("text/javascript; charset=utf-8", include_str!("console.js")),
        )
        .route("/console/assets/icon.svg", asset("image/svg+xml", include_str!("icon.svg")))
        .route("/console/{*rest}", any(nothing))
        .method_not_allowed_fallback(other_method)
        .layer(DefaultBodyLimit::max(forms::MOST))
        .layer(from_fn_with_state(console.clone(), gate))
        .with_state(console)
}

fn asset(kind: &'static str, text: &'static str) -> MethodRouter<Console> {
    get(move || async move { ([(header::CONTENT_TYPE, kind)], text).into_response() })
}

async fn nothing() -> Trouble {
    Trouble(Problem::not_found(words::NO_PAGE))
}

async fn other_method() -> Trouble {
    Trouble(Problem::new(ProblemCode::MethodNotAllowed, words::NO_PAGE))
}
