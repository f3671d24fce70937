//! A folder for what is needed for a moment.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// A folder that is removed with all that is in it, readable by its owner alone.
///
/// Its name cannot be foreseen, since the folder above may be everybody's; and it is locked, so that what a killed process
/// left can be told from what is in use.
pub(super) struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// A new one below `dir`, which is made if it is not there; its name begins with `name`. Those of this name that were left
    /// behind go.
    pub(super) fn below(dir: &Path, name: &str) -> anyhow::Result<Self> {
        Self::make(dir, name).with_context(|| format!("{}: no folder can be made", dir.display()))
    }

    fn make(dir: &Path, name: &str) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        loop {
            let path = dir.join(format!("{name}.{:016x}", rand::random::<u64>()));
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made?,
            }
            let folder = File::open(&path)?;
            let about = folder.metadata()?;
            // Another process may take it for left behind, in the moment before it is locked.
            let is_taken = matches!(folder.try_lock(), Err(TryLockError::WouldBlock));
            let is_same = |there: fs::Metadata| (there.dev(), there.ino()) == (about.dev(), about.ino());
            if !is_taken && fs::symlink_metadata(&path).is_ok_and(is_same) {
                clear(dir, name, about.uid());
                return Ok(Self { path, _lock: folder });
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Removes what processes of user `uid` left behind that were killed. What cannot be removed is in nobody's way.
fn clear(dir: &Path, name: &str, uid: u32) {
    for left in fs::read_dir(dir).into_iter().flatten().flatten() {
        let found = left.file_name();
        let digits = found.to_str().and_then(|found| found.strip_prefix(name)?.strip_prefix('.'));
        let is_ours = digits
            .is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
            && left
                .metadata()
                .is_ok_and(|about| about.is_dir() && about.uid() == uid && about.mode() & 0o7777 == 0o700);
        if is_ours
            && let Ok(folder) = File::open(left.path())
            && folder.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(left.path());
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path); // what was asked is done; the next one tries again
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn what_was_made_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new");
        let scratch = Scratch::below(&new, "made").unwrap();
        let path = scratch.path().to_owned();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        fs::write(path.join("file"), "x").unwrap();
        let other = Scratch::below(&new, "made").unwrap();
        assert_ne!(other.path(), path, "it is not shared");
        assert!(path.join("file").exists(), "nor taken for left behind");
        drop(scratch);
        assert!(!path.exists() && other.path().exists());
    }

    #[test]
    fn what_was_left_behind_goes_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let make = |name: &str, mode| fs::DirBuilder::new().mode(mode).create(at(name)).unwrap();
        make("made.0123456789abcdef", 0o700);
        fs::write(at("made.0123456789abcdef/file"), "x").unwrap();
        // Of another name, readable for others, no folder, and one that leads elsewhere.
        make("else.0123456789abcdef", 0o700);
        make("made.0123456789abcdee", 0o755);
        make("made.1234", 0o700);
        fs::write(at("made.0123456789abcdec"), "x").unwrap();
        symlink(at("else.0123456789abcdef"), at("made.0123456789abcded")).unwrap();
        drop(Scratch::below(folder.path(), "made").unwrap());
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|left| left.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let expected = [
            "else.0123456789abcdef",
            "made.0123456789abcdec",
            "made.0123456789abcded",
            "made.0123456789abcdee",
            "made.1234",
        ];
        assert_eq!(left, expected);
    }
}
