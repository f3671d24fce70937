//! `log.json` of a release: its entry in the log, the proof that it is in there, and the checkpoint that the proof leads to.

use base64ct::{Base64, Encoding};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::entry::{Chain, Entry, MOST_LINE, sha256_hex};
use super::note::{Checkpoint, MOST_NOTE, sign};
use super::tree::{Hash, Head, includes};
use super::{LogError, Logged, ProofFault, stored, tree_of};
use crate::home::minisign::{PublicKey, decoded};
use crate::release::error::ReleaseError;
use crate::release::signature::Signatory;
use crate::release::verify::VerifyError;

/// The file of a release that shows its place in the log.
pub const PROOF_FILE: &str = "log.json";
const SCHEMA: u32 = 1;
/// A path through a tree of 2^64 leaves.
const MOST_HASHES: usize = 64;
/// Most bytes of the file.
pub(in crate::release) const MOST_PROOF: usize = 2 * (MOST_LINE + MOST_NOTE);

/// What the file holds. That it can be read says nothing about whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    schema: u32,
    /// The number of the entry.
    pub index: u64,
    /// Its line.
    pub entry: String,
    /// Hashes from the leaf to the root, in base64.
    pub inclusion: Vec<String>,
    /// The signed checkpoint.
    pub checkpoint: String,
}

/// The bytes of `log.json` for the entry `index`, under the head of today.
pub(in crate::release) fn proof(
    connection: &Connection,
    index: u64,
    signatory: &Signatory,
) -> Result<Vec<u8>, ReleaseError> {
    Ok(proof_among(&stored(connection)?, index, signatory)?)
}

pub(super) fn proof_among(
    entries: &[Logged],
    index: u64,
    signatory: &Signatory,
) -> Result<Vec<u8>, LogError> {
    let ours = entries.len() as u64;
    let tree = tree_of(entries);
    let entry = usize::try_from(index).ok().and_then(|index| entries.get(index));
    let (Some(hashes), Some(entry)) = (tree.inclusion(index), entry) else {
        return Err(LogError::NoSize { asked: index.saturating_add(1), ours });
    };
    let proof = Proof {
        schema: SCHEMA,
        index,
        entry: entry.line.clone(),
        inclusion: hashes.iter().map(|hash| Base64::encode_string(hash)).collect(),
        checkpoint: sign(&tree.head(), signatory),
    };
    Ok(proof.render())
}

impl Proof {
    /// Reads the file, in the one layout that it has.
    ///
    /// # Errors
    /// [`ProofFault::Form`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofFault> {
        if bytes.len() > MOST_PROOF {
            return Err(ProofFault::Form);
        }
        let proof: Self = serde_json::from_slice(bytes).map_err(|_| ProofFault::Form)?;
        let fits = proof.schema == SCHEMA && proof.inclusion.len() <= MOST_HASHES && proof.render() == bytes;
        if fits { Ok(proof) } else { Err(ProofFault::Form) }
    }

    fn render(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("texts and numbers are always JSON");
        bytes.push(b'\n');
        bytes
    }

    /// Checks that the entry is in the log that `key` signed; the head of that log, and the entry.
    ///
    /// # Errors
    /// [`ProofFault`].
    pub fn check(&self, key: &PublicKey) -> Result<(Head, Entry), ProofFault> {
        // One signature, ours: what witnesses add belongs to the head that they have seen.
        let note = Checkpoint::parse(self.checkpoint.as_bytes())?;
        let head = note.verify(key)?;
        if note.signatures() != 1 {
            return Err(ProofFault::Form);
        }
        let hashes: Vec<Hash> = self
            .inclusion
            .iter()
            .map(|hash| decoded::<32>(hash))
            .collect::<Option<_>>()
            .ok_or(ProofFault::Form)?;
        if !includes(&head, &self.entry, self.index, &hashes) {
            return Err(ProofFault::NotIncluded);
        }
        let logged = Chain::read_alone(&self.entry, self.index)?;
        Ok((head, logged.entry))
    }
}

/// Checks that `bytes` shows that the release `release_id` with this manifest is in the log of `key`; the head of the log
/// when the release was made.
pub(in crate::release) fn check_proof(
    bytes: &[u8],
    manifest_bytes: &[u8],
    release_id: &str,
    key: &PublicKey,
) -> Result<Head, VerifyError> {
    let (head, entry) = Proof::parse(bytes)?.check(key)?;
    match entry {
        Entry::Release(release) if release.release_id == release_id => {
            if release.manifest_sha256 == sha256_hex(manifest_bytes) {
                Ok(head)
            } else {
                Err(ProofFault::OtherManifest.into())
            }
        }
        _ => Err(ProofFault::OtherRelease.into()),
    }
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
