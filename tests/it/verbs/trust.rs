//! What an agreement allows, where imports came from, and imports that cannot do silent harm.

use std::collections::BTreeMap;
use std::fs;

use base64ct::{Base64, Encoding};
use blake2::{Blake2b512, Digest};
use ed25519_dalek::{Signer, SigningKey};
use innerward::digest::Signal;
use innerward::hashset::{EntryKey, ReadOptions, SetUpdate, Sets};
use innerward::home::Home;
use innerward::index::{import, open_described};
use serde::Deserialize;
use serde_json::Value;

use crate::ward::{MatchSummary, ScreenSummary, TallyLine, Ward, digits, snapshot};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rehearsed {
    dry_run: bool,
    set: String,
    unchanged: bool,
    needs_yes: bool,
    form: String,
    lines: u64,
    entries: u64,
    before: u64,
    new: u64,
    changed: Option<u64>,
    gone: u64,
    withdrawn_by_list: u64,
    withdrawn: u64,
    present: u64,
    bad_lines: u64,
    duplicates: u64,
    refused: BTreeMap<String, u64>,
    refused_entries: u64,
    conflicts: u64,
    unknown_categories: u64,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventLine {
    event: String,
    revision: Option<u64>,
    on: String,
    at: Option<String>,
    by: Option<String>,
    withdrawn: Option<u64>,
    changes: Vec<BTreeMap<String, String>>,
    import: Option<Value>,
}

fn md5s(seed: &str, numbers: std::ops::Range<usize>) -> String {
    numbers.map(|n| digits(&format!("{seed}{n}"), 16) + "\n").collect()
}

fn query(seed: &str, n: usize) -> String {
    format!("md5:{}", digits(&format!("{seed}{n}"), 16))
}

fn log(ward: &Ward, name: &str) -> Vec<EventLine> {
    ward.must(&["set", "log", name, "--format", "json"]).all("event")
}

fn revision(ward: &Ward, name: &str) -> u64 {
    let shown = ward.must(&["set", "show", name, "--format", "json"]);
    shown.all::<Value>("set")[0]["revision"].as_u64().unwrap()
}

fn kinds(events: &[EventLine]) -> Vec<&str> {
    events.iter().map(|event| &*event.event).collect()
}

#[test]
fn a_set_that_may_not_be_searched_is_left_out_with_a_word_and_refused_by_name() {
    let ward = Ward::new();
    ward.import("kept", &md5s("k", 0..2), &[]);
    ward.import("own", &md5s("a", 0..3), &["--allow", "derive,export"]);
    ward.import("late", &md5s("b", 0..3), &["--keep-until", "2020-02-29"]);
    let done = ward.run(&["match", &query("a", 0), &query("b", 0), &query("k", 0), "--format", "json"]);
    let summary: MatchSummary = done.summary();
    assert_eq!((summary.known, summary.unknown, done.code), (1, 2, 1));
    assert_eq!(summary.filter, None, "all that may be searched was");
    let told: Vec<_> = summary.not_allowed.iter().map(|left| (&*left.set, &*left.reason)).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].0 == "late" && told[0].1.contains("2020-02-29"), "{told:?}");
    assert!(told[1].0 == "own" && told[1].1.contains("match"), "{told:?}");
    for (set, cure) in [("late", "set change late --keep-until"), ("own", "set change own --allow")] {
        let said: Vec<_> = done.err.lines().filter(|line| line.contains(set)).collect();
        assert!(said.len() == 1 && said[0].contains(cure), "{}", done.err);
        ward.run(&["match", &query("a", 0), "--set", set]).refused(&[set, cure]);
    }

    ward.write("items/one", "one");
    let done = ward.run(&["screen", "items", "--format", "json"]);
    assert_eq!(done.summary::<ScreenSummary>().not_allowed.len(), 2);
    let run = fs::read_dir(ward.home().join("runs")).unwrap().next().unwrap().unwrap().path();
    let first = fs::read_to_string(run.join("verdicts.jsonl")).unwrap().lines().next().unwrap().to_owned();
    let header: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(header["data"]["not_allowed"].as_array().unwrap().len(), 2);
    assert!(ward.must(&["screen", "items"]).out.contains("Not searched: late, since"));

    // With nothing left the command says why, and a change cures it.
    ward.run(&["match", &query("a", 0), "--not-set", "kept"]).refused(&["late", "ended on 2020-02-29"]);
    ward.must(&["set", "change", "own", "--allow", "match"]);
    assert_eq!(ward.look_up(&query("a", 0)), ("known".into(), 1));
    ward.must(&["set", "change", "late", "--keep-until", "none"]);
    assert_eq!(ward.look_up(&query("b", 0)), ("known".into(), 1));
    let unchanged = ward.must(&["set", "change", "late", "--keep-until", "none"]);
    assert!(unchanged.out.contains("unchanged"), "{}", unchanged.out);
    ward.run(&["set", "change", "late"]).refused(&["--keep-until"]);
    assert_eq!(kinds(&log(&ward, "late")), ["import", "change"]);
}

#[test]
fn an_agreement_that_ends_is_seen_by_doctor() {
    let ward = Ward::for_demo();
    ward.import("own", &md5s("a", 0..3), &["--keep-until", "2026-06-30", "--today", "2026-01-01"]);
    let agreements = |today: &str| {
        let done = ward.run(&["doctor", "--format", "json", "--today", today]);
        let checks: Vec<Value> = done.all("check");
        let found = checks.into_iter().find(|check| check["check"] == "agreements").unwrap();
        (found["state"].as_str().unwrap().to_owned(), found["cure"].to_string())
    };
    for (today, state) in
        [("2026-06-15", "ok"), ("2026-06-16", "notice"), ("2026-06-30", "notice"), ("2026-07-01", "fault")]
    {
        let (found, cure) = agreements(today);
        assert_eq!(found, state, "{today}");
        assert!(state == "ok" || cure.contains("set change NAME --keep-until"), "{cure}");
        let done = ward.run(&["match", &query("a", 0), "--today", today]);
        assert_eq!(done.code, if state == "fault" { 2 } else { 1 }, "{today}: {}", done.err);
    }
}

#[test]
fn what_an_agreement_does_not_let_be_counted_is_found_and_counted_as_unknown() {
    let ward = Ward::new();
    let file = |name: &str| {
        ward.write(&format!("items/{name}"), name);
        blake3::hash(name.as_bytes()).to_hex().to_string()
    };
    let (private, both, open) = (file("private"), file("both"), file("open"));
    let form = ["--as", "plain:blake3"];
    let flags = [&form[..], &["--allow", "match", "--class", "NATIONAL"]].concat();
    ward.import("quiet", &format!("{private}\n{both}\n"), &flags);
    let flags = [&form[..], &["--class", "INDUSTRY"]].concat();
    ward.import("loud", &format!("{both}\n{open}\n"), &flags);
    let done = ward.run(&["screen", "items", "--format", "json"]);
    assert_eq!(done.summary::<ScreenSummary>().known, 3);
    let tally: Vec<TallyLine> = ward.must(&["tally", "show", "--format", "json"]).all("tally");
    let mut counts: Vec<_> =
        tally.iter().map(|line| (&*line.verdict, &*line.list_class, line.items)).collect();
    counts.sort();
    assert_eq!(counts, [("KNOWN", "INDUSTRY", 2), ("UNKNOWN", "_Z", 1)]);
    let home = Home::open(&ward.home()).unwrap();
    let period = tally[0].period.parse().unwrap();
    let lists = innerward::tally::Tally::open(&home).unwrap().lists(period).unwrap();
    let classes: Vec<_> = lists.iter().map(|list| list.list_class.as_str()).collect();
    assert_eq!(classes, ["INDUSTRY"], "the class of the other is not said to be in use");
}

#[test]
fn a_list_that_the_set_holds_is_recognised_and_everything_else_is_imported() {
    let ward = Ward::new();
    let list = md5s("a", 0..20);
    let import = |more: &[&str]| {
        let done = ward.import("own", &list, more);
        done.summary::<Value>()["unchanged"].as_bool().unwrap()
    };
    assert!(!import(&[]));
    let first = (revision(&ward, "own"), snapshot(&ward.home().join("index")));
    assert!(import(&[]));
    assert!(import(&["--add"]), "to add it again adds nothing");
    assert!(import(&["--class", "_U", "--source", ""]), "what holds already is no change");
    assert_eq!((revision(&ward, "own"), snapshot(&ward.home().join("index"))), first);
    let told = ward.must(&["set", "import", "own", ward.path("own.list").to_str().unwrap()]).out;
    assert!(told.contains("unchanged") && told.contains("--anew"), "{told}");

    // A withdrawal holds on and needs no import; another reading, policy or wish does.
    ward.must(&["set", "withdraw", "own", &query("a", 3)]);
    assert!(import(&[]));
    assert_eq!(ward.look_up(&query("a", 3)).0, "unknown");
    for more in
        [&["--as", "plain:md5"][..], &["--as", "plain:md5", "--strict"], &["--class", "OWN"], &["--anew"]]
    {
        assert!(!import(more), "{more:?}");
        assert_eq!(ward.look_up(&query("a", 3)).0, "unknown");
    }
    // What was added in between makes it another set.
    ward.write("more.list", md5s("b", 0..1));
    let more = ward.path("more.list");
    ward.must(&["set", "import", "own", more.to_str().unwrap(), "--add"]);
    assert!(!import(&[]), "it replaces what was added");
    assert_eq!(ward.look_up(&query("b", 0)).0, "unknown");
    assert!(import(&[]));
    ward.must(&["set", "change", "own", "--max-distance", "9"]);
    assert!(import(&[]), "the policy was changed since, and stays");
    ward.must(&["set", "remove", "own"]);
    assert!(!import(&[]));
}

#[test]
fn a_list_of_what_is_to_be_found_cannot_be_one_of_harmless_files() {
    let ward = Ward::new();
    let md5 = digits("to be found", 16);
    let vics = |model: &str, more: &str| {
        format!(
            r#"{{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/{model}","value":[{{"MediaID":1,"MD5":"{md5}"{more}}}]}}"#
        )
    };
    let uk = "2.0.xml/UK/$metadata#Media";
    for (name, text) in [
        ("category", vics(uk, ",\"Category\":1")),
        ("zero", vics("1.3.xml#Media", ",\"Category\":0")),
        ("flag", vics(uk, ",\"VictimIdentified\":\"true\"")),
        ("word", format!("signal_type,signal_str,collab,category,tags\nmd5,{md5},C,POSITIVE_CLASS,\n")),
    ] {
        let file = ward.write(name, &text);
        let arguments = ["set", "import", name, file.to_str().unwrap(), "--role", "ignore"];
        ward.run(&arguments).refused(&["ignore"]);
        ward.run(&[&arguments[..], &["--dry-run"]].concat()).refused(&["ignore"]);
        ward.import(name, &text, &[]);
        let change = ["set", "change", name, "--role", "ignore", "--class", "KNOWN_GOOD"];
        ward.run(&change).refused(&["ignore"]);
    }
    // What NSRL gives ordinary files.
    ward.import("nsrl", &vics("1.2.xml#Media", ",\"Category\":8"), &["--role", "ignore"]);
}

#[test]
fn a_withdrawal_holds_when_the_list_learns_another_hash_of_the_item() {
    let ward = Ward::new();
    let row = |n: u32, sha1: bool| {
        let sha1 = if sha1 { digits(&format!("sha {n}"), 20) } else { String::new() };
        format!("1,{},{sha1},name\n", digits(&format!("md5 {n}"), 16))
    };
    let list = |with_sha1: &[u32]| {
        let rows = (0..40).map(|n| row(n, with_sha1.contains(&n)));
        format!("%%%% HASHDEEP-1.0\n%%%% size,md5,sha1,filename\n{}", rows.collect::<String>())
    };
    let md5 = |n: u32| format!("md5:{}", digits(&format!("md5 {n}"), 16));
    ward.import("k", &list(&[7]), &[]);
    for n in [3, 7] {
        ward.must(&["set", "withdraw", "k", &md5(n)]);
    }
    // One has a hash more in the next version, one a hash less.
    for more in [&["--yes"][..], &["--add"]] {
        ward.import("k", &list(&[3]), more);
        for n in [3, 7] {
            assert_eq!(ward.look_up(&md5(n)).0, "unknown", "{n}, {more:?}");
        }
        assert_eq!(ward.look_up(&md5(4)).0, "known");
    }
}

#[test]
fn a_page_with_nothing_new_is_no_error_where_it_is_added() {
    let ward = Ward::new();
    ward.import("own", &format!("{}\n", digits("there", 16)), &[]);
    let page = ward.write("page.json", r#"{"count":0,"hasMoreRecords":false,"hashRecords":[]}"#);
    let page = page.to_str().unwrap();
    ward.must(&["set", "import", "own", page, "--add"]);
    ward.run(&["set", "import", "own", page, "--yes"]).refused(&["no entry"]);
    let wrong = ward.write("wrong.txt", "zz\nzz\n");
    let arguments = ["set", "import", "own", wrong.to_str().unwrap(), "--as", "plain:md5"];
    ward.run(&arguments).refused(&["no entry", "2 of them bad", "the first at 1"]);
}

#[test]
fn a_list_that_takes_its_word_back_for_everything_is_refused_too() {
    let ward = Ward::new();
    let list = |opinion: &str| {
        let md5s = (0..20).map(|n| format!("md5,{},C,{opinion},\n", digits(&format!("word {n}"), 16)));
        format!("signal_type,signal_str,collab,category,tags\n{}", md5s.collect::<String>())
    };
    ward.import("own", &list("POSITIVE_CLASS"), &[]);
    let file = ward.write("negative.csv", list("NEGATIVE_CLASS"));
    let arguments = ["set", "import", "own", file.to_str().unwrap()];
    ward.run(&arguments).refused(&["20", "--yes"]);
    ward.must(&[&arguments[..], &["--yes"]].concat());
}

#[test]
fn a_list_of_which_much_is_gone_is_refused_unless_a_person_agrees() {
    let ward = Ward::new();
    ward.import("own", &md5s("a", 0..100), &[]);
    ward.must(&["set", "withdraw", "own", &query("a", 0)]);
    let before = (revision(&ward, "own"), snapshot(&ward.home().join("index")));
    let import = |text: &str, more: &[&str]| {
        let file = ward.write("next.list", text);
        ward.run(&[&["set", "import", "own", file.to_str().unwrap()], more].concat())
    };
    // 99 match; a truncated list, and one that is as long and another.
    for text in [md5s("a", 0..50), md5s("a", 0..50) + &md5s("b", 0..50)] {
        import(&text, &[]).refused(&["99", "50 would not", "50.5 %", "--yes", "--dry-run"]);
        assert_eq!((revision(&ward, "own"), snapshot(&ward.home().join("index"))), before);
    }
    import(&md5s("a", 0..90), &[]).refused(&["10 would not", "10.1 %"]);
    assert_eq!(import(&md5s("a", 0..91), &[]).code, 0, "9 of 99");
    import(&md5s("a", 0..90), &["--max-drop", "1"]).refused(&["1 would not", "more than 1 %"]);
    assert_eq!(import(&md5s("a", 0..60), &["--max-drop", "50"]).code, 0);
    assert_eq!(import(&md5s("b", 0..5), &["--yes"]).code, 0);
    assert_eq!(ward.look_up(&query("b", 4)).0, "known");
    fs::write(ward.home().join("innerward.toml"), "max_drop_percent = 0\n").unwrap();
    import(&md5s("b", 0..4), &[]).refused(&["more than 0 %"]);
    fs::write(ward.home().join("innerward.toml"), "max_drop_percent = 100\n").unwrap();
    assert_eq!(import(&md5s("c", 0..1), &[]).code, 0);
    fs::write(ward.home().join("innerward.toml"), "max_drop_percent = 101\n").unwrap();
    import(&md5s("c", 0..2), &[]).refused(&["max_drop_percent is 0 to 100"]);
}

/// A page of TCAP's list: entries by number, and those that it takes back.
fn tcap(live: std::ops::Range<usize>, deleted: std::ops::Range<usize>) -> String {
    let item = |n: usize, deleted: bool| {
        format!(
            r#"{{"hash_digest":"{}","algorithm":"MD5","ideology":"x","file_type":"mp4","deleted":{deleted},"updated_on":1893456000.5,"created_on":"2030-01-02T03:04:05","id":{n}}}"#,
            digits(&format!("t{n}"), 16)
        )
    };
    let items: Vec<_> = live.map(|n| item(n, false)).chain(deleted.map(|n| item(n, true))).collect();
    let (count, items) = (items.len(), items.join(","));
    format!(r#"{{"count":{count},"next":null,"previous":null,"checkpoint":"1.5,4","results":[{items}]}}"#)
}

#[test]
fn few_withdrawals_of_a_list_hold_at_once_and_many_ask_first() {
    let ward = Ward::new();
    ward.import("own", &tcap(0..60, 0..0), &[]);
    ward.import("own", &tcap(0..0, 0..10), &["--add"]);
    assert_eq!(ward.look_up(&query("t", 9)).0, "unknown");
    let page = ward.write("page.json", tcap(0..0, 10..21));
    let add = ["set", "import", "own", page.to_str().unwrap(), "--add"];
    ward.run(&add).refused(&["of 50 entries", "11 would not"]);
    assert_eq!(ward.look_up(&query("t", 10)).0, "known");
    ward.must(&[&add[..], &["--yes"]].concat());
    assert_eq!(ward.look_up(&query("t", 10)).0, "unknown");
    let whole = ward.write("whole.json", tcap(0..60, 0..0));
    ward.must(&["set", "import", "own", whole.to_str().unwrap()]);
    assert_eq!(ward.look_up(&query("t", 10)).0, "unknown", "an older file does not bring it back");
    let events = log(&ward, "own");
    let withdrawn: Vec<_> = events.iter().map(|event| event.withdrawn).collect();
    assert_eq!(withdrawn, [Some(0), Some(10), Some(11), Some(0)]);
}

#[test]
fn a_rehearsal_says_what_would_change_and_changes_nothing() {
    let ward = Ward::new();
    let tx = |rows: &[(usize, &str)]| {
        let row = |(n, tags): &(usize, &str)| {
            format!("md5,{},C,POSITIVE_CLASS,{tags}\n", digits(&format!("a{n}"), 16))
        };
        "signal_type,signal_str,collab,category,tags\n".to_owned() + &rows.iter().map(row).collect::<String>()
    };
    ward.run(&["set", "import", "own", ward.write("x", "").to_str().unwrap(), "--dry-run"])
        .refused(&["home"]);
    assert!(!ward.home().exists());
    ward.import("own", &tx(&[(1, "SEV_A"), (2, "SEV_B"), (3, ""), (4, ""), (5, "")]), &[]);
    ward.must(&["set", "withdraw", "own", &query("a", 5)]);
    let next = tx(&[(1, "SEV_A"), (2, "SEV_C"), (3, ""), (3, ""), (5, ""), (6, ""), (7, "")])
        + "md5,nothing,C,POSITIVE_CLASS,\n";
    let next = ward.write("next.csv", next);
    let state = || (snapshot(&ward.home().join("index")), ward.must(&["set", "log", "own"]).out);
    let before = state();
    let rehearse = |more: &[&str]| {
        let arguments = ["set", "import", "own", next.to_str().unwrap(), "--dry-run", "--format", "json"];
        let done = ward.must(&[&arguments[..], more].concat());
        assert_eq!(state(), before);
        done.summary::<Rehearsed>()
    };
    let replaced = rehearse(&[]);
    assert_eq!((replaced.before, replaced.new, replaced.changed, replaced.gone), (4, 2, Some(1), 1));
    assert_eq!((replaced.withdrawn, replaced.bad_lines, replaced.duplicates), (1, 1, 1));
    assert_eq!((replaced.refused["length"], replaced.refused_entries, replaced.conflicts), (1, 0, 0));
    assert_eq!(replaced.unknown_categories, 0);
    assert!(replaced.needs_yes && !replaced.unchanged && replaced.dry_run);
    let added = rehearse(&["--add"]);
    assert_eq!((added.new, added.changed, added.gone, added.present), (2, Some(1), 0, 3));
    assert!(!added.needs_yes);
    let text = ward.must(&["set", "import", "own", next.to_str().unwrap(), "--dry-run"]).out;
    assert!(text.contains("nothing was changed") && text.contains("--yes"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");

    // It says what then happens.
    let done = ward.must(&["set", "import", "own", next.to_str().unwrap(), "--yes", "--format", "json"]);
    let done: Value = done.summary();
    assert_eq!((done["new"].as_u64(), done["gone"].as_u64()), (Some(2), Some(1)));
    let again = ward.must(&["set", "import", "own", next.to_str().unwrap(), "--dry-run", "--format", "json"]);
    assert!(again.summary::<Rehearsed>().unchanged);
    let arguments = ["set", "import", "own", "-", "--dry-run", "--format", "json"];
    let taken = ward.run_with(&arguments, tcap(0..1, 3..4).as_bytes());
    assert_eq!(taken.code, 0, "{}", taken.err);
    // What the list takes back is among what is gone, before and after.
    ward.import("t", &tcap(0..30, 0..0), &[]);
    let page = ward.write("page.json", tcap(0..27, 28..30));
    let arguments = ["set", "import", "t", page.to_str().unwrap(), "--format", "json"];
    let rehearsed: Value = ward.must(&[&arguments[..], &["--dry-run"]].concat()).summary();
    let done: Value = ward.must(&arguments).summary();
    for told in [rehearsed, done] {
        assert_eq!((told["gone"].as_u64(), told["withdrawn_by_list"].as_u64()), (Some(3), Some(2)), "{told}");
    }
}

#[test]
fn the_log_says_when_what_from_which_file_and_by_whom() {
    let ward = Ward::for_demo();
    let day = |day: &str| ["--today".to_owned(), format!("2026-03-{day}")];
    let run = |arguments: &[&str], on: &str| {
        let day = day(on);
        ward.must(&[arguments, &[&day[0], &day[1]]].concat())
    };
    let first = ward.write("first", md5s("a", 0..10) + "bad\n");
    let first = first.to_str().unwrap();
    run(&["set", "import", "own", first, "--by", "Anna"], "01");
    run(&["set", "withdraw", "own", &query("a", 1), &query("a", 2), "--by", "ticket 7"], "02");
    let key = EntryKey::derived(&query("a", 1).parse::<Signal>().unwrap().into());
    run(&["set", "withdraw", "own", key.as_str()], "03"); // it is withdrawn already, and that is no event
    run(&["set", "change", "own", "--max-distance", "20", "--keep-until", "2027-01-01", "--by", "Bo"], "04");
    let more = ward.write("more", tcap(0..1, 5..7));
    run(&["set", "import", "own", more.to_str().unwrap(), "--add", "--class", "OWN"], "05");
    run(&["set", "remove", "own", "--by", "Cy"], "06");
    run(&["set", "import", "own", first], "07");
    let events = log(&ward, "own");
    assert_eq!(kinds(&events), ["import", "withdrawal", "change", "addition", "removal", "import"]);
    let told: Vec<_> = events.iter().map(|event| (event.revision, &*event.on, event.by.as_deref())).collect();
    assert_eq!(
        told,
        [
            (Some(1), "2026-03-01", Some("Anna")),
            (Some(1), "2026-03-02", Some("ticket 7")),
            (Some(2), "2026-03-04", Some("Bo")),
            (Some(3), "2026-03-05", None),
            (Some(3), "2026-03-06", Some("Cy")),
            (Some(4), "2026-03-07", None),
        ]
    );
    assert_eq!(events[0].at.as_deref(), Some("2026-03-01T00:00:00Z"));
    let record = events[0].import.as_ref().unwrap();
    assert_eq!(record["file_blake3"], blake3::hash(&fs::read(first).unwrap()).to_hex().as_str());
    assert_eq!((&record["counts"]["entries"], &record["counts"]["bad"]), (&10.into(), &1.into()));
    assert_eq!((events[1].withdrawn, events[3].withdrawn), (Some(2), Some(2)));
    let change = |what: &str, from: &str, to: &str| -> BTreeMap<String, String> {
        [("what", what), ("from", from), ("to", to)]
            .map(|(key, text)| (key.to_owned(), text.to_owned()))
            .into()
    };
    assert_eq!(
        events[2].changes,
        [change("max_distance", "default", "20"), change("keep_until", "none", "2027-01-01")]
    );
    assert_eq!(events[3].changes, [change("list_class", "_U", "OWN")]);
    let text = ward.must(&["set", "log", "own"]).out;
    assert!(text.contains("2026-03-02 00:00:00  2 entries withdrawn by hand"), "{text}");
    assert!(text.contains("max_distance: default -> 20") && text.contains("by Anna"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    ward.run(&["set", "log", "nobody"]).refused(&["nobody", "set list"]);
    ward.run(&["set", "change", "own", "--class", "OWN", "--by", "a\u{1b}[2J"])
        .refused(&["control characters"]);
}

/// A key pair of minisign, and signatures as its command writes them.
struct Minisign(SigningKey, [u8; 8]);

impl Minisign {
    fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]), [seed; 8])
    }

    fn public(&self) -> String {
        Base64::encode_string(&[&b"Ed"[..], &self.1, self.0.verifying_key().as_bytes()].concat())
    }

    fn sign(&self, list: &[u8], prehashed: bool) -> String {
        let (algorithm, signature) = match prehashed {
            true => (b"ED", self.0.sign(&Blake2b512::digest(list))),
            false => (b"Ed", self.0.sign(list)),
        };
        let comment = "timestamp:1893456000\tfile:list";
        let both = self.0.sign(&[&signature.to_bytes()[..], comment.as_bytes()].concat());
        format!(
            "untrusted comment: signature\n{}\ntrusted comment: {comment}\n{}\n",
            Base64::encode_string(&[&algorithm[..], &self.1, &signature.to_bytes()].concat()),
            Base64::encode_string(&both.to_bytes())
        )
    }
}

#[test]
fn a_signed_list_pins_its_key_and_no_other_list_is_taken_since() {
    let ward = Ward::new();
    let (publisher, stranger) = (Minisign::new(1), Minisign::new(2));
    let list = |n: usize| md5s("a", 0..n);
    let put = |n: usize, signature: Option<String>| {
        let file = ward.write("own.list", list(n));
        let beside = ward.path("own.list.minisig");
        let _ = fs::remove_file(&beside);
        if let Some(signature) = signature {
            fs::write(beside, signature).unwrap();
        }
        file.to_str().unwrap().to_owned()
    };
    let import = |file: &str, more: &[&str]| ward.run(&[&["set", "import", "own", file], more].concat());
    let key = ["--key", &publisher.public()];

    let file = put(20, None);
    import(&file, &key).refused(&["without a signature", "--signature"]);
    let signature = ward.write("list.sig", publisher.sign(list(20).as_bytes(), true));
    import(&file, &["--signature", signature.to_str().unwrap()]).refused(&["--key"]);
    import(&put(21, Some(publisher.sign(list(20).as_bytes(), true))), &key).refused(&["does not belong"]);
    import(&put(20, Some(stranger.sign(list(20).as_bytes(), true))), &key).refused(&["ask the publisher"]);
    import(&put(20, Some("nonsense".into())), &key).refused(&["own.list.minisig", "four lines"]);
    assert_eq!(ward.must(&["set", "list", "--format", "json"]).all::<Value>("set").len(), 0);

    // The key is pinned with the first signed list, and the signature beside the file is found from then on.
    let done = import(&put(20, Some(publisher.sign(list(20).as_bytes(), true))), &key);
    assert_eq!(done.code, 0, "{}", done.err);
    let shown: Value = ward.must(&["set", "show", "own", "--format", "json"]).all("set").remove(0);
    assert_eq!(shown["key"], publisher.public());
    for prehashed in [true, false] {
        let n = 21 + usize::from(prehashed);
        let done = import(&put(n, Some(publisher.sign(list(n).as_bytes(), prehashed))), &[]);
        assert_eq!(done.code, 0, "{}", done.err);
        assert_eq!(ward.look_up(&query("a", n - 1)).0, "known");
    }
    let before = (revision(&ward, "own"), snapshot(&ward.home().join("index")));
    import(&put(23, None), &[]).refused(&["signed with key", "without a signature"]);
    import(&put(23, None), &["--add"]).refused(&["without a signature"]);
    import(&put(23, None), &["--dry-run"]).refused(&["without a signature"]);
    let other = ["--key", &stranger.public()];
    let theirs = put(23, Some(stranger.sign(list(23).as_bytes(), true)));
    import(&theirs, &[]).refused(&["ask the publisher"]);
    import(&theirs, &other).refused(&["--yes", "source of its own"]);
    assert_eq!((revision(&ward, "own"), snapshot(&ward.home().join("index"))), before);
    let piped = ward.run_with(&["set", "import", "own", "-"], list(23).as_bytes());
    piped.refused(&["without a signature"]);
    let home = Home::open(&ward.home()).unwrap();
    let unasked = import_unasked(&home, &list(24));
    assert!(unasked.contains("without a signature"), "{unasked}");

    assert_eq!(import(&theirs, &[&other[..], &["--yes"]].concat()).code, 0);
    let events = log(&ward, "own");
    assert_eq!(events.len(), 4);
    let signed: Vec<_> =
        events.iter().map(|event| event.import.as_ref().unwrap()["signed_by"].clone()).collect();
    assert_eq!(signed[2], publisher.public());
    assert_eq!(signed[3], stranger.public());
    assert_eq!(events[3].changes[0]["what"], "key");
    assert!(ward.must(&["set", "log", "own"]).out.contains("signed with key 0202020202020202"));
}

#[test]
fn a_pinned_key_does_not_go_with_the_database() {
    let ward = Ward::new();
    let publisher = Minisign::new(1);
    let text = md5s("a", 0..20);
    let list = ward.write("own.list", &text);
    let beside = ward.write("own.list.minisig", publisher.sign(text.as_bytes(), true));
    let import = ["set", "import", "own", list.to_str().unwrap()];
    let key = ["--key", &publisher.public()];
    ward.must(&[&import[..], &key].concat());
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(ward.home().join(format!("innerward.sqlite{end}")));
    }
    let asks = ["whether its lists must be signed", "--key", "--yes"];
    let signature = fs::read(&beside).unwrap();
    fs::remove_file(&beside).unwrap();
    ward.run(&import).refused(&asks);
    ward.run(&[&import[..], &["--dry-run"]].concat()).refused(&asks);
    let unasked = import_unasked(&Home::open(&ward.home()).unwrap(), &text);
    assert!(asks.iter().all(|word| unasked.contains(word)), "{unasked}");
    ward.run(&[&import[..], &key].concat()).refused(&["without a signature"]);
    fs::write(&beside, signature).unwrap();
    ward.must(&[&import[..], &key].concat());
    let shown: Value = ward.must(&["set", "show", "own", "--format", "json"]).all("set").remove(0);
    assert_eq!(shown["key"], publisher.public());
}

fn import_unasked(home: &Home, list: &str) -> String {
    let (name, options, update) = ("own".parse().unwrap(), ReadOptions::default(), SetUpdate::default());
    let today = jiff::civil::date(2026, 7, 1);
    let done = import(home, &home.lock().unwrap(), &name, &mut list.as_bytes(), &options, &update, today);
    done.unwrap_err().to_string()
}

#[test]
fn a_bare_signature_of_ed25519_does_as_well_and_keys_may_be_in_files() {
    let ward = Ward::new();
    let secret = SigningKey::from_bytes(&[9; 32]);
    let text = md5s("a", 0..5);
    let list = ward.write("own.list", &text);
    ward.write("own.list.sig", secret.sign(text.as_bytes()).to_bytes());
    let key = ward.write("key.pub", secret.verifying_key().as_bytes());
    let import = ["set", "import", "own", list.to_str().unwrap(), "--key"];
    ward.must(&[&import[..], &[key.to_str().unwrap()]].concat());
    assert_eq!(ward.look_up(&query("a", 0)).0, "known");
    let shown: Value = ward.must(&["set", "show", "own", "--format", "json"]).all("set").remove(0);
    assert_eq!(shown["key"], format!("ed25519:{}", hex::encode(secret.verifying_key().as_bytes())));
    ward.run(&[&import[..], &["missing.pub"]].concat()).refused(&["--key", "missing.pub"]);
}

#[test]
fn a_home_of_an_earlier_version_opens_with_everything_allowed_and_its_history() {
    let ward = Ward::new();
    ward.import("own", &md5s("a", 0..3), &["--source", "us"]);
    ward.must(&["set", "withdraw", "own", &query("a", 1)]);
    let home = Home::open(&ward.home()).unwrap();
    // The tables as they were, with what they held.
    let db = home.database("").unwrap();
    let old = include_str!("../old_schema.sql");
    for table in ["hashset_revision", "hashset_import", "hashset_withdrawal"] {
        db.execute_batch(&format!("ALTER TABLE {table} RENAME TO new_{table}")).unwrap();
    }
    for table in ["hashset_event", "hashset_withdrawal_staged"] {
        db.execute_batch(&format!("DROP TABLE {table}")).unwrap();
    }
    db.execute_batch(old).unwrap();
    for table in ["hashset_revision", "hashset_import", "hashset_withdrawal"] {
        let mut query = db.prepare("SELECT group_concat(name) FROM pragma_table_info(?1)").unwrap();
        let columns: String = query.query_row([table], |row| row.get(0)).unwrap();
        db.execute_batch(&format!(
            "INSERT INTO {table} ({columns}) SELECT {columns} FROM new_{table}; DROP TABLE new_{table}"
        ))
        .unwrap();
    }
    drop(db);

    assert_eq!(ward.look_up(&query("a", 0)), ("known".into(), 1));
    let (_, sets) = open_described(&home, innerward::index::Memory::Mapped).unwrap();
    assert_eq!((sets[0].permission, sets[0].list_key), (Default::default(), None));
    let events = log(&ward, "own");
    assert_eq!(kinds(&events), ["withdrawal", "import"]);
    assert_eq!((events[0].withdrawn, events[1].at.as_ref()), (Some(1), None));
    assert_eq!(events[1].import.as_ref().unwrap()["counts"]["entries"], 3);
    // Nobody noted how it was read, so it is read again; from then on all is known.
    let again: Value = ward.import("own", &md5s("a", 0..3), &[]).summary();
    assert_eq!((&again["unchanged"], &again["withdrawn"]), (&false.into(), &1.into()));
    ward.must(&["set", "change", "own", "--allow", "match"]);
    assert_eq!(ward.look_up(&query("a", 1)).0, "unknown");
    assert_eq!(kinds(&log(&ward, "own")), ["withdrawal", "import", "import", "change"]);
    assert_eq!(Sets::open(&home).unwrap().imports(&"own".parse().unwrap()).unwrap().len(), 2);
}

#[test]
fn a_list_of_abuse_does_not_become_one_to_ignore_by_a_change() {
    let ward = Ward::new();
    let text = format!(
        "signal_type,signal_str,collab,category,tags\nmd5,{},C,POSITIVE_CLASS,SEV_A\n",
        digits("a0", 16)
    );
    ward.import("labelled", &text, &[]);
    ward.import("terror", &tcap(0..3, 0..0), &[]);
    ward.import("plain", &md5s("p", 0..3), &[]);
    let ignore = |set: &str| ward.run(&["set", "change", set, "--role", "ignore", "--class", "KNOWN_GOOD"]);
    for set in ["labelled", "terror"] {
        ignore(set).refused(&["cannot be a set to ignore", "role match"]);
    }
    for verb in [&["change", "plain"][..], &["import", "plain", "plain.list"]] {
        ward.run(&[&["set"], verb, &["--role", "ignore"]].concat()).refused(&["--class KNOWN_GOOD"]);
    }
    assert_eq!(ignore("plain").code, 0);
    assert_eq!(ward.look_up(&query("p", 0)), ("ignored".into(), 0));
}
