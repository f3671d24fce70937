//! Labels of the vocabulary that a language's file gives: `severity-SEV_A = Category A`, with `.plain` and `.definition`.

use std::collections::BTreeMap;

use super::file::Written;
use crate::vocabulary::{Code, Dimension, Indicator, Label, Language, ReviewStatus, Term, Unit};

/// What something of the vocabulary is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words<'a> {
    /// The short label.
    pub pref: &'a str,
    /// For someone who is new to the field.
    pub plain: &'a str,
    /// What is meant.
    pub definition: &'a str,
    /// The status of the least sure of the three.
    pub status: ReviewStatus,
}

/// Something of the vocabulary that has a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Labelled {
    Code(Code),
    Dimension(Dimension),
    Indicator(Indicator),
    Unit(Unit),
    Term(Term),
}

impl Labelled {
    /// Everything, in the order of a template.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let codes = Dimension::ALL.into_iter().flat_map(Dimension::codes).map(Self::Code);
        let dimensions = Dimension::ALL.into_iter().map(Self::Dimension);
        let indicators = Indicator::ALL.into_iter().map(Self::Indicator);
        let units = Unit::ALL.into_iter().map(Self::Unit);
        dimensions.chain(indicators).chain(units).chain(Term::all().map(Self::Term)).chain(codes)
    }

    /// The key of its label in a file: `severity-SEV_A`, `dimension-severity`.
    pub(super) fn key(self) -> String {
        match self {
            Self::Code(code) => format!("{}-{}", code.dimension().as_str(), code.as_str()),
            Self::Dimension(dimension) => format!("dimension-{}", dimension.as_str()),
            Self::Indicator(indicator) => format!("indicator-{}", indicator.as_str()),
            Self::Unit(unit) => format!("unit-{}", unit.as_str()),
            Self::Term(term) => format!("term-{}", term.key()),
        }
    }

    /// The label that comes along.
    pub(super) fn built_in(self, language: Language) -> &'static Label {
        match self {
            Self::Code(code) => code.label_in(language),
            Self::Dimension(dimension) => dimension.label_in(language),
            Self::Indicator(indicator) => indicator.label_in(language),
            Self::Unit(unit) => unit.label_in(language),
            Self::Term(term) => term.label_in(language),
        }
    }

    /// True for a country or a region: its name is all that needs a translation.
    pub(super) fn is_area(self) -> bool {
        matches!(self, Self::Code(code) if code.dimension() == Dimension::Area)
    }
}

/// A label that a file gives, or parts of one.
#[derive(Debug, Clone, Default)]
struct Own {
    pref: Option<(String, ReviewStatus)>,
    plain: Option<(String, ReviewStatus)>,
    definition: Option<(String, ReviewStatus)>,
}

/// The labels that files give, by key.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnLabels(BTreeMap<String, Own>);

impl OwnLabels {
    /// What a file says replaces what is there.
    pub(super) fn add(&mut self, key: &str, written: &Written) {
        let own = self.0.entry(key.to_owned()).or_default();
        let status = written.status;
        let given = |attribute| written.plain(attribute).map(|text| (text, status));
        own.pref = given(None).or(own.pref.take());
        own.plain = given(Some("plain")).or(own.plain.take());
        own.definition = given(Some("definition")).or(own.definition.take());
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(|own| own.pref.is_some())
    }

    /// The words for `what`: those of the files, and where these are silent those of `language`, or English.
    pub(super) fn words(&self, what: Labelled, language: Option<Language>) -> Words<'_> {
        let label = what.built_in(language.unwrap_or(Language::En));
        let Some(own) = (!self.0.is_empty()).then(|| self.0.get(&what.key())).flatten() else {
            let Label { pref, plain, definition, .. } = label;
            return Words { pref, plain, definition, status: label.least_status() };
        };
        fn pick<'a>(
            own: Option<&'a (String, ReviewStatus)>,
            text: &'a str,
            status: ReviewStatus,
        ) -> (&'a str, ReviewStatus) {
            own.map_or((text, status), |(own, status)| (own, *status))
        }
        let (pref, first) = pick(own.pref.as_ref(), label.pref, label.status[0]);
        // A name without plain words is its own plain words, rather than English.
        let name = own.pref.as_ref().filter(|_| language.is_none());
        let (plain, second) = pick(own.plain.as_ref().or(name), label.plain, label.status[1]);
        let (definition, third) = pick(own.definition.as_ref(), label.definition, label.status[2]);
        let status = [first, second, third];
        let least = ReviewStatus::ALL.into_iter().rfind(|known| status.contains(known));
        Words { pref, plain, definition, status: least.unwrap_or(ReviewStatus::Draft) }
    }
}
