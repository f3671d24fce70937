//! What a collector is sent, and what it is not; and that nobody waits for it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use axum::http::Method;

use super::TraceSettings;
use super::sender::WAITING;
use super::testing::{Collector, Seen};
use crate::serve::testing::Ward;
use crate::serve::{Scope, Settings};

const LISTED: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn traced_to(collector: &Collector, one_in: u64) -> Ward {
    let endpoint = format!("http://{}/v1/traces", collector.address);
    let traces = Some(TraceSettings { endpoint, one_in });
    let settings = Settings { open: Scope::ALL.to_vec(), traces, ..Settings::default() };
    let ward = Ward::set_up(&[("SECRETSET", &format!("sha256:{LISTED}\n"))], settings);
    ward.state.begin_traces().unwrap();
    ward
}

/// A picture of 16 by 16 pixels.
fn picture() -> Vec<u8> {
    let pixels: Vec<u8> = (0..16 * 16 * 3).map(|at| (at * 37 % 251) as u8).collect();
    [b"P6 16 16 255\n".as_slice(), &pixels].concat()
}

fn attributes<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

/// The only span of that name.
#[track_caller]
fn one<'a>(spans: &'a [Seen], name: &str) -> &'a Seen {
    let found: Vec<&Seen> = spans.iter().filter(|span| span.name == name).collect();
    let [one] = found[..] else { panic!("{} spans {name} in {spans:#?}", found.len()) };
    one
}

#[test]
fn a_request_is_a_span_and_the_work_on_it_its_children() {
    let collector = Collector::answering(200);
    let ward = traced_to(&collector, 1);
    let upload = [("content-type", "application/octet-stream")];
    assert_eq!(ward.ask(Method::POST, "/v1/match", &upload, picture()).status, 200);
    assert_eq!(ward.get(&format!("/v1/match/hash/sha256:{LISTED}")).json()["outcome"], "known");
    assert_eq!(ward.get("/nothing/of/the/kind").status, 404);
    ward.state.end_traces();

    let (resource, spans) = collector.seen();
    assert_eq!(resource["service.name"], "innerward");
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    let posted = one(&spans, "POST /v1/match");
    let size = picture().len().next_power_of_two().to_string();
    let expected = attributes([
        ("http.request.method", "POST"),
        ("http.route", "/v1/match"),
        ("http.response.status_code", "200"),
        ("innerward.request.bytes_up_to", &size),
    ]);
    assert_eq!((&posted.attributes, posted.kind, &*posted.parent), (&expected, 2, ""));
    let children: Vec<&Seen> = spans.iter().filter(|span| span.parent == posted.id).collect();
    let names: BTreeSet<&str> = children.iter().map(|span| &*span.name).collect();
    assert_eq!(names, BTreeSet::from(["hash", "match", "count"]));
    for child in children {
        assert_eq!((&child.trace, child.kind), (&posted.trace, 1), "{child:?}");
        assert!(posted.from <= child.from && child.until <= posted.until, "{child:?} in {posted:?}");
        assert!(child.from <= child.until && child.attributes.is_empty(), "{child:?}");
    }

    let asked = spans.iter().find(|span| span.name.starts_with("GET /v1/match/hash/")).unwrap();
    assert!(asked.name.ends_with('}'), "the pattern: {}", asked.name);
    assert_ne!(asked.trace, posted.trace);
    let looked_up = spans.iter().find(|span| span.parent == asked.id).unwrap();
    assert_eq!((&*looked_up.name, &looked_up.trace), ("match", &asked.trace));
    assert_eq!(one(&spans, "GET unknown").attributes["http.response.status_code"], "404");
    assert_eq!(spans.len(), 3 + 4, "{spans:#?}");
}

#[test]
fn a_trace_that_has_begun_goes_on_here_and_its_flag_is_obeyed() {
    let collector = Collector::answering(200);
    // Of its own it would begin next to none.
    let ward = traced_to(&collector, 1_000_000);
    let (trace, caller) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    for (flags, state) in [("01", "vendor=secretstate"), ("00", "")] {
        let parent = format!("00-{trace}-{caller}-{flags}");
        let headers = [("traceparent", &*parent), ("tracestate", state), ("baggage", "who=secretbaggage")];
        assert_eq!(ward.ask(Method::GET, "/healthz", &headers, "").status, 200);
    }
    for broken in ["", "00-0-0-01", "zz", &format!("00-{}-{caller}-01", "0".repeat(32))] {
        assert_eq!(ward.ask(Method::GET, "/healthz", &[("traceparent", broken)], "").status, 200);
    }
    ward.state.end_traces();
    let (_, spans) = collector.seen();
    let span = one(&spans, "GET /healthz");
    assert_eq!((&*span.trace, &*span.parent, &*span.state), (trace, caller, ""));
    assert_eq!(spans.len(), 1);
    for word in ["secretstate", "secretbaggage"] {
        assert!(memchr::memmem::find(&collector.bytes(), word.as_bytes()).is_none(), "{word}");
    }
}

#[test]
fn nothing_of_a_request_but_what_is_listed_is_in_any_byte_that_is_sent() {
    let collector = Collector::answering(200);
    let ward = traced_to(&collector, 1);
    let secret = ("authorization", "Bearer iw_secrettoken");
    let form = "--edge\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"secretname.jpg\"\r\n\
                Content-Type: image/jpeg\r\n\r\nsecretcontent\r\n--edge--\r\n";
    let multipart = ("content-type", "multipart/form-data; boundary=edge");
    let agent = ("user-agent", "secretagent");
    let note =
        serde_json::json!({ "bank_content_metadata": { "content_id": "secretnote" }, "hash": "secrethash" });
    let asks = [
        (Method::GET, format!("/v1/match/hash/sha256:{LISTED}?secretquery=1"), vec![agent], String::new()),
        (Method::GET, format!("/m/lookup?signal={LISTED}&signal_type=sha256"), vec![agent], String::new()),
        (Method::GET, "/c/bank/SECRETSET".into(), vec![("x-forwarded-for", "192.0.2.77")], String::new()),
        (Method::GET, "/secretpath/x".into(), vec![secret], String::new()),
        (Method::POST, "/h/hash".into(), vec![multipart], form.into()),
        (Method::POST, "/v1/match".into(), vec![multipart], form.into()),
        (
            Method::POST,
            "/c/bank/SECRETSET/signal".into(),
            vec![("content-type", "application/json")],
            note.to_string(),
        ),
        (Method::from_bytes(b"SECRETMETHOD").unwrap(), "/v1/match".into(), vec![], String::new()),
    ];
    let number = asks.len();
    for (method, path, headers, body) in asks {
        ward.ask(method, &path, &headers, body);
    }
    ward.state.end_traces();
    let (_, spans) = collector.seen();
    let requests = spans.iter().filter(|span| span.kind == 2);
    assert_eq!(requests.count(), number, "each is a span, or this shows nothing");
    let sent = collector.bytes().to_ascii_lowercase();
    for word in ["secret", LISTED, "192.0.2.77", "edge", "photo", "filename"] {
        assert!(memchr::memmem::find(&sent, word.to_lowercase().as_bytes()).is_none(), "{word}");
    }
    assert!(memchr::memmem::find(&sent, &hex::decode(LISTED).unwrap()).is_none());
    // And nothing that is not on the list of what may be in one.
    let keys: BTreeSet<&str> =
        spans.iter().flat_map(|span| span.attributes.keys().map(|key| &**key)).collect();
    let listed =
        ["http.request.method", "http.response.status_code", "http.route", "innerward.request.bytes_up_to"];
    assert_eq!(keys, BTreeSet::from(listed));
    for key in listed {
        assert!(include_str!("../../../docs/serve.md").contains(key), "docs/serve.md does not have {key}");
    }
}

fn lost(ward: &Ward) -> u64 {
    let metrics = ward.get("/metrics").text();
    let line = metrics.lines().find_map(|line| line.strip_prefix("innerward_lost_spans_total "));
    line.unwrap_or_else(|| panic!("{metrics}")).parse().unwrap()
}

#[test]
fn nobody_waits_for_a_collector_that_hangs_and_what_is_lost_is_counted() {
    let collector = Collector::answering(0);
    let ward = traced_to(&collector, 1);
    assert_eq!(lost(&ward), 0);
    let traces = ward.state.0.traces.get().unwrap();
    let one = || {
        let request = axum::extract::Request::new(axum::body::Body::empty());
        traces.begin("GET", "/healthz", &request).end(axum::http::StatusCode::OK);
    };
    for _ in 0..1000 {
        one();
    }
    collector.wait_for_requests(1); // from here on its thread waits for an answer
    let began = Instant::now();
    for _ in 0..2 * WAITING {
        one();
    }
    // One that waited would take five seconds.
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    let lost = lost(&ward);
    assert!((WAITING as u64..=WAITING as u64 + 1100).contains(&lost), "{lost}");
    let began = Instant::now();
    ward.state.end_traces();
    assert!(began.elapsed() < Duration::from_secs(20), "the end does not wait for it either");
}

#[test]
fn a_collector_that_fails_is_told_once_and_again_when_it_is_back() {
    use std::sync::{Arc, Mutex};
    let collector = Collector::answering(400);
    let ward = traced_to(&collector, 1);
    let said = Arc::new(Mutex::new(String::new()));
    let heard = said.clone();
    let log = crate::serve::Log::to(move |line| heard.lock().unwrap().push_str(line), false).unwrap();
    let state = ward.state.clone().logging(log);
    for _ in 0..2 {
        ward.get("/healthz");
        state.0.traces.get().unwrap().flush();
    }
    assert_eq!(lost(&ward), 2);
    collector.answer(200);
    ward.get("/healthz");
    state.0.traces.get().unwrap().flush();
    state.log().unwrap().close();
    let said = said.lock().unwrap();
    assert_eq!(said.matches("takes no spans").count(), 1, "{said}");
    assert_eq!(said.matches("takes spans again").count(), 1, "{said}");
    assert!(said.contains(r#""event":"traces""#), "{said}");
}
