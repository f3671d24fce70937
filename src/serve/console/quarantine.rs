//! Entries that the flood guard took out of service, and those that people put back.

use axum::extract::{Query, State as Shared};
use axum::response::Redirect;
use maud::{Markup, html};

use super::super::{Problem, Scope};
use super::deeds;
use super::forms::{self, Sent, Texts};
use super::gate::{Console, Trouble, Visit, failed};
use super::page::{self, Html, Page, grouped, moment};
use super::words;
use crate::hashset::{EntryKey, Local, QuarantinedEntry, SetName};

/// Entries that are shown of each sort.
const MOST: usize = 200;

/// The entry that a form names.
pub(super) fn entry_of(texts: &Texts) -> Result<(SetName, EntryKey), Problem> {
    let set = texts.get("set").parse().map_err(|_| Problem::bad_request(words::NO_SET_NAME))?;
    let key = EntryKey::new(texts.get("key")).map_err(|_| Problem::bad_request(words::NO_KEY))?;
    Ok((set, key))
}

/// The page.
pub(super) async fn show(
    Shared(console): Shared<Console>,
    visit: Visit,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Html, Trouble> {
    let asked: Texts = asked.into();
    let set: Option<SetName> = match asked.get("set") {
        "" => None,
        name => Some(name.parse().map_err(|_| Problem::bad_request(words::NO_SET_NAME))?),
    };
    let of_set = set.clone();
    let entries = console
        .state
        .apart(move |state| {
            let local = Local::open(state.database()?).map_err(failed)?;
            local.quarantine(of_set.as_ref()).map_err(failed)
        })
        .await?;
    let (exempt, held): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.released);
    let body = html! {
        (words::done(asked.get("done")))
        p.lead { (words::QUARANTINE_LEAD) }
        @if let Some(set) = &set {
            p { (words::ONLY_OF) " " strong { (set) } ". " a href=(Page::Quarantine.path()) { (words::ALL_SETS) } }
        }
        section {
            h2 { (words::IN_QUARANTINE) " (" (grouped(held.len() as u64)) ")" }
            (list(&visit, &held, words::IN_QUARANTINE, ("/console/quarantine/release", words::PUT_BACK)))
        }
        section {
            h2 { (words::EXEMPT) " (" (grouped(exempt.len() as u64)) ")" }
            (list(&visit, &exempt, words::EXEMPT, ("/console/quarantine/guard", words::GUARD_AGAIN)))
        }
    };
    Ok(page::page(&visit, console.state.0.home.is_demo(), Page::Quarantine, words::QUARANTINE, body))
}

fn list(visit: &Visit, entries: &[&QuarantinedEntry], what: &str, (path, deed): (&str, &str)) -> Markup {
    html! {
        @if entries.is_empty() { p.empty { (words::NONE) } } @else {
            (page::table(what, &words::QUARANTINE_HEADS, html! {
                @for entry in entries.iter().take(MOST) {
                    tr {
                        td { (entry.set) }
                        th scope="row" { bdi.code { (entry.key.as_str()) } }
                        td { (moment(entry.since)) }
                        td.n { (grouped(entry.hits)) }
                        td.deeds {
                            (of_entry(visit, path, deed, entry.set.as_str(), entry.key.as_str()))
                            @if visit.may(Scope::Decide) {
                                (of_entry(visit, "/console/decide/find", words::LOOK_AT, entry.set.as_str(), entry.key.as_str()))
                            }
                        }
                    }
                }
            }))
            @if entries.len() > MOST { p { (words::cut(MOST, entries.len())) } }
        }
    }
}

/// A button that does something with an entry. The key goes in the form, not in an address, which would be written down.
pub(super) fn of_entry(visit: &Visit, path: &str, deed: &str, set: &str, key: &str) -> Markup {
    html! {
        form method="post" action=(path) {
            (forms::key(visit))
            input type="hidden" name="set" value=(set);
            input type="hidden" name="key" value=(key);
            button type="submit" aria-label={ (deed) ": " (set) " " (key) } { (deed) }
        }
    }
}

/// Puts an entry back.
pub(super) async fn release(
    Shared(console): Shared<Console>,
    visit: Visit,
    Sent(sent): Sent,
) -> Result<Redirect, Trouble> {
    let (set, key) = entry_of(&sent)?;
    console
        .state
        .apart_in_turn(move |state| deeds::quarantine(state, &visit.caller, &set, &key, true))
        .await?;
    Ok(Redirect::to("/console/quarantine?done=put-back"))
}

/// Ends an exemption.
pub(super) async fn guard(
    Shared(console): Shared<Console>,
    visit: Visit,
    Sent(sent): Sent,
) -> Result<Redirect, Trouble> {
    let (set, key) = entry_of(&sent)?;
    console
        .state
        .apart_in_turn(move |state| deeds::quarantine(state, &visit.caller, &set, &key, false))
        .await?;
    Ok(Redirect::to("/console/quarantine?done=guarded"))
}
