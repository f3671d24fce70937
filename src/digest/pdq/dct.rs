//! From 64 by 64 values to bits: the 16 by 16 lowest coefficients of the cosine transform, without the constant ones, in
//! eight orientations; and the quality.

use std::sync::LazyLock;

use super::slide::Divisor;
use super::{Pdq, SIDE, Square, Transform};
use crate::kernel::Code256;
use crate::kernel::lanes::{Level, Wide};

const KEPT: usize = 16;

/// `sqrt(2/64) cos(pi/128 (i + 1) (2 j + 1))`: row 0 is frequency 1. The scale is rounded first, as upstream does.
struct Basis {
    rows: [[f32; SIDE]; KEPT],
    columns: [[f32; KEPT]; SIDE],
}

static BASIS: LazyLock<Basis> = LazyLock::new(|| {
    let scale = f64::from((2.0_f64 / SIDE as f64).sqrt() as f32);
    let weight = |i: usize, j: usize| {
        let angle = std::f64::consts::PI / 2.0 / SIDE as f64 * (i + 1) as f64 * (2 * j + 1) as f64;
        (scale * angle.cos()) as f32
    };
    Basis {
        rows: std::array::from_fn(|i| std::array::from_fn(|j| weight(i, j))),
        columns: std::array::from_fn(|j| std::array::from_fn(|i| weight(i, j))),
    }
});

/// How the signs of the coefficients change, and whether rows then become columns. The eight orientations are four
/// changes of sign, each as it is and turned about the diagonal; turning moves no median.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signs {
    None,
    /// Those with an odd sum of row and column.
    OddSum,
    /// Those in even rows.
    EvenRows,
    /// Those in even columns.
    EvenColumns,
}

impl Signs {
    const ALL: [Self; 4] = [Self::None, Self::OddSum, Self::EvenRows, Self::EvenColumns];

    /// The sign bit where the sign changes.
    #[inline(always)]
    fn flip(self, row: usize, column: usize) -> u32 {
        let changes = match self {
            Self::None => 0,
            Self::OddSum => row + column,
            Self::EvenRows => row + 1,
            Self::EvenColumns => column + 1,
        };
        (changes as u32) << 31
    }
}

impl Transform {
    fn signs(self) -> (Signs, bool) {
        match self {
            Self::Original => (Signs::None, false),
            Self::Rotate90 => (Signs::EvenColumns, true),
            Self::Rotate180 => (Signs::OddSum, false),
            Self::Rotate270 => (Signs::EvenRows, true),
            Self::FlipX => (Signs::EvenRows, false),
            Self::FlipY => (Signs::EvenColumns, false),
            Self::FlipPlus1 => (Signs::None, true),
            Self::FlipMinus1 => (Signs::OddSum, true),
        }
    }
}

/// The coefficients of a picture, row (vertical frequency) by row.
struct Coefficients([[f32; KEPT]; KEPT]);

impl Coefficients {
    #[inline(always)]
    fn of(square: &Square) -> Self {
        let basis = &*BASIS;
        // Each sum runs in increasing order of `k`, one addition after the other; sums go side by side.
        let mut half = [[0.0_f32; SIDE]; KEPT];
        for (out, weights) in half.iter_mut().zip(&basis.rows) {
            let mut sums = [0.0; SIDE];
            for (weight, row) in weights.iter().zip(square) {
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
            }
            *out = sums;
        }
        let mut full = [[0.0_f32; KEPT]; KEPT];
        for (out, row) in full.iter_mut().zip(&half) {
            let mut sums = [0.0; KEPT];
            for (value, weights) in row.iter().zip(&basis.columns) {
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
            }
            *out = sums;
        }
        Self(full)
    }

    /// One bit a coefficient: above the lower median of the 256, or not. The first of a row is its lowest bit.
    #[inline(always)]
    fn bits(&self, signs: Signs) -> [u16; KEPT] {
        let mut ordered = [[0; KEPT]; KEPT];
        for (row, (out, values)) in ordered.iter_mut().zip(&self.0).enumerate() {
            for (column, (out, value)) in out.iter_mut().zip(values).enumerate() {
                *out = order(value.to_bits() ^ signs.flip(row, column));
            }
        }
        let median = lower_median(ordered.as_flattened());
        // Positive and negative zero differ in order, and are equal as numbers.
        let median = if median == order(1 << 31) { order(0) } else { median };
        ordered.map(|row| {
            row.iter().enumerate().fold(0, |bits, (at, value)| bits | u16::from(*value > median) << at)
        })
    }
}

/// A whole number for the bits of a float, in the floats' order.
#[inline(always)]
fn order(bits: u32) -> i32 {
    (bits ^ ((bits as i32 >> 31) as u32 >> 1)) as i32
}

/// The last number that at most 127 of 256 are below: found bit by bit, since counting takes no branches.
#[inline(always)]
fn lower_median(values: &[i32]) -> i32 {
    let below = (values.len() / 2 - 1) as i32;
    let mut median = i32::MIN;
    for bit in (0..32).rev() {
        let higher = (median as u32 ^ 1 << bit) as i32;
        let count: i32 = values.iter().map(|value| i32::from(*value < higher)).sum();
        if count <= below {
            median = higher;
        }
    }
    median
}

fn turned(rows: &[u16; KEPT]) -> [u16; KEPT] {
    std::array::from_fn(|column| {
        rows.iter().enumerate().fold(0, |bits, (row, values)| bits | (values >> column & 1) << row)
    })
}

/// Bit 255 is the first to be written, and belongs to the last coefficient.
fn pdq(rows: &[u16; KEPT]) -> Pdq {
    let mut bytes = [0; 2 * KEPT];
    for (pair, row) in bytes.as_chunks_mut().0.iter_mut().rev().zip(rows) {
        *pair = row.to_be_bytes();
    }
    Pdq::new(Code256::from_bytes(bytes))
}

/// All eight hashes, in the order of [`Transform::ALL`], and the sum of gradients that the quality comes from.
pub(super) struct Finish<'a>(pub(super) &'a Square);

impl Wide for Finish<'_> {
    type Output = ([Pdq; 8], u32);

    #[inline(always)]
    fn run<L: Level>(self, level: L) -> Self::Output {
        let coefficients = Coefficients::of(self.0);
        let mut bits = [[0; KEPT]; 4];
        for signs in Signs::ALL {
            bits[signs as usize] = coefficients.bits(signs);
        }
        let hashes = Transform::ALL.map(|transform| match transform.signs() {
            (signs, false) => pdq(&bits[signs as usize]),
            (signs, true) => pdq(&turned(&bits[signs as usize])),
        });
        (hashes, gradient(level, self.0))
    }
}

/// The hash of the picture as it is, and the sum of gradients.
pub(super) struct FinishOne<'a>(pub(super) &'a Square);

impl Wide for FinishOne<'_> {
    type Output = (Pdq, u32);

    #[inline(always)]
    fn run<L: Level>(self, level: L) -> Self::Output {
        (pdq(&Coefficients::of(self.0).bits(Signs::None)), gradient(level, self.0))
    }
}

/// The sum of differences between neighbours, each cut to a whole percent of the range as the reference does.
#[inline(always)]
fn gradient<L: Level>(level: L, square: &Square) -> u32 {
    let mut sums = [0.0; SIDE];
    for row in square {
        // The last of a row has itself for a neighbour, which adds nothing.
        let mut right = *row;
        right[..SIDE - 1].copy_from_slice(&row[1..]);
        add_steps(level, row, &right, &mut sums);
    }
    for (above, below) in square.iter().zip(&square[1..]) {
        add_steps(level, above, below, &mut sums);
    }
    // Whole numbers below 2^24: their order does not matter.
    sums.iter().sum::<f32>() as u32
}

#[inline(always)]
fn add_steps<L: Level>(level: L, from: &[f32; SIDE], to: &[f32; SIDE], sums: &mut [f32; SIDE]) {
    // Added to a small number, it leaves no room for a fraction. Casts to integers, which saturate, make no vectors.
    const WHOLE: f32 = (1 << 23) as f32;
    let range = Divisor::new(255);
    let mut steps = [0.0; SIDE];
    for (step, (from, to)) in steps.iter_mut().zip(from.iter().zip(to)) {
        *step = range.divide(level, (from - to) * 100.0).abs();
    }
    for (sum, step) in sums.iter_mut().zip(steps) {
        let near = (step + WHOLE) - WHOLE;
        *sum += if near > step { near - 1.0 } else { near };
    }
}
