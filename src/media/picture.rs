//! A decoded picture in the forms that are worth hashing.
//!
//! The *correct* form is what a person sees. Where the field's tools would have computed something else from the same
//! file, the *compat* form is that, so that lists built with them still match (`docs/hashing.md`).

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::Raster;

/// Which reading of a file a raster, or a match, comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// What a person sees; transparent parts over white.
    Correct,
    /// What a person sees; transparent parts over black.
    CorrectBlack,
    /// What `tx` and `pdqhash` make of the file: no orientation, no transparency, palette and CMYK numbers as they are.
    Compat,
    /// What the C++ tool makes of it: the stored colours, not turned, stretched to 512 by 512 if a side is longer.
    Stretch512,
    /// The correct form without its plain borders.
    Borderless,
    /// A further distinct frame of an animation, or page of a document: 2 is the one after the first.
    Frame(u16),
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Correct => f.write_str("correct"),
            Self::CorrectBlack => f.write_str("correct-black"),
            Self::Compat => f.write_str("compat"),
            Self::Stretch512 => f.write_str("stretch512"),
            Self::Borderless => f.write_str("borderless"),
            Self::Frame(number) => write!(f, "frame-{number}"),
        }
    }
}

impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Which forms are made of a picture, besides [`Form::Correct`], which always is.
///
/// Each form costs the time to make and hash it, and another look into the lists; see `docs/hashing.md` for figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormSet {
    /// [`Form::CorrectBlack`], where there is transparency.
    pub correct_black: bool,
    /// [`Form::Compat`], where it differs.
    pub compat: bool,
    /// [`Form::Frame`], where there are several.
    pub frames: bool,
    /// [`Form::Stretch512`], where a side is longer than 512.
    pub stretch512: bool,
    /// [`Form::Borderless`], where there are borders.
    pub borderless: bool,
}

impl FormSet {
    /// Every form.
    pub const ALL: Self =
        Self { correct_black: true, compat: true, frames: true, stretch512: true, borderless: true };

    /// True if `form` is to be made.
    #[must_use]
    pub fn has(&self, form: Form) -> bool {
        match form {
            Form::Correct => true,
            Form::CorrectBlack => self.correct_black,
            Form::Compat => self.compat,
            Form::Stretch512 => self.stretch512,
            Form::Borderless => self.borderless,
            Form::Frame(_) => self.frames,
        }
    }
}

impl Default for FormSet {
    /// All but [`Form::Stretch512`] and [`Form::Borderless`].
    fn default() -> Self {
        Self { stretch512: false, borderless: false, ..Self::ALL }
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
    /// True if the file has frames or pages beyond those among the forms: too many, too large, or damaged.
    pub more_frames: bool,
}
