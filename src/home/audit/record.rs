//! A line of the audit, its hash, and the head that a partner may keep.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use blake3::Hash;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Did;

/// Most bytes of a line; what [`Deed`](super::Deed) allows is shorter, also where every character has to be escaped.
pub(super) const MAX_LINE: usize = 16 << 10;

/// What the first line has in place of the hash of the line before.
pub(super) const NOTHING_BEFORE: Hash = Hash::from_bytes([0; 32]);

/// What was put on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditRecord {
    /// The number of its line, from 1.
    pub number: u64,
    /// When.
    pub time: Timestamp,
    /// See [`Deed::by`](super::Deed::by).
    pub by: String,
    /// See [`Deed::via`](super::Deed::via).
    pub via: String,
    /// What, in the words of [`Did`].
    pub did: String,
    /// See [`Deed::subject`](super::Deed::subject).
    pub subject: String,
    /// See [`Deed::about`](super::Deed::about).
    pub about: BTreeMap<String, String>,
    /// [`AuditRecord::hash`] of the line before.
    #[serde(with = "in_hex")]
    pub before: Hash,
    /// BLAKE3 of this line without this field.
    #[serde(with = "in_hex")]
    pub hash: Hash,
}

/// What is hashed of a line.
#[derive(Serialize)]
struct Body<'a> {
    number: u64,
    time: Timestamp,
    by: &'a str,
    via: &'a str,
    did: &'a str,
    subject: &'a str,
    about: &'a BTreeMap<&'a str, &'a str>,
    #[serde(with = "in_hex")]
    before: Hash,
}

/// A line as it is written, without its end.
pub(super) struct Sealed {
    pub(super) line: String,
    pub(super) hash: Hash,
}

impl Sealed {
    #[expect(clippy::too_many_arguments, reason = "the fields of a line, each once")]
    pub(super) fn of(
        number: u64,
        time: Timestamp,
        by: &str,
        via: &str,
        did: &str,
        subject: &str,
        about: &BTreeMap<&str, &str>,
        before: Hash,
    ) -> Self {
        let body = Body { number, time, by, via, did, subject, about, before };
        let mut line = serde_json::to_string(&body).expect("numbers and text are always JSON");
        let hash = blake3::hash(line.as_bytes());
        line.pop(); // the brace, which comes after the hash
        line.push_str(&format!(",\"hash\":\"{}\"}}", hash.to_hex()));
        Self { line, hash }
    }
}

impl AuditRecord {
    /// Reads a line, without its end.
    pub(super) fn parse(line: &[u8]) -> Result<Self, AuditFault> {
        let record: Self = serde_json::from_slice(line).map_err(|_| AuditFault::NoRecord)?;
        // What was written is what would be written again, to the last byte.
        match record.sealed().line.as_bytes() == line {
            true => Ok(record),
            false => Err(AuditFault::Changed),
        }
    }

    pub(super) fn sealed(&self) -> Sealed {
        let Self { number, time, by, via, did, subject, before, .. } = self;
        let about = self.about.iter().map(|(key, value)| (&**key, &**value)).collect();
        Sealed::of(*number, *time, by, via, did, subject, &about, *before)
    }

    /// True if it tells what was done to a set of that name, or what was decided on its entries.
    #[must_use]
    pub fn is_of_set(&self, name: &str) -> bool {
        // Services of earlier versions left out the `set.` of what they did to entries in quarantine.
        let is_of_sets =
            ["set.", "quarantine.", Did::Decide.as_str()].iter().any(|of| self.did.starts_with(of));
        is_of_sets && self.subject == name
    }

    /// The head of an audit that ends with it.
    #[must_use]
    pub fn head(&self) -> AuditHead {
        AuditHead { number: self.number, hash: self.hash }
    }
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    /// It cannot be read as one.
    #[error("is no record")]
    NoRecord,
    /// Its hash is not that of its content.
    #[error("was changed: its content does not fit its hash")]
    Changed,
    /// Its number does not follow.
    #[error("has number {found} where {expected} should be: lines were removed, put in or moved")]
    Number {
        /// The number that follows the one before.
        expected: u64,
        /// The number that it has.
        found: u64,
    },
    /// It was written after another line than the one before it.
    #[error("does not continue the line before it, which was changed, removed, put in or moved")]
    Before,
    /// It has no end.
    #[error("is not finished: whoever wrote it was killed; the next deed keeps it aside and says so")]
    Torn,
}

/// Where an audit stands: the number of its last line, and its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// The number of the line.
    pub number: u64,
    /// [`AuditRecord::hash`].
    pub hash: Hash,
}

/// A head that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a head is the number of a line, a colon and 64 hexadecimal digits, as `innerward audit head` prints it"
)]
pub struct AuditHeadError;

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash.to_hex())
    }
}

impl FromStr for AuditHead {
    type Err = AuditHeadError;

    fn from_str(text: &str) -> Result<Self, AuditHeadError> {
        let (number, hash) = text.trim().split_once(':').ok_or(AuditHeadError)?;
        let number = number.parse().ok().filter(|number| *number > 0).ok_or(AuditHeadError)?;
        Ok(Self { number, hash: Hash::from_hex(hash).map_err(|_| AuditHeadError)? })
    }
}

mod in_hex {
    use blake3::Hash;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hash.to_hex())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        let text = String::deserialize(deserializer)?;
        Hash::from_hex(text).map_err(|_| D::Error::custom("a hash has 64 hexadecimal digits"))
    }
}
