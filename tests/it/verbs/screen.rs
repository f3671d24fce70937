//! `screen` and `tally`: one verdict an item, whatever the item is, and each distinct item counted once.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::ward::{self, Done, ScreenLine, ScreenSummary, TallyLine, Ward, sha256, testdata};

/// A home with one list, which has the words `listed`, and the files `listed.txt`, `free.txt` and `empty.txt`.
fn small() -> Ward {
    let ward = Ward::new();
    let row = format!("sha256,{},C,POSITIVE_CLASS,SEV_B", sha256(b"listed"));
    ward.import("own", &format!("signal_type,signal_str,collab,category,tags\n{row}\n"), &["--class", "OWN"]);
    for (name, content) in [("listed.txt", "listed"), ("free.txt", "free"), ("empty.txt", "")] {
        ward.write(name, content);
    }
    ward
}

/// A home with the demo's lists.
fn large() -> Ward {
    let ward = Ward::new();
    let lists = Path::new(env!("CARGO_MANIFEST_DIR")).join("hashsets");
    for (name, file, more) in [
        ("hotline", "demo-hotline.csv", &["--class", "NATIONAL"][..]),
        ("good", "demo-known-good.hashdeep", &["--role", "ignore"]),
        ("plain", "demo-plain-sha256.txt", &["--as", "plain:sha256"]),
    ] {
        let file = lists.join(file);
        ward.must(&[&["set", "import", name, file.to_str().unwrap()], more].concat());
    }
    ward
}

fn screen(ward: &Ward, arguments: &[&str]) -> Done {
    ward.run(&[&["screen", "--format", "json"], arguments].concat())
}

fn lines(done: &Done) -> Vec<ScreenLine> {
    done.all("screen")
}

/// Verdict, severity and items of the only month that has any.
fn tally(ward: &Ward) -> Vec<(String, String, u64)> {
    let done = ward.must(&["tally", "show", "--format", "json"]);
    let found: Vec<TallyLine> = done.all("tally");
    assert!(found.iter().all(|line| line.local == "not for sharing" && line.period == found[0].period));
    let summary: serde_json::Value = done.summary();
    assert_eq!(summary["items"], found.iter().map(|line| line.items).sum::<u64>());
    found.into_iter().map(|line| (line.verdict, line.severity, line.items)).collect()
}

fn counts(rows: &[(&str, &str, u64)]) -> Vec<(String, String, u64)> {
    rows.iter().map(|(verdict, severity, items)| ((*verdict).into(), (*severity).into(), *items)).collect()
}

#[test]
fn exit_codes_say_what_was_found_and_what_was_not_checked() {
    let ward = small();
    for (paths, code, outcomes) in [
        (&["free.txt"][..], 0, &["unknown"][..]),
        (&["listed.txt", "free.txt"], 1, &["known", "unknown"]),
        (&["empty.txt"], 4, &["unchecked"]),
        (&["missing.txt", "free.txt"], 4, &["unchecked", "unknown"]),
        (&["missing.txt", "listed.txt"], 5, &["unchecked", "known"]),
    ] {
        let done = screen(&ward, paths);
        assert_eq!((done.code, &*done.err), (code, ""), "{paths:?}");
        let found: Vec<String> = lines(&done).into_iter().map(|line| line.outcome).collect();
        assert_eq!(found, outcomes, "{paths:?}");
    }
    ward.run(&["screen"]).refused(&["PATH"]);
    ward.run(&["screen", "free.txt", "--channel", "PIGEON"]).refused(&["PIGEON", "BULK"]);
    Ward::new().run(&["screen", "."]).refused(&["not an innerward home", "set import"]);
}

#[test]
fn the_file_of_verdicts_holds_what_was_printed() {
    let ward = small();
    let done = screen(&ward, &["listed.txt", "free.txt", "empty.txt"]);
    let runs: Vec<_> =
        fs::read_dir(ward.home().join("runs")).unwrap().map(|run| run.unwrap().path()).collect();
    let text = fs::read_to_string(runs[0].join("verdicts.jsonl")).unwrap();
    let (header, rest) = text.split_once('\n').unwrap();
    assert_eq!(rest, done.out);
    let header = &ward::all::<serde_json::Value>(header, "run")[0];
    assert_eq!(header["local"], "not for sharing");
    assert_eq!(header["sets"][0]["set"], "own");
    let found = lines(&done);
    assert_eq!((&*found[0].matches[0].set, &*found[0].matches[0].signal), ("own", "sha256"));
    assert_eq!(found[0].matches[0].labels, ["SEV_B"]);
    assert_eq!((found[1].bytes, &*found[1].media, found[1].reason.as_deref()), (Some(4), "TEXT", None));
    assert_eq!(found[2].reason.as_deref(), Some("empty file"));
    let summary: ScreenSummary = done.summary();
    assert_eq!((summary.items, summary.bytes, summary.links), (3, 10, 0));
    assert_eq!((summary.known, summary.near, summary.ignored), (1, 0, 0));
    assert_eq!((summary.unknown, summary.unchecked), (1, 1));
    assert_eq!(summary.gaps, BTreeMap::from([("empty file".to_owned(), 1)]));
    assert!(summary.seconds > 0.0);
    let text = ward.run(&["screen", "listed.txt", "empty.txt"]).out;
    assert!(
        text.contains("2 items") && text.contains("empty file") && text.contains("verdicts.jsonl"),
        "{text}"
    );
}

#[test]
fn results_do_not_depend_on_the_instructions_of_the_cpu() {
    let ward = Ward::new();
    let pictures = testdata().join("pictures");
    let known: String = fs::read_dir(pictures.join("edits"))
        .unwrap()
        .map(|entry| sha256(&fs::read(entry.unwrap().path()).unwrap()) + "\n")
        .collect();
    ward.import("own", &known, &["--as", "plain:sha256"]);
    let near =
        ward.must(&["hash", pictures.join("originals/coffee.jpg").to_str().unwrap(), "--format", "json"]);
    let near = near.all::<serde_json::Value>("hash")[0]["pdq"].as_str().unwrap().to_owned();
    ward.import("near", &format!("pdq:{near}\n"), &[]);
    let with = |instructions: &str, arguments: &[&str]| {
        let mut command = ward.command();
        command.env("INNERWARD_INSTRUCTIONS", instructions).args(arguments);
        Done::of(command.output().unwrap())
    };
    let screened = |instructions: &str| {
        let folder = pictures.to_str().unwrap();
        with(instructions, &["screen", folder, "--no-tally", "--format", "json"]).all::<ScreenLine>("screen")
    };
    let expected = screened("");
    assert!(expected.iter().any(|line| line.outcome == "near") && expected.len() > 20);
    for instructions in ["scalar", "avx2"] {
        assert_eq!(screened(instructions), expected, "{instructions}");
    }
    let explained = with("scalar", &["match", &format!("pdq:{near}"), "--explain"]);
    assert!(explained.out.contains("by scalar"), "the variable is heeded: {}", explained.out);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let ward = large();
    let pictures = testdata().join("pictures");
    let run = |threads: &str| {
        let done = screen(&ward, &[pictures.to_str().unwrap(), "--threads", threads]);
        assert_eq!(done.code, 5, "{}", done.err);
        let found = lines(&done);
        (found, done.summary::<ScreenSummary>().gaps)
    };
    let one = run("1");
    let on_disk = one.0.iter().filter(|line| line.file.is_none());
    let paths: Vec<&str> = on_disk.map(|line| &*line.path).collect();
    assert!(paths.len() > 40 && paths.is_sorted(), "inside a folder the order is by name");
    let outcomes = ["known", "near", "ignored", "unknown", "unchecked"];
    assert!(outcomes.iter().all(|outcome| one.0.iter().any(|line| line.outcome == *outcome)));
    for threads in ["2", "5"] {
        assert_eq!(run(threads), one, "{threads} threads");
    }
}

#[test]
fn what_cannot_be_read_is_an_item_all_the_same() {
    let ward = small();
    symlink(ward.path("nowhere"), ward.path("dangling")).unwrap();
    symlink(ward.path("listed.txt"), ward.path("link")).unwrap();
    assert!(Command::new("mkfifo").arg(ward.path("pipe")).status().unwrap().success());
    let odd = std::ffi::OsStr::from_bytes(b"odd-\xff.txt");
    fs::write(ward.path("").join(odd), "listed").unwrap();
    let mut command = ward.command();
    command.args(["screen", "--format", "json", "dangling", "pipe", "missing", "link"]).arg(odd);
    let done = Done::of(command.output().unwrap());
    assert_eq!((done.code, &*done.err), (5, ""));
    let found = lines(&done);
    for (line, (path, word)) in found.iter().zip([
        ("dangling", "the link points nowhere"),
        ("pipe", "neither a file nor a folder"),
        ("missing", "No such file"),
    ]) {
        assert_eq!((&*line.path, &*line.outcome, line.bytes), (path, "unchecked", None));
        assert!(line.reason.as_deref().unwrap().contains(word), "{line:?}");
    }
    assert_eq!(
        (&*found[3].outcome, &*found[4].outcome),
        ("known", "known"),
        "a link that is named is followed"
    );
    assert_eq!(found[4].path_hex.as_deref(), Some("6f64642dff2e747874"));
    assert!(found[..4].iter().all(|line| line.path_hex.is_none()));
    assert_eq!(tally(&ward), counts(&[("KNOWN", "SEV_B", 1)]), "what cannot be told apart is not counted");

    // The same things inside a folder: no link is followed, and each is told of.
    fs::create_dir(ward.path("folder")).unwrap();
    for name in ["dangling", "link", "pipe"] {
        fs::rename(ward.path(name), ward.path("folder").join(name)).unwrap();
    }
    symlink("..", ward.path("folder/up")).unwrap();
    let done = screen(&ward, &["folder"]);
    let summary: ScreenSummary = done.summary();
    assert_eq!((done.code, summary.items, summary.unchecked, summary.links), (4, 1, 1, 3));
}

#[test]
fn the_home_itself_is_never_screened() {
    let ward = small();
    let done = screen(&ward, &["."]);
    let home = ward.home().file_name().unwrap().to_str().unwrap().to_owned();
    let found = lines(&done);
    assert_eq!(found.len(), 4, "three files and the list");
    assert!(found.iter().all(|line| !line.path.contains(&format!("{home}/"))), "{found:?}");
}

#[test]
fn limits_of_the_configuration_hold_and_unknown_keys_are_refused() {
    let ward = small();
    let picture = testdata().join("pictures/forms/cat-rgb.png"); // 300 by 200
    let bytes = fs::metadata(&picture).unwrap().len();
    let run = |config: String| {
        fs::write(ward.home().join("innerward.toml"), config).unwrap();
        let done = screen(&ward, &[picture.to_str().unwrap(), "listed.txt"]);
        let mut found = lines(&done);
        assert_eq!((found.len(), &*found[1].outcome), (2, "known"), "the rest is not touched");
        (found.remove(0), done.summary::<ScreenSummary>())
    };
    for (key, limit) in [("max_pixels", 60_000), ("max_file_bytes", bytes)] {
        let (line, _) = run(format!("{key} = {limit}\n"));
        assert_eq!((&*line.outcome, line.reason), ("unknown", None), "{key}");
        let (line, summary) = run(format!("{key} = {}\n", limit - 1));
        assert_eq!(line.outcome, "unchecked", "{key}");
        assert!(line.reason.unwrap().contains(&format!("the limit is {}", limit - 1)));
        let cause: Vec<&String> = summary.gaps.keys().collect();
        assert!(cause.len() == 1 && cause[0].starts_with("PNG is too large ("), "{cause:?}");
    }
    for (config, words) in [
        ("organisation = \"x\"\nmax_pixel = 5\n", &["innerward.toml", "line 2", "max_pixel"][..]),
        ("max_pixels = -1\n", &["innerward.toml", "line 1"]),
        ("max_pixels = \"many\"\n", &["innerward.toml", "line 1"]),
        ("[\n", &["innerward.toml", "line 1"]),
    ] {
        fs::write(ward.home().join("innerward.toml"), config).unwrap();
        screen(&ward, &["listed.txt"]).refused(words);
    }
}

#[test]
fn an_item_counts_once_however_often_it_comes() {
    let ward = small();
    for (name, content) in [("a/copy.jpg", "listed"), ("a/same.txt", "free"), ("b/more.txt", "more")] {
        ward.write(name, content);
    }
    let expected = counts(&[("KNOWN", "SEV_B", 1), ("UNCHECKED", "_Z", 1), ("UNKNOWN", "_Z", 2)]);
    for _ in 0..2 {
        screen(&ward, &["listed.txt", "free.txt", "empty.txt", "a", "b", "missing.txt", "listed.txt"]);
        assert_eq!(tally(&ward), expected);
    }
    // A run with a bound of its own, or one that says so, is not counted.
    ward.write("c.txt", "c");
    screen(&ward, &["c.txt", "--no-tally"]);
    screen(&ward, &["c.txt", "--max-distance", "31"]);
    assert_eq!(tally(&ward), expected);
    screen(&ward, &["c.txt"]);
    assert_eq!(tally(&ward)[2].2, 3);
    assert!(ward.must(&["tally", "show"]).out.contains("local, not for sharing"));
}

#[test]
fn an_item_that_came_by_two_ways_counts_for_the_first_in_the_order_of_codes() {
    for channels in [["BULK", "REPORT"], ["REPORT", "BULK"]] {
        let ward = small();
        for channel in channels {
            screen(&ward, &["listed.txt", "--channel", channel]);
        }
        let found: Vec<TallyLine> = ward.must(&["tally", "show", "--format", "json"]).all("tally");
        let [line] = &found[..] else { panic!("one cell: {found:?}") };
        assert_eq!((&*line.channel, line.items, &*line.list_class), ("REPORT", 1, "OWN"), "{channels:?}");
    }
}

#[test]
fn edits_of_one_listed_picture_are_one_item() {
    let ward = large();
    let pictures = testdata().join("pictures");
    let edits = ["coffee-half-size.jpg", "coffee-brighter.jpg", "coffee-turned-90.jpg"]
        .map(|name| pictures.join("edits").join(name).display().to_string());
    let [first, second, third] = &edits;
    let done = screen(&ward, &[first, second, third]);
    assert!(lines(&done).iter().all(|line| line.outcome == "near"), "{}", done.out);
    let near = tally(&ward);
    let [(verdict, _, items)] = &near[..] else { panic!("one cell: {near:?}") };
    assert_eq!((&**verdict, *items), ("NEAR", 1));
    // A harmless look-alike, known by its digest, is ignored and counted as such.
    let grey = pictures.join("forms/cat-grey.png");
    let done = screen(&ward, &[grey.to_str().unwrap()]);
    assert_eq!((done.code, &*lines(&done)[0].outcome), (0, "ignored"));
    assert!(tally(&ward).contains(&("IGNORED".into(), "_Z".into(), 1)));
}
