//! What services say of sets and entries beside their lists: shares of look-ups, entries that are switched off for a time,
//! notes. Free text stays here: it is shown to who may manage sets, and goes into no log, count or metric.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::local::{Local, entry_of};
use super::{EntryKey, SetError, SetName};

/// What a service says of an entry.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Annotation {
    /// Until when the entry is switched off; it does not match until then. `Some(None)`: for ever.
    pub off_until: Option<Option<Timestamp>>,
    /// A note, of at most 255 characters.
    pub note: Option<String>,
    /// What the service that brought the entry knows of it, as JSON.
    pub metadata: Option<String>,
}

/// An entry that is switched off, and until when; `None` for ever.
pub type SwitchedOff = (SetName, EntryKey, Option<Timestamp>);

impl Local {
    /// What is said of an entry; nothing if nobody said anything.
    ///
    /// # Errors
    /// [`SetError::Database`].
    pub fn annotation(&self, set: &SetName, key: &EntryKey) -> Result<Annotation, SetError> {
        let mut query = self.db.prepare_cached(
            "SELECT off, off_until, note, metadata FROM hashset_annotation WHERE name = ?1 AND key = ?2",
        )?;
        let found = query
            .query_row(params![set.as_str(), key.as_str()], |row| {
                let (off, until): (bool, Option<i64>) = (row.get(0)?, row.get(1)?);
                let until = until.and_then(|second| Timestamp::from_second(second).ok());
                Ok(Annotation { off_until: off.then_some(until), note: row.get(2)?, metadata: row.get(3)? })
            })
            .optional()?;
        Ok(found.unwrap_or_default())
    }

    /// From now on this is said of an entry, and nothing else.
    ///
    /// # Errors
    /// [`SetError::Database`].
    pub fn annotate(&mut self, set: &SetName, key: &EntryKey, said: &Annotation) -> Result<(), SetError> {
        let until = said.off_until.flatten().map(Timestamp::as_second);
        self.db.execute(
            "INSERT OR REPLACE INTO hashset_annotation (name, key, off, off_until, note, metadata)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                set.as_str(),
                key.as_str(),
                said.off_until.is_some(),
                until,
                said.note.as_deref(),
                said.metadata.as_deref()
            ],
        )?;
        Ok(())
    }

    /// The entries that are switched off at `now`, by set and key, each with the time of which it is switched on again.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn switched_off(&self, now: Timestamp) -> Result<Vec<SwitchedOff>, SetError> {
        let mut query = self.db.prepare_cached(
            "SELECT name, key, off_until FROM hashset_annotation WHERE off = 1 AND coalesce(off_until > ?1, 1)",
        )?;
        let mut rows = query.query([now.as_second()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (set, key) = entry_of(row, "hashset_annotation")?;
            let until: Option<i64> = row.get("off_until")?;
            found.push((set, key, until.and_then(|second| Timestamp::from_second(second).ok())));
        }
        Ok(found)
    }

    /// Gives set `to` all that is said of `from` and of its entries: its share, switches, notes, metadata, and the decisions
    /// on its entries. What was said of `to` and its entries is said no more, but for decisions, which come before those of
    /// `from`. One commit.
    ///
    /// # Errors
    /// [`SetError::Database`]; then nothing has changed.
    pub fn carry_over(&mut self, from: &SetName, to: &SetName) -> Result<(), SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let names = params![from.as_str(), to.as_str()];
        tx.execute("DELETE FROM hashset_annotation WHERE name = ?1", [to.as_str()])?;
        tx.execute("DELETE FROM hashset_share WHERE of = ?1", [to.as_str()])?;
        tx.execute(
            "INSERT INTO hashset_annotation (name, key, off, off_until, note, metadata)
             SELECT ?2, key, off, off_until, note, metadata FROM hashset_annotation WHERE name = ?1",
            names,
        )?;
        tx.execute(
            "INSERT INTO hashset_share (of, share) SELECT ?2, share FROM hashset_share WHERE of = ?1",
            names,
        )?;
        tx.execute(
            "INSERT INTO hashset_decision (name, key, decision, decided_at, decided_by, reason, revision)
             SELECT ?2, key, decision, decided_at, decided_by, reason, revision FROM hashset_decision
             WHERE name = ?1 AND id IN (SELECT max(id) FROM hashset_decision WHERE name = ?1 GROUP BY key)
             ORDER BY id",
            names,
        )?;
        Ok(tx.commit()?)
    }

    /// The share of look-ups, 0 to 1, in which a set, or a kind of hash by its name, takes part where a service asks by
    /// shares; 1 unless somebody said otherwise.
    ///
    /// # Errors
    /// [`SetError::Database`].
    pub fn share(&self, of: &str) -> Result<f64, SetError> {
        let mut query = self.db.prepare_cached("SELECT share FROM hashset_share WHERE of = ?1")?;
        Ok(query.query_row([of], |row| row.get(0)).optional()?.unwrap_or(1.0))
    }

    /// The shares that are less than 1, by what they are of.
    ///
    /// # Errors
    /// [`SetError::Database`].
    pub fn shares(&self) -> Result<BTreeMap<String, f64>, SetError> {
        let mut query = self.db.prepare_cached("SELECT of, share FROM hashset_share WHERE share < 1")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Sets that share. A share outside of 0 to 1 is the nearest that is not.
    ///
    /// # Errors
    /// [`SetError::Database`].
    pub fn set_share(&mut self, of: &str, share: f64) -> Result<(), SetError> {
        let share = if share.is_nan() { 1.0 } else { share.clamp(0.0, 1.0) };
        self.db.execute(
            "INSERT OR REPLACE INTO hashset_share (of, share) VALUES (?1, ?2)",
            params![of, share],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::Home;

    #[test]
    fn an_entry_is_off_until_its_time_has_come() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let mut local = Local::open(&home).unwrap();
        let (set, now): (SetName, Timestamp) =
            ("S".parse().unwrap(), "2030-01-02T03:04:05Z".parse().unwrap());
        let later: Timestamp = "2030-01-02T03:04:06Z".parse().unwrap();
        let key = |text: &str| EntryKey::new(text).unwrap();
        let version = local.version().unwrap();
        for (name, off_until) in
            [("ever", Some(None)), ("later", Some(Some(later))), ("past", Some(Some(now))), ("on", None)]
        {
            let said = Annotation { off_until, note: Some("made up".into()), metadata: None };
            local.annotate(&set, &key(name), &said).unwrap();
            assert!(local.annotation(&set, &key(name)).unwrap() == said);
        }
        assert!(local.version().unwrap() > version);
        let ever = (set.clone(), key("ever"), None);
        let both = [ever.clone(), (set.clone(), key("later"), Some(later))];
        assert!(local.switched_off(now).unwrap() == both);
        assert!(local.switched_off(later).unwrap() == [ever]);
        assert!(local.annotation(&set, &key("nobody")).unwrap() == Annotation::default());
        assert!(local.share("S").unwrap() >= 1.0);
        local.set_share("S", 7.0).unwrap();
        local.set_share("pdq", 0.25).unwrap();
        assert_eq!((local.share("S").unwrap(), local.share("pdq").unwrap()), (1.0, 0.25));
        assert_eq!(local.shares().unwrap(), [("pdq".to_owned(), 0.25)].into());
        let to: SetName = "T".parse().unwrap();
        local
            .annotate(&to, &key("stale"), &Annotation { off_until: Some(None), ..Annotation::default() })
            .unwrap();
        local.set_share("S", 0.5).unwrap();
        local.carry_over(&set, &to).unwrap();
        assert!(
            local.annotation(&to, &key("later")).unwrap() == local.annotation(&set, &key("later")).unwrap()
        );
        assert!(local.annotation(&to, &key("later")).unwrap().off_until == Some(Some(later)));
        assert!(local.annotation(&to, &key("stale")).unwrap() == Annotation::default());
        assert_eq!(local.share("T").unwrap(), 0.5);
    }
}
