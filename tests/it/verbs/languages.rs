//! Languages through the binary, and their keys held against the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use innerward::language::Locale;
use serde::Deserialize;

use crate::ward::{Ward, knowing, sha256};

/// Prefixes of keys that the sources put together from a part and a number or a word.
const COMPUTED: [&str; 8] =
    ["bd4d-", "caveat-", "data-status-", "form-", "month-", "month-in-date-", "reading-", "word-"];

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Review {
    checked: u64,
    unchecked: u64,
    missing: u64,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct LanguageLine {
    tag: String,
    name: String,
    direction: String,
    strings: Review,
    labels: Review,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Fault {
    file: String,
    line: u64,
    cause: String,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Checked {
    languages: u64,
    faults: u64,
    missing: u64,
    unchecked: u64,
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

/// The keys of English, as they stand in the file.
fn keys() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/language/strings/en.ftl");
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    lines.filter_map(|line| Some(line.split_once(" =")?.0.to_owned())).collect()
}

/// The words in quotation marks that are written as keys are.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let is_key = |word: &&str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.split('"').filter(is_key)
}

#[test]
fn every_key_of_the_sources_is_in_english_and_every_key_of_english_is_used() {
    let mut paths = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut paths);
    let texts: Vec<String> = paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let keys = keys();
    assert!(keys.len() > 100, "{}", keys.len());
    let used: BTreeSet<&str> = texts.iter().flat_map(|text| quoted(text)).collect();
    let computed = |key: &str| COMPUTED.iter().any(|prefix| key.starts_with(prefix));
    let idle: Vec<_> = keys.iter().filter(|key| !used.contains(key.as_str()) && !computed(key)).collect();
    assert!(idle.is_empty(), "no source says {idle:?}");
    let sections: BTreeSet<&str> = keys.iter().filter_map(|key| Some(key.split_once('-')?.0)).collect();
    let mut lacking = Vec::new();
    for text in &texts {
        for (at, _) in text.match_indices("say(") {
            let said = text[at + 4..].trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
            lacking.extend(said.filter(|key| !keys.contains(*key) && *key != "probe"));
        }
    }
    assert!(lacking.is_empty(), "English lacks {lacking:?}");
    assert!(sections.contains("operator") && sections.contains("month"));
}

#[test]
fn languages_are_listed_with_what_speakers_have_checked() {
    let ward = Ward::for_demo();
    ward.write("ward/languages/sw.ftl", "language-tag = sw\nlanguage-name = Kiswahili\nlanguage-direction = ltr\n# status: reviewed\nmonth-1 = Januari\n");
    let lines: Vec<LanguageLine> =
        ward.must(&["report", "languages", "list", "--format", "json"]).all("language");
    let tags: Vec<&str> = lines.iter().map(|line| line.tag.as_str()).collect();
    assert_eq!(tags, ["en", "fr", "es", "pt", "ar", "ru", "zh", "de", "sw"]);
    let all = |review: &Review| review.checked + review.unchecked + review.missing;
    assert!(lines.iter().all(|line| all(&line.strings) == all(&lines[0].strings)));
    assert!(lines.iter().all(|line| all(&line.labels) == all(&lines[0].labels)));
    let sw = &lines[8];
    assert_eq!(
        (&*sw.name, &*sw.direction, sw.strings.checked, sw.strings.unchecked),
        ("Kiswahili", "ltr", 1, 0)
    );
    assert_eq!((sw.labels.checked, sw.labels.unchecked), (0, 0));
    assert_eq!(lines[4].direction, "rtl");
}

#[test]
fn a_check_names_file_and_line_and_what_is_missing() {
    let ward = Ward::for_demo();
    let path = ward.write("sw.ftl", "language-tag = sw\nlanguage-name = Kiswahili\nlanguage-direction = ltr\nmonth-1 = <b>\nmonth-99 = x\n");
    let file = path.to_str().unwrap();
    let done = ward.run(&["report", "languages", "check", file, "--format", "json"]);
    let faults: Vec<Fault> = done.all("fault");
    assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [4, 5]);
    assert!(faults[0].file.ends_with("sw.ftl") && faults[0].cause.contains("markup"), "{faults:?}");
    let summary: Checked = done.summary();
    assert_eq!((summary.languages, summary.faults, summary.missing, summary.unchecked), (1, 2, 0, 0));
    assert_eq!(done.code, 1);
    let shown = ward.run(&["report", "languages", "check", file]);
    assert!(shown.err.contains("sw.ftl:4: "), "{}", shown.err);

    ward.write(
        "sw.ftl",
        "language-tag = sw\nlanguage-name = Kiswahili\nlanguage-direction = ltr\nmonth-1 = Januari\n",
    );
    let shown = ward.run(&["report", "languages", "check", file]);
    assert_eq!(shown.code, 1);
    assert!(shown.out.contains("sw.ftl: month-2 is missing; English stands in"), "{}", shown.out);
    assert!(shown.out.contains("severity-SEV_A is missing"));
}

#[test]
fn a_template_is_read_back_and_lacks_everything() {
    let ward = Ward::for_demo();
    let text = ward.must(&["report", "languages", "template", "sw"]).out;
    let head = ["language-name =", "language-direction ="];
    let filled =
        text.replace(head[0], "language-name = Kiswahili").replace(head[1], "language-direction = ltr");
    let path = ward.write("sw.ftl", filled);
    let done = ward.run(&["report", "languages", "check", path.to_str().unwrap(), "--format", "json"]);
    let summary: Checked = done.summary();
    let lines: Vec<LanguageLine> = done.all("language");
    assert_eq!((summary.faults, summary.unchecked), (0, 0));
    assert_eq!(summary.missing, lines[0].strings.missing + lines[0].labels.missing);
    ward.run(&["report", "languages", "template", "../x"]).refused(&["language tag"]);
}

#[test]
fn people_are_spoken_to_in_their_language_and_programs_are_not() {
    let ward = knowing(&[b"known"]);
    ward.write("in/a", "known");
    let spoken = |language: &str| ward.run(&["screen", "in", "--quiet", "--language", language]).out;
    assert!(spoken("en").contains("identical to a listed file"));
    assert!(spoken("fr").contains("identique à un fichier d’une liste"));
    assert!(spoken("ru").contains("1 элемент,"));
    let query = format!("sha256:{}", sha256(b"known"));
    let asked = |more: &[&str]| ward.run(&[&["match", &query], more].concat()).out;
    assert!(
        asked(&["--language", "es"]).starts_with("conocido  sha256:"),
        "{}",
        asked(&["--language", "es"])
    );
    let matches = |text: String| text.lines().next().unwrap().to_owned();
    assert_eq!(
        matches(asked(&["--format", "json", "--language", "de"])),
        matches(asked(&["--format", "json"])),
        "JSON does not depend on it"
    );
    ward.run(&["match", &query, "--language", "tlh"]).refused(&["--language", "tlh", "en, fr"]);

    ward.write("ward/innerward.toml", "language = \"ar\"\n");
    let told = ward.run(&["screen", "in", "--quiet"]).out;
    let line = told.lines().find(|line| line.ends_with("triage.html")).unwrap();
    let page = fs::read_to_string(&line[line.find('/').unwrap()..]).unwrap();
    assert!(page.contains(r#"<html lang="ar" dir="rtl">"#) && page.contains("محلي، ليس للمشاركة."));
    assert!(page.contains("لم يراجع أي متحدث"), "that nobody has checked the words is said");

    // A faulty file of a language stops nothing.
    ward.write("ward/languages/ar.ftl", "language-tag = ar\n");
    let done = ward.run(&["match", &query]);
    assert!(done.err.contains("ar.ftl:1: ") && done.out.contains("معروف"), "{} {}", done.out, done.err);
}

#[test]
fn a_quarter_and_a_day_are_told_as_readers_write_them() {
    let written = |tag: &str| {
        let locale = Locale::built_in().iter().find(|locale| locale.tag() == tag).unwrap();
        let (day, quarter) = ("2026-10-05".parse().unwrap(), "2026-Q4".parse().unwrap());
        (locale.day(day), locale.period(quarter))
    };
    assert_eq!(written("en"), ("5 October 2026".into(), "October to December 2026".into()));
    assert_eq!(written("zh"), ("2026年10月5日".into(), "2026年10月 – 12月".into()));
    assert_eq!(written("ru").0, "5 октября 2026 г.");
}
