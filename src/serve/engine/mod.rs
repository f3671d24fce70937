//! Matching for callers: look-ups, uploads, and what of it is counted.
//!
//! What takes about a microsecond, or a hundred, is done where the request is read. All else waits for its turn
//! ([`Turns`]): as many pieces of work at a time as there are cores, a bounded number waiting, and beyond that a refusal with
//! `Retry-After`, so that a service under too much load answers what it can at the speed it has.

mod counting;
mod lookups;
mod room;
mod turns;
mod uploads;

#[cfg(test)]
mod counting_tests;
#[cfg(test)]
mod tests;

pub(super) use counting::CountingFault;
pub use lookups::Ask;
pub(super) use room::Holding;
pub use uploads::Upload;

use super::Settings;
use counting::Counting;
use room::Room;
use turns::Turns;

/// What the work of all requests shares.
pub(super) struct Engine {
    /// For uploads and all other bodies that are in memory, and for uploads in files without a name.
    memory: Room,
    disk: Room,
    hashing: Turns,
    /// For videos, which take seconds: pictures do not wait behind them.
    videos: Turns,
    searching: Turns,
    counting: Counting,
}

/// Uploads that wait for a worker: each has been received, and the last of them waits for a second or two.
const MOST_HASHINGS_WAITING: usize = 512;
/// Videos that wait for a worker.
const MOST_VIDEOS_WAITING: usize = 32;
/// Requests that wait for a search.
const MOST_SEARCHES_WAITING: usize = 256;

impl Engine {
    pub(super) fn new(settings: &Settings) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            memory: Room::of(settings.max_held_memory_bytes),
            disk: Room::of(settings.max_held_disk_bytes),
            // While an answer is on its way, another worker has something to do.
            hashing: Turns::new(cores + cores.div_ceil(2), MOST_HASHINGS_WAITING),
            videos: Turns::new(cores.div_ceil(2), MOST_VIDEOS_WAITING),
            searching: Turns::new(cores, MOST_SEARCHES_WAITING),
            counting: Counting::new(),
        }
    }

    /// For one request's bodies that are no uploads: nothing yet.
    pub(super) fn holding(&self) -> Holding {
        Holding::nothing_of(&self.memory)
    }
}
