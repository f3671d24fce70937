//! The entries of a segment, one after another, as its builder was given them.

use std::collections::{BTreeMap, BTreeSet};

use super::codes::CodeTable;
use super::digests::DigestTable;
use super::error::Fault;
use super::format::{NAMED_FROM, SectionId, SectionKind, fixed_kind};
use super::layout::records;
use super::segment::Segment;
use crate::digest::{Blake3, Classic, ClassicCode, Md5, Pdq, Sha1, Sha256, Signal, SignalKind};
use crate::hashset::{Entry, EntryKey, Hashes, Labels, PdqEntry};
use crate::kernel::Code256;

/// Stands for an entry without a digest of the kind.
const NONE: u32 = u32::MAX;

/// Gives every entry of a segment, in order, the withdrawn ones too.
///
/// Memory: 4 bytes an entry for each kind of digest, whose sections are in another order, and the label sets.
pub(super) struct Entries<'a> {
    segment: &'a Segment,
    labels: Vec<Labels>,
    digests: Vec<Digests<'a>>,
    codes: Vec<Codes<'a>>,
    next: u32,
}

/// The digests of one kind, and where each entry's is.
struct Digests<'a> {
    kind: SignalKind,
    table: DigestTable<'a>,
    places: Places,
}

/// Where digests are in their table.
enum Places {
    /// Those of each entry, in order.
    All(Vec<u32>),
    /// Those of some entries.
    Some(BTreeMap<u32, u32>),
}

impl Places {
    fn of(&self, entry: u32) -> Option<u32> {
        match self {
            Self::All(places) => Some(places[entry as usize]).filter(|place| *place != NONE),
            Self::Some(places) => places.get(&entry).copied(),
        }
    }
}

/// The codes of one kind, and the first whose entry has not come yet.
struct Codes<'a> {
    kind: SignalKind,
    table: CodeTable<'a>,
    next: usize,
}

impl Segment {
    /// Its entries; `None` if it holds something that an [`Entry`] of this build cannot say: a section, a kind of hash
    /// or a label of a newer one.
    pub(super) fn entries(&self) -> Result<Option<Entries<'_>>, Fault> {
        self.entries_placed(|table| self.places(table).map(Places::All))
    }

    /// Gives `visit` those of its entries that are `wanted`, in order; false, and none, where [`Segment::entries`] gives none.
    /// Reads which entry each digest belongs to, and nothing of other entries.
    pub(super) fn each_wanted(
        &self,
        wanted: &BTreeSet<u32>,
        mut visit: impl FnMut(u32, Entry),
    ) -> Result<bool, Fault> {
        let some = |table: &DigestTable<'_>| self.places_of(table, wanted).map(Places::Some);
        let Some(mut entries) = self.entries_placed(some)? else { return Ok(false) };
        for entry in wanted.iter().copied().filter(|entry| *entry < self.len()) {
            for codes in &mut entries.codes {
                codes.next = codes.table.first_of(entry).min(codes.table.len());
            }
            visit(entry, entries.read(entry)?);
        }
        Ok(true)
    }

    fn entries_placed(
        &self,
        places: impl Fn(&DigestTable<'_>) -> Result<Places, Fault>,
    ) -> Result<Option<Entries<'_>>, Fault> {
        let Some(labels) = self.known_labels()? else { return Ok(None) };
        let layout = self.layout();
        let mut digests = Vec::with_capacity(layout.digests.len());
        for kind in layout.digests.iter().map(|digests| digests.kind) {
            if let Some(table) = self.digests(kind) {
                digests.push(Digests { kind, table, places: places(&table)? });
            }
        }
        let kinds = layout.perceptual.iter().map(|codes| codes.kind);
        let codes =
            kinds.filter_map(|kind| Some(Codes { kind, table: self.codes(kind)?, next: 0 })).collect();
        Ok(Some(Entries { segment: self, labels, digests, codes, next: 0 }))
    }

    /// True if [`Segment::entries`] gives them. Reads the section table and the label sets.
    pub(super) fn is_known(&self) -> Result<bool, Fault> {
        Ok(self.known_labels()?.is_some())
    }

    /// All label sets, if all that the segment holds is known.
    fn known_labels(&self) -> Result<Option<Vec<Labels>>, Fault> {
        let (offsets, text) = (&self.layout().label_offsets, &self.layout().label_text);
        if !self.has_known_sections() {
            return Ok(None);
        }
        (0..offsets.len() - 1).map(|set| self.text(offsets, text, set).map(read_labels)).collect()
    }

    fn has_known_sections(&self) -> bool {
        records(self.bytes(), &self.layout().header).all(|record| {
            let signal = record.id.signal;
            let name = || {
                let bytes =
                    self.bytes().get(record.offset as usize..(record.offset + record.length) as usize);
                bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()?.parse::<Classic>().ok()).is_some()
            };
            match SectionKind::from_number(record.id.kind) {
                None => false,
                Some(SectionKind::SignalName) => name(),
                // Those from 64 on have a name, which was looked at.
                Some(_) => signal == 0 || signal >= NAMED_FROM || fixed_kind(signal).is_some(),
            }
        })
    }

    /// Where the digest of each entry is in `table`.
    fn places(&self, table: &DigestTable<'_>) -> Result<Vec<u32>, Fault> {
        let (mut places, numbers) = (vec![NONE; self.len() as usize], table.entries());
        for at in 0..table.len() {
            let entry = numbers.below(at, places.len())?;
            if std::mem::replace(&mut places[entry], at as u32) != NONE {
                return Err(Fault::SecondHash { section: numbers.id(), at: at as u64 });
            }
        }
        Ok(places)
    }
}

impl Segment {
    /// Where the digests of the entries `wanted` are in `table`.
    fn places_of(
        &self,
        table: &DigestTable<'_>,
        wanted: &BTreeSet<u32>,
    ) -> Result<BTreeMap<u32, u32>, Fault> {
        let (mut places, numbers) = (BTreeMap::new(), table.entries());
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return Ok(places) };
        for at in 0..table.len() {
            let entry = numbers.below(at, self.len() as usize)? as u32;
            let is_wanted = (*first..=*last).contains(&entry) && wanted.contains(&entry);
            if is_wanted && places.insert(entry, at as u32).is_some() {
                return Err(Fault::SecondHash { section: numbers.id(), at: at as u64 });
            }
        }
        Ok(places)
    }
}

impl Entries<'_> {
    fn read(&mut self, entry: u32) -> Result<Entry, Fault> {
        let segment = self.segment;
        let mut hashes = Hashes::default();
        for digests in &self.digests {
            if let Some(place) = digests.places.of(entry) {
                hashes.set(signal(digests.kind, digests.table.value(place as usize)).ok_or_else(|| {
                    Fault::Text { section: digests.table.entries().id(), at: u64::from(place) }
                })?);
            }
        }
        for codes in &mut self.codes {
            let (at, section) = (codes.next, codes.table.entries_id());
            if at == codes.table.len() || codes.table.entry(at) > entry {
                continue;
            }
            if codes.table.entry(at) < entry {
                return Err(not_ascending(section, at));
            }
            codes.next += 1;
            let code = signal(codes.kind, codes.table.code(at)).ok_or_else(|| not_ascending(section, at))?;
            hashes.set(code);
            if let Signal::Pdq(hash) = code {
                hashes.pdq = Some(PdqEntry { hash, quality: codes.table.quality(at)? });
            }
        }
        let key = EntryKey::new(segment.key(entry)?.as_str());
        let fault = |_| Fault::Text { section: SectionId::of(SectionKind::KeyText), at: u64::from(entry) };
        Ok(Entry {
            key: key.map_err(fault)?,
            hashes,
            labels: self.labels[segment.label_set(entry)?].clone(),
            opinion: segment.opinion(entry)?,
            updated: segment.updated(entry),
        })
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.segment.len() {
            // A code that belongs to no entry, or comes after a later one's, was passed by and must not get lost.
            let left = self.codes.iter().find(|codes| codes.next < codes.table.len())?;
            let fault = not_ascending(left.table.entries_id(), left.next);
            self.codes.clear();
            return Some(Err(fault));
        }
        self.next += 1;
        Some(self.read(self.next - 1))
    }
}

fn not_ascending(section: SectionId, at: usize) -> Fault {
    Fault::Order { section, at: at as u64 }
}

/// The labels of a text, if writing them again makes that text.
fn read_labels(text: &str) -> Option<Labels> {
    let labels = super::segment::labels_in(text);
    (super::builder::label_text(&labels) == text).then_some(labels)
}

/// The hash of `kind` with these bytes, if it has as many.
pub(super) fn signal(kind: SignalKind, bytes: &[u8]) -> Option<Signal> {
    Some(match kind {
        SignalKind::Md5 => Md5::from_bytes(bytes.try_into().ok()?).into(),
        SignalKind::Sha1 => Sha1::from_bytes(bytes.try_into().ok()?).into(),
        SignalKind::Sha256 => Sha256::from_bytes(bytes.try_into().ok()?).into(),
        SignalKind::Blake3 => Blake3::from_bytes(bytes.try_into().ok()?).into(),
        SignalKind::Pdq => Pdq::new(Code256::from_bytes(bytes.try_into().ok()?)).into(),
        SignalKind::Classic(kind) => ClassicCode::new(kind, bytes)?.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::SegmentBuilder;
    use super::super::format::RECORD_LEN;
    use super::super::testing::*;
    use super::*;

    fn entries(bytes: Vec<u8>) -> Result<Option<Vec<Entry>>, Fault> {
        let segment = open(bytes)?;
        segment.entries()?.map(Iterator::collect).transpose()
    }

    fn rebuilt(entries: &[Entry]) -> Vec<u8> {
        let mut builder = SegmentBuilder::new();
        entries.iter().for_each(|entry| {
            builder.push(entry).unwrap();
        });
        bytes_of(builder)
    }

    #[test]
    fn a_segment_built_from_its_own_entries_has_the_same_bytes() {
        for len in [0, 1, 2, 64, 65, 700] {
            let given: Vec<Entry> = (0..len).map(classic_entry).collect();
            let bytes = rebuilt(&given);
            let found = entries(bytes.clone()).unwrap().unwrap();
            assert_eq!(found, given);
            assert!(rebuilt(&found) == bytes, "{len} entries");
        }
    }

    #[test]
    fn some_entries_are_read_as_all_are() {
        let given: Vec<Entry> = (0..300).map(classic_entry).collect();
        let segment = open(rebuilt(&given)).unwrap();
        for wanted in [vec![], vec![0], vec![299], vec![7, 8, 150], (0..300).collect(), vec![300, 5]] {
            let wanted: BTreeSet<u32> = wanted.into_iter().collect();
            let mut found = Vec::new();
            assert!(segment.each_wanted(&wanted, |number, entry| found.push((number, entry))).unwrap());
            let expected: Vec<_> = wanted
                .iter()
                .filter(|number| **number < 300)
                .map(|number| (*number, given[*number as usize].clone()))
                .collect();
            assert!(found == expected, "{wanted:?}");
        }
    }

    #[test]
    fn facets_and_categories_come_back_through_a_segment() {
        let mut given: Vec<Entry> = (0..4).map(classic_entry).collect();
        let category = |text: &str| text.parse().unwrap();
        let crosswalked = Labels::default().with_crosswalk(category("NCMEC:A1"));
        given[1].labels = crosswalked.clone().with_crosswalk(category("VICS/US:2"));
        given[2].labels = crosswalked;
        given[3].labels = Labels::default().with_categories(["B:1", "A/Z:1", "A:2"].map(category));
        let bytes = rebuilt(&given);
        let stored = |text: &[u8]| bytes.windows(text.len()).any(|here| here == text);
        assert!(stored(b"severity:SEV_AB maturity:PREPUB category:NCMEC:A1"));
        assert!(stored(b"category:A:2 category:A/Z:1 category:B:1"), "by scheme, profile and code");
        let found = entries(bytes.clone()).unwrap().unwrap();
        assert_eq!(found, given);
        assert!(rebuilt(&found) == bytes, "a merge says the same");
    }

    #[test]
    fn what_is_no_category_is_not_lost_but_left_alone() {
        let mut given = classic_entry(1);
        given.labels = Labels::default().with_category("NCMEC:A1".parse().unwrap());
        let bytes = rebuilt(&[given]);
        let at = bytes.windows(17).position(|here| here == b"category:NCMEC:A1").unwrap();
        for (place, byte) in [(at + 14, b'+'), (at + 8, b'_'), (at, b'C'), (at + 15, b'/')] {
            let mut newer = bytes.clone();
            newer[place] = byte;
            seal(&mut newer);
            assert_eq!(entries(newer), Ok(None), "{place}");
        }
    }

    #[test]
    fn a_label_of_a_newer_vocabulary_is_not_lost_but_left_alone() {
        let bytes = rebuilt(&[classic_entry(1)]);
        let at = bytes.windows(9).position(|here| here == b"severity:").unwrap();
        let mut newer = bytes;
        newer[at + 9] = b'Z';
        seal(&mut newer);
        assert_eq!(entries(newer), Ok(None));
    }

    #[test]
    fn a_section_of_a_newer_format_is_not_lost_but_left_alone() {
        let bytes = rebuilt(&[classic_entry(0)]);
        let opinions =
            (64..).step_by(RECORD_LEN).find(|at| bytes[*at] == SectionKind::Opinions as u8).unwrap();
        let mut newer = bytes;
        newer[opinions] = 99;
        seal(&mut newer);
        assert_eq!(entries(newer), Ok(None));
    }

    #[test]
    fn a_second_hash_of_one_kind_is_a_fault() {
        let bytes = rebuilt(&[0, 1, 2].map(entry));
        let segment = open(bytes.clone()).unwrap();
        let column = segment.digests(SignalKind::Md5).unwrap().entries();
        let place = |id: SectionId| {
            let record = records(segment.bytes(), &segment.layout().header).find(|record| record.id == id);
            record.unwrap().offset as usize
        };
        let mut twice = bytes;
        let at = place(column.id());
        let first = twice[at];
        twice[at + 4] = first;
        seal(&mut twice);
        assert!(matches!(entries(twice), Err(Fault::SecondHash { at: 1, .. })));
    }
}
