//! The skipping reader against its slow twin, on files that are whole, and harmed.

use std::fs;
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rayon::prelude::*;

use super::{Stated, read, twin};
use crate::media::jpeg::MOST_SCANS;
use crate::media::{Content, Limits, decode};

const LIMITS: Limits = Limits {
    max_pixels: 40_000_000,
    max_file_bytes: 64 << 20,
    forms: crate::media::FormSet {
        correct_black: true,
        compat: true,
        frames: true,
        stretch512: false,
        borderless: false,
    },
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let all = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    all.map(walkdir::DirEntry::into_path).filter(|path| path.is_file()).collect()
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let paths = files(&root().join("testdata/jpeg-skip"));
    let pictures = paths.into_iter().filter(|path| path.extension().is_some_and(|end| end == "jpg"));
    let all =
        pictures.map(|path| (path.file_name().unwrap().to_string_lossy().into(), fs::read(path).unwrap()));
    // Those that are large are for what only shows in hashes.
    all.filter(|(_, bytes)| bytes.len() < 20_000).collect()
}

/// What is wrong with reading `bytes`, and whether any samples came of it.
fn compare(bytes: &[u8], limits: &Limits) -> Result<bool, String> {
    let (eighth, quarter) = (read::<1>(bytes, limits), read::<4>(bytes, limits));
    let full = read::<64>(bytes, limits);
    let Some(eighth) = eighth else {
        return if quarter.is_none() { Ok(false) } else { Err("taken at a quarter only".into()) };
    };
    let Some(twin) = twin::luma(bytes) else { return Err("the twin gives nothing".into()) };
    let stated = twin.eighth();
    if eighth.samples != stated {
        return Err("samples at an eighth".into());
    }
    is_corrected(&twin, eighth).then_some(()).ok_or("colours at an eighth")?;
    if twin.progressive {
        return if quarter.is_none() && full.is_none() { Ok(true) } else { Err("layers".into()) };
    }
    let Some(quarter) = quarter else { return Err("taken at an eighth only".into()) };
    // The weights are rounded to a 2,048th, the samples to a whole.
    is_near(&quarter.samples, &twin.quarter(), 0.001).then_some(()).ok_or("samples at a quarter")?;
    is_corrected(&twin, quarter).then_some(()).ok_or("colours at a quarter")?;
    // What is damaged among the other coefficients shows in full alone.
    if let Some(full) = full {
        is_near(&full.samples, &twin.full(), 0.000_01).then_some(()).ok_or("samples in full")?;
        is_corrected(&twin, full).then_some(()).ok_or("colours in full")?;
    }
    Ok(true)
}

fn is_near(samples: &[u8], exact: &[f64], share: f64) -> bool {
    let near = |(sample, exact): (&u8, &f64)| {
        let bounded = exact.clamp(0.0, 255.0);
        (f64::from(*sample) - bounded).abs() <= 0.5 + share * (exact - 128.0).abs().max(64.0)
    };
    samples.len() == exact.len() && samples.iter().zip(exact).all(near)
}

/// True if colours that cannot be shown change the samples as the twin has it, and nothing else does.
fn is_corrected(twin: &twin::Luma, stated: Stated) -> bool {
    let (side, width) = (stated.side, stated.width);
    let samples = stated.samples.clone();
    // A tally of what is off is another matter.
    let found = Stated { off: Some(0.0), ..stated }.seen().unwrap();
    samples.iter().zip(&found).enumerate().all(|(at, (before, after))| {
        let exact = twin.seen(f64::from(*before), (at % width, at / width), side);
        (f64::from(*after) - exact).abs() < 0.501
    })
}

fn compare_all(paths: &[PathBuf]) -> usize {
    let compared: Vec<_> =
        paths.par_iter().map(|path| (path, compare(&fs::read(path).unwrap(), &LIMITS))).collect();
    let faults: Vec<_> =
        compared.iter().filter_map(|(path, found)| Some((path, found.as_ref().err()?))).collect();
    assert!(faults.is_empty(), "{faults:?}");
    compared.iter().filter(|(_, found)| *found == Ok(true)).count()
}

#[test]
fn every_picture_of_the_test_data_reads_as_by_the_twin() {
    assert!(compare_all(&files(&root().join("testdata"))) >= 40);
}

/// Photographs and fuzzers' corpora, where they are at hand: they are too large to ship.
#[test]
fn every_picture_at_hand_reads_as_by_the_twin() {
    compare_all(&files(&root().join("../shared/data")));
}

#[test]
fn what_is_taken_after_damage_reads_as_by_the_twin_and_decodes() {
    let limits = Limits { max_pixels: 1 << 20, max_file_bytes: 1 << 20, ..Limits::default() };
    let seed = 7;
    let harmed: Vec<Vec<u8>> = fixtures()
        .into_iter()
        .zip(0..)
        .flat_map(|((_, bytes), number)| {
            let mut random = StdRng::seed_from_u64(seed << 32 | number);
            (0..150)
                .map(|_| {
                    let mut bytes = bytes.clone();
                    for _ in 0..random.random_range(1..4) {
                        let at = random.random_range(2..bytes.len());
                        match random.random_range(0..5) {
                            0 => bytes[at] = random.random(),
                            1 => bytes[at] ^= 1 << random.random_range(0..8),
                            2 => drop(bytes.remove(at)),
                            3 => bytes.insert(at, random.random()),
                            _ => {
                                let from = random.random_range(0..bytes.len());
                                let len = random.random_range(1..9).min(bytes.len() - from.max(at));
                                bytes.copy_within(from..from + len, at);
                            }
                        }
                    }
                    bytes
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let found: Vec<_> = harmed.par_iter().map(|bytes| compare(bytes, &limits)).collect();
    let faults: Vec<_> = found.iter().filter(|found| found.is_err()).collect();
    assert!(faults.is_empty(), "seed {seed}: {faults:?}");
    let taken = harmed.iter().zip(&found).filter(|(_, found)| **found == Ok(true));
    let refused: Vec<_> =
        taken.clone().filter_map(|(bytes, _)| decode(bytes, Content::of(bytes), &limits).err()).collect();
    assert!(refused.is_empty(), "seed {seed}: {refused:?}");
    let share = taken.count() as f64 / found.len() as f64;
    assert!((0.1..0.6).contains(&share), "seed {seed}: {share} of the harmed files are taken");
}

#[test]
fn no_part_of_a_file_is_taken_for_the_whole() {
    for (name, bytes) in fixtures().iter().filter(|(_, bytes)| bytes.len() < 3000) {
        let Some(Stated { samples: whole, .. }) = read::<1>(bytes, &LIMITS) else {
            assert!(name.starts_with("refused"), "{name}");
            continue;
        };
        let jumped = name.contains("progressive");
        let fill = if name == "own-filled.jpg" { 2 } else { 0 };
        for end in 0..bytes.len() - 2 {
            assert!(read::<1>(&bytes[..end], &LIMITS).is_none(), "{name} cut at {end}");
            let ended = [&bytes[..end], &[0xff, 0xd9]].concat();
            match read::<1>(&ended, &LIMITS) {
                Some(Stated { samples, .. }) => {
                    assert!(jumped || end >= bytes.len() - 2 - fill, "{name} ended at {end}");
                    assert!(samples == whole, "{name} ended at {end}");
                }
                None => assert!(read::<4>(&ended, &LIMITS).is_none(), "{name} ended at {end}"),
            }
        }
    }
}

/// Coded bits, and the codes that they are written in.
struct Writer {
    bits: Vec<bool>,
    differences: Vec<u8>,
    coefficients: Vec<u8>,
}

/// A definition in which each symbol has a code of a length near `len`, in random order.
fn definition(random: &mut StdRng, mut symbols: Vec<u8>, shortest: usize) -> Vec<u8> {
    for at in (1..symbols.len()).rev() {
        symbols.swap(at, random.random_range(0..=at));
    }
    let mut counts = [0_u8; 16];
    let mut left = symbols.len();
    let mut free = 1_usize << shortest;
    for len in shortest..=16 {
        // Enough must stay free for what is left at the greatest length.
        let most = (0..=left.min(free - 1))
            .rev()
            .find(|taken| (free - taken) << (16 - len) > left - taken)
            .unwrap_or(0);
        let taken = if len == 16 { left } else { random.random_range(0..=most.min(1 + symbols.len() / 8)) };
        counts[len - 1] = taken as u8;
        left -= taken;
        free = (free - taken) * 2;
    }
    assert_eq!(left, 0);
    [&counts[..], &symbols].concat()
}

impl Writer {
    fn code(&mut self, of_differences: bool, symbol: u8) {
        let definition = if of_differences { &self.differences } else { &self.coefficients };
        let (mut code, mut index) = (0_u32, 16);
        for len in 1..=16 {
            for _ in 0..definition[len - 1] {
                if definition[index] == symbol {
                    self.number(u64::from(code), len as u32);
                    return;
                }
                code += 1;
                index += 1;
            }
            code <<= 1;
        }
        panic!("{symbol} has a code");
    }

    fn number(&mut self, value: u64, size: u32) {
        self.bits.extend((0..size).rev().map(|bit| value >> bit & 1 == 1));
    }

    fn value(&mut self, value: i32) -> u32 {
        let size = 32 - value.unsigned_abs().leading_zeros();
        let bits = if value < 0 { value - 1 } else { value };
        self.number(bits as u32 as u64 & ((1 << size) - 1), size);
        size
    }
}

fn size(value: i32) -> u8 {
    (32 - value.unsigned_abs().leading_zeros()) as u8
}

/// Random blocks in random codes: full ones, and codes longer than any table's index, are common there.
#[test]
fn any_code_and_any_block_read_as_they_were_written() {
    for seed in 0..60 {
        let mut random = StdRng::seed_from_u64(seed);
        let valid =
            (0..=255).filter(|symbol| [0, 0xf0].contains(symbol) || (1..=10).contains(&(symbol & 15)));
        let shortest = 1 + seed as usize % 6;
        let mut writer = Writer {
            bits: Vec::new(),
            differences: definition(&mut random, (0..=11).collect(), shortest.min(4)),
            coefficients: definition(&mut random, valid.collect(), shortest),
        };
        let (across, down) = (37_u16, 19_u16);
        let (mut expected, mut last) = (Vec::new(), 0);
        for _ in 0..across * down {
            let first: i32 = random.random_range(-1020..=1020);
            writer.code(true, size(first - last));
            writer.value(first - last);
            (last, expected) =
                (first, [expected, vec![(((first + 4) >> 3) + 128).clamp(0, 255) as u8]].concat());
            let (most, large) = (random.random_range(0..=80), random.random_range(0..=10));
            let (mut at, mut zeros) = (1, 0);
            while at < most.min(64) {
                let value =
                    if random.random_range(0..3) == 0 { random.random_range(0..1 << large) } else { 0 };
                at += 1;
                if value == 0 {
                    zeros += 1;
                    continue;
                }
                let value = if random.random() { value } else { -value };
                while zeros > 15 {
                    writer.code(false, 0xf0);
                    zeros -= 16;
                }
                writer.code(false, zeros << 4 | size(value));
                writer.value(value);
                zeros = 0;
            }
            if at < 64 || zeros > 0 {
                writer.code(false, 0);
            }
        }
        while !writer.bits.len().is_multiple_of(8) {
            writer.bits.push(true);
        }
        let segment = |marker: u8, body: &[u8]| {
            [&[0xff, marker][..], &(body.len() as u16 + 2).to_be_bytes(), body].concat()
        };
        let coded =
            writer.bits.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit)));
        let stuffed = coded.flat_map(|byte| [byte, 0].into_iter().take(if byte == 0xff { 2 } else { 1 }));
        let frame =
            [&[8], &(8 * down).to_be_bytes()[..], &(8 * across).to_be_bytes(), &[1, 1, 0x11, 0]].concat();
        let mut bytes = vec![0xff, 0xd8];
        bytes.extend(segment(0xdb, &[&[0][..], &[1; 64]].concat()));
        bytes.extend(segment(0xc0, &frame));
        bytes.extend(segment(0xc4, &[&[0], &writer.differences[..]].concat()));
        bytes.extend(segment(0xc4, &[&[0x10], &writer.coefficients[..]].concat()));
        bytes.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
        bytes.extend(stuffed);
        bytes.extend([0xff, 0xd9]);
        assert_eq!(read::<1>(&bytes, &LIMITS).map(|stated| stated.samples), Some(expected), "seed {seed}");
        assert_eq!(compare(&bytes, &LIMITS), Ok(true), "seed {seed}");
        // The larger tables come with large files; what follows the end is not the picture's.
        bytes.resize(super::LARGE * 2, 0);
        assert_eq!(compare(&bytes, &LIMITS), Ok(true), "seed {seed}, large tables");
    }
}

#[test]
fn no_more_scans_are_taken_than_decode() {
    let bytes = fs::read(root().join("testdata/jpeg-skip/progressive.jpg")).unwrap();
    let starts: Vec<_> = (0..bytes.len() - 1).filter(|at| bytes[*at..*at + 2] == [0xff, 0xda]).collect();
    // A scan of the second component alone, with its data.
    let start = *starts.iter().find(|at| bytes[**at + 4..**at + 6] == [1, 2]).unwrap();
    let markers = (start + 2..bytes.len() - 1).filter(|at| bytes[*at] == 0xff && bytes[*at + 1] >= 0xc0);
    let end = markers.min().unwrap();
    for (scans, taken) in [(MOST_SCANS, true), (MOST_SCANS + 1, false)] {
        let again = bytes[start..end].repeat(scans - starts.len());
        let file = [&bytes[..end], &again, &bytes[end..]].concat();
        assert_eq!(decode(&file, Content::of(&file), &LIMITS).is_ok(), taken, "{scans}");
        assert_eq!(read::<1>(&file, &LIMITS).is_some(), taken, "{scans}");
    }
}

#[test]
fn an_eighth_before_its_colours_is_what_libjpeg_turbo_gives() {
    let mut rows = csv::Reader::from_path(root().join("testdata/jpeg-skip/eighth.csv")).unwrap();
    let (mut compared, mut changed) = (0, 0);
    for row in rows.records().map(Result::unwrap) {
        let bytes = fs::read(root().join("testdata/jpeg-skip").join(&row[0])).unwrap();
        let stated = read::<1>(&bytes, &LIMITS).unwrap_or_else(|| panic!("{} is taken", &row[0]));
        assert!(stated.samples == hex::decode(&row[3]).unwrap(), "{}", &row[0]);
        let before = stated.samples.clone();
        changed += usize::from(stated.seen().is_none_or(|samples| samples != before));
        compared += 1;
    }
    assert!(compared > 30 && changed > 0, "{changed} of {compared} change");
}
