//! How far a run has come: a line that moves on a terminal, a line a minute elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::cli::cmd::lookup::tell_tripped;
use crate::cli::output::{complain, grouped};
use crate::screen::{Progress, Summary, Tripped};

/// Where nobody watches, how often a line is written.
const EVERY: Duration = Duration::from_secs(60);

/// Tells on stderr how far a run has come.
pub(super) struct Told {
    began: Instant,
    how: How,
}

enum How {
    Moving(ProgressBar),
    /// When the last line was written.
    Lines(Instant),
    Quiet,
}

impl Told {
    pub(super) fn new(quiet: bool) -> Self {
        let began = Instant::now();
        let how = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => How::Quiet,
            (false, false) => How::Lines(began),
            (false, true) => {
                let bar = ProgressBar::new_spinner();
                if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {wide_msg}") {
                    bar.set_style(style);
                }
                bar.enable_steady_tick(Duration::from_millis(200));
                How::Moving(bar)
            }
        };
        Self { began, how }
    }

    pub(super) fn finish(self) {
        if let How::Moving(bar) = self.how {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Told {
    fn tripped(&mut self, entry: &Tripped) {
        match &self.how {
            How::Moving(bar) => bar.suspend(|| tell_tripped(entry)),
            _ => tell_tripped(entry),
        }
    }

    fn advance(&mut self, so_far: &Summary) {
        let now = Instant::now();
        let message = || {
            let rate = so_far.items as f64 / self.began.elapsed().as_secs_f64().max(1e-9);
            format!(
                "{} items, {}, {} a second; {} known, {} near, {} unchecked",
                grouped(so_far.items),
                HumanBytes(so_far.bytes),
                grouped(rate as u64),
                grouped(so_far.known),
                grouped(so_far.near),
                grouped(so_far.unchecked)
            )
        };
        match &mut self.how {
            How::Moving(bar) => bar.set_message(message()),
            How::Lines(last) if now.duration_since(*last) >= EVERY => {
                complain(message());
                self.how = How::Lines(now);
            }
            How::Lines(_) | How::Quiet => {}
        }
    }
}
