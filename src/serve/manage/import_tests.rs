//! Lists over HTTP: read, refused, rehearsed, cut off.

use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Method, StatusCode};
use base64ct::{Base64, Encoding};
use hyper::body::Frame;
use serde_json::json;

use super::super::testing::Ward;
use super::super::{Scope, Settings};
use super::tests::{A, B, import, list, outcome, problem};
use crate::home::minisign::Signatory;
use crate::screen::Outcome;

const PATH: &str = "/v1/sets/DEMO/import";

#[test]
fn what_is_imported_matches_when_the_answer_is_there() {
    let ward = Ward::with(&[]);
    let answer = import(
        &ward,
        &format!("{PATH}?class=INDUSTRY&source=a%20partner&max_distance=20,gradient8=4"),
        &list(&[A]),
    );
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(outcome(&ward, A), Outcome::Known);
    let told = answer.json();
    let expected = json!({
        "set": "DEMO", "dry_run": false, "unchanged": false, "form": "plain", "lines": 1, "entries": 1, "duplicates": 0,
        "bad_lines": 0, "bad": [], "new": 1, "gone": 0, "before": 0, "withdrawn": 0, "present": 0, "signed_by": null,
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&told[field], value, "{field}");
    }
    let set = ward.get("/v1/sets/DEMO").json();
    assert_eq!(
        (&set["list_class"], &set["source"], &set["max_distance"]),
        (&json!("INDUSTRY"), &json!("a partner"), &json!(20))
    );
    assert_eq!(
        (&set["classic_distances"], &set["revision"]),
        (&json!({ "gradient8": 4 }), &told["revision"])
    );
    let same = import(&ward, PATH, &list(&[A])).json();
    assert_eq!((&same["unchanged"], &same["revision"]), (&json!(true), &told["revision"]));
    assert!(same.get("entries").is_none());
    let more = import(&ward, &format!("{PATH}?add=true"), &list(&[A, B])).json();
    assert_eq!((&more["present"], &more["new"], &more["gone"]), (&json!(1), &json!(1), &json!(0)), "{more}");
    assert_eq!((outcome(&ward, A), outcome(&ward, B)), (Outcome::Known, Outcome::Known));
    let log = ward.get("/v1/sets/DEMO/log").json();
    assert_eq!(log["events"][0]["by"], "anybody");
}

#[test]
fn a_packed_list_is_read_as_it_is() {
    let ward = Ward::with(&[]);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(list(&[A, B]).as_bytes()).unwrap();
    let answer = ward.ask(Method::POST, PATH, &[], packed.finish().unwrap());
    assert_eq!((answer.status, &answer.json()["entries"]), (StatusCode::OK, &json!(2)), "{}", answer.text());
}

#[test]
fn bad_lines_are_told_by_their_number_and_never_quoted() {
    let ward = Ward::with(&[]);
    let peculiar = format!("sha256:{A}\nsha256:peculiar\n\nsha256:{B}\nmd5:c0ffee\n");
    let told = import(&ward, PATH, &peculiar);
    assert_eq!(
        (&told.json()["entries"], &told.json()["bad_lines"]),
        (&json!(2), &json!(2)),
        "{}",
        told.text()
    );
    let places: Vec<_> =
        told.json()["bad"].as_array().unwrap().iter().map(|bad| bad["place"].clone()).collect();
    assert_eq!(places, [json!("2"), json!("5")]);
    assert!(!told.text().contains("peculiar") && !told.text().contains("c0ffee"));
    let strict = import(&ward, "/v1/sets/strict/import?strict=true", &peculiar);
    let detail = problem(&strict, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(detail.starts_with("line 2: ") && !detail.contains("peculiar"), "{detail}");
    problem(&ward.get("/v1/sets/strict"), StatusCode::NOT_FOUND);
}

#[test]
fn what_cannot_be_imported_says_why_in_words_of_the_api_and_changes_nothing() {
    let ward = Ward::with(&[("DEMO", &list(&[A]))]);
    let before = ward.get("/v1/sets").json();
    let bare = format!("{A}\n");
    let signed = format!("{PATH}?signature=peculiar");
    for (path, body, status, word) in [
        (PATH, "peculiar text\n", StatusCode::UNPROCESSABLE_ENTITY, "`as`"),
        (PATH, "", StatusCode::UNPROCESSABLE_ENTITY, "`as`"),
        (PATH, &bare, StatusCode::UNPROCESSABLE_ENTITY, "plain:sha256"),
        ("/v1/sets/DEMO/import?as=plain:sha256", "peculiar\n", StatusCode::UNPROCESSABLE_ENTITY, "no entry"),
        (PATH, "SQLite format 3\0 peculiar", StatusCode::UNPROCESSABLE_ENTITY, "SQLite"),
        (PATH, "\u{1f}\u{8b}\u{8}peculiar", StatusCode::UNPROCESSABLE_ENTITY, ""),
        ("/v1/sets/DEMO/import?as=peculiar", &bare, StatusCode::BAD_REQUEST, "`as`"),
        ("/v1/sets/DEMO/import?encoding=peculiar", &bare, StatusCode::UNPROCESSABLE_ENTITY, "`encoding`"),
        ("/v1/sets/DEMO/import?map=peculiar%3D1", &bare, StatusCode::UNPROCESSABLE_ENTITY, "`map`"),
        ("/v1/sets/DEMO/import?role=peculiar", &bare, StatusCode::BAD_REQUEST, "`role`"),
        ("/v1/sets/DEMO/import?max_drop=101", &bare, StatusCode::UNPROCESSABLE_ENTITY, "`max_drop`"),
        ("/v1/sets/DEMO/import?max_distance=peculiar", &bare, StatusCode::BAD_REQUEST, "`max_distance`"),
        ("/v1/sets/DEMO/import?key=peculiar", &bare, StatusCode::UNPROCESSABLE_ENTITY, "`key`"),
        ("/v1/sets/DEMO/import?add=true&role=watch", &bare, StatusCode::UNPROCESSABLE_ENTITY, "`role`"),
        ("/v1/sets/DEMO/import?suppresses=other", &bare, StatusCode::UNPROCESSABLE_ENTITY, "`suppresses`"),
        ("/v1/sets/DEMO/import?Peculiar=1", &bare, StatusCode::BAD_REQUEST, ""),
        ("/v1/sets/.x/import", &bare, StatusCode::BAD_REQUEST, "name"),
        (&signed, &bare, StatusCode::UNPROCESSABLE_ENTITY, "`signature`"),
    ] {
        let detail = problem(&import(&ward, path, body), status);
        assert!(detail.contains(word) && !detail.contains("peculiar"), "{path}: {detail}");
    }
    assert_eq!(ward.get("/v1/sets").json(), before);
    assert_eq!(outcome(&ward, A), Outcome::Known);
}

#[test]
fn a_list_of_which_much_is_gone_needs_a_person() {
    let ward = Ward::with(&[("DEMO", &list(&[A, B]))]);
    let detail = problem(&import(&ward, PATH, &list(&[A])), StatusCode::CONFLICT);
    assert!(detail.contains("of 2 entries that match, 1 ") && detail.contains("agreed=true"), "{detail}");
    assert_eq!(outcome(&ward, B), Outcome::Known);
    let would = import(&ward, &format!("{PATH}?dry_run=true"), &list(&[A])).json();
    let told =
        [&would["dry_run"], &would["needs_agreed"], &would["gone"], &would["entries"], &would["revision"]];
    assert_eq!(told, [&json!(true), &json!(true), &json!(1), &json!(1), &json!(null)]);
    assert_eq!(outcome(&ward, B), Outcome::Known, "a rehearsal changes nothing");
    assert_eq!(ward.get("/v1/sets/DEMO/log").json()["events"].as_array().unwrap().len(), 1);
    assert_eq!(import(&ward, &format!("{PATH}?max_drop=50"), &list(&[A])).status, StatusCode::OK);
    assert_eq!(import(&ward, &format!("{PATH}?agreed=true"), &list(&[B])).status, StatusCode::OK);
    assert_eq!((outcome(&ward, A), outcome(&ward, B)), (Outcome::Unknown, Outcome::Known));
}

/// A body that breaks off after its first piece.
struct Cut(Option<Bytes>);

impl HttpBody for Cut {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let piece = self.0.take();
        Poll::Ready(Some(piece.map(Frame::data).ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())))
    }
}

#[test]
fn a_list_that_breaks_off_or_is_too_long_changes_nothing_and_leaves_nothing() {
    let settings = Settings { open: vec![Scope::Manage], max_list_bytes: 200, ..Settings::default() };
    let ward = Ward::set_up(&[("DEMO", &list(&[A]))], settings);
    let files = || std::fs::read_dir(ward.home.root()).unwrap().count();
    let (before, there) = (ward.get("/v1/sets").json(), files());
    let cut = Body::new(Cut(Some(list(&[B]).into())));
    let detail = problem(&ward.ask(Method::POST, PATH, &[], cut), StatusCode::BAD_REQUEST);
    assert!(detail.contains("broke off"), "{detail}");
    let long = problem(&import(&ward, PATH, &list(&[B, A, B])), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(long.contains("200 bytes"), "{long}");
    let unannounced = Body::new(Cut(Some(list(&[B, A, B]).into())));
    problem(&ward.ask(Method::POST, PATH, &[], unannounced), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!((ward.get("/v1/sets").json(), files()), (before, there));
    assert_eq!((outcome(&ward, A), outcome(&ward, B)), (Outcome::Known, Outcome::Unknown));
}

#[test]
fn who_comes_while_another_imports_is_asked_to_come_again_and_matching_goes_on() {
    let ward = Ward::with(&[("DEMO", &list(&[A]))]);
    let lock = ward.home.lock().unwrap();
    let began = Instant::now();
    let busy = import(&ward, PATH, &list(&[A, B]));
    assert!(began.elapsed() >= Duration::from_secs(4), "it waits for a while");
    problem(&busy, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(busy.headers["retry-after"], "5");
    assert_eq!(outcome(&ward, A), Outcome::Known);
    drop(lock);
    assert_eq!(import(&ward, PATH, &list(&[A, B])).status, StatusCode::OK);
}

#[test]
fn a_set_with_a_key_takes_signed_lists_alone() {
    let ward = Ward::with(&[]);
    let (text, other) = (list(&[A]), list(&[A, B]));
    let signatory = Signatory::new(&[7; 32]);
    let sign = |text: &str| Base64::encode_string(&signatory.sign(text.as_bytes(), "made up", "made up"));
    let key = signatory.public().to_string().replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let send = |query: &str, signature: Option<&str>, text: &str| {
        let header = signature.map(|signature| ("innerward-signature", signature));
        let headers: Vec<_> = header.into_iter().collect();
        ward.ask(Method::POST, &format!("{PATH}?{query}"), &headers, text.to_owned())
    };
    let detail = problem(&send("", Some(&sign(&text)), &text), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(detail.contains("`key`"), "{detail}");
    let taken = send(&format!("key={key}"), Some(&sign(&text)), &text);
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
    assert_eq!(taken.json()["signed_by"], signatory.public().to_string());
    let detail = problem(&send("", None, &other), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(detail.contains("`signature`"), "{detail}");
    problem(&send("", Some(&sign(&text)), &other), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(outcome(&ward, B), Outcome::Unknown);
    assert_eq!(send("", Some(&sign(&other)), &other).status, StatusCode::OK);
    assert_eq!(outcome(&ward, B), Outcome::Known);
    let another = Signatory::new(&[8; 32]);
    let key = another.public().to_string().replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let foreign = Base64::encode_string(&another.sign(text.as_bytes(), "made up", "made up"));
    let detail = problem(&send(&format!("key={key}"), Some(&foreign), &text), StatusCode::CONFLICT);
    assert!(detail.contains("agreed=true"), "{detail}");
}

#[test]
fn the_stop_list_of_the_home_holds_for_lists_over_http() {
    let ward = Ward::with(&[]);
    std::fs::write(ward.home.root().join("stop.txt"), format!("sha256:{A}\n")).unwrap();
    std::fs::write(ward.home.root().join("innerward.toml"), "[import]\nstop_list = \"stop.txt\"\n").unwrap();
    let told = import(&ward, PATH, &list(&[A, B])).json();
    assert_eq!((&told["entries"], &told["refused"]), (&json!(1), &json!({ "stopped": 1 })), "{told}");
    std::fs::write(ward.home.root().join("stop.txt"), "peculiar\n").unwrap();
    let broken = import(&ward, PATH, &list(&[A]));
    let detail = problem(&broken, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(detail.contains("innerward doctor") && !detail.contains("stop.txt"), "{detail}");
}
