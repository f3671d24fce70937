//! The file server as its readers see it.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

struct Reader {
    router: Router,
    shown: Arc<Shown>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Reader {
    fn of(path: &Path) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = lines.clone();
        let log = Log::to(move |line| written.lock().unwrap().push(line.to_owned()), true).unwrap();
        let zero = || AtomicU64::new(0);
        let folder = Folder::open(path).unwrap();
        let shown = Shown { folder, log, whole: zero(), unchanged: zero(), refused: zero(), failed: zero() };
        let shown = Arc::new(shown);
        Self { router: Router::new().fallback(respond).with_state(shown.clone()), shown, lines }
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> (Response<()>, String) {
        let request =
            headers.iter().fold(Request::builder().method(method).uri(path), |request, (name, value)| {
                request.header(*name, *value)
            });
        let answer = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (Response::from_parts(parts, ()), String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn get(&self, path: &str) -> (Response<()>, String) {
        self.ask(Method::GET, path, &[]).await
    }
}

fn header_of(answer: &Response<()>, name: &str) -> String {
    answer.headers().get(name).map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn files_are_whole_cacheable_and_of_their_kind() {
    let dir = tempfile::tempdir().unwrap();
    let large = "0123456789abcdef".repeat(40_000);
    fs::write(dir.path().join("large.csv"), &large).unwrap();
    fs::write(dir.path().join("feed.atom"), "<feed/>").unwrap();
    fs::write(dir.path().join("empty.txt"), "").unwrap();
    let reader = Reader::of(dir.path());
    let (answer, body) = reader.get("/large.csv").await;
    assert_eq!((answer.status(), body == large), (StatusCode::OK, true), "in several pieces");
    assert_eq!(header_of(&answer, "content-type"), "text/csv; charset=utf-8");
    assert!(header_of(&answer, "content-security-policy").contains("default-src 'none'"));
    let (head, nothing) = reader.ask(Method::HEAD, "/large.csv", &[]).await;
    assert_eq!((header_of(&head, "content-length"), nothing.as_str()), (large.len().to_string(), ""));
    assert_eq!(reader.get("/empty.txt").await.1, "");
    assert_eq!(
        header_of(&reader.get("/feed.atom").await.0, "content-type"),
        "application/atom+xml; charset=utf-8"
    );

    let (tag, date) = (header_of(&answer, "etag"), header_of(&answer, "last-modified"));
    for known in [("if-none-match", &*tag), ("if-none-match", "*"), ("if-modified-since", &*date)] {
        let (answer, body) = reader.ask(Method::GET, "/large.csv", &[known]).await;
        assert_eq!((answer.status(), body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{known:?}");
        assert_eq!(header_of(&answer, "etag"), tag);
    }
    let (part, body) =
        reader.ask(Method::GET, "/large.csv", &[("range", "bytes=16-20"), ("if-range", &tag)]).await;
    assert_eq!((part.status(), body.as_str()), (StatusCode::PARTIAL_CONTENT, "01234"));
    assert_eq!(header_of(&part, "content-range"), format!("bytes 16-20/{}", large.len()));
    let (whole, _) =
        reader.ask(Method::GET, "/large.csv", &[("range", "bytes=0-1"), ("if-range", "\"old\"")]).await;
    assert_eq!(whole.status(), StatusCode::OK);
    let (beyond, _) = reader.ask(Method::GET, "/large.csv", &[("range", "bytes=9999999-")]).await;
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);

    fs::write(dir.path().join("new"), "another").unwrap();
    fs::rename(dir.path().join("new"), dir.path().join("large.csv")).unwrap();
    let (answer, body) = reader.ask(Method::GET, "/large.csv", &[("if-none-match", &tag)]).await;
    assert_eq!((answer.status(), body.as_str()), (StatusCode::OK, "another"));
}

#[tokio::test]
async fn folders_have_pages_and_nothing_is_changed_here() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("site")).unwrap();
    fs::write(dir.path().join("site/index.html"), "<p>page").unwrap();
    let reader = Reader::of(dir.path());
    for (path, location) in [("/", "/site/"), ("/site", "/site/")] {
        let (answer, _) = reader.get(path).await;
        assert_eq!(
            (answer.status(), &*header_of(&answer, "location")),
            (StatusCode::TEMPORARY_REDIRECT, location)
        );
    }
    assert_eq!(reader.get("/site/").await.1, "<p>page");
    assert_eq!(header_of(&reader.get("/site/").await.0, "content-type"), "text/html; charset=utf-8");
    let (refused, _) = reader.ask(Method::PUT, "/site/index.html", &[]).await;
    assert_eq!(
        (refused.status(), &*header_of(&refused, "allow")),
        (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD")
    );
    assert_eq!(reader.get("/../etc/passwd").await.0.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn of_who_read_what_there_are_counts_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("table.csv"), "a").unwrap();
    let reader = Reader::of(dir.path());
    reader.get("/table.csv").await;
    reader.ask(Method::GET, "/table.csv", &[("if-none-match", "*"), ("user-agent", "somebody")]).await;
    reader.get("/nowhere").await;
    reader.shown.tell();
    reader.shown.log.close();
    let lines = reader.lines.lock().unwrap();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("1 sent, 1 unchanged, 1 refused, 0 failed"), "{}", lines[0]);
    assert!(!lines[0].contains("table") && !lines[0].contains("somebody"));
}
