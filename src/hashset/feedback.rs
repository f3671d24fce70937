//! Decisions in the words of the source that a list came from. They are written down and nothing else: nothing here sends.
//!
//! Who decided is left out everywhere. What a source has no word for is told by its cause, never bent to another.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use super::{Decided, Decision, Hashes, Word};

/// The words of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeedbackForm {
    /// NCMEC hash sharing, version 2: for each fingerprint the path of a `PUT` and its body.
    Ncmec,
    /// StopNCII: the body of a `POST` to `SubmitFeedback`, for all decisions together.
    StopNcii,
    /// ThreatExchange: the reaction to each indicator.
    ThreatExchange,
    /// Our own, one a line.
    Jsonl,
}

/// Text that names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("feedback is written as ncmec, stopncii, threatexchange or jsonl")]
pub struct FeedbackFormError;

impl FeedbackForm {
    const ALL: [Self; 4] = [Self::Ncmec, Self::StopNcii, Self::ThreatExchange, Self::Jsonl];

    /// `ncmec`, `stopncii`, `threatexchange`, `jsonl`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ncmec => "ncmec",
            Self::StopNcii => "stopncii",
            Self::ThreatExchange => "threatexchange",
            Self::Jsonl => "jsonl",
        }
    }

    /// The words of the source whose lists have the form `form`, as [`Import::form`](super::Import::form) has it; our own
    /// for any other.
    #[must_use]
    pub fn of_list(form: &str) -> Self {
        form.parse().unwrap_or(Self::Jsonl)
    }
}

impl FromStr for FeedbackForm {
    type Err = FeedbackFormError;

    fn from_str(text: &str) -> Result<Self, FeedbackFormError> {
        Self::ALL.into_iter().find(|form| form.as_str() == text).ok_or(FeedbackFormError)
    }
}

impl fmt::Display for FeedbackForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a decision has no words in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Wordless {
    /// There is nothing to say.
    #[error("undecided (unsure)")]
    Unsure,
    /// The set has no such entry any more.
    #[error("not in the set any more")]
    Gone,
    /// A key of another form than the source's.
    #[error("a key that is not of the form MEMBER-ID")]
    Key,
    /// NCMEC wants to know why.
    #[error("no --reason with the GUID of a reason of the source, which a negative feedback needs")]
    Reason,
    /// No hash of a kind that the source takes feedback on.
    #[error("no hash of a kind that the source takes feedback on")]
    Kind,
}

const NCMEC: &str = "https://hashsharing.ncmec.org/hashsharing/v2";

/// What is to be told to the source about one entry with `hashes`: a record for each thing to send.
///
/// # Errors
/// [`Wordless`] if there is nothing to tell in this form.
pub fn feedback(form: FeedbackForm, decided: &Decided, hashes: &Hashes) -> Result<Vec<Value>, Wordless> {
    if form == FeedbackForm::Jsonl {
        return Ok(vec![own(decided)]);
    }
    let affirmative = match decided.decision {
        Decision::Confirm => true,
        Decision::Deconfirm => false,
        Decision::Unsure => return Err(Wordless::Unsure),
    };
    let records = match form {
        FeedbackForm::Ncmec => ncmec(decided, hashes, affirmative)?,
        FeedbackForm::StopNcii => {
            let word = if affirmative { "Blocked" } else { "NotBlocked" };
            let values =
                hashes.pdq.map(|pdq| pdq.hash.to_hex()).into_iter().chain(hashes.md5.map(|md5| md5.to_hex()));
            values.map(|value| json!({ "hashValue": value, "feedbackValue": word, "tags": [] })).collect()
        }
        FeedbackForm::ThreatExchange => {
            let word = if affirmative { "HELPFUL" } else { "DISAGREE_WITH_TAGS" };
            vec![json!({ "indicator": decided.key.as_str(), "reactions": word })]
        }
        FeedbackForm::Jsonl => Vec::new(), // told above
    };
    if records.is_empty() { Err(Wordless::Kind) } else { Ok(records) }
}

fn own(decided: &Decided) -> Value {
    json!({ "type": "decision", "data": {
        "set": decided.set, "entry": decided.key.as_str(), "decision": decided.decision,
        "at": decided.at.to_string(), "reason": decided.reason, "revision": decided.revision,
    }})
}

fn ncmec(decided: &Decided, hashes: &Hashes, affirmative: bool) -> Result<Vec<Value>, Wordless> {
    let is_plain = |text: &&str| !text.is_empty();
    let (member, id) = decided.key.as_str().split_once('-').ok_or(Wordless::Key)?;
    let (Some(member), Some(id)) = (Some(member).filter(is_plain), Some(id).filter(is_plain)) else {
        return Err(Wordless::Key);
    };
    let vote = if affirmative {
        "<affirmative/>".to_owned()
    } else {
        let guid = decided.reason.as_ref().map(Word::as_str).filter(|reason| is_guid(reason));
        let guid = guid.ok_or(Wordless::Reason)?;
        format!("<negative><reasonIds><guid>{guid}</guid></reasonIds></negative>")
    };
    let body = format!("<feedbackSubmission xmlns=\"{NCMEC}\">{vote}</feedbackSubmission>");
    let kinds =
        [("MD5", hashes.md5.is_some()), ("SHA1", hashes.sha1.is_some()), ("PDQ", hashes.pdq.is_some())];
    let path = |kind| format!("/v2/entries/{}/{}/{kind}/feedback", in_path(member), in_path(id));
    let kinds = kinds.into_iter().filter(|(_, there)| *there);
    Ok(kinds.map(|(kind, _)| json!({ "method": "PUT", "path": path(kind), "body": body })).collect())
}

/// `00000000-0000-0000-0000-000000000001`.
fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// A part of a path: all but the characters that RFC 3986 (2.3) calls unreserved, in hexadecimal digits.
fn in_path(text: &str) -> String {
    text.bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
        path
    })
}

/// The records of all decisions as one text: the body that StopNCII takes, or a record a line.
#[must_use]
pub fn feedback_text(form: FeedbackForm, records: &[Value]) -> String {
    if form == FeedbackForm::StopNcii {
        return format!("{}\n", json!({ "count": records.len(), "hashFeedbacks": records }));
    }
    records.iter().map(|record| format!("{record}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::SignalKind;
    use crate::hashset::EntryKey;

    const GUID: &str = "00000000-0000-0000-0000-000000000001";

    fn decided(key: &str, decision: Decision, reason: Option<&str>) -> Decided {
        Decided {
            set: "hotline".parse().unwrap(),
            key: EntryKey::new(key).unwrap(),
            decision,
            at: "2030-01-02T03:04:05Z".parse().unwrap(),
            by: Some("analyst-7".parse().unwrap()),
            reason: reason.map(|reason| reason.parse().unwrap()),
            revision: 3,
        }
    }

    fn hashes() -> Hashes {
        let mut hashes = Hashes::from(SignalKind::Md5.parse(&"c0ffee00".repeat(4)).unwrap());
        hashes.set(SignalKind::Pdq.parse(&"5ca1ab1e".repeat(8)).unwrap());
        hashes.set(SignalKind::Sha256.parse(&"5ca1ab1e".repeat(8)).unwrap());
        hashes
    }

    #[test]
    fn ncmec_is_told_of_each_fingerprint_in_its_own_xml() {
        let told = |key: &str, decision, reason| {
            feedback(FeedbackForm::Ncmec, &decided(key, decision, reason), &hashes())
        };
        let records = told("7-demo-1", Decision::Confirm, None).unwrap();
        // By hand, after the client of python-threatexchange (`ncmec/hash_api.py`).
        let yes = r#"<feedbackSubmission xmlns="https://hashsharing.ncmec.org/hashsharing/v2"><affirmative/></feedbackSubmission>"#;
        let expected = ["MD5", "PDQ"].map(|kind| {
            json!({ "method": "PUT", "path": format!("/v2/entries/7/demo-1/{kind}/feedback"), "body": yes })
        });
        assert_eq!(records, expected);
        let no = told("7-demo-1", Decision::Deconfirm, Some(GUID)).unwrap();
        let body = no[0]["body"].as_str().unwrap();
        assert!(body.contains(&format!("<negative><reasonIds><guid>{GUID}</guid></reasonIds></negative>")));
        let odd = told("7-a/b c", Decision::Confirm, None).unwrap();
        assert_eq!(odd[0]["path"], "/v2/entries/7/a%2Fb%20c/MD5/feedback");
        for (key, decision, reason, expected) in [
            ("7-demo-1", Decision::Deconfirm, None, Wordless::Reason),
            ("7-demo-1", Decision::Deconfirm, Some("FALSE_POSITIVE"), Wordless::Reason),
            ("7-demo-1", Decision::Unsure, None, Wordless::Unsure),
            ("a4c9489700fca29c", Decision::Confirm, None, Wordless::Key),
            ("7-", Decision::Confirm, None, Wordless::Key),
            ("-x", Decision::Confirm, None, Wordless::Key),
        ] {
            assert_eq!(told(key, decision, reason), Err(expected));
        }
        let other = Hashes::from(SignalKind::Sha256.parse(&"5ca1ab1e".repeat(8)).unwrap());
        let one = decided("7-x", Decision::Confirm, None);
        assert_eq!(feedback(FeedbackForm::Ncmec, &one, &other), Err(Wordless::Kind));
    }

    #[test]
    fn the_others_have_words_of_their_own_and_nobody_learns_who_decided() {
        let all = [Decision::Confirm, Decision::Deconfirm].map(|decision| decided("11", decision, None));
        let records = |form| -> Vec<Value> {
            all.iter().flat_map(|one| feedback(form, one, &hashes()).unwrap()).collect()
        };
        let stop: Value =
            serde_json::from_str(&feedback_text(FeedbackForm::StopNcii, &records(FeedbackForm::StopNcii)))
                .unwrap();
        assert_eq!(stop["count"], 4);
        let first = json!({ "hashValue": "5ca1ab1e".repeat(8), "feedbackValue": "Blocked", "tags": [] });
        assert_eq!(stop["hashFeedbacks"][0], first);
        assert_eq!(stop["hashFeedbacks"][3]["feedbackValue"], "NotBlocked");
        let exchange = records(FeedbackForm::ThreatExchange);
        assert_eq!(exchange[0], json!({ "indicator": "11", "reactions": "HELPFUL" }));
        assert_eq!(exchange[1]["reactions"], "DISAGREE_WITH_TAGS");
        let own = feedback_text(FeedbackForm::Jsonl, &records(FeedbackForm::Jsonl));
        assert_eq!(own.lines().count(), 2);
        assert!(own.contains(r#""decision":"deconfirm""#) && own.contains("2030-01-02T03:04:05Z"));
        for form in FeedbackForm::ALL {
            let one = decided("7-1", Decision::Deconfirm, Some(GUID));
            let text = feedback_text(form, &feedback(form, &one, &hashes()).unwrap());
            assert!(!text.contains("analyst"), "{form}");
            assert_eq!(FeedbackForm::of_list(form.as_str()), form);
        }
        assert_eq!(FeedbackForm::of_list("plain:md5"), FeedbackForm::Jsonl);
    }
}
