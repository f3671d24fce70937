//! Batches of a run: found, looked at and handed on at the same time, each step on a thread of its own, in order.
//!
//! While one batch is matched and written, the next ones are read and decoded, and where a folder takes long to be listed,
//! that holds up nothing that was found already. A batch more than is worked on is never found, so memory stays flat.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, Builder};

/// Batches in work: one that is handed on, one whose last items are looked at, one whose first items are read.
pub(super) const BATCHES: usize = 3;

/// What goes wrong beside what `then` does.
#[derive(Debug)]
pub(super) enum AheadError<E> {
    /// The next batch cannot be found.
    Next(io::Error),
    /// No thread can be started.
    Thread(io::Error),
    /// What `then` gave.
    Then(E),
}

enum Event<T, U> {
    Found(io::Result<Option<T>>),
    Looked(usize, thread::Result<U>),
}

/// Gives each batch of `next`, of which at most `batches` are in work, to `look`, which is told its number, and what that makes of it to `then`, in order, until
/// `then` says false. What is in work then or after an error is given up, which `look` can see.
///
/// `next` and `look` run on other threads.
pub(super) fn each_batch<T: Send, U: Send, E>(
    batches: usize,
    next: impl FnMut() -> io::Result<Option<T>> + Send,
    look: impl Fn(u64, T, &AtomicBool) -> U + Sync,
    mut then: impl FnMut(U) -> Result<bool, E>,
) -> Result<(), AheadError<E>> {
    let given_up = AtomicBool::new(false);
    let (look, given_up) = (&look, &given_up);
    thread::scope(|scope| {
        // However this ends, nobody waits for what is in work.
        let _give_up = OnDrop(given_up);
        let (ask, asked) = channel::<()>();
        let (send, events) = channel();
        let found = send.clone();
        let find = move || find(next, &asked, &found);
        Builder::new().spawn_scoped(scope, find).map_err(AheadError::Thread)?;
        for _ in 0..batches {
            let _ = ask.send(());
        }
        let (mut begun, mut ended) = (0, 0);
        let mut looked = VecDeque::from_iter((0..batches).map(|_| None));
        let mut is_last = false;
        while !is_last || ended < begun {
            // This thread holds a sender, so there is always one.
            match events.recv().expect("the channel is open") {
                Event::Found(batch) => match batch.map_err(AheadError::Next)? {
                    None => is_last = true,
                    Some(batch) => {
                        let (number, send) = (begun, send.clone());
                        let look = move || {
                            let looked = AssertUnwindSafe(|| look(number as u64, batch, given_up));
                            drop(send.send(Event::Looked(number, catch_unwind(looked))));
                        };
                        Builder::new().spawn_scoped(scope, look).map_err(AheadError::Thread)?;
                        begun += 1;
                    }
                },
                Event::Looked(number, batch) => looked[number - ended] = Some(batch),
            }
            while let Some(batch) = looked[0].take() {
                looked.rotate_left(1);
                ended += 1;
                if !then(batch.unwrap_or_else(|panic| resume_unwind(panic))).map_err(AheadError::Then)? {
                    return Ok(());
                }
                let _ = ask.send(()); // who found the last one is gone
            }
        }
        Ok(())
    })
}

/// Finds a batch each time that it is asked, until there is none or nobody asks.
fn find<T, U>(
    mut next: impl FnMut() -> io::Result<Option<T>>,
    asked: &std::sync::mpsc::Receiver<()>,
    found: &Sender<Event<T, U>>,
) {
    while asked.recv().is_ok() {
        let batch = next();
        let is_last = !matches!(batch, Ok(Some(_)));
        if found.send(Event::Found(batch)).is_err() || is_last {
            return;
        }
    }
}

/// Sets a flag when it is dropped.
struct OnDrop<'a>(&'a AtomicBool);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use super::*;

    /// Batches `0..count`, which end in an order of their own.
    fn run(count: u64, mut then: impl FnMut(u64) -> Result<bool, ()>) -> (Result<(), AheadError<()>>, usize) {
        let (mut numbers, work, most) = (0..count, AtomicUsize::new(0), AtomicUsize::new(0));
        let next = || {
            most.fetch_max(work.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            Ok(numbers.next())
        };
        let look = |number: u64, batch: u64, given_up: &AtomicBool| {
            assert_eq!(number, batch);
            if !given_up.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(batch * 7 % 5));
            }
            batch
        };
        let ended = each_batch(BATCHES, next, look, |batch| {
            let ended = then(batch);
            work.fetch_sub(1, Ordering::SeqCst);
            ended
        });
        (ended, most.into_inner())
    }

    #[test]
    fn batches_are_handed_on_in_order_and_no_more_than_a_few_are_in_work() {
        for count in [0, 1, 2, 3, 4, 50] {
            let mut handed = Vec::new();
            let (ended, most) = run(count, |batch| {
                handed.push(batch);
                Ok(true)
            });
            assert!(ended.is_ok());
            assert_eq!(handed, (0..count).collect::<Vec<_>>());
            assert!(most <= BATCHES, "{most} batches");
        }
    }

    #[test]
    fn what_ends_a_run_ends_it_at_once() {
        let mut handed = 0;
        let stop = |batch| {
            handed = batch;
            Ok(batch < 7)
        };
        assert!(run(50, stop).0.is_ok());
        assert_eq!(handed, 7, "stopped");
        let fail = |batch| if batch < 7 { Ok(true) } else { Err(()) };
        assert!(matches!(run(50, fail).0, Err(AheadError::Then(()))));

        let next = || Err::<Option<u64>, _>(io::Error::other("no list"));
        let ended = each_batch(1, next, |_, batch, _| batch, |_| Ok::<_, ()>(true));
        assert!(matches!(ended, Err(AheadError::Next(_))));
    }

    #[test]
    fn a_panic_is_that_of_the_run() {
        let mut numbers = 0..9;
        let look = |number: u64, _: u64, _: &AtomicBool| assert!(number < 4, "the fifth");
        let all = AssertUnwindSafe(|| each_batch(2, || Ok(numbers.next()), look, |()| Ok::<_, ()>(true)));
        let panic = catch_unwind(all).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"the fifth"));
    }
}
