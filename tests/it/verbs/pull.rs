//! `pull`: what a publisher serves is checked before it is kept, whoever serves it, and told apart.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use innerward::pull::{Limits, PullError, Pulled, Request, State, pull};
use innerward::release::{PublicKey, verify};
use jiff::civil::date;
use serde::Deserialize;

use crate::publisher::{Publisher, rewritten};
use crate::server::{Server, send};
use crate::ward::{Done, Ward, snapshot};

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReleaseLine {
    release_id: String,
    state: String,
    reason: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogLine {
    name: String,
    folder: String,
    size: u64,
    root: String,
    before: Option<u64>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Summary {
    new: u64,
    kept: u64,
    missing: u64,
    refused: u64,
    extra: u64,
}

fn counts(done: &Done) -> (i32, [u64; 5]) {
    let found: Vec<Summary> = done.all("summary");
    let [Summary { new, kept, missing, refused, extra }] = found[..] else {
        panic!("one summary: {}{}", done.out, done.err)
    };
    (done.code, [new, kept, missing, refused, extra])
}

fn pull_from(reader: &Ward, from: &str, more: &[&str]) -> Done {
    reader.run(&[&["pull", from, "--name", "partner", "--format", "json", "--insecure-http"], more].concat())
}

/// The folder of what was pulled.
fn kept(reader: &Ward) -> std::path::PathBuf {
    reader.home().join("pulled/partner")
}

#[test]
fn a_folder_is_pulled_again_and_again() {
    let (publisher, reader) = (Publisher::new(), Ward::new());
    let october = publisher.publish(10);
    let (from, key) = (publisher.folder(), publisher.key_file());
    pull_from(&reader, &from, &[]).refused(&["give the publisher's key with --key"]);
    assert!(!kept(&reader).exists(), "nothing is left of what was refused");
    let first = pull_from(&reader, &from, &["--key", &key]);
    assert_eq!(counts(&first), (0, [1, 0, 0, 0, 0]), "{}", first.err);
    let log: Vec<LogLine> = first.all("log");
    assert_eq!((log[0].before, log[0].size), (None, publisher.entries().len() as u64));
    let held = PublicKey::read(Path::new(&key)).unwrap();
    assert_eq!(verify(&kept(&reader).join(&october), &held).unwrap().manifest().release_id, october);
    // The key is pinned by now.
    let again = pull_from(&reader, &from, &[]);
    assert_eq!(counts(&again), (0, [0, 1, 0, 0, 0]), "{}", again.err);
    let november = publisher.publish(11);
    let more = pull_from(&reader, &from, &[]);
    assert_eq!(counts(&more), (0, [1, 1, 0, 0, 0]), "{}", more.err);
    assert!(verify(&kept(&reader).join(november), &held).is_ok());
    let list = reader.must(&["pull", "--list"]);
    assert!(list.out.contains("partner: 2 releases") && list.out.contains(&held.id()), "{}", list.out);
    // All of it is its owner's alone, not only as the home around it is.
    for (path, (mode, _)) in snapshot(&kept(&reader)) {
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
}

#[test]
fn a_server_is_told_nothing_but_paths() {
    let (publisher, reader) = (Publisher::new(), Ward::new());
    let october = publisher.publish(10);
    let server = Server::of(&publisher.public());
    let done = pull_from(&reader, &server.url, &["--key", &publisher.key_file()]);
    assert_eq!(counts(&done), (0, [1, 0, 0, 0, 0]), "{}", done.err);
    let paths = server.paths();
    assert_eq!(paths[..3], ["/innerward.pub", "/log/checkpoint", "/log/entries.jsonl"]);
    assert!(paths[3..].iter().all(|path| path.starts_with(&format!("/{october}/"))), "{paths:?}");
    for head in server.asked.lock().unwrap().iter() {
        let mut lines = head.lines();
        assert!(lines.next().unwrap().starts_with("GET /"), "{head}");
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            match name.to_ascii_lowercase().as_str() {
                "host" => assert!(value.starts_with("127.0.0.1:"), "{head}"),
                "user-agent" => assert_eq!(value, format!("innerward/{}", env!("CARGO_PKG_VERSION"))),
                "accept" => assert_eq!(value, "*/*"),
                other => panic!("{other} is sent: {head}"),
            }
        }
    }
    // The same bytes as from the folder.
    let other = Ward::new();
    pull_from(&other, &publisher.folder(), &["--key", &publisher.key_file()]);
    let files = |reader: &Ward| snapshot(&kept(reader).join(&october)).into_values().collect::<Vec<_>>();
    assert_eq!(files(&reader), files(&other));
}

#[test]
fn a_home_is_not_needed_and_foreign_folders_are_left_alone() {
    let (publisher, reader) = (Publisher::new(), Ward::new());
    publisher.publish(10);
    let (from, key) = (publisher.folder(), publisher.key_file());
    let into = reader.path("releases");
    let done = reader.run(&["pull", &from, "--key", &key, "--into", into.to_str().unwrap()]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(!reader.home().exists());
    let before = snapshot(&publisher.public());
    let into = publisher.folder();
    reader.run(&["pull", &from, "--key", &key, "--into", &into]).refused(&["was not made by a pull"]);
    assert_eq!(snapshot(&publisher.public()), before);
    for name in ["../x", "", ".", "a/b", "-x"] {
        let name = format!("--name={name}");
        reader.run(&["pull", &from, "--key", &key, &name]).refused(&["cannot be the name of a folder"]);
    }
}

#[test]
fn another_key_is_never_taken_by_itself() {
    let (publisher, other, reader) = (Publisher::new(), Publisher::new(), Ward::new());
    publisher.publish(10);
    other.publish(10);
    let (from, key) = (publisher.folder(), publisher.key_file());
    // The wrong key from the start.
    pull_from(&reader, &from, &["--key", &other.key_file()])
        .refused(&["is pinned to the key", "innerward.pub is the key"]);
    assert_eq!(counts(&pull_from(&reader, &from, &["--key", &key])).0, 0);
    let before = snapshot(&kept(&reader));
    pull_from(&reader, &from, &["--key", &other.key_file()]).refused(&["what was given is the key"]);
    pull_from(&reader, &other.folder(), &[])
        .refused(&["is pinned to the key", "a changed key is never taken"]);
    assert_eq!(snapshot(&kept(&reader)), before);
    // The other's folder with the pinned key in it: the log is not of that key.
    fs::copy(&key, other.key_file()).unwrap();
    pull_from(&reader, &other.folder(), &[]).refused(&["checkpoint of the log"]);
    assert_eq!(snapshot(&kept(&reader)), before);
}

#[test]
fn a_log_that_goes_back_or_parts_is_refused_by_name() {
    let (publisher, reader) = (Publisher::new(), Ward::new());
    publisher.publish(10);
    let lines = publisher.lines();
    let key = publisher.key_file();
    assert_eq!(counts(&pull_from(&reader, &publisher.folder(), &["--key", &key])).0, 0);
    let before = snapshot(&kept(&reader));
    publisher.show(&lines[..1]);
    pull_from(&reader, &publisher.folder(), &[])
        .refused(&["ROLLBACK", "showed a log of 3 entries earlier, and now one of 1"]);
    let forged = rewritten(&lines, |line| line.replace("2026-09-15", "2026-09-14"));
    assert_ne!(forged, lines);
    publisher.show(&forged);
    pull_from(&reader, &publisher.folder(), &[]).refused(&["FORK", "checkpoint"]);
    assert_eq!(snapshot(&kept(&reader)), before);
    // A reader who comes for the first time cannot know, but sees that the release is of another log.
    let newcomer = Ward::new();
    let done = pull_from(&newcomer, &publisher.folder(), &["--key", &key]);
    assert_eq!(counts(&done), (2, [0, 0, 0, 1, 0]), "{}", done.err);
    publisher.show(&lines);
    assert_eq!(counts(&pull_from(&reader, &publisher.folder(), &[])), (0, [0, 1, 0, 0, 0]));
}

#[test]
fn a_log_whose_budget_does_not_hold_is_refused() {
    let (publisher, reader) = (Publisher::new(), Ward::new());
    publisher.publish(10);
    let (from, key) = (publisher.folder(), publisher.key_file());
    let lines = publisher.lines();
    // More is charged than the plan allows the month.
    let dear = rewritten(&lines, |line| {
        line.replace(
            "\"epsilon_nano\":1000000000,\"charged_on\"",
            "\"epsilon_nano\":1000000001,\"charged_on\"",
        )
    });
    publisher.show(&dear);
    pull_from(&reader, &from, &["--key", &key]).refused(&["entry 1", "2026-10 has 1"]);
    assert!(!kept(&reader).exists());
    // The manifest names another cap than the plan in the log.
    publisher
        .show(&rewritten(&lines, |line| line.replace("\"cap_nano\":1000000000", "\"cap_nano\":2000000000")));
    let done = pull_from(&reader, &from, &["--key", &key]);
    assert_eq!(counts(&done), (2, [0, 0, 0, 1, 0]), "{}", done.err);
    assert!(done.err.contains("epsilon_cap_nano"), "{}", done.err);
}

#[test]
fn what_does_not_hold_is_told_and_the_rest_is_kept() {
    let (publisher, reader) = (Publisher::new(), Ward::new());
    let (october, november) = (publisher.publish(10), publisher.publish(11));
    let (from, key) = (publisher.folder(), publisher.key_file());
    let states = |done: &Done| {
        let lines: Vec<ReleaseLine> = done.all("release");
        lines.into_iter().map(|line| (line.release_id, line.state)).collect::<Vec<_>>()
    };
    let said = |id: &str, state: &str| (id.to_owned(), state.to_owned());
    let files: Vec<_> =
        fs::read_dir(publisher.public().join(&october)).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in &files {
        let good = fs::read(file).unwrap();
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 1;
        for bad in [Some(bad), None] {
            let reader = Ward::new();
            match &bad {
                Some(bad) => fs::write(file, bad).unwrap(),
                None => fs::remove_file(file).unwrap(),
            }
            let done = pull_from(&reader, &from, &["--key", &key]);
            let gone = bad.is_none() && file.ends_with("manifest.json");
            let (code, state) = if gone { (4, "missing") } else { (2, "refused") };
            assert_eq!(done.code, code, "{}: {}", file.display(), done.err);
            assert_eq!(states(&done), [said(&october, state), said(&november, "new")], "{}", file.display());
            assert!(!kept(&reader).join(&october).exists());
            fs::write(file, &good).unwrap();
            // What was refused once is taken when it is good.
            assert_eq!(counts(&pull_from(&reader, &from, &[])), (0, [1, 1, 0, 0, 0]));
        }
    }
    // Served, and not in the log.
    let stray = publisher.public().join("DEMO-2026-12-coarse-v1");
    fs::create_dir(&stray).unwrap();
    fs::copy(publisher.public().join(&october).join("manifest.json"), stray.join("manifest.json")).unwrap();
    fs::create_dir(publisher.public().join("site")).unwrap(); // a page is no release
    let done = pull_from(&reader, &from, &["--key", &key]);
    assert_eq!(counts(&done), (2, [2, 0, 0, 0, 1]), "{}", done.err);
    assert!(done.err.contains("is not in the log"), "{}", done.err);
    fs::remove_dir_all(&stray).unwrap();
    // What was changed after it was pulled is not taken for what was pulled.
    let file = kept(&reader).join(&october).join("manifest.json");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("DEMO", "XXXX", 1)).unwrap();
    let done = pull_from(&reader, &from, &[]);
    assert_eq!(counts(&done), (2, [0, 1, 0, 1, 0]), "{}", done.err);
    assert!(done.err.contains("delete that folder"), "{}", done.err);
    fs::remove_dir_all(kept(&reader).join(&october)).unwrap();
    // A pull that was killed leaves a folder that is begun anew.
    let half = kept(&reader).join(format!(".{october}.tmp"));
    fs::create_dir(&half).unwrap();
    fs::write(half.join("manifest.json"), "half").unwrap();
    assert_eq!(counts(&pull_from(&reader, &from, &[])), (0, [1, 1, 0, 0, 0]));
    assert!(!half.exists());
}

#[test]
fn a_signed_log_cannot_lead_out_of_its_folder() {
    let (publisher, reader) = (Publisher::new(), Ward::new());
    let october = publisher.publish(10);
    let lines = publisher.lines();
    for evil in ["../../escaped", "..", "/etc/x", "a/../../b", "%2e%2e", "log", "a b", "x\\u0000", ""] {
        publisher.show(&rewritten(&lines, |line| line.replace(&october, evil)));
        let done = pull_from(&reader, &publisher.folder(), &["--key", &publisher.key_file()]);
        done.refused(&["entry 2"]);
    }
    assert!(!reader.home().join("escaped").exists() && !kept(&reader).exists());
    publisher.show(&lines);
    let done = pull_from(&reader, &publisher.folder(), &["--key", &publisher.key_file()]);
    assert_eq!(counts(&done), (0, [1, 0, 0, 0, 0]), "{}", done.err);
}

/// A pull by the library, within bounds that a test can wait for.
fn pull_within(reader: &Ward, server: &Server, key: &str, limits: Limits) -> Result<Pulled, PullError> {
    let request = Request {
        from: &server.url,
        key: Some(PublicKey::read(Path::new(key)).unwrap()),
        into: &reader.path("kept"),
        name: "partner",
        insecure_http: false,
        today: date(2026, 11, 22),
        limits,
    };
    pull(&request)
}

/// Bounds that a test can wait for.
fn narrow() -> Limits {
    Limits { file: Duration::from_secs(2), whole: Duration::from_secs(20), ..Limits::default() }
}

/// Bytes for as long as somebody reads them.
fn endless(stream: &mut TcpStream, headers: &str) {
    let _ = write!(stream, "HTTP/1.1 200 OK\r\n{headers}\r\n");
    let chunk = vec![b'x'; 64 << 10];
    while stream.write_all(&chunk).is_ok() {}
}

/// A byte every tenth of a second, for as long as somebody reads.
fn drip(stream: &mut TcpStream, first: &str) {
    let _ = stream.write_all(first.as_bytes());
    while stream.write_all(b"x").is_ok() {
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn hostile_answers_end_in_time_and_leave_nothing() {
    type Answer = fn(&str, &mut TcpStream);
    let publisher = Publisher::new();
    publisher.publish(10);
    let key = publisher.key_file();
    let cases: [(&str, &str, Answer, &str); 12] = [
        ("endless", "/log/checkpoint", |_, stream| endless(stream, ""), "is larger than"),
        (
            "endless, with a length",
            "/log/checkpoint",
            |_, stream| endless(stream, "Content-Length: 99999999999\r\n"),
            "is larger than",
        ),
        ("endless lines", "/log/entries.jsonl", |_, stream| endless(stream, ""), "is larger than"),
        ("endless head", "/log/checkpoint", |_, stream| drip_head(stream), "try again later"),
        ("drip", "/log/checkpoint", |_, stream| drip(stream, "HTTP/1.1 200 OK\r\n\r\n"), "try again later"),
        (
            "drip of the head",
            "/innerward.pub",
            |_, stream| drip(stream, "HTTP/1.1 200 OK\r\nX-Y: "),
            "try again later",
        ),
        (
            "too short",
            "/log/checkpoint",
            |_, stream| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort");
            },
            "try again later",
        ),
        (
            "bad chunks",
            "/log/checkpoint",
            |_, stream| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n");
            },
            "try again later",
        ),
        (
            "no HTTP",
            "/log/checkpoint",
            |_, stream| {
                let _ = stream.write_all(b"\0\xff hello\r\n\r\n");
            },
            "try again later",
        ),
        (
            "an error",
            "/log/checkpoint",
            |_, stream| send(stream, "500 Oh", "", b"no"),
            "the server answers 500",
        ),
        (
            "in circles",
            "/log/checkpoint",
            |_, stream| send(stream, "302 Found", "Location: /log/checkpoint\r\n", b""),
            "from place to place",
        ),
        (
            "a page for everything",
            "/log/checkpoint",
            |_, stream| send(stream, "200 OK", "", b"<html>not found</html>"),
            "not a checkpoint",
        ),
    ];
    for (name, at, answer, said) in cases {
        let server = Server::new(&publisher.public(), move |path, stream| {
            let it = path == at;
            if it {
                answer(path, stream);
            }
            it
        });
        let (reader, start) = (Ward::new(), Instant::now());
        let error = pull_within(&reader, &server, &key, narrow()).unwrap_err().to_string();
        assert!(error.contains(said), "{name}: {error}");
        assert!(start.elapsed() < Duration::from_secs(15), "{name}: {:?}", start.elapsed());
        assert!(!reader.path("kept").exists(), "{name}");
    }
}

/// Lines of a head without an end.
fn drip_head(stream: &mut TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
    while stream
        .write_all(b"X-Header: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")
        .is_ok()
    {}
}

#[test]
fn no_other_server_is_ever_asked() {
    let (publisher, reader) = (Publisher::new(), Ward::new());
    publisher.publish(10);
    let other = Server::of(&publisher.public());
    let elsewhere = other.url.clone();
    let server = Server::new(&publisher.public(), move |path, stream| {
        let it = path == "/log/checkpoint";
        if it {
            send(stream, "301 Moved", &format!("Location: {elsewhere}log/checkpoint\r\n"), b"");
        }
        it
    });
    let error = pull_within(&reader, &server, &publisher.key_file(), narrow()).unwrap_err();
    assert!(matches!(error, PullError::Redirect { .. }), "{error}");
    assert!(other.asked.lock().unwrap().is_empty());
    // To another place of its own it may lead.
    let server = Server::new(&publisher.public().join("log"), |path, stream| {
        let it = path != "/checkpoint" && path.starts_with("/log/checkpoint");
        if it {
            send(stream, "307 Moved", "Location: /checkpoint\r\n", b"");
        }
        it
    });
    let error = pull_within(&reader, &server, &publisher.key_file(), narrow()).unwrap_err().to_string();
    assert!(error.contains("innerward.pub is not there"), "{error}");
    // Nor is a proxy, whatever the environment says.
    let server = Server::of(&publisher.public());
    let mut command = reader.command();
    command.args(["pull", &server.url, "--key", &publisher.key_file(), "--name", "partner"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, &other.url);
    }
    assert_eq!(Done::of(command.output().unwrap()).code, 0);
    assert!(other.asked.lock().unwrap().is_empty());
}

#[test]
fn addresses_without_encryption_are_for_this_machine() {
    let reader = Ward::new();
    let key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    for more in [&[][..], &["--insecure-http"]] {
        let done = reader.run(&[&["pull", "http://192.0.2.1/", "--key", key], more].concat());
        done.refused(&["is not encrypted", "--insecure-http"]);
    }
    reader.run(&["pull", "https://me:secret@192.0.2.1/", "--key", key]).refused(&["are not sent"]);
    reader.run(&["pull", "gopher://192.0.2.1/", "--key", key]).refused(&["only https"]);
}

#[test]
fn a_slow_or_endless_release_costs_only_itself() {
    let (publisher, reader) = (Publisher::new(), Ward::new());
    let (october, november) = (publisher.publish(10), publisher.publish(11));
    let slow = format!("/{october}/manifest.json");
    let server = Server::new(&publisher.public(), move |path, stream| {
        let it = path == slow;
        if it {
            drip(stream, "HTTP/1.1 200 OK\r\n\r\n");
        }
        it
    });
    let limits = Limits { file: Duration::from_secs(1), ..narrow() };
    let pulled = pull_within(&reader, &server, &publisher.key_file(), limits).unwrap();
    assert!(
        matches!(&pulled.releases[0], (id, State::Refused(_)) if *id == october),
        "{:?}",
        pulled.releases
    );
    assert_eq!(pulled.releases[1], (november, State::New));
    // As many files and bytes as were allowed, and no more; what was had stays.
    let server = Server::of(&publisher.public());
    let few = Limits { files: 4, ..narrow() };
    let error = pull_within(&reader, &server, &publisher.key_file(), few).unwrap_err();
    assert!(matches!(error, PullError::TooMuch(_)), "{error}");
    let few = Limits { bytes: 2000, ..narrow() };
    assert!(matches!(pull_within(&reader, &server, &publisher.key_file(), few), Err(PullError::TooMuch(_))));
    let late = Limits { whole: Duration::ZERO, ..narrow() };
    assert!(matches!(pull_within(&reader, &server, &publisher.key_file(), late), Err(PullError::TooLong(_))));
    let pulled = pull_within(&reader, &server, &publisher.key_file(), narrow()).unwrap();
    assert_eq!(pulled.count(|state| *state == State::New), 1);
    assert_eq!(pulled.count(|state| *state == State::Kept), 1);
}
