//! How the service is, on one page.

use axum::extract::State as Shared;
use maud::{Markup, html};

use super::super::manage::tally::USUAL as SHOWN;
use super::super::{Problem, Scope, State};
use super::gate::{Console, Trouble, Visit, failed};
use super::page::{self, Html, Page, grouped, moment};
use super::sets::{self, Row};
use super::tally::{items, rows};
use super::words;
use crate::release::{Budget, account, decimal};
use crate::screen::LiveHealth;
use crate::vocabulary::Period;

/// What the overview tells; what a scope is lacking for is `None`.
struct Seen {
    sets: Option<Vec<Row>>,
    live: LiveHealth,
    month: Period,
    items: Option<u64>,
    published: Option<(Option<String>, Option<Budget>)>,
}

fn seen(state: &State, visit: &Visit) -> Result<Seen, Problem> {
    let month = Period::containing(state.clock().today());
    let of_lists = [Scope::Match, Scope::Manage, Scope::Decide].into_iter().any(|scope| visit.may(scope));
    let published = || {
        let account = account(state.database()?).map_err(failed)?;
        let last = account.charges.iter().rev().find_map(|charge| charge.release_id.clone());
        Ok::<_, Problem>((last, account.budgets.into_iter().next_back()))
    };
    Ok(Seen {
        sets: if of_lists { Some(sets::rows(state)?) } else { None },
        live: state.0.live.health(),
        month,
        items: if visit.may(Scope::Tally) {
            Some(items(&rows(state.counted(month, &SHOWN)?.indicators)))
        } else {
            None
        },
        published: if visit.may(Scope::Release) { Some(published()?) } else { None },
    })
}

/// The page.
pub(super) async fn show(Shared(console): Shared<Console>, visit: Visit) -> Result<Html, Trouble> {
    let asker = visit.clone();
    let seen = console.state.apart(move |state| seen(state, &asker)).await?;
    let body = html! {
        (state_of_lists(&seen))
        ul.cards {
            @if let Some(rows) = &seen.sets {
                (card(&visit, Page::Sets, words::ENTRIES, html! { (grouped(rows.iter().map(|row| row.live).sum())) }, &words::in_sets(rows.len())))
                (card(&visit, Page::Quarantine, words::QUARANTINE, html! { (grouped(rows.iter().map(|row| row.held).sum())) }, words::WAITING))
            }
            @if let Some(items) = seen.items {
                (card(&visit, Page::Tally, words::TALLY, html! { (grouped(items)) }, &words::items_this(&seen.month.in_words())))
            }
            @if let Some((last, budget)) = &seen.published {
                @let left = budget.as_ref().map_or_else(|| words::NOTHING_SPENT_YET.to_owned(), |budget| decimal(budget.left_nano()));
                @let note = budget.as_ref().map_or_else(String::new, |budget| words::budget_of(&budget.period, &decimal(budget.cap_nano)));
                (card(&visit, Page::Releases, words::BUDGET_LEFT, html! { (left) }, &note))
                (card(&visit, Page::Releases, words::LAST_RELEASE, html! { span.small { (last.as_deref().unwrap_or(words::NONE_YET)) } }, ""))
            }
        }
        @let so_far = console.state.0.metrics.so_far();
        @let seconds = so_far.since.as_secs_f64().max(1.0);
        @if let Ok(since) = console.state.clock().now().checked_sub(so_far.since) {
            section {
                h2 { (words::WORK) }
                p { (words::SINCE) " " (moment(since)) "." }
                (page::table(words::WORK, &words::WORK_HEADS, html! {
                    @for (what, number) in [(words::REQUESTS, so_far.requests), (words::LOOKUPS, so_far.lookups), (words::UPLOADS, so_far.uploads)] {
                        tr { th scope="row" { (what) } td.n { (grouped(number)) } td.n { (format!("{:.1}", number as f64 / seconds)) } }
                    }
                }))
            }
        }
        @if let Some(rows) = &seen.sets {
            section {
                h2 { (words::SETS) }
                @if rows.is_empty() { p.empty { (words::NO_SETS) } } @else { (sets::table(&visit, rows)) }
            }
        }
    };
    Ok(page::page(&visit, console.state.0.home.is_demo(), Page::Overview, words::OVERVIEW, body))
}

/// Whether what is searched is what is there.
fn state_of_lists(seen: &Seen) -> Markup {
    let LiveHealth { generation, fault, .. } = &seen.live;
    html! {
        @match (fault, generation) {
            (Some(fault), _) => p.alert role="alert" { strong { (words::LISTS_FAULT) } " " (page::sentence(fault)) },
            (None, None) => p.alert { (words::NO_SETS) },
            (None, Some(generation)) => p.fine { strong { (words::LISTS_FINE) } " " (words::generation(*generation)) },
        }
    }
}

fn card(visit: &Visit, page: Page, title: &str, number: Markup, note: &str) -> Markup {
    html! {
        li {
            h2 { @if visit.sees(page) { a href=(page.path()) { (title) } } @else { (title) } }
            p.big { (number) }
            p.soft { (note) }
        }
    }
}
