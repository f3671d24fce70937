//! Near search: multi-index hashing over bands, as [`super::bands`] has it, or a scan where that costs less.

use serde::Serialize;

use super::bands::{Sketch, ball, ball_size, shares};
use super::error::Fault;
use super::format::{NO_QUALITY, SectionId, SectionKind};
use super::layout::{BandLayout, CodesLayout, Numbers};
use crate::digest::Quality;
use crate::kernel::lanes::Lanes;
use crate::kernel::sift::{Postings, Run, compare};
use crate::kernel::{Code, Code256, Distance, Kernel, find_within_wide};

/// Looking into one bucket costs about as much as scanning this many codes; sifting one posting, as scanning one. Measured
/// with AVX-512 on a million codes, as the next.
pub(super) const SCAN_PER_BUCKET: u64 = 16;
/// Comparing one candidate, which lies anywhere, costs about as much as scanning this many codes.
pub(super) const SCAN_PER_CANDIDATE: u64 = 20;
/// From so many queries on that are searched together, scanning for all is worth it where it is expected to cost each less
/// than its bands.
const MANY_SCANNED: usize = 32;
/// What a scan for many costs each, in percent of what it costs one alone by the measure of bands, of which many queries
/// make less work too: where it looks at a part of each code, and where at all of it. Measured with a million codes.
const SCAN_IN_PART: u64 = 12;
const SCAN_OF_ALL: u64 = 40;
/// From so many candidates on, those that were met before are told from those that were not by a bit for each code.
const MARKS_FROM: usize = 8_192;
/// Codes scanned at a time.
const BLOCK: usize = 1 << 16;

/// How the codes of a segment are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// Whatever costs less.
    Cheapest,
    /// Bands wherever there are any, at any radius.
    #[cfg(test)]
    Bands,
    /// All codes.
    #[cfg(test)]
    Scan,
}

/// What a near search did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// Segments answered by their bands.
    pub banded_segments: u32,
    /// Segments scanned from end to end.
    pub scanned_segments: u32,
    /// Segments where the filter admits so few codes that those were compared, and no others.
    pub filtered_segments: u32,
    /// Buckets looked into.
    pub buckets: u64,
    /// Postings in them.
    pub postings: u64,
    /// Codes whose sketch was near, compared in full.
    pub candidates: u64,
    /// Codes compared by scanning.
    pub scanned: u64,
    /// Codes compared since the filter admits no others.
    pub filtered: u64,
}

impl std::ops::AddAssign for Plan {
    fn add_assign(&mut self, more: Self) {
        self.banded_segments += more.banded_segments;
        self.scanned_segments += more.scanned_segments;
        self.buckets += more.buckets;
        self.postings += more.postings;
        self.candidates += more.candidates;
        self.scanned += more.scanned;
        self.filtered_segments += more.filtered_segments;
        self.filtered += more.filtered;
    }
}

/// The codes of one kind in one segment.
#[derive(Clone, Copy)]
pub(super) struct CodeTable<'a> {
    pub(super) file: &'a [u8],
    bytes: &'a [u8],
    /// Bytes of one code.
    size: usize,
    section: SectionId,
    entries: Option<Numbers<'a>>,
    qualities: Option<Numbers<'a>>,
    pub(super) bands: &'a [BandLayout],
}

impl<'a> CodeTable<'a> {
    pub(super) fn new(file: &'a [u8], layout: &'a CodesLayout) -> Self {
        Self {
            file,
            bytes: layout.codes.bytes(file),
            size: layout.codes.size(),
            section: layout.codes.id,
            entries: layout.entries.map(|column| column.numbers(file)),
            qualities: layout.qualities.map(|column| column.numbers(file)),
            bands: &layout.bands,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len() / self.size
    }

    /// The bytes of code `at`; none past the end.
    pub(super) fn code(&self, at: usize) -> &'a [u8] {
        self.bytes.get(at * self.size..(at + 1) * self.size).unwrap_or_default()
    }

    pub(super) const fn entries(&self) -> Option<Numbers<'a>> {
        self.entries
    }

    /// The section that says which entry a code belongs to.
    pub(super) const fn entries_id(&self) -> SectionId {
        self.section.with_kind(SectionKind::CodeEntries)
    }

    /// The entry that code `at` belongs to.
    pub(super) fn entry(&self, at: usize) -> u32 {
        self.entries.map_or(at as u32, |entries| entries.at(at) as u32)
    }

    /// The position of the first code of `entry`, or where it would be: codes are in the order of their entries.
    pub(super) fn first_of(&self, entry: u32) -> usize {
        if self.entries.is_none() {
            return entry as usize;
        }
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entry(middle) < entry { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The bytes of the first code of `entry`; `None` if it has none.
    pub(super) fn code_of(&self, entry: u32) -> Option<&'a [u8]> {
        let at = self.first_of(entry);
        (at < self.len() && self.entry(at) == entry).then(|| self.code(at))
    }

    /// The quality of code `at`, if the list states it.
    pub(super) fn quality(&self, at: usize) -> Result<Option<Quality>, Fault> {
        let Some(qualities) = self.qualities else { return Ok(None) };
        match qualities.at(at) as u8 {
            NO_QUALITY => Ok(None),
            percent => Quality::new(percent).map(Some).map_err(|_| Fault::Reference {
                section: qualities.id(),
                at: at as u64,
                found: u64::from(percent),
                limit: 101,
            }),
        }
    }

    /// Of each band the width, and how many bits a bucket's number may differ from the query's in a search within `max`;
    /// `None` for a band that is not looked at.
    pub(super) fn shares(&self, max: Distance) -> Vec<(u32, Option<u32>)> {
        let shares = shares(max, self.bands.len() as u32);
        self.bands.iter().zip(shares).map(|(band, share)| (band.band.width, share.checked_sub(1))).collect()
    }

    /// True if comparing `codes` of them one by one costs less than a scan of all.
    pub(super) const fn are_few(&self, codes: u64) -> bool {
        codes.saturating_mul(SCAN_PER_CANDIDATE) < self.len() as u64
    }

    /// The codes, if they have 256 bits.
    pub(super) fn codes_of_256(&self) -> Option<&'a [Code256]> {
        // A code has no alignment, and the layout has whole elements: the cast always fits.
        (self.size == size_of::<Code256>()).then(|| bytemuck::try_cast_slice(self.bytes).ok())?
    }

    /// How many codes' scan the bands of a query may cost; `few` codes are compared one by one instead.
    pub(super) fn budget(&self, few: Option<&[u32]>, policy: Policy) -> u64 {
        match policy {
            Policy::Cheapest => few.map_or(self.len() as u64, |few| few.len() as u64 * SCAN_PER_CANDIDATE),
            #[cfg(test)]
            Policy::Bands => u64::MAX,
            #[cfg(test)]
            Policy::Scan => 0,
        }
    }

    /// How many codes' scan the bands of each of many queries may be expected to cost: together a scan costs each less.
    pub(super) fn budget_of_many(&self, queries: usize, max: Distance, policy: Policy) -> u64 {
        let alone = self.budget(None, policy);
        match policy {
            Policy::Cheapest if queries < MANY_SCANNED => alone,
            Policy::Cheapest if u32::from(max.bits()) <= Kernel::PARTLY_UP_TO => alone * SCAN_IN_PART / 100,
            Policy::Cheapest => alone * SCAN_OF_ALL / 100,
            #[cfg(test)]
            _ => alone,
        }
    }

    /// What a query within `max` costs by way of the bands, in codes scanned, if codes are random; `None` without bands.
    /// Buckets are the least of it where the bounds are wide, and what is sifted and compared is known only when it is
    /// done: then it is too late to scan instead.
    pub(super) fn expected_cost(&self, max: Distance) -> Option<u64> {
        let shares: Vec<u32> = shares(max, self.bands.len() as u32).collect();
        let of_band = |(at, band): (usize, &BandLayout)| {
            let (next, width) = ((at + 1) % self.bands.len(), band.band.width);
            let both = shares[at] + shares[next];
            let sketched = Sketch::new(self.len(), band.postings.size(), self.bands[next].band).width();
            let sketched = if band.postings.id.is(SectionKind::BandPostings) { 0 } else { sketched };
            let postings = self.len() as f64 / (1_u64 << width) as f64;
            let of_shell = |flipped: u32| {
                let inner = flipped.checked_sub(1).map_or(0, |inner| ball_size(width, inner));
                let buckets = (ball_size(width, flipped) - inner) as f64;
                let most = both.saturating_sub(1 + flipped);
                let near = ball_size(sketched, most) as f64 / (1_u64 << sketched) as f64;
                let of_bucket = postings * (1.0 + near * SCAN_PER_CANDIDATE as f64);
                buckets * (SCAN_PER_BUCKET as f64 + of_bucket)
            };
            (0..shares[at].min(width + 1)).map(of_shell).sum::<f64>()
        };
        (!self.bands.is_empty()).then(|| self.bands.iter().enumerate().map(of_band).sum::<f64>() as u64)
    }

    /// Gives `emit` the position and distance of every code within `max` of `query`, each once, in order of position.
    /// The query has the width of the codes. With `few`, positions of which [`CodeTable::are_few`], other codes may be
    /// left out.
    pub(super) fn near(
        &self,
        query: &[u8],
        max: Distance,
        few: Option<&[u32]>,
        policy: Policy,
        plan: &mut Plan,
        mut emit: impl FnMut(usize, Distance) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Some(search) = Search::new(self.bytes, query) else { return Ok(()) };
        let few = few.filter(|_| policy == Policy::Cheapest);
        match (self.probe(query, &search, max, self.budget(few, policy), plan)?, few) {
            (Some(found), _) => {
                plan.banded_segments += 1;
                found.into_iter().try_for_each(|(at, distance)| emit(at as usize, distance))
            }
            (None, Some(few)) => {
                plan.filtered_segments += 1;
                plan.filtered += few.len() as u64;
                let mut found = Vec::new();
                search.compare(few, max, &mut found);
                found.into_iter().try_for_each(|(at, distance)| emit(at as usize, distance))
            }
            (None, None) => {
                plan.scanned_segments += 1;
                plan.scanned += self.len() as u64;
                search.scan(max, emit)
            }
        }
    }

    /// The codes within `max` by way of the bands, in order of position, or `None` when that costs, or turns out to
    /// cost, more than scanning `budget` codes. The budget also bounds what a damaged directory can cost, whose buckets
    /// may overlap.
    fn probe(
        &self,
        query: &[u8],
        search: &Search<'_>,
        max: Distance,
        budget: u64,
        plan: &mut Plan,
    ) -> Result<Option<Vec<(u32, Distance)>>, Fault> {
        let shares: Vec<u32> = shares(max, self.bands.len() as u32).collect();
        let shared = || self.bands.iter().zip(&shares).enumerate().filter(|(_, (_, share))| **share > 0);
        if self.expected_cost(max).is_none_or(|expected| expected > budget) {
            return Ok(None);
        }
        let buckets: u64 = shared().map(|(_, (band, share))| ball_size(band.band.width, share - 1)).sum();
        let mut cost = buckets.saturating_mul(SCAN_PER_BUCKET);
        let (mut runs, mut candidates, mut found) = (Vec::new(), Candidates::default(), Vec::new());
        for (at, (band, share)) in shared() {
            let directory = band.directory.numbers(self.file);
            let here = band.band.value(query);
            // A ring of one band has no next.
            let next = (at + 1) % self.bands.len();
            let both = if next == at { u32::MAX } else { share + shares[next] - 1 };
            runs.clear();
            for flips in ball(band.band.width, share - 1) {
                let bucket = directory.bucket((here ^ flips) as usize, self.len())?;
                if !bucket.is_empty() {
                    let most = both - flips.count_ones();
                    runs.push(Run { start: bucket.start as u32, end: bucket.end as u32, most });
                    plan.postings += bucket.len() as u64;
                    cost += bucket.len() as u64;
                }
            }
            plan.buckets += ball_size(band.band.width, share - 1);
            if cost > budget {
                return Ok(None);
            }
            self.sift(band, next, query, &runs, &mut candidates.met)?;
            let fresh = candidates.fresh(self.len());
            cost += fresh.len() as u64 * SCAN_PER_CANDIDATE;
            if cost > budget {
                return Ok(None);
            }
            search.compare(fresh, max, &mut found);
        }
        plan.candidates += candidates.compared;
        found.sort_unstable(); // a code that is close in several bands may have been met in each
        found.dedup();
        Ok(Some(found))
    }

    /// Appends the numbers of the codes in `runs` of `band` that may be near, every one of them below [`CodeTable::len`].
    fn sift(
        &self,
        band: &BandLayout,
        next: usize,
        query: &[u8],
        runs: &[Run],
        met: &mut Vec<u32>,
    ) -> Result<(), Fault> {
        if band.postings.id.is(SectionKind::BandPostings) {
            let postings = band.postings.numbers(self.file);
            let plain = runs.iter().flat_map(|run| run.start..run.end);
            met.extend(plain.map(|at| postings.at(at as usize) as u32));
        } else {
            let size = band.postings.size();
            let sketch = Sketch::new(self.len(), size, self.bands[next].band);
            let postings = Postings::new(band.postings.bytes(self.file), size, sketch.id_bits);
            let postings = postings.expect("the layout has sizes of 4 and 5 only");
            postings.sift(Lanes::best(), runs, sketch.of(query), met);
        }
        match met.iter().position(|&code| code as usize >= self.len()) {
            None => Ok(()),
            Some(at) => {
                let (found, limit) = (u64::from(met[at]), self.len() as u64);
                Err(Fault::Reference {
                    section: band.postings.id,
                    at: u64::from(runs[0].start),
                    found,
                    limit,
                })
            }
        }
    }
}

/// The codes that were met in the band at hand.
#[derive(Default)]
struct Candidates {
    met: Vec<u32>,
    /// The codes that are compared now.
    now: Vec<u32>,
    compared: u64,
    /// A bit for each code that was met, once there are many: a picture that is in a list a hundred thousand times is met
    /// as often in each band, and should cost as much only once.
    marks: Vec<u64>,
}

impl Candidates {
    /// Takes what was met, of `codes` codes, and gives what was not met before, as far as that is known.
    fn fresh(&mut self, codes: usize) -> &[u32] {
        std::mem::swap(&mut self.met, &mut self.now);
        self.met.clear();
        if self.marks.is_empty() && self.now.len() >= MARKS_FROM {
            self.marks = vec![0; codes.div_ceil(64)];
        }
        if !self.marks.is_empty() {
            let marks = &mut self.marks;
            self.now.retain(|&code| {
                let (word, bit) = (&mut marks[code as usize / 64], 1 << (code % 64));
                let fresh = *word & bit == 0;
                *word |= bit;
                fresh
            });
        }
        self.compared += self.now.len() as u64;
        &self.now
    }
}

/// A query, and the codes of its width.
enum Search<'a> {
    /// Of 256 bits, for which there are kernels.
    Of256(&'a [Code256], Code256),
    /// Of any other width.
    Wide(&'a [u8], Code),
}

impl<'a> Search<'a> {
    fn new(codes: &'a [u8], query: &[u8]) -> Option<Self> {
        match <[u8; 32]>::try_from(query) {
            // A code has no alignment, and the layout has whole elements: the cast always fits.
            Ok(query) => Some(Self::Of256(bytemuck::try_cast_slice(codes).ok()?, Code256::from_bytes(query))),
            Err(_) => Code::new(query).map(|query| Self::Wide(codes, query)),
        }
    }

    /// Appends the number and the distance of those of `numbers`, which are there, that are within `max`.
    fn compare(&self, numbers: &[u32], max: Distance, found: &mut Vec<(u32, Distance)>) {
        match self {
            Self::Of256(codes, query) => compare(Lanes::best(), codes, numbers, query, max, found),
            Self::Wide(codes, query) => {
                let size = query.len_bytes();
                let code = |at: usize| codes.get(at * size..(at + 1) * size).and_then(Code::new);
                let near = numbers.iter().filter_map(|&at| Some((at, code(at as usize)?.distance(query))));
                found.extend(near.filter(|(_, distance)| *distance <= max));
            }
        }
    }

    fn scan(
        &self,
        max: Distance,
        mut emit: impl FnMut(usize, Distance) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut found = Vec::new();
        let mut emit_block = |block: usize, found: &mut Vec<(usize, Distance)>| {
            found.drain(..).try_for_each(|(at, distance)| emit(block * BLOCK + at, distance))
        };
        match self {
            Self::Of256(codes, query) => {
                let kernel = Kernel::best();
                codes.chunks(BLOCK).enumerate().try_for_each(|(block, codes)| {
                    kernel.find_within(codes, query, max, &mut found);
                    emit_block(block, &mut found)
                })
            }
            Self::Wide(codes, query) => {
                codes.chunks(BLOCK * query.len_bytes()).enumerate().try_for_each(|(block, codes)| {
                    find_within_wide(codes, query, max, &mut found);
                    emit_block(block, &mut found)
                })
            }
        }
    }
}
