//! A bank under another name.

use axum::http::Method;
use serde_json::{Value, json};

use super::contract_tests::{A, BRIDGE, add, create, refused, send};
use crate::hashset::{Local, Made, Role, SetName, SetUpdate};
use crate::index::{ImportOptions, bring};
use crate::serve::testing::Ward;

#[test]
fn a_renamed_bank_keeps_all_that_was_said_of_it() {
    let ward = Ward::with(&[("OLD", &format!("pdq:{A}\npdq:{BRIDGE}\n"))]);
    create(&ward, "NEXT");
    let id = |hash: &str| {
        let found = ward.get(&format!("/m/raw_lookup?signal={hash}&signal_type=pdq")).json();
        found["matches"][0].as_u64()
    };
    let (off, gone) = (id(A).unwrap(), id(BRIDGE).unwrap());
    let put = |path: &str, body: Value| send(&ward, Method::PUT, path, &body);
    put(&format!("/c/bank/OLD/content/{off}"), json!({"disable_until_ts": 0, "note": "kept"}));
    put("/c/bank/OLD", json!({"enabled_ratio": 0.25}));
    ward.ask(Method::DELETE, &format!("/c/bank/OLD/content/{gone}"), &[], "");
    refused(&put("/c/bank/OLD", json!({"name": "NEXT"})), 403);
    let renamed = put("/c/bank/OLD", json!({"name": "NEW"}));
    assert_eq!(renamed.json(), json!({"name": "NEW", "matching_enabled_ratio": 0.25}), "{}", renamed.text());
    let shown = ward.get(&format!("/c/bank/NEW/content/{off}?include_signals=1")).json();
    assert_eq!((&shown["disable_until_ts"], &shown["note"]), (&json!(0), &json!("kept")));
    assert_eq!(shown["signals"], json!({ "pdq": A }));
    assert_eq!((id(A), id(BRIDGE)), (None, None));
    ward.import("NEW", &format!("pdq:{A}\npdq:{BRIDGE}\n"));
    assert_eq!(id(BRIDGE), None, "what was withdrawn stays so");
    put(&format!("/c/bank/NEW/content/{off}"), json!({"disable_until_ts": 1}));
    assert_eq!(id(A), Some(off));
}

#[test]
fn a_list_of_harmless_files_overrules_the_bank_under_its_new_name() {
    let ward = Ward::with(&[("OLD", &format!("pdq:{A}\n")), ("OTHER", &format!("pdq:{BRIDGE}\n"))]);
    let good: SetName = "GOOD".parse().unwrap();
    let names = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
    {
        let lock = ward.home.lock().unwrap();
        let update = SetUpdate { role: Some(Role::Ignore), ..SetUpdate::default() };
        let made = Made { at: jiff::Timestamp::now(), by: None };
        let options = ImportOptions::new(Default::default(), update, made);
        let mut list = std::io::Cursor::new(b"md5:c0ffee00c0ffee00c0ffee00c0ffee00\n");
        bring(&ward.home, &lock, &good, &mut list, &options).unwrap();
        Local::open(&ward.home).unwrap().set_suppresses(&good, &names(&["OLD", "OTHER"])).unwrap();
    }
    ward.settle();
    let renamed = send(&ward, Method::PUT, "/c/bank/OLD", &json!({"name": "NEW"}));
    assert_eq!(renamed.json()["name"], "NEW", "{}", renamed.text());
    let overruled: std::collections::BTreeSet<SetName> =
        Local::open(&ward.home).unwrap().suppresses(&good).unwrap().into_iter().collect();
    assert_eq!(overruled, names(&["NEW", "OTHER"]));
}

#[test]
fn a_rename_that_would_lose_something_is_refused_and_changes_nothing() {
    let ward = Ward::with(&[]);
    create(&ward, "FIRST");
    let id = add(&ward, "FIRST", A);
    ward.ask(Method::DELETE, &format!("/c/bank/FIRST/content/{id}"), &[], "");
    ward.ask(Method::DELETE, "/c/bank/FIRST", &[], "");
    create(&ward, "SECOND");
    assert_eq!(add(&ward, "SECOND", A), id);
    add(&ward, "SECOND", BRIDGE);
    let banks = ward.get("/c/banks").json();
    // In the bank FIRST this content is withdrawn for ever.
    refused(&send(&ward, Method::PUT, "/c/bank/SECOND", &json!({"name": "FIRST"})), 409);
    assert_eq!(ward.get("/c/banks").json(), banks);
    let found = ward.get(&format!("/m/lookup?signal={A}&signal_type=pdq")).json();
    assert_eq!(found, json!({"SECOND": [{"bank_content_id": id, "distance": "0"}]}));
    let renamed = send(&ward, Method::PUT, "/c/bank/SECOND", &json!({"name": "THIRD"}));
    assert_eq!(renamed.json()["name"], "THIRD");
}
