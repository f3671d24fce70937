//! Sets over HTTP: who may, what is shown, what changes and when that is seen.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Method, StatusCode};
use hyper::body::Frame;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::super::testing::{Answer, Ward};
use super::super::{Scope, Settings};
use crate::digest::Signal;
use crate::hashset::{EntryKey, Hits, Local, SetName};
use crate::screen::Outcome;

pub(super) const A: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
pub(super) const B: &str = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";

/// A list of bare SHA-256 digests.
pub(super) fn list(digests: &[&str]) -> String {
    digests.iter().map(|digest| format!("sha256:{digest}\n")).collect()
}

/// What the service now says of a SHA-256 digest.
pub(super) fn outcome(ward: &Ward, digest: &str) -> Outcome {
    let signal: Signal = format!("sha256:{digest}").parse().unwrap();
    match ward.state.matcher() {
        Ok(matcher) => matcher.look_up(&signal).unwrap().outcome,
        Err(_) => Outcome::Unknown,
    }
}

/// The key of an entry with one digest, of a list without ids.
pub(super) fn key(digest: &str) -> String {
    let signal: Signal = format!("sha256:{digest}").parse().unwrap();
    EntryKey::derived(&signal.into()).as_str().to_owned()
}

pub(super) fn put_json(ward: &Ward, path: &str, body: &Value) -> Answer {
    ward.ask(Method::PUT, path, &[("content-type", "application/json")], body.to_string())
}

pub(super) fn import(ward: &Ward, path: &str, list: &str) -> Answer {
    ward.ask(Method::POST, path, &[], list.to_owned())
}

/// The detail of a problem, which is in the words of the API and quotes nothing.
pub(super) fn problem(answer: &Answer, status: StatusCode) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["status"], status.as_u16());
    let detail = problem["detail"].as_str().unwrap().to_owned();
    assert!(!detail.contains("--"), "a flag of the command line: {detail}");
    detail
}

/// Every path, and the scope that it needs.
const PATHS: [(&str, &str, Scope); 18] = [
    ("GET", "/v1/sets", Scope::Manage),
    ("GET", "/v1/sets/DEMO", Scope::Manage),
    ("PUT", "/v1/sets/DEMO", Scope::Manage),
    ("DELETE", "/v1/sets/DEMO", Scope::Manage),
    ("GET", "/v1/sets/DEMO/log", Scope::Manage),
    ("POST", "/v1/sets/DEMO/import", Scope::Manage),
    ("GET", "/v1/sets/DEMO/export", Scope::Manage),
    ("POST", "/v1/sets/DEMO/withdraw", Scope::Manage),
    ("POST", "/v1/sets/DEMO/quarantine/release", Scope::Manage),
    ("POST", "/v1/sets/DEMO/quarantine/guard", Scope::Manage),
    ("GET", "/v1/quarantine", Scope::Manage),
    ("GET", "/v1/audit", Scope::Manage),
    ("GET", "/v1/decisions", Scope::Decide),
    ("POST", "/v1/decisions", Scope::Decide),
    ("GET", "/v1/tally", Scope::Tally),
    ("GET", "/v1/tally?period=2026-10", Scope::Tally),
    ("GET", "/v1/releases", Scope::Release),
    ("GET", "/v1/budget", Scope::Release),
];

#[test]
fn each_path_needs_its_scope_and_no_other() {
    for scope in Scope::ALL {
        let one =
            Ward::set_up(&[("DEMO", &list(&[A]))], Settings { open: vec![scope], ..Settings::default() });
        let others: Vec<Scope> = Scope::ALL.into_iter().filter(|other| *other != scope).collect();
        let all_others = Ward::set_up(&[], Settings { open: others, ..Settings::default() });
        let of_scope = PATHS.iter().filter(|(_, _, needed)| *needed == scope);
        for (method, path, _) in of_scope {
            let method: Method = method.parse().unwrap();
            let refused = all_others.ask(method.clone(), path, &[], Body::empty());
            let detail = problem(&refused, StatusCode::UNAUTHORIZED);
            assert!(detail.ends_with(scope.as_str()), "{path}: {detail}");
            let answered = one.ask(method, path, &[], Body::empty()).status;
            assert!(
                ![StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED].contains(&answered),
                "{path}: {answered}"
            );
            assert_ne!(answered, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        }
    }
}

#[test]
fn what_is_described_to_programs_is_what_there_is() {
    let described = serde_json::to_value(super::openapi()).unwrap();
    let paths = described["paths"].as_object().unwrap();
    let told = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().keys();
        methods.map(|method| (method.to_uppercase(), path.replace("{name}", "DEMO")))
    });
    let there = PATHS.iter().filter(|(_, path, _)| !path.contains('?'));
    let there = there.map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()));
    assert_eq!(told.collect::<BTreeSet<_>>(), there.collect::<BTreeSet<_>>());
    // Each reference leads somewhere.
    let whole = serde_json::to_value(super::super::api::openapi::openapi()).unwrap();
    let text = described.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(whole["components"]["schemas"].get(name).is_some(), "{name}");
    }
}

#[test]
fn sets_are_listed_with_what_is_said_of_them_and_whether_they_are_searched() {
    let ward = Ward::with(&[("DEMO", &list(&[A, B])), ("other", &list(&[B]))]);
    let sets = ward.get("/v1/sets").json();
    let names: Vec<&str> =
        sets["sets"].as_array().unwrap().iter().map(|set| set["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["DEMO", "other"]);
    let demo = &sets["sets"][0];
    assert_eq!(
        (&demo["entries"], &demo["role"], &demo["searched"]),
        (&json!(2), &json!("match"), &json!(true))
    );
    assert_eq!(demo["allow"], json!(["match", "derive", "export"]));
    let over = put_json(&ward, "/v1/sets/DEMO", &json!({ "keep_until": "2001-02-03" }));
    assert_eq!(over.status, StatusCode::OK, "{}", over.text());
    assert_eq!(over.json()["changed"], true);
    assert_eq!(outcome(&ward, A), Outcome::Unknown, "not searched from the next request on");
    let demo = ward.get("/v1/sets/DEMO").json();
    assert_eq!((&demo["searched"], &demo["keep_until"]), (&json!(false), &json!("2001-02-03")));
    assert!(demo["not_searched"].as_str().unwrap().contains("ended on 2001-02-03"));
    problem(&ward.get("/v1/sets/nobody"), StatusCode::NOT_FOUND);
    assert!(!problem(&ward.get("/v1/sets/a%20b"), StatusCode::BAD_REQUEST).contains("a b"));
    problem(&ward.get("/v1/quarantine?x=1"), StatusCode::BAD_REQUEST);
}

#[test]
fn a_policy_is_changed_as_far_as_it_is_said() {
    let ward = Ward::with(&[("DEMO", &list(&[A])), ("fine", &list(&[B]))]);
    let path = "/v1/sets/DEMO";
    let changed = put_json(
        &ward,
        path,
        &json!({
            "role": "watch", "class": "NATIONAL", "max_distance": 20, "classic_distances": { "gradient8": 4 },
            "source": "a partner", "licence": "as agreed", "allow": ["match"], "keep_until": "2999-12-31",
        }),
    );
    let set = &changed.json()["set"];
    assert_eq!(
        (&set["role"], &set["list_class"], &set["max_distance"]),
        (&json!("watch"), &json!("NATIONAL"), &json!(20))
    );
    assert_eq!((&set["classic_distances"], &set["allow"]), (&json!({ "gradient8": 4 }), &json!(["match"])));
    assert_eq!(
        (&set["source"], &set["licence"], &set["keep_until"]),
        (&json!("a partner"), &json!("as agreed"), &json!("2999-12-31"))
    );
    assert_eq!(outcome(&ward, A), Outcome::Unknown, "watched, and not shown");
    let again = put_json(&ward, path, &json!({ "role": "watch" })).json();
    assert_eq!((&again["changed"], &again["set"]["revision"]), (&json!(false), &set["revision"]));
    let back = put_json(
        &ward,
        path,
        &json!({ "role": "match", "keep_until": "none", "allow": ["match", "export"] }),
    )
    .json();
    assert_eq!((&back["set"]["keep_until"], &back["set"]["source"]), (&Value::Null, &json!("a partner")));
    assert_eq!(outcome(&ward, A), Outcome::Known);
    for (body, status, word) in [
        (json!({}), StatusCode::UNPROCESSABLE_ENTITY, "no field"),
        (json!({ "rolle": "match" }), StatusCode::BAD_REQUEST, "unknown field"),
        (json!({ "role": "peculiar" }), StatusCode::BAD_REQUEST, "`role`"),
        (json!({ "class": "peculiar" }), StatusCode::BAD_REQUEST, "`class`"),
        (json!({ "max_distance": 257 }), StatusCode::BAD_REQUEST, "`max_distance`"),
        (json!({ "classic_distances": { "peculiar": 1 } }), StatusCode::BAD_REQUEST, "`classic_distances`"),
        (json!({ "allow": ["peculiar"] }), StatusCode::BAD_REQUEST, "`allow`"),
        (json!({ "keep_until": "peculiar" }), StatusCode::BAD_REQUEST, "`keep_until`"),
        (json!({ "source": "x".repeat(501) }), StatusCode::UNPROCESSABLE_ENTITY, "500"),
        (json!({ "class": "KNOWN_GOOD" }), StatusCode::UNPROCESSABLE_ENTITY, "KNOWN_GOOD"),
        (json!({ "suppresses": ["fine"] }), StatusCode::UNPROCESSABLE_ENTITY, "`suppresses`"),
    ] {
        let detail = problem(&put_json(&ward, path, &body), status);
        assert!(detail.contains(word) && !detail.contains("peculiar"), "{body}: {detail}");
    }
    problem(&put_json(&ward, "/v1/sets/nobody", &json!({ "role": "match" })), StatusCode::NOT_FOUND);
    assert_eq!(ward.ask(Method::PUT, path, &[], "{}").status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[test]
fn a_set_of_harmless_files_overrules_what_it_names_until_it_is_removed() {
    let ward = Ward::with(&[("DEMO", &list(&[A])), ("good", &list(&[A]))]);
    assert_eq!(outcome(&ward, A), Outcome::Known);
    let policy = json!({ "role": "ignore", "class": "KNOWN_GOOD", "suppresses": ["DEMO"] });
    let changed = put_json(&ward, "/v1/sets/good", &policy);
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    assert_eq!(changed.json()["set"]["suppresses"], json!(["DEMO"]));
    assert_eq!(outcome(&ward, A), Outcome::Ignored);
    let detail = problem(
        &put_json(&ward, "/v1/sets/good", &json!({ "suppresses": ["good"] })),
        StatusCode::UNPROCESSABLE_ENTITY,
    );
    assert!(detail.contains("itself"), "{detail}");
    assert_eq!(ward.ask(Method::DELETE, "/v1/sets/good", &[], Body::empty()).status, StatusCode::OK);
    assert_eq!(outcome(&ward, A), Outcome::Known);
    let name: SetName = "good".parse().unwrap();
    assert!(Local::open(&ward.home).unwrap().suppresses(&name).unwrap().is_empty());
}

#[test]
fn a_removed_set_is_gone_at_once_and_its_log_stays() {
    let ward = Ward::with(&[("DEMO", &list(&[A])), ("other", &list(&[B]))]);
    let removed = ward.ask(Method::DELETE, "/v1/sets/DEMO", &[], Body::empty());
    assert_eq!(removed.json(), json!({ "set": "DEMO", "removed": true }));
    assert_eq!((outcome(&ward, A), outcome(&ward, B)), (Outcome::Unknown, Outcome::Known));
    problem(&ward.ask(Method::DELETE, "/v1/sets/DEMO", &[], Body::empty()), StatusCode::NOT_FOUND);
    let log = ward.get("/v1/sets/DEMO/log").json();
    let events: Vec<&str> =
        log["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!((events, &log["revision"]), (vec!["import", "removal"], &Value::Null));
    assert_eq!(log["events"][1]["by"], "anybody", "the name of the token");
    assert_eq!(log["events"][0]["import"]["counts"]["entries"], 1);
    problem(&ward.get("/v1/sets/nobody/log"), StatusCode::NOT_FOUND);
}

#[test]
fn withdrawn_entries_match_no_more_also_after_the_list_comes_again() {
    let ward = Ward::with(&[("DEMO", &list(&[A, B]))]);
    let withdraw = |entries: Value| ward.post_json("/v1/sets/DEMO/withdraw", &json!({ "entries": entries }));
    let none = withdraw(json!([format!("sha256:{}", B.replace('6', "7")), key(A)]));
    assert!(problem(&none, StatusCode::NOT_FOUND).contains("sha256"));
    assert_eq!(outcome(&ward, A), Outcome::Known, "all or nothing");
    let by_hash = withdraw(json!([format!("sha256:{A}")])).json();
    assert_eq!(by_hash, json!({ "set": "DEMO", "withdrawn": 1, "keys": 1 }));
    assert_eq!((outcome(&ward, A), outcome(&ward, B)), (Outcome::Unknown, Outcome::Known));
    assert_eq!(withdraw(json!([key(B), "a key to come"])).json()["keys"], 2);
    assert_eq!(outcome(&ward, B), Outcome::Unknown);
    assert_eq!(withdraw(json!([key(B)])).json(), json!({ "set": "DEMO", "withdrawn": 0, "keys": 0 }));
    assert_eq!(ward.get("/v1/sets/DEMO").json()["withdrawn"], 2);
    let again = import(&ward, "/v1/sets/DEMO/import?anew=true&agreed=true", &list(&[A, B]));
    assert_eq!(again.json()["withdrawn"], 2, "{}", again.text());
    assert_eq!((outcome(&ward, A), outcome(&ward, B)), (Outcome::Unknown, Outcome::Unknown));
    let keys = ward.get("/v1/sets/DEMO/export?status=withdrawn").text();
    assert!(keys.contains(&key(A)) && keys.contains("a key to come") && !keys.contains(A), "{keys}");
    let none = ward.post_json("/v1/sets/DEMO/withdraw", &json!({ "entries": [] }));
    problem(&none, StatusCode::UNPROCESSABLE_ENTITY);
    for wrong in [json!({ "entries": [""] }), json!({ "entry": "x" }), json!([])] {
        problem(&ward.post_json("/v1/sets/DEMO/withdraw", &wrong), StatusCode::BAD_REQUEST);
    }
    let nobody = ward.post_json("/v1/sets/nobody/withdraw", &json!({ "entries": ["x"] }));
    problem(&nobody, StatusCode::NOT_FOUND);
}

#[test]
fn what_is_exported_is_read_again_as_it_was_where_the_agreement_allows_it() {
    let ward = Ward::with(&[("DEMO", &list(&[A, B])), ("closed", &list(&[A]))]);
    let exported = ward.get("/v1/sets/DEMO/export?as=jsonl");
    assert_eq!(exported.headers["content-type"], "application/jsonl");
    assert_eq!(exported.headers["cache-control"], "no-store");
    let copied = import(&ward, "/v1/sets/copy/import", &exported.text()).json();
    assert_eq!((&copied["entries"], &copied["form"]), (&json!(2), &json!("innerward")));
    let plain = |set: &str| {
        let text = ward.get(&format!("/v1/sets/{set}/export?as=plain&algorithm=sha256")).text();
        text.lines().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    assert_eq!(plain("copy"), plain("DEMO"));
    assert_eq!(plain("DEMO"), [A, B].map(str::to_owned).into());
    let since = |day: Date| {
        let text = ward.get(&format!("/v1/sets/DEMO/export?as=plain&algorithm=sha256&since={day}")).text();
        text.lines().count()
    };
    let today = ward.state.clock().today();
    assert_eq!((since(today), since(today.tomorrow().unwrap())), (2, 0));
    // What a form cannot say is told before the list, and nothing at all is no list.
    let lost = |query: &str| {
        let answer = ward.get(&format!("/v1/sets/DEMO/export?{query}"));
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        ["innerward-left-out", "innerward-in-part"]
            .map(|name| answer.headers[name].to_str().unwrap().to_owned())
    };
    assert_eq!(lost(""), ["0", "0"]);
    ward.import("mixed", &format!("sha256:{A}\nmd5:c0ffee00c0ffee00c0ffee00c0ffee00\n"));
    assert_eq!(ward.get("/v1/sets/mixed/export?as=plain&algorithm=md5").headers["innerward-left-out"], "1");
    ward.import("pictures", "pdq:f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22\n");
    let nothing = ward.get("/v1/sets/pictures/export?as=hashdeep");
    assert!(problem(&nothing, StatusCode::UNPROCESSABLE_ENTITY).contains("no way to say"));
    put_json(&ward, "/v1/sets/closed", &json!({ "allow": ["match", "derive"] }));
    let detail = problem(&ward.get("/v1/sets/closed/export"), StatusCode::FORBIDDEN);
    assert!(detail.contains("may not be exported"), "{detail}");
    for (query, status) in [
        ("as=peculiar", StatusCode::BAD_REQUEST),
        ("status=peculiar", StatusCode::BAD_REQUEST),
        ("as=plain&status=all", StatusCode::UNPROCESSABLE_ENTITY),
        ("algorithm=peculiar", StatusCode::BAD_REQUEST),
        ("since=peculiar", StatusCode::BAD_REQUEST),
        ("algorithm=md5", StatusCode::UNPROCESSABLE_ENTITY),
        ("Peculiar=1", StatusCode::BAD_REQUEST),
    ] {
        let detail = problem(&ward.get(&format!("/v1/sets/DEMO/export?{query}")), status);
        assert!(!detail.contains("peculiar"), "{detail}");
    }
    problem(&ward.get("/v1/sets/nobody/export"), StatusCode::NOT_FOUND);
}

#[test]
fn quarantine_is_shown_ended_and_begun_again() {
    let ward = Ward::with(&[("DEMO", &list(&[A]))]);
    assert_eq!(ward.get("/v1/quarantine").json(), json!({ "entries": [], "quarantined": 0, "released": 0 }));
    let entry = key(A);
    let hits = [Hits { set: "DEMO", key: &entry, more: 9 }];
    let now = ward.state.clock().now();
    Local::open(&ward.home).unwrap().add_hits(0, &hits, 5, now).unwrap();
    ward.settle();
    assert_eq!(outcome(&ward, A), Outcome::Quarantined);
    let shown = ward.get("/v1/quarantine?set=DEMO").json();
    assert_eq!((&shown["quarantined"], &shown["entries"][0]["hits"]), (&json!(1), &json!(9)));
    assert_eq!(shown["entries"][0]["entry"], json!(entry));
    problem(&ward.get("/v1/quarantine?set=other"), StatusCode::NOT_FOUND);
    let change = |verb: &str, entry: &str| {
        ward.post_json(&format!("/v1/sets/DEMO/quarantine/{verb}"), &json!({ "entry": entry }))
    };
    problem(&change("guard", &entry), StatusCode::NOT_FOUND);
    assert_eq!(change("release", &entry).json(), json!({ "set": "DEMO", "released": true }));
    assert_eq!(outcome(&ward, A), Outcome::Known, "at the next request, not at the next start");
    problem(&change("release", &entry), StatusCode::NOT_FOUND);
    problem(&change("release", ""), StatusCode::BAD_REQUEST);
    assert_eq!(change("guard", &entry).json(), json!({ "set": "DEMO", "released": false }));
    assert_eq!(ward.get("/v1/quarantine").json()["entries"], json!([]));
}

/// A set of harmless files is removed while somebody says what it overrules: another of its name must not inherit that.
#[test]
fn what_a_set_overrules_is_never_said_of_one_that_is_gone() {
    let name: SetName = "good".parse().unwrap();
    let ward = Ward::with(&[("DEMO", &list(&[A]))]);
    for _ in 0..6 {
        ward.import("good", &list(&[B]));
        let policy = json!({ "role": "ignore", "class": "KNOWN_GOOD" });
        assert_eq!(put_json(&ward, "/v1/sets/good", &policy).status, StatusCode::OK);
        std::thread::scope(|scope| {
            let says: Vec<_> = (0..3)
                .map(|_| scope.spawn(|| put_json(&ward, "/v1/sets/good", &json!({ "suppresses": ["DEMO"] }))))
                .collect();
            let removed = ward.ask(Method::DELETE, "/v1/sets/good", &[], Body::empty());
            assert_eq!(removed.status, StatusCode::OK);
            for said in says {
                let status = said.join().unwrap().status;
                assert!([StatusCode::OK, StatusCode::NOT_FOUND].contains(&status), "{status}");
            }
        });
        assert!(Local::open(&ward.home).unwrap().suppresses(&name).unwrap().is_empty());
    }
}

#[test]
fn slow_bodies_of_others_keep_no_withdrawal_waiting() {
    let ward = Ward::with(&[("DEMO", &list(&[A, B]))]);
    let json = [("content-type", "application/json")];
    std::thread::scope(|scope| {
        for path in ["/v1/decisions", "/v1/sets/DEMO/withdraw"].repeat(20) {
            let ward = &ward;
            scope.spawn(move || ward.ask(Method::POST, path, &json, Body::new(Late(None))));
        }
        std::thread::sleep(LATE / 4);
        let begun = Instant::now();
        let answer = ward.post_json("/v1/sets/DEMO/withdraw", &json!({ "entries": [key(A)] }));
        assert_eq!((answer.status, outcome(&ward, A)), (StatusCode::OK, Outcome::Unknown));
        assert!(begun.elapsed() < LATE / 2, "{:?}", begun.elapsed());
    });
}

/// When a body comes that is late.
const LATE: Duration = Duration::from_secs(8);

/// An empty body that ends late.
struct Late(Option<Pin<Box<tokio::time::Sleep>>>);

impl HttpBody for Late {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let ends = self.0.get_or_insert_with(|| Box::pin(tokio::time::sleep(LATE)));
        ends.as_mut().poll(context).map(|()| None)
    }
}
