//! Checks a published folder, with nothing but the folder and the public key. Knows no home.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::log::ProofFault;
use super::model::{Manifest, Release};
use super::signature::{self, PublicKey, SignatureFault};
use super::{manifest, table};

/// The signed file.
pub(super) const MANIFEST: &str = "manifest.json";
/// Its signature.
pub(super) const SIGNATURE: &str = "manifest.json.minisig";

/// The three files of a release, with the most bytes that are read of each: a hostile folder cannot fill the memory.
pub(super) const FILES: [(&str, u64); 3] =
    [(MANIFEST, 1 << 20), (SIGNATURE, 4 << 10), (table::FILE, 8 << 20)];

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
        "log.json: {0}; get the whole folder from the publisher again, and if it stays so, ask the publisher"
    )]
    Log(#[from] ProofFault),
    /// The table is not the one that was signed.
    #[error(
        "table.csv is not the file that was signed: its BLAKE3 is {found}, and manifest.json says {expected}; get the \
         whole folder from the publisher again"
    )]
    Digest {
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
    /// The table has more or fewer lines than its domain has cells.
    #[error("table.csv has {found} lines of cells, and its domain has {expected}; ask the publisher")]
    Rows {
        /// Cells of the domain.
        expected: usize,
        /// Lines found.
        found: usize,
    },
    /// A cell breaks a rule.
    #[error("table.csv, line {line}, {column}: {cause}; it is signed, so ask the publisher")]
    Table {
        /// The line, from 1.
        line: usize,
        /// The column.
        column: &'static str,
        /// What is wrong.
        cause: String,
    },
}

/// Checks everything that can be checked about the release in `folder`: both signatures, strictly; the digest of the
/// table; that the manifest keeps to the rules; that threshold, half-width and deviation follow from epsilon, k and
/// beta; that the table has every cell of its public domain, in order, that no shown value is below the threshold,
/// and that status and interval are right; and that the folder holds nothing else.
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
    let [manifest, signature, table] = read_folder(folder)?;
    verify_bytes(&manifest, &signature, &table, key)
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

/// The three files; anything else in the folder is an error.
pub(super) fn read_folder(folder: &Path) -> Result<[Vec<u8>; 3], VerifyError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| VerifyError::Io { path, source }
    };
    for entry in fs::read_dir(folder).map_err(io(folder))? {
        let entry = entry.map_err(io(folder))?;
        if !FILES.iter().any(|(name, _)| entry.file_name() == *name) {
            return Err(VerifyError::Unknown(entry.path()));
        }
    }
    let read = |(name, most): (&str, u64)| -> Result<Vec<u8>, VerifyError> {
        let path = folder.join(name);
        let about = fs::symlink_metadata(&path).map_err(io(&path))?;
        if !about.is_file() {
            return Err(VerifyError::NotAFile(path));
        }
        let mut bytes = Vec::new();
        let file = File::open(&path).map_err(io(&path))?;
        file.take(most + 1).read_to_end(&mut bytes).map_err(io(&path))?;
        if bytes.len() as u64 > most { Err(VerifyError::TooLarge { path, most }) } else { Ok(bytes) }
    };
    let [manifest, signature, table] = FILES;
    Ok([read(manifest)?, read(signature)?, read(table)?])
}

/// The signature first: nothing that is not signed is parsed.
pub(super) fn verify_bytes(
    manifest_bytes: &[u8],
    signature_bytes: &[u8],
    table_bytes: &[u8],
    key: &PublicKey,
) -> Result<Release, VerifyError> {
    let signed_id = signature::check(signature_bytes, manifest_bytes, key)?;
    let fault = |place, cause: String| VerifyError::Manifest { place, cause };
    let manifest: Manifest =
        serde_json::from_slice(manifest_bytes).map_err(|error| fault("JSON", error.to_string()))?;
    if manifest::render(&manifest) != manifest_bytes {
        return Err(fault("JSON", "it is not laid out as innerward writes it".to_owned()));
    }
    if manifest.release_id != signed_id {
        return Err(fault("release_id", format!("the signature is for {signed_id:?}")));
    }
    let plan_table = manifest::check(&manifest).map_err(|(place, cause)| fault(place, cause))?;
    let found = blake3::hash(table_bytes).to_hex().to_string();
    if found != manifest.table.blake3 {
        return Err(VerifyError::Digest { expected: manifest.table.blake3, found });
    }
    let cells = table::read(table_bytes, &manifest, &plan_table)?;
    Ok(Release { manifest, cells })
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
