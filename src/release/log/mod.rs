//! The log of releases: an append-only list of plans, charges and releases under a Merkle tree, with a signed head that
//! a partner can witness.
//!
//! The log is kept in the database, and its lines are published beside the releases, in `public/log/`. Whoever holds an
//! earlier head can tell whether what is shown later continues it: that is how a home that was restored from an older
//! copy, and has forgotten what it spent, is noticed. `docs/release-log.md` has the format byte for byte.

mod entry;
mod error;
mod note;
mod open;
mod proof;
mod public;
mod tree;
mod witness;

use rusqlite::{Connection, Transaction};

pub use entry::{
    ChargeEntry, ChargedTable, Entry, EntryFault, Logged, PlanEntry, ReleaseEntry, is_release_id,
    read_entries,
};
pub use error::{LogError, ProofFault};
pub use note::{Checkpoint, NoteFault, WitnessKey, WitnessKeyError, origin};
pub(in crate::release) use open::signatory;
pub use open::{Consistency, OldHead, OpenLog, head_of};
pub(in crate::release) use proof::{MOST_PROOF, check_proof, proof};
pub use proof::{PROOF_FILE, Proof};
pub use public::{CHECKPOINT_FILE, ENTRIES_FILE, LOG_DIR, MOST_ENTRIES_BYTES};
pub(in crate::release) use public::{check_public, publish_log};
pub use tree::{Hash, Head, extends};
pub(in crate::release) use witness::witnessed;
pub use witness::{WitnessNote, check_witness, named};

use super::error::ReleaseError;
use entry::{Chain, sha256_hex};
use tree::{Tree, leaf};

/// The table of the log. Nothing is ever changed or taken away, and nothing is left out.
pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS release_log (
  n INTEGER PRIMARY KEY,
  line TEXT NOT NULL,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32)
) STRICT;
CREATE TRIGGER IF NOT EXISTS release_log_is_final BEFORE UPDATE ON release_log
BEGIN SELECT RAISE(ABORT, 'an entry of the log is final'); END;
CREATE TRIGGER IF NOT EXISTS release_log_stays BEFORE DELETE ON release_log
BEGIN SELECT RAISE(ABORT, 'an entry of the log is final'); END;
CREATE TRIGGER IF NOT EXISTS release_log_grows_at_its_end BEFORE INSERT ON release_log
WHEN NEW.n <> (SELECT coalesce(max(n) + 1, 0) FROM release_log)
BEGIN SELECT RAISE(ABORT, 'an entry of the log comes after the last'); END;
";

/// Appends `entry`, in the transaction that does what it says; its number.
///
/// `previous` of a release is what [`last_manifest`] gives.
pub(in crate::release) fn append(tx: &Transaction<'_>, entry: &Entry) -> Result<u64, ReleaseError> {
    let mut chain = Chain::after(&entries(tx)?);
    let logged = chain.write(entry).map_err(LogError::Refused)?;
    let n = i64::try_from(logged.n).expect("a log has at most 100,000 entries");
    tx.execute(
        "INSERT INTO release_log (n, line, leaf) VALUES (?1, ?2, ?3)",
        (n, &logged.line, leaf(&logged.line)),
    )?;
    Ok(logged.n)
}

/// Appends that the release `release_id` with this manifest became final; its number, for [`proof()`].
pub(in crate::release) fn append_release(
    tx: &Transaction<'_>,
    release_id: &str,
    manifest: &[u8],
) -> Result<u64, ReleaseError> {
    let release = ReleaseEntry {
        release_id: release_id.to_owned(),
        manifest_sha256: sha256_hex(manifest),
        previous: last_manifest(&entries(tx)?),
    };
    append(tx, &Entry::Release(release))
}

/// SHA-256 of the manifest of the latest release in the log, in hex; empty if there is none.
pub(in crate::release) fn last_manifest(entries: &[Logged]) -> String {
    let manifest = |logged: &Logged| match &logged.entry {
        Entry::Release(release) => Some(release.manifest_sha256.clone()),
        _ => None,
    };
    entries.iter().rev().find_map(manifest).unwrap_or_default()
}

/// Every entry, oldest first, after all of them were found to be what was appended.
pub(in crate::release) fn entries(connection: &Connection) -> Result<Vec<Logged>, ReleaseError> {
    Ok(stored(connection)?)
}

fn stored(connection: &Connection) -> Result<Vec<Logged>, LogError> {
    let mut statement = connection.prepare_cached("SELECT n, line, leaf FROM release_log ORDER BY n")?;
    let mut rows = statement.query([])?;
    let mut chain = Chain::default();
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let (line, stored): (String, Hash) = (row.get(1)?, row.get(2)?);
        let logged = chain.read(&line)?;
        let n = logged.n;
        if u64::try_from(row.get::<_, i64>(0)?) != Ok(n) {
            return Err(EntryFault { n, cause: "it is not in its place" }.into());
        }
        if leaf(&line) != stored {
            return Err(EntryFault { n, cause: "its leaf is not that of its line" }.into());
        }
        entries.push(logged);
    }
    Ok(entries)
}

/// Size and root of the log.
pub(in crate::release) fn head(connection: &Connection) -> Result<Head, ReleaseError> {
    Ok(head_of(&entries(connection)?))
}

fn tree_of(entries: &[Logged]) -> Tree {
    Tree::new(entries.iter().map(|logged| logged.line.as_str()))
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
