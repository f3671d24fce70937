//! `hash` and `match`: one-off answers, their fields and their exit codes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use serde::Deserialize;

use crate::ward::{Match, MatchLine, MatchSummary, Ward, digits, flipped, testdata};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HashLine {
    path: String,
    media: String,
    content: String,
    bytes: u64,
    md5: String,
    sha1: String,
    sha256: String,
    blake3: String,
    pdq: Option<String>,
    pdq_quality: Option<u8>,
    fidelity: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    forms: Vec<FormLine>,
    #[serde(default)]
    classic: BTreeMap<String, String>,
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormLine {
    form: String,
    pdq: String,
    quality: u8,
}

fn golden(name: &str) -> Vec<csv::StringRecord> {
    let reader = csv::Reader::from_path(testdata().join("golden").join(name)).unwrap();
    reader.into_records().collect::<Result<_, _>>().unwrap()
}

#[test]
fn hash_prints_what_other_programs_computed() {
    let ward = Ward::new();
    let rows = golden("digests.csv");
    let paths: Vec<String> = rows.iter().map(|row| testdata().join(&row[0]).display().to_string()).collect();
    let mut arguments = vec!["hash", "--format", "json"];
    arguments.extend(paths.iter().map(|path| &**path));
    let done = ward.run(&arguments);
    assert_eq!((done.code, &*done.err), (4, ""), "some are no pictures, or are damaged");
    let lines: Vec<HashLine> = done.all("hash");
    assert_eq!(lines.len(), rows.len());
    let pdq = golden("pdq.csv");
    let mut compared = 0;
    for (line, (row, path)) in lines.iter().zip(rows.iter().zip(&paths)) {
        assert_eq!(line.path, *path, "in the order of the arguments");
        assert_eq!(line.bytes.to_string(), row[1], "{path}");
        let digests = [&*line.md5, &line.sha1, &line.sha256, &line.blake3];
        assert_eq!(digests, [&row[2], &row[3], &row[4], &row[5]], "{path}");
        assert_eq!(line.pdq.is_some(), !line.forms.is_empty());
        if let Some(first) = line.forms.first() {
            assert_eq!(Some(&first.pdq), line.pdq.as_ref());
            assert_eq!(line.fidelity.as_deref(), Some("reference"));
            assert!(line.width.is_some() && line.height.is_some());
            assert_eq!((Some(first.quality), &*first.form), (line.pdq_quality, "correct"));
            assert_eq!((&*line.media, line.reason.is_none()), ("IMAGE", first.quality >= 50));
        }
        let exact =
            pdq.iter().find(|other| other[0] == row[0] && other[1] == *"rgb" && row[0].ends_with(".png"));
        if let Some(other) = exact.filter(|other| other[2] != *"0") {
            assert_eq!((line.pdq.as_deref(), line.content.as_str()), (Some(&other[3]), "PNG"), "{path}");
            compared += 1;
        }
    }
    assert!(compared > 0);
    let summary: BTreeMap<String, u64> = done.summary();
    assert_eq!(summary["files"], rows.len() as u64);
    assert_eq!(summary["unchecked"], lines.iter().filter(|line| line.reason.is_some()).count() as u64);
    assert!(!ward.home().exists(), "hash needs no home and makes none");
}

#[test]
fn hash_says_what_it_cannot_read_and_goes_on() {
    let ward = Ward::new();
    ward.write("note.txt", "abc");
    let done = ward.run(&["hash", "missing.jpg", "note.txt", ".", "--format", "json"]);
    assert_eq!(done.code, 4);
    assert!(done.err.contains("missing.jpg: ") && done.err.lines().count() == 2, "{}", done.err);
    let [line] = &done.all::<HashLine>("hash")[..] else { panic!("one file can be read") };
    assert_eq!(line.md5, "900150983cd24fb0d6963f7d28e17f72");
    assert_eq!((&*line.path, &*line.media, line.pdq_quality), ("note.txt", "TEXT", None));
    assert_eq!(ward.run(&["hash", "note.txt"]).code, 0);
    ward.run(&["hash"]).refused(&["FILE"]);
}

#[test]
fn classic_hashes_are_printed_on_request_and_for_pictures_only() {
    let ward = Ward::new();
    let pictures = testdata().join("pictures");
    let [good, cut, text] = ["forms/cat-rgb.png", "other/truncated.jpg", "other/note.txt"]
        .map(|name| pictures.join(name).display().to_string());
    let lines = |more: &[&str]| -> Vec<HashLine> {
        let done = ward.run(&[&["hash", &good, &cut, &text, "--format", "json"], more].concat());
        assert_eq!((done.code, &*done.err), (4, ""));
        done.all("hash")
    };
    assert!(lines(&[]).iter().all(|line| line.classic.is_empty()));
    let found = lines(&["--also", "gradient8,mean16-dct"]);
    let lengths: Vec<(&str, usize)> =
        found[0].classic.iter().map(|(name, hex)| (&**name, hex.len())).collect();
    assert_eq!(lengths, [("gradient8", 16), ("mean16-dct", 64)]);
    assert!(found[1..].iter().all(|line| line.classic.is_empty()));
    assert!(found[1].reason.is_some(), "the damaged picture says so");
    ward.run(&["hash", &good, "--also", "phash8"]).refused(&["phash8", "gradient"]);
}

fn ward_with_lists() -> (Ward, [String; 3]) {
    let ward = Ward::new();
    let [pdq, md5, good] = [("pdq", 32), ("md5", 16), ("good", 16)].map(|(seed, n)| digits(seed, n));
    let rows = format!("pdq,{pdq},C,POSITIVE_CLASS,SEV_C\nmd5,{md5},C,POSITIVE_CLASS,SEV_A SEV_B\n");
    ward.import("hotline", &format!("signal_type,signal_str,collab,category,tags\n{rows}"), &[]);
    ward.import("good", &format!("{good}\n"), &["--role", "ignore"]);
    (ward, [format!("pdq:{pdq}"), format!("md5:{md5}"), format!("md5:{good}")])
}

#[test]
fn a_match_explains_itself_field_by_field() {
    let (ward, [pdq, md5, good]) = ward_with_lists();
    let near = format!("pdq:{}", flipped(&pdq[4..], 9));
    let unknown = format!("sha1:{}", digits("unknown", 20));
    let done = ward.run(&["match", &near, &md5, &good, &unknown, "--format", "json"]);
    assert_eq!((done.code, &*done.err), (1, ""));
    let lines: Vec<MatchLine> = done.all("match");
    let queries: Vec<&str> = lines.iter().map(|line| &*line.query).collect();
    assert_eq!(queries, [&*near, &md5, &good, &unknown], "in the order of the questions");
    let outcomes: Vec<&str> = lines.iter().map(|line| &*line.outcome).collect();
    assert_eq!(outcomes, ["near", "known", "ignored", "unknown"]);
    assert!(lines.iter().all(|line| !line.matches_cut));
    let expected = |set: &str, signal: &str, found: &Match| Match {
        set: set.into(),
        entry: found.entry.clone(),
        signal: signal.into(),
        distance: 0,
        max_distance: 0,
        transform: None,
        form: None,
        frame: None,
        timestamp: None,
        query_percent: None,
        index_percent: None,
        interval: None,
        labels: Vec::new(),
        categories: Vec::new(),
        conflicts: Vec::new(),
        role: "match".into(),
        held: None,
        suppressed_by: None,
        confirmed: false,
        deconfirmed: false,
    };
    let [found] = &lines[0].matches[..] else { panic!() };
    let base = expected("hotline", "pdq", found);
    let transform = Some("original".to_owned());
    assert_eq!(
        *found,
        Match { distance: 9, max_distance: 31, transform, labels: vec!["SEV_C".into()], ..base }
    );
    let [found] = &lines[1].matches[..] else { panic!() };
    let base = expected("hotline", "md5", found);
    let conflicts = vec!["severity".into()];
    assert_eq!(*found, Match { labels: vec!["SEV_A".into(), "SEV_B".into()], conflicts, ..base });
    assert!(lines[1].reason.as_deref().unwrap().contains("MD5"), "{:?}", lines[1].reason);
    let base = expected("good", "md5", &lines[2].matches[0]);
    assert_eq!(lines[2].matches[0], Match { role: "ignore".into(), ..base });
    assert_eq!((&lines[3].matches, &lines[3].reason), (&vec![], &None));
    let summary: MatchSummary = done.summary();
    let MatchSummary {
        queries, known, near, ignored, unknown, unchecked, filter, not_allowed, seconds, ..
    } = summary;
    assert_eq!(not_allowed, []);
    assert_eq!((queries, known, near, ignored, unknown, unchecked), (4, 1, 1, 1, 1, 0));
    assert!(seconds >= 0.0 && filter.is_none());
}

#[test]
fn exit_codes_say_what_was_found_and_what_was_not_checked() {
    let (ward, [pdq, md5, good]) = ward_with_lists();
    let unknown = format!("sha1:{}", digits("unknown", 20));
    for (signals, code) in [
        (vec![&*unknown], 0),
        (vec![&*good], 0),
        (vec![&*pdq], 1),
        (vec![&*md5, &unknown], 1),
        (vec!["md5:beef"], 4),
        (vec![&*unknown, "crc32:00000000"], 4),
        (vec!["nothing", &*md5], 5),
    ] {
        let done = ward.run(&[&["match"], &signals[..]].concat());
        assert_eq!(done.code, code, "{signals:?}: {}", done.err);
        assert_eq!(done.err.is_empty(), code & 4 == 0, "{}", done.err);
    }
    ward.run(&["match"]).refused(&["SIGNAL"]);
    ward.run(&["match", &pdq, "--from", "x"]).refused(&["--from"]);
    ward.run(&["match", "--from", "missing.txt"]).refused(&["missing.txt"]);
    ward.run(&["match", &pdq, "--max-distance", "257"]).refused(&["256"]);
    Ward::new().run(&["match", &pdq]).refused(&["set import"]);
}

#[test]
fn questions_come_from_a_file_or_from_stdin_and_bad_lines_do_not_stop_them() {
    let (ward, [pdq, md5, _]) = ward_with_lists();
    let long = format!("md5:{}", "a".repeat(100_000));
    let text = format!("\u{feff}{pdq}\r\n\n# a comment\nsha256:12\n{long}\n  {md5}  \nmd5:\u{e9}\nlast");
    ward.write("questions.txt", &text);
    let from_file = ward.run(&["match", "--from", "questions.txt", "--format", "json"]);
    let from_stdin = ward.run_with(&["match", "--from", "-", "--format", "json"], text.as_bytes());
    for (done, name) in [(&from_file, "questions.txt"), (&from_stdin, "stdin")] {
        assert_eq!(done.code, 5);
        let outcomes: Vec<String> =
            done.all::<MatchLine>("match").into_iter().map(|line| line.outcome).collect();
        assert_eq!(outcomes, ["near", "unchecked", "unchecked", "known", "unchecked", "unchecked"]);
        let told: Vec<&str> = done.err.lines().collect();
        assert_eq!(told.len(), 4, "{told:?}");
        for (line, number) in told.iter().zip([4, 5, 7, 8]) {
            assert!(line.starts_with(&format!("innerward: {name}:{number}: ")), "{line}");
        }
        let summary: MatchSummary = done.summary();
        assert_eq!((summary.queries, summary.unchecked), (6, 4));
    }
    let lossy = ward.run_with(&["match", "--from", "-"], b"md5:\xff\xfe\n");
    assert_eq!(lossy.code, 4);
    assert_eq!(ward.run_with(&["match", "--from", "-"], b"").code, 0);
}

#[test]
fn distances_include_their_bound() {
    let ward = Ward::new();
    let pdq = digits("pdq", 32);
    let own = digits("own", 32);
    ward.import("default", &format!("{pdq}\n"), &["--as", "plain:pdq"]);
    ward.import("narrow", &format!("{own}\n"), &["--as", "plain:pdq", "--max-distance", "10"]);
    let outcome = |hash: &str, bits: usize, more: &[&str]| {
        let query = format!("pdq:{}", flipped(hash, bits));
        let done = ward.run(&[&["match", &query, "--format", "json"], more].concat());
        let line = done.all::<MatchLine>("match").remove(0);
        assert_eq!(line.outcome == "near", done.code == 1);
        assert!(line.matches.iter().all(|found| usize::from(found.distance) == bits));
        (line.outcome == "near").then(|| line.matches[0].max_distance)
    };
    for bits in [0, 1, 30, 31] {
        assert_eq!(outcome(&pdq, bits, &[]), Some(31), "{bits}");
    }
    assert_eq!(outcome(&pdq, 32, &[]), None);
    assert_eq!(outcome(&own, 10, &[]), Some(10), "a set has its own bound");
    assert_eq!(outcome(&own, 11, &[]), None);
    for (bits, bound, found) in
        [(0, 0, true), (1, 0, false), (31, 30, false), (32, 32, true), (64, 64, true), (65, 64, false)]
    {
        let more = ["--max-distance", &bound.to_string()];
        for hash in [&pdq, &own] {
            assert_eq!(outcome(hash, bits, &more), found.then_some(bound), "{bits} of {bound}");
        }
    }
}

#[test]
fn text_says_the_same_in_words() {
    let (ward, [pdq, md5, _]) = ward_with_lists();
    let done = ward.run(&["match", &format!("pdq:{}", flipped(&pdq[4..], 3)), &md5]);
    for words in [
        "near  pdq:",
        "3 bits apart (up to 31 allowed)",
        "hotline entry",
        "[SEV_A SEV_B]",
        "2 queries: 1 known, 1 near",
    ] {
        assert!(done.out.contains(words), "{words}: {}", done.out);
    }
    fs::write(ward.path("pic.png"), fs::read(testdata().join("pictures/forms/cat-palette.png")).unwrap())
        .unwrap();
    let text = ward.run(&["hash", "pic.png"]).out;
    for words in ["pic.png (PNG, ", "  md5:", "  blake3:", "correct, quality 1", "compat, quality"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

/// More than two batches, hashes of every kind that is listed and of none, bad lines among them, some questions twice.
#[test]
fn a_long_file_is_answered_as_its_lines_are_alone_in_their_order() {
    let (ward, [pdq, md5, good]) = ward_with_lists();
    let (mut text, mut expected) = (String::new(), Vec::new());
    for n in 0..2500 {
        let (line, outcome) = match n % 7 {
            0 => (
                format!("pdq:{}", flipped(&pdq[4..], n / 7 % 40)),
                if n / 7 % 40 <= 31 { "near" } else { "unknown" },
            ),
            1 => (md5.clone(), "known"),
            2 => (good.clone(), "ignored"),
            3 => (format!("md5:{n}"), "unchecked"),
            4 => (format!("pdq:{}", digits(&format!("other {n}"), 32)), "unknown"),
            5 => (format!("gradient8:{}", digits(&format!("{n}"), 8)), "unknown"),
            _ => (format!("sha256:{}", digits(&format!("other {n}"), 32)), "unknown"),
        };
        text += &format!("{line}\n");
        expected.push((line, outcome));
    }
    ward.write("long.txt", &text);
    let done = ward.run(&["match", "--from", "long.txt", "--format", "json"]);
    let lines: Vec<MatchLine> = done.all("match");
    let told: Vec<(String, &str)> = lines.iter().map(|line| (line.query.clone(), &*line.outcome)).collect();
    assert!(told == expected);
    for at in (0..60).chain(1020..1040).chain(2490..2500) {
        let alone =
            ward.run(&["match", &lines[at].query, "--format", "json"]).all::<MatchLine>("match").remove(0);
        assert_eq!(
            (&alone.matches, &alone.reason),
            (&lines[at].matches, &lines[at].reason),
            "line {}",
            at + 1
        );
    }
    let bad: Vec<String> = done.err.lines().map(str::to_owned).collect();
    let numbers = (0..2500).filter(|n| n % 7 == 3).map(|n| n + 1);
    assert_eq!(bad.len(), numbers.clone().count());
    for (line, number) in bad.iter().zip(numbers) {
        assert!(line.starts_with(&format!("innerward: long.txt:{number}: ")), "{line}");
    }
    let threads = ward.run(&["--threads", "1", "match", "--from", "long.txt", "--format", "json"]);
    assert!(threads.all::<MatchLine>("match") == lines);
    let summary: MatchSummary = done.summary();
    assert_eq!((summary.queries, summary.unchecked), (2500, bad.len() as u64));
}

#[test]
fn whoever_waits_for_an_answer_before_the_next_question_gets_it() {
    let (ward, [pdq, md5, _]) = ward_with_lists();
    let mut command = ward.command();
    command.args(["match", "--from", "-", "--explain"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (told, heard) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        BufReader::new(stdout).lines().for_each(|line| told.send(line.unwrap()).unwrap_or_default());
    });
    let wait_for = |words: &str| loop {
        let line = heard.recv_timeout(Duration::from_secs(60)).expect("an answer before the next question");
        if line.contains(words) {
            break;
        }
    };
    // A question whose end is still to come does not hold up the answer to the one before.
    writeln!(stdin, "{md5}").unwrap();
    write!(stdin, "{}", &pdq[..20]).unwrap();
    stdin.flush().unwrap();
    wait_for("known  md5:");
    writeln!(stdin, "{}", &pdq[20..]).unwrap();
    wait_for("near  pdq:");
    wait_for("searched hotline");
    drop(stdin);
    wait_for("2 queries: 1 known, 1 near");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    reader.join().unwrap();
}

#[test]
fn a_kind_is_read_in_either_case() {
    let ward = Ward::new();
    let (md5, pdq) = (digits("md5", 16), digits("pdq", 32));
    ward.import("own", &format!("md5:{md5}\npdq:{pdq}\n"), &[]);
    for (signal, outcome) in [
        (format!("MD5:{}", md5.to_uppercase()), "known"),
        (format!("PDQ:{pdq}"), "near"),
        (format!("Pdq:{}", pdq.to_uppercase()), "near"),
    ] {
        assert_eq!(ward.look_up(&signal), (outcome.into(), 1), "{signal}");
    }
    assert_eq!(ward.look_up(&format!("MD6:{md5}")).0, "unchecked");
}
