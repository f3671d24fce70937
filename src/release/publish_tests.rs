//! Tests of publishing: what comes out, what is refused, and what an interruption leaves behind.

use std::fs;

use jiff::civil::date;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::release::testing::{Counted, PUBLISHED_ON, WIDE, Ward, bytes, cube, october, request};
use crate::release::{COARSE, Epsilon, Plan, Released, Status, account, verify};
use crate::tally::{Break, BreakCause, ListInUse};
use crate::vocabulary::{Dimension, channel, list_class, media};

const ONE: u64 = Epsilon::NANO;

fn never(_: Option<u32>) -> Counted {
    panic!("the tally must not be read")
}

fn counts(ward: &Ward) -> impl FnOnce(Option<u32>) -> Counted + use<'_> {
    |_| ward.counted(cube(media::IMAGE, channel::BULK))
}

#[test]
fn a_month_is_published_as_a_folder_that_verifies() {
    let ward = Ward::new();
    let published = ward.publish(1).unwrap();
    assert_eq!((published.release_id.as_str(), published.already), ("DEMO-2026-10-coarse-v1", false));
    let release = verify(&published.dir, &ward.key()).unwrap();
    let manifest = release.manifest();
    assert!(manifest.demo && manifest.publisher.starts_with("DEMO") && manifest.citation.starts_with("DEMO"));
    assert_eq!((manifest.previous.as_str(), manifest.witness.as_str()), ("", "none"));
    let [table] = release.tables() else { panic!("one table") };
    assert_eq!(table.cells().len(), 17);
    let screened = table.cells().last().unwrap();
    assert!(screened.value.unwrap().get().abs_diff(20_411) < 50);
    let empty = &table.cells()[3];
    assert_eq!((empty.value, empty.interval, empty.status), (None, None, Status::Withheld));
}

#[test]
fn publishing_again_gives_the_same_bytes_without_counting_or_charging() {
    let ward = Ward::new();
    let first = ward.publish(1).unwrap();
    let files = bytes(&first.dir);
    let again = ward.publish_counts(2, never).unwrap();
    assert!(again.already);
    assert_eq!((&again.dir, bytes(&again.dir)), (&first.dir, files.clone()));
    fs::remove_dir_all(&first.dir).unwrap();
    fs::remove_file(ward.home.public_dir().join(PUBLIC_KEY_FILE)).unwrap();
    ward.publish_on(date(2027, 3, 1), "coarse", october(), false, 3, never).unwrap();
    assert_eq!(bytes(&first.dir), files, "a folder that was removed is restored");
    assert!(verify(&first.dir, &ward.key()).is_ok());
    let account = account(&ward.home).unwrap();
    assert_eq!(account.charges.len(), 1);
    assert!(account.budgets.iter().all(|budget| budget.spent_nano == ONE));
    assert_eq!(
        account.budgets.iter().map(|b| (b.period.as_str(), b.left_nano())).collect::<Vec<_>>(),
        [("2026", 47 * ONE), ("2026-10", 0)]
    );
}

#[test]
fn an_altered_folder_is_left_alone_and_named() {
    let ward = Ward::new();
    let dir = ward.publish(1).unwrap().dir;
    let refused = || ward.publish(1).unwrap_err().to_string();
    let table = dir.join("items.csv");
    let good = fs::read_to_string(&table).unwrap();
    fs::write(&table, good.replace("UNKNOWN", "UNKNOWM")).unwrap();
    assert!(refused().contains("items.csv") && refused().contains("move the folder"), "{}", refused());
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
    let refused = |day, plan: &str, period: &str| {
        ward.publish_on(day, plan, period.parse().unwrap(), false, 1, never).unwrap_err().to_string()
    };
    let running = refused(date(2026, 10, 31), "coarse", "2026-10");
    assert_eq!(running, "2026-10 is not over yet; publish it on 2026-11-01 or later");
    let error = refused(PUBLISHED_ON, "coarse", "2026-09");
    assert!(error.contains("before September 2026 began") && error.contains("from 2026-12"), "{error}");
    let error = refused(PUBLISHED_ON, "fine", "2026-10");
    assert!(error.contains("\"fine\""), "{error}");
    let error = refused(date(2027, 1, 1), "coarse", "2026-Q4");
    assert!(error.contains("from 2027-Q2"), "{error}");
    assert!(account(&ward.home).unwrap().charges.is_empty());
}

#[test]
fn a_plan_registered_later_changes_only_later_months() {
    let ward = Ward::new();
    let first = ward.publish(1).unwrap();
    let files = bytes(&first.dir);
    ward.register(date(2026, 11, 3), &COARSE.replace("\"1\"", "\"0.5\""));
    assert!(ward.publish(2).unwrap().already);
    assert_eq!(bytes(&first.dir), files);
    let december = "2026-12".parse().unwrap();
    let december = ward.publish_on(date(2027, 1, 1), "coarse", december, false, 3, counts(&ward)).unwrap();
    let release = verify(&december.dir, &ward.key()).unwrap();
    assert_eq!(release.manifest().tables[0].threshold, 36);
    let manifest = files.iter().find(|(name, _)| name.ends_with("manifest.json")).unwrap();
    assert_eq!(release.manifest().previous, blake3::hash(&manifest.1).to_hex().as_str());
}

#[test]
fn several_tables_of_a_quarter_are_one_release_that_every_month_pays() {
    let mut ward = Ward::without_plan();
    ward.register(date(2026, 9, 15), WIDE);
    ward.register(date(2026, 9, 15), COARSE);
    let national = Dimension::ListClass.code("NATIONAL").unwrap();
    ward.facts.lists = vec![ListInUse { list_class: national, revised: october(), active_entries: 5000 }];
    let quarter = "2026-Q4".parse().unwrap();
    let asked = |most: Option<u32>| {
        assert_eq!(most, Some(5), "the plan's cap by case");
        ward.counted(cube(media::IMAGE, channel::BULK))
    };
    let published = ward.publish_on(date(2027, 1, 1), "wide", quarter, false, 1, asked).unwrap();
    assert_eq!(published.release_id, "DEMO-2026-Q4-wide-v1");
    let release = verify(&published.dir, &ward.key()).unwrap();
    let shape = |table: &crate::release::ReleasedTable| (table.note().name.clone(), table.cells().len());
    let shapes: Vec<_> = release.tables().iter().map(shape).collect();
    assert_eq!(shapes, [("severity".into(), 6), ("media".into(), 12), ("screened".into(), 5)]);
    let manifest = release.manifest();
    assert_eq!((manifest.epsilon_nano, manifest.epsilon_cap_nano, manifest.units.len()), (ONE, 2 * ONE, 1));
    assert!(
        manifest.group_figure.contains("a case with any number of items: up to 5."),
        "{}",
        manifest.group_figure
    );
    assert!(manifest.tables[0].neighbours.contains("The L1 sensitivity is 2"));
    assert!(manifest.denominator.starts_with("Table screened"));
    ward.publish(2).unwrap();
    let spent = |account: &crate::release::Account| {
        account.budgets.iter().map(|b| format!("{} {}", b.period, b.spent_nano / ONE)).collect::<Vec<_>>()
    };
    assert_eq!(spent(&account(&ward.home).unwrap()), ["2026 2", "2026-10 2", "2026-11 1", "2026-12 1"]);
}

#[test]
fn a_correction_is_paid_for_again_and_supersedes() {
    let ward = Ward::without_plan();
    ward.register(date(2026, 9, 15), &COARSE.replace("epsilon = \"1\"", "epsilon = \"1\"\ncap = \"2\""));
    let revise = |counts: &dyn Fn(Option<u32>) -> Counted, seed| {
        ward.publish_on(date(2026, 11, 3), "coarse", october(), true, seed, counts)
    };
    let early = revise(&never, 1).unwrap_err().to_string();
    assert!(early.contains("nothing to revise"), "{early}");
    let first = ward.publish(1).unwrap();
    let second = revise(&|_| ward.counted(cube(media::VIDEO, channel::BULK)), 2).unwrap();
    assert_eq!((second.release_id.as_str(), second.already), ("DEMO-2026-10-coarse-v2", false));
    let manifest = verify(&second.dir, &ward.key()).unwrap().manifest().clone();
    assert_eq!((manifest.revision, manifest.supersedes), (2, first.release_id));
    assert!(manifest.caveats.iter().any(|caveat| caveat.contains("This is a correction")));
    assert!(first.dir.exists(), "what was published stays");
    // Without --revise, the latest is given back.
    let again = ward.publish_counts(3, never).unwrap();
    assert_eq!((again.release_id.as_str(), again.already), ("DEMO-2026-10-coarse-v2", true));
    let refused = revise(&|_| ward.counted(cube(media::VIDEO, channel::BULK)), 4).unwrap_err().to_string();
    assert!(refused.contains("spent epsilon 2, asked 1, cap 2"), "{refused}");
    assert_eq!(
        account(&ward.home).unwrap().charges.iter().map(|charge| charge.revision).collect::<Vec<_>>(),
        [1, 2]
    );
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
        "UPDATE release_finished SET public_key = ''",
        "DELETE FROM release_file",
        "UPDATE release_file SET bytes = x'00'",
        "DELETE FROM release_placed",
        "UPDATE release_plan SET applies_from = '2020-01'",
        "INSERT INTO release_charge SELECT 99, 99, scope, period, plan, revision, '', 1, '' FROM release_charge",
    ] {
        assert!(connection.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn a_ledger_of_an_earlier_build_goes_if_it_is_empty_and_is_never_forgotten() {
    const OLD: &str = "
        CREATE TABLE release_plan (id INTEGER PRIMARY KEY, name TEXT, digest TEXT, text TEXT, registered_on TEXT,
                                   applies_from TEXT);
        CREATE TABLE release_budget (scope TEXT, period TEXT, cap_nano INTEGER, spent_nano INTEGER,
                                     PRIMARY KEY (scope, period));
        CREATE TABLE release_charge (id INTEGER PRIMARY KEY, scope TEXT, period TEXT, table_name TEXT,
                                     FOREIGN KEY (scope, period) REFERENCES release_budget (scope, period));
        CREATE TABLE release_finished (id INTEGER PRIMARY KEY, charge INTEGER REFERENCES release_charge (id));
        CREATE TRIGGER release_plan_stays BEFORE DELETE ON release_plan
        BEGIN SELECT RAISE(ABORT, 'a registered plan is final'); END;
        INSERT INTO release_plan VALUES (1, 'coarse', '', 'schema = 1', '2026-01-01', '2026-02');";
    let ward = Ward::without_plan();
    drop(ward.home.database(OLD).unwrap());
    assert!(account(&ward.home).unwrap().charges.is_empty());
    ward.register(date(2026, 9, 15), COARSE);
    assert!(ward.publish(1).is_ok());

    let ward = Ward::without_plan();
    let connection = ward.home.database(OLD).unwrap();
    connection
        .execute_batch(
            "INSERT INTO release_budget VALUES ('home', '2026-03', 1, 1);
                        INSERT INTO release_charge VALUES (1, 'home', '2026-03', 'items');",
        )
        .unwrap();
    let refused = account(&ward.home).unwrap_err().to_string();
    assert!(refused.contains("1 charges") && refused.contains("new home"), "{refused}");
    let kept: i64 =
        connection.query_row("SELECT count(*) FROM release_charge", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 1);
}

/// Stops the work at every point where it can be stopped, and takes it up again.
#[test]
fn every_interruption_is_recovered_and_nothing_is_public_that_was_not_charged() {
    let mut stops = 0;
    loop {
        let ward = Ward::new();
        let config = Config::default();
        let clock = ward.clock(PUBLISHED_ON);
        let request = request(clock, october(), &config);
        let mut passed = Vec::new();
        let mut stop = |step| {
            passed.push(step);
            if passed.len() > stops { Err(ReleaseError::Stopped) } else { Ok(()) }
        };
        let rng = &mut StdRng::seed_from_u64(1);
        let outcome = publish_in_steps(&ward.home, &request, counts(&ward), rng, &mut stop);
        let charges = account(&ward.home).unwrap().charges;
        let public = ward.home.public_dir();
        let is_release = |name: &std::ffi::OsStr| name != PUBLIC_KEY_FILE && name != log::LOG_DIR;
        let something_public =
            fs::read_dir(&public).unwrap().any(|entry| is_release(&entry.unwrap().file_name()));
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
        let stored = Ledger::open(&ward.home).unwrap().finished(october(), "coarse", 1).unwrap();
        assert_eq!(stored.is_some(), passed.contains(&Step::Final), "{passed:?}");
        // Who asks for a correction gets what was interrupted, and pays nothing more.
        let revise = stops % 2 == 1 && passed.contains(&Step::Charged);
        let again = |counts: &dyn Fn(Option<u32>) -> Counted| {
            ward.publish_on(PUBLISHED_ON, "coarse", october(), revise, 2, counts).unwrap()
        };
        let published = match stored {
            Some(stored) => {
                let published = again(&never);
                assert_eq!(bytes(&dir).len(), stored.files.len());
                for (name, bytes) in &stored.files {
                    assert_eq!(fs::read(dir.join(name)).unwrap(), *bytes, "{name}");
                }
                published
            }
            None => again(&|_| ward.counted(cube(media::IMAGE, channel::BULK))),
        };
        assert!(verify(&published.dir, &ward.key()).is_ok(), "{passed:?}");
        let account = account(&ward.home).unwrap();
        assert_eq!((account.charges.len(), account.budgets[1].spent_nano), (1, ONE), "{passed:?}");
        let hidden = fs::read_dir(&public)
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'));
        assert_eq!(hidden.count(), 0, "{passed:?}");
        stops += 1;
    }
    assert_eq!(stops, 11, "counted, charged, drawn, final, key, four files, renamed, log");
}

#[test]
fn a_tally_that_cannot_be_read_costs_nothing() {
    let ward = Ward::new();
    let config = Config::default();
    let clock = ward.clock(PUBLISHED_ON);
    let request = request(clock, october(), &config);
    let broken = |_| Err::<(Sensitive<Cube>, PeriodFacts), _>(std::io::Error::other("not sealed"));
    let rng = &mut StdRng::seed_from_u64(1);
    let error = publish(&ward.home, &ward.home.lock().unwrap(), &request, broken, rng).unwrap_err();
    assert_eq!(error.to_string(), "the counts could not be read: not sealed");
    assert!(account(&ward.home).unwrap().charges.is_empty());
}

#[test]
fn another_signing_key_is_refused_before_anything_is_charged() {
    let ward = Ward::new();
    ward.publish(1).unwrap();
    fs::write(ward.home.root().join("keys/signing.key"), [9; 32]).unwrap();
    fs::remove_file(ward.home.public_dir().join(PUBLIC_KEY_FILE)).unwrap();
    let november = "2026-11".parse().unwrap();
    let error = ward.publish_on(date(2026, 12, 1), "coarse", november, false, 1, never).unwrap_err();
    assert!(matches!(error, ReleaseError::KeyChanged { .. }), "{error}");
    assert_eq!(account(&ward.home).unwrap().charges.len(), 1);
    assert!(ward.publish(1).unwrap().already, "what is final needs no key");
}

/// Two wards whose items differ in everything that the table does not count publish the same bytes.
#[test]
fn what_the_table_does_not_count_does_not_show() {
    let publish = |media, channel| {
        let ward = Ward::new();
        bytes(&ward.publish_counts(5, |_| ward.counted(cube(media, channel))).unwrap().dir)
    };
    let upload = Dimension::Channel.code("UPLOAD").unwrap();
    assert_eq!(publish(media::IMAGE, channel::BULK), publish(media::VIDEO, upload));
}

#[test]
fn number_and_order_of_rows_do_not_depend_on_the_counts() {
    let keys = |cube: Cube| -> Vec<String> {
        let ward = Ward::new();
        let dir = ward.publish_counts(5, |_| ward.counted(cube)).unwrap().dir;
        let text = fs::read_to_string(dir.join("items.csv")).unwrap();
        text.lines().map(|line| line.split(',').take(20).collect::<Vec<_>>().join(",")).collect()
    };
    let (full, empty) = (keys(cube(media::IMAGE, channel::BULK)), keys(Cube::default()));
    assert_eq!(full, empty);
    assert_eq!(full.len(), 1 + Plan::coarse().tables()[0].domain().cells().len());
}

#[test]
fn a_class_of_short_lists_is_not_named_in_lists_breaks_and_tables() {
    let mut ward = Ward::new();
    let class = |text| Dimension::ListClass.code(text).unwrap();
    let facts = |text, revised: &str, active_entries| ListInUse {
        list_class: class(text),
        revised: revised.parse().unwrap(),
        active_entries,
    };
    ward.facts.lists = vec![
        facts("OWN", "2026-10", 999),
        facts("INDUSTRY", "2026-08", 600),
        facts("NATIONAL", "2026-09", 1000),
        facts("INDUSTRY", "2026-07", 400),
        ListInUse { list_class: list_class::NOT_APPLICABLE, ..facts("OWN", "2026-01", 5000) },
    ];
    let own = |within| Break { cause: BreakCause::Lists(class("OWN")), within };
    let national = Break { cause: BreakCause::Lists(class("NATIONAL")), within: false };
    ward.facts.breaks =
        vec![own(true), national, own(true), Break { cause: BreakCause::Program, within: true }];
    let published = ward.publish_counts(1, |_| ward.counted(Cube::default())).unwrap();
    let manifest = verify(&published.dir, &ward.key()).unwrap().manifest().clone();
    let notes: Vec<_> =
        manifest.lists.iter().map(|l| (l.list_class.as_str(), l.revised.to_string())).collect();
    let expected = [("NATIONAL", "2026-09"), ("INDUSTRY", "2026-08"), ("_U", "2026-10")];
    assert_eq!(notes, expected.map(|(class, month)| (class, month.to_owned())));
    let breaks: Vec<_> =
        manifest.breaks.iter().map(|found| (found.list_class.as_str(), found.within)).collect();
    assert_eq!(breaks, [("NATIONAL", false), ("_U", true), ("_Z", true)]);
}

#[test]
fn a_configured_text_that_could_not_be_published_is_refused_before_the_charge() {
    let ward = Ward::new();
    let clock = ward.clock(PUBLISHED_ON);
    let long = Config { organisation: "x".repeat(501), ..Config::default() };
    let hidden = Config { purpose: "to inform\u{7}".into(), ..Config::default() };
    let demo = Config { organisation: "DEMO: x".into(), ..Config::default() };
    let turned = Config { contact: "a\u{202e}b".into(), ..Config::default() };
    for (config, word) in [
        (long, "organisation in innerward.toml"),
        (hidden, "purpose in innerward.toml"),
        (demo, "organisation in innerward.toml begins with"),
        (turned, "contact in innerward.toml"),
    ] {
        let request = request(clock, october(), &config);
        let rng = &mut StdRng::seed_from_u64(1);
        let error =
            publish(&ward.home, &ward.home.lock().unwrap(), &request, counts(&ward), rng).unwrap_err();
        assert!(error.to_string().starts_with(word), "{error}");
    }
    assert!(account(&ward.home).unwrap().charges.is_empty());
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
    assert!(text.contains("5 items of one person: up to 5;"), "{text}");
    assert!(
        text.contains("12 months of a year: up to 12.")
            && text.contains("at 2: up to 2; at all g organisations"),
        "{text}"
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
