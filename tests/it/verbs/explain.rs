//! `explain`: distances of other programs' hashes, turned copies, what is drawn, and the exit codes.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use image::GenericImageView;
use serde::Deserialize;

use crate::ward::{Done, ScreenLine, Ward, digits, flipped, testdata};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Explained {
    a: Side,
    b: Side,
    outcome: String,
    reason: Option<String>,
    digests: Vec<Digest>,
    turned: Option<String>,
    max_distance: u16,
    pdq: Vec<Pair>,
    nearest: Option<Nearest>,
    classic: Vec<ClassicPair>,
    video: Option<Video>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Side {
    given: String,
    hash: Option<String>,
    path: Option<String>,
    path_hex: Option<String>,
    media: Option<String>,
    content: Option<String>,
    bytes: Option<u64>,
    width: Option<u32>,
    height: Option<u32>,
    fidelity: Option<String>,
    forms: Vec<Form>,
    frames: Option<usize>,
    usable_frames: Option<usize>,
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    form: String,
    pdq: String,
    quality: u8,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digest {
    kind: String,
    equal: bool,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    form: Option<String>,
    frame: Option<u32>,
    timestamp: Option<f64>,
    quality: Option<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    a: Reading,
    b: Reading,
    distances: BTreeMap<String, u16>,
    counts: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nearest {
    a: Reading,
    b: Reading,
    transform: String,
    distance: u16,
    within: bool,
    differing: Vec<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassicPair {
    kind: String,
    a: Option<String>,
    b: Option<String>,
    distance: u16,
    max_distance: u16,
    within: bool,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Video {
    query_percent: f64,
    index_percent: f64,
    needed: [u8; 2],
    interval: Option<[f64; 2]>,
    distance: Option<u16>,
    within: bool,
}

fn picture(name: &str) -> String {
    testdata().join("pictures").join(name).display().to_string()
}

fn run(ward: &Ward, a: &str, b: &str, more: &[&str]) -> (Done, Explained) {
    let done = ward.run(&[&["explain", a, b, "--format", "json"], more].concat());
    let mut lines: Vec<Explained> = done.all("explain");
    assert_eq!((lines.len(), &*done.err), (1, ""), "{}", done.out);
    let line = lines.remove(0);
    let summary: BTreeMap<String, String> = done.summary();
    assert_eq!(summary["outcome"], line.outcome);
    let expected = match &*line.outcome {
        "known" | "near" => 1,
        "unknown" => 0,
        _ => 4,
    };
    assert_eq!(done.code, expected, "{}", line.outcome);
    (done, line)
}

fn explained(ward: &Ward, a: &str, b: &str, more: &[&str]) -> Explained {
    run(ward, a, b, more).1
}

fn rows(path: &Path) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(path).unwrap().into_records().collect::<Result<_, _>>().unwrap()
}

/// Bits in which two hashes differ, and which: row by row from the last digit on, as PDQ numbers its coefficients.
fn differing(a: &str, b: &str) -> Vec<usize> {
    let bytes = |hex: &str| hex::decode(hex).unwrap();
    let (a, b) = (bytes(a), bytes(b));
    (0..256).filter(|bit| (a[31 - bit / 8] ^ b[31 - bit / 8]) >> (bit % 8) & 1 == 1).collect()
}

#[test]
fn distances_are_those_of_the_hashes_that_pdqhash_computed() {
    let ward = Ward::new();
    let dihedral = rows(&testdata().join("golden/pdq-dihedral.csv"));
    let listed: Vec<_> = rows(&testdata().join("golden/pdq.csv"))
        .into_iter()
        .filter(|row| {
            &row[1] == "rgb" && (row[0].ends_with("originals/coffee.jpg") || row[0].ends_with("flat.png"))
        })
        .collect();
    assert_eq!(listed.len(), 2);
    let mut compared = 0;
    // Files of pixels as they are: lossy formats decode a little differently elsewhere.
    let is_exact = |path: &&str| path.ends_with(".png") || path.ends_with(".ppm");
    let mut files: Vec<&str> = dihedral.iter().map(|row| &row[0]).filter(is_exact).collect();
    files.dedup();
    for path in files {
        for other in &listed {
            let line = explained(&ward, &testdata().join(path).display().to_string(), &other[3], &[]);
            let pair = line.pdq.iter().find(|pair| pair.a.form.as_deref() == Some("correct")).unwrap();
            let golden: BTreeMap<String, String> = dihedral
                .iter()
                .filter(|row| &row[0] == path)
                .map(|row| (row[1].to_owned(), row[2].to_owned()))
                .collect();
            let expected: BTreeMap<String, u16> = golden
                .iter()
                .map(|(transform, hash)| (transform.clone(), differing(hash, &other[3]).len() as u16))
                .collect();
            assert_eq!((pair.distances.len(), &pair.distances), (8, &expected), "{path} and {}", &other[0]);
            assert_eq!((line.b.given.as_str(), line.turned.as_deref()), ("digits", Some("a")));
            let nearest = line.nearest.unwrap();
            if line.pdq.len() == 1 {
                assert_eq!(nearest.differing, differing(&golden[&nearest.transform], &other[3]));
                assert_eq!(Some(&nearest.distance), expected.values().min());
                compared += 1;
            }
        }
    }
    assert!(compared > 30, "{compared}");
    let mirrored =
        dihedral.iter().find(|row| &row[0] == "pictures/originals/cat.png" && &row[1] == "flipy").unwrap();
    let text = ward.run(&["explain", &picture("originals/cat.png"), &mirrored[2]]).out;
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("hashes are equal with A mirrored, left and right exchanged"), "{text}");
    assert!(!ward.home().exists(), "nothing is kept");
}

#[test]
fn turned_and_mirrored_copies_name_how_and_have_the_words() {
    let ward = Ward::new();
    let original = picture("originals/coffee.jpg");
    for (copy, transform, words) in [
        ("coffee-half-size.jpg", "original", "so they are near: probably the same picture"),
        ("coffee-turned-90.jpg", "rotate270", "with A turned a quarter clockwise"),
        ("coffee-turned-180.jpg", "rotate180", "with A turned by half"),
        ("coffee-mirrored.jpg", "flipy", "with A mirrored, left and right exchanged"),
        ("coffee-transposed.jpg", "flipplus1", "with A mirrored in the diagonal from the upper left"),
    ] {
        let copy = picture(&format!("edits/{copy}"));
        let line = explained(&ward, &original, &copy, &[]);
        let nearest = line.nearest.as_ref().unwrap();
        assert_eq!(
            (&*line.outcome, &*nearest.transform, nearest.within),
            ("near", transform, true),
            "{copy}"
        );
        assert!(line.digests.iter().all(|digest| !digest.equal) && line.digests.len() == 4);
        assert_eq!(nearest.differing.len(), usize::from(nearest.distance));
        let text = ward.run(&["explain", &original, &copy]).out;
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words) && flat.contains("a person decides"), "{text}");
        // The drawn bits are those.
        let drawn = text.lines().filter(|line| line.len() == 54).map(|line| line[38..].matches('x').count());
        assert_eq!(drawn.sum::<usize>(), usize::from(nearest.distance), "{text}");
    }
}

#[test]
fn upstream_photographs_are_explained_as_published() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["../shared/data/pdq", "../../shared/data/pdq"].map(|folder| here.join(folder));
    let Some(shared) = folders.into_iter().find(|folder| folder.exists()) else {
        eprintln!("skipped: upstream's photographs are not here");
        return;
    };
    let ward = Ward::new();
    let rows = rows(&shared.join("bridge-mods.csv"));
    let path = |name: &str| shared.join("bridge-mods").join(name).display().to_string();
    for row in &rows[1..] {
        let line = explained(&ward, &path(&rows[0][0]), &path(&row[0]), &[]);
        let pair = line.pdq.iter().find(|pair| pair.a.form == pair.b.form).unwrap();
        assert_eq!(
            usize::from(pair.distances["original"]),
            differing(&rows[0][1], &row[1]).len(),
            "{}",
            &row[0]
        );
    }
    let mut names: Vec<PathBuf> =
        fs::read_dir(shared.join("dihedral")).unwrap().map(|file| file.unwrap().path()).collect();
    names.sort();
    let named =
        ["original", "rotate90", "rotate180", "rotate270", "flipx", "flipy", "flipplus1", "flipminus1"];
    for (path, transform) in names.iter().zip(named) {
        let line = explained(&ward, &names[0].display().to_string(), &path.display().to_string(), &[]);
        let nearest = line.nearest.unwrap();
        assert_eq!((&*nearest.transform, nearest.within), (transform, true), "{}", path.display());
    }
}

/// Whatever a run of `screen` finds near, and how far, is what is explained.
#[test]
fn it_says_what_screening_says() {
    let ward = Ward::new();
    let golden = rows(&testdata().join("golden/pdq.csv"));
    let hashes: Vec<&str> = golden
        .iter()
        .filter(|row| row[0].contains("edits/") || row[0].contains("originals/"))
        .map(|row| &row[3])
        .collect();
    ward.import("hashes", &hashes.join("\n"), &["--as", "plain:pdq"]);
    let files = [
        "originals/coffee.jpg",
        "edits/coffee-turned-90.jpg",
        "forms/cat-palette.png",
        "originals/clock.png",
    ];
    let files = files.map(picture);
    let arguments: Vec<&str> = files.iter().map(String::as_str).collect();
    let flags =
        ["screen", "--format", "json", "--no-tally", "--fidelity", "reference", "--max-distance", "60"];
    let screened: Vec<ScreenLine> = ward.run(&[&flags[..], &arguments].concat()).all("screen");
    let mut near = 0;
    for (path, line) in files.iter().zip(&screened) {
        assert_eq!(line.path, *path);
        for hash in hashes.iter().step_by(3) {
            let told = explained(&ward, path, hash, &["--max-distance", "60"]);
            let nearest = told.nearest.unwrap();
            let key = innerward::hashset::EntryKey::derived(
                &format!("pdq:{hash}").parse::<innerward::digest::Signal>().unwrap().into(),
            );
            let found = line.matches.iter().find(|found| found.entry == key.as_str());
            assert_eq!(found.is_some(), nearest.within, "{path} {hash}");
            assert_eq!(told.outcome == "near", nearest.within, "{path}");
            if let Some(found) = found {
                assert_eq!(found.distance, nearest.distance);
                assert_eq!(found.transform.as_ref(), Some(&nearest.transform));
                assert_eq!(found.form, nearest.a.form);
                near += 1;
            }
        }
    }
    assert!(near > 5, "{near}");
}

#[test]
fn what_is_drawn_into_a_file_has_as_many_cells_as_bits_differ() {
    let ward = Ward::new();
    let (a, b) = (picture("originals/coffee.jpg"), picture("edits/coffee-captioned.jpg"));
    let path = ward.path("bits.png");
    let line = explained(&ward, &a, &b, &["--png", path.to_str().unwrap()]);
    let nearest = line.nearest.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let drawn = image::open(&path).unwrap();
    let (width, height) = drawn.dimensions();
    assert_eq!((width, height), (3 * 256 + 4 * 16, 256 + 2 * 16));
    let centre = |panel: u32, row: u32, column: u32| {
        drawn.get_pixel(16 + panel * 272 + column * 16 + 7, 16 + row * 16 + 7).0
    };
    let mut differing = Vec::new();
    for (row, column) in (0..16).flat_map(|row| (0..16).map(move |column| (row, column))) {
        let differs = centre(0, row, column) != centre(1, row, column);
        // What differs is as dark as it is red: no colour need be seen.
        let [red, green, blue, _] = centre(2, row, column);
        assert_eq!(u32::from(red) + u32::from(green) + u32::from(blue) < 300, differs, "{row}, {column}");
        if differs {
            differing.push((row * 16 + column) as usize);
        }
    }
    assert_eq!(differing, nearest.differing);
    assert_eq!(differing.len(), usize::from(nearest.distance));
    // What is there stays.
    let before = fs::read(&path).unwrap();
    let again = ward.run(&["explain", &a, &a, "--png", path.to_str().unwrap()]);
    again.refused(&["there already"]);
    assert_eq!(fs::read(&path).unwrap(), before);
    let none = ward.run(&["explain", &a, "md5:00000000000000000000000000000007", "--png", "none.png"]);
    assert!(none.code == 0 && none.err.contains("nothing was written"), "{}", none.err);
    assert!(!ward.path("none.png").exists());
}

#[test]
fn each_side_says_what_it_is_as_hash_does() {
    let ward = Ward::new();
    let (a, b) = (picture("forms/cat-palette.png"), picture("other/note.txt"));
    let done = ward.run(&["hash", &a, "--format", "json"]);
    let hashed = &done.all::<serde_json::Value>("hash")[0];
    let line = explained(&ward, &a, &b, &[]);
    let Side { given, hash, path, path_hex, media, content, bytes, width, height, fidelity, forms, .. } =
        line.a;
    assert_eq!((&*given, hash, path.as_deref(), path_hex), ("file", None, Some(&*a), None));
    let told = [media, content, fidelity].map(Option::unwrap);
    assert_eq!(told, ["media", "content", "fidelity"].map(|name| hashed[name].as_str().unwrap()));
    let told = [bytes.unwrap(), width.unwrap().into(), height.unwrap().into()];
    assert_eq!(told, ["bytes", "width", "height"].map(|name| hashed[name].as_u64().unwrap()));
    let listed = hashed["forms"].as_array().unwrap();
    assert_eq!((forms.len(), listed.len()), (2, 2));
    for (form, listed) in forms.iter().zip(listed) {
        assert_eq!([&*form.form, &form.pdq], ["form", "pdq"].map(|name| listed[name].as_str().unwrap()));
        assert_eq!(u64::from(form.quality), listed["quality"].as_u64().unwrap());
    }
    assert_eq!((&*line.b.given, line.b.media.as_deref(), line.b.width), ("file", Some("TEXT"), None));
    assert_eq!((line.b.forms.len(), line.b.frames, line.b.reason), (0, None, None));

    let line = explained(&ward, &a, &format!("pdq:{}", forms[1].pdq.to_uppercase()), &[]);
    assert_eq!((&*line.b.given, line.b.hash), ("hash", Some(format!("pdq:{}", forms[1].pdq))));
    let nearest = line.nearest.unwrap();
    assert_eq!((nearest.a.form.as_deref(), nearest.distance), (Some("compat"), 0), "the form that has it");
    assert_eq!(nearest.b, Reading { form: None, frame: None, timestamp: None, quality: None });
    assert!(line.pdq.iter().all(|pair| pair.counts) && line.pdq.len() == 2);
    let plain = explained(&ward, &picture("originals/clock.png"), &digits("any", 32), &[]);
    assert!(plain.pdq.iter().all(|pair| !pair.counts && pair.a.quality == Some(34)));
    assert!(!plain.nearest.unwrap().within && plain.a.reason.unwrap().contains("quality 34"));
}

#[test]
fn exit_codes_and_reasons() {
    let ward = Ward::new();
    let [coffee, half, cat, flat, clock, cut, note] = [
        "originals/coffee.jpg",
        "edits/coffee-half-size.jpg",
        "originals/cat.png",
        "other/flat.png",
        "originals/clock.png",
        "other/truncated.jpg",
        "other/note.txt",
    ]
    .map(picture);
    let hash = |path: &str| {
        let line = explained(&ward, path, "md5:00000000000000000000000000000007", &[]);
        line.a.forms[0].pdq.clone()
    };
    let (pdq, plain) = (hash(&coffee), hash(&clock));
    for (a, b, outcome, reason) in [
        (&*coffee, &*coffee, "known", None),
        (&coffee, &half, "near", None),
        (&coffee, &cat, "unknown", None),
        (&coffee, &flat, "unchecked", Some("B: too plain")),
        (&flat, &flat, "known", None),
        (&clock, &plain, "unchecked", Some("A: too plain for a picture hash (quality 34")),
        (&cut, &coffee, "unchecked", Some("A: JPEG is cut short")),
        (&note, &coffee, "unknown", None),
        (&note, &pdq, "unchecked", Some("no hash of one kind")),
        (&pdq, &half, "near", None),
        (&pdq, &format!("pdq:{pdq}"), "near", None),
        (&pdq, &flipped(&pdq, 32), "unknown", None),
        (&pdq, "md5:00000000000000000000000000000007", "unchecked", Some("a digest of its own kind")),
        (&note, "md5:00000000000000000000000000000007", "unknown", None),
    ] {
        let line = explained(&ward, a, b, &[]);
        assert_eq!(line.outcome, outcome, "{a} {b}: {:?}", line.reason);
        match reason {
            Some(words) => assert!(line.reason.as_deref().unwrap().contains(words), "{:?}", line.reason),
            None => assert_eq!(line.reason, None, "{a} {b}"),
        }
    }
    // MD5 alone says that it can be forged.
    use md5::Digest as _;
    let md5 = format!("md5:{}", hex::encode(md5::Md5::digest(fs::read(&cat).unwrap())));
    let line = explained(&ward, &cat, &md5, &[]);
    assert!(line.outcome == "known" && line.reason.unwrap().contains("forged"));
    assert_eq!(line.digests, [Digest { kind: "md5".into(), equal: true }]);
    // The bound, and one bit less.
    for (bits, bound, outcome) in [(31, "31", "near"), (31, "30", "unknown"), (64, "64", "near")] {
        let line = explained(&ward, &pdq, &flipped(&pdq, bits), &["--max-distance", bound]);
        assert_eq!((&*line.outcome, line.max_distance.to_string().as_str()), (outcome, bound));
        assert_eq!(line.nearest.unwrap().differing.len(), bits);
    }
}

#[test]
fn what_fails_says_so_without_repeating_names_or_hashes() {
    let ward = Ward::new();
    let secret = "SecretName";
    ward.write(&format!("{secret}.txt"), "words");
    fs::create_dir(ward.path(&format!("{secret}.d"))).unwrap();
    let two = format!("0,100,{},0.000\n0,100,{},0.000\n", digits("a", 32), digits("b", 32));
    ward.write(&format!("{secret}.two"), two);
    let there = format!("{secret}.txt");
    for (a, words) in [
        (format!("{secret}-missing.jpg"), "A: there is no such file"),
        (format!("{secret}.d"), "A: "),
        (format!("{secret}.two"), "frames of several videos"),
        (format!("pdq:{}{secret}", "5ca1ab1e".repeat(7)), "A: pdq has 64 hexadecimal digits"),
        (format!("md5:{}", "5ca1ab1e".repeat(5)), "A: md5 has 32 hexadecimal digits"),
        ("gradient8:0000000000000000".to_owned(), "A: all bits of this gradient8 are the same"),
        ("5ca1ab1e".repeat(5), "A: there is no such file; a hash is written kind:hex"),
    ] {
        let done = ward.run(&["explain", &a, &there]);
        done.refused(&[words]);
        for word in [secret, "5ca1ab1e"] {
            assert!(!done.err.contains(word), "{}", done.err);
        }
    }
    ward.run(&["explain", &there]).refused(&["<B>"]);
    ward.run(&["explain", &there, &there, "--max-distance", "257"]).refused(&["256"]);
}

#[test]
fn text_reads_at_80_columns() {
    let ward = Ward::new();
    for (from, name) in [
        ("originals/coffee.jpg", "a.jpg"),
        ("edits/coffee-captioned.jpg", "b.jpg"),
        ("forms/cat-rgba-half-kept.png", "c.png"),
        ("several/kept.gif", "d.gif"),
        ("originals/clock.png", "e.png"),
        ("other/truncated.jpg", "f.jpg"),
        ("other/note.txt", "g.txt"),
    ] {
        fs::copy(picture(from), ward.path(name)).unwrap();
    }
    let pdq = digits("pdq", 32);
    for (a, b) in [
        ("a.jpg", "b.jpg"),
        ("c.png", "d.gif"),
        ("d.gif", "a.jpg"),
        ("e.png", "a.jpg"),
        ("f.jpg", "g.txt"),
        ("a.jpg", &*pdq),
        (&*pdq, "sha256:00000000000000000000000000000000000000000000000000000000000000aa"),
    ] {
        let done = ward.run(&["explain", a, b, "--also", "gradient8,double-gradient32-dct", "--all-forms"]);
        assert_eq!(done.err, "");
        for line in done.out.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        assert!(!done.out.contains(&pdq) && !done.out.contains('\u{1b}'), "{}", done.out);
    }
    let text = ward.run(&["explain", "a.jpg", &pdq]).out;
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("about what two unrelated pictures have") && flat.contains("128 bits"), "{text}");
    assert!(flat.contains("no probability"), "{text}");
}

#[test]
fn classic_hashes_are_compared_on_request_and_when_one_is_given() {
    let ward = Ward::new();
    let (a, b) = (picture("originals/coffee.jpg"), picture("edits/coffee-half-size.jpg"));
    assert!(explained(&ward, &a, &b, &[]).classic.is_empty());
    let line = explained(&ward, &a, &b, &["--also", "gradient8,mean16-dct"]);
    let kinds: Vec<(&str, bool)> = line.classic.iter().map(|pair| (&*pair.kind, pair.within)).collect();
    assert_eq!(kinds.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), ["mean16-dct", "gradient8"]);
    assert!(line.classic.iter().all(|pair| pair.within == (pair.distance <= pair.max_distance)));
    let done = ward.run(&["hash", &a, "--also", "gradient8", "--format", "json"]);
    let own = done.all::<serde_json::Value>("hash")[0]["classic"]["gradient8"].as_str().unwrap().to_owned();
    let line = explained(&ward, &a, &format!("gradient8:{own}"), &[]);
    let [pair] = &line.classic[..] else { panic!() };
    assert_eq!((pair.distance, pair.max_distance, &*line.outcome), (0, 5, "near"));
    assert_eq!((pair.a.as_deref(), pair.b.as_deref(), line.pdq.len()), (Some("correct"), None, 0));
    let mut code = hex::decode(&own).unwrap();
    code[0] ^= 0b11_1111;
    let six = format!("gradient8:{}", hex::encode(code));
    assert_eq!(explained(&ward, &a, &six, &[]).outcome, "unknown");
    assert_eq!(explained(&ward, &a, &six, &["--max-distance", "gradient8=6"]).outcome, "near");
}

#[test]
fn frames_of_videos_are_compared_as_match_compares_them() {
    let ward = Ward::new();
    let line = |number: u32, quality: u8, seed: &str| {
        format!("{number},{quality},{},{number}.000\n", digits(seed, 32))
    };
    let listed = [line(0, 100, "a"), line(1, 100, "b"), line(2, 40, "plain"), line(3, 90, "c")].concat();
    let asked = [line(5, 100, "c"), line(6, 100, "a")].concat();
    ward.write("listed.txt", &listed);
    ward.write("asked.txt", &asked);
    ward.write("other.txt", line(0, 100, "x"));
    ward.write("plain.txt", line(0, 10, "a"));
    let told = explained(&ward, "asked.txt", "listed.txt", &[]);
    assert_eq!((told.a.frames, told.b.frames, told.b.usable_frames), (Some(2), Some(4), Some(3)));
    let expected = Video {
        query_percent: 100.0,
        index_percent: 66.67,
        needed: [80, 0],
        interval: Some([5.0, 6.0]),
        distance: Some(0),
        within: true,
    };
    assert_eq!((&*told.outcome, told.video), ("near", Some(expected)));
    assert_eq!(explained(&ward, "asked.txt", "listed.txt", &["--video-match", "80,67"]).outcome, "unknown");
    assert_eq!(explained(&ward, "asked.txt", "other.txt", &[]).outcome, "unknown");
    assert_eq!(explained(&ward, "plain.txt", "listed.txt", &[]).outcome, "unchecked");
    // A frame that is near a hash is a match by itself, and says which frame it is.
    let told = explained(&ward, "listed.txt", &flipped(&digits("b", 32), 4), &[]);
    let nearest = told.nearest.unwrap();
    assert_eq!((nearest.distance, nearest.a.frame, nearest.a.timestamp), (4, Some(1), Some(1.0)));
    assert_eq!((&*told.outcome, told.turned), ("near", None));
    let text = ward.run(&["explain", "asked.txt", "listed.txt"]).out;
    assert!(text.contains("100 % of A and 66.67 % of B are alike, from 5 to 6 s"), "{text}");
}
