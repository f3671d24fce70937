//! Lists that are full of what does not decide, or of one hash: they neither hide a match nor swell an answer.

use std::fmt::Write;

use crate::ward::{MatchLine, ScreenLine, Ward, digits, flipped};

const LIMIT: usize = 100;

/// `pdq` with `bits` bits flipped, in another place for each `n`.
fn near(pdq: &str, bits: usize, n: usize) -> String {
    let mut code = hex::decode(pdq).unwrap();
    for bit in (0..bits).map(|step| (n + step * 53) % 256) {
        code[bit / 8] ^= 1 << (bit % 8);
    }
    hex::encode(code)
}

/// A tx list of `count` entries at `bits` bits from `pdq`.
fn crowd(pdq: &str, bits: usize, count: usize, category: &str) -> String {
    let mut text = "signal_type,signal_str,collab,category,tags\n".to_owned();
    for n in 0..count {
        writeln!(text, "pdq,{},C,{category},SEV_C", near(pdq, bits, n)).unwrap();
    }
    text
}

fn one(ward: &Ward, signal: &str) -> MatchLine {
    ward.run(&["match", signal, "--format", "json"]).all::<MatchLine>("match").remove(0)
}

#[test]
fn entries_that_cannot_decide_do_not_hide_one_that_does() {
    let pdq = digits("crowded", 32);
    let query = format!("pdq:{pdq}");
    let plain = |bits| {
        let lines = crowd(&pdq, bits, 120, "x");
        lines.lines().skip(1).map(|line| format!("{}\n", line.split(',').nth(1).unwrap())).collect::<String>()
    };
    for (name, list, more) in [
        ("harmless", plain(4), &["--as", "plain:pdq", "--role", "ignore"][..]),
        ("narrow", plain(4), &["--as", "plain:pdq", "--max-distance", "3"]),
        ("negative", crowd(&pdq, 4, 120, "NEGATIVE_CLASS"), &[]),
    ] {
        let ward = Ward::new();
        let listed = flipped(&pdq, 10);
        ward.import("listed", &format!("{listed}\n"), &["--as", "plain:pdq"]);
        assert_eq!(one(&ward, &query).outcome, "near");
        ward.import(name, &list, more);
        let line = one(&ward, &query);
        assert_eq!(line.outcome, "near", "behind 120 entries of a set that is {name}");
        let sets: Vec<(&str, u16)> = line.matches.iter().map(|found| (&*found.set, found.distance)).collect();
        assert_eq!((sets, line.matches_cut), (vec![("listed", 10)], false), "{name}");
    }
}

#[test]
fn a_look_alike_of_a_harmless_picture_is_no_match() {
    let (ward, pdq) = (Ward::new(), digits("harmless", 32));
    ward.import("good", &format!("{pdq}\n"), &["--as", "plain:pdq", "--role", "ignore"]);
    let line = one(&ward, &format!("pdq:{pdq}"));
    assert_eq!((&*line.outcome, line.matches.len()), ("unknown", 0));
}

#[test]
fn of_more_near_matches_than_are_listed_the_nearest_and_most_severe_stay() {
    let (ward, pdq) = (Ward::new(), digits("many", 32));
    ward.import("aaa", &crowd(&pdq, 4, 150, "POSITIVE_CLASS"), &[]);
    let head = "signal_type,signal_str,collab,category,tags\n";
    let severe = near(&pdq, 4, 7);
    ward.import("zzz", &format!("{head}pdq,{severe},C,POSITIVE_CLASS,SEV_A\n"), &[]);
    ward.import("far", &format!("{}\n", near(&pdq, 20, 0)), &["--as", "plain:pdq"]);
    let line = one(&ward, &format!("pdq:{pdq}"));
    assert_eq!((line.matches.len(), line.matches_cut), (LIMIT, true));
    assert_eq!((&*line.matches[0].set, &*line.matches[0].labels[0]), ("zzz", "SEV_A"));
    assert!(line.matches[1..].iter().all(|found| (&*found.set, found.distance) == ("aaa", 4)));
}

/// A hashdeep list of `rows` rows with one MD5 and different SHA-256.
fn same_md5(md5: &str, rows: usize) -> String {
    let mut text = "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n".to_owned();
    for row in 0..rows {
        writeln!(text, "5,{md5},{},f", digits(&format!("row {row}"), 32)).unwrap();
    }
    text
}

#[test]
fn a_list_of_one_digest_makes_a_short_answer() {
    let ward = Ward::new();
    let md5 = "c90ae688b2a3b1fd0751fd743eb385cd"; // of the five bytes below
    let file = ward.write("files/one.txt", "known");
    ward.write("files/other.txt", "other");
    ward.import("crowd", &same_md5(md5, 20_000), &[]);
    let line = one(&ward, &format!("md5:{md5}"));
    assert_eq!((&*line.outcome, line.matches.len(), line.matches_cut), ("known", LIMIT, true));
    let mut keys: Vec<&str> = line.matches.iter().map(|found| &*found.entry).collect();
    assert!(keys.is_sorted(), "of equals, those whose key comes first");
    keys.dedup();
    assert_eq!(keys.len(), LIMIT);

    let folder = file.parent().unwrap().to_str().unwrap().to_owned();
    let done = ward.run(&["screen", &folder, "--format", "json"]);
    let lines: Vec<ScreenLine> = done.all("screen");
    let crowded = lines.iter().find(|line| line.path.ends_with("one.txt")).unwrap();
    assert_eq!((&*crowded.outcome, crowded.matches.len(), crowded.matches_cut), ("known", LIMIT, true));
    assert!(done.out.len() < 100_000, "{} bytes", done.out.len());
}

#[test]
fn the_cut_keeps_what_the_outcome_rests_on() {
    let ward = Ward::new();
    let md5 = digits("crowd", 16);
    ward.import("good", &same_md5(&md5, 300), &["--role", "ignore"]);
    let line = one(&ward, &format!("md5:{md5}"));
    assert_eq!((&*line.outcome, line.matches.len(), line.matches_cut), ("ignored", LIMIT, true));

    // The one severe entry has a name that comes last, and its labels stand in two rows.
    ward.import("crowd", &same_md5(&md5, 300), &[]);
    let head = "signal_type,signal_str,collab,category,tags\n";
    let rows = format!("md5,{md5},C,POSITIVE_CLASS,SEV_B\nmd5,{md5},C,POSITIVE_CLASS,SEV_A\n");
    ward.import("zzz", &format!("{head}{rows}"), &[]);
    let line = one(&ward, &format!("md5:{md5}"));
    assert_eq!((&*line.outcome, line.matches.len(), line.matches_cut), ("known", LIMIT, true));
    assert_eq!((&*line.matches[0].set, &*line.matches[0].labels.join(" ")), ("zzz", "SEV_A SEV_B"));
    assert!(line.matches[1..].iter().all(|found| found.set == "crowd"), "the harmless come last");
}

#[test]
fn labels_of_an_entry_come_together_though_its_rows_are_far_apart() {
    let (ward, pdq) = (Ward::new(), digits("rows", 32));
    let head = "signal_type,signal_str,collab,category,tags\n";
    // Alone, the first row would be cut behind the crowd; the last one lifts the entry, and brings all its labels.
    let row = |labels: &str| format!("pdq,{},C,POSITIVE_CLASS,{labels}\n", near(&pdq, 4, 7));
    ward.import("aaa", &crowd(&pdq, 4, 250, "POSITIVE_CLASS"), &[]);
    ward.import("zzz", &[head, &row("SEV_N"), &row("SEV_X"), &row("SEV_A")].concat(), &[]);
    let line = one(&ward, &format!("pdq:{pdq}"));
    assert_eq!((line.matches.len(), line.matches_cut), (LIMIT, true));
    assert_eq!((&*line.matches[0].set, &*line.matches[0].labels.join(" ")), ("zzz", "SEV_A SEV_X SEV_N"));
}

#[test]
fn readers_do_not_mind_an_import() {
    let ward = Ward::new();
    let list = |n: usize| format!("{}\n", digits(&format!("import {n}"), 16));
    ward.import("own", &list(0), &[]);
    std::thread::scope(|scope| {
        let imports = scope.spawn(|| {
            for n in 1..=20 {
                ward.import("own", &list(n), &["--yes"]);
            }
        });
        while !imports.is_finished() {
            ward.must(&["set", "list"]);
            ward.must(&["match", &format!("md5:{}", digits("unlisted", 16))]);
        }
    });
}
