//! Two things side by side, without any list: how far apart they are, in each way in which they are compared.

use axum::extract::State as Shared;
use maud::{Markup, html};

use super::super::{Caller, Problem, State};
use super::examine::hash_of;
use super::forms::{self, SentFiles};
use super::gate::{Console, Trouble, Visit};
use super::page::{self, Html, Page};
use super::{bits, words};
use crate::screen::{Comparison, Reading, Subject, Terms, compare};

/// The page with the form.
pub(super) async fn form(Shared(console): Shared<Console>, visit: Visit) -> Html {
    page(&console, &visit, html! {})
}

fn page(console: &Console, visit: &Visit, answer: Markup) -> Html {
    let body = html! {
        (answer)
        section {
            h2 { (words::ASK) }
            p { (words::COMPARE_LEAD) }
            form.stack method="post" action=(Page::Compare.path()) enctype="multipart/form-data" {
                (forms::key(visit))
                @for (side, title) in [("a", words::FIRST), ("b", words::SECOND)] {
                    fieldset {
                        legend { (title) }
                        p.field.drop {
                            label for={ "file-" (side) } { (words::FILE) }
                            input id={ "file-" (side) } type="file" name={ "file-" (side) };
                        }
                        p.field {
                            label for={ "hash-" (side) } { (words::OR_HASH) }
                            input id={ "hash-" (side) } name={ "hash-" (side) } maxlength="200" autocomplete="off" spellcheck="false" aria-describedby={ "note-" (side) };
                            span.note id={ "note-" (side) } { (words::COMPARE_NOTE) }
                        }
                    }
                }
                p { button.main type="submit" { (words::COMPARE) } }
            }
        }
    };
    page::page(visit, console.state.0.home.is_demo(), Page::Compare, words::COMPARE, body)
}

/// Compares what was sent.
pub(super) async fn answer(
    Shared(console): Shared<Console>,
    visit: Visit,
    mut sent: SentFiles,
) -> Result<Html, Trouble> {
    let one = subject(&console.state, &visit.caller, &mut sent, "a").await?;
    let other = subject(&console.state, &visit.caller, &mut sent, "b").await?;
    let found = console.state.apart(move |_| Ok(compare(&one, &other, &Terms::default()))).await?;
    let (word, meaning) = words::compared(found.outcome);
    let answer = html! {
        section #answer {
            h2 { (words::ANSWER) }
            div.verdict.(found.outcome.as_str()) role="status" {
                p.big { (word) }
                p { (meaning) }
                @if let Some(reason) = &found.reason { p { (page::sentence(reason)) } }
            }
            (grounds(&found))
        }
    };
    Ok(page(&console, &visit, answer))
}

async fn subject(
    state: &State,
    caller: &Caller,
    sent: &mut SentFiles,
    side: &str,
) -> Result<Subject, Problem> {
    let (file, text) = (sent.file(&format!("file-{side}")), sent.texts.get(&format!("hash-{side}")));
    match (file, text) {
        (Some(_), text) if !text.is_empty() => Err(Problem::bad_request(words::ONE_OF_BOTH)),
        (Some(upload), _) => Ok(Subject::Item(Box::new(state.fingerprint(caller, upload).await?.into()))),
        (None, "") => Err(Problem::bad_request(words::TWO_NEEDED)),
        (None, text) => {
            let mut digits = [0; 32];
            match hex::decode_to_slice(text, &mut digits) {
                Ok(()) => Ok(Subject::Digits(digits)),
                Err(_) => hash_of(text).map(Subject::Hash),
            }
        }
    }
}

fn grounds(found: &Comparison) -> Markup {
    html! {
        @if !found.digests.is_empty() {
            (page::table(words::DIGESTS, &words::DIGEST_HEADS, html! {
                @for (kind, equal) in &found.digests {
                    tr { th scope="row" { span.code { (kind) } } td { @if *equal { strong { (words::EQUAL) } } @else { (words::DIFFERENT) } } }
                }
            }))
        }
        @if let Some((pair, distance, transform)) = found.nearest() {
            @let (a, b) = pair.hashes(transform);
            h3 { (words::WHY_NEAR) }
            (page::facts(&[
                (words::DISTANCE_TOLD, page::distance(distance.bits(), found.max_distance.bits())),
                (words::TURNED, html! { (transform.as_str()) }),
                (words::READ_AS, html! { (reading(pair.a.0)) " / " (reading(pair.b.0)) }),
            ]))
            @if !pair.counts(distance) { p.warn { (words::PAIR_TOO_PLAIN) } }
            div.drawings { (bits::drawing(a.code().as_bytes(), b.code().as_bytes(), "pdq")) }
        }
        @if !found.classics.is_empty() {
            (page::table(words::CLASSICS, &words::CLASSIC_HEADS, html! {
                @for pair in &found.classics {
                    tr { th scope="row" { span.code { (pair.kind) } } td { (page::distance(pair.distance.bits(), pair.max_distance.bits())) } }
                }
            }))
        }
        @if let Some(video) = &found.video {
            p { (format!("{:.0} % / {:.0} %", video.found.query_percent(), video.found.index_percent())) " " (words::OF_FRAMES) }
        }
    }
}

fn reading(reading: Reading) -> String {
    match reading {
        Reading::Form(form) => form.to_string(),
        Reading::Frame { millis, .. } => words::at(millis),
        Reading::Bare => words::A_HASH.to_owned(),
    }
}
