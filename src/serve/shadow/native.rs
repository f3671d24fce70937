//! What is asked on this service's own paths, as HMA would be asked the same, and the answer as HMA would word it.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::{Method, Uri};
use serde::Deserialize;
use serde_json::json;

use super::exchange::{Asked, Told};
use crate::digest::{Signal, SignalKind};
use crate::serve::hma::number_of;

const MATCH: &str = "/v1/match";
const MATCH_HASH: &str = "/v1/match/hash/";

/// What HMA can be asked in place of a request on a path of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Native {
    /// One hash, by a path of HMA's.
    Hash(String),
    /// A file.
    Upload,
}

/// An answer of ours, as far as HMA has words for it.
#[derive(Deserialize)]
struct Answer {
    matches: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    set: String,
    entry: String,
    distance: u32,
    /// Why it counts, or not.
    policy: String,
}

impl Native {
    /// The request, if HMA knows what it asks: a hash of its two kinds, or a file, with all defaults.
    pub(super) fn of(method: &Method, uri: &Uri) -> Option<Self> {
        if uri.query().is_some_and(|query| !query.is_empty()) {
            return None; // other sets, bounds or forms than those of the lists
        }
        if *method == Method::POST && uri.path() == MATCH {
            return Some(Self::Upload);
        }
        let signal = uri.path().strip_prefix(MATCH_HASH).filter(|_| *method == Method::GET)?;
        let signal: Signal = signal.replace("%3A", ":").replace("%3a", ":").parse().ok()?;
        let kind = match signal.kind() {
            SignalKind::Pdq => "pdq",
            SignalKind::Md5 => "video_md5",
            _ => return None,
        };
        Some(Self::Hash(format!("/m/lookup?signal={}&signal_type={kind}", hex::encode(signal.as_bytes()))))
    }

    /// What HMA is asked; `None` if nothing can be asked of that body.
    pub(super) fn asked(&self, content_type: Option<String>, body: Bytes) -> Option<Asked> {
        let asked = match self {
            Self::Hash(path) => Asked { native: Some("/v1/match/hash"), ..Asked::get(path.clone()) },
            Self::Upload => {
                let is_form = content_type.as_deref().is_some_and(|kind| kind.starts_with("multipart/"));
                let file = if is_form { Asked::post("", content_type, body).file? } else { body };
                let upload = Asked::upload("/m/lookup?bypass_coinflip=true", "photo", &file);
                Asked { native: Some(MATCH), ..upload }
            }
        };
        Some(asked)
    }

    /// Our answer in HMA's words; a refusal is one in any.
    pub(super) fn told(&self, told: Told) -> Option<Told> {
        if !(200..300).contains(&told.status) {
            return Some(told);
        }
        let Answer { matches } = serde_json::from_slice(&told.body).ok()?;
        let mut banks: BTreeMap<String, BTreeMap<u64, u32>> = BTreeMap::new();
        for found in matches.into_iter().filter(|found| found.policy == crate::serve::api::COUNTS) {
            // The nearest of several hashes of an entry.
            let nearest = banks.entry(found.set).or_default().entry(number_of(&found.entry));
            nearest.and_modify(|bits| *bits = found.distance.min(*bits)).or_insert(found.distance);
        }
        let entry = |(id, bits): (u64, u32)| json!({ "bank_content_id": id, "distance": bits.to_string() });
        let banks: BTreeMap<String, Vec<_>> =
            banks.into_iter().map(|(bank, all)| (bank, all.into_iter().map(entry).collect())).collect();
        let body = match self {
            Self::Hash(_) => json!(banks),
            Self::Upload => json!({ "pdq": banks }),
        };
        Some(Told { status: told.status, body: body.to_string().into_bytes() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::seen::Seen;
    use super::*;

    fn of(method: &Method, uri: &str) -> Option<Native> {
        Native::of(method, &uri.parse().unwrap())
    }

    #[test]
    fn what_hma_has_no_word_for_is_not_asked() {
        let hash = "0f".repeat(32);
        let path = format!("/m/lookup?signal={hash}&signal_type=pdq");
        assert_eq!(of(&Method::GET, &format!("/v1/match/hash/pdq:{hash}")), Some(Native::Hash(path)));
        let md5 = of(&Method::GET, "/v1/match/hash/md5:c0ffee00c0ffee00c0ffee00c0ffee00");
        assert!(matches!(md5, Some(Native::Hash(path)) if path.ends_with("&signal_type=video_md5")));
        assert_eq!(of(&Method::POST, "/v1/match"), Some(Native::Upload));
        for (method, uri) in [
            (Method::GET, format!("/v1/match/hash/sha256:{hash}")),
            (Method::GET, format!("/v1/match/hash/pdq:{hash}?radius=3")),
            (Method::GET, "/v1/match/hash/pdq:x".to_owned()),
            (Method::GET, "/v1/match".to_owned()),
            (Method::POST, "/v1/match?sets=A".to_owned()),
            (Method::POST, "/v1/hash".to_owned()),
            (Method::GET, "/v1/status".to_owned()),
        ] {
            assert_eq!(of(&method, &uri), None, "{method} {uri}");
        }
    }

    #[test]
    fn an_answer_says_the_same_in_hmas_words() {
        let ours = br#"{"outcome":"near","matches":[
            {"set":"A","entry":"hma:1","distance":7,"policy":"counts"},
            {"set":"A","entry":"hma:1","distance":0,"policy":"counts"},
            {"set":"B","entry":"hma:2","distance":4,"policy":"counts"},
            {"set":"B","entry":"hma:3","distance":1,"policy":"quarantined"}]}"#;
        let told = |native: &Native| {
            let told = native.told(Told { status: 200, body: ours.to_vec() }).unwrap();
            Seen::of(&native.asked(None, Bytes::new()).unwrap(), &told)
        };
        let theirs = |asked: Asked, body: &str| {
            Seen::of(&asked, &Told { status: 200, body: body.as_bytes().to_vec() })
        };
        let hash =
            r#"{"A":[{"bank_content_id":1,"distance":"0"}],"B":[{"bank_content_id":2,"distance":"4"}]}"#;
        let native = Native::Hash("/m/lookup?signal=aa&signal_type=pdq".into());
        assert_eq!(told(&native), theirs(native.asked(None, Bytes::new()).unwrap(), hash));
        let upload = [r#"{"pdq":"#, hash, "}"].concat();
        assert_eq!(told(&Native::Upload), theirs(Asked::get("/m/lookup"), &upload));
        let refused = Told { status: 429, body: Vec::new() };
        assert_eq!(native.told(refused.clone()), Some(refused));
        let sent = Native::Upload.asked(None, Bytes::from_static(b"file")).unwrap();
        assert_eq!((sent.file.as_deref(), sent.pattern()), (Some(&b"file"[..]), "/v1/match"));
    }
}
