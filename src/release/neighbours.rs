//! The neighbouring relation: what one unit can change in a table, stated in one place, for the noise, for the ledger
//! and for the manifest. `docs/privacy.md` says the same in the same order.

#![deny(clippy::float_arithmetic)]

use crate::vocabulary::{Dimension, Unit};

/// What of a table decides how much one unit can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Features {
    /// What the table counts.
    pub(super) unit: Unit,
    /// The most items of a case that count, if there is such a cap.
    pub(super) items_per_case: Option<u32>,
    /// Says whether `novelty` is a dimension of the table.
    pub(super) novelty: bool,
}

impl Features {
    pub(super) fn of(unit: Unit, items_per_case: Option<u32>, dimensions: &[Dimension]) -> Self {
        Self { unit, items_per_case, novelty: dimensions.contains(&Dimension::Novelty) }
    }

    /// The cap by case, if it bears on the table: reports and addresses are counted without one.
    fn case_cap(self) -> Option<u32> {
        self.items_per_case.filter(|_| self.unit == Unit::Items)
    }
}

/// The L1 sensitivity of a table: by how much all its cells together change, at most, when one unit is added or removed.
///
/// * A unit has one cell of a table and counts there once: 1.
/// * With at most c items a case, removing an item that counts can admit another of its case that did not: twice that.
/// * New against repeated: removing an earlier sighting takes a unit from its cell, and moves a later sighting of it from
///   *known* to *new*, which changes two cells by one: three times.
/// * Both: each of the two items of a case may move a later one: six times.
pub(super) fn sensitivity(features: Features) -> u32 {
    let case = if features.case_cap().is_some() { 2 } else { 1 };
    let novelty = if features.novelty { 3 } else { 1 };
    case * novelty
}

/// The relation of a table in words, as its manifest has it.
pub(super) fn relation(features: Features) -> String {
    let one = match features.unit {
        Unit::Items => "one item, added or removed, with all its sightings, reports and decisions together",
        Unit::Reports => "one report, added or removed, with everything in it",
        Unit::Urls => "one web address, added or removed, with all its reports together",
    };
    let mut text = format!(
        "Neighbouring data differ by {one}. It has one cell of the table, by a rule that looks at it alone, and counts \
         there once: one cell changes by one."
    );
    if let Some(most) = features.case_cap() {
        text.push_str(&format!(
            " At most {most} items of a case count, so removing one can admit another: two cells change by one."
        ));
    }
    if features.novelty {
        text.push_str(
            " New is told from repeated, which ties periods together: removing an earlier sighting can move a later one \
             to another cell as well, which makes it three times as much.",
        );
    }
    let sum = sensitivity(features);
    text.push_str(&format!(" The L1 sensitivity is {sum}, and the noise is made for {sum}."));
    text
}

/// What a unit is, as the manifest says it once for each unit that has a table.
pub(super) fn unit_in_words(unit: Unit) -> &'static str {
    match unit {
        Unit::Items => {
            "One content item of one organisation in one period, with all its sightings, reports and decisions together; \
             not a person, a child or a case. An item that matched is identified by the stable key of its list entry \
             (source, member, id), any other by the BLAKE3 of its bytes: fifty re-encodings of a picture that is on no \
             list are fifty items."
        }
        Unit::Reports => {
            "One report of one organisation in one period, by its number in the case system of the organisation, with \
             everything in it; not a person, a child or a case. Two reports about one matter are two reports."
        }
        Unit::Urls => {
            "One web address of one organisation in one period, by its record in the case system of the organisation, \
             with all its reports together; not a site, a person, a child or a case."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(unit: Unit, items_per_case: Option<u32>, novelty: bool) -> Features {
        Features { unit, items_per_case, novelty }
    }

    #[test]
    fn each_feature_is_charged_as_it_is_stated() {
        for (unit, cap, novelty, sum) in [
            (Unit::Items, None, false, 1),
            (Unit::Items, Some(5), false, 2),
            (Unit::Items, None, true, 3),
            (Unit::Items, Some(1), true, 6),
            (Unit::Reports, None, false, 1),
            (Unit::Reports, Some(5), false, 1),
            (Unit::Reports, Some(5), true, 3),
            (Unit::Urls, Some(5), false, 1),
        ] {
            let features = features(unit, cap, novelty);
            assert_eq!(sensitivity(features), sum, "{features:?}");
            let words = relation(features);
            assert!(
                words.ends_with(&format!("The L1 sensitivity is {sum}, and the noise is made for {sum}."))
            );
            assert_eq!(words.contains("of a case count"), unit == Unit::Items && cap.is_some(), "{words}");
            assert_eq!(words.contains("New is told"), novelty, "{words}");
        }
    }

    #[test]
    fn novelty_is_seen_in_the_dimensions() {
        let of = |dimensions: &[Dimension]| Features::of(Unit::Items, None, dimensions).novelty;
        assert!(of(&[Dimension::Verdict, Dimension::Novelty]) && !of(&[Dimension::Verdict]));
    }
}
