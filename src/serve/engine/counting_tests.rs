use std::sync::Arc;

use axum::body::Bytes;

use super::super::testing::Ward;
use super::super::{Caller, ProblemCode, Scope, Settings, State};
use super::tests::run;
use super::{Ask, CountingFault, Upload};
use crate::home::{Clock, Home};
use crate::screen::Live;
use crate::tally::{Brought, Tally};
use crate::vocabulary::{Indicator, Period, channel};

/// SHA-256 of `test`.
const LIST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n";

fn ward() -> Ward {
    Ward::set_up(&[("DEMO", LIST)], Settings { open: Scope::ALL.to_vec(), ..Settings::default() })
}

async fn screen(state: &State, content: String) -> Result<(), ProblemCode> {
    let (caller, upload) = (Caller::new("test", Scope::ALL), Upload::of(Bytes::from(content)));
    let told = state.screen(&caller, upload, &Ask::default(), Brought::by(channel::SERVICE)).await;
    told.map(drop).map_err(|problem| problem.code)
}

fn month() -> Period {
    Period::containing(Clock::system().today())
}

fn scanned(home: &Home) -> u64 {
    let cube = Tally::open(home).unwrap().cube(month(), None).unwrap();
    cube.show_locally().total(Indicator::ItemsScanned)
}

#[test]
fn three_processes_count_a_content_once_and_before_they_answer() {
    let ward = ward();
    // Each has its own state and thread, as processes on one home have.
    let states: Vec<State> = (0..3)
        .map(|_| {
            let live = Live::open(&ward.home, None).unwrap();
            State::new(ward.home.clone(), Settings::default(), live, None, None)
        })
        .collect();
    run(async {
        let all = states.iter().flat_map(|state| (0..40).map(move |number| (state.clone(), number)));
        let screened = all.map(|(state, number)| {
            tokio::spawn(async move {
                // Every content comes through every process, and twice.
                for _ in 0..2 {
                    screen(&state, format!("content {}", number % 25)).await.unwrap();
                }
            })
        });
        for one in screened.collect::<Vec<_>>() {
            one.await.unwrap();
        }
    });
    assert_eq!(scanned(&ward.home), 25, "what was answered is on the disk, without any end");
    states.iter().for_each(State::end_counting);
    assert_eq!(scanned(&ward.home), 25);
    let lists = Tally::open(&ward.home).unwrap().lists(month()).unwrap();
    assert_eq!(lists.len(), 1, "what counts are read beside is noted");
}

#[test]
fn what_cannot_be_counted_is_refused_unless_nothing_is_to_be() {
    let ward = ward();
    run(async { screen(&ward.state, "before".into()).await.unwrap() });
    let (mut tally, lock) = (Tally::open(&ward.home).unwrap(), ward.home.lock_tally().unwrap());
    assert!(tally.seal(&lock, month(), &[]).unwrap());
    drop((tally, lock));
    let told = run(async { screen(&ward.state, "after".into()).await });
    assert_eq!(told, Err(ProblemCode::Unavailable));
    let live = Live::open(&ward.home, None).unwrap();
    let settings = Settings { count: false, ..Settings::default() };
    let uncounted = State::new(ward.home.clone(), settings, live, None, None);
    assert_eq!(run(async { screen(&uncounted, "after".into()).await }), Ok(()));
    ward.state.end_counting();
    assert_eq!(run(async { screen(&ward.state, "late".into()).await }), Err(ProblemCode::Unavailable));
    assert_eq!(scanned(&ward.home), 1);
}

#[test]
fn a_tally_that_another_holds_is_waited_for_and_nothing_is_lost() {
    let ward = Arc::new(ward());
    run(async { screen(&ward.state, "first".into()).await.unwrap() });
    let lock = ward.home.lock_tally().unwrap();
    run(async {
        let waiting: Vec<_> = (0..50)
            .map(|number| {
                let ward = Arc::clone(&ward);
                tokio::spawn(async move { screen(&ward.state, format!("content {number}")).await })
            })
            .collect();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        assert!(waiting.iter().all(|one| !one.is_finished()), "no answer before it is counted");
        drop(lock);
        for one in waiting {
            assert_eq!(one.await.unwrap(), Ok(()));
        }
    });
    assert_eq!(scanned(&ward.home), 51);
}

#[test]
fn a_channel_and_a_region_are_closed_codes() {
    let brought = |channel, region| State::brought(channel, region).map_err(|problem| problem.code);
    let told = brought(None, None).unwrap();
    assert!(told.channel == channel::SERVICE && told.area.is_none() && told.case.is_none());
    let told = brought(Some("UPLOAD"), Some("NL:HOSTING")).unwrap();
    assert_eq!((told.channel.as_str(), told.area.map(|(area, _)| area.as_str())), ("UPLOAD", Some("NL")));
    for (channel, region) in
        [(Some("upload"), None), (Some("case 7"), None), (None, Some("Utrecht")), (Some(""), None)]
    {
        assert_eq!(brought(channel, region).err(), Some(ProblemCode::BadRequest));
    }
}

#[test]
fn in_a_new_month_it_counts_there() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), true).unwrap();
    for (day, expected) in [("2030-01-31", 1), ("2030-02-01", 1)] {
        let clock = Clock::of(&home, Some(day.parse().unwrap())).unwrap();
        let live = Live::open(&home, Some(clock)).unwrap();
        let state = State::new(home.clone(), Settings::default(), live, None, Some(clock));
        // Without lists there is nothing to screen against, so the sighting is handed in as such.
        let sighting = crate::tally::Sighting {
            content: crate::tally::ItemId::of_bytes(&[7; 32]),
            entry: None,
            cell: crate::tally::Cell::blank().with(channel::SERVICE),
            watched: false,
            case: None,
        };
        run(async { state.count(sighting).await.unwrap() });
        let period = Period::containing(day.parse().unwrap());
        let cube = Tally::open(&home).unwrap().cube(period, None).unwrap();
        assert_eq!(cube.show_locally().total(Indicator::ItemsScanned), expected, "{day}");
    }
}

/// Waits for a moment until it is so.
fn soon(is_so: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !is_so() {
        assert!(start.elapsed() < std::time::Duration::from_secs(5), "never");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn a_fault_of_the_program_costs_one_answer_and_is_told_until_something_is_counted_again() {
    let ward = ward();
    let ready = || ward.get("/readyz").status.as_u16();
    run(async { screen(&ward.state, "before".into()).await.unwrap() });
    assert_eq!((ward.state.counting_fault(), ready()), (None, 200));
    // Also while it begins anew: six times in all.
    ward.state.let_counting_fail(6);
    let told = run(async { screen(&ward.state, "while".into()).await });
    assert_eq!(told, Err(ProblemCode::Unavailable));
    soon(|| ward.state.counting_failures() > 0);
    assert_eq!((ward.state.counting_fault(), ready()), (Some(CountingFault::Down), 503));
    assert!(ward.get("/readyz").text().contains("counted"));
    let metrics = ward.get("/metrics").text();
    assert!(metrics.contains("innerward_counting_fault 1"), "{metrics}");
    // Who comes meanwhile waits, and is counted.
    run(async { screen(&ward.state, "after".into()).await.unwrap() });
    assert_eq!((ward.state.counting_fault(), ward.state.counting_failures(), ready()), (None, 6, 200));
    let metrics = ward.get("/metrics").text();
    assert!(metrics.contains("innerward_counting_fault 0"), "{metrics}");
    assert!(metrics.contains("innerward_counting_failures_total 6"), "{metrics}");
    assert_eq!(scanned(&ward.home), 2);
}

#[test]
fn where_no_thread_is_to_be_had_items_are_refused_that_is_told_and_it_is_tried_again() {
    let ward = ward();
    ward.state.let_counting_start(false);
    let told = run(async { screen(&ward.state, "without".into()).await });
    assert_eq!(told, Err(ProblemCode::Unavailable));
    assert_eq!(ward.state.counting_fault(), Some(CountingFault::Down));
    assert_eq!(ward.get("/readyz").status.as_u16(), 503);
    ward.state.let_counting_start(true);
    run(async { screen(&ward.state, "with".into()).await.unwrap() });
    assert_eq!((ward.state.counting_fault(), scanned(&ward.home)), (None, 1));
}

#[test]
fn a_tally_that_takes_nothing_is_told_and_look_ups_go_on() {
    let ward = ward();
    run(async { screen(&ward.state, "before".into()).await.unwrap() });
    let (mut tally, lock) = (Tally::open(&ward.home).unwrap(), ward.home.lock_tally().unwrap());
    assert!(tally.seal(&lock, month(), &[]).unwrap());
    drop((tally, lock));
    assert_eq!(run(async { screen(&ward.state, "after".into()).await }), Err(ProblemCode::Unavailable));
    assert_eq!(ward.state.counting_fault(), Some(CountingFault::Refused));
    let ready = ward.get("/readyz");
    assert_eq!(ready.status.as_u16(), 200, "what is looked up is not counted");
    assert!(ready.text().contains("counted"), "{}", ready.text());
    assert!(ward.get("/metrics").text().contains("innerward_counting_fault 1"));
}
