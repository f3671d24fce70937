//! The log of a home as a whole, for people: show it, sign its head, prove what is asked for, check what a witness keeps.

use std::path::Path;

use base64ct::{Base64, Encoding};
use rusqlite::Connection;
use serde::Serialize;

use super::entry::{Entry, Logged};
use super::error::LogError;
use super::note::{Checkpoint, MOST_NOTE, WitnessKey, sign};
use super::proof::proof_among;
use super::public::{LOG_DIR, compare, read};
use super::tree::{Hash, Head};
use super::witness::{WitnessNote, check_among};
use super::{stored, tree_of};
use crate::home::Home;
use crate::home::minisign::PublicKey;
use crate::release::error::ReleaseError;
use crate::release::ledger::Ledger;
use crate::release::publish::PUBLIC_KEY_FILE;
use crate::release::signature::Signatory;

/// The log of a home, read and found whole; what was published of it is a beginning of it.
pub struct OpenLog {
    entries: Vec<Logged>,
    signatory: Signatory,
}

/// An earlier head, as somebody remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OldHead {
    /// Its size alone.
    Size(u64),
    /// The bytes of the checkpoint that was kept, from this file.
    Kept(Vec<u8>, std::path::PathBuf),
}

/// That the log continues an earlier head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consistency {
    /// The earlier head.
    pub old: Head,
    /// The head of today.
    pub new: Head,
    /// Hashes of RFC 6962, in base64.
    pub proof: Vec<String>,
    /// The signed checkpoint of today.
    pub checkpoint: String,
}

/// Who signs for `home`, with a key that is made on first use, and never in the place of one that was lost: what it signed
/// would be the log of somebody else.
pub(in crate::release) fn signatory(home: &Home, connection: &Connection) -> Result<Signatory, ReleaseError> {
    match home.known_secret_key("signing")? {
        Some(secret) => Ok(Signatory::new(&secret)),
        None if is_begun(home, &stored(connection)?) => Err(LogError::KeyLost.into()),
        None => Ok(Signatory::new(&home.secret_key("signing")?)),
    }
}

/// True if something was signed here, as far as the log and the public know.
fn is_begun(home: &Home, entries: &[Logged]) -> bool {
    let public = home.public_dir();
    !entries.is_empty() || public.join(PUBLIC_KEY_FILE).exists() || public.join(LOG_DIR).exists()
}

/// Size and root of the log with these entries.
#[must_use]
pub fn head_of(entries: &[Logged]) -> Head {
    tree_of(entries).head()
}

impl OpenLog {
    /// Reads the log of `home`.
    ///
    /// # Errors
    /// [`ReleaseError::Log`] if it was changed, if the public has more of it than is here, if nothing was ever signed here, or
    /// if the key that signed it is lost; makes none.
    pub fn of(home: &Home) -> Result<Self, ReleaseError> {
        Self::existing(home)?.ok_or_else(|| LogError::NoKey.into())
    }

    /// The same, `None` if nothing was ever signed here.
    ///
    /// # Errors
    /// As [`OpenLog::of`].
    pub fn existing(home: &Home) -> Result<Option<Self>, ReleaseError> {
        let known = home.known_secret_key("signing")?;
        if known.is_none() && !home.root().join("innerward.sqlite").exists() && !is_begun(home, &[]) {
            return Ok(None); // a home without a database gets none by being looked at
        }
        let entries = stored(&Ledger::open(home)?.0)?;
        match known {
            Some(secret) => {
                let signatory = Signatory::new(&secret);
                compare(home, &entries, &signatory.public())?;
                Ok(Some(Self { entries, signatory }))
            }
            None if is_begun(home, &entries) => Err(LogError::KeyLost.into()),
            None => Ok(None),
        }
    }

    /// Every entry, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Logged] {
        &self.entries
    }

    /// Size and root.
    #[must_use]
    pub fn head(&self) -> Head {
        head_of(&self.entries)
    }

    /// With what others check it.
    #[must_use]
    pub fn key(&self) -> PublicKey {
        self.signatory.public()
    }

    /// The signed head, to be handed to a partner.
    #[must_use]
    pub fn checkpoint(&self) -> String {
        sign(&self.head(), &self.signatory)
    }

    /// `log.json` of the release under the head of today.
    ///
    /// # Errors
    /// [`LogError::NoRelease`].
    pub fn inclusion(&self, release_id: &str) -> Result<Vec<u8>, LogError> {
        let is_it =
            |logged: &&Logged| matches!(&logged.entry, Entry::Release(it) if it.release_id == release_id);
        let found = self.entries.iter().find(is_it);
        let logged = found.ok_or_else(|| LogError::NoRelease(release_id.to_owned()))?;
        proof_among(&self.entries, logged.n, &self.signatory)
    }

    /// The proof that the log continues `old`.
    ///
    /// # Errors
    /// [`LogError`]: it does not, or `old` is no head of this log.
    pub fn consistency(&self, old: &OldHead) -> Result<Consistency, LogError> {
        let tree = tree_of(&self.entries);
        let ours = self.entries.len() as u64;
        let old = match old {
            OldHead::Size(asked) => tree.head_at(*asked).ok_or(LogError::NoSize { asked: *asked, ours })?,
            OldHead::Kept(bytes, path) => {
                let kept = Checkpoint::parse(bytes).and_then(|note| note.verify(&self.key()));
                let kept = kept.map_err(|fault| LogError::Note { path: path.clone(), fault })?;
                match tree.head_at(kept.size) {
                    None => {
                        return Err(LogError::Restored { path: path.clone(), ours, theirs: kept.size });
                    }
                    Some(head) if head != kept => {
                        return Err(LogError::Forked { path: path.clone(), size: kept.size });
                    }
                    Some(head) => head,
                }
            }
        };
        let proof = tree.consistency(old.size).ok_or(LogError::NoSize { asked: old.size, ours })?;
        let proof = proof.iter().map(|hash: &Hash| Base64::encode_string(hash)).collect();
        Ok(Consistency { old, new: tree.head(), proof, checkpoint: self.checkpoint() })
    }

    /// Checks the head that a witness keeps in `file`, as [`check_witness`](super::check_witness) does.
    ///
    /// # Errors
    /// As that.
    pub fn check(&self, file: &Path, cosigner: Option<&WitnessKey>) -> Result<WitnessNote, LogError> {
        check_among(&self.entries, file, &self.key(), cosigner)
    }
}

impl OldHead {
    /// A size, or the file with a head that was kept.
    ///
    /// # Errors
    /// [`LogError`] if it is neither.
    pub fn read(text: &str) -> Result<Self, LogError> {
        let path = Path::new(text);
        if let (Ok(size), false) = (text.parse(), path.exists()) {
            return Ok(Self::Size(size));
        }
        let none = || LogError::Io { path: path.to_owned(), source: std::io::ErrorKind::NotFound.into() };
        Ok(Self::Kept(read(path, MOST_NOTE as u64)?.ok_or_else(none)?, path.to_owned()))
    }
}
