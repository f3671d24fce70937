//! Many hashes at once, as JSON or in the compact form of [`binary`].

use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa::ToSchema;

use super::super::{Caller, Problem, ProblemCode, Settings, State};
use super::answers::{HashesAnswer, OneOfMany, Reach, Told};
use super::ask::OfHashes;
use super::binary;
use super::extract::{self, Json, NO_STORE, Query, accepted, is_json, media_type};
use super::listed;
use super::matching::JSON;
use super::openapi::{AnyBytes, Refusals};
use super::patterns;
use crate::digest::Signal;

fn list_of_hashes() -> utoipa::openapi::schema::Array {
    let list = utoipa::openapi::schema::ArrayBuilder::new().items(patterns::hash()).min_items(Some(1));
    let hashes = [
        "pdq:f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22",
        "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
    ];
    list.max_items(Some(Settings::default().max_batch)).examples([serde_json::json!(hashes)]).build()
}

/// The hashes to look up.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "read by `listed`, which stops where there are too many; the type says what is in it"
)]
pub(super) struct Hashes {
    /// Each `kind:hex`; at most as many as `/v1/status` says in `limits.max_batch`. One that is none refuses them all.
    #[schema(schema_with = list_of_hashes)]
    hashes: Vec<String>,
}

/// Look many hashes up
///
/// Together they cost much less than one by one. As JSON, or in a compact form; the answer is JSON, or compact if `Accept`
/// names that. Answers come in the order of the hashes, duplicates kept.
#[utoipa::path(
    post, path = "/v1/match/hashes", tag = "match", params(OfHashes),
    request_body(content((Hashes = "application/json"), (AnyBytes = "application/vnd.innerward.hashes"))),
    responses(
        (status = 200, description = "What the lists say of each", content(
            (HashesAnswer = "application/json"), (AnyBytes = "application/vnd.innerward.verdicts"),
        )),
        Refusals,
    ),
)]
pub(super) async fn hashes(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(parameters): Query<OfHashes>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let wanted = accepted(&headers, &[JSON, binary::VERDICTS])?;
    let asked = parameters.asked()?;
    let signals = signals(&state, request).await?;
    let matcher = state.asking(&asked.ask).await?;
    let reach = Reach::new(&matcher, &asked.ask.selection);
    let verdicts = state.look_up(&caller, signals.clone(), &asked.ask).await?;
    // Thousands of answers take a moment to write.
    let write = move |_: &State| {
        if wanted == binary::VERDICTS {
            let kind = HeaderValue::from_static(binary::VERDICTS);
            let body = binary::verdicts(&verdicts, !reach.is_all());
            return Ok(([(header::CONTENT_TYPE, kind), NO_STORE], body).into_response());
        }
        let answers = signals.iter().zip(&verdicts).map(|(signal, verdict)| OneOfMany {
            query: signal.to_text(),
            told: Told::new(verdict, asked.limit),
        });
        Ok(Json(HashesAnswer { answers: answers.collect(), reach }).into_response())
    };
    state.apart(write).await
}

async fn signals(state: &State, request: Request) -> Result<Vec<Signal>, Problem> {
    let most = state.0.settings.max_batch;
    let kind = media_type(request.headers());
    let read: fn(&[u8], usize) -> Result<Vec<Signal>, Problem> =
        match (kind.eq_ignore_ascii_case(binary::HASHES), is_json(kind)) {
            (true, _) => binary::hashes,
            (_, true) => listed::hashes,
            _ => {
                let detail = format!("send {JSON} or {}, and say so in `Content-Type`", binary::HASHES);
                return Err(Problem::new(ProblemCode::UnsupportedMediaType, detail));
            }
        };
    let bytes = extract::body(state, request).await?;
    state.reading(bytes, move |bytes, _| read(bytes, most)).await
}
