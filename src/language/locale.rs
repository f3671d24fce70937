//! A language in use.

use std::fmt;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::civil::Date;

use super::file::{FileFault, LanguageError, Statuses, statuses};
use super::forms::NumberForms;
use crate::vocabulary::{Code, Dimension, Indicator, Language, Period, PeriodKind, ReviewStatus, Unit};

/// A value within a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arg<'a> {
    /// A number: `{ NUMBER($count) }` writes it as the language does, `{ $count -> … }` chooses by its plural.
    Number(u64),
    /// A word or a date that this room has made: stands as it is.
    Text(&'a str),
    /// A text of somebody else's, in whatever script: it is isolated from the direction of the words around it.
    Name(&'a str),
}

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

/// A language: its strings, its labels, its forms of numbers and dates.
pub struct Locale {
    tag: String,
    messages: FluentBundle<FluentResource>,
    statuses: Statuses,
    numbers: NumberForms,
    labels: Language,
}

macro_rules! built_in {
    ($($language:ident $tag:literal),*) => {
        static BUILT_IN: LazyLock<Vec<Locale>> = LazyLock::new(|| vec![$(
            Locale::of(Language::$language, $tag, include_str!(concat!("strings/", $tag, ".ftl")))
                .expect("a test reads every file that comes along")
        ),*]);
    };
}
built_in!(En "en", Fr "fr", Es "es", Pt "pt", Ar "ar", Ru "ru", Zh "zh", De "de");

impl Locale {
    /// The languages that come along, English first.
    #[must_use]
    pub fn built_in() -> &'static [Locale] {
        &BUILT_IN
    }

    /// English, in which every message exists.
    #[must_use]
    pub fn english() -> &'static Locale {
        &BUILT_IN[0]
    }

    fn of(labels: Language, file: &str, text: &str) -> Result<Self, LanguageError> {
        let statuses = statuses(file, text)?;
        let fail = |cause: String| LanguageError {
            file: file.to_owned(),
            faults: vec![FileFault { line: 1, cause }],
        };
        let tag: unic_langid::LanguageIdentifier =
            labels.as_str().parse().map_err(|error| fail(format!("the tag is no language tag: {error}")))?;
        let mut messages = FluentBundle::new_concurrent(vec![tag]);
        messages.set_use_isolating(false);
        let resource = FluentResource::try_new(text.to_owned()).map_err(|_| fail("is not Fluent".into()))?;
        messages.add_resource(resource).map_err(|_| fail("has a key twice".into()))?;
        let form =
            |key: &str, otherwise: &str| raw(&messages, key, None).unwrap_or_else(|| otherwise.to_owned());
        let numbers = NumberForms {
            group: form("number-group", ","),
            decimal: form("number-decimal", "."),
            grouped_from: form("number-grouped-from", "4").parse().unwrap_or(4),
        };
        let of_function = numbers.clone();
        messages
            .add_function("NUMBER", move |positional, _| match positional.first() {
                Some(FluentValue::Number(number)) => of_function.whole(number.value as u64).into(),
                _ => FluentValue::Error,
            })
            .map_err(|_| fail("has the function NUMBER twice".into()))?;
        Ok(Self { tag: labels.as_str().to_owned(), messages, statuses, numbers, labels })
    }

    /// The BCP 47 tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// What its speakers call it.
    #[must_use]
    pub fn endonym(&self) -> &str {
        self.labels.endonym()
    }

    /// True if it is written from right to left.
    #[must_use]
    pub fn is_right_to_left(&self) -> bool {
        self.labels.is_right_to_left()
    }

    /// The message `key`; English where this language lacks it.
    ///
    /// # Panics
    /// If English lacks it too: a test holds the keys that are used against those that exist.
    #[must_use]
    pub fn say(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let mut values = FluentArgs::new();
        for &(name, arg) in args {
            match arg {
                Arg::Number(value) => values.set(name, value as f64),
                Arg::Text(text) => values.set(name, text.to_owned()),
                Arg::Name(text) => values.set(name, format!("\u{2068}{text}\u{2069}")),
            }
        }
        raw(&self.messages, key, Some(&values))
            .or_else(|| raw(&Self::english().messages, key, Some(&values)))
            .unwrap_or_else(|| panic!("there is no message {key}"))
    }

    /// Who has vouched for the message; the status of English where this language lacks it.
    #[must_use]
    pub fn status(&self, key: &str) -> ReviewStatus {
        let status = self.statuses.get(key).or_else(|| Self::english().statuses.get(key));
        *status.unwrap_or(&ReviewStatus::Draft)
    }

    /// `1,234`
    #[must_use]
    pub fn number(&self, value: u64) -> String {
        self.numbers.whole(value)
    }

    /// A decimal number as manifests write it, `0.25`, in the language's form.
    #[must_use]
    pub fn decimal(&self, text: &str) -> String {
        self.numbers.decimal(text)
    }

    /// `5 November 2026`
    #[must_use]
    pub fn day(&self, date: Date) -> String {
        let month = self.say(&format!("month-in-date-{}", date.month()), &[]);
        self.say(
            "date-day",
            &[
                ("day", Arg::Text(&date.day().to_string())),
                ("month", Arg::Text(&month)),
                ("year", Arg::Text(&date.year().to_string())),
            ],
        )
    }

    /// `October 2026`, `October to December 2026`, `2026`
    #[must_use]
    pub fn period(&self, period: Period) -> String {
        let first = period.first_day();
        let year = first.year().to_string();
        let month = |date: Date| self.say(&format!("month-{}", date.month()), &[]);
        match period.kind() {
            PeriodKind::Month => {
                self.say("date-month", &[("month", Arg::Text(&month(first))), ("year", Arg::Text(&year))])
            }
            PeriodKind::Quarter => self.say(
                "date-quarter",
                &[
                    ("first", Arg::Text(&month(first))),
                    ("last", Arg::Text(&month(period.last_day()))),
                    ("year", Arg::Text(&year)),
                ],
            ),
            PeriodKind::Year => year,
        }
    }

    /// What a code is called.
    #[must_use]
    pub fn code(&self, code: Code) -> Words<'_> {
        words(code.label_in(self.labels))
    }

    /// What a dimension is called.
    #[must_use]
    pub fn dimension(&self, dimension: Dimension) -> Words<'_> {
        words(dimension.label_in(self.labels))
    }

    /// What an indicator is called.
    #[must_use]
    pub fn indicator(&self, indicator: Indicator) -> Words<'_> {
        words(indicator.label_in(self.labels))
    }

    /// What a unit is called.
    #[must_use]
    pub fn unit(&self, unit: Unit) -> Words<'_> {
        words(unit.label_in(self.labels))
    }
}

fn words(label: &'static crate::vocabulary::Label) -> Words<'static> {
    Words { pref: label.pref, plain: label.plain, definition: label.definition, status: label.least_status() }
}

fn raw(messages: &FluentBundle<FluentResource>, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
    let pattern = messages.get_message(key)?.value()?;
    let mut faults = Vec::new();
    let text = messages.format_pattern(pattern, args, &mut faults);
    faults.is_empty().then(|| text.into_owned())
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locale").field("tag", &self.tag).finish_non_exhaustive()
    }
}
