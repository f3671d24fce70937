//! Deleting the counts of months that are published and long over.

use rusqlite::{TransactionBehavior, params};

use super::store::key_name;
use super::{Tally, TallyError};
use crate::home::{Purged, TallyLock};
use crate::vocabulary::Period;

const TALLY: &str = "tally";

/// The tables that hold something of a month's items. What says that the month is closed stays: it takes no more.
const TABLES: [&str; 4] = ["tally_items", "tally_contents", "tally_watched", "tally_lists"];

impl Tally<'_> {
    /// Deletes the counts of each month up to `last`, with the pseudonyms of its items and their key, if the month is closed
    /// and its release among the `published` ones, which are final: nothing is ever counted or published of it again. Of
    /// others it says that they are kept. With `rehearse`, nothing is changed.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn purge(
        &mut self,
        _lock: &TallyLock,
        last: Period,
        published: &[Period],
        rehearse: bool,
    ) -> Result<Vec<Purged>, TallyError> {
        let mut purged = Vec::new();
        for period in self.all_periods()?.into_iter().filter(|period| *period <= last) {
            let has_rows = self.has_rows(period)?;
            let has_key = self.home.known_secret_key(&key_name(period));
            if !has_rows && matches!(has_key, Ok(None)) {
                continue; // it went before
            }
            let name = period.to_string();
            if !(self.is_closed(period)? && published.contains(&period)) {
                let reason = "it was not published; `innerward release publish` publishes it, if a plan was registered in time";
                purged.push(Purged::kept(TALLY, name, reason));
                continue;
            }
            let done = if rehearse { Ok(0) } else { self.delete(period).map(|()| 0) };
            purged.push(Purged::of(TALLY, name, done));
        }
        Ok(purged)
    }

    fn delete(&mut self, period: Period) -> Result<(), TallyError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for table in TABLES {
            transaction.execute(&format!("DELETE FROM {table} WHERE period = ?"), [period.to_string()])?;
        }
        transaction.commit()?;
        // The key goes last: as long as it is there, the next purge sees that there is something left to do.
        self.home.forget_secret_key(&key_name(period))?;
        Ok(())
    }

    /// The months of which anything is known, earliest first.
    fn all_periods(&self) -> Result<Vec<Period>, TallyError> {
        let tables = TABLES.map(|table| format!("SELECT period FROM {table}")).join(" UNION ");
        let query = format!("SELECT period FROM tally_periods UNION {tables} ORDER BY 1");
        let mut statement = self.connection.prepare(&query)?;
        let texts: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        texts.iter().map(|text| Ok(text.parse()?)).collect()
    }

    fn has_rows(&self, period: Period) -> Result<bool, TallyError> {
        for table in TABLES {
            let any = format!("SELECT 1 FROM {table} WHERE period = ?");
            if self.connection.prepare(&any)?.exists(params![period.to_string()])? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::{Deletion, Home};
    use crate::tally::{Cell, ItemId, Sighting};
    use crate::vocabulary::{channel, list_class, media, severity, verdict};

    #[test]
    fn months_that_are_published_go_for_ever_and_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let (mut tally, lock) = (Tally::open(&home).unwrap(), home.lock_tally().unwrap());
        let months: Vec<Period> =
            ["2026-01", "2026-02", "2026-03", "2026-04"].iter().map(|text| text.parse().unwrap()).collect();
        let [published, unpublished, open, young] = months[..] else { panic!("four") };
        let sighting = |n: u8| Sighting {
            content: ItemId::of_bytes(&[n; 32]),
            entry: Some(ItemId::of_entry("DEMO", "1")),
            cell: Cell {
                verdict: verdict::KNOWN,
                media: media::IMAGE,
                severity: severity::NOT_APPLICABLE,
                list_class: list_class::UNKNOWN,
                channel: channel::BULK,
            },
            watched: true,
        };
        for period in &months {
            tally.record(&lock, *period, &[sighting(1), sighting(2)]).unwrap();
        }
        for period in [published, unpublished, young] {
            tally.close(&lock, period).unwrap();
        }
        let purge = |tally: &mut Tally<'_>, rehearse| {
            let purged = tally.purge(&lock, open, &[published, young], rehearse).unwrap();
            purged.into_iter().map(|one| (one.name, one.state)).collect::<Vec<_>>()
        };
        let expected = [
            ("2026-01".to_owned(), Deletion::Deleted),
            ("2026-02".to_owned(), Deletion::Kept),
            ("2026-03".to_owned(), Deletion::Kept),
        ];
        assert_eq!(purge(&mut tally, true), expected);
        assert_eq!(tally.periods().unwrap(), months, "rehearsed");
        assert_eq!(purge(&mut tally, false), expected);
        assert_eq!(tally.periods().unwrap(), months[1..]);
        assert_eq!(purge(&mut tally, false), expected[1..], "once");
        // The month stays closed, and no key of it is made again.
        assert!(matches!(tally.record(&lock, published, &[sighting(1)]), Err(TallyError::Closed(_))));
        let mut again = vec![sighting(1)];
        tally.leave_out_known(published, &mut again).unwrap();
        assert_eq!(again.len(), 1);
        tally.close(&lock, published).unwrap();
        let key = |period: Period| home.known_secret_key(&key_name(period)).unwrap();
        assert_eq!(
            months.iter().map(|period| key(*period).is_some()).collect::<Vec<_>>(),
            [false, true, true, true]
        );
        assert!(!tally.has_rows(published).unwrap() && tally.is_closed(published).unwrap());
    }
}
