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

    const fn cure(self) -> &'static str {
        match self {
            Self::Report => "name another folder with --out",
            Self::Model => "name another folder",
        }
    }

    fn foreign(self, out: &Path) -> ReportError {
        match self {
            Self::Report => ReportError::Foreign(out.into()),
            Self::Model => ReportError::ForeignModel(out.into()),
        }
    }
}

/// Lets `fill` write a folder, lists its files, and puts it in the place of `out`; of what `out` points to if it is a link.
pub(super) fn replace<T>(
    out: &Path,
    kind: Kind,
    fill: impl FnOnce(&Path) -> Result<T, ReportError>,
) -> Result<T, ReportError> {
    let out = &resolved(out)?;
    if out.file_name().is_none() {
        return Err(kind.foreign(out));
    }
    if !is_free(out)?
        && let Some(other) = in_the_way(out, kind)?
    {
        return Err(kind.foreign(&other));
    }
    if let Some(place) = reserved(out) {
        return Err(ReportError::Reserved { out: out.clone(), place, cure: kind.cure() });
    }
    let (draft, old) = (beside(out, "new"), beside(out, "old"));
    remove(&draft)?;
    let _in_use = begin(&draft, kind)?;
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
    clear(out);
    Ok(filled)
}

/// The folder itself where a link leads to it: a rename would take the place of the link.
fn resolved(out: &Path) -> Result<PathBuf, ReportError> {
    let out: PathBuf = out.components().collect(); // without a `/` at the end, which would hide the link
    if out.is_symlink() { fs::canonicalize(&out).map_err(ReportError::io(&out)) } else { Ok(out) }
}

/// Makes the draft. It is locked for as long as the result lives, so that what a killed process left can be told from it.
fn begin(draft: &Path, kind: Kind) -> Result<fs::File, ReportError> {
    let made = fs::create_dir_all(draft).and_then(|()| fs::File::open(draft)).map_err(|source| {
        let above = draft.parent().filter(|above| !above.as_os_str().is_empty());
        ReportError::Unwritable { folder: above.unwrap_or(Path::new(".")).into(), source, cure: kind.cure() }
    })?;
    let _ = made.try_lock(); // a file system without locks has none that could be taken for left behind
    Ok(made)
}

/// Removes what killed processes left beside `out`. What cannot be removed is in nobody's way.
fn clear(out: &Path) {
    let Some(name) = out.file_name().and_then(|name| name.to_str()) else { return };
    let above = out.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let start = format!(".{name}.");
    for left in fs::read_dir(above).into_iter().flatten().flatten() {
        let found = left.file_name();
        let rest = found.to_str().and_then(|found| found.strip_prefix(&start));
        let ours = rest.and_then(|rest| rest.split_once('.')).is_some_and(|(process, what)| {
            !process.is_empty()
                && process.bytes().all(|byte| byte.is_ascii_digit())
                && ["new", "old"].contains(&what)
        });
        if ours
            && left.file_type().is_ok_and(|kind| kind.is_dir())
            && let Ok(folder) = fs::File::open(left.path())
            && folder.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(left.path());
        }
    }
}

/// The folders of a home that nothing else may lie in.
const OF_A_HOME: [&str; 5] = ["index", "keys", "pulled", "runs", "vocabulary"];

/// Where `out` lies, if nothing of ours may be written there: in a release, or where a home keeps what it needs.
fn reserved(out: &Path) -> Option<&'static str> {
    let out = full(out);
    for above in out.ancestors() {
        if ["manifest.json", "manifest.json.minisig"].iter().all(|name| above.join(name).is_file()) {
            return Some("in the folder of a release");
        }
        if !above.join("HOME").is_file() || !above.join("innerward.sqlite").is_file() {
            continue;
        }
        let below = out.strip_prefix(above).unwrap_or(Path::new(""));
        let parts: Vec<&str> = below.iter().filter_map(|part| part.to_str()).collect();
        match &parts[..] {
            [first, ..] if OF_A_HOME.contains(first) => return Some("where a home keeps what it needs"),
            ["public", name] if names_a_release(name) => return Some("where a home puts a release"),
            _ => {}
        }
    }
    None
}

/// True of `2026-10-hotline-v1`.
fn names_a_release(name: &str) -> bool {
    let version = name.rsplit_once("-v").map(|(_, version)| version);
    version.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `out` from the root and without links, as far as it is there.
fn full(out: &Path) -> PathBuf {
    for above in out.ancestors() {
        let there = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        if let Ok(found) = fs::canonicalize(there) {
            return found.join(out.strip_prefix(above).unwrap_or(Path::new("")));
        }
    }
    out.into()
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

/// What `folder` holds besides what we made of this kind, itself if that is all of it: what is replaced is lost.
fn in_the_way(folder: &Path, kind: Kind) -> Result<Option<PathBuf>, ReportError> {
    let index = fs::read_to_string(folder.join(INDEX)).unwrap_or_default();
    let contents = folder.join(CONTENTS);
    let small = fs::metadata(&contents).is_ok_and(|found| found.len() <= MOST_CONTENTS);
    if !folder.is_dir() || !kind.made(&index) || !small {
        return Ok(Some(folder.into()));
    }
    let listed = fs::read_to_string(&contents).unwrap_or_default();
    let listed: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.split_once("  ")).map(|(_, path)| path).collect();
    let other = files(folder)?.into_iter().find(|path| path != CONTENTS && !listed.contains(path.as_str()));
    Ok(other.map(|path| folder.join(path)))
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
