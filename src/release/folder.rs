//! The published folder: read within bounds, written whole or not at all, and never over anything else.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::ReleaseError;
use super::ledger::Finished;
use super::publish::Step;
use super::verify::{MANIFEST, VerifyError};
use crate::home::sync_dir;

/// Puts the bytes of `finished` into `public/RELEASE_ID/`, if they are not there yet.
///
/// The folder is written under a temporary name, its files synced, and then renamed, so that it is there whole or not
/// at all. A folder of that name with other content is left alone.
pub(super) fn place(
    public: &Path,
    finished: &Finished,
    reached: &mut dyn FnMut(Step) -> Result<(), ReleaseError>,
) -> Result<PathBuf, ReleaseError> {
    let dir = public.join(&finished.release_id);
    if fs::symlink_metadata(&dir).is_ok() {
        compare(&dir, finished)?;
        return Ok(dir);
    }
    let temporary = public.join(format!(".{}.tmp", finished.release_id));
    match fs::remove_dir_all(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(ReleaseError::io(&temporary)(error)),
        _ => {}
    }
    fs::DirBuilder::new().mode(0o755).create(&temporary).map_err(ReleaseError::io(&temporary))?;
    for (name, bytes) in &finished.files {
        let path = temporary.join(name);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(&path)
            .map_err(ReleaseError::io(&path))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(ReleaseError::io(&path))?;
        reached(Step::FileWritten)?;
    }
    sync_dir(&temporary)?;
    fs::rename(&temporary, &dir).map_err(ReleaseError::io(&dir))?;
    reached(Step::Renamed)?;
    sync_dir(public)?;
    Ok(dir)
}

/// Refuses a public folder that holds a release which is not among those that the ledger knows.
pub(super) fn check_known(public: &Path, known: &BTreeSet<String>) -> Result<(), ReleaseError> {
    for entry in fs::read_dir(public).map_err(ReleaseError::io(public))? {
        let folder = entry.map_err(ReleaseError::io(public))?.path();
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_release = !name.starts_with('.') && folder.join(MANIFEST).exists();
        if is_release && !known.contains(&name) {
            return Err(ReleaseError::Forgotten { folder });
        }
    }
    Ok(())
}

fn compare(dir: &Path, finished: &Finished) -> Result<(), ReleaseError> {
    let altered = |file: PathBuf, what| ReleaseError::Altered { dir: dir.to_owned(), file, what };
    let told = |error: VerifyError| match error {
        VerifyError::Unknown(file) => altered(file, "it does not belong to the release"),
        VerifyError::NotAFile(file) => altered(file, "it is not a plain file"),
        VerifyError::TooLarge { path, .. } => altered(path, "it is too large"),
        VerifyError::Io { path, source } if source.kind() == ErrorKind::NotFound => {
            altered(path, "it is missing")
        }
        VerifyError::Io { path, source } => ReleaseError::Io { path, source },
        other => ReleaseError::Verify(other),
    };
    let names: Vec<&str> = finished.files.iter().map(|(name, _)| name.as_str()).collect();
    nothing_else(dir, &names).map_err(told)?;
    for (name, bytes) in &finished.files {
        if read(dir, name, bytes.len() as u64).map_err(told)? != *bytes {
            return Err(altered(dir.join(name), "its bytes have changed"));
        }
    }
    Ok(())
}

/// Refuses a folder that holds anything but `names`.
pub(super) fn nothing_else(folder: &Path, names: &[&str]) -> Result<(), VerifyError> {
    for entry in fs::read_dir(folder).map_err(VerifyError::io(folder))? {
        let entry = entry.map_err(VerifyError::io(folder))?;
        if !names.iter().any(|name| entry.file_name() == *name) {
            return Err(VerifyError::Unknown(entry.path()));
        }
    }
    Ok(())
}

/// A plain file of at most `most` bytes: a hostile folder cannot fill the memory.
pub(super) fn read(folder: &Path, name: &str, most: u64) -> Result<Vec<u8>, VerifyError> {
    let path = folder.join(name);
    let about = fs::symlink_metadata(&path).map_err(VerifyError::io(&path))?;
    if !about.is_file() {
        return Err(VerifyError::NotAFile(path));
    }
    let mut bytes = Vec::new();
    let file = File::open(&path).map_err(VerifyError::io(&path))?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(VerifyError::io(&path))?;
    if bytes.len() as u64 > most { Err(VerifyError::TooLarge { path, most }) } else { Ok(bytes) }
}
