//! Documents of a folder of the Microsoft Common Data Model: one of each entity, and the manifest that names them.

use serde_json::{Map, Value, json};

use super::{Column, Entity, Kind, VERSION, code_list, title};
use crate::language::Locale;

/// The language tag, the text, and what else a row of localised words has.
type Rows = Vec<Vec<String>>;

/// `PrivacyLedger.cdm.json`
pub(in crate::report) fn file(entity: &Entity) -> String {
    format!("{}.cdm.json", entity.name)
}

/// The document of `entity`, its codes with labels in `locales`.
pub(in crate::report) fn document(entity: &Entity, locales: &[&Locale]) -> Value {
    let attributes: Vec<Value> =
        entity.attributes.iter().map(|column| attribute(entity, column, locales)).collect();
    json!({
        "jsonSchemaSemanticVersion": "1.0.0",
        "documentVersion": VERSION,
        "imports": [{ "corpusPath": "cdm:/foundations.cdm.json" }],
        "definitions": [{
            "entityName": entity.name,
            "extendsEntity": "CdmEntity",
            "displayName": entity.label,
            "description": entity.definition,
            "version": VERSION,
            "exhibitsTraits": [
                localized("is.localized.displayedAs", vec![vec!["en".to_owned(), entity.label.clone()]]),
                localized("is.localized.describedAs", vec![vec!["en".to_owned(), entity.definition.clone()]]),
            ],
            "hasAttributes": attributes,
        }],
    })
}

/// The manifest of `entities`; each names the file of its data, if it has one. Links are keys from one to another.
pub(in crate::report) fn manifest(entities: &[(&Entity, Option<&str>)], links: &[[&str; 4]]) -> Value {
    let of = |(entity, data): &(&Entity, Option<&str>)| {
        let mut found = json!({
            "type": "LocalEntity",
            "entityName": entity.name,
            "explanation": entity.definition,
            "entityPath": format!("{}/{}", file(entity), entity.name),
        });
        if let Some(location) = data {
            found["dataPartitions"] = json!([{
                "location": location,
                "exhibitsTraits": [{
                    "traitReference": "is.partition.format.CSV",
                    "arguments": [
                        { "name": "columnHeaders", "value": "true" },
                        { "name": "delimiter", "value": "," },
                    ],
                }],
            }]);
        }
        found
    };
    let entities: Vec<Value> = entities.iter().map(of).collect();
    let link = |[from, attribute, to, key]: &[&str; 4]| {
        let path = |entity: &str| format!("{entity}.cdm.json/{entity}");
        json!({
            "fromEntity": path(from),
            "fromEntityAttribute": attribute,
            "toEntity": path(to),
            "toEntityAttribute": key,
        })
    };
    let links: Vec<Value> = links.iter().map(link).collect();
    json!({
        "manifestName": "innerward",
        "explanation": "The open data model of innerward",
        "jsonSchemaSemanticVersion": "1.0.0",
        "documentVersion": VERSION,
        "imports": [{ "corpusPath": "cdm:/foundations.cdm.json" }],
        "entities": entities,
        "relationships": links,
    })
}

fn attribute(entity: &Entity, column: &Column, locales: &[&Locale]) -> Value {
    let mut found = Map::new();
    let mut set = |key: &str, value: Value| found.insert(key.to_owned(), value);
    set("name", column.name.as_str().into());
    set("dataType", data_type(column.kind).into());
    set("description", column.definition.as_str().into());
    set("displayName", column.title().into());
    if entity.key.contains(&column.name) {
        set("isPrimaryKey", true.into());
    }
    set("isNullable", (!column.required).into());
    if matches!(column.kind, Kind::Count | Kind::Number) {
        set("minimumValue", "0".into());
    }
    let mut traits = Vec::new();
    let names = names(column, locales);
    if !names.is_empty() {
        traits.push(localized("is.localized.displayedAs", names));
    }
    if column.kind == Kind::Code {
        set("valueConstrainedToList", true.into());
        traits.push(codes(column, locales));
    }
    if !traits.is_empty() {
        set("appliedTraits", traits.into());
    }
    Value::Object(found)
}

/// What the column is called: where it is a dimension in every language, else in English.
fn names(column: &Column, locales: &[&Locale]) -> Rows {
    let dimension = crate::vocabulary::Dimension::ALL.into_iter().find(|found| found.as_str() == column.name);
    match dimension {
        Some(found) => locales
            .iter()
            .map(|locale| vec![locale.tag().to_owned(), locale.dimension(found).pref.to_owned()])
            .collect(),
        None => vec![vec!["en".to_owned(), title(&column.name)]],
    }
}

/// Codes from which on a list has its labels in the leading language alone: names of areas in every language would be half
/// of a package's metadata, and stand in the list's own file.
const LONG_LIST: usize = 100;

/// The codes of the column's list: language, label, code, order, definition, stable name.
fn codes(column: &Column, locales: &[&Locale]) -> Value {
    let listed = &code_list(&column.list).codes;
    let locales = if listed.len() < LONG_LIST { locales } else { &locales[..locales.len().min(1)] };
    let mut rows = Rows::new();
    for code in listed {
        let before = rows.len();
        for locale in locales {
            if let Some(words) = code.words(locale) {
                let tag = locale.tag().to_owned();
                let order = code.order.to_string();
                rows.push(vec![
                    tag,
                    words.pref,
                    code.code.to_owned(),
                    order,
                    words.definition,
                    code.uri.clone(),
                ]);
            }
        }
        if rows.len() == before
            && let Some(words) = code.words(Locale::english())
        {
            let order = code.order.to_string();
            rows.push(vec![
                "en".to_owned(),
                words.pref,
                code.code.to_owned(),
                order,
                words.definition,
                code.uri.clone(),
            ]);
        }
    }
    json!({
        "traitReference": "does.haveDefault",
        "arguments": [{ "entityReference": {
            "entityShape": "listLookupWellKnownValues",
            "constantValues": rows,
        } }],
    })
}

fn localized(name: &str, rows: Rows) -> Value {
    json!({
        "traitReference": name,
        "arguments": [{ "entityReference": { "entityShape": "localizedTable", "constantValues": rows } }],
    })
}

fn data_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Code => "listLookupWellKnown",
        Kind::Count => "bigInteger",
        Kind::Number => "decimal",
        Kind::Flag => "boolean",
        Kind::Date => "date",
        Kind::Period | Kind::Name | Kind::Text | Kind::Digest | Kind::Language => "string",
    }
}
