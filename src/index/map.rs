//! The bytes of a file: mapped, or loaded into memory of huge pages.
//!
//! A mapping is shared with every other process that reads the file, is there at once and takes memory as it is used. But
//! Linux maps files in pages of 4 KiB, and a search that goes to a thousand places in a gigabyte waits as long for the
//! addresses of pages as for what is on them. Loaded, the bytes are the process's own, and the wait is gone.
//!
//! Read-only mapping of a file, and what happens when the file is cut short all the same: the one place in this room that
//! needs `unsafe`.
//!
//! Reading a mapped page that the file does not have any more raises SIGBUS, which ends the process. So the first mapping
//! installs a handler. If the address lies in one of our mappings, the handler puts zeros in place of the rest of that
//! mapping, marks it as damaged, and the read goes on; whoever reads asks [`Content::sound`] afterwards and throws away
//! what was read. Any other SIGBUS goes to the handler that was there before.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::fmt;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::os::unix::fs::FileExt;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use memmap2::{Mmap, MmapOptions};
use rayon::prelude::*;

use super::error::Fault;

/// How an index is held while it is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Memory {
    /// Its files are mapped: open at once, in memory once for all processes.
    #[default]
    Mapped,
    /// Its files are read into memory of the process, in huge pages where the system has them (on Linux, if
    /// `/sys/kernel/mm/transparent_hugepage/enabled` is not `never`): look-ups in large lists wait less, opening reads
    /// everything, and each process has a copy.
    HugePages,
}

/// The bytes of a segment: a mapped file, or a copy.
pub(super) enum Content {
    Mapped(Guarded),
    Loaded(Mmap),
    Owned(Vec<u8>),
}

/// Bytes that one thread reads at a time.
const PIECE: usize = 16 << 20;

impl Content {
    /// Maps `file`. Reads nothing yet.
    pub(super) fn map(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self::Owned(Vec::new()));
        }
        // SAFETY: the contract is that nobody changes or shortens the file while it is mapped. Segments are written
        // under another name, synced, renamed, and from then on never opened for writing by any part of this program;
        // removing one takes its name away, while the mapped file lives on. The folder is private to its owner (0700),
        // and the bytes are only read, as `u8`, through checked offsets: should its owner edit one all the same,
        // answers may be wrong; should its owner cut one short, the handler below turns what is gone into zeros.
        let map = unsafe { Mmap::map(file) }?;
        Ok(Self::Mapped(Guarded::new(map)))
    }

    /// Reads `file` into memory of huge pages, on rayon's pool.
    pub(super) fn load(file: &File) -> io::Result<Self> {
        let len = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        if len == 0 {
            return Ok(Self::Owned(Vec::new()));
        }
        let mut map = MmapOptions::new().len(len).map_anon()?;
        #[cfg(target_os = "linux")]
        // A system without huge pages refuses; then they are small ones.
        let _ = map.advise(memmap2::Advice::HugePage);
        let read = |(number, piece): (usize, &mut [u8])| file.read_exact_at(piece, (number * PIECE) as u64);
        map.par_chunks_mut(PIECE).enumerate().try_for_each(read)?;
        Ok(Self::Loaded(map.make_read_only()?))
    }

    /// [`Fault::CutShort`] if bytes that were read since it was mapped were not there.
    ///
    /// A file that was cut inside its last page has zeros there, and nobody is told: only checksums find that.
    pub(super) fn sound(&self) -> Result<(), Fault> {
        match self {
            Self::Mapped(map) if map.is_damaged() => Err(Fault::CutShort),
            _ => Ok(()),
        }
    }
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(guarded) => &guarded.map,
            Self::Loaded(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}

/// The bytes hold hashes: they are never printed.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.len())
    }
}

/// A mapping that the handler knows, for as long as it lives.
pub(super) struct Guarded {
    // In this order: the place in the table is given back while the addresses are still ours.
    slot: Option<Slot>,
    map: Mmap,
}

impl Guarded {
    fn new(map: Mmap) -> Self {
        install();
        let start = map.as_ptr() as usize;
        Self { slot: Slot::take(start, start + map.len()), map }
    }

    fn is_damaged(&self) -> bool {
        self.slot.as_ref().is_some_and(|slot| slot.range().damaged.load(Ordering::Acquire))
    }
}

/// Most mappings that are guarded at a time, over all snapshots that are open; one more is read unguarded.
const SLOTS: usize = 4096;
/// In place of an address: nobody's.
const FREE: usize = 0;
/// In place of an address: somebody's, and not ready.
const TAKEN: usize = 1;

/// Addresses of one mapping.
struct Range {
    start: AtomicUsize,
    end: AtomicUsize,
    damaged: AtomicBool,
}

static RANGES: [Range; SLOTS] = [const {
    Range { start: AtomicUsize::new(FREE), end: AtomicUsize::new(0), damaged: AtomicBool::new(false) }
}; SLOTS];

/// The place of one mapping in the table; given back when dropped.
struct Slot(usize);

impl Slot {
    fn take(start: usize, end: usize) -> Option<Self> {
        let free = |range: &Range| {
            range.start.compare_exchange(FREE, TAKEN, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        };
        let slot = Self(RANGES.iter().position(free)?);
        let range = slot.range();
        range.damaged.store(false, Ordering::Release);
        range.end.store(end, Ordering::Release);
        range.start.store(start, Ordering::Release);
        Some(slot)
    }

    fn range(&self) -> &'static Range {
        &RANGES[self.0]
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.range().start.store(FREE, Ordering::Release);
    }
}

/// The range that holds `address`, and where it ends. Takes no lock: the handler calls it.
fn range_of(address: usize) -> Option<(&'static Range, usize)> {
    RANGES.iter().find_map(|range| {
        let start = range.start.load(Ordering::Acquire);
        let end = range.end.load(Ordering::Acquire);
        // A slot that changes hands at this moment is not the one: that of `address` belongs to whoever reads there.
        let settled = range.start.load(Ordering::Acquire) == start && start > TAKEN;
        (settled && (start..end).contains(&address)).then_some((range, end))
    })
}

/// The handler that was there before ours, and the size of a page: written once, before ours can run.
struct Before {
    action: UnsafeCell<MaybeUninit<libc::sigaction>>,
    page: AtomicUsize,
}

// SAFETY: `install` writes the cell once, inside `Once`, and nobody reads it but the handler, which is installed after.
unsafe impl Sync for Before {}

static BEFORE: Before =
    Before { action: UnsafeCell::new(MaybeUninit::uninit()), page: AtomicUsize::new(4096) };

/// Installs the handler, the first time. If the system refuses, mappings are as unguarded as anybody's.
fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the arguments are valid: a zeroed `sigaction` is one, all of whose fields that matter are set below,
        // and the cell is written here alone, before the handler that reads it is in place.
        unsafe {
            let page = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).unwrap_or(4096);
            BEFORE.page.store(page, Ordering::Release);
            let before = (*BEFORE.action.get()).as_mut_ptr();
            if libc::sigaction(libc::SIGBUS, std::ptr::null(), before) != 0 {
                return;
            }
            let mut ours: libc::sigaction = std::mem::zeroed();
            ours.sa_sigaction = on_bus as *const () as usize;
            // On the alternate stack, where std has one: the handler before ours may be the one that watches stacks.
            ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut ours.sa_mask);
            libc::sigaction(libc::SIGBUS, &raw const ours, std::ptr::null_mut());
        }
    });
}

/// Runs in the thread that read what is not there, between two of its instructions: no allocation, no lock, no panic.
extern "C" fn on_bus(signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: the kernel gives a valid `info`, and for a fault (`si_code` above 0) its address. `mmap`,
    // `sigaction` and `raise` are async-signal-safe; `errno` is given back as it was. The pages replaced lie in a mapping of
    // ours that lives, since the faulting read holds a borrow of it, and are mapped anew for reading as they were; it
    // ends where its last page ends. The cell was written before this function was installed.
    unsafe {
        let errno = *libc::__errno_location();
        if (*info).si_code > 0
            && let address = (*info).si_addr() as usize
            && let Some((range, end)) = range_of(address)
        {
            let page = BEFORE.page.load(Ordering::Acquire);
            let from = address & !(page - 1);
            // Before the zeros can be read by another thread.
            range.damaged.store(true, Ordering::Release);
            let zeros = libc::mmap(
                from as *mut libc::c_void,
                (end - from).next_multiple_of(page),
                libc::PROT_READ,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED,
                -1,
                0,
            );
            *libc::__errno_location() = errno;
            if zeros != libc::MAP_FAILED {
                return;
            }
        }
        // Not ours, or nothing to be done: the read is made again and meets the handler that was there before.
        libc::sigaction(signal, (*BEFORE.action.get()).as_ptr(), std::ptr::null_mut());
        if (*info).si_code <= 0 {
            libc::raise(signal); // somebody sent it: there is no read to be made again
        }
        *libc::__errno_location() = errno;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// A file of `pages` pages of ones.
    fn file(pages: usize) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![1; pages * 4096]).unwrap();
        file
    }

    #[test]
    fn what_is_gone_reads_as_zeros_and_is_told() {
        let (whole, cut) = (file(1000), file(1000));
        let (sound, content) = (Content::map(&whole).unwrap(), Content::map(&cut).unwrap());
        assert_eq!(content.iter().map(|byte| u64::from(*byte)).sum::<u64>(), 4_096_000);
        assert_eq!(content.sound(), Ok(()));
        cut.set_len(10 * 4096).unwrap();
        assert_eq!((content[9 * 4096], content.sound()), (1, Ok(())), "nothing that is gone has been read");
        assert_eq!((content[999 * 4096], content.sound()), (0, Err(Fault::CutShort)));
        // From several threads, from the end and from the beginning.
        std::thread::scope(|scope| {
            for stride in [1, 977] {
                let content = &content;
                scope.spawn(move || {
                    let read = |n: usize| u64::from(content[n * stride % 1000 * 4096]);
                    assert_eq!((0..1000).rev().map(read).sum::<u64>(), 10);
                });
            }
        });
        assert_eq!((sound[999 * 4096], sound.sound()), (1, Ok(())), "the other one is as it was");
    }

    #[test]
    fn what_is_loaded_is_what_is_mapped_and_does_not_need_the_file() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..PIECE as u64 / 4 + 1001).flat_map(|n| n.to_le_bytes()).collect();
        assert!(bytes.len() > PIECE, "in more than one piece");
        file.write_all(&bytes).unwrap();
        let loaded = Content::load(&file).unwrap();
        assert!(loaded[..] == Content::map(&file).unwrap()[..]);
        file.set_len(0).unwrap();
        assert!(loaded[..] == bytes[..] && loaded.sound() == Ok(()));
        assert!(Content::load(&file).unwrap().is_empty());
    }

    #[test]
    #[ignore = "ends its process; the next test runs it in another"]
    fn reads_what_is_gone_from_a_mapping_of_somebody_else() {
        let (ours, theirs) = (file(2), file(2));
        let _content = Content::map(&ours).unwrap();
        // SAFETY: the file is cut short, which is what is tried here; its bytes are read as such.
        let map = unsafe { Mmap::map(&theirs) }.unwrap();
        theirs.set_len(0).unwrap();
        assert_eq!(map[4096], 0, "read all the same");
    }

    #[test]
    fn a_fault_of_somebody_else_ends_the_process_as_before() {
        use std::os::unix::process::ExitStatusExt;
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let name = "index::map::tests::reads_what_is_gone_from_a_mapping_of_somebody_else";
        let done = child.args(["--exact", name, "--ignored"]).output().unwrap();
        assert_eq!(done.status.signal(), Some(libc::SIGBUS), "{done:?}");
    }

    #[test]
    fn a_place_in_the_table_is_used_again() {
        let file = file(1);
        for _ in 0..3 * SLOTS {
            let Content::Mapped(guarded) = Content::map(&file).unwrap() else { panic!("mapped") };
            assert!(guarded.slot.is_some() && !guarded.is_damaged());
        }
    }
}
