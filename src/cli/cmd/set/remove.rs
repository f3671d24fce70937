//! `innerward set remove`

use clap::Args;
use serde_json::json;

use super::policy::By;
use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::Output;
use crate::hashset::{Local, SetName};
use crate::home::Did;
use crate::index;

/// Remove a set; what was withdrawn from it stays withdrawn
#[derive(Args)]
pub(in crate::cli) struct Remove {
    /// Name of the set
    name: SetName,

    #[command(flatten)]
    by: By,
}

impl Remove {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let (home, name) = (global.open_home()?, &self.name);
        let made = self.by.made(global, &home)?;
        let lock = home.lock_within(PATIENCE)?;
        self.by.doing(Did::SetRemove, name).during(global, &home, || {
            index::remove(&home, &lock, name, made)?;
            // Another of this name must not inherit what was said of it.
            Ok::<_, anyhow::Error>(Local::open(&home)?.forget(name)?)
        })?;
        out.json("summary", &json!({ "set": name, "removed": true }))?;
        out.text(format_args!("{name}: removed; its withdrawals are kept"))?;
        Ok(())
    }
}
