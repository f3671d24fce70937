//! The page of a run for whoever decides what to look at: `triage.html` in its folder, one file that needs nothing else.
//!
//! No picture, no script, no request; file names, which can be explicit themselves, are hidden until they are asked for,
//! in print too. Long runs are cut: the page shows the first of each outcome, and says where all are.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::written::{Row, Written, written};
use super::{Outcome, Summary};
use crate::language::{Arg, Locale};

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

/// Writes the page of the run `id`, of which `lines` are the verdicts, in `language`.
pub(super) fn write_page(
    id: &str,
    lines: impl BufRead,
    language: &Locale,
    out: &mut impl Write,
) -> io::Result<()> {
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
    out.write_all(page(id, &shown, language).into_string().as_bytes())
}

/// The outcomes that have rows, the most urgent first.
const LISTED: [(Outcome, &str); 5] = [
    (Outcome::Known, "operator-meaning-known"),
    (Outcome::Near, "operator-meaning-near-all"),
    (Outcome::Quarantined, "operator-meaning-quarantined"),
    (Outcome::Unchecked, "operator-meaning-unchecked"),
    (Outcome::Deconfirmed, "operator-meaning-deconfirmed"),
];

fn page(id: &str, shown: &Shown, language: &Locale) -> Markup {
    let say = |key: &str| language.say(key, &[]);
    let word = |outcome: Outcome| language.say(outcome.key(), &[]);
    let show = |outcome: Outcome| language.say("operator-show", &[("what", Arg::Text(&word(outcome)))]);
    let title = language.say("operator-run", &[("run", Arg::Text(id))]);
    let row =
        |what: &str, count: u64, meaning: &str| number(&say(what), &language.number(count), &say(meaning));
    let is_unreviewed = language.tag() != "en" && !language.review().is_complete();
    let summary = &shown.summary;
    let spared =
        summary.known + summary.ignored + (summary.clustered - summary.clusters.min(summary.clustered));
    html! {
        (DOCTYPE)
        html lang=(language.tag()) dir=[language.is_right_to_left().then_some("rtl")] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) (PreEscaped(filters())) }
            }
            body {
                @for (outcome, _) in LISTED {
                    input type="checkbox" checked id={ "f-" (outcome.as_str()) } aria-label=(show(outcome));
                }
                input type="checkbox" id="names" aria-label=(say("operator-names"));
                header {
                    p.local { strong { (say("operator-local")) } " " (say("operator-hidden-note")) }
                    h1 { (title) }
                    p { (made_with(&shown.header, language)) }
                    @if is_unreviewed { p { (say("operator-unreviewed")) } }
                }
                main {
                    section {
                        h2 { (say("operator-numbers")) }
                        table.numbers {
                            tbody {
                                (row("operator-items", summary.items, "operator-with-verdict"))
                                @for (outcome, meaning) in LISTED {
                                    (row(outcome.key(), summary.of(outcome), meaning))
                                }
                                (row(Outcome::Ignored.key(), summary.ignored, "operator-meaning-ignored"))
                                (row(Outcome::Unknown.key(), summary.unknown, "operator-meaning-unknown"))
                                (row("operator-inside", summary.inside, "operator-inside-note"))
                                (row("operator-repeats-word", summary.repeats, "operator-repeats-note"))
                                (row("operator-spared", spared, "operator-spared-note"))
                            }
                        }
                        @if !summary.gaps.is_empty() {
                            h3 { (say("operator-gaps-title")) }
                            table.numbers { tbody { @for (cause, items) in by_number(&summary.gaps) {
                                tr { td.n { (language.number(*items)) } td { (cause) } }
                            } } }
                        }
                    }
                    section {
                        h2 { (say("operator-found")) }
                        p.filters {
                            (say("operator-show-label")) " "
                            @for (outcome, _) in LISTED {
                                label for={ "f-" (outcome.as_str()) } { (word(outcome)) " (" (language.number(summary.of(outcome))) ")" } " "
                            }
                            label for="names" { (say("operator-file-names")) }
                        }
                        table {
                            thead { tr { @for key in COLUMNS { th { (say(key)) } } } }
                            tbody { @for (outcome, _) in LISTED { @for row in shown.rows.get(&outcome).into_iter().flatten() { (found(row, language)) } } }
                        }
                        @for (outcome, _) in LISTED {
                            @if summary.of(outcome) > MOST as u64 {
                                p { (cut(summary.of(outcome), &word(outcome), language)) }
                            }
                        }
                    }
                    @if !shown.groups.is_empty() {
                        section {
                            h2 { (say("operator-alike-title")) }
                            p { (language.say("operator-alike-note", &[("items", Arg::Number(summary.clustered)), ("groups", Arg::Number(summary.clusters))])) }
                            table {
                                thead { tr { th { (say("operator-th-group")) } th { (say("operator-th-items")) } th { (say("operator-th-first")) } } }
                                tbody { @for (group, (items, first)) in &shown.groups {
                                    tr { td { (group) } td.n { (language.number(*items)) } td { (name(first, language)) } }
                                } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The heads of the table of what was found.
const COLUMNS: [&str; 9] = [
    "operator-th-outcome",
    "operator-th-kind",
    "operator-th-bytes",
    "operator-th-list",
    "operator-th-entry",
    "operator-th-by",
    "operator-th-labels",
    "operator-th-unchecked",
    "operator-th-file",
];

fn cut(all: u64, outcome: &str, language: &Locale) -> String {
    let args = [
        ("all", Arg::Number(all)),
        ("outcome", Arg::Text(outcome)),
        ("shown", Arg::Number(MOST as u64)),
        ("file", Arg::Text("verdicts.jsonl")),
    ];
    language.say("operator-cut", &args)
}

/// By which hash, and how near.
fn by(signal: &str, distance: u64, language: &Locale) -> String {
    if ["md5", "sha1", "sha256", "blake3"].contains(&signal) {
        return signal.to_owned();
    }
    language.say("operator-distance", &[("signal", Arg::Text(signal)), ("bits", Arg::Number(distance))])
}

fn found(row: &Row, language: &Locale) -> Markup {
    let first = row.matches.first();
    html! {
        tr.(row.outcome.as_str()) {
            td { (language.say(row.outcome.key(), &[])) }
            td { (row.media) }
            td.n { @if let Some(bytes) = row.bytes { (language.number(bytes)) } }
            td { (first.map_or("", |found| &found.set)) }
            td { (first.map_or("", |found| &found.entry)) }
            td { @if let Some(found) = first {
                (by(&found.signal, found.distance.into(), language))
                @if row.matches.len() > 1 {
                    " " (language.say("operator-and-more", &[("count", Arg::Number(row.matches.len() as u64 - 1))]))
                }
            } }
            td { (first.map_or_else(String::new, |found| found.labels.join(" "))) }
            td { (row.reason.as_deref().unwrap_or_default()) }
            td { (name(&row.path, language)) }
        }
    }
}

fn name(path: &str, language: &Locale) -> Markup {
    html! { span.name { bdi { (path) } } span.hidden { (language.say("operator-hidden", &[])) } }
}

fn number(what: &str, number: &str, meaning: &str) -> Markup {
    html! { tr { th scope="row" { (what) } td.n { (number) } td { (meaning) } } }
}

fn by_number(gaps: &BTreeMap<String, u64>) -> Vec<(&String, &u64)> {
    let mut gaps: Vec<_> = gaps.iter().collect();
    gaps.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    gaps
}

/// What made the run, and with which lists.
fn made_with(header: &serde_json::Value, language: &Locale) -> String {
    let made_with = header["made_with"].as_str().unwrap_or_default();
    let sets = header["sets"].as_array().into_iter().flatten();
    let sets: Vec<String> = sets
        .map(|set| {
            let (name, revision) = (set["set"].as_str().unwrap_or_default(), set["revision"].to_string());
            language.say("operator-revision", &[("set", Arg::Text(name)), ("revision", Arg::Text(&revision))])
        })
        .collect();
    let sets = sets.join(&language.say("operator-comma", &[]));
    language.say("operator-lists", &[("program", Arg::Text(made_with)), ("lists", Arg::Text(&sets))])
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
table{border-collapse:collapse;width:100%}th,td{text-align:start;padding:.25rem .5rem;border-bottom:1px solid #ccc;vertical-align:top;overflow-wrap:anywhere}\
.numbers{width:auto}td.n{text-align:end;font-variant-numeric:tabular-nums}\
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
        write_page("20260101T000000", LINES.as_bytes(), Locale::english(), &mut page).unwrap();
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
