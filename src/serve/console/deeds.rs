//! What people do here: put entries back, have them guarded again, decide. Each is on record before it is done.

use std::collections::BTreeMap;

use super::super::deeds::Doer;
use super::super::{Caller, Problem, ProblemCode, State};
use super::gate::failed;
use super::words;
use crate::hashset::{EntryKey, Local, SetName};
use crate::tally::{Desk, Finding};

const VIA: &str = "console";

/// Puts an entry of the quarantine back; it matches from now on.
pub(super) fn put_back(state: &State, caller: &Caller, set: &SetName, key: &EntryKey) -> Result<(), Problem> {
    let doer = Doer { caller, via: VIA };
    state.record(&doer, "quarantine.release", set.as_str(), BTreeMap::new())?;
    let is_done = Local::open(&state.0.home).and_then(|mut local| local.release(set, key)).map_err(failed)?;
    settled(state, is_done)
}

/// Ends the exemption of an entry; its hits count anew.
pub(super) fn guard_again(
    state: &State,
    caller: &Caller,
    set: &SetName,
    key: &EntryKey,
) -> Result<(), Problem> {
    let doer = Doer { caller, via: VIA };
    state.record(&doer, "quarantine.guard", set.as_str(), BTreeMap::new())?;
    let is_done = Local::open(&state.0.home).and_then(|mut local| local.guard_again(set, key));
    settled(state, is_done.map_err(failed)?)
}

fn settled(state: &State, is_done: bool) -> Result<(), Problem> {
    if !is_done {
        return Err(Problem::new(ProblemCode::Conflict, words::NOT_SO_ANY_MORE));
    }
    state.look_again()
}

/// Keeps a decision, and counts the review in the tally where the set's agreement allows statistics; true if it did.
pub(super) fn decide(state: &State, caller: &Caller, finding: Finding) -> Result<bool, Problem> {
    let doer = Doer { caller, via: VIA };
    let about = BTreeMap::from([("decision", finding.decision.as_str().to_owned())]);
    state.record(&doer, "decide", finding.set.as_str(), about)?;
    let mut desk = Desk::open(&state.0.home, state.clock().today()).map_err(failed)?;
    let taken = desk.take(&[finding]).map_err(failed)?;
    if let Some((_, declined)) = taken.declined.first() {
        return Err(Problem::new(ProblemCode::Unprocessable, declined.to_string()));
    }
    state.look_again()?;
    Ok(taken.reviewed > 0)
}
