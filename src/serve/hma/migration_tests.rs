//! What `docs/hma_migrate.py` makes of a dump, brought in: numbers, switches, notes and ratios are those of HMA.

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::contract_tests::send;
use crate::serve::testing::Ward;

/// A line of `calls.jsonl`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    method: String,
    path: String,
    body: Value,
}

const CALLS: &str = include_str!("../../../testdata/hma/expected/calls.jsonl");

#[test]
fn a_migrated_bank_answers_as_it_did() {
    let ward = Ward::with(&[
        ("MADE_UP", include_str!("../../../testdata/hma/expected/MADE_UP.jsonl")),
        ("HALF_ON", include_str!("../../../testdata/hma/expected/HALF_ON.jsonl")),
        ("UNDERSCORE", include_str!("../../../testdata/hma/expected/UNDERSCORE.jsonl")),
    ]);
    for line in CALLS.lines() {
        let call: Call = serde_json::from_str(line).unwrap();
        let method = Method::from_bytes(call.method.as_bytes()).unwrap();
        let answer = send(&ward, method, &call.path, &call.body);
        assert!(answer.status.is_success(), "{} {}: {}", call.method, call.path, answer.text());
    }
    let ratios = json!([
        {"name": "EMPTY_YET", "matching_enabled_ratio": 0.0},
        {"name": "HALF_ON", "matching_enabled_ratio": 0.5},
        {"name": "MADE_UP", "matching_enabled_ratio": 1.0},
        {"name": "UNDERSCORE", "matching_enabled_ratio": 1.0},
    ]);
    assert_eq!(ward.get("/c/banks").json(), ratios);
    assert_eq!(ward.get("/c/signal_type").json()[1]["enabled_ratio"], 0.75);
    let raw = |signal: &str, kind: &str| {
        ward.get(&format!("/m/raw_lookup?signal={signal}&signal_type={kind}")).json()["matches"].clone()
    };
    let bridge = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
    let made_up = "facd8bcb2a49bcebdec1985298d5fe84bcd006c187c598c720c3c087b3fdb318";
    assert_eq!(raw(bridge, "pdq"), json!([1]));
    assert_eq!(raw(made_up, "pdq"), json!([10]), "2 is switched off, 10 is near");
    assert_eq!(raw("c0ffee00c0ffee00c0ffee00c0ffee00", "video_md5"), json!([7]), "its time has come");
    let shown = ward.get("/c/bank/MADE_UP/content/2").json();
    assert_eq!((&shown["id"], &shown["disable_until_ts"]), (&json!(2), &json!(0)));
    assert_eq!(shown["note"], "switched off\nfor good; it's made up");
    assert_eq!(shown["metadata"]["json"]["path"], "a\\b");
    assert_eq!(ward.get("/c/bank/HALF_ON/content/7").json()["disable_until_ts"], 1_600_000_000);
    let both = ward.get("/c/bank/HALF_ON/content/8?include_signals=true").json();
    assert_eq!(both["signals"].as_object().unwrap().keys().collect::<Vec<_>>(), ["pdq", "video_md5"]);
}
