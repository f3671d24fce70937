//! Lists that were made to do harm, through the binary with a gigabyte to live in: each is refused by name, with the place
//! where that is known, and the set answers as before.

use std::fs::File;
use std::io::{Read, Write, copy, repeat};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use rusqlite::Connection;

use crate::ward::{Done, Ward, digits};

const MD5: &str = "c0ffee00c0ffee00c0ffee00c0ffee00";
const LONG: &str = "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e";

/// A home with a set of one entry each to match and to ignore.
struct Besieged {
    ward: Ward,
    before: String,
}

impl Besieged {
    fn new() -> Self {
        let ward = Ward::new();
        ward.import("own", &digits("own", 16), &[]);
        ward.import("good", &digits("good", 16), &["--role", "ignore"]);
        let before = Self::answers(&ward);
        Self { ward, before }
    }

    /// All that the home says of its sets, and what they answer.
    fn answers(ward: &Ward) -> String {
        let told = ["own", "good"].map(|set| ward.must(&["set", "show", set, "--format", "json"]).out);
        let found = ward.look_up(&format!("md5:{}", digits("own", 16)));
        format!("{told:?} {found:?}")
    }

    /// Imports the file with `more` options, within a gigabyte of address space and a minute.
    fn import(&self, file: &str, more: &[&str]) -> Done {
        let set = if more.contains(&"ignore") { "good" } else { "own" };
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -v 1048576; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_innerward")]);
        command.args(["set", "import", set, file, "--yes", "--threads", "2"]).args(more).stdin(Stdio::null());
        command.current_dir(self.ward.path(".")).env("INNERWARD_HOME", self.ward.home());
        let start = Instant::now();
        let done = Done::of(command.output().unwrap());
        assert!(start.elapsed() < Duration::from_secs(60), "{file} took {:?}", start.elapsed());
        done
    }

    /// The file is refused with these words, and nothing has changed.
    fn withstands(&self, file: &str, more: &[&str], words: &[&str]) {
        let done = self.import(file, more);
        assert_eq!((done.code, &*done.out), (2, ""), "{file}: {}", done.err);
        for word in [&[file, "not imported"], words].concat() {
            assert!(done.err.contains(word), "{file}: {word:?} is not in {:?}", done.err);
        }
        assert_eq!(Self::answers(&self.ward), self.before, "{file}");
    }
}

/// Records that are whole but for what stands in place of `WHAT`.
const RECORDS: [(&str, &str); 5] = [
    (
        "vics",
        r#"{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media",
            "value":[{"MediaID":1,"MD5":"c0ffee00c0ffee00c0ffee00c0ffee00","X":WHAT}]}"#,
    ),
    (
        "stopncii",
        r#"{"count":1,"hashRecords":[{"signalType":"VideoMD5","hashValue":"c0ffee00c0ffee00c0ffee00c0ffee00",
            "hashStatus":"Active","X":WHAT}]}"#,
    ),
    (
        "threatexchange",
        r#"{"data":[{"id":"1","indicator":"c0ffee00c0ffee00c0ffee00c0ffee00","type":"HASH_VIDEO_MD5","X":WHAT,
            "descriptors":{"data":[{"id":"11","owner":{"id":"111"},"status":"MALICIOUS"}]}}]}"#,
    ),
    (
        "tcap",
        r#"{"count":1,"checkpoint":"1,2","results":[{"hash_digest":"c0ffee00c0ffee00c0ffee00c0ffee00",
            "algorithm":"MD5","file_type":"mp4","X":WHAT,"deleted":false,"updated_on":1.5,"id":42}]}"#,
    ),
    (
        "arachnid",
        r#"{"sha1_base32":"33FPXLO6ZL523XWK7OW55SX3VXPMV65N","X":WHAT,"classification":"csam","match_type":"exact"}"#,
    ),
];

#[test]
fn json_made_to_do_harm_changes_nothing() {
    let home = Besieged::new();
    for (form, text) in RECORDS {
        let file = format!("{form}.json");
        for (what, words) in [
            (
                "[".repeat(100_000) + &"]".repeat(100_000),
                &["at byte ", "64 containers", "fetch the list again"],
            ),
            ("{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000), &["at byte ", "64 containers", "--as"]),
            ("[".repeat(100_000), &["at byte ", "64 containers", "nothing was imported"]),
            ("\"a\0\"".into(), &["at byte ", "control character", "nothing was imported"]),
            ("1e".into(), &["at byte ", "expected ", "nothing was imported"]),
        ] {
            home.ward.write(&file, text.replace("WHAT", &what));
            home.withstands(&file, &["--as", form], words);
        }
        let [before, after] = [text.split("WHAT").next().unwrap(), text.split("WHAT").nth(1).unwrap()];
        home.ward.write(&file, [before.as_bytes(), b"\"\xFF\xFE\"", after.as_bytes()].concat());
        home.withstands(&file, &["--as", form], &["at byte ", "UTF-8"]);
    }
    // What is only large in a field that nobody reads harms nobody.
    for (form, text) in RECORDS {
        for what in ["9".repeat(400), "1e999999999".into(), format!("\"{}\"", "x".repeat(1 << 20))] {
            let file = home.ward.write("large.json", text.replace("WHAT", &what));
            home.ward.must(&["set", "import", "large", file.to_str().unwrap(), "--as", form, "--yes"]);
        }
    }
}

#[test]
fn xml_made_to_do_harm_changes_nothing() {
    let home = Besieged::new();
    let laughs: String = ('b'..='j')
        .map(|c| format!("<!ENTITY {c} \"{}\">", format!("&{};", (c as u8 - 1) as char).repeat(10)))
        .collect();
    let laughs = format!("<!DOCTYPE x [<!ENTITY a \"ha\">{laughs}]>");
    let external = "<!DOCTYPE x [<!ENTITY j SYSTEM \"file:///etc/passwd\">]>";
    let namespace = "https://hashsharing.ncmec.org/hashsharing/v2";
    for (form, begin, end) in [
        (
            "ncmec",
            format!(
                "<queryResult xmlns=\"{namespace}\"><images><image><member id=\"7\"/><id>a</id><fingerprints>"
            ),
            "</fingerprints></image></images></queryResult>",
        ),
        ("dfxml", "<dfxml><fileobject><filename>a</filename>".into(), "</fileobject></dfxml>"),
    ] {
        let file = format!("{form}.xml");
        let attributes: String = (0..100_000).map(|n| format!(" a{n}=\"1\"")).collect();
        for (what, text) in [
            ("no DOCTYPE", format!("{laughs}{begin}<md5>&j;</md5>{end}")),
            ("no DOCTYPE", format!("{external}{begin}<md5>&j;</md5>{end}")),
            ("no entity", format!("{begin}<md5>&j;</md5>{end}")),
            ("64 elements", format!("{begin}{}", "<x>".repeat(100_000))),
            ("64 KiB", format!("{begin}<x{attributes}/>{end}")),
            ("64 KiB", format!("{begin}<md5>{}", "c".repeat(1 << 20))),
            ("longer than any list needs", format!("{begin}{}{end}", "<y/>".repeat(1_000_000))),
            ("the end of an element", format!("{begin}<md5>{MD5}</md5>")),
        ] {
            home.ward.write(&file, &text);
            home.withstands(&file, &["--as", form], &["at byte ", what]);
        }
        home.ward.write(&file, [begin.as_bytes(), b"<x>\xFF</x>", end.as_bytes()].concat());
        home.withstands(&file, &["--as", form], &["UTF-8"]);
        assert!(!home.import(&file, &["--as", form]).err.contains("at byte 0:"), "it says about where");
    }
}

#[test]
fn packed_lists_made_to_do_harm_change_nothing() {
    let home = Besieged::new();
    let list: Vec<u8> =
        (0..2000).flat_map(|n| format!("{}\n", digits(&format!("{n}"), 16)).into_bytes()).collect();
    let gzip = |data: &[u8]| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(data).unwrap();
        packer.finish().unwrap()
    };
    let packed = gzip(&list);
    for (file, bytes, words) in [
        ("cut.gz", packed[..packed.len() - 5].to_vec(), ["cut short", "fetch it again"]),
        ("half.gz", packed[..packed.len() / 2].to_vec(), ["cut short", "fetch it again"]),
        ("more.gz", [&packed[..], b"and more than a header"].concat(), ["follows the end", "fetch it again"]),
        ("few.gz", [&packed[..], b"more"].concat(), ["follows the end", "unpack it first"]),
        ("twice.gz", gzip(&packed), ["twice", "unpack it first"]),
        ("window.zst", [&b"\x28\xB5\x2F\xFD\x00\xA8"[..], &[0; 64]].concat(), ["128 MiB", "unpack it first"]),
    ] {
        home.ward.write(file, bytes);
        home.withstands(file, &[], &words);
    }
    let padded = home.ward.write("padded.gz", [&packed[..], &[0; 512]].concat());
    home.ward.must(&["set", "import", "padded", padded.to_str().unwrap()]);
    // Bombs, and one line of 64 MiB that is packed too little to be one by its ratio.
    let mut bomb = GzEncoder::new(File::create(home.ward.path("bomb.gz")).unwrap(), Compression::fast());
    copy(&mut repeat(b'\n').take(1 << 28), &mut bomb).unwrap();
    bomb.finish().unwrap();
    home.withstands("bomb.gz", &[], &["100 times its size", "unpack it first"]);
    let noise: String = (0..4096).map(|n| digits(&format!("noise {n}"), 8)).collect();
    let mut long = GzEncoder::new(File::create(home.ward.path("long.gz")).unwrap(), Compression::fast());
    long.write_all(b"signal_type,signal_str,collab,category,tags\nmd5,").unwrap();
    for _ in 0..(1 << 26) / noise.len() {
        long.write_all(noise.as_bytes()).unwrap();
    }
    long.finish().unwrap();
    home.withstands("long.gz", &[], &["2: the line is longer than 65536 bytes"]);
}

#[test]
fn databases_made_to_do_harm_change_nothing() {
    let home = Besieged::new();
    let table = "CREATE TABLE FILE (sha256, sha1, md5);";
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i sha256, i sha1, i md5 FROM n";
    for (file, sql, word) in [
        ("view.db", format!("CREATE VIEW FILE AS {endless};"), "stored columns"),
        (
            "views.db",
            format!("CREATE VIEW METADATA AS {endless}; CREATE VIEW FILE AS SELECT * FROM METADATA;"),
            "stored columns",
        ),
        (
            "made.db",
            "CREATE TABLE FILE (sha256, sha1, md5 AS (hex(zeroblob(100000000))));".into(),
            "stored columns",
        ),
        ("blob.db", format!("{table} INSERT INTO FILE VALUES (zeroblob(50000000), '', '');"), "row 1"),
        (
            "blobs.db",
            format!("{table} INSERT INTO FILE VALUES (zeroblob(900000), randomblob(9), '');"),
            "row 1",
        ),
    ] {
        Connection::open(home.ward.path(file)).unwrap().execute_batch(&sql).unwrap();
        home.withstands(file, &["--role", "ignore"], &[word]);
    }
    // A trigger that has the name of the table, and would empty it, is not run.
    let sql = format!(
        "{table} INSERT INTO FILE VALUES ('{LONG}', '', '{MD5}'); CREATE TRIGGER METADATA AFTER INSERT ON FILE BEGIN
         DELETE FROM FILE; END;"
    );
    Connection::open(home.ward.path("trigger.db")).unwrap().execute_batch(&sql).unwrap();
    assert_eq!(home.import("trigger.db", &["--role", "ignore"]).code, 0);
}

#[test]
fn formulas_in_cells_go_no_further() {
    let ward = Ward::new();
    let list = format!(
        "signal_type,signal_str,collab,category,tags\n\
         md5,{MD5},=cmd|'/c x'!A0,POSITIVE_CLASS,=HYPERLINK(A1) @SUM(A1) SEV_A\nmd5,=1+1,D,,\n"
    );
    ward.import("own", &list, &[]);
    for form in ["tx", "hma", "vics", "hashdeep", "plain", "misp", "stix", "innerward"] {
        let out = ward.must(&["set", "export", "own", "-", "--as", form]).out;
        assert!(out.to_lowercase().contains(MD5), "{form}");
        for formula in ["=cmd", "HYPERLINK", "@SUM", "=1+1"] {
            assert!(!out.contains(formula), "{form}: {out}");
        }
    }
}
