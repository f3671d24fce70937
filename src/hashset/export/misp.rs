//! A MISP event of file objects, as its import of JSON takes it.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::json::{Elements, OURS, uuid5};
use super::{About, Form, Said};
use crate::digest::SignalKind;
use crate::hashset::{Entry, EntryKey, Opinion};

/// MISP's template of a file object, and the version that this is written for.
const TEMPLATE: (&str, &str) = ("688c46fb-5edb-40a3-8273-1af7923e2215", "24");

pub(super) struct Misp {
    list: String,
    elements: Elements,
}

impl Misp {
    pub(super) fn begin(out: &mut dyn Write, about: &About) -> io::Result<Self> {
        let list = about.name.to_string();
        let date = about.issued.strftime("%Y-%m-%d").to_string();
        write!(
            out,
            "{{\"Event\":{{\"uuid\":{},\"info\":{},\"date\":{},\"timestamp\":{},\"distribution\":\"0\",\
             \"threat_level_id\":\"4\",\"analysis\":\"2\",\"published\":false,\"Object\":[",
            Value::from(uuid5(OURS, &format!("event {list}"))),
            Value::from(format!("hash list {list}, revision {}", about.revision)),
            Value::from(date),
            Value::from(about.issued.as_second().to_string()),
        )?;
        Ok(Self { list, elements: Elements::default() })
    }
}

impl Form for Misp {
    fn entry(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<Said> {
        // An item may have several lines, each with hashes of its own.
        let name = format!("{} {} {}", self.list, entry.key, EntryKey::derived(&entry.hashes));
        let attribute = |kind: SignalKind, value: String| {
            json!({
                "uuid": uuid5(OURS, &format!("attribute {name} {kind}")),
                "type": kind.as_str(),
                "object_relation": kind.as_str(),
                "category": "Payload delivery",
                "to_ids": entry.opinion != Opinion::Negative,
                "distribution": "5",
                "value": value,
            })
        };
        // The template has no attribute for a picture hash.
        let known = [SignalKind::Md5, SignalKind::Sha1, SignalKind::Sha256];
        let signals = entry.hashes.iter().filter(|signal| known.contains(&signal.kind()));
        let attributes: Vec<_> =
            signals.map(|signal| attribute(signal.kind(), hex::encode(signal.as_bytes()))).collect();
        if attributes.is_empty() {
            return Ok(Said::Nothing);
        }
        let said = Said::of(attributes.len(), &entry.hashes);
        let object = json!({
            "uuid": uuid5(OURS, &format!("object {name}")),
            "name": "file",
            "meta-category": "file",
            "template_uuid": TEMPLATE.0,
            "template_version": TEMPLATE.1,
            "distribution": "5",
            "Attribute": attributes,
        });
        self.elements.put(out, &object)?;
        Ok(said)
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]}}\n")
    }
}
