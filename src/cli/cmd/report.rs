//! `innerward report …`

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use super::languages::LanguagesVerb;
use crate::cli::global::Global;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::release::{PUBLIC_KEY_FILE, PublicKey, Release};
use crate::report::{Published, build};

/// Make pages that people can read
#[derive(Subcommand)]
pub(in crate::cli) enum Report {
    Build(Build),
    #[command(subcommand)]
    Languages(LanguagesVerb),
}

/// Make a page with a chart from published releases
///
/// Checks every release first. The page needs no server, loads nothing, and carries its downloads beside it.
#[derive(Args)]
pub(in crate::cli) struct Build {
    /// Folders of published releases
    #[arg(long, required = true, num_args = 1.., value_name = "DIR")]
    releases: Vec<PathBuf>,

    /// Folder to write; a report that is there is replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The publisher's key: the file innerward.pub, or the key itself [default: this home's]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl Report {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let verb = match self {
            Self::Build(verb) => verb,
            Self::Languages(verb) => return verb.run(global, out),
        };
        let key = match &verb.key {
            Some(key) => super::release::key(key)?,
            None => own_key(global)?,
        };
        let releases = verb
            .releases
            .iter()
            .map(|folder| Ok(Release::open(folder, &key)?))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let published: Vec<Published<'_>> = releases
            .iter()
            .zip(&verb.releases)
            .map(|(release, folder)| Published { release, folder })
            .collect();
        let built = build(&published, &verb.out)?;
        out.json("report", &json!({ "index": built.index, "pages": built.pages }))?;
        out.json("summary", &json!({ "pages": built.pages.len() }))?;
        out.text(format_args!("Open {} in a browser.", built.index.display()))?;
        Ok(Status::default())
    }
}

fn own_key(global: &Global) -> anyhow::Result<PublicKey> {
    let path = match global.open_home() {
        Ok(home) => home.public_dir().join(PUBLIC_KEY_FILE),
        Err(_) => bail!("name the publisher's key with --key innerward.pub"),
    };
    PublicKey::read(&path).context("name the publisher's key with --key innerward.pub")
}
