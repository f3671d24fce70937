//! What is done to a set without a list: its policy changes, entries are withdrawn, it is removed.

use super::import::Import;
use super::import_error::ImportError;
use super::keys::ended_keys;
use super::{Index, IndexError};
use crate::hashset::{EntryKey, Made, Role, SetInfo, SetName, SetUpdate, speaks_of_abuse};
use crate::home::{About, Home, WriteLock};

/// A withdrawal by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Withdrawn {
    /// Entries that matched and do not any more.
    pub entries: u64,
    /// Keys that were not withdrawn before, whether the set has them or not.
    pub keys: usize,
}

impl Withdrawn {
    /// What the record of who did what says of it: counts.
    #[must_use]
    pub fn in_counts(self) -> About {
        [("entries", self.entries.to_string()), ("keys", self.keys.to_string())].into()
    }
}

/// Makes a revision of set `name` with the entries that it has and what `update` says of it; `None` if that holds
/// already.
///
/// # Errors
/// [`ImportError`]; nothing has changed then.
pub fn change(
    home: &Home,
    lock: &WriteLock,
    name: &SetName,
    update: &SetUpdate,
    made: Made<'_>,
) -> Result<Option<SetInfo>, ImportError> {
    let mut set = Import::begin(home, lock, name)?;
    let base = set.there()?;
    set.settle()?;
    let in_scope = if update.role == Some(Role::Ignore) { in_scope(home, name)? } else { 0 };
    let Some(revision) = set.sets.stage_change(name, base, update, in_scope, made)? else { return Ok(None) };
    let segments = set.writer.segments(name.as_str())?.unwrap_or_default();
    let (files, withdrawn) = segments.into_iter().unzip();
    set.writer.replace_set(name.as_str(), revision, files, withdrawn)?;
    set.sets.prune(&set.writer.live())?;
    Ok(Some(set.sets.at_revisions(&[(name.clone(), revision)])?.swap_remove(0)))
}

/// The entries of a set that speak of abuse.
fn in_scope(home: &Home, name: &SetName) -> Result<u64, IndexError> {
    let index = Index::open(&home.index_dir())?;
    let mut found = 0;
    index.each_of(&index.members(name.as_str()), |stored| {
        found += u64::from(speaks_of_abuse(&stored.entry));
        Ok::<(), IndexError>(())
    })?;
    Ok(found)
}

/// Withdraws every entry of set `name` that has one of `keys`: it never answers again, and stays withdrawn in every later
/// import. Keys that the set does not have are kept too: a list that brings them may come later.
///
/// Should the process be ended in between, the next one that changes the lists carries it out.
///
/// # Errors
/// [`ImportError`].
pub fn withdraw(
    home: &Home,
    lock: &WriteLock,
    name: &SetName,
    keys: &[EntryKey],
    made: Made<'_>,
) -> Result<Withdrawn, ImportError> {
    let mut set = Import::begin(home, lock, name)?;
    let base = set.there()?;
    set.settle()?;
    let (withdrawal, keys) = set.sets.begin_withdrawal(name, base, keys, made)?;
    let entries = set.writer.withdraw(name.as_str(), &withdrawal.keys)?;
    set.sets.withdrawal_is_done(&withdrawal)?;
    Ok(Withdrawn { entries, keys })
}

/// Removes set `name` with all its entries. What was done to it stays known, and what was withdrawn from it stays withdrawn
/// should it be imported again, also where the index alone knows of that, since the database was lost or is older.
///
/// # Errors
/// [`ImportError`].
pub fn remove(home: &Home, lock: &WriteLock, name: &SetName, made: Made<'_>) -> Result<(), ImportError> {
    let mut set = Import::begin(home, lock, name)?;
    let base = set.there()?;
    set.settle()?;
    let found = set.ended_unknown_to_database()?;
    set.sets.withdraw(name, &found, made.on())?;
    set.sets.note_removal(name, base, made)?;
    set.writer.remove_set(name.as_str())?;
    set.sets.prune(&set.writer.live())?;
    Ok(())
}

impl Import<'_> {
    /// The keys that have ended in the index, and of which the database does not know why.
    fn ended_unknown_to_database(&self) -> Result<Vec<EntryKey>, ImportError> {
        let withdrawn = self.sets.withdrawn_keys(self.name)?;
        let emptied = self.sets.emptied(self.name, self.base)?;
        let is_known = |key: &EntryKey| withdrawn.contains(key) || emptied.contains_key(key);
        let ended = self.writer.withdrawn_of(self.name.as_str());
        let segments = self.writer.open_set(self.name.as_str());
        match segments.and_then(|segments| ended_keys(&segments, &ended, is_known)) {
            // What is damaged must not stay for ever; but it may be the only one to know.
            Err(_) if self.known == self.base => Ok(Vec::new()),
            found => Ok(found?.into_iter().collect()),
        }
    }

    fn there(&self) -> Result<u64, IndexError> {
        self.base.ok_or_else(|| IndexError::NoSuchSet { name: self.name.as_str().into() })
    }
}
