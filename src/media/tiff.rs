//! TIFF, page by page; with a palette, in CMYK and in YCbCr here, and all others by the decoder that makes colours of them.

use std::io::{BufReader, Read, Seek};
use std::num::NonZeroUsize;

use image::ImageFormat;
use image::metadata::Orientation;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::decode::decode_with_image;
use super::forms::Forms;
use super::gap::check;
use super::palette::{Indexed, unpack};
use super::tiff_directory::{Directory, Page};
use super::tiff_units::Units;
use super::{Form, Gap, Limits, Raster, budget};

pub(super) const NAME: &str = "TIFF";
pub(super) const VARIANT: &str = "this variant of TIFF (more than 8 bits with a palette, chroma of another size than luma in tiles, or as rare)";

/// Decodes a TIFF; true if it has pages that were not passed on.
pub(super) fn decode(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Result<bool, Gap> {
    let mut directory = Directory::first(bytes).ok_or(Gap::Truncated(NAME))?;
    if directory.next().is_some() {
        forms.expect_pages();
    }
    page(&directory, limits, forms)?;
    let mut visited = vec![directory.at];
    let mut more = false;
    while let Some(at) = directory.next() {
        // Pages that follow one another in a circle have all been seen.
        if visited.contains(&at) {
            break;
        }
        visited.push(at);
        directory = match Directory::of(bytes, at) {
            Some(next) => next,
            None => return Ok(true),
        };
        if !forms.wants_pages() || !directory.pixels().is_some_and(|pixels| forms.next_page(pixels)) {
            return Ok(true);
        }
        more |= page(&directory, limits, forms).is_err();
    }
    Ok(more)
}

fn page(directory: &Directory<'_>, limits: &Limits, forms: &mut Forms<'_>) -> Result<(), Gap> {
    let mut file = Page::new(directory);
    let kind = match directory.photometric() {
        Some((at, PALETTE)) => {
            // The indices are stored as grey is, and the decoder reads them if they are called so.
            file.change(at, GREY.into(), 2);
            PALETTE
        }
        Some((_, kind)) => kind,
        None => 0,
    };
    if kind == LUMA
        && let Some(units) = Units::of(directory)
    {
        return units?.decode(directory, limits, forms);
    }
    if [PALETTE, INKS, LUMA].contains(&kind) {
        match special(file, kind, limits, forms) {
            // CMYK with an alpha, or of another width, is made into colours elsewhere.
            Err(Gap::NoDecoder(_)) if kind == INKS => {}
            result => return result,
        }
        file = Page::new(directory);
    }
    forms.set_multiplied(directory.is_multiplied());
    decode_with_image(BufReader::new(file), ImageFormat::Tiff, NAME, limits, forms)
}

/// Values of the field that says what the samples are.
const PALETTE: u16 = 3;
const INKS: u16 = 5;
const LUMA: u16 = 6;
pub(super) const GREY: u16 = 1;

/// The method of compression that brings its own colours.
pub(super) const JPEG: u16 = 7;
/// No compression.
pub(super) const NONE: u16 = 1;

fn special(file: Page<'_>, kind: u16, limits: &Limits, forms: &mut Forms<'_>) -> Result<(), Gap> {
    let mut decoder = Decoder::new(file).map_err(gap)?;
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
        // Planes are put together before colours are made of them.
        (INKS, ColorType::CMYK(8)) => (4, 4 + 3),
        (INKS, ColorType::CMYK(16)) => (8, 8),
        (LUMA, ColorType::YCbCr(8)) => (3, 2 * 3),
        _ => return Err(Gap::NoDecoder(VARIANT)),
    };
    let _permit = budget::take(pixels * (stored + form + forms.extra_bytes(3)));
    let mut allowed = tiff::decoder::Limits::default();
    allowed.decoding_buffer_size = Limits::HEADER_BYTES + (pixels * stored) as usize;
    allowed.intermediate_buffer_size = allowed.decoding_buffer_size;
    allowed.ifd_value_size = Limits::HEADER_BYTES;
    decoder = decoder.with_limits(allowed);
    let mut buffer = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut buffer).map_err(gap)?;
    let stride = layout.plane_stride.map_or(0, NonZeroUsize::get);
    let samples = match buffer {
        DecodingResult::U8(samples) => interleaved(samples, layout.planes, stride, pixels as usize)?,
        DecodingResult::U16(samples) => {
            let samples = interleaved(samples, layout.planes, stride / 2, pixels as usize)?;
            return deep_inks(width, height, &samples, orientation, forms);
        }
        _ => return Err(Gap::NoDecoder(VARIANT)),
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
    if samples.len() as u64 != pixels * stored {
        return Err(Gap::Damaged(NAME));
    }
    if kind == LUMA {
        let shown = samples.as_chunks::<3>().0.iter().flat_map(|pixel| from_luma(*pixel)).collect();
        let shown = Raster::rgb(width, height, shown);
        // Pillow has the library turn compressed colours into RGB, and takes others for RGB as they are.
        let method = decoder.find_tag_unsigned(Tag::Compression).ok().flatten();
        if method.unwrap_or(NONE) != NONE {
            drop(samples);
            forms.plain(shown, orientation);
        } else {
            forms.give(Form::Correct, shown.oriented(orientation));
            forms.compat(Raster::rgb(width, height, samples), orientation);
        }
        return Ok(());
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

/// Passes on inks of 16 bits, of which `tx` sees the upper 8, as it does those of 8.
fn deep_inks(
    width: u32,
    height: u32,
    samples: &[u16],
    orientation: Orientation,
    forms: &mut Forms<'_>,
) -> Result<(), Gap> {
    let (pixels, _) = samples.as_chunks::<4>();
    if pixels.len() as u64 != u64::from(width) * u64::from(height) {
        return Err(Gap::Damaged(NAME));
    }
    forms.not_eight_bits();
    let light = |ink: u16, k: u16| {
        let light = u32::from(u16::MAX - ink) * u32::from(u16::MAX - k) / u32::from(u16::MAX);
        ((light + 128) / 257) as u8
    };
    let shown =
        pixels.iter().flat_map(|[c, m, y, k]| [light(*c, *k), light(*m, *k), light(*y, *k)]).collect();
    forms.give(Form::Correct, Raster::rgb(width, height, shown).oriented(orientation));
    let upper = pixels.iter().flat_map(|[c, m, y, _]| [c, m, y].map(|ink| (ink >> 8) as u8)).collect();
    forms.compat(Raster::rgb(width, height, upper), orientation);
    Ok(())
}

/// Red, green and blue for each index, of 16 bits each; the file has all reds first.
fn palette(decoder: &mut Decoder<impl Read + Seek>, bits: u8) -> Result<Vec<u8>, Gap> {
    let map = decoder.get_tag_u16_vec(Tag::ColorMap).map_err(gap)?;
    let len = 1 << bits;
    if map.len() < 3 * len {
        return Err(Gap::Damaged(NAME));
    }
    // Some old writers have 8 bits, as `libtiff` knows.
    let shift = if map.iter().all(|value| *value < 256) { 0 } else { 8 };
    Ok((0..len).flat_map(|at| [0, 1, 2].map(|colour| (map[colour * len + at] >> shift) as u8)).collect())
}

/// Samples that are stored in planes, one for each colour, pixel by pixel.
fn interleaved<T: Copy + Default>(
    samples: Vec<T>,
    planes: usize,
    stride: usize,
    pixels: usize,
) -> Result<Vec<T>, Gap> {
    if planes == 1 {
        return Ok(samples);
    }
    if stride == 0 {
        return Err(Gap::Damaged(NAME));
    }
    let mut together = vec![T::default(); pixels * planes];
    for (plane, stored) in samples.chunks_exact(stride).enumerate().take(planes) {
        together.iter_mut().skip(plane).step_by(planes).zip(stored).for_each(|(to, from)| *to = *from);
    }
    // Where memory was short, only the first plane was read.
    if samples.len() < stride * planes { Err(Gap::Damaged(NAME)) } else { Ok(together) }
}

/// Red, green and blue of luma and chroma, with the factors that nearly every file has.
pub(super) fn from_luma([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb]
        .map(|value| value.round().clamp(0.0, 255.0) as u8)
}

/// Samples of less than 8 bits; each row starts on a byte.
fn unpacked(samples: &[u8], width: usize, bits: usize) -> Vec<u8> {
    let rows = samples.chunks_exact((width * bits).div_ceil(8).max(1));
    rows.flat_map(|row| (0..width).map(move |column| unpack(row, column, bits))).collect()
}

pub(super) fn gap(error: TiffError) -> Gap {
    match error {
        TiffError::UnsupportedError(_) => Gap::NoDecoder(VARIANT),
        TiffError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Gap::Truncated(NAME)
        }
        _ => Gap::Damaged(NAME),
    }
}

#[cfg(test)]
pub(super) mod tests {
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

    /// A file of big-endian numbers with these fields, of 16 bits where all are short, and with these strips.
    pub(in crate::media) fn built(fields: &[(u16, &[u32])], strips: &[Vec<u8>]) -> Vec<u8> {
        let lens: Vec<u32> = strips.iter().map(|strip| strip.len() as u32).collect();
        let lay = |starts: &[u32]| {
            let mut fields = fields.to_vec();
            fields.extend([(273, starts), (279, &lens[..])]);
            fields.sort_unstable_by_key(|(tag, _)| *tag);
            let after = 8 + 2 + 12 * fields.len() + 4;
            let (mut list, mut beside) = (Vec::new(), Vec::new());
            for (tag, values) in &fields {
                let short = ![273, 279].contains(tag);
                let value = |value: &u32| {
                    if short { (*value as u16).to_be_bytes().to_vec() } else { value.to_be_bytes().to_vec() }
                };
                let mut bytes: Vec<u8> = values.iter().flat_map(value).collect();
                if bytes.len() > 4 {
                    let at = (after + beside.len()) as u32;
                    beside.extend(std::mem::replace(&mut bytes, at.to_be_bytes().to_vec()));
                }
                bytes.resize(4, 0);
                let kind = if short { 3_u16 } else { 4 };
                list.extend([&tag.to_be_bytes()[..], &kind.to_be_bytes()].concat());
                list.extend([&(values.len() as u32).to_be_bytes()[..], &bytes].concat());
            }
            let count = (fields.len() as u16).to_be_bytes();
            [b"MM\0*\0\0\0\x08", &count[..], &list, &[0; 4], &beside].concat()
        };
        let mut at = lay(&vec![0; strips.len()]).len() as u32;
        let mut starts = Vec::new();
        for len in &lens {
            starts.push(at);
            at += len;
        }
        [lay(&starts), strips.concat()].concat()
    }

    #[test]
    fn inks_of_16_bits_are_seen_as_colours_and_by_their_upper_halves() {
        let pixels = [[0x1234, 0x00ff, 0xff01, 0x8000], [0xffff, 0, 0x7fff, 0x0080_u16]];
        let bytes =
            |numbers: &[u16]| numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<_>>();
        let planes = [0, 1, 2, 3].map(|ink| bytes(&pixels.map(|pixel| pixel[ink])));
        for (layout, strips) in [(1, &[bytes(pixels.as_flattened())][..]), (2, &planes)] {
            let fields: [(u16, &[u32]); 8] = [
                (256, &[2]),
                (257, &[1]),
                (258, &[16; 4]),
                (259, &[1]),
                (262, &[5]),
                (277, &[4]),
                (278, &[1]),
                (284, &[layout]),
            ];
            let bytes = built(&fields, strips);
            let forms = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap().forms;
            let found: Vec<_> = forms.iter().map(|form| (form.form, form.raster.samples())).collect();
            // Light is what both inks let through; Pillow 13 reads the others.
            let (seen, pillow) = ([[118, 127, 0], [0, 255, 127]], [[18, 0, 255], [255, 0, 127]]);
            let expected = [(Form::Correct, seen.as_flattened()), (Form::Compat, pillow.as_flattened())];
            assert_eq!(found, expected, "layout {layout}");
        }
    }

    /// One row of red, green, blue and alpha, whose alpha is of this kind.
    fn with_alpha(kind: u16, pixels: &[[u8; 4]]) -> Vec<u8> {
        let mut file = std::io::Cursor::new(Vec::new());
        let mut encoder = tiff::encoder::TiffEncoder::new(&mut file).unwrap();
        let mut image = encoder.new_image::<tiff::encoder::colortype::RGBA8>(pixels.len() as u32, 1).unwrap();
        image.encoder().write_tag(tiff::tags::Tag::ExtraSamples, &[kind][..]).unwrap();
        image.write_data(pixels.as_flattened()).unwrap();
        file.into_inner()
    }

    #[test]
    fn colours_that_were_multiplied_by_their_alpha_are_not_multiplied_again() {
        let pixels = [[60, 30, 0, 100], [9, 9, 9, 0], [1, 2, 3, 255], [200, 10, 10, 100]];
        let rows = |kind: u16| {
            let bytes = with_alpha(kind, &pixels);
            let forms = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap().forms;
            forms.into_iter().map(|form| (form.form, form.raster.samples().to_vec())).collect::<Vec<_>>()
        };
        // Over white 255 - alpha is added; Pillow gives 255 c / alpha.
        let white = [[215, 185, 155], [255, 255, 255], [1, 2, 3], [255, 165, 165]];
        let black = [[60, 30, 0], [9, 9, 9], [1, 2, 3], [200, 10, 10]];
        let pillow = [[153, 76, 0], [0, 0, 0], [1, 2, 3], [255, 25, 25]];
        let expected = [(Form::Correct, white), (Form::CorrectBlack, black), (Form::Compat, pillow)];
        assert_eq!(rows(1), expected.map(|(form, row)| (form, row.as_flattened().to_vec())));
        assert_eq!(rows(2)[2].1, pixels.map(|[r, g, b, _]| [r, g, b]).as_flattened());
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
