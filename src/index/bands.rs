//! Which bands codes are given, how far each is looked at, and what a posting says of its code beside its number.
//!
//! Two codes within `r` bits of each other differ, by the pigeonhole principle, by few bits in at least one of `m`
//! disjoint bands: give band `i` a *share* `t_i` with a sum of `r + 1`, and some band differs in fewer bits than its
//! share. More than that holds. Put the bands on a ring: since all differences together are fewer than all shares, there is
//! a band from which on, however far one goes round, the differences so far are fewer than the shares so far (the
//! pigeonring principle: J. Qin and C. Xiao, "Pigeonring", VLDB 2018). So a code that differs from the query by `d` bits in
//! band `i` need only be looked at if it differs by at most `t_i + t_(i+1) - 1 - d` bits in the next band. A *sketch*, the
//! first bits of the next band, stands in the posting beside the code's number: most candidates are dropped without a
//! look at their codes.

use super::format::Band;
use crate::kernel::Distance;

/// Below this number of codes a segment has no bands: scanning them takes microseconds, and directories are large.
pub(super) const BANDS_FROM: usize = 32_768;
/// Up to this number 16 bands with the sketch in the word of the number. Measured, as the next, with 1 and 10 million
/// hashes.
const NARROW_TO: usize = 3_000_000;
/// Up to this number 14 bands, with a further byte of sketch.
const WIDE_TO: usize = 40_000_000;
/// Up to this number 12 bands, beyond it 11, both with that byte: more buckets, and so few postings in each that fewer
/// lines of memory are read in all. Measured with 100 million.
const WIDER_TO: usize = 50_000_000;
/// Bits that are shared out over the bands: those of a PDQ hash. Of longer codes the bands leave bits out.
const BANDED_BITS: u32 = 256;

/// The bands of a segment, and bytes of one posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bands {
    pub(super) bands: Vec<Band>,
    pub(super) posting_size: u32,
}

impl Bands {
    /// What a segment of `codes` codes of `code_width` bits is given.
    pub(super) fn for_codes(codes: usize, code_width: u32) -> Self {
        let (most, posting_size) = match codes {
            0..BANDS_FROM => return Self { bands: Vec::new(), posting_size: 4 },
            BANDS_FROM..NARROW_TO => (16, 4),
            NARROW_TO..WIDE_TO => (14, 5),
            WIDE_TO..WIDER_TO => (12, 5),
            _ => (11, 5),
        };
        let bands = if code_width < BANDED_BITS {
            // As wide as those of a longer code, as many as there are bits for.
            Band::split(code_width, (code_width * most).div_ceil(BANDED_BITS))
        } else {
            let spread = |band: Band| Band { offset: band.offset * code_width / BANDED_BITS, ..band };
            Band::split(BANDED_BITS, most).into_iter().map(spread).collect()
        };
        Self { bands, posting_size }
    }
}

/// What the postings of one band say of a code beside its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sketch {
    /// Bits of a code's number.
    pub(super) id_bits: u32,
    /// The bits of the next band that are in the sketch.
    part: Band,
}

impl Sketch {
    /// Of postings of `posting_size` bytes that name one of `codes` codes, where `next` is the next band on the ring.
    pub(super) fn new(codes: usize, posting_size: usize, next: Band) -> Self {
        let id_bits = usize::BITS - codes.saturating_sub(1).leading_zeros();
        let id_bits = id_bits.clamp(1, 32);
        let room = 32 - id_bits + if posting_size == 5 { 8 } else { 0 };
        Self { id_bits, part: Band { width: next.width.min(room), ..next } }
    }

    /// Its bits.
    pub(super) const fn width(&self) -> u32 {
        self.part.width
    }

    /// The sketch of `code`.
    pub(super) fn of(&self, code: &[u8]) -> u32 {
        self.part.value(code)
    }
}

/// How many differing bits each of `bands` bands is given, so that the sum is one more than `max`.
pub(super) fn shares(max: Distance, bands: u32) -> impl Iterator<Item = u32> {
    let needed = u32::from(max.bits()) + 1;
    (0..bands).map(move |band| needed / bands + u32::from(band < needed % bands))
}

/// How many values of `width` bits are within `radius` of one of them.
pub(super) fn ball_size(width: u32, radius: u32) -> u64 {
    let mut shell = 1;
    let mut size = 1;
    for flipped in 1..=u64::from(radius.min(width)) {
        shell = shell * (u64::from(width) + 1 - flipped) / flipped; // below 2^28 · 28: widths are bounded
        size += shell;
    }
    size
}

/// Every pattern of at most `radius` flipped bits out of `width`, fewest first.
pub(super) fn ball(width: u32, radius: u32) -> impl Iterator<Item = u32> {
    (0..=radius.min(width)).flat_map(move |flipped| {
        let first = (1_u64 << flipped) - 1;
        // Gosper's hack: the next larger number with as many bits set.
        std::iter::successors(Some(first), |&flips| {
            let lowest = flips & flips.wrapping_neg();
            (lowest != 0).then(|| {
                let ripple = flips + lowest;
                ripple | (((ripple ^ flips) >> 2) >> lowest.trailing_zeros())
            })
        })
        .take_while(move |flips| flips >> width == 0)
        .map(|flips| flips as u32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::format::MAX_BAND_WIDTH;

    #[test]
    fn a_ball_has_each_pattern_once() {
        for width in 1..=12 {
            for radius in 0..=width + 1 {
                let mut patterns: Vec<_> = ball(width, radius).collect();
                assert_eq!(patterns.len() as u64, ball_size(width, radius));
                assert!(patterns.iter().all(|flips| flips.count_ones() <= radius && flips >> width == 0));
                patterns.sort_unstable();
                patterns.dedup();
                assert_eq!(patterns.len() as u64, ball_size(width, radius));
            }
        }
        assert_eq!(ball_size(16, 1), 17);
        assert_eq!(ball_size(28, 28), 1 << 28);
    }

    #[test]
    fn shares_meet_the_pigeonhole_bound_exactly() {
        for bands in 1..=40 {
            for bits in 0..=256 {
                let sum: u32 = shares(Distance::new(bits).unwrap(), bands).sum();
                assert_eq!(sum, u32::from(bits) + 1, "{bands} bands, {bits} bits");
            }
        }
        assert!(shares(Distance::PDQ_DEFAULT, 16).all(|share| share == 2));
    }

    /// The principle itself, over every way to place few differences on a small ring.
    #[test]
    fn on_every_ring_some_band_and_its_next_keep_within_their_shares() {
        for bands in 2..=5_u32 {
            for max in 0..=6_u16 {
                let shares: Vec<u32> = shares(Distance::new(max).unwrap(), bands).collect();
                for placed in 0..7_u32.pow(bands) {
                    let differing: Vec<u32> = (0..bands).map(|band| placed / 7_u32.pow(band) % 7).collect();
                    if differing.iter().sum::<u32>() > u32::from(max) {
                        continue;
                    }
                    let found = (0..bands as usize).any(|band| {
                        let next = (band + 1) % bands as usize;
                        let own = differing[band] < shares[band];
                        own && differing[band] + differing[next] < shares[band] + shares[next]
                    });
                    assert!(found, "{differing:?} within {max}");
                }
            }
        }
    }

    #[test]
    fn bands_are_disjoint_and_inside() {
        for width in [40, 64, 144, 256, 544, 1024] {
            for codes in [BANDS_FROM, NARROW_TO, WIDE_TO, WIDER_TO] {
                let Bands { bands, .. } = Bands::for_codes(codes, width);
                assert!(!bands.is_empty());
                let mut end = 0;
                for band in bands {
                    assert!(
                        band.offset >= end && (1..=MAX_BAND_WIDTH).contains(&band.width),
                        "{width}: {band:?}"
                    );
                    end = band.offset + band.width;
                }
                assert!(end <= width);
            }
            assert_eq!(Bands::for_codes(BANDS_FROM - 1, width).bands, []);
        }
    }

    #[test]
    fn a_sketch_fills_what_the_number_leaves() {
        let next = Band { offset: 18, width: 18 };
        for (codes, size, id_bits, width) in [
            (1, 4, 1, 18),
            (1 << 20, 4, 20, 12),
            ((1 << 20) + 1, 4, 21, 11),
            (10_000_000, 5, 24, 16),
            (100_000_000, 5, 27, 13),
            (u32::MAX as usize, 4, 32, 0),
        ] {
            let expected = Sketch { id_bits, part: Band { offset: 18, width } };
            assert_eq!(Sketch::new(codes, size, next), expected, "{codes}");
        }
    }
}
