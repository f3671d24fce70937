//! What was done to a set, for ever: imports, changes of its policy, withdrawals, removals.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, Row, TransactionBehavior, named_params, params};
use serde::{Deserialize, Serialize};

use super::sets::Changed;
use super::store::{integer, number, parsed};
use super::{EntryKey, ListForm, ListKey, ReadReport, SetError, SetName, Sets};
use crate::digest::Blake3;

/// What a list held and what became of it, in numbers. Of an import of an earlier version only some are known; the others
/// are 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// See [`ReadReport::lines`].
    pub lines: u64,
    /// See [`ReadReport::skipped`].
    pub skipped: u64,
    /// See [`ReadReport::entries`].
    pub entries: u64,
    /// See [`ReadReport::duplicates`].
    pub duplicates: u64,
    /// See [`ReadReport::replaced`].
    pub replaced: u64,
    /// See [`ReadReport::outdated`].
    pub outdated: u64,
    /// See [`ReadReport::withdrawals`].
    pub withdrawals: u64,
    /// See [`ReadReport::categories`].
    pub categories: u64,
    /// See [`ReadReport::unknown_categories`].
    pub unknown_categories: u64,
    /// See [`ReadReport::bad_total`].
    pub bad: u64,
    /// See [`ReadReport::unsupported_lines`].
    pub unsupported_lines: u64,
    /// See [`ReadReport::unsupported`].
    pub unsupported: BTreeMap<String, u64>,
    /// See [`ReadReport::refused_entries`].
    pub refused_entries: u64,
    /// See [`ReadReport::refused`].
    pub refused: BTreeMap<String, u64>,
    /// See [`ReadReport::conflicts`].
    pub conflicts: u64,
    /// See [`ReadReport::dropped_tags`].
    pub dropped_tags: u64,
    /// See [`ReadReport::dropped_fields`].
    pub dropped_fields: BTreeMap<String, u64>,
    /// Entries of the list that were withdrawn earlier and stay so.
    pub withdrawn: u64,
    /// Entries of an added list that the set had already.
    pub present: u64,
    /// Keys that match since and did not before; `None` if that was not counted.
    pub new: Option<u64>,
    /// Entries that matched before, and whose key does not any more; `None` if that was not counted.
    pub gone: Option<u64>,
}

impl From<&ReadReport> for Counts {
    fn from(report: &ReadReport) -> Self {
        let fields = report.dropped_fields.iter().map(|(field, number)| ((*field).to_owned(), *number));
        Self {
            lines: report.lines,
            skipped: report.skipped,
            entries: report.entries,
            duplicates: report.duplicates,
            replaced: report.replaced,
            outdated: report.outdated,
            withdrawals: report.withdrawals,
            categories: report.categories,
            unknown_categories: report.unknown_categories,
            bad: report.bad_total,
            unsupported_lines: report.unsupported_lines,
            unsupported: report.unsupported.clone(),
            refused_entries: report.refused_entries,
            refused: report.refused.iter().map(|(why, number)| (why.as_str().to_owned(), *number)).collect(),
            conflicts: report.conflicts,
            dropped_tags: report.dropped_tags,
            dropped_fields: fields.collect(),
            ..Self::default()
        }
    }
}

/// One import in a set's history. The file's name is not kept: it may say too much.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Import {
    /// The revision that it made.
    pub revision: u64,
    /// The day.
    pub imported_on: Date,
    /// The second; `None` for an import of an earlier version, as are the others that may be.
    pub imported_at: Option<Timestamp>,
    /// Who says to have imported it.
    pub by: Option<String>,
    /// True if the list was added, false if it replaced what was there.
    pub added: Option<bool>,
    /// The form of the list, as `--as` takes it.
    pub form: String,
    /// BLAKE3 of the file.
    pub file_blake3: Blake3,
    /// See [`ReadReport::bytes`].
    pub bytes: u64,
    /// What was counted.
    pub counts: Counts,
    /// What it changed of the set's policy.
    pub changes: Vec<Changed>,
    /// The key with which the list was signed, if it was and that was checked.
    pub signed_by: Option<ListKey>,
    /// How it was read.
    pub(super) read_as: Option<String>,
    /// False as long as the manifest was not seen to name its revision: it may never have come to count.
    pub in_force: bool,
}

impl Import {
    /// True if the list was read in the way that `read_as` stands for; false of an import of an earlier version.
    #[must_use]
    pub fn was_read_as(&self, read_as: &str) -> bool {
        self.read_as.as_deref() == Some(read_as)
    }
}

/// Something that was done to a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The revision that it made; for a withdrawal and a removal the one that was current, if that is known.
    pub revision: Option<u64>,
    /// The day.
    pub on: Date,
    /// The second; `None` if an earlier version did not note it.
    pub at: Option<Timestamp>,
    /// Who says to have done it.
    pub by: Option<String>,
    /// What was done.
    pub what: Happened,
}

/// What can be done to a set.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Happened {
    /// A list was imported or added; what it took back is among its counts.
    Imported(Box<Import>),
    /// The policy was changed.
    Changed(Vec<Changed>),
    /// Entries were withdrawn by hand.
    Withdrawn {
        /// Keys that were not withdrawn before.
        keys: u64,
    },
    /// The set was removed. Its withdrawals hold on.
    Removed,
}

/// When something is done, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Made<'a> {
    /// The second.
    pub at: Timestamp,
    /// Who says to do it.
    pub by: Option<&'a str>,
}

impl Made<'_> {
    /// The day, in UTC.
    #[must_use]
    pub fn on(&self) -> Date {
        day(self.at)
    }
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// A withdrawal by hand that was recorded, and is to be carried out in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenWithdrawal {
    pub(super) event: i64,
    /// The set.
    pub set: SetName,
    /// The keys.
    pub keys: Vec<EntryKey>,
}

impl Sets {
    /// The imports of a set, oldest first, those that never came to count too.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn imports(&self, name: &SetName) -> Result<Vec<Import>, SetError> {
        imports(&self.db, name)
    }

    /// The imports that a set, whose revision in the manifest is `current`, consists of, the newest first: from the last
    /// that replaced what was there.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn contents(&self, name: &SetName, current: u64) -> Result<Vec<Import>, SetError> {
        content(&self.db, name, Some(current))
    }

    /// The import that brought the content of revision `current`, or the last part of it.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn content(&self, name: &SetName, current: u64) -> Result<Option<Import>, SetError> {
        let mut query = self.db.prepare(
            "SELECT * FROM hashset_import WHERE name = ?1 AND (revision = ?2 OR revision < ?2 AND in_force)
             ORDER BY revision DESC LIMIT 1",
        )?;
        let mut rows = query.query(params![name.as_str(), integer(current)])?;
        rows.next()?.map(import_from).transpose()
    }

    /// All that was done to a set, oldest first, `current` being the revision that the manifest names. What never came to
    /// count is left out.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn history(&self, name: &SetName, current: Option<u64>) -> Result<Vec<Event>, SetError> {
        const TABLE: &str = "hashset_event";
        let counts = |revision: u64, in_force: bool| in_force || Some(revision) == current;
        // By revision; what made it comes first, what happened while it was current in the order of that.
        let mut events: Vec<((u64, i64), Event)> = Vec::new();
        for import in
            self.imports(name)?.into_iter().filter(|import| counts(import.revision, import.in_force))
        {
            let event = Event {
                revision: Some(import.revision),
                on: import.imported_on,
                at: import.imported_at,
                by: import.by.clone(),
                what: Happened::Imported(Box::new(import)),
            };
            events.push(((event.revision.unwrap_or(0), -1), event));
        }
        let mut query = self.db.prepare(
            "SELECT *, (SELECT count(*) FROM hashset_withdrawal WHERE event = id) AS keys
             FROM hashset_event WHERE name = ?1 ORDER BY id",
        )?;
        let mut rows = query.query([name.as_str()])?;
        while let Some(row) = rows.next()? {
            let kind: String = row.get("kind")?;
            let (id, revision) = (row.get::<_, i64>("id")?, number(row, TABLE, "revision")?);
            let what = match kind.as_str() {
                "withdrawal" => Happened::Withdrawn { keys: number(row, TABLE, "keys")? },
                "removal" if !row.get("in_force")? && current == Some(revision) => continue,
                "removal" => Happened::Removed,
                _ if !counts(revision, row.get("in_force")?) => continue,
                _ => Happened::Changed(json_of(row, TABLE, "changes")?.unwrap_or_default()),
            };
            let at: Timestamp = parsed(row, TABLE, "at", |text| text.parse().ok())?;
            let made = matches!(what, Happened::Changed(_));
            let event =
                Event { revision: Some(revision), on: day(at), at: Some(at), by: row.get("operator")?, what };
            events.push(((revision, if made { -1 } else { id }), event));
        }
        events.sort_by_key(|(place, _)| *place);
        let mut history = self.early_withdrawals(name)?;
        history.extend(events.into_iter().map(|(_, event)| event));
        Ok(history)
    }

    /// The withdrawals of which an earlier version noted the day alone.
    fn early_withdrawals(&self, name: &SetName) -> Result<Vec<Event>, SetError> {
        const TABLE: &str = "hashset_withdrawal";
        let mut query = self.db.prepare(
            "SELECT withdrawn_on, count(*) AS keys FROM hashset_withdrawal
             WHERE name = ?1 AND revision IS NULL AND event IS NULL GROUP BY withdrawn_on ORDER BY withdrawn_on",
        )?;
        let mut rows = query.query([name.as_str()])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            let on = parsed(row, TABLE, "withdrawn_on", |text| text.parse().ok())?;
            let what = Happened::Withdrawn { keys: number(row, TABLE, "keys")? };
            events.push(Event { revision: None, on, at: None, by: None, what });
        }
        Ok(events)
    }

    /// Records that entries of a set are withdrawn by hand, those of every later import too, and counts the keys that
    /// were not withdrawn before. Keys that the set does not have are kept as well: the list that brings them may come
    /// later. Whoever calls carries it out in the index and says so with [`Sets::withdrawal_is_done`]; should the process
    /// die in between, [`Sets::open_withdrawals`] has it for the next one.
    ///
    /// # Errors
    /// [`SetError::Note`], [`SetError::Database`]; then none is withdrawn.
    pub fn begin_withdrawal(
        &mut self,
        name: &SetName,
        revision: u64,
        keys: &[EntryKey],
        made: Made<'_>,
    ) -> Result<(OpenWithdrawal, usize), SetError> {
        check_note(made.by)?;
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let event = insert_event(&tx, name, revision, made, "withdrawal", None, false)?;
        let new = insert_withdrawals(&tx, name, keys, made.on(), Some(event))?;
        tx.commit()?;
        Ok((OpenWithdrawal { event, set: name.clone(), keys: keys.to_vec() }, new))
    }

    /// The index honours `withdrawal` now. One that said nothing new is no event.
    ///
    /// # Errors
    /// [`SetError::Database`].
    pub fn withdrawal_is_done(&mut self, withdrawal: &OpenWithdrawal) -> Result<(), SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute("UPDATE hashset_event SET in_force = 1 WHERE id = ?1", [withdrawal.event])?;
        tx.execute(
            "DELETE FROM hashset_event WHERE id = ?1
             AND NOT EXISTS (SELECT 1 FROM hashset_withdrawal WHERE event = ?1)",
            [withdrawal.event],
        )?;
        Ok(tx.commit()?)
    }

    /// Withdrawals that were recorded, and of which nobody said that the index honours them.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn open_withdrawals(&self) -> Result<Vec<OpenWithdrawal>, SetError> {
        const TABLE: &str = "hashset_event";
        let mut query = self
            .db
            .prepare("SELECT id, name FROM hashset_event WHERE kind = 'withdrawal' AND NOT in_force")?;
        let mut rows = query.query([])?;
        let mut open = Vec::new();
        while let Some(row) = rows.next()? {
            let set = parsed(row, TABLE, "name", |text| text.parse().ok())?;
            let event = row.get("id")?;
            let mut query = self.db.prepare("SELECT key FROM hashset_withdrawal WHERE event = ?1")?;
            let keys = query.query_map([event], |row| row.get::<_, String>(0))?;
            let damaged = || SetError::Damaged { table: "hashset_withdrawal", column: "key" };
            let keys =
                keys.map(|key| EntryKey::new(key?).map_err(|_| damaged())).collect::<Result<_, _>>()?;
            open.push(OpenWithdrawal { event, set, keys });
        }
        Ok(open)
    }

    /// The keys that were withdrawn from a set on the day `since` or later, or ever; sorted. What was staged with
    /// `current`, the revision that the manifest names, is among them: nobody may have come to settle it.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn withdrawn_since(
        &self,
        name: &SetName,
        current: Option<u64>,
        since: Option<Date>,
    ) -> Result<Vec<EntryKey>, SetError> {
        let mut query = self.db.prepare(
            "SELECT key FROM hashset_withdrawal WHERE name = ?1 AND withdrawn_on >= ?2
             UNION
             SELECT key FROM hashset_withdrawal_staged AS staged WHERE name = ?1 AND withdrawn_on >= ?2 AND revision = ?3
             AND NOT EXISTS (SELECT 1 FROM hashset_withdrawal AS known WHERE known.name = ?1 AND known.key = staged.key)
             ORDER BY key",
        )?;
        let since = since.map_or_else(String::new, |day| day.to_string());
        let parameters = params![name.as_str(), since, current.map(integer)];
        let keys = query.query_map(parameters, |row| row.get::<_, String>(0))?;
        let damaged = || SetError::Damaged { table: "hashset_withdrawal", column: "key" };
        keys.map(|key| EntryKey::new(key?).map_err(|_| damaged())).collect()
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

    /// Notes that a set, whose revision is `revision`, is about to be removed; it holds once the manifest is without it.
    ///
    /// # Errors
    /// [`SetError::Note`], [`SetError::Database`].
    pub fn note_removal(&mut self, name: &SetName, revision: u64, made: Made<'_>) -> Result<(), SetError> {
        check_note(made.by)?;
        insert_event(&self.db, name, revision, made, "removal", None, false)?;
        Ok(())
    }
}

fn imports(db: &Connection, name: &SetName) -> Result<Vec<Import>, SetError> {
    let mut query = db.prepare("SELECT * FROM hashset_import WHERE name = ?1 ORDER BY revision")?;
    let mut rows = query.query([name.as_str()])?;
    let mut imports = Vec::new();
    while let Some(row) = rows.next()? {
        imports.push(import_from(row)?);
    }
    Ok(imports)
}

/// The imports that the entries of a set come from, the newest first; that of revision `current` too, which nobody may have
/// come to settle.
fn content(db: &Connection, name: &SetName, current: Option<u64>) -> Result<Vec<Import>, SetError> {
    let mut content = Vec::new();
    let counts = |import: &Import| import.in_force || Some(import.revision) == current;
    for import in imports(db, name)?.into_iter().rev().filter(counts) {
        let replaced = import.added == Some(false);
        content.push(import);
        if replaced {
            break; // what came before is not there any more
        }
    }
    Ok(content)
}

/// Entries that a set may have of lists that hold nothing harmless, whatever their labels say.
pub(super) fn entries_never_harmless(db: &Connection, name: &SetName) -> Result<u64, SetError> {
    let of_form = |import: &Import| {
        let never = import.form.parse::<ListForm>().is_ok_and(|form| form.is_never_harmless());
        if never { import.counts.entries } else { 0 }
    };
    Ok(content(db, name, None)?.iter().map(of_form).sum())
}

/// True if a list of ordinary files is among those that a set consists of.
pub(super) fn are_known_files(db: &Connection, name: &SetName) -> Result<bool, SetError> {
    let known = |import: &Import| import.form.parse::<ListForm>().is_ok_and(|form| form.is_of_known_files());
    Ok(content(db, name, None)?.iter().any(known))
}

pub(super) fn check_note(note: Option<&str>) -> Result<(), SetError> {
    let printable =
        |note: &str| note.chars().count() <= Sets::NOTE_LEN && !note.chars().any(char::is_control);
    if note.is_none_or(printable) { Ok(()) } else { Err(SetError::Note) }
}

pub(super) fn insert_event(
    db: &Connection,
    name: &SetName,
    revision: u64,
    made: Made<'_>,
    kind: &str,
    changes: Option<&[Changed]>,
    in_force: bool,
) -> Result<i64, SetError> {
    db.execute(
        "INSERT INTO hashset_event (name, revision, at, operator, kind, changes, in_force)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            name.as_str(),
            integer(revision),
            made.at.to_string(),
            made.by,
            kind,
            changes.map(to_json),
            in_force
        ],
    )?;
    Ok(db.last_insert_rowid())
}

/// Withdraws `keys`, by hand if there is no `event`, and counts those that are new.
pub(super) fn insert_withdrawals(
    db: &Connection,
    name: &SetName,
    keys: &[EntryKey],
    on: Date,
    event: Option<i64>,
) -> Result<usize, SetError> {
    let mut insert = db.prepare(
        "INSERT INTO hashset_withdrawal (name, key, withdrawn_on, event) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
    )?;
    let on = on.to_string();
    let mut new = 0;
    for key in keys {
        new += insert.execute(params![name.as_str(), key.as_str(), on, event])?;
    }
    Ok(new)
}

pub(super) fn insert_import(db: &Connection, name: &SetName, import: &Import) -> Result<(), SetError> {
    let counts = &import.counts;
    db.execute(
        "INSERT INTO hashset_import (name, revision, imported_on, form, file_blake3, bytes, lines, entries, duplicates,
            bad_lines, unsupported_lines, dropped_tags, imported_at, operator, read_as, added, counts, changes,
            signed_by, in_force)
         VALUES (:name, :revision, :imported_on, :form, :file_blake3, :bytes, :lines, :entries, :duplicates,
            :bad_lines, :unsupported_lines, :dropped_tags, :imported_at, :operator, :read_as, :added, :counts, :changes,
            :signed_by, :in_force)",
        named_params! {
            ":name": name.as_str(),
            ":revision": integer(import.revision),
            ":imported_on": import.imported_on.to_string(),
            ":form": import.form,
            ":file_blake3": import.file_blake3.to_hex(),
            ":bytes": integer(import.bytes),
            ":lines": integer(counts.lines),
            ":entries": integer(counts.entries),
            ":duplicates": integer(counts.duplicates),
            ":bad_lines": integer(counts.bad),
            ":unsupported_lines": integer(counts.unsupported_lines),
            ":dropped_tags": integer(counts.dropped_tags),
            ":imported_at": import.imported_at.map(|at| at.to_string()),
            ":operator": import.by,
            ":read_as": import.read_as,
            ":added": import.added,
            ":counts": to_json(counts),
            ":changes": to_json(&import.changes),
            ":signed_by": import.signed_by.map(|key| key.to_string()),
            ":in_force": import.in_force,
        },
    )?;
    Ok(())
}

fn import_from(row: &Row<'_>) -> Result<Import, SetError> {
    const TABLE: &str = "hashset_import";
    let blake3 = |text: &str| {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Blake3::from_bytes(bytes))
    };
    let counts = match json_of(row, TABLE, "counts")? {
        Some(counts) => counts,
        None => Counts {
            lines: number(row, TABLE, "lines")?,
            entries: number(row, TABLE, "entries")?,
            duplicates: number(row, TABLE, "duplicates")?,
            bad: number(row, TABLE, "bad_lines")?,
            unsupported_lines: number(row, TABLE, "unsupported_lines")?,
            dropped_tags: number(row, TABLE, "dropped_tags")?,
            ..Counts::default()
        },
    };
    Ok(Import {
        revision: number(row, TABLE, "revision")?,
        imported_on: parsed(row, TABLE, "imported_on", |text| text.parse().ok())?,
        imported_at: optional(row, TABLE, "imported_at", |text| text.parse().ok())?,
        by: row.get("operator")?,
        added: row.get("added")?,
        form: row.get("form")?,
        file_blake3: parsed(row, TABLE, "file_blake3", blake3)?,
        bytes: number(row, TABLE, "bytes")?,
        counts,
        changes: json_of(row, TABLE, "changes")?.unwrap_or_default(),
        signed_by: optional(row, TABLE, "signed_by", |text| text.parse().ok())?,
        read_as: row.get("read_as")?,
        in_force: row.get("in_force")?,
    })
}

/// The text in a column that may be empty, read by `read`.
pub(super) fn optional<T>(
    row: &Row<'_>,
    table: &'static str,
    column: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, SetError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| read(&text).ok_or(SetError::Damaged { table, column })).transpose()
}

fn json_of<T: for<'de> Deserialize<'de>>(
    row: &Row<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<Option<T>, SetError> {
    optional(row, table, column, |text| serde_json::from_str(text).ok())
}

fn to_json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).expect("texts and numbers can be written")
}
