//! What a release says: the manifest, and the cells with their noised values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plan::Audience;
use crate::vocabulary::{Code, Dimension, Indicator, Period, Unit};

/// A value that has been through the gate. Only this room makes one: by publishing, or by reading a published folder
/// whose signature holds.
///
/// It cannot be made from a count:
/// ```compile_fail,E0423
/// use innerward::release::Released;
/// fn forge(count: u64) -> Released<u64> { Released(count) }
/// ```
/// ```compile_fail,E0624
/// use innerward::release::Released;
/// fn forge(count: u64) -> Released<u64> { Released::new(count) }
/// ```
/// ```compile_fail,E0277
/// use innerward::release::Released;
/// fn forge(count: u64) -> Released<u64> { count.into() }
/// ```
/// nor from text:
/// ```compile_fail,E0277
/// use innerward::release::Released;
/// fn forge(text: &str) -> Option<Released<u64>> { serde_json::from_str(text).ok() }
/// ```
/// Reading one is free, and the same shapes compile for a type of one's own:
/// ```
/// use innerward::release::Released;
/// fn read(value: Released<u64>) -> u64 { value.get() }
/// struct Mine(u64);
/// impl Mine { fn new(count: u64) -> Self { Mine(count) } }
/// fn make(count: u64) -> Mine { Mine::new(count) }
/// fn widen(count: u32) -> u64 { count.into() }
/// fn parse(text: &str) -> Option<u64> { serde_json::from_str(text).ok() }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released<T>(T);

impl<T: Copy> Released<T> {
    pub(super) fn new(value: T) -> Self {
        Self(value)
    }

    /// The public value.
    #[must_use]
    pub fn get(self) -> T {
        self.0
    }
}

/// How a value is to be read; the letters are those of SDMX's `CL_OBS_STATUS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// `E`: noise was added.
    Estimated,
    /// `U`: noise was added, and the value lies within one half-width of the threshold, where values are biased upward.
    NearThreshold,
    /// `Q`: below the threshold; the value is withheld, which is not zero.
    Withheld,
}

impl Status {
    /// `E`, `U` or `Q`.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Estimated => "E",
            Self::NearThreshold => "U",
            Self::Withheld => "Q",
        }
    }
}

/// One cell of the public domain; every cell of the domain is there, in the order of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedCell {
    /// One code for every dimension of the table, in its order.
    pub codes: Vec<Code>,
    /// The noised value in the unit of the table; `None` if withheld.
    pub value: Option<Released<u64>>,
    /// Lower and upper end of the 95 % interval, the lower at least 0; `None` if withheld.
    pub interval: Option<(Released<u64>, Released<u64>)>,
    /// How to read it.
    pub status: Status,
}

/// One table of a release: what the manifest says of it, and its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedTable {
    pub(super) note: TableNote,
    pub(super) cells: Vec<ReleasedCell>,
}

impl ReleasedTable {
    /// What it counts and how it is protected.
    #[must_use]
    pub fn note(&self) -> &TableNote {
        &self.note
    }

    /// All its cells, in the order of the plan.
    #[must_use]
    pub fn cells(&self) -> &[ReleasedCell] {
        &self.cells
    }
}

/// A verified release: a manifest and the tables that belong to it.
///
/// [`Release::open`] is the only way to one:
/// ```compile_fail,E0451
/// use innerward::release::{Manifest, Release, ReleasedTable};
/// fn forge(manifest: Manifest, tables: Vec<ReleasedTable>) -> Release { Release { manifest, tables } }
/// ```
/// ```compile_fail,E0451
/// use innerward::release::{ReleasedCell, ReleasedTable, TableNote};
/// fn forge(note: TableNote, cells: Vec<ReleasedCell>) -> ReleasedTable { ReleasedTable { note, cells } }
/// ```
/// ```compile_fail,E0277
/// use innerward::release::Release;
/// fn forge(text: &str) -> Option<Release> { serde_json::from_str(text).ok() }
/// ```
/// A folder and a public key are enough, and a manifest alone is only text:
/// ```
/// use innerward::release::{Manifest, PublicKey, Release, ReleasedCell, TableNote, VerifyError};
/// fn open(folder: &std::path::Path, key: &PublicKey) -> Result<Release, VerifyError> {
///     Release::open(folder, key)
/// }
/// fn manifest(text: &str) -> Option<Manifest> { serde_json::from_str(text).ok() }
/// struct Mine { note: TableNote, cells: Vec<ReleasedCell> }
/// fn make(note: TableNote, cells: Vec<ReleasedCell>) -> Mine { Mine { note, cells } }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub(super) manifest: Manifest,
    pub(super) tables: Vec<ReleasedTable>,
}

impl Release {
    /// What was published, how it was protected, and for what.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its tables, in the order of the plan.
    #[must_use]
    pub fn tables(&self) -> &[ReleasedTable] {
        &self.tables
    }
}

/// `manifest.json`: everything that a reader needs in order to use the numbers and to check the promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this structure.
    pub schema: u32,
    /// The release's name, also its folder's.
    pub release_id: String,
    /// True if it comes from a demo: the numbers describe nothing.
    pub demo: bool,
    /// Who publishes.
    pub publisher: String,
    /// Where readers may write to; may be empty.
    pub contact: String,
    /// Why it is published.
    pub purpose: String,
    /// SPDX name of the licence of the data.
    pub licence: String,
    /// How to cite it.
    pub citation: String,
    /// Whom it is for.
    pub audience: Audience,
    /// The month, quarter or year that is counted.
    pub period: Period,
    /// 1 for the first release of a plan and period; a correction is a new release, paid for again.
    pub revision: u32,
    /// The release that this one corrects and takes the place of; empty for the first.
    pub supersedes: String,
    /// The day of publication.
    pub published_on: jiff::civil::Date,
    /// The plan that named the tables before the period began.
    pub plan: PlanNote,
    /// The tables, in the order of the plan.
    pub tables: Vec<TableNote>,
    /// What exactly is protected: once for each unit that has a table.
    pub units: Vec<UnitNote>,
    /// Epsilon that one release of all the tables is charged, in billionths.
    pub epsilon_nano: u64,
    /// What any month of the period may spend, all plans and corrections together, in billionths.
    pub epsilon_cap_nano: u64,
    /// What epsilon means for several units, several periods and several organisations, in words.
    pub group_figure: String,
    /// Which table says out of how many, in words.
    pub denominator: String,
    /// The classes of list that were matched against in the period, each with its latest revision.
    pub lists: Vec<ListNote>,
    /// What changed how items are matched, so that counts moved without any change in the world.
    pub breaks: Vec<BreakNote>,
    /// How to read the numbers, in words.
    pub caveats: Vec<String>,
    /// The head of the log when the budget had been charged: the ledger follows from it.
    pub ledger: LedgerNote,
    /// Who has witnessed an earlier head of the log; `none` if nobody has.
    pub witness: String,
    /// The program that made it, with its version.
    pub made_with: String,
    /// BLAKE3 of the manifest published before this one by the same home; empty for the first.
    pub previous: String,
}

/// The plan, as far as the public needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanNote {
    /// Its name.
    pub name: String,
    /// BLAKE3 of the plan's text.
    pub digest: String,
    /// The day on which it was registered.
    pub registered_on: jiff::civil::Date,
    /// The first period to which it applies; it was registered before that period began.
    pub applies_from: Period,
    /// The last period that it may publish.
    pub expires: Period,
    /// The most items of one case that count; 0 without such a cap.
    pub items_per_case: u32,
}

/// A table and the mechanism that protects it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableNote {
    /// Its name.
    pub name: String,
    /// The file beside the manifest.
    pub file: String,
    /// BLAKE3 of that file.
    pub blake3: String,
    /// What is counted.
    pub indicator: Indicator,
    /// The unit of that; figures of different units are never added.
    pub unit: Unit,
    /// What is counted, in words.
    pub counting_rule: String,
    /// What becomes of a unit that is there twice, in words.
    pub deduplication: String,
    /// Which role of an area the countries have; empty for a table without countries.
    pub area_role: String,
    /// The dimensions of a cell, in order.
    pub dimensions: Vec<Dimension>,
    /// The public domain: groups of rows, each the product of its codes, the last dimension running fastest.
    pub domain: Vec<BTreeMap<Dimension, Vec<String>>>,
    /// Cells in the public domain.
    pub cells: u32,
    /// `discrete-laplace`.
    pub mechanism: String,
    /// The neighbouring relation, in words.
    pub neighbours: String,
    /// Epsilon of this table, in billionths.
    pub epsilon_nano: u64,
    /// How much one unit can change the table: the L1 sensitivity.
    pub sensitivity: u32,
    /// A true count up to `k - 1` is shown with a chance of at most `beta`.
    pub k: u32,
    /// That chance, as `1e-6`.
    pub beta: String,
    /// Noised values below this are withheld.
    pub threshold: u64,
    /// Half the width of the 95 % interval.
    pub half_width: u64,
    /// Standard deviation of the noise, rounded upward to thousandths.
    pub noise_sd: String,
    /// Values are rounded to a multiple of this.
    pub rounding: u32,
}

/// What is protected, for one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitNote {
    /// The unit.
    pub unit: Unit,
    /// What one of it is, in words.
    pub unit_of_privacy: String,
    /// Epsilon of all tables of this unit together, in billionths: what one unit is exposed to by this release.
    pub epsilon_nano: u64,
    /// What that says, in words.
    pub promise: String,
}

/// A class of list, never a list's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListNote {
    /// Code of [`Dimension::ListClass`].
    pub list_class: String,
    /// The month of the latest revision among the lists of the class.
    pub revised: Period,
}

/// A break in the series: something changed how items are matched, and counts moved without any change in the world.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakNote {
    /// The class of the lists that changed in which they are, in their kinds of hash, their bounds or their roles, as
    /// [`ListNote`] has it; `_Z` if it was the program or its settings.
    pub list_class: String,
    /// It changed within the period; if not, it was different in the period before.
    pub within: bool,
}

/// The head of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerNote {
    /// Its entries.
    pub size: u64,
    /// The root of the tree over them, in hex.
    pub root: String,
}
