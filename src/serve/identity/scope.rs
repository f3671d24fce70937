//! What a token may be used for.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a token may be used for. None holds another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Matching and hashing, comparing and explaining, HMA's `/h` and `/m`.
    Match,
    /// Sets: listing, importing, exporting, withdrawing, policy, quarantine; HMA's `/c`.
    Manage,
    /// Analysts' decisions.
    Decide,
    /// Local exact counts, never for sharing.
    Tally,
    /// What is published and what is left of the budget.
    Release,
    /// Metrics.
    Metrics,
}

/// A scope that there is none of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a scope is match, manage, decide, tally, release or metrics")]
pub struct ScopeError;

impl Scope {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 6] =
        [Self::Match, Self::Manage, Self::Decide, Self::Tally, Self::Release, Self::Metrics];

    /// `match`, `manage`, `decide`, `tally`, `release`, `metrics`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Manage => "manage",
            Self::Decide => "decide",
            Self::Tally => "tally",
            Self::Release => "release",
            Self::Metrics => "metrics",
        }
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or(ScopeError)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
