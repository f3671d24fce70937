//! Horizontal bars with their intervals. Labels and values are text of the page, so that they wrap and can be read aloud;
//! only bars and grid are SVG, with positions in percent, so that one chart fits a telephone and a wall.

use maud::{Markup, html};

use super::group::{self, Figure, Group};
use super::words;
use crate::release::{ReleasedCell, Status};

/// A group with more cells than this draws its withheld ones as a single row; the table lists them all.
const FULL_ROWS: usize = 10;

/// One bar, or the placeholder of what is withheld.
struct Row {
    label: String,
    figure: Option<Figure>,
    near: bool,
}

/// The largest value of the axis and the distance of its grid lines, both "round".
#[derive(Debug, PartialEq, Eq)]
struct Scale {
    end: u64,
    step: u64,
}

impl Scale {
    /// A scale for values up to `most`, with two to five grid lines.
    fn reaching(most: u64) -> Self {
        let most = most.max(1);
        let mut unit = 1_u64;
        loop {
            for factor in [1, 2, 5] {
                let step = unit.saturating_mul(factor);
                if most.div_ceil(step) <= 5 {
                    return Self { end: step.saturating_mul(most.div_ceil(step)), step };
                }
            }
            unit = unit.saturating_mul(10);
        }
    }

    /// The place of `value` on the axis: `63.20%`.
    fn percent(&self, value: u64) -> String {
        let parts = u128::from(value.min(self.end)) * 10_000 / u128::from(self.end);
        format!("{}.{:02}%", parts / 100, parts % 100)
    }

    fn ticks(&self) -> impl Iterator<Item = u64> {
        let step = self.step;
        (0..=self.end / step).map(move |n| n * step)
    }
}

/// Bars on one scale, ready to be drawn.
pub(super) struct Chart {
    /// Sets the parts of one chart apart from those of another on the page.
    id: String,
    caption: String,
    blocks: Vec<Block>,
}

/// Bars of one colour, under a heading if there is more than the caption to say.
struct Block {
    heading: Option<&'static str>,
    class: &'static str,
    rows: Vec<Row>,
}

impl Chart {
    /// Every cell of the groups, below each other, each group under its verdict.
    pub(super) fn of_cells(id: String, caption: String, groups: &[&Group<'_>]) -> Self {
        let block = |(at, group): (usize, &&Group<'_>)| Block {
            heading: Some(words::group_heading(group.verdict)),
            class: if at % 2 == 0 { "tone-0" } else { "tone-1" },
            rows: rows(group),
        };
        Self { id, caption, blocks: groups.iter().enumerate().map(block).collect() }
    }

    /// One bar for each group: the sum of its shown cells.
    pub(super) fn of_sums(id: String, caption: String, groups: &[&Group<'_>]) -> Self {
        let row = |group: &&Group<'_>| {
            let sum = group.sum();
            let label = words::group_heading(group.verdict);
            let partial = sum.shown > 0 && sum.withheld > 0;
            Row {
                label: if partial { words::partial(label) } else { label.into() },
                figure: (sum.shown > 0).then_some(sum.figure),
                near: sum.near_threshold > 0,
            }
        };
        let rows = groups.iter().map(row).collect();
        Self { id, caption, blocks: vec![Block { heading: None, class: "tone-rest", rows }] }
    }

    /// Says whether there is anything but placeholders.
    pub(super) fn has_figures(&self) -> bool {
        self.rows().any(|row| row.figure.is_some())
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.blocks.iter().flat_map(|block| &block.rows)
    }

    /// The chart, without a legend.
    pub(super) fn draw(&self) -> Markup {
        let id = &self.id;
        let figures = self.rows().filter_map(|row| row.figure);
        let scale = Scale::reaching(figures.map(|figure| figure.upper.max(figure.value)).max().unwrap_or(0));
        html! {
            figure.chart aria-labelledby=(format!("{id}-caption")) {
                figcaption #(format!("{id}-caption")) { (self.caption) }
                // The hatching that all rows of the chart refer to.
                svg.defs width="0" height="0" aria-hidden="true" {
                    defs {
                        pattern #(format!("{id}-hatch")) width="6" height="6" patternUnits="userSpaceOnUse"
                            patternTransform="rotate(45)" { rect.hatch width="2" height="6" {} }
                    }
                }
                div.plot {
                    svg.grid width="100%" height="100%" aria-hidden="true" {
                        @for tick in scale.ticks().filter(|&tick| tick == 0 || self.has_figures()) {
                            line x1=(scale.percent(tick)) x2=(scale.percent(tick)) y1="0" y2="100%" {}
                        }
                    }
                    @for block in &self.blocks {
                        div.bars.(block.class) {
                            @if let Some(heading) = block.heading { h3 { (heading) } }
                            ul { @for row in &block.rows { (bar(id, &scale, row)) } }
                        }
                    }
                    @if self.has_figures() {
                        svg.axis width="100%" height="20" aria-hidden="true" {
                            @for tick in scale.ticks() {
                                text.between[tick != 0 && tick != scale.end] x=(scale.percent(tick)) y="14"
                                    text-anchor=(anchor(&scale, tick)) {
                                    (words::number(tick))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What the marks in the charts mean; only of those that occur.
pub(super) fn legend(charts: &[&Chart]) -> Markup {
    let any = |has: fn(&Row) -> bool| charts.iter().any(|chart| chart.rows().any(has));
    let hatch = charts.first().map(|chart| chart.id.as_str());
    html! {
        ul.legend {
            @if any(|row| row.figure.is_some()) { li { (specimen(None)) (words::LEGEND_INTERVAL) } }
            @if any(|row| row.figure.is_none()) { li { (specimen(hatch)) (words::LEGEND_WITHHELD) } }
            @if any(|row| row.near) { li { span.mark aria-hidden="true" { "◆" } (words::LEGEND_NEAR) } }
        }
    }
}

fn rows(group: &Group<'_>) -> Vec<Row> {
    let row = |cell: &ReleasedCell| Row {
        label: label(group, cell),
        figure: group::figure(cell),
        near: cell.status == Status::NearThreshold,
    };
    if group.cells.len() <= FULL_ROWS {
        return group.cells.iter().map(|cell| row(cell)).collect();
    }
    let mut rows: Vec<_> =
        group.cells.iter().map(|cell| row(cell)).filter(|row| row.figure.is_some()).collect();
    let withheld = group.cells.len() - rows.len();
    if withheld > 0 {
        rows.push(Row { label: words::further_withheld(withheld), figure: None, near: false });
    }
    rows
}

/// The name of a cell within its group, for the chart and for the table.
pub(super) fn label(group: &Group<'_>, cell: &ReleasedCell) -> String {
    let labels: Vec<_> = group::codes_within(cell).map(words::row_label).collect();
    if labels.is_empty() { words::group_heading(group.verdict).into() } else { labels.join(" · ") }
}

/// End labels stay within the chart.
fn anchor(scale: &Scale, tick: u64) -> &'static str {
    match tick {
        0 => "start",
        tick if tick == scale.end => "end",
        _ => "middle",
    }
}

fn bar(id: &str, scale: &Scale, row: &Row) -> Markup {
    html! {
        li.withheld[row.figure.is_none()].near[row.near] {
            span.label { (row.label) }
            svg.bar width="100%" height="24" role="img" {
                title { (words::bar_title(&row.label, row.figure, row.near)) }
                @match row.figure {
                    Some(figure) => {
                        rect.value y="4" width=(scale.percent(figure.value)) height="16" {}
                        line.whisker x1=(scale.percent(figure.lower)) x2=(scale.percent(figure.upper)) y1="12" y2="12" {}
                        line.whisker x1=(scale.percent(figure.lower)) x2=(scale.percent(figure.lower)) y1="7" y2="17" {}
                        line.whisker x1=(scale.percent(figure.upper)) x2=(scale.percent(figure.upper)) y1="7" y2="17" {}
                    }
                    None => rect.box x="9.5" y="5.5" width="34" height="13" fill=(format!("url(#{id}-hatch)")) {},
                }
            }
            span.amount {
                @match row.figure {
                    Some(figure) => {
                        @if row.near { span.mark title=(words::NEAR_MARK) { "◆" } " " }
                        (words::about(figure))
                    }
                    None => (words::WITHHELD),
                }
            }
        }
    }
}

/// A specimen for the legend: a bar's end, or a box.
fn specimen(hatch: Option<&str>) -> Markup {
    html! {
        svg.specimen width="28" height="14" aria-hidden="true" {
            @match hatch {
                None => {
                    rect.value width="18" height="14" {}
                    line.whisker x1="12" x2="24" y1="7" y2="7" {}
                    line.whisker x1="12" x2="12" y1="3" y2="11" {}
                    line.whisker x1="24" x2="24" y1="3" y2="11" {}
                }
                Some(id) => rect.box x="0.5" y="0.5" width="27" height="13" fill=(format!("url(#{id}-hatch)")) {},
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_on_a_round_number_and_holds_everything() {
        for (most, end, step) in
            [(0, 1, 1), (1, 1, 1), (27, 30, 10), (1_237, 1_500, 500), (48_123, 50_000, 10_000), (5, 5, 1)]
        {
            assert_eq!(Scale::reaching(most), Scale { end, step }, "{most}");
        }
        for most in [7, 99, 12_345, u64::MAX] {
            assert!(
                Scale::reaching(most).end >= most && Scale::reaching(most).ticks().count() <= 6,
                "{most}"
            );
        }
    }

    #[test]
    fn places_are_percentages_of_the_axis() {
        let scale = Scale::reaching(1_237);
        assert_eq!(scale.percent(0), "0.00%");
        assert_eq!(scale.percent(750), "50.00%");
        assert_eq!(scale.percent(9_999), "100.00%");
    }
}
