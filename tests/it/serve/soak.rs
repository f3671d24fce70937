//! A steady load with a change every second, for `INNERWARD_SOAK_SECONDS` (8): no error, memory that does not grow, and answers
//! as quick at the end as at the beginning.

use std::time::{Duration, Instant};

use serde_json::json;

use super::http::Request;
use super::live::{is_steady, steady};
use super::load::{Load, quantile};
use super::service::{Service, sha256_list, small_picture};
use crate::ward::{Ward, digits};

/// What memory may grow by after the first third, in which allocators and pools fill: a fifth, and so many KiB.
const GROWTH: (f64, u64) = (1.2, 32 << 10);
/// Below this, a quantile says more of the machine than of the service.
const FLOOR: Duration = Duration::from_millis(25);

fn seconds() -> u64 {
    std::env::var("INNERWARD_SOAK_SECONDS").map_or(8, |text| text.parse().expect("a number of seconds"))
}

/// Resident memory of a service and its workers, in KiB; pages of files that they share count for each.
fn resident(service: &Service) -> u64 {
    let all = service.descendants().into_iter().chain([service.pid()]);
    let of = |pid: rustix::process::Pid| {
        // A worker may end meanwhile.
        let text = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).ok()?;
        let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    all.filter_map(of).sum()
}

#[test]
fn a_steady_load_with_a_change_every_second_leaves_memory_and_speed_as_they_were() {
    let ward = Ward::new();
    let kept = digits("kept", 32);
    let rows: String = (0..5000).map(|row| digits(&format!("row {row}"), 32) + "\n").collect();
    ward.import("LARGE", &rows, &["--as", "plain:pdq"]);
    ward.import("LIST", &sha256_list(&[&kept]), &[]);
    let service = Service::start(&ward, &["--open", "match,manage", "--quiet"]);
    let lookups = Load::start(service.address, 2, Duration::from_millis(8), steady(&kept), is_steady);
    let pictures = (0..50).map(|seed| Request::post("/v1/match", small_picture(&format!("soak {seed}"))));
    let is_unknown = |_, answer: &super::http::Answer| {
        answer.status == 200 && answer.text().contains(r#""outcome":"unknown""#)
    };
    let uploads = Load::start(service.address, 1, Duration::from_millis(25), pictures.collect(), is_unknown);

    let (began, whole) = (Instant::now(), Duration::from_secs(seconds()));
    let (mut memory, mut changes) = (Vec::new(), 0);
    while began.elapsed() < whole {
        let at = Instant::now();
        // Entries come and go, so that the lists are as long at the end as at the beginning.
        let digest = digits(&format!("change {}", changes / 2), 32);
        let signal = format!("sha256:{digest}");
        let request = match changes % 2 {
            0 => Request::post("/v1/sets/MOVING/import?add=true&as=plain:sha256", format!("{digest}\n")),
            _ => Request::json("POST", "/v1/sets/MOVING/withdraw", &json!({ "entries": [signal] })),
        };
        service.ask(&request).of(200);
        let expected = ["known", "unknown"][changes % 2];
        assert_eq!(service.outcome(&signal), expected, "change {changes}");
        changes += 1;
        memory.push((began.elapsed(), resident(&service)));
        std::thread::sleep(Duration::from_secs(1).saturating_sub(at.elapsed()));
    }
    let (lookups, uploads) = (lookups.end(), uploads.end());
    let (third, last) = (whole / 3, whole * 2 / 3);

    let most = |from: Duration, to: Duration| {
        let within = memory.iter().filter(|(at, _)| (from..to).contains(at)).map(|(_, kib)| *kib);
        within.max().expect("memory was looked at in each third")
    };
    let (warm, end) = (most(Duration::ZERO, third), most(last, whole * 2));
    println!(
        "soak of {} s: {changes} changes, {} look-ups, {} uploads; memory {} MiB in the first third, {} MiB in the last",
        whole.as_secs(),
        lookups.took.len(),
        uploads.took.len(),
        warm >> 10,
        end >> 10,
    );
    for (name, report) in [("look-ups", &lookups), ("uploads", &uploads)] {
        report.all_well(Duration::from_secs(5));
        let p99 = |from: Duration, to: Duration| {
            let within = report.took.iter().filter(|(at, _)| (from..to).contains(at));
            quantile(&mut within.map(|(_, took)| *took).collect::<Vec<_>>(), 0.99)
        };
        let (first, late) = (p99(Duration::ZERO, third), p99(last, whole * 2));
        println!(
            "{name}: p99 {first:?} in the first third, {late:?} in the last, {:?} at most",
            report.slowest()
        );
        assert!(late <= (first * 2).max(FLOOR), "{name} became slower: {first:?}, then {late:?}");
    }
    let bound = (warm as f64 * GROWTH.0) as u64 + GROWTH.1;
    assert!(end <= bound, "memory grows: {warm} KiB, then {end} KiB");
    service.end();
}
