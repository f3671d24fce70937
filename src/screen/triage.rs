//! The page of a run for whoever decides what to look at: `triage.html` in its folder, one file that needs nothing else.
//!
//! No picture, no script, no request; file names, which can be explicit themselves, are hidden until they are asked for,
//! in print too. Long runs are cut: the page shows the first of each outcome, and says where all are.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::written::{Row, Written, written};
use super::{Outcome, Summary};

/// Rows of one outcome, and groups, at most.
const MOST: usize = 2_000;

/// What the page shows of a run.
#[derive(Default)]
struct Shown {
    rows: BTreeMap<Outcome, Vec<Row>>,
    /// By number: how many items a group has, and the first of them.
    groups: BTreeMap<u32, (u64, String)>,
    header: serde_json::Value,
    summary: Summary,
}

/// Writes the page of the run `id`, of which `lines` are the verdicts.
pub(super) fn write_page(id: &str, lines: impl BufRead, out: &mut impl Write) -> io::Result<()> {
    let mut shown = Shown::default();
    for line in written(lines) {
        match line? {
            Written::Run(header) => shown.header = header,
            Written::Screen(row) => {
                let rows = shown.rows.entry(row.outcome).or_default();
                if rows.len() < MOST && row.outcome != Outcome::Unknown && row.outcome != Outcome::Ignored {
                    rows.push(*row);
                }
            }
            Written::Cluster(item) => {
                if shown.groups.len() < MOST || shown.groups.contains_key(&item.cluster) {
                    shown.groups.entry(item.cluster).or_insert((0, item.path)).0 += 1;
                }
            }
            Written::Summary(summary) => shown.summary = *summary,
        }
    }
    out.write_all(page(id, &shown).into_string().as_bytes())
}

/// The outcomes that have rows, the most urgent first.
const LISTED: [(Outcome, &str); 5] = [
    (Outcome::Known, "identical to a listed file"),
    (Outcome::Near, "looks like a listed picture or video; a person decides"),
    (Outcome::Quarantined, "matches an entry in quarantine; a person decides"),
    (Outcome::Unchecked, "not or only partly checked, and nothing found"),
    (Outcome::Deconfirmed, "matches an entry that was deconfirmed here"),
];

fn page(id: &str, shown: &Shown) -> Markup {
    let summary = &shown.summary;
    let spared =
        summary.known + summary.ignored + (summary.clustered - summary.clusters.min(summary.clustered));
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="referrer" content="no-referrer";
                title { "Run " (id) }
                style { (PreEscaped(STYLE)) (PreEscaped(filters())) }
            }
            body {
                @for (outcome, _) in LISTED {
                    input type="checkbox" checked id={ "f-" (outcome.as_str()) } aria-label={ "show " (outcome.as_str()) };
                }
                input type="checkbox" id="names" aria-label="show file names";
                header {
                    p.local { strong { "Local, not for sharing." } " No picture is shown; file names are hidden until you ask for them." }
                    h1 { "Run " (id) }
                    p { (made_with(&shown.header)) }
                }
                main {
                    section {
                        h2 { "In numbers" }
                        table.numbers {
                            tbody {
                                (number("items", summary.items, "with a verdict"))
                                @for (outcome, meaning) in LISTED {
                                    (number(outcome.as_str(), summary.of(outcome), meaning))
                                }
                                (number("ignored", summary.ignored, "on a list of harmless files"))
                                (number("unknown", summary.unknown, "checked, on no list"))
                                (number("inside", summary.inside, "found inside of archives, mails and documents"))
                                (number("repeats", summary.repeats, "have the bytes of an earlier item"))
                                (number("not to be opened", spared, "items that nobody has to open: known, harmless, or like one that was seen"))
                            }
                        }
                        @if !summary.gaps.is_empty() {
                            h3 { "What was not checked, and why" }
                            table.numbers { tbody { @for (cause, items) in by_number(&summary.gaps) {
                                tr { td.n { (items) } td { (cause) } }
                            } } }
                        }
                    }
                    section {
                        h2 { "What was found" }
                        p.filters {
                            "Show: "
                            @for (outcome, _) in LISTED {
                                label for={ "f-" (outcome.as_str()) } { (outcome.as_str()) " (" (summary.of(outcome)) ")" } " "
                            }
                            label for="names" { "file names" }
                        }
                        table {
                            thead { tr { th { "Outcome" } th { "Kind" } th { "Bytes" } th { "List" } th { "Entry" } th { "By" } th { "Labels" } th { "Not checked" } th { "File" } } }
                            tbody { @for (outcome, _) in LISTED { @for row in shown.rows.get(&outcome).into_iter().flatten() { (found(row)) } } }
                        }
                        @for (outcome, _) in LISTED {
                            @if summary.of(outcome) > MOST as u64 {
                                p { "Of " (summary.of(outcome)) " " (outcome.as_str()) " items the first " (MOST) " are shown; all are in verdicts.jsonl." }
                            }
                        }
                    }
                    @if !shown.groups.is_empty() {
                        section {
                            h2 { "Unknown, and alike" }
                            p { (summary.clustered) " unknown pictures and videos are like others, in " (summary.clusters) " groups. Whoever has seen one of a group has seen them all." }
                            table {
                                thead { tr { th { "Group" } th { "Items" } th { "First file" } } }
                                tbody { @for (group, (items, first)) in &shown.groups {
                                    tr { td { (group) } td.n { (items) } td { (name(first)) } }
                                } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn found(row: &Row) -> Markup {
    let first = row.matches.first();
    html! {
        tr.(row.outcome.as_str()) {
            td { (row.outcome.as_str()) }
            td { (row.media) }
            td.n { @if let Some(bytes) = row.bytes { (bytes) } }
            td { (first.map_or("", |found| &found.set)) }
            td { (first.map_or("", |found| &found.entry)) }
            td { @if let Some(found) = first {
                (found.signal) @if !["md5", "sha1", "sha256", "blake3"].contains(&&*found.signal) { ", " (found.distance) " bits" }
                @if row.matches.len() > 1 { " and " (row.matches.len() - 1) " more" }
            } }
            td { (first.map_or_else(String::new, |found| found.labels.join(" "))) }
            td { (row.reason.as_deref().unwrap_or_default()) }
            td { (name(&row.path)) }
        }
    }
}

fn name(path: &str) -> Markup {
    html! { span.name { bdi { (path) } } span.hidden { "hidden" } }
}

fn number(what: &str, number: u64, meaning: &str) -> Markup {
    html! { tr { th scope="row" { (what) } td.n { (number) } td { (meaning) } } }
}

fn by_number(gaps: &BTreeMap<String, u64>) -> Vec<(&String, &u64)> {
    let mut gaps: Vec<_> = gaps.iter().collect();
    gaps.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    gaps
}

/// What made the run, and with which lists.
fn made_with(header: &serde_json::Value) -> String {
    let made_with = header["made_with"].as_str().unwrap_or_default();
    let sets = header["sets"].as_array().into_iter().flatten();
    let sets: Vec<String> = sets
        .map(|set| format!("{} (revision {})", set["set"].as_str().unwrap_or_default(), set["revision"]))
        .collect();
    format!("{made_with}; lists: {}", sets.join(", "))
}

/// Without a script: a box that is not ticked hides its rows.
fn filters() -> String {
    LISTED
        .iter()
        .map(|(outcome, _)| {
            let name = outcome.as_str();
            format!(
                "#f-{name}:not(:checked)~main tr.{name}{{display:none}}\
                 #f-{name}:checked~main label[for=f-{name}]{{text-decoration:underline;font-weight:bold}}"
            )
        })
        .collect()
}

const STYLE: &str = "\
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:75rem;padding:1rem;color:#1a1a1a;background:#fff}\
body>input{position:absolute;opacity:0;pointer-events:none}\
.local{border:2px solid #8a1c1c;padding:.5rem 1rem}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #ccc;vertical-align:top;overflow-wrap:anywhere}\
.numbers{width:auto}td.n{text-align:right;font-variant-numeric:tabular-nums}\
tr.known td:first-child{font-weight:bold}\
.filters label{cursor:pointer;padding:.2rem .5rem;border:1px solid #555;border-radius:.3rem}\
body>input:focus-visible~main .filters{outline:2px solid #0b57d0}\
.name{display:none}.hidden{color:#595959}\
#names:checked~main .name{display:inline}#names:checked~main .hidden{display:none}\
#names:checked~main label[for=names]{text-decoration:underline;font-weight:bold}\
@media print{#names:checked~main .name{display:none}}";

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = r#"{"type":"run","data":{"made_with":"innerward 1","sets":[{"set":"A","revision":3}]}}
{"type":"screen","data":{"path":"in/<b>&\u202egpj.exe","media":"IMAGE","bytes":7,"outcome":"near","reason":null,"matches":[{"set":"A","entry":"<e>","signal":"pdq","distance":9,"labels":["SEV_A"]}],"matches_cut":false,"held":[]}}
{"type":"screen","data":{"path":"in/quiet","media":"TEXT","bytes":7,"outcome":"unknown","reason":null,"matches":[],"matches_cut":false,"held":[]}}
{"type":"cluster","data":{"cluster":1,"path":"in/c","distance":0,"identical":true}}
{"type":"cluster","data":{"cluster":1,"path":"in/d","distance":3,"identical":false}}
"#;

    #[test]
    fn the_page_is_whole_by_itself_and_hides_names() {
        let mut page = Vec::new();
        write_page("20260101T000000", LINES.as_bytes(), &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        for forbidden in ["<script", "<img", "http:", "https:", "src=", "url(", "in/quiet", "<b>", "<e>"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        for wanted in [
            "Local, not for sharing",
            "lists: A (revision 3)",
            "&lt;e&gt;",
            "pdq, 9 bits",
            "default-src 'none'",
        ] {
            assert!(page.contains(wanted), "{wanted}");
        }
        assert!(
            page.contains(r#"<span class="name"><bdi>in/&lt;b&gt;&amp;"#),
            "a name is hidden, and cannot turn the line"
        );
    }
}
