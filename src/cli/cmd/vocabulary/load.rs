//! `innerward vocabulary load`

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;

use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::{Output, counted, on_one_line};
use crate::cli::status::Status;
use crate::hashset::{profile_file, profile_files};
use crate::home::{Home, write_atomic};
use crate::vocabulary::{CrosswalkRow, Dimension, EMPTY_PROFILES, EmptyProfile};

/// Load what the categories of a scheme mean that only its members hold, or check such a file
///
/// A member fills an empty profile (--template) with one row for each category and facet: UCS, ICVAC, VICS of the United
/// Kingdom or Canada, GIFCT, or a scheme of one's own. Once loaded, lists that are imported from then on get the facets
/// that follow from their categories, a map of `tally import` may name the scheme as its crosswalk, and
/// `vocabulary crosswalk` shows the rows. The file stays in this home and is part of nothing that is published.
#[derive(Args)]
pub(in crate::cli) struct Load {
    /// The filled profile
    #[arg(value_name = "FILE", required_unless_present_any = ["template", "remove"])]
    file: Option<PathBuf>,

    /// Say what is wrong with FILE and what to do, row by row, and load nothing; needs no home
    #[arg(long, requires = "file")]
    check: bool,

    /// Print the empty profile NAME: ucs-v3, icvac, vics-uk, vics-ca or gifct
    #[arg(long, value_name = "NAME", conflicts_with_all = ["file", "remove"], value_parser = empty)]
    template: Option<EmptyProfile>,

    /// Forget a profile that was loaded; entries keep the facets that they have until their list is imported again
    #[arg(long, value_name = "SCHEME[/PROFILE]", conflicts_with = "file")]
    remove: Option<String>,
}

fn empty(text: &str) -> Result<EmptyProfile, String> {
    let names = || EMPTY_PROFILES.map(|profile| profile.name).join(", ");
    EMPTY_PROFILES
        .into_iter()
        .find(|profile| profile.name == text)
        .ok_or_else(|| format!("there is no such profile; they are {}", names()))
}

impl Load {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        match (&self.template, &self.remove, &self.file) {
            (Some(profile), ..) => out.raw(profile.text)?,
            (None, Some(name), _) => remove(&global.open_home()?, name, out)?,
            (None, None, Some(file)) => self.load(file, global, out)?,
            (None, None, None) => bail!("name the filled profile"),
        }
        Ok(Status::default())
    }

    fn load(&self, file: &Path, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let rows = super::profile(file)?;
        let shown = on_one_line(file.display());
        let Some(first) = rows.first() else {
            bail!("{shown}: has no rows yet; write one for each category and facet (docs/vocabulary.md)")
        };
        let name = name_of(first);
        if !self.check {
            let home = global.open_or_create_home()?;
            let _lock = home.lock_within(PATIENCE)?;
            let folder = home.vocabulary_dir();
            fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
            write_atomic(&profile_file(&home, &name), super::text_of(file)?.as_bytes(), 0o600)?;
        }
        let dimensions = facets_of(&rows);
        out.json(
            "summary",
            &json!({ "scheme": name, "rows": rows.len(), "dimensions": dimensions, "loaded": !self.check }),
        )?;
        let rows = counted(rows.len() as u64, "row", "rows");
        out.text(format_args!("{shown}: {name}, {rows}, all sound"))?;
        if !self.check {
            out.prose(
                "Loaded. Lists that are imported from now on get these facets; import those again that are there.",
            )?;
        }
        Ok(())
    }
}

/// The dimensions that the rows lead to.
fn facets_of(rows: &[CrosswalkRow]) -> Vec<Dimension> {
    let mut found: Vec<Dimension> = rows.iter().map(|row| row.target.dimension()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn remove(home: &Home, name: &str, out: &mut Output) -> anyhow::Result<()> {
    let _lock = home.lock_within(PATIENCE)?;
    // By the names of the files: one that cannot be read any more can be forgotten too.
    let names: Vec<String> = profile_files(home)?.into_iter().map(|(name, _)| name).collect();
    if !names.iter().any(|known| known == name) {
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        bail!("no profile of {} is loaded; loaded: {known}", on_one_line(name));
    }
    fs::remove_file(profile_file(home, name))?;
    out.json("summary", &json!({ "scheme": name, "removed": true }))?;
    Ok(out.text(format_args!("{name}: forgotten"))?)
}

/// `UCS/3`, `GIFCT`.
fn name_of(row: &CrosswalkRow) -> String {
    if row.profile.is_empty() { row.scheme.clone() } else { format!("{}/{}", row.scheme, row.profile) }
}
