//! What callers do to sets: each under the home's lock, on record, and seen by the next request.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::time::Duration;

use super::{Caller, Problem, State};
use crate::hashset::{EntryKey, Local, Made, SetName, SetUpdate};
use crate::home::{Deed, WriteLock};
use crate::index::{self, Brought, EntryName, Extent, ImportOptions, Withdrawn, bring, merge};

/// How long a caller waits for another who changes the home.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Who does something, and by which way.
pub(super) struct Doer<'a> {
    pub(super) caller: &'a Caller,
    /// As [`Deed::via`].
    pub(super) via: &'static str,
}

/// What is told of a deed beside what it is: counts and codes.
pub(super) type About = BTreeMap<&'static str, String>;

impl State {
    /// When something is done, and by whom.
    pub(super) fn made<'a>(&self, doer: &Doer<'a>) -> Made<'a> {
        Made { at: self.clock().now(), by: Some(doer.caller.name()) }
    }

    /// Puts a deed on record, before it is done.
    pub(super) fn record(
        &self,
        doer: &Doer<'_>,
        did: &str,
        subject: &str,
        about: BTreeMap<&str, String>,
    ) -> Result<(), Problem> {
        let (by, at) = (doer.caller.name(), self.clock().now());
        Ok(self.0.home.audit(&Deed { at, by, via: doer.via, did, subject, about })?)
    }

    /// Does something that is on record before it is done, as `stage` → `begun`, and afterwards with what came of it: `done`
    /// with the counts that `work` gives, or `refused` with the code of the problem. What is not on record is not done.
    pub(super) fn on_record<T>(
        &self,
        doer: &Doer<'_>,
        did: &str,
        subject: &str,
        mut about: About,
        work: impl FnOnce() -> Result<(T, About), Problem>,
    ) -> Result<T, Problem> {
        about.insert("stage", "begun".into());
        self.record(doer, did, subject, about)?;
        let (done, told) = match work() {
            Ok((done, mut told)) => {
                told.insert("stage", "done".into());
                (Ok(done), told)
            }
            Err(problem) => {
                let told =
                    [("stage", "refused".to_owned()), ("code", problem.code.as_str().to_owned())].into();
                (Err(problem), told)
            }
        };
        // It is done, or was refused: whoever asked has to know that, and that it was begun is on record.
        let _ = self.record(doer, did, subject, told);
        done
    }

    /// Waits a moment for the lock of who may change lists.
    pub(super) fn lock(&self) -> Result<WriteLock, Problem> {
        self.may_change()?;
        Ok(self.0.home.lock_within(PATIENCE)?)
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

    /// Brings a list into a set, as `innerward set import` does.
    pub(super) fn import_now<R: Read + Seek>(
        &self,
        doer: &Doer<'_>,
        name: &SetName,
        input: &mut R,
        options: &ImportOptions<'_>,
    ) -> Result<Brought, Problem> {
        let lock = self.lock()?;
        let about = [("add", options.add.to_string()), ("agreed", options.agreed.to_string())].into();
        let brought = self.on_record(doer, "set.import", name.as_str(), about, || {
            let brought = bring(&self.0.home, &lock, name, input, options)?;
            let told = told_of(&brought);
            Ok((brought, told))
        })?;
        self.look_again()?;
        if options.add {
            // The list is in and matches, and that is what was asked for.
            let _ = merge(&self.0.home, &lock, name, Extent::Tiers);
        }
        Ok(brought)
    }

    /// Changes what is said about a set; false if all of that holds already.
    pub(super) fn change_now(
        &self,
        doer: &Doer<'_>,
        name: &SetName,
        update: &SetUpdate,
    ) -> Result<bool, Problem> {
        let lock = self.lock()?;
        let changed = self.on_record(doer, "set.change", name.as_str(), said_in(update), || {
            let changed = index::change(&self.0.home, &lock, name, update, self.made(doer))?.is_some();
            Ok((changed, [("changed", changed.to_string())].into()))
        })?;
        drop(lock);
        self.look_again()?;
        Ok(changed)
    }

    /// Withdraws entries of a set for ever, by their keys.
    pub(super) fn withdraw_now(
        &self,
        doer: &Doer<'_>,
        name: &SetName,
        keys: &[EntryKey],
    ) -> Result<Withdrawn, Problem> {
        self.withdraw_named_now(doer, name, &keys.iter().cloned().map(EntryName::Key).collect::<Vec<_>>())
    }

    /// The same, by their keys or by hashes that they have.
    pub(super) fn withdraw_named_now(
        &self,
        doer: &Doer<'_>,
        name: &SetName,
        entries: &[EntryName],
    ) -> Result<Withdrawn, Problem> {
        let lock = self.lock()?;
        let about = [("named", entries.len().to_string())].into();
        let done = self.on_record(doer, "set.withdraw", name.as_str(), about, || {
            let done = index::withdraw_entries(&self.0.home, &lock, name, entries, self.made(doer))?;
            Ok((done, [("entries", done.entries.to_string()), ("keys", done.keys.to_string())].into()))
        })?;
        drop(lock);
        self.look_again()?;
        Ok(done)
    }

    /// Removes a set, and with it what it overruled: another of its name must not inherit that.
    pub(super) fn remove_now(&self, doer: &Doer<'_>, name: &SetName) -> Result<(), Problem> {
        let lock = self.lock()?;
        self.on_record(doer, "set.remove", name.as_str(), About::new(), || {
            index::remove(&self.0.home, &lock, name, self.made(doer))?;
            Local::open(&self.0.home)?.forget(name)?;
            Ok(((), About::new()))
        })?;
        drop(lock);
        self.look_again()
    }
}

/// What the audit says of an import that was done.
fn told_of(brought: &Brought) -> About {
    match brought {
        Brought::Unchanged(_) => [("unchanged", "true".to_owned())].into(),
        Brought::Imported(imported) => {
            let report = &imported.report;
            let mut about: About = [
                ("revision", imported.set.revision),
                ("entries", report.entries),
                ("bad_lines", report.bad_total),
                ("withdrawals", report.withdrawals),
            ]
            .map(|(what, number)| (what, number.to_string()))
            .into();
            if let Some(changes) = &imported.changes {
                about.insert("new", changes.new.to_string());
                about.insert("gone", changes.gone().to_string());
            }
            about
        }
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
