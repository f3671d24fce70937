//! Starting processes, and files that are nowhere but in memory.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError, mpsc};

use rustix::fs::{MemfdFlags, SeekFrom, memfd_create, seek};

type Start = (Command, mpsc::Sender<io::Result<Child>>);

/// The thread that starts every process. The kernel kills a worker with the *thread* that started it, so that must be
/// one that lives as long as the program.
static STARTER: LazyLock<Mutex<mpsc::Sender<Start>>> = LazyLock::new(|| {
    let (orders, inbox) = mpsc::channel::<Start>();
    std::thread::Builder::new()
        .name("jail".into())
        .stack_size(256 << 10)
        .spawn(move || {
            for (mut command, reply) in inbox {
                let _ = reply.send(command.spawn()); // whoever asked waits for it
            }
        })
        // The order that comes next fails then, with words.
        .ok();
    Mutex::new(orders)
});

/// What the processor is held to is so for workers too; the jail need not know what it means.
const KEPT: &str = "INNERWARD_INSTRUCTIONS";

/// Starts `program` with a socket, or `/dev/null`, for its stdin, nothing for its output and no environment but
/// [`KEPT`].
///
/// It gets a process group of its own: Ctrl-C on a terminal is the parent's to handle, and ends the child by ending the
/// parent.
pub(super) fn start(program: &Path, arguments: &[String], stdin: Option<OwnedFd>) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().current_dir("/").process_group(0);
    command.envs(std::env::var_os(KEPT).map(|value| (KEPT, value)));
    command.stdin(stdin.map_or_else(Stdio::null, Stdio::from)).stdout(Stdio::null()).stderr(Stdio::null());
    let (reply, child) = mpsc::channel();
    let lost = || io::Error::other("the thread that starts processes is not there");
    let starter = STARTER.lock().unwrap_or_else(PoisonError::into_inner).clone();
    starter.send((command, reply)).map_err(|_| lost())?;
    child.recv().map_err(|_| lost())?
}

/// A file that is nowhere but in memory, holding `bytes` and read from its start.
///
/// # Errors
/// If there is no memory for it.
pub fn memory_file(bytes: &[u8]) -> io::Result<File> {
    let mut file = File::from(memfd_create(c"innerward", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    seek(&file, SeekFrom::Start(0))?;
    Ok(file)
}
