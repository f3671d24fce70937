//! The public domain of a table: which cells there are, in which order, and which one an item falls into.

use std::collections::BTreeMap;

use super::plan::PlanError;
use crate::tally::Cell;
use crate::vocabulary::{Code, Dimension, channel, list_class, media, severity};

/// Most cells of one table.
const MOST_CELLS: usize = 10_000;

/// Groups of rows as a plan or a manifest writes them: for every dimension the codes whose product is meant.
pub(super) type RowGroups = Vec<BTreeMap<Dimension, Vec<String>>>;

/// Every cell of a table, in the order of its rows. Depends on the plan only, never on counts.
#[derive(Debug, Clone)]
pub struct Domain {
    dimensions: Vec<Dimension>,
    groups: RowGroups,
    cells: Vec<Vec<Code>>,
    places: BTreeMap<Vec<Code>, usize>,
}

impl Domain {
    /// The cells of `groups`, one product after the other, the last dimension running fastest.
    pub(super) fn new(dimensions: Vec<Dimension>, groups: RowGroups) -> Result<Self, PlanError> {
        let mut sorted = dimensions.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.is_empty() || sorted.len() != dimensions.len() {
            return Err(PlanError::Dimensions);
        }
        if let Some(facet) = sorted.iter().find(|dimension| !Dimension::COUNTED.contains(dimension)) {
            return Err(PlanError::NotCounted(*facet));
        }
        if sorted.contains(&Dimension::ListClass) {
            return Err(PlanError::ListClass);
        }
        let mut domain = Self { dimensions, groups: Vec::new(), cells: Vec::new(), places: BTreeMap::new() };
        for (at, group) in groups.iter().enumerate() {
            domain.add_group(at + 1, group, sorted.len())?;
        }
        domain.groups = groups;
        // Every item must have a cell, whatever its codes are: checked once here, so that `place` is total.
        match every_item(&domain.dimensions).iter().find(|codes| domain.find(codes).is_none()) {
            Some(codes) => Err(PlanError::NotTotal(in_words(codes))),
            None => Ok(domain),
        }
    }

    fn add_group(
        &mut self,
        number: usize,
        group: &BTreeMap<Dimension, Vec<String>>,
        dimensions: usize,
    ) -> Result<(), PlanError> {
        if group.len() != dimensions || group.values().any(Vec::is_empty) {
            return Err(PlanError::RowGroup(number));
        }
        let mut product: Vec<Vec<Code>> = vec![Vec::new()];
        for dimension in &self.dimensions {
            let texts = group.get(dimension).ok_or(PlanError::RowGroup(number))?;
            if product.len().saturating_mul(texts.len()) > MOST_CELLS {
                return Err(PlanError::TooLarge(MOST_CELLS));
            }
            let codes: Vec<Code> = texts
                .iter()
                .map(|text| dimension.code(text))
                .collect::<Result<_, _>>()
                .map_err(|source| PlanError::Code { group: number, source })?;
            product = extend(&product, &codes);
        }
        for codes in product {
            if self.cells.len() == MOST_CELLS {
                return Err(PlanError::TooLarge(MOST_CELLS));
            }
            if self.places.insert(codes.clone(), self.cells.len()).is_some() {
                return Err(PlanError::Twice(in_words(&codes)));
            }
            self.cells.push(codes);
        }
        Ok(())
    }

    /// The dimensions, in the order of each cell's codes.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// Every cell: one code for each dimension.
    #[must_use]
    pub fn cells(&self) -> &[Vec<Code>] {
        &self.cells
    }

    pub(super) fn groups(&self) -> &RowGroups {
        &self.groups
    }

    /// The one cell in which an item at `cell` is counted.
    ///
    /// An item whose codes have no row of their own is counted at the dimension's *unknown* code, else at its *not
    /// applicable* code, trying the table's last dimension first: a known item from a list without severities is
    /// counted at `SEV_U`. The rule looks at one item only and never at counts.
    pub(super) fn place(&self, cell: &Cell) -> usize {
        let code = |&dimension| cell.code(dimension).expect("`new` refuses what items are not counted by");
        let codes: Vec<Code> = self.dimensions.iter().map(code).collect();
        self.find(&codes).expect("`new` has found a cell for every item")
    }

    fn find(&self, codes: &[Code]) -> Option<usize> {
        let mut candidates: Vec<Vec<Code>> = vec![Vec::new()];
        for &code in codes {
            let choices: Vec<Code> = [code].into_iter().chain(stand_ins(code.dimension())).collect();
            candidates = extend(&candidates, &choices);
        }
        candidates.iter().find_map(|candidate| self.places.get(candidate).copied())
    }
}

/// Every prefix with every code, the codes running fastest.
fn extend(prefixes: &[Vec<Code>], codes: &[Code]) -> Vec<Vec<Code>> {
    prefixes
        .iter()
        .flat_map(|prefix| codes.iter().map(move |&code| prefix.iter().copied().chain([code]).collect()))
        .collect()
}

/// All combinations of codes that an item could have.
fn every_item(dimensions: &[Dimension]) -> Vec<Vec<Code>> {
    dimensions.iter().fold(vec![Vec::new()], |prefixes, dimension| {
        extend(&prefixes, &dimension.codes().collect::<Vec<_>>())
    })
}

/// Where an item goes whose own code has no row: to *unknown*, else to *not applicable*. A verdict has no stand-in.
fn stand_ins(dimension: Dimension) -> Vec<Code> {
    match dimension {
        Dimension::Verdict => vec![],
        Dimension::Severity => vec![severity::UNKNOWN, severity::NOT_APPLICABLE],
        Dimension::Media => vec![media::OTHER],
        Dimension::ListClass => vec![list_class::UNKNOWN, list_class::NOT_APPLICABLE],
        Dimension::Channel => vec![channel::UNKNOWN],
        _ => vec![], // not counted
    }
}

fn in_words(codes: &[Code]) -> String {
    codes.iter().map(|code| format!("{} {code}", code.dimension())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::Plan;
    use crate::vocabulary::verdict;

    fn cell(verdict: Code, severity: Code) -> Cell {
        Cell::blank().with(verdict).with(severity).with(media::IMAGE).with(channel::BULK)
    }

    #[test]
    fn rows_follow_the_plan() {
        let plan = Plan::coarse();
        let rows: Vec<String> = plan
            .table()
            .domain()
            .cells()
            .iter()
            .map(|codes| codes.iter().map(|code| code.as_str()).collect::<Vec<_>>().join("/"))
            .collect();
        assert_eq!(rows[0], "KNOWN/SEV_A");
        assert_eq!(rows[6], "KNOWN/SEV_U");
        assert_eq!(rows[7], "NEAR/SEV_A");
        assert_eq!(rows[14..], ["IGNORED/_Z", "UNCHECKED/_Z", "UNKNOWN/_Z"]);
    }

    #[test]
    fn every_item_has_exactly_one_cell() {
        let plan = Plan::coarse();
        let domain = plan.table().domain();
        for codes in every_item(domain.dimensions()) {
            let place = domain.place(&cell(codes[0], codes[1]));
            assert_eq!(domain.cells()[place][0], codes[0], "the verdict is never changed");
            if let Some(&own) = domain.places.get(&codes) {
                assert_eq!(place, own);
            }
        }
    }

    #[test]
    fn an_item_without_a_row_of_its_own_is_counted_at_unknown_then_at_not_applicable() {
        let plan = Plan::coarse();
        let domain = plan.table().domain();
        let known = domain.place(&cell(verdict::KNOWN, severity::NOT_APPLICABLE));
        assert_eq!(domain.cells()[known], [verdict::KNOWN, severity::UNKNOWN]);
        let ignored = domain.place(&cell(verdict::IGNORED, Dimension::Severity.code("SEV_N").unwrap()));
        assert_eq!(domain.cells()[ignored], [verdict::IGNORED, severity::NOT_APPLICABLE]);
    }
}
