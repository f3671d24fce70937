//! What this ward itself says of sets and their entries: decisions, quarantine, which set overrules which. It is kept in
//! `innerward.sqlite` beside the metadata of sets, outlives every import, and goes by names and keys, never by hashes.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, TransactionBehavior, params};

use super::store::parsed;
use super::{EntryKey, Role, SetError, SetName};
use crate::home::Home;

/// The open tables.
///
/// SQLite itself keeps writers apart: what is written here changes neither lists nor counts, so neither of the home's locks
/// is needed, and an analyst may decide while a list is imported.
#[derive(Debug)]
pub struct Local {
    pub(super) db: Connection,
}

impl Local {
    /// Opens what is known in `home`; nothing if there is nothing yet.
    ///
    /// # Errors
    /// [`SetError::Home`] if the database cannot be opened.
    pub fn open(home: &Home) -> Result<Self, SetError> {
        Ok(Self { db: home.database(include_str!("local.sql"))? })
    }

    /// A number that rises with each change of decisions, quarantine and of what overrules what, in whatever process.
    ///
    /// # Errors
    /// [`SetError::Database`].
    pub fn version(&self) -> Result<u64, SetError> {
        let mut query = self.db.prepare_cached("SELECT version FROM hashset_local_version")?;
        let version: i64 = query.query_row([], |row| row.get(0))?;
        Ok(version.unsigned_abs())
    }

    /// The sets that the set `name`, whose role is to be ignored, overrules.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn suppresses(&self, name: &SetName) -> Result<Vec<SetName>, SetError> {
        let mut query =
            self.db.prepare("SELECT suppressed FROM hashset_suppression WHERE name = ?1 ORDER BY 1")?;
        let mut rows = query.query([name.as_str()])?;
        let mut sets = Vec::new();
        while let Some(row) = rows.next()? {
            sets.push(parsed(row, "hashset_suppression", "suppressed", |text| text.parse().ok())?);
        }
        Ok(sets)
    }

    /// From now on the set `name` overrules `sets` and no others. They need not be there yet.
    ///
    /// # Errors
    /// [`SetError::Database`]; then nothing has changed.
    pub fn set_suppresses(&mut self, name: &SetName, sets: &BTreeSet<SetName>) -> Result<(), SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute("DELETE FROM hashset_suppression WHERE name = ?1", [name.as_str()])?;
        for set in sets {
            tx.execute(
                "INSERT INTO hashset_suppression VALUES (?1, ?2)",
                params![name.as_str(), set.as_str()],
            )?;
        }
        Ok(tx.commit()?)
    }

    /// Forgets, with a set that was removed, what it overruled, its share and what is said of its entries: another of its
    /// name must not inherit that. Decisions stay, as withdrawals do.
    ///
    /// # Errors
    /// [`SetError::Database`]; then nothing has changed.
    pub fn forget(&mut self, name: &SetName) -> Result<(), SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute("DELETE FROM hashset_suppression WHERE name = ?1", [name.as_str()])?;
        tx.execute("DELETE FROM hashset_annotation WHERE name = ?1", [name.as_str()])?;
        tx.execute("DELETE FROM hashset_share WHERE of = ?1", [name.as_str()])?;
        Ok(tx.commit()?)
    }
}

/// Why a set cannot overrule others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OverruleError {
    /// It is not one of harmless files.
    #[error("only a set whose role is ignore overrules others, and the role of this one is {}", .0.as_str())]
    Role(Role),
    /// It would overrule itself.
    #[error("a set cannot overrule itself")]
    Itself,
}

/// Checks that set `name`, whose role is or is to be `role`, can overrule `sets`.
///
/// # Errors
/// [`OverruleError`].
pub fn check_overruled(name: &SetName, role: Role, sets: &BTreeSet<SetName>) -> Result<(), OverruleError> {
    if role != Role::Ignore && !sets.is_empty() {
        return Err(OverruleError::Role(role));
    }
    if sets.contains(name) { Err(OverruleError::Itself) } else { Ok(()) }
}

/// The set and the key in a row.
pub(super) fn entry_of(row: &Row<'_>, table: &'static str) -> Result<(SetName, EntryKey), SetError> {
    let set = parsed(row, table, "name", |text| text.parse().ok())?;
    Ok((set, parsed(row, table, "key", |text| EntryKey::new(text).ok())?))
}
