//! VICS JSON 2.0, `#Media`.

use std::io::{self, Write};

use jiff::Timestamp;
use roaring::RoaringBitmap;
use serde_json::{Map, Value, json};

use super::json::Elements;
use super::{Form, Said, VicsProfile};
use crate::digest::{Signal, SignalKind};
use crate::hashset::{Entry, Opinion};

pub(super) struct Vics {
    profile: VicsProfile,
    elements: Elements,
    /// The number of the next medium whose key is no number: above all that are likely to be.
    next: u32,
    /// The keys that were numbers.
    given: RoaringBitmap,
}

/// Media that have no number in their list are numbered from here on: readers may keep 32 bits of it.
const NUMBERED_FROM: u32 = 1_000_000_000;

impl Vics {
    pub(super) fn begin(out: &mut dyn Write, profile: VicsProfile) -> io::Result<Self> {
        let context = format!(
            "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{}/$metadata#Media",
            profile.as_str()
        );
        write!(out, "{{\"@odata.context\":{},\"value\":[", Value::from(context))?;
        Ok(Self { profile, elements: Elements::default(), next: NUMBERED_FROM, given: RoaringBitmap::new() })
    }

    /// The number of the medium with `key`: that itself, if it is one and was not given yet. Readers take media of one
    /// number for one medium.
    fn number(&mut self, key: &str) -> u32 {
        let own = key.parse::<u32>().ok().filter(|own| *own < NUMBERED_FROM && own.to_string() == key);
        own.filter(|own| self.given.insert(*own)).unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        })
    }

    /// The number of the category in this profile.
    fn category(&self, entry: &Entry) -> Option<u64> {
        let ours = |category: &&crate::vocabulary::Category| {
            category.scheme() == "VICS" && category.profile().eq_ignore_ascii_case(self.profile.as_str())
        };
        entry.labels.categories().iter().find(ours)?.code().parse().ok()
    }
}

impl Form for Vics {
    fn entry(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<Said> {
        let digits = |signal: &Signal| hex::encode_upper(signal.as_bytes());
        let mut medium = Map::new();
        // VICS has no opinions: whatever stands in it is to be found.
        if entry.opinion == Opinion::Negative {
            return Ok(Said::Nothing);
        }
        let number = self.number(entry.key.as_str());
        medium.insert("MediaID".into(), number.into());
        medium.insert("Category".into(), self.category(entry).into());
        let mut others = Vec::new();
        for signal in entry.hashes.iter() {
            match signal.kind() {
                SignalKind::Md5 => drop(medium.insert("MD5".into(), digits(&signal).into())),
                SignalKind::Sha1 => drop(medium.insert("SHA1".into(), digits(&signal).into())),
                kind => others
                    .push(json!({ "HashName": kind.as_str().to_uppercase(), "HashValue": digits(&signal) })),
            }
        }
        // The data model asks for an MD5; readers take a SHA-1 as well.
        if !(medium.contains_key("MD5") || medium.contains_key("SHA1")) {
            return Ok(Said::Nothing);
        }
        if !others.is_empty() {
            medium.insert("AlternativeHashes".into(), others.into());
        }
        if let Some(updated) = entry.updated.and_then(|seconds| Timestamp::from_second(seconds.into()).ok()) {
            medium.insert("DateUpdated".into(), updated.to_string().into());
        }
        self.elements.put(out, &medium)?;
        Ok(Said::All)
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]}\n")
    }
}
