//! The same code, compiled again for each width of vector that this CPU may have.
//!
//! Work is a value that implements [`Wide`]. Its `run` is ordinary safe code over arrays; marked `#[inline(always)]`, as
//! every function that it calls must be, it becomes part of a function compiled for AVX2 or AVX-512, and the compiler
//! makes vectors of the loops. Rust never reorders or fuses sums of floats by itself, so all levels give the same bits.
#![allow(unsafe_code)]

use std::sync::LazyLock;

/// Thirty-two numbers that go side by side: two registers of AVX-512, four of AVX2.
pub type Lane = [f32; SIDE];
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

    /// Rows to columns.
    fn transpose(self, rows: &Block, columns: &mut Block);
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
            if avx2 && has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
                found.push(Self(Chosen::Avx512));
            }
            if avx2 {
                found.push(Self(Chosen::Avx2));
            }
        }
        found.push(Self::SCALAR);
        found
    }

    /// The widest.
    #[must_use]
    pub fn best() -> Self {
        static BEST: LazyLock<Lanes> = LazyLock::new(|| Lanes::available()[0]);
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

    #[inline(always)]
    fn transpose(self, rows: &Block, columns: &mut Block) {
        for (at, column) in columns.iter_mut().enumerate() {
            column.iter_mut().zip(rows).for_each(|(to, row)| *to = row[at]);
        }
    }
}

#[cfg(target_arch = "x86_64")]
use x86::{Avx2, Avx512, run_avx2, run_avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Block, Level, SIDE, Wide};

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

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn run_avx512<W: Wide>(work: W) -> W::Output {
        work.run(Avx512(()))
    }

    impl Level for Avx2 {
        const FMA: bool = true;

        #[inline(always)]
        fn transpose(self, rows: &Block, columns: &mut Block) {
            // SAFETY: the level is proof of AVX2.
            unsafe { transpose_avx2(rows, columns) }
        }
    }

    impl Level for Avx512 {
        const FMA: bool = true;

        #[inline(always)]
        fn transpose(self, rows: &Block, columns: &mut Block) {
            // SAFETY: the level is proof of AVX-512F.
            unsafe { transpose_avx512(rows, columns) }
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
            let four = |row: usize| unsafe { _mm_loadu_ps(rows[row].as_ptr().add(left)) };
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
                    unsafe { _mm256_storeu_ps(column.as_mut_ptr().add(top), values) };
                }
            }
        }
    }

    #[target_feature(enable = "avx512f")]
    fn transpose_avx512(rows: &Block, columns: &mut Block) {
        for left in (0..SIDE).step_by(4) {
            // SAFETY: a row holds `SIDE` values, and four are read from a multiple of four.
            let four = |row: usize| unsafe { _mm_loadu_ps(rows[row].as_ptr().add(left)) };
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
                    unsafe { _mm512_storeu_ps(column.as_mut_ptr().add(top), values) };
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
            let mut columns = [[0.0; SIDE]; SIDE];
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
            let twice = self.0.map(|x| x * 0.1 + x);
            let once = if L::FMA { self.0.map(|x| x.mul_add(0.1, x)) } else { twice };
            (twice, once)
        }
    }

    #[test]
    fn every_level_turns_rows_into_columns() {
        let rows: Block = std::array::from_fn(|row| std::array::from_fn(|at| (row * SIDE + at) as f32));
        for lanes in Lanes::available() {
            println!("lanes: {}", lanes.name());
            let columns = lanes.run(Transpose(&rows));
            for (row, values) in rows.iter().enumerate() {
                for (at, value) in values.iter().enumerate() {
                    assert!(columns[at][row] == *value, "{}: row {row}, column {at}", lanes.name());
                }
            }
        }
    }

    #[test]
    fn no_level_fuses_what_the_source_does_not() {
        let values: Lane = std::array::from_fn(|at| 1.0 + at as f32 / 7.0);
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
