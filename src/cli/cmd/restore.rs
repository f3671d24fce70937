//! `innerward restore`

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use indicatif::HumanBytes;
use serde_json::json;

use crate::cli::deed::user_name;
use crate::cli::global::Global;
use crate::cli::output::{Output, counted};
use crate::cli::status::Status;
use crate::home::backup::{identities, restore};
use crate::home::{Clock, Deed, Did, Home, Stage};
use crate::index::Index;

/// Make a home of a backup, in a place where nothing is
///
/// Everything is checked before the home is there under its name: each file against the list in the backup, the database,
/// every byte of the index. If anything is wrong, nothing is restored. Only one of two homes with one key may publish: see
/// to it that the other is gone, and check the log of releases against the head that a partner keeps (docs/backup.md).
#[derive(Args)]
pub(in crate::cli) struct Restore {
    /// The backup; - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The file with the identity of one of those to whom it was encrypted, as age-keygen writes it
    #[arg(long, value_name = "KEYFILE")]
    identity: PathBuf,
}

impl Restore {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let place = global.home.as_ref().context("name the place of the restored home: --home NEW")?;
        let identities = identities(&self.identity)?;
        let is_stdin = self.file == Path::new("-");
        let input: Box<dyn Read> = match is_stdin {
            true => Box::new(io::stdin().lock()),
            false => Box::new(File::open(&self.file).with_context(|| self.file.display().to_string())?),
        };
        let told = || if is_stdin { "stdin".to_owned() } else { self.file.display().to_string() };
        let done = restore(input, &identities, place, check_index).with_context(told)?;
        let at = Clock::system().now();
        let (by, via, subject, did) = (user_name(), "cli", "home", Did::HomeRestore);
        let about = BTreeMap::from([("taken", done.at.to_string())]);
        // Before it was there, there was no record either.
        done.home.audit(&Deed { at, by: &by, via, did, stage: Stage::Done, subject, about })?;
        out.json("summary", &json!({ "files": done.files, "bytes": done.bytes, "taken": done.at }))?;
        out.text(format_args!(
            "{}: {} with {}, as the home was at {}; all of it sound",
            place.display(),
            counted(done.files, "file", "files"),
            HumanBytes(done.bytes),
            done.at,
        ))?;
        out.text(
            "Before it publishes, check its log against the head that a partner keeps: `innerward release log \
             consistency HEAD`.",
        )?;
        Ok(Status::default())
    }
}

fn check_index(home: &Home) -> Result<(), String> {
    let report = Index::verify(&home.index_dir()).map_err(|error| error.to_string())?;
    match report.files.iter().find(|file| !file.faults.is_empty()) {
        Some(file) => Err(format!("{} of the index is damaged, and was so in the home", file.name)),
        None => Ok(()),
    }
}
