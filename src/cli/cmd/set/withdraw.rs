//! `innerward set withdraw`

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::find;
use super::policy::By;
use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::{Output, counted};
use crate::hashset::SetName;
use crate::home::Did;
use crate::index::{EntryName, withdraw_entries};

/// Withdraw entries: they stop matching at once, and stay withdrawn when the list is imported again
#[derive(Args)]
pub(in crate::cli) struct Withdraw {
    /// Name of the set
    name: SetName,

    /// Keys of entries, as `match` and `screen` show them, or hashes as kind:hex, for every entry that has them
    #[arg(required = true, value_name = "ENTRY")]
    entries: Vec<String>,

    #[command(flatten)]
    by: By,
}

impl Withdraw {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let made = self.by.made(global, &home)?;
        let lock = home.lock_within(PATIENCE)?;
        find(&home, &self.name)?;
        let entries =
            self.entries.iter().map(|typed| typed.parse()).collect::<Result<Vec<EntryName>, _>>()?;
        let doing = self.by.doing(Did::SetWithdraw, &self.name).with("named", entries.len());
        let done = doing.telling(global, &home, || {
            let done = withdraw_entries(&home, &lock, &self.name, &entries, made)?;
            Ok((done, done.in_counts()))
        })?;
        let withdrawn = done.entries;
        if withdrawn == 0 && done.keys > 0 {
            bail!(
                "no entry of {} was withdrawn: it has none with these keys; should a list \
                 bring them, they stay withdrawn",
                self.name
            );
        }
        out.json("summary", &json!({ "set": self.name, "withdrawn": withdrawn }))?;
        out.text(format_args!("{}: {} withdrawn", self.name, counted(withdrawn, "entry", "entries")))?;
        Ok(())
    }
}
