//! `innerward release ledger`

use clap::Args;
use serde_json::json;

use crate::cli::global::Global;
use crate::cli::output::Output;
use crate::release::{Charge, account, decimal};

/// Show every charge to the privacy budget, and what is left of it
///
/// The ledger is worked out anew from its log; if the two differ, that is said instead, and nothing more is published.
#[derive(Args)]
pub(in crate::cli) struct Ledger {}

impl Ledger {
    #[allow(clippy::unused_self, reason = "a verb without options, as the others have it")]
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let account = account(&global.open_home()?)?;
        if account.charges.is_empty() {
            out.text("Nothing has been charged.")?;
        }
        for charge in &account.charges {
            out.json("charge", charge)?;
            out.text(format_args!("{}  {}", charge.charged_on, in_words(charge)))?;
            for table in &charge.tables {
                out.text(format_args!(
                    "{:12}table {}: epsilon {}, sensitivity {}",
                    "",
                    table.name,
                    decimal(table.epsilon_nano),
                    table.sensitivity
                ))?;
            }
        }
        if !account.budgets.is_empty() {
            out.text("\nWhat each month and year has spent, all plans together:")?;
        }
        for budget in &account.budgets {
            out.json(
                "budget",
                &json!({
                    "period": budget.period, "cap_nano": budget.cap_nano, "spent_nano": budget.spent_nano,
                    "left_nano": budget.left_nano(), "by_plan": budget.by_plan,
                }),
            )?;
            let by_plan = budget.by_plan.iter().map(|(plan, nano)| format!("{plan} {}", decimal(*nano)));
            out.text(format_args!(
                "  {:<8} {} of {} spent ({}), {} left",
                budget.period,
                decimal(budget.spent_nano),
                decimal(budget.cap_nano),
                by_plan.collect::<Vec<_>>().join(", "),
                decimal(budget.left_nano())
            ))?;
        }
        out.json("summary", &json!({ "charges": account.charges.len(), "entries": account.entries }))?;
        if account.entries > 0 {
            out.text(format_args!(
                "\nThe ledger follows from its log of {} entries (`innerward release log`).",
                account.entries
            ))?;
        }
        Ok(())
    }
}

fn in_words(charge: &Charge) -> String {
    let fate = charge.release_id.as_deref().unwrap_or("interrupted; publish the period again to finish it");
    let revision =
        if charge.revision > 1 { format!(", correction {}", charge.revision - 1) } else { String::new() };
    format!(
        "{}, plan {}{revision}: epsilon {}  {fate}",
        charge.period,
        charge.plan,
        decimal(charge.epsilon_nano)
    )
}
