//! What a token has used: its rate, what runs at the moment, and its look-ups of the day, which a restart does not give
//! back.

use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::rate::Bucket;
use super::{Grant, Rate, TokenError, TokenName};
use crate::home::{Clock, Home, HomeError, open_unfollowed, write_atomic};

/// Most bytes of the file.
const MAX_BYTES: u64 = 4 << 20;

/// The look-ups of a day, by token: `serve/quota.json`, 0600.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Used {
    /// The day, in UTC.
    pub day: Date,
    /// Look-ups of tokens that have a quota.
    pub lookups: BTreeMap<TokenName, u64>,
}

impl Used {
    fn path(home: &Home) -> PathBuf {
        home.root().join("serve").join("quota.json")
    }

    /// What was used today, as far as services have written it down, which they do every two seconds.
    ///
    /// # Errors
    /// [`TokenError::Damaged`] if the file is not what was written, [`TokenError::Home`] if it cannot be read.
    pub fn read(home: &Home, today: Date) -> Result<Self, TokenError> {
        let path = Self::path(home);
        let none = Self { day: today, lookups: BTreeMap::new() };
        let mut text = Vec::new();
        match open_unfollowed(&path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut text)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(none),
            Err(source) => return Err(HomeError::Io { path, source }.into()),
        }
        let used: Self = serde_json::from_slice(&text).map_err(|error| {
            let cause = format!("line {}, column {}", error.line(), error.column());
            TokenError::Damaged { path, cause }
        })?;
        Ok(if used.day == today { used } else { none })
    }

    /// Adds what this process has charged, and gives what all of them have.
    pub(super) fn add(
        home: &Home,
        today: Date,
        charged: &BTreeMap<TokenName, u64>,
    ) -> Result<Self, TokenError> {
        if charged.is_empty() {
            return Self::read(home, today);
        }
        let _lock = home.lock_small("quota")?;
        let path = Self::path(home);
        // A file that somebody damaged must not keep the next days from being counted: it is begun anew, and told.
        let (mut used, damaged) = match Self::read(home, today) {
            Err(error @ TokenError::Damaged { .. }) => {
                (Self { day: today, lookups: BTreeMap::new() }, Some(error))
            }
            read => (read?, None),
        };
        for (name, lookups) in charged {
            let sum = used.lookups.entry(name.clone()).or_default();
            *sum = sum.saturating_add(*lookups);
        }
        let dir = path.parent().unwrap_or(home.root());
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(HomeError::io(dir))?;
        let text = serde_json::to_vec(&used).expect("names, numbers and text are always JSON");
        write_atomic(&path, &text, 0o600)?;
        damaged.map_or(Ok(used), Err)
    }
}

/// Why a caller has to come again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Busy {
    /// Too many requests within a short time; there is room again after so many seconds.
    Rate(u64),
    /// Too many at the same time.
    Concurrency,
    /// The look-ups of the day are used up; so many seconds to midnight, UTC.
    Quota(u64),
}

/// What one token uses at the moment, over all its requests. Survives a change of the token.
#[derive(Debug)]
pub(super) struct Meter {
    counts: Mutex<Counts>,
    start: Instant,
    pretended: Option<Clock>,
}

#[derive(Debug, Default)]
struct Counts {
    bucket: Bucket,
    running: u32,
    day: Option<Date>,
    /// Of that day, by all processes as far as this one knows.
    lookups: u64,
    /// Those of them that are not in the file yet.
    unwritten: u64,
}

impl Meter {
    pub(super) fn new(pretended: Option<Clock>) -> Self {
        Self { counts: Mutex::default(), start: Instant::now(), pretended }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Numbers that are set one by one are whole also where somebody panicked.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a request in. [`Meter::leave`] is called at its end.
    pub(super) fn enter(&self, rate: Option<Rate>, concurrency: Option<u32>) -> Result<(), Busy> {
        let mut counts = self.counts();
        if concurrency.is_some_and(|most| counts.running >= most) {
            return Err(Busy::Concurrency);
        }
        if let Some(rate) = rate {
            let now = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
            counts.bucket.take(rate, now).map_err(|wait| Busy::Rate(wait.div_ceil(1_000_000_000).max(1)))?;
        }
        counts.running = counts.running.saturating_add(1);
        Ok(())
    }

    pub(super) fn leave(&self) {
        let mut counts = self.counts();
        counts.running = counts.running.saturating_sub(1);
    }

    /// Takes so many look-ups from the day, all or none.
    pub(super) fn charge(&self, grant: &Grant, lookups: u64) -> Result<(), Busy> {
        let Some(quota) = grant.quota else { return Ok(()) };
        let clock = self.pretended.unwrap_or_else(Clock::system);
        let mut counts = self.counts();
        counts.turn_to(clock.today());
        let sum = counts.lookups.saturating_add(lookups);
        if sum > quota {
            return Err(Busy::Quota(seconds_to_midnight(clock.now())));
        }
        counts.lookups = sum;
        counts.unwritten = counts.unwritten.saturating_add(lookups);
        Ok(())
    }

    /// Hands out what is to be written down for `today`.
    pub(super) fn take_unwritten(&self, today: Date) -> u64 {
        let mut counts = self.counts();
        counts.turn_to(today);
        std::mem::take(&mut counts.unwritten)
    }

    /// What was handed out could not be written.
    pub(super) fn put_back(&self, today: Date, lookups: u64) {
        let mut counts = self.counts();
        counts.turn_to(today);
        counts.unwritten = counts.unwritten.saturating_add(lookups);
    }

    /// Takes in what all processes together have used.
    pub(super) fn adopt(&self, used: &Used, name: &TokenName) {
        let mut counts = self.counts();
        counts.turn_to(used.day);
        let all = used.lookups.get(name).copied().unwrap_or(0);
        counts.lookups = all.saturating_add(counts.unwritten).max(counts.lookups);
    }
}

impl Counts {
    fn turn_to(&mut self, day: Date) {
        // A clock that is set back gives nothing back.
        if self.day.is_none_or(|own| own < day) {
            (self.day, self.lookups, self.unwritten) = (Some(day), 0, 0);
        }
    }
}

/// From `now` to the next day, at least 1.
fn seconds_to_midnight(now: Timestamp) -> u64 {
    let now = now.to_zoned(TimeZone::UTC);
    let next = now.tomorrow().and_then(|next| next.start_of_day());
    let seconds = next.map_or(0, |next| now.timestamp().duration_until(next.timestamp()).as_secs());
    u64::try_from(seconds).unwrap_or(0).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_is_that_of_utc() {
        let seconds = |text: &str| seconds_to_midnight(text.parse().unwrap());
        assert_eq!(seconds("2026-11-23T23:59:58Z"), 2);
        assert_eq!(seconds("2026-11-23T00:00:00Z"), 86_400);
        assert_eq!(seconds("2026-11-23T23:59:59.9Z"), 1);
    }
}
