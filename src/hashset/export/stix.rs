//! A STIX 2.1 bundle of file objects.
//!
//! The hash names of STIX are a closed list without perceptual ones, and validators refuse others; so those are in an
//! extension, which the bundle defines.

use std::collections::HashMap;
use std::collections::hash_map::{Entry as Slot, RandomState};
use std::hash::BuildHasher;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::json::{Elements, OURS, uuid5};
use super::{About, Form, Said};
use crate::digest::{Signal, SignalKind};
use crate::hashset::{Entry, Opinion};

/// The namespace that STIX 2.1 gives for the ids of observables.
const OBSERVABLES: [u8; 16] = *b"\x00\xab\xed\xb4\xaa\x42\x46\x6c\x9c\x01\xfe\xd2\x33\x15\xa9\xb7";
/// When the extension was defined: it does not change from list to list.
const DEFINED: &str = "2026-11-22T00:00:00.000Z";

pub(super) struct Stix {
    elements: Elements,
    extension: String,
    /// By the id of each object that was written, a print of its hashes. Entries that have the first of their hashes in common
    /// have one id, and a bundle that gave it to two objects would say that one of them is a version of the other.
    written: HashMap<String, u64>,
    hasher: RandomState,
}

impl Stix {
    pub(super) fn begin(out: &mut dyn Write, about: &About) -> io::Result<Self> {
        let bundle = uuid5(OURS, &format!("bundle {} {} {}", about.name, about.revision, about.issued));
        write!(out, "{{\"type\":\"bundle\",\"id\":\"bundle--{bundle}\",\"objects\":[")?;
        let identity = format!("identity--{}", uuid5(OURS, "identity innerward"));
        let extension = format!("extension-definition--{}", uuid5(OURS, "extension perceptual hashes"));
        let mut elements = Elements::default();
        elements.put(
            out,
            &json!({
                "type": "identity", "spec_version": "2.1", "id": identity, "created": DEFINED,
                "modified": DEFINED, "name": "innerward", "identity_class": "system",
            }),
        )?;
        elements.put(
            out,
            &json!({
                "type": "extension-definition", "spec_version": "2.1", "id": extension,
                "created_by_ref": identity, "created": DEFINED, "modified": DEFINED,
                "name": "perceptual hashes of a file", "version": "1.0.0",
                "schema": "perceptual_hashes: [{algorithm: string, value: hex, quality: integer 0 to 100, optional}]",
                "extension_types": ["property-extension"],
            }),
        )?;
        Ok(Self { elements, extension, written: HashMap::new(), hasher: RandomState::new() })
    }
}

/// What STIX calls a digest.
fn name(kind: SignalKind) -> Option<&'static str> {
    match kind {
        SignalKind::Md5 => Some("MD5"),
        SignalKind::Sha1 => Some("SHA-1"),
        SignalKind::Sha256 => Some("SHA-256"),
        _ => None,
    }
}

/// The id that everybody gives a file object with this content (STIX 2.1, section 2.9): drawn from the first of its hashes
/// in this order, and from its extensions.
fn id(object: &Value) -> String {
    let first = ["MD5", "SHA-1", "SHA-256"].into_iter().find(|name| object["hashes"].get(name).is_some());
    let mut contributes = Map::new();
    if let Some(name) = first {
        contributes.insert("hashes".into(), json!({ name: object["hashes"][name] }));
    }
    if let Some(extensions) = object.get("extensions") {
        contributes.insert("extensions".into(), extensions.clone());
    }
    // Maps are sorted by name here, and nothing in them is written in two ways: this is the canonical form of RFC 8785.
    format!("file--{}", uuid5(OBSERVABLES, &Value::Object(contributes).to_string()))
}

impl Form for Stix {
    fn entry(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<Said> {
        let hex = |signal: &Signal| hex::encode(signal.as_bytes());
        let mut hashes = Map::new();
        let mut perceptual = Vec::new();
        for signal in entry.hashes.iter() {
            match (name(signal.kind()), signal) {
                (Some(name), signal) => drop(hashes.insert(name.into(), hex(&signal).into())),
                (None, Signal::Blake3(_)) => {}
                (None, signal) => {
                    let quality = entry.hashes.pdq.filter(|_| signal.kind() == SignalKind::Pdq);
                    let quality = quality.and_then(|pdq| pdq.quality).map(|quality| quality.percent());
                    let mut hash = json!({ "algorithm": signal.kind().as_str(), "value": hex(&signal) });
                    if let Some(quality) = quality {
                        hash["quality"] = quality.into();
                    }
                    perceptual.push(hash);
                }
            }
        }
        // A file object needs a hash of the closed list or a name; and what is not to be found is no indicator.
        if hashes.is_empty() || entry.opinion == Opinion::Negative {
            return Ok(Said::Nothing);
        }
        let said = Said::of(hashes.len() + perceptual.len(), &entry.hashes);
        let mut object = json!({ "type": "file", "spec_version": "2.1", "hashes": hashes });
        if !perceptual.is_empty() {
            let content = json!({ "extension_type": "property-extension", "perceptual_hashes": perceptual });
            object["extensions"] = json!({ &self.extension: content });
        }
        let id = id(&object);
        let print = self.hasher.hash_one(object.to_string());
        match self.written.entry(id.clone()) {
            Slot::Vacant(place) => {
                place.insert(print);
                object["id"] = id.into();
                self.elements.put(out, &object)?;
                Ok(said)
            }
            // All of it is there already, or the hash that the two have in common.
            Slot::Occupied(there) if *there.get() == print => Ok(said),
            Slot::Occupied(_) => Ok(Said::Part),
        }
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]}\n")
    }
}
