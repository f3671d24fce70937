//! Which system calls a process may make.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

/// All that decoding takes: what was handed over is read, answers are sent, memory comes and goes.
///
/// Mapping memory and changing its rights have conditions of their own below.
const DECODING: &[i64] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_recvmsg,
    libc::SYS_sendmsg,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_clock_gettime,
    libc::SYS_getrandom,
    libc::SYS_sched_yield,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// From here on this process can compute and answer. Anything else ends it at once. False if the kernel cannot do it.
pub(super) fn allow_decoding() -> bool {
    let mut rules: Rules = DECODING.iter().map(|call| (*call, Vec::new())).collect();
    let never_executable = |argument| masked(argument, libc::PROT_EXEC, 0);
    // Memory is taken by itself, never as the image of a file, and never to be executed.
    rules.insert(
        libc::SYS_mmap,
        vec![all([never_executable(2), masked(3, libc::MAP_ANONYMOUS, libc::MAP_ANONYMOUS)])],
    );
    // The standard library, when it checks itself, asks whether a file that it closes is open.
    let asks = SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, libc::F_GETFD as u64);
    rules.insert(libc::SYS_fcntl, vec![all([asks.expect("a system call has six arguments")])]);
    rules.insert(libc::SYS_mprotect, vec![all([never_executable(2)])]);
    install(rules, SeccompAction::KillProcess, SeccompAction::Allow)
}

/// What a program that converts pictures has no business with, whatever it was talked into: the network, other
/// processes, the system, names of files. Where it is fatal to be refused, the loader would be hit as well, so these
/// are refused with an error.
const NEVER: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_setpriority,
    libc::SYS_setrlimit,
    libc::SYS_ioprio_set,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setaffinity,
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_personality,
    libc::SYS_shmget,
    libc::SYS_msgget,
    libc::SYS_semget,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_fsetxattr,
    libc::SYS_execveat,
];

/// The same for calls that only one kind of machine has.
#[cfg(target_arch = "x86_64")]
const NEVER_BY_OLD_NAMES: &[i64] = &[
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
];
#[cfg(not(target_arch = "x86_64"))]
const NEVER_BY_OLD_NAMES: &[i64] = &[];

/// From here on this process can start its program, read what it may, compute, and start threads. False if the kernel
/// cannot do it.
pub(super) fn refuse_all_but_computing() -> bool {
    let mut rules: Rules = NEVER.iter().chain(NEVER_BY_OLD_NAMES).map(|call| (*call, Vec::new())).collect();
    // A thread shares all with its process; anything else would be a process.
    rules.insert(libc::SYS_clone, vec![all([masked(0, libc::CLONE_THREAD, 0)])]);
    // Bounds are its own to ask for, not those of the process that started it; and none are set, which root might raise.
    let not_zero = |argument, len| {
        all([SeccompCondition::new(argument, len, SeccompCmpOp::Ne, 0)
            .expect("a system call has six arguments")])
    };
    let of_others = not_zero(0, SeccompCmpArgLen::Dword);
    rules.insert(libc::SYS_prlimit64, vec![of_others, not_zero(2, SeccompCmpArgLen::Qword)]);
    // Its flags are behind a pointer, where no filter sees them. Libraries fall back to `clone` if it is missing.
    let unseen: Rules = [(libc::SYS_clone3, Vec::new())].into();
    install(unseen, SeccompAction::Allow, SeccompAction::Errno(libc::ENOSYS.unsigned_abs()))
        && install(rules, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM.unsigned_abs()))
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// True of a call whose argument has, of the bits in `mask`, exactly those of `value`.
fn masked(argument: u8, mask: i32, value: i32) -> SeccompCondition {
    let [mask, value] = [mask, value].map(|bits| u64::from(bits.unsigned_abs()));
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(mask), value)
        .expect("a system call has six arguments")
}

fn all<const N: usize>(conditions: [SeccompCondition; N]) -> SeccompRule {
    SeccompRule::new(conditions.into()).expect("a rule has at least one condition")
}

fn install(rules: Rules, otherwise: SeccompAction, on_match: SeccompAction) -> bool {
    let Ok(machine) = TargetArch::try_from(std::env::consts::ARCH) else { return false };
    let program = SeccompFilter::new(rules, otherwise, on_match, machine).and_then(BpfProgram::try_from);
    program.is_ok_and(|program| apply_filter(&program).is_ok())
}
