//! Sums and changes of released values, each with the interval that follows from the noise of its parts.
//!
//! What an interval says: over everything that was noised, the chance that an interval is stated *and* misses the true figure
//! is at most 5 %. It includes noise, rounding and what is withheld.
//!
//! - A shown value is the true count, plus noise, rounded. A sum of shown values misses by the sum of the noises
//!   ([`Noises`]) and by at most half a step of rounding for each.
//! - A withheld cell had a noised value below the threshold, so its true count is at least 0 and at most the threshold
//!   less 1 and less its noise: the upper end of a sum has the threshold less 1 for it, and its noise among the others.
//! - Which cells are shown depends on the noise. Of many cells near the threshold those are shown whose noise was upward,
//!   so the sum of the shown leans upward; but each that was withheld holds about a threshold's worth that the sum lacks, and
//!   that is more (the threshold is several scales). Both ends reach as far as the noises of *all* cells, shown or not.
//! - A single value just above the threshold (status `U`) leans upward too: given that a rare small count is shown at all,
//!   its interval may well miss it. That it is shown is what is rare: the statement above holds, no stronger one does.
//! - The difference of two sums has the noises of both, and whatever their withheld cells may hold on either side.

use super::noise::Noises;
use crate::release::{ReleasedCell, Status, TableNote};

/// A sum of released values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Estimate {
    /// The sum of the values that are shown.
    pub value: u64,
    /// Lower end of the 95 % interval of the true count of *all* cells, those withheld too.
    pub low: u64,
    /// Its upper end.
    pub high: u64,
    /// How many cells are shown.
    pub shown: usize,
    /// How many of these lie just above the threshold, where values tend to be too high.
    pub near_threshold: usize,
    /// How many cells are withheld.
    pub withheld: usize,
}

/// How a figure changed between two periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// The 95 % interval of the difference contains zero.
    NoClearChange(Change),
    /// It does not.
    Clear(Change),
    /// All values of one of the two are withheld, or the two have different cells.
    Withheld,
    /// How items are matched changed in between.
    Broken,
    /// One of the periods is not there.
    Missing,
}

/// A difference with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The figure before: the sum of the values that are shown.
    pub before: u64,
    /// The figure after.
    pub after: u64,
    /// Lower end of the 95 % interval of the true difference, whatever the withheld cells hold.
    pub low: i64,
    /// Its upper end.
    pub high: i64,
    /// How many cells of the two are withheld.
    pub withheld: usize,
    /// How much of the width of the interval is what these may hold; the other part is noise and rounding.
    pub unseen: u64,
}

impl Change {
    /// The difference of the two figures.
    #[must_use]
    pub fn difference(&self) -> i64 {
        signed(self.after) - signed(self.before)
    }

    /// True if the interval contains zero because of what is withheld rather than because of noise: most of its width is
    /// that, or it would not contain zero without.
    #[must_use]
    pub fn withheld_decides(&self) -> bool {
        if self.low > 0 || self.high < 0 {
            return false;
        }
        let unseen = signed(self.unseen);
        let noise = (self.high - self.low - unseen) / 2;
        unseen > 2 * noise || self.difference().abs() > noise
    }
}

/// What a sum is made of, before a chance is chosen for its interval.
#[derive(Debug, Clone, Default)]
pub(super) struct Sum {
    value: u64,
    /// The most that the withheld cells hold, noise apart.
    unseen: u64,
    noises: Noises,
    shown: usize,
    near_threshold: usize,
    withheld: usize,
}

impl Sum {
    pub(super) fn of<'a>(parts: impl Iterator<Item = (&'a TableNote, &'a ReleasedCell)>) -> Self {
        let mut sum = Self::default();
        for (note, cell) in parts {
            sum.noises.add(note, cell.value.is_some());
            match cell.value {
                Some(value) => {
                    sum.value = sum.value.saturating_add(value.get());
                    sum.shown += 1;
                    sum.near_threshold += usize::from(cell.status == Status::NearThreshold);
                }
                None => {
                    sum.unseen = sum.unseen.saturating_add(note.threshold.saturating_sub(1));
                    sum.withheld += 1;
                }
            }
        }
        sum
    }

    /// This and `other` together.
    pub(super) fn join(&mut self, other: &Self) {
        self.value = self.value.saturating_add(other.value);
        self.unseen = self.unseen.saturating_add(other.unseen);
        self.noises.join(&other.noises);
        self.shown += other.shown;
        self.near_threshold += other.near_threshold;
        self.withheld += other.withheld;
    }

    /// With an interval that misses with a chance of at most `alpha`.
    pub(super) fn estimate(&self, alpha: f64) -> Estimate {
        let reach = self.noises.half_width(alpha);
        Estimate {
            value: self.value,
            low: self.value.saturating_sub(reach),
            high: self.value.saturating_add(self.unseen).saturating_add(reach),
            shown: self.shown,
            near_threshold: self.near_threshold,
            withheld: self.withheld,
        }
    }

    /// How `after` differs from this, with an interval that misses with a chance of at most `alpha`.
    pub(super) fn change_to(&self, after: &Self, alpha: f64) -> Trend {
        if self.shown == 0 || after.shown == 0 {
            return Trend::Withheld;
        }
        let mut noises = self.noises.clone();
        noises.join(&after.noises);
        let reach = signed(noises.half_width(alpha));
        let difference = signed(after.value) - signed(self.value);
        let change = Change {
            before: self.value,
            after: after.value,
            low: difference - reach - signed(self.unseen),
            high: difference + reach + signed(after.unseen),
            withheld: self.withheld + after.withheld,
            unseen: self.unseen.saturating_add(after.unseen),
        };
        if change.low <= 0 && change.high >= 0 { Trend::NoClearChange(change) } else { Trend::Clear(change) }
    }
}

/// A count as a difference; no count comes near the ends.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX / 8)
}
