//! The 16 by 16 lowest coefficients of the cosine transform, without the constant ones, and the bits they give.

use std::sync::LazyLock;

use super::{Pdq, SIDE, Square, Transform};
use crate::kernel::Code256;

const KEPT: usize = 16;

/// `sqrt(2/64) cos(pi/128 (i + 1) (2 j + 1))`: row 0 is frequency 1. The scale is rounded first, as upstream does.
static BASIS: LazyLock<[[f32; SIDE]; KEPT]> = LazyLock::new(|| {
    let scale = f64::from((2.0_f64 / SIDE as f64).sqrt() as f32);
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let angle = std::f64::consts::PI / 2.0 / SIDE as f64 * (i + 1) as f64 * (2 * j + 1) as f64;
            (scale * angle.cos()) as f32
        })
    })
});

/// The coefficients of a picture, row (vertical frequency) by row.
pub(super) struct Coefficients([[f32; KEPT]; KEPT]);

impl Coefficients {
    pub(super) fn of(square: &Square) -> Self {
        let basis = &*BASIS;
        // Each sum runs in increasing order of `k`, one addition after the other; only `j` runs in parallel.
        let mut half = [[0.0_f32; SIDE]; KEPT];
        for (out, weights) in half.iter_mut().zip(basis) {
            for (weight, row) in weights.iter().zip(square) {
                out.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
            }
        }
        let mut full = [[0.0_f32; KEPT]; KEPT];
        for (out, row) in full.iter_mut().zip(&half) {
            for (k, value) in row.iter().enumerate() {
                out.iter_mut().zip(basis).for_each(|(sum, weights)| *sum += value * weights[k]);
            }
        }
        Self(full)
    }

    /// The coefficients of the picture turned or mirrored: signs change and rows become columns.
    pub(super) fn transformed(&self, transform: Transform) -> Self {
        let even = |n: usize| n.is_multiple_of(2);
        let signed = |value: f32, keep: bool| if keep { value } else { -value };
        Self(std::array::from_fn(|row| {
            std::array::from_fn(|column| {
                let straight = self.0[row][column];
                // The coefficient that a transposing transform brings here stood at (i, j) = (column, row).
                let (crossed, i, j) = (self.0[column][row], column, row);
                match transform {
                    Transform::Original => straight,
                    Transform::Rotate180 => signed(straight, even(row + column)),
                    Transform::FlipX => signed(straight, !even(row)),
                    Transform::FlipY => signed(straight, !even(column)),
                    Transform::Rotate90 => signed(crossed, !even(j)),
                    Transform::Rotate270 => signed(crossed, !even(i)),
                    Transform::FlipPlus1 => crossed,
                    Transform::FlipMinus1 => signed(crossed, even(i + j)),
                }
            })
        }))
    }

    /// One bit a coefficient: above the lower median of the 256, or not.
    pub(super) fn hash(&self) -> Pdq {
        let mut sorted: [f32; KEPT * KEPT] = std::array::from_fn(|at| self.0[at / KEPT][at % KEPT]);
        let (_, median, _) = sorted.select_nth_unstable_by(KEPT * KEPT / 2 - 1, f32::total_cmp);
        let median = *median;
        let mut bytes = [0; 32];
        for (at, value) in self.0.as_flattened().iter().enumerate() {
            // Bit 255 is the first to be written.
            if *value > median {
                bytes[31 - at / 8] |= 1 << (at % 8);
            }
        }
        Pdq::new(Code256::from_bytes(bytes))
    }
}
