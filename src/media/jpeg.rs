//! JPEG, by `zune-jpeg`, which is asked for the numbers as stored so that CMYK is turned into colours here.

use image::metadata::Orientation;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::gap::check;
use super::{Gap, Limits, Picture, Raster};

const NAME: &str = "JPEG";

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture, Gap> {
    let gap = |error| match error {
        DecodeErrors::Unsupported(_) => {
            Gap::NoDecoder("this variant of JPEG (12-bit, lossless or arithmetic)")
        }
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
    if !is_complete(bytes) {
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
    let samples = decoder.decode().map_err(gap)?;
    let (width, height) = (width as u32, height as u32);
    let pixels = width as usize * height as usize;
    if samples.len() != pixels * wanted.num_components() {
        return Err(Gap::Damaged(NAME));
    }
    Ok(match wanted {
        ColorSpace::Luma => Picture::opaque(Raster::grey(width, height, samples), None, orientation),
        ColorSpace::RGB => Picture::opaque(Raster::rgb(width, height, samples), None, orientation),
        _ => {
            let inks = |pixel: &[u8]| {
                if wanted == ColorSpace::YCCK {
                    from_ycck(pixel)
                } else {
                    [pixel[0], pixel[1], pixel[2], pixel[3]]
                }
            };
            let four = samples.chunks_exact(4);
            // Ink is stored inverted, as Adobe does: 255 is no ink, so that light is ink times black.
            let shown = four.clone().flat_map(|pixel| {
                let [c, m, y, k] = inks(pixel).map(u32::from);
                [c, m, y].map(|ink| ((ink * k + 127) / 255) as u8)
            });
            // `tx` takes cyan, magenta and yellow, inverted back, for red, green and blue.
            let compat = four.flat_map(|pixel| {
                let [c, m, y, _] = inks(pixel);
                [255 - c, 255 - m, 255 - y]
            });
            Picture::opaque(
                Raster::rgb(width, height, shown.collect()),
                Some(Raster::rgb(width, height, compat.collect())),
                orientation,
            )
        }
    })
}

/// The stored (inverted) inks of a pixel whose first three are given as luma and chroma of the ink.
fn from_ycck(pixel: &[u8]) -> [u8; 4] {
    let (y, cb, cr) = (f32::from(pixel[0]), f32::from(pixel[1]) - 128.0, f32::from(pixel[2]) - 128.0);
    let inverted = |value: f32| 255 - value.round().clamp(0.0, 255.0) as u8;
    [
        inverted(y + 1.402 * cr),
        inverted(y - 0.344_136 * cb - 0.714_136 * cr),
        inverted(y + 1.772 * cb),
        pixel[3],
    ]
}

/// True if the entropy-coded data end in an end-of-image marker. The decoder would fill a missing rest with grey and
/// say nothing, and a hash of grey matches nothing.
fn is_complete(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        let Some(start) = rest.iter().position(|byte| *byte == 0xff) else { return false };
        let Some(&marker) = rest.get(start + 1) else { return false };
        rest = &rest[start + 1..];
        match marker {
            0xd9 => return true,
            // A filler byte may itself start a marker.
            0xff => {}
            // A stuffed byte, or a marker without a body.
            0x00 | 0x01 | 0xd0..=0xd8 => rest = &rest[1..],
            // A segment says how long it is; its body may hold a whole thumbnail with an end of its own.
            _ => {
                let Some(&[high, low]) = rest.get(1..3) else { return false };
                match rest.get(1 + usize::from(u16::from_be_bytes([high, low]))..) {
                    Some(after) => rest = after,
                    None => return false,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Content;

    fn sample(quality: u8) -> Vec<u8> {
        let image = image::RgbImage::from_fn(40, 24, |x, y| {
            image::Rgb([(x * 6) as u8, (y * 10) as u8, (x * y) as u8])
        });
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&image).unwrap();
        bytes
    }

    #[test]
    fn a_whole_file_is_complete_and_no_part_of_it_is() {
        let bytes = sample(90);
        assert!(is_complete(&bytes));
        assert!(is_complete(&[&bytes[..], b"trailing"].concat()));
        for end in 0..bytes.len() - 1 {
            assert!(!is_complete(&bytes[..end]), "cut at {end}");
            assert!(decode(&bytes[..end], &Limits::default()).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn the_end_of_a_thumbnail_is_not_the_end() {
        let bytes = sample(90);
        let thumbnail = sample(10);
        let mut with_thumbnail = bytes[..2].to_vec();
        with_thumbnail.extend([0xff, 0xe5]);
        with_thumbnail.extend((thumbnail.len() as u16 + 2).to_be_bytes());
        with_thumbnail.extend(&thumbnail);
        with_thumbnail.extend(&bytes[2..bytes.len() - 2]);
        assert!(!is_complete(&with_thumbnail));
        with_thumbnail.extend([0xff, 0xd9]);
        assert!(is_complete(&with_thumbnail));
    }

    #[test]
    fn a_header_with_too_many_pixels_is_refused() {
        let gap = decode(&sample(90), &Limits { max_pixels: 900, ..Limits::default() }).unwrap_err();
        assert!(matches!(gap, Gap::TooLarge { found: 960, limit: 900, .. }));
        assert_eq!(Content::of(&sample(90)).name, "JPEG");
    }
}
