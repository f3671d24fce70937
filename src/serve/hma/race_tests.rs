//! What several callers change at the same time.

use std::sync::Barrier;

use axum::http::Method;
use serde_json::{Value, json};

use super::contract_tests::{A, BRIDGE, add, create, refused, send};
use super::number::number_of;
use crate::serve::testing::Ward;

/// Two keys of one number, found by Pollard's rho.
const TWINS: [&str; 2] = ["2d69e2702ba221", "6e46abeae01450"];

/// Lets all `works` begin at the same moment, each in a thread of its own.
fn at_once<T: Send>(works: Vec<Box<dyn FnOnce() -> T + Send + '_>>) -> Vec<T> {
    let barrier = Barrier::new(works.len());
    std::thread::scope(|scope| {
        let begun: Vec<_> = works
            .into_iter()
            .map(|work| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    work()
                })
            })
            .collect();
        begun.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn of_those_who_create_a_bank_at_the_same_time_one_does() {
    let ward = Ward::with(&[]);
    for round in 0..5 {
        let make = |ratio: f64| -> Box<dyn FnOnce() -> (u16, f64) + Send + '_> {
            let ward = &ward;
            Box::new(move || {
                let body = json!({"name": format!("BANK_{round}"), "enabled_ratio": ratio});
                (ward.post_json("/c/banks", &body).status.as_u16(), ratio)
            })
        };
        let answers = at_once(vec![make(0.25), make(0.5), make(0.75)]);
        let made: Vec<f64> =
            answers.iter().filter(|(status, _)| *status == 201).map(|(_, ratio)| *ratio).collect();
        let others = answers.iter().filter(|(status, _)| *status == 403).count();
        assert_eq!((made.len(), others), (1, 2), "{answers:?}");
        let shown = ward.get(&format!("/c/bank/BANK_{round}")).json();
        assert_eq!(shown["matching_enabled_ratio"], json!(made[0]), "what was answered holds");
    }
}

#[test]
fn a_note_and_a_switch_that_come_at_the_same_time_both_stay() {
    let ward = Ward::with(&[]);
    create(&ward, "BANK");
    let id = add(&ward, "BANK", A);
    let path = format!("/c/bank/BANK/content/{id}");
    for round in 0..6 {
        let put = |body: Value| -> Box<dyn FnOnce() -> u16 + Send + '_> {
            let (ward, path) = (&ward, &path);
            Box::new(move || send(ward, Method::PUT, path, &body).status.as_u16())
        };
        let (off, content) = (u8::from(round % 2 == 1), format!("item-{round}"));
        let answers = at_once(vec![
            put(json!({"note": format!("note {round}")})),
            put(json!({"disable_until_ts": off})),
            put(json!({"metadata": {"content_id": content}})),
        ]);
        assert_eq!(answers, [200; 3]);
        let shown = ward.get(&path).json();
        let all = (&shown["note"], &shown["disable_until_ts"], &shown["metadata"]["content_id"]);
        assert_eq!(all, (&json!(format!("note {round}")), &json!(off), &json!(content)), "round {round}");
    }
}

#[test]
fn a_content_that_is_added_while_its_bank_is_deleted_makes_no_bank() {
    let ward = Ward::with(&[]);
    for round in 0..5 {
        create(&ward, "BANK");
        let answers = at_once::<u16>(vec![
            Box::new(|| ward.post_json("/c/bank/BANK/signal", &json!({ "pdq": A })).status.as_u16()),
            Box::new(|| ward.ask(Method::DELETE, "/c/bank/BANK", &[], "").status.as_u16()),
        ]);
        assert!([200, 404].contains(&answers[0]) && answers[1] == 200, "{answers:?}");
        refused(&ward.get("/c/bank/BANK"), 404);
        assert_eq!(ward.get("/c/banks").json(), json!([]), "round {round}");
    }
}

#[test]
fn a_number_that_two_entries_share_is_refused_whoever_was_asked_for_before() {
    let entry = |key: &str, pdq: &str| {
        format!(r#"{{"type":"entry","data":{{"key":"{key}","status":"active","hashes":{{"pdq":"{pdq}"}}}}}}"#)
    };
    let list = |entries: &[String]| {
        let header = r#"{"type":"header","data":{"format":"innerward-list","version":1,"list_id":"BANK"}}"#;
        let summary = json!({"type": "summary", "data": {"entries": entries.len(), "withdrawn": 0}});
        format!("{header}\n{}\n{summary}\n", entries.join("\n"))
    };
    let number = number_of(TWINS[0]);
    assert_eq!(number, number_of(TWINS[1]));
    let ward = Ward::with(&[("BANK", &list(&[entry(TWINS[0], A)]))]);
    let path = format!("/c/bank/BANK/content/{number}");
    let note = |text: &str| send(&ward, Method::PUT, &path, &json!({ "note": text }));
    assert_eq!(note("of the first").status.as_u16(), 200, "so that it is remembered, were it so");
    ward.import("BANK", &list(&[entry(TWINS[0], A), entry(TWINS[1], BRIDGE)]));
    refused(&note("of whom?"), 409);
    refused(&ward.get(&path), 409);
    refused(&ward.ask(Method::DELETE, &path, &[], ""), 409);
    let keys = json!({ "entries": [TWINS[1]] });
    assert_eq!(ward.post_json("/v1/sets/BANK/withdraw", &keys).json()["withdrawn"], 1);
    assert_eq!(ward.get(&path).json()["note"], "of the first");
    assert_eq!(ward.ask(Method::DELETE, &path, &[], "").json(), json!({ "deleted": 1 }));
}
