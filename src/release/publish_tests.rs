//! Tests of publishing: what comes out, what is refused, and what an interruption leaves behind.

use std::convert::Infallible;
use std::fs;

use jiff::civil::date;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::release::ledger::MONTH_CAP_NANO;
use crate::release::testing::{PUBLISHED_ON, Ward, bytes, cube, october};
use crate::release::{COARSE, Plan, Released, Status, log, verify};
use crate::vocabulary::{Dimension, channel, list_class, media};

#[test]
fn a_month_is_published_as_a_folder_that_verifies() {
    let ward = Ward::new();
    let published = ward.publish(1).unwrap();
    assert_eq!((published.release_id.as_str(), published.already), ("DEMO-2026-10-coarse-v1", false));
    let release = verify(&published.dir, &ward.key()).unwrap();
    let manifest = release.manifest();
    assert!(manifest.demo && manifest.publisher.starts_with("DEMO") && manifest.citation.starts_with("DEMO"));
    assert_eq!((manifest.previous.as_str(), manifest.witness.as_str()), ("", "none"));
    assert_eq!(release.cells().len(), 17);
    let screened = release.cells().last().unwrap();
    assert!(screened.value.unwrap().get().abs_diff(20_411) < 50);
    let empty = &release.cells()[3];
    assert_eq!((empty.value, empty.interval, empty.status), (None, None, Status::Withheld));
}

#[test]
fn publishing_again_gives_the_same_bytes_without_counting_or_charging() {
    let ward = Ward::new();
    let first = ward.publish(1).unwrap();
    let files = bytes(&first.dir);
    let never = || -> Result<_, Infallible> { panic!("the tally must not be read again") };
    let again = ward.publish_counts(2, never).unwrap();
    assert!(again.already);
    assert_eq!((&again.dir, bytes(&again.dir)), (&first.dir, files.clone()));
    fs::remove_dir_all(&first.dir).unwrap();
    fs::remove_file(ward.home.public_dir().join(PUBLIC_KEY_FILE)).unwrap();
    ward.publish_on(date(2027, 3, 1), october(), 3, never).unwrap();
    assert_eq!(bytes(&first.dir), files, "a folder that was removed is restored");
    assert!(verify(&first.dir, &ward.key()).is_ok());
    let log = log(&ward.home).unwrap();
    assert_eq!(log.charges.len(), 1);
    assert!(log.budgets.iter().all(|budget| budget.spent_nano == MONTH_CAP_NANO));
    assert_eq!(
        log.budgets.iter().map(|b| (b.period.as_str(), b.left_nano())).collect::<Vec<_>>(),
        [("2026", 11 * MONTH_CAP_NANO), ("2026-10", 0)]
    );
}

#[test]
fn an_altered_folder_is_left_alone_and_named() {
    let ward = Ward::new();
    let dir = ward.publish(1).unwrap().dir;
    let refused = || ward.publish(1).unwrap_err().to_string();
    let table = dir.join("table.csv");
    let good = fs::read_to_string(&table).unwrap();
    fs::write(&table, good.replace("UNKNOWN", "UNKNOWM")).unwrap();
    assert!(refused().contains("table.csv") && refused().contains("move the folder"), "{}", refused());
    fs::remove_file(&table).unwrap();
    assert!(refused().contains("missing"), "{}", refused());
    fs::write(&table, good).unwrap();
    fs::write(dir.join("notes.txt"), "counts").unwrap();
    assert!(refused().contains("notes.txt"), "{}", refused());
    fs::remove_file(dir.join("notes.txt")).unwrap();
    assert!(ward.publish(1).is_ok());
}

#[test]
fn a_month_that_runs_and_a_month_without_a_plan_are_refused() {
    let ward = Ward::new();
    let counts = || -> Result<_, Infallible> { panic!("must not be read") };
    let error = ward.publish_on(date(2026, 10, 31), october(), 1, counts).unwrap_err();
    assert_eq!(error.to_string(), "2026-10 is not over yet; publish it on 2026-11-01 or later");
    let september = "2026-09".parse().unwrap();
    let error = ward.publish_on(PUBLISHED_ON, september, 1, counts).unwrap_err().to_string();
    assert!(error.contains("before September 2026 began") && error.contains("from 2026-12"), "{error}");
    assert!(log(&ward.home).unwrap().charges.is_empty());
}

#[test]
fn a_plan_registered_later_changes_only_later_months() {
    let ward = Ward::new();
    let first = ward.publish(1).unwrap();
    let files = bytes(&first.dir);
    ward.register(date(2026, 11, 3), &COARSE.replace("\"1\"", "\"0.5\"").replace("\"coarse\"", "\"finer\""));
    assert!(ward.publish(2).unwrap().already);
    assert_eq!(bytes(&first.dir), files);
    let counts = || Ok(Sensitive::new(cube(media::IMAGE, channel::BULK)));
    let december = ward.publish_on(date(2027, 1, 1), "2026-12".parse().unwrap(), 3, counts).unwrap();
    let release = verify(&december.dir, &ward.key()).unwrap();
    assert_eq!((release.manifest().plan.name.as_str(), release.manifest().table.threshold), ("finer", 36));
    assert_eq!(release.manifest().previous, blake3::hash(&files[0].1).to_hex().as_str());
}

#[test]
fn beyond_the_budget_is_refused_with_spent_asked_and_cap() {
    let ward = Ward::new();
    ward.publish(1).unwrap();
    let mut ledger = Ledger::open(&ward.home).unwrap();
    let mut plan = ledger.plan_for(october()).unwrap().unwrap();
    plan.plan = COARSE.replace("\"items\"", "\"other\"").replace("\"1\"", "\"0.25\"").parse().unwrap();
    let refused = ledger.reserve(october(), &plan, PUBLISHED_ON).map(|_| ()).unwrap_err().to_string();
    assert!(
        refused.contains("2026-10") && refused.contains("spent epsilon 1, asked 0.25, cap 1"),
        "{refused}"
    );
    let next = "2026-11".parse().unwrap();
    assert!(ledger.reserve(next, &plan, date(2026, 12, 1)).is_ok());
    let log = log(&ward.home).unwrap();
    assert_eq!(log.charges.len(), 2, "what was refused is not charged");
    assert_eq!(log.charges[1].release_id, None);
}

#[test]
fn a_year_spends_at_most_twelve_months() {
    let ward = Ward::new();
    let mut ledger = Ledger::open(&ward.home).unwrap();
    let plan = ledger.plan_for(october()).unwrap().unwrap();
    let connection = ward.home.database("").unwrap();
    connection
        .execute("INSERT INTO release_budget VALUES ('home', '2026', 12000000000, 11500000000)", [])
        .unwrap();
    let error = ledger.reserve(october(), &plan, PUBLISHED_ON).map(|_| ()).unwrap_err().to_string();
    assert!(
        error.contains("budget of 2026 ") && error.contains("spent epsilon 11.5, asked 1, cap 12"),
        "{error}"
    );
    let log = log(&ward.home).unwrap();
    assert_eq!(log.budgets.len(), 1, "the month was not charged either");
}

#[test]
fn the_database_itself_refuses_to_spend_back_or_beyond() {
    let ward = Ward::new();
    ward.publish(1).unwrap();
    let connection = ward.home.database("").unwrap();
    for sql in [
        "UPDATE release_budget SET spent_nano = cap_nano + 1",
        "UPDATE release_budget SET spent_nano = 0",
        "DELETE FROM release_budget",
        "DELETE FROM release_charge",
        "UPDATE release_charge SET epsilon_nano = 1",
        "DELETE FROM release_finished",
        "UPDATE release_finished SET table_csv = x'00'",
        "UPDATE release_plan SET applies_from = '2020-01'",
        "INSERT INTO release_charge SELECT 99, scope, period, table_name, revision, '', 1, '' FROM release_charge",
    ] {
        assert!(connection.execute(sql, []).is_err(), "{sql}");
    }
}

/// Stops the work at every point where it can be stopped, and takes it up again.
#[test]
fn every_interruption_is_recovered_and_nothing_is_public_that_was_not_charged() {
    let counts = || Ok::<_, Infallible>(Sensitive::new(cube(media::IMAGE, channel::BULK)));
    let never = || -> Result<Sensitive<Cube>, Infallible> { panic!("a final release is not counted again") };
    let mut stops = 0;
    loop {
        let ward = Ward::new();
        let config = Config::default();
        let request =
            Request { clock: ward.clock(PUBLISHED_ON), period: october(), lists: &[], config: &config };
        let mut passed = Vec::new();
        let mut stop = |step| {
            passed.push(step);
            if passed.len() > stops { Err(ReleaseError::Stopped) } else { Ok(()) }
        };
        let rng = &mut StdRng::seed_from_u64(1);
        let outcome = publish_in_steps(&ward.home, &request, counts, rng, &mut stop);
        let charges = log(&ward.home).unwrap().charges;
        let public = ward.home.public_dir();
        let something_public =
            fs::read_dir(&public).unwrap().any(|entry| entry.unwrap().file_name() != PUBLIC_KEY_FILE);
        if something_public {
            assert!(charges.len() == 1 && charges[0].release_id.is_some(), "{passed:?}");
        }
        if outcome.is_ok() {
            assert_eq!(passed.len(), stops);
            break;
        }
        // The folder is there whole or not at all.
        let dir = public.join("DEMO-2026-10-coarse-v1");
        assert_eq!(dir.exists(), passed.contains(&Step::Renamed), "{passed:?}");
        let stored = Ledger::open(&ward.home).unwrap().finished(october(), "items").unwrap();
        assert_eq!(stored.is_some(), passed.contains(&Step::Final), "{passed:?}");
        let published = match stored {
            Some(stored) => {
                let published = ward.publish_counts(2, never).unwrap();
                assert_eq!(fs::read(dir.join("table.csv")).unwrap(), stored.table);
                published
            }
            None => ward.publish_counts(2, counts).unwrap(),
        };
        assert!(verify(&published.dir, &ward.key()).is_ok(), "{passed:?}");
        let log = log(&ward.home).unwrap();
        assert_eq!((log.charges.len(), log.budgets[1].spent_nano), (1, MONTH_CAP_NANO), "{passed:?}");
        let hidden = fs::read_dir(&public)
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'));
        assert_eq!(hidden.count(), 0, "{passed:?}");
        stops += 1;
    }
    assert_eq!(stops, 9, "counted, charged, drawn, final, key, three files, renamed");
}

#[test]
fn a_tally_that_cannot_be_read_costs_nothing() {
    let ward = Ward::new();
    let config = Config::default();
    let request = Request { clock: ward.clock(PUBLISHED_ON), period: october(), lists: &[], config: &config };
    let broken = || Err::<Sensitive<Cube>, _>(std::io::Error::other("not sealed"));
    let rng = &mut StdRng::seed_from_u64(1);
    let error = publish(&ward.home, &ward.home.lock().unwrap(), &request, broken, rng).unwrap_err();
    assert_eq!(error.to_string(), "the counts could not be read: not sealed");
    assert!(log(&ward.home).unwrap().charges.is_empty());
}

#[test]
fn another_signing_key_is_refused_before_anything_is_charged() {
    let ward = Ward::new();
    ward.publish(1).unwrap();
    fs::write(ward.home.root().join("keys/signing.key"), [9; 32]).unwrap();
    fs::remove_file(ward.home.public_dir().join(PUBLIC_KEY_FILE)).unwrap();
    let counts = || -> Result<_, Infallible> { panic!("must not be read") };
    let november = "2026-11".parse().unwrap();
    let error = ward.publish_on(date(2026, 12, 1), november, 1, counts).unwrap_err();
    assert!(matches!(error, ReleaseError::KeyChanged { .. }), "{error}");
    assert_eq!(log(&ward.home).unwrap().charges.len(), 1);
    assert!(ward.publish(1).unwrap().already, "what is final needs no key");
}

/// Two wards whose items differ in everything that the table does not count publish the same bytes.
#[test]
fn what_the_table_does_not_count_does_not_show() {
    let publish = |media, channel| {
        let ward = Ward::new();
        bytes(&ward.publish_counts(5, || Ok(Sensitive::new(cube(media, channel)))).unwrap().dir)
    };
    let upload = Dimension::Channel.code("UPLOAD").unwrap();
    assert_eq!(publish(media::IMAGE, channel::BULK), publish(media::VIDEO, upload));
}

#[test]
fn number_and_order_of_rows_do_not_depend_on_the_counts() {
    let keys = |cube: Cube| -> Vec<String> {
        let ward = Ward::new();
        let dir = ward.publish_counts(5, || Ok(Sensitive::new(cube))).unwrap().dir;
        let text = fs::read_to_string(dir.join("table.csv")).unwrap();
        text.lines().map(|line| line.split(',').take(20).collect::<Vec<_>>().join(",")).collect()
    };
    let (full, empty) = (keys(cube(media::IMAGE, channel::BULK)), keys(Cube::default()));
    assert_eq!(full, empty);
    assert_eq!(full.len(), 1 + Plan::coarse().table().domain().cells().len());
}

#[test]
fn a_class_of_short_lists_is_not_named() {
    let ward = Ward::new();
    let config = Config::default();
    let class = |text| Dimension::ListClass.code(text).unwrap();
    let facts = |text, revised: &str, active_entries| ListFacts {
        list_class: class(text),
        revised: revised.parse().unwrap(),
        active_entries,
    };
    let lists = [
        facts("OWN", "2026-10", 999),
        facts("INDUSTRY", "2026-08", 600),
        facts("NATIONAL", "2026-09", 1000),
        facts("INDUSTRY", "2026-07", 400),
        ListFacts { list_class: list_class::NOT_APPLICABLE, ..facts("OWN", "2026-01", 5000) },
    ];
    let clock = ward.clock(PUBLISHED_ON);
    let request = Request { clock, period: october(), lists: &lists, config: &config };
    let counts = || Ok::<_, Infallible>(Sensitive::new(Cube::default()));
    let rng = &mut StdRng::seed_from_u64(1);
    let published = publish(&ward.home, &ward.home.lock().unwrap(), &request, counts, rng).unwrap();
    let release = verify(&published.dir, &ward.key()).unwrap();
    let notes: Vec<_> =
        release.manifest().lists.iter().map(|l| (l.list_class.as_str(), l.revised.to_string())).collect();
    let expected = [("NATIONAL", "2026-09"), ("INDUSTRY", "2026-08"), ("_U", "2026-10")];
    assert_eq!(notes, expected.map(|(class, month)| (class, month.to_owned())));
}

#[test]
fn a_configured_text_with_hidden_parts_is_refused() {
    let ward = Ward::new();
    let config = Config { purpose: "to inform\u{7}".into(), ..Config::default() };
    let request = Request { clock: ward.clock(PUBLISHED_ON), period: october(), lists: &[], config: &config };
    let counts = || -> Result<Sensitive<Cube>, Infallible> { panic!("must not be read") };
    let rng = &mut StdRng::seed_from_u64(1);
    let error = publish(&ward.home, &ward.home.lock().unwrap(), &request, counts, rng).unwrap_err();
    assert!(error.to_string().starts_with("purpose in innerward.toml"), "{error}");
}

#[test]
fn words_that_promise_too_much_are_not_used() {
    let ward = Ward::new();
    let dir = ward.publish(1).unwrap().dir;
    let text = fs::read_to_string(dir.join("manifest.json")).unwrap().to_lowercase();
    for word in ["anonymous", "anonymised", "provably", "cannot be traced"] {
        assert!(!text.contains(word), "{word}");
    }
    assert!(text.contains("a stated, bounded risk for each item"));
    assert!(
        text.contains("5 items of one person: up to 5;") && text.contains("12 months of a year: up to 12.")
    );
}

/// The doors of this room, held against the source: who may open a sensitive value, and who may make a released one.
#[test]
fn the_doors_are_where_the_documentation_says() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut callers: Vec<(&str, String)> = Vec::new();
    for entry in walkdir::WalkDir::new(source).into_iter().map(Result::unwrap) {
        if entry.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let name = entry.path().strip_prefix(source).unwrap().to_string_lossy().into_owned();
        if name == "release/sample.rs" {
            continue; // compiled for tests only
        }
        let text = fs::read_to_string(entry.path()).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for door in [concat!(".open_at_", "the_gate("), concat!("Released", "::new")] {
                if line.contains(door) {
                    callers.push((door, name.clone()));
                }
            }
        }
    }
    callers.sort();
    callers.dedup();
    let gate = "release/mechanism.rs".to_owned();
    assert_eq!(
        callers,
        [(concat!(".open_at_", "the_gate("), gate.clone()), (concat!("Released", "::new"), gate)]
    );
    let _: fn(Released<u64>) -> u64 = Released::get;
}
