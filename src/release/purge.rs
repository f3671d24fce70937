//! Removing what a publication that was killed left unfinished. Nothing of the ledger is ever deleted: what has been spent
//! stays spent, and what is final can be given back byte for byte.

use std::fs;

use super::ReleaseError;
use super::ledger::log;
use crate::home::{Home, Purged, WriteLock, remove_tree};
use crate::vocabulary::Period;

/// Removes unfinished folders of releases from `public/`; with `rehearse`, says only which.
pub fn purge_unfinished(home: &Home, _lock: &WriteLock, rehearse: bool) -> Vec<Purged> {
    let entries = fs::read_dir(home.public_dir()).into_iter().flatten().flatten();
    let is_left = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        name.to_str().is_some_and(|name| name.starts_with('.') && name.ends_with(".tmp"))
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
    };
    let remove = |entry: fs::DirEntry| {
        let path = entry.path();
        Purged::of("unfinished", home.name_of(&path), remove_tree(&path, rehearse))
    };
    entries.filter(is_left).map(remove).collect()
}

/// The months whose releases are final: no count of them is ever asked for again.
///
/// # Errors
/// [`ReleaseError`] if the ledger cannot be read.
pub fn published(home: &Home) -> Result<Vec<Period>, ReleaseError> {
    let charges = log(home)?.charges;
    Ok(charges.into_iter().filter(|charge| charge.release_id.is_some()).map(|charge| charge.period).collect())
}
