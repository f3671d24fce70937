//! The first page of a language: whose figures these are, what they support, and the newest of each table.

use maud::{Markup, html};

use super::document::{Content, Section, site_name, spoken};
use super::figures::{change_sentence, series_labels, sum_sentence};
use super::followed::Followed;
use super::say::{Said, Voice};
use super::{Site, chart};
use crate::language::Arg;
use crate::report::data::{Finding, Movement, Portion, Series, Trend};

/// The caveats that a reader meets first.
pub(super) const FIRST_CAVEATS: [&str; 4] =
    ["caveat-prevalence", "caveat-children", "caveat-noise", "caveat-blank"];

pub(super) fn page(site: &Site<'_>, voice: &Voice<'_>) -> Content {
    Content {
        title: site_name(site, voice),
        kicker: None,
        heading: html! { (site_name(site, voice)) },
        lead: html! { p.lead { (lead(site, voice)) } p.soft { (span(site, voice)) } },
        sections: vec![
            Section {
                id: "findings",
                heading: html! { (voice.t("findings-title")) },
                body: html! {
                    (findings(site, voice))
                    p.note { (voice.t("findings-lead")) }
                },
            },
            Section {
                id: "newest",
                heading: html! { (voice.t("newest-title")) },
                body: html! {
                    p { (voice.t("newest-lead")) " " (voice.t("not-children")) }
                    ul.cards { @for followed in &site.followed { li { (card(site, voice, followed)) } } }
                    p.note { (voice.t("not-added")) @if site.publisher().is_none() { " " (voice.t("organisations-not-added")) } }
                },
            },
            Section {
                id: "before",
                heading: html! { (voice.t("read-first-title")) },
                body: html! {
                    ul.caveats { @for key in FIRST_CAVEATS { li { (caveat(voice, key)) } } }
                    p { a href="method.html" { (voice.t("read-first-more")) } }
                },
            },
            Section { id: "why", heading: html! { (voice.t("why-published")) }, body: why(site, voice) },
        ],
    }
}

/// A caveat: what it says, and why.
pub(super) fn caveat(voice: &Voice<'_>, key: &str) -> Markup {
    html! { strong { (voice.t(key)) } " " (voice.t(&format!("{key}-text"))) }
}

fn lead(site: &Site<'_>, voice: &Voice<'_>) -> Said {
    match site.publisher() {
        Some(publisher) => voice.say("overview-lead-one", &[("publisher", Arg::Name(spoken(publisher)))]),
        None => voice.say("overview-lead-many", &[("count", Arg::Number(site.publishers.len() as u64))]),
    }
}

/// How many releases, from when to when.
fn span(site: &Site<'_>, voice: &Voice<'_>) -> Said {
    let periods = || site.data.releases().iter().map(|release| release.manifest().period);
    let first = periods().min_by_key(|period| period.first_day());
    let last = periods().max_by_key(|period| period.last_day());
    let name = |period: Option<_>| period.map(|period| voice.period(period)).unwrap_or_default();
    voice.say(
        "overview-span",
        &[
            ("count", Arg::Number(periods().count() as u64)),
            ("first", Arg::Text(&name(first))),
            ("last", Arg::Text(&name(last))),
        ],
    )
}

/// What the purposes of the latest releases are, in their publishers' words.
fn why(site: &Site<'_>, voice: &Voice<'_>) -> Markup {
    let latest = site.latest_releases();
    html! {
        @for release in latest {
            @let manifest = release.manifest();
            @if !manifest.purpose.is_empty() {
                blockquote { p { bdi { (manifest.purpose) } } p.soft { bdi { (spoken(&manifest.publisher)) } } }
            }
        }
        p { a href="data.html" { (voice.t("data-title")) } }
    }
}

/// The findings, the most telling first.
pub(super) fn findings(site: &Site<'_>, voice: &Voice<'_>) -> Markup {
    html! {
        ol.findings {
            @for finding in &site.findings {
                li {
                    @if let Some(publisher) = finder(site) { bdi { (publisher) } (voice.colon()) }
                    (sentence(site, voice, finding))
                }
            }
        }
    }
}

/// A finding as plain text.
pub(super) fn finding_texts(site: &Site<'_>, voice: &Voice<'_>) -> Vec<String> {
    let whose = finder(site).map(|publisher| format!("{publisher}{}", voice.colon())).unwrap_or_default();
    site.findings.iter().map(|finding| format!("{whose}{}", sentence(site, voice, finding).plain())).collect()
}

/// Whose figures the findings are about, where there are several publishers: one publisher's are not the sector's.
fn finder<'s>(site: &'s Site<'_>) -> Option<&'s str> {
    let several = site.publisher().is_none();
    site.data.main_series().filter(|_| several).map(|series| spoken(series.publisher))
}

fn sentence(site: &Site<'_>, voice: &Voice<'_>, finding: &Finding) -> Said {
    let Some(series) = site.data.main_series() else { return voice.t("finding-nothing") };
    let what = voice.indicator(series.indicator);
    let what = ("what", Arg::Text(what.plain()));
    let percent = |whole: u64| voice.locale().percent(&whole.to_string());
    match finding {
        Finding::Rise(movement) => moved(voice, "finding-rise", what, series, movement),
        Finding::Fall(movement) => moved(voice, "finding-fall", what, series, movement),
        Finding::NoClearChange(movement) => moved(voice, "finding-no-change", what, series, movement),
        Finding::Share(Portion { code, period, share, low, high, .. }) => voice.say(
            "finding-share",
            &[
                what,
                ("group", Arg::Text(&series_labels(voice, series, &[*code]))),
                ("to", Arg::Text(&voice.period(*period))),
                ("share", Arg::Text(&percent(share.saturating_add(5) / 10))),
                ("low", Arg::Text(&percent(low / 10))),
                ("high", Arg::Text(&percent(high.div_ceil(10)))),
            ],
        ),
        Finding::Level { period, total } => voice.say(
            "finding-level",
            &[
                what,
                ("group", Arg::Text(&series_labels(voice, series, &[]))),
                ("after", Arg::Text(voice.count(series.unit, total.value).plain())),
                ("to", Arg::Text(&voice.period(*period))),
                ("low", Arg::Text(&voice.number(total.low))),
                ("high", Arg::Text(&voice.number(total.high))),
            ],
        ),
        _ => voice.t("finding-nothing"),
    }
}

fn moved(
    voice: &Voice<'_>,
    key: &str,
    what: (&str, Arg<'_>),
    series: &Series<'_>,
    movement: &Movement,
) -> Said {
    if key != "finding-no-change" && movement.change.withheld > 0 {
        let change = change_sentence(voice, Trend::Clear(movement.change), movement.from);
        return voice.say(
            "finding-between",
            &[
                what,
                ("group", Arg::Text(&series_labels(voice, series, movement.code.as_slice()))),
                ("to", Arg::Text(&voice.period(movement.to))),
                ("change", Arg::Text(change.plain())),
            ],
        );
    }
    let [difference, low, high] = super::figures::ends(voice, movement.change);
    voice.say(
        key,
        &[
            what,
            ("group", Arg::Text(&series_labels(voice, series, movement.code.as_slice()))),
            ("after", Arg::Text(voice.count(series.unit, movement.change.after).plain())),
            ("before", Arg::Text(&voice.number(movement.change.before))),
            ("to", Arg::Text(&voice.period(movement.to))),
            ("from", Arg::Text(&voice.period(movement.from))),
            ("difference", Arg::Text(&difference)),
            ("low", Arg::Text(&low)),
            ("high", Arg::Text(&high)),
        ],
    )
}

/// What a series is called: what is counted, and by what.
pub(super) fn series_by(voice: &Voice<'_>, series: &Series<'_>) -> String {
    voice.join(series.dimensions().iter().map(|&dimension| voice.dimension(dimension).plain().to_owned()))
}

/// The whole name of a series, which no other of the site has: its publisher too, where there are several.
pub(super) fn series_title(site: &Site<'_>, voice: &Voice<'_>, series: &Series<'_>) -> String {
    let what = voice.indicator(series.indicator);
    let by = series_by(voice, series);
    let title = voice.say("series-title", &[("what", Arg::Text(what.plain())), ("by", Arg::Text(&by))]);
    match site.publisher() {
        Some(_) => title.plain().to_owned(),
        None => format!("{} · {}", title.plain(), spoken(series.publisher)),
    }
}

fn card(site: &Site<'_>, voice: &Voice<'_>, followed: &Followed<'_>) -> Markup {
    let series = followed.series;
    let latest = followed.latest().period();
    let what = voice.indicator(series.indicator);
    let address = format!("{}.html", site.series_name(series));
    html! {
        // The link says all that tells a table from the others.
        h3 { a href=(address) { (what) " " span.by {
            (series_by(voice, series)) @if site.publisher().is_none() { " · " bdi { (spoken(series.publisher)) } }
        } } }
        @if followed.has_trend() {
            (followed.trend(true, &|period| voice.period(period)).draw(chart::SMALL, "small", what.plain(), &|n| voice.number(n)))
        }
        p { (sum_sentence(voice, series.unit, &followed.latest_sum(), &voice.period(latest))) }
        // That there are no figures to compare with is no news for a card; the page of the table says so.
        @if followed.changes[0] != Trend::Missing { p { (change_sentence(voice, followed.changes[0], followed.earlier[0])) } }
        @if followed.earlier[1] != followed.earlier[0] && followed.changes[1] != Trend::Missing {
            p { (change_sentence(voice, followed.changes[1], followed.earlier[1])) }
        }
    }
}
