//! Exact look-up: sorted digests, and a directory over their first bits that leads to one bucket.

use super::error::Fault;
use super::format::Band;
use super::layout::{DigestLayout, Numbers};

/// The table of one kind of digest.
#[derive(Clone, Copy)]
pub(super) struct DigestTable<'a> {
    values: &'a [u8],
    size: usize,
    entries: Numbers<'a>,
    directory: Numbers<'a>,
    prefix: Band,
}

/// How many bits the directory over `len` digests has: buckets of four to eight on average.
pub(super) fn directory_bits(len: usize) -> u32 {
    len.checked_ilog2().unwrap_or(0).saturating_sub(2).min(super::format::MAX_BAND_WIDTH)
}

impl<'a> DigestTable<'a> {
    pub(super) fn new(file: &'a [u8], layout: &DigestLayout) -> Self {
        Self {
            values: layout.values.bytes(file),
            size: layout.values.size(),
            entries: layout.entries.numbers(file),
            directory: layout.directory.numbers(file),
            prefix: Band { offset: 0, width: layout.directory.id.bit_width },
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) const fn entries(&self) -> Numbers<'a> {
        self.entries
    }

    pub(super) const fn directory(&self) -> Numbers<'a> {
        self.directory
    }

    pub(super) fn value(&self, at: usize) -> &'a [u8] {
        self.values.get(at * self.size..(at + 1) * self.size).unwrap_or_default()
    }

    /// The bucket to which `digest` belongs.
    pub(super) fn bucket(&self, digest: &[u8]) -> usize {
        self.prefix.value(digest) as usize
    }

    /// The entries that have `digest`, in order, duplicates kept.
    ///
    /// Binary search inside one bucket: a list of digests with equal beginnings costs its logarithm, not its length.
    pub(super) fn find<'d>(
        &self,
        digest: &'d [u8],
    ) -> Result<impl Iterator<Item = u32> + use<'a, 'd>, Fault> {
        let bucket = self.directory.range(self.bucket(digest), self.len())?;
        let (mut low, mut high) = (bucket.start, bucket.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.value(middle) < digest { low = middle + 1 } else { high = middle }
        }
        let table = *self;
        let equal = (low..bucket.end).take_while(move |at| table.value(*at) == digest);
        Ok(equal.map(move |at| table.entries.at(at) as u32))
    }
}
