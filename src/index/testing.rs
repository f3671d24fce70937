//! What the tests of this room share: entries from a seed, segments in memory, seals for bytes that were changed.

use std::io::Cursor;

use super::builder::SegmentBuilder;
use super::error::Fault;
use super::format::{HEADER_LEN, RECORD_LEN, checksum, u32_at, u64_at};
use super::map::Content;
use super::segment::Segment;
use crate::digest::{Classic, ClassicCode, Md5, Pdq, Quality, Sha256};
use crate::hashset::{Entry, EntryKey, Hashes, Labels, Opinion, PdqEntry};
use crate::home::Home;
use crate::kernel::Code256;
use crate::vocabulary::Dimension;

/// `N` bytes that depend on `seed` alone.
pub(super) fn noise<const N: usize>(seed: u64) -> [u8; N] {
    let mut out = [0; N];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut out);
    out
}

/// A number below `limit` that depends on `seed` alone.
pub(super) fn below(seed: u64, limit: u64) -> u64 {
    u64::from_le_bytes(noise(seed)) % limit
}

/// `code` with exactly `bits` of its bits flipped, chosen by `seed`.
pub(super) fn flipped(code: &Code256, bits: u32, seed: u64) -> Code256 {
    let mut places: Vec<u32> = (0..256).collect();
    let mut out = *code.as_bytes();
    for flip in 0..bits {
        let place = places.swap_remove(below(seed ^ (u64::from(flip) << 40), places.len() as u64) as usize);
        out[(place / 8) as usize] ^= 1 << (place % 8);
    }
    Code256::from_bytes(out)
}

/// Codes of three sorts: uniform; with 128 bits set and few of them free; near each other at chosen distances.
pub(super) fn code(seed: u64) -> Code256 {
    match seed % 3 {
        0 => Code256::from_bytes(noise(seed)),
        1 => {
            let mut bytes = [0b0101_0101; 32];
            bytes[..2].copy_from_slice(&noise::<2>(seed));
            Code256::from_bytes(bytes)
        }
        _ => {
            let centre = Code256::from_bytes(noise(seed % 7 + 1_000_000));
            let bits = [0, 0, 1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65][(seed / 3 % 16) as usize];
            flipped(&centre, bits, seed)
        }
    }
}

pub(super) fn pdq(seed: u64) -> Pdq {
    Pdq::new(code(seed))
}

/// An entry with a digest of few, so that digests repeat, and a PDQ hash most of the time.
pub(super) fn entry(seed: u64) -> Entry {
    let mut hashes = Hashes::from(crate::digest::Signal::from(Md5::from_bytes(noise(seed % 11))));
    if seed.is_multiple_of(2) {
        hashes.set(Sha256::from_bytes(noise(seed % 5)).into());
    }
    if !seed.is_multiple_of(7) {
        let quality = Quality::new((seed % 120) as u8).ok();
        hashes.pdq = Some(PdqEntry { hash: pdq(seed), quality });
    }
    let severity = Dimension::Severity.codes().nth((seed % 4) as usize);
    Entry {
        key: EntryKey::new(format!("key-{}", seed % 97)).unwrap(),
        hashes,
        labels: severity.into_iter().collect::<Labels>(),
        opinion: Opinion::from_byte((seed % 4) as u8).unwrap(),
        updated: None,
    }
}

/// Classic kinds of every width: 40, 64, 144, 256, 544 and 1,024 bits.
pub(super) fn classic_kinds() -> [Classic; 6] {
    ["double-gradient8", "gradient8", "double-gradient16-dct", "mean16", "double-gradient32", "median32-dct"]
        .map(|name| name.parse().unwrap())
}

/// A hash of `kind`: every second one near one of three centres.
pub(super) fn classic_code(kind: Classic, seed: u64) -> ClassicCode {
    let width = u64::from(kind.width_bits());
    let bytes = |seed: u64| noise::<128>(seed)[..width as usize / 8].to_vec();
    let mut code = if seed.is_multiple_of(2) { bytes(seed) } else { bytes(seed % 3 + 2_000_000) };
    for flip in 0..seed / 2 % 9 {
        let place = below(seed ^ (flip << 40), width) as usize;
        code[place / 8] ^= 1 << (place % 8);
    }
    ClassicCode::new(kind, &code).unwrap()
}

/// As [`entry`], with a hash of the first classic kind always and of the others now and then.
pub(super) fn classic_entry(seed: u64) -> Entry {
    let mut entry = entry(seed);
    for (number, kind) in (0..).zip(classic_kinds()) {
        if number == 0 || below(seed + (number << 32), 3) == 0 {
            entry.hashes.set(classic_code(kind, seed).into());
        }
    }
    entry
}

pub(super) fn builder(seeds: impl IntoIterator<Item = u64>) -> SegmentBuilder {
    let mut builder = SegmentBuilder::new();
    for seed in seeds {
        builder.push(&entry(seed)).unwrap();
    }
    builder
}

/// The bytes that `builder` writes.
pub(super) fn bytes_of(mut builder: SegmentBuilder) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    builder.write_to(&mut out).unwrap();
    out.into_inner()
}

pub(super) fn open(bytes: Vec<u8>) -> Result<Segment, Fault> {
    Segment::of(Content::Owned(bytes))
}

/// Makes every checksum right again, as somebody would who builds a segment to do harm.
pub(super) fn seal(bytes: &mut [u8]) {
    let table_end = HEADER_LEN + u32_at(bytes, 12) as usize * RECORD_LEN;
    if table_end <= bytes.len() {
        for at in (HEADER_LEN..table_end).step_by(RECORD_LEN) {
            let (offset, length) = (u64_at(bytes, at + 24) as usize, u64_at(bytes, at + 32) as usize);
            if let Some(section) = offset.checked_add(length).and_then(|end| bytes.get(offset..end)) {
                let sum = checksum(section);
                bytes[at + 48..at + 64].copy_from_slice(&sum);
            }
        }
        let sum = checksum(&bytes[HEADER_LEN..table_end]);
        bytes[32..48].copy_from_slice(&sum);
    }
    let sum = checksum(&bytes[..48]);
    bytes[48..64].copy_from_slice(&sum);
}

/// The names of all files in `dir`, and their lengths.
pub(super) fn files(dir: &std::path::Path) -> std::collections::BTreeMap<String, u64> {
    let entries = std::fs::read_dir(dir).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), e.metadata().unwrap().len())).collect()
}

pub(super) fn home() -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), false).unwrap();
    (dir, home)
}
