//! Exact look-up: sorted digests, and a directory over their first bits that leads to one bucket of a few.
//!
//! A look-up waits for memory, not for the CPU: once for the directory, once for the bucket. So many digests are looked up
//! together, stage by stage, and what a stage needs is asked for in the one before it.

use std::ops::Range;

use super::error::Fault;
use super::format::{Band, array_at};
use super::layout::{DigestLayout, Numbers};
use crate::kernel::lanes::{Lanes, Level, Wide};

/// Buckets up to this length are gone through from the beginning; longer ones, which only digests of equal beginnings make,
/// are searched by halves.
const SHORT: usize = 16;
/// Bytes of a bucket that are asked for from memory: more than half of all buckets of an even spread are not longer.
const ASKED_FOR: usize = 128;
const CACHE_LINE: usize = 64;

/// The table of one kind of digest.
#[derive(Clone, Copy)]
pub(super) struct DigestTable<'a> {
    values: &'a [u8],
    size: usize,
    len: usize,
    entries: Numbers<'a>,
    directory: Numbers<'a>,
    prefix: Band,
}

/// How many bits the directory over `len` digests has: buckets of two to four on average, which makes one or two bytes of
/// directory for each digest. Measured: half as long, and look-ups take a quarter less; twice as long, 40 % more.
pub(super) fn directory_bits(len: usize) -> u32 {
    len.checked_ilog2().unwrap_or(0).saturating_sub(1).min(super::format::MAX_BAND_WIDTH)
}

impl<'a> DigestTable<'a> {
    pub(super) fn new(file: &'a [u8], layout: &DigestLayout) -> Self {
        Self {
            values: layout.values.bytes(file),
            size: layout.values.size(),
            len: layout.values.len(),
            entries: layout.entries.numbers(file),
            directory: layout.directory.numbers(file),
            prefix: Band { offset: 0, width: layout.directory.id.bit_width },
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) const fn entries(&self) -> Numbers<'a> {
        self.entries
    }

    pub(super) const fn directory(&self) -> Numbers<'a> {
        self.directory
    }

    #[inline(always)]
    pub(super) fn value(&self, at: usize) -> &'a [u8] {
        self.values.get(at * self.size..(at + 1) * self.size).unwrap_or_default()
    }

    /// The first bytes of digest `at`, as a number that orders as they do.
    #[inline(always)]
    fn head(&self, at: usize) -> u64 {
        let bytes = self.values.get(at * self.size..).and_then(|value| value.first_chunk());
        bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    /// The bucket to which `digest` belongs.
    #[inline(always)]
    pub(super) fn bucket(&self, digest: &[u8]) -> usize {
        self.prefix.value(digest) as usize
    }

    /// The entries that have `digest`, in order, duplicates kept.
    pub(super) fn find<'d>(
        &self,
        digest: &'d [u8],
    ) -> Result<impl Iterator<Item = u32> + use<'a, 'd>, Fault> {
        let bucket = self.directory.bucket(self.bucket(digest), self.len())?;
        Ok(self.equal(self.first(bucket.clone(), digest, head(digest))..bucket.end, digest))
    }

    /// The entries of the digests from the beginning of `positions` on, as long as they equal `digest`.
    fn equal<'d>(
        &self,
        positions: Range<usize>,
        digest: &'d [u8],
    ) -> impl Iterator<Item = u32> + use<'a, 'd> {
        let table = *self;
        let equal = positions.take_while(move |at| table.value(*at) == digest);
        equal.map(move |at| table.entries.at(at) as u32)
    }

    /// Where in `bucket` the first digest equal to `digest` is; anywhere if there is none.
    ///
    /// A list of digests with equal beginnings costs its logarithm, not its length. In a short bucket the CPU guesses right
    /// that a digest is not the one, but not whether it comes before it.
    #[inline(always)]
    fn first(&self, bucket: Range<usize>, digest: &[u8], head: u64) -> usize {
        let Range { start: mut low, end: mut high } = bucket;
        if high - low <= SHORT {
            let equal = |at: &usize| self.head(*at) == head && self.value(*at) == digest;
            return bucket.clone().find(equal).unwrap_or(high);
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.value(middle) < digest { low = middle + 1 } else { high = middle }
        }
        low
    }
}

#[inline(always)]
fn head(digest: &[u8]) -> u64 {
    u64::from_be_bytes(array_at(digest, 0))
}

/// Digests that go from stage to stage together: more requests at a time the CPU does not keep open.
const TOGETHER: usize = 32;
/// Digests of a bucket that are looked at whether they are there or not: most buckets have no more, and the CPU, which
/// cannot guess how many they have, need not.
const LOOKED_AT: usize = 4;

impl DigestTable<'_> {
    /// Gives `found` the number of each of `digests` that is there, and the position of the first one equal to it, in
    /// order. Each has the length of those in the table.
    pub(super) fn find_many<'d>(
        &self,
        digests: impl Iterator<Item = &'d [u8]>,
        found: impl FnMut(usize, usize),
    ) -> Result<(), Fault> {
        Lanes::best().run(FindMany { table: self, digests, found })
    }

    /// The entries of the digests that equal the one at position `first`, from there on, in order.
    pub(super) fn entries_from(&self, first: usize) -> impl Iterator<Item = u32> + use<'_> {
        self.equal(first..self.len, self.value(first))
    }

    /// As [`DigestTable::first`], without guesses in a short bucket.
    #[inline(always)]
    fn first_of(&self, bucket: Range<usize>, digest: &[u8]) -> Option<usize> {
        let (start, len, head) = (bucket.start, bucket.len(), head(digest));
        let mut equal = 0_u32;
        for at in 0..LOOKED_AT {
            equal |= u32::from(self.head(start + at) == head) << at;
        }
        if len <= LOOKED_AT && equal & ((1 << len) - 1) == 0 {
            return None;
        }
        let first = self.first(bucket.clone(), digest, head);
        (bucket.contains(&first) && self.value(first) == digest).then_some(first)
    }
}

struct FindMany<'t, 'a, D, F> {
    table: &'t DigestTable<'a>,
    digests: D,
    found: F,
}

/// A digest under way.
#[derive(Clone, Copy, Default)]
struct Probe<'d> {
    digest: &'d [u8],
    /// Its bucket's number.
    bucket: usize,
    start: usize,
    end: usize,
}

/// Digests under way together.
struct Group<'d> {
    probes: [Probe<'d>; TOGETHER],
    len: usize,
}

impl<'d, D: Iterator<Item = &'d [u8]>, F: FnMut(usize, usize)> Wide for FindMany<'_, '_, D, F> {
    type Output = Result<(), Fault>;

    /// While the buckets of one group are gone through, those of the next and the places in the directory of the one after
    /// are on their way from memory.
    #[inline(always)]
    fn run<L: Level>(self, level: L) -> Self::Output {
        let Self { table, mut digests, mut found } = self;
        let mut groups = [const {
            Group { probes: [Probe { digest: &[], bucket: 0, start: 0, end: 0 }; TOGETHER], len: 0 }
        }; 3];
        let mut done = 0;
        for round in 0.. {
            let group = &mut groups[round % 3];
            group.len = 0;
            for (probe, digest) in group.probes.iter_mut().zip(&mut digests) {
                (probe.digest, probe.bucket) = (digest, table.bucket(digest));
                if let Some(byte) = table.directory.byte_of(probe.bucket) {
                    level.prefetch(byte);
                }
                group.len += 1;
            }
            let group = &mut groups[(round + 2) % 3];
            for probe in &mut group.probes[..group.len] {
                let bucket = table.directory.bucket(probe.bucket, table.len())?;
                (probe.start, probe.end) = (bucket.start, bucket.end);
                for at in [0, CACHE_LINE, ASKED_FOR - 1] {
                    if let Some(byte) = table.values.get(bucket.start * table.size + at) {
                        level.prefetch(byte);
                    }
                }
            }
            let group = &groups[(round + 1) % 3];
            for (number, probe) in group.probes[..group.len].iter().enumerate() {
                if let Some(first) = table.first_of(probe.start..probe.end, probe.digest) {
                    if let Some(byte) = table.entries.byte_of(first) {
                        level.prefetch(byte);
                    }
                    found(done + number, first);
                }
            }
            done += group.len;
            if groups.iter().all(|group| group.len == 0) {
                break;
            }
        }
        Ok(())
    }
}
