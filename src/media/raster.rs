//! Eight-bit pixels, grey or RGB.

use image::metadata::Orientation;
use image::{ImageBuffer, Luma, Pixel, Rgb, imageops};

use super::canvas::Area;

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

    /// All samples, for whoever makes the next picture in their place.
    #[must_use]
    pub fn into_samples(self) -> Vec<u8> {
        self.samples
    }

    /// The samples of each row, from the top.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        // A picture without columns has no rows to speak of; `chunks_exact` refuses a length of 0.
        self.samples.chunks_exact((self.width as usize * self.channels()).max(1))
    }

    /// A copy of the part inside `area`, which lies within the picture.
    pub(super) fn cropped(&self, area: Area) -> Self {
        let channels = self.channels();
        let (start, len) = (area.left as usize * channels, area.width as usize * channels);
        let rows = self.rows().skip(area.top as usize).take(area.height as usize);
        let samples = rows.flat_map(|row| &row[start..start + len]).copied().collect();
        Self::new(area.width, area.height, self.channels, samples)
    }

    /// The picture with other sides: a pixel at `(x, y)` is the one at `floor(x * old / new)`, and `y` likewise.
    pub(super) fn nearest(&self, width: u32, height: u32) -> Self {
        let from = |at: u32, old: u32, new: u32| (u64::from(at) * u64::from(old) / u64::from(new)) as usize;
        let channels = self.channels();
        let stride = self.width as usize * channels;
        let columns: Vec<usize> = (0..width).map(|x| from(x, self.width, width) * channels).collect();
        let mut samples = Vec::with_capacity(width as usize * height as usize * channels);
        for y in 0..height {
            let row = &self.samples[from(y, self.height, height) * stride..][..stride];
            columns.iter().for_each(|column| samples.extend_from_slice(&row[*column..*column + channels]));
        }
        Self::new(width, height, self.channels, samples)
    }

    /// The picture as `orientation` wants it shown.
    #[must_use]
    pub fn oriented(self, orientation: Orientation) -> Self {
        if orientation == Orientation::NoTransforms { self } else { self.turned(orientation) }
    }

    /// A turned copy.
    pub(super) fn turned(&self, orientation: Orientation) -> Self {
        fn turn<P: Pixel<Subpixel = u8> + 'static>(
            raster: &Raster,
            orientation: Orientation,
        ) -> (u32, u32, Vec<u8>) {
            let view = ImageBuffer::<P, _>::from_raw(raster.width, raster.height, &*raster.samples)
                .expect("the constructor has counted the samples");
            let turned = match orientation {
                Orientation::NoTransforms => return (raster.width, raster.height, raster.samples.clone()),
                Orientation::Rotate90 => imageops::rotate90(&view),
                Orientation::Rotate180 => imageops::rotate180(&view),
                Orientation::Rotate270 => imageops::rotate270(&view),
                Orientation::FlipHorizontal => imageops::flip_horizontal(&view),
                Orientation::FlipVertical => imageops::flip_vertical(&view),
                Orientation::Rotate90FlipH => {
                    let mut turned = imageops::rotate90(&view);
                    imageops::flip_horizontal_in_place(&mut turned);
                    turned
                }
                Orientation::Rotate270FlipH => {
                    let mut turned = imageops::rotate270(&view);
                    imageops::flip_horizontal_in_place(&mut turned);
                    turned
                }
            };
            (turned.width(), turned.height(), turned.into_raw())
        }
        let (width, height, samples) = match self.channels {
            1 => turn::<Luma<u8>>(self, orientation),
            _ => turn::<Rgb<u8>>(self, orientation),
        };
        Self { width, height, channels: self.channels, samples }
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
