//! Schemas in the form of the Frictionless Data Package: fields, keys, and code lists as tables of their own.

use serde_json::{Map, Value, json};

use super::{Column, Entity, Kind, NAMESPACE, code_list};

/// The schema of a table whose columns are the attributes of `entity`. `links` are keys into other tables: the columns,
/// the table, and the columns there.
pub(in crate::report) fn schema(entity: &Entity, links: &[(&[&str], &str)]) -> Value {
    let fields: Vec<Value> = entity.attributes.iter().map(field).collect();
    let lists = entity.attributes.iter().filter(|column| column.kind == Kind::Code).map(|column| {
        let reference = json!({ "resource": code_list(&column.list).file(), "fields": "code" });
        json!({ "fields": column.name, "reference": reference })
    });
    let links = links.iter().map(|(columns, table)| {
        json!({ "fields": columns, "reference": { "resource": table, "fields": columns } })
    });
    let foreign_keys: Vec<Value> = lists.chain(links).collect();
    json!({
        "fields": fields,
        "missingValues": [""],
        "primaryKey": entity.key,
        "foreignKeys": foreign_keys,
    })
}

/// The schema of the file of one code list.
pub(in crate::report) fn list_schema(header: &[String]) -> Value {
    let field = |name: &String| match name.as_str() {
        "code" => {
            json!({ "name": name, "type": "string", "constraints": { "required": true, "unique": true } })
        }
        "order" => {
            json!({ "name": name, "type": "integer", "constraints": { "required": true, "minimum": 1 } })
        }
        _ => json!({ "name": name, "type": "string" }),
    };
    let fields: Vec<Value> = header.iter().map(field).collect();
    json!({ "fields": fields, "missingValues": [""], "primaryKey": ["code"] })
}

/// A table of the package.
pub(in crate::report) fn resource(
    name: &str,
    path: &str,
    title: &str,
    description: &str,
    schema: Value,
) -> Map<String, Value> {
    let resource = json!({
        "name": name,
        "path": path,
        "title": title,
        "description": description,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    });
    match resource {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn field(column: &Column) -> Value {
    let mut constraints = Map::new();
    if column.required {
        constraints.insert("required".into(), true.into());
    }
    if matches!(column.kind, Kind::Count | Kind::Number) {
        constraints.insert("minimum".into(), 0.into());
    }
    if let Some(pattern) = column.kind.pattern() {
        constraints.insert("pattern".into(), pattern.into());
    }
    let mut field = json!({
        "name": column.name,
        "title": column.title(),
        "type": kind(column.kind),
        "description": column.definition,
        "constraints": constraints,
        "hxl": column.hxl,
        "sdmxConcept": column.sdmx,
        "lifeCycleStage": column.stage.as_str(),
    });
    for (name, text) in [("unit", &column.unit), ("countingRule", &column.counting_rule)] {
        if !text.is_empty() {
            field[name] = text.as_str().into();
        }
    }
    if column.kind == Kind::Code {
        field["rdfType"] = format!("{NAMESPACE}:vocabulary:{}", column.list).into();
    }
    field
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Count => "integer",
        Kind::Number => "number",
        Kind::Flag => "boolean",
        Kind::Date => "date",
        Kind::Code | Kind::Period | Kind::Name | Kind::Text | Kind::Digest | Kind::Language => "string",
    }
}
