//! PNG, row by row, so that samples of 16 bits never exist for the whole picture.

use std::io::Cursor;

use image::metadata::Orientation;
use png::{BitDepth, BlendOp, ColorType, DecodingError, DisposeOp, Transformations};

use super::canvas::{Area, Canvas, Disposal};
use super::forms::{Forms, exif_orientation};
use super::gap::check;
use super::palette::{Indexed, unpack};
use super::{Form, Gap, Limits, Raster, budget};

const NAME: &str = "PNG";

/// Decodes a PNG; true if it has frames that were not passed on.
pub(super) fn decode(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Result<bool, Gap> {
    let Some(orientation) = first(bytes, limits, forms)? else { return Ok(false) };
    Ok(!forms.wants_pages() || further(bytes, orientation, forms).is_none_or(|all| !all))
}

/// Decodes what every reader shows; gives the orientation if it is animated.
fn first(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Result<Option<Orientation>, Gap> {
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
        .or_else(|| exif(bytes))
        .and_then(exif_orientation)
        .unwrap_or(Orientation::NoTransforms);
    // Not `is_animated`, which is about the picture at hand: that may stand apart.
    let animated = info.animation_control.is_some();
    let interlaced = info.interlaced;
    if info.bit_depth == BitDepth::Sixteen {
        forms.not_eight_bits();
    }
    let (colour, depth) = reader.output_color_type();
    let channels = colour.samples();
    let (stored, form) = if indexed { (1, 3) } else { (channels, (channels - 1) & !1 | 1) };
    let whole = if interlaced { reader.output_buffer_size().ok_or(Gap::Damaged(NAME))? as u64 } else { 0 };
    let extra = forms.extra_bytes(form as u64);
    let _permit = budget::take(pixels * ((stored + 2 * form) as u64 + extra) + whole);

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
    Ok(animated.then_some(orientation))
}

/// The first chunk of EXIF wherever it stands: the decoder knows only those before the pixels.
fn exif(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(8..)?;
    loop {
        let (len, after) = rest.split_first_chunk::<4>()?;
        let (name, after) = after.split_first_chunk::<4>()?;
        let (data, after) = after.split_at_checked(u32::from_be_bytes(*len) as usize)?;
        if name == b"eXIf" {
            return Some(data);
        }
        rest = after.get(4..)?; // the checksum
    }
}

/// Passes on the frames of an animation as they are composed; true if that was all, `None` if one is damaged.
fn further(bytes: &[u8], orientation: Orientation, forms: &mut Forms<'_>) -> Option<bool> {
    let mut decoder =
        png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: Limits::HEADER_BYTES });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = reader.info().size();
    let pixels = u64::from(width) * u64::from(height);
    let _permit = budget::take(pixels * (Canvas::BYTES + 4));
    let mut canvas = Canvas::new(width, height);
    let mut buffer = vec![0; reader.output_buffer_size()?];
    let (colour, _) = reader.output_color_type();
    let channels = colour.samples();
    // The picture for readers without animation may stand apart from the frames; then it is not drawn.
    let apart = reader.info().frame_control.is_none();
    let frames = reader.info().animation_control?.num_frames.saturating_add(apart.into());
    for number in 0..frames {
        if number > 0 && !forms.next_page(pixels) {
            return Some(false);
        }
        let control =
            if number > 0 { Some(*reader.next_frame_info().ok()?) } else { reader.info().frame_control };
        let frame = reader.next_frame(&mut buffer).ok()?;
        let area = match control {
            Some(at) => Area { left: at.x_offset, top: at.y_offset, width: at.width, height: at.height },
            None => Area { left: 0, top: 0, width, height },
        };
        if (frame.width, frame.height) != (area.width, area.height) {
            return None;
        }
        // Interlaced frames are laid out in rows as long as the canvas is wide.
        let stride = if reader.info().interlaced { width as usize * channels } else { frame.line_size };
        let rows = buffer.chunks_exact(stride.max(1)).take(area.height as usize);
        let drawn =
            rows.flat_map(|row| row[..area.width as usize * channels].chunks_exact(channels)).map(|pixel| {
                match pixel {
                    [grey, alpha] => [*grey, *grey, *grey, *alpha],
                    _ => [pixel[0], pixel[1], pixel[2], pixel[3]],
                }
            });
        let (disposal, over) = control.map_or((Disposal::Clear, false), |control| {
            let disposal = match control.dispose_op {
                DisposeOp::None => Disposal::Keep,
                DisposeOp::Background => Disposal::Clear,
                DisposeOp::Previous => Disposal::Restore,
            };
            (disposal, control.blend_op == BlendOp::Over)
        });
        canvas.draw(area, disposal, over, drawn);
        let shown = canvas.over(255).oriented(orientation);
        if number == 0 {
            forms.remember(&shown);
        } else {
            forms.give(Form::Correct, shown);
        }
    }
    Some(true)
}

fn gap(error: DecodingError) -> Gap {
    match error {
        DecodingError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Gap::Truncated(NAME)
        }
        _ => Gap::Damaged(NAME),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Content, decode};

    #[test]
    fn the_orientation_is_found_before_and_after_the_pixels() {
        let tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let is_turned = |before: bool, exif: &[u8]| {
            let mut bytes = Vec::new();
            let mut writer = png::Encoder::new(&mut bytes, 4, 1).write_header().unwrap();
            if before {
                writer.write_chunk(png::chunk::eXIf, exif).unwrap();
            }
            writer.write_image_data(&[7; 4]).unwrap();
            if !before {
                writer.write_chunk(png::chunk::eXIf, exif).unwrap();
            }
            writer.finish().unwrap();
            let picture = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap();
            picture.forms[0].raster.height() == 4
        };
        for before in [true, false] {
            assert!(is_turned(before, tiff));
            assert!(is_turned(before, &[&b"Exif\0\0"[..], tiff].concat()));
            assert!(!is_turned(before, b"MM\0*"));
        }
    }
}
