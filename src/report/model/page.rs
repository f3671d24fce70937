//! The model as a page that people can read: what it is, its entities, its code lists, and what may change.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{CodeList, Entity, NAMESPACE, VERSION, code_lists, entities, lists::stages};
use crate::language::Locale;

/// The whole page; it loads nothing.
pub(super) fn page(generator: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(generator);
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                title { "Open data model, version " (VERSION) }
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body {
                a.skip href="#main" { "Go to the text" }
                main #main {
                    h1 { "Open data model for the digital protection of children" }
                    p.lead { "Version " (VERSION) ". The words, tables and rules by which counts about child sexual abuse material can be published, joined and compared, without publishing anything about a child, an item or a hash." }
                    (introduction())
                    (contents())
                    (life_cycle())
                    @for entity in entities() { (entity_section(entity)) }
                    (lists_section())
                    (files())
                    (policy())
                }
            }
        }
    }
}

fn introduction() -> Markup {
    html! {
        p { "The model describes published counts: how many items, reports or web addresses of a stated kind an organisation met in a period. Every value carries the unit it counts, the noise that was added, a 95 % interval, and the release that it came from. A value below the threshold is withheld: the field is empty; the true count may be nothing or a small number." }
        p { "Hashes of content are no part of it. No attribute can hold one: names and texts may not contain 32 hexadecimal digits in a row, and the digests that exist are those of published files." }
        p { "Its terms follow published guidance for the protection of children; its severity, age and harm codes come with crosswalks to the schemes in use, each row with what it loses. Where a label is marked " em { "draft" } " or " em { "machine" } ", no speaker of the language who knows the field has checked it." }
    }
}

fn contents() -> Markup {
    html! {
        nav aria-label="Contents" {
            ul {
                li { a href="#life-cycle" { "Stages of the life cycle" } }
                @for entity in entities() { li { a href={ "#" (entity.name) } { (entity.label) } } }
                li { a href="#lists" { "Code lists" } }
                li { a href="#files" { "Files and how to load them" } }
                li { a href="#policy" { "What may change" } }
            }
        }
    }
}

fn life_cycle() -> Markup {
    html! {
        h2 #life-cycle { "Stages of the life cycle" }
        p { "Each entity and each attribute belongs to the stage of the data life cycle in which it comes into being." }
        (table("Stages", &["Stage", "What happens"], html! {
            @for (stage, code) in stages() {
                tr { th scope="row" { (stage.as_str()) } td.words { (definition(code)) } }
            }
        }))
    }
}

fn definition(code: &super::ListedCode) -> String {
    code.words(Locale::english()).map(|words| words.definition).unwrap_or_default()
}

fn entity_section(entity: &Entity) -> Markup {
    html! {
        section aria-labelledby=(entity.name) {
            h2 id=(entity.name) { (entity.label) }
            p { (entity.definition) "." }
            p { "Stage: " (entity.stage.as_str()) ". One row is told from another by: " (entity.key.join(", ")) "." }
            (table(&format!("Attributes of {}", entity.name), &["Attribute", "Type", "Needed", "What it is", "Unit", "Stage", "HXL", "SDMX"], html! {
                @for column in &entity.attributes {
                    tr {
                        th scope="row" { code { (column.name) } }
                        td {
                            @if column.list.is_empty() { (column.kind.as_str()) }
                            @else { a href={ "#list-" (column.list) } { "code of " (column.list) } }
                        }
                        td { @if column.required { "yes" } @else { "may be empty" } }
                        td.words {
                            (column.definition) "."
                            @if !column.counting_rule.is_empty() { " " strong { "Counting rule: " } (column.counting_rule) "." }
                        }
                        td { (column.unit) }
                        td { (column.stage.as_str()) }
                        td { code { (breakable(&column.hxl, '+')) } }
                        td { code { (breakable(&column.sdmx, '_')) } }
                    }
                }
            }))
        }
    }
}

/// A long word that may be broken before each `at`.
fn breakable(word: &str, at: char) -> Markup {
    html! {
        @for (number, part) in word.split(at).enumerate() {
            @if number > 0 { wbr; (at) }
            (part)
        }
    }
}

fn lists_section() -> Markup {
    html! {
        h2 #lists { "Code lists" }
        p { "Each list is a file of its own, " code { "cl_NAME.csv" } ", with labels in the languages that there are. A code is known everywhere by its stable name, for example " code { (NAMESPACE) ":vocabulary:severity:SEV_A" } "." }
        @for list in code_lists() { (list_section(list)) }
    }
}

fn list_section(list: &CodeList) -> Markup {
    html! {
        h3 id={ "list-" (list.name) } { (list.label) " (" code { (list.name) } ")" }
        p { (list.definition) "." }
        details {
            summary { "Its " (list.codes.len()) " codes" }
            (table(&format!("Codes of {}", list.name), &["Code", "Label", "What it means", "Rolls up to"], html! {
                @for code in &list.codes {
                    @if let Some(words) = code.words(Locale::english()) {
                        tr {
                            th scope="row" { code { (code.code) } }
                            td { (words.pref) }
                            td.words { (words.definition) }
                            td { code { (code.parent) } }
                        }
                    }
                }
            }))
        }
    }
}

fn files() -> Markup {
    let files = [
        (
            "datapackage.json",
            "The model as a Frictionless Data Package: a schema for each table, keys between them, and the code lists as tables",
        ),
        ("entities.csv, attributes.csv", "What this page says of entities and attributes, as tables"),
        ("indicators.csv", "The indicators with their units and rules"),
        ("code_lists.csv, codes.csv, labels.csv", "All code lists, codes and labels, stacked"),
        ("cl_NAME.csv", "One code list, with its labels side by side"),
        (
            "crosswalk.csv",
            "What the categories of other schemes mean in these codes. Its last column quotes the schemes word for word, old wording included, and is not for display",
        ),
        ("templates/NAME.csv", "An empty table of each entity that a publisher fills"),
        ("schemas/NAME.schema.json", "A JSON Schema, draft 2020-12, of one row of each entity"),
        (
            "cdm/default.manifest.cdm.json",
            "The model as a folder of the Microsoft Common Data Model, without data",
        ),
        ("vocabulary.ttl", "The vocabulary as SKOS in Turtle, with the crosswalks as matches"),
    ];
    html! {
        h2 #files { "Files and how to load them" }
        (table("Files beside this page", &["File", "What it is"], html! {
            @for (file, what) in files { tr { th scope="row" { code { (file) } } td.words { (what) } } }
        }))
        p { "Stable names begin with " code { (NAMESPACE) } ". They name things and are no addresses: nothing is to be found on the web under them. The first part is this project's own and is not registered." }
    }
}

fn policy() -> Markup {
    html! {
        h2 #policy { "What may change" }
        p { "The version has three numbers. This is version " (VERSION) "." }
        ul {
            li { strong { "Third number: " } "only words. Labels, translations, definitions that mean the same, review statuses, evidence. Whoever reads the data by its columns and codes notices nothing." }
            li { strong { "Second number: " } "something is added. A new code at the end of a list, a new list, a new attribute that may be empty, a new entity, a new crosswalk row. A reader who ignores what it does not know goes on working; one that checks codes against its own copy of a list must take the new copy." }
            li { strong { "First number: " } "something goes, is renamed, moves, becomes required, or changes its meaning, its type, its unit or its counting rule. The old version stays readable for at least two years, and a table of what became of what comes with the new one." }
        }
        p { "A code that was published is never given another meaning, in no version. A code that is no longer used stays in its list, marked so. The order of the columns of an observation changes only with the first number. HXL tags and SDMX concepts are part of the model and follow the same rules." }
    }
}

fn table(caption: &str, heads: &[&str], rows: Markup) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody { (rows) }
            }
        }
    }
}
