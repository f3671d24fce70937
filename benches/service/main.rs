//! The service under load: server and load generator on the same cores, over loopback.
//! `cargo bench --bench service -- [--entries N] [--seconds N] [--connections N] [--updates N] [--homes DIR] [--engine]
//! [--part large|skewed|small] [--soak SECONDS]`.
//!
//! Lists are [`Synthetic`](innerward::index::Synthetic)'s, random and like those of photographs, N of each kind of hash (by
//! default 100,000; the published figures have 10,000,000), and a tenth of that where a row says so. One query in ten is
//! planted. Before a row is timed each of its requests is sent once, and its answer must have as many matches as a matcher
//! gives in this process, the planted one among them: a wrong answer cannot look fast. Photographs are made, 0.2 megapixels;
//! each upload differs from all others in its last bytes, so that none is a retry.
//!
//! The service is the built program. With `--engine` it is what its paths do, behind paths of this bench, in this process.
//! With `--homes DIR` the lists are made once and kept there. With `--part` there is a part of the table: random hashes, hashes
//! like those of photographs, or a tenth of the entries and uploads. With `--soak` there is no table, but a load that lasts.

#![allow(clippy::print_stdout, reason = "a table is what it makes")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on ends")]

mod load;
#[path = "../shared/photograph.rs"]
mod photograph;
mod service;
mod soak;
mod ward;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use load::{Clients, Load, Request, run};
use service::Service;
use ward::{Spread, Ward};

struct Options {
    entries: usize,
    seconds: f64,
    connections: usize,
    updates: usize,
    homes: Option<std::path::PathBuf>,
    engine: bool,
    part: Option<String>,
    soak: Option<f64>,
}

/// Different queries of a row: so many that they meet parts of an index that are not in the cache.
const QUERIES: usize = 20_000;
/// Hashes of a request that has many.
const MANY: usize = 1000;
const PHOTOGRAPHS: u64 = 64;
/// Rows measured on one pair of lists, and what `--part` calls them.
type Part = (&'static str, fn(&Options));

fn main() {
    let options = options();
    println!(
        "{} entries of each kind, {} connections, {} s a row, {} cores",
        options.entries,
        options.connections,
        options.seconds,
        std::thread::available_parallelism().map_or(0, usize::from)
    );
    if let Some(seconds) = options.soak {
        return soak::soak(&options, seconds);
    }
    println!("{:<58} {:>10} {:>9} {:>9} {:>10}", "", "a second", "p50 ms", "p99 ms", "goal");
    let parts: [Part; 3] = [("large", large), ("skewed", skewed), ("small", small)];
    let asked = |name: &str| options.part.as_ref().is_none_or(|part| part == name);
    assert!(parts.iter().any(|(name, _)| asked(name)), "--part is large, skewed or small");
    parts.iter().filter(|(name, _)| asked(name)).for_each(|(_, run)| run(&options));
}

/// Random hashes and digests, and what becomes of memory.
fn large(options: &Options) {
    let ward = Ward::make(options.homes.as_deref(), options.entries, Spread::Random, true);
    let service = Service::start(&ward, options.engine);
    fact("start to ready, s", service.ready_after.as_secs_f64(), 1.0);
    let row = |name: &str, goal: f64, requests: &[Request], each: usize| {
        report(name, goal, &run(&service.address, options.connections, options.seconds, requests), each);
    };
    row("digests, one a request", 20_000.0, &singles(ward.digests(QUERIES)), 1);
    row("PDQ, random, one a request", 4500.0, &singles(ward.pdq(QUERIES)), 1);
    row("PDQ, random, 1,000 a request", 10_000.0, &many(&ward.pdq(QUERIES)), MANY);
    fact("memory with mapped files, GB", service.resident_bytes() as f64 / 1e9, 2.2);
    updates(options, &ward, &service);
}

/// Hashes like those of photographs.
fn skewed(options: &Options) {
    let ward = Ward::make(options.homes.as_deref(), options.entries, Spread::Skewed, false);
    let service = Service::start(&ward, options.engine);
    let row = |name: &str, goal: f64, requests: &[Request], each: usize| {
        report(name, goal, &run(&service.address, options.connections, options.seconds, requests), each);
    };
    row("PDQ, as of photographs, one a request", 2500.0, &singles(ward.pdq(QUERIES)), 1);
    row("PDQ, as of photographs, 1,000 a request", 5000.0, &many(&ward.pdq(QUERIES)), MANY);
}

/// A tenth of the hashes, and uploads.
fn small(options: &Options) {
    let ward = Ward::make(options.homes.as_deref(), options.entries / 10, Spread::Random, true);
    let service = Service::start(&ward, options.engine);
    let row = |name: &str, goal: f64, requests: &[Request]| {
        report(name, goal, &run(&service.address, options.connections, options.seconds, requests), 1);
    };
    row("PDQ, random, one a request, a tenth of the entries", 10_000.0, &singles(ward.pdq(QUERIES)));
    row("0.2 MP uploads, hashed", 800.0, &uploads("/v1/hash"));
    row("0.2 MP uploads, matched and counted, a tenth of the entries", 500.0, &uploads("/v1/match"));
}

/// Photographs that are sent to `path`.
fn uploads(path: &str) -> Vec<Request> {
    let file = |number: u64| photograph::photograph(&number.to_le_bytes(), 548, 365);
    (0..PHOTOGRAPHS).map(|number| Request::post(path, "image/jpeg", file(number)).varied()).collect()
}

/// Withdrawals from beside the service, while it is asked: how soon each is no match, and what memory does.
fn updates(options: &Options, ward: &Ward, service: &Service) {
    let queries = singles(ward.pdq(QUERIES));
    let (before, done) = (service.resident_bytes(), AtomicBool::new(false));
    let (mut after, mut seen) = (Vec::new(), Vec::new());
    let load = std::thread::scope(|threads| {
        let load = threads.spawn(|| {
            let mut clients = Clients::checked(&service.address, options.connections, &queries);
            let mut all = Load::default();
            while !done.load(Ordering::Acquire) {
                all.add(clients.run(1.0, &queries));
            }
            all
        });
        for number in 0..options.updates {
            let listed = ward.listed_digest(number);
            assert_eq!(load::ask(&service.address, &listed), 1, "it is listed");
            ward.withdraw(number);
            let start = Instant::now();
            while load::ask(&service.address, &listed) > 0 {
                assert!(start.elapsed() < Duration::from_secs(30), "never");
                std::thread::sleep(Duration::from_millis(2));
            }
            seen.push(start.elapsed().as_secs_f64());
            after.push(service.resident_bytes());
        }
        done.store(true, Ordering::Release);
        load.join().unwrap()
    });
    report(&format!("PDQ, random, during {} withdrawals", options.updates), 0.0, &load, 1);
    seen.sort_by(f64::total_cmp);
    if let (Some(most), Some(last)) = (seen.last(), after.last()) {
        fact("withdrawal to no match, s, the slowest", *most, 1.0);
        let first = after[after.len() / 5].max(before);
        fact("memory after the last to after the first fifth of them", *last as f64 / first as f64, 1.05);
    }
}

fn singles(queries: Vec<ward::Query>) -> Vec<Request> {
    queries
        .into_iter()
        .map(|query| Request::get(&format!("/v1/match/hash/{}", query.text)).expects(query.matches))
        .collect()
}

fn many(queries: &[ward::Query]) -> Vec<Request> {
    let request = |queries: &[ward::Query]| {
        let hashes: Vec<&str> = queries.iter().map(|query| &*query.text).collect();
        let body = serde_json::json!({ "hashes": hashes }).to_string().into_bytes();
        Request::post("/v1/match/hashes", "application/json", body)
            .expects(queries.iter().map(|query| query.matches).sum())
    };
    queries.chunks(MANY).map(request).collect()
}

fn report(name: &str, goal: f64, load: &Load, each: usize) {
    let rate = load.rate() * each as f64;
    let goal =
        if goal > 0.0 { format!("{goal:.0}{}", if rate < goal { " !" } else { "" }) } else { String::new() };
    println!("{name:<58} {rate:>10.0} {:>9.2} {:>9.2} {goal:>10}", load.millis(50), load.millis(99));
}

fn fact(name: &str, value: f64, most: f64) {
    let goal = format!("{most}{}", if value > most { " !" } else { "" });
    println!("{name:<58} {value:>10.3} {:>9} {:>9} {goal:>10}", "", "");
}

fn options() -> Options {
    let mut words = std::env::args().skip(1);
    let mut options = Options {
        entries: 100_000,
        seconds: 5.0,
        connections: 16,
        updates: 20,
        homes: None,
        engine: false,
        part: None,
        soak: None,
    };
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("{word} wants a value"));
        match &*word {
            "--entries" => options.entries = value().parse().unwrap(),
            "--seconds" => options.seconds = value().parse().unwrap(),
            "--connections" => options.connections = value().parse().unwrap(),
            "--updates" => options.updates = value().parse().unwrap(),
            "--homes" => options.homes = Some(value().into()),
            "--engine" => options.engine = true,
            "--part" => options.part = Some(value()),
            "--soak" => options.soak = Some(value().parse().unwrap()),
            "--bench" => {} // cargo says so
            other => panic!("{other} is no option of this bench"),
        }
    }
    options
}
