//! The stop list: hashes of pictures that everybody has, and of whatever else the operator wants no list to match.

use std::collections::HashSet;
use std::io::{self, Read};
use std::sync::LazyLock;

use super::Hashes;
use super::lines::{Lines, says_nothing};
use super::report::Cause;
use crate::digest::{Blake3, Pdq, Signal};

/// Hashes that no list may bring in.
///
/// PDQ hashes stop whatever is within [`StopList::WITHIN`] bits of them, all others what is equal.
#[derive(Debug, Clone, Default)]
pub struct StopList {
    pdq: Vec<Pdq>,
    others: HashSet<Signal>,
}

/// Why a stop list cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StopListError {
    /// The bytes cannot be had.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line that is no hash: a stop list with a hole would not do what it is for.
    #[error(
        "line {line}: {cause}; a stop list has one hash a line, as kind:hex, and may have a note behind it"
    )]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        cause: Cause,
    },
    /// Each PDQ hash of a list is compared with each of these.
    #[error("a stop list has at most {} PDQ hashes", StopList::MAX_PDQ)]
    TooLong,
}

impl StopList {
    /// Bits within which a PDQ hash is taken for the stopped one: what other programs make of the same picture is at most
    /// so far away (the conformance rule of PDQ).
    pub const WITHIN: u16 = 10;

    /// Most PDQ hashes of a list.
    pub const MAX_PDQ: usize = 4096;

    /// The list that is always in force: blank pictures, gradients, bars and other test pictures, made by formula
    /// (`data/blank-pictures.csv` has the hashes and the formulas' names, `tests/it/hashset/blank.rs` makes them again).
    #[must_use]
    pub fn built_in() -> &'static Self {
        static LIST: LazyLock<StopList> = LazyLock::new(|| {
            let mut list = StopList::default();
            for line in include_str!("data/blank-pictures.csv").lines().skip(1) {
                let hex = line.split(',').next().unwrap_or_default();
                list.push(format!("pdq:{hex}").parse().expect("the file is part of the program, and tested"));
            }
            list
        });
        &LIST
    }

    /// False if it surely has none of `hashes`: most lists stop pictures alone, and most entries have none.
    pub(super) fn may_have(&self, hashes: &Hashes) -> bool {
        !self.others.is_empty() || (hashes.pdq.is_some() && !self.pdq.is_empty())
    }

    /// What tells this list from others: a digest of its hashes.
    #[must_use]
    pub fn fingerprint(&self) -> Blake3 {
        let pdq = self.pdq.iter().map(|hash| Signal::from(*hash));
        let mut texts: Vec<_> = pdq.chain(self.others.iter().copied()).map(|hash| hash.to_text()).collect();
        texts.sort_unstable();
        Blake3::from_bytes(*blake3::hash(texts.join(" ").as_bytes()).as_bytes())
    }

    /// The built-in list and the hashes in `input`: `kind:hex` a line, anything behind it is a note, lines that begin with
    /// `#` are comments.
    ///
    /// # Errors
    /// [`StopListError`].
    pub fn extended(mut input: impl Read) -> Result<Self, StopListError> {
        let mut list = Self::built_in().clone();
        let mut lines = Lines::new(&mut input);
        while let Some(line) = lines.next()? {
            let number = line.number;
            let refused = |cause| StopListError::Line { line: number, cause };
            let text = line.text.map_err(refused)?.trim_start_matches('\u{feff}');
            if says_nothing(text) {
                continue;
            }
            let hash = text.split_ascii_whitespace().next().unwrap_or_default();
            list.push(hash.parse().map_err(|error| refused(Cause::Hash(error)))?);
            if list.pdq.len() > Self::MAX_PDQ {
                return Err(StopListError::TooLong);
            }
        }
        Ok(list)
    }

    /// The number of hashes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pdq.len() + self.others.len()
    }

    /// True without any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if `signal` is stopped.
    #[must_use]
    pub fn has(&self, signal: &Signal) -> bool {
        match signal {
            Signal::Pdq(hash) => {
                self.pdq.iter().any(|stopped| stopped.code().distance(hash.code()).bits() <= Self::WITHIN)
            }
            other => !self.others.is_empty() && self.others.contains(other),
        }
    }

    fn push(&mut self, signal: Signal) {
        match signal {
            Signal::Pdq(hash) => self.pdq.push(hash),
            other => drop(self.others.insert(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::SignalError;

    fn signal(text: &str) -> Signal {
        text.parse().unwrap()
    }

    #[test]
    fn an_operator_s_list_comes_to_the_one_that_is_built_in() {
        let (pdq, md5) = ("5ca1ab1e".repeat(8), "c0ffee00".repeat(4));
        let text =
            format!("\u{feff}# ours\r\npdq:{pdq} a logo\n\nMD5:x\n").replace("MD5:x", &format!("md5:{md5}"));
        let list = StopList::extended(text.as_bytes()).unwrap();
        assert_eq!(list.len(), StopList::built_in().len() + 2);
        assert!(!StopList::built_in().is_empty());
        assert!(
            list.has(&signal(&format!("md5:{md5}")))
                && !list.has(&signal(&format!("md5:{}", "ab".repeat(16))))
        );
        // The last bits turned over: 10 of them are near enough, 11 are not.
        assert!(list.has(&signal(&format!("pdq:{}ab1e", &pdq[..60]))));
        let flipped = |last: u16| format!("pdq:{}{:04x}", &pdq[..60], 0xab1e_u16 ^ last);
        assert!(list.has(&signal(&flipped(0x03ff))) && !list.has(&signal(&flipped(0x07ff))));
    }

    #[test]
    fn a_line_that_is_no_hash_is_an_error_with_its_number() {
        let error = StopList::extended(&b"# x\nmd5:c0ffee\n"[..]).unwrap_err();
        assert!(matches!(
            error,
            StopListError::Line { line: 2, cause: Cause::Hash(SignalError::Length { expected: 32, .. }) }
        ));
        let many = format!("pdq:{}\n", "5c".repeat(32)).repeat(StopList::MAX_PDQ + 1);
        assert!(matches!(StopList::extended(many.as_bytes()), Err(StopListError::TooLong)));
    }
}
