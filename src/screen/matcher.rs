//! Fingerprints and bare hashes against all lists of a home.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use super::{Match, Verdict};
use crate::digest::{Fingerprint, Pdq, Signal, SignalKind, Transform};
use crate::hashset::{Labels, Opinion, Role, SetError, SetInfo, Sets};
use crate::home::Home;
use crate::index::{Hit, Index, IndexError, live_revisions};
use crate::kernel::Distance;
use crate::media::{Form, Gap};
use crate::vocabulary::{Code, list_class};

/// What can go wrong with matching.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MatchError {
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// What is known about the sets could not be read.
    #[error(transparent)]
    Sets(#[from] SetError),
    /// No list was imported.
    #[error("no list to match against; import one with `innerward set import NAME FILE`")]
    NoLists,
}

/// What a set asks of a match.
struct Policy {
    harmless: bool,
    list_class: Code,
    max_distance: Distance,
}

/// A snapshot of all lists: later imports do not change it.
pub struct Matcher {
    index: Index,
    policies: BTreeMap<String, Policy>,
    widest: Distance,
    sets: Vec<SetInfo>,
}

impl Matcher {
    /// Most matches that are listed for one hash in one orientation.
    pub const LIMIT: usize = 100;

    /// Opens the lists of a home. `max_distance` replaces the bound of every set.
    ///
    /// # Errors
    /// [`MatchError::NoLists`] if there are none, or what the index and the sets' table say.
    pub fn open(home: &Home, max_distance: Option<Distance>) -> Result<Self, MatchError> {
        let index = Index::open(&home.index_dir())?;
        let revisions = live_revisions(&index);
        if revisions.is_empty() {
            return Err(MatchError::NoLists);
        }
        let sets = Sets::open(home)?.at_revisions(&revisions)?;
        let policies: BTreeMap<String, Policy> = sets
            .iter()
            .map(|set| {
                let policy = Policy {
                    harmless: set.role == Role::Ignore,
                    list_class: set.list_class,
                    max_distance: max_distance.or(set.max_distance).unwrap_or(Distance::PDQ_DEFAULT),
                };
                (set.name.to_string(), policy)
            })
            .collect();
        let widest =
            policies.values().map(|policy| policy.max_distance).max().unwrap_or(Distance::PDQ_DEFAULT);
        Ok(Self { index, policies, widest, sets })
    }

    /// The sets that are matched against.
    #[must_use]
    pub fn sets(&self) -> &[SetInfo] {
        &self.sets
    }

    /// The verdict on an item: every digest, and every usable form in eight orientations.
    ///
    /// # Errors
    /// [`MatchError::Index`] if the index is damaged.
    pub fn verdict(&self, fingerprint: &Fingerprint) -> Result<Verdict, MatchError> {
        let mut found = Found::default();
        for signal in fingerprint.digests.signals() {
            self.exact(&signal, &mut found)?;
        }
        for formed in fingerprint.usable_forms() {
            for (transform, hash) in Transform::ALL.into_iter().zip(formed.hash.dihedral) {
                self.near(&hash, transform, Some(formed.form), &mut found)?;
            }
        }
        Ok(found.conclude(fingerprint.gap.clone()))
    }

    /// The verdict on an item that could not be read at all.
    #[must_use]
    pub fn unreadable(cause: String) -> Verdict {
        Verdict::conclude(Vec::new(), false, Some(Gap::Unreadable(cause)))
    }

    /// The verdict on a bare hash, as it is given.
    ///
    /// # Errors
    /// [`MatchError::Index`] if the index is damaged.
    pub fn look_up(&self, signal: &Signal) -> Result<Verdict, MatchError> {
        let mut found = Found::default();
        match signal {
            Signal::Pdq(hash) => self.near(hash, Transform::Original, None, &mut found)?,
            digest => self.exact(digest, &mut found)?,
        }
        Ok(found.conclude(None))
    }

    fn exact(&self, signal: &Signal, found: &mut Found) -> Result<(), MatchError> {
        for hit in self.index.exact(signal)? {
            self.take(&hit, signal.kind(), None, None, found)?;
        }
        Ok(())
    }

    fn near(
        &self,
        hash: &Pdq,
        transform: Transform,
        form: Option<Form>,
        found: &mut Found,
    ) -> Result<(), MatchError> {
        let near = self.index.near(hash, self.widest, Self::LIMIT)?;
        found.cut |= near.cut;
        for hit in &near.hits {
            self.take(hit, SignalKind::Pdq, Some(transform), form, found)?;
        }
        Ok(())
    }

    fn take(
        &self,
        hit: &Hit,
        signal: SignalKind,
        transform: Option<Transform>,
        form: Option<Form>,
        found: &mut Found,
    ) -> Result<(), MatchError> {
        let entry = self.index.entry(hit)?;
        // A set whose row is missing is matched with the defaults: a list that was imported is never skipped.
        let missing =
            Policy { harmless: false, list_class: list_class::UNKNOWN, max_distance: Distance::PDQ_DEFAULT };
        let policy = self.policies.get(entry.set()).unwrap_or(&missing);
        let max_distance = if signal.is_digest() { Distance::ZERO } else { policy.max_distance };
        if entry.opinion() == Opinion::Negative || hit.distance > max_distance {
            return Ok(());
        }
        found.add(Match {
            set: entry.set().to_owned(),
            entry: entry.key().to_owned(),
            signal,
            distance: hit.distance,
            max_distance,
            transform,
            form,
            labels: entry.labels().as_slice().to_vec(),
            list_class: policy.list_class,
            harmless: policy.harmless,
        });
        Ok(())
    }
}

/// Matches so far, each entry once for each kind of hash: by its nearest form and orientation.
#[derive(Default)]
struct Found {
    matches: BTreeMap<(String, String, SignalKind), Match>,
    cut: bool,
}

impl Found {
    fn add(&mut self, new: Match) {
        let key = (new.set.clone(), new.entry.clone(), new.signal);
        let rank = |m: &Match| (m.distance, m.form, m.transform);
        match self.matches.entry(key) {
            Slot::Vacant(slot) => {
                slot.insert(new);
            }
            Slot::Occupied(mut slot) => {
                // A list may say an entry twice with other labels: what holds of it is all of them together.
                let labels: Labels = slot.get().labels.iter().chain(&new.labels).copied().collect();
                if rank(&new) < rank(slot.get()) {
                    slot.insert(new);
                }
                slot.get_mut().labels = labels.as_slice().to_vec();
            }
        }
    }

    fn conclude(self, gap: Option<Gap>) -> Verdict {
        Verdict::conclude(self.matches.into_values().collect(), self.cut, gap)
    }
}
