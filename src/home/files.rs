//! Files that are private from their first byte and replaced as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use super::HomeError;

/// Opens `path` for writing, made with mode 0600 if it is new; with `truncate`, emptied.
///
/// # Errors
/// [`HomeError::Io`] with the path.
pub fn create_private(path: &Path, truncate: bool) -> Result<File, HomeError> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(truncate)
        .mode(0o600)
        .open(path)
        .map_err(HomeError::io(path))
}

/// Writes `bytes` to a temporary name beside `path`, syncs, and renames: a reader sees the old file or the new one.
///
/// # Errors
/// [`HomeError::Io`] with the path; the old file is untouched.
pub fn write_atomic(path: &Path, bytes: &[u8], mode: u32) -> Result<(), HomeError> {
    replace(path, bytes, mode, true)?;
    sync_dir(path.parent().unwrap_or(Path::new(".")))
}

/// The same without waiting for the disk, on which others may be writing for seconds: for what is made again if a power cut
/// takes it.
///
/// # Errors
/// As [`write_atomic`].
pub fn write_derived(path: &Path, bytes: &[u8], mode: u32) -> Result<(), HomeError> {
    replace(path, bytes, mode, false)
}

fn replace(path: &Path, bytes: &[u8], mode: u32, sync: bool) -> Result<(), HomeError> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = parent.join(format!(".{name}.{}.tmp", std::process::id()));
    let write = || {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&temporary)?;
        file.write_all(bytes)?;
        if sync {
            file.sync_all()?;
        }
        fs::rename(&temporary, path)
    };
    write().map_err(|source| {
        let _ = fs::remove_file(&temporary); // the first error is the one to tell
        HomeError::Io { path: path.into(), source }
    })
}

/// Removes from `dir` what a [`write_atomic`] left that was killed. Call it only while nobody else writes there.
///
/// # Errors
/// [`HomeError::Io`] with the folder or the file.
pub fn remove_temporaries(dir: &Path) -> Result<(), HomeError> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(HomeError::io(dir))?,
    };
    for entry in entries {
        let path = entry.map_err(HomeError::io(dir))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".tmp"));
        let process = name.filter(|name| name.starts_with('.')).and_then(|name| name.rsplit_once('.'));
        if process.is_some_and(|(_, process)| process.parse::<u32>().is_ok()) {
            fs::remove_file(&path).map_err(HomeError::io(&path))?;
        }
    }
    Ok(())
}

/// Makes a rename in `dir` survive a power cut.
///
/// # Errors
/// [`HomeError::Io`] with the folder.
pub fn sync_dir(dir: &Path) -> Result<(), HomeError> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(HomeError::io(dir))
}

/// Opens a regular file for reading. A link in its place is not followed, and a pipe is not waited for.
///
/// # Errors
/// What the system says; of the kind `InvalidInput` if it is no regular file.
pub fn open_unfollowed(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_writer_left_goes_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let stays = [".feed.json.tmp", ".feed.json.x.tmp", "feed.json", "feed.json.7.tmp"];
        for name in stays.iter().chain(&[".feed.json.7.tmp", ".innerward.pub.4194304.tmp"]) {
            fs::write(dir.path().join(name), name).unwrap();
        }
        remove_temporaries(dir.path()).unwrap();
        let names = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string());
        let mut left: Vec<String> = names.map(Result::unwrap).collect();
        left.sort();
        assert_eq!(left, stays);
        remove_temporaries(&dir.path().join("nowhere")).unwrap();
    }
}
