//! The bounds of the process that starts the confined ones, and holds what they are handed.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Prepares this process for holding content: it leaves nothing of its memory behind when it crashes, and may have as
/// many files open as the system allows it. Confined processes have bounds of their own.
///
/// That a bound cannot be changed is no reason to end: what then fails says so.
pub fn prepare_process() {
    // Not 0: to a program that collects cores the kernel hands one whatever the bound is, but for this value, which is
    // how it keeps such programs from dumping themselves. A file of one byte is no core either, so none is written.
    lower(Resource::Core, 1);
    let files = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: files.maximum, maximum: files.maximum });
}

fn lower(resource: Resource, most: u64) {
    let bound = getrlimit(resource);
    let current = bound.current.map_or(most, |current| current.min(most));
    let _ = setrlimit(resource, Rlimit { current: Some(current), maximum: bound.maximum });
}

/// How many files this process may have open.
#[must_use]
pub fn most_files() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Files that must be left to open after another worker was started: each thread has a few open at a time.
const FILES_TO_SPARE: u64 = 64;

/// True if this process can keep one more worker and still open what its threads need.
pub(super) fn has_room_for_a_worker() -> bool {
    // Without /proc nobody counts; what fails then says so itself.
    let open = fs::read_dir("/proc/self/fd").map_or(0, |files| files.count() as u64);
    open.saturating_add(FILES_TO_SPARE) <= most_files()
}
