//! Why the log of this home says no, and why a proof of another's does not hold.

use std::io;
use std::path::PathBuf;

use super::entry::EntryFault;
use super::note::NoteFault;
use crate::home::HomeError;

/// Why the log of releases could not be continued, shown or witnessed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The stored log is not what was appended.
    #[error(
        "the log in innerward.sqlite is damaged, or was changed by another program ({0}); restore the home from its \
         newest backup"
    )]
    Damaged(#[from] EntryFault),
    /// An entry that cannot be appended.
    #[error("the log cannot take this entry ({0}); please report it with the version")]
    Refused(EntryFault),
    /// What others have is longer than what is here.
    #[error(
        "{} has a log of {theirs} entries, and this home one of {ours}: the home was restored from an older copy, and its \
         ledger has forgotten what was spent since. Nothing was charged. Restore a newer copy of the home, with \
         {theirs} entries or more (innerward.sqlite and its -wal file together)", path.display()
    )]
    Restored {
        /// The checkpoint, or the list of entries, that is ahead.
        path: PathBuf,
        /// Entries of the log here.
        ours: u64,
        /// Entries of the log there.
        theirs: u64,
    },
    /// What others have is no beginning of what is here.
    #[error(
        "{} has another log than this home: they differ within the first {size} entries. An older copy of the home was \
         restored and went on by itself, or one of the two was changed. Nothing was charged. Restore the copy of the \
         home that wrote it", path.display()
    )]
    Forked {
        /// The checkpoint, or the list of entries.
        path: PathBuf,
        /// Entries within which they differ.
        size: u64,
    },
    /// Not a checkpoint of this log.
    #[error(
        "{}: {fault}; give the file that `innerward release log head` printed, as the witness keeps it", path.display()
    )]
    Note {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: NoteFault,
    },
    /// The checkpoint that was published is not one.
    #[error(
        "{}: {fault}; move the folder {} away, and publish again: it is written anew from the ledger", path.display(),
        path.parent().unwrap_or(path).display()
    )]
    Published {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: NoteFault,
    },
    /// The checkpoint that was published was signed with another key.
    #[error(
        "{} was signed with another key than keys/signing.key (it is the checkpoint of the log {found}, and not of \
         {expected}). Nothing was charged. Restore keys/signing.key from a backup, as docs/backup.md says; a log that goes \
         on under another key is a fork to everybody who reads it", path.display()
    )]
    OtherKey {
        /// The checkpoint.
        path: PathBuf,
        /// The name of the log that it is of.
        found: String,
        /// The name that the log of this home has with the key that is there now.
        expected: String,
    },
    /// The key is not there that signed what was published.
    #[error(
        "the signing key is lost: keys/signing.key is not there, and this home has signed with it. Nothing was charged, and \
         no new key was made. Restore keys/signing.key from a backup, as docs/backup.md says"
    )]
    KeyLost,
    /// Nothing was ever signed here.
    #[error(
        "there is no signing key here and nothing was published, so there is no log yet; `innerward release plan register` \
         begins it"
    )]
    NoKey,
    /// More than any checkpoint or log has.
    #[error("{} is larger than {most} bytes: it is not what innerward writes there", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Most bytes.
        most: u64,
    },
    /// No such release.
    #[error("the log has no release {0:?}; `innerward release log show` lists those it has")]
    NoRelease(String),
    /// The log was never as long.
    #[error("the log has {ours} entries, and never had {asked}; give a size up to {ours}")]
    NoSize {
        /// What was asked for.
        asked: u64,
        /// Entries of the log.
        ours: u64,
    },
    /// The configuration names a witness's key that is none.
    #[error("witness_key under [release] in innerward.toml: {0}")]
    Key(#[from] super::note::WitnessKeyError),
    /// The home refused.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The database refused.
    #[error("innerward.sqlite: {error}{cure}", error = .0, cure = crate::home::database_cure(.0))]
    Database(#[from] rusqlite::Error),
    /// A file operation failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// Why `log.json` does not show that a release is in its publisher's log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofFault {
    /// Not the one layout that it has.
    #[error("it is not laid out as innerward writes it")]
    Form,
    /// The entry cannot be.
    #[error(transparent)]
    Entry(#[from] EntryFault),
    /// The entry is of something else.
    #[error("its entry is not of this release")]
    OtherRelease,
    /// The entry names another manifest.
    #[error("its entry is of another manifest.json than the one that lies beside it")]
    OtherManifest,
    /// The checkpoint does not hold.
    #[error("{0}")]
    Checkpoint(#[from] NoteFault),
    /// The entry is not in the tree.
    #[error("its entry is not in the log that the checkpoint is of")]
    NotIncluded,
}
