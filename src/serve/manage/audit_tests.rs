//! The audit over HTTP: what is told, of what, and that a line that was changed shows.

use axum::body::Body;
use axum::http::{Method, StatusCode};

use super::super::testing::Ward;
use super::super::{Scope, Settings};
use super::tests::{A, B, import, key, list, problem};

fn dids(ward: &Ward, query: &str) -> Vec<String> {
    let answer = ward.get(&format!("/v1/audit{query}"));
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let deeds = answer.json()["deeds"].as_array().unwrap().clone();
    deeds
        .iter()
        .map(|deed| format!("{} {}", deed["did"].as_str().unwrap(), deed["subject"].as_str().unwrap()))
        .collect()
}

#[test]
fn what_was_done_is_told_by_set_and_day_and_the_latest_first_of_all() {
    let ward = Ward::with(&[]);
    assert_eq!(import(&ward, "/v1/sets/ONE/import?source=x", &list(&[A])).status, StatusCode::OK);
    assert_eq!(import(&ward, "/v1/sets/TWO/import?source=x", &list(&[B])).status, StatusCode::OK);
    assert_eq!(ward.ask(Method::DELETE, "/v1/sets/TWO", &[], Body::empty()).status, StatusCode::OK);
    let of_two = ["set.import TWO", "set.import TWO", "set.remove TWO", "set.remove TWO"];
    assert_eq!(dids(&ward, "?set=TWO"), of_two, "begun and done");
    assert_eq!(dids(&ward, "?set=NONE"), [""; 0]);
    let all = dids(&ward, "");
    assert_eq!(all[all.len() - 4..], of_two);
    assert_eq!(dids(&ward, "?limit=1"), ["set.remove TWO"]);
    assert_eq!(dids(&ward, "?since=2000-01-01"), all);
    assert_eq!(dids(&ward, "?since=9000-01-01"), [""; 0]);
    let answer = ward.get("/v1/audit?set=TWO&limit=3").json();
    assert_eq!(
        (&answer["earlier"], &answer["sound"], &answer["faults"]),
        (&1.into(), &true.into(), &0.into())
    );
    assert_eq!(
        answer["head"].as_str().unwrap(),
        ward.home.check_audit(None).unwrap().head.unwrap().to_string()
    );
    assert_eq!(answer["deeds"][2]["via"], "api");
}

#[test]
fn a_changed_line_shows() {
    let ward = Ward::with(&[]);
    assert_eq!(import(&ward, "/v1/sets/ONE/import", &list(&[A])).status, StatusCode::OK);
    let path = ward.home.root().join("audit.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"subject\":\"ONE\"", "\"subject\":\"TWO\"", 1)).unwrap();
    let answer = ward.get("/v1/audit").json();
    assert_eq!(answer["sound"], false);
    assert!(answer["faults"].as_u64().unwrap() >= 1);
}

#[test]
fn what_cannot_be_asked_is_refused_and_whoever_may_not_manage_sees_nothing() {
    let ward = Ward::with(&[]);
    for query in ["?limit=0", "?limit=1001"] {
        problem(&ward.get(&format!("/v1/audit{query}")), StatusCode::UNPROCESSABLE_ENTITY);
    }
    for query in ["?since=yesterday", "?limit=x", "?set=%20", "?other=1"] {
        problem(&ward.get(&format!("/v1/audit{query}")), StatusCode::BAD_REQUEST);
    }
    let others: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| *scope != Scope::Manage).collect();
    let ward = Ward::set_up(&[], Settings { open: others, ..Settings::default() });
    problem(&ward.get("/v1/audit"), StatusCode::UNAUTHORIZED);
}

/// Every deed of a set: what, how far, and what came of it.
fn stages(ward: &Ward, set: &str) -> Vec<String> {
    let answer = ward.get(&format!("/v1/audit?set={set}")).json();
    let word = |deed: &serde_json::Value, of: &str| deed["about"][of].as_str().unwrap_or_default().to_owned();
    let deeds = answer["deeds"].as_array().unwrap().iter();
    deeds
        .map(|deed| {
            format!("{} {}{}", deed["did"].as_str().unwrap(), word(deed, "stage"), word(deed, "code"))
        })
        .collect()
}

#[test]
fn whatever_was_begun_has_an_end_also_what_was_refused() {
    let ward = Ward::with(&[("ONE", &list(&[A, B]))]);
    let decide = |set: &str, entry: &str| {
        let sent = serde_json::json!([{ "set": set, "entry": entry, "decision": "confirm" }]);
        ward.post_json("/v1/decisions", &sent)
    };
    assert_eq!(decide("ONE", &key(A)).json()["decided"], 1);
    assert_eq!(decide("ONE", "nobody").json()["decided"], 0);
    assert_eq!(stages(&ward, "ONE"), ["decide begun", "decide done", "decide begun", "decide refused"]);
    let release = ward.post_json("/v1/sets/ONE/quarantine/release", &serde_json::json!({ "entry": key(A) }));
    problem(&release, StatusCode::NOT_FOUND);
    let refused = ["set.quarantine.release begun", "set.quarantine.release refusednot-found"];
    assert_eq!(stages(&ward, "ONE")[4..], refused);
    assert_eq!(ward.get("/v1/sets/ONE/export").status, StatusCode::OK);
    assert_eq!(stages(&ward, "ONE")[6..], ["set.export begun", "set.export done"]);
}
