//! Files of a published folder, and no others: no links are followed, nothing hidden is shown, and no home is entered.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::Errno;

/// What only a home has.
const OF_A_HOME: [&str; 4] = ["HOME", "innerward.sqlite", "tokens.json", "keys"];
/// How names end of what lies in the folders of a home: keys, segments, manifests. Wherever it is copied to, nobody gets it.
const OF_A_HOMES_FOLDERS: [&str; 3] = [".key", ".iws", ".iwm"];
/// More folders within each other than a published one has.
const MOST_PARTS: usize = 16;
/// More names than are listed.
const MOST_NAMES: usize = 1000;

/// A folder to hand out files of.
pub(super) struct Folder {
    root: OwnedFd,
}

/// Why a folder is not handed out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// It cannot be opened.
    #[error("{}: {source}; name the folder that is to be public", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// It lies in a home.
    #[error(
        "{} lies in the home of an organisation, and nothing of that is handed out but its folder public: name that", path.display()
    )]
    Inside {
        /// The folder.
        path: PathBuf,
    },
    /// It is a home.
    #[error(
        "{} is the home of an organisation, or a part of one ({found} is in it), and nothing of it is handed out but its \
         folder public: name that", path.display()
    )]
    Home {
        /// The folder.
        path: PathBuf,
        /// What gives it away.
        found: &'static str,
    },
}

/// What a path leads to.
pub(super) enum Found {
    File(Open),
    /// A folder, whose path has to end in a slash, so that links in its page lead on.
    Folder,
    Nothing,
}

/// A file as it is now. What replaces it meanwhile is another.
pub(super) struct Open {
    pub(super) file: File,
    pub(super) bytes: u64,
    pub(super) modified: SystemTime,
    /// Names this state of the file.
    pub(super) tag: String,
}

impl Folder {
    /// Opens the folder.
    pub(super) fn open(path: &Path) -> Result<Self, FolderError> {
        let failed = |source| FolderError::Io { path: path.to_owned(), source };
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        let root = openat(CWD, path, flags, Mode::empty()).map_err(|error| failed(error.into()))?;
        if let Some(found) = given_away(&root) {
            return Err(FolderError::Home { path: path.to_owned(), found });
        }
        if is_in_a_home(&root) {
            return Err(FolderError::Inside { path: path.to_owned() });
        }
        Ok(Self { root })
    }

    /// The first names in the folder itself, of files, and with a slash at the end of folders; sorted.
    pub(super) fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.root)?.take(MOST_NAMES) {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            let is_shown = parts(&format!("/{}", encoded(name))).is_some();
            let kind = statat(&self.root, name, AtFlags::SYMLINK_NOFOLLOW)
                .map_or(FileType::Unknown, |about| FileType::from_raw_mode(about.st_mode));
            match kind {
                FileType::RegularFile if is_shown => names.push(name.to_owned()),
                FileType::Directory if is_shown => names.push(format!("{name}/")),
                _ => {}
            }
        }
        names.sort();
        Ok(names)
    }

    /// What is at `path`, as a request has it, still percent-encoded. A path that ends in a slash is that of `index.html` there.
    pub(super) fn find(&self, path: &str) -> io::Result<Found> {
        let Some(parts) = parts(path) else { return Ok(Found::Nothing) };
        let Some((last, folders)) = parts.split_last() else { return Ok(Found::Nothing) };
        let mut inside = self.root.try_clone()?;
        for part in folders {
            let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            match openat(&inside, part.as_str(), flags, Mode::empty()) {
                Ok(folder) if given_away(&folder).is_none() => inside = folder,
                Ok(_) => return Ok(Found::Nothing),
                Err(error) => return nothing(error),
            }
        }
        // Not to wait where a pipe lies in place of a file.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(&inside, last.as_str(), flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(error) => return nothing(error),
        };
        let about = file.metadata()?;
        if about.is_dir() {
            return Ok(if given_away(&file).is_none() { Found::Folder } else { Found::Nothing });
        }
        if !about.is_file() {
            return Ok(Found::Nothing);
        }
        let tag =
            format!("\"{:x}-{:x}-{:x}-{:x}\"", about.mtime(), about.mtime_nsec(), about.len(), about.ino());
        let modified =
            SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(about.mtime()).unwrap_or(0));
        Ok(Found::File(Open { bytes: about.len(), modified, tag, file }))
    }
}

fn nothing(error: Errno) -> io::Result<Found> {
    match error {
        Errno::NOENT | Errno::NOTDIR | Errno::ACCESS | Errno::LOOP | Errno::NAMETOOLONG | Errno::NXIO => {
            Ok(Found::Nothing)
        }
        other => Err(other.into()),
    }
}

/// What shows that a folder is a home's.
fn given_away(folder: impl AsFd) -> Option<&'static str> {
    OF_A_HOME.into_iter().find(|name| {
        let Ok(about) = statat(&folder, *name, AtFlags::SYMLINK_NOFOLLOW) else { return false };
        // A file of that name and another content is somebody's page.
        *name != "HOME" || about.st_size > 0 && is_marker(&folder)
    })
}

/// True if a folder above is a home, and this is neither its folder `public` nor in that. Above what may not be opened nobody looks.
fn is_in_a_home(folder: &OwnedFd) -> bool {
    let same = |a: &Stat, b: &Stat| (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino);
    let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
    let (Ok(mut below), Ok(mut inside)) = (fstat(folder), openat(folder, "..", flags, Mode::empty())) else {
        return false;
    };
    while let Ok(about) = fstat(&inside)
        && !same(&about, &below)
    {
        let is_home =
            is_marked(&inside) || statat(&inside, "innerward.sqlite", AtFlags::SYMLINK_NOFOLLOW).is_ok();
        if is_home {
            let public = statat(&inside, "public", AtFlags::SYMLINK_NOFOLLOW);
            return !public.is_ok_and(|public| same(&public, &below));
        }
        below = about;
        let Ok(above) = openat(&inside, "..", flags, Mode::empty()) else { return false };
        inside = above;
    }
    false
}

fn is_marked(folder: impl AsFd) -> bool {
    statat(&folder, "HOME", AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|about| about.st_size > 0)
        && is_marker(folder)
}

fn is_marker(folder: impl AsFd) -> bool {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(file) = openat(&folder, "HOME", flags, Mode::empty()) else { return true }; // not to be read: not to be shown
    let mut head = String::new();
    File::from(file).take(64).read_to_string(&mut head).is_ok_and(|_| head.starts_with("innerward home"))
}

/// The names on a path; `None` if it has any that is not shown.
fn parts(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?;
    let (path, index) = match path.strip_suffix('/') {
        Some(folder) => (folder, true),
        None => (path, path.is_empty()),
    };
    let mut parts = Vec::new();
    for part in path.split('/').filter(|_| !path.is_empty()) {
        let part = decoded(part)?;
        let is_secret = OF_A_HOMES_FOLDERS.iter().any(|end| part.ends_with(end));
        let hidden = part.is_empty() || part.starts_with('.') || is_secret;
        if hidden || part.contains(|c: char| c == '/' || c == '\\' || c.is_control()) || part.len() > 255 {
            return None;
        }
        parts.push(part);
    }
    if index {
        parts.push("index.html".into());
    }
    (parts.len() <= MOST_PARTS).then_some(parts)
}

/// A name as it stands in a link.
pub(super) fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let each = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    name.bytes().map(each).collect()
}

/// Percent-encoding undone, once.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                (digit(rest.next()?)? * 16 + digit(rest.next()?)?) as u8
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_plain_names_are_names() {
        for (path, expected) in [
            ("/", Some(vec!["index.html"])),
            ("/a/b.csv", Some(vec!["a", "b.csv"])),
            ("/site/", Some(vec!["site", "index.html"])),
            ("/a%20b", Some(vec!["a b"])),
            ("/..", None),
            ("/%2e%2e/HOME", None),
            ("/a/../b", None),
            ("/a//b", None),
            ("/.git", None),
            ("/a%2Fb", None),
            ("/a%00", None),
            ("/a%", None),
            ("/%ff", None),
            ("/a\\b", None),
            ("*", None),
        ] {
            assert_eq!(
                parts(path),
                expected.map(|all| all.into_iter().map(String::from).collect()),
                "{path}"
            );
        }
        assert_eq!(parts(&"/a".repeat(17)), None);
    }

    #[test]
    fn a_home_is_refused_and_not_entered() {
        let dir = tempfile::tempdir().unwrap();
        let home = crate::home::Home::create(&dir.path().join("ward"), false).unwrap();
        assert!(matches!(Folder::open(home.root()), Err(FolderError::Home { .. })));
        assert!(Folder::open(&home.public_dir()).is_ok());
        fs::write(home.public_dir().join("a.txt"), "a").unwrap();
        let above = Folder::open(dir.path()).unwrap();
        for path in ["/ward/HOME", "/ward/public/a.txt", "/ward/", "/ward"] {
            assert!(matches!(above.find(path).unwrap(), Found::Nothing), "{path}");
        }
        let inside = Folder::open(&home.public_dir()).unwrap();
        assert!(matches!(inside.find("/a.txt").unwrap(), Found::File(_)));
    }

    #[test]
    fn links_and_what_is_no_file_are_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let public = dir.path().join("public");
        fs::create_dir_all(public.join("sub")).unwrap();
        fs::write(dir.path().join("secret"), "secret").unwrap();
        symlink(dir.path().join("secret"), public.join("link")).unwrap();
        symlink(dir.path(), public.join("up")).unwrap();
        rustix::fs::mknodat(CWD, public.join("pipe"), rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        let folder = Folder::open(&public).unwrap();
        for path in ["/link", "/up/secret", "/pipe", "/nowhere", "/sub/nowhere"] {
            assert!(matches!(folder.find(path).unwrap(), Found::Nothing), "{path}");
        }
        assert!(matches!(folder.find("/sub").unwrap(), Found::Folder));
    }
}
