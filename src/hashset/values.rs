//! Hash values as lists write them beside hexadecimal digits: SHA-1 in base32, PDQ in base64.

use base64ct::{Base64, Encoding};

use super::report::Cause;
use crate::digest::{Signal, SignalKind};

/// The hash `text` of `kind`: hexadecimal digits, 32 characters of base32 for SHA-1, 44 of base64 for PDQ.
pub(super) fn signal(kind: SignalKind, text: &str) -> Result<Signal, Cause> {
    let bytes = match (kind, text.len()) {
        (SignalKind::Sha1, 32) => base32(text),
        (SignalKind::Pdq, 44) => Base64::decode_vec(text).ok(),
        _ => None,
    };
    Ok(match bytes {
        Some(bytes) => kind.parse(&hex::encode(bytes)),
        None => kind.parse(text),
    }?)
}

/// RFC 4648, in either case, without padding.
fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut word, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        let digit = match byte.to_ascii_uppercase() {
            byte @ b'A'..=b'Z' => byte - b'A',
            byte @ b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        word = word << 5 | u32::from(digit);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((word >> bits) as u8);
            word &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::SignalError;

    #[test]
    fn base32_and_base64_are_those_of_the_standard() {
        // RFC 4648, section 10, without padding.
        for (text, expected) in [("MZXW6YTB", "fooba"), ("mzxw6ytboi", "foobar"), ("", "")] {
            assert_eq!(base32(text).unwrap(), expected.as_bytes());
        }
        assert_eq!(base32("MZXW6YT1"), None);
        // Python: base64.b32encode(bytes.fromhex("decafbad" * 5)), base64.b64encode(bytes.fromhex("5ca1ab1e" * 8))
        for (kind, text, hex) in [
            (SignalKind::Sha1, "33FPXLO6ZL523XWK7OW55SX3VXPMV65N", "decafbad".repeat(5)),
            (SignalKind::Pdq, "XKGrHlyhqx5coaseXKGrHlyhqx5coaseXKGrHlyhqx4=", "5ca1ab1e".repeat(8)),
        ] {
            assert_eq!(hex::encode(signal(kind, text).unwrap().as_bytes()), hex);
        }
    }

    #[test]
    fn digits_are_read_as_before_and_empty_input_is_refused_however_it_is_written() {
        let sha1 = "decafbad".repeat(5);
        assert_eq!(
            signal(SignalKind::Sha1, &sha1.to_uppercase()).unwrap(),
            SignalKind::Sha1.parse(&sha1).unwrap()
        );
        // base64.b32encode(hashlib.sha1(b"").digest())
        assert_eq!(
            signal(SignalKind::Sha1, "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"),
            Err(Cause::Hash(SignalError::EmptyInput { kind: SignalKind::Sha1 }))
        );
        assert!(matches!(
            signal(SignalKind::Sha1, &"1".repeat(32)),
            Err(Cause::Hash(SignalError::Length { expected: 40, found: 32, .. }))
        ));
    }
}
