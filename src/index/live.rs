//! A segment as a part of a set, and the hits that it gives.

use std::fmt;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::codes::CodeTable;
use super::digests::DigestTable;
use super::error::{Fault, IndexError};
use super::filter::{Admitted, Filters};
use super::segment::Segment;
use super::snapshot::Hit;
use crate::hashset::Opinion;
use crate::kernel::Distance;

/// A segment, the set that it belongs to, and its withdrawn entries.
pub(super) struct Live {
    /// The number of its set.
    pub(super) set: usize,
    pub(super) segment: Arc<Segment>,
    pub(super) withdrawn: RoaringBitmap,
    /// What filters admit, for as long as the segment is open in any snapshot: withdrawals do not change it.
    pub(super) filters: Arc<Filters>,
}

impl Live {
    pub(super) fn new(set: usize, segment: Arc<Segment>, withdrawn: RoaringBitmap) -> Self {
        Self { set, segment, withdrawn, filters: Arc::default() }
    }

    /// The same segment in a newer snapshot, as one of set `set`, with nothing withdrawn.
    pub(super) fn again(&self, set: usize) -> Self {
        let (segment, filters) = (self.segment.clone(), self.filters.clone());
        Self { set, segment, withdrawn: RoaringBitmap::new(), filters }
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segment.fmt(f)
    }
}

impl Live {
    /// Its entries that are not withdrawn.
    pub(super) fn active(&self) -> RoaringBitmap {
        let mut entries = RoaringBitmap::new();
        entries.insert_range(0..self.segment.len());
        entries - &self.withdrawn
    }

    /// What an exact search gives of `entry`, which `table` says has the digest; `number` is that of the segment.
    pub(super) fn equal(
        &self,
        number: usize,
        table: &DigestTable<'_>,
        entry: u32,
        admitted: &Admitted,
    ) -> Result<Option<Hit>, Fault> {
        let entry = self.segment.check_entry(table.entries().id(), 0, entry)?;
        let hit = Hit { segment: number as u32, entry, distance: Distance::ZERO, quality: None };
        Ok(self.answers(entry, admitted)?.then_some(hit))
    }

    /// What a near search gives of code `at` of `codes`, which differs from the query by `distance`; `number` is that of
    /// the segment.
    pub(super) fn near(
        &self,
        number: usize,
        codes: &CodeTable<'_>,
        at: usize,
        distance: Distance,
        admitted: &Admitted,
    ) -> Result<Option<Hit>, Fault> {
        let entry = self.segment.check_entry(codes.entries_id(), at as u64, codes.entry(at))?;
        if !self.answers(entry, admitted)? {
            return Ok(None);
        }
        Ok(Some(Hit { segment: number as u32, entry, distance, quality: codes.quality(at)? }))
    }

    /// True if a search may give `entry`, of which `admitted` says whether its labels are asked for.
    fn answers(&self, entry: u32, admitted: &Admitted) -> Result<bool, Fault> {
        Ok(admitted.contains(entry)
            && !self.withdrawn.contains(entry)
            && self.segment.opinion(entry)? != Opinion::Negative)
    }

    /// For `map_err`: a fault in its file, whose name is made only if there is one.
    pub(super) fn fault(&self) -> impl Fn(Fault) -> IndexError {
        self.segment.fault()
    }
}

/// Keeps the nearest hits, in memory for about twice the limit.
pub(super) struct Nearest {
    limit: usize,
    hits: Vec<Hit>,
    cut: bool,
}

impl Nearest {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, hits: Vec::new(), cut: false }
    }

    pub(super) fn push(&mut self, hit: Hit) {
        self.hits.push(hit);
        if self.hits.len() > self.limit.saturating_mul(2).saturating_add(1024) {
            self.shrink();
        }
    }

    fn order(hit: &Hit) -> (Distance, u32, u32) {
        (hit.distance, hit.segment, hit.entry)
    }

    fn shrink(&mut self) {
        if self.hits.len() > self.limit {
            self.hits.select_nth_unstable_by_key(self.limit, Self::order);
            self.hits.truncate(self.limit);
            self.cut = true;
        }
    }

    pub(super) fn finish(mut self) -> (Vec<Hit>, bool) {
        self.shrink();
        self.hits.sort_unstable_by_key(Self::order);
        (self.hits, self.cut)
    }
}
