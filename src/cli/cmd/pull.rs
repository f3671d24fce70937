//! `innerward pull`

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{ArgAction, Args};
use serde_json::json;

use super::release::key;
use crate::cli::global::Global;
use crate::cli::output::{Output, complain, counted, on_one_line};
use crate::cli::status::Status;
use crate::home::Clock;
use crate::pull::{Limits, Pulled, Request, State, default_name, list, place_in, pull};

/// Fetch another organisation's releases, each checked before it is kept
///
/// Checks the publisher's key (pinned at the first pull), that its log is signed, whole and a continuation of what was
/// seen before, that no month was charged more than it has, and of each release everything that `release verify` checks
/// and that the log has it and the charge that paid for it. Sends nothing but
/// the paths of the files that it asks for. Exit code 0 if all of the log is kept, 4 if something of it is not served,
/// 2 if anything was refused; it can be run again and again, by cron for instance.
#[derive(Args)]
pub(in crate::cli) struct Pull {
    /// Where the publisher serves its folder: an address (https://…) or a folder
    #[arg(value_name = "URL|FOLDER", required_unless_present = "list")]
    from: Option<String>,

    /// The publisher's key: the file innerward.pub, or the key itself (RW…), had from the publisher by another way
    ///
    /// Needed for the first pull, pinned from then on.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,

    /// What the publisher is called here [default: the name of the server or folder]; keeps HOME/pulled/NAME/
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Keep it in DIR instead; needs no home
    #[arg(long, value_name = "DIR", conflicts_with = "name")]
    into: Option<PathBuf>,

    /// Say twice to fetch from an http:// address over a network: nobody can read along anything but what is public, but
    /// whoever sits between can hold releases back
    #[arg(long, action = ArgAction::Count)]
    insecure_http: u8,

    /// List what was pulled, and fetch nothing
    #[arg(long, conflicts_with_all = ["from", "key", "name", "into", "insecure_http"])]
    list: bool,
}

impl Pull {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let Some(from) = &self.from else {
            show(global, out)?;
            return Ok(Status::default());
        };
        let key = self.key.as_deref().map(key).transpose()?;
        let (into, name, clock) = match &self.into {
            Some(into) => (into.clone(), into.display().to_string(), Clock::system()),
            None => {
                let home = global.open_or_create_home()?;
                let name = self.name.as_deref().or_else(|| default_name(from));
                let name = name.context("give the publisher a name here with --name NAME")?;
                (place_in(&home, name)?, name.to_owned(), global.clock(&home)?)
            }
        };
        let request = Request {
            from,
            key,
            into: &into,
            name: &name,
            insecure_http: self.insecure_http >= 2,
            today: clock.today(),
            limits: Limits::default(),
        };
        let pulled = pull(&request)?;
        report(&pulled, &name, out)?;
        let refused = pulled.count(|state| matches!(state, State::Refused(_) | State::Extra));
        if refused > 0 {
            out.flush()?;
            bail!("{} refused; tell the publisher", counted(refused as u64, "release was", "releases were"));
        }
        let missing = pulled.count(|state| *state == State::Missing);
        Ok(if missing > 0 { Status::INCOMPLETE } else { Status::default() })
    }
}

fn report(pulled: &Pulled, name: &str, out: &mut Output) -> anyhow::Result<()> {
    let head = &pulled.head;
    let log = json!({
        "name": name, "folder": pulled.dir, "size": head.size, "root": head.root_hex(), "before": pulled.before,
    });
    out.json("log", &log)?;
    let before = match pulled.before {
        Some(before) => format!("continues the {before} that were seen before"),
        None => "seen for the first time; the key is pinned".to_owned(),
    };
    out.text(format_args!("{name}: a log of {} entries, {before}", head.size))?;
    let count = |is: fn(&State) -> bool| pulled.count(is);
    let kept = count(|state| *state == State::Kept);
    for (release_id, state) in &pulled.releases {
        let (word, reason) = match state {
            State::New => ("new", None),
            State::Kept => ("kept", None),
            State::Missing => ("missing", Some("it is in the log, and is not served")),
            State::Refused(reason) => ("refused", Some(reason.as_str())),
            State::Extra => ("extra", Some("it is served, and is not in the log: not taken")),
        };
        let line = json!({ "release_id": release_id, "state": word, "reason": reason });
        out.json("release", &line)?;
        let release_id = on_one_line(release_id);
        match reason {
            Some(reason) => {
                out.text(format_args!("  {word:<8} {release_id}: {reason}"))?;
                complain(format_args!("{release_id}: {reason}"));
            }
            None if *state == State::New => out.text(format_args!("  {word:<8} {release_id}"))?,
            None => {}
        }
    }
    if kept > 0 {
        let kept = counted(kept as u64, "release", "releases");
        out.text(format_args!("  {kept} from before"))?;
    }
    let summary = json!({
        "new": count(|state| *state == State::New), "kept": kept,
        "missing": count(|state| *state == State::Missing),
        "refused": count(|state| matches!(state, State::Refused(_))),
        "extra": count(|state| *state == State::Extra),
    });
    out.json("summary", &summary)?;
    out.text(format_args!("  kept in  {}", pulled.dir.display()))?;
    Ok(())
}

fn show(global: &Global, out: &mut Output) -> anyhow::Result<()> {
    let home = global.open_home()?;
    let found = list(&home)?;
    for publisher in &found {
        let line = json!({
            "name": publisher.name, "folder": publisher.dir, "source": publisher.source,
            "key": publisher.key.to_string(), "entries": publisher.entries, "releases": publisher.releases,
            "first": publisher.first, "last": publisher.last,
        });
        out.json("publisher", &line)?;
        let releases = counted(publisher.releases.len() as u64, "release", "releases");
        out.text(format_args!(
            "{}: {releases}, a log of {} entries, key {}",
            publisher.name,
            publisher.entries,
            publisher.key.id()
        ))?;
        out.text(format_args!(
            "  from {}, pulled first on {} and last on {}",
            on_one_line(&publisher.source),
            publisher.first,
            publisher.last
        ))?;
        for release_id in &publisher.releases {
            out.text(format_args!("  {release_id}"))?;
        }
    }
    if found.is_empty() {
        out.text("Nothing was pulled yet.")?;
    }
    out.json("summary", &json!({ "publishers": found.len() }))?;
    Ok(())
}
