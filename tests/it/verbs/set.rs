//! `set`: importing, replacing, withdrawing, removing.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;

use crate::ward::{MatchLine, Ward, digits, flipped, snapshot};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetLine {
    set: String,
    revision: u64,
    entries: u64,
    role: String,
    list_class: String,
    max_distance: Option<u16>,
    classic_distances: BTreeMap<String, u16>,
    source: String,
    licence: String,
    allow: Vec<String>,
    keep_until: Option<String>,
    key: Option<String>,
    created_on: String,
    revised_on: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Imported {
    form: String,
    lines: u64,
    entries: u64,
    duplicates: u64,
    bad_lines: u64,
    unsupported: BTreeMap<String, u64>,
    dropped_tags: u64,
    unknown_categories: u64,
    withdrawn: u64,
    replaced: u64,
    outdated: u64,
    withdrawals: u64,
    dropped_fields: BTreeMap<String, u64>,
    refused: BTreeMap<String, u64>,
    refused_entries: u64,
    conflicts: u64,
    present: u64,
    new: Option<u64>,
    gone: Option<u64>,
    withdrawn_by_list: Option<u64>,
    unchanged: bool,
    signed_by: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawn {
    set: String,
    withdrawn: u64,
}

fn sets(ward: &Ward) -> Vec<SetLine> {
    ward.must(&["set", "list", "--format", "json"]).all("set")
}

#[test]
fn a_tx_list_is_matched_by_all_that_it_holds() {
    let ward = Ward::new();
    let (pdq, sha256, seed, clean, text) =
        (digits("pdq", 32), digits("sha", 32), digits("seed", 16), digits("clean", 16), digits("text", 8));
    let list = format!(
        "signal_type,signal_str,collab,category,tags\n\
         pdq,{pdq},C,POSITIVE_CLASS,SEV_A nonsense\n\
         sha256,{sha256},C,POSITIVE_CLASS,SEV_B\n\
         md5,{seed},C,INVESTIGATION_SEED,\n\
         md5,{clean},C,NEGATIVE_CLASS,\n\
         raw_text,{text},C,POSITIVE_CLASS,\n\
         sha256,{sha256},C,POSITIVE_CLASS,SEV_B\n"
    );
    let done = ward.import("hotline", &list, &["--class", "NATIONAL"]);
    assert_eq!(done.err, "");
    let summary: Imported = done.summary();
    assert_eq!(summary.form, "tx");
    assert_eq!((summary.lines, summary.entries, summary.duplicates, summary.bad_lines), (7, 4, 1, 0));
    assert_eq!((summary.dropped_tags, summary.unknown_categories, summary.withdrawn), (1, 0, 0));
    assert_eq!(
        (summary.replaced, summary.outdated, summary.withdrawals, summary.dropped_fields.len()),
        (0, 0, 0, 0)
    );
    assert_eq!((summary.refused.len(), summary.refused_entries, summary.conflicts), (0, 0, 0));
    assert_eq!(summary.unsupported, [("raw_text".to_owned(), 1)].into());
    for (signal, outcome, code) in [
        (format!("pdq:{pdq}"), "near", 1),
        (format!("pdq:{}", flipped(&pdq, 7)), "near", 1),
        (format!("sha256:{}", sha256.to_uppercase()), "known", 1),
        (format!("md5:{seed}"), "known", 1),
        (format!("md5:{clean}"), "unknown", 0), // the list itself says that it is not of the class
        (format!("blake3:{sha256}"), "unknown", 0),
        (format!("pdq:{sha256}"), "unknown", 0),
    ] {
        assert_eq!(ward.look_up(&signal), (outcome.to_owned(), code), "{signal}");
    }
}

#[test]
fn a_category_of_tx_in_other_letters_holds_and_an_unknown_one_is_shown() {
    let ward = Ward::new();
    let (clean, misspelled) = (digits("clean", 16), digits("misspelled", 16));
    let list = format!(
        "signal_type,signal_str,collab,category,tags\nMD5,{clean},C,negative_class,\nmd5,{misspelled},C,NEGATIV_CLASS,\n"
    );
    let file = ward.write("list.csv", &list);
    let rehearsed = ward.must(&["set", "import", "hotline", file.to_str().unwrap(), "--dry-run"]).out;
    let words = "1   entries with an unknown category";
    assert!(rehearsed.contains(words), "{rehearsed}");
    let summary: Imported = ward.import("hotline", &list, &[]).summary();
    assert_eq!((summary.entries, summary.unknown_categories), (2, 1));
    assert_eq!(ward.look_up(&format!("md5:{clean}")), ("unknown".to_owned(), 0));
    assert_eq!(ward.look_up(&format!("md5:{misspelled}")), ("known".to_owned(), 1));
    let said = ward.must(&["set", "import", "again", file.to_str().unwrap()]).out;
    assert!(said.contains(words), "{said}");
    let log = ward.must(&["set", "log", "hotline"]).out;
    assert!(log.contains("1 with an unknown category"), "{log}");
}

#[test]
fn hashdeep_and_plain_lists_are_imported_from_files_and_from_stdin() {
    let ward = Ward::new();
    let [md5, sha256, other] = [("a", 16), ("b", 32), ("c", 32)].map(|(seed, n)| digits(seed, n));
    let deep = format!(
        "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## made up\n12,{md5},{sha256},/home/x/a, b.jpg\n"
    );
    let summary: Imported = ward.import("good", &deep, &["--role", "ignore"]).summary();
    assert_eq!((&*summary.form, summary.entries), ("hashdeep", 1));
    for signal in [format!("md5:{md5}"), format!("sha256:{sha256}")] {
        assert_eq!(ward.look_up(&signal), ("ignored".to_owned(), 0));
    }

    // 64 digits do not tell their kind; an argument, or the file's name, does.
    let bare = format!("{other}\n");
    let arguments = ["set", "import", "plain", "-"];
    ward.run_with(&arguments, bare.as_bytes()).refused(&["64", "--as"]);
    for kind in ["sha256", "pdq", "blake3"] {
        let form = format!("plain:{kind}");
        let done =
            ward.run_with(&["set", "import", kind, "-", "--as", &form, "--format", "json"], bare.as_bytes());
        assert_eq!(done.code, 0, "{}", done.err);
        assert_eq!(done.summary::<Imported>().form, form);
        let outcome = if kind == "pdq" { "near" } else { "known" };
        assert_eq!(ward.look_up(&format!("{kind}:{other}")), (outcome.to_owned(), 1));
    }
    let named = ward.write("list.sha256", &bare);
    assert_eq!(ward.must(&["set", "import", "named", named.to_str().unwrap()]).code, 0);
    let found: Vec<String> = sets(&ward).into_iter().map(|set| set.set).collect();
    assert_eq!(found, ["blake3", "good", "named", "pdq", "sha256"]);
}

#[test]
fn bad_lines_are_named_counted_and_skipped() {
    let ward = Ward::new();
    let [first, second] = ["a", "b"].map(|seed| digits(seed, 16));
    let list = format!("{first}\nno hash at all\n\n{}\n{second}\n", &second[1..]);
    let done = ward.import("own", &list, &[]);
    let summary: Imported = done.summary();
    assert_eq!((summary.lines, summary.entries, summary.bad_lines), (5, 2, 2));
    let file = ward.path("own.list");
    let told: Vec<&str> = done.err.lines().collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for (line, number) in told.iter().zip([2, 4]) {
        assert!(line.contains(&format!("{}:{number}: ", file.display())), "{line}");
    }
    assert_eq!(ward.look_up(&format!("md5:{second}")).0, "known");
}

#[test]
fn strict_refuses_the_whole_list_and_changes_nothing() {
    let ward = Ward::new();
    let [old, new] = ["old", "new"].map(|seed| digits(seed, 16));
    ward.import("own", &format!("{old}\n"), &[]);
    let (before, index) = (sets(&ward), snapshot(&ward.home().join("index")));
    let file = ward.write("next.txt", format!("{new}\nrubbish\n"));
    let arguments = ["set", "import", "own", file.to_str().unwrap(), "--strict"];
    ward.run(&arguments).refused(&["next.txt", "line 2"]);
    assert_eq!(sets(&ward), before);
    assert_eq!(snapshot(&ward.home().join("index")), index);
    assert_eq!(ward.look_up(&format!("md5:{old}")).0, "known");
    assert_eq!(ward.look_up(&format!("md5:{new}")).0, "unknown");
    fs::write(&file, format!("{new}\n")).unwrap();
    assert_eq!(ward.run(&[&arguments[..], &["--yes"]].concat()).code, 0);
    assert_eq!(ward.look_up(&format!("md5:{new}")).0, "known");
}

#[test]
fn an_import_replaces_the_set_and_keeps_its_policy() {
    let ward = Ward::new();
    let [old, both, new] = ["old", "both", "new"].map(|seed| digits(seed, 16));
    let more = ["--class", "INDUSTRY", "--max-distance", "12", "--source", "S", "--licence", "L"];
    ward.import("own", &format!("{old}\n{both}\n"), &more);
    ward.import("other", &format!("{old}\n"), &[]);
    let before = sets(&ward);
    let replaced: Imported = ward.import("own", &format!("{both}\n{new}\n{new}\n"), &["--yes"]).summary();
    assert_eq!((replaced.new, replaced.gone, replaced.unchanged), (Some(1), Some(1), false));
    assert_eq!((replaced.withdrawn_by_list, replaced.signed_by), (Some(0), None));
    let after = sets(&ward);
    let own = |sets: &[SetLine]| sets.iter().position(|set| set.set == "own").unwrap();
    let (was, is) = (&before[own(&before)], &after[own(&after)]);
    assert!(is.revision > was.revision);
    assert_eq!((is.entries, is.max_distance, &*is.list_class), (2, Some(12), "INDUSTRY"));
    assert_eq!((&*is.role, &*is.source, &*is.licence), ("match", "S", "L"));
    assert_eq!(is.created_on, was.created_on);
    let done = ward.run(&["match", &format!("md5:{old}"), "--format", "json"]);
    let [line] = &done.all::<MatchLine>("match")[..] else { panic!() };
    let found: Vec<&str> = line.matches.iter().map(|found| &*found.set).collect();
    assert_eq!(found, ["other"], "the other set still has it");
    for known in [both, new] {
        assert_eq!(ward.look_up(&format!("md5:{known}")).0, "known");
    }
}

#[test]
fn a_failed_import_leaves_the_set_as_it_was() {
    let ward = Ward::new();
    let old = digits("old", 16);
    ward.import("own", &format!("{old}\n"), &[]);
    let (before, index) = (sets(&ward), snapshot(&ward.home().join("index")));
    for (name, content, word) in [
        ("empty.txt", vec![], "form of the list"),
        ("comments.txt", b"# nothing\n\n".to_vec(), "form of the list"),
        ("cut.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b".to_vec(), "cut short"),
        ("page.html", b"<html>503</html>\n".to_vec(), "--as"),
        ("bare.txt", digits("x", 32).into_bytes(), "--as"),
        ("heading.csv", b"signal_type,signal_str,collab,category,tags\n".to_vec(), "no entry"),
        ("bad.csv", b"signal_type,signal_str,collab,category,tags\npdq,1,2\n".to_vec(), "no entry"),
    ] {
        let file = ward.write(name, content);
        let done = ward.run(&["set", "import", "own", file.to_str().unwrap()]);
        done.refused(&[name, word]);
        assert_eq!(sets(&ward), before, "{name}");
        assert_eq!(snapshot(&ward.home().join("index")), index, "{name}");
    }
    ward.run(&["set", "import", "own", "missing.txt"]).refused(&["missing.txt"]);
    ward.run(&["set", "import", "own", "empty.txt", "--as", "csv"]).refused(&["tx, hashdeep"]);
    ward.run(&["set", "import", "../own", "empty.txt"]).refused(&["name"]);
    ward.run(&["set", "import", "own", "empty.txt", "--max-distance", "257"]).refused(&["257"]);
    assert_eq!(ward.look_up(&format!("md5:{old}")).0, "known");
}

#[test]
fn a_withdrawal_ends_matching_and_outlives_imports_and_removal() {
    let ward = Ward::new();
    let [gone, kept] = ["gone", "kept"].map(|seed| digits(seed, 32));
    let list = format!("{gone}\n{kept}\n");
    let form = ["--as", "plain:pdq"];
    ward.import("own", &list, &form);
    let query = format!("pdq:{}", flipped(&gone, 3));
    let done = ward.run(&["match", &query, "--format", "json"]);
    let entry = done.all::<MatchLine>("match")[0].matches[0].entry.clone();

    let withdraw = ["set", "withdraw", "own", &entry, "--format", "json"];
    let summary: Withdrawn = ward.must(&withdraw).summary();
    assert_eq!(summary, Withdrawn { set: "own".into(), withdrawn: 1 });
    assert_eq!(ward.look_up(&query), ("unknown".to_owned(), 0));
    assert_eq!(ward.must(&withdraw).summary::<Withdrawn>().withdrawn, 0, "once is enough");

    let again: Imported = ward.import("own", &list, &[&form[..], &["--anew"]].concat()).summary();
    assert_eq!(again.withdrawn, 1);
    assert_eq!(ward.look_up(&query), ("unknown".to_owned(), 0));
    assert_eq!(ward.look_up(&format!("pdq:{kept}")).0, "near");

    ward.must(&["set", "remove", "own"]);
    ward.import("own", &list, &form);
    assert_eq!(ward.look_up(&query), ("unknown".to_owned(), 0));
    assert_eq!(ward.look_up(&format!("pdq:{kept}")).0, "near");

    // Withdrawn for this list, not for what another list says of its own accord.
    ward.import("second", &list, &form);
    assert_eq!(ward.look_up(&query).0, "near");
}

#[test]
fn sets_are_listed_shown_and_removed() {
    let ward = Ward::new();
    ward.run(&["set", "list"]).refused(&["not an innerward home", "set import"]);
    assert!(!ward.home().exists(), "asking makes no home");
    let md5 = digits("a", 16);
    ward.import("own", &format!("{md5}\nbad\n"), &["--source", "a hotline"]);
    let shown = ward.must(&["set", "show", "own", "--format", "json"]);
    assert_eq!(shown.all::<SetLine>("set"), sets(&ward));
    assert_eq!(shown.summary::<BTreeMap<String, u64>>()["imports"], 1);
    let text = ward.must(&["set", "show", "own"]).out;
    assert!(text.contains("a hotline") && text.contains("1 entries") && text.contains("1 bad"), "{text}");
    for verb in ["show", "remove", "withdraw"] {
        let mut arguments = vec!["set", verb, "nobody"];
        arguments.extend((verb == "withdraw").then_some("key"));
        ward.run(&arguments).refused(&["nobody", "set list"]);
    }
    ward.must(&["set", "remove", "own"]);
    assert!(sets(&ward).is_empty());
    ward.run(&["match", &format!("md5:{md5}")]).refused(&["no list"]);
    ward.must(&["index", "verify"]);
}

#[test]
fn a_list_is_added_to_what_is_there_and_repeats_add_nothing() {
    let ward = Ward::new();
    let [a, b, c] = ["a", "b", "c"].map(|seed| digits(seed, 16));
    ward.import("own", &format!("{a}\n{b}\n"), &["--source", "us"]);
    ward.must(&["set", "withdraw", "own", &format!("md5:{b}")]);
    let added: Imported = ward.import("own", &format!("{c}\n{a}\n{b}\n"), &["--add"]).summary();
    assert_eq!((added.entries, added.present, added.duplicates), (3, 2, 0));
    for (hash, outcome) in [(&a, "known"), (&b, "unknown"), (&c, "known")] {
        assert_eq!(ward.look_up(&format!("md5:{hash}")).0, outcome);
    }
    let [set] = &sets(&ward)[..] else { panic!("one set") };
    assert_eq!((set.entries, set.source.as_str(), set.role.as_str()), (3, "us", "match"));
    let again: Imported = ward.import("own", &format!("{c}\n{a}\n{b}\n"), &["--add", "--anew"]).summary();
    assert_eq!((again.present, sets(&ward)[0].entries), (3, 3));
    // A set that is not there is made.
    let first: Imported = ward.import("new", &format!("{a}\n"), &["--add", "--class", "OWN"]).summary();
    assert_eq!((first.entries, first.present), (1, 0));
    // Known abuse material does not become a set to ignore by what is added to it.
    let file = ward.write("good", format!("{}\n", digits("good", 16)));
    let add = ["set", "import", "own", file.to_str().unwrap(), "--add"];
    ward.run(&[&add[..], &["--role", "ignore"]].concat()).refused(&["--add", "--role"]);
    ward.run(&[&add[..], &["--class", "KNOWN_GOOD"]].concat()).refused(&["KNOWN_GOOD"]);
    ward.must(&["index", "verify"]);
}
