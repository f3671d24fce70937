//! The luma of JPEG files, without their colours and at reduced size if that is enough.

use std::fmt;

use image::metadata::Orientation;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::budget::Permit;
use super::jpeg::MOST_SCANS;
use super::{Limits, Plane, budget, jpeg_skip};

/// How much smaller than the picture its plane of luma is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scale {
    /// As large as the picture.
    Full,
    /// A sample for 4 × 4 pixels: their mean, as far as the lowest 2 × 2 coefficients of a block tell.
    Quarter,
    /// A sample for 8 × 8 pixels, byte for byte what libjpeg-turbo gives at this size.
    Eighth,
}

impl Scale {
    /// Pixels along a side of the square that a sample stands for.
    #[must_use]
    pub fn pixels(self) -> u32 {
        match self {
            Self::Full => 1,
            Self::Quarter => 4,
            Self::Eighth => 8,
        }
    }
}

/// What can be known of a JPEG file before it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct JpegHeader {
    /// Pixels across, as stored.
    pub width: u32,
    /// Pixels down, as stored.
    pub height: u32,
    /// True if the picture comes in layers: then there is no plane at [`Scale::Quarter`].
    pub progressive: bool,
    /// How the stored picture is to be turned for a person.
    pub orientation: Orientation,
}

impl JpegHeader {
    /// Reads the segments before the first scan. `None` if it is certain from them that [`luma`] gives nothing.
    #[must_use]
    pub fn of(bytes: &[u8], limits: &Limits) -> Option<Self> {
        let jpeg_skip::Head { width, height, progressive, orientation, .. } = jpeg_skip::head(bytes, limits)?;
        Some(Self { width, height, progressive, orientation })
    }
}

/// The luma of a picture, and its share of [`Limits::MEMORY_BYTES`] until it is dropped.
pub struct Luma {
    /// The samples, as stored.
    pub plane: Plane,
    /// How the stored picture is to be turned for a person. The plane is not turned: the last samples of a row and a column
    /// may reach beyond the picture, so that a turned plane would begin before it. Turn what is made of it.
    pub orientation: Orientation,
    _permit: Permit<'static>,
}

/// Pixels are content: never printed.
impl fmt::Debug for Luma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Luma({:?}, {:?})", self.plane, self.orientation)
    }
}

/// The luma of a JPEG file, or `None` where the file is for [`decode`](super::decode()): where it is of an unusual kind,
/// damaged, cut short or beyond `limits`.
///
/// Never gives a part of a picture for the whole: at the reduced scales every unit of luma must be there, and the
/// image must end after them; at full scale what [`decode`](super::decode()) takes for whole is taken, and no more.
///
/// Waits for memory as [`decode_each`](super::decode_each) does: who holds a [`Luma`] must not decode. Never panics on
/// hostile bytes.
#[must_use]
pub fn luma(bytes: &[u8], scale: Scale, limits: &Limits) -> Option<Luma> {
    let head = jpeg_skip::head(bytes, limits)?;
    let (full, side) = ((head.width, head.height), scale.pixels());
    let samples = |side: u32| u64::from(full.0.div_ceil(side)) * u64::from(full.1.div_ceil(side));
    // Beside an eighth a sum of four bytes for each block, and a window on the data.
    let reduced = samples(side) + 4 * samples(8) + (1 << 17);
    let permit = budget::take(match scale {
        // The decoder keeps the coefficients of all layers, of two bytes each.
        Scale::Full if head.progressive => samples(1) * (1 + 2 * head.components),
        Scale::Full => samples(1) + reduced,
        Scale::Quarter | Scale::Eighth => reduced,
    });
    let stated = match scale {
        Scale::Full if !head.progressive => jpeg_skip::read::<64>(bytes, limits)?,
        Scale::Quarter => jpeg_skip::read::<4>(bytes, limits)?,
        // The reader takes nothing but whole files, where the decoder fills what is missing with grey and says nothing.
        Scale::Full | Scale::Eighth => jpeg_skip::read::<1>(bytes, limits)?,
    };
    let samples = match scale {
        Scale::Full if head.progressive => stated.seen_in_full(decode_luma(bytes, full)?, full.0)?,
        _ => stated.seen()?,
    };
    Some(Luma { plane: Plane::new(full, side, samples), orientation: head.orientation, _permit: permit })
}

/// All of a file that is known to be whole.
fn decode_luma(bytes: &[u8], (width, height): (u32, u32)) -> Option<Vec<u8>> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(65_535)
        .set_max_height(65_535)
        .jpeg_set_max_scans(MOST_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let samples = decoder.decode().ok()?;
    let sound = decoder.dimensions() == Some((width as usize, height as usize))
        && matches!(decoder.input_colorspace(), Some(ColorSpace::YCbCr | ColorSpace::Luma))
        && samples.len() as u64 == u64::from(width) * u64::from(height);
    sound.then_some(samples)
}
