//! The classic family: bit for bit the library's, against an independent model, and from a list to a verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use image::{DynamicImage, GrayImage, RgbImage};
use img_hash::{HashAlg, HasherConfig};
use innerward::digest::{Classic, ClassicCode, Fingerprint, Wanted};
use innerward::media::{Content, Form, Limits, Raster, decode};

use crate::ward::{Match, MatchLine, ScreenLine, Ward, testdata};

fn raster(path: &Path) -> Raster {
    let bytes = fs::read(path).unwrap();
    let content = Content::of(&bytes[..bytes.len().min(Content::HEAD_BYTES)]);
    decode(&bytes, content, &Limits::default()).unwrap().forms.swap_remove(0).raster
}

fn picture(name: &str) -> Raster {
    raster(&testdata().join("pictures").join(name))
}

fn kind(name: &str) -> Classic {
    name.parse().unwrap()
}

fn hex_of(code: &ClassicCode) -> String {
    hex::encode(code.as_bytes())
}

/// What the library says of the same pixels, asked as its own documentation does.
fn library(name: &str, raster: &Raster) -> Vec<u8> {
    let (plain, transform) = name.strip_suffix("-dct").map_or((name, false), |plain| (plain, true));
    let (algorithm, side) = plain.split_at(plain.find(|c: char| c.is_ascii_digit()).unwrap());
    let algorithm = match algorithm {
        "mean" => HashAlg::Mean,
        "median" => HashAlg::Median,
        "gradient" => HashAlg::Gradient,
        "vert-gradient" => HashAlg::VertGradient,
        "double-gradient" => HashAlg::DoubleGradient,
        "blockhash" => HashAlg::Blockhash,
        other => panic!("{other}"),
    };
    let side: u32 = side.parse().unwrap();
    let config = HasherConfig::new().hash_alg(algorithm).hash_size(side, side);
    let config = if transform { config.preproc_dct() } else { config };
    let (width, height, samples) = (raster.width(), raster.height(), raster.samples().to_vec());
    let image = if raster.channels() == 1 {
        DynamicImage::from(GrayImage::from_raw(width, height, samples).unwrap())
    } else {
        DynamicImage::from(RgbImage::from_raw(width, height, samples).unwrap())
    };
    config.to_hasher().hash_image(&image).as_bytes().to_vec()
}

#[test]
fn every_kind_is_bit_for_bit_the_library_s() {
    let mut pictures: Vec<(String, Raster)> = [
        "originals/cat.png",
        "originals/clock.png",
        "edits/coffee-half-size.jpg",
        "forms/cat-grey.png",
        "forms/small-palette.bmp",
        "other/flat.png",
        "other/tiny-4x4.png",
    ]
    .map(|name| (name.to_owned(), picture(name)))
    .into();
    // Sides that the sides of hashes divide, and that they do not; narrower than a hash; grey and in colour.
    for (width, height) in [(1, 1), (3, 70), (64, 64), (65, 33), (320, 32), (101, 97)] {
        let noise = crate::ward::noise(&format!("{width}x{height}"), (width * height * 3) as usize);
        let grey = noise[..(width * height) as usize].to_vec();
        pictures.push((format!("grey {width}x{height}"), Raster::grey(width, height, grey)));
        pictures.push((format!("colour {width}x{height}"), Raster::rgb(width, height, noise)));
    }
    let mut distinct = BTreeSet::new();
    for (name, raster) in &pictures {
        let all = Classic::hash_all(&Classic::ALL, raster);
        assert_eq!(all.len(), Classic::ALL.len());
        for (kind, code) in Classic::ALL.into_iter().zip(all) {
            let expected = library(kind.as_str(), raster);
            assert_eq!(hex_of(&code), hex::encode(&expected), "{kind} of {name}");
            assert_eq!(kind.hash(raster), Some(code), "{kind} of {name}, alone");
            distinct.insert((kind, expected));
        }
    }
    assert!(distinct.len() > Classic::ALL.len() * pictures.len() / 2, "pictures differ");
}

#[test]
fn an_independent_model_gives_the_same_bits() {
    let rows = csv::Reader::from_path(testdata().join("golden/classic.csv")).unwrap().into_records();
    let mut rasters: BTreeMap<String, Raster> = BTreeMap::new();
    let (mut compared, mut kinds) = (0, BTreeSet::new());
    for row in rows.map(Result::unwrap) {
        let raster = rasters.entry(row[0].to_owned()).or_insert_with(|| raster(&testdata().join(&row[0])));
        assert_eq!(hex_of(&kind(&row[1]).hash(raster).unwrap()), row[2], "{} of {}", &row[1], &row[0]);
        compared += 1;
        kinds.insert(row[1].to_owned());
    }
    assert!(compared > 300 && kinds.len() > 20, "{compared} hashes of {} kinds", kinds.len());
}

/// A list with hashes of the original coffee, one kind a line, beside one that nobody meets.
fn list(kinds: &[&str]) -> String {
    let raster = picture("originals/coffee.jpg");
    let line = |name: &&str| format!("{name}:{}\n", hex_of(&kind(name).hash(&raster).unwrap()));
    kinds.iter().map(line).collect()
}

fn screened(ward: &Ward, paths: &[String], more: &[&str]) -> BTreeMap<String, ScreenLine> {
    let paths: Vec<&str> = paths.iter().map(|path| &**path).collect();
    let done = ward.run(&[&["screen", "--format", "json"], more, &paths].concat());
    assert_eq!(done.err, "");
    let name = |line: &ScreenLine| line.path.rsplit('/').next().unwrap().to_owned();
    done.all::<ScreenLine>("screen").into_iter().map(|line| (name(&line), line)).collect()
}

fn found_by(line: &ScreenLine) -> BTreeMap<&str, &Match> {
    line.matches.iter().map(|found| (&*found.signal, found)).collect()
}

#[test]
fn a_list_of_classic_hashes_finds_edits_of_its_pictures_and_nothing_else() {
    let ward = Ward::new();
    let kinds = ["gradient8", "double-gradient16", "median16-dct", "mean32", "blockhash16"];
    ward.import("classic", &list(&kinds), &[]);
    let names = [
        "edits/coffee-half-size.jpg",
        "edits/coffee-recompressed.jpg",
        "edits/coffee-progressive.jpg",
        "edits/coffee-turned-90.jpg",
        "originals/coffee.jpg",
        "originals/cat.png",
        "originals/rocket.jpg",
        "originals/hubble.jpg",
        "originals/gravel.jpg",
        "other/flat.png",
    ];
    let paths = names.map(|name| testdata().join("pictures").join(name).display().to_string());
    let lines = screened(&ward, &paths, &[]);
    let same = &lines["coffee.jpg"];
    assert_eq!((&*same.outcome, same.matches.len()), ("near", kinds.len()));
    for found in &same.matches {
        assert_eq!((found.distance, found.transform.as_deref()), (0, Some("original")), "{}", found.signal);
        assert_eq!(found.form.as_deref(), Some("correct"));
        assert_eq!(found.max_distance, kind(&found.signal).default_distance().bits());
    }
    for name in ["coffee-half-size.jpg", "coffee-recompressed.jpg", "coffee-progressive.jpg"] {
        assert_eq!(lines[name].outcome, "near", "{name}");
        assert!(found_by(&lines[name]).len() >= 4, "{name}: {:?}", found_by(&lines[name]).keys());
    }
    for name in ["coffee-turned-90.jpg", "cat.png", "rocket.jpg", "hubble.jpg", "gravel.jpg"] {
        assert_eq!((&*lines[name].outcome, lines[name].matches.len()), ("unknown", 0), "{name}");
    }
    assert_eq!(lines["flat.png"].outcome, "unchecked", "too plain for these as for PDQ");
    // A bound for the run: what differs at all is out, and the other kinds keep theirs.
    let none = screened(&ward, &paths, &["--max-distance", "mean32=0,gradient8=0"]);
    assert!(found_by(&none["coffee.jpg"]).contains_key("mean32"));
    let recompressed = found_by(&none["coffee-recompressed.jpg"]);
    assert!(recompressed.contains_key("blockhash16") && !recompressed.contains_key("mean32"));
}

#[test]
fn every_form_of_a_file_is_compared_and_named() {
    let path = testdata().join("pictures/forms/cat-palette.png");
    let file = || fs::File::open(&path).unwrap();
    let kinds = [kind("gradient8"), kind("mean16")];
    let fingerprint =
        Fingerprint::read_with(file(), &Wanted { classics: kinds.to_vec(), ..Wanted::default() }).unwrap();
    let forms: Vec<(Form, Classic)> =
        fingerprint.classics.iter().map(|hash| (hash.form, hash.code.kind())).collect();
    let expected = [Form::Correct, Form::Compat].map(|form| kinds.map(|kind| (form, kind)));
    assert_eq!(forms, expected.concat());
    assert!(Fingerprint::read(file(), &Limits::default()).unwrap().classics.is_empty());

    // A list that was built from palette indices, as older tools do.
    let ward = Ward::new();
    let compat = &fingerprint.classics[2].code;
    ward.import("old", &format!("gradient8:{}\n", hex_of(compat)), &[]);
    let lines = screened(&ward, &[path.display().to_string()], &[]);
    let [found] = &lines["cat-palette.png"].matches[..] else { panic!("one match") };
    assert_eq!((&*found.signal, found.form.as_deref(), found.distance), ("gradient8", Some("compat"), 0));
}

#[test]
fn only_kinds_of_lists_that_are_searched_are_computed() {
    use innerward::home::Home;
    use innerward::screen::Matcher;
    let ward = Ward::new();
    let md5 = crate::ward::digits("x", 16);
    ward.import("digests", &format!("{md5}\n"), &[]);
    let kinds = |ward: &Ward| {
        Matcher::open(&Home::open(&ward.home()).unwrap(), None).unwrap().classic_kinds().to_vec()
    };
    assert_eq!(kinds(&ward), []);
    ward.import("good", &list(&["mean8"]), &["--role", "ignore"]);
    assert_eq!(kinds(&ward), [], "a look-alike of a harmless file says nothing");
    ward.import("one", &list(&["gradient8", "mean16"]), &[]);
    ward.import("two", &list(&["gradient8", "blockhash8"]), &[]);
    assert_eq!(kinds(&ward), ["mean16", "gradient8", "blockhash8"].map(kind));
    let fingerprint = Fingerprint::read_with(
        fs::File::open(testdata().join("pictures/originals/coffee.jpg")).unwrap(),
        &Wanted { classics: vec![kind("mean8")], ..Wanted::default() },
    )
    .unwrap();
    let matcher = Matcher::open(&Home::open(&ward.home()).unwrap(), None).unwrap();
    assert!(matcher.verdict(&fingerprint).unwrap().matches.is_empty(), "harmless by its looks alone");
}

#[test]
fn a_look_up_explains_itself_and_each_set_has_its_bound() {
    let ward = Ward::new();
    let hash = hex_of(&kind("gradient8").hash(&picture("originals/coffee.jpg")).unwrap());
    ward.import("default", &format!("{hash}\n"), &["--as", "plain:gradient8"]);
    ward.import(
        "wide",
        &format!("gradient8,{hash},C,POSITIVE_CLASS,SEV_B\n"),
        &["--as", "tx", "--max-distance", "gradient8=9"],
    );
    let far = |bits: usize| {
        let mut bytes = hex::decode(&hash).unwrap();
        (0..bits).for_each(|bit| bytes[bit % 8] ^= 1 << (bit / 8));
        format!("gradient8:{}", hex::encode(bytes))
    };
    for (bits, sets) in
        [(0, &["default", "wide"][..]), (5, &["default", "wide"]), (6, &["wide"]), (9, &["wide"]), (10, &[])]
    {
        ward.write("queries.txt", far(bits) + "\n");
        for arguments in [["match", &far(bits)].to_vec(), ["match", "--from", "queries.txt"].to_vec()] {
            let done = ward.run(&[&arguments[..], &["--format", "json"]].concat());
            let line = done.all::<MatchLine>("match").remove(0);
            assert_eq!((line.outcome == "near", done.code), (!sets.is_empty(), i32::from(!sets.is_empty())));
            let found: BTreeSet<&str> = line.matches.iter().map(|found| &*found.set).collect();
            assert_eq!(found, sets.iter().copied().collect(), "{bits} bits");
            for found in &line.matches {
                let max = if found.set == "wide" { 9 } else { 5 };
                assert_eq!((usize::from(found.distance), found.max_distance), (bits, max));
                assert_eq!((&*found.signal, &found.form), ("gradient8", &None));
                assert_eq!(found.transform.as_deref(), Some("original"));
            }
        }
    }
    let done = ward.run(&["match", &far(10), "--max-distance", "gradient8=10"]);
    assert!(done.code == 1 && done.out.contains("10 bits apart (up to 10 allowed)"), "{}", done.out);
    // The bound lasts, and another kind's does not touch it.
    ward.import("wide", &format!("gradient8:{hash}\n"), &["--max-distance", "mean8=3,20"]);
    assert_eq!(ward.look_up(&far(9)), ("near".into(), 1));
    let shown = ward.must(&["set", "show", "wide"]).out;
    assert!(shown.contains("gradient8 up to 9 bits apart"), "{shown}");
    for wrong in ["gradient8=65", "gradient9=3", "gradient8", "x", "3,4"] {
        assert_eq!(ward.run(&["match", &far(1), "--max-distance", wrong]).code, 2, "{wrong}");
    }
    let wrong = ward.run(&["match", "gradient8:00", &far(0)]);
    assert!(wrong.code == 5 && wrong.err.contains("gradient8 has 16 hexadecimal digits"), "{}", wrong.err);
}

#[test]
fn lists_with_wrong_lengths_name_the_line_and_withdrawals_hold() {
    let ward = Ward::new();
    let rows = list(&["gradient8", "double-gradient8"]);
    let file = ward.write("bad.list", format!("{rows}gradient8:0102\nmean8:{}\nmean8:zz\n", "0".repeat(16)));
    let done = ward.run(&["set", "import", "classic", file.to_str().unwrap(), "--format", "json"]);
    assert_eq!(done.code, 0);
    let told: Vec<&str> = done.err.lines().collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("bad.list:3: gradient8 has 16 hexadecimal digits, not 4 characters"));
    assert!(told[1].contains("bad.list:4: all bits of this mean8 are the same"));
    assert!(told[2].contains("bad.list:5: mean8 has 16 hexadecimal digits"));
    let stat = ward.must(&["index", "stat"]).out;
    assert!(stat.contains("gradient8 ") && stat.contains("double-gradient8 "), "{stat}");
    ward.must(&["index", "verify"]);
    let query = rows.lines().next().unwrap();
    assert_eq!(ward.look_up(query).0, "near");
    ward.must(&["set", "withdraw", "classic", query]);
    assert_eq!(ward.look_up(query).0, "unknown");
    ward.run(&["set", "import", "classic", file.to_str().unwrap()]);
    assert_eq!(ward.look_up(query).0, "unknown", "withdrawn entries stay so");
}
