//! `match` and `screen` on a part of the lists: what is searched, and that the rest is said not to be.

use std::fs;

use crate::ward::{self, FilterLine, MatchLine, MatchSummary, ScreenLine, ScreenSummary, Ward, digits};

const HEADER: &str = "signal_type,signal_str,collab,category,tags";

/// Two lists that match and one that does not; one MD5 is in all of them, one picture hash in the first two.
fn ward_with_lists() -> (Ward, String, String) {
    let ward = Ward::new();
    let [pdq, md5, other] = [("pdq", 32), ("md5", 16), ("other", 16)].map(|(seed, n)| digits(seed, n));
    let list = |rows: &[(&str, &str, &str)]| {
        let row =
            |(kind, value, tags): &(&str, &str, &str)| format!("{kind},{value},C,POSITIVE_CLASS,{tags}");
        [HEADER.to_owned()].into_iter().chain(rows.iter().map(row)).collect::<Vec<_>>().join("\n")
    };
    let hotline = [("pdq", &*pdq, "SEV_C"), ("md5", &md5, "SEV_A"), ("md5", &other, "SEV_B")];
    ward.import("hotline", &list(&hotline), &[]);
    ward.import("industry", &list(&[("pdq", &*pdq, "SEV_B"), ("md5", &md5, "")]), &[]);
    ward.import("good", &format!("{md5}\n"), &["--role", "ignore"]);
    (ward, format!("pdq:{pdq}"), format!("md5:{md5}"))
}

/// The sets in which each query is found, and what the summary says of the filter.
fn found(ward: &Ward, queries: &[&str], flags: &[&str]) -> (Vec<(String, Vec<String>)>, FilterLine) {
    let done = ward.run(&[&["match", "--format", "json"], queries, flags].concat());
    let lines: Vec<MatchLine> = done.all("match");
    let found = lines.into_iter().map(|line| {
        let mut sets: Vec<_> = line.matches.into_iter().map(|found| found.set).collect();
        sets.sort();
        (line.outcome, sets)
    });
    (found.collect(), done.summary::<MatchSummary>().filter.expect("a part of the lists was searched"))
}

#[test]
fn only_the_selected_part_of_the_lists_answers() {
    let (ward, pdq, md5) = ward_with_lists();
    for (flags, near, known, searched) in [
        (&["--set", "hotline"][..], &["hotline"][..], &["hotline"][..], 3),
        (&["--set", "hotline,good"], &["hotline"], &["good", "hotline"], 4),
        (&["--set", "hotline", "--set", "industry"], &["hotline", "industry"], &["hotline", "industry"], 5),
        (&["--not-set", "hotline"], &["industry"], &["good", "industry"], 3),
        (&["--not-set", "hotline,industry"], &[], &["good"], 1),
        (&["--role", "match"], &["hotline", "industry"], &["hotline", "industry"], 5),
        (&["--role", "ignore"], &[], &["good"], 1),
        (&["--role", "ignore,match"], &["hotline", "industry"], &["good", "hotline", "industry"], 6),
        (&["--label", "severity:SEV_A"], &[], &["hotline"], 1),
        (&["--label", "severity:SEV_B,severity:SEV_C"], &["hotline", "industry"], &[], 3),
        (&["--label", "severity:SEV_B", "--set", "industry"], &["industry"], &[], 1),
        (&["--not-label", "severity:SEV_A"], &["hotline", "industry"], &["good", "industry"], 5),
    ] {
        let (answers, filter) = found(&ward, &[&pdq, &md5], flags);
        assert_eq!(answers[0].1, near, "{flags:?}");
        assert_eq!(answers[1].1, known, "{flags:?}");
        assert_eq!(answers[0].0, if near.is_empty() { "unknown" } else { "near" });
        let expected = match known {
            [] => "unknown",
            ["good"] => "ignored",
            _ => "known",
        };
        assert_eq!(answers[1].0, expected, "{flags:?}");
        assert_eq!((filter.searched, filter.not_searched), (searched, 6 - searched), "{flags:?}");
    }
    let (_, filter) = found(&ward, &[&pdq], &["--label", "severity:SEV_A", "--not-set", "good"]);
    let expected = FilterLine {
        sets: vec![],
        not_sets: vec!["good".into()],
        roles: vec![],
        labels: vec!["severity:SEV_A".into()],
        not_labels: vec![],
        searched: 1,
        not_searched: 5,
    };
    assert_eq!(filter, expected);
}

#[test]
fn what_does_not_exist_is_an_error_that_says_what_does() {
    let (ward, pdq, _) = ward_with_lists();
    ward.write("file.txt", "free");
    for verb in [["match", &pdq], ["screen", "file.txt"]] {
        for (flag, value, words) in [
            ("--set", "hotlin", &["hotlin", "good, hotline, industry"][..]),
            ("--not-set", "x", &["there is no set called x", "good, hotline, industry"]),
            ("--role", "look", &["look", "match, ignore or watch"]),
            ("--label", "SEV_A", &["DIMENSION:CODE"]),
            ("--label", "colour:RED", &["colour", "severity, age_band"]),
            ("--not-label", "severity:RED", &["RED", "SEV_A, SEV_B"]),
            ("--label", "severity:SEV_N", &["not one entry", "labels severity:SEV_N"]),
            (
                "--not-set",
                "good,hotline,industry",
                &["not one entry", "without sets good, hotline, industry"],
            ),
        ] {
            ward.run(&[&verb[..], &[flag, value]].concat()).refused(words);
        }
    }
    let runs = fs::read_dir(ward.home().join("runs")).map_or(0, |runs| runs.count());
    assert_eq!(runs, 0, "a refused run leaves nothing");
}

#[test]
fn people_are_told_what_was_not_searched() {
    let (ward, pdq, _) = ward_with_lists();
    let done = ward.run(&["match", &pdq, "--label", "severity:SEV_C", "--explain"]);
    for words in [
        "Only a part of the lists was searched (labels severity:SEV_C): 1 entry; 5 not.",
        "1 hash, 1 entry admitted",
        "0 hashes of admitted entries compared",
    ] {
        assert!(done.out.contains(words), "{words}: {}", done.out);
    }
    assert!(!ward.run(&["match", &pdq]).out.contains("searched"));
    ward.write("file.txt", "free");
    let text = ward.must(&["screen", "file.txt", "--set", "hotline"]).out;
    for words in ["(sets hotline): 3 entries; 3 not.", "checked, not in what was searched of the lists"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_plan_says_how_many_entries_the_filter_admits() {
    let (ward, pdq, _) = ward_with_lists();
    let done = ward.run(&["match", &pdq, "--label", "severity:SEV_B", "--explain", "--format", "json"]);
    let line = &done.all::<serde_json::Value>("match")[0];
    let plan: Vec<_> = line["plan"].as_array().unwrap().iter().collect();
    let admitted = |set: &str| {
        let part = plan.iter().find(|part| part["set"] == set).unwrap();
        (part["admitted"].as_u64(), part["codes"].as_u64())
    };
    assert_eq!((admitted("hotline"), admitted("industry")), ((Some(1), Some(1)), (Some(1), Some(1))));
    let done = ward.run(&["match", &pdq, "--explain", "--format", "json"]);
    let line = &done.all::<serde_json::Value>("match")[0];
    assert!(line["plan"].as_array().unwrap().iter().all(|part| part["admitted"].is_null()));
}

#[test]
fn a_run_on_a_part_of_the_lists_says_so_and_is_not_counted() {
    use sha2::Digest;
    let ward = Ward::new();
    let hash = |content: &str| hex::encode(sha2::Sha256::digest(content));
    let row = |content, tag| format!("sha256,{},C,POSITIVE_CLASS,{tag}", hash(content));
    let rows = [HEADER.to_owned(), row("first", "SEV_A"), row("second", "SEV_B")].join("\n");
    ward.import("own", &rows, &[]);
    ward.import("more", &format!("{HEADER}\n{}\n", row("second", "SEV_A")), &[]);
    for content in ["first", "second"] {
        ward.write(&format!("{content}.txt"), content);
    }
    let run = |flags: &[&str]| {
        let done = ward.run(&[&["screen", "--format", "json", "first.txt", "second.txt"], flags].concat());
        assert_eq!((done.code, &*done.err), (1, ""));
        let outcomes: Vec<_> =
            done.all::<ScreenLine>("screen").into_iter().map(|line| line.outcome).collect();
        (outcomes, done.summary::<ScreenSummary>().filter)
    };
    let items =
        || ward.must(&["tally", "show", "--format", "json"]).summary::<serde_json::Value>()["items"].clone();
    let (outcomes, filter) = run(&["--set", "own", "--label", "severity:SEV_A"]);
    assert_eq!(outcomes, ["known", "unknown"]);
    assert_eq!(filter.map(|filter| (filter.searched, filter.not_searched)), Some((1, 2)));
    let folder = fs::read_dir(ward.home().join("runs")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(folder.join("verdicts.jsonl")).unwrap();
    let header = &ward::all::<serde_json::Value>(text.lines().next().unwrap(), "run")[0];
    let searched = |set: &str| {
        let sets = header["sets"].as_array().unwrap();
        let found = sets.iter().find(|found| found["set"] == set).unwrap();
        (found["entries"].as_u64(), found["searched"].as_u64())
    };
    assert_eq!((searched("own"), searched("more")), ((Some(2), Some(1)), (Some(1), Some(0))));
    assert_eq!(header["filter"]["labels"][0], "severity:SEV_A");
    assert_eq!(items(), 0);
    assert_eq!(run(&[]), (vec!["known".into(), "known".into()], None));
    assert_eq!(items(), 2);
}
