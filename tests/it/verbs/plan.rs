//! Choosing a plan: printed, checked and suggested without a home, from what is typed alone.

use std::fs;

use innerward::release::COARSE;
use serde::Deserialize;

use crate::ward::Ward;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "the fields that docs/cli.md names, whether a test looks at them or not")]
struct TableLine {
    name: String,
    indicator: String,
    unit: String,
    dimensions: Vec<String>,
    cells: u64,
    epsilon_nano: u64,
    sensitivity: u32,
    k: u32,
    beta: String,
    threshold: u64,
    half_width: u64,
    noise_sd: String,
    rounding: u32,
    unclear_change: u64,
    detectable_change: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "as above")]
struct PlanLine {
    name: String,
    period: String,
    audience: String,
    expires: String,
    expired: bool,
    epsilon_nano: u64,
    cap_nano: u64,
    releases_a_year: u64,
    year_epsilon_nano: u64,
    year_cap_nano: u64,
    items_per_case: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    tables: Vec<String>,
    count: u64,
    chance_shown: f64,
    mean_error: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "as above")]
struct SuggestionLine {
    plan: String,
    period: String,
    items: u64,
    tables: u64,
    cells: u64,
    cells_shown: u64,
    share_shown: f64,
    chosen: bool,
    text: Option<String>,
}

#[test]
fn a_check_says_what_a_plan_gives_and_touches_no_home() {
    let ward = Ward::new();
    let done =
        ward.must(&["release", "plan", "check", "small-hotline", "--at", "9", "30", "--format", "json"]);
    let [plan] = &done.all::<PlanLine>("plan")[..] else { panic!("one plan") };
    assert_eq!((plan.releases_a_year, plan.year_epsilon_nano), (4, 4_000_000_000));
    assert!(!plan.expired && done.err.is_empty(), "{}", done.err);
    assert_eq!(plan.year_cap_nano, 4 * plan.cap_nano);
    let [table] = &done.all::<TableLine>("table")[..] else { panic!("one table") };
    assert_eq!((table.cells, table.threshold, table.half_width), (12, 23, 3));
    let [small, large] = &done.all::<Expected>("expected")[..] else { panic!("two counts") };
    assert_eq!((small.count, large.count, small.tables.join(" ").as_str()), (9, 30, "items"));
    assert!(small.chance_shown <= 1e-6 && large.chance_shown > 0.999, "{small:?} {large:?}");
    assert!((0.5..1.5).contains(&large.mean_error));
    let text = ward.must(&["release", "plan", "check", "national"]).out;
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!ward.home().exists(), "nothing was opened or made");
}

#[test]
fn a_suggestion_can_be_written_checked_and_registered() {
    let ward = Ward::for_demo();
    let file = ward.path("plan.toml");
    let path = file.to_str().unwrap();
    let done = ward.must(&[
        "release",
        "plan",
        "suggest",
        "--items-per-month",
        "200",
        "--out",
        path,
        "--format",
        "json",
    ]);
    let weighed = done.all::<SuggestionLine>("suggestion");
    let [chosen] = &weighed.iter().filter(|one| one.chosen).collect::<Vec<_>>()[..] else {
        panic!("one is chosen")
    };
    assert_eq!((chosen.plan.as_str(), chosen.period.as_str()), ("small-hotline", "quarter"));
    assert!(chosen.share_shown >= 0.8 && chosen.items == 600, "{chosen:?}");
    assert_eq!(done.summary::<serde_json::Value>()["chosen"], true, "the last line");
    assert_eq!(chosen.text.as_deref(), Some(fs::read_to_string(&file).unwrap().as_str()));
    ward.must(&["release", "plan", "check", path]);
    ward.must(&["release", "plan", "register", path]);
    let tiny = ward.run(&["release", "plan", "suggest", "--items-per-month", "1", "--out", path]);
    assert_eq!(tiny.code, 2, "{}", tiny.err);
    assert!(tiny.err.contains("no plan was written"), "{}", tiny.err);
}

#[test]
fn what_is_no_plan_is_named_with_the_ready_ones() {
    let ward = Ward::new();
    ward.run(&["release", "plan", "check", "smal-hotline"])
        .refused(&["smal-hotline", "small-hotline, national"]);
    let bad = ward.write("bad.toml", "schema = 2\nname = \"x\"\n");
    ward.run(&["release", "plan", "check", bad.to_str().unwrap()]).refused(&["bad.toml", "missing field"]);
    let printed = ward.must(&["release", "plan", "print", "platform"]).out;
    let own = ward.write("own.toml", printed);
    ward.must(&["release", "plan", "check", own.to_str().unwrap()]);
}

#[test]
fn a_plan_that_is_over_is_checked_and_said_to_be_over() {
    let ward = Ward::new();
    ward.write("over.toml", COARSE.replace("2035-12", "2020-12"));
    let done = ward.must(&["release", "plan", "check", "over.toml", "--format", "json"]);
    assert!(done.all::<PlanLine>("plan")[0].expired);
    assert!(done.err.contains("over.toml: the plan expired with December 2020"), "{}", done.err);
    let text = ward.must(&["release", "plan", "check", "over.toml"]);
    assert!(text.out.lines().any(|line| line.starts_with("expired")), "{}", text.out);
    assert!(text.err.contains("expired with December 2020"), "{}", text.err);
}

#[test]
fn where_no_plan_is_worth_it_the_advice_is_one_that_helps() {
    let ward = Ward::new();
    let advice = |items: &str| {
        let done = ward.must(&["release", "plan", "suggest", "--items-per-month", items]);
        done.out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (one, five) = (advice("1"), advice("5"));
    assert!(one.contains("Publish together with others"), "a year shows nothing of twelve: {one}");
    assert!(five.contains("Publish by the year, or together with others"), "{five}");
    let done = ward.must(&["release", "plan", "suggest", "--items-per-month", "1", "--format", "json"]);
    assert_eq!(done.summary::<serde_json::Value>()["chosen"], false);
    ward.run(&["release", "plan", "suggest", "--items-per-month", "0"]).refused(&["--items-per-month"]);
}

#[test]
fn the_words_about_plans_fit_a_terminal() {
    let ward = Ward::for_demo();
    ward.write("long.toml", COARSE.replace("\"coarse\"", "\"a-plan-with-a-name-of-32-letters\""));
    let on =
        |arguments: &[&str]| ward.must(&[&["release"], arguments, &["--today", "2026-09-15"]].concat()).out;
    for text in [
        on(&["plan", "register", "long.toml"]),
        on(&["plan", "show"]),
        on(&["plan", "suggest", "--items-per-month", "20000"]),
        on(&["preview", "--plan", "long.toml"]),
        on(&["preview", "--plan", "national"]),
    ] {
        assert!(!text.is_empty());
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line:?} in {text}");
        }
    }
}
