//! `innerward set …`: one file a verb.

mod change;
mod coverage;
mod diff;
mod export;
mod import;
mod log;
mod policy;
mod quarantine;
mod reading;
mod remove;
mod show;
mod suppress;
mod withdraw;

use std::collections::BTreeMap;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;

pub(in crate::cli) use import::{print_import, report_bad_lines};

use crate::cli::global::Global;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::hashset::{SetInfo, SetName};
use crate::home::Home;
use crate::index::{Memory, open_described};
use change::Change;
use coverage::Coverage;
use diff::Diff;
use export::Export;
use import::Import;
use quarantine::Quarantine;
use remove::Remove;
use withdraw::Withdraw;

/// Import, list and withdraw shared hash lists
#[derive(Subcommand)]
pub(in crate::cli) enum Set {
    Import(Import),
    /// List all sets
    List,
    /// Show one set and its imports
    Show(Name),
    Coverage(Coverage),
    /// Show what was done to a set: imports, changes, withdrawals, removal
    Log(Name),
    Change(Change),
    Export(Export),
    Diff(Diff),
    Withdraw(Withdraw),
    Quarantine(Quarantine),
    Remove(Remove),
}

/// A set.
#[derive(Args)]
pub(in crate::cli) struct Name {
    /// Name of the set
    name: SetName,
}

impl Set {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        match self {
            Self::Import(verb) => verb.run(global, out)?,
            Self::List => show::list(&global.open_home()?, out)?,
            Self::Show(verb) => show::show(global, &verb.name, out)?,
            Self::Coverage(verb) => verb.run(global, out)?,
            Self::Log(verb) => log::log(&global.open_home()?, &verb.name, out)?,
            Self::Change(verb) => verb.run(global, out)?,
            Self::Export(verb) => verb.run(global, out)?,
            Self::Diff(verb) => verb.run(global, out)?,
            Self::Withdraw(verb) => verb.run(global, out)?,
            Self::Quarantine(verb) => verb.run(global, out)?,
            Self::Remove(verb) => verb.run(global, out)?,
        }
        Ok(Status::default())
    }
}

fn described(home: &Home) -> anyhow::Result<Vec<SetInfo>> {
    Ok(open_described(home, Memory::Mapped)?.1)
}

fn find(home: &Home, name: &SetName) -> anyhow::Result<SetInfo> {
    named(&described(home)?, name).cloned()
}

/// The one of `sets` called `name`.
fn named<'s>(sets: &'s [SetInfo], name: &SetName) -> anyhow::Result<&'s SetInfo> {
    match sets.iter().find(|set| set.name == *name) {
        Some(set) => Ok(set),
        None => bail!("there is no set called {name}; `innerward set list` shows those that there are"),
    }
}

fn as_json(set: &SetInfo) -> serde_json::Value {
    let classic = set.classic_distances.iter().map(|(kind, max)| (kind.to_string(), max.bits()));
    json!({
        "set": set.name,
        "revision": set.revision,
        "entries": set.entries,
        "role": set.role,
        "list_class": set.list_class,
        "max_distance": set.max_distance,
        "classic_distances": classic.collect::<BTreeMap<_, _>>(),
        "source": set.source,
        "licence": set.licence,
        "allow": set.permission.uses,
        "keep_until": set.permission.keep_until.map(|last| last.to_string()),
        "key": set.list_key.map(|key| key.to_string()),
        "created_on": set.created_on,
        "revised_on": set.revised_on,
    })
}
