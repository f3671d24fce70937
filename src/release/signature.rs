//! Signatures in the format of minisign, so that its stock command checks a release without this program.
//!
//! The legacy algorithm `Ed`: Ed25519 over the file's own bytes. A second signature covers the first and the trusted
//! comment. See <https://jedisct1.github.io/minisign/>.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::error::ReleaseError;

const ALGORITHM: [u8; 2] = *b"Ed";
const UNTRUSTED: &str = "untrusted comment: ";
const TRUSTED: &str = "trusted comment: ";

/// The key with which a home signs. Never printed.
pub(super) struct Signatory {
    key: SigningKey,
    public: PublicKey,
}

impl Signatory {
    /// From the 32 secret bytes.
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(secret);
        let public = PublicKey::of(key.verifying_key());
        Self { key, public }
    }

    pub(super) fn public(&self) -> PublicKey {
        self.public
    }

    /// The signature file for `message`, the manifest of the release `release_id`.
    pub(super) fn sign(&self, message: &[u8], release_id: &str) -> Vec<u8> {
        let signature = self.key.sign(message);
        let both = self.key.sign(&sealed(&signature, &trusted_comment(release_id)));
        render(self.public.id, &signature, &both, release_id)
    }
}

/// The key with which anyone checks a release: `innerward.pub`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    id: [u8; 8],
    key: VerifyingKey,
}

/// Text that is not a public key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a public key of minisign: give the file innerward.pub, or its second line, 56 characters that start \
     with RW"
)]
pub struct PublicKeyError;

impl PublicKey {
    fn of(key: VerifyingKey) -> Self {
        let mut id = [0; 8];
        id.copy_from_slice(&blake3::hash(key.as_bytes()).as_bytes()[..8]);
        Self { id, key }
    }

    /// Reads `innerward.pub`, or any file with a key in minisign's format.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the file cannot be read, [`ReleaseError::PublicKey`] if it holds no key.
    pub fn read(path: &Path) -> Result<Self, ReleaseError> {
        let text = std::fs::read_to_string(path).map_err(ReleaseError::io(path))?;
        Ok(text.parse()?)
    }

    /// The name of the key, as minisign shows it: 16 hex digits.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:016X}", u64::from_le_bytes(self.id))
    }

    /// The text of `innerward.pub`.
    #[must_use]
    pub fn to_file(&self) -> String {
        format!("{UNTRUSTED}innerward public key {}\n{self}\n", self.id())
    }
}

/// The line that minisign takes with `-P`.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&ALGORITHM[..], &self.id, self.key.as_bytes()].concat();
        f.write_str(&Base64::encode_string(&bytes))
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<Self, PublicKeyError> {
        let text = text.trim();
        let line = match text.split_once('\n') {
            Some((comment, line)) if comment.starts_with(UNTRUSTED) => line.trim(),
            Some(_) => return Err(PublicKeyError),
            None => text,
        };
        let bytes = decoded::<42>(line).ok_or(PublicKeyError)?;
        if bytes[..2] != ALGORITHM {
            return Err(PublicKeyError);
        }
        let (mut id, mut key) = ([0; 8], [0; 32]);
        id.copy_from_slice(&bytes[2..10]);
        key.copy_from_slice(&bytes[10..]);
        let key = VerifyingKey::from_bytes(&key).map_err(|_| PublicKeyError)?;
        if key.is_weak() { Err(PublicKeyError) } else { Ok(Self { id, key }) }
    }
}

/// Why a signature file does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// Not four lines as minisign writes them.
    #[error("line {0} is not as innerward writes it")]
    Form(u8),
    /// Another key.
    #[error(
        "it was made with key {found}, and you gave key {given}; ask the publisher which key is the right one"
    )]
    OtherKey {
        /// The key that the file names.
        found: String,
        /// The key that was given.
        given: String,
    },
    /// The manifest, or the signature, has been changed.
    #[error("the signature does not belong to this manifest.json: one of the two has been changed")]
    Manifest,
    /// The trusted comment, or its signature, has been changed.
    #[error("the trusted comment has been changed")]
    Comment,
}

/// Checks the signature file `file` over `message`, both signatures strictly, and gives the trusted comment.
pub(super) fn check(file: &[u8], message: &[u8], key: &PublicKey) -> Result<String, SignatureFault> {
    let text = std::str::from_utf8(file).map_err(|_| SignatureFault::Form(1))?;
    let mut lines = text.split('\n');
    let mut line = |number| lines.next().ok_or(SignatureFault::Form(number));
    let (_, first, comment, second) = (line(1)?, line(2)?, line(3)?, line(4)?);
    let first = decoded::<74>(first).ok_or(SignatureFault::Form(2))?;
    if first[..2] != ALGORITHM {
        return Err(SignatureFault::Form(2));
    }
    let (mut id, mut bytes) = ([0; 8], [0; 64]);
    id.copy_from_slice(&first[2..10]);
    bytes.copy_from_slice(&first[10..]);
    if id != key.id {
        let found = PublicKey { id, ..*key }.id();
        return Err(SignatureFault::OtherKey { found, given: key.id() });
    }
    let signature = Signature::from_bytes(&bytes);
    key.key.verify_strict(message, &signature).map_err(|_| SignatureFault::Manifest)?;
    let comment = comment.strip_prefix(TRUSTED).ok_or(SignatureFault::Form(3))?;
    let both = Signature::from_bytes(&decoded::<64>(second).ok_or(SignatureFault::Form(4))?);
    key.key.verify_strict(&sealed(&signature, comment), &both).map_err(|_| SignatureFault::Comment)?;
    // The first line is signed by nothing, so only one wording of it is accepted: no byte is left to play with.
    let release_id = comment.strip_prefix("innerward release ").ok_or(SignatureFault::Form(3))?;
    if file != render(key.id, &signature, &both, release_id) {
        return Err(SignatureFault::Form(1));
    }
    Ok(release_id.to_owned())
}

fn trusted_comment(release_id: &str) -> String {
    format!("innerward release {release_id}")
}

/// What the second signature covers.
fn sealed(signature: &Signature, trusted_comment: &str) -> Vec<u8> {
    [&signature.to_bytes()[..], trusted_comment.as_bytes()].concat()
}

fn render(id: [u8; 8], signature: &Signature, both: &Signature, release_id: &str) -> Vec<u8> {
    let first = Base64::encode_string(&[&ALGORITHM[..], &id, &signature.to_bytes()].concat());
    let second = Base64::encode_string(&both.to_bytes());
    format!(
        "{UNTRUSTED}signature of an innerward release; check it with minisign -V\n{first}\n{TRUSTED}{}\n{second}\n",
        trusted_comment(release_id)
    )
    .into_bytes()
}

fn decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    (Base64::decode(text, &mut bytes).ok()?.len() == N).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_file_and_its_line() {
        let key = Signatory::new(&[7; 32]).public();
        assert_eq!(key.to_file().parse(), Ok(key));
        assert_eq!(key.to_string().parse(), Ok(key));
        assert!(key.to_string().starts_with("RW") && key.to_string().len() == 56);
        for text in ["", "RWQ", "untrusted comment: x\n", &key.to_string()[1..], "other\nline"] {
            assert_eq!(text.parse::<PublicKey>(), Err(PublicKeyError), "{text}");
        }
    }

    #[test]
    fn a_key_made_by_the_minisign_command_is_read() {
        // The key that the minisign page gives as its example.
        let line = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
        assert_eq!(line.parse::<PublicKey>().unwrap().id(), "E7620F1842B4E81F");
    }

    #[test]
    fn faults_are_told_apart() {
        let signatory = Signatory::new(&[7; 32]);
        let key = signatory.public();
        let file = signatory.sign(b"message", "2026-10-coarse-v1");
        assert_eq!(check(&file, b"message", &key).unwrap(), "2026-10-coarse-v1");
        assert_eq!(check(&file, b"massage", &key), Err(SignatureFault::Manifest));
        let other = Signatory::new(&[8; 32]).public();
        assert!(matches!(check(&file, b"message", &other), Err(SignatureFault::OtherKey { .. })));
        let text = String::from_utf8(file).unwrap();
        let changed = |from: &str, to: &str| check(text.replacen(from, to, 1).as_bytes(), b"message", &key);
        assert_eq!(changed("2026-10", "2026-11"), Err(SignatureFault::Comment));
        assert_eq!(changed("check it", "do not check it"), Err(SignatureFault::Form(1)));
        assert_eq!(check(format!("{text}\n").as_bytes(), b"message", &key), Err(SignatureFault::Form(1)));
        assert_eq!(check(b"", b"message", &key), Err(SignatureFault::Form(2)));
    }
}
