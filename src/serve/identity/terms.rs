//! How long something holds, as people write it.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

/// A length of time: `30m`, `24h`, `90d`; nothing to a hundred years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(SignedDuration);

/// What is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a length of time is a number of seconds, minutes, hours or days: 30s, 30m, 24h, 90d")]
pub struct SpanError;

impl Span {
    const MOST_SECONDS: i64 = 100 * 365 * 86_400;

    /// From one moment to a later one; nothing if it is earlier.
    #[must_use]
    pub fn between(from: Timestamp, to: Timestamp) -> Self {
        Self(from.duration_until(to).max(SignedDuration::ZERO))
    }

    /// The moment that is so much later.
    #[must_use]
    pub fn after(self, from: Timestamp) -> Timestamp {
        from.checked_add(self.0).unwrap_or(Timestamp::MAX)
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let unit = match text.as_bytes().last() {
            Some(b's') => 1,
            Some(b'm') => 60,
            Some(b'h') => 3600,
            Some(b'd') => 86_400,
            _ => return Err(SpanError),
        };
        let number = &text[..text.len() - 1];
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SpanError);
        }
        let seconds = number.parse::<i64>().ok().and_then(|number| number.checked_mul(unit));
        let seconds = seconds.filter(|seconds| *seconds <= Self::MOST_SECONDS).ok_or(SpanError)?;
        Ok(Self(SignedDuration::from_secs(seconds)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let units = [(86_400, 'd'), (3600, 'h'), (60, 'm'), (1, 's')];
        let fits = units.into_iter().find(|(unit, _)| seconds % unit == 0).unwrap_or((1, 's'));
        write!(f, "{}{}", seconds / fits.0, fits.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, seconds) in [("0s", 0), ("90s", 90), ("30m", 1800), ("24h", 86_400), ("90d", 7_776_000)] {
            assert_eq!(text.parse::<Span>().unwrap().0.as_secs(), seconds, "{text}");
        }
        for bad in ["", "d", "1", "1w", "-1d", "+1d", "1.5h", " 1h", "36501d", "9223372036854775807d", "1é"]
        {
            assert_eq!(bad.parse::<Span>(), Err(SpanError), "{bad:?}");
        }
        assert_eq!(
            ["24h", "90s", "0s"].map(|text| text.parse::<Span>().unwrap().to_string()),
            ["1d", "90s", "0d"]
        );
    }
}
