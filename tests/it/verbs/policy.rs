//! What a set is for, what a ward holds of its entries itself, and what that changes: watched and overruling sets, the flood
//! guard, decisions of analysts.

use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::ward::{
    Done, Match, MatchLine, MatchSummary, ScreenLine, ScreenSummary, TallyLine, Ward, digits, flipped,
};

const HEADER: &str = "signal_type,signal_str,collab,category,tags";

fn tx(rows: &[(&str, &str, &str)]) -> String {
    let row = |(kind, value, tags): &(&str, &str, &str)| format!("{kind},{value},C,POSITIVE_CLASS,{tags}\n");
    format!("{HEADER}\n{}", rows.iter().map(row).collect::<String>())
}

fn asked(ward: &Ward, queries: &[&str], flags: &[&str]) -> (Done, Vec<MatchLine>, MatchSummary) {
    let done = ward.run(&[&["match", "--format", "json"], queries, flags].concat());
    let lines = done.all("match");
    let summary = done.summary();
    (done, lines, summary)
}

fn one(ward: &Ward, query: &str) -> (MatchLine, i32) {
    let (done, mut lines, _) = asked(ward, &[query], &[]);
    (lines.remove(0), done.code)
}

fn held(found: &[Match]) -> Vec<(&str, Option<&str>)> {
    found.iter().map(|found| (&*found.set, found.held.as_deref())).collect()
}

fn settings(ward: &Ward, text: &str) {
    fs::write(ward.home().join("innerward.toml"), text).unwrap();
}

/// The digest and the name of a small file.
fn file(ward: &Ward, content: &str) -> (String, String) {
    use sha2::Digest;
    let name = format!("{content}.txt");
    ward.write(&name, content);
    (hex::encode(sha2::Sha256::digest(content)), name)
}

#[test]
fn a_watched_set_is_counted_and_never_shown_as_known_or_near() {
    let ward = Ward::new();
    let [pdq, md5] = [("pdq", 32), ("md5", 16)].map(|(seed, n)| digits(seed, n));
    ward.import("seen", &tx(&[("pdq", &pdq, "SEV_A"), ("md5", &md5, "SEV_A")]), &["--role", "watch"]);
    let near = format!("pdq:{}", flipped(&pdq, 5));
    let md5 = format!("md5:{md5}");
    let (done, lines, summary) = asked(&ward, &[&near, &md5, "md5:00000000000000000000000000000007"], &[]);
    assert_eq!((done.code, &*done.err), (0, ""));
    for line in &lines[..2] {
        assert_eq!((&*line.outcome, &line.held), ("unknown", &vec!["watched".to_owned()]));
        assert_eq!(held(&line.matches), [("seen", Some("watched"))]);
        assert_eq!((&*line.matches[0].role, &line.reason), ("watch", &None));
    }
    assert_eq!((lines[2].matches.len(), lines[2].held.len()), (0, 0));
    assert_eq!((summary.unknown, summary.known, summary.near, summary.watched), (3, 0, 0, 2));
    let text = ward.must(&["match", &near, &md5]).out;
    assert!(text.contains("unknown  pdq:") && text.contains("; watched"), "{text}");
    assert!(text.contains("0 unchecked, 2 watched"), "{text}");
    let listed = ward.must(&["set", "list"]).out;
    assert!(listed.contains("watch"), "{listed}");

    ward.import("hotline", &tx(&[("pdq", &flipped(&pdq, 20), "SEV_B")]), &[]);
    let (line, code) = one(&ward, &near);
    assert_eq!((&*line.outcome, code), ("near", 1), "a set that matches is what is shown");
    assert_eq!(held(&line.matches), [("hotline", None), ("seen", Some("watched"))]);
    let (_, lines, summary) = asked(&ward, &[&near], &["--role", "watch"]);
    assert_eq!((&*lines[0].outcome, summary.watched), ("unknown", 1));
    let file = ward.write("good.list", "md5:00000000000000000000000000000007\n");
    let file = file.to_str().unwrap();
    ward.run(&["set", "import", "good", file, "--role", "watch", "--class", "KNOWN_GOOD"])
        .refused(&["ignore"]);
}

#[test]
fn watched_hits_change_no_published_count() {
    let tallied = |watches: bool| {
        let ward = Ward::new();
        let (known, first) = file(&ward, "known");
        let (seen, second) = file(&ward, "seen");
        let (_, third) = file(&ward, "other");
        ward.import("hotline", &tx(&[("sha256", &known, "SEV_A")]), &["--class", "NATIONAL"]);
        if watches {
            let both = tx(&[("sha256", &seen, "SEV_A"), ("sha256", &known, "SEV_C")]);
            ward.import("watched", &both, &["--role", "watch", "--class", "INDUSTRY"]);
        }
        let done = ward.run(&["screen", &first, &second, &third, "--format", "json"]);
        assert_eq!(done.code, 1);
        let outcomes: Vec<String> =
            done.all::<ScreenLine>("screen").into_iter().map(|line| line.outcome).collect();
        assert_eq!(outcomes, ["known", "unknown", "unknown"]);
        let summary: ScreenSummary = done.summary();
        let shown = ward.must(&["tally", "show", "--format", "json"]);
        let database = rusqlite::Connection::open(ward.home().join("innerward.sqlite")).unwrap();
        let classes = "SELECT group_concat(list_class) FROM tally_lists";
        let classes: String = database.query_row(classes, [], |row| row.get(0)).unwrap();
        let watched = shown.summary::<Value>()["watched"].as_u64();
        (shown.all::<TallyLine>("tally"), classes, (summary.known, summary.unknown), summary.watched, watched)
    };
    let (without, with) = (tallied(false), tallied(true));
    assert_eq!((&without.0, &without.1, without.2), (&with.0, &with.1, with.2));
    assert_eq!((without.3, without.4), (0, Some(0)));
    assert_eq!((with.3, with.4), (2, Some(2)));
}

#[test]
fn a_set_of_harmless_files_overrules_the_sets_that_it_names_and_no_others() {
    let ward = Ward::new();
    let (sha, name) = file(&ward, "a false alarm");
    let md5 = digits("md5", 16);
    let list = tx(&[("sha256", &sha, "SEV_A"), ("md5", &md5, "SEV_A")]);
    ward.import("hotline", &list, &[]);
    let good = format!("sha256:{sha}\nmd5:{md5}\n");
    ward.import("good", &good, &["--role", "ignore"]);
    let (line, _) = one(&ward, &format!("sha256:{sha}"));
    assert_eq!((&*line.outcome, line.held.len()), ("known", 0), "by itself it overrules nothing");

    ward.import("good", &good, &["--suppresses", "hotline,elsewhere"]);
    let (line, code) = one(&ward, &format!("sha256:{sha}"));
    assert_eq!((&*line.outcome, code, &*line.held), ("ignored", 0, &["suppressed".to_owned()][..]));
    assert_eq!(held(&line.matches), [("good", None), ("hotline", Some("suppressed"))]);
    assert_eq!(line.matches[1].suppressed_by.as_deref(), Some("good"));
    let (line, _) = one(&ward, &format!("md5:{md5}"));
    assert_eq!(&*line.outcome, "known", "an MD5 can be forged, and overrules nothing");

    let done = ward.run(&["screen", &name]);
    assert_eq!(done.code, 0);
    assert!(
        done.out.contains("1 item, with a match that a list of harmless files overrules"),
        "{}",
        done.out
    );
    let summary: ScreenSummary = ward.run(&["screen", &name, "--format", "json"]).summary();
    assert_eq!((summary.ignored, summary.suppressed, summary.known), (1, 1, 0));
    let text = ward.must(&["match", &format!("sha256:{sha}")]).out;
    assert!(text.contains("; suppressed by good") && text.contains(", 1 suppressed"), "{text}");
    assert!(ward.must(&["set", "show", "good"]).out.contains("suppresses elsewhere, hotline"));

    ward.import("other", &list, &[]);
    let (line, code) = one(&ward, &format!("sha256:{sha}"));
    assert_eq!((&*line.outcome, code), ("known", 1), "a set that it does not name");
    let (_, lines, _) = asked(&ward, &[&format!("sha256:{sha}")], &["--not-set", "other,good"]);
    assert_eq!(&*lines[0].outcome, "known", "a set that is left out overrules nothing");
    let told = ward.must(&["set", "change", "good", "--suppresses", "lsit"]).err;
    assert!(told.contains("no set called lsit"), "{told}");
    ward.must(&["set", "change", "good", "--suppresses", ""]);
    assert!(!ward.must(&["set", "show", "good"]).out.contains("suppresses"));
    ward.must(&["set", "remove", "other"]);
    assert_eq!(one(&ward, &format!("sha256:{sha}")).0.outcome, "known");
    let file = ward.write("good.list", &good);
    let file = file.to_str().unwrap();
    ward.run(&["set", "import", "own", file, "--suppresses", "hotline"]).refused(&["--suppresses", "ignore"]);
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Quarantined {
    set: String,
    entry: String,
    since: String,
    hits: u64,
    released: bool,
}

fn flood(ward: &Ward, query: &str, times: usize) -> (Done, Vec<String>) {
    let lines = format!("{query}\n").repeat(times);
    let done = ward.run_with(&["match", "--from", "-", "--format", "json"], lines.as_bytes());
    let outcomes = done.all::<MatchLine>("match").into_iter().map(|line| line.outcome).collect();
    (done, outcomes)
}

#[test]
fn an_entry_that_is_hit_too_often_is_quarantined_until_a_person_releases_it() {
    let ward = Ward::new();
    let [md5, other] = ["md5", "other"].map(|seed| digits(seed, 16));
    ward.import("hotline", &tx(&[("md5", &md5, "SEV_A"), ("md5", &other, "SEV_A")]), &[]);
    let [md5, other] = [md5, other].map(|md5| format!("md5:{md5}"));
    let (done, outcomes) = flood(&ward, &md5, 30);
    assert_eq!((done.code, &*done.err, outcomes.iter().all(|one| one == "known")), (1, "", true), "off");
    // A window so long that the test does not see its end.
    settings(&ward, "[flood]\nhits = 3\nwithin = \"31d\"\n");
    let (done, outcomes) = flood(&ward, &md5, 5);
    assert_eq!(outcomes, ["known", "known", "known", "quarantined", "quarantined"]);
    assert_eq!(done.code, 5, "known ones, and some that wait for a person");
    assert_eq!(done.err.lines().count(), 1);
    assert!(done.err.contains("hotline") && done.err.contains("set quarantine hotline"), "{}", done.err);
    let summary: MatchSummary = done.summary();
    assert_eq!((summary.known, summary.quarantined), (3, 2));

    let (line, code) = one(&ward, &md5);
    assert_eq!(
        (&*line.outcome, code, held(&line.matches)),
        ("quarantined", 4, vec![("hotline", Some("quarantined"))])
    );
    assert_eq!(one(&ward, &other).0.outcome, "known");
    let key = line.matches[0].entry.clone();
    let shown = ward.must(&["set", "quarantine", "--format", "json"]);
    let [entry] = &shown.all::<Quarantined>("quarantined")[..] else { panic!("one entry") };
    assert_eq!((&*entry.set, &entry.entry, entry.hits, entry.released), ("hotline", &key, 4, false));
    assert!(ward.must(&["set", "quarantine", "other"]).out.contains("0 in quarantine"));
    let text = ward.must(&["set", "quarantine", "hotline"]).out;
    assert!(text.lines().all(|line| line.chars().count() <= 80) && text.contains("4 hits"), "{text}");

    ward.run(&["set", "quarantine", "hotline", "--release", "no such"]).refused(&["no entry of hotline"]);
    ward.run(&["set", "quarantine", "--release", &key]).refused(&["NAME"]);
    ward.must(&["set", "quarantine", "hotline", "--release", &key]);
    let (done, outcomes) = flood(&ward, &md5, 20);
    assert_eq!((done.code, outcomes.iter().all(|one| one == "known")), (1, true), "exempt");
    ward.must(&["set", "quarantine", "hotline", "--guard", &key]);
    for expected in ["known", "known", "known", "quarantined"] {
        assert_eq!(one(&ward, &md5).0.outcome, expected, "runs of one hit add up");
    }
}

#[test]
fn a_run_that_goes_on_feels_the_guard_and_keeps_what_is_to_be_reviewed() {
    let ward = Ward::new();
    let (sha, name) = file(&ward, "flooded");
    ward.import("hotline", &tx(&[("sha256", &sha, "SEV_A")]), &[]);
    settings(&ward, "[flood]\nhits = 2\nwithin = \"31d\"\n");
    let paths = [&*name; 4];
    for threads in ["1", "2"] {
        let done = ward.run(&[&["--threads", threads, "screen", "--format", "json"], &paths[..]].concat());
        let lines: Vec<ScreenLine> = done.all("screen");
        let outcomes: Vec<&str> = lines.iter().map(|line| &*line.outcome).collect();
        let expected = if threads == "1" {
            ["known", "known", "quarantined", "quarantined"]
        } else {
            ["quarantined"; 4]
        };
        assert_eq!(outcomes, expected);
        assert!(lines.iter().all(|line| line.matches.len() == 1), "the match is on record");
        let summary: ScreenSummary = done.summary();
        assert_eq!(summary.known + summary.quarantined, 4);
    }
    let text = ward.run(&["screen", &name]);
    assert_eq!(text.code, 4);
    assert!(text.out.contains("matches an entry in quarantine; a person decides"), "{}", text.out);
    // It is one item all the time, and was known.
    let tally = ward.must(&["tally", "show", "--format", "json"]).all::<TallyLine>("tally");
    assert_eq!(tally.iter().map(|line| (&*line.verdict, line.items)).collect::<Vec<_>>(), [("KNOWN", 1)]);
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let ward = Ward::new();
    ward.import("hotline", &tx(&[("md5", &digits("md5", 16), "")]), &[]);
    let query = format!("md5:{}", digits("md5", 16));
    for (text, words) in [
        ("[flood]\nhits = 0\nwithin = \"1h\"\n", "hits of [flood]"),
        ("[flood]\nhits = 5\n", "within"),
        ("[flood]\nhits = 5\nwithin = \"1 fortnight\"\n", "a minute to 31 days"),
        ("[decisions]\ndeconfirmed = \"forget\"\n", "deconfirmed"),
    ] {
        settings(&ward, text);
        ward.run(&["match", &query]).refused(&["innerward.toml", words]);
    }
}

fn decide(ward: &Ward, arguments: &[&str]) -> Done {
    ward.run(&[&["decide"], arguments].concat())
}

#[test]
fn a_decision_marks_or_hides_and_can_be_taken_back() {
    let ward = Ward::new();
    let (sha, name) = file(&ward, "decided");
    ward.import("hotline", &tx(&[("sha256", &sha, "SEV_A")]), &[]);
    let query = format!("sha256:{sha}");
    let key = one(&ward, &query).0.matches[0].entry.clone();
    let state = || {
        let (line, code) = one(&ward, &query);
        let found = &line.matches[0];
        (line.outcome.clone(), code, found.confirmed, found.deconfirmed)
    };
    assert_eq!(state(), ("known".into(), 1, false, false));
    let done = decide(&ward, &["hotline", &key, "confirm", "--by", "analyst-7"]);
    assert_eq!((done.code, &*done.err), (0, ""));
    assert!(done.out.contains("1 decision kept in this home; nothing is sent"), "{}", done.out);
    assert_eq!(state(), ("known".into(), 1, true, false));
    assert!(ward.run(&["match", &query]).out.contains("; confirmed here"));
    assert_eq!(decide(&ward, &["hotline", &key, "deconfirm", "--reason", "GAME"]).code, 0);
    assert_eq!(state(), ("known".into(), 1, false, true), "marked, by default");
    settings(&ward, "[decisions]\ndeconfirmed = \"hide\"\n");
    assert_eq!(state(), ("deconfirmed".into(), 0, false, true));
    let text = ward.run(&["screen", &name]);
    assert_eq!(text.code, 0);
    assert!(text.out.contains("matches an entry that was deconfirmed here"), "{}", text.out);
    // A newer revision does not undo what was decided.
    ward.import("hotline", &tx(&[("sha256", &sha, "SEV_A"), ("md5", &digits("md5", 16), "")]), &[]);
    assert_eq!(state().0, "deconfirmed");
    assert_eq!(decide(&ward, &["hotline", &key, "unsure"]).code, 0);
    assert_eq!(state(), ("known".into(), 1, false, false));

    let listed = decide(&ward, &["--list", "--format", "json"]).all::<Value>("decision");
    assert_eq!(
        (listed.len(), &listed[0]["decision"], &listed[0]["revision"]),
        (1, &"unsure".into(), &2.into())
    );
    assert!(decide(&ward, &["hotline", "--list"]).out.contains("unsure"));
    assert!(decide(&ward, &["other", "--list"]).out.contains("No decisions yet"));
    for (arguments, words) in [
        (&["hotline", "no such key", "confirm"][..], &["hotline has no entry with this key"][..]),
        (&["hotlin", &key, "confirm"], &["no set called hotlin", "hotline"]),
        (&["hotline", &key, "maybe"], &["confirm, deconfirm or unsure"]),
        (&["hotline", &key, "confirm", "--by", "Anna Müller"], &["--by"]),
        (&["hotline", &key], &["DECISION"]),
        (&[], &["SET"]),
        (&["hotline", &key, "confirm", "--as", "ncmec"], &["--export"]),
    ] {
        decide(&ward, arguments).refused(words);
    }
}

#[test]
fn many_decisions_come_from_stdin_and_bad_lines_do_not_stop_them() {
    let ward = Ward::new();
    let list: String = (0..40).map(|n| format!("md5:{}\n", digits(&n.to_string(), 16))).collect();
    ward.import("hotline", &list, &[]);
    let queries: Vec<String> = (0..40).map(|n| format!("md5:{}", digits(&n.to_string(), 16))).collect();
    let queries: Vec<&str> = queries.iter().map(|query| &**query).collect();
    let (_, lines, _) = asked(&ward, &queries, &[]);
    let keys: Vec<&str> = lines.iter().map(|line| &*line.matches[0].entry).collect();
    let mut text =
        String::from("not json\n\n{\"set\":\"hotline\",\"entry\":\"none\",\"decision\":\"confirm\"}\n");
    for key in &keys {
        text += &format!("{{\"set\":\"hotline\",\"entry\":\"{key}\",\"decision\":\"confirm\"}}\n");
    }
    text += "{\"set\":\"hotline\",\"entry\":\"x\",\"decision\":\"confirm\",\"name\":\"y\"}\n";
    text += &format!("{{\"set\":\"elsewhere\",\"entry\":\"{}\",\"decision\":\"confirm\"}}\n", keys[0]);
    text +=
        &format!("{{\"set\":\"hotline\",\"entry\":\"{}\",\"decision\":\"unsure\",\"by\":\"b\"}}\n", keys[3]);
    text += &"x".repeat(10_000);
    let arguments = ["decide", "--from", "-", "--by", "a", "--format", "json"];
    let done = ward.run_with(&arguments, text.as_bytes());
    let summary: Value = done.summary();
    assert_eq!((done.code, &summary["decided"], &summary["bad_lines"]), (0, &41.into(), &5.into()));
    let places: Vec<&str> = done.err.lines().map(|line| line.split(": ").nth(1).unwrap()).collect();
    assert_eq!(places.len(), 5, "{}", done.err);
    for number in [1, 3, 44, 45, 47] {
        assert!(places.contains(&&*format!("stdin:{number}")), "{number} in {places:?}");
    }
    assert!(!keys.iter().any(|key| done.err.contains(key)), "no key in what may end up in a log");
    let (_, lines, _) = asked(&ward, &queries, &[]);
    let confirmed: Vec<bool> = lines.iter().map(|line| line.matches[0].confirmed).collect();
    assert_eq!(confirmed, (0..40).map(|n| n != 3).collect::<Vec<_>>());
    let listed = decide(&ward, &["--list", "--format", "json"]).all::<Value>("decision");
    let by = |key: &str| listed.iter().find(|one| one["entry"] == key).unwrap()["by"].clone();
    assert_eq!((by(keys[0]), by(keys[3])), ("a".into(), "b".into()));
}

const NCMEC: &str = r#"<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2"><images count="2">
<image><member id="7">Demo</member><id>demo-1</id><classification>A1</classification><fingerprints>
<md5>c0ffee00c0ffee00c0ffee00c0ffee00</md5><sha1>decafbaddecafbaddecafbaddecafbaddecafbad</sha1></fingerprints></image>
<image><member id="7">Demo</member><id>demo-2</id><fingerprints><md5>c0ffee01c0ffee01c0ffee01c0ffee01</md5>
</fingerprints></image></images></queryResult>"#;

#[test]
fn feedback_is_written_in_the_words_of_the_source_and_sent_to_nobody() {
    let ward = Ward::new();
    ward.import("ncmec", NCMEC, &[]);
    let (line, _) = one(&ward, "md5:c0ffee00c0ffee00c0ffee00c0ffee00");
    let category = &line.matches[0].categories[0];
    assert_eq!((&*category.scheme, &category.profile, &*category.code), ("NCMEC", &None, "A1"));
    let text = ward.run(&["match", "md5:c0ffee00c0ffee00c0ffee00c0ffee00"]).out;
    assert!(text.contains("[NCMEC:A1]"), "{text}");
    for (key, decision) in [("7-demo-1", "confirm"), ("7-demo-2", "deconfirm")] {
        assert_eq!(decide(&ward, &["ncmec", key, decision, "--by", "analyst-7"]).code, 0);
    }
    let done = decide(&ward, &["--export", "ncmec"]);
    assert_eq!(done.code, 0);
    for words in ["1 decision left out", "GUID", "sends nothing"] {
        assert!(done.err.contains(words), "{words}: {}", done.err);
    }
    let records: Vec<Value> = done.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let paths: Vec<&str> = records.iter().map(|record| record["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/v2/entries/7/demo-1/MD5/feedback", "/v2/entries/7/demo-1/SHA1/feedback"]);
    let guid = "00000000-0000-0000-0000-000000000001";
    assert_eq!(decide(&ward, &["ncmec", "7-demo-2", "deconfirm", "--reason", guid]).code, 0);
    let done = decide(&ward, &["--export", "ncmec", "--out", "feedback.jsonl"]);
    assert!(done.out.contains("3 records as ncmec") && !done.err.contains("left out"), "{}", done.err);
    let written = fs::read_to_string(ward.path("feedback.jsonl")).unwrap();
    assert!(written.contains(guid) && written.lines().count() == 3, "{written}");
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(ward.path("feedback.jsonl")).unwrap().permissions().mode() & 0o777, 0o600);
    let own = decide(&ward, &["--export", "ncmec", "--as", "jsonl"]).out;
    assert!(own.lines().count() == 2 && !own.contains("analyst"), "{own}");

    let stop = format!(
        r#"{{"hashRecords":[{{"signalType":"ImagePDQ","hashValue":"{}","hashStatus":"Active"}}]}}"#,
        digits("stop", 32)
    );
    ward.import("ncii", &stop, &[]);
    let query = format!("pdq:{}", digits("stop", 32));
    let key = one(&ward, &query).0.matches[0].entry.clone();
    assert_eq!(decide(&ward, &["ncii", &key, "deconfirm"]).code, 0);
    let body: Value = serde_json::from_str(&decide(&ward, &["--export", "ncii"]).out).unwrap();
    assert_eq!(body["hashFeedbacks"][0]["feedbackValue"], "NotBlocked");
    assert_eq!(body["hashFeedbacks"][0]["hashValue"], *digits("stop", 32));
}

#[test]
fn feedback_goes_by_what_is_in_force_and_not_by_an_import_that_was_cut_short() {
    let ward = Ward::new();
    ward.import("ncmec", NCMEC, &[]);
    assert_eq!(decide(&ward, &["ncmec", "7-demo-1", "confirm"]).code, 0);
    rusqlite::Connection::open(ward.home().join("innerward.sqlite"))
        .unwrap()
        .execute_batch(
            "PRAGMA foreign_keys = off;
             CREATE TEMP TABLE cut AS SELECT * FROM hashset_import WHERE name = 'ncmec';
             UPDATE cut SET revision = revision + 1, form = 'stopncii', in_force = 0;
             INSERT INTO hashset_import SELECT * FROM cut;",
        )
        .unwrap();
    let done = decide(&ward, &["--export", "ncmec"]);
    assert!(done.out.starts_with("{\"") && done.out.contains("/v2/entries/7/demo-1/MD5"), "{}", done.out);
}

#[test]
fn a_hash_whose_list_states_a_low_quality_matches_an_equal_one_alone() {
    let ward = Ward::new();
    let pdq = digits("plain picture", 32);
    let entry = format!(
        r#"{{"type":"entry","data":{{"key":"a","status":"active","hashes":{{"pdq":{{"hex":"{pdq}","quality":49}}}}}}}}"#
    );
    let header = r#"{"type":"header","data":{"format":"innerward-list","version":1}}"#;
    let summary = r#"{"type":"summary","data":{"entries":1,"withdrawn":0}}"#;
    ward.import("plain", &format!("{header}\n{entry}\n{summary}\n"), &[]);
    let near = format!("pdq:{}", flipped(&pdq, 3));
    assert_eq!(one(&ward, &format!("pdq:{pdq}")).0.outcome, "near");
    assert_eq!(one(&ward, &near).0.outcome, "unknown");
    assert_eq!(asked(&ward, &[&near], &["--low-quality"]).1[0].outcome, "near");
    settings(&ward, "low_quality = true\n");
    assert_eq!(one(&ward, &near).0.outcome, "near");
}

#[test]
fn help_reads_well_in_a_narrow_terminal() {
    let ward = Ward::new();
    for verb in [&["decide"][..], &["set", "quarantine"], &["match"], &["screen"]] {
        for flag in ["-h", "--help"] {
            let mut command = ward.command();
            command.env("COLUMNS", "80").args(verb).arg(flag);
            let done = Done::of(command.output().unwrap());
            let wide: Vec<&str> = done.out.lines().filter(|line| line.chars().count() > 80).collect();
            assert!(done.code == 0 && wide.is_empty(), "{verb:?}: {wide:#?}");
        }
    }
}
