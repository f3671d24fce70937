//! Files and folders to a stream of items, in an order that depends on names alone.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// One thing found on the way.
#[derive(Debug, PartialEq, Eq)]
pub enum Item {
    /// A regular file, to be read.
    File(PathBuf),
    /// Something that is not read, and why.
    Unreadable(PathBuf, String),
    /// A symbolic link inside a folder: what it points to is reached by its own name or not at all.
    Link(PathBuf),
}

impl Item {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Unreadable(path, _) | Self::Link(path) => path,
        }
    }
}

/// Everything under `paths`, in the order given, inside a folder by name. The folder `except` (the home itself) is
/// left out. Holds one folder's names in memory at a time for each level.
pub fn walk<'a>(paths: &'a [PathBuf], except: Option<&'a Path>) -> impl Iterator<Item = Item> + Send + 'a {
    let wanted = move |root: &&PathBuf| except.is_none_or(|except| !is_same(root, except));
    // Names first: asking the file system about every folder would cost a call each.
    let inside = move |entry: &DirEntry, except: &Path| {
        Some(entry.file_name()) == except.file_name() && is_same(entry.path(), except)
    };
    paths.iter().filter(wanted).flat_map(move |root| {
        WalkDir::new(root)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(move |entry| except.is_none_or(|except| !inside(entry, except)))
            .filter_map(|step| match step {
                Ok(entry) if entry.file_type().is_dir() => None,
                Ok(entry) if entry.path_is_symlink() && entry.depth() > 0 => {
                    Some(Item::Link(entry.into_path()))
                }
                // A link named on the command line is meant: it is followed.
                Ok(entry) if entry.path().is_file() => Some(Item::File(entry.into_path())),
                Ok(entry) => Some(Item::Unreadable(entry.into_path(), "neither a file nor a folder".into())),
                Err(error) => {
                    let path = error.path().unwrap_or(Path::new("?")).to_owned();
                    let cause = cause(&error, &path);
                    Some(Item::Unreadable(path, cause))
                }
            })
    })
}

fn is_same(path: &Path, except: &Path) -> bool {
    path.canonicalize().is_ok_and(|path| path == except)
}

fn cause(error: &walkdir::Error, path: &Path) -> String {
    let missing = error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound);
    if missing && path.is_symlink() {
        return "the link points nowhere".into();
    }
    error.io_error().map_or_else(|| "the folder contains itself".into(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_order_is_by_name_and_nothing_is_lost_silently() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("b")).unwrap();
        for name in ["c.jpg", "b/2.jpg", "b/1.jpg", "a.jpg"] {
            fs::write(at(name), name).unwrap();
        }
        std::os::unix::fs::symlink(at("a.jpg"), at("d.jpg")).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(at("e.sock")).unwrap();
        let missing = at("missing");
        let found: Vec<Item> = walk(&[dir.path().to_owned(), missing.clone()], None).collect();
        assert_eq!(found[..4], ["a.jpg", "b/1.jpg", "b/2.jpg", "c.jpg"].map(|name| Item::File(at(name))));
        assert_eq!(found[4], Item::Link(at("d.jpg")));
        assert!(
            matches!(&found[5], Item::Unreadable(path, why) if *path == at("e.sock") && why.contains("neither"))
        );
        assert!(matches!(&found[6], Item::Unreadable(path, _) if *path == missing));
        drop(socket);
    }

    #[test]
    fn the_home_is_not_screened_and_a_named_link_is() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir(root.join("ward")).unwrap();
        fs::write(root.join("ward/secret"), "x").unwrap();
        fs::write(root.join("a"), "x").unwrap();
        std::os::unix::fs::symlink(root.join("a"), root.join("link")).unwrap();
        let paths = [root.clone()];
        let found: Vec<Item> = walk(&paths, Some(&root.join("ward"))).collect();
        assert_eq!(found, [Item::File(root.join("a")), Item::Link(root.join("link"))]);
        std::os::unix::fs::symlink(root.join("ward"), root.join("door")).unwrap();
        let door = [root.join("door"), root.join("ward/.")];
        assert_eq!(
            walk(&door, Some(&root.join("ward"))).collect::<Vec<_>>(),
            [],
            "by whatever name it is asked for"
        );
        let named = [root.join("link")];
        assert_eq!(walk(&named, None).collect::<Vec<_>>(), [Item::File(root.join("link"))]);
    }
}
