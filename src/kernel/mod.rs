//! Hamming distance over blocks of codes: of 256 bits, and of any other width. Knows no files, no lists, no threads.
//!
//! [`scalar`] is the definition of correct; every backend added beside it must agree with it bit for bit.

use std::fmt;

use serde::Serialize;

mod code;
pub mod lanes;
pub mod scalar;
mod scan;
pub mod sift;

pub use code::{Code, find_within_wide};
use lanes::Lanes;

/// A 256-bit code, its 32 bytes in the order in which they are written and stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(transparent)]
pub struct Code256([u8; 32]);

impl Code256 {
    /// Bits in a code.
    pub const BITS: u32 = 256;
    /// All bits zero.
    pub const ZERO: Self = Self([0; 32]);

    /// The code with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The number of bits in which the two differ.
    #[must_use]
    pub fn distance(&self, other: &Self) -> Distance {
        Distance(scalar::distance(self, other))
    }
}

/// A code is a hash of content: it is never printed by accident.
impl fmt::Debug for Code256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code256(..)")
    }
}

/// A Hamming distance in bits, 0 to the width of the codes. As a bound it is inclusive: within 31 finds 31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Distance(u16);

/// A distance beyond the width of a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a distance is 0 to {width} bits, not {found}")]
pub struct DistanceError {
    /// What was asked for.
    pub found: u16,
    /// Bits of the code.
    pub width: u32,
}

impl Distance {
    /// Equal codes.
    pub const ZERO: Self = Self(0);
    /// The field's default bound for a PDQ match: 31 bits.
    pub const PDQ_DEFAULT: Self = Self(31);

    /// A distance of `bits` between codes of 256 bits, as PDQ's are.
    ///
    /// # Errors
    /// [`DistanceError`] above 256.
    pub const fn new(bits: u16) -> Result<Self, DistanceError> {
        Self::of_width(bits, Code256::BITS)
    }

    /// A distance of `bits` between codes of `width` bits.
    ///
    /// # Errors
    /// [`DistanceError`] above `width`.
    pub const fn of_width(bits: u16, width: u32) -> Result<Self, DistanceError> {
        if bits as u32 > width { Err(DistanceError { found: bits, width }) } else { Ok(Self(bits)) }
    }

    /// Its bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A way to compare blocks of codes that this CPU can run; holding one is the proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel(Lanes);

impl Kernel {
    /// The widest bound, in bits, up to which [`Kernel::find_within_many`] looks at a part of most codes only.
    pub const PARTLY_UP_TO: u32 = scan::FIRST_UP_TO;

    /// Every kernel that this CPU can run, fastest first; the scalar one is always last.
    #[must_use]
    pub fn available() -> Vec<Self> {
        Lanes::available().into_iter().map(Self).collect()
    }

    /// The fastest.
    #[must_use]
    pub fn best() -> Self {
        Self(Lanes::best())
    }

    /// `scalar`, `avx2`, `avx512`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Appends `(position, distance)` of every code within `max` of `query`, in order of position.
    pub fn find_within(
        self,
        codes: &[Code256],
        query: &Code256,
        max: Distance,
        out: &mut Vec<(usize, Distance)>,
    ) {
        self.0.run(scan::FindWithin { codes, query, max, out });
    }

    /// As [`Kernel::find_within`] for each of `queries` within its own bound, each into its own one of `out`.
    ///
    /// Each block of codes is read from memory once for all queries: with dozens of them and bounds up to about 40 bits, a
    /// query costs a fraction of what it does alone.
    ///
    /// # Panics
    /// If there are not as many of `out` as of `queries`.
    pub fn find_within_many(
        self,
        codes: &[Code256],
        queries: &[(Code256, Distance)],
        out: &mut [Vec<(usize, Distance)>],
    ) {
        assert_eq!(queries.len(), out.len(), "each query has its own list of what is found");
        self.0.run(scan::FindWithinMany { codes, queries, out });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_agrees_with_the_scalar_one() {
        // Period 251: a swapped block would show.
        let byte = |n: usize| (n % 251) as u8;
        let codes: Vec<Code256> =
            (0..66).map(|n| Code256::from_bytes(std::array::from_fn(|at| byte(n * 32 + at)))).collect();
        for kernel in Kernel::available() {
            println!("kernel: {}", kernel.name());
            for len in 0..=65 {
                for offset in [0, 1] {
                    for max in [0, 1, 31, 100, 255, 256].map(|bits| Distance::new(bits).unwrap()) {
                        let block = &codes[offset..offset + len];
                        let (mut found, mut expected) = (Vec::new(), Vec::new());
                        kernel.find_within(block, &codes[7], max, &mut found);
                        scalar::find_within(block, &codes[7], max, &mut expected);
                        assert_eq!(
                            found,
                            expected,
                            "{}: {len} codes from {offset}, within {max}",
                            kernel.name()
                        );
                    }
                }
            }
        }
    }
}
