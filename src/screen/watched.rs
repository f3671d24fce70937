//! What of a watched folder was taken in: `HOME/watch/ID/`, 0700, where ID stands for the folder's path.
//!
//! | File | |
//! |---|---|
//! | `watch.json` | the folder, the run that has not come to its end, the file system that the folder was on |
//! | `taken.jsonl` | a line a file: path from the folder on, length, time of the last change; the last line of a path counts |
//! | `lock` | held by who watches |

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::purge::WATCHES;
use super::{Words, path_hex};
use crate::home::{Home, HomeError, create_private, sync_dir, write_atomic};

/// Why a folder cannot be watched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// It is not there and was never watched.
    #[error("{}: there is no such folder to watch; name one that is there, or mount it first", .0.display())]
    Missing(PathBuf),
    /// It is something else.
    #[error("{}: only a folder can be watched; leave out --watch to screen a file", .0.display())]
    NoFolder(PathBuf),
    /// Somebody else does.
    #[error("{}: another innerward process watches this folder; end that one first", .0.display())]
    Busy(PathBuf),
    /// What is known of it cannot be read or written.
    #[error(transparent)]
    Home(#[from] HomeError),
}

/// `watch.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    local: String,
    folder: Words,
    run: Option<String>,
    device: Option<u64>,
}

/// A file as it was when it was taken in.
pub(super) struct Taken {
    /// From the folder on.
    pub(super) path: PathBuf,
    pub(super) stamp: Stamp,
}

/// What changes when a file is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Stamp {
    bytes: u64,
    /// Seconds and nanoseconds since 1970.
    modified: (i64, i64),
    /// Likewise; nobody can set it, so that another file in the place of one is seen though all else is equal.
    changed: (i64, i64),
}

impl Stamp {
    pub(super) fn of(about: &fs::Metadata) -> Self {
        Self {
            bytes: about.len(),
            modified: (about.mtime(), about.mtime_nsec()),
            changed: (about.ctime(), about.ctime_nsec()),
        }
    }
}

/// One line of `taken.jsonl`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    path_hex: Option<String>,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Taken {
    fn to_line(&self) -> io::Result<Vec<u8>> {
        let Stamp { bytes, modified, changed } = self.stamp;
        let path = self.path.to_string_lossy().into_owned();
        let path_hex = path_hex(&self.path);
        let mut line = serde_json::to_vec(&Line { path, path_hex, bytes, modified, changed })?;
        line.push(b'\n');
        Ok(line)
    }

    /// `None` for what is no whole line, such as the last one that a killed process wrote.
    fn of_line(line: &[u8]) -> Option<Self> {
        let Line { path, path_hex, bytes, modified, changed } =
            serde_json::from_slice(line.strip_suffix(b"\n")?).ok()?;
        let path = match path_hex {
            Some(digits) => OsString::from_vec(hex::decode(digits).ok()?).into(),
            None => path.into(),
        };
        Some(Self { path, stamp: Stamp { bytes, modified, changed } })
    }
}

/// Prints of paths and of what they had: collisions are not to be met, and not to be made.
#[derive(Default)]
pub(super) struct Prints(RandomState);

impl Prints {
    pub(super) fn of_path(&self, path: &Path) -> u64 {
        self.0.hash_one(path.as_os_str().as_bytes())
    }

    pub(super) fn of_stamp(&self, stamp: Stamp) -> u64 {
        self.0.hash_one(stamp)
    }

    pub(super) fn of_words(&self, words: &str) -> u64 {
        self.0.hash_one(words)
    }
}

/// Where a folder is that is not there, as [`Path::canonicalize`] would say it if it were.
fn where_it_was(dir: &Path) -> PathBuf {
    let mut path = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    for _ in 0..MOST_LINKS {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { break };
        let parent = parent.canonicalize().unwrap_or_else(|_| where_it_was(parent));
        let whole = parent.join(name);
        match fs::read_link(&whole) {
            Ok(target) => path = parent.join(target),
            Err(_) => return whole,
        }
    }
    path
}

/// Links that lead to each other are followed no further.
const MOST_LINKS: u32 = 16;

/// The state of a watch, which nobody else writes to.
pub(super) struct Watched {
    folder: PathBuf,
    described: Described,
    out: BufWriter<File>,
    lines: u64,
    _lock: File,
}

const DESCRIBED: &str = "watch.json";
const TAKEN: &str = "taken.jsonl";

impl Watched {
    /// Opens the state of a watch of `dir`, or makes it; gives what was taken in to `take`.
    pub(super) fn open(home: &Home, dir: &Path, mut take: impl FnMut(Taken)) -> Result<Self, WatchError> {
        let (path, is_there) = match dir.canonicalize() {
            Ok(path) if path.is_dir() => (path, true),
            Ok(_) => return Err(WatchError::NoFolder(dir.into())),
            Err(_) => (where_it_was(dir), false),
        };
        let id = blake3::hash(path.as_os_str().as_bytes()).to_hex();
        let all = home.root().join(WATCHES);
        let folder = all.join(&id.as_str()[..16]);
        if !is_there && !folder.is_dir() {
            return Err(WatchError::Missing(dir.into()));
        }
        let make = |path: &Path| DirBuilder::new().recursive(true).mode(0o700).create(path);
        make(&all).and_then(|()| make(&folder)).map_err(HomeError::io(&folder))?;
        let lock = create_private(&folder.join("lock"), false)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(WatchError::Busy(dir.into())),
            Err(TryLockError::Error(source)) => return Err(HomeError::Io { path: folder, source }.into()),
        }
        let described = match fs::read(folder.join(DESCRIBED)) {
            // What cannot be read was not written by this version: the run that it names is gone on with by hand.
            Ok(bytes) => serde_json::from_slice(&bytes).ok(),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(source) => return Err(HomeError::Io { path: folder.join(DESCRIBED), source }.into()),
        };
        let described = described.unwrap_or_else(|| Described {
            local: "not for sharing".into(),
            folder: path.into_os_string().into(),
            run: None,
            device: None,
        });
        let path = folder.join(TAKEN);
        let mut lines = 0;
        let mut whole = 0;
        drop(create_private(&path, false)?);
        each_line(&path, |line| {
            if let Some(taken) = Taken::of_line(line) {
                take(taken);
            }
            if line.ends_with(b"\n") {
                lines += 1;
                whole += line.len() as u64;
            }
            Ok(())
        })?;
        let mut file = create_private(&path, false)?;
        let place = file.set_len(whole).and_then(|()| file.seek(SeekFrom::End(0)));
        place.map_err(HomeError::io(&path))?;
        let new = Self { folder, described, out: BufWriter::new(file), lines, _lock: lock };
        new.describe()?;
        Ok(new)
    }

    /// The run that was begun and has not come to its end.
    pub(super) fn run(&self) -> Option<&str> {
        self.described.run.as_deref()
    }

    pub(super) fn set_run(&mut self, run: Option<&str>) -> Result<(), HomeError> {
        self.described.run = run.map(str::to_owned);
        self.describe()
    }

    /// The file system that the folder was on when something was seen in it that had been taken in.
    pub(super) fn device(&self) -> Option<u64> {
        self.described.device
    }

    pub(super) fn set_device(&mut self, device: u64) -> Result<(), HomeError> {
        if self.described.device == Some(device) {
            return Ok(());
        }
        self.described.device = Some(device);
        self.describe()
    }

    /// Lines, of which those of files that are gone or have changed count for nothing.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// Adds files, and returns once they are on disk.
    pub(super) fn add<'a>(&mut self, files: impl Iterator<Item = &'a Taken>) -> Result<(), HomeError> {
        let write = || {
            for taken in files {
                self.out.write_all(&taken.to_line()?)?;
                self.lines += 1;
            }
            self.out.flush()?;
            self.out.get_ref().sync_data()
        };
        write().map_err(HomeError::io(self.folder.join(TAKEN)))
    }

    /// Writes anew what is `known`: by print of a path, that of its stamp.
    pub(super) fn rewrite(
        &mut self,
        prints: &Prints,
        known: impl Fn(u64) -> Option<u64>,
    ) -> Result<(), HomeError> {
        let (path, unfinished) = (self.folder.join(TAKEN), self.folder.join(".taken.partial"));
        let mut out = BufWriter::new(create_private(&unfinished, true)?);
        let (mut lines, mut written) = (0, HashSet::new());
        each_line(&path, |line| {
            if let Some(taken) = Taken::of_line(line) {
                let print = prints.of_path(&taken.path);
                if known(print) == Some(prints.of_stamp(taken.stamp)) && written.insert(print) {
                    out.write_all(line)?;
                    lines += 1;
                }
            }
            Ok(())
        })?;
        let mut finish = || {
            out.flush()?;
            out.get_ref().sync_all()?;
            fs::rename(&unfinished, &path)
        };
        finish().map_err(HomeError::io(&path))?;
        sync_dir(&self.folder)?;
        (self.out, self.lines) = (out, lines);
        Ok(())
    }

    fn describe(&self) -> Result<(), HomeError> {
        let path = self.folder.join(DESCRIBED);
        let bytes = serde_json::to_vec_pretty(&self.described).map_err(io::Error::from);
        write_atomic(&path, &bytes.map_err(HomeError::io(&path))?, 0o600)
    }
}

/// Each line, with its end.
fn each_line(path: &Path, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> Result<(), HomeError> {
    let mut read = || -> io::Result<()> {
        let mut lines = BufReader::with_capacity(1 << 16, File::open(path)?);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            take(&line)?;
            line.clear();
        }
        Ok(())
    };
    read().map_err(HomeError::io(path))
}

/// What is known of the files of a folder: by print of a path, that of its stamp, and the look in which it was seen.
pub(super) type Known = HashMap<u64, Seen>;

/// A file that was taken in.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) stamp: u64,
    /// The look in which it was there for the last time.
    pub(super) look: u32,
}
