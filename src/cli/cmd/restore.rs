//! `innerward restore`

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use blake3::Hash;
use clap::Args;
use indicatif::HumanBytes;
use serde_json::json;

use crate::cli::deed::user_name;
use crate::cli::global::Global;
use crate::cli::output::{Output, counted};
use crate::cli::status::Status;
use crate::home::backup::{Restored, identities, restore};
use crate::home::{About, Clock, Deed, Did, Home, Stage};
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

    /// Only the backup with this digest, as `innerward backup` printed it; any other is refused
    ///
    /// That a backup can be opened shows for whom it was made, and not by whom: everybody can encrypt to a recipient. Of
    /// another one, files are written beside the new place and removed again; none of them is opened.
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    expect: Option<Hash>,

    /// Who does this, for the audit: a name, a role, a ticket [default: the user of the system]
    #[arg(long, value_name = "TEXT")]
    by: Option<String>,
}

fn digest(text: &str) -> Result<Hash, String> {
    let refused = "a digest is 64 hexadecimal digits, as `innerward backup` prints it";
    Hash::from_hex(text.trim()).map_err(|_| refused.to_owned())
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
        let user;
        let by = match &self.by {
            Some(by) => by,
            None => {
                user = user_name();
                &user
            }
        };
        // On record before there is a home under that name: what cannot be is not restored. Before that there was no record.
        let check = |restored: &Restored| {
            check_index(&restored.home)?;
            let about = About::from([
                ("taken", restored.at.to_string()),
                ("digest", restored.digest.to_string()),
                ("expected", self.expect.is_some().to_string()),
            ]);
            let (at, did) = (Clock::system().now(), Did::HomeRestore);
            let deed = Deed { at, by, via: "cli", did, stage: Stage::Done, subject: "home", about };
            restored.home.audit(&deed).map_err(|error| error.to_string())
        };
        let done = restore(input, &identities, self.expect, place, check).with_context(told)?;
        out.json(
            "summary",
            &json!({
                "files": done.files, "bytes": done.bytes, "taken": done.at, "digest": done.digest.to_string(),
                "expected": self.expect.is_some(),
            }),
        )?;
        out.text(format_args!(
            "{}: {} with {}, as the home was at {}; all of it sound",
            place.display(),
            counted(done.files, "file", "files"),
            HumanBytes(done.bytes),
            done.at,
        ))?;
        if self.expect.is_none() {
            let digest = done.digest;
            out.text(format_args!(
                "Nobody vouches for who made it; compare its digest with the one that was kept: {digest}"
            ))?;
        }
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
