//! The same code, compiled again for each width of vector that this CPU may have.
//!
//! Work is a value that implements [`Wide`]. Its `run` is ordinary safe code over arrays; marked `#[inline(always)]`, as
//! every function that it calls must be, it becomes part of a function compiled for AVX2 or AVX-512, and the compiler
//! makes vectors of the loops. Rust never reorders or fuses sums of floats by itself, so all levels give the same bits.
#![allow(unsafe_code)]

mod bits;
mod words;

use std::sync::LazyLock;

pub use words::{MESSAGES, MessageBlock, Row, Words};

/// Thirty-two numbers that go side by side: two registers of AVX-512, four of AVX2.
///
/// Aligned, since a register that is loaded across two cache lines is loaded twice.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub struct Lane(pub [f32; SIDE]);
/// Thirty-two lanes.
pub type Block = [Lane; SIDE];
/// The side of a [`Block`].
pub const SIDE: usize = 32;

/// Work that can be compiled for each [`Level`].
pub trait Wide {
    /// What it gives.
    type Output;

    /// Does it. Mark the implementation `#[inline(always)]`: otherwise it stays compiled for the oldest CPU.
    fn run<L: Level>(self, level: L) -> Self::Output;
}

/// The instructions that a piece of work is compiled for; holding one proves that this CPU has them.
pub trait Level: Copy + sealed::Level {
    /// True if `mul_add` is one instruction, and not a call into a library.
    const FMA: bool;

    /// Words of 32 bits, as many as go side by side.
    type Words: Words;

    /// The same word in every lane.
    fn splat(self, word: u32) -> Self::Words;

    /// The lanes from `first`.
    fn load(self, row: &Row, first: usize) -> Self::Words;

    /// The little-endian words of blocks: word by word, and in a row one of each block.
    fn turn(self, blocks: &[&MessageBlock; MESSAGES], words: &mut [Row; 16]);

    /// Rows to columns.
    fn transpose(self, rows: &Block, columns: &mut Block);

    /// Asks for the cache line of `byte`, which is soon to be read, where the CPU can be asked.
    fn prefetch(self, byte: &u8);

    /// The words of which at most `most` bits are set: bit 0 stands for the first.
    fn few_bits(self, words: &[u32; 16], most: u32) -> u32;

    /// The places at which three rows of words together differ in at most `most` bits from the three words of `query`: bit
    /// 0 stands for the first.
    fn near_thirds(self, rows: [&Row; 3], query: [u32; 3], most: u32) -> u32;

    /// Those of sixteen codes that differ in at most `most` bits from `query`: bit 0 stands for the first.
    fn near_codes(self, codes: &[[u8; 32]; 16], query: &[u8; 32], most: u32) -> u32;

    /// For each three bytes the sum of their products with `weights`.
    fn weigh(self, triples: &[u8; 3 * SIDE], weights: [i16; 3], sums: &mut [i32; SIDE]);
}

mod sealed {
    pub trait Level {}
    impl Level for super::Scalar {}
    #[cfg(target_arch = "x86_64")]
    impl Level for super::Avx2 {}
    #[cfg(target_arch = "x86_64")]
    impl Level for super::Avx512 {}
}

/// A level that this CPU has, chosen at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lanes(Chosen);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chosen {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Lanes {
    /// What every CPU of this architecture has: the definition of correct.
    pub const SCALAR: Self = Self(Chosen::Scalar);

    /// Every level of this CPU, widest first; the scalar one is always last.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            let avx2 = has!("avx2") && has!("fma") && has!("bmi1") && has!("bmi2");
            let avx2 = avx2 && has!("lzcnt") && has!("popcnt");
            let avx512 = has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl");
            // The first generation with AVX-512 could not count bits, and slowed down when its wide registers were used.
            if avx2 && avx512 && has!("avx512vpopcntdq") {
                found.push(Self(Chosen::Avx512));
            }
            if avx2 {
                found.push(Self(Chosen::Avx2));
            }
        }
        found.push(Self::SCALAR);
        found
    }

    /// The variable of the environment that names the widest level to use, where the widest of all is not wanted.
    pub const MOST: &str = "INNERWARD_INSTRUCTIONS";

    /// The widest, or the one that [`Lanes::MOST`] names if this CPU has it. Results do not depend on it.
    #[must_use]
    pub fn best() -> Self {
        static BEST: LazyLock<Lanes> = LazyLock::new(|| {
            let most = std::env::var(Lanes::MOST).unwrap_or_default();
            let all = Lanes::available();
            all.iter().find(|level| level.name() == most).copied().unwrap_or(all[0])
        });
        *BEST
    }

    /// `scalar`, `avx2`, `avx512`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Chosen::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Chosen::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Chosen::Avx512 => "avx512",
        }
    }

    /// Words of 32 bits in a register: 1, 8 or 16.
    #[must_use]
    pub fn width(self) -> usize {
        match self.0 {
            Chosen::Scalar => <Scalar as Level>::Words::LANES,
            #[cfg(target_arch = "x86_64")]
            Chosen::Avx2 => <Avx2 as Level>::Words::LANES,
            #[cfg(target_arch = "x86_64")]
            Chosen::Avx512 => <Avx512 as Level>::Words::LANES,
        }
    }

    /// Does `work` with the instructions of this level.
    #[inline]
    pub fn run<W: Wide>(self, work: W) -> W::Output {
        match self.0 {
            Chosen::Scalar => work.run(Scalar),
            // SAFETY: only `available` makes this value, after asking the CPU for all that the function enables.
            #[cfg(target_arch = "x86_64")]
            Chosen::Avx2 => unsafe { run_avx2(work) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Chosen::Avx512 => unsafe { run_avx512(work) },
        }
    }
}

#[derive(Clone, Copy)]
struct Scalar;

impl Level for Scalar {
    const FMA: bool = false;

    type Words = u32;

    #[inline(always)]
    fn splat(self, word: u32) -> u32 {
        word
    }

    #[inline(always)]
    fn load(self, row: &Row, first: usize) -> u32 {
        row.0[first]
    }

    #[inline(always)]
    fn turn(self, blocks: &[&MessageBlock; MESSAGES], words: &mut [Row; 16]) {
        words::turn(blocks, words);
    }

    #[inline(always)]
    fn transpose(self, rows: &Block, columns: &mut Block) {
        for (at, column) in columns.iter_mut().enumerate() {
            column.0.iter_mut().zip(rows).for_each(|(to, row)| *to = row.0[at]);
        }
    }

    #[inline(always)]
    fn prefetch(self, _: &u8) {}

    #[inline(always)]
    fn few_bits(self, words: &[u32; 16], most: u32) -> u32 {
        bits::few_bits(words, most)
    }

    #[inline(always)]
    fn near_thirds(self, rows: [&Row; 3], query: [u32; 3], most: u32) -> u32 {
        bits::near_thirds(rows, query, most)
    }

    #[inline(always)]
    fn near_codes(self, codes: &[[u8; 32]; 16], query: &[u8; 32], most: u32) -> u32 {
        bits::near_codes(codes, query, most)
    }

    #[inline(always)]
    fn weigh(self, triples: &[u8; 3 * SIDE], weights: [i16; 3], sums: &mut [i32; SIDE]) {
        let [first, second, third] = weights.map(i32::from);
        for (sum, [a, b, c]) in sums.iter_mut().zip(triples.as_chunks().0) {
            *sum = first * i32::from(*a) + second * i32::from(*b) + third * i32::from(*c);
        }
    }
}

#[cfg(target_arch = "x86_64")]
use x86::{Avx2, Avx512, run_avx2, run_avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::bits::near_codes;
    use super::bits::x86::{
        few_bits_avx2, few_bits_avx512, near_codes_avx512, near_thirds_avx2, near_thirds_avx512,
    };
    use super::words::x86::{Eight, Sixteen, turn_avx2, turn_avx512};
    use super::{Block, Level, MESSAGES, MessageBlock, Row, SIDE, Wide};

    /// Made in [`run_avx2`] alone, so that holding it proves what that function enables.
    #[derive(Clone, Copy)]
    pub(super) struct Avx2(());

    /// Made in [`run_avx512`] alone.
    #[derive(Clone, Copy)]
    pub(super) struct Avx512(());

    #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn run_avx2<W: Wide>(work: W) -> W::Output {
        work.run(Avx2(()))
    }

    #[target_feature(
        enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq,avx2,fma,bmi1,bmi2,lzcnt,popcnt"
    )]
    pub(super) fn run_avx512<W: Wide>(work: W) -> W::Output {
        work.run(Avx512(()))
    }

    impl Level for Avx2 {
        const FMA: bool = true;

        type Words = Eight;

        #[inline(always)]
        fn splat(self, word: u32) -> Eight {
            Eight::splat(word)
        }

        #[inline(always)]
        fn load(self, row: &Row, first: usize) -> Eight {
            Eight::load(row, first)
        }

        #[inline(always)]
        fn turn(self, blocks: &[&MessageBlock; MESSAGES], words: &mut [Row; 16]) {
            // SAFETY: the level is proof of AVX2.
            unsafe { turn_avx2(blocks, words) }
        }

        #[inline(always)]
        fn transpose(self, rows: &Block, columns: &mut Block) {
            // SAFETY: the level is proof of AVX2.
            unsafe { transpose_avx2(rows, columns) }
        }

        #[inline(always)]
        fn prefetch(self, byte: &u8) {
            // SAFETY: the address is that of a byte, and nothing is read or written.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(byte).cast()) };
        }

        #[inline(always)]
        fn few_bits(self, words: &[u32; 16], most: u32) -> u32 {
            // SAFETY: the level is proof of AVX2.
            unsafe { few_bits_avx2(words, most) }
        }

        #[inline(always)]
        fn near_thirds(self, rows: [&Row; 3], query: [u32; 3], most: u32) -> u32 {
            // SAFETY: the level is proof of AVX2.
            unsafe { near_thirds_avx2(rows, query, most) }
        }

        #[inline(always)]
        fn near_codes(self, codes: &[[u8; 32]; 16], query: &[u8; 32], most: u32) -> u32 {
            near_codes(codes, query, most) // counts with POPCNT; wide registers would have to look bits up
        }

        #[inline(always)]
        fn weigh(self, triples: &[u8; 3 * SIDE], weights: [i16; 3], sums: &mut [i32; SIDE]) {
            // SAFETY: the level is proof of AVX2.
            unsafe { weigh_avx2(triples, weights, sums) }
        }
    }

    impl Level for Avx512 {
        const FMA: bool = true;

        type Words = Sixteen;

        #[inline(always)]
        fn splat(self, word: u32) -> Sixteen {
            Sixteen::splat(word)
        }

        #[inline(always)]
        fn load(self, row: &Row, first: usize) -> Sixteen {
            Sixteen::load(row, first)
        }

        #[inline(always)]
        fn turn(self, blocks: &[&MessageBlock; MESSAGES], words: &mut [Row; 16]) {
            // SAFETY: the level is proof of AVX-512F and AVX-512BW.
            unsafe { turn_avx512(blocks, words) }
        }

        #[inline(always)]
        fn transpose(self, rows: &Block, columns: &mut Block) {
            // SAFETY: the level is proof of AVX-512F.
            unsafe { transpose_avx512(rows, columns) }
        }

        #[inline(always)]
        fn prefetch(self, byte: &u8) {
            // SAFETY: the address is that of a byte, and nothing is read or written.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(byte).cast()) };
        }

        #[inline(always)]
        fn few_bits(self, words: &[u32; 16], most: u32) -> u32 {
            // SAFETY: the level is proof of AVX-512F and VPOPCNTDQ.
            unsafe { few_bits_avx512(words, most) }
        }

        #[inline(always)]
        fn near_thirds(self, rows: [&Row; 3], query: [u32; 3], most: u32) -> u32 {
            // SAFETY: the level is proof of AVX-512F and VPOPCNTDQ.
            unsafe { near_thirds_avx512(rows, query, most) }
        }

        #[inline(always)]
        fn near_codes(self, codes: &[[u8; 32]; 16], query: &[u8; 32], most: u32) -> u32 {
            // SAFETY: the level is proof of AVX-512F and VPOPCNTDQ.
            unsafe { near_codes_avx512(codes, query, most) }
        }

        #[inline(always)]
        fn weigh(self, triples: &[u8; 3 * SIDE], weights: [i16; 3], sums: &mut [i32; SIDE]) {
            // SAFETY: the level is proof of AVX2.
            unsafe { weigh_avx2(triples, weights, sums) }
        }
    }

    /// Where the bytes of four triples go: the first two side by side as 16-bit numbers, and the third; 0x80 makes a 0.
    const PAIRS: [i8; 16] = [0, -128, 1, -128, 3, -128, 4, -128, 6, -128, 7, -128, 9, -128, 10, -128];
    const THIRDS: [i8; 16] =
        [2, -128, -128, -128, 5, -128, -128, -128, 8, -128, -128, -128, 11, -128, -128, -128];

    #[inline]
    #[target_feature(enable = "avx2")]
    fn weigh_avx2(triples: &[u8; 3 * SIDE], weights: [i16; 3], sums: &mut [i32; SIDE]) {
        // Sixteen bytes hold the twelve of four triples, but for the last four, which end sixteen bytes instead.
        const LAST: usize = 3 * SIDE - 16;
        // SAFETY: sixteen bytes are read from `LAST` at most.
        let load = |at: usize| unsafe { _mm_loadu_si128(triples.as_ptr().add(at.min(LAST)).cast()) };
        // SAFETY: an array of sixteen bytes is read.
        let shuffle = |bytes: &[i8; 16]| unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
        let (pairs, thirds) = (shuffle(&PAIRS), shuffle(&THIRDS));
        let [first, second, third] = weights.map(i32::from);
        let both = _mm256_set1_epi32(second << 16 | first & 0xffff);
        let third = _mm256_set1_epi32(third & 0xffff);
        for (eighth, sums) in sums.as_chunks_mut::<8>().0.iter_mut().enumerate() {
            let at = 24 * eighth;
            let four = load(at + 12);
            let four = if at + 12 > LAST { _mm_srli_si128::<4>(four) } else { four };
            let bytes = _mm256_set_m128i(four, load(at));
            let pairs = _mm256_shuffle_epi8(bytes, _mm256_broadcastsi128_si256(pairs));
            let thirds = _mm256_shuffle_epi8(bytes, _mm256_broadcastsi128_si256(thirds));
            let sum = _mm256_add_epi32(_mm256_madd_epi16(pairs, both), _mm256_madd_epi16(thirds, third));
            // SAFETY: eight numbers of 32 bits are written to as many.
            unsafe { _mm256_storeu_si256(sums.as_mut_ptr().cast(), sum) };
        }
    }

    /// Four rows, four columns: each quarter register holds four values of a row, and ends as a column's.
    macro_rules! transpose_quarters {
        ($rows:expr, $low:ident, $high:ident, $cast:ident, $back:ident, $low2:ident, $high2:ident) => {{
            let [a, b, c, d] = $rows;
            let (ab, cd) = ($cast($low(a, b)), $cast($low(c, d)));
            let (ab2, cd2) = ($cast($high(a, b)), $cast($high(c, d)));
            [$low2(ab, cd), $high2(ab, cd), $low2(ab2, cd2), $high2(ab2, cd2)].map(|column| $back(column))
        }};
    }

    #[target_feature(enable = "avx2")]
    fn transpose_avx2(rows: &Block, columns: &mut Block) {
        for left in (0..SIDE).step_by(4) {
            // SAFETY: a row holds `SIDE` values, and four are read from a multiple of four.
            let four = |row: usize| unsafe { _mm_loadu_ps(rows[row].0.as_ptr().add(left)) };
            for top in (0..SIDE).step_by(8) {
                let pair = |row: usize| {
                    _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(four(top + row)), four(top + row + 4))
                };
                let turned = transpose_quarters!(
                    [pair(0), pair(1), pair(2), pair(3)],
                    _mm256_unpacklo_ps,
                    _mm256_unpackhi_ps,
                    _mm256_castps_pd,
                    _mm256_castpd_ps,
                    _mm256_unpacklo_pd,
                    _mm256_unpackhi_pd
                );
                for (column, values) in columns[left..left + 4].iter_mut().zip(turned) {
                    // SAFETY: eight values are written from a multiple of eight, and a column holds `SIDE`.
                    unsafe { _mm256_storeu_ps(column.0.as_mut_ptr().add(top), values) };
                }
            }
        }
    }

    #[target_feature(enable = "avx512f")]
    fn transpose_avx512(rows: &Block, columns: &mut Block) {
        for left in (0..SIDE).step_by(4) {
            // SAFETY: a row holds `SIDE` values, and four are read from a multiple of four.
            let four = |row: usize| unsafe { _mm_loadu_ps(rows[row].0.as_ptr().add(left)) };
            for top in (0..SIDE).step_by(16) {
                let quad = |row: usize| {
                    let lowest = _mm512_castps128_ps512(four(top + row));
                    let lower = _mm512_insertf32x4::<1>(lowest, four(top + row + 4));
                    let upper = _mm512_insertf32x4::<2>(lower, four(top + row + 8));
                    _mm512_insertf32x4::<3>(upper, four(top + row + 12))
                };
                let turned = transpose_quarters!(
                    [quad(0), quad(1), quad(2), quad(3)],
                    _mm512_unpacklo_ps,
                    _mm512_unpackhi_ps,
                    _mm512_castps_pd,
                    _mm512_castpd_ps,
                    _mm512_unpacklo_pd,
                    _mm512_unpackhi_pd
                );
                for (column, values) in columns[left..left + 4].iter_mut().zip(turned) {
                    // SAFETY: sixteen values are written from a multiple of sixteen, and a column holds `SIDE`.
                    unsafe { _mm512_storeu_ps(column.0.as_mut_ptr().add(top), values) };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Transpose<'a>(&'a Block);

    impl Wide for Transpose<'_> {
        type Output = Block;

        #[inline(always)]
        fn run<L: Level>(self, level: L) -> Block {
            let mut columns = [Lane([0.0; SIDE]); SIDE];
            level.transpose(self.0, &mut columns);
            columns
        }
    }

    /// `x y + x` rounded twice, or once where that is one instruction.
    struct Rounded<'a>(&'a Lane);

    impl Wide for Rounded<'_> {
        type Output = (Lane, Lane);

        #[inline(always)]
        fn run<L: Level>(self, _: L) -> (Lane, Lane) {
            let twice = self.0.0.map(|x| x * 0.1 + x);
            let once = if L::FMA { self.0.0.map(|x| x.mul_add(0.1, x)) } else { twice };
            (Lane(twice), Lane(once))
        }
    }

    #[test]
    fn every_level_turns_rows_into_columns() {
        let rows: Block = std::array::from_fn(|row| Lane(std::array::from_fn(|at| (row * SIDE + at) as f32)));
        for lanes in Lanes::available() {
            println!("lanes: {}", lanes.name());
            let columns = lanes.run(Transpose(&rows));
            for (row, values) in rows.iter().enumerate() {
                for (at, value) in values.0.iter().enumerate() {
                    assert!(columns[at].0[row] == *value, "{}: row {row}, column {at}", lanes.name());
                }
            }
        }
    }

    struct Weigh<'a>(&'a [u8; 3 * SIDE], [i16; 3]);

    impl Wide for Weigh<'_> {
        type Output = [i32; SIDE];

        #[inline(always)]
        fn run<L: Level>(self, level: L) -> [i32; SIDE] {
            let mut sums = [0; SIDE];
            level.prefetch(&self.0[0]);
            level.weigh(self.0, self.1, &mut sums);
            sums
        }
    }

    #[test]
    fn every_level_weighs_every_triple() {
        for weights in [[299, 587, 114], [1, 0, 0], [0, 1, 0], [0, 0, 1], [-300, 32_767, i16::MIN]] {
            // Period 251: a triple in the wrong place would show.
            for start in 0..251 {
                let triples = std::array::from_fn(|at| ((start + at) % 251) as u8 + 4);
                let expected: Vec<i32> = triples
                    .chunks_exact(3)
                    .map(|triple| triple.iter().zip(weights).map(|(a, w)| i32::from(*a) * i32::from(w)).sum())
                    .collect();
                for lanes in Lanes::available() {
                    assert_eq!(
                        lanes.run(Weigh(&triples, weights)),
                        *expected,
                        "{}: {weights:?}",
                        lanes.name()
                    );
                }
            }
        }
    }

    #[test]
    fn no_level_fuses_what_the_source_does_not() {
        let values = Lane(std::array::from_fn(|at| 1.0 + at as f32 / 7.0));
        let (expected, _) = Lanes::SCALAR.run(Rounded(&values));
        for lanes in Lanes::available() {
            let (twice, once) = lanes.run(Rounded(&values));
            assert_eq!(twice, expected, "{}", lanes.name());
            assert_eq!(once == twice, lanes == Lanes::SCALAR, "{} fuses what is asked", lanes.name());
        }
    }

    #[test]
    fn the_best_level_comes_first_and_the_scalar_one_last() {
        let available = Lanes::available();
        assert_eq!(available[0], Lanes::best());
        assert_eq!(available.last(), Some(&Lanes::SCALAR));
    }
}
