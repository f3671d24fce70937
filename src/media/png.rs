//! PNG, row by row, so that samples of 16 bits never exist for the whole picture.

use std::io::Cursor;

use image::metadata::Orientation;
use png::{BitDepth, ColorType, DecodingError, Transformations};

use super::forms::Forms;
use super::gap::check;
use super::palette::{Indexed, unpack};
use super::{Gap, Limits, Raster, budget};

const NAME: &str = "PNG";

/// Decodes a PNG; true if it is animated.
pub(super) fn decode(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Result<bool, Gap> {
    let mut decoder =
        png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: Limits::HEADER_BYTES });
    // Both are compressed, and neither is looked at.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(gap)?;
    let (width, height) = header.size();
    let pixels = u64::from(width) * u64::from(height);
    check("pixels", NAME, pixels, limits.max_pixels)?;
    let indexed = header.color_type == ColorType::Indexed;
    // A palette stays indices; smaller depths of grey become 8 bits, and a transparent colour an alpha channel.
    decoder.set_transformations(if indexed { Transformations::IDENTITY } else { Transformations::EXPAND });
    let mut reader = decoder.read_info().map_err(gap)?;
    let info = reader.info();
    let orientation = info
        .exif_metadata
        .as_deref()
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms);
    let animated = info.is_animated();
    let interlaced = info.interlaced;
    let (colour, depth) = reader.output_color_type();
    let channels = colour.samples();
    let (stored, form) = if indexed { (1, 3) } else { (channels, (channels - 1) & !1 | 1) };
    let whole = if interlaced { reader.output_buffer_size().ok_or(Gap::Damaged(NAME))? as u64 } else { 0 };
    let _permit = budget::take(pixels * (stored + 2 * form) as u64 + whole);

    let row_samples = width as usize * channels;
    let mut samples = Vec::with_capacity(row_samples * height as usize);
    let mut take = |row: &[u8]| match depth {
        BitDepth::Sixteen => samples.extend(row.chunks_exact(2).take(row_samples).map(|pair| {
            // 65,535 is 257 times 255.
            ((u32::from(u16::from_be_bytes([pair[0], pair[1]])) + 128) / 257) as u8
        })),
        BitDepth::Eight => samples.extend(row.iter().take(row_samples)),
        _ => samples.extend((0..width as usize).map(|column| unpack(row, column, depth as usize))),
    };
    if interlaced {
        let mut buffer = vec![0; whole as usize];
        let frame = reader.next_frame(&mut buffer).map_err(gap)?;
        buffer.chunks_exact(frame.line_size.max(1)).take(height as usize).for_each(&mut take);
    } else {
        // A first frame of an animation that is smaller than the picture is found out below.
        while let Some(row) = reader.next_row().map_err(gap)? {
            take(row.data());
        }
    }
    if samples.len() != row_samples * height as usize {
        return Err(Gap::Damaged(NAME));
    }
    match colour {
        ColorType::Indexed => {
            let info = reader.info();
            let colours = info.palette.as_deref().unwrap_or_default();
            let alphas = info.trns.as_deref().unwrap_or_default();
            Indexed { width, height, indices: samples, colours, alphas }.give(orientation, forms);
        }
        ColorType::Grayscale => forms.plain(Raster::grey(width, height, samples), orientation),
        ColorType::Rgb => forms.plain(Raster::rgb(width, height, samples), orientation),
        ColorType::GrayscaleAlpha | ColorType::Rgba => {
            forms.blended(width, height, channels, samples, orientation);
        }
    }
    Ok(animated)
}

fn gap(error: DecodingError) -> Gap {
    match error {
        DecodingError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Gap::Truncated(NAME)
        }
        _ => Gap::Damaged(NAME),
    }
}
