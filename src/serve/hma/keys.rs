//! From the number of a content back to its entry: by a look through the keys of the bank, of which the latest are remembered.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use super::number::{number_of, only_key};
use super::{Hma, Problem};
use crate::hashset::{Entry, EntryKey, SetName};
use crate::index::{Index, IndexError};
use crate::serve::{ProblemCode, State};

/// Numbers of which the key is known.
#[derive(Default)]
pub(super) struct Keys(Mutex<VecDeque<(SetName, u64, EntryKey)>>);

impl Keys {
    /// How many are remembered.
    const MOST: usize = 1024;

    pub(super) fn remember(&self, set: &SetName, number: u64, key: &EntryKey) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(of, old, _)| (of, *old) != (set, number));
        known.truncate(Self::MOST - 1);
        known.push_front((set.clone(), number, key.clone()));
    }

    fn recall(&self, set: &SetName, number: u64) -> Option<EntryKey> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(of, old, _)| (of, *old) == (set, number)).map(|(_, _, key)| key.clone())
    }
}

/// What a bank holds under one key.
pub(super) struct Content {
    pub(super) key: EntryKey,
    pub(super) entries: Vec<Entry>,
}

pub(super) fn no_content() -> Problem {
    Problem::not_found("content not found in this bank")
}

/// The index as it is now. What cannot be read now is not said to be gone.
pub(super) fn index(state: &State) -> Result<Index, Problem> {
    Index::open(&state.0.home.index_dir()).map_err(unsure)
}

pub(super) fn unsure(_: IndexError) -> Problem {
    Problem::unavailable("the lists cannot be read just now; try again")
}

impl Hma {
    /// The content `number` of a bank. Reads the bank's keys, and where the key is not known its entries: seconds for ten
    /// million.
    ///
    /// # Errors
    /// [`ProblemCode::NotFound`] if it truly is not there, [`ProblemCode::Conflict`] if two entries share the number.
    pub(super) fn content(&self, state: &State, bank: &SetName, number: u64) -> Result<Content, Problem> {
        let index = index(state)?;
        let own = only_key(number).map(|key| EntryKey::new(key).map_err(|_| no_content())).transpose()?;
        if let Some(key) = own.clone().or_else(|| self.keys.recall(bank, number)) {
            let entries = entries(&index, bank, &key)?;
            if !entries.is_empty() {
                return Ok(Content { key, entries });
            }
        }
        if own.is_some() {
            return Err(no_content());
        }
        let mut found: BTreeMap<EntryKey, Vec<Entry>> = BTreeMap::new();
        let read: Result<(), IndexError> = index.each_of(&index.members(bank.as_str()), |stored| {
            if number_of(stored.entry.key.as_str()) == number {
                found.entry(stored.entry.key.clone()).or_default().push(stored.entry);
            }
            Ok(())
        });
        read.map_err(unsure)?;
        if found.len() > 1 {
            let detail = "two entries of this bank share this number; withdraw one of them by its key";
            return Err(Problem::new(ProblemCode::Conflict, detail));
        }
        let (key, entries) = found.pop_first().ok_or_else(no_content)?;
        self.keys.remember(bank, number, &key);
        Ok(Content { key, entries })
    }
}

/// The entries of a bank with this key.
pub(super) fn entries(index: &Index, bank: &SetName, key: &EntryKey) -> Result<Vec<Entry>, Problem> {
    let keys = BTreeSet::from([key.clone()]);
    index.entries_with(bank.as_str(), &keys).map_err(unsure)
}
