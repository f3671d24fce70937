//! The signature of a release, in the format of minisign, so that its stock command checks a release without this program.

pub use crate::home::minisign::{PublicKey, PublicKeyError, SignatureFault};

use crate::home::minisign::{self, check_signature};

/// The first line of the signature, which is signed by nothing.
const FIRST_LINE: &str = "signature of an innerward release; check it with minisign -V";
/// What the trusted comment says before the name of the release.
const TRUSTED: &str = "innerward release ";

/// The key with which a home signs releases. Never printed.
pub(super) struct Signatory(minisign::Signatory);

impl Signatory {
    /// From the 32 secret bytes.
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        Self(minisign::Signatory::new(secret))
    }

    pub(super) fn public(&self) -> PublicKey {
        self.0.public()
    }

    /// The signature file for `message`, the manifest of the release `release_id`.
    pub(super) fn sign(&self, message: &[u8], release_id: &str) -> Vec<u8> {
        self.0.sign(message, FIRST_LINE, &format!("{TRUSTED}{release_id}"))
    }

    /// The bare signature over the text of a checkpoint, which begins with its origin: no manifest does.
    pub(super) fn sign_checkpoint(&self, text: &str) -> [u8; 64] {
        self.0.sign_bare(text.as_bytes())
    }
}

/// The text of `innerward.pub`.
pub(super) fn key_file(key: &PublicKey) -> String {
    key.to_file("innerward public key")
}

/// Checks the signature file `file` over `message`, and gives the name of the release that it is for.
pub(super) fn check(file: &[u8], message: &[u8], key: &PublicKey) -> Result<String, SignatureFault> {
    let comment = check_signature(file, message, key, FIRST_LINE)?;
    let release_id = comment.strip_prefix(TRUSTED).ok_or(SignatureFault::Form(3))?;
    Ok(release_id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_apart() {
        let signatory = Signatory::new(&[7; 32]);
        let key = signatory.public();
        assert_eq!(key_file(&key).parse(), Ok(key));
        let file = signatory.sign(b"message", "2026-10-coarse-v1");
        assert_eq!(check(&file, b"message", &key).unwrap(), "2026-10-coarse-v1");
        assert_eq!(check(&file, b"massage", &key), Err(SignatureFault::Message));
        let other = Signatory::new(&[8; 32]).public();
        assert!(matches!(check(&file, b"message", &other), Err(SignatureFault::OtherKey { .. })));
        let text = String::from_utf8(file).unwrap();
        let changed = |from: &str, to: &str| check(text.replacen(from, to, 1).as_bytes(), b"message", &key);
        assert_eq!(changed("2026-10", "2026-11"), Err(SignatureFault::Comment));
        assert_eq!(changed("check it", "do not check it"), Err(SignatureFault::Form(1)));
        assert_eq!(check(format!("{text}\n").as_bytes(), b"message", &key), Err(SignatureFault::Form(1)));
        assert_eq!(check(b"", b"message", &key), Err(SignatureFault::Form(2)));
        // A signature of the same home for something else is none of a release.
        let of_other_kind =
            minisign::Signatory::new(&[7; 32]).sign(b"message", FIRST_LINE, "innerward run 1");
        assert_eq!(check(&of_other_kind, b"message", &key), Err(SignatureFault::Form(3)));
    }
}
