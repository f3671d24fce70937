//! Answers of Arachnid Shield: what its look-ups said of media and of PDQ hashes (JSON).
//!
//! It answers questions and gives no list: an answer says what is known of the item that was asked about, and of known
//! ones near it. What it does not know (`no-known-match`, or nothing) is no entry, and counted. Answers may stand one
//! behind the other, or in an array.

use std::io::BufRead;

use super::fields::{Names, Value};
use super::json::Json;
use super::record::{Ended, Place, Record, SourceCategory, Take};
use super::report::Cause;
use super::{Opinion, values};
use crate::digest::SignalKind;

const NAMES: Names = Names {
    kept: &["sha1_base32", "sha256_hex", "classification", "match_type", "near_match_details"],
    dropped: &["timestamp", "size_bytes"],
};

/// Longest word of a classification.
const MAX_CODE: usize = 32;

/// True for the beginning of such an answer.
pub(super) fn recognises(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let says = |name: &str| text.contains(name);
    (text.starts_with('{') || text.starts_with('['))
        && (says("\"scanned_hashes\"") || (says("\"classification\"") && says("\"sha1_base32\"")))
}

/// Reads the answers to their end.
pub(super) fn read<T: Take + ?Sized>(input: &mut dyn BufRead, take: &mut T) -> Result<(), Ended<T::Stop>> {
    let mut json = Json::new(input)?;
    if !json.more()? {
        json.broken("an answer")?;
    }
    while json.more()? {
        if json.begins(b'[')? {
            json.array()?;
            while json.item()? {
                answer(&mut json, take)?;
            }
        } else {
            answer(&mut json, take)?;
        }
    }
    Ok(())
}

/// One answer: an object that says something of one medium, or has PDQ hashes by their text.
fn answer<T: Take + ?Sized>(json: &mut Json<'_>, take: &mut T) -> Result<(), Ended<T::Stop>> {
    let place = json.place();
    let mut fields = Vec::new();
    let mut scanned = false;
    json.object()?;
    while let Some(name) = json.name()? {
        if name == "scanned_hashes" {
            scanned = true;
            hashes(json, take)?;
        } else if let Some(kept) = NAMES.kept(name) {
            match json.value(NAMES, &mut |field| take.dropped(field))? {
                Ok(value) if fields.iter().all(|(known, _)| *known != kept) => fields.push((kept, value)),
                Ok(_) => take.dropped(kept),
                Err(cause) => {
                    return take.take(place, Err(cause)).map_err(Ended::Stopped).and(pass_rest(json));
                }
            }
        } else {
            if let Some(name) = NAMES.dropped(name) {
                take.dropped(name);
            }
            json.pass()?;
        }
    }
    if scanned && fields.is_empty() {
        return Ok(());
    }
    tell(&Value::Object(fields), None, place, take)
}

fn pass_rest<S>(json: &mut Json<'_>) -> Result<(), Ended<S>> {
    while json.name()?.is_some() {
        json.pass()?;
    }
    Ok(())
}

/// The object whose names are PDQ hashes in base64.
fn hashes<T: Take + ?Sized>(json: &mut Json<'_>, take: &mut T) -> Result<(), Ended<T::Stop>> {
    json.object()?;
    loop {
        let place = json.place();
        let Some(name) = json.name()? else { return Ok(()) };
        let hash = name.to_owned();
        match json.value(NAMES, &mut |field| take.dropped(field))? {
            Ok(value @ Value::Object(_)) => tell(&value, Some(&hash), place, take)?,
            Ok(_) => take.dropped("no-known-match"),
            Err(cause) => take.take(place, Err(cause)).map_err(Ended::Stopped)?,
        }
    }
}

/// Tells of what was asked about, and of what is known near it.
fn tell<T: Take + ?Sized>(
    value: &Value,
    pdq: Option<&str>,
    place: Place,
    take: &mut T,
) -> Result<(), Ended<T::Stop>> {
    let near = value.get("near_match_details").items();
    for (value, pdq) in std::iter::once((value, pdq)).chain(near.iter().map(|near| (near, None))) {
        match record(value, pdq, take) {
            Ok(None) => {}
            Ok(Some(record)) => take.take(place, Ok(record)).map_err(Ended::Stopped)?,
            Err(cause) => take.take(place, Err(cause)).map_err(Ended::Stopped)?,
        }
    }
    Ok(())
}

/// What is known; `None` for nothing. What is near something that is known is not known itself: that follows it.
fn record<T: Take + ?Sized>(value: &Value, pdq: Option<&str>, take: &mut T) -> Result<Option<Record>, Cause> {
    let word = value.get("classification").text()?.unwrap_or("no-known-match").to_ascii_lowercase();
    if word == "no-known-match" {
        take.dropped("no-known-match");
        return Ok(None);
    }
    if value.get("match_type").text()?.is_some_and(|how| how.eq_ignore_ascii_case("near")) {
        take.dropped("near match");
        return Ok(None);
    }
    // What older answers call it.
    let word = if word == "harmful-to-children" { "harmful-abusive-material".to_owned() } else { word };
    let mut record = Record::default();
    match value.get("sha1_base32").text() {
        Ok(None) => {}
        Ok(Some(text)) => record.hash(values::signal(SignalKind::Sha1, text)),
        Err(cause) => record.hash(Err(cause)),
    }
    record.add(SignalKind::Sha256, value.get("sha256_hex").text());
    if let Some(text) = pdq {
        record.hash(values::signal(SignalKind::Pdq, text.trim_ascii()));
    }
    record.opinion = match word.as_str() {
        "csam" | "harmful-abusive-material" => Opinion::Positive,
        _ => Opinion::Investigate,
    };
    if word.len() <= MAX_CODE && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        record.categories.push(SourceCategory { scheme: "ARACHNID", profile: String::new(), code: word });
    } else {
        take.dropped("classification");
    }
    record.complete().map(Some)
}

#[cfg(test)]
mod tests {
    use super::super::record::testing::{Taken, battery, broken, codes, stretched, taken};
    use super::*;

    const SHA256: &str = "5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E";
    const MEDIA: &str = r#"{"sha1_base32":"33FPXLO6ZL523XWK7OW55SX3VXPMV65N",
        "sha256_hex":"5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E","size_bytes":12,
        "classification":"csam","match_type":"near","near_match_details":[{"timestamp":1.5,
        "sha1_base32":"33FPXLO6ZL523XWK7OW55SX3VXPMV65N","sha256_hex":null,"classification":"harmful-to-children"}]}"#;
    const PDQ: &str = r#"{"scanned_hashes":{"XKGrHlyhqx5coaseXKGrHlyhqx5coaseXKGrHlyhqx4=":
        {"classification":"test","match_type":"exact","near_match_details":[]},
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=":{"classification":null,"match_type":null}}}"#;

    #[test]
    fn an_answer_about_a_medium_says_what_is_known() {
        assert!(
            recognises(MEDIA.as_bytes())
                && recognises(PDQ.as_bytes())
                && !recognises(b"{\"hashRecords\":[]}")
        );
        let taken = taken(read, MEDIA);
        assert_eq!(taken.dropped, [("near match", 1), ("size_bytes", 1), ("timestamp", 1)].into());
        let [near] = taken.records().try_into().expect("what is known near the medium, and not that itself");
        assert_eq!(codes(&near), [("ARACHNID", "", "harmful-abusive-material")]);
        assert_eq!(near.hashes.iter().count(), 1);
        let [medium, _] = self::taken(read, &MEDIA.replace("\"near\"", "\"exact\""))
            .records()
            .try_into()
            .expect("the medium, and one near it");
        assert_eq!(medium.hashes.sha1.expect("a SHA-1").to_hex(), "decafbad".repeat(5));
        assert_eq!(medium.hashes.sha256.expect("a SHA-256").to_hex(), SHA256.to_lowercase());
        assert_eq!((codes(&medium), medium.opinion), (vec![("ARACHNID", "", "csam")], Opinion::Positive));
    }

    #[test]
    fn an_answer_about_hashes_says_which_are_known() {
        let taken = taken(read, PDQ);
        assert_eq!(taken.dropped, [("no-known-match", 1)].into());
        let [record] = taken.records().try_into().expect("one that is known");
        assert_eq!(record.hashes.pdq.expect("a PDQ").hash.to_hex(), "5ca1ab1e".repeat(8));
        assert_eq!((codes(&record), record.opinion), (vec![("ARACHNID", "", "test")], Opinion::Investigate));
    }

    #[test]
    fn damage_is_seen() {
        battery(read, MEDIA);
        battery(read, PDQ);
        battery(read, &format!("[{MEDIA},{PDQ}]"));
    }

    #[test]
    fn what_is_no_answer_is_broken_or_bad() {
        for text in ["", "7", "[[]]", "{\"scanned_hashes\":[]}", "{}x"] {
            broken(read, &mut text.as_bytes());
        }
        broken(read, &mut stretched("{\"near_match_details\":", b'[', 100_000, ""));
        let found =
            taken(read, r#"{"classification":"csam"}{"classification":"csam","sha256_hex":"5c"}"#).found;
        assert_eq!(found.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, false]);
        let mut found = Taken::default();
        read(
            &mut stretched("{\"classification\":\"csam\",\"sha256_hex\":\"", b'c', 64 << 20, "\"}"),
            &mut found,
        )
        .unwrap();
        assert_eq!(found.found, [Err(Cause::Oversized)]);
    }
}
