//! `innerward tally …`

mod show;

use clap::Subcommand;

use crate::cli::global::Global;
use crate::cli::output::Output;
use crate::cli::status::Status;
use show::Show;
pub(in crate::cli) use show::show;

/// Show the exact local counts, which are not for sharing
#[derive(Subcommand)]
pub(in crate::cli) enum TallyVerb {
    Show(Show),
}

impl TallyVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        match self {
            Self::Show(verb) => verb.run(global, out)?,
        }
        Ok(Status::default())
    }
}
