//! `set coverage`: counts that add up, and what the rest would need.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;
use serde_json::json;

use crate::ward::{Ward, digits, noise};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Coverage {
    set: String,
    revision: u64,
    role: String,
    not_allowed: Option<String>,
    entries: u64,
    withdrawn: u64,
    active: u64,
    matchable: u64,
    matchable_percent: f64,
    by_bytes: u64,
    by_md5_alone: u64,
    by_looks: u64,
    by_looks_alone: u64,
    by_frames: u64,
    low_quality: u64,
    negative: u64,
    unusable: u64,
    kinds: BTreeMap<String, u64>,
    unsupported_records: u64,
    unsupported: Vec<Unsupported>,
    refused_records: u64,
    quarantined: u64,
    deconfirmed: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unsupported {
    kind: String,
    values: u64,
    needs: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Summary {
    sets: u64,
    active: u64,
    matchable: u64,
    ffmpeg: bool,
}

fn covered(ward: &Ward, names: &[&str]) -> Vec<Coverage> {
    let done = ward.must(&[&["set", "coverage", "--format", "json"], names].concat());
    assert_eq!(done.err, "");
    let lines: Vec<Coverage> = done.all("coverage");
    for line in &lines {
        let Coverage { entries, withdrawn, active, matchable, negative, unusable, .. } = *line;
        assert_eq!(active + withdrawn, entries);
        assert_eq!(matchable + negative + unusable, active);
        assert_eq!(line.by_bytes + line.by_looks + line.by_frames, matchable);
        let all = active + line.unsupported_records;
        let percent = if all == 0 { 0.0 } else { matchable as f64 * 100.0 / all as f64 };
        assert!((line.matchable_percent - percent).abs() <= 0.005, "{line:?}");
        for part in [line.by_md5_alone, line.by_looks_alone, line.low_quality] {
            assert!(part <= matchable);
        }
    }
    let summary: Summary = done.summary();
    assert_eq!(summary.sets, lines.len() as u64);
    assert_eq!(summary.active, lines.iter().map(|line| line.active).sum::<u64>());
    assert_eq!(summary.matchable, lines.iter().map(|line| line.matchable).sum::<u64>());
    lines
}

fn one(ward: &Ward, name: &str) -> Coverage {
    let mut lines = covered(ward, &[name]);
    assert_eq!((lines.len(), &*lines[0].set), (1, name));
    lines.remove(0)
}

/// An own list of entries with these hashes, by their keys `e0`, `e1` …
fn list(entries: &[serde_json::Value]) -> String {
    let mut lines = vec![json!({"type": "header", "data": {"format": "innerward-list", "version": 1}})];
    for (number, hashes) in entries.iter().enumerate() {
        let opinion = hashes.get("opinion").cloned().unwrap_or(json!("positive"));
        let mut hashes = hashes.clone();
        hashes.as_object_mut().unwrap().remove("opinion");
        let data = json!({
            "key": format!("e{number}"), "status": "active", "hashes": hashes, "facets": {}, "opinion": opinion
        });
        lines.push(json!({"type": "entry", "data": data}));
    }
    lines.push(json!({"type": "summary", "data": {"entries": entries.len(), "withdrawn": 0}}));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn hash(kind: &str, seed: u32) -> String {
    let bytes = match kind {
        "md5" => 16,
        "sha1" => 20,
        "gradient8" => 8,
        _ => 32,
    };
    digits(&format!("{kind} {seed}"), bytes)
}

#[test]
fn each_entry_of_a_mixed_list_is_counted_once_and_the_rest_says_what_it_needs() {
    let ward = Ward::new();
    let entries = [
        json!({"md5": hash("md5", 0)}),
        json!({"md5": hash("md5", 1), "sha256": hash("sha256", 1)}),
        json!({"sha1": hash("sha1", 2)}),
        json!({"pdq": {"hex": hash("pdq", 3), "quality": 100}}),
        json!({"pdq": {"hex": hash("pdq", 4), "quality": 49}, "md5": hash("md5", 4)}),
        json!({"pdq": {"hex": hash("pdq", 5), "quality": 20}, "gradient8": hash("gradient8", 5)}),
        json!({"gradient8": hash("gradient8", 6), "photodna": "aaaa"}),
        json!({"photodna": "bbbb"}),
        json!({"photodna": "cccc", "tmk": "dddd"}),
        json!({"md5": hash("md5", 9), "opinion": "negative"}),
        json!({"md5": hash("md5", 10)}),
        json!({"md5": "d41d8cd98f00b204e9800998ecf8427e"}),
    ];
    ward.import("mixed", &list(&entries), &[]);
    ward.must(&["set", "withdraw", "mixed", "e10"]);
    let line = one(&ward, "mixed");
    assert_eq!((line.entries, line.withdrawn, line.active), (9, 1, 8));
    assert_eq!((line.by_bytes, line.by_md5_alone), (3, 1));
    assert_eq!((line.by_looks, line.by_looks_alone, line.low_quality), (4, 3, 1));
    assert_eq!((line.negative, line.unusable, line.matchable, line.by_frames), (1, 0, 7, 0));
    assert_eq!((&*line.role, line.not_allowed), ("match", None));
    assert_eq!(line.unsupported_records, 2);
    let kinds: Vec<(&str, u64)> = line.kinds.iter().map(|(kind, number)| (&**kind, *number)).collect();
    assert_eq!(kinds, [("gradient8", 2), ("md5", 4), ("pdq", 3), ("sha1", 1), ("sha256", 1)]);
    let rest: Vec<(&str, u64)> = line.unsupported.iter().map(|rest| (&*rest.kind, rest.values)).collect();
    assert_eq!(rest, [("photodna", 3), ("tmk", 1)]);
    assert!(line.unsupported[0].needs.contains("Microsoft"), "{:?}", line.unsupported);
    assert!(line.unsupported[1].needs.contains("not built in"), "{:?}", line.unsupported);

    let text = ward.must(&["set", "coverage"]).out;
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "mixed: 7 of 10 records can be matched here, 70.00 %",
        "by bytes alone: only identical copies are found",
        "of them by MD5 alone, which can be forged",
        "photodna (3 values in its lists, as imported): needs a licence from Microsoft",
        "1 withdrawn or replaced",
    ] {
        assert!(text.contains(words), "{words:?}: {text}");
    }
}

#[test]
fn what_is_matched_and_what_is_counted_as_matchable_is_the_same() {
    let ward = Ward::new();
    let entries: Vec<serde_json::Value> = (0..60)
        .map(|seed| {
            let kinds = ["md5", "sha1", "sha256", "blake3", "pdq", "gradient8"];
            let alone = 1_u8 << (seed % 6);
            let bits = if seed % 5 == 0 { alone } else { noise(&format!("kinds {seed}"), 1)[0] | alone };
            let mut hashes = serde_json::Map::new();
            for (at, kind) in kinds.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1) {
                let hex = hash(kind, seed);
                let quality = if at == 4 && seed % 3 == 0 { Some(seed) } else { None };
                hashes.insert(
                    (*kind).into(),
                    quality.map_or(json!(hex), |quality| json!({"hex": hex, "quality": quality})),
                );
            }
            if seed % 7 == 3 {
                hashes.insert("opinion".into(), json!("negative"));
            }
            hashes.into()
        })
        .collect();
    ward.import("random", &list(&entries), &[]);
    let line = one(&ward, "random");
    // Every hash of every entry, as it is listed: an entry can be matched if one of them finds it.
    let mut asked = String::new();
    for entry in &entries {
        for (kind, value) in entry.as_object().unwrap().iter().filter(|(kind, _)| *kind != "opinion") {
            let hex = value.as_str().or(value["hex"].as_str()).unwrap();
            asked += &format!("{kind}:{hex}\n");
        }
    }
    let done = ward.run_with(&["match", "--from", "-", "--format", "json"], asked.as_bytes());
    let lines: Vec<crate::ward::MatchLine> = done.all("match");
    let found: std::collections::BTreeSet<String> =
        lines.iter().flat_map(|line| &line.matches).map(|found| found.entry.clone()).collect();
    assert_eq!((line.entries, line.matchable), (60, found.len() as u64));
    assert!(line.negative > 0 && line.by_bytes > 0 && line.by_looks_alone > 0, "{line:?}");
}

#[test]
fn roles_agreements_and_what_the_ward_itself_took_out_are_told() {
    let ward = Ward::for_demo();
    let entries = [json!({"md5": hash("md5", 0)}), json!({"pdq": hash("pdq", 1), "md5": hash("md5", 1)})];
    let harmless: Vec<_> = entries.iter().cloned().chain([json!({"pdq": hash("pdq", 2)})]).collect();
    let harmless = list(&harmless).replace("positive", "investigate");
    ward.import("hotline", &list(&entries), &[]);
    ward.import("good", &harmless, &["--role", "ignore"]);
    ward.import("trial", &list(&entries), &["--role", "watch"]);
    let frames = |number: u32| format!("{number},100,{},{number}.000\n", digits(&format!("{number}"), 32));
    ward.import("videos", &[frames(0), frames(1), frames(2)].concat(), &["--as", "vpdq"]);
    let all = covered(&ward, &[]);
    let sets: Vec<&str> = all.iter().map(|line| &*line.set).collect();
    assert_eq!(sets, ["good", "hotline", "trial", "videos"]);
    let [good, hotline, trial, videos] = &all[..] else { panic!() };
    assert_eq!((good.by_bytes, good.by_looks, good.unusable), (2, 0, 1), "harmless files are told by bytes");
    assert_eq!((hotline.by_bytes, hotline.by_looks, hotline.by_md5_alone), (1, 1, 1));
    assert_eq!((&*trial.role, trial.matchable), ("watch", 2));
    assert_eq!((videos.by_frames, videos.matchable, videos.by_looks), (3, 3, 0));
    assert!(all.iter().all(|line| line.revision > 0 && line.refused_records == 0));

    ward.must(&["decide", "hotline", "e1", "deconfirm"]);
    fs::write(ward.home().join("innerward.toml"), "[flood]\nhits = 1\nwithin = \"31d\"\n").unwrap();
    let flood = format!("md5:{}\n", hash("md5", 0)).repeat(3);
    ward.run_with(&["match", "--from", "-", "--set", "hotline"], flood.as_bytes());
    ward.must(&["set", "change", "hotline", "--keep-until", "2030-01-31"]);
    let line = one(&ward, "hotline");
    assert_eq!((line.quarantined, line.deconfirmed, line.not_allowed), (1, 1, None));
    let later = ["set", "coverage", "hotline", "videos", "--today", "2030-02-01"];
    let text = ward.must(&later).out;
    for words in [
        "NOTHING of it is searched now: its agreement ended on 2030-01-31",
        "1 in quarantine, 1 deconfirmed here and marked",
        "by frames of videos",
        // No program is on the search path of this test.
        "until ffmpeg is installed",
    ] {
        assert!(text.contains(words), "{words:?}: {text}");
    }
    let done = ward.must(&[&later[..], &["--format", "json"]].concat());
    assert!(!done.summary::<Summary>().ffmpeg);
    assert_eq!(
        done.all::<Coverage>("coverage")[0].not_allowed.as_deref(),
        Some("its agreement ended on 2030-01-31")
    );
    ward.run(&["set", "coverage", "nothing"]).refused(&["there is no set called nothing"]);
}

#[test]
fn what_pages_bring_together_is_counted_together_and_a_new_list_begins_anew() {
    let ward = Ward::new();
    let page = |from: u32| {
        list(&[json!({"md5": hash("md5", from)}), json!({"photodna": "aaaa"})])
            .replace("\"e0\"", &format!("\"a{from}\""))
            .replace("\"e1\"", &format!("\"b{from}\""))
    };
    ward.import("pages", &page(0), &[]);
    ward.import("pages", &page(1), &["--add"]);
    let line = one(&ward, "pages");
    assert_eq!((line.active, line.unsupported_records, line.matchable_percent), (2, 2, 50.0));
    assert_eq!(line.unsupported[0].values, 2);
    ward.must(&["set", "change", "pages", "--source", "a friend"]);
    assert_eq!(one(&ward, "pages").unsupported_records, 2, "a change of policy changes no entry");
    ward.import("pages", &page(2), &["--yes"]);
    let line = one(&ward, "pages");
    assert_eq!((line.active, line.unsupported_records), (1, 1));
    let text = Ward::for_demo().must(&["set", "coverage"]).out;
    assert!(text.contains("No sets yet"), "{text}");
}
