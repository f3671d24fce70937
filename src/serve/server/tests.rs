//! The service against clients that are slow, mute, garrulous or broken, on real sockets.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::host::{Ended, HEAD_BYTES, HEADERS};
use super::testing::{BIG, Running, eventually, no_more, rest, settings};
use crate::serve::{Grant, Scope, Settings, Tokens};

const SOON: Duration = Duration::from_secs(4);

#[test]
fn a_head_that_never_ends_is_cut_off_and_keeps_nobody_waiting() {
    let service = Running::start(Settings { idle: Duration::from_millis(300), ..settings() });
    let mut slow = service.connect();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-").unwrap();
    assert!(service.get("/healthz").starts_with("HTTP/1.1 200"));
    let began = Instant::now();
    let answer = rest(&mut slow);
    assert!(began.elapsed() < SOON && !answer.contains("200"), "{answer}");
}

#[test]
fn a_body_that_stalls_or_dribbles_is_answered_with_a_timeout() {
    let post = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n12345";
    let stalls = Running::start(Settings { stall: Duration::from_millis(300), ..settings() });
    let (answer, took) = stalls.speak(post);
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"code\":\"timeout\""), "{answer}");
    assert!(took < SOON);

    // Each pause is short; the whole is too long.
    let dribbles = Running::start(Settings { request: Duration::from_millis(600), ..settings() });
    let mut stream = dribbles.connect();
    stream.write_all(post.as_bytes()).unwrap();
    for _ in 0..30 {
        std::thread::sleep(Duration::from_millis(50));
        if stream.write_all(b"x").is_err() {
            break;
        }
    }
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_seconds"), "{answer}");
}

#[test]
fn a_client_that_has_said_all_still_gets_its_answer() {
    let service = Running::start(settings());
    let mut stream = service.connect();
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    no_more(&stream);
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("slow"), "{answer}");
    assert!(eventually(|| service.connections() == 0), "and then the connection is gone");
}

/// A request whose head has so many bytes, the empty line at its end among them.
fn head_of(bytes: usize) -> String {
    let bare = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nA: \r\n\r\n".len();
    format!(
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nA: {}\r\n\r\n",
        "a".repeat(bytes - bare)
    )
}

#[test]
fn a_head_of_so_many_bytes_is_taken_and_one_of_one_more_is_not() {
    let service = Running::start(settings());
    assert_eq!(head_of(HEAD_BYTES).len(), HEAD_BYTES);
    // In one piece, and so that its last byte comes alone.
    for pieces in [1, 7] {
        for (bytes, expected) in [(HEAD_BYTES, "200"), (HEAD_BYTES + 1, "431")] {
            let (head, mut stream) = (head_of(bytes).into_bytes(), service.connect());
            stream.set_nodelay(true).unwrap();
            let (most, last) = head.split_at(if pieces == 1 { bytes } else { bytes - 1 });
            for piece in most.chunks(bytes.div_ceil(pieces)) {
                stream.write_all(piece).unwrap();
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = stream.write_all(last); // it may be refused already
            let answer = rest(&mut stream);
            assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{bytes} {pieces}: {answer}");
        }
    }
    for (headers, expected) in [(HEADERS, "200"), (HEADERS + 1, "431")] {
        let more = "A: b\r\n".repeat(headers - 2);
        let head = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n");
        assert!(service.speak(head).0.starts_with(&format!("HTTP/1.1 {expected}")), "{headers}");
    }
}

#[test]
fn giant_heads_are_refused() {
    let service = Running::start(settings());
    let long = head_of(3 * HEAD_BYTES);
    let many = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "A: b\r\n".repeat(20_000));
    let path = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(200 << 10));
    for head in [long, many, path] {
        let (answer, took) = service.speak(&head);
        // Where much of it was never read, the refusal may be lost with the rest.
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 414")
        );
        assert!(took < SOON);
    }
    assert!(service.get("/healthz").starts_with("HTTP/1.1 200"));
}

#[test]
fn what_is_no_request_is_refused_and_nothing_is_smuggled() {
    let service = Running::start(settings());
    let smuggled = "5\r\nhello\r\n0\r\n\r\nGET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for request in [
        "\r\n\r\nnonsense\r\n\r\n".to_owned(),
        "\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03".repeat(20),
        "GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n".into(),
        "GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n".into(),
        "GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n".into(),
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"
            .into(),
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\nhello".into(),
        format!(
            "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n{smuggled}"
        ),
    ] {
        let (answer, took) = service.speak(&request);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{request:?}: {answer}");
        assert!(took < SOON, "{request:?}");
    }
    // Both lengths: chunks win, as the standard has it, and the connection is closed behind them.
    let (answer, _) = service.speak(format!(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{smuggled}"
    ));
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert!(service.get("/healthz").starts_with("HTTP/1.1 200"));
}

#[test]
fn idle_connections_keep_nobody_out() {
    let service = Running::start(Settings { max_connections: 20, ..settings() });
    let idle: Vec<_> = (0..200).map(|_| service.connect()).collect();
    let began = Instant::now();
    assert!(service.get("/healthz").starts_with("HTTP/1.1 200"));
    assert!(began.elapsed() < SOON);
    assert!(eventually(|| service.connections() <= 20), "{}", service.connections());
    drop(idle);
}

const BEGUN: &str = "HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n12345";

#[test]
fn a_body_of_nobody_that_trickles_keeps_nobody_out() {
    let service = Running::start(Settings { max_connections: 4, ..settings() });
    let mut trickle: Vec<_> = (0..4).map(|_| service.connect()).collect();
    for stream in &mut trickle {
        stream.write_all(format!("POST /echo {BEGUN}").as_bytes()).unwrap();
    }
    let busy = || service.ward.state.0.connections.count().1;
    assert!(eventually(|| busy() == 4));
    let began = Instant::now();
    assert!(service.get("/healthz").starts_with("HTTP/1.1 200"));
    assert!(began.elapsed() < SOON, "it waited for those who let it wait");
    assert_eq!(service.ward.state.0.connections.totals()[1], 1, "one of them has made room");
}

#[test]
fn a_body_of_a_caller_that_trickles_keeps_its_place() {
    let service = Running::start(Settings { max_connections: 2, ..settings() });
    let mut upload = service.connect();
    upload.write_all(format!("POST /inside/echo {BEGUN}").as_bytes()).unwrap();
    assert!(eventually(|| service.ward.state.0.connections.count().1 == 1));
    for _ in 0..10 {
        assert!(service.get("/healthz").starts_with("HTTP/1.1 200"), "beside it there is room for one");
    }
    upload.write_all(&[b'x'; 95]).unwrap();
    no_more(&upload);
    let answer = rest(&mut upload);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("xxxxx"), "{answer}");
}

/// Asks for the long answer, and takes none of it yet.
fn ask_for_much(service: &Running, headers: &str) -> TcpStream {
    let mut stream = service.connect();
    let request =
        format!("GET /inside/big HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream.peek(&mut [0]).unwrap(); // it has begun to come
    stream
}

fn is_whole(mut stream: TcpStream) -> bool {
    let answer = rest(&mut stream);
    answer.len() - answer.find("\r\n\r\n").unwrap() - 4 == BIG
}

#[test]
fn an_answer_on_its_way_is_cut_off_neither_by_others_nor_at_the_end() {
    let service = Running::start(Settings { max_connections: 1, ..settings() });
    let slow = ask_for_much(&service, "");
    let mut other = service.connect();
    other.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(is_whole(slow), "it made room for another");
    assert!(rest(&mut other).starts_with("HTTP/1.1 200"), "who waited comes in then");

    let slow = ask_for_much(&service, "");
    service.order();
    std::thread::sleep(Duration::from_millis(1500)); // more than a connection without a request gets
    assert!(is_whole(slow));
    assert_eq!(service.ended(), Ended::Drained);
}

#[test]
fn an_answer_on_its_way_counts_among_those_of_its_token() {
    let service = Running::start(settings());
    let grant = Grant { scopes: [Scope::Match].into(), concurrency: Some(1), ..Grant::default() };
    let (name, now) = ("ci".parse().unwrap(), Timestamp::now());
    let made = Tokens::change(&service.ward.home, |tokens| tokens.create(&name, grant, now, None, true));
    let bearer = format!("Authorization: Bearer {}\r\n", made.unwrap().unwrap().to_text());
    let slow = ask_for_much(&service, &bearer);
    let second = || {
        let head = format!("POST /inside/echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{bearer}");
        service.speak(format!("{head}Content-Length: 0\r\n\r\n")).0
    };
    let refused = second();
    assert!(refused.starts_with("HTTP/1.1 429") && refused.contains("at the same time"), "{refused}");
    assert!(is_whole(slow));
    assert!(second().starts_with("HTTP/1.1 200"));
}

#[test]
fn who_takes_no_answer_is_not_waited_for() {
    let service = Running::start(Settings { stall: Duration::from_millis(300), ..settings() });
    let mut stream = service.connect();
    stream.write_all(b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert!(eventually(|| service.connections() == 1), "it has come");
    assert!(eventually(|| service.connections() == 0), "and is given up");
}

#[test]
fn a_panic_costs_one_request_and_tells_nothing_of_it() {
    let service = Running::start(settings());
    let mut stream = service.connect();
    stream.write_all(b"GET /panics/a-name?note=a-note HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 500") && answer.contains("\"code\":\"internal\""), "{answer}");
    assert!(answer.contains("HTTP/1.1 200"), "the connection goes on: {answer}");
    let metrics = service.get("/metrics");
    assert!(metrics.contains("innerward_panics_total 1"), "{metrics}");
    assert!(eventually(|| service.lines.lock().unwrap().iter().any(|line| line.contains("/panics/{what}"))));
    let lines = service.lines.lock().unwrap().join("\n");
    for secret in ["a-name", "a-note", "a secret"] {
        assert!(!lines.contains(secret) && !metrics.contains(secret) && !answer.contains(secret), "{secret}");
    }
}

#[test]
fn what_is_not_there_is_a_problem_document() {
    let service = Running::start(settings());
    let nowhere = service.get("/nowhere");
    assert!(nowhere.starts_with("HTTP/1.1 404") && nowhere.contains("\"code\":\"not-found\""), "{nowhere}");
    let (wrong, _) =
        service.speak("DELETE /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(
        wrong.starts_with("HTTP/1.1 405") && wrong.contains("\"code\":\"method-not-allowed\""),
        "{wrong}"
    );
    assert!(wrong.to_lowercase().contains("allow: get,head"), "{wrong}");
}

#[test]
fn a_page_of_another_site_cannot_use_the_users_machine() {
    let service = Running::start(settings());
    let at = |path: &str, headers: &str| {
        service.speak(format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n")).0
    };
    let asked = |headers: &str| at("/healthz", headers);
    let local = "Host: 127.0.0.1:1\r\n";
    assert!(asked(&format!("{local}Sec-Fetch-Site: cross-site\r\n")).starts_with("HTTP/1.1 403"));
    for rebound in [
        "Host: rebound.example\r\n",
        "Host: rebound.example\r\nSec-Fetch-Site: same-origin\r\n",
        "Host: rebound.example\r\nOrigin: http://rebound.example\r\n",
        "Host: 127.0.0.1:1\r\nOrigin: http://elsewhere.example\r\n",
    ] {
        assert!(at("/nothing", rebound).starts_with("HTTP/1.1 403"), "{rebound}");
        assert!(at("/nothing", &format!("{rebound}Authorization: Bearer x\r\n")).starts_with("HTTP/1.1 404"));
        let other = format!("{rebound}Authorization: Basic eDp5\r\n");
        assert!(
            at("/nothing", &other).starts_with("HTTP/1.1 403"),
            "any page may send another scheme: {rebound}"
        );
    }
    let own = format!("{local}Origin: http://127.0.0.1:1\r\n");
    assert!(at("/nothing", &own).starts_with("HTTP/1.1 404"));
    assert!(asked(&format!("{local}Sec-Fetch-Site: same-origin\r\n")).starts_with("HTTP/1.1 200"));
    let link = format!("{local}Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: ");
    assert!(
        asked(&format!("{link}document\r\n")).starts_with("HTTP/1.1 200"),
        "a link from elsewhere may be followed"
    );
    assert!(at("/console/sets", &format!("{link}document\r\n")).starts_with("HTTP/1.1 404"), "it is let in");
    for (path, place) in
        [("/healthz", "iframe"), ("/console/sets", "iframe"), ("/v1/match/hash/md5:00", "document")]
    {
        let answer = at(path, &format!("{link}{place}\r\n"));
        assert!(answer.starts_with("HTTP/1.1 403"), "{path} in a {place}: {answer}");
    }
    assert!(asked("Host: inner.example\r\n").starts_with("HTTP/1.1 200"), "a probe goes by any name");
}

#[test]
fn what_has_begun_is_finished_and_nothing_new_begins() {
    let service = Running::start(settings());
    let (mut idle, mut slow) = (service.connect(), service.connect());
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(200));
    service.order();
    assert!(eventually(|| std::net::TcpStream::connect(&service.address).is_err()), "the door is closed");
    let answer = rest(&mut slow);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("slow"), "{answer}");
    assert!(rest(&mut idle).contains("200"), "what was idle ends");
    assert_eq!(service.ended(), Ended::Drained);
}

#[test]
fn told_twice_it_ends_at_once_and_draining_is_bounded() {
    let service = Running::start(settings());
    let mut slow = service.connect();
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let began = Instant::now();
    service.order();
    service.order();
    assert_eq!(service.ended(), Ended::Cut(1));
    assert!(began.elapsed() < Duration::from_millis(500));

    let bounded = Running::start(Settings { drain: Duration::from_millis(100), ..settings() });
    let mut slow = bounded.connect();
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(100));
    bounded.order();
    assert_eq!(bounded.ended(), Ended::Cut(1));
}

#[test]
fn metrics_name_patterns_and_round_outcomes() {
    let service = Running::start(settings());
    service.get("/nothing/of/ours");
    let metrics = service.get("/metrics");
    assert!(metrics.contains("innerward_requests_total{route=\"unknown\",status=\"4xx\"} 1"), "{metrics}");
    assert!(metrics.contains("innerward_connections{state=\"busy\"} 1"), "{metrics}");
    assert!(metrics.trim_end().ends_with("# EOF") && !metrics.contains("ours"));
}

#[test]
fn the_first_line_of_the_log_says_what_runs_and_where() {
    let service = Running::start(settings());
    let is_told = |line: &String| {
        let named = format!("\"about\":\"innerward {} at {}\"", env!("CARGO_PKG_VERSION"), service.address);
        line.contains("\"event\":\"started\"") && line.contains(&named)
    };
    assert!(eventually(|| service.lines.lock().unwrap().first().is_some_and(is_told)));
}
