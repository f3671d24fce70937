//! Deleting the counts of periods that are long over and that nothing can be published of any more.

use rusqlite::TransactionBehavior;

use super::seal::OF_ITEMS;
use super::spans::{key_name, span};
use super::{Tally, TallyError};
use crate::home::{Purged, TallyLock};
use crate::vocabulary::Period;

const TALLY: &str = "tally";

/// The tables that hold counts of a period. What says that it is sealed stays: it takes no more.
const COUNTS: [&str; 3] = ["tally_counts", "tally_caps", "tally_told"];

/// Those that hold what its counts are to be read beside.
const BESIDE: [&str; 2] = ["tally_lists", "tally_breaks"];

/// Why something is left of a period that is long over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Nobody has deleted it yet: it is sealed, and nothing can be published of it any more.
    Deletable,
    /// A plan may still publish it.
    Publishable,
    /// No plan can publish it, and it still takes items: its pseudonyms and key are there.
    Open,
}

impl Tally<'_> {
    /// Deletes the counts of each period that `is_over`, if it is sealed and no plan `may_publish` it: nothing is ever counted
    /// or published of it again. Pseudonyms and keys went when it was sealed; what a killed process left of them goes now. Of
    /// others it says that they are kept, and how that ends. With `rehearse`, nothing is changed.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn purge(
        &mut self,
        _lock: &TallyLock,
        is_over: impl Fn(Period) -> bool,
        may_publish: impl Fn(Period) -> bool,
        rehearse: bool,
    ) -> Result<Vec<Purged>, TallyError> {
        let mut purged = Vec::new();
        if !rehearse {
            self.finish_sealing()?;
        }
        for (period, held) in self.held(is_over, may_publish)? {
            let name = period.to_string();
            let reason = match held {
                Held::Deletable => None,
                Held::Publishable => Some(
                    "it was not published, and a plan was registered in time; `innerward release publish` publishes it"
                        .to_owned(),
                ),
                Held::Open => Some(format!(
                    "no plan can publish it, and it is not sealed; `innerward tally seal {period} --yes` seals it, so that \
                     the next purge deletes it"
                )),
            };
            if let Some(reason) = reason {
                purged.push(Purged::kept(TALLY, name, reason));
                continue;
            }
            let done = if rehearse { Ok(0) } else { self.delete(period).map(|()| 0) };
            purged.push(Purged::of(TALLY, name, done));
        }
        Ok(purged)
    }

    /// Of each period that `is_over` and of which something is left, why that is, earliest first.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn held(
        &self,
        is_over: impl Fn(Period) -> bool,
        may_publish: impl Fn(Period) -> bool,
    ) -> Result<Vec<(Period, Held)>, TallyError> {
        let mut found = Vec::new();
        for period in self.all_periods()?.into_iter().filter(|period| is_over(*period)) {
            let has_key = self.home.known_secret_key(&key_name(period));
            if !self.has_any(period)? && matches!(has_key, Ok(None)) {
                continue; // it went before
            }
            let held = match (may_publish(period), self.is_sealed(period)?) {
                (true, _) => Held::Publishable,
                (false, true) => Held::Deletable,
                (false, false) => Held::Open,
            };
            found.push((period, held));
        }
        Ok(found)
    }

    fn delete(&mut self, period: Period) -> Result<(), TallyError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(span) = span(&transaction, period)? {
            for table in OF_ITEMS.iter().chain(&COUNTS) {
                transaction.execute(&format!("DELETE FROM {table} WHERE span = ?"), [span.id])?;
            }
            transaction.execute("UPDATE tally_spans SET watched = 0 WHERE id = ?", [span.id])?;
        }
        for table in BESIDE {
            transaction.execute(&format!("DELETE FROM {table} WHERE period = ?"), [period.to_string()])?;
        }
        transaction.commit()?;
        // The key goes last: as long as it is there, the next purge sees that there is something left to do.
        self.home.forget_secret_key(&key_name(period))?;
        Ok(())
    }

    /// The periods of which anything is known, earliest first.
    fn all_periods(&self) -> Result<Vec<Period>, TallyError> {
        let beside = BESIDE.map(|table| format!("SELECT period FROM {table}")).join(" UNION ");
        self.parsed(&format!("SELECT period FROM tally_spans UNION {beside}"))
    }

    fn has_any(&self, period: Period) -> Result<bool, TallyError> {
        let of_span = OF_ITEMS.iter().chain(&COUNTS).map(|table| {
            format!("SELECT 1 FROM {table} WHERE span = (SELECT id FROM tally_spans WHERE period = ?1)")
        });
        let beside = BESIDE.iter().map(|table| format!("SELECT 1 FROM {table} WHERE period = ?1"));
        let any = of_span.chain(beside).collect::<Vec<_>>().join(" UNION ALL ");
        Ok(self.connection.prepare(&any)?.exists([period.to_string()])?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::{Deletion, Home};
    use crate::tally::{Cell, ItemId, Sighting};

    #[test]
    fn periods_that_nothing_can_publish_go_for_ever_and_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let (mut tally, lock) = (Tally::open(&home).unwrap(), home.lock_tally().unwrap());
        let months = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"];
        let months: Vec<Period> = months.iter().map(|text| text.parse().unwrap()).collect();
        let [published, publishable, to_publish, open, young] = months[..] else { panic!("five") };
        let sighting = |n: u8| Sighting {
            content: ItemId::of_bytes(&[n; 32]),
            entry: Some(ItemId::of_entry("DEMO", "1")),
            cell: Cell::unknown(),
            watched: true,
            case: None,
        };
        for period in &months {
            tally.record(&lock, *period, &[sighting(1), sighting(2)]).unwrap();
        }
        for period in [published, publishable, young] {
            assert!(tally.seal(&lock, period, &[]).unwrap());
        }
        let purge = |tally: &mut Tally<'_>, rehearse| {
            let may_publish = |period| [publishable, to_publish].contains(&period);
            let purged = tally.purge(&lock, |period| period <= open, may_publish, rehearse).unwrap();
            for one in purged.iter().filter(|one| one.state == Deletion::Kept) {
                let words =
                    if one.name == "2026-04" { "tally seal 2026-04 --yes" } else { "release publish" };
                assert!(one.reason.as_ref().is_some_and(|reason| reason.contains(words)), "{:?}", one.reason);
            }
            purged.into_iter().map(|one| (one.name, one.state)).collect::<Vec<_>>()
        };
        let expected = [
            ("2026-01".to_owned(), Deletion::Deleted),
            ("2026-02".to_owned(), Deletion::Kept),
            ("2026-03".to_owned(), Deletion::Kept),
            ("2026-04".to_owned(), Deletion::Kept),
        ];
        assert_eq!(purge(&mut tally, true), expected);
        assert_eq!(tally.periods().unwrap(), months, "rehearsed");
        assert_eq!(purge(&mut tally, false), expected);
        assert_eq!(tally.periods().unwrap(), months[1..]);
        assert_eq!(purge(&mut tally, false), expected[1..], "once");
        // The month stays sealed, and no key of it is made again.
        assert!(matches!(tally.record(&lock, published, &[sighting(1)]), Err(TallyError::Closed(_))));
        let mut again = vec![sighting(1)];
        tally.leave_out_known(published, &mut again).unwrap();
        assert_eq!(again.len(), 1);
        tally.seal(&lock, published, &[]).unwrap();
        let key = |period: Period| home.known_secret_key(&key_name(period)).unwrap();
        assert_eq!(
            months.iter().map(|period| key(*period).is_some()).collect::<Vec<_>>(),
            [false, false, true, true, false]
        );
        assert!(!tally.has_any(published).unwrap() && tally.is_sealed(published).unwrap());
        let purged = |tally: &Tally<'_>, period| tally.about(period).unwrap().unwrap().purged;
        assert!(purged(&tally, published) && !purged(&tally, publishable) && !purged(&tally, open));
        // Sealed by hand, an open one that nothing can publish goes too.
        tally.seal(&lock, open, &[]).unwrap();
        let gone = purge(&mut tally, false).pop();
        assert_eq!(gone, Some(("2026-04".to_owned(), Deletion::Deleted)));
        // One in which nothing was ever counted was sealed, and never purged.
        let empty: Period = "2025-12".parse().unwrap();
        tally.seal(&lock, empty, &[]).unwrap();
        assert!(!purged(&tally, empty) && purged(&tally, open));
    }
}
