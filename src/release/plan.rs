//! The plan of a release: what is counted, over which public domain, and under which protection. Parsed once.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::domain::Domain;
use super::mechanism::Protection;
use crate::vocabulary::{Dimension, UnknownCode};

/// The plan that comes with the program: one table, every screened item in one of 17 cells, epsilon 1 a month.
pub const COARSE: &str = include_str!("plans/coarse.toml");

/// The only layout of a plan that this build reads.
const SCHEMA: u32 = 1;

/// Why a text is not a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Not TOML, an unknown key, a missing key, or a value of another type.
    #[error("the plan cannot be read: {0}")]
    Toml(String),
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
    /// Not exactly one table.
    #[error("the plan has {0} tables; this build publishes exactly one [[table]] a plan")]
    Tables(usize),
    /// Something else is counted.
    #[error("indicator = {0:?}: this build publishes MATCH_ITEMS only")]
    Indicator(String),
    /// Zero, negative, infinite, too large, or not a decimal.
    #[error(
        "epsilon = {0:?}: write a decimal from \"0.001\" to \"10\" with at most nine digits after the point, in quotes"
    )]
    Epsilon(String),
    /// Not a power of ten in range.
    #[error("beta = {0:?}: write \"1e-2\" to \"1e-12\", in quotes")]
    Beta(String),
    /// Out of range.
    #[error("k = {0}: use 1 to 10000; 10 is the usual choice")]
    K(u32),
    /// Out of range.
    #[error("rounding = {0}: use 1, 5 or 10")]
    Rounding(u32),
    /// No dimension, or one twice.
    #[error("dimensions must name at least one dimension, and each once")]
    Dimensions,
    /// A facet of list entries, which items are not counted by.
    #[error(
        "{0} cannot be a dimension of a table: items are not counted by it; use {columns}",
        columns = Dimension::COUNTED.map(Dimension::as_str).join(", ")
    )]
    NotCounted(Dimension),
    /// A dimension that must not be published yet.
    #[error(
        "list_class cannot be a dimension of a table yet: a class with a short list would be a tracker for its entries"
    )]
    ListClass,
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
    /// The same cell twice.
    #[error("the cell {0} stands in the rows twice; an item must have exactly one cell")]
    Twice(String),
    /// Too large.
    #[error("the table would have more than {0} cells; use fewer dimensions or codes")]
    TooLarge(usize),
    /// Items without a cell.
    #[error("an item with {0} would have no cell; add rows so that every item has one")]
    NotTotal(String),
    /// Counting more than once.
    #[error("times_per_item = {0}: an item counts once in a month; leave it at 1")]
    TimesPerItem(u32),
    /// A cap by case.
    #[error(
        "items_per_case: caps by case are not built yet. With one, removing an item can admit another, so the noise \
         must double; leave the key out"
    )]
    CaseCap,
    /// A table of novelty.
    #[error(
        "novelty: tables of new against repeated items are not built yet. They tie months together and must be \
         charged three times; leave the key out"
    )]
    Novelty,
}

/// Epsilon in billionths: never zero, never infinite, never a floating-point number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epsilon(u64);

impl Epsilon {
    /// Billionths in 1.
    pub const NANO: u64 = 1_000_000_000;
    const MIN: u64 = Self::NANO / 1000;
    const MAX: u64 = 10 * Self::NANO;

    /// `nano` billionths.
    ///
    /// # Errors
    /// [`PlanError::Epsilon`] outside 0.001 to 10.
    pub fn from_nano(nano: u64) -> Result<Self, PlanError> {
        match nano {
            Self::MIN..=Self::MAX => Ok(Self(nano)),
            _ => Err(PlanError::Epsilon(decimal(nano))),
        }
    }

    /// In billionths.
    #[must_use]
    pub fn nano(self) -> u64 {
        self.0
    }
}

impl FromStr for Epsilon {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        let fault = || PlanError::Epsilon(text.to_owned());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 2) || !digits(fraction, 9) {
            return Err(fault());
        }
        let whole: u64 = whole.parse().map_err(|_| fault())?;
        let fraction: u64 = format!("{fraction:0<9}").parse().map_err(|_| fault())?;
        Self::from_nano(whole * Self::NANO + fraction).map_err(|_| fault())
    }
}

impl fmt::Display for Epsilon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal(self.0))
    }
}

/// Billionths as the shortest decimal: `1`, `0.25`.
pub(super) fn decimal(nano: u64) -> String {
    let (whole, fraction) = (nano / Epsilon::NANO, nano % Epsilon::NANO);
    let text = format!("{whole}.{fraction:09}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The chance with which a cell of at most `k - 1` items may be shown: a power of ten, `1e-6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beta(u32);

impl Beta {
    /// One in so many.
    #[must_use]
    pub fn one_in(self) -> u64 {
        10_u64.pow(self.0)
    }
}

impl FromStr for Beta {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        (2..=12)
            .map(Self)
            .find(|beta| beta.to_string() == text)
            .ok_or_else(|| PlanError::Beta(text.to_owned()))
    }
}

impl fmt::Display for Beta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1e-{}", self.0)
    }
}

/// A plan that holds together: every item has exactly one cell, and the protection is stated.
#[derive(Debug, Clone)]
pub struct Plan {
    name: String,
    table: PlanTable,
}

/// The table of a plan.
#[derive(Debug, Clone)]
pub struct PlanTable {
    name: String,
    domain: Domain,
    protection: Protection,
}

/// What is counted: distinct items by verdict.
pub(super) const INDICATOR: &str = "MATCH_ITEMS";

impl Plan {
    /// The plan that comes with the program, [`COARSE`].
    ///
    /// # Panics
    /// Never in a build that passes its tests: the text is part of the program.
    #[must_use]
    pub fn coarse() -> Self {
        COARSE.parse().expect("the shipped plan is valid")
    }

    /// Its name, part of a release's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its table.
    #[must_use]
    pub fn table(&self) -> &PlanTable {
        &self.table
    }
}

impl PlanTable {
    pub(super) fn new(name: String, domain: Domain, protection: Protection) -> Self {
        Self { name, domain, protection }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public domain: every cell, in order.
    #[must_use]
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Noise, threshold and rounding.
    #[must_use]
    pub fn protection(&self) -> &Protection {
        &self.protection
    }
}

impl FromStr for Plan {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        let file: PlanFile = toml::from_str(text).map_err(|error| PlanError::Toml(error.to_string()))?;
        if file.schema != SCHEMA {
            return Err(PlanError::Schema(file.schema));
        }
        let name = checked_name("name", file.name)?;
        if file.caps.times_per_item != 1 {
            return Err(PlanError::TimesPerItem(file.caps.times_per_item));
        }
        if file.caps.items_per_case.is_some() {
            return Err(PlanError::CaseCap);
        }
        let count = file.table.len();
        let [table] = <[TableFile; 1]>::try_from(file.table).map_err(|_: Vec<_>| PlanError::Tables(count))?;
        Ok(Self { name, table: table.checked()? })
    }
}

/// A name that may stand in a file name.
pub(super) fn checked_name(key: &'static str, found: String) -> Result<String, PlanError> {
    let fits = (1..=32).contains(&found.len())
        && found.starts_with(|c: char| c.is_ascii_lowercase())
        && found.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok(found) } else { Err(PlanError::Name { key, found }) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    schema: u32,
    name: String,
    table: Vec<TableFile>,
    caps: CapsFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CapsFile {
    times_per_item: u32,
    items_per_case: Option<toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    name: String,
    indicator: String,
    dimensions: Vec<Dimension>,
    epsilon: String,
    k: u32,
    beta: String,
    rounding: u32,
    novelty: Option<toml::Value>,
    rows: Vec<BTreeMap<Dimension, Vec<String>>>,
}

impl TableFile {
    fn checked(self) -> Result<PlanTable, PlanError> {
        let name = checked_name("table.name", self.name)?;
        if self.indicator != INDICATOR {
            return Err(PlanError::Indicator(self.indicator));
        }
        if self.novelty.is_some() {
            return Err(PlanError::Novelty);
        }
        Ok(PlanTable {
            name,
            domain: Domain::new(self.dimensions, self.rows)?,
            protection: Protection::new(self.epsilon.parse()?, self.k, self.beta.parse()?, self.rounding)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(from: &str, to: &str) -> Result<Plan, PlanError> {
        assert!(COARSE.contains(from), "{from}");
        COARSE.replacen(from, to, 1).parse()
    }

    #[test]
    fn the_shipped_plan_has_seventeen_cells_at_epsilon_one() {
        let plan = Plan::coarse();
        assert_eq!((plan.name(), plan.table().name()), ("coarse", "items"));
        assert_eq!(plan.table().domain().cells().len(), 17);
        assert_eq!(plan.table().protection().epsilon().nano(), Epsilon::NANO);
        assert_eq!(plan.table().protection().threshold(), 23);
    }

    #[test]
    fn epsilon_is_an_exact_positive_decimal() {
        for (text, nano) in [("1", 1_000_000_000), ("0.25", 250_000_000), ("10", 10_000_000_000)] {
            let epsilon: Epsilon = text.parse().unwrap();
            assert_eq!((epsilon.nano(), epsilon.to_string().as_str()), (nano, text));
        }
        for text in [
            "",
            "0",
            "0.0",
            "-1",
            "+1",
            "1e0",
            "inf",
            "NaN",
            "11",
            "10.000000001",
            "0.0001",
            "1.0000000001",
            ".5",
            "1.",
            "١",
        ] {
            assert_eq!(text.parse::<Epsilon>(), Err(PlanError::Epsilon(text.to_owned())));
        }
        assert!(matches!(with("epsilon = \"1\"", "epsilon = 1.0"), Err(PlanError::Toml(_))));
        assert!(matches!(with("epsilon = \"1\"", "epsilon = inf"), Err(PlanError::Toml(_))));
    }

    #[test]
    fn what_is_not_built_is_refused_in_words() {
        let case = with("times_per_item = 1", "times_per_item = 1\nitems_per_case = 5").unwrap_err();
        assert_eq!(case, PlanError::CaseCap);
        assert_eq!(with("rounding = 1", "rounding = 1\nnovelty = true").unwrap_err(), PlanError::Novelty);
        let two = format!("{COARSE}\n{}", &COARSE[COARSE.find("[[table]]").unwrap()..]);
        assert!(two.parse::<Plan>().is_err());
        let class = with("\"verdict\", \"severity\"]", "\"verdict\", \"list_class\"]").unwrap_err();
        assert_eq!(class, PlanError::ListClass);
        let facet = with("\"verdict\", \"severity\"]", "\"verdict\", \"maturity\"]").unwrap_err();
        assert_eq!(facet, PlanError::NotCounted(Dimension::Maturity));
        assert!(facet.to_string().ends_with("use severity, media, verdict, list_class, channel"), "{facet}");
    }

    #[test]
    fn every_fault_is_named() {
        let said = |from, to| with(from, to).unwrap_err().to_string();
        assert!(said("name = \"coarse\"", "name = \"../x\"").contains("../x"));
        assert!(said("schema = 1", "schema = 2").contains("schema 2"));
        assert!(said("k = 10", "k = 0").contains("k = 0"));
        assert!(said("rounding = 1", "rounding = 7").contains("rounding = 7"));
        assert!(said("1e-6", "1e-1").contains("1e-1"));
        assert!(said("MATCH_ITEMS", "VICTIMS").contains("VICTIMS"));
        assert!(said("times_per_item = 1", "times_per_item = 2").contains("times_per_item = 2"));
        assert!(said("rounding = 1", "rounding = 1\ncolour = 2").contains("colour"));
        assert!(said("\"SEV_X\"", "\"SEV_Y\"").contains("SEV_Y"));
        assert!(said("\"NEAR\"]", "\"NEAR\", \"KNOWN\"]").contains("twice"));
        assert!(said("\"UNCHECKED\", ", "").contains("verdict UNCHECKED"));
        assert!(said("severity = [\"_Z\"]", "").contains("row group 2"));
        assert!(said("[\"_Z\"]", "[\"_Z\"]\nmedia = [\"IMAGE\"]").contains("row group 2"));
        assert!(said("[\"_Z\"]", "[]").contains("row group 2"));
    }
}
