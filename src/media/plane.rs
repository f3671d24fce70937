//! The brightness of a picture alone, at its full size or reduced.

use std::fmt;

/// Luma samples of a picture that may be smaller than the picture: each sample is the mean of a square of pixels.
///
/// Sample `(x, y)` covers the pixels from `(x * scale, y * scale)` on, `scale` of them in each direction; the last ones
/// of a row or column may reach beyond the picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Plane {
    full: (u32, u32),
    scale: u32,
    samples: Vec<u8>,
}

impl Plane {
    /// The plane of a picture of `full` (width, height) pixels, row-major without padding.
    ///
    /// # Panics
    /// If `scale` is 0, or there are not `ceil(width / scale) * ceil(height / scale)` samples.
    #[must_use]
    pub fn new(full: (u32, u32), scale: u32, samples: Vec<u8>) -> Self {
        let plane = Self { full, scale, samples };
        assert_eq!(
            plane.samples.len() as u64,
            u64::from(plane.width()) * u64::from(plane.height()),
            "samples fill the plane"
        );
        plane
    }

    /// Width and height of the picture in pixels.
    #[must_use]
    pub fn full(&self) -> (u32, u32) {
        self.full
    }

    /// Pixels along a side of the square that a sample stands for; 1 at full size.
    #[must_use]
    pub fn scale(&self) -> u32 {
        self.scale
    }

    /// Samples in a row.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.full.0.div_ceil(self.scale)
    }

    /// Rows of samples.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.full.1.div_ceil(self.scale)
    }

    /// All samples.
    #[must_use]
    pub fn samples(&self) -> &[u8] {
        &self.samples
    }
}

/// Pixels are content: never printed.
impl fmt::Debug for Plane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plane({}x{} by {})", self.full.0, self.full.1, self.scale)
    }
}
