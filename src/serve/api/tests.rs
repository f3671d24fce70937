//! Uploads, hashes and their parameters, against hashes that independent programs computed.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Method, StatusCode};
use hyper::body::Frame;
use serde_json::{Value, json};

use super::super::testing::{Answer, Ward};
use super::super::{Grant, Scope, Settings, Tokens};
use super::answers::Found;
use crate::hashset::SetUpdate;

/// PDQ of `coffee.jpg`, by pdqhash.
pub(super) const COFFEE: &str = "8c629e779a663698b9a33866c026726c21a679f61eb6e1f8c79ba7e23c8299e0";
/// SHA-256 of `rocket.jpg`, by sha256sum.
pub(super) const ROCKET: &str = "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c";

const HOTLINE: &str = include_str!("../../../hashsets/demo-hotline.csv");
const EXPECTED: &str = include_str!("../../../hashsets/expected-testdata.csv");
const DIGESTS: &str = include_str!("../../../testdata/golden/digests.csv");
const PICTURES: [(&str, &[u8]); 6] = [
    ("coffee-brighter.jpg", include_bytes!("../../../testdata/pictures/edits/coffee-brighter.jpg")),
    ("coffee-mirrored.jpg", include_bytes!("../../../testdata/pictures/edits/coffee-mirrored.jpg")),
    ("coffee-transposed.jpg", include_bytes!("../../../testdata/pictures/edits/coffee-transposed.jpg")),
    ("coffee-turned-180.jpg", include_bytes!("../../../testdata/pictures/edits/coffee-turned-180.jpg")),
    ("coffee-turned-90.jpg", include_bytes!("../../../testdata/pictures/edits/coffee-turned-90.jpg")),
    ("coffee-captioned.jpg", include_bytes!("../../../testdata/pictures/edits/coffee-captioned.jpg")),
];
const ROCKET_JPG: &[u8] = include_bytes!("../../../testdata/pictures/originals/rocket.jpg");
const COFFEE_JPG: &[u8] = include_bytes!("../../../testdata/pictures/originals/coffee.jpg");

/// A list with labels, in which the coffee and the rocket are.
pub(super) fn list() -> String {
    format!(
        "signal_type,signal_str,collab,category,tags\npdq,{COFFEE},DEMO,POSITIVE_CLASS,SEV_A\n\
         sha256,{ROCKET},DEMO,POSITIVE_CLASS,SEV_B\n"
    )
}

pub(super) fn demo() -> Ward {
    Ward::with(&[("DEMO", &list())])
}

/// The hash with so many of its last bits turned over, at most 8 of them zero before.
pub(super) fn at_distance(bits: u32) -> String {
    let last = u8::from_str_radix(&COFFEE[62..], 16).unwrap() ^ (0xff_u16 >> (8 - bits)) as u8;
    format!("{}{last:02x}", &COFFEE[..62])
}

/// What a refusal says, of which it is checked that it is one.
pub(super) fn refused(answer: &Answer, status: u16, code: &str) -> String {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let problem = answer.json();
    assert_eq!(problem["code"], code);
    assert_eq!(problem["status"], status);
    problem["detail"].as_str().unwrap().to_owned()
}

fn outcome(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.headers["cache-control"], "no-store");
    answer.json()["outcome"].as_str().unwrap().to_owned()
}

fn post(ward: &Ward, path: &str, body: &[u8]) -> Answer {
    ward.ask(Method::POST, path, &[], body.to_vec())
}

pub(super) fn form(parts: &[(&str, Option<&str>, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
        body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--x--\r\n");
    ("multipart/form-data; boundary=x".into(), body)
}

fn post_form(ward: &Ward, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
    let (kind, body) = form(parts);
    ward.ask(Method::POST, path, &[("content-type", &kind)], body)
}

#[test]
fn edited_and_turned_pictures_match_as_independent_programs_say() {
    let ward = Ward::with(&[("HOTLINE", HOTLINE)]);
    for (name, bytes) in PICTURES {
        let row: Vec<&str> = EXPECTED.lines().find(|line| line.contains(name)).unwrap().split(',').collect();
        let answer = post(&ward, "/v1/match", bytes);
        assert_eq!(outcome(&answer), row[1], "{name}");
        let (json, distance) = (answer.json(), row[6].parse::<u64>().unwrap());
        let first = &json["matches"][0];
        assert_eq!(
            (&first["transform"], &first["signal"], &first["form"], &first["max_distance"]),
            (&json!(row[8]), &json!("pdq"), &json!("correct"), &json!(31)),
            "{name}"
        );
        // The table's hash is of another decoder's pixels.
        assert!(first["distance"].as_u64().unwrap().abs_diff(distance) <= 2, "{name}: {first}");
    }
}

#[test]
fn the_body_may_be_a_form_and_of_any_type() {
    let ward = demo();
    for kind in ["image/jpeg", "text/plain", "application/json", ""] {
        let answer = ward.ask(Method::POST, "/v1/match", &[("content-type", kind)], ROCKET_JPG);
        assert_eq!(outcome(&answer), "known", "{kind}");
        let json = answer.json();
        assert_eq!((&json["media"], &json["bytes"]), (&json!("IMAGE"), &json!(ROCKET_JPG.len())));
        assert_eq!(json["matches"][0]["labels"], json!(["SEV_B"]));
        assert_eq!((&json["searched"], &json["unchecked"]), (&json!("all"), &Value::Null));
    }
    assert_eq!(outcome(&post_form(&ward, "/v1/match", &[("file", Some("a"), ROCKET_JPG)])), "known");
    let told = |parts: &[_]| refused(&post_form(&ward, "/v1/match", parts), 400, "bad-request");
    assert!(told(&[]).contains("no part"));
    assert!(told(&[("photo", Some("a"), ROCKET_JPG)]).contains("`file`"));
    let two: [(&str, _, &[u8]); 2] = [("file", Some("a"), ROCKET_JPG), ("file", Some("b"), b"words")];
    assert!(told(&two).contains("several"));
    let (kind, mut body) = form(&[("file", Some("a"), ROCKET_JPG)]);
    body.truncate(body.len() / 2);
    let cut = ward.ask(Method::POST, "/v1/match", &[("content-type", &kind)], body);
    assert!(refused(&cut, 400, "bad-request").contains("broke off"));
    let headless = ward.ask(Method::POST, "/v1/match", &[("content-type", "multipart/form-data")], "x");
    assert!(refused(&headless, 400, "bad-request").contains("boundary"));
}

#[test]
fn what_cannot_be_checked_is_never_unknown_and_is_told_beside_a_match() {
    let ward = demo();
    let empty = post(&ward, "/v1/match", b"");
    assert_eq!(
        (outcome(&empty), empty.json()["unchecked"].clone()),
        ("unchecked".into(), json!("empty file"))
    );
    let zip = post(&ward, "/v1/match", b"PK\x03\x04 and garbage");
    assert_eq!((outcome(&zip), zip.json()["reason"].clone()), ("unchecked".into(), json!("not opened: ZIP")));
    let half = post(&ward, "/v1/match", &COFFEE_JPG[..COFFEE_JPG.len() / 2]);
    assert_eq!(
        (outcome(&half), half.json()["unchecked"].clone()),
        ("unchecked".into(), json!("JPEG is cut short"))
    );
    assert_eq!(outcome(&post(&ward, "/v1/match", b"plain words\n")), "unknown");
    let cut = &COFFEE_JPG[..COFFEE_JPG.len() / 2];
    let digest = crate::digest::Digests::of(cut).sha256.to_hex();
    ward.import("CUT", &format!("sha256:{digest}\n"));
    let known = post(&ward, "/v1/match", cut).json();
    assert_eq!((&known["outcome"], &known["unchecked"]), (&json!("known"), &json!("JPEG is cut short")));
}

#[test]
fn all_hashes_of_an_item_are_those_of_the_golden_tables() {
    let ward = demo();
    let row: Vec<&str> =
        DIGESTS.lines().find(|line| line.contains("originals/rocket.jpg")).unwrap().split(',').collect();
    for answer in [
        post(&ward, "/v1/hash", ROCKET_JPG),
        post_form(&ward, "/v1/hash", &[("file", Some("rocket.jpg"), ROCKET_JPG)]),
    ] {
        let json = answer.json();
        for (at, field) in ["md5", "sha1", "sha256", "blake3"].into_iter().enumerate() {
            assert_eq!(json[field], row[at + 2], "{field}");
        }
        let pdq = "8792786c87937064bf1bc0e43f1fc0e03f1cc2e33da4c2537cec821b2ce4f376";
        assert_eq!((&json["pdq"], &json["pdq_quality"]), (&json!(pdq), &json!(100)));
        assert_eq!(json["forms"], json!([{"form": "correct", "pdq": pdq, "quality": 100}]));
        assert_eq!((&json["width"], &json["height"]), (&json!(640), &json!(427)));
        assert_eq!((&json["fidelity"], &json["unchecked"]), (&json!("reference"), &Value::Null));
    }
    let words = post(&ward, "/v1/hash", b"words").json();
    assert_eq!(
        (&words["pdq"], &words["forms"], &words["fidelity"]),
        (&Value::Null, &json!([]), &Value::Null)
    );
    assert!(refused(&post(&ward, "/v1/hash?limit=3", b""), 400, "bad-request").contains("`limit`"));
}

#[test]
fn a_hash_is_near_within_the_bound_that_is_asked() {
    let ward = demo();
    let near = ward.get(&format!("/v1/match/hash/pdq:{}", at_distance(4)));
    assert_eq!(outcome(&near), "near");
    let json = near.json();
    assert_eq!(json["query"], format!("pdq:{}", at_distance(4)));
    let found = &json["matches"][0];
    assert_eq!((&found["distance"], &found["max_distance"]), (&json!(4), &json!(31)));
    assert_eq!(
        (&found["set"], &found["transform"], &found["form"]),
        (&json!("DEMO"), &json!("original"), &Value::Null)
    );
    assert_eq!(
        (&found["policy"], &found["held"], &found["role"]),
        (&json!("counts"), &Value::Null, &json!("match"))
    );
    for (bound, expected) in
        [("4", "near"), ("3", "unknown"), ("64", "near"), ("pdq=3", "unknown"), ("gradient8=2", "near")]
    {
        let path = format!("/v1/match/hash/pdq:{}?max_distance={bound}", at_distance(4));
        assert_eq!(outcome(&ward.get(&path)), expected, "{bound}");
    }
    let upper = format!("/v1/match/hash/sha256:{}", ROCKET.to_uppercase());
    assert_eq!(ward.get(&upper).json()["query"], format!("sha256:{ROCKET}"));
    assert_eq!(outcome(&ward.get(&upper)), "known");
}

#[test]
fn every_parameter_says_which_part_is_searched() {
    let ward = demo();
    ward.import("OTHER", &format!("sha256:{ROCKET}\n"));
    let rocket = |query: &str| ward.get(&format!("/v1/match/hash/sha256:{ROCKET}{query}"));
    let sets = |answer: &Answer| -> Vec<String> {
        let json = answer.json();
        let matches = json["matches"].as_array().unwrap();
        matches.iter().map(|found| found["set"].as_str().unwrap().to_owned()).collect()
    };
    for (query, expected, searched) in [
        ("", vec!["DEMO", "OTHER"], "all"),
        ("?sets=DEMO,OTHER", vec!["DEMO", "OTHER"], "part"),
        ("?sets=OTHER", vec!["OTHER"], "part"),
        ("?not_sets=OTHER", vec!["DEMO"], "part"),
        ("?roles=match,watch", vec!["DEMO", "OTHER"], "part"),
        ("?roles=watch", vec![], "part"),
        ("?labels=severity:SEV_B", vec!["DEMO"], "part"),
        ("?labels=severity%3ASEV_A%2Cseverity%3ASEV_B&sets=DEMO", vec!["DEMO"], "part"),
        ("?not_labels=severity:SEV_B", vec!["OTHER"], "part"),
        ("?limit=1", vec!["DEMO"], "all"),
        ("?limit=0", vec![], "all"),
    ] {
        let answer = rocket(query);
        // The engine may refuse what leaves nothing to search.
        if query == "?roles=watch" && answer.status == StatusCode::UNPROCESSABLE_ENTITY {
            continue;
        }
        assert_eq!(sets(&answer), expected, "{query}");
        assert_eq!(answer.json()["searched"], searched, "{query}");
        let is_cut = query.starts_with("?limit");
        assert_eq!(answer.json()["matches_cut"], is_cut, "{query}");
        assert_eq!(
            answer.json()["outcome"],
            if expected.is_empty() && !is_cut { "unknown" } else { "known" }
        );
    }
}

#[test]
fn what_is_not_understood_is_refused_and_named_and_never_repeated() {
    let ward = demo();
    let hash = format!("/v1/match/hash/pdq:{COFFEE}");
    for (query, status, code, word) in [
        ("colour=red", 400, "bad-request", "`colour`"),
        ("channel=UPLOAD", 400, "bad-request", "`channel`"),
        ("max_distance=65", 422, "unprocessable", "at most 64"),
        ("max_distance=gradient8=65", 422, "unprocessable", "at most 64"),
        ("max_distance=double-gradient8=41", 422, "unprocessable", "0 to 40"),
        ("max_distance=99999999999999999999", 400, "bad-request", "max_distance"),
        ("max_distance=3,pdq=4", 422, "unprocessable", "twice"),
        ("max_distance=phash=3", 422, "unprocessable", "classic"),
        ("max_distance=-1", 400, "bad-request", "KIND=BITS"),
        ("max_distance=", 400, "bad-request", "KIND=BITS"),
        ("limit=101", 422, "unprocessable", "100"),
        ("limit=-1", 400, "bad-request", "limit"),
        ("limit=1&limit=2", 400, "bad-request", "`limit` is given twice"),
        ("sets=", 400, "bad-request", "names of sets"),
        ("sets=DEMO,", 400, "bad-request", "names of sets"),
        ("sets=NOWHERE", 404, "not-found", "DEMO"),
        ("not_sets=NOWHERE", 404, "not-found", "DEMO"),
        ("roles=friend", 400, "bad-request", "match, ignore or watch"),
        ("labels=SEV_A", 400, "bad-request", "DIMENSION:CODE"),
        ("labels=channel:UPLOAD", 400, "bad-request", "severity"),
        ("not_labels=severity:RED", 400, "bad-request", "not_labels"),
        ("explain=yes", 400, "bad-request", "explain"),
        ("sets=%ff%fe", 400, "bad-request", ""),
    ] {
        let detail = refused(&ward.get(&format!("{hash}?{query}")), status, code);
        assert!(detail.contains(word), "{query}: {detail}");
        assert!(!detail.contains("red") && !detail.contains("friend"), "{query}: {detail}");
    }
    for (query, word) in
        [("channel=MAIL", "WATCH_FOLDER"), ("region=nl", "two capital letters"), ("region=NL:HOME", "")]
    {
        let detail = refused(&post(&ward, &format!("/v1/match?{query}"), b"words"), 400, "bad-request");
        assert!(detail.contains(word), "{query}: {detail}");
    }
    let counted = post(&ward, "/v1/match?channel=REPORT&region=NL:HOSTING", b"words");
    assert_eq!(outcome(&counted), "unknown");
}

#[test]
fn a_hash_has_one_spelling() {
    let ward = demo();
    let empty = "md5:d41d8cd98f00b204e9800998ecf8427e";
    for (text, word) in [
        (COFFEE, "kind:hex"),
        (&*format!("PDQ:{COFFEE}"), "kind:hex"),
        (&*format!("%20pdq:{COFFEE}"), "kind:hex"),
        (&*format!("pdq:{COFFEE}0"), "64 hexadecimal digits"),
        (&*format!("photodna:{COFFEE}"), "kind:hex"),
        (&*format!("md5:{}", "g".repeat(32)), "hexadecimal digits only"),
        (empty, "empty file"),
        ("gradient8:0000000000000000", "same"),
        ("%ff", ""),
    ] {
        let detail = refused(&ward.get(&format!("/v1/match/hash/{text}")), 400, "bad-request");
        assert!(detail.contains(word), "{text}: {detail}");
        assert!(!detail.contains("8c629e"), "{detail}");
    }
}

#[test]
fn the_search_is_explained_where_that_is_asked() {
    let ward = demo();
    let plain = ward.get(&format!("/v1/match/hash/pdq:{COFFEE}"));
    assert!(plain.json().get("plan").is_none());
    let told = ward.get(&format!("/v1/match/hash/pdq:{COFFEE}?explain=true")).json();
    let segment = &told["plan"][0];
    assert_eq!(
        (&segment["set"], &segment["codes"], &segment["max_distance"]),
        (&json!("DEMO"), &json!(1), &json!(31))
    );
    let digest = ward.get(&format!("/v1/match/hash/sha256:{ROCKET}?explain=true")).json();
    assert_eq!(digest["plan"], json!([]), "a digest is looked up");
    let picture = post(&ward, "/v1/match?explain=true", COFFEE_JPG).json();
    assert_eq!(picture["plan"][0]["codes"], 1);
    assert_eq!(post(&ward, "/v1/match?explain=true", b"words").json()["plan"], json!([]));
}

#[test]
fn what_the_ward_decided_is_told_with_the_match() {
    let ward = demo();
    let name = "DEMO".parse().unwrap();
    let made = crate::hashset::Made { at: crate::home::Clock::system().now(), by: None };
    let watched = SetUpdate { role: Some(crate::hashset::Role::Watch), ..SetUpdate::default() };
    let lock = ward.home.lock().unwrap();
    crate::index::change(&ward.home, &lock, &name, &watched, made).unwrap();
    drop(lock);
    ward.settle();
    let answer = ward.get(&format!("/v1/match/hash/sha256:{ROCKET}")).json();
    assert_eq!((&answer["outcome"], &answer["held"]), (&json!("unknown"), &json!(["watched"])));
    let found = &answer["matches"][0];
    assert_eq!(
        (&found["role"], &found["held"], &found["policy"]),
        (&json!("watch"), &json!("watched"), &json!("watched"))
    );
}

#[test]
fn a_match_has_the_fields_of_the_command_line_and_one_more() {
    let ward = demo();
    let signals: Vec<_> = [format!("pdq:{}", at_distance(4)), format!("sha256:{ROCKET}")]
        .iter()
        .map(|text| text.parse().unwrap())
        .collect();
    let verdicts = ward.state.matcher().unwrap().look_up_many(&signals).unwrap();
    let matches: Vec<_> = verdicts.iter().flat_map(|verdict| &verdict.matches).collect();
    assert!(matches.len() >= 2);
    for found in matches {
        let mut ours = serde_json::to_value(Found::from(found)).unwrap();
        assert_eq!(ours.as_object_mut().unwrap().remove("policy"), Some(json!("counts")));
        assert_eq!(ours, serde_json::to_value(found).unwrap());
    }
}

#[test]
fn two_things_are_compared_without_any_list() {
    let ward = demo();
    let (a, b) = (format!("pdq:{COFFEE}"), format!("pdq:{}", at_distance(4)));
    let answer = ward.post_json("/v1/compare", &json!({"a": a, "b": b}));
    assert_eq!(outcome(&answer), "near");
    let json = answer.json();
    assert_eq!((&json["nearest"]["distance"], &json["nearest"]["within"]), (&json!(4), &json!(true)));
    assert_eq!(json["nearest"]["differing"].as_array().unwrap().len(), 4);
    assert_eq!((&json["turned"], &json["a"]["given"]), (&Value::Null, &json!("hash")));
    let strict = ward.post_json("/v1/compare?max_distance=3", &json!({"a": a, "b": b}));
    assert_eq!(outcome(&strict), "unknown");
    let mirrored = PICTURES[1].1;
    let parts: [(&str, Option<&str>, &[u8]); 2] =
        [("a", Some("mirrored.jpg"), mirrored), ("b", None, a.as_bytes())];
    let json = post_form(&ward, "/v1/compare", &parts).json();
    assert_eq!((&json["outcome"], &json["turned"]), (&json!("near"), &json!("a")));
    assert_eq!(json["nearest"]["transform"], "flipy");
    assert_eq!(json["pdq"][0]["distances"].as_object().unwrap().len(), 8);
    let same: [(&str, Option<&str>, &[u8]); 2] = [("b", Some("x"), ROCKET_JPG), ("a", Some("y"), ROCKET_JPG)];
    let json = post_form(&ward, "/v1/compare", &same).json();
    assert_eq!((&json["outcome"], json["digests"].as_array().unwrap().len()), (&json!("known"), 4));
}

#[test]
fn two_files_are_compared_by_every_hash_that_both_have() {
    let ward = demo();
    let other = PICTURES[0].1;
    let parts: [(&str, Option<&str>, &[u8]); 2] = [("a", Some("x"), COFFEE_JPG), ("b", Some("y"), other)];
    let json = post_form(&ward, "/v1/compare", &parts).json();
    let wanted = crate::digest::Wanted {
        classics: crate::digest::Classic::ALL.to_vec(),
        ..crate::digest::Wanted::default()
    };
    let prints =
        [COFFEE_JPG, other].map(|bytes| crate::digest::Fingerprint::read_with(bytes, &wanted).unwrap());
    let [ours, theirs] = prints.each_ref().map(|print| -> std::collections::BTreeMap<String, Vec<u8>> {
        let codes = print.usable_classics();
        codes
            .map(|one| {
                (one.code.kind().to_string(), crate::digest::Signal::Classic(one.code).as_bytes().to_vec())
            })
            .collect()
    });
    assert!(ours.len() > 30, "{}", ours.len());
    let expected: std::collections::BTreeMap<&str, u32> = ours
        .iter()
        .filter_map(|(kind, code)| {
            let apart = code.iter().zip(theirs.get(kind)?).map(|(a, b)| (a ^ b).count_ones()).sum();
            Some((kind.as_str(), apart))
        })
        .collect();
    let told = json["classic"].as_array().unwrap();
    let told: std::collections::BTreeMap<&str, u32> = told
        .iter()
        .map(|pair| (pair["kind"].as_str().unwrap(), pair["distance"].as_u64().unwrap() as u32))
        .collect();
    assert_eq!(told, expected);
    // A file and a hash of one of these kinds.
    let hash = format!("gradient8:{}", hex::encode(&ours["gradient8"]));
    let parts: [(&str, Option<&str>, &[u8]); 2] =
        [("a", Some("x"), COFFEE_JPG), ("b", None, hash.as_bytes())];
    let json = post_form(&ward, "/v1/compare", &parts).json();
    assert_eq!((&json["outcome"], &json["classic"][0]["distance"]), (&json!("near"), &json!(0)));
}

#[test]
fn a_filter_that_leaves_nothing_is_refused_wherever_it_is_asked() {
    let ward = demo();
    let hash = format!("sha256:{ROCKET}");
    let compact = [&b"IWHQ\x01\x03\x20\x00\x01\0\0\0\0\0\0\0"[..], &hex::decode(ROCKET).unwrap()].concat();
    let all = |filter: &str| {
        let binary = [("content-type", super::binary::HASHES), ("accept", super::binary::VERDICTS)];
        [
            ward.get(&format!("/v1/match/hash/{hash}?{filter}")),
            ward.post_json(&format!("/v1/match/hashes?{filter}"), &json!({ "hashes": [hash] })),
            ward.ask(Method::POST, &format!("/v1/match/hashes?{filter}"), &binary, compact.clone()),
            post(&ward, &format!("/v1/match?{filter}"), ROCKET_JPG),
        ]
    };
    for filter in [
        "roles=watch",
        "roles=ignore,watch",
        "not_sets=DEMO",
        "sets=DEMO&not_sets=DEMO",
        "labels=severity:SEV_A&not_labels=severity:SEV_A",
        "not_labels=severity:SEV_A,severity:SEV_B",
    ] {
        for answer in all(filter) {
            assert!(refused(&answer, 422, "unprocessable").contains("not one entry"), "{filter}");
        }
    }
    for filter in ["sets=NONE", "sets=DEMO,NONE", "not_sets=NONE"] {
        all(filter).iter().for_each(|answer| drop(refused(answer, 404, "not-found")));
    }
    for filter in ["roles=match", "sets=DEMO", "not_labels=severity:SEV_A"] {
        all(filter).iter().for_each(|answer| assert_eq!(answer.status, StatusCode::OK, "{filter}"));
    }
}

#[test]
fn a_wide_look_up_takes_more_of_the_quota() {
    let ward = Ward::set_up(&[("DEMO", &list())], Settings::default());
    let grant = Grant { scopes: [Scope::Match].into(), quota: Some(21), ..Grant::default() };
    let (name, now) = ("ci".parse().unwrap(), jiff::Timestamp::now());
    let secret = Tokens::change(&ward.home, |tokens| tokens.create(&name, grant, now, None, true));
    let bearer = format!("Bearer {}", secret.unwrap().unwrap().to_text());
    let ask = |more: &str| {
        let path = format!("/v1/match/hash/pdq:{COFFEE}{more}");
        ward.ask(Method::GET, &path, &[("authorization", &bearer)], "").status.as_u16()
    };
    assert_eq!([ask("?max_distance=41"), ask("?max_distance=64"), ask("?max_distance=32")], [200, 429, 429]);
    assert_eq!([ask("?max_distance=31"), ask(""), ask("?explain=true")], [200; 3]);
    assert_eq!([ask("?explain=true"), ask("")], [429; 2], "one was left, for the look-up alone");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let ward = demo();
    let faults = ward.post_json("/v1/compare", &json!({"a": "pdq:00", "b": "x"}));
    refused(&faults, 400, "bad-request");
    let errors = faults.json()["errors"].clone();
    assert_eq!((&errors[0]["pointer"], &errors[1]["pointer"]), (&json!("/a"), &json!("/b")));
    let more = ward.post_json("/v1/compare", &json!({"a": "pdq:00", "b": "x", "c": 1}));
    assert!(refused(&more, 400, "bad-request").contains("`c`"));
    refused(&ward.ask(Method::POST, "/v1/compare", &[], "x"), 415, "unsupported-media-type");
    let hash = format!("pdq:{COFFEE}");
    for (parts, word) in [
        (vec![("a", None, hash.as_bytes())], "needs"),
        (vec![("a", None, hash.as_bytes()), ("a", None, hash.as_bytes())], "twice"),
        (vec![("c", None, hash.as_bytes())], "neither"),
        (vec![("a", None, &b"\xff\xfe"[..])], "text"),
        (vec![("a", None, &[b'x'; 2000][..])], "kind:hex"),
    ] {
        let detail = refused(&post_form(&ward, "/v1/compare", &parts), 400, "bad-request");
        assert!(detail.contains(word), "{detail}");
    }
}

#[test]
fn bodies_beyond_the_bounds_are_refused() {
    let settings = Settings {
        open: vec![Scope::Match],
        max_upload_bytes: 1000,
        max_body_bytes: 500,
        ..Settings::default()
    };
    let ward = Ward::set_up(&[("DEMO", &list())], settings);
    for path in ["/v1/match", "/v1/hash"] {
        assert!(refused(&post(&ward, path, &[b'x'; 1001]), 413, "too-large").contains("1000 bytes"));
        refused(&post_form(&ward, path, &[("file", Some("x"), &[b'x'; 1001])]), 413, "too-large");
        assert_eq!(post(&ward, path, &[b'x'; 1000]).status, StatusCode::OK);
    }
    let long = json!({"hashes": vec![format!("pdq:{COFFEE}"); 10]});
    assert!(refused(&ward.post_json("/v1/match/hashes", &long), 413, "too-large").contains("500 bytes"));
}

#[test]
fn the_head_of_a_part_is_bounded_however_it_comes() {
    let ward = demo();
    let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; y=\"";
    let kind = [("content-type", "multipart/form-data; boundary=x")];
    for path in ["/v1/match", "/v1/hash", "/v1/compare"] {
        let pieces = std::iter::once(head.into()).chain((0..100).map(|_| vec![b'A'; 10_000].into()));
        refused(&ward.ask(Method::POST, path, &kind, Body::new(Pieces(pieces.collect()))), 413, "too-large");
        let whole = format!("{head}{}", "A".repeat(1_000_000));
        refused(&ward.ask(Method::POST, path, &kind, whole), 413, "too-large");
    }
    // What is long and well formed passes, in pieces of any size.
    let (_, form) = form(&[("file", Some("x"), &vec![b'x'; 700_000])]);
    for size in [1_000, 100_000, 1_000_000] {
        let pieces = form.chunks(size).map(Bytes::copy_from_slice).collect();
        let answer = ward.ask(Method::POST, "/v1/match", &kind, Body::new(Pieces(pieces)));
        assert_eq!(answer.status, StatusCode::OK, "in pieces of {size}: {}", answer.text());
    }
}

/// A body that comes in these pieces.
struct Pieces(VecDeque<Bytes>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

#[test]
fn a_blank_hash_is_no_all_clear() {
    let ward = demo();
    for hash in ["0".repeat(64), "f".repeat(64), format!("{}01", "0".repeat(62))] {
        let one = ward.get(&format!("/v1/match/hash/pdq:{hash}")).json();
        let many = ward.post_json("/v1/match/hashes", &json!({"hashes": [format!("pdq:{hash}")]})).json();
        for told in [&one, &many["answers"][0]] {
            assert_eq!(told["outcome"], "unchecked", "{told}");
            assert!(told["unchecked"].as_str().is_some_and(|why| why.contains("too plain")), "{told}");
        }
    }
}

#[test]
fn without_a_list_nothing_is_called_unknown() {
    let ward = Ward::with(&[]);
    let answer = ward.get(&format!("/v1/match/hash/pdq:{COFFEE}"));
    refused(&answer, 503, "unavailable");
    assert_eq!(answer.headers["retry-after"], "1");
    refused(&post(&ward, "/v1/match", b"words"), 503, "unavailable");
    assert_eq!(ward.get("/v1/status").json()["lists"]["generation"], Value::Null);
}
