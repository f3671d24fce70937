//! `set export` and `set diff`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde::Deserialize;

use crate::ward::{Ward, digits};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exported {
    set: String,
    form: String,
    entries: u64,
    withdrawn: u64,
    left_out: u64,
    in_part: u64,
    labels_in_part: u64,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Compared {
    a: String,
    b: String,
    only_in_a: u64,
    only_in_b: u64,
    of_a_also_in_b: u64,
    of_b_also_in_a: u64,
}

fn md5s(seeds: impl IntoIterator<Item = u32>) -> String {
    seeds.into_iter().map(|seed| digits(&format!("md5 {seed}"), 16) + "\n").collect()
}

fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn a_set_comes_back_from_its_own_form_as_it_was() {
    let ward = Ward::new();
    let (sha, pdq) = (digits("sha", 32), digits("pdq", 32));
    let list = format!(
        "signal_type,signal_str,collab,category,tags\nsha256,{sha},C,POSITIVE_CLASS,SEV_A\npdq,{pdq},C,,\n{}",
        md5s(0..8).lines().map(|md5| format!("md5,{md5},C,NEGATIVE_CLASS,\n")).collect::<String>()
    );
    ward.import("first", &list, &[]);
    ward.must(&["set", "withdraw", "first", &format!("pdq:{pdq}")]);
    let done = ward.must(&["set", "export", "first", "out.jsonl", "--status", "all", "--format", "json"]);
    let summary: Exported = done.summary();
    assert_eq!((summary.entries, summary.withdrawn, summary.left_out, summary.in_part), (9, 1, 0, 0));
    let lines = ward.must(&["set", "export", "first", "lines", "--as", "plain", "--format", "json"]);
    assert_eq!((summary.labels_in_part, lines.summary::<Exported>().labels_in_part), (0, 1));
    let file = ward.path("out.jsonl");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    // Into another set: the same again, to the byte but for the name, the number of the revision and the time.
    ward.must(&["set", "import", "second", "out.jsonl"]);
    ward.must(&["set", "export", "second", "again.jsonl", "--status", "all"]);
    let body = |name: &str| {
        let text = fs::read_to_string(ward.path(name)).unwrap();
        text.lines().filter(|line| line.contains("\"entry\"")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(body("again.jsonl"), body("out.jsonl"));
    assert_eq!(ward.look_up(&format!("sha256:{sha}")).0, "known");

    // A withdrawal goes with it: the older list does not bring the entry back.
    ward.must(&["set", "remove", "first"]);
    let older = ward.write("older.csv", &list);
    ward.must(&["set", "import", "second", older.to_str().unwrap(), "--yes"]);
    assert_eq!(ward.look_up(&format!("pdq:{pdq}")).0, "unknown");
}

#[test]
fn a_part_of_a_set_is_written_by_kind_by_day_and_by_other_sets() {
    let ward = Ward::new();
    ward.import("a", &md5s(0..10), &[]);
    ward.import("b", &md5s(6..14), &[]);
    ward.import("c", &md5s([1, 7]), &[]);
    ward.must(&["set", "withdraw", "b", &format!("md5:{}", digits("md5 13", 16))]);
    let written = |arguments: &[&str]| {
        let all = [&["set", "export", "a", "-", "--as", "plain"], arguments].concat();
        ward.must(&all).out
    };
    for same in ["hash", "id"] {
        let by = ["--same-by", same];
        let check = |arguments: &[&str], seeds: Vec<u32>| {
            let out = written(&[arguments, &by[..]].concat());
            assert_eq!(lines(&out), lines(&md5s(seeds)), "{arguments:?} by {same}");
        };
        check(&[], (0..10).collect());
        check(&["--with", "b"], (0..13).collect());
        check(&["--also-in", "b"], (6..10).collect());
        check(&["--not-in", "b"], (0..6).collect());
        check(&["--with", "b", "--not-in", "c"], (0..13).filter(|seed| ![1, 7].contains(seed)).collect());
        check(&["--also-in", "b", "--also-in", "c"], vec![7]);
        let done = ward.must(&["set", "diff", "a", "b", "--by", same, "--format", "json"]);
        let found: Compared = done.summary();
        let numbers = (found.only_in_a, found.only_in_b, found.of_a_also_in_b, found.of_b_also_in_a);
        assert_eq!(numbers, (6, 3, 4, 4));
    }
    assert_eq!(written(&["--since", "2000-01-01"]).lines().count(), 10);
    assert_eq!(written(&["--since", "9000-01-01"]), "");
    let text = ward.must(&["set", "diff", "a", "c"]).out;
    assert!(text.lines().all(|line| line.len() <= 80) && text.contains("only in a"), "{text}");
}

#[test]
fn what_may_not_or_cannot_be_written_is_refused_and_leaves_nothing() {
    let ward = Ward::new();
    ward.import("closed", &md5s(0..3), &["--allow", "match"]);
    ward.import("open", &md5s(0..3), &[]);
    let before = fs::read_dir(ward.path(".")).unwrap().count();
    ward.run(&["set", "export", "closed", "out", "--as", "plain"]).refused(&["closed", "export"]);
    ward.run(&["set", "export", "open", "out", "--with", "closed"]).refused(&["closed", "export"]);
    ward.run(&["set", "export", "gone", "out"]).refused(&["gone", "set list"]);
    ward.run(&["set", "export", "open", "out", "--as", "stix", "--status", "all"])
        .refused(&["stix", "withdrawn"]);
    ward.run(&["set", "export", "open", "out", "--algorithm", "pdq"]).refused(&["pdq"]);
    ward.run(&["set", "export", "open", "none/out"]).refused(&["none/out"]);
    assert_eq!(fs::read_dir(ward.path(".")).unwrap().count(), before);
    ward.write("there", "mine");
    ward.run(&["set", "export", "open", "there"]).refused(&["there already"]);
    assert_eq!(fs::read_to_string(ward.path("there")).unwrap(), "mine");
    // What another set forbids to write may still be told apart by it.
    ward.must(&["set", "export", "open", "rest", "--not-in", "closed"]);
}
