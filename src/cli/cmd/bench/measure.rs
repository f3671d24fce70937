//! Passes over items until their time is known, each pass giving what the first gave.

use std::time::{Duration, Instant};

use anyhow::ensure;
use rayon::prelude::*;
use serde::Serialize;

use crate::digest::{Digests, Fidelity, Fingerprint, Look, PdqHash, Wanted};
use crate::media::{Content, JpegHeader, Limits, decode, luma};

/// A file in memory, and what must come out of it.
pub(super) struct Item {
    pub(super) bytes: Vec<u8>,
    /// As every other verb would read it.
    pub(super) expected: Fingerprint,
}

/// How often a pass is repeated.
#[derive(Clone, Copy)]
pub(super) enum Passes {
    /// This many times, at least once.
    Times(u32),
    /// Until this much time has passed, at least three times.
    For(Duration),
}

impl Passes {
    /// True after `done` passes, the first of which began at `start`.
    pub(super) fn done(self, done: usize, start: Instant) -> bool {
        match self {
            Self::Times(times) => done >= times as usize,
            Self::For(time) => done >= 3 && start.elapsed() >= time,
        }
    }
}

/// What is done with the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Work {
    /// The four digests, one item after the other.
    Digests,
    /// The four digests of all items at once.
    DigestsOfMany,
    /// A picture file in memory to its PDQ hash.
    Pictures,
    /// The hash step alone, pixels in hand.
    Pdq,
}

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Speed {
    pub(super) work: Work,
    /// What was worked on: `0.2 MP`, or `files`.
    pub(super) on: String,
    pub(super) fidelity: Option<Fidelity>,
    pub(super) threads: usize,
    pub(super) items: usize,
    pub(super) bytes: u64,
    pub(super) passes: usize,
    /// Seconds a pass took: the middle one, and the quartiles.
    pub(super) seconds: f64,
    pub(super) seconds_p25: f64,
    pub(super) seconds_p75: f64,
    /// The same of the thread's processor time, which other work on the machine disturbs little; of one thread, and
    /// where the system tells.
    pub(super) processor_seconds: Option<f64>,
}

impl Speed {
    pub(super) fn items_per_second(&self) -> f64 {
        self.items as f64 / self.seconds
    }

    pub(super) fn bytes_per_second(&self) -> f64 {
        self.bytes as f64 / self.seconds
    }
}

/// Measures `work` on all items, by one thread or by as many as the pool has.
///
/// # Errors
/// If a pass gives another hash than reading the file gave before.
pub(super) fn measure(
    work: Work,
    (on, items): (&str, &[Item]),
    fidelity: Fidelity,
    threads: usize,
    passes: Passes,
) -> anyhow::Result<Speed> {
    let (mut seconds, mut processor) = (Vec::new(), Vec::new());
    let start = Instant::now();
    loop {
        let taken = pass(work, items, fidelity, threads)?;
        seconds.push(taken.wall);
        processor.extend(taken.processor.filter(|_| threads == 1));
        if passes.done(seconds.len(), start) {
            break;
        }
    }
    seconds.sort_by(f64::total_cmp);
    processor.sort_by(f64::total_cmp);
    let at = |quarter: usize| seconds[(seconds.len() - 1) * quarter / 4];
    Ok(Speed {
        work,
        on: on.into(),
        fidelity: matches!(work, Work::Pictures | Work::Pdq).then_some(fidelity),
        threads,
        items: items.len(),
        bytes: items.iter().map(|item| item.bytes.len() as u64).sum(),
        passes: seconds.len(),
        seconds: at(2),
        seconds_p25: at(1),
        seconds_p75: at(3),
        processor_seconds: processor.get(processor.len() / 2).copied(),
    })
}

/// What a pass took: by the clock on the wall, and of this thread's processor time where the system tells.
#[derive(Clone, Copy, Default)]
pub(super) struct Taken {
    wall: f64,
    pub(super) processor: Option<f64>,
}

/// Runs from [`Stopwatch::start`] on.
pub(super) struct Stopwatch {
    start: Instant,
    processor: Option<Duration>,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { processor: processor_time(), start: Instant::now() }
    }

    pub(super) fn stop(self) -> Taken {
        let wall = self.start.elapsed().as_secs_f64();
        let spent = |before| Some(processor_time()?.saturating_sub(before).as_secs_f64());
        Taken { wall, processor: self.processor.and_then(spent) }
    }
}

/// What Linux has charged to this thread so far; up to some milliseconds late, which a pass should be long against.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(stat.split_whitespace().next()?.parse().ok()?))
}

/// One pass; comparing is not timed.
fn pass(work: Work, items: &[Item], fidelity: Fidelity, threads: usize) -> anyhow::Result<Taken> {
    let watch = Stopwatch::start();
    match work {
        Work::Digests => {
            let found = each(items, threads, |item| Digests::of(&item.bytes));
            let taken = watch.stop();
            agree(items.iter().zip(found).all(|(item, found)| item.expected.digests == found))?;
            Ok(taken)
        }
        Work::DigestsOfMany => {
            let bytes: Vec<_> = items.iter().map(|item| &item.bytes[..]).collect();
            let share = bytes.len().div_ceil(threads);
            let shares: Vec<_> = bytes.chunks(share).collect();
            let found = each(&shares, threads, |share| Digests::of_many(share)).concat();
            let taken = watch.stop();
            agree(items.iter().zip(found).all(|(item, found)| item.expected.digests == found))?;
            Ok(taken)
        }
        Work::Pictures => {
            let wanted = Wanted { fidelity, ..Wanted::default() };
            let found =
                each(items, threads, |item| Look::at(&item.bytes, content(&item.bytes), &wanted).forms);
            let taken = watch.stop();
            agree(items.iter().zip(found).all(|(item, found)| item.expected.forms == found))?;
            Ok(taken)
        }
        Work::Pdq => {
            let mut sum = 0.0;
            for item in items {
                // As it was hashed: what cannot be trusted to a quick look is not looked at quickly.
                let found = hash_step(&item.bytes, item.expected.fidelity);
                sum += found.map_or(0.0, |(_, seconds)| seconds);
                agree(item.expected.forms.first().map(|form| form.hash) == found.map(|(hash, _)| hash))?;
            }
            Ok(Taken { wall: sum, processor: None }) // too short, one by one, for how the system counts
        }
    }
}

/// The hash of the first form, and how long it took with the pixels, or the luma, in hand.
fn hash_step(bytes: &[u8], fidelity: Fidelity) -> Option<(PdqHash, f64)> {
    fn timed(hash: impl FnOnce() -> PdqHash) -> Option<(PdqHash, f64)> {
        let start = Instant::now();
        let hash = hash();
        Some((hash, start.elapsed().as_secs_f64()))
    }
    let limits = Limits::default();
    let scale = JpegHeader::of(bytes, &limits).and_then(|header| fidelity.scale(&header));
    if let Some(luma) = scale.and_then(|(scale, _)| luma(bytes, scale, &limits)) {
        return timed(|| PdqHash::of_turned_plane(&luma.plane, luma.orientation));
    }
    let picture = decode(bytes, content(bytes), &limits).ok()?;
    timed(|| PdqHash::of(&picture.forms[0].raster))
}

fn each<T: Sync, U: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> U + Sync + Send) -> Vec<U> {
    if threads == 1 { items.iter().map(work).collect() } else { items.par_iter().map(work).collect() }
}

fn content(bytes: &[u8]) -> Content {
    Content::of(&bytes[..bytes.len().min(Content::HEAD_BYTES)])
}

fn agree(same: bool) -> anyhow::Result<()> {
    ensure!(
        same,
        "a file gave other hashes than before: do not trust this machine or this build; if it happens again, \
         please report it"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::cmd::bench::pictures;

    fn item() -> Item {
        let bytes = pictures::jpeg(96, 72, 0);
        let expected = Fingerprint::read(&bytes[..], &Limits::default()).unwrap();
        Item { bytes, expected }
    }

    const ALL: [Work; 4] = [Work::Digests, Work::DigestsOfMany, Work::Pictures, Work::Pdq];

    #[test]
    fn every_kind_of_work_is_measured_as_often_as_asked() {
        let items = [item(), item(), item()];
        for work in ALL {
            for threads in [1, 2] {
                let speed =
                    measure(work, ("some", &items), Fidelity::Reference, threads, Passes::Times(5)).unwrap();
                assert_eq!((speed.items, speed.passes), (3, 5));
                assert_eq!(speed.bytes, 3 * items[0].bytes.len() as u64);
                assert!(0.0 < speed.seconds_p25 && speed.seconds_p25 <= speed.seconds);
                assert!(speed.seconds <= speed.seconds_p75);
            }
        }
    }

    #[test]
    fn a_wrong_hash_is_not_reported_as_a_fast_one() {
        let mut items = [item(), item()];
        let other = pictures::jpeg(96, 72, 1);
        items[1].expected = Fingerprint::read(&other[..], &Limits::default()).unwrap();
        for work in ALL {
            let result = measure(work, ("some", &items), Fidelity::Reference, 1, Passes::Times(1));
            assert!(result.unwrap_err().to_string().contains("other hashes"), "{work:?}");
        }
    }
}
