use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::{FetchSettings, Fetcher};
use crate::serve::testing::Ward;
use crate::serve::{Caller, Grant, Problem, ProblemCode, Scope, Settings, Tokens};

/// A server on this machine that answers each request, by its head, as `answer` does; it ends with the test.
fn server(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, answer) = (stream.unwrap(), Arc::clone(&answer));
            thread::spawn(move || {
                let (mut head, mut byte) = (Vec::new(), [0]);
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|len| len == 1) {
                    head.push(byte[0]);
                }
                answer(&String::from_utf8_lossy(&head), &mut stream);
            });
        }
    });
    address
}

fn send(stream: &mut TcpStream, head: &str, body: &[u8]) {
    let _ = write!(stream, "HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(body);
}

fn settings(address: SocketAddr) -> FetchSettings {
    FetchSettings {
        hosts: vec!["127.0.0.1".into(), "a.example".into()],
        ports: vec![address.port()],
        max_bytes: 100_000,
        max_seconds: 2,
        loopback: true,
        ..FetchSettings::default()
    }
}

type Fetched = Result<(Vec<u8>, Option<String>), Problem>;

/// What `fetcher` has from `url`: the digest of the content tells that it arrived whole.
fn fetch(fetcher: &Fetcher, url: &str) -> Fetched {
    let ward = Ward::with(&[]);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let fetched: Fetched = runtime.block_on(async {
        let caller = Caller::new("test", []);
        let (upload, media_type) = fetcher.fetch(&ward.state, &caller, url).await?;
        let fingerprint = ward.state.fingerprint(&caller, upload).await?;
        Ok((fingerprint.digests.sha256.as_bytes().to_vec(), media_type))
    });
    if let Err(problem) = &fetched {
        for word in ["127.0.0.1", "example", "secret"] {
            assert!(!problem.detail.contains(word), "{problem:?}");
        }
    }
    fetched
}

fn refused(fetched: Fetched) -> ProblemCode {
    fetched.expect_err("it is refused").code
}

fn sha256(content: &[u8]) -> Vec<u8> {
    use sha2::Digest;
    sha2::Sha256::digest(content).to_vec()
}

/// Gives the addresses of `by`, call by call.
struct Names<F>(F);

impl<F> std::fmt::Debug for Names<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names")
    }
}

impl<F: Fn() -> Vec<SocketAddr> + Send + Sync + 'static> Resolver for Names<F> {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut all = self.empty();
        (self.0)().into_iter().for_each(|address| all.push(address));
        Ok(all)
    }
}

#[test]
fn content_arrives_whole_with_its_media_type_and_nothing_of_the_caller_is_sent() {
    let content: Vec<u8> = (0..90_000_u32).map(|n| (n.wrapping_mul(n) % 251) as u8).collect();
    let sent = content.clone();
    let address = server(move |head, stream| {
        let head = head.to_ascii_lowercase();
        let quiet = ["cookie", "authorization", "gzip", "referer"].iter().all(|name| !head.contains(name));
        match quiet && head.starts_with("get /x?y http/1.1\r\n") {
            true => send(stream, "200 OK\r\nContent-Type: image/jpeg\r\nSet-Cookie: a=secret", &sent),
            false => send(stream, "400 Bad Request", b""),
        }
    });
    let fetcher = Fetcher::new(settings(address));
    for _ in 0..2 {
        let (digest, media_type) = fetch(&fetcher, &format!("http://{address}/x?y#z")).unwrap();
        assert_eq!((digest, media_type.as_deref()), (sha256(&content), Some("image/jpeg")));
    }
    assert_eq!(refused(fetch(&fetcher, &format!("http://{address}/"))), ProblemCode::Unprocessable);
}

#[test]
fn fetching_is_off_unless_it_is_set_up() {
    let address = server(|_, stream| send(stream, "200 OK", b"content"));
    let url = format!("http://{address}/");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let off = Ward::with(&[]);
    let problem = runtime.block_on(off.state.fetch(&Caller::new("test", []), &url)).err().unwrap();
    assert_eq!(problem.code, ProblemCode::Forbidden);
    let on = Ward::set_up(&[], Settings { fetch: Some(settings(address)), ..Settings::default() });
    assert!(runtime.block_on(on.state.fetch(&Caller::new("test", []), &url)).is_ok());
}

#[test]
fn a_name_that_leads_into_a_closed_network_is_not_asked() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let address = server(move |_, stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        send(stream, "200 OK", b"a secret");
    });
    let strict = FetchSettings { loopback: false, ..settings(address) };
    let url = format!("http://a.example:{}/", address.port());
    let public = SocketAddr::from(([93, 184, 216, 34], address.port()));
    for closed in
        ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1", "100.64.0.1"]
    {
        let closed = SocketAddr::new(closed.parse().unwrap(), address.port());
        for addresses in [vec![closed], vec![public, closed]] {
            let fetcher = Fetcher::resolving_by(strict.clone(), Names(move || addresses.clone()));
            assert_eq!(refused(fetch(&fetcher, &url)), ProblemCode::Forbidden, "{closed}");
        }
    }
    let literal = Fetcher::new(strict.clone());
    assert_eq!(refused(fetch(&literal, &format!("http://{address}/"))), ProblemCode::Forbidden);
    assert_eq!(asked.load(Ordering::SeqCst), 0, "nobody connected");
    let nowhere = Fetcher::resolving_by(strict, Names(Vec::new));
    assert_eq!(refused(fetch(&nowhere, &url)), ProblemCode::Unprocessable);
}

/// A name that is checked with one address and connected to with another: the classic way around such a check.
#[test]
fn a_name_is_resolved_once_a_request_and_checked_again_after_a_redirect() {
    let address = server(|head, stream| match head.starts_with("GET /away ") {
        true => send(stream, "302 Found\r\nLocation: /there", b""),
        false => send(stream, "200 OK", b"content"),
    });
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let names = Names(move || match counted.fetch_add(1, Ordering::SeqCst) {
        0 => vec![address],
        _ => vec![SocketAddr::from((Ipv4Addr::new(10, 0, 0, 1), address.port()))],
    });
    let fetcher = Fetcher::resolving_by(settings(address), names);
    let url = |path: &str| format!("http://a.example:{}/{path}", address.port());
    assert_eq!(fetch(&fetcher, &url("x")).unwrap().0, sha256(b"content"));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(refused(fetch(&fetcher, &url("x"))), ProblemCode::Forbidden);
    calls.store(0, Ordering::SeqCst);
    assert_eq!(refused(fetch(&fetcher, &url("away"))), ProblemCode::Forbidden);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[test]
fn redirects_are_few_and_lead_where_a_url_could() {
    let address = server(|head, stream| {
        let path = head.split(' ').nth(1).unwrap_or_default();
        let to = match path {
            "/3" => "/2",
            "/2" => "1",
            "/1" => "?end",
            "/1?end" => return send(stream, "200 OK", b"content"),
            "/out" => "http://b.example/",
            "/in" => "http://10.0.0.1/",
            "/file" => "file:///etc/passwd",
            "/none" => return send(stream, "302 Found", b""),
            _ => path,
        };
        send(stream, &format!("307 Temporary Redirect\r\nLocation: {to}"), b"a page");
    });
    let fetcher = Fetcher::new(settings(address));
    let at = |path: &str| fetch(&fetcher, &format!("http://{address}/{path}"));
    assert_eq!(at("3").unwrap().0, sha256(b"content"));
    assert_eq!(refused(at("loop")), ProblemCode::Unprocessable);
    assert_eq!(refused(at("out")), ProblemCode::Forbidden);
    assert_eq!(refused(at("in")), ProblemCode::Forbidden);
    assert_eq!(refused(at("file")), ProblemCode::BadRequest);
    assert_eq!(refused(at("none")), ProblemCode::Unprocessable);
}

#[test]
fn what_is_too_long_too_slow_or_packed_is_given_up() {
    let address = server(|head, stream| {
        let path = head.split(' ').nth(1).unwrap_or_default();
        match path {
            "/long" => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n");
            }
            "/endless" => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
                while stream.write_all(&[7; 4096]).is_ok() {}
            }
            "/slow" => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
                while stream.write_all(b"x").is_ok() {
                    thread::sleep(Duration::from_millis(50));
                }
            }
            "/silent" => thread::sleep(Duration::from_secs(20)),
            "/head" => while stream.write_all(b"HTTP/1.1 200 OK\r\nX: y\r\n").is_ok() {},
            "/cut" => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
            }
            "/packed" => send(stream, "200 OK\r\nContent-Encoding: gzip", b"\x1f\x8b"),
            "/whole" => send(stream, "200 OK", &vec![1; 100_000]),
            _ => {
                let _ = stream.write_all(b"SSH-2.0-secret\r\n");
            }
        }
    });
    let fetcher = Fetcher::new(settings(address));
    let at = |path: &str| fetch(&fetcher, &format!("http://{address}/{path}"));
    assert!(at("whole").is_ok(), "the bound itself is allowed");
    assert_eq!(refused(at("long")), ProblemCode::TooLarge);
    assert_eq!(refused(at("endless")), ProblemCode::TooLarge);
    for path in ["slow", "silent", "head", "cut", "packed", "other"] {
        let start = Instant::now();
        assert_eq!(refused(at(path)), ProblemCode::Unprocessable, "{path}");
        assert!(start.elapsed() < Duration::from_secs(10), "{path}");
    }
}

#[test]
fn who_comes_when_all_places_are_taken_is_told_so_and_a_place_is_free_again_afterwards() {
    let address = server(|head, stream| {
        thread::sleep(Duration::from_millis(if head.starts_with("GET /slow ") { 600 } else { 0 }));
        send(stream, "200 OK", b"content");
    });
    let fetcher = Fetcher::new(FetchSettings { max_at_once: 1, ..settings(address) });
    thread::scope(|scope| {
        let slow = scope.spawn(|| fetch(&fetcher, &format!("http://{address}/slow")));
        thread::sleep(Duration::from_millis(300));
        assert_eq!(refused(fetch(&fetcher, &format!("http://{address}/"))), ProblemCode::Unavailable);
        assert!(slow.join().unwrap().is_ok());
    });
    assert!(fetch(&fetcher, &format!("http://{address}/")).is_ok());
}

#[test]
fn one_token_takes_no_more_than_its_share_of_the_places() {
    let address = server(|head, stream| {
        thread::sleep(Duration::from_millis(if head.starts_with("GET /slow ") { 600 } else { 0 }));
        send(stream, "200 OK", b"content");
    });
    let (ward, fetcher) =
        (Ward::with(&[]), Fetcher::new(FetchSettings { max_at_once: 3, max_each: 2, ..settings(address) }));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (state, one, other) = (&ward.state, Caller::new("one", []), Caller::new("other", []));
    let (slow, quick) = (format!("http://{address}/slow"), format!("http://{address}/"));
    runtime.block_on(async {
        let third = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let refused = fetcher.fetch(state, &one, &quick).await.err().unwrap();
            assert_eq!(refused.code, ProblemCode::Unavailable);
            assert!(fetcher.fetch(state, &other, &quick).await.is_ok(), "a place is left for others");
        };
        let (a, b, ()) =
            tokio::join!(fetcher.fetch(state, &one, &slow), fetcher.fetch(state, &one, &slow), third);
        assert!(a.is_ok() && b.is_ok());
        assert!(fetcher.fetch(state, &one, &quick).await.is_ok(), "and given back");
    });
}

#[test]
fn whoever_has_no_look_up_left_has_nothing_fetched() {
    let fetched = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&fetched);
    let address = server(move |_, stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        send(stream, "200 OK\r\nContent-Type: image/jpeg", b"content");
    });
    let list = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n";
    let fetch = Some(settings(address));
    let ward = Ward::set_up(&[("DEMO", list)], Settings { fetch, ..Settings::default() });
    let grant = Grant { scopes: [Scope::Match].into(), quota: Some(2), ..Grant::default() };
    let now = jiff::Timestamp::now();
    let name = "ci".parse().unwrap();
    let secret = Tokens::change(&ward.home, |tokens| tokens.create(&name, grant, now, None, true));
    let bearer = format!("Bearer {}", secret.unwrap().unwrap().to_text());
    let ask = |path: &str| {
        let path = format!("{path}?url=http://{address}/x");
        ward.ask(axum::http::Method::GET, &path, &[("authorization", &bearer)], "").status.as_u16()
    };
    // A match of what is fetched is one look-up, and no second.
    assert_eq!([ask("/m/lookup"), ask("/h/hash")].map(|status| status == 429), [false, false]);
    assert_eq!((ask("/m/lookup"), ask("/h/hash")), (429, 429));
    assert_eq!(fetched.load(Ordering::SeqCst), 2);
}
