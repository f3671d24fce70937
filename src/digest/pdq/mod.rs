//! PDQ: 256 bits and a quality, in eight orientations.
//!
//! After Facebook's PDQ (ThreatExchange, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm",
//! 2019). [`PdqHash::of`] is bit-equal to `pdqhash` 0.2.8 on the same pixels: every sum keeps the order of the
//! reference's additions, since each bit is a comparison of rounded floats. [`PdqHash::of_plane`] takes all filters as
//! one weighted mean, which costs a tenth.

mod blur;
mod dct;
mod fold;
mod slide;
#[cfg(test)]
mod tests;

use image::metadata::Orientation;
use serde::Serialize;

use super::{Pdq, Quality};
use crate::kernel::lanes::Lanes;
use crate::kernel::{Code256, Distance};
use crate::media::{Plane, Raster};

/// The side of the square that hashing starts from.
const SIDE: usize = 64;
/// Pictures with a side below this give no hash.
const SMALLEST_SIDE: u32 = 5;
/// Beyond it windows are too large to be divided by without a division.
const LONGEST_SIDE: u32 = 128 * slide::Divisor::LARGEST as u32;

/// The eight ways in which a picture can lie, by upstream's names (`rotate90` is counter-clockwise).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transform {
    /// As it is.
    Original,
    /// A quarter turn counter-clockwise.
    Rotate90,
    /// Half a turn.
    Rotate180,
    /// A quarter turn clockwise.
    Rotate270,
    /// Top and bottom exchanged.
    FlipX,
    /// Left and right exchanged.
    FlipY,
    /// Mirrored in the diagonal from the upper left.
    FlipPlus1,
    /// Mirrored in the other diagonal.
    FlipMinus1,
}

impl Transform {
    /// All eight, in the order of [`PdqHash::dihedral`].
    pub const ALL: [Self; 8] = [
        Self::Original,
        Self::Rotate90,
        Self::Rotate180,
        Self::Rotate270,
        Self::FlipX,
        Self::FlipY,
        Self::FlipPlus1,
        Self::FlipMinus1,
    ];

    /// `original`, `rotate90`, `flipx`, `flipminus1` …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Rotate90 => "rotate90",
            Self::Rotate180 => "rotate180",
            Self::Rotate270 => "rotate270",
            Self::FlipX => "flipx",
            Self::FlipY => "flipy",
            Self::FlipPlus1 => "flipplus1",
            Self::FlipMinus1 => "flipminus1",
        }
    }
}

/// A picture's PDQ hash in all eight orientations, from one transform, and its quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PdqHash {
    /// The hashes, in the order of [`Transform::ALL`]; the first is the hash of the picture as it is.
    pub dihedral: [Pdq; 8],
    /// The quality, the same for all eight.
    pub quality: Quality,
}

impl PdqHash {
    /// The hash of the picture as it is.
    #[must_use]
    pub fn original(&self) -> Pdq {
        self.dihedral[0]
    }

    /// How far the picture is from `other`, as it is and turned: in the order of [`Transform::ALL`].
    #[must_use]
    pub fn distances(&self, other: Pdq) -> [Distance; 8] {
        self.dihedral.map(|turned| turned.code().distance(other.code()))
    }

    /// Hashes a picture. One with a side below 5 pixels gives all zeros and quality 0.
    ///
    /// Reads each row once; beside the picture it takes memory for a hundredth of its rows.
    ///
    /// # Examples
    /// ```
    /// use innerward::digest::PdqHash;
    /// use innerward::media::Raster;
    ///
    /// let pixels = (0..375u32).flat_map(|y| (0..500u32).map(move |x| ((x * x + 3 * y * y + 2 * x * y) / 700) as u8));
    /// let hash = PdqHash::of(&Raster::grey(500, 375, pixels.collect()));
    /// assert!(hash.original().to_hex().starts_with("53be7640643fe9c1"));
    /// assert_eq!(hash.quality.percent(), 100);
    /// ```
    #[must_use]
    pub fn of(raster: &Raster) -> Self {
        Self::of_with(Lanes::best(), raster)
    }

    /// [`PdqHash::of`] by the instructions of `lanes`; the result is the same with any.
    #[must_use]
    pub fn of_with(lanes: Lanes, raster: &Raster) -> Self {
        if raster.width() < SMALLEST_SIDE || raster.height() < SMALLEST_SIDE {
            return Self { dihedral: [Pdq::new(Code256::ZERO); 8], quality: quality_of(0) };
        }
        let exact = raster.width().max(raster.height()) <= LONGEST_SIDE;
        let lanes = if exact { lanes } else { Lanes::SCALAR };
        let square = lanes.run(blur::Shrink(raster));
        Self::of_square(lanes, &square)
    }

    /// Hashes a plane of luma, with all filters taken as one step. One with a side below 5 pixels gives all zeros and
    /// quality 0.
    ///
    /// Not the reference's order of additions: of the same luma at scale 1 the hash of a photograph nearly always is the
    /// one that [`PdqHash::of`] gives, and else differs in a bit or two; at other scales in a few, the more the smaller
    /// the picture is. Reads each sample about once.
    #[must_use]
    pub fn of_plane(plane: &Plane) -> Self {
        Self::of_plane_with(Lanes::best(), plane)
    }

    /// [`PdqHash::of_plane`] by the instructions of `lanes`; the result is the same with any.
    #[must_use]
    pub fn of_plane_with(lanes: Lanes, plane: &Plane) -> Self {
        Self::of_fold(lanes, plane, Orientation::NoTransforms)
    }

    /// The hash of the picture whose luma `plane` is, turned as `orientation` wants it shown.
    #[must_use]
    pub fn of_turned_plane(plane: &Plane, orientation: Orientation) -> Self {
        Self::of_fold(Lanes::best(), plane, orientation)
    }

    fn of_fold(lanes: Lanes, plane: &Plane, orientation: Orientation) -> Self {
        if plane.full().0 < SMALLEST_SIDE || plane.full().1 < SMALLEST_SIDE {
            return Self { dihedral: [Pdq::new(Code256::ZERO); 8], quality: quality_of(0) };
        }
        Self::of_square(lanes, &lanes.run(fold::Fold(plane, orientation)))
    }

    /// [`PdqHash::of_plane`] without the other seven orientations: what those cost is measured against this.
    #[doc(hidden)]
    #[must_use]
    pub fn upright_of_plane(lanes: Lanes, plane: &Plane) -> (Pdq, Quality) {
        let (hash, gradient) =
            lanes.run(dct::FinishOne(&lanes.run(fold::Fold(plane, Orientation::NoTransforms))));
        (hash, quality_of(gradient))
    }

    fn of_square(lanes: Lanes, square: &Square) -> Self {
        let (dihedral, gradient) = lanes.run(dct::Finish(square));
        Self { dihedral, quality: quality_of(gradient) }
    }
}

impl Pdq {
    /// Cells in a row, and rows, of [`Pdq::cells`].
    pub const CELLS: usize = 16;

    /// Its bits where they belong, row by row: each says whether one wave of the picture is stronger than the median.
    /// Waves become finer downwards from row to row (up and down the picture) and to the right (across it).
    #[must_use]
    pub fn cells(&self) -> [[bool; Self::CELLS]; Self::CELLS] {
        let bytes = self.code().as_bytes();
        // The first byte to be written holds the last eight of the 256.
        let bit = |number: usize| bytes[bytes.len() - 1 - number / 8] >> (number % 8) & 1 == 1;
        std::array::from_fn(|row| std::array::from_fn(|column| bit(row * Self::CELLS + column)))
    }

    /// True if so few bits are set, or so few are not, that it is near every picture without content: within the field's bound of
    /// no bits at all, or of all bits.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let set: u32 = self.code().as_bytes().iter().map(|byte| byte.count_ones()).sum();
        let near = u32::from(Distance::PDQ_DEFAULT.bits());
        set <= near || set >= 256 - near
    }

    /// The numbers of its [`cells`](Self::cells) that differ from those of `other`: row by row, from 0.
    #[must_use]
    pub fn differing(&self, other: &Self) -> Vec<usize> {
        let (cells, others) = (self.cells(), other.cells());
        let pairs = cells.as_flattened().iter().zip(others.as_flattened()).enumerate();
        pairs.filter(|(_, (cell, other))| cell != other).map(|(number, _)| number).collect()
    }
}

/// The picture reduced to 64 by 64 values of luma, row by row.
type Square = [[f32; SIDE]; SIDE];

fn quality_of(gradient: u32) -> Quality {
    Quality::new((gradient / 90).min(100) as u8).unwrap_or(Quality::USABLE)
}
