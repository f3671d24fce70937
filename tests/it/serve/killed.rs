//! `kill -9` at any moment, of an import beside a service, of a service that imports, and of one that counts: what was
//! acknowledged holds, what was not is there as a whole or not at all, and whoever is left goes on.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use super::http::{Client, Request};
use super::live::{is_steady, steady};
use super::load::Load;
use super::service::{Service, is_deep, small_picture, token};
use crate::ward::{Ward, digits};

const SEED: u64 = 0x6b69_6c6c_6564_4833;
const OPEN: [&str; 2] = ["--open", "match,manage,tally"];

fn rounds() -> usize {
    if is_deep() { 200 } else { 12 }
}

/// Two lists, each with a digest that the other does not have, and with one that both have.
struct Lists {
    texts: [String; 2],
    marks: [String; 2],
    both: String,
}

impl Lists {
    fn new() -> Self {
        let both = digits("both", 32);
        let marks = [0, 1].map(|list| digits(&format!("mark {list}"), 32));
        let texts = [0, 1].map(|list: usize| {
            let rows = (0..6000).map(|row| digits(&format!("{list} {row}"), 32) + "\n");
            rows.chain([both.clone() + "\n", marks[list].clone() + "\n"]).collect()
        });
        Self { texts, marks: marks.map(|mark| format!("sha256:{mark}")), both }
    }

    /// Which of them a service holds; it is one as a whole.
    #[track_caller]
    fn held_by(&self, service: &Service) -> usize {
        // In one request: between two of them the list may change.
        let both = format!("sha256:{}", self.both);
        let asked = json!({ "hashes": [self.marks[0], self.marks[1], both] });
        let told = service.ask(&Request::json("POST", "/v1/match/hashes", &asked)).of(200).json();
        let outcomes = [0, 1, 2].map(|at: usize| told["answers"][at]["outcome"].as_str().unwrap());
        match outcomes {
            ["known", "unknown", "known"] => 0,
            ["unknown", "known", "known"] => 1,
            other => panic!("half a list: {other:?}"),
        }
    }
}

/// Random delays, from nothing to a little more than what is killed takes.
struct Delays {
    rng: StdRng,
    full: Duration,
}

impl Delays {
    fn around(full: Duration) -> Self {
        Self { rng: StdRng::seed_from_u64(SEED), full }
    }

    fn next(&mut self) -> Duration {
        self.full.mul_f64(self.rng.random_range(0.0..1.2))
    }

    /// What it takes hangs on how busy the machine is.
    fn learn(&mut self, ended: bool) {
        self.full = self.full.mul_f64(if ended { 0.7 } else { 1.15 });
    }
}

#[test]
fn a_killed_import_beside_a_service_leaves_it_one_list_or_the_other() {
    let (ward, lists) = (Ward::new(), Lists::new());
    let paths = [0, 1].map(|list: usize| ward.write(&format!("{list}.list"), &lists.texts[list]));
    let import = |list: usize| {
        ["set", "import", "OWN", paths[list].to_str().unwrap(), "--as", "plain:sha256", "--yes"]
    };
    let began = Instant::now();
    ward.must(&import(0));
    let mut delays = Delays::around(began.elapsed());
    let service = Service::start(&ward, &OPEN);
    let load = Load::start(service.address, 2, Duration::from_millis(4), steady(&lists.both), is_steady);
    let (mut held, mut killed) = (0, 0);
    for _ in 0..rounds() {
        let mut command = ward.command();
        command.args(import(1 - held)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(delays.next());
        let ended = child.try_wait().unwrap().is_some_and(|status| status.success());
        child.kill().unwrap();
        child.wait().unwrap();
        delays.learn(ended);
        killed += usize::from(!ended);
        // The service looks every tenth of a second.
        std::thread::sleep(Duration::from_millis(300));
        let found = lists.held_by(&service);
        assert!(!ended || found == 1 - held, "what was acknowledged is gone");
        let again = Service::start(&ward, &OPEN);
        assert_eq!(lists.held_by(&again), found, "a service that starts now knows the same");
        again.end();
        held = found;
    }
    assert!(killed > 0, "no import was killed");
    ward.must(&import(1 - held));
    service.wait_for("to see the list", || lists.held_by(&service) == 1 - held);
    load.end().all_well(Duration::from_secs(2));
    service.end();
}

#[test]
fn a_service_that_is_killed_over_an_import_keeps_what_it_acknowledged() {
    let (ward, lists) = (Ward::new(), Lists::new());
    ward.import("OWN", &lists.texts[0], &["--as", "plain:sha256"]);
    let import = |list: usize| {
        Request::post("/v1/sets/OWN/import?as=plain:sha256&agreed=true", lists.texts[list].as_bytes())
    };
    let mut service = Service::start(&ward, &OPEN);
    let began = Instant::now();
    service.ask(&import(1)).of(200);
    let mut delays = Delays::around(began.elapsed());
    let (mut held, mut cut) = (1, 0);
    for _ in 0..rounds() {
        let (address, request) = (service.address, import(1 - held));
        let load = Load::start(address, 1, Duration::from_millis(4), steady(&lists.both), is_steady);
        let asking = std::thread::spawn(move || {
            Client::to(address).and_then(|mut client| client.send(&request)).map(|answer| answer.status)
        });
        std::thread::sleep(delays.next());
        service.kill();
        let acknowledged = asking.join().unwrap();
        load.end();
        delays.learn(acknowledged.is_ok());
        service = Service::start(&ward, &OPEN);
        let found = lists.held_by(&service);
        match acknowledged {
            Ok(status) => assert_eq!((status, found), (200, 1 - held), "what was acknowledged is gone"),
            Err(_) => cut += 1,
        }
        held = found;
    }
    assert!(cut > 0, "no import was cut off");
    service.ask(&import(1 - held)).of(200);
    assert_eq!(lists.held_by(&service), 1 - held);
    service.end();
}

/// How many items the service says that it has screened.
fn counted(service: &Service) -> u64 {
    let tally = service.get("/v1/tally").of(200).json();
    tally["totals"]["ITEMS_SCANNED"].as_u64().unwrap_or(0)
}

#[test]
fn a_service_that_is_killed_while_it_counts_has_counted_what_it_answered_and_nothing_twice() {
    let ward = Ward::new();
    ward.import("LIST", &format!("sha256:{}\n", digits("kept", 32)), &[]);
    let upload = |number: usize| Request::post("/v1/match", small_picture(&format!("upload {number}")));
    let (mut sent, mut answered) = (0, BTreeSet::new());
    let rounds = if is_deep() { 40 } else { 4 };
    for round in 0..rounds {
        let service = Service::start(&ward, &OPEN);
        let (address, stop) = (service.address, AtomicBool::new(false));
        let first = sent;
        let done: Vec<usize> = std::thread::scope(|scope| {
            let send = |thread: usize| {
                let (stop, upload) = (&stop, &upload);
                move || {
                    let (mut done, mut tried) = (Vec::new(), 0);
                    let mut client = Client::to(address).unwrap();
                    for number in (first + thread..).step_by(2) {
                        tried = number + 1;
                        match client.send(&upload(number)) {
                            Ok(answer) if answer.status == 200 => done.push(number),
                            _ => break,
                        }
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                    }
                    (done, tried)
                }
            };
            let threads = [0, 1].map(|thread| scope.spawn(send(thread)));
            std::thread::sleep(Duration::from_millis(400 + 170 * round));
            service.kill();
            stop.store(true, Ordering::Relaxed);
            let all = threads.map(|thread| thread.join().unwrap());
            sent = all.iter().map(|(_, tried)| *tried).max().unwrap();
            all.into_iter().flat_map(|(done, _)| done).collect()
        });
        assert!(!done.is_empty(), "nothing was answered before the end");
        answered.extend(done);
        let service = Service::start(&ward, &OPEN);
        let found = counted(&service);
        let bounds = answered.len() as u64..=sent as u64;
        assert!(bounds.contains(&found), "{found} are counted, not {bounds:?}");
        service.end();
    }
    // Whoever got no answer sends again, and so do some who got one.
    let service = Service::start(&ward, &OPEN);
    let mut client = service.client();
    for number in 0..sent {
        client.send(&upload(number)).unwrap().of(200);
    }
    assert_eq!(counted(&service), sent as u64);
    service.end();
    let again = Service::start(&ward, &OPEN);
    assert_eq!(counted(&again), sent as u64);
    again.end();
}

#[test]
fn tokens_and_decisions_that_were_acknowledged_outlive_a_kill() {
    let ward = Ward::new();
    let digest = digits("kept", 32);
    ward.import("LIST", &format!("sha256:{digest}\n"), &[]);
    let analyst = token(&ward, "analyst", "match,decide,manage");
    for round in 0..rounds() / 4 {
        let service = Service::start(&ward, &[]);
        let look = || {
            let request = Request::get(&format!("/v1/match/hash/sha256:{digest}")).by(&analyst);
            service.ask(&request).of(200).json()["matches"][0].clone()
        };
        let decision = if round % 2 == 0 { "confirm" } else { "unsure" };
        let entry = look()["entry"].clone();
        let body = serde_json::json!({ "set": "LIST", "entry": entry, "decision": decision });
        service.ask(&Request::json("POST", "/v1/decisions", &body).by(&analyst)).of(200);
        assert_eq!(look()["confirmed"], round % 2 == 0, "the caller's next request");
        service.kill();
        let again = Service::start(&ward, &[]);
        let all = again.ask(&Request::get("/v1/decisions?set=LIST").by(&analyst)).of(200).text();
        assert!(all.contains(&format!("\"{decision}\"")), "{all}");
        again.end();
    }
    let audit = ward.run(&["audit", "verify"]);
    assert_eq!(audit.code, 0, "{}{}", audit.out, audit.err);
}
