//! What the public sees: the page of a release, with its table and its signed manifest beside it.
//!
//! Takes released values only, as [`Release`] gives them; must never know the tally.

mod chart;
mod data;
mod group;
pub mod model;
pub mod package;
mod page;
mod promise;
mod words;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::home::{HomeError, sync_dir, write_atomic};
use crate::release::{Manifest, Release};

pub use data::{
    Against, Change, DataSet, Estimate, Finding, LEAST_BASE, Movement, Point, Portion, Series, Trend,
};

/// What pages of ours call themselves; a folder whose `index.html` does not is not overwritten.
const GENERATOR: &str = concat!("innerward ", env!("CARGO_PKG_VERSION"));

/// The files of every release that lie beside its page, byte for byte as published; its tables come before them.
const DOWNLOADS: [&str; 3] = ["manifest.json", "manifest.json.minisig", "log.json"];

/// The page itself, and the list of several.
const INDEX: &str = "index.html";

/// A verified release and the folder that it was read from.
#[derive(Debug, Clone, Copy)]
pub struct Published<'a> {
    /// What [`Release::open`](Release) returned.
    pub release: &'a Release,
    /// Where its tables, `manifest.json`, `manifest.json.minisig` and `log.json` lie.
    pub folder: &'a Path,
}

/// What [`build`] has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The page to open first.
    pub index: PathBuf,
    /// The page of each release, in the order given.
    pub pages: Vec<PathBuf>,
}

/// Why no report was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// Nothing to show.
    #[error("a report needs at least one release; name the folders of published releases")]
    NoRelease,
    /// Something else is there.
    #[error("{} exists and is not a report of innerward; name another folder with --out", .0.display())]
    Foreign(PathBuf),
    /// The name of the release would not do as the name of a folder.
    #[error("{0:?} cannot name a folder; a release is named by letters, digits, `-`, `_` and `.`")]
    Name(String),
    /// Two releases, one name.
    #[error("two of the releases are named {0}; give each release once")]
    Twice(String),
    /// The folder is not, or no longer, the one that was verified.
    #[error("{} is not the file that belongs to the verified release {release}; verify the folder again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// The release.
        release: String,
    },
    /// A file operation failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file could not be replaced as a whole.
    #[error(transparent)]
    Home(#[from] HomeError),
}

impl ReportError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.into(), source }
    }
}

/// The page of one release: a complete HTML document that loads nothing.
///
/// The same release gives the same bytes.
#[must_use]
pub fn page(release: &Release) -> String {
    page::release(release, None).into_string()
}

/// Writes the report of `releases` to the folder `out`: the page and its downloads, or, for several releases, a list and
/// one such folder for each.
///
/// The folder appears complete or not at all. A report that is already there is replaced as a whole; the same releases
/// give the same bytes.
///
/// # Errors
/// [`ReportError::Foreign`] if `out` holds anything but a report; [`ReportError::Changed`] if a folder's files are not
/// those of its release; [`ReportError::Name`] and [`ReportError::Twice`] for names that cannot lie beside each other.
pub fn build(releases: &[Published<'_>], out: &Path) -> Result<Built, ReportError> {
    if releases.is_empty() {
        return Err(ReportError::NoRelease);
    }
    check_names(releases)?;
    if out.file_name().is_none() || !is_free(out)? && !is_report(out)? {
        return Err(ReportError::Foreign(out.into()));
    }
    let (draft, old) = (beside(out, "new"), beside(out, "old"));
    remove(&draft)?;
    let pages = match write(releases, &draft) {
        Ok(pages) => pages,
        Err(error) => {
            let _ = fs::remove_dir_all(&draft); // the first error is the one to tell
            return Err(error);
        }
    };
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
    Ok(Built { index: out.join(INDEX), pages: pages.iter().map(|page| out.join(page)).collect() })
}

/// Writes everything below `draft`; returns the pages relative to it.
fn write(releases: &[Published<'_>], draft: &Path) -> Result<Vec<PathBuf>, ReportError> {
    fs::create_dir_all(draft).map_err(ReportError::io(draft))?;
    if let [published] = releases {
        write_release(published, draft, None)?;
        return Ok(vec![INDEX.into()]);
    }
    let mut pages = Vec::new();
    for published in releases {
        let name = &published.release.manifest().release_id;
        let folder = draft.join(name);
        fs::create_dir(&folder).map_err(ReportError::io(&folder))?;
        write_release(published, &folder, Some("../index.html"))?;
        pages.push(Path::new(name).join(INDEX));
    }
    let mut list: Vec<_> = releases
        .iter()
        .map(|published| (published.release, format!("{}/{INDEX}", published.release.manifest().release_id)))
        .collect();
    list.sort_by(|(a, _), (b, _)| {
        let key = |release: &Release| (release.manifest().period, release.manifest().release_id.clone());
        key(b).cmp(&key(a)) // the latest month first
    });
    write_atomic(&draft.join(INDEX), page::index(&list).into_string().as_bytes(), 0o644)?;
    Ok(pages)
}

fn write_release(published: &Published<'_>, folder: &Path, home: Option<&str>) -> Result<(), ReportError> {
    for name in downloads(published.release.manifest()) {
        let source = published.folder.join(name);
        let bytes = fs::read(&source).map_err(ReportError::io(&source))?;
        if !belongs(name, &bytes, published.release.manifest()) {
            let release = published.release.manifest().release_id.clone();
            return Err(ReportError::Changed { path: source, release });
        }
        write_atomic(&folder.join(name), &bytes, 0o644)?;
    }
    let page = page::release(published.release, home).into_string();
    write_atomic(&folder.join(INDEX), page.as_bytes(), 0o644)?;
    Ok(())
}

/// The files of a release.
fn downloads(manifest: &Manifest) -> impl Iterator<Item = &str> {
    manifest.tables.iter().map(|table| table.file.as_str()).chain(DOWNLOADS)
}

/// Says whether a download is what was verified. The signature is the reader's to check, with a key of his own.
fn belongs(name: &str, bytes: &[u8], manifest: &Manifest) -> bool {
    if let Some(table) = manifest.tables.iter().find(|table| table.file == name) {
        return *blake3::hash(bytes).to_hex() == *table.blake3;
    }
    match name {
        "manifest.json" => serde_json::from_slice::<Manifest>(bytes).is_ok_and(|found| found == *manifest),
        _ => true,
    }
}

fn check_names(releases: &[Published<'_>]) -> Result<(), ReportError> {
    let mut names: Vec<_> =
        releases.iter().map(|published| published.release.manifest().release_id.as_str()).collect();
    for name in &names {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if !plain || name.starts_with('.') || name.is_empty() || name.len() > 100 || is_ours(name) {
            return Err(ReportError::Name((*name).into()));
        }
    }
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(ReportError::Twice(pair[0].into())),
        None => Ok(()),
    }
}

/// Says whether `name` could be one of the files that a report's folder holds.
fn is_ours(name: &str) -> bool {
    name == INDEX || DOWNLOADS.contains(&name) || name.ends_with(".csv")
}

/// Nothing there, or an empty folder.
fn is_free(out: &Path) -> Result<bool, ReportError> {
    match fs::read_dir(out) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(ReportError::io(out)(error)),
    }
}

/// Says whether `folder` holds a report of ours and nothing else: what is replaced is lost.
fn is_report(folder: &Path) -> Result<bool, ReportError> {
    let marked = |folder: &Path| {
        fs::read_to_string(folder.join(INDEX))
            .is_ok_and(|page| page.contains("<meta name=\"generator\" content=\"innerward "))
    };
    if !folder.is_dir() || !marked(folder) {
        return Ok(false);
    }
    let manifest = fs::read(folder.join("manifest.json")).ok();
    let manifest: Option<Manifest> = manifest.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let is_table = |name: &str| {
        manifest.as_ref().is_some_and(|manifest| manifest.tables.iter().any(|table| table.file == name))
    };
    for entry in fs::read_dir(folder).map_err(ReportError::io(folder))? {
        let entry = entry.map_err(ReportError::io(folder))?;
        let kind = entry.file_type().map_err(ReportError::io(&entry.path()))?;
        let fits = if kind.is_dir() {
            is_report(&entry.path())?
        } else {
            let is_own = |name: &str| name == INDEX || DOWNLOADS.contains(&name) || is_table(name);
            kind.is_file() && entry.file_name().to_str().is_some_and(is_own)
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A hidden name of this process beside `out`.
fn beside(out: &Path, what: &str) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!(".{name}.{}.{what}", std::process::id()))
}

fn remove(folder: &Path) -> Result<(), ReportError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ReportError::io(folder)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
