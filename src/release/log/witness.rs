//! A head that somebody else keeps: what shows that a home was restored from an older copy, even if everything in it was.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::error::LogError;
use super::note::{Checkpoint, MOST_NOTE, NoteFault, WitnessKey};
use super::public::read;
use super::{Logged, stored, tree_of};
use crate::home::minisign::PublicKey;
use crate::home::{Home, ReleaseConfig};
use crate::release::error::ReleaseError;

/// A witnessed head that was checked: the log of this home continues it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessNote {
    /// Entries that the head covers.
    pub size: u64,
    /// Its root in hex.
    pub root: String,
    /// The day of the latest entry that it covers; `null` if it covers none.
    pub day: Option<Date>,
    /// Who cosigned it, where the operator named the key and it was checked: the name of the witness.
    pub cosigned_by: Option<String>,
    /// The day on which that was.
    pub cosigned_on: Option<Date>,
}

impl fmt::Display for WitnessNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} entries, root {}", self.size, self.root)?;
        if let Some(day) = self.day {
            write!(f, ", the latest of {day}")?;
        }
        if let (Some(name), Some(day)) = (&self.cosigned_by, self.cosigned_on) {
            write!(f, ", cosigned by {name} on {day}")?;
        }
        Ok(())
    }
}

/// Checks that the log continues the head in the file `witness`, which a partner has kept and `key`, the own one, signed; with
/// `cosigner`, that this witness has cosigned it.
///
/// # Errors
/// [`ReleaseError::Log`]: the home was restored from an older copy ([`LogError::Restored`]), the two have parted
/// ([`LogError::Forked`]), or the file is no head of this log.
pub fn check_witness(
    connection: &Connection,
    witness: &Path,
    key: &PublicKey,
    cosigner: Option<&WitnessKey>,
) -> Result<WitnessNote, ReleaseError> {
    Ok(check_among(&stored(connection)?, witness, key, cosigner)?)
}

/// Checks the head that the operator named: `file` if it is given, else `witness` under `[release]`, with `witness_key` if that
/// is there. `None` if nobody witnesses.
pub(in crate::release) fn witnessed(
    home: &Home,
    connection: &Connection,
    config: &ReleaseConfig,
    file: Option<&Path>,
    key: &PublicKey,
) -> Result<Option<WitnessNote>, ReleaseError> {
    let Some((file, cosigner)) = named(home, config, file)? else { return Ok(None) };
    check_witness(connection, &file, key, cosigner.as_ref()).map(Some)
}

/// Where the head of the witness lies, and the key with which it was cosigned.
///
/// # Errors
/// [`LogError::Key`] if the configuration has something else for a key.
pub fn named(
    home: &Home,
    config: &ReleaseConfig,
    file: Option<&Path>,
) -> Result<Option<(PathBuf, Option<WitnessKey>)>, LogError> {
    let key = config.witness_key.as_deref().map(str::parse).transpose()?;
    let file = match file {
        Some(file) => Some(file.to_owned()),
        None => config.witness.as_deref().map(|file| home.root().join(file)),
    };
    Ok(file.map(|file| (file, key)))
}

pub(super) fn check_among(
    entries: &[Logged],
    witness: &Path,
    key: &PublicKey,
    cosigner: Option<&WitnessKey>,
) -> Result<WitnessNote, LogError> {
    let path = witness.to_owned();
    let none = || LogError::Io { path: path.clone(), source: io::Error::from(ErrorKind::NotFound) };
    let bytes = read(witness, MOST_NOTE as u64)?.ok_or_else(none)?;
    let note = |fault: NoteFault| LogError::Note { path: path.clone(), fault };
    let checkpoint = Checkpoint::parse(&bytes).map_err(note)?;
    let head = checkpoint.verify(key).map_err(note)?;
    let cosigned = cosigner
        .map(|cosigner| checkpoint.cosigned_by(cosigner).map(|time| (cosigner, time)))
        .transpose()
        .map_err(note)?;
    match tree_of(entries).head_at(head.size) {
        None => return Err(LogError::Restored { path, ours: entries.len() as u64, theirs: head.size }),
        Some(ours) if ours != head => return Err(LogError::Forked { path, size: head.size }),
        Some(_) => {}
    }
    let covered = usize::try_from(head.size).map_or(entries, |size| &entries[..size]);
    Ok(WitnessNote {
        size: head.size,
        root: head.root_hex(),
        day: covered.iter().rev().find_map(|logged| logged.entry.day()),
        cosigned_by: cosigned.map(|(cosigner, _)| cosigner.name().to_owned()),
        cosigned_on: cosigned.map(|(_, time)| time.to_zoned(TimeZone::UTC).date()),
    })
}
