//! Tests of the register: what applies from when, what ends what, and what no month could pay for.

use super::*;
use crate::release::plan::COARSE;
use crate::tally::{Cell, ItemId, Sighting};
use crate::vocabulary::verdict;
use jiff::civil::date;

fn home() -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), true).unwrap();
    (dir, home)
}

fn on(home: &Home, day: Date, text: &str, replaces: Option<&str>) -> Result<RegisteredPlan, ReleaseError> {
    register(home, &home.lock().unwrap(), Clock::of(home, Some(day)).unwrap(), text, replaces)
}

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

/// The shipped plan with another name, kind of period and epsilon.
fn plan(name: &str, kind: &str, expires: &str, epsilon: &str, cap: &str) -> String {
    COARSE
        .replace("\"coarse\"", &format!("{name:?}"))
        .replace("\"month\"", &format!("{kind:?}"))
        .replace("\"2035-12\"", &format!("{expires:?}"))
        .replace("epsilon = \"1\"", &format!("epsilon = {epsilon:?}\ncap = {cap:?}"))
}

fn in_force(home: &Home, text: &str) -> Vec<String> {
    let plans = plans_in_force(home, period(text)).unwrap();
    plans.iter().map(|plan| format!("{} {}", plan.plan.name(), plan.plan.epsilon())).collect()
}

#[test]
fn a_plan_applies_from_the_period_after_it_was_registered_until_it_expires() {
    let (_dir, home) = home();
    let month = on(&home, date(2026, 9, 30), &plan("monthly", "month", "2026-12", "1", "2"), None).unwrap();
    assert_eq!(month.applies_from, period("2026-10"));
    let quarter = on(&home, date(2026, 9, 30), &plan("quarterly", "quarter", "2027-Q1", "0.5", "2"), None);
    assert_eq!(quarter.unwrap().applies_from, period("2026-Q4"));
    let year = on(&home, date(2026, 9, 30), &plan("yearly", "year", "2027", "0.5", "2"), None).unwrap();
    assert_eq!(year.applies_from, period("2027"));
    for (text, expected) in [
        ("2026-09", &[][..]),
        ("2026-10", &["monthly 1"]),
        ("2026-12", &["monthly 1"]),
        ("2027-01", &[]),
        ("2026-Q3", &[]),
        ("2026-Q4", &["quarterly 0.5"]),
        ("2027-Q1", &["quarterly 0.5"]),
        ("2027-Q2", &[]),
        ("2026", &[]),
        ("2027", &["yearly 0.5"]),
    ] {
        assert_eq!(in_force(&home, text), expected, "{text}");
    }
    let late =
        on(&home, date(2026, 12, 31), &plan("late", "month", "2026-12", "0.1", "1"), None).unwrap_err();
    assert!(late.to_string().contains("2026-12") && late.to_string().contains("2027-01"), "{late}");
}

#[test]
fn a_change_applies_from_the_next_period_and_the_same_text_changes_nothing() {
    let (_dir, home) = home();
    let first = on(&home, date(2026, 9, 1), COARSE, None).unwrap();
    assert_eq!(on(&home, date(2026, 9, 20), COARSE, None).unwrap().registered_on, first.registered_on);
    on(&home, date(2026, 10, 1), &COARSE.replace("\"1\"", "\"0.5\""), None).unwrap();
    assert_eq!(
        (in_force(&home, "2026-10"), in_force(&home, "2026-11")),
        (vec!["coarse 1".to_owned()], vec!["coarse 0.5".to_owned()])
    );
    // Of two in one month, the later holds.
    on(&home, date(2026, 10, 2), &COARSE.replace("\"1\"", "\"0.25\""), None).unwrap();
    assert_eq!(in_force(&home, "2026-11"), ["coarse 0.25"]);
    assert_eq!(plans(&home).unwrap().len(), 3);
    // And going back to the first text is a change too.
    on(&home, date(2026, 10, 3), COARSE, None).unwrap();
    assert_eq!(in_force(&home, "2026-11"), ["coarse 1"]);
}

#[test]
fn a_plan_that_replaces_another_takes_over_when_its_period_is_over() {
    let (_dir, home) = home();
    on(&home, date(2026, 9, 1), &plan("old", "quarter", "2030-Q4", "1", "1"), None).unwrap();
    let refused = on(&home, date(2026, 10, 5), COARSE, Some("older")).unwrap_err().to_string();
    assert!(refused.contains("\"older\"") && refused.contains("old"), "{refused}");
    let new = on(&home, date(2026, 10, 5), COARSE, Some("old")).unwrap();
    assert_eq!((new.applies_from, new.replaces.as_str()), (period("2027-01"), "old"));
    assert_eq!(in_force(&home, "2026-Q4"), ["old 1"]);
    assert!(in_force(&home, "2026-12").is_empty() && in_force(&home, "2027-Q1").is_empty());
    assert_eq!(in_force(&home, "2027-01"), ["coarse 1"]);
    // The other way round: months until the quarter begins.
    let back =
        on(&home, date(2027, 2, 1), &plan("old", "quarter", "2030-Q4", "1", "1"), Some("coarse")).unwrap();
    assert_eq!(back.applies_from, period("2027-Q2"));
    assert_eq!(in_force(&home, "2027-03"), ["coarse 1"]);
    assert!(in_force(&home, "2027-04").is_empty());
}

#[test]
fn what_the_plans_together_could_not_pay_is_refused_by_month_and_name() {
    let (_dir, home) = home();
    on(&home, date(2026, 9, 1), &plan("a", "month", "2030-12", "1", "2"), None).unwrap();
    let dear = on(&home, date(2026, 9, 1), &plan("b", "quarter", "2030-Q4", "1.5", "2"), None).unwrap_err();
    let said = dear.to_string();
    assert!(
        said.contains("2026-10") && said.contains("a, b") && said.contains("2.5") && said.contains('2'),
        "{said}"
    );
    on(&home, date(2026, 9, 1), &plan("b", "quarter", "2030-Q4", "1", "1"), None).unwrap();
    let third = on(&home, date(2026, 9, 1), &plan("c", "year", "2030", "0.001", "1"), None).unwrap_err();
    assert!(third.to_string().contains("2027-01"), "a year's plan begins in January: {third}");
    // In place of another there is room.
    on(&home, date(2026, 9, 1), &plan("c", "year", "2030", "0.5", "1"), Some("b")).unwrap();
    // A plan whose cap the others need cannot go.
    on(&home, date(2027, 2, 1), &plan("d", "month", "2030-12", "0.5", "0.5"), None).unwrap();
    let needed = on(&home, date(2027, 2, 2), &plan("a", "month", "2030-12", "1", "1"), None).unwrap_err();
    assert!(matches!(needed, ReleaseError::PlansTooDear { .. }), "{needed}");
}

#[test]
fn a_clock_that_runs_behind_is_refused() {
    let (_dir, home) = home();
    on(&home, date(2026, 9, 1), COARSE, None).unwrap();
    let late = on(&home, date(2026, 8, 1), &COARSE.replace("\"1\"", "\"0.5\""), None).unwrap_err();
    assert!(matches!(late, ReleaseError::ClockBehind { .. }), "{late}");
}

/// Counts one made-up item in `month`, as `screen` and `tally import` do.
fn count(home: &Home, month: &str) {
    let cell = Cell::blank().with(verdict::UNKNOWN);
    let sighting =
        Sighting { content: ItemId::of_bytes(&[1; 32]), entry: None, cell, watched: false, case: None };
    let mut tally = Tally::open(home).unwrap();
    tally.record(&home.lock_tally().unwrap(), period(month), &[sighting]).unwrap();
}

#[test]
fn no_plan_is_slipped_in_under_a_month_that_was_counted() {
    let (_dir, home) = home();
    count(&home, "2026-11");
    for (kind, expires) in [("month", "2030-12"), ("quarter", "2030-Q4"), ("year", "2030")] {
        let late = on(&home, date(2026, 9, 15), &plan("late", kind, expires, "1", "1"), None).unwrap_err();
        let said = late.to_string();
        assert!(matches!(late, ReleaseError::CountedAhead { .. }), "{kind}: {said}");
        for word in ["2026-09-15", "runs behind", "November 2026", "set the clock right"] {
            assert!(said.contains(word), "{kind}: {word} is not in {said}");
        }
    }
    assert!(plans(&home).unwrap().is_empty(), "nothing was registered");
    // A month that is closed is one that was counted.
    Tally::open(&home).unwrap().seal(&home.lock_tally().unwrap(), period("2026-11"), &[]).unwrap();
    assert!(matches!(on(&home, date(2026, 10, 31), COARSE, None), Err(ReleaseError::CountedAhead { .. })));
    // In the month of the counts the clock may be right, and the plan begins after it.
    let plan = on(&home, date(2026, 11, 1), COARSE, None).unwrap();
    assert_eq!(plan.applies_from, period("2026-12"));
}

#[test]
fn replaces_holds_for_a_text_that_is_registered_too() {
    let (_dir, home) = home();
    let other = plan("other", "month", "2035-12", "0.5", "2");
    on(&home, date(2026, 9, 1), &other, None).unwrap();
    on(&home, date(2026, 9, 1), COARSE, None).unwrap();
    let unknown = on(&home, date(2026, 9, 2), COARSE, Some("othr")).unwrap_err();
    assert!(matches!(unknown, ReleaseError::NoSuchPlan { .. }), "{unknown}");
    assert_eq!(in_force(&home, "2026-10").len(), 2);
    let replaced = on(&home, date(2026, 9, 3), COARSE, Some("other")).unwrap();
    assert_eq!((replaced.replaces.as_str(), replaced.registered_on), ("other", date(2026, 9, 3)));
    assert_eq!(in_force(&home, "2026-10"), ["coarse 1"]);
    // Said again it changes nothing, with the name or without it.
    for again in [Some("other"), Some("coarse"), None] {
        assert_eq!(on(&home, date(2026, 9, 4), COARSE, again).unwrap().registered_on, date(2026, 9, 3));
    }
    assert_eq!(plans(&home).unwrap().len(), 3);
}

#[test]
fn plans_that_leave_nothing_for_corrections_are_named() {
    let (_dir, home) = home();
    let names = |plan: &RegisteredPlan| without_corrections(&home, plan).unwrap();
    let a = on(&home, date(2026, 9, 1), &plan("a", "month", "2030-12", "1", "1"), None).unwrap();
    assert_eq!(names(&a), None, "a plan alone has the cap that it was given");
    let a = on(&home, date(2026, 9, 1), &plan("a", "month", "2030-12", "1", "2"), None).unwrap();
    let b = on(&home, date(2026, 9, 1), &plan("b", "quarter", "2030-Q4", "0.5", "2"), None).unwrap();
    assert_eq!((names(&a), names(&b)), (None, None), "half of 1 is left");
    let c = on(&home, date(2026, 9, 1), &plan("c", "year", "2030", "0.5", "2"), None).unwrap();
    let expected = (period("2027-01"), ["a", "b", "c"].map(str::to_owned).to_vec());
    assert_eq!(names(&c), Some(expected));
}
