//! The gate through its public door: register, publish, verify, and the stock `minisign` command.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use innerward::home::{Clock, Config, Home};
use innerward::release::{
    COARSE, PUBLIC_KEY_FILE, PeriodFacts, PublicKey, Published, Release, Request, account, plans, publish,
    register, system_rng, verify,
};
use innerward::tally::{Cell, Cube, Sensitive};
use innerward::vocabulary::{Indicator, channel, media, verdict};
use jiff::civil::date;
use serde::Deserialize;

use super::ward::{Done, ReleaseLine, Ward};

fn published(root: &Path) -> (Home, Published) {
    let home = Home::create(&root.join("ward"), true).unwrap();
    let lock = home.lock().unwrap();
    let september = Clock::of(&home, Some(date(2026, 9, 30))).unwrap();
    register(&home, &lock, september, COARSE, None).unwrap();
    let config = Config { organisation: "Example Hotline".into(), ..Config::default() };
    let request = Request {
        clock: Clock::of(&home, Some(date(2026, 11, 2))).unwrap(),
        period: "2026-10".parse().unwrap(),
        plan: "coarse",
        revise: false,
        witness: None,
        config: &config,
    };
    let counts = |_: Option<u32>| {
        let mut cube = Cube::default();
        let cell = Cell::blank().with(verdict::UNKNOWN).with(media::IMAGE).with(channel::BULK);
        cube.add(Indicator::ItemsScanned, cell, 5000);
        Ok::<_, Infallible>((Sensitive::new(cube), PeriodFacts::default()))
    };
    let published = publish(&home, &lock, &request, counts, &mut system_rng()).unwrap();
    drop(lock);
    (home, published)
}

#[test]
fn a_third_party_needs_only_the_folder_and_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let (home, published) = published(dir.path());
    let key: PublicKey =
        fs::read_to_string(home.public_dir().join(PUBLIC_KEY_FILE)).unwrap().parse().unwrap();
    // Carried away under another name, with the home gone.
    let carried = dir.path().join("download");
    fs::rename(&published.dir, &carried).unwrap();
    fs::remove_dir_all(home.root()).unwrap();
    let release = Release::open(&carried, &key).unwrap();
    assert_eq!(release.manifest().publisher, "DEMO: Example Hotline");
    assert_eq!(release, verify(&carried, &key).unwrap());
}

#[test]
fn ledger_and_plans_list_what_was_done() {
    let dir = tempfile::tempdir().unwrap();
    let (home, published) = published(dir.path());
    let account = account(&home).unwrap();
    assert_eq!(account.charges[0].release_id.as_ref(), Some(&published.release_id));
    assert_eq!(account.budgets[1].left_nano(), 0);
    assert_eq!(plans(&home).unwrap()[0].applies_from.to_string(), "2026-10");
}

/// Prints and passes where the command is not installed.
#[test]
fn the_stock_minisign_command_agrees() {
    let dir = tempfile::tempdir().unwrap();
    let (home, published) = published(dir.path());
    let key = home.public_dir().join(PUBLIC_KEY_FILE);
    let line = PublicKey::read(&key).unwrap().to_string();
    let run =
        |arguments: &[&str]| Command::new("minisign").args(arguments).current_dir(&published.dir).output();
    let by_file = match run(&["-V", "-m", "manifest.json", "-p", &key.to_string_lossy()]) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("skipped: minisign is not installed");
            return;
        }
        outcome => outcome.unwrap(),
    };
    let said = String::from_utf8_lossy(&by_file.stdout);
    assert!(by_file.status.success(), "{said}{}", String::from_utf8_lossy(&by_file.stderr));
    assert!(said.contains("Trusted comment: innerward release DEMO-2026-10-coarse-v1"), "{said}");
    assert!(run(&["-V", "-m", "manifest.json", "-P", &line]).unwrap().status.success());
    let manifest = published.dir.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("Example", "Exomple")).unwrap();
    assert!(!run(&["-V", "-m", "manifest.json", "-P", &line]).unwrap().status.success());
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct BudgetLine {
    period: String,
    cap_nano: u64,
    spent_nano: u64,
    left_nano: u64,
    by_plan: BTreeMap<String, u64>,
}

#[test]
fn plans_beside_each_other_publish_their_periods_and_a_correction_is_charged_again() {
    const ONE: u64 = 1_000_000_000;
    let ward = Ward::for_demo();
    ward.write("months.toml", COARSE.replace("epsilon = \"1\"", "epsilon = \"1\"\ncap = \"3\""));
    let seasons =
        [("\"coarse\"", "\"seasons\""), ("\"month\"", "\"quarter\""), ("\"2035-12\"", "\"2035-Q4\"")];
    ward.write(
        "seasons.toml",
        seasons.iter().fold(COARSE.to_owned(), |text, (from, to)| text.replace(from, to)),
    );
    let on = |day: &str, arguments: &[&str]| {
        ward.run(&[arguments, &["--today", day, "--format", "json"]].concat())
    };
    for plan in ["months.toml", "seasons.toml"] {
        assert_eq!(on("2026-09-15", &["release", "plan", "register", plan]).code, 0);
    }
    ward.import("own", &"5c".repeat(16), &["--today", "2026-09-20"]);
    for n in 0..80 {
        ward.write(&format!("items/{n}.txt"), format!("item {n}\n"));
    }
    let screened = on("2026-10-10", &["screen", "items"]);
    assert_eq!(screened.code, 0, "{}", screened.err);
    let releases = |done: &Done| -> Vec<String> {
        assert_eq!(done.code, 0, "{}", done.err);
        done.all::<ReleaseLine>("release").into_iter().map(|line| line.release_id).collect()
    };
    // The last period of each plan that is over, then one by its name.
    let due = releases(&on("2027-01-02", &["release", "publish"]));
    assert_eq!(due, ["DEMO-2026-Q4-seasons-v1", "DEMO-2026-12-coarse-v1"]);
    let one = releases(&on("2027-01-02", &["release", "publish", "--period", "2026-10"]));
    assert_eq!(one, ["DEMO-2026-10-coarse-v1"]);
    let again = on("2027-01-02", &["release", "publish", "--plan", "seasons"]);
    assert!(again.all::<ReleaseLine>("release").iter().all(|line| line.already));
    on("2027-01-02", &["release", "publish", "--plan", "none"]).refused(&["no plan \"none\""]);
    // What was screened in October is in the release of the month and in that of the quarter.
    let key = PublicKey::read(&ward.home().join("public/innerward.pub")).unwrap();
    for id in ["DEMO-2026-10-coarse-v1", "DEMO-2026-Q4-seasons-v1"] {
        let release = verify(&ward.home().join("public").join(id), &key).unwrap();
        let unknown = release.tables()[0].cells().last().unwrap().value.expect("80 is far above 23").get();
        assert!(unknown.abs_diff(80) < 40, "{id}: {unknown}");
    }
    let revise = ["release", "publish", "--period", "2026-10", "--revise"];
    assert_eq!(releases(&on("2027-01-03", &revise)), ["DEMO-2026-10-coarse-v2"]);
    on("2027-01-03", &revise).refused(&["budget of 2026-10", "spent epsilon 3, asked 1, cap 3"]);
    let ledger = on("2027-01-03", &["release", "ledger"]);
    assert_eq!(ledger.all::<serde_json::Value>("charge").len(), 4);
    let budgets: Vec<BudgetLine> = ledger.all("budget");
    let october = budgets.iter().find(|budget| budget.period == "2026-10").unwrap();
    assert_eq!((october.spent_nano, october.cap_nano, october.left_nano), (3 * ONE, 3 * ONE, 0));
    assert_eq!(october.by_plan, [("coarse".to_owned(), 2 * ONE), ("seasons".to_owned(), ONE)].into());
    let year = budgets.iter().find(|budget| budget.period == "2026").unwrap();
    assert_eq!(year.spent_nano, 4 * ONE, "each release once");
    // Whoever changes the ledger behind its log is found out.
    let database = rusqlite::Connection::open(ward.home().join("innerward.sqlite")).unwrap();
    database
        .execute_batch("DROP TRIGGER release_budget_only_rises; UPDATE release_budget SET spent_nano = 0")
        .unwrap();
    for verb in [&["release", "ledger"][..], &revise, &["doctor"]] {
        let done = on("2027-01-03", verb);
        assert_eq!(done.code, 2);
        assert!(
            format!("{}{}", done.out, done.err).contains("does not follow from its log"),
            "{verb:?}: {}",
            done.err
        );
    }
}

#[test]
fn a_plan_that_comes_after_its_data_is_refused() {
    let ward = Ward::for_demo();
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/case-system");
    let [items, map] = ["items.csv", "items.toml"].map(|name| files.join(name).to_str().unwrap().to_owned());
    ward.must(&["tally", "import", &items, "--map", &map, "--today", "2026-11-20"]);
    ward.write("years.toml", COARSE.replace("\"month\"", "\"year\"").replace("2035-12", "2035"));
    for plan in ["coarse", "years.toml"] {
        ward.run(&["release", "plan", "register", plan, "--today", "2026-09-15"]).refused(&[
            "2026-09-15",
            "runs behind",
            "set the clock right",
        ]);
    }
    assert_eq!(
        ward.must(&["release", "plan", "show", "--format", "json"]).all::<serde_json::Value>("plan").len(),
        0
    );
    ward.must(&["release", "plan", "register", "--today", "2026-11-20"]);
}

#[test]
fn a_plan_that_fails_keeps_no_other_from_being_published() {
    let ward = Ward::for_demo();
    ward.write("coarse.toml", COARSE.replace("epsilon = \"1\"", "epsilon = \"1\"\ncap = \"2\""));
    let half = COARSE.replace("epsilon = \"1\"", "epsilon = \"0.5\"\ncap = \"2\"");
    ward.write("half.toml", half.replace("\"coarse\"", "\"half\""));
    for plan in ["coarse.toml", "half.toml"] {
        ward.must(&["release", "plan", "register", plan, "--today", "2026-09-15"]);
    }
    let publish = |more: &[&str]| {
        let arguments = ["release", "publish", "--today", "2026-11-02", "--format", "json"];
        ward.run(&[&arguments[..], more].concat())
    };
    let ids = |done: &Done| -> Vec<String> {
        done.all::<ReleaseLine>("release").into_iter().map(|line| line.release_id).collect()
    };
    let lost = publish(&["--witness", "nonexist"]);
    lost.refused(&["--witness nonexist", "innerward release log head"]);
    let first = publish(&[]);
    assert_eq!((first.code, ids(&first).len()), (0, 2), "{}", first.err);
    let public = ward.home().join("public");
    let [folder, key] = [&*ids(&first)[0], PUBLIC_KEY_FILE].map(|name| public.join(name));
    let verified =
        ward.must(&["release", "verify", folder.to_str().unwrap(), "--key", key.to_str().unwrap()]);
    assert!(verified.out.contains("the signatures hold"), "{}", verified.out);
    assert!(verified.out.lines().all(|line| line.chars().count() <= 80), "{}", verified.out);
    // 1.5 of 2 is spent: the first plan, of 1, has no room for a correction; the second, of 0.5, has.
    let second = publish(&["--period", "2026-10", "--revise"]);
    assert_eq!((second.code, ids(&second)), (2, vec!["DEMO-2026-10-half-v2".to_owned()]), "{}", second.err);
    assert!(second.err.contains("coarse, 2026-10: the budget of 2026-10"), "{}", second.err);
    assert_eq!(second.summary::<serde_json::Value>()["releases"], 1);
    // Both fail: both are said.
    let third = publish(&["--period", "2026-10", "--revise"]);
    assert_eq!((third.code, ids(&third).len()), (2, 0));
    for plan in ["coarse", "half"] {
        assert!(third.err.contains(&format!("{plan}, 2026-10: the budget of 2026-10")), "{}", third.err);
    }
}

#[test]
fn registration_says_if_nothing_is_left_for_corrections() {
    let ward = Ward::for_demo();
    ward.must(&["release", "plan", "register", "--today", "2026-09-15", "verdicts"]);
    let room = ward.must(&["release", "plan", "show", "--today", "2026-09-15"]);
    assert!(room.out.contains("verdicts"), "{}", room.out);
    for (name, epsilon, said) in [("a", "0.5", false), ("b", "0.5", true)] {
        let text = COARSE.replace("epsilon = \"1\"", &format!("epsilon = {epsilon:?}\ncap = \"2\""));
        ward.write("next.toml", text.replace("\"coarse\"", &format!("{name:?}")));
        let done = ward.must(&["release", "plan", "register", "next.toml", "--today", "2026-09-15"]);
        assert_eq!(done.out.contains("Nothing is left for corrections"), said, "{}", done.out);
    }
}
