//! The stop list that is built in: the hashes of pictures that say nothing, made here from their formulas.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use innerward::digest::{PdqHash, Signal};
use innerward::hashset::{Entry, ListForm, ReadOptions, Refusal, StopList};
use innerward::media::Raster;

use super::{LONG, MD5, read_as, read_with};

const SIDES: [(u32, u32); 2] = [(512, 512), (640, 480)];

/// Brightness at `x`, `y` of a picture that is `w` wide and `h` high.
type Formula = fn(u32, u32, u32, u32) -> u32;

/// Gradients, edges, frames, bars, boards and discs, each from one formula.
const GREY: [(&str, Formula); 18] = [
    ("black", |_, _, _, _| 0),
    ("grey", |_, _, _, _| 128),
    ("white", |_, _, _, _| 255),
    ("gradient-right", |x, _, w, _| 255 * x / (w - 1)),
    ("gradient-left", |x, _, w, _| 255 - 255 * x / (w - 1)),
    ("gradient-down", |_, y, _, h| 255 * y / (h - 1)),
    ("gradient-up", |_, y, _, h| 255 - 255 * y / (h - 1)),
    ("gradient-diagonal", |x, y, w, h| 255 * (x + y) / (w + h - 2)),
    ("gradient-antidiagonal", |x, y, w, h| 255 * (w - 1 - x + y) / (w + h - 2)),
    ("half-right", |x, _, w, _| if 2 * x < w { 0 } else { 255 }),
    ("half-down", |_, y, _, h| if 2 * y < h { 0 } else { 255 }),
    ("frame", |x, y, w, h| if x < 8 || y < 8 || x >= w - 8 || y >= h - 8 { 0 } else { 255 }),
    ("cross", |x, y, w, h| if x.abs_diff(w / 2) < 4 || y.abs_diff(h / 2) < 4 { 0 } else { 255 }),
    ("board-8", |x, y, w, h| 255 * ((8 * x / w + 8 * y / h) % 2)),
    ("board-16", |x, y, w, h| 255 * ((16 * x / w + 16 * y / h) % 2)),
    ("stairs", |x, _, w, _| 255 * (11 * x / w) / 10),
    ("disc", |x, y, w, h| {
        let (dx, dy) = (x.abs_diff(w / 2), y.abs_diff(h / 2));
        if dx * dx + dy * dy < h * h / 9 { 255 } else { 0 }
    }),
    ("vignette", |x, y, w, h| {
        let (dx, dy) = (x.abs_diff(w / 2), y.abs_diff(h / 2));
        255 - 255 * (dx * dx + dy * dy) / (w * w / 4 + h * h / 4 + 1)
    }),
];

/// Eight colour bars at `level`, as test generators of television make them: white, yellow, cyan, green, magenta, red,
/// blue, black.
fn bars(width: u32, height: u32, level: u8) -> Raster {
    let pixel = |x: u32| {
        let bar = 8 * x / width;
        [bar & 2, bar & 4, bar & 1].map(|off| if off == 0 { level } else { 0 })
    };
    let samples = (0..height).flat_map(|_| (0..width).flat_map(pixel)).collect();
    Raster::rgb(width, height, samples)
}

fn pictures() -> Vec<(String, Raster)> {
    let mut pictures = Vec::new();
    for (width, height) in SIDES {
        for (name, formula) in GREY {
            let samples =
                (0..height).flat_map(|y| (0..width).map(move |x| formula(x, y, width, height) as u8));
            pictures
                .push((format!("{name}-{width}x{height}"), Raster::grey(width, height, samples.collect())));
        }
        for (name, level) in [("bars-100", 255), ("bars-75", 191)] {
            pictures.push((format!("{name}-{width}x{height}"), bars(width, height, level)));
        }
    }
    pictures
}

/// What the file should be: each hash once, with the first picture that has it; hashes of nothing at all left out, as
/// they are refused whatever the list says.
fn expected() -> String {
    let mut seen = BTreeSet::new();
    let mut text = "pdq,picture\n".to_owned();
    for (name, picture) in pictures() {
        let hash = PdqHash::of(&picture).original();
        let set: u32 = hash.code().as_bytes().iter().map(|byte| byte.count_ones()).sum();
        if set > 31 && seen.insert(hash) {
            text += &format!("{},{name}\n", hash.to_hex());
        }
    }
    text
}

#[test]
fn the_file_has_the_hashes_of_the_pictures() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/hashset/data/blank-pictures.csv");
    let expected = expected();
    if std::env::var_os("INNERWARD_WRITE_BLANK").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    assert!(expected.lines().count() > 20);
    assert_eq!(fs::read_to_string(path).unwrap(), expected, "set INNERWARD_WRITE_BLANK to write it anew");
}

/// A CSV of these PDQ hashes.
fn csv(hashes: impl IntoIterator<Item = String>) -> String {
    let rows = hashes.into_iter().map(|hash| format!("pdq,{hash},X,INVESTIGATION_SEED,\n"));
    format!("signal_type,signal_str,collab,category,tags\n{}", rows.collect::<String>())
}

fn pdq_of(entry: &Entry) -> String {
    entry.hashes.pdq.unwrap().hash.to_hex()
}

#[test]
fn blank_and_test_pictures_are_refused_whatever_list_brings_them() {
    let all = pictures().into_iter().map(|(_, picture)| PdqHash::of(&picture).original().to_hex());
    let mut all: BTreeSet<String> = all.collect();
    let zeros = ["0".repeat(64), "F".repeat(64), format!("{}ffff", "0".repeat(60))];
    all.extend(zeros);
    let count = all.len() as u64;
    let text = csv(all.into_iter().chain([LONG.to_owned()]));
    let (entries, report) = read_as(None, &text).unwrap();
    assert_eq!((entries.len(), pdq_of(&entries[0]).as_str()), (1, LONG));
    assert_eq!((report.refused_entries, report.refused.values().sum::<u64>()), (count, count));
    assert!(report.refused[&Refusal::Blank] >= 3 && report.refused[&Refusal::Stopped] > 20);
}

#[test]
fn the_operator_s_stop_list_holds_for_every_form() {
    let stop = StopList::extended(format!("pdq:{LONG} our logo\nmd5:{MD5}\n").as_bytes()).unwrap();
    let options = ReadOptions { stop: Some(stop.into()), ..ReadOptions::default() };
    let near = LONG.replace("5ca1ab1e5ca1", "5ca1ab1e5ca0");
    let (entries, report) = read_with(&options, csv([LONG.to_owned(), near, "0ff1ce01".repeat(8)])).unwrap();
    assert_eq!((entries.len(), report.refused[&Refusal::Stopped]), (1, 2));
    let sha1 = "decafbad".repeat(5);
    let deep =
        format!("%%%% HASHDEEP-1.0\n%%%% size,md5,sha1,filename\n4,{MD5},{sha1},name\n5,{MD5},,other\n");
    let (entries, report) = read_with(&options, &deep).unwrap();
    assert_eq!((entries.len(), report.refused_entries, report.refused[&Refusal::Stopped]), (1, 1, 2));
    let kinds: Vec<_> = entries[0].hashes.iter().map(|signal: Signal| signal.kind().as_str()).collect();
    assert_eq!(kinds, ["sha1"], "the other hashes of an entry stay");
    let (without, _) = read_as(None, &deep).unwrap();
    assert_eq!(without[0].key, entries[0].key, "and so does its key");
}

#[test]
fn values_that_are_none_are_counted_by_reason() {
    let empty = "d41d8cd98f00b204e9800998ecf8427e";
    let text =
        format!("md5:{MD5}\nmd5:{empty}\nmd5:c0ffee\nmd5:{}\ngradient8:{}\n", "g".repeat(32), "0".repeat(16));
    let (_, report) = read_as(Some(ListForm::Plain { kind: None }), &text).unwrap();
    let expected =
        [(Refusal::EmptyInput, 1), (Refusal::Length, 1), (Refusal::Digits, 1), (Refusal::OneColour, 1)];
    assert_eq!((report.refused, report.bad_total), (expected.into(), 4));
}

#[test]
fn labels_at_odds_are_counted_and_kept() {
    let rows = ["POSITIVE_CLASS,SEV_A", "POSITIVE_CLASS,SEV_C", "NEGATIVE_CLASS,", "POSITIVE_CLASS,SEV_U"];
    let rows = rows.map(|row| format!("md5,{MD5},X,{row}\n")).concat();
    let text = format!(
        "signal_type,signal_str,collab,category,tags\nmd5,{},X,NEGATIVE_CLASS,\n{rows}",
        "ab".repeat(16)
    );
    let (entries, report) = read_as(None, &text).unwrap();
    assert_eq!((entries.len(), report.conflicts), (5, 3));
}
