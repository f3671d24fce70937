//! The forms that are made only when they are asked for.

use std::fs;
use std::path::{Path, PathBuf};

use image::{ExtendedColorType, RgbImage, imageops};
use innerward::digest::{Fingerprint, HashedForm, Pdq};
use innerward::media::{Content, Form, FormSet, Limits, decode};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

fn everything() -> Limits {
    Limits { forms: FormSet::ALL, ..Limits::default() }
}

fn fingerprint(bytes: &[u8]) -> Fingerprint {
    Fingerprint::read(bytes, &everything()).unwrap()
}

fn of(print: &Fingerprint, form: Form) -> Option<&HashedForm> {
    print.forms.iter().find(|found| found.form == form)
}

fn bits(a: Pdq, b: Pdq) -> u16 {
    a.code().distance(b.code()).bits()
}

fn pictures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pictures").join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn ppm(width: u64, height: u64, pixel: impl Fn(u64, u64) -> [u64; 3]) -> Vec<u8> {
    let mut bytes = format!("P6\n{width} {height}\n255\n").into_bytes();
    for y in 0..height {
        bytes.extend((0..width).flat_map(|x| pixel(x, y)).map(|sample| (sample % 256) as u8));
    }
    bytes
}

/// Formulas and hashes as the C++ tool computed them from the same pixels.
#[test]
fn stretching_gives_the_hashes_of_the_reference_tool() {
    let cases = [
        (
            ppm(640, 480, |x, y| [(x * y) / 40, (3 * x + 5 * y) / 2, (x * x + y * y) / 200]),
            "87873afe87853e7f3bc06a5fbad5fd88012a478a853e1fb8bd783fa031203180",
            100,
        ),
        (
            ppm(900, 1200, |x, y| [x / 3, y / 5, (x + y) / 7]),
            "52aaad555a9b352cca5134aecb5ba6a55d4aa695d92b34d6aba934d2c925a68a",
            46,
        ),
        (
            ppm(2000, 100, |x, y| [x * x / 97 + y * y / 13; 3]),
            "dcb7fffd9804b7b7b5296fff60140e87ffff20001fcb1ffffafc001000000000",
            100,
        ),
    ];
    for (bytes, hex, quality) in cases {
        let print = fingerprint(&bytes);
        let found = of(&print, Form::Stretch512).expect("a side is longer than 512");
        assert_eq!((found.hash.original().to_hex(), found.hash.quality.percent()), (hex.into(), quality));
    }
}

#[test]
fn only_what_the_tool_reads_and_changes_is_stretched() {
    let stretched = |bytes: &[u8]| of(&fingerprint(bytes), Form::Stretch512).is_some();
    let noise = |x: u64, y: u64| [x * y % 251, x * 7, y * 3];
    assert!(stretched(&ppm(513, 40, noise)));
    assert!(!stretched(&ppm(512, 512, noise)), "nothing to do");
    let wide: Vec<u8> = (0..600 * 20 * 4_u32).map(|at| (at * 31 % 251) as u8).collect();
    let mut png = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut png);
    image::ImageEncoder::write_image(encoder, &wide, 600, 20, ExtendedColorType::Rgba8).unwrap();
    assert!(!stretched(&png), "four channels are an error there");
    let mut deep = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut deep);
    image::ImageEncoder::write_image(encoder, &wide, 600, 40, ExtendedColorType::L16).unwrap();
    assert!(!stretched(&deep), "so are 16 bits");
    // By default, nothing of the kind.
    let forms = decode(&ppm(513, 40, noise), Content::of(b"P6\n513 40"), &Limits::default()).unwrap().forms;
    assert_eq!(forms.iter().map(|form| form.form).collect::<Vec<_>>(), [Form::Correct]);
}

/// A picture on a plain ground, as JPEG.
fn with_bars(picture: &RgbImage, rng: &mut StdRng) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let colour = [[0; 3], [255; 3], [128; 3], [20, 60, 120]][rng.random_range(0..4)];
    let mut share = |side: u32| side * rng.random_range(30..600) / 1000;
    let (x, y) = match (share(width), share(height)) {
        (x, y) if x % 3 == 0 => (x, y),
        (x, y) if y % 2 == 0 => (x, 0),
        (_, y) => (0, y),
    };
    let mut canvas = RgbImage::from_pixel(width + 2 * x, height + 2 * y, image::Rgb(colour));
    imageops::replace(&mut canvas, picture, x.into(), y.into());
    let mut bytes = Vec::new();
    let quality = rng.random_range(70..=95);
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&canvas).unwrap();
    bytes
}

#[test]
fn a_picture_with_bars_hashes_as_the_bare_one() {
    const SEED: u64 = 0x6261_7273;
    let rng = &mut StdRng::seed_from_u64(SEED);
    let (mut apart, mut without) = (Vec::new(), 0);
    for path in pictures("originals").iter().filter(|path| !path.ends_with("clock.png")) {
        let picture = image::open(path).unwrap().thumbnail(400, 400).into_rgb8();
        let mut png = Vec::new();
        picture.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
        let bare = fingerprint(&png).forms[0].hash.original();
        for _ in 0..12 {
            let print = fingerprint(&with_bars(&picture, rng));
            let found = of(&print, Form::Borderless).unwrap_or_else(|| panic!("{}: bars", path.display()));
            apart.push(bits(found.hash.original(), bare));
            without += usize::from(bits(print.forms[0].hash.original(), bare) <= 31);
        }
    }
    apart.sort_unstable();
    let share = |percent: usize| apart[(apart.len() - 1) * percent / 100];
    eprintln!("seed {SEED:#x}: {} of {} match without the form; {apart:?}", without, apart.len());
    assert!(
        share(50) <= 10 && share(90) <= 31,
        "half within {}, nine tenths within {}",
        share(50),
        share(90)
    );
    // Without the form, bars are what they are good for.
    assert!(without * 2 < apart.len());
}

#[test]
fn photographs_have_no_borders() {
    for folder in ["originals", "edits", "forms"] {
        for path in pictures(folder) {
            let print = fingerprint(&fs::read(&path).unwrap());
            assert!(of(&print, Form::Borderless).is_none(), "{}", path.display());
        }
    }
    // Larger collections, where they are at hand.
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/photos/grocery");
    let Ok(entries) = fs::read_dir(shared) else { return };
    let limits = Limits {
        forms: FormSet { borderless: true, compat: false, ..FormSet::default() },
        ..Limits::default()
    };
    let (mut photographs, mut found) = (0, 0);
    for entry in entries.map(|entry| entry.unwrap().path()) {
        let Ok(bytes) = fs::read(entry) else { continue };
        let print = Fingerprint::read(&bytes[..], &limits).unwrap();
        photographs += 1;
        found += usize::from(of(&print, Form::Borderless).is_some());
    }
    assert!(found * 100 <= photographs, "{found} of {photographs}");
}

#[test]
fn forms_that_nobody_wants_are_not_made() {
    let none =
        FormSet { correct_black: false, compat: false, frames: false, stretch512: false, borderless: false };
    for path in pictures("forms").iter().chain(&pictures("several")) {
        let bytes = fs::read(path).unwrap();
        let print = Fingerprint::read(&bytes[..], &Limits { forms: none, ..Limits::default() }).unwrap();
        let forms: Vec<Form> = print.forms.iter().map(|form| form.form).collect();
        assert_eq!(forms, [Form::Correct], "{}", path.display());
        let several = path.parent().unwrap().ends_with("several");
        assert_eq!(print.gap.is_some(), several, "{}: what was left out is told", path.display());
    }
}
