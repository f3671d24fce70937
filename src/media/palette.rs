//! Pictures with a palette, where what a person sees and what `tx` hashes (the palette's indices) are far apart.

use std::io::BufReader;

use image::metadata::Orientation;

use super::forms::{Forms, blend};
use super::gap::check;
use super::{Form, Gap, Limits, Raster, budget};

/// Indices into a palette, and what the palette says.
pub(super) struct Indexed<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) indices: Vec<u8>,
    /// Red, green, blue for each index.
    pub(super) colours: &'a [u8],
    /// For each index, and 255 beyond the end.
    pub(super) alphas: &'a [u8],
}

impl Indexed<'_> {
    /// Bytes a pixel at the most, with the form that is made and the same turned.
    pub(super) const BYTES: u64 = 7;

    /// Passes on the colours over white, over black where that differs, and the indices.
    pub(super) fn give(self, orientation: Orientation, forms: &mut Forms<'_>) {
        if self.is_grey() {
            return forms.plain(Raster::grey(self.width, self.height, self.indices), orientation);
        }
        forms.give(Form::Correct, self.over(255).oriented(orientation));
        if self.is_transparent() {
            forms.give(Form::CorrectBlack, self.over(0).oriented(orientation));
        }
        forms.compat(Raster::grey(self.width, self.height, self.indices), orientation);
    }

    fn over(&self, background: u8) -> Raster {
        let mut table = [[background; 3]; 256];
        for (index, entry) in table.iter_mut().enumerate() {
            let alpha = self.alphas.get(index).copied().unwrap_or(255);
            // An index beyond the palette is a fault of the file; black is what browsers show.
            let colour = self.colours.get(index * 3..index * 3 + 3).unwrap_or(&[0; 3]);
            for (out, sample) in entry.iter_mut().zip(colour) {
                *out = blend(*sample, alpha, background);
            }
        }
        let mut samples = Vec::with_capacity(self.indices.len() * 3);
        for index in &self.indices {
            samples.extend_from_slice(&table[usize::from(*index)]);
        }
        Raster::rgb(self.width, self.height, samples)
    }

    /// True if every index means itself: how formats without grey store it.
    fn is_grey(&self) -> bool {
        let itself = |index: usize| self.colours.get(index * 3..index * 3 + 3) == Some(&[index as u8; 3]);
        let table: [bool; 256] = std::array::from_fn(itself);
        self.indices.iter().all(|index| table[usize::from(*index)]) && !self.is_transparent()
    }

    fn is_transparent(&self) -> bool {
        self.indices
            .iter()
            .any(|index| self.alphas.get(usize::from(*index)).is_some_and(|alpha| *alpha < 255))
    }
}

/// The sample of `bits` bits in `column` of a row that starts on a byte; the first pixel has a byte's highest bits.
pub(super) fn unpack(row: &[u8], column: usize, bits: usize) -> u8 {
    let shift = 8 - bits - column * bits % 8;
    let mask = (1_u16 << bits) - 1;
    (u16::from(row[column * bits / 8]) >> shift & mask) as u8
}

/// Decodes the first frame of a GIF; true if there are more.
pub(super) fn gif(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Result<bool, Gap> {
    let gap = |error| match error {
        gif::DecodingError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Gap::Truncated("GIF")
        }
        _ => Gap::Damaged("GIF"),
    };
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::Indexed);
    let mut decoder = options.read_info(BufReader::new(bytes)).map_err(gap)?;
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    let global = decoder.global_palette().map(<[u8]>::to_vec).unwrap_or_default();
    let frame = decoder.next_frame_info().map_err(gap)?.ok_or(Gap::Truncated("GIF"))?;
    let (left, top) = (u32::from(frame.left), u32::from(frame.top));
    let (frame_width, frame_height) = (u32::from(frame.width), u32::from(frame.height));
    // Some writers leave the screen's size at 0, or smaller than the frame: the frame is what is seen.
    let (width, height) = (width.max(left + frame_width), height.max(top + frame_height));
    let pixels = u64::from(width) * u64::from(height);
    check("pixels", "GIF", pixels, limits.max_pixels)?;
    let _permit = budget::take(pixels * Indexed::BYTES);
    let colours = frame.palette.clone().unwrap_or(global);
    let transparent = frame.transparent;
    let mut pixels = vec![0; decoder.buffer_size()];
    decoder.read_into_buffer(&mut pixels).map_err(gap)?;
    let more_frames = matches!(decoder.next_frame_info(), Ok(Some(_)));

    let whole = (left, top, frame_width, frame_height) == (0, 0, width, height);
    let indices = if whole {
        pixels
    } else {
        on_canvas(pixels, (left, top), frame_width, (width, height), transparent)
    };
    let alphas: Vec<u8> = match transparent {
        Some(index) => (0..=index).map(|at| if at == index { 0 } else { 255 }).collect(),
        None => Vec::new(),
    };
    let indexed = Indexed { width, height, indices, colours: &colours, alphas: &alphas };
    indexed.give(Orientation::NoTransforms, forms);
    Ok(more_frames)
}

/// Lays a frame on a canvas of its transparent index, or of index 0 if it has none.
fn on_canvas(
    pixels: Vec<u8>,
    (left, top): (u32, u32),
    frame_width: u32,
    (width, height): (u32, u32),
    transparent: Option<u8>,
) -> Vec<u8> {
    let mut canvas = vec![transparent.unwrap_or(0); width as usize * height as usize];
    for (row, line) in pixels.chunks_exact((frame_width as usize).max(1)).enumerate() {
        let start = (top as usize + row) * width as usize + left as usize;
        canvas[start..start + line.len()].copy_from_slice(line);
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Content, Picture};

    fn indexed_png(bits: png::BitDepth, width: u32, packed: &[u8], palette: &[u8], alphas: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, 1);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(bits);
        encoder.set_palette(palette.to_vec());
        encoder.set_trns(alphas.to_vec());
        encoder.write_header().unwrap().write_image_data(packed).unwrap();
        bytes
    }

    fn decoded(bytes: &[u8]) -> Picture {
        super::super::decode(bytes, Content::of(bytes), &Limits::default()).unwrap()
    }

    #[test]
    fn a_palette_is_expanded_and_its_indices_are_the_compat_form() {
        let palette = [10, 20, 30, 40, 50, 60, 70, 80, 90, 1, 2, 3];
        let picture =
            decoded(&indexed_png(png::BitDepth::Two, 5, &[0b00_01_10_11, 0b01_00_00_00], &palette, &[]));
        let shown = [10, 20, 30, 40, 50, 60, 70, 80, 90, 1, 2, 3, 40, 50, 60];
        assert_eq!(picture.forms[0].raster, Raster::rgb(5, 1, shown.to_vec()));
        assert_eq!(picture.forms[1].form, Form::Compat);
        assert_eq!(picture.forms[1].raster, Raster::grey(5, 1, vec![0, 1, 2, 3, 1]));
    }

    #[test]
    fn transparent_indices_show_the_background() {
        let picture = decoded(&indexed_png(png::BitDepth::Eight, 2, &[0, 1], &[9, 9, 9, 200, 100, 0], &[0]));
        assert_eq!(picture.forms[0].raster.samples(), [255, 255, 255, 200, 100, 0]);
        assert_eq!(
            (picture.forms[1].form, picture.forms[1].raster.samples()),
            (Form::CorrectBlack, &[0, 0, 0, 200, 100, 0][..])
        );
    }

    #[test]
    fn an_animated_gif_shows_its_first_frame_and_says_that_there_are_more() {
        let mut bytes = Vec::new();
        let mut encoder = gif::Encoder::new(&mut bytes, 3, 2, &[0, 0, 0, 250, 240, 230]).unwrap();
        let small = gif::Frame {
            left: 1,
            top: 1,
            width: 2,
            height: 1,
            buffer: vec![1, 1].into(),
            ..Default::default()
        };
        encoder.write_frame(&small).unwrap();
        encoder.write_frame(&small).unwrap();
        drop(encoder);
        let picture = decoded(&bytes);
        assert!(picture.more_frames);
        assert_eq!(picture.forms[1].raster, Raster::grey(3, 2, vec![0, 0, 0, 0, 1, 1]));
        for end in 6..bytes.len() {
            let _ = super::super::decode(&bytes[..end], Content::of(&bytes), &Limits::default());
        }
    }
}
