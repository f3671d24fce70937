//! What a request brings, read strictly: what is not understood is refused with a [`Problem`], never guessed, and never
//! repeated to whoever reads the refusal.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::engine::Holding;
use super::super::{Fault, Problem, ProblemCode, State};

pub(in crate::serve) const MULTIPART: &str = "multipart/form-data";

/// Answers are about content that somebody asks after: nobody keeps them.
pub(in crate::serve) const NO_STORE: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// A body of JSON, of a request or of an answer. A request's may have at most `max_body_bytes`, and has to say that it is
/// JSON; make `T` deny unknown fields.
pub(in crate::serve) struct Json<T>(pub(in crate::serve) T);

impl<T: DeserializeOwned + Send + 'static> FromRequest<State> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &State) -> Result<Self, Problem> {
        if !is_json(media_type(request.headers())) {
            let detail = "send JSON, with `Content-Type: application/json`";
            return Err(Problem::new(ProblemCode::UnsupportedMediaType, detail));
        }
        let bytes = body(state, request).await?;
        state.reading(bytes, |bytes, _| Self::parse(bytes)).await
    }
}

impl<T: DeserializeOwned> Json<T> {
    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        use axum::extract::rejection::JsonRejection::{JsonDataError, JsonSyntaxError};
        match axum::Json::<T>::from_bytes(bytes) {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(JsonDataError(error)) => Err(no_such_data(&error.body_text())),
            Err(JsonSyntaxError(error)) => Err(no_json(&error.body_text())),
            Err(_) => Err(Problem::bad_request("the body is no JSON")),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => {
                let json = HeaderValue::from_static("application/json");
                ([(header::CONTENT_TYPE, json), NO_STORE], body).into_response()
            }
            Err(_) => Problem::internal().into_response(),
        }
    }
}

/// The parameters behind the `?`; make `T` deny unknown fields.
pub(in crate::serve) struct Query<T>(pub(in crate::serve) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        match read {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(error) => Err(Problem::bad_request(Told::of(&error.body_text(), "parameter").in_words())),
        }
    }
}

/// Nothing stands behind the `?`: a slip of the hand is noticed, before anything is done.
pub(in crate::serve) struct NoParameters;

impl<S: Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}

        let Query(Nothing {}) = Query::from_request_parts(parts, state).await?;
        Ok(Self)
    }
}

/// The variable parts of the path.
pub(in crate::serve) struct Path<T>(pub(in crate::serve) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => {
                Err(Problem::bad_request("a part of the path cannot be read; it is percent-encoded UTF-8"))
            }
        }
    }
}

/// Of a body that is no JSON, by what the parser says: where.
pub(super) fn no_json(message: &str) -> Problem {
    let place = message.rsplit_once(" at line ").map_or("its end", |(_, place)| place);
    Problem::bad_request(format!(
        "the body is no JSON from line {} on",
        place.replace(" column ", ", column ")
    ))
}

/// Of a body of JSON that says something else than is expected, by what the parser says behind a first colon: where it stands,
/// if that is known, and what is expected.
pub(super) fn no_such_data(message: &str) -> Problem {
    let told = Told::of(message, "field");
    let problem = Problem::bad_request(told.in_words());
    match told.pointer() {
        Some(pointer) => problem.at(vec![Fault { pointer, detail: told.what }]),
        None => problem,
    }
}

/// A body that is no upload, to its end. It has its room among all bodies that are held, until the request is answered.
///
/// # Errors
/// [`ProblemCode::TooLarge`] beyond `max_body_bytes`, [`ProblemCode::BadRequest`] if it breaks off,
/// [`ProblemCode::Unavailable`] if there is no room for it now.
pub(in crate::serve) async fn body(state: &State, request: Request) -> Result<Bytes, Problem> {
    let (parts, body) = request.into_parts();
    let holding = parts.extensions.get::<Holding>().cloned();
    whole(body, state.0.settings.max_body_bytes, &holding.unwrap_or_else(|| state.0.engine.holding())).await
}

async fn whole(mut body: Body, limit: usize, holding: &Holding) -> Result<Bytes, Problem> {
    let too_large = || {
        let detail = format!("such a body has at most {limit} bytes; send less at a time");
        Problem::new(ProblemCode::TooLarge, detail)
    };
    let hint = body.size_hint();
    if hint.lower() > limit as u64 {
        return Err(too_large());
    }
    holding.expect(hint.lower())?;
    let (mut first, mut all) = (Bytes::new(), Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::bad_request("the body broke off; send all of it"))?;
        let Ok(piece) = frame.into_data() else { continue };
        if first.len() + all.len() + piece.len() > limit {
            return Err(too_large());
        }
        holding.grow(piece.len() as u64)?;
        if first.is_empty() && all.is_empty() {
            first = piece; // often it is all
            continue;
        }
        if all.is_empty() {
            all.extend_from_slice(&std::mem::take(&mut first));
        }
        all.extend_from_slice(&piece);
    }
    Ok(if all.is_empty() { first } else { all.into() })
}

/// Most bytes of a body on paths whose bodies are short: a few names and numbers.
const SHORT: usize = 256 << 10;

/// For paths whose handlers read bodies by themselves, none of them with files: the body is read here before, in the room that
/// there is for bodies, and is [short](SHORT). Call it before the paths are guarded.
pub(in crate::serve) async fn with_short_bodies(
    Shared(state): Shared<State>,
    request: Request,
    next: Next,
) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let holding = parts.extensions.get::<Holding>().cloned();
    let holding = holding.unwrap_or_else(|| state.0.engine.holding());
    match whole(body, SHORT.min(state.0.settings.max_body_bytes), &holding).await {
        Ok(bytes) => next.run(Request::from_parts(parts, bytes.into())).await,
        Err(problem) => problem.into_response(),
    }
}

impl State {
    /// Reads what is in `bytes`: a long body apart from the threads that speak with clients.
    pub(in crate::serve) async fn reading<T: Send + 'static>(
        &self,
        bytes: Bytes,
        read: impl FnOnce(&[u8], &Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        /// So much is read in less than a hundred microseconds or two.
        const SHORT: usize = 32 << 10;
        if bytes.len() <= SHORT {
            read(&bytes, self)
        } else {
            self.apart(move |state| read(&bytes, state)).await
        }
    }
}

/// What the body is said to be, without parameters; empty if nothing is said.
pub(in crate::serve) fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    value.split(';').next().unwrap_or("").trim()
}

pub(super) fn is_json(media_type: &str) -> bool {
    let is_typed = |suffix: &str| media_type.to_ascii_lowercase().ends_with(suffix);
    media_type.eq_ignore_ascii_case("application/json")
        || (is_typed("+json") && media_type.split('/').count() == 2)
}

/// The one of `offered` that the client wants: the first that it names in full, else the first of all if it takes
/// anything of the kind. Weights say no more than that 0 is no.
///
/// # Errors
/// [`ProblemCode::NotAcceptable`] if it wants none.
pub(in crate::serve) fn accepted(
    headers: &HeaderMap,
    offered: &[&'static str],
) -> Result<&'static str, Problem> {
    let mut ranges = Vec::new();
    for value in headers.get_all(header::ACCEPT) {
        let text = value.to_str().map_err(|_| Problem::bad_request("`Accept` cannot be read"))?;
        for range in text.split(',').filter(|range| !range.trim().is_empty()) {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or("").to_ascii_lowercase();
            let refused = parts.any(|part| {
                let weight = part.strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
                weight == Some(0.0)
            });
            if !refused {
                ranges.push(name);
            }
        }
    }
    let is_silent = !headers.contains_key(header::ACCEPT);
    let named = offered.iter().find(|offer| ranges.iter().any(|range| range == *offer));
    let of_kind = |offer: &&&str| {
        let kind = offer.split('/').next().unwrap_or("");
        ranges.iter().any(|range| range == "*/*" || range.strip_suffix("/*") == Some(kind))
    };
    let first = offered.first().filter(|_| is_silent);
    named.or(first).or_else(|| offered.iter().find(of_kind)).copied().ok_or_else(|| {
        let detail = format!("the answer is {}; `Accept` names nothing of that", offered.join(" or "));
        Problem::new(ProblemCode::NotAcceptable, detail)
    })
}

/// What a deserialiser found wrong, in words that repeat nothing of the input but a plain name.
struct Told {
    /// Where: `hashes[17]`.
    path: Option<String>,
    what: String,
}

impl Told {
    /// Of a message such as `Failed to deserialize …: hashes[17]: invalid type: string "…", expected …`.
    fn of(message: &str, noun: &str) -> Self {
        let message = message.split_once(": ").map_or("", |(_, rest)| rest);
        let expected = message.rsplit_once("expected ").map(|(_, expected)| expected);
        let expected = expected.map(|text| text.split(" at line ").next().unwrap_or("").replace('`', ""));
        let expected =
            expected.map(|text| plainly(&text).map_or(text, str::to_owned)).or_else(|| of_parameter(message));
        let named = |phrase: &str| {
            let name = message.split_once(phrase)?.1.split('`').next().unwrap_or("");
            Some(if is_plain(name) {
                format!("`{name}`")
            } else {
                "one that is not repeated here".to_owned()
            })
        };
        let what = if let Some(name) = named("unknown field `") {
            let known = expected.map_or_else(|| "none is taken".into(), |known| format!("known: {known}"));
            format!("an unknown {noun}, {name} ({known})")
        } else if let Some(name) = named("missing field `") {
            format!("the {noun} {name} is missing")
        } else if let Some(name) = named("duplicate field `") {
            format!(
                "the {noun} {name} is given twice; write several values with commas, where it takes several"
            )
        } else if let Some(expected) = expected {
            format!("expected {expected}")
        } else {
            "the value cannot be read as what is expected here".into()
        };
        let path = message.split_once(": ").map(|(path, _)| path);
        let path = path.filter(|path| is_place(path)).map(str::to_owned);
        Self { path, what }
    }

    fn in_words(&self) -> String {
        // The name of what is unknown is told once.
        match self.path.as_ref().filter(|path| !self.what.contains(&format!("`{path}`"))) {
            Some(path) => format!("{path}: {}", self.what),
            None => self.what.clone(),
        }
    }

    /// `/hashes/17`.
    fn pointer(&self) -> Option<String> {
        let path = self.path.as_ref()?.replace(['.', '['], "/").replace(']', "");
        Some(format!("/{path}"))
    }
}

/// A type of the program's in words for people.
fn plainly(expected: &str) -> Option<&'static str> {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i64" => Some("a whole number"),
        "f64" => Some("a number"),
        "a boolean" => Some("true or false"),
        _ => None,
    }
}

/// What is expected where the text of a parameter was read, by what the standard library says of it.
fn of_parameter(message: &str) -> Option<String> {
    let is = |phrase: &str| message.contains(phrase);
    let expected = if is("invalid digit") || is("cannot parse integer") || is("number too ") {
        "a whole number"
    } else if is("provided string was not `true` or `false`") {
        "true or false"
    } else {
        return None;
    };
    Some(expected.into())
}

/// True of a name that can be no hash, no path and no word of a person.
fn is_plain(name: &str) -> bool {
    (1..=32).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// True of `field`, `field.inner` and `field[7]`.
fn is_place(path: &str) -> bool {
    path.len() <= 100
        && path.split(['.', '[']).all(|part| {
            let number = part.strip_suffix(']').is_some_and(|number| number.parse::<usize>().is_ok());
            number || is_plain(part)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_without_what_was_sent() {
        let told = |message: &str| Told::of(&format!("Failed: {message}"), "field").in_words();
        assert_eq!(
            told("hashes[17]: invalid type: string \"pdq:secret\", expected u32 at line 1 column 5"),
            "hashes[17]: expected a whole number"
        );
        assert_eq!(
            told("unknown field `colour`, expected `hashes` or `limit` at line 1 column 9"),
            "an unknown field, `colour` (known: hashes or limit)"
        );
        assert!(!told("unknown field `f8f8f8f8`, expected `hashes`").contains("f8f8"));
        assert!(told("missing field `hashes` at line 1 column 2").contains("`hashes` is missing"));
        assert_eq!(told("limit: invalid digit found in string"), "limit: expected a whole number");
        assert_eq!(
            told("explain: provided string was not `true` or `false`"),
            "explain: expected true or false"
        );
        assert!(told("limit: no such thing").starts_with("limit: the value"));
        assert!(!told("a person: invalid digit").contains("person"));
        let pointer = Told::of("Failed: a.list[3]: invalid length", "field").pointer();
        assert_eq!(pointer.as_deref(), Some("/a/list/3"));
    }

    #[test]
    fn an_answer_is_what_the_client_takes() {
        let (json, binary) = ("application/json", "application/vnd.innerward.verdicts");
        let accepted = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::ACCEPT, HeaderValue::from_static(value));
            }
            accepted(&headers, &[json, binary]).map_err(|problem| problem.code)
        };
        for value in ["*/*", "application/json", "APPLICATION/JSON; q=0.2", "text/html, application/*;q=0.1"]
        {
            assert_eq!(accepted(&[value]), Ok(json), "{value}");
        }
        assert_eq!(accepted(&[]), Ok(json));
        assert_eq!(accepted(&["*/*;q=0.1, application/vnd.innerward.verdicts"]), Ok(binary));
        assert_eq!(accepted(&["text/html", "application/vnd.innerward.verdicts"]), Ok(binary));
        for value in ["text/html", "application/json;q=0", "*", "", "application/jsonp", "text/*"] {
            assert_eq!(accepted(&[value]), Err(ProblemCode::NotAcceptable), "{value}");
        }
    }

    #[test]
    fn json_is_what_says_so() {
        assert!(is_json("application/json") && is_json("Application/JSON") && is_json("application/x+json"));
        assert!(!is_json("") && !is_json("text/json") && !is_json("+json") && !is_json("application/jsonl"));
    }
}
