//! Items of which a later record left no hash that can be matched: neither withdrawn nor there.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::store::integer;
use super::{EntryKey, SetError, SetName, Sets};

/// An item of which a set held something until a record left no hash of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emptied {
    /// Its key.
    pub key: EntryKey,
    /// When its list last changed it, in seconds since 1970; `None` if that does not say.
    pub updated: Option<u32>,
}

impl From<(EntryKey, Option<u32>)> for Emptied {
    fn from((key, updated): (EntryKey, Option<u32>)) -> Self {
        Self { key, updated }
    }
}

/// The revisions of set `?1`, of which the manifest names `?2`, that brought what is there: from the last that replaced the
/// set on.
const THAT_COUNT: &str = "SELECT revision FROM hashset_import WHERE name = ?1 AND (in_force OR revision = ?2)
     AND revision >= (SELECT coalesce(max(revision), 0) FROM hashset_import
                      WHERE name = ?1 AND added = 0 AND (in_force OR revision = ?2))";

impl Sets {
    /// The keys of which a set, whose revision in the manifest is `current`, held something until a record left no hash of
    /// it, each with the last time of such a record. One that came back later is among them still.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn emptied(
        &self,
        name: &SetName,
        current: Option<u64>,
    ) -> Result<HashMap<EntryKey, Option<u32>>, SetError> {
        let Some(current) = current else { return Ok(HashMap::new()) };
        let mut query = self.db.prepare(&format!(
            "SELECT key, max(updated) FROM hashset_emptied WHERE name = ?1 AND revision IN ({THAT_COUNT}) GROUP BY key"
        ))?;
        let mut rows = query.query(params![name.as_str(), integer(current)])?;
        let damaged = |column| SetError::Damaged { table: "hashset_emptied", column };
        let mut emptied = HashMap::new();
        while let Some(row) = rows.next()? {
            let key = EntryKey::new(row.get::<_, String>(0)?).map_err(|_| damaged("key"))?;
            let updated: Option<i64> = row.get(1)?;
            let updated = updated.map(u32::try_from).transpose().map_err(|_| damaged("updated"))?;
            emptied.insert(key, updated);
        }
        Ok(emptied)
    }
}

/// Stages what the list of a revision emptied: it counts once that does.
pub(super) fn insert_emptied(
    db: &Connection,
    name: &SetName,
    revision: u64,
    emptied: &[Emptied],
) -> Result<(), rusqlite::Error> {
    let mut insert = db.prepare("INSERT INTO hashset_emptied VALUES (?1, ?2, ?3, ?4)")?;
    for Emptied { key, updated } in emptied {
        insert.execute(params![name.as_str(), integer(revision), key.as_str(), updated])?;
    }
    Ok(())
}

/// Forgets what came to nothing, and what was there before the last list that replaced a set.
pub(super) fn forget_emptied(db: &Connection) -> Result<(), rusqlite::Error> {
    let names: Vec<String> = db
        .prepare("SELECT DISTINCT name FROM hashset_emptied")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let forget = format!("DELETE FROM hashset_emptied WHERE name = ?1 AND revision NOT IN ({THAT_COUNT})");
    for name in names {
        db.execute(&forget, params![name, None::<i64>])?; // what the manifest names is in force by now
    }
    Ok(())
}
