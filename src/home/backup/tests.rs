use super::*;
use crate::home::{Deed, Did, Home, Stage};

fn ward() -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), false).unwrap();
    let connection = home.database("CREATE TABLE t(x INTEGER) STRICT").unwrap();
    connection
        .execute_batch(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000) INSERT INTO t SELECT x FROM n",
        )
        .unwrap();
    std::fs::write(home.index_dir().join("segment"), vec![7; 300_000]).unwrap();
    std::fs::write(home.root().join("tokens.json"), "{}").unwrap();
    std::fs::write(home.runs_dir().join("run"), "local").unwrap();
    home.secret_key("signing").unwrap();
    (dir, home)
}

fn options(runs: bool) -> BackupOptions {
    BackupOptions { runs, patience: std::time::Duration::ZERO }
}

fn sealed(home: &Home, key: &Identity, runs: bool) -> Vec<u8> {
    let mut out = Vec::new();
    home.backup(&[key.to_public()], &options(runs), Timestamp::UNIX_EPOCH, &mut out).unwrap();
    out
}

fn opened(backup: &[u8], key: &Identity, place: &std::path::Path) -> Result<Restored, BackupError> {
    let done = restore(backup, std::slice::from_ref(key), None, place, |_| Ok(()));
    let left = std::fs::read_dir(place.parent().unwrap()).unwrap();
    let left =
        left.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("restoring"));
    assert_eq!(left.count(), 0, "nothing half-made stays");
    done
}

#[test]
fn a_home_comes_back_as_it_was_without_what_it_makes_anew() {
    let (dir, home) = ward();
    let key = Identity::generate();
    drop((home.lock().unwrap(), home.lock_tally().unwrap()));
    for runs in [false, true] {
        let backup = sealed(&home, &key, runs);
        assert!(memchr::memmem::find(&backup, b"innerward").is_none(), "nothing of it can be read");
        let place = dir.path().join(format!("new-{runs}"));
        let restored = opened(&backup, &key, &place).unwrap();
        assert_eq!(restored.home.secret_key("signing").unwrap(), home.secret_key("signing").unwrap());
        let count: i64 = restored
            .home
            .database("")
            .unwrap()
            .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, 2000);
        assert_eq!(std::fs::read(place.join("index/segment")).unwrap(), vec![7; 300_000]);
        assert_eq!(place.join("runs/run").exists(), runs);
        assert!(!place.join("lock").exists() && !place.join("tally.lock").exists());
        assert!(Home::open(&place).is_ok());
    }
    let spools = std::fs::read_dir(home.root()).unwrap();
    assert!(spools.flatten().all(|entry| !entry.file_name().to_string_lossy().starts_with('.')));
}

#[test]
fn a_backup_is_the_home_at_one_moment_whatever_is_written_meanwhile() {
    let (dir, home) = ward();
    let key = Identity::generate();
    /// Writes to the home when the first bytes are written.
    struct Meddler<'a>(&'a Home, Vec<u8>);
    impl std::io::Write for Meddler<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.1.is_empty() {
                self.0.database("").unwrap().execute("DELETE FROM t", []).unwrap();
                std::fs::write(self.0.root().join("tokens.json"), "changed").unwrap();
                std::fs::remove_file(self.0.index_dir().join("segment")).unwrap();
                drop(self.0.lock().expect("the lock is free while it is written"));
            }
            self.1.extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut out = Meddler(&home, Vec::new());
    home.backup(&[key.to_public()], &options(false), Timestamp::UNIX_EPOCH, &mut out).unwrap();
    let restored = opened(&out.1, &key, &dir.path().join("new")).unwrap();
    let count: i64 = restored
        .home
        .database("")
        .unwrap()
        .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 2000);
    assert_eq!(std::fs::read_to_string(restored.home.root().join("tokens.json")).unwrap(), "{}");
    assert_eq!(std::fs::read(restored.home.index_dir().join("segment")).unwrap().len(), 300_000);
}

#[test]
fn what_was_cut_or_changed_restores_nothing_and_says_so() {
    let (dir, home) = ward();
    let (key, other) = (Identity::generate(), Identity::generate());
    let backup = sealed(&home, &key, false);
    let place = dir.path().join("new");
    for cut in [0, 10, 100, 200, 65_000, 100_000, backup.len() - 40_000, backup.len() - 16, backup.len() - 1]
    {
        let error = opened(&backup[..cut], &key, &place).unwrap_err();
        assert!(matches!(error, BackupError::Cut | BackupError::Foreign(_)), "{cut}: {error}");
    }
    for at in (0..backup.len()).step_by(7919) {
        let mut changed = backup.clone();
        changed[at] ^= 1;
        let error = opened(&changed, &key, &place).unwrap_err();
        let told = matches!(
            error,
            BackupError::Changed(_) | BackupError::Cut | BackupError::WrongKey | BackupError::Foreign(_)
        );
        assert!(told, "{at}: {error}");
    }
    assert!(matches!(opened(&backup, &other, &place), Err(BackupError::WrongKey)));
    assert!(matches!(opened(b"not a backup", &key, &place), Err(BackupError::Foreign(_) | BackupError::Cut)));
    let foreign = age::encrypt(&key.to_public(), &[b'x'; 2000]).unwrap();
    assert!(matches!(opened(&foreign, &key, &place), Err(BackupError::Foreign(_))));
    let unsound = restore(&backup[..], std::slice::from_ref(&key), None, &place, |_| Err("bad".into()));
    assert!(matches!(unsound, Err(BackupError::Unsound(_))));
    assert!(!place.exists(), "nothing of all this left anything");
    std::fs::create_dir(&place).unwrap();
    assert!(opened(&backup, &key, &place).is_ok(), "an empty folder is a place where nothing is");
    assert!(matches!(opened(&backup, &key, &place), Err(BackupError::Occupied(_))));
}

/// An archive by somebody who has the recipient's key, which is public.
fn forged(key: &Identity, members: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, kind, content) in members {
        let header = tar::Header {
            name: (*name).to_owned(),
            is_folder: *kind == b'5',
            mode: 0o777,
            len: content.len() as u64,
            modified: 0,
        };
        tar::put(&header, &mut archive).unwrap();
        archive.extend(*content);
        tar::pad(header.len, &mut archive).unwrap();
    }
    tar::end(&mut archive).unwrap();
    age::encrypt(&key.to_public(), &archive).unwrap()
}

#[test]
fn a_forged_archive_writes_nothing_outside_and_needs_its_list() {
    let (dir, _) = ward();
    let key = Identity::generate();
    let place = dir.path().join("new");
    let about = br#"{"format":1,"innerward":"0","at":"2026-11-01T00:00:00Z","runs":false}"#;
    let digest = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
    let marker = b"innerward home, layout 1\n";
    let list = |more: &str| {
        let digest = digest(marker);
        format!(r#"{{"files":{{"HOME":{{"bytes":{},"blake3":"{digest}"}}{more}}}}}"#, marker.len())
    };
    let whole = list("");
    let good: [(&str, u8, &[u8]); 3] =
        [(ABOUT, b'0', about), ("home/HOME", b'0', marker), (MANIFEST, b'0', whole.as_bytes())];
    for name in ["home/../../out", "/out", "home//out", "home/.", "out", "home/a/../b", "home"] {
        let mut members = good.to_vec();
        members.insert(1, (name, b'0', b"x"));
        assert!(
            matches!(opened(&forged(&key, &members), &key, &place), Err(BackupError::Foreign(_))),
            "{name}"
        );
    }
    let extra = [good[0], good[1], ("home/extra", b'0', b"x"), good[2]];
    assert!(matches!(opened(&forged(&key, &extra), &key, &place), Err(BackupError::Changed(_))));
    let missing = list(r#","gone":{"bytes":0,"blake3":""}"#);
    let missing = [good[0], good[1], (MANIFEST, b'0', missing.as_bytes())];
    assert!(matches!(opened(&forged(&key, &missing), &key, &place), Err(BackupError::Changed(_))));
    assert!(matches!(opened(&forged(&key, &good[..2]), &key, &place), Err(BackupError::Foreign(_))));
    let newer = [(ABOUT, b'0', &br#"{"format":2}"#[..])];
    assert!(matches!(
        opened(&forged(&key, &newer), &key, &place),
        Err(BackupError::TooNew { found: 2, newest: 1 })
    ));
    assert!(opened(&forged(&key, &good), &key, &place).is_ok(), "or the others prove nothing");
}

#[test]
fn only_the_backup_that_is_expected_is_restored() {
    let (dir, home) = ward();
    let key = Identity::generate();
    let place = dir.path().join("new");
    let mut out = Vec::new();
    let done = home.backup(&[key.to_public()], &options(false), Timestamp::UNIX_EPOCH, &mut out).unwrap();
    assert_eq!(done.digest, blake3::hash(&out), "of every byte that was written");
    // Another one of the same home, by somebody who has the recipient's key, which is public.
    let other = sealed(&home, &key, false);
    let only = |backup: &[u8], check: fn(&Restored) -> Result<(), String>| {
        restore(backup, std::slice::from_ref(&key), Some(done.digest), &place, check)
    };
    let unasked = |_: &Restored| -> Result<(), String> { panic!("nothing of another backup is opened") };
    match only(&other, unasked) {
        Err(BackupError::Another { found }) => assert_eq!(found, blake3::hash(&other)),
        told => panic!("{told:?}"),
    }
    let longer = [&out[..], b"x"].concat();
    assert!(only(&longer, unasked).is_err() && !place.exists());
    let restored = only(&out, |_| Ok(())).unwrap();
    assert_eq!((restored.digest, restored.files), (done.digest, done.files));
}

#[test]
fn the_audit_is_taken_as_long_as_it_was_and_what_is_appended_meanwhile_stays_out() {
    let (dir, home) = ward();
    let key = Identity::generate();
    let record = |did: Did| {
        let (at, stage, about) = (Timestamp::UNIX_EPOCH, Stage::Done, BTreeMap::new());
        home.audit(&Deed { at, by: "a", via: "cli", did, stage, subject: "", about }).unwrap();
    };
    record(Did::SetImport);
    /// Puts something on record with each byte that is written.
    struct Recording<'a>(&'a dyn Fn(Did), Vec<u8>);
    impl std::io::Write for Recording<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            (self.0)(Did::SetChange);
            self.1.extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut out = Recording(&record, Vec::new());
    home.backup(&[key.to_public()], &options(false), Timestamp::UNIX_EPOCH, &mut out).unwrap();
    assert!(home.check_audit(None).unwrap().records > 3, "it grew meanwhile");
    let restored = opened(&out.1, &key, &dir.path().join("new")).unwrap();
    let check = restored.home.check_audit(None).unwrap();
    assert!(check.is_sound() && check.torn == 0);
    let did = |line: crate::home::AuditLine| line.record.unwrap().did;
    let all: Vec<String> = restored.home.audit_lines().unwrap().map(|line| did(line.unwrap())).collect();
    assert_eq!(all, ["audit.begin", "set.import"]);
}
