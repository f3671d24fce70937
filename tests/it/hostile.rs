//! Bytes that mean harm, or were harmed: bounded time and memory, never a panic, and the digests are right all the same.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use innerward::digest::Fingerprint;
use innerward::media::Limits;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rayon::prelude::*;

use crate::ward::{Done, ScreenLine, ScreenSummary, Ward, digits, testdata};

/// For one file, in a build without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is wrong with reading `bytes`; a panic prints its place itself.
fn fault(bytes: &[u8]) -> Option<String> {
    let start = Instant::now();
    let Ok(read) = catch_unwind(AssertUnwindSafe(|| Fingerprint::read(bytes, &Limits::default()))) else {
        return Some("a panic".into());
    };
    let print = read.expect("memory can be read");
    if start.elapsed() > PATIENCE {
        return Some(format!("{:.1} s", start.elapsed().as_secs_f64()));
    }
    use sha2::Digest;
    let expected = [&md5::Md5::digest(bytes)[..], &sha1::Sha1::digest(bytes), &sha2::Sha256::digest(bytes)];
    let digests = &print.digests;
    let found = [&digests.md5.as_bytes()[..], digests.sha1.as_bytes(), digests.sha256.as_bytes()];
    let right = expected == found && blake3::hash(bytes) == *digests.blake3.as_bytes();
    (!right || print.bytes != bytes.len() as u64).then(|| "wrong digests".into())
}

fn files(root: &Path) -> Vec<PathBuf> {
    let entries =
        walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
    entries.filter(|path| path.is_file()).collect()
}

fn none_at_fault(paths: &[PathBuf]) {
    let faults: Vec<String> = paths
        .par_iter()
        .filter_map(|path| Some(format!("{}: {}", path.display(), fault(&fs::read(path).unwrap())?)))
        .collect();
    assert!(faults.is_empty(), "{} of {} files: {faults:#?}", faults.len(), paths.len());
}

#[test]
fn files_that_are_no_pictures_do_no_harm() {
    let paths = files(&testdata().join("pictures/other"));
    assert!(paths.len() >= 8);
    none_at_fault(&paths);
}

/// Fuzzers' corpora and bad-file suites, where they are at hand: they are too large to ship.
#[test]
fn collections_of_broken_files_do_no_harm() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/corrupt");
    if !shared.exists() {
        eprintln!("skipped: the collections are not here");
        return;
    }
    let paths = files(&shared);
    assert!(paths.len() > 4000, "{} files", paths.len());
    none_at_fault(&paths);

    // The same files through the binary: each gets one verdict, what is inside of the archives
    // among them another, and the run ends well.
    let ward = Ward::new();
    ward.import("own", &digits("own", 16), &[]);
    let done = ward.run(&["screen", shared.to_str().unwrap(), "--format", "json"]);
    let lines = done.all::<ScreenLine>("screen");
    let (inner, whole): (Vec<_>, Vec<_>) =
        lines.iter().map(|line| &line.path).partition(|path| path.contains("!/"));
    assert_eq!((done.code, whole.len()), (4, paths.len()), "{}", done.err);
    assert!(
        inner.iter().all(|path| path.split_once("!/").is_some_and(|(outer, _)| Path::new(outer).is_file()))
    );
    let summary = done.summary::<ScreenSummary>();
    assert_eq!((summary.items, summary.inside), (lines.len() as u64, inner.len() as u64));
}

/// One to a few changes: bits flipped, bytes set to extremes, pieces cut out, doubled, or the end lost.
fn mutated(original: &[u8], rng: &mut StdRng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..rng.random_range(1..=4) {
        if bytes.len() < 16 {
            break;
        }
        // Headers are where a change matters most.
        let reach = if rng.random_bool(0.5) { bytes.len().min(256) } else { bytes.len() };
        let at = rng.random_range(0..reach - 4);
        match rng.random_range(0..6) {
            0 => bytes[at] ^= 1 << rng.random_range(0..8),
            1 => bytes[at] = *[0, 1, 0x7f, 0x80, 0xff].get(rng.random_range(0..5)).unwrap(),
            2 => bytes[at..at + 4].copy_from_slice(&rng.random::<[u8; 4]>()),
            3 => drop(bytes.drain(at..(at + rng.random_range(1..64)).min(reach))),
            4 => {
                let piece = bytes[at..(at + 64).min(reach)].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes.truncate(rng.random_range(0..bytes.len())),
        }
    }
    bytes
}

#[test]
fn mutated_pictures_do_no_harm() {
    const SEED: u64 = 0x6d75_7461_7465_6421;
    const ROUNDS: u64 = 120;
    eprintln!("seed {SEED:#x}");
    let originals: Vec<(PathBuf, Vec<u8>)> = files(&testdata().join("pictures"))
        .into_iter()
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .filter(|(_, bytes)| bytes.len() < 70_000)
        .collect();
    assert!(originals.len() > 20, "{} small files", originals.len());
    let tries = (0..originals.len() * ROUNDS as usize).into_par_iter();
    let faults: Vec<String> = tries
        .filter_map(|n| {
            let (path, original) = &originals[n % originals.len()];
            let bytes = mutated(original, &mut StdRng::seed_from_u64(SEED + n as u64));
            Some(format!("{}, try {n}: {}", path.display(), fault(&bytes)?))
        })
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The same through the binary, where every file gets a verdict from a confined process, and none kills one.
#[test]
fn mutated_pictures_do_no_harm_in_the_jail() {
    const SEED: u64 = 0x6a61_696c_6564_2121;
    const FILES: usize = 1200;
    eprintln!("seed {SEED:#x}");
    let originals: Vec<Vec<u8>> = files(&testdata().join("pictures"))
        .into_iter()
        .chain(files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/heif")))
        .map(|path| fs::read(path).unwrap())
        .filter(|bytes| bytes.len() < 40_000)
        .collect();
    let ward = Ward::new();
    ward.import("own", &digits("own", 16), &[]);
    for n in 0..FILES {
        let bytes = mutated(&originals[n % originals.len()], &mut StdRng::seed_from_u64(SEED + n as u64));
        ward.write(&format!("in/{n:04}"), bytes);
    }
    let start = Instant::now();
    let done = ward.run(&["screen", "in", "--format", "json"]);
    assert!(start.elapsed() < 6 * PATIENCE, "{:?}", start.elapsed());
    assert_eq!((done.code, &*done.err), (4, ""));
    let lines = done.all::<ScreenLine>("screen");
    assert_eq!(lines.iter().filter(|line| line.file.is_none()).count(), FILES);
    let killed = |line: &&ScreenLine| line.reason.as_ref().is_some_and(|reason| reason.contains("killed"));
    let killed: Vec<&String> = lines.iter().filter(killed).map(|line| &line.path).collect();
    assert!(killed.is_empty(), "{killed:?}");
}

/// A PNG chunk with its checksum.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    let mut crc = u32::MAX;
    for byte in &body {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    [&(data.len() as u32).to_be_bytes()[..], &body, &(!crc).to_be_bytes()].concat()
}

/// Headers that promise `side` by `side` pixels, with next to nothing behind them.
fn bombs(side: u32) -> Vec<(&'static str, Vec<u8>)> {
    let (be, le) = (side.to_be_bytes(), side.to_le_bytes());
    let (be16, le16) = ((side as u16).to_be_bytes(), (side as u16).to_le_bytes());
    let png = |depth: u8, colour: u8, interlace: u8| {
        let header = [&be[..], &be, &[depth, colour, 0, 0, interlace]].concat();
        // A stored block of four zeros in a zlib stream.
        let data = b"\x78\x01\x01\x04\x00\xfb\xff\0\0\0\0\0\x04\x00\x01";
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", data), chunk(b"IEND", b"")]
            .concat()
    };
    let bmp = |bits: u8, compression: u8| {
        let mut bytes = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
        bytes.extend([&le[..], &le, &[1, 0, bits, 0, compression, 0, 0, 0], &[0; 20], &[0; 64]].concat());
        bytes
    };
    let gif = [
        b"GIF89a",
        &le16[..],
        &le16,
        b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0",
        &le16,
        &le16,
        b"\0\x02\x02\x44\x01\0;",
    ]
    .concat();
    let tiff = |rows: [u8; 4], compression: u8| {
        // Width, height, bits, compression, colours, where the strip is, samples, rows in a strip, bytes of the strip.
        let field = |tag: u16, kind: u8, value: [u8; 4]| {
            [&tag.to_le_bytes()[..], &[kind, 0, 1, 0, 0, 0], &value].concat()
        };
        let fields = [
            field(256, 4, le),
            field(257, 4, le),
            field(258, 3, [8, 0, 0, 0]),
            field(259, 3, [compression, 0, 0, 0]),
            field(262, 3, [1, 0, 0, 0]),
            field(273, 4, [8, 0, 0, 0]),
            field(277, 3, [1, 0, 0, 0]),
            field(278, 4, rows),
            field(279, 4, [0xff, 0xff, 0xff, 0x7f]),
        ];
        [b"II*\0\x08\0\0\0\x09\0".to_vec(), fields.concat(), vec![0; 32]].concat()
    };
    let jpeg = |kind: u8| {
        let tables: Vec<u8> = [b"\xff\xdb\0\x43\0".to_vec(), vec![1; 64]].concat();
        let frame = [b"\xff", &[kind][..], b"\0\x0b\x08", &be16, &be16, b"\x01\x01\x11\0"].concat();
        let huffman = b"\xff\xc4\0\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xc4\0\x14\x10\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        let scan = if kind == 0xc2 {
            b"\xff\xda\0\x08\x01\x01\0\0\0\0"
        } else {
            b"\xff\xda\0\x08\x01\x01\0\0\x3f\0"
        };
        [b"\xff\xd8".to_vec(), tables, frame, huffman.to_vec(), scan.to_vec(), vec![0; 16]].concat()
    };
    // VP8L has 14 bits for a side, VP8X 24; the first byte of VP8L's data is its signature.
    let sides = (side.min(1 << 14) - 1) | ((side.min(1 << 14) - 1) << 14);
    let riff = |kind: &[u8; 4], data: &[u8]| {
        let size = (data.len() as u32).to_le_bytes();
        let body = [b"WEBP".to_vec(), kind.to_vec(), size.to_vec(), data.to_vec()].concat();
        [b"RIFF".to_vec(), (body.len() as u32).to_le_bytes().to_vec(), body].concat()
    };
    let canvas = &(side - 1).to_le_bytes()[..3];
    vec![
        ("PNG", png(8, 2, 0)),
        ("PNG, 16 bits, interlaced", png(16, 6, 1)),
        ("PNG, 1 bit", png(1, 0, 0)),
        ("BMP", bmp(24, 0)),
        ("BMP, run lengths", bmp(8, 1)),
        ("GIF", gif),
        ("TIFF", tiff([1, 0, 0, 0], 1)),
        ("TIFF, one strip", tiff(le, 1)),
        ("TIFF, LZW", tiff(le, 5)),
        ("JPEG", jpeg(0xc0)),
        ("JPEG, progressive", jpeg(0xc2)),
        ("WebP, lossless", riff(b"VP8L", &[&b"\x2f"[..], &sides.to_le_bytes(), &[0; 8]].concat())),
        ("WebP, extended", riff(b"VP8X", &[&[0x10, 0, 0, 0], canvas, canvas].concat())),
    ]
}

#[test]
fn a_header_that_promises_too_much_costs_next_to_nothing() {
    let ward = Ward::new();
    let bombs = bombs(60_000);
    for (n, (what, bytes)) in bombs.iter().enumerate() {
        assert_eq!(fault(bytes), None, "{what}");
        let print = Fingerprint::read(&bytes[..], &Limits::default()).unwrap();
        assert!(print.gap.is_some() && print.forms.is_empty(), "{what} is not checked");
        assert_eq!(print.content.media().as_str(), "IMAGE", "{what} is recognised");
        ward.write(&format!("bombs/{n:02}"), bytes);
    }
    let start = Instant::now();
    let paths: Vec<String> = (0..bombs.len()).map(|n| format!("bombs/{n:02}")).collect();
    let done = Done::of(in_little_memory(&ward, &paths));
    assert_eq!((done.code, &*done.err), (4, ""), "every one is unchecked");
    assert_eq!(done.out.lines().count(), bombs.len() + 1);
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    // So in the jail, with little more memory than it takes to be there at all.
    ward.import("own", &digits("own", 16), &[]);
    ward.write("ward/innerward.toml", "max_memory_bytes = 100000000\n");
    let done = ward.run(&["screen", "bombs", "--format", "json"]);
    let lines = done.all::<ScreenLine>("screen");
    assert_eq!((done.code, lines.len()), (4, bombs.len()));
    for line in lines {
        let reason = line.reason.unwrap();
        assert!(line.outcome == "unchecked" && !reason.contains("killed"), "{}: {reason}", line.path);
    }
    // With a promise within the limits, what is missing is found out at the price of the pixels at most.
    for (what, bytes) in self::bombs(9_000) {
        assert_eq!(fault(&bytes), None, "{what}");
    }
}

/// A zlib stream of zeros, 258 for each 13 bits; its checksum is left out.
fn zeros(runs: usize) -> Vec<u8> {
    // The last block, with fixed codes: a zero, then so many copies of 258 bytes from one byte back, then the end.
    let (zero, copy, end) = ("00110000", "1100010100000", "0000000");
    let bits = format!("110{zero}{}{end}", copy.repeat(runs));
    let byte = |bits: &[u8]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | (bit - b'0'));
    [b"\x78\x01".to_vec(), bits.as_bytes().chunks(8).map(byte).collect()].concat()
}

#[test]
fn what_is_packed_beside_the_pixels_is_not_unpacked() {
    let plain = fs::read(testdata().join("pictures/forms/cat-rgb.png")).unwrap();
    let indexed = fs::read(testdata().join("pictures/forms/cat-palette.png")).unwrap();
    let ward = Ward::new();
    let packed = zeros(400_000); // 650 kB for 103 MB
    let chunks = [
        ("profile", chunk(b"iCCP", &[&b"p\0\0"[..], &packed].concat())),
        ("text", chunk(b"zTXt", &[&b"Raw profile type iptc\0\0"[..], &packed].concat())),
        ("XMP", chunk(b"iTXt", &[&b"XML:com.adobe.xmp\0\x01\0\0\0"[..], &packed].concat())),
    ];
    for (picture, original) in [("plain", &plain), ("indexed", &indexed)] {
        for (what, bomb) in &chunks {
            // Behind the header, which is as long in every PNG.
            let name = format!("{picture}-{what}.png");
            ward.write(&name, [&original[..33], bomb, &original[33..]].concat());
            let done = Done::of(in_little_memory(&ward, std::slice::from_ref(&name)));
            assert_eq!((done.code, &*done.err), (0, ""), "{name}");
        }
    }
}

/// `hash --in-process` with 64 MB of address space, of which the program itself takes most: what is left is a hundredth of
/// what the smallest of the bombs would need.
fn in_little_memory(ward: &Ward, paths: &[String]) -> Output {
    let mut command = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_innerward");
    let script =
        format!("ulimit -v 64000; exec {program} hash --in-process --threads 1 --format json \"$@\"");
    command.args(["-c", &script, "sh"]).args(paths).current_dir(ward.path("")).output().unwrap()
}

#[test]
fn the_bound_on_memory_can_be_felt() {
    let ward = Ward::new();
    for (name, side, fits) in [("small.png", 500, true), ("large.png", 6000, false)] {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::GrayImage::new(side, side).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        ward.write(name, bytes.into_inner());
        let output = in_little_memory(&ward, &[name.to_owned()]);
        assert_eq!(output.status.code() == Some(4), fits, "{name}: {:?}", output.status);
    }
}
