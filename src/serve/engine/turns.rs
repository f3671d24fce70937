//! Turns at what computes: so many at work, so many waiting, in the order in which they came.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::Problem;

/// Pieces of work that are done at a time, and those that wait.
pub(super) struct Turns {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
}

/// A turn; to be held by the work itself, since who asked for it may be gone before it ends.
pub(super) struct Turn(#[allow(dead_code, reason = "given back when dropped")] OwnedSemaphorePermit);

/// Counted among those who wait, until it is dropped, however the waiting ends.
struct Waits<'a>(&'a AtomicUsize);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Turns {
    pub(super) fn new(at_work: usize, most_waiting: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(at_work)), waiting: AtomicUsize::new(0), most_waiting }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`ProblemCode::Unavailable`](super::super::ProblemCode::Unavailable) if too many wait already.
    pub(super) async fn first(&self) -> Result<Turn, Problem> {
        if let Ok(turn) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(Turn(turn));
        }
        let before = self.waiting.fetch_add(1, Ordering::AcqRel);
        let _waits = Waits(&self.waiting);
        if before >= self.most_waiting {
            return Err(Problem::unavailable("there is more to do than this machine can; come again"));
        }
        self.next().await
    }

    /// The same for who had one already: the rest of its work is not refused, but others come in between.
    pub(super) async fn next(&self) -> Result<Turn, Problem> {
        let turn = Arc::clone(&self.free).acquire_owned().await;
        turn.map(Turn).map_err(|_| Problem::internal()) // it is never closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_when_too_many_wait_is_refused_and_who_goes_makes_room() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(wait_and_go());
    }

    async fn wait_and_go() {
        let turns = Arc::new(Turns::new(1, 2));
        let at_work = turns.first().await.ok().unwrap();
        let wait = || {
            let turns = Arc::clone(&turns);
            tokio::spawn(async move { turns.first().await.map(drop) })
        };
        let (one, two) = (wait(), wait());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let refused = turns.first().await.err().unwrap();
        assert_eq!(
            (refused.code, refused.retry_after),
            (super::super::super::ProblemCode::Unavailable, Some(1))
        );
        // A client that is gone waits no more.
        two.abort();
        assert!(two.await.unwrap_err().is_cancelled());
        let three = wait();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        drop(at_work);
        assert!(one.await.unwrap().is_ok() && three.await.unwrap().is_ok());
        assert_eq!(turns.waiting.load(Ordering::Acquire), 0);
    }
}
