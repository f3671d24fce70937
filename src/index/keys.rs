//! Finds entries by their keys, of which there is no directory: all keys are read, fast.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;
use roaring::RoaringBitmap;

use super::error::{Fault, IndexError};
use super::format::{KEYS_A_START, array_at};
use super::key::stored;
use super::layout::KeyPlaces;
use super::segment::Segment;
use crate::digest::{Quality, Signal};
use crate::hashset::{Entry, EntryKey};

/// Keys that one thread reads at a time.
const CHUNK: usize = KEYS_A_START * 1024;

/// Keys to look for.
pub(super) struct KeySet<'k> {
    /// Sorted, each once.
    keys: Vec<&'k [u8]>,
    /// A bit for each value of the first bits of a print; of a key whose bit is not set, nothing more is asked.
    filter: Vec<u64>,
    shift: u32,
}

impl<'k> KeySet<'k> {
    pub(super) fn new(keys: impl IntoIterator<Item = &'k EntryKey>) -> Self {
        let mut keys: Vec<&[u8]> = keys.into_iter().map(|key| key.as_str().as_bytes()).collect();
        keys.sort_unstable();
        keys.dedup();
        // Sixteen bits a key, so that one key in sixteen that is not wanted is looked up in vain.
        let bits = (keys.len() * 16).next_power_of_two().clamp(1 << 12, 1 << 28);
        let shift = 64 - bits.ilog2();
        let mut filter = vec![0_u64; bits / 64];
        for key in &keys {
            let print = (print(key) >> shift) as usize;
            filter[print / 64] |= 1 << (print % 64);
        }
        Self { keys, filter, shift }
    }

    /// The number of `key` among the sorted keys.
    fn find(&self, key: &[u8]) -> Option<usize> {
        let print = (print(key) >> self.shift) as usize;
        if self.filter[print / 64] >> (print % 64) & 1 == 0 {
            return None;
        }
        self.keys.binary_search(&key).ok()
    }

    /// How many keys there are.
    pub(super) const fn len(&self) -> usize {
        self.keys.len()
    }

    /// The number that [`Segment::find_keys`] gives with the entries that have `key`.
    pub(super) fn number(&self, key: &EntryKey) -> Option<usize> {
        self.keys.binary_search(&key.as_str().as_bytes()).ok()
    }
}

/// A cheap print of a key, from its length and its end, where keys of one list differ.
fn print(key: &[u8]) -> u64 {
    let end = match key.last_chunk::<8>() {
        Some(end) => u64::from_le_bytes(*end),
        None => u64::from_le_bytes(array_at(&[key, &[0; 8]].concat(), 0)),
    };
    // Fibonacci hashing: the high bits of the product depend on all bits of the factor.
    (end ^ (key.len() as u64) << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The keys, but for those that `is_known`, of which all entries in `segments` were ended: withdrawn, or replaced by nothing.
/// What was replaced by something else has an entry that holds.
pub(super) fn ended_keys(
    segments: &[Segment],
    ended: &[RoaringBitmap],
    is_known: impl Fn(&EntryKey) -> bool,
) -> Result<HashSet<EntryKey>, IndexError> {
    let mut keys = HashSet::new();
    for (segment, ended) in segments.iter().zip(ended) {
        for entry in ended {
            let key = segment.key(entry).map_err(segment.fault())?;
            // A key that is none cannot be given by a list either.
            keys.extend(EntryKey::new(key.as_str()).ok().filter(|key| !is_known(key)));
        }
    }
    if keys.is_empty() {
        return Ok(keys); // as nearly always, and nothing more is read
    }
    let wanted = KeySet::new(&keys);
    let mut held = HashSet::new();
    for (segment, ended) in segments.iter().zip(ended) {
        let found = segment.find_keys(&wanted).map_err(segment.fault())?;
        held.extend(found.into_iter().filter(|(entry, _)| !ended.contains(*entry)).map(|(_, key)| key));
    }
    let is_ended = |key: &&EntryKey| wanted.number(key).is_none_or(|number| !held.contains(&number));
    Ok(keys.iter().filter(is_ended).cloned().collect())
}

impl Segment {
    /// Every entry that has one of the keys `wanted`, in order, each with the number of its key.
    ///
    /// Reads all keys once, on rayon's pool.
    pub(super) fn find_keys(&self, wanted: &KeySet<'_>) -> Result<Vec<(u32, usize)>, Fault> {
        if wanted.len() == 0 {
            return Ok(Vec::new());
        }
        let (file, layout) = (self.bytes(), self.layout());
        let found: Vec<Vec<(u32, usize)>> = match &layout.keys {
            KeyPlaces::Offsets(_) => {
                let find = |entry: u32| Ok(wanted.find(self.key(entry)?.as_bytes()).map(|key| (entry, key)));
                let found = (0..self.len()).filter_map(|entry| find(entry).transpose());
                vec![found.collect::<Result<_, Fault>>()?]
            }
            KeyPlaces::Lengths { lengths, starts } => {
                let (text, starts) = (layout.key_text.bytes(file), starts.numbers(file));
                let chunk = |(chunk, lengths): (usize, &[u8])| {
                    let (mut at, mut found) = (0, Vec::new());
                    for (number, &length) in (chunk * CHUNK..).zip(lengths) {
                        if number % KEYS_A_START == 0 {
                            // Where `key` would find it: the two must speak of the same key.
                            let start = starts.below(number / KEYS_A_START, text.len() + 1)?;
                            if start != at && number % CHUNK != 0 {
                                let at = (number / KEYS_A_START) as u64;
                                return Err(Fault::Order { section: starts.id(), at });
                            }
                            at = start;
                        }
                        let key = self.key_at(number as u32, length, at)?;
                        if let Some(key) = wanted.find(key.as_bytes()) {
                            found.push((number as u32, key));
                        }
                        at += stored(length);
                    }
                    Ok(found)
                };
                let chunks = lengths.bytes(file).par_chunks(CHUNK).enumerate();
                chunks.map(chunk).collect::<Result<_, Fault>>()?
            }
        };
        self.sound()?;
        Ok(found.concat())
    }

    /// True if `number` says all that `entry` does: it has its key, its labels, its opinion, its time and each of its hashes.
    pub(super) fn says(&self, number: u32, entry: &Entry) -> Result<bool, Fault> {
        if self.key(number)?.as_str() != entry.key.as_str()
            || self.opinion(number)? != entry.opinion
            || self.updated(number) != entry.updated
            || self.labels(number)? != super::builder::label_text(&entry.labels)
        {
            return Ok(false);
        }
        for signal in entry.hashes.iter() {
            let has = if signal.kind().is_digest() {
                match self.digests(signal.kind()) {
                    Some(table) => table.has(signal.as_bytes(), number)?,
                    None => false,
                }
            } else {
                let quality = match signal {
                    Signal::Pdq(_) => entry.hashes.pdq.and_then(|pdq| pdq.quality),
                    _ => None,
                };
                self.has_code(number, &signal, quality)?
            };
            if !has {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many hashes each of the entries `wanted` has. Reads the entries of all digests, unless none is wanted.
    pub(super) fn hash_counts(&self, wanted: &RoaringBitmap) -> Result<HashMap<u32, usize>, Fault> {
        let mut counts: HashMap<u32, usize> = wanted.iter().map(|entry| (entry, 0)).collect();
        if counts.is_empty() {
            return Ok(counts);
        }
        for (_, table) in self.all_digests() {
            let entries = table.entries();
            for entry in (0..entries.len()).map(|at| entries.at(at) as u32).filter(|e| wanted.contains(*e)) {
                *counts.entry(entry).or_default() += 1;
            }
        }
        for codes in self.kinds().filter(|kind| !kind.is_digest()).filter_map(|kind| self.codes(kind)) {
            for entry in wanted.iter().filter(|entry| codes.code_of(*entry).is_some()) {
                *counts.entry(entry).or_default() += 1;
            }
        }
        Ok(counts)
    }

    fn has_code(&self, number: u32, signal: &Signal, quality: Option<Quality>) -> Result<bool, Fault> {
        let Some(table) = self.codes(signal.kind()) else { return Ok(false) };
        let low = table.first_of(number);
        Ok(low < table.len()
            && table.entry(low) == number
            && table.code(low) == signal.as_bytes()
            && table.quality(low)? == quality)
    }
}

#[cfg(test)]
mod tests {
    use super::super::SegmentBuilder;
    use super::super::testing::*;
    use super::*;

    fn keyed(key: &str, seed: u64) -> Entry {
        Entry { key: EntryKey::new(key).unwrap(), ..classic_entry(seed) }
    }

    /// Entries by the thousand may share a digest, and whether one of them has it must not cost a look at all.
    #[test]
    fn of_many_entries_with_one_digest_each_is_found_by_itself() {
        let shared = Signal::Md5(crate::digest::Md5::from_bytes(noise(7)));
        let mut builder = SegmentBuilder::new();
        let entries: Vec<Entry> = (0..3000)
            .map(|seed| {
                let mut hashes = entry(seed).hashes;
                if seed % 3 > 0 {
                    hashes.set(shared);
                }
                Entry { hashes, ..entry(seed) }
            })
            .filter(|entry| !entry.hashes.is_empty())
            .collect();
        entries.iter().for_each(|entry| {
            builder.push(entry).unwrap();
        });
        let segment = open(bytes_of(builder)).unwrap();
        let table = segment.digests(shared.kind()).unwrap();
        for (number, entry) in (0..).zip(&entries) {
            let has = entry.hashes.md5.map(Signal::Md5) == Some(shared);
            assert_eq!(table.has(shared.as_bytes(), number).unwrap(), has, "{number}");
            assert!(segment.says(number, entry).unwrap(), "{number}");
        }
        assert!(!table.has(shared.as_bytes(), entries.len() as u32).unwrap());
    }

    #[test]
    fn every_key_is_found_wherever_it_is() {
        // Lengths from 1 to 200, ends that repeat, more than two chunks, and some keys several times.
        let key = |n: usize| match n % 5 {
            0 => format!("{n}"),
            1 => format!("{n}-the same end"),
            2 => format!("{}{n}", "x".repeat(n % 190)),
            3 => "one for many".to_owned(),
            _ => format!("ä{n}"),
        };
        let len = 2 * CHUNK + 77;
        let mut builder = SegmentBuilder::new();
        let mut entry = entry(3);
        for n in 0..len {
            entry.key = EntryKey::new(key(n)).unwrap();
            builder.push(&entry).unwrap();
        }
        let segment = open(bytes_of(builder)).unwrap();
        let mut asked: Vec<_> = (0..len).step_by(997).map(key).collect();
        asked.extend(["not there", "", "x", "77-the same en"].map(|n| format!("{n}?")));
        asked.push("one for many".into());
        let asked: Vec<_> = asked.into_iter().map(|key| EntryKey::new(key).unwrap()).collect();
        let wanted = KeySet::new(&asked);
        let found = segment.find_keys(&wanted).unwrap();
        let expected: Vec<_> = (0..len as u32)
            .filter_map(|n| {
                Some((n, wanted.number(&EntryKey::new(segment.key(n).unwrap().as_str()).unwrap())?))
            })
            .collect();
        assert!(found == expected && found.len() > len / 5, "{}", found.len());
    }

    #[test]
    fn keys_that_the_starts_place_elsewhere_are_a_fault_and_not_another_key() {
        let mut builder = SegmentBuilder::new();
        (0..200).for_each(|n| {
            builder.push(&keyed(&format!("key {n:03}"), n)).unwrap();
        });
        let sound = bytes_of(builder);
        let wanted = [EntryKey::new("key 150").unwrap()];
        let find = |bytes: Vec<u8>| open(bytes).unwrap().find_keys(&KeySet::new(&wanted));
        assert_eq!(find(sound.clone()), Ok(vec![(150, 0)]));
        // 64 keys of 7 bytes each: the second start is 448, and becomes 449.
        let at =
            (0..).step_by(64).find(|at| sound[*at + 4..*at + 12] == [0xc0, 1, 0, 0, 0x80, 3, 0, 0]).unwrap();
        let mut moved = sound;
        moved[at + 4] += 1;
        seal(&mut moved);
        assert!(matches!(find(moved), Err(Fault::Order { at: 1, .. })));
    }

    #[test]
    fn an_entry_says_what_it_holds_and_no_more() {
        let given: Vec<Entry> = (0..90).map(classic_entry).collect();
        let mut builder = SegmentBuilder::new();
        given.iter().for_each(|entry| {
            builder.push(entry).unwrap();
        });
        let segment = open(bytes_of(builder)).unwrap();
        for (number, entry) in (0..).zip(&given) {
            assert!(segment.says(number, entry).unwrap());
            assert!(!segment.says((number + 1) % 90, entry).unwrap());
            let mut less = entry.clone();
            less.hashes.sha256 = None;
            assert!(segment.says(number, &less).unwrap());
            for signal in classic_entry(u64::from(number) + 1000).hashes.iter() {
                let mut other = entry.clone();
                other.hashes.set(signal);
                assert_eq!(segment.says(number, &other).unwrap(), other.hashes == entry.hashes);
            }
            let mut other = entry.clone();
            other.labels = Default::default();
            assert_eq!(segment.says(number, &other).unwrap(), entry.labels == other.labels);
        }
    }
}
