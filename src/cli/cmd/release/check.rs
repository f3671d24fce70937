//! `innerward release plan check` and `suggest`: what a plan would give, before anything is spent.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;

use super::plan::plan_text;
use crate::cli::output::{Output, complain, grouped, wrapped};
use crate::home::{Clock, write_atomic};
use crate::release::{Outlook, Plan, PlanTable, Ready, Suggestion, WORTH, decimal, ready_text, suggest};
use crate::vocabulary::PeriodKind;

/// Check a plan, and say what its readers should expect, before anything is spent
///
/// Reads the plan alone, never the tally. For each table: cells, epsilon, noise, the threshold from which values are
/// shown, the 95 % interval, and the change between two periods that noise alone could make.
#[derive(Args)]
pub(in crate::cli) struct Check {
    /// The plan's TOML file, or the name of a ready plan
    #[arg(value_name = "FILE|NAME")]
    plan: PathBuf,

    /// True counts of a cell for which the expected error is shown
    #[arg(long, value_name = "COUNT", num_args = 1.., default_values_t = [9, 25, 50, 100, 250, 1000])]
    at: Vec<u64>,
}

/// Propose a plan for an organisation of your size
///
/// The number is one that you type, from public figures or by guess: the tally is never read. Items are spread over the
/// cells as unevenly as counts of this field are (Zipf's law).
#[derive(Args)]
pub(in crate::cli) struct Suggest {
    /// Items that are screened in a month, roughly
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    items_per_month: u64,

    /// Write the proposed plan to FILE, to be changed and registered
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Print a plan that comes with innerward, as a starting point for your own
#[derive(Args)]
pub(in crate::cli) struct Print {
    /// small-hotline, national, platform, coarse or verdicts
    name: Ready,
}

impl Check {
    pub(super) fn run(&self, out: &mut Output) -> anyhow::Result<()> {
        let today = Clock::system().today();
        let plan: Plan =
            plan_text(&self.plan, today)?.parse().with_context(|| self.plan.display().to_string())?;
        let expired = plan.expires().last_day() < today;
        if expired {
            complain(format_args!(
                "{}: the plan expired with {}, and can no longer be registered; set expires later",
                self.plan.display(),
                plan.expires().in_words()
            ));
        }
        print_plan(&plan, expired, out)?;
        print_expectations(&plan, &self.at, out)?;
        out.json("summary", &json!({ "tables": plan.tables().len(), "spent": false }))?;
        out.text("Nothing was read from the tally, and nothing is spent.")?;
        Ok(())
    }
}

/// Releases of a full year.
fn releases_a_year(kind: PeriodKind) -> u64 {
    match kind {
        PeriodKind::Month => 12,
        PeriodKind::Quarter => 4,
        PeriodKind::Year => 1,
    }
}

/// The plan as a whole, and a line for each table.
fn print_plan(plan: &Plan, expired: bool, out: &mut Output) -> anyhow::Result<()> {
    let (asked, cap) = (plan.charge_nano(), plan.cap().nano());
    let releases = releases_a_year(plan.period());
    let (year, year_cap) = (asked * releases, cap * releases);
    out.json(
        "plan",
        &json!({
            "name": plan.name(), "period": plan.period().as_str(), "audience": plan.audience().as_str(),
            "expires": plan.expires(), "expired": expired, "epsilon_nano": asked, "cap_nano": cap, "releases_a_year": releases,
            "year_epsilon_nano": year, "year_cap_nano": year_cap, "items_per_case": plan.items_per_case(),
        }),
    )?;
    let kind = plan.period().as_str();
    out.prose(format_args!(
        "{}: a release every {kind}, the last for {}; audience: {}",
        plan.name(),
        plan.expires().in_words(),
        plan.audience().as_str()
    ))?;
    if expired {
        out.text("expired: it can no longer be registered")?;
    }
    out.text(format_args!(
        "epsilon {} a release; a {kind} may spend {}, which leaves {} for corrections",
        decimal(asked),
        decimal(cap),
        decimal(cap - asked)
    ))?;
    out.text(format_args!(
        "a full year: {releases} releases, epsilon {}, at most {}\n",
        decimal(year),
        decimal(year_cap)
    ))?;
    out.text(format_args!(
        "{:<12} {:<13} {:>5} {:>11} {:>9} {:>5} {:>5} {:>7}",
        "table", "counts", "cells", "epsilon", "noise sd", "from", "95 %", "change"
    ))?;
    for table in plan.tables() {
        print_table(table, out)?;
    }
    out.text(concat!(
        "\nfrom: the smallest value that is shown. 95 %: the interval to either side of a\n",
        "shown value. change: what noise alone can make of no change between two periods.\n"
    ))?;
    Ok(())
}

fn print_table(table: &PlanTable, out: &mut Output) -> anyhow::Result<()> {
    let (protection, outlook) = (table.protection(), Outlook::of(table.protection()));
    out.json(
        "table",
        &json!({
            "name": table.name(), "indicator": table.indicator(), "unit": table.indicator().unit().as_str(),
            "dimensions": table.domain().dimensions(), "cells": table.domain().cells().len(),
            "epsilon_nano": protection.epsilon().nano(), "sensitivity": protection.sensitivity(),
            "k": protection.k(), "beta": protection.beta().to_string(), "threshold": protection.threshold(),
            "half_width": protection.half_width(), "noise_sd": protection.noise_sd(),
            "rounding": protection.rounding(), "unclear_change": outlook.unclear_change(),
            "detectable_change": outlook.detectable_change(),
        }),
    )?;
    out.text(format_args!(
        "{:<12} {:<13} {:>5} {:>11} {:>9} {:>5} {:>5} {:>7}",
        table.name(),
        table.indicator().as_str(),
        table.domain().cells().len(),
        decimal(protection.epsilon().nano()),
        protection.noise_sd(),
        protection.threshold(),
        format!("±{}", protection.half_width()),
        format!("±{}", outlook.unclear_change())
    ))?;
    if protection.sensitivity() > 1 {
        out.text(format_args!("  (an item counts {} times in the noise)", protection.sensitivity()))?;
    }
    Ok(())
}

/// For each kind of noise in the plan: how often a cell of a true count is shown, and how far off it is.
fn print_expectations(plan: &Plan, counts: &[u64], out: &mut Output) -> anyhow::Result<()> {
    let key = |table: &PlanTable| {
        let protection = table.protection();
        (protection.epsilon().nano(), protection.sensitivity(), protection.threshold(), protection.rounding())
    };
    let mut keys: Vec<_> = plan.tables().iter().map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    for wanted in keys {
        let tables: Vec<&PlanTable> = plan.tables().iter().filter(|table| key(table) == wanted).collect();
        let names: Vec<&str> = tables.iter().map(|table| table.name()).collect();
        let Some(first) = tables.first() else { continue };
        let outlook = Outlook::of(first.protection());
        out.text(format_args!("A cell of {}:", names.join(", ")))?;
        out.text(format_args!("  {:>10}  {:>16}  {:>14}", "true count", "shown, of 100", "usual error"))?;
        for &count in counts {
            let (shown, error) = (outlook.chance_shown(count), outlook.mean_error());
            out.json(
                "expected",
                &json!({ "tables": names, "count": count, "chance_shown": shown, "mean_error": error }),
            )?;
            let of_count =
                if count == 0 { String::new() } else { format!(" ({:.1} %)", 100.0 * error / count as f64) };
            let usual = if shown < 0.01 { "-".to_owned() } else { format!("{error:.1}{of_count}") };
            out.text(format_args!("  {:>10}  {:>16}  {usual:>14}", grouped(count), percent(shown)))?;
        }
        out.text("")?;
    }
    Ok(())
}

/// A chance in a hundred, in as few words as keep it true.
fn percent(chance: f64) -> String {
    match 100.0 * chance {
        hundred if hundred < 0.01 => "less than 0.01".to_owned(),
        hundred if hundred > 99.99 => "more than 99.99".to_owned(),
        hundred => format!("{hundred:.2}"),
    }
}

impl Print {
    pub(super) fn run(&self, out: &mut Output) -> anyhow::Result<()> {
        let text = ready_text(self.name, self.name.period(), Clock::system().today());
        out.json("plan", &json!({ "name": self.name.as_str(), "text": text }))?;
        out.json("summary", &json!({ "plans": 1 }))?;
        out.text(text.trim_end())?;
        Ok(())
    }
}

impl Suggest {
    pub(super) fn run(&self, out: &mut Output) -> anyhow::Result<()> {
        let weighed = suggest(self.items_per_month, Clock::system().today());
        let chosen = weighed.iter().position(Suggestion::is_worth_it);
        out.text(format_args!(
            "For about {} items a month, as typed; the tally was not read.\n",
            grouped(self.items_per_month)
        ))?;
        out.text(format_args!(
            "  {:<14} {:<8} {:>7} {:>14}  {:>14}",
            "plan", "every", "tables", "cells shown", "items in them"
        ))?;
        for (at, suggestion) in weighed.iter().enumerate() {
            print_suggestion(suggestion, chosen == Some(at), out)?;
        }
        let summary = json!({ "weighed": weighed.len(), "chosen": chosen.is_some() });
        let Some(chosen) = chosen.map(|at| &weighed[at]) else {
            let shows = |one: &Suggestion| one.tables.iter().any(|table| table.shown > 0);
            let by_year = weighed.iter().any(|one| one.plan.period() == PeriodKind::Year && shows(one));
            out.text("")?;
            out.prose(format_args!(
                "No plan shows most of so few items. Publish {}together with others: small numbers cannot be both useful \
                 and protected.",
                if by_year { "by the year, or " } else { "" }
            ))?;
            out.json("summary", &summary)?;
            if self.out.is_some() {
                bail!("no plan was written: none shows most of so few items");
            }
            return Ok(());
        };
        print_trends(chosen, out)?;
        match &self.out {
            Some(file) => {
                write_atomic(file, chosen.text.as_bytes(), 0o644)?;
                out.text(format_args!("\nWritten: {}. Change it as you like, then:", file.display()))?;
                out.text(format_args!("  innerward release plan check {}", file.display()))?;
                out.text(format_args!("  innerward release plan register {}", file.display()))?;
            }
            None => out.text("\nWrite it to a file with --out FILE.")?,
        }
        out.json("summary", &summary)?;
        Ok(())
    }
}

fn print_suggestion(suggestion: &Suggestion, chosen: bool, out: &mut Output) -> anyhow::Result<()> {
    let (plan, tables) = (&suggestion.plan, &suggestion.tables);
    let (shown, cells): (usize, usize) =
        (tables.iter().map(|t| t.shown).sum(), tables.iter().map(|t| t.cells).sum());
    let least = tables.iter().map(|table| table.share).fold(1.0, f64::min);
    out.json(
        "suggestion",
        &json!({
            "plan": plan.name(), "period": plan.period().as_str(), "items": suggestion.items, "tables": tables.len(),
            "cells": cells, "cells_shown": shown, "share_shown": least, "chosen": chosen,
            "text": chosen.then_some(&suggestion.text),
        }),
    )?;
    let mark = if chosen { "  <- this one" } else { "" };
    out.text(format_args!(
        "  {:<14} {:<8} {:>7} {:>14}  {:>14}{mark}",
        plan.name(),
        plan.period().as_str(),
        tables.len(),
        format!("{shown} of {cells}"),
        format!("{:.0} %", 100.0 * least)
    ))?;
    Ok(())
}

/// Which changes the plan could show.
fn print_trends(suggestion: &Suggestion, out: &mut Output) -> anyhow::Result<()> {
    out.text("")?;
    out.prose(format_args!(
        "The finest that shows {:.0} % of the items of every table. What it could detect:",
        100.0 * WORTH
    ))?;
    for (table, outlook) in suggestion.plan.tables().iter().zip(&suggestion.tables) {
        let Some((largest, smallest)) = outlook.sizes else { continue };
        let change = outlook.outlook.detectable_change();
        let share = |size: u64| match 100.0 * change as f64 / size.max(1) as f64 {
            hundred if hundred < 1.0 => "less than 1 %".to_owned(),
            hundred => format!("{hundred:.0} %"),
        };
        out.json(
            "trend",
            &json!({
                "table": table.name(), "detectable_change": change, "largest_cell": largest, "smallest_shown_cell": smallest,
            }),
        )?;
        let words = format!(
            "{}: a change of {} items in a cell, four times of five: {} of its largest cell ({}), {} of its smallest that \
             is shown ({})",
            table.name(),
            grouped(change),
            share(largest),
            grouped(largest),
            share(smallest),
            grouped(smallest)
        );
        for line in wrapped(&words, 78) {
            out.text(format_args!("  {line}"))?;
        }
    }
    Ok(())
}
