//! A program of somebody else's whose output is read as it comes: what it makes of a large input is never anywhere as a
//! whole.

use std::fs::File;
use std::io::{self, PipeReader, Read};
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::cell::cause;
use super::confine::HelperBounds;
use super::helper::{Prints, input_name, start};
use super::wire::{Tag, send, wait};
use super::{CallError, Death, JailError, exit};

/// One run of a program.
pub struct StreamRun<'a> {
    /// This program; [`super::JailOptions::OWN_PROGRAM`] but in tests.
    pub own_program: &'a Path,
    /// The program to run, by its whole path.
    pub program: &'a Path,
    /// Its arguments, made from the name of the input.
    pub arguments: &'a dyn Fn(&str) -> Vec<String>,
    /// What it reads: a regular file or one in memory. It can seek in it, and cannot write to it.
    pub input: &'a File,
    /// Address space of the program in bytes.
    pub memory_bytes: u64,
    /// How long it may take.
    pub allowance: Duration,
    /// How long it may print nothing, within that.
    pub silence: Duration,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streamed {
    /// True if the program says that all went well, or was not let come to its end.
    pub well: bool,
    /// True if it complained of something. Of what is not kept: it may be a piece of the input.
    pub complained: bool,
}

/// What is read at a time.
const PIECE: usize = 256 << 10;

/// Runs a program as [`super::run_helper`] does, and gives `take` what it prints, piece by piece, until that breaks off.
///
/// Nothing that it makes of the input is kept anywhere but in a pipe. What `take` was given before an error stays given.
///
/// # Errors
/// [`CallError::Died`] if it was killed, took too long or was silent too long, [`CallError::Jail`] if it could not be
/// confined, in which case it was not started.
pub fn stream_helper(
    run: &StreamRun<'_>,
    take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<Streamed, CallError> {
    let (mut printed, prints) = io::pipe().map_err(JailError::Spawn)?;
    let (mut complaints, complains) = io::pipe().map_err(JailError::Spawn)?;
    let (link, theirs) = UnixStream::pair().map_err(JailError::Spawn)?;
    let seconds = run.allowance.as_secs().max(1);
    let bounds = HelperBounds { memory_bytes: run.memory_bytes, seconds, output_bytes: 0 };
    let arguments = (run.arguments)(&input_name());
    let mut child = start(run.own_program, Prints::IntoBoth, &bounds, run.program, arguments, theirs)?;
    // If it has ended already, its exit code says why.
    let _ = send(link.as_fd(), Tag::Request, &[], &[run.input.as_fd(), complains.as_fd(), prints.as_fd()]);
    // What this process holds of the other ends would keep the pipes open for ever.
    drop((prints, complains));
    let pid = Pid::from_child(&child.0);
    let pidfd = pidfd_open(pid, PidfdFlags::empty()).map_err(|error| JailError::Spawn(error.into()))?;
    let end = Instant::now() + run.allowance;
    let mut piece = vec![0; PIECE];
    let (mut heard, mut complained) = (Instant::now(), false);
    let (mut may_print, mut may_complain) = (true, true);
    while may_print {
        let until = end.min(heard + run.silence);
        let ready = ready(&printed, may_complain.then_some(&complaints), until);
        match ready.map_err(JailError::Spawn)? {
            Ready::Nothing => return Err(CallError::Died(Death::Time)),
            Ready::Printed => {
                let len = printed.read(&mut piece).map_err(JailError::Spawn)?;
                may_print = len > 0;
                if len > 0 && take(&piece[..len]).is_break() {
                    return Ok(Streamed { well: true, complained });
                }
                heard = Instant::now();
            }
            Ready::Complained => {
                may_complain = complaints.read(&mut piece).map_err(JailError::Spawn)? > 0;
                complained |= may_complain;
            }
        }
    }
    let until = end.min(heard + run.silence);
    // It may still wait for somebody to hear its complaints.
    while may_complain {
        match wait(complaints.as_fd(), Some(until)) {
            Ok(()) => may_complain = complaints.read(&mut piece).map_err(JailError::Spawn)? > 0,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Err(CallError::Died(Death::Time));
            }
            Err(error) => return Err(JailError::Spawn(error).into()),
        }
        complained |= may_complain;
    }
    match wait(pidfd.as_fd(), Some(until)) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::TimedOut => return Err(CallError::Died(Death::Time)),
        Err(error) => return Err(JailError::Spawn(error).into()),
    }
    let status = child.0.wait().map_err(JailError::Spawn)?;
    match status.code() {
        // The second is the loader's, of a program whose libraries lie where it may not look.
        Some(code) if code == i32::from(exit::SETUP) || code == 127 => {
            Err(JailError::Setup("a program of somebody else's cannot be confined on this system").into())
        }
        Some(code) => Ok(Streamed { well: code == 0, complained }),
        None => Err(CallError::Died(cause(status))),
    }
}

/// What there is to be read.
enum Ready {
    Printed,
    Complained,
    Nothing,
}

/// Waits for one of two pipes, until `until`.
fn ready(printed: &PipeReader, complaints: Option<&PipeReader>, until: Instant) -> io::Result<Ready> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Ready::Nothing); // however much there is: it is over
        }
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        let mut waiting = Vec::with_capacity(2);
        waiting.push(PollFd::new(printed, PollFlags::IN));
        waiting.extend(complaints.map(|complaints| PollFd::new(complaints, PollFlags::IN)));
        match poll(&mut waiting, Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        // The end of a pipe is something to be read, too.
        let told = |at: usize| waiting.get(at).is_some_and(|fd: &PollFd<'_>| !fd.revents().is_empty());
        if told(0) {
            return Ok(Ready::Printed);
        }
        if told(1) {
            return Ok(Ready::Complained);
        }
    }
}
