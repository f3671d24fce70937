//! VICS JSON 2.0, `#Media`.

use std::io::{self, Write};

use jiff::Timestamp;
use roaring::RoaringBitmap;
use serde_json::{Map, Value, json};

use super::json::Elements;
use super::{Form, Said, VicsProfile};
use crate::digest::{Signal, SignalKind};
use crate::hashset::{Entry, EntryKey, Labels, Opinion};
use crate::vocabulary::Category;

pub(super) struct Vics {
    profile: VicsProfile,
    elements: Elements,
    /// The keys that were numbers.
    given: RoaringBitmap,
}

/// Media that have no number of their own have one from here on that is drawn from key and hashes: the same whenever the
/// list is written, so that whoever withdraws one by it withdraws no other later. JSON has whole numbers up to 2^53.
const DRAWN_FROM: u64 = 1 << 52;

impl Vics {
    pub(super) fn begin(out: &mut dyn Write, profile: VicsProfile) -> io::Result<Self> {
        let context = format!(
            "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{}/$metadata#Media",
            profile.as_str()
        );
        write!(out, "{{\"@odata.context\":{},\"value\":[", Value::from(context))?;
        Ok(Self { profile, elements: Elements::default(), given: RoaringBitmap::new() })
    }

    /// The number of the medium: its key, if that is one and was not given yet. Readers take media of one
    /// number for one medium.
    fn number(&mut self, entry: &Entry) -> u64 {
        let key = entry.key.as_str();
        let own = key.parse::<u32>().ok().filter(|own| own.to_string() == key);
        own.filter(|own| self.given.insert(*own)).map_or_else(
            || {
                let drawn = blake3::hash(format!("{key} {}", EntryKey::derived(&entry.hashes)).as_bytes());
                let bits = u64::from_le_bytes(*drawn.as_bytes().first_chunk().expect("a hash has 32 bytes"));
                DRAWN_FROM + bits % DRAWN_FROM
            },
            u64::from,
        )
    }

    /// The category in this profile, and its number.
    fn category<'e>(&self, entry: &'e Entry) -> Option<(&'e Category, u64)> {
        let ours = |category: &&Category| {
            category.scheme() == "VICS" && category.profile().eq_ignore_ascii_case(self.profile.as_str())
        };
        let found = entry.labels.categories().iter().find(ours)?;
        Some((found, found.code().parse().ok()?))
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
        let number = self.number(entry);
        medium.insert("MediaID".into(), number.into());
        medium.insert("Category".into(), self.category(entry).map(|(_, number)| number).into());
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

    /// One category, and the facets that follow from it.
    fn says_labels(&self, entry: &Entry) -> bool {
        let said = self.category(entry).map(|(category, _)| category.clone());
        entry.labels == said.into_iter().fold(Labels::default(), Labels::with_crosswalk)
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]}\n")
    }
}
