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
const MAX_BYTES: u64 = 16 << 20;
/// Days that are kept, here and in the file: a clock that is set to another day and back gives nothing back.
const DAYS: usize = 4;

/// The look-ups of a day, by token. `serve/quota.json`, 0600, has the last few days on which there were any.
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
        let of_today = Self::read_all(home)?.into_iter().find(|used| used.day == today);
        Ok(of_today.unwrap_or_else(|| Self { day: today, lookups: BTreeMap::new() }))
    }

    /// All days of the file, that which was written last at the end.
    fn read_all(home: &Home) -> Result<Vec<Self>, TokenError> {
        let path = Self::path(home);
        let mut text = Vec::new();
        match open_unfollowed(&path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut text)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(HomeError::Io { path, source }.into()),
        }
        serde_json::from_slice(&text).map_err(|error| {
            let cause = format!("line {}, column {}", error.line(), error.column());
            TokenError::Damaged { path, cause }
        })
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
        let (mut days, damaged) = match Self::read_all(home) {
            Err(error @ TokenError::Damaged { .. }) => (Vec::new(), Some(error)),
            read => (read?, None),
        };
        let mut used = match days.iter().position(|used| used.day == today) {
            Some(at) => days.remove(at),
            None => Self { day: today, lookups: BTreeMap::new() },
        };
        for (name, lookups) in charged {
            let sum = used.lookups.entry(name.clone()).or_default();
            *sum = sum.saturating_add(*lookups);
        }
        let dir = path.parent().unwrap_or(home.root());
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(HomeError::io(dir))?;
        days.push(used.clone());
        days.drain(..days.len().saturating_sub(DAYS));
        let text = serde_json::to_vec(&days).expect("names, numbers and text are always JSON");
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
    /// The last few days.
    days: Vec<Day>,
}

#[derive(Debug)]
struct Day {
    date: Date,
    /// By all processes as far as this one knows.
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
        self.charge_at(self.pretended.unwrap_or_else(Clock::system), quota, lookups)
    }

    fn charge_at(&self, clock: Clock, quota: u64, lookups: u64) -> Result<(), Busy> {
        let mut counts = self.counts();
        let day = counts.of(clock.today());
        let sum = day.lookups.saturating_add(lookups);
        if sum > quota {
            return Err(Busy::Quota(seconds_to_midnight(clock.now())));
        }
        day.lookups = sum;
        day.unwritten = day.unwritten.saturating_add(lookups);
        Ok(())
    }

    /// Hands out what is to be written down for `today`.
    pub(super) fn take_unwritten(&self, today: Date) -> u64 {
        std::mem::take(&mut self.counts().of(today).unwritten)
    }

    /// What was handed out could not be written.
    pub(super) fn put_back(&self, today: Date, lookups: u64) {
        let mut counts = self.counts();
        let day = counts.of(today);
        day.unwritten = day.unwritten.saturating_add(lookups);
    }

    /// Takes in what all processes together have used.
    pub(super) fn adopt(&self, used: &Used, name: &TokenName) {
        let mut counts = self.counts();
        let day = counts.of(used.day);
        let all = used.lookups.get(name).copied().unwrap_or(0);
        day.lookups = all.saturating_add(day.unwritten).max(day.lookups);
    }
}

impl Counts {
    /// The counts of a day. Beyond [`DAYS`] the one goes that was begun first.
    fn of(&mut self, date: Date) -> &mut Day {
        let at = self.days.iter().position(|day| day.date == date).unwrap_or_else(|| {
            self.days.drain(..(self.days.len() + 1).saturating_sub(DAYS));
            self.days.push(Day { date, lookups: 0, unwritten: 0 });
            self.days.len() - 1
        });
        &mut self.days[at]
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
    fn a_clock_that_jumps_gives_nothing_back_and_locks_nobody_out() {
        let meter = Meter::new(None);
        let charge = |day: &str, lookups| meter.charge_at(Clock::start_of(day.parse().unwrap()), 10, lookups);
        let refused = Err(Busy::Quota(86_400));
        assert_eq!(charge("2026-11-23", 7), Ok(()));
        assert_eq!(charge("2026-12-23", 10), Ok(()), "a month on is another day");
        assert_eq!(charge("2026-12-23", 1), refused);
        assert_eq!(charge("2026-11-22", 4), Ok(()), "and so is the day before");
        assert_eq!(
            (charge("2026-11-23", 4), charge("2026-11-23", 3)),
            (refused, Ok(())),
            "nothing came back"
        );
        for day in ["2026-11-24", "2026-11-25", "2026-12-23"] {
            let expected = if day == "2026-12-23" { 0 } else { 10 };
            assert_eq!(charge(day, expected), Ok(()), "{day}");
            assert_eq!(charge(day, 1), refused, "{day}");
        }
        assert_eq!(meter.counts().days.len(), DAYS);
    }

    #[test]
    fn midnight_is_that_of_utc() {
        let seconds = |text: &str| seconds_to_midnight(text.parse().unwrap());
        assert_eq!(seconds("2026-11-23T23:59:58Z"), 2);
        assert_eq!(seconds("2026-11-23T00:00:00Z"), 86_400);
        assert_eq!(seconds("2026-11-23T23:59:59.9Z"), 1);
    }
}
