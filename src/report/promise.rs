//! The texts about protection and checking: what is promised, with which figures, and how a reader checks it.

use maud::{Markup, html};

use super::words::{best_guess_percent, day, decimal, number, one_in, over_tables};
use crate::release::Manifest;

pub(super) fn protection(manifest: &Manifest) -> Vec<(&'static str, String)> {
    vec![
        (
            "Only counts leave.",
            "The page is made from counts by month. No picture, no file name, no hash and no finer date \
             left the organisation for it."
                .into(),
        ),
        (
            "Chance is added: the noise.",
            format!(
                "To each count, zeros included, a random whole number was added or taken away before anyone outside could see \
             it; in at least 95 of 100 cases not more than {}. So a figure hardly depends on whether one particular item was there.",
                over_tables(manifest, |table| table.half_width)
            ),
        ),
        (
            "Small figures are held back: the threshold.",
            format!(
                "What is below {} after the noise is withheld. {} {}",
                over_tables(manifest, |table| table.threshold),
                manifest.tables.first().map_or_else(String::new, |table| small_count(table.k)),
                manifest.tables.first().map_or_else(String::new, |table| {
                    format!("with a chance of at most {}.", one_in(&table.beta))
                }),
            ),
        ),
        (
            "Publishing is rationed: the budget.",
            format!(
                "Every publication uses up a part of what its months allow; when it is used up, nothing more about them is \
             published. Here epsilon {} of {} is used. The same table is never drawn a second time, because the average of \
             many draws would give the true count away.",
                decimal(manifest.epsilon_nano),
                decimal(manifest.epsilon_cap_nano),
            ),
        ),
        (
            "The tables were chosen first.",
            format!(
                "What would be counted was registered on {}, for {} and later, before there was anything to count. Nobody chose \
             the table by looking at the numbers.",
                day(manifest.plan.registered_on),
                manifest.plan.applies_from.in_words(),
            ),
        ),
    ]
}

fn small_count(k: u32) -> String {
    match k {
        0 | 1 => "A true count of zero is shown".into(),
        k => format!("A true count of {} or fewer is shown", number(u64::from(k) - 1)),
    }
}

pub(super) const RISK: &str = "The risk that is left";

pub(super) fn risk(manifest: &Manifest) -> Markup {
    html! {
        p {
            "The figures are published with a stated, bounded risk for each item; the risk is not nil. Suppose someone has \
             only two guesses left, equally likely: one particular item was counted, or it was not. With everything \
             published here for the month, and with any other knowledge that leaves the two equally likely, they are right "
            "at most " strong { (best_guess_percent(manifest.epsilon_nano)) " times in 100" } ", instead of 50."
        }
        p {
            "The promise is made for an item, not for a person. Someone who is shown in many items is protected less, and so \
             is an item that several organisations count, or that is counted in several months: the risks add up. \
             The signed manifest puts it in figures:"
        }
        blockquote { p { bdi { (manifest.group_figure) } } }
    }
}

pub(super) const EXACT: &str = "The exact figures";
pub(super) const EXACT_HEADS: [&str; 3] = ["What", "Value", "In words"];

/// Name, value, and what it means.
pub(super) fn exact(manifest: &Manifest) -> Vec<(String, String, String)> {
    let mut rows = vec![
        (
            "Epsilon, one item, this release".to_owned(),
            decimal(manifest.epsilon_nano),
            "The bound on what all tables together can tell about one item. Smaller is stricter.".to_owned(),
        ),
        (
            "Epsilon that a month allows".to_owned(),
            decimal(manifest.epsilon_cap_nano),
            "The budget. The ledger refuses to go beyond it.".to_owned(),
        ),
    ];
    for table in &manifest.tables {
        let of = |name: &str| match manifest.tables.len() {
            1 => name.to_owned(),
            _ => format!("{name} ({})", table.name),
        };
        rows.extend([
            (
                of("Epsilon of this table"),
                decimal(table.epsilon_nano),
                "The part of it that this table uses.".to_owned(),
            ),
            (
                of("Sensitivity"),
                number(table.sensitivity.into()),
                "By how much one item can change the whole table.".to_owned(),
            ),
            (
                of("Noise"),
                table.mechanism.clone(),
                format!("Random whole numbers around zero; standard deviation {}.", table.noise_sd),
            ),
            (
                of("Half-width"),
                number(table.half_width),
                "The 95 % interval reaches this far to either side of a figure.".to_owned(),
            ),
            (of("k"), number(table.k.into()), "True counts below k are to stay withheld.".to_owned()),
            (
                of("beta"),
                table.beta.clone(),
                format!(
                    "The chance that one of them is shown all the same: at most {}.",
                    one_in(&table.beta)
                ),
            ),
            (
                of("T, the threshold"),
                number(table.threshold),
                "Figures below it, after the noise, are withheld.".to_owned(),
            ),
        ]);
        if table.rounding > 1 {
            rows.push((
                of("Rounding"),
                number(table.rounding.into()),
                "Figures are rounded to a multiple of this.".to_owned(),
            ));
        }
    }
    rows
}

pub(super) const UNIT: &str = "Unit of privacy";
pub(super) const COUNTING: &str = "Counting rule";
pub(super) const DENOMINATOR: &str = "Out of how many";
pub(super) const SUPERSEDES: &str = "Takes the place of";
pub(super) const WITNESS: &str = "Witness of the ledger";

pub(super) fn witness(manifest: &Manifest) -> Markup {
    html! {
        @if manifest.witness == "none" {
            "None. Nobody outside has confirmed that the publisher’s ledger was not turned back."
        } @else { bdi { (manifest.witness) } }
    }
}

// Hash

pub(super) const HASH_TEXT: &str = "A hash is a fingerprint of a file: a short number that a computer works out from it; it is \
     not the picture. Hotlines and other bodies share lists of the fingerprints of files that trained \
     people have already judged, for example child sexual abuse material. So a computer can say “this one is known” or “this one \
     looks very like a known one”, and nobody needs to look at the picture again to learn that.";

// Check

/// The files beside the page, each with what it is.
pub(super) fn files(manifest: &Manifest) -> impl Iterator<Item = (&str, &'static str)> {
    let tables = manifest.tables.iter().map(|table| {
        (table.file.as_str(), "every figure of a table of this page, for a spreadsheet or a program")
    });
    tables.chain([
        ("manifest.json", "what was counted and how it was protected, for a program"),
        ("manifest.json.minisig", "the publisher’s signature on manifest.json"),
        ("log.json", "the place of the release in the publisher’s log of all releases"),
    ])
}
pub(super) const CHECK_LEAD: &str = "The signature shows that the files are the publisher’s and that nothing was changed \
     since. You need the publisher’s public key, innerward.pub; get it from the publisher by another road than this page.";
pub(super) const CHECK_INNERWARD: &str =
    "With innerward, everything at once; FOLDER is a folder that holds these files and nothing else:";
pub(super) const CHECK_MINISIGN: &str = "Or without it, with the ordinary tool minisign, in that folder:";
pub(super) const CHECK_TABLE: &str =
    "The signed manifest names the BLAKE3 checksum of each table; b3sum must give:";
pub(super) const PLAN_DIGEST: &str = "Checksum of the plan’s text (BLAKE3)";
pub(super) const CITATION: &str = "How to cite";
pub(super) const LICENCE: &str = "Licence of the data";
pub(super) const CONTACT: &str = "Questions";
pub(super) const NO_CONTACT: &str = "The publisher names no contact.";
pub(super) const PLAN: &str = "Plan";
pub(super) const RELEASE: &str = "Release";
pub(super) const PREVIOUS: &str = "The manifest before this one (BLAKE3)";
pub(super) const NO_PREVIOUS: &str = "None: this is the publisher’s first.";
pub(super) const MADE_WITH: &str = "Made with";

pub(super) fn licence(spdx: &str) -> Option<&'static str> {
    match spdx {
        "CC-BY-4.0" => Some("you may copy, share and build on the data if you say where they are from"),
        "CC0-1.0" => Some("you may use the data without asking and without conditions"),
        _ => None,
    }
}

pub(super) fn plan(manifest: &Manifest) -> Markup {
    html! {
        bdi { (manifest.plan.name) } ", registered on " (day(manifest.plan.registered_on)) ", applies from "
        (manifest.plan.applies_from.in_words())
    }
}
