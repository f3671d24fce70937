//! `innerward tally …`

mod explain;
mod export;
mod import;
mod seal;
mod show;

use clap::Subcommand;

use crate::cli::global::Global;
use crate::cli::output::Output;
use crate::cli::status::Status;
use explain::Explain;
use export::Export;
use import::Import;
use seal::Seal;
use show::Show;
pub(in crate::cli) use show::show;

/// Count what was screened, decided and reported: exact, local, not for sharing
#[derive(Subcommand)]
pub(in crate::cli) enum TallyVerb {
    Show(Show),
    Explain(Explain),
    Import(Import),
    Seal(Seal),
    Export(Export),
}

impl TallyVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        match self {
            Self::Show(verb) => verb.run(global, out)?,
            Self::Explain(verb) => verb.run(global, out)?,
            Self::Import(verb) => verb.run(global, out)?,
            Self::Seal(verb) => verb.run(global, out)?,
            Self::Export(verb) => verb.run(global, out)?,
        }
        Ok(Status::default())
    }
}

/// What every line of exact counts says of itself.
const LOCAL: &str = "not for sharing";
