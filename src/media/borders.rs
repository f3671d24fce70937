//! Plain borders round a picture: letterboxes, pillarboxes, frames.
//!
//! Lists hold bare pictures, and platforms and screenshots add bars to fit a screen. The bars move everything that a
//! hash looks at; without them it is the same again.

use super::Raster;
use super::canvas::Area;

/// How far a sample of a border may be from the border's colour: what JPEG at quality 70 makes of the block that the
/// border shares with the picture. With less, the found edge is off by up to half a block, and hashes with it;
/// with more, dark pictures lose their own edges to black bars (`docs/hashing.md` has the figures).
const TOLERANCE: u8 = 24;

/// One sample in so many of a line may be further off.
const OUTLIERS: usize = 50;

/// How far the colours of two opposite borders may be apart.
const PAIR: u8 = 16;

/// Samples that are looked at of a line.
const LOOKS: usize = 512;

/// The least and the most that a border may take of a side, in hundredths.
const LEAST: u32 = 2;
const MOST: u32 = 45;

/// Sides of what is inside: less is no picture.
const SMALLEST: u32 = 32;

/// What lies inside the borders of a picture; `None` if it has none.
///
/// A border is there only if the opposite side has one too, of much the same colour and perhaps of another width.
pub(super) fn inside(shown: &Raster) -> Option<Area> {
    let whole = Area { left: 0, top: 0, width: shown.width(), height: shown.height() };
    if whole.width < SMALLEST || whole.height < SMALLEST {
        return None;
    }
    let mut area = whole;
    if let Some((top, bottom)) =
        pair(whole.height, |from_end, depth| line(shown, area, false, from_end, depth))
    {
        area.top = top;
        area.height -= top + bottom;
    }
    // A frame goes all the way round: within the rows that are left, its sides are plain.
    let rows = area;
    if let Some((left, right)) = pair(whole.width, |from_end, depth| line(shown, rows, true, from_end, depth))
    {
        area.left = left;
        area.width -= left + right;
    }
    (area != whole && area.width >= SMALLEST && area.height >= SMALLEST).then_some(area)
}

/// How deep the borders at both ends of a side of `full` pixels are. `line` gives the pixels of a line, counted from
/// the start or the end.
fn pair<'a, L: Iterator<Item = &'a [u8]>>(full: u32, line: impl Fn(bool, u32) -> L) -> Option<(u32, u32)> {
    let (first, last) = (colour(line(false, 0)), colour(line(true, 0)));
    if first.iter().zip(last).any(|(a, b)| a.abs_diff(b) > PAIR) {
        return None;
    }
    let share = |hundredths: u32| u64::from(full) * u64::from(hundredths);
    let depth = |from_end: bool, colour: [u8; 3]| {
        let most = (share(MOST) / 100) as u32;
        let depth = (0..=most).find(|depth| !is_plain(line(from_end, *depth), colour))?;
        (u64::from(depth) * 100 >= share(LEAST)).then_some(depth)
    };
    Some((depth(false, first)?, depth(true, last)?))
}

/// Pixels of a line, a row or a column of `area`, `depth` lines from one end of it.
fn line(
    shown: &Raster,
    area: Area,
    column: bool,
    from_end: bool,
    depth: u32,
) -> impl Iterator<Item = &[u8]> + use<'_> {
    let (lines, len) = if column { (area.width, area.height) } else { (area.height, area.width) };
    let at = if from_end { lines - 1 - depth } else { depth };
    let channels = shown.channels();
    let (row, pixel) = (shown.width() as usize * channels, channels);
    let (along, across) = if column { (row, pixel) } else { (pixel, row) };
    let start = area.top as usize * row + area.left as usize * pixel + at as usize * across;
    let step = (len as usize).div_ceil(LOOKS);
    (0..len as usize).step_by(step).map(move |at| &shown.samples()[start + at * along..][..channels])
}

/// The median of each channel; of grey, the first alone counts.
fn colour<'a>(line: impl Iterator<Item = &'a [u8]>) -> [u8; 3] {
    let mut counts = [[0_u32; 256]; 3];
    let mut pixels = 0;
    for pixel in line {
        pixel.iter().zip(&mut counts).for_each(|(sample, counts)| counts[usize::from(*sample)] += 1);
        pixels += 1;
    }
    counts.map(|counts| {
        let mut below = 0;
        let middle = counts.iter().position(|count| {
            below += count;
            below * 2 > pixels
        });
        middle.unwrap_or(0) as u8
    })
}

fn is_plain<'a>(line: impl Iterator<Item = &'a [u8]>, colour: [u8; 3]) -> bool {
    let (mut pixels, mut off) = (0, 0);
    for pixel in line {
        pixels += 1;
        off +=
            usize::from(pixel.iter().zip(colour).any(|(sample, border)| sample.abs_diff(border) > TOLERANCE));
    }
    off * OUTLIERS <= pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something with detail, on a plain ground.
    fn framed(ground: [u8; 3], (width, height): (u32, u32), inner: Area) -> Raster {
        let pixel = |x: u32, y: u32| {
            let (Some(x), Some(y)) = (x.checked_sub(inner.left), y.checked_sub(inner.top)) else {
                return ground;
            };
            if x >= inner.width || y >= inner.height {
                return ground;
            }
            [(x * 7 + y * 3) as u8, (x * y) as u8, (y * 11 + x) as u8]
        };
        let samples = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y)));
        Raster::rgb(width, height, samples.collect())
    }

    #[test]
    fn bars_on_two_sides_or_four_are_found_to_the_pixel() {
        for ground in [[0; 3], [255; 3], [128; 3], [20, 60, 120]] {
            for (left, top, right, bottom) in [
                (0, 30, 0, 30),
                (0, 9, 0, 31),
                (25, 0, 25, 0),
                (80, 0, 80, 0),
                (12, 40, 30, 20),
                (4, 4, 4, 4),
            ] {
                let inner = Area { left, top, width: 200 - left - right, height: 160 - top - bottom };
                assert_eq!(inside(&framed(ground, (200, 160), inner)), Some(inner), "{ground:?}");
            }
        }
    }

    #[test]
    fn what_is_no_border_is_left_alone() {
        let part = |left, top, width, height| Area { left, top, width, height };
        for (inner, why) in [
            (part(0, 0, 200, 160), "none"),
            (part(0, 40, 200, 120), "on one side only"),
            (part(0, 2, 200, 156), "less than 2 in 100"),
            (part(0, 76, 200, 10), "more than 45 in 100"),
            (part(85, 60, 30, 40), "next to nothing inside"),
            (part(0, 0, 0, 0), "nothing inside"),
        ] {
            assert_eq!(inside(&framed([0; 3], (200, 160), inner)), None, "{why}");
        }
        // Black above and white below.
        let mut samples = framed([0; 3], (200, 160), part(0, 20, 200, 120)).samples().to_vec();
        samples[140 * 600..].fill(255);
        assert_eq!(inside(&Raster::rgb(200, 160, samples)), None);
        for (width, height) in [(0, 0), (1, 1), (600, 3), (31, 200)] {
            assert_eq!(inside(&Raster::grey(width, height, vec![7; (width * height) as usize])), None);
        }
    }

    #[test]
    fn a_logo_on_a_border_ends_it_and_a_speck_does_not() {
        let inner = Area { left: 0, top: 40, width: 600, height: 120 };
        let with_mark = |width: usize| {
            let mut samples = framed([0; 3], (600, 200), inner).samples().to_vec();
            samples[(20 * 600 + 300) * 3..][..3 * width].fill(255);
            inside(&Raster::rgb(600, 200, samples))
        };
        assert_eq!(with_mark(3), Some(inner));
        assert_eq!(with_mark(60), Some(Area { top: 20, height: 140, ..inner }));
    }
}
