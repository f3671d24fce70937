//! The structure of the page. Every text comes from `words`; `maud` escapes whatever a publisher wrote.

use base64ct::{Base64, Encoding};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::chart::Chart;
use super::group::{self, Group};
use super::{chart, words};
use crate::release::{Release, ReleasedCell, ReleasedTable};
use crate::vocabulary::Dimension;

const STYLE: &str = include_str!("style.css");

/// The page of one release; with `home`, a way back to the list of several.
pub(super) fn release(release: &Release, home: Option<&str>) -> Markup {
    let manifest = release.manifest();
    document(
        &words::document_title(manifest),
        html! {
            a.skip href="#main" { (words::SKIP) }
            @if manifest.demo {
                aside.demo aria-label=(words::DEMO_SIGN) {
                    p { strong { (words::DEMO_SIGN) } span { (words::DEMO_TEXT) } }
                }
            }
            div.frame {
                header.masthead {
                    @if let Some(home) = home { p.back { a href=(home) { (words::ALL_RELEASES) } } }
                    p.kicker { bdi { (manifest.publisher) } }
                    h1 { (words::title(manifest)) }
                    p.lead { (words::lead(manifest)) }
                    @if !manifest.purpose.is_empty() {
                        p.purpose { strong { (words::WHY) ": " } bdi { (manifest.purpose) } }
                    }
                }
                nav aria-label=(words::ON_THIS_PAGE) {
                    p aria-hidden="true" { (words::ON_THIS_PAGE) }
                    ul { @for (id, text) in words::SECTIONS { li { a href=(format!("#{id}")) { (text) } } } }
                }
                main #main tabindex="-1" {
                    (section(words::IN_SHORT, html! { div.short { (in_short(release)) } }))
                    (section(words::CHART, each_table(release, charts)))
                    (section(words::TABLE, each_table(release, table)))
                    (section(words::READING, reading(release)))
                    (section(words::PROTECTION, protection(release)))
                    (section(words::HASH, html! { p { (words::HASH_TEXT) } }))
                    (section(words::CHECK, check(release)))
                    (section(words::GLOSSARY, html! {
                        dl.glossary { @for (term, text) in words::GLOSSARY_TERMS { div { dt { (term) } dd { (text) } } } }
                    }))
                }
                footer {
                    p {
                        (words::RELEASE) " " bdi { (manifest.release_id) } " · "
                        (words::MADE_WITH) " " bdi { (manifest.made_with) }
                        @if manifest.demo { " · " strong { (words::DEMO_SIGN) } ". " (words::DEMO_TEXT) }
                    }
                }
            }
        },
    )
}

/// The list of several releases, each with the address of its page.
pub(super) fn index(releases: &[(&Release, String)]) -> Markup {
    document(
        words::ALL_RELEASES,
        html! {
            div.frame.narrow {
                header.masthead {
                    h1 { (words::ALL_RELEASES) }
                    p.lead { (words::ALL_RELEASES_LEAD) }
                }
                main #main {
                    ul.releases {
                        @for (release, address) in releases {
                            @let manifest = release.manifest();
                            li {
                                a href=(address) { (words::title(manifest)) }
                                p {
                                    @if manifest.demo { strong.tag { (words::DEMO_SIGN) } " " }
                                    bdi { (manifest.publisher) } " · " (words::day(manifest.published_on))
                                }
                            }
                        }
                    }
                }
            }
        },
    )
}

fn document(title: &str, body: Markup) -> Markup {
    // Nothing may be fetched, run or sent: the page asks the browser to hold it to that.
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        Base64::encode_string(&Sha256::digest(STYLE))
    );
    html! {
        (DOCTYPE)
        html lang=(words::LANG) dir="ltr" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(super::GENERATOR);
                title { (title) }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
}

fn section((id, heading): (&str, &str), body: Markup) -> Markup {
    html! {
        section #(id) aria-labelledby=(format!("{id}-heading")) {
            h2 #(format!("{id}-heading")) { (heading) }
            (body)
        }
    }
}

/// What the shown figures say, table by table.
fn in_short(release: &Release) -> Markup {
    let shows = |table: &&ReleasedTable| group::by_verdict(table).iter().any(|group| group.sum().shown > 0);
    let tables: Vec<&ReleasedTable> = release.tables().iter().filter(shows).collect();
    html! {
        @if tables.is_empty() { (words::nothing_shown(release.manifest())) }
        @for table in &tables {
            @if release.tables().len() > 1 { p { strong { (words::table_title(table.note())) } } }
            (words::in_short(table.note().unit, &group::by_verdict(table)))
        }
        @if !tables.is_empty() { p { (words::ITEM_IS_NOT_A_CHILD) } }
    }
}

/// The same for every table, each under its title if there are several.
fn each_table(release: &Release, part: fn(&Release, usize, &[Group<'_>]) -> Markup) -> Markup {
    html! {
        @for (at, table) in release.tables().iter().enumerate() {
            @if release.tables().len() > 1 { h3 { (words::table_title(table.note())) } }
            (part(release, at, &group::by_verdict(table)))
        }
    }
}

/// Sets the parts of the charts of one table apart from those of another.
fn chart_id(what: &str, at: usize) -> String {
    if at == 0 { what.to_owned() } else { format!("{what}-{at}") }
}

fn charts(release: &Release, at: usize, groups: &[Group<'_>]) -> Markup {
    let manifest = release.manifest();
    let unit = release.tables()[at].note().unit;
    let (matches, rest): (Vec<_>, Vec<_>) = groups.iter().partition(|group| group.is_match());
    let matches = Chart::of_cells(chart_id("matches", at), words::chart_caption(manifest, unit), &matches);
    let context = Chart::of_sums(chart_id("context", at), words::context_caption(manifest), &rest);
    html! {
        (matches.draw())
        @if rest.is_empty() {
            (chart::legend(&[&matches]))
        } @else {
            (context.draw())
            @if matches.has_figures() && context.has_figures() { p.note { (words::CONTEXT_SCALE) } }
            (chart::legend(&[&matches, &context]))
        }
    }
}

fn table(release: &Release, at: usize, groups: &[Group<'_>]) -> Markup {
    let manifest = release.manifest();
    let table = &release.tables()[at];
    let note = table.note();
    let dimensions = note.dimensions.iter().map(|&dimension| (dimension, group::codes_of(table, dimension)));
    let has_severity = note.dimensions.contains(&Dimension::Severity);
    let summed = groups.iter().any(|group| group.sum().shown > 1);
    html! {
        table.cells {
            caption { (words::table_caption(manifest, note)) }
            thead { tr { @for head in words::table_heads(note.unit) { th scope="col" { (head) } } } }
            @for group in groups {
                tbody {
                    @if group.verdict.is_some() {
                        tr.group { th colspan="4" scope="rowgroup" { (words::group_heading(group.verdict)) } }
                    }
                    @for cell in &group.cells { (row(group, cell)) }
                    @let sum = group.sum();
                    @if sum.shown > 1 {
                        tr.sum {
                            th scope="row" { (words::SUM_LABEL) }
                            td { (words::about(sum.figure)) }
                            td { (words::ends(sum.figure)) }
                            td { (words::left_out(&sum)) }
                        }
                    }
                }
            }
        }
        @if summed { p.note { (words::SUM_INTERVAL_NOTE) } }
        h3 { (words::LABELS) }
        @if has_severity { p.note { (words::SEVERITY_NOTE) } }
        @for (dimension, codes) in dimensions {
            h4 { (words::dimension(dimension)) }
            dl.labels {
                @for code in codes {
                    div { dt { (code.plain_label()) " " code { (code) } } dd { (code.definition()) "." } }
                }
            }
        }
    }
}

fn row(group: &Group<'_>, cell: &ReleasedCell) -> Markup {
    let figure = group::figure(cell);
    html! {
        tr.withheld[figure.is_none()] {
            th scope="row" { (chart::label(group, cell)) }
            @match figure {
                Some(figure) => { td { (words::about(figure)) } td { (words::ends(figure)) } }
                None => { td { (words::WITHHELD) } td { "–" } }
            }
            td { (words::status(cell.status)) }
        }
    }
}

fn reading(release: &Release) -> Markup {
    let manifest = release.manifest();
    html! {
        dl.points { @for (term, text) in words::reading(manifest) { div { dt { (term) } dd { (text) } } } }
        h3 { (words::NOT_SAID) }
        ul.caveats { @for (claim, reason) in words::CAVEATS { li { strong { (claim) } " " (reason) } } }
        @if !manifest.lists.is_empty() {
            h3 { (words::LISTS) }
            ul { @for note in &manifest.lists { li { (words::list(note)) "." } } }
        }
        @if !manifest.breaks.is_empty() {
            h3 { (words::BREAKS) }
            ul { @for note in &manifest.breaks { li { (words::a_break(note)) "." } } }
        }
        @if !manifest.caveats.is_empty() {
            h3 { (words::MANIFEST_CAVEATS) }
            ul.notes { @for caveat in &manifest.caveats { li { bdi { (caveat) } } } }
        }
    }
}

fn protection(release: &Release) -> Markup {
    let manifest = release.manifest();
    html! {
        ol.steps { @for (claim, text) in words::protection(manifest) { li { strong { (claim) } " " (text) } } }
        h3 { (words::RISK) }
        (words::risk(manifest))
        h3 { (words::EXACT) }
        table.exact {
            thead { tr { @for head in words::EXACT_HEADS { th scope="col" { (head) } } } }
            tbody { @for (name, value, text) in words::exact(manifest) {
                tr { th scope="row" { (name) } td { bdi { (value) } } td { (text) } }
            } }
        }
        dl.points {
            @for note in &manifest.units {
                div { dt { (words::UNIT) } dd { bdi { (note.unit_of_privacy) " " (note.promise) } } }
            }
            @for note in &manifest.tables {
                div { dt { (words::COUNTING) " (" (words::table_title(note)) ")" } dd { bdi {
                    (note.counting_rule) " " (note.neighbours)
                } } }
            }
            div { dt { (words::DENOMINATOR) } dd { bdi { (manifest.denominator) } } }
            div { dt { (words::WITNESS) } dd { (words::witness(manifest)) } }
        }
    }
}

fn check(release: &Release) -> Markup {
    let manifest = release.manifest();
    html! {
        ul.files { @for (file, text) in words::files(manifest) { li { a href=(file) download { (file) } " " span { (text) } } } }
        p { (words::CHECK_LEAD) }
        p { (words::CHECK_INNERWARD) }
        pre tabindex="0" { code { "innerward release verify FOLDER --key innerward.pub" } }
        p { (words::CHECK_MINISIGN) }
        pre tabindex="0" { code { "minisign -Vm manifest.json -p innerward.pub" } }
        p { (words::CHECK_TABLE) }
        @for table in &manifest.tables { pre tabindex="0" { code { (table.blake3) "  " (table.file) } } }
        dl.points {
            div { dt { (words::CITATION) } dd { bdi { (manifest.citation) } } }
            div { dt { (words::LICENCE) } dd {
                bdi { (manifest.licence) }
                @if let Some(text) = words::licence(&manifest.licence) { ": " (text) "." }
            } }
            div { dt { (words::CONTACT) } dd {
                @if manifest.contact.is_empty() { (words::NO_CONTACT) } @else { bdi { (manifest.contact) } }
            } }
            div { dt { (words::PLAN) } dd { (words::plan(manifest)) "." } }
            div { dt { (words::PLAN_DIGEST) } dd { code { (manifest.plan.digest) } } }
            @if !manifest.supersedes.is_empty() {
                div { dt { (words::SUPERSEDES) } dd { bdi { (manifest.supersedes) } } }
            }
            div { dt { (words::PREVIOUS) } dd {
                @if manifest.previous.is_empty() { (words::NO_PREVIOUS) } @else { code { (manifest.previous) } }
            } }
            div { dt { (words::MADE_WITH) } dd { bdi { (manifest.made_with) } } }
        }
    }
}
