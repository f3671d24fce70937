//! One match: the entry, how near it is, what its list and this ward say of it; and which of several comes first.

use std::cmp::Reverse;
use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::videos::InVideo;
use crate::digest::{SignalKind, Transform};
use crate::hashset::Role;
use crate::index::Key;
use crate::kernel::Distance;
use crate::media::Form;
use crate::vocabulary::{Category, Code, Dimension, severity};

/// Why a match is told and does not count: the outcome is as if it were not there, but for what it says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Held {
    /// The flood guard took the entry out of service; a person looks at it.
    Quarantined,
    /// An analyst decided that the entry is not what its list says, and the ward hides such.
    Deconfirmed,
    /// The item is on a list of harmless files that overrules this set.
    Suppressed,
    /// The set is watched: counted, and never shown as known or near.
    Watched,
}

impl Held {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Quarantined, Self::Deconfirmed, Self::Suppressed, Self::Watched];

    /// `quarantined`, `deconfirmed`, `suppressed`, `watched`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quarantined => "quarantined",
            Self::Deconfirmed => "deconfirmed",
            Self::Suppressed => "suppressed",
            Self::Watched => "watched",
        }
    }
}

/// What of an item matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchedBy {
    /// A hash, of this kind.
    Hash(SignalKind),
    /// The frames of a video, all together.
    Vpdq,
}

impl MatchedBy {
    /// The name of the kind, or `vpdq`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hash(kind) => kind.as_str(),
            Self::Vpdq => "vpdq",
        }
    }

    /// True if it says that bytes are equal.
    #[must_use]
    pub fn is_digest(self) -> bool {
        matches!(self, Self::Hash(kind) if kind.is_digest())
    }

    /// Bits of what is compared.
    fn width(self) -> u32 {
        let kind = match self {
            Self::Hash(kind) => kind,
            Self::Vpdq => SignalKind::Pdq,
        };
        kind.len_bytes() as u32 * 8
    }
}

impl From<SignalKind> for MatchedBy {
    fn from(kind: SignalKind) -> Self {
        Self::Hash(kind)
    }
}

impl PartialEq<SignalKind> for MatchedBy {
    fn eq(&self, kind: &SignalKind) -> bool {
        *self == Self::Hash(*kind)
    }
}

impl fmt::Display for MatchedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for MatchedBy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One list entry that the item matched. To be shown to the ward's own people only.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Match {
    /// The set's name.
    pub set: String,
    /// The entry's key in the set.
    pub entry: String,
    /// The kind of hash that matched.
    pub signal: MatchedBy,
    /// Differing bits; 0 for a digest, and the least of all frames for a video.
    pub distance: Distance,
    /// The bound that was used; 0 for a digest.
    pub max_distance: Distance,
    /// How the item had to be turned; `null` for a digest, and always `original` for the classic family.
    pub transform: Option<Transform>,
    /// Which reading of the file matched; `null` for a digest and for a bare hash.
    pub form: Option<Form>,
    /// What of a video matched; `None` if the item is none.
    #[serde(flatten)]
    pub video: Option<InVideo>,
    /// The entry's labels.
    pub labels: Vec<Code>,
    /// The source's own categories, as it gave them.
    #[serde(serialize_with = "in_parts")]
    pub categories: Vec<Category>,
    /// The dimensions of which the list gives the entry several codes: a person weighs them.
    #[serde(serialize_with = "by_name")]
    pub conflicts: Vec<Dimension>,
    /// What the set is for.
    pub role: Role,
    /// Why it does not count; `None` if it does.
    pub held: Option<Held>,
    /// The set of harmless files that overrules it.
    pub suppressed_by: Option<String>,
    /// An analyst of this ward found the entry to be what its list says.
    pub confirmed: bool,
    /// An analyst of this ward found that it is not.
    pub deconfirmed: bool,
    /// The class of the set.
    #[serde(skip)]
    pub list_class: Code,
    /// The most severe category among the entry's lines that are at [`Match::distance`].
    #[serde(skip)]
    pub nearest_severity: Code,
    /// False if the agreement about the set does not allow statistics to be derived from what it matches.
    #[serde(skip)]
    pub derive: bool,
}

fn in_parts<S: Serializer>(categories: &[Category], serializer: S) -> Result<S::Ok, S::Error> {
    struct Parts<'a>(&'a Category);
    impl Serialize for Parts<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut parts = serializer.serialize_struct("Category", 3)?;
            parts.serialize_field("scheme", self.0.scheme())?;
            // A number says nothing without the profile that it belongs to, so that there is none is said as well.
            parts
                .serialize_field("profile", &Some(self.0.profile()).filter(|profile| !profile.is_empty()))?;
            parts.serialize_field("code", self.0.code())?;
            parts.end()
        }
    }
    serializer.collect_seq(categories.iter().map(Parts))
}

fn by_name<S: Serializer>(dimensions: &[Dimension], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(dimensions.iter().map(ToString::to_string))
}

impl Match {
    /// The most severe category among its labels.
    #[must_use]
    pub fn severity(&self) -> Code {
        most_severe(self.labels.iter().copied())
    }

    /// True if it speaks for `known` or `near`.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.role == Role::Match && self.held.is_none()
    }

    /// True if it speaks for `ignored`.
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        self.role == Role::Ignore
    }

    pub(super) fn rank(&self) -> Rank<'_> {
        let part = Part::new(self.role, self.held);
        let grade = Grade::new(part, self.signal, self.distance, self.nearest_severity, &self.set);
        Rank { grade, entry: Key::from(&*self.entry) }
    }
}

/// The most severe category among `labels`.
pub(super) fn most_severe(labels: impl Iterator<Item = Code>) -> Code {
    labels.filter(|label| label.dimension() == Dimension::Severity).min().unwrap_or(severity::UNKNOWN)
}

/// The dimensions of which there are several codes among `labels`, which are sorted.
pub(super) fn conflicts(labels: &[Code]) -> Vec<Dimension> {
    let twice = labels.windows(2).filter(|pair| pair[0].dimension() == pair[1].dimension());
    let mut dimensions: Vec<Dimension> = twice.map(|pair| pair[0].dimension()).collect();
    dimensions.dedup();
    dimensions
}

/// What a match is kept for. Each kind is kept apart from the others: however many there are of one, they take no place
/// from another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Counting,
    Harmless,
    Held(Held),
}

impl Part {
    pub(super) fn new(role: Role, held: Option<Held>) -> Self {
        match (held, role) {
            (Some(held), _) => Self::Held(held),
            (None, Role::Ignore) => Self::Harmless,
            (None, Role::Match | Role::Watch) => Self::Counting,
        }
    }
}

/// How strong a match is, as far as it can be told without its key, which may have to be computed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grade<'a> {
    part: Part,
    strength: u8,
    /// Differing bits as a share of the width, in 65,536ths: bits of codes of different widths cannot be compared.
    apart: u32,
    severity: Code,
    signal: Reverse<MatchedBy>,
    set: &'a str,
}

impl<'a> Grade<'a> {
    pub(super) fn new(
        part: Part,
        signal: MatchedBy,
        distance: Distance,
        severity: Code,
        set: &'a str,
    ) -> Self {
        // A digest that cannot be forged, an MD5, a video, a PDQ hash, one of the older and coarser family.
        let strength = match signal {
            MatchedBy::Hash(SignalKind::Md5) => 1,
            MatchedBy::Vpdq => 2,
            MatchedBy::Hash(SignalKind::Classic(_)) => 4,
            signal if signal.is_digest() => 0,
            MatchedBy::Hash(_) => 3,
        };
        let apart = (u32::from(distance.bits()) << 16) / signal.width();
        Self { part, strength, apart, severity, signal: Reverse(signal), set }
    }

    pub(super) const fn severity(&self) -> Code {
        self.severity
    }
}

/// The order of matches, the strongest first: by grade, and among equals by key, so that it never hangs on the order in
/// which they were found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank<'a> {
    pub(super) grade: Grade<'a>,
    pub(super) entry: Key<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_codes_of_one_dimension_are_told_once() {
        let codes =
            |texts: &[&str]| -> Vec<Code> { texts.iter().map(|text| text.parse().unwrap()).collect() };
        assert_eq!(conflicts(&codes(&["severity:SEV_A", "maturity:PREPUB"])), []);
        let several =
            codes(&["severity:SEV_A", "severity:SEV_B", "severity:SEV_C", "maturity:PREPUB", "maturity:PUB"]);
        assert_eq!(conflicts(&several), [Dimension::Severity, Dimension::Maturity]);
    }
}
