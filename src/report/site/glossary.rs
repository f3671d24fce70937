//! The words of the pages, the terms of the field, and the codes that occur in the data.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::Site;
use super::document::{Content, Section};
use super::figures::wide;
use super::release_page::filter;
use super::say::Voice;
use crate::language::Arg;
use crate::vocabulary::{Code, Dimension, Term};

/// The words that these pages use in a sense of their own.
const WORDS: [&str; 12] = [
    "budget",
    "epsilon",
    "hash",
    "item",
    "ledger",
    "list",
    "look-alike",
    "noise",
    "range",
    "release",
    "threshold",
    "withheld",
];

pub(super) fn page(site: &Site<'_>, voice: &Voice<'_>) -> Content {
    let title = voice.t("glossary-title");
    Content {
        title: title.plain().to_owned(),
        kicker: None,
        heading: html! { (title) },
        lead: html! { p.lead { (voice.t("glossary-lead")) } },
        sections: vec![
            Section { id: "words", heading: html! { (voice.t("glossary-words")) }, body: words(voice) },
            Section { id: "terms", heading: html! { (voice.t("terms-title")) }, body: terms(voice) },
            Section { id: "codes", heading: html! { (voice.t("codes-title")) }, body: codes(site, voice) },
        ],
    }
}

fn words(voice: &Voice<'_>) -> Markup {
    html! {
        dl.points { @for word in WORDS {
            div { dt { (voice.t(&format!("word-{word}"))) } dd { (voice.t(&format!("word-{word}-text"))) } }
        } }
    }
}

/// The preferred terms of the field, with what they mean. Other words for the same are not repeated here.
fn terms(voice: &Voice<'_>) -> Markup {
    html! {
        p { (voice.t("terms-lead")) }
        dl.points { @for term in Term::all() {
            @let words = voice.locale().term(term);
            div {
                dt { (voice.pref(words)) }
                dd {
                    (voice.definition(words)) (voice.stop())
                    @if term.key() == "TERM_SELFGEN" { em { (voice.t("usage-selfgen")) } }
                }
            }
        } }
    }
}

/// Every dimension and code of the tables.
fn codes(site: &Site<'_>, voice: &Voice<'_>) -> Markup {
    let mut used: BTreeMap<Dimension, BTreeSet<Code>> = BTreeMap::new();
    for followed in &site.followed {
        for groups in &followed.groups {
            used.entry(groups.dimension).or_default().extend(groups.codes.iter().map(|group| group.code));
        }
    }
    let caption = voice.t("codes-title");
    html! {
        p { (voice.say("codes-lead", &[("total", Arg::Text("_T"))])) }
        (filter(voice))
        (wide(caption.plain(), html! {
            table.list {
                caption { (caption) }
                thead { tr { @for key in ["col-code", "col-label", "col-meaning"] { th scope="col" { (voice.t(key)) } } } }
                @for (dimension, codes) in &used { tbody {
                    tr.head {
                        th scope="rowgroup" colspan="3" { (voice.dimension(*dimension)) " " span.code dir="ltr" { (dimension.as_str()) } }
                    }
                    @for code in codes {
                        @let words = voice.locale().code(*code);
                        tr {
                            th scope="row" { span.code dir="ltr" { (code.as_str()) } }
                            td { (voice.code(*code)) }
                            td { (voice.definition(words)) }
                        }
                    }
                } }
            }
        }))
    }
}
