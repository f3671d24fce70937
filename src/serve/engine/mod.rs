//! Matching for callers: look-ups, uploads, and what of it is counted.

mod lookups;
mod uploads;

pub use lookups::Ask;
pub use uploads::Upload;
