//! `innerward report …`

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;

use super::languages::LanguagesVerb;
use super::releases::Releases;
use crate::cli::global::Global;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::language::{Locale, Locales};
use crate::report::{Published, build};

/// Make pages that people can read
#[derive(Subcommand)]
pub(in crate::cli) enum Report {
    Build(Build),
    #[command(subcommand)]
    Languages(LanguagesVerb),
}

/// Make pages in many languages, and packages of data, from published releases
///
/// Checks every release first. The pages need no server, load nothing from elsewhere, and carry their downloads beside
/// them; OUT/index.html leads to all of them.
#[derive(Args)]
pub(in crate::cli) struct Build {
    #[command(flatten)]
    releases: Releases,

    /// Folder to write; a report that is there is replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Languages of the pages, the first leading [default: all]
    #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "TAG")]
    languages: Vec<String>,

    /// A file of strings: a language of its own, or corrections of one that comes along; those of HOME/languages count too
    #[arg(long, value_name = "FILE")]
    language_file: Vec<PathBuf>,
}

impl Report {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let verb = match self {
            Self::Build(verb) => verb,
            Self::Languages(verb) => return verb.run(global, out),
        };
        let opened = verb.releases.open(global)?;
        let published: Vec<Published<'_>> =
            opened.iter().map(|one| Published { release: &one.release, folder: &one.folder }).collect();
        let all = Locales::load(global.languages().as_deref(), &verb.language_file)?;
        let built = build(&published, &chosen(&all, &verb.languages)?, &verb.out)?;
        out.json("report", &json!({ "index": built.index, "pages": built.pages }))?;
        out.json("summary", &json!({ "pages": built.pages.len(), "data": built.data.len() }))?;
        out.text(format_args!(
            "{} pages and {} files of data. Open {} in a browser.",
            built.pages.len(),
            built.data.len(),
            built.index.display()
        ))?;
        Ok(Status::default())
    }
}

/// The languages that are asked for, in that order; all without any.
fn chosen<'l>(all: &'l Locales, tags: &[String]) -> anyhow::Result<Vec<&'l Locale>> {
    let mut chosen: Vec<&Locale> = Vec::new();
    for tag in tags {
        match all.find(tag) {
            Some(locale) if chosen.iter().any(|known| known.tag() == locale.tag()) => {}
            Some(locale) => chosen.push(locale),
            None => {
                let known: Vec<_> = all.iter().map(Locale::tag).collect();
                bail!(
                    "there is no language {tag:?}; there are {}; --language-file FILE brings another",
                    known.join(", ")
                );
            }
        }
    }
    Ok(if tags.is_empty() { all.iter().collect() } else { chosen })
}
