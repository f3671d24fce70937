//! By what the entries of a set can be matched: a byte for each entry, filled from the columns of its segments.

use std::collections::BTreeMap;

use super::error::{Fault, IndexError};
use super::layout::KeyPlaces;
use super::live::Live;
use super::segment::Segment;
use super::snapshot::Index;
use crate::digest::{Quality, SignalKind};
use crate::hashset::Opinion;

/// By what the entries of one set can be matched. Entries that are not withdrawn are `active`, each of which is counted
/// once among `by_bytes`, `by_looks`, `by_frames`, `negative` and `nothing`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Entries in its segments.
    pub entries: u64,
    /// Those of them that were taken back, or of which a later record says something else.
    pub withdrawn: u64,
    /// The others.
    pub active: u64,
    /// How many active entries have a hash of each kind.
    pub kinds: BTreeMap<SignalKind, u64>,
    /// Active entries that have digests and nothing else.
    pub by_bytes: u64,
    /// Those of them whose only digest is an MD5, which can be forged.
    pub by_md5_alone: u64,
    /// Active entries with a hash of a picture.
    pub by_looks: u64,
    /// Those of them that have no digest beside it.
    pub by_looks_alone: u64,
    /// Active entries that are frames of videos.
    pub by_frames: u64,
    /// Of `by_looks` and `by_frames` those whose only hash of that sort is a PDQ hash of low quality: it is not asked for what
    /// is near.
    pub plain: u64,
    /// Active entries of negative opinion: their list says that they are not what it is about.
    pub negative: u64,
    /// Active entries without a hash that can be used.
    pub nothing: u64,
}

impl Coverage {
    /// Active entries that can be matched.
    #[must_use]
    pub const fn matchable(&self) -> u64 {
        self.by_bytes + self.by_looks + self.by_frames
    }

    /// Counts `number` entries of which this is known.
    fn add(&mut self, known: u8, number: u64) {
        let has = |what: u8| known & what != 0;
        self.entries += number;
        if has(WITHDRAWN) {
            self.withdrawn += number;
            return;
        }
        self.active += number;
        let counts = if has(NEGATIVE) {
            &mut self.negative
        } else if has(FRAME) {
            &mut self.by_frames
        } else if has(PDQ | CLASSIC) {
            &mut self.by_looks
        } else if has(MD5 | DIGEST) {
            &mut self.by_bytes
        } else {
            &mut self.nothing
        };
        *counts += number;
        if has(NEGATIVE) {
            return;
        }
        let by_looks = has(PDQ | CLASSIC);
        self.by_md5_alone += if !by_looks && has(MD5) && !has(DIGEST) { number } else { 0 };
        self.by_looks_alone += if by_looks && !has(FRAME | MD5 | DIGEST) { number } else { 0 };
        self.plain += if by_looks && !has(GOOD | CLASSIC) { number } else { 0 };
    }
}

// What is known of an entry.
const MD5: u8 = 1;
/// A digest that nobody can forge.
const DIGEST: u8 = 2;
const PDQ: u8 = 4;
/// Of a PDQ hash: its list does not say that it is of low quality.
const GOOD: u8 = 8;
const CLASSIC: u8 = 16;
/// Its key is that of a video's frame.
const FRAME: u8 = 32;
const NEGATIVE: u8 = 64;
const WITHDRAWN: u8 = 128;

impl Index {
    /// By what the entries of set `name` can be matched; without `looks`, by their digests alone.
    ///
    /// Reads of each hash the number of its entry, and the keys that may be those of frames: a few hundredths of a second for
    /// a million entries. Memory: one byte for each entry of the largest segment.
    ///
    /// # Errors
    /// [`IndexError::File`] if a segment is damaged.
    pub fn coverage(&self, name: &str, looks: bool) -> Result<Coverage, IndexError> {
        let mut coverage = Coverage::default();
        for live in self.segments.iter().filter(|live| self.set_name(live) == name) {
            add_segment(live, looks, &mut coverage).map_err(live.fault())?;
            live.segment.sound().map_err(live.fault())?;
        }
        Ok(coverage)
    }
}

fn add_segment(live: &Live, looks: bool, coverage: &mut Coverage) -> Result<(), Fault> {
    let segment = &*live.segment;
    let mut known = vec![0_u8; segment.len() as usize];
    for entry in &live.withdrawn {
        known[entry as usize] = WITHDRAWN; // the manifest's numbers were checked when it was read
    }
    if segment.layout().opinions.is_some() {
        for (entry, one) in (0..).zip(&mut known) {
            if segment.opinion(entry)? == Opinion::Negative {
                *one |= NEGATIVE;
            }
        }
    }
    for (kind, table) in segment.all_digests() {
        let (entries, mut active) = (table.entries(), 0);
        let what = if kind == SignalKind::Md5 { MD5 } else { DIGEST };
        for at in 0..table.len() {
            let entry = segment.check_entry(entries.id(), at as u64, entries.at(at) as u32)?;
            active += mark(&mut known[entry as usize], what);
        }
        *coverage.kinds.entry(kind).or_default() += active;
    }
    for kind in segment.kinds().filter(|kind| !kind.is_digest()) {
        let Some(codes) = segment.codes(kind) else { continue };
        let mut active = 0;
        for at in 0..codes.len() {
            let entry = segment.check_entry(codes.entries_id(), at as u64, codes.entry(at))?;
            let good = || Ok(codes.quality(at)?.is_none_or(|quality| quality >= Quality::USABLE));
            let what = match kind {
                _ if !looks => 0,
                SignalKind::Pdq if good()? => PDQ | GOOD,
                SignalKind::Pdq => PDQ,
                _ => CLASSIC,
            };
            active += mark(&mut known[entry as usize], what);
        }
        *coverage.kinds.entry(kind).or_default() += active;
    }
    if looks {
        for (entry, one) in (0..).zip(&mut known).filter(|(_, one)| **one & PDQ != 0) {
            if segment.may_be_frame(entry) && segment.key(entry)?.of_frame().is_some() {
                *one |= FRAME;
            }
        }
    }
    let mut numbers = [0_u64; 256];
    known.iter().for_each(|one| numbers[usize::from(*one)] += 1);
    (0..=u8::MAX).zip(numbers).for_each(|(known, number)| coverage.add(known, number));
    Ok(())
}

/// Adds `what` to what is known of an entry; 1 if that is active.
fn mark(known: &mut u8, what: u8) -> u64 {
    *known |= what;
    u64::from(*known & WITHDRAWN == 0)
}

impl Segment {
    /// False for an entry whose key is too short, or too long, for that of a video's frame: nearly all that are not.
    fn may_be_frame(&self, entry: u32) -> bool {
        match &self.layout().keys {
            KeyPlaces::Offsets(_) => true,
            KeyPlaces::Lengths { lengths, .. } => {
                let length = lengths.bytes(self.bytes()).get(entry as usize);
                length.is_some_and(|length| (FRAME_KEY.0..=FRAME_KEY.1).contains(length))
            }
        }
    }
}

/// Characters of the key of a frame: sixteen digits, a dash, a number of 32 bits.
const FRAME_KEY: (u8, u8) = (16 + 1 + 1, 16 + 1 + 10);

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{IndexWriter, Key, SegmentBuilder};
    use super::*;
    use crate::digest::Signal;
    use crate::hashset::{Entry, EntryKey};

    /// The same by a look at one entry after the other.
    fn counted(entries: &[Entry], withdrawn: impl Fn(usize) -> bool, looks: bool) -> Coverage {
        let mut all = Coverage::default();
        for (number, entry) in entries.iter().enumerate() {
            all.entries += 1;
            if withdrawn(number) {
                all.withdrawn += 1;
                continue;
            }
            all.active += 1;
            let hashes = &entry.hashes;
            hashes.iter().for_each(|hash| *all.kinds.entry(hash.kind()).or_default() += 1);
            let digests: Vec<Signal> = hashes.iter().filter(|hash| hash.kind().is_digest()).collect();
            let classics = looks && !hashes.classics().is_empty();
            let pdq = hashes.pdq.filter(|_| looks);
            let is_frame = pdq.is_some() && Key::from(entry.key.as_str()).of_frame().is_some();
            let is_plain = !classics && pdq.is_some_and(|pdq| pdq.quality.is_some_and(|q| q.percent() < 50));
            if entry.opinion == Opinion::Negative {
                all.negative += 1;
                continue;
            }
            all.plain += u64::from(is_plain);
            if is_frame {
                all.by_frames += 1;
            } else if classics || pdq.is_some() {
                all.by_looks += 1;
                all.by_looks_alone += u64::from(digests.is_empty());
            } else if !digests.is_empty() {
                all.by_bytes += 1;
                all.by_md5_alone += u64::from(matches!(digests[..], [Signal::Md5(_)]));
            } else {
                all.nothing += 1;
            }
        }
        all
    }

    #[test]
    fn columns_say_what_a_look_at_each_entry_says() {
        let (_scratch, home) = home();
        let (dir, lock) = (home.index_dir(), home.lock().unwrap());
        let some = |seed| if seed % 2 == 0 { entry(seed) } else { classic_entry(seed) };
        let mut entries: Vec<Entry> = (0..400).map(some).collect();
        for (number, entry) in entries.iter_mut().enumerate() {
            if number % 3 == 1 && entry.hashes.pdq.is_some() {
                (entry.hashes.md5, entry.hashes.sha256) = (None, None);
            }
            if number % 5 == 0 {
                entry.key = EntryKey::new(format!("{:016x}-{number}", number / 50)).unwrap();
            }
            if number % 7 == 0 {
                entry.hashes = crate::hashset::Hashes::from(Signal::Md5(crate::digest::Md5::from_bytes(
                    noise(number as u64),
                )));
            }
            if let Some(pdq) = &mut entry.hashes.pdq {
                pdq.quality =
                    [None, Some(20), Some(50), Some(49)][number / 2 % 4].map(|q| Quality::new(q).unwrap());
            }
            if number % 11 == 0 {
                entry.opinion = Opinion::Negative;
            }
        }
        let (mut files, mut gone) = (Vec::new(), Vec::new());
        for part in entries.chunks(250) {
            let mut builder = SegmentBuilder::new();
            part.iter().for_each(|entry| {
                builder.push(entry).unwrap();
            });
            files.push(builder.write(&dir).unwrap());
            gone.push((0..part.len() as u32).filter(|number| number % 9 == 2).collect());
        }
        let mut writer = IndexWriter::open(&dir, &lock).unwrap();
        writer.replace_set("DEMO", 1, files, gone).unwrap();
        let index = Index::open(&dir).unwrap();
        for looks in [true, false] {
            let found = index.coverage("DEMO", looks).unwrap();
            assert_eq!(found, counted(&entries, |number| number % 250 % 9 == 2, looks), "{looks}");
            assert_eq!(found.matchable() + found.negative + found.nothing, found.active);
            assert_eq!(found.active + found.withdrawn, 400);
            let all = [found.by_bytes, found.by_md5_alone, found.negative, found.withdrawn];
            assert!(all.iter().all(|number| *number > 0), "{all:?}");
            let looked = [found.by_looks, found.by_frames, found.plain, found.by_looks_alone];
            assert!(looked.iter().all(|number| (*number > 0) == looks), "{looked:?}");
        }
        assert_eq!(index.coverage("OTHER", true).unwrap(), Coverage::default());
    }
}
