//! Copies of a running home, encrypted with [age](https://age-encryption.org) to the keys of those who may open them, and
//! homes made of such copies.
//!
//! A backup is a tar archive: `innerward-backup/about.json`, everything of the home below `home/`, and at its end
//! `innerward-backup/manifest.json` with the length and the BLAKE3 of every file. Of what it holds, nothing lies on a disk
//! outside the home but encrypted.

mod restore;
mod staged;
mod take;
mod tar;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::HomeError;

pub use age::x25519::{Identity, Recipient};
pub use restore::{Restored, identities, restore};
pub use take::{BackedUp, BackupOptions};

/// The newest form of a backup that this build reads, and the one that it writes.
const FORMAT: u32 = 1;
const ABOUT: &str = "innerward-backup/about.json";
const MANIFEST: &str = "innerward-backup/manifest.json";
/// What the paths of the home's files begin with.
const BELOW: &str = "home";
const DATABASE: &str = "innerward.sqlite";
const AUDIT: &str = "audit.jsonl";

/// What a backup says of itself, first of all.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct About {
    format: u32,
    /// The version that wrote it.
    innerward: String,
    /// When the home was as it is here.
    at: Timestamp,
    /// Runs and watched folders are in it.
    runs: bool,
}

/// The files of a backup, by their paths in the home.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    files: BTreeMap<String, FileDigest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDigest {
    bytes: u64,
    blake3: String,
}

/// Why a backup was not made, or not restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The home.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// Nobody could open it.
    #[error("say who may open the backup: --to age1…, as `age-keygen` prints it")]
    NoRecipient,
    /// The backup cannot be written.
    #[error("the backup cannot be written: {0}; what was written of it is of no use")]
    Output(#[source] io::Error),
    /// The file with the key holds none.
    #[error("{} holds no identity of age; it has a line AGE-SECRET-KEY-1…, as `age-keygen` writes it", .0.display())]
    NoIdentity(PathBuf),
    /// It was encrypted to others.
    #[error(
        "the backup was not encrypted to this key; name the identity of one of those to whom it was, with --identity"
    )]
    WrongKey,
    /// It is another one than was expected.
    #[error(
        "this is another backup than the one that was named with --expect: its digest is {found}; nothing was restored"
    )]
    Another {
        /// BLAKE3 of what was read.
        found: blake3::Hash,
    },
    /// It is something else.
    #[error("this is no backup: {0}")]
    Foreign(String),
    /// Its last bytes are missing, or not what they were.
    #[error("the backup was cut short, or changed at its end; take another copy of it")]
    Cut,
    /// It is not what was written.
    #[error("the backup was changed or damaged: {0}; take another copy of it")]
    Changed(String),
    /// A newer version wrote it.
    #[error(
        "the backup has format {found}, and this build reads up to {newest}; restore it with a newer version"
    )]
    TooNew {
        /// Its format.
        found: u32,
        /// The newest that is read.
        newest: u32,
    },
    /// Something is there.
    #[error("{} is there already; a backup is restored into a place where nothing is", .0.display())]
    Occupied(PathBuf),
    /// The backup cannot be read.
    #[error("the backup cannot be read: {0}")]
    Input(#[source] io::Error),
    /// What was restored is not sound.
    #[error("{0}; nothing was restored")]
    Unsound(String),
}
