//! One bound on memory for all threads that decode.

use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use super::Limits;

/// Bytes that may be in use at once. Who asks first is served first, so that a large picture is not passed for ever.
pub(super) struct Budget {
    total: u64,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    free: u64,
    next_ticket: u64,
    now_serving: u64,
}

/// A share of a budget, given back when it is dropped.
pub struct Permit<'a> {
    budget: &'a Budget,
    bytes: u64,
}

/// Takes `bytes` of the memory for decoding, as soon as there is room.
///
/// A thread must not ask while it holds a permit, nor do work of the thread pool's: it would wait for itself.
pub(super) fn take(bytes: u64) -> Permit<'static> {
    if let Some(ask) = LENDER.get().filter(|_| bytes > UNASKED) {
        ask(bytes);
    }
    take_memory(bytes)
}

/// The same for whoever decodes in another process, of which this one keeps the accounts.
pub fn take_memory(bytes: u64) -> Permit<'static> {
    static DECODING: Budget = Budget::new(Limits::MEMORY_BYTES);
    DECODING.take(bytes)
}

/// Takes `bytes` of the memory for files that are nowhere else: as much again as there is for decoding.
///
/// A thread takes this first, and may hold it while it takes [memory for decoding](take_memory); never the other way
/// round, nor twice. So whoever holds memory for decoding never waits for a file, and all are served in the end.
pub fn take_file_memory(bytes: u64) -> Permit<'static> {
    static FILES: Budget = Budget::new(Limits::MEMORY_BYTES);
    FILES.take(bytes)
}

/// From now on this process, in which one picture is decoded at a time, asks `lender` for the memory of every picture
/// that is not small. A second lender is not taken.
pub fn borrow_memory_from(lender: fn(u64)) {
    let _ = LENDER.set(lender);
}

static LENDER: OnceLock<fn(u64)> = OnceLock::new();

/// What a process that borrows takes without asking: most pictures need less, and asking costs them a switch to another
/// process.
const UNASKED: u64 = 32 << 20;

impl Budget {
    const fn new(total: u64) -> Self {
        let state = State { free: total, next_ticket: 0, now_serving: 0 };
        Self { total, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Waits until there is room. What needs more than there is gets all of it, and so runs alone.
    fn take(&self, bytes: u64) -> Permit<'_> {
        let bytes = bytes.min(self.total);
        let mut state = self.state();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        let waits = |state: &mut State| state.now_serving != ticket || state.free < bytes;
        let mut state = self.changed.wait_while(state, waits).unwrap_or_else(PoisonError::into_inner);
        state.free -= bytes;
        state.now_serving += 1;
        self.changed.notify_all(); // there may be room for the next one too
        Permit { budget: self, bytes }
    }

    /// No code that can panic runs under the lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// Gives back all but `bytes`, if it holds more.
    pub fn shrink_to(&mut self, bytes: u64) {
        let back = self.bytes.saturating_sub(bytes);
        self.bytes -= back;
        self.budget.state().free += back;
        self.budget.changed.notify_all();
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.budget.state().free += self.bytes;
        self.budget.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    #[test]
    fn threads_never_hold_more_than_the_total_and_all_are_served() {
        let budget = Budget::new(10);
        let (held, most, served) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for n in 0..8_u64 {
                let (budget, held, most, served) = (&budget, &held, &most, &served);
                scope.spawn(move || {
                    for round in 0..50 {
                        let wanted = 1 + (n * 7 + round) % 14; // up to more than there is
                        let _permit = budget.take(wanted);
                        let now = held.fetch_add(wanted.min(10), Ordering::SeqCst) + wanted.min(10);
                        most.fetch_max(now, Ordering::SeqCst);
                        thread::yield_now();
                        held.fetch_sub(wanted.min(10), Ordering::SeqCst);
                        served.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!((served.into_inner(), budget.state().free), (400, 10));
        assert!(most.into_inner() <= 10);
    }

    #[test]
    fn what_is_given_back_early_is_there_for_others_and_given_back_once() {
        let budget = Budget::new(10);
        let mut permit = budget.take(10);
        permit.shrink_to(30);
        assert_eq!(budget.state().free, 0);
        permit.shrink_to(4);
        drop(budget.take(6));
        drop(permit);
        assert_eq!(budget.state().free, 10);
    }

    #[test]
    fn a_panic_gives_its_share_back() {
        let budget = Budget::new(4);
        thread::scope(|scope| {
            let fails = scope.spawn(|| {
                let _permit = budget.take(4);
                std::panic::resume_unwind(Box::new(()));
            });
            assert!(fails.join().is_err());
        });
        drop(budget.take(4));
    }
}
