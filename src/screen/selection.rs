//! Which part of the lists is asked.

use std::fmt;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::MatchError;
use crate::hashset::{Forbidden, Role, SetInfo, SetName, Use};
use crate::index::{Index, LabelFilter};
use crate::vocabulary::Code;

/// Which part of the lists is asked: by default all.
///
/// A condition that names nothing holds; an entry is asked for where all hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Selection {
    /// Its set is one of these.
    pub sets: Vec<SetName>,
    /// Its set is none of these.
    pub not_sets: Vec<SetName>,
    /// Its set has one of these roles.
    pub roles: Vec<Role>,
    /// It carries one of these labels of each dimension that they have.
    #[serde(serialize_with = "as_labels")]
    pub labels: Vec<Code>,
    /// It carries none of these labels.
    #[serde(serialize_with = "as_labels")]
    pub not_labels: Vec<Code>,
}

fn as_labels<S: Serializer>(codes: &[Code], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(codes.iter().map(|code| label(*code)))
}

/// `severity:SEV_A`.
fn label(code: Code) -> String {
    format!("{}:{}", code.dimension(), code.as_str())
}

impl Selection {
    /// True if all of the lists are asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn label_filter(&self) -> LabelFilter {
        let named = self.labels.iter().fold(LabelFilter::default(), |filter, code| filter.with(*code));
        self.not_labels.iter().fold(named, |filter, code| filter.without(*code))
    }

    /// The names of the sets in `index`, described by `sets`, that are asked. A set without a description matches, as any
    /// does of which nothing else is said.
    pub(super) fn sets_of<'a>(&self, index: &'a Index, sets: &[SetInfo]) -> Result<Vec<&'a str>, MatchError> {
        let there = || index.sets().iter().map(|set| &*set.name);
        if let Some(name) =
            self.sets.iter().chain(&self.not_sets).find(|name| !there().any(|set| set == name.as_str()))
        {
            let there = there().map(str::to_owned).collect();
            return Err(MatchError::NoSuchSet { name: name.clone(), there });
        }
        let role = |name: &str| sets.iter().find(|set| set.name.as_str() == name).map(|set| set.role);
        let is_in = |name: &str, names: &[SetName]| names.iter().any(|other| other.as_str() == name);
        let is_asked = |name: &&str| {
            (self.sets.is_empty() || is_in(name, &self.sets))
                && !is_in(name, &self.not_sets)
                && (self.roles.is_empty() || self.roles.contains(&role(name).unwrap_or_default()))
        };
        Ok(there().filter(is_asked).collect())
    }
}

impl Selection {
    /// Of the sets that are [asked](Selection::sets_of) those that may be searched on `today`, and why the others may not.
    pub(super) fn allowed<'a>(
        &self,
        index: &'a Index,
        sets: &[SetInfo],
        today: Date,
    ) -> Result<(Vec<&'a str>, Vec<Forbidden>), MatchError> {
        let (mut allowed, mut forbidden) = (Vec::new(), Vec::new());
        for name in self.sets_of(index, sets)? {
            let set = sets.iter().find(|set| set.name.as_str() == name);
            match set.map_or(Ok(()), |set| set.allows(Use::Match, today)) {
                Ok(()) => allowed.push(name),
                Err(why) if self.sets.contains(&why.set) => return Err(why.into()),
                Err(why) => forbidden.push(why),
            }
        }
        match forbidden.first() {
            Some(why) if allowed.is_empty() => Err(why.clone().into()),
            _ => Ok((allowed, forbidden)),
        }
    }
}

/// As a person reads it: `sets A, B; labels severity:SEV_A`.
impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |names: &[SetName]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let labels = |codes: &[Code]| codes.iter().map(|code| label(*code)).collect::<Vec<_>>();
        let roles = self.roles.iter().map(|role| role.as_str().to_owned()).collect();
        let parts = [
            ("sets", names(&self.sets)),
            ("without sets", names(&self.not_sets)),
            ("roles", roles),
            ("labels", labels(&self.labels)),
            ("without labels", labels(&self.not_labels)),
        ];
        let said: Vec<_> = parts
            .into_iter()
            .filter(|(_, words)| !words.is_empty())
            .map(|(what, words)| format!("{what} {}", words.join(", ")))
            .collect();
        f.write_str(&said.join("; "))
    }
}

/// A set that was not searched because the agreement about it does not allow that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NotAllowed {
    /// The set.
    pub set: SetName,
    /// Why, in words.
    pub reason: String,
}

impl From<&Forbidden> for NotAllowed {
    fn from(forbidden: &Forbidden) -> Self {
        Self { set: forbidden.set.clone(), reason: forbidden.reason.to_string() }
    }
}

/// What part of the lists was searched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Searched {
    /// What was asked for.
    #[serde(flatten)]
    pub selection: Selection,
    /// Entries of the lists that were searched.
    pub searched: u64,
    /// Entries that were not, and are not withdrawn.
    pub not_searched: u64,
}

impl Searched {
    /// `None` if all of the lists are asked.
    pub(super) fn new(selection: &Selection, index: &Index, searched: impl FnOnce() -> u64) -> Option<Self> {
        if selection.is_empty() {
            return None;
        }
        let (live, searched) =
            (index.sets().iter().map(|set| set.entries.saturating_sub(set.withdrawn)), searched());
        let not_searched = live.sum::<u64>().saturating_sub(searched);
        Some(Self { selection: selection.clone(), searched, not_searched })
    }
}
