//! Exact local counts over the vocabulary: one distinct item, report or web address once a period, in exactly one cell of
//! each table. Never leaves the ward.
//!
//! Knows an item only as a keyed pseudonym that expires with its period; knows nothing of publication.

mod beside;
mod breaks;
mod carry;
mod cell;
mod cells;
mod count;
mod cube;
mod desk;
mod error;
mod ids;
mod import;
mod lists;
mod purge;
mod rows;
mod seal;
mod sensitive;
mod sighting;
mod spans;
mod store;

pub use beside::Beside;
pub use breaks::{Break, BreakCause, Way, way};
pub use cell::Cell;
pub use cube::Cube;
pub use desk::{Declined, Desk, DeskError, Finding, FindingLabelError, Taken};
pub use error::TallyError;
pub use ids::{CaseId, ItemId};
pub use import::{BadRow, DateForm, How, ImportError, Imported, Map, MapError, Parsed, Read, Revised};
pub use lists::ListInUse;
pub use purge::Held;
pub use sensitive::Sensitive;
pub use sighting::{Brought, sighting};
pub use spans::About;
pub use store::{Judgement, Sighting, Tally};

#[cfg(test)]
mod neighbours_tests;
#[cfg(test)]
mod tests;
