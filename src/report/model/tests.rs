use std::collections::BTreeSet;

use super::*;
use crate::language::Locale;
use crate::release::COLUMNS;
use crate::vocabulary::{Language, Usage, crosswalk_rows, lint_any};

/// The hashtags of HXL 1.1.
const HXL: &str = "#access #activity #adm1 #adm2 #adm3 #adm4 #adm5 #affected #beneficiary #capacity #cause #channel #contact \
    #country #crisis #currency #date #delivery #description #event #frequency #geo #group #impact #indicator #inneed \
    #item #loc #meta #modality #need #operations #org #output #population #priority #reached #region #respondee #sector \
    #service #severity #status #subsector #targeted #theme #value";

#[test]
fn an_observation_has_the_columns_of_a_table_and_says_whose_it_is() {
    let names: Vec<&str> = columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names[..COLUMNS.len()], COLUMNS);
    assert_eq!(names[COLUMNS.len()..], ["publisher", "plan", "table_name", "revision", "superseded_by"]);
}

#[test]
fn every_attribute_says_what_it_is_in_every_respect() {
    for entity in entities() {
        let mut names = BTreeSet::new();
        assert!(!entity.attributes.is_empty(), "{}", entity.name);
        for column in &entity.attributes {
            let place = format!("{}.{}", entity.name, column.name);
            assert!(names.insert(&column.name), "{place} is there twice");
            assert!(
                column
                    .name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
                "{place}"
            );
            assert!(!column.definition.is_empty(), "{place}");
            assert_eq!(column.kind == Kind::Code, !column.list.is_empty(), "{place}");
            if column.kind == Kind::Code {
                assert!(!code_list(&column.list).codes.is_empty(), "{place}");
            }
            let mut tag = column.hxl.split('+');
            let core = tag.next().unwrap();
            assert!(HXL.split(' ').any(|known| known == core), "{place}: {core} is no hashtag");
            assert!(
                tag.all(|word| !word.is_empty()
                    && word
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')),
                "{place}: {}",
                column.hxl
            );
            assert!(
                column
                    .sdmx
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
                    && !column.sdmx.is_empty(),
                "{place}"
            );
            if column.kind == Kind::Count && column.name != "revision" && column.name != "order" {
                assert!(!column.unit.is_empty(), "{place} counts something");
            }
        }
        let tags: BTreeSet<&str> = entity.attributes.iter().map(|column| column.hxl.as_str()).collect();
        assert_eq!(tags.len(), entity.attributes.len(), "two columns of {} have one tag", entity.name);
        let concepts: BTreeSet<&str> = entity.attributes.iter().map(|column| column.sdmx.as_str()).collect();
        assert_eq!(
            concepts.len(),
            entity.attributes.len(),
            "two columns of {} have one concept",
            entity.name
        );
        assert!(entity.key.iter().all(|name| names.contains(name)), "the key of {}", entity.name);
    }
    let attributes = rows(include_str!("attributes.csv")).count();
    assert_eq!(entities().iter().map(|entity| entity.attributes.len()).sum::<usize>(), attributes);
}

#[test]
fn what_the_brief_names_is_there() {
    let names: Vec<&str> = entities().iter().map(|entity| entity.name.as_str()).collect();
    for name in [
        "ListSource",
        "SignalSummary",
        "Observation",
        "Indicator",
        "CodeList",
        "Code",
        "Label",
        "Crosswalk",
        "Release",
        "PrivacyLedger",
        "Agreement",
        "EcosystemStage",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    for stage in Stage::ALL {
        let of_stage =
            entities().iter().flat_map(|entity| &entity.attributes).filter(|column| column.stage == stage);
        assert!(of_stage.count() > 0, "{stage:?}");
    }
}

#[test]
fn no_attribute_could_hold_a_hash_of_content() {
    let mut digests = BTreeSet::new();
    for entity in entities() {
        for column in &entity.attributes {
            let place = format!("{}.{}", entity.name, column.name);
            match column.kind {
                Kind::Digest => {
                    digests.insert(place.clone());
                }
                // 32 hexadecimal digits are the shortest digest of content: MD5's.
                Kind::Name | Kind::Text => {
                    assert!(column.kind.pattern().unwrap().contains("[0-9A-Fa-f]{32}"), "{place}");
                }
                // Closed lists, numbers, days and tags have no room for one.
                Kind::Code
                | Kind::Count
                | Kind::Number
                | Kind::Flag
                | Kind::Date
                | Kind::Period
                | Kind::Language => {}
            }
        }
    }
    let published = [
        "PrivacyLedger.file_blake3",
        "Release.log_root",
        "Release.manifest_blake3",
        "Release.previous_blake3",
    ];
    assert!(digests.iter().eq(published.iter()), "{digests:?}");
    for list in code_lists() {
        for code in &list.codes {
            let longest = code.code.split(|c: char| !c.is_ascii_hexdigit()).map(str::len).max();
            assert!(longest < Some(32), "{}:{}", list.name, code.code);
        }
    }
}

#[test]
fn code_lists_have_a_total_where_a_column_needs_one_and_words_in_every_language() {
    for column in columns().iter().filter(|column| column.kind == Kind::Code) {
        let list = code_list(&column.list);
        let is_dimension =
            crate::vocabulary::Dimension::COLUMNS.iter().any(|found| found.as_str() == column.list);
        assert_eq!(list.holds("_T"), is_dimension, "{}", list.name);
        for code in &list.codes {
            for locale in Locale::built_in() {
                if list.is_translated() || locale.tag() == "en" {
                    let words = code.words(locale).unwrap();
                    assert!(!words.pref.is_empty() && !words.definition.is_empty(), "{}", code.uri);
                }
            }
        }
    }
    let parents = code_lists().flat_map(|list| list.codes.iter().map(move |code| (list, code)));
    for (list, code) in parents.filter(|(_, code)| !code.parent.is_empty()) {
        assert!(list.holds(code.parent), "{}", code.uri);
    }
    let uris: Vec<&str> = code_lists().flat_map(|list| &list.codes).map(|code| code.uri.as_str()).collect();
    assert_eq!(uris.iter().collect::<BTreeSet<_>>().len(), uris.len());
    assert!(uris.contains(&"urn:innerward:vocabulary:severity:SEV_A"));
}

#[test]
fn a_release_has_no_code_that_the_lists_lack() {
    let (release, _) =
        crate::release::sample::sample(crate::release::sample::Shape::Wide, false, "A Hotline");
    let note = release.tables()[0].note();
    for cell in release.tables()[0].cells() {
        let fields = crate::release::observation(release.manifest(), note, cell);
        for (column, field) in columns().iter().zip(fields) {
            let may_be_empty = field.is_empty() && !column.required;
            if column.kind == Kind::Code && !may_be_empty {
                assert!(code_list(&column.list).holds(&field), "{}: {field}", column.name);
            }
        }
    }
}

/// What Turtle says of a subject.
fn said_of<'a>(turtle: &'a str, subject: &str) -> Vec<&'a str> {
    let start = format!("\n<{subject}>\n");
    let at = turtle.find(&start).unwrap_or_else(|| panic!("{subject} is not there")) + start.len();
    let block = turtle[at..].split(" .\n").next().unwrap();
    block.split(" ;\n").map(str::trim).collect()
}

#[test]
fn crosswalks_point_the_right_way_in_skos() {
    let locales: Vec<&Locale> = Locale::built_in().iter().collect();
    let turtle = skos::turtle(&locales);
    let says = |source: &str, property: &str, target: &str| {
        let statement = format!("skos:{property} <urn:innerward:vocabulary:{target}>");
        said_of(&turtle, &format!("urn:innerward:scheme:{source}")).contains(&statement.as_str())
    };
    assert!(says("IWF:A", "exactMatch", "severity:SEV_A"));
    // SAP 4 lies wholly inside SEV_A, so that SEV_A is the broader one.
    assert!(says("SAP:4", "broadMatch", "severity:SEV_A"));
    // Trafficking of adults too: ours is the narrower one.
    assert!(says("ICCS:2015:02041", "narrowMatch", "harm:TRAFFICKING"));
    assert!(says("COPINE:8", "closeMatch", "severity:SEV_B"));
    assert!(says("ICCS:2015:0205", "relatedMatch", "harm:SEXUAL_EXTORTION"));
    // A child's age and an act at once: NCMEC's A1 has the extent of neither, and is not IWF's A.
    assert!(
        says("NCMEC:A1", "broadMatch", "severity:SEV_AB")
            && says("NCMEC:A1", "broadMatch", "maturity:PREPUB")
    );
    assert!(!turtle.contains("skos:exactMatch <urn:innerward:vocabulary:severity:SEV_AB>"));
    let matches = turtle.matches("Match <").count();
    assert_eq!(matches, crosswalk_rows().len());
    assert!(
        said_of(&turtle, "urn:innerward:vocabulary:severity:SEV_A")
            .contains(&"skos:broader <urn:innerward:vocabulary:severity:SEV_AB>")
    );
    for locale in &locales {
        assert!(turtle.contains(&format!("@{} ;", locale.tag())), "{}", locale.tag());
    }
}

#[test]
fn nothing_that_people_read_has_a_term_to_avoid() {
    let english = Locale::english();
    let mut texts = vec![page::page("test").into_string(), skos::turtle(&[english])];
    texts.extend(entities().iter().map(|entity| cdm::document(entity, &[english]).to_string()));
    for text in texts {
        let found = lint_any(&text, Language::En);
        let avoided: Vec<_> = found.iter().filter(|found| found.usage == Usage::Avoid).collect();
        assert!(avoided.is_empty(), "{avoided:?}");
    }
}

#[test]
fn the_page_tells_of_every_entity_attribute_and_list() {
    let page = page::page("test").into_string();
    for entity in entities() {
        assert!(page.contains(&format!("id=\"{}\"", entity.name)));
        for column in &entity.attributes {
            assert!(page.contains(&format!("<code>{}</code>", column.name)), "{}", column.name);
        }
    }
    for list in code_lists() {
        assert!(page.contains(&format!("id=\"list-{}\"", list.name)), "{}", list.name);
    }
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
}
