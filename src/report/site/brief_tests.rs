//! The brief where there are several publishers, more tables than it has room for, and programs that show plain text.

use super::super::{Page, Site, release_names};
use super::*;
use crate::language::Locale;
use crate::release::Release;
use crate::release::sample::{Shape, sample};
use crate::report::data::DataSet;

/// The pages `brief.html`, `index.html` and the text `brief.txt` of these publishers' releases of one month.
fn of(publishers: &[&str], locale: &'static Locale) -> [String; 3] {
    let releases: Vec<Release> =
        publishers.iter().map(|publisher| sample(Shape::Many, false, publisher).0).collect();
    let releases: Vec<&Release> = releases.iter().collect();
    let data = DataSet::of(&releases);
    let site = Site::of(&data, release_names(&data), std::slice::from_ref(&locale), &[]);
    let page = |page: Page| page.render(&site, locale).into_string();
    [page(Page::Brief), page(Page::Overview), paragraph(&site, &Voice::of(locale))]
}

#[test]
fn a_finding_names_its_publisher_where_there_are_several() {
    for text in of(&["Hotline A", "Hotline B"], Locale::english()) {
        assert!(text.contains("Hotline A</bdi>: ") || text.contains("Hotline A: "), "{text}");
    }
    for text in of(&["Hotline A"], Locale::english()) {
        assert!(!text.contains("Hotline A</bdi>: ") && !text.contains("Hotline A: "), "{text}");
    }
}

#[test]
fn the_tables_of_publishers_take_turns() {
    let tables = ["a1", "a2", "a3", "b1", "b2", "c1"];
    let turns: Vec<&str> = in_turn(&tables, |table| &table[..1]).into_iter().copied().collect();
    assert_eq!(turns, ["a1", "b1", "c1", "a2", "b2", "a3"]);
}

#[test]
fn tables_that_the_brief_has_no_room_for_are_counted() {
    let names: Vec<String> =
        (10..10 + MOST_ROWS_OF_SEVERAL + 2).map(|number| format!("Hotline {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let [page, ..] = of(&names, Locale::english());
    assert_eq!(page.matches("<th scope=\"row\">").count(), MOST_ROWS_OF_SEVERAL);
    assert!(page.contains("2 more tables are not shown here."), "{page}");
    let [page, ..] = of(&names[..MOST_ROWS_OF_SEVERAL], Locale::english());
    assert!(!page.contains("not shown here"), "{page}");
}

#[test]
fn the_paragraph_holds_no_signs_of_direction_and_names_the_licence() {
    for locale in Locale::built_in() {
        let [.., text] = of(&["Hotline \u{202e}A"], locale);
        assert!(!text.trim_end().contains(|c: char| is_direction(c) || c.is_control()), "{text}");
        assert!(text.contains("CC-BY-4.0"), "{text}");
    }
}
