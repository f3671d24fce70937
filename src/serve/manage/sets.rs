//! `/v1/sets`: what there is, what is said of it, what was done to it.

use std::collections::BTreeMap;

use axum::extract::State as Shared;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::api::extract::{Json, NoParameters};
use super::super::api::openapi::Refusals;
use super::super::deeds::Doer;
use super::super::{Caller, Problem, State};
use super::extract::InSet;
use super::faults::no_such_set;
use crate::hashset::{Changed, Counts, Event, Happened, Import, Local, SetInfo, SetName, Sets, Use};
use crate::index::{Index, Memory, open_described};

/// A set, and whether it is searched.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SetView {
    /// Its name.
    #[schema(value_type = String)]
    name: SetName,
    /// The number of its revision; they rise.
    revision: u64,
    /// Entries of this revision, withdrawn ones among them.
    entries: u64,
    /// Those of them that were withdrawn or replaced since, and match nothing.
    withdrawn: u64,
    /// `match`, `ignore` or `watch`.
    role: &'static str,
    /// The class of the list, the only thing about it that releases may name.
    list_class: &'static str,
    /// Differing bits allowed in a PDQ hash; `null` for the default, 31.
    max_distance: Option<u16>,
    /// The same by kinds of the classic family, where it is not their default.
    classic_distances: BTreeMap<String, u16>,
    /// Whom the list comes from.
    source: String,
    /// What its terms allow.
    licence: String,
    /// What its agreement allows: `match`, `derive`, `export`.
    allow: Vec<&'static str>,
    /// The last day on which anything of that is allowed.
    #[schema(value_type = Option<String>, format = Date)]
    keep_until: Option<Date>,
    /// The key with which its lists are signed; no others are taken.
    key: Option<String>,
    /// The sets that it overrules, if its role is `ignore`.
    #[schema(value_type = Vec<String>)]
    suppresses: Vec<SetName>,
    /// The day of its first revision.
    #[schema(value_type = String, format = Date)]
    created_on: Date,
    /// The day of this revision.
    #[schema(value_type = String, format = Date)]
    revised_on: Date,
    /// False if what is asked is not compared with it.
    searched: bool,
    /// Why not.
    not_searched: Option<String>,
}

/// All sets.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SetList {
    /// By name.
    sets: Vec<SetView>,
}

/// Something that was done to a set.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventView {
    /// `import`, `addition`, `change`, `withdrawal` or `removal`.
    event: &'static str,
    /// The revision that it made; for a withdrawal and a removal the one that was current.
    revision: Option<u64>,
    /// The day.
    #[schema(value_type = String, format = Date)]
    on: Date,
    /// The second, where it is known.
    at: Option<String>,
    /// Who did it: the name of a token, or what was said on the command line.
    by: Option<String>,
    /// Keys that were withdrawn, by hand or by the list.
    withdrawn: Option<u64>,
    /// What it changed of what is said of the set.
    #[schema(value_type = Vec<ChangeView>)]
    changes: Vec<Changed>,
    /// Of an import: what was read.
    import: Option<ImportView>,
}

/// One thing about a set that became another.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangeView {
    /// The field.
    what: String,
    /// What it was.
    from: String,
    /// What it is since.
    to: String,
}

/// An import in the history of a set.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportView {
    /// The form of the list.
    form: String,
    /// BLAKE3 of the file.
    file_blake3: String,
    /// Its length.
    bytes: u64,
    /// The key with which it was signed, if that was checked.
    signed_by: Option<String>,
    /// What it held, in numbers.
    #[schema(value_type = Object)]
    counts: Counts,
}

/// What was done to a set, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SetLog {
    /// The set.
    #[schema(value_type = String)]
    set: SetName,
    /// Its revision; `null` if it was removed.
    revision: Option<u64>,
    /// What was done.
    events: Vec<EventView>,
}

/// A set that was removed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SetRemoved {
    /// The set.
    #[schema(value_type = String)]
    set: SetName,
    /// True: what was withdrawn from it stays withdrawn, should it be imported again.
    removed: bool,
}

impl SetView {
    pub(super) fn of(set: SetInfo, index: &Index, local: &Local, today: Date) -> Result<Self, Problem> {
        let live = index.sets();
        let withdrawn = live.iter().filter(|live| live.name == set.name.as_str()).map(|live| live.withdrawn);
        let not_searched = set.allows(Use::Match, today).err().map(|forbidden| forbidden.reason.to_string());
        let classic = set.classic_distances.iter().map(|(kind, max)| (kind.to_string(), max.bits()));
        Ok(Self {
            withdrawn: withdrawn.sum(),
            revision: set.revision,
            entries: set.entries,
            role: set.role.as_str(),
            list_class: set.list_class.as_str(),
            max_distance: set.max_distance.map(|max| max.bits()),
            classic_distances: classic.collect(),
            allow: set.permission.uses.iter().map(Use::as_str).collect(),
            keep_until: set.permission.keep_until,
            key: set.list_key.map(|key| key.to_string()),
            suppresses: local.suppresses(&set.name)?,
            created_on: set.created_on,
            revised_on: set.revised_on,
            searched: not_searched.is_none(),
            not_searched,
            name: set.name,
            source: set.source,
            licence: set.licence,
        })
    }
}

impl State {
    fn set_views(&self) -> Result<Vec<SetView>, Problem> {
        let (index, sets) = open_described(self.database()?, Memory::Mapped)?;
        let (local, today) = (Local::open(self.database()?)?, self.clock().today());
        sets.into_iter().map(|set| SetView::of(set, &index, &local, today)).collect()
    }

    /// The revision of a set, if it is there, and what happened to it; no such set if nothing did.
    fn life_of(&self, name: &SetName) -> Result<(Option<u64>, Vec<Event>), Problem> {
        let home = self.database()?;
        let (_, sets) = open_described(home, Memory::Mapped)?;
        let revision = sets.into_iter().find(|set| set.name == *name).map(|set| set.revision);
        let events = Sets::open(home)?.history(name, revision)?;
        if events.is_empty() { Err(no_such_set()) } else { Ok((revision, events)) }
    }

    /// Refuses the name of a set that is not there and never was: a slip of the hand, and not "nothing found".
    pub(super) fn knows_of(&self, name: &SetName) -> Result<(), Problem> {
        self.life_of(name).map(drop)
    }

    pub(super) fn set_view(&self, name: &SetName) -> Result<SetView, Problem> {
        self.set_views()?.into_iter().find(|set| set.name == *name).ok_or_else(no_such_set)
    }
}

/// The sets, by name, with their health.
#[utoipa::path(get, path = "/v1/sets", tag = "sets", responses((status = 200, body = SetList), Refusals))]
pub(super) async fn list(Shared(state): Shared<State>, _: NoParameters) -> Result<Json<SetList>, Problem> {
    state.apart(|state| Ok(Json(SetList { sets: state.set_views()? }))).await
}

/// One set.
#[utoipa::path(get, path = "/v1/sets/{name}", tag = "sets", params(("name" = String, Path)),
    responses((status = 200, body = SetView), Refusals))]
pub(super) async fn show(
    Shared(state): Shared<State>,
    InSet(name): InSet,
    _: NoParameters,
) -> Result<Json<SetView>, Problem> {
    state.apart(move |state| state.set_view(&name).map(Json)).await
}

/// Removes a set with all its entries; what was withdrawn from it stays withdrawn.
#[utoipa::path(delete, path = "/v1/sets/{name}", tag = "sets", params(("name" = String, Path)),
    responses((status = 200, body = SetRemoved), Refusals))]
pub(super) async fn remove(
    Shared(state): Shared<State>,
    caller: Caller,
    InSet(name): InSet,
    _: NoParameters,
) -> Result<Json<SetRemoved>, Problem> {
    state
        .apart_in_turn(move |state| {
            state.set_view(&name)?;
            state.remove_now(&Doer { caller: &caller, via: "api" }, &name)?;
            Ok(Json(SetRemoved { set: name, removed: true }))
        })
        .await
}

/// What was done to a set, of one that was removed too.
#[utoipa::path(get, path = "/v1/sets/{name}/log", tag = "sets", params(("name" = String, Path)),
    responses((status = 200, body = SetLog), Refusals))]
pub(super) async fn log(
    Shared(state): Shared<State>,
    InSet(name): InSet,
    _: NoParameters,
) -> Result<Json<SetLog>, Problem> {
    state
        .apart(move |state| {
            let (revision, events) = state.life_of(&name)?;
            let events = events.into_iter().map(EventView::from).collect();
            Ok(Json(SetLog { set: name, revision, events }))
        })
        .await
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        let Event { revision, on, at, by, what } = event;
        let (event, withdrawn, changes, import) = match what {
            Happened::Imported(import) => {
                let event = if import.added == Some(true) { "addition" } else { "import" };
                let Import { form, file_blake3, bytes, counts, changes, signed_by, .. } = *import;
                let (withdrawals, file_blake3) = (counts.withdrawals, file_blake3.to_hex());
                let signed_by = signed_by.map(|key| key.to_string());
                let view = ImportView { form, file_blake3, bytes, signed_by, counts };
                (event, Some(withdrawals), changes, Some(view))
            }
            Happened::Changed(changes) => ("change", None, changes, None),
            Happened::Withdrawn { keys } => ("withdrawal", Some(keys), Vec::new(), None),
            Happened::Removed => ("removal", None, Vec::new(), None),
        };
        let at = at.map(|at| at.to_string());
        Self { event, revision, on, at, by, withdrawn, changes, import }
    }
}
