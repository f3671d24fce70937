//! Entries that are hit more often than the operator allows, and the counters by which that is told.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::local::{Local, entry_of};
use super::store::{number, parsed};
use super::{EntryKey, SetError, SetName};

/// An entry that was taken out of service, or was and is exempt now.
#[derive(Clone, PartialEq, Eq)]
pub struct QuarantinedEntry {
    /// Its set.
    pub set: SetName,
    /// Its key.
    pub key: EntryKey,
    /// When that was, to the second.
    pub since: Timestamp,
    /// The hits in the window of time that went beyond the bound, when they did.
    pub hits: u64,
    /// True if a person put it back: it matches, and is not quarantined again.
    pub released: bool,
}

/// Hits of one entry since they were last written.
pub struct Hits<'a> {
    /// Its set.
    pub set: &'a str,
    /// Its key.
    pub key: &'a str,
    /// How many.
    pub more: u64,
}

const TABLE: &str = "hashset_quarantine";

impl Local {
    /// The entries that are or were in quarantine, by set and key; those of one set, if it is named.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn quarantine(&self, set: Option<&SetName>) -> Result<Vec<QuarantinedEntry>, SetError> {
        let mut query = self
            .db
            .prepare("SELECT * FROM hashset_quarantine WHERE ?1 IS NULL OR name = ?1 ORDER BY name, key")?;
        let mut rows = query.query([set.map(SetName::as_str)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (set, key) = entry_of(row, TABLE)?;
            found.push(QuarantinedEntry {
                set,
                key,
                since: parsed(row, TABLE, "since", |text| text.parse().ok())?,
                hits: number(row, TABLE, "hits")?,
                released: row.get("released")?,
            });
        }
        Ok(found)
    }

    /// Puts an entry back: it matches again, and is exempt from the guard. False if it is not in quarantine.
    ///
    /// # Errors
    /// [`SetError::Database`].
    pub fn release(&mut self, set: &SetName, key: &EntryKey) -> Result<bool, SetError> {
        let changed = self.db.execute(
            "UPDATE hashset_quarantine SET released = 1 WHERE name = ?1 AND key = ?2 AND released = 0",
            params![set.as_str(), key.as_str()],
        )?;
        Ok(changed > 0)
    }

    /// Ends the exemption of an entry, whose hits count anew from now on. False if it has none.
    ///
    /// # Errors
    /// [`SetError::Database`]; then it still has.
    pub fn guard_again(&mut self, set: &SetName, key: &EntryKey) -> Result<bool, SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let entry = params![set.as_str(), key.as_str()];
        let changed = tx
            .execute("DELETE FROM hashset_quarantine WHERE name = ?1 AND key = ?2 AND released = 1", entry)?;
        if changed > 0 {
            tx.execute("DELETE FROM hashset_flood WHERE name = ?1 AND key = ?2", entry)?;
        }
        tx.commit()?;
        Ok(changed > 0)
    }

    /// The hits of the window that began at second `began`, the `most` largest.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn hits(&self, began: i64, most: usize) -> Result<Vec<(SetName, EntryKey, u64)>, SetError> {
        let mut query = self
            .db
            .prepare("SELECT * FROM hashset_flood WHERE began = ?1 ORDER BY hits DESC, name, key LIMIT ?2")?;
        let mut rows = query.query(params![began, i64::try_from(most).unwrap_or(i64::MAX)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (set, key) = entry_of(row, "hashset_flood")?;
            found.push((set, key, number(row, "hashset_flood", "hits")?));
        }
        Ok(found)
    }

    /// Adds hits to those of the window that began at second `began`, takes entries with more than `bound` out of service at
    /// `now`, and gives for each of `hits` all the hits of its entry, those that other processes wrote among them, and
    /// whether it has just been taken out. Earlier windows are forgotten.
    ///
    /// # Errors
    /// [`SetError::Database`]; then nothing is added.
    pub fn add_hits(
        &mut self,
        began: i64,
        hits: &[Hits<'_>],
        bound: u64,
        now: Timestamp,
    ) -> Result<Vec<(u64, bool)>, SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut totals = Vec::with_capacity(hits.len());
        {
            tx.execute("DELETE FROM hashset_flood WHERE began < ?1", [began])?;
            let mut count = tx.prepare(
                "INSERT INTO hashset_flood VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET hits = hits + ?4 RETURNING hits",
            )?;
            let mut hold = tx.prepare(
                "INSERT INTO hashset_quarantine (name, key, since, hits) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO NOTHING RETURNING 1",
            )?;
            let since = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            for Hits { set, key, more } in hits {
                let more = i64::try_from(*more).unwrap_or(i64::MAX);
                let total: i64 = count.query_row(params![began, set, key, more], |row| row.get(0))?;
                let beyond = total.unsigned_abs() > bound;
                let held = beyond
                    && hold.query_row(params![set, key, since, total], |_| Ok(())).optional()?.is_some();
                totals.push((total.unsigned_abs(), held));
            }
        }
        tx.commit()?;
        Ok(totals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::Home;

    #[test]
    fn hits_of_several_processes_add_up_and_a_released_entry_is_exempt() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let (mut one, mut other) = (Local::open(&home).unwrap(), Local::open(&home).unwrap());
        let now: Timestamp = "2030-01-02T03:04:05Z".parse().unwrap();
        let add = |local: &mut Local, began, more| {
            let hits = [Hits { set: "S", key: "k", more }, Hits { set: "S", key: "rare", more: 1 }];
            local.add_hits(began, &hits, 10, now).unwrap()[0]
        };
        assert_eq!(add(&mut one, 0, 6), (6, false));
        assert_eq!(add(&mut other, 0, 4), (10, false), "as many as are allowed");
        assert_eq!(add(&mut one, 0, 1), (11, true));
        assert_eq!(add(&mut other, 0, 9), (20, false), "told once");
        let (set, key): (SetName, _) = ("S".parse().unwrap(), EntryKey::new("k").unwrap());
        let [held] = &one.quarantine(Some(&set)).unwrap()[..] else { panic!("one entry") };
        assert_eq!((held.key.as_str(), held.hits, held.released, held.since), ("k", 11, false, now));

        assert!(!one.guard_again(&set, &key).unwrap(), "it is not exempt");
        assert!(one.release(&set, &key).unwrap() && !one.release(&set, &key).unwrap());
        assert_eq!(add(&mut one, 0, 50), (70, false));
        assert!(one.quarantine(None).unwrap()[0].released);
        assert!(one.guard_again(&set, &key).unwrap() && one.quarantine(None).unwrap().is_empty());
        assert_eq!(add(&mut one, 0, 3), (3, false), "what came before is forgiven");
        assert_eq!(add(&mut one, 3600, 3), (3, false), "another window");
        assert_eq!(one.hits(0, 9).unwrap().len(), 0);
        let hits = one.hits(3600, 1).unwrap();
        assert!(hits == [(set, key, 3)], "the most hit, no more than asked for");
    }
}
