//! TIFF whose colours have another size than their luma, outside JPEG: units of some samples of luma and one of each
//! chroma.
//!
//! The decoder reads no such file, but it unpacks the units if it is told that they are rows of grey.

use image::metadata::Orientation;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

use super::forms::Forms;
use super::gap::check;
use super::tiff::{GREY, JPEG, NAME, NONE, VARIANT, from_luma, gap};
use super::tiff_directory::{Directory, Page};
use super::{Form, Gap, Limits, Raster, budget};

/// How luma and chroma lie in a page.
pub(super) struct Units {
    width: usize,
    height: usize,
    /// Pixels of a unit, across and down.
    across: usize,
    down: usize,
    rows_a_strip: usize,
    method: u16,
}

impl Units {
    /// Those of a page in luma and chroma; `None` if both have the same size, or the method of compression sees to it.
    pub(super) fn of(directory: &Directory<'_>) -> Option<Result<Self, Gap>> {
        // The standard has this for a page that says nothing.
        let [across, down] = directory.pair(Tag::ChromaSubsampling).unwrap_or([2, 2]);
        let method = directory.number(Tag::Compression).map_or(NONE, |method| method as u16);
        if (across, down) == (1, 1) || method == JPEG {
            return None;
        }
        let number = |tag, default| directory.number(tag).unwrap_or(default);
        let (width, height) = (number(Tag::ImageWidth, 0), number(Tag::ImageLength, 0));
        let rows_a_strip = number(Tag::RowsPerStrip, height).min(height);
        let usual = [1, 2, 4].contains(&across)
            && [1, 2, 4].contains(&down)
            && (rows_a_strip % down == 0 || rows_a_strip == height)
            && rows_a_strip > 0
            && width > 0
            && number(Tag::SamplesPerPixel, 1) == 3
            && number(Tag::PlanarConfiguration, 1) == 1
            && number(Tag::Predictor, 1) == 1
            && directory.number(Tag::TileWidth).is_none();
        Some(if usual {
            Ok(Self { width, height, across, down, rows_a_strip, method })
        } else {
            Err(Gap::NoDecoder(VARIANT))
        })
    }

    /// Bytes of a unit.
    fn bytes(&self) -> usize {
        self.across * self.down + 2
    }

    /// Passes on the forms of the page.
    pub(super) fn decode(
        &self,
        directory: &Directory<'_>,
        limits: &Limits,
        forms: &mut Forms<'_>,
    ) -> Result<(), Gap> {
        let pixels = (self.width as u64).saturating_mul(self.height as u64);
        check("pixels", NAME, pixels, limits.max_pixels)?;
        let row = self.width.div_ceil(self.across) * self.bytes();
        let rows = self.height.div_ceil(self.down);
        // A strip that is not the last holds whole units, and the last may be alone.
        let rows_a_strip = self.rows_a_strip.div_ceil(self.down);
        let stored = (row as u64).saturating_mul(rows as u64);
        // Thin pictures have more in their units than pixels.
        check("bytes", NAME, stored, limits.max_pixels.saturating_mul(18))?;
        let _permit = budget::take(stored + pixels * (2 * 3 + forms.extra_bytes(3)));
        let mut page = Page::new(directory);
        let as_grey = [
            (Tag::ImageWidth, row),
            (Tag::ImageLength, rows),
            (Tag::RowsPerStrip, rows_a_strip),
            (Tag::BitsPerSample, 8),
            (Tag::SamplesPerPixel, 1),
            (Tag::PhotometricInterpretation, GREY.into()),
        ];
        for (tag, value) in as_grey {
            let value = u32::try_from(value).map_err(|_| Gap::Damaged(NAME))?;
            // Without a number of rows there is one strip, whatever its rows.
            if !directory.set(&mut page, tag, value) && tag != Tag::RowsPerStrip {
                return Err(Gap::Damaged(NAME));
            }
        }
        let mut allowed = tiff::decoder::Limits::default();
        allowed.decoding_buffer_size = Limits::HEADER_BYTES + stored as usize;
        allowed.intermediate_buffer_size = allowed.decoding_buffer_size;
        allowed.ifd_value_size = Limits::HEADER_BYTES;
        let mut decoder = Decoder::new(page).map_err(gap)?.with_limits(allowed);
        let orientation = decoder.find_tag(Tag::Orientation).ok().flatten();
        let orientation = orientation
            .and_then(|value| Orientation::from_exif(u8::try_from(value.into_u16().ok()?).ok()?))
            .unwrap_or(Orientation::NoTransforms);
        let mut buffer = DecodingResult::U8(Vec::new());
        decoder.read_image_to_buffer(&mut buffer).map_err(gap)?;
        let DecodingResult::U8(units) = buffer else { return Err(Gap::NoDecoder(VARIANT)) };
        if units.len() as u64 != stored {
            return Err(Gap::Damaged(NAME));
        }
        let shown = Raster::rgb(self.width as u32, self.height as u32, self.colours(&units, row));
        drop(units);
        if self.method == NONE {
            // Pillow does not open these.
            forms.give(Form::Correct, shown.oriented(orientation));
        } else {
            forms.plain(shown, orientation);
        }
        Ok(())
    }

    /// Red, green and blue of each pixel, whose chroma is that of its unit.
    fn colours(&self, units: &[u8], row: usize) -> Vec<u8> {
        let mut colours = Vec::with_capacity(self.width * self.height * 3);
        for y in 0..self.height {
            let line = &units[y / self.down * row..][..row];
            for x in 0..self.width {
                let unit = &line[x / self.across * self.bytes()..][..self.bytes()];
                let luma = unit[y % self.down * self.across + x % self.across];
                let [.., cb, cr] = unit else { continue }; // a unit has two and more
                colours.extend(from_luma([luma, *cb, *cr]));
            }
        }
        colours
    }
}

#[cfg(test)]
mod tests {
    use crate::media::tiff::tests::built;
    use crate::media::{Content, Form, Gap, Limits, decode};

    use super::VARIANT;

    /// Pixels of a unit across and down, rows of a strip, the units, the colours.
    type Sample = ([u32; 2], u32, [u8; 36], [u8; 45]);

    /// Five columns and three rows in units of 2 by 2 and of 4 by 1 pixels, and what Pillow 13 (libtiff 4.7) makes of them.
    const UNITS: [Sample; 2] = [
        (
            [2, 2],
            2,
            [
                40, 70, 80, 110, 161, 98, 100, 130, 140, 170, 161, 98, 160, 160, 171, 171, 97, 108, 120, 150,
                120, 150, 161, 98, 180, 181, 180, 181, 97, 108, 211, 211, 211, 211, 33, 119,
            ],
            [
                0, 50, 98, 28, 80, 128, 58, 110, 158, 88, 140, 188, 132, 185, 105, 38, 90, 138, 68, 120, 168,
                98, 150, 198, 128, 180, 228, 143, 196, 116, 78, 130, 178, 108, 160, 208, 152, 205, 125, 153,
                206, 126, 198, 250, 43,
            ],
        ),
        (
            [4, 1],
            1,
            [
                40, 70, 100, 130, 161, 98, 160, 160, 160, 160, 161, 98, 80, 110, 140, 170, 161, 98, 171, 171,
                171, 171, 33, 119, 120, 150, 180, 181, 129, 103, 211, 211, 211, 211, 33, 119,
            ],
            [
                0, 50, 98, 28, 80, 128, 58, 110, 158, 88, 140, 188, 118, 170, 218, 38, 90, 138, 68, 120, 168,
                98, 150, 198, 128, 180, 228, 158, 210, 3, 85, 138, 122, 115, 168, 152, 145, 198, 182, 146,
                199, 183, 198, 250, 43,
            ],
        ),
    ];

    fn file(size: [u32; 2], units: [u32; 2], rows: u32, method: u32, strips: &[Vec<u8>]) -> Vec<u8> {
        let fields: [(u16, &[u32]); 8] = [
            (256, &size[..1]),
            (257, &size[1..]),
            (258, &[8; 3]),
            (259, &[method]),
            (262, &[6]),
            (277, &[3]),
            (278, &[rows]),
            (530, &units),
        ];
        built(&fields, strips)
    }

    #[test]
    fn units_of_luma_and_chroma_are_read_as_libtiff_reads_them() {
        const PACKED: u32 = 32773; // a count less one, then so many bytes
        for (units, rows, samples, expected) in UNITS {
            let strip_bytes = 36 / 3_u32.div_ceil(rows) as usize;
            let strips: Vec<_> = samples.chunks(strip_bytes).map(<[u8]>::to_vec).collect();
            let packed: Vec<_> =
                strips.iter().map(|strip| [&[strip.len() as u8 - 1], &strip[..]].concat()).collect();
            for (method, strips) in [(1, &strips), (PACKED, &packed)] {
                let bytes = file([5, 3], units, rows, method, strips);
                let forms = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap().forms;
                assert_eq!(forms.iter().map(|form| form.form).collect::<Vec<_>>(), [Form::Correct]);
                let found = forms[0].raster.samples();
                let off = found.iter().zip(&expected).map(|(one, other)| one.abs_diff(*other)).max();
                assert!(found.len() == expected.len() && off <= Some(1), "{units:?} {method}: {found:?}");
                for end in 0..bytes.len() - 1 {
                    assert!(decode(&bytes[..end], Content::of(&bytes), &Limits::default()).is_err(), "{end}");
                }
            }
        }
    }

    #[test]
    fn units_of_impossible_sizes_are_refused_before_memory_is_taken() {
        let gap = |size, units, rows| {
            let bytes = file(size, units, rows, 1, &[vec![0; 36]]);
            decode(&bytes, Content::of(&bytes), &Limits::default()).err()
        };
        for (units, rows) in [([3, 1], 3), ([0, 2], 3), ([2, 0], 3), ([5, 5], 3), ([2, 2], 1), ([2, 2], 0)] {
            assert_eq!(gap([5, 3], units, rows), Some(Gap::NoDecoder(VARIANT)), "{units:?} {rows}");
        }
        let large = gap([60_000, 60_000], [2, 2], 60_000);
        assert!(matches!(large, Some(Gap::TooLarge { unit: "pixels", .. })), "{large:?}");
        assert!(gap([1, 65_535], [4, 4], 65_535).is_some(), "more units than data");
    }
}
