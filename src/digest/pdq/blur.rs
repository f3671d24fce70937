//! Luma, two passes of a box filter along rows and columns, and the pick of 64 by 64 values.
//!
//! The reference filters whole pictures four times over, and its running sums drift: their order is part of the hash.
//! Here every sum takes the very same additions in the very same order; what runs side by side are the sums. Along
//! rows 32 rows go together, along columns 32 columns, in blocks of 32 by 32 that are turned in between, so that a
//! value passes through all four filters while it is in the nearest cache. Only the last filters' means are picked,
//! so only 64 columns reach the fourth.

use std::ops::Range;

use super::slide::{Divisor, Means, Window, pick};
use super::{SIDE, Square};
use crate::kernel::lanes::{self, Block, Lane, Level, Wide};
use crate::media::Raster;

/// Rows or columns that go together.
const TOGETHER: usize = lanes::SIDE;
const ZEROS: Lane = Lane([0.0; TOGETHER]);
const EMPTY: Block = [ZEROS; TOGETHER];
/// Pixels of each row to ask for in advance: 32 rows at once are more than CPUs foresee by themselves.
const AHEAD: usize = 128;

/// Reduces a picture to 64 by 64 values of luma.
pub(super) struct Shrink<'a>(pub(super) &'a Raster);

impl Wide for Shrink<'_> {
    type Output = Square;

    #[inline(always)]
    fn run<L: Level>(self, level: L) -> Square {
        let Self(raster) = self;
        let mut square = [[0.0; SIDE]; SIDE];
        if (raster.width() as usize, raster.height() as usize) == (SIDE, SIDE) {
            for (row, out) in raster.samples().chunks_exact(SIDE * raster.channels()).zip(&mut square) {
                let chunks = row.chunks_exact(TOGETHER * raster.channels());
                for (samples, out) in chunks.zip(out.as_chunks_mut().0) {
                    let mut values = ZEROS;
                    luma(level, samples, &mut values);
                    *out = values.0;
                }
            }
            return square;
        }
        let (width, height) = (raster.width() as usize, raster.height() as usize);
        let mut rows_first = FirstRows::new(raster);
        let mut columns_first = FirstColumns::new(width, height);
        let mut rows_second = Second::new(width);
        let mut columns_second = [Second::new(height), Second::new(height)];
        let Window { lead, .. } = Window::over(height);
        let (mut rows, mut columns, mut means) = (EMPTY, EMPTY, EMPTY);
        for top in (0..height + lead).step_by(TOGETHER) {
            // A step takes in a row at the bottom of the window, while there are any, and gives the mean `lead` above.
            let steps = top..(height + lead).min(top + TOGETHER);
            rows_first.begin(steps.start.min(height)..steps.end.min(height));
            rows_second.begin();
            for left in (0..width).step_by(TOGETHER) {
                if top < height {
                    rows_first.means(level, left, &mut columns);
                    level.transpose(&columns, &mut rows);
                }
                columns_first.means(level, left, steps.clone(), &rows, &mut means);
                level.transpose(&means, &mut columns);
                rows_second.take(level, &columns[..TOGETHER.min(width - left)]);
            }
            rows_second.finish(level);
            let means = lead.saturating_sub(top).min(steps.len())..steps.len();
            for (half, filter) in rows_second.picked.as_chunks().0.iter().zip(&mut columns_second) {
                level.transpose(half, &mut rows);
                filter.take(level, &rows[means.clone()]);
            }
        }
        for (half, filter) in columns_second.iter_mut().enumerate() {
            filter.finish(level);
            for (out, picked) in square.iter_mut().zip(&filter.picked) {
                out.as_chunks_mut().0[half] = picked.0;
            }
        }
        square
    }
}

/// Thirty-two pixels to luma.
///
/// `pdqhash` multiplies by 0.299, 0.587 and 0.114 in double precision, adds, and rounds once. Thousandths are whole
/// numbers below 2^24, so here everything but the last division is exact; a test compares all colours.
#[inline(always)]
fn luma<L: Level>(level: L, samples: &[u8], out: &mut Lane) {
    let thousand = Divisor::new(1000);
    if let Some(pixels) = samples.first_chunk() {
        let mut sums = [0; TOGETHER];
        level.weigh(pixels, [299, 587, 114], &mut sums);
        out.0.iter_mut().zip(sums).for_each(|(out, sum)| *out = thousand.divide(level, sum as f32));
    } else {
        // For equal channels the weighted sum rounds to the value itself.
        let grey: [u8; TOGETHER] = *samples.first_chunk().expect("32 samples");
        out.0.iter_mut().zip(grey).for_each(|(out, grey)| *out = f32::from(grey));
    }
}

/// The first filter along rows, 32 rows at a time.
struct FirstRows<'a> {
    raster: &'a Raster,
    window: Window,
    rows: Range<usize>,
    at: usize,
    sums: Lane,
    kept: Vec<Lane>,
    /// The block of columns that `at` is in, row by row and column by column.
    block: Block,
    values: Block,
}

impl<'a> FirstRows<'a> {
    fn new(raster: &'a Raster) -> Self {
        let window = Window::over(raster.width() as usize);
        let kept = vec![ZEROS; window.size];
        Self { raster, window, rows: 0..0, at: 0, sums: ZEROS, kept, block: EMPTY, values: EMPTY }
    }

    /// Goes to the left end of `rows`, 32 of them or fewer.
    fn begin(&mut self, rows: Range<usize>) {
        (self.rows, self.at, self.sums) = (rows, 0, ZEROS);
    }

    /// The means of 32 columns from `left` on, column by column.
    #[inline(always)]
    fn means<L: Level>(&mut self, level: L, left: usize, columns: &mut Block) {
        let Window { len, lead, .. } = self.window;
        let end = (left + TOGETHER).min(len) + lead;
        while self.at < end {
            let in_block = self.at % TOGETHER;
            if in_block == 0 && self.at < len {
                self.load(level);
            }
            // Beyond the last column nothing new comes in.
            let (stop, new) = match self.at < len {
                true => (end.min(len).min(self.at - in_block + TOGETHER), &self.values[in_block..]),
                false => (end, &[][..]),
            };
            let out = All { level, shift: 0, out: columns };
            self.window.slide(self.at..stop, &mut self.sums, &mut self.kept, new, out);
            self.at = stop;
        }
    }

    /// Fetches 32 columns from `at` on.
    #[inline(always)]
    fn load<L: Level>(&mut self, level: L) {
        let (width, channels) = (self.window.len, self.raster.channels());
        let full = TOGETHER * channels;
        let count = full.min((width - self.at) * channels);
        let samples = self.raster.samples();
        for (row, out) in self.rows.clone().zip(&mut self.block) {
            let from = (row * width + self.at) * channels;
            if let Some(byte) = samples.get(from + AHEAD * channels) {
                level.prefetch(byte);
            }
            if channels > 1
                && let Some(byte) = samples.get(from + AHEAD * channels + 64)
            {
                level.prefetch(byte);
            }
            if let Some(samples) = samples.get(from..from + full).filter(|_| count == full) {
                luma(level, samples, out);
            } else {
                let mut padded = [0; 3 * TOGETHER];
                padded[..count].copy_from_slice(&samples[from..from + count]);
                luma(level, &padded[..full], out);
            }
        }
        level.transpose(&self.block, &mut self.values);
    }
}

/// The first filter along columns, 32 columns at a time.
struct FirstColumns {
    window: Window,
    sums: Vec<Lane>,
    /// For each 32 columns the rows inside the window.
    kept: Vec<Lane>,
}

impl FirstColumns {
    fn new(width: usize, height: usize) -> Self {
        let window = Window::over(height);
        let blocks = width.div_ceil(TOGETHER);
        Self { window, sums: vec![ZEROS; blocks], kept: vec![ZEROS; blocks * window.size] }
    }

    /// Takes the rows of `steps` and puts the means that they give in their places.
    #[inline(always)]
    fn means<L: Level>(
        &mut self,
        level: L,
        left: usize,
        steps: Range<usize>,
        rows: &Block,
        means: &mut Block,
    ) {
        let Window { size, lead, .. } = self.window;
        let block = left / TOGETHER;
        let kept = &mut self.kept[block * size..(block + 1) * size];
        let out = All { level, shift: lead, out: means };
        self.window.slide(steps, &mut self.sums[block], kept, rows, out);
    }
}

/// The second filter, along rows or columns, 32 at a time, of whose means 64 are wanted.
struct Second {
    window: Window,
    wanted: [usize; SIDE],
    at: usize,
    sums: Lane,
    kept: Vec<Lane>,
    found: usize,
    picked: [Lane; SIDE],
}

impl Second {
    fn new(len: usize) -> Self {
        let window = Window::over(len);
        let wanted = std::array::from_fn(|index| pick(index, len));
        let kept = vec![ZEROS; window.size];
        Self { window, wanted, at: 0, sums: ZEROS, kept, found: 0, picked: [ZEROS; SIDE] }
    }

    fn begin(&mut self) {
        (self.at, self.sums, self.found) = (0, ZEROS, 0);
    }

    /// Takes the next values.
    #[inline(always)]
    fn take<L: Level>(&mut self, level: L, new: &[Lane]) {
        self.slide(level, self.at + new.len(), new);
    }

    /// Gives the means that wait for values beyond the last.
    #[inline(always)]
    fn finish<L: Level>(&mut self, level: L) {
        self.slide(level, self.window.steps(), &[]);
    }

    #[inline(always)]
    fn slide<L: Level>(&mut self, level: L, end: usize, new: &[Lane]) {
        let Self { window, wanted, at, sums, kept, found, picked } = self;
        window.slide(*at..end, sums, kept, new, Wanted { level, wanted, found, out: picked });
        *at = end;
    }
}

/// Keeps all means, each in its place in a block.
struct All<'a, L> {
    level: L,
    shift: usize,
    out: &'a mut Block,
}

impl<L: Level> Means for All<'_, L> {
    #[inline(always)]
    fn give(&mut self, at: usize, sums: &Lane, by: Divisor) {
        by.means(self.level, sums, &mut self.out[(at + self.shift) % TOGETHER]);
    }
}

/// Keeps the means that are wanted.
struct Wanted<'a, L> {
    level: L,
    wanted: &'a [usize; SIDE],
    found: &'a mut usize,
    out: &'a mut [Lane; SIDE],
}

impl<L: Level> Means for Wanted<'_, L> {
    #[inline(always)]
    fn give(&mut self, at: usize, sums: &Lane, by: Divisor) {
        // Small pictures want one more than once.
        while *self.found < SIDE && self.wanted[*self.found] == at {
            by.means(self.level, sums, &mut self.out[*self.found]);
            *self.found += 1;
        }
    }
}
