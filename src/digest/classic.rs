//! The classic perceptual family, computed by the library `img_hash` (as `image_hasher`), for lists that use it.
//!
//! A hash of this family means nothing without its algorithm, its side and its bit order: the name carries the first
//! two, and the bits are in the library's own order.

use std::fmt;
use std::str::FromStr;

use image::{DynamicImage, GrayImage, RgbImage};
use img_hash::{HashAlg, HasherConfig};

use crate::media::Raster;

/// One hash of the family: an algorithm, a side, with or without a cosine transform first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Classic {
    algorithm: HashAlg,
    side: u32,
    transform: bool,
}

/// Text that names no hash of the family.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a classic hash is mean, median, gradient, vert-gradient, double-gradient or blockhash, a side of 8, 16 or 32, and \
     -dct if the cosine transform comes first: gradient8, median16-dct"
)]
pub struct ClassicError;

const ALGORITHMS: [(&str, HashAlg); 6] = [
    ("mean", HashAlg::Mean),
    ("median", HashAlg::Median),
    ("gradient", HashAlg::Gradient),
    ("vert-gradient", HashAlg::VertGradient),
    ("double-gradient", HashAlg::DoubleGradient),
    ("blockhash", HashAlg::Blockhash),
];
const SIDES: [u32; 3] = [8, 16, 32];
const TRANSFORMED: &str = "-dct";

impl Classic {
    /// The bytes of a picture's hash, as the library packs them.
    #[must_use]
    pub fn hash(self, raster: &Raster) -> Vec<u8> {
        let (width, height, samples) = (raster.width(), raster.height(), raster.samples().to_vec());
        let image = match raster.channels() {
            1 => GrayImage::from_raw(width, height, samples).map(DynamicImage::from),
            _ => RgbImage::from_raw(width, height, samples).map(DynamicImage::from),
        }
        .expect("a raster has as many samples as pixels and channels");
        let config = HasherConfig::new().hash_alg(self.algorithm).hash_size(self.side, self.side);
        let config = if self.transform { config.preproc_dct() } else { config };
        config.to_hasher().hash_image(&image).as_bytes().to_vec()
    }
}

impl FromStr for Classic {
    type Err = ClassicError;

    fn from_str(text: &str) -> Result<Self, ClassicError> {
        let (plain, transform) = text.strip_suffix(TRANSFORMED).map_or((text, false), |plain| (plain, true));
        let (name, digits) = plain.split_at(plain.find(|c: char| c.is_ascii_digit()).ok_or(ClassicError)?);
        let side = SIDES.into_iter().find(|side| side.to_string() == digits).ok_or(ClassicError)?;
        let (_, algorithm) = ALGORITHMS.into_iter().find(|(known, _)| *known == name).ok_or(ClassicError)?;
        Ok(Self { algorithm, side, transform })
    }
}

impl fmt::Display for Classic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name =
            ALGORITHMS.iter().find(|(_, known)| *known == self.algorithm).map_or("?", |(name, _)| name);
        write!(f, "{name}{}{}", self.side, if self.transform { TRANSFORMED } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_refused() {
        for (name, _) in ALGORITHMS {
            for side in SIDES {
                for end in ["", TRANSFORMED] {
                    let text = format!("{name}{side}{end}");
                    assert_eq!(text.parse::<Classic>().unwrap().to_string(), text);
                }
            }
        }
        for text in ["gradient", "gradient9", "8", "phash8", "gradient8-fft", "gradient08", ""] {
            assert_eq!(text.parse::<Classic>(), Err(ClassicError), "{text}");
        }
    }

    #[test]
    fn the_smallest_pictures_are_hashed_as_well() {
        for (width, height) in [(1, 1), (2, 1), (1, 9), (7, 9)] {
            let raster = Raster::grey(width, height, vec![9; (width * height) as usize]);
            for (name, _) in ALGORITHMS {
                for end in ["8", "16", "32", "8-dct"] {
                    let kind: Classic = format!("{name}{end}").parse().unwrap();
                    // The double gradient has fewer bits than its side squared, and the library says so nowhere.
                    assert!(!kind.hash(&raster).is_empty(), "{kind} of {width}x{height}");
                }
            }
        }
    }

    #[test]
    fn gradient_is_what_its_definition_says() {
        // Brightness rises to the right: every bit of the gradient is 1; upside down nothing changes.
        let raster = Raster::grey(90, 90, (0..8100_u32).map(|at| (at % 90 * 2) as u8).collect());
        assert_eq!("gradient8".parse::<Classic>().unwrap().hash(&raster), [0xff; 8]);
        let darker = Raster::grey(90, 90, (0..8100_u32).map(|at| 180 - (at % 90 * 2) as u8).collect());
        assert_eq!("gradient8".parse::<Classic>().unwrap().hash(&darker), [0; 8]);
    }
}
