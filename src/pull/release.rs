//! One release: fetched, checked against the log and by itself, and kept whole or not at all.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::State;
use super::error::PullError;
use super::judge::{PublicLog, Published};
use super::place::{self, Place};
use super::source::Metered;
use crate::release::log::{Entry, PROOF_FILE, Proof, head_of};
use crate::release::{Manifest, PublicKey, verify};

const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.json.minisig";
/// Most bytes of each: as much as a release can have.
const MOST_MANIFEST: u64 = 4 << 20;
const MOST_SIGNATURE: u64 = 4 << 10;
const MOST_PROOF: u64 = 512 << 10;
const MOST_TABLE: u64 = 8 << 20;
const MOST_TABLES: usize = 100;

/// Fetches a release that is not kept yet.
pub(super) fn take(
    source: &mut Metered<'_>,
    place: &Place,
    log: &PublicLog,
    published: &Published,
    key: &PublicKey,
) -> Result<State, PullError> {
    let id = &published.release_id;
    let refused = |why: &str| Ok(State::Refused(why.to_owned()));
    let Entry::Release(entry) = &log.entries[published.n].entry else {
        return refused("its entry in the log is none of a release");
    };
    let is_logged = |manifest: &[u8]| hex::encode(Sha256::digest(manifest)) == entry.manifest_sha256;
    if let Some(dir) = place.release(id) {
        let kept = place::read(&dir.join(MANIFEST), MOST_MANIFEST).ok().flatten();
        return if kept.is_some_and(|manifest| is_logged(&manifest)) {
            Ok(State::Kept)
        } else {
            let dir = dir.display();
            Ok(State::Refused(format!("{dir} is not what was pulled; delete that folder, and pull again")))
        };
    }
    let Some(manifest) = source.get(&format!("{id}/{MANIFEST}"), MOST_MANIFEST)? else {
        return Ok(State::Missing);
    };
    // The log is signed, so from here on the manifest is: nothing that is not signed is parsed.
    if !is_logged(&manifest) {
        return refused("its manifest.json is not the one that the log has");
    }
    let Some(noted) = noted(&manifest) else {
        return refused("its manifest.json does not name its tables and its ledger; use a newer innerward");
    };
    let mut files = vec![(MANIFEST.to_owned(), manifest)];
    let rest = [(SIGNATURE.to_owned(), MOST_SIGNATURE), (PROOF_FILE.to_owned(), MOST_PROOF)];
    for (name, most) in
        rest.into_iter().chain(noted.tables.iter().map(|table| (table.file.clone(), MOST_TABLE)))
    {
        match source.get(&format!("{id}/{name}"), most)? {
            Some(bytes) => files.push((name, bytes)),
            None => return Ok(State::Refused(format!("{name} is missing"))),
        }
    }
    let staged = place.stage(id, &files)?;
    let release = match verify(&staged, key) {
        Ok(release) => release,
        Err(error) => return Ok(State::Refused(error.to_string())),
    };
    if let Err(why) = fits(release.manifest(), &noted.tables, published) {
        return refused(why);
    }
    let paid = usize::try_from(noted.ledger.size).ok().and_then(|size| log.entries.get(..size));
    if !paid.is_some_and(|entries| {
        head_of(entries).root_hex() == noted.ledger.root
            && (published.charged_at + 1..=published.n).contains(&entries.len())
    }) {
        return refused("its ledger is not that of the log when it had been charged");
    }
    if !proves(&files, log, published, key) {
        return refused("its log.json is of another log than the one that is served");
    }
    place.accept(id)?;
    Ok(State::New)
}

/// True if the folder `name` has a manifest, or something that cannot be one in its place.
pub(super) fn is_served(source: &mut Metered<'_>, name: &str) -> bool {
    !matches!(source.get(&format!("{name}/{MANIFEST}"), MOST_MANIFEST), Ok(None))
}

/// A table, as far as it has to be known before the whole of the release is there.
#[derive(Debug, Deserialize)]
struct Table {
    name: String,
    file: String,
    epsilon_nano: u64,
    sensitivity: u32,
}

/// The head of the log when the budget had been charged.
#[derive(Debug, Deserialize)]
struct Ledger {
    size: u64,
    root: String,
}

/// What has to be known of a manifest before the whole of the release is there.
#[derive(Debug, Deserialize)]
struct Noted {
    tables: Vec<Table>,
    ledger: Ledger,
}

/// What the manifest notes, if the files of its tables can be named so.
fn noted(manifest: &[u8]) -> Option<Noted> {
    let found: Noted = serde_json::from_slice(manifest).ok()?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b);
    let is_named = |table: &Table| {
        let stem = table.file.strip_suffix(".csv");
        stem.is_some_and(|stem| (1..=64).contains(&stem.len()) && stem.bytes().all(plain))
    };
    let fits = (1..=MOST_TABLES).contains(&found.tables.len()) && found.tables.iter().all(is_named);
    fits.then_some(found)
}

/// Compares what a release says of itself with what was registered and charged for it.
fn fits(manifest: &Manifest, tables: &[Table], published: &Published) -> Result<(), &'static str> {
    let (charge, plan) = (&published.charge, &published.plan);
    let demand = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(why) };
    demand(
        (manifest.period, &manifest.plan.name, manifest.revision)
            == (charge.period, &charge.plan, charge.revision),
        "period, plan or revision are not those that were charged",
    )?;
    demand(
        (&manifest.plan.digest, manifest.plan.registered_on, manifest.plan.applies_from)
            == (&plan.digest, plan.registered_on, plan.applies_from),
        "its plan is not the one that the log has for its period",
    )?;
    demand(manifest.epsilon_nano == charge.epsilon_nano, "its epsilon is not what was charged")?;
    let charged = charge.tables.iter().map(|table| (&table.name, table.epsilon_nano, table.sensitivity));
    let said = tables.iter().map(|table| (&table.name, table.epsilon_nano, table.sensitivity));
    demand(charged.eq(said), "its tables are not those that were charged")?;
    // That of its own plan at least. A larger one is another plan's for the same months; the log does not say whether that
    // one had expired, so it may be either.
    let least = plan.cap_nano.max(published.budget.spent_nano);
    demand(
        (least..=published.budget.cap_nano).contains(&manifest.epsilon_cap_nano),
        "its epsilon_cap_nano is not the cap that the plans in the log give its period",
    )?;
    demand(charge.charged_on <= manifest.published_on, "it was published before it was charged")?;
    demand(
        manifest.supersedes == published.corrects.as_deref().unwrap_or_default(),
        "supersedes is not the release that it corrects",
    )
}

/// True if its own proof leads to a head that this log had, at the place where the log has it.
fn proves(files: &[(String, Vec<u8>)], log: &PublicLog, published: &Published, key: &PublicKey) -> bool {
    let bytes = files.iter().find(|(name, _)| name == PROOF_FILE).map(|(_, bytes)| &bytes[..]);
    let checked = bytes.and_then(|bytes| Proof::parse(bytes).ok()).and_then(|proof| {
        let (head, _) = proof.check(key).ok()?;
        Some((head, proof))
    });
    checked.is_some_and(|(head, proof)| {
        let covered = usize::try_from(head.size).ok().and_then(|size| log.entries.get(..size));
        covered.is_some_and(|entries| head_of(entries) == head)
            && proof.index == published.n as u64
            && proof.entry == log.entries[published.n].line
    })
}
