//! What analysts found entries to be: one is looked up by its set and key, decided on, and all decisions are listed.

use std::collections::BTreeSet;

use axum::extract::{Query, State as Shared};
use axum::response::Redirect;
use maud::{Markup, html};

use super::super::{Problem, Scope, State};
use super::deeds;
use super::forms::{self, Sent, Texts};
use super::gate::{Console, Trouble, Visit, failed};
use super::page::{self, Html, Page, grouped, moment};
use super::quarantine::{self, entry_of};
use super::words;
use crate::digest::SignalKind;
use crate::hashset::{Decided, Decision, Entry, EntryKey, Local, QuarantinedEntry, SetInfo, SetName, Word};
use crate::index::{Memory, open_described};
use crate::tally::Finding;
use crate::vocabulary::{Code, Dimension};

/// Decisions that are shown; the latest.
const MOST: usize = 200;

/// The page: a form that finds an entry, and what was decided.
pub(super) async fn show(
    Shared(console): Shared<Console>,
    visit: Visit,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Html, Trouble> {
    let asked: Texts = asked.into();
    let (sets, mut decided) = console
        .state
        .apart(|state| {
            let (_, sets) = open_described(state.database()?, Memory::Mapped).map_err(failed)?;
            let decided =
                Local::open(state.database()?).and_then(|local| local.decisions(None)).map_err(failed)?;
            Ok((sets, decided))
        })
        .await?;
    decided.sort_by_key(|one| std::cmp::Reverse(one.at));
    let body = html! {
        (words::done(asked.get("done")))
        p.lead { (words::DECIDE_LEAD) }
        section {
            h2 { (words::FIND) }
            @if sets.is_empty() { p.empty { (words::NO_SETS) } } @else { (find_form(&visit, &sets)) }
        }
        section { h2 { (words::DECISIONS) " (" (grouped(decided.len() as u64)) ")" } (list(&visit, &decided)) }
    };
    Ok(page::page(&visit, console.state.0.home.is_demo(), Page::Decide, words::DECIDE, body))
}

fn find_form(visit: &Visit, sets: &[SetInfo]) -> Markup {
    html! {
        form.stack method="post" action="/console/decide/find" {
            (forms::key(visit))
            p.field {
                label for="set" { (words::SET) }
                select #set name="set" { @for set in sets { option value=(set.name) { (set.name) } } }
            }
            p.field {
                label for="key" { (words::KEY) }
                input #key name="key" required maxlength="200" autocomplete="off" spellcheck="false" aria-describedby="key-note";
                span.note #key-note { (words::KEY_NOTE) }
            }
            p { button.main type="submit" { (words::FIND_IT) } }
        }
    }
}

fn list(visit: &Visit, decided: &[Decided]) -> Markup {
    html! {
        @if decided.is_empty() { p.empty { (words::NO_DECISIONS) } } @else {
            (page::table(words::DECISIONS, &words::DECISION_HEADS, html! {
                @for one in decided.iter().take(MOST) {
                    tr {
                        td { (moment(one.at)) }
                        td { (one.set) }
                        th scope="row" { bdi.code { (one.key.as_str()) } }
                        td { (said(one.decision)) }
                        td { @if let Some(by) = &one.by { (by.as_str()) } }
                        td { @if let Some(reason) = &one.reason { (reason.as_str()) } }
                        td.deeds { (quarantine::of_entry(visit, "/console/decide/find", words::LOOK_AT, one.set.as_str(), one.key.as_str())) }
                    }
                }
            }))
            @if decided.len() > MOST { p { (words::cut(MOST, decided.len())) } }
        }
    }
}

fn said(decision: Decision) -> Markup {
    match decision {
        Decision::Confirm => html! { strong { (words::CONFIRMED) } },
        Decision::Deconfirm => html! { strong { (words::DECONFIRMED) } },
        Decision::Unsure => html! { (words::UNSURE) },
    }
}

/// What is known of an entry.
struct Known {
    set: SetInfo,
    key: EntryKey,
    kinds: BTreeSet<SignalKind>,
    labels: BTreeSet<Code>,
    categories: Vec<String>,
    held: Option<QuarantinedEntry>,
    decided: Option<Decided>,
    /// Free text, for those who may manage sets.
    note: Option<String>,
}

fn known(state: &State, set: &SetName, key: EntryKey, sees_notes: bool) -> Result<Known, Problem> {
    let (index, sets) = open_described(state.database()?, Memory::Mapped).map_err(failed)?;
    let described = sets.into_iter().find(|one| one.name == *set);
    let described = described.ok_or_else(|| Problem::not_found(words::NO_SUCH_SET))?;
    let lines: Vec<Entry> =
        index.entries_with(set.as_str(), &BTreeSet::from([key.clone()])).map_err(failed)?;
    if lines.is_empty() {
        return Err(Problem::not_found(words::NO_ENTRY));
    }
    let local = Local::open(state.database()?).map_err(failed)?;
    let held = local.quarantine(Some(set)).map_err(failed)?.into_iter().find(|entry| entry.key == key);
    let decided = local.decisions(Some(set)).map_err(failed)?.into_iter().find(|one| one.key == key);
    let note = if sees_notes { local.annotation(set, &key).map_err(failed)?.note } else { None };
    let mut categories: Vec<String> = lines
        .iter()
        .flat_map(|line| line.labels.categories())
        .map(|category| [category.scheme(), category.profile(), category.code()].join(" ").trim().to_owned())
        .collect();
    categories.sort_unstable();
    categories.dedup();
    Ok(Known {
        set: described,
        kinds: lines.iter().flat_map(|line| line.hashes.iter()).map(|hash| hash.kind()).collect(),
        labels: lines.iter().flat_map(|line| line.labels.as_slice()).copied().collect(),
        categories,
        held,
        decided,
        note,
        key,
    })
}

/// The page of an entry.
pub(super) async fn find(
    Shared(console): Shared<Console>,
    visit: Visit,
    Sent(sent): Sent,
) -> Result<Html, Trouble> {
    let (set, key) = entry_of(&sent)?;
    let sees_notes = visit.may(Scope::Manage);
    let known = console.state.apart(move |state| known(state, &set, key, sees_notes)).await?;
    let body = html! {
        p { a href=(Page::Decide.path()) { (words::ALL_DECISIONS) } }
        section { h2 { (words::ENTRY) } (about(&known)) }
        section { h2 { (words::YOUR_DECISION) } (form(&visit, &known)) }
    };
    Ok(page::page(&visit, console.state.0.home.is_demo(), Page::Decide, words::DECIDE_ON, body))
}

fn about(known: &Known) -> Markup {
    let kinds: Vec<String> = known.kinds.iter().map(ToString::to_string).collect();
    let labels = html! {
        @if known.labels.is_empty() { span.soft { (words::NONE_SAID) } }
        @for code in &known.labels { (code.dimension().as_str()) ": " (page::label(*code)) br; }
    };
    let standing = html! {
        @match &known.held {
            Some(entry) if entry.released => { (words::PUT_BACK_STATE) },
            Some(entry) => span.warn { (words::IN_QUARANTINE) ", " (moment(entry.since)) },
            None => { (words::MATCHES) },
        }
    };
    let before = html! {
        @match &known.decided {
            Some(one) => { (said(one.decision)) ", " (moment(one.at)) @if let Some(by) = &one.by { ", " (by.as_str()) } },
            None => span.soft { (words::NONE_YET) },
        }
    };
    let mut all = vec![
        (words::SET, html! { (known.set.name) " (" (known.set.role.as_str()) ")" }),
        (words::KEY, html! { bdi.code { (known.key.as_str()) } }),
        (words::HASHES, html! { (kinds.join(", ")) }),
        (words::LABELS, labels),
        (
            words::CATEGORIES,
            html! { bdi { (known.categories.join("; ")) } @if known.categories.is_empty() { span.soft { (words::NONE_SAID) } } },
        ),
        (words::STANDING, standing),
        (words::EARLIER, before),
    ];
    if let Some(note) = &known.note {
        all.push((words::NOTE, html! { bdi { (note) } }));
    }
    page::facts(&all)
}

fn form(visit: &Visit, known: &Known) -> Markup {
    let current = known.decided.as_ref().map(|one| one.decision);
    html! {
        p { (words::DECISION_NOTE) }
        form.stack method="post" action="/console/decide" {
            (forms::key(visit))
            input type="hidden" name="set" value=(known.set.name);
            input type="hidden" name="key" value=(known.key.as_str());
            fieldset {
                legend { (words::DECISION) }
                @for (decision, word, note) in words::CHOICES {
                    p.choice {
                        input type="radio" id=(decision.as_str()) name="decision" value=(decision.as_str()) required
                            checked[current == Some(decision)] aria-describedby={ (decision.as_str()) "-note" };
                        label for=(decision.as_str()) { (word) }
                        span.note id={ (decision.as_str()) "-note" } { (note) }
                    }
                }
            }
            fieldset {
                legend { (words::WHAT_IT_IS) }
                p.note { (words::WHAT_IT_IS_NOTE) }
                div.grid { @for dimension in Finding::LABELS { (choice_of(dimension)) } }
            }
            p.field {
                label for="reason" { (words::REASON) }
                input #reason name="reason" maxlength="64" pattern="[A-Za-z0-9._\\-]+" autocomplete="off" spellcheck="false" aria-describedby="reason-note";
                span.note #reason-note { (words::REASON_NOTE) }
            }
            p { button.main type="submit" { (words::KEEP) } }
        }
    }
}

fn choice_of(dimension: Dimension) -> Markup {
    let name = dimension.as_str();
    let codes = dimension.codes().filter(|code| Finding::label(&format!("{name}:{}", code.as_str())).is_ok());
    html! {
        p.field {
            label for=(name) { (words::dimension(dimension)) }
            select id=(name) name=(name) {
                option value="" { (words::NOT_SAID) }
                @for code in codes { option value=(code.as_str()) { (code.as_str()) " – " (code.label()) } }
            }
        }
    }
}

/// What a form says of an entry.
fn finding(sent: &Texts, by: &str) -> Result<Finding, Problem> {
    let (set, key) = entry_of(sent)?;
    let decision = sent.get("decision").parse().map_err(|_| Problem::bad_request(words::NO_DECISION))?;
    let reason: Option<Word> = match sent.get("reason") {
        "" => None,
        text => Some(text.parse().map_err(|_| Problem::bad_request(words::NO_REASON))?),
    };
    let mut labels = Vec::new();
    for dimension in Finding::LABELS {
        match sent.get(dimension.as_str()) {
            "" => {}
            code => labels.push(
                Finding::label(&format!("{}:{code}", dimension.as_str()))
                    .map_err(|_| Problem::bad_request(words::NO_LABEL))?,
            ),
        }
    }
    // The name of a token may have signs that a label of a person does not.
    Ok(Finding { set, entry: key.as_str().to_owned(), decision, by: by.parse().ok(), reason, labels })
}

/// Keeps a decision.
pub(super) async fn keep(
    Shared(console): Shared<Console>,
    visit: Visit,
    Sent(sent): Sent,
) -> Result<Redirect, Trouble> {
    let finding = finding(&sent, visit.caller.name())?;
    let is_counted =
        console.state.apart_in_turn(move |state| deeds::decide(state, &visit.caller, finding)).await?;
    let done = if is_counted { "decided" } else { "decided-uncounted" };
    Ok(Redirect::to(&format!("/console/decide?done={done}")))
}
