//! JPEG XL, where the build has the feature `jxl`.

use image::metadata::Orientation;
use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};
use jxl_oxide::{AllocTracker, EnumColourEncoding, InitializeResult, JxlImage, PixelFormat, RenderingIntent};

use super::decode::give;
use super::forms::Forms;
use super::gap::{JPEG_XL_INKS, check};
use super::{Gap, Limits, budget};

const NAME: &str = "JPEG XL";

/// The decoder works in floating-point numbers of four bytes, on several planes at once, and keeps the frames that
/// later ones refer to.
const BYTES: u64 = 64;

/// Decodes a JPEG XL file; true if it has frames that were not passed on.
pub(super) fn decode(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Result<bool, Gap> {
    // The header alone, to know how much memory the picture needs.
    let header = opened(bytes, Limits::HEADER_BYTES)?;
    let pixels = u64::from(header.width()) * u64::from(header.height());
    drop(header);
    check("pixels", NAME, pixels, limits.max_pixels.min(Limits::MEMORY_BYTES / BYTES))?;
    let allowed = pixels * BYTES + Limits::HEADER_BYTES as u64;
    let _permit = budget::take(allowed);
    let mut image = opened(bytes, allowed as usize)?;
    // A profile that is not one of those with a name cannot be applied here, and is ignored as in other kinds.
    let metadata = &image.image_header().metadata;
    if metadata.xyb_encoded || !metadata.colour_encoding.want_icc() {
        let intent = RenderingIntent::Relative;
        let encoding = if metadata.grayscale() {
            EnumColourEncoding::gray_srgb(intent)
        } else {
            EnumColourEncoding::srgb(intent)
        };
        image.request_color_encoding(encoding);
    }
    if !image.is_loading_done() || image.num_loaded_keyframes() == 0 {
        return Err(Gap::Truncated(NAME));
    }
    forms.not_eight_bits();
    for keyframe in 0..image.num_loaded_keyframes() {
        if keyframe == 0 {
            if image.num_loaded_keyframes() > 1 {
                forms.expect_pages();
            }
            // Stored turned or not, what comes out is upright; and no peer reads this kind.
            give(rendered(&image, 0)?, Orientation::NoTransforms, forms);
            continue;
        }
        if !forms.wants_pages() || !forms.next_page(pixels) {
            return Ok(true);
        }
        let Ok(frame) = rendered(&image, keyframe) else { return Ok(true) };
        give(frame, Orientation::NoTransforms, forms);
    }
    Ok(false)
}

/// The file with all its frames, none of them rendered.
fn opened(bytes: &[u8], memory: usize) -> Result<JxlImage, Gap> {
    let mut opening = JxlImage::builder()
        .pool(jxl_oxide::JxlThreadPool::none())
        .alloc_tracker(AllocTracker::with_limit(memory))
        .build_uninit();
    let mut rest = bytes;
    // Each try starts from the beginning: with a fixed step, a long profile would cost the square of its length.
    let mut step = 4096;
    let mut image = loop {
        if rest.is_empty() {
            return Err(Gap::Truncated(NAME));
        }
        let consumed = opening.feed_bytes(&rest[..step.min(rest.len())]).map_err(damaged)?;
        if consumed == 0 && step >= rest.len() {
            return Err(Gap::Truncated(NAME));
        }
        rest = &rest[consumed..];
        step *= 2;
        match opening.try_init().map_err(damaged)? {
            InitializeResult::NeedMoreData(again) => opening = again,
            InitializeResult::Initialized(image) => break image,
        }
    };
    while !rest.is_empty() && !image.is_loading_done() {
        let consumed = image.feed_bytes(rest).map_err(damaged)?;
        if consumed == 0 {
            break;
        }
        rest = &rest[consumed..];
    }
    image.finalize().map_err(damaged)?;
    Ok(image)
}

fn rendered(image: &JxlImage, keyframe: usize) -> Result<DynamicImage, Gap> {
    let channels = match image.pixel_format() {
        PixelFormat::Gray => 1,
        PixelFormat::Graya => 2,
        PixelFormat::Rgb => 3,
        PixelFormat::Rgba => 4,
        PixelFormat::Cmyk | PixelFormat::Cmyka => return Err(Gap::NoDecoder(JPEG_XL_INKS)),
    };
    let render = image.render_frame(keyframe).map_err(damaged)?;
    let mut stream = render.stream();
    let (width, height) = (stream.width(), stream.height());
    if stream.channels() != channels {
        return Err(Gap::Damaged(NAME));
    }
    let mut samples = vec![0_u8; width as usize * height as usize * channels as usize];
    stream.write_to_buffer(&mut samples);
    let image = match channels {
        1 => GrayImage::from_raw(width, height, samples).map(DynamicImage::from),
        2 => GrayAlphaImage::from_raw(width, height, samples).map(DynamicImage::from),
        3 => RgbImage::from_raw(width, height, samples).map(DynamicImage::from),
        _ => RgbaImage::from_raw(width, height, samples).map(DynamicImage::from),
    };
    image.ok_or(Gap::Damaged(NAME))
}

fn damaged(_: Box<dyn std::error::Error + Send + Sync>) -> Gap {
    Gap::Damaged(NAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Content, Form, Picture, decode as decode_any};

    // Made by libjxl 0.7's `cjxl -d 0`, without loss, of three by two pixels that are written out below.
    const ALPHA: &str = "ff0a0840b0a0b81008081000bc004b188b15526c80ce8d10592710887c4cddc1993cc0507f7ef74467046fdd7ff333\
                         e6f2ff0c7f7a89ee8f47c92aaf02";
    const GREY_ALPHA: &str = "ff0a0840b0282e04080810005c004b188b15525c163c645a7811986444c80081fff9949a7e";
    /// Of a PNG whose EXIF says 6, a quarter turn clockwise.
    const TURNED: &str = "0000000c4a584c200d0a870a00000014667479706a786c20000000006a786c200000003d6a786c63ff0a08400b0414\
                          97040802010098004b188b15526c809e2c54ebc283c86cec880e30349f1fde085ae2b5fb8bf7d8cbff197ef71409";
    /// Four frames: the colours, their complement, the first again, and the first mirrored.
    const ANIMATED: &str = "ff0a0840c100028a4b0208029209000098004b188b15526c809e2c54ebc283c86cec880e30349f1fde085ae2b5fb8b\
                            f7d8cbff197ef7140908029209000094004b188b15525c5f4ff6d085688ae49fd9280e3084f9d0f0c50b607f1e81c6\
                            f3df3f9822cd0008029209000098004b188b15526c809e2c54ebc283c86cec880e30349f1fde085ae2b5fb8bf7d8cb\
                            ff197ef71409080292050090004b188b15525c5f4ff6142533c52edc46708021403f8660aefef9098c5d9cd07fbfc2\
                            b604";
    const COLOURS: [[u8; 3]; 6] =
        [[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30], [40, 50, 60], [70, 80, 90]];

    fn picture(hex: &str) -> Picture {
        let bytes = hex::decode(hex).unwrap();
        for end in 0..bytes.len() - 1 {
            // Of an animation, the frames that are whole are shown, and that there are more is said.
            let cut = decode_any(&bytes[..end], Content::of(&bytes), &Limits::default());
            assert!(cut.is_err() || hex == ANIMATED, "cut at {end}");
        }
        decode_any(&bytes, Content::of(&bytes), &Limits::default()).unwrap()
    }

    fn samples(picture: &Picture, form: Form) -> Vec<u8> {
        picture.forms.iter().find(|found| found.form == form).unwrap().raster.samples().to_vec()
    }

    #[test]
    fn transparency_shows_what_is_behind() {
        let alphas = [255, 128, 0, 255, 1, 200_u32];
        let over = |background: u32| {
            let pixels = COLOURS.iter().zip(alphas).map(|(colour, alpha)| {
                colour.map(|c| ((u32::from(c) * alpha + background * (255 - alpha) + 127) / 255) as u8)
            });
            pixels.collect::<Vec<_>>().as_flattened().to_vec()
        };
        let found = picture(ALPHA);
        assert_eq!(samples(&found, Form::Correct), over(255));
        assert_eq!(samples(&found, Form::CorrectBlack), over(0));
        let (grey, alphas) = ([0, 50, 100, 150, 200, 255_u32], [255, 128, 0, 255, 255, 1_u32]);
        let expected: Vec<u8> = grey
            .iter()
            .zip(alphas)
            .map(|(grey, alpha)| ((grey * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
            .collect();
        assert_eq!(samples(&picture(GREY_ALPHA), Form::Correct), expected);
    }

    #[test]
    fn a_picture_is_turned_as_its_header_says() {
        let found = picture(TURNED);
        let [formed] = &found.forms[..] else { panic!("{} forms", found.forms.len()) };
        assert_eq!((formed.raster.width(), formed.raster.height()), (2, 3));
        let turned = [3, 0, 4, 1, 5, 2].map(|at: usize| COLOURS[at]);
        assert_eq!((formed.form, formed.raster.samples()), (Form::Correct, turned.as_flattened()));
    }

    #[test]
    fn every_distinct_frame_of_an_animation_is_a_form() {
        let found = picture(ANIMATED);
        let forms: Vec<Form> = found.forms.iter().map(|form| form.form).collect();
        assert_eq!(
            (&forms[..], found.more_frames),
            (&[Form::Correct, Form::Frame(2), Form::Frame(4)][..], false)
        );
        assert_eq!(samples(&found, Form::Correct), COLOURS.as_flattened());
        assert_eq!(
            samples(&found, Form::Frame(2)),
            COLOURS.map(|colour| colour.map(|c| 255 - c)).as_flattened()
        );
        let mirrored = [2, 1, 0, 5, 4, 3].map(|at: usize| COLOURS[at]);
        assert_eq!(samples(&found, Form::Frame(4)), mirrored.as_flattened());
    }
}
