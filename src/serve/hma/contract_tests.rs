//! What HMA's clients rely on, replayed: the tables of its documentation, and what its own tests ask and expect
//! (`hasher-matcher-actioner/src/OpenMediaMatch/tests` in facebook/ThreatExchange: `test_api.py`, `test_api_banks.py`,
//! `test_match_api.py`; BSD-3, rewritten here).

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::number::number_of;
use crate::hashset::EntryKey;
use crate::serve::testing::{Answer, Ward};

/// The bridge of HMA's own tests, and other hashes made up.
pub(super) const BRIDGE: &str = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
pub(super) const A: &str = "facd8bcb2a49bcebdec1985298d5fe84bcd006c187c598c720c3c087b3fdb318";
const NEAR_A: &str = "facd8bcb2a49bcebdec1985228d5ae84bcd006c187c598c720c2b087b3fdb318";
const MD5: &str = "c0ffee00c0ffee00c0ffee00c0ffee00";

pub(super) fn send(ward: &Ward, method: Method, path: &str, body: &Value) -> Answer {
    ward.ask(method, path, &[("content-type", "application/json")], body.to_string())
}

/// A multipart body: name, file name if it is a file, content.
pub(super) fn form(parts: &[(&str, Option<&str>, &[u8])]) -> (&'static str, Vec<u8>) {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file
            .map_or_else(String::new, |file| format!("; filename=\"{file}\"\r\nContent-Type: image/jpeg"));
        body.extend_from_slice(
            format!("--x-edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--x-edge--\r\n");
    ("multipart/form-data; boundary=x-edge", body)
}

pub(super) fn upload(ward: &Ward, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
    let (kind, body) = form(parts);
    ward.ask(Method::POST, path, &[("content-type", kind)], body)
}

pub(super) fn picture(name: &str) -> Vec<u8> {
    let path = format!("{}/testdata/pictures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

pub(super) fn create(ward: &Ward, name: &str) {
    assert_eq!(ward.post_json("/c/banks", &json!({ "name": name })).status, StatusCode::CREATED);
}

pub(super) fn add(ward: &Ward, bank: &str, pdq: &str) -> u64 {
    let answer = ward.post_json(&format!("/c/bank/{bank}/signal"), &json!({ "pdq": pdq }));
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.json()["signals"], json!({ "pdq": pdq }));
    answer.json()["id"].as_u64().unwrap()
}

pub(super) fn refused(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    let body = answer.json();
    assert!(
        body["message"].as_str().is_some_and(|words| !words.is_empty())
            && body.as_object().unwrap().len() == 1
    );
    assert_eq!(answer.headers["content-type"], "application/json");
}

#[test]
fn banks_are_created_updated_listed_and_deleted() {
    let ward = Ward::with(&[]);
    assert_eq!(ward.get("/c/banks").json(), json!([]));
    refused(&ward.post_json("/c/banks", &json!({"name": "01_TEST_BANK"})), 400);
    refused(&ward.post_json("/c/banks", &json!({"name": "my_test_bank"})), 400);
    let made = ward.post_json("/c/banks", &json!({"name": "MY_TEST_BANK_01", "unheard_of": 1}));
    assert_eq!((made.status, made.json()["name"].as_str()), (StatusCode::CREATED, Some("MY_TEST_BANK_01")));
    assert_eq!(made.json()["matching_enabled_ratio"].as_f64(), Some(1.0));
    assert_eq!(ward.get("/c/banks").json(), json!([made.json()]));
    assert_eq!(ward.get("/c/bank/MY_TEST_BANK_01").json(), made.json());
    refused(&ward.post_json("/c/banks", &json!({"name": "MY_TEST_BANK_01"})), 403);
    let half = ward.post_json("/c/banks", &json!({"name": "HALF", "enabled_ratio": "0.5", "enabled": false}));
    assert_eq!(half.json(), json!({"name": "HALF", "matching_enabled_ratio": 0.5}));

    let put = |path: &str, body: Value| send(&ward, Method::PUT, path, &body);
    refused(&put("/c/bank/MY_TEST_BANK_01", json!({"name": "1_invalid_name"})), 400);
    refused(&put("/c/bank/MY_TEST_BANK_01", json!({"name": "HALF"})), 403);
    refused(&put("/c/bank/NOT_THERE", json!({"enabled": false})), 404);
    for wrong in [json!({"enabled_ratio": 2}), json!({"enabled_ratio": "x"}), json!([]), json!({"name": 5})] {
        refused(&put("/c/bank/HALF", wrong), 400);
    }
    let renamed = put("/c/bank/MY_TEST_BANK_01", json!({"name": "RENAMED"}));
    assert_eq!((renamed.status, renamed.json()["name"].as_str()), (StatusCode::OK, Some("RENAMED")));
    refused(&ward.get("/c/bank/MY_TEST_BANK_01"), 404);
    assert_eq!(put("/c/bank/RENAMED", json!({"enabled": false})).json()["matching_enabled_ratio"], 0.0);
    assert_eq!(put("/c/bank/RENAMED", json!({"enabled_ratio": 0.5})).json()["matching_enabled_ratio"], 0.5);
    for _ in 0..2 {
        let deleted = ward.ask(Method::DELETE, "/c/bank/RENAMED", &[], "");
        assert_eq!((deleted.status, deleted.json()), (StatusCode::OK, json!({"message": "Done"})));
    }
    assert_eq!(ward.get("/c/banks").json(), json!([half.json()]));
    create(&ward, "RENAMED");
    assert_eq!(
        ward.get("/c/bank/RENAMED").json()["matching_enabled_ratio"],
        1.0,
        "another bank of that name"
    );
}

#[test]
fn a_content_is_added_found_shown_switched_off_and_deleted() {
    let ward = Ward::with(&[]);
    create(&ward, "BANK");
    let path = format!("/m/raw_lookup?signal_type=pdq&signal={BRIDGE}");
    assert_eq!(ward.get(&path).json(), json!({"matches": []}));
    let id = add(&ward, "BANK", BRIDGE);
    assert_eq!(id, add(&ward, "BANK", BRIDGE), "once more is the same content");
    assert_eq!(ward.get(&path).json(), json!({"matches": [id]}));
    let content = format!("/c/bank/BANK/content/{id}");
    let bank = json!({"name": "BANK", "matching_enabled_ratio": 1.0});
    let plain = json!({"id": id, "disable_until_ts": 1, "original_media_uri": null, "bank": bank});
    assert_eq!(ward.get(&content).json(), plain);
    assert_eq!(
        ward.get(&format!("{content}?include_signals=true")).json()["signals"],
        json!({"pdq": BRIDGE})
    );
    refused(&ward.get("/c/bank/BANK/content/1"), 404);
    refused(&ward.get("/c/bank/BANK/content/x"), 404);
    refused(&ward.get(&format!("/c/bank/OTHER/content/{id}")), 404);

    let put = |body: Value| send(&ward, Method::PUT, &content, &body);
    let next_year = jiff::Timestamp::now().as_second() + 365 * 86_400;
    let off = put(json!({"disable_until_ts": next_year, "note": "made up", "unheard_of": 1}));
    let full = json!({
        "id": id, "disable_until_ts": next_year, "collab_metadata": {}, "original_media_uri": null, "bank": bank,
        "user_metadata": null, "note": "made up",
    });
    assert_eq!((off.status, off.json()), (StatusCode::OK, full));
    assert_eq!(ward.get(&path).json(), json!({"matches": []}), "switched off");
    let lookup = format!("/m/lookup?signal_type=pdq&signal={BRIDGE}");
    assert_eq!(ward.get(&lookup).json(), json!({}));
    for wrong in [json!(9_999_999_999_u64), json!(-1), json!("soon"), json!(1.5), json!(true)] {
        refused(&put(json!({ "disable_until_ts": wrong })), 400);
    }
    for (on, matches) in [
        (json!("0"), json!([])),
        (json!(86_400), json!([id])),
        (json!(0), json!([])),
        (json!(1), json!([id])),
    ] {
        assert_eq!(put(json!({ "disable_until_ts": on })).status, StatusCode::OK);
        assert_eq!(ward.get(&path).json()["matches"], matches, "{on}");
    }
    assert_eq!(ward.get(&content).json()["note"], "made up");
    assert_eq!(put(json!({"note": null})).json()["note"], Value::Null);
    let metadata = json!({"content_id": "item"});
    assert_eq!(put(json!({ "metadata": metadata })).json()["user_metadata"], metadata);
    assert_eq!(put(json!({"disable_until_ts": 1})).json()["user_metadata"], metadata);
    refused(&put(json!({"metadata": {"other": 1}})), 400);

    let delete = |path: &str| ward.ask(Method::DELETE, path, &[], "").json();
    assert_eq!(delete(&content), json!({"deleted": 1}));
    assert_eq!(delete(&content), json!({"deleted": 0}));
    assert_eq!(ward.get(&path).json(), json!({"matches": []}));
    let again = add(&ward, "BANK", BRIDGE);
    assert!(again != id, "a withdrawal holds for ever, and what is added later matches");
    assert_eq!(ward.get(&path).json(), json!({"matches": [again]}));
}

#[test]
fn an_upload_is_hashed_added_and_found() {
    let ward = Ward::with(&[]);
    create(&ward, "BANK");
    let (coffee, rocket, clock) =
        (picture("originals/coffee.jpg"), picture("originals/rocket.jpg"), picture("originals/clock.png"));
    let file = |content: &'static str, bytes: &[u8]| upload(&ward, "/h/hash", &[(content, Some("f"), bytes)]);
    let hashed = file("photo", &coffee).json();
    let pdq = hashed["pdq"].as_str().unwrap().to_owned();
    assert_eq!((hashed.as_object().unwrap().len(), pdq.len()), (1, 64));
    assert_eq!(file("photo", &clock).json(), json!({"pdq": ""}), "too plain");
    let md5 = file("video", &coffee).json();
    assert!(md5["video_md5"].as_str().is_some_and(|md5| md5.len() == 32), "{md5}");
    let more = upload(&ward, "/h/hash?types=pdq,md5,sha256", &[("photo", Some("f"), &coffee)]).json();
    assert_eq!(more.as_object().unwrap().keys().collect::<Vec<_>>(), ["md5", "pdq", "sha256"]);
    assert_eq!((&more["pdq"], &more["md5"]), (&hashed["pdq"], &md5["video_md5"]));
    refused(&file("photo", b"GIF89a nothing"), 400);
    refused(&file("photo", b""), 400);
    refused(&file("text", &coffee), 400);
    refused(&upload(&ward, "/h/hash", &[]), 400);
    refused(&upload(&ward, "/h/hash", &[("photo", Some("a"), &coffee), ("photo", Some("b"), &coffee)]), 400);
    refused(&upload(&ward, "/h/hash?types=video_md5", &[("photo", Some("a"), &coffee)]), 400);
    refused(&upload(&ward, "/h/hash?types=,", &[("photo", Some("a"), &coffee)]), 400);
    refused(&ward.get("/h/hash"), 400);
    refused(&ward.get("/h/hash?url=https://a.example/x.jpg"), 403); // fetching is off

    let parts: [(&str, Option<&str>, &[u8]); 3] =
        [("photo", Some("a.jpg"), &coffee), ("note", None, b"a cup"), ("content_id", None, b"item 1")];
    let added = upload(&ward, "/c/bank/BANK/content", &parts);
    assert_eq!((added.status, &added.json()["signals"]), (StatusCode::OK, &json!({ "pdq": pdq })));
    let id = added.json()["id"].as_u64().unwrap();
    let shown = ward.get(&format!("/c/bank/BANK/content/{id}")).json();
    assert_eq!((&shown["note"], &shown["metadata"]), (&json!("a cup"), &json!({"content_id": "item 1"})));
    let bare = ward.get(&format!("/c/bank/BANK/content/{id}?include_metadata=false")).json();
    assert!(bare.get("metadata").is_none());
    let found = json!({"pdq": {"BANK": [{"bank_content_id": id, "distance": "0"}]}});
    let look = |bytes: &[u8], query: &str| {
        upload(&ward, &format!("/m/lookup{query}"), &[("photo", Some("f"), bytes)])
    };
    assert_eq!(look(&coffee, "").json(), found);
    let turned = look(&picture("edits/coffee-turned-90.jpg"), "").json();
    assert_eq!(turned["pdq"]["BANK"][0]["bank_content_id"], id, "in any orientation");
    assert_eq!(look(&rocket, "").json(), json!({"pdq": {}}));
    assert_eq!(look(&coffee, "?banks=OTHER").json(), json!({"pdq": {}}));
    assert_eq!(look(&coffee, "?banks=OTHER,BANK").json(), found);
    refused(&look(&clock, ""), 400);
    refused(&look(b"nothing", ""), 400);
    refused(&upload(&ward, "/c/bank/BANK/content", &[("photo", Some("f"), &clock)]), 400);
    refused(&upload(&ward, "/c/bank/NONE/content", &[("photo", Some("f"), &coffee)]), 404);
    refused(&ward.post_json("/c/bank/BANK/content", &json!({})), 400);
    refused(&ward.post_json("/c/bank/BANK/signal", &json!({})), 400);
    refused(&ward.post_json("/c/bank/BANK/signal", &json!({"tlsh": "00"})), 400);
    refused(&ward.post_json("/c/bank/BANK/signal", &json!({"pdq": "0".repeat(64)})), 400);
    refused(&ward.post_json("/c/bank/BANK/signal", &json!({"pdq": 5})), 400);
    // All hashes of a content are kept, or nothing is: two of one kind, one that would match by chance beside one that does not.
    let other = "c0ffee00c0ffee00c0ffee00c0ffee01";
    refused(&ward.post_json("/c/bank/BANK/signal", &json!({"md5": MD5, "video_md5": other})), 400);
    refused(&ward.post_json("/c/bank/BANK/signal", &json!({"pdq": "0".repeat(64), "md5": other})), 400);
    for md5 in [MD5, other] {
        assert_eq!(ward.get(&format!("/m/lookup?signal={md5}&signal_type=md5")).json(), json!({}));
    }
    let both = upload(&ward, "/m/lookup?types=md5,video_md5", &[("video", Some("f"), &coffee)]).json();
    assert_eq!(both.as_object().unwrap().keys().collect::<Vec<_>>(), ["md5", "video_md5"]);

    let put = send(&ward, Method::PUT, "/c/bank/BANK", &json!({"enabled": false}));
    assert_eq!(put.status, StatusCode::OK);
    assert_eq!(look(&coffee, "").json(), json!({"pdq": {}}));
    assert_eq!(look(&coffee, "?bypass_coinflip=true").json(), found);
}

#[test]
fn a_hash_is_looked_up_by_bank_and_share() {
    let list = |hashes: &[&str]| hashes.iter().map(|hash| format!("{hash}\n")).collect::<String>();
    let (one, two) = (list(&[&format!("pdq:{A}"), &format!("md5:{MD5}")]), list(&[&format!("pdq:{NEAR_A}")]));
    let ward = Ward::with(&[("BANK_A", &one), ("BANK_B", &two)]);
    let number = |text: &str| {
        let signal: crate::digest::Signal = text.parse().unwrap();
        number_of(EntryKey::derived(&signal.into()).as_str())
    };
    let (a, b, md5) =
        (number(&format!("pdq:{A}")), number(&format!("pdq:{NEAR_A}")), number(&format!("md5:{MD5}")));
    let raw = |query: &str| ward.get(&format!("/m/raw_lookup?signal={A}&signal_type=pdq{query}")).json();
    assert_eq!(raw(""), json!({"matches": [a, b]}), "the nearest first");
    assert_eq!(raw("&banks=BANK_B,NONE"), json!({"matches": [b]}));
    assert_eq!(raw("&banks=NONE"), json!({"matches": []}));
    let with = json!([{"bank_content_id": a, "distance": "0"}, {"bank_content_id": b, "distance": "9"}]);
    for yes in ["true", "True", "1"] {
        assert_eq!(raw(&format!("&include_distance={yes}"))["matches"], with);
    }
    let look = |query: &str| ward.get(&format!("/m/lookup?signal={A}&signal_type=pdq{query}")).json();
    let both = json!({"BANK_A": [with[0]], "BANK_B": [with[1]]});
    assert_eq!(look("&unheard_of=1&seed=7"), both);
    assert_eq!(look("&banks=BANK_B"), json!({"BANK_B": [with[1]]}));
    let by_md5 = ward.get(&format!("/m/lookup?signal={}&signal_type=video_md5", MD5.to_uppercase())).json();
    assert_eq!(by_md5, json!({"BANK_A": [{"bank_content_id": md5, "distance": "0"}]}));
    assert_eq!(ward.get(&format!("/m/lookup?signal={BRIDGE}&signal_type=pdq")).json(), json!({}));
    for path in [
        "/m/lookup",
        "/m/raw_lookup",
        "/m/lookup?signal_type=pdq",
        "/m/lookup?signal=&signal_type=pdq",
        "/m/lookup?signal=abc&signal_type=pdq",
        "/m/raw_lookup?signal=abc&signal_type=tlsh",
    ] {
        refused(&ward.get(path), 400);
    }

    let put = |path: &str, body: Value| send(&ward, Method::PUT, path, &body).status;
    assert_eq!(put("/c/bank/BANK_B", json!({"enabled_ratio": 0.5})), StatusCode::OK);
    let taken = (0..200).filter(|seed| look(&format!("&seed={seed}")).get("BANK_B").is_some()).count();
    assert!((60..140).contains(&taken), "{taken} of 200"); // five standard deviations
    assert_eq!(look("&seed=17"), look("&seed=17"));
    assert_eq!(look("&bypass_coinflip=true"), both);
    assert_eq!(raw(""), json!({"matches": [a, b]}));
    assert_eq!(put("/c/bank/BANK_B", json!({"enabled": false})), StatusCode::OK);
    assert_eq!((look(""), raw("")), (json!({"BANK_A": [with[0]]}), json!({"matches": [a]})));
    assert_eq!(look("&bypass_coinflip=true"), both);

    assert_eq!(put("/c/signal_type/pdq", json!({"enabled_ratio": 0})), StatusCode::NO_CONTENT);
    refused(&ward.get(&format!("/m/lookup?signal={A}&signal_type=pdq")), 400);
    let types = json!([{"name": "pdq", "enabled_ratio": 0.0}, {"name": "video_md5", "enabled_ratio": 1.0}]);
    assert_eq!(ward.get("/c/signal_type").json(), types);
    assert_eq!(put("/c/signal_type/none", json!({"enabled_ratio": 0})), StatusCode::BAD_REQUEST);
    assert_eq!(put("/c/signal_type/pdq", json!({})), StatusCode::BAD_REQUEST);
}

#[test]
fn two_hashes_are_compared() {
    let ward = Ward::with(&[]);
    let compare = |body: Value| ward.post_json("/m/compare", &body);
    assert_eq!(compare(json!({"pdq": [A, NEAR_A]})).json(), json!({"pdq": [true, {"distance": 9}]}));
    let other = "0f".repeat(16);
    let both = compare(json!({"pdq": [A, BRIDGE], "video_md5": [MD5, MD5], "md5": [MD5, other]})).json();
    assert_eq!(
        (&both["video_md5"], &both["md5"]),
        (&json!([true, {"distance": 0}]), &json!([false, {"distance": 1}]))
    );
    assert_eq!(both["pdq"][0], false);
    for wrong in [
        json!([]),
        json!({"pdq": A}),
        json!({"pdq": [A]}),
        json!({"pdq": [A, "x"]}),
        json!({"pdq": [A, 5]}),
        json!({"tlsh": [A, A]}),
    ] {
        refused(&compare(wrong), 400);
    }
}

#[test]
fn configuration_and_status_have_hma_s_shapes() {
    let list = format!("pdq:{A}\npdq:{BRIDGE}\nmd5:{MD5}\n");
    let ward = Ward::with(&[("BANK", &list)]);
    let types = json!([{"name": "photo", "enabled": true}, {"name": "video", "enabled": true}]);
    assert_eq!(ward.get("/c/content_type").json(), types);
    let status = ward.get("/m/index/status").json();
    let built_to = status["pdq"]["built_to"].as_i64().unwrap();
    assert!(built_to > 1_700_000_000);
    assert_eq!(status["pdq"], json!({"built_to": built_to, "present": true, "size": 2}));
    assert_eq!(status["video_md5"]["size"], 1);
    let one = ward.get("/m/index/status?signal_type=pdq").json();
    assert_eq!(one.as_object().unwrap().len(), 1);
    refused(&ward.get("/m/index/status?signal_type=tlsh"), 400);
    let index = ward.get("/c/signal_type/index").json();
    let expected = json!({
        "db_size": 2, "index_size": 2, "index_out_of_date": false, "newest_db_item": built_to, "index_built_to": built_to,
    });
    assert_eq!(index["pdq"], expected);
    let none = Ward::with(&[]).get("/m/index/status").json();
    assert_eq!(none["pdq"], json!({"built_to": -1, "present": false, "size": 0}));

    assert_eq!(ward.get("/c/exchanges").json(), json!([]));
    assert_eq!(ward.get("/c/exchanges/apis").json(), json!([]));
    for (path, status) in [
        ("/c/exchanges/api/ncmec", 400),
        ("/c/exchanges/api/ncmec/schema", 404),
        ("/c/exchange/BANK", 404),
        ("/c/exchange/BANK/status", 404),
    ] {
        refused(&ward.get(path), status);
    }
    refused(&ward.post_json("/c/exchanges", &json!({"bank": "X", "api": "ncmec", "api_json": {}})), 400);
    refused(&ward.post_json("/c/exchanges", &json!({"bank": "x"})), 400);
    let deleted = ward.ask(Method::DELETE, "/c/exchange/BANK", &[], "");
    assert_eq!((deleted.status, deleted.json()), (StatusCode::OK, json!({"message": "Exchange deleted"})));

    let patterns: Vec<String> = serde_json::from_value(ward.get("/site-map").json()).unwrap();
    assert!(patterns.is_sorted());
    for pattern in patterns.iter().filter(|pattern| {
        pattern.starts_with("/c/") || pattern.starts_with("/m/") || pattern.starts_with("/h/")
    }) {
        let path: Vec<&str> =
            pattern.split('/').map(|part| if part.starts_with('<') { "7" } else { part }).collect();
        let answer = ward.ask(Method::PATCH, &path.join("/"), &[], "");
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{pattern} is there");
    }
}

#[test]
fn only_what_is_to_be_found_is_a_bank() {
    let ward = Ward::with(&[("BANK", &format!("pdq:{A}\n"))]);
    let list = format!("pdq:{BRIDGE}\n");
    {
        let lock = ward.home.lock().unwrap();
        let made = crate::hashset::Made { at: jiff::Timestamp::now(), by: None };
        let update =
            crate::hashset::SetUpdate { role: Some(crate::hashset::Role::Watch), ..Default::default() };
        let options = crate::index::ImportOptions::new(Default::default(), update, made);
        let mut input = std::io::Cursor::new(list.as_bytes());
        crate::index::bring(&ward.home, &lock, &"WATCHED".parse().unwrap(), &mut input, &options).unwrap();
    }
    ward.settle();
    assert_eq!(ward.get("/c/banks").json().as_array().unwrap().len(), 1);
    refused(&ward.get("/c/bank/WATCHED"), 404);
    refused(&ward.post_json("/c/banks", &json!({"name": "WATCHED"})), 403);
    for path in ["/m/raw_lookup", "/m/lookup"] {
        let answer = ward.get(&format!("{path}?signal={BRIDGE}&signal_type=pdq")).json();
        assert!(answer == json!({}) || answer == json!({"matches": []}), "{answer}");
        let named = ward.get(&format!("{path}?signal={BRIDGE}&signal_type=pdq&banks=WATCHED")).json();
        assert_eq!(named, answer);
    }
}

#[test]
fn a_scope_is_needed_and_its_lack_is_told_as_hma_would() {
    use crate::serve::{Scope, Settings};
    let list = format!("pdq:{A}\n");
    let with = |open: &[Scope]| {
        Ward::set_up(&[("BANK", &list)], Settings { open: open.to_vec(), ..Settings::default() })
    };
    let (reader, curator, nobody) = (with(&[Scope::Match]), with(&[Scope::Manage]), with(&[]));
    let lookup = format!("/m/lookup?signal={A}&signal_type=pdq");
    assert_eq!(reader.get(&lookup).status, StatusCode::OK);
    assert_eq!(curator.get("/c/banks").status, StatusCode::OK);
    refused(&reader.get("/c/banks"), 401);
    refused(&reader.post_json("/c/banks", &json!({"name": "X"})), 401);
    refused(&curator.get(&lookup), 401);
    for path in [&lookup, "/c/banks", "/m/index/status", "/site-map", "/h/hash", "/c/exchanges"] {
        refused(&nobody.get(path), 401);
    }
}

#[test]
fn what_is_too_long_is_told_so() {
    use crate::serve::{Scope, Settings};
    let settings = Settings {
        open: Scope::ALL.to_vec(),
        max_upload_bytes: 1000,
        max_body_bytes: 2000,
        ..Settings::default()
    };
    let ward = Ward::set_up(&[("BANK", &format!("pdq:{A}\n"))], settings);
    for path in ["/h/hash", "/m/lookup", "/c/bank/BANK/content"] {
        refused(&upload(&ward, path, &[("photo", Some("f"), &[0; 1001])]), 413);
        refused(&upload(&ward, path, &[("photo", Some("f"), &vec![0; 3 << 20])]), 413);
        refused(&upload(&ward, path, &[("note", None, &[b'x'; 70_000]), ("photo", Some("f"), b"x")]), 400);
    }
    let long = json!({"pdq": ["x".repeat(3000), ""]});
    refused(&ward.post_json("/m/compare", &long), 413);
    let as_form = [("content-type", "multipart/form-data; boundary=x")];
    refused(&ward.ask(Method::POST, "/m/compare", &as_form, long.to_string()), 413);
}

#[test]
fn what_no_bank_of_the_answer_has_is_not_called_harmless() {
    let ward = Ward::with(&[]);
    create(&ward, "OFF");
    let cut = picture("other/truncated.jpg");
    refused(&upload(&ward, "/m/lookup", &[("photo", Some("f"), &cut)]), 400);
    let md5 = upload(&ward, "/h/hash", &[("video", Some("f"), &cut)]).json()["video_md5"].clone();
    assert_eq!(ward.post_json("/c/bank/OFF/signal", &json!({ "md5": md5 })).status, StatusCode::OK);
    let found = upload(&ward, "/m/lookup", &[("photo", Some("f"), &cut)]);
    assert_eq!(found.json()["pdq"]["OFF"][0]["distance"], "0");
    assert!(found.headers.contains_key("innerward-unchecked"), "by its bytes alone");
    let off = send(&ward, Method::PUT, "/c/bank/OFF", &json!({"enabled_ratio": 0}));
    assert_eq!(off.status, StatusCode::OK);
    refused(&upload(&ward, "/m/lookup", &[("photo", Some("f"), &cut)]), 400);
    refused(&ward.get("/m/lookup?signal=&signal_type=pdq"), 400);
}

#[test]
fn the_operators_stop_list_holds_for_banks() {
    let ward = Ward::with(&[]);
    std::fs::write(ward.home.root().join("stop.txt"), format!("pdq:{A}\n")).unwrap();
    let config = std::fs::read_to_string(ward.home.root().join("innerward.toml")).unwrap_or_default();
    let config = format!("{config}\n[import]\nstop_list = \"stop.txt\"\n");
    std::fs::write(ward.home.root().join("innerward.toml"), config).unwrap();
    create(&ward, "BANK");
    refused(&ward.post_json("/c/bank/BANK/signal", &json!({"pdq": A})), 400);
    add(&ward, "BANK", BRIDGE);
}

#[test]
fn whoever_asks_by_another_name_is_told_so_in_hma_s_words() {
    let ward = Ward::with(&[]);
    let by_name = |path: &str| ward.ask(Method::GET, path, &[("host", "hma:5100")], "");
    let answer = by_name("/c/banks");
    refused(&answer, 403);
    assert!(answer.text().contains("--open-beyond-loopback"), "{}", answer.text());
    assert_eq!(by_name("/v1/status").json()["code"], "forbidden");
    refused(&ward.get("/c/nothing"), 404);
    let root = ward.get("/");
    assert_eq!((root.status, &root.headers["location"]), (StatusCode::FOUND, &"/status".parse().unwrap()));
}

#[test]
fn what_another_process_changes_is_seen() {
    let ward = Ward::with(&[("BANK", &format!("pdq:{A}\n"))]);
    let look = || ward.get(&format!("/m/lookup?signal={A}&signal_type=pdq")).json();
    assert!(look().get("BANK").is_some());
    let mut other = crate::hashset::Local::open(&ward.home).unwrap();
    other.set_share("BANK", 0.0).unwrap();
    ward.settle(); // as a service does ten times a second
    assert_eq!(look(), json!({}));
}
