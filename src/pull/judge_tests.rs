//! Tests of the rules that a log has to keep, whoever signed it.

use jiff::civil::date;

use super::*;
use crate::release::Epsilon;
use crate::release::log::{ChargedTable, ReleaseEntry};
use crate::vocabulary::Period;

fn plan(name: &str, from: &str) -> Entry {
    capped(name, from, 10, "")
}

/// A plan with a cap of so many billionths, which ends the plan `replaces`.
fn capped(name: &str, from: &str, cap_nano: u64, replaces: &str) -> Entry {
    let applies_from: Period = from.parse().unwrap();
    Entry::Plan(PlanEntry {
        name: name.into(),
        digest: "ab".repeat(32),
        period: applies_from.kind(),
        epsilon_nano: 1,
        cap_nano,
        registered_on: date(2026, 1, 1),
        applies_from,
        replaces: replaces.into(),
    })
}

fn charge(plan: &str, period: &str, revision: u32) -> Entry {
    spent(plan, period, revision, 1)
}

/// A charge of so many billionths.
fn spent(plan: &str, period: &str, revision: u32, epsilon_nano: u64) -> Entry {
    Entry::Charge(ChargeEntry {
        scope: "home".into(),
        period: period.parse().unwrap(),
        plan: plan.into(),
        revision,
        tables: vec![ChargedTable { name: "severity".into(), epsilon_nano, sensitivity: 1 }],
        epsilon_nano,
        charged_on: date(2027, 1, 2),
    })
}

fn release(id: &str) -> Entry {
    Entry::Release(ReleaseEntry {
        release_id: id.into(),
        manifest_sha256: "cd".repeat(32),
        previous: String::new(),
    })
}

fn judged(entries: &[Entry]) -> Result<Vec<Published>, (u64, String)> {
    let logged =
        |(n, entry): (usize, &Entry)| Logged { n: n as u64, entry: entry.clone(), line: String::new() };
    releases_of(&entries.iter().enumerate().map(logged).collect::<Vec<_>>())
}

#[test]
fn releases_have_their_plan_and_their_charge() {
    let entries = [
        plan("coarse", "2026-02"),
        charge("coarse", "2026-03", 1),
        plan("wide", "2026-Q2"),
        release("DEMO-2026-03-coarse-v1"),
        charge("coarse", "2026-03", 2),
        charge("wide", "2026-Q2", 1),
        release("2026-Q2-wide-v1"),
        release("DEMO-2026-03-coarse-v2"),
        charge("coarse", "2026-04", 1), // interrupted
    ];
    let found = judged(&entries).unwrap();
    let told: Vec<_> =
        found.iter().map(|found| (&*found.release_id, found.n, found.corrects.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("DEMO-2026-03-coarse-v1", 3, None),
            ("2026-Q2-wide-v1", 6, None),
            ("DEMO-2026-03-coarse-v2", 7, Some("DEMO-2026-03-coarse-v1")),
        ]
    );
    assert_eq!(found[1].plan.name, "wide");
    // A plan of the same name that came later holds from its own period on.
    let later = [
        plan("coarse", "2026-02"),
        plan("coarse", "2026-05"),
        charge("coarse", "2026-03", 1),
        release("2026-03-coarse-v1"),
    ];
    assert_eq!(judged(&later).unwrap()[0].plan.applies_from.to_string(), "2026-02");
}

#[test]
fn a_log_that_breaks_a_rule_is_refused_at_its_entry() {
    let (registered, charged) = (plan("coarse", "2026-02"), charge("coarse", "2026-03", 1));
    for (entries, n, said) in [
        (vec![charged.clone()], 0, "no plan coarse"),
        (vec![plan("coarse", "2026-04"), charged.clone()], 1, "no plan coarse"),
        (vec![plan("coarse", "2026-Q1"), charged.clone()], 1, "no plan coarse"),
        (vec![registered.clone(), charged.clone(), charged.clone()], 2, "charged twice"),
        (vec![registered.clone(), charge("coarse", "2026-03", 2)], 1, "before the one it corrects"),
        (vec![registered.clone(), release("2026-03-coarse-v1"), charged.clone()], 1, "was not charged"),
        (vec![registered.clone(), charged.clone(), release("2026-03-other-v1")], 2, "was not charged"),
        (
            vec![
                registered.clone(),
                charged.clone(),
                release("2026-03-coarse-v1"),
                release("DEMO-2026-03-coarse-v1"),
            ],
            3,
            "not the only one",
        ),
        (
            vec![
                registered.clone(),
                charged.clone(),
                charge("coarse", "2026-03", 2),
                release("2026-03-coarse-v2"),
                release("2026-03-coarse-v1"),
            ],
            4,
            "not the latest",
        ),
    ] {
        let (at, cause) = judged(&entries).map(|found| found.len()).unwrap_err();
        assert_eq!(at, n, "{cause}");
        assert!(cause.contains(said), "{said}: {cause}");
    }
}

/// The entry at which a log is refused, and what is said of it; `None` if it is not.
fn refused(entries: &[Entry]) -> Option<(u64, String)> {
    judged(entries).err()
}

const EPSILON: u64 = Epsilon::NANO;

#[test]
fn a_month_is_charged_no_more_than_the_largest_cap_of_its_plans() {
    let plans = [capped("coarse", "2026-02", 10, ""), capped("wide", "2026-Q2", 15, "")];
    let with = |charges: &[Entry]| [&plans[..], charges].concat();
    // Before the second quarter, the plan of months is alone.
    assert_eq!(refused(&with(&[spent("coarse", "2026-03", 1, 10)])), None);
    let (n, said) =
        refused(&with(&[spent("coarse", "2026-03", 1, 10), spent("coarse", "2026-03", 2, 1)])).unwrap();
    assert_eq!(n, 3);
    assert!(
        said.contains("2026-03 was charged to epsilon 0.000000011, and 2026-03 has 0.00000001"),
        "{said}"
    );
    // A quarter is charged to each of its months, and to no other.
    for month in ["2026-04", "2026-05", "2026-06"] {
        let charges = |nano| with(&[spent("wide", "2026-Q2", 1, 5), spent("coarse", month, 1, nano)]);
        assert_eq!(refused(&charges(10)), None, "{month}");
        assert!(refused(&charges(11)).is_some_and(|(n, said)| n == 3 && said.contains(month)), "{month}");
    }
    assert_eq!(refused(&with(&[spent("wide", "2026-Q2", 1, 15), spent("coarse", "2026-07", 1, 15)])), None);
    // Budgets are no one's own: another scope spends of the same.
    let mut elsewhere = spent("coarse", "2026-03", 2, 1);
    if let Entry::Charge(charge) = &mut elsewhere {
        charge.scope = "other".into();
    }
    assert!(refused(&with(&[spent("coarse", "2026-03", 1, 10), elsewhere])).is_some());
}

#[test]
fn a_plan_that_was_ended_holds_no_more() {
    let plans = [capped("rich", "2026-02", 20, ""), capped("poor", "2026-04", 5, "rich")];
    let with = |charge: Entry| [&plans[..], &[charge]].concat();
    assert_eq!(refused(&with(spent("rich", "2026-03", 1, 20))), None);
    assert_eq!(refused(&with(spent("poor", "2026-04", 1, 5))), None);
    assert!(
        refused(&with(spent("poor", "2026-04", 1, 6))).is_some_and(|(_, said)| said.contains("2026-04 has"))
    );
    assert!(
        refused(&with(charge("rich", "2026-04", 1))).is_some_and(|(_, said)| said.contains("no plan rich"))
    );
    // A second plan of the same name ends the first.
    let plans = [capped("coarse", "2026-02", 20, ""), capped("coarse", "2026-04", 5, "")];
    let with = |charge: Entry| [&plans[..], &[charge]].concat();
    assert_eq!(refused(&with(spent("coarse", "2026-03", 1, 20))), None);
    assert!(refused(&with(spent("coarse", "2026-04", 1, 6))).is_some());
}

#[test]
fn no_month_has_more_than_epsilon_4_whatever_its_plans_say() {
    let rich = capped("rich", "2026", 100 * EPSILON, "");
    assert_eq!(refused(&[rich.clone(), spent("rich", "2026", 1, 4 * EPSILON)]), None);
    let (n, said) = refused(&[rich, spent("rich", "2026", 1, 4 * EPSILON + 1)]).unwrap();
    assert!(n == 1 && said.contains("2026-01 has 4"), "{n}: {said}");
    // A sum that does not fit is no way around it.
    let plan = capped("coarse", "2026-02", u64::MAX, "");
    let charges = [spent("coarse", "2026-03", 1, EPSILON), spent("coarse", "2026-03", 2, u64::MAX)];
    assert!(refused(&[&[plan], &charges[..]].concat()).is_some_and(|(n, _)| n == 2));
}

#[test]
fn a_release_knows_the_cap_and_the_charges_of_its_period() {
    let entries = [
        capped("coarse", "2026-02", 10, ""),
        capped("wide", "2026-Q2", 15, ""),
        spent("coarse", "2026-05", 1, 2),
        release("2026-05-coarse-v1"),
        spent("wide", "2026-Q2", 1, 3),
        release("2026-Q2-wide-v1"),
    ];
    let found = judged(&entries).unwrap();
    let budgets: Vec<_> =
        found.iter().map(|found| (found.budget.cap_nano, found.budget.spent_nano)).collect();
    assert_eq!(budgets, [(15, 2), (15, 5)]);
}
