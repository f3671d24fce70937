//! Windows icons: the largest of the pictures inside, which are PNG files or bitmaps with a mask.

use std::io::Cursor;

use image::ImageFormat;

use super::decode::decode_with_image;
use super::forms::Forms;
use super::{Gap, Limits, png};

const NAME: &str = "ICO";

/// Length of the header, and of each entry after it.
const HEAD: usize = 6;
const ENTRY: usize = 16;

/// True for the first bytes of an icon file: four bytes are a weak signature, so the first entry must fit as well.
pub(super) fn is_header(head: &[u8]) -> bool {
    // Planes are 0 or 1, and a pixel has at most 32 bits.
    head.starts_with(b"\0\0\x01\0") && first_fits(head, 1, 32)
}

/// True for the first bytes of a cursor: an icon with the place of its point where an icon has planes and bits.
pub(super) fn is_cursor(head: &[u8]) -> bool {
    head.starts_with(CURSOR) && first_fits(head, 255, 255)
}

/// How a cursor begins.
const CURSOR: &[u8] = b"\0\0\x02\0";

/// True if the first entry can be one, with numbers up to `fifth` and `sixth` in the fields of 16 bits.
fn first_fits(head: &[u8], fifth: u16, sixth: u16) -> bool {
    let (Some(count), Some(first)) = (u16_at(head, 4), head.get(HEAD..HEAD + ENTRY)) else { return false };
    let (length, offset) = (u32_at(first, 8), u32_at(first, 12));
    let after = (HEAD + ENTRY * usize::from(count)) as u32;
    // One writer has 255 in the reserved byte.
    (1..=256).contains(&count)
        && [0, 255].contains(&first[3])
        && u16_at(first, 4).is_some_and(|found| found <= fifth)
        && u16_at(first, 6).is_some_and(|found| found <= sixth)
        && length.is_some_and(|length| length >= 40)
        && offset.is_some_and(|offset| offset >= after && offset < 1 << 28)
}

/// Decodes the largest picture of an icon file, and among equals the one with most colours.
pub(super) fn decode(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Result<bool, Gap> {
    let count = u16_at(bytes, 4).ok_or(Gap::Truncated(NAME))?;
    let entries = bytes.get(HEAD..HEAD + ENTRY * usize::from(count)).ok_or(Gap::Truncated(NAME))?;
    let cursor = bytes.starts_with(CURSOR);
    let size = |entry: &[u8; ENTRY]| {
        let side = |byte: u8| if byte == 0 { 256 } else { u32::from(byte) };
        let bits = if cursor { None } else { u16_at(entry, 6) };
        (side(entry[0]) * side(entry[1]), bits)
    };
    let best = entries
        .as_chunks::<ENTRY>()
        .0
        .iter()
        .rev()
        .max_by_key(|entry| size(entry))
        .ok_or(Gap::Damaged(NAME))?;
    let at = |place: usize| u32_at(best, place).unwrap_or_default() as usize;
    let picture = bytes.get(at(12)..).and_then(|rest| rest.get(..at(8))).ok_or(Gap::Truncated(NAME))?;
    if picture.starts_with(b"\x89PNG\r\n\x1a\n") {
        return png::decode(picture, limits, forms);
    }
    // The decoder for bitmaps of this kind wants a file around them. In one of our own it cannot choose another
    // picture, and the sides are those of the bitmap, which many files state wrongly in the entry.
    let side = |place: usize| u32_at(picture, place).map(u32::cast_signed).ok_or(Gap::Truncated(NAME));
    let byte = |side: i32| u8::try_from(side).unwrap_or(0);
    let (width, height) = (side(4)?, side(8)? / 2); // the mask counts as rows
    let picture = without_half_a_mask(picture, width, height);
    let mut file = [&b"\0\0\x01\0\x01\0"[..], best].concat();
    file[HEAD + 8..HEAD + 12].copy_from_slice(&(picture.len() as u32).to_le_bytes());
    (file[HEAD], file[HEAD + 1]) = (byte(width), byte(height));
    if cursor {
        file[HEAD + 4..HEAD + 8].fill(0);
    }
    file[HEAD + 12..].copy_from_slice(&((HEAD + ENTRY) as u32).to_le_bytes());
    file.extend(picture);
    decode_with_image(Cursor::new(&file[..]), ImageFormat::Ico, NAME, limits, forms)?;
    Ok(false)
}

/// The bitmap alone if its mask is shorter than it should be: a common writer does not fill up its rows.
fn without_half_a_mask(picture: &[u8], width: i32, height: i32) -> &[u8] {
    let field = |at: usize| u32_at(picture, at).map(u64::from);
    let fields = || Some((field(0)?, u64::from(u16_at(picture, 14)?), field(32)?));
    let Some((header, bits, used)) = fields() else { return picture };
    let (width, height) = (u64::from(width.unsigned_abs()), u64::from(height.unsigned_abs()));
    let colours = match bits {
        1..=8 if used == 0 => 1 << bits,
        1..=8 => used,
        _ => 0,
    };
    // None of these has more than 34 bits.
    let row = |bits: u64| (width * bits).div_ceil(32) * 4;
    let end = (header + 4 * colours).saturating_add(row(bits).saturating_mul(height));
    let short = picture.len() as u64 > end
        && (picture.len() as u64) < end.saturating_add(row(1).saturating_mul(height));
    if short { &picture[..end as usize] } else { picture }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Content, Form, Kind, Raster, decode};

    /// A bitmap of 24 bits, two columns and one row, whose mask hides the second pixel.
    fn bitmap() -> Vec<u8> {
        let mut bytes = [40_u32, 2, 2, 1 | 24 << 16].map(u32::to_le_bytes).concat();
        bytes.resize(40, 0);
        bytes.extend([30, 20, 10, 60, 50, 40, 0, 0]);
        bytes.extend([0b0100_0000, 0, 0, 0]);
        bytes
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let image = image::RgbImage::from_pixel(width, height, image::Rgb([7, 8, 9]));
        image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    fn icon(pictures: &[(u8, u8, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 1, 0, pictures.len() as u8, 0];
        let mut offset = HEAD + ENTRY * pictures.len();
        for (width, height, data) in pictures {
            bytes.extend([*width, *height, 0, 0, 1, 0, 24, 0]);
            bytes.extend((data.len() as u32).to_le_bytes());
            bytes.extend((offset as u32).to_le_bytes());
            offset += data.len();
        }
        pictures.iter().for_each(|(.., data)| bytes.extend(data));
        bytes
    }

    #[test]
    fn the_mask_of_a_bitmap_is_its_alpha() {
        let bytes = icon(&[(2, 1, bitmap())]);
        let picture = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap();
        assert_eq!(picture.forms[0].raster, Raster::rgb(2, 1, vec![10, 20, 30, 255, 255, 255]));
        assert_eq!(picture.forms[2].form, Form::Compat);
        assert_eq!(picture.forms[2].raster, Raster::rgb(2, 1, vec![10, 20, 30, 40, 50, 60]));
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end], Content::of(&bytes), &Limits::default()).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_mask_that_is_too_short_is_left_out() {
        let mut short = bitmap();
        short.truncate(short.len() - 3);
        let bytes = icon(&[(2, 1, short)]);
        let picture = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap();
        assert_eq!(picture.forms[0].raster, Raster::rgb(2, 1, vec![10, 20, 30, 40, 50, 60]));
    }

    #[test]
    fn the_largest_picture_counts_and_256_is_written_as_0() {
        let bytes = icon(&[(9, 9, png(9, 9)), (0, 0, png(256, 256)), (2, 1, bitmap())]);
        let picture = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap();
        assert_eq!((picture.forms.len(), picture.forms[0].raster.width()), (1, 256));
    }

    #[test]
    fn a_cursor_is_an_icon_with_a_point() {
        let icon = icon(&[(2, 1, bitmap())]);
        let mut cursor = icon.clone();
        cursor[2] = 2;
        cursor[HEAD + 4..HEAD + 8].copy_from_slice(&[200, 0, 77, 0]);
        let content = Content::of(&cursor);
        assert_eq!((content.kind, content.name), (Kind::Picture(ImageFormat::Ico), "CUR"));
        let shown = |bytes: &[u8]| decode(bytes, Content::of(bytes), &Limits::default()).unwrap().forms;
        assert_eq!(shown(&cursor)[0].raster, shown(&icon)[0].raster);
        cursor[HEAD + 5] = 1;
        assert_eq!(Content::of(&cursor).kind, Kind::Other);
    }

    #[test]
    fn other_data_that_begin_alike_are_not_taken_for_icons() {
        let good = icon(&[(2, 1, bitmap())]);
        assert_eq!(Content::of(&good).kind, Kind::Picture(ImageFormat::Ico));
        for (place, byte) in [(3, 1), (4, 0), (5, 2), (9, 1), (10, 2), (12, 64), (18, 21)] {
            let mut bytes = good.clone();
            bytes[place] = byte;
            assert_ne!(Content::of(&bytes).kind, Kind::Picture(ImageFormat::Ico), "byte {place}");
        }
    }
}
