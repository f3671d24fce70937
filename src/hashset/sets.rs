//! What is known about a set beside its entries: its name, its policy, where it came from.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Bounds, Forbidden, KeepUntil, ListKey, Permission, Role, Use, Uses};
use crate::digest::Classic;
use crate::kernel::Distance;
use crate::vocabulary::Code;

/// The name of a set inside the ward: 1 to 64 of `A-Z a-z 0-9 . _ -`, beginning with a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SetName(String);

/// Text that cannot name a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a set's name has 1 to {} of the characters A-Z a-z 0-9 . _ - and begins with a letter or a digit",
    SetName::MAX_LEN
)]
pub struct SetNameError;

impl SetName {
    /// Most characters of a name.
    pub const MAX_LEN: usize = 64;

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SetName {
    type Err = SetNameError;

    fn from_str(text: &str) -> Result<Self, SetNameError> {
        let fine = (1..=Self::MAX_LEN).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if fine { Ok(Self(text.to_owned())) } else { Err(SetNameError) }
    }
}

impl TryFrom<String> for SetName {
    type Error = SetNameError;

    fn try_from(text: String) -> Result<Self, SetNameError> {
        text.parse()
    }
}

impl From<SetName> for String {
    fn from(name: SetName) -> String {
        name.0
    }
}

impl fmt::Display for SetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One revision of a set, as far as it is not entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetInfo {
    /// The set.
    pub name: SetName,
    /// The number of this revision; they rise, with gaps, and are never used twice.
    pub revision: u64,
    /// What the set is for.
    pub role: Role,
    /// A code of [`Dimension::ListClass`](crate::vocabulary::Dimension::ListClass): what is published instead of a
    /// set's name.
    pub list_class: Code,
    /// The bound of a near match by PDQ in this set; `None` leaves it to the default.
    pub max_distance: Option<Distance>,
    /// The bounds of near matches by kinds of the classic family; the default holds for those that are not here.
    pub classic_distances: BTreeMap<Classic, Distance>,
    /// The operator's note on where the list comes from; may be empty.
    pub source: String,
    /// The operator's note on what may be done with it; may be empty.
    pub licence: String,
    /// What its agreement allows.
    pub permission: Permission,
    /// The key with which its lists are signed: no others are taken. `None` as long as none was signed.
    pub list_key: Option<ListKey>,
    /// The day of the set's first revision.
    pub created_on: Date,
    /// The day of this revision.
    pub revised_on: Date,
    /// Entries of this revision.
    pub entries: u64,
}

impl SetInfo {
    /// The bounds of near matches that the set names.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        Bounds { pdq: self.max_distance, classic: self.classic_distances.clone() }
    }

    /// `Ok` if the agreement about the set allows `usage` on `today`.
    ///
    /// # Errors
    /// [`Forbidden`], which says what, why and what to do.
    pub fn allows(&self, usage: Use, today: Date) -> Result<(), Forbidden> {
        self.permission.allows(&self.name, usage, today)
    }

    /// What of its policy was otherwise in `before`, in words.
    pub(super) fn changes_since(&self, before: &Self) -> Vec<Changed> {
        let pairs = before.policy_in_words().into_iter().zip(self.policy_in_words());
        let changed = pairs.filter(|(from, to)| from != to);
        changed.map(|((what, from), (_, to))| Changed { what: what.into(), from, to }).collect()
    }

    fn policy_in_words(&self) -> [(&'static str, String); 9] {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".into());
        let classic = self.classic_distances.iter().map(|(kind, max)| format!("{kind}={}", max.bits()));
        [
            ("role", self.role.as_str().into()),
            ("list_class", self.list_class.as_str().into()),
            ("max_distance", self.max_distance.map_or("default".into(), |max| max.bits().to_string())),
            ("classic_distances", classic.collect::<Vec<_>>().join(",")),
            ("source", self.source.clone()),
            ("licence", self.licence.clone()),
            ("allow", self.permission.uses.to_string()),
            ("keep_until", or_none(self.permission.keep_until.map(|last| last.to_string()))),
            ("key", or_none(self.list_key.map(|key| key.to_string()))),
        ]
    }
}

/// One thing about a set that became another, as people write both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The field, as `set show` has it.
    pub what: String,
    /// What it was.
    pub from: String,
    /// What it is since.
    pub to: String,
}

/// What is said about a set; what is left out stays as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetUpdate {
    /// See [`SetInfo::role`]; [`Role::Match`] for a new set.
    pub role: Option<Role>,
    /// See [`SetInfo::list_class`]; for a new set `KNOWN_GOOD` if it is to be ignored, else `_U`.
    pub list_class: Option<Code>,
    /// See [`SetInfo::max_distance`].
    pub max_distance: Option<Distance>,
    /// See [`SetInfo::classic_distances`]; a kind that is not here stays as it was.
    pub classic_distances: BTreeMap<Classic, Distance>,
    /// See [`SetInfo::source`].
    pub source: Option<String>,
    /// See [`SetInfo::licence`].
    pub licence: Option<String>,
    /// See [`Permission::uses`]; everything for a new set.
    pub uses: Option<Uses>,
    /// See [`Permission::keep_until`]; no end for a new set.
    pub keep_until: Option<KeepUntil>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for text in ["DEMO", "7", "list_2026-10.v2", &"x".repeat(64)] {
            let name: SetName = text.parse().unwrap();
            assert_eq!(serde_json::to_string(&name).unwrap(), format!("\"{text}\""));
        }
        for text in ["", ".hidden", "..", "-x", "_x", "a b", "a/b", "ä", "a\n", &"x".repeat(65)] {
            assert_eq!(text.parse::<SetName>(), Err(SetNameError), "{text:?}");
            assert!(serde_json::from_value::<SetName>(text.into()).is_err(), "{text:?}");
        }
    }
}
