//! What people do here: put entries back, have them guarded again, decide. By the same rules as over the API.

use super::super::deeds::Doer;
use super::super::{Caller, Problem, ProblemCode, State};
use super::words;
use crate::hashset::{EntryKey, SetName};
use crate::tally::Finding;

const VIA: &str = "console";

/// Puts an entry of the quarantine back, or ends its exemption so that its hits count anew.
pub(super) fn quarantine(
    state: &State,
    caller: &Caller,
    set: &SetName,
    key: &EntryKey,
    released: bool,
) -> Result<(), Problem> {
    let done = state.quarantine_now(&Doer { caller, via: VIA }, set, key, released);
    done.map_err(|problem| match problem.code {
        // The page had a button for it.
        ProblemCode::NotFound => Problem::new(ProblemCode::Conflict, words::NOT_SO_ANY_MORE),
        _ => problem,
    })
}

/// Keeps a decision, and counts the review in the tally where the set's agreement allows statistics; true if it did.
pub(super) fn decide(state: &State, caller: &Caller, finding: Finding) -> Result<bool, Problem> {
    let taken = state.decide_now(&Doer { caller, via: VIA }, &[finding])?;
    match taken.declined.into_iter().next() {
        Some((_, declined)) => Err(declined.into()),
        None => Ok(taken.reviewed > 0),
    }
}
