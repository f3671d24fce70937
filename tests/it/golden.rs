//! Hashes against values that independent programs computed (`testdata/README.md` says how).

use std::fs;
use std::path::{Path, PathBuf};

use innerward::digest::{Fingerprint, HashedForm, Pdq, PdqHash, Signal, Transform};
use innerward::media::{Form, Limits, Raster};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

fn rows(path: &Path) -> Vec<csv::StringRecord> {
    let rows = csv::Reader::from_path(path).unwrap().into_records().collect::<Result<Vec<_>, _>>().unwrap();
    assert!(!rows.is_empty(), "{} has rows", path.display());
    rows
}

fn golden(name: &str) -> Vec<csv::StringRecord> {
    rows(&testdata().join("golden").join(name))
}

fn pdq(hex: &str) -> Pdq {
    match format!("pdq:{hex}").parse() {
        Ok(Signal::Pdq(pdq)) => pdq,
        other => panic!("{hex} is a PDQ hash: {other:?}"),
    }
}

fn bits(a: Pdq, b: Pdq) -> u16 {
    a.code().distance(b.code()).bits()
}

fn fingerprint(path: &Path) -> Fingerprint {
    Fingerprint::read(fs::File::open(path).unwrap(), &Limits::default()).unwrap()
}

/// A binary PPM with one white space between the numbers and no comments, as `testdata/make.py` writes it.
fn ppm(path: &Path) -> Raster {
    let bytes = fs::read(path).unwrap();
    let mut fields = bytes.splitn(5, |byte| byte.is_ascii_whitespace());
    let mut number = || std::str::from_utf8(fields.next().unwrap()).unwrap().parse::<u32>();
    assert!(number().is_err(), "P6");
    let (width, height) = (number().unwrap(), number().unwrap());
    assert_eq!(number(), Ok(255));
    Raster::rgb(width, height, fields.next().unwrap().to_vec())
}

/// The pictures of `hash-semantics`' table, from their formulas.
fn formula(name: &str, width: u32, height: u32) -> Raster {
    let pixel = |x: u64, y: u64| -> [u64; 3] {
        let grey = |value: u64| [value; 3];
        match name {
            "poly" => grey((x * x + 3 * y * y + 2 * x * y) / 700),
            "lcg" => grey(7919 * x + 104_729 * y + 31 * x * y),
            "blocks" => grey((x / 37) * 53 + (y / 29) * 101 + (x / 111) * (y / 83) * 17),
            "sq64" => grey((3 * x * x + 5 * y * y + 7 * x * y) / 16),
            "small20" => grey(5 * x * x + 17 * y + x * y),
            "tiny4" => grey(40 * x + 20 * y),
            "mix640" => [(x * y) / 40, (3 * x + 5 * y) / 2, (x * x + y * y) / 200],
            "ramp900" => [x / 3, y / 5, (x + y) / 7],
            "wide2000" => grey(x * x / 97 + y * y / 13),
            other => panic!("no formula for {other}"),
        }
    };
    let samples = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x.into(), y.into())));
    Raster::rgb(width, height, samples.map(|sample| (sample % 256) as u8).collect())
}

fn picture(row: &csv::StringRecord) -> Raster {
    if row[1].starts_with("golden/") {
        ppm(&testdata().join(&row[1]))
    } else {
        formula(&row[0], row[2].parse().unwrap(), row[3].parse().unwrap())
    }
}

#[test]
fn pdq_of_pixels_is_that_of_pdqhash_bit_for_bit() {
    for row in golden("pdq-pixels.csv") {
        let hash = PdqHash::of(&picture(&row));
        assert_eq!(hash.quality.to_string(), row[4], "quality of {}", &row[0]);
        assert_eq!(hash.original().to_hex(), row[5], "hash of {}", &row[0]);
    }
}

#[test]
fn the_eight_orientations_are_those_of_pdqhash() {
    let pixels = golden("pdq-pixels.csv");
    for row in golden("pdq-dihedral.csv") {
        let source = row[0].trim_start_matches("formula:");
        let at = Transform::ALL.iter().position(|transform| transform.as_str() == &row[1]).unwrap();
        let hash = match pixels.iter().find(|pixel| &pixel[0] == source || &pixel[1] == source) {
            Some(described) => PdqHash::of(&picture(described)),
            None => fingerprint(&testdata().join(source)).forms[0].hash,
        };
        assert_eq!(hash.dihedral[at].to_hex(), row[2], "{source}, {}", &row[1]);
    }
}

#[test]
fn files_hash_as_pillow_and_pdqhash_see_them() {
    for row in golden("pdq.csv") {
        if row[0].ends_with(".jxl") && cfg!(not(feature = "jxl")) {
            continue;
        }
        let path = testdata().join(&row[0]);
        let found = fingerprint(&path);
        let wanted = match &row[1] {
            "rgb" => Form::Correct,
            "rgb-black" => Form::CorrectBlack,
            "tx" => Form::Compat,
            frame if frame.starts_with("frame-") => Form::Frame(frame[6..].parse().unwrap()),
            other => panic!("no form for {other}"),
        };
        // What `tx` makes of 1-bit and 16-bit grey is of no use to anyone: its own quality is below the floor.
        if &row[1] == "tx" && row[2].parse::<u8>().unwrap() < 50 {
            continue;
        }
        // Decoders of lossy formats differ by a few levels a pixel; blending rounds differently by one.
        let inexact =
            [".jpg", ".webp", "alpha.png", "slope.png", "kept.png", "jpeg.tiff", "luma.tiff", ".jxl"]
                .iter()
                .any(|end| row[0].ends_with(end));
        let allowed = if inexact { 4 } else { 0 };
        // A reading that has the pixels of an earlier form is not made a second time under its own name.
        let (apart, form) = match found.forms.iter().find(|form| form.form == wanted) {
            Some(form) => (bits(form.hash.original(), pdq(&row[3])), form),
            None => {
                assert_ne!(wanted, Form::Correct, "{} has a correct form", &row[0]);
                let apart = |form: &HashedForm| bits(form.hash.original(), pdq(&row[3]));
                found.forms.iter().map(|form| (apart(form), form)).min_by_key(|pair| pair.0).unwrap()
            }
        };
        assert!(apart <= allowed, "{} ({}): {apart} bits apart", &row[0], &row[1]);
        if !inexact {
            assert_eq!(form.hash.quality.to_string(), row[2], "quality of {}", &row[0]);
        }
    }
}

#[test]
fn every_frame_and_page_is_hashed_and_no_other() {
    let golden = golden("pdq.csv");
    for entry in fs::read_dir(testdata().join("pictures/several")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(testdata()).unwrap().to_str().unwrap();
        let found = fingerprint(&path);
        assert_eq!(found.gap, None, "{name}");
        let frames = found.forms.iter().filter(|form| matches!(form.form, Form::Frame(_)));
        let frames: Vec<String> = frames.map(|form| form.form.to_string()).collect();
        let expected = golden.iter().filter(|row| &row[0] == name && row[1].starts_with("frame-"));
        assert_eq!(frames, expected.map(|row| row[1].to_owned()).collect::<Vec<_>>(), "{name}");
    }
    // The second picture of two views is nothing that a viewer shows.
    let views = fingerprint(&testdata().join("pictures/kinds/two-views.jpg"));
    assert_eq!((views.forms.len(), views.gap), (1, None));
}

#[test]
fn one_picture_in_every_kind_of_file_has_one_correct_hash() {
    let folder = testdata().join("pictures/kinds");
    let plain = fingerprint(&folder.join("rgb.png")).forms[0].hash.original();
    let mut seen = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let found = fingerprint(&path);
        if name.ends_with(".jxl") && cfg!(not(feature = "jxl")) {
            let words = found.gap.expect("this build has no decoder").to_string();
            assert!(
                words.starts_with("no decoder for JPEG XL;") && words.contains("--features jxl"),
                "{words}"
            );
        } else if name != "masked.ico" {
            let apart = bits(found.forms[0].hash.original(), plain);
            assert!(apart <= 10, "{name}: {apart} bits apart");
            assert_eq!(found.gap, None, "{name}");
            seen += 1;
        }
    }
    assert!(seen >= 20, "only {seen} kinds");
}

#[test]
fn one_picture_in_every_mode_has_one_correct_hash() {
    let plain = fingerprint(&testdata().join("pictures/forms/cat-rgb.png")).forms[0].hash.original();
    let mut seen = 0;
    for entry in fs::read_dir(testdata().join("pictures/forms")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // Half-transparent ones over white, and one of black dots on white, really look different.
        if !["alpha", "rgba-half", "slope", "1-bit"].iter().any(|part| name.contains(part)) {
            let apart = bits(fingerprint(&path).forms[0].hash.original(), plain);
            // The small ones were resized, too.
            let allowed = if name.starts_with("small-") { 20 } else { 10 };
            assert!(apart <= allowed, "{name}: {apart} bits apart");
            seen += 1;
        }
    }
    assert!(seen >= 15, "only {seen} modes");
}

#[test]
fn variants_of_jpeg_without_a_decoder_are_named() {
    let original = fs::read(testdata().join("pictures/originals/coffee.jpg")).unwrap();
    let frame = original.windows(4).position(|at| at == [0xff, 0xc0, 0, 17]).unwrap();
    // 12 bits a sample; arithmetic coding; without loss.
    for (place, byte) in [(4, 12), (1, 0xc9), (1, 0xc3)] {
        let mut bytes = original.clone();
        bytes[frame + place] = byte;
        let gap = Fingerprint::read(&bytes[..], &Limits::default()).unwrap().gap.unwrap().to_string();
        assert!(gap.starts_with("no decoder for this variant of JPEG"), "{byte:#x}: {gap}");
    }
}

#[test]
fn digests_are_those_of_the_standard_tools() {
    for row in golden("digests.csv") {
        let found = fingerprint(&testdata().join(&row[0]));
        assert_eq!(found.bytes.to_string(), row[1], "{}", &row[0]);
        let digests = found.digests;
        let hexes =
            [digests.md5.to_hex(), digests.sha1.to_hex(), digests.sha256.to_hex(), digests.blake3.to_hex()];
        assert_eq!(hexes, [&row[2], &row[3], &row[4], &row[5]], "{}", &row[0]);
    }
}

/// Upstream's own photographs, where they are at hand: they are too large to ship.
#[test]
fn upstream_photographs_hash_as_published() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/pdq");
    if !shared.exists() {
        eprintln!("skipped: upstream's photographs are not here");
        return;
    }
    for row in rows(&shared.join("bridge-mods.csv")) {
        let found = fingerprint(&shared.join("bridge-mods").join(&row[0])).forms[0].hash;
        assert_eq!(found.original().to_hex(), row[1], "{}", &row[0]);
    }
}
