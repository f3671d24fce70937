//! Worker processes: spawn, confine, feed, time out, kill, replace.
//!
//! A [`Jail`] hands a file and a request to a process that can do nothing but read that file and answer; what the
//! bytes of request and answer mean, it never knows. [`run_helper`] is the same for a program of somebody else's. The
//! other side, inside such a process, is [`serve()`], [`exec_helper`] and [`attempt`].
//!
//! A worker is started from `/proc/self/exe`, so that a binary replaced on disk is never mixed in, without environment
//! and with `/dev/null` for its output: a decoder that panics prints nothing that anybody reads.

mod allocator;
mod cell;
mod confine;
mod filter;
mod helper;
mod own;
mod pieces;
mod pool;
mod probe;
mod serve;
mod spawn;
mod stream;
mod wire;

use std::fmt;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use allocator::Allocator;
pub use helper::{HelperRun, Ran, exec_helper, run_helper};
pub use own::{most_files, prepare_process};
pub use pieces::{Excuse, Pieces, Said};
pub use probe::{Attempt, Refusal, attempt, try_attempt};
pub use serve::{Handed, PART_BYTES, Terms, ask_for_memory, hand_out, serve};
pub use spawn::memory_file;
pub use stream::{StreamRun, Streamed, stream_helper};

use pool::Pool;

/// What can go wrong with confined processes themselves; what happens to work in them is a [`Death`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JailError {
    /// The process could not be started.
    #[error(
        "the confined process that decodes could not be started: {0}; `innerward doctor` tells more, and --in-process \
         decodes without it"
    )]
    Spawn(io::Error),
    /// It was started and could not confine itself, or did not say that it had.
    #[error(
        "the confined process that decodes did not come up: {0}; `innerward doctor` tells more, and --in-process \
         decodes without it"
    )]
    Setup(&'static str),
    /// A worker that was started later is not confined as the first was, which is what the run has said of all.
    #[error(
        "a confined process that was started later is not confined as the first one was ({found:?}, and it was \
         {expected:?}); it was handed nothing; `innerward doctor` tells more"
    )]
    Unequal {
        /// What confines the first, and what the run has said.
        expected: Box<InForce>,
        /// What confines this one.
        found: Box<InForce>,
    },
    /// A file in memory could not be made.
    #[error("memory for a file could not be had: {0}")]
    Memory(io::Error),
}

/// How a process ended that did not finish its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// It wanted more memory than it may have.
    Memory,
    /// It took longer than it may.
    Time,
    /// Anything else: a signal, a forbidden system call, an answer that makes no sense.
    Crash,
}

/// Why [`Jail::call`] has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The worker was lost over this piece of work, and is replaced for the next.
    #[error("the worker was killed")]
    Died(Death),
    /// No worker could be had.
    #[error(transparent)]
    Jail(#[from] JailError),
}

/// What confines a worker, as it said itself before it got anything to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InForce {
    /// System calls are filtered.
    pub seccomp: bool,
    /// The version of Landlock that closes files and TCP ports: `ABI 7`; `None` where the kernel has none.
    pub landlock: Option<String>,
    /// Bounds on memory, processor time, files and processes are set.
    pub rlimits: bool,
    /// Address space of a worker in bytes.
    pub memory_bytes: u64,
}

impl InForce {
    /// True if nothing is lacking.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.seccomp && self.landlock.is_some() && self.rlimits
    }
}

/// How workers are started and bounded.
#[derive(Debug, Clone)]
pub struct JailOptions {
    /// The program; [`JailOptions::OWN_PROGRAM`] but in tests.
    pub program: PathBuf,
    /// Address space of a worker in bytes.
    pub memory_bytes: u64,
    /// Processor time of a worker's whole life, in seconds. The parent bounds each piece of work; this is for a worker whose
    /// parent is stopped.
    pub life_seconds: u64,
    /// Takes so many bytes of the memory that all workers share, waiting until there is room, and gives them back when
    /// what it returns is dropped.
    pub lend: fn(u64) -> Box<dyn Send>,
}

impl JailOptions {
    /// The running program itself, whatever its file on disk has become.
    pub const OWN_PROGRAM: &'static str = "/proc/self/exe";
    /// For all work that is of one file.
    pub const LIFE_SECONDS: u64 = 4 * 3600;
}

/// Workers, as many as are asked at the same time; each is used again and again, and replaced now and then. Where no
/// more can be started, those that are there do the work.
pub struct Jail {
    lend: fn(u64) -> Box<dyn Send>,
    in_force: InForce,
    pool: Pool,
}

impl Jail {
    /// Starts the first worker, to see that it can be done.
    ///
    /// # Errors
    /// [`JailError`] if it cannot.
    pub fn start(options: JailOptions) -> Result<Self, JailError> {
        let lend = options.lend;
        let (pool, in_force) = Pool::start(options)?;
        Ok(Self { lend, in_force, pool })
    }

    /// What confines the workers.
    #[must_use]
    pub fn in_force(&self) -> &InForce {
        &self.in_force
    }

    /// Hands `input` and `request` to a worker, and what it answers within `allowance` to `check`.
    ///
    /// The worker reads `input` from where it stands. Time in which the worker waits for memory does not count, nor
    /// that in which the caller waits for a worker. An answer that `check` refuses is the last that this worker gave.
    /// Several threads may call at once.
    ///
    /// # Errors
    /// [`CallError::Died`] if the worker did not answer, [`CallError::Jail`] if there is none to be had.
    pub fn call<T>(
        &self,
        input: BorrowedFd<'_>,
        request: &[u8],
        allowance: Duration,
        check: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, CallError> {
        let mut taken = self.pool.take(&self.in_force)?;
        let answer = taken.cell().ask(input, request, allowance, self.lend).map_err(CallError::Died)?;
        let checked = check(&answer).ok_or(CallError::Died(Death::Crash))?;
        taken.give_back();
        Ok(checked)
    }
}

impl Jail {
    /// Hands `input` and `request` to a worker that makes more than one answer can hold: [`Pieces::go_on`] gives it piece
    /// by piece. The worker may take `allowance` in all; the time between two calls of that is the caller's own.
    ///
    /// # Errors
    /// As [`Jail::call`].
    pub fn pieces(
        &self,
        input: BorrowedFd<'_>,
        request: &[u8],
        allowance: Duration,
    ) -> Result<Pieces<'_>, CallError> {
        Pieces::begin(self.pool.take(&self.in_force)?, input, request, allowance, self.lend, None)
    }

    /// The same of an `input` that the worker may have to wait for: `excused` tells how much of the time that has passed
    /// until now, since whenever, is not the worker's own.
    ///
    /// # Errors
    /// As [`Jail::call`].
    pub fn pieces_of_stream(
        &self,
        input: BorrowedFd<'_>,
        request: &[u8],
        allowance: Duration,
        excused: Excuse,
    ) -> Result<Pieces<'_>, CallError> {
        Pieces::begin(self.pool.take(&self.in_force)?, input, request, allowance, self.lend, Some(excused))
    }
}

impl fmt::Debug for Jail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jail").field("in_force", &self.in_force).finish_non_exhaustive()
    }
}

/// Exit codes of a process in the jail, apart from those that programs use.
mod exit {
    /// It wanted more memory than it may have.
    pub(super) const MEMORY: u8 = 86;
    /// It could not confine itself.
    pub(super) const SETUP: u8 = 87;
    /// An attempt at something forbidden was refused with an error.
    pub(super) const REFUSED: u8 = 88;
}
