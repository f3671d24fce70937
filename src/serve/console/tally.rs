//! What was counted in a month: exact, for the ward's own eyes.

use axum::extract::{Query, State as Shared};
use maud::{Markup, html};

use super::super::Problem;
use super::super::manage::tally::{Counted, CountedBy, USUAL as SHOWN};
use super::forms::Texts;
use super::gate::{Console, Trouble, Visit};
use super::page::{self, Html, Page, grouped};
use super::words;
use crate::vocabulary::{Code, Indicator, Period, PeriodKind};

/// Rows that are shown; the largest come first.
const MOST: usize = 200;

/// So many of something.
pub(super) struct TallyRow {
    pub(super) indicator: Indicator,
    /// Of screened items the codes of [`SHOWN`]; none for the sum of another indicator.
    pub(super) codes: Vec<Code>,
    pub(super) number: u64,
}

/// What was counted, the largest of each indicator first.
pub(super) fn rows(counted: Vec<CountedBy>) -> Vec<TallyRow> {
    let (items, others): (Vec<_>, Vec<_>) =
        counted.into_iter().partition(|of| of.indicator == Indicator::ItemsScanned);
    let of_items = items.into_iter().flat_map(|of| of.by);
    let mut rows: Vec<TallyRow> = of_items
        .map(|(codes, number)| TallyRow { indicator: Indicator::ItemsScanned, codes, number })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.number));
    let sum = |of: CountedBy| TallyRow { indicator: of.indicator, codes: Vec::new(), number: of.total };
    rows.extend(others.into_iter().map(sum));
    rows
}

/// What was screened in a period, all together.
pub(super) fn items(rows: &[TallyRow]) -> u64 {
    rows.iter().filter(|row| row.indicator == Indicator::ItemsScanned).map(|row| row.number).sum()
}

/// The page.
pub(super) async fn show(
    Shared(console): Shared<Console>,
    visit: Visit,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Html, Trouble> {
    let asked: Texts = asked.into();
    let today = console.state.clock().today();
    let period = match asked.get("month") {
        "" => Period::containing(today),
        text => text.parse().map_err(|_| Problem::bad_request(words::NO_MONTH))?,
    };
    if period.kind() != PeriodKind::Month {
        return Err(Problem::bad_request(words::NO_MONTH).into());
    }
    let (rows, months, is_sealed) = console
        .state
        .apart(move |state| {
            let Counted { periods: mut months, is_sealed, indicators, .. } = state.counted(period, &SHOWN)?;
            months.retain(|month| month.kind() == PeriodKind::Month);
            if !months.contains(&period) {
                months.push(period);
            }
            months.sort_unstable();
            Ok((rows(indicators), months, is_sealed))
        })
        .await?;
    let body = html! {
        p.local { strong { (words::NOT_FOR_SHARING) } " " (words::TALLY_NOTE) }
        form.line method="get" action=(Page::Tally.path()) {
            label for="month" { (words::MONTH) }
            select #month name="month" {
                @for month in months.iter().rev() {
                    option value=(month.to_string()) selected[*month == period] { (month.in_words()) }
                }
            }
            button type="submit" { (words::SHOW) }
        }
        p { @if is_sealed { (words::SEALED) } @else { (words::NOT_SEALED) } }
        (counted(period, &rows))
    };
    Ok(page::page(
        &visit,
        console.state.0.home.is_demo(),
        Page::Tally,
        &words::tally_of(&period.in_words()),
        body,
    ))
}

fn counted(period: Period, rows: &[TallyRow]) -> Markup {
    let screened: Vec<&TallyRow> = rows.iter().filter(|row| !row.codes.is_empty()).collect();
    let others = rows.iter().filter(|row| row.codes.is_empty());
    html! {
        @if rows.is_empty() { p.empty { (words::NOTHING_COUNTED) } }
        @if !screened.is_empty() {
            (page::table(&words::items_in(&period.in_words()), &words::TALLY_HEADS, html! {
                @for row in screened.iter().take(MOST) {
                    tr { @for code in &row.codes { td { (page::label(*code)) } } td.n { (grouped(row.number)) } }
                }
                tr.all { th scope="row" colspan=(SHOWN.len()) { (words::ALL) } td.n { (grouped(items(rows))) } }
            }))
            @if screened.len() > MOST { p { (words::cut(MOST, screened.len())) } }
        }
        @if rows.iter().any(|row| row.codes.is_empty()) {
            (page::table(words::OTHERS, &words::OTHER_HEADS, html! {
                @for row in others { tr { th scope="row" { (row.indicator.as_str()) } td.n { (grouped(row.number)) } } }
            }))
        }
    }
}
