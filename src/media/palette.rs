//! Pictures with a palette, where what a person sees and what `tx` hashes (the palette's indices) are far apart.

use image::metadata::Orientation;

use super::forms::{Forms, blend};
use super::{Form, Raster};

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
        let shown = self.over(255);
        let transparent = self.is_transparent();
        let stretched = if transparent { None } else { forms.stretched(&shown) };
        forms.give(Form::Correct, shown.oriented(orientation));
        if transparent {
            forms.give(Form::CorrectBlack, self.over(0).oriented(orientation));
        }
        if let Some(raster) = stretched {
            forms.give(Form::Stretch512, raster);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Content, Limits, Picture};

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
}
