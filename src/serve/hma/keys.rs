//! From the number of a content back to its entry.

use std::collections::BTreeSet;

use super::Problem;
use super::number::{number_of, only_key};
use crate::hashset::{Entry, EntryKey, SetName};
use crate::index::{Index, IndexError, KeyNumbers};
use crate::serve::{ProblemCode, State};

/// Where the entries with each number are, for all that ask.
pub(in crate::serve) const fn content_numbers() -> KeyNumbers {
    KeyNumbers::new(number_of)
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

/// The content `number` of a bank.
///
/// # Errors
/// As [`key_of`], and [`ProblemCode::NotFound`] if it truly is not there.
pub(super) fn content(state: &State, bank: &SetName, number: u64) -> Result<Content, Problem> {
    let index = index(state)?;
    let entries = match only_key(number).map(EntryKey::new) {
        Some(Ok(key)) => index.entries_with(bank.as_str(), &BTreeSet::from([key])),
        Some(Err(_)) => return Err(no_content()),
        None => state.0.numbers.entries(&index, bank.as_str(), number),
    };
    let entries = entries.map_err(unsure)?;
    let key = one_of(entries.iter().map(|entry| entry.key.clone()).collect())?.ok_or_else(no_content)?;
    Ok(Content { key, entries })
}

/// The key of the content `number` of a bank; `None` if it has no such content. Reads the bank's keys when it is asked first,
/// and remembers in some four bytes for each where it is.
///
/// # Errors
/// [`ProblemCode::Conflict`] if two entries share the number, whoever asks and however often: it cannot be known which is
/// meant. [`ProblemCode::Unavailable`] if the lists cannot be read.
pub(in crate::serve) fn key_of(
    state: &State,
    bank: &SetName,
    number: u64,
) -> Result<Option<EntryKey>, Problem> {
    let index = index(state)?;
    let keys = match only_key(number).map(EntryKey::new) {
        Some(Ok(key)) => index.keys_in(bank.as_str(), &BTreeSet::from([key])),
        Some(Err(_)) => return Ok(None),
        None => state.0.numbers.keys(&index, bank.as_str(), number),
    };
    one_of(keys.map_err(unsure)?)
}

/// The one of `keys`, which have a number in common.
fn one_of(mut keys: BTreeSet<EntryKey>) -> Result<Option<EntryKey>, Problem> {
    if keys.len() > 1 {
        let detail = "two entries of this bank share this number; withdraw one of them by its key";
        return Err(Problem::new(ProblemCode::Conflict, detail));
    }
    Ok(keys.pop_first())
}

/// True if a bank has an entry with this key.
pub(super) fn is_there(state: &State, bank: &SetName, key: &EntryKey) -> Result<bool, Problem> {
    let found = index(state)?.keys_in(bank.as_str(), &BTreeSet::from([key.clone()])).map_err(unsure)?;
    Ok(!found.is_empty())
}
