//! Removing what a publication that was killed left unfinished. Nothing of the ledger is ever deleted: what has been spent
//! stays spent, and what is final can be given back byte for byte.

use std::fs;

use super::ReleaseError;
use super::ledger::Ledger;
use super::register::plans;
use crate::home::{Home, Purged, WriteLock, remove_tree};
use crate::vocabulary::Period;

/// Removes unfinished folders of releases from `public/`; with `rehearse`, says only which.
pub fn purge_unfinished(home: &Home, _lock: &WriteLock, rehearse: bool) -> Vec<Purged> {
    let entries = fs::read_dir(home.public_dir()).into_iter().flatten().flatten();
    let is_left = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        name.to_str().is_some_and(|name| name.starts_with('.') && name.ends_with(".tmp"))
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
    };
    let remove = |entry: fs::DirEntry| {
        let path = entry.path();
        Purged::of("unfinished", home.name_of(&path), remove_tree(&path, rehearse))
    };
    entries.filter(is_left).map(remove).collect()
}

/// The periods of which everything that its plans publish is final: no count of them is asked for again, unless for a
/// correction.
///
/// # Errors
/// [`ReleaseError`] if the ledger cannot be read.
pub fn published(home: &Home) -> Result<Vec<Period>, ReleaseError> {
    let (ledger, plans) = Ledger::checked(home)?;
    let mut periods: Vec<Period> = ledger.account()?.charges.iter().map(|charge| charge.period).collect();
    periods.sort_unstable();
    periods.dedup();
    let mut published = Vec::new();
    for period in periods {
        let mut is_final = true;
        for plan in plans.iter().filter(|plan| plan.is_in_force(period)) {
            let standing = ledger.standing(period, plan.plan.name())?;
            is_final &= standing.revision > 0 && !standing.unfinished;
        }
        published.extend(is_final.then_some(period));
    }
    Ok(published)
}

/// Tells of a period that is over whether it may still be published: a plan was in force in it, and not all that its plans
/// publish is final. Once it may not, it never may: a plan applies to later periods than that of its registration.
///
/// # Errors
/// [`ReleaseError`] if the ledger cannot be read.
pub fn may_be_published(home: &Home) -> Result<impl Fn(Period) -> bool + use<>, ReleaseError> {
    let (published, plans) = (published(home)?, plans(home)?);
    Ok(move |period| !published.contains(&period) && plans.iter().any(|plan| plan.is_in_force(period)))
}
