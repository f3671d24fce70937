//! JPEG, by `zune-jpeg`, which is asked for the numbers as stored so that CMYK is turned into colours here.

use std::borrow::Cow;

use image::metadata::Orientation;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::forms::Forms;
use super::gap::check;
use super::jpeg_colour::Colour;
use super::jpeg_scan::Structure;
use super::{Form, Gap, Limits, Raster, budget, exif};

const NAME: &str = "JPEG";
pub(super) const VARIANT: &str = "this variant of JPEG (12-bit, lossless, arithmetic or of unusual sampling)";

/// Scans of a progressive picture, at most: each goes over all of it, and may take a few bytes. Encoders write 10 or so.
pub(super) const MOST_SCANS: usize = 100;
/// What is counted of a picture with more of them, and what helps.
pub(super) const SCANS: &str = "scans (a copy in fewer, such as a baseline JPEG, can be checked)";

pub(super) fn decode(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Result<(), Gap> {
    let structure = Structure::of(bytes);
    let gap = |error| match error {
        DecodeErrors::Unsupported(_) => Gap::NoDecoder(VARIANT),
        // Not every variant has an error of its own.
        _ if is_rare(bytes) || structure.is_in_thirds() => Gap::NoDecoder(VARIANT),
        DecodeErrors::ExhaustedData => Gap::Truncated(NAME),
        _ => Gap::Damaged(NAME),
    };
    // Small faults are common in real files and harmless to the picture; what matters is tested below.
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(65_535)
        .set_max_height(65_535)
        .jpeg_set_max_scans(MOST_SCANS);
    let plain = structure.in_plain_terms(bytes);
    let copied = if let Cow::Owned(copy) = &plain { copy.len() as u64 } else { 0 };
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&*plain), options);
    decoder.decode_headers().map_err(gap)?;
    let (width, height) = decoder.dimensions().ok_or(Gap::Damaged(NAME))?;
    check("pixels", NAME, (width * height) as u64, limits.max_pixels)?;
    if !structure.ends {
        return Err(Gap::Truncated(NAME));
    }
    if structure.is_progressive() {
        check(SCANS, NAME, structure.scans as u64, MOST_SCANS as u64)?;
    }
    // The decoder mixes up the rows and columns of these, and says nothing.
    if structure.is_sampled_oddly() {
        return Err(Gap::NoDecoder(VARIANT));
    }
    let orientation = structure.exif.and_then(exif::orientation).unwrap_or(Orientation::NoTransforms);
    let wanted = match structure.colour() {
        Colour::Grey => ColorSpace::Luma,
        Colour::Rgb | Colour::YCbCr | Colour::Unknown => ColorSpace::RGB,
        Colour::Cmyk => ColorSpace::CMYK,
        Colour::Ycck => ColorSpace::YCCK,
    };
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(wanted));
    let bytes_a_pixel =
        bytes_a_pixel(structure.is_layered(), wanted) + forms.extra_bytes(wanted.num_components() as u64);
    let _permit = budget::take((width * height) as u64 * bytes_a_pixel + copied);
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
    use crate::media::{Content, Scale, decode, luma};

    fn sample() -> Vec<u8> {
        let image = image::RgbImage::from_fn(40, 24, |x, y| {
            image::Rgb([(x * 6) as u8, (y * 10) as u8, (x * y) as u8])
        });
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&image).unwrap();
        bytes
    }

    /// `bytes` without its JFIF segment, with `segments` instead.
    fn with_segments(bytes: &[u8], segments: &[(u8, &[u8])]) -> Vec<u8> {
        assert_eq!(&bytes[2..4], [0xff, 0xe0]);
        let after = 4 + usize::from(u16::from_be_bytes([bytes[4], bytes[5]]));
        let mut changed = bytes[..2].to_vec();
        for (marker, body) in segments {
            changed.extend([0xff, *marker]);
            changed.extend((body.len() as u16 + 2).to_be_bytes());
            changed.extend(*body);
        }
        changed.extend(&bytes[after..]);
        changed
    }

    /// Where the body of the first segment with this marker begins.
    fn body(bytes: &[u8], marker: u8) -> usize {
        bytes.windows(2).position(|two| two == [0xff, marker]).unwrap() + 4
    }

    fn with_names(mut bytes: Vec<u8>, names: [u8; 3]) -> Vec<u8> {
        let (frame, scan) = (body(&bytes, 0xc0), body(&bytes, 0xda));
        for (at, name) in names.into_iter().enumerate() {
            (bytes[frame + 6 + 3 * at], bytes[scan + 1 + 2 * at]) = (name, name);
        }
        bytes
    }

    fn shown(bytes: &[u8]) -> Vec<u8> {
        let picture = decode(bytes, Content::of(bytes), &Limits::default()).unwrap();
        picture.forms[0].raster.samples().to_vec()
    }

    #[test]
    fn colour_is_read_as_libjpeg_reads_it() {
        let jfif: (u8, &[u8]) = (0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
        let [rgb, ycc, ycck, other] = [
            (0xee, &b"Adobe\0\x64\0\0\0\0\x00"[..]),
            (0xee, &b"Adobe\0\x64\0\0\0\0\x01"[..]),
            (0xee, &b"Adobe\0\x64\0\0\0\0\x02"[..]),
            (0xee, &b"Adobe\0\x64\0\0\0\0\x09"[..]),
        ];
        let bytes = sample();
        let as_ycc = shown(&bytes);
        let named = with_names(with_segments(&bytes, &[]), *b"RGB");
        let as_rgb = shown(&named);
        // The numbers as they are: far off what they mean as luma and chroma.
        let far = as_ycc.iter().zip(&as_rgb).filter(|(one, other)| one.abs_diff(**other) > 16).count();
        assert!(far * 3 > as_ycc.len(), "{far} of {} samples differ", as_ycc.len());
        for (segments, of_numbers, of_letters) in [
            (&[jfif][..], &as_ycc, &as_ycc),
            (&[], &as_ycc, &as_rgb),
            (&[rgb], &as_rgb, &as_rgb),
            (&[ycc], &as_ycc, &as_ycc),
            (&[ycck], &as_ycc, &as_ycc),
            (&[other], &as_ycc, &as_ycc),
            (&[jfif, rgb], &as_ycc, &as_ycc),
            (&[rgb, ycc], &as_ycc, &as_ycc),
            (&[ycc, rgb], &as_rgb, &as_rgb),
        ] {
            for (names, expected) in [([1, 2, 3], of_numbers), ([0, 1, 2], of_numbers), (*b"RGB", of_letters)]
            {
                let file = with_names(with_segments(&bytes, segments), names);
                assert!(shown(&file) == *expected, "{segments:x?} {names:?}");
                // The readers of luma alone go by the same rule.
                let luma = luma(&file, Scale::Eighth, &Limits::default()).is_some();
                assert_eq!(luma, *expected == as_ycc, "{segments:x?} {names:?}");
            }
        }
    }

    #[test]
    fn sampling_that_the_decoder_mixes_up_is_refused() {
        let gap = |bytes: &[u8]| decode(bytes, Content::of(bytes), &Limits::default()).err();
        let bytes = sample();
        for (samplings, refused) in [
            ([0x11, 0x11, 0x11], false),
            ([0x22, 0x22, 0x22], false),
            ([0x11, 0x21, 0x11], true),
            ([0x11, 0x11, 0x12], true),
            ([0x21, 0x12, 0x12], true),
            ([0x31, 0x11, 0x11], true),
            ([0x13, 0x11, 0x11], true),
        ] {
            let mut file = bytes.clone();
            let frame = body(&file, 0xc0);
            for (at, sampling) in samplings.into_iter().enumerate() {
                file[frame + 7 + 3 * at] = sampling;
            }
            // The data stay those of single blocks, and may end early for larger units.
            assert_eq!(gap(&file) == Some(Gap::NoDecoder(VARIANT)), refused, "{samplings:x?}");
            assert!(!refused || luma(&file, Scale::Eighth, &Limits::default()).is_none(), "{samplings:x?}");
        }
        let mut grey = Vec::new();
        let image = image::GrayImage::from_fn(40, 24, |x, y| image::Luma([(x * y) as u8]));
        image::codecs::jpeg::JpegEncoder::new(&mut grey).encode_image(&image).unwrap();
        let frame = body(&grey, 0xc0);
        for (sampling, expected) in [(0x12, None), (0x33, Some(Gap::NoDecoder(VARIANT)))] {
            grey[frame + 7] = sampling;
            assert_eq!(gap(&grey), expected, "{sampling:x}");
        }
    }

    #[test]
    fn more_scans_than_are_read_are_said_to_be_too_many() {
        let bytes = std::fs::read("testdata/jpeg-skip/progressive.jpg").unwrap();
        let scans = Structure::of(&bytes).scans;
        let start = body(&bytes, 0xda) - 4;
        // The last scan again and again, which changes nothing that matters here.
        let last = (start..bytes.len()).rfind(|at| bytes[*at..].starts_with(&[0xff, 0xda])).unwrap();
        let (before, end) = bytes.split_at(bytes.len() - 2);
        let gap = |more: usize| {
            let file = [before, &before[last..].repeat(more), end].concat();
            decode(&file, Content::of(&file), &Limits::default()).err()
        };
        assert_eq!(gap(MOST_SCANS - scans), None);
        let found = MOST_SCANS as u64 + 1;
        let expected = Gap::TooLarge { name: NAME, unit: SCANS, found, limit: found - 1 };
        assert_eq!(gap(MOST_SCANS + 1 - scans), Some(expected.clone()));
        assert!(expected.to_string().contains("101 scans (a copy in fewer"), "{expected}");
    }

    #[test]
    fn however_many_segments_there_are_the_picture_is_read() {
        let icc = [&b"ICC_PROFILE\0\x01\x64"[..], &[7; 900]].concat();
        let resources = [&b"Photoshop 3.0\0"[..], &[8; 900]].concat();
        let all = [
            (0xe2, &icc[..]),
            (0xed, &resources),
            (0xfe, b"a comment"),
            (0xe1, b"http://ns.adobe.com/xap/1.0/\0"),
        ];
        let bytes = sample();
        let both =
            |file: &[u8]| (shown(file), luma(file, Scale::Eighth, &Limits::default()).map(|luma| luma.plane));
        let crowd = with_segments(&bytes, &all.repeat(100));
        assert!(both(&crowd) == both(&bytes), "before the picture");
        // So between the scans of a picture whose components come one after another.
        let apart = std::fs::read("testdata/jpeg-skip/refused-apart.jpg").unwrap();
        let expected = shown(&apart);
        let first = body(&apart, 0xda);
        let second = first + apart[first..].windows(2).position(|two| two == [0xff, 0xda]).unwrap();
        for count in [1, 63, 64, 65, 200] {
            let segment = [&[0xff, 0xfe, 0, 11][..], b"a comment"].concat();
            let file = [&apart[..second], &segment.repeat(count), &apart[second..]].concat();
            assert!(shown(&file) == expected, "{count} between scans");
        }
    }

    #[test]
    fn of_two_orientations_the_first_counts() {
        let tag = |orientation: u8| {
            let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
            [&b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01"[..], &entry, &[0; 4]].concat()
        };
        for (first, second) in [(6, 1), (1, 6), (3, 8)] {
            let file = with_segments(&sample(), &[(0xe1, &tag(first)), (0xe1, &tag(second))]);
            let alone = with_segments(&sample(), &[(0xe1, &tag(first))]);
            assert!(shown(&file) == shown(&alone), "{first} before {second}");
            let expected = Orientation::from_exif(first);
            let luma = luma(&file, Scale::Eighth, &Limits::default()).unwrap();
            assert_eq!(Some(luma.orientation), expected, "{first} before {second}");
        }
        let turned = with_segments(&sample(), &[(0xe1, b"Exif\0\0"), (0xe1, &tag(6))]);
        assert!(shown(&turned) != shown(&sample()));
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
