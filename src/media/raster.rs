//! Eight-bit pixels, grey or RGB.

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};

/// A decoded picture, row-major, without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Raster {
    width: u32,
    height: u32,
    channels: u8,
    samples: Vec<u8>,
}

impl Raster {
    /// One byte a pixel.
    ///
    /// # Panics
    /// If there are not `width * height` samples.
    #[must_use]
    pub fn grey(width: u32, height: u32, samples: Vec<u8>) -> Self {
        Self::new(width, height, 1, samples)
    }

    /// Red, green, blue for each pixel.
    ///
    /// # Panics
    /// If there are not `3 * width * height` samples.
    #[must_use]
    pub fn rgb(width: u32, height: u32, samples: Vec<u8>) -> Self {
        Self::new(width, height, 3, samples)
    }

    fn new(width: u32, height: u32, channels: u8, samples: Vec<u8>) -> Self {
        assert_eq!(
            samples.len() as u64,
            u64::from(width) * u64::from(height) * u64::from(channels),
            "samples fill the picture"
        );
        Self { width, height, channels, samples }
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Samples in a pixel: 1 for grey, 3 for RGB.
    #[must_use]
    pub fn channels(&self) -> usize {
        usize::from(self.channels)
    }

    /// All samples.
    #[must_use]
    pub fn samples(&self) -> &[u8] {
        &self.samples
    }

    /// The samples of each row, from the top.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        // A picture without columns has no rows to speak of; `chunks_exact` refuses a length of 0.
        self.samples.chunks_exact((self.width as usize * self.channels()).max(1))
    }

    /// The picture as `orientation` wants it shown.
    #[must_use]
    pub fn oriented(self, orientation: Orientation) -> Self {
        if orientation == Orientation::NoTransforms {
            return self;
        }
        let mut image = match self.channels {
            1 => GrayImage::from_raw(self.width, self.height, self.samples).map(DynamicImage::from),
            _ => RgbImage::from_raw(self.width, self.height, self.samples).map(DynamicImage::from),
        }
        .expect("the constructor has counted the samples");
        image.apply_orientation(orientation);
        let (width, height) = (image.width(), image.height());
        Self { width, height, channels: self.channels, samples: image.into_bytes() }
    }
}

/// Pixels are content: never printed.
impl std::fmt::Debug for Raster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Raster({}x{}x{})", self.width, self.height, self.channels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orientation_moves_pixels_as_exif_says() {
        // 1 2 3      rotated by 90 degrees clockwise:  4 1
        // 4 5 6                                        5 2
        //                                              6 3
        let raster = Raster::grey(3, 2, vec![1, 2, 3, 4, 5, 6]).oriented(Orientation::Rotate90);
        assert_eq!((raster.width(), raster.height(), raster.samples()), (2, 3, &[4, 1, 5, 2, 6, 3][..]));
    }
}
