//! The public domain of a table: which cells there are, in which order, and which one a count falls into.

#![deny(clippy::float_arithmetic)]

use std::collections::{BTreeMap, BTreeSet};

use super::plan_error::TableError;
use super::table;
use crate::tally::Cell;
use crate::vocabulary::{Code, Dimension, Indicator, area, list_class, verdict};

/// Most cells of one table.
const MOST_CELLS: usize = 10_000;
/// Most combinations of ways to be placed, and most places that are tried to check them all.
const MOST_COMBINATIONS: usize = 1 << 20;
const MOST_TRIALS: usize = 1 << 20;

/// Groups of rows as a plan or a manifest writes them: for every dimension the codes whose product is meant.
pub(super) type RowGroups = Vec<BTreeMap<Dimension, Vec<String>>>;

/// Every cell of a table, in the order of its rows. Depends on the plan only, never on counts.
#[derive(Debug, Clone)]
pub struct Domain {
    dimensions: Vec<Dimension>,
    area_role: Option<Code>,
    groups: RowGroups,
    cells: Vec<Vec<Code>>,
    /// For each dimension, the ways in which its codes find a row.
    ways: Vec<Ways>,
    /// The cell of each combination of ways, the last dimension running fastest: found once, so that every count has one.
    grid: Vec<u32>,
}

/// How the codes of one dimension find a row: codes that try the same rows in the same order go one way.
#[derive(Debug, Clone, Default)]
struct Ways {
    of: BTreeMap<Code, usize>,
    /// The rows that are tried, and a code that goes this way.
    ways: Vec<(Vec<Code>, Code)>,
}

impl Ways {
    /// Refuses a row of areas that would speak of protected countries alone: what is left of a region whose other countries
    /// have rows of their own is as good as a row of its own.
    fn hide_protected(&self) -> Result<(), TableError> {
        let is_country = |code: &Code| code.as_str().len() == 2 && !code.as_str().starts_with('_');
        let mut counted: BTreeMap<Code, Vec<Code>> = BTreeMap::new();
        for (&country, &way) in self.of.iter().filter(|(code, _)| is_country(code)) {
            if let Some(&row) = self.ways[way].0.first() {
                counted.entry(row).or_default().push(country);
            }
        }
        match counted
            .into_iter()
            .find(|(_, countries)| countries.iter().all(|country| country.is_protected()))
        {
            Some((row, countries)) => {
                let countries =
                    countries.iter().map(|country| country.as_str()).collect::<Vec<_>>().join(", ");
                Err(TableError::ProtectedRest { row, countries })
            }
            None => Ok(()),
        }
    }
}

impl Domain {
    /// The cells of `groups`, one product after the other, the last dimension running fastest.
    pub(super) fn new(
        indicator: Indicator,
        area_role: Option<Code>,
        dimensions: Vec<Dimension>,
        groups: RowGroups,
    ) -> Result<Self, TableError> {
        if !indicator.is_count() {
            return Err(TableError::NotPublished(indicator));
        }
        check_dimensions(&dimensions, area_role)?;
        let mut domain =
            Self { dimensions, area_role, groups, cells: Vec::new(), ways: Vec::new(), grid: Vec::new() };
        let mut places = BTreeMap::new();
        for number in 1..=domain.groups.len() {
            domain.add_group(number, indicator, &mut places)?;
        }
        domain.ways = (0..domain.dimensions.len()).map(|at| domain.ways_of(at, indicator)).collect();
        for (_, ways) in domain.dimensions.iter().zip(&domain.ways).filter(|(of, _)| **of == Dimension::Area)
        {
            ways.hide_protected()?;
        }
        domain.grid = domain.whole_grid(&places)?;
        Ok(domain)
    }

    fn add_group(
        &mut self,
        number: usize,
        indicator: Indicator,
        places: &mut BTreeMap<Vec<Code>, u32>,
    ) -> Result<(), TableError> {
        let group = &self.groups[number - 1];
        if group.len() != self.dimensions.len() || group.values().any(Vec::is_empty) {
            return Err(TableError::RowGroup(number));
        }
        let mut product: Vec<Vec<Code>> = vec![Vec::new()];
        for &dimension in &self.dimensions {
            let texts = group.get(&dimension).ok_or(TableError::RowGroup(number))?;
            if product.len().saturating_mul(texts.len()) > MOST_CELLS {
                return Err(TableError::TooLarge(MOST_CELLS));
            }
            let codes = texts.iter().map(|text| row_code(number, indicator, dimension, text));
            let codes: Vec<Code> = codes.collect::<Result<_, _>>()?;
            product = product
                .iter()
                .flat_map(|row| codes.iter().map(move |&code| row.iter().copied().chain([code]).collect()))
                .collect();
        }
        for codes in product {
            if self.cells.len() == MOST_CELLS {
                return Err(TableError::TooLarge(MOST_CELLS));
            }
            let place = u32::try_from(self.cells.len()).expect("there are at most 10,000 cells");
            if places.insert(codes.clone(), place).is_some() {
                return Err(TableError::Twice(in_words(&codes)));
            }
            self.cells.push(codes);
        }
        Ok(())
    }

    /// The ways of the codes of one dimension: each tries its own row, then those of its parents, then the *unknown* code,
    /// then *not applicable*.
    fn ways_of(&self, at: usize, indicator: Indicator) -> Ways {
        let dimension = self.dimensions[at];
        let rows: BTreeSet<Code> = self.cells.iter().map(|codes| codes[at]).collect();
        let mut ways = Ways::default();
        for code in dimension.codes().filter(|&code| is_possible(indicator, code)) {
            let own = std::iter::successors(Some(code), |code| code.parent());
            let stand_ins = dimension.unknown().into_iter().chain(dimension.not_applicable());
            let mut tried: Vec<Code> = Vec::new();
            for choice in own.chain(stand_ins).filter(|choice| rows.contains(choice)) {
                if !tried.contains(&choice) {
                    tried.push(choice);
                }
            }
            let way = ways.ways.iter().position(|(known, _)| *known == tried).unwrap_or_else(|| {
                ways.ways.push((tried, code));
                ways.ways.len() - 1
            });
            ways.of.insert(code, way);
        }
        ways
    }

    /// The cell of every combination of ways; fails on one that has none.
    fn whole_grid(&self, places: &BTreeMap<Vec<Code>, u32>) -> Result<Vec<u32>, TableError> {
        let combinations =
            self.ways.iter().try_fold(1_usize, |product, ways| product.checked_mul(ways.ways.len()));
        let combinations = combinations.filter(|&product| product <= MOST_COMBINATIONS);
        let combinations = combinations.ok_or(TableError::TooScattered)?;
        let mut trials = 0;
        let mut grid = Vec::with_capacity(combinations);
        for combination in 0..combinations {
            let mut rest = combination;
            let mut chosen: Vec<&(Vec<Code>, Code)> = self
                .ways
                .iter()
                .rev()
                .map(|ways| {
                    let way = &ways.ways[rest % ways.ways.len()];
                    rest /= ways.ways.len();
                    way
                })
                .collect();
            chosen.reverse();
            let tried: Vec<&[Code]> = chosen.iter().map(|(tried, _)| tried.as_slice()).collect();
            match first_place(&tried, places, &mut trials)? {
                Some(place) => grid.push(place),
                None => {
                    let codes: Vec<Code> = chosen.iter().map(|(_, code)| *code).collect();
                    return Err(TableError::NotTotal(in_words(&codes)));
                }
            }
        }
        Ok(grid)
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

    pub(super) const fn area_role(&self) -> Option<Code> {
        self.area_role
    }

    pub(super) const fn groups(&self) -> &RowGroups {
        &self.groups
    }

    /// The one cell in which a unit at `cell` is counted.
    ///
    /// A code that has no row of its own counts at that of its parents, then at the dimension's *unknown* code, then at its
    /// *not applicable* code, the table's last dimension first: a known item from a list without severities counts at
    /// `SEV_U`, a country without a row in its region. A protected country counts as its region, an area of another role
    /// than the table's as unknown, and so does a class of list that is not among `named`, those whose lists are long
    /// enough to be named. The rule looks at one unit only and never at counts.
    ///
    /// # Panics
    /// If the table's indicator never counts at `cell`.
    pub(super) fn place(&self, cell: &Cell, named: &BTreeSet<Code>) -> usize {
        let place = self.dimensions.iter().zip(&self.ways).fold(0, |at, (&dimension, ways)| {
            let code = self.counted_as(cell, dimension, named);
            at * ways.ways.len() + ways.of.get(&code).expect("the indicator counts at this code")
        });
        self.grid[place] as usize
    }

    fn counted_as(&self, cell: &Cell, dimension: Dimension, named: &BTreeSet<Code>) -> Code {
        let code = cell.code(dimension).expect("`new` refuses what is not counted by");
        let other_role = || self.area_role.is_some_and(|role| cell.code(Dimension::AreaRole) != Some(role));
        let is_class = code != list_class::UNKNOWN && code != list_class::NOT_APPLICABLE;
        match dimension {
            Dimension::Area if code != area::NOT_APPLICABLE && other_role() => area::UNKNOWN,
            Dimension::ListClass if is_class && !named.contains(&code) => list_class::UNKNOWN,
            _ => code,
        }
    }
}

/// The dimensions that a table may have: those that units are counted by and that have a column.
fn columns() -> impl Iterator<Item = Dimension> {
    Cell::DIMENSIONS.into_iter().filter(|dimension| table::COLUMNS.contains(&dimension.as_str()))
}

fn check_dimensions(dimensions: &[Dimension], area_role: Option<Code>) -> Result<(), TableError> {
    let distinct: BTreeSet<_> = dimensions.iter().collect();
    if distinct.is_empty() || distinct.len() != dimensions.len() {
        return Err(TableError::Dimensions);
    }
    if let Some(&dimension) =
        dimensions.iter().find(|&&dimension| columns().all(|column| column != dimension))
    {
        let columns = columns().map(Dimension::as_str).collect::<Vec<_>>().join(", ");
        return Err(TableError::NotAColumn { dimension, columns });
    }
    let has = |dimension| dimensions.contains(&dimension);
    match (has(Dimension::Area), has(Dimension::AreaRole), area_role.is_some()) {
        (true, false, false) => Err(TableError::NoAreaRole),
        (false, _, true) | (_, true, true) => Err(TableError::AreaRole),
        _ => Ok(()),
    }
}

/// A code that a row may have.
fn row_code(
    group: usize,
    indicator: Indicator,
    dimension: Dimension,
    text: &str,
) -> Result<Code, TableError> {
    let code = dimension.code(text).map_err(|source| TableError::Code { group, source })?;
    if !is_possible(indicator, code) {
        return Err(TableError::Impossible { group, indicator, dimension, code });
    }
    if code.is_protected() { Err(TableError::Protected { group, code }) } else { Ok(code) }
}

/// False for a code that what `indicator` counts never has.
fn is_possible(indicator: Indicator, code: Code) -> bool {
    let is_match = code == verdict::KNOWN || code == verdict::NEAR;
    indicator != Indicator::MatchItems || code.dimension() != Dimension::Verdict || is_match
}

/// The first place among the choices of each dimension, the last dimension running fastest.
fn first_place(
    choices: &[&[Code]],
    places: &BTreeMap<Vec<Code>, u32>,
    trials: &mut usize,
) -> Result<Option<u32>, TableError> {
    if choices.iter().any(|codes| codes.is_empty()) {
        return Ok(None);
    }
    let mut at = vec![0; choices.len()];
    loop {
        *trials += 1;
        if *trials > MOST_TRIALS {
            return Err(TableError::TooScattered);
        }
        let codes: Vec<Code> = at.iter().zip(choices).map(|(&at, codes)| codes[at]).collect();
        if let Some(&place) = places.get(&codes) {
            return Ok(Some(place));
        }
        let Some(turn) = (0..at.len()).rev().find(|&turn| at[turn] + 1 < choices[turn].len()) else {
            return Ok(None);
        };
        at[turn] += 1;
        at[turn + 1..].fill(0);
    }
}

fn in_words(codes: &[Code]) -> String {
    codes.iter().map(|code| format!("{} {code}", code.dimension())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[path = "domain_tests.rs"]
mod tests;
