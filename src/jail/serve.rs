//! The inside of a worker: confine, say so, then answer until the parent hangs up.

use std::hint::black_box;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::stdio::stdin;

use super::allocator::keep_freed_memory;
use super::wire::{Tag, receive, send};
use super::{confine, exit};

/// What a worker is told on its command line, which everybody on the machine can read: nothing but bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The process that it belongs to.
    pub parent: u32,
    /// Address space that it may have, in bytes.
    pub memory_bytes: u64,
    /// Processor time of its whole life, in seconds.
    pub life_seconds: u64,
}

impl Terms {
    /// The hidden verb of the command line that makes a process a worker.
    pub const VERB: &'static str = "jail-worker";

    pub(super) fn to_arguments(self) -> Vec<String> {
        let bounds = [self.memory_bytes, self.life_seconds].map(|bound| bound.to_string());
        [Self::VERB.into(), self.parent.to_string()].into_iter().chain(bounds).collect()
    }
}

/// A file that was handed to a worker, read from where it stands.
///
/// A reader and nothing more: to ask the system about a file is a call that a worker may not make.
#[derive(Debug)]
pub struct Handed(OwnedFd);

impl Read for Handed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(&self.0, into)?)
    }
}

impl Seek for Handed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => rustix::fs::SeekFrom::Start(at),
            SeekFrom::End(by) => rustix::fs::SeekFrom::End(by),
            SeekFrom::Current(by) => rustix::fs::SeekFrom::Current(by),
        };
        Ok(rustix::fs::seek(&self.0, to)?)
    }
}

/// What must be left of a worker's memory when it is up: enough for a picture that nobody is asked about.
const LEAST_FREE_BYTES: usize = 34 << 20;

/// Most bytes that a worker hands out in one piece.
pub const PART_BYTES: usize = Tag::Part.most_bytes();

/// True in a worker, once it is confined.
static SERVING: AtomicBool = AtomicBool::new(false);

/// Turns this process into a worker: `warm_up`, confine, then `answer` every request with the file beside it.
///
/// `warm_up` is for what a library does once, with calls that are closed afterwards. It is run again once they are, so
/// that a worker that cannot work within its bounds is found out before it is handed anything. The socket to the parent
/// is stdin.
pub fn serve(terms: Terms, warm_up: impl Fn(), mut answer: impl FnMut(&[u8], Handed) -> Vec<u8>) -> ExitCode {
    let setup = confine::belong_to(terms.parent).and_then(|()| {
        keep_freed_memory();
        warm_up();
        confine::confine_worker(terms.memory_bytes, terms.life_seconds)
    });
    let Ok(in_force) = setup else { return exit::SETUP.into() };
    warm_up();
    // Where this much is refused, the worker ends here, and is not said to be up.
    drop(black_box(Vec::<u8>::with_capacity(LEAST_FREE_BYTES)));
    SERVING.store(true, Ordering::Relaxed);
    let link = stdin();
    let hello = serde_json::to_vec(&in_force).unwrap_or_default(); // an empty one is not understood, which is right
    if send(link, Tag::Hello, &hello, &[]).is_err() {
        return exit::SETUP.into();
    }
    // Whatever goes wrong on the way to the parent, there is nobody left to work for.
    while let Ok(Some(mut frame)) = receive(link, None) {
        let (Tag::Request, Some(input)) = (frame.tag, frame.files.pop()) else { break };
        if send(link, Tag::Answer, &answer(&frame.body, Handed(input)), &[]).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

/// Inside a worker, hands some of what it makes to whoever asked, in pieces of [`PART_BYTES`] at most each, and waits until
/// that has been taken.
///
/// # Errors
/// The parent is gone, or this is no worker.
pub fn hand_out(bytes: &[u8]) -> io::Result<()> {
    if !SERVING.load(Ordering::Relaxed) {
        return Err(io::ErrorKind::Unsupported.into());
    }
    for part in bytes.chunks(PART_BYTES) {
        send(stdin(), Tag::Part, part, &[])?;
        let granted = receive(stdin(), None)?;
        if granted.is_none_or(|frame| frame.tag != Tag::Granted) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
    }
    Ok(())
}

/// Inside a worker, waits until so many `bytes` of the memory that all workers share are free, and holds them until the
/// answer. What an earlier question in the same piece of work got is given back first. Elsewhere, does nothing.
pub fn ask_for_memory(bytes: u64) {
    if !SERVING.load(Ordering::Relaxed) {
        return;
    }
    let link = stdin();
    // Without an answer there is no parent: the next thing that is sent finds that out.
    if send(link, Tag::Need, &bytes.to_le_bytes(), &[]).is_ok() {
        let _ = receive(link, None);
    }
}
