//! How much the service has to do, for the overview.

use jiff::Timestamp;

use super::super::State;

/// What was asked of the service since it started.
pub(super) struct Rates {
    /// When it started.
    pub(super) since: Timestamp,
    /// Requests answered.
    pub(super) requests: u64,
    /// Hashes looked up.
    pub(super) lookups: u64,
    /// Items taken in and hashed.
    pub(super) uploads: u64,
}

impl Rates {
    /// So many a second, on the average until `now`.
    pub(super) fn per_second(&self, number: u64, now: Timestamp) -> f64 {
        let seconds = now.as_second().saturating_sub(self.since.as_second()).max(1);
        number as f64 / seconds as f64
    }
}

/// The numbers of the service that `state` is of; `None` where nobody counts them.
pub(super) fn rates(_state: &State) -> Option<Rates> {
    None
}
