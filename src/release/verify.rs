//! Checks a published folder, with nothing but the folder and the public key. Knows no home.

use std::io;
use std::path::{Path, PathBuf};

use super::log::{self, ProofFault};
use super::model::{Manifest, Release, ReleasedTable, TableNote};
use super::plan::PlanTable;
use super::signature::{self, PublicKey, SignatureFault};
use super::{folder, manifest, table};

/// The signed file.
pub(super) const MANIFEST: &str = "manifest.json";
/// Its signature.
pub(super) const SIGNATURE: &str = "manifest.json.minisig";

/// The files that every release has, with the most bytes that are read of each; a table each comes after them.
pub(super) const FILES: [(&str, u64); 3] =
    [(MANIFEST, 4 << 20), (SIGNATURE, 4 << 10), (log::PROOF_FILE, log::MOST_PROOF as u64)];

/// Most bytes of one table.
const MOST_TABLE: u64 = 8 << 20;

/// Why a folder is not a release, by file and place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Missing or not readable.
    #[error("{}: {source}; get the whole folder from the publisher again", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A link, a folder or a device.
    #[error("{} is not a plain file; get the whole folder from the publisher again", .0.display())]
    NotAFile(PathBuf),
    /// More than a release can have.
    #[error("{} is larger than {most} bytes; it was not written by innerward: do not use it", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Most bytes.
        most: u64,
    },
    /// A file that no release has.
    #[error("{0:?} is not covered by the signature; move it out of the folder")]
    Unknown(PathBuf),
    /// The signature does not hold.
    #[error("{SIGNATURE}: {0}; if it stays so with a fresh copy, do not use the numbers")]
    Signature(#[from] SignatureFault),
    /// The release is not in the log as it says.
    #[error(
        "{file}: {0}; get the whole folder from the publisher again, and if it stays so, ask the publisher",
        file = log::PROOF_FILE
    )]
    Log(#[from] ProofFault),
    /// A table is not the one that was signed.
    #[error(
        "{file} is not the file that was signed: its BLAKE3 is {found}, and manifest.json says {expected}; get the \
         whole folder from the publisher again"
    )]
    Digest {
        /// The file.
        file: String,
        /// What the manifest says.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// The manifest is signed, and breaks a rule.
    #[error("{MANIFEST}, {place}: {cause}; it is signed, so ask the publisher, or use a newer innerward")]
    Manifest {
        /// The field.
        place: &'static str,
        /// What is wrong.
        cause: String,
    },
    /// A table has more or fewer lines than its domain has cells.
    #[error("{file} has {found} lines of cells, and its domain has {expected}; ask the publisher")]
    Rows {
        /// The file.
        file: String,
        /// Cells of the domain.
        expected: usize,
        /// Lines found.
        found: usize,
    },
    /// A cell breaks a rule.
    #[error("{file}, line {line}, {column}: {cause}; it is signed, so ask the publisher")]
    Table {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column.
        column: &'static str,
        /// What is wrong.
        cause: String,
    },
}

impl VerifyError {
    /// For `map_err`: `path` could not be read.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// Checks everything that can be checked about the release in `folder`: both signatures, strictly; that the manifest keeps
/// to the rules, and is in the signed log of the publisher; that the sensitivity of each table follows from what it counts, that threshold, half-width and deviation
/// follow from epsilon, sensitivity, k and beta, and that the promise in words follows from the numbers; the digest of each
/// table; that each has every cell of its public domain, in order, that no shown value is below the threshold, and that
/// status and interval are right; and that the folder holds nothing else.
///
/// Needs no home, no network, and no trust in whoever passed the folder on. It cannot see whether the counts were
/// true, nor whether the noise was drawn as stated.
///
/// # Errors
/// [`VerifyError`] names the file, the place and what to do.
///
/// # Examples
/// ```
/// use innerward::release::{PublicKey, VerifyError, verify};
/// let key: PublicKey = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse()?;
/// assert!(matches!(verify("no-such-folder".as_ref(), &key), Err(VerifyError::Io { .. })));
/// # Ok::<(), innerward::release::PublicKeyError>(())
/// ```
pub fn verify(folder: &Path, key: &PublicKey) -> Result<Release, VerifyError> {
    let [manifest_bytes, signature, proof] = FILES.map(|(name, most)| folder::read(folder, name, most));
    let (manifest, tables) = verify_manifest(&manifest_bytes?, &signature?, &proof?, key)?;
    let files = manifest.tables.iter().map(|note| note.file.as_str());
    let names: Vec<&str> = FILES.into_iter().map(|(name, _)| name).chain(files).collect();
    folder::nothing_else(folder, &names)?;
    let mut released = Vec::new();
    for (note, table) in manifest.tables.iter().zip(&tables) {
        let bytes = folder::read(folder, &note.file, MOST_TABLE)?;
        released.push(verify_table(&manifest, note, table, &bytes)?);
    }
    Ok(Release { manifest, tables: released })
}

impl Release {
    /// The release in `folder`, after everything in [`verify`] has held.
    ///
    /// # Errors
    /// As [`verify`].
    pub fn open(folder: &Path, key: &PublicKey) -> Result<Self, VerifyError> {
        verify(folder, key)
    }
}

/// The signature first: nothing that is not signed is parsed.
fn verify_manifest(
    bytes: &[u8],
    signature: &[u8],
    proof: &[u8],
    key: &PublicKey,
) -> Result<(Manifest, Vec<PlanTable>), VerifyError> {
    let signed_id = signature::check(signature, bytes, key)?;
    let fault = |place, cause: String| VerifyError::Manifest { place, cause };
    let manifest: Manifest =
        serde_json::from_slice(bytes).map_err(|error| fault("JSON", error.to_string()))?;
    if manifest::render(&manifest) != bytes {
        return Err(fault("JSON", "it is not laid out as innerward writes it".to_owned()));
    }
    if manifest.release_id != signed_id {
        return Err(fault("release_id", format!("the signature is for {signed_id:?}")));
    }
    let tables = manifest::check(&manifest).map_err(|(place, cause)| fault(place, cause))?;
    let head = log::check_proof(proof, bytes, &manifest.release_id, key)?;
    if head.size <= manifest.ledger.size {
        return Err(fault("ledger.size", format!("log.json is of a log of {} entries only", head.size)));
    }
    Ok((manifest, tables))
}

fn verify_table(
    manifest: &Manifest,
    note: &TableNote,
    table: &PlanTable,
    bytes: &[u8],
) -> Result<ReleasedTable, VerifyError> {
    let found = blake3::hash(bytes).to_hex().to_string();
    if found != note.blake3 {
        return Err(VerifyError::Digest { file: note.file.clone(), expected: note.blake3.clone(), found });
    }
    let cells = table::read(bytes, manifest, note, table)?;
    Ok(ReleasedTable { note: note.clone(), cells })
}

/// As [`verify`], with the files of a folder in the order in which they are written.
pub(super) fn verify_files(files: &[(String, Vec<u8>)], key: &PublicKey) -> Result<Release, VerifyError> {
    let bytes = |name: &str| {
        let found = files.iter().find(|(known, _)| known == name);
        let missing = || VerifyError::io(Path::new(name))(io::ErrorKind::NotFound.into());
        found.map(|(_, bytes)| bytes.as_slice()).ok_or_else(missing)
    };
    let (manifest, tables) =
        verify_manifest(bytes(MANIFEST)?, bytes(SIGNATURE)?, bytes(log::PROOF_FILE)?, key)?;
    let released = manifest
        .tables
        .iter()
        .zip(&tables)
        .map(|(note, table)| verify_table(&manifest, note, table, bytes(&note.file)?));
    let tables = released.collect::<Result<_, _>>()?;
    Ok(Release { manifest, tables })
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
