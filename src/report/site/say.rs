//! What a page says: every text through the language's strings, and a mark where nobody has checked the wording.

use std::cell::RefCell;
use std::collections::BTreeSet;

use maud::{Markup, Render, html};

use crate::language::{Arg, Locale, Words};
use crate::vocabulary::{Code, Dimension, Indicator, Period, ReviewStatus, Unit};

/// The sign of a text that no speaker of the language has checked, on a page that also has checked ones.
pub(super) const UNCHECKED: &str = "†";

/// A text and whether it carries that sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    text: String,
    marked: bool,
    /// True where the language lacks the text and English stands in.
    english: bool,
}

impl Said {
    /// The text alone, for attributes and titles.
    pub(super) fn plain(&self) -> &str {
        &self.text
    }

    /// True where English stands in.
    pub(super) fn is_english(&self) -> bool {
        self.english
    }
}

impl Render for Said {
    fn render(&self) -> Markup {
        html! {
            @if self.english { span lang="en" dir="ltr" { (self.text) } } @else { (self.text) }
            @if self.marked { sup.u { (UNCHECKED) } }
        }
    }
}

/// The texts of one page in one language, and what is known of those that it has used.
#[derive(Debug)]
pub(super) struct Voice<'a> {
    locale: &'a Locale,
    /// True while texts that nobody has checked are marked one by one.
    marking: bool,
    used: RefCell<Vec<ReviewStatus>>,
    /// The keys of the texts for which English stands in.
    lacking: RefCell<BTreeSet<String>>,
}

/// How far the texts of a page have been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Review {
    /// All of them.
    Checked,
    /// Some: those that were not carry [`UNCHECKED`].
    Some,
    /// None, and a machine translated some.
    Machine,
    /// None; their authors wrote them in this language.
    Draft,
}

impl<'a> Voice<'a> {
    pub(super) fn of(locale: &'a Locale) -> Self {
        Self { locale, marking: false, used: RefCell::default(), lacking: RefCell::default() }
    }

    /// The same, marking what nobody has checked.
    pub(super) fn marking(locale: &'a Locale) -> Self {
        Self { marking: true, ..Self::of(locale) }
    }

    pub(super) fn locale(&self) -> &'a Locale {
        self.locale
    }

    /// For how many texts of the page English stands in.
    pub(super) fn lacking(&self) -> usize {
        self.lacking.borrow().len()
    }

    pub(super) fn review(&self) -> Review {
        let used = self.used.borrow();
        let checked = used.iter().filter(|status| status.is_checked()).count();
        match checked {
            _ if checked == used.len() => Review::Checked,
            0 if used.contains(&ReviewStatus::Machine) => Review::Machine,
            0 => Review::Draft,
            _ => Review::Some,
        }
    }

    fn said(&self, text: String, status: ReviewStatus) -> Said {
        self.used.borrow_mut().push(status);
        Said { text, marked: self.marking && !status.is_checked(), english: false }
    }

    /// A message without values.
    pub(super) fn t(&self, key: &str) -> Said {
        self.say(key, &[])
    }

    /// A message.
    pub(super) fn say(&self, key: &str, args: &[(&str, Arg<'_>)]) -> Said {
        let english = !self.locale.has(key);
        if english {
            self.lacking.borrow_mut().insert(key.to_owned());
        }
        Said { english, ..self.said(self.locale.say(key, args), self.locale.status(key)) }
    }

    /// `1,234`
    pub(super) fn number(&self, value: u64) -> String {
        self.locale.number(value)
    }

    /// What stands between a word and what is said of it, as `: `.
    pub(super) fn colon(&self) -> String {
        self.t("colon").plain().to_owned()
    }

    /// What ends a sentence before the next, as `. `.
    pub(super) fn stop(&self) -> String {
        self.t("stop").plain().to_owned()
    }

    /// What ends the last sentence of a paragraph.
    pub(super) fn end(&self) -> String {
        self.stop().trim_end().to_owned()
    }

    /// `1,234 items`
    pub(super) fn count(&self, unit: Unit, value: u64) -> Said {
        let key = match unit {
            Unit::Items => "count-items",
            Unit::Reports => "count-reports",
            Unit::Urls => "count-urls",
        };
        self.say(key, &[("count", Arg::Number(value))])
    }

    /// `1,231–1,237`
    pub(super) fn range(&self, low: u64, high: u64) -> String {
        let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        self.locale.range(signed(low), signed(high))
    }

    /// `October 2026`
    pub(super) fn period(&self, period: Period) -> String {
        self.locale.period(period)
    }

    /// `5 November 2026`
    pub(super) fn day(&self, date: jiff::civil::Date) -> String {
        self.locale.day(date)
    }

    /// Billionths as a decimal number without trailing zeros: `0.5`.
    pub(super) fn billionths(&self, nano: u64) -> String {
        let text = format!("{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000);
        self.locale.decimal(text.trim_end_matches('0').trim_end_matches('.'))
    }

    /// Several texts in a row.
    pub(super) fn join(&self, parts: impl Iterator<Item = String>) -> String {
        parts.collect::<Vec<_>>().join(self.t("list-separator").plain())
    }

    /// A code, for someone who is new to the field.
    pub(super) fn code(&self, code: Code) -> Said {
        self.plain_label(self.locale.code(code))
    }

    /// A dimension, likewise.
    pub(super) fn dimension(&self, dimension: Dimension) -> Said {
        self.plain_label(self.locale.dimension(dimension))
    }

    /// An indicator, likewise.
    pub(super) fn indicator(&self, indicator: Indicator) -> Said {
        self.plain_label(self.locale.indicator(indicator))
    }

    fn plain_label(&self, words: Words<'_>) -> Said {
        self.said(words.plain.to_owned(), words.status)
    }

    /// What a label means.
    pub(super) fn definition(&self, words: Words<'_>) -> Said {
        self.said(words.definition.to_owned(), words.status)
    }

    /// The short label.
    pub(super) fn pref(&self, words: Words<'_>) -> Said {
        self.said(words.pref.to_owned(), words.status)
    }
}
