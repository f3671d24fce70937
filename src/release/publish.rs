//! Publishing a month: charge, draw, make final, write. Whatever interrupts it, a second run ends with one release.

use std::path::PathBuf;

use rand::CryptoRng;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use super::error::ReleaseError;
use super::folder;
use super::ledger::{Finished, Ledger};
use super::manifest::{self, Facts, ListFacts};
use super::mechanism::protect;
use super::register::RegisteredPlan;
use super::signature::{PublicKey, Signatory, key_file};
use super::table;
use super::verify::verify_bytes;
use crate::home::{Clock, Config, Home, WriteLock, write_atomic};
use crate::tally::{Cube, Sensitive};
use crate::vocabulary::Period;

/// The public key's file in `public/`.
pub const PUBLIC_KEY_FILE: &str = "innerward.pub";

/// What is to be published, apart from the counts.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The day of publication.
    pub clock: Clock,
    /// The month; it must be over.
    pub period: Period,
    /// The classes of list that were matched against in the month.
    pub lists: &'a [ListFacts],
    /// Publisher, contact, purpose and licence.
    pub config: &'a Config,
}

/// A published month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The folder, ready to be copied out.
    pub dir: PathBuf,
    /// Its name.
    pub release_id: String,
    /// True if the release was final before: nothing was counted, charged or drawn.
    pub already: bool,
}

/// The system's randomness, for [`publish`] and [`preview`](super::preview()).
#[must_use]
pub fn system_rng() -> impl CryptoRng {
    UnwrapErr(SysRng)
}

/// Publishes the month under the plan that was registered before it began, into `public/RELEASE_ID/`.
///
/// In this order: the counts are read, the budget is charged, noise is drawn, the finished bytes are stored in the
/// ledger, and only then is anything written under `public/`. An interrupted run is taken up by the next: what had
/// been drawn and stored is published as it is. A month that is final already is given back byte for byte, its folder
/// restored if it is gone; `cube` is not called then.
///
/// # Errors
/// [`ReleaseError`]: the month is not over, no plan came before it, the budget does not cover it, the folder was
/// altered, the key was changed, or something could not be read or written.
pub fn publish<E, F, R>(
    home: &Home,
    _lock: &WriteLock,
    request: &Request<'_>,
    cube: F,
    rng: &mut R,
) -> Result<Published, ReleaseError>
where
    E: std::error::Error + Send + Sync + 'static,
    F: FnOnce() -> Result<Sensitive<Cube>, E>,
    R: CryptoRng + ?Sized,
{
    publish_in_steps(home, request, cube, rng, &mut |_| Ok(()))
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
}

fn publish_in_steps<E, F, R>(
    home: &Home,
    request: &Request<'_>,
    cube: F,
    rng: &mut R,
    reached: &mut dyn FnMut(Step) -> Result<(), ReleaseError>,
) -> Result<Published, ReleaseError>
where
    E: std::error::Error + Send + Sync + 'static,
    F: FnOnce() -> Result<Sensitive<Cube>, E>,
    R: CryptoRng + ?Sized,
{
    let period = request.period;
    let from = period.next().first_day();
    if request.clock.today() < from {
        return Err(ReleaseError::NotEnded { period, from });
    }
    let mut ledger = Ledger::open(home)?;
    let plan = ledger.plan_for(period)?.ok_or_else(|| ReleaseError::NoPlan {
        period,
        applies_from: Period::containing(request.clock.today()).next(),
    })?;
    let (finished, already) = match ledger.finished(period, plan.plan.table().name())? {
        Some(finished) => (finished, true),
        None => (make(home, &mut ledger, request, &plan, cube, rng, reached)?, false),
    };
    let public = home.public_dir();
    let key: PublicKey = finished.public_key.parse()?;
    place_key(home, &key)?;
    reached(Step::KeyWritten)?;
    let dir = folder::place(&public, &finished, reached)?;
    Ok(Published { dir, release_id: finished.release_id, already })
}

/// From the counts to the final bytes in the ledger.
fn make<E, F, R>(
    home: &Home,
    ledger: &mut Ledger,
    request: &Request<'_>,
    plan: &RegisteredPlan,
    cube: F,
    rng: &mut R,
    reached: &mut dyn FnMut(Step) -> Result<(), ReleaseError>,
) -> Result<Finished, ReleaseError>
where
    E: std::error::Error + Send + Sync + 'static,
    F: FnOnce() -> Result<Sensitive<Cube>, E>,
    R: CryptoRng + ?Sized,
{
    // What can fail without the counts fails before the charge.
    let signatory = Signatory::new(&home.secret_key("signing")?);
    let key = signatory.public();
    let latest = ledger.latest()?;
    if let Some((_, earlier)) = &latest {
        let earlier: PublicKey = earlier.parse()?;
        same_key(&earlier, &key)?;
    }
    place_key(home, &key)?;
    let today = request.clock.today();
    let mut manifest = Facts {
        demo: home.is_demo(),
        config: request.config,
        period: request.period,
        published_on: today,
        plan,
        lists: request.lists,
        previous: latest.map(|(bytes, _)| blake3::hash(&bytes).to_hex().to_string()).unwrap_or_default(),
    }
    .manifest()?;
    let counts = cube().map_err(|error| ReleaseError::Tally(Box::new(error)))?;
    reached(Step::Counted)?;

    let permit = ledger.reserve(request.period, plan, today)?;
    reached(Step::Charged)?;
    let charge = permit.charge();
    let cells = protect(permit, counts, rng);
    reached(Step::Drawn)?;

    let table = table::render(&manifest, &cells);
    manifest.table.blake3 = blake3::hash(&table).to_hex().to_string();
    let manifest_bytes = manifest::render(&manifest);
    let finished = Finished {
        signature: signatory.sign(&manifest_bytes, &manifest.release_id),
        release_id: manifest.release_id,
        public_key: key.to_string(),
        manifest: manifest_bytes,
        table,
    };
    // A release that its readers would refuse must not become final.
    verify_bytes(&finished.manifest, &finished.signature, &finished.table, &key)?;
    ledger.finish(charge, &finished)?;
    reached(Step::Final)?;
    Ok(finished)
}

/// Writes `public/innerward.pub`, unless it is there.
fn place_key(home: &Home, key: &PublicKey) -> Result<(), ReleaseError> {
    let path = home.public_dir().join(PUBLIC_KEY_FILE);
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
