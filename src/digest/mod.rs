//! Pixels and bytes to hashes: the four digests in one read, PDQ with its eight dihedral forms. Knows no lists.

mod signal;

pub use signal::{Blake3, Md5, Pdq, Quality, QualityError, Sha1, Sha256, Signal, SignalError, SignalKind};
