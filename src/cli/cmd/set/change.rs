//! `innerward set change`

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::policy::{By, Policy};
use super::{as_json, find};
use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::Output;
use crate::hashset::{SetName, SetUpdate};
use crate::home::Did;
use crate::index::change;

/// Change what a set is for and what its agreement allows, without importing it again
///
/// Its entries stay. The change takes effect at once, and in readers that run within a second; `set log` shows it.
#[derive(Args)]
pub(in crate::cli) struct Change {
    /// Name of the set
    name: SetName,

    #[command(flatten)]
    policy: Policy,

    #[command(flatten)]
    by: By,
}

impl Change {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let update = self.policy.update();
        if update == SetUpdate::default() && self.policy.suppresses.is_unsaid() {
            bail!(
                "say what is to change, for example --keep-until DATE; `innerward set change --help` has all"
            );
        }
        let made = self.by.made(global, &home)?;
        let lock = home.lock_within(PATIENCE)?;
        let before = find(&home, &self.name)?;
        self.policy.suppresses.check(&home, &self.name, self.policy.role)?;
        let doing = self.by.doing(Did::SetChange, &self.name);
        let (changed, overrules_others) = doing.during(global, &home, || {
            let changed = change(&home, &lock, &self.name, &update, made)?;
            Ok((changed, self.policy.suppresses.apply(&home, &self.name)?))
        })?;
        let set = changed.as_ref().unwrap_or(&before);
        out.json("set", &as_json(set))?;
        out.json("summary", &json!({ "set": set.name, "changed": changed.is_some() || overrules_others }))?;
        match &changed {
            Some(set) => out.text(format_args!("{}: changed, revision {}", set.name, set.revision))?,
            None if overrules_others => out.text(format_args!("{}: changed", set.name))?,
            None => out.text(format_args!("{}: unchanged: all of that holds already", set.name))?,
        }
        Ok(())
    }
}
