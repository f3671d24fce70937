//! What is to be screened: files, folders and lists of them, in an order that hangs on names alone.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::Summary;
use super::digesting::Source;
use super::examine::{Bytes, Target};
use super::stream::{self, Stream};
use super::walk::{Item, Walk};
use super::watch::Watch;
use crate::home::HomeError;
use crate::media::Gap;

/// What is to be screened, and what of it is left out.
#[derive(Clone, Default)]
pub struct Sources {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// A file that names more of them; `-` for standard input.
    pub from: Option<PathBuf>,
    /// What is left out.
    pub filter: Filter,
    /// What `-` among [`Sources::paths`] stands for; without it, for a file that is called so.
    pub stdin: Option<Arc<Stream>>,
    /// A folder of which is taken in what arrives; then there is nothing else.
    pub watch: Option<Arc<Watch>>,
    /// What was passed over of a run that goes on, since it has its verdict.
    pub passed: Arc<Passed>,
}

/// Files that have verdicts from an earlier part of a run, and their bytes as they are now.
#[derive(Debug, Default)]
pub struct Passed {
    files: AtomicU64,
    bytes: AtomicU64,
}

impl Passed {
    fn add(&self, bytes: u64) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// How many files, and how many bytes they have.
    #[must_use]
    pub fn so_far(&self) -> (u64, u64) {
        (self.files.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

/// What is left out of folders. What is named on the command line or in a list is meant, but for its size.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    names: GlobSet,
    paths: GlobSet,
    /// Files with fewer bytes are left out.
    pub min_bytes: Option<u64>,
    /// Files with more bytes are left out.
    pub max_bytes: Option<u64>,
    /// Folders on other file systems than the one that they are reached from are left out.
    pub one_file_system: bool,
    /// What links inside folders point to is screened too, in place of being counted.
    pub follow_links: bool,
}

/// A pattern that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0}; a pattern is a name such as *.tmp, or a path from the folder that is screened on, such as cache/**"
)]
pub struct PatternError(String);

impl Filter {
    /// Leaves out what matches one of the patterns: without `/` in it the name of a file or folder, else its path from
    /// the folder that is screened. What is in a folder that is left out is left out too.
    ///
    /// # Errors
    /// [`PatternError`].
    pub fn exclude<'a>(mut self, patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, PatternError> {
        let (mut names, mut paths) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for pattern in patterns {
            let trimmed = pattern.trim_end_matches('/');
            let glob = GlobBuilder::new(trimmed.trim_start_matches('/')).literal_separator(true).build();
            let glob = glob.map_err(|error| PatternError(error.to_string()))?;
            let _ = if trimmed.contains('/') { paths.add(glob) } else { names.add(glob) };
        }
        let built = |set: GlobSetBuilder| set.build().map_err(|error| PatternError(error.to_string()));
        (self.names, self.paths) = (built(names)?, built(paths)?);
        Ok(self)
    }

    /// True for what lies in the folder `root` and is left out because of its name.
    pub(super) fn leaves_out(&self, path: &Path, root: &Path) -> bool {
        let name = path.file_name().unwrap_or(OsStr::new(""));
        let inner = path.strip_prefix(root).unwrap_or(path);
        self.names.is_match(name) || (!self.paths.is_empty() && self.paths.is_match(inner))
    }

    /// The same for what is inside of something, by its whole address: the folders in its name are looked at too.
    pub(super) fn leaves_out_inside(&self, address: &Path) -> bool {
        if self.names.is_empty() && self.paths.is_empty() {
            return false;
        }
        let bytes = address.as_os_str().as_bytes();
        let name = memchr::memmem::find(bytes, b"!/").map_or(bytes, |at| &bytes[at + 2..]);
        let path = Path::new(OsStr::from_bytes(name));
        path.ancestors().any(|part| !part.as_os_str().is_empty() && self.leaves_out(part, Path::new("")))
    }

    pub(super) fn leaves_out_size(&self, bytes: u64) -> bool {
        self.min_bytes.is_some_and(|min| bytes < min) || self.max_bytes.is_some_and(|max| bytes > max)
    }
}

/// Files that have verdicts already, each as often as it has one. Takes about 20 bytes a file.
#[derive(Default)]
pub(super) struct Done {
    hasher: RandomState,
    times: HashMap<u64, u32>,
}

impl Done {
    pub(super) fn add(&mut self, path: &[u8]) {
        *self.times.entry(self.hasher.hash_one(path)).or_default() += 1;
    }

    /// True if it was there, and now is there once less.
    pub(super) fn take(&mut self, path: &Path) -> bool {
        if self.times.is_empty() {
            return false;
        }
        let print = self.hasher.hash_one(path.as_os_str().as_bytes());
        let Some(times) = self.times.get_mut(&print) else { return false };
        *times -= 1;
        if *times == 0 {
            self.times.remove(&print);
        }
        true
    }
}

impl Sources {
    /// Everything in its order; the folder `except`, the home itself, is left out.
    ///
    /// # Errors
    /// The list of paths cannot be opened.
    pub(super) fn targets<'a>(&'a self, except: Option<&'a Path>) -> io::Result<Targets<'a>> {
        let of_name = |path: &PathBuf| match &self.stdin {
            Some(_) if path == Path::new(stream::NAME) => Root::Stream,
            _ => Root::Path(path.clone()),
        };
        let named = self.paths.iter().map(move |path| Ok(of_name(path)));
        let listed = match &self.from {
            Some(list) => Some(Listed::open(list)?),
            None => None,
        };
        let listed = listed.into_iter().flatten().map(|path| path.map(Root::Path));
        let roots: Roots<'a> = Box::new(named.chain(listed));
        if let Some(watch) = &self.watch {
            watch.begin_part();
        }
        Ok(Targets { sources: self, roots, walk: None, except, stream_is_due: false })
    }

    /// For a watch, whether the run is to be gone on with when it has given nothing more; for all else `None`.
    pub(super) fn goes_on(&self) -> Option<bool> {
        self.watch.as_ref().map(|watch| watch.goes_on())
    }

    /// What was settled, in the order in which it was given, is on disk; of each, whether it could be read.
    pub(super) fn kept(&self, settled: &[bool]) -> Result<(), HomeError> {
        self.watch.as_ref().map_or(Ok(()), |watch| watch.kept(settled))
    }
}

/// Where a walk begins.
enum Root {
    Path(PathBuf),
    /// There is nowhere to walk: a stream.
    Stream,
}

type Roots<'a> = Box<dyn Iterator<Item = io::Result<Root>> + Send + 'a>;

/// What is still to be screened.
pub(super) struct Targets<'a> {
    sources: &'a Sources,
    roots: Roots<'a>,
    walk: Option<Walk<'a>>,
    except: Option<&'a Path>,
    stream_is_due: bool,
}

impl<'a> Targets<'a> {
    /// The next `most` that have no verdict yet; what is passed over is counted. None if nothing is left but what
    /// [`Targets::stream`] gives.
    ///
    /// Of a watch, waits until something has arrived or it is over: whoever asks must have handed on what was given before.
    ///
    /// # Errors
    /// The list of paths cannot be read.
    pub(super) fn batch(
        &mut self,
        most: usize,
        done: &mut Done,
        summary: &mut Summary,
    ) -> io::Result<Vec<Target>> {
        let filter = &self.sources.filter;
        if let Some(watch) = &self.sources.watch {
            return Ok(watch.batch(most, &mut self.walk, filter, self.except, summary));
        }
        let mut batch = Vec::with_capacity(most);
        while batch.len() < most {
            let Some(item) = self.next()? else { break };
            let mut len = 0;
            let bytes = match &item {
                Item::Link(_) => {
                    summary.links += 1;
                    continue;
                }
                Item::LeftOut(_) => {
                    summary.excluded += 1;
                    continue;
                }
                Item::File(path) => {
                    len = fs::metadata(path).map_or(0, |about| about.len());
                    if filter.leaves_out_size(len) {
                        summary.excluded += 1;
                        continue;
                    }
                    Bytes::At(Source::Path(path.clone(), len))
                }
                Item::Unreadable(_, cause) => Bytes::Closed(Gap::Unreadable(cause.clone())),
            };
            let path = item.into_path();
            if done.take(&path) {
                self.sources.passed.add(len);
            } else {
                batch.push(Target { path, file: None, bytes, gap: None });
            }
        }
        Ok(batch)
    }

    /// Once [`Targets::batch`] gave none: the stream that comes next, to be taken in whole.
    pub(super) fn stream(&mut self) -> Option<&'a Stream> {
        let is_due = std::mem::take(&mut self.stream_is_due);
        self.sources.stdin.as_deref().filter(|_| is_due)
    }

    fn next(&mut self) -> io::Result<Option<Item>> {
        loop {
            if self.stream_is_due {
                return Ok(None);
            }
            if let Some(item) = self.walk.as_mut().and_then(Iterator::next) {
                return Ok(Some(item));
            }
            match self.roots.next() {
                Some(Ok(Root::Path(root))) => {
                    self.walk = Some(Walk::new(&root, &self.sources.filter, self.except));
                }
                Some(Ok(Root::Stream)) => self.stream_is_due = true,
                Some(Err(error)) => return Err(error),
                None => return Ok(None),
            }
        }
    }
}

/// Paths in a file, one a line, or with a zero byte behind each as `find -print0` writes them.
pub(super) struct Listed {
    input: Box<dyn BufRead + Send>,
    end: u8,
}

/// Most bytes of a path in a list: what Linux allows.
const MAX_PATH: u64 = 4096;

impl Listed {
    pub(super) fn open(list: &Path) -> io::Result<Self> {
        let mut input: Box<dyn BufRead + Send> = if list == Path::new("-") {
            Box::new(BufReader::with_capacity(1 << 16, io::stdin()))
        } else {
            Box::new(BufReader::with_capacity(1 << 16, File::open(list)?))
        };
        // Lists with lines have no zero byte, and the first path of others ends within what is read at first.
        let end = if input.fill_buf()?.contains(&0) { 0 } else { b'\n' };
        Ok(Self { input, end })
    }
}

impl Iterator for Listed {
    type Item = io::Result<PathBuf>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut path = Vec::new();
            match io::Read::take(&mut self.input, MAX_PATH + 1).read_until(self.end, &mut path) {
                Ok(0) => return None,
                Ok(_) if path.len() as u64 > MAX_PATH => {
                    let error =
                        "the list of files has a path of more than 4096 bytes; is it a list of paths?";
                    return Some(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
                }
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
            if path.last() == Some(&self.end) {
                path.pop();
            }
            if self.end == b'\n' && path.last() == Some(&b'\r') {
                path.pop();
            }
            if !path.is_empty() {
                return Some(Ok(std::ffi::OsString::from_vec(path).into()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(sources: &Sources, done: &mut Done) -> (Vec<PathBuf>, Summary) {
        let (mut found, mut summary) = (Vec::new(), Summary::default());
        let mut targets = sources.targets(None).unwrap();
        loop {
            let batch = targets.batch(2, done, &mut summary).unwrap();
            if batch.is_empty() {
                return (found, summary);
            }
            found.extend(batch.into_iter().map(|target| target.path));
        }
    }

    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in [("a.jpg", 10), ("b.tmp", 10), ("cache/deep/x.jpg", 10), ("d/cache/y.jpg", 5000)]
        {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, vec![7; bytes]).unwrap();
        }
        dir
    }

    #[test]
    fn what_is_left_out_is_counted_and_not_entered() {
        let dir = tree();
        let at = |name: &str| dir.path().join(name);
        for (patterns, left, excluded) in [
            (&[][..], &["a.jpg", "b.tmp", "cache/deep/x.jpg", "d/cache/y.jpg"][..], 0),
            (&["*.tmp"], &["a.jpg", "cache/deep/x.jpg", "d/cache/y.jpg"], 1),
            (&["cache"], &["a.jpg", "b.tmp"], 2),
            (&["/cache/"], &["a.jpg", "b.tmp", "d/cache/y.jpg"], 1),
            (&["d/**", "a.*"], &["b.tmp", "cache/deep/x.jpg"], 2),
        ] {
            let filter = Filter::default().exclude(patterns.iter().copied()).unwrap();
            let sources = Sources { paths: vec![dir.path().into()], filter, ..Sources::default() };
            let (found, summary) = all(&sources, &mut Done::default());
            assert_eq!(found, left.iter().map(|name| at(name)).collect::<Vec<_>>(), "{patterns:?}");
            assert_eq!(summary.excluded, excluded, "{patterns:?}");
        }
        let filter = Filter { max_bytes: Some(100), ..Filter::default() };
        let paths = vec![dir.path().into(), at("d/cache/y.jpg")];
        let sources = Sources { paths, filter, ..Sources::default() };
        let (found, summary) = all(&sources, &mut Done::default());
        assert_eq!((found.len(), summary.excluded), (3, 2), "a bound on size holds for what is named too");
        let error = Filter::default().exclude(["a["]).unwrap_err();
        assert!(error.to_string().contains("a pattern is a name"), "{error}");
    }

    #[test]
    fn lists_of_paths_have_lines_or_zero_bytes() {
        let dir = tree();
        let list = dir.path().join("list");
        let at = |name: &str| dir.path().join(name);
        for (text, expected) in [
            (format!("{}\r\n\n{}", at("b.tmp").display(), at("d").display()), 2),
            (format!("{}\0{}\0", at("b.tmp").display(), at("odd\nname").display()), 2),
            (String::new(), 0),
        ] {
            fs::write(&list, text).unwrap();
            let sources = Sources { from: Some(list.clone()), ..Sources::default() };
            let (found, _) = all(&sources, &mut Done::default());
            assert_eq!(found.len(), expected, "{found:?}");
            assert!(found.first().is_none_or(|path| *path == at("b.tmp")));
        }
        fs::write(&list, "x".repeat(10_000)).unwrap();
        let sources = Sources { from: Some(list), ..Sources::default() };
        let mut targets = sources.targets(None).unwrap();
        let error = targets.batch(2, &mut Done::default(), &mut Summary::default()).err().unwrap();
        assert!(error.to_string().contains("4096"));
    }

    #[test]
    fn what_is_done_is_passed_over_as_often_as_it_was() {
        let dir = tree();
        let file = dir.path().join("a.jpg");
        let sources = Sources { paths: vec![file.clone(), file.clone(), file.clone()], ..Sources::default() };
        let mut done = Done::default();
        done.add(file.as_os_str().as_bytes());
        done.add(file.as_os_str().as_bytes());
        assert_eq!(all(&sources, &mut done).0, [file]);
    }
    #[test]
    fn what_is_inside_is_left_out_by_its_own_name_and_by_those_of_its_folders() {
        let filter = Filter::default().exclude(["*.tmp", "cache", "d/**", "/top"]).unwrap();
        for (address, is_out) in [
            ("-!/a.jpg", false),
            ("-!/a.tmp", true),
            ("-!/x/cache/y/a.jpg", true),
            ("-!/d/a.jpg", true),
            ("-!/x/d/a.jpg", false),
            ("-!/top", true),
            ("-!/top/a.jpg", true),
            ("-!/x/top/a.jpg", false),
            ("-!/../cache", true),
        ] {
            assert_eq!(filter.leaves_out_inside(Path::new(address)), is_out, "{address}");
        }
        assert!(!Filter::default().leaves_out_inside(Path::new("-!/a.tmp")));
    }
}
