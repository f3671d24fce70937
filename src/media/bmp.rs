//! BMP with a palette of 4 or 8 bits, also with run lengths; all others are left to the decoder that expands them.
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
    let (bits, packing, from_top) = match number(14)? {
        12 => (number(22)? >> 16, 0, false),
        _ => (number(26)? >> 16, number(30)?, number(22)? >> 31 == 1),
    };
    // Run lengths of 8 bits are packing 1, of 4 bits packing 2.
    let packed = match (packing, bits) {
        (0, 4 | 8) => false,
        (1, 8) | (2, 4) => true,
        _ => return None,
    };
    let decoder = BmpDecoder::new(Cursor::new(bytes)).ok()?;
    let colours = decoder.get_palette()?.as_flattened();
    let (width, height) = decoder.dimensions();
    let mut give = || {
        let pixels = u64::from(width) * u64::from(height);
        check("pixels", NAME, pixels, limits.max_pixels)?;
        let data = bytes.get(start..).ok_or(Gap::Truncated(NAME))?;
        let _permit = budget::take(pixels * (Indexed::BYTES + forms.extra_bytes(3)));
        if packed {
            let mut indices = unpacked(data, (width as usize, height as usize), bits as usize)?;
            if !from_top {
                let rows: Vec<&[u8]> = indices.chunks_exact((width as usize).max(1)).rev().collect();
                indices = rows.concat();
            }
            Indexed { width, height, indices, colours, alphas: &[] }.give(Orientation::NoTransforms, forms);
            return Ok(());
        }
        // Each row starts on a bound of four bytes.
        let len = (width as usize * bits as usize).div_ceil(32) * 4;
        let data = data.get(..len * height as usize).ok_or(Gap::Truncated(NAME))?;
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

/// Indices from run lengths, lowest row first as they are stored. What is jumped over has index 0.
fn unpacked(data: &[u8], (width, height): (usize, usize), bits: usize) -> Result<Vec<u8>, Gap> {
    let mut indices = vec![0; width * height];
    let (mut column, mut row) = (0, 0);
    // What runs beyond the end of a row is cut off.
    let mut put = |column: &mut usize, row: usize, index: u8| {
        if *column < width && row < height {
            indices[row * width + *column] = index;
        }
        *column += 1;
    };
    let mut codes = data;
    loop {
        let (code, rest) = codes.split_first_chunk::<2>().ok_or(Gap::Truncated(NAME))?;
        codes = rest;
        match *code {
            [0, 0] => (column, row) = (0, row + 1),
            [0, 1] => return Ok(indices),
            [0, 2] => {
                let (by, rest) = codes.split_first_chunk::<2>().ok_or(Gap::Truncated(NAME))?;
                (column, row) = (column + usize::from(by[0]), row + usize::from(by[1]));
                codes = rest;
            }
            // As many indices as they are, filled up to two bytes.
            [0, count] => {
                let bytes = (usize::from(count) * bits).div_ceil(16) * 2;
                let (stored, rest) = codes.split_at_checked(bytes).ok_or(Gap::Truncated(NAME))?;
                (0..usize::from(count)).for_each(|at| put(&mut column, row, unpack(stored, at, bits)));
                codes = rest;
            }
            // The index again and again; of 4 bits, two by turns.
            [count, indices] => {
                let pair = [indices; 1];
                (0..usize::from(count))
                    .for_each(|at| put(&mut column, row, unpack(&pair, at % (8 / bits), bits)));
            }
        }
        if row >= height {
            return Ok(indices);
        }
    }
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
    fn run_lengths_are_followed_and_cut_off_at_the_edge() {
        let run = |packing: u8, bits: u8, codes: &[u8]| {
            let mut bytes = sample(2);
            (bytes[28], bytes[30]) = (bits, packing);
            bytes.truncate(0x3e);
            bytes.extend(codes);
            decode(&bytes, Content::of(&bytes), &Limits::default())
        };
        // The lower row: 1, 0, 1; the upper one: nothing, then 1 beyond the edge too.
        let eight: &[u8] = &[1, 1, 0, 3, 0, 1, 1, 0, 0, 0, 0, 2, 1, 0, 9, 1, 0, 1];
        let four: &[u8] = &[0, 3, 0x10, 0x10, 0, 0, 0, 2, 1, 0, 9, 0x11, 0, 1];
        let expected = Raster::grey(3, 2, vec![0, 1, 1, 1, 0, 1]);
        assert_eq!(run(1, 8, eight).unwrap().forms[1].raster, expected);
        assert_eq!(run(2, 4, four).unwrap().forms[1].raster, expected);
        for end in 0..four.len() {
            assert_eq!(run(2, 4, &four[..end]), Err(Gap::Truncated("BMP")), "cut at {end}");
        }
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
