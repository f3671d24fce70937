//! From a verdict to a sighting: where an item is counted, and as which item.

use super::{Cell, ItemId, Sighting};
use crate::screen::{Held, Outcome, Screened};
use crate::vocabulary::{Code, list_class, severity};

/// The sighting that a screened item gives; `None` if it could not be read, since it cannot be told from others then.
///
/// A content that matched points to the list entry that its verdict rests on, in whatever copies and edits it comes. Its
/// cell follows from the same entry: the most severe of the entry's categories, the class of its set. Sets whose agreements
/// do not allow that are left out, as if they were not there.
#[must_use]
pub fn sighting(screened: &Screened, channel: Code) -> Option<Sighting> {
    let blake3 = screened.blake3()?;
    let verdict = screened.verdict.counted();
    let grounds = verdict.grounds();
    // An entry in quarantine is the same item that it was, and will be once it is put back; one that this ward holds for
    // wrong makes no item.
    let entry = grounds.filter(|_| verdict.outcome != Outcome::Deconfirmed);
    let grounds = grounds.filter(|found| found.held.is_none());
    let severity = match (verdict.outcome, grounds) {
        (Outcome::Known | Outcome::Near, Some(found)) => found.severity(),
        _ => severity::NOT_APPLICABLE,
    };
    Some(Sighting {
        content: ItemId::of_bytes(blake3),
        entry: entry.map(|found| ItemId::of_entry(&found.set, &found.entry)),
        cell: Cell {
            verdict: verdict.code(),
            severity,
            list_class: grounds.map_or(list_class::NOT_APPLICABLE, |found| found.list_class),
            media: screened.media(),
            channel,
        },
        watched: verdict.held.contains(&Held::Watched),
    })
}
