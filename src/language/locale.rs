//! A language in use.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::civil::Date;
use unic_langid::LanguageIdentifier;

use super::check::{english_keys, is_header};
use super::file::{FileFault, LanguageError, LanguageFile, text_of};
use super::forms::NumberForms;
use super::labels::{Labelled, OwnLabels, Words};
use super::plural::{counted, whole};
use super::review::{Review, Statuses};
use crate::vocabulary::{Code, Dimension, Indicator, Language, Period, PeriodKind, ReviewStatus, Term, Unit};

/// A value within a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arg<'a> {
    /// A number below 2^53: `{ NUMBER($count) }` writes it as the language does, `{ $count -> … }` chooses by its plural.
    Number(u64),
    /// A word or a date that this room has made: stands as it is.
    Text(&'a str),
    /// A text of somebody else's, in whatever script: it is isolated from the direction of the words around it.
    Name(&'a str),
}

/// A language: its strings, its labels, its forms of numbers and dates.
pub struct Locale {
    tag: String,
    endonym: String,
    is_right_to_left: bool,
    messages: FluentBundle<FluentResource>,
    statuses: Statuses,
    numbers: NumberForms,
    own: OwnLabels,
    labels: Option<Language>,
}

/// A language's file that was read and found right.
pub(super) struct Opened {
    pub(super) tag: LanguageIdentifier,
    pub(super) file: LanguageFile,
}

impl Opened {
    pub(super) fn read(path: &Path) -> Result<Self, LanguageError> {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        Self::of(&path.display().to_string(), stem.as_deref(), &text_of(path)?)
    }

    pub(super) fn of(name: &str, stem: Option<&str>, text: &str) -> Result<Self, LanguageError> {
        let file = LanguageFile::checked(text, stem);
        if !file.faults.is_empty() {
            return Err(LanguageError::Faulty { file: name.to_owned(), faults: file.faults });
        }
        let tag = file.messages.get("language-tag").and_then(|written| written.plain(None));
        let tag = tag.and_then(|tag| tag.parse().ok()).unwrap_or_default();
        Ok(Self { tag, file })
    }
}

/// The strings of a language that comes along.
const fn strings(language: Language) -> &'static str {
    match language {
        Language::En => ENGLISH,
        Language::Fr => include_str!("strings/fr.ftl"),
        Language::Es => include_str!("strings/es.ftl"),
        Language::Pt => include_str!("strings/pt.ftl"),
        Language::Ar => include_str!("strings/ar.ftl"),
        Language::Ru => include_str!("strings/ru.ftl"),
        Language::Zh => include_str!("strings/zh.ftl"),
        Language::De => include_str!("strings/de.ftl"),
    }
}

/// What is wrong with the strings of a language that comes along: nothing, as a test sees to it.
#[must_use]
pub fn built_in_faults(language: Language) -> Vec<FileFault> {
    LanguageFile::checked(strings(language), Some(language.as_str())).faults
}

pub(super) const ENGLISH: &str = include_str!("strings/en.ftl");

/// Its own, so that a command that speaks English reads no other language.
static IN_ENGLISH: LazyLock<Arc<Locale>> = LazyLock::new(|| Arc::new(Locale::new(Language::En)));
static BUILT_IN: LazyLock<Vec<Locale>> = LazyLock::new(|| Language::ALL.map(Locale::new).into());

impl Locale {
    /// The languages that come along, English first.
    #[must_use]
    pub fn built_in() -> &'static [Locale] {
        &BUILT_IN
    }

    /// English, in which every message exists.
    #[must_use]
    pub fn english() -> &'static Locale {
        &IN_ENGLISH
    }

    /// The same, to keep.
    #[must_use]
    pub fn in_english() -> Arc<Locale> {
        Arc::clone(&IN_ENGLISH)
    }

    /// The language of one file, over the strings that come along for it.
    ///
    /// # Errors
    /// If the file cannot be read, or something in it is wrong: the error names each line and its cure.
    pub fn read(path: &Path) -> Result<Self, LanguageError> {
        Ok(Self::of_files(vec![Opened::read(path)?]))
    }

    /// A language that comes along.
    pub(super) fn new(language: Language) -> Self {
        let file = LanguageFile::trusted(strings(language));
        let tag = language.as_str().parse().unwrap_or_default();
        Self::of_files(vec![Opened { tag, file }])
    }

    /// The language of `files`, of which the first has its tag; what comes later wins.
    pub(super) fn of_files(mut files: Vec<Opened>) -> Self {
        let tag = files.first().map(|file| file.tag.clone()).unwrap_or_default();
        // A file of a country or region, as pt-PT, adds to the language; one of another script stands alone.
        let base: Option<Language> = tag.language.as_str().parse().ok().filter(|_| tag.script.is_none());
        if let Some(language) = base {
            let file = LanguageFile::trusted(strings(language));
            files.insert(0, Opened { tag: tag.clone(), file });
        }
        let mut messages = FluentBundle::new_concurrent(vec![tag.clone()]);
        messages.set_use_isolating(false);
        let (mut statuses, mut own) = (Statuses::default(), OwnLabels::default());
        for Opened { file, .. } in files {
            for (key, written) in &file.messages {
                if super::check::is_label(key) {
                    own.add(key, written);
                } else {
                    statuses.set(key, written.status);
                }
            }
            // What is not Fluent was refused, and of what comes along a test reads every string.
            let (Ok(resource) | Err((resource, _))) = FluentResource::try_new(file.text);
            messages.add_resource_overriding(resource);
        }
        let form =
            |key: &str, otherwise: &str| raw(&messages, key, None).unwrap_or_else(|| otherwise.to_owned());
        let digits: Vec<char> = form("number-digits", "").chars().collect();
        let numbers = NumberForms {
            digits: digits.try_into().unwrap_or(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
            group: form("number-group", ","),
            decimal: form("number-decimal", "."),
            minus: form("number-minus", "-"),
            grouped_from: form("number-grouped-from", "4").parse().unwrap_or(4),
        };
        let (endonym, direction) =
            (form("language-name", &tag.to_string()), form("language-direction", "ltr"));
        let of_function = numbers.clone();
        messages
            .add_function("NUMBER", move |positional, _| match positional.first() {
                Some(FluentValue::Number(number)) => of_function.whole(whole(number)).into(),
                _ => FluentValue::Error,
            })
            .expect("no message has the name of a function, which is in capitals");
        let is_right_to_left = direction == "rtl";
        Self {
            tag: tag.to_string(),
            endonym,
            is_right_to_left,
            messages,
            statuses,
            numbers,
            own,
            labels: base,
        }
    }

    /// The BCP 47 tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// What its speakers call it.
    #[must_use]
    pub fn endonym(&self) -> &str {
        &self.endonym
    }

    /// True if it is written from right to left.
    #[must_use]
    pub fn is_right_to_left(&self) -> bool {
        self.is_right_to_left
    }

    /// The language whose labels come along and stand where its files have none; `None` if these are English.
    #[must_use]
    pub fn vocabulary(&self) -> Option<Language> {
        self.labels
    }

    /// The message `key`; English where this language lacks it, or cannot say it with `args`.
    ///
    /// A key that English lacks too is a fault of the program: it ends a test, and a page shows the key.
    #[must_use]
    pub fn say(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let mut values = FluentArgs::new();
        for &(name, arg) in args {
            match arg {
                Arg::Number(value) => values.set(name, counted(&self.tag, value)),
                Arg::Text(text) => values.set(name, text.to_owned()),
                Arg::Name(text) => values.set(name, format!("\u{2068}{text}\u{2069}")),
            }
        }
        raw(&self.messages, key, Some(&values))
            .or_else(|| raw(&Self::english().messages, key, Some(&values)))
            .unwrap_or_else(|| {
                debug_assert!(false, "English cannot say {key} with {args:?}");
                key.to_owned()
            })
    }

    /// True if this language has the message itself.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.messages.has_message(key)
    }

    /// Who has vouched for the message; the status of English where this language lacks it.
    #[must_use]
    pub fn status(&self, key: &str) -> ReviewStatus {
        let status = self.statuses.of(key).or_else(|| Self::english().statuses.of(key));
        status.unwrap_or(ReviewStatus::Draft)
    }

    /// How many of its strings somebody has vouched for, and how many it lacks.
    #[must_use]
    pub fn review(&self) -> Review {
        self.statuses.review(english_keys().filter(|key| !is_header(key)))
    }

    /// The same for its labels of the vocabulary.
    #[must_use]
    pub fn review_of_labels(&self) -> Review {
        let mut review = Review::default();
        for what in Labelled::all() {
            if self.has_label(what) {
                review.count(Some(self.own.words(what, self.labels).status));
            } else {
                review.count(None);
            }
        }
        review
    }

    fn has_label(&self, what: Labelled) -> bool {
        self.labels.is_some() || self.own.has(&what.key())
    }

    /// The keys of the labels that it lacks.
    pub fn missing_labels(&self) -> impl Iterator<Item = String> {
        Labelled::all().filter(|what| !self.has_label(*what)).map(Labelled::key)
    }

    /// The keys of the strings that it lacks, or that nobody has vouched for, with their status.
    pub fn unchecked(&self) -> impl Iterator<Item = (&'static str, Option<ReviewStatus>)> {
        let keys = english_keys().filter(|key| !is_header(key));
        keys.map(|key| (key, self.statuses.of(key)))
            .filter(|(_, status)| status.is_none_or(|status| !status.is_checked()))
    }

    /// `1,234`
    #[must_use]
    pub fn number(&self, value: u64) -> String {
        self.numbers.whole(value)
    }

    /// `-1,234`: a change, below zero too.
    #[must_use]
    pub fn signed(&self, value: i64) -> String {
        self.numbers.decimal(&value.to_string())
    }

    /// A decimal number as manifests write it, `0.25`, in the language's form.
    #[must_use]
    pub fn decimal(&self, text: &str) -> String {
        self.numbers.decimal(text)
    }

    /// `12%`, of a number as manifests write it.
    #[must_use]
    pub fn percent(&self, text: &str) -> String {
        self.say("number-percent", &[("number", Arg::Text(&self.decimal(text)))])
    }

    /// `1,234–5,678`; below zero `-5 – 3`.
    #[must_use]
    pub fn range(&self, low: i64, high: i64) -> String {
        let space = if low < 0 || high < 0 { " " } else { "" };
        let (low, high) = (format!("{}{space}", self.signed(low)), format!("{space}{}", self.signed(high)));
        self.say("number-range", &[("low", Arg::Text(&low)), ("high", Arg::Text(&high))])
    }

    /// `5 November 2026`
    #[must_use]
    pub fn day(&self, date: Date) -> String {
        let month = self.say(&format!("month-in-date-{}", date.month()), &[]);
        let (day, year) = (self.plain(date.day()), self.plain(date.year()));
        let args = [("day", Arg::Text(&day)), ("month", Arg::Text(&month)), ("year", Arg::Text(&year))];
        self.say("date-day", &args)
    }

    /// `October 2026`, `October to December 2026`, `2026`
    #[must_use]
    pub fn period(&self, period: Period) -> String {
        let first = period.first_day();
        let year = self.plain(first.year());
        match period.kind() {
            PeriodKind::Month => {
                let month = self.month(first);
                self.say("date-month", &[("month", Arg::Text(&month)), ("year", Arg::Text(&year))])
            }
            PeriodKind::Quarter => {
                let (first, last) = (self.month(first), self.month(period.last_day()));
                let args =
                    [("first", Arg::Text(&first)), ("last", Arg::Text(&last)), ("year", Arg::Text(&year))];
                self.say("date-quarter", &args)
            }
            PeriodKind::Year => year,
        }
    }

    /// `October 2024 to December 2026`: from one period to another, both included.
    #[must_use]
    pub fn span(&self, first: Period, last: Period) -> String {
        if first == last {
            return self.period(first);
        }
        let (first, last) = (self.period(first), self.period(last));
        self.say("date-span", &[("first", Arg::Text(&first)), ("last", Arg::Text(&last))])
    }

    /// The name of a date's month, standing alone.
    fn month(&self, date: Date) -> String {
        self.say(&format!("month-{}", date.month()), &[])
    }

    /// A number that is no amount, as a year, in the language's digits.
    fn plain(&self, number: impl fmt::Display) -> String {
        self.numbers.digits(&number.to_string())
    }

    /// What a code is called.
    #[must_use]
    pub fn code(&self, code: Code) -> Words<'_> {
        self.own.words(Labelled::Code(code), self.labels)
    }

    /// What a dimension is called.
    #[must_use]
    pub fn dimension(&self, dimension: Dimension) -> Words<'_> {
        self.own.words(Labelled::Dimension(dimension), self.labels)
    }

    /// What an indicator is called.
    #[must_use]
    pub fn indicator(&self, indicator: Indicator) -> Words<'_> {
        self.own.words(Labelled::Indicator(indicator), self.labels)
    }

    /// What a unit is called.
    #[must_use]
    pub fn unit(&self, unit: Unit) -> Words<'_> {
        self.own.words(Labelled::Unit(unit), self.labels)
    }

    /// The preferred term for a concept of the field.
    #[must_use]
    pub fn term(&self, term: Term) -> Words<'_> {
        self.own.words(Labelled::Term(term), self.labels)
    }
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
