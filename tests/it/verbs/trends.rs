//! `trends`: sums and changes of releases that two made-up organisations published.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use crate::publisher::Publisher;
use crate::ward::{Done, Ward, testdata};

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    publisher: String,
    plan: String,
    table_name: String,
    indicator: String,
    unit: String,
    area_role: String,
    time_period: String,
    #[serde(default)]
    harm: String,
    #[serde(default)]
    ref_area: String,
    obs_value: Option<u64>,
    obs_status: String,
    ci95_lo: Option<u64>,
    ci95_hi: Option<u64>,
    cells_shown: Option<usize>,
    cells_withheld: Option<usize>,
    series_break: bool,
    change: Option<i64>,
    change_lo: Option<i64>,
    change_hi: Option<i64>,
    verdict: String,
    publishers: usize,
    rest_of: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Summary {
    releases: usize,
    rows: usize,
    notes: Vec<String>,
}

/// A value of a published file: period, table, code, and `None` if withheld.
type Cell = (String, String, String, Option<u64>);

fn folder(name: &str) -> String {
    testdata().join("releases").join(name).display().to_string()
}

fn key(name: &str) -> String {
    folder(name) + "/innerward.pub"
}

fn harbour(more: &[&str]) -> Done {
    let (folder, key) = (folder("harbour"), key("harbour"));
    Ward::new().run(&[&["trends", "--releases", &folder, "--key", &key], more].concat())
}

fn both(more: &[&str]) -> Done {
    let (one, other, key_of_one, key_of_other) =
        (folder("harbour"), folder("meadow"), key("harbour"), key("meadow"));
    let given = ["trends", "--releases", &one, &other, "--key", &key_of_one, "--key", &key_of_other];
    Ward::new().run(&[&given, more].concat())
}

fn rows(done: &Done) -> Vec<Row> {
    assert_eq!(done.code, 0, "{}", done.err);
    let rows: Vec<Row> = done.all("trend");
    let [Summary { rows: count, releases, notes }] = &done.all("summary")[..] else { panic!("one summary") };
    assert!(*count == rows.len() && *releases > 0);
    assert!(notes[0].contains("demo"), "made-up numbers say so: {notes:?}");
    rows
}

/// Every value of the releases that stand, read from the files as anybody would.
fn published(name: &str) -> Vec<Cell> {
    let mut cells = Vec::new();
    let folders = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    // The correction takes the place of the first June.
    for folder in folders.filter(|path| path.is_dir() && !path.ends_with("DEMO-2026-06-monthly-v1")) {
        for (table, dimension) in [("reports", "harm"), ("addresses", "ref_area")] {
            let mut reader = csv::Reader::from_path(folder.join(format!("{table}.csv"))).unwrap();
            for row in reader.deserialize::<BTreeMap<String, String>>() {
                let row = row.unwrap();
                let value = row["obs_value"].parse().ok();
                cells.push((row["time_period"].clone(), table.to_owned(), row[dimension].clone(), value));
            }
        }
    }
    cells
}

#[test]
fn each_row_is_the_sum_of_the_published_cells() {
    let found = rows(&harbour(&["--by", "month,harm", "--indicator", "REPORTS", "--format", "json"]));
    let reports: Vec<Cell> = published("harbour").into_iter().filter(|cell| cell.1 == "reports").collect();
    assert_eq!(found.len(), reports.len());
    for row in &found {
        let cell = reports.iter().find(|cell| (&cell.0, &cell.2) == (&row.time_period, &row.harm)).unwrap();
        assert_eq!(row.obs_value, cell.3, "{row:?}");
        assert_eq!(row.obs_status == "Q", cell.3.is_none());
        assert_eq!(
            (row.ci95_lo.is_none(), row.verdict == "withheld" || row.change.is_none()),
            (cell.3.is_none(), row.change.is_none())
        );
    }
    let months = rows(&harbour(&["--by", "month", "--table", "reports", "--format", "json"]));
    assert_eq!(months.len(), 6);
    for row in &months {
        let of_month = reports.iter().filter(|cell| cell.0 == row.time_period);
        assert_eq!(row.obs_value, Some(of_month.clone().filter_map(|cell| cell.3).sum()));
        assert_eq!(row.cells_withheld, Some(of_month.filter(|cell| cell.3.is_none()).count()));
    }
    // A change is the difference of two rows, and its interval has the noise of both.
    for pair in months.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        assert_eq!(after.change, Some(after.obs_value.unwrap() as i64 - before.obs_value.unwrap() as i64));
        assert!(
            after.change_hi.unwrap() - after.change.unwrap()
                >= (after.ci95_hi.unwrap() - after.obs_value.unwrap()) as i64
        );
        let zero = (after.change_lo.unwrap()..=after.change_hi.unwrap()).contains(&0);
        let unclear = ["no clear change", "cannot be told: withheld"].contains(&&*after.verdict);
        assert_eq!(unclear, zero, "{after:?}");
    }
}

#[test]
fn quarters_regions_and_publishers_are_summed_as_asked() {
    let quarters = rows(&harbour(&["--by", "quarter", "--region", "NL,DE", "--format", "json"]));
    let of: BTreeMap<&str, &Row> = quarters.iter().map(|row| (&*row.time_period, row)).collect();
    assert_eq!(of["2026-Q2"].obs_status, "O", "April was not published");
    let cells = published("harbour").into_iter().filter(|cell| ["NL", "DE"].contains(&&*cell.2));
    let third = cells.filter(|cell| ["2026-07", "2026-08", "2026-09"].contains(&&*cell.0));
    let sum: u64 = third.filter_map(|cell| cell.3).sum();
    assert_eq!((of["2026-Q3"].obs_value, &*of["2026-Q3"].area_role), (Some(sum), "HOSTING"));
    // Six values of one noise reach less far than six half widths of 6.
    let reach = of["2026-Q3"].ci95_hi.unwrap() - sum;
    assert!((7..36).contains(&reach), "{reach}");

    let two = ["--by", "month,harm", "--where", "harm=CSAM", "--format", "json"];
    let apart = rows(&both(&two));
    let together = rows(&both(&[&two[..], &["--sum-publishers"]].concat()));
    assert_eq!((apart.len(), together.len()), (8, 6));
    for row in &together {
        let parts = apart.iter().filter(|part| part.time_period == row.time_period);
        assert_eq!(row.obs_value, Some(parts.clone().filter_map(|part| part.obs_value).sum()));
        assert_eq!(row.publishers, parts.count());
    }
    for row in &together {
        assert_eq!(row.obs_status == "O", row.publishers == 1, "{row:?}");
    }
    let notes = both(&[&two[..4], &["--sum-publishers"]].concat()).out.replace('\n', " ");
    assert!(notes.contains("Sums without DEMO: Meadow Line, and lower for that: 2026-05,"), "{notes}");
    let september = together.iter().find(|row| row.time_period == "2026-09").unwrap();
    assert_eq!((&*september.verdict, september.publishers), ("not comparable: other publishers", 2));
}

#[test]
fn a_region_is_its_rows_and_the_rest_is_named_so() {
    let asked = ["--by", "month", "--region", "155", "--format", "json"];
    let whole = rows(&harbour(&asked));
    let cells = published("harbour");
    for row in &whole {
        let parts =
            cells.iter().filter(|cell| cell.0 == row.time_period && ["NL", "DE", "155"].contains(&&*cell.2));
        assert_eq!(row.obs_value, Some(parts.filter_map(|cell| cell.3).sum()), "{row:?}");
    }
    let apart = rows(&harbour(&["--by", "month,region", "--region", "155", "--format", "json"]));
    assert_eq!(apart.len(), 3 * whole.len());
    for row in &apart {
        assert_eq!(row.rest_of, if row.ref_area == "155" { "155" } else { "" }, "{row:?}");
    }
    // Europe has no row: it is those of its parts.
    let europe = rows(&harbour(&["--by", "month", "--region", "150", "--format", "json"]));
    assert_eq!(europe.len(), whole.len());
    assert!(europe.iter().zip(&whole).all(|(all, part)| all.obs_value >= part.obs_value));
    let text = harbour(&["--by", "month,region", "--region", "155"]);
    assert!(text.out.contains("155 (Western Europe, other countries)"), "{}", text.out);
    let flowing = text.out.replace('\n', " ");
    assert!(flowing.contains("155 (Western Europe): DE, NL, the rest"), "{flowing}");
}

#[test]
fn csv_and_text_say_the_same_as_json() {
    let asked = ["--by", "month,harm", "--indicator", "REPORTS"];
    let json = rows(&both(&[&asked[..], &["--format", "json"]].concat()));
    let csv = both(&[&asked[..], &["--format", "csv"]].concat());
    assert!(csv.err.contains("demo"), "the notes go to stderr");
    let mut reader = csv::Reader::from_reader(csv.out.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(header[6..10], ["time_period", "harm", "obs_value", "obs_status"]);
    let lines: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(lines.len(), json.len());
    for (line, row) in lines.iter().zip(&json) {
        let text = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        assert_eq!(
            (&line["publisher"], &line["harm"], &line["verdict"]),
            (&row.publisher, &row.harm, &row.verdict)
        );
        assert_eq!((&line["obs_value"], &line["ci95_hi"]), (&text(row.obs_value), &text(row.ci95_hi)));
        assert_eq!(line["change"], row.change.map(|change| change.to_string()).unwrap_or_default());
    }
    let text = both(&asked);
    assert!(text.out.lines().all(|line| line.chars().count() <= 80), "{}", text.out);
    for row in json.iter().filter(|row| row.obs_value.is_some()) {
        let line = format!("  {}  {:>8}", row.time_period, row.obs_value.unwrap());
        assert!(text.out.contains(&line), "{line:?} in {}", text.out);
    }
}

#[test]
fn what_cannot_be_answered_is_refused_with_a_way_out() {
    harbour(&["--by", "month"]).refused(&["REPORTS (in REPORTS)", "URLS (in URLS)", "--indicator"]);
    harbour(&["--by", "month,sex"]).refused(&["no table", "reports: REPORTS by harm, each month"]);
    harbour(&["--by", "month,colour"]).refused(&["colour", "severity"]);
    harbour(&["--by", "month,year"]).refused(&["one length"]);
    harbour(&["--by", "month", "--where", "harm"]).refused(&["DIMENSION=CODE"]);
    harbour(&["--by", "month", "--where", "harm=SPAM"]).refused(&["SPAM"]);
    harbour(&["--by", "month", "--where", "harm=CSAM", "harm=OTHER"]).refused(&["twice"]);
    harbour(&["--by", "month", "--where", "harm=CSAM,harm=OTHER"]).refused(&["write harm=CSAM,OTHER"]);
    harbour(&["--by", "month", "--region", "XX"]).refused(&["XX"]);
    // A country that is counted in its region, a region of which there is nothing, a code that the table does not have.
    let refused = |asked: &[&str], expected: &[&str]| {
        harbour(&[&["--by", "month"], asked].concat()).refused(expected);
    };
    refused(&["--region", "FR"], &["no table has a row FR of ref_area", "155 (Western Europe)", "DE"]);
    refused(&["--region", "NL,FR"], &["a row FR"]);
    refused(&["--indicator", "REPORTS", "--where", "harm=TRAFFICKING"], &["TRAFFICKING", "harm", "GROOMING"]);
    Ward::new().run(&["vocabulary", "list", "--format", "csv"]).refused(&["trends"]);
}

#[test]
fn releases_are_checked_with_the_key_of_their_publisher() {
    let (harbour, meadow) = (folder("harbour"), folder("meadow"));
    let ask = ["--by", "month", "--table", "reports"];
    let run = |more: &[&str]| Ward::new().run(&[&["trends", "--releases"], more, &ask].concat());
    // The key that lies beside the releases is not taken for the publisher's.
    run(&[&harbour]).refused(&["harbour", "--key"]);
    run(&[&harbour, &meadow, "--key", &key("harbour")]).refused(&["meadow", "none of the keys", "--key"]);
    let text = fs::read_to_string(key("meadow")).unwrap();
    let bare = text.lines().last().unwrap();
    assert_eq!(run(&[&harbour, &meadow, "--key", &key("harbour"), "--key", bare]).code, 0);

    // One release alone, once or twice, and a folder without any.
    let one = format!("{harbour}/DEMO-2026-07-monthly-v1");
    assert_eq!(run(&[&one, &one, &harbour, "--key", &key("harbour")]).code, 0);
    run(&[&testdata().display().to_string(), "--key", &key("harbour")])
        .refused(&["holds none", "HOME/public"]);
    run(&["/no/such/folder", "--key", &key("harbour")]).refused(&["/no/such/folder"]);

    // One byte of one table, in a copy.
    let ward = Ward::new();
    let copy = ward.path("copy").join("DEMO-2026-07-monthly-v1");
    fs::create_dir_all(&copy).unwrap();
    for entry in fs::read_dir(&one).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
    let table = copy.join("reports.csv");
    fs::write(&table, fs::read_to_string(&table).unwrap().replacen("506", "507", 1)).unwrap();
    let folder = ward.path("copy").display().to_string();
    let done = ward.run(&[&["trends", "--releases", &folder, "--key", &key("harbour")], &ask[..]].concat());
    done.refused(&["DEMO-2026-07-monthly-v1", "reports.csv"]);
}

#[test]
fn what_remains_of_a_release_is_not_passed_over() {
    let ward = Ward::new();
    let copy = ward.path("copy");
    for id in ["DEMO-2026-06-monthly-v1", "DEMO-2026-06-monthly-v2"] {
        let to = copy.join(id);
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(PathBuf::from(folder("harbour")).join(id)).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
    let (folder, key) = (copy.display().to_string(), key("harbour"));
    let asked = ["trends", "--releases", &folder, "--key", &key, "--by", "month", "--table", "reports"];
    // The log, the pages and unfinished work are nothing to speak of; another folder is.
    for name in ["log", "site", ".DEMO-2026-07-monthly-v1.new", "notes"] {
        fs::create_dir(copy.join(name)).unwrap();
    }
    let done = ward.run(&asked);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.err.contains("notes is no release") && done.err.lines().count() == 1, "{}", done.err);

    let correction = copy.join("DEMO-2026-06-monthly-v2");
    let manifest = fs::read(correction.join("manifest.json")).unwrap();
    fs::remove_file(correction.join("manifest.json")).unwrap();
    ward.run(&asked).refused(&["DEMO-2026-06-monthly-v2", "manifest.json", "fetch it again"]);
    // Under another name, with its signature and without, and behind a link.
    fs::rename(&correction, copy.join("backup")).unwrap();
    ward.run(&asked).refused(&["backup", "manifest.json"]);
    fs::write(copy.join("backup/manifest.json"), manifest).unwrap();
    let away = ward.path("away");
    fs::rename(copy.join("backup"), &away).unwrap();
    std::os::unix::fs::symlink(&away, &correction).unwrap();
    ward.run(&asked).refused(&["DEMO-2026-06-monthly-v2", "is a link"]);
    fs::remove_file(&correction).unwrap();
    fs::create_dir(&correction).unwrap();
    ward.run(&asked).refused(&["DEMO-2026-06-monthly-v2", "manifest.json"]);
}

#[test]
fn own_and_pulled_releases_need_no_key() {
    let publisher = Publisher::new();
    publisher.publish(10);
    let home = publisher.public().parent().unwrap().display().to_string();
    let reader = Ward::for_demo();
    reader.must(&["pull", &publisher.folder(), "--name", "partner", "--key", &publisher.key_file()]);
    let pulled = reader.home().join("pulled/partner").display().to_string();
    let public = publisher.public().display().to_string();
    let ask = ["--by", "month", "--format", "json"];
    let kept = reader.run(&[&["trends", "--releases", &pulled], &ask[..]].concat());
    assert!(!rows(&kept).is_empty());
    let own = reader.run(&[&["--home", &home, "trends", "--releases", &public], &ask[..]].concat());
    assert_eq!(rows(&own), rows(&kept));
    // Somebody else's home does not vouch for it.
    reader.run(&[&["trends", "--releases", &public], &ask[..]].concat()).refused(&["--key"]);
}
