use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signer, SigningKey};

use super::*;

/// A key and two signatures of the four bytes `test`, as the documentation of the crate `minisign-verify` has them (MIT,
/// by the author of minisign): made by minisign itself, the first in its older form.
const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
const WHOLE: &str = "untrusted comment: signature from minisign secret key\n\
    RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=\n\
    trusted comment: timestamp:1555779966\tfile:test\n\
    QtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==\n";
const PREHASHED: &str = "untrusted comment: signature from minisign secret key\n\
    RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=\n\
    trusted comment: timestamp:1633700835\tfile:test\tprehashed\n\
    wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==\n";

fn check(key: &str, signature: &[u8], list: &[u8]) -> Result<(), SignatureError> {
    let signature = ListSignature::of_bytes(signature)?;
    let mut verification = Verification::new(key.parse()?, &signature)?;
    list.chunks(3).for_each(|piece| verification.update(piece));
    verification.finish()
}

#[test]
fn signatures_of_minisign_itself_hold_for_their_list_alone() {
    for signature in [WHOLE, PREHASHED] {
        check(KEY, signature.as_bytes(), b"test").unwrap();
        check(&format!("untrusted comment: a key\n{KEY}\n"), signature.as_bytes(), b"test").unwrap();
        for other in [&b"Test"[..], b"tes", b"test\n", b""] {
            assert!(matches!(check(KEY, signature.as_bytes(), other), Err(SignatureError::List)));
        }
        let windows = signature.replace('\n', "\r\n");
        check(KEY, windows.as_bytes(), b"test").unwrap();
        // Every byte that is signed counts; of the first line nothing is.
        let first_line = signature.find('\n').unwrap();
        for at in first_line + 1..signature.len() - 1 {
            let mut changed = signature.as_bytes().to_vec();
            changed[at] ^= 1;
            assert!(check(KEY, &changed, b"test").is_err(), "byte {at}");
        }
        for len in 0..signature.len() - 1 {
            assert!(check(KEY, &signature.as_bytes()[..len], b"test").is_err(), "{len} bytes");
        }
    }
}

#[test]
fn a_bare_signature_is_taken_in_three_spellings_and_its_key_in_five() {
    let secret = SigningKey::from_bytes(&[7; 32]);
    let public = secret.verifying_key();
    let list = b"5ca1ab1e\n".repeat(1000);
    let signature = secret.sign(&list).to_bytes();
    let digits = hex::encode(public.as_bytes());
    let pem = Base64::encode_string(&[&SPKI[..], public.as_bytes()].concat());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n");
    let keys = [digits.clone(), digits.to_uppercase(), format!("ed25519:{digits}"), pem];
    let spellings: [Vec<u8>; 3] = [
        signature.to_vec(),
        format!("{}\n", hex::encode(signature)).into_bytes(),
        Base64::encode_string(&signature).into_bytes(),
    ];
    for key in &keys {
        let parsed: ListKey = key.parse().unwrap();
        assert_eq!(parsed.to_string().parse::<ListKey>().unwrap(), parsed);
        for signature in &spellings {
            check(key, signature, &list).unwrap();
            assert!(matches!(check(key, signature, &list[1..]), Err(SignatureError::List)));
        }
    }
    assert_eq!(ListKey::of_bytes(public.as_bytes()).unwrap(), keys[0].parse().unwrap());
    let other = hex::encode(SigningKey::from_bytes(&[8; 32]).verifying_key().as_bytes());
    assert!(matches!(check(&other, &signature, &list), Err(SignatureError::List)));
}

#[test]
fn the_wrong_kind_and_the_wrong_key_are_told_apart() {
    let bare = hex::encode(SigningKey::from_bytes(&[7; 32]).verifying_key().as_bytes());
    assert!(matches!(check(&bare, WHOLE.as_bytes(), b"test"), Err(SignatureError::Kind { .. })));
    assert!(matches!(check(KEY, &[0; 64], b"test"), Err(SignatureError::Kind { .. })));
    let mut bytes = decoded::<42>(KEY).unwrap();
    bytes[2] ^= 1;
    let told = check(&Base64::encode_string(&bytes), WHOLE.as_bytes(), b"test").unwrap_err();
    assert!(matches!(&told, SignatureError::OtherKey { found, given } if found != given), "{told}");
    let parsed: ListKey = KEY.parse().unwrap();
    assert_eq!((parsed.short().as_str(), parsed.to_string().as_str()), ("E7620F1842B4E81F", KEY));
}

#[test]
fn what_is_no_key_is_refused() {
    // The neutral element: every signature could be made to hold.
    let weak = format!("01{}", "00".repeat(31));
    for text in ["", "RW", &KEY[..55], &weak, "ed25519:5c", "x\ny", &format!("not a comment\n{KEY}")] {
        assert!(matches!(text.parse::<ListKey>(), Err(SignatureError::Key)), "{text:?}");
    }
    let missing = ListKey::of_text_or_file("/nowhere/key.pub").unwrap_err();
    assert!(missing.to_string().contains("/nowhere/key.pub"), "{missing}");
}
