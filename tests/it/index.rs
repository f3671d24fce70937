//! The index through its public interface: import, search, withdraw, verify, in one home.

use std::fs;

use innerward::digest::{Pdq, Quality, Sha256, Signal};
use innerward::hashset::{Entry, EntryKey, Hashes, Opinion, PdqEntry};
use innerward::home::Home;
use innerward::index::{Fault, Index, IndexError, IndexWriter, Scope, SegmentBuilder, SegmentFile};
use innerward::kernel::{Code256, Distance};
use innerward::vocabulary::severity;

/// 32 bytes that depend on `seed` alone.
fn noise(seed: u32) -> [u8; 32] {
    *blake3::hash(&seed.to_le_bytes()).as_bytes()
}

fn pdq(seed: u32) -> Pdq {
    Pdq::new(Code256::from_bytes(noise(seed)))
}

/// `query` with its first `bits` bits flipped.
fn flipped(query: Pdq, bits: usize) -> Pdq {
    let mut bytes = *query.code().as_bytes();
    (0..bits).for_each(|bit| bytes[bit / 8] ^= 0x80 >> (bit % 8));
    Pdq::new(Code256::from_bytes(bytes))
}

fn entry(seed: u32) -> Entry {
    let mut hashes = Hashes::from(Signal::from(Sha256::from_bytes(noise(seed))));
    hashes.pdq = Some(PdqEntry { hash: pdq(seed), quality: Quality::new(77).ok() });
    Entry {
        key: EntryKey::new(format!("7-demo-{seed}")).unwrap(),
        hashes,
        labels: [severity::UNKNOWN].into_iter().collect(),
        opinion: Opinion::Positive,
        updated: None,
    }
}

fn segment(home: &Home, seeds: std::ops::Range<u32>) -> SegmentFile {
    let mut builder = SegmentBuilder::new();
    for seed in seeds {
        builder.push(&entry(seed)).unwrap();
    }
    builder.write(&home.index_dir()).unwrap()
}

fn home() -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), false).unwrap();
    (dir, home)
}

#[test]
fn an_entry_is_found_near_and_exactly_until_it_is_withdrawn() {
    let (_dir, home) = home();
    let lock = home.lock().unwrap();
    let mut writer = IndexWriter::open(&home.index_dir(), &lock).unwrap();
    writer.replace_set("DEMO", 1, vec![segment(&home, 0..40_000)], vec![]).unwrap();
    let before = Index::open(&home.index_dir()).unwrap();
    for (bits, found) in [(0, 1), (31, 1), (32, 0)] {
        let near = before.near(&flipped(pdq(9), bits), &Scope::within(Distance::PDQ_DEFAULT), 10).unwrap();
        assert_eq!(near.hits.len(), found, "{bits} bits away");
        assert_eq!(near.plan.banded_segments, 1);
        for hit in near.hits {
            assert_eq!(usize::from(hit.distance.bits()), bits);
            assert_eq!(hit.quality.map(Quality::percent), Some(77));
            let entry = before.entry(&hit).unwrap();
            assert_eq!(
                (entry.set(), entry.key().as_str(), entry.opinion()),
                ("DEMO", "7-demo-9", Opinion::Positive)
            );
            assert_eq!(entry.label_texts().collect::<Vec<_>>(), ["severity:SEV_U"]);
        }
    }
    let digest = Signal::from(Sha256::from_bytes(noise(9)));
    assert_eq!(before.exact(&digest).unwrap().len(), 1);

    let keys = [EntryKey::new("7-demo-9").unwrap(), EntryKey::new("not there").unwrap()];
    assert_eq!(writer.withdraw("DEMO", &keys).unwrap(), 1);
    assert_eq!(writer.withdraw("DEMO", &keys).unwrap(), 0);
    let after = Index::open(&home.index_dir()).unwrap();
    assert!(after.exact(&digest).unwrap().is_empty());
    assert!(after.near(&pdq(9), &Scope::within(Distance::PDQ_DEFAULT), 10).unwrap().hits.is_empty());
    assert_eq!(before.exact(&digest).unwrap().len(), 1, "a snapshot keeps its answer");
    assert!(after.generation() > before.generation());
}

#[test]
fn a_flipped_byte_is_named_with_its_section() {
    let (_dir, home) = home();
    let lock = home.lock().unwrap();
    let file = segment(&home, 0..100);
    let mut writer = IndexWriter::open(&home.index_dir(), &lock).unwrap();
    writer.replace_set("DEMO", 1, vec![file], vec![]).unwrap();
    let path = home.index_dir().join(file.content_id().file_name());
    let mut bytes = fs::read(&path).unwrap();
    assert_eq!(bytes.len() as u64, file.len_bytes());
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(Index::open(&home.index_dir()).is_ok(), "opening does not read the sections");
    let report = Index::verify(&home.index_dir()).unwrap();
    assert!(!report.is_sound());
    let fault = &report.files[1].faults[0];
    assert!(matches!(fault, Fault::SectionChecksum { .. }));
    assert_eq!(
        fault.to_string(),
        "section \"code qualities of pdq\" does not have the checksum written with it"
    );

    bytes.truncate(last);
    fs::write(&path, &bytes).unwrap();
    let error = Index::open(&home.index_dir()).unwrap_err();
    assert!(matches!(error, IndexError::File { fault: Fault::Length { .. }, .. }), "{error}");
}
