//! The plan of a release: which tables, over which public domains, and under which protection. Parsed once.

#![deny(clippy::float_arithmetic)]

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::domain::Domain;
use super::epsilon::Epsilon;
use super::ledger::MOST_MONTH_NANO;
use super::mechanism::Protection;
use super::neighbours::{Features, sensitivity};
pub use super::plan_error::{PlanError, TableError};
use crate::vocabulary::{Code, Dimension, Indicator, Period, PeriodKind, Unit};

/// A plan that comes with the program: one table, every screened item in one of 17 cells, epsilon 1 a month.
pub const COARSE: &str = include_str!("plans/coarse.toml");

/// The only layout of a plan that this build reads.
pub(super) const SCHEMA: u32 = 2;

/// Most tables of one plan.
pub(super) const MOST_TABLES: usize = 32;
/// Most cells of all tables of a plan together.
pub(super) const MOST_CELLS_OF_PLAN: usize = 20_000;

/// Whom a release is for. It changes nothing about the protection, and is stated in the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Everybody.
    Public,
    /// Named partners.
    Partners,
}

impl Audience {
    /// `public` or `partners`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Partners => "partners",
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A plan that holds together: everything that is counted has exactly one cell of each table, and the protection is stated.
#[derive(Debug, Clone)]
pub struct Plan {
    name: String,
    period: PeriodKind,
    audience: Audience,
    expires: Period,
    epsilon: Epsilon,
    cap: Epsilon,
    items_per_case: Option<u32>,
    tables: Vec<PlanTable>,
}

/// One table of a plan.
#[derive(Debug, Clone)]
pub struct PlanTable {
    name: String,
    indicator: Indicator,
    domain: Domain,
    protection: Protection,
}

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

    /// How long the periods are that it publishes.
    #[must_use]
    pub const fn period(&self) -> PeriodKind {
        self.period
    }

    /// Whom its releases are for.
    #[must_use]
    pub const fn audience(&self) -> Audience {
        self.audience
    }

    /// The last period that it may publish.
    #[must_use]
    pub const fn expires(&self) -> Period {
        self.expires
    }

    /// The most that a release costs: all tables together.
    #[must_use]
    pub const fn epsilon(&self) -> Epsilon {
        self.epsilon
    }

    /// What a release is charged, in billionths: the sum over its tables, which is at most [`Self::epsilon`], since each
    /// table's share is rounded downward.
    #[must_use]
    pub fn charge_nano(&self) -> u64 {
        self.tables.iter().map(|table| table.protection.epsilon().nano()).sum()
    }

    /// The most that one period may spend under it, corrections included.
    #[must_use]
    pub const fn cap(&self) -> Epsilon {
        self.cap
    }

    /// The most items of one case that count; `None` without such a cap.
    #[must_use]
    pub const fn items_per_case(&self) -> Option<u32> {
        self.items_per_case
    }

    /// Its tables, in order.
    #[must_use]
    pub fn tables(&self) -> &[PlanTable] {
        &self.tables
    }

    /// The table of screened items, by which the others are to be read.
    #[must_use]
    pub fn denominator(&self) -> Option<&PlanTable> {
        self.tables.iter().find(|table| table.indicator == Indicator::ItemsScanned)
    }
}

impl PlanTable {
    pub(super) fn new(name: String, indicator: Indicator, domain: Domain, protection: Protection) -> Self {
        Self { name, indicator, domain, protection }
    }

    /// Its name, also its file's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it counts.
    #[must_use]
    pub const fn indicator(&self) -> Indicator {
        self.indicator
    }

    /// The unit of that.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.indicator.unit()
    }

    /// Which role of an area its countries have; `None` for a table without countries.
    #[must_use]
    pub const fn area_role(&self) -> Option<Code> {
        self.domain.area_role()
    }

    /// The public domain: every cell, in order.
    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Noise, threshold and rounding.
    #[must_use]
    pub const fn protection(&self) -> &Protection {
        &self.protection
    }
}

impl FromStr for Plan {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        #[derive(Deserialize)]
        struct AnySchema {
            schema: u32,
        }
        let unread = |error: toml::de::Error| PlanError::Toml(error.to_string());
        match toml::from_str::<AnySchema>(text).map_err(unread)?.schema {
            SCHEMA => toml::from_str::<PlanFile>(text).map_err(unread)?.checked(),
            1 => Err(PlanError::OldSchema),
            other => Err(PlanError::Schema(other)),
        }
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
    #[serde(rename = "schema")]
    _schema: u32,
    name: String,
    period: PeriodKind,
    audience: Audience,
    expires: Period,
    epsilon: String,
    cap: Option<String>,
    k: u32,
    beta: String,
    rounding: u32,
    items_per_case: Option<u32>,
    table: Vec<TableFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    name: String,
    indicator: String,
    area_role: Option<String>,
    share: Option<u32>,
    dimensions: Vec<String>,
    rows: Vec<BTreeMap<String, Vec<String>>>,
}

/// The dimension of that name; the refusal offers only those that a table can have.
fn dimension(found: String) -> Result<Dimension, TableError> {
    let named = Dimension::ALL.into_iter().find(|dimension| dimension.as_str() == found);
    named.ok_or(TableError::UnknownDimension { found })
}

/// What holds for every table of a plan.
struct Common {
    epsilon: Epsilon,
    shares: u64,
    items_per_case: Option<u32>,
}

impl PlanFile {
    fn checked(self) -> Result<Plan, PlanError> {
        let name = checked_name("name", self.name)?;
        if self.expires.kind() != self.period {
            return Err(PlanError::Expires { found: self.expires, kind: self.period });
        }
        let amount = |key, text: &str| text.parse().map_err(|source| PlanError::Epsilon { key, source });
        let epsilon: Epsilon = amount("epsilon", &self.epsilon)?;
        let cap = self.cap.map_or(Ok(epsilon), |cap| amount("cap", &cap))?;
        let too_high = [("epsilon", epsilon), ("cap", cap)];
        if let Some((key, found)) = too_high.into_iter().find(|(_, found)| found.nano() > MOST_MONTH_NANO) {
            return Err(PlanError::TooHigh { key, found });
        }
        if cap < epsilon {
            return Err(PlanError::CapBelowEpsilon { cap, epsilon });
        }
        if let Some(most) = self.items_per_case.filter(|most| !(1..=10_000).contains(most)) {
            return Err(PlanError::ItemsPerCase(most));
        }
        if !(1..=MOST_TABLES).contains(&self.table.len()) {
            return Err(PlanError::Tables(self.table.len()));
        }
        let beta = self.beta.parse()?;
        let shares = self.table.iter().map(|table| u64::from(table.share.unwrap_or(1))).sum();
        let common = Common { epsilon, shares, items_per_case: self.items_per_case };
        let mut tables: Vec<PlanTable> = Vec::new();
        for file in self.table {
            let table = checked_name("table.name", file.name.clone())?;
            if tables.iter().any(|earlier| earlier.name == table) {
                return Err(PlanError::TableTwice(table));
            }
            let (indicator, domain, epsilon, sensitivity) =
                file.checked(&common).map_err(|source| PlanError::Table { table: table.clone(), source })?;
            let protection = Protection::new(epsilon, sensitivity, self.k, beta, self.rounding)?;
            tables.push(PlanTable::new(table, indicator, domain, protection));
            if tables.iter().map(|table| table.domain.cells().len()).sum::<usize>() > MOST_CELLS_OF_PLAN {
                return Err(PlanError::Cells);
            }
        }
        if self.items_per_case.is_some() && tables.iter().all(|table| table.unit() != Unit::Items) {
            return Err(PlanError::CaseCapWithoutItems);
        }
        Ok(Plan {
            name,
            period: self.period,
            audience: self.audience,
            expires: self.expires,
            epsilon,
            cap,
            items_per_case: self.items_per_case,
            tables,
        })
    }
}

impl TableFile {
    /// What is counted, where, and the table's part of epsilon with the sensitivity that the noise is made for.
    fn checked(self, common: &Common) -> Result<(Indicator, Domain, Epsilon, u32), TableError> {
        let indicator: Indicator = self
            .indicator
            .parse()
            .map_err(|_| TableError::UnknownIndicator { found: self.indicator.clone() })?;
        let share = match self.share.unwrap_or(1) {
            share @ 1..=1000 => share,
            share => return Err(TableError::Share(share)),
        };
        let nano = common.epsilon.nano() * u64::from(share) / common.shares;
        let epsilon = Epsilon::from_nano(nano).map_err(|_| TableError::TooSmallAShare(nano))?;
        let role = |text: String| {
            Dimension::AreaRole.code(&text).map_err(|source| TableError::Code { group: 0, source })
        };
        let area_role = self.area_role.map(role).transpose()?;
        let dimensions: Vec<Dimension> =
            self.dimensions.into_iter().map(dimension).collect::<Result<_, TableError>>()?;
        let group =
            |group: BTreeMap<String, Vec<String>>| -> Result<BTreeMap<Dimension, Vec<String>>, TableError> {
                group.into_iter().map(|(name, codes)| Ok((dimension(name)?, codes))).collect()
            };
        let rows: Vec<_> = self.rows.into_iter().map(group).collect::<Result<_, TableError>>()?;
        let domain = Domain::new(indicator, area_role, dimensions, rows)?;
        let features = Features::of(indicator.unit(), common.items_per_case, domain.dimensions());
        Ok((indicator, domain, epsilon, sensitivity(features)))
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
