//! The secret of a token: 256 random bits, as text `iw_` and 52 characters. Only its BLAKE3 is stored.

use std::fmt;
use std::str::FromStr;

use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq;

/// What every token begins with, so that scanners of repositories can recognise one.
const PREFIX: &str = "iw_";
/// Characters behind it: 256 bits, five in each, and four bits 0.
const DIGITS: usize = 52;
/// RFC 4648's base32, in small letters.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The secret of a token. It has no `Display`: [`Secret::to_text`] is the one way to see it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

/// What is no secret of a token. It does not say why: whoever has one copies it whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token is `iw_` and 52 letters and digits")]
pub struct SecretError;

impl Secret {
    /// A new one, from the system's randomness.
    ///
    /// # Panics
    /// If the operating system has no randomness to give.
    #[must_use]
    pub fn random() -> Self {
        let mut bits = [0; 32];
        // Without randomness nothing here is safe to do.
        SysRng.try_fill_bytes(&mut bits).expect("the operating system gives random bytes");
        Self(bits)
    }

    /// As its holder sends it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let digit = |at: usize| {
            let bit = |place: usize| match self.0.get(place / 8) {
                Some(byte) => byte >> (7 - place % 8) & 1,
                None => 0,
            };
            let value = (at * 5..at * 5 + 5).fold(0, |value, place| value << 1 | bit(place));
            char::from(ALPHABET[usize::from(value)])
        };
        PREFIX.chars().chain((0..DIGITS).map(digit)).collect()
    }

    /// What is stored of it.
    pub(super) fn print(&self) -> Print {
        Print(*blake3::hash(&self.0).as_bytes())
    }
}

impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        let digits = text.strip_prefix(PREFIX).ok_or(SecretError)?.as_bytes();
        if digits.len() != DIGITS {
            return Err(SecretError);
        }
        let (mut bytes, mut at, mut held, mut bits) = ([0; 32], 0, 0_u32, 0);
        for digit in digits {
            let value = match digit {
                b'a'..=b'z' => digit - b'a',
                b'2'..=b'7' => digit - b'2' + 26,
                _ => return Err(SecretError),
            };
            held = held << 5 | u32::from(value);
            bits += 5;
            if bits >= 8 && at < bytes.len() {
                bits -= 8;
                bytes[at] = (held >> bits) as u8; // what is above was taken already
                held &= (1 << bits) - 1;
                at += 1;
            }
        }
        if held == 0 { Ok(Self(bytes)) } else { Err(SecretError) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The BLAKE3 of a secret. Compared in constant time; its `Debug` shows nothing either.
#[derive(Clone, Copy)]
pub(super) struct Print([u8; 32]);

impl Print {
    /// By which it is looked up: half of its bits, which two secrets do not share by chance.
    pub(super) fn key(&self) -> [u8; 16] {
        let mut key = [0; 16];
        key.copy_from_slice(&self.0[..16]);
        key
    }
}

impl PartialEq for Print {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Print {}

impl fmt::Debug for Print {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Print(..)")
    }
}

impl Serialize for Print {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Print {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        // The error says nothing of the text.
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| serde::de::Error::custom("a hash has 64 hexadecimal digits"))?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_secret_is_written_as_rfc_4648_has_it() {
        // Python: "iw_" + base64.b32encode(bytes(range(32))).decode().lower().rstrip("=")
        let text = "iw_aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq";
        let secret: Secret = text.parse().unwrap();
        assert_eq!(secret.0.to_vec(), (0..32).collect::<Vec<u8>>());
        assert_eq!(secret.to_text(), text);
        assert_eq!(secret.print().0, *blake3::hash(&secret.0).as_bytes());
    }

    #[test]
    fn no_secret_is_shown_by_accident() {
        let secret = Secret::random();
        let print = secret.print();
        for shown in [format!("{secret:?}"), format!("{print:?}"), format!("{:#?}", Some(&secret))] {
            let start = &secret.to_text()[3..9];
            assert!(!shown.contains(start) && !shown.contains(&hex::encode(&print.0[..3])), "{shown}");
        }
    }

    proptest! {
        #[test]
        fn a_secret_has_one_text(bits: [u8; 32], at in 0..55_usize, digit: u8) {
            let text = Secret(bits).to_text();
            prop_assert_eq!(text.parse(), Ok(Secret(bits)));
            let mut other = text.clone().into_bytes();
            other[at] = digit & 127;
            let other = String::from_utf8(other).unwrap();
            prop_assert!(other == text || other.parse() != Ok(Secret(bits)));
            prop_assert_eq!(text[..54].parse::<Secret>(), Err(SecretError));
            let longer = format!("{text}a");
            prop_assert_eq!(longer.parse::<Secret>(), Err(SecretError));
        }
    }
}
