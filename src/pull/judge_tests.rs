//! Tests of the rules that a log has to keep, whoever signed it.

use jiff::civil::date;

use super::*;
use crate::release::log::{ChargedTable, ReleaseEntry};
use crate::vocabulary::Period;

fn plan(name: &str, from: &str) -> Entry {
    let applies_from: Period = from.parse().unwrap();
    Entry::Plan(PlanEntry {
        name: name.into(),
        digest: "ab".repeat(32),
        period: applies_from.kind(),
        epsilon_nano: 1,
        cap_nano: 1,
        registered_on: date(2026, 1, 1),
        applies_from,
        replaces: String::new(),
    })
}

fn charge(plan: &str, period: &str, revision: u32) -> Entry {
    Entry::Charge(ChargeEntry {
        scope: "home".into(),
        period: period.parse().unwrap(),
        plan: plan.into(),
        revision,
        tables: vec![ChargedTable { name: "severity".into(), epsilon_nano: 1, sensitivity: 1 }],
        epsilon_nano: 1,
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
