//! The gate: the only way from exact counts to the public. Noise, threshold, budget, signature.
//!
//! Knows no files of content and no hashes of content.

mod model;
#[cfg(test)]
pub(crate) mod sample;

pub use model::{ListNote, Manifest, PlanNote, Release, Released, ReleasedCell, Status, TableNote};
