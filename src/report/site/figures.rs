//! Figures as every page shows them: a cell, a sum with what it leaves out, a change, a table of all cells.

use maud::{Markup, html};

use super::say::{Said, Voice};
use crate::language::Arg;
use crate::release::{ReleasedCell, ReleasedTable, Status, TableNote};
use crate::report::data::{Change, Estimate, Series, Trend};
use crate::vocabulary::{Code, Dimension, Period, Unit, severity};

/// The sign of a figure just above the threshold.
pub(super) const NEAR: &str = "◆";

/// The label of a code among others of its dimension: `Not applicable` alone would leave a reader wondering what is not.
fn label(voice: &Voice<'_>, code: Code) -> Said {
    match code {
        severity::NOT_APPLICABLE => voice.definition(voice.locale().code(code)),
        code => voice.code(code),
    }
}

/// The label of the row of a code in a table: where the table has rows below the code, its own row is their rest, and the
/// name of the whole would be false.
pub(super) fn row_label(voice: &Voice<'_>, table: &ReleasedTable, code: Code) -> Said {
    let label = label(voice, code);
    if is_rest(table, code) { voice.say("rest-of", &[("what", Arg::Text(label.plain()))]) } else { label }
}

/// The same in a series: the rest in any of its tables.
pub(super) fn series_label(voice: &Voice<'_>, series: &Series<'_>, code: Code) -> Said {
    let label = label(voice, code);
    if series.is_rest(code) { voice.say("rest-of", &[("what", Arg::Text(label.plain()))]) } else { label }
}

/// True if the table has a row for a code below `code`.
fn is_rest(table: &ReleasedTable, code: Code) -> bool {
    let above = |row: &Code| std::iter::successors(row.parent(), |found| found.parent());
    let mut rows = table.cells().iter().flat_map(|cell| &cell.codes);
    rows.any(|row| row.dimension() == code.dimension() && above(row).any(|found| found == code))
}

/// What “the rest” means, where a table has such a row.
pub(super) fn rest_note<'t>(
    voice: &Voice<'_>,
    mut tables: impl Iterator<Item = &'t ReleasedTable>,
) -> Markup {
    let has_rest = |table: &ReleasedTable| {
        let mut codes = table.note().dimensions.iter().flat_map(|&dimension| codes_of(table, dimension));
        codes.any(|code| is_rest(table, code))
    };
    html! { @if tables.any(has_rest) { p.note { (voice.t("rest-note")) } } }
}

/// What distinguishes a cell of a table, in words.
pub(super) fn row_labels(voice: &Voice<'_>, table: &ReleasedTable, codes: &[Code]) -> String {
    match codes {
        [] => voice.t("all-groups").plain().to_owned(),
        codes => voice.join(codes.iter().map(|&code| row_label(voice, table, code).plain().to_owned())),
    }
}

/// What distinguishes a group of a series, in words.
pub(super) fn series_labels(voice: &Voice<'_>, series: &Series<'_>, codes: &[Code]) -> String {
    match codes {
        [] => voice.t("all-groups").plain().to_owned(),
        codes => voice.join(codes.iter().map(|&code| series_label(voice, series, code).plain().to_owned())),
    }
}

/// `About 1,829 items, in October 2026. …`, with what is left out and what is near the threshold.
pub(super) fn sum_sentence(voice: &Voice<'_>, unit: Unit, sum: &Estimate, period: &str) -> Markup {
    if sum.shown == 0 {
        return html! { (voice.say("nothing-shown", &[("period", Arg::Text(period))])) };
    }
    let count = voice.count(unit, sum.value);
    let (low, high) = (voice.number(sum.low), voice.number(sum.high));
    let about = voice.say(
        "sum-sentence",
        &[
            ("count", Arg::Text(count.plain())),
            ("period", Arg::Text(period)),
            ("low", Arg::Text(&low)),
            ("high", Arg::Text(&high)),
        ],
    );
    html! { (about) " " (left_out(voice, sum)) }
}

/// What a sum leaves out, and which of its parts tend to be too high.
pub(super) fn left_out(voice: &Voice<'_>, sum: &Estimate) -> Markup {
    let cells = (sum.shown + sum.withheld) as u64;
    html! {
        @if sum.withheld > 0 {
            (voice.say("sum-leaves-out", &[
                ("withheld", Arg::Number(sum.withheld as u64)),
                ("cells", Arg::Number(cells)),
            ]))
        }
        @if sum.near_threshold > 0 {
            " " (voice.say("sum-near", &[("near", Arg::Number(sum.near_threshold as u64))]))
        }
    }
}

/// A change as a sentence.
pub(super) fn change_sentence(voice: &Voice<'_>, trend: Trend, before: Period) -> Said {
    let before = voice.period(before);
    let before = ("before", Arg::Text(&before));
    match trend {
        Trend::Withheld => voice.say("change-withheld", &[before]),
        Trend::Broken => voice.say("change-broken", &[before]),
        Trend::Missing => voice.say("change-missing", &[before]),
        Trend::NoClearChange(_) => voice.say("change-none", &[before]),
        Trend::Clear(change) => {
            let [difference, low, high] = ends(voice, change);
            let key = if change.low > 0 { "change-more" } else { "change-fewer" };
            voice.say(
                key,
                &[
                    before,
                    ("difference", Arg::Text(&difference)),
                    ("low", Arg::Text(&low)),
                    ("high", Arg::Text(&high)),
                ],
            )
        }
    }
}

/// The size of a difference and of the ends of its interval, the smaller first.
pub(super) fn ends(voice: &Voice<'_>, change: Change) -> [String; 3] {
    let (low, high) = (change.low.unsigned_abs(), change.high.unsigned_abs());
    [change.difference().unsigned_abs(), low.min(high), low.max(high)].map(|size| voice.number(size))
}

/// A change in a column: `+120 102–138`.
pub(super) fn change_cell(voice: &Voice<'_>, trend: Trend) -> Markup {
    let key = match trend {
        Trend::NoClearChange(_) => "change-short-none",
        Trend::Withheld => "change-short-withheld",
        Trend::Broken => "change-short-broken",
        Trend::Missing => "change-short-missing",
        Trend::Clear(change) => {
            let class = if change.low > 0 { "up" } else { "down" };
            let locale = voice.locale();
            return html! {
                td {
                    strong.(class) { bdi { (plus(change.low)) (locale.signed(change.difference())) } }
                    " " small { bdi { (locale.range(change.low, change.high)) } }
                }
            };
        }
    };
    html! { td.soft { (voice.t(key)) } }
}

/// The sign of more; that of fewer comes with the number.
fn plus(low: i64) -> &'static str {
    if low > 0 { "+" } else { "" }
}

/// A sum in a column, with its range. The sign of a figure near the threshold is for one figure: a sum of several lies far
/// above that level.
pub(super) fn estimate_cell(voice: &Voice<'_>, estimate: Option<&Estimate>) -> Markup {
    match estimate {
        None => html! { td.soft { (voice.t("change-short-missing").plain()) } },
        Some(sum) if sum.shown == 0 => html! { td.w { (voice.t("withheld").plain()) } },
        Some(sum) => html! {
            td {
                (voice.number(sum.value)) @if sum.near_threshold > 0 && sum.shown + sum.withheld == 1 { " " (NEAR) }
                (voice.say("in-brackets", &[("text", Arg::Text(&voice.range(sum.low, sum.high)))]).plain())
            }
        },
    }
}

/// A table that may be wider than a telephone: it scrolls by itself, also by the keyboard.
pub(super) fn wide(label: &str, table: Markup) -> Markup {
    html! { div.scroll role="region" aria-label=(label) tabindex="0" { (table) } }
}

/// Every cell of a table, its last dimension across, or the one with the fewest codes if there are two.
pub(super) fn pivot(voice: &Voice<'_>, table: &ReleasedTable, caption: &Markup) -> Markup {
    let note = table.note();
    let across = across(table);
    let down: Vec<Dimension> =
        note.dimensions.iter().copied().filter(|dimension| Some(*dimension) != across).collect();
    let columns: Vec<Option<Code>> = match across {
        Some(dimension) => codes_of(table, dimension).into_iter().map(Some).collect(),
        None => vec![None],
    };
    let mut rows: Vec<Vec<Code>> = Vec::new();
    for cell in table.cells() {
        let codes: Vec<Code> =
            cell.codes.iter().copied().filter(|code| down.contains(&code.dimension())).collect();
        if !rows.contains(&codes) {
            rows.push(codes);
        }
    }
    let cell_of = |row: &[Code], column: Option<Code>| {
        table
            .cells()
            .iter()
            .find(|cell| cell.codes.iter().all(|code| row.contains(code) || Some(*code) == column))
    };
    let withheld = voice.t("withheld");
    let heads = voice.join(down.iter().map(|&dimension| voice.dimension(dimension).plain().to_owned()));
    html! {
        table.pivot {
            caption { (caption) }
            thead { tr {
                th { (heads) }
                @for column in &columns {
                    th {
                        @match column { Some(code) => (row_label(voice, table, *code)), None => (voice.t("col-figure")) }
                    }
                }
            } }
            tbody { @for row in &rows {
                tr {
                    th { (row_labels(voice, table, row)) }
                    @for (cell, run) in runs(columns.iter().map(|column| cell_of(row, *column))) {
                        (pivot_cell(voice, cell, run, withheld.plain()))
                    }
                }
            } }
        }
    }
}

/// What the mark of a figure near the threshold means, where one of the tables has one.
pub(super) fn near_note<'t>(
    voice: &Voice<'_>,
    mut tables: impl Iterator<Item = &'t ReleasedTable>,
) -> Markup {
    let near = |table: &ReleasedTable| table.cells().iter().any(|cell| cell.status == Status::NearThreshold);
    html! { @if tables.any(near) { p.note { (voice.say("near-mark-note", &[("mark", Arg::Text(NEAR))])) } } }
}

/// The cells of a row; those beside each other that are withheld are one, so that a page of blanks stays short.
fn runs<'c>(cells: impl Iterator<Item = Option<&'c ReleasedCell>>) -> Vec<(Option<&'c ReleasedCell>, usize)> {
    let is_withheld = |cell: Option<&ReleasedCell>| cell.is_some_and(|cell| cell.value.is_none());
    let mut runs: Vec<(Option<&ReleasedCell>, usize)> = Vec::new();
    for cell in cells {
        match runs.last_mut() {
            Some((last, run)) if is_withheld(*last) && is_withheld(cell) => *run += 1,
            _ => runs.push((cell, 1)),
        }
    }
    runs
}

fn pivot_cell(voice: &Voice<'_>, cell: Option<&ReleasedCell>, run: usize, withheld: &str) -> Markup {
    match cell.map(|cell| (cell.value, cell.status)) {
        None => html! { td.soft { "–" } },
        Some((Some(value), status)) => html! {
            td { (voice.number(value.get())) @if status == Status::NearThreshold { " " (NEAR) } }
        },
        Some((None, _)) => html! { td.w colspan=[(run > 1).then_some(run)] { (withheld) } },
    }
}

/// The dimension whose codes are columns.
fn across(table: &ReleasedTable) -> Option<Dimension> {
    match table.note().dimensions[..] {
        [] | [_] => None,
        [first, second] => {
            let count = |dimension| codes_of(table, dimension).len();
            Some(if count(first) < count(second) { first } else { second })
        }
        [.., last] => Some(last),
    }
}

/// The codes of `dimension` that the table has, in the order of the code list.
pub(super) fn codes_of(table: &ReleasedTable, dimension: Dimension) -> Vec<Code> {
    let mut codes: Vec<Code> = table.cells().iter().flat_map(|cell| cell.codes.iter().copied()).collect();
    codes.retain(|code| code.dimension() == dimension);
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// A number of each table: `3`, or `3 to 12, by table`.
pub(super) fn over_tables<'n>(
    voice: &Voice<'_>,
    tables: impl Iterator<Item = &'n TableNote>,
    of: impl Fn(&TableNote) -> u64,
) -> String {
    let numbers: Vec<u64> = tables.map(of).collect();
    match (numbers.iter().min(), numbers.iter().max()) {
        (Some(&least), Some(&most)) if least != most => {
            let (low, high) = (voice.number(least), voice.number(most));
            let args = [("low", Arg::Text(&low)), ("high", Arg::Text(&high))];
            voice.say("by-table", &args).plain().to_owned()
        }
        (_, most) => voice.number(most.copied().unwrap_or_default()),
    }
}
