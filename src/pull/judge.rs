//! What a publisher's log has to be: signed, whole, a continuation of what it was, and in keeping with its own rules.

use std::collections::BTreeMap;

use super::budget::{Budget, Budgets};
use super::error::PullError;
use super::place::Place;
use super::source::Metered;
use crate::release::PublicKey;
use crate::release::log::{
    CHECKPOINT_FILE, ChargeEntry, Checkpoint, ENTRIES_FILE, Entry, Head, LOG_DIR, Logged, MOST_ENTRIES_BYTES,
    PlanEntry, head_of, read_entries,
};

/// Most bytes of a checkpoint: that of a note with many witnesses.
const MOST_NOTE: u64 = 128 << 10;
/// Before the name of a release that a demo made.
const DEMO: &str = "DEMO-";

/// A publisher's log, found good.
pub(super) struct PublicLog {
    pub(super) entries: Vec<Logged>,
    pub(super) head: Head,
    /// The lines that the head covers, as they are served.
    pub(super) lines: String,
    /// The signed head.
    pub(super) note: Vec<u8>,
    /// The releases, in the order of the log, each with what was charged for it and the plan that it was made under.
    pub(super) releases: Vec<Published>,
}

/// A release that the log has.
pub(super) struct Published {
    pub(super) release_id: String,
    pub(super) n: usize,
    pub(super) charge: ChargeEntry,
    /// The number of that charge.
    pub(super) charged_at: usize,
    pub(super) plan: PlanEntry,
    /// The largest cap of the months of its period, and the most that one of them had been charged when it was released.
    pub(super) budget: Budget,
    /// The release of the same plan and period with the revision before, if there is one.
    pub(super) corrects: Option<String>,
}

/// Reads the log: first the head, then the lines, which may have grown meanwhile.
pub(super) fn read_log(source: &mut Metered<'_>, key: &PublicKey) -> Result<PublicLog, PullError> {
    let path = |file: &str| format!("{LOG_DIR}/{file}");
    let (note_path, lines_path) = (path(CHECKPOINT_FILE), path(ENTRIES_FILE));
    let note = source.need(&note_path, MOST_NOTE)?;
    let head = Checkpoint::parse(&note).and_then(|note| note.verify(key));
    let head = head.map_err(|fault| PullError::Checkpoint { what: source.name(&note_path), fault })?;
    let lines = source.need(&lines_path, MOST_ENTRIES_BYTES)?;
    let what = source.name(&lines_path);
    // Only what the head covers is signed; what comes after it is not looked at.
    let other = || PullError::OtherRoot(what.clone());
    let lines = String::from_utf8(lines).map_err(|_| other())?;
    let size = usize::try_from(head.size).map_err(|_| other())?;
    let covered: usize = lines.split_inclusive('\n').take(size).map(str::len).sum();
    let mut lines = lines;
    lines.truncate(covered);
    let entries = read_entries(&lines).map_err(|fault| PullError::Entries { what: what.clone(), fault })?;
    if head_of(&entries) != head {
        return Err(other());
    }
    let releases =
        releases_of(&entries).map_err(|(n, cause)| PullError::Rule { what: what.clone(), n, cause })?;
    Ok(PublicLog { entries, head, lines, note, releases })
}

impl PublicLog {
    /// Refuses a log that is not a continuation of the one before.
    pub(super) fn continues(&self, before: &Head, name: &str, place: &Place) -> Result<(), PullError> {
        let (name, kept) = (name.to_owned(), place.checkpoint_file());
        let now = self.head.size;
        match usize::try_from(before.size).ok().and_then(|size| self.entries.get(..size)) {
            None => Err(PullError::Rollback { name, before: before.size, now, kept }),
            Some(entries) if head_of(entries) != *before => {
                Err(PullError::Fork { name, before: before.size, kept })
            }
            Some(_) => Ok(()),
        }
    }
}

/// The releases of a log, if it keeps to its rules: a charge has a plan that was registered before and applies to its
/// period; of one plan and period each revision is charged once, after the one before it; no month is charged more than
/// it has; a release has a charge of its own that came before it.
fn releases_of(entries: &[Logged]) -> Result<Vec<Published>, (u64, String)> {
    let mut budgets = Budgets::default();
    let mut charges: BTreeMap<String, (usize, &ChargeEntry, &PlanEntry)> = BTreeMap::new();
    let mut found: Vec<Published> = Vec::new();
    let id = |charge: &ChargeEntry, revision: u32| format!("{}-{}-v{revision}", charge.period, charge.plan);
    for (at, logged) in entries.iter().enumerate() {
        let fault = |cause: String| (logged.n, cause);
        match &logged.entry {
            Entry::Plan(plan) => budgets.register(plan),
            Entry::Charge(charge) => {
                let plan = budgets.plan(&charge.plan, charge.period);
                let plan = plan.ok_or_else(|| {
                    fault(format!("no plan {} was registered for {} before", charge.plan, charge.period))
                })?;
                let before = charge.revision.checked_sub(1).filter(|revision| *revision > 0);
                if before.is_some_and(|before| !charges.contains_key(&id(charge, before))) {
                    return Err(fault(format!(
                        "revision {} comes before the one it corrects",
                        charge.revision
                    )));
                }
                let name = id(charge, charge.revision);
                if charges.insert(name.clone(), (at, charge, plan)).is_some() {
                    return Err(fault(format!("{name} is charged twice")));
                }
                budgets.spend(charge).map_err(fault)?;
            }
            Entry::Release(release) => {
                let bare = release.release_id.strip_prefix(DEMO).unwrap_or(&release.release_id);
                let (charged_at, charge, plan) = *charges
                    .get(bare)
                    .ok_or_else(|| fault(format!("{} was not charged before", release.release_id)))?;
                let same = |other: &&Published| {
                    let other = &other.charge;
                    (&other.plan, other.period) == (&charge.plan, charge.period)
                };
                if found.iter().filter(same).any(|other| other.charge.revision >= charge.revision) {
                    return Err(fault(format!(
                        "{} is not the only one, or not the latest",
                        release.release_id
                    )));
                }
                let corrects = found.iter().rfind(same).map(|other| other.release_id.clone());
                found.push(Published {
                    release_id: release.release_id.clone(),
                    n: at,
                    charge: charge.clone(),
                    charged_at,
                    plan: plan.clone(),
                    budget: budgets.of(charge.period),
                    corrects,
                });
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
