//! Entries of sets: withdrawn for ever, or out of service for a while.

use axum::extract::State as Shared;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::api::extract::{Json, NoParameters, Query};
use super::super::api::openapi::Refusals;
use super::super::deeds::Doer;
use super::super::{Caller, Problem, ProblemCode, State};
use super::extract::{InSet, field, field_if_said};
use super::patterns;
use crate::hashset::{EntryKey, Local, SetError, SetName};
use crate::home::{About, Did};
use crate::index::EntryName;

/// Entries that are to be withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ToWithdraw {
    /// Keys of entries, or hashes as `kind:hex`, for every entry of the set that has them.
    #[schema(schema_with = patterns::entries)]
    entries: Vec<String>,
}

/// What was withdrawn.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WithdrawnView {
    /// The set.
    #[schema(value_type = String)]
    set: SetName,
    /// Entries that matched and do not any more.
    withdrawn: u64,
    /// Keys that were not withdrawn before, also those that the set does not have: a list that brings them later brings
    /// nothing that matches.
    keys: u64,
}

/// Withdraws entries: they stop matching before this answers, and stay withdrawn when the list is imported again. All that
/// are named or, if a hash is of no entry, none.
#[utoipa::path(post, path = "/v1/sets/{name}/withdraw", tag = "sets", params(("name" = String, Path)),
    request_body = ToWithdraw, responses((status = 200, body = WithdrawnView), Refusals))]
pub(super) async fn withdraw(
    Shared(state): Shared<State>,
    caller: Caller,
    InSet(name): InSet,
    _: NoParameters,
    Json(asked): Json<ToWithdraw>,
) -> Result<Json<WithdrawnView>, Problem> {
    let most = state.0.settings.max_batch;
    if asked.entries.is_empty() || asked.entries.len() > most {
        return Err(Problem::unprocessable(format!("`entries`: name 1 to {most} entries")));
    }
    let named = asked.entries.iter().map(|text| field("entries", text));
    let named: Vec<EntryName> = named.collect::<Result<_, _>>()?;
    state
        .apart_in_turn(move |state| {
            let done = state.withdraw_named_now(&Doer { caller: &caller, via: "api" }, &name, &named)?;
            Ok(Json(WithdrawnView { set: name, withdrawn: done.entries, keys: done.keys as u64 }))
        })
        .await
}

/// Of which set.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct OfSet {
    /// Of this set alone.
    #[param(schema_with = patterns::set)]
    pub(super) set: Option<String>,
}

/// An entry that the flood guard took out of service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuarantinedView {
    /// Its set.
    #[schema(value_type = String)]
    set: SetName,
    /// Its key.
    entry: String,
    /// When that was.
    since: String,
    /// Its hits in the window that went beyond the bound.
    hits: u64,
    /// True if a person put it back: it matches, and is exempt from the guard.
    released: bool,
}

/// The entries that are or were in quarantine.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuarantineList {
    /// By set and key.
    entries: Vec<QuarantinedView>,
    /// Those that are out of service.
    quarantined: u64,
    /// Those that are exempt.
    released: u64,
}

/// An entry of the set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OneEntry {
    /// Its key.
    #[schema(schema_with = patterns::entry)]
    entry: String,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuarantineChanged {
    /// The set.
    #[schema(value_type = String)]
    set: SetName,
    /// True if the entry matches again and the guard passes it over; false if its hits count anew.
    released: bool,
}

/// The entries that the flood guard took out of service, and those that a person put back.
#[utoipa::path(get, path = "/v1/quarantine", tag = "sets", params(OfSet),
    responses((status = 200, body = QuarantineList), Refusals))]
pub(super) async fn quarantine(
    Shared(state): Shared<State>,
    Query(asked): Query<OfSet>,
) -> Result<Json<QuarantineList>, Problem> {
    let set: Option<SetName> = field_if_said("set", asked.set.as_ref())?;
    state
        .apart(move |state| {
            set.as_ref().map_or(Ok(()), |set| state.knows_of(set))?;
            let found = Local::open(state.database()?)?.quarantine(set.as_ref())?;
            let released = found.iter().filter(|entry| entry.released).count() as u64;
            let quarantined = found.len() as u64 - released;
            let entries = found.into_iter().map(|entry| QuarantinedView {
                set: entry.set,
                entry: entry.key.as_str().to_owned(),
                since: entry.since.to_string(),
                hits: entry.hits,
                released: entry.released,
            });
            Ok(Json(QuarantineList { entries: entries.collect(), quarantined, released }))
        })
        .await
}

/// Puts an entry back: it matches again, and is exempt from the guard.
#[utoipa::path(post, path = "/v1/sets/{name}/quarantine/release", tag = "sets", params(("name" = String, Path)),
    request_body = OneEntry, responses((status = 200, body = QuarantineChanged), Refusals))]
pub(super) async fn release(
    Shared(state): Shared<State>,
    caller: Caller,
    InSet(name): InSet,
    _: NoParameters,
    Json(asked): Json<OneEntry>,
) -> Result<Json<QuarantineChanged>, Problem> {
    change_quarantine(&state, caller, name, &asked, true).await
}

/// Ends the exemption of an entry that was put back: its hits count anew.
#[utoipa::path(post, path = "/v1/sets/{name}/quarantine/guard", tag = "sets", params(("name" = String, Path)),
    request_body = OneEntry, responses((status = 200, body = QuarantineChanged), Refusals))]
pub(super) async fn guard(
    Shared(state): Shared<State>,
    caller: Caller,
    InSet(name): InSet,
    _: NoParameters,
    Json(asked): Json<OneEntry>,
) -> Result<Json<QuarantineChanged>, Problem> {
    change_quarantine(&state, caller, name, &asked, false).await
}

async fn change_quarantine(
    state: &State,
    caller: Caller,
    set: SetName,
    asked: &OneEntry,
    released: bool,
) -> Result<Json<QuarantineChanged>, Problem> {
    let Key(key) = field("entry", &asked.entry)?;
    state
        .apart_in_turn(move |state| {
            state.quarantine_now(&Doer { caller: &caller, via: "api" }, &set, &key, released)?;
            Ok(Json(QuarantineChanged { set, released }))
        })
        .await
}

/// The text of a key.
struct Key(EntryKey);

impl std::str::FromStr for Key {
    type Err = crate::hashset::EntryKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        EntryKey::new(text).map(Self)
    }
}

impl State {
    /// Releases an entry from quarantine, or ends its exemption from the guard.
    ///
    /// # Errors
    /// [`ProblemCode::NotFound`] if it is not in quarantine, or not exempt.
    pub(in crate::serve) fn quarantine_now(
        &self,
        doer: &Doer<'_>,
        set: &SetName,
        key: &EntryKey,
        released: bool,
    ) -> Result<(), Problem> {
        type Change = fn(&mut Local, &SetName, &EntryKey) -> Result<bool, SetError>;
        let (did, otherwise, change): (_, _, Change) = if released {
            (Did::QuarantineRelease, "is in quarantine", Local::release)
        } else {
            (Did::QuarantineGuard, "is exempt from the guard", Local::guard_again)
        };
        let home = self.database()?;
        self.on_record(doer, did, set.as_str(), About::new(), || {
            if change(&mut Local::open(home)?, set, key)? {
                Ok(((), About::new()))
            } else {
                let detail =
                    format!("no entry of the set with this key {otherwise}; `GET /v1/quarantine` lists them");
                Err(Problem::new(ProblemCode::NotFound, detail))
            }
        })?;
        self.look_again()
    }
}
