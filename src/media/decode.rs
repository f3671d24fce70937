//! A picture file to its forms: the decoder for each kind, and what all kinds share.

use std::io::{BufRead, Cursor, Seek};

use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat};

use super::forms::{Forms, exif_orientation};
use super::gap::check;
#[cfg(feature = "jxl")]
use super::jxl;
use super::{
    Content, FormedRaster, Gap, Kind, Limits, Picture, Raster, bmp, budget, gif, ico, jpeg, png, tga, tiff,
    webp,
};

/// Decodes the picture file `bytes`, recognised as `content`, and keeps all its forms.
///
/// For one picture at a time: what it returns is not counted in [`Limits::MEMORY_BYTES`]. See [`decode_each`].
///
/// # Errors
/// As [`decode_each`].
pub fn decode(bytes: &[u8], content: Content, limits: &Limits) -> Result<Picture, Gap> {
    let mut forms = Vec::new();
    let more_frames = decode_each(bytes, content, limits, &mut |form| forms.push(form))?;
    Ok(Picture { forms, more_frames })
}

/// Decodes the picture file `bytes`, recognised as `content`, and hands its distinct forms to `sink`, the correct one
/// first. Returns whether the file has frames or pages beyond those: too many, too large, or damaged.
///
/// A form that `sink` has dropped is gone before the next is made. Waits until the memory that decoding takes, by the
/// header, is free of [`Limits::MEMORY_BYTES`]; holds it until the forms
/// of that frame or page were taken. So `sink` must not decode, nor
/// wait for threads that do. Never panics on hostile bytes.
///
/// # Errors
/// [`Gap`] if the content is no picture that can be decoded here, is damaged, or is larger than `limits` allow; `sink`
/// was not called then.
pub fn decode_each(
    bytes: &[u8],
    content: Content,
    limits: &Limits,
    sink: &mut dyn FnMut(FormedRaster),
) -> Result<bool, Gap> {
    let name = content.name;
    check("bytes", name, bytes.len() as u64, limits.max_file_bytes)?;
    // Pillow, by which peers read, turns a TIFF when it is opened.
    let forms = &mut Forms::new(sink, limits, content.kind == Kind::Picture(ImageFormat::Tiff));
    match content.kind {
        Kind::Picture(ImageFormat::Jpeg) => jpeg::decode(bytes, limits, forms).map(|()| false),
        Kind::Picture(ImageFormat::Png) => png::decode(bytes, limits, forms),
        Kind::Picture(ImageFormat::Gif) => gif::decode(bytes, limits, forms),
        Kind::Picture(ImageFormat::Tiff) => tiff::decode(bytes, limits, forms),
        Kind::Picture(ImageFormat::Ico) => ico::decode(bytes, limits, forms),
        Kind::Picture(ImageFormat::WebP) if webp::is_animated(bytes) => webp::decode(bytes, limits, forms),
        Kind::Picture(format) => {
            let indexed = match format {
                ImageFormat::Bmp => bmp::indexed(bytes, limits, forms),
                ImageFormat::Tga => tga::indexed(bytes, limits, forms),
                _ => None,
            };
            let others = || decode_with_image(Cursor::new(bytes), format, name, limits, forms);
            indexed.unwrap_or_else(others).map(|()| false)
        }
        #[cfg(feature = "jxl")]
        Kind::JpegXl => jxl::decode(bytes, limits, forms),
        #[cfg(not(feature = "jxl"))]
        Kind::JpegXl => Err(Gap::NoDecoder(super::gap::JPEG_XL_LEFT_OUT)),
        Kind::Undecoded => Err(Gap::NoDecoder(name)),
        Kind::Video => Err(Gap::Video(name)),
        Kind::Container(_) => Err(Gap::Container(name)),
        Kind::Audio | Kind::Text | Kind::Other => Err(Gap::NoDecoder(name)),
    }
}

/// Decodes by the library for all kinds.
pub(super) fn decode_with_image(
    file: impl BufRead + Seek,
    format: ImageFormat,
    name: &'static str,
    limits: &Limits,
    forms: &mut Forms<'_>,
) -> Result<(), Gap> {
    let gap = |error: ImageError| match error {
        ImageError::Unsupported(_) => Gap::NoDecoder(name),
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Gap::Truncated(name)
        }
        _ => Gap::Damaged(name),
    };
    let mut reader = image::ImageReader::with_format(file, format);
    let mut allowed = image::Limits::no_limits();
    allowed.max_alloc = Some(Limits::HEADER_BYTES as u64);
    reader.limits(allowed.clone());
    let mut decoder = reader.into_decoder().map_err(gap)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    check("pixels", name, pixels, limits.max_pixels)?;
    let colour = decoder.color_type();
    let extra = forms.extra_bytes(if colour.has_color() { 3 } else { 1 });
    let _permit = budget::take(pixels * (bytes_a_pixel(format, colour) + extra));
    // Decoders may keep working copies beside the result, of up to 16 bytes a pixel.
    allowed.max_alloc = Some(Limits::HEADER_BYTES as u64 + pixels * 32);
    decoder.set_limits(allowed).map_err(gap)?;
    let orientation = match format {
        ImageFormat::WebP => decoder.exif_metadata().ok().flatten().and_then(|exif| exif_orientation(&exif)),
        _ => decoder.orientation().ok(),
    };
    let orientation = orientation.unwrap_or(Orientation::NoTransforms);
    if colour.bytes_per_pixel() > colour.channel_count() {
        forms.not_eight_bits();
    }
    let image = DynamicImage::from_decoder(decoder).map_err(gap)?;
    give(image, orientation, forms);
    Ok(())
}

/// Passes on the forms of a picture in memory.
pub(super) fn give(image: DynamicImage, orientation: Orientation, forms: &mut Forms<'_>) {
    let (width, height) = (image.width(), image.height());
    let colour = image.color();
    match (colour.has_alpha(), !colour.has_color()) {
        (false, true) => {
            forms.plain(Raster::grey(width, height, image.into_luma8().into_raw()), orientation);
        }
        (false, false) => {
            forms.plain(Raster::rgb(width, height, image.into_rgb8().into_raw()), orientation);
        }
        (true, true) => {
            forms.blended(width, height, 2, image.into_luma_alpha8().into_raw(), orientation);
        }
        (true, false) => forms.blended(width, height, 4, image.into_rgba8().into_raw(), orientation),
    }
}

/// The most memory that a picture takes until its last form is hashed.
fn bytes_a_pixel(format: ImageFormat, colour: ColorType) -> u64 {
    let channels = u64::from(colour.channel_count());
    let stored = u64::from(colour.bytes_per_pixel());
    let decoding = match format {
        // The planes of the lossy kind, or four channels for three.
        ImageFormat::WebP => 8,
        // The samples as they are stored, which for CMYK are four for three.
        ImageFormat::Tiff => 2 * stored + stored / 3,
        _ => stored,
    };
    // Samples of more than 8 bits live beside those made of them; then come a form and the same turned.
    let converting = if stored > channels { stored + channels } else { stored };
    let form = if channels > 2 { 3 } else { 1 };
    decoding.max(converting).max(channels + 2 * form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Form;
    use image::{ImageEncoder, RgbaImage};

    fn png(image: &DynamicImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder.write_image(image.as_bytes(), image.width(), image.height(), image.color().into()).unwrap();
        bytes
    }

    fn forms(bytes: &[u8]) -> Vec<Form> {
        decode(bytes, Content::of(bytes), &Limits::default()).unwrap().forms.iter().map(|f| f.form).collect()
    }

    #[test]
    fn transparency_gives_three_forms_and_opacity_one() {
        let mut image = RgbaImage::from_fn(8, 8, |x, y| image::Rgba([x as u8 * 30, y as u8 * 30, 77, 255]));
        assert_eq!(forms(&png(&image.clone().into())), [Form::Correct]);
        image.get_pixel_mut(3, 3).0[3] = 0;
        assert_eq!(forms(&png(&image.clone().into())), [Form::Correct, Form::CorrectBlack, Form::Compat]);
        let bytes = png(&image.into());
        let picture = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap();
        let pixel = |at: usize| &picture.forms[at].raster.samples()[(3 * 8 + 3) * 3..][..3];
        assert_eq!((pixel(0), pixel(1), pixel(2)), (&[255; 3][..], &[0; 3][..], &[90, 90, 77][..]));
    }

    #[test]
    fn sixteen_bits_are_scaled_not_cut() {
        let image = image::ImageBuffer::<image::Luma<u16>, _>::from_fn(4, 1, |x, _| {
            image::Luma([[0, 257, 32896, 65535][x as usize]])
        });
        let bytes = png(&image.into());
        let picture = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap();
        assert_eq!(picture.forms[0].raster, Raster::grey(4, 1, vec![0, 1, 128, 255]));
    }

    #[test]
    fn a_huge_header_is_refused_before_any_pixel_is_made() {
        let mut bytes = png(&DynamicImage::new_rgb8(2, 2));
        bytes[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]); // 60,000 x 60,000
        let crc = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.to_be_bytes());
        let gap = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap_err();
        assert!(matches!(gap, Gap::TooLarge { unit: "pixels", found: 3_600_000_000, .. }), "{gap}");
    }

    /// The checksum of PNG chunks, bit by bit.
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc: u32, byte| {
            (0..8).fold(
                crc ^ u32::from(*byte),
                |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
            )
        })
    }

    #[test]
    fn every_truncation_of_a_png_is_a_gap_and_no_panic() {
        let image = RgbaImage::from_fn(9, 7, |x, y| image::Rgba([x as u8, y as u8, 7, 200]));
        let bytes = png(&image.into());
        for end in 0..bytes.len() - 12 {
            assert!(decode(&bytes[..end], Content::of(&bytes), &Limits::default()).is_err(), "cut at {end}");
        }
    }
}
