//! Why a publisher's releases were not taken.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::home::HomeError;
use crate::release::log::{EntryFault, NoteFault};

/// Why a pull was refused or could not be done. What was pulled before is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PullError {
    /// Not an address that is pulled from.
    #[error("{url}: {cause}")]
    Url {
        /// As given.
        url: String,
        /// What is wrong with it.
        cause: &'static str,
    },
    /// Without encryption, over a network.
    #[error(
        "{0} is not encrypted: whoever sits between could hold releases back unseen. Use https, or give --insecure-http \
         twice if you accept that"
    )]
    Insecure(String),
    /// The program was built without a client.
    #[error(
        "{0}: this innerward was built without HTTP; copy the publisher's folder here by other means and pull from that, or \
         build with the feature http"
    )]
    NoClient(String),
    /// The answer leads elsewhere.
    #[error("{url} leads to {to:?}, which is another server; ask the publisher for the address to use")]
    Redirect {
        /// What was asked for.
        url: String,
        /// Where it leads.
        to: String,
    },
    /// No answer, or none that can be used.
    #[error("{what}: {cause}; try again later")]
    Unreachable {
        /// File or address.
        what: String,
        /// What happened.
        cause: String,
    },
    /// Not a publisher's folder.
    #[error("{0} is not there; name the folder public of an innerward home, as its publisher serves it")]
    NotThere(String),
    /// More bytes than such a file has.
    #[error("{what} is larger than {most} bytes: it is not what innerward writes there")]
    TooLarge {
        /// File or address.
        what: String,
        /// Most bytes.
        most: u64,
    },
    /// More files or bytes altogether than one pull takes.
    #[error("more than {0} in one pull; what is new by now is kept, so pull again for the rest")]
    TooMuch(&'static str),
    /// Longer than one pull takes.
    #[error("not done after {} seconds; what is new by now is kept, so pull again for the rest", .0.as_secs())]
    TooLong(Duration),
    /// The first pull, and no key.
    #[error(
        "nothing was pulled as {0} before: give the publisher's key with --key, had from the publisher by another way than \
         this folder"
    )]
    NoKey(String),
    /// Not a name that a folder here may have.
    #[error(
        "{0:?} cannot be the name of a folder here; give one with --name: letters, digits, dots and dashes, at most 64"
    )]
    Name(String),
    /// The key that was given, or is served, is not the one of the first pull.
    #[error(
        "{name} is pinned to the key {pinned}, and {from} is the key {found}: a changed key is never taken by itself. If \
         the publisher confirms it by another way, pull under another --name"
    )]
    KeyChanged {
        /// What it is called here.
        name: String,
        /// Of the first pull.
        pinned: String,
        /// Now.
        found: String,
        /// Where that was: what was given, or what is served.
        from: String,
    },
    /// A file that should hold a key holds none.
    #[error("{0} holds no public key; ask the publisher")]
    PublicKey(String),
    /// The checkpoint does not hold.
    #[error("{what}: {fault}; do not use what lies beside it")]
    Checkpoint {
        /// File or address.
        what: String,
        /// What is wrong.
        fault: NoteFault,
    },
    /// The lines are no log.
    #[error("{what}, {fault}; ask the publisher")]
    Entries {
        /// File or address.
        what: String,
        /// What is wrong.
        fault: EntryFault,
    },
    /// The lines are not those that the checkpoint was signed for.
    #[error(
        "{0} is not the list of entries that the checkpoint beside it was signed for; pull again later, then ask the publisher"
    )]
    OtherRoot(String),
    /// Less than was there before.
    #[error(
        "ROLLBACK: {name} showed a log of {before} entries earlier, and now one of {now}: the publisher's home was restored \
         from an older copy, or something is being taken back. Nothing was taken; tell the publisher, and keep {}",
        kept.display()
    )]
    Rollback {
        /// What it is called here.
        name: String,
        /// Entries at the last pull.
        before: u64,
        /// Entries now.
        now: u64,
        /// The head of the last pull.
        kept: PathBuf,
    },
    /// Another log than before.
    #[error(
        "FORK: {name} shows another log than earlier: the first {before} entries are not those that it signed before. \
         History was rewritten, or others are shown another one. Nothing was taken; tell the publisher, and keep {}",
        kept.display()
    )]
    Fork {
        /// What it is called here.
        name: String,
        /// Entries at the last pull.
        before: u64,
        /// The head of the last pull.
        kept: PathBuf,
    },
    /// The log is signed, and breaks a rule.
    #[error("{what}, entry {n}: {cause}; it is signed, so ask the publisher")]
    Rule {
        /// File or address.
        what: String,
        /// The entry.
        n: u64,
        /// What is wrong.
        cause: String,
    },
    /// Another process pulls the same.
    #[error("another innerward process is pulling into {}; wait until it has finished", .0.display())]
    Busy(PathBuf),
    /// Something else is there.
    #[error("{} exists and was not made by a pull; name another folder with --into", .0.display())]
    Foreign(PathBuf),
    /// The home refused.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file operation failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl PullError {
    /// For `map_err`: an I/O error at `path`.
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
