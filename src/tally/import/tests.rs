//! What imports promise: golden counts made by hand, once and not twice, late rows, revisions, and one unit less is one count
//! less.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::home::Home;
use crate::tally::tests::{home, open, period};
use crate::tally::{Tally, TallyError};
use crate::vocabulary::{Code, Dimension, Indicator, Period, PeriodKind};

fn fixture(name: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/case-system/");
    std::fs::read_to_string(format!("{path}{name}")).unwrap()
}

fn parsed(map: &str, text: &str) -> (Parsed, Vec<(u64, BadRow)>) {
    let map: Map = map.parse().unwrap();
    let mut bad = Vec::new();
    let parsed =
        Parsed::read(&map, text.as_bytes(), period("2026-11"), &mut |line, cause| bad.push((line, cause)));
    (parsed.unwrap(), bad)
}

/// In November, on time.
fn now() -> How {
    How { today: period("2026-11"), late: false, rehearse: false }
}

fn import(home: &Home, parsed: &Parsed, how: How) -> BTreeMap<Period, Imported> {
    let (mut tally, lock) = open(home);
    tally.import(&lock, parsed, how).unwrap().show_locally().clone()
}

/// What an indicator counts, by these dimensions, in words.
fn by(home: &Home, of: &str, indicator: Indicator, dimensions: &[Dimension]) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let cube = Tally::open(home).unwrap().cube(period(of), None).unwrap();
    for (cell, number) in cube.show_locally().of(indicator) {
        let words: Vec<&str> =
            dimensions.iter().map(|dimension| cell.code(*dimension).unwrap()).map(Code::as_str).collect();
        *counts.entry(words.join(" ")).or_default() += number;
    }
    counts.into_iter().collect()
}

fn total(home: &Home, of: &str, indicator: Indicator) -> u64 {
    Tally::open(home).unwrap().cube(period(of), None).unwrap().show_locally().total(indicator)
}

fn words(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(words, number)| ((*words).to_owned(), *number)).collect()
}

#[test]
fn reports_are_counted_once_by_their_most_severe_row() {
    let (_dir, home) = home();
    let (reports, bad) = parsed(&fixture("reports.toml"), &fixture("reports.csv"));
    let lines: Vec<u64> = bad.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [9, 10, 11]);
    assert_eq!(
        bad.iter().map(|bad| bad.1).collect::<Vec<_>>(),
        [BadRow::Date, BadRow::Id, BadRow::Fields { expected: 10, found: 5 }]
    );
    let read = reports.summary();
    assert_eq!((read.rows, read.bad_rows, read.dropped_columns), (10, 3, 2));
    // "neighbour", "something else" and the country XX are not in the map; "11-13" says nothing of the maturity.
    let dimensions = [Dimension::Maturity, Dimension::Harm, Dimension::Source, Dimension::Area];
    let unmapped: BTreeMap<Dimension, u64> = read.unmapped.iter().copied().collect();
    assert_eq!(unmapped, dimensions.map(|dimension| (dimension, 1)).into());
    let told = import(&home, &reports, now());
    let [october, november] = ["2026-10", "2026-11"].map(|month| told[&period(month)]);
    assert_eq!((october.new, october.changed, october.same), (5, 0, 1));
    assert_eq!((november.new, november.changed, november.same), (1, 0, 0));
    let dimensions =
        [Dimension::Severity, Dimension::Maturity, Dimension::Area, Dimension::Harm, Dimension::Source];
    assert_eq!(
        by(&home, "2026-10", Indicator::Reports, &dimensions),
        words(&[
            ("SEV_A PREPUB NL CSAM LEA", 1),
            ("SEV_A PREPUB NL CSAM PUBLIC", 1),
            ("SEV_B _U DE CSAM HOTLINE", 1),
            ("SEV_N _U DE OTHER _U", 1),
            ("SEV_U PUB _U GROOMING PUBLIC", 1),
        ])
    );
    let others = [Indicator::ItemsScanned, Indicator::Urls, Indicator::Reviewed];
    assert!(others.iter().all(|one| total(&home, "2026-10", *one) == 0), "reports are no items");
}

#[test]
fn addresses_are_one_unit_in_any_spelling_and_removed_if_any_row_says_so() {
    let (_dir, home) = home();
    let (urls, bad) = parsed(&fixture("urls.toml"), &fixture("urls.jsonl"));
    assert_eq!(bad, [(5, BadRow::Id), (6, BadRow::Json)]);
    import(&home, &urls, now());
    let dimensions = [Dimension::Site, Dimension::Area, Dimension::AreaRole];
    let all = words(&[("FORUM DE HOSTING", 1), ("IMAGE_HOST NL HOSTING", 1), ("OTHER _U HOSTING", 1)]);
    assert_eq!(by(&home, "2026-10", Indicator::Urls, &dimensions), all);
    assert_eq!(by(&home, "2026-10", Indicator::Removed, &dimensions), all[..2]);
}

#[test]
fn items_that_were_not_screened_are_counted_as_reviewed_alone() {
    let (_dir, home) = home();
    let (items, bad) = parsed(&fixture("items.toml"), &fixture("items.csv"));
    assert_eq!(bad, []);
    import(&home, &items, now());
    let severity = |indicator| by(&home, "2026-10", indicator, &[Dimension::Severity, Dimension::Media]);
    assert_eq!(
        severity(Indicator::Reviewed),
        words(&[("SEV_A IMAGE", 1), ("SEV_C IMAGE", 1), ("SEV_U IMAGE", 1)])
    );
    assert_eq!(severity(Indicator::Confirmed), words(&[("SEV_A IMAGE", 1)]));
    assert_eq!(severity(Indicator::Overturned), words(&[("SEV_U IMAGE", 1)]));
    assert_eq!(total(&home, "2026-10", Indicator::ItemsScanned), 0);
    let with_verdict = format!("{}\n[dimensions.verdict]\nconstant = \"KNOWN\"\n", fixture("items.toml"));
    let (items, _) = parsed(&with_verdict, &fixture("items.csv"));
    import(&home, &items, now());
    assert_eq!(total(&home, "2026-10", Indicator::MatchItems), 4);
    assert_eq!(total(&home, "2026-10", Indicator::Reviewed), 3);
    let (tally, _lock) = open(&home);
    let capped = tally.cube(period("2026-10"), Some(1)).unwrap();
    assert_eq!(capped.show_locally().total(Indicator::MatchItems), 2, "two cases");
}

#[test]
fn the_same_file_again_changes_nothing_and_a_rehearsal_neither() {
    let (_dir, home) = home();
    let (reports, _) = parsed(&fixture("reports.toml"), &fixture("reports.csv"));
    let rehearsed = import(&home, &reports, How { rehearse: true, ..now() });
    assert_eq!(Tally::open(&home).unwrap().periods().unwrap(), []);
    assert!(home.known_secret_key("tally-2026-10").unwrap().is_none(), "not even a key is made");
    assert_eq!(import(&home, &reports, now()), rehearsed);
    let all = [Dimension::Severity, Dimension::AgeBand];
    let before = by(&home, "2026-10", Indicator::Reports, &all);
    let again = import(&home, &reports, now())[&period("2026-10")];
    assert_eq!((again.new, again.changed, again.same), (0, 0, 6));
    assert_eq!(by(&home, "2026-10", Indicator::Reports, &all), before);
    let rehearsed = import(&home, &reports, How { rehearse: true, ..now() })[&period("2026-10")];
    assert_eq!((rehearsed.new, rehearsed.same), (0, 6));
}

#[test]
fn rows_of_a_sealed_period_are_left_out_or_counted_late_once() {
    let (_dir, home) = home();
    let (reports, _) = parsed(&fixture("reports.toml"), &fixture("reports.csv"));
    {
        let (mut tally, lock) = open(&home);
        tally.keep(&lock, PeriodKind::Quarter, period("2026-Q4")).unwrap();
        tally.seal(&lock, period("2026-10"), &[]).unwrap();
    }
    let told = import(&home, &reports, now());
    assert_eq!(told[&period("2026-10")].too_late, 6);
    assert_eq!(told[&period("2026-Q4")].new, 6, "the quarter is not sealed, and takes them");
    let counts = |of| total(&home, of, Indicator::Reports);
    assert_eq!((counts("2026-10"), counts("2026-11"), counts("2026-Q4")), (0, 1, 6));
    for _ in 0..2 {
        let told = import(&home, &reports, How { late: true, ..now() });
        assert_eq!((told[&period("2026-11")].late, told[&period("2026-10")].too_late), (6, 6));
        assert_eq!((counts("2026-10"), counts("2026-11"), counts("2026-Q4")), (0, 6, 6));
    }
    let about = Tally::open(&home).unwrap().about(period("2026-10")).unwrap().unwrap();
    let told = about.told.show_locally();
    assert!(told.iter().any(|(of, what, rows)| *of == "reports" && what.contains("too late") && *rows == 6));
}

#[test]
fn a_sealed_period_is_revised_unit_by_unit() {
    let (_dir, home) = home();
    let (reports, _) = parsed(&fixture("reports.toml"), &fixture("reports.csv"));
    let (urls, _) = parsed(&fixture("urls.toml"), &fixture("urls.jsonl"));
    let (items, _) = parsed(&fixture("items.toml"), &fixture("items.csv"));
    for parsed in [&reports, &urls, &items] {
        import(&home, parsed, now());
    }
    let october = period("2026-10");
    let (mut tally, lock) = open(&home);
    assert!(matches!(tally.revise(&lock, &reports, october, false), Err(TallyError::NotSealed(_))));
    tally.seal(&lock, october, &[5]).unwrap();
    let fewer: String = fixture("reports.csv")
        .lines()
        .filter(|line| !line.starts_with("R-2"))
        .map(|line| format!("{line}\n"))
        .collect();
    let (fewer, _) = parsed(&fixture("reports.toml"), &fewer);
    let revised = Revised { before: 5, now: 4, outside: 1 };
    assert_eq!(*tally.revise(&lock, &fewer, october, true).unwrap().show_locally(), revised);
    assert_eq!(total(&home, "2026-10", Indicator::Reports), 5, "rehearsed");
    assert_eq!(*tally.revise(&lock, &fewer, october, false).unwrap().show_locally(), revised);
    assert_eq!(total(&home, "2026-10", Indicator::Reports), 4);
    let capped = tally.cube(october, Some(5)).unwrap();
    let capped = capped.show_locally();
    let of = [Indicator::Reports, Indicator::Urls, Indicator::Reviewed].map(|one| capped.total(one));
    assert_eq!(of, [4, 3, 3], "nothing else changes, and a cap on items holds for items alone");
    assert!(matches!(tally.revise(&lock, &items, october, false), Err(TallyError::RevisedCap(_))));
}

const SMALL: &str =
    "unit = \"report\"\nid = \"no\"\ndate = \"day\"\n[dimensions.severity]\ncolumn = \"cat\"\nas_is = true\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever the rows, late or not: one report less, with all its rows, is one count less in each of its periods.
    #[test]
    fn one_report_less_is_one_count_less(
        rows in prop::collection::vec((0..6_u8, 0..3_usize, 0..4_usize), 1..30),
        gone in 0..6_u8,
        sealed in any::<bool>(),
        late in any::<bool>(),
    ) {
        const DAYS: [&str; 3] = ["2026-09-01", "2026-10-02", "2026-11-03"];
        const CODES: [&str; 4] = ["SEV_A", "SEV_B", "SEV_C", "x"];
        let counts = |rows: &[(u8, usize, usize)]| {
            let (_dir, home) = home();
            let (mut tally, lock) = open(&home);
            tally.connection.pragma_update(None, "synchronous", "off").unwrap();
            tally.keep(&lock, PeriodKind::Quarter, period("2026-Q4")).unwrap();
            if sealed {
                tally.seal(&lock, period("2026-10"), &[]).unwrap();
            }
            let rows = rows.iter().map(|(no, day, code)| format!("R{no},{},{}\n", DAYS[*day], CODES[*code]));
            let (parsed, bad) = parsed(SMALL, &format!("no,day,cat\n{}", rows.collect::<String>()));
            assert!(bad.is_empty());
            tally.import(&lock, &parsed, How { late, ..now() }).unwrap();
            let of = |text: &str| {
                let cube = tally.cube(period(text), None).unwrap();
                cube.show_locally().of(Indicator::Reports).collect::<BTreeMap<_, _>>()
            };
            ["2026-09", "2026-10", "2026-11", "2026-Q4"].map(of)
        };
        let less: Vec<_> = rows.iter().copied().filter(|(no, ..)| *no != gone).collect();
        for (with, without) in counts(&rows).iter().zip(counts(&less)) {
            let by: u64 = with.values().sum::<u64>() - without.values().sum::<u64>();
            let changed = with.iter().filter(|(cell, number)| without.get(cell) != Some(number)).count();
            prop_assert!(by <= 1 && changed as u64 == by, "{by} {changed}");
            prop_assert!(without.iter().all(|(cell, number)| with.get(cell).is_some_and(|with| with >= number)));
        }
    }

    /// No bytes make it panic, and what is read is bounded by what there is.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), lines in any::<bool>()) {
        let map: Map = SMALL.parse().unwrap();
        let mut text = if lines { b"{\"no\":1,".to_vec() } else { b"no,day,cat\n".to_vec() };
        text.extend(&bytes);
        let mut bad = 0;
        if let Ok(parsed) = Parsed::read(&map, &text[..], period("2026-11"), &mut |_, _| bad += 1) {
            prop_assert_eq!(parsed.summary().bad_rows, bad);
            prop_assert!(parsed.summary().rows <= bytes.len() as u64 + 1);
        }
    }
}
