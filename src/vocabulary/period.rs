//! The period of a count: a calendar month, the finest time that is ever stored with a count, or a quarter or a year.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How long a period is.
///
/// Kinds order from short to long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeriodKind {
    /// A calendar month.
    Month,
    /// Three months, from January, April, July or October on.
    Quarter,
    /// A calendar year.
    Year,
}

impl PeriodKind {
    /// Every kind, from short to long.
    pub const ALL: [PeriodKind; 3] = [Self::Month, Self::Quarter, Self::Year];

    /// `month`, `quarter`, `year`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// How many calendar months it has: 1, 3 or 12.
    #[must_use]
    pub const fn months(self) -> i8 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }
}

impl fmt::Display for PeriodKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A calendar month, quarter or year in UTC, written `2026-10`, `2026-Q4` or `2026`.
///
/// Periods order by their first day, those with the same one from short to long.
///
/// # Examples
/// ```
/// # use innerward::vocabulary::{Period, PeriodError, PeriodKind};
/// let quarter: Period = "2026-Q4".parse()?;
/// assert_eq!(quarter.kind(), PeriodKind::Quarter);
/// let months: Vec<String> = quarter.months().map(|month| month.to_string()).collect();
/// assert_eq!(months, ["2026-10", "2026-11", "2026-12"]);
/// assert_eq!(quarter.next().to_string(), "2027-Q1");
/// # Ok::<(), PeriodError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    year: i16,
    /// The first one: 1 to 12.
    month: i8,
    kind: PeriodKind,
}

/// Text that is not a period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a month, a quarter or a year; write it as YYYY-MM, YYYY-QN or YYYY, for example 2026-10, 2026-Q4 or 2026"
)]
pub struct PeriodError(String);

impl Period {
    /// The years in which a period may lie.
    pub const YEARS: std::ops::RangeInclusive<i16> = 1970..=2999;

    /// The month that holds `date`.
    #[must_use]
    pub fn containing(date: jiff::civil::Date) -> Self {
        Self::of(PeriodKind::Month, date)
    }

    /// The month, quarter or year that holds `date`.
    #[must_use]
    pub fn of(kind: PeriodKind, date: jiff::civil::Date) -> Self {
        let months = kind.months();
        Self { year: date.year(), month: (date.month() - 1) / months * months + 1, kind }
    }

    /// Month, quarter or year.
    #[must_use]
    pub fn kind(self) -> PeriodKind {
        self.kind
    }

    /// The first day.
    #[must_use]
    pub fn first_day(self) -> jiff::civil::Date {
        jiff::civil::date(self.year, self.month, 1)
    }

    /// The last day, which belongs to it.
    #[must_use]
    pub fn last_day(self) -> jiff::civil::Date {
        jiff::civil::date(self.year, self.month + self.kind.months() - 1, 1).last_of_month()
    }

    /// Its months, in order; a month has itself.
    pub fn months(self) -> impl ExactSizeIterator<Item = Period> {
        let last = self.month + self.kind.months();
        (self.month..last).map(move |month| Self { year: self.year, month, kind: PeriodKind::Month })
    }

    /// True if `other` lies wholly within it, as it does itself.
    #[must_use]
    pub fn holds(self, other: Period) -> bool {
        self.first_day() <= other.first_day() && other.last_day() <= self.last_day()
    }

    /// The period after this one, of the same kind.
    #[must_use]
    pub fn next(self) -> Self {
        let month = self.month + self.kind.months();
        if month > 12 { Self { year: self.year + 1, month: 1, ..self } } else { Self { month, ..self } }
    }

    /// The period before this one, of the same kind.
    #[must_use]
    pub fn previous(self) -> Self {
        let months = self.kind.months();
        if self.month == 1 {
            Self { year: self.year - 1, month: 13 - months, ..self }
        } else {
            Self { month: self.month - months, ..self }
        }
    }

    /// `October 2026`, `October to December 2026` or `2026`, for people.
    #[must_use]
    pub fn in_words(self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let first = MONTHS[(self.month - 1) as usize];
        match self.kind {
            PeriodKind::Month => format!("{first} {}", self.year),
            PeriodKind::Quarter => format!("{first} to {} {}", MONTHS[(self.month + 1) as usize], self.year),
            PeriodKind::Year => self.year.to_string(),
        }
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let fault = || PeriodError(text.to_owned());
        let number = |part: &str, len| {
            let is_number = part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
            if is_number { part.parse::<i16>().map_err(|_| fault()) } else { Err(fault()) }
        };
        let (year, rest) = text.split_once('-').map_or((text, None), |(year, rest)| (year, Some(rest)));
        let year = number(year, 4)?;
        let (kind, month) = match rest {
            None => (PeriodKind::Year, 1),
            Some(rest) => match rest.strip_prefix('Q') {
                Some(quarter) => (PeriodKind::Quarter, number(quarter, 1)? * 3 - 2),
                None => (PeriodKind::Month, number(rest, 2)?),
            },
        };
        if !Period::YEARS.contains(&year) || !(1..=12).contains(&month) {
            return Err(fault());
        }
        Ok(Self { year, month: month as i8, kind })
    }
}

impl TryFrom<String> for Period {
    type Error = PeriodError;

    fn try_from(text: String) -> Result<Self, PeriodError> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> String {
        period.to_string()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            PeriodKind::Month => write!(f, "{:04}-{:02}", self.year, self.month),
            PeriodKind::Quarter => write!(f, "{:04}-Q{}", self.year, (self.month + 2) / 3),
            PeriodKind::Year => write!(f, "{:04}", self.year),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Period {
        text.parse().unwrap()
    }

    #[test]
    fn months_follow_each_other_over_the_year() {
        let december = period("2026-12");
        assert_eq!(december.next().to_string(), "2027-01");
        assert_eq!(december.next().previous(), december);
        assert_eq!(december.in_words(), "December 2026");
        assert!(december < december.next());
    }

    #[test]
    fn longer_periods_follow_each_other_and_hold_their_months() {
        for (text, next, last, months, words) in [
            ("2024-Q1", "2024-Q2", "2024-03-31", "2024-01 2024-02 2024-03", "January to March 2024"),
            ("2026-Q4", "2027-Q1", "2026-12-31", "2026-10 2026-11 2026-12", "October to December 2026"),
            ("2024-02", "2024-03", "2024-02-29", "2024-02", "February 2024"),
        ] {
            let found = period(text);
            assert_eq!(found.to_string(), text);
            assert_eq!(found.next(), period(next));
            assert_eq!(found.next().previous(), found);
            assert_eq!(found.last_day().to_string(), last);
            assert_eq!(found.months().map(|month| month.to_string()).collect::<Vec<_>>().join(" "), months);
            assert_eq!(found.in_words(), words);
            assert_eq!(serde_json::to_value(found).unwrap(), text);
        }
        let year = period("2026");
        assert_eq!((year.next(), year.previous()), (period("2027"), period("2025")));
        assert_eq!(year.months().len(), 12);
        assert_eq!(year.last_day(), period("2026-12").last_day());
        assert!(year.holds(period("2026-Q1")) && period("2026-Q1").holds(period("2026-03")));
        assert!(!period("2026-Q1").holds(period("2026-04")) && !period("2026-Q1").holds(year));
    }

    #[test]
    fn the_period_of_a_date_holds_it() {
        let mut date = jiff::civil::date(2023, 12, 30);
        while date < jiff::civil::date(2025, 1, 3) {
            for kind in PeriodKind::ALL {
                let found = Period::of(kind, date);
                assert_eq!(found.kind(), kind);
                assert!((found.first_day()..=found.last_day()).contains(&date), "{date} in {found}");
                assert_eq!(period(&found.to_string()), found);
                assert!(found.months().any(|month| month == Period::containing(date)));
            }
            date = date.tomorrow().unwrap();
        }
    }

    #[test]
    fn periods_order_by_first_day_and_then_by_length() {
        let mut found = ["2027-01", "2026", "2026-Q4", "2026-02", "2026-Q1", "2026-01"].map(period);
        found.sort_unstable();
        let sorted = ["2026-01", "2026-Q1", "2026", "2026-02", "2026-Q4", "2027-01"].map(period);
        assert_eq!(found, sorted);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "2026-13",
            "2026-00",
            "26-01",
            "2026-1",
            "2026-01-01",
            "+026-01",
            "2026-+1",
            "",
            "2026-Q0",
            "2026-Q5",
            "2026-q1",
            "2026-Q",
            "2026-Q11",
            "2026-",
            "202",
            "20266",
            "1969",
            "2026-4Q",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
