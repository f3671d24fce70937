//! The data directory: layout, permissions, locks, keys, the SQLite connection, and the clock of a demo.
//!
//! Everything that another room stores goes through here. Knows nothing of what is stored.

mod audit;
#[cfg(feature = "backup")]
pub mod backup;
mod clock;
mod config;
mod files;
mod keys;
pub mod minisign;
mod owner;
mod purge;
mod serve_config;

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use audit::{
    About, AuditCheck, AuditFault, AuditHead, AuditHeadError, AuditLine, AuditLines, AuditRecord, Deed, Did,
    KeptHead, Stage,
};
pub use clock::{Clock, ClockError};
pub use config::{Config, Decisions, Deconfirmed, Flood, ReleaseConfig};
pub use files::{create_private, open_unfollowed, remove_temporaries, sync_dir, write_atomic, write_derived};
pub use owner::user_name;
pub use purge::{Compacted, Deletion, Purged, remove_tree, tree_bytes};
pub use serve_config::{FetchConfig, ServeConfig};

/// What can go wrong with the data directory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// Nothing there.
    #[error("{} is not an innerward home yet; `innerward set import NAME FILE` makes one", .0.display())]
    Missing(PathBuf),
    /// Something else is there.
    #[error("{} exists and is not an innerward home; name another folder with --home", .0.display())]
    Foreign(PathBuf),
    /// The folder is somebody else's.
    #[error(
        "{} belongs to somebody else, so that it cannot be made private to its owner: make a folder of its own in it, and name \
         that (--home {}, or INNERWARD_HOME)", .0.display(), .0.join("home").display()
    )]
    NotOurs(PathBuf),
    /// Another process writes.
    #[error("another innerward process is writing to {}; wait until it has finished", .0.display())]
    Busy(PathBuf),
    /// A file operation failed.
    #[error("{}: {source}{}", path.display(), io_cure(path, source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The database refused.
    #[error("innerward.sqlite: {error}{cure}", error = .0, cure = database_cure(.0))]
    Database(#[from] rusqlite::Error),
    /// Somebody reads the database, so that its log cannot be emptied.
    #[error(
        "innerward.sqlite: another innerward process reads it, so that its log still holds what was deleted; purge again \
         once that has finished"
    )]
    InUse,
    /// The configuration is wrong.
    #[error("{}: {cause}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// Place and cause.
        cause: String,
    },
    /// A key file is damaged.
    #[error("{} is damaged: it should hold {expected} bytes and has {found}; restore it from a backup", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Bytes that it should have.
        expected: usize,
        /// Bytes that it has.
        found: usize,
    },
    /// A deed that does not stand on one short line.
    #[error("this cannot be put on record, and so it is not done: `{what}` {cause}")]
    Deed {
        /// What of it.
        what: &'static str,
        /// What it should be.
        cause: &'static str,
    },
    /// The audit is damaged at its end.
    #[error(
        "{}: {cause}; nothing can be put on record behind it, and so nothing is done: `innerward audit verify` shows what \
         was changed; restore it from a backup, or keep it elsewhere and let a new one begin",
        path.display()
    )]
    Audit {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// A demo's clock in a real home.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// A file that should hold a public key holds none.
    #[error(transparent)]
    PublicKey(#[from] minisign::PublicKeyError),
}

const NO_ROOM: &str = "; make room there (disk, quota or limit) and try again";
const NOT_ALLOWED: &str = "; run as the user whom it belongs to, or name another --home; if a command was run there as \
                           another user, `chown -R USER HOME`, as root, gives all of it back to USER";

/// What the person can do about an error of the database, for the end of its text; empty where nobody knows.
#[must_use]
pub fn database_cure(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode as C;
    match error.sqlite_error_code() {
        Some(C::DiskFull | C::SystemIoFailure) => NO_ROOM,
        Some(C::ReadOnly | C::CannotOpen | C::PermissionDenied) => NOT_ALLOWED,
        _ => "",
    }
}

/// The same for an error of the file system at `path`, with whose it is where that is the reason.
#[must_use]
pub fn io_cure(path: &Path, error: &io::Error) -> String {
    use io::ErrorKind as K;
    match error.kind() {
        K::StorageFull | K::QuotaExceeded | K::FileTooLarge => NO_ROOM.to_owned(),
        K::ReadOnlyFilesystem => {
            "; it is mounted for reading only: mount it for writing, or name another --home".to_owned()
        }
        K::PermissionDenied => owner::cure(path),
        _ => String::new(),
    }
}

/// True if it was permissions that kept this process from what it wanted: nothing is damaged then.
#[must_use]
pub fn is_not_allowed(error: &(dyn std::error::Error + 'static)) -> bool {
    use rusqlite::ErrorCode as C;
    let of_system = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
    let of_database = |error: &rusqlite::Error| {
        matches!(error.sqlite_error_code(), Some(C::ReadOnly | C::CannotOpen | C::PermissionDenied))
    };
    std::iter::successors(Some(error), |error| error.source()).any(|error| {
        error.downcast_ref().is_some_and(of_system) || error.downcast_ref().is_some_and(of_database)
    })
}

impl HomeError {
    /// For `map_err`: an I/O error at `path`.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    /// True if the disk, a quota or a limit has no room for what was to be written.
    #[must_use]
    pub fn is_for_room(&self) -> bool {
        use io::ErrorKind as K;
        match self {
            Self::Io { source, .. } => {
                matches!(source.kind(), K::StorageFull | K::QuotaExceeded | K::FileTooLarge)
            }
            Self::Database(error) => error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            _ => false,
        }
    }
}

/// An open data directory.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
    demo: bool,
}

/// Held by the one process that may change lists and releases; released when dropped.
#[derive(Debug)]
#[must_use = "the home is locked only while this lives"]
pub struct WriteLock {
    _file: Locked,
}

/// Held by the one process that may change the tally; released when dropped.
#[derive(Debug)]
#[must_use = "the tally is locked only while this lives"]
pub struct TallyLock {
    _file: Locked,
}

/// Held by the one process that replaces one small file of the home; released when dropped.
#[derive(Debug)]
#[must_use = "the file is locked only while this lives"]
pub struct SmallLock {
    _file: Locked,
}

/// A locked file. It is unlocked and not only closed: a child that is just being started has the file open for a moment, too.
#[derive(Debug)]
struct Locked(File);

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

const MARKER: &str = "HOME";
const MARKER_TEXT: &str = "innerward home, layout 1\n";
const DEMO_TEXT: &str = "innerward home, layout 1, made by a demo: every release from here is marked DEMO\n";

impl Home {
    /// Opens the home at `root`.
    ///
    /// # Errors
    /// [`HomeError::Missing`] or [`HomeError::Foreign`] if there is none.
    pub fn open(root: &Path) -> Result<Self, HomeError> {
        let demo = match fs::read_to_string(root.join(MARKER)) {
            Ok(text) if text == MARKER_TEXT => false,
            Ok(text) if text == DEMO_TEXT => true,
            Ok(_) => return Err(HomeError::Foreign(root.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let occupied = fs::read_dir(root).is_ok_and(|mut files| files.next().is_some());
                return Err(if occupied {
                    HomeError::Foreign(root.into())
                } else {
                    HomeError::Missing(root.into())
                });
            }
            Err(source) => return Err(HomeError::Io { path: root.join(MARKER), source }),
        };
        Ok(Self { root: root.into(), demo })
    }

    /// Opens the home at `root`, or makes one there if the folder is empty or missing.
    ///
    /// # Errors
    /// As [`Home::open`], or if the folder cannot be written.
    pub fn open_or_create(root: &Path) -> Result<Self, HomeError> {
        match Self::open(root) {
            Err(HomeError::Missing(_)) => Self::create(root, false),
            other => other,
        }
    }

    /// Makes a home at `root`, readable by its owner alone (0700). A demo's home is marked for ever.
    ///
    /// # Errors
    /// [`HomeError::Foreign`] if something is there already.
    pub fn create(root: &Path, demo: bool) -> Result<Self, HomeError> {
        if fs::read_dir(root).is_ok_and(|mut files| files.next().is_some()) {
            return Err(HomeError::Foreign(root.into()));
        }
        let folder = |path: &Path| {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(HomeError::io(path))
        };
        folder(root)?;
        // A folder that a group may write to can still be another's, as a volume is that was mounted for a container.
        fs::set_permissions(root, fs::Permissions::from_mode(0o700)).map_err(|source| {
            match source.kind() {
                io::ErrorKind::PermissionDenied => HomeError::NotOurs(root.into()),
                _ => HomeError::Io { path: root.into(), source },
            }
        })?;
        let home = Self { root: root.into(), demo };
        for path in [home.index_dir(), home.runs_dir(), home.keys_dir(), home.public_dir()] {
            folder(&path)?;
        }
        // The marker comes last: a folder without it is not a home, so a half-made one is never used.
        let text = if demo { DEMO_TEXT } else { MARKER_TEXT };
        write_atomic(&root.join(MARKER), text.as_bytes(), 0o600)?;
        Ok(home)
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// True if a demo made it: its clock may be set, and its releases are marked DEMO.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.demo
    }

    /// `index/`: segments and their manifest.
    #[must_use]
    pub fn index_dir(&self) -> PathBuf {
        self.root.join("index")
    }

    /// `runs/`: local verdicts.
    #[must_use]
    pub fn runs_dir(&self) -> PathBuf {
        self.root.join("runs")
    }

    /// `public/`: the only folder that may be copied out.
    #[must_use]
    pub fn public_dir(&self) -> PathBuf {
        self.root.join("public")
    }

    /// `pulled/`: what others published, by the name that it has here.
    #[must_use]
    pub fn pulled_dir(&self) -> PathBuf {
        self.root.join("pulled")
    }

    /// `vocabulary/`: what categories mean whose schemes are known to their members alone.
    #[must_use]
    pub fn vocabulary_dir(&self) -> PathBuf {
        self.root.join("vocabulary")
    }

    fn keys_dir(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// Takes the lock of the one who may change lists and releases, without waiting.
    ///
    /// # Errors
    /// [`HomeError::Busy`] if another process holds it.
    pub fn lock(&self) -> Result<WriteLock, HomeError> {
        self.lock_within(Duration::ZERO)
    }

    /// The same, waiting for up to `patience`.
    ///
    /// # Errors
    /// [`HomeError::Busy`] if another process still holds it then.
    pub fn lock_within(&self, patience: Duration) -> Result<WriteLock, HomeError> {
        self.lock_file("lock", patience).map(|_file| WriteLock { _file })
    }

    /// Takes the lock of the tally, waiting for up to a minute. It is held for moments only and is apart from the other:
    /// screening goes on while a long list is imported. Whoever needs both takes the other first.
    ///
    /// # Errors
    /// [`HomeError::Busy`] if another process still holds it then.
    pub fn lock_tally(&self) -> Result<TallyLock, HomeError> {
        self.lock_tally_within(Duration::from_secs(60))
    }

    /// The same, waiting for up to `patience`.
    ///
    /// # Errors
    /// [`HomeError::Busy`] if another process still holds it then.
    pub fn lock_tally_within(&self, patience: Duration) -> Result<TallyLock, HomeError> {
        self.lock_file("tally.lock", patience).map(|_file| TallyLock { _file })
    }

    /// Takes the lock `NAME.lock` of whoever replaces one small file of the home, waiting for up to ten seconds. It is held
    /// for moments only, and nobody who holds it waits for another lock but that of the audit.
    ///
    /// # Errors
    /// [`HomeError::Busy`] if another process still holds it then.
    pub fn lock_small(&self, name: &str) -> Result<SmallLock, HomeError> {
        let file = self.lock_file(&format!("{name}.lock"), Duration::from_secs(10));
        file.map(|_file| SmallLock { _file })
    }

    fn lock_file(&self, name: &str, patience: Duration) -> Result<Locked, HomeError> {
        let path = self.root.join(name);
        let file = create_private(&path, false)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Locked(file)),
                Err(TryLockError::WouldBlock) if start.elapsed() < patience => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => return Err(HomeError::Busy(self.root.clone())),
                Err(TryLockError::Error(source)) => return Err(HomeError::Io { path, source }),
            }
        }
    }

    /// An empty file to write and read back, 0600 and without a name: it is gone when it is closed.
    ///
    /// # Errors
    /// [`HomeError::Io`] if the home cannot be written.
    pub fn nameless_file(&self) -> Result<File, HomeError> {
        // The time tells it from one that a killed process of the same number left.
        let now = jiff::Timestamp::now().as_nanosecond();
        let path = self.root.join(format!(".spool.{}.{now}", std::process::id()));
        let mut options = File::options();
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(HomeError::io(&path))?;
        fs::remove_file(&path).map_err(HomeError::io(&path))?;
        Ok(file)
    }

    /// A connection to `innerward.sqlite` (write-ahead log, synchronous FULL), with the tables of `schema` in place.
    ///
    /// # Errors
    /// [`HomeError::Database`] if it cannot be opened.
    pub fn database(&self, schema: &str) -> Result<rusqlite::Connection, HomeError> {
        let path = self.root.join("innerward.sqlite");
        drop(create_private(&path, false)?); // 0600 from the first byte; SQLite gives its side files the same mode
        let connection = rusqlite::Connection::open(&path)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "secure_delete", true)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.execute_batch(schema)?;
        Ok(connection)
    }

    /// The configuration in `innerward.toml`; defaults without the file.
    ///
    /// # Errors
    /// [`HomeError::Config`] for a key that is not known or a value that does not fit.
    pub fn config(&self) -> Result<Config, HomeError> {
        Config::read(&self.root.join("innerward.toml"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_private_and_opens_again() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("ward");
        assert!(matches!(Home::open(&root), Err(HomeError::Missing(_))));
        let home = Home::open_or_create(&root).unwrap();
        assert!(!home.is_demo());
        for path in [home.root().to_owned(), home.index_dir(), home.keys_dir()] {
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        }
        drop(home.database("CREATE TABLE IF NOT EXISTS t(x)").unwrap());
        let mode = fs::metadata(root.join("innerward.sqlite")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(Home::open(&root).is_ok());
    }

    #[test]
    fn a_foreign_folder_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("thesis.txt"), "precious").unwrap();
        assert!(matches!(Home::open_or_create(dir.path()), Err(HomeError::Foreign(_))));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_second_writer_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let lock = home.lock().unwrap();
        assert!(matches!(home.lock(), Err(HomeError::Busy(_))));
        let of_a_child = lock._file.0.try_clone().unwrap();
        drop(lock);
        assert!(home.lock().is_ok());
        drop(of_a_child);
    }
}
