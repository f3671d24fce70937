//! `GET /v1/audit`: who did what to which set, decision, release or token, and whether the record is as it was written.

use std::collections::{BTreeMap, VecDeque};

use axum::extract::State as Shared;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::api::extract::{Json, Query};
use super::super::api::openapi::Refusals;
use super::super::{Problem, State};
use super::extract::{A_DAY, field, field_like};
use super::patterns;
use crate::hashset::SetName;
use crate::home::AuditRecord;

/// Which deeds.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditAsked {
    /// Only what was done on this day or later: `2026-11-01`, in UTC.
    #[param(format = Date)]
    since: Option<String>,
    /// Only what was done to this set, and decisions on its entries.
    #[param(schema_with = patterns::set)]
    set: Option<String>,
    /// The latest so many: 1 to 1000. Default: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

impl AuditAsked {
    const USUAL: usize = 100;
    const MOST: usize = 1000;

    fn limit(&self) -> Result<usize, Problem> {
        match self.limit.unwrap_or(Self::USUAL) {
            limit @ 1..=Self::MOST => Ok(limit),
            _ => Err(Problem::unprocessable("`limit` is 1 to 1000")),
        }
    }
}

/// What was put on record.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeedView {
    /// The number of its line, from 1.
    number: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    time: Timestamp,
    /// Who: the name of a token, or what was said on the command line.
    by: String,
    /// By which way: `cli`, `api`, `hma`, `console`, `home`.
    via: String,
    /// What: `set.import`, `decide`, `token.create` …
    did: String,
    /// To what: the name of a set, a release or a token.
    subject: String,
    /// What else there is to know, as counts and codes.
    about: BTreeMap<String, String>,
}

/// The record, or a part of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditView {
    /// The latest deeds that were asked for, oldest first.
    deeds: Vec<DeedView>,
    /// Earlier ones that were asked for too, and are not told.
    earlier: u64,
    /// True if no line was changed, removed, put in or moved.
    sound: bool,
    /// Lines that are not as they were written; `innerward audit verify` tells which.
    faults: u64,
    /// Where the record stands, as `NUMBER:HASH`: kept elsewhere, it shows later whether the newest lines are gone.
    head: Option<String>,
}

/// Who did what: the latest deeds, oldest first, and whether every line of the record is as it was written.
#[utoipa::path(get, path = "/v1/audit", tag = "audit", params(AuditAsked),
    responses((status = 200, body = AuditView), Refusals))]
pub(super) async fn list(
    Shared(state): Shared<State>,
    Query(asked): Query<AuditAsked>,
) -> Result<Json<AuditView>, Problem> {
    let limit = asked.limit()?;
    let since: Option<Date> =
        asked.since.as_deref().map(|text| field_like("since", text, A_DAY)).transpose()?;
    let set: Option<SetName> = asked.set.as_deref().map(|name| field("set", name)).transpose()?;
    state
        .apart(move |state| {
            let wanted = |record: &AuditRecord| {
                let day = || record.time.to_zoned(TimeZone::UTC).date();
                since.is_none_or(|since| day() >= since)
                    && set.as_ref().is_none_or(|set| record.is_of_set(set.as_str()))
            };
            let home = state.database()?;
            let check = home.check_audit(None)?;
            let (mut last, mut earlier) = (VecDeque::with_capacity(limit), 0);
            for line in home.audit_lines()? {
                let Some(record) = line?.record.filter(wanted) else { continue };
                if last.len() == limit {
                    last.pop_front();
                    earlier += 1;
                }
                last.push_back(DeedView::from(record));
            }
            Ok(Json(AuditView {
                deeds: last.into(),
                earlier,
                sound: check.is_sound(),
                faults: check.fault_total,
                head: check.head.map(|head| head.to_string()),
            }))
        })
        .await
}

impl From<AuditRecord> for DeedView {
    fn from(record: AuditRecord) -> Self {
        let AuditRecord { number, time, by, via, did, subject, about, .. } = record;
        Self { number, time, by, via, did, subject, about }
    }
}
