//! The period of a count: a calendar month, the finest time that is ever stored with a count.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A calendar month in UTC, written `2026-10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    year: i16,
    month: i8,
}

/// Text that is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a month; write it as YYYY-MM, for example 2026-10")]
pub struct PeriodError(String);

impl Period {
    /// The month that holds `date`.
    #[must_use]
    pub fn containing(date: jiff::civil::Date) -> Self {
        Self { year: date.year(), month: date.month() }
    }

    /// The first day of the month.
    #[must_use]
    pub fn first_day(self) -> jiff::civil::Date {
        jiff::civil::date(self.year, self.month, 1)
    }

    /// The month after this one.
    #[must_use]
    pub fn next(self) -> Self {
        if self.month == 12 {
            Self { year: self.year + 1, month: 1 }
        } else {
            Self { month: self.month + 1, ..self }
        }
    }

    /// The month before this one.
    #[must_use]
    pub fn previous(self) -> Self {
        if self.month == 1 {
            Self { year: self.year - 1, month: 12 }
        } else {
            Self { month: self.month - 1, ..self }
        }
    }

    /// `October 2026`, for people.
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
        format!("{} {}", MONTHS[(self.month - 1) as usize], self.year)
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let fault = || PeriodError(text.to_owned());
        let (year, month) = text.split_once('-').ok_or_else(fault)?;
        let digits = |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(fault());
        }
        let (year, month) = (year.parse().map_err(|_| fault())?, month.parse().map_err(|_| fault())?);
        if !(1970..=2999).contains(&year) || !(1..=12).contains(&month) {
            return Err(fault());
        }
        Ok(Self { year, month })
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
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other_over_the_year() {
        let december: Period = "2026-12".parse().unwrap();
        assert_eq!(december.next().to_string(), "2027-01");
        assert_eq!(december.next().previous(), december);
        assert_eq!(december.in_words(), "December 2026");
        assert!(december < december.next());
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["2026", "2026-13", "2026-00", "26-01", "2026-1", "2026-01-01", "+026-01", "2026-+1", ""]
        {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
