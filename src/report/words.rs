//! Every text of the page, in one place: English today. Sentences are computed from what is shown, and claim no more.
//!
//! The words follow the terminology of the vocabulary; a test holds them against the terms to avoid.

use maud::{Markup, html};

use super::group::{Figure, Group, Sum};
use crate::release::{BreakNote, ListNote, Manifest, Status, TableNote};
use crate::vocabulary::{Code, Dimension, Indicator, Period, Unit, list_class, severity, verdict};

pub(super) use super::promise::*;

/// BCP 47 tag of the texts below.
pub(super) const LANG: &str = "en";

pub(super) const SKIP: &str = "Skip to the figures";
pub(super) const ON_THIS_PAGE: &str = "On this page";
pub(super) const ALL_RELEASES: &str = "All releases";
pub(super) const ALL_RELEASES_LEAD: &str = "Each page below holds one release: its figures, what they mean, what they do not mean, and how they were protected.";

pub(super) const DEMO_SIGN: &str = "DEMO";
pub(super) const DEMO_TEXT: &str =
    "Made-up data about harmless generated pictures; these numbers describe nothing.";

pub(super) const IN_SHORT: (&str, &str) = ("in-short", "In short");
pub(super) const CHART: (&str, &str) = ("chart", "The picture");
pub(super) const TABLE: (&str, &str) = ("table", "Every figure");
pub(super) const READING: (&str, &str) = ("reading", "How to read this");
pub(super) const NOT_SAID: &str = "What these numbers do not say";
pub(super) const PROTECTION: (&str, &str) = ("protection", "How people are protected");
pub(super) const HASH: (&str, &str) = ("hash", "What a hash is");
pub(super) const CHECK: (&str, &str) = ("check", "Download it, and check it yourself");
pub(super) const GLOSSARY: (&str, &str) = ("glossary", "Words used here");
pub(super) const SECTIONS: [(&str, &str); 8] =
    [IN_SHORT, CHART, TABLE, READING, PROTECTION, HASH, CHECK, GLOSSARY];

// Numbers

/// `1,234`
pub(super) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `about 1,234`
pub(super) fn about(figure: Figure) -> String {
    format!("about {}", number(figure.value))
}

/// `between 1,231 and 1,237`
pub(super) fn between(figure: Figure) -> String {
    format!("between {}", ends(figure))
}

/// Billionths as a decimal number without trailing zeros: `0.5`.
pub(super) fn decimal(nano: u64) -> String {
    let text = format!("{}.{:09}", number(nano / 1_000_000_000), nano % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `5 November 2026`
pub(super) fn day(date: jiff::civil::Date) -> String {
    format!("{} {}", date.day(), Period::containing(date).in_words())
}

/// `1e-6` as `1 in 1,000,000`; anything else as it stands.
pub(super) fn one_in(beta: &str) -> String {
    let power = beta.strip_prefix("1e-").and_then(|digits| digits.parse().ok());
    match power.and_then(|power| 10_u64.checked_pow(power)) {
        Some(many) => format!("1 in {}", number(many)),
        None => beta.to_owned(),
    }
}

/// How often, out of a hundred, someone with two equally likely guesses can be right at best: `e^E / (1 + e^E)`,
/// rounded upward. Worked out for the reader beside the exact figure; no published value depends on it.
pub(super) fn best_guess_percent(epsilon_nano: u64) -> u64 {
    let factor = (epsilon_nano as f64 / 1e9).exp();
    if factor.is_finite() { (100.0 * factor / (1.0 + factor)).ceil() as u64 } else { 100 }
}

// Title

pub(super) fn title(manifest: &Manifest) -> String {
    format!("Matches with shared lists, {}", manifest.period.in_words())
}

/// What a table counts.
pub(super) fn table_title(note: &TableNote) -> &'static str {
    match note.indicator {
        Indicator::MatchItems => "Items that matched a list",
        Indicator::Reviewed => "Items that a person reviewed",
        Indicator::Confirmed => "Items that a person confirmed",
        Indicator::Overturned => "Items whose match a person found wrong",
        Indicator::Reports => "Reports received",
        Indicator::Urls => "Web addresses handled",
        Indicator::Removed => "Web addresses whose content was taken down",
        _ => "Items that were checked",
    }
}

const fn noun(unit: Unit) -> &'static str {
    match unit {
        Unit::Items => "items",
        Unit::Reports => "reports",
        Unit::Urls => "web addresses",
    }
}

pub(super) fn document_title(manifest: &Manifest) -> String {
    let demo = if manifest.demo { "DEMO: " } else { "" };
    format!("{demo}{} ({})", title(manifest), publisher(manifest))
}

/// The publisher's name within a sentence; where a demo's name says so itself, the page has said it already.
fn publisher(manifest: &Manifest) -> &str {
    manifest.publisher.strip_prefix("DEMO: ").unwrap_or(&manifest.publisher)
}

pub(super) fn lead(manifest: &Manifest) -> Markup {
    html! {
        "How many of the items that " bdi { (publisher(manifest)) } " checked in " (manifest.period.in_words())
        " were already on a shared list of known files. Published on " (day(manifest.published_on)) "."
    }
}

pub(super) const WHY: &str = "Why it is published";

// In short

/// The sentences that the shown cells of a table support.
pub(super) fn in_short(unit: Unit, groups: &[Group<'_>]) -> Markup {
    let sums: Vec<(&Group<'_>, Sum)> = groups.iter().map(|group| (group, group.sum())).collect();
    let matches = sums.iter().filter(|(group, _)| group.is_match());
    let (shown, withheld): (Vec<_>, Vec<_>) =
        sums.iter().filter(|(group, _)| !group.is_match()).partition(|(_, sum)| sum.shown > 0);
    html! {
        @for (group, sum) in matches { p.lead-figure { (sentence(unit, group.verdict, sum)) } }
        @if !shown.is_empty() {
            p { @for (group, sum) in &shown { (sentence(unit, group.verdict, sum)) " " } }
        }
        @if !withheld.is_empty() {
            p {
                "Withheld, because too small to publish, which is not zero: how many " (noun(unit)) " "
                @for (at, (group, _)) in withheld.iter().enumerate() {
                    @if at > 0 { "; how many " }
                    (indirect(group.verdict))
                }
                "."
            }
        }
    }
}

pub(super) const ITEM_IS_NOT_A_CHILD: &str = "These are items of content, reports or web addresses. They are not children, not \
     people who did something, and not a measure of how much abuse there is.";

pub(super) fn nothing_shown(manifest: &Manifest) -> Markup {
    html! {
        p.lead-figure { strong { "No figure could be published for this " (manifest.period.kind().as_str()) "." } }
        p {
            "Every figure was small enough that publishing it could have said something about a single item, so every "
            "one was withheld. "
            strong { "That is not zero." }
            " A withheld figure may stand for no item at all or for some; this page cannot tell which."
        }
    }
}

/// What a verdict says of items, so that it follows `about 1,234 items`.
fn predicate(verdict: Option<Code>) -> &'static str {
    match verdict {
        Some(verdict::KNOWN) => "were identical to a file on a shared list",
        Some(verdict::NEAR) => {
            "looked very like a picture on a shared list; for each, a person has to decide whether it is the same"
        }
        Some(verdict::IGNORED) => "were recognised as harmless",
        Some(verdict::UNCHECKED) => "could not be checked, so nothing is said about them",
        Some(verdict::UNKNOWN) => {
            "were checked and on none of the lists, which says nothing about what they show"
        }
        _ => "are counted in the figures shown here",
    }
}

/// The subject of the same statement where no figure stands: `How many …`.
fn indirect(verdict: Option<Code>) -> &'static str {
    match verdict {
        Some(verdict::KNOWN) => "were identical to a file on a shared list",
        Some(verdict::NEAR) => "looked very like a picture on a shared list",
        Some(verdict::IGNORED) => "were recognised as harmless",
        Some(verdict::UNCHECKED) => "could not be checked",
        Some(verdict::UNKNOWN) => "were checked and on none of the lists",
        _ => "there were",
    }
}

fn sentence(unit: Unit, verdict: Option<Code>, sum: &Sum) -> Markup {
    if sum.shown == 0 {
        return html! {
            "How many " (noun(unit)) " " (indirect(verdict)) " is withheld, because the "
            @if sum.cells() == 1 { "figure was" } @else { "figures were" }
            " too small to publish; that is not zero."
        };
    }
    html! {
        "About " strong { (number(sum.figure.value)) " " (noun(unit)) } " (" (between(sum.figure)) ") " (predicate(verdict)) "."
        @if sum.withheld > 0 { " " span.missing { (missing(sum)) } }
        @if let Some(caution) = near_threshold(sum) { " " span.missing { (caution) } }
    }
}

/// What a sum leaves out.
pub(super) fn missing(sum: &Sum) -> String {
    let whose = if sum.withheld == 1 { "figure is" } else { "figures are" };
    format!(
        "That leaves out {} of the {} groups in the table below, whose {whose} withheld.",
        number(sum.withheld as u64),
        number(sum.cells() as u64),
    )
}

/// A word of caution where figures just above the threshold are part of a sum.
fn near_threshold(sum: &Sum) -> Option<String> {
    match (sum.near_threshold, sum.shown) {
        (0, _) => None,
        (1, 1) => Some("The figure lies just above the threshold, where figures tend to be too high.".into()),
        (1, _) => Some(
            "One of its figures lies just above the threshold, where figures tend to be too high.".into(),
        ),
        (n, _) => Some(format!(
            "{} of its figures lie just above the threshold, where figures tend to be too high.",
            number(n as u64)
        )),
    }
}

// Chart

pub(super) fn chart_caption(manifest: &Manifest, unit: Unit) -> String {
    let demo = if manifest.demo { "DEMO, made-up data. " } else { "" };
    let period = manifest.period.in_words();
    match unit {
        Unit::Items => {
            format!("{demo}Items that matched a shared list, by what the list says about them, {period}")
        }
        other => format!("{demo}Figures in {}, by what is known of them, {period}", noun(other)),
    }
}

pub(super) fn context_caption(manifest: &Manifest) -> String {
    let demo = if manifest.demo { "DEMO, made-up data. " } else { "" };
    format!("{demo}Everything else that was met, {}", manifest.period.in_words())
}

pub(super) const CONTEXT_SCALE: &str =
    "These bars have a scale of their own; they cannot be compared with the bars above.";
pub(super) const LEGEND_INTERVAL: &str = "The thin line at the end of a bar spans the 95 % interval. If it looks like a single stroke, the interval is narrow.";
pub(super) const LEGEND_WITHHELD: &str =
    "Withheld: too small to publish. Not zero, and the box has no scale.";
pub(super) const LEGEND_NEAR: &str =
    "Just above the level below which figures are withheld; such figures tend to be too high.";
pub(super) const NEAR_MARK: &str = "near the threshold";
pub(super) const WITHHELD: &str = "withheld";

pub(super) fn group_heading(verdict: Option<Code>) -> &'static str {
    verdict.map_or("All items", Code::plain_label)
}

/// The label of a sum that leaves something out.
pub(super) fn partial(label: &str) -> String {
    format!("{label} (figures shown only)")
}

pub(super) fn further_withheld(n: usize) -> String {
    format!("{} further groups", number(n as u64))
}

/// For the tooltip and the accessible name of one bar.
pub(super) fn bar_title(label: &str, figure: Option<Figure>, near: bool) -> String {
    match figure {
        None => format!("{label}: {WITHHELD}, which is not zero"),
        Some(figure) => {
            let mark = if near { format!(", {NEAR_MARK}") } else { String::new() };
            format!("{label}: {}, {}{mark}", about(figure), between(figure))
        }
    }
}

// Table

pub(super) fn table_caption(manifest: &Manifest, note: &TableNote) -> String {
    let demo = if manifest.demo { "DEMO, made-up data. " } else { "" };
    let counted = noun(note.unit);
    format!(
        "{demo}Figures in {counted}, {}. Every group of the plan is listed, also the withheld ones; withheld is not zero. The true \
         count lies between the two ends in at least 95 of 100 cases.",
        manifest.period.in_words()
    )
}

pub(super) const fn table_heads(unit: Unit) -> [&'static str; 4] {
    let counted = match unit {
        Unit::Items => "Items",
        Unit::Reports => "Reports",
        Unit::Urls => "Web addresses",
    };
    ["Group", counted, "Between", "Status"]
}
pub(super) const SUM_LABEL: &str = "Sum of the figures shown";
/// The interval of a table's row, under the head `Between`: `1,231 and 1,237`.
pub(super) fn ends(figure: Figure) -> String {
    format!("{} and {}", number(figure.lower), number(figure.upper))
}

/// What the sum of a group leaves out, within the table.
pub(super) fn left_out(sum: &Sum) -> String {
    match sum.withheld {
        0 => String::new(),
        n => format!("Leaves out {}", number(n as u64)),
    }
}

pub(super) const SUM_INTERVAL_NOTE: &str = "The interval of a sum is the lower ends added up, and the upper ends added up: wider \
     than it need be, but anyone can check it. A sum takes in only figures that are shown.";
pub(super) const LABELS: &str = "What the labels mean";
pub(super) const SEVERITY_NOTE: &str = "The severity is the one that the matching list entry carries; it was given by the people \
     who made the list. Nobody looked at the item again for this page. Where an entry carries several, the most severe counts.";

pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Estimated => "Estimate",
        Status::NearThreshold => "Near the threshold",
        Status::Withheld => "Too small",
    }
}

pub(super) fn dimension(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Verdict => "Result of the check",
        Dimension::Media => "Kind of content",
        Dimension::Severity => "Severity",
        Dimension::ListClass => "Kind of list",
        Dimension::Channel => "How the item arrived",
        Dimension::Maturity => "Development of the child",
        Dimension::AgeBand => "Age",
        Dimension::Origin => "How the material came to exist",
        Dimension::Legal => "Legal flag of the source",
        Dimension::Harm => "Kind of harm",
        Dimension::Opinion => "Opinion of the list's members",
        Dimension::Signal => "Kind of hash",
        Dimension::Sex => "Sex of the children shown",
        Dimension::Novelty => "New or known",
        Dimension::Site => "Kind of site",
        Dimension::Source => "Who brought it",
        Dimension::Outcome => "Result of review",
        Dimension::Area => "Country or region",
        Dimension::AreaRole => "What the country stands for",
        Dimension::Act => "Recorded act",
    }
}

/// The label of a code within a row: `Not applicable` alone would leave a reader wondering what is not.
pub(super) fn row_label(code: Code) -> &'static str {
    match code {
        severity::NOT_APPLICABLE => "No severity applies",
        code => code.plain_label(),
    }
}

// Reading

/// A number of each table, in words: `3`, or `3 to 12, by table`.
pub(super) fn over_tables(manifest: &Manifest, of: impl Fn(&TableNote) -> u64) -> String {
    let numbers = || manifest.tables.iter().map(&of);
    match (numbers().min(), numbers().max()) {
        (Some(least), Some(most)) if least != most => {
            format!("{} to {}, by table", number(least), number(most))
        }
        (_, most) => number(most.unwrap_or_default()),
    }
}

pub(super) fn reading(manifest: &Manifest) -> Vec<(&'static str, String)> {
    vec![
        ("“About”", format!(
            "Every figure is an estimate. A little chance was added on purpose, so that it hardly depends on any single \
             item. In at least 95 of 100 cases the true count lies within {} of the published figure; that is the interval given beside it.",
            over_tables(manifest, |table| table.half_width)
        )),
        ("“Withheld”", format!(
            "Figures below {} are not published. The true count may be zero, or it may be more. A blank is never a zero.",
            over_tables(manifest, |table| table.threshold)
        )),
        ("“Near the threshold”", format!(
            "Just above that level only figures that came out high are seen at all. Those up to {} are marked: take them as \
             likely too high.",
            over_tables(manifest, |table| table.threshold.saturating_add(table.half_width))
        )),
        ("“Item”", "One piece of content, counted once in the period however often it was met. The exact rule stands \
             under the figures of protection below.".into()),
    ]
}

pub(super) const CAVEATS: [(&str, &str); 8] = [
    (
        "They are not a number of children, and not a number of offenders.",
        "One child may appear in many items, and one item may be passed on by many people, or by none.",
    ),
    (
        "Volume is not prevalence.",
        "The figures move with how much is checked, with reporting duties, with platforms and with tools. They do not \
         measure how much abuse there is.",
    ),
    (
        "A match shows what the list knows.",
        "Only what somebody found, judged and listed before can match. New material does not.",
    ),
    ("No match shows nothing.", "An item that is on none of the lists may be anything."),
    ("A blank is not a zero.", "It says only that the figure was too small to publish."),
    (
        "Differences smaller than the interval mean nothing.",
        "Two figures whose intervals overlap may well be equal. No trend should be read from figures below 50.",
    ),
    (
        "A list that grows moves the counts.",
        "More matches can mean a longer list, without any change in the world. The dates of the lists stand below.",
    ),
    (
        "A look-alike is not a finding.",
        "Computers point out the resemblance; a person decides. Look-alikes are never counted as identical.",
    ),
];

pub(super) const LISTS: &str = "Lists that were compared with";
pub(super) const MANIFEST_CAVEATS: &str = "The notes of the signed manifest, word for word";

pub(super) fn list(note: &ListNote) -> Markup {
    let label = Dimension::ListClass.code(&note.list_class).map(Code::definition);
    html! {
        @match label { Ok(label) => (label), Err(_) => bdi { (note.list_class) } }
        ", latest revision " (note.revised.in_words())
    }
}

pub(super) const BREAKS: &str = "Breaks in the series";

pub(super) fn a_break(note: &BreakNote) -> Markup {
    let class = Dimension::ListClass.code(&note.list_class).ok();
    html! {
        @match class.filter(|class| *class != list_class::NOT_APPLICABLE) {
            Some(class) => { "Lists of a class (" (class.definition()) ") changed in how they are matched" }
            None => "The program, or a setting of it, changed what matches",
        }
        @if note.within { " within the period" } @else { " since the period before" }
        "; figures before and after must not be compared"
    }
}

// Glossary

pub(super) const GLOSSARY_TERMS: [(&str, &str); 11] = [
    ("Budget", "What a month allows in all publications together, measured in epsilon."),
    (
        "Child sexual abuse material",
        "Pictures, videos and other records of the sexual abuse or sexual exploitation of a child. A child is anyone under 18.",
    ),
    ("Epsilon", "The measure of the risk that a publication adds for one item. The smaller, the stricter."),
    ("Hash", "The fingerprint of a file: a short number worked out from it."),
    ("Item", "One piece of content, for example a picture. Counted once in the period."),
    ("Ledger", "The publisher’s book of what was published for each month, and of the budget that it used."),
    (
        "List",
        "A collection of hashes of files that people have already judged, shared among organisations that protect children.",
    ),
    (
        "Look-alike",
        "An item whose picture is very like a listed one, for example a smaller copy. A person decides.",
    ),
    ("Noise", "A random whole number that is added to a count or taken from it before publishing."),
    ("Threshold", "The level below which a figure, noise included, is withheld."),
    ("Withheld", "Not published because it is too small. Not zero."),
];

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
