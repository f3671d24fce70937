//! The published folder: written whole or not at all, and never over anything else.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::ReleaseError;
use super::ledger::Finished;
use super::publish::Step;
use super::verify::{FILES, VerifyError, read_folder};
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
    for ((name, _), bytes) in FILES.iter().zip(in_order(finished)) {
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

fn in_order(finished: &Finished) -> [&[u8]; 3] {
    [&finished.manifest, &finished.signature, &finished.table]
}

fn compare(dir: &Path, finished: &Finished) -> Result<(), ReleaseError> {
    let altered = |file: PathBuf, what| ReleaseError::Altered { dir: dir.to_owned(), file, what };
    let found = read_folder(dir).map_err(|error| match error {
        VerifyError::Unknown(file) => altered(file, "it does not belong to the release"),
        VerifyError::NotAFile(file) => altered(file, "it is not a plain file"),
        VerifyError::TooLarge { path, .. } => altered(path, "it is too large"),
        VerifyError::Io { path, source } if source.kind() == ErrorKind::NotFound => {
            altered(path, "it is missing")
        }
        VerifyError::Io { path, source } => ReleaseError::Io { path, source },
        other => ReleaseError::Verify(other),
    })?;
    for ((found, expected), (name, _)) in found.iter().zip(in_order(finished)).zip(FILES) {
        if found != expected {
            return Err(altered(dir.join(name), "its bytes have changed"));
        }
    }
    Ok(())
}
