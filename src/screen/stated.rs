//! What a ward says of its sets and entries beside the lists, as one file: for processes that match and may neither open
//! the database nor write anything (`index/standing.json`).
//!
//! A process that may write replaces the file as soon as something of it changes. It has names and keys and no hashes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::MatchError;
use crate::hashset::{Decision, Local, Permission, Role, SetError, SetInfo, SetName};
use crate::home::write_derived;
use crate::index::Index;
use crate::kernel::Distance;
use crate::vocabulary::Dimension;

/// Keys by set.
pub(super) type Keys = BTreeMap<String, BTreeSet<String>>;

/// What is said of sets and of entries, by set and key.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stated {
    layout: u32,
    sets: Vec<SetStated>,
    pub(super) decisions: BTreeMap<String, BTreeMap<String, Decision>>,
    /// Entries that the flood guard took out of service.
    quarantined: Keys,
    /// Entries that are switched off, each until when; for ever without a time.
    off: BTreeMap<String, BTreeMap<String, Option<Timestamp>>>,
    /// The sets that each set of harmless files overrules.
    pub(super) suppresses: Keys,
    /// The shares of look-ups that are less than 1.
    pub(super) shares: BTreeMap<String, f64>,
}

/// A set, field by field as [`SetInfo`] has it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetStated {
    name: SetName,
    revision: u64,
    role: String,
    list_class: String,
    max_distance: Option<u16>,
    classic_distances: BTreeMap<String, u16>,
    source: String,
    licence: String,
    uses: String,
    keep_until: Option<Date>,
    list_key: Option<String>,
    created_on: Date,
    revised_on: Date,
    entries: u64,
}

/// What tells a file from the one that replaces it, unread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FileStamp {
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
}

impl Stated {
    /// In the folder of the index, since it is of no use without that.
    pub(super) const NAME: &str = "standing.json";
    /// Raised where a reader of the layout before would go wrong.
    const LAYOUT: u32 = 2;
    /// More is no file of ours: millions of decisions have less.
    const MOST_BYTES: u64 = 1 << 30;

    /// What `local` says as of `now` of `sets`.
    pub(super) fn gather(local: &Local, sets: &[SetInfo], now: Timestamp) -> Result<Self, SetError> {
        let mut decisions: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for decided in local.decisions(None)? {
            let of_set = decisions.entry(decided.set.to_string()).or_default();
            of_set.insert(decided.key.as_str().to_owned(), decided.decision);
        }
        let mut quarantined = Keys::new();
        for held in local.quarantine(None)?.into_iter().filter(|held| !held.released) {
            quarantined.entry(held.set.to_string()).or_default().insert(held.key.as_str().to_owned());
        }
        let mut off: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (set, key, until) in local.switched_off(now)? {
            off.entry(set.to_string()).or_default().insert(key.as_str().to_owned(), until);
        }
        let mut suppresses = Keys::new();
        for set in sets.iter().filter(|set| set.role == Role::Ignore) {
            let named: BTreeSet<_> = local.suppresses(&set.name)?.iter().map(ToString::to_string).collect();
            if !named.is_empty() {
                suppresses.insert(set.name.to_string(), named);
            }
        }
        let (sets, shares) = (sets.iter().map(SetStated::of).collect(), local.shares()?);
        Ok(Self { layout: Self::LAYOUT, sets, decisions, quarantined, off, suppresses, shares })
    }

    /// The entries that match nothing at `now`, since the guard took them out of service or they are switched off; and when
    /// the first of them is switched on again.
    pub(super) fn out_of_service(&self, now: Timestamp) -> (Keys, Option<Timestamp>) {
        let (mut keys, mut first) = (self.quarantined.clone(), None::<Timestamp>);
        for (set, of_set) in &self.off {
            for (key, until) in of_set.iter().filter(|(_, until)| until.is_none_or(|until| until > now)) {
                keys.entry(set.clone()).or_default().insert(key.clone());
                first = first.into_iter().chain(*until).min();
            }
        }
        (keys, first)
    }

    /// What is known of each set of `index`: as of its revision, or of one shortly before, which has the same policy unless
    /// somebody changed that just now.
    ///
    /// # Errors
    /// [`MatchError::Behind`] if nothing is known of one; it is matched against once there is.
    pub(super) fn sets_of(&self, index: &Index) -> Result<Vec<SetInfo>, MatchError> {
        let describe = |set: &crate::index::SetInfo| {
            let known = self.sets.iter().find(|known| known.name.as_str() == set.name);
            let known = known.ok_or(MatchError::Behind)?;
            known.info(set.revision).ok_or(MatchError::Standing("a field of a set is none"))
        };
        index.sets().iter().map(describe).collect()
    }

    /// As it is written.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default() // texts and numbers
    }

    /// Replaces the file in `dir` by `bytes`. Whoever writes does so at each start, and so after a power cut.
    pub(super) fn write(dir: &Path, bytes: &[u8]) -> Result<(), MatchError> {
        Ok(write_derived(&dir.join(Self::NAME), bytes, 0o600)?)
    }

    /// The file in `dir`.
    pub(super) fn read(dir: &Path) -> Result<Self, MatchError> {
        let read = || -> io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            File::open(dir.join(Self::NAME))?.take(Self::MOST_BYTES + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => MatchError::Behind,
            _ => MatchError::Standing("it cannot be read; see whose it is, and its mode"),
        })?;
        if bytes.len() as u64 > Self::MOST_BYTES {
            return Err(MatchError::Standing("it is longer than any that this program writes"));
        }
        let stated: Self = serde_json::from_slice(&bytes)
            .map_err(|_| MatchError::Standing("it is not what this version writes"))?;
        if stated.layout != Self::LAYOUT {
            return Err(MatchError::Standing("another version wrote it; run the same version everywhere"));
        }
        Ok(stated)
    }

    /// What tells the file in `dir` from its next; `None` if there is none.
    pub(super) fn stamp(dir: &Path) -> Option<FileStamp> {
        let about = fs::metadata(dir.join(Self::NAME)).ok()?;
        let modified = (about.mtime(), about.mtime_nsec());
        Some(FileStamp { inode: about.ino(), bytes: about.len(), modified })
    }
}

impl SetStated {
    fn of(set: &SetInfo) -> Self {
        let classic = set.classic_distances.iter().map(|(kind, max)| (kind.to_string(), max.bits()));
        Self {
            name: set.name.clone(),
            revision: set.revision,
            role: set.role.as_str().to_owned(),
            list_class: set.list_class.as_str().to_owned(),
            max_distance: set.max_distance.map(Distance::bits),
            classic_distances: classic.collect(),
            source: set.source.clone(),
            licence: set.licence.clone(),
            uses: set.permission.uses.to_string(),
            keep_until: set.permission.keep_until,
            list_key: set.list_key.map(|key| key.to_string()),
            created_on: set.created_on,
            revised_on: set.revised_on,
            entries: set.entries,
        }
    }

    /// `None` if a field is not what this version writes.
    fn info(&self, revision: u64) -> Option<SetInfo> {
        let distance = |bits: u16| Distance::new(bits).ok();
        let classic = |(kind, bits): (&String, &u16)| Some((kind.parse().ok()?, distance(*bits)?));
        Some(SetInfo {
            name: self.name.clone(),
            revision,
            role: self.role.parse().ok()?,
            list_class: Dimension::ListClass.code(&self.list_class).ok()?,
            max_distance: self.max_distance.map_or(Some(None), |bits| distance(bits).map(Some))?,
            classic_distances: self.classic_distances.iter().map(classic).collect::<Option<_>>()?,
            source: self.source.clone(),
            licence: self.licence.clone(),
            permission: Permission { uses: self.uses.parse().ok()?, keep_until: self.keep_until },
            list_key: self.list_key.as_ref().map_or(Some(None), |key| key.parse().ok().map(Some))?,
            created_on: self.created_on,
            revised_on: self.revised_on,
            entries: self.entries,
        })
    }
}
