use std::sync::Arc;

use super::*;

fn home() -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), false).unwrap();
    (dir, home)
}

fn guard(home: &Home, hits: u64) -> Guard {
    Guard::new(home, &Flood { hits, within: jiff::SignedDuration::from_hours(1) })
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A hit as a command counts it, which writes in between; true if the entry is out from now on.
fn hit(guard: &Guard, key: &str, now: Timestamp) -> bool {
    guard.begin(now);
    let trips = guard.hit("S", key, now) == Hit::Trips;
    trips | guard.write_if_due(now).iter().any(|out| out.key == key)
}

fn known(home: &Home, began: i64) -> u64 {
    Local::open(home).unwrap().hits(began, 9).unwrap().iter().map(|hit| hit.2).sum()
}

/// Puts something that is no table of hits in its place, so that every write fails, or puts it back.
fn break_store(home: &Home, is_broken: bool) {
    let sql = match is_broken {
        true => "ALTER TABLE hashset_flood RENAME TO elsewhere; CREATE TABLE hashset_flood (other)",
        false => "DROP TABLE hashset_flood; ALTER TABLE elsewhere RENAME TO hashset_flood",
    };
    home.database("").unwrap().execute_batch(sql).unwrap();
}

#[test]
fn the_first_hit_beyond_the_bound_trips_and_a_new_window_forgets() {
    let (_dir, home) = home();
    for bound in [1, 2, 9, 10, 37, 100] {
        let guard = guard(&home, bound);
        let key = format!("key-{bound}");
        for n in 1..=bound {
            assert!(!hit(&guard, &key, at(7200)), "{n} of {bound}");
        }
        assert!(hit(&guard, &key, at(10_799)));
        assert!(!hit(&guard, &key, at(10_799)), "told once");
    }
    let guard = guard(&home, 3);
    for hour in 0..20 {
        for _ in 0..3 {
            assert!(!hit(&guard, "steady", at(20_000_000 + hour * 3600)));
        }
    }
}

#[test]
fn runs_that_end_and_runs_beside_each_other_count_together() {
    let (_dir, home) = home();
    let mut tripped = 0;
    for run in 0..11 {
        let guard = guard(&home, 10);
        tripped += u32::from(hit(&guard, "k", at(run)));
        tripped += guard.write_all(at(run)).unwrap().len() as u32;
        assert_eq!(tripped, u32::from(run == 10), "after {} runs of one hit", run + 1);
    }
    let (one, other) = (guard(&home, 100), guard(&home, 100));
    let mut hits = 0;
    while !(hit(&one, "both", at(9)) || hit(&other, "both", at(9))) {
        hits += 2;
    }
    assert!((100..=121).contains(&hits), "each is at most a tenth behind the other: {hits}");
}

#[test]
fn rare_entries_are_forgotten_in_bounded_memory_and_frequent_ones_are_not() {
    let (_dir, home) = home();
    let guard = guard(&home, 400);
    let mut tripped = Vec::new();
    for n in 0..5 * Guard::ENTRIES {
        assert!(!hit(&guard, &format!("rare-{n}"), at(1)));
        assert!(held(&guard.window).entries <= Guard::ENTRIES);
        if n % 512 == 0 && hit(&guard, "frequent", at(1)) {
            tripped.push(n);
        }
    }
    // 401 of all hits are asked for; at most one in 65,536 of them is overlooked.
    let [n] = tripped[..] else { panic!("{} times", tripped.len()) };
    assert!((400..=410).contains(&(n / 512)), "{n}");
}

#[test]
fn an_exempt_entry_is_not_taken_out_again_and_written_down_as_rarely_as_others() {
    let (_dir, home) = home();
    let guard = guard(&home, 100);
    let hits = |times: u32, second| (0..times).filter(|_| hit(&guard, "k", at(second))).count();
    assert_eq!(hits(101, 9), 1);
    let (set, key) = ("S".parse().unwrap(), crate::hashset::EntryKey::new("k").unwrap());
    assert!(Local::open(&home).unwrap().release(&set, &key).unwrap());
    guard.exempt([("S".to_owned(), ["k".to_owned()].into())].into());
    let watcher = home.database("").unwrap();
    let version = || watcher.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0)).unwrap();
    let (mut before, mut writes) = (version(), 0);
    for _ in 0..1000 {
        assert_eq!(hits(1, 9), 0);
        writes += u32::from(std::mem::replace(&mut before, version()) != before);
    }
    assert_eq!(writes, 100);
    assert_eq!(hits(150, 3601), 0, "nor in the next window");
}

#[test]
fn a_clock_that_is_set_back_and_a_write_that_fails_lose_no_hit() {
    let (_dir, home) = home();
    let guard = guard(&home, 100);
    for second in [7200, 7201, 7199, 3, 7202] {
        assert!(!hit(&guard, "k", at(second)));
    }
    break_store(&home, true);
    assert!(guard.write_all(at(7203)).is_err());
    assert!(guard.fault().is_some());
    break_store(&home, false);
    assert_eq!(known(&home, 7200), 0);
    assert!(guard.write_all(at(7203)).unwrap().is_empty());
    assert_eq!((known(&home, 7200), guard.fault()), (5, None));
}

#[test]
fn what_is_out_stays_out_while_nothing_can_be_written_and_is_on_record_afterwards() {
    let (_dir, home) = home();
    let guard = guard(&home, 20);
    assert!(!hit(&guard, "k", at(7200)));
    break_store(&home, true);
    let told: Vec<_> = (0..40).map(|_| guard.hit("S", "k", at(7300))).collect();
    assert!(guard.write_if_due(at(7300)).is_empty() && guard.fault().is_some());
    let expected = |n| {
        if n < 19 {
            Hit::Within
        } else if n == 19 {
            Hit::Trips
        } else {
            Hit::Out
        }
    };
    assert!(told.iter().enumerate().all(|(n, told)| *told == expected(n)), "{told:?}");
    // Also when the window ends before anything can be written.
    assert_eq!(guard.hit("S", "k", at(10_800)), Hit::Out);
    assert_eq!(guard.out().len(), 1);
    break_store(&home, false);
    assert!(guard.write_all(at(10_801)).unwrap().is_empty(), "it was told already");
    assert!(guard.out().is_empty() && guard.fault().is_none());
    let quarantine = Local::open(&home).unwrap().quarantine(None).unwrap();
    assert_eq!(quarantine.iter().map(|held| held.key.as_str()).collect::<Vec<_>>(), ["k"]);
}

#[test]
fn nobody_who_counts_waits_for_the_database() {
    let (_dir, home) = home();
    let guard = Arc::new(guard(&home, 10));
    guard.writes_by_itself();
    let writer = {
        let guard = Arc::clone(&guard);
        std::thread::spawn(move || guard.keep_writing())
    };
    // Somebody else writes for longer than anybody wants to wait.
    let other = home.database("").unwrap();
    drop(Local::open(&home).unwrap());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let start = Instant::now();
    let now = Timestamp::now();
    let trips = (0..1000).filter(|_| guard.hit("S", "k", now) == Hit::Trips).count();
    assert_eq!(trips, 1);
    std::thread::sleep(Duration::from_millis(100)); // the writer is at it, and waits
    assert_eq!(guard.hit("S", "k", now), Hit::Out);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    other.execute_batch("ROLLBACK").unwrap();
    while !guard.out().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(30), "it is written once it can be");
        std::thread::sleep(Duration::from_millis(10));
    }
    guard.end();
    writer.join().unwrap();
    assert_eq!(Local::open(&home).unwrap().quarantine(None).unwrap().len(), 1);
}
