//! Fetching what another organisation publishes: its log and its releases, each checked before it is kept.
//!
//! The key is pinned at the first pull. The log must be signed with it, be whole, and continue what was seen before; a
//! release must be in it and hold by everything that [`release::verify()`](crate::release::verify()) checks. What is kept is
//! public; nothing of the own home is sent or looked at.

mod budget;
mod error;
#[cfg(feature = "http")]
mod http;
mod judge;
mod place;
mod release;
mod source;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;

pub use error::PullError;
pub use source::Limits;

use crate::home::Home;
use crate::release::log::{Head, LOG_DIR, is_release_id};
use crate::release::{PUBLIC_KEY_FILE, PublicKey};
use place::{About, Place};
use source::{Folder, Metered, Source};

/// Most bytes of a file with a key.
const MOST_KEY: u64 = 4 << 10;

/// What is to be pulled.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// An address (`https://…`) or a folder.
    pub from: &'a str,
    /// The publisher's key; may be left out once it is pinned.
    pub key: Option<PublicKey>,
    /// The folder to keep it in.
    pub into: &'a Path,
    /// What it is called towards people.
    pub name: &'a str,
    /// Accept a server without encryption.
    pub insecure_http: bool,
    /// The day.
    pub today: Date,
    /// What is taken at most.
    pub limits: Limits,
}

/// What became of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "reason", rename_all = "lowercase")]
pub enum State {
    /// Fetched, checked and kept.
    New,
    /// Was kept before.
    Kept,
    /// In the log, and not served.
    Missing,
    /// Served, and not what it should be: why. It was not kept.
    Refused(String),
    /// Served, and not in the log. It was not kept.
    Extra,
}

/// What a pull found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// Where it is kept.
    pub dir: PathBuf,
    /// The head of the log.
    pub head: Head,
    /// Entries of the log at the last pull; `None` at the first.
    pub before: Option<u64>,
    /// Every release of the log, in its order, then those that are not in it.
    pub releases: Vec<(String, State)>,
}

impl Pulled {
    /// How many releases there are in a state like `state`.
    #[must_use]
    pub fn count(&self, is: impl Fn(&State) -> bool) -> usize {
        self.releases.iter().filter(|(_, state)| is(state)).count()
    }
}

/// A publisher from which releases were pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What it is called here.
    pub name: String,
    /// Where it is kept.
    pub dir: PathBuf,
    /// Where the last pull was from.
    pub source: String,
    /// Its key.
    pub key: PublicKey,
    /// Entries of its log.
    pub entries: u64,
    /// Its releases that are kept, by name.
    pub releases: Vec<String>,
    /// The day of the first pull.
    pub first: Date,
    /// The day of the last pull.
    pub last: Date,
}

/// The name under which a source is kept if none is given: that of the server or of the folder. `None` if it has none that
/// can be one.
#[must_use]
pub fn default_name(from: &str) -> Option<&str> {
    let name = match from.split_once("://") {
        Some((_, rest)) => rest.split(['/', ':', '?', '#']).next()?,
        None => Path::new(from).file_name()?.to_str()?,
    };
    is_name(name).then_some(name)
}

/// True if a folder of that name can be made: letters, digits, dots and dashes, beginning with a letter or digit.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
}

/// `HOME/pulled/NAME/`.
///
/// # Errors
/// [`PullError::Name`] if `name` cannot be that of a folder.
pub fn place_in(home: &Home, name: &str) -> Result<PathBuf, PullError> {
    if !is_name(name) {
        return Err(PullError::Name(name.to_owned()));
    }
    Ok(home.pulled_dir().join(name))
}

/// Fetches what a publisher has published since the last pull.
///
/// Each release is kept whole or not at all. What does not hold is told and not kept; whatever fails, what was kept before
/// stays as it was. The head of the log is remembered before any release is fetched, so that nothing that was shown once
/// can be taken back unnoticed.
///
/// # Errors
/// [`PullError`]: the source cannot be read, the key is another, or the log is not signed, not whole, or does not continue
/// the one of the last pull.
pub fn pull(request: &Request<'_>) -> Result<Pulled, PullError> {
    let mut source = source_of(request)?;
    let mut source = Metered::new(source.as_mut(), request.limits);
    let mut place = Place::take(request.into)?;
    let outcome = pull_into(&mut source, &mut place, request);
    place.leave();
    outcome
}

fn source_of(request: &Request<'_>) -> Result<Box<dyn Source>, PullError> {
    let from = request.from;
    if !from.contains("://") {
        return Ok(Box::new(Folder(from.into())));
    }
    #[cfg(feature = "http")]
    return Ok(Box::new(http::Web::new(from, request.insecure_http, request.limits)?));
    #[cfg(not(feature = "http"))]
    Err(PullError::NoClient(from.to_owned()))
}

fn pull_into(
    source: &mut Metered<'_>,
    place: &mut Place,
    request: &Request<'_>,
) -> Result<Pulled, PullError> {
    let key = key(source, place, request)?;
    let log = judge::read_log(source, &key)?;
    let before = place.head(&key)?;
    if let Some(before) = &before {
        log.continues(before, request.name, place)?;
    }
    place.remember(About::new(request.from, &key, request.today), &key, &log.lines, &log.note)?;
    let mut releases = Vec::new();
    for published in &log.releases {
        let state = match release::take(source, place, &log, published, &key) {
            Ok(state) => state,
            // These end a pull; everything else is about this release alone.
            Err(
                error @ (PullError::TooLong(_)
                | PullError::TooMuch(_)
                | PullError::Io { .. }
                | PullError::Home(_)),
            ) => {
                place.discard(&published.release_id);
                return Err(error);
            }
            Err(error) => State::Refused(error.to_string()),
        };
        place.discard(&published.release_id);
        releases.push((published.release_id.clone(), state));
    }
    let known = |name: &String| log.releases.iter().any(|published| published.release_id == *name);
    for name in source.folders()?.unwrap_or_default() {
        // Pages and the like may lie beside releases; a folder with a manifest is meant to be one.
        let is_other = name == LOG_DIR || !is_release_id(&name) || known(&name);
        if !is_other && release::is_served(source, &name) {
            releases.push((name, State::Extra));
        }
    }
    Ok(Pulled { dir: place.dir().to_owned(), head: log.head, before: before.map(|head| head.size), releases })
}

/// The key: the one that is pinned, or the one that is given for good; what is served must be it.
fn key(source: &mut Metered<'_>, place: &Place, request: &Request<'_>) -> Result<PublicKey, PullError> {
    let name = request.name.to_owned();
    let changed = |pinned: &PublicKey, found: &PublicKey, from: String| PullError::KeyChanged {
        name: name.clone(),
        pinned: pinned.to_string(),
        found: found.to_string(),
        from,
    };
    let key = match (place.pinned()?, request.key) {
        (Some(pinned), Some(given)) if pinned != given => {
            return Err(changed(&pinned, &given, "what was given".to_owned()));
        }
        (Some(pinned), _) => pinned,
        (None, Some(given)) => given,
        (None, None) => return Err(PullError::NoKey(name)),
    };
    let what = source.name(PUBLIC_KEY_FILE);
    let served = String::from_utf8(source.need(PUBLIC_KEY_FILE, MOST_KEY)?).ok();
    let served = served.and_then(|text| text.parse().ok()).ok_or(PullError::PublicKey(what.clone()))?;
    if served == key { Ok(key) } else { Err(changed(&key, &served, what)) }
}

/// Everything that was pulled into `home`, by name.
///
/// # Errors
/// [`PullError`] if a folder cannot be read, or was not made by a pull.
pub fn list(home: &Home) -> Result<Vec<Listed>, PullError> {
    let dir = home.pulled_dir();
    let mut names = Vec::new();
    match std::fs::read_dir(&dir) {
        Ok(entries) => {
            for entry in entries {
                let name = entry.map_err(PullError::io(&dir))?.file_name();
                names.extend(name.to_str().filter(|name| is_name(name)).map(str::to_owned));
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(PullError::io(dir)(error)),
    }
    names.sort_unstable();
    let mut found = Vec::new();
    for name in names {
        let dir = dir.join(&name);
        let Some(about) = place::about(&dir)? else { continue };
        found.push(Listed {
            key: about.key.parse().map_err(|_| PullError::Foreign(dir.clone()))?,
            source: about.source,
            entries: place::kept_log(&dir)?.len() as u64,
            releases: place::kept_releases(&dir)?,
            first: about.first,
            last: about.last,
            name,
            dir,
        });
    }
    Ok(found)
}
