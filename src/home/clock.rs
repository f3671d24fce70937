//! What day it is. A real home follows the system; a demo's home may pretend, and its releases say DEMO.

use jiff::civil::Date;

use super::Home;

/// The day on which the home acts, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock(Date);

/// A pretended day in a real home.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "only a demo's home may pretend another day; leave out --today, or try it in a home made by `innerward demo`"
)]
pub struct ClockError;

impl Clock {
    /// Today in UTC.
    #[must_use]
    pub fn system() -> Self {
        Self(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// `pretended` if the home is a demo's, else the system's day.
    ///
    /// # Errors
    /// [`ClockError`] if a day is pretended in a real home.
    pub fn of(home: &Home, pretended: Option<Date>) -> Result<Self, ClockError> {
        match pretended {
            None => Ok(Self::system()),
            Some(date) if home.is_demo() => Ok(Self(date)),
            Some(_) => Err(ClockError),
        }
    }

    /// The day.
    #[must_use]
    pub fn today(self) -> Date {
        self.0
    }
}
