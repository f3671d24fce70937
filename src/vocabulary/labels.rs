//! What codes, dimensions, indicators, units and terms are called in each language, read from `data/labels/`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use super::codes::{Code, leaked, rows};
use super::dimension::Dimension;
use super::indicator::{Indicator, Unit, UnknownWord};

/// A language that there are labels in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English, in which everything is written first.
    En,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Portuguese.
    Pt,
    /// Arabic, written from right to left.
    Ar,
    /// Russian.
    Ru,
    /// Chinese, in simplified characters.
    Zh,
    /// German.
    De,
}

impl Language {
    /// Every language, English first.
    pub const ALL: [Language; 8] =
        [Self::En, Self::Fr, Self::Es, Self::Pt, Self::Ar, Self::Ru, Self::Zh, Self::De];

    /// The BCP 47 tag: `en`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Pt => "pt",
            Self::Ar => "ar",
            Self::Ru => "ru",
            Self::Zh => "zh",
            Self::De => "de",
        }
    }

    /// What its speakers call it: `français`.
    #[must_use]
    pub const fn endonym(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "français",
            Self::Es => "español",
            Self::Pt => "português",
            Self::Ar => "العربية",
            Self::Ru => "русский",
            Self::Zh => "中文",
            Self::De => "Deutsch",
        }
    }

    /// True if it is written from right to left.
    #[must_use]
    pub const fn is_right_to_left(self) -> bool {
        matches!(self, Self::Ar)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Language {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|language| language.as_str() == text).ok_or_else(|| {
            UnknownWord::new("a language that there are labels in", text, &Self::ALL.map(Self::as_str))
        })
    }
}

/// Who has vouched for a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReviewStatus {
    /// Taken from a publication, which is named beside it.
    Official,
    /// Checked by a speaker of the language who knows the field.
    Reviewed,
    /// Translated, and checked by no speaker of the language.
    Machine,
    /// Written for this project, and checked by nobody else.
    Draft,
}

impl ReviewStatus {
    /// Every status, the surest first.
    pub const ALL: [ReviewStatus; 4] = [Self::Official, Self::Reviewed, Self::Machine, Self::Draft];

    /// `official`, `reviewed`, `machine`, `draft`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Reviewed => "reviewed",
            Self::Machine => "machine",
            Self::Draft => "draft",
        }
    }

    /// True if somebody other than its author has vouched for it. What is not checked must be shown so.
    #[must_use]
    pub const fn is_checked(self) -> bool {
        matches!(self, Self::Official | Self::Reviewed)
    }

    pub(super) fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// What something is called in a language, each string with its review status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The short label: `Category A`.
    pub pref: &'static str,
    /// For someone who is new to the field: `Most severe`.
    pub plain: &'static str,
    /// What is meant.
    pub definition: &'static str,
    /// Status of the three, in this order.
    pub status: [ReviewStatus; 3],
    /// The publication that an official string was taken from; empty without one.
    pub source: &'static str,
}

impl Label {
    /// The status of the least sure of its strings.
    #[must_use]
    pub fn least_status(&self) -> ReviewStatus {
        ReviewStatus::ALL.into_iter().rfind(|status| self.status.contains(status)).expect("there are three")
    }
}

impl Code {
    /// What it is called in `language`.
    #[must_use]
    pub fn label_in(self, language: Language) -> &'static Label {
        label(language, self.dimension().as_str(), self.as_str())
    }
}

impl Dimension {
    /// What the dimension itself is called in `language`.
    #[must_use]
    pub fn label_in(self, language: Language) -> &'static Label {
        label(language, "dimension", self.as_str())
    }
}

impl Indicator {
    /// What it is called in `language`.
    #[must_use]
    pub fn label_in(self, language: Language) -> &'static Label {
        label(language, "indicator", self.as_str())
    }
}

impl Unit {
    /// What it is called in `language`.
    #[must_use]
    pub fn label_in(self, language: Language) -> &'static Label {
        label(language, "unit", self.as_str())
    }
}

/// What is called `code` among its kind: the name of a dimension, or `dimension`, `indicator`, `unit`, `term`.
pub(super) fn label(language: Language, kind: &str, code: &str) -> &'static Label {
    &labels(language)[kind][code]
}

/// Every label of a language, by kind and code.
pub(super) fn labels_of(
    language: Language,
) -> impl Iterator<Item = (&'static str, &'static str, &'static Label)> {
    let of_kind = |(kind, codes): (&&'static str, &'static BTreeMap<&'static str, Label>)| {
        let kind = *kind;
        codes.iter().map(move |(code, label)| (kind, *code, label))
    };
    labels(language).iter().flat_map(of_kind)
}

type Labels = BTreeMap<&'static str, BTreeMap<&'static str, Label>>;

fn labels(language: Language) -> &'static Labels {
    static LABELS: [LazyLock<Labels>; Language::ALL.len()] = [
        LazyLock::new(|| read(Language::En)),
        LazyLock::new(|| read(Language::Fr)),
        LazyLock::new(|| read(Language::Es)),
        LazyLock::new(|| read(Language::Pt)),
        LazyLock::new(|| read(Language::Ar)),
        LazyLock::new(|| read(Language::Ru)),
        LazyLock::new(|| read(Language::Zh)),
        LazyLock::new(|| read(Language::De)),
    ];
    &LABELS[language as usize]
}

macro_rules! files_of {
    ($language:literal) => {
        (
            include_str!(concat!("data/labels/", $language, ".csv")),
            include_str!(concat!("data/labels/areas/", $language, ".csv")),
        )
    };
}

/// The labels of a language, and its names of areas.
pub(super) const fn files(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::En => files_of!("en"),
        Language::Fr => files_of!("fr"),
        Language::Es => files_of!("es"),
        Language::Pt => files_of!("pt"),
        Language::Ar => files_of!("ar"),
        Language::Ru => files_of!("ru"),
        Language::Zh => files_of!("zh"),
        Language::De => files_of!("de"),
    }
}

/// The files are part of the program, so a fault in them is a fault of the build: the tests read every string.
fn read(language: Language) -> Labels {
    let (texts, areas) = files(language);
    let mut labels = Labels::new();
    for row in rows(texts) {
        let label = Label {
            pref: leaked(&row[2]),
            plain: leaked(&row[3]),
            definition: leaked(&row[4]),
            status: statuses(&row[5]),
            source: leaked(&row[6]),
        };
        labels.entry(leaked(&row[0])).or_default().insert(leaked(&row[1]), label);
    }
    let of_areas = labels.get_mut(Dimension::Area.as_str()).expect("areas have labels");
    // All countries are defined in the same words, and so are all regions.
    let [country, region] =
        [COUNTRY, REGION].map(|kind| of_areas.remove(kind).expect("areas have a definition"));
    for row in rows(areas) {
        let is_region = row[0].starts_with(|first: char| first.is_ascii_digit());
        let words = if is_region { &region } else { &country };
        let status = ReviewStatus::named(&row[2]).expect("a name has a status");
        let label = Label {
            pref: leaked(&row[1]),
            plain: leaked(&row[1]),
            definition: leaked(&words.definition.replace("{code}", &row[0])),
            status: [status, status, words.status[2]],
            source: leaked(&row[3]),
        };
        of_areas.insert(leaked(&row[0]), label);
    }
    labels
}

/// One word if the three strings share a status, else three.
fn statuses(text: &str) -> [ReviewStatus; 3] {
    let found: Vec<_> =
        text.split(' ').map(|word| ReviewStatus::named(word).expect("a label has a status")).collect();
    match found[..] {
        [one] => [one; 3],
        [pref, plain, definition] => [pref, plain, definition],
        _ => unreachable!("a label has one status or three"),
    }
}

const COUNTRY: &str = "COUNTRY";
const REGION: &str = "REGION";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::vocabulary::Term;

    /// Everything that must have a label, by kind.
    fn expected() -> BTreeSet<(&'static str, &'static str)> {
        let codes = Dimension::ALL.into_iter().flat_map(Dimension::codes);
        let codes = codes.map(|code| (code.dimension().as_str(), code.as_str()));
        let dimensions = Dimension::ALL.map(|dimension| ("dimension", dimension.as_str()));
        let indicators = Indicator::ALL.map(|indicator| ("indicator", indicator.as_str()));
        let units = Unit::ALL.map(|unit| ("unit", unit.as_str()));
        let terms = Term::all().map(|term| ("term", term.key()));
        codes.chain(dimensions).chain(indicators).chain(units).chain(terms).collect()
    }

    #[test]
    fn everything_is_labelled_once_in_every_language_and_nothing_else_is() {
        let expected = expected();
        for language in Language::ALL {
            let (texts, areas) = files(language);
            let found: BTreeSet<_> = labels(language)
                .iter()
                .flat_map(|(kind, codes)| codes.keys().map(move |code| (*kind, *code)))
                .collect();
            let lacking: Vec<_> = expected.difference(&found).collect();
            let unknown: Vec<_> = found.difference(&expected).collect();
            assert!(lacking.is_empty() && unknown.is_empty(), "{language}: {lacking:?} {unknown:?}");
            let written = rows(texts).count() + rows(areas).count();
            assert_eq!(written, expected.len() + 2, "{language}: each once, and two definitions of areas");
            for (kind, code) in &expected {
                let Label { pref, plain, definition, .. } = label(language, kind, code);
                for text in [pref, plain, definition] {
                    assert!(!text.is_empty() && text.trim() == *text, "{language} {kind}:{code} {text:?}");
                }
            }
        }
    }

    #[test]
    fn no_two_codes_of_a_dimension_are_called_the_same() {
        for language in Language::ALL {
            for (kind, codes) in labels(language) {
                for strings in [|label: &Label| label.pref, |label: &Label| label.plain] {
                    let mut seen = BTreeMap::new();
                    for (code, label) in codes {
                        let other = seen.insert(strings(label).to_lowercase(), code);
                        assert_eq!(other, None, "{language} {kind}:{code} {:?}", strings(label));
                    }
                }
            }
        }
    }

    #[test]
    fn only_what_was_published_is_official_and_nobody_has_reviewed_anything_yet() {
        for language in Language::ALL {
            for (kind, codes) in labels(language) {
                for (code, label) in codes {
                    let official = label.status.contains(&ReviewStatus::Official);
                    assert_eq!(official, !label.source.is_empty(), "{language} {kind}:{code}");
                    assert!(!label.status.contains(&ReviewStatus::Reviewed), "{language} {kind}:{code}");
                    let own =
                        if language == Language::En { ReviewStatus::Draft } else { ReviewStatus::Machine };
                    assert!(
                        label.status.iter().all(|&status| status == own || status == ReviewStatus::Official),
                        "{language} {kind}:{code}"
                    );
                }
            }
        }
        let nl = Dimension::Area.code("NL").unwrap().label_in(Language::Fr);
        assert_eq!((nl.pref, nl.status[0], nl.source), ("Pays-Bas", ReviewStatus::Official, "CLDR 48"));
        assert_eq!(nl.least_status(), ReviewStatus::Machine, "its definition is a translation");
    }

    #[test]
    fn each_language_is_written_in_its_script() {
        let script = |language: Language, c: char| match language {
            Language::Ar => ('\u{600}'..='\u{6ff}').contains(&c),
            Language::Ru => ('\u{400}'..='\u{4ff}').contains(&c),
            Language::Zh => ('\u{4e00}'..='\u{9fff}').contains(&c),
            _ => c.is_ascii_alphabetic(),
        };
        for language in Language::ALL {
            for (kind, codes) in labels(language) {
                for (code, label) in codes {
                    let fits = |text: &str| text.chars().any(|c| script(language, c));
                    assert!(fits(label.definition), "{language} {kind}:{code} {}", label.definition);
                }
            }
        }
    }

    #[test]
    fn definitions_are_translated() {
        let english = labels(Language::En);
        for language in Language::ALL.into_iter().filter(|&language| language != Language::En) {
            for (kind, codes) in labels(language) {
                for (code, label) in codes {
                    assert_ne!(label.definition, english[kind][code].definition, "{language} {kind}:{code}");
                }
            }
        }
    }
}
