//! Two things side by side, without any list.

use axum::extract::{FromRequest, Request, State as Shared};
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::{Caller, Fault, Problem, ProblemCode, State, Upload};
use super::ask::{OfComparison, signal};
use super::compared::Compared;
use super::extract::{Json, MULTIPART, Query, accepted, is_json, media_type};
use super::form::{Form, Part};
use super::matching::JSON;
use super::openapi::{Refusals, TwoThings};
use super::patterns;
use crate::digest::{Classic, SignalError};
use crate::screen::{ComparedItem, Subject, Terms, compare as compare_subjects};

/// Two hashes to compare.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TwoHashes {
    /// `kind:hex`.
    #[schema(schema_with = patterns::hash)]
    a: String,
    /// `kind:hex`.
    #[schema(schema_with = patterns::hash)]
    b: String,
}

/// Longest text of a part that is a hash.
const MAX_TEXT: usize = 1024;

/// Compare two things
///
/// How far apart they are in each way in which they are compared, and what follows from it. Each is a hash, or in a form a
/// file in the part `a` or `b`. Of two files the first is in the place of what is screened, the second of what is listed.
/// Files are decoded in the jail, kept nowhere and not counted; no list is asked.
#[utoipa::path(
    post, path = "/v1/compare", tag = "match", params(OfComparison),
    request_body(content((TwoHashes = "application/json"), (TwoThings = "multipart/form-data"))),
    responses((status = 200, description = "How they compare", body = Compared), Refusals),
)]
pub(super) async fn compare(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(parameters): Query<OfComparison>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Compared>, Problem> {
    accepted(&headers, &[JSON])?;
    let terms = Terms { bounds: parameters.bounds()?, ..Terms::default() };
    let (a, b) = two(&state, &caller, request).await?;
    // Two videos are compared frame by frame.
    let compared = move |_: &State| {
        let found = compare_subjects(&a, &b, &terms);
        Ok(Compared::new(&a, &b, &found, &terms))
    };
    Ok(Json(state.apart(compared).await?))
}

async fn two(state: &State, caller: &Caller, request: Request) -> Result<(Subject, Subject), Problem> {
    let kind = media_type(request.headers());
    if kind.eq_ignore_ascii_case(MULTIPART) {
        return two_parts(state, caller, request).await;
    }
    if !is_json(kind) {
        let detail = format!("send {JSON} with two hashes, or {MULTIPART} with the parts a and b");
        return Err(Problem::new(ProblemCode::UnsupportedMediaType, detail));
    }
    let Json(TwoHashes { a, b }) = Json::from_request(request, state).await?;
    let fault =
        |pointer: &str, error: &SignalError| Fault { pointer: pointer.into(), detail: error.to_string() };
    match (signal(&a), signal(&b)) {
        (Ok(a), Ok(b)) => Ok((Subject::Hash(a), Subject::Hash(b))),
        (a, b) => {
            let a = a.err().map(|error| fault("/a", &error));
            let b = b.err().map(|error| fault("/b", &error));
            Err(Problem::bad_request("a and b are hashes").at(a.into_iter().chain(b).collect()))
        }
    }
}

async fn two_parts(state: &State, caller: &Caller, request: Request) -> Result<(Subject, Subject), Problem> {
    let mut form = Form::of(request).await?;
    let (mut a, mut b) = (None, None);
    while let Some(part) = form.next_part().await? {
        let place = match part.name() {
            Some("a") => &mut a,
            Some("b") => &mut b,
            _ => return Err(Problem::bad_request("the form has a part that is neither a nor b")),
        };
        if place.is_some() {
            return Err(Problem::bad_request("the form has a part twice"));
        }
        // What was chosen as a file has a name, or says of what type it is.
        let is_file = part.has_file_name() || part.content_type().is_some_and(|kind| kind != "text/plain");
        let subject = if is_file {
            file(state, caller, Upload::of_part(state, part).await?).await?
        } else {
            hash(part).await?
        };
        *place = Some(subject);
    }
    a.zip(b).ok_or_else(|| Problem::bad_request("the form needs the parts a and b, each a file or a hash"))
}

async fn file(state: &State, caller: &Caller, upload: Upload) -> Result<Subject, Problem> {
    // Of two things everything is compared that both have: by which lists one of them might be found is not known here.
    let fingerprint = state.fingerprint_with(caller, upload, &Classic::ALL).await?;
    Ok(Subject::Item(Box::new(ComparedItem::from(fingerprint))))
}

async fn hash(part: Part<'_>) -> Result<Subject, Problem> {
    let too_long = || Problem::bad_request("a part without the name of a file is a hash: kind:hex");
    let text = part.bytes(MAX_TEXT).await?.ok_or_else(too_long)?;
    let text = std::str::from_utf8(&text).map_err(|_| Problem::bad_request("a hash is text: kind:hex"))?;
    signal(text).map(Subject::Hash).map_err(|error| Problem::bad_request(error.to_string()))
}
