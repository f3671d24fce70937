//! Decisions, counts and releases over HTTP.

use axum::http::StatusCode;
use jiff::civil::date;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::super::testing::Ward;
use super::tests::{A, B, key, list, outcome, problem, put_json};
use crate::hashset::{Decision, Local};
use crate::home::{Clock, Config, Home};
use crate::release::{COARSE, PeriodFacts, Request, publish, register};
use crate::screen::Outcome;
use crate::tally::{Cube, Desk, Finding, Sensitive, Tally};
use crate::vocabulary::{Indicator, Period};

fn decision(entry: &str, decision: &str, labels: &[&str]) -> Value {
    json!({ "set": "DEMO", "entry": entry, "decision": decision, "labels": labels })
}

/// What the tally of a home holds, indicator by indicator.
fn counted(home: &Home, period: Period) -> Vec<(Indicator, Vec<(String, u64)>)> {
    let cube = Tally::open(home).unwrap().cube(period, None).unwrap();
    let cube = cube.show_locally();
    let of = |indicator| cube.of(indicator).map(|(cell, number)| (format!("{cell:?}"), number)).collect();
    cube.indicators().map(|indicator| (indicator, of(indicator))).collect()
}

#[test]
fn decisions_count_the_same_by_both_ways_and_hold_at_once() {
    let lists = [("DEMO", &*list(&[A, B]))];
    let (ward, desk_ward) = (Ward::with(&lists), Ward::with(&lists));
    let all = [
        (key(A), "confirm", vec!["severity:SEV_A", "sex:F"]),
        (key(B), "confirm", vec!["severity:SEV_B"]),
        (key(B), "deconfirm", vec![]),
    ];
    let sent: Vec<Value> = all.iter().map(|(key, word, labels)| decision(key, word, labels)).collect();
    let answer = ward.post_json("/v1/decisions", &Value::from(sent));
    assert_eq!(answer.json(), json!({ "decided": 3, "reviewed": 3, "declined": [] }), "{}", answer.text());
    let findings = all.iter().map(|(key, word, labels)| Finding {
        set: "DEMO".parse().unwrap(),
        entry: key.clone(),
        decision: word.parse().unwrap(),
        by: None,
        reason: None,
        labels: labels.iter().map(|label| Finding::label(label).unwrap()).collect(),
    });
    let today = Clock::system().today();
    let mut desk = Desk::open(&desk_ward.home, today).unwrap();
    desk.take(&findings.collect::<Vec<_>>()).unwrap();
    let period = Period::containing(today);
    let counts = counted(&ward.home, period);
    assert!(!counts.is_empty() && counts == counted(&desk_ward.home, period));
    let told = ward.get("/v1/tally?by=outcome,severity");
    problem(&told, StatusCode::BAD_REQUEST);
    let told = ward.get("/v1/tally?by=severity&indicator=REVIEWED");
    assert_eq!(told.headers["cache-control"], "no-store");
    let told = told.json();
    assert_eq!((&told["local"], &told["totals"]), (&json!("not for sharing"), &json!({ "REVIEWED": 2 })));
    assert_eq!(told["period"], period.to_string());
    let shown: u64 =
        told["counts"].as_array().unwrap().iter().map(|count| count["number"].as_u64().unwrap()).sum();
    let reviewed = counts.iter().find(|(indicator, _)| *indicator == Indicator::Reviewed).unwrap();
    assert_eq!(shown, reviewed.1.iter().map(|(_, number)| number).sum::<u64>());
    let signal = format!("sha256:{A}").parse().unwrap();
    let verdict = ward.state.matcher().unwrap().look_up(&signal).unwrap();
    assert_eq!((outcome(&ward, A), verdict.matches.len()), (Outcome::Known, 1));
    let stands = serde_json::to_value(ward.get("/v1/decisions").json()["decisions"].clone()).unwrap();
    let stands: Vec<_> = stands
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["entry"].clone(), one["decision"].clone()))
        .collect();
    let mut expected = vec![(json!(key(A)), json!("confirm")), (json!(key(B)), json!("deconfirm"))];
    expected.sort_by_key(|(entry, _)| entry.to_string());
    assert_eq!(stands, expected);
}

#[test]
fn the_decider_is_the_token_unless_another_is_named() {
    let ward = Ward::with(&[("DEMO", &list(&[A, B]))]);
    let mut named = decision(&key(B), "unsure", &[]);
    named["by"] = json!("analyst-7");
    named["reason"] = json!("R1");
    for sent in [&decision(&key(A), "confirm", &[]), &named] {
        assert_eq!(ward.post_json("/v1/decisions", sent).json()["decided"], 1);
    }
    let decided = Local::open(&ward.home).unwrap().decisions(None).unwrap();
    let of = |digest: &str| decided.iter().find(|one| one.key.as_str() == key(digest)).unwrap();
    assert_eq!(of(A).by.as_ref().map(crate::hashset::Word::as_str), Some("anybody"));
    assert_eq!(of(B).by.as_ref().map(crate::hashset::Word::as_str), Some("analyst-7"));
    assert_eq!((of(B).decision, of(A).decision), (Decision::Unsure, Decision::Confirm));
    problem(&ward.get("/v1/decisions?set=other"), StatusCode::NOT_FOUND);
    assert_eq!(ward.get("/v1/decisions?set=DEMO").json()["decisions"].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_decided_is_seen_by_the_next_match() {
    let ward = Ward::with(&[("DEMO", &list(&[A]))]);
    std::fs::write(ward.home.root().join("innerward.toml"), "[decisions]\ndeconfirmed = \"hide\"\n").unwrap();
    // The configuration is read at the start.
    let again = Ward::on(&ward.home);
    assert_eq!(outcome(&again, A), Outcome::Known);
    assert_eq!(again.post_json("/v1/decisions", &decision(&key(A), "deconfirm", &[])).status, StatusCode::OK);
    assert_eq!(outcome(&again, A), Outcome::Deconfirmed);
}

#[test]
fn a_decision_that_cannot_be_is_declined_by_its_number_or_alone_refused() {
    let ward = Ward::with(&[("DEMO", &list(&[A]))]);
    put_json(&ward, "/v1/sets/DEMO", &json!({ "allow": ["match"] }));
    let good = decision(&key(A), "confirm", &[]);
    let lost = decision("peculiar", "confirm", &[]);
    let label = decision(&key(A), "confirm", &["severity:peculiar"]);
    let twice = decision(&key(A), "confirm", &["severity:SEV_A", "severity:SEV_B"]);
    let mut nowhere = good.clone();
    nowhere["set"] = json!("peculiar");
    let answer = ward.post_json("/v1/decisions", &json!([lost, good, label, twice, nowhere])).json();
    assert_eq!(
        (&answer["decided"], &answer["reviewed"]),
        (&json!(1), &json!(0)),
        "no statistics are allowed"
    );
    let numbers: Vec<&Value> =
        answer["declined"].as_array().unwrap().iter().map(|one| &one["number"]).collect();
    assert_eq!(numbers, [&json!(1), &json!(3), &json!(4), &json!(5)]);
    assert!(!answer.to_string().contains("peculiar"), "{answer}");
    for (alone, status) in [
        (lost, StatusCode::NOT_FOUND),
        (nowhere, StatusCode::NOT_FOUND),
        (label, StatusCode::BAD_REQUEST),
        (twice, StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "set": "DEMO", "entry": key(A), "decision": "peculiar" }), StatusCode::BAD_REQUEST),
        (json!({ "set": "DEMO", "entry": key(A) }), StatusCode::BAD_REQUEST),
        (
            json!({ "set": "DEMO", "entry": key(A), "decision": "confirm", "Peculiar": 1 }),
            StatusCode::BAD_REQUEST,
        ),
        (json!([]), StatusCode::UNPROCESSABLE_ENTITY),
        (json!("peculiar"), StatusCode::BAD_REQUEST),
    ] {
        let detail = problem(&ward.post_json("/v1/decisions", &alone), status);
        assert!(!detail.contains("peculiar"), "{detail}");
    }
    assert_eq!(Local::open(&ward.home).unwrap().decisions(None).unwrap().len(), 1);
    problem(&ward.get("/v1/tally?period=peculiar"), StatusCode::BAD_REQUEST);
    problem(&ward.get("/v1/tally?indicator=peculiar"), StatusCode::BAD_REQUEST);
    assert_eq!(
        ward.get("/v1/tally?by=severity,severity").json(),
        ward.get("/v1/tally?by=severity").json(),
        "named twice is named"
    );
    problem(&ward.get("/v1/tally?by=severity,peculiar"), StatusCode::BAD_REQUEST);
}

#[test]
fn releases_and_what_is_left_of_the_budget_are_those_of_the_ledger() {
    let ward = Ward::with(&[]);
    assert_eq!(ward.get("/v1/releases").json(), json!({ "releases": [] }));
    assert_eq!(ward.get("/v1/budget").json(), json!({ "entries": 0, "budgets": [] }));
    let (home, config) = (&ward.home, Config::default());
    let on = |day| Clock::start_of(day);
    register(home, &home.lock().unwrap(), on(date(2026, 9, 15)), COARSE, None).unwrap();
    let period: Period = "2026-10".parse().unwrap();
    let request = Request {
        clock: on(date(2026, 11, 5)),
        period,
        plan: "coarse",
        revise: false,
        witness: None,
        config: &config,
    };
    let counts =
        |_| Ok::<_, std::convert::Infallible>((Sensitive::new(Cube::default()), PeriodFacts::default()));
    let published =
        publish(home, &home.lock().unwrap(), &request, counts, &mut StdRng::seed_from_u64(7)).unwrap();
    let releases = ward.get("/v1/releases").json();
    let release = &releases["releases"][0];
    assert_eq!(release["release_id"], published.release_id);
    assert_eq!((&release["period"], &release["charged_on"]), (&json!("2026-10"), &json!("2026-11-05")));
    let cost = release["epsilon_nano"].as_u64().unwrap();
    let budget = ward.get("/v1/budget").json();
    let month = budget["budgets"].as_array().unwrap().iter().find(|one| one["period"] == "2026-10").unwrap();
    assert_eq!(month["spent_nano"].as_u64(), Some(cost));
    let number = |field: &str| month[field].as_u64().unwrap();
    assert_eq!(number("cap_nano"), number("spent_nano") + number("left_nano"));
    assert_eq!(month["by_plan"], json!({ "coarse": cost }));
}
