//! What a request says, or a problem that says what is wrong with it and quotes nothing of it.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header;
use axum::http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::super::{Problem, ProblemCode, State};
use crate::hashset::SetName;

/// The set that the path names.
pub(super) struct InSet(pub(super) SetName);

impl FromRequestParts<State> for InSet {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let Path(name) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_: PathRejection| Problem::bad_request("the path is not UTF-8"))?;
        name.parse().map(Self).map_err(|error: crate::hashset::SetNameError| {
            Problem::bad_request(format!("the name of the set: {error}"))
        })
    }
}

/// The query, whose parameters are all known.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<State> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        read.map(|Query(asked)| Self(asked)).map_err(|_: QueryRejection| {
            Problem::bad_request(
                "the query has a parameter that this path does not take, one twice, or a value that does not fit; \
                 `GET /v1/openapi.json` lists them",
            )
        })
    }
}

/// A body of JSON.
pub(super) struct Sent<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<State> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &State) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
        if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
            let detail = "send the body as JSON, with `Content-Type: application/json`";
            return Err(Problem::new(ProblemCode::UnsupportedMediaType, detail));
        }
        let limit = state.0.settings.max_body_bytes;
        let body = match Limited::new(request.into_body(), limit).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                let detail = format!("the body has at most {limit} bytes here");
                return Err(Problem::new(ProblemCode::TooLarge, detail));
            }
            Err(_) => return Err(Problem::bad_request("the body broke off; send all of it")),
        };
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            let what = match error.classify() {
                serde_json::error::Category::Data => "the JSON does not have the fields of this path",
                _ => "the body is not JSON",
            };
            // The place says enough: the text of the error may quote the body.
            let (line, column) = (error.line(), error.column());
            Problem::bad_request(format!(
                "{what} (line {line}, column {column}); `GET /v1/openapi.json` has them"
            ))
        })
    }
}

/// The value of a field; what is wrong is told by the field's name and by what a value is.
pub(super) fn field<T: FromStr>(name: &str, text: &str) -> Result<T, Problem>
where
    T::Err: Display,
{
    text.parse().map_err(|error: T::Err| Problem::bad_request(format!("`{name}`: {error}")))
}

/// The same for a field that may be left out.
pub(super) fn field_if_said<T: FromStr>(name: &str, text: Option<&String>) -> Result<Option<T>, Problem>
where
    T::Err: Display,
{
    text.map(|text| field(name, text)).transpose()
}

/// The same for values whose errors would quote them.
pub(super) fn field_like<T: FromStr>(name: &str, text: &str, like: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::bad_request(format!("`{name}`: {like}")))
}
