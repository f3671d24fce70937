//! `innerward set quarantine …`

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::policy::By;
use crate::cli::global::Global;
use crate::cli::output::{Output, counted, grouped, on_one_line};
use crate::hashset::{EntryKey, Local, SetName};
use crate::home::Did;

/// Show entries that the flood guard took out of service, or put one back
///
/// With `[flood]` in innerward.toml, an entry that is hit more often than allowed is quarantined: what it matches is
/// neither known nor near but `quarantined`, until a person has looked at it. One that is put back matches again at the
/// next start, and is exempt from the guard until it is guarded again.
#[derive(Args)]
pub(in crate::cli) struct Quarantine {
    /// Name of the set [default: all sets]
    name: Option<SetName>,

    /// Put the entry with this key back: it matches again
    #[arg(long, value_name = "KEY", requires = "name")]
    release: Option<String>,

    /// End the exemption of the entry with this key; its hits count anew
    #[arg(long, value_name = "KEY", requires = "name", conflicts_with = "release")]
    guard: Option<String>,

    #[command(flatten)]
    by: By,
}

impl Quarantine {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let mut local = Local::open(&home)?;
        match (&self.name, &self.release, &self.guard) {
            (Some(name), Some(key), _) => {
                let key = EntryKey::new(key.as_str())?;
                let doing = self.by.doing(Did::QuarantineRelease, name);
                doing.during(global, &home, || match local.release(name, &key)? {
                    true => Ok(()),
                    false => bail!(
                        "no entry of {name} with this key is in quarantine; `innerward set quarantine {name}` shows them"
                    ),
                })?;
                out.json("summary", &json!({ "set": name, "released": 1 }))?;
                out.text(format_args!("{name}: put back; the guard passes it over from now on"))?;
            }
            (Some(name), None, Some(key)) => {
                let key = EntryKey::new(key.as_str())?;
                let doing = self.by.doing(Did::QuarantineGuard, name);
                doing.during(global, &home, || match local.guard_again(name, &key)? {
                    true => Ok(()),
                    false => bail!("no entry of {name} with this key is exempt from the guard"),
                })?;
                out.json("summary", &json!({ "set": name, "guarded": 1 }))?;
                out.text(format_args!("{name}: guarded again; its hits count anew"))?;
            }
            _ => list(&local, self.name.as_ref(), out)?,
        }
        Ok(())
    }
}

fn list(local: &Local, name: Option<&SetName>, out: &mut Output) -> anyhow::Result<()> {
    let entries = local.quarantine(name)?;
    let (mut held, mut released) = (0, 0);
    for entry in &entries {
        *if entry.released { &mut released } else { &mut held } += 1;
        out.json(
            "quarantined",
            &json!({
                "set": entry.set, "entry": entry.key.as_str(), "since": entry.since.to_string(),
                "hits": entry.hits, "released": entry.released,
            }),
        )?;
        out.text(format_args!(
            "{} entry {}: {} {}, {}",
            entry.set,
            on_one_line(&entry.key),
            if entry.released { "put back; was quarantined" } else { "quarantined" },
            entry.since,
            counted(entry.hits, "hit", "hits")
        ))?;
    }
    out.json("summary", &json!({ "quarantined": held, "released": released }))?;
    out.text(format_args!("{} in quarantine, {} exempt", grouped(held), grouped(released)))?;
    Ok(())
}
