//! From rows to counts: what each indicator counts of an item, and the cap on the items of a case.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::cells::{Cells, Decided};
use super::ids::Pseudonym;
use super::rows::{Origin, Row};
use super::spans::{Span, span};
use super::{Cell, Cube, Sensitive, Tally, TallyError};
use crate::vocabulary::{Dimension, Indicator, Period, outcome, verdict};

/// Counts of a period, by where they come from.
pub(super) type Counts = BTreeMap<(Origin, Indicator, Cell), u64>;

/// What a row is counted as, each indicator at most once.
pub(super) fn indicators(origin: Origin, row: &Row) -> impl Iterator<Item = (Indicator, Cell)> {
    let mut found: [Option<(Indicator, Cell)>; 4] = [None; 4];
    match origin {
        Origin::Screened | Origin::Items => {
            let is_match = |cell: &Cell| {
                cell.code(Dimension::Verdict)
                    .is_some_and(|code| [verdict::KNOWN, verdict::NEAR].contains(&code))
            };
            found[0] = row.cell.map(|cell| (Indicator::ItemsScanned, cell));
            found[1] = row.cell.filter(is_match).map(|cell| (Indicator::MatchItems, cell));
            if let Some(decided) = &row.decided {
                let cell = decided.over(row.cell);
                found[2] = Some((Indicator::Reviewed, cell));
                found[3] = match decided.outcome {
                    outcome::CONFIRMED => Some((Indicator::Confirmed, cell)),
                    outcome::FALSE_POSITIVE => Some((Indicator::Overturned, cell)),
                    _ => None,
                };
            }
        }
        Origin::Reports => found[0] = row.cell.map(|cell| (Indicator::Reports, cell)),
        Origin::Urls => {
            found[0] = row.cell.map(|cell| (Indicator::Urls, cell));
            found[1] = row.cell.filter(|_| row.removed).map(|cell| (Indicator::Removed, cell));
        }
    }
    found.into_iter().flatten()
}

/// Counts rows under a cap on the items of a case: of each case, of what an indicator counts, the items with the smallest
/// pseudonyms. An item without a case, which only a decision can have, is not counted then.
///
/// Rows of a case come together, by pseudonym.
pub(super) struct Capped {
    cap: u64,
    case: Option<Pseudonym>,
    of_case: BTreeMap<Indicator, u64>,
}

impl Capped {
    pub(super) fn new(cap: u32) -> Self {
        Self { cap: u64::from(cap), case: None, of_case: BTreeMap::new() }
    }

    pub(super) fn admits(&mut self, case: Option<Pseudonym>, indicator: Indicator) -> bool {
        let Some(case) = case else { return false };
        if self.case.replace(case) != Some(case) {
            self.of_case.clear();
        }
        let counted = self.of_case.entry(indicator).or_default();
        *counted += 1;
        *counted <= self.cap
    }
}

/// The counts of a period that has its rows.
pub(super) fn counts(connection: &Connection, span: i64, cap: Option<u32>) -> Result<Counts, TallyError> {
    let (mut counts, mut cells, mut decisions) = (Counts::new(), Cells::default(), BTreeMap::new());
    let mut capped = cap.map(Capped::new);
    let query = match cap {
        None => {
            "SELECT origin, cell, decided, removed, NULL, count(*) FROM tally_rows WHERE span = ?
             GROUP BY origin, cell, decided, removed"
        }
        Some(_) => {
            "SELECT origin, cell, decided, removed, in_case, 1 FROM tally_rows WHERE span = ?
             ORDER BY in_case, pseudonym, origin"
        }
    };
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query(params![span])?;
    while let Some(stored) = rows.next()? {
        let origin = Origin::of_number(stored.get(0)?)?;
        let cell: Option<i64> = stored.get(1)?;
        let decided: Option<i64> = stored.get(2)?;
        if let Some(number) = decided.filter(|number| !decisions.contains_key(number)) {
            decisions.insert(number, Decided::of_number(connection, number)?);
        }
        let row = Row {
            cell: cell.map(|number| cells.cell(connection, number)).transpose()?,
            decided: decided.and_then(|number| decisions.get(&number).cloned()),
            case: stored.get(4)?,
            removed: stored.get(3)?,
        };
        let items: i64 = stored.get(5)?;
        for (indicator, cell) in indicators(origin, &row) {
            let capped = capped.as_mut().filter(|_| origin.is_item());
            if capped.is_none_or(|capped| capped.admits(row.case, indicator)) {
                *counts.entry((origin, indicator, cell)).or_default() += items.unsigned_abs();
            }
        }
    }
    Ok(counts)
}

impl Tally<'_> {
    /// The exact counts of `period`, indicator by indicator and cell by cell.
    ///
    /// Adding or removing one item (report, web address) of the period, with everything that was seen and decided of it,
    /// changes one count of each indicator by one. With `items_per_case`, of the items of a case only so many count in each
    /// indicator, those with the smallest pseudonyms: then removing an item may let another in, and two counts change by
    /// one.
    ///
    /// # Errors
    /// [`TallyError::NoCase`] if there is a cap and something was counted without a case, [`TallyError::NotCapped`] if the
    /// period was sealed without this cap.
    pub fn cube(&self, period: Period, items_per_case: Option<u32>) -> Result<Sensitive<Cube>, TallyError> {
        let mut cube = Cube::default();
        if let Some(span) = span(&self.connection, period)? {
            for ((_, indicator, cell), items) in self.counts(period, span, items_per_case)? {
                cube.add(indicator, cell, items);
            }
        }
        Ok(Sensitive::new(cube))
    }

    fn counts(&self, period: Period, span: Span, cap: Option<u32>) -> Result<Counts, TallyError> {
        if cap.is_some() && span.uncased {
            return Err(TallyError::NoCase(period));
        }
        if !span.sealed {
            return counts(&self.connection, span.id, cap);
        }
        if let Some(cap) = cap {
            let mut find = self.connection.prepare("SELECT 1 FROM tally_caps WHERE span = ? AND cap = ?")?;
            if !find.exists(params![span.id, cap])? {
                return Err(TallyError::NotCapped { period, cap });
            }
        }
        let mut statement = self
            .connection
            .prepare("SELECT origin, indicator, cell, items FROM tally_counts WHERE span = ? AND cap = ?")?;
        let mut rows = statement.query(params![span.id, cap.unwrap_or(0)])?;
        let (mut counts, mut cells) = (Counts::new(), Cells::default());
        while let Some(row) = rows.next()? {
            let indicator: String = row.get(1)?;
            let indicator = indicator.parse().map_err(|_| TallyError::Stored("an indicator"))?;
            let cell = cells.cell(&self.connection, row.get(2)?)?;
            counts.insert(
                (Origin::of_number(row.get(0)?)?, indicator, cell),
                row.get::<_, i64>(3)?.unsigned_abs(),
            );
        }
        Ok(counts)
    }
}
