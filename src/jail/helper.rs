//! A program of somebody else's, confined: it reads what it was handed, computes, and writes into memory alone.
#![allow(unsafe_code)]

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout, stdin};

use super::cell::cause;
use super::confine::{HelperBounds, belong_to, confine_helper, loaders};
use super::wire::{MOST_FILES, Tag, receive, send, wait};
use super::{CallError, Death, JailError, exit, memory_file, spawn};

/// One run of a program.
pub struct HelperRun<'a> {
    /// This program; [`super::JailOptions::OWN_PROGRAM`] but in tests.
    pub own_program: &'a Path,
    /// The program to run, by its whole path.
    pub program: &'a Path,
    /// Its arguments, made from the name of the input and the folder of the outputs.
    pub arguments: &'a dyn Fn(&str, &Path) -> Vec<String>,
    /// What it reads, from a file in memory.
    pub input: &'a File,
    /// The names in that folder under which it may write, each with the number of the output that it stands for.
    pub names: &'a [(&'a str, usize)],
    /// Address space of the program in bytes.
    pub memory_bytes: u64,
    /// Most bytes of all outputs together.
    pub output_bytes: u64,
    /// How long it may take.
    pub allowance: Duration,
}

/// What a run left.
#[derive(Debug)]
pub struct Ran {
    /// True if the program says that all went well.
    pub well: bool,
    /// True if it was ended because it wrote more than it may. It writes one output after the other, so that all but the
    /// last of them are whole; that one is emptied.
    pub overran: bool,
    /// The outputs, each read from its start; empty where it wrote nothing.
    pub outputs: Vec<File>,
    /// The beginning of what it printed.
    pub said: Vec<u8>,
}

/// The hidden verb of the command line that confines itself and becomes the program.
const VERB: &str = "jail-helper";
/// How much of what a program prints is kept.
const SAID_BYTES: u64 = 4096;
/// Where the input is in the program; the outputs follow, and last what it prints.
const FIRST_FILE: i32 = 3;
/// How often the outputs are measured while it runs. What can be written meanwhile, some ten megabytes, is what it may
/// overrun its bound by before it is ended; no more of one output than the kernel's own bound allows.
const MEASURED_EVERY: Duration = Duration::from_millis(10);

/// Runs a program with no network, no files but its libraries and what it is handed, and bounds on memory and time.
///
/// Its outputs are files in memory: nothing that it makes of the input touches a disk. Only links to them lie in a
/// folder, for programs that choose a format by a name; the folder is gone afterwards.
///
/// # Errors
/// [`CallError::Died`] if it was killed or took too long, [`CallError::Jail`] if it could not be confined, in which
/// case it was not started.
pub fn run_helper(run: &HelperRun<'_>) -> Result<Ran, CallError> {
    let count = run.names.iter().map(|(_, output)| output + 1).max().unwrap_or(0);
    let mut outputs: Vec<File> =
        (0..=count).map(|_| memory_file(&[])).collect::<io::Result<_>>().map_err(JailError::Memory)?;
    let folder = Links::new(run.names).map_err(JailError::Spawn)?;
    let (link, theirs) = UnixStream::pair().map_err(JailError::Spawn)?;
    let seconds = run.allowance.as_secs().max(1);
    let bounds = HelperBounds { memory_bytes: run.memory_bytes, seconds, output_bytes: run.output_bytes };
    let arguments = (run.arguments)(&input_name(), &folder.0);
    let mut child = start(run.own_program, Prints::IntoLast, &bounds, run.program, arguments, theirs)?;
    let files: Vec<BorrowedFd<'_>> =
        [run.input.as_fd()].into_iter().chain(outputs.iter().map(File::as_fd)).collect();
    // If it has ended already, its exit code says why.
    let _ = send(link.as_fd(), Tag::Request, &[], &files);
    let pid = Pid::from_child(&child.0);
    let pidfd = pidfd_open(pid, PidfdFlags::empty()).map_err(|error| JailError::Spawn(error.into()))?;
    let deadline = Instant::now() + run.allowance;
    let written = |outputs: &[File]| -> Result<u64, JailError> {
        let lens = outputs.iter().map(|output| Ok(output.metadata()?.len()));
        lens.sum::<io::Result<u64>>().map_err(JailError::Memory)
    };
    let mut overran = false;
    loop {
        match wait(pidfd.as_fd(), Some(deadline.min(Instant::now() + MEASURED_EVERY))) {
            Ok(()) => break,
            Err(error) if error.kind() != ErrorKind::TimedOut => return Err(JailError::Spawn(error).into()),
            Err(_) if written(&outputs)? > run.output_bytes => {
                child.0.kill().map_err(JailError::Spawn)?;
                overran = true;
                break;
            }
            Err(_) if Instant::now() >= deadline => return Err(CallError::Died(Death::Time)),
            Err(_) => {}
        }
    }
    let status = child.0.wait().map_err(JailError::Spawn)?;
    // It may have ended, or met the bound on one output, just before it was measured.
    overran |= status.signal() == Some(libc::SIGXFSZ) || written(&outputs)? > run.output_bytes;
    match status.code() {
        // The second is the loader's, of a program whose libraries lie where it may not look.
        Some(code) if code == i32::from(exit::SETUP) || code == 127 => {
            Err(JailError::Setup("a program of somebody else's cannot be confined on this system").into())
        }
        None if !overran => Err(CallError::Died(cause(status))),
        code => {
            for mut output in &outputs {
                output.seek(SeekFrom::Start(0)).map_err(JailError::Memory)?;
            }
            let mut said = Vec::new();
            if let Some(printed) = outputs.pop() {
                printed.take(SAID_BYTES).read_to_end(&mut said).map_err(JailError::Memory)?;
            }
            if overran {
                drop_the_last(&outputs).map_err(JailError::Memory)?;
            }
            Ok(Ran { well: code == Some(0) && !overran, overran, outputs, said })
        }
    }
}

/// Where a program finds its input.
pub(super) fn input_name() -> String {
    format!("/proc/self/fd/{FIRST_FILE}")
}

/// Starts this program as one that confines itself, waits for its files on `theirs`, and becomes `program`.
pub(super) fn start(
    own_program: &Path,
    prints: Prints,
    bounds: &HelperBounds,
    program: &Path,
    arguments: Vec<String>,
    theirs: UnixStream,
) -> Result<Guarded, JailError> {
    let numbers = [u64::from(std::process::id()), bounds.memory_bytes, bounds.seconds, bounds.output_bytes];
    let arguments: Vec<String> = [VERB.into(), prints.as_str().into()]
        .into_iter()
        .chain(numbers.iter().map(ToString::to_string))
        .chain([program.to_string_lossy().into_owned()])
        .chain(arguments)
        .collect();
    let child = spawn::start(own_program, &arguments, Some(theirs.into())).map_err(JailError::Spawn)?;
    Ok(Guarded(child))
}

/// Where a program's own words go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Prints {
    /// What it prints goes into the last file that it is handed; what it complains of, nowhere.
    IntoLast,
    /// What it prints goes into the last file, what it complains of into the one before; it sees neither of them as a file.
    IntoBoth,
}

impl Prints {
    const fn as_str(self) -> &'static str {
        match self {
            Self::IntoLast => "files",
            Self::IntoBoth => "stream",
        }
    }
}

/// Empties the last output that anything was written into.
fn drop_the_last(outputs: &[File]) -> io::Result<()> {
    for output in outputs.iter().rev() {
        if output.metadata()?.len() > 0 {
            return output.set_len(0);
        }
    }
    Ok(())
}

/// Killed when it is not waited for to the end.
pub(super) struct Guarded(pub(super) std::process::Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A private folder of links to the outputs, as the program itself will see them; removed when dropped.
struct Links(PathBuf);

/// What the names of such folders begin with; the number of the process follows.
const PREFIX: &str = "innerward.";

impl Links {
    fn new(names: &[(&str, usize)]) -> io::Result<Self> {
        // Links hold nothing of the input, so the second choice may be a disk.
        let shared = Self::below(Path::new("/dev/shm"), names);
        shared.or_else(|_| Self::below(&std::env::temp_dir(), names))
    }

    fn below(parent: &Path, names: &[(&str, usize)]) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        if NUMBER.load(Ordering::Relaxed) == 0 {
            sweep(parent);
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name =
            format!("{PREFIX}{}.{number}.{}", std::process::id(), jiff::Timestamp::now().as_nanosecond());
        let folder = parent.join(name);
        DirBuilder::new().mode(0o700).create(&folder)?; // never one that is there already
        let links = Self(folder);
        for (name, output) in names {
            let target = format!("/proc/self/fd/{}", FIRST_FILE as usize + 1 + output);
            symlink(target, links.0.join(name))?;
        }
        Ok(links)
    }
}

/// Removes the folders of processes that were killed before they could.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid =
            name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('.').next()?.parse::<u32>().ok());
        if pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = fs::remove_dir_all(entry.path()); // that of another user stays, and is for that user
        }
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // an empty folder in memory harms nobody
    }
}

/// The inside: confines this process and becomes the program. `arguments` are those after the verb.
pub fn exec_helper(arguments: &[String]) -> ExitCode {
    // Every way back from here is a failure to confine: on success there is another program.
    let _ = become_program(arguments);
    exit::SETUP.into()
}

fn become_program(arguments: &[String]) -> Result<(), &'static str> {
    let [prints, parent, memory, seconds, output, program, rest @ ..] = arguments else {
        return Err("too few words");
    };
    let prints = [Prints::IntoLast, Prints::IntoBoth].into_iter().find(|known| known.as_str() == prints);
    let prints = prints.ok_or("no word for where it prints")?;
    let number = |text: &String| text.parse::<u64>().map_err(|_| "not a number");
    let parent = u32::try_from(number(parent)?).map_err(|_| "not a process")?;
    belong_to(parent)?;
    let frame = receive(stdin(), Some(Instant::now() + Duration::from_secs(30)));
    let mut files = frame.ok().flatten().ok_or("nothing was handed over")?.files;
    let printed = files.last().ok_or("nothing was handed over")?;
    dup2_stdout(printed).map_err(|_| "stdout leads nowhere")?;
    if prints == Prints::IntoBoth {
        files.pop();
        dup2_stderr(files.pop().ok_or("nothing was handed over")?).map_err(|_| "stderr leads nowhere")?;
    }
    // Of its own, since the others are placed under numbers that nobody owns; it ends with the change of program.
    let input = files.first().ok_or("nothing was handed over")?.try_clone();
    let input = input.map_err(|_| "files cannot be moved")?;
    place(files)?;
    let null = File::open("/dev/null").map_err(|_| "there is no /dev/null")?;
    dup2_stdin(&null).map_err(|_| "stdin stays open")?;
    let bounds = HelperBounds {
        memory_bytes: number(memory)?,
        seconds: number(seconds)?,
        output_bytes: number(output)?,
    };
    let program = PathBuf::from(program);
    let libraries = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"];
    let programs: Vec<PathBuf> = loaders().chain([program.clone()]).collect();
    confine_helper(&bounds, &libraries.map(PathBuf::from), &programs, input.as_fd())?;
    let mut command = Command::new(program);
    // Address space is bounded, and the library of C would set aside much of it for each thread.
    command.args(rest).env_clear().env("MALLOC_ARENA_MAX", "2");
    let _error = command.exec();
    Err("the program could not be started")
}

/// Puts the files where the program will look for them, and leaves them open across the change of program.
fn place(files: Vec<OwnedFd>) -> Result<(), &'static str> {
    // First out of the way of each other's places.
    let high = FIRST_FILE + MOST_FILES as i32;
    let away: Vec<OwnedFd> = files
        .iter()
        .map(|file| rustix::io::fcntl_dupfd_cloexec(file, high))
        .collect::<Result<_, _>>()
        .map_err(|_| "files cannot be moved")?;
    drop(files);
    for (to, file) in (FIRST_FILE..).zip(&away) {
        // SAFETY: takes numbers alone. Nothing in this process owns the number `to`: all from 3 on were closed at the
        // start, and what was handed over since has just been moved above `high`.
        if unsafe { libc::dup2(file.as_raw_fd(), to) } != to {
            return Err("files cannot be placed");
        }
    }
    Ok(())
}
