//! Publishing a period: charge, draw, make final, write. Whatever interrupts it, a second run ends with one release.

#![deny(clippy::float_arithmetic)]

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rand::CryptoRng;

use super::error::ReleaseError;
use super::feed::write_feeds;
use super::folder;
use super::ledger::{Finished, Ledger, Standing};
use super::log;
use super::manifest::{self, Facts, NO_WITNESS, PeriodFacts};
use super::mechanism::protect;
use super::model::LedgerNote;
use super::register::{RegisteredPlan, month_budget};
use super::signature::{PublicKey, Signatory, key_file};
use super::table;
use super::verify::{MANIFEST, SIGNATURE, VerifyError, verify_files};
use crate::home::{Clock, Config, Home, WriteLock, remove_temporaries, write_atomic};
use crate::tally::{Cube, Sensitive};
use crate::vocabulary::Period;

/// The public key's file in `public/`.
pub const PUBLIC_KEY_FILE: &str = "innerward.pub";

/// What is to be published, apart from the counts.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The day of publication.
    pub clock: Clock,
    /// The month, quarter or year; it must be over.
    pub period: Period,
    /// The name of the plan, which must have been in force for the period.
    pub plan: &'a str,
    /// A correction of what was published before, paid for again.
    pub revise: bool,
    /// A head of the log that a partner has kept, which the log must continue; without it, what the configuration names.
    pub witness: Option<&'a Path>,
    /// Publisher, contact, purpose, licence and witness.
    pub config: &'a Config,
}

/// A published period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The folder, ready to be copied out.
    pub dir: PathBuf,
    /// Its name.
    pub release_id: String,
    /// True if the release was final before: nothing was counted, charged or drawn.
    pub already: bool,
}

/// Publishes the period under the plan that was registered before it began, into `public/RELEASE_ID/`.
///
/// In this order: the ledger is held against its log, and the log against what the public and a witness have of it; the
/// counts are read, the budget is charged, noise is drawn, the finished bytes are stored in the ledger, and only then is
/// anything written under `public/`: the release, then the log, then the feeds. An interrupted run is taken up by the next: what had
/// been drawn and stored is published as it is. A period that is final already is given back byte for byte, its folder
/// restored if it is gone; `counts`, which is told the most items of a case that count, is not called then. A correction
/// is the next revision, charged again.
///
/// # Errors
/// [`ReleaseError`]: the home was restored from an older copy, the ledger was changed, the period is not over, no plan came
/// before it, the budget does not cover it, the folder was altered, the key was changed, or something could not be read or
/// written.
pub fn publish<E, F, R>(
    home: &Home,
    _lock: &WriteLock,
    request: &Request<'_>,
    counts: F,
    rng: &mut R,
) -> Result<Published, ReleaseError>
where
    E: std::error::Error + Send + Sync + 'static,
    F: FnOnce(Option<u32>) -> Result<(Sensitive<Cube>, PeriodFacts), E>,
    R: CryptoRng + ?Sized,
{
    publish_in_steps(home, request, counts, rng, &mut |_| Ok(()))
}

/// Where a test may interrupt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Counted,
    Charged,
    Drawn,
    Final,
    KeyWritten,
    FileWritten,
    Renamed,
    LogWritten,
}

pub(super) fn publish_in_steps<E, F, R>(
    home: &Home,
    request: &Request<'_>,
    counts: F,
    rng: &mut R,
    reached: &mut dyn FnMut(Step) -> Result<(), ReleaseError>,
) -> Result<Published, ReleaseError>
where
    E: std::error::Error + Send + Sync + 'static,
    F: FnOnce(Option<u32>) -> Result<(Sensitive<Cube>, PeriodFacts), E>,
    R: CryptoRng + ?Sized,
{
    let period = request.period;
    let from = period.next().first_day();
    if request.clock.today() < from {
        return Err(ReleaseError::NotEnded { period, from });
    }
    let (mut ledger, plans) = Ledger::checked(home)?;
    let in_force = plans.iter().find(|plan| plan.plan.name() == request.plan && plan.is_in_force(period));
    let plan = in_force.ok_or_else(|| ReleaseError::NoPlan {
        period,
        plan: request.plan.to_owned(),
        applies_from: Period::of(period.kind(), request.clock.today()).next(),
    })?;
    let (revision, is_new) = revision(&ledger.standing(period, request.plan)?, request)?;
    let finished = if is_new {
        let cap_nano = period.months().map(|month| month_budget(&plans, month).1).max().unwrap_or(0);
        let making = Making { home, request, plans: &plans, plan, revision, cap_nano };
        making.finished(&mut ledger, counts, rng, reached)?
    } else {
        let finished = ledger.finished(period, request.plan, revision)?;
        finished.ok_or(ReleaseError::Ledger("a finished release"))?
    };
    let key: PublicKey = finished.public_key.parse()?;
    // What the ledger keeps may have been changed since it was signed, and must not take the place of what the public has.
    verify_files(&finished.files, &key)?;
    remove_temporaries(&home.public_dir())?;
    place_key(home, &key)?;
    reached(Step::KeyWritten)?;
    let dir = folder::place(&home.public_dir(), &finished, reached)?;
    // What is final needs no key to be given back; the log is signed anew if it is the same.
    let signatory = home.known_secret_key("signing")?.map(|secret| Signatory::new(&secret));
    if let Some(signatory) = signatory.filter(|signatory| signatory.public() == key) {
        log::publish_log(home, &ledger.0, &signatory)?;
    }
    write_feeds(&home.public_dir(), &key)?;
    reached(Step::LogWritten)?;
    ledger.placed(&finished)?;
    Ok(Published { dir, release_id: finished.release_id, already: !is_new })
}

/// The revision to publish, and whether it is still to be made.
///
/// What was interrupted comes first, and is no correction of itself: a correction that was final but not yet written is
/// written.
fn revision(standing: &Standing, request: &Request<'_>) -> Result<(u32, bool), ReleaseError> {
    match (standing.revision, request.revise) {
        (0, true) => {
            Err(ReleaseError::NothingToRevise { period: request.period, plan: request.plan.to_owned() })
        }
        (0, false) => Ok((1, true)),
        (latest, _) if standing.unfinished => Ok((latest, true)),
        (latest, true) if standing.placed => Ok((latest + 1, true)),
        (latest, _) => Ok((latest, false)),
    }
}

/// A release in the making.
struct Making<'a> {
    home: &'a Home,
    request: &'a Request<'a>,
    plans: &'a [RegisteredPlan],
    plan: &'a RegisteredPlan,
    revision: u32,
    cap_nano: u64,
}

impl Making<'_> {
    /// From the counts to the final bytes in the ledger.
    fn finished<E, F, R>(
        &self,
        ledger: &mut Ledger,
        counts: F,
        rng: &mut R,
        reached: &mut dyn FnMut(Step) -> Result<(), ReleaseError>,
    ) -> Result<Finished, ReleaseError>
    where
        E: std::error::Error + Send + Sync + 'static,
        F: FnOnce(Option<u32>) -> Result<(Sensitive<Cube>, PeriodFacts), E>,
        R: CryptoRng + ?Sized,
    {
        // What can fail without the counts fails before the charge.
        let Self { home, request, plans, plan, revision, cap_nano } = *self;
        let signatory = log::signatory(home, &ledger.0)?;
        let key = signatory.public();
        let latest = ledger.latest()?;
        if let Some((_, earlier)) = &latest {
            let earlier: PublicKey = earlier.parse()?;
            same_key(&earlier, &key)?;
        }
        // First, so that a key that was lost and made anew does not take the place of the one that signed the log.
        log::check_public(home, &ledger.0, &key)?;
        place_key(home, &key)?;
        folder::check_known(&home.public_dir(), &ledger.release_ids()?)?;
        let witness = log::witnessed(home, &ledger.0, &request.config.release, request.witness, &key)?;
        let witness = witness.map_or_else(|| NO_WITNESS.to_owned(), |note| note.to_string());
        let previous = latest.map(|(bytes, _)| blake3::hash(&bytes).to_hex().to_string()).unwrap_or_default();
        let today = request.clock.today();
        let (cube, of_period) =
            counts(plan.plan.items_per_case()).map_err(|error| ReleaseError::Tally(Box::new(error)))?;
        reached(Step::Counted)?;
        let named = of_period.named_classes()?;
        let mut manifest = Facts {
            demo: home.is_demo(),
            config: request.config,
            period: request.period,
            revision,
            published_on: today,
            plan,
            of_period: &of_period,
            named: &named,
            cap_nano,
            witness: &witness,
            previous,
        }
        .manifest()?;
        manifest::check(&manifest).map_err(|(place, cause)| VerifyError::Manifest { place, cause })?;

        let permit = ledger.reserve(request.period, plans, plan, revision, named, today)?;
        reached(Step::Charged)?;
        let head = log::head(&ledger.0)?;
        manifest.ledger = LedgerNote { size: head.size, root: head.root_hex() };
        let charge = permit.charge();
        let cells = protect(permit, cube, rng);
        reached(Step::Drawn)?;

        let mut files = Vec::new();
        for (at, cells) in cells.iter().enumerate() {
            let bytes = table::render(&manifest, &manifest.tables[at], cells);
            manifest.tables[at].blake3 = blake3::hash(&bytes).to_hex().to_string();
            files.push((manifest.tables[at].file.clone(), bytes));
        }
        let manifest_bytes = manifest::render(&manifest);
        let signature = signatory.sign(&manifest_bytes, &manifest.release_id);
        let signed = [(MANIFEST.to_owned(), manifest_bytes), (SIGNATURE.to_owned(), signature)];
        files.splice(..0, signed);
        // A release that its readers would refuse must not become final.
        let check = |files: &[(String, Vec<u8>)]| Ok(verify_files(files, &key).map(|_| ())?);
        let finished = ledger.finish(charge, &manifest.release_id, files, &signatory, check)?;
        reached(Step::Final)?;
        Ok(finished)
    }
}

/// Writes `public/innerward.pub`, unless it is there.
fn place_key(home: &Home, key: &PublicKey) -> Result<(), ReleaseError> {
    let public = home.public_dir();
    DirBuilder::new().recursive(true).mode(0o700).create(&public).map_err(ReleaseError::io(&public))?;
    let path = public.join(PUBLIC_KEY_FILE);
    if path.exists() {
        return same_key(key, &PublicKey::read(&path)?);
    }
    Ok(write_atomic(&path, key_file(key).as_bytes(), 0o644)?)
}

fn same_key(expected: &PublicKey, found: &PublicKey) -> Result<(), ReleaseError> {
    if expected == found {
        return Ok(());
    }
    Err(ReleaseError::KeyChanged { expected: expected.id(), found: found.id() })
}

#[cfg(test)]
#[path = "publish_tests.rs"]
mod tests;
