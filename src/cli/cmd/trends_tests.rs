//! Lines of `trends` for a person.

use super::*;

#[test]
fn no_line_is_wider_than_a_terminal() {
    let estimate = |shown, withheld| Estimate {
        value: 12_345_678,
        low: 12_340_000,
        high: 12_350_000,
        shown,
        near_threshold: 0,
        withheld,
    };
    let change = |low, high| Change { before: 1, after: 2, low, high, withheld: 0, unseen: 0 };
    let mut row = TrendRow {
        publishers: vec!["A".into()],
        plan: "monthly".into(),
        table: "t".into(),
        indicator: Indicator::Reports,
        unit: Unit::Reports,
        area_role: String::new(),
        period: "2026-Q4".parse().unwrap(),
        codes: Vec::new(),
        rest: Vec::new(),
        estimate: Some(estimate(1_104, 2_256)),
        series_break: false,
        change: Trend::Clear(change(1_000_000, 1_200_000)),
        other_cells: false,
        other_publishers: false,
        lacking: Vec::new(),
    };
    let found = lines(&row);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|line| line.chars().count() <= WIDTH), "{found:?}");
    assert!(found[1].contains("clear rise (+1,000,000 to +1,200,000)"), "{found:?}");
    assert!(found[1].ends_with("1104/3360"), "{found:?}");
    row.estimate = Some(estimate(1, 0));
    row.change = Trend::Missing;
    assert_eq!(lines(&row), ["  2026-Q4 12,345,678 (12,340,000 to 12,350,000) no period before"]);
}

#[test]
fn a_publisher_writes_no_formula_and_turns_no_line() {
    assert_eq!(tame("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
    assert_eq!(tame("@A"), "'@A");
    assert_eq!(tame("A\u{202e}B\u{2066}"), r"A\u{202e}B\u{2066}");
    assert_eq!(tame("Línea - Ayuda"), "Línea - Ayuda");
}
