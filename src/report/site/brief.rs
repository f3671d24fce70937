//! Two pages to print, and a paragraph for a message.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::document::{Content, Section, site_name, spoken};
use super::figures::{change_cell, estimate_cell, wide};
use super::method::{CAVEATS, licence};
use super::overview::{caveat, finding_texts, findings, series_by, series_title};
use super::release_page::contact;
use super::say::Voice;
use super::{Site, chart};
use crate::language::Arg;
use crate::vocabulary::Period;

/// Rows that the table of a brief has room for on its two pages.
const MOST_ROWS: usize = 10;
/// The same with several publishers, whose names take a line of each row.
const MOST_ROWS_OF_SEVERAL: usize = 6;
/// Charts that it has room for.
const MOST_CHARTS: usize = 2;

fn latest(site: &Site<'_>, voice: &Voice<'_>) -> String {
    let periods = site.data.releases().iter().map(|release| release.manifest().period);
    periods.max_by_key(|period| period.last_day()).map(|period| voice.period(period)).unwrap_or_default()
}

pub(super) fn page(site: &Site<'_>, voice: &Voice<'_>) -> Content {
    let title = voice.say("brief-title", &[("period", Arg::Text(&latest(site, voice)))]);
    let name = |period: Period| voice.period(period);
    let number = |value: u64| voice.number(value);
    let mut charts = in_turn(&site.followed, |followed| followed.series.publisher);
    charts.retain(|followed| followed.has_trend());
    charts.truncate(MOST_CHARTS);
    Content {
        title: title.plain().to_owned(),
        kicker: Some(html! { bdi { (site_name(site, voice)) } }),
        heading: html! { (title) },
        lead: html! { p.lead.screen { (voice.t("brief-lead")) } },
        sections: vec![
            section(
                voice,
                "findings",
                "findings-title",
                html! {
                    (findings(site, voice))
                    p.note { (voice.t("findings-lead")) }
                    @if !charts.is_empty() {
                        div.smalls { @for followed in &charts {
                            @let title = series_title(site, voice, followed.series);
                            figure.chart {
                                figcaption { a href=(format!("{}.html", site.series_name(followed.series))) { bdi { (title) } } }
                                (followed.trend(true, &name).draw(chart::SMALL, "small", &title, &number))
                            }
                        } }
                        ul.legend {
                            li { span.key.line {} (voice.t("legend-line")) }
                            li { span.key.band {} (voice.t("legend-band")) }
                            @if charts.iter().any(|followed| followed.trend(true, &name).marks.contains(&None)) {
                                li { span.key.gap {} (voice.t("legend-gap")) }
                            }
                        }
                    }
                },
            ),
            section(voice, "figures", "brief-figures", figures(site, voice)),
            section(
                voice,
                "caveats",
                "brief-caveats",
                html! {
                    p { (voice.t("not-children")) }
                    ul.caveats { @for key in CAVEATS { li { (caveat(voice, key)) } } }
                },
            ),
            section(voice, "protected", "brief-protected", html! { p { (voice.t("brief-protected-text")) } }),
            section(voice, "source", "brief-source", source(site, voice)),
        ],
    }
}

fn section(voice: &Voice<'_>, id: &'static str, heading: &str, body: Markup) -> Section {
    Section { id, heading: html! { (voice.t(heading)) }, body }
}

/// The tables, the first of each publisher before the second of any: where there is no room for all, nobody is missing.
fn in_turn<'t, T>(tables: &'t [T], publisher: impl Fn(&'t T) -> &'t str) -> Vec<&'t T> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ranked: Vec<(usize, &T)> = Vec::new();
    for table in tables {
        let rank = seen.entry(publisher(table)).or_default();
        ranked.push((*rank, table));
        *rank += 1;
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, table)| table).collect()
}

/// The latest sum of each table, and how it changed.
fn figures(site: &Site<'_>, voice: &Voice<'_>) -> Markup {
    let caption = voice.t("brief-figures-caption");
    let tables = in_turn(&site.followed, |followed| followed.series.publisher);
    let most = if site.publisher().is_none() { MOST_ROWS_OF_SEVERAL } else { MOST_ROWS };
    let more = tables.len().saturating_sub(most);
    html! {
        (wide(caption.plain(), html! {
            table.figures {
                caption { (caption) (voice.stop()) (voice.t("brief-brackets")) }
                thead { tr { @for key in ["series-what", "col-period", "sum-shown", "col-withheld", "col-change"] { th scope="col" { (voice.t(key)) } } } }
                tbody { @for followed in tables.iter().take(most) {
                    @let series = followed.series;
                    tr {
                        th scope="row" {
                            a href=(format!("{}.html", site.series_name(series))) { (voice.indicator(series.indicator)) " " small {
                                (series_by(voice, series)) @if site.publisher().is_none() { " · " bdi { (spoken(series.publisher)) } }
                            } }
                        }
                        td { (voice.period(followed.latest().period())) }
                        (estimate_cell(voice, Some(&followed.latest_sum())))
                        td { (voice.number(followed.latest_sum().withheld as u64)) }
                        (change_cell(voice, followed.changes[0]))
                    }
                } }
            }
        }))
        p.note {
            @if more > 0 { a href="index.html#newest" { (voice.say("brief-more", &[("count", Arg::Number(more as u64))])) } " " }
            (voice.t("not-added"))
        }
    }
}

fn source(site: &Site<'_>, voice: &Voice<'_>) -> Markup {
    html! {
        @for release in site.latest_releases() {
            @let manifest = release.manifest();
            p { bdi { (manifest.citation) } " " (licence(voice, &manifest.licence)) " " (contact(voice, manifest)) }
        }
        p.screen { a href="brief.txt" { (voice.t("brief-text")) } }
    }
}

/// The findings and what has to be said with them, as plain text of one paragraph.
pub(super) fn paragraph(site: &Site<'_>, voice: &Voice<'_>) -> String {
    let text = |key: &str| voice.t(key).plain().to_owned();
    let mut parts = Vec::new();
    if site.demo {
        parts.push(format!("{}{}{}", text("demo-sign"), voice.stop(), text("demo-text")));
    }
    parts.push(site_name(site, voice) + &voice.end());
    parts.extend(finding_texts(site, voice));
    parts.push(text("findings-lead"));
    for key in
        ["not-children", "caveat-prevalence", "caveat-noise", "caveat-noise-text", "brief-protected-text"]
    {
        parts.push(text(key));
    }
    let latest = site.latest_releases();
    parts.extend(latest.iter().map(|release| release.manifest().citation.clone()));
    let licences: BTreeSet<&str> = latest.iter().map(|release| release.manifest().licence.as_str()).collect();
    let licences = voice.join(licences.into_iter().map(str::to_owned));
    parts.push(format!("{}{}{licences}{}", text("data-licence"), voice.colon(), voice.end()));
    parts
        .join(" ")
        .chars()
        .filter(|c| !is_direction(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        + "\n"
}

/// What turns or isolates the direction of text: many a program for messages shows it as a box.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
#[path = "brief_tests.rs"]
mod tests;
