//! Why this service does not tell of an entry: what it can say of itself, beyond its answers.

use jiff::Timestamp;

use super::exchange::{Asked, Side};
use super::reason::{HMA_BITS, Reason};
use super::seen::Seen;
use crate::hashset::{Decision, Local, Role, SetInfo, SetName, Sets};
use crate::home::Deconfirmed;
use crate::serve::hma::{key_of, number_of};
use crate::serve::{Problem, State};

/// What can be known of entries that are not told of.
pub trait Inside {
    /// Why entry `id` of `bank`, or of any bank if that is empty, is not told of at this `distance`; `None` if nothing shows it.
    fn why_not(&self, bank: &str, id: u64, distance: Option<u32>) -> Option<Reason>;
}

/// This process, with its home.
pub(super) struct Within<'a>(pub(super) &'a State);

impl Inside for Within<'_> {
    fn why_not(&self, bank: &str, id: u64, distance: Option<u32>) -> Option<Reason> {
        let matcher = self.0.0.live.current();
        let sets = matcher.iter().flat_map(|matcher| matcher.sets());
        let banks =
            sets.filter(|set| set.role == Role::Match && (bank.is_empty() || set.name.as_str() == bank));
        let mut found = Some(Reason::UnknownHere);
        for set in banks {
            // What cannot be read now shows nothing.
            match self.in_bank(set, id, distance).unwrap_or(None) {
                Some(Reason::UnknownHere) => {}
                told => found = told,
            }
        }
        found
    }
}

impl Within<'_> {
    fn in_bank(&self, set: &SetInfo, id: u64, distance: Option<u32>) -> Result<Option<Reason>, Problem> {
        let home = self.0.database()?;
        let Some(key) = key_of(self.0, &set.name, id)? else {
            let is_it = |key: &crate::hashset::EntryKey| number_of(key.as_str()) == id;
            let was_withdrawn = Sets::open(home)?.withdrawn_keys(&set.name)?.iter().any(is_it);
            return Ok(Some(if was_withdrawn { Reason::Withdrawn } else { Reason::UnknownHere }));
        };
        let local = Local::open(home)?;
        let off = local.annotation(&set.name, &key)?.off_until;
        if off.is_some_and(|until| until.is_none_or(|until| until > Timestamp::now())) {
            return Ok(Some(Reason::SwitchedOff));
        }
        if local.quarantine(Some(&set.name))?.iter().any(|held| !held.released && held.key == key) {
            return Ok(Some(Reason::Quarantined));
        }
        let bound = set.max_distance.map_or(HMA_BITS, |max| u32::from(max.bits()));
        if distance.is_some_and(|bits| bits > bound) {
            return Ok(Some(Reason::Threshold));
        }
        if home.config()?.decisions.deconfirmed == Deconfirmed::Hide {
            let decided = local.decisions(Some(&set.name))?;
            if decided.iter().any(|one| one.key == key && one.decision == Decision::Deconfirm) {
                return Ok(Some(Reason::Deconfirmed));
            }
        }
        Ok(share(self.0.0.live.shares().of(set.name.as_str())))
    }
}

/// What a share of look-ups explains.
fn share(share: f64) -> Option<Reason> {
    match share {
        share if share <= 0.0 => Some(Reason::SwitchedOff),
        share if share < 1.0 => Some(Reason::Share),
        _ => None,
    }
}

/// A service that runs elsewhere and lets its callers see its banks. What it withdrew is unknown there.
pub(super) struct Outside<'a>(pub(super) &'a dyn Side);

impl Inside for Outside<'_> {
    fn why_not(&self, bank: &str, id: u64, distance: Option<u32>) -> Option<Reason> {
        let banks = if bank.is_empty() { banks(self.0) } else { vec![bank.to_owned()] };
        let mut found = None;
        for bank in &banks {
            match held(self.0, bank, id)? {
                Held::Nothing => found = Some(Reason::UnknownHere),
                Held::Off => return Some(Reason::SwitchedOff),
                Held::Served => {
                    let far = distance.is_some_and(|bits| bits > bound(self.0, bank));
                    return if far { Some(Reason::Threshold) } else { ratio(self.0, bank).and_then(share) };
                }
            }
        }
        found
    }
}

/// Most banks that are asked for an entry of which nobody knows the bank.
const MOST_BANKS: usize = 8;

/// The names of the banks of a service; none if it does not tell.
pub(super) fn banks(side: &dyn Side) -> Vec<String> {
    let list = json(side, "/c/banks").unwrap_or_default();
    let names = list.as_array().into_iter().flatten().filter_map(|bank| bank["name"].as_str());
    // What is no name of a bank would be another path.
    let names = names.filter(|name| name.parse::<SetName>().is_ok());
    names.map(str::to_owned).take(MOST_BANKS).collect()
}

/// What a service has under a number in a bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// No entry.
    Nothing,
    /// An entry that is switched off.
    Off,
    /// An entry that is not.
    Served,
}

/// What a service has of an entry of a bank; `None` if it does not say.
pub(super) fn held(side: &dyn Side, bank: &str, id: u64) -> Option<Held> {
    let asked = Asked::get(format!("/c/bank/{bank}/content/{id}"));
    match Seen::of(&asked, &side.ask(&asked)) {
        Seen::Refused(404) => Some(Held::Nothing),
        // 1: enabled; 0: disabled; else the second until which it is.
        Seen::Other(entry) => {
            let until = entry.get("disable_until_ts").and_then(serde_json::Value::as_i64);
            let is_off = until.is_some_and(|until| until == 0 || until > Timestamp::now().as_second());
            Some(if is_off { Held::Off } else { Held::Served })
        }
        _ => None,
    }
}

/// Bits that a bank of a service like this one allows.
fn bound(side: &dyn Side, bank: &str) -> u32 {
    let set = json(side, &format!("/v1/sets/{bank}")).unwrap_or_default();
    set["max_distance"].as_u64().and_then(|bits| bits.try_into().ok()).unwrap_or(HMA_BITS)
}

fn ratio(side: &dyn Side, bank: &str) -> Option<f64> {
    json(side, &format!("/c/bank/{bank}"))?["matching_enabled_ratio"].as_f64()
}

fn json(side: &dyn Side, path: &str) -> Option<serde_json::Value> {
    let asked = Asked::get(path);
    match Seen::of(&asked, &side.ask(&asked)) {
        Seen::Other(value) => Some(value),
        _ => None,
    }
}
