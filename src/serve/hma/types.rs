//! Kinds of hash and of content as HMA names them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::json;

use super::asked::{Asked, doer};
use super::banks::{object, ratio_of};
use super::shares::{Known, of_kind};
use super::{Answer, Problem};
use crate::digest::{Signal, SignalKind};

/// HMA's two signal types; every other kind goes by our own name for it.
pub(super) const KINDS: [(&str, SignalKind); 2] = [("pdq", SignalKind::Pdq), ("video_md5", SignalKind::Md5)];

/// The kind that is called `name`.
pub(super) fn kind_of(name: &str) -> Option<SignalKind> {
    let known = KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    known.or_else(|| name.parse().ok())
}

/// What HMA calls a kind.
pub(super) fn name_of(kind: SignalKind) -> &'static str {
    KINDS.iter().find(|(_, known)| *known == kind).map_or(kind.as_str(), |(name, _)| name)
}

/// The hash `text` of the type `name`.
pub(super) fn signal(name: &str, text: &str) -> Result<Signal, Problem> {
    let kind = kind_of(name).ok_or_else(no_such_type)?;
    let invalid =
        |error: crate::digest::SignalError| Problem::bad_request(format!("invalid signal: {error}"));
    kind.parse(text.trim()).map_err(invalid)
}

pub(super) fn no_such_type() -> Problem {
    Problem::bad_request(
        "No such signal type; there are pdq, video_md5, and md5, sha1, sha256, blake3 and the classic kinds by their names",
    )
}

/// Where only what HMA has counts.
pub(super) fn no_such_type_of_hma() -> Problem {
    Problem::bad_request("No such signal type; there are pdq and video_md5")
}

/// What an upload is said to be. It decides which hash stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentType {
    Photo,
    Video,
}

impl ContentType {
    pub(super) const ALL: [Self; 2] = [Self::Photo, Self::Video];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// The kind of hash that HMA makes of it.
    pub(super) const fn kind(self) -> SignalKind {
        match self {
            Self::Photo => SignalKind::Pdq,
            Self::Video => SignalKind::Md5,
        }
    }
}

#[derive(Serialize)]
struct SignalType {
    name: &'static str,
    enabled_ratio: f64,
}

pub(super) async fn signal_types(asked: Asked) -> Answer {
    let types = asked.state.apart(|state| {
        state.look_again()?;
        let shares = Known::now(state);
        Ok(KINDS.map(|(name, kind)| SignalType { name, enabled_ratio: shares.of_kind(kind) }))
    });
    Ok(Json(types.await?).into_response())
}

pub(super) async fn update_signal_type(asked: Asked, Path(name): Path<String>, body: Bytes) -> Answer {
    let kind = KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    let kind = kind.ok_or_else(no_such_type_of_hma)?;
    let Some(share) = ratio_of(&object(&body)?)? else {
        return Err(Problem::bad_request("the field enabled_ratio is required: a number of 0 to 1"));
    };
    let Asked { state, caller, .. } = asked;
    state
        .apart_in_turn(move |state| {
            state.changing(&doer(&caller))?.share(&of_kind(kind), share)?;
            state.look_again()
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn content_types(_: Asked) -> Answer {
    let all = ContentType::ALL.map(|kind| json!({ "name": kind.as_str(), "enabled": true }));
    Ok(Json(all).into_response())
}
