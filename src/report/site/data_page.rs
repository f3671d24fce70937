//! The data as files: which there are, what the columns mean, how to join, to cite and to share.

use std::path::Path;

use maud::{Markup, html};

use super::Site;
use super::document::{Content, Section, spoken};
use super::figures::wide;
use super::method::licence;
use super::release_page::{contact, filter};
use super::say::Voice;
use crate::report::model;
use crate::report::package::{Form, Packed};

/// In which order kinds of files are listed: first what most readers want.
const KINDS: [&str; 15] = [
    "csv",
    "observations",
    "columns",
    "codes",
    "frictionless",
    "cdm",
    "sdmx",
    "croissant",
    "crosswalk",
    "json-schema",
    "skos",
    "agreement",
    "citation",
    "readme",
    "licence",
];

pub(super) fn page(site: &Site<'_>, voice: &Voice<'_>) -> Content {
    let title = voice.t("data-title");
    Content {
        title: title.plain().to_owned(),
        kicker: None,
        heading: html! { (title) },
        lead: html! { p.lead { (voice.t("data-lead")) } },
        sections: vec![
            section(voice, "downloads", "data-downloads", downloads(site, voice)),
            section(voice, "columns", "data-columns", columns(voice)),
            section(
                voice,
                "status",
                "data-status",
                html! {
                    dl.points { @for letter in ["E", "U", "Q"] {
                        div { dt { span.code { (letter) } } dd { (voice.t(&format!("data-status-{}", letter.to_lowercase()))) } }
                    } }
                },
            ),
            section(voice, "joins", "data-joins", html! { p { (voice.t("data-joins-text")) } }),
            section(voice, "cite", "data-cite", cite(site, voice)),
            section(
                voice,
                "agreement",
                "bd4d-title",
                html! {
                    p { (voice.t("bd4d-lead")) }
                    ol.steps { @for number in 1..=7 { li { (voice.t(&format!("bd4d-{number}"))) } } }
                },
            ),
        ],
    }
}

fn section(voice: &Voice<'_>, id: &'static str, heading: &str, body: Markup) -> Section {
    Section { id, heading: html! { (voice.t(heading)) }, body }
}

/// Which of [`KINDS`] a file is.
fn kind(packed: &Packed) -> &'static str {
    let stem = packed.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    match packed.form {
        Form::Frictionless => "frictionless",
        Form::Cdm => "cdm",
        Form::Sdmx => "sdmx",
        Form::Croissant => "croissant",
        Form::Csv => "csv",
        Form::Agreement => "agreement",
        Form::CodeList => "codes",
        Form::JsonSchema => "json-schema",
        Form::Skos => "skos",
        Form::Table => match stem {
            "observations" => "observations",
            "columns" => "columns",
            "crosswalk" => "crosswalk",
            _ => "codes",
        },
        Form::Notes => match stem.to_ascii_lowercase() {
            stem if stem.starts_with("cit") => "citation",
            stem if stem.starts_with("licen") => "licence",
            _ => "readme",
        },
    }
}

fn downloads(site: &Site<'_>, voice: &Voice<'_>) -> Markup {
    let caption = voice.t("data-downloads");
    let of = |kind_wanted: &str| -> Vec<&Packed> {
        site.packed.iter().filter(|packed| kind(packed) == kind_wanted).collect()
    };
    html! {
        (wide(caption.plain(), html! {
            table.list.downloads {
                caption { (caption) }
                thead { tr { th scope="col" { (voice.t("col-use")) } th scope="col" { (voice.t("col-file")) } } }
                tbody {
                    @for name in KINDS {
                        @let files = of(name);
                        @if !files.is_empty() {
                            tr {
                                th scope="row" { (voice.t(&format!("form-{name}"))) }
                                td { ul { @for packed in files { li { (link(&packed.path)) } } } }
                            }
                        }
                    }
                    tr {
                        th scope="row" { (voice.t("form-releases")) }
                        td { a href="releases.html" { (voice.t("nav-releases")) } }
                    }
                }
            }
        }))
    }
}

fn link(path: &Path) -> Markup {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    let below = parts.join("/");
    html! { a.code href=(format!("../data/{below}")) download dir="ltr" { (below) } }
}

/// The columns of the tidy file. Their definitions are those of the model, which is in English.
fn columns(voice: &Voice<'_>) -> Markup {
    let caption = voice.t("data-columns");
    html! {
        p { (voice.t("data-columns-text")) }
        (filter(voice))
        (wide(caption.plain(), html! {
            table.list {
                caption { (caption) }
                thead { tr { th scope="col" { (voice.t("col-name")) } th scope="col" { (voice.t("col-meaning")) } th scope="col" { "HXL" } th scope="col" { "SDMX" } } }
                tbody { @for column in model::columns() {
                    tr {
                        th scope="row" { span.code dir="ltr" { (column.name) } }
                        td lang="en" dir="ltr" { (column.definition) }
                        td { span.code dir="ltr" { (column.hxl) } }
                        td { span.code dir="ltr" { (column.sdmx) } }
                    }
                } }
            }
        }))
    }
}

fn cite(site: &Site<'_>, voice: &Voice<'_>) -> Markup {
    html! {
        @for release in site.latest_releases() {
            @let manifest = release.manifest();
            @if site.publisher().is_none() { h3 { bdi { (spoken(&manifest.publisher)) } } }
            blockquote { p { bdi { (manifest.citation) } } }
            dl.points {
                div { dt { (voice.t("data-licence")) } dd { (licence(voice, &manifest.licence)) } }
                div { dt { (voice.t("data-contact")) } dd { (contact(voice, manifest)) } }
            }
        }
    }
}
