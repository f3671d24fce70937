//! Takes a home as it is at one moment, while others go on working in it.
//!
//! Both locks of the home are held for that moment only: the database is pinned by a read transaction, and every file gets a
//! second name in a folder of its own ([`super::staged`]), which takes microseconds and reads nothing. Whoever replaces or
//! removes a file then takes its first name away; what takes long, the reading and the writing, is done without a lock and
//! one file after the other.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use blake3::{Hash, Hasher};
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::staged::{Staged, is_made_anew};
use super::tar::{self, Header};
use super::{
    ABOUT, AUDIT, About, BELOW, BackupError, DATABASE, FORMAT, FileDigest, MANIFEST, Manifest, Recipient,
};
use crate::home::{Home, HomeError, create_private, open_unfollowed};

/// Pages of the database that are copied at once.
const PAGES: i32 = 2048;

/// What goes into a backup.
#[derive(Debug, Clone)]
pub struct BackupOptions {
    /// Runs and watched folders too: local verdicts with the names of files.
    pub runs: bool,
    /// How long to wait for another who changes the home.
    pub patience: Duration,
}

/// What went into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// Files of the home.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What was left out since it is neither file nor folder: links, sockets.
    pub left_out: Vec<String>,
    /// BLAKE3 of the backup as it was written, encrypted.
    pub digest: Hash,
    /// For how long nobody else could change the home.
    pub held: Duration,
}

impl Home {
    /// Writes this home, as it is now, to `out`, encrypted to `recipients`; others go on working meanwhile. Needs memory for
    /// the names of the files, and two open files beside the database.
    ///
    /// # Errors
    /// [`HomeError::Busy`] if another process changes the home for longer than the patience; [`BackupError::Output`].
    pub fn backup(
        &self,
        recipients: &[Recipient],
        options: &BackupOptions,
        now: Timestamp,
        out: impl Write,
    ) -> Result<BackedUp, BackupError> {
        if recipients.is_empty() {
            return Err(BackupError::NoRecipient);
        }
        // What killed backups left.
        drop(self.purge_unfinished_in(self.root(), false));
        let mut taken = Taken::of(self, options)?;
        let database = taken.database.take().map(|pinned| copy(self, pinned)).transpose()?;
        let encryptor =
            age::Encryptor::with_recipients(recipients.iter().map(|one| one as &dyn age::Recipient))
                .map_err(|error| BackupError::Output(io::Error::other(error.to_string())))?;
        let sealed =
            encryptor.wrap_output(Hashing { out, hasher: Hasher::new() }).map_err(BackupError::Output)?;
        let mut archive = Archive { out: sealed, manifest: Manifest::default(), bytes: 0 };
        let about = About {
            format: FORMAT,
            innerward: env!("CARGO_PKG_VERSION").into(),
            at: now,
            runs: options.runs,
        };
        let modified = now.as_second().unsigned_abs();
        archive.note(
            ABOUT,
            &serde_json::to_vec(&about).map_err(io::Error::from).map_err(BackupError::Output)?,
            modified,
        )?;
        if let Some((file, len)) = database {
            let header = Header { name: DATABASE.into(), is_folder: false, mode: 0o600, len, modified };
            archive.add(header, Content::Open(file))?;
        }
        Walk::of(taken.staged.path()).folder(Path::new(""), &mut |mut header, path| {
            if header.is_folder {
                return archive.add(header, Content::Folder);
            }
            if header.name == AUDIT {
                header.len = taken.audit;
            }
            let file = open_unfollowed(&path).map_err(HomeError::io(&path))?;
            archive.add(header, Content::Open(file))
        })?;
        let (mut left_out, held) = (std::mem::take(&mut taken.staged.left_out), taken.held);
        drop(taken);
        if options.runs {
            for folder in ["runs", "watches"] {
                // What goes on meanwhile grows at its end, and a run reads past a line that is not whole.
                let mut walk = Walk::of(self.root());
                walk.folder(Path::new(folder), &mut |header, path| {
                    let content = if header.is_folder { Content::Folder } else { Content::At(path) };
                    archive.add(header, content)
                })?;
                left_out.append(&mut walk.left_out);
            }
        }
        let manifest =
            serde_json::to_vec(&archive.manifest).map_err(io::Error::from).map_err(BackupError::Output)?;
        archive.note(MANIFEST, &manifest, modified)?;
        tar::end(&mut archive.out).map_err(BackupError::Output)?;
        let files = archive.manifest.files.len() as u64;
        let mut out = archive.out.finish().map_err(BackupError::Output)?;
        out.flush().map_err(BackupError::Output)?;
        Ok(BackedUp { files, bytes: archive.bytes, left_out, digest: out.hasher.finalize(), held })
    }
}

/// Writes, and hashes what it writes.
struct Hashing<W> {
    out: W,
    hasher: Hasher,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.out.write(bytes)?;
        self.hasher.update(&bytes[..len]);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

enum Content {
    Folder,
    Open(File),
    /// To be opened when its turn comes; it may be gone by then.
    At(PathBuf),
}

/// The home at one moment.
struct Taken {
    staged: Staged,
    database: Option<Connection>,
    /// Bytes of the audit: it grows at its end, under a lock of its own.
    audit: u64,
    held: Duration,
}

impl Taken {
    fn of(home: &Home, options: &BackupOptions) -> Result<Self, BackupError> {
        let _lists = home.lock_within(options.patience)?;
        let begun = Instant::now();
        let _tally = home.lock_tally()?;
        let database = match home.root().join(DATABASE).exists() {
            true => Some(pin(home)?),
            false => None,
        };
        let staged = Staged::of(home)?;
        let audit = {
            let _whole_lines = home.lock_small("audit")?;
            staged.path().join(AUDIT).metadata().map_or(0, |about| about.len())
        };
        Ok(Self { staged, database, audit, held: begun.elapsed() })
    }
}

/// A connection that sees the database as it is now, for as long as it lives.
fn pin(home: &Home) -> Result<Connection, HomeError> {
    let connection = home.database("")?;
    connection.execute_batch("BEGIN")?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    Ok(connection)
}

/// A copy of the database as `pinned` sees it: a file of the home that has lost its name, and its length.
fn copy(home: &Home, pinned: Connection) -> Result<(File, u64), BackupError> {
    // By such a name `purge` and the next backup know what a killed process left.
    let name = format!(".spool.{}.{}", std::process::id(), Timestamp::now().as_nanosecond());
    let path = home.root().join(&name);
    drop(create_private(&path, true)?);
    let made = fill(&path, &pinned).and_then(|()| {
        let file = File::open(&path).map_err(HomeError::io(&path))?;
        let len = file.metadata().map_err(HomeError::io(&path))?.len();
        Ok((file, len))
    });
    for side in ["", "-journal", "-wal", "-shm"] {
        let _ = fs::remove_file(home.root().join(format!("{name}{side}"))); // only the first is there for certain
    }
    Ok(made?)
}

fn fill(path: &Path, pinned: &Connection) -> Result<(), HomeError> {
    let mut to = Connection::open(path)?;
    // Nobody reads it before it is whole, and nobody after a crash.
    to.pragma_update(None, "journal_mode", "off")?;
    to.pragma_update(None, "synchronous", "off")?;
    let backup = Backup::new(pinned, &mut to)?;
    loop {
        match backup.step(PAGES)? {
            StepResult::Done => break,
            StepResult::More => {}
            _ => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    drop(backup);
    to.close().map_err(|(_, error)| HomeError::from(error))
}

/// Goes through folders in order of names.
struct Walk<'a> {
    root: &'a Path,
    left_out: Vec<String>,
}

impl<'a> Walk<'a> {
    fn of(root: &'a Path) -> Self {
        Self { root, left_out: Vec::new() }
    }

    /// Gives what is in folder `below` the root to `each`, a folder before what is in it.
    fn folder(
        &mut self,
        below: &Path,
        each: &mut dyn FnMut(Header, PathBuf) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let path = self.root.join(below);
        let listed = match fs::read_dir(&path) {
            Ok(listed) => listed.collect::<io::Result<Vec<_>>>().map_err(HomeError::io(&path))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(HomeError::Io { path, source }.into()),
        };
        let mut names: Vec<_> = listed.into_iter().map(|entry| entry.file_name()).collect();
        names.sort_unstable();
        if let Some(header) = header_of(below, &path)?.filter(|_| !below.as_os_str().is_empty()) {
            each(header, path.clone())?;
        }
        for name in names {
            let within = below.join(&name);
            if is_made_anew(&within) {
                continue;
            }
            let path = path.join(&name);
            match header_of(&within, &path)? {
                Some(header) if header.is_folder => self.folder(&within, each)?,
                Some(header) => each(header, path)?,
                None if path.symlink_metadata().is_ok() => {
                    self.left_out.push(within.to_string_lossy().into_owned());
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// What stands before `path` in the archive; `None` if it is neither file nor folder, or not there any more.
fn header_of(within: &Path, path: &Path) -> Result<Option<Header>, BackupError> {
    let about = match path.symlink_metadata() {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(HomeError::Io { path: path.into(), source }.into()),
    };
    if !(about.is_dir() || about.is_file()) {
        return Ok(None);
    }
    let Some(name) = within.to_str() else {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "its name is no text; give it another");
        return Err(HomeError::Io { path: path.into(), source }.into());
    };
    let modified = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    Ok(Some(Header {
        name: name.to_owned(),
        is_folder: about.is_dir(),
        mode: about.permissions().mode() & 0o777,
        len: if about.is_dir() { 0 } else { about.len() },
        modified: modified.map_or(0, |since| since.as_secs()),
    }))
}

/// The archive that is being written.
struct Archive<W: Write> {
    out: age::stream::StreamWriter<W>,
    manifest: Manifest,
    bytes: u64,
}

impl<W: Write> Archive<W> {
    /// Adds something of the archive's own.
    fn note(&mut self, name: &str, bytes: &[u8], modified: u64) -> Result<(), BackupError> {
        let len = bytes.len() as u64;
        let header = Header { name: name.into(), is_folder: false, mode: 0o600, len, modified };
        tar::put(&header, &mut self.out)
            .and_then(|()| self.out.write_all(bytes))
            .and_then(|()| tar::pad(len, &mut self.out))
            .map_err(BackupError::Output)
    }

    /// Adds something of the home, whose path is `header.name`.
    fn add(&mut self, mut header: Header, content: Content) -> Result<(), BackupError> {
        let name = std::mem::take(&mut header.name);
        header.name = format!("{BELOW}/{name}");
        let mut input: Box<dyn Read> = match content {
            Content::Folder => return tar::put(&header, &mut self.out).map_err(BackupError::Output),
            Content::Open(file) => Box::new(file),
            Content::At(path) => match open_unfollowed(&path) {
                Ok(file) => {
                    header.len = file.metadata().map_err(HomeError::io(&path))?.len();
                    Box::new(file)
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(source) => return Err(HomeError::Io { path, source }.into()),
            },
        };
        tar::put(&header, &mut self.out).map_err(BackupError::Output)?;
        let (mut hasher, mut left) = (blake3::Hasher::new(), header.len);
        let mut piece = vec![0; 256 << 10];
        while left > 0 {
            let most = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let len = match input.read(&mut piece[..most]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.map_err(HomeError::io(&name))?,
            };
            if len == 0 {
                let source = io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "it became shorter while it was read; make the backup again",
                );
                return Err(HomeError::Io { path: name.into(), source }.into());
            }
            hasher.update(&piece[..len]);
            self.out.write_all(&piece[..len]).map_err(BackupError::Output)?;
            left -= len as u64;
        }
        tar::pad(header.len, &mut self.out).map_err(BackupError::Output)?;
        self.bytes += header.len;
        let digest = FileDigest { bytes: header.len, blake3: hasher.finalize().to_hex().to_string() };
        self.manifest.files.insert(name, digest);
        Ok(())
    }
}
