//! TGA: recognising it, since it has no signature at its start, and the kind with a palette; the decoder for all kinds
//! reads the others.

use std::iter::repeat_n;

use image::metadata::Orientation;

use super::forms::Forms;
use super::gap::check;
use super::palette::Indexed;
use super::{Gap, Limits, budget};

const NAME: &str = "TGA";
const HEAD: usize = 18;

/// Decodes a TGA with a palette; `None` if it has none. `bytes` begin with what [`is_header`] accepts.
pub(super) fn indexed(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Option<Result<(), Gap>> {
    let head = bytes.first_chunk::<HEAD>().filter(|head| head[1] == 1)?;
    Some(with_palette(head, bytes, limits, forms))
}

fn with_palette(head: &[u8; HEAD], bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Result<(), Gap> {
    let number = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    let (width, height) = (u32::from(number(12)), u32::from(number(14)));
    let pixels = u64::from(width) * u64::from(height);
    check("pixels", NAME, pixels, limits.max_pixels)?;
    let (entry, start) = (usize::from(head[7] / 8), HEAD + usize::from(head[0]));
    let end = start + entry * usize::from(number(5));
    let palette = bytes.get(start..end).ok_or(Gap::Truncated(NAME))?;
    // Blue comes first; what a fourth byte means differs between writers, and none is drawn transparent by viewers.
    let colours: Vec<u8> =
        palette.chunks_exact(entry).flat_map(|colour| [colour[2], colour[1], colour[0]]).collect();
    let _permit = budget::take(pixels * (Indexed::BYTES + forms.extra_bytes(3)));
    let mut indices = Vec::with_capacity(pixels as usize);
    let mut rest = &bytes[end..];
    while indices.len() < pixels as usize {
        let left = pixels as usize - indices.len();
        if head[2] == 1 {
            indices.extend(rest.get(..left).ok_or(Gap::Truncated(NAME))?);
            break;
        }
        // A packet of up to 128 pixels: the highest bit says that they are all the same.
        let (&packet, after) = rest.split_first().ok_or(Gap::Truncated(NAME))?;
        let count = usize::from(packet & 0x7f) + 1;
        let stored = if packet & 0x80 == 0 { count } else { 1 };
        let (data, after) = after.split_at_checked(stored).ok_or(Gap::Truncated(NAME))?;
        match data {
            [index] => indices.extend(repeat_n(*index, count.min(left))),
            data => indices.extend(&data[..count.min(left)]),
        }
        rest = after;
    }
    let descriptor = head[17];
    if descriptor & 0x10 != 0 {
        indices.chunks_exact_mut(width as usize).for_each(<[u8]>::reverse);
    }
    if descriptor & 0x20 == 0 {
        let rows: Vec<&[u8]> = indices.chunks_exact(width as usize).rev().collect();
        indices = rows.concat();
    }
    Indexed { width, height, indices, colours: &colours, alphas: &[] }.give(Orientation::NoTransforms, forms);
    Ok(())
}

/// True if the first bytes can hardly be anything but the header of a TGA file.
///
/// Every field is held to what writers in use put there; a file of zeros, or of small numbers, does not pass.
pub(super) fn is_header(head: &[u8]) -> bool {
    let Some(&[_, map, kind, first_low, first_high, len_low, len_high, entry, ref rest @ ..]) =
        head.first_chunk::<HEAD>()
    else {
        return false;
    };
    let number = |at: usize| u16::from_le_bytes([rest[at], rest[at + 1]]);
    let (left, top, width, height) = (number(0), number(2), number(4), number(6));
    let (bits, descriptor) = (rest[8], rest[9]);
    let alpha = descriptor & 0x0f;
    let first = u16::from_le_bytes([first_low, first_high]);
    let len = u16::from_le_bytes([len_low, len_high]);
    let no_map = map == 0 && first == 0 && len == 0 && entry == 0;
    let colours = match kind {
        1 | 9 => {
            map == 1
                && bits == 8
                && alpha == 0
                && first == 0
                && (2..=256).contains(&len)
                && [24, 32].contains(&entry)
        }
        2 | 10 => no_map && matches!((bits, alpha), (15 | 16 | 24, 0) | (16, 1) | (32, 0 | 8)),
        3 | 11 => no_map && matches!((bits, alpha), (8, 0) | (16, 8)),
        _ => false,
    };
    // The origin is the corner where the rows begin; some writers state the height for the upper one.
    colours && descriptor & 0xc0 == 0 && left == 0 && (top == 0 || top == height) && width > 0 && height > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Content, Raster, decode};

    #[test]
    fn indices_come_in_packets_and_rows_from_either_end() {
        // Three columns, two rows, two colours: a run of four, then two as they are.
        let mut bytes = vec![0, 1, 9, 0, 0, 2, 0, 24, 0, 0, 0, 0, 3, 0, 2, 0, 8, 0x20];
        bytes.extend([30, 20, 10, 60, 50, 40, 0x83, 1, 0x01, 0, 1]);
        for (descriptor, shown) in [
            (0x20, [1, 1, 1, 1, 0, 1]),
            (0, [1, 0, 1, 1, 1, 1]),
            (0x30, [1, 1, 1, 1, 0, 1]),
            (0x10, [1, 0, 1, 1, 1, 1]),
        ] {
            bytes[17] = descriptor;
            let picture = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap();
            assert_eq!(picture.forms[1].raster, Raster::grey(3, 2, shown.to_vec()), "{descriptor:#x}");
            let colour = |index: u8| [[10, 20, 30], [40, 50, 60]][usize::from(index)];
            assert_eq!(picture.forms[0].raster.samples(), shown.map(colour).as_flattened());
        }
        for end in HEAD..bytes.len() {
            let gap = decode(&bytes[..end], Content::of(&bytes), &Limits::default()).unwrap_err();
            assert_eq!(gap, Gap::Truncated(NAME), "cut at {end}");
        }
    }

    const GOOD: [u8; 18] = [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 44, 1, 200, 0, 24, 0x20];

    #[test]
    fn a_header_is_recognised_and_one_with_any_field_wrong_is_not() {
        assert!(is_header(&GOOD));
        assert!(is_header(&[9, 1, 9, 0, 0, 0, 1, 24, 0, 0, 200, 0, 44, 1, 200, 0, 8, 0]));
        for (place, byte) in [
            (1, 1),
            (2, 0),
            (2, 1),
            (2, 4),
            (3, 1),
            (5, 1),
            (7, 24),
            (8, 1),
            (10, 1),
            (16, 23),
            (16, 8),
            (17, 0x40),
            (17, 0x2f),
        ] {
            let mut head = GOOD;
            head[place] = byte;
            assert!(!is_header(&head), "byte {place} as {byte}");
        }
        for side in [12, 14] {
            let mut head = GOOD;
            head[side..side + 2].fill(0);
            assert!(!is_header(&head), "no pixels");
        }
        assert!((0..GOOD.len()).all(|end| !is_header(&GOOD[..end])));
    }

    #[test]
    fn plain_numbers_of_any_width_are_not_taken_for_it() {
        for width in [1, 2, 4, 8] {
            for start in 0..=255_u8 {
                for step in 0..=3_u8 {
                    let numbers = (0..24).flat_map(|at: u8| {
                        let mut number = vec![0; width];
                        number[0] = start.wrapping_add(at.wrapping_mul(step));
                        number
                    });
                    assert!(
                        !is_header(&numbers.collect::<Vec<u8>>()),
                        "{width} bytes from {start} by {step}"
                    );
                }
            }
        }
    }
}
