//! Counts by cell, at the full detail that the tally keeps.

use std::collections::BTreeMap;

use crate::vocabulary::{Code, Dimension};

/// Where an item is counted: one code of every dimension.
///
/// The order of cells is the rule by which an item that fits several gets one: the strongest verdict, then the most
/// severe category, then the order of the code lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// What screening said.
    pub verdict: Code,
    /// The most severe category of the matching entry.
    pub severity: Code,
    /// The class of the list that matched.
    pub list_class: Code,
    /// The kind of content.
    pub media: Code,
    /// How the item reached the ward.
    pub channel: Code,
}

impl Cell {
    /// Its code in `dimension`; `None` for one that items are not counted by.
    #[must_use]
    pub fn code(&self, dimension: Dimension) -> Option<Code> {
        Some(match dimension {
            Dimension::Verdict => self.verdict,
            Dimension::Media => self.media,
            Dimension::Severity => self.severity,
            Dimension::ListClass => self.list_class,
            Dimension::Channel => self.channel,
            _ => return None,
        })
    }
}

/// Distinct items by cell; cells without items are absent.
#[derive(Default)]
pub struct Cube(BTreeMap<Cell, u64>);

impl Cube {
    /// Adds `items` to a cell.
    pub fn add(&mut self, cell: Cell, items: u64) {
        *self.0.entry(cell).or_default() += items;
    }

    /// All cells with items, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Cell, u64)> {
        self.0.iter().map(|(cell, items)| (cell, *items))
    }

    /// All items.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}
