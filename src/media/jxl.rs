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
