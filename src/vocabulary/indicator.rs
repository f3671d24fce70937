//! What is counted and published: indicators and their units, read from `data/indicator.csv`.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::codes::rows;

/// What one count counts. Figures of different units are never added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Unit {
    /// Pieces of content, each known by its list key or its bytes.
    Items,
    /// Reports that somebody made.
    Reports,
    /// Web addresses.
    Urls,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Unit; 3] = [Self::Items, Self::Reports, Self::Urls];

    /// As it stands in tables: `ITEMS`, `REPORTS`, `URLS`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Items => "ITEMS",
            Self::Reports => "REPORTS",
            Self::Urls => "URLS",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is none of a closed list: of indicators, units, languages, terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not {what}; use {known}")]
pub struct UnknownWord {
    what: &'static str,
    found: String,
    known: String,
}

impl UnknownWord {
    pub(super) fn new(what: &'static str, found: &str, known: &[&str]) -> Self {
        Self { what, found: found.to_owned(), known: known.join(", ") }
    }
}

impl FromStr for Unit {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|unit| unit.as_str() == text);
        found.ok_or_else(|| UnknownWord::new("a unit", text, &Self::ALL.map(Self::as_str)))
    }
}

/// How an indicator comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IndicatorKind {
    /// Counted: may be a table of a plan.
    Count,
    /// Worked out from counts that are released already.
    Derived,
    /// For the organisation itself: never a table of a plan.
    Local,
}

impl IndicatorKind {
    /// `count`, `derived`, `local`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Derived => "derived",
            Self::Local => "local",
        }
    }
}

/// What a figure is: each has a unit, a counting rule and a rule for what is there twice.
///
/// Indicators order as their list does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Indicator {
    /// Items that screening looked at.
    ItemsScanned,
    /// Items on a list, or near one.
    MatchItems,
    /// Distinct listed hashes that matched.
    MatchUnique,
    /// Items on which a person decided.
    Reviewed,
    /// Items that a person confirmed.
    Confirmed,
    /// Items whose match a person found wrong.
    Overturned,
    /// The share of the reviewed that was found wrong.
    ErrorRate,
    /// Reports received.
    Reports,
    /// Web addresses handled.
    Urls,
    /// Web addresses whose content was taken down.
    Removed,
    /// Median hours to removal.
    RemovalHoursMedian,
    /// The share of matches seen for the first time.
    NewShare,
    /// Entries that two lists share.
    ListsOverlap,
    /// Active entries of a list.
    ListSize,
}

impl Indicator {
    /// Every indicator, in the order of its list.
    pub const ALL: [Indicator; 14] = [
        Self::ItemsScanned,
        Self::MatchItems,
        Self::MatchUnique,
        Self::Reviewed,
        Self::Confirmed,
        Self::Overturned,
        Self::ErrorRate,
        Self::Reports,
        Self::Urls,
        Self::Removed,
        Self::RemovalHoursMedian,
        Self::NewShare,
        Self::ListsOverlap,
        Self::ListSize,
    ];

    /// As it stands in tables: `MATCH_ITEMS`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ItemsScanned => "ITEMS_SCANNED",
            Self::MatchItems => "MATCH_ITEMS",
            Self::MatchUnique => "MATCH_UNIQUE",
            Self::Reviewed => "REVIEWED",
            Self::Confirmed => "CONFIRMED",
            Self::Overturned => "OVERTURNED",
            Self::ErrorRate => "ERROR_RATE",
            Self::Reports => "REPORTS",
            Self::Urls => "URLS",
            Self::Removed => "REMOVED",
            Self::RemovalHoursMedian => "REMOVAL_HOURS_MEDIAN",
            Self::NewShare => "NEW_SHARE",
            Self::ListsOverlap => "LISTS_OVERLAP",
            Self::ListSize => "LIST_SIZE",
        }
    }

    /// What it counts; for a share or a median, what it is taken over.
    #[must_use]
    pub fn unit(self) -> Unit {
        self.row().unit
    }

    /// How it comes about.
    #[must_use]
    pub fn kind(self) -> IndicatorKind {
        self.row().kind
    }

    /// True if it is counted and may be a table of a plan.
    #[must_use]
    pub fn is_count(self) -> bool {
        self.kind() == IndicatorKind::Count
    }

    /// What is counted, in English.
    #[must_use]
    pub fn counting_rule(self) -> &'static str {
        &self.row().counting_rule
    }

    /// What becomes of something that is there twice, in English.
    #[must_use]
    pub fn deduplication(self) -> &'static str {
        &self.row().deduplication
    }

    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }
}

impl fmt::Display for Indicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Indicator {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|indicator| indicator.as_str() == text);
        found.ok_or_else(|| UnknownWord::new("an indicator", text, &Self::ALL.map(Self::as_str)))
    }
}

struct Row {
    unit: Unit,
    counting_rule: String,
    deduplication: String,
    kind: IndicatorKind,
}

/// In the order of [`Indicator::ALL`]; a test holds the file against it.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    rows(include_str!("data/indicator.csv"))
        .map(|row| Row {
            unit: row[1].parse().expect("an indicator has a unit"),
            counting_rule: row[2].to_owned(),
            deduplication: row[3].to_owned(),
            kind: [IndicatorKind::Count, IndicatorKind::Derived, IndicatorKind::Local]
                .into_iter()
                .find(|kind| kind.as_str() == &row[4])
                .expect("an indicator has a kind"),
        })
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_indicator_has_its_row_and_one_spelling() {
        let file: Vec<_> = rows(include_str!("data/indicator.csv")).collect();
        assert_eq!(file.len(), Indicator::ALL.len());
        for (at, (indicator, row)) in Indicator::ALL.into_iter().zip(&file).enumerate() {
            assert_eq!((indicator as usize, indicator.as_str()), (at, &row[0]));
            assert_eq!(row[5].parse(), Ok(at + 1), "order of {indicator}");
            assert_eq!(row[0].parse(), Ok(indicator));
            assert_eq!(serde_json::to_value(indicator).unwrap(), row[0]);
            assert!(!indicator.counting_rule().is_empty() && !indicator.deduplication().is_empty());
        }
        for unit in Unit::ALL {
            assert_eq!(serde_json::to_value(unit).unwrap(), unit.as_str());
            assert_eq!(unit.as_str().parse(), Ok(unit));
        }
        let error = "MATCHES".parse::<Indicator>().unwrap_err().to_string();
        assert!(error.contains("an indicator; use ITEMS_SCANNED, MATCH_ITEMS"), "{error}");
    }

    #[test]
    fn reports_addresses_and_items_are_three_units() {
        let counted: Vec<_> = Indicator::ALL
            .into_iter()
            .filter(|indicator| indicator.is_count())
            .map(|indicator| (indicator.as_str(), indicator.unit()))
            .collect();
        assert_eq!(
            counted,
            [
                ("ITEMS_SCANNED", Unit::Items),
                ("MATCH_ITEMS", Unit::Items),
                ("REVIEWED", Unit::Items),
                ("CONFIRMED", Unit::Items),
                ("OVERTURNED", Unit::Items),
                ("REPORTS", Unit::Reports),
                ("URLS", Unit::Urls),
                ("REMOVED", Unit::Urls),
            ]
        );
        assert_eq!(Indicator::ErrorRate.kind(), IndicatorKind::Derived);
        assert_eq!(Indicator::ListSize.kind(), IndicatorKind::Local);
    }
}
