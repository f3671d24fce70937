//! Which digests belong to each bucket: what their first bits lead to.
//!
//! A look-up waits for memory once for the directory and once for the digests. Buckets of less than one digest on average
//! leave it nothing to wait for in half of the cases where the digest is not there, and cost less room than larger ones
//! whose starts are kept as whole numbers: sixty of them stand in one line of memory, with where the first begins and how
//! far from there each ends.

use std::ops::Range;

use super::error::Fault;
use super::format::{MAX_BAND_WIDTH, SectionId, SectionKind, array_at};
use super::layout::{Column, Numbers};

/// Bytes of a block: a line of memory.
pub(super) const BLOCK_BYTES: usize = 64;
/// Where the first bucket of a block begins: a number in its first bytes.
const BASE_BYTES: usize = 4;
/// Buckets of a block, a byte each: where it ends.
const BUCKETS: usize = BLOCK_BYTES - BASE_BYTES;

/// The directory of one table of digests.
#[derive(Clone, Copy)]
pub(super) enum Directory<'a> {
    /// Where each bucket begins and the last one ends: of tables where some sixty buckets hold more than blocks can say.
    Starts(Numbers<'a>),
    /// Blocks of buckets.
    Blocks(&'a [[u8; BLOCK_BYTES]], SectionId),
}

/// How many elements the section `id` of a directory has.
pub(super) const fn directory_len(id: SectionId) -> u64 {
    let buckets = 1_u64 << id.bit_width;
    if id.is(SectionKind::DigestBlocks) { buckets.div_ceil(BUCKETS as u64) } else { buckets + 1 }
}

/// How many bits lead into the blocks for `len` digests: half a digest to a whole one for each bucket.
pub(super) fn block_bits(len: usize) -> u32 {
    len.checked_ilog2().map_or(0, |bits| bits + 1).min(MAX_BAND_WIDTH)
}

impl<'a> Directory<'a> {
    pub(super) fn new(file: &'a [u8], column: &Column) -> Self {
        if column.id.is(SectionKind::DigestBlocks) {
            Self::Blocks(column.bytes(file).as_chunks().0, column.id)
        } else {
            Self::Starts(column.numbers(file))
        }
    }

    /// The positions of the digests of bucket `at`, which must lie inside `0..=limit`.
    #[inline(always)]
    pub(super) fn bucket(&self, at: usize, limit: usize) -> Result<Range<usize>, Fault> {
        let (blocks, section) = match self {
            Self::Starts(starts) => return starts.bucket(at, limit),
            Self::Blocks(blocks, section) => (blocks, *section),
        };
        let (number, place) = (at / BUCKETS, at % BUCKETS);
        let bounds = blocks.get(number).map_or(1..0, |block| {
            let base = u32::from_le_bytes(array_at(block, 0)) as usize;
            let end = |place: usize| base + usize::from(block[BASE_BYTES + place]);
            place.checked_sub(1).map_or(base, end)..end(place)
        });
        if bounds.start <= bounds.end && bounds.end <= limit {
            return Ok(bounds);
        }
        let (found, limit) = (bounds.end as u64, limit as u64);
        Err(Fault::Reference { section, at: number as u64, found, limit })
    }

    /// A byte of what says where bucket `at` is.
    #[inline(always)]
    pub(super) fn byte_of(&self, at: usize) -> Option<&u8> {
        match self {
            Self::Starts(starts) => starts.byte_of(at),
            Self::Blocks(blocks, _) => blocks.get(at / BUCKETS).map(|block| &block[0]),
        }
    }

    /// The section and the elements.
    pub(super) const fn section(&self) -> (SectionId, usize) {
        match self {
            Self::Starts(starts) => (starts.id(), starts.len()),
            Self::Blocks(blocks, section) => (*section, blocks.len()),
        }
    }

    /// That `0..end` is shared out over the buckets one behind the other, and nothing else is said.
    pub(super) fn check(&self, end: usize) -> Result<(), Fault> {
        let (section, len) = self.section();
        let fault = |at: usize| Fault::Order { section, at: at as u64 };
        let mut last = 0;
        match self {
            Self::Starts(starts) => return check_starts(starts, end),
            Self::Blocks(blocks, _) => {
                for (at, block) in blocks.iter().enumerate() {
                    let base = u32::from_le_bytes(array_at(block, 0)) as usize;
                    let ends = &block[BASE_BYTES..];
                    if base != last || !ends.is_sorted() {
                        return Err(fault(at));
                    }
                    last = base + usize::from(ends[BUCKETS - 1]);
                }
                // Behind the last bucket, its end again.
                let used = (1_usize << section.bit_width) % BUCKETS;
                let says_more = |block: &[u8; BLOCK_BYTES]| {
                    block[BASE_BYTES..][used - 1..].iter().any(|end| *end != block[BLOCK_BYTES - 1])
                };
                if used > 0 && blocks.last().is_some_and(says_more) {
                    return Err(fault(len - 1));
                }
            }
        }
        if last == end { Ok(()) } else { Err(fault(len.saturating_sub(1))) }
    }
}

/// That starts begin with 0, never descend, and end with `end`.
pub(super) fn check_starts(starts: &Numbers<'_>, end: usize) -> Result<(), Fault> {
    let mut previous = 0;
    for at in 0..starts.len() {
        let start = starts.at(at);
        let last_fits = at + 1 < starts.len() || start == end as u64;
        if start < previous || (at == 0 && start != 0) || !last_fits {
            return Err(Fault::Order { section: starts.id(), at: at as u64 });
        }
        previous = start;
    }
    Ok(())
}

/// True if blocks can say where digests are that belong to `buckets`, which ascend.
pub(super) fn fits_blocks(buckets: impl Iterator<Item = usize>) -> bool {
    let (mut block, mut held) = (0, 0);
    for bucket in buckets {
        if bucket / BUCKETS != block {
            (block, held) = (bucket / BUCKETS, 0);
        }
        held += 1;
        if held > usize::from(u8::MAX) {
            return false;
        }
    }
    true
}

/// The blocks over `2^width` buckets for digests that belong to `buckets`, which ascend and [fit](fits_blocks).
pub(super) fn blocks(width: u32, buckets: impl Iterator<Item = usize>) -> Vec<u8> {
    let mut bytes = vec![0; (1_usize << width).div_ceil(BUCKETS) * BLOCK_BYTES];
    let (blocks, _) = bytes.as_chunks_mut::<BLOCK_BYTES>();
    for bucket in buckets {
        blocks[bucket / BUCKETS][BASE_BYTES + bucket % BUCKETS] += 1;
    }
    let mut base = 0_u32;
    for block in blocks {
        let (first, ends) = block.split_at_mut(BASE_BYTES);
        first.copy_from_slice(&base.to_le_bytes());
        let mut end = 0;
        for slot in ends {
            end += *slot;
            *slot = end;
        }
        base += u32::from(end);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(bytes: &[u8], width: u32) -> Directory<'_> {
        let id = SectionId { bit_width: width, ..SectionId::signal(SectionKind::DigestBlocks, 3) };
        assert_eq!((bytes.len() / BLOCK_BYTES) as u64, directory_len(id));
        Directory::Blocks(bytes.as_chunks().0, id)
    }

    #[test]
    fn every_bucket_is_where_its_digests_are() {
        for (width, len) in [(0, 0), (0, 3), (1, 2), (5, 40), (6, 64), (7, 250), (12, 4000)] {
            // Spread unevenly: squares crowd at the beginning.
            let span = 1_usize << width;
            let mut buckets: Vec<usize> = (0..len).map(|n| n * n * 7 % (span * 3) % span).collect();
            buckets.sort_unstable();
            assert!(fits_blocks(buckets.iter().copied()));
            let bytes = blocks(width, buckets.iter().copied());
            let directory = directory(&bytes, width);
            directory.check(len).unwrap();
            for bucket in 0..span {
                let found = directory.bucket(bucket, len).unwrap();
                let expected =
                    buckets.partition_point(|b| *b < bucket)..buckets.partition_point(|b| *b <= bucket);
                assert_eq!(found, expected, "{bucket} of {span}");
            }
            assert!(directory.check(len + 1).is_err());
            assert!(len == 0 || (0..span).any(|bucket| directory.bucket(bucket, len - 1).is_err()));
        }
    }

    #[test]
    fn what_is_too_crowded_for_a_byte_is_told_beforehand() {
        let crowd = |many: usize| std::iter::repeat_n(61, many).chain([200]);
        assert!(fits_blocks(crowd(255)) && !fits_blocks(crowd(256)));
        assert!(fits_blocks((0..10 * BUCKETS).flat_map(|bucket| [bucket; 4])));
        assert!(!fits_blocks((0..BUCKETS).flat_map(|bucket| [bucket; 5])));
    }

    #[test]
    fn every_changed_byte_is_found() {
        let bytes = blocks(7, [3, 3, 9, 59, 60, 61, 100, 127].into_iter());
        directory(&bytes, 7).check(8).unwrap();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x41;
            let directory = directory(&damaged, 7);
            let told: Vec<_> = (0..128).map(|bucket| directory.bucket(bucket, 8).ok()).collect();
            let same =
                told == (0..128).map(|b| self::directory(&bytes, 7).bucket(b, 8).ok()).collect::<Vec<_>>();
            assert!(directory.check(8).is_err() || same, "byte {at}");
        }
    }
}
