//! How much there is to be screened, counted beside the run: names and lengths alone, no file is opened.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::Sources;
use super::sources::Listed;
use super::walk::{Item, Walk};

/// A count that goes on beside a run. Dropped, it ends.
#[derive(Debug)]
pub struct Counting(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    files: AtomicU64,
    bytes: AtomicU64,
    is_whole: AtomicBool,
    stop: AtomicBool,
}

impl Counting {
    /// Files and their bytes; `None` until all were counted.
    #[must_use]
    pub fn total(&self) -> Option<(u64, u64)> {
        let Counts { files, bytes, is_whole, .. } = &*self.0;
        is_whole
            .load(Ordering::Acquire)
            .then(|| (files.load(Ordering::Relaxed), bytes.load(Ordering::Relaxed)))
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

impl Sources {
    /// Counts what is to be screened, but for `except`, in a thread of its own that nobody waits for. `None` for what
    /// cannot be looked at twice (standard input, pipes), for a folder that is watched, and where there is no thread.
    #[must_use]
    pub fn count(&self, except: Option<PathBuf>) -> Option<Counting> {
        let is_file = |list: &PathBuf| fs::metadata(list).is_ok_and(|about| about.is_file());
        if self.stdin.is_some() || self.watch.is_some() || !self.from.as_ref().is_none_or(is_file) {
            return None;
        }
        let counts = Arc::<Counts>::default();
        let (sources, its) = (self.clone(), Arc::clone(&counts));
        let work = move || {
            if sources.count_up(except.as_deref(), &its).is_some() {
                its.is_whole.store(true, Ordering::Release);
            }
        };
        thread::Builder::new().spawn(work).ok().map(|_| Counting(counts))
    }

    /// `None` if it did not come to the end.
    fn count_up(&self, except: Option<&Path>, counts: &Counts) -> Option<()> {
        let listed = match &self.from {
            Some(list) => Some(Listed::open(list).ok()?),
            None => None,
        };
        let named = self.paths.iter().cloned().map(Ok);
        for root in named.chain(listed.into_iter().flatten()) {
            for item in Walk::new(&root.ok()?, &self.filter, except) {
                if counts.stop.load(Ordering::Relaxed) {
                    return None;
                }
                let bytes = match item {
                    Item::File(path) => fs::metadata(path).map_or(0, |about| about.len()),
                    Item::Unreadable(..) => {
                        counts.files.fetch_add(1, Ordering::Relaxed);
                        continue;
                    }
                    Item::Link(_) | Item::LeftOut(_) => continue,
                };
                if !self.filter.leaves_out_size(bytes) {
                    counts.files.fetch_add(1, Ordering::Relaxed);
                    counts.bytes.fetch_add(bytes, Ordering::Relaxed);
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::screen::Filter;

    #[test]
    fn what_is_counted_is_what_is_screened() {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in [("a.jpg", 10), ("b.tmp", 20), ("d/c.jpg", 300), ("d/large.jpg", 5_000)] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, vec![7; bytes]).unwrap();
        }
        let mut filter = Filter::default().exclude(["*.tmp"]).unwrap();
        filter.max_bytes = Some(1_000);
        let list = dir.path().join("list");
        fs::write(&list, dir.path().join("d").to_str().unwrap()).unwrap();
        let paths = vec![dir.path().into(), dir.path().join("missing")];
        let sources = Sources { paths, from: Some(list.clone()), filter, ..Sources::default() };
        let counting = sources.count(None).unwrap();
        let start = Instant::now();
        let total = loop {
            match counting.total() {
                Some(total) => break total,
                None => assert!(start.elapsed() < Duration::from_secs(20)),
            }
        };
        let of_list = fs::metadata(list).unwrap().len();
        // Two photographs, the list itself, what is missing, and one photograph once more.
        assert_eq!(total, (5, 10 + 300 + of_list + 300));
        let piped = Sources { from: Some("/dev/null".into()), ..Sources::default() };
        assert!(piped.count(None).is_none(), "what is no file is not read twice");
    }
}
