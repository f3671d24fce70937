//! Checkpoints: the head of a log as a signed note, in the formats of C2SP (signed-note, tlog-checkpoint and, for what
//! witnesses add, tlog-cosignature), so that the tools of others read, check and cosign them.
//!
//! See <https://c2sp.org/signed-note>, <https://c2sp.org/tlog-checkpoint> and <https://c2sp.org/tlog-cosignature>.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, VerifyingKey};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::tree::{Head, MOST_SIZE};
use crate::home::minisign::{PublicKey, decoded};
use crate::release::signature::Signatory;

/// Most bytes of a note: sixteen signatures of the largest kind that is in use, and some room.
pub(super) const MOST_NOTE: usize = 128 << 10;
const MOST_SIGNATURES: usize = 100;
const DASH: &str = "\u{2014} ";
/// What kind of signature a key makes, as signed-note numbers them.
const ED25519: u8 = 0x01;
const COSIGNATURE: u8 = 0x04;

/// Why a text is not a checkpoint of a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteFault {
    /// Not a signed note, or not a checkpoint.
    #[error("it is not a checkpoint: {0}")]
    Form(&'static str),
    /// That of another log.
    #[error("it is the checkpoint of the log {found:?}, and not of {expected}")]
    OtherLog {
        /// What it says.
        found: String,
        /// What it should say.
        expected: String,
    },
    /// Nobody who is known signed it.
    #[error("{0} has not signed it")]
    Unsigned(String),
    /// The text, or the signature, has been changed.
    #[error("the signature of {0} does not belong to it: one of the two has been changed")]
    Signature(String),
}

/// A checkpoint as it was read. That it can be read says nothing about whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    text: String,
    head: Head,
    signatures: Vec<Line>,
}

/// One signature of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    name: String,
    id: [u8; 4],
    signature: Vec<u8>,
}

/// The name of the log that the key `key` signs: the first line of its checkpoints, and the name of its signature.
#[must_use]
pub fn origin(key: &PublicKey) -> String {
    format!("innerward-{}", key.id())
}

/// The checkpoint for `head`.
pub(super) fn sign(head: &Head, signatory: &Signatory) -> String {
    let key = signatory.public();
    let name = origin(&key);
    let text = format!("{name}\n{}\n{}\n", head.size, Base64::encode_string(&head.root));
    let id = key_id(&name, ED25519, key.verifying_key().as_bytes());
    let signature = Base64::encode_string(&[&id[..], &signatory.sign_checkpoint(&text)].concat());
    format!("{text}\n{DASH}{name} {signature}\n")
}

fn key_id(name: &str, kind: u8, key: &[u8; 32]) -> [u8; 4] {
    let digest = Sha256::new_with_prefix(name).chain_update([b'\n', kind]).chain_update(key).finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

impl Checkpoint {
    /// Reads a checkpoint: three lines, an empty one, and at least one signature.
    ///
    /// # Errors
    /// [`NoteFault::Form`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteFault> {
        let form = NoteFault::Form;
        if bytes.len() > MOST_NOTE {
            return Err(form("it is too long"));
        }
        let note = std::str::from_utf8(bytes).map_err(|_| form("it is not text"))?;
        if note.bytes().any(|b| b < b' ' && b != b'\n') {
            return Err(form("it has control characters"));
        }
        let (_, signatures) = note.rsplit_once("\n\n").ok_or(form("it has no empty line"))?;
        let text = &note[..note.len() - signatures.len() - 1];
        let lines = signatures.strip_suffix('\n').ok_or(form("the last line has no end"))?.split('\n');
        let signatures: Vec<Line> = lines
            .take(MOST_SIGNATURES + 1)
            .map(Line::parse)
            .collect::<Option<_>>()
            .ok_or(form("a signature"))?;
        if signatures.len() > MOST_SIGNATURES {
            return Err(form("it has too many signatures"));
        }
        let mut lines = text.split_terminator('\n');
        let mut line =
            || lines.next().filter(|line| !line.is_empty()).ok_or(form("it has fewer than three lines"));
        let (_origin, size, root) = (line()?, line()?, line()?);
        // Further lines are allowed there, and not recommended; ours have none.
        if lines.next().is_some() {
            return Err(form("it has more than three lines before the empty one"));
        }
        let plain = size == "0" || (!size.starts_with('0') && size.bytes().all(|b| b.is_ascii_digit()));
        let size = size.parse().ok().filter(|size| plain && *size <= MOST_SIZE).ok_or(form("its size"))?;
        let root = decoded::<32>(root).ok_or(form("its root"))?;
        Ok(Self { text: text.to_owned(), head: Head { size, root }, signatures })
    }

    /// The head that it states, once `key` is found to have signed it, strictly.
    ///
    /// # Errors
    /// [`NoteFault`]: it is of another log, or not signed with this key.
    pub fn verify(&self, key: &PublicKey) -> Result<Head, NoteFault> {
        let expected = origin(key);
        if self.origin() != expected {
            return Err(NoteFault::OtherLog { found: self.origin().to_owned(), expected });
        }
        let id = key_id(&expected, ED25519, key.verifying_key().as_bytes());
        let mut signed = false;
        // Every signature that says it is of this key has to be.
        for line in self.of(&expected, id) {
            let held = <&[u8; 64]>::try_from(&line.signature[..])
                .is_ok_and(|signature| key.signed_bare(self.text.as_bytes(), signature));
            if !held {
                return Err(NoteFault::Signature(expected.clone()));
            }
            signed = true;
        }
        if signed { Ok(self.head) } else { Err(NoteFault::Unsigned(expected)) }
    }

    /// When the witness `key` cosigned it: a statement that it had seen the log grow to this head and nothing else of it.
    ///
    /// # Errors
    /// [`NoteFault`] if it has not.
    pub fn cosigned_by(&self, key: &WitnessKey) -> Result<Timestamp, NoteFault> {
        let id = key_id(&key.name, COSIGNATURE, key.key.as_bytes());
        let mut latest = None;
        for line in self.of(&key.name, id) {
            let fault = || NoteFault::Signature(key.name.clone());
            let signature = <&[u8; 72]>::try_from(&line.signature[..]).map_err(|_| fault())?;
            let (time, signature) = signature.split_first_chunk::<8>().ok_or_else(fault)?;
            let time = u64::from_be_bytes(*time);
            let message = format!("cosignature/v1\ntime {time}\n{}", self.text);
            let signature = Signature::from_slice(signature).map_err(|_| fault())?;
            key.key.verify_strict(message.as_bytes(), &signature).map_err(|_| fault())?;
            let time = i64::try_from(time).ok().and_then(|time| Timestamp::from_second(time).ok());
            latest = latest.max(Some(time.ok_or_else(fault)?));
        }
        latest.ok_or_else(|| NoteFault::Unsigned(key.name.clone()))
    }

    /// The name of the log that it says it is of.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// How many signatures it has, known or not.
    pub(super) fn signatures(&self) -> usize {
        self.signatures.len()
    }

    fn of<'a>(&'a self, name: &'a str, id: [u8; 4]) -> impl Iterator<Item = &'a Line> {
        self.signatures.iter().filter(move |line| line.name == name && line.id == id)
    }
}

impl Line {
    fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = Base64::decode_vec(signature).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        let named = is_key_name(name) && !signature.is_empty();
        named.then(|| Self { name: name.to_owned(), id: *id, signature: signature.to_vec() })
    }
}

fn is_key_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 200 && !name.contains(|c: char| c.is_whitespace() || c == '+')
}

/// The key with which a witness cosigns, as C2SP writes it: `NAME+HASH+BASE64`, of the kind `cosignature/v1` (Ed25519).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    key: VerifyingKey,
}

/// Text that is not the key of a witness.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not the key of a witness: it is written NAME+HASH+KEY, eight hex digits in the middle, and is of the kind \
     04, cosignature/v1 with Ed25519"
)]
pub struct WitnessKeyError;

impl WitnessKey {
    /// The name of the witness.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for WitnessKey {
    type Err = WitnessKeyError;

    fn from_str(text: &str) -> Result<Self, WitnessKeyError> {
        let mut parts = text.trim().splitn(3, '+');
        let mut part = || parts.next().ok_or(WitnessKeyError);
        let (name, hash, key) = (part()?, part()?, part()?);
        let bytes = decoded::<33>(key).ok_or(WitnessKeyError)?;
        let (kind, key) = bytes.split_first().ok_or(WitnessKeyError)?;
        let key = <[u8; 32]>::try_from(key).map_err(|_| WitnessKeyError)?;
        let verifying = VerifyingKey::from_bytes(&key).map_err(|_| WitnessKeyError)?;
        let fits = is_key_name(name)
            && *kind == COSIGNATURE
            && hex::encode(key_id(name, COSIGNATURE, &key)) == hash.to_ascii_lowercase()
            && !verifying.is_weak();
        if fits { Ok(Self { name: name.to_owned(), key: verifying }) } else { Err(WitnessKeyError) }
    }
}

/// As it is given to others.
impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = hex::encode(key_id(&self.name, COSIGNATURE, self.key.as_bytes()));
        let key = Base64::encode_string(&[&[COSIGNATURE], &self.key.as_bytes()[..]].concat());
        write!(f, "{}+{id}+{key}", self.name)
    }
}

#[cfg(test)]
#[path = "note_tests.rs"]
mod tests;
