//! Clients that mean harm, or know no better: they cost others nothing.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::http::Request;
use super::service::{Service, is_deep, picture, small_picture};
use crate::ward::{Ward, digits, sha256};

const OPEN: [&str; 2] = ["--open", "match,manage"];
/// How long anybody else waits for an answer meanwhile.
const A_SECOND: Duration = Duration::from_secs(1);

fn ward() -> Ward {
    let ward = Ward::new();
    ward.import("LIST", &format!("sha256:{}\n", sha256(&picture("originals/coffee.jpg"))), &[]);
    ward
}

/// Asserts that somebody who just comes is answered, and soon.
#[track_caller]
fn answers_others(service: &Service) {
    let began = Instant::now();
    assert_eq!(service.outcome(&format!("sha256:{}", sha256(&picture("originals/coffee.jpg")))), "known");
    assert!(began.elapsed() < A_SECOND, "{:?}", began.elapsed());
}

/// What comes back until the other side ends.
fn all_of(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text); // a reset ends it too
    String::from_utf8_lossy(&text).into_owned()
}

#[test]
fn slow_and_half_closed_clients_keep_nobody_waiting() {
    let ward = ward();
    std::fs::write(ward.home().join("innerward.toml"), "[serve]\nidle_seconds = 2\nstall_seconds = 2\n")
        .unwrap();
    let service = Service::start(&ward, &OPEN);
    // Heads and bodies that come byte by byte, or not at all.
    let begin = |text: &str| {
        let mut stream = TcpStream::connect(service.address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let mut heads: Vec<TcpStream> =
        (0..100).map(|_| begin("GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX-A: ")).collect();
    let body = "POST /v1/match HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nbegun";
    let mut bodies: Vec<TcpStream> = (0..100).map(|_| begin(body)).collect();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        for stream in &mut heads {
            let _ = stream.write_all(b"a"); // it may have been ended
        }
        answers_others(&service);
        std::thread::sleep(Duration::from_millis(100));
    }
    for stream in &mut heads {
        let said = all_of(stream);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
    }
    for stream in &mut bodies {
        let said = all_of(stream);
        assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    }
    // Whoever has said all gets the answer, though nothing more will come.
    let mut half = begin("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    half.shutdown(Shutdown::Write).unwrap();
    assert!(all_of(&mut half).starts_with("HTTP/1.1 200"));
    // Whoever leaves in the middle of a body is gone.
    for _ in 0..50 {
        begin(body).shutdown(Shutdown::Both).unwrap();
        drop(begin(body));
    }
    // Whoever asks and never reads.
    let mut deaf: Vec<TcpStream> = Vec::new();
    for _ in 0..20 {
        let mut stream = begin("");
        for _ in 0..50 {
            stream.write_all(b"GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        }
        deaf.push(stream);
    }
    answers_others(&service);
    drop(deaf);
    service.end();
}

#[test]
fn bodies_of_nobody_that_trickle_keep_nobody_out() {
    let ward = ward();
    std::fs::write(ward.home().join("innerward.toml"), "[serve]\nmax_connections = 16\n").unwrap();
    // Nobody but the console's login reads a body before it knows whose it is.
    let service = Service::start(&ward, &OPEN);
    let form = "POST /console/login HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 200\r\n\r\ntoken=";
    let mut trickle: Vec<TcpStream> = (0..16)
        .map(|_| {
            let mut stream = TcpStream::connect(service.address).unwrap();
            stream.write_all(form.as_bytes()).unwrap();
            stream
        })
        .collect();
    for _ in 0..10 {
        for stream in &mut trickle {
            let _ = stream.write_all(b"a"); // it may have made room
        }
        answers_others(&service);
        std::thread::sleep(Duration::from_millis(100));
    }
    service.end();
}

#[test]
fn what_is_no_request_is_refused_and_what_is_too_large_as_well() {
    let ward = ward();
    let service = Service::start(&ward, &OPEN);
    let long = "a".repeat(200 << 10);
    let many = (0..500).map(|n| format!("X-{n}: a\r\n")).collect::<String>();
    for (request, statuses) in [
        (format!("GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX-A: {long}\r\n\r\n"), vec!["431"]),
        (format!("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"), vec!["431"]),
        (format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"), vec!["414", "431"]),
        ("GET /v1/status HTTP/9.9\r\n\r\n".into(), vec!["400", "505"]),
        ("\0\0\0\0\r\n\r\n".into(), vec!["400"]),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}".repeat(40) + "\r\n\r\n", vec!["400"]),
        ("POST /v1/match HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n".into(), vec!["400"]),
        (
            "POST /v1/match HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999999\r\n\r\n"
                .into(),
            vec!["400"],
        ),
        (
            "POST /v1/match HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n".into(),
            vec!["413"],
        ),
        (
            "POST /v1/match HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".into(),
            vec!["400"],
        ),
    ] {
        let mut client = service.client();
        let _ = client.stream().write_all(request.as_bytes()); // what is refused early is not read to its end
        let answer = client.answer(false).unwrap_or_else(|error| panic!("{error}: {:.80}", request));
        assert!(statuses.contains(&&*answer.status.to_string()), "{:.80}: {}", request, answer.head);
        assert!(!answer.text().contains("aaaa"), "what was sent is told again");
        answers_others(&service);
    }
    service.end();
}

#[test]
fn bad_forms_are_refused_in_words() {
    let ward = ward();
    let service = Service::start(&ward, &OPEN);
    let kind = "multipart/form-data; boundary=x";
    let part = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
    for (kind, body) in [
        (kind, String::new()),
        (kind, "--x--\r\n".into()),
        (kind, "nothing of the kind".into()),
        (kind, format!("{part}cut")),
        (kind, format!("{part}one\r\n{part}two\r\n--x--\r\n")),
        (kind, "--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\na\r\n--x--\r\n".into()),
        (kind, format!("--x\r\nX: {}\r\n\r\n\r\n--x--\r\n", "a".repeat(1 << 20))),
        (kind, "--x\r\n\r\n".repeat(20_000)),
        ("multipart/form-data", format!("{part}one\r\n--x--\r\n")),
        ("multipart/form-data; boundary=", format!("{part}one\r\n--x--\r\n")),
    ] {
        for path in ["/v1/match", "/v1/hash", "/h/hash", "/m/lookup"] {
            let request = Request::post(path, body.as_bytes()).with("Content-Type", kind);
            let answer = service.ask(&request);
            let is_refused = [400, 413, 415, 422, 431].contains(&answer.status);
            assert!(is_refused, "{path} {:.60}: {}{}", body, answer.head, answer.text());
        }
    }
    answers_others(&service);
    service.end();
}

#[test]
fn damaged_and_swollen_items_are_answered_and_are_not_called_unknown() {
    let ward = ward();
    let service = Service::start(&ward, &OPEN);
    let coffee = picture("originals/coffee.jpg");
    // A PNG that says that it is larger than any picture, with hardly any bytes.
    let mut swollen = picture("forms/cat-rgb.png");
    swollen[16..24].copy_from_slice(&[0x00, 0x03, 0xff, 0xff, 0x00, 0x03, 0xff, 0xff]);
    for (name, item) in [
        ("cut", coffee[..coffee.len() / 20].to_vec()),
        ("swollen", swollen),
        ("a bomb of rows", b"P6 60000 60000 255\n".to_vec()),
        ("an archive", std::fs::read(crate::ward::testdata().join("parts/sealed.docx")).unwrap()),
        ("nothing", Vec::new()),
    ] {
        let began = Instant::now();
        let answer = service.ask(&Request::post("/v1/match", item)).of(200).json();
        assert_eq!(answer["outcome"], "unchecked", "{name}: {answer}");
        assert!(!answer["unchecked"].is_null(), "{name}: {answer}");
        assert!(began.elapsed() < Duration::from_secs(30), "{name}");
        answers_others(&service);
    }
    assert_eq!(service.ask(&Request::post("/v1/match", coffee)).of(200).json()["outcome"], "known");
    service.end();
}

#[test]
fn thousands_who_say_nothing_keep_nobody_out() {
    let number: usize = if is_deep() { 10_000 } else { 2_000 };
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let room = limit.maximum.unwrap_or(u64::MAX);
    assert!(room > number as u64 + 1000, "this test needs more open files than {room} (ulimit -n)");
    let ward = ward();
    let service = Service::start(&ward, &OPEN);
    let mut kept = service.client();
    let silent: Vec<TcpStream> = (0..number)
        .map(|at| {
            if at % 500 == 0 {
                answers_others(&service);
            }
            TcpStream::connect(service.address).unwrap()
        })
        .collect();
    let known = Request::get(&format!("/v1/match/hash/sha256:{}", digits("nobody has this", 32)));
    for _ in 0..100 {
        answers_others(&service);
        // A connection that is at work now and then stays, among however many that are not.
        if number < 4_000 {
            let began = Instant::now();
            assert_eq!(kept.send(&known).unwrap().status, 200);
            assert!(began.elapsed() < A_SECOND);
        }
    }
    let uploaded = Instant::now();
    service.ask(&Request::post("/v1/match", small_picture("among thousands"))).of(200);
    assert!(uploaded.elapsed() < 5 * A_SECOND);
    let ended = Instant::now();
    service.end();
    assert!(ended.elapsed() < Duration::from_secs(10), "they hold up the end: {:?}", ended.elapsed());
    drop(silent);
}
