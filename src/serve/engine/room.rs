//! Room for what is held: so much at a time, whatever clients send.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::super::Problem;

/// Bytes that may be held at a time, by all together.
#[derive(Clone)]
pub(super) struct Room(Arc<AtomicU64>);

/// Bytes that somebody holds; given back when dropped.
pub(super) struct Taken {
    room: Room,
    bytes: u64,
}

/// What one request holds of the memory for bodies until it is answered, beside an [upload](super::Upload), which has room
/// of its own. Cloning it makes no other.
#[derive(Clone)]
pub(in crate::serve) struct Holding(Arc<Mutex<Taken>>);

impl Room {
    pub(super) fn of(bytes: u64) -> Self {
        Self(Arc::new(AtomicU64::new(bytes)))
    }

    /// Nothing yet, to be added to.
    pub(super) fn nothing(&self) -> Taken {
        Taken { room: self.clone(), bytes: 0 }
    }

    /// What is left at this moment.
    pub(super) fn left(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

impl Taken {
    /// Takes `more` bytes; false, and nothing taken, if there are not so many left.
    pub(super) fn grow(&mut self, more: u64) -> bool {
        let take = |left: u64| left.checked_sub(more);
        let done = self.room.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).is_ok();
        if done {
            self.bytes += more;
        }
        done
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.room.0.fetch_add(self.bytes, Ordering::AcqRel);
    }
}

impl Holding {
    pub(super) fn nothing_of(room: &Room) -> Self {
        Self(Arc::new(Mutex::new(room.nothing())))
    }

    /// Takes `more` bytes.
    ///
    /// # Errors
    /// [`ProblemCode::Unavailable`](super::super::ProblemCode::Unavailable) if there are not so many left.
    pub(in crate::serve) fn grow(&self, more: u64) -> Result<(), Problem> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.grow(more) { Ok(()) } else { Err(no_room()) }
    }

    /// Refuses what is said to be longer than there is room for, before it is sent. Nothing is taken for it: who says much
    /// and sends little holds little.
    ///
    /// # Errors
    /// As [`Holding::grow`].
    pub(in crate::serve) fn expect(&self, bytes: u64) -> Result<(), Problem> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.room.left() >= bytes { Ok(()) } else { Err(no_room()) }
    }
}

/// There will be.
pub(super) fn no_room() -> Problem {
    Problem::unavailable("there is no room for this body just now, or the disk is full; come again")
}
