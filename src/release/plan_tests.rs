//! Tests of plans: what they give, and how every fault is named with its place and its cure.

use super::*;
use crate::release::testing::WIDE;

fn with(text: &str, from: &str, to: &str) -> Result<Plan, PlanError> {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).parse()
}

fn said(text: &str, from: &str, to: &str) -> String {
    with(text, from, to).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn the_shipped_plan_has_seventeen_cells_at_epsilon_one() {
    let plan = Plan::coarse();
    let [table] = plan.tables() else { panic!("one table") };
    assert_eq!((plan.name(), table.name(), table.indicator()), ("coarse", "items", Indicator::ItemsScanned));
    assert_eq!(
        (plan.period(), plan.audience(), plan.cap()),
        (PeriodKind::Month, Audience::Public, plan.epsilon())
    );
    assert_eq!(table.domain().cells().len(), 17);
    assert_eq!((table.protection().epsilon().nano(), plan.charge_nano()), (Epsilon::NANO, Epsilon::NANO));
    assert_eq!((table.protection().threshold(), table.protection().sensitivity()), (23, 1));
    assert_eq!(plan.denominator().map(PlanTable::name), Some("items"));
}

#[test]
fn epsilon_is_shared_by_weight_and_never_exceeded() {
    let plan: Plan = WIDE.parse().unwrap();
    let of = |table: &PlanTable| (table.protection().epsilon().nano(), table.protection().sensitivity());
    assert_eq!(
        plan.tables().iter().map(of).collect::<Vec<_>>(),
        [(500_000_000, 2), (250_000_000, 2), (250_000_000, 2)]
    );
    assert_eq!((plan.charge_nano(), plan.cap().nano()), (1_000_000_000, 2_000_000_000));
    // 0.5 for a sensitivity of 2 is noise of scale 4.
    let thresholds: Vec<u64> = plan.tables().iter().map(|table| table.protection().threshold()).collect();
    assert_eq!(thresholds, [62, 115, 115]);
    let thirds = with(WIDE, "share = 2", "").unwrap();
    assert_eq!(thirds.charge_nano(), 999_999_999);
    let alone = with(WIDE, "items_per_case = 5", "").unwrap();
    assert!(alone.tables().iter().all(|table| table.protection().sensitivity() == 1));
}

#[test]
fn faults_of_the_plan_are_named() {
    let said = |from, to| said(COARSE, from, to);
    assert!(said("name = \"coarse\"", "name = \"../x\"").contains("../x"));
    assert!(said("schema = 2", "schema = 3").contains("schema 3"));
    assert!(said("schema = 2", "schema = 1").contains("write it anew with schema = 2"));
    assert!(said("schema = 2", "schema = \"2\"").contains("cannot be read"));
    assert!(said("k = 10", "k = 0").contains("k = 0"));
    assert!(said("rounding = 1", "rounding = 7").contains("rounding = 7"));
    assert!(said("1e-6", "1e-1").contains("beta = \"1e-1\""));
    assert!(said("epsilon = \"1\"", "epsilon = \"0\"").contains("epsilon = \"0\": write a decimal"));
    assert!(said("epsilon = \"1\"", "epsilon = 1.0").contains("cannot be read"));
    assert!(said("epsilon = \"1\"", "epsilon = inf").contains("cannot be read"));
    assert!(said("epsilon = \"1\"", "epsilon = \"1\"\ncap = \"0.5\"").contains("less than epsilon"));
    assert!(
        said("epsilon = \"1\"", "epsilon = \"1\"\ncap = \"4.1\"").contains("no month may spend more than 4")
    );
    assert!(said("epsilon = \"1\"", "epsilon = \"5\"").contains("no month may spend more than 4"));
    let above = said("epsilon = \"1\"", "epsilon = \"5\"\ncap = \"2\"");
    assert!(
        above.starts_with("epsilon = \"5\"") && above.contains("epsilon and cap are at most 4"),
        "{above}"
    );
    assert!(said("epsilon = \"1\"", "epsilon = \"11\"").contains("epsilon and cap are at most 4"));
    assert!(said("schema = 2", "schema = 1").contains("`innerward release plan print coarse`"));
    assert!(said("\"2035-12\"", "\"2035\"").contains("is not a month"));
    assert!(said("\"2035-12\"", "\"soon\"").contains("soon"));
    assert!(said("\"public\"", "\"everybody\"").contains("everybody"));
    assert!(said("\"month\"", "\"week\"").contains("week"));
    assert!(said("rounding = 1", "rounding = 1\ncolour = 2").contains("colour"));
    assert!(said("rounding = 1", "rounding = 1\nitems_per_case = 0").contains("items_per_case = 0"));
    let reports = "rounding = 1\nitems_per_case = 5";
    let text = COARSE.replace("ITEMS_SCANNED", "REPORTS").replace("rounding = 1", reports);
    assert_eq!(text.parse::<Plan>().unwrap_err(), PlanError::CaseCapWithoutItems);
    let tables = &COARSE[COARSE.find("[[table]]").unwrap()..];
    let twice = format!("{COARSE}\n{tables}").parse::<Plan>().unwrap_err();
    assert_eq!(twice, PlanError::TableTwice("items".into()));
    let many: String = (0..33).map(|n| tables.replace("\"items\"", &format!("\"t{n}\""))).collect();
    let head = &COARSE[..COARSE.find("[[table]]").unwrap()];
    assert_eq!(format!("{head}{many}").parse::<Plan>().unwrap_err(), PlanError::Tables(33));
    assert!(head.parse::<Plan>().unwrap_err().to_string().contains("table"));
}

#[test]
fn faults_of_a_table_are_named_with_it() {
    let said = |from, to| said(COARSE, from, to);
    for (from, to, word) in [
        ("ITEMS_SCANNED", "VICTIMS", "VICTIMS\": use ITEMS_SCANNED, MATCH_ITEMS"),
        ("ITEMS_SCANNED", "LIST_SIZE", "stays in the organisation"),
        ("ITEMS_SCANNED", "MATCH_ITEMS", "row group 2: MATCH_ITEMS never counts at verdict IGNORED"),
        ("dimensions =", "share = 0\ndimensions =", "share = 0"),
        ("\"verdict\", \"severity\"]", "\"verdict\", \"opinion\"]", "opinion cannot be a dimension"),
        ("\"verdict\", \"severity\"]", "\"verdict\", \"verdict\"]", "each once"),
        ("\"verdict\", \"severity\"]", "]", "at least one dimension"),
        ("dimensions =", "area_role = \"HOSTING\"\ndimensions =", "area_role belongs to"),
        ("\"SEV_X\"", "\"SEV_Y\"", "SEV_Y"),
        ("\"NEAR\"]", "\"NEAR\", \"KNOWN\"]", "twice"),
        ("\"UNCHECKED\", ", "", "verdict UNCHECKED"),
        ("severity = [\"_Z\"]", "", "row group 2"),
        ("[\"_Z\"]", "[\"_Z\"]\nmedia = [\"IMAGE\"]", "row group 2"),
        ("[\"_Z\"]", "[]", "row group 2"),
    ] {
        let said = said(from, to);
        assert!(said.starts_with("table \"items\": ") && said.contains(word), "{from} -> {to}: {said}");
    }
    let small = WIDE.replace("epsilon = \"1\"", "epsilon = \"0.001\"").parse::<Plan>().unwrap_err();
    assert!(small.to_string().contains("a table needs 0.001"), "{small}");
}

#[test]
fn an_unknown_dimension_is_answered_with_those_that_a_table_can_have() {
    for (from, to) in [
        ("\"verdict\", \"severity\"]", "\"verdict\", \"bogus\"]"),
        ("severity = [\"_Z\"]", "severity = [\"_Z\"]\nbogus = [\"_Z\"]"),
    ] {
        let said = said(COARSE, from, to);
        assert!(said.starts_with("table \"items\": \"bogus\" is not a dimension; use "), "{said}");
        let offered: Vec<&str> = said.rsplit("use ").next().unwrap().split(", ").collect();
        assert!(offered.contains(&"verdict") && offered.contains(&"ref_area"), "{said}");
        for no in ["opinion", "outcome", "legal", "act"] {
            assert!(!offered.contains(&no), "{no}: {said}");
        }
        // What is offered is taken for a dimension: at most, the rows do not fit it.
        for name in offered {
            let with = with(COARSE, "\"verdict\", \"severity\"]", &format!("{name:?}]"));
            assert!(
                !matches!(
                    with,
                    Err(PlanError::Table {
                        source: TableError::NotAColumn { .. } | TableError::UnknownDimension { .. },
                        ..
                    })
                ),
                "{name}"
            );
        }
    }
}
