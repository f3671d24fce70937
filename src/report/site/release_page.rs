//! The list of all releases, and the page of one: its tables, its protection in figures, its files.

use maud::{Markup, html};

use super::document::{Content, Section, spoken};
use super::figures::{near_note, pivot, rest_note, wide};
use super::method::licence;
use super::say::{Said, Voice};
use super::{Page, Site};
use crate::language::Arg;
use crate::release::{Manifest, Release, ReleasedTable, TableNote};
use crate::vocabulary::Dimension;

pub(super) fn list(site: &Site<'_>, voice: &Voice<'_>) -> Content {
    let title = voice.t("releases-title");
    // The latest first.
    let mut releases = site.data.releases().to_vec();
    releases.sort_by_key(|release| {
        std::cmp::Reverse((release.manifest().period.last_day(), release.manifest().revision))
    });
    let several = site.publisher().is_none();
    let rows = html! {
        @for release in releases {
            @let manifest = release.manifest();
            tr {
                th scope="row" { (site.release_link(release, voice.locale(), html! { (voice.period(manifest.period)) })) }
                @if several { td { bdi { (spoken(&manifest.publisher)) } } }
                td { (voice.day(manifest.published_on)) }
                td { bdi.code { (manifest.release_id) } }
                td { @if site.data.successor(release).is_some() { (voice.t("release-superseded-short").plain()) } }
            }
        }
    };
    let table = html! {
        table.list {
            caption { (title) }
            thead { tr {
                th scope="col" { (voice.t("col-period")) }
                @if several { th scope="col" { (voice.t("col-publisher")) } }
                th scope="col" { (voice.t("col-published")) }
                th scope="col" { (voice.t("col-release")) }
                th scope="col" { (voice.t("col-note")) }
            } }
            tbody { (rows) }
        }
    };
    Content {
        title: title.plain().to_owned(),
        kicker: None,
        heading: html! { (title) },
        lead: html! {
            p.lead { (voice.t("releases-lead")) }
            @if (0..site.release_names.len()).any(|at| !site.is_there(Page::Release(at), voice.locale())) {
                p { (voice.say("releases-older", &[("language", Arg::Text(site.leading().endonym()))])) }
            }
        },
        sections: vec![Section {
            id: "list",
            heading: html! { (voice.t("nav-releases")) },
            body: html! { (filter(voice)) (wide(title.plain(), table)) },
        }],
    }
}

/// Where scripts run: rows of the table below that hold a word.
pub(super) fn filter(voice: &Voice<'_>) -> Markup {
    html! { div.filter { label { span { (voice.t("filter-label")) } input type="search"; } output aria-live="polite" {} } }
}

pub(super) fn page(site: &Site<'_>, voice: &Voice<'_>, release: &Release) -> Content {
    let manifest = release.manifest();
    let period = voice.period(manifest.period);
    let title = voice.say("release-of", &[("period", Arg::Text(&period))]);
    let lead = voice.say(
        "release-lead",
        &[
            ("publisher", Arg::Name(spoken(&manifest.publisher))),
            ("day", Arg::Text(&voice.day(manifest.published_on))),
            ("period", Arg::Text(&period)),
        ],
    );
    let revision = voice.number(u64::from(manifest.revision));
    Content {
        title: title.plain().to_owned(),
        kicker: Some(html! { bdi { (manifest.release_id) } }),
        heading: html! { (title) },
        lead: html! {
            p.lead { (lead) }
            @if manifest.revision > 1 { p { (voice.say("release-revision", &[("revision", Arg::Text(&revision))])) } }
            @if let Some(successor) = site.data.successor(release) {
                p.warning {
                    (voice.t("release-superseded")) " "
                    (site.release_link(successor, voice.locale(), html! { bdi { (successor.manifest().release_id) } }))
                }
            }
        },
        sections: vec![
            Section {
                id: "figures",
                heading: html! { (voice.t("release-figures")) },
                body: figures(site, voice, release),
            },
            Section {
                id: "protection",
                heading: html! { (voice.t("release-protection")) },
                body: protection(voice, manifest),
            },
            Section {
                id: "files",
                heading: html! { (voice.t("release-files")) },
                body: files(site, voice, release),
            },
            Section { id: "cite", heading: html! { (voice.t("release-cite")) }, body: cite(voice, manifest) },
        ],
    }
}

/// All tables. What holds for each of them alike is said once.
fn figures(site: &Site<'_>, voice: &Voice<'_>, release: &Release) -> Markup {
    let notes = &release.manifest().tables;
    let text = |note: &TableNote| (note.half_width, note.threshold, note.rounding);
    let alike = notes.windows(2).all(|pair| text(&pair[0]) == text(&pair[1]));
    html! {
        @if alike { @if let Some(note) = notes.first() { p { (range_text(voice, note)) } } }
        (near_note(voice, release.tables().iter()))
        (rest_note(voice, release.tables().iter()))
        (wide(voice.t("release-figures").plain(), html! {
            @for table in release.tables() { (table_of(site, voice, table, alike)) }
        }))
    }
}

fn table_of(site: &Site<'_>, voice: &Voice<'_>, table: &ReleasedTable, alike: bool) -> Markup {
    let note = table.note();
    let followed = site
        .followed
        .iter()
        .find(|followed| followed.series.points().iter().any(|point| std::ptr::eq(point.table, table)));
    let what = voice.indicator(note.indicator);
    let by =
        voice.join(note.dimensions.iter().map(|&dimension| voice.dimension(dimension).plain().to_owned()));
    let title = voice.say("series-title", &[("what", Arg::Text(what.plain())), ("by", Arg::Text(&by))]);
    let caption = html! {
        @match followed {
            Some(followed) => a href=(format!("{}.html", site.series_name(followed.series))) { (title) },
            None => (title),
        }
        @if !alike { (voice.stop()) (table_text(voice, note)) }
    };
    pivot(voice, table, &caption)
}

/// How to read the figures of a table, and their unit.
pub(super) fn table_text(voice: &Voice<'_>, note: &TableNote) -> Markup {
    let unit = voice.definition(voice.locale().unit(note.unit));
    html! { (unit) (voice.stop()) (range_text(voice, note)) }
}

fn range_text(voice: &Voice<'_>, note: &TableNote) -> Markup {
    let (half, threshold) = (voice.number(note.half_width), voice.number(note.threshold));
    let rounding = voice.number(u64::from(note.rounding));
    html! {
        (voice.say("release-table-text", &[
            ("half", Arg::Text(&half)),
            ("threshold", Arg::Text(&threshold)),
            ("withheld", Arg::Text(voice.t("withheld").plain())),
        ]))
        @if note.rounding > 1 { " " (voice.say("release-rounding", &[("rounding", Arg::Text(&rounding))])) }
    }
}

fn protection(voice: &Voice<'_>, manifest: &Manifest) -> Markup {
    type Value = fn(&Voice<'_>, &TableNote) -> String;
    let rows: [(&str, Value); 8] = [
        ("exact-table-epsilon", |voice, note| voice.billionths(note.epsilon_nano)),
        ("exact-sensitivity", |voice, note| voice.number(note.sensitivity.into())),
        ("exact-noise", |voice, note| voice.locale().decimal(&note.noise_sd)),
        ("exact-half", |voice, note| voice.number(note.half_width)),
        ("exact-k", |voice, note| voice.number(note.k.into())),
        ("exact-beta", |voice, note| one_in(voice, &note.beta)),
        ("exact-threshold", |voice, note| voice.number(note.threshold)),
        ("exact-rounding", |voice, note| voice.number(note.rounding.into())),
    ];
    let caption = voice.t("exact-caption");
    let of = |note: &TableNote| rows.map(|(_, value)| value(voice, note));
    // Tables that are protected alike share a column.
    let mut columns: Vec<(Vec<&str>, [String; 8])> = Vec::new();
    for note in &manifest.tables {
        let values = of(note);
        match columns.iter_mut().find(|(_, known)| *known == values) {
            Some((names, _)) => names.push(&note.name),
            None => columns.push((vec![&note.name], values)),
        }
    }
    let table = html! {
        table.figures {
            caption { (caption) }
            thead { tr {
                th scope="col" { (voice.t("exact-what")) }
                @for (names, _) in &columns { th scope="col" { bdi { (names.join(", ")) } } }
            } }
            tbody { @for (at, (key, _)) in rows.iter().enumerate() {
                tr { th { (voice.t(key)) } @for (_, values) in &columns { td { (values[at]) } } }
            } }
        }
    };
    html! {
        dl.points {
            div { dt { (voice.t("exact-epsilon")) } dd { strong { (voice.billionths(manifest.epsilon_nano)) } (voice.stop()) (voice.t("exact-epsilon-text")) } }
            div { dt { (voice.t("exact-cap")) } dd { strong { (voice.billionths(manifest.epsilon_cap_nano)) } (voice.stop()) (voice.t("exact-cap-text")) } }
        }
        (wide(caption.plain(), table))
        p.note { (voice.t("exact-k-text")) }
    }
}

/// `1e-6` as `1 in 1,000,000`; anything else as it stands.
pub(super) fn one_in(voice: &Voice<'_>, beta: &str) -> String {
    let power = beta.strip_prefix("1e-").and_then(|digits| digits.parse().ok());
    match power.and_then(|power| 10_u64.checked_pow(power)) {
        Some(many) => voice.say("one-in", &[("count", Arg::Number(many))]).plain().to_owned(),
        None => beta.to_owned(),
    }
}

/// The files of a release beside each other, with their checksums.
fn files(site: &Site<'_>, voice: &Voice<'_>, release: &Release) -> Markup {
    let manifest = release.manifest();
    let folder = format!("../releases/{}", site.release_name(release));
    let tables: Vec<&str> = manifest.tables.iter().map(|table| table.file.as_str()).collect();
    let groups: [(&[&str], &str); 4] = [
        (&tables, "release-file-table"),
        (&["manifest.json"], "release-file-manifest"),
        (&["manifest.json.minisig"], "release-file-signature"),
        (&["log.json"], "release-file-log"),
    ];
    html! {
        ul.files { @for (files, key) in groups {
            li {
                div { @for file in files { a href=(format!("{folder}/{file}")) download { (file) } " " } }
                span { (voice.t(key)) }
            }
        } }
        p { a href="method.html#check" { (voice.t("check-title")) } }
    }
}

fn cite(voice: &Voice<'_>, manifest: &Manifest) -> Markup {
    html! {
        blockquote { p { bdi { (manifest.citation) } } }
        dl.points {
            div { dt { (voice.t("data-licence")) } dd { (licence(voice, &manifest.licence)) } }
            div { dt { (voice.t("data-contact")) } dd { (contact(voice, manifest)) } }
            @if !manifest.supersedes.is_empty() {
                div { dt { (voice.t("release-supersedes")) } dd { bdi { (manifest.supersedes) } } }
            }
            @if !manifest.lists.is_empty() {
                div { dt { (voice.t("release-lists")) } dd { ul { @for line in lists(voice, manifest) { li { (line) } } } } }
            }
        }
    }
}

pub(super) fn contact(voice: &Voice<'_>, manifest: &Manifest) -> Markup {
    html! { @if manifest.contact.is_empty() { (voice.t("no-contact")) } @else { bdi { (manifest.contact) } } }
}

/// The classes of list that were compared with.
pub(super) fn lists(voice: &Voice<'_>, manifest: &Manifest) -> Vec<Said> {
    let line = |note: &crate::release::ListNote| {
        let class = match Dimension::ListClass.code(&note.list_class) {
            Ok(class) => voice.definition(voice.locale().code(class)).plain().to_owned(),
            Err(_) => note.list_class.clone(),
        };
        voice.say(
            "release-list",
            &[("class", Arg::Text(&class)), ("period", Arg::Text(&voice.period(note.revised)))],
        )
    };
    manifest.lists.iter().map(line).collect()
}
