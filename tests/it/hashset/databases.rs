//! NSRL RDS version 3: read where it lies, believed in nothing.

use std::convert::Infallible;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use innerward::hashset::{Entry, ListError, ListForm, ReadOptions, ReadReport, read_list};
use rusqlite::Connection;

use super::{LONG, MD5, SHA1};

/// As the documentation of RDS version 3 has it.
const SCHEMA: &str = "CREATE TABLE FILE (sha256 VARCHAR NOT NULL, sha1 VARCHAR NOT NULL, md5 VARCHAR NOT NULL,
        crc32 VARCHAR NOT NULL, file_name VARCHAR NOT NULL, file_size INTEGER NOT NULL, package_id INTEGER NOT NULL,
        CONSTRAINT PK_FILE PRIMARY KEY (sha256, sha1, md5, file_name, file_size, package_id));
    CREATE TABLE VERSION (version VARCHAR);
    CREATE VIEW DISTINCT_HASH AS SELECT DISTINCT sha256, sha1, md5, crc32 FROM FILE;";

fn made(dir: &Path, sql: &str) -> PathBuf {
    let path = dir.join("rds #1?.db");
    let _ = fs::remove_file(&path);
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    path
}

/// A small database, its path and its bytes.
pub(super) fn database(dir: &Path) -> (PathBuf, Vec<u8>) {
    let rows: String = (0..300)
        .map(|n| {
            let hash = |len: usize| format!("{:0>1$X}", n / 3 + 0xC0FFEE, len);
            let (sha256, sha1, md5) = (hash(64), hash(40), hash(32));
            format!("INSERT INTO FILE VALUES ('{sha256}', '{sha1}', '{md5}', '0', 'name {n}', {n}, 1);")
        })
        .collect();
    let path = made(dir, &format!("{SCHEMA} BEGIN; {rows} COMMIT;"));
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

fn read(path: &Path) -> Result<(Vec<Entry>, ReadReport), ListError> {
    let options = ReadOptions { path: Some(path.into()), ..ReadOptions::default() };
    let mut entries = Vec::new();
    let report = read_list(&mut File::open(path).unwrap(), &options, &mut |entry| {
        entries.push(entry);
        Ok::<(), Infallible>(())
    })?;
    super::assert_adds_up(&report);
    Ok((entries, report))
}

#[test]
fn rows_are_read_in_their_order_and_repeats_are_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes) = database(dir.path());
    let (entries, report) = read(&path).unwrap();
    assert_eq!((report.form, report.entries, report.duplicates), (ListForm::Rdsv3, 100, 200));
    assert_eq!((report.bytes, report.lines), (bytes.len() as u64, 300));
    assert_eq!(report.file_blake3.as_bytes(), blake3::hash(&bytes).as_bytes());
    let first = &entries[0].hashes;
    assert_eq!(first.md5.unwrap().to_hex(), format!("{:0>32x}", 0xC0FFEE));
    assert_eq!((first.sha1.is_some(), first.sha256.is_some()), (true, true));
    assert_eq!(fs::read(&path).unwrap(), bytes, "nothing was written");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nor beside it");
}

#[test]
fn full_sets_are_read_from_the_table_behind_the_view() {
    let dir = tempfile::tempdir().unwrap();
    let metadata = format!(
        "CREATE TABLE METADATA (metadata_id INTEGER PRIMARY KEY, object_id INTEGER, sha256 VARCHAR, sha1 VARCHAR,
            md5 VARCHAR, crc32 VARCHAR, file_name VARCHAR, bytes INTEGER);
         INSERT INTO METADATA VALUES (7, 1, '{LONG}', '{SHA1}', '{MD5}', '0', 'a', 1),
            (8, 1, '{LONG}', '{SHA1}', '{MD5}', '0', 'b', 1);"
    );
    let view =
        "CREATE VIEW FILE AS SELECT upper(sha256) AS sha256, upper(sha1) AS sha1, upper(md5) AS md5, crc32,
        file_name, bytes AS file_size, object_id AS package_id FROM METADATA;";
    let (entries, report) = read(&made(dir.path(), &format!("{metadata} {view}"))).unwrap();
    assert_eq!((entries.len(), report.duplicates), (1, 1));
    assert_eq!(entries[0].hashes.sha256.unwrap().to_hex(), LONG);
    // A minimal set that was drawn from a full one within it is read once.
    let drawn = "CREATE TABLE FILE AS SELECT sha256, sha1, md5 FROM METADATA LIMIT 1;";
    let (entries, report) = read(&made(dir.path(), &format!("{metadata} {drawn}"))).unwrap();
    assert_eq!((entries.len(), report.duplicates), (1, 0));
}

#[test]
fn a_database_is_read_from_a_file_and_from_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes) = database(dir.path());
    let stream = super::read_as(None, &bytes);
    assert!(matches!(stream, Err(ListError::NotAFile)));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &bytes).unwrap();
    fs::write(&path, packed.finish().unwrap()).unwrap();
    let error = read(&path).unwrap_err();
    assert!(error.to_string().contains("unpack it"), "{error}");
}

#[test]
fn a_database_that_is_cut_anywhere_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes) = database(dir.path());
    assert!(bytes.len() > 8 * 4096);
    let pages = (4096..bytes.len()).step_by(4096);
    for len in pages.chain([bytes.len() - 1, bytes.len() - 700, bytes.len() / 2 + 1, 5000]) {
        fs::write(&path, &bytes[..len]).unwrap();
        let error = read(&path).unwrap_err();
        assert!(error.to_string().contains("cut short"), "{len}: {error}");
    }
}

#[test]
fn bad_values_are_counted_and_the_rest_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let empty = "D41D8CD98F00B204E9800998ECF8427E";
    let sql = format!(
        "CREATE TABLE FILE (sha256, sha1, md5);
         INSERT INTO FILE VALUES ('{LONG}', '{SHA1}', '{MD5}'), (NULL, NULL, NULL), (1, 2, 3), (x'00', '', ''),
            ('{LONG}', '', NULL), ('', '', '{empty}'), ('c0ffee', '', '');"
    );
    let (entries, report) = read(&made(dir.path(), &sql)).unwrap();
    assert_eq!((entries.len(), report.bad_total), (2, 5));
    assert_eq!(report.bad[0].to_string(), "row 2: no hash where one should stand");
}

#[test]
fn schemas_that_would_do_more_than_hold_rows_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i sha256, i sha1, i md5 FROM n";
    for (what, sql) in [
        ("a view", format!("CREATE VIEW FILE AS {endless};")),
        ("a virtual table", "CREATE VIRTUAL TABLE FILE USING fts5(sha256, sha1, md5);".into()),
        (
            "columns that are worked out",
            "CREATE TABLE FILE (sha256, sha1, md5 AS (hex(zeroblob(1000000))));".into(),
        ),
        ("no rows of its own", "CREATE TABLE FILE (sha256 PRIMARY KEY, sha1, md5) WITHOUT ROWID;".into()),
        ("another number of the row", "CREATE TABLE FILE (sha256, sha1, md5, rowid);".into()),
        ("no such columns", "CREATE TABLE FILE (sha256, sha1);".into()),
        (
            "a view behind the view",
            format!("CREATE VIEW METADATA AS {endless}; CREATE VIEW FILE AS SELECT * FROM METADATA;"),
        ),
        ("no such table", "CREATE TABLE FILES (sha256, sha1, md5);".into()),
    ] {
        let error = read(&made(dir.path(), &sql)).unwrap_err();
        assert!(matches!(error, ListError::Broken { .. }), "{what}: {error}");
        assert!(error.to_string().contains("table FILE"), "{what}: {error}");
    }
    // An index that lies is not asked.
    let sql = format!(
        "CREATE TABLE FILE (sha256, sha1, md5); INSERT INTO FILE VALUES ('{LONG}', '{SHA1}', '{MD5}');
         CREATE INDEX i ON FILE (sha256, sha1, md5); CREATE TRIGGER t BEFORE INSERT ON FILE BEGIN SELECT 1; END;"
    );
    assert_eq!(read(&made(dir.path(), &sql)).unwrap().0.len(), 1);
    let huge =
        "CREATE TABLE FILE (sha256, sha1, md5); INSERT INTO FILE VALUES (hex(zeroblob(1000000)), '', '');";
    assert!(matches!(read(&made(dir.path(), huge)), Err(ListError::Broken { .. })));
}

#[test]
fn a_database_of_which_a_part_lies_beside_it_is_refused_with_the_cure() {
    let dir = tempfile::tempdir().unwrap();
    let (path, _) = database(dir.path());
    let (beside, wal) = (|end: &str| PathBuf::from(format!("{}{end}", path.display())), "-wal");
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "journal_mode", "wal").unwrap();
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    assert_eq!(read(&path).unwrap().0.len(), 100, "an empty log holds nothing");
    db.execute_batch(&format!("INSERT INTO FILE VALUES ('{LONG}', '{SHA1}', '{MD5}', '0', 'x', 1, 1)"))
        .unwrap();
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for path in [&path, &link] {
        let error = read(path).unwrap_err();
        assert!(matches!(error, ListError::HalfADatabase), "{error}");
        for word in ["-wal", "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE"] {
            assert!(error.to_string().contains(word), "{error}");
        }
    }
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    assert_eq!(read(&path).unwrap().0.len(), 101, "all is in the file, which says still that it has a log");
    db.execute_batch("PRAGMA journal_mode=DELETE").unwrap();
    drop(db);
    assert!(!beside(wal).exists() && read(&path).unwrap().0.len() == 101);
    // Whether a log that lies there all the same counts, SQLite says: the cure brings it in, or throws it away.
    fs::write(beside(wal), "a leftover of something else").unwrap();
    assert!(matches!(read(&path), Err(ListError::HalfADatabase)));
    let cure = "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE";
    Connection::open(&path).unwrap().execute_batch(cure).unwrap();
    assert_eq!(read(&path).unwrap().0.len(), 101);

    // A change that was begun and never ended: the journal has what was there before.
    let db = Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA cache_size = 1; BEGIN; UPDATE FILE SET md5 = sha1;").unwrap();
    let (changed, journal) = (fs::read(&path).unwrap(), fs::read(beside("-journal")).unwrap());
    db.execute_batch("ROLLBACK").unwrap();
    drop(db);
    fs::write(&path, changed).unwrap();
    fs::write(beside("-journal"), journal).unwrap();
    assert!(matches!(read(&path), Err(ListError::HalfADatabase)));
    Connection::open(&path).unwrap().query_one("SELECT count(*) FROM FILE", [], |_| Ok(())).unwrap();
    assert_eq!(read(&path).unwrap().0.len(), 101, "as it was before");
}
