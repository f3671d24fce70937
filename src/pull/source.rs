//! Where a publisher's files come from: a folder, or a web server. Whatever it is, it is bounded.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::error::PullError;
use crate::home::open_unfollowed;

/// What one pull takes at most. The defaults are far above what a publisher has.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one file, from the first byte asked for to the last one had.
    pub file: Duration,
    /// For everything.
    pub whole: Duration,
    /// Files.
    pub files: u32,
    /// Bytes of all files together.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: Duration::from_secs(60), whole: Duration::from_mins(30), files: 100_000, bytes: 4 << 30 }
    }
}

/// A publisher's public folder.
pub(super) trait Source {
    /// The file at `path` below it, `None` if there is none. What comes after `most` bytes is not waited for.
    fn get(&mut self, path: &str, most: u64) -> Result<Option<Vec<u8>>, PullError>;

    /// The folders in it, where they can be listed.
    fn folders(&mut self) -> Result<Option<Vec<String>>, PullError>;

    /// How `path` below it is called towards people.
    fn name(&self, path: &str) -> String;
}

/// A source of which no more is taken than the limits say.
pub(super) struct Metered<'a> {
    source: &'a mut dyn Source,
    limits: Limits,
    until: Instant,
    files: u32,
    bytes: u64,
}

impl<'a> Metered<'a> {
    pub(super) fn new(source: &'a mut dyn Source, limits: Limits) -> Self {
        let until = Instant::now() + limits.whole;
        Self { source, limits, until, files: limits.files, bytes: limits.bytes }
    }

    /// The file at `path`, if there is one.
    pub(super) fn get(&mut self, path: &str, most: u64) -> Result<Option<Vec<u8>>, PullError> {
        if Instant::now() >= self.until {
            return Err(PullError::TooLong(self.limits.whole));
        }
        self.files = self.files.checked_sub(1).ok_or(PullError::TooMuch("the files allowed"))?;
        let found = self.source.get(path, most)?;
        let len = found.as_ref().map_or(0, |bytes| bytes.len() as u64);
        self.bytes = self.bytes.checked_sub(len).ok_or(PullError::TooMuch("the bytes allowed"))?;
        Ok(found)
    }

    /// The file at `path`, which has to be there.
    pub(super) fn need(&mut self, path: &str, most: u64) -> Result<Vec<u8>, PullError> {
        self.get(path, most)?.ok_or_else(|| PullError::NotThere(self.name(path)))
    }

    pub(super) fn folders(&mut self) -> Result<Option<Vec<String>>, PullError> {
        self.source.folders()
    }

    pub(super) fn name(&self, path: &str) -> String {
        self.source.name(path)
    }
}

/// Most folders that are listed.
const MOST_FOLDERS: usize = 100_000;

/// A folder on a disk that can be reached.
pub(super) struct Folder(pub(super) PathBuf);

impl Source for Folder {
    fn get(&mut self, path: &str, most: u64) -> Result<Option<Vec<u8>>, PullError> {
        let whole = self.0.join(path);
        let broken = |error: std::io::Error| PullError::Unreachable {
            what: whole.display().to_string(),
            cause: error.to_string(),
        };
        // The folder on the way must be one: a link could lead anywhere.
        let parent = whole.parent().unwrap_or(&self.0);
        match fs::symlink_metadata(parent) {
            Ok(about) if about.is_dir() || parent == self.0 => {}
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(error)),
        }
        let file = match open_unfollowed(&whole) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(error)),
        };
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes).map_err(broken)?;
        if bytes.len() as u64 > most {
            return Err(PullError::TooLarge { what: whole.display().to_string(), most });
        }
        Ok(Some(bytes))
    }

    fn folders(&mut self) -> Result<Option<Vec<String>>, PullError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(PullError::io(&self.0))?.take(MOST_FOLDERS) {
            let entry = entry.map_err(PullError::io(&self.0))?;
            if entry.file_type().is_ok_and(|kind| !kind.is_file()) {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort_unstable();
        Ok(Some(names))
    }

    fn name(&self, path: &str) -> String {
        self.0.join(path).display().to_string()
    }
}
