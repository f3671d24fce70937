//! BMP with a palette of 4 or 8 bits, not packed; all others are left to the decoder that expands them.
//!
//! With 1 bit, what a peer computes from the indices 0 and 1 is below the usable quality, always.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::bmp::BmpDecoder;
use image::metadata::Orientation;

use super::forms::Forms;
use super::gap::check;
use super::palette::{Indexed, unpack};
use super::{Gap, Limits, budget};

const NAME: &str = "BMP";

/// Decodes a BMP with a palette; `None` if it has none that matters here.
pub(super) fn indexed(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Option<Result<(), Gap>> {
    let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let start = number(10)? as usize;
    // The oldest header has 12 bytes and no compression; a negative height says that the first row is the top.
    let (bits, packed, from_top) = match number(14)? {
        12 => (number(22)? >> 16, false, false),
        _ => (number(26)? >> 16, number(30)? != 0, number(22)? >> 31 == 1),
    };
    if packed || ![4, 8].contains(&bits) {
        return None;
    }
    let decoder = BmpDecoder::new(Cursor::new(bytes)).ok()?;
    let colours = decoder.get_palette()?.as_flattened();
    let (width, height) = decoder.dimensions();
    let mut give = || {
        let pixels = u64::from(width) * u64::from(height);
        check("pixels", NAME, pixels, limits.max_pixels)?;
        // Each row starts on a bound of four bytes.
        let len = (width as usize * bits as usize).div_ceil(32) * 4;
        let data = bytes.get(start..).and_then(|data| data.get(..len * height as usize));
        let data = data.ok_or(Gap::Truncated(NAME))?;
        let _permit = budget::take(pixels * Indexed::BYTES);
        let mut indices = Vec::with_capacity(pixels as usize);
        for row in 0..height as usize {
            let row = if from_top { row } else { height as usize - 1 - row };
            let row = &data[row * len..][..len];
            indices.extend((0..width as usize).map(|column| unpack(row, column, bits as usize)));
        }
        Indexed { width, height, indices, colours, alphas: &[] }.give(Orientation::NoTransforms, forms);
        Ok(())
    };
    Some(give())
}

#[cfg(test)]
mod tests {
    use crate::media::{Content, Form, Gap, Limits, Raster, decode};

    /// Three columns, two rows, 4 bits, two colours of which the first is dark red.
    fn sample(height: i32) -> Vec<u8> {
        let mut bytes = b"BM\0\0\0\0\0\0\0\0\x3e\0\0\0\x28\0\0\0\x03\0\0\0".to_vec();
        bytes.extend(height.to_le_bytes());
        bytes.extend([1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend([0, 0, 90, 0, 30, 20, 10, 0]);
        bytes.extend([0x01, 0x10, 0, 0, 0x00, 0x10, 0, 0]);
        bytes
    }

    #[test]
    fn the_lowest_row_comes_first_unless_the_height_is_negative() {
        for (height, indices) in [(2, [0, 0, 1, 0, 1, 1]), (-2, [0, 1, 1, 0, 0, 1])] {
            let bytes = sample(height);
            let picture = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap();
            assert_eq!(picture.forms[1].form, Form::Compat);
            assert_eq!(picture.forms[1].raster, Raster::grey(3, 2, indices.to_vec()));
            let colour = |index: u8| [[90, 0, 0], [10, 20, 30]][usize::from(index)];
            assert_eq!(picture.forms[0].raster.samples(), indices.map(colour).as_flattened());
            let cut = &bytes[..bytes.len() - 1];
            assert_eq!(decode(cut, Content::of(cut), &Limits::default()), Err(Gap::Truncated("BMP")));
        }
    }
}
