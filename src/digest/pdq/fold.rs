//! Both passes of both filters and the pick as one step: each of the 64 by 64 values is a weighted mean of samples, and
//! its weights are those of a row times those of a column.
//!
//! A value sums up fewer than two windows of rows and of columns, with weights that rise to the middle and fall again;
//! neighbouring values hardly share any, so a sample is multiplied about once. Where samples stand for squares of
//! pixels, each carries the weights of its pixels, by the windows of the full picture; pixels that a sample takes from
//! beyond the picture carry none.

use image::metadata::Orientation;

use super::slide::{Window, pick};
use super::{SIDE, Square};
use crate::kernel::lanes::{Level, Wide};
use crate::media::Plane;

/// Numbers of a sum of products that go side by side.
const TOGETHER: usize = 8;

/// The weights of the samples along one side that make up one value.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

impl Tap {
    /// The weights of the `index`-th value, with samples for `scale` of `len` pixels each; counted from the other end if
    /// the side is `reversed`.
    fn new(index: usize, len: usize, scale: usize, reversed: bool) -> Self {
        let window = Window::over(len);
        let picked = window.inside(pick(index, len));
        let from = window.inside(picked.start).start;
        let to = window.inside(picked.end - 1).end;
        // A pixel weighs as much as all means that it is part of, of those that the second pass takes the mean of.
        // What one pixel weighs more than the one before: each mean starts somewhere and ends behind somewhere.
        let mut steps = vec![0.0_f64; to - from + 1];
        for mean in picked.clone() {
            let inside = window.inside(mean);
            let weight = 1.0 / (inside.len() * picked.len()) as f64;
            steps[inside.start - from] += weight;
            steps[inside.end - from] -= weight;
        }
        let stored = |pixel: usize| if reversed { len - 1 - pixel } else { pixel } / scale;
        let (first, last) = (stored(from).min(stored(to - 1)), stored(from).max(stored(to - 1)));
        let mut weights = vec![0.0_f64; last - first + 1];
        let mut weight = 0.0;
        for (pixel, step) in (from..to).zip(steps) {
            weight += step;
            weights[stored(pixel) - first] += weight;
        }
        Self { first, weights: weights.into_iter().map(|weight| weight as f32).collect() }
    }
}

/// Reduces a plane, turned, to 64 by 64 values.
pub(super) struct Fold<'a>(pub(super) &'a Plane, pub(super) Orientation);

/// What becomes of the sides of a stored picture when it is turned.
#[derive(Clone, Copy)]
struct Turn {
    /// Rows are counted from the bottom, columns from the right.
    upward: bool,
    leftward: bool,
    /// Then rows become columns.
    crossed: bool,
}

impl Turn {
    fn of(orientation: Orientation) -> Self {
        let (upward, leftward, crossed) = match orientation {
            Orientation::NoTransforms => (false, false, false),
            Orientation::Rotate180 => (true, true, false),
            Orientation::FlipHorizontal => (false, true, false),
            Orientation::FlipVertical => (true, false, false),
            Orientation::Rotate90 => (true, false, true),
            Orientation::Rotate270 => (false, true, true),
            Orientation::Rotate90FlipH => (false, false, true),
            Orientation::Rotate270FlipH => (true, true, true),
        };
        Self { upward, leftward, crossed }
    }
}

impl Wide for Fold<'_> {
    type Output = Square;

    #[inline(always)]
    fn run<L: Level>(self, _: L) -> Square {
        let (plane, turn) = (self.0, Turn::of(self.1));
        let (width, full, scale) = (plane.width() as usize, plane.full(), plane.scale() as usize);
        let mut across: Vec<Tap> =
            (0..SIDE).map(|j| Tap::new(j, full.0 as usize, scale, turn.leftward)).collect();
        // Weights of nothing, so that sums of products go by whole vectors.
        for tap in &mut across {
            tap.weights.resize(tap.weights.len().next_multiple_of(TOGETHER), 0.0);
        }
        let mut square = [[0.0; SIDE]; SIDE];
        let mut sums = vec![0.0; width + TOGETHER];
        for i in 0..SIDE {
            let height = full.1 as usize;
            // Low pictures pick a row more than once.
            if i > 0 && pick(i, height) == pick(i - 1, height) {
                square[i] = square[i - 1];
                continue;
            }
            let down = Tap::new(i, height, scale, turn.upward);
            let rows = &plane.samples()[down.first * width..][..down.weights.len() * width];
            add_rows(rows, width, &down.weights, &mut sums[..width]);
            for (out, tap) in square[i].iter_mut().zip(&across) {
                *out = product(&sums[tap.first..], &tap.weights);
            }
        }
        if turn.crossed {
            return std::array::from_fn(|i| std::array::from_fn(|j| square[j][i]));
        }
        square
    }
}

/// Sums up `rows`, each times its weight.
#[inline(always)]
fn add_rows(rows: &[u8], width: usize, weights: &[f32], sums: &mut [f32]) {
    let mut fours = weights.chunks_exact(4);
    let mut rows = rows.chunks_exact(width);
    let mut next = || rows.next().expect("a row for each weight");
    sums.fill(0.0);
    for four in &mut fours {
        let [a, b, c, d] = [four[0], four[1], four[2], four[3]];
        let (rows, more) = ((next(), next()), (next(), next()));
        let rows = rows.0.iter().zip(rows.1).zip(more.0.iter().zip(more.1));
        for (sum, ((w, x), (y, z))) in sums.iter_mut().zip(rows) {
            let [w, x, y, z] = [*w, *x, *y, *z].map(f32::from);
            *sum += (a * w + b * x) + (c * y + d * z);
        }
    }
    for weight in fours.remainder() {
        sums.iter_mut().zip(next()).for_each(|(sum, sample)| *sum += weight * f32::from(*sample));
    }
}

/// The sum of products, in an order that does not depend on the width of vectors.
#[inline(always)]
fn product(values: &[f32], weights: &[f32]) -> f32 {
    let mut sums = [0.0; TOGETHER];
    for (values, weights) in values.as_chunks::<TOGETHER>().0.iter().zip(weights.as_chunks::<TOGETHER>().0) {
        sums.iter_mut()
            .zip(values.iter().zip(weights))
            .for_each(|(sum, (value, weight))| *sum += value * weight);
    }
    let mut half = TOGETHER / 2;
    while half > 0 {
        for at in 0..half {
            sums[at] += sums[at + half];
        }
        half /= 2;
    }
    sums[0]
}
