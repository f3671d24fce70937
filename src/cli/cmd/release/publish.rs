//! `innerward release publish`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::cli::deed::Doing;
use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::{Output, complain, in_words};
use crate::cli::status::Status;
use crate::home::{Clock, Did, Home};
use crate::release::{self, PUBLIC_KEY_FILE, PeriodFacts, Published, RegisteredPlan, ReleaseError, Request};
use crate::tally::{Tally, TallyError};
use crate::vocabulary::{Period, PeriodKind};

/// Publish a period that is over, once
///
/// Charges the privacy budget, adds noise to every cell, withholds what is small, signs, and writes
/// HOME/public/RELEASE/: a release for each plan that was registered before the period began. Published again, a period
/// gives the very same bytes. It takes no more items from then on. If one of several plans fails, the others are published
/// all the same, and the command ends with 2.
#[derive(Args)]
pub(in crate::cli) struct Publish {
    /// The month (2026-10), quarter (2026-Q4) or year (2026) [default: for each plan, the last one that is over]
    #[arg(long, value_name = "PERIOD")]
    period: Option<Period>,

    /// Only under the plan NAME
    #[arg(long, value_name = "NAME")]
    plan: Option<String>,

    /// Correct what was published before: a new revision, which is charged again and takes its place
    #[arg(long, requires = "period")]
    revise: bool,

    /// Refuse, before anything is charged, if the log does not continue the head in FILE, as a partner keeps it [default:
    /// `witness` under [release] in innerward.toml]
    ///
    /// `innerward release log head` prints the head of today, to be handed to a partner. A home that was restored from an
    /// older copy has forgotten what it has spent; only a head that somebody else keeps shows that.
    #[arg(long, value_name = "FILE")]
    witness: Option<PathBuf>,
}

impl Publish {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let home = global.open_home()?;
        let clock = global.clock(&home)?;
        if let Some(file) = &self.witness {
            std::fs::metadata(file).with_context(|| {
                format!(
                    "--witness {}: give the file that `innerward release log head` printed, as a partner keeps it",
                    file.display()
                )
            })?;
        }
        let due = self.due(&home, clock)?;
        let mut failed = 0;
        for (plan, period) in &due {
            let doing = Doing::new(None, Did::ReleasePublish, plan)
                .with("period", period)
                .with("revise", if self.revise { "yes" } else { "no" });
            let published = doing.during(global, &home, || {
                publish(&home, clock, *period, plan, self.revise, self.witness.as_deref())
            });
            let published = match published {
                Ok(published) => published,
                Err(error) if due.len() == 1 => return Err(error),
                // One plan that cannot be published, for want of budget say, keeps no other from it.
                Err(error) => {
                    failed += 1;
                    complain(format_args!("{plan}, {period}: {}", in_words(&error)));
                    continue;
                }
            };
            let words =
                if published.already { "was published before; the same bytes again" } else { "is published" };
            out.json(
                "release",
                &json!({
                    "release_id": published.release_id, "folder": published.dir, "already": published.already,
                }),
            )?;
            out.text(format_args!("{} {words}: {}", published.release_id, published.dir.display()))?;
            out.text("Anyone who has the folder and the key checks it with:")?;
            out.text(format_args!(
                "  innerward release verify {} --key {}",
                published.dir.display(),
                home.public_dir().join(PUBLIC_KEY_FILE).display()
            ))?;
        }
        out.json("summary", &json!({ "releases": due.len() - failed }))?;
        Ok(if failed > 0 { Status::FAILED } else { Status::default() })
    }

    /// What is to be published: names of plans, and the period of each.
    fn due(&self, home: &Home, clock: Clock) -> anyhow::Result<Vec<(String, Period)>> {
        let today = clock.today();
        let period_of = |plan: &RegisteredPlan| {
            self.period.unwrap_or_else(|| Period::of(plan.plan.period(), today).previous())
        };
        let mut due: Vec<(String, Period)> = release::plans(home)?
            .iter()
            .filter(|plan| self.plan.as_ref().is_none_or(|name| name == plan.plan.name()))
            .filter(|plan| plan.is_in_force(period_of(plan)))
            .map(|plan| (plan.plan.name().to_owned(), period_of(plan)))
            .collect();
        if due.is_empty() {
            let kind = self.period.map_or(PeriodKind::Month, Period::kind);
            let period = self.period.unwrap_or_else(|| Period::of(kind, today).previous());
            let plan = self.plan.clone().unwrap_or_default();
            let applies_from = Period::of(kind, today).next();
            return Err(ReleaseError::NoPlan { period, plan, applies_from }.into());
        }
        due.sort_by_key(|(_, period)| *period);
        Ok(due)
    }
}

/// Publishes `period` of `home` under `plan`.
pub(in crate::cli) fn publish(
    home: &Home,
    clock: Clock,
    period: Period,
    plan: &str,
    revise: bool,
    witness: Option<&Path>,
) -> anyhow::Result<Published> {
    let lock = home.lock_within(PATIENCE)?;
    let config = home.config()?;
    let request = Request { clock, period, plan, revise, witness, config: &config };
    let caps = caps(home, period)?;
    let counts = |items_per_case: Option<u32>| -> Result<_, TallyError> {
        // What is published is what was counted: the period takes nothing more from here on.
        let mut tally = Tally::open(home)?;
        // Where something was counted without a case, no cap can hold, and only plans without one can publish.
        let is_cased = tally.about(period)?.is_none_or(|about| about.cased);
        if !is_cased && items_per_case.is_some() {
            return Err(TallyError::NoCase(period));
        }
        tally.seal(&home.lock_tally()?, period, if is_cased { &caps } else { &[] })?;
        let facts = PeriodFacts { lists: tally.lists(period)?, breaks: tally.breaks(period)? };
        Ok((tally.cube(period, items_per_case)?, facts))
    };
    Ok(release::publish(home, &lock, &request, counts, &mut release::system_rng())?)
}

/// The caps on the items of a case under which `period` is to be counted before its pseudonyms go: those of all its plans.
pub(in crate::cli) fn caps(home: &Home, period: Period) -> anyhow::Result<Vec<u32>> {
    let plans = release::plans_in_force(home, period)?;
    let caps: BTreeSet<u32> = plans.iter().filter_map(|plan| plan.plan.items_per_case()).collect();
    Ok(caps.into_iter().collect())
}
