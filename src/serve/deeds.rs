//! What callers do to sets: each under the home's lock, on record, and seen by the next request.

use std::collections::BTreeSet;
use std::io::{Read, Seek};
use std::time::Duration;

use super::{Caller, Problem, State};
use crate::hashset::{Annotation, EntryKey, Local, Made, SetName, SetUpdate};
use crate::home::{About, Deed, Did, Stage, WriteLock};
use crate::index::{self, Brought, EntryName, Extent, ImportOptions, Withdrawn, bring, merge};

/// How long a caller waits for another who changes the home.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Who does something, and by which way.
pub(super) struct Doer<'a> {
    pub(super) caller: &'a Caller,
    /// As [`Deed::via`].
    pub(super) via: &'static str,
}

/// The home in the hands of one who changes it: until it is dropped, nobody else changes lists or what is said of them, in
/// this process or another. What is looked up in between is as it is changed.
///
/// Whoever has changed something lets [`State::look_again`] see to it that the next request knows.
pub(super) struct Change<'a> {
    pub(super) state: &'a State,
    pub(super) doer: &'a Doer<'a>,
    pub(super) lock: WriteLock,
}

impl State {
    /// When something is done, and by whom.
    pub(super) fn made<'a>(&self, doer: &Doer<'a>) -> Made<'a> {
        Made { at: self.clock().now(), by: Some(doer.caller.name()) }
    }

    /// Puts on record how far a deed has come, where that is not all in one place; otherwise see [`State::on_record`].
    pub(super) fn record(
        &self,
        doer: &Doer<'_>,
        did: Did,
        subject: &str,
        stage: Stage,
        about: About,
    ) -> Result<(), Problem> {
        let (by, at) = (doer.caller.name(), self.clock().now());
        Ok(self.0.home.audit(&Deed { at, by, via: doer.via, did, stage, subject, about })?)
    }

    /// Does something that is on record before it is done, as begun, and afterwards with what came of it: done, with the counts
    /// that `work` gives, or refused or failed, with the code of the problem. What is not on record is not done.
    pub(super) fn on_record<T>(
        &self,
        doer: &Doer<'_>,
        did: Did,
        subject: &str,
        about: About,
        work: impl FnOnce() -> Result<(T, About), Problem>,
    ) -> Result<T, Problem> {
        let (by, at, stage) = (doer.caller.name(), self.clock().now(), Stage::Begun);
        let deed = Deed { at, by, via: doer.via, did, stage, subject, about };
        self.0.home.on_record(&deed, || self.clock().now(), work, ended)
    }

    /// Waits a moment for the lock of who may change lists.
    pub(super) fn lock(&self) -> Result<WriteLock, Problem> {
        self.may_change()?;
        Ok(self.0.home.lock_within(PATIENCE)?)
    }

    /// Takes the home in hand.
    ///
    /// # Errors
    /// [`ProblemCode::Unavailable`](super::ProblemCode::Unavailable) if somebody else has it for long, and on a follower.
    pub(super) fn changing<'a>(&'a self, doer: &'a Doer<'a>) -> Result<Change<'a>, Problem> {
        Ok(Change { state: self, doer, lock: self.lock()? })
    }

    /// What was changed is what the next request sees.
    pub(super) fn look_again(&self) -> Result<(), Problem> {
        self.0.live.refresh().map(drop).map_err(|_| {
            Problem::unavailable(
                "it is done and kept, and does not hold in this process yet, which cannot open the newest lists; /readyz \
                 tells when it can",
            )
        })
    }

    /// Withdraws entries of a set for ever, by their keys or by hashes that they have.
    pub(super) fn withdraw_named_now(
        &self,
        doer: &Doer<'_>,
        name: &SetName,
        entries: &[EntryName],
    ) -> Result<Withdrawn, Problem> {
        let done = self.changing(doer)?.withdraw(name, entries)?;
        self.look_again()?;
        Ok(done)
    }

    /// Removes a set, and with it what it overruled: another of its name must not inherit that.
    pub(super) fn remove_now(&self, doer: &Doer<'_>, name: &SetName) -> Result<(), Problem> {
        self.changing(doer)?.remove(name)?;
        self.look_again()
    }
}

/// How a deed ended that was not done, and with which code.
pub(super) fn ended(problem: &Problem) -> (Stage, About) {
    let stage = if problem.code.status().is_server_error() { Stage::Failed } else { Stage::Refused };
    (stage, [("code", problem.code.as_str().to_owned())].into())
}

impl Change<'_> {
    /// Brings a list into a set, as `innerward set import` does.
    pub(super) fn import<R: Read + Seek>(
        &self,
        name: &SetName,
        input: &mut R,
        options: &ImportOptions<'_>,
    ) -> Result<Brought, Problem> {
        let about = [("mode", options.mode().to_owned()), ("agreed", options.agreed.to_string())].into();
        self.on_record(Did::SetImport, name.as_str(), about, || {
            let brought = bring(&self.state.0.home, &self.lock, name, input, options)?;
            let told = brought.in_counts();
            Ok((brought, told))
        })
    }

    /// Puts small segments of a set together, after something was added to it and is seen. What was added is there all the same.
    pub(super) fn tidy(&self, name: &SetName) {
        let _ = merge(&self.state.0.home, &self.lock, name, Extent::Tiers);
    }

    /// Changes what is said about a set; false if all of that holds already.
    pub(super) fn say(&self, name: &SetName, update: &SetUpdate) -> Result<bool, Problem> {
        self.on_record(Did::SetChange, name.as_str(), said_in(update), || {
            let made = self.state.made(self.doer);
            let changed = index::change(&self.state.0.home, &self.lock, name, update, made)?.is_some();
            Ok((changed, [("changed", changed.to_string())].into()))
        })
    }

    /// From now on a set overrules `sets` and no others; true if that changes anything.
    pub(super) fn overrule(&self, name: &SetName, sets: &BTreeSet<SetName>) -> Result<bool, Problem> {
        let mut local = Local::open(&self.state.0.home)?;
        if local.suppresses(name)?.iter().eq(sets) {
            return Ok(false);
        }
        let about = [("suppresses", sets.len().to_string())].into();
        self.on_record(Did::SetChange, name.as_str(), about, || {
            local.set_suppresses(name, sets)?;
            Ok((true, [("changed", true.to_string())].into()))
        })
    }

    /// Withdraws entries of a set for ever.
    pub(super) fn withdraw(&self, name: &SetName, entries: &[EntryName]) -> Result<Withdrawn, Problem> {
        let about = [("named", entries.len().to_string())].into();
        self.on_record(Did::SetWithdraw, name.as_str(), about, || {
            let (home, made) = (&self.state.0.home, self.state.made(self.doer));
            let done = index::withdraw_entries(home, &self.lock, name, entries, made)?;
            Ok((done, done.in_counts()))
        })
    }

    /// Removes a set, with what it overruled and what was said of it.
    pub(super) fn remove(&self, name: &SetName) -> Result<(), Problem> {
        self.on_record(Did::SetRemove, name.as_str(), About::new(), || {
            index::remove(&self.state.0.home, &self.lock, name, self.state.made(self.doer))?;
            Local::open(&self.state.0.home)?.forget(name)?;
            Ok(((), About::new()))
        })
    }

    /// From now on a set, or a kind of hash, takes part in this share of look-ups.
    pub(super) fn share(&self, of: &str, share: f64) -> Result<(), Problem> {
        let mut local = Local::open(&self.state.0.home)?;
        if (local.share(of)? - share).abs() <= f64::EPSILON {
            return Ok(());
        }
        let about = [("ratio", share.to_string())].into();
        self.on_record(Did::SetShare, of, about, || {
            local.set_share(of, share)?;
            Ok(((), About::new()))
        })
    }

    /// Lets `revise` change what is said of an entry, and gives what is said of it then.
    pub(super) fn annotate(
        &self,
        set: &SetName,
        key: &EntryKey,
        revise: impl FnOnce(&mut Annotation),
    ) -> Result<Annotation, Problem> {
        let mut local = Local::open(&self.state.0.home)?;
        let before = local.annotation(set, key)?;
        let mut said = before.clone();
        revise(&mut said);
        if said != before {
            self.on_record(Did::SetAnnotate, set.as_str(), About::new(), || {
                local.annotate(set, key, &said)?;
                Ok(((), About::new()))
            })?;
        }
        Ok(said)
    }

    pub(super) fn on_record<T>(
        &self,
        did: Did,
        subject: &str,
        about: About,
        work: impl FnOnce() -> Result<(T, About), Problem>,
    ) -> Result<T, Problem> {
        self.state.on_record(self.doer, did, subject, about, work)
    }
}

/// What the audit says of a change: closed codes, and of notes only that they were given.
fn said_in(update: &SetUpdate) -> About {
    let bits = |bits: u16| bits.to_string();
    let said = [
        ("role", update.role.map(|role| role.as_str().to_owned())),
        ("class", update.list_class.map(|class| class.as_str().to_owned())),
        ("max_distance", update.max_distance.map(|max| bits(max.bits()))),
        ("source", update.source.as_ref().map(|_| "given".to_owned())),
        ("licence", update.licence.as_ref().map(|_| "given".to_owned())),
        ("allow", update.uses.map(|uses| uses.to_string())),
        ("keep_until", update.keep_until.map(|last| last.0.map_or("none".to_owned(), |day| day.to_string()))),
    ];
    said.into_iter().filter_map(|(what, said)| Some((what, said?))).collect()
}
