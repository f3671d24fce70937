//! Hashes that no list may bring in: they would match what has nothing to do with the list.
//!
//! - Digests of empty input match every empty file. [`SignalKind::parse`](crate::digest::SignalKind::parse) refuses them,
//!   and classic hashes whose bits are all the same.
//! - A PDQ hash compares 256 values with their median, so 128 bits of a picture's hash are set; values that are equal, as
//!   where nothing is to be seen, leave fewer (`docs/hashing.md`). A hash within the field's bound, 31 bits, of no bits at
//!   all or of all bits would be *near* every picture without content.
//! - Hashes of blank and test pictures, and those that the operator names, are on the [`StopList`].
//!
//! A quality that the list states is kept, however low it is: what is near such a hash is a question for whoever asks.
//!

use std::fmt;

use serde::Serialize;

use super::Hashes;
use super::report::Cause;
use super::stop::StopList;
use crate::digest::{Signal, SignalError};

/// Why a hash was not taken from a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The digest of no bytes at all.
    EmptyInput,
    /// Too short or too long for its kind.
    Length,
    /// Of the right length, and not a number.
    Digits,
    /// A classic hash whose bits are all the same.
    OneColour,
    /// A PDQ hash within 31 bits of no bits at all, or of all bits.
    Blank,
    /// On the stop list.
    Stopped,
}

impl Refusal {
    /// `empty_input`, `length`, `digits`, `one_colour`, `blank`, `stopped`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmptyInput => "empty_input",
            Self::Length => "length",
            Self::Digits => "digits",
            Self::OneColour => "one_colour",
            Self::Blank => "blank",
            Self::Stopped => "stopped",
        }
    }

    /// For people, behind a number: `digests of empty files`.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::EmptyInput => "digests of empty files",
            Self::Length => "hashes of a wrong length",
            Self::Digits => "hashes with other characters than digits",
            Self::OneColour => "classic hashes of pictures of one colour",
            Self::Blank => "PDQ hashes of pictures without content",
            Self::Stopped => "hashes on the stop list",
        }
    }

    /// What is wrong with a value that could not be read; `None` if something else is.
    pub(super) fn of(cause: &Cause) -> Option<Self> {
        match cause {
            Cause::NoKindHasLength(_) => Some(Self::Length),
            Cause::Hash(error) => Some(match error {
                SignalError::EmptyInput { .. } => Self::EmptyInput,
                SignalError::Length { .. } => Self::Length,
                SignalError::Digits { .. } => Self::Digits,
                SignalError::Plain { .. } => Self::OneColour,
                _ => return None,
            }),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Takes from `hashes` what must not match, and tells `refused` of each.
pub(super) fn refuse(hashes: &mut Hashes, stop: &StopList, mut refused: impl FnMut(Refusal)) {
    if let Some(pdq) = hashes.pdq
        && pdq.hash.is_blank()
    {
        hashes.pdq = None;
        refused(Refusal::Blank);
    }
    if !stop.may_have(hashes) {
        return;
    }
    let stopped: Vec<Signal> = hashes.iter().filter(|signal| stop.has(signal)).collect();
    for signal in stopped {
        hashes.remove(signal.kind());
        refused(Refusal::Stopped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{Quality, SignalKind};

    fn pdq(bits: usize) -> Hashes {
        let bytes: Vec<u8> = (0..32)
            .map(|at| (0..8).fold(0, |byte, bit| byte | u8::from(at * 8 + bit < bits) << bit))
            .collect();
        SignalKind::Pdq.parse(&hex::encode(bytes)).unwrap().into()
    }

    fn refusals(hashes: &mut Hashes) -> Vec<Refusal> {
        let mut found = Vec::new();
        refuse(hashes, &StopList::default(), |refusal| found.push(refusal));
        found
    }

    #[test]
    fn a_pdq_hash_has_bits_of_either_kind() {
        for (bits, expected) in [
            (0, &[Refusal::Blank][..]),
            (31, &[Refusal::Blank]),
            (32, &[]),
            (128, &[]),
            (224, &[]),
            (225, &[Refusal::Blank]),
            (256, &[Refusal::Blank]),
        ] {
            let mut hashes = pdq(bits);
            assert_eq!(refusals(&mut hashes), expected, "{bits}");
            assert_eq!(hashes.pdq.is_none(), !expected.is_empty());
        }
    }

    #[test]
    fn the_other_hashes_of_an_entry_stay_and_so_does_a_low_quality() {
        let mut hashes = pdq(7);
        hashes.set(SignalKind::Md5.parse(&"c0".repeat(16)).unwrap());
        assert_eq!(refusals(&mut hashes), [Refusal::Blank]);
        assert!(hashes.pdq.is_none() && hashes.md5.is_some());
        let mut hashes = pdq(128);
        hashes.pdq.as_mut().unwrap().quality = Quality::new(0).ok();
        assert_eq!(refusals(&mut hashes), []);
    }
}
