//! NSRL RDS version 3: a SQLite file with a table `FILE(sha256, sha1, md5, …)`, of up to 181 GB. In the full sets `FILE`
//! is a view, and the digests are columns of a table `METADATA`.
//!
//! The file is a list like any other, made by somebody else: it is opened for reading only, as one that does not change
//! (so that nothing beside it is looked at, and a database of which a part still lies there is refused), and believed in
//! nothing. Its schema may not run anything (no views, no triggers, no functions with effects, no extensions), the table
//! must be an ordinary one with stored columns, and what
//! SQLite may do between two rows is bounded. Rows are taken in the order in which they lie, so nothing is sorted and
//! nothing kept; the same file stands in it thousands of times, and the intake drops the repeats.
//!
//! SQLite needs a file that it can go to and fro in, so this reader takes a path and not a stream.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};

use super::record::{Ended, Place, Record, Take};
use super::report::Cause;
use crate::digest::SignalKind;

/// How every SQLite file begins.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// How a journal begins that is to be taken back; one that is done with is emptied, or loses its beginning.
const JOURNAL: &[u8] = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";

/// Tables that may hold the digests, and how each is read. The first that is there is read, and never both: where both are
/// tables, one was drawn from the other.
const TABLES: [(&str, &str); 2] = [
    ("FILE", "SELECT rowid, sha256, sha1, md5 FROM main.FILE NOT INDEXED"),
    ("METADATA", "SELECT rowid, sha256, sha1, md5 FROM main.METADATA NOT INDEXED"),
];

/// The digests of a row, behind its number.
const COLUMNS: [(usize, SignalKind); 3] =
    [(1, SignalKind::Sha256), (2, SignalKind::Sha1), (3, SignalKind::Md5)];

/// Bytes that a row with a digest takes at least; a file with more rows than this allows shows some of them twice.
const ROW_BYTES: u64 = 24;

/// SQLite asks after so many of its steps whether it should go on, and may ask so often between two rows.
const STEPS: i32 = 1000;
const PATIENCE: u32 = 10_000;

/// Reads the files named by the database at `path`, which is `len` bytes long.
pub(super) fn read<T: Take + ?Sized>(path: &Path, len: u64, take: &mut T) -> Result<(), Ended<T::Stop>> {
    let at = |row: u64, expected| Ended::Broken { place: Place::Row(row), expected };
    let damaged = "a whole SQLite file: this one is cut short, damaged, or made to mislead";
    let asked = Arc::new(AtomicU32::new(0));
    let db = open(path, &asked).map_err(|_| at(0, damaged))?;
    // SQLite fills up a last page that is cut with zeros, and goes on.
    let told = db
        .query_one("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", [], |row| {
            row.get::<_, i64>(0)
        })
        .map_err(|_| at(0, damaged))?;
    if u64::try_from(told).is_ok_and(|told| told > len) {
        return Err(at(0, damaged));
    }
    let mut select = None;
    for (table, statement) in TABLES {
        if select.is_none() && is_rds(&db, table).map_err(|_| at(0, damaged))? {
            select = Some(statement);
        }
    }
    let Some(select) = select else {
        return Err(at(
            0,
            "a table FILE or METADATA with stored columns sha256, sha1 and md5, as NSRL RDS version 3 has",
        ));
    };
    let mut query = db.prepare(select).map_err(|_| at(0, damaged))?;
    let mut rows = query.query([]).map_err(|_| at(0, damaged))?;
    let mut count = 0;
    while let Some(row) = rows.next().map_err(|_| at(count + 1, damaged))? {
        asked.store(0, Ordering::Relaxed);
        count += 1;
        if count > len / ROW_BYTES {
            return Err(at(count, "no more rows than the file has room for"));
        }
        take.take(Place::Row(count), record(row)).map_err(Ended::Stopped)?;
    }
    Ok(())
}

/// True if a log beside the database may hold changes that SQLite would make before it reads: written and not brought in
/// yet, or begun and to be taken back.
pub(super) fn is_half(path: &Path) -> io::Result<bool> {
    // The logs lie where the file really is.
    let path = path.canonicalize()?;
    let beside = |end: &str| {
        let mut name = path.clone().into_os_string();
        name.push(end);
        let mut head = Vec::new();
        match File::open(name) {
            Ok(file) => file.take(JOURNAL.len() as u64).read_to_end(&mut head).map(|_| head),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(head),
            Err(error) => Err(error),
        }
    };
    // SQLite looks at a write-ahead log whatever the header of the database says of its mode.
    Ok(!beside("-wal")?.is_empty() || beside("-journal")? == JOURNAL)
}

fn open(path: &Path, asked: &Arc<AtomicU32>) -> rusqlite::Result<Connection> {
    let mut uri = "file:".to_owned();
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri += &format!("%{byte:02X}");
        }
    }
    uri += "?mode=ro&immutable=1";
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(uri, flags)?;
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, 1 << 20),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 16),
        (Limit::SQLITE_LIMIT_COLUMN, 100),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 4),
        (Limit::SQLITE_LIMIT_VDBE_OP, 10_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 8),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        db.set_limit(limit, most)?;
    }
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
    ] {
        db.set_db_config(config, on)?;
    }
    let asked = Arc::clone(asked);
    db.progress_handler(STEPS, Some(move || asked.fetch_add(1, Ordering::Relaxed) >= PATIENCE))?;
    // Reading the schema is the first thing that may fail.
    db.execute_batch("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -8192;")?;
    Ok(db)
}

/// True if `table` is one with rows of its own, of which the columns are stored and none stands for the row's number.
fn is_rds(db: &Connection, table: &str) -> rusqlite::Result<bool> {
    let query =
        "SELECT count(*) FROM pragma_table_list(?1) WHERE schema = 'main' AND type = 'table' AND wr = 0";
    if db.query_one(query, [table], |row| row.get::<_, i64>(0))? != 1 {
        return Ok(false);
    }
    let mut query = db.prepare("SELECT lower(name), hidden FROM pragma_table_xinfo(?1)")?;
    let columns = query.query_map([table], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let has = |wanted: &str| columns.iter().any(|(name, _)| name == wanted);
    Ok(["sha256", "sha1", "md5"].into_iter().all(has)
        && !has("rowid")
        && columns.iter().all(|(_, hidden)| *hidden == 0))
}

fn record(row: &Row<'_>) -> Result<Record, Cause> {
    let mut record = Record::default();
    for (at, kind) in COLUMNS {
        match row.get_ref(at) {
            Ok(ValueRef::Null) => {}
            Ok(ValueRef::Text(text)) => {
                let text = std::str::from_utf8(text).map_err(|_| Cause::NotUtf8)?.trim_ascii();
                record.add(kind, Ok(Some(text).filter(|text| !text.is_empty())));
            }
            _ => return Err(Cause::Expected("a digest as text")),
        }
    }
    record.complete()
}

/// True for the beginning of a SQLite file.
pub(super) fn recognises(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}
