//! What day it is. A real home follows the system; a demo's home may pretend, and its releases say DEMO.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Home;

/// When the home acts, to the second, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock(Timestamp);

/// A pretended day in a real home.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "only a demo's home may pretend another day; leave out --today, or try it in a home made by `innerward demo`"
)]
pub struct ClockError;

impl Clock {
    /// Now, by the system.
    #[must_use]
    pub fn system() -> Self {
        let now = Timestamp::now();
        Self(Timestamp::from_second(now.as_second()).unwrap_or(now))
    }

    /// The first second of a day.
    #[must_use]
    pub fn start_of(day: Date) -> Self {
        // Only a day at the very end of the calendar has no such second in UTC.
        Self(day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |start| start.timestamp()))
    }

    /// The first second of `pretended` if the home is a demo's, else now by the system.
    ///
    /// # Errors
    /// [`ClockError`] if a day is pretended in a real home.
    pub fn of(home: &Home, pretended: Option<Date>) -> Result<Self, ClockError> {
        match pretended {
            None => Ok(Self::system()),
            Some(date) if home.is_demo() => Ok(Self::start_of(date)),
            Some(_) => Err(ClockError),
        }
    }

    /// The day.
    #[must_use]
    pub fn today(self) -> Date {
        self.0.to_zoned(TimeZone::UTC).date()
    }

    /// The second.
    #[must_use]
    pub const fn now(self) -> Timestamp {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_begins_with_its_first_second_and_the_system_counts_whole_ones() {
        let clock = Clock::start_of(date(2026, 7, 1));
        assert_eq!(
            (clock.today(), clock.now().to_string().as_str()),
            (date(2026, 7, 1), "2026-07-01T00:00:00Z")
        );
        assert_eq!(Clock::system().now().subsec_nanosecond(), 0);
    }
}
