//! Second names for the files of a home: what they are at one moment, whatever becomes of the first ones.
//!
//! A long file of a home is replaced by another of its name, or removed, and never written into, but for the database and for
//! what grows at its end. So a second name is a copy that costs nothing, however long the file is. Short ones are copied: people
//! write into those that they change by hand.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{BackupError, DATABASE};
use crate::home::{Home, HomeError, open_unfollowed, remove_tree};

/// A folder with second names; they go with it.
pub(super) struct Staged {
    path: PathBuf,
    /// What was left out since it is neither file nor folder.
    pub(super) left_out: Vec<String>,
}

impl Staged {
    /// Gives every file of `home` a second name, but for those that it makes anew, and for runs and watched folders.
    pub(super) fn of(home: &Home) -> Result<Self, BackupError> {
        // By such a name `purge` and the next backup know what a killed process left.
        let now = Timestamp::now().as_nanosecond();
        let path = home.root().join(format!(".spool.{}.{now}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&path).map_err(HomeError::io(&path))?;
        let mut staged = Self { path, left_out: Vec::new() };
        staged.folder(home, Path::new(""))?;
        Ok(staged)
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn folder(&mut self, home: &Home, below: &Path) -> Result<(), HomeError> {
        let path = home.root().join(below);
        let listed = match fs::read_dir(&path) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(HomeError::Io { path, source }),
        };
        for entry in listed {
            let entry = entry.map_err(HomeError::io(&path))?;
            let within = below.join(entry.file_name());
            let is_other = is_made_anew(&within) || is_apart(&within);
            // What is gone by now is not in the home.
            let Some(kind) = entry.file_type().ok().filter(|_| !is_other) else { continue };
            let (first, second) = (entry.path(), self.path.join(&within));
            if kind.is_dir() {
                make_like(&first, &second)?;
                self.folder(home, &within)?;
            } else if kind.is_file() {
                link(&first, &second)?;
            } else {
                self.left_out.push(within.to_string_lossy().into_owned());
            }
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let _ = remove_tree(&self.path, false); // the next backup does it, and `purge`
    }
}

/// True of what a home makes for itself: locks, unfinished files, the page that is made of releases.
pub(super) fn is_made_anew(within: &Path) -> bool {
    let name = within.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || name == "lock" || name.ends_with(".lock") || within == Path::new("public/site")
}

/// True of the database, which is copied in its own way, and of runs, which are asked for.
fn is_apart(within: &Path) -> bool {
    let name = within.file_name().unwrap_or_default().to_string_lossy();
    let is_top = within.components().count() == 1;
    is_top && (name.starts_with(DATABASE) || matches!(&*name, "runs" | "watches"))
}

/// Makes a folder that everybody may do the same with.
fn make_like(first: &Path, second: &Path) -> Result<(), HomeError> {
    DirBuilder::new().mode(0o700).create(second).map_err(HomeError::io(second))?;
    let Ok(about) = first.symlink_metadata() else { return Ok(()) }; // it is gone, and empty here
    let mode = about.permissions().mode() & 0o777 | 0o700;
    fs::set_permissions(second, fs::Permissions::from_mode(mode)).map_err(HomeError::io(second))
}

/// Files of up to so many bytes are copied.
const SHORT: u64 = 64 << 10;

fn link(first: &Path, second: &Path) -> Result<(), HomeError> {
    if first.symlink_metadata().is_ok_and(|about| about.len() <= SHORT) {
        return copy(first, second);
    }
    match fs::hard_link(first, second) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()), // it is gone
        // A file system that has no second names, or another one; a file of another user.
        Err(_) => copy(first, second),
        Ok(()) => Ok(()),
    }
}

fn copy(first: &Path, second: &Path) -> Result<(), HomeError> {
    let mut from = match open_unfollowed(first) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(HomeError::io(first))?,
    };
    let about = from.metadata().map_err(HomeError::io(first))?;
    let mut copied = || -> io::Result<()> {
        let mut to: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(second)?;
        io::copy(&mut from, &mut to)?;
        to.set_permissions(fs::Permissions::from_mode(about.permissions().mode() & 0o777))?;
        to.set_modified(about.modified()?)
    };
    copied().map_err(HomeError::io(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_name_keeps_what_the_first_one_had() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let put = |name: &str, text: &str| fs::write(home.root().join(name), text).unwrap();
        fs::create_dir(home.public_dir().join("log")).unwrap();
        for name in [
            "tokens.json",
            "innerward.toml",
            "public/log/checkpoint",
            "index/segment",
            "runs/run",
            "x.lock",
            ".tmp",
        ] {
            put(name, name);
        }
        let long = "list\n".repeat(SHORT as usize);
        put("index/long", &long);
        std::os::unix::fs::symlink("tokens.json", home.root().join("link")).unwrap();
        let staged = Staged::of(&home).unwrap();
        assert_eq!(staged.left_out, ["link"]);
        crate::home::write_atomic(&home.root().join("tokens.json"), b"other", 0o600).unwrap();
        put("innerward.toml", "changed by hand");
        fs::remove_file(home.index_dir().join("segment")).unwrap();
        fs::remove_file(home.index_dir().join("long")).unwrap();
        fs::remove_dir_all(home.public_dir().join("log")).unwrap();
        assert_eq!(fs::read_to_string(staged.path().join("index/long")).unwrap(), long);
        for name in ["tokens.json", "innerward.toml", "public/log/checkpoint", "index/segment"] {
            assert_eq!(fs::read_to_string(staged.path().join(name)).unwrap(), name);
        }
        for name in ["runs", "x.lock", ".tmp", "link", "lock"] {
            assert!(staged.path().join(name).symlink_metadata().is_err(), "{name}");
        }
        let path = staged.path().to_owned();
        drop(staged);
        assert!(!path.exists());
    }

    #[test]
    fn where_there_are_no_second_names_it_is_a_copy_with_the_same_mode_and_time() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("first"), "content").unwrap();
        let then = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        let file = OpenOptions::new().write(true).open(at("first")).unwrap();
        file.set_permissions(fs::Permissions::from_mode(0o640)).unwrap();
        file.set_modified(then).unwrap();
        copy(&at("first"), &at("second")).unwrap();
        fs::write(at("first"), "changed").unwrap();
        let about = fs::metadata(at("second")).unwrap();
        assert_eq!(fs::read_to_string(at("second")).unwrap(), "content");
        assert_eq!((about.permissions().mode() & 0o777, about.modified().unwrap()), (0o640, then));
        // What is gone is not in the home any more, and no error.
        assert!(link(&at("none"), &at("third")).is_ok() && !at("third").exists());
    }
}
