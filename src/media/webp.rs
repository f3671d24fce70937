//! Animated WebP. Files of one picture are left to the decoder.
//!
//! Each frame is a picture of its own in the file, and is decoded as one. Composing them is done here, since the
//! decoder's own way leaves out what becomes of a frame when the next one is drawn, and blends a little too dark.

use std::io::Cursor;

use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder};

use super::canvas::{Area, Canvas, Disposal};
use super::forms::{Forms, exif_orientation};
use super::gap::check;
use super::{Form, Gap, Limits, budget};

const NAME: &str = "WebP";

/// True if the header says that there are several frames.
pub(super) fn is_animated(bytes: &[u8]) -> bool {
    bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|flags| flags & 2 != 0)
}

/// Decodes an animation; true if it has frames that were not passed on.
pub(super) fn decode(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Result<bool, Gap> {
    // Width and height of the canvas, less one.
    let side = |at: usize| bytes.get(at..at + 3).map(|side| small(side) + 1).ok_or(Gap::Truncated(NAME));
    let (width, height) = (side(24)?, side(27)?);
    let pixels = u64::from(width) * u64::from(height);
    check("pixels", NAME, pixels, limits.max_pixels)?;
    let orientation = Chunks::of(bytes)
        .find(|(name, _)| *name == b"EXIF")
        .and_then(|(_, exif)| exif_orientation(exif?))
        .unwrap_or(Orientation::NoTransforms);
    // Decoding takes up to 8 bytes a pixel.
    let _permit = budget::take(pixels * (Canvas::BYTES + 8 + forms.extra_bytes(3)));
    let mut canvas = Canvas::new(width, height);
    let mut frames = frames(bytes);
    let first = frames.next().flatten().ok_or(Gap::Truncated(NAME))?;
    first.draw(&mut canvas).ok_or(Gap::Damaged(NAME))?;
    forms.expect_pages();
    forms.blended(width, height, 4, canvas.samples(), orientation);
    for frame in frames {
        if !forms.wants_pages() || !forms.next_page(pixels) {
            return Ok(true);
        }
        let Some(drawn) = frame.and_then(|frame| frame.draw(&mut canvas)) else { return Ok(true) };
        forms.give(Form::Correct, drawn.over(255).oriented(orientation));
    }
    Ok(is_cut(bytes))
}

/// True if the file ends before its header says so, or in the middle of a part: frames may have followed.
///
/// What comes after the end that the header says is no part, and may be anything.
fn is_cut(bytes: &[u8]) -> bool {
    let Some(len) = bytes.get(4..).and_then(<[u8]>::first_chunk) else { return true };
    let end = u64::from(u32::from_le_bytes(*len)) + 8;
    let mut chunks = Chunks::of(bytes);
    while ((bytes.len() - chunks.rest.len()) as u64) < end {
        if !matches!(chunks.next(), Some((_, Some(_)))) {
            return true;
        }
    }
    end > bytes.len() as u64
}

/// A frame, still packed.
struct Frame<'a> {
    area: Area,
    disposal: Disposal,
    over: bool,
    /// Chunks, as a file of one picture has them.
    data: &'a [u8],
}

impl Frame<'_> {
    fn draw<'c>(&self, canvas: &'c mut Canvas) -> Option<&'c Canvas> {
        if self.area.pixels() > canvas.pixels() {
            return None;
        }
        let mut decoder = WebPDecoder::new(Cursor::new(self.file())).ok()?;
        if decoder.dimensions() != (self.area.width, self.area.height) {
            return None;
        }
        let mut allowed = image::Limits::no_limits();
        allowed.max_alloc = Some(Limits::HEADER_BYTES as u64 + self.area.pixels() * 32);
        decoder.set_limits(allowed).ok()?;
        let pixels = DynamicImage::from_decoder(decoder).ok()?.into_rgba8().into_raw();
        canvas.draw(self.area, self.disposal, self.over, pixels.as_chunks::<4>().0.iter().copied());
        Some(canvas)
    }

    /// A file with this frame alone.
    fn file(&self) -> Vec<u8> {
        let mut body = b"WEBP".to_vec();
        if self.data.starts_with(b"ALPH") {
            body.extend(b"VP8X\x0a\0\0\0\x10\0\0\0");
            body.extend(&(self.area.width - 1).to_le_bytes()[..3]);
            body.extend(&(self.area.height - 1).to_le_bytes()[..3]);
        }
        body.extend(self.data);
        [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat()
    }
}

/// All frames, in order; `None` for one that is cut short or too short.
fn frames(bytes: &[u8]) -> impl Iterator<Item = Option<Frame<'_>>> {
    Chunks::of(bytes).filter(|(name, _)| *name == b"ANMF").map(|(_, data)| {
        let (head, data) = data?.split_at_checked(16)?;
        Some(Frame {
            area: Area {
                left: small(&head[..3]) * 2,
                top: small(&head[3..6]) * 2,
                width: small(&head[6..9]) + 1,
                height: small(&head[9..12]) + 1,
            },
            disposal: if head[15] & 1 == 0 { Disposal::Keep } else { Disposal::Clear },
            over: head[15] & 2 == 0,
            data,
        })
    })
}

/// The parts of a file: name and content, which is `None` if the file ends before it does.
struct Chunks<'a> {
    rest: &'a [u8],
}

impl<'a> Chunks<'a> {
    fn of(file: &'a [u8]) -> Self {
        Self { rest: file.get(12..).unwrap_or_default() }
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = (&'a [u8; 4], Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.rest.split_first_chunk::<4>()?;
        let (len, rest) = rest.split_first_chunk::<4>()?;
        let len = u32::from_le_bytes(*len) as usize;
        let data = rest.get(..len);
        // An odd length is filled up.
        self.rest = rest.get(len + len % 2..).unwrap_or_default();
        Some((name, data))
    }
}

/// A number of three bytes, lowest first.
fn small(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Content, Picture, decode};

    /// A lossless picture of one colour, as a chunk.
    fn plain(width: u32, height: u32, colour: [u8; 4]) -> Vec<u8> {
        let mut file = Vec::new();
        let pixels = image::RgbaImage::from_pixel(width, height, image::Rgba(colour));
        image::codecs::webp::WebPEncoder::new_lossless(&mut file)
            .encode(&pixels, width, height, image::ExtendedColorType::Rgba8)
            .unwrap();
        let at = file.windows(4).position(|name| name == b"VP8L").unwrap();
        file.split_off(at)
    }

    fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
        [name, &(data.len() as u32).to_le_bytes(), data].concat()
    }

    fn frame(left: u8, (width, height): (u8, u8), flags: u8, colour: [u8; 4]) -> Vec<u8> {
        let head = [left / 2, 0, 0, 0, 0, 0, width - 1, 0, 0, height - 1, 0, 0, 50, 0, 0, flags];
        chunk(b"ANMF", &[&head[..], &plain(width.into(), height.into(), colour)].concat())
    }

    /// A canvas of 4 by 1.
    fn animation(frames: &[Vec<u8>]) -> Vec<u8> {
        let mut body = b"WEBP".to_vec();
        body.extend(chunk(b"VP8X", &[0x12, 0, 0, 0, 3, 0, 0, 0, 0, 0]));
        body.extend(chunk(b"ANIM", &[0; 6]));
        body.extend(frames.concat());
        chunk(b"RIFF", &body)
    }

    fn decoded(bytes: &[u8]) -> Picture {
        decode(bytes, Content::of(bytes), &Limits::default()).unwrap()
    }

    #[test]
    fn frames_are_composed_and_disposed_of_as_the_format_says() {
        let (red, blue) = ([200, 0, 0, 255], [0, 0, 200, 255]);
        let bytes = animation(&[
            frame(0, (4, 1), 0, red),
            frame(0, (2, 1), 1, blue),
            frame(2, (2, 1), 0, [0, 0, 0, 0]),
            frame(2, (2, 1), 2, [0, 0, 0, 0]),
        ]);
        let picture = decoded(&bytes);
        let (r, b, w) = ([200, 0, 0], [0, 0, 200], [255; 3]);
        let shown: Vec<(Form, Vec<u8>)> =
            picture.forms.iter().map(|form| (form.form, form.raster.samples().to_vec())).collect();
        assert_eq!(
            shown,
            [
                (Form::Correct, [r, r, r, r].as_flattened().to_vec()),
                (Form::Frame(2), [b, b, r, r].as_flattened().to_vec()),
                (Form::Frame(3), [w, w, r, r].as_flattened().to_vec()),
                (Form::Frame(4), [w, w, w, w].as_flattened().to_vec()),
            ]
        );
        assert!(!picture.more_frames);
        for end in 12..bytes.len() {
            let _ = decode(&bytes[..end], Content::of(&bytes), &Limits::default());
        }
    }

    #[test]
    fn the_orientation_is_found_however_the_exif_begins() {
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let red = [200, 0, 0, 255];
        for prefix in [&b""[..], b"Exif\0\0"] {
            let exif = chunk(b"EXIF", &[prefix, exif].concat());
            let head = chunk(b"VP8X", &[0x18, 0, 0, 0, 3, 0, 0, 0, 0, 0]);
            let still = chunk(b"RIFF", &[&b"WEBP"[..], &head, &plain(4, 1, red), &exif].concat());
            for bytes in [still, animation(&[frame(0, (4, 1), 0, red), exif])] {
                let shown = &decoded(&bytes).forms[0].raster;
                assert_eq!((shown.width(), shown.height()), (1, 4));
            }
        }
    }

    #[test]
    fn an_animation_that_was_cut_is_never_whole() {
        let (red, blue) = ([200, 0, 0, 255], [0, 0, 200, 255]);
        let first = animation(&[frame(0, (4, 1), 0, red)]);
        let bytes = animation(&[frame(0, (4, 1), 0, red), frame(0, (4, 1), 0, blue)]);
        for end in 12..bytes.len() {
            let result = decode(&bytes[..end], Content::of(&bytes), &Limits::default());
            match result {
                Ok(picture) => assert!(picture.more_frames && end >= first.len(), "cut at {end}"),
                Err(_) => assert!(end < first.len(), "cut at {end}"),
            }
        }
        // A rest too short for a part, inside what the header says and after it.
        let mut rest = [&bytes[..], b"ANM"].concat();
        assert!(!decoded(&rest).more_frames);
        rest[4..8].copy_from_slice(&(bytes.len() as u32 - 8 + 3).to_le_bytes());
        assert!(decoded(&rest).more_frames);
        assert!(!decoded(&bytes).more_frames);
    }

    #[test]
    fn a_frame_that_is_not_what_its_head_says_ends_the_animation() {
        let red = [200, 0, 0, 255];
        let mut second = frame(0, (4, 1), 0, red);
        second[8 + 6] = 2;
        let picture = decoded(&animation(&[frame(0, (4, 1), 0, red), second]));
        assert_eq!((picture.forms.len(), picture.more_frames), (1, true));
        let huge = [&[0xff; 15][..], &[0]].concat();
        let picture = decoded(&animation(&[frame(0, (4, 1), 0, red), chunk(b"ANMF", &huge)]));
        assert_eq!((picture.forms.len(), picture.more_frames), (1, true));
    }
}
