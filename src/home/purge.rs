//! Deleting for good: trees without following a link, what killed processes left, and deleted rows of the database.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::process::{Pid, test_kill_process};
use serde::Serialize;
use walkdir::WalkDir;

use super::{Home, HomeError, TallyLock};

/// What became of one thing that was to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Purged {
    /// What kind of thing it is.
    pub what: &'static str,
    /// Its name in the home.
    pub name: String,
    /// What became of it; in a rehearsal, what would.
    pub state: Deletion,
    /// Its bytes on disk; of what was kept, 0.
    pub bytes: u64,
    /// Why it was kept or could not be deleted.
    pub reason: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Deletion {
    /// It is gone.
    Deleted,
    /// It is not to be deleted yet.
    Kept,
    /// It is to be deleted, and that failed.
    Failed,
}

impl Purged {
    /// It is gone, or failed to go.
    pub fn of(what: &'static str, name: impl Into<String>, done: Result<u64, impl ToString>) -> Self {
        let (state, bytes, reason) = match done {
            Ok(bytes) => (Deletion::Deleted, bytes, None),
            Err(error) => (Deletion::Failed, 0, Some(error.to_string())),
        };
        Self { what, name: name.into(), state, bytes, reason }
    }

    /// It is not to be deleted yet.
    pub fn kept(what: &'static str, name: impl Into<String>, reason: impl Into<String>) -> Self {
        let (name, reason) = (name.into(), Some(reason.into()));
        Self { what, name, state: Deletion::Kept, bytes: 0, reason }
    }
}

/// The bytes of all files below `path`, which may be one; links are not followed.
///
/// # Errors
/// What the system says of the first that cannot be looked at.
pub fn tree_bytes(path: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in WalkDir::new(path).follow_links(false).follow_root_links(false) {
        let about = entry?.path().symlink_metadata()?;
        bytes += if about.is_file() { about.len() } else { 0 };
    }
    Ok(bytes)
}

/// Removes `path` with all that is in it, unless it is only to be rehearsed; its bytes. A link in it goes, and what it
/// points to stays.
///
/// # Errors
/// What the system says of the first that cannot be removed.
pub fn remove_tree(path: &Path, rehearse: bool) -> io::Result<u64> {
    let bytes = tree_bytes(path)?;
    if !rehearse {
        match path.symlink_metadata()? {
            about if about.is_dir() => fs::remove_dir_all(path)?,
            _ => fs::remove_file(path)?,
        }
    }
    Ok(bytes)
}

/// What an unfinished file is called as one kind of thing.
const UNFINISHED: &str = "unfinished";

/// A process that lives as long as this over one small file is another one of the same number.
const LONGEST_WRITE: Duration = Duration::from_secs(86_400);
/// A file without a name has one for no longer.
const SPOOL_NAMED: Duration = Duration::from_secs(60);

impl Home {
    /// Removes the unfinished files that killed processes left beside the files of the home and its keys.
    pub fn purge_unfinished(&self, rehearse: bool) -> Vec<Purged> {
        let folders = [self.root.clone(), self.keys_dir(), self.public_dir()];
        folders.iter().flat_map(|folder| self.purge_unfinished_in(folder, rehearse)).collect()
    }

    /// The same for one folder of the home.
    pub fn purge_unfinished_in(&self, folder: &Path, rehearse: bool) -> Vec<Purged> {
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let is_left = |entry: &fs::DirEntry| {
            let name = entry.file_name();
            let process = name.to_str().and_then(process_of);
            // A folder of that name has second names of files.
            let is_spool = name.to_string_lossy().starts_with(".spool.");
            process.is_some_and(|process| !is_alive(process) || is_old(entry))
                && entry.metadata().is_ok_and(|about| about.is_file() || about.is_dir() && is_spool)
        };
        files
            .filter(is_left)
            .map(|entry| {
                let name = self.name_of(&entry.path());
                Purged::of(UNFINISHED, name, remove_tree(&entry.path(), rehearse))
            })
            .collect()
    }

    /// Removes what killed processes left of files [without a name](Home::nameless_file), whose name they had not taken away
    /// yet; gives how many. A process has one with a name for a moment only, so that what is a minute old is left over, also
    /// where its number is that of a process that runs: in a container it often is.
    pub fn sweep_spools(&self) -> usize {
        let now = jiff::Timestamp::now().as_nanosecond();
        let is_left = |entry: &fs::DirEntry| {
            let name = entry.file_name();
            let name = name.to_str().filter(|name| name.starts_with(".spool."));
            let Some((name, process)) = name.and_then(|name| Some((name, process_of(name)?))) else {
                return false;
            };
            let made = name.rsplit('.').next().and_then(|time| time.parse::<i128>().ok());
            let is_late = made.is_some_and(|made| now.saturating_sub(made) > SPOOL_NAMED.as_nanos() as i128);
            is_late || !is_alive(process)
        };
        let files = fs::read_dir(&self.root).into_iter().flatten().flatten().filter(is_left);
        files.filter(|entry| fs::remove_file(entry.path()).is_ok()).count()
    }

    /// Where `path` is in the home, for people.
    #[must_use]
    pub fn name_of(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned()
    }

    /// Writes the database anew if there are free pages in it or rows were `deleted` just now, and empties its write-ahead
    /// log: neither hold anything of what was deleted afterwards. In a rehearsal, says what would be done. `None` if there
    /// is no database.
    ///
    /// # Errors
    /// [`HomeError::Database`], [`HomeError::InUse`] if another process reads it just then.
    pub fn compact_database(
        &self,
        _lock: &TallyLock,
        deleted: bool,
        rehearse: bool,
    ) -> Result<Option<Compacted>, HomeError> {
        let len = |name: &str| fs::metadata(self.root.join(name)).map_or(0, |about| about.len());
        let all = || len("innerward.sqlite") + len("innerward.sqlite-wal");
        if !self.root.join("innerward.sqlite").exists() {
            return Ok(None);
        }
        let connection = self.database("")?;
        let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let free = number("freelist_count")?.saturating_mul(number("page_size")?).unsigned_abs();
        let anew = deleted || free > 0;
        if rehearse {
            return Ok(Some(Compacted { anew, bytes: free + len("innerward.sqlite-wal") }));
        }
        let before = all();
        if anew {
            // The copy that SQLite makes for this holds what the database holds: it stays in the home, without a name, and
            // nothing of it is ever in a folder of temporary files. SQLite takes no name that is not UTF-8.
            let place = |folder: &str| connection.pragma_update(None, "temp_store_directory", folder);
            let store = match self.root.to_str() {
                Some(root) => place(root).map(|()| "file")?,
                None => "memory",
            };
            connection.pragma_update(None, "temp_store", store)?;
            let written = connection.execute_batch("VACUUM");
            place("")?; // it holds for the whole process
            written?;
        }
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy != 0 {
            return Err(HomeError::InUse);
        }
        Ok(Some(Compacted { anew, bytes: before.saturating_sub(all()) }))
    }
}

/// What was done with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// It was written anew; its log was emptied in any case.
    pub anew: bool,
    /// Its files became smaller by so much; in a rehearsal, what would go at least.
    pub bytes: u64,
}

/// The process that writes, or wrote, the unfinished file of this name; `None` if it is no such file.
fn process_of(name: &str) -> Option<i32> {
    let inner = name.strip_prefix('.')?;
    let digits = match inner.strip_prefix("spool.") {
        Some(rest) => rest.split_once('.').filter(|(_, time)| time.parse::<u128>().is_ok())?.0,
        None => inner.strip_suffix(".tmp")?.rsplit_once('.')?.1,
    };
    digits.parse().ok().filter(|process| *process > 0)
}

fn is_alive(process: i32) -> bool {
    Pid::from_raw(process).is_some_and(|process| test_kill_process(process) != Err(rustix::io::Errno::SRCH))
}

fn is_old(entry: &fs::DirEntry) -> bool {
    let changed = entry.metadata().and_then(|about| about.modified());
    let age = changed.ok().and_then(|changed| SystemTime::now().duration_since(changed).ok());
    age.is_some_and(|age| age > LONGEST_WRITE)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_tree_goes_and_what_its_links_point_to_stays() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir_all(at("tree/deep")).unwrap();
        fs::create_dir(at("other")).unwrap();
        fs::write(at("tree/deep/file"), "12345").unwrap();
        fs::write(at("other/file"), "precious").unwrap();
        for (to, name) in
            [("other", "tree/deep/folder"), ("other/file", "tree/link"), ("none", "tree/broken")]
        {
            std::os::unix::fs::symlink(at(to), at(name)).unwrap();
        }
        std::os::unix::fs::symlink(at("other"), at("root")).unwrap();
        assert_eq!(remove_tree(&at("tree"), true).unwrap(), 5);
        assert!(at("tree/deep/file").exists(), "rehearsed");
        assert_eq!(remove_tree(&at("tree"), false).unwrap(), 5);
        assert_eq!(remove_tree(&at("root"), false).unwrap(), 0);
        assert!(!at("tree").exists() && !at("root").exists());
        assert_eq!(fs::read_to_string(at("other/file")).unwrap(), "precious");
        assert!(remove_tree(&at("none"), false).is_err());
    }

    #[test]
    fn spools_that_were_left_are_swept_and_one_that_is_being_made_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let gone = child.id();
        child.wait().unwrap();
        let (own, now) = (std::process::id(), jiff::Timestamp::now().as_nanosecond());
        let long_ago = now - 3_600_000_000_000;
        let left = [format!(".spool.{gone}.{now}"), format!(".spool.{own}.{long_ago}")];
        let stays =
            [format!(".spool.{own}.{now}"), format!(".innerward.toml.{gone}.tmp"), ".spool.x.1".into()];
        for name in left.iter().chain(&stays) {
            fs::write(home.root().join(name), "1234").unwrap();
        }
        assert_eq!(home.sweep_spools(), 2);
        assert!(left.iter().all(|name| !home.root().join(name).exists()));
        assert!(stays.iter().all(|name| home.root().join(name).exists()));
    }

    #[test]
    fn unfinished_files_of_processes_that_are_gone_go() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let gone = child.id();
        child.wait().unwrap();
        let own = std::process::id();
        let left = [
            format!(".spool.{gone}.1234567890"),
            format!(".innerward.toml.{gone}.tmp"),
            format!("keys/.runs.key.{gone}.tmp"),
            format!("keys/.old.key.{own}.tmp"),
        ];
        let stays = [
            format!(".spool.{own}.1234567890"),
            format!("keys/.runs.key.{own}.tmp"),
            format!(".spool.{gone}.x"),
            format!("a.{gone}.tmp"),
            ".0.tmp".into(),
            ".x.tmp".into(),
        ];
        for name in left.iter().chain(&stays) {
            fs::write(home.root().join(name), "1234").unwrap();
        }
        let old = SystemTime::now() - 2 * LONGEST_WRITE;
        File::options().write(true).open(home.root().join(&left[3])).unwrap().set_modified(old).unwrap();
        let (folder, names) = (format!(".spool.{gone}.5"), format!(".spool.{gone}.5/keys"));
        fs::create_dir_all(home.root().join(&names)).unwrap();
        fs::write(home.root().join(&names).join("signing.key"), "1234").unwrap();
        let left: Vec<String> = left.into_iter().chain([folder]).collect();
        assert_eq!(home.purge_unfinished(true).len(), left.len());
        let mut purged: Vec<_> =
            home.purge_unfinished(false).into_iter().map(|one| (one.name, one.bytes)).collect();
        purged.sort();
        let mut expected: Vec<_> = left.iter().map(|name| (name.clone(), 4)).collect();
        expected.sort();
        assert_eq!(purged, expected);
        assert!(left.iter().all(|name| !home.root().join(name).exists()));
        assert!(stays.iter().all(|name| home.root().join(name).exists()));
        assert!(home.purge_unfinished(false).is_empty());
    }

    /// Rows are deleted from pages that were split and filled again meanwhile: the case in which SQLite's own overwriting
    /// of deleted rows leaves copies.
    #[test]
    fn nothing_of_a_deleted_row_is_in_any_file_of_the_database() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let schema = "CREATE TABLE IF NOT EXISTS t (key BLOB PRIMARY KEY, canary TEXT) WITHOUT ROWID, STRICT";
        let connection = home.database(schema).unwrap();
        let put = |from: u32, canary: &str| {
            connection.execute_batch("BEGIN").unwrap();
            for n in from..from + 3000 {
                let key = blake3::hash(&n.to_le_bytes());
                connection.execute("INSERT INTO t VALUES (?, ?)", (&key.as_bytes()[..16], canary)).unwrap();
            }
            connection.execute_batch("COMMIT").unwrap();
        };
        put(0, "first canary");
        put(3000, "second canary");
        connection.execute("DELETE FROM t WHERE canary = 'first canary'", []).unwrap();
        let found = |canary: &str| {
            let files = fs::read_dir(home.root()).unwrap().map(|entry| entry.unwrap().path());
            let bytes: Vec<u8> =
                files.filter(|path| path.is_file()).flat_map(|path| fs::read(path).unwrap()).collect();
            memchr::memmem::find(&bytes, canary.as_bytes()).is_some()
        };
        assert!(found("first canary"), "the log still has it, or this test cannot fail");
        let lock = home.lock_tally().unwrap();
        let rehearsed = home.compact_database(&lock, true, true).unwrap().unwrap();
        assert!(found("first canary") && rehearsed.anew && rehearsed.bytes > 0);
        let compacted = home.compact_database(&lock, true, false).unwrap().unwrap();
        assert!(compacted.anew && compacted.bytes > 0);
        assert!(!found("first canary") && found("second canary"));
        let count: i64 = connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 3000);
        let again = home.compact_database(&lock, false, false).unwrap().unwrap();
        assert_eq!(
            again,
            Compacted { anew: false, bytes: 0 },
            "with nothing deleted it is not written again"
        );
        // Rows that somebody else deleted, so many that pages are free.
        connection.execute("DELETE FROM t", []).unwrap();
        assert!(home.compact_database(&lock, false, false).unwrap().unwrap().anew);
        assert!(!found("second canary"));
        // The log cannot be emptied while somebody reads from it.
        put(0, "third canary");
        let reader = home.database("").unwrap();
        reader.execute_batch("BEGIN").unwrap();
        reader.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).unwrap();
        connection.execute("DELETE FROM t", []).unwrap();
        assert!(matches!(home.compact_database(&lock, true, false), Err(HomeError::InUse)));
        drop(reader);
        home.compact_database(&lock, true, false).unwrap();
        assert!(!found("third canary"));
    }
}
