//! A plan for an organisation of a given size. The size is a number that somebody types: the tally is out of reach here.

use jiff::civil::Date;

use super::outlook::Outlook;
use super::plan::Plan;
use super::ready::{self, Ready};
use crate::vocabulary::PeriodKind;

/// The share of items that should lie in shown cells, for a plan to be worth its budget.
pub const WORTH: f64 = 0.8;

/// A plan, and what it would show of a typed number of items.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// The plan.
    pub plan: Plan,
    /// Its text, to be kept in a file and registered.
    pub text: String,
    /// Items of a period.
    pub items: u64,
    /// Of each table, in the order of the plan.
    pub tables: Vec<TableOutlook>,
}

/// What a table would show.
#[derive(Debug, Clone)]
pub struct TableOutlook {
    /// Cells of the table.
    pub cells: usize,
    /// Cells that are more likely shown than not.
    pub shown: usize,
    /// The share of items that lies in shown cells, from 0 to 1.
    pub share: f64,
    /// Items of the largest cell, and of the smallest that is more likely shown than not.
    pub sizes: Option<(u64, u64)>,
    /// What the noise does to cells and changes.
    pub outlook: Outlook,
}

impl Suggestion {
    /// True if at least [`WORTH`] of the items of every table lie in shown cells.
    #[must_use]
    pub fn is_worth_it(&self) -> bool {
        self.tables.iter().all(|table| table.share >= WORTH)
    }
}

/// Every plan that was weighed, the finest first. The first that [is worth it](Suggestion::is_worth_it) is the one to take.
///
/// Items are spread over the cells of each table by Zipf's law, the n-th cell having 1/n of the first: counts of this field
/// are as uneven as that. `today` gives the plans their last period.
#[must_use]
pub fn suggest(items_per_month: u64, today: Date) -> Vec<Suggestion> {
    const WEIGHED: [(Ready, PeriodKind); 9] = [
        (Ready::National, PeriodKind::Month),
        (Ready::National, PeriodKind::Quarter),
        (Ready::Coarse, PeriodKind::Month),
        (Ready::SmallHotline, PeriodKind::Month),
        (Ready::SmallHotline, PeriodKind::Quarter),
        (Ready::Verdicts, PeriodKind::Month),
        (Ready::Verdicts, PeriodKind::Quarter),
        (Ready::SmallHotline, PeriodKind::Year),
        (Ready::Verdicts, PeriodKind::Year),
    ];
    WEIGHED.map(|(plan, kind)| weigh(plan, kind, items_per_month, today)).into()
}

fn weigh(ready: Ready, kind: PeriodKind, items_per_month: u64, today: Date) -> Suggestion {
    let text = ready::text(ready, kind, today);
    let plan: Plan = text.parse().expect("a ready plan is valid for every kind of period");
    let months = match kind {
        PeriodKind::Month => 1,
        PeriodKind::Quarter => 3,
        PeriodKind::Year => 12,
    };
    let items = items_per_month.saturating_mul(months);
    let tables = plan
        .tables()
        .iter()
        .map(|table| table_outlook(items, table.domain().cells().len(), Outlook::of(table.protection())))
        .collect();
    Suggestion { plan, text, items, tables }
}

fn table_outlook(items: u64, cells: usize, outlook: Outlook) -> TableOutlook {
    let harmonic: f64 = (1..=cells).map(|n| 1.0 / n as f64).sum();
    let sizes: Vec<u64> = (1..=cells).map(|n| (items as f64 / harmonic / n as f64).round() as u64).collect();
    let shown: Vec<u64> = sizes.iter().copied().filter(|&size| outlook.chance_shown(size) > 0.5).collect();
    let in_shown: f64 = sizes.iter().map(|&size| size as f64 * outlook.chance_shown(size)).sum();
    let all: u64 = sizes.iter().sum();
    TableOutlook {
        cells,
        shown: shown.len(),
        share: if all == 0 { 0.0 } else { in_shown / all as f64 },
        sizes: shown.first().copied().zip(shown.last().copied()),
        outlook,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn chosen(items_per_month: u64) -> Option<(String, PeriodKind)> {
        let weighed = suggest(items_per_month, date(2026, 11, 22));
        weighed.into_iter().find(Suggestion::is_worth_it).map(|s| (s.plan.name().to_owned(), s.plan.period()))
    }

    #[test]
    fn more_items_never_make_the_plan_coarser() {
        let place = |items| {
            let weighed = suggest(items, date(2026, 11, 22));
            weighed.iter().position(Suggestion::is_worth_it).unwrap_or(weighed.len())
        };
        let places: Vec<usize> = (0..24).map(|power| place(1_u64 << power)).collect();
        assert!(places.is_sorted_by(|a, b| a >= b), "{places:?}");
        assert_eq!((places[0], places[23]), (9, 0), "nothing for one item, the finest for eight million");
    }

    #[test]
    fn a_hotline_of_two_hundred_items_a_month_gets_the_quarterly_table() {
        assert_eq!(chosen(200), Some(("small-hotline".to_owned(), PeriodKind::Quarter)));
    }

    #[test]
    fn a_suggested_text_is_the_plan_that_was_weighed() {
        for suggestion in suggest(1000, date(2030, 1, 1)) {
            let plan: Plan = suggestion.text.parse().unwrap();
            assert_eq!(plan.period(), suggestion.plan.period());
            assert!(plan.expires().first_day() > date(2030, 12, 31));
        }
    }
}
