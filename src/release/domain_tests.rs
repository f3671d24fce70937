//! Tests of domains: the order of rows, and that every count has exactly one cell, whatever its codes are.

use super::*;
use crate::release::Plan;
use crate::release::testing::{WIDE, cell};
use crate::vocabulary::{media, severity};

fn domain(text: &str, table: usize) -> Domain {
    text.parse::<Plan>().unwrap().tables()[table].domain().clone()
}

fn coarse() -> Domain {
    domain(crate::release::COARSE, 0)
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

/// A domain over the `rows`, each a text such as `ref_area:NL verdict:KNOWN`.
fn of_rows(indicator: Indicator, role: Option<Code>, rows: &[&str]) -> Result<Domain, TableError> {
    let codes = |row: &&str| row.split(' ').map(code).collect::<Vec<_>>();
    let rows: Vec<_> = rows.iter().map(codes).collect();
    let group = |codes: &Vec<Code>| {
        codes.iter().map(|code| (code.dimension(), vec![code.as_str().to_owned()])).collect()
    };
    let dimensions = rows[0].iter().map(|code| code.dimension()).collect();
    Domain::new(indicator, role, dimensions, rows.iter().map(group).collect())
}

#[test]
fn rows_follow_the_plan() {
    let words = |codes: &Vec<Code>| codes.iter().map(|code| code.as_str()).collect::<Vec<_>>().join("/");
    let rows: Vec<String> = coarse().cells().iter().map(words).collect();
    assert_eq!(
        (rows[0].as_str(), rows[6].as_str(), rows[7].as_str()),
        ("KNOWN/SEV_A", "KNOWN/SEV_U", "NEAR/SEV_A")
    );
    assert_eq!(rows[14..], ["IGNORED/_Z", "UNCHECKED/_Z", "UNKNOWN/_Z"]);
}

#[test]
fn every_item_has_exactly_one_cell() {
    let domain = coarse();
    for verdict in Dimension::Verdict.codes() {
        for severity in Dimension::Severity.codes() {
            let place = domain.place(&cell(&[verdict, severity]), &BTreeSet::new());
            assert_eq!(domain.cells()[place][0], verdict, "the verdict is never changed");
            if let Some(own) = domain.cells().iter().position(|codes| *codes == [verdict, severity]) {
                assert_eq!(place, own);
            }
        }
    }
}

#[test]
fn a_code_without_a_row_is_counted_at_its_parent_then_at_unknown_then_at_not_applicable() {
    let domain = coarse();
    let at = |domain: &Domain, codes: &[Code]| {
        domain.cells()[domain.place(&cell(codes), &BTreeSet::new())].clone()
    };
    let unknown = at(&domain, &[verdict::KNOWN, severity::NOT_APPLICABLE]);
    assert_eq!(unknown, [verdict::KNOWN, severity::UNKNOWN]);
    let ignored = at(&domain, &[verdict::IGNORED, code("severity:SEV_N")]);
    assert_eq!(ignored, [verdict::IGNORED, severity::NOT_APPLICABLE]);
    let rows = ["severity:SEV_AB", "severity:SEV_C", "severity:SEV_U"];
    let rolled = of_rows(Indicator::MatchItems, None, &rows).unwrap();
    for (from, to) in [("SEV_A", "SEV_AB"), ("SEV_B", "SEV_AB"), ("SEV_C", "SEV_C"), ("SEV_N", "SEV_U")] {
        let found = at(&rolled, &[verdict::KNOWN, code(&format!("severity:{from}"))]);
        assert_eq!(found, [code(&format!("severity:{to}"))], "{from}");
    }
}

#[test]
fn the_last_dimension_gives_way_first() {
    let rows = [
        "media:IMAGE severity:SEV_A",
        "media:OTHER severity:SEV_A",
        "media:IMAGE severity:SEV_U",
        "media:OTHER severity:SEV_U",
    ];
    let domain = of_rows(Indicator::MatchItems, None, &rows).unwrap();
    let place =
        domain.place(&cell(&[verdict::KNOWN, media::VIDEO, code("severity:SEV_B")]), &BTreeSet::new());
    assert_eq!(domain.cells()[place], [media::OTHER, severity::UNKNOWN]);
    // An image of category B: the category gives way, the kind of content stays.
    let place =
        domain.place(&cell(&[verdict::KNOWN, media::IMAGE, code("severity:SEV_B")]), &BTreeSet::new());
    assert_eq!(domain.cells()[place], [media::IMAGE, severity::UNKNOWN]);
}

#[test]
fn a_class_of_short_lists_is_counted_as_unknown() {
    let domain = domain(WIDE, 1);
    let (national, own) = (code("list_class:NATIONAL"), code("list_class:OWN"));
    let at = |class, named: &[Code]| {
        let named = named.iter().copied().collect();
        domain.cells()[domain.place(&cell(&[verdict::KNOWN, media::IMAGE, class]), &named)][1]
    };
    assert_eq!(at(national, &[national]), national);
    assert_eq!(at(national, &[]), list_class::UNKNOWN);
    assert_eq!(at(own, &[own]), list_class::UNKNOWN, "it has no row");
    assert_eq!(at(list_class::NOT_APPLICABLE, &[]), list_class::NOT_APPLICABLE);
}

#[test]
fn only_what_the_indicator_can_count_needs_a_cell() {
    let rows = ["verdict:KNOWN", "verdict:NEAR"];
    assert!(of_rows(Indicator::MatchItems, None, &rows).is_ok());
    let error = of_rows(Indicator::ItemsScanned, None, &rows).unwrap_err();
    assert_eq!(error, TableError::NotTotal("verdict IGNORED".into()));
    assert_eq!(
        of_rows(Indicator::ListSize, None, &rows).unwrap_err(),
        TableError::NotPublished(Indicator::ListSize)
    );
}

#[test]
fn rows_that_are_too_scattered_are_refused_and_not_searched_for_ever() {
    let dimensions = vec![
        Dimension::Severity,
        Dimension::Media,
        Dimension::Channel,
        Dimension::ListClass,
        Dimension::Verdict,
    ];
    let each = |dimension: &Dimension| -> Vec<String> {
        dimension.codes().map(|code| code.as_str().to_owned()).collect()
    };
    let whole = dimensions.iter().map(|dimension| (*dimension, each(dimension))).collect();
    let error = Domain::new(Indicator::ItemsScanned, None, dimensions, vec![whole]).unwrap_err();
    assert_eq!(error, TableError::TooLarge(10_000));
}
