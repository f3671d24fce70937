//! How far the noise of several released values reaches together.

use crate::release::TableNote;

/// The smallest `h` for which the noises of a value of each of these tables, added up, lie within `-h..=h` with a chance
/// of at least 95 %, and the rounding of each beside it.
pub(super) fn half_width(notes: &[&TableNote]) -> u64 {
    notes.iter().map(|note| note.half_width).sum()
}
