//! The calls of Coop's client (roostorg/coop, `server/services/hmaService`), replayed with the shapes that it reads.
//! Its base URL ends with a slash, so that its paths begin with two: that is for the listener to mend.

use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::contract_tests::{picture, send, upload};
use crate::serve::testing::Ward;

/// What it takes from an answer to added content.
#[derive(Deserialize)]
struct Added {
    id: u64,
    signals: std::collections::BTreeMap<String, String>,
}

/// What it takes from a look-up.
type Looked = std::collections::BTreeMap<String, Vec<Match>>;

#[derive(Deserialize)]
struct Match {
    bank_content_id: u64,
    distance: String,
}

const BANK: &str = "COOP_ORG1_MY_BANK";

fn ward() -> Ward {
    let ward = Ward::with(&[]);
    // The ratio is a number as text: `(1.0).toString()`.
    let made = ward.post_json("/c/banks", &json!({"name": BANK, "enabled_ratio": "1"}));
    assert!(made.status.is_success() && made.json().is_object());
    ward
}

#[test]
fn a_bank_lives_and_is_forgotten_only_when_it_is_gone() {
    let ward = ward();
    let put =
        |ratio: f64| send(&ward, Method::PUT, &format!("/c/bank/{BANK}"), &json!({"enabled_ratio": ratio}));
    assert!(put(0.5).status.is_success() && put(1.0).status.is_success());
    assert!(ward.get(&format!("/c/bank/{BANK}")).status.is_success());
    // A rename is a new bank, and the old one deleted.
    let new = ward.post_json("/c/banks", &json!({"name": "COOP_ORG1_NEXT", "enabled_ratio": "0.5"}));
    assert_eq!(new.json()["matching_enabled_ratio"], 0.5);
    assert!(ward.ask(Method::DELETE, &format!("/c/bank/{BANK}"), &[], "").status.is_success());
    assert_eq!(ward.get(&format!("/c/bank/{BANK}")).status, StatusCode::NOT_FOUND);
    assert!(ward.get("/c/bank/COOP_ORG1_NEXT").status.is_success());
}

#[test]
fn a_bank_of_which_nothing_can_be_known_is_not_said_to_be_gone() {
    let ward = ward();
    // A 404 would make the client delete its own record.
    std::fs::write(ward.home.index_dir().join("manifest.iwm"), b"damaged").unwrap();
    for name in [BANK, "NEVER_THERE"] {
        assert_eq!(ward.get(&format!("/c/bank/{name}")).status, StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[test]
fn a_file_is_added_and_its_hash_found() {
    let ward = ward();
    let coffee = picture("originals/coffee.jpg");
    let parts: [(&str, Option<&str>, &[u8]); 5] = [
        ("photo", Some("blob"), &coffee),
        ("content_id", None, b"type1:item1"),
        ("content_uri", None, b"https://cdn.a.example/a.jpg"),
        ("metadata", None, br#"{"source":"report","depth":{"n":1}}"#),
        ("note", None, b"Reported"),
    ];
    let added: Added =
        serde_json::from_slice(&upload(&ward, &format!("/c/bank/{BANK}/content"), &parts).body).unwrap();
    let shown = ward.get(&format!("/c/bank/{BANK}/content/{}", added.id)).json();
    let metadata = json!({
        "content_id": "type1:item1", "content_uri": "https://cdn.a.example/a.jpg",
        "json": {"source": "report", "depth": {"n": 1}},
    });
    assert_eq!((&shown["metadata"], &shown["note"]), (&metadata, &json!("Reported")));
    let pdq = &added.signals["pdq"];
    let looked = ward.get(&format!("/m/lookup?signal_type=pdq&signal={pdq}"));
    let looked: Looked = serde_json::from_slice(&looked.body).unwrap();
    let found = &looked[BANK][0];
    assert_eq!((found.bank_content_id, &*found.distance, looked.len()), (added.id, "0", 1));
}

#[test]
fn what_is_said_in_the_query_is_kept_too() {
    let ward = ward();
    let path = format!(
        "/c/bank/{BANK}/content?content_id=type1%3Aitem1&metadata=%7B%22source%22%3A%22report%22%7D&note=n"
    );
    let added = upload(&ward, &path, &[("photo", Some("blob"), &picture("originals/rocket.jpg"))]);
    let shown = ward.get(&format!("/c/bank/{BANK}/content/{}", added.json()["id"])).json();
    let metadata = json!({"content_id": "type1:item1", "json": {"source": "report"}});
    assert_eq!((&shown["metadata"], &shown["note"]), (&metadata, &json!("n")));
}

#[test]
fn a_video_is_known_by_its_bytes() {
    let ward = ward();
    let bytes = b"not a film, but the bytes of one would do no more".as_slice();
    let added = upload(&ward, &format!("/c/bank/{BANK}/content"), &[("video", Some("blob"), bytes)]);
    let added: Added = serde_json::from_slice(&added.body).unwrap();
    let md5 = &added.signals["video_md5"];
    assert_eq!((md5.len(), added.signals.len()), (32, 1));
    let looked = ward.get(&format!("/m/lookup?signal_type=video_md5&signal={md5}"));
    let looked: Looked = serde_json::from_slice(&looked.body).unwrap();
    assert_eq!(looked[BANK][0].bank_content_id, added.id);
    let screened = upload(&ward, "/m/lookup", &[("video", Some("blob"), bytes)]).json();
    assert_eq!(screened, json!({"video_md5": {BANK: [{"bank_content_id": added.id, "distance": "0"}]}}));
}

#[test]
fn a_url_is_refused_in_clear_words_until_the_operator_allows_it() {
    let ward = ward();
    let hash = ward.get("/h/hash?url=https%3A%2F%2Fcdn.a.example%2Fa.jpg%3Fsig%3D1");
    let body = json!({"metadata": {"content_id": "type1:item1", "json": {"source": "report"}}, "note": "x"});
    let add =
        ward.post_json(&format!("/c/bank/{BANK}/content?url=https%3A%2F%2Fcdn.a.example%2Fa.jpg"), &body);
    // An earlier version sent the metadata in the query.
    let earlier = format!(
        "/c/bank/{BANK}/content?url=https%3A%2F%2Fa.example%2Fa&content_id=1&metadata=%7B%22a%22%3A1%7D"
    );
    let earlier = ward.ask(Method::POST, &earlier, &[], "");
    for answer in [hash, add, earlier] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
        assert!(answer.json()["message"].as_str().unwrap().contains("upload"));
    }
}

#[test]
fn its_exchange_pages_find_none() {
    let ward = ward();
    assert_eq!(ward.get("/c/exchanges/apis").json(), json!([]));
    assert!(!ward.get("/c/exchanges/api/ncmec/schema").status.is_success(), "it has schemas of its own");
    assert_eq!(
        ward.get(&format!("/c/exchange/{BANK}")).status,
        StatusCode::NOT_FOUND,
        "this bank has no exchange"
    );
    let body = json!({"bank": "COOP_ORG1_X", "api": "ncmec", "api_json": {"environment": "x"}});
    assert_eq!(ward.post_json("/c/exchanges", &body).status, StatusCode::BAD_REQUEST);
    assert_eq!(ward.get("/c/bank/COOP_ORG1_X").status, StatusCode::NOT_FOUND);
    let credentials = json!({"credential_json": {"user": "u", "password": "p"}});
    assert_eq!(ward.post_json("/c/exchanges/api/ncmec", &credentials).status, StatusCode::BAD_REQUEST);
}
