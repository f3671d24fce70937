//! The index as it was when it was opened.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::codes::{Plan, Policy};
use super::error::{Fault, IndexError};
use super::filter::Admitted;
use super::format::Band;
use super::key::Key;
use super::live::{Live, Nearest};
use super::manifest::Manifest;
use super::map::Memory;
use super::scope::Scope;
use super::segment::{Segment, codes_in, labels_in};
use crate::digest::{Perceptual, Quality, Signal, SignalKind};
use crate::hashset::{Labels, Opinion};
use crate::kernel::Distance;
use crate::vocabulary::Code;

/// How often an open begins again because a writer replaced the manifest meanwhile.
const ATTEMPTS: usize = 16;

/// A snapshot: whatever a writer does later, it answers as of the moment when it was opened.
///
/// Nothing is read into memory but the manifest; many processes share the mapped pages. To see a newer state, open
/// again, or ask a [`Reader`](super::Reader), which does so when there is one.
#[derive(Debug, Default)]
pub struct Index {
    generation: u64,
    sets: Vec<SetInfo>,
    pub(super) segments: Vec<Live>,
}

/// One set of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetInfo {
    /// Its name.
    pub name: String,
    /// The revision that was imported.
    pub revision: u64,
    /// Entries in its segments, withdrawn ones included.
    pub entries: u64,
    /// Those of them that are withdrawn and never answer.
    pub withdrawn: u64,
}

/// One entry that matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Hit {
    /// Number of the segment in this snapshot: sets by name, their segments as given by the writer.
    pub segment: u32,
    /// Number of the entry in the segment.
    pub entry: u32,
    /// Bits in which it differs from the query; 0 for a digest.
    pub distance: Distance,
    /// Quality of the PDQ hash in the list; `None` for a digest, and where the list does not state it.
    pub quality: Option<Quality>,
}

/// What a near search found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Near {
    /// By distance, then segment, then entry.
    pub hits: Vec<Hit>,
    /// True if there are more entries in scope than the limit allowed.
    pub cut: bool,
    /// How they were found.
    pub plan: Plan,
}

/// What a set says of one entry.
#[derive(Clone, Copy)]
pub struct EntryRef<'a> {
    set: &'a str,
    key: Key<'a>,
    labels: &'a str,
    opinion: Opinion,
}

/// Keys and labels are not printed by accident.
impl fmt::Debug for EntryRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EntryRef(..)")
    }
}

impl<'a> EntryRef<'a> {
    /// The name of its set.
    #[must_use]
    pub const fn set(&self) -> &'a str {
        self.set
    }

    /// Its key.
    #[must_use]
    pub const fn key(&self) -> Key<'a> {
        self.key
    }

    /// The same with another key.
    pub(super) fn with_key(self, key: Key<'a>) -> Self {
        Self { key, ..self }
    }

    /// Its labels as they are stored: `dimension:CODE`, then the source's own categories, `category:SCHEME[/PROFILE]:CODE`.
    pub fn label_texts(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.labels.split_ascii_whitespace()
    }

    /// Its facets, sorted, without those that this build's vocabulary does not have.
    pub fn codes(&self) -> impl Iterator<Item = Code> + use<'a> {
        codes_in(self.labels)
    }

    /// Its facets and categories, without those that this build does not know.
    #[must_use]
    pub fn labels(&self) -> Labels {
        labels_in(self.labels)
    }

    /// What the members of the list hold of it; never negative in what a search gives.
    #[must_use]
    pub const fn opinion(&self) -> Opinion {
        self.opinion
    }
}

/// Facts about one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SegmentStat {
    /// The name of its set.
    pub set: String,
    /// The name of its file.
    pub file: String,
    /// The length of its file.
    pub bytes: u64,
    /// Its entries, withdrawn ones included.
    pub entries: u64,
    /// Those of them that are withdrawn.
    pub withdrawn: u64,
    /// Its hashes, by kind.
    pub hashes: Vec<(SignalKind, u64)>,
    /// The bands of its PDQ codes; none if they are scanned.
    pub bands: Vec<Band>,
}

impl SegmentStat {
    /// Bytes for each entry; 0 without entries.
    #[must_use]
    pub fn bytes_per_entry(&self) -> f64 {
        if self.entries == 0 { 0.0 } else { self.bytes as f64 / self.entries as f64 }
    }
}

impl Index {
    /// Opens the index in `dir`. A folder without a manifest is an index without sets.
    ///
    /// Reads the manifest, and of each segment header and section table: the cost does not grow with the entries.
    /// What a segment's sections hold is checked as far as it is used, and wholly by [`Index::verify`].
    ///
    /// # Errors
    /// [`IndexError::File`] for a manifest or a segment that is damaged or of another version, [`IndexError::Missing`]
    /// for a segment that is not there.
    pub fn open(dir: &Path) -> Result<Self, IndexError> {
        Self::open_in(Memory::Mapped, dir)
    }

    /// As [`Index::open`], held in `memory`: [`Memory::HugePages`] reads every segment whole.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn open_in(memory: Memory, dir: &Path) -> Result<Self, IndexError> {
        Self::default().newer(memory, dir)
    }

    /// The index in `dir` as it is now. Segments that this snapshot has, and that are still there, are not opened again.
    pub(super) fn newer(&self, memory: Memory, dir: &Path) -> Result<Self, IndexError> {
        let mut manifest = Manifest::read(dir)?.unwrap_or_default();
        for _ in 0..ATTEMPTS {
            match self.with_manifest(memory, dir, &manifest) {
                // A writer may have named other segments, and removed these, after the manifest was read.
                Err(IndexError::Missing { file }) => {
                    let newer = Manifest::read(dir)?.unwrap_or_default();
                    if newer == manifest {
                        return Err(IndexError::Missing { file });
                    }
                    manifest = newer;
                }
                other => return other,
            }
        }
        self.with_manifest(memory, dir, &manifest)
    }

    fn with_manifest(&self, memory: Memory, dir: &Path, manifest: &Manifest) -> Result<Self, IndexError> {
        let (mut sets, mut segments) = (Vec::new(), Vec::new());
        for (set, record) in manifest.sets.iter().enumerate() {
            for named in &record.segments {
                let file = named.content_id.file_name();
                let known = self.segments.iter().find(|live| live.segment.content_id() == named.content_id);
                let mut live = match known {
                    Some(live) if live.segment.sound().is_ok() => live.again(set),
                    _ => {
                        Live::new(set, Arc::new(Segment::open_in(memory, dir, &file)?), RoaringBitmap::new())
                    }
                };
                let segment = &live.segment;
                if segment.content_id() != named.content_id || segment.len() != named.entries {
                    return Err(IndexError::File { file, fault: Fault::Exchanged });
                }
                live.withdrawn = named.withdrawn.clone();
                segments.push(live);
            }
            sets.push(SetInfo {
                name: record.name.clone(),
                revision: record.revision,
                entries: record.segments.iter().map(|segment| u64::from(segment.entries)).sum(),
                withdrawn: record.segments.iter().map(|segment| segment.withdrawn.len()).sum(),
            });
        }
        Ok(Self { generation: manifest.generation, sets, segments })
    }

    /// An index of one segment, for tests on bytes that no manifest names.
    #[cfg(test)]
    pub(super) fn of_segment(segment: Segment) -> Self {
        let info = SetInfo { name: "test".into(), revision: 1, entries: segment.len().into(), withdrawn: 0 };
        let live = Live::new(0, Arc::new(segment), RoaringBitmap::new());
        Self { generation: 1, sets: vec![info], segments: vec![live] }
    }

    /// The commit that this snapshot shows: each adds one, and 0 is an index that was never written.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// The sets, by name.
    #[must_use]
    pub fn sets(&self) -> &[SetInfo] {
        &self.sets
    }

    /// Every entry with exactly this hash, by segment and entry, duplicates kept; without those that are withdrawn or of
    /// negative opinion.
    ///
    /// One bucket of a directory and a binary search in it for each segment; a perceptual hash is searched as
    /// [`Index::near`] does within 0 bits. For many digests, see [`Index::exact_many`].
    ///
    /// # Errors
    /// [`IndexError::File`] if the answer rests on a damaged part of a segment.
    pub fn exact(&self, signal: &Signal) -> Result<Vec<Hit>, IndexError> {
        self.exact_in(signal, &Scope::within(Distance::ZERO))
    }

    /// As [`Index::exact`], of the entries in `scope`, whatever the bounds of its sets.
    ///
    /// # Errors
    /// [`IndexError::File`] if the answer rests on a damaged part of a segment.
    pub fn exact_in(&self, signal: &Signal, scope: &Scope) -> Result<Vec<Hit>, IndexError> {
        match signal {
            Signal::Pdq(query) => return Ok(self.near(query, &scope.equal(), usize::MAX)?.hits),
            Signal::Classic(query) => return Ok(self.near(query, &scope.equal(), usize::MAX)?.hits),
            _ => {}
        }
        let mut hits = Vec::new();
        self.visit_exact(signal, scope, |_, hit| {
            hits.push(hit);
            Ok(())
        })?;
        Ok(hits)
    }

    /// As [`Index::exact`], one at a time with what its set says of it: memory does not grow with the hits.
    ///
    /// The order is that of [`Index::exact`], but for a perceptual hash it is by segment and place in its table of codes.
    ///
    /// # Errors
    /// [`IndexError::File`] if the answer rests on a damaged part of a segment.
    pub fn each_exact<'a>(
        &'a self,
        signal: &Signal,
        visit: impl FnMut(Hit, EntryRef<'a>),
    ) -> Result<(), IndexError> {
        self.each_exact_in(signal, &Scope::within(Distance::ZERO), visit)
    }

    /// As [`Index::each_exact`], of the entries in `scope`, whatever the bounds of its sets.
    ///
    /// # Errors
    /// [`IndexError::File`] if the answer rests on a damaged part of a segment.
    pub fn each_exact_in<'a>(
        &'a self,
        signal: &Signal,
        scope: &Scope,
        mut visit: impl FnMut(Hit, EntryRef<'a>),
    ) -> Result<(), IndexError> {
        match signal {
            Signal::Pdq(query) => return self.each_near(query, &scope.equal(), visit).map(drop),
            Signal::Classic(query) => return self.each_near(query, &scope.equal(), visit).map(drop),
            _ => {}
        }
        self.visit_exact(signal, scope, |live, hit| {
            visit(hit, self.entry_in(live, hit.entry)?);
            Ok(())
        })
    }

    fn visit_exact<'a>(
        &'a self,
        signal: &Signal,
        scope: &Scope,
        mut visit: impl FnMut(&'a Live, Hit) -> Result<(), Fault>,
    ) -> Result<(), IndexError> {
        for (number, live) in self.segments.iter().enumerate() {
            let Some(table) = live.segment.digests(signal.kind()) else { continue };
            let Some((_, admitted)) = self.in_scope(live, scope)? else { continue };
            for entry in table.find(signal.as_bytes()).map_err(live.fault())? {
                if let Some(hit) = live.equal(number, &table, entry, &admitted).map_err(live.fault())? {
                    visit(live, hit).map_err(live.fault())?;
                }
            }
            live.segment.sound().map_err(live.fault())?;
        }
        Ok(())
    }

    /// Every entry in `scope` by the distance of its hash of the kind of `query` to it, nearest first, and no more than
    /// `limit` of them.
    ///
    /// Complete at any distance: nothing in scope is missed. Entries that are withdrawn, of negative opinion or out of
    /// scope never take a place in the limit. Entries at the same distance come by segment, then by entry, and the limit
    /// cuts in that order. Memory holds about twice the limit, and what the bands of one segment give.
    ///
    /// # Errors
    /// [`IndexError::File`] if the answer rests on a damaged part of a segment.
    pub fn near(&self, query: &impl Perceptual, scope: &Scope, limit: usize) -> Result<Near, IndexError> {
        self.near_by(query, scope, limit, Policy::Cheapest)
    }

    pub(super) fn near_by(
        &self,
        query: &impl Perceptual,
        scope: &Scope,
        limit: usize,
        policy: Policy,
    ) -> Result<Near, IndexError> {
        let mut nearest = Nearest::new(limit);
        let plan = self.visit_near(query, scope, policy, |_, hit| {
            nearest.push(hit);
            Ok(())
        })?;
        let (hits, cut) = nearest.finish();
        Ok(Near { hits, cut, plan })
    }

    /// As [`Index::near`] without a limit, one at a time with what its set says of it, by segment and place in its table of
    /// codes: for a caller with an order of its own, who keeps what it needs.
    ///
    /// # Errors
    /// [`IndexError::File`] if the answer rests on a damaged part of a segment.
    pub fn each_near<'a>(
        &'a self,
        query: &impl Perceptual,
        scope: &Scope,
        mut visit: impl FnMut(Hit, EntryRef<'a>),
    ) -> Result<Plan, IndexError> {
        self.visit_near(query, scope, Policy::Cheapest, |live, hit| {
            visit(hit, self.entry_in(live, hit.entry)?);
            Ok(())
        })
    }

    fn visit_near<'a>(
        &'a self,
        query: &impl Perceptual,
        scope: &Scope,
        policy: Policy,
        mut visit: impl FnMut(&'a Live, Hit) -> Result<(), Fault>,
    ) -> Result<Plan, IndexError> {
        let mut plan = Plan::default();
        for (number, live) in self.segments.iter().enumerate() {
            let Some(codes) = live.segment.codes(query.signal_kind()) else { continue };
            let Some((max, admitted)) = self.in_scope(live, scope)? else { continue };
            let emit = |at: usize, distance| match live.near(number, &codes, at, distance, &admitted)? {
                Some(hit) => visit(live, hit),
                None => Ok(()),
            };
            let few = admitted.few(query.signal_kind());
            codes.near(query.code_bytes(), max, few, policy, &mut plan, emit).map_err(live.fault())?;
            live.segment.sound().map_err(live.fault())?;
        }
        Ok(plan)
    }

    /// How near an entry of `live` must be, and which may answer by their labels; `None` if its set is passed over.
    pub(super) fn in_scope(
        &self,
        live: &Live,
        scope: &Scope,
    ) -> Result<Option<(Distance, Admitted)>, IndexError> {
        let Some(max) = scope.bound(self.set_name(live)) else { return Ok(None) };
        let admitted = live.filters.admitted(&live.segment, scope.labels()).map_err(live.fault())?;
        Ok(Some((max, admitted)))
    }

    /// How many entries of set `name` are in `scope` and not withdrawn.
    ///
    /// # Errors
    /// [`IndexError::File`] if labels are damaged.
    pub fn count(&self, name: &str, scope: &Scope) -> Result<u64, IndexError> {
        let mut count = 0;
        for live in self.segments.iter().filter(|live| self.set_name(live) == name) {
            let Some((_, admitted)) = self.in_scope(live, scope)? else { continue };
            count += match admitted.bitmap() {
                Some(bitmap) => bitmap.difference_len(&live.withdrawn),
                None => u64::from(live.segment.len()).saturating_sub(live.withdrawn.len()),
            };
        }
        Ok(count)
    }

    pub(super) fn set_name(&self, live: &Live) -> &str {
        &self.sets[live.set].name // numbered while both were made
    }

    /// What its set says of the entry of `hit`, which this snapshot gave.
    ///
    /// # Errors
    /// [`IndexError::ForeignHit`] if it has no such entry, [`IndexError::File`] if its text is damaged.
    pub fn entry(&self, hit: &Hit) -> Result<EntryRef<'_>, IndexError> {
        let live = self
            .segments
            .get(hit.segment as usize)
            .filter(|live| hit.entry < live.segment.len())
            .ok_or(IndexError::ForeignHit)?;
        let entry = self.entry_in(live, hit.entry).map_err(live.fault())?;
        live.segment.sound().map_err(live.fault())?;
        Ok(entry)
    }

    pub(super) fn entry_in<'a>(&'a self, live: &'a Live, entry: u32) -> Result<EntryRef<'a>, Fault> {
        Ok(EntryRef {
            set: self.set_name(live),
            key: live.segment.key(entry)?,
            labels: live.segment.labels(entry)?,
            opinion: live.segment.opinion(entry)?,
        })
    }

    /// The kinds of hash that set `name` has.
    #[must_use]
    pub fn kinds(&self, name: &str) -> BTreeSet<SignalKind> {
        let of_set = self.segments.iter().filter(|live| self.set_name(live) == name);
        of_set.flat_map(|live| live.segment.kinds()).collect()
    }

    /// Facts about each segment, in the order of [`Hit::segment`].
    #[must_use]
    pub fn stat(&self) -> Vec<SegmentStat> {
        let stat = |live: &Live| {
            let layout = live.segment.layout();
            let digests = layout.digests.iter().map(|table| (table.kind, table.values.len() as u64));
            let codes = layout.perceptual.iter().map(|codes| (codes.kind, codes.codes.len() as u64));
            let pdq = layout.perceptual.iter().filter(|codes| codes.kind == SignalKind::Pdq);
            SegmentStat {
                set: self.set_name(live).to_owned(),
                file: live.segment.content_id().file_name(),
                bytes: live.segment.bytes().len() as u64,
                entries: u64::from(live.segment.len()),
                withdrawn: live.withdrawn.len(),
                hashes: digests.chain(codes).collect(),
                bands: pdq.flat_map(|pdq| &pdq.bands).map(|band| band.band).collect(),
            }
        };
        self.segments.iter().map(stat).collect()
    }
}
