//! A process that gives up its rights, one after the other, before it reads the first byte of anything.
#![allow(unsafe_code)]

use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, AddRuleError, AddRulesError, BitFlags, LandlockStatus, PathBeneath,
    PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, getppid, getrlimit, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};

use super::allocator::mark_confined;
use super::{InForce, filter};

/// Files open at once in a worker: its three, and the one it was handed.
const MOST_FILES: u64 = 16;

/// The newest version of Landlock that these rules were written for; an older kernel keeps as much of it as it knows.
const WRITTEN_FOR: ABI = ABI::V6;

/// Dies with the parent, leaves no core, lets nobody look in, keeps no file but its three.
///
/// `parent` is the process that must be alive still: it may have died before this one could say that it cares.
pub(super) fn belong_to(parent: u32) -> Result<(), &'static str> {
    // SAFETY: takes numbers alone. Nothing in this process owns a file from 3 on: it has just been started, and has
    // opened none.
    if unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, 0) } != 0 {
        for file in 3..1024 {
            // SAFETY: as above, on a kernel without `close_range`.
            unsafe { libc::close(file) };
        }
    }
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|_| "it cannot be tied to its parent")?;
    if getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs()) != Some(parent) {
        return Err("its parent is gone");
    }
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|_| "it can be looked into")?;
    limit(Resource::Core, 0)
}

/// The bounds of a worker, and what the kernel has beyond them.
pub(super) fn confine_worker(memory_bytes: u64, life_seconds: u64) -> Result<InForce, &'static str> {
    rustix::thread::set_no_new_privs(true).map_err(|_| "it can gain rights")?;
    let landlock = close_files_and_ports(&[], &[], None)?;
    limit(Resource::As, memory_bytes)?;
    limit(Resource::Cpu, life_seconds)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Nproc, 0)?;
    limit(Resource::Nofile, MOST_FILES)?;
    mark_confined();
    let memory_bytes = getrlimit(Resource::As).current.unwrap_or(memory_bytes);
    // The last, since it closes the calls that the others are made with.
    let seccomp = filter::allow_decoding();
    Ok(InForce { seccomp, landlock, rlimits: true, memory_bytes })
}

/// The bounds of a program of somebody else's, which may read `readable` and `input`, start `programs`, and write nothing
/// but what it was handed. Not without any of them: such a program is trusted with nothing.
pub(super) fn confine_helper(
    bounds: &HelperBounds,
    readable: &[PathBuf],
    programs: &[PathBuf],
    input: BorrowedFd<'_>,
) -> Result<(), &'static str> {
    rustix::thread::set_no_new_privs(true).map_err(|_| "it can gain rights")?;
    close_files_and_ports(readable, programs, Some(input))?.ok_or("this kernel has no Landlock")?;
    limit(Resource::As, bounds.memory_bytes)?;
    limit(Resource::Cpu, bounds.seconds.saturating_mul(4))?; // it may use several cores
    limit(Resource::Fsize, bounds.output_bytes)?;
    limit(Resource::Nofile, 64)?;
    if filter::refuse_all_but_computing() { Ok(()) } else { Err("this kernel filters no system calls") }
}

/// What a helper may take.
pub(super) struct HelperBounds {
    pub(super) memory_bytes: u64,
    pub(super) seconds: u64,
    /// Of one output, since the kernel knows no bound on all of them together.
    pub(super) output_bytes: u64,
}

/// Sets a bound, or keeps the one that is there if it is lower.
fn limit(resource: Resource, most: u64) -> Result<(), &'static str> {
    let most = getrlimit(resource).maximum.map_or(most, |allowed| allowed.min(most));
    let bound = Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(resource, bound).map_err(|_| "a bound on what it may take cannot be set")
}

/// Closes the file system but for what is named, TCP, and signals and sockets of other processes. Gives the version in
/// force, or `None` if the kernel has no Landlock.
fn close_files_and_ports(
    readable: &[PathBuf],
    programs: &[PathBuf],
    input: Option<BorrowedFd<'_>>,
) -> Result<Option<String>, &'static str> {
    let status = rules(readable, programs, input).map_err(|_| "Landlock refuses its rules")?;
    Ok(match status.landlock {
        LandlockStatus::Available { effective_abi, kernel_abi }
            if status.ruleset != RulesetStatus::NotEnforced =>
        {
            Some(format!("ABI {}", kernel_abi.unwrap_or(effective_abi as i32)))
        }
        _ => None,
    })
}

fn rules(
    readable: &[PathBuf],
    programs: &[PathBuf],
    input: Option<BorrowedFd<'_>>,
) -> Result<landlock::RestrictionStatus, RulesetError> {
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(WRITTEN_FOR))?
        .handle_access(AccessNet::from_all(WRITTEN_FOR))?
        .scope(Scope::from_all(WRITTEN_FOR))?
        .create()?;
    for (paths, extra) in [(readable, None), (programs, Some(AccessFs::Execute))] {
        for path in paths {
            // What is not there needs no rule.
            let Ok(opened) = PathFd::new(path) else { continue };
            let mut access = BitFlags::from(AccessFs::ReadFile);
            if let Some(extra) = extra {
                access |= extra;
            }
            if path.is_dir() {
                access |= AccessFs::ReadDir;
            }
            rules = rules.add_rule(PathBeneath::new(opened, access))?;
        }
    }
    if let Some(input) = input {
        // Programs open it anew, by its name among the files of their process. A file in memory is on no file system that
        // rules are made for: the kernel refuses the rule, and the file can be opened without.
        match (&mut rules).add_rule(PathBeneath::new(input, AccessFs::ReadFile)) {
            Ok(_) => {}
            Err(RulesetError::AddRules(AddRulesError::Fs(AddRuleError::AddRuleCall { source, .. })))
                if source.raw_os_error() == Some(libc::EBADFD) => {}
            Err(error) => return Err(error),
        }
    }
    rules.restrict_self()
}

/// The loaders that a program for this machine names; a program runs by being read by one of them.
pub(super) fn loaders() -> impl Iterator<Item = PathBuf> {
    [
        "/lib64/ld-linux-x86-64.so.2",
        "/lib/ld-linux-aarch64.so.1",
        "/lib/ld-musl-x86_64.so.1",
        "/lib/ld-musl-aarch64.so.1",
    ]
    .into_iter()
    .map(Path::new)
    .filter(|path| path.exists())
    .map(Path::to_owned)
}
