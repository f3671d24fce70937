//! What was published, and what is left of the privacy budget.

use axum::extract::State as Shared;
use maud::html;

use super::super::Problem;
use super::gate::{Console, Trouble, Visit, failed};
use super::page::{self, Html, Page};
use super::words;
use crate::release::{Account, RegisteredPlan, account, decimal, plans};

/// Charges and budgets that are shown; the latest.
const MOST: usize = 120;

/// The page.
pub(super) async fn show(Shared(console): Shared<Console>, visit: Visit) -> Result<Html, Trouble> {
    let (account, plans): (Account, Vec<RegisteredPlan>) = console
        .state
        .apart(|state| {
            let home = state.database()?;
            Ok::<_, Problem>((account(home).map_err(failed)?, plans(home).map_err(failed)?))
        })
        .await?;
    let body = html! {
        p.lead { (words::RELEASES_LEAD) }
        section {
            h2 { (words::BUDGETS) }
            @if account.budgets.is_empty() { p.empty { (words::NOTHING_SPENT) } } @else {
                (page::table(words::BUDGETS_CAPTION, &words::BUDGET_HEADS, html! {
                    @for budget in account.budgets.iter().rev().take(MOST) {
                        tr {
                            th scope="row" { (budget.period) }
                            td.n { (decimal(budget.cap_nano)) }
                            td.n { (decimal(budget.spent_nano)) }
                            td.n { strong { (decimal(budget.left_nano())) } }
                            td { @for (at, (plan, nano)) in budget.by_plan.iter().enumerate() {
                                @if at > 0 { ", " } (plan) " " (decimal(*nano))
                            } }
                        }
                    }
                }))
            }
        }
        section {
            h2 { (words::CHARGES) }
            @if account.charges.is_empty() { p.empty { (words::NOTHING_PUBLISHED) } } @else {
                (page::table(words::CHARGES_CAPTION, &words::CHARGE_HEADS, html! {
                    @for charge in account.charges.iter().rev().take(MOST) {
                        tr {
                            th scope="row" { (charge.period.in_words()) }
                            td { (charge.plan) }
                            td.n { (charge.revision) }
                            td.n { (decimal(charge.epsilon_nano)) }
                            td { (charge.charged_on) }
                            td { @match &charge.release_id {
                                Some(release) => span.code { (release) },
                                None => span.warn { (words::INTERRUPTED) },
                            } }
                        }
                    }
                }))
            }
        }
        section {
            h2 { (words::PLANS) }
            @if plans.is_empty() { p.empty { (words::NO_PLANS) } } @else {
                (page::table(words::PLANS_CAPTION, &words::PLAN_HEADS, html! {
                    @for plan in plans.iter().rev().take(MOST) {
                        tr {
                            th scope="row" { (plan.plan.name()) }
                            td { (plan.registered_on) }
                            td { (plan.applies_from.in_words()) }
                            td { (plan.plan.expires().in_words()) }
                            td { @if let Some(ended) = plan.ended_from { (ended.in_words()) } }
                        }
                    }
                }))
            }
        }
    };
    Ok(page::page(&visit, console.state.0.home.is_demo(), Page::Releases, words::RELEASES, body))
}
