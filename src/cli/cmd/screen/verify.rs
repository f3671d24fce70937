//! `innerward screen verify RUN`

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;

use crate::cli::global::Global;
use crate::cli::output::{Output, counted, grouped, on_one_line};
use crate::cli::status::Status;
use crate::home::minisign::PublicKey;
use crate::screen::{InputCounts, InputFault, InputSink, InputState, RecordHead, Verified, verify};

/// Check whether a run is what was recorded and signed at its end
///
/// Checks the signature of record.json, that each file of the run has the digest that stands there, and that the verdicts
/// have as many lines. Nothing is changed. Exit code 0 if all holds, else 2, with the name of each file that does not.
#[derive(Args)]
pub(in crate::cli) struct Verify {
    /// The name of the run's folder, or `last`
    run: String,

    /// Read all inputs of the run again, and tell which are changed, missing or cannot be read
    #[arg(long)]
    inputs: bool,

    /// Check with the public key in FILE in place of this home's: that of another home, or one that was put by
    ///
    /// HOME/keys/runs.pub is this home's.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

#[derive(Serialize)]
struct Summary<'a> {
    run: &'a str,
    holds: bool,
    key: String,
    record: &'a Option<RecordHead>,
    files: usize,
    failed: usize,
    inputs: Option<InputCounts>,
}

impl Verify {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let home = global.open_home()?;
        let key = self.key.as_deref().map(PublicKey::read).transpose().context("--key")?;
        let mut tell = |fault: &InputFault| {
            out.json("input", fault)?;
            let state = match fault.state {
                InputState::Changed => "changed",
                InputState::Missing => "missing",
                InputState::Unreadable => "unreadable",
            };
            let reason = fault.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            out.text(format_args!("{state:<12}{}{reason}", on_one_line(&fault.path)))?;
            Ok(())
        };
        let sink: InputSink<'_> = &mut tell;
        let found = verify(&home, &self.run, key, self.inputs.then_some(sink))?;
        print(&found, out)?;
        if !found.holds() {
            out.flush()?;
            let mut failed: Vec<String> =
                found.checks.iter().filter(|check| !check.holds).map(|check| check.file.clone()).collect();
            if let Some(inputs) = found.inputs.filter(|inputs| inputs.same + inputs.streamed != inputs.files)
            {
                failed.push(counted(inputs.files - inputs.same - inputs.streamed, "input", "inputs"));
            }
            bail!("run {} is not what was recorded: {}", found.run, failed.join(", "));
        }
        Ok(Status::default())
    }
}

fn print(found: &Verified, out: &mut Output) -> anyhow::Result<()> {
    for check in &found.checks {
        out.json("check", check)?;
        let state = if check.holds { "holds" } else { "FAILED" };
        out.text(format_args!("{state:<8}{:<21} {}", check.file, check.found))?;
    }
    out.json(
        "summary",
        &Summary {
            run: &found.run,
            holds: found.holds(),
            key: found.key.id(),
            record: &found.head,
            files: found.checks.len(),
            failed: found.checks.iter().filter(|check| !check.holds).count(),
            inputs: found.inputs,
        },
    )?;
    if let Some(InputCounts { files, same, changed, missing, unreadable, streamed }) = found.inputs {
        let files = counted(files, "input", "inputs");
        out.text(format_args!(
            "Of {files}, {} are as they were, {} changed, {} missing, {} cannot be read.",
            grouped(same),
            grouped(changed),
            grouped(missing),
            grouped(unreadable)
        ))?;
        if streamed > 0 {
            let came = counted(streamed, "input", "inputs");
            out.text(format_args!("{came} came by a stream, which cannot be read again."))?;
        }
    }
    if let Some(head) = &found.head {
        let by = head.by.clone().map(|by| format!(" by {}", OsString::from(by).to_string_lossy()));
        let by = by.unwrap_or_default();
        let RecordHead { made_with, began, ended, unread, .. } = head;
        out.text(format_args!("Run {}{by}, {began:.0} to {ended:.0}, {made_with}", found.run))?;
        if *unread > 0 {
            let unread = counted(*unread, "file", "files");
            out.text(format_args!("{unread} could not be read then; nothing is known of their bytes."))?;
        }
    }
    if found.holds() {
        out.text("All of it is what was recorded and signed.")?;
    }
    Ok(())
}
