//! A JSON Schema, draft 2020-12, of each entity: what one row of it is as a JSON object.

use serde_json::{Map, Value, json};

use super::{Column, Entity, Kind, NAMESPACE, VERSION, code_list};

/// `privacy_ledger.schema.json`
pub(in crate::report) fn file(entity: &Entity) -> String {
    format!("{}.schema.json", entity.file)
}

/// The schema of one row. What is not required may be absent or null; nothing else may be there.
pub(in crate::report) fn schema(entity: &Entity) -> Value {
    let properties: Map<String, Value> =
        entity.attributes.iter().map(|column| (column.name.clone(), property(column))).collect();
    let required: Vec<&str> = entity
        .attributes
        .iter()
        .filter(|column| column.required)
        .map(|column| column.name.as_str())
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{NAMESPACE}:model:{VERSION}:{}", entity.name),
        "title": entity.label,
        "description": entity.definition,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn property(column: &Column) -> Value {
    let nothing = |kind: &str| if column.required { json!(kind) } else { json!([kind, "null"]) };
    let mut found = match column.kind {
        Kind::Code => {
            let mut codes: Vec<Value> =
                code_list(&column.list).codes.iter().map(|code| json!(code.code)).collect();
            if !column.required {
                codes.push(Value::Null);
            }
            json!({ "enum": codes })
        }
        Kind::Count => json!({ "type": nothing("integer"), "minimum": 0 }),
        Kind::Number => json!({ "type": nothing("number"), "minimum": 0 }),
        Kind::Flag => json!({ "type": nothing("boolean") }),
        Kind::Date => json!({ "type": nothing("string"), "format": "date" }),
        Kind::Period | Kind::Name | Kind::Text | Kind::Digest | Kind::Language => {
            json!({ "type": nothing("string"), "pattern": column.kind.pattern() })
        }
    };
    found["title"] = column.title().into();
    found["description"] = column.definition.as_str().into();
    found["x-hxl"] = column.hxl.as_str().into();
    found["x-sdmx"] = column.sdmx.as_str().into();
    found["x-stage"] = column.stage.as_str().into();
    for (name, text) in [("x-unit", &column.unit), ("x-counting-rule", &column.counting_rule)] {
        if !text.is_empty() {
            found[name] = text.as_str().into();
        }
    }
    found
}
