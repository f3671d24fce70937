//! `tally`, and what `screen` and `decide` put into it: facets of entries, regions, cases, decisions, case systems, sealing.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use crate::ward::{Done, TallyLine, Ward, sha256, snapshot, testdata};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Count {
    period: String,
    indicator: String,
    unit: String,
    codes: BTreeMap<String, String>,
    number: u64,
    local: String,
}

/// What an indicator counts by `dimensions`: codes in that order, and the number.
fn by(ward: &Ward, indicator: &str, dimensions: &[&str]) -> Vec<(String, u64)> {
    let list = dimensions.join(",");
    let done = ward.must(&["tally", "show", "--by", &list, "--indicator", indicator, "--format", "json"]);
    let words = |count: &Count| {
        dimensions.iter().map(|dimension| &*count.codes[*dimension]).collect::<Vec<_>>().join(" ")
    };
    let counts: Vec<Count> = done.all("count");
    assert!(counts.iter().all(|count| count.indicator == indicator && count.local == "not for sharing"));
    counts.iter().map(|count| (words(count), count.number)).collect()
}

fn words(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(words, number)| ((*words).to_owned(), *number)).collect()
}

/// A list of the digests of these contents, with tags.
fn tx(rows: &[(&str, &str)]) -> String {
    let rows = rows
        .iter()
        .map(|(content, tags)| format!("sha256,{},C,POSITIVE_CLASS,{tags}\n", sha256(content.as_bytes())));
    format!("signal_type,signal_str,collab,category,tags\n{}", rows.collect::<String>())
}

/// Fails if any file of the home, or what was printed, has one of `canaries`, as it is or in hexadecimal digits.
fn nowhere(ward: &Ward, printed: &[&Done], canaries: &[&str]) {
    for canary in canaries {
        let forms = [canary.as_bytes().to_vec(), hex::encode(canary).into_bytes()];
        for form in &forms {
            for (path, (_, bytes)) in snapshot(&ward.home()) {
                let found = bytes.is_some_and(|bytes| memchr::memmem::find(&bytes, form).is_some());
                assert!(!found, "{canary} in {}", path.display());
            }
            for done in printed {
                let all = [done.out.as_bytes(), done.err.as_bytes()].concat();
                assert!(memchr::memmem::find(&all, form).is_none(), "{canary} in {} {}", done.out, done.err);
            }
        }
    }
}

fn settings(ward: &Ward, text: &str) {
    fs::write(ward.home().join("innerward.toml"), text).unwrap();
}

#[test]
fn an_item_is_counted_by_what_its_entry_says_of_it_and_by_region() {
    let ward = Ward::new();
    let list = tx(&[("one", "SEV_A PREPUB Y3T6"), ("two", "SEV_B"), ("three", "SEV_C SELFGEN_U")]);
    let tags = list.replace("SEV_A PREPUB Y3T6", "severity:SEV_A maturity:PREPUB age_band:Y3T6");
    ward.import(
        "hotline",
        &tags.replace("SEV_C SELFGEN_U", "severity:SEV_C origin:SELFGEN_U"),
        &["--class", "NATIONAL"],
    );
    for name in ["one", "two", "three", "other"] {
        ward.write(&format!("in/{name}.txt"), name);
    }
    settings(&ward, "region = \"NL\"\nregion_role = \"HOSTING\"\n");
    ward.run(&["screen", "in"]);
    let facets =
        ["severity", "maturity", "age_band", "origin", "signal", "ref_area", "area_role", "novelty", "sex"];
    let found = by(&ward, "ITEMS_SCANNED", &facets);
    let expected = [
        ("SEV_A PREPUB Y3T6 _U SHA256 NL HOSTING _U _U", 1),
        ("SEV_B _U _U _U SHA256 NL HOSTING _U _U", 1),
        ("SEV_C _U _U SELFGEN_U SHA256 NL HOSTING _U _U", 1),
        ("_Z _Z _Z _Z _Z NL HOSTING _Z _Z", 1),
    ];
    assert_eq!(found, words(&expected));
    assert_eq!(by(&ward, "MATCH_ITEMS", &["severity"]), words(&[("SEV_A", 1), ("SEV_B", 1), ("SEV_C", 1)]));
    // Said on the command line, it is another region; an item keeps one.
    ward.write("more/four.txt", "four");
    assert_eq!(ward.run(&["screen", "more", "--region", "DE"]).code, 0);
    let regions = by(&ward, "ITEMS_SCANNED", &["ref_area", "area_role"]);
    assert_eq!(regions, words(&[("DE JURISDICTION", 1), ("NL HOSTING", 4)]));
    ward.run(&["screen", "more", "--region", "155"]).refused(&["ISO 3166-1"]);
    ward.run(&["screen", "more", "--region", "NL:HOME"]).refused(&["HOSTING"]);
    settings(&ward, "region = \"Holland\"\n");
    ward.run(&["screen", "more"]).refused(&["innerward.toml", "region"]);
    settings(&ward, "region_role = \"HOSTING\"\n");
    ward.run(&["screen", "more"]).refused(&["region_role goes with region"]);
    ward.run(&["tally", "show", "--by", "colour"]).refused(&["severity", "ref_area"]);
    // The example of the help holds.
    let help = ward.run(&["tally", "show", "--help"]).out;
    assert!(help.contains("severity,maturity,ref_area"), "{help}");
    ward.must(&["tally", "show", "--by", "severity,maturity,ref_area"]);
    ward.run(&["tally", "show", "--by", "sex,sex"]).refused(&["twice"]);
}

#[test]
fn what_a_ward_decides_and_holds_moves_no_count_of_what_was_seen() {
    let counts = |settle: &dyn Fn(&Ward)| {
        let ward = Ward::new();
        ward.import("hotline", &tx(&[("bad", "SEV_A"), ("doubtful", "SEV_B")]), &["--class", "NATIONAL"]);
        for name in ["bad", "doubtful", "other"] {
            ward.write(&format!("in/{name}.txt"), name);
        }
        settle(&ward);
        ward.run(&["screen", "in"]);
        ward.run(&["screen", "in"]);
        (
            by(&ward, "ITEMS_SCANNED", &["verdict", "severity", "list_class"]),
            by(&ward, "MATCH_ITEMS", &["severity"]),
        )
    };
    let plain = counts(&|_| {});
    assert_eq!(plain.1, words(&[("SEV_A", 1), ("SEV_B", 1)]));
    let key = |ward: &Ward, name: &str| {
        let hash = format!("sha256:{}", sha256(name.as_bytes()));
        let done = ward.run(&["match", &hash, "--format", "json"]);
        done.all::<Value>("match")[0]["matches"][0]["entry"].as_str().unwrap().to_owned()
    };
    let decided = |ward: &Ward| {
        settings(ward, "[decisions]\ndeconfirmed = \"hide\"\n");
        ward.must(&["decide", "hotline", &key(ward, "bad"), "deconfirm"]);
        let hash = format!("sha256:{}", sha256(b"bad"));
        assert_eq!(ward.look_up(&hash).0, "deconfirmed", "it makes a difference to people");
    };
    assert_eq!(counts(&decided), plain);
    let flooded = |ward: &Ward| {
        settings(ward, "[flood]\nhits = 1\nwithin = \"31d\"\n");
        let hash = format!("sha256:{}", sha256(b"bad"));
        ward.run(&["match", &hash, &hash, &hash]);
        assert_eq!(ward.look_up(&hash).0, "quarantined");
    };
    assert_eq!(counts(&flooded), plain);
    let overruled = |ward: &Ward| {
        let good = format!("sha256:{}\n", sha256(b"doubtful"));
        ward.import("good", &good, &["--role", "ignore", "--suppresses", "hotline"]);
        assert_eq!(ward.look_up(&format!("sha256:{}", sha256(b"doubtful"))).0, "ignored");
    };
    assert_eq!(counts(&overruled), plain);
}

#[test]
fn a_decision_counts_as_reviewed_in_its_month_with_its_labels() {
    let ward = Ward::for_demo();
    let day = |day: &str, arguments: &[&str]| ward.run(&[arguments, &["--today", day]].concat());
    let list = tx(&[("one", "SEV_C"), ("two", "SEV_B"), ("watched", "SEV_A")]);
    ward.import("hotline", &list, &["--today", "2026-09-01"]);
    ward.import("eye", &tx(&[("three", "SEV_A")]), &["--role", "watch", "--today", "2026-09-01"]);
    let list = ward.must(&["set", "show", "hotline", "--format", "json", "--today", "2026-09-01"]);
    assert!(list.code == 0);
    let key = |set: &str, name: &str| {
        let hash = format!("sha256:{}", sha256(name.as_bytes()));
        let done = day("2026-09-01", &["match", &hash, "--format", "json"]);
        let found = done.all::<Value>("match")[0]["matches"].as_array().unwrap().clone();
        let of_set = found.into_iter().find(|found| found["set"] == set).unwrap();
        of_set["entry"].as_str().unwrap().to_owned()
    };
    let (one, two, three) = (key("hotline", "one"), key("hotline", "two"), key("eye", "three"));
    ward.write("in/one.txt", "one");
    ward.write("in/two.txt", "two");
    assert_eq!(day("2026-09-10", &["screen", "in"]).code, 1);
    let labels = ["--label", "severity:SEV_A,maturity:PUB", "--label", "sex:F"];
    let decide = |when: &str, words: &[&str]| day(when, &[&["decide"], words].concat());
    assert_eq!(decide("2026-09-11", &["hotline", &one, "unsure"]).code, 0);
    assert_eq!(decide("2026-09-12", &[&["hotline", &one, "confirm"], &labels[..]].concat()).code, 0);
    let lines = format!(
        "{{\"set\":\"hotline\",\"entry\":\"{two}\",\"decision\":\"deconfirm\",\"labels\":[\"harm:OTHER\"]}}\n\
         {{\"set\":\"hotline\",\"entry\":\"{two}\",\"decision\":\"confirm\",\"labels\":[\"harm:SECRETWORD\"]}}\n\
         {{\"set\":\"hotline\",\"entry\":\"{two}\",\"decision\":\"confirm\",\"labels\":[\"sex:F\",\"sex:M\"]}}\n\
         {{\"set\":\"eye\",\"entry\":\"{three}\",\"decision\":\"confirm\"}}\n"
    );
    let done = ward
        .run_with(&["decide", "--from", "-", "--today", "2026-10-01", "--format", "json"], lines.as_bytes());
    let summary: Value = done.summary();
    assert_eq!(
        (&summary["decided"], &summary["reviewed"], &summary["bad_lines"]),
        (&2.into(), &1.into(), &2.into())
    );
    assert!(
        done.err.contains("not counted in the tally") && !done.err.contains("SECRETWORD"),
        "{}",
        done.err
    );
    let of = |indicator, month: &str| {
        let list = "severity,maturity,sex,harm";
        let done = ward.must(&[
            "tally",
            "show",
            "--period",
            month,
            "--by",
            list,
            "--indicator",
            indicator,
            "--format",
            "json",
        ]);
        let counts: Vec<Count> = done.all("count");
        assert!(counts.iter().all(|count| count.unit == "ITEMS" && count.period == month));
        let line = |count: Count| (count.codes.into_values().collect::<Vec<_>>().join(" "), count.number);
        counts.into_iter().map(line).collect::<Vec<_>>()
    };
    // Codes by the names of their dimensions: harm, maturity, severity, sex.
    assert_eq!(of("REVIEWED", "2026-09"), words(&[("_U PUB SEV_A F", 1)]));
    assert_eq!(of("CONFIRMED", "2026-09"), words(&[("_U PUB SEV_A F", 1)]));
    assert_eq!(of("MATCH_ITEMS", "2026-09"), words(&[("_U _U SEV_B _U", 1), ("_U _U SEV_C _U", 1)]));
    assert_eq!(
        of("OVERTURNED", "2026-10"),
        words(&[("OTHER _U SEV_U _U", 1)]),
        "the month of the decision alone"
    );
    assert_eq!(of("ITEMS_SCANNED", "2026-10"), []);
    decide("2026-10-01", &["hotline", &one, "confirm", "--label", "media:IMAGE"])
        .refused(&["severity, maturity"]);
    decide("2026-10-01", &["hotline", &one, "confirm", "--label", "severity:_Z"]).refused(&["_Z"]);
    decide("2026-10-01", &["hotline", &one, "confirm", "--label", "sex:F,sex:M"])
        .refused(&["one label of sex"]);
}

#[test]
fn a_case_is_counted_and_written_nowhere() {
    const CASE: &str = "KANARIENVOGEL-17/b";
    let ward = Ward::new();
    ward.import("hotline", &tx(&[("known", "SEV_A")]), &[]);
    ward.write("in/known.txt", "known");
    let done = ward.run(&["screen", "in", "--case", CASE, "--format", "json"]);
    assert_eq!(done.code, 1);
    let equals = ward.run(&["screen", "in", &format!("--case={CASE}")]);
    let explained = ward.must(&["tally", "explain", &period(&ward), "--format", "json"]);
    let summary: Value = explained.summary();
    assert_eq!((&summary["cased"], &summary["screened"]), (&true.into(), &1.into()));
    nowhere(&ward, &[&done, &equals, &explained], &[CASE, "KANARIENVOGEL"]);
    let run = fs::read_dir(ward.home().join("runs")).unwrap().next().unwrap().unwrap().path();
    assert!(
        fs::read_to_string(run.join("run.json")).unwrap().contains("--case"),
        "that there was one is on record"
    );
    ward.run(&["screen", "in", "--case", ""]).refused(&["a case is"]);
    ward.run(&["screen", "in", "--case", "*"]).refused(&["no case"]);
    ward.run(&["screen", "in"]);
    let summary: Value = ward.must(&["tally", "explain", &period(&ward), "--format", "json"]).summary();
    assert_eq!(summary["cased"], false);
}

/// The only month that is counted.
fn period(ward: &Ward) -> String {
    let done = ward.must(&["tally", "show", "--format", "json"]);
    done.all::<TallyLine>("tally").remove(0).period
}

fn fixture(name: &str) -> String {
    testdata().join("case-system").join(name).to_str().unwrap().to_owned()
}

/// `tally import` of a fixture, on a day of November.
fn import(ward: &Ward, file: &str, map: &str, more: &[&str]) -> Done {
    let (file, map) = (fixture(file), fixture(map));
    let arguments = ["tally", "import", &file, "--map", &map, "--today", "2026-11-20", "--format", "json"];
    ward.run(&[&arguments[..], more].concat())
}

#[test]
fn case_systems_are_counted_by_their_maps_and_no_value_is_shown_or_kept() {
    let ward = Ward::for_demo();
    let rehearsed = import(&ward, "reports.csv", "reports.toml", &["--dry-run"]);
    assert_eq!(ward.must(&["tally", "show", "--format", "json"]).summary::<Value>()["periods"], 0);
    let reports = import(&ward, "reports.csv", "reports.toml", &[]);
    assert_eq!(reports.all::<Value>("import"), rehearsed.all::<Value>("import"));
    let summary: Value = reports.summary();
    let numbers = ["rows", "bad_rows", "dropped_columns"].map(|key| summary[key].as_u64().unwrap());
    assert_eq!(numbers, [10, 3, 2]);
    for words in [
        "reports.csv:9: the column of the date",
        "reports.csv:10: the column of the id",
        "reports.csv:11: 5 fields",
    ] {
        assert!(reports.err.contains(words), "{}", reports.err);
    }
    let urls = import(&ward, "urls.jsonl", "urls.toml", &[]);
    let items = import(&ward, "items.csv", "items.toml", &[]);
    assert_eq!((urls.code, items.code), (0, 0), "{} {}", urls.err, items.err);
    let shown = ward.must(&["tally", "show", "--period", "2026-10", "--format", "json"]);
    let totals: Vec<(String, String, u64)> = shown
        .all::<Count>("count")
        .into_iter()
        .map(|count| (count.indicator, count.unit, count.number))
        .collect();
    let expected = [
        ("REVIEWED", "ITEMS", 3),
        ("CONFIRMED", "ITEMS", 1),
        ("OVERTURNED", "ITEMS", 1),
        ("REPORTS", "REPORTS", 5),
        ("URLS", "URLS", 3),
        ("REMOVED", "URLS", 2),
    ];
    assert_eq!(
        totals,
        expected.map(|(indicator, unit, number)| (indicator.to_owned(), unit.to_owned(), number))
    );
    assert_eq!(shown.all::<TallyLine>("tally"), [], "nothing was screened");
    let explained = ward.must(&["tally", "explain", "2026-10"]);
    assert!(explained.out.contains("never added") && explained.out.contains("REPORTS"), "{}", explained.out);
    let export = ward.path("counts.csv");
    let exported = ward.must(&["tally", "export", "--local", export.to_str().unwrap()]);
    let all = [&rehearsed, &reports, &urls, &items, &shown, &explained, &exported];
    let canaries = [
        "SYNTHETIC",
        "R-1",
        "R-6",
        "V-1",
        "I-3",
        "C-2",
        "host.example",
        "other.example",
        "synthetic",
        "neighbour",
        "something else",
        "Blog",
        "sometime",
    ];
    nowhere(&ward, &all, &canaries);
    // The table says what it is, is readable by its owner alone, and stays out of what is for others.
    let text = fs::read_to_string(&export).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("# local: exact counts, not for sharing"));
    assert!(lines.next().unwrap().starts_with("local,period,indicator,unit,severity,"));
    assert!(lines.all(|line| line.starts_with("not for sharing,2026-1")), "{text}");
    assert!(canaries.iter().all(|canary| !text.contains(canary)));
    assert_eq!(fs::metadata(&export).unwrap().permissions().mode() & 0o777, 0o600);
    fs::create_dir_all(ward.home().join("public/deep")).unwrap();
    std::os::unix::fs::symlink(ward.home().join("public"), ward.path("way")).unwrap();
    for place in ["ward/public/counts.csv", "ward/public/deep/counts.csv", "way/counts.csv"] {
        let done = ward.run(&["tally", "export", "--local", place]);
        done.refused(&["public"]);
    }
}

#[test]
fn a_map_that_does_not_fit_is_refused_before_anything_is_counted() {
    let ward = Ward::for_demo();
    import(&ward, "reports.csv", "urls.toml", &[]).refused(&[
        "reports.csv",
        "no column \"address\"",
        "delimiter",
    ]);
    import(&ward, "urls.jsonl", "items.csv", &[]).refused(&["items.csv"]);
    import(&ward, "missing.csv", "urls.toml", &[]).refused(&["missing.csv"]);
    import(&ward, "reports.csv", "reports.toml", &["--late", "--revise", "2026-10"]).refused(&["--revise"]);
    import(&ward, "reports.csv", "reports.toml", &["--revise", "2026-10"]).refused(&["not sealed"]);
    let stdin = fs::read(fixture("urls.jsonl")).unwrap();
    let map = fixture("urls.toml");
    let done = ward.run_with(
        &["tally", "import", "-", "--map", &map, "--today", "2026-09-20", "--format", "json"],
        &stdin,
    );
    let summary: Value = done.summary();
    assert_eq!((&summary["rows"], &summary["bad_rows"]), (&6.into(), &6.into()));
    assert!(done.err.contains("stdin:1: the date is in a month that has not begun"), "{}", done.err);
    assert_eq!(ward.must(&["tally", "show", "--format", "json"]).summary::<Value>()["periods"], 0);
}

#[test]
fn a_period_is_sealed_once_it_is_over_and_what_comes_late_says_so() {
    let ward = Ward::for_demo();
    let day = |day: &str, arguments: &[&str]| ward.run(&[arguments, &["--today", day]].concat());
    assert_eq!(import(&ward, "reports.csv", "reports.toml", &[]).code, 0);
    let key = ward.home().join("keys/tally-2026-10.key");
    let secret = fs::read(&key).unwrap();
    day("2026-10-31", &["tally", "seal", "2026-10", "--yes"]).refused(&["is not over", "2026-11-01"]);
    day("2026-11-20", &["tally", "seal", "2026-10"]).refused(&["--yes", "release publish"]);
    assert!(key.exists());
    let before =
        day("2026-11-20", &["tally", "explain", "2026-10", "--format", "json"]).all::<Value>("count");
    let done = day("2026-11-20", &["tally", "seal", "2026-10", "--yes", "--format", "json"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(done.summary::<Value>()["local"], "not for sharing");
    assert!(!key.exists());
    assert!(snapshot(&ward.home()).values().all(|(_, bytes)| {
        bytes.as_ref().is_none_or(|bytes| memchr::memmem::find(bytes, &secret).is_none())
    }));
    let explained = day("2026-11-20", &["tally", "explain", "2026-10", "--format", "json"]);
    assert_eq!(explained.all::<Value>("count"), before);
    assert_eq!(explained.summary::<Value>()["sealed"], true);
    assert!(day("2026-11-20", &["tally", "seal", "2026-10"]).out.contains("was sealed before"));
    let late = import(&ward, "reports.csv", "reports.toml", &[]);
    assert!(late.err.contains("left out") && late.err.contains("--late"), "{}", late.err);
    let of = |done: &Done, month: &str| -> Value {
        done.all::<Value>("import").into_iter().find(|line| line["period"] == month).unwrap()
    };
    assert_eq!((&of(&late, "2026-10")["too_late"], &of(&late, "2026-11")["same"]), (&6.into(), &1.into()));
    let late = import(&ward, "reports.csv", "reports.toml", &["--late"]);
    assert_eq!((&of(&late, "2026-11")["late"], &of(&late, "2026-11")["new"]), (&6.into(), &5.into()));
    let text = ward.run(&["tally", "explain", "2026-11"]).out;
    assert!(text.contains("6 late rows of earlier periods"), "{text}");
    let revised = import(&ward, "reports.csv", "reports.toml", &["--revise", "2026-10"]);
    let line = revised.all::<Value>("revised").remove(0);
    assert_eq!((&line["before"], &line["now"], &line["outside"]), (&5.into(), &5.into(), &1.into()));
    assert!(revised.err.contains("charged again"), "{}", revised.err);
    let nothing: Value = ward.must(&["tally", "explain", "2001-01", "--format", "json"]).summary();
    assert_eq!(nothing["counted"], false);
}

#[test]
fn a_crosswalk_without_rows_is_refused_and_a_filled_profile_counts() {
    let ward = Ward::for_demo();
    ward.write("case.csv", "no,day,cat\nR1,2026-10-01,x1\nR2,2026-10-02,x2\n");
    let header = "source_scheme,source_profile,source_code,facet,target_code,relation,loss,evidence,since,source_label\n";
    ward.write("maps/filled.csv", format!("{header}UCS,3,x1,severity,SEV_A,exact,,doc,0.1.0,\n"));
    let map = |name: &str, more: &str| {
        let head =
            "unit = \"report\"\nid = \"no\"\ndate = \"day\"\n[dimensions.severity]\ncolumn = \"cat\"\n";
        ward.write(&format!("maps/{name}"), format!("{head}{more}"));
        let map = format!("maps/{name}");
        ward.run(&["tally", "import", "case.csv", "--map", &map, "--today", "2026-11-20", "--format", "json"])
    };
    for scheme in ["NCMCE", "VICS", "UCS/3"] {
        let words = ["bad.toml", "dimensions.severity", scheme, "IWF", "VICS/US"];
        map("bad.toml", &format!("crosswalk = \"{scheme}\"\n")).refused(&words);
    }
    assert_eq!(ward.must(&["tally", "show", "--format", "json"]).summary::<Value>()["periods"], 0);
    // The profile lies beside the map, wherever one stands.
    let done = map("good.toml", "crosswalk = \"UCS/3\"\nprofile = \"filled.csv\"\n");
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(by(&ward, "REPORTS", &["severity"]), words(&[("SEV_A", 1), ("SEV_U", 1)]));
    let explained = ward.must(&["tally", "explain", "2026-10"]).out;
    assert!(!explained.contains("has a case") && explained.contains("REPORTS"), "{explained}");
}

/// Reports of a month, so many.
fn many(ward: &Ward, reports: u32) -> (String, String) {
    let rows: String = (0..reports).map(|n| format!("R{n},2026-10-01,SEV_A\n")).collect();
    let file = ward.write("many.csv", format!("no,day,cat\n{rows}"));
    let map = "unit = \"report\"\nid = \"no\"\ndate = \"day\"\n[dimensions.severity]\ncolumn = \"cat\"\nas_is = true\n";
    let map = ward.write("many.toml", map);
    (file.to_str().unwrap().to_owned(), map.to_str().unwrap().to_owned())
}

#[test]
fn an_import_that_is_killed_counts_all_or_nothing() {
    const REPORTS: u32 = 20_000;
    let ward = Ward::for_demo();
    let (file, map) = many(&ward, REPORTS);
    let arguments = ["tally", "import", &*file, "--map", &*map, "--today", "2026-11-20"];
    let counted = || -> u64 {
        let done = ward.must(&["tally", "show", "--format", "json"]);
        done.all::<Count>("count").iter().map(|count| count.number).sum()
    };
    let start = Instant::now();
    ward.must(&[&arguments[..], &["--dry-run"]].concat());
    let mut delay = start.elapsed() / 4;
    let mut killed = 0;
    while killed < 5 {
        let mut command = ward.command();
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(delay);
        if child.try_wait().unwrap().is_some() {
            // Faster than thought: begin anew, and be earlier.
            delay = delay / 2 + Duration::from_millis(1);
            fs::remove_dir_all(ward.home()).unwrap();
            innerward::home::Home::create(&ward.home(), true).unwrap();
            continue;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
        delay = delay * 5 / 4;
        let reports = counted();
        assert!([0, u64::from(REPORTS)].contains(&reports), "{reports}");
        if reports > 0 {
            // It was killed after its end; the next begins with nothing again.
            fs::remove_dir_all(ward.home()).unwrap();
            innerward::home::Home::create(&ward.home(), true).unwrap();
        }
    }
    ward.must(&arguments);
    assert_eq!(counted(), u64::from(REPORTS));
}
