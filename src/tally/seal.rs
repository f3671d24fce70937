//! Sealing a period: counts stay, pseudonyms and their key go for ever.

use rusqlite::{Connection, TransactionBehavior, params};

use super::cells::Cells;
use super::count::{Counts, counts};
use super::spans::{key_name, span};
use super::{Tally, TallyError};
use crate::home::{HomeError, TallyLock};
use crate::vocabulary::Period;

/// What is of single items, by table.
pub(super) const OF_ITEMS: [&str; 3] = ["tally_rows", "tally_seen", "tally_noticed"];

impl Tally<'_> {
    /// Seals `period`: counts it, without a cap and under each of `caps` items a case, deletes its pseudonyms and the key to
    /// them, and takes nothing more from now on, so that what was published stays what was counted. Sealed once, it stays
    /// as it was sealed.
    ///
    /// True if nothing of the pseudonyms is left in the files of the database; false if another process read it just then,
    /// so that what was deleted is still in its log, until the next sealing or purge.
    ///
    /// # Errors
    /// [`TallyError::NoCase`] if there is a cap and something was counted without a case; nothing is sealed then.
    pub fn seal(&mut self, lock: &TallyLock, period: Period, caps: &[u32]) -> Result<bool, TallyError> {
        let left = self.finish_sealing()?;
        if self.is_sealed(period)? {
            return if left { self.leave_no_trace(lock) } else { Ok(true) };
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            // A period in which nothing was ever counted has no key, and never will.
            "INSERT INTO tally_spans (period, key_check) VALUES (?, zeroblob(16)) ON CONFLICT DO NOTHING",
            [period.to_string()],
        )?;
        let span = span(&transaction, period)?.ok_or(TallyError::Stored("a period"))?;
        if span.uncased && !caps.is_empty() {
            return Err(TallyError::NoCase(period));
        }
        seal_rows(&transaction, span.id, caps)?;
        transaction.commit()?;
        self.home.forget_secret_key(&key_name(period))?;
        self.leave_no_trace(lock)
    }

    /// Deletes keys of sealed periods, which a killed process left; true if there was one.
    pub(super) fn finish_sealing(&self) -> Result<bool, TallyError> {
        let mut left = false;
        for period in self.parsed("SELECT period FROM tally_spans WHERE sealed = 1")? {
            left |= self.home.forget_secret_key(&key_name(period))?;
        }
        Ok(left)
    }

    /// Writes the database anew without what was deleted, and empties its log.
    pub(super) fn leave_no_trace(&mut self, lock: &TallyLock) -> Result<bool, TallyError> {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        self.connection.flush_prepared_statement_cache();
        match self.home.compact_database(lock, true, false) {
            Ok(_) => Ok(true),
            Err(HomeError::InUse) => Ok(false),
            Err(HomeError::Database(error))
                if matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked)) =>
            {
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Turns the rows of a period into counts.
pub(super) fn seal_rows(connection: &Connection, span: i64, caps: &[u32]) -> Result<(), TallyError> {
    store(connection, span, 0, &counts(connection, span, None)?)?;
    for &cap in caps {
        let known =
            connection.execute("INSERT OR IGNORE INTO tally_caps VALUES (?, ?)", params![span, cap])?;
        if known > 0 {
            store(connection, span, cap, &counts(connection, span, Some(cap))?)?;
        }
    }
    connection.execute(
        "UPDATE tally_spans SET sealed = 1, watched = (SELECT count(*) FROM tally_noticed WHERE span = id)
         WHERE id = ?",
        [span],
    )?;
    for table in OF_ITEMS {
        connection.execute(&format!("DELETE FROM {table} WHERE span = ?"), [span])?;
    }
    Ok(())
}

pub(super) fn store(connection: &Connection, span: i64, cap: u32, counts: &Counts) -> Result<(), TallyError> {
    let mut cells = Cells::default();
    let mut put = connection.prepare("INSERT INTO tally_counts VALUES (?, ?, ?, ?, ?, ?)")?;
    for ((origin, indicator, cell), items) in counts {
        let cell = cells.number(connection, *cell)?;
        let items = i64::try_from(*items).map_err(|_| TallyError::Stored("a count"))?;
        put.execute(params![span, cap, origin.number(), indicator.as_str(), cell, items])?;
    }
    Ok(())
}
