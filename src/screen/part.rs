//! One part of a run, from a start or a resumption on: when it began, against which lists, and under what terms.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Matcher, NotAllowed, RunOptions, Words};
use crate::hashset::Role;

/// What was done in one go, as `run.json` and the record have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) began: Timestamp,
    made_with: String,
    /// Who began it, as that person says.
    #[serde(default)]
    pub(super) by: Option<Words>,
    /// Items that had a verdict before.
    items_before: u64,
    /// The index that it was matched against.
    index_generation: u64,
    sets: Vec<SetUsed>,
    /// `None` in parts of earlier versions, which did not note it.
    #[serde(default)]
    terms: Option<Terms>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetUsed {
    set: String,
    revision: u64,
    #[serde(default)]
    role: Option<Role>,
    /// Entries that were searched.
    #[serde(default)]
    searched: Option<u64>,
    /// How many bits a hash may differ, by kind; empty where only equal ones count.
    #[serde(default)]
    bounds: BTreeMap<String, u16>,
}

/// What decides beside the lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Terms {
    fidelity: String,
    max_pixels: u64,
    max_file_bytes: u64,
    extra_forms: Vec<String>,
    low_quality: bool,
    /// Percent of a video's frames, and of a listed one's.
    video_match: [u8; 2],
    /// What part of the lists was searched, as in the header of the verdicts.
    filter: Option<serde_json::Value>,
    not_allowed: Vec<serde_json::Value>,
    /// What confined the workers, as there; `null` if there were none.
    jail: Option<serde_json::Value>,
}

impl Part {
    pub(super) fn now(matcher: &Matcher, options: &RunOptions, items_before: u64) -> Self {
        let sets = matcher.sets().iter().map(|set| SetUsed {
            set: set.name.to_string(),
            revision: set.revision,
            role: Some(set.role),
            searched: Some(matcher.searched_entries(set)),
            bounds: matcher.bounds_in_force(set),
        });
        let forms = options.limits.forms;
        let names = [("stretch512", forms.stretch512), ("borderless", forms.borderless)];
        let json = |what: serde_json::Result<_>| what.expect("it has names for keys, so it can be written");
        let not_allowed = matcher.forbidden().iter().map(NotAllowed::from);
        let (low_quality, video_match) = matcher.terms();
        Self {
            began: Timestamp::now(),
            made_with: concat!("innerward ", env!("CARGO_PKG_VERSION")).into(),
            by: options.by.clone(),
            items_before,
            index_generation: matcher.generation(),
            sets: sets.collect(),
            terms: Some(Terms {
                fidelity: options.fidelity.to_string(),
                max_pixels: options.limits.max_pixels,
                max_file_bytes: options.limits.max_file_bytes,
                extra_forms: names.into_iter().filter(|name| name.1).map(|name| name.0.into()).collect(),
                low_quality,
                video_match: [video_match.query(), video_match.index()],
                filter: matcher.filter().map(|filter| json(serde_json::to_value(filter))),
                not_allowed: not_allowed.map(|set| json(serde_json::to_value(set))).collect(),
                jail: options.workers.as_ref().map(|workers| json(serde_json::to_value(workers.line()))),
            }),
        }
    }
}
