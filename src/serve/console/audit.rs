//! Who did what, the latest first.

use std::collections::VecDeque;

use axum::extract::State as Shared;
use maud::html;

use super::super::{Problem, State};
use super::gate::{Console, Trouble, Visit, failed};
use super::page::{self, Html, Page, grouped, moment};
use super::words;
use crate::home::AuditRecord;

/// Deeds that are shown.
const MOST: usize = 200;

/// The last deeds, the latest first; and how many lines of the audit are not as they were written.
fn recent(state: &State) -> Result<(Vec<AuditRecord>, u64), Problem> {
    let (mut last, mut faults) = (VecDeque::with_capacity(MOST), 0);
    for line in state.0.home.audit_lines()? {
        let line = line?;
        faults += u64::from(line.fault.is_some());
        if let Some(record) = line.record {
            if last.len() == MOST {
                last.pop_front();
            }
            last.push_back(record);
        }
    }
    Ok((last.into_iter().rev().collect(), faults))
}

/// The page.
pub(super) async fn show(Shared(console): Shared<Console>, visit: Visit) -> Result<Html, Trouble> {
    let (deeds, faults) = console.state.apart(|state| recent(state).map_err(failed)).await?;
    let body = html! {
        p.lead { (words::AUDIT_LEAD) }
        @if faults > 0 { p.alert role="alert" { (grouped(faults)) " " (words::AUDIT_FAULTS) } }
        @if deeds.is_empty() { p.empty { (words::NO_DEEDS) } } @else {
            (page::table(words::AUDIT_CAPTION, &words::AUDIT_HEADS, html! {
                @for deed in &deeds {
                    tr {
                        td.n { (deed.number) }
                        td { (moment(deed.time)) }
                        td { bdi { (deed.by) } }
                        td { (deed.via) }
                        th scope="row" { span.code { (deed.did) } }
                        td { bdi { (deed.subject) } }
                        td { @for (what, value) in &deed.about { span.pair { (what) " " bdi { (value) } } " " } }
                    }
                }
            }))
            @if deeds.len() == MOST { p { (words::AUDIT_MORE) } }
        }
    };
    Ok(page::page(&visit, console.state.0.home.is_demo(), Page::Audit, words::AUDIT, body))
}
