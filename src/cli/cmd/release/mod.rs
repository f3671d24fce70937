//! `innerward release …`

mod check;
mod ledger;
mod plan;
mod preview;
mod publish;
mod verify;

use std::fmt::Display;

use clap::Subcommand;

use super::release_log::LogVerb;
use crate::cli::global::Global;
use crate::cli::output::{Output, grouped, wrapped};
use crate::cli::status::Status;
use crate::release::ReleasedCell;
use crate::vocabulary::Code;

pub(in crate::cli) use publish::{caps, publish};
pub(in crate::cli) use verify::key;

/// Turn exact counts into a signed release that may be shared
#[derive(Subcommand)]
pub(in crate::cli) enum ReleaseVerb {
    #[command(subcommand)]
    Plan(plan::PlanVerb),
    Preview(preview::Preview),
    Publish(publish::Publish),
    Verify(verify::Verify),
    Ledger(ledger::Ledger),
    #[command(subcommand)]
    Log(LogVerb),
}

impl ReleaseVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        match self {
            Self::Plan(verb) => verb.run(global, out)?,
            Self::Preview(verb) => verb.run(out)?,
            Self::Publish(verb) => return verb.run(global, out),
            Self::Verify(verb) => verb.run(out)?,
            Self::Ledger(verb) => verb.run(global, out)?,
            Self::Log(verb) => verb.run(global, out)?,
        }
        Ok(Status::default())
    }
}

/// `label` and `value` in two columns, in lines of at most 80 characters; a value that goes on stays in its column.
fn print_field(label: &str, value: impl Display, out: &mut Output) -> anyhow::Result<()> {
    for (at, line) in wrapped(&value.to_string(), 66).into_iter().enumerate() {
        out.text(format_args!("  {:<12}{line}", if at == 0 { label } else { "" }))?;
    }
    Ok(())
}

/// A table of a release, for a terminal.
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
