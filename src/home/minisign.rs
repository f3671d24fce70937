//! Keys and signatures in the format of minisign, so that its stock command checks what innerward signs and innerward
//! checks what others sign.
//!
//! A signature file has four lines: a comment that nothing signs, the signature (`Ed`: Ed25519 over the file's own bytes;
//! `ED`: over their BLAKE2b, since minisign 0.8), a comment, and a signature over the first one and the comment. innerward
//! itself signs in the first way. See <https://jedisct1.github.io/minisign/>.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::HomeError;

/// Signed are the bytes themselves, or their digest.
const WHOLE: [u8; 2] = *b"Ed";
const PREHASHED: [u8; 2] = *b"ED";
const UNTRUSTED: &str = "untrusted comment:";
const TRUSTED: &str = "trusted comment: ";

/// A secret key, with which files are signed. Never printed.
pub struct Signatory {
    key: SigningKey,
    public: PublicKey,
}

impl Signatory {
    /// From the 32 secret bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(secret);
        let public = PublicKey::of(key.verifying_key());
        Self { key, public }
    }

    /// With what others check its signatures.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// The signature file for `message`: `untrusted` is its first line, which nothing protects, and `trusted` is signed.
    #[must_use]
    pub fn sign(&self, message: &[u8], untrusted: &str, trusted: &str) -> Vec<u8> {
        let signature = self.key.sign(message);
        let comment = trusted.to_owned();
        let both = self.key.sign(&sealed(&signature, &comment));
        let signed = MinisignFile { id: self.public.id, prehashed: false, signature, comment, both };
        signed.render(untrusted).into_bytes()
    }

    /// The bare signature over `message`, for formats of others that have one. The formats must not be taken for each
    /// other: what is signed here begins with a word of its own.
    #[must_use]
    pub fn sign_bare(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

/// A public key with the name that minisign gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    id: [u8; 8],
    key: VerifyingKey,
}

/// Text that is not a public key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a public key of minisign: give its file, such as innerward.pub, or the second line of that, 56 \
     characters that start with RW"
)]
pub struct PublicKeyError;

impl PublicKey {
    fn of(key: VerifyingKey) -> Self {
        let mut id = [0; 8];
        id.copy_from_slice(&blake3::hash(key.as_bytes()).as_bytes()[..8]);
        Self { id, key }
    }

    /// Reads a file with a key in minisign's format.
    ///
    /// # Errors
    /// [`HomeError::Io`] if the file cannot be read, [`HomeError::PublicKey`] if it holds no key.
    pub fn read(path: &Path) -> Result<Self, HomeError> {
        let text = std::fs::read_to_string(path).map_err(HomeError::io(path))?;
        Ok(text.parse()?)
    }

    /// The name of the key, as minisign shows it: 16 hex digits.
    #[must_use]
    pub fn id(&self) -> String {
        id_in_words(self.id)
    }

    /// What checks signatures.
    #[must_use]
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.key
    }

    /// True if `signature` is that of `message` with this key, strictly.
    #[must_use]
    pub fn signed_bare(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }

    /// The text of its file, which calls it `name`.
    #[must_use]
    pub fn to_file(&self, name: &str) -> String {
        format!("{UNTRUSTED} {name} {}\n{self}\n", self.id())
    }
}

/// The line that minisign takes with `-P`.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&WHOLE[..], &self.id, self.key.as_bytes()].concat();
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
        if bytes[..2] != WHOLE {
            return Err(PublicKeyError);
        }
        let (mut id, mut key) = ([0; 8], [0; 32]);
        id.copy_from_slice(&bytes[2..10]);
        key.copy_from_slice(&bytes[10..]);
        let key = VerifyingKey::from_bytes(&key).map_err(|_| PublicKeyError)?;
        // Under a weak key one signature holds for many files.
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
        "it was made with key {found}, and you gave key {given}; ask whoever signed which key is the right one"
    )]
    OtherKey {
        /// The key that the file names.
        found: String,
        /// The key that was given.
        given: String,
    },
    /// The signed file, or the signature, has been changed.
    #[error("the signature does not belong to the file that it lies beside: one of the two has been changed")]
    Message,
    /// The trusted comment, or its signature, has been changed.
    #[error("the trusted comment has been changed")]
    Comment,
}

/// What a signature file says. That it can be read says nothing about whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinisignFile {
    id: [u8; 8],
    /// The digest of the file is signed, in place of the file.
    pub prehashed: bool,
    /// The signature of the file, or of its digest.
    pub signature: Signature,
    comment: String,
    /// Of the signature and the comment together.
    both: Signature,
}

impl MinisignFile {
    /// Reads `text`; the ends of its lines may be those of Windows.
    ///
    /// # Errors
    /// [`SignatureFault::Form`] with the line.
    pub fn parse(text: &str) -> Result<Self, SignatureFault> {
        let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let mut line = |number| lines.next().ok_or(SignatureFault::Form(number));
        let (untrusted, first, comment, second) = (line(1)?, line(2)?, line(3)?, line(4)?);
        let first = decoded::<74>(first.trim()).ok_or(SignatureFault::Form(2))?;
        let (mut algorithm, mut id, mut signature) = ([0; 2], [0; 8], [0; 64]);
        algorithm.copy_from_slice(&first[..2]);
        id.copy_from_slice(&first[2..10]);
        signature.copy_from_slice(&first[10..]);
        let prehashed = match algorithm {
            PREHASHED => true,
            WHOLE => false,
            _ => return Err(SignatureFault::Form(2)),
        };
        let comment = comment.strip_prefix(TRUSTED).ok_or(SignatureFault::Form(3))?.to_owned();
        let both = Signature::from_bytes(&decoded(second.trim()).ok_or(SignatureFault::Form(4))?);
        if lines.any(|line| !line.is_empty()) {
            return Err(SignatureFault::Form(5));
        }
        if !untrusted.starts_with(UNTRUSTED) {
            return Err(SignatureFault::Form(1));
        }
        Ok(Self { id, prehashed, signature: Signature::from_bytes(&signature), comment, both })
    }

    /// The name of the key that it says it was made with: 16 hex digits.
    #[must_use]
    pub fn key_id(&self) -> String {
        id_in_words(self.id)
    }

    /// True if it says that it was made with `key`.
    #[must_use]
    pub fn names(&self, key: &PublicKey) -> bool {
        self.id == key.id
    }

    /// True if the signature and the comment were put together with `key`.
    #[must_use]
    pub fn seals_its_comment(&self, key: &PublicKey) -> bool {
        key.key.verify_strict(&sealed(&self.signature, &self.comment), &self.both).is_ok()
    }

    fn render(&self, untrusted: &str) -> String {
        let algorithm = if self.prehashed { PREHASHED } else { WHOLE };
        let first = Base64::encode_string(&[&algorithm[..], &self.id, &self.signature.to_bytes()].concat());
        let second = Base64::encode_string(&self.both.to_bytes());
        format!("{UNTRUSTED} {untrusted}\n{first}\n{TRUSTED}{}\n{second}\n", self.comment)
    }
}

/// Checks the signature file `file` over `message`, as [`Signatory::sign`] makes it with this first line, both signatures
/// strictly; the trusted comment.
///
/// # Errors
/// [`SignatureFault`] for any other file, by a single byte.
pub fn check_signature(
    file: &[u8],
    message: &[u8],
    key: &PublicKey,
    untrusted: &str,
) -> Result<String, SignatureFault> {
    let text = std::str::from_utf8(file).map_err(|_| SignatureFault::Form(1))?;
    let signed = MinisignFile::parse(text)?;
    if signed.prehashed {
        return Err(SignatureFault::Form(2));
    }
    if !signed.names(key) {
        return Err(SignatureFault::OtherKey { found: signed.key_id(), given: key.id() });
    }
    key.key.verify_strict(message, &signed.signature).map_err(|_| SignatureFault::Message)?;
    if !signed.seals_its_comment(key) {
        return Err(SignatureFault::Comment);
    }
    // The first line is signed by nothing, so only one wording of it is accepted: no byte is left to play with.
    if text != signed.render(untrusted) {
        return Err(SignatureFault::Form(1));
    }
    Ok(signed.comment)
}

/// What the second signature covers.
fn sealed(signature: &Signature, trusted_comment: &str) -> Vec<u8> {
    [&signature.to_bytes()[..], trusted_comment.as_bytes()].concat()
}

fn id_in_words(id: [u8; 8]) -> String {
    format!("{:016X}", u64::from_le_bytes(id))
}

/// The `N` bytes that `text` is the base64 of.
#[must_use]
pub fn decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    (Base64::decode(text, &mut bytes).ok()?.len() == N).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_LINE: &str = "a signature; check it with minisign -V";

    #[test]
    fn a_key_survives_its_file_and_its_line() {
        let key = Signatory::new(&[7; 32]).public();
        assert_eq!(key.to_file("a key").parse(), Ok(key));
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
    fn any_changed_byte_of_a_signature_is_refused() {
        let signatory = Signatory::new(&[7; 32]);
        let (key, message) = (signatory.public(), b"message");
        let file = signatory.sign(message, FIRST_LINE, "comment");
        let check = |file: &[u8]| check_signature(file, message, &key, FIRST_LINE);
        assert_eq!(check(&file).unwrap(), "comment");
        for at in 0..file.len() {
            for bit in 0..8 {
                let mut changed = file.clone();
                changed[at] ^= 1 << bit;
                assert!(check(&changed).is_err(), "bit {bit} of byte {at}");
            }
        }
        for len in 0..file.len() {
            assert!(check(&file[..len]).is_err(), "{len} bytes");
        }
        let windows = String::from_utf8(file.clone()).unwrap().replace('\n', "\r\n");
        assert_eq!(check(windows.as_bytes()), Err(SignatureFault::Form(1)));
        assert_eq!(check_signature(&file, b"massage", &key, FIRST_LINE), Err(SignatureFault::Message));
        let other = Signatory::new(&[8; 32]).public();
        let told = check_signature(&file, message, &other, FIRST_LINE).unwrap_err();
        assert_eq!(told, SignatureFault::OtherKey { found: key.id(), given: other.id() });
    }
}
