//! Workers that wait for work, and who waits for them.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::cell::Cell;
use super::own::has_room_for_a_worker;
use super::{InForce, JailError, JailOptions};

/// As many workers as are taken at the same time, or as the system allows.
pub(super) struct Pool {
    options: JailOptions,
    workers: Mutex<Workers>,
    /// A worker has come back, or is gone.
    changed: Condvar,
}

struct Workers {
    idle: Vec<Cell>,
    /// Those that are taken, or being started.
    busy: usize,
}

/// A worker for one piece of work. Dropped without being given back, it is ended.
pub(super) struct Taken<'a> {
    pool: &'a Pool,
    cell: Cell,
    seat: Option<Seat<'a>>,
}

/// Counted among the busy ones until it is dropped, however the work ends.
struct Seat<'a>(&'a Pool);

impl Pool {
    /// Starts the first worker.
    pub(super) fn start(options: JailOptions) -> Result<(Self, InForce), JailError> {
        let (cell, in_force) = Cell::start(&options)?;
        let workers = Mutex::new(Workers { idle: vec![cell], busy: 0 });
        Ok((Self { options, workers, changed: Condvar::new() }, in_force))
    }

    /// A worker that is confined as `expected`: an idle one, or another one. Where another one cannot be started, waits for
    /// one that is at work, and gives up if there is none.
    pub(super) fn take(&self, expected: &InForce) -> Result<Taken<'_>, JailError> {
        loop {
            let (idle, others) = {
                let mut workers = self.workers();
                workers.busy += 1;
                (workers.idle.pop(), workers.busy - 1)
            };
            let seat = Seat(self);
            // One that was killed while it was idle is no fault of this piece of work.
            if let Some(cell) = idle.and_then(Cell::if_alive) {
                return Ok(Taken { pool: self, cell, seat: Some(seat) });
            }
            let refused = if others > 0 && !has_room_for_a_worker() {
                None
            } else {
                match Cell::start(&self.options) {
                    Ok((cell, found)) if found == *expected => {
                        return Ok(Taken { pool: self, cell, seat: Some(seat) });
                    }
                    Ok((_, found)) => {
                        let expected = Box::new(expected.clone());
                        return Err(JailError::Unequal { expected, found: Box::new(found) });
                    }
                    Err(error) => Some(error),
                }
            };
            drop(seat);
            self.wait_for_one(refused)?;
        }
    }

    /// Waits until there is an idle worker, or somebody else has found out that there is none.
    fn wait_for_one(&self, refused: Option<JailError>) -> Result<(), JailError> {
        let workers = self.workers();
        if workers.idle.is_empty() && workers.busy == 0 {
            return refused.map_or(Ok(()), Err);
        }
        let waits = |workers: &mut Workers| workers.idle.is_empty() && workers.busy > 0;
        drop(self.changed.wait_while(workers, waits).unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }

    /// No code that can panic runs under the lock.
    fn workers(&self) -> MutexGuard<'_, Workers> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken<'_> {
    pub(super) fn cell(&mut self) -> &mut Cell {
        &mut self.cell
    }

    /// Not one that others may wait for: who has it may wait for others.
    pub(super) fn leave_seat(&mut self) {
        self.seat = None;
    }

    /// For the next piece of work, unless it has done its share.
    pub(super) fn give_back(self) {
        if !self.cell.is_old() {
            self.pool.workers().idle.push(self.cell);
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.workers().busy -= 1;
        self.0.changed.notify_all();
    }
}
