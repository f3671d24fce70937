//! Saved answers of StopNCII's `FetchHashes` (JSON).
//!
//! Its records have no ids: their key is drawn from the hash, and a record that comes again replaces the one before, by
//! their times and not by their order.
//! `Withdrawn` and `Deleted` end a record at once. Case numbers identify people and are dropped.
//!
//! A person's report is worth a look; `Blocked` of a service makes it positive, `NotBlocked` disputed, and every other
//! word, known or not, is worth a look too.

use std::io::BufRead;

use super::fields::{Names, Value, read_array};
use super::record::{Ended, Record, Take};
use super::report::Cause;
use super::{EntryKey, Opinion};
use crate::digest::SignalKind;

const NAMES: Names = Names {
    kept: &["lastModtimestamp", "signalType", "hashValue", "hashStatus", "CSPFeedbacks", "feedbackValue"],
    dropped: &["caseNumbers", "tags", "source"],
};

/// True for the beginning of such an answer.
pub(super) fn recognises(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    text.trim_start_matches('\u{feff}').trim_start().starts_with('{') && text.contains("\"hashrecords\"")
}

/// Reads the answer to its end.
pub(super) fn read<T: Take + ?Sized>(input: &mut dyn BufRead, take: &mut T) -> Result<(), Ended<T::Stop>> {
    read_array(input, ("hashRecords", "one array called hashRecords"), NAMES, take, record)
}

/// The record; `None` if its hash is of a kind that is not supported.
fn record<T: Take + ?Sized>(value: &Value, take: &mut T) -> Result<Option<Record>, Cause> {
    let kind = value.get("signalType").text()?.unwrap_or_default();
    let kind = match kind.to_ascii_lowercase().as_str() {
        "imagepdq" => SignalKind::Pdq,
        "videomd5" => SignalKind::Md5,
        _ => {
            take.unsupported(kind);
            return Ok(None);
        }
    };
    let status = value.get("hashStatus").text()?.unwrap_or_default();
    let time = value.get("lastModtimestamp").text()?;
    let updated = time.and_then(|time| time.parse().ok());
    if time.is_some() && updated.is_none() {
        take.dropped("lastModtimestamp");
    }
    let mut record = Record {
        opinion: opinion(value.get("CSPFeedbacks"))?,
        withdrawn: ["withdrawn", "deleted"].iter().any(|end| status.eq_ignore_ascii_case(end)),
        updated,
        ..Record::default()
    };
    record.add(kind, value.get("hashValue").text());
    // Given, as other lists give an id: what has no key of its own list's would stand beside what was said before.
    record.key = (!record.hashes.is_empty()).then(|| EntryKey::derived(&record.hashes));
    record.complete().map(Some)
}

fn opinion(feedbacks: &Value) -> Result<Opinion, Cause> {
    let mut opinion = Opinion::Investigate;
    for feedback in feedbacks.items() {
        let word = feedback.get("feedbackValue").text()?.unwrap_or_default();
        if word.eq_ignore_ascii_case("notblocked") {
            // Beside the person's own report, so never negative alone.
            opinion = Opinion::Disputed;
        } else if word.eq_ignore_ascii_case("blocked") {
            opinion = opinion.max(Opinion::Positive);
        }
    }
    Ok(opinion)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::super::record::testing::{Taken, battery, broken, stretched, taken};
    use super::*;
    use crate::hashset::{Item, ReadOptions, ReadReport, read_items};

    const SAMPLE: &str = r#"{"count":1,"nextPageToken":"demo","nextSetTimestamp":1893456000,"hasMoreRecords":false,
 "hashRecords":[{"lastModtimestamp":1893456000,"signalType":"ImagePDQ","hashValue":"5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e",
   "hashStatus":"Withdrawn","caseNumbers":{"00000000-0000-0000-0000-000000000002":"Withdrawn"},"hashRegions":["UK"],
   "CSPFeedbacks":[{"source":"Demo CSP","feedbackValue":"Blocked","tags":["demo"]}]}]}"#;

    fn records(inner: &str) -> Taken {
        taken(read, &format!("{{\"hashRecords\":[{inner}]}}"))
    }

    fn video(rest: &str) -> String {
        format!(r#"{{"signalType":"VideoMD5","hashValue":"C0FFEE00C0FFEE00C0FFEE00C0FFEE00"{rest}}}"#)
    }

    #[test]
    fn the_sample_is_withdrawn() {
        assert!(recognises(SAMPLE.as_bytes()) && !recognises(b"{\"results\":[]}"));
        let taken = taken(read, SAMPLE);
        assert_eq!(taken.dropped, [("caseNumbers", 1), ("source", 1), ("tags", 1)].into());
        let [record] = taken.records().try_into().expect("one record");
        let key = Some(EntryKey::derived(&record.hashes));
        assert_eq!((record.key.clone(), record.withdrawn), (key, true));
        assert_eq!((record.opinion, record.updated), (Opinion::Positive, Some(1_893_456_000)));
        assert_eq!(record.hashes.pdq.expect("a PDQ").hash.to_hex(), "5ca1ab1e".repeat(8));
    }

    #[test]
    fn damage_is_seen() {
        battery(read, SAMPLE);
    }

    #[test]
    fn the_status_ends_a_record_not_the_value() {
        for (status, withdrawn) in
            [("Received", false), ("Active", false), ("Unknown", false), ("New", false), ("deleted", true)]
        {
            let taken = records(&video(&format!(",\"hashStatus\":\"{status}\"")));
            assert_eq!(taken.records()[0].withdrawn, withdrawn, "{status}");
        }
        assert!(records(r#"{"signalType":"VideoMD5","hashValue":"Withdrawn"}"#).found[0].is_err());
    }

    #[test]
    fn feedback_becomes_an_opinion_whatever_its_words() {
        for (words, expected) in [
            (&["Undefined", "PendingReview", "Withdrawn", "brand new"][..], Opinion::Investigate),
            (&[], Opinion::Investigate),
            (&["Unknown", "Blocked"], Opinion::Positive),
            (&["NotBlocked"], Opinion::Disputed),
            (&["NotBlocked", "Blocked", "None"], Opinion::Disputed),
        ] {
            let all: Vec<_> = words.iter().map(|word| format!("{{\"feedbackValue\":\"{word}\"}}")).collect();
            let taken = records(&video(&format!(",\"CSPFeedbacks\":[{}]", all.join(","))));
            assert_eq!(taken.records()[0].opinion, expected, "{words:?}");
        }
        assert_eq!(records(&video(",\"CSPFeedbacks\":null")).records().len(), 1);
    }

    #[test]
    fn a_record_that_comes_again_is_told_again_and_other_kinds_are_counted() {
        let other = r#"{"signalType":"VideoTMK","hashValue":"x"},{"hashValue":"y"},null"#;
        let taken = records(&format!("{},{other},{}", video(""), video(",\"hashStatus\":\"Deleted\"")));
        assert_eq!(taken.unsupported, [("VideoTMK".to_owned(), 1), (String::new(), 1)].into());
        let ends: Vec<_> =
            taken.found.iter().map(|found| found.as_ref().map(|record| record.withdrawn)).collect();
        assert_eq!(ends, [Ok(false), Err(&Cause::Expected("an object")), Ok(true)]);
    }

    /// What is left of these records, feedback and time: the opinions of entries that nothing replaced behind them.
    fn left(records: &[(&str, u32)]) -> (Vec<Opinion>, ReadReport) {
        let records: Vec<_> = records
            .iter()
            .map(|(word, time)| {
                video(&format!(
                    ",\"lastModtimestamp\":{time},\"CSPFeedbacks\":[{{\"feedbackValue\":\"{word}\"}}]"
                ))
            })
            .collect();
        let text = format!("{{\"hashRecords\":[{}]}}", records.join(","));
        let mut left = Vec::new();
        let report = read_items(&mut text.as_bytes(), &ReadOptions::default(), &mut |item| {
            match item {
                Item::Entry(entry) => {
                    assert_eq!(entry.key, EntryKey::derived(&entry.hashes));
                    left.push(entry.opinion);
                }
                Item::Replaced { .. } => left.clear(),
                Item::Withdrawn(_) => panic!("nothing is withdrawn"),
            }
            Ok::<(), Infallible>(())
        })
        .unwrap();
        (left, report)
    }

    #[test]
    fn a_record_that_comes_again_replaces_the_earlier_one_in_whichever_order() {
        for records in [[("Blocked", 100), ("NotBlocked", 200)], [("NotBlocked", 200), ("Blocked", 100)]] {
            let (left, report) = left(&records);
            assert_eq!(left, [Opinion::Disputed], "{records:?}");
            assert_eq!(report.replaced + report.outdated, 1);
        }
        let (back, report) = left(&[("Blocked", 100), ("NotBlocked", 200), ("Blocked", 300)]);
        assert_eq!((back, report.duplicates), (vec![Opinion::Positive], 0), "a state that comes back");
        let (twice, report) = left(&[("Blocked", 100), ("Blocked", 100)]);
        assert_eq!((twice.len(), report.duplicates), (1, 1));
    }

    #[test]
    fn a_time_that_cannot_be_read_is_counted() {
        let taken = records(&[video(",\"lastModtimestamp\":\"soon\""), video("")].join(","));
        assert_eq!(taken.dropped, [("lastModtimestamp", 1)].into());
        assert!(taken.records().iter().all(|record| record.updated.is_none()));
    }

    #[test]
    fn what_is_no_answer_is_broken() {
        for text in
            ["{}", "[]", "{\"hashRecords\":{}}", "{\"hashRecords\":[],\"hashRecords\":[]}", "{\"a\":1}x"]
        {
            broken(read, &mut text.as_bytes());
        }
        broken(read, &mut stretched("{\"hashRecords\":", b'[', 100_000, ""));
        let mut taken = Taken::default();
        let head = "{\"hashRecords\":[{\"signalType\":\"VideoMD5\",\"hashValue\":\"";
        read(&mut stretched(head, b'c', 64 << 20, "\"}]}"), &mut taken).unwrap();
        assert_eq!(taken.found, [Err(Cause::Oversized)]);
    }
}
