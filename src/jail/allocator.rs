//! An allocator for large pictures, that tells "no memory" from every other way in which a worker can end.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit;

/// The system's allocator, with huge pages for large pieces. Inside a worker, where memory is bounded, a refusal ends the process with an exit code of
/// its own: an abort could be anything.
#[derive(Debug)]
pub struct Allocator;

/// Set once a process is confined.
static CONFINED: AtomicBool = AtomicBool::new(false);

pub(super) fn mark_confined() {
    CONFINED.store(true, Ordering::Relaxed);
}

/// Keeps up to 64 MiB of what is freed for the next piece of work, where the C library can be told to: a worker that
/// gives memory back after every picture spends more time on getting it again than on talking to its parent.
pub(super) fn keep_freed_memory() {
    #[cfg(target_env = "gnu")]
    for (what, bytes) in [(libc::M_MMAP_THRESHOLD, 32 << 20), (libc::M_TRIM_THRESHOLD, 64 << 20)] {
        // SAFETY: takes numbers alone, and is called while this process has one thread.
        unsafe { libc::mallopt(what, bytes) };
    }
}

#[cold]
fn refused() {
    if CONFINED.load(Ordering::Relaxed) {
        // SAFETY: `_exit` ends the process and runs no code of it; it may be called at any time.
        unsafe { libc::_exit(exit::MEMORY.into()) }
    }
}

/// Pieces from this size on are made of huge pages where the kernel leaves that to the program: a large picture in pages
/// of 4 KiB costs ten thousand faults, a fifth of the time to decode it.
const HUGE_FROM: usize = 4 << 20;

fn seen(pointer: *mut u8, size: usize) -> *mut u8 {
    if pointer.is_null() {
        refused();
    } else if size >= HUGE_FROM {
        advise_huge(pointer, size);
    }
    pointer
}

#[cfg(target_os = "linux")]
fn advise_huge(pointer: *mut u8, size: usize) {
    const PAGE: usize = 4096;
    let skipped = pointer.align_offset(PAGE);
    let whole = size.saturating_sub(skipped) / PAGE * PAGE;
    // SAFETY: these pages lie within the piece that was just made and nobody else has; the call changes how they are
    // backed, never what they hold. That it may fail is no harm.
    unsafe { libc::madvise(pointer.wrapping_add(skipped).cast(), whole, libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn advise_huge(_: *mut u8, _: usize) {}

// SAFETY: every call is passed on to `System` as it came, and what that returns is returned unchanged.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`, which is the same here.
        seen(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        seen(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as above; `pointer` came from `System` by one of these methods.
        seen(unsafe { System.realloc(pointer, layout, new_size) }, new_size)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above; `pointer` came from `System` by one of these methods.
        unsafe { System.dealloc(pointer, layout) }
    }
}
