//! How far a run has come: a line that moves on a terminal, a line a minute elsewhere.

use std::cell::Cell;
use std::io::IsTerminal;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::hooks::Hooks;
use super::pace::{Done, Pace};
use crate::cli::cmd::lookup::tell_tripped;
use crate::cli::output::{complain, grouped};
use crate::screen::{Counting, Passed, Progress, Screened, Summary, Tripped};

/// Where nobody watches, how often a line is written.
const EVERY: Duration = Duration::from_secs(60);

/// Files with a verdict, and their bytes; what is inside of them is not counted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Own {
    files: u64,
    bytes: u64,
}

impl Own {
    pub(super) fn and(self, file: &Screened) -> Self {
        Self { files: self.files + 1, bytes: self.bytes + file.bytes().unwrap_or(0) }
    }
}

/// From which is seen what is left.
pub(super) struct Left {
    /// `None` if nobody counts.
    pub(super) counting: Option<Counting>,
    pub(super) passed: Arc<Passed>,
    pub(super) done: Rc<Cell<Own>>,
}

/// Tells on stderr how far a run has come, and programs what it found.
pub(super) struct Told<'a> {
    began: Instant,
    how: How,
    pace: Pace,
    left: Left,
    hooks: Option<&'a Hooks>,
}

enum How {
    Moving(ProgressBar),
    /// When the last line was written.
    Lines(Instant),
    Quiet,
}

impl<'a> Told<'a> {
    /// Of a run that has found `before` in earlier parts.
    pub(super) fn new(quiet: bool, before: &Summary, left: Left) -> Self {
        let began = Instant::now();
        let how = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => How::Quiet,
            (false, false) => How::Lines(began),
            (false, true) => {
                let bar = ProgressBar::new_spinner();
                if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                    bar.set_style(style);
                }
                bar.enable_steady_tick(Duration::from_millis(200));
                How::Moving(bar)
            }
        };
        let mut pace = Pace::default();
        pace.note(Duration::ZERO, Done { items: before.items, ..Done::default() });
        Self { began, how, pace, left, hooks: None }
    }

    /// Tells `hooks` as well.
    pub(super) fn tell(&mut self, hooks: &'a Hooks) {
        self.hooks = Some(hooks);
    }

    pub(super) fn finish(self) {
        if let How::Moving(bar) = self.how {
            bar.finish_and_clear();
        }
    }

    fn remaining(&self) -> Remaining {
        let Some(counting) = &self.left.counting else { return Remaining::Unknown };
        let Some((files, bytes)) = counting.total() else { return Remaining::Counting };
        let (own, passed) = (self.left.done.get(), self.left.passed.so_far());
        let files = files.saturating_sub(own.files + passed.0);
        let bytes = bytes.saturating_sub(own.bytes + passed.1);
        self.pace.left(files, bytes).map_or(Remaining::Unknown, Remaining::Time)
    }
}

impl Progress for Told<'_> {
    fn tripped(&mut self, entry: &Tripped) {
        match &self.how {
            How::Moving(bar) => bar.suspend(|| tell_tripped(entry)),
            _ => tell_tripped(entry),
        }
    }

    fn advance(&mut self, so_far: &Summary) {
        if let Some(hooks) = self.hooks {
            hooks.advance(so_far);
        }
        let now = Instant::now();
        let Own { files, bytes } = self.left.done.get();
        self.pace.note(now.duration_since(self.began), Done { items: so_far.items, files, bytes });
        let message = |told: &Self| line(so_far, told.pace.rate(), told.remaining());
        match &self.how {
            How::Moving(bar) => bar.set_message(message(self)),
            How::Lines(last) if now.duration_since(*last) >= EVERY => {
                complain(message(self));
                self.how = How::Lines(now);
            }
            How::Lines(_) | How::Quiet => {}
        }
    }
}

/// What is known of the time that a run will take.
#[derive(Debug, Clone, Copy)]
enum Remaining {
    Unknown,
    /// It is still being counted what there is.
    Counting,
    Time(Duration),
}

/// One line that fits a terminal of 80 columns, with two of them left for what moves.
fn line(so_far: &Summary, rate: Option<f64>, remaining: Remaining) -> String {
    let items = if so_far.items == 1 { "item" } else { "items" };
    let mut line = format!("{} {items}, {}", short(so_far.items, 999_999), in_bytes(so_far.bytes));
    if let Some(rate) = rate {
        line +=
            &format!(", {}/s", if rate < 10.0 { format!("{rate:.1}") } else { short(rate as u64, 9_999) });
    }
    let hits = so_far.known + so_far.near;
    line += &format!(
        ", {} {}, {} unchecked",
        short(hits, 9_999),
        if hits == 1 { "hit" } else { "hits" },
        short(so_far.unchecked, 9_999)
    );
    match remaining {
        Remaining::Unknown => line,
        Remaining::Counting => line + ", counting …",
        Remaining::Time(left) => line + &format!(", {} left", in_time(left)),
    }
}

/// A number up to `longest` in full, a greater one in three digits.
fn short(number: u64, longest: u64) -> String {
    if number <= longest {
        grouped(number)
    } else {
        scaled(number, 1000, &["", "k", "M", "G", "T", "P", "E"])
    }
}

fn in_bytes(bytes: u64) -> String {
    scaled(bytes, 1024, &[" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"])
}

fn scaled(number: u64, step: u64, units: &[&str]) -> String {
    let mut power = 0;
    let mut value = number as f64;
    // What would be rounded up to the next unit is told in it.
    while value >= step as f64 - 0.5 && power + 1 < units.len() {
        value /= step as f64;
        power += 1;
    }
    let decimals = match value {
        _ if power == 0 => 0,
        value if value < 9.995 => 2,
        value if value < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}{}", units[power])
}

fn in_time(left: Duration) -> String {
    let seconds = left.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{minutes} min"),
        3_600..86_400 => format!("{hours} h {:02} m", minutes % 60),
        86_400..864_000 => format!("{days} d {} h", hours % 24),
        _ if days < 1000 => format!("{days} d"),
        _ => "years".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(items: u64, bytes: u64, known: u64, near: u64, unchecked: u64) -> Summary {
        Summary { items, bytes, known, near, unchecked, ..Summary::default() }
    }

    #[test]
    fn a_line_says_how_far_the_run_has_come() {
        let so_far = summary(12_345, 3 << 30, 2, 1, 40);
        let left = Remaining::Time(Duration::from_secs(2 * 3600 + 5 * 60 + 7));
        assert_eq!(
            line(&so_far, Some(431.7), left),
            "12,345 items, 3.00 GiB, 431/s, 3 hits, 40 unchecked, 2 h 05 m left"
        );
        let one = summary(1, 1_000, 1, 0, 0);
        assert_eq!(line(&one, None, Remaining::Counting), "1 item, 1000 B, 1 hit, 0 unchecked, counting …");
        assert_eq!(line(&one, Some(0.25), Remaining::Unknown), "1 item, 1000 B, 0.2/s, 1 hit, 0 unchecked");
    }

    #[test]
    fn no_line_is_longer_than_a_terminal_is_wide() {
        let numbers = [0, 1, 9_999, 10_000, 99_999, 999_999, 1_000_000, 999_499_999, u64::MAX / 4];
        let times = [59, 3_599, 86_399, 863_999, 864_000, 86_399_999, 86_400_000, u64::MAX];
        for number in numbers {
            for bytes in [0, 1_023, 1_024, 1_048_575, (1 << 40) - 1, 1 << 40, u64::MAX] {
                for seconds in times {
                    for rate in [0.0, 9.96, 9_999.4, 99_999.0, 1e12] {
                        let so_far = summary(number, bytes, number, number, number);
                        let left = Remaining::Time(Duration::from_secs(seconds));
                        let line = line(&so_far, Some(rate), left);
                        assert!(line.chars().count() <= 78, "{} columns: {line}", line.chars().count());
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_keep_three_digits_and_times_two_units() {
        for (number, text) in [(9_999, "9,999"), (10_000, "10.0k"), (123_456, "123k"), (999_999, "1.00M")] {
            assert_eq!(short(number, 9_999), text);
        }
        for (bytes, text) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.00 KiB"),
            ((1 << 20) - 1, "1.00 MiB"),
            (5 << 30, "5.00 GiB"),
        ] {
            assert_eq!(in_bytes(bytes), text);
        }
        for (seconds, text) in [(59, "59 s"), (60, "1 min"), (3_661, "1 h 01 m"), (90_000, "1 d 1 h")] {
            assert_eq!(in_time(Duration::from_secs(seconds)), text);
        }
    }
}
