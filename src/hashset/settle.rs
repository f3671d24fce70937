//! What was staged counts, or is forgotten, as the manifest has it.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::emptied::forget_emptied;
use super::store::integer;
use super::{SetError, SetName, Sets};

impl Sets {
    /// Settles what was staged: what belongs to a revision that `live`, the manifest's names and revisions, has, counts from
    /// now on; what does not is forgotten. To be called by a writer before it stages anything itself.
    ///
    /// # Errors
    /// [`SetError::Database`].
    pub fn settle(&mut self, live: &[(SetName, u64)]) -> Result<(), SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        settle(&tx, live)?;
        Ok(tx.commit()?)
    }

    /// As [`Sets::settle`], and forgets the revisions that `live` does not name. Imports and withdrawals stay; so does the
    /// [last that is known](Sets::last_known) of a set whose own revision is not here.
    ///
    /// # Errors
    /// [`SetError::Database`].
    pub fn prune(&mut self, live: &[(SetName, u64)]) -> Result<(), SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        settle(&tx, live)?;
        let stored: Vec<(String, i64)> = tx
            .prepare("SELECT name, revision FROM hashset_revision")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (name, revision) in &stored {
            let current = live.iter().find(|(live, _)| live.as_str() == name).map(|(_, at)| integer(*at));
            let kept = current.map_or(Ok(None), |current| last_known(&tx, name, current))?;
            if kept != Some(*revision) {
                for table in ["hashset_revision", "hashset_classic_bound"] {
                    let delete = format!("DELETE FROM {table} WHERE name = ?1 AND revision = ?2");
                    tx.execute(&delete, params![name, revision])?;
                }
            }
        }
        Ok(tx.commit()?)
    }

    /// The revision `current`, the one that the manifest names, if it is known here; else the last that is known to have
    /// counted, be it above or below. It is another where the database was lost, or where one of the two comes from an older
    /// backup.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn last_known(&self, name: &SetName, current: u64) -> Result<Option<u64>, SetError> {
        let last = last_known(&self.db, name.as_str(), integer(current))?;
        let damaged = |_| SetError::Damaged { table: "hashset_revision", column: "revision" };
        last.map(|last| u64::try_from(last).map_err(damaged)).transpose()
    }
}

/// See [`Sets::last_known`]. What was staged and never seen to count comes last, and only below `current`: there the manifest
/// may have named it.
fn last_known(db: &Connection, name: &str, current: i64) -> Result<Option<i64>, rusqlite::Error> {
    db.query_row(
        "SELECT revision FROM
             (SELECT revision, revision IN (
                  SELECT revision FROM hashset_import WHERE name = ?1 AND in_force UNION
                  SELECT revision FROM hashset_event WHERE name = ?1 AND in_force AND kind = 'change'
              ) AS counted
              FROM hashset_revision WHERE name = ?1)
         WHERE counted OR revision <= ?2
         ORDER BY revision = ?2 DESC, counted DESC, revision DESC LIMIT 1",
        params![name, current],
        |row| row.get(0),
    )
    .optional()
}

fn is_live(live: &[(SetName, u64)], name: &str, revision: i64) -> bool {
    live.iter().any(|(live, at)| live.as_str() == name && integer(*at) == revision)
}

fn settle(db: &Connection, live: &[(SetName, u64)]) -> Result<(), rusqlite::Error> {
    for (name, revision) in live {
        for sql in [
            "UPDATE hashset_import SET in_force = 1 WHERE name = ?1 AND revision = ?2 AND NOT in_force",
            "UPDATE hashset_event SET in_force = 1
             WHERE name = ?1 AND revision = ?2 AND NOT in_force AND kind = 'change'",
            "INSERT INTO hashset_withdrawal (name, key, withdrawn_on, revision)
             SELECT name, key, withdrawn_on, revision FROM hashset_withdrawal_staged
             WHERE name = ?1 AND revision = ?2 ON CONFLICT DO NOTHING",
        ] {
            db.execute(sql, params![name.as_str(), integer(*revision)])?;
        }
    }
    // Whoever staged the rest is gone: there is one writer, and it calls this.
    db.execute("DELETE FROM hashset_withdrawal_staged", [])?;
    forget_emptied(db)?;
    let removals: Vec<(i64, String, i64)> = db
        .prepare("SELECT id, name, revision FROM hashset_event WHERE kind = 'removal' AND NOT in_force")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (id, name, revision) in removals {
        let came_to_nothing = is_live(live, &name, revision);
        let sql = if came_to_nothing {
            "DELETE FROM hashset_event WHERE id = ?1"
        } else {
            "UPDATE hashset_event SET in_force = 1 WHERE id = ?1"
        };
        db.execute(sql, [id])?;
    }
    Ok(())
}
