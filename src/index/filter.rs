//! Which entries a search may give by their labels, worked out once for each segment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use roaring::RoaringBitmap;

use super::codes::CodeTable;
use super::error::Fault;
use super::segment::{Segment, codes_in};
use crate::digest::SignalKind;
use crate::vocabulary::{Code, Dimension};

/// Which entries may answer, by their labels.
///
/// Of each dimension that [`LabelFilter::with`] names, an entry must carry one of the codes named; of those that
/// [`LabelFilter::without`] names, it may carry none. A code stands for itself alone, not for what is below it. A label that
/// this build's vocabulary does not have equals no code. Where a list says one entry in several lines, each is an entry here.
///
/// # Examples
/// ```
/// # use innerward::{index::LabelFilter, vocabulary::{Code, LabelError}};
/// let (a, b): (Code, Code) = ("severity:SEV_A".parse()?, "severity:SEV_B".parse()?);
/// let c: Code = "severity:SEV_C".parse()?;
/// let filter = LabelFilter::new().with(a).with(b);
/// assert!(filter.admits(&[b, c]));
/// assert!(!filter.admits(&[c]) && !filter.admits(&[]));
/// assert!(!filter.without(c).admits(&[b, c]));
/// # Ok::<(), LabelError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelFilter {
    any_of: BTreeMap<Dimension, BTreeSet<Code>>,
    none_of: BTreeSet<Code>,
}

impl LabelFilter {
    /// Every entry may answer.
    #[must_use]
    pub const fn new() -> Self {
        Self { any_of: BTreeMap::new(), none_of: BTreeSet::new() }
    }

    /// The same, where entries with `code` may answer as well as those with other codes of its dimension that are named.
    #[must_use]
    pub fn with(mut self, code: Code) -> Self {
        self.any_of.entry(code.dimension()).or_default().insert(code);
        self
    }

    /// The same, where no entry with `code` may answer.
    #[must_use]
    pub fn without(mut self, code: Code) -> Self {
        self.none_of.insert(code);
        self
    }

    /// True if every entry may answer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.any_of.is_empty() && self.none_of.is_empty()
    }

    /// True if an entry with exactly these labels may answer.
    #[must_use]
    pub fn admits(&self, labels: &[Code]) -> bool {
        !labels.iter().any(|code| self.none_of.contains(code))
            && self.any_of.values().all(|codes| labels.iter().any(|code| codes.contains(code)))
    }
}

/// The entries of one segment that a filter admits.
#[derive(Clone)]
pub(super) enum Admitted {
    /// Without a filter, and where it makes no difference.
    All,
    /// These.
    Some(Arc<Entries>),
}

/// Entries, and where they have codes.
pub(super) struct Entries {
    bitmap: RoaringBitmap,
    /// By kind of hash the places of their codes, ascending, where they are so few that to look at each costs less than to
    /// scan all codes.
    few: Vec<(SignalKind, Vec<u32>)>,
}

impl Admitted {
    #[inline]
    pub(super) fn contains(&self, entry: u32) -> bool {
        match self {
            Self::All => true,
            Self::Some(entries) => entries.bitmap.contains(entry),
        }
    }

    /// The entries; `None` if they are all.
    pub(super) fn bitmap(&self) -> Option<&RoaringBitmap> {
        match self {
            Self::All => None,
            Self::Some(entries) => Some(&entries.bitmap),
        }
    }

    /// The places of their codes of `kind`, where they are few.
    pub(super) fn few(&self, kind: SignalKind) -> Option<&[u32]> {
        let Self::Some(entries) = self else { return None };
        entries.few.iter().find(|(other, _)| *other == kind).map(|(_, places)| places.as_slice())
    }

    /// Asks `filter` about each label set of `segment` once, then goes through its entries.
    fn of(segment: &Segment, filter: &LabelFilter) -> Result<Self, Fault> {
        let admits = |set| {
            let labels: Vec<Code> = codes_in(segment.label_text(set)?).collect();
            Ok(filter.admits(&labels))
        };
        let sets = (0..segment.label_sets()).map(admits).collect::<Result<Vec<bool>, Fault>>()?;
        let mut bitmap = RoaringBitmap::new();
        for entry in 0..segment.len() {
            if sets.get(segment.label_set(entry)?) == Some(&true) {
                bitmap.insert(entry); // `push` looks for the largest number each time
            }
        }
        segment.sound()?; // what is kept must not rest on zeros in place of a lost part of the file
        if bitmap.len() == u64::from(segment.len()) {
            return Ok(Self::All);
        }
        let mut few = Vec::new();
        for kind in segment.kinds() {
            let Some(codes) = segment.codes(kind) else { continue };
            few.extend(places(segment, &codes, &bitmap)?.map(|places| (kind, places)));
        }
        segment.sound()?;
        Ok(Self::Some(Arc::new(Entries { bitmap, few })))
    }
}

/// The places of those of `codes` that belong to an entry in `bitmap`, if they are few.
fn places(
    segment: &Segment,
    codes: &CodeTable<'_>,
    bitmap: &RoaringBitmap,
) -> Result<Option<Vec<u32>>, Fault> {
    let mut places = Vec::new();
    if !codes.are_few(bitmap.len()) {
        return Ok(None);
    }
    if codes.entries().is_none() {
        return Ok(Some(bitmap.iter().collect())); // code i belongs to entry i
    }
    for at in 0..codes.len() {
        if bitmap.contains(segment.check_entry(codes.entries_id(), at as u64, codes.entry(at))?) {
            places.push(at as u32);
            if !codes.are_few(places.len() as u64) {
                return Ok(None); // an entry should have one code of a kind, but who knows
            }
        }
    }
    Ok(Some(places))
}

/// Filters for which is kept what they admit of a segment: the oldest makes room.
const KEPT: usize = 8;

/// What filters admit of one segment, each worked out when it is first asked, by whichever thread.
#[derive(Default)]
pub(super) struct Filters(RwLock<Vec<(LabelFilter, Admitted)>>);

impl Filters {
    /// What `filter` admits of `segment`, which is always the same.
    pub(super) fn admitted(&self, segment: &Segment, filter: &LabelFilter) -> Result<Admitted, Fault> {
        if filter.is_empty() {
            return Ok(Admitted::All);
        }
        let find = |kept: &Vec<(LabelFilter, Admitted)>| {
            kept.iter().find(|(other, _)| other == filter).map(|(_, admitted)| admitted.clone())
        };
        // A list that a thread left behind in panic is whole: elements are put in and taken out one by one.
        if let Some(admitted) = find(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(admitted);
        }
        // Not under the lock: a thread with another filter need not wait, and of two with the same the second is lost.
        let admitted = Admitted::of(segment, filter)?;
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if find(&kept).is_none() {
            if kept.len() == KEPT {
                kept.remove(0);
            }
            kept.push((filter.clone(), admitted.clone()));
        }
        Ok(admitted)
    }
}
