use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::file::LanguageFile;
use super::locale::Opened;
use super::*;
use crate::vocabulary::{Dimension, Language, ReviewStatus};

const HEAD: &str = "language-tag = sw\nlanguage-name = Kiswahili\nlanguage-direction = ltr\n";

fn locale(text: &str) -> Locale {
    Locale::of_files(vec![Opened::of("a.ftl", None, text).unwrap()])
}

/// What is found wrong with strings of a language, from the line below its head.
fn faults(strings: &str) -> Vec<(usize, String)> {
    let faults = LanguageFile::checked(&format!("{HEAD}{strings}"), Some("sw")).faults;
    faults.into_iter().map(|fault| (fault.line - 3, fault.cause)).collect()
}

#[test]
fn the_languages_that_come_along_have_no_fault() {
    for language in Language::ALL {
        assert_eq!(built_in_faults(language), [], "{language}");
    }
    let tags: Vec<&str> = Locale::built_in().iter().map(Locale::tag).collect();
    assert_eq!(tags, Language::ALL.map(Language::as_str));
    for (locale, language) in Locale::built_in().iter().zip(Language::ALL) {
        assert_eq!(locale.endonym(), language.endonym());
        assert_eq!(locale.is_right_to_left(), language.is_right_to_left());
    }
}

#[test]
fn numbers_and_dates_are_as_an_independent_implementation_writes_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/language/forms.csv");
    let mut rows = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    // European Portuguese is a file over the Portuguese that comes along, which is that of Brazil.
    let pt_pt = locale(
        "language-tag = pt-PT\nlanguage-name = português europeu\nlanguage-direction = ltr\n\
         number-group = { \"\\u00A0\" }\nnumber-grouped-from = 5\nnumber-range = { $low } - { $high }\n",
    );
    let mut checked = 0;
    for row in rows.records() {
        let row = row.unwrap();
        let (language, form, input, written) = (&row[0], &row[1], &row[2], &row[3]);
        let built_in = Locale::built_in().iter().find(|locale| locale.tag() == language);
        let locale = built_in.unwrap_or(&pt_pt);
        let ours = match form {
            "number" => locale.number(input.parse().unwrap()),
            "signed" => locale.signed(input.parse().unwrap()),
            "decimal" => locale.decimal(input),
            "percent" => locale.percent(input),
            "range" => {
                let (low, high) = input.split_once("..").unwrap();
                locale.range(low.parse().unwrap(), high.parse().unwrap())
            }
            "day" => locale.day(input.parse().unwrap()),
            "period" => locale.period(input.parse().unwrap()),
            other => panic!("{other}"),
        };
        assert_eq!(ours, written, "{language} {form} {input}");
        checked += 1;
    }
    assert!(checked > 400, "{checked}");
}

#[test]
fn a_language_has_the_digits_of_its_file() {
    let locale = locale(
        "language-tag = fa\nlanguage-name = فارسی\nlanguage-direction = rtl\nnumber-digits = ۰۱۲۳۴۵۶۷۸۹\nnumber-group = ٬\n",
    );
    assert_eq!((locale.number(1_234), locale.decimal("0.5")), ("۱٬۲۳۴".into(), "۰.۵".into()));
    assert!(locale.is_right_to_left());
    assert!(locale.day("2026-10-05".parse().unwrap()).contains("۲۰۲۶"));
    assert_eq!(locale.decimal("<0.01"), "<0.01", "what is no number stands as it is");
}

#[test]
fn plurals_are_those_of_the_language() {
    let forms = |tag: &str, numbers: &[u64]| -> Vec<String> {
        let text = format!(
            "language-tag = {tag}\nlanguage-name = x\nlanguage-direction = ltr\nprobe = {{ $n ->\n [zero] zero\n [one] one\n [two] two\n [few] few\n [many] many\n *[other] other\n }}\n"
        );
        let file = LanguageFile::trusted(&text);
        let locale = Locale::of_files(vec![Opened { tag: tag.parse().unwrap(), file }]);
        numbers.iter().map(|&number| locale.say("probe", &[("n", Arg::Number(number))])).collect()
    };
    assert_eq!(forms("ar", &[0, 1, 2, 3, 11, 100]), ["zero", "one", "two", "few", "many", "other"]);
    assert_eq!(forms("ru", &[1, 21, 2, 5, 11]), ["one", "one", "few", "many", "many"]);
    assert_eq!(forms("zh", &[0, 1, 2]), ["other"; 3]);
    assert_eq!(forms("fr", &[0, 1, 2]), ["one", "one", "other"]);
}

#[test]
fn what_a_language_lacks_is_said_in_english() {
    let locale = locale(&format!("{HEAD}month-1 = Januari\nseverity-SEV_A = Kundi A\n"));
    assert_eq!(locale.period("2026-01".parse().unwrap()), "Januari 2026");
    assert_eq!(locale.period("2026-02".parse().unwrap()), "February 2026");
    assert_eq!((locale.status("month-1"), locale.has("month-2")), (ReviewStatus::Machine, false));
    let code = Dimension::Severity.code("SEV_A").unwrap();
    let (own, english) = (locale.code(code), Locale::english().code(code));
    assert_eq!((own.pref, own.plain), ("Kundi A", "Kundi A"), "rather than English words beside its own");
    assert_eq!((own.definition, own.status), (english.definition, ReviewStatus::Draft));
    let review = locale.review();
    assert_eq!((review.checked, review.unchecked), (0, 1));
    assert!(review.missing > 20 && locale.review_of_labels().unchecked == 1);
    assert_eq!(locale.missing_labels().count() as u64, locale.review_of_labels().missing);
}

#[test]
fn a_reviewed_file_is_laid_over_what_comes_along() {
    let text = "language-tag = fr\nlanguage-name = français\nlanguage-direction = ltr\n\
                ## status: reviewed\nmonth-1 = Janvier\n# status: draft\nmonth-2 = Février\n\n\
                ## Labels\nseverity-SEV_A =\n  .plain = Le plus grave\n";
    let locale = locale(text);
    let french = &Locale::built_in()[1];
    assert_eq!(locale.period("2026-01".parse().unwrap()), "Janvier 2026");
    assert_eq!(locale.period("2026-03".parse().unwrap()), french.period("2026-03".parse().unwrap()));
    let status = ["month-1", "month-2", "month-3"].map(|key| locale.status(key));
    assert_eq!(status, [ReviewStatus::Reviewed, ReviewStatus::Draft, ReviewStatus::Official]);
    let code = Dimension::Severity.code("SEV_A").unwrap();
    assert_eq!(locale.code(code).plain, "Le plus grave");
    assert_eq!(locale.code(code).pref, french.code(code).pref);
}

#[test]
fn every_fault_is_told_with_its_line_and_a_cure() {
    for (strings, line, words) in [
        ("month-1 Januari\n", 1, "key = text"),
        ("\nmonth-99 = x\n", 2, "no string month-99"),
        ("month-1 = x\nmonth-1 = y\n", 2, "in line 4 already"),
        (
            "date-month = { $month } { $jahr } { $year }\n",
            1,
            "no argument $jahr; its English has $month, $year",
        ),
        ("date-month = { $month }\n", 1, "does not say $year"),
        ("date-month = { NUMBER($month) } { $year }\n", 1, "$month is no number"),
        ("date-month = { $month } { year }\n", 1, "written { $year }"),
        ("date-month = { $month } { $year } { DATETIME($year) }\n", 1, "the one function is NUMBER"),
        ("# status: perfect\nmonth-1 = x\n", 1, "official, reviewed, machine or draft"),
        ("### status: perfect\n", 1, "official, reviewed, machine or draft"),
        ("month-1 = <b>x</b>\n", 1, "markup"),
        ("month-1 = { \"<\" }\n", 1, "markup"),
        ("month-1 = a\u{202e}b\n", 1, "turns the line"),
        ("month-1 = child pornography\n", 1, "term to avoid"),
        ("-brand = x\n", 1, "term of Fluent"),
        ("month-1 = x\n  .plain = y\n", 1, "has no .plain"),
        ("number-grouped-from = many\n", 1, "4, or 5"),
        ("number-digits = 0123\n", 1, "ten digits"),
        ("severity-SEV_Q = x\n", 1, "no string"),
        ("severity-SEV_A = { $x }\n", 1, "no argument $x"),
        ("month-1 = { 5 }\n", 1, "without braces"),
    ] {
        let found = faults(strings);
        let is_it = |(at, cause): &(usize, String)| *at == line && cause.contains(words);
        assert!(found.iter().any(is_it), "{strings:?} {words:?}: {found:?}");
    }
    assert_eq!(faults("month-1 = Januari\n# status: reviewed\nmonth-2 =\n"), []);
}

#[test]
fn a_plural_has_a_form_for_every_number() {
    let file = |tag: &str, text: &str| {
        let text = format!(
            "language-tag = {tag}\nlanguage-name = x\nlanguage-direction = ltr\noperator-links = {text}\n"
        );
        let faults = LanguageFile::checked(&text, None).faults;
        faults.into_iter().map(|fault| fault.cause).collect::<Vec<_>>()
    };
    let two = "{ $count ->\n  [one] { NUMBER($count) } a\n *[other] { NUMBER($count) } b\n }";
    assert_eq!(file("sw", two), Vec::<String>::new());
    let russian = file("ru", two);
    assert!(russian.iter().any(|cause| cause.contains("[few]") && cause.contains("2, 3, 4")), "{russian:?}");
    assert_eq!(file("ar", two).len(), 4, "zero, two, few, many");
    assert!(file("sw", "{ $count }")[0].contains("write { NUMBER($count) }"));
    assert!(
        file("sw", "{ $count ->\n [ones] a\n [one] { NUMBER($count) }\n *[other] b\n }")[0]
            .contains("[ones] is no plural")
    );
}

#[test]
fn the_head_says_which_language_it_is() {
    for (text, stem, words) in [
        ("month-1 = x\n", None, "language-tag is missing"),
        ("language-tag = sw\nlanguage-name = x\nlanguage-direction = ltr\n", Some("fr"), "make them agree"),
        ("language-tag = ../x\nlanguage-name = x\nlanguage-direction = ltr\n", None, "no language tag"),
        ("language-tag = PT-pt\nlanguage-name = x\nlanguage-direction = ltr\n", None, "write pt-PT"),
        ("language-tag = sw\nlanguage-name = x\nlanguage-direction = up\n", None, "ltr or rtl"),
    ] {
        let error = Opened::of("fr.ftl", stem, text).err().unwrap().to_string();
        assert!(error.starts_with("fr.ftl:1: ") || error.starts_with("fr.ftl:3: "), "{error}");
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn hostile_files_are_refused_and_never_end_the_program() {
    for nest in ["{", "{\n", "{ $x -> *[a] ", "a{\nF(\n", "{ \"", "a = {\n{"] {
        let text = format!("{HEAD}month-1 = {}", nest.repeat(200_000 / nest.len()));
        assert!(!LanguageFile::checked(&text, None).faults.is_empty(), "{nest:?}");
    }
    let laughs =
        (2..=12).map(|at| format!("month-{at} = {}\n", format!("{{ month-{} }}", at - 1).repeat(10)));
    let text = format!("{HEAD}month-1 = ha\n{}", laughs.collect::<String>());
    assert!(LanguageFile::checked(&text, None).faults.len() >= 11);
    // Even unchecked, a string that holds itself or laughs too long is said in English.
    for text in [format!("{HEAD}month-2 = {{ month-2 }}\n"), text] {
        let opened = Opened { tag: "sw".parse().unwrap(), file: LanguageFile::trusted(&text) };
        assert_eq!(Locale::of_files(vec![opened]).period("2026-12".parse().unwrap()), "December 2026");
    }
    let long = format!("{HEAD}month-1 = {}\n", "x".repeat(5_000));
    assert!(LanguageFile::checked(&long, None).faults[0].cause.contains("make it shorter"));
    // Every truncation and every flipped byte of a real file ends in a language or in faults.
    let text = template("sw").into_bytes();
    for at in (0..text.len()).step_by(text.len() / 60) {
        LanguageFile::checked(&String::from_utf8_lossy(&text[..at]), None);
        let mut flipped = text.clone();
        flipped[at] ^= 0x5b;
        LanguageFile::checked(&String::from_utf8_lossy(&flipped), None);
    }
}

#[test]
fn files_are_read_within_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let big = put("aa.ftl", &vec![b'#'; (1 << 20) + 1]);
    assert!(Locale::read(&big).unwrap_err().to_string().contains("at most 1048576 bytes"));
    let odd = put("bb.ftl", b"language-tag = bb\nlanguage-name = \xff\n");
    assert!(Locale::read(&odd).unwrap_err().to_string().contains("bb.ftl:2: is not UTF-8"));
    let good = put("sw.ftl", format!("\u{feff}{HEAD}month-1 = Januari\n").replace('\n', "\r\n").as_bytes());
    assert_eq!(Locale::read(&good).unwrap().period("2026-01".parse().unwrap()), "Januari 2026");
    for name in ["aa.ftl", "bb.ftl"] {
        fs::remove_file(dir.path().join(name)).unwrap();
    }
    let all = Locales::load(Some(dir.path()), &[]).unwrap();
    let tags: BTreeSet<&str> = all.iter().map(Locale::tag).collect();
    assert_eq!(tags.len(), 9);
    assert_eq!(all.find("sw").unwrap().endonym(), "Kiswahili");
    assert!(Locales::load(Some(&dir.path().join("none")), &[]).unwrap().find("sw").is_none());
}

#[test]
fn a_template_is_a_language_that_lacks_everything_and_takes_a_translation() {
    let text = template("sw");
    let filled = text
        .replace("language-name =", "language-name = Kiswahili")
        .replace("language-direction =", "language-direction = ltr");
    let file = LanguageFile::checked(&filled, Some("sw"));
    assert_eq!(file.faults, []);
    let empty = locale(&filled);
    assert_eq!((empty.review().checked, empty.review().unchecked), (0, 0));
    assert_eq!(
        empty.review().missing,
        Locale::english().review().unchecked + Locale::english().review().checked
    );
    let label = "severity-SEV_A =\n    .plain =\n    .definition =";
    assert!(filled.contains(label));
    let filled = filled
        .replace(label, "severity-SEV_A = Kundi A\n    .plain =\n    .definition = Maana")
        .replace("\nmonth-1 =", "\nmonth-1 = Januari");
    let some = locale(&filled);
    assert_eq!((some.review().unchecked, some.review_of_labels().unchecked), (1, 1));
    let code = Dimension::Severity.code("SEV_A").unwrap();
    assert_eq!(some.code(code).definition, "Maana");
}
