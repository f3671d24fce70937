//! What a hit counts for: the role of its set, and what this ward itself says of the set and the entry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use jiff::civil::Date;

use super::matched::{Held, Part};
use super::stated::{Keys, Stated};
use crate::hashset::{Decision, Local, Role, SetError, SetInfo, Use};
use crate::home::{Config, Deconfirmed};
use crate::index::EntryRef;
use crate::vocabulary::{Code, list_class};

/// The sets that an item's harmless digests overrule, each with the set that does.
pub(super) type Suppressed<'a> = BTreeMap<&'a str, &'a str>;

/// The entries that the flood guard took out of service, or that are switched off, by set.
pub(super) type Quarantined = Keys;

/// What a hit counts for.
#[derive(Clone, Copy)]
pub(super) struct Standing<'a> {
    pub(super) role: Role,
    pub(super) list_class: Code,
    pub(super) held: Option<Held>,
    pub(super) suppressed_by: Option<&'a str>,
    pub(super) confirmed: bool,
    pub(super) deconfirmed: bool,
    /// Statistics may be derived from it.
    pub(super) derive: bool,
}

impl Standing<'_> {
    pub(super) fn part(&self) -> Part {
        Part::new(self.role, self.held)
    }
}

/// What is known beside the index when a matcher is opened; the quarantine grows while it is at work.
pub(super) struct Standings {
    policies: BTreeMap<String, (Role, Code)>,
    /// The sets whose agreements do not allow statistics to be derived from what they match.
    quiet: BTreeSet<String>,
    decisions: BTreeMap<String, BTreeMap<String, Decision>>,
    hides_deconfirmed: bool,
    /// The sets that each set of harmless files overrules.
    suppresses: BTreeMap<String, BTreeSet<String>>,
    quarantined: RwLock<Arc<Quarantined>>,
}

impl Standings {
    pub(super) fn read(
        local: &Local,
        sets: &[SetInfo],
        config: &Config,
        today: Date,
    ) -> Result<Self, SetError> {
        let now = Timestamp::now();
        let stated = Stated::gather(local, sets, now)?;
        let held = stated.out_of_service(now).0;
        Ok(Self::of_stated(stated, held, sets, config, today))
    }

    /// What was stated of `sets`, by whichever process; the entries `held` match nothing.
    pub(super) fn of_stated(
        stated: Stated,
        held: Quarantined,
        sets: &[SetInfo],
        config: &Config,
        today: Date,
    ) -> Self {
        let quiet = sets.iter().filter(|set| set.allows(Use::Derive, today).is_err());
        Self {
            policies: sets.iter().map(|set| (set.name.to_string(), (set.role, set.list_class))).collect(),
            quiet: quiet.map(|set| set.name.to_string()).collect(),
            decisions: stated.decisions,
            hides_deconfirmed: config.decisions.deconfirmed == Deconfirmed::Hide,
            suppresses: stated.suppresses,
            quarantined: RwLock::new(Arc::new(held)),
        }
    }

    /// True if what `set` matches may be counted.
    pub(super) fn is_counted(&self, set: &SetInfo) -> bool {
        !self.quiet.contains(set.name.as_str())
    }

    /// The sets of harmless files that overrule others.
    pub(super) fn suppressing(&self) -> impl Iterator<Item = &str> {
        self.suppresses.keys().map(String::as_str)
    }

    /// The sets that `set` overrules, with its name.
    pub(super) fn suppressed_by<'a>(&'a self, set: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let found = self.suppresses.get_key_value(set).into_iter();
        found.flat_map(|(by, named)| named.iter().map(move |name| (name.as_str(), by.as_str())))
    }

    pub(super) fn quarantined(&self) -> Arc<Quarantined> {
        self.quarantined.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes an entry out of service from now on.
    pub(super) fn quarantine(&self, set: &str, key: &str) {
        let mut quarantined = self.quarantined.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut quarantined).entry(set.to_owned()).or_default().insert(key.to_owned());
    }

    /// What a hit on `entry` counts for. Its key is asked for only where something is known of an entry of its set.
    pub(super) fn of<'a>(
        &'a self,
        entry: &EntryRef<'_>,
        suppressed: Option<&Suppressed<'a>>,
        quarantined: &Quarantined,
    ) -> Standing<'a> {
        let set = entry.set();
        // A set without a description is matched with the defaults: a list that was imported is never skipped.
        let (role, class) = self.policies.get(set).copied().unwrap_or((Role::Match, list_class::UNKNOWN));
        let decision = self.decisions.get(set).and_then(|of_set| of_set.get(entry.key().as_str())).copied();
        let suppressed_by = suppressed.and_then(|sets| sets.get(set)).copied();
        let (confirmed, deconfirmed) =
            (decision == Some(Decision::Confirm), decision == Some(Decision::Deconfirm));
        let is_quarantined = || quarantined.get(set).is_some_and(|keys| keys.contains(entry.key().as_str()));
        let held = match role {
            Role::Ignore => None,
            Role::Watch => Some(Held::Watched),
            Role::Match if suppressed_by.is_some() => Some(Held::Suppressed),
            Role::Match if deconfirmed && self.hides_deconfirmed => Some(Held::Deconfirmed),
            Role::Match if is_quarantined() => Some(Held::Quarantined),
            Role::Match => None,
        };
        let suppressed_by = suppressed_by.filter(|_| held == Some(Held::Suppressed));
        let derive = !self.quiet.contains(set);
        Standing { role, list_class: class, held, suppressed_by, confirmed, deconfirmed, derive }
    }
}
