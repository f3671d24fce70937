//! Tests of the log in its database: it only grows, changes are noticed, and so is a home that was restored.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use rusqlite::Connection;

use super::*;
use crate::home::Home;
use crate::release::ledger::Ledger;
use crate::release::signature::Signatory;

struct Ward {
    dir: tempfile::TempDir,
    home: Home,
    signatory: Signatory,
}

fn plan(name: &str) -> Entry {
    Entry::Plan(PlanEntry {
        name: name.into(),
        digest: "ab".repeat(32),
        period: crate::vocabulary::PeriodKind::Month,
        epsilon_nano: 1,
        cap_nano: 1,
        registered_on: date(2026, 9, 15),
        applies_from: "2026-10".parse().unwrap(),
        replaces: String::new(),
    })
}

impl Ward {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), true).unwrap();
        let signatory = Signatory::new(&home.secret_key("signing").unwrap());
        Self { dir, home, signatory }
    }

    fn database(&self) -> Connection {
        Ledger::open(&self.home).unwrap().0
    }

    fn append(&self, entry: &Entry) -> Result<u64, ReleaseError> {
        let mut database = self.database();
        let tx = database.transaction().unwrap();
        let n = append(&tx, entry)?;
        tx.commit().unwrap();
        Ok(n)
    }

    fn release(&self, id: &str) -> u64 {
        let mut database = self.database();
        let tx = database.transaction().unwrap();
        let n = append_release(&tx, id, id.as_bytes()).unwrap();
        tx.commit().unwrap();
        n
    }

    fn publish(&self) -> Result<(), ReleaseError> {
        publish_log(&self.home, &self.database(), &self.signatory)
    }

    fn public(&self, name: &str) -> PathBuf {
        self.home.public_dir().join(LOG_DIR).join(name)
    }

    /// A copy of the database, as a backup has it.
    fn backup(&self, name: &str) -> PathBuf {
        let copy = self.dir.path().join(name);
        self.database().execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
        copy
    }

    fn restore(&self, copy: &Path) {
        for side in ["innerward.sqlite-wal", "innerward.sqlite-shm"] {
            let _ = fs::remove_file(self.home.root().join(side));
        }
        fs::copy(copy, self.home.root().join("innerward.sqlite")).unwrap();
    }

    fn keep_head(&self, name: &str) -> PathBuf {
        let file = self.dir.path().join(name);
        fs::write(&file, OpenLog::of(&self.home).unwrap().checkpoint()).unwrap();
        file
    }

    fn witness(&self, file: &Path) -> Result<WitnessNote, ReleaseError> {
        check_witness(&self.database(), file, &self.signatory.public(), None)
    }
}

fn is_restored(outcome: Result<impl Sized, ReleaseError>) -> bool {
    matches!(outcome, Err(ReleaseError::Log(LogError::Restored { .. })))
}

fn is_forked(outcome: Result<impl Sized, ReleaseError>) -> bool {
    matches!(outcome, Err(ReleaseError::Log(LogError::Forked { .. })))
}

#[test]
fn the_log_grows_at_its_end_and_is_never_changed() {
    let ward = Ward::new();
    assert_eq!(head(&ward.database()).unwrap().size, 0);
    assert_eq!(ward.append(&plan("coarse")).unwrap(), 0);
    assert_eq!(ward.release("2026-10-coarse-v1"), 1);
    assert_eq!(ward.release("2026-11-coarse-v1"), 2);
    let found = entries(&ward.database()).unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(head(&ward.database()).unwrap(), head_of(&found));
    for statement in [
        "UPDATE release_log SET line = '' WHERE n = 1",
        "DELETE FROM release_log WHERE n = 2",
        "INSERT INTO release_log (n, line, leaf) VALUES (7, '', zeroblob(32))",
        "INSERT OR REPLACE INTO release_log (n, line, leaf) VALUES (2, '', zeroblob(32))",
    ] {
        assert!(ward.database().execute(statement, []).is_err(), "{statement}");
    }
    assert_eq!(entries(&ward.database()).unwrap(), found);
    let told = ward.append(&plan("Coarse")).unwrap_err().to_string();
    assert!(told.contains("entry 3: name"), "{told}");
}

/// Whoever can write to the file can drop the triggers; the chain and the leaves tell.
#[test]
fn a_changed_row_is_noticed() {
    for (statement, said) in [
        ("UPDATE release_log SET line = replace(line, 'coarse', 'coerse') WHERE n = 0", "entry 0: its leaf"),
        ("UPDATE release_log SET leaf = zeroblob(32) WHERE n = 1", "entry 1: its leaf"),
        ("DELETE FROM release_log WHERE n = 1", "entry 1: n is another number"),
        ("DELETE FROM release_log WHERE n = 0", "entry 0: n is another number"),
        ("UPDATE release_log SET n = 9 WHERE n = 2", "entry 2: it is not in its place"),
    ] {
        let ward = Ward::new();
        ward.append(&plan("coarse")).unwrap();
        ward.release("2026-10-coarse-v1");
        ward.release("2026-11-coarse-v1");
        let database = ward.database();
        database.execute_batch("DROP TRIGGER release_log_is_final; DROP TRIGGER release_log_stays;").unwrap();
        database.execute(statement, []).unwrap();
        let told = entries(&database).unwrap_err().to_string();
        assert!(told.contains(said), "{statement}: {told}");
        assert!(ward.publish().is_err());
    }
}

#[test]
fn what_is_published_is_the_lines_and_their_signed_head() {
    let ward = Ward::new();
    ward.append(&plan("coarse")).unwrap();
    ward.publish().unwrap();
    ward.release("2026-10-coarse-v1");
    ward.publish().unwrap();
    let published = read_entries(&fs::read_to_string(ward.public(ENTRIES_FILE)).unwrap()).unwrap();
    assert_eq!(published, entries(&ward.database()).unwrap());
    let note = Checkpoint::parse(&fs::read(ward.public(CHECKPOINT_FILE)).unwrap()).unwrap();
    assert_eq!(note.verify(&ward.signatory.public()).unwrap(), head_of(&published));
    let proof = Proof::parse(&proof(&ward.database(), 1, &ward.signatory).unwrap()).unwrap();
    assert_eq!(proof.checkpoint.as_bytes(), fs::read(ward.public(CHECKPOINT_FILE)).unwrap());
    // What was damaged, or cut short by a crash, is written anew; what is there already stays as it is.
    fs::write(ward.public(ENTRIES_FILE), "{\"n\":").unwrap();
    let inode = |name| std::os::unix::fs::MetadataExt::ino(&fs::metadata(ward.public(name)).unwrap());
    let before = inode(CHECKPOINT_FILE);
    ward.publish().unwrap();
    assert_eq!(read_entries(&fs::read_to_string(ward.public(ENTRIES_FILE)).unwrap()).unwrap(), published);
    assert_eq!(inode(CHECKPOINT_FILE), before);
}

#[test]
fn a_restored_database_is_noticed_by_what_the_public_has() {
    let ward = Ward::new();
    ward.append(&plan("coarse")).unwrap();
    ward.publish().unwrap();
    let yesterday = ward.backup("yesterday");
    ward.release("2026-10-coarse-v1");
    ward.publish().unwrap();
    ward.restore(&yesterday);
    assert!(is_restored(ward.publish()));
    assert!(is_restored(check_public(&ward.home, &ward.database(), &ward.signatory.public())));
    assert!(is_restored(OpenLog::of(&ward.home)), "no head is signed that goes back");
    // Killed between the two files: the lines tell by themselves.
    fs::remove_file(ward.public(CHECKPOINT_FILE)).unwrap();
    assert!(is_restored(ward.publish()));
    // It goes on by itself: the two have parted.
    ward.release("2026-10-other-v1");
    assert!(is_forked(ward.publish()));
}

#[test]
fn a_home_that_was_restored_whole_is_noticed_by_its_witness_alone() {
    let ward = Ward::new();
    ward.append(&plan("coarse")).unwrap();
    ward.publish().unwrap();
    let yesterday = ward.backup("yesterday");
    let old_head = ward.keep_head("old-head");
    ward.release("2026-10-coarse-v1");
    ward.publish().unwrap();
    let new_head = ward.keep_head("new-head");
    for file in [&old_head, &new_head] {
        assert_eq!(ward.witness(file).unwrap().day, Some(date(2026, 9, 15)));
    }
    ward.restore(&yesterday);
    fs::remove_dir_all(ward.home.public_dir().join(LOG_DIR)).unwrap();
    ward.publish().unwrap(); // nothing in the home can tell
    assert!(is_restored(ward.witness(&new_head)));
    assert_eq!(ward.witness(&old_head).unwrap().size, 1, "an older head than the copy shows nothing");
    ward.release("2026-10-other-v1");
    assert!(is_forked(ward.witness(&new_head)));
    let told = ward.witness(&new_head).unwrap_err().to_string();
    assert!(told.contains("new-head") && told.contains("Nothing was charged"), "{told}");
}

#[test]
fn a_file_that_is_no_head_of_this_log_witnesses_nothing() {
    let ward = Ward::new();
    ward.append(&plan("coarse")).unwrap();
    let head = ward.keep_head("head");
    let text = fs::read_to_string(&head).unwrap();
    let told = |bytes: &[u8]| {
        fs::write(&head, bytes).unwrap();
        ward.witness(&head).unwrap_err().to_string()
    };
    assert!(told(b"").contains("not a checkpoint"));
    assert!(told(&vec![b'x'; 1 << 20]).contains("larger than"));
    assert!(told(text.replacen("\n1\n", "\n2\n", 1).as_bytes()).contains("has been changed"));
    let other = Ward::new();
    let theirs = fs::read(other.keep_head("theirs")).unwrap();
    assert!(told(&theirs).contains("checkpoint of the log"), "{}", told(&theirs));
    fs::remove_file(&head).unwrap();
    assert!(ward.witness(&head).unwrap_err().to_string().contains("head: "));
    assert!(ward.witness(ward.dir.path()).is_err(), "a folder");
}

#[test]
fn the_log_proves_what_is_asked_for() {
    let ward = Ward::new();
    ward.append(&plan("coarse")).unwrap();
    let kept = ward.keep_head("kept");
    ward.release("2026-10-coarse-v1");
    let log = OpenLog::of(&ward.home).unwrap();
    assert_eq!((log.entries().len(), log.head().size, log.key()), (2, 2, ward.signatory.public()));
    let proof = Proof::parse(&log.inclusion("2026-10-coarse-v1").unwrap()).unwrap();
    assert_eq!(proof.check(&log.key()).unwrap().0, log.head());
    assert!(matches!(log.inclusion("2026-11-coarse-v1"), Err(LogError::NoRelease(_))));
    for old in [OldHead::Size(1), OldHead::read(kept.to_str().unwrap()).unwrap()] {
        let found = log.consistency(&old).unwrap();
        let proof: Vec<Hash> =
            found.proof.iter().map(|hash| crate::home::minisign::decoded(hash).unwrap()).collect();
        assert!(extends(&found.old, &found.new, &proof));
        assert_eq!((found.old.size, found.new), (1, log.head()));
    }
    assert!(matches!(log.consistency(&OldHead::Size(3)), Err(LogError::NoSize { asked: 3, ours: 2 })));
    assert_eq!(OldHead::read("12").unwrap(), OldHead::Size(12));
    assert!(OldHead::read("no-such-file").is_err());
}

/// A key that is lost is told, and asking makes none: a log that goes on under another name is a fork to its readers.
#[test]
fn a_lost_key_is_told_and_none_is_made() {
    let ward = Ward::new();
    let key = ward.home.root().join("keys/signing.key");
    let kept = fs::read(&key).unwrap();
    let made = || key.exists();
    fs::remove_file(&key).unwrap();
    assert!(matches!(OpenLog::of(&ward.home), Err(ReleaseError::Log(LogError::NoKey))), "nothing was signed");
    assert!(OpenLog::existing(&ward.home).unwrap().is_none() && !made());
    ward.append(&plan("coarse")).unwrap();
    ward.publish().unwrap();
    let is_lost = |found: Option<ReleaseError>| matches!(found, Some(ReleaseError::Log(LogError::KeyLost)));
    assert!(is_lost(OpenLog::of(&ward.home).err()));
    assert!(is_lost(OpenLog::existing(&ward.home).err()));
    assert!(is_lost(signatory(&ward.home, &ward.database()).err()) && !made());
    // The public alone tells as well.
    let bare = Home::create(&ward.dir.path().join("bare"), true).unwrap();
    fs::create_dir(bare.public_dir().join(LOG_DIR)).unwrap();
    assert!(is_lost(OpenLog::existing(&bare).err()));
    // Another key in its place is told for what it is, and what to do is not to publish again.
    fs::write(&key, [9; 32]).unwrap();
    let told = OpenLog::of(&ward.home).err().unwrap();
    assert!(matches!(told, ReleaseError::Log(LogError::OtherKey { .. })), "{told}");
    assert!(!told.to_string().contains("publish again"), "{told}");
    fs::write(&key, kept).unwrap();
    assert_eq!(OpenLog::of(&ward.home).unwrap().head().size, 1);
}
