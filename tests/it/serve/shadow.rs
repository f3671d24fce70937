//! A service beside a running HMA, and the same afterwards from an access log: why answers differ.

use std::collections::BTreeMap;
use std::process::Command;

use serde::Deserialize;
use serde_json::{Value, json};

use super::http::Request;
use super::service::{Service, picture};
use crate::ward::{Ward, digits, flipped};

const OPEN: [&str; 2] = ["--open", "match,manage"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    compared: u64,
    same: u64,
    only_here: u64,
    only_there: u64,
    reasons: BTreeMap<String, u64>,
    dropped: u64,
}

/// What `GET /v1/shadow` tells.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shadow {
    compared: u64,
    same: u64,
    only_here: u64,
    only_there: u64,
    reasons: BTreeMap<String, u64>,
    dropped: u64,
    verdict: String,
    differences: Vec<Difference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    at: String,
    route: String,
    hma: u16,
    innerward: u16,
    matched: [bool; 2],
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Summary {
    report: Report,
    verdict: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    place: u64,
    compared: Compared,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Compared {
    route: String,
    hma: u16,
    innerward: u16,
    matched: [bool; 2],
    reason: Option<String>,
}

/// Two wards with a bank each. By number: 1 is in both, 2 too, and is asked for at 20 bits where ours allows 10, 3 was withdrawn
/// here, 4 is in ours alone, 5 in theirs alone.
struct Two {
    ours: Ward,
    theirs: Ward,
    /// A hash for each of them, and what a comparison says of it.
    asked: [(String, &'static str); 5],
}

fn list(entries: &[(u8, &str)]) -> String {
    let mut text = String::from(
        "{\"type\":\"header\",\"data\":{\"format\":\"innerward-list\",\"version\":1,\"list_id\":\"BANK\"}}\n",
    );
    for (number, pdq) in entries {
        text += &format!(
            "{{\"type\":\"entry\",\"data\":{{\"key\":\"hma:{number}\",\"status\":\"active\",\"hashes\":{{\"pdq\":\"{pdq}\"}}}}}}\n"
        );
    }
    text += &format!("{}\n", json!({"type": "summary", "data": {"entries": entries.len(), "withdrawn": 0}}));
    text
}

fn two() -> Two {
    let [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(|seed| digits(&format!("shadow {seed}"), 32));
    let (ours, theirs) = (Ward::new(), Ward::new());
    let of_ours = list(&[(1, &a), (2, &b), (3, &c), (4, &d)]);
    ours.import("BANK", &of_ours, &["--max-distance", "10"]);
    ours.must(&["set", "withdraw", "BANK", "hma:3"]);
    theirs.import("BANK", &list(&[(1, &a), (2, &b), (3, &c), (5, &e)]), &[]);
    let far = flipped(&b, 20);
    let asked = [(a, ""), (far, "threshold"), (c, "withdrawn"), (d, "unknown-there"), (e, "unknown-here")];
    Two { ours, theirs, asked }
}

#[test]
fn a_service_beside_another_tells_why_their_answers_differ() {
    let Two { ours, theirs, asked } = two();
    let target = Service::start(&theirs, &OPEN);
    let url = format!("http://{}", target.address);
    let service = Service::start(&ours, &[&OPEN[..], &["--shadow", &url]].concat());
    let mut sent = 0;
    for (hash, _) in &asked {
        let query = format!("signal={hash}&signal_type=pdq");
        for path in [
            format!("/m/lookup?{query}"),
            format!("/m/raw_lookup?{query}&include_distance=true"),
            format!("/v1/match/hash/pdq:{hash}"),
        ] {
            service.get(&path).of(200);
            sent += 1;
        }
    }
    // Pictures that neither has, by both ways; what HMA has no word for is not asked there.
    let coffee = picture("originals/coffee.jpg");
    service.ask(&Request::post("/v1/match", coffee.clone())).of(200);
    service.ask(&Request::form("/m/lookup", &[("photo", Some("f"), &coffee)])).of(200);
    service.get(&format!("/v1/match/hash/sha256:{}", digits("nobody", 32))).of(200);
    service.get("/c/banks").of(200);
    sent += 2;
    let told = || serde_json::from_value::<Shadow>(service.get("/v1/shadow").of(200).json()).unwrap();
    service.wait_for("all answers to be compared", || told().compared + told().dropped == sent);
    let told = told();
    assert_eq!((told.compared, told.dropped, told.same), (sent, 0, 5), "{:?}", told.reasons);
    let expected: BTreeMap<String, u64> =
        asked[1..].iter().map(|(_, reason)| ((*reason).to_owned(), 3)).collect();
    assert_eq!(told.reasons, expected);
    assert_eq!((told.only_here, told.only_there), (3, 9));
    assert!(told.verdict.starts_with("not yet"), "{}", told.verdict);
    let mut found: Vec<(&str, &str)> = Vec::new();
    for one in &told.differences {
        assert_eq!((one.hma, one.innerward), (200, 200));
        assert_ne!(one.matched[0], one.matched[1]);
        assert!(one.at.ends_with('Z'));
        found.push((&one.route, &one.reason));
    }
    let routes = ["/m/lookup", "/m/raw_lookup", "/v1/match/hash"];
    let expected: Vec<(&str, &str)> =
        asked[1..].iter().flat_map(|(_, reason)| routes.map(|route| (route, *reason))).collect();
    assert_eq!(found, expected, "in the order in which they were asked");
    // The log has one line for each, with the reason and nothing of what was asked.
    let log = service.end();
    let events: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["event"] == "shadow")
        .collect();
    assert_eq!(events.iter().map(|event| event["about"].as_str().unwrap()).collect::<Vec<_>>(), {
        found.iter().map(|(_, reason)| *reason).collect::<Vec<_>>()
    });
    assert!(asked.iter().all(|(hash, _)| !log.contains(hash)));
    target.end();
}

#[test]
fn an_address_that_is_none_is_refused_at_the_start() {
    let ward = Ward::new();
    ward.import("BANK", &format!("pdq:{}\n", digits("entry", 32)), &[]);
    for url in ["hma:5100", "ftp://hma:5100", "http://user:word@hma:5100"] {
        let refused = ward.run(&["serve", "--listen", "127.0.0.1:0", "--shadow", url]);
        refused.refused(&["shadow", "http://HOST:PORT"]);
        assert!(!refused.err.contains("word@"), "{}", refused.err);
    }
}

/// Lines as nginx and gunicorn write them, of what is sent again and of what is not.
fn access_log(asked: &[(String, &str)]) -> String {
    let mut log = String::new();
    for (hash, _) in asked {
        log += &format!(
            "10.0.0.7 - - [23/Nov/2026:06:40:01 +0000] \"GET //m/lookup?signal={hash}&signal_type=pdq HTTP/1.1\" 200 5 \
             \"-\" \"coop/1.0\"\n"
        );
        log += &format!(
            "10.0.0.7 - - [23/Nov/2026:06:40:02 +0000] \"GET /c/bank/BANK/content/{} HTTP/1.1\" 200 5 \"-\" \"-\"\n",
            &hash[..3]
        );
    }
    log + "10.0.0.7 - - [23/Nov/2026:06:40:03 +0000] \"POST /m/lookup HTTP/1.1\" 200 5 \"-\" \"coop/1.0\"\n\
           10.0.0.7 - - [23/Nov/2026:06:40:04 +0000] \"GET /m/lookup?signal=\\x22 HTTP/1.1\" 400 5 \"-\" \"-\"\n\
           [2026-11-23 06:40:05 +0000] [7] [INFO] Booting worker with pid: 7\n"
}

/// The command of `docs/hma.md` that makes requests of an access log.
fn command_of_the_guide() -> String {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hma.md")).unwrap();
    let command = guide.lines().find(|line| line.trim_start().starts_with("sed ")).unwrap();
    assert!(command.contains("access.log") && command.contains("requests.jsonl"), "{command}");
    command.trim().to_owned()
}

#[test]
fn an_access_log_is_asked_again_of_the_home_itself() {
    let Two { ours, theirs, asked } = two();
    let target = Service::start(&theirs, &OPEN);
    let url = format!("http://{}/", target.address);
    let log = ours.write("access.log", access_log(&asked));
    let made = Command::new("sh")
        .args(["-c", &command_of_the_guide()])
        .current_dir(log.parent().unwrap())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let requests = ours.path("requests.jsonl");
    assert_eq!(std::fs::read_to_string(&requests).unwrap().lines().count(), asked.len());

    let details = ours.path("details.jsonl");
    let replay = |more: &[&str]| {
        let arguments =
            ["shadow", "replay", requests.to_str().unwrap(), "--against", &url, "--format", "json"];
        ours.run(&[&arguments[..], more].concat())
    };
    let done = replay(&["--details", details.to_str().unwrap()]);
    assert_eq!(done.code, 1, "an entry of theirs did not come along: {}", done.err);
    let summary: Summary = done.summary();
    let expected: BTreeMap<String, u64> =
        asked[1..].iter().map(|(_, reason)| ((*reason).to_owned(), 1)).collect();
    assert_eq!(summary.report.reasons, expected);
    let Report { compared, same, only_here, only_there, dropped, .. } = summary.report;
    assert_eq!((compared, same, only_here, only_there, dropped), (5, 1, 1, 3, 0));
    assert!(summary.verdict.starts_with("not yet"), "{}", summary.verdict);
    let told: Vec<Told> = done.all("difference");
    let reasons: Vec<_> = told.iter().map(|one| (one.place, one.compared.reason.clone().unwrap())).collect();
    let expected: Vec<_> =
        (1..).zip(&asked).skip(1).map(|(place, (_, reason))| (place, (*reason).to_owned())).collect();
    assert_eq!(reasons, expected);
    for Compared { route, hma, innerward, matched, .. } in told.into_iter().map(|one| one.compared) {
        assert_eq!((&*route, hma, innerward), ("/m/lookup", 200, 200));
        assert_ne!(matched[0], matched[1]);
    }
    assert!(asked.iter().all(|(hash, _)| !done.out.contains(hash)), "hashes stay in the details");
    assert_eq!(std::fs::read_to_string(&details).unwrap().lines().count(), 4);

    // Of a service that runs, less can be known: what it withdrew is not there.
    let service = Service::start(&ours, &OPEN);
    let to = format!("http://{}", service.address);
    let there: Summary = replay(&["--to", &to]).summary();
    let expected: BTreeMap<String, u64> = [("threshold", 1), ("unknown-here", 2), ("unknown-there", 1)]
        .map(|(of, n)| (of.to_owned(), n))
        .into();
    assert_eq!(there.report.reasons, expected);
    service.end();
    target.end();
}
