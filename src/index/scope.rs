//! Which sets a search looks into, how far, and for which of their entries.

use std::collections::BTreeMap;

use super::filter::LabelFilter;
use crate::kernel::Distance;

/// Which entries a search may give: those of each set within a bound of its own, as far as a filter admits their labels.
///
/// It is asked inside the search, so what lies outside it never takes the place of what lies inside. What a filter admits of
/// a segment is worked out when it is first asked for, in a pass over the labels of the segment (a million entries: five to
/// twenty milliseconds), and kept with the snapshot for the next query.
///
/// # Examples
/// ```
/// # use innerward::{index::Scope, kernel::Distance};
/// let narrow = Distance::new(10)?;
/// let scope = Scope::within(Distance::PDQ_DEFAULT).with_set("narrow", narrow).without_set("harmless");
/// assert_eq!(scope.bound("narrow"), Some(narrow));
/// assert_eq!(scope.bound("harmless"), None);
/// assert_eq!(scope.bound("any other"), Some(Distance::PDQ_DEFAULT));
///
/// let scope = scope.only_sets(["narrow", "harmless"]);
/// assert_eq!(scope.bound("narrow"), Some(narrow));
/// assert_eq!(scope.bound("harmless"), None);
/// assert_eq!(scope.bound("any other"), None);
/// # Ok::<(), innerward::kernel::DistanceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    others: Option<Distance>,
    sets: BTreeMap<String, Option<Distance>>,
    labels: LabelFilter,
}

impl Scope {
    /// Every set, within `max` bits, bound included.
    #[must_use]
    pub const fn within(max: Distance) -> Self {
        Self { others: Some(max), sets: BTreeMap::new(), labels: LabelFilter::new() }
    }

    /// The same, with set `name` searched within `max` instead.
    #[must_use]
    pub fn with_set(mut self, name: impl Into<String>, max: Distance) -> Self {
        self.sets.insert(name.into(), Some(max));
        self
    }

    /// The same, with set `name` passed over.
    #[must_use]
    pub fn without_set(mut self, name: impl Into<String>) -> Self {
        self.sets.insert(name.into(), None);
        self
    }

    /// The same, with every set passed over but those called `names`, which are searched as before, or passed over if they
    /// were.
    #[must_use]
    pub fn only_sets<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        let before = |name: N| {
            let name = name.into();
            let bound = self.bound(&name);
            (name, bound)
        };
        let sets = names.into_iter().map(before).collect();
        Self { others: None, sets, labels: self.labels }
    }

    /// The same, with only those entries that `labels` admits; a filter that was there is replaced.
    #[must_use]
    pub fn labelled(self, labels: LabelFilter) -> Self {
        Self { labels, ..self }
    }

    /// The same, with every bound `bits` wider, up to the width of a code of 256 bits.
    #[must_use]
    pub fn widened(&self, bits: u16) -> Self {
        self.with_bounds(|max| Distance::new(max.bits().saturating_add(bits).min(256)).unwrap_or(max))
    }

    /// The same, for equal hashes alone.
    pub(super) fn equal(&self) -> Self {
        self.with_bounds(|_| Distance::ZERO)
    }

    fn with_bounds(&self, bound: impl Fn(Distance) -> Distance) -> Self {
        let sets = self.sets.iter().map(|(name, max)| (name.clone(), max.map(&bound))).collect();
        Self { others: self.others.map(&bound), sets, labels: self.labels.clone() }
    }

    /// How near an entry of set `name` must be; `None` if the set is passed over.
    #[must_use]
    pub fn bound(&self, name: &str) -> Option<Distance> {
        self.sets.get(name).copied().unwrap_or(self.others)
    }

    /// Which entries may answer by their labels.
    #[must_use]
    pub const fn labels(&self) -> &LabelFilter {
        &self.labels
    }
}
