//! What an item is: all hashes of it, as `docs/api.md` has them.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::answers::one_of_or_null;
use crate::digest::{Fidelity, Fingerprint, HashedForm, TimedFrame};

/// The PDQ hash of one form of a picture.
#[derive(Serialize, ToSchema)]
pub(super) struct FormHash {
    /// `correct`, `compat`, `correct-black`, `frame-2` and so on.
    #[schema(example = "correct")]
    form: String,
    /// 64 hexadecimal digits.
    pdq: String,
    /// 0 to 100; below 50 it is never matched.
    quality: u8,
}

/// The PDQ hash of one frame of a video.
#[derive(Serialize, ToSchema)]
struct FrameHash {
    /// Its number among all decoded frames, from 0.
    frame: u32,
    /// 0 to 100; below 50 it is never matched.
    quality: u8,
    /// 64 hexadecimal digits.
    hash: String,
    /// Seconds from the beginning.
    timestamp: f64,
}

/// All hashes of an item.
#[derive(Serialize, ToSchema)]
#[schema(as = Hashed)]
pub(super) struct Hashed {
    /// Code of the medium.
    #[schema(example = "IMAGE")]
    media: &'static str,
    /// What the item is, by its content.
    #[schema(example = "JPEG")]
    content: &'static str,
    /// Its length.
    bytes: u64,
    /// 32 hexadecimal digits.
    md5: String,
    /// 40 hexadecimal digits.
    sha1: String,
    /// 64 hexadecimal digits.
    sha256: String,
    /// 64 hexadecimal digits.
    blake3: String,
    /// PDQ of the first form; `null` if there is none.
    pdq: Option<String>,
    /// Its quality.
    pdq_quality: Option<u8>,
    /// How exact the picture hashes are; `null` if there are none.
    #[schema(schema_with = fidelities)]
    fidelity: Option<Fidelity>,
    /// Pixels of the first form.
    width: Option<u32>,
    /// Pixels of the first form.
    height: Option<u32>,
    /// PDQ of every form that differs.
    forms: Vec<FormHash>,
    /// PDQ of one frame a second; not there for what is no video.
    #[serde(skip_serializing_if = "Option::is_none")]
    vpdq: Option<Vec<FrameHash>>,
    /// What could not be checked; `null` if all was.
    unchecked: Option<String>,
}

fn fidelities() -> Object {
    one_of_or_null(["reference", "luma", "fast"])
}

/// The PDQ hash of each form.
pub(super) fn forms(fingerprint: &Fingerprint) -> Vec<FormHash> {
    let form = |form: &HashedForm| FormHash {
        form: form.form.to_string(),
        pdq: form.hash.original().to_hex(),
        quality: form.hash.quality.percent(),
    };
    fingerprint.forms.iter().map(form).collect()
}

impl From<&Fingerprint> for Hashed {
    fn from(fingerprint: &Fingerprint) -> Self {
        let digests = &fingerprint.digests;
        let first = fingerprint.forms.first();
        let frames = fingerprint.video.as_ref().map(|video| {
            let frame = |timed: TimedFrame| FrameHash {
                frame: timed.frame.number,
                quality: timed.frame.quality.percent(),
                hash: timed.frame.hash.to_hex(),
                timestamp: f64::from(timed.millis) / 1000.0,
            };
            video.timed().map(frame).collect()
        });
        Self {
            media: fingerprint.content.media().as_str(),
            content: fingerprint.content.name,
            bytes: fingerprint.bytes,
            md5: digests.md5.to_hex(),
            sha1: digests.sha1.to_hex(),
            sha256: digests.sha256.to_hex(),
            blake3: digests.blake3.to_hex(),
            pdq: first.map(|form| form.hash.original().to_hex()),
            pdq_quality: first.map(|form| form.hash.quality.percent()),
            fidelity: first.map(|_| fingerprint.fidelity),
            width: fingerprint.size.map(|(width, _)| width),
            height: fingerprint.size.map(|(_, height)| height),
            forms: forms(fingerprint),
            vpdq: frames,
            unchecked: fingerprint.gap.as_ref().map(ToString::to_string),
        }
    }
}
