//! What holds around every request: its path made plain, its time bounded, faults caught, what happened told.

use std::convert::Infallible;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, Request, State as Shared};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use tower::ServiceExt;

use super::logs::{Level, RequestLine};
use super::patient::Arriving;
use crate::serve::caller::bearer;
use crate::serve::{Caller, Problem, ProblemCode, State, hma};

/// `inner`, asked with every run of slashes in a path made one: clients whose base URL ends in a slash ask for `//h/hash`.
pub(super) fn with_plain_paths(inner: Router) -> Router {
    Router::new().fallback(move |mut request: Request| {
        let inner = inner.clone();
        async move {
            if let Some(plain) = plain(request.uri()) {
                *request.uri_mut() = plain;
            }
            let answer: Result<Response, Infallible> = inner.oneshot(request).await;
            answer
        }
    })
}

/// The same with one slash where there were several; `None` if it is plain already, or of a path that no client joins to a base
/// URL: a proxy that keeps `/console` or `/metrics` to itself reads paths as they are.
fn plain(uri: &Uri) -> Option<Uri> {
    if !uri.path().contains("//") {
        return None;
    }
    let first = uri.path().split('/').find(|part| !part.is_empty())?;
    if !["h", "m", "c", "v1", "status", "site-map"].contains(&first) {
        return None;
    }
    let mut path = String::with_capacity(uri.path().len());
    for c in uri.path().chars() {
        if c != '/' || !path.ends_with('/') {
            path.push(c);
        }
    }
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

/// Bounds the time of a request, catches what panics in it, and tells of it.
pub(super) async fn watched(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let pattern = route.as_ref().map_or("unknown", MatchedPath::as_str);
    let trace = state.traced(known(&method), pattern, &request);
    let late = Arc::new(AtomicBool::new(false));
    let stall = state.0.settings.stall;
    let request = match request.body().is_end_stream() {
        true => request,
        false => request.map(|body| Body::new(Arriving::new(body, stall, late.clone()))),
    };
    let of_hma = hma::is_at(request.uri().path());
    let mut answer = if is_from_another_page(&request, &state) {
        let detail =
            "a page of another site asked for this, and no browser may be used so; ask without a browser";
        Problem::new(ProblemCode::Forbidden, detail).into_response()
    } else if is_rebound(&request, &state) {
        Problem::new(ProblemCode::Forbidden, ONLY_BY_ADDRESS).into_response()
    } else {
        match tokio::time::timeout(state.0.settings.request, trace.around(caught(next.run(request)))).await {
            Ok(Some(_)) if late.load(Ordering::Relaxed) => late_body().into_response(),
            Ok(Some(answer)) => answer,
            Ok(None) => {
                state.0.metrics.panicked();
                Problem::internal().into_response()
            }
            Err(_) => too_long().into_response(),
        }
    };
    if of_hma {
        answer = hma::in_words_of_hma(answer).await;
    }
    let headers = answer.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(NO_PAGE));
    told(&state, &method, pattern, &answer, began);
    trace.end(answer.status());
    answer
}

/// Of what is no page nothing is shown as one.
const NO_PAGE: &str = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

fn late_body() -> Problem {
    Problem::new(
        ProblemCode::Timeout,
        "nothing more of the body came for too long; send it without such pauses",
    )
}

fn too_long() -> Problem {
    let detail = "this took longer than a request may here (request_seconds); what had begun may still come to its end";
    Problem::new(ProblemCode::Timeout, detail)
}

fn told(state: &State, method: &Method, route: &str, answer: &Response, began: Instant) {
    let took = began.elapsed();
    let status = answer.status();
    state.0.metrics.answered(route, status.as_u16(), took);
    let Some(log) = state.log().filter(|log| status.is_server_error() || log.wants_requests()) else {
        return;
    };
    log.request(&RequestLine {
        time: Timestamp::now(),
        level: if status.is_server_error() { Level::Error } else { Level::Info },
        event: "request",
        method: known(method),
        route,
        status: status.as_u16(),
        milliseconds: (took.as_micros() as f64) / 1000.0,
        caller: answer.extensions().get::<Caller>().map(Caller::name),
    });
}

/// A method by its name; one that nobody knows is a text of the client's.
fn known(method: &Method) -> &str {
    let all = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if all.contains(method) { method.as_str() } else { "other" }
}

/// True if a browser asks on behalf of a page of another site, which shares nothing with this service but the user's machine:
/// neither an open service nor a session in a browser is for it. To follow a link from elsewhere is allowed.
fn is_from_another_page(request: &Request, state: &State) -> bool {
    let (method, headers) = (request.method(), request.headers());
    let says =
        |name: &str, value: &str| headers.get(name).is_some_and(|found| found.as_bytes() == value.as_bytes());
    let from_elsewhere = says("sec-fetch-site", "cross-site") || says("sec-fetch-site", "same-site");
    // In a frame of that page nothing is shown, and on other paths there is nothing for people: what is asked there has effects.
    let path = request.uri().path();
    let is_page = path == "/console" || path.starts_with("/console/") || path == "/v1/docs" || is_probe(path);
    let follows_a_link = *method == Method::GET
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document")
        && is_page;
    let own_page = says("sec-fetch-site", "same-origin");
    let foreign = !own_page && headers.get(header::ORIGIN).is_some_and(|origin| !is_own(origin, headers));
    (from_elsewhere && !follows_a_link) || (foreign && is_for_anybody(request, state))
}

/// True if a service that is open to this machine is asked by a name that is not its own. A name that leads here makes a foreign
/// page one of ours, in the eyes of a browser, which does not say then from where it asks.
fn is_rebound(request: &Request, state: &State) -> bool {
    let headers = request.headers();
    let is_local = !state.0.settings.open_beyond_loopback;
    is_local && is_for_anybody(request, state) && headers.contains_key(header::HOST) && !names_us(headers)
}

/// What to do about it.
const ONLY_BY_ADDRESS: &str = "whoever has no token reaches this service by `localhost` or an address alone, and `Host` has another \
     name; ask so, or with a token, or let it be started with `--open-beyond-loopback`";

/// True if nothing but the way to this service lets the request in. Whoever watches over the service may call it by any name:
/// it tells nothing there.
fn is_for_anybody(request: &Request, state: &State) -> bool {
    !is_probe(request.uri().path())
        && !state.0.settings.open.is_empty()
        && bearer(request.headers()).is_none()
}

fn is_probe(path: &str) -> bool {
    ["/", "/healthz", "/readyz", "/status", "/status/live"].contains(&path)
}

/// True if `origin` is the host that is asked.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let name = origin.to_str().unwrap_or_default().split_once("://").map(|(_, name)| name);
    name.is_some() && name == headers.get(header::HOST).and_then(|host| host.to_str().ok())
}

/// True if the host that is asked for is an address or `localhost`: any other name could be made to lead here by anybody.
pub(in crate::serve) fn names_us(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok()
}

/// What a future comes to; `None` if it panicked, of which the hook of this process has told the place.
async fn caught<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    std::future::poll_fn(move |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(Poll::Ready(value)) => Poll::Ready(Some(value)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(None),
    })
    .await
}

/// For a path that there is none of.
pub(super) async fn no_such_path() -> Problem {
    Problem::no_such_path()
}

/// For a path that does not take the method.
pub(super) async fn no_such_method() -> Problem {
    Problem::no_such_method()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_are_merged_and_the_query_is_left_alone() {
        for (uri, expected) in [
            ("//h/hash", Some("/h/hash")),
            ("///m//lookup?x=a//b", Some("/m/lookup?x=a//b")),
            ("/c/banks/", None),
            ("/h/hash?url=https://x//y", None),
            ("/c/bank/a%2F%2Fb//content", Some("/c/bank/a%2F%2Fb/content")),
            ("//console//login", None),
            ("//metrics", None),
        ] {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(plain(&uri).map(|uri| uri.to_string()).as_deref(), expected, "{uri}");
        }
    }

    #[tokio::test]
    async fn a_panic_is_caught_at_its_first_and_at_a_later_step() {
        assert_eq!(caught(async { 7 }).await, Some(7));
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| ()));
        let first = caught(async { panic!("at once") }).await;
        let later = caught(async {
            tokio::task::yield_now().await;
            panic!("later")
        })
        .await;
        std::panic::set_hook(hook);
        assert_eq!((first, later), (None::<()>, None::<()>));
    }

    #[test]
    fn only_addresses_and_localhost_are_us() {
        for (host, ours) in [
            ("localhost:8420", true),
            ("LocalHost", true),
            ("127.0.0.1:8420", true),
            ("[::1]:8420", true),
            ("[evil.example]:8420", false),
            ("evil.example:8420", false),
            ("localhost.evil.example", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
            assert_eq!(names_us(&headers), ours, "{host}");
        }
    }
}
