//! The sets, and one of them: what it is for, what it can match by, what was done to it.

use std::collections::BTreeMap;

use axum::extract::{Path, State as Shared};
use jiff::civil::Date;
use maud::{Markup, html};

use super::super::{Problem, Scope, State};
use super::gate::{Console, Trouble, Visit, failed};
use super::page::{self, Html, Page, grouped, moment};
use super::words;
use crate::digest::SignalKind;
use crate::hashset::{Decision, Event, Happened, Local, SetInfo, SetName, Sets, Use};
use crate::index::{Coverage, Memory, open_described};

/// Events that are shown; the latest.
const MOST: usize = 100;

/// What a table of sets tells of one.
pub(super) struct Row {
    pub(super) set: SetInfo,
    /// Entries that are not withdrawn.
    pub(super) live: u64,
    /// Why it is not searched.
    pub(super) not_searched: Option<String>,
    /// Its entries in quarantine.
    pub(super) held: u64,
}

/// All sets, by their names.
pub(super) fn rows(state: &State) -> Result<Vec<Row>, Problem> {
    let today = state.clock().today();
    let (index, sets) = open_described(state.database()?, Memory::Mapped).map_err(failed)?;
    let quarantine =
        Local::open(state.database()?).and_then(|local| local.quarantine(None)).map_err(failed)?;
    let mut held: BTreeMap<SetName, u64> = BTreeMap::new();
    quarantine
        .into_iter()
        .filter(|entry| !entry.released)
        .for_each(|entry| *held.entry(entry.set).or_default() += 1);
    let row = |set: SetInfo| {
        let here = index.sets().iter().filter(|live| live.name == set.name.as_str());
        let live = here.map(|live| live.entries.saturating_sub(live.withdrawn)).sum();
        let (not_searched, held) = (not_searched(&set, today), held.get(&set.name).copied().unwrap_or(0));
        Row { set, live, not_searched, held }
    };
    Ok(sets.into_iter().map(row).collect())
}

fn not_searched(set: &SetInfo, today: Date) -> Option<String> {
    set.allows(Use::Match, today).err().map(|forbidden| forbidden.reason.to_string())
}

/// The table of sets; with links if the visitor may see more of them.
pub(super) fn table(visit: &Visit, rows: &[Row]) -> Markup {
    html! {
        (page::table(words::SETS_CAPTION, &words::SET_HEADS, html! {
            @for Row { set, live, not_searched, held } in rows {
                tr {
                    th scope="row" {
                        @if visit.may(Scope::Manage) { a href={ "/console/sets/" (set.name) } { (set.name) } } @else { (set.name) }
                    }
                    td.n { (grouped(*live)) }
                    td { (set.role.as_str()) }
                    td.n { (set.revision) }
                    td { (set.revised_on) }
                    td { @match set.permission.keep_until { Some(last) => (last), None => span.soft { (words::NO_END) } } }
                    td { @match not_searched {
                        Some(why) => span.warn { (words::NOT_SEARCHED) ": " (why) },
                        None => span.good { (words::SEARCHED) },
                    }
                    @if *held > 0 { " " span.warn { (words::held(*held)) } } }
                }
            }
        }))
    }
}

/// The page of all sets.
pub(super) async fn list(Shared(console): Shared<Console>, visit: Visit) -> Result<Html, Trouble> {
    let rows = console.state.apart(rows).await?;
    let body = html! {
        p.lead { (words::SETS_LEAD) }
        @if rows.is_empty() { p.empty { (words::NO_SETS) } } @else { (table(&visit, &rows)) }
    };
    Ok(page::page(&visit, console.state.0.home.is_demo(), Page::Sets, words::SETS, body))
}

/// What is known of one set.
struct Known {
    set: SetInfo,
    not_searched: Option<String>,
    coverage: Coverage,
    files: usize,
    bytes: u64,
    suppresses: Vec<SetName>,
    held: u64,
    exempt: u64,
    confirmed: u64,
    deconfirmed: u64,
    history: Vec<Event>,
}

fn known(state: &State, name: &SetName) -> Result<Known, Problem> {
    let home = state.database()?;
    let (index, sets) = open_described(home, Memory::Mapped).map_err(failed)?;
    let set = sets.into_iter().find(|set| set.name == *name);
    let set = set.ok_or_else(|| Problem::not_found(words::NO_SUCH_SET))?;
    let local = Local::open(home).map_err(failed)?;
    let quarantine = local.quarantine(Some(name)).map_err(failed)?;
    let decisions = local.decisions(Some(name)).map_err(failed)?;
    let decided = |what| decisions.iter().filter(|one| one.decision == what).count() as u64;
    let (files, bytes) = index
        .stat()
        .iter()
        .filter(|segment| segment.set == name.as_str())
        .fold((0, 0), |(files, bytes), segment| (files + 1, bytes + segment.bytes));
    let mut history =
        Sets::open(home).and_then(|sets| sets.history(name, Some(set.revision))).map_err(failed)?;
    history.reverse();
    Ok(Known {
        not_searched: not_searched(&set, state.clock().today()),
        coverage: index.coverage(name.as_str(), true).map_err(failed)?,
        files,
        bytes,
        suppresses: local.suppresses(name).map_err(failed)?,
        held: quarantine.iter().filter(|entry| !entry.released).count() as u64,
        exempt: quarantine.iter().filter(|entry| entry.released).count() as u64,
        confirmed: decided(Decision::Confirm),
        deconfirmed: decided(Decision::Deconfirm),
        history,
        set,
    })
}

/// The page of one set.
pub(super) async fn one(
    Shared(console): Shared<Console>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Html, Trouble> {
    let name: SetName = name.parse().map_err(|_| Problem::not_found(words::NO_SUCH_SET))?;
    let wanted = name.clone();
    let known = console.state.apart(move |state| known(state, &wanted)).await?;
    let body = html! {
        p { a href=(Page::Sets.path()) { (words::ALL_SETS) } }
        section { h2 { (words::HEALTH) } (health(&known)) }
        section { h2 { (words::COVERAGE) } (coverage(&known.coverage)) }
        section { h2 { (words::POLICY) } (policy(&known)) }
        section { h2 { (words::HISTORY) } (history(&known.history)) }
    };
    let title = format!("{} {name}", words::SET);
    Ok(page::page(&visit, console.state.0.home.is_demo(), Page::Sets, &title, body))
}

fn number(number: u64) -> Markup {
    html! { (grouped(number)) }
}

fn health(known: &Known) -> Markup {
    let searched = match &known.not_searched {
        Some(why) => html! { span.warn { (words::NOT_SEARCHED) ": " (why) } },
        None => html! { span.good { (words::SEARCHED) } },
    };
    let name = &known.set.name;
    let quarantine = html! {
        (grouped(known.held)) @if known.exempt > 0 { " (" (words::EXEMPT) ": " (grouped(known.exempt)) ")" }
        @if known.held + known.exempt > 0 { " " a href={ "/console/quarantine?set=" (name) } { (words::SHOW_THEM) } }
    };
    let files = html! { (known.files) " (" (grouped(known.bytes >> 10)) " KiB)" };
    page::facts(&[
        (words::IS_SEARCHED, searched),
        (words::ACTIVE, number(known.coverage.active)),
        (words::WITHDRAWN, number(known.coverage.withdrawn)),
        (words::REVISION, html! { (known.set.revision) ", " (known.set.revised_on) }),
        (words::QUARANTINE, quarantine),
        (words::CONFIRMED, number(known.confirmed)),
        (words::DECONFIRMED, number(known.deconfirmed)),
        (words::FILES, files),
    ])
}

fn coverage(coverage: &Coverage) -> Markup {
    html! {
        p { (words::matchable(coverage.matchable(), coverage.active)) }
        (page::table(words::KINDS_CAPTION, &words::KIND_HEADS, html! {
            @for (kind, entries) in &coverage.kinds {
                tr { th scope="row" { span.code { (kind) } } td.n { (grouped(*entries)) } td.n { (percent(*entries, coverage.active)) } }
            }
        }))
        (page::facts(&[
            (words::BY_BYTES, number(coverage.by_bytes)),
            (words::BY_MD5, number(coverage.by_md5_alone)),
            (words::BY_LOOKS, number(coverage.by_looks)),
            (words::BY_FRAMES, number(coverage.by_frames)),
            (words::PLAIN, number(coverage.plain)),
            (words::NEGATIVE, number(coverage.negative)),
            (words::BY_NOTHING, number(coverage.nothing)),
        ]))
    }
}

fn percent(part: u64, all: u64) -> String {
    if all == 0 { "–".into() } else { format!("{:.1} %", part as f64 * 100.0 / all as f64) }
}

fn policy(known: &Known) -> Markup {
    let set = &known.set;
    let or_none = |text: &str| {
        if text.is_empty() {
            html! { span.soft { (words::NONE_SAID) } }
        } else {
            html! { bdi { (text) } }
        }
    };
    let bounds = set.bounds();
    let near = html! { @for (at, kind) in known.coverage.kinds.keys().filter(|kind| !kind.is_digest()).enumerate() {
        @if at > 0 { ", " } (kind) " " (bits(&bounds, *kind)) " bits"
    } @if !known.coverage.kinds.keys().any(|kind| !kind.is_digest()) { span.soft { (words::EQUAL_ALONE) } } };
    let until = set.permission.keep_until.map_or_else(|| words::NO_END.to_owned(), |last| last.to_string());
    let suppresses: Vec<&str> = known.suppresses.iter().map(SetName::as_str).collect();
    page::facts(&[
        (words::ROLE, html! { (set.role.as_str()) }),
        (words::CLASS, page::label(set.list_class)),
        (words::NEAR_BOUNDS, near),
        (words::ALLOWED, html! { (set.permission.uses) }),
        (words::UNTIL, html! { (until) }),
        (
            words::SIGNED,
            html! { @match &set.list_key { Some(key) => span.code { (key.short()) }, None => span.soft { (words::NO) } } },
        ),
        (words::OVERRULES, or_none(&suppresses.join(", "))),
        (words::SOURCE, or_none(&set.source)),
        (words::LICENCE, or_none(&set.licence)),
    ])
}

fn bits(bounds: &crate::hashset::Bounds, kind: SignalKind) -> u16 {
    bounds.get(kind).unwrap_or(kind.default_distance()).bits()
}

fn history(events: &[Event]) -> Markup {
    html! {
        (page::table(words::HISTORY_CAPTION, &words::HISTORY_HEADS, html! {
            @for event in events.iter().take(MOST) {
                tr {
                    td { @match event.at { Some(at) => (moment(at)), None => (event.on) } }
                    td.n { @if let Some(revision) = event.revision { (revision) } }
                    td { (happened(&event.what)) }
                    td { @if let Some(by) = &event.by { bdi { (by) } } }
                }
            }
        }))
        @if events.len() > MOST { p { (words::cut(MOST, events.len())) } }
    }
}

fn happened(what: &Happened) -> Markup {
    html! {
        @if let Happened::Imported(import) = what {
            @if import.added == Some(true) { (words::LIST_ADDED) } @else { (words::LIST_IMPORTED) } " (" (import.form) "): "
            (words::entries(import.counts.entries))
            @if let Some(new) = import.counts.new { ", " (words::new(new)) }
            @if let Some(gone) = import.counts.gone { ", " (words::gone(gone)) }
            @if import.counts.bad > 0 { ", " span.warn { (words::bad_lines(import.counts.bad)) } }
            @if import.signed_by.is_some() { ", " (words::WAS_SIGNED) }
        } @else if let Happened::Changed(changes) = what {
            (words::POLICY_CHANGED) " "
            @for (at, change) in changes.iter().enumerate() {
                @if at > 0 { "; " } (change.what) " " (words::FROM) " " q { bdi { (change.from) } } " " (words::TO) " " q { bdi { (change.to) } }
            }
        } @else if let Happened::Withdrawn { keys } = what {
            (words::withdrawn(*keys))
        } @else {
            (words::SET_REMOVED)
        }
    }
}
