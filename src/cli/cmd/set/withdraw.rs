//! `innerward set withdraw`

use std::collections::BTreeSet;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::find;
use super::policy::By;
use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::{Output, counted};
use crate::digest::Signal;
use crate::hashset::{EntryKey, Hashes, Made, SetName};
use crate::home::{Home, WriteLock};
use crate::index::{Index, withdraw};

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
        let index = Index::open(&home.index_dir())?;
        let keys = self.keys(&index)?;
        let doing = self.by.doing("set.withdraw", &self.name).with("keys", keys.len());
        let done = doing.during(global, &home, || {
            let done = withdraw(&home, &lock, &self.name, &keys, made)?;
            self.withdraw_parts(&home, &lock, &index, &keys, made)?;
            Ok(done)
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

    /// Of entries whose list gives no ids, withdraws what each of their digests would be alone: a list that tells more or
    /// less of the item next time must not bring it back.
    fn withdraw_parts(
        &self,
        home: &Home,
        lock: &WriteLock,
        index: &Index,
        keys: &[EntryKey],
        made: Made<'_>,
    ) -> anyhow::Result<()> {
        let drawn = |key: &&EntryKey| {
            key.as_str().len() == 16 && key.as_str().bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let drawn: BTreeSet<EntryKey> = keys.iter().filter(drawn).cloned().collect();
        let mut parts = Vec::new();
        for entry in
            if drawn.is_empty() { Vec::new() } else { index.entries_with(self.name.as_str(), &drawn)? }
        {
            let several =
                entry.hashes.iter().nth(1).is_some() && EntryKey::derived(&entry.hashes) == entry.key;
            let digests = entry.hashes.iter().filter(|signal| several && signal.kind().is_digest());
            parts.extend(digests.map(|signal| EntryKey::derived(&Hashes::from(signal))));
        }
        if !parts.is_empty() {
            withdraw(home, lock, &self.name, &parts, made)?;
        }
        Ok(())
    }

    /// The keys that were typed, and those of the entries with the hashes that were typed.
    fn keys(&self, index: &Index) -> anyhow::Result<Vec<EntryKey>> {
        let mut keys = Vec::new();
        for typed in &self.entries {
            let Ok(signal) = typed.parse::<Signal>() else {
                keys.push(EntryKey::new(typed.as_str())?);
                continue;
            };
            let before = keys.len();
            for hit in index.exact(&signal)? {
                let entry = index.entry(&hit)?;
                if entry.set() == self.name.as_str() {
                    keys.push(EntryKey::new(entry.key().as_str())?);
                }
            }
            if keys.len() == before {
                bail!("no entry of {} has this {}", self.name, signal.kind());
            }
        }
        Ok(keys)
    }
}
