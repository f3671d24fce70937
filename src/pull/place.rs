//! Where the releases of one publisher are kept: the key and the log as they were first seen, and a folder for each release.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::error::PullError;
use crate::home::{create_private, open_unfollowed, remove_tree, sync_dir, write_atomic};
use crate::release::log::{
    CHECKPOINT_FILE, Checkpoint, ENTRIES_FILE, Head, LOG_DIR, Logged, MOST_ENTRIES_BYTES, is_release_id,
    read_entries,
};
use crate::release::{PUBLIC_KEY_FILE, PublicKey};

/// What makes a folder one of ours.
const ABOUT_FILE: &str = "pulled.json";
const LOCK_FILE: &str = ".lock";
const MOST_ABOUT: u64 = 64 << 10;
const MOST_NOTE: u64 = 1 << 20;
const SCHEMA: u32 = 1;

/// What is remembered of a publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    schema: u32,
    /// The address, or the folder, of the last pull.
    pub(super) source: String,
    /// The key of the first pull.
    pub(super) key: String,
    /// The day of the first pull.
    pub(super) first: Date,
    /// The day of the last pull.
    pub(super) last: Date,
}

impl About {
    pub(super) fn new(source: &str, key: &PublicKey, today: Date) -> Self {
        Self { schema: SCHEMA, source: source.to_owned(), key: key.to_string(), first: today, last: today }
    }
}

/// The folder, held for this process alone.
pub(super) struct Place {
    dir: PathBuf,
    about: Option<About>,
    _lock: File,
}

impl Place {
    /// Takes the folder, made if it is not there.
    pub(super) fn take(dir: &Path) -> Result<Self, PullError> {
        let about = about(dir)?;
        if about.is_none() {
            let mut others = match fs::read_dir(dir) {
                Ok(entries) => entries.filter_map(Result::ok).filter(|entry| entry.file_name() != LOCK_FILE),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(PullError::io(dir))?;
                    return Self::take(dir);
                }
                Err(error) => return Err(PullError::io(dir)(error)),
            };
            if others.next().is_some() {
                return Err(PullError::Foreign(dir.to_owned()));
            }
        }
        let path = dir.join(LOCK_FILE);
        let lock = create_private(&path, false)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { dir: dir.to_owned(), about, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(PullError::Busy(dir.to_owned())),
            Err(TryLockError::Error(source)) => Err(PullError::Io { path, source }),
        }
    }

    /// Leaves nothing behind if nothing was ever pulled.
    pub(super) fn leave(self) {
        if self.about.is_none() {
            // What cannot be removed is an empty folder, and no harm.
            let _ = fs::remove_file(self.dir.join(LOCK_FILE)).and_then(|()| fs::remove_dir(&self.dir));
        }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The key of the first pull.
    pub(super) fn pinned(&self) -> Result<Option<PublicKey>, PullError> {
        let parse = |about: &About| about.key.parse();
        let damaged = |_| PullError::PublicKey(self.dir.join(ABOUT_FILE).display().to_string());
        self.about.as_ref().map(parse).transpose().map_err(damaged)
    }

    /// The file with the head of the last pull.
    pub(super) fn checkpoint_file(&self) -> PathBuf {
        self.dir.join(LOG_DIR).join(CHECKPOINT_FILE)
    }

    /// The head of the last pull.
    pub(super) fn head(&self, key: &PublicKey) -> Result<Option<Head>, PullError> {
        let path = self.checkpoint_file();
        let Some(bytes) = read(&path, MOST_NOTE)? else { return Ok(None) };
        let head = Checkpoint::parse(&bytes).and_then(|note| note.verify(key));
        head.map(Some).map_err(|fault| PullError::Checkpoint { what: path.display().to_string(), fault })
    }

    /// Remembers whose it is and the log, which was found to continue the one before: the lines, then the head.
    pub(super) fn remember(
        &mut self,
        about: About,
        key: &PublicKey,
        lines: &str,
        note: &[u8],
    ) -> Result<(), PullError> {
        let about = About { first: self.about.as_ref().map_or(about.first, |before| before.first), ..about };
        let log = self.dir.join(LOG_DIR);
        if !log.is_dir() {
            DirBuilder::new().mode(0o700).create(&log).map_err(PullError::io(&log))?;
        }
        let mut text = serde_json::to_vec_pretty(&about).expect("texts and days are always JSON");
        text.push(b'\n');
        let key_file = key.to_file("innerward public key");
        write_atomic(&self.dir.join(ABOUT_FILE), &text, 0o600)?;
        write_atomic(&self.dir.join(PUBLIC_KEY_FILE), key_file.as_bytes(), 0o600)?;
        write_atomic(&log.join(ENTRIES_FILE), lines.as_bytes(), 0o600)?;
        write_atomic(&self.checkpoint_file(), note, 0o600)?;
        self.about = Some(about);
        Ok(())
    }

    /// The folder of a release, if it is there.
    pub(super) fn release(&self, release_id: &str) -> Option<PathBuf> {
        let dir = self.dir.join(release_id);
        fs::symlink_metadata(&dir).is_ok().then_some(dir)
    }

    /// Writes the files of a release under a temporary name; whoever finds it good puts it in place.
    pub(super) fn stage(&self, release_id: &str, files: &[(String, Vec<u8>)]) -> Result<PathBuf, PullError> {
        let dir = self.staged(release_id);
        self.discard(release_id);
        DirBuilder::new().mode(0o700).create(&dir).map_err(PullError::io(&dir))?;
        for (name, bytes) in files {
            let path = dir.join(name);
            let mut file = create_private(&path, true)?;
            file.write_all(bytes).and_then(|()| file.sync_all()).map_err(PullError::io(&path))?;
        }
        sync_dir(&dir)?;
        Ok(dir)
    }

    /// Puts what was staged in place.
    pub(super) fn accept(&self, release_id: &str) -> Result<(), PullError> {
        let dir = self.dir.join(release_id);
        fs::rename(self.staged(release_id), &dir).map_err(PullError::io(&dir))?;
        Ok(sync_dir(&self.dir)?)
    }

    /// Removes what was staged, now or by a process that was killed.
    pub(super) fn discard(&self, release_id: &str) {
        let dir = self.staged(release_id);
        if fs::symlink_metadata(&dir).is_ok() {
            // If it stays, making it anew fails and says so.
            let _ = remove_tree(&dir, false);
        }
    }

    fn staged(&self, release_id: &str) -> PathBuf {
        self.dir.join(format!(".{release_id}.tmp"))
    }
}

/// What is remembered in `dir`; `None` if nothing was ever pulled into it.
pub(super) fn about(dir: &Path) -> Result<Option<About>, PullError> {
    let path = dir.join(ABOUT_FILE);
    let Some(bytes) = read(&path, MOST_ABOUT)? else { return Ok(None) };
    match serde_json::from_slice::<About>(&bytes) {
        Ok(about) if about.schema == SCHEMA => Ok(Some(about)),
        _ => Err(PullError::Foreign(dir.to_owned())),
    }
}

/// The log that is kept in `dir`.
pub(super) fn kept_log(dir: &Path) -> Result<Vec<Logged>, PullError> {
    let path = dir.join(LOG_DIR).join(ENTRIES_FILE);
    let bytes = read(&path, MOST_ENTRIES_BYTES)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    read_entries(&text).map_err(|fault| PullError::Entries { what: path.display().to_string(), fault })
}

/// The releases that are kept in `dir`, by name.
pub(super) fn kept_releases(dir: &Path) -> Result<Vec<String>, PullError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(PullError::io(dir))? {
        let entry = entry.map_err(PullError::io(dir))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != LOG_DIR && is_release_id(&name) && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// The bytes of a plain file, if it is there.
pub(super) fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, PullError> {
    let file = match open_unfollowed(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PullError::io(path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(PullError::io(path))?;
    if bytes.len() as u64 > most {
        return Err(PullError::TooLarge { what: path.display().to_string(), most });
    }
    Ok(Some(bytes))
}
