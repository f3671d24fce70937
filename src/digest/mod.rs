//! Pixels and bytes to hashes: the four digests in one read, PDQ with its eight dihedral forms, vPDQ of the frames of
//! videos, the classic perceptual family. Knows no lists.

mod bytes;
mod classic;
mod fidelity;
mod fingerprint;
mod pdq;
mod signal;
mod vpdq;

pub use bytes::{DigestHasher, Digests, Done, Hashed, SideBySide, hash_apart};
pub use classic::{Classic, ClassicCode, ClassicError, ClassicHash};
pub use fidelity::{Fidelity, FidelityError};
pub use fingerprint::{Fingerprint, HashedForm, Look, Wanted};
pub use pdq::{PdqHash, Transform};
pub use signal::{
    Blake3, Md5, Pdq, Perceptual, Quality, QualityError, Sha1, Sha256, Signal, SignalError, SignalKind,
};
pub use vpdq::{
    FrameHasher, FrameRate, FrameRateError, Sampling, TimedFrame, VideoFrame, VideoHash, VideoText,
    VideoTextError,
};
