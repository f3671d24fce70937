//! The door of the console: who is logged in, which requests are refused, and what every answer carries.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::super::identity::ClientCertificate;
use super::super::{Caller, Problem, ProblemCode, Scope, State};
use super::page::{self, Page};
use super::session::{FormKey, Proof, Sessions};
use super::words;

/// The name of the cookie. It holds the name of a session and nothing else.
pub(super) const COOKIE: &str = "innerward-console";

/// What all pages share.
#[derive(Clone)]
pub(super) struct Console {
    pub(super) state: State,
    pub(super) sessions: Arc<Sessions>,
}

/// A request of somebody who is logged in.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) caller: Caller,
    pub(super) form_key: FormKey,
}

impl Visit {
    /// True if the session's token has `scope` now.
    pub(super) fn may(&self, scope: Scope) -> bool {
        self.caller.may(scope)
    }

    /// True if it may see `page`.
    pub(super) fn sees(&self, page: Page) -> bool {
        page.scope().is_none_or(|scope| self.may(scope))
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Trouble> {
        // A page in front of the door: a fault of ours, and no request passes by it.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Trouble(Problem::internal()))
    }
}

/// A refusal that becomes a page for a person.
#[derive(Debug)]
pub(super) struct Trouble(pub(super) Problem);

impl<P: Into<Problem>> From<P> for Trouble {
    fn from(problem: P) -> Self {
        Self(problem.into())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut answer = self.0.code.status().into_response();
        answer.extensions_mut().insert(self.0);
        answer
    }
}

/// What failed within, whose cause is not for the page.
pub(super) fn failed<E>(_cause: E) -> Problem {
    Problem::internal()
}

impl Console {
    /// Who shows `proof` on a connection with such a certificate.
    ///
    /// # Errors
    /// [`ProblemCode::Unauthorized`] if it proves nothing any more; also where the service is open, a wrong token is none.
    pub(super) fn caller(
        &self,
        proof: &Proof,
        certificate: Option<&ClientCertificate>,
    ) -> Result<Caller, Problem> {
        let none = || Problem::new(ProblemCode::Unauthorized, words::BAD_TOKEN);
        match proof {
            Proof::Token(token) => self.state.caller_of_token(token.as_str()),
            Proof::Certificate => self.state.caller_of_certificate(certificate.ok_or_else(none)?),
            Proof::Nothing => self.state.identify(&HeaderMap::new()),
        }
    }

    /// The visit that a request is of; a session whose token is not valid any more ends.
    fn visit(
        &self,
        headers: &HeaderMap,
        certificate: Option<&ClientCertificate>,
    ) -> Result<Option<Visit>, Problem> {
        let Some(name) = session_of(headers) else { return Ok(None) };
        let Some(session) = self.sessions.find(name, Instant::now()) else { return Ok(None) };
        match self.caller(&session.proof, certificate) {
            Ok(caller) => Ok(Some(Visit { caller, form_key: session.form_key })),
            Err(problem) if problem.code == ProblemCode::Unauthorized => {
                self.sessions.end(name);
                Ok(None)
            }
            // Too many requests, or a home that cannot be read just now, end no session.
            Err(problem) => Err(problem),
        }
    }
}

/// The name of the session in the cookies of a request.
pub(super) fn session_of(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// What needs no session.
fn is_in_front(path: &str) -> bool {
    path == "/console/login" || path.starts_with("/console/assets/")
}

/// Lets a request through to its page, or not; every answer is a page, with the headers that all have.
pub(super) async fn gate(Shared(console): Shared<Console>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let (visit, fault) = match console.visit(request.headers(), request.extensions().get()) {
        Ok(visit) => (visit, None),
        Err(problem) => (None, Some(problem)),
    };
    let answer = if !is_read && !is_from_here(request.headers()) {
        Trouble(Problem::new(ProblemCode::Forbidden, words::FROM_ELSEWHERE)).into_response()
    } else if is_in_front(&path) {
        next.run(request).await
    } else if let Some(visit) = &visit {
        // The limits of a token are the same here and at the API.
        match visit.caller.enter(request.extensions()) {
            Ok(entered) => {
                request.extensions_mut().insert(visit.clone());
                entered.until_taken(next.run(request).await)
            }
            Err(problem) => Trouble(problem).into_response(),
        }
    } else if let Some(problem) = fault {
        Trouble(problem).into_response()
    } else if is_read {
        Redirect::to("/console/login").into_response()
    } else {
        Trouble(Problem::new(ProblemCode::Unauthorized, words::SESSION_OVER)).into_response()
    };
    with_headers(as_page(answer, visit.as_ref(), console.state.0.home.is_demo()))
}

/// True if a browser says that a form was sent from a page of this console.
///
/// Since pages tell no referrer, browsers send `Origin: null` with a form, and what counts is `Sec-Fetch-Site`, which they
/// send over TLS and on loopback. An older browser's `Origin` has to name this host.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some(site) => site == "same-origin",
        None => match (text(header::ORIGIN), text(header::HOST)) {
            (Some(origin), Some(host)) => {
                origin.split_once("://").is_some_and(|(_, named)| named.eq_ignore_ascii_case(host))
            }
            _ => false,
        },
    }
}

/// Only pages that need `page`'s scope and have it go on.
pub(super) async fn behind(
    Shared(needed): Shared<Page>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Response {
    match needed.scope() {
        Some(scope) if !visit.may(scope) => {
            let detail = format!("{} {}", words::LACKS_SCOPE, scope.as_str());
            Trouble(Problem::new(ProblemCode::Forbidden, detail)).into_response()
        }
        _ => next.run(request).await,
    }
}

/// The answer, or where it is an error without a page of its own, a page that says so.
fn as_page(answer: Response, visit: Option<&Visit>, is_demo: bool) -> Response {
    let status = answer.status();
    let is_html = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == page::HTML);
    if is_html || !(status.is_client_error() || status.is_server_error()) {
        return answer;
    }
    let problem = answer.extensions().get::<Problem>().cloned().unwrap_or_else(|| match status {
        StatusCode::NOT_FOUND => Problem::not_found(words::NO_PAGE),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(ProblemCode::MethodNotAllowed, words::NO_METHOD),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(ProblemCode::TooLarge, words::FORM_TOO_LARGE),
        status if status.is_client_error() => Problem::bad_request(words::NO_FORM),
        _ => Problem::internal(),
    });
    let mut told = page::trouble(visit, is_demo, &problem).into_response();
    *told.status_mut() = problem.code.status();
    if let Some(seconds) = problem.retry_after {
        told.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    if let Some(allow) = answer.headers().get(header::ALLOW) {
        told.headers_mut().insert(header::ALLOW, allow.clone());
    }
    told
}

/// What every answer carries: a browser runs and shows nothing but this console's own files, keeps nothing, tells nobody.
const HEADERS: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), clipboard-read=()",
    ),
];

fn with_headers(mut answer: Response<Body>) -> Response {
    for (name, value) in HEADERS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}
