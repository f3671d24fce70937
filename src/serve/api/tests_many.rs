//! Many hashes at once: order, duplicates, refusals, and the compact form byte by byte.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::testing::{Answer, Ward};
use super::super::{Scope, Settings};
use super::binary::{HASHES, HEADER_BYTES, RECORD_BYTES, VERDICTS};
use super::tests::{COFFEE, ROCKET, at_distance, demo, list, refused};

const PATH: &str = "/v1/match/hashes";

fn hashes() -> Vec<String> {
    let rocket = format!("sha256:{ROCKET}");
    let near = format!("pdq:{}", at_distance(4));
    vec![near.clone(), rocket.clone(), format!("md5:{}", "ab".repeat(16)), rocket, near]
}

fn compact(kind: u8, values: &[&str]) -> Vec<u8> {
    let values: Vec<Vec<u8>> = values.iter().map(|value| hex::decode(value).unwrap()).collect();
    let mut body = b"IWHQ\x01".to_vec();
    body.push(kind);
    body.extend((values[0].len() as u16).to_le_bytes());
    body.extend((values.len() as u32).to_le_bytes());
    body.extend([0; 4]);
    body.extend(values.concat());
    body
}

fn ask(ward: &Ward, kind: &str, accept: &str, body: Vec<u8>) -> Answer {
    ward.ask(Method::POST, PATH, &[("content-type", kind), ("accept", accept)], body)
}

/// A record of the compact answer, read apart from the code that writes it.
#[derive(Debug, PartialEq)]
struct Record {
    outcome: u8,
    flags: u8,
    matches: u16,
    distance: u16,
    max_distance: u16,
    set: Option<String>,
    entry: String,
}

fn records(body: &[u8]) -> Vec<Record> {
    let u16_at = |at: usize| u16::from_le_bytes([body[at], body[at + 1]]);
    let u32_at = |at: usize| u32::from_le_bytes(body[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!((&body[..4], body[4]), (&b"IWHA"[..], 1));
    let (sets, count, names_len) = (u16_at(6), u32_at(8), u32_at(12));
    let names_at = HEADER_BYTES + count * RECORD_BYTES;
    let keys_at = names_at + names_len;
    let (mut names, mut at) = (Vec::new(), names_at);
    for _ in 0..sets {
        let len = usize::from(body[at]);
        names.push(String::from_utf8(body[at + 1..at + 1 + len].to_vec()).unwrap());
        at += 1 + len;
    }
    assert_eq!(at, keys_at);
    let record = |number: usize| {
        let at = HEADER_BYTES + number * RECORD_BYTES;
        let (set, len, key) = (u16_at(at + 8), usize::from(u16_at(at + 10)), keys_at + u32_at(at + 12));
        Record {
            outcome: body[at],
            flags: body[at + 1],
            matches: u16_at(at + 2),
            distance: u16_at(at + 4),
            max_distance: u16_at(at + 6),
            set: (set != u16::MAX).then(|| names[usize::from(set)].clone()),
            entry: String::from_utf8(body[key..key + len].to_vec()).unwrap(),
        }
    };
    (0..count).map(record).collect()
}

#[test]
fn answers_come_in_order_with_duplicates() {
    let ward = demo();
    let answer = ward.post_json(PATH, &json!({"hashes": hashes()}));
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.headers["cache-control"], "no-store");
    let json = answer.json();
    let field = |name: &str| -> Vec<String> {
        let answers = json["answers"].as_array().unwrap().iter();
        answers.map(|answer| answer[name].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(field("query"), hashes());
    assert_eq!(field("outcome"), ["near", "known", "unknown", "known", "near"]);
    assert_eq!(json["searched"], "all");
    assert_eq!(json["answers"][0], json["answers"][4]);
    let one = ward.get(&format!("/v1/match/hash/{}", hashes()[0])).json();
    assert_eq!(json["answers"][0]["matches"], one["matches"]);
    let strict =
        ward.post_json(&format!("{PATH}?max_distance=3&limit=0&sets=DEMO"), &json!({"hashes": hashes()}));
    let strict = strict.json();
    assert_eq!((&strict["answers"][0]["outcome"], &strict["searched"]), (&json!("unknown"), &json!("part")));
    assert_eq!(
        (&strict["answers"][1]["outcome"], &strict["answers"][1]["matches"]),
        (&json!("known"), &json!([]))
    );
}

#[test]
fn one_bad_hash_refuses_all_and_the_first_ten_are_named() {
    let ward = demo();
    let mut many = vec![format!("pdq:{COFFEE}"); 20];
    many[3] = "pdq:00".into();
    let answer = ward.post_json(PATH, &json!({"hashes": many}));
    refused(&answer, 400, "bad-request");
    let errors = answer.json()["errors"].clone();
    let expected =
        json!([{"pointer": "/hashes/3", "detail": "pdq has 64 hexadecimal digits, not 2 characters"}]);
    assert_eq!(errors, expected);
    let all_bad = ward.post_json(PATH, &json!({"hashes": vec!["?"; 20]})).json();
    assert_eq!(all_bad["errors"].as_array().unwrap().len(), 10);
}

#[test]
fn a_body_that_is_not_described_is_refused() {
    let ward = demo();
    for (body, pointer, word) in [
        (json!({"hashs": []}), "/hashs", "`hashs`"),
        (json!({}), "", "`hashes` is missing"),
        (json!({"hashes": [7]}), "/hashes/0", "expected a string"),
        (json!({"hashes": "pdq:00"}), "/hashes", "expected a sequence"),
        (json!({"hashes": ["pdq:00"], "limit": 3}), "/limit", "`limit`"),
        (json!(["pdq:00", "md5:00"]), "", "unchecked"),
    ] {
        let answer = ward.post_json(PATH, &body);
        let detail = refused(&answer, 400, "bad-request");
        assert!(word == "unchecked" || detail.contains(word), "{body}: {detail}");
        let told = answer.json()["errors"][0]["pointer"].clone();
        assert!(pointer.is_empty() || told == pointer, "{body}: {told}");
        assert!(!answer.text().contains("pdq:00"), "{}", answer.text());
    }
    let json = [("content-type", "application/json")];
    for body in ["", "{", "{\"hashes\": [\"x\"]} trailing", "{\"hashes\": [], \"hashes\": []}", "\u{feff}{}"]
    {
        refused(&ward.ask(Method::POST, PATH, &json, body), 400, "bad-request");
    }
    let deep = format!("{{\"hashes\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    refused(&ward.ask(Method::POST, PATH, &json, deep), 400, "bad-request");
    refused(&ward.ask(Method::POST, PATH, &[], "{}"), 415, "unsupported-media-type");
    refused(
        &ward.ask(Method::POST, PATH, &[("content-type", "text/json")], "{}"),
        415,
        "unsupported-media-type",
    );
}

#[test]
fn a_batch_has_a_bound() {
    let settings = Settings { open: vec![Scope::Match], max_batch: 3, ..Settings::default() };
    let ward = Ward::set_up(&[("DEMO", &list())], settings);
    let batch = |len: usize| ward.post_json(PATH, &json!({"hashes": vec![format!("pdq:{COFFEE}"); len]}));
    assert_eq!(batch(3).status, StatusCode::OK);
    assert!(refused(&batch(4), 422, "unprocessable").contains("1 to 3"));
    assert!(refused(&batch(0), 422, "unprocessable").contains("1 to 3"));
    let four = compact(5, &[COFFEE; 4]);
    assert!(refused(&ask(&ward, HASHES, "*/*", four), 422, "unprocessable").contains("byte 8"));
}

#[test]
fn the_compact_form_says_what_the_json_says() {
    let ward = demo();
    ward.import("OTHER", &format!("pdq:{}\n", at_distance(6)));
    let unlisted = "77".repeat(32);
    let values = [at_distance(4), unlisted, COFFEE.to_owned(), at_distance(4)];
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let body = compact(5, &values);
    let texts: Vec<String> = values.iter().map(|value| format!("pdq:{value}")).collect();
    let json = ward.post_json(PATH, &json!({"hashes": texts}));
    let as_json = ask(&ward, HASHES, "application/json", body.clone());
    assert_eq!(as_json.json(), json.json());
    let answer = ask(&ward, HASHES, VERDICTS, body);
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        (&answer.headers["content-type"], &answer.headers["cache-control"]),
        (&VERDICTS.parse().unwrap(), &"no-store".parse().unwrap())
    );
    let told = records(&answer.body);
    let json = json.json();
    for (record, answer) in told.iter().zip(json["answers"].as_array().unwrap()) {
        let outcomes = ["", "known", "near", "ignored", "unknown", "unchecked", "quarantined", "deconfirmed"];
        assert_eq!(outcomes[usize::from(record.outcome)], answer["outcome"]);
        assert_eq!(usize::from(record.matches), answer["matches"].as_array().unwrap().len());
        let first = &answer["matches"][0];
        if first.is_null() {
            assert_eq!((record.distance, record.max_distance, &record.set), (u16::MAX, u16::MAX, &None));
        } else {
            assert_eq!(
                (&json!(record.distance), &json!(record.max_distance)),
                (&first["distance"], &first["max_distance"])
            );
            assert_eq!(
                (json!(record.set), json!(record.entry)),
                (first["set"].clone(), first["entry"].clone())
            );
        }
        assert_eq!(record.flags, 0);
    }
    assert_eq!((told.len(), &told[0]), (4, &told[3]));
    assert_eq!((told[1].outcome, answer.body[5]), (4, 0));
    // The header and the first record, as the documentation has them: near, one bit 2 of two matches.
    assert_eq!(answer.body[..HEADER_BYTES], *b"IWHA\x01\x00\x02\x00\x04\x00\x00\x00\x0b\x00\x00\x00");
    let part = ward.ask(
        Method::POST,
        &format!("{PATH}?sets=OTHER"),
        &[("content-type", HASHES), ("accept", VERDICTS)],
        compact(3, &[ROCKET]),
    );
    assert_eq!((part.body[5], &records(&part.body)[0].set), (1, &None));
}

#[test]
fn all_numbered_kinds_are_read() {
    let ward = demo();
    for (kind, width) in [(1, 16), (2, 20), (3, 32), (4, 32), (5, 32)] {
        let value = "5a".repeat(width);
        let told = records(&ask(&ward, HASHES, VERDICTS, compact(kind, &[&value])).body);
        assert_eq!((told.len(), told[0].outcome), (1, 4), "{kind}");
    }
    assert_eq!(records(&ask(&ward, HASHES, VERDICTS, compact(3, &[ROCKET])).body)[0].outcome, 1);
}

#[test]
fn every_byte_of_the_header_is_checked() {
    let ward = demo();
    let good = compact(5, &[COFFEE, COFFEE]);
    let with = |at: usize, byte: u8| {
        let mut body = good.clone();
        body[at] = byte;
        body
    };
    for (body, word) in [
        (with(0, b'X'), "byte 0"),
        (with(3, b'A'), "byte 0"),
        (with(4, 2), "byte 4"),
        (with(5, 0), "byte 5"),
        (with(5, 64), "byte 5"),
        (with(5, 1), "byte 6"),
        (with(6, 31), "byte 6"),
        (with(7, 1), "byte 6"),
        (with(8, 1), "byte 8"),
        (with(8, 3), "byte 8"),
        (with(12, 1), "byte 12"),
        (with(15, 1), "byte 12"),
        ([good.clone(), vec![0]].concat(), "byte 8"),
    ] {
        let detail = refused(&ask(&ward, HASHES, VERDICTS, body), 400, "bad-request");
        assert!(detail.starts_with(word), "{detail}");
    }
    for body in [with(8, 0), with(11, 0xff)] {
        let detail = refused(&ask(&ward, HASHES, VERDICTS, body), 422, "unprocessable");
        assert!(detail.starts_with("byte 8"), "{detail}");
    }
    for len in 0..good.len() {
        let answer = ask(&ward, HASHES, VERDICTS, good[..len].to_vec());
        refused(&answer, 400, "bad-request");
    }
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let detail = refused(&ask(&ward, HASHES, VERDICTS, compact(3, &[ROCKET, empty])), 400, "bad-request");
    assert!(detail.starts_with("byte 48: ") && detail.contains("empty file"), "{detail}");
}

#[test]
fn the_answer_has_the_form_that_is_accepted() {
    let ward = demo();
    let body = || compact(5, &[COFFEE]);
    for accept in ["*/*", "application/*", "application/json", "text/html, application/json;q=0.1"] {
        let answer = ask(&ward, HASHES, accept, body());
        assert_eq!(answer.headers["content-type"], "application/json", "{accept}");
        assert_ne!(answer.json()["answers"], Value::Null);
    }
    refused(&ask(&ward, HASHES, "text/html", body()), 406, "not-acceptable");
    let one = format!("/v1/match/hash/pdq:{COFFEE}");
    let answer = ward.ask(Method::GET, &one, &[("accept", VERDICTS)], "");
    assert!(refused(&answer, 406, "not-acceptable").contains("application/json"));
}
