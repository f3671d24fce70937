//! The format as a promise: what `docs/format.md` shows is what is written, and old folders are read for ever.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use roaring::RoaringBitmap;

use super::manifest::{Manifest, SegmentRecord, SetRecord};
use super::segment::Segment;
use super::testing::*;
use super::times::day_number;
use super::{Band, FORMAT_VERSION, Hit, Index, IndexWriter, OLDEST_READABLE, Scope, SegmentBuilder};
use crate::digest::{Quality, Signal};
use crate::hashset::{Entry, EntryKey, Hashes, Opinion};
use crate::home::WriteLock;
use crate::kernel::Distance;
use crate::vocabulary::severity;

fn fixture(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("testdata/format/v{version}"))
}

/// What the folder of each version holds.
fn write_this_version(dir: &Path, lock: &WriteLock) {
    let mut writer = IndexWriter::open(dir, lock).unwrap();
    let mut banded = SegmentBuilder::new()
        .with_bands([(0, 3), (5, 2)].map(|(offset, width)| Band { offset, width }).to_vec(), 5);
    for seed in 0..12 {
        banded.push(&entry(seed)).unwrap();
    }
    let segments = vec![banded.write(dir).unwrap(), builder(12..15).write(dir).unwrap()];
    let withdrawn = vec![RoaringBitmap::from_iter([1, 4]), RoaringBitmap::new()];
    writer.replace_set("DEMO", 7, segments, withdrawn).unwrap();
    writer.replace_set("EMPTY", 1, vec![], vec![]).unwrap();
    let mut plain = SegmentBuilder::new();
    for seed in 0..PLAIN {
        plain.push(&Entry::bare(entry(seed).hashes)).unwrap();
        plain.push(&only_pdq(seed)).unwrap();
    }
    writer.replace_set("PLAIN", 1, vec![plain.write(dir).unwrap()], vec![]).unwrap();
    let mut times = SegmentBuilder::new();
    for (entry, day) in (0..TIMED).map(timed) {
        times.push_on(&entry, day).unwrap();
    }
    writer.replace_set("TIMED", 1, vec![times.write(dir).unwrap()], vec![]).unwrap();
}

/// Half of the entries of the set PLAIN, which came with version 3: their keys are drawn from their hashes.
const PLAIN: u64 = 8;

/// What came with version 4: entries with times.
fn timed(seed: u64) -> (Entry, u16) {
    (
        Entry { updated: (!seed.is_multiple_of(3)).then_some(1_800_000_000 + seed as u32), ..entry(seed) },
        20_000 + seed as u16,
    )
}

/// How many.
const TIMED: u64 = 9;

fn only_pdq(seed: u64) -> Entry {
    Entry::bare(Hashes::from(Signal::Pdq(pdq(seed))))
}

#[test]
fn folders_of_every_readable_version_open_and_answer() {
    for version in OLDEST_READABLE..=FORMAT_VERSION {
        let dir = fixture(version);
        assert!(Index::verify(&dir).unwrap().is_sound(), "v{version}");
        let index = Index::open(&dir).unwrap();
        let sets: Vec<_> = index.sets().iter().map(|set| (&*set.name, set.revision, set.entries)).collect();
        assert_eq!(sets[..2], [("DEMO", 7, 15), ("EMPTY", 1, 0)]);
        assert_eq!(sets.get(2), (version >= 3).then_some(&("PLAIN", 1, 2 * PLAIN)));
        assert_eq!(sets.get(3), (version >= 4).then_some(&("TIMED", 1, TIMED)));
        assert_eq!((index.generation(), index.sets()[0].withdrawn), (sets.len() as u64, 2));
        let seeds = (0..15).filter(|seed| seed % 7 != 0);
        for (seed, live) in seeds.map(|seed| (seed, seed != 1 && seed != 4)) {
            let near = index.near(&pdq(seed), &Scope::within(Distance::ZERO), 9).unwrap();
            let here = |hit: &Hit| u64::from(hit.entry) + u64::from(hit.segment) * 12 == seed;
            let hit = near.hits.into_iter().find(here);
            let written = entry(seed);
            let (segment, number) = if seed < 12 { (0, seed) } else { (1, seed - 12) };
            let place = Hit { segment, entry: number as u32, distance: Distance::ZERO, quality: None };
            let found = index.entry(&place).unwrap();
            assert_eq!((found.key().as_str(), found.opinion()), (written.key.as_str(), written.opinion));
            assert_eq!(found.labels(), written.labels);
            let answers = live && written.opinion != Opinion::Negative;
            assert_eq!(hit.is_some(), answers, "v{version}, entry {seed}");
            let Some(hit) = hit else { continue };
            assert_eq!(Some(hit.quality), written.hashes.pdq.map(|pdq| pdq.quality));
            for signal in written.hashes.iter() {
                let hits = index.exact(&signal).unwrap();
                assert!(hits.iter().any(|other| (other.segment, other.entry) == (hit.segment, hit.entry)));
            }
        }
        for number in (0..2 * PLAIN).filter(|_| version >= 3) {
            let place = Hit { segment: 2, entry: number as u32, distance: Distance::ZERO, quality: None };
            let seed = number / 2;
            let written = if number % 2 == 0 { Entry::bare(entry(seed).hashes) } else { only_pdq(seed) };
            assert_eq!(index.entry(&place).unwrap().key().as_str(), written.key.as_str());
        }
        if version >= 4 {
            let segment = Segment::open(&dir, &index.stat()[3].file).unwrap();
            for (number, (entry, day)) in (0..).zip((0..TIMED).map(timed)) {
                assert_eq!(segment.updated(number), entry.updated);
                assert_eq!(segment.arrived(number).map(day_number), Some(day));
            }
        }
    }
}

/// What `testdata/format/vN-named` holds: kinds of hash that the segments name themselves.
fn write_named(dir: &Path, lock: &WriteLock) {
    let mut builder = SegmentBuilder::new();
    for seed in 0..12 {
        builder.push(&classic_entry(seed)).unwrap();
    }
    let segment = builder.write(dir).unwrap();
    IndexWriter::open(dir, lock).unwrap().replace_set("DEMO", 1, vec![segment], vec![]).unwrap();
}

fn named(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("testdata/format/v{version}-named"))
}

#[test]
fn folders_with_named_signals_open_and_answer_and_are_written_again() {
    for version in OLDEST_READABLE..=FORMAT_VERSION {
        answers_for_named(&named(version));
    }
    let kept = named(FORMAT_VERSION);
    let (_dir, home) = home();
    write_named(&home.index_dir(), &home.lock().unwrap());
    let segment = Index::open(&kept).unwrap().stat()[0].file.clone();
    let written = fs::read(home.index_dir().join(&segment)).expect("the same content, so the same name");
    assert!(written == fs::read(kept.join(&segment)).unwrap());
}

fn answers_for_named(dir: &Path) {
    assert!(Index::verify(dir).unwrap().is_sound());
    let index = Index::open(dir).unwrap();
    for (seed, written) in (0..12).map(|seed| (seed, classic_entry(seed))) {
        for code in written.hashes.classics() {
            let near = index.near(code, &Scope::within(Distance::ZERO), 99).unwrap();
            let here = near.hits.iter().any(|hit| u64::from(hit.entry) == seed);
            assert_eq!(here, written.opinion != Opinion::Negative, "{} of entry {seed}", code.kind());
        }
    }
}

#[test]
fn this_version_writes_the_bytes_of_its_folder() {
    let (_dir, home) = home();
    let dir = home.index_dir();
    write_this_version(&dir, &home.lock().unwrap());
    let names = |dir: &Path| {
        let files = fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name());
        let mut names: Vec<_> = files.collect();
        names.sort_unstable();
        names
    };
    let kept = fixture(FORMAT_VERSION);
    assert_eq!(names(&dir), names(&kept));
    for name in names(&dir) {
        assert!(fs::read(dir.join(&name)).unwrap() == fs::read(kept.join(&name)).unwrap(), "{name:?}");
    }
}

/// Not a test: writes the folders of this version. `cargo test --lib write_the_folder -- --ignored`
#[test]
#[ignore = "writes the fixture"]
fn write_the_folder_of_this_version() {
    let keep = |folder: PathBuf, write: fn(&Path, &WriteLock)| {
        let (_dir, home) = home();
        let dir = home.index_dir();
        write(&dir, &home.lock().unwrap());
        fs::create_dir_all(&folder).unwrap();
        for file in fs::read_dir(&dir).unwrap() {
            let path = file.unwrap().path();
            fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
    };
    keep(fixture(FORMAT_VERSION), write_this_version);
    keep(named(FORMAT_VERSION), write_named);
}

/// The segment that `docs/format.md` takes apart.
fn example() -> SegmentBuilder {
    let md5: Signal = format!("md5:{}", "5ca1ab1e".repeat(4)).parse().unwrap();
    let pdq: Signal = format!("pdq:{}", "5ca1ab1e".repeat(8)).parse().unwrap();
    let mut hashes = Hashes::from(md5);
    hashes.set(pdq);
    if let Some(pdq) = &mut hashes.pdq {
        pdq.quality = Some(Quality::new(80).unwrap());
    }
    let (key, labels) = (EntryKey::new("7-demo-1").unwrap(), [severity::UNKNOWN].into_iter().collect());
    let mut builder = SegmentBuilder::new();
    builder.push(&Entry { key, hashes, labels, opinion: Opinion::Positive, updated: None }).unwrap();
    builder
}

/// As `hexdump -C` prints it.
fn dump(bytes: &[u8]) -> String {
    let (mut out, mut previous, mut skipping) = (String::new(), None, false);
    for (row, bytes) in bytes.chunks(16).enumerate() {
        if previous == Some(bytes) {
            if !skipping {
                out.push_str("*\n");
            }
            skipping = true;
            continue;
        }
        (previous, skipping) = (Some(bytes), false);
        let half = |half: &[u8]| half.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
        let hex = bytes.chunks(8).map(half).collect::<Vec<_>>().join("  ");
        let text: String =
            bytes.iter().map(|b| if b.is_ascii_graphic() || *b == b' ' { *b as char } else { '.' }).collect();
        let _ = writeln!(out, "{:08x}  {hex:<48}  |{text}|", row * 16);
    }
    let _ = writeln!(out, "{:08x}", bytes.len());
    out
}

#[test]
fn the_dumps_in_the_document_are_what_is_written() {
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/format.md")).unwrap();
    let segment = bytes_of(example());
    let content_id = open(segment.clone()).unwrap().content_id();
    let withdrawn = RoaringBitmap::from_iter([0]);
    let segments = vec![SegmentRecord { content_id, entries: 1, withdrawn }];
    let sets = vec![SetRecord { name: "DEMO".into(), revision: 3, segments }];
    let manifest = Manifest { generation: 2, sets }.encode().unwrap();
    for bytes in [segment, manifest] {
        let dump = dump(&bytes);
        assert!(document.contains(&format!("```text\n{dump}```")), "put this into docs/format.md:\n{dump}");
    }
}

#[test]
fn the_document_shows_how_a_signal_is_named() {
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/format.md")).unwrap();
    let signal: Signal = "gradient8:5ca1ab1e5ca1ab1e".parse().unwrap();
    let mut builder = SegmentBuilder::new();
    let key = EntryKey::new("7-demo-1").unwrap();
    let (hashes, labels) = (Hashes::from(signal), [severity::UNKNOWN].into_iter().collect());
    builder.push(&Entry { key, hashes, labels, opinion: Opinion::Positive, updated: None }).unwrap();
    let dump = dump(&bytes_of(builder));
    let rows = |from: &str, to: &str| &dump[dump.find(from).unwrap()..dump.find(to).unwrap()];
    let shown = [rows("000001c0 ", "00000240 "), rows("000003c0 ", "\n00000408")].concat();
    assert!(document.contains(&shown), "put this into docs/format.md:\n{shown}");
}

#[test]
fn the_document_names_every_section_and_its_number() {
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/format.md")).unwrap();
    for kind in super::format::SectionKind::ALL {
        let row = format!("| {} | {} |", kind as u32, kind.as_str());
        assert!(document.contains(&row), "{row}");
    }
}
