//! The folder that is written: it appears complete or not at all, and only one of ours, of the same kind, is ever replaced.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ReportError;
use crate::home::sync_dir;

/// The page to open first.
pub(super) const INDEX: &str = "index.html";

/// Every other file of the report, each with its BLAKE3 checksum, as `b3sum --check` reads them.
pub(super) const CONTENTS: &str = "contents.b3";

/// The most bytes of a list of contents that are read.
const MOST_CONTENTS: u64 = 64 << 20;

/// What a folder of ours is. Its `index.html` says so, which is how it is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Pages and packages made from releases.
    Report,
    /// The data model alone.
    Model,
}

impl Kind {
    /// What its pages say made them: the content of `<meta name="generator">`.
    pub(super) fn generator(self) -> String {
        format!("innerward {} {}", env!("CARGO_PKG_VERSION"), self.as_str())
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Model => "data model",
        }
    }

    /// True of a page of this kind, whichever version made it.
    fn made(self, page: &str) -> bool {
        let head = page.split("</head>").next().unwrap_or_default().replace('"', ""); // quotes are left out where they may be
        let made = head.split_once("<meta name=generator content=innerward ");
        let version_and_kind = made.and_then(|(_, rest)| rest.split_once('>')).map(|(found, _)| found);
        version_and_kind
            .and_then(|found| found.split_once(' '))
            .is_some_and(|(_, kind)| kind == self.as_str())
    }

    fn foreign(self, out: &Path) -> ReportError {
        match self {
            Self::Report => ReportError::Foreign(out.into()),
            Self::Model => ReportError::ForeignModel(out.into()),
        }
    }
}

/// Lets `fill` write a folder, lists its files, and puts it in the place of `out`.
pub(super) fn replace<T>(
    out: &Path,
    kind: Kind,
    fill: impl FnOnce(&Path) -> Result<T, ReportError>,
) -> Result<T, ReportError> {
    if out.file_name().is_none() || !is_free(out)? && !is_ours(out, kind)? {
        return Err(kind.foreign(out));
    }
    let (draft, old) = (beside(out, "new"), beside(out, "old"));
    remove(&draft)?;
    fs::create_dir_all(&draft).map_err(ReportError::io(&draft))?;
    let filled = match fill(&draft).and_then(|filled| list(&draft).map(|()| filled)) {
        Ok(filled) => filled,
        Err(error) => {
            let _ = fs::remove_dir_all(&draft); // the first error is the one to tell
            return Err(error);
        }
    };
    sync_all(&draft)?;
    if !is_free(out)? {
        remove(&old)?;
        fs::rename(out, &old).map_err(ReportError::io(out))?;
    }
    if let Err(source) = fs::rename(&draft, out) {
        let _ = fs::rename(&old, out); // only there if a report was replaced
        return Err(ReportError::io(out)(source));
    }
    sync_dir(out.parent().unwrap_or(Path::new(".")))?;
    remove(&old)?; // also what an earlier build left that was killed between the two renames
    Ok(filled)
}

/// Writes a file and the folders above it. Not synced one by one: [`replace`] syncs before anything is seen.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(ReportError::io(folder))?;
    }
    fs::write(path, bytes).map_err(ReportError::io(path))
}

/// Writes the list of everything below `folder`.
fn list(folder: &Path) -> Result<(), ReportError> {
    let mut text = String::new();
    for below in files(folder)? {
        let path = folder.join(&below);
        let bytes = fs::read(&path).map_err(ReportError::io(&path))?;
        text += &format!("{}  {below}\n", blake3::hash(&bytes).to_hex());
    }
    write(&folder.join(CONTENTS), text.as_bytes())
}

/// The files below `folder`, by their paths with `/`, in order.
fn files(folder: &Path) -> Result<Vec<String>, ReportError> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| ReportError::io(folder)(error.into()))?;
        if entry.file_type().is_dir() {
            continue;
        }
        let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        found.push(parts.join("/"));
    }
    found.sort_unstable();
    Ok(found)
}

/// One call for hundreds of files: the whole file system that the draft lies on.
fn sync_all(folder: &Path) -> Result<(), ReportError> {
    let opened = fs::File::open(folder).map_err(ReportError::io(folder))?;
    rustix::fs::syncfs(&opened).map_err(|error| ReportError::io(folder)(error.into()))
}

/// Nothing there, or an empty folder.
pub(super) fn is_free(out: &Path) -> Result<bool, ReportError> {
    match fs::read_dir(out) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(ReportError::io(out)(error)),
    }
}

/// Says whether `folder` holds what we made of this kind and nothing else: what is replaced is lost.
fn is_ours(folder: &Path, kind: Kind) -> Result<bool, ReportError> {
    let index = fs::read_to_string(folder.join(INDEX)).unwrap_or_default();
    let contents = folder.join(CONTENTS);
    let small = fs::metadata(&contents).is_ok_and(|found| found.len() <= MOST_CONTENTS);
    if !folder.is_dir() || !kind.made(&index) || !small {
        return Ok(false);
    }
    let listed = fs::read_to_string(&contents).unwrap_or_default();
    let listed: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.split_once("  ")).map(|(_, path)| path).collect();
    Ok(files(folder)?.iter().all(|path| path == CONTENTS || listed.contains(path.as_str())))
}

/// A hidden name of this process beside `out`.
pub(super) fn beside(out: &Path, what: &str) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!(".{name}.{}.{what}", std::process::id()))
}

pub(super) fn remove(folder: &Path) -> Result<(), ReportError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ReportError::io(folder)(error)),
        _ => Ok(()),
    }
}
