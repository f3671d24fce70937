//! The Merkle tree of RFC 6962 (SHA-256) over the lines of the log: heads, and proofs of inclusion and of consistency.
//!
//! A leaf is SHA-256 of a zero byte and the line, a node SHA-256 of a one byte and the nodes below it. The tree itself is
//! the crate `ct-merkle`; here are the types of the log, and bounds for what strangers hand over.

use std::fmt;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// More entries than any log here has; a head that says more is refused before anything is worked out with it.
pub(super) const MOST_SIZE: u64 = 1 << 40;

/// What a log is at one size: two logs with the same head have the same lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them; that of an empty tree is the SHA-256 of nothing.
    #[serde(with = "hex_root")]
    pub root: Hash,
}

impl Head {
    /// The root in hex.
    #[must_use]
    pub fn root_hex(&self) -> String {
        hex::encode(self.root)
    }

    fn root_hash(&self) -> RootHash<Sha256> {
        RootHash::new(self.root.into(), self.size)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} entries, root {}", self.size, self.root_hex())
    }
}

mod hex_root {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Hash;

    pub(super) fn serialize<S: Serializer>(root: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(root))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut root = Hash::default();
        let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
        match hex::decode_to_slice(&text, &mut root) {
            Ok(()) if lower => Ok(root),
            _ => Err(D::Error::custom("a root is 64 small hex digits")),
        }
    }
}

/// The tree over the lines of a log, in memory: logs have an entry for each plan, charge and release, so they stay small.
pub(super) struct Tree(MemoryBackedTree<Sha256, Vec<u8>>);

impl Tree {
    pub(super) fn new<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut tree = MemoryBackedTree::new();
        lines.for_each(|line| tree.push(line.as_bytes().to_vec()));
        Self(tree)
    }

    pub(super) fn head(&self) -> Head {
        let root = self.0.root();
        Head { size: root.num_leaves(), root: (*root.as_bytes()).into() }
    }

    /// The head that the log had at an earlier size; `None` if it never had as many entries.
    pub(super) fn head_at(&self, size: u64) -> Option<Head> {
        let lines = self.0.items().get(..usize::try_from(size).ok()?)?;
        let mut tree = MemoryBackedTree::<Sha256, &[u8]>::new();
        lines.iter().for_each(|line| tree.push(line));
        Some(Head { size, root: (*tree.root().as_bytes()).into() })
    }

    /// The proof that the entry at `index` is in the tree; `None` if there is none.
    pub(super) fn inclusion(&self, index: u64) -> Option<Vec<Hash>> {
        (index < self.0.len())
            .then(|| hashes(self.0.prove_inclusion(usize::try_from(index).ok()?).as_bytes()))?
    }

    /// The proof that the log of `size` entries is a beginning of this one; `None` if it is longer. Nothing needs to be
    /// proven of the empty log.
    pub(super) fn consistency(&self, size: u64) -> Option<Vec<Hash>> {
        let additions = usize::try_from(self.0.len().checked_sub(size)?).ok()?;
        if size == 0 {
            return Some(Vec::new());
        }
        hashes(self.0.prove_consistency(additions).as_bytes())
    }
}

fn hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.to_vec())
}

/// What stands in the tree for `line`.
pub(super) fn leaf(line: &str) -> Hash {
    Sha256::new_with_prefix([0]).chain_update(line).finalize().into()
}

/// True if `proof` shows that `line` is the entry `index` of the log with this head.
pub(super) fn includes(head: &Head, line: &str, index: u64, proof: &[Hash]) -> bool {
    head.size <= MOST_SIZE
        && InclusionProof::try_from_bytes(proof.concat())
            .is_ok_and(|proof| head.root_hash().verify_inclusion(&line, index, &proof).is_ok())
}

/// True if `proof` shows that the log with the head `old` is a beginning of the log with the head `new`.
#[must_use]
pub fn extends(old: &Head, new: &Head, proof: &[Hash]) -> bool {
    if old.size == 0 {
        return proof.is_empty() && old.root == empty_root();
    }
    new.size <= MOST_SIZE
        && ConsistencyProof::try_from_bytes(proof.concat())
            .is_ok_and(|proof| new.root_hash().verify_consistency(&old.root_hash(), &proof).is_ok())
}

fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
