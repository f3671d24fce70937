//! Entries are withdrawn as people name them: by key, or by a hash that they have.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::change::{Withdrawn, withdraw};
use super::import_error::ImportError;
use super::{Index, IndexError};
use crate::digest::{Signal, SignalKind};
use crate::hashset::{EntryKey, EntryKeyError, Hashes, Made, SetName};
use crate::home::{Home, WriteLock};

/// How an entry of a set is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryName {
    /// By its key.
    Key(EntryKey),
    /// By a hash, for every entry that has it.
    Hash(Signal),
}

impl FromStr for EntryName {
    type Err = EntryKeyError;

    /// A hash as `kind:hex`; a key otherwise.
    fn from_str(text: &str) -> Result<Self, EntryKeyError> {
        match text.parse() {
            Ok(signal) => Ok(Self::Hash(signal)),
            Err(_) => EntryKey::new(text).map(Self::Key),
        }
    }
}

/// Why entries were not withdrawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WithdrawError {
    /// No entry of the set has a hash that was named; nothing has changed then.
    #[error("no entry of {set} has this {kind}")]
    NoneHas {
        /// The set.
        set: SetName,
        /// The kind of the hash.
        kind: SignalKind,
    },
    /// The index, or what is known of the set, failed.
    #[error(transparent)]
    Import(#[from] ImportError),
}

impl From<IndexError> for WithdrawError {
    fn from(error: IndexError) -> Self {
        Self::Import(error.into())
    }
}

/// Withdraws the entries of set `name` that `entries` name, as [`withdraw`] does by keys alone.
///
/// Of entries whose list gives no ids, what each of their digests would be alone is withdrawn too: a list that tells more or
/// less of the item next time must not bring it back. That is done first, so that a process that is ended in between leaves
/// nothing behind that would not be asked for again. The parts are not counted in what is returned.
///
/// # Errors
/// [`WithdrawError`].
pub fn withdraw_entries(
    home: &Home,
    lock: &WriteLock,
    name: &SetName,
    entries: &[EntryName],
    made: Made<'_>,
) -> Result<Withdrawn, WithdrawError> {
    let index = Index::open(&home.index_dir())?;
    if !index.sets().iter().any(|live| live.name == name.as_str()) {
        return Err(IndexError::NoSuchSet { name: name.as_str().into() }.into());
    }
    let keys = keys(&index, name, entries)?;
    let parts = parts(&index, name, &keys)?;
    if !parts.is_empty() {
        withdraw(home, lock, name, &parts, made)?;
    }
    Ok(withdraw(home, lock, name, &keys, made)?)
}

/// The keys that were named, and those of the entries with the hashes that were named.
fn keys(index: &Index, name: &SetName, entries: &[EntryName]) -> Result<Vec<EntryKey>, WithdrawError> {
    let mut keys = Vec::new();
    for named in entries {
        let signal = match named {
            EntryName::Key(key) => {
                keys.push(key.clone());
                continue;
            }
            EntryName::Hash(signal) => signal,
        };
        let before = keys.len();
        for hit in index.exact(signal)? {
            let entry = index.entry(&hit)?;
            // What stands in the index as a key came from one.
            if entry.set() == name.as_str()
                && let Ok(key) = EntryKey::new(entry.key().as_str())
            {
                keys.push(key);
            }
        }
        if keys.len() == before {
            return Err(WithdrawError::NoneHas { set: name.clone(), kind: signal.kind() });
        }
    }
    Ok(keys)
}

/// Of entries with a key that is drawn from their hashes, the keys of each of their digests alone.
fn parts(index: &Index, name: &SetName, keys: &[EntryKey]) -> Result<Vec<EntryKey>, IndexError> {
    let is_drawn = |key: &&EntryKey| {
        key.as_str().len() == 16 && key.as_str().bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let drawn: BTreeSet<EntryKey> = keys.iter().filter(is_drawn).cloned().collect();
    if drawn.is_empty() {
        return Ok(Vec::new());
    }
    let mut parts = Vec::new();
    for entry in index.entries_with(name.as_str(), &drawn)? {
        let several = entry.hashes.iter().nth(1).is_some() && EntryKey::derived(&entry.hashes) == entry.key;
        let digests = entry.hashes.iter().filter(|signal| several && signal.kind().is_digest());
        parts.extend(digests.map(|signal| EntryKey::derived(&Hashes::from(signal))));
    }
    parts.retain(|part| !drawn.contains(part));
    Ok(parts)
}
