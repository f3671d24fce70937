//! The parameters of a request: how far and in which part of the lists it searches, and what is told of it.

use std::str::FromStr;

use serde::Deserialize;
use utoipa::IntoParams;

use super::super::{Ask, Caller, Problem, ProblemCode};
use super::patterns;
use crate::digest::{Signal, SignalError, SignalKind};
use crate::hashset::{BoundError, Bounds};
use crate::screen::{Selection, Verdict};
use crate::tally::Brought;
use crate::vocabulary::{Code, Dimension};

/// How to search, and how many matches to tell.
pub(super) struct Asked {
    pub(super) ask: Ask,
    pub(super) limit: usize,
}

macro_rules! parameters {
    ($(#[$doc:meta])* $name:ident { $($(#[$of_extra:meta])* $extra:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(super) struct $name {
            /// Bits that may differ, bound included, in place of every set's own bound: bits for PDQ, or `KIND=BITS`,
            /// with commas between several. At most 64.
            #[param(schema_with = patterns::max_distance)]
            max_distance: Option<String>,
            /// Names of the sets to search, with commas; by default all.
            #[param(schema_with = patterns::sets)]
            sets: Option<String>,
            /// Names of sets to leave out, with commas.
            #[param(schema_with = patterns::sets)]
            not_sets: Option<String>,
            /// What the sets to search are for: `match`, `ignore`, `watch`, with commas.
            #[param(schema_with = patterns::roles)]
            roles: Option<String>,
            /// Labels as `DIMENSION:CODE`, with commas: an entry needs one of each dimension that is named.
            #[param(schema_with = patterns::labels)]
            labels: Option<String>,
            /// Labels that an entry must not have, with commas.
            #[param(schema_with = patterns::labels)]
            not_labels: Option<String>,
            /// Most matches that are told, 0 to 100, by default 100. The outcome is as if all were.
            #[param(minimum = 0, maximum = 100)]
            limit: Option<usize>,
            $($(#[$of_extra])* pub(super) $extra: $type,)*
        }

        impl $name {
            /// What is asked.
            ///
            /// # Errors
            /// [`ProblemCode::BadRequest`] for what cannot be read, [`ProblemCode::Unprocessable`] for a distance beyond
            /// [`Ask::MOST_BITS`].
            pub(super) fn asked(&self) -> Result<Asked, Problem> {
                let selection = Selection {
                    sets: list("sets", self.sets.as_deref())?,
                    not_sets: list("not_sets", self.not_sets.as_deref())?,
                    roles: list("roles", self.roles.as_deref())?,
                    labels: labels("labels", self.labels.as_deref())?,
                    not_labels: labels("not_labels", self.not_labels.as_deref())?,
                };
                let bounds = bounds(self.max_distance.as_deref())?;
                Ok(Asked { ask: Ask { bounds, selection }, limit: limit(self.limit)? })
            }
        }
    };
}

parameters! {
    /// Of a look-up of one hash.
    OfHash {
        /// `true` to be told how the lists were searched.
        explain: Option<bool>,
    }
}

parameters! {
    /// Of a look-up of many.
    OfHashes {}
}

parameters! {
    /// Of an upload.
    OfUpload {
        /// `true` to be told how the lists were searched.
        explain: Option<bool>,
        /// How the item came in, for the tally: `REPORT`, `UPLOAD`, `BULK`, `WATCH_FOLDER`, `SERVICE`, `IMPORT`, `_U`. By
        /// default as the token says, else `SERVICE`.
        #[param(schema_with = patterns::channel)]
        channel: Option<String>,
        /// The country that it is counted in, and its part in the matter: `NL`, or `NL:HOSTING`.
        #[param(schema_with = patterns::region)]
        region: Option<String>,
    }
}

/// How near is near, of a comparison.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OfComparison {
    /// Bits that may differ, bound included: bits for PDQ, or `KIND=BITS`, with commas between several. At most 64; by
    /// default 31 for PDQ.
    #[param(schema_with = patterns::max_distance)]
    max_distance: Option<String>,
}

impl OfComparison {
    pub(super) fn bounds(&self) -> Result<Bounds, Problem> {
        bounds(self.max_distance.as_deref())
    }
}

impl OfUpload {
    /// How the item came in: as the request says, else as the token does.
    pub(super) fn brought(&self, caller: &Caller) -> Result<Brought, Problem> {
        let of_token = caller.brought()?;
        let said = |code: &str| {
            Dimension::Channel.code(code).map_err(|_| {
                let there: Vec<&str> = Dimension::Channel.codes().map(Code::as_str).collect();
                Problem::bad_request(format!("channel: one of {}", there.join(", ")))
            })
        };
        let channel = self.channel.as_deref().map(said).transpose()?;
        let region = self.region.as_deref().map(Brought::region).transpose();
        let region = region.map_err(|cause| Problem::bad_request(format!("region: {cause}")))?;
        Ok(Brought {
            channel: channel.unwrap_or(of_token.channel),
            area: region.or(of_token.area),
            ..of_token
        })
    }
}

fn list<T: FromStr>(name: &str, text: Option<&str>) -> Result<Vec<T>, Problem> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let what = match name {
        "sets" | "not_sets" => "names of sets, with commas",
        "roles" => "match, ignore or watch, with commas",
        _ => "labels as DIMENSION:CODE (severity:SEV_A), with commas",
    };
    let wrong = |_| Problem::bad_request(format!("{name}: {what}"));
    text.split(',').map(|part| part.parse().map_err(|_| ()).map_err(wrong)).collect()
}

/// Of the dimensions that lists give their entries; no entry has one of another.
fn labels(name: &str, text: Option<&str>) -> Result<Vec<Code>, Problem> {
    let labels: Vec<Code> = list(name, text)?;
    if labels.iter().all(|label| Dimension::FACETS.contains(&label.dimension())) {
        return Ok(labels);
    }
    let there = Dimension::FACETS.map(Dimension::as_str).join(", ");
    Err(Problem::bad_request(format!("{name}: entries have labels of {there}")))
}

fn bounds(text: Option<&str>) -> Result<Bounds, Problem> {
    let Some(text) = text else { return Ok(Bounds::default()) };
    let most = Ask::MOST_BITS;
    let beyond = |part: &str| {
        let bits = part.split_once('=').map_or(part, |(_, bits)| bits);
        bits.parse::<u64>().is_ok_and(|bits| bits > most.into())
    };
    if text.split(',').any(beyond) {
        let detail = format!("max_distance: at most {most} bits; beyond, what has nothing in common is near");
        return Err(Problem::new(ProblemCode::Unprocessable, detail));
    }
    text.parse().map_err(|error| match error {
        BoundError::Form => Problem::bad_request(format!("max_distance: {error}")),
        other => Problem::new(ProblemCode::Unprocessable, format!("max_distance: {other}")),
    })
}

fn limit(limit: Option<usize>) -> Result<usize, Problem> {
    match limit.unwrap_or(Verdict::LIMIT) {
        more if more > Verdict::LIMIT => {
            let detail = format!("limit: at most {} matches are told", Verdict::LIMIT);
            Err(Problem::new(ProblemCode::Unprocessable, detail))
        }
        limit => Ok(limit),
    }
}

/// `pdq:f8f8…`, and nothing that would have to be guessed.
pub(super) fn signal(text: &str) -> Result<Signal, SignalError> {
    let (kind, hex) = text.split_once(':').ok_or(SignalError::Kind)?;
    kind.parse::<SignalKind>()?.parse(hex)
}
