//! One worker process, seen from outside. What it sends is taken for hostile.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use super::serve::Terms;
use super::wire::{Tag, receive, send, wait};
use super::{Death, InForce, JailError, JailOptions, exit, spawn};

/// How long a worker may take to come up, on a machine that is very busy.
const STARTING: Duration = Duration::from_secs(30);

/// Pieces of work after which a worker is replaced, and time at work.
const WORK_OF_A_WORKER: u32 = 5000;
const TIME_OF_A_WORKER: Duration = Duration::from_secs(3600);

pub(super) struct Cell {
    child: Child,
    link: OwnedFd,
    served: u32,
    busy: Duration,
}

/// A piece of work that has begun.
pub(super) struct Work {
    /// The time that it may still take.
    left: Duration,
    lend: fn(u64) -> Box<dyn Send>,
    /// Its share of the memory that all workers share.
    lent: Option<Box<dyn Send>>,
    excused: Option<Excuse>,
}

/// Tells how much of the time until now does not count as a worker's own; never less than it told before.
pub type Excuse = Box<dyn Fn() -> Duration + Send>;

impl Work {
    pub(super) fn allow(&mut self, more: Duration) {
        self.left += more;
    }

    pub(super) fn excuse_by(&mut self, excused: Excuse) {
        self.excused = Some(excused);
    }

    fn excused(&self) -> Duration {
        self.excused.as_ref().map_or(Duration::ZERO, |excused| excused())
    }
}

/// What a worker says of its work.
pub enum Said {
    /// Some of what it makes; more follows.
    Part(Vec<u8>),
    /// All else; it is done.
    Answer(Vec<u8>),
}

impl Cell {
    /// Starts a worker and waits until it is confined.
    pub(super) fn start(options: &JailOptions) -> Result<(Self, InForce), JailError> {
        let (link, theirs) = UnixStream::pair().map_err(JailError::Spawn)?;
        let (memory_bytes, life_seconds) = (options.memory_bytes, options.life_seconds);
        let terms = Terms { parent: std::process::id(), memory_bytes, life_seconds };
        let arguments = terms.to_arguments();
        let child =
            spawn::start(&options.program, &arguments, Some(theirs.into())).map_err(JailError::Spawn)?;
        let cell = Self { child, link: link.into(), served: 0, busy: Duration::ZERO };
        let frame = receive(cell.link.as_fd(), Some(Instant::now() + STARTING));
        let hello = match frame {
            Ok(Some(frame)) if frame.tag == Tag::Hello => serde_json::from_slice(&frame.body).ok(),
            Ok(None) => {
                return Err(JailError::Setup(
                    "it ended while it was confining itself, or has too little memory",
                ));
            }
            _ => None,
        };
        let in_force = hello.ok_or(JailError::Setup("it did not say that it is confined"))?;
        Ok((cell, in_force))
    }

    /// Itself, if it can be asked.
    pub(super) fn if_alive(mut self) -> Option<Self> {
        matches!(self.child.try_wait(), Ok(None)).then_some(self)
    }

    /// True once it has done its share: whatever a hostile file has done to it ends there, and so does its processor
    /// time long before it is bounded.
    pub(super) fn is_old(&self) -> bool {
        self.served >= WORK_OF_A_WORKER || self.busy >= TIME_OF_A_WORKER
    }

    /// One piece of work, to its end. After an error this worker is of no use any more.
    pub(super) fn ask(
        &mut self,
        input: BorrowedFd<'_>,
        request: &[u8],
        allowance: Duration,
        lend: fn(u64) -> Box<dyn Send>,
    ) -> Result<Vec<u8>, Death> {
        let mut work = self.begin(input, request, allowance, lend)?;
        match self.go_on(&mut work)? {
            Said::Answer(answer) => Ok(answer),
            Said::Part(_) => {
                self.end(); // it was not asked for parts
                Err(Death::Crash)
            }
        }
    }

    /// Begins a piece of work. After an error this worker is of no use any more.
    pub(super) fn begin(
        &mut self,
        input: BorrowedFd<'_>,
        request: &[u8],
        allowance: Duration,
        lend: fn(u64) -> Box<dyn Send>,
    ) -> Result<Work, Death> {
        match send(self.link.as_fd(), Tag::Request, request, &[input]) {
            Ok(()) => Ok(Work { left: allowance, lend, lent: None, excused: None }),
            Err(_) => Err(self.end()),
        }
    }

    /// True once there is something that it has said, or it is gone; false if nothing comes `within` that time.
    pub(super) fn has_said(&self, within: Duration) -> bool {
        let waited = wait(self.link.as_fd(), Some(Instant::now() + within));
        !waited.is_err_and(|error| error.kind() == std::io::ErrorKind::TimedOut)
    }

    /// What it says next. After an error this worker is of no use any more.
    pub(super) fn go_on(&mut self, work: &mut Work) -> Result<Said, Death> {
        let started = Instant::now();
        let mut deadline = started + work.left;
        let mut excused = work.excused();
        // By how much the deadline moves, with what was excused since that was asked for the last time.
        let mut newly_excused = |work: &Work| {
            let now = work.excused();
            now.saturating_sub(std::mem::replace(&mut excused, now))
        };
        loop {
            let frame = match receive(self.link.as_fd(), Some(deadline)) {
                Ok(Some(frame)) => frame,
                Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                    let more = newly_excused(work);
                    if more > Duration::ZERO {
                        deadline += more;
                        continue;
                    }
                    self.end();
                    return Err(Death::Time);
                }
                Ok(None) | Err(_) => return Err(self.end()),
            };
            let grant = || send(self.link.as_fd(), Tag::Granted, &[], &[]);
            match (frame.tag, <[u8; 8]>::try_from(&frame.body[..])) {
                (Tag::Answer, _) => {
                    self.served += 1;
                    self.busy += started.elapsed();
                    return Ok(Said::Answer(frame.body));
                }
                (Tag::Part, _) => {
                    if grant().is_err() {
                        return Err(self.end());
                    }
                    self.busy += started.elapsed();
                    work.left = (deadline + newly_excused(work)).saturating_duration_since(Instant::now());
                    return Ok(Said::Part(frame.body));
                }
                (Tag::Need, Ok(bytes)) => {
                    // It holds nothing when it asks: to keep the old share would make two workers wait for each other.
                    drop(work.lent.take());
                    let asked = Instant::now();
                    work.lent = Some((work.lend)(u64::from_le_bytes(bytes)));
                    deadline += asked.elapsed();
                    if grant().is_err() {
                        return Err(self.end());
                    }
                }
                _ => {
                    self.end();
                    return Err(Death::Crash);
                }
            }
        }
    }

    /// Ends it, and says what it died of if it was dead already.
    fn end(&mut self) -> Death {
        // Of one that has ended by itself, or is about to, the kernel keeps the first cause.
        let _ = self.child.kill();
        self.child.wait().map_or(Death::Crash, cause)
    }
}

/// What a process died of.
pub(super) fn cause(status: ExitStatus) -> Death {
    match (status.code(), status.signal()) {
        (Some(code), _) if code == i32::from(exit::MEMORY) => Death::Memory,
        (_, Some(libc::SIGXCPU)) => Death::Time,
        _ => Death::Crash,
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        self.end();
    }
}
