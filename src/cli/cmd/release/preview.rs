//! `innerward release preview`

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::plan::plan_text;
use super::words;
use crate::cli::output::{Output, grouped, wrapped};
use crate::home::Clock;
use crate::release::{self, Plan, PlanTable, SyntheticTable, Typed};

/// Show what a release would look like, on made-up numbers
///
/// Draws noise for the number that you type; never reads the tally, so trying costs no budget.
#[derive(Args)]
pub(in crate::cli) struct Preview {
    /// How many a period has of what each table counts, spread over its cells by a fixed rule
    #[arg(long, value_name = "N", default_value_t = 2000)]
    items: u64,

    /// The plan's TOML file, or the name of a ready plan
    #[arg(long, value_name = "FILE|NAME", default_value = "coarse")]
    plan: PathBuf,
}

impl Preview {
    pub(super) fn run(&self, out: &mut Output) -> anyhow::Result<()> {
        let plan: Plan = plan_text(&self.plan, Clock::system().today())?
            .parse()
            .with_context(|| self.plan.display().to_string())?;
        let tables = release::preview(&plan, &Typed::Total(self.items), &mut release::system_rng())?;
        out.prose(format_args!(
            "Made-up numbers: {} a {} under the plan {:?}. Nothing was read from the tally.",
            grouped(self.items),
            plan.period().as_str(),
            plan.name()
        ))?;
        let (mut all, mut all_shown) = (0, 0);
        for (table, drawn) in plan.tables().iter().zip(&tables) {
            all += drawn.cells.len();
            all_shown += show(table, drawn, out)?;
        }
        out.json("summary", &json!({ "cells": all, "shown": all_shown, "synthetic": true }))?;
        Ok(())
    }
}

/// Prints a table; how many cells are shown.
fn show(table: &PlanTable, drawn: &SyntheticTable, out: &mut Output) -> anyhow::Result<usize> {
    let protection = table.protection();
    out.text("")?;
    out.prose(format_args!(
        "Table {} ({}): epsilon {}, values below {} withheld, 95 % interval: the value and {} to either side.",
        table.name(),
        table.indicator(),
        protection.epsilon(),
        protection.threshold(),
        protection.half_width()
    ))?;
    out.text(format_args!("  {:<28} {:>9}  {}", "cell", "made up", "shown"))?;
    for cell in &drawn.cells {
        out.json(
            "preview",
            &json!({
                "table": drawn.name, "codes": cell.codes, "typed": cell.typed, "shown": cell.shown,
                "status": cell.status.letter(),
            }),
        )?;
        let shown = cell.shown.map_or_else(|| "withheld".into(), grouped);
        let words = words(&cell.codes);
        // The numbers stand beside the last line of a cell of many words.
        let mut lines = wrapped(&words, 54);
        let last = lines.pop().unwrap_or_default();
        for line in lines {
            out.text(format_args!("  {line}"))?;
        }
        out.text(format_args!("  {last:<28} {:>9}  {shown}", grouped(cell.typed)))?;
    }
    let shown = drawn.cells.iter().filter(|cell| cell.shown.is_some()).count();
    out.text(format_args!("  {shown} of {} cells would be shown this time.", drawn.cells.len()))?;
    Ok(shown)
}
