//! Near search: multi-index hashing over bands, or a scan where that costs less.
//!
//! Two codes within `r` bits of each other differ, by the pigeonhole principle, by few bits in at least one of `m`
//! disjoint bands: if radii with a sum of `r + 1 - m` are given to the bands, some band is within its own. So looking
//! into all buckets within each band's radius finds everything; comparing the whole codes drops the rest.

use super::error::Fault;
use super::format::{Band, NO_QUALITY, SectionId, SectionKind};
use super::layout::{BandLayout, CodesLayout, Numbers};
use crate::digest::Quality;
use crate::kernel::{Code, Code256, Distance, Kernel, find_within_wide};

/// Below this number of codes a segment has no bands: scanning them takes microseconds, and directories are large.
pub(super) const BANDS_FROM: usize = 32_768;
/// Looking at one candidate, or into one bucket, costs about as much as scanning this many codes.
const SCAN_PER_LOOK: u64 = 8;
/// Codes scanned at a time.
const BLOCK: usize = 1 << 16;

/// The bands that a segment of `codes` codes of `code_width` bits is given.
pub(super) fn bands_for(codes: usize, code_width: u32) -> Vec<Band> {
    if codes < BANDS_FROM { Vec::new() } else { Band::split(code_width, code_width.div_ceil(16)) }
}

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// Segments answered by their bands.
    pub banded_segments: u32,
    /// Segments scanned from end to end.
    pub scanned_segments: u32,
    /// Buckets looked into.
    pub buckets: u64,
    /// Codes found in them, each as often as it was met.
    pub candidates: u64,
    /// Codes compared by scanning.
    pub scanned: u64,
}

/// The codes of one kind in one segment.
#[derive(Clone, Copy)]
pub(super) struct CodeTable<'a> {
    file: &'a [u8],
    bytes: &'a [u8],
    /// Bytes of one code.
    size: usize,
    section: SectionId,
    entries: Option<Numbers<'a>>,
    qualities: Option<Numbers<'a>>,
    bands: &'a [BandLayout],
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

    /// Gives `emit` the position and distance of every code within `max` of `query`, each once, in order of position.
    /// The query has the width of the codes.
    pub(super) fn near(
        &self,
        query: &[u8],
        max: Distance,
        policy: Policy,
        plan: &mut Plan,
        mut emit: impl FnMut(usize, Distance) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Some(search) = Search::new(self.bytes, query) else { return Ok(()) };
        let budget = match policy {
            Policy::Cheapest => self.len() as u64 / SCAN_PER_LOOK,
            #[cfg(test)]
            Policy::Bands => u64::MAX,
            #[cfg(test)]
            Policy::Scan => 0,
        };
        match self.probe(query, &search, max, budget, plan)? {
            Some(found) => {
                plan.banded_segments += 1;
                found.into_iter().try_for_each(|(at, distance)| emit(at, distance))
            }
            None => {
                plan.scanned_segments += 1;
                plan.scanned += self.len() as u64;
                search.scan(max, emit)
            }
        }
    }

    /// The codes within `max` by way of the bands, or `None` when that looks, or turns out, to cost more than `budget`
    /// looks. The budget also bounds what a damaged directory can cost, whose buckets may overlap.
    fn probe(
        &self,
        query: &[u8],
        search: &Search<'_>,
        max: Distance,
        budget: u64,
        plan: &mut Plan,
    ) -> Result<Option<Vec<(usize, Distance)>>, Fault> {
        let radii = || self.bands.iter().zip(radii(max, self.bands.len() as u32));
        let buckets: u64 = radii().map(|(band, radius)| ball_size(band.band.width, radius)).sum();
        if self.bands.is_empty() || buckets > budget {
            return Ok(None);
        }
        let (mut looks, mut found) = (buckets, Vec::new());
        for (band, radius) in radii() {
            let directory = band.directory.numbers(self.file);
            let postings = band.postings.numbers(self.file);
            let here = band.band.value(query);
            for flips in ball(band.band.width, radius) {
                let bucket = directory.range((here ^ flips) as usize, self.len())?;
                plan.buckets += 1;
                plan.candidates += bucket.len() as u64;
                looks += bucket.len() as u64;
                if looks > budget {
                    return Ok(None);
                }
                for at in bucket {
                    let code = postings.below(at, self.len())?;
                    let distance = search.distance(code);
                    if distance <= max {
                        found.push((code, distance));
                    }
                }
            }
        }
        found.sort_unstable(); // a code that is close in several bands was met in each
        found.dedup();
        Ok(Some(found))
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

    /// How far code `at`, which is there, is from the query.
    fn distance(&self, at: usize) -> Distance {
        match self {
            Self::Of256(codes, query) => codes[at].distance(query),
            Self::Wide(codes, query) => {
                let size = query.len_bytes();
                let code = codes.get(at * size..(at + 1) * size).and_then(Code::new);
                code.map_or(Distance::ZERO, |code| code.distance(query))
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

/// The radius of each band, so that `max` is covered and no more; `None` for a band that need not be looked at.
fn radii(max: Distance, bands: u32) -> impl Iterator<Item = Option<u32>> {
    let needed = u32::from(max.bits()) + 1;
    (0..bands).map(move |band| (needed / bands + u32::from(band < needed % bands)).checked_sub(1))
}

/// How many values of `width` bits are within `radius` of one of them.
fn ball_size(width: u32, radius: Option<u32>) -> u64 {
    let Some(radius) = radius else { return 0 };
    let mut shell = 1;
    let mut size = 1;
    for flipped in 1..=u64::from(radius.min(width)) {
        shell = shell * (u64::from(width) + 1 - flipped) / flipped; // below 2^28 · 28: widths are bounded
        size += shell;
    }
    size
}

/// Every pattern of at most `radius` flipped bits out of `width`, fewest first.
fn ball(width: u32, radius: Option<u32>) -> impl Iterator<Item = u32> {
    let shells = radius.map(|radius| 0..=radius.min(width)).into_iter().flatten();
    shells.flat_map(move |flipped| {
        let first = (1_u64 << flipped) - 1;
        // Gosper's hack: the next larger number with as many bits set.
        std::iter::successors(Some(first), |&flips| {
            let lowest = flips & flips.wrapping_neg();
            (lowest != 0).then(|| {
                let ripple = flips + lowest;
                ripple | (((ripple ^ flips) >> 2) / lowest)
            })
        })
        .take_while(move |flips| flips >> width == 0)
        .map(|flips| flips as u32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ball_has_each_pattern_once() {
        for width in 1..=12 {
            for radius in 0..=width + 1 {
                let mut patterns: Vec<_> = ball(width, Some(radius)).collect();
                assert_eq!(patterns.len() as u64, ball_size(width, Some(radius)));
                assert!(patterns.iter().all(|flips| flips.count_ones() <= radius && flips >> width == 0));
                patterns.sort_unstable();
                patterns.dedup();
                assert_eq!(patterns.len() as u64, ball_size(width, Some(radius)));
            }
        }
        assert_eq!(ball(16, None).count(), 0);
        assert_eq!(ball_size(16, Some(1)), 17);
        assert_eq!(ball_size(28, Some(28)), 1 << 28);
    }

    #[test]
    fn radii_meet_the_pigeonhole_bound_exactly() {
        for bands in 1..=40 {
            for bits in 0..=256 {
                let sum: u32 =
                    radii(Distance::new(bits).unwrap(), bands).map(|r| r.map_or(0, |r| r + 1)).sum();
                assert_eq!(sum, u32::from(bits) + 1, "{bands} bands, {bits} bits");
            }
        }
        assert!(radii(Distance::PDQ_DEFAULT, 16).all(|radius| radius == Some(1)));
    }
}
