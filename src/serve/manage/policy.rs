//! What a set is for and what its agreement allows: `PUT /v1/sets/{name}`, and the parameters of an import.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State as Shared;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::api::extract::{Json, NoParameters};
use super::super::api::openapi::Refusals;
use super::super::deeds::Doer;
use super::super::{Caller, Problem, ProblemCode, State};
use super::extract::{InSet, Whole, field, field_if_said};
use super::patterns;
use super::sets::SetView;
use crate::digest::Classic;
use crate::hashset::{Role, SetName, SetUpdate, Uses, check_overruled};
use crate::kernel::Distance;
use crate::vocabulary::{Code, Dimension};

/// What is to be said of a set; what is left out stays as it is.
#[derive(Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SetPolicy {
    /// `match` (known and near), `ignore` (harmless files) or `watch` (counted, never shown).
    #[schema(schema_with = patterns::or_null::role)]
    pub(super) role: Option<String>,
    /// The class of the list: `NATIONAL`, `INTERNATIONAL`, `INDUSTRY`, `OWN`, `NCII`, `KNOWN_GOOD` or `_U`.
    #[serde(alias = "list_class")]
    #[schema(schema_with = patterns::or_null::class)]
    pub(super) class: Option<String>,
    /// Differing bits allowed in a PDQ hash, bound included: 0 to 256.
    #[schema(value_type = Option<u16>, minimum = 0, maximum = 256)]
    pub(super) max_distance: Option<Whole>,
    /// The same for kinds of the classic family, by their names.
    #[schema(schema_with = patterns::classic_distances)]
    pub(super) classic_distances: BTreeMap<String, Whole>,
    /// Whom the list comes from, for your own people; at most 500 characters.
    #[schema(schema_with = patterns::or_null::note)]
    pub(super) source: Option<String>,
    /// What its terms allow, for your own people; at most 500 characters.
    #[schema(schema_with = patterns::or_null::note)]
    pub(super) licence: Option<String>,
    /// What its agreement allows: `match`, `derive`, `export`; an empty list for nothing.
    #[schema(schema_with = patterns::or_null::uses_list)]
    pub(super) allow: Option<Vec<String>>,
    /// The last day on which anything of that is allowed, as `YYYY-MM-DD`; `none` for no such day.
    #[schema(schema_with = patterns::or_null::keep_until)]
    pub(super) keep_until: Option<String>,
    /// The sets that this set of harmless files overrules; only with the role `ignore`.
    #[schema(schema_with = patterns::or_null::sets_list)]
    pub(super) suppresses: Option<Vec<String>>,
}

/// A set, after it was changed or not.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SetChanged {
    /// False if all of it was so already.
    changed: bool,
    /// The set as it is.
    set: SetView,
}

impl SetPolicy {
    /// What it says to the index.
    pub(super) fn update(&self) -> Result<SetUpdate, Problem> {
        let mut classic_distances = BTreeMap::new();
        for (kind, bits) in &self.classic_distances {
            let kind: Classic = field("classic_distances", kind)?;
            let max = Distance::of_width(bits.0, kind.width_bits());
            classic_distances.insert(kind, max.map_err(|error| wrong("classic_distances", &error))?);
        }
        let max_distance = self.max_distance.map(|bits| Distance::new(bits.0)).transpose();
        Ok(SetUpdate {
            role: field_if_said("role", self.role.as_ref())?,
            list_class: self.class.as_deref().map(list_class).transpose()?,
            max_distance: max_distance.map_err(|error| wrong("max_distance", &error))?,
            classic_distances,
            source: self.source.clone(),
            licence: self.licence.clone(),
            uses: self.allow.as_deref().map(uses).transpose()?,
            keep_until: field_if_said("keep_until", self.keep_until.as_ref())?,
        })
    }

    /// The sets that it overrules, if that is said.
    pub(super) fn overruled(&self) -> Result<Option<BTreeSet<SetName>>, Problem> {
        let names = |names: &Vec<String>| names.iter().map(|name| field("suppresses", name)).collect();
        self.suppresses.as_ref().map(names).transpose()
    }
}

fn wrong(name: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem::bad_request(format!("`{name}`: {error}"))
}

fn list_class(text: &str) -> Result<Code, Problem> {
    let codes = || Dimension::ListClass.codes().map(Code::as_str).collect::<Vec<_>>().join(", ");
    Dimension::ListClass
        .code(text)
        .map_err(|_| Problem::bad_request(format!("`class`: a class of list is one of {}", codes())))
}

fn uses(words: &[String]) -> Result<Uses, Problem> {
    match words {
        [] => Ok(Uses::NONE),
        words => field("allow", &words.join(",")),
    }
}

impl State {
    /// Refuses to let set `name`, whose role is to be `role` if that is said, overrule `sets`.
    pub(super) fn check_overruled(
        &self,
        name: &SetName,
        role: Option<Role>,
        sets: Option<&BTreeSet<SetName>>,
    ) -> Result<(), Problem> {
        let Some(sets) = sets.filter(|sets| !sets.is_empty()) else { return Ok(()) };
        let role = match role {
            Some(role) => role,
            None => self.role_of(name)?.unwrap_or_default(),
        };
        check_overruled(name, role, sets)
            .map_err(|error| Problem::new(ProblemCode::Unprocessable, format!("`suppresses`: {error}")))
    }

    fn role_of(&self, name: &SetName) -> Result<Option<Role>, Problem> {
        let (_, sets) = crate::index::open_described(self.database()?, crate::index::Memory::Mapped)?;
        Ok(sets.iter().find(|set| set.name == *name).map(|set| set.role))
    }
}

/// Changes what is said of a set, without importing it again. What is left out stays as it is.
#[utoipa::path(put, path = "/v1/sets/{name}", tag = "sets", params(("name" = String, Path)),
    request_body = SetPolicy, responses((status = 200, body = SetChanged), Refusals))]
pub(super) async fn change(
    Shared(state): Shared<State>,
    caller: Caller,
    InSet(name): InSet,
    _: NoParameters,
    Json(policy): Json<SetPolicy>,
) -> Result<Json<SetChanged>, Problem> {
    let (update, overruled) = (policy.update()?, policy.overruled()?);
    if policy == SetPolicy::default() {
        return Err(Problem::new(ProblemCode::Unprocessable, "say what is to change: no field is set"));
    }
    state
        .apart_in_turn(move |state| {
            let doer = Doer { caller: &caller, via: "api" };
            let change = state.changing(&doer)?;
            state.set_view(&name)?;
            state.check_overruled(&name, update.role, overruled.as_ref())?;
            let changed = change.say(&name, &update)?;
            let overrules = overruled.as_ref().map_or(Ok(false), |sets| change.overrule(&name, sets))?;
            drop(change);
            state.look_again()?;
            Ok(Json(SetChanged { changed: changed || overrules, set: state.set_view(&name)? }))
        })
        .await
}
