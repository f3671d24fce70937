//! The terms of the field, read from `data/terms.csv`: what is preferred, what needs care, what is avoided.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use super::codes::{leaked, rows};
use super::indicator::UnknownWord;
use super::labels::{Label, Language, label};
use super::lint::{Word, words};

/// A concept that people speak of in better and worse words. The terms follow the Terminology Guidelines for the Protection
/// of Children; `docs/vocabulary.md` says how far that was checked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(u8);

const KEYS: [&str; 18] = [
    "TERM_CHILD",
    "TERM_CSA",
    "TERM_CSE",
    "TERM_CSAM",
    "TERM_PROST",
    "TERM_SECTT",
    "TERM_TRAFF",
    "TERM_SALE",
    "TERM_CEFM",
    "TERM_GROOM",
    "TERM_SEXT",
    "TERM_LIVE",
    "TERM_SELFGEN",
    "TERM_AI",
    "TERM_IBSA",
    "TERM_HSB",
    "TERM_VICTIM",
    "TERM_TFCSEA",
];

impl Term {
    /// Every term.
    pub fn all() -> impl ExactSizeIterator<Item = Term> {
        (0..KEYS.len()).map(|at| Term(at as u8))
    }

    /// `TERM_CSAM`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        KEYS[self.0 as usize]
    }

    /// The preferred term in `language`, and its definition.
    #[must_use]
    pub fn label_in(self, language: Language) -> &'static Label {
        label(language, "term", self.key())
    }

    /// Its forms that are not preferred, language by language.
    pub fn forms(self) -> impl Iterator<Item = &'static Form> {
        forms().iter().filter(move |form| form.term == self)
    }
}

impl FromStr for Term {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::all().find(|term| term.key() == text).ok_or_else(|| UnknownWord::new("a term", text, &KEYS))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// How a form of a term may be used. Ordered from what is avoided to what is fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Usage {
    /// Not at all, but in quotations for a reason.
    Avoid,
    /// With care, where nothing better says it.
    Caution,
    /// Without reserve.
    Ok,
}

impl Usage {
    /// Every usage.
    pub const ALL: [Usage; 3] = [Self::Avoid, Self::Caution, Self::Ok];

    /// `AVOID`, `CAUTION`, `OK`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Avoid => "AVOID",
            Self::Caution => "CAUTION",
            Self::Ok => "OK",
        }
    }
}

/// A form of a term that is avoided or needs care.
///
/// Written as words: `|` parts words any of which may stand there, `*` at the end of a word stands for any ending, `~` for
/// up to two words of any kind, `!` before the last for a word that must not follow. In English a word may have the ending
/// of the plural.
#[derive(Debug)]
pub struct Form {
    /// The term that it is a form of.
    pub term: Term,
    /// The language that it is written in.
    pub language: Language,
    /// As the file has it: `child|children porn*`.
    pub written: &'static str,
    /// Never [`Usage::Ok`].
    pub usage: Usage,
    /// What to write instead.
    pub preferred: &'static str,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    OneOf(Vec<Choice>),
    /// Up to two words.
    Gap,
    /// None of these follows.
    Not(Vec<Choice>),
}

#[derive(Debug, Clone)]
struct Choice {
    /// Folded.
    text: String,
    /// In lower case, with its accents.
    written: String,
    any_ending: bool,
}

impl Choice {
    fn fits(&self, word: &Word, plural: bool) -> bool {
        word.text
            .strip_prefix(self.text.as_str())
            .is_some_and(|end| end.is_empty() || self.any_ending || plural && matches!(end, "s" | "es"))
    }

    /// Of a word that fits: 2 if it stands there to the letter, 1 if it begins so, 0 with other accents.
    fn closeness(&self, word: &Word) -> usize {
        match word.written.strip_prefix(self.written.as_str()) {
            Some("") => 2,
            Some(_) => 1,
            None => 0,
        }
    }
}

/// How a form stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fit {
    /// Words that it takes up.
    pub(super) length: usize,
    /// With the accents that it is written with.
    pub(super) is_exact: bool,
    /// How much of it stands there to the letter.
    pub(super) literal: usize,
}

impl Form {
    /// How it stands at the beginning of `words`, if they begin with it.
    pub(super) fn matches(&self, words: &[Word]) -> Option<Fit> {
        take(&self.parts, words, 0, self.language == Language::En)
    }
}

fn take(parts: &[Part], words: &[Word], at: usize, plural: bool) -> Option<Fit> {
    let Some((part, rest)) = parts.split_first() else {
        return Some(Fit { length: at, is_exact: true, literal: 0 });
    };
    match part {
        Part::Gap => (at..=at + 2).find_map(|at| take(rest, words, at, plural)),
        Part::OneOf(choices) => {
            let word = words.get(at)?;
            // A phrase that goes on, from its second word.
            if words[1..=at].iter().any(|word| word.begins_phrase) {
                return None;
            }
            let fitting = choices.iter().filter(|choice| choice.fits(word, plural));
            let closeness = fitting.map(|choice| choice.closeness(word)).max()?;
            let fit = take(rest, words, at + 1, plural)?;
            let literal = fit.literal + closeness;
            Some(Fit { is_exact: fit.is_exact && closeness > 0, literal, ..fit })
        }
        Part::Not(choices) => {
            let follows = words.get(at).is_some_and(|word| {
                !word.begins_phrase && choices.iter().any(|choice| choice.fits(word, plural))
            });
            if follows { None } else { take(rest, words, at, plural) }
        }
    }
}

/// Every form of every language.
pub(super) fn forms() -> &'static [Form] {
    static FORMS: LazyLock<Vec<Form>> =
        LazyLock::new(|| rows(include_str!("data/terms.csv")).filter_map(|row| form(&row)).collect());
    &FORMS
}

/// The files are part of the program, so a fault in them is a fault of the build: the tests read every row.
fn form(row: &csv::StringRecord) -> Option<Form> {
    let usage = Usage::ALL.into_iter().find(|usage| usage.as_str() == &row[3]).expect("a form has a usage");
    if usage == Usage::Ok {
        return None;
    }
    let term: Term = row[0].parse().expect("a form is one of a term");
    let language: Language = row[1].parse().expect("a form has a language");
    let preferred = if row[4].is_empty() { term.label_in(language).pref } else { leaked(&row[4]) };
    let parts = row[2].split(' ').flat_map(parts_of).collect();
    Some(Form { term, language, written: leaked(&row[2]), usage, preferred, parts })
}

fn parts_of(written: &str) -> Vec<Part> {
    if written == "~" {
        return vec![Part::Gap];
    }
    let (written, is_barred) = written.strip_prefix('!').map_or((written, false), |written| (written, true));
    let choices: Vec<Vec<Choice>> = written
        .split('|')
        .map(|choice| {
            let (text, any_ending) = choice.strip_suffix('*').map_or((choice, false), |text| (text, true));
            let choice = |word: Word| Choice { text: word.text, written: word.written, any_ending: false };
            let mut words: Vec<_> = words(text).into_iter().map(choice).collect();
            if let Some(last) = words.last_mut() {
                last.any_ending = any_ending;
            }
            words
        })
        .collect();
    let first_of = |words: &Vec<Choice>| words[0].clone();
    match &choices[..] {
        several if is_barred => vec![Part::Not(several.iter().map(first_of).collect())],
        // Of a script without spaces: one word a character.
        [one] => one.iter().map(|word| Part::OneOf(vec![word.clone()])).collect(),
        several => vec![Part::OneOf(several.iter().map(first_of).collect())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_whole() {
        let mut seen = std::collections::BTreeSet::new();
        for row in rows(include_str!("data/terms.csv")) {
            let term: Term = row[0].parse().unwrap();
            let language: Language = row[1].parse().unwrap();
            assert!(seen.insert((term, language, row[2].to_owned())), "twice: {row:?}");
            if &row[3] == "OK" {
                assert_eq!(&row[2], term.label_in(language).pref.to_lowercase(), "{row:?}");
            } else {
                let parts: Vec<_> = row[2].split(' ').collect();
                assert!(parts[0] != "~" && parts[parts.len() - 1] != "~", "{row:?}");
                let barred = parts.iter().position(|part| part.starts_with('!'));
                assert!(barred.is_none_or(|at| at > 0 && at == parts.len() - 1), "{row:?}");
            }
        }
        for term in Term::all() {
            for language in Language::ALL {
                let is_there = seen.iter().any(|(t, l, _)| (*t, *l) == (term, language));
                assert!(is_there, "{term} in {language}");
            }
            assert_eq!(term.key().parse(), Ok(term));
        }
    }

    #[test]
    fn every_language_avoids_something_and_says_what_is_preferred() {
        for language in Language::ALL {
            let avoided: std::collections::BTreeSet<_> = forms()
                .iter()
                .filter(|form| form.language == language && form.usage == Usage::Avoid)
                .map(|form| form.term)
                .collect();
            assert!(avoided.len() >= 5, "{language}: {avoided:?}");
        }
        for form in forms() {
            assert!(!form.preferred.is_empty());
            let found = super::super::lint::lint(form.preferred, form.language);
            assert!(
                found.iter().all(|found| found.usage != Usage::Avoid),
                "{form:?} prefers what is avoided"
            );
        }
    }
}
