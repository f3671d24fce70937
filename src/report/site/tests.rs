//! The pages as a reader and as an attacker sees them.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::language::Arg;
use crate::release::sample::{Shape, sample};
use crate::release::{BreakNote, Status};
use crate::report::data::Trend;
use crate::vocabulary::{Code, Period, lint};

const SHAPES: [Shape; 4] = [Shape::AllWithheld, Shape::OneCell, Shape::Many, Shape::Wide];
const HOSTILE: &str = "<script>alert(\"x\")</script>'\"><img src=http://evil.example/x>&amp;\u{202e}";
const HOTLINE: &str = "The Example Hotline";

type Files = BTreeMap<String, String>;

/// Every file of the site of these releases.
fn site_of(releases: &[Release], locales: &[&Locale]) -> Files {
    let releases: Vec<&Release> = releases.iter().collect();
    let data = DataSet::of(&releases);
    let names = release_names(&data);
    let packed = [Packed { path: "observations.csv".into(), form: crate::report::package::Form::Table }];
    let site = Site::of(&data, names, locales, &packed);
    site.files().into_iter().map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect()
}

fn english(releases: &[Release]) -> Files {
    site_of(releases, &[Locale::english()])
}

fn everyone() -> Vec<&'static Locale> {
    Locale::built_in().iter().collect()
}

/// A release of one month, with the noised values that `count` gives.
fn month(publisher: &str, text: &str, count: impl FnMut(&[Code]) -> u64) -> Release {
    let mut release = sample(Shape::Many, false, publisher).0.with_counts(count);
    release.rename(&format!("{text}-monthly-v1"));
    release.manifest_mut().period = text.parse().unwrap();
    release
}

/// Months in a row, from the first of 2024, each some more than the one before; every fifth all withheld.
fn months(publisher: &str, many: u64) -> Vec<Release> {
    let mut period: Period = "2024-01".parse().unwrap();
    let mut all = Vec::new();
    for at in 0..many {
        let mut cell = 0;
        all.push(month(publisher, &period.to_string(), |_| {
            cell += 1;
            if at % 5 == 4 { 3 } else { 60 + 13 * at + 7 * cell }
        }));
        period = period.next();
    }
    all
}

/// Sites that between them have every kind of page.
fn sites() -> Vec<Files> {
    let mut all: Vec<Files> = SHAPES
        .into_iter()
        .flat_map(|shape| [HOTLINE, HOSTILE].map(|text| english(&[sample(shape, true, text).0])))
        .collect();
    all.push(english(&months(HOTLINE, 30)));
    all.push(english(&[months(HOTLINE, 3), months("Another Hotline", 3)].concat()));
    all.push(site_of(&months(HOTLINE, 3), &everyone()));
    all
}

fn pages(files: &Files) -> impl Iterator<Item = (&String, &String)> {
    files.iter().filter(|(path, _)| path.ends_with(".html"))
}

/// The page's text without markup, drawings and code.
fn text_of(page: &str) -> String {
    let mut text = String::new();
    let mut rest = &page[page.find("<body").unwrap()..];
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let whole = ["code", "svg"].into_iter().find(|name| {
            rest[start + 1..].strip_prefix(name).is_some_and(|next| next.starts_with([' ', '>']))
        });
        let end = whole.map_or(">".to_owned(), |name| format!("</{name}>"));
        rest = &rest[start + rest[start..].find(&end).unwrap() + end.len()..];
        text.push(' ');
    }
    text
}

fn numbers_in(text: &str) -> BTreeSet<u64> {
    text.split(|c: char| !c.is_ascii_digit() && c != ',')
        .map(|word| word.replace(',', ""))
        .filter_map(|word| word.parse().ok())
        .collect()
}

fn attributes<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let key = format!(" {name}=");
    let mut found = Vec::new();
    for tag in page.split('<').skip(1).map(|part| &part[..part.find('>').unwrap()]) {
        for (at, _) in tag.match_indices(&key) {
            let value = &tag[at + key.len()..];
            found.push(match value.strip_prefix('"') {
                Some(quoted) => &quoted[..quoted.find('"').unwrap()],
                None => &value[..value.find(' ').unwrap_or(value.len())],
            });
        }
    }
    found
}

#[test]
fn every_tag_is_closed_in_order() {
    for files in sites() {
        for (path, page) in pages(&files) {
            let mut open = Vec::new();
            for part in page.split('<').skip(2) {
                let name: String =
                    part.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                let tag = &part[..part.find('>').unwrap()];
                match name.as_str() {
                    "meta" | "link" | "input" => {}
                    // Their ends are implied by what comes next.
                    "td" | "th" | "tr" | "thead" | "tbody" | "li" | "dt" | "dd" => {}
                    _ if part.starts_with('/') => assert_eq!(open.pop(), Some(name), "{path}"),
                    _ if tag.ends_with('/') => {}
                    _ => open.push(name),
                }
            }
            assert_eq!(open, Vec::<String>::new(), "{path}");
        }
    }
}

#[test]
fn ids_are_unique_and_every_reference_leads_somewhere() {
    for files in sites() {
        for (path, page) in pages(&files) {
            let ids = attributes(page, "id");
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{path}");
            for id in attributes(page, "aria-labelledby") {
                assert!(ids.contains(&id), "{path}: {id}");
            }
            for to in attributes(page, "href").into_iter().chain(attributes(page, "src")) {
                let leads = match to.strip_prefix('#') {
                    Some(id) => ids.contains(&id),
                    None if to == "data:,"
                        || to.starts_with("../data/")
                        || to.starts_with("../releases/") =>
                    {
                        true
                    }
                    None => {
                        let (to, id) = to.split_once('#').unwrap_or((to, ""));
                        let folder = path.rsplit_once('/').map(|(folder, _)| folder);
                        let below = match (to.strip_prefix("../"), folder) {
                            (Some(up), Some(_)) => up.to_owned(),
                            (None, Some(folder)) => format!("{folder}/{to}"),
                            (_, None) => to.to_owned(),
                        };
                        files
                            .get(&below)
                            .is_some_and(|page| id.is_empty() || attributes(page, "id").contains(&id))
                    }
                };
                assert!(leads, "{path}: {to}");
            }
        }
    }
}

#[test]
fn what_a_publisher_writes_stays_text() {
    for shape in SHAPES {
        for (path, page) in pages(&english(&[sample(shape, false, HOSTILE).0])) {
            assert!(!page.contains("<img") && page.matches("<script").count() == 1, "{shape:?} {path}");
            assert!(!page.contains("alert(\""), "{path}");
        }
        let files = english(&[sample(shape, false, HOSTILE).0]);
        assert!(files["en/index.html"].contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"));
        assert!(
            files["en/index.html"].contains("&amp;amp;"),
            "an ampersand is escaped once more, not trusted"
        );
    }
}

#[test]
fn a_page_loads_and_runs_nothing_but_its_own_two_files() {
    for files in sites() {
        for (path, page) in pages(&files) {
            for load in ["@import", "url(", "<iframe", "<form", " onload", " style=\"", "<style", "unsafe"] {
                assert!(!page.contains(load), "{path}: {load}");
            }
            let up = if path.contains('/') { "../" } else { "" };
            assert_eq!(attributes(page, "src"), [format!("{up}site.js")], "{path}");
            for to in attributes(page, "href") {
                assert!(to == "data:," || !to.contains(':') && !to.starts_with("//"), "{path}: {to}");
            }
            assert!(page.contains("content=\"default-src 'none'; style-src 'self' file:;"), "{path}");
        }
        assert!(!files["site.css"].contains("url(") && !files["site.css"].contains("@import"));
        for word in ["fetch", "XMLHttp", "cookie", "Storage", "innerHTML", "eval(", "import"] {
            assert!(!files["site.js"].contains(word), "{word}");
        }
    }
}

#[test]
fn every_shown_number_is_on_the_page_of_its_release() {
    for shape in SHAPES {
        let (release, table) = sample(shape, false, HOTLINE);
        let numbers = numbers_in(&text_of(&english(&[release])["en/release-2026-10-matches.html"]));
        for row in table.lines().skip(1) {
            if let Some(value) = row.split(',').rev().nth(3).and_then(|field| field.parse::<u64>().ok()) {
                assert!(numbers.contains(&value), "{shape:?}: {row}");
            }
        }
    }
}

/// The numbers that follow from the releases: values, ends, sums, changes, and counts of cells.
fn derived(releases: &[Release]) -> BTreeSet<u64> {
    let all: Vec<&Release> = releases.iter().collect();
    let data = DataSet::of(&all);
    let mut numbers: BTreeSet<u64> = [releases.len() as u64].into();
    for series in data.series() {
        let codes: Vec<Code> =
            series.dimensions().iter().flat_map(|&dimension| series.codes(dimension)).collect();
        let groups = codes.iter().map(std::slice::from_ref).chain([&[][..]]);
        for group in groups {
            for point in series.points() {
                let sum = point.estimate(group);
                numbers.extend([sum.value, sum.low, sum.high]);
                numbers.extend(
                    [sum.shown, sum.withheld, sum.near_threshold, sum.shown + sum.withheld].map(|n| n as u64),
                );
                for before in series.points() {
                    if let Trend::Clear(change) | Trend::NoClearChange(change) =
                        series.change(before.period(), point.period(), group)
                    {
                        numbers.extend([change.difference(), change.low, change.high].map(i64::unsigned_abs));
                    }
                }
            }
        }
        for cell in series.points().iter().flat_map(|point| point.table.cells()) {
            let ends = cell.interval.map(|(low, high)| [low.get(), high.get()]);
            numbers.extend(cell.value.map(|value| value.get()));
            numbers.extend(ends.into_iter().flatten());
        }
    }
    for finding in data.findings(MOST_FINDINGS) {
        // Simultaneous intervals, and shares in percent.
        numbers.extend(numbers_in(&format!("{finding:?}").replace(',', " ")));
        if let Finding::Share(portion) = finding {
            numbers.extend([(portion.share + 5) / 10, portion.low / 10, portion.high.div_ceil(10)]);
        }
    }
    for release in releases {
        numbers.extend(numbers_in(&serde_json::to_string(release.manifest()).unwrap().replace(',', " ")));
    }
    numbers
}

#[test]
fn no_other_number_is_on_any_page() {
    // Those of the standing texts: 95 of 100, 50 and the best guess of 100, one in a million, children under 18, standards,
    // ranges of ages in the code lists, and years of months that have no release.
    let standing = numbers_in(
        "0 1 2 3 6 7 10 11 13 14 15 16 17 18 50 74 95 100 1000000 3166 49 2022 2023 2024 2025 2026 256 512",
    );
    let sites = SHAPES.map(|shape| vec![sample(shape, false, HOTLINE).0]);
    for releases in sites.into_iter().chain([months(HOTLINE, 14)]) {
        let allowed: BTreeSet<u64> = derived(&releases).union(&standing).copied().collect();
        for (path, page) in pages(&english(&releases)) {
            for number in numbers_in(&text_of(page)) {
                assert!(allowed.contains(&number), "{path}: {number}");
            }
        }
    }
}

#[test]
fn a_number_that_no_release_has_would_be_noticed() {
    let releases = months(HOTLINE, 6);
    let planted = 987_654;
    assert!(!derived(&releases).contains(&planted));
    let page = english(&releases)["en/index.html"].replace("</h1>", " 987,654</h1>");
    assert!(numbers_in(&text_of(&page)).contains(&planted));
}

#[test]
fn pages_without_figures_say_that_this_is_not_zero() {
    let files = english(&[sample(Shape::AllWithheld, false, HOTLINE).0]);
    for path in ["en/index.html", "en/matches.html"] {
        let text = text_of(&files[path]);
        assert!(text.contains("No figure could be published for October 2026"), "{path}");
        assert!(text.contains("Do not read that as zero") && !text.contains("About 0"), "{path}");
    }
    assert!(files["en/brief.txt"].contains("No finding is supported."));
}

#[test]
fn what_is_withheld_is_a_gap_and_never_a_zero() {
    let files = english(&months(HOTLINE, 10));
    let page = &files["en/matches.html"];
    assert!(page.contains("class=\"q\""), "a gap is drawn");
    let row = page.split("<tr>").find(|row| row.contains(">May 2024<")).unwrap();
    assert!(row.contains(">withheld<") && !row.contains("<td>0<"), "{row}");
}

#[test]
fn breaks_are_drawn_named_and_compared_across_by_nobody() {
    let mut releases = months(HOTLINE, 4);
    releases[3].manifest_mut().breaks = vec![BreakNote { list_class: "NATIONAL".into(), within: false }];
    let files = english(&releases);
    let page = &files["en/matches.html"];
    assert!(page.contains("class=\"k\"") && text_of(page).contains("Breaks in the series"));
    assert!(text_of(page).contains("Cannot be compared with March 2024"), "{}", text_of(page));
    assert!(page.contains("not comparable"));
}

#[test]
fn noise_is_not_told_as_news() {
    // Seventeen cells, of which one moves.
    let same = |text: &str, more: u64| {
        let mut cell = 0;
        month(HOTLINE, text, move |_| {
            cell += 1;
            if cell == 1 { 1_000 + more } else { 1_000 }
        })
    };
    let text = text_of(&english(&[same("2026-01", 0), same("2026-02", 3)])["en/matches.html"]);
    assert!(text.contains("No clear change since January 2026"), "{text}");
    let text = text_of(&english(&[same("2026-01", 0), same("2026-02", 500)])["en/matches.html"]);
    assert!(text.contains("more than in January 2026") && !text.contains("No clear change since January"));
}

#[test]
fn a_change_beside_something_withheld_is_a_range_alone() {
    let of = |text: &str, value: u64| {
        let mut cell = 0;
        month(HOTLINE, text, move |_| {
            cell += 1;
            if cell == 1 { 3 } else { value }
        })
    };
    let files = english(&[of("2026-01", 1_000), of("2026-02", 5_000)]);
    for path in ["en/matches.html", "en/index.html"] {
        let text = text_of(&files[path]);
        assert!(text.contains("With what is withheld, between"), "{path}: {text}");
        assert!(text.contains("more than in January 2026, in at least 95 of 100 cases"), "{path}: {text}");
        assert!(text.contains("; the figures shown come to"), "{path}: {text}");
        assert!(!text.contains("more than in January 2026; the true difference"), "{path}: {text}");
    }
}

#[test]
fn figures_near_the_threshold_are_marked() {
    let (release, _) = sample(Shape::OneCell, false, HOTLINE);
    let near = |table: &crate::release::ReleasedTable| {
        table.cells().iter().filter(|cell| cell.status == Status::NearThreshold).count()
    };
    assert_eq!(near(&release.tables()[0]), 1);
    let files = english(&[release]);
    for path in ["en/matches.html", "en/release-2026-10-matches.html"] {
        assert!(files[path].contains(figures::NEAR), "{path}");
        assert!(text_of(&files[path]).contains("tend to be too high"), "{path}");
    }
}

#[test]
fn a_demo_cannot_be_taken_for_the_real_thing() {
    for (path, page) in pages(&english(&[sample(Shape::Many, true, HOTLINE).0])) {
        assert!(
            page.contains("<title>DEMO: ") && text_of(page).contains("these numbers describe nothing"),
            "{path}"
        );
    }
    let real = english(&[sample(Shape::Many, false, HOTLINE).0]);
    assert!(pages(&real).all(|(_, page)| !page.contains("DEMO")));
}

#[test]
fn a_replaced_release_says_so_and_is_in_no_trend() {
    let first = month(HOTLINE, "2026-01", |_| 4_321);
    let mut second = month(HOTLINE, "2026-01", |_| 5_432);
    second.rename("2026-01-monthly-v2");
    second.manifest_mut().revision = 2;
    second.manifest_mut().supersedes = "2026-01-monthly-v1".into();
    let files = english(&[first, second]);
    let old = text_of(&files["en/release-2026-01-monthly-v1.html"]);
    assert!(old.contains("A later revision takes the place") && old.contains("4,321"));
    let trend = text_of(&files["en/matches.html"]);
    assert!(trend.contains("5,432") && !trend.contains("4,321"));
    assert!(text_of(&files["en/releases.html"]).contains("replaced"));
}

#[test]
fn several_publishers_have_pages_of_their_own_and_are_not_added() {
    let files = english(&[months(HOTLINE, 2), months("Another Hotline", 2)].concat());
    for publisher in ["the-example-hotline", "another-hotline"] {
        assert!(files.contains_key(&format!("en/matches-{publisher}.html")), "{publisher}");
        assert!(
            files.contains_key(&format!("en/release-2024-01-monthly-v1-{publisher}.html")),
            "{publisher}"
        );
    }
    let text = text_of(&files["en/index.html"]);
    assert!(text.contains("2 organisations") && text.contains("are not added here"));
    assert!(text.contains("Another Hotline"));
}

#[test]
fn a_code_above_other_rows_is_named_the_rest() {
    let (release, _) = sample(Shape::Wide, false, HOTLINE);
    let cells = release.tables()[0].cells();
    let rows: BTreeSet<Code> = cells.iter().flat_map(|cell| cell.codes.iter().copied()).collect();
    let rest = |code: Code| rows.iter().any(|row| row.parent() == Some(code));
    assert!(rows.iter().any(|&code| rest(code)), "the table has a row above others");
    let text = text_of(&english(std::slice::from_ref(&release))["en/release-2026-10-matches.html"]);
    for &code in &rows {
        let label = format!("{}, the rest", Locale::english().code(code).plain);
        assert_eq!(text.contains(&label), rest(code), "{label}");
    }
    assert!(text.contains("counts only what has no row of its own"));
}

#[test]
fn a_publisher_who_comes_moves_no_page_of_the_others() {
    let names = |publishers: &[&str]| -> BTreeSet<String> {
        let releases: Vec<Release> = publishers.iter().flat_map(|publisher| months(publisher, 2)).collect();
        english(&releases).into_keys().collect()
    };
    let two = names(&[HOTLINE, "Möglich"]);
    let three = names(&["A first one", HOTLINE, "Möglich"]);
    assert!(three.is_superset(&two) && three.len() > two.len(), "{two:?} {three:?}");
    assert_eq!(publisher_slug("DEMO: The Hotline"), "demo-the-hotline");
    assert_ne!(publisher_slug("热线"), publisher_slug("خط"), "a name without ASCII has a checksum");
}

#[test]
fn a_table_may_not_take_the_name_of_a_page() {
    let mut taken: BTreeSet<String> = PAGES.map(str::to_owned).into();
    assert_eq!(free_name(&slug("Method"), &mut taken), "method-2");
    assert_eq!(free_name(&slug("../x"), &mut taken), "---x");
    assert_eq!(free_name("A", &mut taken), "A");
    assert_eq!(free_name("a", &mut taken), "a-2");
}

#[test]
fn words_follow_the_terminology_in_every_language() {
    let avoid = ["anonym", "provably safe", "cannot be traced", "implements the", "100 % safe", "impossible"];
    let files = site_of(&months(HOTLINE, 3), &everyone());
    for (path, page) in pages(&files) {
        let tag = path.split('/').next().unwrap();
        let Some(language) = Locale::built_in().iter().find(|locale| locale.tag() == tag) else { continue };
        if tag == "en" {
            for phrase in avoid {
                assert!(!page.to_lowercase().contains(phrase), "{path}: {phrase}");
            }
        }
        let mut found = lint(page, language.vocabulary().unwrap());
        found.retain(|found| found.term.key() != "TERM_SELFGEN"); // the preferred word itself needs care
        assert!(found.is_empty(), "{path}: {found:?}");
    }
}

#[test]
fn wording_that_nobody_has_checked_says_so_on_every_page() {
    let files = site_of(&months(HOTLINE, 2), &everyone());
    for (path, page) in pages(&files).filter(|(path, _)| path.contains('/')) {
        let whole = page.contains("class=review");
        assert!(whole, "{path}");
    }
}

#[test]
fn a_language_says_where_it_is_written_from() {
    let files = site_of(&months(HOTLINE, 2), &everyone());
    assert!(files["ar/index.html"].contains("<html lang=ar dir=rtl>"));
    assert!(files["de/index.html"].contains("<html lang=de dir=ltr>"));
    for locale in Locale::built_in() {
        let start = &files["index.html"];
        assert!(start.contains(&format!("hreflang={}", locale.tag())) && start.contains(locale.endonym()));
        let page = &files[&format!("{}/glossary.html", locale.tag())];
        assert_eq!(page.matches("aria-current=true").count(), 1);
        assert_eq!(page.matches("aria-current=page").count(), 1);
    }
}

#[test]
fn no_language_says_percent_or_a_stop_twice() {
    let files = site_of(&months(HOTLINE, 14), &everyone());
    let shares = pages(&files).filter(|(_, page)| text_of(page).contains('%')).count();
    assert!(shares >= everyone().len(), "a share is told in every language");
    for (path, page) in pages(&files) {
        let text: String = text_of(page).chars().filter(|c| !c.is_whitespace()).collect();
        for twice in ["%%", "٪%", "。。", "..", "：：", "、、", ",,"] {
            assert!(!text.contains(twice), "{path}: {twice}");
        }
    }
}

#[test]
fn releases_that_are_years_old_have_their_page_in_the_leading_language() {
    let releases = months(HOTLINE, 30);
    let files = site_of(&releases, &everyone());
    let (old, recent) = ("release-2024-01-monthly-v1.html", "release-2026-06-monthly-v1.html");
    for locale in everyone() {
        let tag = locale.tag();
        assert!(files.contains_key(&format!("{tag}/{recent}")), "{tag}");
        assert_eq!(files.contains_key(&format!("{tag}/{old}")), tag == "en", "{tag}");
        let list = files[&format!("{tag}/releases.html")].replace('"', "");
        let link = if tag == "en" { old.to_owned() } else { format!("../en/{old}") };
        assert!(list.contains(&format!("href={link}")), "{tag}");
        assert_eq!(
            list.contains(&locale.say("releases-older", &[("language", Arg::Text("English"))])),
            tag != "en"
        );
    }
}

#[test]
fn the_brief_is_one_paragraph_of_plain_text_with_its_caveats() {
    let text = &english(&months(HOTLINE, 14))["en/brief.txt"];
    assert_eq!(text.matches('\n').count(), 1);
    assert!(text.contains("Volume is not prevalence") && text.contains("They are not children"), "{text}");
    assert!(!text.contains('<') && text.len() < 3_000);
    assert!(text.contains("in at least 95 of 100"), "{text}");
}

#[test]
fn no_mark_of_direction_is_in_the_text_of_a_brief() {
    let hostile = months(HOSTILE, 2);
    assert!(HOSTILE.contains('\u{202e}'));
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    for (path, text) in site_of(&hostile, &everyone()) {
        assert!(!path.ends_with("brief.txt") || !text.contains(turns), "{path}");
    }
}

#[test]
fn the_same_releases_give_the_same_site() {
    let make = || site_of(&months(HOTLINE, 4), &everyone());
    assert_eq!(make(), make());
    let mut turned = months(HOTLINE, 4);
    turned.reverse();
    assert_eq!(site_of(&turned, &everyone()), make(), "in whatever order they are given");
}

#[test]
fn five_years_stay_small() {
    let files = site_of(&months(HOTLINE, 60), &everyone());
    let largest = files.iter().max_by_key(|(_, text)| text.len()).unwrap();
    assert!(largest.1.len() < 300_000, "{} has {} bytes", largest.0, largest.1.len());
    let first = files["en/index.html"].len() + files["site.css"].len() + files["site.js"].len();
    assert!(first < 100_000, "the first page takes {first} bytes");
    let per_release: usize =
        files.iter().filter(|(path, _)| path.contains("/release-")).map(|(_, text)| text.len()).sum();
    assert!(per_release / (60 * 8) < 12_000, "{} bytes a release and language", per_release / (60 * 8));
}
