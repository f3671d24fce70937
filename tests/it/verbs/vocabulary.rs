//! The words, through the binary; and the project's own texts, held against the terms. What is planted here is synthetic.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use innerward::vocabulary::{Allowed, Dimension, Indicator, Language, Term, TextKind, Usage, check_text};
use serde::Deserialize;
use serde_json::Value;

use crate::ward::{Done, Ward};

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Status {
    label: String,
    plain_label: String,
    definition: String,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct LabelData {
    language: String,
    label: String,
    plain_label: String,
    definition: String,
    status: Status,
    source: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct CodeLine {
    dimension: String,
    code: String,
    order: u16,
    parent: Option<String>,
    usage: String,
    code_status: String,
    #[serde(default)]
    protected: bool,
    language: String,
    label: String,
    plain_label: String,
    definition: String,
    status: Status,
    source: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct ShownCode {
    dimension: String,
    code: String,
    order: u16,
    parent: Option<String>,
    usage: String,
    code_status: String,
    #[serde(default)]
    protected: bool,
    rolls_up: Vec<String>,
    children: Vec<String>,
    crosswalk: Vec<Row>,
    labels: Vec<LabelData>,
}

#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
struct Row {
    scheme: String,
    profile: Option<String>,
    code: String,
    source_label: Option<String>,
    dimension: String,
    target: String,
    relation: String,
    holds: bool,
    loss: Option<String>,
    evidence: String,
    since: String,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Set {
    from: String,
    dimension: String,
    codes: Vec<String>,
    published_as: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct TermUse {
    file: String,
    line: usize,
    found: String,
    term: String,
    usage: String,
    language: String,
    preferred: String,
    allowed: Option<String>,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
struct CheckSummary {
    files: u64,
    avoid: u64,
    caution: u64,
    allowed: u64,
    without_reason: u64,
    skipped: u64,
}

fn json(ward: &Ward, arguments: &[&str]) -> Done {
    ward.run(&[&["vocabulary"], arguments, &["--format", "json"]].concat())
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_dimension_and_every_code_is_listed_in_every_language() {
    let ward = Ward::new();
    let done = json(&ward, &["list"]);
    let dimensions: Vec<Value> = done.all("dimension");
    assert_eq!(dimensions.len(), Dimension::ALL.len());
    let columns = dimensions.iter().filter(|line| line["column"] == true).count();
    assert_eq!(columns, Dimension::COLUMNS.len());
    for dimension in Dimension::ALL {
        for language in Language::ALL {
            let arguments = ["list", dimension.as_str(), "--language", language.as_str()];
            let codes: Vec<CodeLine> = json(&ward, &arguments).all("code");
            let expected: Vec<&str> = dimension.codes().map(|code| code.as_str()).collect();
            let found: Vec<&str> = codes.iter().map(|line| &*line.code).collect();
            assert_eq!(found, expected, "{language}");
            for (at, line) in codes.iter().enumerate() {
                assert_eq!((usize::from(line.order), &*line.dimension), (at + 1, dimension.as_str()));
                assert_eq!((&*line.language, &*line.code_status), (language.as_str(), "draft"));
                assert!(["OK", "CAUTION"].contains(&&*line.usage));
                assert!(line.parent.as_ref().is_none_or(|parent| expected.contains(&&**parent)));
                assert!(
                    !line.label.is_empty() && !line.plain_label.is_empty() && !line.definition.is_empty()
                );
                assert_eq!(line.status.label == "official", line.source.is_some(), "{line:?}");
                assert!(line.status.definition != "official" && line.status.plain_label != "reviewed");
                assert!(!line.protected || dimension == Dimension::Area);
            }
        }
    }
    assert!(!ward.home().exists(), "the words need no home");
}

#[test]
fn what_no_speaker_has_checked_is_shown_so() {
    let ward = Ward::new();
    let text = |arguments: &[&str]| ward.must(&[&["vocabulary"], arguments].concat()).out;
    let french = text(&["list", "severity", "--language", "fr"]);
    let lines: Vec<&str> = french.lines().filter(|line| line.starts_with("SEV_")).collect();
    assert!(lines.len() == 7 && lines.iter().all(|line| line.ends_with("[machine]")), "{french}");
    assert!(french.contains("no speaker has checked it"));
    assert!(text(&["list", "severity"]).contains("Category A [draft]"));
    let areas = text(&["list", "ref_area", "--language", "fr"]);
    let netherlands = areas.lines().find(|line| line.starts_with("NL ")).unwrap();
    assert!(netherlands.contains("in 155") && netherlands.ends_with("Pays-Bas"), "{netherlands}");
    let shown = text(&["show", "ref_area:NL", "--language", "fr"]);
    assert!(shown.contains("from CLDR 48") && shown.contains("[machine]"), "its definition: {shown}");
}

#[test]
fn a_code_is_shown_with_all_that_hangs_on_it() {
    let ward = Ward::new();
    let shown = |word: &str| -> ShownCode { json(&ward, &["show", word]).all("code").remove(0) };
    let severe = shown("severity:SEV_A");
    assert_eq!((severe.order, &*severe.usage, severe.parent.as_deref()), (1, "OK", Some("SEV_AB")));
    assert_eq!((severe.rolls_up, severe.labels.len()), (vec!["SEV_AB".to_owned()], Language::ALL.len()));
    let from: BTreeSet<&str> = severe.crosswalk.iter().map(|row| &*row.scheme).collect();
    assert!(from.contains("IWF") && from.contains("UK") && !from.contains("NCMEC"), "{from:?}");
    assert!(severe.labels.iter().any(|label| label.language == "ar" && label.status.label == "machine"));
    for label in &severe.labels {
        assert!(label.source.is_none() && label.label.contains('A'), "{label:?}");
        assert!(!label.plain_label.is_empty() && !label.definition.is_empty());
    }
    assert_eq!(shown("severity:SEV_AB").children, ["SEV_A", "SEV_B"]);
    let protected = shown("ref_area:AF");
    assert!(protected.protected && protected.rolls_up == ["034", "142"], "{protected:?}");
    assert!(!shown("ref_area:NL").protected && !shown("ref_area:034").protected);
    assert_eq!(
        (&*protected.dimension, &*protected.code, &*protected.code_status),
        ("ref_area", "AF", "draft")
    );
    for (word, kind, key) in [
        ("TERM_CSAM", "term", "TERM_CSAM"),
        ("MATCH_ITEMS", "indicator", "MATCH_ITEMS"),
        ("ITEMS", "unit", "ITEMS"),
        ("severity", "dimension", "severity"),
    ] {
        let line: Value = json(&ward, &["show", word, "--language", "de"]).all::<Value>(kind).remove(0);
        assert_eq!(line[kind], key);
        assert_eq!(line["labels"].as_array().unwrap().len(), 1);
        assert_eq!(line["labels"][0]["language"], "de");
    }
    let term: Value = json(&ward, &["show", "TERM_CSAM"]).all::<Value>("term").remove(0);
    let languages: BTreeSet<&str> =
        term["forms"].as_array().unwrap().iter().map(|form| form["language"].as_str().unwrap()).collect();
    assert_eq!(languages.len(), Language::ALL.len(), "forms to avoid in each language");
    let done = json(&ward, &["show", "severity:A"]);
    assert!(done.code == 2 && done.err.contains("SEV_A, SEV_B"), "{}", done.err);
}

#[test]
fn all_terms_indicators_and_units_are_listed() {
    let ward = Ward::new();
    let count = |what: &str, kind: &str| json(&ward, &["list", what]).all::<Value>(kind).len();
    assert_eq!(count("terms", "term"), Term::all().len());
    assert_eq!(count("indicators", "indicator"), Indicator::ALL.len());
    assert_eq!(count("units", "unit"), 3);
    assert_eq!(count("languages", "language"), Language::ALL.len());
    let summary: Value = json(&ward, &["list", "languages"]).summary();
    assert_eq!((summary["listed"].as_u64(), summary["unchecked"].as_u64()), (Some(8), Some(0)));
    let done = json(&ward, &["list", "colours"]);
    assert!(done.code == 2 && done.err.contains("age_band") && done.err.contains("terms"), "{}", done.err);
}

#[test]
fn golden_rows_of_the_crosswalk() {
    let ward = Ward::new();
    let rows = |arguments: &[&str]| -> Vec<Row> {
        let done = json(&ward, &[&["crosswalk"], arguments].concat());
        assert_eq!(done.code, 0, "{}", done.err);
        done.all("crosswalk")
    };
    let targets = |from: &str| -> Vec<String> {
        let of = |row: &Row| format!("{} {}:{}", row.relation, row.dimension, row.target);
        rows(&[from]).iter().map(of).collect()
    };
    assert_eq!(targets("IWF:A"), ["exact severity:SEV_A"]);
    assert_eq!(targets("NCMEC:A1"), ["exact severity:SEV_AB", "exact maturity:PREPUB"]);
    assert_eq!(targets("NCMEC:B2"), ["close severity:SEV_C", "exact maturity:PUB"]);
    assert_eq!(targets("NCMEC:A"), ["exact maturity:PREPUB"], "a child, and not IWF's act");
    assert_eq!(targets("SAP:5"), ["narrower severity:SEV_A"]);
    assert_eq!(targets("VICS/US:2"), ["close severity:SEV_X", "close maturity:AGE_DIFFICULT"]);
    assert_eq!(targets("VICS:1"), <[&str; 0]>::default(), "a number without its country");
    assert_eq!(targets("DSA/KEYWORD:CHILD_SEXUAL_ABUSE_MATERIAL"), ["exact harm:CSAM"]);
    assert_eq!(targets("ICCS/2015:030223"), ["close harm:GROOMING"]);
    assert_eq!(targets("CAC/HOTLINE:false-positive"), ["exact outcome:FALSE_POSITIVE"]);
    for row in rows(&[]) {
        assert_eq!(row.holds, ["exact", "narrower", "close"].contains(&&*row.relation), "{row:?}");
        assert!(row.relation == "exact" || row.loss.is_some(), "what is not exact loses something: {row:?}");
        assert!(!row.evidence.is_empty() && !row.since.is_empty() && row.profile.as_deref() != Some(""));
    }
    let literal = rows(&["CYBERTIP/INCIDENT:tourism"]).remove(0);
    assert_eq!((literal.profile.as_deref(), &*literal.code), (Some("INCIDENT"), "tourism"));
    assert_eq!(literal.source_label.as_deref(), Some("Child Sex Tourism"), "old wording, word for word");
    assert!(rows(&["--to", "source"]).iter().all(|row| row.dimension == "source"));
    let done = json(&ward, &["crosswalk", "NCMEC/GENERATIVE-AI"]);
    let sets: Vec<Set> = done.all("set");
    let of = |code: &str| sets.iter().find(|set| set.from == format!("NCMEC/GENERATIVE-AI:{code}")).unwrap();
    let act = of("A1");
    assert_eq!((&*act.dimension, act.published_as.as_deref()), ("severity", Some("SEV_AB")));
    assert_eq!(act.codes, ["SEV_A", "SEV_B"]);
    let origin = of("*");
    assert_eq!(
        (&*origin.codes, origin.published_as.as_deref()),
        (&["AI_FULL", "AI_ALTERED"].map(String::from)[..], Some("_U"))
    );
}

#[test]
fn what_people_read_has_columns_and_fits_a_narrow_terminal() {
    let ward = Ward::new();
    for arguments in [
        &["crosswalk"][..],
        &["crosswalk", "UCS"],
        &["show", "severity:SEV_A"],
        &["show", "TERM_CSAM"],
        &["show", "MATCH_ITEMS"],
        &["list", "act"],
    ] {
        let done = ward.must(&[&["vocabulary"], arguments].concat());
        let wide: Vec<&str> = done.out.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{arguments:?}: {wide:#?}");
    }
    let done = ward.must(&["vocabulary", "crosswalk", "DSA/KEYWORD:CHILD_SEXUAL_ABUSE_MATERIAL"]);
    let columns = "DSA/KEYWORD:CHILD_SEXUAL_ABUSE_MATERIAL  exact     harm:CSAM";
    assert!(done.out.starts_with(columns), "{}", done.out);
}

#[test]
fn a_profile_is_empty_until_a_member_fills_it() {
    let ward = Ward::new();
    let done = ward.must(&["vocabulary", "crosswalk", "UCS"]);
    assert!(done.out.contains("not public") && done.out.contains("--template ucs-v3"), "{}", done.out);
    let header = ward.must(&["vocabulary", "load", "--template", "vics-uk"]).out;
    assert_eq!(header.lines().count(), 1);
    let filled =
        format!("{header}VICS,UK,1,severity,SEV_A,close,synthetic,unverified,2026,made up for a test\n");
    let file = ward.write("uk.csv", filled);
    let file = file.to_str().unwrap();
    let done = json(&ward, &["load", file, "--check"]);
    assert_eq!((done.code, done.summary::<Value>()["rows"].as_u64()), (0, Some(1)), "{}", done.err);
    let rows: Vec<Row> = json(&ward, &["crosswalk", "VICS/UK:1", "--profile", file]).all("crosswalk");
    assert_eq!((rows.len(), &*rows[0].target, &*rows[0].evidence), (1, "SEV_A", "unverified"));
    let wrong = format!(
        "{header}VICS,UK,1,severity,A,same,,hearsay,2026,\nVICS,US,1,severity,SEV_A,exact,,doc,2026,\n"
    );
    let file = ward.write("wrong.csv", wrong);
    let file = file.to_str().unwrap();
    for verb in [&["load", file][..], &["load", file, "--check"], &["crosswalk", "--profile", file]] {
        json(&ward, verb).refused(&[
            "wrong.csv: line 2: ",
            "write one of SEV_A, SEV_B",
            "is no relation",
            "is no evidence",
            "wrong.csv: line 3: ",
        ]);
    }
}

#[test]
fn planted_terms_are_named_with_file_line_and_what_is_preferred() {
    let ward = Ward::new();
    let folder = ward.path("texts");
    for (name, text) in [
        ("en.md", "# A page\n\nOn child\n**pornography** here.\n"),
        ("fr.html", "<html lang=\"fr\"><p>contenus <b>pédo</b>pornographiques</p>\n"),
        ("es.txt", "pornografía\ninfantil\n"),
        ("pt.csv", "a,b\n1,pornografia infantil\n"),
        ("ar.json", "{\"a\": \"\\u0625\\u0628\\u0627\\u062d\\u064a\\u0629 الأطفال\"}"),
        ("sub/ru.toml", "a = 'детская порнография'\n"),
        ("sub/zh.md", "儿童色情\n"),
        ("de.md", "Kinder-\npornografie\n"),
        ("care.md", "a minor\n"),
        ("photo.jpg", "child pornography"),
        (".git/x.md", "child pornography"),
    ] {
        ward.write(&format!("texts/{name}"), text);
    }
    let done = json(&ward, &["check", folder.to_str().unwrap()]);
    assert_eq!(done.code, 1, "{}", done.err);
    let uses: Vec<TermUse> = done.all("term_use");
    let name =
        |found: &TermUse| Path::new(&found.file).strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
    let avoided: BTreeMap<String, (usize, &str)> = uses
        .iter()
        .filter(|found| found.usage == "AVOID")
        .map(|found| (name(found), (found.line, &*found.language)))
        .collect();
    let expected = [
        ("ar.json", (1, "ar")),
        ("de.md", (1, "de")),
        ("en.md", (3, "en")),
        ("es.txt", (1, "es")),
        ("fr.html", (1, "fr")),
        ("pt.csv", (2, "pt")),
        ("sub/ru.toml", (1, "ru")),
        ("sub/zh.md", (1, "zh")),
    ];
    assert_eq!(avoided.len(), expected.len(), "{avoided:?}");
    for (file, found) in expected {
        assert_eq!(avoided[file], found, "{file}");
    }
    assert!(uses.iter().all(|found| !found.preferred.is_empty() && found.allowed.is_none()));
    let english = uses.iter().find(|found| name(found) == "en.md").unwrap();
    assert_eq!((&*english.term, &*english.preferred), ("TERM_CSAM", "Child sexual abuse material"));
    assert_eq!(english.found, "child **pornography");
    let summary: CheckSummary = done.summary();
    let expected = CheckSummary { files: 9, avoid: 8, caution: 1, allowed: 0, without_reason: 0, skipped: 1 };
    assert_eq!(summary, expected);
}

#[test]
fn a_caution_is_told_and_is_no_failure() {
    let ward = Ward::new();
    let file = ward.write("care.md", "a minor, juveniles, self-generated\n");
    let done = ward.must(&["vocabulary", "check", file.to_str().unwrap()]);
    assert!(done.out.contains("care.md:1: CAUTION TERM_CHILD: “minor”; write “child”"), "{}", done.out);
    let clean = ward.write("clean.md", "child sexual abuse material\n");
    let done = ward.must(&["vocabulary", "check", clean.to_str().unwrap()]);
    assert!(done.out.contains("1 file: 0 to avoid, 0 to watch"), "{}", done.out);
}

#[test]
fn a_quotation_is_excepted_with_its_reason_alone() {
    let ward = Ward::new();
    let check = |name: &str, text: &str, more: &[&str]| {
        let file = ward.write(name, text);
        json(&ward, &[&["check", file.to_str().unwrap()], more].concat())
    };
    let done = check("a.md", "“child pornography” <!-- terms-allowed: the name of a law -->\n", &[]);
    let uses: Vec<TermUse> = done.all("term_use");
    assert_eq!((done.code, uses[0].allowed.as_deref()), (0, Some("the name of a law")));
    let done = check("a.md", "“child pornography” <!-- terms-allowed: -->\n", &[]);
    assert_eq!((done.code, done.summary::<CheckSummary>().without_reason), (1, 1));
    assert!(done.err.contains("a.md:1: an exception needs a reason"), "{}", done.err);
    let list = ward.write("allowed.csv", "file,text,reason\nb.csv,porn,a quotation\n");
    let done = check("b.csv", "a\nchild porn\n", &["--allowed", list.to_str().unwrap()]);
    assert_eq!((done.code, done.summary::<CheckSummary>().allowed), (0, 1));
    let list = ward.write("allowed.csv", "file,text,reason\nb.csv,porn,\n");
    let done = check("b.csv", "a\nchild porn\n", &["--allowed", list.to_str().unwrap()]);
    assert!(done.code == 2 && done.err.contains("line 2"), "{}", done.err);
}

#[test]
fn what_cannot_be_read_is_a_failure_that_says_what_to_do() {
    let ward = Ward::new();
    for (name, content, words) in
        [("a.pdf", &b"x"[..], "name a file that ends in txt, md"), ("a.md", &b"\xff\xfe"[..], "is not UTF-8")]
    {
        let file = ward.write(name, content);
        ward.run(&["vocabulary", "check", file.to_str().unwrap()]).refused(&[name, words]);
    }
    ward.run(&["vocabulary", "check", "absent.md"]).refused(&["absent.md"]);
    ward.run(&["vocabulary", "show", "nothing"]).refused(&["vocabulary list"]);
}

#[test]
fn the_programs_own_labels_have_no_term_to_avoid() {
    let done = json(&Ward::new(), &["check"]);
    let uses: Vec<TermUse> = done.all("term_use");
    let avoided: Vec<&TermUse> = uses.iter().filter(|found| found.usage == "AVOID").collect();
    assert!(done.code == 0 && avoided.is_empty(), "{avoided:?}");
}

/// Every text of the project that a person reads: documents, labels, and the strings of pages and messages.
#[test]
fn the_projects_own_texts_have_no_term_to_avoid() {
    let list = fs::read_to_string(repository().join("src/vocabulary/data/terms_allowed.csv")).unwrap();
    let allowed = Allowed::read(&list).unwrap();
    let is_ours = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_str().unwrap();
        entry.depth() == 0 || !(name.starts_with('.') || name == "target")
    };
    let files = walkdir::WalkDir::new(repository()).into_iter().filter_entry(is_ours).map(Result::unwrap);
    let texts: Vec<PathBuf> = files
        .map(walkdir::DirEntry::into_path)
        .filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.ends_with(".md")
                || name.ends_with(".ftl")
                || path.starts_with(repository().join("src/vocabulary/data"))
        })
        .filter(|path| path.is_file())
        .collect();
    assert!(
        texts.iter().any(|path| path.ends_with("src/language/strings/en.ftl")) && texts.len() > 40,
        "{texts:?}"
    );
    for path in texts {
        let text = fs::read_to_string(&path).unwrap();
        let kind = TextKind::of_name(path.to_str().unwrap()).unwrap_or(TextKind::Plain);
        let checked = check_text(path.to_str().unwrap(), &text, kind, None, &allowed);
        let avoided: Vec<_> =
            checked.findings.iter().filter(|found| found.r#use.usage == Usage::Avoid).collect();
        assert!(avoided.is_empty() && checked.unreasoned.is_empty(), "{}: {avoided:?}", path.display());
    }
    let crosswalk = repository().join("src/vocabulary/data/crosswalk.csv");
    let literal = fs::read_to_string(&crosswalk).unwrap();
    assert!(literal.contains("Child Pornography"), "the old wording of a scheme, in source_label alone");
}

#[test]
fn help_reads_well_in_a_narrow_terminal() {
    let ward = Ward::new();
    for verb in [
        &["vocabulary"][..],
        &["vocabulary", "list"],
        &["vocabulary", "show"],
        &["vocabulary", "crosswalk"],
        &["vocabulary", "check"],
    ] {
        for flag in ["-h", "--help"] {
            let mut command = ward.command();
            command.env("COLUMNS", "80").args(verb).arg(flag);
            let done = Done::of(command.output().unwrap());
            let wide: Vec<&str> = done.out.lines().filter(|line| line.chars().count() > 80).collect();
            assert!(done.code == 0 && wide.is_empty(), "{verb:?}: {wide:#?}");
        }
    }
}
