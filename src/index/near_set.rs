//! PDQ hashes in memory, searched as those of a list are: for a run that is compared with itself.

use std::io::Cursor;
use std::path::Path;

use super::IndexError;
use super::builder::SegmentBuilder;
use super::codes::{Plan, Policy};
use super::map::Content;
use super::segment::Segment;
use crate::digest::SignalKind;
use crate::home::HomeError;
use crate::kernel::{Code256, Distance};

/// Hashes by their number, from 0 on. Memory: about 105 bytes each, and twice that while it is made.
pub struct NearSet {
    segment: Segment,
}

impl NearSet {
    /// Takes the hashes, in their order.
    ///
    /// # Errors
    /// [`IndexError`], which only a fault of this program can bring about.
    pub fn new(codes: Vec<Code256>) -> Result<Self, IndexError> {
        let mut out = Cursor::new(Vec::new());
        let written = SegmentBuilder::of_codes(codes).write_to(&mut out);
        written.map_err(HomeError::io(Path::new("memory")))?;
        let segment = Segment::of(Content::Owned(out.into_inner())).map_err(IndexError::file("memory"))?;
        Ok(Self { segment })
    }

    /// The hashes, in their order.
    #[must_use]
    pub fn codes(&self) -> &[Code256] {
        self.segment.codes(SignalKind::Pdq).and_then(|table| table.codes_of_256()).unwrap_or_default()
    }

    /// Gives `emit` the number of each query and of each hash within `max` of it, each pair once, in any order.
    ///
    /// Runs in this thread; memory is bounded by constants.
    ///
    /// # Errors
    /// As [`NearSet::new`].
    pub fn each_near(
        &self,
        queries: &[Code256],
        max: Distance,
        mut emit: impl FnMut(usize, usize, Distance),
    ) -> Result<(), IndexError> {
        let Some(table) = self.segment.codes(SignalKind::Pdq) else { return Ok(()) };
        for (part, queries) in queries.chunks(MOST_QUERIES).enumerate() {
            let bytes: Vec<&[u8]> = queries.iter().map(bytemuck::bytes_of).collect();
            let mut plans = vec![Plan::default(); queries.len()];
            let emit = |query: usize, at, distance| {
                emit(part * MOST_QUERIES + query, at, distance);
                Ok(())
            };
            let searched = table.near_many(&bytes, max, None, Policy::Cheapest, &mut plans, emit);
            searched.map_err(self.segment.fault())?;
        }
        Ok(())
    }
}

/// Queries that are searched together.
const MOST_QUERIES: usize = 1 << 15;

#[cfg(test)]
mod tests {
    use super::*;

    fn code(seed: u64, flipped: usize) -> Code256 {
        let mut bytes = *blake3::hash(&seed.to_le_bytes()).as_bytes();
        (0..flipped).for_each(|bit| bytes[bit / 8] ^= 1 << (bit % 8));
        Code256::from_bytes(bytes)
    }

    #[test]
    fn all_that_is_near_is_found_in_small_sets_and_in_large_ones() {
        for count in [0, 1, 5, 40_000] {
            let codes: Vec<Code256> = (0..count).map(|seed| code(seed, 0)).collect();
            let set = NearSet::new(codes.clone()).unwrap();
            assert_eq!(set.codes(), codes);
            let queries: Vec<Code256> =
                (0..300).map(|n| code(n * 131 % (count + 7), n as usize % 40)).collect();
            let mut found = Vec::new();
            set.each_near(&queries, Distance::PDQ_DEFAULT, |query, at, distance| {
                found.push((query, at, distance));
            })
            .unwrap();
            found.sort_unstable();
            let all = queries.iter().enumerate().flat_map(|(query, asked)| {
                codes.iter().enumerate().map(move |(at, code)| (query, at, asked.distance(code)))
            });
            let expected: Vec<_> = all.filter(|found| found.2 <= Distance::PDQ_DEFAULT).collect();
            assert_eq!(found, expected, "{count}");
            assert!(count < 1000 || expected.len() > 200);
        }
    }
}
