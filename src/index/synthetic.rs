//! Made codes to measure and to test on: no list of real ones may be handed round.
//!
//! A search is as fast as its buckets are short, so what matters is how codes crowd, and uniform ones do not. Here codes can
//! also be made like those of a list of photographs: each has half of its bits set, as PDQ gives them; its bits hang
//! together as the frequencies of pictures do; one code in twenty or so belongs to a cluster of near-duplicates, of which a
//! few have hundreds of members. Where real photographs come in, and how close this is to them, is in
//! `docs/benchmarks.md`.

mod draws;
mod leaves;

use rayon::prelude::*;

use self::draws::Draws;
use self::leaves::{Frequencies, SIDE, picture};
use crate::kernel::{Code256, Distance};

/// Codes that depend on their number and on how they are spread alone.
///
/// # Examples
/// ```
/// # use innerward::index::Synthetic;
/// # use innerward::kernel::Distance;
/// let made = Synthetic::like_photographs();
/// let codes = made.codes(20_000);
/// assert_eq!(codes[..1000], made.codes(1000));
/// let queries = made.queries(codes.len(), 50, Distance::PDQ_DEFAULT);
/// let (number, distance) = queries[0].planted.expect("the first of ten is near a code");
/// assert_eq!(codes[number].distance(&queries[0].code), distance);
/// ```
pub struct Synthetic {
    /// What codes are blended of; uniform ones are not.
    pictures: Option<Vec<Frequencies>>,
}

/// The pictures are the seed of all codes that are like those of photographs: never printed by accident.
impl std::fmt::Debug for Synthetic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.pictures.is_some() { "Synthetic(photographs)" } else { "Synthetic(uniform)" })
    }
}

/// A query with what is known of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyntheticQuery {
    /// What is looked for.
    pub code: Code256,
    /// The number of the code that it was made from, and its distance to it; `None` for a fresh one.
    pub planted: Option<(usize, Distance)>,
}

/// Codes are made so many together, each block from draws of its own.
const BLOCK: usize = 1 << 14;
/// Blocks that are made before they are handed on: 8 MiB.
const BLOCKS_AHEAD: usize = 16;
/// Pictures that codes are blended of, and how many of them make one code. Chosen, as the next, so that random pairs are
/// as often near each other as with real photographs.
const PICTURES: u64 = 2000;
const BLENDED: usize = 3;
/// One blend in so many is the middle of a cluster, which makes 6 % of all codes members of one.
const CLUSTER_EVERY: u64 = 125;
/// Most members.
const LARGEST: usize = 2000;
/// A member differs from the middle in an even number of bits, up to this.
const MEMBER_BITS: u64 = 24;
/// One query in so many is planted.
const PLANTED_EVERY: usize = 10;

/// What draws are for; the names are part of the seed.
const CODES: &str = "codes";
const FRESH: &str = "fresh queries";
const PLANTS: &str = "planted queries";

impl Synthetic {
    /// Codes in which each bit is set by the toss of a coin.
    #[must_use]
    pub const fn uniform() -> Self {
        Self { pictures: None }
    }

    /// Codes that crowd as those of photographs do. Takes a fraction of a second, once.
    #[must_use]
    pub fn like_photographs() -> Self {
        Self { pictures: Some((0..PICTURES).into_par_iter().map(picture).collect()) }
    }

    /// The first `len` codes.
    #[must_use]
    pub fn codes(&self, len: usize) -> Vec<Code256> {
        let mut codes = vec![Code256::ZERO; len];
        self.fill(CODES, 0, &mut codes);
        codes
    }

    /// The first `len` codes piece by piece, in order, with the number of the first of each piece: in memory for one piece.
    ///
    /// # Errors
    /// What `visit` gives; it is not called again then.
    pub fn each<E>(
        &self,
        len: usize,
        mut visit: impl FnMut(usize, &[Code256]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut piece = vec![Code256::ZERO; (BLOCK * BLOCKS_AHEAD).min(len)];
        for start in (0..len).step_by(BLOCK * BLOCKS_AHEAD) {
            let piece = &mut piece[..(BLOCK * BLOCKS_AHEAD).min(len - start)];
            self.fill(CODES, start / BLOCK, piece);
            visit(start, piece)?;
        }
        Ok(())
    }

    /// `len` queries for the first `codes` codes: one in ten, the first among them, has been planted at 0 bits to `most`
    /// from one of these, the others are fresh codes of the same kind.
    ///
    /// A planted one has as many bits of either value turned over as the number of them allows, and so half of them set as
    /// before.
    ///
    /// # Panics
    /// Without codes.
    #[must_use]
    pub fn queries(&self, codes: usize, len: usize, most: Distance) -> Vec<SyntheticQuery> {
        assert!(codes > 0, "queries are planted near a code");
        let mut fresh = vec![Code256::ZERO; len];
        self.fill(FRESH, 0, &mut fresh);
        let query = |(number, code)| {
            if number % PLANTED_EVERY > 0 {
                return SyntheticQuery { code, planted: None };
            }
            let mut draws = Draws::new(PLANTS, number as u64);
            let at = draws.below(codes as u64) as usize;
            let block = self.block(CODES, at / BLOCK);
            let nth = (number / PLANTED_EVERY) as u16;
            let bits = Distance::new(nth % (most.bits() + 1)).expect("no more than `most`");
            let code = flipped(&block[at % BLOCK], bits.bits().into(), &mut draws);
            SyntheticQuery { code, planted: Some((at, bits)) }
        };
        fresh.into_par_iter().enumerate().map(query).collect()
    }

    /// Codes from the beginning of block `first` on.
    fn fill(&self, what: &str, first: usize, codes: &mut [Code256]) {
        codes.par_chunks_mut(BLOCK).enumerate().for_each(|(at, codes)| {
            codes.copy_from_slice(&self.block(what, first + at)[..codes.len()]);
        });
    }

    /// Block `number`, always whole: a shorter one would be in another order.
    fn block(&self, what: &str, number: usize) -> Vec<Code256> {
        let mut draws = Draws::new(what, number as u64);
        let Some(pictures) = &self.pictures else {
            let mut codes = vec![Code256::ZERO; BLOCK];
            draws.fill(bytemuck::cast_slice_mut(&mut codes));
            return codes;
        };
        let mut codes = Vec::with_capacity(BLOCK + LARGEST);
        while codes.len() < BLOCK {
            let blend = blend(pictures, &mut draws);
            if draws.below(CLUSTER_EVERY) > 0 {
                codes.push(blend);
                continue;
            }
            for _ in 0..cluster_size(&mut draws) {
                let bits = 2 * draws.below(MEMBER_BITS / 2 + 1);
                codes.push(flipped(&blend, bits, &mut draws));
            }
        }
        codes.truncate(BLOCK);
        // Lists hold near-duplicates where they came in, not side by side.
        for at in (1..BLOCK).rev() {
            codes.swap(at, draws.below(at as u64 + 1) as usize);
        }
        codes
    }
}

/// A code as PDQ makes it of frequencies: the upper half of them are ones.
fn blend(pictures: &[Frequencies], draws: &mut Draws) -> Code256 {
    let mut mixed = [0.0; SIDE * SIDE];
    for _ in 0..BLENDED {
        let weight = draws.bell();
        let picture = &pictures[draws.below(pictures.len() as u64) as usize];
        mixed.iter_mut().zip(picture).for_each(|(sum, part)| *sum += weight * part);
    }
    // Whole numbers are quick to count. What is far from the median may be cut off, and what is near it is still apart.
    let mixed: [i16; SIDE * SIDE] = mixed.map(|value| (value * 65536.0) as i16);
    let at_least = |bound: i16| mixed.iter().map(|value| i16::from(*value >= bound)).sum::<i16>();
    const HALF: i16 = (SIDE * SIDE / 2) as i16;
    // The greatest value that half of all reach, bit by bit.
    let mut median = i16::MIN;
    for step in (0..16).rev().map(|bit| 1 << bit) {
        let higher = (i32::from(median) + step) as i16; // below 32,768, since no bit is added twice
        if at_least(higher) >= HALF {
            median = higher;
        }
    }
    let above = mixed.iter().filter(|value| **value > median).count();
    let mut equal = SIDE * SIDE / 2 - above; // so many of those that are equal are ones too
    let mut bytes = [0; 32];
    for (at, value) in mixed.into_iter().enumerate() {
        let tied = value == median && equal > 0;
        equal -= usize::from(tied);
        bytes[at / 8] |= u8::from(value > median || tied) << (7 - at % 8);
    }
    Code256::from_bytes(bytes)
}

/// Of two members and more, each size rarer than the one before by a power.
fn cluster_size(draws: &mut Draws) -> usize {
    // Pareto's law with an exponent of 16/13, by roots, which are the same on all machines as powers are not.
    let unit = draws.unit();
    let (half, quarter) = (unit.sqrt(), unit.sqrt().sqrt());
    let sixteenth = quarter.sqrt().sqrt();
    ((2.0 / (half * quarter * sixteenth)) as usize).min(LARGEST)
}

/// `code` with `bits` of its bits turned over, ones and zeros by turns.
fn flipped(code: &Code256, bits: u64, draws: &mut Draws) -> Code256 {
    let mut bytes = *code.as_bytes();
    for flip in 0..bits {
        // Codes have about as many ones as zeros, and few are flipped: a place is soon found.
        loop {
            let place = draws.below(256) as usize;
            let (byte, bit) = (place / 8, 128_u8 >> (place % 8));
            let is_one = code.as_bytes()[byte] & bit > 0;
            let is_new = (code.as_bytes()[byte] ^ bytes[byte]) & bit == 0;
            if is_new && is_one == (flip % 2 == 0) {
                bytes[byte] ^= bit;
                break;
            }
        }
    }
    Code256::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ones(code: &Code256) -> u32 {
        code.as_bytes().iter().map(|byte| byte.count_ones()).sum()
    }

    #[test]
    fn codes_do_not_hang_on_how_they_are_asked_for() {
        for made in [Synthetic::uniform(), Synthetic::like_photographs()] {
            let len = BLOCK * BLOCKS_AHEAD + 5;
            let codes = made.codes(len);
            assert!(codes[..BLOCK + 1] == made.codes(BLOCK + 1));
            let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
            assert!(codes[..3 * BLOCK] == one_thread.install(|| made.codes(3 * BLOCK)));
            let mut streamed = Vec::new();
            let done = made.each(len, |start, piece| {
                assert_eq!(start, streamed.len());
                streamed.extend_from_slice(piece);
                Ok::<_, ()>(())
            });
            assert!(done.is_ok() && streamed == codes);
            let mut calls = 0;
            let stopped = made.each(len, |_, _| {
                calls += 1;
                Err(calls)
            });
            assert_eq!(stopped, Err(1));
        }
    }

    #[test]
    fn planted_queries_are_at_the_distances_that_are_told() {
        for made in [Synthetic::uniform(), Synthetic::like_photographs()] {
            let codes = made.codes(40_000);
            let queries = made.queries(codes.len(), 640, Distance::PDQ_DEFAULT);
            let planted: Vec<_> = queries.iter().filter_map(|query| Some((query, query.planted?))).collect();
            for (query, (at, distance)) in &planted {
                assert_eq!(codes[*at].distance(&query.code), *distance);
            }
            let mut distances: Vec<_> = planted.iter().map(|(_, (_, distance))| distance.bits()).collect();
            distances.sort_unstable();
            assert_eq!(distances, (0..64).map(|n| n / 2).collect::<Vec<_>>(), "each twice");
            let mut fresh: Vec<_> = queries.iter().filter(|query| query.planted.is_none()).collect();
            assert_eq!(fresh.len(), 576);
            fresh.sort_unstable_by_key(|query| query.code);
            fresh.dedup_by_key(|query| query.code);
            assert!(fresh.len() >= 574, "a member of a cluster may equal its middle");
        }
    }

    /// The bounds are what real photographs gave (11.6 postings, 109 bits), with room on both sides.
    #[test]
    fn codes_crowd_as_those_of_photographs() {
        let made = Synthetic::like_photographs();
        let codes = made.codes(1 << 18);
        assert!(codes.iter().all(|code| ones(code) == 128));
        let buckets = |codes: &[Code256], band: usize| {
            let mut sizes = vec![0_u64; 1 << 16];
            for code in codes {
                let pair = [code.as_bytes()[2 * band], code.as_bytes()[2 * band + 1]];
                sizes[usize::from(u16::from_be_bytes(pair))] += 1;
            }
            sizes
        };
        let postings = |codes: &[Code256]| {
            let squares: u64 = (0..16).flat_map(|band| buckets(codes, band)).map(|size| size * size).sum();
            squares as f64 / (16 * codes.len()) as f64
        };
        let uniform = postings(&Synthetic::uniform().codes(codes.len()));
        assert!((4.9..5.1).contains(&uniform), "{uniform}");
        let skewed = postings(&codes);
        assert!((9.5..14.0).contains(&skewed), "{skewed} postings of a bucket");
        let pairs = codes.iter().zip(&codes[codes.len() / 2..]);
        let mut distances: Vec<_> = pairs.map(|(one, other)| one.distance(other).bits()).collect();
        distances.sort_unstable();
        let mean = distances.iter().map(|bits| f64::from(*bits)).sum::<f64>() / distances.len() as f64;
        assert!((127.5..128.5).contains(&mean), "{mean}");
        let hundredth = distances[distances.len() / 100];
        assert!((107..=110).contains(&hundredth), "{hundredth}");
    }
}
