//! Removing segments that no set names, and what killed writers left unfinished.

use super::{IndexError, IndexWriter};
use crate::home::{Home, Purged, WriteLock, remove_tree};

/// Removes what no set of the index needs; with `rehearse`, says only what that is.
///
/// # Errors
/// [`IndexError`] if the index cannot be read; then nothing was removed.
pub fn purge_unneeded(home: &Home, lock: &WriteLock, rehearse: bool) -> Result<Vec<Purged>, IndexError> {
    let unneeded = IndexWriter::open(&home.index_dir(), lock)?.unneeded()?;
    let remove = |path: std::path::PathBuf| {
        Purged::of("unfinished", home.name_of(&path), remove_tree(&path, rehearse))
    };
    Ok(unneeded.into_iter().map(remove).collect())
}
