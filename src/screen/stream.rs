//! What comes on standard input: the files of a tar, one after another, or one item.
//!
//! A tar is a source as a folder is: it may go on for terabytes, and its files are items by themselves, `-!/name`. It is
//! opened by a confined worker, which reads it from a pipe; a thread of this process fills that pipe, so that somebody
//! knows whether the worker is slow or has nothing to read.

use std::fmt;
use std::io::{self, PipeWriter, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::digesting::Source;
use super::examine::{Bytes, Target, examine};
use super::opened::{Lies, PART_BYTES, PARTS, inside, known_bytes};
use super::parts::{BYTES_A_SECOND, Held, Next, Parts, is_tar};
use super::run::Desk;
use super::sources::{Done, Filter};
use super::worker::killed;
use super::{Run, RunError};
use crate::jail::{CallError, Excuse};
use crate::media::{Container, Content, Gap, Kind};

/// What stands for standard input among paths, and in the address of what is in it.
pub(super) const NAME: &str = "-";

/// So much of a packed stream is looked at to see whether it is a tar: more than a block of any method, packed.
const PACKED_HEAD: usize = 4 << 20;
/// How soon it is seen that the run was asked to stop.
const LOOK_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
/// What came of a slow stream is not kept waiting for longer than this.
const PATIENCE: Duration = Duration::from_millis(500);

/// Standard input, which can be read once.
pub struct Stream {
    begun: Mutex<Option<Begun>>,
}

/// What it holds is content.
impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream(..)")
    }
}

/// Why nothing can be taken from standard input.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// Nothing came.
    #[error(
        "nothing came on standard input; pipe a tar into it (tar c FOLDER | innerward screen -) or one file, and see \
         whether the command in front of it failed"
    )]
    Empty,
    /// It cannot be read.
    #[error("standard input: {0}")]
    Read(#[from] io::Error),
}

impl Stream {
    /// Waits for the first bytes of standard input; once `stop` is set, no longer.
    ///
    /// # Errors
    /// [`StreamError`], also if it ends before it began.
    pub fn of_stdin(stop: &AtomicBool) -> Result<Self, StreamError> {
        Self::of(io::stdin().as_fd().try_clone_to_owned()?, stop)
    }

    fn of(input: OwnedFd, stop: &AtomicBool) -> Result<Self, StreamError> {
        let mut begun = Begun { input, head: Vec::new() };
        begun.read_ahead(Content::HEAD_BYTES, &|| stop.load(Ordering::Relaxed))?;
        if begun.head.is_empty() {
            let interrupted = || StreamError::Read(io::ErrorKind::Interrupted.into());
            return Err(if stop.load(Ordering::Relaxed) { interrupted() } else { StreamError::Empty });
        }
        Ok(Self { begun: Mutex::new(Some(begun)) })
    }
}

/// A stream, and what was read of it already.
struct Begun {
    input: OwnedFd,
    head: Vec<u8>,
}

impl Begun {
    /// Reads until there are so many bytes, or no more.
    fn read_ahead(&mut self, bytes: usize, is_to_stop: &dyn Fn() -> bool) -> io::Result<()> {
        while self.head.len() < bytes {
            let had = self.head.len();
            self.head.resize(bytes.min(had + BUFFER_BYTES), 0);
            let read = read_some(&self.input, &mut self.head[had..], is_to_stop);
            self.head.truncate(had + read.as_ref().copied().unwrap_or(0));
            if read? == 0 {
                break;
            }
        }
        Ok(())
    }
}

const BUFFER_BYTES: usize = 256 << 10;

/// As many bytes as are there, at least one; 0 at the end, or once it is time to stop.
fn read_some(input: &OwnedFd, into: &mut [u8], is_to_stop: &dyn Fn() -> bool) -> io::Result<usize> {
    loop {
        if is_to_stop() {
            return Ok(0);
        }
        match poll(&mut [PollFd::new(input, PollFlags::IN)], Some(&LOOK_EVERY)) {
            Ok(0) | Err(Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        match rustix::io::read(input, &mut *into) {
            Ok(read) => return Ok(read),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// What the thread that fills the pipe tells.
#[derive(Default)]
struct Flow {
    bytes: AtomicU64,
    waited: Mutex<Waited>,
    error: Mutex<Option<io::Error>>,
    /// Nobody reads the pipe any more.
    over: AtomicBool,
}

#[derive(Default)]
struct Waited {
    before: Duration,
    since: Option<Instant>,
}

/// What is done under these locks cannot panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Flow {
    /// How long nothing came, and how long what came may take.
    fn excused(&self) -> Duration {
        let waited = lock(&self.waited);
        let waiting = waited.since.map_or(Duration::ZERO, |since| since.elapsed());
        let reading = self.bytes.load(Ordering::Relaxed).saturating_mul(1000) / BYTES_A_SECOND;
        waited.before + waiting + Duration::from_millis(reading)
    }

    /// Fills the pipe until the stream ends, nobody reads, or it is time to stop.
    fn fill(&self, begun: &Begun, mut pipe: PipeWriter, is_to_stop: &dyn Fn() -> bool) {
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut put = |bytes: &[u8]| {
            self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            pipe.write_all(bytes).is_ok()
        };
        let mut goes_on = put(&begun.head);
        while goes_on {
            lock(&self.waited).since = Some(Instant::now());
            let read = read_some(&begun.input, &mut buffer, is_to_stop);
            {
                let mut waited = lock(&self.waited);
                let waiting = waited.since.take().map_or(Duration::ZERO, |since| since.elapsed());
                waited.before += waiting;
            }
            goes_on = match read {
                Ok(0) => false,
                Ok(read) => put(&buffer[..read]),
                Err(error) => {
                    *lock(&self.error) = Some(error);
                    false
                }
            };
        }
    }
}

/// Ends the thread when nobody takes what comes any more.
struct Filling(Arc<Flow>);

impl Filling {
    fn start(begun: Begun, pipe: PipeWriter, stop: &Arc<AtomicBool>) -> io::Result<Self> {
        let (flow, stop) = (Arc::<Flow>::default(), Arc::clone(stop));
        let its = Arc::clone(&flow);
        let work = move || {
            let is_to_stop = || stop.load(Ordering::Relaxed) || its.over.load(Ordering::Relaxed);
            its.fill(&begun, pipe, &is_to_stop);
        };
        thread::Builder::new().spawn(work)?;
        Ok(Self(flow))
    }

    fn excuse(&self) -> Excuse {
        let flow = Arc::clone(&self.0);
        Box::new(move || flow.excused())
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}

impl Run {
    /// Takes in what is on standard input, but for what is `done` and what `filter` leaves out. False if the run was
    /// asked to stop meanwhile. A stream that was taken in already is none any more.
    pub(super) fn take_in(
        &mut self,
        stream: &Stream,
        filter: &Filter,
        done: &mut Done,
        desk: &mut Desk<'_>,
    ) -> Result<bool, RunError> {
        let Some(mut begun) = lock(&stream.begun).take() else { return Ok(true) };
        let content = Content::of(&begun.head);
        if matches!(content.kind, Kind::Container(kind) if kind != Container::Tar) {
            // An error is met again by who goes on reading.
            let _ = begun.read_ahead(PACKED_HEAD, &|| desk.is_to_stop());
        }
        if is_tar(desk.options.workers.as_deref(), &begun.head, content)? {
            self.take_in_tar(begun, content, filter, done, desk)
        } else {
            self.take_in_one(&begun, filter, done, desk)
        }
    }

    /// The files of a tar, packed or not.
    fn take_in_tar(
        &mut self,
        begun: Begun,
        content: Content,
        filter: &Filter,
        done: &mut Done,
        desk: &mut Desk<'_>,
    ) -> Result<bool, RunError> {
        let options = desk.options;
        let failed = |source| RunError::List { path: NAME.into(), source };
        let (read, write) = io::pipe().map_err(failed)?;
        let filling = Filling::start(begun, write, &options.stop).map_err(failed)?;
        let workers = options.workers.as_ref().map(|workers| workers.for_streams()).transpose()?;
        let mut parts = match Parts::of_stream(workers.as_ref(), read, content, filling.excuse()) {
            Ok(parts) => parts,
            Err(CallError::Jail(error)) => return Err(error.into()),
            Err(CallError::Died(death)) => {
                return self.end_stream(Gap::Killed(killed(death)), done, desk);
            }
        };
        let (mut number, mut handed_on) = (0, Instant::now());
        loop {
            let (mut targets, mut files, mut held, mut end) = (Vec::new(), Vec::new(), 0, None);
            let began = Instant::now();
            let is_late = |targets: &[Target]| !targets.is_empty() && began.elapsed() > PATIENCE;
            while targets.len() < PARTS && held < PART_BYTES && !is_late(&targets) {
                // Where the stream stands still, what came of it so far does not wait for the rest.
                if !targets.is_empty() && !parts.are_there(PATIENCE) {
                    break;
                }
                let next = parts.next(options.limits.max_file_bytes)?;
                // What the stop has cut short is not taken for what was sent.
                if desk.is_to_stop() {
                    return Ok(false);
                }
                let (name, bytes, more, gap) = match next {
                    Next::End(gap) => {
                        end = Some(gap);
                        break;
                    }
                    Next::Part { name, bytes, held, gap } => (name, bytes, held, gap),
                };
                number += 1;
                let path = inside(Path::new(NAME), name.as_deref(), number);
                let len = known_bytes(&bytes).unwrap_or(more);
                // Of what is not whole nobody knows how long it is.
                if filter.leaves_out_inside(&path) || gap.is_none() && filter.leaves_out_size(len) {
                    self.count_excluded();
                    continue;
                }
                if done.take(&path) {
                    continue;
                }
                held += more;
                files.push(match &bytes {
                    Bytes::At(Source::Open(file)) => Some(Arc::clone(file)),
                    _ => None,
                });
                targets.push(Target { path, file: None, bytes, gap });
            }
            let is_short = targets.len() < PARTS && held < PART_BYTES;
            for (item, file) in examine(targets, desk.eyes(&self.remembered))?.into_iter().zip(files) {
                if !self.settle_from(item, Lies::of(file), desk)? {
                    return Ok(false);
                }
            }
            let stop = desk.is_to_stop();
            // Many small files are counted and written together, as those of a folder are.
            if stop || is_short || end.is_some() || handed_on.elapsed() > PATIENCE {
                self.hand_on(desk)?;
                self.keep(stop)?;
                self.settled.clear(); // a stream is told of nothing
                handed_on = Instant::now();
            }
            if stop {
                return Ok(false);
            }
            if let Some(gap) = end {
                let error = lock(&filling.0.error).take();
                let gap = error.map(|error| Gap::Unreadable(error.to_string())).or(gap);
                return gap.map_or(Ok(true), |gap| self.end_stream(gap, done, desk));
            }
        }
    }

    /// Says what is missing of the stream as a whole.
    fn end_stream(&mut self, gap: Gap, done: &mut Done, desk: &mut Desk<'_>) -> Result<bool, RunError> {
        self.settle_one(Bytes::Closed(gap), None, None, done, desk)
    }

    /// Anything but a tar: one item.
    fn take_in_one(
        &mut self,
        begun: &Begun,
        filter: &Filter,
        done: &mut Done,
        desk: &mut Desk<'_>,
    ) -> Result<bool, RunError> {
        let most = desk.options.limits.max_file_bytes;
        let no_memory = |source| RunError::List { path: NAME.into(), source };
        let mut held = Held::new().map_err(no_memory)?;
        held.take(&begun.head, most).map_err(no_memory)?;
        let mut buffer = vec![0; BUFFER_BYTES];
        let gap = loop {
            match read_some(&begun.input, &mut buffer, &|| desk.is_to_stop()) {
                Ok(0) => break None,
                Ok(read) => held.take(&buffer[..read], most).map_err(no_memory)?,
                Err(error) => break Some(Gap::Unreadable(error.to_string())),
            }
        };
        if desk.is_to_stop() {
            return Ok(false);
        }
        let Next::Part { bytes, held, gap, .. } = held.finish(None, gap, most) else { return Ok(true) };
        if gap.is_none() && filter.leaves_out_size(known_bytes(&bytes).unwrap_or(held)) {
            self.count_excluded();
            return Ok(true);
        }
        let file = match &bytes {
            Bytes::At(Source::Open(file)) => Some(Arc::clone(file)),
            _ => None,
        };
        self.settle_one(bytes, file, gap, done, desk)
    }

    /// The item that is called as the stream is.
    fn settle_one(
        &mut self,
        bytes: Bytes,
        file: Option<Arc<std::fs::File>>,
        gap: Option<Gap>,
        done: &mut Done,
        desk: &mut Desk<'_>,
    ) -> Result<bool, RunError> {
        if done.take(Path::new(NAME)) {
            return Ok(true);
        }
        let target = Target { path: NAME.into(), file: None, bytes, gap };
        for item in examine(vec![target], desk.eyes(&self.remembered))? {
            if !self.settle_from(item, Lies::of(file.clone()), desk)? {
                return Ok(false);
            }
        }
        self.hand_on(desk)?;
        self.keep(true)?;
        Ok(!desk.is_to_stop())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(bytes: &[u8]) -> Result<Stream, StreamError> {
        let (read, mut write) = io::pipe().unwrap();
        write.write_all(bytes).unwrap();
        drop(write);
        Stream::of(read.into(), &AtomicBool::new(false))
    }

    #[test]
    fn nothing_is_an_error_and_anything_else_is_kept_for_whoever_goes_on() {
        assert!(matches!(stream(b""), Err(StreamError::Empty)));
        let begun = stream(b"some bytes").unwrap();
        let begun = begun.begun.into_inner().unwrap().unwrap();
        assert_eq!(begun.head, b"some bytes");
        let (read, _write) = io::pipe().unwrap();
        let stopped = Stream::of(read.into(), &AtomicBool::new(true));
        assert!(
            matches!(stopped, Err(StreamError::Read(error)) if error.kind() == io::ErrorKind::Interrupted)
        );
    }

    #[test]
    fn time_in_which_nothing_comes_is_excused_and_time_in_which_nobody_reads_is_not() {
        let (input, mut source) = io::pipe().unwrap();
        let (sink, pipe) = io::pipe().unwrap();
        let begun = Begun { input: input.into(), head: vec![7; 10] };
        let filling = Filling::start(begun, pipe, &Arc::default()).unwrap();
        thread::sleep(Duration::from_millis(60));
        let waited = filling.0.excused();
        assert!(waited > Duration::from_millis(20), "{waited:?}");
        // More than the pipe holds: the thread stands at the full pipe now.
        source.write_all(&vec![7; 60_000]).unwrap();
        let writer = thread::spawn(move || source.write_all(&vec![7; 300_000]).map(|()| source));
        thread::sleep(Duration::from_millis(200));
        let before = filling.0.excused();
        thread::sleep(Duration::from_millis(60));
        assert_eq!(filling.0.excused(), before);
        drop(sink);
        drop(filling);
        let _ = writer.join().unwrap();
    }
}
