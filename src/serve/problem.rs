//! Refusals: problem documents of RFC 9457 with codes that programs may rely on.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// What kind of refusal it is. The words of a code never change; new ones may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ProblemCode {
    /// The request cannot be understood: what, where and how to mend it is in `detail`.
    BadRequest,
    /// There is no valid token, or it has expired.
    Unauthorized,
    /// The token lacks the scope, or the agreement about a set forbids it.
    Forbidden,
    /// There is no such path, set, entry or item.
    NotFound,
    /// The path does not take this method.
    MethodNotAllowed,
    /// `Accept` names nothing that the path can answer with.
    NotAcceptable,
    /// What is asked contradicts what is there.
    Conflict,
    /// The body is longer than allowed.
    TooLarge,
    /// The body is of a type that the path does not take.
    UnsupportedMediaType,
    /// The body is well formed, and what it says cannot be done.
    Unprocessable,
    /// Too many requests, or the quota of look-ups is used up; `Retry-After` says when to come again.
    TooManyRequests,
    /// Nothing is there to match against yet, or another process holds the home; come again.
    Unavailable,
    /// The client took too long.
    Timeout,
    /// A fault of the service. The log has more.
    Internal,
}

impl ProblemCode {
    /// All, by status.
    pub const ALL: [Self; 14] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::Timeout,
        Self::Conflict,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Unprocessable,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The status of its answer.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Its words in one line.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "The request cannot be understood",
            Self::Unauthorized => "A valid token is needed",
            Self::Forbidden => "This is not allowed",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "The path does not take this method",
            Self::NotAcceptable => "The answer cannot be had in such a form",
            Self::Conflict => "What is asked contradicts what is there",
            Self::TooLarge => "The body is too long",
            Self::UnsupportedMediaType => "The body is of a type that is not taken here",
            Self::Unprocessable => "What is asked cannot be done",
            Self::TooManyRequests => "Too many requests",
            Self::Unavailable => "Not available just now",
            Self::Timeout => "The request took too long",
            Self::Internal => "A fault of the service",
        }
    }

    /// As programs read it: `too-large`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NotAcceptable => "not-acceptable",
            Self::Conflict => "conflict",
            Self::TooLarge => "too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::Unprocessable => "unprocessable",
            Self::TooManyRequests => "too-many-requests",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
        }
    }
}

/// A refusal. Its detail goes to the caller: it names what is wrong and the cure, and never a hash, a file or a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind it is.
    pub code: ProblemCode,
    /// What exactly is wrong, and the cure.
    pub detail: Cow<'static, str>,
    /// Seconds after which to come again.
    pub retry_after: Option<u64>,
    /// The places in a JSON body that are wrong, at most [`Problem::MAX_FAULTS`]; empty if it is no matter of places.
    pub errors: Vec<Fault>,
}

/// One place of a JSON body that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Where, as a JSON pointer of RFC 6901: `/hashes/17`.
    pub pointer: String,
    /// What is wrong there, and the cure.
    pub detail: String,
}

/// A problem document as it is sent (`application/problem+json`).
#[derive(Serialize, ToSchema)]
pub(super) struct ProblemDocument<'a> {
    /// `about:blank`, as RFC 9457 has it where the code says all.
    r#type: &'static str,
    /// The code in words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What exactly is wrong, and the cure.
    detail: &'a str,
    /// The code, for programs.
    code: ProblemCode,
    /// The first ten places of a JSON body that are wrong; left out if it is no matter of places.
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    #[schema(required = false)]
    errors: &'a [Fault],
}

impl Problem {
    /// Most places that are named.
    pub const MAX_FAULTS: usize = 10;

    /// A refusal of this kind.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), retry_after: None, errors: Vec::new() }
    }

    /// [`ProblemCode::BadRequest`].
    #[must_use]
    pub fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ProblemCode::BadRequest, detail)
    }

    /// [`ProblemCode::Unprocessable`].
    #[must_use]
    pub fn unprocessable(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ProblemCode::Unprocessable, detail)
    }

    /// [`ProblemCode::NotFound`].
    #[must_use]
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ProblemCode::NotFound, detail)
    }

    /// For a path that there is none of.
    #[must_use]
    pub fn no_such_path() -> Self {
        Self::not_found("there is no such path here; /v1/docs has those that there are")
    }

    /// For a path that does not take the method.
    #[must_use]
    pub fn no_such_method() -> Self {
        let detail = "the path does not take this method; `Allow` has those that it takes";
        Self::new(ProblemCode::MethodNotAllowed, detail)
    }

    /// [`ProblemCode::Unavailable`], for a second.
    #[must_use]
    pub fn unavailable(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ProblemCode::Unavailable, detail).after(1)
    }

    /// A fault of the service, whose cause is for the log and not for the caller.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(ProblemCode::Internal, "the service failed at this request; its log has the cause")
    }

    /// The same, with the seconds after which to come again.
    #[must_use]
    pub fn after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The same, with the places that are wrong.
    #[must_use]
    pub fn at(self, mut errors: Vec<Fault>) -> Self {
        errors.truncate(Self::MAX_FAULTS);
        Self { errors, ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code.status();
        let document = ProblemDocument {
            r#type: "about:blank",
            title: self.code.title(),
            status: status.as_u16(),
            detail: &self.detail,
            code: self.code,
            errors: &self.errors,
        };
        let body = serde_json::to_vec(&document).unwrap_or_default(); // numbers and text
        let mut answer = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        let headers = answer.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.code == ProblemCode::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_code_is_written_as_it_is_called_and_has_words_and_a_status_of_its_own() {
        let mut seen = BTreeSet::new();
        for code in ProblemCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert!(code.status().is_client_error() || code.status().is_server_error());
            assert!(seen.insert(code.as_str()) && !code.title().is_empty());
        }
        assert!(ProblemCode::ALL.map(|code| code.status().as_u16()).is_sorted());
    }
}
