//! `/v1/decisions`: what analysts found entries to be.

use std::collections::BTreeMap;
use std::fmt;

use axum::extract::State as Shared;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::{OneOfBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::super::api::extract::{Json, NoParameters, Query};
use super::super::api::openapi::Refusals;
use super::super::deeds::{Doer, ended};
use super::super::{Caller, Problem, State};
use super::entries::OfSet;
use super::extract::{field, field_if_said};
use super::faults::in_words;
use super::patterns;
use crate::hashset::{Local, SetName, Word};
use crate::home::{Did, Stage};
use crate::tally::{Desk, Finding, Taken};
use crate::vocabulary::Code;

/// A decision, as a line of `innerward decide --from` has it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionSent {
    /// The set.
    #[schema(schema_with = patterns::set)]
    set: String,
    /// The key of the entry, as verdicts show it.
    #[schema(schema_with = patterns::entry)]
    entry: String,
    /// `confirm`, `deconfirm` or `unsure`.
    #[schema(schema_with = patterns::decision)]
    decision: String,
    /// Who decided, as a short label of `A-Z a-z 0-9 . _ -`. Default: the name of the token.
    #[schema(schema_with = patterns::or_null::word)]
    by: Option<String>,
    /// Why, as a code of yours or of the source, of the same characters.
    #[schema(schema_with = patterns::or_null::word)]
    reason: Option<String>,
    /// What the item is, one code of a dimension at most: `severity:SEV_A`, and so of maturity, age_band, sex, origin, legal,
    /// harm.
    #[serde(default)]
    #[schema(schema_with = patterns::labels)]
    labels: Vec<String>,
}

/// One decision, or a list of several.
pub(super) enum DecisionsSent {
    One(Box<DecisionSent>),
    Many(Vec<DecisionSent>),
}

impl<'de> Deserialize<'de> for DecisionsSent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = DecisionsSent;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decision, or a list of decisions")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DecisionsSent, A::Error> {
                let one = DecisionSent::deserialize(MapAccessDeserializer::new(map))?;
                Ok(DecisionsSent::One(Box::new(one)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<DecisionsSent, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(DecisionsSent::Many)
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}

impl PartialSchema for DecisionsSent {
    fn schema() -> RefOr<Schema> {
        let one = Ref::from_schema_name(DecisionSent::name());
        OneOfBuilder::new().item(one).item(patterns::several_decisions()).into()
    }
}

impl ToSchema for DecisionsSent {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((DecisionSent::name().into_owned(), DecisionSent::schema()));
    }
}

/// What became of decisions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionsTaken {
    /// Those that were kept.
    decided: u64,
    /// Those of them that the tally counts as reviewed.
    reviewed: u64,
    /// Those that were not, of several.
    declined: Vec<DeclinedView>,
}

/// A decision that was not taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeclinedView {
    /// Its place among those that were sent, from 1.
    number: usize,
    /// Why.
    cause: String,
}

/// A decision that holds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionView {
    /// The set.
    #[schema(value_type = String)]
    set: SetName,
    /// The key of the entry.
    entry: String,
    /// `confirm`, `deconfirm` or `unsure`.
    decision: &'static str,
    /// When it was decided.
    at: String,
    /// Who decided, if that is known.
    by: Option<String>,
    /// Why.
    reason: Option<String>,
    /// The revision of the set that was current.
    revision: u64,
}

/// The decisions that hold.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionList {
    /// The latest on each entry, by set and key.
    decisions: Vec<DecisionView>,
}

impl DecisionSent {
    fn finding(&self, decider: Option<&Word>) -> Result<Finding, Problem> {
        let label = |text: &String| -> Result<Code, Problem> {
            // What is no code at all would be quoted.
            Finding::label(text).map_err(|error| {
                let of = match error {
                    crate::tally::FindingLabelError::Code(_) => {
                        "a label is DIMENSION:CODE, as severity:SEV_A, with codes of the vocabulary"
                            .to_owned()
                    }
                    other => other.to_string(),
                };
                Problem::bad_request(format!("`labels`: {of}"))
            })
        };
        Ok(Finding {
            set: field("set", &self.set)?,
            entry: self.entry.clone(),
            decision: field("decision", &self.decision)?,
            by: field_if_said("by", self.by.as_ref())?.or_else(|| decider.cloned()),
            reason: field_if_said("reason", self.reason.as_ref())?,
            labels: self.labels.iter().map(label).collect::<Result<_, _>>()?,
        })
    }
}

/// Records what analysts found entries to be. Of several, each is taken or declined by itself; a decision alone that is
/// declined is a problem. What is decided holds for the next request; nothing is sent to anybody.
#[utoipa::path(post, path = "/v1/decisions", tag = "decisions", request_body = DecisionsSent,
    responses((status = 200, body = DecisionsTaken), Refusals))]
pub(super) async fn decide(
    Shared(state): Shared<State>,
    caller: Caller,
    _: NoParameters,
    Json(sent): Json<DecisionsSent>,
) -> Result<Json<DecisionsTaken>, Problem> {
    let decider: Option<Word> = caller.name().parse().ok();
    let (is_one, sent) = match sent {
        DecisionsSent::One(one) => (true, vec![*one]),
        DecisionsSent::Many(many) => (false, many),
    };
    let most = state.0.settings.max_batch;
    if sent.is_empty() || sent.len() > most {
        return Err(Problem::unprocessable(format!("send 1 to {most} decisions")));
    }
    let (mut findings, mut places, mut declined) = (Vec::new(), Vec::new(), Vec::new());
    for (number, one) in (1..).zip(&sent) {
        match one.finding(decider.as_ref()) {
            Ok(finding) => {
                findings.push(finding);
                places.push(number);
            }
            Err(problem) if is_one => return Err(problem),
            Err(problem) => declined.push(DeclinedView { number, cause: problem.detail.into_owned() }),
        }
    }
    state
        .apart_in_turn(move |state| {
            let taken = state.decide_now(&Doer { caller: &caller, via: "api" }, &findings)?;
            if let (true, Some((_, cause))) = (is_one, taken.declined.first()) {
                return Err(cause.clone().into());
            }
            for (at, cause) in &taken.declined {
                declined.push(DeclinedView { number: places[*at], cause: in_words(cause) });
            }
            declined.sort_by_key(|one| one.number);
            Ok(Json(DecisionsTaken { decided: taken.decided, reviewed: taken.reviewed, declined }))
        })
        .await
}

impl State {
    /// Takes what analysts found, and puts it on record by set; it holds for the next request.
    pub(in crate::serve) fn decide_now(
        &self,
        doer: &Doer<'_>,
        findings: &[Finding],
    ) -> Result<Taken, Problem> {
        let mut desk = Desk::open(self.database()?, self.clock().today())?;
        let begun = by_set(findings.iter());
        for (at, (set, number)) in begun.iter().enumerate() {
            let about = [("findings", number.to_string())].into();
            if let Err(problem) = self.record(doer, Did::Decide, set, Stage::Begun, about) {
                // Nothing is decided then, nor of those sets of which it is on record that it begins.
                self.ended(doer, begun.keys().take(at), &problem);
                return Err(problem);
            }
        }
        let taken = desk.take(findings).map_err(Problem::from).inspect_err(|problem| {
            self.ended(doer, begun.keys(), problem);
        })?;
        let is_declined = |at: usize| taken.declined.binary_search_by_key(&at, |(place, _)| *place).is_ok();
        let kept = findings.iter().enumerate().filter(|(at, _)| !is_declined(*at));
        let kept = by_set(kept.map(|(_, finding)| finding));
        for (set, number) in begun {
            let decided = kept.get(set).copied().unwrap_or_default();
            let about = [("decided", decided.to_string()), ("declined", (number - decided).to_string())];
            let stage = if decided > 0 { Stage::Done } else { Stage::Refused };
            // What was decided is, and that it was begun is on record.
            let _ = self.record(doer, Did::Decide, set, stage, about.into());
        }
        self.look_again()?;
        Ok(taken)
    }

    /// Puts on record that decisions on these sets were begun and not taken.
    fn ended<'f>(&self, doer: &Doer<'_>, sets: impl Iterator<Item = &'f &'f str>, problem: &Problem) {
        for set in sets {
            let (stage, about) = ended(problem);
            let _ = self.record(doer, Did::Decide, set, stage, about); // as far as that can be
        }
    }
}

/// How many findings there are on each set.
fn by_set<'f>(findings: impl Iterator<Item = &'f Finding>) -> BTreeMap<&'f str, u64> {
    let mut sets = BTreeMap::new();
    findings.for_each(|finding| *sets.entry(finding.set.as_str()).or_default() += 1);
    sets
}

/// The decisions that hold: the latest on each entry.
#[utoipa::path(get, path = "/v1/decisions", tag = "decisions", params(OfSet),
    responses((status = 200, body = DecisionList), Refusals))]
pub(super) async fn list(
    Shared(state): Shared<State>,
    Query(asked): Query<OfSet>,
) -> Result<Json<DecisionList>, Problem> {
    let set: Option<SetName> = field_if_said("set", asked.set.as_ref())?;
    state
        .apart(move |state| {
            set.as_ref().map_or(Ok(()), |set| state.knows_of(set))?;
            let decided = Local::open(state.database()?)?.decisions(set.as_ref())?.into_iter();
            let decisions = decided.map(|one| DecisionView {
                entry: one.key.as_str().to_owned(),
                decision: one.decision.as_str(),
                at: one.at.to_string(),
                by: one.by.map(String::from),
                reason: one.reason.map(String::from),
                revision: one.revision,
                set: one.set,
            });
            Ok(Json(DecisionList { decisions: decisions.collect() }))
        })
        .await
}
