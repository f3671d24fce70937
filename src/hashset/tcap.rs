//! Saved answers of TCAP's hash list (JSON): terrorism, not abuse of children, so a set of its own.
//!
//! A record is a number of the list; `deleted` takes it back. Nothing in it says what members hold, so all are worth a
//! look. What it is about (`ideology`) is kept as a category, the file type is not.

use std::io::BufRead;

use super::fields::{Names, Value, read_array};
use super::record::{Ended, Record, SourceCategory, Take, key};
use super::report::Cause;
use crate::digest::SignalKind;

const NAMES: Names = Names {
    kept: &["hash_digest", "algorithm", "ideology", "deleted", "updated_on", "id"],
    dropped: &["file_type"],
};

/// Longest name of an ideology.
const MAX_CODE: usize = 32;

/// True for the beginning of such an answer.
pub(super) fn recognises(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let opens = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    opens
        && text.contains("\"results\"")
        && (text.contains("\"hash_digest\"") || text.contains("\"checkpoint\""))
}

/// Reads the answer to its end.
pub(super) fn read<T: Take + ?Sized>(input: &mut dyn BufRead, take: &mut T) -> Result<(), Ended<T::Stop>> {
    read_array(input, ("results", "one array called results"), NAMES, take, record)
}

/// The record; `None` if its hash is of a kind that is not supported.
fn record<T: Take + ?Sized>(value: &Value, take: &mut T) -> Result<Option<Record>, Cause> {
    let updated = value.get("updated_on").text()?.and_then(|time| time.split('.').next()?.parse().ok());
    let mut record = Record { withdrawn: value.get("deleted").is_true(), updated, ..Record::default() };
    if let Some(id) = value.get("id").text()? {
        record.key = Some(key(id)?);
    }
    let name = value.get("algorithm").text()?.unwrap_or_default();
    match name.to_ascii_lowercase().replace('-', "").parse::<SignalKind>() {
        Ok(kind) => record.add(kind, value.get("hash_digest").text()),
        Err(_) => {
            take.unsupported(name);
            // A withdrawal needs no hash where it has a key.
            if !record.withdrawn {
                return Ok(None);
            }
        }
    }
    if let Some(code) = value.get("ideology").text()? {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b' ');
        if code.len() <= MAX_CODE && code.bytes().all(fine) {
            let (profile, code) = (String::new(), code.to_owned());
            record.categories.push(SourceCategory { scheme: "TCAP", profile, code });
        } else {
            take.dropped("ideology");
        }
    }
    record.complete().map(Some)
}

#[cfg(test)]
mod tests {
    use super::super::Opinion;
    use super::super::record::testing::{battery, broken, codes, stretched, taken};
    use super::*;

    const SAMPLE: &str = r#"{"count":1,"next":null,"previous":null,"checkpoint":"1893456000.5,42","results":[{"hash_digest":"c0ffee00c0ffee00c0ffee00c0ffee00","algorithm":"MD5","ideology":"far-right","file_type":"mp4","deleted":false,"updated_on":1893456000.5,"created_on":"2030-01-02T03:04:05","id":42}]}"#;

    #[test]
    fn the_sample_says_what_it_says() {
        assert!(recognises(SAMPLE.as_bytes()) && !recognises(b"{\"hashRecords\":[]}"));
        let taken = taken(read, SAMPLE);
        assert_eq!(taken.dropped, [("file_type", 1)].into());
        let [record] = taken.records().try_into().expect("one record");
        assert_eq!(codes(&record), [("TCAP", "", "far-right")]);
        assert_eq!((record.key.clone(), record.updated), (Some(key("42").unwrap()), Some(1_893_456_000)));
        assert_eq!(record.hashes.md5.expect("an MD5").to_hex(), "c0ffee00".repeat(4));
        assert_eq!((record.opinion, record.withdrawn), (Opinion::Investigate, false));
    }

    #[test]
    fn damage_is_seen() {
        battery(read, SAMPLE);
    }

    #[test]
    fn tombstones_need_only_their_number() {
        let text = r#"{"results":[{"id":42,"deleted":true},{"id":43,"deleted":true,"algorithm":"TMK","hash_digest":"x"},
            {"deleted":true},{"id":44,"algorithm":"TMK","hash_digest":"x"},{"algorithm":"SHA-256","hash_digest":"5c"},
            {"id":45,"algorithm":"pdq","hash_digest":"5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E5CA1AB1E"}]}"#;
        let taken = taken(read, text);
        let good: Vec<_> = taken.found.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, true, false, false, true]);
        assert_eq!(taken.unsupported, [(String::new(), 2), ("TMK".to_owned(), 2)].into());
        assert!(taken.found[1].as_ref().unwrap().withdrawn);
    }

    #[test]
    fn what_is_no_answer_is_broken() {
        for text in ["{}", "[]", "{\"results\":{}}", "{\"results\":[],\"results\":[]}", "{\"a\":1}x", ""] {
            broken(read, &mut text.as_bytes());
        }
        broken(read, &mut stretched("{\"results\":[{\"x\":", b'[', 100_000, ""));
    }
}
