//! Entries by their keys: for what a person decides on, and for what is told to the source of a list.

use std::collections::BTreeSet;

use super::error::IndexError;
use super::keys::KeySet;
use super::snapshot::Index;
use crate::hashset::{Entry, EntryKey};

impl Index {
    /// Those of `keys` that entries of set `name` have which are not withdrawn, or that listed videos have.
    ///
    /// Reads all keys of the set once. Uses the current rayon pool.
    ///
    /// # Errors
    /// [`IndexError::File`] if keys are damaged.
    pub fn keys_in(&self, name: &str, keys: &BTreeSet<EntryKey>) -> Result<BTreeSet<EntryKey>, IndexError> {
        let wanted = KeySet::new(keys);
        let in_order: Vec<&EntryKey> = keys.iter().collect();
        let mut found = BTreeSet::new();
        for live in self.segments.iter().filter(|live| self.set_name(live) == name) {
            for (entry, key) in live.segment.find_keys(&wanted).map_err(live.fault())? {
                if !live.withdrawn.contains(entry) {
                    found.insert(in_order[key].clone());
                }
            }
        }
        let others: BTreeSet<&EntryKey> = keys.iter().filter(|key| !found.contains(*key)).collect();
        found.append(&mut self.videos_in(name, &others)?);
        Ok(found)
    }

    /// The entries of set `name` that have one of `keys` and are not withdrawn, with all their hashes. Without those of
    /// segments that a newer version wrote and this one does not understand.
    ///
    /// Reads all keys of the set once, and of the segments that have one which entry each digest belongs to: a fraction of a
    /// second for ten million.
    ///
    /// # Errors
    /// [`IndexError::File`] if a segment is damaged.
    pub fn entries_with(&self, name: &str, keys: &BTreeSet<EntryKey>) -> Result<Vec<Entry>, IndexError> {
        let wanted = KeySet::new(keys);
        let mut found = Vec::new();
        for live in self.segments.iter().filter(|live| self.set_name(live) == name) {
            let numbers = live.segment.find_keys(&wanted).map_err(live.fault())?;
            let numbers: BTreeSet<u32> = numbers.into_iter().map(|(entry, _)| entry).collect();
            if numbers.is_empty() {
                continue;
            }
            let numbers = numbers.into_iter().filter(|entry| !live.withdrawn.contains(*entry)).collect();
            let read = live.segment.each_wanted(&numbers, |_, entry| found.push(entry));
            read.map_err(live.fault())?;
            live.segment.sound().map_err(live.fault())?;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{IndexWriter, SegmentBuilder};
    use super::*;

    #[test]
    fn entries_are_found_by_their_keys_but_for_those_that_are_withdrawn() {
        let (_dir, home) = home();
        let dir = home.index_dir();
        let lock = home.lock().unwrap();
        let mut writer = IndexWriter::open(&dir, &lock).unwrap();
        let segment = |seeds: std::ops::Range<u64>| {
            let mut builder = SegmentBuilder::new();
            seeds.for_each(|seed| {
                builder.push(&classic_entry(seed)).unwrap();
            });
            builder.write(&dir).unwrap()
        };
        writer.append("DEMO", 1, vec![segment(0..40), segment(40..90)], vec![]).unwrap();
        writer.append("OTHER", 1, vec![segment(200..210)], vec![]).unwrap();
        let gone = classic_entry(7).key;
        writer.withdraw("DEMO", std::slice::from_ref(&gone)).unwrap();
        let index = Index::open(&dir).unwrap();
        let key = |seed| classic_entry(seed).key;
        let keys: BTreeSet<_> = [key(3), key(7), key(41), key(203), key(999_999)].into();
        for (set, seeds) in [("DEMO", 0..90), ("OTHER", 200..210), ("NONE", 0..0)] {
            // Several entries may have one key.
            let is_there = |seed: &u64| keys.contains(&key(*seed)) && (set != "DEMO" || key(*seed) != gone);
            let there = seeds.filter(is_there);
            let expected: Vec<Entry> = there.map(classic_entry).collect();
            assert_eq!(index.entries_with(set, &keys).unwrap(), expected, "{set}");
            let expected: BTreeSet<EntryKey> = expected.into_iter().map(|entry| entry.key).collect();
            assert_eq!(index.keys_in(set, &keys).unwrap(), expected);
            assert_eq!(expected.is_empty(), set == "NONE");
        }
    }
}
