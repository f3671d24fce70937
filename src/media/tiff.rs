//! TIFF with a palette or in CMYK; all others are left to the decoder that makes colours of them.

use std::borrow::Cow;
use std::io::Cursor;

use image::metadata::Orientation;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::forms::Forms;
use super::gap::check;
use super::palette::{Indexed, unpack};
use super::{Form, Gap, Limits, Raster, budget};

const NAME: &str = "TIFF";
pub(super) const VARIANT: &str =
    "this variant of TIFF (more than 8 bits with a palette, or something as rare)";

/// Decodes a TIFF with a palette or in CMYK of 8 bits; `None` if it is neither.
pub(super) fn inks_or_palette(
    bytes: &[u8],
    limits: &Limits,
    forms: &mut Forms<'_>,
) -> Option<Result<(), Gap>> {
    let (at, kind) = Directory::first(bytes)?.photometric()?;
    let bytes = match kind {
        PALETTE => Cow::Owned(as_grey(bytes, at)),
        INKS => Cow::Borrowed(bytes),
        _ => return None,
    };
    match decode(&bytes, kind, limits, forms) {
        // CMYK of 16 bits is made into colours elsewhere.
        Err(Gap::NoDecoder(_)) if kind == INKS => None,
        result => Some(result),
    }
}

/// True if the first directory names a second one.
pub(super) fn has_more_pages(bytes: &[u8]) -> bool {
    Directory::first(bytes).and_then(|directory| directory.next()).is_some_and(|next| next != 0)
}

/// Values of the field that says what the samples are.
const PALETTE: u16 = 3;
const INKS: u16 = 5;
const GREY: u16 = 1;

/// The indices are stored as grey is, and the decoder reads them if they are called so.
fn as_grey(bytes: &[u8], at: usize) -> Vec<u8> {
    let grey = if bytes[0] == b'I' { GREY.to_le_bytes() } else { GREY.to_be_bytes() };
    [&bytes[..at], &grey, &bytes[at + 2..]].concat()
}

fn decode(bytes: &[u8], kind: u16, limits: &Limits, forms: &mut Forms<'_>) -> Result<(), Gap> {
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(gap)?;
    let (width, height) = decoder.dimensions().map_err(gap)?;
    let pixels = u64::from(width) * u64::from(height);
    check("pixels", NAME, pixels, limits.max_pixels)?;
    let colour = decoder.colortype().map_err(gap)?;
    let orientation = decoder
        .find_tag(Tag::Orientation)
        .ok()
        .flatten()
        .and_then(|value| Orientation::from_exif(u8::try_from(value.into_u16().ok()?).ok()?))
        .unwrap_or(Orientation::NoTransforms);
    let (stored, form) = match (kind, colour) {
        (PALETTE, ColorType::Gray(bits @ (1 | 2 | 4 | 8))) => (u64::from(bits).div_ceil(8), Indexed::BYTES),
        (INKS, ColorType::CMYK(8)) => (4, 2 * 3),
        _ => return Err(Gap::NoDecoder(VARIANT)),
    };
    let _permit = budget::take(pixels * (stored + form));
    let mut allowed = tiff::decoder::Limits::default();
    allowed.decoding_buffer_size = Limits::HEADER_BYTES + (pixels * stored) as usize;
    allowed.intermediate_buffer_size = allowed.decoding_buffer_size;
    allowed.ifd_value_size = Limits::HEADER_BYTES;
    decoder = decoder.with_limits(allowed);
    let mut buffer = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut buffer).map_err(gap)?;
    let (DecodingResult::U8(samples), 1) = (buffer, layout.planes) else {
        return Err(Gap::NoDecoder(VARIANT));
    };
    if let ColorType::Gray(bits) = colour {
        let colours = palette(&mut decoder, bits)?;
        let indices = match bits {
            8 => samples,
            _ => unpacked(&samples, width as usize, usize::from(bits)),
        };
        if indices.len() as u64 != pixels {
            return Err(Gap::Damaged(NAME));
        }
        Indexed { width, height, indices, colours: &colours, alphas: &[] }.give(orientation, forms);
        return Ok(());
    }
    if samples.len() as u64 != pixels * 4 {
        return Err(Gap::Damaged(NAME));
    }
    let raster = |colour: &dyn Fn([u8; 4]) -> [u8; 3]| {
        let mut out = Vec::with_capacity(samples.len() / 4 * 3);
        samples.as_chunks::<4>().0.iter().for_each(|inks| out.extend_from_slice(&colour(*inks)));
        Raster::rgb(width, height, out)
    };
    // Here 255 is full ink. `tx` takes cyan, magenta and yellow for red, green and blue.
    let light = |ink: u8, k: u8| ((u32::from(255 - ink) * u32::from(255 - k) + 127) / 255) as u8;
    let shown = raster(&|[c, m, y, k]| [light(c, k), light(m, k), light(y, k)]);
    forms.give(Form::Correct, shown.oriented(orientation));
    forms.compat(raster(&|[c, m, y, _]| [c, m, y]), orientation);
    Ok(())
}

/// Red, green and blue for each index, of 16 bits each; the file has all reds first.
fn palette(decoder: &mut Decoder<Cursor<&[u8]>>, bits: u8) -> Result<Vec<u8>, Gap> {
    let map = decoder.get_tag_u16_vec(Tag::ColorMap).map_err(gap)?;
    let len = 1 << bits;
    if map.len() < 3 * len {
        return Err(Gap::Damaged(NAME));
    }
    // Some old writers have 8 bits, as `libtiff` knows.
    let shift = if map.iter().all(|value| *value < 256) { 0 } else { 8 };
    Ok((0..len).flat_map(|at| [0, 1, 2].map(|colour| (map[colour * len + at] >> shift) as u8)).collect())
}

/// Samples of less than 8 bits; each row starts on a byte.
fn unpacked(samples: &[u8], width: usize, bits: usize) -> Vec<u8> {
    let rows = samples.chunks_exact((width * bits).div_ceil(8).max(1));
    rows.flat_map(|row| (0..width).map(move |column| unpack(row, column, bits))).collect()
}

fn gap(error: TiffError) -> Gap {
    match error {
        TiffError::UnsupportedError(_) => Gap::NoDecoder(VARIANT),
        TiffError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Gap::Truncated(NAME)
        }
        _ => Gap::Damaged(NAME),
    }
}

/// The first list of fields of a file.
struct Directory<'a> {
    bytes: &'a [u8],
    /// Where the fields start, 12 bytes each.
    start: usize,
    fields: usize,
}

impl<'a> Directory<'a> {
    fn first(bytes: &'a [u8]) -> Option<Self> {
        let mut directory = Self { bytes, start: 0, fields: 0 };
        let at = directory.number(4, 4)?;
        directory.fields = directory.number(at, 2)?;
        directory.start = at + 2;
        Some(directory)
    }

    fn number(&self, at: usize, len: usize) -> Option<usize> {
        let field = self.bytes.get(at..at.checked_add(len)?)?;
        let fold = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
        Some(if self.bytes[0] == b'I' {
            field.iter().rev().fold(0, fold)
        } else {
            field.iter().fold(0, fold)
        })
    }

    /// What the samples are, and where that is said.
    fn photometric(&self) -> Option<(usize, u16)> {
        let at = (0..self.fields)
            .map(|field| self.start + 12 * field)
            .find(|at| self.number(*at, 2) == Some(usize::from(Tag::PhotometricInterpretation.to_u16())))?;
        Some((at + 8, self.number(at + 8, 2)? as u16))
    }

    /// Where the next directory is, 0 for nowhere.
    fn next(&self) -> Option<usize> {
        self.number(self.start + 12 * self.fields, 4)
    }
}

#[cfg(test)]
mod tests {
    use crate::media::{Content, Form, Limits, Raster, decode};

    /// Three columns, two rows, 4 bits; index 1 is 3, 6, 9, and the picture is to be turned over.
    fn sample() -> Vec<u8> {
        let field = |tag: u16, kind: u16, count: u32, value: u32| {
            let value = if kind == 3 && count == 1 { value << 16 } else { value };
            [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value.to_be_bytes()].concat()
        };
        let after = 8 + 2 + 11 * 12 + 4;
        let fields = [
            field(256, 3, 1, 3),
            field(257, 3, 1, 2),
            field(258, 3, 1, 4),
            field(259, 3, 1, 1),
            field(262, 3, 1, 3),
            field(273, 4, 1, after + 96),
            field(274, 3, 1, 3),
            field(277, 3, 1, 1),
            field(278, 3, 1, 2),
            field(279, 4, 1, 4),
            field(320, 3, 48, after),
        ];
        let mut bytes = b"MM\0*\0\0\0\x08\0\x0b".to_vec();
        bytes.extend(fields.concat());
        bytes.extend([0; 4]);
        for colour in [3, 6, 9_u16] {
            bytes.extend((0..16).flat_map(|index| (index * colour * 257).to_be_bytes()));
        }
        bytes.extend([0x12, 0x30, 0x04, 0x50]);
        bytes
    }

    #[test]
    fn a_palette_is_expanded_and_both_readings_are_turned() {
        let bytes = sample();
        let picture = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap();
        let indices = [5, 4, 0, 3, 2, 1];
        assert_eq!(picture.forms[0].raster.samples(), indices.map(|i| [i * 3, i * 6, i * 9]).as_flattened());
        assert_eq!(picture.forms[1].form, Form::Compat);
        assert_eq!(picture.forms[1].raster, Raster::grey(3, 2, indices.to_vec()));
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end], Content::of(&bytes), &Limits::default()).is_err(), "cut at {end}");
        }
    }
}
