//! Finds entries by a number that follows from their keys, without a look at every key each time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::error::{Fault, IndexError};
use super::format::ContentId;
use super::live::Live;
use super::segment::Segment;
use super::snapshot::Index;
use crate::hashset::{Entry, EntryKey};

/// Where the entries with each number are, of the segments that were asked for so far.
///
/// A segment is read when it is first asked for: a second for ten million entries, on rayon's pool. What is remembered takes
/// four bytes and a quarter for each entry, as long as the segment is there. A segment never changes, so that what is added
/// to a set costs a look at what is new alone.
pub struct KeyNumbers {
    number_of: fn(&str) -> u64,
    known: Mutex<Vec<(ContentId, Arc<Places>)>>,
}

impl KeyNumbers {
    /// By the number that `number_of` makes of a key.
    #[must_use]
    pub const fn new(number_of: fn(&str) -> u64) -> Self {
        Self { number_of, known: Mutex::new(Vec::new()) }
    }

    /// The keys with this number that entries of set `name` have which are not withdrawn.
    ///
    /// # Errors
    /// [`IndexError::File`] if keys are damaged.
    pub fn keys(&self, index: &Index, name: &str, number: u64) -> Result<BTreeSet<EntryKey>, IndexError> {
        let mut found = BTreeSet::new();
        for live in index.segments.iter().filter(|live| index.set_name(live) == name) {
            for entry in self.wanted(index, live, number)? {
                let key = live.segment.key(entry).map_err(live.fault())?;
                // A key that is none cannot be asked for either.
                found.extend(EntryKey::new(key.as_str()).ok());
            }
        }
        Ok(found)
    }

    /// The entries with this number of set `name` that are not withdrawn. Without those of segments that a newer version wrote
    /// and this one does not understand. Reads which entry each digest belongs to, of the segments that have one.
    ///
    /// # Errors
    /// [`IndexError::File`] if a segment is damaged.
    pub fn entries(&self, index: &Index, name: &str, number: u64) -> Result<Vec<Entry>, IndexError> {
        let mut found = Vec::new();
        for live in index.segments.iter().filter(|live| index.set_name(live) == name) {
            let wanted = self.wanted(index, live, number)?;
            if !wanted.is_empty() {
                let read = live.segment.each_wanted(&wanted, |_, entry| found.push(entry));
                read.and_then(|_| live.segment.sound()).map_err(live.fault())?;
            }
        }
        Ok(found)
    }

    /// The entries of a segment with this number that are not withdrawn.
    fn wanted(&self, index: &Index, live: &Live, number: u64) -> Result<BTreeSet<u32>, IndexError> {
        let of = || -> Result<BTreeSet<u32>, Fault> {
            let mut found = BTreeSet::new();
            for entry in self.places(index, &live.segment)?.of(number) {
                let key = live.segment.key(entry)?;
                if (self.number_of)(key.as_str()) == number && !live.withdrawn.contains(entry) {
                    found.insert(entry);
                }
            }
            live.segment.sound()?;
            Ok(found)
        };
        of().map_err(live.fault())
    }

    /// Those of a segment of `index`. What is remembered of segments that are not there any more is forgotten.
    fn places(&self, index: &Index, segment: &Segment) -> Result<Arc<Places>, Fault> {
        // Held while a segment is read: who asks for the same one would read it in vain.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let id = segment.content_id();
        if let Some((_, places)) = known.iter().find(|(known, _)| *known == id) {
            return Ok(Arc::clone(places));
        }
        known.retain(|(known, _)| index.segments.iter().any(|live| live.segment.content_id() == *known));
        let places = Arc::new(Places::read(segment, self.number_of)?);
        known.push((id, Arc::clone(&places)));
        Ok(places)
    }
}

/// The entries of a segment by parts of their numbers.
struct Places {
    /// Where the entries of each part begin, and where the last one's end.
    starts: Vec<u32>,
    /// Part by part.
    entries: Vec<u32>,
    parts: u64,
}

impl Places {
    /// Entries of a part, on average.
    const A_PART: usize = 16;

    fn read(segment: &Segment, number_of: fn(&str) -> u64) -> Result<Self, Fault> {
        let len = segment.len();
        let parts = (len as usize).div_ceil(Self::A_PART).max(1);
        let part = |entry: u32| Ok(part_of(number_of(segment.key(entry)?.as_str()), parts as u64));
        let part_of_each = (0..len).into_par_iter().map(part).collect::<Result<Vec<u32>, Fault>>()?;
        segment.sound()?;
        let mut starts = vec![0_u32; parts + 1];
        part_of_each.iter().for_each(|part| starts[*part as usize + 1] += 1);
        (0..parts).for_each(|part| starts[part + 1] += starts[part]);
        let (mut next, mut entries) = (starts.clone(), vec![0; len as usize]);
        for (entry, part) in (0..).zip(part_of_each) {
            let at = &mut next[part as usize];
            entries[*at as usize] = entry;
            *at += 1;
        }
        Ok(Self { starts, entries, parts: parts as u64 })
    }

    /// The entries among which those with `number` are, ascending.
    fn of(&self, number: u64) -> impl Iterator<Item = u32> {
        let part = part_of(number, self.parts) as usize;
        let (start, end) = (self.starts[part] as usize, self.starts[part + 1] as usize);
        self.entries[start..end].iter().copied()
    }
}

/// The part of a number: numbers that follow each other are spread as those that are drawn are.
const fn part_of(number: u64, parts: u64) -> u32 {
    // Fibonacci hashing; there are fewer parts than entries, which 32 bits number.
    ((number.wrapping_mul(0x9e37_79b9_7f4a_7c15) as u128 * parts as u128) >> 64) as u32
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{IndexWriter, SegmentBuilder};
    use super::*;

    /// Few numbers for many keys, so that several share one.
    fn number_of(key: &str) -> u64 {
        key.bytes().map(u64::from).sum::<u64>() % 97
    }

    #[test]
    fn the_keys_of_a_number_are_what_a_look_at_every_key_finds() {
        let (_dir, home) = home();
        let dir = home.index_dir();
        let lock = home.lock().unwrap();
        let mut writer = IndexWriter::open(&dir, &lock).unwrap();
        let keyed = |seed: u64| Entry {
            key: EntryKey::new(format!("key {}", seed * 7919)).unwrap(),
            ..classic_entry(seed)
        };
        let segment = |seeds: std::ops::Range<u64>| {
            let mut builder = SegmentBuilder::new();
            seeds.for_each(|seed| {
                builder.push(&keyed(seed)).unwrap();
            });
            builder.write(&dir).unwrap()
        };
        let numbers = KeyNumbers::new(number_of);
        let check = |expected: &[std::ops::Range<u64>], gone: Option<&EntryKey>| {
            let index = Index::open(&dir).unwrap();
            for number in 0..100 {
                let keys = expected.iter().cloned().flatten().map(|seed| keyed(seed).key);
                let keys: BTreeSet<EntryKey> =
                    keys.filter(|key| number_of(key.as_str()) == number && Some(key) != gone).collect();
                assert!(numbers.keys(&index, "DEMO", number).unwrap() == keys, "{number}");
                let entries = numbers.entries(&index, "DEMO", number).unwrap();
                assert!(entries == index.entries_with("DEMO", &keys).unwrap(), "{number}");
                assert!(numbers.keys(&index, "NONE", number).unwrap().is_empty());
            }
        };
        writer.append("DEMO", 1, vec![segment(0..1), segment(1..800)], vec![]).unwrap();
        check(&[0..400, 400..800], None);
        writer.append("DEMO", 2, vec![segment(900..1000)], vec![]).unwrap();
        let gone = keyed(17).key;
        writer.withdraw("DEMO", std::slice::from_ref(&gone)).unwrap();
        check(&[0..800, 900..1000], Some(&gone));
        assert_eq!(numbers.known.lock().unwrap().len(), 3);
        writer.replace_set("DEMO", 3, vec![segment(0..30)], vec![]).unwrap();
        check(&[0..10, 10..30], None);
        assert_eq!(numbers.known.lock().unwrap().len(), 1, "what is gone is forgotten");
    }
}
