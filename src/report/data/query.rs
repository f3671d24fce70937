//! Asks the data for trends: which figures, over which periods, told apart by which dimensions.
//!
//! What is summed: the cells of one table that are not told apart, the months of a quarter or year, and, only if asked for,
//! the same table of several publishers. What is never summed: two tables, two indicators, two units. An item that is there
//! in three months counts three times in the sum of a quarter, and one that two publishers have counts twice.

use std::collections::{BTreeMap, BTreeSet};

use super::estimate::{Estimate, Sum, Trend};
use super::noise::ALPHA;
use super::{DataSet, Series, above};
use crate::release::Status;
use crate::vocabulary::{Code, Dimension, Indicator, Period, PeriodKind, Unit};

/// Which figures.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// The length of the periods, into which shorter ones are summed; `None` leaves them as they were published.
    pub kind: Option<PeriodKind>,
    /// The dimensions whose codes are told apart; over the others it is summed.
    pub by: Vec<Dimension>,
    /// The codes that are looked at, for each dimension that is restricted. A code stands for itself and all below it:
    /// Western Europe for the rows of its countries, and for the rest of them.
    pub only: BTreeMap<Dimension, Vec<Code>>,
    /// What is counted.
    pub indicator: Option<Indicator>,
    /// The name of the table.
    pub table: Option<String>,
    /// The publisher.
    pub publisher: Option<String>,
    /// Sums over the publishers.
    pub sum_publishers: bool,
}

/// Why a query has no answer.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryError {
    /// No table fits.
    #[error("no table of these releases has that; they have: {}", .has.join("; "))]
    Nothing {
        /// Each table, with what it counts and its dimensions.
        has: Vec<String>,
    },
    /// Several things are counted.
    #[error("these are counts of different things, which are never added: {}; choose one with --indicator", .0.join(", "))]
    Mixed(Vec<String>),
    /// Several tables of one publisher count the same.
    #[error(
        "several tables of {publisher:?} count this, and each counts everything: {}; choose one with --table",
        .tables.join(", ")
    )]
    Tables {
        /// Whose.
        publisher: String,
        /// Their names.
        tables: Vec<String>,
    },
    /// No table that fits has a row for a code, nor for a part of it.
    #[error(
        "no table has a row {code} of {}{}; its rows are {}",
        .code.dimension(),
        .counted_in.map(|found| format!("; it is counted in {found} ({})", found.label())).unwrap_or_default(),
        .rows.join(", ")
    )]
    NoRow {
        /// The code that was asked for.
        code: Code,
        /// The row of a coarser code that counts it, where there is one.
        counted_in: Option<Code>,
        /// The codes that have rows.
        rows: Vec<&'static str>,
    },
    /// Each code has rows, and no row has them all.
    #[error("no row has these codes together; ask for the codes of one dimension at a time")]
    NoRows,
    /// Countries stand for different things.
    #[error("countries have different roles in these tables ({}); choose one table with --table", .0.join(", "))]
    Roles(Vec<String>),
}

/// One figure: a period of a table, with the codes that are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendRow {
    /// Who published it; several if it is summed over them.
    pub publishers: Vec<String>,
    /// The plan; empty if it is summed over publishers.
    pub plan: String,
    /// The table; empty if it is summed over publishers.
    pub table: String,
    /// What is counted.
    pub indicator: Indicator,
    /// In which unit.
    pub unit: Unit,
    /// What a country stands for; empty without countries.
    pub area_role: String,
    /// The month, quarter or year.
    pub period: Period,
    /// One code for each dimension that is told apart, in the order asked for.
    pub codes: Vec<Code>,
    /// Which of these are the rest of what they name, as [`Series::is_rest`] says.
    pub rest: Vec<Code>,
    /// The figure with its 95 % interval; `None` if a part of the period was not published.
    pub estimate: Option<Estimate>,
    /// How items are matched changed within the period, or since the one before.
    pub series_break: bool,
    /// Against the period before, with the 95 % interval of the difference.
    pub change: Trend,
    /// The period before has other cells: the two are not compared.
    pub other_cells: bool,
    /// The period before has other publishers: the two are not compared.
    pub other_publishers: bool,
    /// The publishers that are in other periods of the sum and not in this, or not in all of it.
    pub lacking: Vec<String>,
}

impl TrendRow {
    /// `E`: noise was added. `U`: some cells are near the threshold or withheld. `Q`: all are withheld. `O`: a part of the
    /// period was not published, or not by every publisher of the sum. The letters are those of SDMX's `CL_OBS_STATUS`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.estimate {
            None => "O",
            Some(_) if !self.lacking.is_empty() => "O",
            Some(found) if found.shown == 0 => Status::Withheld.letter(),
            Some(found) if found.near_threshold + found.withheld > 0 => Status::NearThreshold.letter(),
            Some(_) => Status::Estimated.letter(),
        }
    }

    /// How it changed, in a word or two.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        match self.change {
            Trend::Clear(change) if change.low > 0 => "clear rise",
            Trend::Clear(_) => "clear fall",
            Trend::NoClearChange(change) if change.withheld_decides() => "cannot be told: withheld",
            Trend::NoClearChange(_) => "no clear change",
            Trend::Broken => "not comparable: series break",
            Trend::Withheld if self.other_publishers => "not comparable: other publishers",
            Trend::Withheld if self.other_cells => "not comparable: other cells",
            Trend::Withheld => "withheld",
            Trend::Missing => "no period before",
        }
    }
}

/// What a row is of, apart from its period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Of {
    publishers: Vec<String>,
    plan: String,
    table: String,
    codes: Vec<Code>,
}

/// The cells of one period that are summed.
#[derive(Debug, Clone, Default)]
struct Cells<'a> {
    sum: Sum,
    /// Who published what of it, and the codes of each cell: only equal ones are compared.
    domain: BTreeSet<(&'a str, &'a [Code])>,
    /// The published periods that are in it, by publisher: the breaks between them and the next are looked up there.
    from: Vec<(&'a Series<'a>, Period, Period)>,
    months: i8,
    series_break: bool,
    /// Parts of it have different cells.
    uneven: bool,
}

impl DataSet<'_> {
    /// The figures of `query`, in order of publisher, table, codes and period.
    ///
    /// # Errors
    /// [`QueryError`] if no table or row fits, or figures of different kinds would stand beside each other.
    pub fn trends(&self, query: &Query) -> Result<Vec<TrendRow>, QueryError> {
        let chosen = self.chosen(query)?;
        for code in query.only.values().flatten() {
            has_rows_of(&chosen, *code)?;
        }
        let mut all: BTreeMap<Of, BTreeMap<Period, Cells<'_>>> = BTreeMap::new();
        for series in &chosen {
            for (of, periods) in sums(series, query) {
                let of = if query.sum_publishers { Of { codes: of.codes, ..Of::everyone() } } else { of };
                let into = all.entry(of).or_default();
                for (period, cells) in periods {
                    into.entry(period).or_default().beside(cells, period);
                }
            }
        }
        if all.is_empty() {
            return Err(QueryError::NoRows);
        }
        let told_apart: BTreeSet<Code> = all.keys().flat_map(|of| of.codes.iter().copied()).collect();
        let is_rest = |code: &Code| chosen.iter().any(|series| series.is_rest(*code));
        let rests: BTreeSet<Code> = told_apart.into_iter().filter(is_rest).collect();
        let first = chosen[0];
        Ok(all
            .into_iter()
            .flat_map(|(of, periods)| {
                let everyone: BTreeSet<String> =
                    periods.values().flat_map(|cells| cells.publishers(&of)).collect();
                let rows: Vec<_> = periods
                    .iter()
                    .map(|(&period, cells)| {
                        let before = periods.get(&period.previous());
                        TrendRow {
                            publishers: cells.publishers(&of),
                            plan: of.plan.clone(),
                            table: of.table.clone(),
                            indicator: first.indicator,
                            unit: first.unit,
                            area_role: first.area_role.to_owned(),
                            period,
                            codes: of.codes.clone(),
                            rest: of.codes.iter().copied().filter(|code| rests.contains(code)).collect(),
                            estimate: cells.is_whole(period).then(|| cells.sum.estimate(ALPHA)),
                            series_break: cells.series_break,
                            other_publishers: before
                                .is_some_and(|before| before.publishers(&of) != cells.publishers(&of)),
                            lacking: {
                                let own = cells.publishers(&of);
                                everyone.iter().filter(|name| !own.contains(name)).cloned().collect()
                            },
                            other_cells: before.is_some_and(|before| !before.has_cells_of(cells)),
                            change: before.map_or(Trend::Missing, |before| {
                                before.change_to(period.previous(), cells, period)
                            }),
                        }
                    })
                    .collect();
                rows
            })
            .collect())
    }

    /// The tables that have what is asked for, all of one kind.
    fn chosen(&self, query: &Query) -> Result<Vec<&Series<'_>>, QueryError> {
        let fits = |series: &&Series<'_>| {
            query.indicator.is_none_or(|indicator| series.indicator == indicator)
                && query.table.as_ref().is_none_or(|table| series.name == table)
                && query.publisher.as_ref().is_none_or(|publisher| series.publisher == publisher)
                && query.kind.is_none_or(|kind| series.kind <= kind)
                && query.by.iter().chain(query.only.keys()).all(|found| series.dimensions().contains(found))
        };
        let chosen: Vec<&Series<'_>> = self.series.iter().filter(fits).collect();
        if chosen.is_empty() {
            let has: BTreeSet<String> = self.series.iter().map(in_words).collect();
            return Err(QueryError::Nothing { has: has.into_iter().collect() });
        }
        let kinds: BTreeSet<(Indicator, Unit)> =
            chosen.iter().map(|series| (series.indicator, series.unit)).collect();
        if kinds.len() > 1 {
            let words = kinds.iter().map(|(indicator, unit)| format!("{indicator} (in {unit})"));
            return Err(QueryError::Mixed(words.collect()));
        }
        for series in &chosen {
            let of_publisher = chosen.iter().filter(|other| other.publisher == series.publisher);
            // A table that goes on under another plan, or in periods of another length, is told apart; not in a sum.
            let tables: BTreeSet<String> = of_publisher
                .map(|other| match query.sum_publishers {
                    true => format!("{} of plan {} by {}", other.name, other.plan, other.kind),
                    false => other.name.to_owned(),
                })
                .collect();
            if tables.len() > 1 {
                let tables = tables.into_iter().collect();
                return Err(QueryError::Tables { publisher: series.publisher.to_owned(), tables });
            }
        }
        let roles: BTreeSet<&str> = chosen.iter().map(|series| series.area_role).collect();
        if roles.len() > 1 {
            return Err(QueryError::Roles(roles.into_iter().map(str::to_owned).collect()));
        }
        Ok(chosen)
    }
}

/// Refuses a code for which no table of `chosen` has a row, nor for any part of it: a sum over nothing is no zero.
fn has_rows_of(chosen: &[&Series<'_>], code: Code) -> Result<(), QueryError> {
    let rows: BTreeSet<Code> = chosen.iter().flat_map(|series| series.codes(code.dimension())).collect();
    if rows.iter().any(|&row| is_within(row, code)) {
        return Ok(());
    }
    Err(QueryError::NoRow {
        code,
        counted_in: above(code).find(|found| rows.contains(found)),
        rows: rows.into_iter().map(Code::as_str).collect(),
    })
}

/// True of a code and of what it is a part of.
fn is_within(row: Code, code: Code) -> bool {
    row == code || above(row).any(|found| found == code)
}

/// `reports: REPORTS by harm, source, each month`.
fn in_words(series: &Series<'_>) -> String {
    let dimensions: Vec<&str> = series.dimensions().iter().map(|dimension| dimension.as_str()).collect();
    format!("{}: {} by {}, each {}", series.name, series.indicator, dimensions.join(", "), series.kind)
}

/// The cells of `series`, summed over what the query does not tell apart.
fn sums<'a>(series: &'a Series<'a>, query: &Query) -> BTreeMap<Of, BTreeMap<Period, Cells<'a>>> {
    let mut all: BTreeMap<Of, BTreeMap<Period, Cells<'a>>> = BTreeMap::new();
    for point in series.points() {
        let published = point.period();
        let period = query.kind.map_or(published, |kind| Period::of(kind, published.first_day()));
        let mut parts: BTreeMap<Vec<Code>, Cells<'a>> = BTreeMap::new();
        for cell in point.table.cells() {
            let code_of =
                |dimension: Dimension| cell.codes.iter().find(|code| code.dimension() == dimension).copied();
            let wanted = |(dimension, codes): (&Dimension, &Vec<Code>)| {
                code_of(*dimension).is_some_and(|row| codes.iter().any(|&code| is_within(row, code)))
            };
            let codes: Option<Vec<Code>> = query.by.iter().map(|dimension| code_of(*dimension)).collect();
            let Some(codes) = codes.filter(|_| query.only.iter().all(wanted)) else { continue };
            let part = parts.entry(codes).or_default();
            part.sum.join(&Sum::of(std::iter::once((point.table.note(), cell))));
            part.domain.insert((series.publisher, &cell.codes));
        }
        for (codes, mut part) in parts {
            part.months = published.kind().months();
            part.series_break = !point.release.manifest().breaks.is_empty();
            part.from = vec![(series, published, published)];
            let of = Of {
                publishers: vec![series.publisher.to_owned()],
                plan: series.plan.to_owned(),
                table: series.name.to_owned(),
                codes,
            };
            all.entry(of).or_default().entry(period).or_default().after(part);
        }
    }
    all
}

impl Of {
    fn everyone() -> Self {
        Self { publishers: Vec::new(), plan: String::new(), table: String::new(), codes: Vec::new() }
    }
}

impl<'a> Cells<'a> {
    /// Adds a later part of the same period.
    fn after(&mut self, part: Self) {
        self.uneven |= part.uneven || self.months > 0 && self.domain != part.domain;
        self.sum.join(&part.sum);
        self.domain.extend(part.domain);
        self.months += part.months;
        self.series_break |= part.series_break;
        match (self.from.first_mut(), part.from.first()) {
            (Some(known), Some(later)) => known.2 = later.2,
            _ => self.from = part.from,
        }
    }

    /// Adds the same period of another publisher. One of whom a part is missing has none of it.
    fn beside(&mut self, other: Self, period: Period) {
        let replaces = other.is_whole(period) && !self.is_whole(period);
        if self.from.is_empty() || replaces {
            *self = other;
        } else if other.is_whole(period) {
            self.uneven |= other.uneven;
            self.sum.join(&other.sum);
            self.domain.extend(other.domain);
            self.series_break |= other.series_break;
            self.from.extend(other.from);
        }
    }

    fn has_cells_of(&self, after: &Self) -> bool {
        !self.uneven && !after.uneven && self.domain == after.domain
    }

    fn is_whole(&self, period: Period) -> bool {
        self.months == period.kind().months()
    }

    fn publishers(&self, of: &Of) -> Vec<String> {
        let found: BTreeSet<String> =
            self.from.iter().map(|(series, ..)| series.publisher.to_owned()).collect();
        if of.publishers.is_empty() { found.into_iter().collect() } else { of.publishers.clone() }
    }

    /// How `after` differs from this, the period before it.
    fn change_to(&self, own: Period, after: &Self, period: Period) -> Trend {
        if !self.is_whole(own) || !after.is_whole(period) {
            return Trend::Missing;
        }
        let broken = self.from.iter().any(|(series, first, _)| {
            let same = after.from.iter().find(|(other, ..)| std::ptr::eq(*other, *series));
            same.is_some_and(|(_, _, last)| series.breaks_between(*first, *last))
        });
        if broken {
            return Trend::Broken;
        }
        if !self.has_cells_of(after) {
            return Trend::Withheld;
        }
        self.sum.change_to(&after.sum, ALPHA)
    }
}
