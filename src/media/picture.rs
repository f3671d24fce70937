//! A decoded picture in the forms that are worth hashing.
//!
//! The *correct* form is what a person sees. Where the field's tools would have computed something else from the same
//! file, the *compat* form is that, so that lists built with them still match (`docs/hashing.md`).

use image::metadata::Orientation;
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

impl Picture {
    /// The forms of a picture without transparency: `shown` as a person sees it, `compat` where a peer sees another.
    pub(super) fn opaque(shown: Raster, compat: Option<Raster>, orientation: Orientation) -> Self {
        let turned = orientation != Orientation::NoTransforms;
        let compat = compat.or_else(|| turned.then(|| shown.clone()));
        Self::with_forms([(Form::Correct, Some(shown.oriented(orientation))), (Form::Compat, compat)])
    }

    pub(super) fn with_forms<const N: usize>(candidates: [(Form, Option<Raster>); N]) -> Self {
        let mut forms: Vec<FormedRaster> = Vec::with_capacity(N);
        for (form, raster) in candidates {
            if let Some(raster) = raster.filter(|raster| forms.iter().all(|known| known.raster != *raster)) {
                forms.push(FormedRaster { form, raster });
            }
        }
        Self { forms, more_frames: false }
    }
}
