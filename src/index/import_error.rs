//! Why a list does not become a set.

use std::io;

use super::{BuildError, IndexError};
use crate::hashset::{ListError, SetError, SetName, SignatureError};

/// Why a list was not imported. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The list could not be read, or holds nothing.
    #[error(transparent)]
    List(#[from] ListError<SegmentError>),
    /// The entries could not be stored.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// The set cannot be as asked.
    #[error(transparent)]
    Set(#[from] SetError),
    /// The manifest could not be replaced.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The list is not its publisher's.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The list came without a signature.
    #[error(
        "{set} takes lists that are signed with key {key} alone, and this one came without a signature; give that with \
         --signature FILE"
    )]
    Unsigned {
        /// The set.
        set: SetName,
        /// The name of its key.
        key: String,
    },
    /// A signature, and nothing to check it with.
    #[error("the signature of a list can only be checked with its publisher's key; give that with --key")]
    NoKey,
    /// Another key than the set's.
    #[error(
        "{set} takes lists that are signed with key {key} alone, and you gave key {given}; if its publisher has a new key, \
         and you have that from a source of its own, say --yes to take it from now on"
    )]
    OtherKey {
        /// The set.
        set: SetName,
        /// The name of its key.
        key: String,
        /// The name of the key that was given.
        given: String,
    },
    /// The database does not know whether the set has a key.
    #[error(
        "the database does not know the revision of {set} that the index holds, so whether its lists must be signed is not \
         known either; restore both from one backup, or give the key of its publisher with --key, or, if its lists were \
         never signed, say --yes, after a look with --dry-run --yes at what would go"
    )]
    KeyUnknown {
        /// The set.
        set: SetName,
    },
    /// So much would go that the list may not be whole.
    #[error(
        "of {before} entries that match in {set}, {dropped} would not any more ({percent} %), and more than {max} % is \
         for a person to decide; --dry-run shows what would change, and if the list is whole, say --yes",
        percent = percent(*.dropped, *.before)
    )]
    Drop {
        /// The set.
        set: SetName,
        /// Its entries that match.
        before: u64,
        /// Those of them that would not any more.
        dropped: u64,
        /// The share that needs no person, in percent.
        max: u8,
    },
    /// The list was another when it was read for the second time.
    #[error("the list changed while it was read; wait until it is written, and import it again")]
    Changing,
    /// The list cannot be read.
    #[error("the list cannot be read: {0}")]
    Read(io::Error),
}

/// Percent, with a digit after the point where it is not 0.
fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1000 / u128::from(whole.max(1));
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        tenth => format!("{}.{tenth}", tenths / 10),
    }
}

/// Why entries did not become a segment.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// A segment does not take the entry.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A segment could not be written.
    #[error(transparent)]
    Write(#[from] IndexError),
}

/// Why the sets of a home are not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DescribeError {
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// What is known about the sets could not be read.
    #[error(transparent)]
    Sets(#[from] SetError),
}
