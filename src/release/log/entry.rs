//! What the log holds: plans, charges and releases, each one line of JSON that can be written in one way only, and that
//! names the line before it. Numbers, public names and digests; never a count.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::vocabulary::{Period, PeriodKind};

/// Most bytes of a line.
pub(super) const MOST_LINE: usize = 64 << 10;
/// Most entries that are read of a log.
pub(super) const MOST_ENTRIES: usize = 100_000;
/// Most bytes of a name: of a plan, a table, a scope.
const MOST_NAME: usize = 32;
/// Most bytes of the name of a release, which is the name of a folder too.
const MOST_RELEASE_ID: usize = 100;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Entry {
    /// A plan was registered.
    Plan(PlanEntry),
    /// The budget was charged, before noise was drawn.
    Charge(ChargeEntry),
    /// A release became final.
    Release(ReleaseEntry),
}

/// A plan was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanEntry {
    /// Its name.
    pub name: String,
    /// BLAKE3 of its text, in hex.
    pub digest: String,
    /// How long its periods are.
    pub period: PeriodKind,
    /// Billionths of epsilon that a release of it costs.
    pub epsilon_nano: u64,
    /// Billionths that one period may spend under it, corrections included.
    pub cap_nano: u64,
    /// The day.
    pub registered_on: Date,
    /// The first period that it is for; it begins after that day.
    pub applies_from: Period,
    /// The plan of another name that it ends; empty if none.
    pub replaces: String,
}

/// The budget was charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeEntry {
    /// Whose budget.
    pub scope: String,
    /// The period that is to be published.
    pub period: Period,
    /// The name of the plan.
    pub plan: String,
    /// 1 for the first release of the plan and period, one more for each correction.
    pub revision: u32,
    /// What each table costs.
    pub tables: Vec<ChargedTable>,
    /// What all of it costs, in billionths.
    pub epsilon_nano: u64,
    /// The day.
    pub charged_on: Date,
}

/// One table of a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargedTable {
    /// Its name.
    pub name: String,
    /// Billionths of epsilon.
    pub epsilon_nano: u64,
    /// How much one item can change the table: the L1 sensitivity that the noise is for.
    pub sensitivity: u32,
}

/// A release became final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseEntry {
    /// Its name, also its folder's.
    pub release_id: String,
    /// SHA-256 of `manifest.json`, in hex.
    pub manifest_sha256: String,
    /// The same of the release before it in the log; empty for the first.
    pub previous: String,
}

/// An entry at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its number, from 0.
    pub n: u64,
    /// What it says.
    pub entry: Entry,
    /// The line that is hashed and kept, without its end.
    pub line: String,
}

/// The line as it is written. The order of the fields is the order of the keys.
#[derive(Serialize)]
struct Written<'a> {
    n: u64,
    prev: &'a str,
    #[serde(flatten)]
    entry: &'a Entry,
}

#[derive(Deserialize)]
struct Read {
    n: u64,
    prev: String,
    #[serde(flatten)]
    entry: Entry,
}

/// Why lines are not a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {n}: {cause}")]
pub struct EntryFault {
    /// The place, from 0.
    pub n: u64,
    /// What is wrong.
    pub cause: &'static str,
}

impl Entry {
    /// Its kind, as the line has it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Plan(_) => "plan",
            Self::Charge(_) => "charge",
            Self::Release(_) => "release",
        }
    }

    /// The day on which it happened; a release has that of its charge.
    #[must_use]
    pub const fn day(&self) -> Option<Date> {
        match self {
            Self::Plan(plan) => Some(plan.registered_on),
            Self::Charge(charge) => Some(charge.charged_on),
            Self::Release(_) => None,
        }
    }

    /// What no program of ours writes is refused by its field.
    fn check(&self) -> Result<(), &'static str> {
        let demand = |holds: bool, cause: &'static str| if holds { Ok(()) } else { Err(cause) };
        match self {
            Self::Plan(plan) => {
                demand(is_name(&plan.name), "name is not a plan's")?;
                demand(is_digest(&plan.digest), "digest is not a BLAKE3 in hex")?;
                demand(
                    plan.applies_from.kind() == plan.period,
                    "applies_from is of another kind than period",
                )?;
                demand(
                    (1..=plan.cap_nano).contains(&plan.epsilon_nano),
                    "epsilon_nano is not 1 to cap_nano",
                )?;
                demand(
                    plan.registered_on < plan.applies_from.first_day(),
                    "registered_on is not before applies_from",
                )?;
                demand(plan.replaces.is_empty() || is_name(&plan.replaces), "replaces is not a plan's name")
            }
            Self::Charge(charge) => {
                demand(is_name(&charge.scope), "scope is not a name")?;
                demand(is_name(&charge.plan), "plan is not a plan's name")?;
                demand(charge.revision >= 1, "revision is not 1 or more")?;
                demand(!charge.tables.is_empty(), "tables is empty")?;
                let fits = |table: &ChargedTable| {
                    is_name(&table.name) && table.epsilon_nano >= 1 && table.sensitivity >= 1
                };
                demand(charge.tables.iter().all(fits), "tables has what is no charge for a table")?;
                let sum: u128 = charge.tables.iter().map(|table| u128::from(table.epsilon_nano)).sum();
                demand(
                    sum <= u128::from(charge.epsilon_nano),
                    "epsilon_nano is less than its tables together",
                )?;
                demand(charge.charged_on >= charge.period.next().first_day(), "charged_on is within period")
            }
            Self::Release(release) => {
                demand(is_release_id(&release.release_id), "release_id is not a release's name")?;
                demand(is_digest(&release.manifest_sha256), "manifest_sha256 is not a SHA-256 in hex")?;
                demand(
                    release.previous.is_empty() || is_digest(&release.previous),
                    "previous is not a SHA-256 in hex",
                )
            }
        }
    }
}

/// A name as plans and tables have it, which may stand in the name of a file.
fn is_name(text: &str) -> bool {
    (1..=MOST_NAME).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
}

/// True if `text` can be the name of a release, and so of a folder: letters, digits and `-`, beginning with a letter or
/// digit. No path can be made of it.
#[must_use]
pub fn is_release_id(text: &str) -> bool {
    (1..=MOST_RELEASE_ID).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// The SHA-256 of `bytes` in hex.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Checks lines one after another: each says its number, names the line before it, is written as it would be here, and
/// fits what came before.
#[derive(Default)]
pub(super) struct Chain {
    n: u64,
    prev: String,
    manifest: String,
    releases: std::collections::BTreeSet<String>,
}

impl Chain {
    /// After `entries`, which have been through a chain.
    pub(super) fn after(entries: &[Logged]) -> Self {
        let mut chain = Self::default();
        entries.iter().for_each(|logged| chain.step(&logged.entry, &logged.line));
        chain
    }

    fn step(&mut self, entry: &Entry, line: &str) {
        self.n += 1;
        self.prev = sha256_hex(line.as_bytes());
        if let Entry::Release(release) = entry {
            self.manifest.clone_from(&release.manifest_sha256);
            self.releases.insert(release.release_id.clone());
        }
    }

    fn admit(&self, entry: &Entry) -> Result<(), &'static str> {
        entry.check()?;
        if let Entry::Release(release) = entry {
            if release.previous != self.manifest {
                return Err("previous is not the manifest of the release before it");
            }
            if self.releases.contains(&release.release_id) {
                return Err("release_id was in the log before");
            }
        }
        Ok(())
    }

    /// `entry` as the next line.
    pub(super) fn write(&mut self, entry: &Entry) -> Result<Logged, EntryFault> {
        let n = self.n;
        self.admit(entry).map_err(|cause| EntryFault { n, cause })?;
        let line = serde_json::to_string(&Written { n, prev: &self.prev, entry })
            .expect("an entry is texts and numbers, which are always JSON");
        if line.len() > MOST_LINE || n >= MOST_ENTRIES as u64 {
            return Err(EntryFault { n, cause: "the line is too long, or the log is full" });
        }
        self.step(entry, &line);
        Ok(Logged { n, entry: entry.clone(), line })
    }

    /// The line of one entry, without those before it: they are named by digests that nothing here can check.
    pub(super) fn read_alone(line: &str, n: u64) -> Result<Logged, EntryFault> {
        let fault = |cause| EntryFault { n, cause };
        let read: Read = serde_json::from_str(line).map_err(|_| fault("it is not an entry of a log"))?;
        let manifest = match &read.entry {
            Entry::Release(release) => release.previous.clone(),
            _ => String::new(),
        };
        let first = read.prev.is_empty();
        if first != (n == 0) || !(first || is_digest(&read.prev)) {
            return Err(fault("prev is not a SHA-256 in hex"));
        }
        Self { n, prev: read.prev, manifest, ..Self::default() }.read(line)
    }

    /// The next line, read.
    pub(super) fn read(&mut self, line: &str) -> Result<Logged, EntryFault> {
        let n = self.n;
        let fault = |cause| EntryFault { n, cause };
        if line.len() > MOST_LINE || n >= MOST_ENTRIES as u64 {
            return Err(fault("the line is too long, or there are too many"));
        }
        let read: Read = serde_json::from_str(line).map_err(|_| fault("it is not an entry of a log"))?;
        if read.n != n {
            return Err(fault("n is another number"));
        }
        if read.prev != self.prev {
            return Err(fault("prev is not the SHA-256 of the line before it"));
        }
        let logged = self.write(&read.entry)?;
        if logged.line == line { Ok(logged) } else { Err(fault("it is not laid out as innerward writes it")) }
    }
}

/// Reads the lines of a log, as `entries.jsonl` has them: each ends with a line feed.
///
/// # Errors
/// [`EntryFault`] with the first entry that cannot be.
pub fn read_entries(text: &str) -> Result<Vec<Logged>, EntryFault> {
    let mut chain = Chain::default();
    let mut entries = Vec::new();
    for line in text.split_inclusive('\n') {
        let n = chain.n;
        let line = line.strip_suffix('\n').ok_or(EntryFault { n, cause: "the line has no end" })?;
        entries.push(chain.read(line)?);
    }
    Ok(entries)
}

#[cfg(test)]
#[path = "entry_tests.rs"]
mod tests;
