//! Counts by indicator and cell, at the full detail that the tally keeps.

use std::collections::BTreeMap;

use super::Cell;
use crate::vocabulary::Indicator;

/// What was counted in a period: of each indicator distinct items (reports, web addresses) by cell. Cells without any are
/// absent.
///
/// An item is in at most one cell of an indicator, so adding or removing one changes one count of each by one; under a cap
/// on the items of a case, two counts of each.
///
/// Exact counts are not printed by accident:
/// ```compile_fail,E0277
/// fn print(cube: &innerward::tally::Cube) { println!("{cube:?}"); }
/// ```
/// ```compile_fail,E0277
/// fn send(cube: &innerward::tally::Cube) { let _ = serde_json::to_string(cube); }
/// ```
/// The same shapes compile for a cell, which counts nothing, and for a code:
/// ```
/// fn print(cell: &innerward::tally::Cell) { println!("{cell:?}"); }
/// fn send(code: &innerward::vocabulary::Code) { let _ = serde_json::to_string(code); }
/// ```
#[derive(Default)]
pub struct Cube(BTreeMap<Indicator, BTreeMap<Cell, u64>>);

impl Cube {
    /// Adds `items` to a cell of `indicator`.
    pub fn add(&mut self, indicator: Indicator, cell: Cell, items: u64) {
        if items > 0 {
            *self.0.entry(indicator).or_default().entry(cell).or_default() += items;
        }
    }

    /// All cells of `indicator` with anything in them, in order.
    pub fn of(&self, indicator: Indicator) -> impl Iterator<Item = (Cell, u64)> {
        self.0.get(&indicator).into_iter().flatten().map(|(cell, items)| (*cell, *items))
    }

    /// All that `indicator` counts.
    #[must_use]
    pub fn total(&self, indicator: Indicator) -> u64 {
        self.of(indicator).map(|(_, items)| items).sum()
    }

    /// The indicators that count anything, in order.
    pub fn indicators(&self) -> impl Iterator<Item = Indicator> {
        self.0.keys().copied()
    }
}
