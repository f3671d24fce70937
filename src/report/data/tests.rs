//! Series, sums and changes over releases that were made by hand.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::release::BreakNote;
use crate::release::sample::{Shape, sample};
use crate::vocabulary::{severity, verdict};

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

/// A release of `publisher` for `text`, with the noised values that `count` gives.
fn release(publisher: &str, text: &str, count: impl FnMut(&[Code]) -> u64) -> Release {
    let mut release = sample(Shape::Many, false, publisher).0.with_counts(count);
    release.rename(&format!("{text}-monthly-v1"));
    release.manifest_mut().period = period(text);
    release
}

fn flat(publisher: &str, text: &str, count: u64) -> Release {
    release(publisher, text, |_| count)
}

fn rows(releases: &[Release], query: &Query) -> Vec<TrendRow> {
    let releases: Vec<&Release> = releases.iter().collect();
    DataSet::of(&releases).trends(query).unwrap()
}

fn by(kind: PeriodKind) -> Query {
    Query { kind: Some(kind), ..Query::default() }
}

/// Discrete Laplace noise of epsilon 1, by the difference of two geometric draws.
fn noise(rng: &mut StdRng) -> i64 {
    let mut draw = || (rng.random::<f64>().max(f64::MIN_POSITIVE).ln() / -1.0).floor() as i64;
    draw() - draw()
}

fn noised(count: u64, rng: &mut StdRng) -> u64 {
    (count as i64 + noise(rng)).max(0) as u64
}

#[test]
fn a_superseded_release_is_in_the_data_and_in_no_series() {
    let first = flat("A", "2026-01", 100);
    let mut second = flat("A", "2026-01", 200);
    second.rename("2026-01-monthly-v2");
    second.manifest_mut().revision = 2;
    second.manifest_mut().supersedes = first.manifest().release_id.clone();
    // Another publisher's release of the same name is not superseded by it.
    let foreign = flat("B", "2026-01", 300);
    let data = DataSet::of(&[&second, &foreign, &first]);
    assert_eq!(data.releases().len(), 3);
    assert_eq!(data.series().len(), 2);
    let values: Vec<u64> = data
        .series()
        .iter()
        .map(|series| series.latest().cells(&[]).next().unwrap().value.unwrap().get())
        .collect();
    assert_eq!(values, [200, 300]);
    assert_eq!(data.successor(&first), Some(&second));
    assert_eq!(data.successor(&foreign), None);
}

#[test]
fn periods_that_are_missing_and_breaks_are_not_compared() {
    let mut broken = flat("A", "2026-05", 100);
    broken.manifest_mut().breaks = vec![BreakNote { list_class: "_Z".into(), within: false }];
    let releases = [
        flat("A", "2026-01", 100),
        flat("A", "2026-02", 100),
        flat("A", "2026-04", 100),
        broken,
        flat("A", "2026-06", 100),
    ];
    let found: Vec<(String, &str)> = rows(&releases, &by(PeriodKind::Month))
        .iter()
        .map(|row| (row.period.to_string(), row.verdict()))
        .collect();
    let expected = [
        ("2026-01", "no period before"),
        ("2026-02", "no clear change"),
        ("2026-04", "no period before"),
        ("2026-05", "not comparable: series break"),
        ("2026-06", "no clear change"),
    ];
    assert_eq!(found, expected.map(|(period, verdict)| (period.to_owned(), verdict)));
    let data: Vec<&Release> = releases.iter().collect();
    let data = DataSet::of(&data);
    let series = &data.series()[0];
    assert_eq!(series.change(period("2026-03"), period("2026-04"), &[]), Trend::Missing);
    assert_eq!(series.change(period("2026-01"), period("2026-06"), &[]), Trend::Broken);
}

#[test]
fn quarters_and_years_are_sums_of_whole_ones_with_propagated_intervals() {
    let months = (1..=12).map(|month| flat("A", &format!("2025-{month:02}"), 100));
    let more = (1..=5).map(|month| flat("A", &format!("2026-{month:02}"), 100));
    let releases: Vec<Release> = months.chain(more).collect();
    let cells = releases[0].tables()[0].cells().len() as u64;
    let quarters = rows(&releases, &by(PeriodKind::Quarter));
    assert_eq!(quarters.len(), 6);
    assert_eq!(quarters[0].estimate.unwrap().value, 300 * cells);
    assert_eq!(quarters[5].estimate, None, "May ends no quarter");
    assert_eq!((quarters[5].status(), quarters[5].verdict()), ("O", "no period before"));
    let years = rows(&releases, &by(PeriodKind::Year));
    let year = years[0].estimate.unwrap();
    assert_eq!((year.value, years[0].status()), (1200 * cells, "E"));
    // Four times as many parts reach about twice as far.
    let quarter = quarters[0].estimate.unwrap();
    let ratio = (year.high - year.value) as f64 / (quarter.high - quarter.value) as f64;
    assert!((1.8..2.2).contains(&ratio), "{ratio}");
    let Trend::NoClearChange(change) = quarters[1].change else { panic!("{:?}", quarters[1].change) };
    let ratio = change.high as f64 / (quarter.high - quarter.value) as f64;
    assert!((1.3..1.55).contains(&ratio), "a difference has the noise of both: {ratio}");
}

#[test]
fn what_is_withheld_widens_and_is_no_zero() {
    let a = |codes: &[Code]| codes.contains(&severity::UNKNOWN);
    // Of the unknown severities one cell is shown and one is withheld.
    let releases = ["2026-01", "2026-02"].map(|text| {
        release("A", text, |codes| if a(codes) && codes.contains(&verdict::NEAR) { 5 } else { 400 })
    });
    let query = Query { by: vec![Dimension::Severity], ..by(PeriodKind::Month) };
    let found = rows(&releases, &query);
    let row = found.iter().find(|row| row.codes == [severity::UNKNOWN]).unwrap();
    let estimate = row.estimate.unwrap();
    assert_eq!((estimate.value, estimate.shown, estimate.withheld, row.status()), (400, 1, 1, "U"));
    assert!(estimate.high >= 400 + 22 && estimate.low < 400);
    let known = found.iter().find(|row| row.codes == [severity::NOT_APPLICABLE]).unwrap();
    assert_eq!(known.status(), "E");

    // Nothing moved, and what the withheld one holds is most of what the interval is wide.
    let later = &found.iter().filter(|row| row.codes == [severity::UNKNOWN]).collect::<Vec<_>>()[1];
    assert_eq!(later.verdict(), "cannot be told: withheld");
    let Trend::NoClearChange(change) = later.change else { panic!("{:?}", later.change) };
    assert!(change.unseen > 0 && change.low < 0 && change.high > 0, "{change:?}");

    let alone = Query { only: BTreeMap::from([(Dimension::Verdict, vec![verdict::NEAR])]), ..query };
    let found = rows(&releases, &alone);
    let withheld: Vec<_> = found.iter().filter(|row| row.codes == [severity::UNKNOWN]).collect();
    assert_eq!((withheld[0].status(), withheld[0].estimate.unwrap().low), ("Q", 0));
    assert_eq!((withheld[1].status(), withheld[1].verdict()), ("Q", "withheld"));
}

#[test]
fn publishers_are_summed_only_if_asked_and_only_over_the_same() {
    let releases = [
        flat("A", "2026-01", 100),
        flat("A", "2026-02", 100),
        flat("A", "2026-03", 100),
        flat("B", "2026-02", 50),
        flat("B", "2026-03", 50),
    ];
    assert_eq!(rows(&releases, &by(PeriodKind::Month)).len(), 5);
    let cells = releases[0].tables()[0].cells().len() as u64;
    let summed = rows(&releases, &Query { sum_publishers: true, ..by(PeriodKind::Month) });
    let values: Vec<u64> = summed.iter().map(|row| row.estimate.unwrap().value / cells).collect();
    assert_eq!(values, [100, 150, 150]);
    assert_eq!(summed.iter().map(|row| row.publishers.len()).collect::<Vec<_>>(), [1, 2, 2]);
    assert_eq!(summed[1].verdict(), "not comparable: other publishers");
    assert_eq!((summed[0].status(), summed[1].status()), ("O", "E"));
    assert_eq!((&summed[0].lacking[..], summed[1].lacking.len()), (&["B".to_owned()][..], 0));
    assert_eq!(summed[2].verdict(), "no clear change");
}

#[test]
fn a_code_stands_for_its_rows_and_one_without_rows_is_refused() {
    let release = flat("A", "2026-01", 100);
    let data = DataSet::of(&[&release]);
    let series = &data.series()[0];
    let rows: Vec<Code> = series.codes(Dimension::Severity);
    for code in Dimension::Severity.codes() {
        let parts: Vec<Code> =
            rows.iter().copied().filter(|&row| row == code || row.parent() == Some(code)).collect();
        assert_eq!(series.is_rest(code), rows.iter().any(|row| row.parent() == Some(code)), "{code}");
        let query = Query {
            by: vec![Dimension::Severity],
            only: BTreeMap::from([(Dimension::Severity, vec![code])]),
            ..Query::default()
        };
        match data.trends(&query) {
            Ok(found) => assert_eq!(found.iter().map(|row| row.codes[0]).collect::<Vec<_>>(), parts),
            Err(QueryError::NoRow { code: absent, rows: known, .. }) => {
                assert_eq!((absent, known.len(), parts.len()), (code, rows.len(), 0));
            }
            Err(other) => panic!("{code}: {other}"),
        }
    }
}

#[test]
fn units_and_tables_are_never_added() {
    let (with_reports, _) = sample(Shape::Many, false, "A").0.with_second_table("reports");
    let data = DataSet::of(&[&with_reports]);
    let QueryError::Mixed(kinds) = data.trends(&Query::default()).unwrap_err() else { panic!("two units") };
    assert_eq!(kinds, ["ITEMS_SCANNED (in ITEMS)", "REPORTS (in REPORTS)"]);
    let reports = Query { indicator: Some(Indicator::Reports), ..Query::default() };
    assert_eq!(data.trends(&reports).unwrap().len(), 1);
    let absent = Query { by: vec![Dimension::Sex], ..Query::default() };
    assert!(matches!(data.trends(&absent), Err(QueryError::Nothing { has }) if has.len() == 2));
}

/// Cells near the threshold are shown when their noise is upward: the interval of the sum must hold all the same.
#[test]
fn intervals_of_sums_hold_however_near_the_threshold_the_counts_are() {
    let mut rng = StdRng::seed_from_u64(5);
    let shape = sample(Shape::Many, false, "A").0;
    let cells = shape.tables()[0].cells().len();
    let runs = 2_000;
    for counts in
        [[0, 0], [10, 100], [20, 22], [22, 22], [23, 23], [24, 25], [26, 26], [30, 30], [0, 26], [500, 24]]
    {
        let truth = |at: usize| counts[at % 2];
        let total: u64 = (0..cells).map(truth).sum();
        let mut held = [0, 0];
        for _ in 0..runs {
            let mut made = || {
                let mut at = 0;
                shape.clone().with_counts(|_| {
                    at += 1;
                    noised(truth(at - 1), &mut rng)
                })
            };
            let (before, after) = (made(), made());
            let sum = |release: &Release| Point { release, table: &release.tables()[0] }.sum(&[]);
            let (before, after) = (sum(&before), sum(&after));
            let found = before.estimate(ALPHA);
            held[0] += usize::from((found.low..=found.high).contains(&total));
            held[1] += usize::from(!matches!(before.change_to(&after, ALPHA), Trend::Clear(_)));
        }
        for held in held {
            assert!(held * 1000 >= runs * 940, "{counts:?}: {held} of {runs}");
        }
    }
}

/// The latest, the one before and that of the year before: what findings look at.
const LOOKED_AT: [&str; 3] = ["2025-10", "2026-09", "2026-10"];

fn findings_of(rng: &mut StdRng, truth: impl Fn(&str, &[Code]) -> u64) -> Vec<Finding> {
    let releases = LOOKED_AT.map(|text| release("A", text, |codes| noised(truth(text, codes), rng)));
    let releases: Vec<&Release> = releases.iter().collect();
    DataSet::of(&releases).findings(3)
}

fn is_change(finding: &Finding) -> bool {
    matches!(finding, Finding::Rise(_) | Finding::Fall(_))
}

#[test]
fn noise_alone_is_no_finding_in_95_of_100() {
    let mut rng = StdRng::seed_from_u64(7);
    // Every cell well above the threshold, so that every comparison can go wrong.
    let found = (0..1_000)
        .filter(|_| {
            findings_of(&mut rng, |_, codes| 60 + 10 * u64::from(codes[0].order())).iter().any(is_change)
        })
        .count();
    assert!(found <= 50, "{found} of 1000");
}

#[test]
fn what_really_changed_is_found_and_told_once() {
    let mut rng = StdRng::seed_from_u64(3);
    for _ in 0..200 {
        let found = findings_of(&mut rng, |text, codes| match codes.contains(&severity::UNKNOWN) {
            _ if codes.contains(&verdict::NEAR) && text == "2026-10" => 500,
            _ => 300,
        });
        assert_eq!(found.len(), 3);
        assert!(matches!(&found[0], Finding::Rise(rise) if rise.code.is_none()), "{found:?}");
        let of_near = found
            .iter()
            .filter(|finding| matches!(finding, Finding::Rise(rise) if rise.code == Some(verdict::NEAR)));
        assert_eq!(of_near.count(), 1, "{found:?}");
        let Finding::Rise(rise) = &found[0] else { unreachable!("looked at above") };
        assert!(rise.change.low > 0 && rise.change.low <= rise.change.difference());
    }
}

#[test]
fn shares_are_of_the_clearly_largest_and_hold_the_true_share() {
    let mut rng = StdRng::seed_from_u64(4);
    let truth = |codes: &[Code]| if codes.contains(&verdict::KNOWN) { 900 } else { 60 };
    let (cells, known) = {
        let shape = sample(Shape::Many, false, "A").0;
        let counts = shape.tables()[0]
            .cells()
            .iter()
            .map(|cell| (truth(&cell.codes), cell.codes.contains(&verdict::KNOWN)));
        let counts: Vec<(u64, bool)> = counts.collect();
        let sum = |only: bool| {
            counts.iter().filter(|(_, known)| *known || !only).map(|(count, _)| count).sum::<u64>()
        };
        (sum(false), sum(true))
    };
    let found = findings_of(&mut rng, |_, codes| truth(codes));
    let shares: Vec<&Portion> = found
        .iter()
        .filter_map(|found| if let Finding::Share(share) = found { Some(share) } else { None })
        .collect();
    assert_eq!(shares.len(), 1, "severities share alike: {found:?}");
    assert_eq!(shares[0].code, verdict::KNOWN);
    let real = 1000 * known / cells;
    assert!(shares[0].low <= real && real <= shares[0].high && shares[0].low <= shares[0].share);
    assert!(matches!(found[0], Finding::NoClearChange(_)), "{found:?}");
}

#[test]
fn small_bases_breaks_and_silence_give_no_change() {
    let mut rng = StdRng::seed_from_u64(9);
    // 17 cells of 2: all withheld.
    assert_eq!(findings_of(&mut rng, |_, _| 2), [Finding::NothingSupported]);
    assert_eq!(DataSet::of(&[]).findings(3), [Finding::NothingSupported]);
    // One cell is shown, on a base of 30, and doubles.
    let found = findings_of(&mut rng, |text, codes| match codes == [verdict::KNOWN, severity::UNKNOWN] {
        true if text == "2026-10" => 80,
        true => 30,
        false => 0,
    });
    assert!(!found.iter().any(is_change), "{found:?}");
    // A rise across a break is none.
    let mut releases = LOOKED_AT.map(|text| flat("A", text, if text == "2026-10" { 900 } else { 300 }));
    releases[2].manifest_mut().breaks = vec![BreakNote { list_class: "_Z".into(), within: false }];
    let broken: Vec<&Release> = releases.iter().collect();
    let found = DataSet::of(&broken).findings(3);
    assert!(matches!(found[0], Finding::Level { .. }), "{found:?}");
    assert!(!found.iter().any(is_change));
    releases[2].manifest_mut().breaks.clear();
    let whole: Vec<&Release> = releases.iter().collect();
    assert!(DataSet::of(&whole).findings(3).iter().any(is_change));
}
