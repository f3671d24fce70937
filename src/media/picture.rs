//! A decoded picture in the forms that are worth hashing.
//!
//! The *correct* form is what a person sees. Where the field's tools would have computed something else from the same
//! file, the *compat* form is that, so that lists built with them still match (`docs/hashing.md`).

use serde::Serialize;

use super::Raster;

/// Which reading of a file a raster, or a match, comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// What a person sees; transparent parts over white.
    Correct,
    /// What a person sees; transparent parts over black.
    CorrectBlack,
    /// What `tx` and `pdqhash` make of the file: no orientation, no transparency, palette and CMYK numbers as they are.
    Compat,
}

impl Form {
    /// `correct`, `correct-black`, `compat`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::CorrectBlack => "correct-black",
            Self::Compat => "compat",
        }
    }
}

/// One form of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormedRaster {
    /// Which reading it is.
    pub form: Form,
    /// Its pixels.
    pub raster: Raster,
}

/// A decoded file: its distinct forms, the correct one first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The forms; no two have the same pixels.
    pub forms: Vec<FormedRaster>,
    /// True if the file has more frames or pages than the one decoded.
    pub more_frames: bool,
}
