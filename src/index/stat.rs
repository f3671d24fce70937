//! How evenly codes are spread over the buckets of their bands.

use super::error::IndexError;
use super::format::Band;
use super::snapshot::Index;
use crate::digest::SignalKind;

/// The buckets of one band of one segment, by how many codes are in them.
///
/// A near search looks into a few buckets of each band. Codes with equal beginnings, as lists of similar pictures have
/// them, make some of those large; then it costs more than the number of codes would tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BandStat {
    /// What kind of code.
    pub kind: SignalKind,
    /// Which of its bits.
    pub band: Band,
    /// Codes in the bucket that is as large as 99 of 100 buckets or larger.
    pub p99: u32,
    /// Codes in the largest.
    pub largest: u32,
}

impl Index {
    /// The bands of segment `number` of [`Index::stat`], by kind of code and bit; none if it is scanned, or not there.
    ///
    /// Reads the directories of the bands, some megabytes for a large segment.
    ///
    /// # Errors
    /// [`IndexError::File`] if one of them is damaged.
    pub fn band_stat(&self, number: usize) -> Result<Vec<BandStat>, IndexError> {
        let Some(live) = self.segments.get(number) else { return Ok(Vec::new()) };
        let segment = &live.segment;
        let mut stats = Vec::new();
        for codes in &segment.layout().perceptual {
            for band in &codes.bands {
                let directory = band.directory.numbers(segment.bytes());
                let size = |at| Ok(directory.bucket(at, codes.codes.len())?.len() as u32);
                let sizes = (0..directory.len() - 1).map(size).collect::<Result<Vec<u32>, _>>();
                let (p99, largest) = skew(sizes.map_err(segment.fault())?);
                stats.push(BandStat { kind: codes.kind, band: band.band, p99, largest });
            }
        }
        segment.sound().map_err(segment.fault())?;
        Ok(stats)
    }
}

/// The 99th percentile, by the nearest rank, and the largest of `sizes`; zeros without any.
fn skew(mut sizes: Vec<u32>) -> (u32, u32) {
    let rank = (sizes.len() * 99).div_ceil(100).max(1) - 1;
    let p99 = if sizes.is_empty() { 0 } else { *sizes.select_nth_unstable(rank).1 };
    (p99, sizes.into_iter().max().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::super::SegmentBuilder;
    use super::super::testing::*;
    use super::*;
    use crate::digest::{Pdq, Signal};
    use crate::hashset::{Entry, Hashes};
    use crate::kernel::Code256;

    #[test]
    fn the_percentile_is_by_nearest_rank() {
        assert_eq!(skew(vec![]), (0, 0));
        assert_eq!(skew(vec![7]), (7, 7));
        assert_eq!(skew((1..=100).rev().collect()), (99, 100));
        assert_eq!(skew((1..=101).collect()), (100, 101));
        assert_eq!(skew(vec![0; 65_536]), (0, 0));
    }

    #[test]
    fn buckets_are_counted_as_their_codes_fall() {
        let bands = vec![Band { offset: 0, width: 3 }, Band { offset: 8, width: 8 }];
        let mut builder = SegmentBuilder::new().with_bands(bands.clone(), 4);
        for n in 0..240_u8 {
            let mut code = [0; 32];
            (code[0], code[1]) = (if n < 200 { 0xe0 } else { n }, n);
            let pdq = Pdq::new(Code256::from_bytes(code));
            builder.push(&Entry::bare(Hashes::from(Signal::Pdq(pdq)))).unwrap();
        }
        let index = Index::of_segment(open(bytes_of(builder)).unwrap());
        let stat = index.band_stat(0).unwrap();
        let found: Vec<_> = stat.iter().map(|stat| (stat.band, stat.p99, stat.largest)).collect();
        // 200 to 223 begin with the bits 110, 224 to 239 with 111, as the 200 others do.
        assert_eq!(found, [(bands[0], 216, 216), (bands[1], 1, 1)]);
        assert!(index.band_stat(1).unwrap().is_empty());
    }
}
