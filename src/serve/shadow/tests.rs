use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Multipart;
use axum::http::Request;
use axum::response::Response;
use axum::routing::{get, post};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::inside::{Inside, Outside, Within};
use super::*;
use crate::hashset::{Annotation, Local};
use crate::serve::testing::Ward;
use crate::serve::{Caller, Scope, Settings, State};

/// A service that answers from a table: path, then status and body.
struct Scripted(BTreeMap<&'static str, (u16, String)>);

impl Side for Scripted {
    fn ask(&self, asked: &Asked) -> Told {
        let found = self.0.get(&*asked.path).or_else(|| self.0.get(&*asked.route()));
        let (status, body) = found.cloned().unwrap_or((404, "{}".into()));
        Told { status, body: body.into() }
    }
}

fn side(answers: &[(&'static str, u16, &str)]) -> Scripted {
    Scripted(answers.iter().map(|(path, status, body)| (*path, (*status, (*body).to_owned()))).collect())
}

fn decode(file: &[u8]) -> Option<Fingerprint> {
    Fingerprint::read(file, &crate::media::Limits::default()).ok()
}

fn reason(asked: &Asked, ours: &Scripted, theirs: &Scripted) -> Option<Reason> {
    compare(asked, &ours.ask(asked), Some(&Outside(ours)), theirs, &decode).reason
}

const LOOKUP: &str = "/m/lookup?signal=aa&signal_type=pdq";
const ONE: &str = r#"{"A":[{"bank_content_id":1,"distance":"4"}]}"#;

#[test]
fn a_differing_look_up_has_the_reason_that_the_evidence_shows() {
    let asked = Asked::get(LOOKUP);
    let ours = side(&[(LOOKUP, 200, ONE)]);
    let check = |theirs: &[(&'static str, u16, &str)], expected| {
        assert_eq!(reason(&asked, &ours, &side(theirs)), expected, "{theirs:?}");
    };
    check(&[(LOOKUP, 200, r#"{"A":[{"bank_content_id":1,"distance":4}]}"#)], None);
    check(&[(LOOKUP, 200, r#"{"A":[{"bank_content_id":9,"distance":"4"}]}"#)], Some(Reason::Numbers));
    check(&[(LOOKUP, 500, "")], Some(Reason::HmaError));
    check(&[(LOOKUP, 400, "")], Some(Reason::HmaError));
    check(&[(LOOKUP, 200, "<html>")], Some(Reason::HmaError));
    let none = (LOOKUP, 200, "{}");
    check(&[none, ("/m/raw_lookup", 200, r#"{"matches":[1]}"#)], Some(Reason::SwitchedOff));
    let missing = ("/c/bank/A/content/1", 404, "{}");
    check(&[none, missing], Some(Reason::UnknownThere));
    let stored = ("/c/bank/A/content/1", 200, r#"{"id":1,"disable_until_ts":1}"#);
    let of_one = ("/m/index/status", 200, r#"{"pdq":{"size":1}}"#);
    check(&[none, stored, of_one], Some(Reason::OneEntry));
    check(&[none, missing, of_one], Some(Reason::UnknownThere));
    let late = ("/c/signal_type/index", 200, r#"{"pdq":{"index_out_of_date":true}}"#);
    check(&[none, stored, late], Some(Reason::IndexLag));
    check(&[none, stored], Some(Reason::Unknown));
    check(&[none, ("/c/bank/A/content/1", 200, r#"{"disable_until_ts":0}"#)], Some(Reason::SwitchedOff));

    let theirs = side(&[(LOOKUP, 200, ONE)]);
    let gone = side(&[(LOOKUP, 200, "{}")]);
    assert_eq!(reason(&asked, &gone, &theirs), Some(Reason::UnknownHere), "it is not in the bank any more");
    let off = ("/c/bank/A/content/1", 200, r#"{"id":1,"disable_until_ts":0}"#);
    assert_eq!(reason(&asked, &side(&[(LOOKUP, 200, "{}"), off]), &theirs), Some(Reason::SwitchedOff));
    let strict = ("/v1/sets/A", 200, r#"{"max_distance":3}"#);
    let strict = side(&[(LOOKUP, 200, "{}"), stored, strict]);
    assert_eq!(reason(&asked, &strict, &theirs), Some(Reason::Threshold));
    let now_and_then = ("/c/bank/A", 200, r#"{"matching_enabled_ratio":0.5}"#);
    let now_and_then = side(&[(LOOKUP, 200, "{}"), stored, now_and_then]);
    assert_eq!(reason(&asked, &now_and_then, &theirs), Some(Reason::Share));
    let held = side(&[(LOOKUP, 200, "{}"), stored]);
    assert_eq!(
        reason(&asked, &held, &theirs),
        Some(Reason::Unknown),
        "listed here, and nobody knows why not found"
    );
    assert_eq!(reason(&asked, &side(&[(LOOKUP, 500, "")]), &theirs), Some(Reason::InnerwardError));
    let far = side(&[(LOOKUP, 200, r#"{"A":[{"bank_content_id":1,"distance":"40"}]}"#)]);
    assert_eq!(reason(&asked, &far, &gone), Some(Reason::Threshold));
    // Both ways at once: each entry has its cause, and the gravest is told.
    let two = |id: u64, bits: u8| format!(r#"{{"A":[{{"bank_content_id":{id},"distance":"{bits}"}}]}}"#);
    let off_here = ("/c/bank/A/content/7", 200, r#"{"id":7,"disable_until_ts":0}"#);
    let (one, other) = (two(1, 4), two(7, 5));
    let (ours, theirs) = (side(&[(LOOKUP, 200, &one), off_here]), side(&[(LOOKUP, 200, &other)]));
    assert_eq!(reason(&asked, &ours, &theirs), Some(Reason::UnknownThere));
    let ours = side(&[(LOOKUP, 200, &one), ("/c/bank/A/content/7", 500, "{}")]);
    assert_eq!(reason(&asked, &ours, &theirs), Some(Reason::Unknown));
    let empty = Asked::get("/m/lookup?signal=&signal_type=pdq");
    let (plain, refusing) = (side(&[("/m/lookup", 200, "{}")]), side(&[("/m/lookup", 400, "{}")]));
    assert_eq!(reason(&empty, &plain, &refusing), Some(Reason::LowQuality));
}

/// A picture with structure: blocks of grey that hang on where they are, as a PNG.
fn png(turned: bool) -> Vec<u8> {
    let picture = image::GrayImage::from_fn(96, 96, |x, y| {
        let (x, y) = if turned { (95 - y, x) } else { (x, y) };
        image::Luma([((x / 12 * 57 + y / 12 * 91 + (x / 12) * (y / 12) * 13) % 256) as u8])
    });
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

#[test]
fn an_upload_that_is_read_differently_is_told_by_its_hash_there() {
    let file = png(false);
    let asked = Asked::upload("/m/lookup", "photo", &file);
    let ours = side(&[("/m/lookup", 200, r#"{"pdq":{"A":[{"bank_content_id":1,"distance":"0"}]}}"#)]);
    let hash = decode(&file).unwrap().forms[0].hash;
    let theirs = |hex: String| {
        let body = format!(r#"{{"pdq":"{hex}"}}"#);
        Scripted(BTreeMap::from([
            ("/m/lookup", (200, r#"{"pdq":{}}"#.to_owned())),
            ("/h/hash", (200, body)),
            ("/c/bank/A/content/1", (200, r#"{"id":1,"disable_until_ts":1}"#.to_owned())),
            ("/m/index/status", (200, r#"{"pdq":{"size":1}}"#.to_owned())),
        ]))
    };
    let told = |hex: String| reason(&asked, &ours, &theirs(hex));
    assert_eq!(
        told(hash.original().to_hex()),
        Some(Reason::OneEntry),
        "the same hash: it is not the decoding"
    );
    let mut near = hex::decode(hash.original().to_hex()).unwrap();
    near[3] ^= 1;
    assert_eq!(told(hex::encode(&near)), Some(Reason::Rounding));
    let turned = decode(&png(true)).unwrap().forms[0].hash.original();
    assert_eq!(told(turned.to_hex()), Some(Reason::Orientation));
    assert_eq!(told("5a".repeat(32)), Some(Reason::Decoding));
    assert_eq!(told(String::new()), Some(Reason::LowQuality));
}

#[test]
fn the_file_is_found_in_what_a_client_sends() {
    let sent = Asked::upload("/h/hash", "photo", b"--\r\n\r\n\0file\r\n");
    let read = Asked::post(sent.path.clone(), sent.content_type.clone(), sent.body.clone());
    assert_eq!(read.file.as_deref(), Some(&b"--\r\n\r\n\0file\r\n"[..]));
    for kind in ["application/json", "multipart/form-data", "multipart/form-data; boundary=other"] {
        assert_eq!(Asked::post("/h/hash", Some(kind.into()), sent.body.clone()).file, None, "{kind}");
    }
}

/// A peer that answers as told, and slowly if it is to.
struct Peer {
    wait: Duration,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Side for Peer {
    fn ask(&self, asked: &Asked) -> Told {
        std::thread::sleep(self.wait);
        self.asked.lock().unwrap().push(asked.clone());
        Told { status: 200, body: b"{}".to_vec() }
    }
}

/// A service beside a peer, what the peer was asked, and what came of each comparison.
type Shadowed = (Ward, Router, Arc<Mutex<Vec<Asked>>>, mpsc::Receiver<Compared>, State);

fn shadowed(wait: Duration) -> Shadowed {
    let ward = Ward::with(&[]);
    let (tell, told) = mpsc::channel();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let peer = Peer { wait, asked: Arc::clone(&asked) };
    let shadow = Shadow::beside(peer, move |one| {
        let _ = tell.send(one.clone());
    });
    let live = crate::screen::Live::open(&ward.home, None).unwrap();
    let state = State::new(ward.home.clone(), Settings::default(), live, None, None);
    let state = state.beside(shadow);
    let upload = |mut form: Multipart| async move {
        let field = form.next_field().await.unwrap().unwrap();
        format!("{{\"len\":{}}}", field.bytes().await.unwrap().len())
    };
    let routes = Router::new()
        .route("/m/lookup", get(|| async { ONE }).post(upload))
        .route("/h/hash", post(upload))
        .route("/c/banks", get(|| async { "[]" }));
    // As the guards of the real paths do with whom they let in.
    let routes = routes.layer(axum::middleware::map_response(|mut answer: Response| async {
        answer.extensions_mut().insert(Caller::new("test", [Scope::Match]));
        answer
    }));
    let router = beside(&state, routes).with_state(state.clone());
    (ward, router, asked, told, state)
}

fn send(router: &Router, asked: &Asked) -> (u16, Vec<u8>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut request = Request::builder().uri(&asked.path).method(if asked.is_post { "POST" } else { "GET" });
    if let Some(kind) = &asked.content_type {
        request = request.header("content-type", kind);
    }
    let request =
        request.header("authorization", "Bearer secret").body(Body::from(asked.body.clone())).unwrap();
    runtime.block_on(async {
        let answer = router.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.into_body().collect().await.unwrap().to_bytes().to_vec())
    })
}

#[test]
fn what_was_answered_is_sent_on_as_it_came_and_changes_are_not() {
    let (_ward, router, asked, told, state) = shadowed(Duration::ZERO);
    let upload = Asked::upload("/m/lookup?bypass_coinflip=true", "photo", &[7; 30_000]);
    for one in [Asked::get(LOOKUP), upload.clone(), Asked::get("/c/banks")] {
        assert_eq!(send(&router, &one).0, 200);
    }
    let first = told.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!((first.route, first.matched), ("/m/lookup", [false, true]));
    let second = told.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!((second.innerward, second.hma), (200, 200));
    assert!(told.recv_timeout(Duration::from_millis(200)).is_err(), "/c is not sent on");
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0], Asked::get(LOOKUP));
    assert!(asked.contains(&upload), "byte for byte");
    let report = state.0.shadow.as_ref().unwrap().report();
    assert_eq!((report.compared, report.dropped, report.only_here), (2, 0, 1));
    let told = state.0.shadow.as_ref().unwrap().differences();
    assert_eq!(told.iter().map(|one| one.compared.clone()).collect::<Vec<_>>(), [first, second]);
}

#[test]
fn no_caller_waits_for_the_peer_and_what_is_too_much_is_dropped_and_counted() {
    let (_ward, router, asked, _told, state) = shadowed(Duration::from_secs(60));
    let start = Instant::now();
    for _ in 0..400 {
        assert_eq!(send(&router, &Asked::get(LOOKUP)).1, ONE.as_bytes());
    }
    let long = Asked::upload("/h/hash", "photo", &vec![1; 1 << 20]);
    assert_eq!(send(&router, &long).0, 200);
    assert!(start.elapsed() < Duration::from_secs(30), "the peer takes a minute for each");
    let report = state.0.shadow.as_ref().unwrap().report();
    assert!(report.dropped >= 400 - 256 - 2, "{report:?}");
    assert_eq!(asked.lock().unwrap().len(), 0);
}

#[test]
fn what_is_withdrawn_quarantined_or_switched_off_here_is_told_apart() {
    use crate::index::EntryName;
    use crate::serve::deeds::Doer;
    use crate::serve::hma::number_of;
    let digest = |byte: &str| byte.repeat(16);
    let list: String = ["a1", "b2", "c3", "d4", "e5"].map(|byte| format!("md5:{}\n", digest(byte))).concat();
    let ward = Ward::with(&[("BANK", &list)]);
    let (set, state) = ("BANK".parse().unwrap(), &ward.state);
    let key = |byte: &str| {
        let signal: crate::digest::Signal = format!("md5:{}", digest(byte)).parse().unwrap();
        crate::hashset::EntryKey::derived(&signal.into())
    };
    let caller = Caller::new("test", [Scope::Manage]);
    let doer = Doer { caller: &caller, via: "api" };
    state.withdraw_named_now(&doer, &set, &[EntryName::Key(key("a1"))]).unwrap();
    let mut local = Local::open(&ward.home).unwrap();
    let off = |until: Option<jiff::Timestamp>| Annotation { off_until: Some(until), ..Annotation::default() };
    local.annotate(&set, &key("b2"), &off(None)).unwrap();
    local.annotate(&set, &key("c3"), &off(Some(jiff::Timestamp::UNIX_EPOCH))).unwrap();
    let held = key("d4");
    let hits = crate::hashset::Hits { set: "BANK", key: held.as_str(), more: 99 };
    local.add_hits(0, &[hits], 1, jiff::Timestamp::now()).unwrap();
    ward.settle();
    let why = |bank: &str, byte: &str, bits| Within(state).why_not(bank, number_of(key(byte).as_str()), bits);
    for bank in ["BANK", ""] {
        assert_eq!(why(bank, "a1", None), Some(Reason::Withdrawn), "{bank}");
        assert_eq!(why(bank, "b2", None), Some(Reason::SwitchedOff));
        assert_eq!(why(bank, "c3", Some(31)), None, "it is on again");
        assert_eq!(why(bank, "c3", Some(32)), Some(Reason::Threshold));
        assert_eq!(why(bank, "f6", None), Some(Reason::UnknownHere));
    }
    assert_eq!(why("BANK", "d4", None), Some(Reason::Quarantined));
    assert_eq!(why("OTHER", "a1", None), Some(Reason::UnknownHere));
    local.set_share("BANK", 0.5).unwrap();
    ward.settle();
    assert_eq!(why("BANK", "e5", None), Some(Reason::Share));
}
