//! `innerward release log …`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::global::Global;
use crate::cli::output::Output;
use crate::release::decimal;
use crate::release::log::{Entry, Logged, OldHead, OpenLog, WitnessKey, named};

/// Show the log of plans, charges and releases, and what proves that nothing was taken back
///
/// A partner keeps the head of the log, and can tell later whether the log continues it: that is how a home that was
/// restored from an older copy, and has forgotten what it spent, is noticed. docs/release-log.md has the format.
#[derive(Subcommand)]
pub(in crate::cli) enum LogVerb {
    /// Print the signed head of the log, to be handed to a partner who keeps it
    Head,
    /// List every entry of the log
    Show,
    Inclusion(Inclusion),
    Consistency(Consistency),
    Check(Box<Check>),
}

/// Print the proof that a release is in the log, under the head of today
#[derive(Args)]
pub(in crate::cli) struct Inclusion {
    /// The name of the release
    #[arg(value_name = "RELEASE")]
    release_id: String,
}

/// Print the proof that the log continues an earlier head
#[derive(Args)]
pub(in crate::cli) struct Consistency {
    /// The earlier head: its number of entries, or the file with it
    #[arg(value_name = "SIZE|FILE")]
    old: String,
}

/// Check that the log continues the head that a partner keeps
///
/// `release publish` does the same before anything is charged, with --witness or with `release.witness` in
/// innerward.toml.
#[derive(Args)]
pub(in crate::cli) struct Check {
    /// The file with the head that the partner keeps [default: `witness` in innerward.toml]
    #[arg(long, value_name = "FILE")]
    witness: Option<PathBuf>,

    /// The key with which the partner cosigned it, as NAME+HASH+KEY [default: `witness_key` in innerward.toml]
    ///
    /// Without one only the own signature is looked at.
    #[arg(long, value_name = "KEY")]
    witness_key: Option<WitnessKey>,
}

impl LogVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let log = OpenLog::of(&home)?;
        match self {
            Self::Head => head(&log, out),
            Self::Show => show(&log, out),
            Self::Inclusion(verb) => {
                // The file as it lies in the release's folder, to the last byte, in either form.
                out.raw(&String::from_utf8_lossy(&log.inclusion(&verb.release_id)?))?;
                Ok(())
            }
            Self::Consistency(verb) => verb.run(&log, out),
            Self::Check(verb) => {
                let config = home.config()?;
                let Some((file, key)) = named(&home, &config.release, verb.witness.as_deref())? else {
                    anyhow::bail!(
                        "nobody witnesses this log: name the file with the head that a partner keeps, with --witness \
                         or as witness under [release] in innerward.toml"
                    )
                };
                let note = log.check(&file, verb.witness_key.as_ref().or(key.as_ref()))?;
                out.json("witness", &note)?;
                out.json("summary", &json!({ "entries": log.head().size, "witnessed": note.size }))?;
                let since = log.head().size - note.size;
                out.text(format_args!("The log continues the head that is kept in {}:", file.display()))?;
                out.text(format_args!("  {note}; {since} entries since"))?;
                Ok(())
            }
        }
    }
}

fn head(log: &OpenLog, out: &mut Output) -> anyhow::Result<()> {
    let (head, note) = (log.head(), log.checkpoint());
    if out.is_json() {
        let key = log.key().to_string();
        out.json(
            "head",
            &json!({ "size": head.size, "root": head.root_hex(), "key": key, "checkpoint": note }),
        )?;
        out.json("summary", &json!({ "entries": head.size }))?;
    } else {
        out.raw(&note)?;
    }
    Ok(())
}

fn show(log: &OpenLog, out: &mut Output) -> anyhow::Result<()> {
    for logged in log.entries() {
        out.json("entry", &serde_json::from_str::<serde_json::Value>(&logged.line)?)?;
        out.text(in_words(logged))?;
    }
    let head = log.head();
    out.json("summary", &json!({ "entries": head.size, "root": head.root_hex() }))?;
    out.text(format_args!("{head}"))?;
    Ok(())
}

fn in_words(logged: &Logged) -> String {
    let n = logged.n;
    match &logged.entry {
        Entry::Plan(plan) => {
            let ends =
                if plan.replaces.is_empty() { String::new() } else { format!(", ends {}", plan.replaces) };
            format!(
                "{n:>5}  {}  plan {}, for each {} from {} on{ends}",
                plan.registered_on,
                plan.name,
                plan.period.as_str(),
                plan.applies_from
            )
        }
        Entry::Charge(charge) => format!(
            "{n:>5}  {}  charge for {}, plan {}, revision {}: epsilon {}",
            charge.charged_on,
            charge.period,
            charge.plan,
            charge.revision,
            decimal(charge.epsilon_nano)
        ),
        Entry::Release(release) => format!("{n:>5}  {:<10}  release {}", "", release.release_id),
    }
}

impl Consistency {
    fn run(&self, log: &OpenLog, out: &mut Output) -> anyhow::Result<()> {
        let found = log.consistency(&OldHead::read(&self.old)?)?;
        out.json("consistency", &found)?;
        out.json("summary", &json!({ "hashes": found.proof.len() }))?;
        out.text(format_args!("old   {}", found.old))?;
        out.text(format_args!("new   {}", found.new))?;
        for hash in &found.proof {
            out.text(format_args!("proof {hash}"))?;
        }
        out.text("The log continues the earlier head: nothing that it had was changed or taken away.")?;
        Ok(())
    }
}
