//! A bank under another name: the same entries, policy, withdrawals, decisions and notes. All of it, or nothing.

use std::collections::BTreeSet;
use std::io::{BufWriter, Seek, Write};

use super::Problem;
use super::keys::unsure as unsure_of_index;
use super::shares::unsure;
use crate::hashset::{
    EntryKey, KeepUntil, ListHeader, ListWriter, Local, Role, SetError, SetInfo, SetName, SetUpdate, Sets,
};
use crate::home::{About, Did, WriteLock};
use crate::index::{Extent, ImportOptions, Index, bring, merge, remove};
use crate::serve::deeds::{Change, Doer};
use crate::serve::{ProblemCode, State};

/// Renames `set` to `new`, which is not there. Takes as long as an import of the set, and as much room on the disk of the home.
///
/// Until the end the old bank answers, and for a moment both do: none of its entries is ever without an answer.
pub(super) fn rename(change: &Change<'_>, set: &SetInfo, new: &SetName) -> Result<(), Problem> {
    let Change { state, doer, lock } = change;
    may_be_renamed(state, set)?;
    let about = [("to", new.to_string())].into();
    change.on_record(Did::SetRename, set.name.as_str(), about, || {
        let removed = match copy(state, doer, lock, set, new) {
            Ok(()) => remove(&state.0.home, lock, &set.name, state.made(doer)),
            Err(problem) => {
                // It may not have come so far; what matters is that the old one is as it was.
                let _ = remove(&state.0.home, lock, new, state.made(doer));
                let _ = Local::open(&state.0.home).and_then(|mut local| local.forget(new));
                return Err(problem);
            }
        };
        // The old name says nothing any more; where that cannot be written, it is said of nothing.
        let _ = removed.is_ok() && forget(state, set).is_ok();
        removed?;
        Ok(((), About::new()))
    })
}

/// What a copy would lose is not lost in silence.
fn may_be_renamed(state: &State, set: &SetInfo) -> Result<(), Problem> {
    let held =
        Local::open(state.database()?).and_then(|local| local.quarantine(Some(&set.name))).map_err(unsure)?;
    let cause = if set.list_key.is_some() {
        "a bank whose lists are signed keeps its name; import its list into a bank of the new name"
    } else if held.iter().any(|entry| !entry.released) {
        "entries of this bank are in quarantine; decide on them first"
    } else {
        return Ok(());
    };
    Err(Problem::new(ProblemCode::Conflict, cause))
}

fn copy(
    state: &State,
    doer: &Doer<'_>,
    lock: &WriteLock,
    set: &SetInfo,
    new: &SetName,
) -> Result<(), Problem> {
    let home = state.database()?;
    let index = Index::open(&home.index_dir()).map_err(unsure_of_index)?;
    let mut local = Local::open(home).map_err(unsure)?;
    let full =
        |_| Problem::unavailable("the home has no room for a copy of the bank; make some and try again");
    // Whatever was withdrawn from an earlier bank of the new name stays so; it must not take entries away in silence.
    let ended = Sets::open(home).and_then(|sets| sets.withdrawn_keys(new)).map_err(unsure)?;
    let ended: BTreeSet<EntryKey> = ended.into_iter().collect();
    if !index.keys_in(set.name.as_str(), &ended).map_err(unsure_of_index)?.is_empty() {
        let cause =
            "contents of this bank were withdrawn from an earlier one of the new name; choose another name";
        return Err(Problem::new(ProblemCode::Conflict, cause));
    }
    let file = home.nameless_file()?;
    let mut list = ListWriter::new(BufWriter::new(file), &ListHeader::default()).map_err(full)?;
    let written: Result<(), Failed> = index.each_of(&index.members(set.name.as_str()), |stored| {
        list.entry(&stored.entry).map_err(Failed::Write)
    });
    written.map_err(|failed| match failed {
        Failed::Index(error) => unsure_of_index(error),
        Failed::Write(error) => full(error),
    })?;
    let withdrawn =
        Sets::open(home).and_then(|sets| sets.withdrawn_since(&set.name, Some(set.revision), None));
    for key in withdrawn.map_err(unsure)? {
        list.withdrawn(&key, None).map_err(full)?;
    }
    let mut out = list.finish().map_err(full)?;
    out.flush().map_err(full)?;
    let mut file = out.into_inner().map_err(|error| full(error.into_error()))?;
    file.rewind().map_err(full)?;
    // Before the copy can match: what is switched off, or was decided, is so in the copy from its first moment.
    let carried = local.carry_over(&set.name, new);
    carried.and_then(|()| overruled(state, &mut local, set, Some(new))).map_err(unsure)?;
    let options = ImportOptions {
        add: true,
        agreed: true,
        ..ImportOptions::new(reading(), policy(set), state.made(doer))
    };
    bring(home, lock, new, &mut file, &options)?;
    let _ = merge(home, lock, new, Extent::All); // it is there all the same
    Ok(())
}

/// Sets of harmless files that overrule `set` overrule `new` too, or if there is none just not `set` any more.
fn overruled(state: &State, local: &mut Local, set: &SetInfo, new: Option<&SetName>) -> Result<(), SetError> {
    let Some(matcher) = state.0.live.current() else { return Ok(()) };
    for other in matcher.sets().iter().filter(|other| other.role == Role::Ignore) {
        let mut named: BTreeSet<SetName> = local.suppresses(&other.name)?.into_iter().collect();
        let changed = match new {
            Some(new) => named.contains(&set.name) && named.insert(new.clone()),
            None => named.remove(&set.name),
        };
        if changed {
            local.set_suppresses(&other.name, &named)?;
        }
    }
    Ok(())
}

/// A bank of the old name that comes later inherits nothing.
fn forget(state: &State, set: &SetInfo) -> Result<(), SetError> {
    let mut local = Local::open(&state.0.home)?;
    local.forget(&set.name)?;
    overruled(state, &mut local, set, None)
}

fn reading() -> crate::hashset::ReadOptions {
    crate::hashset::ReadOptions { may_be_empty: true, ..Default::default() }
}

/// All that is said of `set`.
fn policy(set: &SetInfo) -> SetUpdate {
    SetUpdate {
        role: Some(set.role),
        list_class: Some(set.list_class),
        max_distance: set.max_distance,
        classic_distances: set.classic_distances.clone(),
        source: Some(set.source.clone()),
        licence: Some(set.licence.clone()),
        uses: Some(set.permission.uses),
        keep_until: set.permission.keep_until.map(|day| KeepUntil(Some(day))),
    }
}

/// What can fail while a bank is written out.
enum Failed {
    Index(crate::index::IndexError),
    Write(std::io::Error),
}

impl From<crate::index::IndexError> for Failed {
    fn from(error: crate::index::IndexError) -> Self {
        Self::Index(error)
    }
}
