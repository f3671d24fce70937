//! Where the metadata of sets is kept: `innerward.sqlite`. Entries never pass through here.
//!
//! The index's manifest is what makes an import count: it is replaced as a whole and names, for each set, the revision
//! that is current. So a revision is first staged here, then named there; [`Sets::at_revisions`] asks with what the
//! manifest names, and a revision that it never came to name is as if it had not been. Whoever writes holds the home's
//! [`WriteLock`](crate::home::WriteLock).

use std::collections::BTreeMap;

use jiff::civil::Date;
use rusqlite::{Connection, Row, TransactionBehavior, named_params, params};

use super::emptied::insert_emptied;
use super::history::{
    are_known_files, check_note, entries_never_harmless, insert_event, insert_import, insert_withdrawals,
    optional,
};
use super::upgrade::add_new_columns;
use super::{
    Counts, Emptied, EntryKey, Import, ListKey, Made, Permission, ReadReport, Role, SetInfo, SetName,
    SetUpdate,
};
use crate::digest::Classic;
use crate::home::{Clock, Home, HomeError, database_cure};
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
        "the index holds revision {revision} of {name}, and the database does not know it; restore both from one backup, \
         or import the whole list again: innerward set import {name} FILE, with what was said of it (--role, --key and so on)"
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
    /// A set of one class that is to be ignored, or of the other that is to be found.
    #[error(
        "a set whose role is ignore holds known good files only: its class is KNOWN_GOOD, and no other set's is; {}",
        match .role {
            Role::Ignore => "if it holds such files, say so with --class KNOWN_GOOD; a list of what is to be found keeps \
                the role match",
            _ => "say --role ignore, or what the list holds with another --class, such as UNKNOWN",
        }
    )]
    RoleAndClass {
        /// The role that it was to have.
        role: Role,
    },
    /// What was imported as one thing is to become another by what is added to it.
    #[error("a set keeps its role when entries are added to it; import it as a whole to change that")]
    AddedRole,
    /// A list of ordinary files, about to be found.
    #[error("this is a list of known files, not of what is to be found; import it with --role ignore")]
    FindsKnownFiles,
    /// The same as [`SetError::RoleAndClass`], told by the labels of the list.
    #[error(
        "{entries} entries of this list speak of abuse, by a severity, a category or a positive opinion; \
         it cannot be a set to ignore: leave it the role match, or ask whoever made the list to correct it"
    )]
    IgnoresAbuse {
        /// How many.
        entries: u64,
    },
}

/// The metadata of every set.
#[derive(Debug)]
pub struct Sets {
    pub(super) db: Connection,
}

/// A revision that an import is about to make.
#[derive(Debug)]
pub struct Staging<'a> {
    /// The revision that the manifest names now, whose policy holds where `update` says nothing; `None` for a set that it
    /// does not name. What an earlier import staged and never made current is not inherited.
    pub base: Option<u64>,
    /// The revision that the manifest names, whether or not it is known here: the new one is above it.
    pub current: Option<u64>,
    /// What is said about the set.
    pub update: &'a SetUpdate,
    /// What was read.
    pub report: &'a ReadReport,
    /// What was counted of it.
    pub counts: Counts,
    /// For a list that is added to the revision `base`: how many of its entries are new.
    pub added: Option<u64>,
    /// The keys that the list takes back. They are withdrawn for ever with the revision, should that come to count.
    pub taken_back: &'a [EntryKey],
    /// The items of which the list left no hash that can be matched.
    pub emptied: &'a [Emptied],
    /// The key with which the list was found to be signed; from now on no others are taken.
    pub signed_by: Option<ListKey>,
    /// How the list was read.
    pub read_as: &'a str,
    /// When, and by whom.
    pub made: Made<'a>,
}

impl Sets {
    /// Most characters of a note.
    pub const NOTE_LEN: usize = 500;

    /// Opens the metadata in `home`; empty if there is none yet.
    ///
    /// # Errors
    /// [`SetError::Home`] if the database cannot be opened.
    pub fn open(home: &Home) -> Result<Self, SetError> {
        let mut db = home.database(include_str!("schema.sql"))?;
        add_new_columns(&mut db)?;
        Ok(Self { db })
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
    /// `base` is as in [`Staging`].
    ///
    /// # Errors
    /// As [`Sets::stage`].
    pub fn stage_revision(
        &mut self,
        name: &SetName,
        base: Option<u64>,
        update: &SetUpdate,
        report: &ReadReport,
        today: Date,
    ) -> Result<u64, SetError> {
        self.stage(name, &Staging::new(base, update, report, None, today))
    }

    /// As [`Sets::stage_revision`], for a list of which `new` entries come to those of the revision `base`.
    ///
    /// # Errors
    /// As [`Sets::stage`].
    pub fn stage_addition(
        &mut self,
        name: &SetName,
        base: u64,
        update: &SetUpdate,
        report: &ReadReport,
        new: u64,
        today: Date,
    ) -> Result<u64, SetError> {
        self.stage(name, &Staging::new(Some(base), update, report, Some(new), today))
    }

    /// Stores the revision that an import makes, with its record and all that its list takes back; none of it counts
    /// before the manifest names the revision. Gives its number: above every number the set ever had.
    ///
    /// # Errors
    /// [`SetError::Note`], [`SetError::ListClass`], [`SetError::RoleAndClass`] and [`SetError::IgnoresAbuse`] for an
    /// update that cannot be; [`SetError::AddedRole`] for an addition with another role than that of its base;
    /// [`SetError::NoRevision`] if that is not here. Nothing is stored then.
    pub fn stage(&mut self, name: &SetName, staging: &Staging<'_>) -> Result<u64, SetError> {
        let Staging { update, report, made, .. } = *staging;
        check_note(made.by)?;
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let base = base_of(&tx, name, staging.base)?;
        let next = Next {
            revision: next_revision(&tx, name)?.max(staging.current.unwrap_or(0) + 1),
            entries: report.entries,
            in_scope: report.in_scope,
            known_files: report.form.is_of_known_files(),
        };
        let mut info = revise(name, next, base.as_ref(), update, made.on())?;
        info.list_key = staging.signed_by.or(info.list_key);
        if let (Some(base), Some(added)) = (&base, staging.added) {
            if info.role != base.role {
                return Err(SetError::AddedRole);
            }
            info.entries = base.entries + added;
        }
        insert_revision(&tx, &info)?;
        let import = Import {
            revision: info.revision,
            imported_on: made.on(),
            imported_at: Some(made.at),
            by: made.by.map(str::to_owned),
            added: Some(staging.added.is_some()),
            form: report.form.to_string(),
            file_blake3: report.file_blake3,
            bytes: report.bytes,
            counts: staging.counts.clone(),
            changes: base.map(|base| info.changes_since(&base)).unwrap_or_default(),
            signed_by: staging.signed_by,
            read_as: Some(staging.read_as.to_owned()),
            in_force: false,
        };
        insert_import(&tx, name, &import)?;
        {
            let mut insert = tx.prepare("INSERT INTO hashset_withdrawal_staged VALUES (?1, ?2, ?3, ?4)")?;
            let on = made.on().to_string();
            for key in staging.taken_back {
                insert.execute(params![name.as_str(), integer(info.revision), key.as_str(), on])?;
            }
        }
        insert_emptied(&tx, name, info.revision, staging.emptied)?;
        tx.commit()?;
        Ok(info.revision)
    }

    /// Whether a list with this `report` could be imported, or added, to the revision `base`: [`Sets::stage`] would say the
    /// same.
    ///
    /// # Errors
    /// As [`Sets::stage`].
    pub fn check(
        &self,
        name: &SetName,
        (base, adds): (Option<u64>, bool),
        update: &SetUpdate,
        report: &ReadReport,
        on: Date,
    ) -> Result<(), SetError> {
        let base = base_of(&self.db, name, base)?;
        let known_files = report.form.is_of_known_files();
        let next = Next { revision: 0, entries: report.entries, in_scope: report.in_scope, known_files };
        let info = revise(name, next, base.as_ref(), update, on)?;
        let other_role = adds && base.is_some_and(|base| base.role != info.role);
        if other_role { Err(SetError::AddedRole) } else { Ok(()) }
    }

    /// Stores a revision with the entries of `base` and what `update` says, not current yet; `None`, and nothing is
    /// stored, if that is what holds already. `in_scope` of the entries speak of abuse.
    ///
    /// # Errors
    /// As [`Sets::stage`].
    pub fn stage_change(
        &mut self,
        name: &SetName,
        base: u64,
        update: &SetUpdate,
        in_scope: u64,
        made: Made<'_>,
    ) -> Result<Option<u64>, SetError> {
        check_note(made.by)?;
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(base) = base_of(&tx, name, Some(base))? else { return Ok(None) };
        let to_ignore = update.role == Some(Role::Ignore) && base.role != Role::Ignore;
        let never_harmless = if to_ignore { entries_never_harmless(&tx, name)? } else { 0 };
        let in_scope = in_scope.max(never_harmless);
        let next = Next {
            revision: next_revision(&tx, name)?,
            entries: base.entries,
            in_scope,
            known_files: are_known_files(&tx, name)?,
        };
        let info = revise(name, next, Some(&base), update, made.on())?;
        let changes = info.changes_since(&base);
        if changes.is_empty() {
            return Ok(None);
        }
        insert_revision(&tx, &info)?;
        insert_event(&tx, name, info.revision, made, "change", Some(&changes), false)?;
        tx.commit()?;
        Ok(Some(info.revision))
    }

    /// True if an import to the revision `base` with this `update` and this key would leave the policy as it is.
    ///
    /// # Errors
    /// As [`Sets::stage`].
    pub fn would_keep(
        &self,
        name: &SetName,
        base: u64,
        update: &SetUpdate,
        signed_by: Option<ListKey>,
    ) -> Result<bool, SetError> {
        let Some(base) = base_of(&self.db, name, Some(base))? else { return Ok(false) };
        let next = Next { revision: base.revision, entries: base.entries, in_scope: 0, known_files: false };
        let mut info = revise(name, next, Some(&base), update, base.revised_on)?;
        info.list_key = signed_by.or(info.list_key);
        Ok(info.changes_since(&base).is_empty())
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

    /// Withdraws entries of a set on `today`, those of every later import too, and counts those that were not withdrawn
    /// before. Keys that the set does not have are kept as well: the list that brings them may come later.
    ///
    /// # Errors
    /// [`SetError::Database`]; then none is withdrawn.
    pub fn withdraw(&mut self, name: &SetName, keys: &[EntryKey], today: Date) -> Result<usize, SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let new = insert_withdrawals(&tx, name, keys, today, None)?;
        tx.commit()?;
        Ok(new)
    }
}

impl<'a> Staging<'a> {
    fn new(
        base: Option<u64>,
        update: &'a SetUpdate,
        report: &'a ReadReport,
        added: Option<u64>,
        today: Date,
    ) -> Self {
        let made = Made { at: Clock::start_of(today).now(), by: None };
        let counts = Counts::from(report);
        Self {
            base,
            current: base,
            update,
            report,
            counts,
            added,
            taken_back: &[],
            emptied: &[],
            signed_by: None,
            read_as: "",
            made,
        }
    }
}

fn base_of(db: &Connection, name: &SetName, base: Option<u64>) -> Result<Option<SetInfo>, SetError> {
    let Some(revision) = base else { return Ok(None) };
    let missing = || SetError::NoRevision { name: name.clone(), revision };
    get(db, name, revision)?.ok_or_else(missing).map(Some)
}

fn next_revision(db: &Connection, name: &SetName) -> Result<u64, SetError> {
    let last = db.query_one(
        "SELECT max(coalesce((SELECT max(revision) FROM hashset_import WHERE name = ?1), 0),
                    coalesce((SELECT max(revision) FROM hashset_event WHERE name = ?1), 0)) AS revision",
        [name.as_str()],
        |row| Ok(number(row, "hashset_import", "revision")),
    )??;
    Ok(last + 1)
}

/// What a revision is beside its policy.
struct Next {
    revision: u64,
    entries: u64,
    /// Those of them that speak of abuse.
    in_scope: u64,
    /// They are those of a list of ordinary files.
    known_files: bool,
}

/// The next revision of a set, if it can be.
fn revise(
    name: &SetName,
    next: Next,
    base: Option<&SetInfo>,
    update: &SetUpdate,
    today: Date,
) -> Result<SetInfo, SetError> {
    let role = update.role.or(base.map(|base| base.role)).unwrap_or_default();
    let unspoken = if role == Role::Ignore { list_class::KNOWN_GOOD } else { list_class::UNKNOWN };
    let class = update.list_class.or(base.map(|base| base.list_class)).unwrap_or(unspoken);
    let mut classic_distances = base.map(|base| base.classic_distances.clone()).unwrap_or_default();
    classic_distances.extend(&update.classic_distances);
    let note = |new: &Option<String>, old: Option<&String>| new.as_ref().or(old).cloned().unwrap_or_default();
    let before = base.map(|base| base.permission).unwrap_or_default();
    let info = SetInfo {
        name: name.clone(),
        revision: next.revision,
        role,
        list_class: class,
        max_distance: update.max_distance.or(base.and_then(|base| base.max_distance)),
        classic_distances,
        source: note(&update.source, base.map(|base| &base.source)),
        licence: note(&update.licence, base.map(|base| &base.licence)),
        permission: Permission {
            uses: update.uses.unwrap_or(before.uses),
            keep_until: update.keep_until.map_or(before.keep_until, |until| until.0),
        },
        list_key: base.and_then(|base| base.list_key),
        created_on: base.map_or(today, |base| base.created_on),
        revised_on: today,
        entries: next.entries,
    };
    if class.dimension() != Dimension::ListClass || class == list_class::NOT_APPLICABLE {
        return Err(SetError::ListClass { found: class });
    }
    if (role == Role::Ignore) != (class == list_class::KNOWN_GOOD) {
        return Err(SetError::RoleAndClass { role });
    }
    if role == Role::Ignore && next.in_scope > 0 {
        return Err(SetError::IgnoresAbuse { entries: next.in_scope });
    }
    if role != Role::Ignore && next.known_files {
        return Err(SetError::FindsKnownFiles);
    }
    check_note(Some(&info.source))?;
    check_note(Some(&info.licence))?;
    Ok(info)
}

fn insert_revision(db: &Connection, info: &SetInfo) -> Result<(), rusqlite::Error> {
    db.execute(
        "INSERT INTO hashset_revision (name, revision, role, list_class, max_distance, source, licence, created_on,
            revised_on, entries, uses, keep_until, list_key)
         VALUES (:name, :revision, :role, :list_class, :max_distance, :source, :licence, :created_on, :revised_on,
            :entries, :uses, :keep_until, :list_key)",
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
            ":uses": info.permission.uses.to_string(),
            ":keep_until": info.permission.keep_until.map(|last| last.to_string()),
            ":list_key": info.list_key.map(|key| key.to_string()),
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
        permission: Permission {
            uses: parsed(row, TABLE, "uses", |text| text.parse().ok())?,
            keep_until: optional(row, TABLE, "keep_until", |text| text.parse().ok())?,
        },
        list_key: optional(row, TABLE, "list_key", |text| text.parse().ok())?,
    })
}

/// A number as SQLite has it. None of ours comes near the bound: they count lines and bytes of files.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The number in a column.
pub(super) fn number(row: &Row<'_>, table: &'static str, column: &'static str) -> Result<u64, SetError> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| SetError::Damaged { table, column })
}

/// The text in a column, read by `read`.
pub(super) fn parsed<T>(
    row: &Row<'_>,
    table: &'static str,
    column: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, SetError> {
    let text: String = row.get(column)?;
    read(&text).ok_or(SetError::Damaged { table, column })
}
