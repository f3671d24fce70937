//! Which sets a set of harmless files overrules: a flag that several verbs share.

use std::collections::BTreeSet;
use std::str::FromStr;

use anyhow::anyhow;
use clap::Args;

use super::described;
use crate::cli::output::complain;
use crate::hashset::{Local, Role, SetName, SetNameError, check_overruled};
use crate::home::Home;
use crate::index::set_names;

/// The sets that a set overrules.
#[derive(Args)]
pub(super) struct Suppresses {
    /// Sets that this set of harmless files overrules, with commas; "" for none [default: none, or as before]
    ///
    /// With role ignore only. What is equal to one of its files, and not by MD5 alone, is `ignored` even where those
    /// sets have it or something like it; the answer says so and the summary counts it.
    #[arg(long = "suppresses", value_name = "SETS")]
    sets: Option<Names>,
}

/// Names with commas between them.
#[derive(Debug, Clone)]
struct Names(BTreeSet<SetName>);

impl FromStr for Names {
    type Err = SetNameError;

    fn from_str(text: &str) -> Result<Self, SetNameError> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl Suppresses {
    /// Refuses what cannot be, before anything is changed: `role` is the one that set `name` is to have.
    pub(super) fn check(&self, home: &Home, name: &SetName, role: Option<Role>) -> anyhow::Result<()> {
        let Some(Names(sets)) = &self.sets else { return Ok(()) };
        let before = || Ok::<_, anyhow::Error>(described(home)?.into_iter().find(|set| set.name == *name));
        let role = match role {
            Some(role) => role,
            None => before()?.map(|set| set.role).unwrap_or_default(),
        };
        check_overruled(name, role, sets).map_err(|error| anyhow!("--suppresses for {name}: {error}"))?;
        let there = set_names(home)?;
        for missing in sets.iter().filter(|other| !there.contains(other)) {
            // It may come later; a slip of the hand would never be noticed.
            complain(format_args!("--suppresses: there is no set called {missing} yet"));
        }
        Ok(())
    }

    /// True if it says nothing.
    pub(super) fn is_unsaid(&self) -> bool {
        self.sets.is_none()
    }

    /// Writes it down; true if that changes anything.
    pub(super) fn apply(&self, home: &Home, name: &SetName) -> anyhow::Result<bool> {
        let Some(Names(sets)) = &self.sets else { return Ok(false) };
        let mut local = Local::open(home)?;
        let changes = !local.suppresses(name)?.iter().eq(sets);
        if changes {
            local.set_suppresses(name, sets)?;
        }
        Ok(changes)
    }
}

/// The sets that set `name` overrules.
pub(super) fn suppressed(home: &Home, name: &SetName) -> anyhow::Result<Vec<String>> {
    Ok(Local::open(home)?.suppresses(name)?.iter().map(ToString::to_string).collect())
}
