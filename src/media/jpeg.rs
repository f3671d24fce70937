//! JPEG, by `zune-jpeg`, which is asked for the numbers as stored so that CMYK is turned into colours here.

use image::metadata::Orientation;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::forms::Forms;
use super::gap::check;
use super::jpeg_scan::Structure;
use super::{Form, Gap, Limits, Raster, budget};

const NAME: &str = "JPEG";
pub(super) const VARIANT: &str = "this variant of JPEG (12-bit, lossless or arithmetic)";

pub(super) fn decode(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Result<(), Gap> {
    let gap = |error| match error {
        DecodeErrors::Unsupported(_) => Gap::NoDecoder(VARIANT),
        // Not every variant has an error of its own.
        _ if is_rare(bytes) => Gap::NoDecoder(VARIANT),
        DecodeErrors::ExhaustedData => Gap::Truncated(NAME),
        _ => Gap::Damaged(NAME),
    };
    // Small faults are common in real files and harmless to the picture; what matters is tested below.
    let options =
        DecoderOptions::default().set_strict_mode(false).set_max_width(65_535).set_max_height(65_535);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(gap)?;
    let (width, height) = decoder.dimensions().ok_or(Gap::Damaged(NAME))?;
    check("pixels", NAME, (width * height) as u64, limits.max_pixels)?;
    let structure = Structure::of(bytes);
    if !structure.ends {
        return Err(Gap::Truncated(NAME));
    }
    let orientation = decoder
        .exif()
        .and_then(|exif| Orientation::from_exif_chunk(exif))
        .unwrap_or(Orientation::NoTransforms);
    let stored = decoder.input_colorspace().ok_or(Gap::Damaged(NAME))?;
    let wanted = match stored {
        ColorSpace::Luma | ColorSpace::CMYK | ColorSpace::YCCK => stored,
        _ => ColorSpace::RGB,
    };
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(wanted));
    let bytes_a_pixel =
        bytes_a_pixel(structure.is_layered(), wanted) + forms.extra_bytes(wanted.num_components() as u64);
    let _permit = budget::take((width * height) as u64 * bytes_a_pixel);
    let samples = decoder.decode().map_err(gap)?;
    drop(decoder);
    let (width, height) = (width as u32, height as u32);
    let pixels = width as usize * height as usize;
    if samples.len() != pixels * wanted.num_components() {
        return Err(Gap::Damaged(NAME));
    }
    if structure.may_be_cut_short(width as usize, wanted.num_components(), &samples)
        && structure.is_cut_short()
    {
        return Err(Gap::Truncated(NAME));
    }
    match wanted {
        ColorSpace::Luma => forms.plain(Raster::grey(width, height, samples), orientation),
        ColorSpace::RGB => forms.plain(Raster::rgb(width, height, samples), orientation),
        _ => {
            let raster = |colour: &dyn Fn([u8; 4]) -> [u8; 3]| {
                let mut out = Vec::with_capacity(pixels * 3);
                for pixel in samples.chunks_exact(4) {
                    let stored = [pixel[0], pixel[1], pixel[2], pixel[3]];
                    let inks = if wanted == ColorSpace::YCCK { from_ycck(stored) } else { stored };
                    out.extend_from_slice(&colour(inks));
                }
                Raster::rgb(width, height, out)
            };
            // Ink is stored inverted, as Adobe does: 255 is no ink, so that light is ink times black.
            let light = |ink: u8, k: u8| ((u32::from(ink) * u32::from(k) + 127) / 255) as u8;
            let shown = raster(&|[c, m, y, k]| [light(c, k), light(m, k), light(y, k)]);
            forms.give(Form::Correct, shown.oriented(orientation));
            // `tx` takes cyan, magenta and yellow, inverted back, for red, green and blue.
            forms.give(Form::Compat, raster(&|[c, m, y, _]| [255 - c, 255 - m, 255 - y]));
        }
    }
    Ok(())
}

/// True if the header of the frame says anything but baseline or progressive with 8 bits.
fn is_rare(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, after @ ..] = rest {
        let (Some(len), 0xc0..=0xfe) = (after.first_chunk::<2>(), *marker) else { return false };
        if matches!(marker, 0xc0..=0xcf) && ![0xc4, 0xc8, 0xcc].contains(marker) {
            return *marker > 0xc2 || after.get(2) != Some(&8);
        }
        rest = after.get(usize::from(u16::from_be_bytes(*len))..).unwrap_or_default();
    }
    false
}

/// The most memory that a pixel takes until the last form of its picture is hashed.
fn bytes_a_pixel(layered: bool, stored: ColorSpace) -> u64 {
    let channels = stored.num_components() as u64;
    // Layers are summed in coefficients of two bytes.
    let decoding = if layered { 3 * channels } else { channels };
    let forms = match channels {
        4 => 4 + 2 * 3, // one form and the same turned, beside what they are made of
        one_form => 2 * one_form,
    };
    decoding.max(forms)
}

/// The stored (inverted) inks of a pixel whose first three are given as luma and chroma of the ink.
fn from_ycck(pixel: [u8; 4]) -> [u8; 4] {
    let (y, cb, cr) = (f32::from(pixel[0]), f32::from(pixel[1]) - 128.0, f32::from(pixel[2]) - 128.0);
    let inverted = |value: f32| 255 - value.round().clamp(0.0, 255.0) as u8;
    [
        inverted(y + 1.402 * cr),
        inverted(y - 0.344_136 * cb - 0.714_136 * cr),
        inverted(y + 1.772 * cb),
        pixel[3],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Content, decode};

    fn sample() -> Vec<u8> {
        let image = image::RgbImage::from_fn(40, 24, |x, y| {
            image::Rgb([(x * 6) as u8, (y * 10) as u8, (x * y) as u8])
        });
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&image).unwrap();
        bytes
    }

    #[test]
    fn no_part_of_a_file_is_taken_for_the_whole() {
        let bytes = sample();
        let content = Content::of(&bytes);
        assert!(decode(&bytes, content, &Limits::default()).is_ok());
        for end in 0..bytes.len() - 1 {
            assert!(decode(&bytes[..end], content, &Limits::default()).is_err(), "cut at {end}");
        }
        let half = [&bytes[..bytes.len() - bytes.len() / 6], &[0xff, 0xd9]].concat();
        assert_eq!(decode(&half, content, &Limits::default()).unwrap_err(), Gap::Truncated(NAME));
    }

    #[test]
    fn data_that_stop_early_show_in_the_pixels() {
        let folders = ["originals", "edits", "forms"].map(|name| format!("testdata/pictures/{name}"));
        let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
        let (mut cuts, mut seen, mut whole, mut alarms) = (0, 0, 0, 0);
        for path in files.map(|entry| entry.unwrap().path()) {
            let bytes = std::fs::read(&path).unwrap();
            if Content::of(&bytes).name != NAME || Structure::of(&bytes).is_layered() {
                continue;
            }
            let picture = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap();
            // As it was stored: turned as a tag says, its last row is another.
            let stored = &picture.forms[picture.forms.len() - 1].raster;
            let (width, channels) = (stored.width() as usize, stored.channels());
            whole += 1;
            alarms += u32::from(Structure::of(&bytes).may_be_cut_short(width, channels, stored.samples()));
            for eighths in 3..8 {
                let cut = [&bytes[..bytes.len() * eighths / 8], &[0xff, 0xd9]].concat();
                if !Structure::of(&cut).is_cut_short() {
                    continue; // cut before the picture began, or in a marker
                }
                cuts += 1;
                let gap = decode(&cut, Content::of(&cut), &Limits::default()).err();
                seen += u32::from(gap == Some(Gap::Truncated(NAME)));
            }
        }
        assert!(cuts > 50 && seen == cuts, "{seen} of {cuts} were seen");
        assert!(alarms * 4 < whole, "{alarms} of {whole} whole files are walked through for nothing");
    }

    #[test]
    fn a_header_with_too_many_pixels_is_refused() {
        let bytes = sample();
        let limits = Limits { max_pixels: 900, ..Limits::default() };
        let gap = decode(&bytes, Content::of(&bytes), &limits).unwrap_err();
        assert!(matches!(gap, Gap::TooLarge { found: 960, limit: 900, .. }));
        assert_eq!(Content::of(&bytes).name, "JPEG");
    }
}
