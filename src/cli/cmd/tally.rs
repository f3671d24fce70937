//! `innerward tally …`

use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::global::Global;
use crate::cli::output::{Output, grouped};
use crate::cli::status::Status;
use crate::home::Home;
use crate::tally::Tally;
use crate::vocabulary::{Code, Period};

/// Show the exact local counts, which are not for sharing
#[derive(Subcommand)]
pub(in crate::cli) enum TallyVerb {
    Show(Show),
}

/// Show the exact counts of distinct items, month by month
///
/// These counts are exact and stay in the ward: a small one may point to one person. `release publish` makes figures
/// that may be shared.
#[derive(Args)]
pub(in crate::cli) struct Show {
    /// The month, as YYYY-MM [default: every month]
    #[arg(long, value_name = "MONTH")]
    period: Option<Period>,
}

impl TallyVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let Self::Show(verb) = self;
        let home = global.open_home()?;
        let periods = match verb.period {
            Some(period) => vec![period],
            None => Tally::open(&home)?.periods()?,
        };
        if periods.is_empty() {
            out.text("Nothing counted yet; `innerward screen PATH…` counts what it checks.")?;
        }
        let (mut total, mut watched) = (0, 0);
        for period in &periods {
            let counts = show(&home, *period, out)?;
            total += counts.items;
            watched += counts.watched;
        }
        let periods = periods.len();
        out.json(
            "summary",
            &json!({ "local": "not for sharing", "periods": periods, "items": total, "watched": watched }),
        )?;
        Ok(Status::default())
    }
}

/// The sums of one month.
pub(in crate::cli) struct Counts {
    items: u64,
    watched: u64,
}

/// Prints the counts of one month and returns their sums.
pub(in crate::cli) fn show(home: &Home, period: Period, out: &mut Output) -> anyhow::Result<Counts> {
    let tally = Tally::open(home)?;
    let (cube, watched) = (tally.cube(period)?, tally.watched(period)?);
    let (cube, watched) = (cube.show_locally(), *watched.show_locally());
    out.text(format_args!("Distinct items in {} (local, not for sharing)", period.in_words()))?;
    out.text(format_args!(
        "  {:<10} {:<9} {:<14} {:<6} {:<12} {:>9}",
        "verdict", "severity", "list class", "media", "channel", "items"
    ))?;
    for (cell, items) in cube.iter() {
        let [verdict, severity, list_class, media, channel] =
            [cell.verdict, cell.severity, cell.list_class, cell.media, cell.channel].map(Code::as_str);
        out.json(
            "tally",
            &json!({
                "period": period, "verdict": verdict, "severity": severity, "list_class": list_class,
                "media": media, "channel": channel, "items": items, "local": "not for sharing",
            }),
        )?;
        out.text(format_args!(
            "  {verdict:<10} {severity:<9} {list_class:<14} {media:<6} {channel:<12} {:>9}",
            grouped(items)
        ))?;
    }
    out.text(format_args!("  {:<55} {:>9}", "all", grouped(cube.total())))?;
    if watched > 0 {
        out.text(format_args!("  {:<55} {:>9}", "on watched lists, among them", grouped(watched)))?;
    }
    Ok(Counts { items: cube.total(), watched })
}
