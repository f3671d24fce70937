//! The colours of blocks, and what they make of a stated luma.
//!
//! A decoder turns luma and chroma into red, green and blue and cuts off what is below 0 or above 255; the luma of what is
//! left is another than the stated one. The first coefficients of chroma tell of whole blocks by how much.

use super::header::{Frame, Scan};
use super::inverse::shade;
use crate::kernel::lanes::{Lanes, Level, Wide};

/// Samples that are tested, and corrected, together.
const TOGETHER: usize = 32;

/// The first coefficients of one component.
pub(super) struct Firsts {
    /// Row-major; a row has room for whole units.
    pub(super) first: Vec<i32>,
    pub(super) stride: usize,
    /// Blocks in a unit, across and down.
    pub(super) across: usize,
    pub(super) down: usize,
}

impl Firsts {
    /// Zeros for the component at `place` of the frame.
    pub(super) fn new(frame: &Frame, place: usize) -> Self {
        let ((across, down), luma) = (frame.blocks(), frame.components[0]);
        let of = frame.components[place];
        let (units, rows) = (across.div_ceil(luma.across), down.div_ceil(luma.down));
        let stride = units * of.across;
        Self { first: vec![0; stride * rows * of.down], stride, across: of.across, down: of.down }
    }

    /// Blocks in a unit of `scan`, across and down.
    pub(super) fn in_unit(&self, scan: &Scan) -> (usize, usize) {
        if scan.components.len() == 1 { (1, 1) } else { (self.across, self.down) }
    }
}

/// How far the blocks of a component are from grey.
struct Tint {
    /// As [`Firsts::first`], in steps of a sample.
    offsets: Vec<i16>,
    stride: usize,
    across: usize,
    down: usize,
}

/// The colours of all blocks of a picture.
pub(super) struct Chroma {
    blue: Tint,
    red: Tint,
    /// Blocks of luma in a unit, across and down.
    luma: (usize, usize),
}

impl Chroma {
    /// Of the two components after luma, with the quantisers of their first coefficients. `None` if those are outside of
    /// what any picture has: where decoders would disagree.
    pub(super) fn new(frame: &Frame, [blue, red]: [Firsts; 2], quantisers: [i32; 2]) -> Option<Self> {
        let tint = |firsts: Firsts, quantiser: i32| {
            let Firsts { first, stride, across, down } = firsts;
            let beyond = first.iter().fold(0, |all, first| all | (first ^ first >> 31));
            if beyond >= 1 << 15 {
                return None;
            }
            let offset = |first: i32| (first * quantiser + 4) >> 3;
            let beyond = first.iter().fold(0, |all, first| all | (offset(*first) + 512) as u32);
            let bounded = |first: &i32| offset(*first).clamp(-128, 127) as i16;
            (beyond < 1024).then(|| Tint {
                offsets: first.iter().map(bounded).collect(),
                stride,
                across,
                down,
            })
        };
        let luma = (frame.components[0].across, frame.components[0].down);
        Some(Self { blue: tint(blue, quantisers[0])?, red: tint(red, quantisers[1])?, luma })
    }

    /// Makes of stated luma, in rows of `width` and with `side` samples along a block, the luma of the colours that can be
    /// shown, as far as the means of blocks tell. Where all can be shown nothing changes. Returns the sum of all changes.
    pub(super) fn correct(&self, samples: &mut [u8], width: usize, side: usize) -> u64 {
        Lanes::best().run(Correct { chroma: self, samples, width, side })
    }
}

struct Correct<'a> {
    chroma: &'a Chroma,
    samples: &'a mut [u8],
    width: usize,
    side: usize,
}

impl Wide for Correct<'_> {
    type Output = u64;

    #[inline(always)]
    fn run<L: Level>(self, _: L) -> u64 {
        let mut change = 0;
        let Self { chroma: Chroma { blue, red, luma }, samples, width, side } = self;
        let room = width.next_multiple_of(TOGETHER);
        let (mut blues, mut reds) = (vec![0_i16; room], vec![0_i16; room]);
        let (mut lows, mut highs) = (vec![0_u8; room], vec![255_u8; room]);
        for (row, rows) in samples.chunks_mut(width * side).enumerate() {
            for (tint, to) in [(blue, &mut blues), (red, &mut reds)] {
                let from = &tint.offsets[row * tint.down / luma.1 * tint.stride..][..tint.stride];
                match side * luma.0 / tint.across {
                    1 => repeat::<1>(from, to),
                    2 => repeat::<2>(from, to),
                    4 => repeat::<4>(from, to),
                    8 => repeat::<8>(from, to),
                    16 => repeat::<16>(from, to),
                    _ => repeat::<32>(from, to),
                }
            }
            for ((low, high), (blue, red)) in lows.iter_mut().zip(&mut highs).zip(blues.iter().zip(&reds)) {
                (*low, *high) = shown(*blue, *red);
            }
            for row in rows.chunks_mut(width) {
                for (at, part) in row.chunks_mut(TOGETHER).enumerate() {
                    let mut whole = [128; TOGETHER];
                    whole[..part.len()].copy_from_slice(part);
                    let from = at * TOGETHER;
                    if is_beyond(&whole, tile(&lows, from), tile(&highs, from)) {
                        correct(&mut whole, tile(&blues, from), tile(&reds, from));
                        let changes = part.iter().zip(&whole).map(|(old, new)| u64::from(old.abs_diff(*new)));
                        change += changes.sum::<u64>();
                        part.copy_from_slice(&whole[..part.len()]);
                    }
                }
            }
        }
        change
    }
}

/// Each value `N` times.
#[inline(always)]
fn repeat<const N: usize>(from: &[i16], to: &mut [i16]) {
    for (to, from) in to.as_chunks_mut::<N>().0.iter_mut().zip(from) {
        *to = [*from; N];
    }
}

/// The samples, or what is known of them, from some place on.
#[inline(always)]
fn tile<T>(all: &[T], from: usize) -> &[T; TOGETHER] {
    all[from..].first_chunk().expect("room for whole tiles")
}

/// True if a sample is outside of its bounds.
#[inline(always)]
fn is_beyond(samples: &[u8; TOGETHER], lows: &[u8; TOGETHER], highs: &[u8; TOGETHER]) -> bool {
    let mut beyond = 0;
    for at in 0..TOGETHER {
        beyond |= samples[at].saturating_sub(highs[at]) | lows[at].saturating_sub(samples[at]);
    }
    beyond > 0
}

#[inline(always)]
fn correct(samples: &mut [u8; TOGETHER], blues: &[i16; TOGETHER], reds: &[i16; TOGETHER]) {
    let mut found = [0.0; TOGETHER];
    for at in 0..TOGETHER {
        found[at] = seen(samples[at].into(), blues[at].into(), reds[at].into());
    }
    for at in 0..TOGETHER {
        samples[at] = shade(found[at]);
    }
}

/// The least and the most luma that has a colour to be shown with chroma so far from grey: within them nothing is cut off.
#[inline(always)]
fn shown(blue: i16, red: i16) -> (u8, u8) {
    // 128ths of the weights in `seen`, and of a sample for what they are rounded by.
    let (r, g, b) = ((180 * red) >> 7, (-44 * blue - 91 * red) >> 7, (227 * blue) >> 7);
    let (least, most) = (r.min(g).min(b).min(0) - 2, r.max(g).max(b).max(0) + 2);
    ((-least).clamp(0, 255) as u8, (255 - most).clamp(0, 255) as u8)
}

/// The luma of what is shown of a colour, its chroma counted from grey; not rounded, and exactly `luma` where nothing is cut
/// off. Conversion by JFIF, luma as PDQ has it.
#[inline(always)]
pub(super) fn seen(luma: f32, blue: f32, red: f32) -> f32 {
    let r = cut(luma + 1.402 * red);
    let g = cut(luma - 0.344_136 * blue - 0.714_136 * red);
    let b = cut(luma + 1.772 * blue);
    luma + (0.299 * r + 0.587 * g + 0.114 * b)
}

/// The sum of [`seen`] over the pixels of a block.
pub(super) fn sum_seen(lumas: &[f32; 64], [blues, reds]: &[[f32; 64]; 2]) -> f32 {
    let mut found = [0.0; 64];
    for at in 0..64 {
        found[at] = seen(lumas[at], blues[at], reds[at]);
    }
    found.iter().sum()
}

/// What cutting off adds to a channel.
#[inline(always)]
fn cut(channel: f32) -> f32 {
    channel.clamp(0.0, 255.0) - channel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luma_changes_where_a_channel_is_cut_off_and_nowhere_else() {
        let (mut kept, mut changed) = (0, 0);
        for blue in -128_i16..128 {
            for red in -128_i16..128 {
                let (low, high) = shown(blue, red);
                for luma in (0..=255_u8).step_by(5).chain([low, high, low.saturating_sub(1)]) {
                    let [y, cb, cr] = [i16::from(luma), blue, red].map(f64::from);
                    let stated = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
                    let [r, g, b] = stated.map(|channel| channel.clamp(0.0, 255.0));
                    let exact = 0.299 * r + 0.587 * g + 0.114 * b;
                    let found = f64::from(seen(luma.into(), blue.into(), red.into()));
                    // The weights of the two conversions undo each other but for their last digit.
                    assert!((found - exact).abs() < 0.001, "{luma} {blue} {red}: {found} {exact}");
                    let cut = stated.iter().any(|channel| !(0.0..=255.0).contains(channel));
                    if !cut {
                        assert_eq!(found, y, "{luma} {blue} {red}");
                    }
                    if (low..=high).contains(&luma) && low <= high {
                        assert!(!cut, "{luma} {blue} {red}");
                        kept += 1;
                    }
                    changed += u32::from((found - y).abs() > 1.0);
                }
            }
        }
        assert!(kept > 100_000 && changed > 100_000, "{kept} {changed}");
        // Of what can be shown little is suspected.
        assert_eq!(shown(0, 0), (2, 253));
    }
}
