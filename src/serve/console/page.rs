//! The frame of every page, and the small parts that pages are made of.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};

use super::super::{Problem, ProblemCode, Scope};
use super::forms;
use super::gate::Visit;
use super::words;
use crate::vocabulary::Code;

/// What all pages are.
pub(super) const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A page as it is sent.
pub(super) struct Html(Markup);

impl IntoResponse for Html {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, HTML)], self.0.into_string()).into_response()
    }
}

/// The pages that are in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Overview,
    Examine,
    Compare,
    Decide,
    Quarantine,
    Sets,
    Tally,
    Releases,
    Audit,
}

impl Page {
    pub(super) const ALL: [Self; 9] = [
        Self::Overview,
        Self::Examine,
        Self::Compare,
        Self::Decide,
        Self::Quarantine,
        Self::Sets,
        Self::Tally,
        Self::Releases,
        Self::Audit,
    ];

    /// What it needs; `None` if a session is enough.
    pub(super) const fn scope(self) -> Option<Scope> {
        match self {
            Self::Overview => None,
            Self::Examine | Self::Compare => Some(Scope::Match),
            Self::Decide => Some(Scope::Decide),
            Self::Quarantine | Self::Sets | Self::Audit => Some(Scope::Manage),
            Self::Tally => Some(Scope::Tally),
            Self::Releases => Some(Scope::Release),
        }
    }

    /// Where it lies.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/console",
            Self::Examine => "/console/match",
            Self::Compare => "/console/compare",
            Self::Decide => "/console/decide",
            Self::Quarantine => "/console/quarantine",
            Self::Sets => "/console/sets",
            Self::Tally => "/console/tally",
            Self::Releases => "/console/releases",
            Self::Audit => "/console/audit",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Overview => words::OVERVIEW,
            Self::Examine => words::MATCH,
            Self::Compare => words::COMPARE,
            Self::Decide => words::DECIDE,
            Self::Quarantine => words::QUARANTINE,
            Self::Sets => words::SETS,
            Self::Tally => words::TALLY,
            Self::Releases => words::RELEASES,
            Self::Audit => words::AUDIT,
        }
    }
}

/// A page of somebody who is logged in.
pub(super) fn page(visit: &Visit, is_demo: bool, here: Page, title: &str, body: Markup) -> Html {
    document(Some(visit), is_demo, Some(here), title, body)
}

/// A page outside of a session.
pub(super) fn alone(is_demo: bool, title: &str, body: Markup) -> Html {
    document(None, is_demo, None, title, body)
}

/// The page of a refusal.
pub(super) fn trouble(visit: Option<&Visit>, is_demo: bool, problem: &Problem) -> Html {
    let body = html! {
        p.lead { (sentence(&problem.detail)) }
        @if let Some(seconds) = problem.retry_after { p { (words::come_again(seconds)) } }
        p {
            @if visit.is_some() { a href=(Page::Overview.path()) { (words::TO_OVERVIEW) } }
            @else if problem.code == ProblemCode::Unauthorized || problem.code == ProblemCode::Forbidden {
                a href="/console/login" { (words::LOG_IN) }
            }
        }
    };
    document(visit, is_demo, None, problem.code.title(), body)
}

/// `text` with a capital letter and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut signs = text.chars();
    let first = signs.next().map_or_else(String::new, |first| first.to_uppercase().to_string());
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", signs.as_str())
}

fn document(visit: Option<&Visit>, is_demo: bool, here: Option<Page>, title: &str, body: Markup) -> Html {
    Html(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) " · " (words::CONSOLE) }
                link rel="icon" href="/console/assets/icon.svg";
                link rel="stylesheet" href="/console/assets/console.css";
                script src="/console/assets/console.js" defer {}
            }
            body {
                a.skip href="#main" { (words::SKIP) }
                @if is_demo { aside.demo aria-label=(words::DEMO) { p { strong { (words::DEMO) } span { (words::DEMO_NOTE) } } } }
                header.top {
                    div.frame {
                        p.home { a href=(Page::Overview.path()) { (words::CONSOLE) } }
                        @if let Some(visit) = visit {
                            form.who method="post" action="/console/logout" {
                                (forms::key(visit))
                                span { (words::AS) " " strong { bdi { (visit.caller.name()) } } }
                                button.quiet type="submit" { (words::LOG_OUT) }
                            }
                            nav aria-label=(words::PAGES) {
                                ul { @for page in Page::ALL { @if visit.sees(page) {
                                    li { a href=(page.path()) aria-current=[(here == Some(page)).then_some("page")] { (page.name()) } }
                                } } }
                            }
                        }
                    }
                }
                main.frame #main tabindex="-1" {
                    h1 { (title) }
                    (body)
                }
                footer { div.frame { p { (words::LOCAL) } } }
            }
        }
    })
}

/// A number with commas between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A moment, to the minute.
pub(super) fn moment(at: Timestamp) -> Markup {
    html! { time datetime=(at.to_string()) { (at.strftime("%Y-%m-%d %H:%M")) " UTC" } }
}

/// A table that can be scrolled where it is too wide, also by keys.
pub(super) fn table(caption: &str, heads: &[&str], rows: Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody { (rows) }
            }
        }
    }
}

/// Facts with their names.
pub(super) fn facts(all: &[(&str, Markup)]) -> Markup {
    html! { dl.facts { @for (name, value) in all { div { dt { (name) } dd { (value) } } } } }
}

/// A label with its short name, as people read it.
pub(super) fn label(code: Code) -> Markup {
    html! { span.label title={ (code.dimension().as_str()) ": " (code.definition()) } { (code.as_str()) " " span.soft { (code.label()) } } }
}

/// How near of how far, as a bar beside its numbers.
pub(super) fn distance(bits: u16, most: u16) -> Markup {
    html! {
        span.near {
            (bits) " of " (most) " bits"
            meter aria-hidden="true" min="0" max=(most.max(1)) value=(most.saturating_sub(bits)) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sentences_are_written_for_people() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(sentence("there is no such page"), "There is no such page.");
        assert_eq!(sentence("élan?"), "Élan?");
        assert_eq!(sentence(""), ".");
    }
}
