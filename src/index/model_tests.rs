//! The index against a linear scan: random operations, compared after each.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use roaring::RoaringBitmap;

use super::bands::BANDS_FROM;
use super::codes::Policy;
use super::testing::*;
use super::*;
use crate::digest::{Blake3, ClassicCode, Md5, Pdq, Sha1, Sha256, Signal};
use crate::hashset::{Entry, EntryKey, Hashes, Opinion};
use crate::kernel::{Code256, Distance};

const RADII: [u16; 11] = [0, 1, 15, 16, 31, 32, 33, 48, 64, 255, 256];

/// One set as it should be: segments of entries, and which of them are withdrawn.
#[derive(Clone, Default)]
struct ModelSet {
    revision: u64,
    segments: Vec<Vec<(Entry, bool)>>,
}

#[derive(Clone, Default)]
struct Model {
    sets: BTreeMap<String, ModelSet>,
}

impl Model {
    fn live(&self) -> Vec<(u32, u32, &str, &Entry)> {
        let segments = self.sets.iter().flat_map(|(name, set)| set.segments.iter().map(move |s| (name, s)));
        let mut live = Vec::new();
        for (segment, (name, entries)) in segments.enumerate() {
            for (number, (entry, withdrawn)) in entries.iter().enumerate() {
                if !withdrawn {
                    live.push((segment as u32, number as u32, name.as_str(), entry));
                }
            }
        }
        live
    }

    /// What a search may give: what is live, without what somebody says is not what the list is about.
    fn answering(&self) -> impl Iterator<Item = (u32, u32, &str, &Entry)> {
        self.live().into_iter().filter(|(.., entry)| entry.opinion != Opinion::Negative)
    }

    fn near(&self, query: &Pdq, scope: &Scope) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        for (segment, entry, set, model) in self.answering() {
            let Some(pdq) = &model.hashes.pdq else { continue };
            let distance = pdq.hash.code().distance(query.code());
            if scope.bound(set).is_some_and(|max| distance <= max) {
                hits.push(Hit { segment, entry, distance, quality: pdq.quality });
            }
        }
        hits.sort_by_key(|hit| (hit.distance, hit.segment, hit.entry));
        hits
    }

    fn near_classic(&self, query: &ClassicCode, scope: &Scope) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        for (segment, entry, set, model) in self.answering() {
            let Some(code) = model.hashes.classic(query.kind()) else { continue };
            let pairs = code.as_bytes().iter().zip(query.as_bytes());
            let bits: u32 = pairs.map(|(a, b)| (a ^ b).count_ones()).sum();
            let distance = Distance::of_width(bits as u16, query.kind().width_bits()).unwrap();
            if scope.bound(set).is_some_and(|max| distance <= max) {
                hits.push(Hit { segment, entry, distance, quality: None });
            }
        }
        hits.sort_by_key(|hit| (hit.distance, hit.segment, hit.entry));
        hits
    }

    fn check_classics(&self, index: &Index, seed: u64) {
        for kind in classic_kinds() {
            let width = kind.width_bits() as u16;
            for (probe, bits) in [0, 1, 5, 9, width / 2, width - 1, width].into_iter().enumerate() {
                let query = classic_code(kind, seed + probe as u64);
                let max = Distance::of_width(bits, kind.width_bits()).unwrap();
                let scope = match seed % 3 {
                    0 => Scope::within(max),
                    1 => Scope::within(max).with_set("SET-1", Distance::ZERO),
                    _ => Scope::within(max).without_set("SET-1"),
                };
                let expected = self.near_classic(&query, &scope);
                let near = index.near(&query, &scope, usize::MAX).unwrap();
                assert_eq!(near.hits, expected, "{kind} within {bits}");
                let near = index.near(&query, &scope, 2).unwrap();
                assert_eq!((near.hits.len(), near.cut), (expected.len().min(2), expected.len() > 2));
                let mut each = Vec::new();
                index.each_near(&query, &scope, |hit, _| each.push(hit)).unwrap();
                each.sort_by_key(|hit| (hit.distance, hit.segment, hit.entry));
                assert_eq!(each, expected);
            }
        }
        for (name, set) in &self.sets {
            let entries = set.segments.iter().flatten();
            let kinds = entries.flat_map(|(entry, _)| entry.hashes.iter().map(|signal| signal.kind()));
            assert_eq!(index.kinds(name), kinds.collect());
        }
    }

    fn exact(&self, signal: &Signal) -> Vec<(u32, u32)> {
        let equal = self.answering().filter(|(.., e)| e.hashes.iter().any(|s| s == *signal));
        equal.map(|(segment, entry, ..)| (segment, entry)).collect()
    }

    fn check(&self, index: &Index, seed: u64) {
        let sets: Vec<_> = self.sets.iter().map(|(name, set)| (name.clone(), set.revision)).collect();
        assert_eq!(index.sets().iter().map(|set| (set.name.clone(), set.revision)).collect::<Vec<_>>(), sets);
        let total: u64 = index.sets().iter().map(|set| set.entries - set.withdrawn).sum();
        assert_eq!(total, self.live().len() as u64);
        for (probe, bits) in RADII.into_iter().enumerate() {
            let (query, max) = (pdq(seed + probe as u64), Distance::new(bits).unwrap());
            let other = Distance::new(RADII[(probe + seed as usize) % RADII.len()]).unwrap();
            let scope = match seed % 3 {
                0 => Scope::within(max),
                1 => Scope::within(max).with_set("SET-1", other),
                _ => Scope::within(max).with_set("SET-0", other).without_set("SET-1"),
            };
            let expected = self.near(&query, &scope);
            for policy in [Policy::Cheapest, Policy::Bands, Policy::Scan] {
                let near = index.near_by(&query, &scope, usize::MAX, policy).unwrap();
                assert_eq!(near.hits, expected, "within {bits}, {policy:?}");
                assert!(!near.cut);
            }
            for limit in [0, 1, 3, expected.len(), expected.len() + 1] {
                let near = index.near(&query, &scope, limit).unwrap();
                assert_eq!(near.hits, expected[..limit.min(expected.len())]);
                assert_eq!(near.cut, limit < expected.len());
            }
            let mut each = Vec::new();
            index.each_near(&query, &scope, |hit, entry| each.push((hit, entry.key()))).unwrap();
            each.sort_by_key(|(hit, _)| (hit.distance, hit.segment, hit.entry));
            assert_eq!(each.iter().map(|(hit, _)| *hit).collect::<Vec<_>>(), expected);
            assert!(each.iter().all(|(hit, key)| index.entry(hit).unwrap().key() == *key));
        }
        let digests = (0..12).map(|n| Signal::from(Md5::from_bytes(noise(n))));
        let classics = classic_kinds().map(|kind| Signal::from(classic_code(kind, seed)));
        let more = (0..6).map(|n| Signal::from(Sha256::from_bytes(noise(n))));
        let signals: Vec<_> = digests.chain(more).chain([Signal::Pdq(pdq(seed))]).chain(classics).collect();
        let many = index.exact_many(&signals).unwrap();
        assert_eq!(many.len(), signals.len());
        for (signal, many) in signals.into_iter().zip(many) {
            let hits = index.exact(&signal).unwrap();
            assert_eq!(
                hits.iter().map(|hit| (hit.segment, hit.entry)).collect::<Vec<_>>(),
                self.exact(&signal)
            );
            assert_eq!(many, hits);
            let mut each = Vec::new();
            index.each_exact(&signal, |hit, _| each.push(hit)).unwrap();
            each.sort_by_key(|hit| (hit.segment, hit.entry));
            assert_eq!(each, hits);
        }
        self.check_classics(index, seed);
        for (segment, entry, set, model) in self.live() {
            let hit = Hit { segment, entry, distance: Distance::ZERO, quality: None };
            let found = index.entry(&hit).unwrap();
            assert_eq!((found.set(), found.key().as_str()), (set, model.key.as_str()));
            assert_eq!((found.labels(), found.opinion()), (model.labels.clone(), model.opinion));
        }
    }
}

#[derive(Debug, Clone)]
enum Operation {
    Replace { set: u8, seed: u64, lens: Vec<usize>, bands: u8, withdrawn: Vec<u32> },
    Append { set: u8, seed: u64, len: usize },
    Remove { set: u8 },
    Withdraw { set: u8, keys: Vec<u64> },
    Merge { set: u8, recorded: Vec<u64> },
}

fn operation() -> impl Strategy<Value = Operation> {
    let set = 0..3_u8;
    let lens = prop::collection::vec(0..60_usize, 0..4);
    let withdrawn = prop::collection::vec(0..60_u32, 0..8);
    prop_oneof![
        3 => (set.clone(), any::<u64>(), lens, 0..4_u8, withdrawn).prop_map(
            |(set, seed, lens, bands, withdrawn)| Operation::Replace { set, seed: seed >> 8, lens, bands, withdrawn }),
        1 => (set.clone(), any::<u64>(), 1..60_usize).prop_map(
            |(set, seed, len)| Operation::Append { set, seed: seed >> 8, len }),
        1 => set.clone().prop_map(|set| Operation::Remove { set }),
        2 => (set.clone(), prop::collection::vec(0..97_u64, 0..6)).prop_map(
            |(set, keys)| Operation::Withdraw { set, keys }),
        2 => (set, prop::collection::vec(0..97_u64, 0..40)).prop_map(
            |(set, recorded)| Operation::Merge { set, recorded }),
    ]
}

fn bands(choice: u8) -> Vec<Band> {
    match choice {
        0 => Vec::new(),
        1 => Band::split(256, 32),
        2 => [(0, 1), (3, 7), (10, 12), (41, 5), (250, 6)]
            .map(|(offset, width)| Band { offset, width })
            .to_vec(),
        _ => vec![Band { offset: 13, width: 9 }],
    }
}

fn apply(operation: &Operation, model: &mut Model, dir: &std::path::Path, writer: &mut IndexWriter<'_>) {
    let name = |set: u8| format!("SET-{set}");
    let entries = |seed: u64, len: usize| (0..len as u64).map(move |n| classic_entry(seed + n));
    let build = |entries: &[Entry], choice: u8| {
        let mut builder = SegmentBuilder::new().with_bands(bands(choice), 4 + u32::from(choice % 2));
        for entry in entries {
            builder.push(entry).unwrap();
        }
        builder.write(dir).unwrap()
    };
    match operation {
        Operation::Replace { set, seed, lens, bands, withdrawn } => {
            let (mut files, mut bitmaps, mut segments) = (Vec::new(), Vec::new(), Vec::new());
            for (number, &len) in lens.iter().enumerate() {
                let entries: Vec<_> = entries(seed + 1000 * number as u64, len).collect();
                let file = build(&entries, *bands);
                if files.contains(&file) {
                    continue; // two segments without entries are one
                }
                files.push(file);
                let gone: RoaringBitmap = withdrawn.iter().copied().filter(|n| (*n as usize) < len).collect();
                segments.push(
                    entries.into_iter().enumerate().map(|(n, e)| (e, gone.contains(n as u32))).collect(),
                );
                bitmaps.push(gone);
            }
            writer.replace_set(&name(*set), *seed, files, bitmaps).unwrap();
            model.sets.insert(name(*set), ModelSet { revision: *seed, segments });
        }
        Operation::Append { set, seed, len } => {
            let entries: Vec<_> = entries(*seed, *len).collect();
            writer.append(&name(*set), *seed, vec![build(&entries, 1)], vec![]).unwrap();
            let model = model.sets.entry(name(*set)).or_default();
            model.revision = *seed;
            model.segments.push(entries.into_iter().map(|entry| (entry, false)).collect());
        }
        Operation::Remove { set } => {
            assert_eq!(writer.remove_set(&name(*set)).unwrap(), model.sets.remove(&name(*set)).is_some());
        }
        Operation::Withdraw { set, keys } => {
            let keys: Vec<_> = keys.iter().map(|key| EntryKey::new(format!("key-{key}")).unwrap()).collect();
            let Some(known) = model.sets.get_mut(&name(*set)) else {
                assert!(matches!(writer.withdraw(&name(*set), &keys), Err(IndexError::NoSuchSet { .. })));
                return;
            };
            let mut newly = 0;
            for (entry, withdrawn) in known.segments.iter_mut().flatten() {
                if keys.contains(&entry.key) && !*withdrawn {
                    *withdrawn = true;
                    newly += 1;
                }
            }
            assert_eq!(writer.withdraw(&name(*set), &keys).unwrap(), newly);
        }
        Operation::Merge { set, recorded } => {
            let recorded = recorded.iter().map(|key| EntryKey::new(format!("key-{key}")).unwrap()).collect();
            let merged = writer.merge(&name(*set), Extent::All, &recorded);
            let Some(known) = model.sets.get_mut(&name(*set)) else {
                assert!(matches!(merged, Err(SegmentError::Write(IndexError::NoSuchSet { .. }))));
                return;
            };
            let before = known.segments.iter().flatten().count();
            if known.segments.len() > 1 || known.segments.iter().flatten().any(|entry| entry.1) {
                let mut entries: Vec<_> = known.segments.drain(..).flatten().collect();
                entries.retain(|(entry, withdrawn)| !(*withdrawn && recorded.contains(&entry.key)));
                known.segments.extend((!entries.is_empty()).then_some(entries));
            }
            let after = known.segments.iter().flatten().count();
            assert_eq!(merged.unwrap().dropped, (before - after) as u64);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48, failure_persistence: None, rng_seed: RngSeed::Fixed(0x1997), ..ProptestConfig::default()
    })]

    #[test]
    fn any_operations_leave_what_a_linear_scan_says(
        operations in prop::collection::vec(operation(), 1..7),
        seed in 0..1_000_000_u64,
    ) {
        let (_dir, home) = home();
        let (lock, dir) = (home.lock().unwrap(), home.index_dir());
        let mut writer = IndexWriter::open(&dir, &lock).unwrap();
        let mut model = Model::default();
        for operation in &operations {
            let (before, old) = (Index::open(&dir).unwrap(), model.clone());
            apply(operation, &mut model, &dir, &mut writer);
            let index = Index::open(&dir).unwrap();
            model.check(&index, seed);
            prop_assert!(index.generation() - before.generation() <= 1);
            old.check(&before, seed); // a snapshot answers as of its own moment, though its files may be gone
            let report = Index::verify(&dir).unwrap();
            prop_assert!(report.is_sound() && report.unused.is_empty(), "{report:?}");
        }
        drop(writer);
        let again = IndexWriter::open(&dir, &lock).unwrap();
        for name in model.sets.keys() {
            prop_assert_eq!(again.segments(name).unwrap().unwrap().len(), model.sets[name].segments.len());
        }
    }
}

/// Codes enough for bands without being asked, a third of them in clusters.
fn large(len: u64) -> (Vec<Code256>, Index) {
    let codes: Vec<_> = (0..len).map(code).collect();
    let mut builder = SegmentBuilder::new();
    for (number, code) in codes.iter().enumerate() {
        let hashes = Hashes::from(Signal::Pdq(Pdq::new(*code)));
        let key = EntryKey::new(format!("{number}")).unwrap();
        builder
            .push(&Entry {
                key,
                hashes,
                labels: Default::default(),
                opinion: Opinion::default(),
                updated: None,
            })
            .unwrap();
    }
    (codes, Index::of_segment(open(bytes_of(builder)).unwrap()))
}

#[test]
fn bands_come_with_the_threshold_and_find_what_a_scan_finds() {
    let (codes, index) = large(BANDS_FROM as u64);
    assert_eq!(index.stat()[0].bands, Band::split(256, 16));
    for (bits, banded) in
        [(0, true), (1, true), (16, true), (31, true), (32, true), (48, false), (64, false), (256, false)]
    {
        let max = Distance::new(bits).unwrap();
        for seed in [2, 3, 1_000_001, 4_000_002] {
            let query = code(seed);
            let mut expected: Vec<_> = codes
                .iter()
                .enumerate()
                .map(|(number, code)| (code.distance(&query), number as u32))
                .filter(|(distance, _)| *distance <= max)
                .collect();
            expected.sort_unstable();
            for policy in [Policy::Cheapest, Policy::Bands, Policy::Scan] {
                let near = index.near_by(&Pdq::new(query), &Scope::within(max), usize::MAX, policy).unwrap();
                let found: Vec<_> = near.hits.iter().map(|hit| (hit.distance, hit.entry)).collect();
                assert_eq!(found, expected, "within {bits}, {policy:?}");
                match policy {
                    Policy::Bands => assert_eq!(near.plan.banded_segments, 1),
                    Policy::Scan => assert_eq!(near.plan.scanned_segments, 1),
                    Policy::Cheapest if seed == 4_000_002 => {
                        assert_eq!(near.plan.banded_segments == 1, banded, "{bits}: {:?}", near.plan);
                    }
                    Policy::Cheapest => {}
                }
            }
        }
    }
}

#[test]
fn the_bound_31_finds_31_and_not_32() {
    let centre = Code256::from_bytes(noise(1));
    let mut builder = SegmentBuilder::new().with_bands(Band::split(256, 16), 4);
    for seed in 0..64 {
        for bits in [31, 32] {
            let hashes = Hashes::from(Signal::Pdq(Pdq::new(flipped(&centre, bits, seed))));
            let (key, labels) = (EntryKey::derived(&hashes), Default::default());
            builder.push(&Entry { key, hashes, labels, opinion: Opinion::default(), updated: None }).unwrap();
        }
    }
    let index = Index::of_segment(open(bytes_of(builder)).unwrap());
    for (bits, expected) in [(30, 0), (31, 64), (32, 128)] {
        let scope = Scope::within(Distance::new(bits).unwrap());
        let near = index.near_by(&Pdq::new(centre), &scope, usize::MAX, Policy::Bands).unwrap();
        assert_eq!(near.hits.len(), expected);
    }
}

#[test]
fn a_list_of_equal_hashes_is_answered_by_all_and_cut_on_request() {
    let (mut builder, mut entry) = (SegmentBuilder::new().with_bands(Band::split(256, 32), 5), entry(1));
    for number in 0..5000 {
        entry.key = EntryKey::new(format!("{number}")).unwrap();
        builder.push(&entry).unwrap();
    }
    let index = Index::of_segment(open(bytes_of(builder)).unwrap());
    for signal in entry.hashes.iter() {
        assert_eq!(index.exact(&signal).unwrap().len(), 5000);
    }
    let query = entry.hashes.pdq.unwrap().hash;
    let near = index.near(&query, &Scope::within(Distance::PDQ_DEFAULT), 10).unwrap();
    assert_eq!(near.hits.iter().map(|hit| hit.entry).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
    assert!(near.cut);
    assert_eq!(near.plan.scanned_segments, 1, "5,000 equal codes in one bucket cost more than a scan");
}

#[test]
fn what_cannot_decide_takes_no_place_in_the_limit() {
    let (_dir, home) = home();
    let (lock, dir) = (home.lock().unwrap(), home.index_dir());
    let mut writer = IndexWriter::open(&dir, &lock).unwrap();
    let centre = Code256::from_bytes(noise(1));
    let sets = [
        ("A-NOT", 1, Opinion::Negative),
        ("B-GONE", 2, Opinion::Positive),
        ("C-HARMLESS", 3, Opinion::Positive),
        ("D-NARROW", 4, Opinion::Positive),
        ("E-SEARCHED", 20, Opinion::Disputed),
    ];
    for (name, bits, opinion) in sets {
        let mut builder = SegmentBuilder::new();
        for seed in 0..9 {
            let hashes = Hashes::from(Signal::Pdq(Pdq::new(flipped(&centre, bits, seed))));
            let (key, labels) = (EntryKey::derived(&hashes), Default::default());
            builder.push(&Entry { key, hashes, labels, opinion, updated: None }).unwrap();
        }
        let withdrawn = if name == "B-GONE" { (0..9).collect() } else { RoaringBitmap::new() };
        writer.replace_set(name, 1, vec![builder.write(&dir).unwrap()], vec![withdrawn]).unwrap();
    }
    let index = Index::open(&dir).unwrap();
    let narrow = Distance::new(3).unwrap();
    let scope = Scope::within(Distance::PDQ_DEFAULT).without_set("C-HARMLESS").with_set("D-NARROW", narrow);
    for limit in [1, 9, 100] {
        let near = index.near(&Pdq::new(centre), &scope, limit).unwrap();
        let found: Vec<_> = near.hits.iter().map(|hit| index.entry(hit).unwrap().set()).collect();
        assert_eq!((found, near.cut), (vec!["E-SEARCHED"; limit.min(9)], limit < 9));
    }
}

#[test]
fn digests_with_equal_beginnings_are_told_apart() {
    let mut builder = SegmentBuilder::new();
    let digest = |last: u16| {
        let mut bytes = [7; 32];
        bytes[30..].copy_from_slice(&last.to_be_bytes());
        Signal::from(Sha256::from_bytes(bytes))
    };
    for last in (0..2000).rev() {
        let (hashes, labels) = (Hashes::from(digest(last * 2)), Default::default());
        let key = EntryKey::derived(&hashes);
        builder.push(&Entry { key, hashes, labels, opinion: Opinion::default(), updated: None }).unwrap();
    }
    let index = Index::of_segment(open(bytes_of(builder)).unwrap());
    for last in 0..4000 {
        let hits: Vec<_> = index.exact(&digest(last)).unwrap().iter().map(|hit| hit.entry).collect();
        assert_eq!(hits, if last % 2 == 0 { vec![u32::from(1999 - last / 2)] } else { Vec::new() });
    }
}

/// Digests of four sorts: uniform; with equal beginnings of 8 and of 15 bytes; one that is there many times.
fn digest(seed: u64) -> Vec<Signal> {
    let mut bytes: [u8; 32] = noise(seed);
    match seed % 5 {
        0 => bytes[..8].fill(7),
        1 => bytes[..15].fill(7),
        2 => bytes = [9; 32],
        _ => {}
    }
    let (short, middle) = (*bytes.first_chunk().unwrap(), *bytes.first_chunk().unwrap());
    vec![
        Md5::from_bytes(short).into(),
        Sha1::from_bytes(middle).into(),
        Sha256::from_bytes(bytes).into(),
        Blake3::from_bytes(bytes).into(),
    ]
}

#[test]
fn many_digests_together_find_what_each_finds_alone() {
    let (_dir, home) = home();
    let (lock, dir) = (home.lock().unwrap(), home.index_dir());
    let mut writer = IndexWriter::open(&dir, &lock).unwrap();
    for (number, len) in [0, 1, 40, 3000].into_iter().enumerate() {
        let mut builder = SegmentBuilder::new();
        for seed in (0..len).map(|n| n + 700 * number as u64) {
            let mut hashes = Hashes::default();
            digest(seed).into_iter().skip((seed % 3) as usize).for_each(|signal| hashes.set(signal));
            let opinion = Opinion::from_byte((seed % 4) as u8).unwrap();
            let (key, labels) = (EntryKey::derived(&hashes), Default::default());
            builder.push(&Entry { key, hashes, labels, opinion, updated: None }).unwrap();
        }
        let withdrawn = (0..len as u32).filter(|entry| entry % 7 == 3).collect();
        writer
            .replace_set(&number.to_string(), 1, vec![builder.write(&dir).unwrap()], vec![withdrawn])
            .unwrap();
    }
    let index = Index::open(&dir).unwrap();
    let mut hits = 0;
    for (batch, len) in [0, 1, 2, 31, 32, 33, 64, 100, 1000].into_iter().enumerate() {
        // About half of them are there, and some several times in one batch.
        let seed = |n: u64| below(n + ((batch as u64) << 32), 8000);
        let signals: Vec<Signal> = (0..len).map(|n| digest(seed(n))[below(n, 4) as usize]).collect();
        let many = index.exact_many(&signals).unwrap();
        let each: Vec<_> = signals.iter().map(|signal| index.exact(signal).unwrap()).collect();
        assert_eq!(many, each);
        hits += each.iter().filter(|found| !found.is_empty()).count();
    }
    assert!(hits > 300, "{hits}");
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let written = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| bytes_of(builder(0..5000)))
    };
    let one = written(1);
    assert!(one == written(2) && one == written(7));
}

#[test]
fn an_entry_without_hashes_is_refused_and_leaves_no_trace() {
    let (mut builder, mut entry) = (SegmentBuilder::new(), entry(1));
    entry.hashes = Hashes::default();
    assert_eq!(builder.push(&entry), Err(BuildError::NoHash));
    assert!(builder.is_empty());
    assert_eq!(bytes_of(builder), bytes_of(SegmentBuilder::new()));
}

#[test]
fn nothing_prints_a_hash_or_a_key() {
    let index = Index::of_segment(open(bytes_of(builder(0..3))).unwrap());
    let signal = entry(1).hashes.iter().next().unwrap();
    let hits = index.exact(&signal).unwrap();
    let printed = format!("{index:?} {hits:?} {:?} {:?}", index.entry(&hits[0]).unwrap(), builder(0..3));
    assert!(!printed.contains("key-") && !printed.contains("SEV_"), "{printed}");
    let hex = hex::encode(&signal.as_bytes()[..4]);
    assert!(!printed.contains(&hex), "{printed}");
}
