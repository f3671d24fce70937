//! What forms bring: a few short fields, or an upload; and the key of the session, without which nothing is done.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Form, FromRequest, Request};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::super::api::form::{Form as SeveralParts, Part};
use super::super::{Problem, ProblemCode, Upload};
use super::gate::{Console, Trouble, Visit};
use super::words;

/// The field that carries the key.
pub(super) const KEY: &str = "form-key";

/// Most bytes of a form without files, and of one text of a form with files.
pub(super) const MOST: usize = 16 << 10;

/// The hidden field of a form.
pub(super) fn key(visit: &Visit) -> Markup {
    html! { input type="hidden" name=(KEY) value=(visit.form_key.as_str()); }
}

/// The texts of a form or of a query, by their names; of several with one name the last.
#[derive(Default)]
pub(super) struct Texts(BTreeMap<String, String>);

impl Texts {
    /// The text of a field without blanks around it; empty if it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }
}

impl From<Vec<(String, String)>> for Texts {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// A form of somebody who may not be logged in.
pub(super) struct Fields(pub(super) Texts);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(pairs) = form.map_err(IntoResponse::into_response)?;
        Ok(Self(pairs.into()))
    }
}

/// A form that carries the key of its session.
pub(super) struct Sent(pub(super) Texts);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let visit = request.extensions().get::<Visit>().cloned();
        let Fields(texts) = Fields::from_request(request, state).await?;
        if visit.is_some_and(|visit| visit.form_key.is(texts.get(KEY))) {
            return Ok(Self(texts));
        }
        Err(stale().into_response())
    }
}

fn stale() -> Trouble {
    Trouble(Problem::new(ProblemCode::Forbidden, words::STALE_FORM))
}

/// A form with files, which carries the key of its session in front of them.
pub(super) struct SentFiles {
    pub(super) texts: Texts,
    files: BTreeMap<String, Upload>,
}

impl SentFiles {
    /// The file of a field, if one was chosen.
    pub(super) fn file(&mut self, name: &str) -> Option<Upload> {
        self.files.remove(name)
    }
}

/// Fields and files of a form at most.
const MOST_PARTS: usize = 12;
/// Files of a form at most: two are compared.
const MOST_FILES: usize = 2;

impl FromRequest<Console> for SentFiles {
    type Rejection = Trouble;

    async fn from_request(request: Request<Body>, console: &Console) -> Result<Self, Trouble> {
        let visit = request.extensions().get::<Visit>().cloned().ok_or_else(Problem::internal)?;
        let form = SeveralParts::of(request).await;
        let mut form = form.map_err(|_| Problem::new(ProblemCode::UnsupportedMediaType, words::NO_FORM))?;
        let (mut sent, mut is_ours) = (Self { texts: Texts::default(), files: BTreeMap::new() }, false);
        for _ in 0..MOST_PARTS {
            let Some(part) = form.next_part().await.map_err(in_words)? else { break };
            let Some(name) = part.name().map(str::to_owned) else { continue };
            if !part.has_file_name() {
                let text = short(part).await?;
                is_ours |= name == KEY && visit.form_key.is(&text);
                sent.texts.0.insert(name, text);
            } else if !is_ours || sent.files.len() == MOST_FILES {
                break;
            } else {
                let upload = Upload::of_part(&console.state, part).await?;
                if !upload.is_empty() {
                    sent.files.insert(name, upload);
                }
            }
        }
        if is_ours { Ok(sent) } else { Err(stale()) }
    }
}

/// What is wrong with a form, in the words of the console.
fn in_words(problem: Problem) -> Problem {
    match problem.code {
        ProblemCode::TooLarge => Problem::new(ProblemCode::TooLarge, words::FORM_TOO_LARGE),
        _ => Problem::bad_request(words::BROKEN_FORM),
    }
}

/// A text of a form to its end, within a bound.
async fn short(part: Part<'_>) -> Result<String, Problem> {
    let too_large = || Problem::new(ProblemCode::TooLarge, words::FORM_TOO_LARGE);
    let bytes = part.bytes(MOST).await.map_err(in_words)?.ok_or_else(too_large)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
