//! One item or one hash against the lists, and the hashes of an item.

use axum::extract::{Request, State as Shared};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use utoipa::IntoParams;

use super::super::{Ask, Caller, Problem, State, Upload};
use super::answers::{HashAnswer, Reach, Segment, Told, UploadAnswer};
use super::ask::{OfHash, OfUpload, signal};
use super::extract::{Json, MULTIPART, NoParameters, Path, Query, accepted, media_type};
use super::form::Form;
use super::hashed::Hashed;
use super::openapi::{AnyBytes, OneFile, Refusals};
use super::patterns;
use crate::digest::Signal;

pub(super) const JSON: &str = "application/json";

/// Match an item
///
/// The body is the item, of any type, or a form with one file. All digests are compared, every form of a picture in eight
/// orientations, and the frames of a video. The item is decoded in the jail, kept nowhere, and counted in the tally before
/// the answer comes.
#[utoipa::path(
    post, path = "/v1/match", tag = "match", params(OfUpload),
    request_body(content((AnyBytes = "application/octet-stream"), (OneFile = "multipart/form-data"))),
    responses((status = 200, description = "What the lists say of it", body = UploadAnswer), Refusals),
)]
pub(super) async fn upload(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(parameters): Query<OfUpload>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    accepted(&headers, &[JSON])?;
    let (asked, brought) = (parameters.asked()?, parameters.brought(&caller)?);
    let matcher = state.asking(&asked.ask).await?;
    let reach = Reach::new(&matcher, &asked.ask.selection);
    let upload = one_upload(&state, request).await?;
    let screened = state.screen(&caller, upload, &asked.ask, brought).await?;
    // What could not be read at all was never received.
    let fingerprint = screened.fingerprint.as_ref().ok_or_else(Problem::internal)?;
    let looked = fingerprint.usable_forms().next().map(|form| form.hash.original().into());
    let plan = match (parameters.explain, looked) {
        (Some(true), Some(signal)) => Some(plan(&state, &caller, &asked.ask, signal).await?),
        (Some(true), None) => Some(Vec::new()),
        _ => None,
    };
    let told = Told::new(&screened.verdict, asked.limit);
    Ok(Json(UploadAnswer::new(fingerprint, told, reach, plan)).into_response())
}

/// Hash an item
///
/// All digests, and PDQ of every form of a picture with its quality. Nothing is compared and nothing is counted.
#[utoipa::path(
    post, path = "/v1/hash", tag = "match",
    request_body(content((AnyBytes = "application/octet-stream"), (OneFile = "multipart/form-data"))),
    responses((status = 200, description = "Its hashes", body = Hashed), Refusals),
)]
pub(super) async fn hash(
    Shared(state): Shared<State>,
    caller: Caller,
    _: NoParameters,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Hashed>, Problem> {
    accepted(&headers, &[JSON])?;
    let upload = one_upload(&state, request).await?;
    Ok(Json(Hashed::from(&state.fingerprint(&caller, upload).await?)))
}

/// Look a hash up
///
/// A digest is `known` where it is equal, a picture hash `near` within each set's bound. The hash stands in the address,
/// which programs between you and the service may log: `/v1/match/hashes` has it in the body.
#[utoipa::path(
    get, path = "/v1/match/hash/{signal}", tag = "match",
    params(
        OfPath,
        OfHash,
    ),
    responses((status = 200, description = "What the lists say of it", body = HashAnswer), Refusals),
)]
pub(super) async fn look_up(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(text): Path<String>,
    Query(parameters): Query<OfHash>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    accepted(&headers, &[JSON])?;
    let asked = parameters.asked()?;
    let signal = signal(&text).map_err(|error| Problem::bad_request(error.to_string()))?;
    let verdicts = state.look_up(&caller, vec![signal], &asked.ask).await?;
    let verdict = verdicts.first().ok_or_else(Problem::internal)?;
    let plan = match parameters.explain {
        Some(true) => Some(plan(&state, &caller, &asked.ask, signal).await?),
        _ => None,
    };
    let reach = Reach::new(&*state.asking(&asked.ask).await?, &asked.ask.selection);
    let told = Told::new(verdict, asked.limit);
    Ok(Json(HashAnswer::new(signal.to_text(), told, reach, plan)).into_response())
}

/// What stands in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read as text; the type says what is in it")]
struct OfPath {
    /// `kind:hex`: `md5`, `sha1`, `sha256`, `blake3`, `pdq`, or a classic kind such as `gradient8`.
    #[param(schema_with = patterns::hash)]
    signal: String,
}

/// How the lists are searched for `signal`; a look-up like any other.
async fn plan(state: &State, caller: &Caller, ask: &Ask, signal: Signal) -> Result<Vec<Segment>, Problem> {
    let told = state.explain(caller, signal, ask).await?;
    Ok(told.into_iter().map(Segment::from).collect())
}

/// The one item of a body: the body itself, or the one file of a form.
async fn one_upload(state: &State, request: Request) -> Result<Upload, Problem> {
    if !media_type(request.headers()).eq_ignore_ascii_case(MULTIPART) {
        return Upload::receive(state, request.into_body()).await;
    }
    let mut form = Form::of(request).await?;
    let Some(part) = form.next_part().await? else {
        return Err(Problem::bad_request("the form has no part; send the item as `file`"));
    };
    if part.name() != Some("file") {
        return Err(Problem::bad_request("the form has a part that is not called `file`"));
    }
    let upload = Upload::of_part(state, part).await?;
    match form.next_part().await? {
        None => Ok(upload),
        Some(_) => {
            Err(Problem::bad_request("the form has several parts; send the item as `file`, and nothing else"))
        }
    }
}
