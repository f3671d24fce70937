//! The file server as its readers see it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

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
async fn the_root_of_a_folder_without_pages_says_what_there_is() {
    let dir = tempfile::tempdir().unwrap();
    let reader = Reader::of(dir.path());
    let (empty, page) = reader.get("/").await;
    assert_eq!((empty.status(), page.contains("Nothing yet")), (StatusCode::OK, true), "{page}");
    assert_eq!(header_of(&empty, "content-type"), "text/html; charset=utf-8");
    assert!(header_of(&empty, "content-security-policy").contains("default-src 'none'"));
    for feed in ["/feed.atom", "/feed.json"] {
        let (answer, problem) = reader.get(feed).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert!(problem.contains("nothing has been published here yet"), "{problem}");
    }
    fs::create_dir_all(dir.path().join("2026-10-r1")).unwrap();
    fs::create_dir(dir.path().join("site")).unwrap();
    for name in ["feed.json", ".hidden", "a & <b>.csv", "back\\slash"] {
        fs::write(dir.path().join(name), name).unwrap();
    }
    std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link")).unwrap();
    let page = reader.get("/").await.1;
    let listed: Vec<&str> =
        page.split("<li>").skip(1).map(|item| item.split("</li>").next().unwrap()).collect();
    let link = |to, name| format!("<a href=\"{to}\">{name}</a>");
    assert_eq!(
        listed,
        [
            "2026-10-r1/",
            &link("a%20%26%20%3Cb%3E.csv", "a &amp; &lt;b&gt;.csv"),
            &link("feed.json", "feed.json"),
            "site/"
        ]
    );
    assert_eq!(reader.get("/a%20%26%20%3Cb%3E.csv").await.1, "a & <b>.csv", "a link leads to its file");
    assert_eq!(reader.get("/feed.json").await.0.status(), StatusCode::OK);
}

/// Whoever takes a byte a second, and there are as many of them as there is room for, keeps nobody out.
#[test]
fn slow_readers_keep_nobody_out() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("large.csv"), vec![b'1'; 32 << 20]).unwrap();
    fs::write(dir.path().join("small.csv"), "small").unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let settings = Settings {
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        max_connections: 3,
        stall: Duration::from_secs(120),
        ..Settings::default()
    };
    let log = Log::to(|_| (), false).unwrap();
    let service = runtime.block_on(PublicService::open(dir.path(), settings, log)).unwrap();
    let address = service.addresses()[0].clone();
    let (orders, taken) = Orders::by_hand();
    let ended = runtime.spawn(service.run(taken));
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        stream
    };
    let mut slow: Vec<TcpStream> = (0..3).map(|_| ask("/large.csv")).collect();
    for _ in 0..3 {
        slow.iter_mut().for_each(|stream| stream.read_exact(&mut [0]).unwrap());
        std::thread::sleep(Duration::from_secs(1));
    }
    let (began, mut answer) = (Instant::now(), String::new());
    ask("/small.csv").read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("small"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    // Who is left, and takes the rest at once, gets it whole, though the service has been asked to end.
    orders.blocking_send(()).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let whole = |mut stream: TcpStream| {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).is_ok() && bytes.len() > 32 << 20
    };
    assert_eq!(slow.into_iter().map(whole).filter(|whole| *whole).count(), 2);
    assert_eq!(runtime.block_on(ended).unwrap(), Ended::Drained);
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

#[test]
fn of_a_home_nothing_is_handed_out_but_what_is_public() {
    let dir = tempfile::tempdir().unwrap();
    let home = crate::home::Home::create(&dir.path().join("ward"), true).unwrap();
    for name in ["keys", "index", "runs/1", "public/site"] {
        fs::create_dir_all(home.root().join(name)).unwrap();
    }
    for name in ["keys", "index", "runs", "runs/1"] {
        let opened = Folder::open(&home.root().join(name));
        assert!(matches!(opened, Err(FolderError::Inside { .. })), "{name}");
    }
    for name in ["public", "public/site"] {
        assert!(Folder::open(&home.root().join(name)).is_ok(), "{name}");
    }
}

#[tokio::test]
async fn keys_and_segments_are_handed_out_from_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["signing.key", "seg-1.iws", "manifest.iwm", "innerward.pub"] {
        fs::write(dir.path().join(name), name).unwrap();
    }
    let reader = Reader::of(dir.path());
    for (name, status) in
        [("signing.key", 404), ("seg-1.iws", 404), ("manifest.iwm", 404), ("innerward.pub", 200)]
    {
        assert_eq!(reader.get(&format!("/{name}")).await.0.status(), status, "{name}");
    }
    assert!(!reader.get("/").await.1.contains("signing"));
}
