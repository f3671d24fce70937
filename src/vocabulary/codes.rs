//! Codes, read from `data/*.csv`, and names for those that the program itself speaks of.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::Serialize;

use super::dimension::{Dimension, LabelError};
use super::labels::{Label, Language, ReviewStatus};
use super::terms::Usage;

/// One code of one dimension. Codes order as their list does: most severe, or strongest, first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    dimension: Dimension,
    index: u16,
}

impl Code {
    pub(super) const fn at(dimension: Dimension, index: u16) -> Self {
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
        self.entry().code
    }

    /// The coarser code that it rolls up to, itself one of the list: `SEV_AB` of `SEV_A`, `155` of `NL`.
    #[must_use]
    pub fn parent(self) -> Option<Code> {
        self.entry().parent.map(|index| Self::at(self.dimension, index))
    }

    /// True for a country that is never published on its own, only within its region; for no other code.
    ///
    /// A figure about such a country could harm people who report there. The list is not ours: `docs/vocabulary.md`
    /// names it.
    #[must_use]
    pub fn is_protected(self) -> bool {
        self.entry().protected
    }

    /// Its number in its list, from 1.
    #[must_use]
    pub fn order(self) -> u16 {
        self.index + 1
    }

    /// The codes that roll up to it directly, in the order of the list.
    pub fn children(self) -> impl Iterator<Item = Code> {
        self.dimension.codes().filter(move |code| code.parent() == Some(self))
    }

    /// Whether it may be used without reserve.
    #[must_use]
    pub fn usage(self) -> Usage {
        self.entry().usage
    }

    /// Who has vouched for the code itself, whatever it is called.
    #[must_use]
    pub fn review_status(self) -> ReviewStatus {
        self.entry().status
    }

    fn entry(self) -> &'static Entry {
        &VOCABULARY.list(self.dimension).codes[usize::from(self.index)]
    }

    /// The short English label: `Category A`.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.english().pref
    }

    /// The English label for someone who is new to the field: `Most severe`.
    #[must_use]
    pub fn plain_label(self) -> &'static str {
        self.english().plain
    }

    /// The definition, in English.
    #[must_use]
    pub fn definition(self) -> &'static str {
        self.english().definition
    }

    fn english(self) -> &'static Label {
        self.label_in(Language::En)
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
    media, Media: IMAGE = 0 "IMAGE", VIDEO = 1 "VIDEO", AUDIO = 2 "AUDIO", TEXT = 3 "TEXT", URL = 4 "URL", OTHER = 5 "OTHER";
    /// Codes of [`Dimension::ListClass`].
    list_class, ListClass: KNOWN_GOOD = 5 "KNOWN_GOOD", UNKNOWN = 6 "_U", NOT_APPLICABLE = 7 "_Z";
    /// Codes of [`Dimension::Channel`].
    channel, Channel: BULK = 2 "BULK", WATCH_FOLDER = 3 "WATCH_FOLDER", SERVICE = 4 "SERVICE", IMPORT = 5 "IMPORT", UNKNOWN = 6 "_U";
    /// Codes of [`Dimension::Maturity`].
    maturity, Maturity: UNKNOWN = 4 "_U", NOT_APPLICABLE = 5 "_Z";
    /// Codes of [`Dimension::AgeBand`].
    age_band, AgeBand: UNKNOWN = 10 "_U", NOT_APPLICABLE = 12 "_Z";
    /// Codes of [`Dimension::Origin`].
    origin, Origin: UNKNOWN = 8 "_U", NOT_APPLICABLE = 9 "_Z";
    /// Codes of [`Dimension::Legal`].
    legal, Legal: UNKNOWN = 4 "_U", NOT_APPLICABLE = 5 "_Z";
    /// Codes of [`Dimension::Harm`].
    harm, Harm: UNKNOWN = 13 "_U", NOT_APPLICABLE = 14 "_Z";
    /// Codes of [`Dimension::Signal`].
    signal, Signal: MD5 = 0 "MD5", SHA1 = 1 "SHA1", SHA256 = 2 "SHA256", PDQ = 3 "PDQ", VPDQ = 4 "VPDQ",
        PHOTODNA = 5 "PHOTODNA", TMK_PDQF = 6 "TMK_PDQF", NETCLEAN = 7 "NETCLEAN", VIDENTIFIER = 8 "VIDENTIFIER",
        OTHER = 9 "OTHER", UNKNOWN = 10 "_U", NOT_APPLICABLE = 11 "_Z";
    /// Codes of [`Dimension::Sex`].
    sex, Sex: UNKNOWN = 3 "_U", NOT_APPLICABLE = 5 "_Z";
    /// Codes of [`Dimension::Novelty`].
    novelty, Novelty: KNOWN = 0 "KNOWN", NEW = 1 "NEW", UNKNOWN = 2 "_U", NOT_APPLICABLE = 3 "_Z";
    /// Codes of [`Dimension::Site`].
    site, Site: UNKNOWN = 13 "_U", NOT_APPLICABLE = 14 "_Z";
    /// Codes of [`Dimension::Source`].
    source, Source: UNKNOWN = 7 "_U", NOT_APPLICABLE = 8 "_Z";
    /// Codes of [`Dimension::Outcome`].
    outcome, Outcome: CONFIRMED = 0 "CONFIRMED", FALSE_POSITIVE = 1 "FALSE_POSITIVE", UNCERTAIN = 2 "UNCERTAIN",
        REMOVED = 3 "REMOVED", REFERRED = 4 "REFERRED", NO_ACTION = 5 "NO_ACTION", NOT_APPLICABLE = 6 "_Z";
    /// Codes of [`Dimension::Area`].
    area, Area: UNKNOWN = 278 "_U", NOT_APPLICABLE = 279 "_Z";
    /// Codes of [`Dimension::AreaRole`].
    area_role, AreaRole: HOSTING = 0 "HOSTING", UPLOADER = 1 "UPLOADER", REPORTER = 2 "REPORTER",
        JURISDICTION = 3 "JURISDICTION", UNKNOWN = 4 "_U", NOT_APPLICABLE = 5 "_Z";
}

struct Entry {
    code: &'static str,
    parent: Option<u16>,
    usage: Usage,
    status: ReviewStatus,
    protected: bool,
}

/// One code list.
pub(super) struct List {
    codes: Vec<Entry>,
    places: BTreeMap<&'static str, u16>,
}

impl List {
    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    pub(super) fn index(&self, code: &str) -> Option<u16> {
        self.places.get(code).copied()
    }

    fn read(text: &'static str) -> Self {
        let rows: Vec<_> = rows(text).collect();
        let codes: Vec<&'static str> = rows.iter().map(|row| leaked(&row[0])).collect();
        let places: BTreeMap<_, _> = codes.iter().zip(0..).map(|(code, at)| (*code, at)).collect();
        let entry = |(code, row): (&&'static str, &csv::StringRecord)| Entry {
            code,
            parent: (!row[1].is_empty()).then(|| places[&row[1]]),
            usage: Usage::ALL
                .into_iter()
                .find(|usage| usage.as_str() == &row[4])
                .expect("a code has a usage"),
            status: ReviewStatus::named(&row[5]).expect("a code has a status"),
            protected: row.get(PROTECTED) == Some("yes"),
        };
        Self { codes: codes.iter().zip(&rows).map(entry).collect(), places }
    }
}

/// The column of areas that are not published on their own.
const PROTECTED: usize = 6;

pub(super) struct Vocabulary(Vec<List>);

impl Vocabulary {
    pub(super) fn list(&self, dimension: Dimension) -> &List {
        &self.0[dimension as usize]
    }
}

/// In the order of the enum, so that a list is found by its number.
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
    (Dimension::Signal, include_str!("data/signal.csv")),
    (Dimension::Sex, include_str!("data/sex.csv")),
    (Dimension::Novelty, include_str!("data/novelty.csv")),
    (Dimension::Site, include_str!("data/site.csv")),
    (Dimension::Source, include_str!("data/source.csv")),
    (Dimension::Outcome, include_str!("data/outcome.csv")),
    (Dimension::Area, include_str!("data/area.csv")),
    (Dimension::AreaRole, include_str!("data/area_role.csv")),
    (Dimension::Act, include_str!("data/act.csv")),
];

/// The files are part of the program, so a fault in them is a fault of the build: the tests read every code.
pub(super) static VOCABULARY: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary(FILES.iter().map(|&(_, text)| List::read(text)).collect()));

/// What the files say is there as long as the program is.
pub(super) fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

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
    fn each_dimension_has_its_list_where_its_number_says() {
        for (at, (dimension, _)) in FILES.iter().enumerate() {
            assert_eq!(*dimension as usize, at, "{dimension}");
        }
        let listed: std::collections::BTreeSet<_> = FILES.iter().map(|(dimension, _)| *dimension).collect();
        assert_eq!(listed, Dimension::ALL.into());
        assert!(Dimension::COLUMNS.iter().all(|column| Dimension::ALL.contains(column)));
        for dimension in Dimension::ALL {
            assert_eq!(serde_json::to_value(dimension).unwrap(), dimension.as_str());
        }
    }

    #[test]
    fn a_roll_up_ends() {
        for code in Dimension::ALL.into_iter().flat_map(Dimension::codes) {
            let chain = std::iter::successors(Some(code), |code| code.parent());
            assert!(chain.take(6).count() < 6, "{code:?}");
        }
        let chain = |text: &str| -> Vec<&str> {
            let code: Code = text.parse().unwrap();
            std::iter::successors(Some(code), |code| code.parent()).map(Code::as_str).collect()
        };
        assert_eq!(chain("ref_area:NL"), ["NL", "155", "150"]);
        assert_eq!(chain("ref_area:KE"), ["KE", "014", "202", "002"]);
        assert_eq!(chain("ref_area:AQ"), ["AQ"], "M49 puts it into no region");
        assert_eq!(chain("severity:SEV_B"), ["SEV_B", "SEV_AB"]);
        assert_eq!(chain("age_band:Y7T10"), ["Y7T10", "Y3T13", "Y0T13", "Y0T17"]);
    }

    #[test]
    fn areas_are_the_countries_of_iso_3166_and_the_regions_of_m49() {
        let codes: Vec<_> = Dimension::Area.codes().collect();
        let country = |code: &&Code| {
            code.as_str().len() == 2 && code.as_str().bytes().all(|byte| byte.is_ascii_uppercase())
        };
        let countries: Vec<_> = codes.iter().filter(country).collect();
        assert_eq!(countries.len(), 249);
        for country in countries.iter().filter(|country| country.as_str() != "AQ") {
            let top = std::iter::successors(Some(**country), |code| code.parent()).last().unwrap();
            assert!(["002", "009", "019", "142", "150"].contains(&top.as_str()), "{country:?}");
        }
        let regions = codes.iter().filter(|code| code.as_str().bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(regions.count(), 29, "5 regions, 17 sub-regions, 7 regions between");
    }

    #[test]
    fn a_protected_country_is_a_country_and_rolls_up() {
        let protected: Vec<_> = Dimension::ALL
            .into_iter()
            .flat_map(Dimension::codes)
            .filter(|code| code.is_protected())
            .collect();
        assert_eq!(protected.len(), 36);
        for code in &protected {
            assert_eq!((code.dimension(), code.as_str().len()), (Dimension::Area, 2));
            assert!(!code.parent().expect("it has a region").is_protected());
        }
    }

    #[test]
    fn what_is_unknown_and_what_does_not_apply_have_codes() {
        let text = |code: Option<Code>| code.map(Code::as_str);
        for dimension in Dimension::ALL {
            let (unknown, not_applicable) = match dimension {
                Dimension::Verdict | Dimension::Opinion => (None, None),
                Dimension::Severity => (Some("SEV_U"), Some("_Z")),
                Dimension::Media => (Some("OTHER"), None),
                Dimension::Channel | Dimension::Act => (Some("_U"), None),
                Dimension::Outcome => (None, Some("_Z")),
                _ => (Some("_U"), Some("_Z")),
            };
            assert_eq!(text(dimension.unknown()), unknown, "{dimension}");
            assert_eq!(text(dimension.not_applicable()), not_applicable, "{dimension}");
            if not_applicable.is_some() {
                assert_eq!(dimension.codes().last(), dimension.not_applicable(), "{dimension}");
            }
        }
    }

    #[test]
    fn severity_is_whole_and_the_most_severe_comes_first() {
        let codes: Vec<_> = Dimension::Severity.codes().map(Code::as_str).collect();
        assert_eq!(codes, ["SEV_A", "SEV_B", "SEV_AB", "SEV_C", "SEV_X", "SEV_N", "SEV_U", "_Z"]);
    }

    #[test]
    fn what_is_no_label_says_what_there_is() {
        let error = |text: &str| text.parse::<Code>().unwrap_err().to_string();
        assert!(error("SEV_A").contains("DIMENSION:CODE"));
        assert!(error("colour:RED").contains("severity, age_band"), "{}", error("colour:RED"));
        assert!(error("severity:RED").contains("SEV_A, SEV_B"), "{}", error("severity:RED"));
    }

    #[test]
    fn a_foreign_code_is_refused_with_the_list() {
        let error = Dimension::Severity.code("A").unwrap_err().to_string();
        assert!(error.contains("SEV_A") && error.contains("severity"), "{error}");
    }
}
