//! `innerward release …`

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::json;

use super::release_log::LogVerb;
use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::{Output, grouped};
use crate::cli::status::Status;
use crate::home::{Clock, Home};
use crate::release::{
    self, COARSE, ListFacts, PUBLIC_KEY_FILE, Plan, PublicKey, Published, ReleasedCell, Request, Typed,
};
use crate::tally::{ListInUse, Tally};
use crate::vocabulary::{Code, Period};

/// Turn exact counts into a signed release that may be shared
#[derive(Subcommand)]
pub(in crate::cli) enum ReleaseVerb {
    #[command(subcommand)]
    Plan(PlanVerb),
    Preview(Preview),
    Publish(Publish),
    Verify(Verify),
    /// Show every charge to the privacy budget, and what is left of it
    Ledger,
    #[command(subcommand)]
    Log(LogVerb),
}

/// Show the registered plan, or register one
#[derive(Subcommand)]
pub(in crate::cli) enum PlanVerb {
    /// Show the plans that are registered, and the one that is shipped
    Show,
    Register(Register),
}

/// Register a plan for the months to come
///
/// A plan names its table before the data are seen: it applies from the next month on, until another replaces it. A
/// month that begins without a plan can never be published.
#[derive(Args)]
pub(in crate::cli) struct Register {
    /// The plan's TOML file [default: the coarse plan that innerward ships]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Show what a release would look like, on made-up numbers
///
/// Draws noise for the number of items that you type; never reads the tally, so trying costs no budget.
#[derive(Args)]
pub(in crate::cli) struct Preview {
    /// Items in a month, spread over the cells by a fixed rule
    #[arg(long, value_name = "N", default_value_t = 2000)]
    items: u64,

    /// The plan's TOML file [default: the coarse plan that innerward ships]
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
}

/// Publish a month that is over, once
///
/// Charges the privacy budget, adds noise to every cell, withholds what is small, signs, and writes
/// HOME/public/RELEASE/. Published again, a month gives the very same bytes.
#[derive(Args)]
pub(in crate::cli) struct Publish {
    /// The month, as YYYY-MM [default: the last one that is over]
    #[arg(long, value_name = "MONTH")]
    period: Option<Period>,
}

/// Check a release with nothing but its folder and the publisher's key; needs no home
///
/// Checks the signature, the table and everything that the manifest says of it. Any changed byte is refused.
#[derive(Args)]
pub(in crate::cli) struct Verify {
    /// The release's folder
    folder: PathBuf,

    /// The publisher's key: the file innerward.pub, or the key itself (RW…), had from the publisher by another way
    #[arg(long, value_name = "KEY")]
    key: String,
}

impl ReleaseVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        match self {
            Self::Plan(PlanVerb::Show) => show_plans(global, out)?,
            Self::Plan(PlanVerb::Register(verb)) => verb.run(global, out)?,
            Self::Preview(verb) => verb.run(out)?,
            Self::Publish(verb) => verb.run(global, out)?,
            Self::Verify(verb) => verb.run(out)?,
            Self::Ledger => log(&global.open_home()?, out)?,
            Self::Log(verb) => verb.run(global, out)?,
        }
        Ok(Status::default())
    }
}

fn plan_text(file: Option<&PathBuf>) -> anyhow::Result<String> {
    file.map_or_else(
        || Ok(COARSE.to_owned()),
        |file| std::fs::read_to_string(file).with_context(|| file.display().to_string()),
    )
}

fn show_plans(global: &Global, out: &mut Output) -> anyhow::Result<()> {
    let plans = release::plans(&global.open_home()?)?;
    for plan in &plans {
        let protection = plan.plan.table().protection();
        out.json(
            "plan",
            &json!({
                "name": plan.plan.name(), "digest": plan.digest, "registered_on": plan.registered_on,
                "applies_from": plan.applies_from, "cells": plan.plan.table().domain().cells().len(),
                "epsilon_nano": protection.epsilon().nano(),
            }),
        )?;
        out.text(format_args!(
            "{}: registered on {}, applies from {}, {} cells, epsilon {} a month",
            plan.plan.name(),
            plan.registered_on,
            plan.applies_from.in_words(),
            plan.plan.table().domain().cells().len(),
            epsilon(protection.epsilon().nano())
        ))?;
    }
    if plans.is_empty() {
        out.text("No plan is registered; `innerward release plan register` registers this one, which is shipped:\n")?;
        out.text(COARSE)?;
    }
    out.json("summary", &json!({ "plans": plans.len() }))?;
    Ok(())
}

impl Register {
    fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let text = plan_text(self.file.as_ref())?;
        let home = global.open_or_create_home()?;
        let clock = global.clock(&home)?;
        let lock = home.lock_within(PATIENCE)?;
        let plan = release::register(&home, &lock, clock, &text).with_context(|| {
            self.file.as_ref().map_or_else(|| "the shipped plan".into(), |file| file.display().to_string())
        })?;
        out.json(
            "plan",
            &json!({ "name": plan.plan.name(), "digest": plan.digest, "applies_from": plan.applies_from }),
        )?;
        out.json("summary", &json!({ "plans": 1 }))?;
        out.text(format_args!(
            "{} is registered; it applies from {} on, which can be published from {} on.",
            plan.plan.name(),
            plan.applies_from.in_words(),
            plan.applies_from.next().first_day()
        ))?;
        Ok(())
    }
}

impl Preview {
    fn run(&self, out: &mut Output) -> anyhow::Result<()> {
        let plan: Plan = plan_text(self.plan.as_ref())?.parse()?;
        let cells = release::preview(&plan, &Typed::Total(self.items), &mut release::system_rng())?;
        let protection = plan.table().protection();
        out.text(format_args!(
            "Made-up numbers: {} items a month under the plan {:?}. Nothing was read from the tally.",
            grouped(self.items),
            plan.name()
        ))?;
        out.text(format_args!(
            "Epsilon {}, values below {} withheld, 95 % interval: the value and {} to either side.\n",
            epsilon(protection.epsilon().nano()),
            protection.threshold(),
            protection.half_width()
        ))?;
        out.text(format_args!("  {:<28} {:>9}  {}", "cell", "made up", "shown"))?;
        for cell in &cells {
            let codes = words(&cell.codes);
            out.json("preview", &json!({ "codes": cell.codes, "typed": cell.typed, "shown": cell.shown, "status": cell.status.letter() }))?;
            let shown = cell.shown.map_or_else(|| "withheld".into(), grouped);
            out.text(format_args!("  {codes:<28} {:>9}  {shown}", grouped(cell.typed)))?;
        }
        let shown = cells.iter().filter(|cell| cell.shown.is_some()).count();
        out.json("summary", &json!({ "cells": cells.len(), "shown": shown, "synthetic": true }))?;
        out.text(format_args!("\n{shown} of {} cells would be shown this time.", cells.len()))?;
        Ok(())
    }
}

impl Publish {
    fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let clock = global.clock(&home)?;
        let period = self.period.unwrap_or_else(|| Period::containing(clock.today()).previous());
        let published = publish(&home, clock, period)?;
        let words =
            if published.already { "was published before; the same bytes again" } else { "is published" };
        out.json("release", &json!({ "release_id": published.release_id, "folder": published.dir, "already": published.already }))?;
        out.json("summary", &json!({ "releases": 1 }))?;
        out.text(format_args!("{} {words}: {}", published.release_id, published.dir.display()))?;
        let key = home.public_dir().join(PUBLIC_KEY_FILE);
        out.text("Anyone who has the folder and the key checks it with:")?;
        out.text(format_args!(
            "  innerward release verify {} --key {}",
            published.dir.display(),
            key.display()
        ))?;
        Ok(())
    }
}

/// Publishes `period` of `home`.
pub(in crate::cli) fn publish(home: &Home, clock: Clock, period: Period) -> anyhow::Result<Published> {
    let lock = home.lock_within(PATIENCE)?;
    let facts = |list: ListInUse| ListFacts {
        list_class: list.list_class,
        revised: list.revised,
        active_entries: list.active_entries,
    };
    let lists: Vec<ListFacts> = Tally::open(home)?.lists(period)?.into_iter().map(facts).collect();
    let config = home.config()?;
    let request = Request { clock, period, lists: &lists, config: &config };
    let cube = || {
        // What is published is what was counted: the month takes nothing more from here on.
        let mut tally = Tally::open(home)?;
        tally.seal(&home.lock_tally()?, period, &[])?;
        tally.cube(period, None)
    };
    Ok(release::publish(home, &lock, &request, cube, &mut release::system_rng())?)
}

impl Verify {
    fn run(&self, out: &mut Output) -> anyhow::Result<()> {
        let release = release::verify(&self.folder, &key(&self.key)?)?;
        let manifest = release.manifest();
        let shown = release.cells().iter().filter(|cell| cell.value.is_some()).count();
        out.json(
            "release",
            &json!({
                "release_id": manifest.release_id, "demo": manifest.demo, "publisher": manifest.publisher,
                "period": manifest.period, "epsilon_nano": manifest.epsilon_nano, "cells": release.cells().len(),
                "shown": shown, "valid": true,
            }),
        )?;
        out.json("summary", &json!({ "releases": 1 }))?;
        out.text(format_args!(
            "{}: the signature holds, and the table is what the manifest says.",
            manifest.release_id
        ))?;
        out.text(format_args!("  publisher   {}", manifest.publisher))?;
        out.text(format_args!("  month       {}", manifest.period.in_words()))?;
        out.text(format_args!(
            "  protection  epsilon {} an item and month, values below {} withheld",
            epsilon(manifest.epsilon_nano),
            manifest.table.threshold
        ))?;
        out.text(format_args!("  shown       {shown} of {} cells", release.cells().len()))?;
        if manifest.demo {
            out.text("  DEMO        the numbers describe nothing")?;
        }
        Ok(())
    }
}

/// The key in a file, or the key itself.
pub(in crate::cli) fn key(text: &str) -> anyhow::Result<PublicKey> {
    if Path::new(text).exists() {
        return PublicKey::read(Path::new(text)).with_context(|| text.to_owned());
    }
    text.parse().with_context(|| format!("{text}: no such file, and"))
}

fn log(home: &Home, out: &mut Output) -> anyhow::Result<()> {
    let log = release::log(home)?;
    if log.charges.is_empty() {
        out.text("Nothing has been charged.")?;
    }
    for charge in &log.charges {
        out.json(
            "charge",
            &json!({
                "period": charge.period, "table": charge.table, "revision": charge.revision,
                "epsilon_nano": charge.epsilon_nano, "charged_on": charge.charged_on, "release_id": charge.release_id,
            }),
        )?;
        let fate =
            charge.release_id.as_deref().unwrap_or("interrupted; publish the month again to finish it");
        out.text(format_args!(
            "{}  {}, table {}: epsilon {}  {fate}",
            charge.charged_on,
            charge.period,
            charge.table,
            epsilon(charge.epsilon_nano)
        ))?;
    }
    for budget in &log.budgets {
        out.json(
            "budget",
            &json!({ "period": budget.period, "cap_nano": budget.cap_nano, "spent_nano": budget.spent_nano }),
        )?;
        out.text(format_args!(
            "budget of {}: {} of {} spent, {} left",
            budget.period,
            epsilon(budget.spent_nano),
            epsilon(budget.cap_nano),
            epsilon(budget.left_nano())
        ))?;
    }
    out.json("summary", &json!({ "charges": log.charges.len() }))?;
    Ok(())
}

/// The table of a release, for a terminal.
pub(in crate::cli) fn print_cells(cells: &[ReleasedCell], out: &mut Output) -> anyhow::Result<()> {
    for cell in cells {
        let value = match (cell.value, cell.interval) {
            (Some(value), Some((low, high))) => {
                format!(
                    "about {} (between {} and {})",
                    grouped(value.get()),
                    grouped(low.get()),
                    grouped(high.get())
                )
            }
            _ => "withheld".into(),
        };
        out.text(format_args!("  {:<28} {value}", words(&cell.codes)))?;
    }
    Ok(())
}

/// The codes of a cell in words, without those that do not apply.
fn words(codes: &[Code]) -> String {
    codes.iter().filter(|code| code.as_str() != "_Z").map(|code| code.label()).collect::<Vec<_>>().join(", ")
}

/// Billionths as a decimal number.
pub(super) fn epsilon(nano: u64) -> String {
    let text = format!("{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn billionths_are_written_without_rounding() {
        for (nano, text) in
            [(1_000_000_000, "1"), (500_000_000, "0.5"), (1, "0.000000001"), (12_000_000_000, "12")]
        {
            assert_eq!(epsilon(nano), text);
        }
    }
}
