//! `GET /v1/tally`: the exact counts of a period, for the ward's own people.
//!
//! The one place of the service that opens them. They are exact and stay in the ward: a small one may point to one person.
//! So they need a scope of their own, every answer says so, and none may be kept by what lies between.

use std::collections::BTreeMap;

use axum::extract::State as Shared;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::api::extract::{Json, Query};
use super::super::api::openapi::Refusals;
use super::super::{Problem, State};
use super::extract::field_like;
use super::patterns;
use crate::tally::{Cell, Tally};
use crate::vocabulary::{Code, Dimension, Indicator, Period};

/// Which counts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct TallyAsked {
    /// `2026-10`, `2026-Q4` or `2026`. Default: the month that it is.
    #[param(schema_with = patterns::period)]
    period: Option<String>,
    /// By these dimensions, with commas. Default: `verdict,severity,list_class,media,channel`.
    #[param(schema_with = patterns::dimensions)]
    by: Option<String>,
    /// Of this indicator alone: `ITEMS_SCANNED`, `MATCH_ITEMS`, `REVIEWED` …
    #[param(schema_with = patterns::indicator)]
    indicator: Option<String>,
}

/// Exact counts of a period.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TallyView {
    /// `not for sharing`: these counts stay in the ward.
    local: &'static str,
    /// The period.
    #[schema(value_type = String)]
    period: Period,
    /// The periods that hold counts.
    #[schema(value_type = Vec<String>)]
    periods: Vec<Period>,
    /// Items on watched lists, among those that were screened; in no cell and in no release.
    watched: u64,
    /// By indicator: all of it.
    totals: BTreeMap<String, u64>,
    /// By indicator and codes.
    counts: Vec<CountView>,
}

/// One count.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CountView {
    /// What is counted.
    #[schema(value_type = String)]
    indicator: Indicator,
    /// In what unit.
    unit: &'static str,
    /// The codes that it has in common, by dimension.
    codes: BTreeMap<&'static str, &'static str>,
    /// The count.
    number: u64,
}

/// What items are shown by unless something else is asked.
pub(in crate::serve) const USUAL: [Dimension; 5] =
    [Dimension::Verdict, Dimension::Severity, Dimension::ListClass, Dimension::Media, Dimension::Channel];

impl TallyAsked {
    fn period(&self, today: jiff::civil::Date) -> Result<Period, Problem> {
        const LIKE: &str = "a month, a quarter or a year is written 2026-10, 2026-Q4 or 2026";
        self.period.as_deref().map_or(Ok(Period::containing(today)), |text| field_like("period", text, LIKE))
    }

    fn dimensions(&self) -> Result<Vec<Dimension>, Problem> {
        let Some(text) = &self.by else { return Ok(USUAL.to_vec()) };
        let mut dimensions = Vec::new();
        for word in text.split(',') {
            let found = Cell::DIMENSIONS.into_iter().find(|dimension| dimension.as_str() == word.trim());
            match found {
                Some(dimension) if dimensions.contains(&dimension) => {}
                Some(dimension) => dimensions.push(dimension),
                None => {
                    let names = Cell::DIMENSIONS.map(Dimension::as_str).join(", ");
                    return Err(Problem::bad_request(format!(
                        "`by`: the dimensions of the counts are {names}"
                    )));
                }
            }
        }
        Ok(dimensions)
    }

    fn indicator(&self) -> Result<Option<Indicator>, Problem> {
        const LIKE: &str = "an indicator is ITEMS_SCANNED, MATCH_ITEMS, REVIEWED, CONFIRMED, OVERTURNED, REPORTS, URLS or REMOVED";
        self.indicator.as_deref().map(|text| field_like("indicator", text, LIKE)).transpose()
    }
}

/// The exact counts of a period. They are not for sharing: `innerward release publish` makes figures that may be shared.
#[utoipa::path(get, path = "/v1/tally", tag = "tally", params(TallyAsked),
    responses((status = 200, body = TallyView), Refusals))]
pub(super) async fn show(
    Shared(state): Shared<State>,
    Query(asked): Query<TallyAsked>,
) -> Result<Json<TallyView>, Problem> {
    let (period, by) = (asked.period(state.clock().today())?, asked.dimensions()?);
    let only = asked.indicator()?;
    state.apart(move |state| state.counts(period, &by, only).map(Json)).await
}

/// The exact counts of a period.
pub(in crate::serve) struct Counted {
    /// Items on watched lists.
    watched: u64,
    /// The periods that hold counts.
    pub(in crate::serve) periods: Vec<Period>,
    /// True if it takes nothing more.
    pub(in crate::serve) is_sealed: bool,
    pub(in crate::serve) indicators: Vec<CountedBy>,
}

/// All that was counted of one indicator, and the same by codes.
pub(in crate::serve) struct CountedBy {
    pub(in crate::serve) indicator: Indicator,
    pub(in crate::serve) total: u64,
    pub(in crate::serve) by: BTreeMap<Vec<Code>, u64>,
}

impl State {
    /// The exact counts of a period by some of the dimensions.
    pub(in crate::serve) fn counted(&self, period: Period, by: &[Dimension]) -> Result<Counted, Problem> {
        let tally = Tally::open(self.database()?)?;
        let (cube, watched) = (tally.cube(period, None)?, tally.watched(period)?);
        let (cube, watched) = (cube.show_locally(), *watched.show_locally());
        let counted_by = |indicator| {
            let mut sums = BTreeMap::<Vec<Code>, u64>::new();
            for (cell, number) in cube.of(indicator) {
                let codes = by.iter().filter_map(|dimension| cell.code(*dimension)).collect();
                *sums.entry(codes).or_default() += number;
            }
            CountedBy { indicator, total: cube.total(indicator), by: sums }
        };
        let indicators = cube.indicators().map(counted_by).collect();
        Ok(Counted { watched, periods: tally.periods()?, is_sealed: tally.is_sealed(period)?, indicators })
    }

    fn counts(
        &self,
        period: Period,
        by: &[Dimension],
        only: Option<Indicator>,
    ) -> Result<TallyView, Problem> {
        let Counted { watched, periods, mut indicators, .. } = self.counted(period, by)?;
        indicators.retain(|of| only.is_none_or(|only| only == of.indicator));
        let totals = indicators.iter().map(|of| (of.indicator.as_str().to_owned(), of.total)).collect();
        let counts = indicators.into_iter().flat_map(CountedBy::views).collect();
        Ok(TallyView { local: "not for sharing", period, periods, watched, totals, counts })
    }
}

impl CountedBy {
    fn views(self) -> impl Iterator<Item = CountView> {
        let indicator = self.indicator;
        self.by.into_iter().map(move |(codes, number)| CountView {
            indicator,
            unit: indicator.unit().as_str(),
            codes: codes.into_iter().map(|code| (code.dimension().as_str(), code.as_str())).collect(),
            number,
        })
    }
}
