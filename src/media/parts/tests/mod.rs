//! All readers together: what independent tools wrote, what is damaged, and what is made to blow up.

mod documents;
mod stream;

use std::io::{self, Cursor};

use super::*;
use crate::media::gap::Bound;

/// The parts as they came.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) parts: Vec<Part>,
    keeps: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) name: Option<String>,
    /// Its bytes, or the first of them.
    pub(super) bytes: Vec<u8>,
    pub(super) len: u64,
    pub(super) gap: Option<Gap>,
    ended: bool,
}

impl TakeParts for Taken {
    fn begin(&mut self, name: &PartName) -> io::Result<()> {
        assert!(self.parts.last().is_none_or(|part| part.ended), "one at a time");
        let name = name.as_str().map(str::to_owned);
        self.parts.push(Part { name, bytes: Vec::new(), len: 0, gap: None, ended: false });
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let part = self.parts.last_mut().unwrap();
        assert!(!part.ended && !bytes.is_empty());
        part.len += bytes.len() as u64;
        let room = self.keeps.saturating_sub(part.bytes.len());
        part.bytes.extend_from_slice(&bytes[..room.min(bytes.len())]);
        Ok(())
    }

    fn end(&mut self, gap: Option<Gap>) -> io::Result<()> {
        let part = self.parts.last_mut().unwrap();
        assert!(!part.ended);
        (part.gap, part.ended) = (gap, true);
        Ok(())
    }
}

/// Keeps and answers what came out of a container in memory.
pub(super) fn opened_within(bytes: &[u8], bounds: &PartBounds) -> (Option<Gap>, Vec<Part>) {
    let content = Content::of(&bytes[..bytes.len().min(Content::HEAD_BYTES)]);
    let mut taken = Taken { keeps: 1 << 20, ..Taken::default() };
    let gap = open_parts(Cursor::new(bytes), content, bounds, &mut taken).unwrap();
    assert!(taken.parts.iter().all(|part| part.ended), "every part ends");
    (gap, taken.parts)
}

pub(super) fn opened(bytes: &[u8]) -> (Option<Gap>, Vec<Part>) {
    opened_within(bytes, &PartBounds::default())
}

pub(super) fn seed(name: &str) -> Vec<u8> {
    let path = format!("{}/testdata/parts/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Opens a container that is whole, and compares names and contents; those of the originals go by their names.
pub(super) fn holds(name: &str, expected: &[(&str, &str)]) {
    let (gap, parts) = opened(&seed(name));
    assert_eq!(gap, None, "{name}");
    let found: Vec<_> = parts.iter().map(|part| part.name.as_deref().unwrap_or("unnamed")).collect();
    assert_eq!(found, expected.iter().map(|(name, _)| *name).collect::<Vec<_>>(), "{name}");
    for (part, (inside, original)) in parts.iter().zip(expected) {
        assert_eq!(part.gap, None, "{name}: {inside}");
        let original: Vec<u8> = original.split_whitespace().flat_map(seed).collect();
        assert!(part.bytes == original, "{name}: {inside}");
    }
}

#[test]
fn zip_files_are_opened_whatever_wrote_them() {
    let methods = [
        ("stored/line.txt", "line.txt"),
        ("deflated/line.txt", "line.txt"),
        ("bzip2/line.txt", "line.txt"),
        ("lzma/line.txt", "line.txt"),
        ("Grüße/dot.png", "dot.png"),
        ("empty", ""),
    ];
    holds("methods.zip", &methods);
    holds("streamed.zip", &[("line.txt", "line.txt"), ("dot.png", "dot.png"), ("dot.jpg", "dot.jpg")]);
    holds("zip64.zip", &[("line.txt", "line.txt"), ("twice.png", "dot.png"), ("twice.png", "dot.jpg")]);
    for name in ["deflate64.zip", "ppmd.zip"] {
        holds(name, &[("dot.png", "dot.png"), ("line.txt", "line.txt")]);
    }
    for name in ["zipcrypto.zip", "aes.zip"] {
        let (gap, parts) = opened(&seed(name));
        assert_eq!((gap, parts.len()), (None, 2), "{name}");
        assert!(parts.iter().all(|part| part.gap == Some(Gap::Encrypted) && part.len == 0), "{name}");
    }
    // What is put in front of an archive shifts all that it says of places.
    let shifted = [b"PK00".to_vec(), seed("methods.zip")].concat();
    assert_eq!(opened(&shifted).1, opened(&seed("methods.zip")).1);
    assert_eq!(opened(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), (None, vec![]));
}

#[test]
fn a_zip_without_its_directory_is_opened_by_its_members() {
    for name in ["methods.zip", "streamed.zip", "zip64.zip"] {
        let bytes = seed(name);
        let (_, whole) = opened(&bytes);
        let directory = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
        let (gap, parts) = opened(&bytes[..directory]);
        assert_eq!(gap, Some(Gap::Truncated("ZIP")), "{name}");
        // The directory alone says that a member is a link.
        let parts: Vec<_> = parts.into_iter().filter(|part| part.name.as_deref() != Some("link")).collect();
        assert_eq!(parts, whole, "{name}");
        for end in (40..directory).step_by(97) {
            let (gap, parts) = opened(&bytes[..end]);
            assert!(gap.is_some(), "{name} cut at {end}");
            for part in parts.iter().filter(|part| part.gap.is_none()) {
                assert!(part.name.as_deref() == Some("link") || whole.contains(part), "{name} cut at {end}");
            }
        }
    }
}

#[test]
fn a_member_that_is_not_what_its_checksum_says_is_damaged() {
    let mut bytes = seed("methods.zip");
    let at = memchr::memmem::find(&bytes, b"line 7 of").unwrap();
    bytes[at + 5] = b'8';
    let (gap, parts) = opened(&bytes);
    assert_eq!((gap, parts[0].gap.clone(), parts[0].len), (None, Some(Gap::Damaged("ZIP")), 4_490));
    assert!(parts[1..].iter().all(|part| part.gap.is_none()));
}

#[test]
fn tar_files_are_opened_whatever_wrote_them() {
    let long = format!("{}/dot.png", ["a folder with a long name"; 9].join("/"));
    for name in ["gnu.tar", "pax.tar", "ustar.tar"] {
        holds(name, &[("line.txt", "line.txt"), (&long, "dot.png"), ("empty", "")]);
    }
    holds("v7.tar", &[("line.txt", "line.txt"), ("dot.png", "dot.png")]);
    for name in ["holes-gnu.tar", "holes-pax.tar"] {
        let (gap, parts) = opened(&seed(name));
        let found: Vec<_> =
            parts.iter().map(|part| (part.name.as_deref().unwrap(), part.gap.clone())).collect();
        let expected = [("holes", Some(Gap::NoDecoder(TAR_SPARSE))), ("dot.png", None)];
        assert_eq!((gap, &found[..]), (None, &expected[..]), "{name}");
    }
    // Two in one file, as `cat` makes them.
    let two = [seed("gnu.tar"), seed("v7.tar")].concat();
    assert_eq!(opened(&two).1.len(), 5);
}

#[test]
fn a_damaged_tar_goes_on_at_the_next_header() {
    let mut bytes = seed("gnu.tar");
    let whole = opened(&bytes).1;
    let at = memchr::memmem::find(&bytes, b"line.txt").unwrap();
    bytes[at] = b'L';
    let (gap, parts) = opened(&bytes);
    assert_eq!((gap, &parts[..]), (Some(Gap::Damaged("tar")), &whole[1..]));
    let (gap, parts) = opened(&bytes[..at + 512]);
    assert_eq!((gap, parts.len()), (Some(Gap::Damaged("tar")), 0));
    let cut = &seed("gnu.tar")[..2_048];
    let (gap, parts) = opened(cut);
    assert_eq!((gap, parts[0].gap.clone()), (Some(Gap::Truncated("tar")), Some(Gap::Truncated("tar"))));
    assert_eq!(parts[0].bytes, seed("line.txt")[..1_024]);
}

#[test]
fn what_follows_a_tar_and_is_none_is_told() {
    let whole = seed("gnu.tar");
    let (_, expected) = opened(&whole);
    for (behind, gap) in
        [(&[0; 4_096][..], None), (&[0; 100], None), (&[7; 512], Some("tar")), (b"short", Some("tar"))]
    {
        let (found, parts) = opened(&[&whole[..], behind].concat());
        assert_eq!((found, parts.len()), (gap.map(Gap::Damaged), expected.len()), "{} bytes", behind.len());
    }
}

#[test]
fn a_packed_stream_is_one_part_of_all_its_members() {
    for (name, inside) in
        [("line.gz", "line.txt"), ("line.bz2", "unnamed"), ("line.xz", "unnamed"), ("line.zst", "unnamed")]
    {
        holds(name, &[(inside, "line.txt dot.png")]);
        let bytes = seed(name);
        let kind = Content::of(&bytes).name;
        // Zeros that fill a tape up are no more of it, other bytes are not opened.
        let (gap, parts) = opened(&[&bytes[..], &[0; 512]].concat());
        let padding_is_known = name != "line.zst";
        assert_eq!((gap, parts[0].gap.is_none()), (None, padding_is_known), "{name}");
        let (_, parts) = opened(&[&bytes[..], b"more"].concat());
        assert_eq!((parts.len(), parts[0].len), (1, 4_646), "{name}");
        assert!(matches!(parts[0].gap, Some(Gap::Damaged(_) | Gap::Truncated(_))), "{name}");
        // What came before the cut is handed out.
        for end in (8..bytes.len()).step_by(13) {
            let (_, parts) = opened(&bytes[..end]);
            let original = [seed("line.txt"), seed("dot.png")].concat();
            assert!(original.starts_with(&parts[0].bytes), "{name} cut at {end}");
            let gap = parts[0].gap.clone();
            let members_end = parts[0].len == 4_490;
            assert!(
                members_end && gap.is_none() || gap == Some(Gap::Truncated(kind)),
                "{name} cut at {end}: {gap:?}"
            );
        }
    }
    holds("filtered.xz", &[("unnamed", "line.txt")]);
}

/// The first part of a file of zeros or the like, over and over again.
struct Repeated {
    unit: Vec<u8>,
    at: u64,
    len: u64,
}

impl Repeated {
    fn new(unit: Vec<u8>, times: u64) -> Self {
        let len = unit.len() as u64 * times;
        Self { unit, at: 0, len }
    }
}

impl Read for Repeated {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let from = (self.at % self.unit.len() as u64) as usize;
        let left = self.len.saturating_sub(self.at);
        let len = out.len().min(self.unit.len() - from).min(usize::try_from(left).unwrap());
        out[..len].copy_from_slice(&self.unit[from..from + len]);
        self.at += len as u64;
        Ok(len)
    }
}

impl Seek for Repeated {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.at = match to {
            io::SeekFrom::Start(to) => to,
            io::SeekFrom::End(by) => self.len.checked_add_signed(by).unwrap(),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by).unwrap(),
        };
        Ok(self.at)
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Counts alone: a bomb has too much to keep.
fn counted(input: impl Read + Seek, head: &[u8], bounds: &PartBounds) -> (Option<Gap>, Vec<Part>) {
    let mut taken = Taken::default();
    let gap = open_parts(input, Content::of(head), bounds, &mut taken).unwrap();
    (gap, taken.parts)
}

#[test]
fn ten_gigabytes_of_zeros_meet_the_bounds() {
    let member = gzip(&vec![0; 10 << 20]);
    let head = member.clone();
    let zeros = || Repeated::new(member.clone(), 1_000);
    let few = PartBounds { bytes: 100 << 20, ..PartBounds::default() };
    let (gap, parts) = counted(zeros(), &head, &few);
    assert_eq!(gap, Some(Gap::Bound(Bound::Bytes, 100 << 20)));
    assert_eq!((parts[0].len, &parts[0].gap), (100 << 20, &gap));
    let thin = PartBounds { ratio: 10, ..PartBounds::default() };
    let (gap, parts) = counted(zeros(), &head, &thin);
    assert_eq!(gap, Some(Gap::Bound(Bound::Ratio, 10)));
    assert_eq!(parts[0].len, (head.len() as u64 * 1_000 * 10).max(PartBounds::UNRATED_BYTES));
    let short = PartBounds { part_bytes: 1 << 20, ..PartBounds::default() };
    let (gap, parts) = counted(zeros(), &head, &short);
    assert_eq!((gap, parts[0].len), (None, 1 << 20));
    assert_eq!(parts[0].gap, Some(Gap::Bound(Bound::Bytes, 1 << 20)));
}

#[test]
fn ten_million_members_meet_the_bound_on_their_count() {
    let archive = seed("gnu.tar");
    let at = memchr::memmem::find(&archive, b"empty\0").unwrap();
    let header = archive[at..at + 512].to_vec();
    let bounds = PartBounds { parts: 20_000, ..PartBounds::default() };
    let (gap, parts) = counted(Repeated::new(header.clone(), 10_000_000), &header, &bounds);
    assert_eq!((gap, parts.len()), (Some(Gap::Bound(Bound::Parts, 20_000)), 20_000));
    // More than the old header of a ZIP can count.
    let (gap, parts) = counted(Repeated::new(header.clone(), 70_000), &header, &PartBounds::default());
    assert_eq!((gap, parts.len()), (Some(Gap::Truncated("tar")), 70_000));
}

/// A stored or deflated archive; `shared` lets all members use the data of the first.
fn zip(members: u64, data: &[u8], method: u8, unpacked: &[u8], shared: bool) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(unpacked);
    let sizes = [crc.sum(), data.len() as u32, unpacked.len() as u32].map(u32::to_le_bytes).concat();
    let common = [&[0, 0, method, 0, 0, 0, 0, 0][..], &sizes, &[1, 0, 0, 0]].concat();
    let local = [b"PK\x03\x04\x14\0", &common[..], b"a", data].concat();
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for member in 0..members {
        let at = if shared { 0 } else { out.len() as u32 };
        if member == 0 || !shared {
            out.extend_from_slice(&local);
        }
        directory.extend_from_slice(b"PK\x01\x02\x14\0\x14\0");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&at.to_le_bytes());
        directory.push(b'a');
    }
    let ends = [directory.len() as u32, out.len() as u32].map(u32::to_le_bytes).concat();
    let count = (members as u16).to_le_bytes();
    [&out[..], &directory, b"PK\x05\x06\0\0\0\0", &count, &count, &ends, &[0, 0]].concat()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut out = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn overlapping_members_and_nests_of_bombs_meet_the_bounds() {
    let zeros = vec![0; 4 << 20];
    let packed = deflated(&zeros);
    // 4 MiB each of the same few bytes.
    let bomb = zip(5_000, &packed, 8, &zeros, true);
    let bounds = PartBounds { ratio: 100, ..PartBounds::default() };
    let (gap, parts) = counted(Cursor::new(&bomb), &bomb, &bounds);
    assert_eq!(gap, Some(Gap::Bound(Bound::Ratio, 100)));
    let out: u64 = parts.iter().map(|part| part.len).sum();
    assert_eq!(out, PartBounds::UNRATED_BYTES.max(bomb.len() as u64 * 100));
    // 42.zip: sixteen archives of sixteen archives. One level is opened at a time, and each is small.
    let inner = zip(16, &packed, 8, &zeros, false);
    let outer = zip(16, &deflated(&inner), 8, &inner, false);
    let (gap, parts) = opened(&outer);
    assert_eq!((gap, parts.len()), (None, 16));
    assert!(parts.iter().all(|part| part.gap.is_none() && part.bytes == inner));
    // More members than two bytes count.
    let (gap, parts) = opened(&zip(66_000, b"", 0, b"", false));
    assert_eq!((gap, parts.len()), (None, 66_000));
}

#[test]
fn sizes_that_are_claimed_take_no_memory() {
    let bytes = zip(1, &deflated(b"words"), 8, b"words", false);
    let entry = memchr::memmem::rfind(&bytes, b"PK\x01\x02").unwrap();
    for at in [20, 24, 42] {
        let mut bytes = bytes.clone();
        bytes[entry + at..entry + at + 4].fill(0xff);
        let (_, parts) = opened(&bytes);
        assert!(parts.iter().all(|part| part.len <= 5), "field {at}");
    }
    // tar: 2^63 bytes to come.
    let mut header = seed("gnu.tar")[512..1024].to_vec();
    header[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let (gap, parts) = opened(&[&header[..], b"words"].concat());
    assert_eq!((gap, parts[0].len), (Some(Gap::Truncated("tar")), 5));
    assert_eq!(parts[0].gap, Some(Gap::Truncated("tar")));
}

#[test]
fn dictionaries_beyond_the_bound_are_not_made() {
    // The header of xz says what must be remembered: 1.5 GiB and 64 KiB.
    let memory = Some(Gap::Bound(Bound::Memory, 256 << 20));
    let mut xz = seed("filtered.xz");
    let lzma2 = memchr::memmem::find(&xz[..40], &[0x21, 1]).unwrap();
    xz[lzma2 + 2] = 37;
    let end = 12 + (usize::from(xz[12]) + 1) * 4;
    let mut crc = flate2::Crc::new();
    crc.update(&xz[12..end - 4]);
    xz[end - 4..end].copy_from_slice(&crc.sum().to_le_bytes());
    assert_eq!(opened(&xz).1[0].gap, memory);
    // Zstandard: a window of 2 GiB.
    assert_eq!(opened(&[0x28, 0xb5, 0x2f, 0xfd, 0, 0xa8, 1, 0, 0]).1[0].gap, memory);
    // ZIP: LZMA with 4 GiB, PPMd with more than the bound.
    let lzma = [&[9, 20, 5, 0, 0x5d][..], &[0xff; 4], &[0; 20]].concat();
    let (_, parts) = opened(&zip(1, &lzma, 14, b"words", false));
    assert!(matches!(parts[0].gap, Some(Gap::Damaged(_) | Gap::Bound(Bound::Memory, _))));
    let tight = PartBounds { memory_bytes: 1 << 20, ..PartBounds::default() };
    let ppmd = zip(1, &[0xf5, 0x0f, 1, 2, 3], 98, b"words", false);
    assert_eq!(opened_within(&ppmd, &tight).1[0].gap, Some(Gap::Bound(Bound::Memory, 1 << 20)));
}

/// Every seed, changed at random: nothing panics, the bounds hold, and every part ends.
#[test]
fn damage_is_a_gap_and_never_a_panic() {
    let bounds =
        PartBounds { parts: 500, bytes: 4 << 20, part_bytes: 2 << 20, ratio: 1_000, memory_bytes: 16 << 20 };
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    let folder = format!("{}/testdata/parts", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let mut containers = 0;
    for name in names {
        let original = seed(name.to_str().unwrap());
        let content = Content::of(&original[..original.len().min(Content::HEAD_BYTES)]);
        if !matches!(content.kind, Kind::Container(_)) {
            continue;
        }
        containers += 1;
        for _ in 0..60 {
            let mut bytes = original.clone();
            for _ in 0..1 + next(8) {
                let at = next(bytes.len());
                match next(4) {
                    0 => bytes[at] ^= 1 << next(8),
                    1 => bytes[at] = [0, 0xff, 0x7f, 0x80][next(4)],
                    2 => bytes.truncate(at.max(1)),
                    _ => {
                        let from = next(bytes.len());
                        let len = next(64).min(bytes.len() - from.max(at));
                        bytes.copy_within(from..from + len, at);
                    }
                }
            }
            let mut taken = Taken::default();
            open_parts(Cursor::new(&bytes), content, &bounds, &mut taken).unwrap();
            let all: u64 = taken.parts.iter().map(|part| part.len).sum();
            assert!(all <= bounds.bytes && taken.parts.len() <= 500, "{name:?}");
            assert!(taken.parts.iter().all(|part| part.ended && part.len <= bounds.part_bytes), "{name:?}");
        }
    }
    assert!(containers > 35, "the seeds are there");
}

#[test]
fn an_error_of_the_taker_or_of_the_input_ends_all() {
    struct Full;
    impl TakeParts for Full {
        fn begin(&mut self, _: &PartName) -> io::Result<()> {
            Ok(())
        }
        fn bytes(&mut self, _: &[u8]) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn end(&mut self, _: Option<Gap>) -> io::Result<()> {
            panic!("nothing comes after an error");
        }
    }
    struct Broken(Cursor<Vec<u8>>);
    impl Read for Broken {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.0.position() > 600 {
                Err(io::Error::from_raw_os_error(5))
            } else {
                self.0.read(&mut out[..100])
            }
        }
    }
    impl Seek for Broken {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let names =
        ["methods.zip", "gnu.tar", "line.gz", "line.xz", "line.bz2", "line.zst", "stored.7z", "outer.eml"];
    for name in names.into_iter().chain(["two.mbox", "slides.ppt", "outlook.msg", "scans.pdf"]) {
        let bytes = seed(name);
        let content = Content::of(&bytes[..bytes.len().min(Content::HEAD_BYTES)]);
        let bounds = PartBounds::default();
        let error = open_parts(Cursor::new(&bytes), content, &bounds, &mut Full).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{name}");
        if bytes.len() > 700 {
            let error =
                open_parts(Broken(Cursor::new(bytes)), content, &bounds, &mut Taken::default()).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(5), "{name}");
        }
    }
}

/// Files that broke other decoders, where they lie beside the project.
#[test]
fn corrupt_files_of_others_are_gaps() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/corrupt");
    let bounds =
        PartBounds { parts: 1_000, bytes: 16 << 20, memory_bytes: 16 << 20, ..PartBounds::default() };
    for entry in
        walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file())
    {
        let bytes = std::fs::read(entry.path()).unwrap();
        let content = Content::of(&bytes[..bytes.len().min(Content::HEAD_BYTES)]);
        open_parts(Cursor::new(&bytes), content, &bounds, &mut Taken::default()).unwrap();
    }
}

#[test]
fn a_tar_that_is_packed_is_opened_as_it_streams() {
    use std::io::Write;
    let gzip = |bytes: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    };
    for name in ["gnu.tar", "pax.tar", "v7.tar", "holes-gnu.tar"] {
        let tar = seed(name);
        let (_, whole) = opened(&tar);
        assert!(!whole.is_empty());
        let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        bzip2.write_all(&tar).unwrap();
        let (first, rest) = tar.split_at(700);
        for packed in [gzip(&tar), bzip2.finish().unwrap(), [gzip(first), gzip(rest)].concat()] {
            assert_eq!(opened(&packed), (None, whole.clone()), "{name}");
            for end in [packed.len() / 2, packed.len() - 9] {
                let (gap, parts) = opened(&packed[..end]);
                assert!(gap.is_some() || parts.iter().any(|part| part.gap.is_some()), "{name} cut at {end}");
                assert!(parts.len() <= whole.len());
            }
        }
    }
    let (gap, parts) = opened(&gzip(&seed("line.txt")));
    assert_eq!((gap, parts.len(), parts[0].bytes == seed("line.txt")), (None, 1, true), "no tar is one part");
}
