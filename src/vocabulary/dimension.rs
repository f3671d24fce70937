//! The facets of the model.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::codes::{Code, VOCABULARY};

/// One facet of an item or of a list's entry. Facets are independent of each other.
///
/// Dimensions order as they stand here: a new one comes last, for stored label sets are in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// What screening said.
    Verdict,
    /// The kind of content.
    Media,
    /// The most severe category that the matching list entry carries.
    Severity,
    /// The class of the list that matched, never its name.
    ListClass,
    /// How the item reached the ward.
    Channel,
    /// Apparent development of the youngest child shown.
    Maturity,
    /// Estimated age of the youngest child shown, in years, both ends included.
    AgeBand,
    /// How the material came to exist.
    Origin,
    /// The legal flag of the source: copied, never derived.
    Legal,
    /// The kind of incident.
    Harm,
    /// What the members of a list hold of an entry.
    Opinion,
    /// The kind of hash that matched.
    Signal,
    /// The sex of the children shown, as the source recorded it.
    Sex,
    /// Whether it had been seen before.
    Novelty,
    /// The kind of site on which it was found.
    Site,
    /// Who brought it.
    Source,
    /// The result of review by a person, or of an action.
    Outcome,
    /// The country or the region of several.
    #[serde(rename = "ref_area")]
    Area,
    /// What the country stands for: where it was hosted, uploaded, reported or judged.
    AreaRole,
    /// Acts that the source recorded; an entry may have several.
    Act,
}

impl Dimension {
    /// Every dimension: the [columns](Dimension::COLUMNS), then the other facets of entries and items.
    pub const ALL: [Dimension; 20] = [
        Self::Severity,
        Self::AgeBand,
        Self::Maturity,
        Self::Sex,
        Self::Origin,
        Self::Harm,
        Self::Media,
        Self::Signal,
        Self::Verdict,
        Self::Novelty,
        Self::Site,
        Self::Source,
        Self::ListClass,
        Self::Channel,
        Self::Area,
        Self::AreaRole,
        Self::Legal,
        Self::Opinion,
        Self::Outcome,
        Self::Act,
    ];

    /// The dimensions that have a column in an observation: only these can be dimensions of a table.
    pub const COLUMNS: [Dimension; 16] = [
        Self::Severity,
        Self::AgeBand,
        Self::Maturity,
        Self::Sex,
        Self::Origin,
        Self::Harm,
        Self::Media,
        Self::Signal,
        Self::Verdict,
        Self::Novelty,
        Self::Site,
        Self::Source,
        Self::ListClass,
        Self::Channel,
        Self::Area,
        Self::AreaRole,
    ];

    /// The facets that a source gives to the entries of its list.
    pub const FACETS: [Dimension; 9] = [
        Self::Severity,
        Self::Maturity,
        Self::AgeBand,
        Self::Sex,
        Self::Origin,
        Self::Legal,
        Self::Harm,
        Self::Opinion,
        Self::Act,
    ];

    /// The column name, in snake case: `list_class`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Media => "media",
            Self::Severity => "severity",
            Self::ListClass => "list_class",
            Self::Channel => "channel",
            Self::Maturity => "maturity",
            Self::AgeBand => "age_band",
            Self::Origin => "origin",
            Self::Legal => "legal",
            Self::Harm => "harm",
            Self::Opinion => "opinion",
            Self::Signal => "signal",
            Self::Sex => "sex",
            Self::Novelty => "novelty",
            Self::Site => "site",
            Self::Source => "source",
            Self::Outcome => "outcome",
            Self::Area => "ref_area",
            Self::AreaRole => "area_role",
            Self::Act => "act",
        }
    }

    /// The dimension with this column name.
    pub(super) fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.as_str() == text)
    }

    /// All codes, in the order of the code list: most severe or strongest first where they have such an order.
    pub fn codes(self) -> impl ExactSizeIterator<Item = Code> {
        let codes = VOCABULARY.list(self).len() as u16;
        (0..codes).map(move |index| Code::at(self, index))
    }

    /// The code spelled `text`.
    ///
    /// # Errors
    /// [`UnknownCode`] if the closed list has no such code; letter case counts.
    pub fn code(self, text: &str) -> Result<Code, UnknownCode> {
        let index = VOCABULARY.list(self).index(text);
        index
            .map(|index| Code::at(self, index))
            .ok_or_else(|| UnknownCode { dimension: self, found: text.to_owned() })
    }

    /// The code of what has a value that nobody recorded: `_U`, `SEV_U` of a severity, `OTHER` of a kind of content;
    /// `None` where an item always has one.
    #[must_use]
    pub fn unknown(self) -> Option<Code> {
        let text = match self {
            Self::Severity => "SEV_U",
            Self::Media => "OTHER",
            _ => "_U",
        };
        self.code(text).ok()
    }

    /// The code of what cannot have a value, `_Z`; `None` where an item always has one.
    #[must_use]
    pub fn not_applicable(self) -> Option<Code> {
        self.code("_Z").ok()
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that a closed code list does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a code of {dimension}; {}", codes_of(*dimension))]
pub struct UnknownCode {
    /// The list that was searched.
    pub dimension: Dimension,
    /// What stood there.
    pub found: String,
}

/// Text that is not a label, `dimension:CODE`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LabelError {
    /// No colon.
    #[error("write a label as DIMENSION:CODE, for example severity:SEV_A")]
    Form,
    /// No such dimension.
    #[error("{found:?} is not a dimension; the dimensions are {}", Dimension::ALL.map(Dimension::as_str).join(", "))]
    UnknownDimension {
        /// What stood there.
        found: String,
    },
    /// No such code.
    #[error(transparent)]
    UnknownCode(#[from] UnknownCode),
}

/// The codes of a list, for people; a list longer than a person reads is named by what it rests on.
fn codes_of(dimension: Dimension) -> String {
    if dimension == Dimension::Area {
        return "write a country as its ISO 3166-1 alpha-2 code, a region as its UN M49 code, for example NL or 155"
            .to_owned();
    }
    let codes: Vec<_> = dimension.codes().map(Code::as_str).collect();
    format!("the codes are {}", codes.join(", "))
}
