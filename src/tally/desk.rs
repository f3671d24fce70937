//! The analyst's desk: decisions on entries are kept, and what they say of an item is counted.
//!
//! Whoever takes decisions in, by whatever way, does so here: the record and the tally must not differ from one way to
//! another.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::{ItemId, Judgement, Tally, TallyError};
use crate::hashset::{Decided, Decision, EntryKey, Local, Role, SetError, SetInfo, SetName, Use, Word};
use crate::home::{Home, HomeError};
use crate::index::{DescribeError, Index, IndexError, Memory, open_described};
use crate::vocabulary::{Code, Dimension, LabelError, Period, outcome};

/// What an analyst found an entry to be, before it is known whether there is such an entry.
#[derive(Clone)]
pub struct Finding {
    /// The set.
    pub set: SetName,
    /// What was given as the key of the entry.
    pub entry: String,
    /// What was decided.
    pub decision: Decision,
    /// By whom, if that is to be known.
    pub by: Option<Word>,
    /// Why, as a code of the source or of the ward.
    pub reason: Option<Word>,
    /// What the item is, as [`Finding::label`] reads it; one code of a dimension at most.
    pub labels: Vec<Code>,
}

/// Why a text is no label of a decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FindingLabelError {
    /// No code at all.
    #[error(transparent)]
    Code(#[from] LabelError),
    /// A code that a person does not decide on.
    #[error(
        "a decision has labels of {}, and none that is a sum (_T) or says that it does not apply (_Z)",
        Finding::LABELS.map(Dimension::as_str).join(", ")
    )]
    NotDecided,
}

impl Finding {
    /// What a person may find an item to be.
    pub const LABELS: [Dimension; 7] = [
        Dimension::Severity,
        Dimension::Maturity,
        Dimension::AgeBand,
        Dimension::Sex,
        Dimension::Origin,
        Dimension::Legal,
        Dimension::Harm,
    ];

    /// A code that a person may decide on, as `severity:SEV_A`.
    ///
    /// # Errors
    /// [`FindingLabelError`].
    pub fn label(text: &str) -> Result<Code, FindingLabelError> {
        let code: Code = text.parse()?;
        if Self::is_label(code.as_str()) && Self::LABELS.contains(&code.dimension()) {
            Ok(code)
        } else {
            Err(FindingLabelError::NotDecided)
        }
    }

    /// False for the codes that say that there is no one code.
    #[must_use]
    pub fn is_label(code: &str) -> bool {
        !["_T", "_Z"].contains(&code)
    }

    /// The dimension of which it has several labels.
    fn said_twice(&self) -> Option<Dimension> {
        let mut labels = self.labels.iter().enumerate();
        let twice = labels
            .find(|(at, code)| self.labels[..*at].iter().any(|other| other.dimension() == code.dimension()));
        twice.map(|(_, code)| code.dimension())
    }
}

/// Why a finding is not taken. The texts name no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Declined {
    /// Several labels of one dimension.
    #[error("a decision has one label of {0} at most")]
    Twice(Dimension),
    /// No such set.
    #[error("there is no set called {set}; the sets are {}", names(.there))]
    NoSuchSet {
        /// What was asked for.
        set: SetName,
        /// Those that there are.
        there: Vec<SetName>,
    },
    /// No such entry.
    #[error("{0} has no entry with this key, or it was withdrawn")]
    NoSuchEntry(SetName),
}

fn names(sets: &[SetName]) -> String {
    sets.iter().map(SetName::as_str).collect::<Vec<_>>().join(", ")
}

/// Why the desk cannot work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The lists cannot be opened.
    #[error(transparent)]
    Open(#[from] DescribeError),
    /// Keys cannot be looked up.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// What was decided cannot be kept.
    #[error(transparent)]
    Local(#[from] SetError),
    /// The tally cannot be had.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// What was decided is kept and cannot be counted.
    #[error(transparent)]
    Tally(#[from] TallyError),
}

/// What became of findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// Decisions that were kept.
    pub decided: u64,
    /// Those of them that the tally counts as reviewed.
    pub reviewed: u64,
    /// Those that were not, by their place among the findings, in order.
    pub declined: Vec<(usize, Declined)>,
}

/// Takes findings in, and keeps those on entries that there are.
pub struct Desk<'a> {
    home: &'a Home,
    tally: Tally<'a>,
    today: Date,
    local: Local,
    index: Index,
    sets: Vec<SetInfo>,
}

impl<'a> Desk<'a> {
    /// Findings that are best looked up together: the keys of a set are read once for so many.
    pub const BATCH: usize = 10_000;

    /// Opens the desk on the lists as they are now. What is decided is reviewed in the month of `today`.
    ///
    /// # Errors
    /// [`DeskError`] if the lists or the tally cannot be opened.
    pub fn open(home: &'a Home, today: Date) -> Result<Self, DeskError> {
        let (index, sets) = open_described(home, Memory::Mapped)?;
        Ok(Self { home, tally: Tally::open(home)?, today, local: Local::open(home)?, index, sets })
    }

    /// Keeps `findings` in their order, but for those that are declined. Of sets that are watched, and of those whose
    /// agreement allows no statistics, decisions are kept and nothing is counted.
    ///
    /// # Errors
    /// [`DeskError`]; none is kept then, but for [`DeskError::Tally`], where all are kept and none is counted.
    pub fn take(&mut self, findings: &[Finding]) -> Result<Taken, DeskError> {
        let keys = self.keys_that_are_there(findings)?;
        let (at, mut taken) = (Timestamp::now(), Taken::default());
        let (mut decided, mut judgements) = (Vec::new(), Vec::new());
        for (place, finding) in findings.iter().enumerate() {
            match self.entry_of(finding, &keys) {
                Err(declined) => taken.declined.push((place, declined)),
                Ok((described, key)) => {
                    judgements.extend(self.judgement(finding, described, &key));
                    decided.push(Decided {
                        set: finding.set.clone(),
                        key,
                        decision: finding.decision,
                        at,
                        by: finding.by.clone(),
                        reason: finding.reason.clone(),
                        revision: described.revision,
                    });
                }
            }
        }
        self.local.decide(&decided)?;
        taken.decided = decided.len() as u64;
        if !judgements.is_empty() {
            let lock = self.home.lock_tally()?;
            self.tally.decide(&lock, Period::containing(self.today), &judgements)?;
            taken.reviewed = judgements.len() as u64;
        }
        Ok(taken)
    }

    fn keys_that_are_there(
        &self,
        findings: &[Finding],
    ) -> Result<BTreeMap<SetName, BTreeSet<EntryKey>>, DeskError> {
        let mut keys: BTreeMap<SetName, BTreeSet<EntryKey>> = BTreeMap::new();
        for finding in findings {
            if let Ok(key) = EntryKey::new(&*finding.entry) {
                keys.entry(finding.set.clone()).or_default().insert(key);
            }
        }
        for (set, wanted) in &mut keys {
            *wanted = self.index.keys_in(set.as_str(), wanted)?;
        }
        Ok(keys)
    }

    /// The set and the key that a finding is on.
    fn entry_of(
        &self,
        finding: &Finding,
        there: &BTreeMap<SetName, BTreeSet<EntryKey>>,
    ) -> Result<(&SetInfo, EntryKey), Declined> {
        if let Some(dimension) = finding.said_twice() {
            return Err(Declined::Twice(dimension));
        }
        let set = &finding.set;
        let described = self.sets.iter().find(|one| one.name == *set).ok_or_else(|| Declined::NoSuchSet {
            set: set.clone(),
            there: self.sets.iter().map(|one| one.name.clone()).collect(),
        })?;
        let key = EntryKey::new(&*finding.entry).ok();
        let key = key.filter(|key| there.get(set).is_some_and(|keys| keys.contains(key)));
        Ok((described, key.ok_or_else(|| Declined::NoSuchEntry(set.clone()))?))
    }

    /// What the tally is told of it; nothing of a set that is watched, or may not be derived from: what is published is as
    /// if such sets were not there.
    fn judgement(&self, finding: &Finding, described: &SetInfo, key: &EntryKey) -> Option<Judgement> {
        let counts = described.role != Role::Watch && described.allows(Use::Derive, self.today).is_ok();
        let outcome = match finding.decision {
            Decision::Confirm => outcome::CONFIRMED,
            Decision::Deconfirm => outcome::FALSE_POSITIVE,
            Decision::Unsure => outcome::UNCERTAIN,
        };
        counts.then(|| Judgement {
            item: ItemId::of_entry(finding.set.as_str(), key.as_str()),
            outcome,
            facets: finding.labels.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashset::{Made, ReadOptions, SetUpdate};
    use crate::home::Clock;
    use crate::index::{ImportOptions, bring};
    use crate::vocabulary::Indicator;

    fn finding(set: &str, entry: &str, decision: Decision, labels: &[&str]) -> Finding {
        let labels = labels.iter().map(|text| Finding::label(text).unwrap()).collect();
        Finding { set: set.parse().unwrap(), entry: entry.into(), decision, by: None, reason: None, labels }
    }

    #[test]
    fn findings_are_kept_and_counted_unless_there_is_no_such_entry_or_set() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let today = Clock::system().today();
        let digests = ["c0ffee00c0ffee00c0ffee00c0ffee00", "c0ffee00c0ffee00c0ffee00c0ffee01"];
        for (name, role) in [("own", Role::Match), ("seen", Role::Watch)] {
            let update = SetUpdate { role: Some(role), ..SetUpdate::default() };
            let made = Made { at: Clock::system().now(), by: None };
            let options = ImportOptions::new(ReadOptions::default(), update, made);
            let mut list = std::io::Cursor::new(digests.join("\n"));
            let lock = home.lock().unwrap();
            bring(&home, &lock, &name.parse().unwrap(), &mut list, &options).unwrap();
        }
        let keys = digests.map(|digest| {
            let signal: crate::digest::Signal = format!("md5:{digest}").parse().unwrap();
            EntryKey::derived(&signal.into()).as_str().to_owned()
        });
        let mut desk = Desk::open(&home, today).unwrap();
        let twice = ["severity:SEV_A", "severity:SEV_B"];
        let taken = desk
            .take(&[
                finding("own", &keys[0], Decision::Confirm, &["severity:SEV_A"]),
                finding("own", "no such key", Decision::Confirm, &[]),
                finding("seen", &keys[0], Decision::Deconfirm, &[]),
                finding("lost", &keys[0], Decision::Confirm, &[]),
                finding("own", &keys[1], Decision::Unsure, &twice),
            ])
            .unwrap();
        assert_eq!((taken.decided, taken.reviewed), (2, 1), "a watched set is not counted");
        let declined: Vec<usize> = taken.declined.iter().map(|(place, _)| *place).collect();
        assert_eq!(declined, [1, 3, 4]);
        assert_eq!(taken.declined[0].1, Declined::NoSuchEntry("own".parse().unwrap()));
        assert!(taken.declined[1].1.to_string().ends_with("the sets are own, seen"));
        assert_eq!(taken.declined[2].1, Declined::Twice(Dimension::Severity));
        assert_eq!(Local::open(&home).unwrap().decisions(None).unwrap().len(), 2);
        let cube = Tally::open(&home).unwrap().cube(Period::containing(today), None).unwrap();
        assert_eq!(cube.show_locally().total(Indicator::Reviewed), 1);
    }

    #[test]
    fn labels_are_what_a_person_decides_on() {
        assert!(Finding::label("severity:SEV_A").is_ok());
        for not_decided in ["severity:_Z", "verdict:KNOWN"] {
            assert_eq!(Finding::label(not_decided), Err(FindingLabelError::NotDecided), "{not_decided}");
        }
        assert!(matches!(Finding::label("SEV_A"), Err(FindingLabelError::Code(_))));
    }
}
