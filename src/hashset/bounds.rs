//! How near is near, kind by kind.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::digest::{Classic, ClassicError, SignalKind};
use crate::kernel::{Distance, DistanceError};

/// Bounds of near matches, inclusive; where a kind has none, somebody else decides.
///
/// Written as `--max-distance` takes them: bits for PDQ, `KIND=BITS` for a classic kind, commas between them.
///
/// # Examples
/// ```
/// # use innerward::hashset::{BoundError, Bounds};
/// let bounds: Bounds = "20,gradient8=4".parse()?;
/// assert_eq!(bounds.pdq.map(|bits| bits.bits()), Some(20));
/// assert_eq!(bounds.classic.len(), 1);
/// assert!("gradient8=65".parse::<Bounds>().is_err()); // it has 64 bits
/// # Ok::<(), BoundError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Of PDQ.
    pub pdq: Option<Distance>,
    /// Of the classic family.
    pub classic: BTreeMap<Classic, Distance>,
}

/// Text that says no bounds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BoundError {
    /// Neither a number nor a kind with a number.
    #[error("write the bits for PDQ, and KIND=BITS for a classic kind: 31, or 31,gradient8=5")]
    Form,
    /// More bits than the hash has.
    #[error(transparent)]
    Distance(#[from] DistanceError),
    /// No such kind.
    #[error(transparent)]
    Kind(#[from] ClassicError),
    /// One kind given twice.
    #[error("the bound of one kind is given twice")]
    Twice,
}

impl Bounds {
    /// The bound for `kind`; `None` if none is named, and for digests, which are equal or not.
    #[must_use]
    pub fn get(&self, kind: SignalKind) -> Option<Distance> {
        match kind {
            SignalKind::Pdq => self.pdq,
            SignalKind::Classic(kind) => self.classic.get(&kind).copied(),
            _ => None,
        }
    }

    /// True if none is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pdq.is_none() && self.classic.is_empty()
    }
}

impl From<Option<Distance>> for Bounds {
    /// A bound for PDQ alone.
    fn from(pdq: Option<Distance>) -> Self {
        Self { pdq, classic: BTreeMap::new() }
    }
}

impl FromStr for Bounds {
    type Err = BoundError;

    fn from_str(text: &str) -> Result<Self, BoundError> {
        let mut bounds = Self::default();
        for part in text.split(',') {
            let (kind, bits) = part.split_once('=').unwrap_or(("pdq", part));
            let bits: u16 = bits.parse().map_err(|_| BoundError::Form)?;
            let before = if kind == "pdq" {
                bounds.pdq.replace(Distance::new(bits)?)
            } else {
                let kind: Classic = kind.parse()?;
                bounds.classic.insert(kind, Distance::of_width(bits, kind.width_bits())?)
            };
            if before.is_some() {
                return Err(BoundError::Twice);
            }
        }
        Ok(bounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read_kind_by_kind() {
        let classic = |name: &str| SignalKind::Classic(name.parse().unwrap());
        let bounds: Bounds = "pdq=7,gradient8=0,mean32-dct=1024".parse().unwrap();
        let bits = |kind| bounds.get(kind).map(Distance::bits);
        assert_eq!(bits(SignalKind::Pdq), Some(7));
        assert_eq!((bits(classic("gradient8")), bits(classic("mean32-dct"))), (Some(0), Some(1024)));
        assert_eq!((bits(classic("mean32")), bits(SignalKind::Md5)), (None, None));
        assert_eq!("31".parse::<Bounds>(), Ok(Bounds::from(Distance::new(31).ok())));
        assert!(Bounds::default().is_empty() && !bounds.is_empty());
    }

    #[test]
    fn what_is_no_bound_says_why() {
        let cause = |text: &str| text.parse::<Bounds>().unwrap_err();
        for text in ["", "x", "31,", "gradient8", "gradient8=", "pdq=-1", "gradient8=4 ,31"] {
            assert_eq!(cause(text), BoundError::Form, "{text}");
        }
        assert_eq!(cause("257").to_string(), "a distance is 0 to 256 bits, not 257");
        assert_eq!(cause("double-gradient8=41").to_string(), "a distance is 0 to 40 bits, not 41");
        assert_eq!(cause("phash8=3"), BoundError::Kind(ClassicError));
        assert_eq!((cause("3,pdq=4"), cause("mean8=1,mean8=1")), (BoundError::Twice, BoundError::Twice));
    }
}
