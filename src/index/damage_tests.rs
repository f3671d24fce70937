//! Damaged, foreign and hostile files: each is told apart, none makes a reader panic, `verify` finds every bit.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use roaring::RoaringBitmap;

use super::codes::Policy;
use super::error::Fault;
use super::format::*;
use super::keys::KeySet;
use super::manifest::{self, Manifest};
use super::testing::*;
use super::verify::check_segment;
use super::{Band, FORMAT_VERSION, Hit, Index, IndexError, IndexWriter, LabelFilter, Scope, SegmentBuilder};
use crate::digest::{Classic, Signal};
use crate::hashset::EntryKey;
use crate::kernel::Distance;

/// A small segment with a section of every kind, and two kinds of hash that it names itself: 64 of every entry, 65 of
/// two.
pub(super) fn small() -> Vec<u8> {
    let bands = [(0, 3), (5, 2)].map(|(offset, width)| Band { offset, width }).to_vec();
    let mut builder = SegmentBuilder::new().with_bands(bands, 5);
    for seed in [1, 7, 8, 22, 23] {
        let mut entry = entry(seed);
        let [narrow, wide] = small_kinds();
        entry.hashes.set(classic_code(narrow, seed).into());
        if seed > 20 {
            entry.hashes.set(classic_code(wide, seed).into());
        }
        entry.updated = Some(seed as u32 + 1_800_000_000);
        builder.push_on(&entry, 20_000 + seed as u16).unwrap();
    }
    bytes_of(builder)
}

fn small_kinds() -> [Classic; 2] {
    ["gradient8", "double-gradient16"].map(|name| name.parse().unwrap())
}

/// Numbers of signals in that segment.
pub(super) const MD5: u32 = 1;
const SHA256: u32 = 3;
pub(super) const PDQ: u32 = 5;
pub(super) const NARROW: u32 = 64;
pub(super) const WIDE: u32 = 65;

/// Everything that can be asked, of a segment that nobody has verified. Whatever comes, it must come.
fn ask_everything(bytes: Vec<u8>) {
    let Ok(segment) = open(bytes) else { return };
    let (faults, entries) = (check_segment(&segment), segment.len());
    let asked = [1, 8, 22].map(entry);
    let _ = segment.find_keys(&KeySet::new(asked.iter().map(|entry| &entry.key)));
    let _ = segment.entries().map(|entries| entries.into_iter().flatten().filter(Result::is_ok).count());
    for number in 0..entries.min(8) {
        let _ = segment.says(number, &asked[number as usize % 3]);
    }
    let index = Index::of_segment(segment);
    let queries = [1, 8, 22, 2, 5].map(pdq);
    for (bits, policy) in
        [(1, Policy::Bands), (31, Policy::Cheapest), (31, Policy::Bands), (31, Policy::Scan)]
    {
        let _ = index.near_many_by(&queries, &Scope::within(Distance::new(bits).unwrap()), 3, policy);
    }
    for seed in [1, 8, 22] {
        for signal in entry(seed).hashes.iter() {
            let _ = index.exact(&signal);
        }
        let signals: Vec<_> = entry(seed).hashes.iter().collect();
        let _ = index.exact_many(&signals);
        let severity = "severity:SEV_B".parse().unwrap();
        let filter = LabelFilter::default().with(severity);
        let _ = index.exact_many_in(&signals, &Scope::within(Distance::ZERO).labelled(filter.clone()));
        for bits in [0, 1, 31, 256] {
            let max = Distance::new(bits).unwrap();
            for policy in [Policy::Cheapest, Policy::Bands, Policy::Scan] {
                let _ = index.near_by(&pdq(seed), &Scope::within(max), 3, policy);
            }
            let _ = index.near(&pdq(seed), &Scope::within(max).labelled(filter.clone()), 3);
        }
        for kind in small_kinds() {
            for bits in [0, 9, kind.width_bits() as u16] {
                let max = Distance::of_width(bits, kind.width_bits()).unwrap();
                let _ = index.near(&classic_code(kind, seed), &Scope::within(max), 3);
            }
        }
    }
    for entry in 0..entries.min(8) {
        let hit = Hit { segment: 0, entry, distance: Distance::ZERO, quality: None };
        let _ = index.entry(&hit).map(|entry| entry.labels());
    }
    let _ = (index.stat(), index.band_stat(0), faults.iter().map(ToString::to_string).collect::<String>());
}

#[test]
fn a_sound_segment_has_no_faults_and_every_kind_of_section() {
    let segment = open(small()).unwrap();
    assert_eq!(check_segment(&segment), []);
    let kinds =
        super::layout::records(segment.bytes(), &segment.layout().header).map(|record| record.id.kind);
    let mut kinds: Vec<_> = kinds.collect();
    kinds.sort_unstable();
    kinds.dedup();
    // Without those of earlier versions: key offsets, digest directory and band postings.
    assert_eq!(kinds, [2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 17, 19, 32, 33, 34, 35, 37, 48]);
    assert_eq!(check_segment(&open(bytes_of(SegmentBuilder::new())).unwrap()), []);
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = small();
    for len in 0..bytes.len() {
        let fault = open(bytes[..len].to_vec()).unwrap_err();
        let expected = if len < HEADER_LEN {
            Fault::Short { expected: 64, found: len as u64 }
        } else {
            Fault::Length { expected: bytes.len() as u64, found: len as u64 }
        };
        assert_eq!(fault, expected);
        let mut sealed = bytes[..len].to_vec();
        if len >= HEADER_LEN {
            sealed[16..24].copy_from_slice(&(len as u64).to_le_bytes());
            seal(&mut sealed);
            assert!(open(sealed).is_err(), "cut to {len} and sealed again");
        }
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(matches!(open(longer), Err(Fault::Length { .. })));
}

#[test]
fn every_flipped_bit_is_found_and_none_makes_a_query_panic() {
    let bytes = small();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(segment) = open(flipped.clone()) {
            assert!(!check_segment(&segment).is_empty(), "bit {bit}");
            assert!(bit / 8 >= HEADER_LEN + 64, "the header is checked when a segment is opened");
        }
        ask_everything(flipped.clone());
        seal(&mut flipped);
        ask_everything(flipped);
    }
}

/// Changes `bytes` at `at`, makes all checksums right again, and opens.
pub(super) fn with(at: usize, value: &[u8]) -> Result<(), Fault> {
    let mut bytes = small();
    bytes[at..at + value.len()].copy_from_slice(value);
    seal(&mut bytes);
    open(bytes).map(|_| ())
}

#[test]
fn each_header_field_has_its_own_error() {
    let len = small().len() as u64;
    assert_eq!(with(0, b"\x89IWM"), Err(Fault::Magic { expected: "a segment" }));
    assert_eq!(with(4, b"\n\x1a"), Err(Fault::Magic { expected: "a segment" }));
    let next = FORMAT_VERSION + 1;
    assert_eq!(with(8, &next.to_le_bytes()), Err(Fault::Version { found: next }));
    assert_eq!(with(8, &0_u32.to_le_bytes()), Err(Fault::Version { found: 0 }));
    assert_eq!(with(12, &4097_u32.to_le_bytes()), Err(Fault::SectionCount { found: 4097 }));
    assert!(matches!(with(12, &4096_u32.to_le_bytes()), Err(Fault::Short { .. })));
    assert!(matches!(with(12, &0_u32.to_le_bytes()), Err(Fault::Trailing { .. })));
    assert_eq!(with(16, &7_u64.to_le_bytes()), Err(Fault::Length { expected: 7, found: len }));
    assert!(matches!(with(24, &6_u32.to_le_bytes()), Err(Fault::Count { expected: 6, found: 5, .. })));
    assert!(matches!(with(24, &u32::MAX.to_le_bytes()), Err(Fault::Count { .. })));
    assert_eq!(with(28, &[0, 1, 0, 0]), Err(Fault::Reserved { at: 28 }));
    let unsealed = |at: usize| {
        let mut bytes = small();
        bytes[at] ^= 1;
        open(bytes).unwrap_err()
    };
    for at in 12..HEADER_LEN {
        assert_eq!(unsealed(at), Fault::HeaderChecksum, "byte {at}");
    }
    let table = HEADER_LEN..HEADER_LEN + u32_at(&small(), 12) as usize * RECORD_LEN;
    for at in table {
        assert_eq!(unsealed(at), Fault::TableChecksum, "byte {at}");
    }
}

/// Where the record of section `id` is.
pub(super) fn record_at(id: SectionId) -> usize {
    let segment = open(small()).unwrap();
    let mut records = super::layout::records(segment.bytes(), &segment.layout().header);
    HEADER_LEN + RECORD_LEN * records.position(|record| record.id == id).unwrap()
}

#[test]
fn each_table_field_has_its_own_error() {
    use SectionKind as K;
    let (pdq, md5) = (PDQ, MD5);
    let band = Band { offset: 5, width: 2 };
    let directory = SectionId::band(K::BandDirectory, pdq, band);
    let postings = SectionId::band(K::SketchedPostings, pdq, band);
    let codes = SectionId::signal(K::Codes, pdq);
    let (keys, opinions) = (SectionId::of(K::KeyStarts), SectionId::of(K::Opinions));
    let set = |id, at, value: u32| with(record_at(id) + at, &value.to_le_bytes());
    let set_long = |id, at, value: u64| with(record_at(id) + at, &value.to_le_bytes());

    // The kind: unknown ones are passed over, so what is missed is the section itself.
    assert_eq!(set(keys, 0, 99), Err(Fault::Absent { section: keys }));
    assert_eq!(set(codes, 0, 99), Err(Fault::Absent { section: codes }));
    assert_eq!(set(directory, 0, 99), Err(Fault::Absent { section: directory }));
    assert_eq!(set(postings, 0, 99), Err(Fault::Absent { section: postings }));
    for kind in [K::DigestValues, K::DigestEntries] {
        let section = SectionId::signal(kind, md5);
        assert_eq!(set(section, 0, 99), Err(Fault::Absent { section }));
    }
    assert!(matches!(set(opinions, 0, 2), Err(Fault::Twice { .. })));
    // The signal.
    assert!(matches!(set(keys, 4, 1), Err(Fault::Descriptor { field: "signal", found: 1, .. })));
    assert!(matches!(set(codes, 4, 1), Err(Fault::Descriptor { field: "signal", found: 1, .. })));
    assert!(matches!(set(codes, 4, 0), Err(Fault::Descriptor { field: "signal", found: 0, .. })));
    let code_entries = SectionId::signal(K::CodeEntries, pdq);
    assert_eq!(set(code_entries, 0, 99), Err(Fault::Absent { section: code_entries }));
    // Code width and element size.
    for (id, value) in [(codes, 255), (codes, 2048), (keys, 1), (directory, 0)] {
        assert!(
            matches!(set(id, 8, value), Err(Fault::Descriptor { field: "code width", found, .. }) if found == value)
        );
    }
    for (id, value) in [(keys, 2), (keys, 0), (codes, 31), (opinions, 2), (postings, 8)] {
        assert!(matches!(set(id, 12, value), Err(Fault::ElementSize { found, .. }) if found == value));
    }
    // Element count, offset and length.
    assert!(matches!(set_long(codes, 16, u64::MAX), Err(Fault::Size { elements: u64::MAX, .. })));
    assert!(matches!(set_long(codes, 16, 1 << 59), Err(Fault::Size { .. })));
    let at = record_at(codes);
    let offset = u64_at(&small(), at + 24);
    assert!(matches!(set_long(codes, 24, offset + 1), Err(Fault::Alignment { .. })));
    assert!(matches!(set_long(codes, 24, 64), Err(Fault::Overlap { .. })));
    assert!(matches!(set_long(codes, 24, offset + (1 << 40)), Err(Fault::Outside { .. })));
    assert!(matches!(set_long(codes, 24, u64::MAX - 63), Err(Fault::Outside { .. })));
    assert!(matches!(set_long(codes, 32, u64::MAX), Err(Fault::Outside { .. })));
    assert!(matches!(set_long(codes, 32, 31), Err(Fault::Size { length: 31, .. })));
    // Bits of a band.
    assert!(matches!(
        set(directory, 40, 255),
        Err(Fault::Descriptor { field: "bit offset", found: 255, .. })
    ));
    assert!(matches!(set(directory, 40, u32::MAX), Err(Fault::Descriptor { field: "bit offset", .. })));
    assert!(matches!(set(directory, 40, 2), Err(Fault::Descriptor { field: "bit offset", found: 2, .. })));
    assert!(matches!(set(directory, 40, 9), Err(Fault::Absent { .. })));
    assert!(matches!(set(keys, 40, 1), Err(Fault::Descriptor { field: "bit offset", .. })));
    for width in [0, 29, u32::MAX] {
        let found = set(directory, 44, width);
        assert!(matches!(found, Err(Fault::Descriptor { field: "bit width", found, .. }) if found == width));
    }
    assert!(matches!(set(opinions, 44, 1), Err(Fault::Descriptor { field: "bit width", .. })));
    let blocks = sha256_blocks();
    assert!(matches!(set(blocks, 44, 6), Err(Fault::Descriptor { field: "bit width", found: 6, .. })));
    assert!(matches!(set(blocks, 12, 4), Err(Fault::ElementSize { found: 4, .. }) | Err(Fault::Size { .. })));
    assert!(matches!(
        set(SectionId::of(K::Arrivals), 12, 4),
        Err(Fault::ElementSize { .. } | Fault::Size { .. })
    ));
}

/// The directory of the SHA-256 digests, of which there are two.
fn sha256_blocks() -> SectionId {
    SectionId::signal(SectionKind::DigestBlocks, SHA256)
}

/// Changes the content of section `id`, seals, and says what `verify` finds.
fn found_in(id: SectionId, at: usize, value: &[u8]) -> Vec<Fault> {
    let mut bytes = small();
    let at = u64_at(&bytes, record_at(id) + 24) as usize + at;
    bytes[at..at + value.len()].copy_from_slice(value);
    seal(&mut bytes);
    check_segment(&open(bytes).unwrap())
}

#[test]
fn verify_finds_what_checksums_do_not() {
    use SectionKind as K;
    let (pdq, md5) = (PDQ, MD5);
    let finds = |id: SectionId, at, value: &[u8], expected: fn(&Fault) -> bool| {
        let faults = found_in(id, at, value);
        assert!(faults.iter().any(expected), "{id}: {faults:?}");
    };
    finds(SectionId::of(K::KeyStarts), 0, &[1], |f| matches!(f, Fault::Order { at: 0, .. }));
    finds(SectionId::of(K::KeyLengths), 1, &[200], |f| matches!(f, Fault::Text { at: 1, .. }));
    finds(SectionId::of(K::KeyLengths), 4, &[1], |f| matches!(f, Fault::Count { .. }));
    finds(SectionId::of(K::KeyText), 0, &[0xff], |f| matches!(f, Fault::Text { at: 0, .. }));
    finds(SectionId::of(K::KeyText), 0, b"\n", |f| matches!(f, Fault::Text { at: 0, .. }));
    finds(SectionId::of(K::LabelText), 0, &[0xff], |f| matches!(f, Fault::Text { at: 0, .. }));
    finds(SectionId::of(K::LabelNumbers), 2, &[77], |f| {
        matches!(f, Fault::Reference { at: 2, found: 77, .. })
    });
    finds(SectionId::of(K::Opinions), 1, &[4], |f| matches!(f, Fault::Reference { found: 4, limit: 4, .. }));
    let values = SectionId::signal(K::DigestValues, md5);
    finds(values, 4 * 16, &[0; 16], |f| matches!(f, Fault::Order { at: 4, .. }));
    finds(values, 0, &[0xff; 16], |f| matches!(f, Fault::Bucket { at: 0, .. }));
    finds(SectionId::signal(K::DigestEntries, md5), 0, &[9], |f| {
        matches!(f, Fault::Reference { found: 9, .. })
    });
    finds(sha256_blocks(), 0, &[1], |f| matches!(f, Fault::Order { at: 0, .. }));
    finds(sha256_blocks(), 4, &[4], |f| matches!(f, Fault::Order { at: 0, .. }));
    finds(sha256_blocks(), 5, &[0], |f| matches!(f, Fault::Bucket { at: 0, .. }));
    finds(sha256_blocks(), 63, &[9], |f| matches!(f, Fault::Order { at: 0, .. }));
    finds(SectionId::of(K::Arrivals), 0, &20_001_u16.to_le_bytes().repeat(5), |f| {
        matches!(f, Fault::Order { at: 0, .. })
    });
    finds(SectionId::signal(K::CodeEntries, pdq), 0, &[4], |f| matches!(f, Fault::Order { .. }));
    finds(SectionId::signal(K::CodeQualities, pdq), 0, &[101], |f| {
        matches!(f, Fault::Reference { found: 101, limit: 101, .. })
    });
    let band = Band { offset: 0, width: 3 };
    finds(SectionId::band(K::BandDirectory, pdq, band), 32, &[2], |f| {
        matches!(f, Fault::Order { at: 8, .. })
    });
    finds(SectionId::band(K::SketchedPostings, pdq, band), 0, &[7], |f| matches!(f, Fault::Bucket { .. }));
    finds(SectionId::band(K::SketchedPostings, pdq, band), 256, &[0xff], |f| {
        matches!(f, Fault::Sketch { .. })
    });
    finds(SectionId::band(K::SketchedPostings, pdq, band), 256 + 60, &[1], |f| {
        matches!(f, Fault::Order { at: 60, .. })
    });
    finds(SectionId::signal(K::Codes, pdq), 0, &[0x00; 32], |f| matches!(f, Fault::Bucket { .. }));
}

#[test]
fn an_impossible_number_met_by_a_query_is_an_error_and_no_answer() {
    let id = SectionId::signal(SectionKind::DigestEntries, MD5);
    let mut bytes = small();
    let at = u64_at(&bytes, record_at(id) + 24) as usize;
    bytes[at..at + 20].fill(0xee);
    let index = Index::of_segment(open(bytes).unwrap());
    let query = entry(1).hashes.iter().next().unwrap();
    let error = index.exact(&query).unwrap_err();
    assert!(matches!(error, IndexError::File { fault: Fault::Reference { .. }, .. }), "{error}");
    assert!(error.to_string().contains("digest entries of md5"), "{error}");
    let many = index.exact_many(&[query; 3]).unwrap_err();
    assert_eq!(many.to_string(), error.to_string());

    let (mut bytes, at) = (small(), u64_at(&small(), record_at(sha256_blocks()) + 24) as usize);
    bytes[at..at + 5].fill(0xee); // more than there are marks for
    let index = Index::of_segment(open(bytes).unwrap());
    let query = entry(8).hashes.sha256.unwrap().into();
    for error in [index.exact(&query).unwrap_err(), index.exact_many(&[query]).unwrap_err()] {
        assert!(error.to_string().contains("digest blocks of sha256"), "{error}");
    }
}

#[test]
fn unknown_sections_are_passed_over_and_checked() {
    use SectionKind as K;
    let qualities = record_at(SectionId::signal(K::CodeQualities, PDQ));
    let mut bytes = small();
    bytes[qualities] = 200;
    for kind in [K::DigestValues, K::DigestEntries] {
        bytes[record_at(SectionId::signal(kind, SHA256)) + 4] = 47;
    }
    bytes[record_at(sha256_blocks()) + 4] = 47;
    seal(&mut bytes);
    let segment = open(bytes.clone()).unwrap();
    assert_eq!(check_segment(&segment), []);
    let index = Index::of_segment(segment);
    assert_eq!(index.near(&pdq(22), &Scope::within(Distance::ZERO), 9).unwrap().hits[0].quality, None);
    assert_eq!(index.exact(&entry(22).hashes.sha256.unwrap().into()).unwrap(), []);
    assert!(!index.exact(&entry(22).hashes.md5.unwrap().into()).unwrap().is_empty());
    let inside = u64_at(&bytes, qualities + 24) as usize;
    bytes[inside] ^= 1;
    let section = SectionId { kind: 200, ..SectionId::signal(K::Codes, PDQ) };
    assert_eq!(check_segment(&open(bytes).unwrap()), [Fault::SectionChecksum { section }]);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400, failure_persistence: None, rng_seed: RngSeed::Fixed(0x1997), ..ProptestConfig::default()
    })]

    #[test]
    fn no_hostile_segment_makes_a_reader_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>(), 1..9_usize), 1..12),
    ) {
        let mut bytes = small();
        for (at, value, width) in changes {
            let at = at.index(bytes.len() - 8);
            // Small numbers and numbers near a limit are the ones that get past a check.
            let value = match value % 3 { 0 => value >> 8, 1 => value % 70, _ => u64::MAX - value % 70 };
            bytes[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
        }
        bytes[..12].copy_from_slice(&small()[..12]);
        let len = bytes.len() as u64;
        bytes[16..24].copy_from_slice(&len.to_le_bytes());
        seal(&mut bytes);
        ask_everything(bytes);
    }

    #[test]
    fn no_hostile_manifest_makes_a_reader_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = some_manifest().encode().unwrap();
        let len = bytes.len();
        for (at, value) in changes {
            bytes[48 + at.index(len - 48)] = value;
        }
        bytes[32..48].fill(0);
        let sum = checksum(&bytes);
        bytes[32..48].copy_from_slice(&sum);
        if let Ok(manifest) = Manifest::decode(&bytes) {
            prop_assert!(manifest.sets.iter().flat_map(|set| &set.segments)
                .all(|segment| segment.withdrawn.max() < Some(segment.entries)));
        }
    }
}

fn some_manifest() -> Manifest {
    let (_dir, home) = home();
    let dir = home.index_dir();
    write_some(&dir, &home.lock().unwrap());
    Manifest::read(&dir).unwrap().unwrap()
}

fn write_some(dir: &Path, lock: &crate::home::WriteLock) {
    let mut writer = IndexWriter::open(dir, lock).unwrap();
    let gone = RoaringBitmap::from_iter([1, 3]);
    let segment = builder(0..5).write(dir).unwrap();
    writer.replace_set("DEMO", 3, vec![segment], vec![gone]).unwrap();
    let segments = vec![builder(5..7).write(dir).unwrap(), builder(7..8).write(dir).unwrap()];
    writer.replace_set("OTHER", 1, segments, vec![]).unwrap();
}

#[test]
fn every_bit_and_every_length_of_a_manifest_counts() {
    let manifest = some_manifest();
    let bytes = manifest.encode().unwrap();
    assert_eq!(Manifest::decode(&bytes), Ok(manifest));
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let fault = Manifest::decode(&flipped).unwrap_err();
        match bit / 8 {
            0..8 => assert_eq!(fault, Fault::Magic { expected: "a manifest" }),
            // One bit off, it may still be a version that is read.
            8..12 => assert!(matches!(fault, Fault::Version { .. } | Fault::ManifestChecksum)),
            16..24 => assert!(matches!(fault, Fault::Length { .. })),
            _ => assert_eq!(fault, Fault::ManifestChecksum),
        }
    }
    for len in 0..bytes.len() {
        assert!(
            matches!(Manifest::decode(&bytes[..len]), Err(Fault::Short { .. } | Fault::Length { .. })),
            "{len}"
        );
    }
}

#[test]
fn a_flipped_byte_anywhere_in_the_folder_is_found() {
    let (_dir, home) = home();
    let dir = home.index_dir();
    write_some(&dir, &home.lock().unwrap());
    assert!(Index::verify(&dir).unwrap().is_sound());
    for file in fs::read_dir(&dir).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let sound = fs::read(&path).unwrap();
        for at in (0..sound.len()).step_by(7) {
            let mut flipped = sound.clone();
            flipped[at] ^= 0x10;
            fs::write(&path, flipped).unwrap();
            let report = Index::verify(&dir).unwrap();
            let faulty: Vec<_> = report.files.iter().filter(|file| !file.faults.is_empty()).collect();
            assert!(faulty.iter().all(|file| file.name == name) && !faulty.is_empty(), "{name} at {at}");
        }
        fs::write(&path, sound).unwrap();
    }
}

#[test]
fn missing_exchanged_and_unnamed_files_are_told_apart() {
    let (_dir, home) = home();
    let (dir, lock) = (home.index_dir(), home.lock().unwrap());
    assert_eq!(Index::open(&dir).unwrap().generation(), 0);
    assert!(Index::verify(&dir).unwrap().is_sound());
    write_some(&dir, &lock);
    let files: Vec<_> = Manifest::read(&dir).unwrap().unwrap().files().into_iter().collect();
    let (first, second) = (dir.join(&files[0]), dir.join(&files[1]));
    let sound = fs::read(&first).unwrap();

    fs::copy(&second, &first).unwrap();
    let error = Index::open(&dir).unwrap_err();
    assert!(matches!(&error, IndexError::File { file, fault: Fault::Exchanged } if *file == files[0]));
    assert_eq!(Index::verify(&dir).unwrap().files[1].faults, [Fault::Exchanged]);

    fs::remove_file(&first).unwrap();
    assert!(matches!(Index::open(&dir), Err(IndexError::Missing { file }) if file == files[0]));
    assert_eq!(Index::verify(&dir).unwrap().files[1].faults, [Fault::MissingFile]);

    fs::write(&first, []).unwrap();
    let error = Index::open(&dir).unwrap_err();
    assert!(matches!(error, IndexError::File { fault: Fault::Short { expected: 64, found: 0 }, .. }));
    fs::write(&first, sound).unwrap();

    fs::remove_file(dir.join(manifest::FILE_NAME)).unwrap();
    let report = Index::verify(&dir).unwrap();
    assert_eq!(report.files[0].faults, [Fault::NoManifest { segments: 3 }]);
    assert_eq!(report.files.len(), 4, "all segments are read without a manifest");
}

#[test]
fn what_a_killed_writer_left_is_no_fault_and_goes_with_the_next_commit() {
    let (_dir, home) = home();
    let (dir, lock) = (home.index_dir(), home.lock().unwrap());
    write_some(&dir, &lock);
    let unnamed = builder(50..60).write(&dir).unwrap().content_id().file_name();
    let left = [".manifest.iwm.1.tmp", ".segment.1.0.tmp"];
    for name in left {
        fs::write(dir.join(name), b"half").unwrap();
    }
    fs::write(dir.join("standing.json"), b"{}").unwrap(); // what followers read is in use, and stays
    let report = Index::verify(&dir).unwrap();
    assert!(report.is_sound());
    assert_eq!(report.unused, [left[0], left[1], &unnamed]);
    let before = Index::open(&dir).unwrap();

    let mut writer = IndexWriter::open(&dir, &lock).unwrap();
    assert!(writer.remove_set("OTHER").unwrap());
    assert!(!writer.remove_set("OTHER").unwrap());
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 3, "a manifest, one segment, and what others keep there");
    assert_eq!(Index::open(&dir).unwrap().generation(), before.generation() + 1);
    let hits = before.exact(&Signal::Pdq(pdq(6))).unwrap();
    assert_eq!(before.entry(&hits[0]).unwrap().set(), "OTHER", "an open snapshot keeps its files");
}

#[test]
fn a_reader_opens_while_a_writer_replaces_and_sees_one_state_or_the_next() {
    let (_dir, home) = home();
    let (dir, lock) = (home.index_dir(), home.lock().unwrap());
    write_some(&dir, &lock);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut opened, mut last) = (0, 0);
            while last < 102 {
                let index = Index::open(&dir).unwrap();
                assert!(index.generation() >= last);
                assert_eq!(index.sets()[0].entries, if index.generation() == 2 { 5 } else { 3 });
                (opened, last) = (opened + 1, index.generation());
            }
            opened
        });
        let mut writer = IndexWriter::open(&dir, &lock).unwrap();
        for seed in 0..100 {
            let segment = builder(seed..seed + 3).write(&dir).unwrap();
            writer.replace_set("DEMO", seed, vec![segment], vec![]).unwrap();
        }
        assert!(reader.join().unwrap() > 1);
    });
}

#[test]
fn what_cannot_be_committed_changes_nothing() {
    let (_dir, home) = home();
    let (dir, lock) = (home.index_dir(), home.lock().unwrap());
    write_some(&dir, &lock);
    let mut writer = IndexWriter::open(&dir, &lock).unwrap();
    let before = fs::read(dir.join(manifest::FILE_NAME)).unwrap();
    let segment = writer.segments("DEMO").unwrap().unwrap()[0].0;
    let bitmap = |entry| vec![RoaringBitmap::from_iter([entry])];
    for name in ["", "a\nb", &"x".repeat(201)] {
        let refused = writer.replace_set(name, 1, vec![segment], vec![]);
        assert!(matches!(refused, Err(IndexError::SetName { .. })));
    }
    let refused = writer.replace_set("DEMO", 4, vec![segment, segment], vec![]);
    assert!(matches!(refused, Err(IndexError::Repeated { .. })));
    let refused = writer.replace_set("DEMO", 4, vec![], bitmap(1));
    assert!(matches!(refused, Err(IndexError::Bitmaps { segments: 0, bitmaps: 1 })));
    let refused = writer.replace_set("DEMO", 4, vec![segment], bitmap(5));
    assert!(matches!(refused, Err(IndexError::Withdrawn { entry: 5, entries: 5 })));
    assert_eq!(writer.withdraw("DEMO", &[EntryKey::new("no such key").unwrap()]).unwrap(), 0);
    assert_eq!(fs::read(dir.join(manifest::FILE_NAME)).unwrap(), before);
    let foreign = Hit { segment: 9, entry: 0, distance: Distance::ZERO, quality: None };
    assert!(matches!(Index::open(&dir).unwrap().entry(&foreign), Err(IndexError::ForeignHit)));
}

#[test]
fn errors_say_what_is_wrong_and_what_to_do() {
    let fault = IndexError::file("seg-0011223344556677.iws");
    assert_eq!(
        fault(Fault::Version { found: 9 }).to_string(),
        "seg-0011223344556677.iws: it has format version 9; this build reads 1 to 4; \
         upgrade innerward, or import the lists again with this build"
    );
    let fault = IndexError::file("manifest.iwm");
    assert_eq!(
        fault(Fault::Length { expected: 96, found: 95 }).to_string(),
        "manifest.iwm: it has 95 bytes and says that it has 96; restore it from a backup, or import its list again"
    );
}
