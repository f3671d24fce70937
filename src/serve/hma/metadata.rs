//! What is said of a content beside its hashes: a note, and metadata that only whoever may manage banks reads again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Problem;
use super::params::Params;

/// Most characters of a note, and most bytes of metadata.
const NOTE_CHARS: usize = 255;
const METADATA_BYTES: usize = 64 << 10;

/// What HMA lets a client say of a content.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) json: Option<Map<String, Value>>,
    /// Filled by exchanges alone: dropped.
    #[serde(default, skip_serializing)]
    collab: Option<Value>,
}

/// A note and metadata, as far as they were given.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Said {
    pub(super) note: Option<String>,
    pub(super) metadata: Option<Metadata>,
}

impl Said {
    /// As a JSON body has it: `{"metadata": {…}, "note": "…"}`. Other keys are passed over, in the metadata refused.
    pub(super) fn in_body(body: &Map<String, Value>) -> Result<Self, Problem> {
        let metadata = match body.get("metadata") {
            None | Some(Value::Null) => None,
            Some(given @ Value::Object(_)) => Some(strict(given.clone())?),
            Some(_) => return Err(Problem::bad_request("metadata should be a json object")),
        };
        let said = Self { note: body.get("note").map_or(Ok(None), note)?, metadata };
        said.bounded()
    }

    /// As fields of a form have it, and as a client sends it in the query: `content_id`, `content_uri`, `note`, and `metadata`,
    /// which is either HMA's object or just its inner `json`.
    pub(super) fn in_fields<'a>(of: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Problem> {
        let mut metadata = match of("metadata") {
            None => None,
            Some(text) => {
                let wrong = |_| Problem::bad_request("metadata should be a json object");
                let object: Map<String, Value> = serde_json::from_str(text).map_err(wrong)?;
                let whole = strict(Value::Object(object.clone()));
                Some(whole.unwrap_or(Metadata { json: Some(object), ..Metadata::default() }))
            }
        };
        for (name, text) in ["content_id", "content_uri"].map(|name| (name, of(name))) {
            let Some(text) = text else { continue };
            let metadata = metadata.get_or_insert_default();
            let field =
                if name == "content_id" { &mut metadata.content_id } else { &mut metadata.content_uri };
            *field = Some(text.to_owned());
        }
        let note = of("note").map_or(Ok(None), |text| note(&Value::from(text)))?;
        Self { note, metadata }.bounded()
    }

    /// What one way of saying it has, and where that says nothing another.
    pub(super) fn or(self, other: Self) -> Self {
        Self { note: self.note.or(other.note), metadata: self.metadata.or(other.metadata) }
    }

    fn bounded(self) -> Result<Self, Problem> {
        match self.metadata.as_ref().map(Metadata::to_text) {
            Some(text) if text.len() > METADATA_BYTES => {
                Err(Problem::bad_request("metadata has at most 65,536 bytes"))
            }
            _ => Ok(self),
        }
    }
}

impl Metadata {
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() // text and what was JSON before
    }
}

/// The fields of a form, and what the query says.
pub(super) fn beside(fields: &BTreeMap<String, String>, params: &Params) -> Result<Said, Problem> {
    let in_form =
        Said::in_fields(|name| fields.get(name).map(String::as_str).filter(|text| !text.is_empty()))?;
    Ok(in_form.or(Said::in_fields(|name| params.text(name))?))
}

/// HMA's metadata and nothing else.
fn strict(given: Value) -> Result<Metadata, Problem> {
    let read: Result<Metadata, _> = serde_json::from_value(given);
    let cause = "Invalid metadata: it may have content_id and content_uri, both text, and json, an object";
    Ok(Metadata { collab: None, ..read.map_err(|_| Problem::bad_request(cause))? })
}

/// A note; an empty one is none.
pub(super) fn note(given: &Value) -> Result<Option<String>, Problem> {
    match given {
        Value::Null => Ok(None),
        Value::String(text) if text.chars().count() <= NOTE_CHARS => {
            Ok(Some(text.clone()).filter(|text| !text.is_empty()))
        }
        _ => Err(Problem::bad_request("note is a text of at most 255 characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(body: Value) -> Result<Said, Problem> {
        let Value::Object(body) = body else { panic!("not an object") };
        Said::in_body(&body)
    }

    #[test]
    fn a_body_may_say_what_hma_knows_and_nothing_else() {
        let said = body(
            json!({"metadata": {"content_id": "1", "json": {"a": {}}, "collab": {"X": []}}, "other": 1}),
        );
        let text = said.unwrap().metadata.unwrap().to_text();
        assert_eq!(text, r#"{"content_id":"1","json":{"a":{}}}"#);
        for wrong in [
            json!({"metadata": {"invalid_metadata": 5}}),
            json!({"metadata": {"content_id": 5}}),
            json!({"metadata": {"json": []}}),
            json!({"metadata": "text"}),
            json!({"metadata": {"json": {"long": "x".repeat(70_000)}}}),
            json!({"note": "x".repeat(256)}),
            json!({"note": 5}),
        ] {
            assert!(body(wrong.clone()).is_err(), "{wrong}");
        }
        assert_eq!(body(json!({"note": "ä".repeat(255)})).unwrap().note.unwrap().chars().count(), 255);
        assert_eq!(body(json!({"note": ""})).unwrap(), Said::default());
    }

    #[test]
    fn a_form_may_have_the_inner_object_alone() {
        let read = |metadata: &'static str| {
            Said::in_fields(|name| match name {
                "metadata" => Some(metadata),
                "content_id" => Some("item"),
                _ => None,
            })
        };
        let whole = read(r#"{"content_uri":"u","json":{"a":1}}"#).unwrap().metadata.unwrap().to_text();
        assert_eq!(whole, r#"{"content_id":"item","content_uri":"u","json":{"a":1}}"#);
        let inner = read(r#"{"source":"report","n":[1]}"#).unwrap().metadata.unwrap().to_text();
        assert_eq!(inner, r#"{"content_id":"item","json":{"n":[1],"source":"report"}}"#);
        assert!(read("[]").is_err() && read("{").is_err());
    }
}
