//! Work of which the result comes in pieces.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use super::CallError;
use super::cell::Work;
use super::pool::Taken;

pub use super::cell::{Excuse, Said};

/// A worker that is at work, and hands out what it makes. Dropped before its end, the worker is ended.
pub struct Pieces<'a> {
    taken: Taken<'a>,
    work: Work,
}

impl<'a> Pieces<'a> {
    pub(super) fn begin(
        mut taken: Taken<'a>,
        input: BorrowedFd<'_>,
        request: &[u8],
        allowance: Duration,
        lend: fn(u64) -> Box<dyn Send>,
        excused: Option<Excuse>,
    ) -> Result<Self, CallError> {
        // Whoever takes the pieces asks other workers about them meanwhile, and must not wait for this one.
        taken.leave_seat();
        let mut work = taken.cell().begin(input, request, allowance, lend).map_err(CallError::Died)?;
        if let Some(excused) = excused {
            work.excuse_by(excused);
        }
        Ok(Self { taken, work })
    }

    /// What the worker says next; after an answer nothing more follows.
    ///
    /// # Errors
    /// [`CallError::Died`] if it was killed, or took longer than it may.
    pub fn go_on(&mut self) -> Result<Said, CallError> {
        self.taken.cell().go_on(&mut self.work).map_err(CallError::Died)
    }

    /// False if the worker says nothing `within` that time; [`Pieces::go_on`] would wait for it.
    pub fn has_said(&mut self, within: Duration) -> bool {
        self.taken.cell().has_said(within)
    }

    /// It may take so much longer.
    pub fn allow(&mut self, more: Duration) {
        self.work.allow(more);
    }

    /// Once its answer was understood: the worker is there for other work.
    pub fn give_back(self) {
        self.taken.give_back();
    }
}
