//! Digests of many files, by threads of this process: hashing looks into nothing, so it needs no confined process.
//!
//! Each thread reads up to sixteen files side by side, the longest first, and takes the next as soon as one is done.
//! A read that does not come back, from a file system that hangs, costs its file and the thread, never the run: the
//! thread is left behind, and what else it had in hand is begun again by another.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rayon::{Scope, ThreadPool};
use rustix::fs::OFlags;

use super::ahead::BATCHES;
use super::worker::{ReadError, reading_time, regular};
use crate::digest::{Done, Hashed, SideBySide, hash_apart};
use crate::jail::most_files;

/// Most files of one batch that are open at a time, from when they are read until nobody looks at them any more: with all
/// batches that are in work well below the thousand descriptors that a process usually has.
const MOST_OPEN: usize = 128;
/// Fewest, where this process may not have many files open.
const FEWEST_OPEN: usize = 4;
/// Files that the process has open for other things: lists, runs, workers.
const OTHER_FILES: u64 = 64;

/// Most files of one batch that are open at a time in this process.
fn most_open() -> usize {
    let spare = most_files().saturating_sub(OTHER_FILES) / (2 * BATCHES as u64);
    usize::try_from(spare).unwrap_or(MOST_OPEN).clamp(FEWEST_OPEN, MOST_OPEN)
}

/// How long reading a file may take beside what its length allows.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked whether a thread still moves.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A file of so many bytes is hashed on several threads, if there are few files for many threads.
const LONG: u64 = 32 << 20;

/// Said of a file that takes longer than it may.
const TOO_LONG: &str = "reading it takes too long";

/// Said of a file that there is nobody to read.
const NO_THREAD: &str = "no thread can be started to read it; see `ulimit -u`";

/// Where the bytes are.
#[derive(Clone)]
pub(super) enum Source {
    /// In a file that was regular when it was found, and had about so many bytes.
    Path(PathBuf, u64),
    /// In a file that is open.
    Open(Arc<File>),
    /// In something that can be read once, and has no more than so many bytes.
    Pipe(PathBuf, u64),
}

impl Source {
    fn bytes(&self) -> u64 {
        match self {
            Self::Path(_, bytes) => *bytes,
            Self::Open(_) | Self::Pipe(..) => 0,
        }
    }

    fn open(&self) -> io::Result<Arc<File>> {
        match self {
            Self::Open(file) => Ok(Arc::clone(file)),
            // A pipe that has taken the place of a file is not waited for.
            Self::Path(path, _) | Self::Pipe(path, _) => {
                let nonblock = OFlags::NONBLOCK.bits().cast_signed();
                File::options().read(true).custom_flags(nonblock).open(path).map(Arc::new)
            }
        }
    }
}

/// An open file and the digests of its bytes.
pub(super) struct Digested {
    pub(super) file: Arc<File>,
    pub(super) hashed: Hashed,
    stamp: Stamp,
    _place: Option<Held>,
}

/// A [`Digested`] that is gone on with later; a file that has a path is closed until then.
pub(super) struct PutAway {
    file: Option<Arc<File>>,
    hashed: Hashed,
    stamp: Stamp,
}

impl PutAway {
    /// As it was; that the file has become another one is seen as ever.
    pub(super) fn take_up(self, source: &Source) -> io::Result<Digested> {
        let Self { file, hashed, stamp } = self;
        let file = file.map_or_else(|| source.open(), Ok)?;
        Ok(Digested { file, hashed, stamp, _place: None })
    }
}

impl Digested {
    /// A file whose bytes were hashed elsewhere.
    pub(super) fn of(file: Arc<File>, hashed: Hashed) -> io::Result<Self> {
        let stamp = Stamp::of(&file.metadata()?);
        Ok(Self { file, hashed, stamp, _place: None })
    }

    pub(super) fn put_away(self, source: &Source) -> PutAway {
        let Self { file, hashed, stamp, _place } = self;
        PutAway { file: (!matches!(source, Source::Path(..))).then_some(file), hashed, stamp }
    }

    /// True if it is not the file any more that was hashed.
    pub(super) fn has_changed(&self) -> io::Result<bool> {
        Ok(Stamp::of(&self.file.metadata()?) != self.stamp)
    }

    /// Hashes the file as it is now.
    pub(super) fn read_again(&mut self) -> Result<(), ReadError> {
        let Self { hashed, stamp, .. } = digested(Arc::clone(&self.file))?;
        (self.hashed, self.stamp) = (hashed, stamp);
        Ok(())
    }
}

/// What changes when a file is written to: its length and the times of the last changes, with nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(about: &Metadata) -> Self {
        Self {
            bytes: about.len(),
            modified: (about.mtime(), about.mtime_nsec()),
            changed: (about.ctime(), about.ctime_nsec()),
        }
    }
}

/// Hashes every source and gives it to `then`, on the threads of `pool`, or of the current one; what that gives, in the
/// order of `sources`. Hashing goes ahead of `then` by at most [`MOST_OPEN`] files.
pub(super) fn each_digested<T: Send + Sync>(
    pool: Option<&ThreadPool>,
    sources: Vec<Source>,
    then: impl Fn(usize, Result<Digested, ReadError>) -> T + Sync,
) -> Vec<T> {
    let results: Vec<OnceLock<T>> = sources.iter().map(|_| OnceLock::new()).collect();
    let give = |number: usize, digested| {
        let _ = results[number].set(then(number, digested)); // each number comes once
    };
    let (mut files, mut pipes) = (Vec::new(), Vec::new());
    for (number, source) in sources.into_iter().enumerate() {
        match source {
            Source::Pipe(path, most) => pipes.push((number, path, most)),
            source => files.push(Job { number, source }),
        }
    }
    let (give, pipes) = (&give, &pipes);
    let read_pipes = move || {
        for (number, path, most) in pipes {
            let copied = File::open(path).map_err(ReadError::from).and_then(|file| regular(file, *most));
            give(*number, copied.and_then(|file| digested(Arc::new(file))));
        }
    };
    thread::scope(|threads| {
        // Who writes into a pipe may take any time: that is waited for where nothing else is.
        let apart = !pipes.is_empty() && thread::Builder::new().spawn_scoped(threads, read_pipes).is_ok();
        let hashing = Supervisor::start(files, PATIENCE, pool.is_none());
        match pool {
            Some(pool) => pool.in_place_scope(|scope| hashing.run(spawning(scope, give))),
            None => rayon::in_place_scope(|scope| hashing.run(spawning(scope, give))),
        }
        if !apart {
            read_pipes();
        }
    });
    results.into_iter().map(|result| result.into_inner().expect("every source is given on")).collect()
}

/// Gives each file on in a task of its own.
fn spawning<'s>(
    scope: &Scope<'s>,
    give: &'s (impl Fn(usize, Result<Digested, ReadError>) + Sync),
) -> impl FnMut(usize, Result<Digested, ReadError>) {
    move |number, digested| scope.spawn(move |_| give(number, digested))
}

/// The same of one file that is open.
pub(super) fn digested(file: Arc<File>) -> Result<Digested, ReadError> {
    let mut found = None;
    let job = Job { number: 0, source: Source::Open(file) };
    Supervisor::start(vec![job], PATIENCE, false).run(|_, digested| found = Some(digested));
    found.expect("one source gives one answer")
}

/// A file to be read, and its place among the sources.
#[derive(Clone)]
struct Job {
    number: usize,
    source: Source,
}

type Answer = (usize, Result<Digested, ReadError>);

/// What all threads share.
struct Shared {
    queue: Mutex<Queue>,
    room: Condvar,
    /// Most files that hold a [`Place`].
    most: usize,
}

impl Shared {
    /// Most files that are read at the same moment, by all threads.
    const fn most_read(most: usize) -> usize {
        most - most / 4
    }
}

struct Queue {
    waiting: VecDeque<Job>,
    /// Files that hold a [`Place`].
    open: usize,
}

/// One of [`Shared::most`] places; given back when it is dropped, or when nobody waits for its file any more.
#[derive(Clone)]
struct Place {
    shared: Arc<Shared>,
    is_free: Arc<AtomicBool>,
}

impl Place {
    fn give_back(&self) {
        if !self.is_free.swap(true, Ordering::AcqRel) {
            lock(&self.shared.queue).open -= 1;
            self.shared.room.notify_all();
        }
    }
}

/// The place of a file that is open: its one holder gives it back.
struct Held(Place);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

/// What is done under these locks cannot panic half-way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// The next file. Who has nothing else to do waits until there is room, or until nothing is left.
    fn take(self: &Arc<Self>, wait: bool) -> Option<(Job, Place)> {
        let mut queue = lock(&self.queue);
        if queue.open >= self.most {
            if !wait {
                return None;
            }
            // Until a quarter is free, so that the lanes of this thread fill again.
            let is_full =
                |queue: &mut Queue| queue.open > Self::most_read(self.most) && !queue.waiting.is_empty();
            queue = self.room.wait_while(queue, is_full).unwrap_or_else(PoisonError::into_inner);
        }
        let job = queue.waiting.pop_front()?;
        queue.open += 1;
        Some((job, Place { shared: Arc::clone(self), is_free: Arc::default() }))
    }
}

/// What a thread has in hand, for the one who watches over it.
#[derive(Default)]
struct Desk {
    /// With their places, which the thread itself cannot give back while it hangs.
    jobs: Vec<(Job, Place)>,
    /// The file that is being read right now, and until when that may take.
    reading: Option<(usize, Instant)>,
    /// Nobody waits for what this thread does any more.
    abandoned: bool,
}

/// Watches over the threads; on the thread of the one who asks.
struct Supervisor {
    shared: Arc<Shared>,
    left: usize,
    /// Files that one thread reads side by side.
    share: usize,
    /// There are threads enough for each long file to have several.
    apart: bool,
    threads: Vec<(Arc<Mutex<Desk>>, JoinHandle<()>)>,
    answers: (Sender<Answer>, Receiver<Answer>),
    patience: Duration,
    /// Does other work of the rayon pool while it waits.
    helps: bool,
}

impl Supervisor {
    /// Starts to hash files.
    fn start(mut jobs: Vec<Job>, patience: Duration, helps: bool) -> Self {
        let left = jobs.len();
        let pool = rayon::current_num_threads();
        let most = most_open();
        let most_read = Shared::most_read(most);
        let share = left.div_ceil(pool).clamp(1, SideBySide::<Watched>::MOST.min(most_read));
        let threads = pool.min(left).min(most_read / share);
        // The longest first, so that the last ones to end are short.
        jobs.sort_by_key(|job| Reverse(job.source.bytes()));
        let waiting = jobs.into();
        let shared =
            Arc::new(Shared { queue: Mutex::new(Queue { waiting, open: 0 }), room: Condvar::new(), most });
        let apart = left * 2 <= pool;
        let answers = channel();
        let mut new = Self { shared, left, share, apart, threads: Vec::new(), answers, patience, helps };
        (0..threads).for_each(|_| new.add_thread());
        new
    }

    fn add_thread(&mut self) {
        let desk = Arc::new(Mutex::new(Desk::default()));
        let (shared, send, patience) = (Arc::clone(&self.shared), self.answers.0.clone(), self.patience);
        let (share, apart) = (self.share, self.apart);
        let its = Arc::clone(&desk);
        let work = move || work(&shared, &its, &send, share, apart, patience);
        // Where none can be started, those that are there do the work.
        self.threads.extend(thread::Builder::new().spawn(work).map(|handle| (desk, handle)));
    }

    /// Gives every source to `take`, in any order.
    fn run(mut self, mut take: impl FnMut(usize, Result<Digested, ReadError>)) {
        while self.left > 0 {
            if let Some((number, digested)) = self.next() {
                self.left -= 1;
                take(number, digested);
                continue;
            }
            for number in self.replace_the_stuck() {
                self.left -= 1;
                take(number, Err(ReadError::Unreadable(TOO_LONG.into())));
            }
            if self.threads.is_empty() {
                for job in std::mem::take(&mut lock(&self.shared.queue).waiting) {
                    self.left -= 1;
                    take(job.number, Err(ReadError::Unreadable(NO_THREAD.into())));
                }
            }
        }
    }

    /// The next answer; `None` if there is none for a while.
    fn next(&self) -> Option<Answer> {
        loop {
            match self.answers.1.try_recv() {
                Ok(answer) => return Some(answer),
                // A thread of the pool does what was given on itself: there may be no other.
                Err(_) if self.helps && rayon::yield_now() == Some(rayon::Yield::Executed) => {}
                Err(_) => return self.answers.1.recv_timeout(LOOK_EVERY).ok(),
            }
        }
    }

    /// Leaves threads behind that do not move any more; gives the files that they hang at.
    fn replace_the_stuck(&mut self) -> Vec<usize> {
        let now = Instant::now();
        let mut stuck = Vec::new();
        self.threads.retain(|(desk, handle)| {
            let mut desk = lock(desk);
            let overdue = desk.reading.filter(|(_, until)| *until < now).map(|(number, _)| number);
            // A thread that panicked has its files in hand for ever; the first of them is the one that it is put down to.
            let broken = desk.jobs.first().filter(|_| handle.is_finished()).map(|(job, _)| job.number);
            let Some(number) = overdue.or(broken) else { return true };
            desk.abandoned = true;
            stuck.push(number);
            let jobs = std::mem::take(&mut desk.jobs);
            drop(desk);
            jobs.iter().for_each(|(_, place)| place.give_back());
            let again = jobs.into_iter().map(|(job, _)| job).filter(|job| job.number != number);
            lock(&self.shared.queue).waiting.extend(again);
            false
        });
        stuck.iter().for_each(|_| self.add_thread());
        stuck
    }
}

/// What one thread does, until nothing is left.
fn work(
    shared: &Arc<Shared>,
    desk: &Arc<Mutex<Desk>>,
    send: &Sender<Answer>,
    share: usize,
    apart: bool,
    patience: Duration,
) {
    let mut lanes: SideBySide<Watched> = SideBySide::new();
    loop {
        while lanes.len() < share {
            // A read that hung may come back. Nobody waits for this thread then, and what it took would be lost; it cannot
            // be left behind between here and its next read.
            if lock(desk).abandoned {
                return;
            }
            let Some((job, place)) = shared.take(lanes.is_empty()) else { break };
            let number = job.number;
            let source = job.source.clone();
            lock(desk).jobs.push((job, place.clone()));
            match Watched::open(number, &source, Held(place), Arc::clone(desk), patience) {
                Ok(mut reader) if apart && reader.is_long() => {
                    let hashed = hash_apart(&mut reader);
                    if !give(desk, send, reader, hashed) {
                        return;
                    }
                }
                Ok(reader) => lanes.push(reader),
                Err(error) => {
                    if !answer(desk, send, number, Err(error)) {
                        return;
                    }
                }
            }
        }
        if lanes.is_empty() {
            return;
        }
        for Done { input, hashed } in lanes.advance() {
            if !give(desk, send, input, hashed) {
                return;
            }
        }
    }
}

/// False if nobody waits for it.
fn give(desk: &Mutex<Desk>, send: &Sender<Answer>, input: Watched, hashed: io::Result<Hashed>) -> bool {
    let Watched { number, file, stamp, place, .. } = input;
    answer(desk, send, number, hashed.map(|hashed| Digested { file, hashed, stamp, _place: Some(place) }))
}

/// False if nobody waits for it.
fn answer(desk: &Mutex<Desk>, send: &Sender<Answer>, number: usize, digested: io::Result<Digested>) -> bool {
    let mut desk = lock(desk);
    desk.jobs.retain(|(job, _)| job.number != number);
    !desk.abandoned && send.send((number, digested.map_err(ReadError::from))).is_ok()
}

/// A file that is read under the eyes of the supervisor.
struct Watched {
    number: usize,
    file: Arc<File>,
    stamp: Stamp,
    place: Held,
    desk: Arc<Mutex<Desk>>,
    /// Its next byte, and where it ends for us: of a file that grows, as much is read as there was.
    at: u64,
    end: u64,
    /// What is left of the time that reading it may take.
    time: Duration,
}

impl Watched {
    fn open(
        number: usize,
        source: &Source,
        place: Held,
        desk: Arc<Mutex<Desk>>,
        patience: Duration,
    ) -> io::Result<Self> {
        let mut time = patience;
        let opened = timed(&desk, number, &mut time, || {
            let file = source.open()?;
            let about = file.metadata()?;
            Ok((file, about))
        });
        let (file, about) = opened?;
        if !about.is_file() && !about.is_dir() {
            return Err(io::Error::other("it is no regular file any more"));
        }
        // Files that the kernel makes as they are read say that they are empty.
        let end = if about.len() == 0 { u64::MAX } else { about.len() };
        let time = time + reading_time(about.len());
        Ok(Self { number, file, stamp: Stamp::of(&about), place, desk, at: 0, end, time })
    }
}

impl Watched {
    /// False for what does not say how long it is.
    fn is_long(&self) -> bool {
        (LONG..u64::MAX).contains(&self.end)
    }
}

impl Read for Watched {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.end - self.at).map_or(into.len(), |left| left.min(into.len()));
        let (file, at) = (&self.file, self.at);
        let read = timed(&self.desk, self.number, &mut self.time, || file.read_at(&mut into[..most], at))?;
        self.at += read as u64;
        Ok(read)
    }
}

/// Does what may take long, and takes that from `left`.
fn timed<T>(
    desk: &Mutex<Desk>,
    number: usize,
    left: &mut Duration,
    work: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    let start = Instant::now();
    lock(desk).reading = Some((number, start + *left));
    let done = work();
    lock(desk).reading = None;
    match left.checked_sub(start.elapsed()) {
        Some(still) => *left = still,
        None => return Err(io::Error::other(TOO_LONG)),
    }
    done
}

#[cfg(test)]
#[path = "digesting_tests.rs"]
mod tests;
