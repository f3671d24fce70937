//! `public/log/`: the lines of the log and its signed head, for whoever reads the releases, and what they tell about a home
//! that was restored from an older copy.

use std::fs::{self, DirBuilder};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::entry::{Logged, read_entries};
use super::error::LogError;
use super::note::{Checkpoint, MOST_NOTE, NoteFault, sign};
use super::{stored, tree_of};
use crate::home::minisign::PublicKey;
use crate::home::{Home, open_unfollowed, sync_dir, write_atomic};
use crate::release::error::ReleaseError;
use crate::release::signature::Signatory;

/// The folder in `public/`.
pub const LOG_DIR: &str = "log";
/// The lines, each with a line feed at its end.
pub const ENTRIES_FILE: &str = "entries.jsonl";
/// The signed head.
pub const CHECKPOINT_FILE: &str = "checkpoint";
/// Most bytes of the lines together.
pub const MOST_ENTRIES_BYTES: u64 = 64 << 20;

/// Compares what was published of the log with the log, before anything is charged: what the public has must be a beginning
/// of it.
pub(in crate::release) fn check_public(
    home: &Home,
    connection: &Connection,
    key: &PublicKey,
) -> Result<(), ReleaseError> {
    Ok(compare(home, &stored(connection)?, key)?)
}

/// Writes the log to `public/log/`: first the lines, then the head that covers them, each whole or not at all. What is there
/// is compared first.
pub(in crate::release) fn publish_log(
    home: &Home,
    connection: &Connection,
    signatory: &Signatory,
) -> Result<(), ReleaseError> {
    Ok(write(home, &stored(connection)?, signatory)?)
}

fn write(home: &Home, entries: &[Logged], signatory: &Signatory) -> Result<(), LogError> {
    compare(home, entries, &signatory.public())?;
    let dir = dir_of(home);
    if !dir.is_dir() {
        let io = |source| LogError::Io { path: dir.clone(), source };
        DirBuilder::new().mode(0o755).create(&dir).map_err(io)?;
        sync_dir(&home.public_dir())?;
    }
    let mut lines = String::new();
    entries.iter().for_each(|logged| lines.extend([logged.line.as_str(), "\n"]));
    let note = sign(&tree_of(entries).head(), signatory);
    for (name, text) in [(ENTRIES_FILE, lines), (CHECKPOINT_FILE, note)] {
        let path = dir.join(name);
        if fs::read(&path).ok().as_deref() != Some(text.as_bytes()) {
            write_atomic(&path, text.as_bytes(), 0o644)?;
        }
    }
    Ok(())
}

fn dir_of(home: &Home) -> PathBuf {
    home.public_dir().join(LOG_DIR)
}

pub(super) fn compare(home: &Home, entries: &[Logged], key: &PublicKey) -> Result<(), LogError> {
    let ours = entries.len() as u64;
    let tree = tree_of(entries);
    let path = dir_of(home).join(CHECKPOINT_FILE);
    if let Some(bytes) = read(&path, MOST_NOTE as u64)? {
        let published = |fault| match fault {
            // Moving it away would only hide that the log goes on under another name.
            NoteFault::OtherLog { found, expected } => {
                LogError::OtherKey { path: path.clone(), found, expected }
            }
            fault => LogError::Published { path: path.clone(), fault },
        };
        let theirs = Checkpoint::parse(&bytes).and_then(|note| note.verify(key)).map_err(published)?;
        match tree.head_at(theirs.size) {
            None => return Err(LogError::Restored { path, ours, theirs: theirs.size }),
            Some(head) if head != theirs => return Err(LogError::Forked { path, size: theirs.size }),
            Some(_) => {}
        }
    }
    // The lines are written before the head: after a crash they may be ahead of it. What is damaged is written anew.
    let path = dir_of(home).join(ENTRIES_FILE);
    let theirs = read(&path, MOST_ENTRIES_BYTES)?
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| read_entries(&text).ok())
        .unwrap_or_default();
    let same = entries.iter().zip(&theirs).take_while(|(ours, theirs)| ours.line == theirs.line).count();
    match theirs.len() as u64 {
        theirs if same < entries.len().min(theirs as usize) => {
            Err(LogError::Forked { path, size: theirs.min(same as u64 + 1) })
        }
        theirs if theirs > ours => Err(LogError::Restored { path, ours, theirs }),
        _ => Ok(()),
    }
}

/// The bytes of a plain file, if it is there.
pub(super) fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, LogError> {
    let io = |source| LogError::Io { path: path.to_owned(), source };
    let file = match open_unfollowed(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(io(source)),
    };
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > most {
        return Err(LogError::TooLarge { path: path.to_owned(), most });
    }
    Ok(Some(bytes))
}
