//! Luma, two passes of a box filter along rows and columns, and the pick of 64 by 64 values.
//!
//! The reference filters whole pictures four times over. Here rows flow through both passes one at a time, with the
//! very same additions in the very same order, and only as many rows are kept as a window has.

use super::{SIDE, Square};
use crate::media::Raster;

/// Reduces a picture to 64 by 64 values of luma.
pub(super) fn shrink(raster: &Raster) -> Square {
    let (width, height) = (raster.width() as usize, raster.height() as usize);
    let mut square = [[0.0; SIDE]; SIDE];
    if (width, height) == (SIDE, SIDE) {
        for (row, out) in raster.rows().zip(&mut square) {
            luma(row, raster.channels(), out);
        }
        return square;
    }
    let columns: [usize; SIDE] = std::array::from_fn(|j| pick(j, width));
    let mut pass = [RowBlur::new(width), RowBlur::new(width)];
    let mut first = ColumnBlur::new(width, height);
    let mut second = ColumnBlur::new(width, height);
    // Rows of the blurred picture come in order, and so do the rows that are picked; small pictures pick one twice.
    let (mut finished, mut next) = (0, 0);
    let mut take = |row: &[f32]| {
        while next < SIDE && pick(next, height) == finished {
            square[next] = columns.map(|column| row[column]);
            next += 1;
        }
        finished += 1;
    };
    let mut values = vec![0.0; width];
    let [first_row, second_row] = &mut pass;
    let mut through_second = |row: &[f32]| second.push(second_row.blur(row), &mut take);
    for row in raster.rows() {
        luma(row, raster.channels(), &mut values);
        first.push(first_row.blur(&values), &mut through_second);
    }
    first.finish(&mut through_second);
    second.finish(&mut take);
    square
}

/// Where the `index`-th of 64 samples lies among `len`: the middle of its share.
fn pick(index: usize, len: usize) -> usize {
    (2 * index + 1) * len / (2 * SIDE)
}

/// `pdqhash` multiplies in double precision, adds red, green, blue in this order, and rounds once.
fn luma(row: &[u8], channels: usize, out: &mut [f32]) {
    if channels == 1 {
        // For equal channels the weighted sum rounds to the value itself.
        out.iter_mut().zip(row).for_each(|(out, grey)| *out = f32::from(*grey));
    } else {
        for (out, pixel) in out.iter_mut().zip(row.chunks_exact(3)) {
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(f64::from);
            *out = (r * 0.299 + g * 0.587 + b * 0.114) as f32;
        }
    }
}

/// How a window slides over `len` values: the reference's four phases.
#[derive(Clone, Copy)]
struct Window {
    /// Its full size.
    size: usize,
    /// Values taken in before the first result: phase 1.
    lead: usize,
}

impl Window {
    fn over(len: usize) -> Self {
        let size = len.div_ceil(128);
        Self { size, lead: (size + 2) / 2 - 1 }
    }
}

/// The box filter along a row.
struct RowBlur {
    window: Window,
    out: Vec<f32>,
}

impl RowBlur {
    fn new(width: usize) -> Self {
        Self { window: Window::over(width), out: vec![0.0; width] }
    }

    fn blur(&mut self, row: &[f32]) -> &[f32] {
        let Window { size, lead } = self.window;
        let mut sum = 0.0_f32;
        let mut inside = 0.0_f32;
        for value in &row[..lead] {
            sum += value;
            inside += 1.0;
        }
        let (growing, rest) = self.out.split_at_mut(size - lead);
        for (out, value) in growing.iter_mut().zip(&row[lead..]) {
            sum += value;
            inside += 1.0;
            *out = sum / inside;
        }
        let (full, shrinking) = rest.split_at_mut(row.len() - size);
        for ((out, new), old) in full.iter_mut().zip(&row[size..]).zip(row) {
            sum += new;
            sum -= old;
            *out = sum / inside;
        }
        for (out, old) in shrinking.iter_mut().zip(&row[row.len() - size..]) {
            sum -= old;
            inside -= 1.0;
            *out = sum / inside;
        }
        &self.out
    }
}

/// The same filter along all columns at once, fed row by row.
struct ColumnBlur {
    window: Window,
    height: usize,
    pushed: usize,
    sums: Vec<f32>,
    /// The rows inside the window, the oldest at `pushed % size` once the window is full.
    kept: Vec<f32>,
    out: Vec<f32>,
}

impl ColumnBlur {
    fn new(width: usize, height: usize) -> Self {
        let window = Window::over(height);
        Self {
            window,
            height,
            pushed: 0,
            sums: vec![0.0; width],
            kept: vec![0.0; width * window.size],
            out: vec![0.0; width],
        }
    }

    fn push(&mut self, row: &[f32], emit: &mut impl FnMut(&[f32])) {
        let Window { size, lead } = self.window;
        let slot = self.pushed % size * row.len();
        let kept = &mut self.kept[slot..slot + row.len()];
        let full = self.pushed >= size;
        if full {
            for ((sum, new), old) in self.sums.iter_mut().zip(row).zip(&*kept) {
                *sum += new;
                *sum -= old;
            }
        } else {
            self.sums.iter_mut().zip(row).for_each(|(sum, new)| *sum += new);
        }
        kept.copy_from_slice(row);
        self.pushed += 1;
        if self.pushed > lead {
            self.emit(self.pushed.min(size), emit);
        }
    }

    /// Phase 4: the window leaves the picture at the bottom.
    fn finish(&mut self, emit: &mut impl FnMut(&[f32])) {
        let Window { size, lead } = self.window;
        let width = self.sums.len();
        for gone in 1..=lead {
            let slot = (self.height - size + gone - 1) % size * width;
            let kept = &self.kept[slot..slot + width];
            self.sums.iter_mut().zip(kept).for_each(|(sum, old)| *sum -= old);
            self.emit(size - gone, emit);
        }
    }

    fn emit(&mut self, inside: usize, emit: &mut impl FnMut(&[f32])) {
        let inside = inside as f32;
        self.out.iter_mut().zip(&self.sums).for_each(|(out, sum)| *out = sum / inside);
        emit(&self.out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference as it is written: one strided filter over whole arrays, called four times.
    fn box_filter(input: &[f32], output: &mut [f32], len: usize, stride: usize, size: usize) {
        let half = (size + 2) / 2;
        let (mut left, mut right, mut at) = (0, 0, 0);
        let (mut sum, mut inside) = (0.0_f32, 0.0_f32);
        for _ in 0..half - 1 {
            sum += input[right];
            inside += 1.0;
            right += stride;
        }
        for _ in 0..size - half + 1 {
            sum += input[right];
            inside += 1.0;
            output[at] = sum / inside;
            right += stride;
            at += stride;
        }
        for _ in 0..len - size {
            sum += input[right];
            sum -= input[left];
            output[at] = sum / inside;
            left += stride;
            right += stride;
            at += stride;
        }
        for _ in 0..half - 1 {
            sum -= input[left];
            inside -= 1.0;
            output[at] = sum / inside;
            left += stride;
            at += stride;
        }
    }

    fn slow(raster: &Raster) -> Square {
        let (width, height) = (raster.width() as usize, raster.height() as usize);
        let mut a = vec![0.0; width * height];
        for (row, out) in raster.rows().zip(a.chunks_exact_mut(width)) {
            luma(row, raster.channels(), out);
        }
        let mut b = a.clone();
        if (width, height) != (SIDE, SIDE) {
            for _ in 0..2 {
                for (input, output) in a.chunks_exact(width).zip(b.chunks_exact_mut(width)) {
                    box_filter(input, output, width, 1, width.div_ceil(128));
                }
                for column in 0..width {
                    box_filter(&b[column..], &mut a[column..], height, width, height.div_ceil(128));
                }
            }
        }
        let at = |index: usize, len: usize| ((index as f64 + 0.5) * len as f64 / SIDE as f64) as usize;
        std::array::from_fn(|i| std::array::from_fn(|j| a[at(i, height) * width + at(j, width)]))
    }

    #[test]
    fn streaming_equals_the_reference_bit_for_bit() {
        let sizes = [5, 17, 63, 64, 65, 127, 128, 129, 255, 256, 257, 300, 641];
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for width in sizes {
            for height in sizes {
                let samples = (0..3 * width * height).map(|_| noise()).collect();
                let raster = Raster::rgb(width, height, samples);
                assert!(shrink(&raster) == slow(&raster), "{width}x{height}");
            }
        }
    }
}
