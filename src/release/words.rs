//! What a manifest says in words. The promise follows from the numbers beside it, and is worked out anew when a release is
//! verified: no manifest can promise something else than its numbers do.

#![deny(clippy::float_arithmetic)]

use super::epsilon::decimal;
use crate::vocabulary::{Indicator, Period, Unit};

/// `item`, `items` …
const fn noun(unit: Unit) -> (&'static str, &'static str) {
    match unit {
        Unit::Items => ("item", "items"),
        Unit::Reports => ("report", "reports"),
        Unit::Urls => ("web address", "web addresses"),
    }
}

/// What the tables of one unit promise together.
pub(super) fn promise(unit: Unit, epsilon_nano: u64) -> String {
    let (one, _) = noun(unit);
    format!(
        "Whether one {one} was there or not changes the probability of anything that the tables of this unit can show by a \
         factor of at most exp({}): a stated, bounded risk for each {one}.",
        decimal(epsilon_nano)
    )
}

/// What a release, or several, say of several units, of several periods and of several organisations. `unit` is that of all
/// tables; `None` if they have several.
pub(super) fn group_figure(
    unit: Option<Unit>,
    epsilon_nano: u64,
    cap_nano: u64,
    period: Period,
    items_per_case: u32,
) -> String {
    let (item, items) = unit.map_or(("unit", "units"), noun);
    let times = |n: u64| decimal(epsilon_nano.saturating_mul(n));
    let one = times(1);
    let months = period.months().len() as u64;
    let kind = period.kind().as_str();
    let mut text = format!(
        "1 {item}: epsilon {one}. 5 {items} of one person: up to {}; 50 {items}: up to {}; g {items}: up to g times {one}. ",
        times(5),
        times(50)
    );
    if items_per_case > 0 {
        text.push_str(&format!(
            "At most {items_per_case} items of a case count in a table, so a case with any number of items: up to {}. ",
            times(u64::from(items_per_case))
        ));
    }
    let year = 12 / months;
    if year > 1 {
        text.push_str(&format!("One that is seen in all {year} {kind}s of a year: up to {}. ", times(year)));
    }
    text.push_str(&format!(
        "With every release and correction that the budget allows, one {item} of one month: up to {}. The same {item} at 1 \
         organisation: {one}; at 2: up to {}; at all G organisations that publish like this: up to G times {one}.",
        decimal(cap_nano),
        times(2)
    ));
    text
}

/// Which table is the denominator of the others.
pub(super) fn denominator<'a>(mut tables: impl Iterator<Item = (&'a str, Indicator)>) -> String {
    match tables.find(|(_, indicator)| *indicator == Indicator::ItemsScanned) {
        Some((name, _)) => format!(
            "Table {name} counts all items that were screened. It is the denominator: read the other tables of items, and \
             its own rows, by it."
        ),
        None => "No table counts all items that were screened: from this release nobody can tell a change in what was found \
                 from a change in how much was looked at."
            .to_owned(),
    }
}

/// How to cite the release.
pub(super) fn citation(
    demo: bool,
    publisher: &str,
    period: Period,
    release_id: &str,
    on: jiff::civil::Date,
) -> String {
    let says_demo = if demo { "DEMO, the numbers describe nothing. " } else { "" };
    let publisher = publisher.strip_prefix(super::manifest::DEMO).filter(|_| demo).unwrap_or(publisher);
    format!(
        "{says_demo}{publisher}: screening results for {}, release {release_id}, published {on}.",
        period.in_words()
    )
}

/// What decides which words of caution a release needs.
pub(super) struct Cautions<'a> {
    pub(super) indicators: &'a [Indicator],
    pub(super) has_areas: bool,
    pub(super) has_novelty: bool,
    pub(super) items_per_case: u32,
    pub(super) witnessed: bool,
    pub(super) revision: u32,
}

/// How to read the numbers.
pub(super) fn caveats(cautions: &Cautions<'_>) -> Vec<String> {
    let units = |unit| cautions.indicators.iter().any(|indicator| indicator.unit() == unit);
    let decided = [Indicator::Reviewed, Indicator::Confirmed, Indicator::Overturned];
    let mut caveats = vec![
        "Volume is not prevalence, and not a number of children, offenders or pictures in the world. It moves with \
         reporting duties, platforms and tools.",
        "A report, a web address, an item and a hash are different units. Tables of different units must not be added.",
        if cautions.has_areas {
            "A country is where something was hosted, uploaded, reported or judged; the table says which. Some countries \
             are never shown alone, and are counted in their region."
        } else {
            "No table names a place. Where an organisation sits says nothing about where anything happened."
        },
        "A match says what a list knows. No match says nothing about what an item shows. NEAR is a likeness that a person \
         must judge.",
        "Noise has been added to every cell: differences smaller than the stated interval mean nothing. A blank was \
         withheld and is not a zero. Do not read trends from values below 50.",
        "Categories come from the schemes of the lists; translating between schemes loses detail.",
        "Thresholds and kinds of hash change what matches. Where they change, a series breaks; the breaks that are known \
         are listed here.",
        "The 95 % interval holds for a cell before the threshold is applied. Among shown cells near the threshold values \
         are biased upward; those within one half-width of it carry the status U.",
        "A sum over shown cells leaves out the withheld ones: say how many. A list that grows moves counts without any \
         change in the world.",
        "Several tables may show the same items in different ways; they must not be added either.",
    ];
    if units(Unit::Items) {
        caveats.push("Fifty re-encodings of a picture that is on no list are fifty items.");
        caveats.push(if cautions.items_per_case > 0 {
            "Of the items of one case only so many count as the plan says, so a large case shows as a small one."
        } else {
            "There is no cap by case: one large case can show as a spike."
        });
    }
    if units(Unit::Reports) || units(Unit::Urls) {
        caveats.push(
            "Reports and web addresses are counted as the case system of the organisation has them; one that is there \
             twice counts twice.",
        );
    }
    if decided.iter().any(|indicator| cautions.indicators.contains(indicator)) {
        caveats.push(
            "Tables of reviewed items say what people decided, and how many they got to; they move with the hours of the \
             reviewers. Decisions change nothing in the tables of screened and of matching items.",
        );
    }
    if cautions.has_novelty {
        caveats.push(
            "New means that it had not been seen here before; it is not new in the world. New against repeated ties \
             periods together.",
        );
    }
    caveats.push(
        "The same item at several organisations is counted by each, and loses as many times as much; nothing is \
         deduplicated across organisations.",
    );
    caveats.push(
        "A period ends with its sealing. What is screened or decided later counts in the period of that day, possibly a \
         second time. Late rows of a case system are left out, or, if the organisation chose so, counted in the period in \
         which they arrive, possibly a second time.",
    );
    if cautions.revision > 1 {
        caveats.push(
            "This is a correction: it takes the place of the release that it names, was paid for again, and has noise of \
             its own. The difference of the two is no exact figure.",
        );
    }
    if !cautions.witnessed {
        caveats.push(
            "No outside witness holds a copy of the log: only who kept earlier releases could see that the ledger was \
             turned back.",
        );
    }
    caveats.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_says_what_becomes_of_what_comes_late() {
        let cautions = Cautions {
            indicators: &[Indicator::Reports],
            has_areas: false,
            has_novelty: false,
            items_per_case: 0,
            witnessed: true,
            revision: 1,
        };
        let told = caveats(&cautions);
        let late: Vec<&String> = told.iter().filter(|caveat| caveat.contains("Late rows")).collect();
        assert!(
            matches!(late[..], [late] if late.contains("left out") && late.contains("a second time")),
            "{late:?}"
        );
    }
}
