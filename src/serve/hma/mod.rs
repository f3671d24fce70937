//! HMA's REST API (Hasher-Matcher-Actioner 1.1.7) at its own paths: a bank is a set whose role is to be found, a content an
//! entry. What differs and why is in `docs/hma.md`.
//!
//! Refusals have HMA's form, `{"message": …}`: whoever refuses gives a [`Problem`], and [`refusal`] words it [at these
//! paths](is_at).

mod asked;
mod banks;
mod compare;
mod content;
mod exchanges;
mod hashing;
mod keys;
mod matching;
mod media;
mod metadata;
mod number;
mod params;
mod refusal;
mod rename;
mod shares;
mod status;
mod types;

#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod coop_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod migration_tests;
#[cfg(test)]
mod race_tests;
#[cfg(test)]
mod rename_tests;

use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post, put};
use axum::{Json, Router};

pub(super) use keys::{content_numbers, key_of};
pub(super) use number::number_of;
pub(super) use refusal::in_words_of_hma;

use super::api::extract::with_short_bodies;
use super::api::refusing;
use super::caller::guarded;
use super::{Problem, Scope, State};

/// What a handler gives.
type Answer = Result<Response, Problem>;

/// All patterns as HMA writes them, sorted: what `/site-map` answers.
const SITE_MAP: [&str; 24] = [
    "/",
    "/c/bank/<bank_name>",
    "/c/bank/<bank_name>/content",
    "/c/bank/<bank_name>/content/<int:content_id>",
    "/c/bank/<bank_name>/signal",
    "/c/banks",
    "/c/content_type",
    "/c/exchange/<string:exchange_name>",
    "/c/exchange/<string:exchange_name>/status",
    "/c/exchanges",
    "/c/exchanges/api/<string:api_name>",
    "/c/exchanges/api/<string:api_name>/schema",
    "/c/exchanges/apis",
    "/c/signal_type",
    "/c/signal_type/<signal_type_name>",
    "/c/signal_type/index",
    "/h/hash",
    "/m/compare",
    "/m/index/status",
    "/m/lookup",
    "/m/raw_lookup",
    "/site-map",
    "/status",
    "/status/live",
];

/// True of paths whose refusals are in HMA's words: its own, and those below them that nobody has.
pub(super) fn is_at(path: &str) -> bool {
    ["/h/", "/m/", "/c/"].iter().any(|prefix| path.starts_with(prefix)) || path == "/site-map"
}

/// Its paths.
pub(super) fn routes(state: &State) -> Router<State> {
    // What comes in as a file is bounded where it is read.
    let matched_files = Router::new()
        .route("/m/lookup", get(matching::lookup).post(matching::lookup_upload))
        .route("/h/hash", get(hashing::hash_url).post(hashing::hash_upload));
    let curated_files = Router::new().route("/c/bank/{bank}/content", post(content::add));
    let matched = Router::new()
        .route("/m/raw_lookup", get(matching::raw_lookup))
        .route("/m/index/status", get(status::matching))
        .route("/m/compare", post(compare::compare))
        .route("/site-map", get(|| async { Json(SITE_MAP) }));
    let curated = Router::new()
        .route("/c/banks", get(banks::list).post(banks::create))
        .route("/c/bank/{bank}", get(banks::show).put(banks::update).delete(banks::delete))
        .route("/c/bank/{bank}/content/{id}", get(content::show).put(content::update).delete(content::delete))
        .route("/c/bank/{bank}/signal", post(content::add_signals))
        .route("/c/signal_type", get(types::signal_types))
        .route("/c/signal_type/index", get(status::curation))
        .route("/c/signal_type/{name}", put(types::update_signal_type))
        .route("/c/content_type", get(types::content_types))
        .route("/c/exchanges", get(exchanges::list).post(exchanges::create))
        .route("/c/exchanges/apis", get(exchanges::list))
        .route("/c/exchanges/api/{api}", get(exchanges::no_api).post(exchanges::no_api))
        .route("/c/exchanges/api/{api}/schema", get(exchanges::no_schema))
        .route(
            "/c/exchange/{name}",
            get(exchanges::no_exchange).put(exchanges::no_exchange).delete(exchanges::delete),
        )
        .route("/c/exchange/{name}/status", get(exchanges::no_exchange));
    let short = from_fn_with_state(state.clone(), with_short_bodies);
    guarded(Scope::Match, state, refusing(matched.layer(short.clone()).merge(matched_files))).merge(guarded(
        Scope::Manage,
        state,
        refusing(curated.layer(short).merge(curated_files)),
    ))
}
