//! Two pages to print, and a paragraph for a message.

use maud::{Markup, html};

use super::document::{Content, Section, site_name, spoken};
use super::figures::{change_cell, estimate_cell, wide};
use super::followed::Followed;
use super::method::{CAVEATS, licence};
use super::overview::{caveat, finding_texts, findings, series_by};
use super::release_page::contact;
use super::say::Voice;
use super::{Site, chart};
use crate::language::Arg;
use crate::vocabulary::Period;

/// Rows that the table of a brief has room for.
const MOST_ROWS: usize = 10;
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
    let charts: Vec<&Followed<'_>> =
        site.followed.iter().filter(|followed| followed.has_trend()).take(MOST_CHARTS).collect();
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
                            @let what = voice.indicator(followed.series.indicator);
                            figure.chart {
                                figcaption { (what) }
                                (followed.trend(true, &name).draw(chart::SMALL, "small", what.plain(), &number))
                            }
                        } }
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

/// The latest sum of each table, and how it changed.
fn figures(site: &Site<'_>, voice: &Voice<'_>) -> Markup {
    let caption = voice.t("brief-figures-caption");
    html! {
        (wide(caption.plain(), html! {
            table.figures {
                caption { (caption) }
                thead { tr { @for key in ["series-what", "col-period", "sum-shown", "col-change"] { th scope="col" { (voice.t(key)) } } } }
                tbody { @for followed in site.followed.iter().take(MOST_ROWS) {
                    @let series = followed.series;
                    tr {
                        th scope="row" {
                            a href=(format!("{}.html", site.series_name(series))) { (voice.indicator(series.indicator)) } " "
                            small { (series_by(voice, series)) @if site.publisher().is_none() { " · " bdi { (spoken(series.publisher)) } } }
                        }
                        td { (voice.period(followed.latest().period())) }
                        (estimate_cell(voice, Some(&followed.latest_sum())))
                        (change_cell(voice, followed.changes[0]))
                    }
                } }
            }
        }))
        p.note { (voice.t("not-added")) }
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
    let mut parts = Vec::new();
    if site.demo {
        parts.push(format!(
            "{}{}{}",
            voice.t("demo-sign").plain(),
            voice.stop(),
            voice.t("demo-text").plain()
        ));
    }
    parts.push(site_name(site, voice) + &voice.end());
    parts.extend(finding_texts(site, voice));
    for key in [
        "findings-lead",
        "not-children",
        "caveat-prevalence",
        "caveat-noise",
        "caveat-blank",
        "caveat-blank-text",
        "brief-protected-text",
    ] {
        parts.push(voice.t(key).plain().to_owned());
    }
    for release in site.latest_releases() {
        parts.push(release.manifest().citation.replace(char::is_control, " "));
    }
    parts.join(" ").replace(turns, "") + "\n"
}

/// Characters that turn or isolate the direction of a text. Nothing shows them in a message: most programs draw a box, and
/// one that a publisher wrote could make the rest read backwards.
fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
