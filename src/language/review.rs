//! Who has vouched for the strings of a language.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::vocabulary::ReviewStatus;

/// How far a language has been checked: numbers of strings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Taken from a publication, or checked by a speaker who knows the field.
    pub checked: u64,
    /// Written or translated, and checked by nobody else.
    pub unchecked: u64,
    /// Not there: English stands in.
    pub missing: u64,
}

impl Review {
    /// True if somebody has vouched for every string.
    #[must_use]
    pub fn is_complete(self) -> bool {
        self.unchecked == 0 && self.missing == 0
    }

    pub(super) fn count(&mut self, status: Option<ReviewStatus>) {
        *match status {
            None => &mut self.missing,
            Some(status) if status.is_checked() => &mut self.checked,
            Some(_) => &mut self.unchecked,
        } += 1;
    }
}

/// The status of every string that a language has.
#[derive(Debug, Default)]
pub(super) struct Statuses(BTreeMap<String, ReviewStatus>);

impl Statuses {
    pub(super) fn set(&mut self, key: &str, status: ReviewStatus) {
        self.0.insert(key.to_owned(), status);
    }

    pub(super) fn of(&self, key: &str) -> Option<ReviewStatus> {
        self.0.get(key).copied()
    }

    pub(super) fn review<'a>(&self, keys: impl Iterator<Item = &'a str>) -> Review {
        let mut review = Review::default();
        keys.for_each(|key| review.count(self.of(key)));
        review
    }
}
