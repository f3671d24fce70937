//! Canaries: what goes in by name, content or hash, and must be nowhere in what comes out.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use innerward::digest::Fingerprint;
use innerward::media::Limits;

use crate::ward::{Done, ReleaseLine, ScreenSummary, TallyLine, Ward, digits, flipped, noise};

/// Byte strings, by length, of which none may occur.
#[derive(Default)]
struct Canaries(BTreeMap<usize, HashSet<Vec<u8>>>);

impl Canaries {
    /// Every piece of `len` bytes of `bytes`; pieces that could stand anywhere, such as zeros, say nothing.
    fn pieces(&mut self, bytes: &[u8], len: usize) {
        for piece in bytes.windows(len.min(bytes.len())) {
            if piece.iter().collect::<HashSet<_>>().len() >= 4 {
                self.0.entry(piece.len()).or_default().insert(piece.to_vec());
            }
        }
    }

    /// A word, in pieces of 8 characters: as it is, in UTF-16, in Base64 and in hexadecimal digits.
    fn word(&mut self, word: &str) {
        assert!(word.len() >= 8, "{word} is too short to be told from chance");
        self.pieces(word.as_bytes(), 8);
        self.wide(word, 8);
        self.base64(word.as_bytes());
        for text in [hex::encode(word), hex::encode_upper(word)] {
            self.pieces(text.as_bytes(), 16);
        }
    }

    /// A hash, in pieces of 8 bytes: raw, in hexadecimal digits of both cases, in Base64, and those in UTF-16.
    fn hash(&mut self, bytes: &[u8]) {
        self.pieces(bytes, 8);
        for text in [hex::encode(bytes), hex::encode_upper(bytes)] {
            self.pieces(text.as_bytes(), 16);
            self.wide(&text, 16);
        }
        self.base64(bytes);
    }

    /// UTF-16 in both byte orders.
    fn wide(&mut self, text: &str, characters: usize) {
        let units: Vec<u16> = text.encode_utf16().collect();
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes: Vec<u8> = units.iter().flat_map(|unit| bytes(*unit)).collect();
            self.pieces(&bytes, 2 * characters);
        }
    }

    /// Base64, wherever in a group of three the bytes begin.
    fn base64(&mut self, bytes: &[u8]) {
        use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding};
        for skip in 0..3 {
            let whole = &bytes[skip..bytes.len() - (bytes.len() - skip) % 3];
            for text in [Base64Unpadded::encode_string(whole), Base64UrlUnpadded::encode_string(whole)] {
                self.pieces(text.as_bytes(), 8.max(text.len().min(12)));
            }
        }
    }

    /// The first piece that occurs in `text`, as printable text.
    fn found_in(&self, text: &[u8]) -> Option<String> {
        let found = |(len, pieces): (&usize, &HashSet<Vec<u8>>)| {
            text.windows(*len).find(|window| pieces.contains(*window)).map(<[u8]>::to_vec)
        };
        self.0.iter().find_map(found).map(|piece| piece.escape_ascii().to_string())
    }

    fn absent_from(&self, text: &[u8], what: &str) {
        assert_eq!(self.found_in(text), None, "in {what}");
    }
}

/// Letters that no text has, different for each `seed`.
fn name(seed: &str) -> String {
    noise(seed, 14).iter().map(|byte| char::from(b"bcdfghjkmqvwxz"[usize::from(byte % 14)])).collect()
}

/// A picture with enough structure for PDQ: soft waves, different for each `seed`.
fn picture(seed: &str) -> Vec<u8> {
    let waves = noise(seed, 24);
    let level = |x: u32, y: u32| {
        let sum: f64 = waves
            .chunks(3)
            .map(|wave| {
                let [across, down, turn] = [0, 1, 2].map(|at| f64::from(wave[at]) / 255.0);
                ((f64::from(x) * across + f64::from(y) * down) / 5.0 + turn * std::f64::consts::TAU).sin()
            })
            .sum();
        (128.0 + 40.0 * sum) as u8 // beyond black and white it stays there
    };
    let image = image::GrayImage::from_fn(96, 80, |x, y| image::Luma([level(x, y)]));
    let mut out = std::io::Cursor::new(Vec::new());
    image.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

/// A home that has screened canaries, and what may not be found of them.
struct Aviary {
    ward: Ward,
    canaries: Canaries,
    stderr: String,
}

impl Aviary {
    fn new() -> Self {
        Self { ward: Ward::for_demo(), canaries: Canaries::default(), stderr: String::new() }
    }

    fn run(&mut self, today: &str, arguments: &[&str]) -> Done {
        let done = self.ward.run(&[arguments, &["--today", today, "--format", "json"]].concat());
        self.stderr += &done.err;
        done
    }

    fn must(&mut self, today: &str, arguments: &[&str]) -> Done {
        let done = self.run(today, arguments);
        assert!(done.code != 2, "{arguments:?}: {}", done.err);
        done
    }

    /// Writes a file whose name, folder, content and hashes are canaries.
    fn file(&mut self, folder: &str, seed: &str, content: &[u8], extension: &str) -> Fingerprint {
        let (folder, file) = (name(folder), name(&format!("file {seed}")));
        self.ward.write(&format!("in/{folder}/{file}.{extension}"), content);
        for word in [folder, file] {
            self.canaries.word(&word);
        }
        self.canaries.pieces(content, 16);
        let print = Fingerprint::read(content, &Limits::default()).unwrap();
        print.digests.signals().iter().for_each(|signal| self.canaries.hash(signal.as_bytes()));
        for code in print.forms.iter().flat_map(|form| form.hash.dihedral) {
            self.canaries.hash(code.code().as_bytes());
        }
        print
    }
}

/// Plan, lists, content, release and page, each on its day. Counts are large enough to be shown.
fn published() -> (Aviary, PathBuf) {
    let mut aviary = Aviary::new();
    let (tag, collab) = (name("tag"), name("collab"));
    let mut rows = String::from("signal_type,signal_str,collab,category,tags\n");
    let mut row = |kind: &str, hex: &str| {
        rows += &format!("{kind},{hex},{collab},POSITIVE_CLASS,SEV_B {tag}\n");
    };
    for n in 0..60 {
        let print = aviary.file("known", &format!("known {n}"), name(&format!("text {n}")).as_bytes(), "txt");
        let digests = &print.digests;
        match n % 3 {
            0 => row("md5", &digests.md5.to_hex()),
            1 => row("sha1", &digests.sha1.to_hex()),
            _ => row("sha256", &digests.sha256.to_hex()),
        }
    }
    for n in 0..40 {
        let print = aviary.file("near", &format!("near {n}"), &picture(&format!("picture {n}")), "png");
        let listed = flipped(&print.forms[0].hash.original().to_hex(), 6);
        aviary.canaries.hash(&hex::decode(&listed).unwrap());
        row("pdq", &listed);
    }
    for n in 0..50 {
        aviary.file("free", &format!("free {n}"), name(&format!("nothing {n}")).as_bytes(), "dat");
    }
    aviary.file("cut", "cut", &picture("cut")[..2000], "png");
    let (set, source, licence) = (name("set"), name("source"), name("licence"));
    let list = aviary.ward.write(&format!("{}.csv", name("list")), &rows);
    for word in [&tag, &collab, &set, &source, &licence, &name("list")] {
        aviary.canaries.word(word);
    }

    aviary.must("2026-09-10", &["release", "plan", "register"]);
    let list = list.to_str().unwrap().to_owned();
    let notes = ["--source", &*source, "--licence", &*licence, "--class", "NATIONAL"];
    aviary.must("2026-09-11", &[&["set", "import", &set, &list], &notes[..]].concat());
    let done = aviary.must("2026-10-15", &["screen", "in"]);
    assert_eq!(done.code, 5);
    for line in done.all::<crate::ward::ScreenLine>("screen") {
        for found in line.matches {
            aviary.canaries.hash(&hex::decode(&found.entry).expect("16 digits, drawn from the hashes"));
        }
    }
    let summary: ScreenSummary = done.summary();
    assert_eq!((summary.known, summary.near, summary.unknown, summary.unchecked), (60, 40, 50, 1));
    let published = aviary.must("2026-11-02", &["release", "publish", "--period", "2026-10"]);
    let folder = published.all::<ReleaseLine>("release")[0].folder.clone();
    let out = aviary.ward.home().join("public/site").display().to_string();
    aviary.must("2026-11-02", &["report", "build", "--releases", folder.to_str().unwrap(), "--out", &out]);
    (aviary, folder)
}

fn files(root: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(root).into_iter().map(|entry| entry.unwrap().into_path());
    entries.filter(|path| path.is_file()).collect()
}

#[test]
fn nothing_of_the_input_is_in_what_is_published() {
    let (mut aviary, folder) = published();
    let public = aviary.ward.home().join("public");
    let table = fs::read_to_string(folder.join("items.csv")).unwrap();
    let shown = table.lines().filter(|line| line.contains(",KNOWN,") || line.contains(",NEAR,"));
    assert!(shown.filter(|line| line.contains(",SEV_B,") && line.contains(",E,,")).count() == 2, "{table}");

    let found = files(&public);
    assert!(found.len() >= 100, "release, key, pages in every language and data: {found:?}");
    for path in found {
        let below = path.strip_prefix(&public).unwrap().display().to_string();
        aviary.canaries.absent_from(&fs::read(&path).unwrap(), &below);
        aviary.canaries.absent_from(below.as_bytes(), "a name of a file");
    }
    let key = public.join("innerward.pub").display().to_string();
    let folder = folder.display().to_string();
    for arguments in [
        &["release", "verify", &folder, "--key", &key][..],
        &["release", "ledger"],
        &["release", "plan", "show"],
        &["release", "preview"],
        &["tally", "show"],
        &["index", "verify"],
    ] {
        let done = aviary.must("2026-11-03", arguments);
        let text = if arguments[0] == "index" { &done.err } else { &done.out };
        aviary.canaries.absent_from(text.as_bytes(), &arguments.join(" "));
    }
    // Nor are exact counts anywhere but on the ward's own terminal.
    let cells = aviary.must("2026-11-03", &["tally", "show"]).all::<TallyLine>("tally");
    assert_eq!(cells.iter().map(|cell| cell.items).sum::<u64>(), 151);
    aviary.canaries.absent_from(aviary.stderr.as_bytes(), "stderr");
}

#[test]
fn the_search_finds_every_canary_where_it_belongs() {
    let (aviary, _) = published();
    let home = aviary.ward.home();
    for folder in ["runs", "index"] {
        let mut found = files(&home.join(folder)).into_iter().map(|path| fs::read(path).unwrap());
        assert!(found.any(|bytes| aviary.canaries.found_in(&bytes).is_some()), "in {folder}/");
    }
    let (word, hash) = (name("file known 3"), noise("hash", 20));
    let wide =
        |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let base64 = |bytes: &[u8]| {
        use base64ct::{Base64, Encoding};
        Base64::encode_string(bytes).into_bytes()
    };
    let mut canaries = Canaries::default();
    canaries.word(&word);
    canaries.hash(&hash);
    let hex = hex::encode(&hash);
    let shifted = |skip: usize| base64(&[&b"xyz"[..skip], &hash, b"more"].concat());
    for (planted, what) in [
        (word.clone().into_bytes(), "a name"),
        (word.as_bytes()[3..11].to_vec(), "a part of a name"),
        (wide(&word, u16::to_le_bytes), "a name in UTF-16LE"),
        (wide(&word, u16::to_be_bytes), "a name in UTF-16BE"),
        (base64(word.as_bytes()), "a name in Base64"),
        (hash.clone(), "a hash"),
        (hash[5..13].to_vec(), "a part of a hash"),
        (hex.clone().into_bytes(), "digits"),
        (hex.to_uppercase().into_bytes(), "upper digits"),
        (wide(&hex, u16::to_le_bytes), "digits in UTF-16LE"),
        (wide(&hex.to_uppercase(), u16::to_be_bytes), "digits in UTF-16BE"),
        (shifted(0), "Base64"),
        (shifted(1), "Base64 one byte on"),
        (shifted(2), "Base64 two bytes on"),
    ] {
        let text = [b"some text ".as_slice(), &planted, b" and more"].concat();
        assert!(canaries.found_in(&text).is_some(), "{what} is found");
    }
    canaries.absent_from(b"some text and more", "text without a canary");
}

#[test]
fn no_error_repeats_a_hash_that_it_was_given() {
    let ward = Ward::for_demo();
    let mut canaries = Canaries::default();
    let [pdq, sha256, sha1, md5] =
        [("p", 32), ("s", 32), ("t", 20), ("m", 16)].map(|(seed, n)| digits(seed, n));
    for hash in [&pdq, &sha256, &sha1, &md5] {
        canaries.hash(&hex::decode(hash).unwrap());
    }
    ward.import("own", &format!("{}\n", digits("other", 16)), &[]);

    let mut errors = 0;
    let mut quiet = |done: Done, what: &str| {
        canaries.absent_from(done.err.as_bytes(), what);
        errors += usize::from(!done.err.is_empty());
    };
    let queries = [
        sha256.clone(),
        format!("md5:{sha256}"),
        format!("pdq:{}", &pdq[1..]),
        format!("pdq:{}g", &pdq[1..]),
        format!("crc32:{sha1}"),
        format!("sha256={sha256}"),
        format!("sha1:{sha1} {md5}"),
        format!("{md5}:md5"),
        "x".repeat(5000) + &md5,
    ];
    for query in &queries {
        quiet(ward.run(&["match", query]), "match");
        for format in ["text", "json"] {
            let done = ward.run_with(&["match", "--from", "-", "--format", format], query.as_bytes());
            quiet(done, "match --from");
        }
    }
    let heading = "signal_type,signal_str,collab,category,tags\n";
    let lists = [
        queries.join("\n"),
        format!("{md5}\n{}\n", queries.join("\n")),
        format!("{heading}{md5},{sha256},{pdq},{sha1},x\npdq,{sha256}\n{sha1}\nmd5,\"{md5}\n"),
        format!("{heading}pdq,{}z,C,{sha256},{sha1}\nmd5,{md5},C,POSITIVE_CLASS,{sha256},\n", &pdq[1..]),
        format!("%%%% HASHDEEP-1.0\n%%%% size,md5,{sha1},filename\n{md5},{sha256},{sha1}\n1,{md5}\n"),
        format!("%%%% HASHDEEP-1.0\n%%%% {sha256},md5\n1,{md5},{sha1},x\n"),
        format!("\u{0}{md5}\n{sha256}"),
        format!("{{\"md5\": \"{md5}\"}}\n"),
    ];
    for (n, list) in lists.iter().enumerate() {
        ward.write("list.txt", list);
        for more in [
            &[][..],
            &["--strict"],
            &["--as", "tx"],
            &["--as", "hashdeep"],
            &["--as", "plain"],
            &["--as", "plain:md5"],
        ] {
            let done = ward.run(&[&["set", "import", "next", "list.txt"], more].concat());
            quiet(done, &format!("import of list {n} with {more:?}"));
        }
        let wide: Vec<u8> =
            [0xfeff].into_iter().chain(list.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        quiet(ward.run_with(&["set", "import", "next", "-"], &wide), "an import of UTF-16");
    }
    // What a damaged file holds is not told either.
    ward.write("damaged.png", [b"\x89PNG\r\n\x1a\n", md5.as_bytes()].concat());
    let done = ward.run(&["hash", "damaged.png", "--format", "json"]);
    assert_eq!(done.code, 4);
    quiet(done, "a damaged picture");
    assert!(errors > 50, "{errors} runs said something");
}
