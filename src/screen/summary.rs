//! What a run found, in numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Held, NotAllowed, Outcome, Screened, Searched};

/// What a run found, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Items with a verdict.
    pub items: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Items by outcome.
    pub known: u64,
    /// See [`Outcome::Near`].
    pub near: u64,
    /// See [`Outcome::Ignored`].
    pub ignored: u64,
    /// See [`Outcome::Unknown`].
    pub unknown: u64,
    /// See [`Outcome::Unchecked`].
    pub unchecked: u64,
    /// See [`Outcome::Quarantined`].
    pub quarantined: u64,
    /// See [`Outcome::Deconfirmed`].
    pub deconfirmed: u64,
    /// Items that a watched set has, whatever their outcome.
    pub watched: u64,
    /// Items of which a match was overruled by a set of harmless files, whatever their outcome.
    pub suppressed: u64,
    /// Items of which a part was not checked, by cause; known and near ones are among them.
    pub gaps: BTreeMap<String, u64>,
    /// Links inside folders, which are not followed.
    pub links: u64,
    /// Files and folders that were left out as asked.
    pub excluded: u64,
    /// Items whose bytes an earlier item of the run had.
    pub repeats: u64,
    /// Items of which something was not checked and which are not [`Outcome::Ignored`], known and near ones among them.
    pub incomplete: u64,
    /// Items that are inside of others.
    pub inside: u64,
    /// Groups of unknown pictures and videos that look alike or are the same.
    pub clusters: u64,
    /// The items in them.
    pub clustered: u64,
    /// What part of the lists was searched; `None` if it was all of them.
    #[serde(skip_deserializing)]
    pub filter: Option<Searched>,
    /// The sets that were not searched because their agreements do not allow it, and why.
    #[serde(skip_deserializing)]
    pub not_allowed: Vec<NotAllowed>,
    /// Wall-clock time.
    pub seconds: f64,
}

impl Summary {
    /// Items with this outcome.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Known => self.known,
            Outcome::Near => self.near,
            Outcome::Ignored => self.ignored,
            Outcome::Unchecked => self.unchecked,
            Outcome::Unknown => self.unknown,
            Outcome::Quarantined => self.quarantined,
            Outcome::Deconfirmed => self.deconfirmed,
        }
    }

    pub(super) fn add(&mut self, item: &Screened) {
        self.items += 1;
        self.bytes += item.bytes().unwrap_or(0);
        *match item.verdict.outcome {
            Outcome::Known => &mut self.known,
            Outcome::Near => &mut self.near,
            Outcome::Ignored => &mut self.ignored,
            Outcome::Unchecked => &mut self.unchecked,
            Outcome::Unknown => &mut self.unknown,
            Outcome::Quarantined => &mut self.quarantined,
            Outcome::Deconfirmed => &mut self.deconfirmed,
        } += 1;
        self.inside += u64::from(item.file.is_some());
        self.watched += u64::from(item.verdict.held.contains(&Held::Watched));
        self.suppressed += u64::from(item.verdict.held.contains(&Held::Suppressed));
        let incomplete = item.verdict.gap.is_some() && item.verdict.outcome != Outcome::Ignored;
        self.incomplete += u64::from(incomplete || item.verdict.outcome == Outcome::Unchecked);
        if let Some(gap) = &item.verdict.gap {
            *self.gaps.entry(gap.cause()).or_default() += 1;
        }
    }
}
