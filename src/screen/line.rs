//! The line of one item, as it stands in a run's file of verdicts and on stdout.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::{Held, Match, Outcome, Verdict};
use crate::digest::Fingerprint;
use crate::media::Gap;
use crate::vocabulary::{Code, media};

/// A verdict with what it is about: one line of a run.
pub struct Screened {
    /// Where the item lies: the path of a file, or for what is inside of one `outer.zip!/inner/pic.jpg`.
    pub path: PathBuf,
    /// The file on disk that it is inside of; `None` for a file on disk.
    pub file: Option<Arc<Path>>,
    /// What is known of it; `None` if it could not be read.
    pub fingerprint: Option<Fingerprint>,
    /// What is said about it.
    pub verdict: Verdict,
}

/// The line of one item, field by field as `docs/cli.md` has it.
#[derive(Serialize)]
pub struct ScreenedLine<'a> {
    path: String,
    /// The exact bytes of a path that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
    /// The file on disk that it is inside of.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    media: &'static str,
    bytes: Option<u64>,
    outcome: Outcome,
    reason: Option<String>,
    matches: &'a [Match],
    matches_cut: bool,
    held: &'a BTreeSet<Held>,
}

impl Screened {
    /// Its length; `None` if it could not be read.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.fingerprint.as_ref().map(|fingerprint| fingerprint.bytes)
    }

    /// BLAKE3 of its bytes; `None` if it could not be read.
    #[must_use]
    pub fn blake3(&self) -> Option<&[u8; 32]> {
        self.fingerprint.as_ref().map(|fingerprint| fingerprint.digests.blake3.as_bytes())
    }

    /// Says what could not be checked of it, in place of what was said before.
    pub(super) fn set_gap(&mut self, gap: Option<Gap>) {
        if let Some(fingerprint) = &mut self.fingerprint {
            fingerprint.gap.clone_from(&gap);
        }
        let Verdict { matches, matches_cut, .. } = &mut self.verdict;
        self.verdict = Verdict::conclude(std::mem::take(matches), *matches_cut, gap);
    }

    /// Its kind of content.
    #[must_use]
    pub fn media(&self) -> Code {
        self.fingerprint.as_ref().map_or(media::OTHER, |fingerprint| fingerprint.content.media())
    }

    /// The item as a line of output.
    #[must_use]
    pub fn line(&self) -> ScreenedLine<'_> {
        ScreenedLine {
            path: self.path.to_string_lossy().into_owned(),
            path_hex: path_hex(&self.path),
            file: self.file.as_deref().map(|file| file.to_string_lossy().into_owned()),
            media: self.media().as_str(),
            bytes: self.bytes(),
            outcome: self.verdict.outcome,
            reason: self.verdict.reason(),
            matches: &self.verdict.matches,
            matches_cut: self.verdict.matches_cut,
            held: &self.verdict.held,
        }
    }
}

/// The exact bytes of a path that is not UTF-8, in hex: as text it is only nearly right.
#[must_use]
pub fn path_hex(path: &Path) -> Option<String> {
    path.to_str().is_none().then(|| hex::encode(path.as_os_str().as_encoded_bytes()))
}

/// Every line of JSON output: a type, and data of that type.
#[derive(Serialize)]
pub struct Line<'a, T> {
    /// What the line is.
    pub r#type: &'a str,
    /// Its fields.
    pub data: &'a T,
}
