//! What callers do to sets: each under the home's lock, on record, and seen by the next request.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::time::Duration;

use super::{Caller, Problem, ProblemCode, State};
use crate::hashset::{EntryKey, Made, SetName, SetUpdate};
use crate::home::{Deed, HomeError, WriteLock};
use crate::index::{self, Brought, Extent, ImportError, ImportOptions, Withdrawn, bring, merge};

/// How long a caller waits for another who changes the home.
const PATIENCE: Duration = Duration::from_secs(5);

impl From<HomeError> for Problem {
    fn from(error: HomeError) -> Self {
        match error {
            HomeError::Busy(_) => Self::unavailable("another process is changing the lists; try again"),
            _ => Self::internal(),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Index(index::IndexError::NoSuchSet { .. }) => Self::not_found(error.to_string()),
            ImportError::Drop { .. } | ImportError::OtherKey { .. } | ImportError::KeyUnknown { .. } => {
                Self::new(ProblemCode::Conflict, error.to_string())
            }
            ImportError::List(_)
            | ImportError::Signature(_)
            | ImportError::Unsigned { .. }
            | ImportError::NoKey => Self::new(ProblemCode::Unprocessable, error.to_string()),
            _ => Self::internal(),
        }
    }
}

/// Who does something, and by which way.
pub(super) struct Doer<'a> {
    pub(super) caller: &'a Caller,
    /// As [`Deed::via`].
    pub(super) via: &'static str,
}

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

    /// Waits a moment for the lock of who may change lists.
    pub(super) fn lock(&self) -> Result<WriteLock, Problem> {
        Ok(self.0.home.lock_within(PATIENCE)?)
    }

    /// What was changed is what the next request sees.
    pub(super) fn look_again(&self) -> Result<(), Problem> {
        self.0.live.refresh()?;
        Ok(())
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
        self.record(doer, "set.import", name.as_str(), BTreeMap::new())?;
        let brought = bring(&self.0.home, &lock, name, input, options)?;
        if options.add {
            // The list is in, and that is what was asked for.
            let _ = merge(&self.0.home, &lock, name, Extent::Tiers);
        }
        drop(lock);
        self.look_again()?;
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
        self.record(doer, "set.change", name.as_str(), BTreeMap::new())?;
        let changed = index::change(&self.0.home, &lock, name, update, self.made(doer))?.is_some();
        drop(lock);
        self.look_again()?;
        Ok(changed)
    }

    /// Withdraws entries of a set for ever.
    pub(super) fn withdraw_now(
        &self,
        doer: &Doer<'_>,
        name: &SetName,
        keys: &[EntryKey],
    ) -> Result<Withdrawn, Problem> {
        let lock = self.lock()?;
        let about = BTreeMap::from([("keys", keys.len().to_string())]);
        self.record(doer, "set.withdraw", name.as_str(), about)?;
        let done = index::withdraw(&self.0.home, &lock, name, keys, self.made(doer))?;
        drop(lock);
        self.look_again()?;
        Ok(done)
    }

    /// Removes a set.
    pub(super) fn remove_now(&self, doer: &Doer<'_>, name: &SetName) -> Result<(), Problem> {
        let lock = self.lock()?;
        self.record(doer, "set.remove", name.as_str(), BTreeMap::new())?;
        index::remove(&self.0.home, &lock, name, self.made(doer))?;
        drop(lock);
        self.look_again()
    }
}
