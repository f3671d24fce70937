//! The classic perceptual family, computed by the library `img_hash` (as `image_hasher`), for lists that use it.
//!
//! A hash of this family means nothing without its algorithm, its side and its bit order: the name carries the first
//! two, and the bits are in the library's own order. Other libraries give the same names to other bits.

use std::fmt;
use std::str::FromStr;

use image::{DynamicImage, GrayImage, RgbImage};
use img_hash::{HashAlg, HasherConfig};

use crate::kernel::{Code, Distance};
use crate::media::{Form, Raster};

/// One kind of hash of the family: an algorithm, a side, with or without a cosine transform first.
///
/// # Examples
/// ```
/// # use innerward::digest::Classic;
/// let kind: Classic = "double-gradient8".parse()?;
/// assert_eq!(kind.width_bits(), 40); // fewer than its side squared: it compares neighbours only
/// # Ok::<(), innerward::digest::ClassicError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Classic(u8);

/// Text that names no hash of the family.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a classic hash is mean, median, gradient, vert-gradient, double-gradient or blockhash, a side of 8, 16 or 32, and \
     -dct if the cosine transform comes first (blockhash has none): gradient8, median16-dct"
)]
pub struct ClassicError;

/// What a kind consists of.
struct Parts {
    name: &'static str,
    algorithm: HashAlg,
    side: u32,
    transform: bool,
}

/// The kinds of one algorithm after another; blockhash passes over the transform, so there is none with it.
macro_rules! kinds {
    ($($name:literal $algorithm:ident,)+ without transform: $($plain:literal $other:ident,)+) => { [
        $(
            kinds!($name $algorithm "8" 8 false), kinds!($name $algorithm "16" 16 false),
            kinds!($name $algorithm "32" 32 false), kinds!($name $algorithm "8-dct" 8 true),
            kinds!($name $algorithm "16-dct" 16 true), kinds!($name $algorithm "32-dct" 32 true),
        )+
        $(
            kinds!($plain $other "8" 8 false), kinds!($plain $other "16" 16 false),
            kinds!($plain $other "32" 32 false),
        )+
    ] };
    ($name:literal $algorithm:ident $end:literal $side:literal $transform:literal) => {
        Parts { name: concat!($name, $end), algorithm: HashAlg::$algorithm, side: $side, transform: $transform }
    };
}

const KINDS: [Parts; 33] = kinds! {
    "mean" Mean,
    "median" Median,
    "gradient" Gradient,
    "vert-gradient" VertGradient,
    "double-gradient" DoubleGradient,
    without transform:
    "blockhash" Blockhash,
};

impl Classic {
    /// Every kind.
    pub const ALL: [Self; KINDS.len()] = {
        let mut all = [Self(0); KINDS.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = Self(at as u8);
            at += 1;
        }
        all
    };

    /// Most pixels in a row or a column of a picture that is hashed: the library takes a kilobyte for each pixel of a
    /// row, and a picture of one pixel by millions would take all memory there is.
    pub const MAX_SIDE: u32 = 65_535;

    const fn parts(self) -> &'static Parts {
        &KINDS[self.0 as usize]
    }

    /// `gradient8`, `median16-dct` …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.parts().name
    }

    /// Bits of a hash: the side squared, and fewer for the double gradient.
    #[must_use]
    pub const fn width_bits(self) -> u32 {
        let side = self.parts().side;
        match self.parts().algorithm {
            HashAlg::DoubleGradient => side * (side / 2 + 1),
            _ => side * side,
        }
    }

    /// The bound of a near match where a set names none: what the tool czkawka calls medium similarity, 5, 15 and 20
    /// bits for a side of 8, 16 and 32, and as large a part of the bits of a narrower hash.
    #[must_use]
    pub const fn default_distance(self) -> Distance {
        let side = self.parts().side;
        let of_square: u32 = match side {
            8 => 5,
            16 => 15,
            _ => 20,
        };
        let bits = of_square * self.width_bits() / (side * side);
        match Distance::of_width(bits as u16, self.width_bits()) {
            Ok(distance) => distance,
            Err(_) => Distance::ZERO, // never: it is a small part of the width
        }
    }

    /// The hash of a picture; `None` if a side of it is beyond [`Classic::MAX_SIDE`].
    #[must_use]
    pub fn hash(self, raster: &Raster) -> Option<ClassicCode> {
        Self::hash_all(&[self], raster).pop()
    }

    /// The hashes of a picture, in the order of `kinds`; none if a side of it is beyond [`Classic::MAX_SIDE`].
    ///
    /// What the kinds share is done once. Holds a copy of the samples, and one byte a pixel, meanwhile.
    #[must_use]
    pub fn hash_all(kinds: &[Self], raster: &Raster) -> Vec<ClassicCode> {
        if kinds.is_empty() || raster.width().max(raster.height()) > Self::MAX_SIDE {
            return Vec::new();
        }
        let picture = as_library_picture(raster);
        let grey = DynamicImage::from(picture.to_luma8());
        let code = |kind: &Self| {
            let Parts { algorithm, side, transform, .. } = *kind.parts();
            let config = HasherConfig::new().hash_alg(algorithm).hash_size(side, side);
            let config = if transform { config.preproc_dct() } else { config };
            // All but the block hash begin with the grey picture.
            let source = if algorithm == HashAlg::Blockhash { &picture } else { &grey };
            let hash = config.to_hasher().hash_image(source);
            ClassicCode::new(*kind, hash.as_bytes()).expect("the library gives as many bits as a test holds")
        };
        kinds.iter().map(code).collect()
    }
}

fn as_library_picture(raster: &Raster) -> DynamicImage {
    let (width, height, samples) = (raster.width(), raster.height(), raster.samples().to_vec());
    match raster.channels() {
        1 => GrayImage::from_raw(width, height, samples).map(DynamicImage::from),
        _ => RgbImage::from_raw(width, height, samples).map(DynamicImage::from),
    }
    .expect("a raster has as many samples as pixels and channels")
}

impl FromStr for Classic {
    type Err = ClassicError;

    fn from_str(text: &str) -> Result<Self, ClassicError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(ClassicError)
    }
}

impl fmt::Display for Classic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Classic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A hash of the family: its kind, and as many bits as that has, packed as the library packs them (lowest bit first).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassicCode {
    kind: Classic,
    code: Code,
}

impl ClassicCode {
    /// The hash of `kind` with these bytes; `None` if they are not as many as the kind has.
    #[must_use]
    pub fn new(kind: Classic, bytes: &[u8]) -> Option<Self> {
        let code = Code::new(bytes)?;
        (bytes.len() * 8 == kind.width_bits() as usize).then_some(Self { kind, code })
    }

    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> Classic {
        self.kind
    }

    /// Its bits.
    #[must_use]
    pub const fn code(&self) -> &Code {
        &self.code
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.code.as_bytes()
    }
}

/// Hashes are never printed by accident.
impl fmt::Debug for ClassicCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClassicCode({}, ..)", self.kind)
    }
}

/// A classic hash of one form of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassicHash {
    /// Which reading of the file it is.
    pub form: Form,
    /// Its hash, as the picture lies: the family has no orientations.
    pub code: ClassicCode,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_refused() {
        for kind in Classic::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        let distinct: std::collections::BTreeSet<_> = Classic::ALL.map(Classic::as_str).into();
        assert_eq!(distinct.len(), Classic::ALL.len());
        for text in
            ["gradient", "gradient9", "8", "phash8", "gradient8-fft", "gradient08", "", "blockhash8-dct"]
        {
            assert_eq!(text.parse::<Classic>(), Err(ClassicError), "{text}");
        }
    }

    #[test]
    fn the_smallest_pictures_are_hashed_and_every_width_is_what_the_library_gives() {
        for (width, height) in [(1, 1), (2, 1), (1, 9), (7, 9)] {
            let raster = Raster::grey(width, height, vec![9; (width * height) as usize]);
            for kind in Classic::ALL {
                // `hash_all` looks at the width, and panics if the library has another.
                let code = kind.hash(&raster).unwrap();
                assert_eq!(code.as_bytes().len() as u32 * 8, kind.width_bits(), "{kind}");
            }
        }
    }

    #[test]
    fn very_long_pictures_are_not_hashed() {
        for (width, height) in [(Classic::MAX_SIDE + 1, 1), (1, Classic::MAX_SIDE + 1)] {
            let raster = Raster::grey(width, height, vec![9; (width * height) as usize]);
            assert!(Classic::ALL.iter().all(|kind| kind.hash(&raster).is_none()));
        }
        let raster = Raster::grey(Classic::MAX_SIDE, 1, vec![9; Classic::MAX_SIDE as usize]);
        assert_eq!(Classic::hash_all(&Classic::ALL, &raster).len(), Classic::ALL.len());
    }

    #[test]
    fn gradient_is_what_its_definition_says() {
        // Brightness rises to the right: every bit of the gradient is 1; upside down nothing changes.
        let hash = |samples: Vec<u8>| {
            "gradient8".parse::<Classic>().unwrap().hash(&Raster::grey(90, 90, samples)).unwrap()
        };
        let brighter = hash((0..8100_u32).map(|at| (at % 90 * 2) as u8).collect());
        assert_eq!(brighter.as_bytes(), [0xff; 8]);
        let darker = hash((0..8100_u32).map(|at| 180 - (at % 90 * 2) as u8).collect());
        assert_eq!(darker.as_bytes(), [0; 8]);
        assert_eq!(brighter.code().distance(darker.code()).bits(), 64);
    }

    #[test]
    fn default_bounds_are_a_small_part_of_the_width() {
        for (name, bits) in
            [("gradient8", 5), ("mean16-dct", 15), ("blockhash32", 20), ("double-gradient8", 3)]
        {
            assert_eq!(name.parse::<Classic>().unwrap().default_distance().bits(), bits);
        }
        for kind in Classic::ALL {
            let bits = u32::from(kind.default_distance().bits());
            assert!(bits > 0 && bits * 12 <= kind.width_bits(), "{kind}");
        }
    }

    #[test]
    fn a_code_has_the_bytes_of_its_kind_and_shows_none() {
        let kind: Classic = "mean8".parse().unwrap();
        assert_eq!(ClassicCode::new(kind, &[0x5c; 7]), None);
        assert_eq!(ClassicCode::new(kind, &[0x5c; 9]), None);
        let code = ClassicCode::new(kind, &[0x5c; 8]).unwrap();
        assert_eq!(format!("{code:?}"), "ClassicCode(mean8, ..)");
    }
}
