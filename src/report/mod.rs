//! What the public sees: pages in many languages, packages of data, and the signed releases that all of it is made from.
//!
//! Takes released values only, as [`Release`] gives them; must never know the tally.

mod data;
pub mod model;
pub mod package;
mod place;
mod site;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::home::HomeError;
use crate::language::Locale;
use crate::release::{Manifest, Release};
use site::Site;

pub use data::{
    Against, Change, DataSet, Estimate, Finding, LEAST_BASE, Movement, Point, Portion, Query, QueryError,
    Series, Trend, TrendRow,
};

/// The files of every release, byte for byte as published; its tables come before them.
const DOWNLOADS: [&str; 3] = ["manifest.json", "manifest.json.minisig", "log.json"];

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
    /// Every page, in the order of their names.
    pub pages: Vec<PathBuf>,
    /// The files of data below `data/`.
    pub data: Vec<package::Packed>,
}

/// Why no report was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// Nothing to show.
    #[error("a report needs at least one release; name the folders of published releases")]
    NoRelease,
    /// Nobody could read it.
    #[error("a report needs at least one language; leave out --languages for all of them")]
    NoLanguage,
    /// Something else is there: the folder, or the file in it that is in the way.
    #[error("{} exists and is not a report of innerward, nor part of one; name another folder with --out", .0.display())]
    Foreign(PathBuf),
    /// Something else is where the model is to be written: the folder, or the file in it that is in the way.
    #[error("{} exists and is not an export of the data model, nor part of one; name another folder", .0.display())]
    ForeignModel(PathBuf),
    /// What lies there must hold nothing else.
    #[error("{} lies {place}, which must hold nothing else; {cure}", out.display())]
    Reserved {
        /// The folder that was named.
        out: PathBuf,
        /// Where it lies.
        place: &'static str,
        /// What to do.
        cure: &'static str,
    },
    /// No folder can be made there.
    #[error("cannot write in {}: {source}; {cure}", folder.display())]
    Unwritable {
        /// The folder above the one that was named.
        folder: PathBuf,
        /// The cause.
        source: io::Error,
        /// What to do.
        cure: &'static str,
    },
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

/// Writes the report of `releases` to the folder `out`, with pages in each of `locales`, the first of which leads.
///
/// The folder appears complete or not at all. A report that is already there is replaced as a whole; the same releases
/// and languages give the same bytes. What lies where stands in `docs/pages.md`.
///
/// # Errors
/// [`ReportError::Foreign`] if `out` holds anything but a report; [`ReportError::Reserved`] if it lies in a release or where
/// a home keeps what it needs; [`ReportError::Unwritable`] if no folder can be made there; [`ReportError::Changed`] if a folder's files are not
/// those of its release; [`ReportError::Name`] and [`ReportError::Twice`] for names that cannot lie beside each other.
pub fn build(releases: &[Published<'_>], locales: &[&Locale], out: &Path) -> Result<Built, ReportError> {
    if releases.is_empty() {
        return Err(ReportError::NoRelease);
    }
    if locales.is_empty() {
        return Err(ReportError::NoLanguage);
    }
    check_names(releases)?;
    let (mut pages, data) =
        place::replace(out, place::Kind::Report, |draft| write(releases, locales, draft))?;
    pages.sort_unstable();
    Ok(Built {
        index: out.join(place::INDEX),
        pages: pages.iter().map(|page| out.join(page)).collect(),
        data,
    })
}

/// Writes everything below `draft`; returns the pages relative to it, and the packages.
fn write(
    releases: &[Published<'_>],
    locales: &[&Locale],
    draft: &Path,
) -> Result<(Vec<PathBuf>, Vec<package::Packed>), ReportError> {
    let all: Vec<&Release> = releases.iter().map(|published| published.release).collect();
    let set = DataSet::of(&all);
    let names = site::release_names(&set);
    for (release, name) in set.releases().iter().zip(&names) {
        let published = releases.iter().find(|published| std::ptr::eq(published.release, *release));
        copy(
            published.expect("the set has the releases that were given"),
            &draft.join("releases").join(name),
        )?;
    }
    let packed = package::write(&draft.join("data"), &set, locales)?;
    let mut pages = Vec::new();
    for (below, bytes) in Site::of(&set, names, locales, &packed).files() {
        let below = site::path(&below);
        place::write(&draft.join(&below), &bytes)?;
        if below.extension().is_some_and(|extension| extension == "html") {
            pages.push(below);
        }
    }
    Ok((pages, packed))
}

/// Copies the files of a release, if they are still those that were verified.
fn copy(published: &Published<'_>, folder: &Path) -> Result<(), ReportError> {
    for name in downloads(published.release.manifest()) {
        let source = published.folder.join(name);
        let bytes = fs::read(&source).map_err(ReportError::io(&source))?;
        if !belongs(name, &bytes, published.release.manifest()) {
            let release = published.release.manifest().release_id.clone();
            return Err(ReportError::Changed { path: source, release });
        }
        place::write(&folder.join(name), &bytes)?;
    }
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
    let mut seen = BTreeSet::new();
    for published in releases {
        let manifest = published.release.manifest();
        let name = manifest.release_id.as_str();
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if !plain || name.starts_with('.') || name.is_empty() || name.len() > 100 {
            return Err(ReportError::Name(name.into()));
        }
        if !seen.insert((manifest.publisher.as_str(), name)) {
            return Err(ReportError::Twice(name.into()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
