//! Hash values. Text is parsed once, here; past this point there is no hex and no bare integer.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::{Classic, ClassicCode};
use crate::kernel::{Code, Code256, Distance};

/// The kinds of hash that lists carry and the index searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SignalKind {
    /// 16 bytes; can be forged, and verdicts say so.
    Md5,
    /// 20 bytes.
    Sha1,
    /// 32 bytes.
    Sha256,
    /// 32 bytes; the ward's own name for an item.
    Blake3,
    /// 256-bit perceptual hash.
    Pdq,
    /// A perceptual hash of the classic family.
    Classic(Classic),
}

impl SignalKind {
    /// The kinds that need no more than their name, digests first.
    const PLAIN: [Self; 5] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Blake3, Self::Pdq];

    /// Every kind; digests come first, the classic family last.
    pub const ALL: [Self; Self::PLAIN.len() + Classic::ALL.len()] = {
        let mut all = [Self::Md5; Self::PLAIN.len() + Classic::ALL.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = match at.checked_sub(Self::PLAIN.len()) {
                None => Self::PLAIN[at],
                Some(classic) => Self::Classic(Classic::ALL[classic]),
            };
            at += 1;
        }
        all
    };

    /// `md5`, `sha1`, `sha256`, `blake3`, `pdq`, `gradient8`, `median16-dct` …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Blake3 => "blake3",
            Self::Pdq => "pdq",
            Self::Classic(kind) => kind.as_str(),
        }
    }

    /// Length of a value in bytes.
    #[must_use]
    pub const fn len_bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 | Self::Blake3 | Self::Pdq => 32,
            Self::Classic(kind) => kind.width_bits().div_ceil(8) as usize,
        }
    }

    /// True for a hash of the exact bytes, false for a perceptual one.
    #[must_use]
    pub const fn is_digest(self) -> bool {
        !matches!(self, Self::Pdq | Self::Classic(_))
    }

    /// The bound of a near match where nobody names one; 0 for a digest.
    #[must_use]
    pub const fn default_distance(self) -> Distance {
        match self {
            Self::Pdq => Distance::PDQ_DEFAULT,
            Self::Classic(kind) => kind.default_distance(),
            _ => Distance::ZERO,
        }
    }

    /// A value of this kind from its hexadecimal text, in either case.
    ///
    /// # Errors
    /// [`SignalError`] if the text is not exactly that many hexadecimal digits, is the digest of no bytes at all, or a
    /// classic hash whose bits are all the same.
    pub fn parse(self, text: &str) -> Result<Signal, SignalError> {
        fn bytes<const N: usize>(kind: SignalKind, text: &str) -> Result<[u8; N], SignalError> {
            let mut out = [0; N];
            if text.len() != 2 * N {
                return Err(SignalError::Length { kind, expected: 2 * N, found: text.chars().count() });
            }
            hex::decode_to_slice(text, &mut out).map_err(|_| SignalError::Digits { kind })?;
            Ok(out)
        }
        let signal = match self {
            Self::Md5 => Signal::Md5(Md5(bytes(self, text)?)),
            Self::Sha1 => Signal::Sha1(Sha1(bytes(self, text)?)),
            Self::Sha256 => Signal::Sha256(Sha256(bytes(self, text)?)),
            Self::Blake3 => Signal::Blake3(Blake3(bytes(self, text)?)),
            Self::Pdq => Signal::Pdq(Pdq(Code256::from_bytes(bytes(self, text)?))),
            Self::Classic(kind) => Signal::Classic(classic(kind, text)?),
        };
        if self.is_digest() && EMPTY_INPUT.iter().any(|empty| empty.eq_ignore_ascii_case(text)) {
            return Err(SignalError::EmptyInput { kind: self });
        }
        Ok(signal)
    }
}

fn classic(kind: Classic, text: &str) -> Result<ClassicCode, SignalError> {
    let signal = SignalKind::Classic(kind);
    let expected = 2 * signal.len_bytes();
    let length = SignalError::Length { kind: signal, expected, found: text.chars().count() };
    if text.len() != expected {
        return Err(length);
    }
    let mut room = [0; Code::MAX_BYTES];
    let bytes = &mut room[..signal.len_bytes()];
    hex::decode_to_slice(text, bytes).map_err(|_| SignalError::Digits { kind: signal })?;
    let first = bytes[0];
    if matches!(first, 0 | 0xff) && bytes.iter().all(|byte| *byte == first) {
        return Err(SignalError::Plain { kind: signal });
    }
    ClassicCode::new(kind, bytes).ok_or(length)
}

/// Digests of no bytes at all: they would match every empty file, and lists do carry them by mistake.
const EMPTY_INPUT: [&str; 4] = [
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
];

impl fmt::Display for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for SignalKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for SignalKind {
    type Err = SignalError;

    fn from_str(text: &str) -> Result<Self, SignalError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(SignalError::Kind)
    }
}

/// Text that is not a hash. The text itself is not repeated: it may be one, of another kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignalError {
    /// No `kind:` in front, or one that is not known.
    #[error(
        "write a hash as kind:hex; the kinds are md5, sha1, sha256, blake3, pdq, and the classic ones, such as gradient8 \
         and median16-dct"
    )]
    Kind,
    /// Too short or too long.
    #[error("{kind} has {expected} hexadecimal digits, not {found} characters")]
    Length {
        /// The kind asked for.
        kind: SignalKind,
        /// Its digits.
        expected: usize,
        /// The characters found.
        found: usize,
    },
    /// The right length, but not hexadecimal.
    #[error("{kind} is written in hexadecimal digits only")]
    Digits {
        /// The kind asked for.
        kind: SignalKind,
    },
    /// The digest of an empty file.
    #[error("this is the {kind} of an empty file; it would match every empty file")]
    EmptyInput {
        /// The kind asked for.
        kind: SignalKind,
    },
    /// The classic hash of a picture without anything in it.
    #[error(
        "all bits of this {kind} are the same, as of a picture of one colour; it would match every such picture"
    )]
    Plain {
        /// The kind asked for.
        kind: SignalKind,
    },
}

macro_rules! digest_types {
    ($($(#[$doc:meta])* $name:ident $len:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// The value with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Lower-case hexadecimal.
            #[must_use]
            pub fn to_hex(&self) -> String {
                hex::encode(self.0)
            }
        }

        impl From<$name> for Signal {
            fn from(value: $name) -> Signal {
                Signal::$name(value)
            }
        }

        /// Hashes are never printed by accident.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}

digest_types! {
    /// An MD5 digest.
    Md5 16;
    /// A SHA-1 digest.
    Sha1 20;
    /// A SHA-256 digest.
    Sha256 32;
    /// A BLAKE3 digest.
    Blake3 32;
}

/// A PDQ hash: 256 bits, written highest bit first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(transparent)]
pub struct Pdq(Code256);

impl Pdq {
    /// The hash with this code.
    #[must_use]
    pub const fn new(code: Code256) -> Self {
        Self(code)
    }

    /// Its code: byte 0 holds bits 255 to 248, highest first.
    #[must_use]
    pub const fn code(&self) -> &Code256 {
        &self.0
    }

    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0.as_bytes())
    }
}

impl fmt::Debug for Pdq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pdq(..)")
    }
}

impl From<Pdq> for Signal {
    fn from(value: Pdq) -> Signal {
        Signal::Pdq(value)
    }
}

impl From<ClassicCode> for Signal {
    fn from(value: ClassicCode) -> Signal {
        Signal::Classic(value)
    }
}

mod sealed {
    /// A search relies on a code that is as wide as its kind says.
    pub trait Sealed {}
    impl Sealed for super::Pdq {}
    impl Sealed for super::ClassicCode {}
}

/// A hash that is searched by distance: PDQ, and the classic family.
pub trait Perceptual: sealed::Sealed {
    /// Its kind.
    fn signal_kind(&self) -> SignalKind;

    /// Its bits, in the order in which they are written; as many bytes as its kind has.
    fn code_bytes(&self) -> &[u8];
}

impl Perceptual for Pdq {
    fn signal_kind(&self) -> SignalKind {
        SignalKind::Pdq
    }

    fn code_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Perceptual for ClassicCode {
    fn signal_kind(&self) -> SignalKind {
        SignalKind::Classic(self.kind())
    }

    fn code_bytes(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// How much structure a PDQ hash rests on, 0 to 100; below 50 it says too little to match on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Quality(u8);

/// A quality above 100.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a PDQ quality is 0 to 100, not {0}")]
pub struct QualityError(pub u8);

impl Quality {
    /// The field's floor: at 49 and below a hash is not used.
    pub const USABLE: Self = Self(50);

    /// A quality of `percent`.
    ///
    /// # Errors
    /// [`QualityError`] above 100.
    pub const fn new(percent: u8) -> Result<Self, QualityError> {
        if percent > 100 { Err(QualityError(percent)) } else { Ok(Self(percent)) }
    }

    /// 0 to 100.
    #[must_use]
    pub const fn percent(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One hash of any kind, as a query or in a list; written `sha256:9f2c…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// See [`SignalKind::Md5`].
    Md5(Md5),
    /// See [`SignalKind::Sha1`].
    Sha1(Sha1),
    /// See [`SignalKind::Sha256`].
    Sha256(Sha256),
    /// See [`SignalKind::Blake3`].
    Blake3(Blake3),
    /// See [`SignalKind::Pdq`].
    Pdq(Pdq),
    /// See [`SignalKind::Classic`].
    Classic(ClassicCode),
}

impl Signal {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> SignalKind {
        match self {
            Self::Md5(_) => SignalKind::Md5,
            Self::Sha1(_) => SignalKind::Sha1,
            Self::Sha256(_) => SignalKind::Sha256,
            Self::Blake3(_) => SignalKind::Blake3,
            Self::Pdq(_) => SignalKind::Pdq,
            Self::Classic(code) => SignalKind::Classic(code.kind()),
        }
    }

    /// Its bytes, as many as its kind has.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Md5(value) => value.as_bytes(),
            Self::Sha1(value) => value.as_bytes(),
            Self::Sha256(value) => value.as_bytes(),
            Self::Blake3(value) => value.as_bytes(),
            Self::Pdq(value) => value.code().as_bytes(),
            Self::Classic(value) => value.as_bytes(),
        }
    }

    /// `kind:hex`, to be shown to the ward's own people only.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}:{}", self.kind(), hex::encode(self.as_bytes()))
    }
}

impl FromStr for Signal {
    type Err = SignalError;

    /// Kind and digits in either case.
    fn from_str(text: &str) -> Result<Self, SignalError> {
        let (kind, hex) = text.trim().split_once(':').ok_or(SignalError::Kind)?;
        kind.to_ascii_lowercase().parse::<SignalKind>()?.parse(hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_read_in_either_case_and_written_in_lower() {
        for kind in ["sha256", "SHA256", "Pdq", "GRADIENT16", "Median16-DCT"] {
            let text = format!("{kind}:{}", "AB".repeat(32));
            let signal: Signal = text.parse().unwrap();
            assert_eq!(signal.to_text(), text.to_lowercase());
        }
    }

    #[test]
    fn wrong_kinds_lengths_and_digits_are_told_apart() {
        assert_eq!("c0ffee".parse::<Signal>(), Err(SignalError::Kind));
        assert_eq!("crc32:c0ffee00".parse::<Signal>(), Err(SignalError::Kind));
        assert!(matches!(
            "md5:c0ffee".parse::<Signal>(),
            Err(SignalError::Length { expected: 32, found: 6, .. })
        ));
        assert!(matches!(
            format!("md5:{}", "g".repeat(32)).parse::<Signal>(),
            Err(SignalError::Digits { .. })
        ));
        assert!(matches!(
            format!("md5:{}", "é".repeat(16)).parse::<Signal>(),
            Err(SignalError::Digits { .. })
        ));
    }

    #[test]
    fn digests_of_empty_input_are_refused() {
        for (kind, hex) in SignalKind::ALL.iter().zip(EMPTY_INPUT) {
            assert_eq!(kind.parse(&hex.to_uppercase()), Err(SignalError::EmptyInput { kind: *kind }));
        }
    }

    #[test]
    fn classic_hashes_have_the_digits_of_their_width() {
        for kind in Classic::ALL {
            let digits = kind.width_bits() as usize / 4;
            let text = format!("{kind}:{}", "5C".repeat(digits / 2));
            let signal: Signal = text.parse().unwrap();
            assert_eq!(signal.to_text(), text.to_lowercase());
            assert_eq!((signal.kind(), signal.as_bytes().len() * 2), (SignalKind::Classic(kind), digits));
            for len in [0, digits - 2, digits - 1, digits + 1, digits + 2] {
                let found = format!("{kind}:{}", "5".repeat(len)).parse::<Signal>();
                assert!(matches!(found, Err(SignalError::Length { expected, found, .. })
                    if (expected, found) == (digits, len)));
            }
            let foreign = format!("{kind}:{}", "x".repeat(digits)).parse::<Signal>();
            assert_eq!(foreign, Err(SignalError::Digits { kind: SignalKind::Classic(kind) }));
            for digit in ["0", "f"] {
                let plain = format!("{kind}:{}", digit.repeat(digits)).parse::<Signal>();
                assert_eq!(plain, Err(SignalError::Plain { kind: SignalKind::Classic(kind) }));
            }
        }
    }

    #[test]
    fn every_kind_is_written_and_read_by_its_name() {
        for kind in SignalKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert!(SignalKind::ALL.is_sorted(), "the order of kinds is that of the list");
    }

    #[test]
    fn debug_shows_no_digit_of_a_hash() {
        let signal: Signal = format!("md5:{}", "5c".repeat(16)).parse().unwrap();
        assert!(!format!("{signal:?}").contains("5c"));
    }
}
