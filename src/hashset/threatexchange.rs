//! Saved answers of ThreatExchange's `threat_updates` (JSON): pages (`{"data":[…]}`), or one update a line.
//!
//! An update is an indicator. It takes the indicator back if it says so (`should_delete`) or names no `descriptors` any
//! more. Opinions: each descriptor is that of its owner, each reaction that of others, whom their own descriptor
//! overrules; negative beside anything else is disputed. Tags and owners are not kept.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::Opinion;
use super::fields::{Names, Value, each_record};
use super::json::Json;
use super::record::{Ended, Record, Take, key};
use super::report::Cause;
use crate::digest::SignalKind;

const NAMES: Names = Names {
    kept: &[
        "id",
        "indicator",
        "type",
        "last_updated",
        "should_delete",
        "descriptors",
        "data",
        "owner",
        "status",
        "tags",
        "text",
        "reactions",
        "key",
        "value",
    ],
    dropped: &["description", "creator"],
};

/// True for the beginning of such an answer.
pub(super) fn recognises(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let opens = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    let names = ["\"descriptors\"", "\"should_delete\""];
    opens && text.contains("\"indicator\"") && names.iter().any(|name| text.contains(name))
}

/// Reads the pages or updates to their end.
pub(super) fn read<T: Take + ?Sized>(input: &mut dyn BufRead, take: &mut T) -> Result<(), Ended<T::Stop>> {
    let mut json = Json::new(input)?;
    if !json.more()? {
        json.broken("a page or an update")?;
    }
    while json.more()? {
        let place = json.place();
        let mut is_page = false;
        let mut update = Ok(Vec::new());
        json.object()?;
        while let Some(name) = json.name()? {
            let name = NAMES.kept(name);
            if name == Some("data") && json.begins(b'[')? {
                is_page = true;
                each_record(&mut json, NAMES, take, |value, take| {
                    Ok(record(value, take)?.into_iter().collect())
                })?;
                continue;
            }
            let value = json.value(NAMES, &mut |field| take.dropped(field))?;
            if let (Ok(fields), Some(name)) = (&mut update, name) {
                match value {
                    Err(cause) => update = Err(cause),
                    Ok(value) => {
                        fields.retain(|(known, _)| *known != name);
                        fields.push((name, value));
                    }
                }
            }
        }
        if !is_page {
            match update.and_then(|fields| record(&Value::Object(fields), take)) {
                Ok(None) => {}
                Ok(Some(record)) => take.take(place, Ok(record)).map_err(Ended::Stopped)?,
                Err(cause) => take.take(place, Err(cause)).map_err(Ended::Stopped)?,
            }
        }
    }
    Ok(())
}

/// The record; `None` if its indicator is of a kind that is not supported.
fn record<T: Take + ?Sized>(value: &Value, take: &mut T) -> Result<Option<Record>, Cause> {
    let descriptors = value.get("descriptors");
    let mut record = Record {
        withdrawn: value.get("should_delete").is_true() || *descriptors == Value::Null,
        updated: value.get("last_updated").text()?.and_then(|time| time.parse().ok()),
        ..Record::default()
    };
    if let Some(id) = value.get("id").text()? {
        record.key = Some(key(id)?);
    }
    let is_video = list(descriptors).iter().flat_map(|one| list(one.get("tags"))).any(|tag| {
        let text = if let Value::Object(_) = tag { tag.get("text") } else { tag };
        text.text().is_ok_and(|text| text == Some("media_type_video"))
    });
    let name = value.get("type").text()?.unwrap_or_default();
    let kind = match name {
        "HASH_PDQ" => Some(SignalKind::Pdq),
        "HASH_VIDEO_MD5" => Some(SignalKind::Md5),
        "HASH_VIDEO_SHA256" => Some(SignalKind::Sha256),
        "HASH_MD5" if is_video => Some(SignalKind::Md5),
        "HASH_SHA256" if is_video => Some(SignalKind::Sha256),
        _ => None,
    };
    match kind {
        Some(kind) => record.add(kind, value.get("indicator").text()),
        None => {
            take.unsupported(name);
            // A withdrawal has no tags that could tell the kind, and needs no hash where it has a key.
            if !record.withdrawn {
                return Ok(None);
            }
        }
    }
    record.opinion = opinion(list(descriptors))?;
    record.complete().map(Some)
}

/// The elements of a list, or of an object that has it as `data`.
fn list(value: &Value) -> &[Value] {
    if let Value::Object(_) = value { value.get("data").items() } else { value.items() }
}

fn opinion(descriptors: &[Value]) -> Result<Opinion, Cause> {
    let mut owners = BTreeMap::new();
    let mut reactions = BTreeMap::new();
    for descriptor in descriptors {
        let Some(owner) = descriptor.get("owner").get("id").text()? else { continue };
        let said = match descriptor.get("status").text()? {
            Some("MALICIOUS") => Opinion::Positive,
            Some("NON_MALICIOUS") => Opinion::Negative,
            _ => Opinion::Investigate,
        };
        owners.entry(owner).and_modify(|before| *before = merge(*before, said)).or_insert(said);
        for reaction in list(descriptor.get("reactions")) {
            let said = match reaction.get("key").text()? {
                Some("HELPFUL") => Opinion::Positive,
                Some("DISAGREE_WITH_TAGS") => Opinion::Negative,
                _ => continue,
            };
            for who in reaction.get("value").text()?.unwrap_or_default().split(',') {
                let who = who.trim_ascii();
                reactions.entry(who).and_modify(|before| *before = merge(*before, said)).or_insert(said);
            }
        }
    }
    reactions.retain(|who, _| !who.is_empty() && !owners.contains_key(who));
    Ok(owners.into_values().chain(reactions.into_values()).reduce(merge).unwrap_or_default())
}

/// What two opinions are together.
fn merge(one: Opinion, other: Opinion) -> Opinion {
    let differ = one != other;
    if differ && one.min(other) == Opinion::Negative { Opinion::Disputed } else { one.max(other) }
}

#[cfg(test)]
mod tests {
    use super::super::record::testing::{battery, broken, stretched, taken};
    use super::*;

    const SAMPLE: &str = r#"{"id":"1","indicator":"5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e","type":"HASH_PDQ","last_updated":1893456000,"should_delete":false,
 "descriptors":{"data":[{"id":"11","owner":{"id":"111"},"status":"MALICIOUS","added_on":"2030-01-02T03:04:05+0000","tags":{"data":[{"text":"demo"}]},
   "reactions":[{"key":"DISAGREE_WITH_TAGS","value":"222,333"}]}]}}"#;

    fn page(updates: &str) -> String {
        format!("{{\"data\":[{updates}],\"paging\":{{\"next\":\"x\"}}}}")
    }

    fn md5(rest: &str) -> String {
        format!(
            r#"{{"id":"2","type":"HASH_MD5","indicator":"c0ffee00c0ffee00c0ffee00c0ffee00","descriptors":{rest}}}"#
        )
    }

    #[test]
    fn the_sample_says_the_same_alone_in_a_page_and_in_lines() {
        let [one] = taken(read, SAMPLE).records().try_into().expect("one record");
        assert_eq!(one.key, Some(key("1").unwrap()));
        assert_eq!(one.hashes.pdq.expect("a PDQ").hash.to_hex(), "5ca1ab1e".repeat(8));
        assert_eq!((one.opinion, one.withdrawn), (Opinion::Disputed, false));
        assert_eq!(one.updated, Some(1_893_456_000));
        assert!(recognises(SAMPLE.as_bytes()) && recognises(page(SAMPLE).as_bytes()));
        assert!(!recognises(b"{\"results\":[]}"));
        assert_eq!(taken(read, &page(SAMPLE)).records(), std::slice::from_ref(&one));
        let lines = format!("{SAMPLE}\n{SAMPLE}\n");
        assert_eq!(taken(read, &lines).records(), [one.clone(), one]);
    }

    #[test]
    fn damage_is_seen() {
        battery(read, SAMPLE);
        battery(read, &page(SAMPLE));
    }

    #[test]
    fn what_names_no_descriptor_is_taken_back() {
        let gone = r#"{"id":"3","type":"HASH_MD5","indicator":"x"},{"id":"4","should_delete":true,"descriptors":{}},
            {"type":"URI","descriptors":{}}"#;
        let taken = taken(read, &page(gone));
        assert_eq!(
            taken.unsupported,
            [("HASH_MD5".to_owned(), 1), (String::new(), 1), ("URI".to_owned(), 1)].into()
        );
        let records = taken.records();
        assert!(records.len() == 2 && records.iter().all(|record| record.withdrawn));
    }

    #[test]
    fn a_tag_makes_a_digest_one_of_a_video_in_every_form_of_tags() {
        for (tags, is_video) in [
            (r#"{"data":[{"text":"media_type_video"}]}"#, true),
            (r#"["a","media_type_video"]"#, true),
            (r#"[{"text":"media_type_video"}]"#, true),
            ("null", false),
            (r#"{"data":null}"#, false),
        ] {
            let taken = taken(read, &page(&md5(&format!("{{\"data\":[{{\"tags\":{tags}}}]}}"))));
            assert_eq!(
                (taken.found.len() == 1, taken.unsupported.is_empty()),
                (is_video, is_video),
                "{tags}"
            );
        }
    }

    #[test]
    fn opinions_are_weighed_by_who_has_them() {
        let of = |owner: u32, status: &str, reactions: &str| {
            format!(
                r#"{{"owner":{{"id":"{owner}"}},"status":"{status}","tags":["media_type_video"],"reactions":[{reactions}]}}"#
            )
        };
        let reaction = |key: &str, who: &str| format!(r#"{{"key":"{key}","value":"{who}"}}"#);
        let no_owner = r#"{"status":"NON_MALICIOUS"}"#.to_owned();
        let disagree = reaction("DISAGREE_WITH_TAGS", "7");
        for (descriptors, expected) in [
            (vec![of(1, "MALICIOUS", "")], Opinion::Positive),
            (vec![of(1, "NON_MALICIOUS", "")], Opinion::Negative),
            (vec![of(1, "SUSPICIOUS", "")], Opinion::Investigate),
            (vec![of(1, "UNKNOWN", &reaction("HELPFUL", "2"))], Opinion::Positive),
            (vec![of(1, "MALICIOUS", &disagree)], Opinion::Disputed),
            (vec![of(1, "MALICIOUS", &disagree), of(7, "MALICIOUS", "")], Opinion::Positive),
            (vec![of(1, "NON_MALICIOUS", ""), of(2, "MALICIOUS", "")], Opinion::Disputed),
            (vec![of(1, "MALICIOUS", &reaction("NEW", "2")), no_owner], Opinion::Positive),
        ] {
            let text = md5(&format!("{{\"data\":[{}]}}", descriptors.join(",")));
            assert_eq!(taken(read, &text).records()[0].opinion, expected, "{descriptors:?}");
        }
    }

    #[test]
    fn what_is_no_answer_is_broken() {
        for text in ["", "[]", "{\"data\":[1}", "{}x", "{\"data\":[]} ]"] {
            broken(read, &mut text.as_bytes());
        }
        broken(read, &mut stretched("{\"data\":[{\"descriptors\":", b'[', 100_000, ""));
    }
}
