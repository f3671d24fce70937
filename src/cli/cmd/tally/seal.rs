//! `innerward tally seal`

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::LOCAL;
use crate::cli::cmd::release::caps;
use crate::cli::deed::Doing;
use crate::cli::global::Global;
use crate::cli::output::{Output, complain};
use crate::home::Did;
use crate::release::published;
use crate::tally::Tally;
use crate::vocabulary::Period;

/// Seal a period that is over: its counts stay, its pseudonyms and their key go for ever
///
/// Publishing seals. By hand it is for periods that nobody will publish: nothing more is counted in them, what is screened
/// or decided later counts in the period that is then, and rows of a case system that come late are left out, unless
/// `tally import` is told otherwise. Plans that were in force in the period can publish it afterwards; if none was,
/// `innerward purge` deletes its counts when they are old enough.
#[derive(Args)]
pub(in crate::cli) struct Seal {
    /// The period: 2026-10, 2026-Q4 or 2026
    #[arg(value_name = "PERIOD")]
    period: Period,

    /// Seal it although no release was published of it
    #[arg(long)]
    yes: bool,
}

impl Seal {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let (home, period) = (global.open_home()?, self.period);
        let today = global.clock(&home)?.today();
        if period.last_day() >= today {
            bail!(
                "{} is not over; it can be sealed from {} on",
                period.in_words(),
                period.next().first_day()
            );
        }
        let mut tally = Tally::open(&home)?;
        let already = tally.is_sealed(period)?;
        if !already && !self.yes && !published(&home)?.contains(&period) {
            bail!(
                "no release of {} was published, and once it is sealed nothing more can be counted in it; --yes seals it, \
                 `innerward release publish` publishes and seals it",
                period.in_words()
            );
        }
        // Plans that cap the items of a case can still publish it, where a cap can hold.
        let is_cased = tally.about(period)?.is_none_or(|about| about.cased);
        let caps = if is_cased { caps(&home, period)? } else { Vec::new() };
        let clean = Doing::new(None, Did::TallySeal, &period.to_string())
            .during(global, &home, || Ok(tally.seal(&home.lock_tally()?, period, &caps)?))?;
        out.json(
            "summary",
            &json!({ "period": period, "already": already, "clean": clean, "local": LOCAL }),
        )?;
        out.text(format_args!(
            "{} {}: its counts stay, its pseudonyms and their key are gone",
            period.in_words(),
            if already { "was sealed before" } else { "is sealed" }
        ))?;
        if !clean {
            complain(
                "another process reads the database, so that its log still holds what was deleted; `innerward purge` empties it",
            );
        }
        Ok(())
    }
}
