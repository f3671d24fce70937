//! The page as a reader and as an attacker sees it, and the folder that it lies in.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::release::sample::{Shape, sample};

const SHAPES: [Shape; 4] = [Shape::AllWithheld, Shape::OneCell, Shape::Many, Shape::Wide];
const HOSTILE: &str = "<script>alert(\"x\")</script>'\"><img src=http://evil.example/x>&amp;\u{202e}";

fn pages() -> Vec<String> {
    let texts = ["The Example Hotline", HOSTILE];
    let all = texts.into_iter().flat_map(|text| SHAPES.map(|shape| page(&sample(shape, true, text).0)));
    all.chain(SHAPES.map(|shape| page(&sample(shape, false, "The Example Hotline").0))).collect()
}

/// The folder of a release as the gate leaves it, with a signature that nobody checks here.
fn publish(at: &Path, shape: Shape, id: &str) -> (Release, PathBuf) {
    let (mut release, table) = sample(shape, true, "The Example Hotline");
    release.rename(id);
    let folder = at.join(format!("public-{id}"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("matches.csv"), table).unwrap();
    fs::write(folder.join("log.json"), b"{}\n").unwrap();
    fs::write(folder.join("manifest.json"), serde_json::to_vec(release.manifest()).unwrap()).unwrap();
    fs::write(folder.join("manifest.json.minisig"), b"untrusted comment: a test\n").unwrap();
    (release, folder)
}

/// The page's text without markup, style and code.
fn text_of(page: &str) -> String {
    let mut text = String::new();
    let mut rest = &page[page.find("<body>").unwrap()..];
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let skip = if rest[start..].starts_with("<code>") { "</code>" } else { ">" };
        rest = &rest[start + rest[start..].find(skip).unwrap() + skip.len()..];
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

#[test]
fn every_tag_is_closed_in_order() {
    for page in pages() {
        let mut open = Vec::new();
        for part in page.split('<').skip(2) {
            let name: String =
                part.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
            match name.as_str() {
                "meta" | "link" => {}
                _ if part.starts_with('/') => assert_eq!(open.pop(), Some(name)),
                _ => open.push(name),
            }
        }
        assert_eq!(open, Vec::<String>::new());
    }
}

#[test]
fn ids_are_unique_and_every_reference_has_one() {
    for page in pages() {
        let values = |attribute: &str| -> Vec<String> {
            let key = format!(" {attribute}=\"");
            page.split(&key).skip(1).map(|part| part[..part.find('"').unwrap()].to_owned()).collect()
        };
        let ids = values("id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        let anchors = values("href").into_iter().filter_map(|to| to.strip_prefix('#').map(str::to_owned));
        let fills = values("fill").into_iter().map(|fill| fill[5..fill.len() - 1].to_owned());
        for id in anchors.chain(fills).chain(values("aria-labelledby")) {
            assert!(ids.contains(&id), "{id}");
        }
    }
}

#[test]
fn several_tables_are_told_apart() {
    let (release, table) = sample(Shape::Many, false, "The Example Hotline");
    let (release, second) = release.with_second_table(&table);
    let page = page(&release);
    let text = text_of(&page);
    assert!(text.contains("Items that were checked") && text.contains("Reports received"));
    assert!(text.contains("1,829 reports") && text.contains("1,829 items"), "{text}");
    assert!(page.contains("href=\"matches.csv\"") && page.contains("href=\"reports.csv\""));
    assert!(page.contains("id=\"matches-1-caption\""));
    assert_eq!(second, table);
}

#[test]
fn what_a_publisher_writes_stays_text() {
    for shape in SHAPES {
        let page = page(&sample(shape, false, HOSTILE).0);
        assert!(!page.contains("<script") && !page.contains("<img"), "{shape:?}");
        assert!(page.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"));
        assert!(page.contains("&amp;amp;"), "an ampersand is escaped once more, not trusted");
    }
}

#[test]
fn the_page_loads_and_runs_nothing() {
    for page in pages() {
        for load in
            ["<script", "src=\"", "@import", "url(http", "url(//", "<iframe", "<form", " onload", " style=\""]
        {
            assert!(!page.contains(load), "{load}");
        }
        for part in page.split("href=\"").skip(1) {
            let to = &part[..part.find('"').unwrap()];
            assert!(
                to.starts_with('#')
                    || to == "data:,"
                    || DOWNLOADS.contains(&to)
                    || to.ends_with(".csv") && !to.contains('/'),
                "{to}"
            );
        }
        let policy = "content=\"default-src 'none'; style-src 'sha256-";
        assert!(page.contains(policy) && !page.contains("unsafe"));
    }
}

#[test]
fn every_shown_number_is_on_the_page() {
    for shape in SHAPES {
        let (release, table) = sample(shape, false, "The Example Hotline");
        let numbers = numbers_in(&text_of(&page(&release)));
        for row in table.lines().skip(1) {
            for field in row.split(',').filter_map(|field| field.parse::<u64>().ok()) {
                assert!(numbers.contains(&field), "{shape:?}: {row}");
            }
        }
    }
}

#[test]
fn no_other_number_is_on_the_page() {
    for shape in SHAPES {
        let (release, table) = sample(shape, false, "The Example Hotline");
        let mut allowed = numbers_in(&table.replace(',', " "));
        for group in group::by_verdict(&release.tables()[0]) {
            let sum = group.sum();
            allowed.extend([sum.figure.value, sum.figure.lower, sum.figure.upper]);
            allowed.extend([sum.withheld as u64, sum.cells() as u64]);
        }
        // The manifest's figures and dates, those of the axes, and those of the standing texts: 95 of 100, half of 100,
        // children under 18, trends below 50, a chance of one in a million, the licence.
        let manifest = serde_json::to_string(release.manifest()).unwrap();
        allowed.extend(numbers_in(&manifest.replace(',', " ")));
        allowed.extend([0, 9, 18, 26, 50, 74, 95, 100, 1_000_000]);
        let text =
            text_of(&page(&release).replace("<svg class=\"axis\"", "<code>").replace("</svg>", "</code>"));
        for number in numbers_in(&text) {
            assert!(allowed.contains(&number), "{shape:?}: {number}");
        }
    }
}

#[test]
fn a_page_without_figures_says_that_this_is_not_zero() {
    let text = text_of(&page(&sample(Shape::AllWithheld, false, "The Example Hotline").0));
    assert!(text.contains("No figure could be published") && text.contains("That is not zero."));
    assert!(!text.contains("About "), "no sum of nothing");
    assert!(!text.contains("about 0"));
}

#[test]
fn a_demo_cannot_be_taken_for_the_real_thing() {
    let demo = page(&sample(Shape::Many, true, "The Example Hotline").0);
    let real = page(&sample(Shape::Many, false, "The Example Hotline").0);
    assert!(demo.contains("<title>DEMO: ") && text_of(&demo).matches("DEMO").count() >= 5);
    assert!(demo.contains(words::DEMO_TEXT) && !real.contains("DEMO"));
}

#[test]
fn words_follow_the_terminology() {
    let avoid = ["anonym", "provably safe", "cannot be traced", "implements the", "100 % safe", "impossible"];
    for page in pages() {
        let text = page.to_lowercase();
        for phrase in avoid {
            assert!(!text.contains(phrase), "{phrase}");
        }
        let mut found = crate::vocabulary::lint(&page, crate::vocabulary::Language::En);
        found.retain(|found| found.term.key() != "TERM_SELFGEN"); // the preferred word itself needs care
        assert!(found.is_empty(), "{found:?}");
        assert!(page.contains("stated, bounded risk for each item"));
    }
}

#[test]
fn this_room_does_not_know_the_tally() {
    for source in [
        include_str!("mod.rs"),
        include_str!("chart.rs"),
        include_str!("group.rs"),
        include_str!("page.rs"),
        include_str!("promise.rs"),
        include_str!("words.rs"),
    ] {
        assert!(!source.contains("tally::") && !source.contains("Sensitive"));
    }
}

#[test]
fn the_same_release_gives_the_same_page() {
    assert_eq!(pages(), pages());
}

#[test]
fn a_report_of_one_release_has_its_page_and_its_files() {
    let at = tempfile::tempdir().unwrap();
    let (release, folder) = publish(at.path(), Shape::Many, "2026-10");
    let out = at.path().join("site");
    let built = build(&[Published { release: &release, folder: &folder }], &out).unwrap();
    assert_eq!((built.index.clone(), built.pages), (out.join("index.html"), vec![out.join("index.html")]));
    assert_eq!(fs::read_to_string(built.index).unwrap(), page(&release));
    for name in downloads(release.manifest()) {
        assert_eq!(fs::read(out.join(name)).unwrap(), fs::read(folder.join(name)).unwrap(), "{name}");
    }
    assert_eq!(names(&out).len(), 5);
    assert_eq!(names(at.path()), ["public-2026-10", "site"], "nothing is left beside it");
}

#[test]
fn several_releases_have_a_list_and_may_be_built_again() {
    let at = tempfile::tempdir().unwrap();
    let (first, first_folder) = publish(at.path(), Shape::Many, "a");
    let (second, second_folder) = publish(at.path(), Shape::AllWithheld, "b");
    let releases = [
        Published { release: &first, folder: &first_folder },
        Published { release: &second, folder: &second_folder },
    ];
    let out = at.path().join("site");
    build(&releases, &out).unwrap();
    let before = fs::read(out.join("index.html")).unwrap();
    let built = build(&releases, &out).unwrap();
    assert_eq!(fs::read(&built.index).unwrap(), before);
    assert_eq!(built.pages, [out.join("a/index.html"), out.join("b/index.html")]);
    assert_eq!(names(&out), ["a", "b", "index.html"]);
    let list = String::from_utf8(before).unwrap();
    assert!(list.contains("href=\"a/index.html\"") && list.contains("href=\"b/index.html\""));
    let one = fs::read_to_string(&built.pages[0]).unwrap();
    assert!(one.contains("href=\"../index.html\""));
    build(&releases[..1], &out).unwrap();
    assert_eq!(names(&out).len(), 5, "the old report is gone as a whole");
}

#[test]
fn a_foreign_folder_is_left_alone() {
    let at = tempfile::tempdir().unwrap();
    let (release, folder) = publish(at.path(), Shape::Many, "a");
    let releases = [Published { release: &release, folder: &folder }];
    let out = at.path().join("site");
    fs::create_dir(&out).unwrap();
    build(&releases, &out).unwrap(); // empty is free
    fs::write(out.join("notes.txt"), "mine").unwrap();
    assert!(matches!(build(&releases, &out), Err(ReportError::Foreign(_))));
    assert!(out.join("notes.txt").exists());
    for foreign in [folder.as_path(), &folder.join("matches.csv"), Path::new("."), Path::new("/")] {
        assert!(matches!(build(&releases, foreign), Err(ReportError::Foreign(_))), "{foreign:?}");
    }
    assert_eq!(names(at.path()), ["public-a", "site"]);
}

#[test]
fn files_that_do_not_belong_to_the_release_are_refused() {
    let at = tempfile::tempdir().unwrap();
    for (name, bytes) in [("matches.csv", "severity\n"), ("manifest.json", "{}")] {
        let (release, folder) =
            publish(at.path(), Shape::Many, &name.replace("json", "j").replace("csv", "c"));
        fs::write(folder.join(name), bytes).unwrap();
        let out = at.path().join("site");
        let error = build(&[Published { release: &release, folder: &folder }], &out).unwrap_err();
        assert!(matches!(error, ReportError::Changed { .. }), "{error}");
        assert!(!out.exists());
    }
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    let at = tempfile::tempdir().unwrap();
    let (mut release, folder) = publish(at.path(), Shape::Many, "a");
    for name in ["", ".", "..", "../b", "a/b", "/tmp", ".hidden", "index.html", "table.csv", "a b"] {
        release.rename(name);
        let error = build(&[Published { release: &release, folder: &folder }], &at.path().join("site"));
        assert!(matches!(error, Err(ReportError::Name(_))), "{name}");
    }
    release.rename("a");
    let twice = [Published { release: &release, folder: &folder }; 2];
    assert!(matches!(build(&twice, &at.path().join("site")), Err(ReportError::Twice(_))));
    assert!(matches!(build(&[], &at.path().join("site")), Err(ReportError::NoRelease)));
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// For the eye: `REPORT_PAGES=DIR cargo test --lib report:: -- --ignored`, then a browser at all widths.
#[test]
#[ignore = "writes pages to look at"]
fn pages_to_look_at() {
    let at = PathBuf::from(std::env::var_os("REPORT_PAGES").expect("REPORT_PAGES names a folder"));
    for (name, shape, demo) in [
        ("normal", Shape::Many, false),
        ("demo", Shape::Many, true),
        ("withheld", Shape::AllWithheld, false),
        ("tiny", Shape::OneCell, false),
        ("wide", Shape::Wide, false),
    ] {
        fs::write(at.join(format!("{name}.html")), page(&sample(shape, demo, "The Example Hotline").0))
            .unwrap();
    }
    fs::write(at.join("hostile.html"), page(&sample(Shape::Many, true, HOSTILE).0)).unwrap();
    let two = ["2026-10", "2026-11"].map(|id| {
        let mut release = sample(Shape::Many, true, "The Example Hotline").0;
        release.rename(id);
        release
    });
    let list = two.each_ref().map(|release| (release, format!("{}/{INDEX}", release.manifest().release_id)));
    fs::write(at.join("list.html"), page::index(&list).into_string()).unwrap();
}
