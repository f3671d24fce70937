//! Dimensions and codes, read from `data/*.csv`; labels from `data/labels/`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

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
}

impl Dimension {
    /// Every dimension: the [columns](Dimension::COLUMNS), then the other facets of entries.
    pub const ALL: [Dimension; 11] = [
        Self::Severity,
        Self::Media,
        Self::Verdict,
        Self::ListClass,
        Self::Channel,
        Self::Maturity,
        Self::AgeBand,
        Self::Origin,
        Self::Legal,
        Self::Harm,
        Self::Opinion,
    ];

    /// The dimensions that items are counted by, in the order of the columns of a table. A facet is no column by itself:
    /// each one more is a finer view of the items, which noise and thresholds must first be worked out for.
    pub const COLUMNS: [Dimension; 5] =
        [Self::Severity, Self::Media, Self::Verdict, Self::ListClass, Self::Channel];

    /// The facets that a source gives to the entries of its list.
    pub const FACETS: [Dimension; 7] =
        [Self::Severity, Self::Maturity, Self::AgeBand, Self::Origin, Self::Legal, Self::Harm, Self::Opinion];

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
        }
    }

    /// The dimension with this column name.
    pub(super) fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.as_str() == text)
    }

    /// All codes, in the order of the code list: most severe or strongest first where they have such an order.
    pub fn codes(self) -> impl ExactSizeIterator<Item = Code> {
        (0..VOCABULARY.list(self).len()).map(move |index| Code { dimension: self, index: index as u8 })
    }

    /// The code spelled `text`.
    ///
    /// # Errors
    /// [`UnknownCode`] if the closed list has no such code; letter case counts.
    pub fn code(self, text: &str) -> Result<Code, UnknownCode> {
        self.codes()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| UnknownCode { dimension: self, found: text.to_owned() })
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that a closed code list does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a code of {dimension}; the codes are {}", codes_of(*dimension))]
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

fn codes_of(dimension: Dimension) -> String {
    dimension.codes().map(Code::as_str).collect::<Vec<_>>().join(", ")
}

/// One code of one dimension. Codes order as their list does: most severe, or strongest, first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    dimension: Dimension,
    index: u8,
}

impl Code {
    const fn at(dimension: Dimension, index: u8) -> Self {
        Self { dimension, index }
    }

    /// The dimension that the code belongs to.
    #[must_use]
    pub fn dimension(self) -> Dimension {
        self.dimension
    }

    /// The code as it stands in tables: `SEV_A`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        &VOCABULARY.list(self.dimension)[usize::from(self.index)]
    }

    /// The short English label: `Category A`.
    #[must_use]
    pub fn label(self) -> &'static str {
        &self.texts().label
    }

    /// The English label for someone who is new to the field: `Most severe`.
    #[must_use]
    pub fn plain_label(self) -> &'static str {
        &self.texts().plain
    }

    /// The definition, in English.
    #[must_use]
    pub fn definition(self) -> &'static str {
        &self.texts().definition
    }

    fn texts(self) -> &'static Texts {
        &VOCABULARY.labels[&(self.dimension, self.as_str())]
    }
}

impl FromStr for Code {
    type Err = LabelError;

    /// Reads a code with its dimension, `severity:SEV_A`.
    fn from_str(text: &str) -> Result<Self, LabelError> {
        let (found, code) = text.split_once(':').ok_or(LabelError::Form)?;
        let dimension = Dimension::named(found)
            .ok_or_else(|| LabelError::UnknownDimension { found: found.to_owned() })?;
        Ok(dimension.code(code)?)
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.dimension, self.as_str())
    }
}

/// Names for codes that the code itself speaks of; a test holds them against the CSV files.
macro_rules! named_codes {
    ($($(#[$doc:meta])* $module:ident, $dimension:ident: $($name:ident = $index:literal $text:literal),+;)+) => {
        $($(#[$doc])* pub mod $module {
            use super::{Code, Dimension};
            $(#[doc = concat!("`", $text, "`")] pub const $name: Code = Code::at(Dimension::$dimension, $index);)+
        })+
        #[cfg(test)]
        const NAMED: &[(Code, &str)] = &[$($(($module::$name, $text)),+),+];
    };
}

named_codes! {
    /// Codes of [`Dimension::Verdict`].
    verdict, Verdict: KNOWN = 0 "KNOWN", NEAR = 1 "NEAR", IGNORED = 2 "IGNORED", UNCHECKED = 3 "UNCHECKED", UNKNOWN = 4 "UNKNOWN";
    /// Codes of [`Dimension::Severity`].
    severity, Severity: UNKNOWN = 6 "SEV_U", NOT_APPLICABLE = 7 "_Z";
    /// Codes of [`Dimension::Media`].
    media, Media: IMAGE = 0 "IMAGE", VIDEO = 1 "VIDEO", AUDIO = 2 "AUDIO", TEXT = 3 "TEXT", OTHER = 5 "OTHER";
    /// Codes of [`Dimension::ListClass`].
    list_class, ListClass: KNOWN_GOOD = 5 "KNOWN_GOOD", UNKNOWN = 6 "_U", NOT_APPLICABLE = 7 "_Z";
    /// Codes of [`Dimension::Channel`].
    channel, Channel: BULK = 2 "BULK", WATCH_FOLDER = 3 "WATCH_FOLDER", UNKNOWN = 6 "_U";
}

struct Texts {
    label: String,
    plain: String,
    definition: String,
}

struct Vocabulary {
    lists: BTreeMap<Dimension, Vec<String>>,
    labels: BTreeMap<(Dimension, &'static str), Texts>,
}

impl Vocabulary {
    fn list(&self, dimension: Dimension) -> &[String] {
        &self.lists[&dimension]
    }
}

const FILES: [(Dimension, &str); Dimension::ALL.len()] = [
    (Dimension::Verdict, include_str!("data/verdict.csv")),
    (Dimension::Media, include_str!("data/media.csv")),
    (Dimension::Severity, include_str!("data/severity.csv")),
    (Dimension::ListClass, include_str!("data/list_class.csv")),
    (Dimension::Channel, include_str!("data/channel.csv")),
    (Dimension::Maturity, include_str!("data/maturity.csv")),
    (Dimension::AgeBand, include_str!("data/age_band.csv")),
    (Dimension::Origin, include_str!("data/origin.csv")),
    (Dimension::Legal, include_str!("data/legal.csv")),
    (Dimension::Harm, include_str!("data/harm.csv")),
    (Dimension::Opinion, include_str!("data/opinion.csv")),
];

/// The files are part of the program, so a fault in them is a fault of the build: the tests read every code.
static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let lists = FILES
        .iter()
        .map(|&(dimension, text)| (dimension, rows(text).map(|row| row[0].to_owned()).collect()))
        .collect();
    let labels = rows(include_str!("data/labels/en.csv"))
        .map(|row| {
            let dimension = Dimension::named(&row[0]).expect("a label names a dimension");
            let code: &'static str = Box::leak(row[1].to_owned().into_boxed_str());
            let texts = Texts { label: row[2].into(), plain: row[3].into(), definition: row[4].into() };
            ((dimension, code), texts)
        })
        .collect();
    Vocabulary { lists, labels }
});

pub(super) fn rows(text: &'static str) -> impl Iterator<Item = csv::StringRecord> {
    csv::Reader::from_reader(text.as_bytes())
        .into_records()
        .map(|row| row.expect("the vocabulary's files are valid CSV"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_texts_and_parses_back() {
        for dimension in Dimension::ALL {
            for code in dimension.codes() {
                assert!(
                    !code.label().is_empty()
                        && !code.plain_label().is_empty()
                        && !code.definition().is_empty()
                );
                assert_eq!(dimension.code(code.as_str()), Ok(code));
                assert_eq!(format!("{code:?}").parse(), Ok(code));
            }
        }
    }

    #[test]
    fn named_codes_are_where_the_files_have_them() {
        for &(code, text) in NAMED {
            assert_eq!(code.as_str(), text);
        }
    }

    #[test]
    fn order_column_rises_and_parents_exist() {
        for (name, text) in FILES {
            let rows: Vec<_> = rows(text).collect();
            for (at, row) in rows.iter().enumerate() {
                assert_eq!(row[2].parse(), Ok(at + 1), "{name}: order of {}", &row[0]);
                assert!(["OK", "CAUTION"].contains(&&row[4]), "{name}: usage of {}", &row[0]);
                assert!(
                    row[1].is_empty() || rows.iter().any(|other| other[0] == row[1]),
                    "{name}: parent of {}",
                    &row[0]
                );
            }
        }
    }

    #[test]
    fn each_dimension_has_one_list_and_no_label_without_a_code() {
        let listed: std::collections::BTreeSet<_> = FILES.iter().map(|(dimension, _)| *dimension).collect();
        assert_eq!(listed, Dimension::ALL.into());
        for row in rows(include_str!("data/labels/en.csv")) {
            assert!(Dimension::named(&row[0]).unwrap().code(&row[1]).is_ok(), "{}:{}", &row[0], &row[1]);
        }
        let codes: usize = Dimension::ALL.into_iter().map(|dimension| dimension.codes().len()).sum();
        assert_eq!(rows(include_str!("data/labels/en.csv")).count(), codes, "each label once");
    }

    #[test]
    fn severity_is_whole_and_the_most_severe_comes_first() {
        let codes: Vec<_> = Dimension::Severity.codes().map(Code::as_str).collect();
        assert_eq!(codes, ["SEV_A", "SEV_B", "SEV_AB", "SEV_C", "SEV_X", "SEV_N", "SEV_U", "_Z"]);
    }

    #[test]
    fn no_text_has_a_term_to_avoid() {
        let texts = Dimension::ALL.into_iter().flat_map(Dimension::codes);
        for code in texts {
            for text in [code.label(), code.plain_label(), code.definition()] {
                crate::vocabulary::assert_terms(text);
            }
        }
    }

    #[test]
    fn what_is_no_label_says_what_there_is() {
        let error = |text: &str| text.parse::<Code>().unwrap_err().to_string();
        assert!(error("SEV_A").contains("DIMENSION:CODE"));
        assert!(error("colour:RED").contains("severity, media"), "{}", error("colour:RED"));
        assert!(error("severity:RED").contains("SEV_A, SEV_B"), "{}", error("severity:RED"));
    }

    #[test]
    fn a_foreign_code_is_refused_with_the_list() {
        let error = Dimension::Severity.code("A").unwrap_err().to_string();
        assert!(error.contains("SEV_A") && error.contains("severity"), "{error}");
    }
}
