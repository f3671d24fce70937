//! Room for what is held: so much at a time, whatever clients send.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that may be held at a time, by all together.
#[derive(Clone)]
pub(super) struct Room(Arc<AtomicU64>);

/// Bytes that somebody holds; given back when dropped.
pub(super) struct Taken {
    room: Room,
    bytes: u64,
}

impl Room {
    pub(super) fn of(bytes: u64) -> Self {
        Self(Arc::new(AtomicU64::new(bytes)))
    }

    /// Nothing yet, to be added to.
    pub(super) fn nothing(&self) -> Taken {
        Taken { room: self.clone(), bytes: 0 }
    }

    /// What is left.
    #[cfg(test)]
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
