//! Are the numbers still of use? Published, made-up scenarios, with fixed seeds.

use std::collections::BTreeMap;

use innerward::release::{Plan, Ready, SyntheticTable, Typed, preview, ready_text};
use innerward::vocabulary::{Code, PeriodKind};
use jiff::civil::date;
use rand::SeedableRng;
use rand::rngs::StdRng;

/// `items` spread over `weights`, rounded.
fn shared(items: f64, weights: impl Iterator<Item = f64> + Clone) -> Vec<u64> {
    let all: f64 = weights.clone().sum();
    weights.map(|weight| (items * weight / all).round() as u64).collect()
}

/// What one preview shows of a table.
struct Shown {
    cells: usize,
    share: f64,
    median_error: f64,
    least_true: u64,
}

fn shown(table: &SyntheticTable) -> Shown {
    let shown: Vec<(u64, u64)> =
        table.cells.iter().filter_map(|cell| cell.shown.map(|value| (cell.typed, value))).collect();
    let all: u64 = table.cells.iter().map(|cell| cell.typed).sum();
    let mut errors: Vec<f64> =
        shown.iter().map(|&(typed, value)| typed.abs_diff(value) as f64 / typed.max(1) as f64).collect();
    errors.sort_unstable_by(f64::total_cmp);
    Shown {
        cells: shown.len(),
        share: shown.iter().map(|(typed, _)| typed).sum::<u64>() as f64 / all as f64,
        median_error: errors.get(errors.len() / 2).copied().unwrap_or_default(),
        least_true: shown.iter().map(|&(typed, _)| typed).min().unwrap_or(u64::MAX),
    }
}

/// A month of 20,000 items in 60 countries and 5 severities, and four tables of these 300 cells that share epsilon 1.
/// Countries have shares by Zipf's law, severities 60, 20, 10, 6 and 4 in a hundred.
fn scenario() -> (Plan, Typed) {
    let countries: Vec<&str> =
        "AD AG AL AM AR AT AU BA BB BE BG BO BR BS BW CA CH CL CR CV CY CZ DE DK DM DO EC EE ES FI \
        FJ FR GB GD GE GH GR GT GY HR HU IE IL IS IT JM JP KR LT LU LV MD ME MT MU NL NO NZ PL PT"
            .split_whitespace()
            .collect();
    let severities = ["SEV_A", "SEV_B", "SEV_C", "SEV_X", "SEV_U"];
    let quoted =
        |codes: &[&str]| codes.iter().map(|code| format!("\"{code}\"")).collect::<Vec<_>>().join(", ");
    let mut text =
        "schema = 2\nname = \"scenario\"\nperiod = \"month\"\naudience = \"public\"\nexpires = \"2028-12\"\n\
                    epsilon = \"1\"\nk = 10\nbeta = \"1e-6\"\nrounding = 1\n"
            .to_owned();
    for table in ["a", "b", "c", "d"] {
        text.push_str(&format!(
            "[[table]]\nname = \"{table}\"\nindicator = \"MATCH_ITEMS\"\narea_role = \"REPORTER\"\n\
             dimensions = [\"ref_area\", \"severity\"]\n\
             [[table.rows]]\nref_area = [{}]\nseverity = [{}]\n\
             [[table.rows]]\nref_area = [\"_U\"]\nseverity = [\"SEV_U\"]\n",
            quoted(&countries),
            quoted(&severities)
        ));
    }
    let plan: Plan = text.parse().unwrap();
    let weights = (1..=60).flat_map(|n| [0.60, 0.20, 0.10, 0.06, 0.04].map(|share| share / f64::from(n)));
    // Nothing is in the one further cell, of unknown countries.
    let counts = shared(20_000.0, weights).into_iter().chain([0]);
    let cells: BTreeMap<Vec<Code>, u64> =
        plan.tables()[0].domain().cells().iter().cloned().zip(counts).collect();
    let typed = ["a", "b", "c", "d"].map(|table| (table.to_owned(), cells.clone()));
    (plan, Typed::Cells(typed.into()))
}

#[test]
fn a_month_of_a_national_hotline_stays_useful_and_no_small_cell_is_ever_shown() {
    let (plan, typed) = scenario();
    assert_eq!(plan.tables()[0].protection().threshold(), 62);
    let mut rng = StdRng::seed_from_u64(0x7574_696c);
    let (mut shares, mut errors, mut cells) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..1_000 {
        for table in preview(&plan, &typed, &mut rng).unwrap() {
            let shown = shown(&table);
            assert!(shown.least_true >= 10, "a cell of {} was shown", shown.least_true);
            assert!(shown.share >= 0.75, "{}", shown.share);
            shares.push(shown.share);
            errors.push(shown.median_error);
            cells.push(shown.cells as f64);
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    eprintln!(
        "20,000 items a month: {:.1} of 301 cells, {:.1} % of the items, median error {:.2} %",
        mean(&cells),
        100.0 * mean(&shares),
        100.0 * mean(&errors)
    );
    assert!(mean(&errors) <= 0.03, "{}", mean(&errors));
    // The first draws are what a single publication gives.
    assert!(errors[..20].iter().all(|&error| error <= 0.03), "{:?}", &errors[..20]);
}

#[test]
fn a_quarter_of_a_small_hotline_stays_useful() {
    let plan: Plan =
        ready_text(Ready::SmallHotline, PeriodKind::Quarter, date(2026, 11, 22)).parse().unwrap();
    let cells = plan.tables()[0].domain().cells();
    let counts = shared(600.0, (1..=cells.len()).map(|n| 1.0 / n as f64));
    let typed: BTreeMap<Vec<Code>, u64> = cells.iter().cloned().zip(counts).collect();
    let typed = Typed::Cells([(plan.tables()[0].name().to_owned(), typed)].into());
    let mut rng = StdRng::seed_from_u64(0x736d_616c);
    let shares: Vec<f64> =
        (0..1_000).map(|_| shown(&preview(&plan, &typed, &mut rng).unwrap()[0]).share).collect();
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    eprintln!("600 items a quarter: {:.1} % of the items in shown cells", 100.0 * mean);
    assert!(mean >= 0.8, "{mean}");
}
