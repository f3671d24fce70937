//! What the tally promises, by small examples.

use super::*;
use crate::home::{Home, TallyLock};
use crate::vocabulary::{Code, Dimension, Indicator, Period, PeriodKind, channel, media, outcome, verdict};

fn cell(verdict: Code, severity: &str) -> Cell {
    let severity = Dimension::Severity.code(severity).unwrap();
    [verdict, severity, media::IMAGE, channel::BULK].into_iter().fold(Cell::blank(), Cell::with)
}

pub(super) fn home() -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), false).unwrap();
    (dir, home)
}

pub(super) fn open(home: &Home) -> (Tally<'_>, TallyLock) {
    (Tally::open(home).unwrap(), home.lock_tally().unwrap())
}

pub(super) fn period(text: &str) -> Period {
    text.parse().unwrap()
}

fn record(home: &Home, month: &str, sightings: &[Sighting]) -> Result<(), TallyError> {
    let (mut tally, lock) = open(home);
    tally.record(&lock, period(month), sightings)
}

fn of(home: &Home, text: &str, indicator: Indicator) -> Vec<(Cell, u64)> {
    Tally::open(home).unwrap().cube(period(text), None).unwrap().show_locally().of(indicator).collect()
}

fn counts(home: &Home, text: &str) -> Vec<(Cell, u64)> {
    of(home, text, Indicator::ItemsScanned)
}

fn unknown(content: u8) -> Sighting {
    Sighting {
        content: ItemId::of_bytes(&[content; 32]),
        entry: None,
        cell: cell(verdict::UNKNOWN, "_Z"),
        watched: false,
        case: None,
    }
}

fn matched(content: u8, key: &str, cell: Cell) -> Sighting {
    Sighting { entry: Some(ItemId::of_entry("DEMO", key)), cell, ..unknown(content) }
}

fn judged(key: &str, outcome: Code, facets: &[&str]) -> Judgement {
    let facets = facets.iter().map(|text| text.parse().unwrap()).collect();
    Judgement { item: ItemId::of_entry("DEMO", key), outcome, facets }
}

#[test]
fn an_item_is_one_item_and_its_cell_does_not_depend_on_the_order() {
    let mut sightings = [
        matched(1, "1", cell(verdict::NEAR, "SEV_B")),
        matched(2, "1", cell(verdict::KNOWN, "SEV_C")),
        matched(3, "1", cell(verdict::KNOWN, "SEV_B")),
        unknown(7),
    ];
    for turn in 0..sightings.len() {
        sightings.rotate_left(turn);
        let (_dir, home) = home();
        for _ in 0..3 {
            record(&home, "2026-10", &sightings).unwrap();
        }
        let expected = [(cell(verdict::KNOWN, "SEV_B"), 1), (cell(verdict::UNKNOWN, "_Z"), 1)];
        assert_eq!(counts(&home, "2026-10"), expected);
        let matches = of(&home, "2026-10", Indicator::MatchItems);
        assert_eq!(matches, expected[..1]);
    }
}

#[test]
fn one_content_is_one_item_whatever_the_lists_say_in_the_month() {
    let states = [
        unknown(1),
        matched(1, "A", cell(verdict::KNOWN, "SEV_A")),
        matched(1, "B", cell(verdict::NEAR, "SEV_C")),
        matched(1, "good", cell(verdict::IGNORED, "_Z")),
    ];
    for first in 0..states.len() {
        for second in 0..states.len() {
            for third in 0..states.len() {
                let (_dir, home) = home();
                for state in [first, second, third] {
                    record(&home, "2026-10", &[states[state]]).unwrap();
                }
                let total: u64 = counts(&home, "2026-10").iter().map(|count| count.1).sum();
                assert_eq!(total, 1, "states {first}, {second}, {third}");
            }
        }
    }
}

#[test]
fn other_contents_of_an_entry_stay_when_one_moves_to_it() {
    let (_dir, home) = home();
    record(&home, "2026-10", &[unknown(1), unknown(2)]).unwrap();
    record(&home, "2026-10", &[matched(1, "A", cell(verdict::NEAR, "SEV_A"))]).unwrap();
    assert_eq!(
        counts(&home, "2026-10"),
        [(cell(verdict::NEAR, "SEV_A"), 1), (cell(verdict::UNKNOWN, "_Z"), 1)]
    );
}

#[test]
fn a_lost_key_and_a_sealed_month_are_refused() {
    let (_dir, home) = home();
    record(&home, "2026-10", &[unknown(1)]).unwrap();
    let key = home.root().join("keys/tally-2026-10.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    assert!(matches!(record(&home, "2026-10", &[unknown(1)]), Err(TallyError::Key(_))));
    std::fs::write(&key, kept).unwrap();
    record(&home, "2026-10", &[unknown(1)]).unwrap();
    let (mut tally, lock) = open(&home);
    assert!(tally.seal(&lock, period("2026-10"), &[]).unwrap());
    assert!(tally.seal(&lock, period("2026-10"), &[]).unwrap(), "once more is nothing");
    drop((tally, lock));
    for refused in [
        record(&home, "2026-10", &[unknown(2)]),
        Tally::open(&home).unwrap().decide(
            &home.lock_tally().unwrap(),
            period("2026-10"),
            &[judged("A", outcome::CONFIRMED, &[])],
        ),
    ] {
        assert!(matches!(refused, Err(TallyError::Closed(_))));
    }
    assert_eq!(counts(&home, "2026-10").len(), 1);
    assert!(!key.exists(), "the key is gone, and is not made again");
    // Killed before the key was gone: the next one that seals, whatever it seals, deletes it.
    std::fs::write(&key, [0; 32]).unwrap();
    let (mut tally, lock) = open(&home);
    tally.seal(&lock, period("2026-09"), &[]).unwrap();
    assert!(!key.exists());
}

#[test]
fn a_sealed_period_holds_counts_and_no_trace_of_a_pseudonym() {
    let (_dir, home) = home();
    let seen: Vec<Sighting> = (0..200).map(unknown).collect();
    let with_case =
        |sighting: &Sighting| Sighting { case: CaseId::of("case 17"), watched: true, ..*sighting };
    let cased: Vec<Sighting> = seen.iter().map(with_case).collect();
    for chunk in cased.chunks(20) {
        record(&home, "2026-10", chunk).unwrap();
    }
    let mut more = cased.clone();
    more.push(Sighting { case: CaseId::of("case 17"), ..matched(201, "A", cell(verdict::KNOWN, "SEV_A")) });
    record(&home, "2026-10", &more).unwrap();
    let key: [u8; 32] = home.known_secret_key("tally-2026-10").unwrap().unwrap();
    let names = ids::Pseudonyms::under(&key);
    let mut canaries: Vec<Vec<u8>> = seen.iter().map(|one| names.item(one.content).to_vec()).collect();
    canaries.push(names.case(CaseId::of("case 17").unwrap()).to_vec());
    canaries.push(names.item(ItemId::of_entry("DEMO", "A")).to_vec());
    canaries.push(key.to_vec());
    let found = |canary: &[u8]| {
        walkdir::WalkDir::new(home.root()).into_iter().any(|entry| {
            let path = entry.unwrap().into_path();
            path.is_file() && memchr::memmem::find(&std::fs::read(path).unwrap(), canary).is_some()
        })
    };
    assert!(canaries.iter().all(|canary| found(canary)), "they are there, or this test cannot fail");
    let (mut tally, lock) = open(&home);
    assert!(tally.seal(&lock, period("2026-10"), &[5, 100]).unwrap());
    assert!(!canaries.iter().any(|canary| found(canary)));
    let total = |cap| {
        tally.cube(period("2026-10"), cap).map(|cube| cube.show_locally().total(Indicator::ItemsScanned))
    };
    assert_eq!((total(None).unwrap(), total(Some(5)).unwrap(), total(Some(100)).unwrap()), (201, 5, 100));
    assert!(matches!(total(Some(7)), Err(TallyError::NotCapped { cap: 7, .. })));
    assert_eq!(*tally.watched(period("2026-10")).unwrap().show_locally(), 200);
    let about = tally.about(period("2026-10")).unwrap().unwrap();
    assert!(about.sealed && about.cased && about.caps == [5, 100]);
}

#[test]
fn a_cap_needs_the_case_of_every_item() {
    let (_dir, home) = home();
    record(&home, "2026-10", &[Sighting { case: CaseId::of("1"), ..unknown(1) }]).unwrap();
    let (mut tally, lock) = open(&home);
    assert!(tally.cube(period("2026-10"), Some(5)).is_ok());
    tally.record(&lock, period("2026-10"), &[unknown(1)]).unwrap();
    assert!(matches!(tally.cube(period("2026-10"), Some(5)), Err(TallyError::NoCase(_))));
    assert!(matches!(tally.seal(&lock, period("2026-10"), &[5]), Err(TallyError::NoCase(_))));
    assert!(!tally.is_sealed(period("2026-10")).unwrap(), "nothing is sealed then");
    // What was only decided on has no case, and is not counted under a cap.
    let judgement = judged("other", outcome::CONFIRMED, &[]);
    tally.decide(&lock, period("2026-11"), &[judgement]).unwrap();
    let reviewed =
        |cap| tally.cube(period("2026-11"), cap).unwrap().show_locally().total(Indicator::Reviewed);
    assert_eq!((reviewed(None), reviewed(Some(5))), (1, 0));
}

#[test]
fn a_period_that_nobody_counted_in_is_sealed_empty_and_without_a_key() {
    let (_dir, home) = home();
    let (mut tally, lock) = open(&home);
    assert!(tally.seal(&lock, period("2026-10"), &[5]).unwrap());
    assert!(tally.is_sealed(period("2026-10")).unwrap());
    assert_eq!(tally.cube(period("2026-10"), Some(5)).unwrap().show_locally().indicators().count(), 0);
    assert!(home.known_secret_key("tally-2026-10").unwrap().is_none());
    assert!(matches!(tally.record(&lock, period("2026-10"), &[unknown(1)]), Err(TallyError::Closed(_))));
}

#[test]
fn periods_are_apart_and_share_no_pseudonym() {
    let (_dir, home) = home();
    let (mut tally, lock) = open(&home);
    tally.record(&lock, period("2026-09"), &[unknown(7)]).unwrap();
    tally.keep(&lock, PeriodKind::Quarter, period("2026-Q4")).unwrap();
    tally.keep(&lock, PeriodKind::Year, period("2027")).unwrap();
    for month in ["2026-10", "2026-11"] {
        tally.record(&lock, period(month), &[unknown(7)]).unwrap();
    }
    let distinct = "SELECT count(DISTINCT pseudonym) FROM tally_rows";
    let distinct: i64 = tally.connection.query_row(distinct, [], |row| row.get(0)).unwrap();
    assert_eq!(distinct, 4);
    let expected = ["2026-09", "2026-10", "2026-Q4", "2026-11"].map(period);
    assert_eq!(tally.periods().unwrap(), expected);
    assert_eq!(counts(&home, "2026-Q4"), [(cell(verdict::UNKNOWN, "_Z"), 1)], "one item of the quarter");
    // What is in use stays in use from its first period on.
    tally.keep(&lock, PeriodKind::Quarter, period("2027-Q2")).unwrap();
    assert_eq!(tally.periods_with(period("2027-01")).unwrap(), ["2027-01", "2027-Q1", "2027"].map(period));
}

#[test]
fn the_latest_decision_of_a_period_holds_and_stands_over_what_was_seen() {
    let (_dir, home) = home();
    let seen = cell(verdict::NEAR, "SEV_C");
    record(&home, "2026-10", &[matched(1, "A", seen)]).unwrap();
    let (mut tally, lock) = open(&home);
    tally.keep(&lock, PeriodKind::Quarter, period("2026-Q4")).unwrap();
    let mut decide = |month: &str, judgement| tally.decide(&lock, period(month), &[judgement]).unwrap();
    decide("2026-10", judged("A", outcome::FALSE_POSITIVE, &[]));
    decide("2026-10", judged("A", outcome::CONFIRMED, &["severity:SEV_A", "age_band:Y7T10"]));
    // Seen in October, decided on in November: reviewed there too, and nothing else there.
    decide("2026-11", judged("A", outcome::UNCERTAIN, &["severity:SEV_B"]));
    let facets = ["severity:SEV_A", "age_band:Y7T10"].map(|text| text.parse().unwrap());
    let decided = facets.into_iter().fold(seen, Cell::with);
    assert_eq!(counts(&home, "2026-10"), [(seen, 1)]);
    assert_eq!(of(&home, "2026-10", Indicator::MatchItems), [(seen, 1)]);
    assert_eq!(of(&home, "2026-10", Indicator::Reviewed), [(decided, 1)]);
    assert_eq!(of(&home, "2026-10", Indicator::Confirmed), [(decided, 1)]);
    assert_eq!(of(&home, "2026-10", Indicator::Overturned), []);
    let unseen = Cell::unknown().with("severity:SEV_B".parse().unwrap());
    assert_eq!(of(&home, "2026-11", Indicator::Reviewed), [(unseen, 1)]);
    assert!(counts(&home, "2026-11").is_empty());
    let of_quarter = of(&home, "2026-Q4", Indicator::Reviewed);
    assert_eq!(
        of_quarter,
        [(unseen, 1)],
        "the quarter began after what was seen, and its latest decision holds"
    );
}

#[test]
fn watched_contents_are_counted_once_and_change_no_cell() {
    let sightings =
        [unknown(1), unknown(1), matched(2, "A", cell(verdict::KNOWN, "SEV_A")), unknown(3), unknown(4)];
    let counted = |watched: &[u8]| {
        let (_dir, home) = home();
        let seen = |(n, sighting): (u8, &Sighting)| Sighting { watched: watched.contains(&n), ..*sighting };
        let seen: Vec<_> = (0..).zip(&sightings).map(seen).collect();
        record(&home, "2026-10", &seen).unwrap();
        record(&home, "2026-10", &seen).unwrap();
        let watched = Tally::open(&home).unwrap().watched(period("2026-10")).unwrap();
        (counts(&home, "2026-10"), *watched.show_locally())
    };
    let (cells, none) = counted(&[]);
    assert_eq!((cells.len(), none), (2, 0));
    assert_eq!(counted(&[0, 1, 2, 4]), (cells, 3));
}

#[test]
fn no_name_and_no_hash_is_stored() {
    let (_dir, home) = home();
    let blake3 = *blake3::hash(b"content").as_bytes();
    let content = ItemId::of_bytes(&blake3);
    let first = Sighting { content, watched: true, case: CaseId::of("SECRETCASE"), ..unknown(0) };
    let entry = Some(ItemId::of_entry("SECRETSET", "SECRETKEY"));
    let second = Sighting { entry, cell: cell(verdict::NEAR, "SEV_A"), ..first };
    record(&home, "2026-10", &[first, second]).unwrap();
    for path in walkdir::WalkDir::new(home.root()).into_iter().map(|entry| entry.unwrap().into_path()) {
        let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        for needle in [&b"SECRETSET"[..], b"SECRETKEY", b"SECRETCASE", &blake3[..8], &content.0[..8]] {
            assert!(memchr::memmem::find(&bytes, needle).is_none(), "{}", path.display());
        }
    }
}

/// The statements of version 0.1.0, to be measured against.
fn record_as_before(home: &Home, month: Period, batch: &[Sighting]) {
    use rusqlite::{OptionalExtension, params};
    let key = home.secret_key("before").unwrap();
    let names = ids::Pseudonyms::under(&key);
    let mut connection = home.database(include_str!("../../tests/it/old_tally.sql")).unwrap();
    let transaction = connection.transaction().unwrap();
    {
        let month = month.to_string();
        let prepare = |text| transaction.prepare(text).unwrap();
        let mut first = prepare("SELECT item FROM tally_contents WHERE period = ? AND content = ?");
        let mut remember = prepare("INSERT INTO tally_contents VALUES (?, ?, ?)");
        let mut forget = prepare("DELETE FROM tally_items WHERE period = ? AND pseudonym = ?");
        let mut find = prepare(
            "SELECT verdict, media, severity, list_class, channel FROM tally_items WHERE period = ? AND pseudonym = ?",
        );
        let mut put = prepare("INSERT OR REPLACE INTO tally_items VALUES (?, ?, ?, ?, ?, ?, ?)");
        for sighting in batch {
            let (content, entry) =
                (names.item(sighting.content), sighting.entry.map(|entry| names.item(entry)));
            let known: Option<[u8; 16]> =
                first.query_row(params![month, content], |row| row.get(0)).optional().unwrap();
            let item = known.or(entry).unwrap_or(content);
            if let (None, Some(entry)) = (known, entry) {
                remember.execute(params![month, content, entry]).unwrap();
                forget.execute(params![month, content]).unwrap();
            }
            let code = |dimension| sighting.cell.code(dimension).unwrap();
            let words = [
                Dimension::Verdict,
                Dimension::Media,
                Dimension::Severity,
                Dimension::ListClass,
                Dimension::Channel,
            ]
            .map(|dimension| code(dimension).as_str());
            let known = find.query_row(params![month, item], |row| {
                (0..5).map(|at| row.get::<_, String>(at)).collect::<Result<Vec<_>, _>>()
            });
            let known = known.optional().unwrap();
            if known.is_none_or(|known| {
                words.as_slice() < known.iter().map(String::as_str).collect::<Vec<_>>().as_slice()
            }) {
                let [verdict, media, severity, class, channel] = words;
                put.execute(params![month, item, verdict, media, severity, class, channel]).unwrap();
            }
        }
    }
    transaction.commit().unwrap();
}

/// Writes how long a million sightings take, with these tables and with those of version 0.1.0, to a file of the folder for
/// temporary files: `cargo test --lib a_million_sightings -- --ignored`.
#[test]
#[ignore = "a measurement"]
fn a_million_sightings() {
    const BATCH: usize = 1_000;
    let sighting = |n: usize| {
        let content = ItemId::of_bytes(blake3::hash(&n.to_le_bytes()).as_bytes());
        let entry = n.is_multiple_of(10).then(|| ItemId::of_entry("DEMO", &(n % 1000).to_string()));
        let severity = ["SEV_A", "SEV_B", "SEV_C", "SEV_U"][n / 10 % 4];
        let cell =
            if entry.is_some() { cell(verdict::KNOWN, severity) } else { cell(verdict::UNKNOWN, "_Z") };
        Sighting { content, entry, cell, watched: false, case: None }
    };
    let month = period("2026-10");
    let timed = |record: &mut dyn FnMut(&[Sighting])| {
        let (mut taken, mut batch) = (std::time::Duration::ZERO, Vec::new());
        for first in (0..1_000_000).step_by(BATCH) {
            batch.clear();
            batch.extend((first..first + BATCH).map(sighting));
            let start = std::time::Instant::now();
            record(&batch);
            taken += start.elapsed();
        }
        taken
    };
    let ((_dir, now), (_other, before)) = (home(), home());
    // One after the other and once more: the machine is shared, and may be busy at either time.
    let (mut tally, lock) = open(&now);
    let with = timed(&mut |batch| tally.record(&lock, month, batch).unwrap());
    let without = timed(&mut |batch| record_as_before(&before, month, batch));
    let again = timed(&mut |batch| tally.record(&lock, month, batch).unwrap());
    let total: u64 = counts(&now, "2026-10").iter().map(|count| count.1).sum();
    assert_eq!(total, 900_100);
    let report = format!("now {with:?}, 0.1.0 {without:?}, the same once more now {again:?}\n");
    std::fs::write(std::env::temp_dir().join("innerward-million.txt"), report).unwrap();
}
