//! `/h/hash`: what HMA makes of a file, and which kinds are asked for.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::Request;
use axum::response::IntoResponse;

use super::asked::Asked;
use super::media::Item;
use super::params::Params;
use super::shares::Known;
use super::types::{ContentType, kind_of, name_of};
use super::{Answer, Problem};
use crate::digest::{Fingerprint, Quality, Signal, SignalKind};
use crate::media::Form;
use crate::screen::MatchedBy;

pub(super) async fn hash_url(asked: Asked) -> Answer {
    let url = asked.params.text("url").ok_or_else(|| Problem::bad_request("url is required"))?;
    let item = Item::behind(&asked, url).await?;
    answer(asked, item).await
}

pub(super) async fn hash_upload(asked: Asked, request: Request) -> Answer {
    let item = Item::uploaded(&asked.state, request).await?;
    answer(asked, item).await
}

async fn answer(asked: Asked, item: Item) -> Answer {
    let hashed = Hashed::of(&asked, item).await?;
    Ok(Json(hashed.texts()).into_response())
}

/// What was made of an item.
pub(super) struct Hashed {
    signals: BTreeMap<&'static str, Option<Signal>>,
    /// The fields that came with it.
    pub(super) fields: BTreeMap<String, String>,
}

impl Hashed {
    /// Hashes `item` by the kinds that are asked for.
    pub(super) async fn of(asked: &Asked, item: Item) -> Result<Self, Problem> {
        let Item { upload, content, fields } = item;
        let wanted = Wanted::of(&asked.params, content, &Known::now(&asked.state))?;
        let fingerprint = asked.state.fingerprint(&asked.caller, upload).await?;
        let signals = wanted.kinds.iter().map(|(name, kind)| Ok((*name, hash(&fingerprint, *kind)?)));
        Ok(Self { signals: signals.collect::<Result<_, Problem>>()?, fields })
    }

    /// By kind, in hexadecimal digits; empty where the picture is too plain, as HMA has it.
    pub(super) fn texts(&self) -> BTreeMap<&'static str, String> {
        let text = |signal: &Option<Signal>| {
            signal.map_or_else(String::new, |signal| hex::encode(signal.as_bytes()))
        };
        self.signals.iter().map(|(name, signal)| (*name, text(signal))).collect()
    }

    /// What can be put on a list; a picture that is too plain cannot.
    pub(super) fn signals(&self) -> Result<Vec<Signal>, Problem> {
        let all: Option<Vec<Signal>> = self.signals.values().copied().collect();
        all.ok_or_else(|| {
            Problem::bad_request(
                "invalid signal: the picture is too plain for a picture hash, and would match by chance",
            )
        })
    }
}

/// The kinds of hash that are asked of an item.
pub(super) struct Wanted {
    /// The kind that stands for content of its type.
    pub(super) main: SignalKind,
    /// Each with the name that its answer goes by.
    pub(super) kinds: Vec<(&'static str, SignalKind)>,
    /// True if `types` names them.
    pub(super) named: bool,
}

impl Wanted {
    /// What `types` names; by default what HMA makes of such content.
    pub(super) fn of(params: &Params, content: ContentType, shares: &Known) -> Result<Self, Problem> {
        let main = content.kind();
        let off = || Problem::bad_request("a signal type that is asked for is not enabled");
        let Some(types) = params.list("types") else {
            let is_on = shares.of_kind(main) > 0.0;
            return if is_on {
                Ok(Self { main, kinds: vec![(name_of(main), main)], named: false })
            } else {
                Err(off())
            };
        };
        let mut kinds = Vec::new();
        for name in types {
            let fits = |kind: &SignalKind| *kind == main || kind.is_digest() && (name != "video_md5");
            let kind = kind_of(name).filter(fits).ok_or_else(|| {
                Problem::bad_request(
                    "a type in `types` does not exist for this content: a photo has pdq, a video video_md5, both have md5, \
                     sha1, sha256 and blake3",
                )
            })?;
            if shares.of_kind(kind) <= 0.0 {
                return Err(off());
            }
            // An MD5 of a photo is no `video_md5`.
            let asked = (if kind.as_str() == name { kind.as_str() } else { name_of(kind) }, kind);
            if !kinds.contains(&asked) {
                kinds.push(asked);
            }
        }
        if kinds.is_empty() {
            return Err(Problem::bad_request("empty signal type selection"));
        }
        Ok(Self { main, kinds, named: true })
    }

    /// True if a picture hash is asked for.
    pub(super) fn needs_picture(&self) -> bool {
        self.main == SignalKind::Pdq && self.name_of_main().is_some()
    }

    fn name_of_main(&self) -> Option<&'static str> {
        self.kinds.iter().find(|(_, kind)| *kind == self.main).map(|(name, _)| *name)
    }

    /// Under which names a match is told: every one of its kind. One by the exact bytes speaks for the content as a whole; kinds
    /// that HMA does not have go by their own name, unless others are asked for.
    pub(super) fn names_for(&self, signal: MatchedBy) -> Vec<&'static str> {
        let of_kind = self.kinds.iter().filter(|(_, kind)| signal == *kind).map(|(name, _)| *name);
        let names: Vec<_> = of_kind.collect();
        match signal {
            _ if !names.is_empty() => names,
            signal if signal.is_digest() => self.name_of_main().into_iter().collect(),
            signal if !self.named => vec![signal.as_str()],
            _ => names,
        }
    }
}

/// The hash of this kind; `None` for a picture that is too plain.
///
/// Of a picture that tools read in two ways it is the one that `tx`, and so HMA, makes: others' lists have that.
fn hash(fingerprint: &Fingerprint, kind: SignalKind) -> Result<Option<Signal>, Problem> {
    let digests = &fingerprint.digests;
    let digest = match kind {
        SignalKind::Md5 => digests.md5.into(),
        SignalKind::Sha1 => digests.sha1.into(),
        SignalKind::Sha256 => digests.sha256.into(),
        SignalKind::Blake3 => digests.blake3.into(),
        _ => {
            let compat = fingerprint.forms.iter().find(|form| form.form == Form::Compat);
            let form = compat.or(fingerprint.forms.first()).ok_or_else(|| unhashable(fingerprint))?;
            let is_usable = form.hash.quality >= Quality::USABLE;
            return Ok(is_usable.then(|| form.hash.original().into()));
        }
    };
    Ok(Some(digest))
}

/// Why there is no picture hash at all.
pub(super) fn unhashable(fingerprint: &Fingerprint) -> Problem {
    match &fingerprint.gap {
        Some(gap) => Problem::bad_request(format!("invalid signal: {gap}")),
        None => Problem::bad_request("invalid signal: this is no picture that can be hashed"),
    }
}
