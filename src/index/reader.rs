//! An index for a process that lives long: it answers as of the last commit, not as of the day it was started.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::error::IndexError;
use super::manifest::{Manifest, Stamp};
use super::map::Memory;
use super::snapshot::Index;

/// Gives the newest snapshot: what a writer commits, a withdrawal say, holds for whoever asks from
/// [`Reader::INTERVAL`] later on.
///
/// Share one among all threads. No thread waits for another: while one opens what is new, the others go on with what was
/// there. A snapshot that somebody still holds stays as it is.
///
/// # Examples
/// ```
/// # use innerward::{index::Reader, home::Home};
/// # let folder = tempfile::tempdir()?;
/// # let home = Home::create(&folder.path().join("ward"), false)?;
/// let reader = Reader::open(&home.index_dir())?;
/// let index = reader.current()?; // for this query; ask again for the next
/// assert_eq!(index.sets().len(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    dir: PathBuf,
    memory: Memory,
    opened: Instant,
    /// Milliseconds after `opened` from which on the manifest is to be looked at again.
    next: AtomicU64,
    state: RwLock<State>,
}

#[derive(Debug, Clone)]
struct State {
    stamp: Option<Stamp>,
    index: Arc<Index>,
}

impl State {
    fn newer(before: &Index, memory: Memory, dir: &Path) -> Result<Self, IndexError> {
        // The stamp first: should a writer commit in between, the next look finds it changed and opens once more.
        let stamp = Manifest::stamp(dir)?;
        Ok(Self { stamp, index: Arc::new(before.newer(memory, dir)?) })
    }
}

impl Reader {
    /// How long a commit may go unnoticed. A look costs a few system calls.
    pub const INTERVAL: Duration = Duration::from_millis(100);

    /// Opens the index in `dir`.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn open(dir: &Path) -> Result<Self, IndexError> {
        Self::open_in(Memory::Mapped, dir)
    }

    /// As [`Reader::open`], held in `memory`: with [`Memory::HugePages`] the thread that finds something new reads the new
    /// segments whole, and those that stay are not read again.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn open_in(memory: Memory, dir: &Path) -> Result<Self, IndexError> {
        let state = RwLock::new(State::newer(&Index::default(), memory, dir)?);
        let next = AtomicU64::new(Self::INTERVAL.as_millis() as u64);
        Ok(Self { dir: dir.into(), memory, opened: Instant::now(), next, state })
    }

    /// The index as of now, or of [`Reader::INTERVAL`] ago at most.
    ///
    /// Costs a lock that nobody holds for long, and now and then a look at the manifest; opening what is new reads
    /// headers only.
    ///
    /// # Errors
    /// As [`Index::open`], if there is something new and it cannot be opened. Then every call tries again:
    /// [`Reader::last`] has what could be opened last, which may hold what was withdrawn since.
    pub fn current(&self) -> Result<Arc<Index>, IndexError> {
        let now = self.opened.elapsed().as_millis() as u64;
        let due = self.next.load(Ordering::Acquire);
        let later = now + Self::INTERVAL.as_millis() as u64;
        // One thread looks, and the others pass by.
        let looks =
            now >= due && self.next.compare_exchange(due, later, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if looks && let Err(error) = self.look() {
            self.next.store(now, Ordering::Release);
            return Err(error);
        }
        Ok(self.last())
    }

    /// The index as of now: looks whatever the time.
    ///
    /// # Errors
    /// As [`Reader::current`].
    pub fn newest(&self) -> Result<Arc<Index>, IndexError> {
        self.look()?;
        Ok(self.last())
    }

    /// What [`Reader::current`] gave last, without a look.
    #[must_use]
    pub fn last(&self) -> Arc<Index> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).index.clone()
    }

    /// Gives `index` until the next look, which opens from the disk whatever is not part of it: for who has found that what
    /// is newer is damaged.
    pub fn go_back_to(&self, index: Arc<Index>) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State { stamp: None, index };
    }

    fn look(&self) -> Result<(), IndexError> {
        let known = self.state.read().unwrap_or_else(PoisonError::into_inner).clone();
        if Manifest::stamp(&self.dir)? == known.stamp {
            return Ok(());
        }
        let state = State::newer(&known.index, self.memory, &self.dir)?;
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::testing::*;
    use super::super::{Fault, IndexWriter};
    use super::*;
    use crate::hashset::EntryKey;

    /// Waits until `done`, and says how long it took.
    fn until(mut done: impl FnMut() -> bool) -> Duration {
        let start = Instant::now();
        while !done() {
            assert!(start.elapsed() < Duration::from_secs(20), "never");
            std::thread::sleep(Duration::from_millis(2));
        }
        start.elapsed()
    }

    #[test]
    fn an_index_is_sound_while_it_is_written() {
        let (_dir, home) = home();
        let dir = home.index_dir();
        let lock = home.lock().unwrap();
        let done = std::sync::atomic::AtomicBool::new(false);
        let write = |round: u64| {
            let segment = builder(round * 7..round * 7 + 5).write(&dir).unwrap();
            let mut writer = IndexWriter::open(&dir, &lock).unwrap();
            writer.replace_set("DEMO", round + 1, vec![segment], vec![]).unwrap();
        };
        write(0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                (1..60).for_each(write);
                done.store(true, Ordering::Release);
            });
            while !done.load(Ordering::Acquire) {
                let report = Index::verify(&dir).unwrap();
                assert!(report.is_sound(), "{:?}", report.files);
            }
        });
    }

    #[test]
    fn segments_that_stay_are_not_read_again() {
        let (_dir, home) = home();
        let dir = home.index_dir();
        let lock = home.lock().unwrap();
        let mut writer = IndexWriter::open(&dir, &lock).unwrap();
        writer.replace_set("DEMO", 1, vec![builder(0..50).write(&dir).unwrap()], vec![]).unwrap();
        for memory in [Memory::Mapped, Memory::HugePages] {
            let reader = Reader::open_in(memory, &dir).unwrap();
            let before = reader.current().unwrap();
            let generation = before.generation();
            let mut writer = IndexWriter::open(&dir, &lock).unwrap();
            writer.replace_set("OTHER", 1, vec![builder(50..60).write(&dir).unwrap()], vec![]).unwrap();
            until(|| reader.current().unwrap().generation() > generation);
            let after = reader.current().unwrap();
            assert_eq!((before.segments.len(), after.segments.len()), (1, 2));
            assert!(Arc::ptr_eq(&before.segments[0].segment, &after.segments[0].segment));
            let signal = entry(3).hashes.iter().next().unwrap();
            let known = before.exact(&signal).unwrap();
            assert!(!known.is_empty() && after.exact(&signal).unwrap().starts_with(&known));
            writer.remove_set("OTHER").unwrap();
        }
    }

    #[test]
    fn a_withdrawal_reaches_a_reader_that_runs() {
        let (_dir, home) = home();
        let (lock, dir) = (home.lock().unwrap(), home.index_dir());
        let reader = Reader::open(&dir).unwrap();
        assert_eq!(reader.current().unwrap().generation(), 0);
        let mut writer = IndexWriter::open(&dir, &lock).unwrap();
        writer.replace_set("DEMO", 1, vec![builder(0..50).write(&dir).unwrap()], vec![]).unwrap();
        let signal = entry(2).hashes.iter().next().unwrap();
        let answers = |index: &Index| index.exact(&signal).unwrap().len();
        until(|| answers(&reader.current().unwrap()) > 0);

        let held = reader.current().unwrap();
        let before = answers(&held);
        let keys: Vec<_> = (0..97).map(|n| EntryKey::new(format!("key-{n}")).unwrap()).collect();
        writer.withdraw("DEMO", &keys).unwrap();
        let took = until(|| answers(&reader.current().unwrap()) == 0);
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!(answers(&held), before, "a snapshot that is held stays as it is");
        assert!(Arc::ptr_eq(&reader.current().unwrap(), &reader.last()));
    }

    #[test]
    fn without_a_commit_nothing_is_opened_again() {
        let (_dir, home) = home();
        let reader = Reader::open(&home.index_dir()).unwrap();
        let first = reader.last();
        std::thread::sleep(Reader::INTERVAL * 2);
        assert!(Arc::ptr_eq(&first, &reader.current().unwrap()));
    }

    #[test]
    fn a_manifest_that_cannot_be_read_is_told_at_every_call_until_it_can() {
        let (_dir, home) = home();
        let (lock, dir) = (home.lock().unwrap(), home.index_dir());
        let mut writer = IndexWriter::open(&dir, &lock).unwrap();
        writer.replace_set("DEMO", 1, vec![], vec![]).unwrap();
        let reader = Reader::open(&dir).unwrap();
        let path = dir.join("manifest.iwm");
        let sound = fs::read(&path).unwrap();
        for damaged in [&b"rubbish"[..], &sound[..sound.len() - 1], &[&sound[..24], &[9; 60]].concat()] {
            fs::write(&path, damaged).unwrap();
            until(|| reader.current().is_err());
            let error = reader.current().unwrap_err();
            assert!(matches!(&error, IndexError::File { file, .. } if file == "manifest.iwm"), "{error}");
            assert_eq!(reader.last().sets().len(), 1);
            fs::write(&path, &sound).unwrap();
            until(|| reader.current().is_ok());
        }
        assert!(matches!(Index::open(&dir).unwrap().sets(), [set] if set.revision == 1));
        let short = Fault::Short { expected: 48, found: 7 };
        fs::write(&path, b"\x89IWM\r\n\x1a").unwrap();
        until(|| matches!(reader.current(), Err(IndexError::File { fault, .. }) if fault == short));
    }
}
