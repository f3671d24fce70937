//! Which sets a search looks into, and how far.

use std::collections::BTreeMap;

use crate::kernel::Distance;

/// Which entries a near search may give: those of each set within a bound of its own.
///
/// It is asked inside the search, once for each segment, so what lies outside it costs nothing and never takes the
/// place of what lies inside.
///
/// # Examples
/// ```
/// # use innerward::{index::Scope, kernel::Distance};
/// let narrow = Distance::new(10)?;
/// let scope = Scope::within(Distance::PDQ_DEFAULT).with_set("narrow", narrow).without_set("harmless");
/// assert_eq!(scope.bound("narrow"), Some(narrow));
/// assert_eq!(scope.bound("harmless"), None);
/// assert_eq!(scope.bound("any other"), Some(Distance::PDQ_DEFAULT));
/// # Ok::<(), innerward::kernel::DistanceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    others: Distance,
    sets: BTreeMap<String, Option<Distance>>,
}

impl Scope {
    /// Every set, within `max` bits, bound included.
    #[must_use]
    pub const fn within(max: Distance) -> Self {
        Self { others: max, sets: BTreeMap::new() }
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

    /// The same, with every bound `bits` wider, up to the width of a code of 256 bits.
    #[must_use]
    pub fn widened(&self, bits: u16) -> Self {
        let widest = |max: Distance| Distance::new(max.bits().saturating_add(bits).min(256)).unwrap_or(max);
        let sets = self.sets.iter().map(|(name, max)| (name.clone(), max.map(widest))).collect();
        Self { others: widest(self.others), sets }
    }

    /// How near an entry of set `name` must be; `None` if the set is passed over.
    #[must_use]
    pub fn bound(&self, name: &str) -> Option<Distance> {
        self.sets.get(name).copied().unwrap_or(Some(self.others))
    }
}
