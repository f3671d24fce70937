//! What a list changes of a set: which keys come, which go, which say something else.
//!
//! Keys are compared by prints of 64 bits, keyed anew each time, so that no list can be made to look like another. Two of
//! ten million keys each are taken for one another once in 200,000 imports.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use rayon::prelude::*;
use roaring::RoaringBitmap;

use super::error::IndexError;
use super::segment::Segment;
use crate::hashset::{ByPrint, Entry, EntryKey, Opinion, PdqEntry, Prints};

/// What an import changes of the entries that match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// Entries of the set that match before.
    pub before: u64,
    /// Keys that match since and did not before.
    pub new: u64,
    /// Keys that match before and since, and say something else; `None` if that was not compared.
    pub changed: Option<u64>,
    /// Entries that match before, and whose key the list does not have.
    pub absent: u64,
    /// Entries that match before, and whose key the list takes back.
    pub taken_back: u64,
}

impl Changes {
    /// So many entries a list may take back without being asked about it: that it does so is what keeps a set right.
    pub const FEW: u64 = 10;

    /// Entries that match before and whose key does not since.
    #[must_use]
    pub const fn gone(&self) -> u64 {
        self.absent + self.taken_back
    }

    /// Those of them that make a person wonder whether the list is whole: what is absent, and what is taken back unless
    /// that is [few](Changes::FEW).
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.absent + if self.taken_back > Self::FEW { self.taken_back } else { 0 }
    }
}

/// A key and what stands under it, as prints.
#[derive(Clone, Copy)]
struct Print {
    key: u64,
    says: u64,
}

/// Gathers what a list brings. Memory: 16 bytes an entry, and as much for each entry of the set that is compared.
pub(super) struct Comparison {
    hasher: RandomState,
    /// What entries say is compared too, not their keys alone.
    wholly: bool,
    brought: Vec<Print>,
    /// By key: what was brought before is replaced.
    replaced: ByPrint<usize>,
    /// Keys under which the set keeps something that the list says as well.
    kept: Prints,
}

impl Comparison {
    pub(super) fn new(wholly: bool) -> Self {
        Self {
            hasher: RandomState::new(),
            wholly,
            brought: Vec::new(),
            replaced: ByPrint::default(),
            kept: Prints::default(),
        }
    }

    /// Something that the set says under `key` stays, since the list says it too.
    pub(super) fn keep(&mut self, key: &EntryKey) {
        self.kept.insert(self.print(key.as_str()));
    }

    /// An entry that is going to match, unless something later in the list ends it.
    pub(super) fn bring(&mut self, entry: &Entry) {
        if entry.opinion == Opinion::Negative {
            return; // it never matches
        }
        let print = Print { key: self.print(entry.key.as_str()), says: self.says(entry) };
        self.brought.push(print);
    }

    /// What was brought under `key` so far does not hold any more.
    pub(super) fn replace(&mut self, key: &EntryKey) {
        self.replaced.insert(self.print(key.as_str()), self.brought.len());
    }

    fn print(&self, key: &str) -> u64 {
        self.hasher.hash_one(key)
    }

    /// Everything but the key; 0 where that is not asked for.
    fn says(&self, entry: &Entry) -> u64 {
        if !self.wholly {
            return 0;
        }
        let mut hasher = self.hasher.build_hasher();
        (&entry.labels, entry.opinion).hash(&mut hasher);
        for signal in entry.hashes.iter() {
            (signal.kind(), signal.as_bytes()).hash(&mut hasher);
        }
        let quality = |pdq: PdqEntry| pdq.quality.map(|quality| quality.percent());
        entry.hashes.pdq.and_then(quality).hash(&mut hasher);
        hasher.finish()
    }

    /// What is left of the list once `taken_back` is gone from it, by key.
    fn active(&mut self, taken_back: &Prints) -> Vec<Print> {
        let replaced = std::mem::take(&mut self.replaced);
        let brought = std::mem::take(&mut self.brought).into_iter().enumerate();
        let holds = |(at, print): (usize, Print)| {
            let ended =
                taken_back.contains(&print.key) || replaced.get(&print.key).is_some_and(|until| at < *until);
            (!ended).then_some(print)
        };
        together(brought.filter_map(holds).collect())
    }

    /// What changes if the list replaces `there`, of which `ended` do not match any more.
    pub(super) fn replacing(
        mut self,
        there: &[Segment],
        ended: &[RoaringBitmap],
        taken_back: &HashSet<EntryKey>,
    ) -> Result<Changes, IndexError> {
        let taken_back: Prints = taken_back.iter().map(|key| self.print(key.as_str())).collect();
        let mut old = Vec::new();
        for (segment, ended) in there.iter().zip(ended) {
            old.extend(self.prints(segment, ended)?);
        }
        let mut changes = Changes { before: old.len() as u64, ..Changes::default() };
        old.sort_unstable_by_key(|print| print.key);
        let new = self.active(&taken_back);
        let mut rest = new.iter().peekable();
        let mut changed = 0;
        for same in old.chunk_by(|a, b| a.key == b.key) {
            let (key, entries) = (same[0].key, same.len() as u64);
            while rest.next_if(|print| print.key < key).is_some() {
                changes.new += 1;
            }
            match rest.next_if(|print| print.key == key) {
                Some(now) => changed += u64::from(now.says != sum(same)),
                None if taken_back.contains(&key) => changes.taken_back += entries,
                None => changes.absent += entries,
            }
        }
        changes.new += rest.count() as u64;
        changes.changed = self.wholly.then_some(changed);
        Ok(changes)
    }

    /// What changes if the list is added to `there`, of which `ended` do not match any more: the entries of `gone` end,
    /// and of what is brought the keys `known` were there.
    pub(super) fn adding(
        mut self,
        there: &[Segment],
        ended: &[RoaringBitmap],
        gone: &[RoaringBitmap],
        taken_back: &HashSet<EntryKey>,
        known: &Prints,
    ) -> Result<Changes, IndexError> {
        let taken_back: Prints = taken_back.iter().map(|key| self.print(key.as_str())).collect();
        let active = self.active(&taken_back);
        let mut changes = Changes::default();
        let changed = active.iter().filter(|print| known.contains(&print.key)).count();
        changes.changed = Some(changed as u64);
        changes.new = (active.len() - changed) as u64;
        for ((segment, ended), gone) in there.iter().zip(ended).zip(gone) {
            changes.before += u64::from(segment.len()) - ended.len();
            for entry in gone - ended {
                let key = self.print(&segment.key(entry).map_err(segment.fault())?);
                if taken_back.contains(&key) {
                    changes.taken_back += 1;
                } else if !self.kept.contains(&key)
                    && active.binary_search_by_key(&key, |print| print.key).is_err()
                {
                    changes.absent += 1;
                }
            }
        }
        Ok(changes)
    }

    /// The print of `key`, for the keys that [`Comparison::adding`] is told of.
    pub(super) fn print_of(&self, key: &EntryKey) -> u64 {
        self.print(key.as_str())
    }

    /// The entries of a segment that match.
    fn prints(&self, segment: &Segment, ended: &RoaringBitmap) -> Result<Vec<Print>, IndexError> {
        let entries = if self.wholly { segment.entries().map_err(segment.fault())? } else { None };
        let prints = match entries {
            Some(entries) => {
                let counts = |number: &u32, entry: &Result<Entry, _>| {
                    let says_no =
                        entry.as_ref().is_ok_and(|entry: &Entry| entry.opinion == Opinion::Negative);
                    !ended.contains(*number) && !says_no
                };
                let numbered = (0..).zip(entries).filter(|(number, entry)| counts(number, entry));
                let print = |(_, entry): (u32, Result<Entry, _>)| {
                    let entry = entry.map_err(segment.fault())?;
                    Ok(Print { key: self.print(entry.key.as_str()), says: self.says(&entry) })
                };
                numbered.map(print).collect::<Result<Vec<_>, IndexError>>()?
            }
            None => {
                let print = |number: u32| {
                    let key = segment.key(number).map_err(segment.fault())?;
                    Ok(Print { key: self.print(&key), says: 0 })
                };
                let matches = |number: &u32| {
                    let opinion = segment.opinion(*number);
                    !ended.contains(*number) && opinion.is_ok_and(|opinion| opinion != Opinion::Negative)
                };
                let live = (0..segment.len()).into_par_iter().filter(matches);
                live.map(print).collect::<Result<Vec<_>, IndexError>>()?
            }
        };
        segment.sound().map_err(segment.fault())?;
        Ok(prints)
    }
}

/// What all entries under one key say; in whatever order they come.
fn sum(same: &[Print]) -> u64 {
    same.iter().fold(0, |sum, print| sum.wrapping_add(print.says))
}

/// One print for each key, by key.
fn together(mut prints: Vec<Print>) -> Vec<Print> {
    prints.sort_unstable_by_key(|print| print.key);
    let one = |same: &[Print]| Print { key: same[0].key, says: sum(same) };
    prints.chunk_by(|a, b| a.key == b.key).map(one).collect()
}
