//! Entries of sets taken together: what two sets have in common, what one has and the other has not.
//!
//! Entries are told apart by their ids, or by their hashes. Either way two sorted columns are gone through side by side, so
//! that ten million entries against ten million take seconds; what is found is a bitmap of entries for each segment, and
//! the algebra of sets is that of bitmaps.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::{BitAndAssign, BitOrAssign, SubAssign};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rayon::prelude::*;
use roaring::RoaringBitmap;

use super::digests::DigestTable;
use super::error::{Fault, IndexError};
use super::live::Live;
use super::snapshot::Index;
use crate::digest::SignalKind;
use crate::hashset::Entry;

/// What makes entries of two sets the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameBy {
    /// Equal ids. Lists of two organisations rarely have any in common; entries of lists without ids have ids drawn
    /// from their hashes.
    Id,
    /// At least one hash of equal kind and equal value. Pictures that are merely close are not the same.
    Hash,
}

/// Some of the entries of an index, by segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members(BTreeMap<usize, RoaringBitmap>);

impl Members {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.values().map(RoaringBitmap::len).sum()
    }

    /// True without any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.values().all(RoaringBitmap::is_empty)
    }

    fn has(&self, place: Place) -> bool {
        self.0.get(&(place.segment as usize)).is_some_and(|entries| entries.contains(place.entry))
    }

    fn insert(&mut self, place: Place) {
        self.0.entry(place.segment as usize).or_default().insert(place.entry);
    }
}

impl BitOrAssign<&Self> for Members {
    fn bitor_assign(&mut self, other: &Self) {
        for (segment, entries) in &other.0 {
            *self.0.entry(*segment).or_default() |= entries;
        }
    }
}

impl BitAndAssign<&Self> for Members {
    fn bitand_assign(&mut self, other: &Self) {
        self.0.retain(|segment, entries| {
            *entries &= other.0.get(segment).unwrap_or(&RoaringBitmap::new());
            !entries.is_empty()
        });
    }
}

impl SubAssign<&Self> for Members {
    fn sub_assign(&mut self, other: &Self) {
        for (segment, entries) in &mut self.0 {
            if let Some(other) = other.0.get(segment) {
                *entries -= other;
            }
        }
    }
}

/// Where an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    segment: u32,
    entry: u32,
}

/// An entry as it is stored.
#[derive(Debug, Clone)]
pub struct Stored<'a> {
    /// The name of its set.
    pub set: &'a str,
    /// What its list says of it.
    pub entry: Entry,
    /// The day on which it came into its set, where that is known.
    pub arrived: Option<Date>,
}

impl Stored<'_> {
    /// True if the entry changed on `day` or later: by its list if that says when, else by the day on which it came. What is
    /// not known is not left out.
    #[must_use]
    pub fn is_since(&self, day: Date) -> bool {
        let changed = self.entry.updated.and_then(|seconds| Timestamp::from_second(seconds.into()).ok());
        let changed = changed.map(|time| time.to_zoned(TimeZone::UTC).date()).or(self.arrived);
        changed.is_none_or(|changed| changed >= day)
    }
}

impl Index {
    /// The entries of set `name` that are not withdrawn; none if there is no such set.
    #[must_use]
    pub fn members(&self, name: &str) -> Members {
        let of_set = self.segments.iter().enumerate().filter(|(_, live)| self.set_name(live) == name);
        Members(of_set.map(|(number, live)| (number, live.active())).collect())
    }

    /// Those of `members` that are the same as one of `others`, by id or by hash.
    ///
    /// Memory: 16 bytes for each entry of both, and as much for each picture hash.
    ///
    /// # Errors
    /// [`IndexError::File`] if a segment is damaged.
    pub fn also_in(&self, members: &Members, others: &Members, by: SameBy) -> Result<Members, IndexError> {
        let mut found = Members::default();
        match by {
            SameBy::Id => {
                let prints = RandomState::new();
                let of = |members: &Members| {
                    self.prints(
                        members,
                        |live, entry, prints| Ok(Some(prints.hash_one(live.segment.key(entry)?.as_str()))),
                        &prints,
                    )
                };
                let same = |a: Place, b: Place| {
                    let key = |place: Place| self.live(place).segment.key(place.entry);
                    Ok(key(a)?.as_str() == key(b)?.as_str())
                };
                self.join(of(members)?, of(others)?, same, &mut found)?;
            }
            SameBy::Hash => {
                for kind in SignalKind::ALL.into_iter().filter(|kind| kind.is_digest()) {
                    self.join_digests(members, others, kind, &mut found)?;
                }
                for kind in self.perceptual_kinds() {
                    self.join_codes(members, others, kind, &mut found)?;
                }
            }
        }
        self.sound(members)?;
        self.sound(others)?;
        Ok(found)
    }

    /// Gives `visit` the entries of `members` one after another, in the order in which they were imported.
    ///
    /// # Errors
    /// [`IndexError::File`] if a segment is damaged, [`IndexError::Newer`] if it says what this build cannot say again;
    /// otherwise what `visit` gives.
    pub fn each_of<E: From<IndexError>>(
        &self,
        members: &Members,
        mut visit: impl FnMut(Stored<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for (&number, wanted) in members.0.iter().filter(|(_, wanted)| !wanted.is_empty()) {
            let live = &self.segments[number];
            let (segment, set) = (&live.segment, self.set_name(live));
            let newer = || IndexError::Newer { file: segment.content_id().file_name() };
            let entries = segment.entries().map_err(segment.fault())?.ok_or_else(newer)?;
            for (entry, read) in (0..).zip(entries) {
                let read = read.map_err(segment.fault())?;
                if wanted.contains(entry) {
                    segment.sound().map_err(segment.fault())?;
                    visit(Stored { set, entry: read, arrived: segment.arrived(entry) })?;
                }
            }
        }
        Ok(())
    }

    fn live(&self, place: Place) -> &Live {
        &self.segments[place.segment as usize]
    }

    fn perceptual_kinds(&self) -> impl Iterator<Item = SignalKind> {
        let kinds = self.segments.iter().flat_map(|live| live.segment.kinds());
        let kinds: std::collections::BTreeSet<_> = kinds.filter(|kind| !kind.is_digest()).collect();
        kinds.into_iter()
    }

    /// 64 bits for each entry of `members` that `print` has any of, sorted.
    fn prints(
        &self,
        members: &Members,
        print: impl Fn(&Live, u32, &RandomState) -> Result<Option<u64>, Fault> + Sync,
        hasher: &RandomState,
    ) -> Result<Vec<(u64, Place)>, IndexError> {
        let mut prints = Vec::with_capacity(members.len() as usize);
        for (&number, entries) in &members.0 {
            let live = &self.segments[number];
            for entry in entries {
                let place = Place { segment: number as u32, entry };
                let print = print(live, entry, hasher).map_err(live.fault())?;
                prints.extend(print.map(|print| (print, place)));
            }
        }
        prints.par_sort_unstable();
        Ok(prints)
    }

    /// Adds to `found` those of `ours` that are the same as one of `theirs`, of those with equal prints.
    fn join(
        &self,
        ours: Vec<(u64, Place)>,
        theirs: Vec<(u64, Place)>,
        same: impl Fn(Place, Place) -> Result<bool, Fault>,
        found: &mut Members,
    ) -> Result<(), IndexError> {
        let mut next = 0;
        for run in ours.chunk_by(|a, b| a.0 == b.0) {
            let print = run[0].0;
            next += theirs[next..].partition_point(|(other, _)| *other < print).min(theirs.len() - next);
            let end = next + theirs[next..].iter().take_while(|(other, _)| *other == print).count();
            // One of each that differ: of a thousand equal ones each is looked at once.
            let mut told_apart: Vec<Place> = Vec::new();
            for &(_, place) in &theirs[next..end] {
                let mut known = false;
                for other in &told_apart {
                    known = known || same(place, *other).map_err(self.live(place).fault())?;
                }
                if !known {
                    told_apart.push(place);
                }
            }
            for &(_, place) in run {
                for other in &told_apart {
                    if same(place, *other).map_err(self.live(place).fault())? {
                        found.insert(place);
                        break;
                    }
                }
            }
            next = end;
        }
        Ok(())
    }

    fn join_codes(
        &self,
        members: &Members,
        others: &Members,
        kind: SignalKind,
        found: &mut Members,
    ) -> Result<(), IndexError> {
        let hasher = RandomState::new();
        let print = |live: &Live, entry: u32, hasher: &RandomState| {
            let code = live.segment.codes(kind).and_then(|codes| codes.code_of(entry));
            Ok(code.map(|code| hasher.hash_one(code)))
        };
        let same = |a: Place, b: Place| {
            let code = |place: Place| {
                self.live(place).segment.codes(kind).and_then(|codes| codes.code_of(place.entry))
            };
            Ok(code(a) == code(b))
        };
        self.join(self.prints(members, print, &hasher)?, self.prints(others, print, &hasher)?, same, found)
    }

    fn join_digests(
        &self,
        members: &Members,
        others: &Members,
        kind: SignalKind,
        found: &mut Members,
    ) -> Result<(), IndexError> {
        let tables = |members: &Members| {
            let numbers = members.0.keys().copied();
            let table = |number: usize| Some((number, self.segments[number].segment.digests(kind)?));
            numbers.filter_map(table).collect::<Vec<_>>()
        };
        for (number, ours) in tables(members) {
            for (other, theirs) in tables(others) {
                let mut insert = |entry: u32| {
                    let place = Place { segment: number as u32, entry };
                    if members.has(place) {
                        found.insert(place);
                    }
                };
                let counts = |entry: u32| others.has(Place { segment: other as u32, entry });
                side_by_side(&ours, &theirs, counts, &mut insert);
            }
        }
        Ok(())
    }

    /// What is wrong with the files of `members`, now that they were read.
    fn sound(&self, members: &Members) -> Result<(), IndexError> {
        members.0.keys().try_for_each(|number| {
            let segment = &self.segments[*number].segment;
            segment.sound().map_err(segment.fault())
        })
    }
}

/// Gives `found` the entries of `ours` whose digest is in `theirs`, of an entry that `counts`.
fn side_by_side(
    ours: &DigestTable<'_>,
    theirs: &DigestTable<'_>,
    counts: impl Fn(u32) -> bool,
    found: &mut impl FnMut(u32),
) {
    let entry = |table: &DigestTable<'_>, at: usize| table.entries().at(at) as u32;
    let (mut at, mut other) = (0, 0);
    while at < ours.len() && other < theirs.len() {
        let digest = ours.value(at);
        match digest.cmp(theirs.value(other)) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => other += 1,
            std::cmp::Ordering::Equal => {
                let run = |table: &DigestTable<'_>, from: usize| {
                    (from..table.len()).take_while(|at| table.value(*at) == digest).count() + from
                };
                let (end, other_end) = (run(ours, at), run(theirs, other));
                if (other..other_end).any(|other| counts(entry(theirs, other))) {
                    (at..end).for_each(|at| found(entry(ours, at)));
                }
                (at, other) = (end, other_end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{IndexWriter, SegmentBuilder};
    use super::*;
    use crate::hashset::EntryKey;

    /// Two sets that overlap by ids and by hashes, in segments of different sizes, some of it withdrawn.
    fn index() -> (tempfile::TempDir, Index, [Vec<Entry>; 2]) {
        let (scratch, home) = home();
        let (dir, lock) = (home.index_dir(), home.lock().unwrap());
        let mut writer = IndexWriter::open(&dir, &lock).unwrap();
        let mut kept: [Vec<Entry>; 2] = Default::default();
        for (set, seeds) in [(0, [0..40, 40..45]), (1, [30..90, 200..260])] {
            let (mut files, mut withdrawn) = (Vec::new(), Vec::new());
            for seeds in seeds {
                let mut builder = SegmentBuilder::new();
                let mut gone = RoaringBitmap::new();
                for (number, seed) in (0..).zip(seeds) {
                    let mut entry = classic_entry(seed);
                    // Digests of `entry` repeat: make most of them differ, or everything were in everything.
                    if seed % 4 > 0 {
                        entry.hashes.md5 = Some(crate::digest::Md5::from_bytes(noise(seed + 5000)));
                        entry.hashes.sha256 = None;
                    }
                    builder.push(&entry).unwrap();
                    if seed % 6 == 5 {
                        gone.insert(number);
                    } else {
                        kept[set].push(entry);
                    }
                }
                files.push(builder.write(&dir).unwrap());
                withdrawn.push(gone);
            }
            writer.replace_set(["A", "B"][set], 1, files, withdrawn).unwrap();
        }
        (scratch, Index::open(&dir).unwrap(), kept)
    }

    fn keys(index: &Index, members: &Members) -> Vec<EntryKey> {
        let mut keys = Vec::new();
        let read: Result<(), IndexError> = index.each_of(members, |stored| {
            keys.push(stored.entry.key);
            Ok(())
        });
        read.unwrap();
        keys
    }

    #[test]
    fn what_sets_have_in_common_is_what_comparing_all_pairs_finds() {
        let (_scratch, index, [ours, theirs]) = index();
        let (a, b) = (index.members("A"), index.members("B"));
        assert_eq!((a.len(), b.len()), (ours.len() as u64, theirs.len() as u64));
        let shares =
            |x: &Entry, y: &Entry| x.hashes.iter().any(|hash| y.hashes.iter().any(|other| hash == other));
        for by in [SameBy::Id, SameBy::Hash] {
            let same = |x: &Entry, y: &Entry| if by == SameBy::Id { x.key == y.key } else { shares(x, y) };
            let expected: Vec<_> = ours.iter().filter(|x| theirs.iter().any(|y| same(x, y))).collect();
            assert!((1..ours.len()).contains(&expected.len()), "{by:?} tells apart");
            let common = index.also_in(&a, &b, by).unwrap();
            assert_eq!(
                keys(&index, &common),
                expected.iter().map(|entry| entry.key.clone()).collect::<Vec<_>>()
            );
            let mut rest = a.clone();
            rest -= &common;
            let mut whole = rest.clone();
            whole |= &common;
            assert_eq!(whole, a);
            assert_eq!(rest.len() + common.len(), a.len());
            rest &= &common;
            assert!(rest.is_empty());
            assert_eq!(index.also_in(&a, &a, by).unwrap(), a, "everything is the same as itself");
            assert!(index.also_in(&a, &index.members("C"), by).unwrap().is_empty());
        }
    }

    #[test]
    fn entries_come_back_as_they_were_stored() {
        let (_scratch, index, [ours, _]) = index();
        let mut found = Vec::new();
        let read: Result<(), IndexError> = index.each_of(&index.members("A"), |stored| {
            found.push(stored.entry);
            Ok(())
        });
        read.unwrap();
        assert_eq!(found, ours);
    }
}
