//! Small segments become large ones, in order, and what was withdrawn for good goes.
//!
//! A segment is of tier t if 4^t to 4^(t + 1) − 1 of its entries are live. Segments are merged where
//!
//! - four of one tier stand together, smaller ones between them or not, or
//! - one stands behind smaller ones.
//!
//! So tiers never rise from one segment to the next, and no tier has more than three: behind a settled segment, which is
//! left alone, there are at most 33. What is written is bounded too. An entry is written when it is added, perhaps once more
//! because its segment takes smaller ones in, and from then on only when it comes into a segment of a higher tier, of which
//! there are [`SETTLED`]: 13 times in all. (Withdrawals can lower a tier; what they take away pays for that.)

use std::collections::HashSet;
use std::ops::Range;

use roaring::RoaringBitmap;

use super::builder::SegmentFile;
use super::entries::Entries;
use super::error::IndexError;
use super::import::{Segments, live_revisions};
use super::import_error::{ImportError, SegmentError};
use super::manifest::{SegmentRecord, SetRecord};
use super::snapshot::Index;
use super::times::day_number;
use super::writer::IndexWriter;
use crate::hashset::{EntryKey, SetName, Sets};
use crate::home::{Home, WriteLock};

/// So many segments of one tier become one.
const FAN: usize = 4;
/// From this tier on (4,194,304 live entries), segments are left as they are.
const SETTLED: u32 = 11;

/// Which segments of a set are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Those of which there are many of about one size, so that the work is bounded by what was added.
    Tiers,
    /// All of them: the set is then as if its entries had been imported at once.
    All,
}

/// What a merge did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Merged {
    /// Segments of the set before.
    pub before: usize,
    /// Segments of the set now.
    pub after: usize,
    /// Entries that were written again.
    pub entries: u64,
    /// Withdrawn entries that are not there any more.
    pub dropped: u64,
    /// Bytes of the new segments.
    pub bytes: u64,
}

/// Merges segments of set `name`; see [`IndexWriter::merge`]. What was withdrawn, and is known to be so by the database,
/// goes: it stays withdrawn in every later import.
///
/// # Errors
/// [`ImportError`]; nothing has changed then.
pub fn merge(home: &Home, lock: &WriteLock, name: &SetName, extent: Extent) -> Result<Merged, ImportError> {
    let withdrawn = Sets::open(home)?.withdrawn_keys(name)?;
    Ok(IndexWriter::open(&home.index_dir(), lock)?.merge(name.as_str(), extent, &withdrawn)?)
}

/// The names of all sets of `home`.
///
/// # Errors
/// As [`Index::open`].
pub fn set_names(home: &Home) -> Result<Vec<SetName>, IndexError> {
    Ok(live_revisions(&Index::open(&home.index_dir())?).into_iter().map(|live| live.0).collect())
}

impl IndexWriter<'_> {
    /// Writes the entries of several segments of set `name` into one, in their order, and commits that; its revision
    /// stays. Without anything to do, nothing is written.
    ///
    /// Readers are not disturbed. A withdrawn entry is left out if its key is in `recorded`: whoever calls knows of it
    /// elsewhere, so nothing is lost; the others are carried along, withdrawn as before. Segments with something that
    /// this build does not know are left alone. Memory: about 200 bytes for an entry of a new segment, and never more
    /// than 134,217,728 entries at a time.
    ///
    /// # Errors
    /// [`IndexError::NoSuchSet`], [`IndexError::File`] for a damaged segment, [`IndexError::Home`] if something cannot be
    /// written. Nothing has changed then.
    pub fn merge(
        &mut self,
        name: &str,
        extent: Extent,
        recorded: &HashSet<EntryKey>,
    ) -> Result<Merged, SegmentError> {
        let merged = self.merge_or_leave(name, extent, recorded);
        if merged.is_err() {
            let _ = self.sweep(); // the first error is the one to tell
        }
        merged
    }

    fn merge_or_leave(
        &mut self,
        name: &str,
        extent: Extent,
        recorded: &HashSet<EntryKey>,
    ) -> Result<Merged, SegmentError> {
        let set = self.manifest.set(name).ok_or_else(|| IndexError::NoSuchSet { name: name.into() })?;
        let (revision, records) = (set.revision, set.segments.clone());
        let mut done = Merged { before: records.len(), ..Merged::default() };
        let mut kept: Vec<SegmentRecord> = Vec::new();
        let mut next = 0;
        for range in self.ranges(&records, extent)? {
            kept.extend_from_slice(&records[next..range.start]);
            next = range.end;
            let (files, dropped) = self.merged(&records[range], recorded)?;
            done.dropped += dropped;
            for (SegmentFile { content_id, entries, len_bytes }, withdrawn) in files {
                done.entries += u64::from(entries);
                done.bytes += len_bytes;
                kept.push(SegmentRecord { content_id, entries, withdrawn });
            }
        }
        kept.extend_from_slice(&records[next..]);
        done.after = kept.len();
        if kept != records {
            let repeated = |at: usize| kept[..at].iter().any(|other| other.content_id == kept[at].content_id);
            if let Some(at) = (0..kept.len()).find(|at| repeated(*at)) {
                return Err(IndexError::Repeated { file: kept[at].content_id.file_name() }.into());
            }
            self.commit(self.with_set(SetRecord { name: name.into(), revision, segments: kept }))?;
        }
        Ok(done)
    }

    /// The runs of segments that are merged. Those that cannot be read by this build stand between runs.
    fn ranges(&self, records: &[SegmentRecord], extent: Extent) -> Result<Vec<Range<usize>>, IndexError> {
        let live = |record: &SegmentRecord| u64::from(record.entries) - record.withdrawn.len();
        let mut ranges = Vec::new();
        let mut start = 0;
        while start < records.len() {
            let mut end = start;
            while end < records.len() && self.is_known(&records[end])? {
                end += 1;
            }
            match extent {
                Extent::Tiers => {
                    let sizes: Vec<u64> = records[start..end].iter().map(live).collect();
                    ranges.extend(plan(&sizes).into_iter().map(|run| start + run.start..start + run.end));
                }
                Extent::All => {
                    let one_and_whole = end == start + 1 && records[start].withdrawn.is_empty();
                    ranges.extend((end > start && !one_and_whole).then_some(start..end));
                }
            }
            start = end + 1;
        }
        Ok(ranges)
    }

    fn is_known(&self, record: &SegmentRecord) -> Result<bool, IndexError> {
        let segment = self.open_segment(record)?;
        segment.is_known().map_err(segment.fault())
    }

    /// New segments of the entries of `records`, and how many entries were left out.
    fn merged(
        &self,
        records: &[SegmentRecord],
        recorded: &HashSet<EntryKey>,
    ) -> Result<(Vec<(SegmentFile, RoaringBitmap)>, u64), SegmentError> {
        let mut segments = Segments::new(self.dir.clone());
        let mut dropped = 0;
        for record in records {
            let segment = self.open_segment(record)?;
            let entries: Option<Entries<'_>> = segment.entries().map_err(segment.fault())?;
            for (number, entry) in (0..).zip(entries.into_iter().flatten()) {
                let entry = entry.map_err(segment.fault())?;
                segment.sound().map_err(segment.fault())?;
                let withdrawn = record.withdrawn.contains(number);
                if withdrawn && recorded.contains(&entry.key) {
                    dropped += 1;
                } else {
                    let day = segment.arrived(number).map_or(0, day_number);
                    segments.push(&entry, day, withdrawn)?;
                }
            }
        }
        Ok((segments.finish()?, dropped))
    }
}

/// The runs of at least two segments that become one, by how many live entries each has.
fn plan(live: &[u64]) -> Vec<Range<usize>> {
    struct Run {
        range: Range<usize>,
        live: u64,
    }
    let tier = |live: u64| live.max(1).ilog(FAN as u64);
    let mut runs: Vec<Run> = Vec::new();
    // As if they had been added one after another.
    for (at, &size) in live.iter().enumerate() {
        runs.push(Run { range: at..at + 1, live: size });
        while let Some(last) = runs.last().filter(|last| tier(last.live) < SETTLED) {
            let level = tier(last.live);
            let trailing = |max: u32| runs.iter().rev().take_while(move |run| tier(run.live) <= max);
            let smaller = runs.iter().rev().skip(1).take_while(|run| tier(run.live) < level).count();
            let join = if trailing(level).filter(|run| tier(run.live) == level).count() >= FAN {
                trailing(level).count()
            } else if smaller > 0 {
                smaller + 1
            } else {
                break;
            };
            let joined = runs.split_off(runs.len() - join);
            let live = joined.iter().map(|run| run.live).sum();
            runs.push(Run { range: joined[0].range.start..at + 1, live });
        }
    }
    runs.into_iter().map(|run| run.range).filter(|range| range.len() > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{Fault, SegmentBuilder};
    use super::*;
    use crate::hashset::Entry;

    /// The sizes after every add of `sizes`, and how often each entry was written at most.
    fn grow(sizes: impl Iterator<Item = u64>) -> (Vec<u64>, u64) {
        let (mut set, mut most): (Vec<(u64, u64)>, u64) = (Vec::new(), 0);
        for size in sizes {
            set.push((size, 1));
            let live: Vec<u64> = set.iter().map(|run| run.0).collect();
            let runs = plan(&live);
            assert!(runs.windows(2).all(|pair| pair[0].end <= pair[1].start));
            for run in runs.into_iter().rev() {
                let written = set[run.clone()].iter().map(|run| run.1).max().unwrap() + 1;
                let live = live[run.clone()].iter().sum();
                set.splice(run, [(live, written)]);
                most = most.max(written);
            }
            let tiers: Vec<u32> = set.iter().map(|run| run.0.ilog(4)).collect();
            for part in tiers.split_inclusive(|tier| *tier >= SETTLED) {
                let small: Vec<u32> = part.iter().copied().filter(|tier| *tier < SETTLED).collect();
                assert!(small.is_sorted_by(|a, b| a >= b), "{tiers:?}");
                assert!(
                    small.len() < FAN || small.windows(FAN).all(|few| few[0] != few[FAN - 1]),
                    "{tiers:?}"
                );
            }
            assert!(plan(&set.iter().map(|run| run.0).collect::<Vec<_>>()).is_empty(), "one pass is enough");
        }
        (set.into_iter().map(|run| run.0).collect(), most)
    }

    #[test]
    fn segments_stay_few_and_entries_are_written_a_bounded_number_of_times() {
        let mut mixed = (0..30_000).map(|n| 1 + below(n, 1 << below(n ^ 77, 21)));
        for (name, sizes) in [
            ("ones", Box::new(std::iter::repeat_n(1_u64, 50_000)) as Box<dyn Iterator<Item = u64>>),
            ("equal", Box::new([10_000_000].into_iter().chain(std::iter::repeat_n(10_000, 3000)))),
            ("rising", Box::new((0..12).map(|n| 5 << (2 * n)))),
            ("falling", Box::new((0..12).rev().map(|n| 5 << (2 * n)))),
            ("sawtooth", Box::new((0..40_000).map(|n| 1 << (n % 23)))),
            ("mixed", Box::new(&mut mixed)),
        ] {
            let (left, most) = grow(sizes);
            assert!(most <= 13, "{name}: an entry was written {most} times");
            let unsettled = left.iter().rev().take_while(|live| live.ilog(4) < SETTLED).count();
            assert!(unsettled <= 33, "{name}: {unsettled}");
        }
    }

    #[test]
    fn four_of_a_size_become_one_and_a_large_one_takes_smaller_ones_in() {
        let runs =
            |live: &[u64]| -> Vec<_> { plan(live).into_iter().map(|run| (run.start, run.end)).collect() };
        assert_eq!(runs(&[100; 3]), []);
        assert_eq!(runs(&[100; 4]), [(0, 4)]);
        assert_eq!(runs(&[1_000_000, 100, 100, 7, 100, 100]), [(1, 6)]);
        assert_eq!(runs(&[100, 1_000_000]), [(0, 2)]);
        assert_eq!(runs(&[1_000_000, 100]), []);
        assert_eq!(runs(&[100, 10_000_000, 0]), [], "what is settled is left alone");
    }

    fn keys(numbers: &[u64]) -> Vec<EntryKey> {
        numbers.iter().map(|n| EntryKey::new(format!("{n}")).unwrap()).collect()
    }

    fn numbered(n: u64) -> Entry {
        Entry { key: keys(&[n]).remove(0), ..classic_entry(n) }
    }

    fn segment(dir: &std::path::Path, numbers: Range<u64>) -> SegmentFile {
        let mut builder = SegmentBuilder::new();
        numbers.for_each(|n| {
            builder.push(&numbered(n)).unwrap();
        });
        builder.write(dir).unwrap()
    }

    #[test]
    fn pieces_become_what_one_import_would_have_made_with_any_number_of_threads() {
        let at_once = {
            let (_dir, home) = home();
            segment(&home.index_dir(), 0..900)
        };
        for threads in [1, 4] {
            let (_dir, home) = home();
            let (lock, dir) = (home.lock().unwrap(), home.index_dir());
            let mut writer = IndexWriter::open(&dir, &lock).unwrap();
            for cut in [0..1, 1..400, 400..401, 401..850, 850..900] {
                writer.append("DEMO", cut.end, vec![segment(&dir, cut)], vec![]).unwrap();
            }
            let before = Index::open(&dir).unwrap();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let merged = pool.install(|| writer.merge("DEMO", Extent::All, &HashSet::new())).unwrap();
            assert_eq!((merged.before, merged.after, merged.entries, merged.dropped), (5, 1, 900, 0));
            assert_eq!(writer.segments("DEMO").unwrap().unwrap(), [(at_once, RoaringBitmap::new())]);
            let index = Index::open(&dir).unwrap();
            assert_eq!((index.sets(), before.stat().len()), (before.sets(), 5));
            assert!(Index::verify(&dir).unwrap().unused.is_empty());
            // There is nothing left to do, and nothing is written for it.
            let generation = index.generation();
            for extent in [Extent::All, Extent::Tiers] {
                assert_eq!(writer.merge("DEMO", extent, &HashSet::new()).unwrap().entries, 0);
            }
            assert_eq!(Index::open(&dir).unwrap().generation(), generation);
        }
    }

    #[test]
    fn a_withdrawn_entry_goes_only_if_somebody_else_knows_of_it() {
        let (_dir, home) = home();
        let (lock, dir) = (home.lock().unwrap(), home.index_dir());
        let mut writer = IndexWriter::open(&dir, &lock).unwrap();
        for n in 0..4 {
            writer.append("DEMO", n, vec![segment(&dir, 10 * n..10 * n + 10)], vec![]).unwrap();
        }
        assert_eq!(writer.withdraw("DEMO", &keys(&[3, 14, 15, 39])).unwrap(), 4);
        // 25 is recorded and was never withdrawn here: it is not for a merge to do so.
        let recorded = keys(&[3, 15, 25]).into_iter().collect();
        let merged = writer.merge("DEMO", Extent::Tiers, &recorded).unwrap();
        assert_eq!((merged.before, merged.after, merged.dropped), (4, 1, 2));
        let [(file, withdrawn)] = &writer.segments("DEMO").unwrap().unwrap()[..] else { panic!("one") };
        assert_eq!((file.entries(), withdrawn.iter().collect::<Vec<_>>()), (38, vec![13, 37]));
        let index = Index::open(&dir).unwrap();
        for n in 0..40 {
            let answers = index.exact(&numbered(n).hashes.iter().next().unwrap()).unwrap().into_iter();
            let found =
                answers.filter(|hit| index.entry(hit).unwrap().key().as_str() == format!("{n}")).count();
            let expected = ![3, 14, 15, 39].contains(&n) && n % 4 != 0; // every fourth has a negative opinion
            assert_eq!(found, usize::from(expected), "{n}");
        }
        let all: HashSet<_> = (0..40).flat_map(|n| keys(&[n])).collect();
        writer.withdraw("DEMO", &all.iter().cloned().collect::<Vec<_>>()).unwrap();
        assert_eq!(writer.merge("DEMO", Extent::All, &all).unwrap().after, 0, "nothing is left");
    }

    #[test]
    fn a_damaged_segment_ends_a_merge_and_nothing_has_changed() {
        let (_dir, home) = home();
        let (lock, dir) = (home.lock().unwrap(), home.index_dir());
        let mut writer = IndexWriter::open(&dir, &lock).unwrap();
        for n in 0..4 {
            writer.append("DEMO", n, vec![segment(&dir, 100 * n..100 * n + 100)], vec![]).unwrap();
        }
        let (file, _) = writer.segments("DEMO").unwrap().unwrap()[2];
        let path = dir.join(file.content_id().file_name());
        let mut bytes = std::fs::read(&path).unwrap();
        let key = bytes.windows(6).position(|here| here == b"200201").unwrap();
        bytes[key] = 0xff;
        std::fs::write(&path, &bytes).unwrap();
        let before = crate::index::testing::files(&dir);
        let error = writer.merge("DEMO", Extent::All, &HashSet::new()).unwrap_err();
        let SegmentError::Write(IndexError::File { file: named, fault: Fault::Text { .. } }) = error else {
            panic!("{error}")
        };
        assert_eq!(named, file.content_id().file_name());
        assert_eq!(crate::index::testing::files(&dir), before);
    }
}
