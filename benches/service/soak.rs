//! A load that lasts: look-ups and uploads together at 70 % of what the service can do, while an entry comes or goes each
//! second. Nothing may fail, memory stays where it is, and the last answers are as quick as the first.

use std::time::{Duration, Instant};

use crate::load::{Clients, Load, Request, ask};
use crate::service::Service;
use crate::ward::{Spread, Ward};
use crate::{Options, QUERIES, fact, singles, uploads};

/// Half of it is look-ups, half uploads, each by what it takes alone.
const SHARE: f64 = 0.35;
/// Seconds after which the figures are noted.
const WINDOW: f64 = 10.0;

/// What was seen in one window.
struct Seen {
    lookups: Load,
    uploads: Load,
    memory: u64,
}

pub(crate) fn soak(options: &Options, seconds: f64) {
    let ward = Ward::make(options.homes.as_deref(), options.entries, Spread::Random, true);
    let service = Service::start(&ward, options.engine);
    let lookups = [singles(ward.pdq(QUERIES)), singles(ward.digests(QUERIES))];
    let lookups: Vec<Request> = {
        let [pdq, digests] = lookups;
        pdq.into_iter().zip(digests).flat_map(|(pdq, digest)| [pdq, digest]).collect()
    };
    let uploads = uploads("/v1/match");
    let clients = |requests: &[Request]| {
        let mut clients = Clients::checked(&service.address, options.connections, requests);
        let most = clients.run(options.seconds, requests).rate();
        (clients, most)
    };
    let (mut asking, most_lookups) = clients(&lookups);
    let (mut sending, most_uploads) = clients(&uploads);
    println!(
        "alone: {most_lookups:.0} look-ups a second (PDQ and digests by turns), {most_uploads:.0} uploads a second"
    );

    let windows = ((seconds / WINDOW) as usize).max(3);
    let mut seen = Vec::new();
    let start = Instant::now();
    let changes = std::thread::scope(|threads| {
        let changing = threads.spawn(|| {
            let each = 0..(windows as f64 * WINDOW) as u64;
            let changes = each.map(|number| {
                std::thread::sleep(Duration::from_secs(number).saturating_sub(start.elapsed()));
                change(&ward, &service, number as usize)
            });
            changes.collect::<Vec<f64>>()
        });
        for _ in 0..windows {
            let (lookups, uploads) = std::thread::scope(|threads| {
                let asked = threads.spawn(|| asking.paced(WINDOW, &lookups, most_lookups * SHARE));
                let sent = sending.paced(WINDOW, &uploads, most_uploads * SHARE);
                (asked.join().unwrap(), sent)
            });
            seen.push(Seen { lookups, uploads, memory: service.resident_bytes() });
        }
        changing.join().unwrap()
    });
    report(seen, &changes);
}

/// Seconds until an entry that came is a match, or one that went is none.
fn change(ward: &Ward, service: &Service, number: usize) -> f64 {
    let comes = number.is_multiple_of(2);
    let request = ward.come_and_go(number / 2, comes);
    let start = Instant::now();
    while ask(&service.address, &request) != usize::from(comes) {
        assert!(start.elapsed() < Duration::from_secs(30), "never");
        std::thread::sleep(Duration::from_millis(2));
    }
    start.elapsed().as_secs_f64()
}

fn report(seen: Vec<Seen>, changes: &[f64]) {
    println!("{:<58} {:>10} {:>9} {:>9}", "", "a second", "p50 ms", "p99 ms");
    let third = seen.len().div_ceil(3);
    let mut memory = Vec::new();
    let mut windows = seen.into_iter();
    for name in ["first third", "middle", "last third"] {
        let (mut lookups, mut uploads, mut most) = (Load::default(), Load::default(), 0);
        for window in windows.by_ref().take(third) {
            lookups.add(window.lookups);
            uploads.add(window.uploads);
            most = most.max(window.memory);
        }
        memory.push(most as f64);
        crate::report(&format!("look-ups, {name}"), 0.0, &lookups, 1);
        crate::report(&format!("uploads, {name}"), 0.0, &uploads, 1);
    }
    fact("memory, last third, GB", memory[2] / 1e9, 2.2);
    fact("memory, last third to first", memory[2] / memory[0], 1.05);
    let slowest = changes.iter().copied().fold(0.0, f64::max);
    fact(&format!("an entry comes or goes, {} times, s, the slowest", changes.len()), slowest, 1.0);
}
