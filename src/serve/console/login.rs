//! Logging in with a token, and out.

use std::time::Instant;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::super::identity::ClientCertificate;
use super::super::server::names_us;
use super::super::{Problem, ProblemCode};
use super::forms::{Fields, Sent};
use super::gate::{COOKIE, Console, session_of};
use super::page::{self, Html};
use super::session::{Proof, Sessions, Token};
use super::words;

/// The page with the form.
pub(super) async fn form(
    Shared(console): Shared<Console>,
    certificate: Option<Extension<ClientCertificate>>,
    headers: HeaderMap,
) -> Html {
    page(&console, &headers, certificate.is_some(), None)
}

/// Begins a session, or says why not. An earlier session of the same browser ends.
pub(super) async fn enter(
    Shared(console): Shared<Console>,
    certificate: Option<Extension<ClientCertificate>>,
    headers: HeaderMap,
    extensions: Extensions,
    Fields(sent): Fields,
) -> Response {
    let certificate = certificate.map(|Extension(certificate)| certificate);
    let proof = match (Token::read(sent.get("token")), sent.get("without")) {
        (Some(token), _) => Some(Proof::Token(token)),
        (None, "token") if certificate.is_some() => Some(Proof::Certificate),
        // Without a token nothing else would stand between a foreign page under a name of its own and this service.
        (None, "token") if names_us(&headers) => Some(Proof::Nothing),
        (None, _) => None,
    };
    let nothing = || Problem::new(ProblemCode::Unauthorized, words::BAD_TOKEN);
    // A login is a request of the token like any other.
    let proven = proof.ok_or_else(nothing).and_then(|proof| {
        let caller = console.caller(&proof, certificate.as_ref())?;
        let entered = caller.enter(&extensions)?;
        Ok((proof, caller, entered))
    });
    match proven {
        Ok((proof, caller, _entered)) => {
            if let Some(name) = session_of(&headers) {
                console.sessions.end(name);
            }
            let name = console.sessions.begin(proof, caller.name(), Instant::now());
            with_cookie(&console, &headers, &name, Sessions::LONGEST.as_secs())
        }
        Err(problem) => {
            let mut answer = page(&console, &headers, certificate.is_some(), Some(&problem)).into_response();
            *answer.status_mut() = problem.code.status();
            if let Some(seconds) = problem.retry_after {
                answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            answer
        }
    }
}

/// Ends the session.
pub(super) async fn leave(Shared(console): Shared<Console>, headers: HeaderMap, _: Sent) -> Response {
    if let Some(name) = session_of(&headers) {
        console.sessions.end(name);
    }
    with_cookie(&console, &headers, "", 0)
}

fn with_cookie(console: &Console, headers: &HeaderMap, name: &str, seconds: u64) -> Response {
    let secure = if is_secure(console, headers) { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={name}; Path=/console; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    let mut answer = Redirect::to("/console").into_response();
    match HeaderValue::try_from(cookie) {
        Ok(cookie) => {
            answer.headers_mut().insert(header::SET_COOKIE, cookie);
            answer
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(), // hexadecimal digits fit
    }
}

/// True if the browser speaks TLS, with this service or with a proxy in front of it that says so.
fn is_secure(console: &Console, headers: &HeaderMap) -> bool {
    // Whoever claims it without need gets a cookie that is only kept more strictly.
    console.state.0.settings.secure_cookies
        || headers.get("x-forwarded-proto").is_some_and(|value| value == "https")
}

fn page(console: &Console, headers: &HeaderMap, is_certified: bool, refused: Option<&Problem>) -> Html {
    let is_open = names_us(headers) && !console.state.0.settings.open.is_empty();
    let body: Markup = html! {
        p.lead { (words::LOGIN_LEAD) }
        @if let Some(problem) = refused {
            p.alert role="alert" #refused {
                @if problem.code == ProblemCode::Unauthorized { (words::BAD_TOKEN) } @else { (problem.detail) }
                @if let Some(seconds) = problem.retry_after { " " (words::come_again(seconds)) }
            }
        }
        form.stack method="post" action="/console/login" {
            p.field {
                label for="token" { (words::TOKEN) }
                input #token type="password" name="token" required maxlength="200" autocomplete="off" spellcheck="false"
                    aria-describedby=(if refused.is_some() { "token-note refused" } else { "token-note" })
                    aria-invalid=[refused.is_some().then_some("true")];
                span.note #token-note { (words::TOKEN_NOTE) }
            }
            p { button.main type="submit" { (words::LOG_IN) } }
        }
        @if is_open || is_certified {
            section {
                h2 { (words::OPEN_TITLE) }
                p { @if is_certified { (words::CERTIFICATE_NOTE) } @else { (words::OPEN_NOTE) } }
                form method="post" action="/console/login" {
                    input type="hidden" name="without" value="token";
                    p { button type="submit" { (words::LOG_IN_OPEN) } }
                }
            }
        }
    };
    page::alone(console.state.0.home.is_demo(), words::LOG_IN, body)
}
