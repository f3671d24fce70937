//! Privacy audits of the binary, records in and files out: what a reader of published folders can tell about one unit, at
//! least, is never more than what the ledger charged.
//!
//! Cells of a table are noised independently, so a table of thousands of cells, half of them with one unit more than the
//! other half, is as many trials. Everything is made up.

mod bound;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use bound::{Seen, lower_bound};

use crate::ward::Ward;

/// How many months are published; the deep run publishes more.
fn months() -> usize {
    if std::env::var_os("INNERWARD_DEEP").is_some() { 48 } else { 4 }
}

const AREAS: [&str; 20] = [
    "015", "202", "021", "013", "029", "005", "143", "030", "035", "034", "145", "151", "154", "039", "155",
    "053", "054", "057", "061", "_U",
];
const HARMS: [&str; 12] = [
    "CSAM",
    "GROOMING",
    "SEXUAL_EXTORTION",
    "LIVE_ABUSE",
    "EXPLOIT_PROSTITUTION",
    "TRAVEL_TOURISM",
    "TRAFFICKING",
    "CONTACT_ABUSE",
    "UNWANTED_EXPOSURE",
    "IBSA_MINOR",
    "OTHER",
    "_U",
];
const SOURCES: [&str; 8] =
    ["PUBLIC", "PROACTIVE", "PLATFORM", "TRUSTED_FLAGGER", "LEA", "HOTLINE", "OTHER", "_U"];
const SEVERITIES: [&str; 5] = ["SEV_A", "SEV_B", "SEV_C", "SEV_X", "SEV_U"];

const MAP: &str = r#"
unit = "report"
id = "id"
date = "date"
dimensions.ref_area = { column = "area", as_is = true }
dimensions.area_role = { constant = "REPORTER" }
dimensions.harm = { column = "harm", as_is = true }
dimensions.source = { column = "source", as_is = true }
dimensions.severity = { column = "severity", as_is = true }
"#;

/// The codes of a cell, in the order of the columns of [`MAP`].
type Codes = [&'static str; 4];

/// The first `most` cells, in such an order that neighbours in it differ in severity.
fn all_cells(most: usize) -> Vec<Codes> {
    let product = AREAS.iter().flat_map(|area| {
        HARMS.iter().flat_map(move |harm| {
            SOURCES.iter().flat_map(move |source| {
                SEVERITIES.iter().map(move |severity| [*area, *harm, *source, *severity])
            })
        })
    });
    product.take(most).collect()
}

fn quoted(codes: &[&str]) -> String {
    codes.iter().map(|code| format!("\"{code}\"")).collect::<Vec<_>>().join(", ")
}

/// A plan that shows nearly everything, so that there is much to see: k is 1, and beta as large as it may be.
fn plan(name: &str, period: &str, tables: usize, areas: usize) -> String {
    let last = if period == "quarter" { "2040-Q4" } else { "2040-12" };
    let mut text = format!(
        "schema = 2\nname = \"{name}\"\nperiod = \"{period}\"\naudience = \"public\"\nexpires = \"{last}\"\n\
         epsilon = \"1\"\ncap = \"2\"\nk = 1\nbeta = \"1e-2\"\nrounding = 1\n"
    );
    for number in 1..=tables {
        write!(
            text,
            "[[table]]\nname = \"t{number}\"\nindicator = \"REPORTS\"\narea_role = \"REPORTER\"\n\
             dimensions = [\"ref_area\", \"harm\", \"source\", \"severity\"]\n\
             [[table.rows]]\nref_area = [{}]\nharm = [{}]\nsource = [{}]\nseverity = [{}]\n",
            quoted(&AREAS[AREAS.len() - areas..]),
            quoted(&HARMS),
            quoted(&SOURCES),
            quoted(&SEVERITIES)
        )
        .unwrap();
    }
    text
}

/// A demo's home with a plan in force from October 2026.
struct Rehearsal(Ward);

impl Rehearsal {
    fn under(plans: &[String]) -> Self {
        let ward = Ward::for_demo();
        for (number, plan) in plans.iter().enumerate() {
            let file = ward.write(&format!("plan{number}.toml"), plan);
            ward.must(&["--today", "2026-09-10", "release", "plan", "register", file.to_str().unwrap()]);
        }
        ward.write("map.toml", MAP);
        Self(ward)
    }

    /// Imports one report for each cell and count, some of them said `times` over, as of `month`.
    fn import(&self, month: &str, cells: &[(Codes, u64)], times: impl Fn(usize) -> usize) {
        let mut text = "id,date,area,harm,source,severity\n".to_owned();
        for (at, (codes, count)) in cells.iter().enumerate() {
            for number in 0..*count {
                for _ in 0..times(at) {
                    writeln!(text, "{at}-{number},{month}-11,{}", codes.join(",")).unwrap();
                }
            }
        }
        let (file, map) = (self.0.write("reports.csv", text), self.0.path("map.toml"));
        let today = format!("{month}-20");
        let import =
            ["--today", &today, "tally", "import", file.to_str().unwrap(), "--map", map.to_str().unwrap()];
        self.0.must(&import);
    }

    /// Publishes `period`; the folder.
    fn publish(&self, period: &str, more: &[&str], release_id: &str) -> PathBuf {
        let all = ["--today", "2040-01-05", "release", "publish", "--period", period];
        self.0.must(&[&all, more].concat());
        self.0.home().join("public").join(format!("DEMO-{release_id}"))
    }
}

/// What a table shows, by cell; a withheld cell is one below the threshold.
fn table(folder: &Path, name: &str, threshold: i64) -> BTreeMap<Vec<String>, Seen> {
    let mut reader = csv::Reader::from_path(folder.join(format!("{name}.csv"))).unwrap();
    let columns = reader.headers().unwrap().clone();
    let at = |name: &str| columns.iter().position(|column| column == name).unwrap();
    let codes = ["ref_area", "harm", "source", "severity"].map(at);
    let value = at("obs_value");
    let row = |row: csv::StringRecord| {
        let seen = if row[value].is_empty() { threshold - 1 } else { row[value].parse().unwrap() };
        (codes.iter().map(|&column| row[column].to_owned()).collect(), seen)
    };
    reader.into_records().map(|record| row(record.unwrap())).collect()
}

fn seen(table: &BTreeMap<Vec<String>, Seen>, codes: &Codes) -> Seen {
    table[&codes.map(str::to_owned).to_vec()]
}

/// `2026-10` and the months after it.
fn month(number: usize) -> String {
    format!("{}-{:02}", 2026 + (number + 9) / 12, (number + 9) % 12 + 1)
}

/// The share of cells of which a reader who guesses by the best threshold says rightly whether the unit is there.
fn accuracy(without: &[Seen], with: &[Seen]) -> f64 {
    let guess = |threshold: Seen| {
        let right = without.iter().filter(|&&seen| seen < threshold).count()
            + with.iter().filter(|&&seen| seen >= threshold).count();
        right as f64 / (without.len() + with.len()) as f64
    };
    without.iter().chain(with).map(|&threshold| guess(threshold)).fold(0.5, f64::max)
}

/// Neither the audit nor the attacker gets more than `epsilon` allows.
fn hold(what: &str, epsilon: f64, without: &[Seen], with: &[Seen]) {
    let trials = without.len() + with.len();
    let (found, right) = (lower_bound(without, with), accuracy(without, with));
    eprintln!(
        "{what}: epsilon {epsilon}, at least {found:.2} by the audit, {:.1} % guessed of {trials}",
        100.0 * right
    );
    assert!(found <= epsilon, "{what}: at least {found}, charged {epsilon}");
    let most = epsilon.exp() / (1.0 + epsilon.exp());
    let error = 3.0 * (most * (1.0 - most) / trials as f64).sqrt();
    assert!(right <= most + error, "{what}: {right} guessed, at most {most} + {error}");
}

#[test]
fn one_unit_in_an_empty_cell_at_the_threshold_or_reported_fifty_times_stays_within_epsilon() {
    const THRESHOLD: i64 = 5;
    let rehearsal = Rehearsal::under(&[plan("audit", "month", 1, AREAS.len())]);
    let cells = all_cells(AREAS.len() * HARMS.len() * SOURCES.len() * SEVERITIES.len());
    let half = cells.len() / 2;
    // The first half of the table is empty but for the unit, the second lies at the threshold.
    let base = |at: usize| if at < half { 0 } else { THRESHOLD as u64 - 1 };
    let (mut empty, mut full) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for number in 0..months() {
        let month = month(number);
        let has_unit = |at: usize| (at + number) % 2 == 1;
        let counts: Vec<(Codes, u64)> = cells
            .iter()
            .enumerate()
            .map(|(at, codes)| (*codes, base(at) + u64::from(has_unit(at))))
            .collect();
        rehearsal.import(&month, &counts, |at| if at < 200 { 50 } else { 1 });
        let folder = rehearsal.publish(&month, &[], &format!("{month}-audit-v1"));
        let table = table(&folder, "t1", THRESHOLD);
        assert_eq!(table.len(), cells.len(), "every cell of the domain, zeros too");
        for (at, codes) in cells.iter().enumerate() {
            let side = if at < half { &mut empty } else { &mut full };
            side[usize::from(has_unit(at))].push(seen(&table, codes));
        }
    }
    hold("one unit in an empty cell", 1.0, &empty[0], &empty[1]);
    hold("one unit at the threshold", 1.0, &full[0], &full[1]);
    // The audit sees what there is to see: this is no empty promise.
    // Who guesses is right as often as one would be with epsilon 1 exactly: the audit sees what there is to see.
    assert!(accuracy(&full[0], &full[1]) > 0.7);
}

#[test]
fn one_unit_in_every_table_stays_within_what_the_release_was_charged() {
    const THRESHOLD: i64 = 17;
    let rehearsal = Rehearsal::under(&[plan("audit", "month", 4, 3)]);
    let cells: Vec<Codes> = all_cells(usize::MAX)
        .into_iter()
        .filter(|codes| AREAS[AREAS.len() - 3..].contains(&codes[0]))
        .collect();
    let mut sides = [Vec::new(), Vec::new()];
    for number in 0..months() {
        let month = month(number);
        let counts: Vec<(Codes, u64)> = cells
            .iter()
            .enumerate()
            .map(|(at, codes)| (*codes, THRESHOLD as u64 - 1 + (at % 2) as u64))
            .collect();
        rehearsal.import(&month, &counts, |_| 1);
        let folder = rehearsal.publish(&month, &[], &format!("{month}-audit-v1"));
        let tables: Vec<_> = (1..=4).map(|n| table(&folder, &format!("t{n}"), THRESHOLD)).collect();
        for (at, codes) in cells.iter().enumerate() {
            sides[at % 2].push(tables.iter().map(|table| seen(table, codes)).sum());
        }
    }
    hold("one unit in four tables", 1.0, &sides[0], &sides[1]);
}

/// A month and its quarter, or a release and its correction, tell the same unit twice: the ledger has charged both, and a
/// third is refused.
#[test]
fn overlapping_and_corrected_releases_stay_within_the_sum_of_their_charges() {
    const THRESHOLD: i64 = 5;
    for overlapping in [true, false] {
        let mut plans = vec![plan("audit", "month", 1, AREAS.len())];
        plans.extend(overlapping.then(|| plan("quarterly", "quarter", 1, AREAS.len())));
        let rehearsal = Rehearsal::under(&plans);
        let cells = all_cells(usize::MAX);
        let counts: Vec<(Codes, u64)> = cells
            .iter()
            .enumerate()
            .map(|(at, codes)| (*codes, THRESHOLD as u64 + 2 + (at % 2) as u64))
            .collect();
        rehearsal.import("2026-10", &counts, |_| 1);
        let first = rehearsal.publish("2026-10", &[], "2026-10-audit-v1");
        let bytes = fs::read(first.join("t1.csv")).unwrap();
        let again = rehearsal.publish("2026-10", &[], "2026-10-audit-v1");
        assert_eq!(fs::read(again.join("t1.csv")).unwrap(), bytes, "asking again tells nothing new");
        let second = if overlapping {
            rehearsal.publish("2026-Q4", &[], "2026-Q4-quarterly-v1")
        } else {
            rehearsal.publish("2026-10", &["--revise"], "2026-10-audit-v2")
        };
        let tables = [table(&first, "t1", THRESHOLD), table(&second, "t1", THRESHOLD)];
        let mut sides = [Vec::new(), Vec::new()];
        for (at, codes) in cells.iter().enumerate() {
            sides[at % 2].push(tables.iter().map(|table| seen(table, codes)).sum());
        }
        hold(if overlapping { "a month and its quarter" } else { "a correction" }, 2.0, &sides[0], &sides[1]);
        let third = ["--today", "2040-01-05", "release", "publish", "--period", "2026-10", "--revise"];
        let refused = rehearsal.0.run(&third);
        assert_eq!(refused.code, 2, "{}", refused.err);
        assert!(refused.err.contains("2026-10"), "{}", refused.err);
    }
}

/// Lists in use and breaks are published without noise, so they must be the same with one item or with none.
#[test]
fn what_is_public_without_noise_is_the_same_with_one_item_or_with_none() {
    let beside = |items: usize| {
        let ward = Ward::for_demo();
        ward.must(&["--today", "2026-09-10", "release", "plan", "register"]);
        let list = ["--as", "plain:md5", "--today", "2026-10-05"];
        ward.import("first", &format!("{}\n", crate::ward::digits("a", 16)), &list);
        let folder = ward.path("in");
        fs::create_dir(&folder).unwrap();
        for item in 0..items {
            fs::write(folder.join(format!("{item}.txt")), format!("item {item}")).unwrap();
        }
        let screen = ["--today", "2026-10-10", "screen", folder.to_str().unwrap(), "--quiet"];
        ward.must(&screen);
        // The lists change within the month: a break, whether anything was there to be counted or not.
        ward.import("second", &format!("{}\n", crate::ward::digits("b", 16)), &list);
        ward.must(&screen);
        ward.must(&["--today", "2026-11-02", "release", "publish", "--period", "2026-10"]);
        let manifest = ward.home().join("public/DEMO-2026-10-coarse-v1/manifest.json");
        let manifest: serde_json::Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
        (manifest["lists"].clone(), manifest["breaks"].clone())
    };
    let (lists, breaks) = beside(0);
    assert_eq!((lists.clone(), breaks.clone()), beside(1));
    assert_ne!((lists, breaks), (serde_json::json!([]), serde_json::json!([])));
}
