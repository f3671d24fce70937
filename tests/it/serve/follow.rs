//! `serve --follow`: a process that only reads what another one writes.

use std::time::{Duration, Instant};

use serde_json::json;

use super::http::Request;
use super::service::{Service, names, sha256_list, small_picture, token};
use crate::ward::{Ward, digits};

const OPEN: [&str; 2] = ["--open", "match,manage,decide"];

#[track_caller]
fn seen(service: &Service, signal: &str, expected: &str) {
    let began = Instant::now();
    while service.outcome(signal) != expected {
        assert!(began.elapsed() < Duration::from_secs(2), "{signal} is not {expected}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_follower_sees_what_the_writer_does_and_changes_nothing() {
    let ward = Ward::new();
    let [kept, coming] = ["kept", "coming"].map(|seed| digits(seed, 32));
    ward.import("LIST", &sha256_list(&[&kept]), &[]);
    let writer = Service::start(&ward, &OPEN);
    let follower = Service::start(&ward, &["--follow", "--open", "match,manage,decide"]);
    let [kept, coming] = [kept, coming].map(|digest| format!("sha256:{digest}"));
    seen(&follower, &kept, "known");
    seen(&follower, &coming, "unknown");

    let list = sha256_list(&[&kept[7..], &coming[7..]]);
    writer.ask(&Request::post("/v1/sets/LIST/import", list.as_bytes())).of(200);
    seen(&follower, &coming, "known");
    ward.must(&["set", "withdraw", "LIST", &coming]);
    seen(&follower, &coming, "unknown");

    // HMA's look-ups answer as the writer's do: with the ratios of banks, and without what is switched off.
    let hma_finds = |expected: [usize; 2]| {
        assert_eq!(writer.hma_matches(&kept), expected);
        follower.wait_for("HMA's look-ups of the follower", || follower.hma_matches(&kept) == expected);
    };
    assert_eq!(follower.hma_matches(&kept), [1; 2]);
    writer.ask(&Request::json("PUT", "/c/bank/LIST", &json!({ "enabled_ratio": 0.0 }))).of(200);
    hma_finds([0; 2]);
    assert_eq!(follower.get("/c/bank/LIST").of(200).json()["matching_enabled_ratio"], 0.0);
    writer.ask(&Request::json("PUT", "/c/bank/LIST", &json!({ "enabled_ratio": 1.0 }))).of(200);
    hma_finds([1; 2]);
    let number = writer.get(&format!("/m/raw_lookup?signal_type=sha256&signal={}", &kept[7..])).json();
    let content = format!("/c/bank/LIST/content/{}", number["matches"][0]);
    writer.ask(&Request::json("PUT", &content, &json!({ "disable_until_ts": 0 }))).of(200);
    hma_finds([0; 2]);
    writer.ask(&Request::json("PUT", &content, &json!({ "disable_until_ts": 1 }))).of(200);
    hma_finds([1; 2]);
    // That a bank is not there, only the one that writes can tell.
    assert_eq!(follower.get("/c/bank/NEVER_THERE").status, 503);
    assert_eq!(writer.get("/c/bank/NEVER_THERE").status, 404);

    let entry = writer.get(&format!("/v1/match/hash/{kept}")).json()["matches"][0]["entry"].clone();
    let raw = format!("/m/raw_lookup?signal_type=sha256&signal={}", &kept[7..]);
    let number = writer.get(&raw).of(200).json()["matches"][0].clone();
    for request in [
        Request::post("/v1/sets/LIST/import?add=true", list.as_bytes()),
        Request::json("POST", "/v1/sets/LIST/withdraw", &json!({ "entries": [kept] })),
        Request::new("DELETE", "/v1/sets/LIST"),
        Request::json("PUT", "/v1/sets/LIST", &json!({ "max_distance": 20 })),
        Request::json(
            "POST",
            "/v1/decisions",
            &json!({ "set": "LIST", "entry": entry, "decision": "confirm" }),
        ),
        Request::json("POST", "/c/banks", &json!({ "name": "BANK" })),
        Request::json("PUT", "/c/bank/LIST", &json!({ "enabled_ratio": 0.5 })),
        Request::json("PUT", "/c/signal_type/pdq", &json!({ "enabled_ratio": 0.5 })),
        Request::json("PUT", &format!("/c/bank/LIST/content/{number}"), &json!({ "note": "a note" })),
        Request::new("DELETE", "/c/bank/LIST"),
    ] {
        let answer = follower.ask(&request);
        assert_eq!(answer.status, 503, "{} {}: {}", request.method, request.target, answer.text());
    }
    // What it screens is answered, and counted nowhere.
    let before = names(&ward.home());
    follower.ask(&Request::post("/v1/match", small_picture("seen by a follower"))).of(200);
    assert_eq!(names(&ward.home()), before);
    seen(&writer, &kept, "known");
    follower.end();
    writer.end();
}

#[test]
fn a_follower_goes_on_without_its_writer_and_lets_the_same_callers_in() {
    let ward = Ward::new();
    let kept = format!("sha256:{}", digits("kept", 32));
    ward.import("LIST", &sha256_list(&[&kept[7..]]), &[]);
    let reader = token(&ward, "reader", "match");
    let writer = Service::start(&ward, &[]);
    let follower = Service::start(&ward, &["--follow"]);
    let status =
        |token: &str| follower.ask(&Request::get(&format!("/v1/match/hash/{kept}")).by(token)).status;
    assert_eq!((status(&reader), follower.get("/v1/status").status), (200, 401));
    writer.kill();
    assert_eq!(status(&reader), 200);
    assert_eq!(follower.get("/readyz").status, 200);
    // A token that is made or revoked later holds here too.
    let later = token(&ward, "later", "match");
    assert_eq!(status(&later), 200);
    ward.must(&["token", "revoke", "reader"]);
    let began = Instant::now();
    while status(&reader) != 401 {
        assert!(began.elapsed() < Duration::from_secs(2));
        std::thread::sleep(Duration::from_millis(20));
    }
    follower.end();
}
