//! Coefficients to pixels: the inverse cosine transform of 8 × 8 blocks (ITU-T T.81, A.3.3), in single precision.
//!
//! Within a thousandth of the exact value, so a pixel is the exact one rounded, or at a tie next to it. Sixteen blocks go
//! side by side, as four by four: with their columns as rows first, then turned.

use std::ops::{Add, Mul, Sub};

use super::block::Block;
use crate::kernel::lanes::{self, Lane, Lanes, Level, Wide};

/// Blocks that go side by side.
const TOGETHER: usize = 16;

/// `cos(kπ/16) / 2`; what stands for no frequency weighs `cos(π/4) / 2`.
const C: [f32; 8] = [
    0.353_553_39,
    0.490_392_64,
    0.461_939_77,
    0.415_734_8,
    0.353_553_39,
    0.277_785_12,
    0.191_341_72,
    0.097_545_16,
];

/// The pixels of a row of blocks, in rows of `width` of them, at most eight: from 0 to 255, 128 in the middle. What of a
/// block is beyond the width or the last row is left out.
pub(super) fn pixels(blocks: &[Block], width: usize, out: &mut [u8]) {
    Lanes::best().run(Inverse { blocks, width, out });
}

struct Inverse<'a> {
    blocks: &'a [Block],
    width: usize,
    out: &'a mut [u8],
}

impl Wide for Inverse<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Level>(self, level: L) {
        let (mut square, mut turned): (lanes::Block, lanes::Block);
        square = [Lane([0.0; lanes::SIDE]); lanes::SIDE];
        turned = square;
        for (at, blocks) in self.blocks.chunks(TOGETHER).enumerate() {
            for (at, block) in blocks.iter().enumerate() {
                for (row, column) in square[at % 4 * 8..].iter_mut().zip(block.as_chunks::<8>().0) {
                    let row = &mut row.0[at / 4 * 8..][..8];
                    row.iter_mut().zip(column).for_each(|(to, value)| *to = *value as f32);
                }
            }
            transform(&mut square);
            level.transpose(&square, &mut turned);
            transform(&mut turned);
            for (four, rows) in turned.as_chunks::<8>().0.iter().enumerate() {
                let start = 8 * (TOGETHER * at + 4 * four);
                if start >= self.width {
                    break;
                }
                for (row, out) in rows.iter().zip(self.out.chunks_exact_mut(self.width)) {
                    let mut shades = [0; lanes::SIDE];
                    for (to, value) in shades.iter_mut().zip(&row.0) {
                        *to = shade(*value + 128.0);
                    }
                    let out = &mut out[start..];
                    match out.first_chunk_mut() {
                        Some(out) => *out = shades,
                        None => out.copy_from_slice(&shades[..out.len()]),
                    }
                }
            }
        }
    }
}

/// Transforms each eight rows, column by column.
#[inline(always)]
fn transform(square: &mut lanes::Block) {
    for rows in square.as_chunks_mut::<8>().0 {
        for half in [0, 16] {
            let mut part = [Row([0.0; 16]); 8];
            for (to, from) in part.iter_mut().zip(&*rows) {
                to.0.copy_from_slice(&from.0[half..half + 16]);
            }
            down(&mut part);
            for (to, from) in rows.iter_mut().zip(&part) {
                to.0[half..half + 16].copy_from_slice(&from.0);
            }
        }
    }
}

/// Numbers that go side by side: what stays in a register.
#[derive(Clone, Copy)]
struct Row([f32; 16]);

// No closures here: a function that takes one is not sure to become part of the function that is compiled for vectors.
impl Add for Row {
    type Output = Self;

    #[inline(always)]
    fn add(mut self, other: Self) -> Self {
        for at in 0..16 {
            self.0[at] += other.0[at];
        }
        self
    }
}

impl Sub for Row {
    type Output = Self;

    #[inline(always)]
    fn sub(mut self, other: Self) -> Self {
        for at in 0..16 {
            self.0[at] -= other.0[at];
        }
        self
    }
}

impl Mul<f32> for Row {
    type Output = Self;

    #[inline(always)]
    fn mul(mut self, by: f32) -> Self {
        for at in 0..16 {
            self.0[at] *= by;
        }
        self
    }
}

/// Eight frequencies to eight pixels, with what opposite pixels share taken once.
#[inline(always)]
fn down(rows: &mut [Row; 8]) {
    let [r0, r1, r2, r3, r4, r5, r6, r7] = *rows;
    let (sum, difference) = ((r0 + r4) * C[4], (r0 - r4) * C[4]);
    let (large, small) = (r2 * C[2] + r6 * C[6], r2 * C[6] - r6 * C[2]);
    let even = [sum + large, difference + small, difference - small, sum - large];
    let odd = [
        (r1 * C[1] + r3 * C[3]) + (r5 * C[5] + r7 * C[7]),
        (r1 * C[3] - r3 * C[7]) - (r5 * C[1] + r7 * C[5]),
        (r1 * C[5] - r3 * C[1]) + (r5 * C[7] + r7 * C[3]),
        (r1 * C[7] - r3 * C[5]) + (r5 * C[3] - r7 * C[1]),
    ];
    for y in 0..4 {
        rows[y] = even[y] + odd[y];
        rows[7 - y] = even[y] - odd[y];
    }
}

/// A sample of the nearest whole value.
#[inline(always)]
pub(super) fn shade(value: f32) -> u8 {
    // Rounds by pushing the fraction out of the mantissa: one addition, and no conversion that has to mind what is not a
    // number.
    const ROUNDER: f32 = 12_582_912.0;
    (value.clamp(0.0, 255.0) + ROUNDER).to_bits() as u8
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    #[test]
    fn pixels_are_the_sums_of_waves() {
        let mut random = StdRng::seed_from_u64(3);
        for round in 0..300 {
            let mut block = [0; 64];
            for _ in 0..round % 40 {
                block[random.random_range(0..64)] = random.random_range(-400..=400);
            }
            // The columns of a block one after the other, as they are taken.
            let mut found = [0; 64];
            pixels(&[block], 8, &mut found);
            for (y, row) in found.as_chunks::<8>().0.iter().enumerate() {
                for (x, pixel) in row.iter().enumerate() {
                    let mut exact = 128.0;
                    for (at, coefficient) in block.iter().enumerate() {
                        let wave = |frequency: usize, place: usize| {
                            let scale = if frequency == 0 { 0.5_f64.sqrt() / 2.0 } else { 0.5 };
                            scale
                                * ((2 * place + 1) as f64 * frequency as f64 * std::f64::consts::PI / 16.0)
                                    .cos()
                        };
                        exact += f64::from(*coefficient) * wave(at / 8, x) * wave(at % 8, y);
                    }
                    let off = f64::from(*pixel) - exact.clamp(0.0, 255.0);
                    assert!(off.abs() < 0.501, "{pixel} for {exact}");
                }
            }
        }
    }
}
