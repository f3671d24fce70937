//! The classes of list that a period's items were matched against: what its counts are to be read beside.

use rusqlite::{TransactionBehavior, params};

use super::{Tally, TallyError};
use crate::home::TallyLock;
use crate::vocabulary::{Code, Dimension, Period};

/// A class of lists that items of a period were matched against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListInUse {
    /// The class.
    pub list_class: Code,
    /// The month of the latest revision among the lists of the class.
    pub revised: Period,
    /// Their entries together, without withdrawn ones.
    pub active_entries: u64,
}

impl Tally<'_> {
    /// Notes the classes of list that items of `month` are matched against, for it and the longer periods that hold it and
    /// are in use. A class that was noted before keeps its latest revision, and the entries that it has with it.
    ///
    /// # Errors
    /// [`TallyError::Closed`] if a period takes no more items.
    pub fn note_lists(
        &mut self,
        _lock: &TallyLock,
        month: Period,
        lists: &[ListInUse],
    ) -> Result<(), TallyError> {
        let periods = self.open_periods_with(month)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (period, list) in periods.iter().flat_map(|period| lists.iter().map(move |list| (period, list))) {
            transaction.execute(
                "INSERT INTO tally_lists VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE
                 SET revised = ?3, active_entries = ?4 WHERE revised <= ?3",
                params![
                    period.to_string(),
                    list.list_class.as_str(),
                    list.revised.to_string(),
                    i64::try_from(list.active_entries).unwrap_or(i64::MAX)
                ],
            )?;
        }
        Ok(transaction.commit()?)
    }

    /// The periods that something of `month` is counted in, if all of them take items.
    pub(super) fn open_periods_with(&self, month: Period) -> Result<Vec<Period>, TallyError> {
        let periods = self.periods_with(month)?;
        for period in &periods {
            if self.is_sealed(*period)? {
                return Err(TallyError::Closed(*period));
            }
        }
        Ok(periods)
    }

    /// The classes of list that items of `period` were matched against.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn lists(&self, period: Period) -> Result<Vec<ListInUse>, TallyError> {
        let mut statement = self.connection.prepare(
            "SELECT list_class, revised, active_entries FROM tally_lists WHERE period = ? ORDER BY 1",
        )?;
        let mut rows = statement.query([period.to_string()])?;
        let mut lists = Vec::new();
        while let Some(row) = rows.next()? {
            lists.push(ListInUse {
                list_class: Dimension::ListClass.code(&row.get::<_, String>(0)?)?,
                revised: row.get::<_, String>(1)?.parse()?,
                active_entries: row.get::<_, i64>(2)?.unsigned_abs(),
            });
        }
        Ok(lists)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::Home;
    use crate::vocabulary::{PeriodKind, list_class};

    #[test]
    fn a_class_of_lists_keeps_its_latest_revision_in_every_period_that_is_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let (mut tally, lock) = (Tally::open(&home).unwrap(), home.lock_tally().unwrap());
        let period = |text: &str| -> Period { text.parse().unwrap() };
        tally.keep(&lock, PeriodKind::Quarter, period("2026-Q4")).unwrap();
        let list = |revised: &str, active_entries| ListInUse {
            list_class: list_class::UNKNOWN,
            revised: revised.parse().unwrap(),
            active_entries,
        };
        for noted in [list("2026-08", 5), list("2026-10", 7), list("2026-09", 9)] {
            tally.note_lists(&lock, period("2026-10"), &[noted]).unwrap();
        }
        for in_use in ["2026-10", "2026-Q4"] {
            assert_eq!(tally.lists(period(in_use)).unwrap(), [list("2026-10", 7)]);
        }
        tally.seal(&lock, period("2026-10"), &[]).unwrap();
        let late = tally.note_lists(&lock, period("2026-10"), &[list("2026-10", 8)]);
        assert!(matches!(late, Err(TallyError::Closed(_))));
    }
}
