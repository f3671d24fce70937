//! The luma of JPEG files through the public API, against libjpeg-turbo's, and on files that are unusual or harmed.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use image::metadata::Orientation;
use innerward::media::{Content, JpegHeader, Limits, Luma, Plane, Raster, Scale, decode, luma};
use rayon::prelude::*;

use crate::ward::testdata;

const SCALES: [Scale; 3] = [Scale::Full, Scale::Quarter, Scale::Eighth];

fn fixture(name: &str) -> Vec<u8> {
    fs::read(testdata().join("jpeg-skip").join(name)).unwrap()
}

fn read(bytes: &[u8], scale: Scale) -> Option<Luma> {
    luma(bytes, scale, &Limits::default())
}

/// True if no scale takes `bytes`.
fn is_refused(bytes: &[u8]) -> bool {
    SCALES.iter().all(|scale| read(bytes, *scale).is_none())
}

/// Files, their sizes and what libjpeg-turbo makes of them, see `testdata/README.md`.
fn golden() -> Vec<(String, (u32, u32), Vec<u8>)> {
    let mut rows = csv::Reader::from_path(testdata().join("jpeg-skip/eighth.csv")).unwrap();
    let rows = rows.records().map(|row| {
        let row = row.unwrap();
        (row[0].to_owned(), (row[1].parse().unwrap(), row[2].parse().unwrap()), hex::decode(&row[3]).unwrap())
    });
    rows.collect()
}

/// The picture in colours, by the ordinary decoder.
fn decoded(bytes: &[u8]) -> Raster {
    let mut forms = decode(bytes, Content::of(bytes), &Limits::default()).unwrap().forms;
    forms.pop().unwrap().raster
}

#[test]
fn an_eighth_is_what_libjpeg_turbo_gives() {
    let rows = golden();
    assert!(rows.len() > 30);
    // Before colours beyond are taken into account all are the same; that is tested beside the reader.
    let mut same = 0;
    for (name, full, samples) in rows.into_iter().filter(|(name, ..)| !name.contains("beyond")) {
        let found = read(&fixture(&name), Scale::Eighth).unwrap_or_else(|| panic!("{name} is taken"));
        assert_eq!((found.plane.full(), found.plane.scale()), (full, 8), "{name}");
        let off =
            found.plane.samples().iter().zip(&samples).map(|(found, sample)| found.abs_diff(*sample)).max();
        assert!(off.unwrap_or(0) < 16, "{name}: {off:?}");
        same += usize::from(off == Some(0));
    }
    assert!(same > 15, "{same} are the same");
}

/// Mean distance of a plane from the luma of the ordinary decoder's colours, square by square of `side` pixels.
fn off(plane: &Plane, colours: &Raster, side: u32) -> f64 {
    let mut errors = Vec::new();
    for y in 0..colours.height() / side {
        for x in 0..colours.width() / side {
            let mean = |width: u32, from: (u32, u32), len: u32, luma: &dyn Fn(usize) -> f64| {
                let places = (0..len * len).map(|at| (from.1 + at / len) * width + from.0 + at % len);
                places.map(|at| luma(at as usize)).sum::<f64>() / f64::from(len * len)
            };
            let exact = mean(colours.width(), (x * side, y * side), side, &|at| {
                let rgb = &colours.samples()[3 * at..];
                0.299 * f64::from(rgb[0]) + 0.587 * f64::from(rgb[1]) + 0.114 * f64::from(rgb[2])
            });
            let len = side / plane.scale();
            let found = mean(plane.width(), (x * len, y * len), len, &|at| f64::from(plane.samples()[at]));
            errors.push((found - exact).abs());
        }
    }
    errors.iter().sum::<f64>() / errors.len() as f64
}

#[test]
fn colours_that_cannot_be_shown_count_as_they_are_shown() {
    let mut taken = 0;
    for name in ["beyond-large-420.jpg", "beyond-large-444.jpg", "beyond-layers.jpg"] {
        let bytes = fixture(name);
        let colours = decoded(&bytes);
        for scale in SCALES {
            // What is not to be trusted is for the ordinary decoder.
            let Some(found) = read(&bytes, scale) else { continue };
            taken += 1;
            let off = off(&found.plane, &colours, 8);
            assert!(off < 1.5, "{name} {scale:?}: {off} steps");
        }
    }
    assert!(taken > 1, "{taken} are taken");
}

#[test]
fn half_tones_in_colour_are_for_the_ordinary_decoder() {
    let bytes = fixture("halftone.jpg");
    assert!(read(&bytes, Scale::Eighth).is_none() && read(&bytes, Scale::Quarter).is_none());
    if let Some(found) = read(&bytes, Scale::Full) {
        assert!(off(&found.plane, &decoded(&bytes), 8) < 2.0);
    }
}

#[test]
fn all_scales_show_the_same_picture() {
    for (name, (width, height), _) in golden() {
        let bytes = fixture(&name);
        if name.contains("beyond") {
            continue; // strong colours may be for the ordinary decoder
        }
        let full = read(&bytes, Scale::Full).unwrap_or_else(|| panic!("{name} is taken"));
        let full = full.plane;
        assert_eq!((full.full(), full.scale()), ((width, height), 1), "{name}");
        for scale in [Scale::Quarter, Scale::Eighth] {
            let Some(reduced) = read(&bytes, scale) else {
                assert!(name.starts_with("progressive") && scale == Scale::Quarter, "{name}");
                continue;
            };
            let side = scale.pixels();
            assert_eq!(reduced.plane.scale(), side);
            let mut errors = Vec::new();
            // Only whole squares: others reach beyond the picture, where the encoder chose what is there.
            for y in 0..height / side {
                for x in 0..width / side {
                    let row = |dy: u32| ((y * side + dy) * width + x * side) as usize;
                    let square = (0..side).flat_map(|dy| &full.samples()[row(dy)..][..side as usize]);
                    let mean = square.map(|sample| f64::from(*sample)).sum::<f64>() / f64::from(side * side);
                    let sample = reduced.plane.samples()[(y * reduced.plane.width() + x) as usize];
                    errors.push((f64::from(sample) - mean).abs());
                }
            }
            let mean = errors.iter().sum::<f64>() / errors.len().max(1) as f64;
            // The mean of a block is exact but for clamping and rounding; that of a quarter lacks the higher coefficients,
            // which are large in the smallest pictures.
            let most = match scale {
                Scale::Eighth => 0.6,
                _ if errors.len() > 100 => 3.0,
                _ => 8.0,
            };
            assert!(mean < most, "{name} at {scale:?}: {mean} off");
        }
    }
}

#[test]
fn full_size_is_the_brightness_of_the_colours() {
    let bytes = fixture("444.jpg");
    let (plane, colours) = (read(&bytes, Scale::Full).unwrap().plane, decoded(&bytes));
    let off = plane.samples().iter().zip(colours.samples().chunks_exact(3)).map(|(sample, rgb)| {
        let luma = 0.299 * f64::from(rgb[0]) + 0.587 * f64::from(rgb[1]) + 0.114 * f64::from(rgb[2]);
        (f64::from(*sample) - luma).abs()
    });
    assert!(off.sum::<f64>() / (plane.samples().len() as f64) < 0.6);
}

#[test]
fn headers_say_what_is_stored_and_how_to_turn_it() {
    let header = |name: &str| JpegHeader::of(&fixture(name), &Limits::default());
    let turned = header("turned.jpg").unwrap();
    assert_eq!((turned.width, turned.height, turned.progressive), (97, 61, false));
    assert_eq!(turned.orientation, Orientation::Rotate90);
    let found = read(&fixture("turned.jpg"), Scale::Eighth).unwrap();
    assert_eq!((found.orientation, found.plane.full()), (Orientation::Rotate90, (97, 61)));
    assert!(header("progressive.jpg").unwrap().progressive);
    assert_eq!(header("420.jpg").unwrap().orientation, Orientation::NoTransforms);
    assert_eq!(header("refused-cmyk.jpg"), None);
}

#[test]
fn what_surrounds_a_picture_is_not_taken_for_it() {
    let (bytes, other) = (fixture("420.jpg"), fixture("33x8.jpg"));
    let whole = read(&bytes, Scale::Eighth).unwrap().plane;
    let mut within = bytes[..2].to_vec();
    within.extend([0xff, 0xe5]);
    within.extend((other.len() as u16 + 2).to_be_bytes());
    within.extend([&other[..], &bytes[2..]].concat());
    assert_eq!(read(&within, Scale::Eighth).unwrap().plane, whole);
    assert_eq!(read(&[&bytes[..], &other].concat(), Scale::Eighth).unwrap().plane, whole);
}

/// `bytes` with the segment of `marker` changed, from its marker on.
fn changed(bytes: &[u8], marker: u8, change: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = bytes.windows(2).position(|pair| pair == [0xff, marker]).unwrap();
    change(&mut bytes[at..]);
    bytes
}

#[test]
fn unusual_kinds_are_for_the_ordinary_decoder() {
    for name in [
        "refused-cmyk.jpg",
        "refused-rgb.jpg",
        "refused-coarse-luma.jpg",
        "refused-apart.jpg",
        "refused-colours-first.jpg",
    ] {
        assert!(is_refused(&fixture(name)), "{name}");
    }
    let (usual, restarts, own) = (fixture("420.jpg"), fixture("restart-units.jpg"), fixture("own-440.jpg"));
    assert!(!is_refused(&usual) && !is_refused(&restarts) && !is_refused(&own));
    for kind in [0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf] {
        assert!(is_refused(&changed(&usual, 0xc0, |frame| frame[1] = kind)), "{kind:x}");
    }
    assert!(is_refused(&changed(&usual, 0xc0, |frame| frame[4] = 12)), "12 bits");
    assert!(is_refused(&changed(&usual, 0xc0, |frame| frame[5..7].fill(0))), "height to come later");
    assert!(is_refused(&changed(&usual, 0xdb, |table| table[4] |= 0x10)), "quantisers of 16 bits");
    assert!(is_refused(&changed(&usual, 0xda, |scan| scan[11] = 5)), "not all coefficients");
    // More or fewer rows than there are data for.
    assert!(is_refused(&changed(&usual, 0xc0, |frame| frame[6] += 16)));
    assert!(is_refused(&changed(&usual, 0xc0, |frame| frame[6] -= 16)));
    // Restart markers that are out of turn, or without an interval.
    assert!(is_refused(&changed(&restarts, 0xd1, |marker| marker[1] = 0xd2)));
    assert!(is_refused(&changed(&restarts, 0xdd, |interval| interval[5] = 0)));
    assert!(is_refused(&changed(&restarts, 0xdd, |interval| interval[5] += 1)));
    // Red, green and blue by their names.
    let named = changed(
        &changed(&own, 0xc0, |frame| {
            [10, 13, 16].iter().zip(b"RGB").for_each(|(at, name)| frame[*at] = *name)
        }),
        0xda,
        |scan| {
            [5, 7, 9].iter().zip(b"RGB").for_each(|(at, name)| scan[*at] = *name);
        },
    );
    assert!(is_refused(&named));
}

#[test]
fn limits_are_asked_on_the_header() {
    let bytes = fixture("420.jpg");
    let few = Limits { max_pixels: 97 * 61 - 1, ..Limits::default() };
    let short = Limits { max_file_bytes: bytes.len() as u64 - 1, ..Limits::default() };
    for limits in [few, short] {
        assert!(SCALES.iter().all(|scale| luma(&bytes, *scale, &limits).is_none()));
        assert_eq!(JpegHeader::of(&bytes, &limits), None);
    }
    let enough = Limits { max_pixels: 97 * 61, max_file_bytes: bytes.len() as u64, ..Limits::default() };
    assert!(SCALES.iter().all(|scale| luma(&bytes, *scale, &enough).is_some()));
    // The largest header there is, before data for a few blocks.
    let huge = changed(&bytes, 0xc0, |frame| frame[5..9].fill(0xff));
    let start = Instant::now();
    // At full scale all of it would be decoded, which is why there is a limit on pixels.
    let any = Limits { max_pixels: u64::MAX, ..Limits::default() };
    assert!([Scale::Quarter, Scale::Eighth].iter().all(|scale| luma(&huge, *scale, &any).is_none()));
    assert!(luma(&huge, Scale::Full, &Limits::default()).is_none());
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn every_part_of_a_file_is_refused_at_every_scale() {
    for name in ["own-mixed.jpg", "restart-rows.jpg", "progressive.jpg"] {
        let bytes = fixture(name);
        assert!(read(&bytes, Scale::Full).is_some());
        assert!((0..bytes.len() - 2).into_par_iter().all(|end| is_refused(&bytes[..end])), "{name}");
    }
}

/// Fuzzers' corpora and bad-file suites, where they are at hand: they are too large to ship.
#[test]
fn broken_files_are_read_in_bounded_time_and_never_against_the_ordinary_decoder() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/corrupt");
    if !shared.exists() {
        eprintln!("skipped: the collections are not here");
        return;
    }
    let paths: Vec<_> =
        walkdir::WalkDir::new(shared).into_iter().map(|entry| entry.unwrap().into_path()).collect();
    let limits = Limits { max_pixels: 20_000_000, ..Limits::default() };
    let taken: usize = paths
        .par_iter()
        .filter(|path| path.is_file())
        .map(|path| {
            let (bytes, start) = (fs::read(path).unwrap(), Instant::now());
            let [full, quarter, eighth] = SCALES.map(|scale| luma(&bytes, scale, &limits).is_some());
            assert!(start.elapsed() < Duration::from_secs(20), "{}", path.display());
            if full || quarter || eighth {
                assert!(decode(&bytes, Content::of(&bytes), &limits).is_ok(), "{}", path.display());
            }
            usize::from(eighth)
        })
        .sum();
    eprintln!("{taken} of {} files are taken", paths.len());
}
