//! The folder of a run, `runs/ID/`, 0700: what it was asked for, how far it has come, and who works on it.
//!
//! | File | |
//! |---|---|
//! | `run.json` | what was asked, and each part of the run: when it began, with what lists; locked by whoever works on it |
//! | `verdicts.jsonl` | a line an item |
//! | `fingerprints.jsonl` | what is known of the contents, a line an item; gone after its end unless it is to be remembered |
//! | `triage.html`, `verdicts.csv` | the verdicts as a page, and as a table where that was asked for |
//! | `inputs.b3`, `record.json`, `record.json.minisig` | what was read, and what was done with it, signed; made at its end |
//! | `checkpoint.json` | how much of both is whole; replaced after every batch, gone after the end |

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, BufReader, BufWriter, ErrorKind, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::part::Part;
use super::{RunError, Summary};
use crate::home::{Home, HomeError, create_private, write_atomic};

/// What a run was asked for: enough to ask for the same again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The folder that relative paths begin in.
    pub folder: Words,
    /// The words of the command line, after the name of the verb.
    pub arguments: Vec<Words>,
}

/// What somebody typed, which need not be UTF-8.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Words {
    /// It is.
    Text(String),
    /// It is not.
    Bytes {
        /// The bytes.
        hex: String,
    },
}

/// Names of files are among them: they are not printed by accident.
impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words(..)")
    }
}

impl From<OsString> for Words {
    fn from(words: OsString) -> Self {
        words
            .into_string()
            .map_or_else(|words| Self::Bytes { hex: hex::encode(words.as_bytes()) }, Self::Text)
    }
}

impl From<Words> for OsString {
    fn from(words: Words) -> Self {
        match words {
            Words::Text(text) => text.into(),
            Words::Bytes { hex } => Self::from_vec(hex::decode(hex).unwrap_or_default()),
        }
    }
}

/// `run.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Described {
    local: String,
    pub(super) asked: Asked,
    pub(super) parts: Vec<Part>,
    /// When it came to its end; `None` if it did not yet.
    pub(super) ended: Option<Timestamp>,
    /// The last day on which its fingerprints are kept; `None` if they are not kept beyond its end.
    pub(super) remember_until: Option<Date>,
}

/// `checkpoint.json`: so much is on disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checkpoint {
    pub(super) at: Timestamp,
    /// Bytes of `verdicts.jsonl` and of `fingerprints.jsonl`.
    pub(super) verdicts: u64,
    pub(super) fingerprints: u64,
    pub(super) summary: Summary,
}

/// A run's folder, which nobody else works in.
pub(super) struct RunFolder {
    path: PathBuf,
    pub(super) described: Described,
    _lock: File,
}

pub(super) const DESCRIBED: &str = "run.json";
pub(super) const CHECKPOINT: &str = "checkpoint.json";
/// Locked in place of `run.json`, which is replaced.
pub(super) const LOCK: &str = "lock";

impl RunFolder {
    /// Makes the folder of a new run, named by the time of its start.
    pub(super) fn create(home: &Home, asked: Asked, remember_until: Option<Date>) -> Result<Self, RunError> {
        let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%S").to_string();
        let path = (0..)
            .map(|n: u32| home.runs_dir().join(if n == 0 { stamp.clone() } else { format!("{stamp}-{n}") }))
            .find_map(|path| match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => Some(Ok(path)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => None,
                Err(source) => Some(Err(HomeError::Io { path, source })),
            })
            .expect("an endless range ends by its answer")?;
        let described = Described {
            local: "not for sharing".into(),
            asked,
            parts: Vec::new(),
            ended: None,
            remember_until,
        };
        let new = Self { _lock: lock(&path)?, path, described };
        new.describe()?;
        Ok(new)
    }

    /// Opens the folder of a run that has not come to its end.
    pub(super) fn open(home: &Home, id: &str) -> Result<Self, RunError> {
        let path = folder_of(home, id)?;
        let lock = lock(&path)?;
        let described: Described = match read(&path.join(DESCRIBED))? {
            Some(described) => described,
            None => return Err(RunError::Older { id: id.into() }),
        };
        if described.ended.is_some() {
            let id = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Err(RunError::Ended { id });
        }
        Ok(Self { path, described, _lock: lock })
    }

    /// What is known of the run `id`, if it came to its end; waits for nobody.
    pub(super) fn ended(home: &Home, id: &str) -> Result<Option<Described>, RunError> {
        let described: Option<Described> = read(&folder_of(home, id)?.join(DESCRIBED))?;
        Ok(described.filter(|described| described.ended.is_some()))
    }

    /// The folder of the run `id`, which may be `last`, and its name.
    pub(super) fn place(home: &Home, id: &str) -> Result<(PathBuf, String), RunError> {
        let path = folder_of(home, id)?;
        let id = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok((path, id))
    }

    /// Whether the run `id` came to its end; `None` if nobody knows.
    pub(super) fn has_ended(home: &Home, id: &str) -> Option<bool> {
        let described: Described = read(&folder_of(home, id).ok()?.join(DESCRIBED)).ok()??;
        Some(described.ended.is_some())
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its name.
    pub(super) fn id(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub(super) fn verdicts(&self) -> PathBuf {
        self.path.join("verdicts.jsonl")
    }

    pub(super) fn fingerprints(&self) -> PathBuf {
        Self::fingerprints_in(&self.path)
    }

    /// Where the run of this folder has its fingerprints.
    pub(super) fn fingerprints_in(folder: &Path) -> PathBuf {
        folder.join("fingerprints.jsonl")
    }

    /// Makes another form of the verdicts, `name` in this folder: whole, or not at all.
    pub(super) fn derive(
        &self,
        name: &str,
        make: impl FnOnce(BufReader<File>, &mut BufWriter<&File>) -> io::Result<()>,
    ) -> Result<PathBuf, RunError> {
        let (path, unfinished) = (self.path.join(name), self.path.join(format!(".{name}.partial")));
        let file = create_private(&unfinished, true)?;
        let write = || {
            let mut out = BufWriter::new(&file);
            make(BufReader::new(File::open(self.verdicts())?), &mut out)?;
            out.flush()?;
            drop(out);
            file.sync_all()?;
            fs::rename(&unfinished, &path)
        };
        write().map_err(HomeError::io(&path))?;
        Ok(path)
    }

    pub(super) fn describe(&self) -> Result<(), RunError> {
        self.write(DESCRIBED, &self.described)
    }

    /// Says of the run what `described` says, that it is over among it; from here on nobody goes on with it.
    pub(super) fn finish(&self, described: &[u8]) -> Result<(), RunError> {
        write_atomic(&self.path.join(DESCRIBED), described, 0o600)?;
        let _ = fs::remove_file(self.path.join(CHECKPOINT)); // of no use any more, and of no harm
        Ok(())
    }

    /// What `run.json` is to hold.
    pub(super) fn described_bytes(&self) -> Result<Vec<u8>, RunError> {
        let bytes = serde_json::to_vec_pretty(&self.described).map_err(io::Error::from);
        Ok(bytes.map_err(HomeError::io(self.path.join(DESCRIBED)))?)
    }

    /// How far it has come; `None` if it had not yet begun.
    pub(super) fn checkpoint(&self) -> Result<Option<Checkpoint>, RunError> {
        read(&self.path.join(CHECKPOINT))
    }

    pub(super) fn set_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), RunError> {
        self.write(CHECKPOINT, checkpoint)
    }

    fn write(&self, name: &str, what: &impl Serialize) -> Result<(), RunError> {
        let path = self.path.join(name);
        let bytes = serde_json::to_vec_pretty(what).map_err(io::Error::from);
        let bytes = bytes.map_err(HomeError::io(&path))?;
        Ok(write_atomic(&path, &bytes, 0o600)?)
    }
}

/// The folder of the run `id` of `home`; `last` is the one that began last.
fn folder_of(home: &Home, id: &str) -> Result<PathBuf, RunError> {
    let last_id = (id == "last").then(|| last(home)).flatten();
    let id = last_id.as_deref().unwrap_or(id);
    let path = home.runs_dir().join(id);
    if is_run_name(id) && path.is_dir() {
        Ok(path)
    } else {
        Err(RunError::NoSuchRun { id: id.into(), last: last(home) })
    }
}

/// True for what a run may be called; what is on its way out is called otherwise.
pub(super) fn is_run_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// The run that began last.
fn last(home: &Home) -> Option<String> {
    let names =
        fs::read_dir(home.runs_dir()).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter(|name| is_run_name(name)).max()
}

fn lock(folder: &Path) -> Result<File, RunError> {
    let path = folder.join(LOCK);
    let file = create_private(&path, false)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(RunError::Busy { folder: folder.into() }),
        Err(TryLockError::Error(source)) => Err(HomeError::Io { path, source }.into()),
    }
}

/// What is in the file; `None` if it is not there.
fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Option<T>, RunError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(HomeError::Io { path: path.into(), source }.into()),
    };
    let damaged =
        |error: serde_json::Error| RunError::Damaged { path: path.into(), line: error.line() as u64 };
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}
