//! The vocabulary as SKOS, in Turtle: a concept scheme for each code list, its codes in every language, and what the
//! categories of other schemes have to do with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{CodeList, NAMESPACE, VERSION, code_lists};
use crate::language::Locale;
use crate::vocabulary::{CrosswalkRow, Dimension, Language, Relation, Term, Usage, crosswalk_rows};

/// The whole vocabulary, with labels in `locales`.
pub(super) fn turtle(locales: &[&Locale]) -> String {
    let mut text = String::from(
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n\
         @prefix dct: <http://purl.org/dc/terms/> .\n\
         @prefix owl: <http://www.w3.org/2002/07/owl#> .\n\
         @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n",
    );
    for list in code_lists() {
        scheme(&mut text, list, locales);
    }
    terms(&mut text, locales);
    crosswalks(&mut text);
    text
}

/// A subject and what is said of it, one statement a line.
fn block(text: &mut String, subject: &str, statements: &[String]) {
    let _ = write!(text, "\n<{subject}>\n    {} .\n", statements.join(" ;\n    ")); // a string takes all
}

fn scheme(text: &mut String, list: &CodeList, locales: &[&Locale]) {
    let mut said = vec![
        "a skos:ConceptScheme".to_owned(),
        format!("owl:versionInfo {}", literal(VERSION)),
        format!("skos:definition {}", tagged(&list.definition, "en")),
    ];
    let dimension = Dimension::ALL.into_iter().find(|found| found.as_str() == list.name);
    match dimension {
        Some(found) => {
            said.extend(locales.iter().map(|locale| {
                format!("skos:prefLabel {}", tagged(locale.dimension(found).pref, locale.tag()))
            }))
        }
        None => said.push(format!("skos:prefLabel {}", tagged(&list.label, "en"))),
    }
    let top = list.codes.iter().filter(|code| code.parent.is_empty());
    said.extend(top.map(|code| format!("skos:hasTopConcept {}", iri(&code.uri))));
    block(text, &list.uri(), &said);
    for code in &list.codes {
        let mut said = vec![
            "a skos:Concept".to_owned(),
            format!("skos:inScheme {}", iri(&list.uri())),
            format!("skos:notation {}", literal(code.code)),
        ];
        for locale in locales {
            let Some(words) = code.words(locale) else { continue };
            said.push(format!("skos:prefLabel {}", tagged(&words.pref, locale.tag())));
            if words.plain != words.pref {
                said.push(format!("skos:altLabel {}", tagged(&words.plain, locale.tag())));
            }
            said.push(format!("skos:definition {}", tagged(&words.definition, locale.tag())));
        }
        match list.codes.iter().find(|other| other.code == code.parent) {
            Some(parent) => said.push(format!("skos:broader {}", iri(&parent.uri))),
            None => said.push(format!("skos:topConceptOf {}", iri(&list.uri()))),
        }
        let children = list.codes.iter().filter(|other| other.parent == code.code);
        said.extend(children.map(|child| format!("skos:narrower {}", iri(&child.uri))));
        block(text, &code.uri, &said);
    }
}

/// The terms of the field, with the forms that are avoided or need care.
fn terms(text: &mut String, locales: &[&Locale]) {
    let scheme = format!("{NAMESPACE}:vocabulary:term");
    block(
        text,
        &scheme,
        &[
            "a skos:ConceptScheme".to_owned(),
            format!("skos:prefLabel {}", tagged("Terms of the field", "en")),
        ],
    );
    for term in Term::all() {
        let mut said = vec![
            "a skos:Concept".to_owned(),
            format!("skos:inScheme {}", iri(&scheme)),
            format!("skos:notation {}", literal(term.key())),
        ];
        let of_locale = |locale: &&&Locale| locale.tag().parse::<Language>().is_ok();
        for locale in locales.iter().filter(of_locale) {
            let Ok(language) = locale.tag().parse() else { continue };
            let label = term.label_in(language);
            said.push(format!("skos:prefLabel {}", tagged(label.pref, locale.tag())));
            said.push(format!("skos:definition {}", tagged(label.definition, locale.tag())));
        }
        if term.forms().any(|form| form.usage == Usage::Avoid) {
            let note = "Some forms of this term are avoided; the check of texts names them where they stand";
            said.push(format!("skos:editorialNote {}", tagged(note, "en")));
        }
        block(text, &format!("{scheme}:{}", term.key()), &said);
    }
}

/// The categories of other schemes, and how each matches ours.
fn crosswalks(text: &mut String) {
    let mut categories: BTreeMap<(String, String, String), Vec<CrosswalkRow>> = BTreeMap::new();
    for row in crosswalk_rows() {
        let key = (row.scheme.clone(), row.profile.clone(), row.code.clone());
        categories.entry(key).or_default().push(row);
    }
    let schemes: BTreeSet<String> =
        categories.keys().map(|(scheme, profile, _)| scheme_uri(scheme, profile)).collect();
    for scheme in &schemes {
        let name = scheme.rsplit_once(":scheme:").map_or(scheme.as_str(), |(_, name)| name).replace(':', "/");
        let said = ["a skos:ConceptScheme".to_owned(), format!("skos:prefLabel {}", tagged(&name, "en"))];
        block(text, scheme, &said);
    }
    for ((scheme, profile, code), rows) in &categories {
        let own = scheme_uri(scheme, profile);
        let mut said = vec![
            "a skos:Concept".to_owned(),
            format!("skos:inScheme {}", iri(&own)),
            format!("skos:notation {}", literal(code)),
        ];
        for row in rows {
            let target =
                format!("{NAMESPACE}:vocabulary:{}:{}", row.target.dimension().as_str(), row.target.as_str());
            said.push(format!("{} {}", property(row, rows), iri(&target)));
            if !row.loss.is_empty() {
                said.push(format!(
                    "skos:editorialNote {}",
                    tagged(&format!("{}: {}", row.target, row.loss), "en")
                ));
            }
        }
        said.dedup();
        block(text, &format!("{own}:{}", encoded(code)), &said);
    }
}

/// How the source's category (the subject) matches our code (the object).
///
/// A category that says something in several facets, as NCMEC's A1 says both an age and an act, has the same extent as
/// none of the codes taken alone: it lies within each. Were it an exact match of two, they would be exact matches of each
/// other, for `skos:exactMatch` is transitive.
fn property(row: &CrosswalkRow, rows: &[CrosswalkRow]) -> &'static str {
    let in_other_facets = rows.iter().any(|other| other.target.dimension() != row.target.dimension());
    match row.relation {
        Relation::Exact if in_other_facets => "skos:broadMatch",
        Relation::Exact => "skos:exactMatch",
        Relation::Narrower => "skos:broadMatch",
        Relation::Broader => "skos:narrowMatch",
        Relation::Close => "skos:closeMatch",
        Relation::Related => "skos:relatedMatch",
    }
}

fn scheme_uri(scheme: &str, profile: &str) -> String {
    if profile.is_empty() {
        format!("{NAMESPACE}:scheme:{}", encoded(scheme))
    } else {
        format!("{NAMESPACE}:scheme:{}:{}", encoded(scheme), encoded(profile))
    }
}

/// As it may stand in a URN: what is no letter, digit, `-`, `.`, `_` or `*` is written in percents.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._*".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}"); // a string takes all
        }
    }
    encoded
}

fn iri(uri: &str) -> String {
    format!("<{uri}>")
}

fn tagged(text: &str, language: &str) -> String {
    format!("{}@{language}", literal(text))
}

fn literal(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
