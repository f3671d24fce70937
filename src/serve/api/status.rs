//! How the service is.

use axum::extract::State as Shared;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::{Ask, Caller, Problem, State};
use super::extract::{Json, NoParameters, accepted};
use super::matching::JSON;
use super::openapi::Refusals;
use crate::screen::Verdict;

/// How the service is, and what it takes.
#[derive(Serialize, ToSchema)]
pub(super) struct Status {
    /// Of the program.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// What is matched against.
    lists: Lists,
    /// What confines the processes that decode uploads; `null` if they are decoded in the service itself.
    jail: Option<Jail>,
    /// What a request may ask.
    limits: Limits,
    /// Whether uploads are counted in the tally.
    counts: bool,
    /// True if the tokens, or what was used of quotas, cannot be read or kept: both are as they were known last, and
    /// `innerward doctor --serve` says why.
    identity_stale: bool,
}

#[derive(Serialize, ToSchema)]
struct Lists {
    /// Rises with every import and withdrawal; `null` as long as there is no list.
    generation: Option<u64>,
    /// Seconds since it was last known that nothing newer is there.
    age_seconds: f64,
    /// True if what is newer could not be opened: the answers rest on what was there before, and the log has the cause.
    stale: bool,
    /// Sets.
    sets: usize,
}

#[derive(Serialize, ToSchema)]
struct Jail {
    /// System calls are filtered.
    seccomp: bool,
    /// The version of Landlock that closes files and ports; `null` where the kernel has none.
    landlock: Option<String>,
    /// Bounds on memory, processor time, files and processes are set.
    rlimits: bool,
    /// Address space of a process.
    memory_bytes: u64,
}

#[derive(Serialize, ToSchema)]
struct Limits {
    /// Bytes of an upload.
    max_upload_bytes: u64,
    /// Bytes of any other body.
    max_body_bytes: usize,
    /// Hashes of one request.
    max_batch: usize,
    /// Bits that `max_distance` may ask for.
    max_distance: u16,
    /// Matches that are told.
    max_matches: usize,
}

/// Ask how the service is
///
/// The lists' generation and age, what confines the decoders, and the limits of requests.
#[utoipa::path(
    get, path = "/v1/status", tag = "service",
    responses((status = 200, description = "How it is", body = Status), Refusals),
)]
pub(super) async fn status(
    Shared(state): Shared<State>,
    _: Caller,
    _: NoParameters,
    headers: HeaderMap,
) -> Result<Json<Status>, Problem> {
    accepted(&headers, &[JSON])?;
    let settings = &state.0.settings;
    let limits = Limits {
        max_upload_bytes: settings.max_upload_bytes,
        max_body_bytes: settings.max_body_bytes,
        max_batch: settings.max_batch,
        max_distance: Ask::MOST_BITS,
        max_matches: Verdict::LIMIT,
    };
    let jail = state.0.workers.as_ref().map(|workers| {
        let in_force = workers.in_force();
        Jail {
            seccomp: in_force.seccomp,
            landlock: in_force.landlock.clone(),
            rlimits: in_force.rlimits,
            memory_bytes: in_force.memory_bytes,
        }
    });
    let counts = settings.count;
    // Whoever opens new lists holds them for a moment.
    let lists = state
        .apart(|state| {
            let health = state.0.live.health();
            let sets = state.0.live.current().map_or(0, |matcher| matcher.sets().len());
            let (age_seconds, stale) = (health.age.as_secs_f64(), health.fault.is_some());
            Ok(Lists { generation: health.generation, age_seconds, stale, sets })
        })
        .await?;
    let identity_stale = !state.identity_faults().is_empty();
    Ok(Json(Status { version: env!("CARGO_PKG_VERSION"), lists, jail, limits, counts, identity_stale }))
}
