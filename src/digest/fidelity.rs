//! How exactly a picture is hashed, and what of that its size allows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Quality;
use crate::media::{JpegHeader, Scale};

/// How exactly a picture is hashed, from the most exact on. `docs/benchmarks.md` has the distances between them.
///
/// The two quicker ones are for JPEG in colours of YCbCr or grey; any other picture is hashed at
/// [`Fidelity::Reference`], whatever is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fidelity {
    /// The colours of all pixels, bit for bit what `pdqhash` computes of them. The only one to put into a list.
    #[default]
    Reference,
    /// The luma of all pixels as the file has it, with the colours of blocks for where they cannot be shown.
    Luma,
    /// The luma at reduced size, read from the file without decoding the rest, where the picture is large enough for it;
    /// else [`Fidelity::Reference`].
    Fast,
}

/// Text that names no fidelity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a fidelity is reference, luma or fast")]
pub struct FidelityError;

/// The shortest sides, in pixels, from which each scale is near enough to the reference: 99 of 100 photographs within 6
/// bits, as measured on more than a thousand (`docs/benchmarks.md`).
const EIGHTH_FROM: u32 = 2048;
const QUARTER_FROM: u32 = 768;

/// Points above [`Quality::USABLE`] from which a picture is not nearly plain.
const STEADY: u8 = 20;

impl Fidelity {
    /// How many bits farther to search with a hash of this fidelity, so that of the entries that the reference would find
    /// no more than one in ten thousand is missed, as measured. What is found is for the reference to tell.
    #[must_use]
    pub const fn band(self) -> u16 {
        match self {
            Self::Reference => 0,
            Self::Luma => 10,
            Self::Fast => 14,
        }
    }

    /// Most points by which a quality of this fidelity may be too high or too low; see [`Fidelity::band`].
    #[must_use]
    pub const fn quality_band(self) -> u8 {
        match self {
            Self::Reference => 0,
            Self::Luma => 5,
            Self::Fast => 10,
        }
    }

    /// True if a hash of this fidelity and quality is for the reference after all. Nearly plain pictures have bits that hang
    /// on roundings: those farthest from the reference in colours that can be shown were such ones.
    #[must_use]
    pub(super) fn is_unsteady(self, quality: Quality) -> bool {
        let steady = Quality::USABLE.percent() + STEADY;
        self != Self::Reference
            && (Quality::USABLE.percent() - self.quality_band()..steady).contains(&quality.percent())
    }

    /// What of a JPEG is to be read, and what that makes of the fidelity; `None` for all its colours.
    #[must_use]
    pub fn scale(self, header: &JpegHeader) -> Option<(Scale, Self)> {
        let side = header.width.min(header.height);
        match self {
            Self::Reference => None,
            Self::Fast if side >= EIGHTH_FROM => Some((Scale::Eighth, Self::Fast)),
            Self::Fast if side >= QUARTER_FROM && !header.progressive => Some((Scale::Quarter, Self::Fast)),
            Self::Fast => None,
            Self::Luma => Some((Scale::Full, Self::Luma)),
        }
    }
}

impl fmt::Display for Fidelity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reference => "reference",
            Self::Luma => "luma",
            Self::Fast => "fast",
        })
    }
}

impl FromStr for Fidelity {
    type Err = FidelityError;

    fn from_str(text: &str) -> Result<Self, FidelityError> {
        let all = [Self::Reference, Self::Luma, Self::Fast];
        all.into_iter().find(|fidelity| fidelity.to_string() == text).ok_or(FidelityError)
    }
}
