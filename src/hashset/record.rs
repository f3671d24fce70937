//! What a reader of records finds, and whom it tells: the seam between the formats and the intake.
//!
//! A reader of JSON or XML goes through its input once, in bounded memory, and tells of each record where it stands and
//! what it says, or what is wrong with it. It knows nothing of duplicates, strictness, storage or reports.

use super::report::Cause;
use super::{EntryKey, Hashes, Opinion};
use crate::vocabulary::Code;

/// Where in a list a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A line, counted from 1.
    Line(u64),
    /// Bytes from the beginning of the list, as it is after decompression.
    Byte(u64),
}

/// A category as the source says it: its number means nothing without the scheme and the profile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SourceCategory {
    /// `NCMEC`, `VICS`, `ICSE` …
    pub(super) scheme: &'static str,
    /// `US`, `UK`, an environment; empty where the scheme has none.
    pub(super) profile: String,
    /// The code in that profile: `A1`, `2`.
    pub(super) code: String,
}

/// What a list says of one item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// Its id in the list; `None` where the list has no ids.
    pub(super) key: Option<EntryKey>,
    /// All its hashes of kinds that are supported.
    pub(super) hashes: Hashes,
    /// Its categories.
    pub(super) categories: Vec<SourceCategory>,
    /// What flags of the source say in our vocabulary.
    pub(super) facets: Vec<Code>,
    /// What the members hold of it.
    pub(super) opinion: Opinion,
    /// The list takes it back: it must not match any more.
    pub(super) withdrawn: bool,
}

/// Whoever takes what a reader finds.
pub(super) trait Take {
    /// What ends the reading from the side of the taker.
    type Stop;

    /// A record, or what is wrong with it. Everything in the list that looks like a record comes here once.
    fn take(&mut self, place: Place, found: Result<Record, Cause>) -> Result<(), Self::Stop>;

    /// A hash of a kind that is not supported; `kind` as the list calls it.
    fn unsupported(&mut self, kind: &str);

    /// A field about people or cases, or other content that is not kept; `field` is a name of the format, never a value.
    fn dropped(&mut self, field: &'static str);
}

/// What ends a reading.
#[derive(Debug)]
pub(super) enum Ended<S> {
    /// The bytes cannot be had.
    Io(std::io::Error),
    /// From here on the input is not what the format is: nothing of it may count.
    Broken {
        /// Where.
        place: Place,
        /// What was expected there; nothing from the list.
        expected: &'static str,
    },
    /// The taker ended it.
    Stopped(S),
}
