//! How far the quick reading of a picture is off, as a few of its units tell that are decoded in full.
//!
//! The mean of a block says nothing of what is cut off at single pixels: of half-tones, of noise in strong colours. Those
//! cannot be read quickly, and few units show it.

use super::block::Block;
use super::chroma::sum_seen;
use super::header::Frame;
use super::inverse::pixels;

/// Units that are looked at, about; of a small picture all.
const UNITS: u64 = 16;

/// The units that were looked at, and what they say.
pub(super) struct Probe {
    /// Blocks in a unit of each component, across and down.
    layout: Vec<(usize, usize)>,
    /// The quantisers of the first coefficients.
    quantisers: Vec<i32>,
    /// The blocks of a unit, with their place in the frame.
    unit: Vec<(usize, Block)>,
    /// A unit is looked at if its number, scattered, is below this.
    below: u64,
    sum: f64,
    blocks: u32,
}

impl Probe {
    pub(super) fn new(frame: &Frame, quantisers: &[&[u8; 64]]) -> Self {
        let alone = frame.components.len() == 1;
        let layout = frame.components.iter().map(|of| if alone { (1, 1) } else { (of.across, of.down) });
        let quantisers = quantisers.iter().map(|table| table[0].into()).collect();
        Self { layout: layout.collect(), quantisers, unit: Vec::new(), below: 0, sum: 0.0, blocks: 0 }
    }

    /// Before the first of so many units.
    pub(super) fn begin(&mut self, units: usize) {
        self.below = (UNITS << 32) / units as u64;
    }

    /// True if unit `number` is to be looked at. Multiples of the golden ratio lie evenly in any stretch.
    #[inline(always)]
    pub(super) fn is_due(&self, number: usize) -> bool {
        u64::from((number as u32).wrapping_mul(0x9e37_79b9)) < self.below
    }

    /// Takes the next block of the unit; its first coefficient is the difference from the one `before`.
    #[cold]
    pub(super) fn take(&mut self, place: usize, before: i32, block: &Block) {
        let mut block = *block;
        // What is far outside of any picture is refused elsewhere.
        block[0] = (before + block[0]).clamp(-(1 << 15), 1 << 15) * self.quantisers[place];
        self.unit.push((place, block));
    }

    /// Compares, block by block, the mean of what is shown with that of what was read by `lowest` coefficients.
    #[cold]
    pub(super) fn judge(&mut self, lowest: usize) {
        let blocks: Vec<Block> = self.unit.iter().map(|(_, block)| *block).collect();
        let mut planes = vec![0; 64 * blocks.len()];
        let width = 8 * blocks.len();
        pixels(&blocks, width, &mut planes);
        let (across, down) = self.layout[0];
        let mean = |at: usize| blocks[at][0] as f32 / 8.0;
        // Where the blocks of each component begin.
        let starts: Vec<_> = (1..self.layout.len())
            .map(|place| self.unit.iter().position(|(of, _)| *of == place).unwrap_or(0))
            .collect();
        for at in 0..across * down {
            let (left, top) = (at % across * 8, at / across * 8);
            let mut lumas = [0.0; 64];
            for (y, row) in planes.chunks_exact(width).enumerate() {
                for (luma, sample) in lumas[8 * y..][..8].iter_mut().zip(&row[8 * at..]) {
                    *luma = f32::from(*sample);
                }
            }
            let (mut tints, mut means) = ([[0.0; 64]; 2], [[0.0; 64]; 2]);
            for (place, start) in starts.iter().enumerate() {
                let (h, v) = self.layout[place + 1];
                for y in 0..8 {
                    for x in 0..8 {
                        let (to, x, y) = (8 * y + x, (left + x) * h / across, (top + y) * v / down);
                        let block = start + y / 8 * h + x / 8;
                        tints[place][to] = f32::from(planes[y % 8 * width + 8 * block + x % 8]) - 128.0;
                        means[place][to] = mean(block).clamp(-128.0, 127.0);
                    }
                }
            }
            let shown = sum_seen(&lumas, &tints);
            if lowest < 64 {
                lumas = [(mean(at) + 128.0).clamp(0.0, 255.0); 64];
            }
            let read = sum_seen(&lumas, &means);
            self.sum += f64::from((shown - read).abs() / 64.0);
            self.blocks += 1;
        }
        self.unit.clear();
    }

    /// By how many steps the means of blocks are off, in the mean; `None` if no unit was looked at.
    pub(super) fn off(&self) -> Option<f64> {
        (self.blocks > 0).then(|| self.sum / f64::from(self.blocks))
    }
}
