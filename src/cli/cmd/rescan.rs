//! `innerward rescan`

use clap::Args;

use super::select::{LowQuality, Select, say_what_is_forbidden};
use crate::cli::deed::warn_of_owner;
use crate::cli::global::Global;
use crate::cli::output::{Output, complain, counted, on_one_line};
use crate::cli::status::Status;
use crate::hashset::Bounds;
use crate::screen::{Matcher, Outcome, rescan};

/// Match what was screened before against the lists of now
///
/// Looks back at the runs of `screen --remember DAYS`: their fingerprints are matched against all lists, and each item
/// that is known or near now, and was not then, is told with its run. No file is read. Fingerprints whose days are over
/// are deleted first.
#[derive(Args)]
pub(in crate::cli) struct Rescan {
    /// Differing bits allowed in a PDQ hash, bound included, for every set [default: as each set says, or 31]
    #[arg(long, value_name = "BITS")]
    max_distance: Option<Bounds>,

    #[command(flatten)]
    select: Select,

    #[command(flatten)]
    quality: LowQuality,
}

impl Rescan {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let home = global.open_home()?;
        warn_of_owner(&home);
        let today = global.clock(&home)?.today();
        let bounds = self.max_distance.clone().unwrap_or_default();
        let matcher = Matcher::open_on(&home, bounds, &self.select.selection(), today)?;
        let matcher = self.quality.apply(matcher);
        say_what_is_forbidden(&matcher);
        let mut status = Status::default();
        let found = rescan(&home, &matcher, today, &mut |item| {
            status.note(item.outcome, item.reason.is_some());
            out.json("rescan", item)?;
            let place = on_one_line(&item.path);
            out.text(format_args!(
                "{:<9} was {:<9} {}  {place}",
                item.outcome.as_str(),
                item.before.as_str(),
                item.run
            ))?;
            Ok(())
        })?;
        out.json("summary", &found)?;
        out.text(format_args!(
            "{} in {} looked back at: {} known now, {} near, {} to be screened again",
            counted(found.items, "item", "items"),
            counted(found.runs, "run", "runs"),
            found.known,
            found.near,
            found.unchecked
        ))?;
        for run in &found.damaged {
            status.note(Outcome::Unchecked, true);
            complain(format_args!(
                "run {run}: its fingerprints are damaged, so not all of it was looked back at; screen the same again"
            ));
        }
        if found.forgotten > 0 {
            out.text(format_args!(
                "Forgotten, since their days are over: {}.",
                counted(found.forgotten, "run", "runs")
            ))?;
        }
        if found.runs == 0 {
            out.text("Nothing is remembered: `innerward screen --remember DAYS` keeps fingerprints.")?;
        }
        Ok(status)
    }
}
