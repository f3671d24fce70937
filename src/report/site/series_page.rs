//! The page of one table, followed over its periods.

use maud::{Markup, html};

use super::chart::{self, Mark, Scale};
use super::document::{Content, Section, spoken};
use super::figures::{
    NEAR, change_cell, change_sentence, estimate_cell, left_out, near_note, over_tables, pivot, rest_note,
    row_label, row_labels, series_label, sum_sentence, wide,
};
use super::followed::{Followed, Groups};
use super::overview::series_by;
use super::say::Voice;
use super::{Site, release_page};
use crate::language::Arg;
use crate::release::{ReleasedCell, Status};
use crate::vocabulary::{Code, Dimension, Period, list_class};

pub(super) fn page(site: &Site<'_>, voice: &Voice<'_>, followed: &Followed<'_>) -> Content {
    let series = followed.series;
    let what = voice.indicator(series.indicator);
    let by = series_by(voice, series);
    let title = voice.say("series-title", &[("what", Arg::Text(what.plain())), ("by", Arg::Text(&by))]);
    let period = voice.period(followed.latest().period());
    let mut sections = vec![
        section("trend", html! { (voice.t("series-trend")) }, over_time(voice, followed)),
        section(
            "latest",
            html! { (voice.say("latest-title", &[("period", Arg::Text(&period))])) },
            latest(voice, followed),
        ),
        section("compare", html! { (voice.t("compare-title")) }, compare(voice, followed)),
        section("withheld", html! { (voice.t("withheld-why-title")) }, withheld(voice, followed)),
    ];
    if followed.has_trend() {
        sections.insert(1, section("groups", html! { (voice.t("small-title")) }, small(voice, followed)));
    }
    let breaks = breaks(voice, followed);
    if !breaks.is_empty() {
        let body = html! {
            p { (voice.t("breaks-text")) }
            ul { @for line in breaks { li { (line) } } }
        };
        sections.push(section("breaks", html! { (voice.t("breaks-title")) }, body));
    }
    sections.push(section(
        "what",
        html! { (voice.t("series-what")) },
        what_is_counted(site, voice, followed),
    ));
    Content {
        title: title.plain().to_owned(),
        kicker: Some(html! { bdi { (spoken(series.publisher)) } }),
        heading: html! { (what) },
        lead: html! {
            p.by { (by) }
            p.lead { (sum_sentence(voice, series.unit, &followed.latest_sum(), &period)) }
            p { (change_sentence(voice, followed.changes[0], followed.earlier[0])) }
        },
        sections,
    }
}

fn section(id: &'static str, heading: Markup, body: Markup) -> Section {
    Section { id, heading, body }
}

/// The whole table over time: the line, its legend, its table.
fn over_time(voice: &Voice<'_>, followed: &Followed<'_>) -> Markup {
    let what = voice.indicator(followed.series.indicator);
    let name = |period: Period| voice.period(period);
    let (first, last) = (name(followed.places[0].period), name(followed.latest().period()));
    let args = [("what", Arg::Text(what.plain())), ("first", Arg::Text(&first)), ("last", Arg::Text(&last))];
    if !followed.has_trend() {
        return html! {
            p { (voice.say("series-trend-one", &args)) }
            (table_over_time(voice, followed, &last))
        };
    }
    let caption = voice.say("series-trend-caption", &args);
    let number = |value: u64| voice.number(value);
    let [desktop, phone] = [false, true].map(|few| followed.trend(few, &name));
    let has_gap = desktop.marks.contains(&None);
    html! {
        figure.chart.trend {
            figcaption { (caption) }
            (desktop.draw(chart::WIDE, "wide", caption.plain(), &number))
            (phone.draw(chart::NARROW, "narrow", caption.plain(), &number))
            ul.legend {
                li { span.key.line {} (voice.t("legend-line")) }
                li { span.key.band {} (voice.t("legend-band")) }
                @if has_gap { li { span.key.gap {} (voice.t("legend-gap")) } }
                @if !desktop.breaks.is_empty() { li { span.key.break {} (voice.t("legend-break")) } }
            }
            // Only where scripts run, and with its place kept before they do.
            div.reader {
                label { span { (voice.t("reader-label")) } input type="range" min="0" max=(followed.places.len() - 1) value=(followed.places.len() - 1); }
                output aria-live="polite" {}
            }
            (table_over_time(voice, followed, caption.plain()))
        }
        p.note { (voice.t("series-trend-text")) }
    }
}

fn table_over_time(voice: &Voice<'_>, followed: &Followed<'_>, caption: &str) -> Markup {
    let rows = html! {
        @for place in &followed.places {
            tr {
                th { (voice.period(place.period)) }
                @match &place.all {
                    Some(sum) if sum.shown > 0 => {
                        td { (voice.number(sum.value)) } td { (voice.number(sum.low)) } td { (voice.number(sum.high)) }
                        td { (voice.number(sum.withheld as u64)) }
                    }
                    Some(sum) => { td.w { (voice.t("withheld").plain()) } td {} td {} td { (voice.number(sum.withheld as u64)) } }
                    None => { td.soft { (voice.t("change-short-missing").plain()) } td {} td {} td {} }
                }
                td { @if place.breaks { (voice.t("note-break").plain()) } }
            }
        }
    };
    let table = html! {
        table.figures {
            caption { (caption) }
            thead { tr {
                @for key in ["col-period", "sum-shown", "col-low", "col-high", "col-withheld", "col-note"] {
                    th scope="col" { (voice.t(key)) }
                }
            } }
            tbody { (rows) }
        }
    };
    details(voice, caption, table)
}

/// A long table below its chart, folded.
fn details(voice: &Voice<'_>, caption: &str, table: Markup) -> Markup {
    html! { details { summary { (voice.t("table-of-chart")) } (wide(caption, table)) } }
}

/// Every group over time, dimension by dimension.
fn small(voice: &Voice<'_>, followed: &Followed<'_>) -> Markup {
    html! {
        p { (voice.t("small-text")) }
        @for groups in &followed.groups { (small_of(voice, followed, groups)) }
        (near_group_note(voice, followed))
    }
}

fn small_of(voice: &Voice<'_>, followed: &Followed<'_>, groups: &Groups) -> Markup {
    let name = |period: Period| voice.period(period);
    let number = |value: u64| voice.number(value);
    let (shown, never): (Vec<_>, Vec<_>) = groups.codes.iter().partition(|group| group.is_ever_shown());
    let what = voice.indicator(followed.series.indicator);
    let dimension = voice.dimension(groups.dimension);
    let caption = voice.say(
        "small-table-caption",
        &[("what", Arg::Text(what.plain())), ("by", Arg::Text(dimension.plain()))],
    );
    let table = html! {
        table.figures.stacked {
            caption { (caption) }
            thead { tr {
                th scope="col" { (voice.t("col-period")) }
                @for group in &shown { th scope="col" { (series_label(voice, followed.series, group.code)) } }
            } }
            tbody { @for (at, place) in followed.places.iter().enumerate() {
                tr {
                    th { (voice.period(place.period)) }
                    @for group in &shown { (estimate_cell(voice, group.estimates[at].as_ref())) }
                }
            } }
        }
    };
    html! {
        h3 { (dimension) }
        div.smalls {
            @for group in &shown {
                @let title = series_label(voice, followed.series, group.code);
                figure.chart {
                    figcaption { (title) }
                    (followed.trend_of(group, &name).draw(chart::SMALL, "small", title.plain(), &number))
                }
            }
        }
        @if !never.is_empty() {
            p.soft {
                (voice.t("small-never")) (voice.colon())
                (voice.join(never.iter().map(|group| series_label(voice, followed.series, group.code).plain().to_owned()))) (voice.end())
            }
        }
        @if !shown.is_empty() { (details(voice, caption.plain(), table)) }
    }
}

/// The latest period: bars with their ranges, group by group of the first dimension, and the table of all cells.
fn latest(voice: &Voice<'_>, followed: &Followed<'_>) -> Markup {
    let point = followed.latest();
    let series = followed.series;
    let what = voice.indicator(series.indicator);
    let period = voice.period(point.period());
    let caption =
        voice.say("latest-caption", &[("what", Arg::Text(what.plain())), ("period", Arg::Text(&period))]);
    let marks: Vec<(&ReleasedCell, Mark)> =
        point.table.cells().iter().filter_map(|cell| Some((cell, mark(cell)?))).collect();
    let scale =
        Scale::reaching(marks.iter().map(|(_, mark)| mark.high.max(mark.value)).max().unwrap_or(0), 5);
    let withheld = point.table.cells().len() - marks.len();
    let headed = series.dimensions().len() > 1;
    let mut last: Option<Code> = None;
    html! {
        @if marks.is_empty() {
            p { (voice.say("nothing-shown", &[("period", Arg::Text(&period))])) }
        } @else {
            figure.chart.bars {
                figcaption { (caption) }
                ul {
                    @for (cell, mark) in &marks {
                        @let (first, rest) = split(cell, headed);
                        @if headed && first != last {
                            @if let Some(first) = first { li.head { (row_label(voice, point.table, first)) } }
                            ({ last = first; "" })
                        }
                        li.near[cell.status == Status::NearThreshold] {
                            span.label { (row_labels(voice, point.table, rest)) }
                            (chart::bar(*mark, &scale))
                            span.amount {
                                @if cell.status == Status::NearThreshold { span title=(voice.t("near-threshold-title").plain()) { (NEAR) } " " }
                                strong { (voice.number(mark.value)) } " " small { (voice.range(mark.low, mark.high)) }
                            }
                        }
                    }
                }
                p.soft {
                    @if withheld > 0 { (voice.say("latest-withheld", &[("count", Arg::Number(withheld as u64))])) (voice.end()) }
                    @else { (voice.t("latest-none-withheld")) }
                }
            }
            p.note { (voice.t("latest-text")) }
        }
        (details(voice, caption.plain(), pivot(voice, point.table, &release_page::table_text(voice, point.table.note()))))
        (near_note(voice, std::iter::once(point.table)))
        (rest_note(voice, std::iter::once(point.table)))
        p { (left_out(voice, &followed.latest_sum())) }
    }
}

fn mark(cell: &ReleasedCell) -> Option<Mark> {
    let (value, (low, high)) = (cell.value?, cell.interval?);
    Some(Mark { value: value.get(), low: low.get(), high: high.get() })
}

/// The code under which a cell stands, and the others.
fn split(cell: &ReleasedCell, headed: bool) -> (Option<Code>, &[Code]) {
    match (headed, cell.codes.split_first()) {
        (true, Some((first, rest))) => (Some(*first), rest),
        _ => (None, &cell.codes),
    }
}

/// Every group of the first dimension now, in the period before, and a year before.
fn compare(voice: &Voice<'_>, followed: &Followed<'_>) -> Markup {
    let periods = [followed.latest().period(), followed.earlier[0], followed.earlier[1]];
    let names = periods.map(|period| voice.period(period));
    let twice = periods[1] == periods[2];
    let caption = voice.say(
        "compare-caption",
        &[("now", Arg::Text(&names[0])), ("before", Arg::Text(&names[1])), ("year", Arg::Text(&names[2]))],
    );
    let at = |period: Period| followed.places.iter().position(|place| place.period == period);
    let places = periods.map(at);
    let all = places.map(|at| at.and_then(|at| followed.places[at].all));
    html! {
        p { (voice.t("compare-text")) }
        (wide(caption.plain(), html! {
            table.figures.compare {
                caption { (caption) }
                thead { tr {
                    th scope="col" { (voice.t("col-group")) }
                    th scope="col" { (voice.t("col-now")) }
                    th scope="col" { (voice.t("col-before")) }
                    th scope="col" { (voice.t("col-change")) }
                    @if !twice { th scope="col" { (voice.t("col-year")) } th scope="col" { (voice.t("col-change")) } }
                } }
                tbody {
                    tr.all {
                        th scope="row" { (voice.t("all-groups")) }
                        (estimate_cell(voice, all[0].as_ref())) (estimate_cell(voice, all[1].as_ref()))
                        (change_cell(voice, followed.changes[0]))
                        @if !twice { (estimate_cell(voice, all[2].as_ref())) (change_cell(voice, followed.changes[1])) }
                    }
                }
                @for groups in &followed.groups { tbody {
                    tr.head { th scope="rowgroup" colspan=(if twice { 4 } else { 6 }) { (voice.dimension(groups.dimension)) } }
                    @for group in &groups.codes {
                        @let of = places.map(|at| at.and_then(|at| group.estimates[at]));
                        tr {
                            th scope="row" { (series_label(voice, followed.series, group.code)) }
                            (estimate_cell(voice, of[0].as_ref())) (estimate_cell(voice, of[1].as_ref()))
                            (change_cell(voice, group.changes[0]))
                            @if !twice { (estimate_cell(voice, of[2].as_ref())) (change_cell(voice, group.changes[1])) }
                        }
                    }
                } }
            }
        }))
        (near_group_note(voice, followed))
    }
}

/// What the mark means below tables of groups: they have it where a group is one figure.
fn near_group_note(voice: &Voice<'_>, followed: &Followed<'_>) -> Markup {
    let tables = followed.series.points().iter().map(|point| point.table);
    near_note(voice, tables.filter(|table| table.note().dimensions.len() < 2))
}

fn withheld(voice: &Voice<'_>, followed: &Followed<'_>) -> Markup {
    let point = followed.latest();
    let cells = point.table.cells();
    let withheld = cells.iter().filter(|cell| cell.value.is_none()).count() as u64;
    let threshold = over_tables(voice, std::iter::once(point.table.note()), |note| note.threshold);
    html! {
        p { (voice.say("withheld-why", &[
            ("period", Arg::Text(&voice.period(point.period()))),
            ("withheld", Arg::Number(withheld)),
            ("cells", Arg::Number(cells.len() as u64)),
            ("threshold", Arg::Text(&threshold)),
        ])) }
        p { (voice.t("withheld-why-text")) }
    }
}

fn breaks(voice: &Voice<'_>, followed: &Followed<'_>) -> Vec<Markup> {
    let points = followed.places.iter().filter_map(|place| place.point);
    let notes = points.flat_map(|point| {
        let manifest = point.release.manifest();
        manifest.breaks.iter().map(move |note| (manifest.period, note))
    });
    let line = |(period, note): (Period, &crate::release::BreakNote)| {
        let class = Dimension::ListClass.code(&note.list_class).ok();
        let class = class.filter(|class| *class != list_class::NOT_APPLICABLE);
        let period = voice.period(period);
        let mut args = vec![("period", Arg::Text(&period))];
        let name = class.map(|class| voice.definition(voice.locale().code(class)).plain().to_owned());
        if let Some(name) = &name {
            args.push(("class", Arg::Text(name)));
        }
        let key = match (name.is_some(), note.within) {
            (true, true) => "break-list-within",
            (true, false) => "break-list-before",
            (false, true) => "break-program-within",
            (false, false) => "break-program-before",
        };
        html! { (voice.say(key, &args)) }
    };
    notes.map(line).collect()
}

fn what_is_counted(site: &Site<'_>, voice: &Voice<'_>, followed: &Followed<'_>) -> Markup {
    let series = followed.series;
    let locale = voice.locale();
    let note = followed.latest().table.note();
    let role = Dimension::AreaRole.code(&note.area_role).ok();
    let release = site.release_name(followed.latest().release);
    html! {
        dl.points {
            div { dt { (voice.pref(locale.indicator(series.indicator))) } dd { (voice.definition(locale.indicator(series.indicator))) } }
            div { dt { (voice.t("series-unit")) } dd { (voice.definition(locale.unit(series.unit))) } }
            @for &dimension in series.dimensions() {
                div { dt { (voice.dimension(dimension)) } dd { (voice.definition(locale.dimension(dimension))) } }
            }
            @if let Some(role) = role {
                div { dt { (voice.t("series-area")) } dd { (voice.definition(locale.code(role))) } }
            }
        }
        p.soft { (voice.t("english-words")) }
        blockquote lang="en" dir="ltr" { p { bdi { (note.counting_rule) "; " (note.deduplication) } } }
        p { (voice.t("all-figures")) " " a href=(format!("release-{release}.html")) { (voice.t("release-figures")) } " · " a href="data.html" { (voice.t("nav-data")) } }
    }
}
