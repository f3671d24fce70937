//! Sums and changes of released values, each with the interval that follows from the noise of its parts.

use super::noise::half_width;
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
    /// A value of one of the two is withheld, or the two have different cells.
    Withheld,
    /// How items are matched changed in between.
    Broken,
    /// One of the periods is not there.
    Missing,
}

/// A difference with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The figure before.
    pub before: u64,
    /// The figure after.
    pub after: u64,
    /// Lower end of the 95 % interval of the true difference.
    pub low: i64,
    /// Its upper end.
    pub high: i64,
}

impl Change {
    /// The difference of the two figures.
    #[must_use]
    pub fn difference(&self) -> i64 {
        signed(self.after) - signed(self.before)
    }
}

type Part<'a> = (&'a TableNote, &'a ReleasedCell);

impl Estimate {
    pub(super) fn of<'a>(parts: impl Iterator<Item = Part<'a>>) -> Self {
        let mut sum = Self::default();
        let (mut shown, mut all, mut unseen) = (Vec::new(), Vec::new(), 0_u64);
        for (note, cell) in parts {
            all.push(note);
            match cell.value {
                Some(value) => {
                    sum.value = sum.value.saturating_add(value.get());
                    sum.shown += 1;
                    sum.near_threshold += usize::from(cell.status == Status::NearThreshold);
                    shown.push(note);
                }
                None => {
                    // What is withheld was below the threshold after the noise, and not below zero before it.
                    unseen = unseen.saturating_add(note.threshold.saturating_sub(1));
                    sum.withheld += 1;
                }
            }
        }
        sum.low = sum.value.saturating_sub(half_width(&shown));
        sum.high = sum.value.saturating_add(unseen).saturating_add(half_width(&all));
        sum
    }
}

pub(super) fn compare<'a>(
    before: impl Iterator<Item = Part<'a>>,
    after: impl Iterator<Item = Part<'a>>,
) -> Trend {
    let (before, after): (Vec<_>, Vec<_>) = (before.collect(), after.collect());
    let same = before.len() == after.len()
        && before.iter().zip(&after).all(|((_, one), (_, other))| one.codes == other.codes);
    let withheld = |parts: &[Part<'_>]| parts.iter().any(|(_, cell)| cell.value.is_none());
    if before.is_empty() || !same || withheld(&before) || withheld(&after) {
        return Trend::Withheld;
    }
    let sum = |parts: &[Part<'_>]| Estimate::of(parts.iter().copied()).value;
    let notes: Vec<&TableNote> = before.iter().chain(&after).map(|(note, _)| *note).collect();
    let reach = signed(half_width(&notes));
    let change = Change { before: sum(&before), after: sum(&after), low: 0, high: 0 };
    let change = Change { low: change.difference() - reach, high: change.difference() + reach, ..change };
    if change.low <= 0 && change.high >= 0 { Trend::NoClearChange(change) } else { Trend::Clear(change) }
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
