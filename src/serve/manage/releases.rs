//! `/v1/releases` and `/v1/budget`: what was published, what it cost, and what is left.

use std::collections::BTreeMap;

use axum::extract::State as Shared;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::api::extract::{Json, NoParameters};
use super::super::api::openapi::Refusals;
use super::super::{Problem, State};
use crate::release::{Budget, Charge, account, decimal};
use crate::vocabulary::Period;

/// A release, or one that was begun.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReleaseView {
    /// Its name, which is that of its folder; `null` if publishing was interrupted: publish the period again.
    release_id: Option<String>,
    /// The month, quarter or year.
    #[schema(value_type = String)]
    period: Period,
    /// The name of its plan.
    plan: String,
    /// 1 for the first of its plan and period; a correction is the next.
    revision: u32,
    /// The day on which it was charged.
    #[schema(value_type = String, format = Date)]
    charged_on: Date,
    /// The epsilon that it cost, in decimal digits.
    epsilon: String,
    /// The same in billionths.
    epsilon_nano: u64,
    /// Its tables, and what of that each cost.
    tables: Vec<TableCost>,
}

/// A table of a release.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TableCost {
    /// Its name.
    name: String,
    /// Billionths of epsilon.
    epsilon_nano: u64,
    /// How much one item can change the table.
    sensitivity: u32,
}

/// All releases.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReleaseList {
    /// Oldest first.
    releases: Vec<ReleaseView>,
}

/// The budget of a month or a year.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BudgetView {
    /// `2026-10`, or `2026`.
    period: String,
    /// What it may spend: epsilon in decimal digits.
    cap: String,
    /// What it has spent.
    spent: String,
    /// What is left.
    left: String,
    /// The same three in billionths.
    cap_nano: u64,
    /// Spent.
    spent_nano: u64,
    /// Left.
    left_nano: u64,
    /// What of it was spent by each plan, in billionths.
    by_plan: BTreeMap<String, u64>,
}

/// What is left of the privacy budget.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BudgetList {
    /// Entries of the log from which it follows.
    entries: u64,
    /// Every month and year that has spent something; the others have spent nothing.
    budgets: Vec<BudgetView>,
}

/// Every release that was charged, oldest first.
#[utoipa::path(get, path = "/v1/releases", tag = "releases",
    responses((status = 200, body = ReleaseList), Refusals))]
pub(super) async fn releases(
    Shared(state): Shared<State>,
    _: NoParameters,
) -> Result<Json<ReleaseList>, Problem> {
    state
        .apart(|state| {
            let charges = account(state.database()?)?.charges;
            Ok(Json(ReleaseList { releases: charges.into_iter().map(ReleaseView::from).collect() }))
        })
        .await
}

/// What each month and year has spent of the privacy budget, and what is left.
#[utoipa::path(get, path = "/v1/budget", tag = "releases",
    responses((status = 200, body = BudgetList), Refusals))]
pub(super) async fn budget(
    Shared(state): Shared<State>,
    _: NoParameters,
) -> Result<Json<BudgetList>, Problem> {
    state
        .apart(|state| {
            let account = account(state.database()?)?;
            let budgets = account.budgets.into_iter().map(BudgetView::from).collect();
            Ok(Json(BudgetList { entries: account.entries, budgets }))
        })
        .await
}

impl From<Charge> for ReleaseView {
    fn from(charge: Charge) -> Self {
        let tables = charge.tables.into_iter().map(|table| TableCost {
            name: table.name,
            epsilon_nano: table.epsilon_nano,
            sensitivity: table.sensitivity,
        });
        Self {
            release_id: charge.release_id,
            period: charge.period,
            plan: charge.plan,
            revision: charge.revision,
            charged_on: charge.charged_on,
            epsilon: decimal(charge.epsilon_nano),
            epsilon_nano: charge.epsilon_nano,
            tables: tables.collect(),
        }
    }
}

impl From<Budget> for BudgetView {
    fn from(budget: Budget) -> Self {
        let left_nano = budget.left_nano();
        Self {
            cap: decimal(budget.cap_nano),
            spent: decimal(budget.spent_nano),
            left: decimal(left_nano),
            cap_nano: budget.cap_nano,
            spent_nano: budget.spent_nano,
            left_nano,
            period: budget.period,
            by_plan: budget.by_plan,
        }
    }
}
