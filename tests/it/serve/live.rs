//! Changes that other commands make beside a service that answers: seen everywhere within a second, and nobody waits for them.

use std::fs;
use std::time::{Duration, Instant};

use super::http::{Answer, Request};
use super::load::Load;
use super::service::{Service, sha256_list};
use crate::ward::{Ward, digits};

/// Within which a change is to be seen, and any request answered.
const A_SECOND: Duration = Duration::from_secs(1);

/// What the load asks: something that is always known, and something that never is.
pub(super) fn steady(known: &str) -> Vec<Request> {
    let unknown = digits("nobody has this", 32);
    let [known, unknown] = [known, &unknown].map(str::to_owned);
    vec![
        Request::get(&format!("/v1/match/hash/sha256:{known}")),
        Request::get(&format!("/m/lookup?signal={known}&signal_type=sha256")),
        Request::get(&format!("/v1/match/hash/sha256:{unknown}")),
        Request::get(&format!("/m/raw_lookup?signal={known}&signal_type=sha256")),
        Request::get(&format!("/v1/match/hash/pdq:{unknown}")),
    ]
}

/// Whether the answers to [`steady`] are right.
pub(super) fn is_steady(number: usize, answer: &Answer) -> bool {
    let words = [r#""outcome":"known""#, "bank_content_id", r#""outcome":"unknown""#, r#"{"matches":["#];
    let text = answer.text();
    let expected = words[[0, 1, 2, 3, 2][number]];
    answer.status == 200 && text.contains(expected) && text != r#"{"matches":[]}"#
}

fn load_on(service: &Service, known: &str) -> Load {
    Load::start(service.address, 2, Duration::from_millis(4), steady(known), is_steady)
}

/// Asserts that the services say `expected` of `signal` within a second from now on, at every path, and go on doing so.
#[track_caller]
fn seen(services: &[&Service], signal: &str, expected: &str) {
    let began = Instant::now();
    let matches = usize::from(["known", "near"].contains(&expected));
    for service in services {
        loop {
            let found = (service.outcome(signal), service.hma_matches(signal));
            if found == (expected.to_owned(), [matches; 2]) {
                break;
            }
            let late = began.elapsed() > A_SECOND;
            assert!(!late, "after {:?} {found:?} in place of {expected}", began.elapsed());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    for service in services {
        assert_eq!((service.outcome(signal), service.hma_matches(signal)), (expected.into(), [matches; 2]));
    }
}

const OPEN: [&str; 2] = ["--open", "match,manage"];

#[test]
fn imports_withdrawals_and_decisions_are_seen_by_all_services_within_a_second() {
    let ward = Ward::new();
    let [kept, going, coming] = ["kept", "going", "coming"].map(|seed| digits(seed, 32));
    ward.import("LIST", &sha256_list(&[&kept, &going]), &[]);
    let settings = "[decisions]\ndeconfirmed = \"hide\"\n";
    fs::write(ward.home().join("innerward.toml"), settings).unwrap();
    let (one, two) = (Service::start(&ward, &OPEN), Service::start(&ward, &OPEN));
    let all = [&one, &two];
    let loads = all.map(|service| load_on(service, &kept));
    let [going, coming] = [going, coming].map(|digest| format!("sha256:{digest}"));
    seen(&all, &going, "known");
    seen(&all, &coming, "unknown");

    ward.import("LIST", &sha256_list(&[&kept, &going[7..], &coming[7..]]), &[]);
    seen(&all, &coming, "known");
    ward.must(&["set", "withdraw", "LIST", &going]);
    seen(&all, &going, "unknown");
    let entry = one.get(&format!("/v1/match/hash/{coming}")).json()["matches"][0]["entry"].clone();
    let entry = entry.as_str().unwrap();
    ward.must(&["decide", "LIST", entry, "deconfirm"]);
    seen(&all, &coming, "deconfirmed");
    ward.must(&["decide", "LIST", entry, "unsure"]);
    seen(&all, &coming, "known");
    ward.import("OTHER", &sha256_list(&[&digits("other", 32)]), &[]);
    seen(&all, &format!("sha256:{}", digits("other", 32)), "known");
    ward.must(&["set", "remove", "OTHER"]);
    seen(&all, &format!("sha256:{}", digits("other", 32)), "unknown");
    // And through one service for the other.
    let gone = serde_json::json!({ "entries": [coming] });
    one.ask(&Request::json("POST", "/v1/sets/LIST/withdraw", &gone)).of(200);
    assert_eq!(one.outcome(&coming), "unknown", "the caller's next request");
    seen(&all, &coming, "unknown");
    for load in loads {
        load.end().all_well(A_SECOND);
    }
    one.end();
    two.end();
}

#[test]
fn what_is_put_back_from_quarantine_matches_within_a_second() {
    let ward = Ward::new();
    let [kept, flooded] = ["kept", "flooded"].map(|seed| digits(seed, 32));
    ward.import("LIST", &sha256_list(&[&flooded]), &[]);
    ward.import("KEPT", &sha256_list(&[&kept]), &[]);
    // A window so long that the test does not see its end.
    let settings = "[flood]\nhits = 400\nwithin = \"31d\"\n";
    fs::write(ward.home().join("innerward.toml"), settings).unwrap();
    let service = Service::start(&ward, &OPEN);
    let flooded = format!("sha256:{flooded}");
    let entry = service.get(&format!("/v1/match/hash/{flooded}")).json()["matches"][0]["entry"].clone();
    let many = serde_json::json!({ "hashes": vec![&flooded; 450] });
    service.ask(&Request::json("POST", "/v1/match/hashes", &many)).of(200);
    seen(&[&service], &flooded, "quarantined");
    // What the load asks for is known to nobody, so that it is not a flood of its own.
    let unknown = digits("nobody has this", 32);
    let quiet = vec![Request::get(&format!("/v1/match/hash/sha256:{unknown}"))];
    let judge = |_, answer: &Answer| answer.status == 200;
    let load = Load::start(service.address, 2, Duration::from_millis(4), quiet, judge);
    ward.must(&["set", "quarantine", "LIST", "--release", entry.as_str().unwrap()]);
    seen(&[&service], &flooded, "known");
    load.end().all_well(A_SECOND);
    service.end();
}

#[test]
fn a_thousand_updates_leave_the_answers_right() {
    let ward = Ward::new();
    let kept = digits("kept", 32);
    ward.import("LIST", &sha256_list(&[&kept]), &[]);
    let service = Service::start(&ward, &OPEN);
    let load = load_on(&service, &kept);
    let rounds = if super::service::is_deep() { 1000 } else { 20 };
    for round in 0..rounds {
        let digest = digits(&format!("round {round}"), 32);
        let import = Request::post("/v1/sets/GROWING/import?add=true&as=plain:sha256", format!("{digest}\n"));
        service.ask(&import).of(200);
        assert_eq!(service.outcome(&format!("sha256:{digest}")), "known", "the caller's next request");
    }
    for round in [0, rounds / 2, rounds - 1] {
        let signal = format!("sha256:{}", digits(&format!("round {round}"), 32));
        assert_eq!((service.outcome(&signal), service.hma_matches(&signal)), ("known".into(), [1; 2]));
    }
    load.end().all_well(A_SECOND);
    service.end();
}
