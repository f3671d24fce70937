//! How fast a run comes on, and how long it will take.

use std::collections::VecDeque;
use std::time::Duration;

/// What is done counts for so long.
const WINDOW: Duration = Duration::from_secs(60);
/// A pace of a shorter time is none.
const LEAST: Duration = Duration::from_secs(2);

/// How far a run has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// Items, those inside of others too.
    pub(super) items: u64,
    /// Files, and their bytes.
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// How far a run had come at some times of the last minute.
#[derive(Default)]
pub(super) struct Pace(VecDeque<(Duration, Done)>);

impl Pace {
    /// At the time `at`, which never goes back, so much was done.
    pub(super) fn note(&mut self, at: Duration, done: Done) {
        // A batch may take longer than the window: two times at least are kept.
        while self.0.len() > 2 && self.0[1].0 + WINDOW <= at {
            self.0.pop_front();
        }
        // The newest is moved on within its second, so that a minute is some sixty of them.
        let len = self.0.len();
        if len > 1 && at.saturating_sub(self.0[len - 2].0) < Duration::from_secs(1) {
            self.0.pop_back();
        }
        self.0.push_back((at, done));
    }

    /// What was done in how much of the last time.
    fn recent(&self) -> Option<(Duration, Done)> {
        let ((from, before), (to, now)) = (self.0.front()?, self.0.back()?);
        let done = Done {
            items: now.items - before.items,
            files: now.files - before.files,
            bytes: now.bytes - before.bytes,
        };
        let span = *to - *from;
        (span >= LEAST).then_some((span, done))
    }

    /// Items a second.
    pub(super) fn rate(&self) -> Option<f64> {
        self.recent().map(|(span, done)| done.items as f64 / span.as_secs_f64())
    }

    /// How long so many files of so many bytes will take if they go as those of the last time did: once by their number,
    /// once by their bytes, and the longer of the two. `None` if nobody can tell.
    pub(super) fn left(&self, files: u64, bytes: u64) -> Option<Duration> {
        let (span, done) = self.recent()?;
        let by = |left: u64, done: u64| span.as_secs_f64() * left as f64 / done as f64;
        let by_files = if files == 0 { 0.0 } else { by(files, done.files) };
        // Where there is hardly anything in files, their number alone says how long they take.
        let by_bytes = if bytes == 0 || done.bytes == 0 { 0.0 } else { by(bytes, done.bytes) };
        Duration::try_from_secs_f64(by_files.max(by_bytes)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(pace: &mut Pace, second: f64, files: u64, bytes: u64) {
        pace.note(Duration::from_secs_f64(second), Done { items: files * 2, files, bytes });
    }

    fn seconds(left: Option<Duration>) -> Option<u64> {
        left.map(|left| left.as_secs_f64().round() as u64)
    }

    #[test]
    fn the_time_left_is_that_of_what_is_left_at_the_pace_of_the_last_minute() {
        let mut pace = Pace::default();
        assert_eq!((pace.left(1, 1), pace.rate()), (None, None));
        at(&mut pace, 0.0, 0, 0);
        at(&mut pace, 0.5, 100, 100);
        assert_eq!(pace.left(1, 1), None, "too early to tell");
        for second in 1..=100 {
            at(&mut pace, second as f64, second * 10, second * 1_000);
        }
        assert!(pace.0.len() <= 62, "{}", pace.0.len());
        assert_eq!(seconds(pace.left(1_000, 1_000)), Some(100), "by files");
        assert_eq!(seconds(pace.left(1, 500_000)), Some(500), "by bytes");
        assert_eq!(seconds(pace.left(0, 0)), Some(0));
        assert_eq!(pace.rate().map(f64::round), Some(20.0));
        // Large files come: what was before counts for less and less.
        for second in 101..=161 {
            at(&mut pace, second as f64, 1_000 + (second - 100), 100_000 + (second - 100) * 1_000_000);
        }
        assert_eq!(seconds(pace.left(100, 1_000)), Some(100));
    }

    #[test]
    fn a_batch_that_takes_longer_than_a_minute_has_a_pace_too() {
        let mut pace = Pace::default();
        at(&mut pace, 0.0, 0, 0);
        at(&mut pace, 300.0, 100, 0);
        assert_eq!(seconds(pace.left(100, 0)), Some(300));
        at(&mut pace, 900.0, 200, 0);
        at(&mut pace, 1_500.0, 300, 0);
        assert_eq!(seconds(pace.left(100, 0)), Some(600));
    }

    #[test]
    fn nobody_can_tell_when_what_stands_still_will_end() {
        let mut pace = Pace::default();
        for second in 0..200 {
            at(&mut pace, f64::from(second), 5, 5);
        }
        assert_eq!(pace.left(1, 1), None);
    }
}
