//! Signatures of lists: minisign's, and bare ed25519.
//!
//! A list is checked as it lies, before it is unpacked, as it streams past: memory does not grow with it, in minisign's
//! older form neither. See <https://jedisct1.github.io/minisign/> and RFC 8032.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use blake2::{Blake2b512, Digest};
use ed25519_dalek::{Signature, StreamVerifier, VerifyingKey};

use crate::home::minisign::{MinisignFile, PublicKey, decoded};

/// Why a list is not taken for its publisher's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The file of a key or a signature cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Not a key.
    #[error(
        "this is no key for lists; minisign's has 56 characters that start with RW, ed25519's 64 hexadecimal digits, \
         and either may be in a file (the latter as 32 bytes or PEM too)"
    )]
    Key,
    /// Not a signature.
    #[error(
        "this is no signature; minisign's has four lines, ed25519's 64 bytes or as many in hexadecimal digits or base64"
    )]
    Form,
    /// The two do not go together.
    #[error("the signature is {signature} and the key is {key}; give both of one kind")]
    Kind {
        /// What kind the signature is of.
        signature: &'static str,
        /// What kind the key is of.
        key: &'static str,
    },
    /// Made with another key.
    #[error(
        "the list is signed with key {found}, and not with key {given}; ask the publisher which is right"
    )]
    OtherKey {
        /// The key that the signature names.
        found: String,
        /// The key that it should be.
        given: String,
    },
    /// Changed.
    #[error("the signature does not belong to this list: one of the two has been changed; fetch both again")]
    List,
    /// Changed beside the list.
    #[error("the trusted comment of the signature has been changed; fetch it again")]
    Comment,
}

const MINISIGN: &str = "minisign's";
const BARE: &str = "bare ed25519";
/// What stands before the key in the public key file of ed25519 (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];
/// No file of a key or a signature is longer.
const MAX_FILE: u64 = 16 << 10;

/// The key with which a publisher signs lists. Its text is what minisign takes with `-P`, or `ed25519:` and 64 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListKey(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Minisign(PublicKey),
    Bare(VerifyingKey),
}

impl ListKey {
    /// The key that `text` is, or that is in the file of that name.
    ///
    /// # Errors
    /// [`SignatureError::Key`], or [`SignatureError::Io`] if it can only be a file's name and that cannot be read.
    pub fn of_text_or_file(text: &str) -> Result<Self, SignatureError> {
        match text.parse() {
            Ok(key) => Ok(key),
            Err(_) => Self::of_bytes(&small_file(Path::new(text))?),
        }
    }

    fn of_bytes(bytes: &[u8]) -> Result<Self, SignatureError> {
        if let Ok(key) = <[u8; 32]>::try_from(bytes) {
            return Self::bare(&key);
        }
        std::str::from_utf8(bytes).map_err(|_| SignatureError::Key)?.parse()
    }

    fn bare(key: &[u8; 32]) -> Result<Self, SignatureError> {
        let key = VerifyingKey::from_bytes(key).map_err(|_| SignatureError::Key)?;
        // Under a weak key one signature holds for many lists.
        if key.is_weak() { Err(SignatureError::Key) } else { Ok(Self(Kind::Bare(key))) }
    }

    /// A short name for people: minisign's, or the first digits of the key.
    #[must_use]
    pub fn short(&self) -> String {
        match &self.0 {
            Kind::Minisign(key) => key.id(),
            Kind::Bare(key) => format!("ed25519:{}", hex::encode(&key.as_bytes()[..8])),
        }
    }

    const fn kind(&self) -> &'static str {
        match self.0 {
            Kind::Minisign(_) => MINISIGN,
            Kind::Bare(_) => BARE,
        }
    }

    const fn verifying_key(&self) -> &VerifyingKey {
        match &self.0 {
            Kind::Minisign(key) => key.verifying_key(),
            Kind::Bare(key) => key,
        }
    }
}

impl fmt::Display for ListKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Minisign(key) => key.fmt(f),
            Kind::Bare(key) => write!(f, "ed25519:{}", hex::encode(key.as_bytes())),
        }
    }
}

impl FromStr for ListKey {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let text = text.trim();
        if let Some(pem) = text.strip_prefix("-----BEGIN PUBLIC KEY-----") {
            let pem = pem.strip_suffix("-----END PUBLIC KEY-----").ok_or(SignatureError::Key)?;
            let bytes = decoded::<44>(pem.trim()).ok_or(SignatureError::Key)?;
            let key = bytes.strip_prefix(&SPKI).and_then(|key| <&[u8; 32]>::try_from(key).ok());
            return Self::bare(key.ok_or(SignatureError::Key)?);
        }
        if let Ok(key) = text.parse() {
            return Ok(Self(Kind::Minisign(key)));
        }
        // A key of the other kind may stand behind a comment as minisign's does.
        let line = match text.split_once('\n') {
            Some((comment, line)) if comment.starts_with("untrusted comment:") => line.trim(),
            _ => text,
        };
        let mut key = [0; 32];
        let digits = line.strip_prefix("ed25519:").unwrap_or(line);
        hex::decode_to_slice(digits, &mut key).map_err(|_| SignatureError::Key)?;
        Self::bare(&key)
    }
}

/// A signature of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSignature {
    signature: Signature,
    /// What minisign says beside the signature.
    minisign: Option<MinisignFile>,
}

impl ListSignature {
    /// The signature in the file at `path`.
    ///
    /// # Errors
    /// [`SignatureError::Io`], [`SignatureError::Form`].
    pub fn read(path: &Path) -> Result<Self, SignatureError> {
        Self::of_bytes(&small_file(path)?)
    }

    /// The signature that `bytes`, the content of a file, are.
    ///
    /// # Errors
    /// [`SignatureError::Form`].
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, SignatureError> {
        let bare = |bytes: &[u8; 64]| Self { signature: Signature::from_bytes(bytes), minisign: None };
        if let Ok(bytes) = <&[u8; 64]>::try_from(bytes) {
            return Ok(bare(bytes));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| SignatureError::Form)?.trim();
        let mut digits = [0; 64];
        if hex::decode_to_slice(text, &mut digits).is_ok() {
            return Ok(bare(&digits));
        }
        if let Some(bytes) = decoded(text) {
            return Ok(bare(&bytes));
        }
        let file = MinisignFile::parse(text).map_err(|_| SignatureError::Form)?;
        Ok(Self { signature: file.signature, minisign: Some(file) })
    }
}

/// A list is on its way past, and is checked.
pub struct Verification<'s> {
    key: ListKey,
    signature: &'s ListSignature,
    state: State,
}

enum State {
    Digest(Box<Blake2b512>),
    Whole(Box<StreamVerifier>),
}

impl<'s> Verification<'s> {
    /// Begins to check a list against `signature`, made with `key`.
    ///
    /// # Errors
    /// [`SignatureError::Kind`], [`SignatureError::OtherKey`], [`SignatureError::Comment`]: that needs no list.
    pub fn new(key: ListKey, signature: &'s ListSignature) -> Result<Self, SignatureError> {
        let minisign = match (&signature.minisign, &key.0) {
            (Some(file), Kind::Minisign(given)) if file.names(given) => Some((file, given)),
            (Some(file), Kind::Minisign(given)) => {
                return Err(SignatureError::OtherKey { found: file.key_id(), given: given.id() });
            }
            (None, Kind::Bare(_)) => None,
            (Some(_), Kind::Bare(_)) => {
                return Err(SignatureError::Kind { signature: MINISIGN, key: key.kind() });
            }
            (None, Kind::Minisign(_)) => {
                return Err(SignatureError::Kind { signature: BARE, key: key.kind() });
            }
        };
        if minisign.is_some_and(|(file, given)| !file.seals_its_comment(given)) {
            return Err(SignatureError::Comment);
        }
        let state = if minisign.is_some_and(|(file, _)| file.prehashed) {
            State::Digest(Box::default())
        } else {
            let verifier = key.verifying_key().verify_stream(&signature.signature);
            State::Whole(Box::new(verifier.map_err(|_| SignatureError::List)?))
        };
        Ok(Self { key, signature, state })
    }

    /// The next bytes of the list.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Digest(digest) => digest.update(bytes),
            State::Whole(verifier) => verifier.update(bytes),
        }
    }

    /// The list is over; `Ok` if it is what was signed.
    ///
    /// # Errors
    /// [`SignatureError::List`].
    pub fn finish(self) -> Result<(), SignatureError> {
        let signature = &self.signature.signature;
        match self.state {
            State::Digest(digest) => self.key.verifying_key().verify_strict(&digest.finalize(), signature),
            State::Whole(verifier) => verifier.finalize_and_verify(),
        }
        .map_err(|_| SignatureError::List)
    }
}

/// The content of a file of which nothing beyond [`MAX_FILE`] is read: what is longer is neither key nor signature.
fn small_file(path: &Path) -> Result<Vec<u8>, SignatureError> {
    let io = |source| SignatureError::Io { path: path.into(), source };
    let mut bytes = Vec::new();
    File::open(path).map_err(io)?.take(MAX_FILE).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
