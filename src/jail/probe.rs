//! Does the jail hold? A process that confines itself like a worker and then tries what a worker must not be able to.
#![allow(unsafe_code)]

use std::fs::File;
use std::hint::black_box;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitCode};

use rustix::net::{AddressFamily, Ipv4Addr, SocketAddrV4, SocketType, connect, socket};
use rustix::process::{Resource, getppid, getrlimit, prlimit};

use super::{JailError, JailOptions, confine, exit, spawn};

/// Something that is forbidden in a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Opening a file by name.
    OpenFile,
    /// Opening a connection.
    Connect,
    /// Starting another program.
    StartProgram,
    /// Making another process of itself.
    Fork,
    /// Taking more memory than it may.
    TakeMemory,
    /// Changing the bounds of another process.
    SetBounds,
}

impl Attempt {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::OpenFile, Self::Connect, Self::StartProgram, Self::Fork, Self::TakeMemory, Self::SetBounds];

    /// In a few words, for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenFile => "open a file",
            Self::Connect => "open a connection",
            Self::StartProgram => "start a program",
            Self::Fork => "make another process",
            Self::TakeMemory => "take too much memory",
            Self::SetBounds => "set the bounds of its parent",
        }
    }

    fn try_it(self, memory_bytes: u64) -> bool {
        match self {
            Self::OpenFile => File::open(JailOptions::OWN_PROGRAM).is_ok(),
            Self::Connect => {
                let local = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9);
                socket(AddressFamily::INET, SocketType::STREAM, None)
                    .is_ok_and(|socket| connect(socket, &local).is_ok())
            }
            Self::StartProgram => {
                // On success there is no way back: the other program ends with another code.
                let _refused = Command::new(JailOptions::OWN_PROGRAM).arg("--version").exec();
                false
            }
            // SAFETY: the child, should there be one, ends at once without running anything of this process.
            Self::Fork => match unsafe { libc::fork() } {
                // SAFETY: `_exit` may be called at any time, also in the child of a fork.
                0 => unsafe { libc::_exit(0) },
                child => child > 0,
            },
            Self::TakeMemory => {
                let bytes = usize::try_from(memory_bytes).unwrap_or(usize::MAX / 4);
                let mut taken: Vec<u8> = Vec::new();
                let got = taken.try_reserve_exact(bytes).is_ok();
                black_box(&taken); // or nothing would be taken at all
                got
            }
            Self::SetBounds => {
                // As they are: should it not be refused, nothing changes.
                let bounds = getrlimit(Resource::Core);
                prlimit(getppid(), Resource::Core, bounds).is_ok()
            }
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The process was killed for it.
    Killed,
    /// It got an error.
    Error,
    /// It was not refused.
    None,
}

/// The hidden verb of the command line for it.
const VERB: &str = "jail-probe";

/// Lets a process, confined like a worker, make an attempt.
///
/// # Errors
/// [`JailError`] if it did not come as far.
pub fn try_attempt(options: &JailOptions, attempt: Attempt) -> Result<Refusal, JailError> {
    let place = Attempt::ALL.iter().position(|other| *other == attempt).unwrap_or_default();
    let arguments = [
        VERB.to_owned(),
        std::process::id().to_string(),
        options.memory_bytes.to_string(),
        place.to_string(),
    ];
    let mut child = spawn::start(&options.program, &arguments, None).map_err(JailError::Spawn)?;
    let status = child.wait().map_err(JailError::Spawn)?;
    let code = |code: u8| Some(i32::from(code));
    match (status.code(), status.signal()) {
        (_, Some(libc::SIGSYS)) => Ok(Refusal::Killed),
        (found, _) if found == code(exit::MEMORY) => Ok(Refusal::Killed),
        (found, _) if found == code(exit::REFUSED) => Ok(Refusal::Error),
        (found, _) if found == code(exit::SETUP) => Err(JailError::Setup("it could not confine itself")),
        _ => Ok(Refusal::None),
    }
}

/// The inside: confines this process and makes the attempt. `arguments` are those after the verb.
pub fn attempt(arguments: &[String]) -> ExitCode {
    let numbers: Option<Vec<u64>> = arguments.iter().map(|text| text.parse().ok()).collect();
    let Some([parent, memory_bytes, place]) = numbers.as_deref() else { return exit::SETUP.into() };
    let (parent, memory_bytes) = (*parent as u32, *memory_bytes);
    let attempt = usize::try_from(*place).ok().and_then(|place| Attempt::ALL.get(place));
    let (Some(attempt), Ok(())) = (attempt, confine::belong_to(parent)) else { return exit::SETUP.into() };
    if confine::confine_worker(memory_bytes, JailOptions::LIFE_SECONDS).is_err() {
        return exit::SETUP.into();
    }
    if attempt.try_it(memory_bytes) { ExitCode::SUCCESS } else { exit::REFUSED.into() }
}
