//! Who may do what: a token of each scope against each path that there is, everybody against everything, and what is told
//! where nothing may be told.

use std::collections::BTreeSet;

use serde_json::json;

use super::http::{Answer, Request};
use super::service::{Service, picture, token};
use crate::ward::{Ward, digits, sha256};

const SCOPES: [&str; 6] = ["match", "manage", "decide", "tally", "release", "metrics"];

/// The scope that a path needs; `None` if it is open to everybody. A path that is not known here is a fault: whoever adds one
/// says whom it is for.
fn scope_of(path: &str) -> Option<&'static str> {
    let below = |root: &str| path == root || path.starts_with(&format!("{root}/"));
    let rooms = [
        ("/v1/match", "match"),
        ("/v1/hash", "match"),
        ("/v1/compare", "match"),
        ("/v1/status", "match"),
        ("/v1/sets", "manage"),
        ("/v1/quarantine", "manage"),
        ("/v1/shadow", "manage"),
        ("/v1/audit", "manage"),
        ("/v1/decisions", "decide"),
        ("/v1/tally", "tally"),
        ("/v1/releases", "release"),
        ("/v1/budget", "release"),
        ("/h", "match"),
        ("/m", "match"),
        ("/site-map", "match"),
        ("/c", "manage"),
        ("/metrics", "metrics"),
    ];
    let open = ["/v1/openapi.json", "/v1/docs", "/healthz", "/readyz", "/status", "/status/live"];
    match rooms.iter().find(|(root, _)| below(root)) {
        Some((_, scope)) => Some(scope),
        None if open.contains(&path) => None,
        None => panic!("nobody has said here whom {path} is for"),
    }
}

/// Every method and path of the native API, as it describes itself.
fn described(service: &Service) -> BTreeSet<(String, String)> {
    let document = service.get("/v1/openapi.json").of(200).json();
    let paths = document["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone()))
    });
    all.collect()
}

/// The same with nothing real in the place of each parameter.
fn filled(path: &str) -> String {
    let (mut text, mut open) = (String::new(), false);
    for c in path.chars() {
        match c {
            '{' | '<' => open = true,
            '}' | '>' => {
                open = false;
                text += "1";
            }
            c if !open => text.push(c),
            _ => {}
        }
    }
    text
}

/// Every method and path that a service says it has.
fn all_paths(service: &Service, reader: &str) -> BTreeSet<(String, String)> {
    let mut all: BTreeSet<_> =
        described(service).into_iter().map(|(method, path)| (method, filled(&path))).collect();
    assert!(all.len() > 20, "{all:?}");
    let map = service.ask(&Request::get("/site-map").by(reader)).of(200).json();
    let patterns = map.as_array().unwrap().iter().map(|path| path.as_str().unwrap());
    // HMA's map names its root, which is no path here.
    for path in patterns.filter(|path| *path != "/") {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            all.insert((method.into(), filled(path)));
        }
    }
    all.insert(("GET".into(), "/metrics".into()));
    all
}

#[test]
fn each_path_takes_the_token_of_its_scope_and_no_other() {
    let ward = Ward::new();
    ward.import("DEMO", &format!("sha256:{}\n", digits("door", 32)), &[]);
    let with_one: Vec<String> = SCOPES.iter().map(|scope| token(&ward, scope, scope)).collect();
    let without_one: Vec<String> = SCOPES
        .iter()
        .map(|scope| {
            let others: Vec<&str> = SCOPES.into_iter().filter(|other| other != scope).collect();
            token(&ward, &format!("not-{scope}"), &others.join(","))
        })
        .collect();
    let service = Service::start(&ward, &[]);
    for (method, path) in all_paths(&service, &with_one[0]) {
        let request = Request::new(&method, &path);
        let nobody = service.ask(&request);
        let Some(needed) = scope_of(&path) else {
            let is_taken = [200, 405].contains(&nobody.status);
            assert!(is_taken, "{method} {path}: {}", nobody.status);
            continue;
        };
        // A method that the path does not take may be told to everybody; whether a path is there is in the manual.
        let takes = |status: u16| [status, 405].contains(&nobody.status);
        assert!(takes(401), "{method} {path} without a token: {}", nobody.status);
        let is_wrong_method = nobody.status == 405;
        for (at, scope) in SCOPES.iter().enumerate() {
            let one = service.ask(&request.clone().by(&with_one[at])).status;
            let others = service.ask(&request.clone().by(&without_one[at])).status;
            let (has, lacks) = if *scope == needed { (one, others) } else { (others, one) };
            assert!(lacks == 403 || is_wrong_method, "{method} {path} without {needed}: {lacks}");
            // What it answers hangs on the content, which is missing here.
            let goes_on = ![401, 403, 429].contains(&has) && has < 500;
            assert!(goes_on, "{method} {path} with {needed}: {has}");
        }
    }
    service.end();
}

#[test]
fn what_a_token_opens_it_opens_no_more_once_it_is_revoked() {
    let ward = Ward::new();
    ward.import("DEMO", &format!("sha256:{}\n", digits("door", 32)), &[]);
    let first = token(&ward, "first", "match");
    let service = Service::start(&ward, &[]);
    let status = |token: &str| service.ask(&Request::get("/v1/status").by(token)).status;
    assert_eq!(status(&first), 200);
    let later = token(&ward, "later", "match");
    assert_eq!(status(&later), 200, "one that was made beside the service is known at once");
    ward.must(&["token", "revoke", "first"]);
    let revoked = std::time::Instant::now();
    while status(&first) != 401 {
        assert!(revoked.elapsed().as_secs() < 2, "a revoked token still opens");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(status(&later), 200);
    service.end();
}

/// Things that only who may ask is to hear of.
struct Planted {
    ward: Ward,
    words: Vec<String>,
}

const NOTE: &str = "a-planted-note-that-nobody-reads";
const FILE: &str = "planted-file-name.jpg";
const KEY: &str = "planted-key-of-an-entry";

impl Planted {
    /// A home with a list whose hashes and keys are known here.
    fn new() -> Self {
        let ward = Ward::new();
        let (sha256, pdq) = (sha256(&picture("originals/coffee.jpg")), digits("planted", 32));
        let list = format!(
            r#"{{"type":"header","data":{{"format":"innerward-list","version":1}}}}
{{"type":"entry","data":{{"key":"{KEY}","status":"active","hashes":{{"sha256":"{sha256}"}}}}}}
{{"type":"entry","data":{{"key":"{KEY}-2","status":"active","hashes":{{"pdq":"{pdq}"}}}}}}
{{"type":"summary","data":{{"entries":2,"withdrawn":0}}}}
"#
        );
        ward.import("PLANTED", &list, &[]);
        let words = [&sha256, &pdq, NOTE, FILE, KEY].map(|word: &str| word.to_owned());
        Self { ward, words: words.to_vec() }
    }

    #[track_caller]
    fn none_in(&self, text: &str, place: &str) {
        let text = text.to_ascii_lowercase();
        for word in &self.words {
            assert!(!text.contains(&word.to_ascii_lowercase()), "{place} has {word}: {text}");
        }
    }

    /// In a refusal nothing at all, in an answer nothing in its head.
    #[track_caller]
    fn none_where_it_may_not_be(&self, answer: &Answer, place: &str) {
        self.none_in(&answer.head, place);
        if answer.status >= 400 {
            self.none_in(&answer.text(), place);
        }
    }
}

/// Requests with planted words in every part of them, of which many are refused.
fn requests_with(sha256: &str, pdq: &str) -> Vec<Request> {
    let coffee = picture("originals/coffee.jpg");
    let form = |target: &str, name| Request::form(target, &[(name, Some(FILE), &coffee)]);
    let json = |method: &str, target: &str, body| Request::json(method, target, &body);
    vec![
        Request::get(&format!("/v1/match/hash/sha256:{sha256}")),
        Request::get(&format!("/v1/match/hash/sha256:{sha256}00")),
        Request::get(&format!("/v1/match/hash/nothing:{sha256}?x={NOTE}")),
        Request::get(&format!("/v1/match/hash/pdq:{pdq}?labels={NOTE}")),
        Request::get(&format!("/{KEY}/{sha256}")),
        Request::get(&format!("/m/raw_lookup?signal={pdq}&signal_type=pdq")),
        Request::get(&format!("/m/raw_lookup?signal={pdq}zz&signal_type=pdq")),
        Request::get(&format!("/m/lookup?signal={pdq}&signal_type={NOTE}")),
        Request::get(&format!("/m/lookup?signal={pdq}&signal_type=pdq&seed={NOTE}")),
        Request::get(&format!("/h/hash?url=https://a.example/{FILE}")),
        Request::get(&format!("/c/bank/{KEY}")),
        Request::get(&format!("/v1/sets/{KEY}")),
        Request::get(&format!("/v1/sets/PLANTED/export?as={NOTE}")),
        Request::get(&format!("/v1/tally?period={NOTE}")),
        Request::get("/v1/sets/PLANTED/log"),
        form("/v1/match", "file"),
        form("/v1/match", "other"),
        form(&format!("/v1/match?channel={NOTE}"), "file"),
        form("/v1/hash", "file"),
        form("/h/hash", "photo"),
        form("/m/lookup", "photo"),
        form("/m/lookup", KEY),
        Request::form(
            "/c/bank/PLANTED/content",
            &[("photo", Some(FILE), &coffee), ("note", None, NOTE.as_bytes())],
        ),
        json(
            "POST",
            "/v1/match/hashes",
            json!({"hashes": [format!("sha256:{sha256}"), format!("md5:{NOTE}")]}),
        ),
        json("POST", "/v1/compare", json!({"a": format!("pdq:{pdq}"), "b": NOTE})),
        json("POST", "/v1/decisions", json!({"set": "PLANTED", "entry": KEY, "decision": NOTE})),
        json("POST", "/v1/decisions", json!({"set": "PLANTED", "entry": KEY, "decision": "confirm"})),
        json(
            "POST",
            "/v1/decisions",
            json!({"set": "PLANTED", "entry": format!("{KEY}-9"), "decision": "confirm"}),
        ),
        json("POST", "/v1/sets/PLANTED/withdraw", json!({"entries": [format!("md5:{NOTE}")]})),
        json("POST", "/v1/sets/PLANTED/withdraw", json!({"entries": [format!("{KEY}-2")]})),
        json("POST", "/v1/sets/PLANTED/quarantine/release", json!({"entry": KEY})),
        json("PUT", "/c/bank/PLANTED", json!({"name": NOTE, "enabled_ratio": KEY})),
        Request::post(&format!("/v1/sets/OTHER/import?as=plain:sha256&x={NOTE}"), sha256.as_bytes()),
        Request::post("/v1/sets/OTHER/import", format!("{NOTE} {KEY} {sha256}00\n{FILE}\n")),
        Request::new(NOTE, &format!("/v1/sets/{KEY}")),
        Request::get("/v1/status").with("Accept", NOTE).with("X-Note", KEY),
    ]
}

#[test]
fn nothing_that_was_planted_is_in_a_head_a_refusal_a_log_line_or_a_metric() {
    let mut planted = Planted::new();
    let all = token(&planted.ward, "everything", &SCOPES.join(","));
    let service = Service::start(&planted.ward, &[]);
    let (sha256, pdq) = (planted.words[0].clone(), planted.words[1].clone());
    planted.words.push(all.clone());
    planted.words.push(all.replace("iw_", ""));
    let (mut known, mut refused) = (0, 0);
    for request in requests_with(&sha256, &pdq) {
        let place = format!("{} {}", request.method, request.target);
        let nobody = service.ask(&request);
        assert!((400..500).contains(&nobody.status), "{place}: {}", nobody.status);
        planted.none_where_it_may_not_be(&nobody, &place);
        let answer = service.ask(&request.by(&all));
        assert!(answer.status < 500, "{place}: {}", answer.text());
        planted.none_where_it_may_not_be(&answer, &place);
        known += usize::from(answer.text().contains(r#""outcome":"known""#));
        refused += usize::from(answer.status >= 400);
    }
    assert!(known > 1 && refused > 10, "{known} {refused}: the requests reach the lists, and their edges");
    let metrics = service.ask(&Request::get("/metrics").by(&all)).of(200).text();
    assert!(metrics.contains("innerward_requests_total") && metrics.ends_with("# EOF\n"), "{metrics}");
    planted.none_in(&metrics, "/metrics");
    let said = service.end();
    let lines = said.lines().filter(|line| line.contains(r#""event":"request""#)).count();
    assert!(lines > 60, "{lines} lines tell of requests");
    let (first, logged) = said.split_once("listening at").unwrap();
    planted.none_in(first, "the greeting");
    planted.none_in(logged, "the log");
    // Where it listens is said to a person, and as the service starts.
    assert_eq!(logged.matches("127.0.0.1").count(), 2, "an address of a client is in the log: {logged}");
}

/// Paths as somebody tries them who looks for a door.
const TRIED: [&str; 34] = [
    "/",
    "/..%2f",
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//v1/sets",
    "///v1//sets//PLANTED",
    "/v1/sets",
    "/v1/sets/PLANTED",
    "/v1/sets/PLANTED/",
    "/v1/sets/PLANTED/export",
    "/v1/sets/PLANTED/log",
    "/v1/sets/..%2fPLANTED",
    "/V1/SETS",
    "/v1/./sets",
    "/v1/match/../sets",
    "/v1/docs/../sets",
    "/v1/openapi.json/../sets/PLANTED",
    "/v1%2fsets",
    "/v1/sets?token=x",
    "/v1/sets#x",
    "/status/../v1/sets",
    "/healthz/../metrics",
    "/metrics",
    "/metrics/",
    "/c/banks",
    "//c/banks",
    "/c/bank/PLANTED",
    "/m/index/status",
    "/site-map",
    "/console/sets/PLANTED",
    "/console/assets/../sets",
    "/console/assets/%2e%2e/sets",
    "/index/manifest.iwm",
    "/tokens.json",
];

#[test]
fn nobody_finds_a_door_that_is_not_meant_to_be_open() {
    let mut planted = Planted::new();
    planted.words.push("PLANTED".into());
    let service = Service::start(&planted.ward, &[]);
    let methods =
        ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", "X"];
    let mut open = BTreeSet::new();
    let everything = described(&service).into_iter().map(|(_, path)| filled(&path));
    let tried: BTreeSet<String> = everything.chain(TRIED.map(str::to_owned)).collect();
    for target in &tried {
        for method in methods {
            let answer = service.ask(&Request::new(method, target));
            let place = format!("{method} {target}");
            planted.none_in(&answer.head, &place);
            planted.none_in(&answer.text(), &place);
            match answer.status {
                200 => drop(open.insert(target.clone())),
                // What a path takes is in the manual.
                204 if method == "OPTIONS" => assert!(answer.header("allow").is_some(), "{place}"),
                302 if target == "/" => assert_eq!(answer.header("location"), Some("/status"), "{place}"),
                // To the console's login.
                303 => assert_eq!(answer.header("location"), Some("/console/login"), "{place}"),
                status => assert!((400..500).contains(&status), "{place}: {status}"),
            }
        }
    }
    assert_eq!(open, ["/v1/docs", "/v1/openapi.json"].map(str::to_owned).into());
    // Credentials of other kinds open nothing either.
    for header in [
        ("Authorization", "Basic aW53YXJkOmlud2FyZA=="),
        ("Authorization", "Bearer"),
        ("Authorization", "Bearer iw_"),
        ("Authorization", "bearer  iw_0000000000000000000000000000000000000000000000000000"),
        ("Cookie", "innerward-console=0"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Original-URL", "/v1/docs"),
        ("X-HTTP-Method-Override", "OPTIONS"),
    ] {
        let answer = service.ask(&Request::get("/v1/sets").with(header.0, header.1));
        planted.none_in(&answer.text(), header.0);
        assert_eq!(answer.status, 401, "{header:?}");
    }
    service.end();
}

/// Logs a token in at the console; its cookie.
fn session(service: &Service, token: &str) -> String {
    let host = "http://127.0.0.1";
    let form = Request::post("/console/login", format!("token={token}"))
        .with("Content-Type", "application/x-www-form-urlencoded")
        .with("Origin", host);
    let answer = service.ask(&form).of(303);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[test]
fn the_console_shows_each_visitor_the_pages_of_its_scopes() {
    let ward = Ward::new();
    ward.import("DEMO", &format!("sha256:{}\n", digits("door", 32)), &[]);
    let tokens: Vec<String> = SCOPES.iter().map(|scope| token(&ward, scope, scope)).collect();
    let service = Service::start(&ward, &[]);
    let pages = [
        ("/console/match", "match"),
        ("/console/compare", "match"),
        ("/console/decide", "decide"),
        ("/console/quarantine", "manage"),
        ("/console/sets", "manage"),
        ("/console/sets/DEMO", "manage"),
        ("/console/audit", "manage"),
        ("/console/tally", "tally"),
        ("/console/releases", "release"),
    ];
    for (scope, token) in SCOPES.iter().zip(&tokens) {
        let cookie = session(&service, token);
        let shown = |page: &str| service.ask(&Request::get(page).with("Cookie", &cookie));
        assert_eq!(shown("/console").status, 200);
        for (page, needed) in pages {
            let expected = if needed == *scope { 200 } else { 403 };
            assert_eq!(shown(page).status, expected, "{page} with {scope}");
        }
        // The cookie is for pages; it opens nothing of the API.
        let api = service.ask(&Request::get("/v1/sets").with("Cookie", &cookie));
        assert_eq!(api.status, 401);
    }
    for (page, _) in pages {
        assert_eq!(service.get(page).status, 303, "{page}");
    }
    service.end();
}
