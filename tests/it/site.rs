//! Years of releases as pages and packages: how long it takes, how large it is, and that every page says the same.
//!
//! The cases are made up by a small generator; the releases are published by the binary, month by month.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::ward::Ward;

/// A plan of six tables over reports and web addresses.
fn plan() -> String {
    let table = |name: &str, indicator: &str, role: &str, rows: &[(&str, &str)]| {
        let dimensions: Vec<String> = rows.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let codes =
            |codes: &str| codes.split(' ').map(|code| format!("\"{code}\"")).collect::<Vec<_>>().join(", ");
        let lines: String = rows.iter().map(|(name, list)| format!("{name} = [{}]\n", codes(list))).collect();
        let role = if role.is_empty() { String::new() } else { format!("area_role = \"{role}\"\n") };
        format!(
            "[[table]]\nname = \"{name}\"\nindicator = \"{indicator}\"\n{role}dimensions = [{}]\n[[table.rows]]\n{lines}",
            dimensions.join(", ")
        )
    };
    [
        "schema = 2\nname = \"years\"\nperiod = \"month\"\naudience = \"public\"\nexpires = \"2027-12\"\nepsilon = \"2\"\ncap = \"4\"\n\
         k = 10\nbeta = \"1e-6\"\nrounding = 1\n"
            .to_owned(),
        table("harms", "REPORTS", "", &[("harm", HARMS), ("source", SOURCES)]),
        table("ages", "REPORTS", "", &[("age_band", AGES), ("sex", SEXES)]),
        table("sources", "REPORTS", "", &[("source", SOURCES)]),
        table("sites", "URLS", "", &[("site", SITES)]),
        table("hosting", "URLS", "HOSTING", &[("ref_area", AREAS)]),
        table("removed", "REMOVED", "", &[("site", SITES)]),
    ]
    .concat()
}

const HARMS: &str = "CSAM GROOMING SEXUAL_EXTORTION LIVE_ABUSE TRAFFICKING OTHER _U";
const SOURCES: &str = "PUBLIC PLATFORM HOTLINE LEA OTHER _U";
const AGES: &str = "Y0T2 Y3T6 Y7T10 Y11T13 Y14T15 Y16T17 _U";
const SEXES: &str = "F M FM _U";
const SITES: &str = "IMAGE_HOST IMAGE_STORE CYBERLOCKER FORUM WEBSITE SOCIAL CHAT OTHER _U";
const AREAS: &str = "NL DE FR US 015 202 021 419 143 030 035 034 145 151 154 039 155 009 _U";

/// One of `codes`, the first ones oftener.
fn pick<'c>(codes: &'c str, state: &mut u64) -> &'c str {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let codes: Vec<&str> = codes.split(' ').collect();
    let part = (*state >> 40) as f64 / (1_u64 << 24) as f64;
    codes[(part * part * codes.len() as f64) as usize]
}

/// `many` months that end with October 2026, published from a demo's home; the folder of the releases.
fn published(ward: &Ward, many: i32, a_month: u32) -> String {
    let month = |at: i32| {
        let number = 2026 * 12 + 10 - many + at;
        (number / 12, number % 12 + 1)
    };
    let day = |at: i32, day: u32| {
        let (year, month) = month(at);
        format!("{year}-{month:02}-{day:02}")
    };
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let plan = text(&ward.write("plan.toml", plan()));
    ward.must(&["release", "plan", "register", &plan, "--today", &day(-2, 15)]);
    let field = |name: &str| format!("[dimensions.{name}]\ncolumn = \"{name}\"\nas_is = true\n");
    let head = |unit: &str| format!("unit = \"{unit}\"\nid = \"id\"\ndate = \"date\"\n");
    let reports = ["harm", "source", "age_band", "sex"].map(field).concat();
    let addresses = ["site", "ref_area"].map(field).concat();
    let removed = "[dimensions.area_role]\nconstant = \"HOSTING\"\n[removed]\ncolumn = \"state\"\nvalues = [\"gone\"]\n";
    let mut state = 7;
    let (mut of_reports, mut of_addresses) =
        ("id,date,harm,source,age_band,sex\n".to_owned(), "id,date,site,ref_area,state\n".to_owned());
    for at in 0..many {
        for number in 0..a_month {
            let (id, date) = (format!("SYN-{at}-{number}"), day(at, number % 28 + 1));
            let [harm, source, age, sex] = [HARMS, SOURCES, AGES, SEXES].map(|codes| pick(codes, &mut state));
            of_reports += &format!("{id},{date},{harm},{source},{age},{sex}\n");
            let [site, area, gone] =
                [SITES, "NL DE FR US PL JP BR", "gone up"].map(|codes| pick(codes, &mut state));
            of_addresses += &format!("{id},{date},{site},{area},{gone}\n");
        }
    }
    for (name, map, rows) in [
        ("reports", head("report") + &reports, of_reports),
        ("addresses", head("url") + &addresses + removed, of_addresses),
    ] {
        let map = text(&ward.write(&format!("{name}.toml"), map));
        let rows = text(&ward.write(&format!("{name}.csv"), rows));
        ward.must(&["tally", "import", &rows, "--map", &map, "--today", &day(many, 1)]);
    }
    for at in 0..many {
        let (year, month) = month(at);
        ward.must(&[
            "release",
            "publish",
            "--period",
            &format!("{year}-{month:02}"),
            "--today",
            &day(many, 2),
        ]);
    }
    text(&ward.home().join("public"))
}

/// Bytes below `folder`.
fn bytes(folder: &Path) -> u64 {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.unwrap().metadata().unwrap())
        .filter(fs::Metadata::is_file)
        .map(|about| about.len())
        .sum()
}

#[test]
fn five_years_of_six_tables_in_eight_languages_are_made_quickly_and_stay_small() {
    let deep = std::env::var_os("INNERWARD_DEEP").is_some();
    let ward = Ward::for_demo();
    // Rows of so many months come to the same size of pages whatever the counts; the long run has more of them shown.
    let (months, a_month) = if deep { (60, 2_000) } else { (60, 250) };
    let releases = published(&ward, months, a_month);
    let out = ward.path("site");
    let start = Instant::now();
    let done = ward.must(&["report", "build", "--releases", &releases, "--out", out.to_str().unwrap()]);
    let taken = start.elapsed();
    let whole = bytes(&out);
    let first: u64 = ["en/index.html", "site.css", "site.js"]
        .map(|file| fs::metadata(out.join(file)).unwrap().len())
        .iter()
        .sum();
    eprintln!("{}{months} months: {taken:.2?}, {whole} bytes, first page {first}", done.out);
    assert!(whole < 15_000_000, "{whole} bytes");
    assert!(first < 300_000, "{first} bytes");
    // Without optimisation, beside other tests, the bound is a loose one.
    let bound = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 5 });
    assert!(taken < bound, "{taken:?}");

    // Made again, it is the same to the byte, and takes the place of the first.
    let contents = fs::read(out.join("contents.b3")).unwrap();
    ward.must(&["report", "build", "--releases", &releases, "--out", out.to_str().unwrap()]);
    assert_eq!(fs::read(out.join("contents.b3")).unwrap(), contents);
    // Nothing but a report of ours is ever replaced.
    fs::write(out.join("notes.txt"), "mine").unwrap();
    ward.run(&["report", "build", "--releases", &releases, "--out", out.to_str().unwrap()])
        .refused(&["is not a report of innerward", "--out"]);
    assert_eq!(fs::read_to_string(out.join("notes.txt")).unwrap(), "mine");
}
