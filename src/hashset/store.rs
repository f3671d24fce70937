//! Where the metadata of sets is kept: `innerward.sqlite`. Entries never pass through here.
//!
//! The index's manifest is what makes an import count: it is replaced as a whole and names, for each set, the revision
//! that is current. So a revision is first staged here, then named there; [`Sets::at_revisions`] asks with what the
//! manifest names, and a revision that it never came to name is as if it had not been. Whoever writes holds the home's
//! [`WriteLock`](crate::home::WriteLock).

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use rusqlite::{Connection, Row, TransactionBehavior, named_params, params};

use super::{EntryKey, Import, ReadReport, Role, SetInfo, SetName, SetUpdate};
use crate::digest::{Blake3, Classic};
use crate::home::{Home, HomeError, database_cure};
use crate::kernel::Distance;
use crate::vocabulary::{Code, Dimension, list_class};

/// What can go wrong with the metadata of sets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetError {
    /// The home or its database cannot be opened.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The database refused.
    #[error("innerward.sqlite: {error}{cure}", error = .0, cure = database_cure(.0))]
    Database(#[from] rusqlite::Error),
    /// The index knows a revision that the database does not.
    #[error(
        "the index holds revision {revision} of {name}, and the database does not know it; \
         restore both from one backup, or import the list again"
    )]
    NoRevision {
        /// The set.
        name: SetName,
        /// The revision.
        revision: u64,
    },
    /// A stored value that cannot be.
    #[error("innerward.sqlite: {column} of {table} holds what it cannot hold; restore it from a backup")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A note that would spoil a terminal or a table.
    #[error("a note has at most {} characters, all of them printable", Sets::NOTE_LEN)]
    Note,
    /// A code that says nothing about a list.
    #[error("{found} is not a class of list")]
    ListClass {
        /// What was given.
        found: Code,
    },
    /// A list of known abuse material, about to hide what it should find.
    #[error(
        "a set whose role is ignore holds known good files only: its class is KNOWN_GOOD, and no other set's is"
    )]
    RoleAndClass,
    /// What was imported as one thing is to become another by what is added to it.
    #[error("a set keeps its role when entries are added to it; import it as a whole to change that")]
    AddedRole,
    /// A list of ordinary files, about to be found.
    #[error("this is a list of known files, not of what is to be found; import it with --role ignore")]
    FindsKnownFiles,
    /// The same as [`SetError::RoleAndClass`], told by the labels of the list.
    #[error("{entries} entries of this list carry a severity; it cannot be a set to ignore")]
    IgnoresAbuse {
        /// How many.
        entries: u64,
    },
}

/// The metadata of every set.
#[derive(Debug)]
pub struct Sets {
    db: Connection,
}

impl Sets {
    /// Most characters of a note.
    pub const NOTE_LEN: usize = 500;

    /// Opens the metadata in `home`; empty if there is none yet.
    ///
    /// # Errors
    /// [`SetError::Home`] if the database cannot be opened.
    pub fn open(home: &Home) -> Result<Self, SetError> {
        Ok(Self { db: home.database(include_str!("schema.sql"))? })
    }

    /// One revision of a set; `None` if it was never staged, or pruned.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn get(&self, name: &SetName, revision: u64) -> Result<Option<SetInfo>, SetError> {
        get(&self.db, name, revision)
    }

    /// The sets that `live` names, in its order: the manifest's names and revisions.
    ///
    /// # Errors
    /// [`SetError::NoRevision`] if one of them is not here; otherwise as [`Sets::get`].
    pub fn at_revisions(&self, live: &[(SetName, u64)]) -> Result<Vec<SetInfo>, SetError> {
        live.iter()
            .map(|(name, revision)| {
                let missing = || SetError::NoRevision { name: name.clone(), revision: *revision };
                self.get(name, *revision)?.ok_or_else(missing)
            })
            .collect()
    }

    /// Stores a new revision of a set, not current yet, and gives its number: above every number the set ever had.
    ///
    /// `base` is the revision that the manifest names now, whose policy holds where `update` says nothing; `None` for a
    /// set that it does not name. What an earlier import staged and never made current is not inherited.
    ///
    /// # Errors
    /// [`SetError::Note`], [`SetError::ListClass`], [`SetError::RoleAndClass`] and [`SetError::IgnoresAbuse`] for an
    /// update that cannot be; [`SetError::NoRevision`] if `base` is not here. Nothing is stored then.
    pub fn stage_revision(
        &mut self,
        name: &SetName,
        base: Option<u64>,
        update: &SetUpdate,
        report: &ReadReport,
        today: Date,
    ) -> Result<u64, SetError> {
        self.stage(name, base, update, report, None, today)
    }

    /// As [`Sets::stage_revision`], for a list of which `new` entries come to those of the revision `base`.
    ///
    /// # Errors
    /// As [`Sets::stage_revision`], and [`SetError::AddedRole`] for another role than that of `base`.
    pub fn stage_addition(
        &mut self,
        name: &SetName,
        base: u64,
        update: &SetUpdate,
        report: &ReadReport,
        new: u64,
        today: Date,
    ) -> Result<u64, SetError> {
        self.stage(name, Some(base), update, report, Some(new), today)
    }

    fn stage(
        &mut self,
        name: &SetName,
        base: Option<u64>,
        update: &SetUpdate,
        report: &ReadReport,
        added: Option<u64>,
        today: Date,
    ) -> Result<u64, SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let base = match base {
            None => None,
            Some(revision) => Some(
                get(&tx, name, revision)?
                    .ok_or_else(|| SetError::NoRevision { name: name.clone(), revision })?,
            ),
        };
        let last = tx.query_one(
            "SELECT coalesce(max(revision), 0) AS revision FROM hashset_import WHERE name = ?1",
            [name.as_str()],
            |row| Ok(number(row, "hashset_import", "revision")),
        )??;
        let before = base.as_ref().map(|base| (base.role, base.entries));
        let mut info = revise(name, last + 1, base, update, report, today)?;
        if let (Some((role, entries)), Some(added)) = (before, added) {
            if info.role != role {
                return Err(SetError::AddedRole);
            }
            info.entries = entries + added;
        }
        insert_revision(&tx, &info)?;
        insert_import(&tx, name, &Import::new(info.revision, today, report))?;
        tx.commit()?;
        Ok(info.revision)
    }

    /// Forgets the revisions that `live` does not name. Imports and withdrawals stay.
    ///
    /// # Errors
    /// [`SetError::Database`].
    pub fn prune(&mut self, live: &[(SetName, u64)]) -> Result<(), SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let stored: Vec<(String, i64)> = tx
            .prepare("SELECT name, revision FROM hashset_revision")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (name, revision) in stored {
            if !live.iter().any(|(live, at)| live.as_str() == name && integer(*at) == revision) {
                for table in ["hashset_revision", "hashset_classic_bound"] {
                    let delete = format!("DELETE FROM {table} WHERE name = ?1 AND revision = ?2");
                    tx.execute(&delete, params![name, revision])?;
                }
            }
        }
        Ok(tx.commit()?)
    }

    /// Forgets every revision of a set; true if there was one. Its imports stay as history, and its withdrawals hold
    /// if it is imported again.
    ///
    /// # Errors
    /// [`SetError::Database`].
    pub fn remove(&mut self, name: &SetName) -> Result<bool, SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute("DELETE FROM hashset_classic_bound WHERE name = ?1", [name.as_str()])?;
        let removed = tx.execute("DELETE FROM hashset_revision WHERE name = ?1", [name.as_str()])?;
        tx.commit()?;
        Ok(removed > 0)
    }

    /// The imports of a set, oldest first.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn imports(&self, name: &SetName) -> Result<Vec<Import>, SetError> {
        let mut query = self.db.prepare("SELECT * FROM hashset_import WHERE name = ?1 ORDER BY revision")?;
        let mut rows = query.query([name.as_str()])?;
        let mut imports = Vec::new();
        while let Some(row) = rows.next()? {
            imports.push(import_from(row)?);
        }
        Ok(imports)
    }

    /// Withdraws entries of a set on `today`, those of every later import too, and counts those that were not withdrawn
    /// before. Keys that the set does not have are kept as well: the list that brings them may come later.
    ///
    /// # Errors
    /// [`SetError::Database`]; then none is withdrawn.
    pub fn withdraw(&mut self, name: &SetName, keys: &[EntryKey], today: Date) -> Result<usize, SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut new = 0;
        {
            let mut insert = tx.prepare(
                "INSERT INTO hashset_withdrawal (name, key, withdrawn_on) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?;
            for key in keys {
                new += insert.execute(params![name.as_str(), key.as_str(), today.to_string()])?;
            }
        }
        tx.commit()?;
        Ok(new)
    }

    /// Every key that was ever withdrawn from a set.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn withdrawn_keys(&self, name: &SetName) -> Result<HashSet<EntryKey>, SetError> {
        let mut query = self.db.prepare("SELECT key FROM hashset_withdrawal WHERE name = ?1")?;
        let keys = query.query_map([name.as_str()], |row| row.get::<_, String>(0))?;
        let damaged = || SetError::Damaged { table: "hashset_withdrawal", column: "key" };
        keys.map(|key| EntryKey::new(key?).map_err(|_| damaged())).collect()
    }
}

/// The next revision of a set, if it can be.
fn revise(
    name: &SetName,
    revision: u64,
    base: Option<SetInfo>,
    update: &SetUpdate,
    report: &ReadReport,
    today: Date,
) -> Result<SetInfo, SetError> {
    let role = update.role.or(base.as_ref().map(|base| base.role)).unwrap_or_default();
    let unspoken = if role == Role::Ignore { list_class::KNOWN_GOOD } else { list_class::UNKNOWN };
    let class = update.list_class.or(base.as_ref().map(|base| base.list_class)).unwrap_or(unspoken);
    let mut classic_distances = base.as_ref().map(|base| base.classic_distances.clone()).unwrap_or_default();
    classic_distances.extend(&update.classic_distances);
    let note = |new: &Option<String>, old: Option<&String>| new.as_ref().or(old).cloned().unwrap_or_default();
    let info = SetInfo {
        name: name.clone(),
        revision,
        role,
        list_class: class,
        max_distance: update.max_distance.or(base.as_ref().and_then(|base| base.max_distance)),
        classic_distances,
        source: note(&update.source, base.as_ref().map(|base| &base.source)),
        licence: note(&update.licence, base.as_ref().map(|base| &base.licence)),
        created_on: base.as_ref().map_or(today, |base| base.created_on),
        revised_on: today,
        entries: report.entries,
    };
    if class.dimension() != Dimension::ListClass || class == list_class::NOT_APPLICABLE {
        return Err(SetError::ListClass { found: class });
    }
    if (role == Role::Ignore) != (class == list_class::KNOWN_GOOD) {
        return Err(SetError::RoleAndClass);
    }
    if role == Role::Ignore && report.in_scope > 0 {
        return Err(SetError::IgnoresAbuse { entries: report.in_scope });
    }
    if role == Role::Match && report.form.is_of_known_files() {
        return Err(SetError::FindsKnownFiles);
    }
    let printable =
        |note: &str| note.chars().count() <= Sets::NOTE_LEN && !note.chars().any(char::is_control);
    if !printable(&info.source) || !printable(&info.licence) {
        return Err(SetError::Note);
    }
    Ok(info)
}

fn insert_revision(db: &Connection, info: &SetInfo) -> Result<(), rusqlite::Error> {
    db.execute(
        "INSERT INTO hashset_revision (name, revision, role, list_class, max_distance, source, licence, created_on,
            revised_on, entries)
         VALUES (:name, :revision, :role, :list_class, :max_distance, :source, :licence, :created_on, :revised_on,
            :entries)",
        named_params! {
            ":name": info.name.as_str(),
            ":revision": integer(info.revision),
            ":role": info.role.as_str(),
            ":list_class": info.list_class.as_str(),
            ":max_distance": info.max_distance.map(Distance::bits),
            ":source": info.source,
            ":licence": info.licence,
            ":created_on": info.created_on.to_string(),
            ":revised_on": info.revised_on.to_string(),
            ":entries": integer(info.entries),
        },
    )?;
    for (kind, max) in &info.classic_distances {
        db.execute(
            "INSERT INTO hashset_classic_bound (name, revision, kind, max_distance) VALUES (?1, ?2, ?3, ?4)",
            params![info.name.as_str(), integer(info.revision), kind.as_str(), max.bits()],
        )?;
    }
    Ok(())
}

fn insert_import(db: &Connection, name: &SetName, import: &Import) -> Result<(), rusqlite::Error> {
    db.execute(
        "INSERT INTO hashset_import (name, revision, imported_on, form, file_blake3, bytes, lines, entries, duplicates,
            bad_lines, unsupported_lines, dropped_tags)
         VALUES (:name, :revision, :imported_on, :form, :file_blake3, :bytes, :lines, :entries, :duplicates,
            :bad_lines, :unsupported_lines, :dropped_tags)",
        named_params! {
            ":name": name.as_str(),
            ":revision": integer(import.revision),
            ":imported_on": import.imported_on.to_string(),
            ":form": import.form,
            ":file_blake3": import.file_blake3.to_hex(),
            ":bytes": integer(import.bytes),
            ":lines": integer(import.lines),
            ":entries": integer(import.entries),
            ":duplicates": integer(import.duplicates),
            ":bad_lines": integer(import.bad_lines),
            ":unsupported_lines": integer(import.unsupported_lines),
            ":dropped_tags": integer(import.dropped_tags),
        },
    )?;
    Ok(())
}

fn get(db: &Connection, name: &SetName, revision: u64) -> Result<Option<SetInfo>, SetError> {
    let mut query = db.prepare("SELECT * FROM hashset_revision WHERE name = ?1 AND revision = ?2")?;
    let mut rows = query.query(params![name.as_str(), integer(revision)])?;
    let Some(mut info) = rows.next()?.map(|row| set_from(name, row)).transpose()? else { return Ok(None) };
    info.classic_distances = classic_bounds(db, name, revision)?;
    Ok(Some(info))
}

fn classic_bounds(
    db: &Connection,
    name: &SetName,
    revision: u64,
) -> Result<BTreeMap<Classic, Distance>, SetError> {
    const TABLE: &str = "hashset_classic_bound";
    let mut query =
        db.prepare("SELECT kind, max_distance FROM hashset_classic_bound WHERE name = ?1 AND revision = ?2")?;
    let mut rows = query.query(params![name.as_str(), integer(revision)])?;
    let mut bounds = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let kind: Classic = parsed(row, TABLE, "kind", |text| text.parse().ok())?;
        let bits = number(row, TABLE, "max_distance")?;
        let max = u16::try_from(bits).ok().and_then(|bits| Distance::of_width(bits, kind.width_bits()).ok());
        bounds.insert(kind, max.ok_or(SetError::Damaged { table: TABLE, column: "max_distance" })?);
    }
    Ok(bounds)
}

fn set_from(name: &SetName, row: &Row<'_>) -> Result<SetInfo, SetError> {
    const TABLE: &str = "hashset_revision";
    let max_distance = match row.get::<_, Option<u16>>("max_distance")? {
        None => None,
        Some(bits) => {
            let damaged = |_| SetError::Damaged { table: TABLE, column: "max_distance" };
            Some(Distance::new(bits).map_err(damaged)?)
        }
    };
    Ok(SetInfo {
        name: name.clone(),
        revision: number(row, TABLE, "revision")?,
        role: parsed(row, TABLE, "role", |text| text.parse().ok())?,
        list_class: parsed(row, TABLE, "list_class", |text| Dimension::ListClass.code(text).ok())?,
        max_distance,
        classic_distances: BTreeMap::new(), // in a table of their own
        source: row.get("source")?,
        licence: row.get("licence")?,
        created_on: parsed(row, TABLE, "created_on", |text| text.parse().ok())?,
        revised_on: parsed(row, TABLE, "revised_on", |text| text.parse().ok())?,
        entries: number(row, TABLE, "entries")?,
    })
}

fn import_from(row: &Row<'_>) -> Result<Import, SetError> {
    const TABLE: &str = "hashset_import";
    let blake3 = |text: &str| {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Blake3::from_bytes(bytes))
    };
    Ok(Import {
        revision: number(row, TABLE, "revision")?,
        imported_on: parsed(row, TABLE, "imported_on", |text| text.parse().ok())?,
        form: row.get("form")?,
        file_blake3: parsed(row, TABLE, "file_blake3", blake3)?,
        bytes: number(row, TABLE, "bytes")?,
        lines: number(row, TABLE, "lines")?,
        entries: number(row, TABLE, "entries")?,
        duplicates: number(row, TABLE, "duplicates")?,
        bad_lines: number(row, TABLE, "bad_lines")?,
        unsupported_lines: number(row, TABLE, "unsupported_lines")?,
        dropped_tags: number(row, TABLE, "dropped_tags")?,
    })
}

/// A number as SQLite has it. None of ours comes near the bound: they count lines and bytes of files.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The number in a column.
fn number(row: &Row<'_>, table: &'static str, column: &'static str) -> Result<u64, SetError> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| SetError::Damaged { table, column })
}

/// The text in a column, read by `read`.
fn parsed<T>(
    row: &Row<'_>,
    table: &'static str,
    column: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, SetError> {
    let text: String = row.get(column)?;
    read(&text).ok_or(SetError::Damaged { table, column })
}
