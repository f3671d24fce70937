//! Who asks, and what they may do.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequestParts, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};

pub(super) use super::identity::Scope;
use super::identity::{Busy, ClientCertificate, Holder, Refusal, Running};
use super::server::Admission;
use super::{Problem, ProblemCode, State};
use crate::tally::Brought;
use crate::vocabulary::{Code, Dimension};

/// Who asks: the holder of a token, or of a client's certificate, or anybody where the service is open. Cloning it costs
/// nothing; all clones, and all callers with the same token, share its limits.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Holder>);

impl Caller {
    /// One who may do what `scopes` say, without limits.
    #[must_use]
    pub fn new(name: impl Into<String>, scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(Arc::new(Holder::unlimited(name.into(), scopes)))
    }

    /// The name of its token, for the audit.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// True if it may do what needs `scope`.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.0.grant().scopes.contains(&scope)
    }

    /// The channel that what it sends in is counted in, if its token says so.
    #[must_use]
    pub fn channel(&self) -> Option<Code> {
        self.0.grant().channel
    }

    /// The country that what it sends in is counted in and its part in the matter, if its token says so.
    #[must_use]
    pub fn region(&self) -> Option<(Code, Code)> {
        self.0.grant().region
    }

    /// How what it sends in is counted: as its token says, and else through the channel `SERVICE`, in no country.
    ///
    /// # Errors
    /// [`ProblemCode::Internal`] if the vocabulary has no such channel.
    pub(super) fn brought(&self) -> Result<Brought, Problem> {
        let service = || Dimension::Channel.code("SERVICE").map_err(|_| Problem::internal());
        let channel = self.channel().map_or_else(service, Ok)?;
        Ok(Brought { area: self.region(), ..Brought::by(channel) })
    }

    /// Takes so many look-ups from its quota of the day, all or none.
    ///
    /// # Errors
    /// [`ProblemCode::TooManyRequests`] with the seconds to midnight (UTC) if there are not so many left.
    pub fn charge(&self, lookups: u64) -> Result<(), Problem> {
        Ok(self.0.charge(lookups)?)
    }

    /// Lets a request of its with these extensions in, which runs until what is returned is dropped.
    ///
    /// # Errors
    /// [`ProblemCode::TooManyRequests`] if its rate or its requests at the same time are used up,
    /// [`ProblemCode::Unavailable`] if its connection has made room for another a moment before.
    pub(super) fn enter(&self, request: &Extensions) -> Result<Entered, Problem> {
        let running = self.0.enter()?;
        match request.get::<Admission>() {
            Some(admission) if !admission.admit() => {
                Err(Problem::unavailable("this connection had to make room for another; ask again"))
            }
            _ => Ok(Entered { caller: self.clone(), running }),
        }
    }
}

impl From<Busy> for Problem {
    fn from(busy: Busy) -> Self {
        let (detail, seconds) = match busy {
            Busy::Rate(seconds) => {
                ("more requests a second than the token allows; wait and try again", seconds)
            }
            Busy::Concurrency => {
                ("more requests at the same time than the token allows; wait for an answer", 1)
            }
            Busy::Quota(seconds) => {
                ("the look-ups that the token allows a day are used up until 0:00 UTC", seconds)
            }
        };
        Self::new(ProblemCode::TooManyRequests, detail).after(seconds)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            // The same for what was never a token, has expired or is revoked.
            Refusal::Unknown => Self::new(
                ProblemCode::Unauthorized,
                "send `Authorization: Bearer TOKEN` with a token that is valid here",
            ),
            Refusal::TooManyGuesses(seconds) => {
                let detail = "too many requests with tokens that are not valid; wait and try again";
                Self::new(ProblemCode::TooManyRequests, detail).after(seconds)
            }
        }
    }
}

impl State {
    /// Who asks, by what the headers prove.
    ///
    /// # Errors
    /// As [`State::identify_with`].
    pub(super) fn identify(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        self.identify_with(headers, None)
    }

    /// Who asks, by what the headers prove, or else by the certificate that the client of the connection has.
    ///
    /// # Errors
    /// [`ProblemCode::Unauthorized`] if nothing proves who it is and the service is not open to everybody.
    pub(super) fn identify_with(
        &self,
        headers: &HeaderMap,
        certificate: Option<&ClientCertificate>,
    ) -> Result<Caller, Problem> {
        let identity = &self.0.identity;
        // What was sent and is wrong is an error, also where nothing need be sent.
        if let Some(token) = bearer(headers) {
            return self.caller_of_token(token);
        }
        let certified = certificate.and_then(|certificate| identity.of_certificate(certificate).ok());
        certified.or_else(|| identity.anybody()).map(Caller).ok_or_else(|| match certificate {
            None => Refusal::Unknown.into(),
            Some(_) => Problem::new(
                ProblemCode::Unauthorized,
                "this client certificate stands for no token here, or for one that is not valid any more; \
                 `innerward token create` or `change` with `--certificate FILE` makes it stand for one",
            ),
        })
    }

    /// True if it has shown nothing, and is let in because the service is open.
    fn is_anybody(&self, caller: &Caller) -> bool {
        self.0.identity.anybody().is_some_and(|anybody| Arc::ptr_eq(&anybody, &caller.0))
    }

    /// Whoever the certificate of a connection stands for, for a session of the console.
    ///
    /// # Errors
    /// [`ProblemCode::Unauthorized`] if it stands for nobody.
    pub(super) fn caller_of_certificate(&self, certificate: &ClientCertificate) -> Result<Caller, Problem> {
        Ok(Caller(self.0.identity.of_certificate(certificate)?))
    }

    /// Whoever holds the token `text`, for a session of the console.
    ///
    /// # Errors
    /// [`ProblemCode::Unauthorized`] if it is not valid, [`ProblemCode::TooManyRequests`] after too many that were not.
    pub fn caller_of_token(&self, text: &str) -> Result<Caller, Problem> {
        Ok(Caller(self.0.identity.of_token(text)?))
    }

    /// What is wrong with the files of tokens and quotas, for the health of the service; nothing secret.
    #[must_use]
    pub fn identity_faults(&self) -> Vec<String> {
        self.0.identity.faults()
    }

    /// Writes down what was used of quotas; for the end of a service. Every two seconds it happens by itself.
    pub fn keep_quotas(&self) {
        self.0.identity.keep_quotas();
    }
}

/// The token of an `Authorization: Bearer TOKEN`; `None` of another scheme, which is for a proxy in front. What is no text, and
/// one of several, is no token.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter().map(|value| value.as_bytes());
    let (first, second) = (sent.next()?, sent.next());
    if second.is_some() {
        return Some("");
    }
    let (scheme, token) =
        first.split_at(first.iter().position(u8::is_ascii_whitespace).unwrap_or(first.len()));
    let is_bearer = scheme.eq_ignore_ascii_case(b"bearer");
    is_bearer.then(|| std::str::from_utf8(token.trim_ascii()).unwrap_or_default())
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        // A path that is behind no guard has no caller: a fault of ours, and no request passes by it.
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::internal)
    }
}

/// `router`, whose paths need `scope`.
pub(super) fn guarded(scope: Scope, state: &State, router: Router<State>) -> Router<State> {
    router.route_layer(from_fn_with_state((state.clone(), scope), check))
}

async fn check(Shared((state, scope)): Shared<(State, Scope)>, mut request: Request, next: Next) -> Response {
    let certificate = request.extensions().get::<ClientCertificate>();
    let caller = match state.identify_with(request.headers(), certificate) {
        Ok(caller) if caller.may(scope) => caller,
        // Whoever has shown nothing is asked to show something; whoever has, and may not, is refused.
        Ok(caller) if state.is_anybody(&caller) => {
            let detail = format!(
                "this is not open to everybody; send `Authorization: Bearer TOKEN` with a token of scope {}",
                scope.as_str()
            );
            return Problem::new(ProblemCode::Unauthorized, detail).into_response();
        }
        Ok(_) => {
            let detail = format!("the token lacks the scope {}", scope.as_str());
            return Problem::new(ProblemCode::Forbidden, detail).into_response();
        }
        Err(problem) => return problem.into_response(),
    };
    let entered = match caller.enter(request.extensions()) {
        Ok(entered) => entered,
        Err(problem) => return problem.into_response(),
    };
    request.extensions_mut().insert(caller);
    // What is read of the body for it has its room until it is answered.
    let holding = (!request.body().is_end_stream()).then(|| state.0.engine.holding());
    if let Some(holding) = &holding {
        request.extensions_mut().insert(holding.clone());
    }
    entered.until_taken(next.run(request).await)
}

/// A request that was let in.
#[must_use = "the request counts as running only while this lives"]
pub(super) struct Entered {
    caller: Caller,
    running: Running,
}

impl Entered {
    /// `answer`, until the end of which the request runs.
    pub(super) fn until_taken(self, mut answer: Response) -> Response {
        answer.extensions_mut().insert(self.caller); // for the log
        answer.map(|body| Body::new(Held { body, _running: self.running }))
    }
}

/// The body of an answer to a request that runs until all of it is sent, or nobody takes it any more.
struct Held {
    body: Body,
    _running: Running,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
