//! Coefficients to samples of luma.

use super::header::Frame;
use super::inverse::pixels;

/// The mean of a quarter of a block, in 1,024ths of what the first coefficient weighs: a coefficient `(0, 1)` or `(1, 0)`
/// weighs `a = (cos(π/16) + cos(3π/16) + cos(5π/16) + cos(7π/16)) / 4 * √2`, and `(1, 1)` its square.
const EDGE: i32 = 928;
const CORNER: i32 = 841;

/// The rows of a plane as they come.
pub(super) struct Samples {
    /// Blocks across and down that hold pixels.
    blocks: (usize, usize),
    /// Samples in a row.
    width: usize,
    quantisers: [i32; 4],
    rows: usize,
    made: Vec<u8>,
}

impl Samples {
    /// For rows of `K` coefficients a block, 64 being all and multiplied already; `quantisers` are
    /// luma's, in the order of the file.
    pub(super) fn new<const K: usize>(frame: &Frame, quantisers: &[u8; 64]) -> Self {
        let quantisers = [0, 1, 2, 4].map(|place| quantisers[place].into());
        let side = 8 / Self::side(K) as u32;
        let (width, height) = (frame.width.div_ceil(side) as usize, frame.height.div_ceil(side) as usize);
        Self {
            blocks: frame.blocks(),
            width,
            quantisers,
            rows: height,
            made: Vec::with_capacity(width * height),
        }
    }

    /// Samples along a block of which so many coefficients are taken.
    pub(super) const fn side(lowest: usize) -> usize {
        match lowest {
            1 => 1,
            4 => 2,
            _ => 8,
        }
    }

    /// Adds a row of blocks, unless the picture is full. `None` if the first coefficients are outside of what any picture
    /// has: where decoders would disagree.
    pub(super) fn push<const K: usize>(&mut self, row: &mut [[i32; K]]) -> Option<()> {
        let beyond = row.iter().fold(0, |all, block| all | (block[0] ^ block[0] >> 31));
        if beyond >= 1 << 15 {
            return None;
        }
        let [first, right, below, both] = self.quantisers;
        let dc = |block: &[i32; K]| block[0] * first;
        let beyond = row.iter().fold(0, |all, block| all | (((dc(block) + 4) >> 3) + 512) as u32);
        if beyond >= 1024 {
            return None;
        }
        let row = &mut row[..self.blocks.0];
        let shade = |sample: i32| (sample + 128).clamp(0, 255) as u8;
        if K == 1 {
            if self.made.len() < self.width * self.rows {
                self.made.extend(row.iter().map(|block| shade((dc(block) + 4) >> 3)));
            }
            return Some(());
        }
        if K == 64 {
            let left = self.width * self.rows - self.made.len();
            let start = self.made.len();
            self.made.resize(start + left.min(8 * self.width), 0);
            row.iter_mut().for_each(|block| block[0] *= first);
            pixels(row.as_flattened().as_chunks().0, self.width, &mut self.made[start..]);
            return Some(());
        }
        for vertical in [1, -1] {
            if self.made.len() < self.width * self.rows {
                let start = self.made.len();
                self.made.extend(row.iter().flat_map(|block| {
                    let middle = (dc(block) << 10) + vertical * EDGE * below * block[2] + (1 << 12);
                    let side = EDGE * right * block[1] + vertical * CORNER * both * block[3];
                    [shade((middle + side) >> 13), shade((middle - side) >> 13)]
                }));
                self.made.truncate(start + self.width);
            }
        }
        Some(())
    }

    /// Samples in a row.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// All samples; `None` if some are missing.
    pub(super) fn finish(self) -> Option<Vec<u8>> {
        (self.made.len() == self.width * self.rows).then_some(self.made)
    }
}
