//! How to read the figures, what they do not say, how they were protected, and how to check them.

use maud::{Markup, html};

use super::Site;
use super::document::{Content, Section, spoken};
use super::figures::over_tables;
use super::overview::caveat;
use super::release_page::{lists, one_in};
use super::say::Voice;
use crate::language::Arg;
use crate::release::{Release, TableNote};

/// The words beside figures.
const WORDS: [&str; 6] = ["about", "withheld", "near", "no-change", "sum", "item"];

/// What has to be said whenever a figure is used; the first ones weigh most.
pub(super) const CAVEATS: [&str; 11] = [
    "caveat-prevalence",
    "caveat-children",
    "caveat-noise",
    "caveat-blank",
    "caveat-units",
    "caveat-country",
    "caveat-match",
    "caveat-lists",
    "caveat-categories",
    "caveat-near",
    "caveat-break",
];

pub(super) fn page(site: &Site<'_>, voice: &Voice<'_>) -> Content {
    let latest = site.latest_releases();
    let title = voice.t("method-title");
    Content {
        title: title.plain().to_owned(),
        kicker: None,
        heading: html! { (title) },
        lead: html! { p.lead { (voice.t("method-lead")) } },
        sections: vec![
            section(voice, "reading", "reading-title", reading(voice, &latest)),
            section(
                voice,
                "caveats",
                "caveats-title",
                html! { ul.caveats { @for key in CAVEATS { li { (caveat(voice, key)) } } } },
            ),
            section(voice, "protection", "protection-title", protection(voice, &latest)),
            section(voice, "risk", "risk-title", risk(site, voice, &latest)),
            section(voice, "hash", "hash-title", html! { p { (voice.t("hash-text")) } }),
            section(voice, "check", "check-title", check(voice, &latest)),
            section(voice, "notes", "release-notes", notes(site, voice, &latest)),
        ],
    }
}

fn section(voice: &Voice<'_>, id: &'static str, heading: &str, body: Markup) -> Section {
    Section { id, heading: html! { (voice.t(heading)) }, body }
}

fn tables<'r>(releases: &'r [&Release]) -> impl Iterator<Item = &'r TableNote> {
    releases.iter().flat_map(|release| &release.manifest().tables)
}

fn reading(voice: &Voice<'_>, latest: &[&Release]) -> Markup {
    let threshold = over_tables(voice, tables(latest), |note| note.threshold);
    html! {
        dl.points { @for word in WORDS {
            @let text = voice.say(&format!("reading-{word}-text"), &[("threshold", Arg::Text(&threshold))]);
            div { dt { (voice.t(&format!("reading-{word}"))) } dd { (text) } }
        } }
    }
}

fn protection(voice: &Voice<'_>, latest: &[&Release]) -> Markup {
    let over = |of: fn(&TableNote) -> u64| over_tables(voice, tables(latest), of);
    let (half, threshold) = (over(|note| note.half_width), over(|note| note.threshold));
    let k = over(|note| u64::from(note.k));
    let beta = tables(latest).next().map(|note| one_in(voice, &note.beta)).unwrap_or_default();
    let step = |key: &str, text: Markup| html! { li { strong { (voice.t(key)) } " " (text) } };
    html! {
        ol.steps {
            (step("protection-counts", html! { (voice.t("protection-counts-text")) }))
            (step("protection-noise", html! { (voice.say("protection-noise-text", &[("half", Arg::Text(&half))])) }))
            (step("protection-threshold", html! { (voice.say("protection-threshold-text", &[
                ("threshold", Arg::Text(&threshold)), ("k", Arg::Text(&k)), ("beta", Arg::Text(&beta)),
            ])) }))
            // Budgets and plans are each publisher's own: those of the first stand for how it works.
            @if let Some(release) = latest.first() {
                @let manifest = release.manifest();
                (step("protection-budget", html! { (voice.say("protection-budget-text", &[
                    ("epsilon", Arg::Text(&voice.billionths(manifest.epsilon_nano))),
                    ("cap", Arg::Text(&voice.billionths(manifest.epsilon_cap_nano))),
                ])) }))
                (step("protection-plan", html! { (voice.say("protection-plan-text", &[
                    ("day", Arg::Text(&voice.day(manifest.plan.registered_on))),
                    ("period", Arg::Text(&voice.period(manifest.plan.applies_from))),
                ])) }))
            }
        }
    }
}

fn risk(site: &Site<'_>, voice: &Voice<'_>, latest: &[&Release]) -> Markup {
    let worst = latest.iter().map(|release| release.manifest().epsilon_nano).max().unwrap_or_default();
    let percent = voice.number(best_guess_percent(worst));
    html! {
        p { (voice.say("risk-text", &[("percent", Arg::Text(&percent))])) }
        p { (voice.t("risk-people")) }
        p.soft { (voice.t("english-words")) }
        @for release in latest { (words_of(site, release, &release.manifest().group_figure)) }
    }
}

/// How often, out of a hundred, someone with two equally likely guesses can be right at best: `e^E / (1 + e^E)`,
/// rounded upward. Worked out for the reader beside the exact figure; no published value depends on it.
fn best_guess_percent(epsilon_nano: u64) -> u64 {
    let factor = (epsilon_nano as f64 / 1e9).exp();
    if factor.is_finite() { (100.0 * factor / (1.0 + factor)).ceil() as u64 } else { 100 }
}

/// English words of a signed manifest; whose, where there are several.
fn words_of(site: &Site<'_>, release: &Release, words: &str) -> Markup {
    html! {
        blockquote lang="en" dir="ltr" {
            p { @if site.publisher().is_none() { bdi { (spoken(&release.manifest().publisher)) } ": " } bdi { (words) } }
        }
    }
}

fn check(voice: &Voice<'_>, latest: &[&Release]) -> Markup {
    html! {
        p { (voice.t("check-lead")) }
        p { (voice.t("check-innerward")) }
        (command("innerward release verify FOLDER --key innerward.pub"))
        p { (voice.t("check-minisign")) }
        (command("minisign -Vm manifest.json -p innerward.pub"))
        p { (voice.t("check-table")) }
        (command("b3sum *.csv"))
        p { (voice.t("check-site")) }
        (command("innerward report build --releases FOLDER --key innerward.pub --out pages"))
        dl.points {
            @for release in latest {
                div {
                    dt { (voice.t("witness-title")) }
                    dd { @if release.manifest().witness == "none" { (voice.t("witness-none")) } @else { bdi { (release.manifest().witness) } } }
                }
            }
        }
    }
}

fn command(text: &str) -> Markup {
    html! { pre dir="ltr" tabindex="0" { code { (text) } } }
}

/// A licence by its SPDX name, and in words where it is one of those that are common.
pub(super) fn licence(voice: &Voice<'_>, spdx: &str) -> Markup {
    let key = match spdx {
        "CC-BY-4.0" => Some("licence-cc-by-4-0"),
        "CC0-1.0" => Some("licence-cc0-1-0"),
        _ => None,
    };
    html! { bdi { (spdx) } @if let Some(key) = key { (voice.colon()) (voice.t(key)) (voice.end()) } }
}

/// What the publishers say of their latest releases, word for word.
fn notes(site: &Site<'_>, voice: &Voice<'_>, latest: &[&Release]) -> Markup {
    html! {
        @for release in latest {
            @let manifest = release.manifest();
            @if site.publisher().is_none() { h3 { bdi { (spoken(&manifest.publisher)) } } }
            @if !manifest.lists.is_empty() {
                p { (voice.t("release-lists")) (voice.colon()) }
                ul { @for line in lists(voice, manifest) { li { (line) } } }
            }
            p.soft { (voice.t("english-words")) }
            ul.notes lang="en" dir="ltr" {
                @for note in &manifest.units { li { bdi { (note.unit_of_privacy) " " (note.promise) } } }
                li { bdi { (manifest.denominator) } }
                @for caveat in &manifest.caveats { li { bdi { (caveat) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_guess_is_rounded_upward() {
        assert_eq!(best_guess_percent(0), 50);
        assert_eq!(best_guess_percent(1_000_000_000), 74); // 73.1
        assert_eq!(best_guess_percent(u64::MAX), 100);
    }
}
