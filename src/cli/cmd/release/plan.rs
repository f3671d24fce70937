//! `innerward release plan …`

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde_json::json;

use super::check::{Check, Print, Suggest};
use crate::cli::deed::Doing;
use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::{Output, grouped};
use crate::home::Did;
use crate::release::{self, Plan, Ready, RegisteredPlan, decimal, ready_text};
use crate::vocabulary::Period;

/// Choose a plan, check it, register it
#[derive(Subcommand)]
pub(in crate::cli) enum PlanVerb {
    Suggest(Suggest),
    Print(Print),
    Check(Check),
    Register(Register),
    Show(Show),
}

/// Show the plans that are registered, and which are in force
///
/// `plan print` shows those that come with innerward.
#[derive(Args)]
pub(in crate::cli) struct Show {}

/// Register a plan for the periods to come
///
/// A plan names its tables before the data are seen: it applies from the next month, quarter or year on, until it
/// expires or another takes its place. A period that begins without a plan can never be published under one. Plans of
/// different names hold beside each other, as far as the budget of each month covers all of them.
#[derive(Args)]
pub(in crate::cli) struct Register {
    /// The plan's TOML file, or the name of a ready plan
    #[arg(value_name = "FILE|NAME", default_value = "coarse")]
    plan: PathBuf,

    /// End the plan NAME when this one begins; a plan of the same name is ended without this
    #[arg(long, value_name = "NAME")]
    replaces: Option<String>,
}

impl PlanVerb {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        match self {
            Self::Suggest(verb) => verb.run(out),
            Self::Print(verb) => verb.run(out),
            Self::Check(verb) => verb.run(out),
            Self::Register(verb) => verb.run(global, out),
            Self::Show(verb) => verb.run(global, out),
        }
    }
}

/// The text of a plan: of the ready plan that `plan` names, if there is no such file, else of the file.
pub(super) fn plan_text(plan: &Path, today: Date) -> anyhow::Result<String> {
    let ready: Option<Ready> = plan.to_str().and_then(|name| name.parse().ok());
    match ready {
        Some(ready) if !plan.exists() => Ok(ready_text(ready, ready.period(), today)),
        _ => std::fs::read_to_string(plan).with_context(|| {
            let ready = Ready::ALL.map(Ready::as_str).join(", ");
            format!("{}: neither a file that can be read nor a ready plan ({ready})", plan.display())
        }),
    }
}

impl Show {
    fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let today = global.clock(&home)?.today();
        let plans = release::plans(&home)?;
        for plan in &plans {
            let current = plan.is_in_force(Period::of(plan.plan.period(), today));
            let cells: usize = plan.plan.tables().iter().map(|table| table.domain().cells().len()).sum();
            out.json("plan", &plan_record(plan, Some(current)))?;
            out.prose(format_args!(
                "{}: registered on {}, applies from {}{}: {} in {}, epsilon {} a {}{}",
                plan.plan.name(),
                plan.registered_on,
                plan.applies_from.in_words(),
                until(plan),
                counted_tables(plan),
                grouped(cells as u64) + " cells",
                decimal(plan.plan.charge_nano()),
                plan.plan.period().as_str(),
                if current { "; in force" } else { "" },
            ))?;
        }
        if plans.is_empty() {
            let ready = Ready::ALL.map(Ready::as_str).join(", ");
            out.prose(format_args!("No plan is registered. Ready plans are {ready}; look at one with:"))?;
            out.text("  innerward release plan check NAME")?;
        }
        out.json("summary", &json!({ "plans": plans.len() }))?;
        Ok(())
    }
}

fn counted_tables(plan: &RegisteredPlan) -> String {
    match plan.plan.tables().len() {
        1 => "1 table".into(),
        more => format!("{more} tables"),
    }
}

/// Up to when it holds, in words.
fn until(plan: &RegisteredPlan) -> String {
    match plan.ended_from {
        Some(ended) => format!(", until another took its place from {}", ended.in_words()),
        None => format!(" to {}", plan.plan.expires().in_words()),
    }
}

fn plan_record(plan: &RegisteredPlan, in_force: Option<bool>) -> serde_json::Value {
    let tables: Vec<_> = plan
        .plan
        .tables()
        .iter()
        .map(|table| {
            let protection = table.protection();
            json!({
                "name": table.name(), "indicator": table.indicator(), "cells": table.domain().cells().len(),
                "epsilon_nano": protection.epsilon().nano(), "sensitivity": protection.sensitivity(),
                "threshold": protection.threshold(), "half_width": protection.half_width(),
            })
        })
        .collect();
    json!({
        "name": plan.plan.name(), "digest": plan.digest, "registered_on": plan.registered_on,
        "applies_from": plan.applies_from, "expires": plan.plan.expires(), "ended_from": plan.ended_from,
        "replaces": plan.replaces, "period": plan.plan.period(), "audience": plan.plan.audience(),
        "epsilon_nano": plan.plan.charge_nano(), "cap_nano": plan.plan.cap().nano(),
        "items_per_case": plan.plan.items_per_case(), "tables": tables, "in_force": in_force,
    })
}

impl Register {
    fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_or_create_home()?;
        let clock = global.clock(&home)?;
        let text = plan_text(&self.plan, clock.today())?;
        let lock = home.lock_within(PATIENCE)?;
        let shown = || self.plan.display().to_string();
        let name = text.parse::<Plan>().with_context(shown)?.name().to_owned();
        let plan = Doing::new(None, Did::PlanRegister, &name).during(global, &home, || {
            release::register(&home, &lock, clock, &text, self.replaces.as_deref()).with_context(shown)
        })?;
        out.json("plan", &plan_record(&plan, None))?;
        out.json("summary", &json!({ "plans": 1 }))?;
        out.prose(format_args!(
            "{} is registered; it applies from {} on, which can be published from {} on.",
            plan.plan.name(),
            plan.applies_from.in_words(),
            plan.applies_from.next().first_day()
        ))?;
        if plan.plan.items_per_case().is_some() {
            out.text("It caps the items of a case: from then on, every run needs --case.")?;
        }
        if let Some((month, names)) = release::without_corrections(&home, &plan)? {
            out.prose(format_args!(
                "Nothing is left for corrections: of {}, the plans in force ({}) together are charged all that its cap \
                 allows. A plan with a larger cap (4 at most) leaves room.",
                month.in_words(),
                names.join(", ")
            ))?;
        }
        Ok(())
    }
}
