//! Why a text is not a plan: the place, what is wrong there, and what to write instead.

use super::epsilon::{BetaError, Epsilon, EpsilonError, decimal};
use super::plan::{MOST_CELLS_OF_PLAN, MOST_TABLES, SCHEMA};
use crate::vocabulary::{Code, Dimension, Indicator, Period, PeriodKind, UnknownCode};

/// Why a text is not a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Not TOML, an unknown key, a missing key, or a value of another type.
    #[error("the plan cannot be read: {0}")]
    Toml(String),
    /// The layout of earlier builds.
    #[error(
        "the plan has schema 1, which this build no longer reads; write it anew with schema = {SCHEMA}: \
         `innerward release plan show` prints a plan that may serve as a pattern"
    )]
    OldSchema,
    /// Another layout.
    #[error("the plan has schema {0}; this build reads schema {SCHEMA}")]
    Schema(u32),
    /// A name that could not stand in a file name.
    #[error("{key} = {found:?}: use 1 to 32 characters a-z, 0-9 and -, starting with a letter")]
    Name {
        /// Which name.
        key: &'static str,
        /// What stood there.
        found: String,
    },
    /// Zero, negative, infinite, too large, or not a decimal.
    #[error("{key} = {source}")]
    Epsilon {
        /// `epsilon` or `cap`.
        key: &'static str,
        /// What stood there.
        source: EpsilonError,
    },
    /// Not a power of ten in range.
    #[error("beta = {0}")]
    Beta(#[from] BetaError),
    /// Out of range.
    #[error("k = {0}: use 1 to 10000; 10 is the usual choice")]
    K(u32),
    /// Out of range.
    #[error("rounding = {0}: use 1, 5 or 10")]
    Rounding(u32),
    /// A period could not pay for one release.
    #[error(
        "cap = \"{cap}\" is less than epsilon = \"{epsilon}\", so that nothing could ever be published; give a larger \
         cap, or leave it out: it is then the same as epsilon"
    )]
    CapBelowEpsilon {
        /// What a period may spend.
        cap: Epsilon,
        /// What one release costs.
        epsilon: Epsilon,
    },
    /// More than any month may spend.
    #[error("cap = \"{cap}\": no month may spend more than {}; lower it, or epsilon if there is no cap", decimal(*most_nano))]
    CapTooHigh {
        /// What the plan asks for.
        cap: Epsilon,
        /// The ceiling, in billionths.
        most_nano: u64,
    },
    /// The last period is of another kind.
    #[error("expires = \"{found}\" is not a {}; name the last {0} that the plan may publish", kind.as_str())]
    Expires {
        /// What stood there.
        found: Period,
        /// The kind of the plan's periods.
        kind: PeriodKind,
    },
    /// Out of range.
    #[error("items_per_case = {0}: use 1 to 10000, or leave the key out: then there is no cap by case")]
    ItemsPerCase(u32),
    /// A cap that caps nothing.
    #[error("items_per_case caps tables of items, and the plan has none; leave the key out")]
    CaseCapWithoutItems,
    /// None, or too many.
    #[error("the plan has {0} tables; write 1 to {MOST_TABLES} [[table]]")]
    Tables(usize),
    /// Two tables, one name.
    #[error("two tables are named {0:?}; a table is a file, so each needs a name of its own")]
    TableTwice(String),
    /// Too large as a whole.
    #[error(
        "the tables of the plan have more than {MOST_CELLS_OF_PLAN} cells together; use fewer dimensions or codes"
    )]
    Cells,
    /// A table that does not hold together.
    #[error("table {table:?}: {source}")]
    Table {
        /// Its name.
        table: String,
        /// What is wrong.
        source: TableError,
    },
}

/// Why a table of a plan does not hold together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// Not an indicator.
    #[error("indicator = {found:?}: use {known}", known = publishable())]
    UnknownIndicator {
        /// What stood there.
        found: String,
    },
    /// An indicator that is not counted.
    #[error("indicator = \"{0}\" is not counted, or stays in the organisation; use {known}", known = publishable())]
    NotPublished(Indicator),
    /// Out of range.
    #[error("share = {0}: use 1 to 1000, the table's weight in the plan's epsilon")]
    Share(u32),
    /// Too little protection budget for a table.
    #[error(
        "its share of epsilon is {}, and a table needs 0.001; use fewer tables, a larger share, or a larger epsilon",
        decimal(*.0)
    )]
    TooSmallAShare(u64),
    /// No dimension, or one twice.
    #[error("dimensions must name at least one dimension, and each once")]
    Dimensions,
    /// A facet that is no column of a table.
    #[error("{dimension} cannot be a dimension of a table; use {columns}")]
    NotAColumn {
        /// The facet.
        dimension: Dimension,
        /// What can be one.
        columns: String,
    },
    /// A country without its role is ambiguous.
    #[error(
        "ref_area needs area_role = \"HOSTING\", \"UPLOADER\", \"REPORTER\" or \"JURISDICTION\" in the table: a country \
         without its role is ambiguous"
    )]
    NoAreaRole,
    /// A role without a country, or twice.
    #[error(
        "area_role belongs to a table with the dimension ref_area, and not to one with the dimension area_role"
    )]
    AreaRole,
    /// A group of rows that does not fit the dimensions.
    #[error("row group {0}: give at least one code for each dimension of the table, and for no other")]
    RowGroup(usize),
    /// A word outside the closed list.
    #[error("row group {group}: {source}")]
    Code {
        /// Which group, from 1.
        group: usize,
        /// The word and the list.
        source: UnknownCode,
    },
    /// A code that no unit of this table can have.
    #[error("row group {group}: {indicator} never counts at {dimension} {code}; leave the code out")]
    Impossible {
        /// Which group, from 1.
        group: usize,
        /// What is counted.
        indicator: Indicator,
        /// The dimension.
        dimension: Dimension,
        /// The code.
        code: Code,
    },
    /// A country that is never a row.
    #[error(
        "row group {group}: {code} is a protected country and never a row of its own; use the region that holds it{}",
        .code.parent().map(|parent| format!(", {parent}")).unwrap_or_default()
    )]
    Protected {
        /// Which group, from 1.
        group: usize,
        /// The country.
        code: Code,
    },
    /// A row in which nothing but protected countries would count.
    #[error(
        "the row {row} would count protected countries alone ({countries}), since all others of it have rows of their own: \
         leave the rows of those others out, or the row {row}"
    )]
    ProtectedRest {
        /// The row.
        row: Code,
        /// What it would count.
        countries: String,
    },
    /// The same cell twice.
    #[error("the cell {0} stands in the rows twice; each count must have exactly one cell")]
    Twice(String),
    /// Too large.
    #[error("it would have more than {0} cells; use fewer dimensions or codes")]
    TooLarge(usize),
    /// The rows are so scattered that it cannot be told whether they cover everything.
    #[error(
        "its rows are too scattered to be checked; use fewer dimensions, or groups of rows that have more in common"
    )]
    TooScattered,
    /// Something without a cell.
    #[error(
        "what has {0} would have no cell; add rows so that everything that is counted has one, for example at the unknown code"
    )]
    NotTotal(String),
}

/// The indicators that a table may have.
fn publishable() -> String {
    let counted = Indicator::ALL.into_iter().filter(|indicator| indicator.is_count());
    counted.map(Indicator::as_str).collect::<Vec<_>>().join(", ")
}
