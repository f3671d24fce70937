//! Files and folders to a stream of items, in an order that depends on names alone.

use std::path::{Path, PathBuf};

use walkdir::{IntoIter, WalkDir};

use super::sources::Filter;

/// One thing found on the way.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A regular file, to be read.
    File(PathBuf),
    /// Something that is not read, and why.
    Unreadable(PathBuf, String),
    /// A symbolic link inside a folder: what it points to is reached by its own name or not at all.
    Link(PathBuf),
    /// A file or folder that is left out as asked.
    LeftOut(PathBuf),
}

impl Item {
    /// Where it is.
    pub(super) fn into_path(self) -> PathBuf {
        match self {
            Self::File(path) | Self::Unreadable(path, _) | Self::Link(path) | Self::LeftOut(path) => path,
        }
    }
}

/// Everything under one root, inside a folder by name. Holds one folder's names in memory at a time for each level.
pub(super) struct Walk<'a> {
    root: PathBuf,
    inner: Option<IntoIter>,
    filter: &'a Filter,
    /// The home itself, which is not screened.
    except: Option<&'a Path>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &Path, filter: &'a Filter, except: Option<&'a Path>) -> Self {
        let wanted = except.is_none_or(|except| !is_same(root, except));
        let walk = || {
            WalkDir::new(root)
                .sort_by_file_name()
                .same_file_system(filter.one_file_system)
                .follow_links(filter.follow_links)
                .into_iter()
        };
        Self { root: root.to_owned(), inner: wanted.then(walk), filter, except }
    }

    /// Names first: asking the file system about every folder would cost a call each.
    fn is_home(&self, path: &Path, name: &std::ffi::OsStr) -> bool {
        self.except.is_some_and(|except| Some(name) == except.file_name() && is_same(path, except))
    }
}

impl Iterator for Walk<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            let entry = match self.inner.as_mut()?.next()? {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(&self.root).to_owned();
                    let cause = cause(&error, &path);
                    return Some(Item::Unreadable(path, cause));
                }
            };
            let is_folder = entry.file_type().is_dir();
            let inside = entry.depth() > 0;
            if is_folder && self.is_home(entry.path(), entry.file_name()) {
                self.skip();
                continue;
            }
            if inside && self.filter.leaves_out(entry.path(), &self.root) {
                if is_folder {
                    self.skip();
                }
                return Some(Item::LeftOut(entry.into_path()));
            }
            if is_folder {
                continue;
            }
            return Some(if inside && entry.path_is_symlink() && !self.filter.follow_links {
                Item::Link(entry.into_path())
            } else if entry.path().is_file() {
                // A link named on the command line is meant: it is followed.
                Item::File(entry.into_path())
            } else {
                Item::Unreadable(entry.into_path(), "neither a file nor a folder".into())
            });
        }
    }
}

impl Walk<'_> {
    fn skip(&mut self) {
        if let Some(inner) = &mut self.inner {
            inner.skip_current_dir();
        }
    }
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

    fn walk(paths: &[PathBuf], except: Option<&Path>) -> Vec<Item> {
        let filter = Filter::default();
        paths.iter().flat_map(|root| Walk::new(root, &filter, except)).collect()
    }

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
        let found = walk(&[dir.path().to_owned(), missing.clone()], None);
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
        let found = walk(&paths, Some(&root.join("ward")));
        assert_eq!(found, [Item::File(root.join("a")), Item::Link(root.join("link"))]);
        std::os::unix::fs::symlink(root.join("ward"), root.join("door")).unwrap();
        let door = [root.join("door"), root.join("ward/.")];
        assert_eq!(walk(&door, Some(&root.join("ward"))), [], "by whatever name it is asked for");
        let named = [root.join("link")];
        assert_eq!(walk(&named, None), [Item::File(root.join("link"))]);
    }
}
