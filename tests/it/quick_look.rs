//! The quicker fidelities: what they are used for, and that no verdict is other than the reference's.

use std::fs;

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, crop_imm, resize};
use innerward::digest::{Fidelity, Fingerprint, HashedForm, Wanted};
use innerward::media::{Form, FormSet, Gap, Limits};

use crate::ward::{ScreenLine, Ward, flipped, testdata};

/// JPEGs as large as the quick look asks for, made of the photographs in `testdata`.
fn large() -> Vec<(String, RgbImage)> {
    let mut pictures = Vec::new();
    for name in ["coffee.jpg", "cat.png", "rocket.jpg", "hubble.jpg"] {
        let small = image::open(testdata().join("pictures/originals").join(name)).unwrap().into_rgb8();
        for (width, height) in [(1200, 800), (2800, 2100)] {
            let (across, down) = (small.width().min(small.height() * 4 / 3), small.height());
            let part = crop_imm(&small, 0, 0, across, down).to_image();
            pictures.push((format!("{name}-{height}"), resize(&part, width, height, FilterType::CatmullRom)));
        }
    }
    pictures
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 88).encode_image(picture).unwrap();
    bytes
}

fn read(bytes: &[u8], fidelity: Fidelity) -> Fingerprint {
    Fingerprint::read_with(bytes, &Wanted { fidelity, ..Wanted::default() }).unwrap()
}

fn apart(a: &HashedForm, b: &HashedForm) -> u32 {
    let pdq = |form: &HashedForm| hex::decode(form.hash.original().to_hex()).unwrap();
    pdq(a).iter().zip(pdq(b)).map(|(a, b)| (a ^ b).count_ones()).sum()
}

/// `bytes` with an EXIF segment that says how the picture is to be turned.
fn tagged(bytes: &[u8], orientation: u8) -> Vec<u8> {
    let exif = [
        &b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..],
        &[orientation, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    [&bytes[..2], &exif, &bytes[2..]].concat()
}

#[test]
fn quick_hashes_are_near_the_reference_in_every_orientation() {
    for (name, picture) in large() {
        let bytes = jpeg(&picture);
        for orientation in [1, 3, 6, 7] {
            let bytes = tagged(&bytes, orientation);
            let reference = read(&bytes, Fidelity::Reference);
            let names = |print: &Fingerprint| print.forms.iter().map(|form| form.form).collect::<Vec<_>>();
            let forms: &[Form] =
                if orientation == 1 { &[Form::Correct] } else { &[Form::Correct, Form::Compat] };
            assert_eq!(names(&reference), forms, "{name}");
            for fidelity in [Fidelity::Luma, Fidelity::Fast] {
                let quick = read(&bytes, fidelity);
                assert_eq!((quick.fidelity, quick.size), (fidelity, reference.size), "{name}, {orientation}");
                assert_eq!((names(&quick), quick.digests), (names(&reference), reference.digests));
                for (quick, exact) in quick.forms.iter().zip(&reference.forms) {
                    let bits = apart(quick, exact);
                    assert!(
                        bits <= u32::from(fidelity.band()),
                        "{name}, {orientation}, {fidelity}: {bits} bits"
                    );
                    let quality = |form: &HashedForm| form.hash.quality.percent();
                    assert!(quality(quick).abs_diff(quality(exact)) <= fidelity.quality_band());
                }
            }
        }
    }
}

#[test]
fn quick_hashes_of_colours_that_cannot_be_shown_are_near_the_reference() {
    for name in ["beyond-large-420", "beyond-large-444", "beyond-layers", "halftone"] {
        let bytes = fs::read(testdata().join(format!("jpeg-skip/{name}.jpg"))).unwrap();
        let exact = read(&bytes, Fidelity::Reference);
        for fidelity in [Fidelity::Luma, Fidelity::Fast] {
            let quick = read(&bytes, fidelity);
            let bits = apart(&quick.forms[0], &exact.forms[0]);
            assert!(bits <= 6, "{name}, {fidelity}: {bits} bits");
            assert!(
                name != "halftone" || fidelity == Fidelity::Luma || quick.fidelity == Fidelity::Reference
            );
        }
    }
}

#[test]
fn what_the_quick_look_cannot_do_is_done_exactly() {
    let (_, picture) = large().remove(1);
    let bytes = jpeg(&picture);
    let fast = |bytes: &[u8]| read(bytes, Fidelity::Fast);
    assert_eq!(fast(&bytes).fidelity, Fidelity::Fast);
    let small = jpeg(&resize(&picture, 400, 300, FilterType::Triangle));
    assert_eq!(fast(&small), read(&small, Fidelity::Reference));
    let png = fs::read(testdata().join("pictures/originals/cat.png")).unwrap();
    assert_eq!(fast(&png).fidelity, Fidelity::Reference);
    for forms in [
        FormSet { stretch512: true, ..FormSet::default() },
        FormSet { borderless: true, ..FormSet::default() },
    ] {
        let limits = Limits { forms, ..Limits::default() };
        let wanted = Wanted { limits, fidelity: Fidelity::Fast, ..Wanted::default() };
        assert_eq!(Fingerprint::read_with(&bytes[..], &wanted).unwrap().fidelity, Fidelity::Reference);
    }
    let wanted = Wanted {
        classics: vec!["gradient8".parse().unwrap()],
        fidelity: Fidelity::Fast,
        ..Wanted::default()
    };
    let print = Fingerprint::read_with(&bytes[..], &wanted).unwrap();
    assert_eq!((print.fidelity, print.classics.len()), (Fidelity::Reference, 1));
    for end in [bytes.len() / 3, bytes.len() - 3] {
        assert_eq!(fast(&bytes[..end]).gap, Some(Gap::Truncated("JPEG")));
    }
    let with_end = [&bytes[..bytes.len() / 2], &[0xff, 0xd9]].concat();
    assert_eq!(fast(&with_end).gap, Some(Gap::Truncated("JPEG")));
}

#[test]
fn no_verdict_depends_on_the_fidelity_of_the_first_look() {
    let ward = Ward::new();
    let mut list = String::new();
    for (at, (name, picture)) in large().into_iter().enumerate() {
        let bytes = jpeg(&picture);
        ward.write(&format!("items/{name}.jpg"), &bytes);
        let pdq = read(&bytes, Fidelity::Reference).forms[0].hash.original().to_hex();
        // As far as may be, and just beyond: where a hash that is a few bits off would tell something else.
        let bits = [31, 32, 30, 33, 0, 36, 29, 44][at % 8];
        list += &format!("{}\n", flipped(&pdq, bits));
    }
    ward.import("own", &list, &["--as", "plain:pdq"]);
    let screened = |fidelity: &str| {
        let done = ward.run(&["screen", "items", "--no-tally", "--format", "json", "--fidelity", fidelity]);
        done.all::<ScreenLine>("screen")
    };
    let told = |lines: Vec<ScreenLine>| -> Vec<_> {
        lines
            .into_iter()
            .map(|line| (line.path, line.outcome, line.matches.first().map(|m| m.distance)))
            .collect()
    };
    let exact = told(screened("reference"));
    let outcomes: Vec<_> = exact.iter().map(|(_, outcome, _)| outcome.as_str()).collect();
    assert!(outcomes.contains(&"near") && outcomes.contains(&"unknown"), "{outcomes:?}");
    assert_eq!(exact, told(screened("fast")));
    assert_eq!(exact, told(screened("luma")));
}

#[test]
fn further_forms_are_made_for_whoever_asks() {
    let ward = Ward::new();
    let bare = image::open(testdata().join("pictures/originals/coffee.jpg")).unwrap().into_rgb8();
    let (width, height) = bare.dimensions();
    let bar = height / 4;
    let mut barred = RgbImage::new(width, height + 2 * bar);
    image::imageops::replace(&mut barred, &bare, 0, bar.into());
    ward.write("items/barred.jpg", jpeg(&barred));
    let pdq = read(&jpeg(&bare), Fidelity::Reference).forms[0].hash.original().to_hex();
    ward.import("own", &format!("{pdq}\n"), &["--as", "plain:pdq"]);
    let screened = || {
        let done = ward.run(&["screen", "items", "--no-tally", "--format", "json", "--fidelity", "fast"]);
        done.all::<ScreenLine>("screen").remove(0)
    };
    assert_eq!(screened().outcome, "unknown", "bars move all that a hash looks at");
    ward.write("ward/innerward.toml", "extra_forms = [\"borderless\"]\n");
    let found = screened();
    assert_eq!((&*found.outcome, found.matches[0].form.as_deref()), ("near", Some("borderless")));
    ward.write("ward/innerward.toml", "extra_forms = [\"round\"]\n");
    ward.run(&["screen", "items"]).refused(&["extra_forms", "stretch512 or borderless", "round"]);
    let hashed = ward.run(&["hash", "items/barred.jpg", "--all-forms", "--format", "json"]).out;
    assert!(
        hashed.contains(r#""form":"borderless""#) && hashed.contains(r#""form":"stretch512""#),
        "{hashed}"
    );
    assert!(!ward.run(&["hash", "items/barred.jpg", "--format", "json"]).out.contains("borderless"));
}
