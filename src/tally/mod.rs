//! Exact local counts over the vocabulary, one distinct item once a month. Never leaves the ward.
//!
//! Knows an item only as a keyed pseudonym that expires with its month; knows nothing of publication.

mod cube;
mod purge;
mod sensitive;
mod sighting;
mod store;

pub use cube::{Cell, Cube};
pub use sensitive::Sensitive;
pub use sighting::sighting;
pub use store::{ItemId, ListInUse, Sighting, Tally, TallyError};
