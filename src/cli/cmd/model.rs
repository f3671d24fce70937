//! `innerward model …`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::output::{Output, counted};
use crate::cli::status::Status;
use crate::report::model::{VERSION, entities, export};

/// The open data model that releases are published in
#[derive(Subcommand)]
pub(in crate::cli) enum ModelVerb {
    Export(Export),
}

/// Write the model alone: a page, schemas, code lists and crosswalks
///
/// As a readable page, tables, a Frictionless Data Package, JSON Schemas, a folder of the Microsoft Common Data Model and
/// SKOS. Needs no home and no release. An export that is there is replaced; the same program gives the same bytes.
#[derive(Args)]
pub(in crate::cli) struct Export {
    /// Folder to write
    #[arg(value_name = "DIR")]
    out: PathBuf,
}

impl ModelVerb {
    pub(in crate::cli) fn run(&self, out: &mut Output) -> anyhow::Result<Status> {
        let Self::Export(verb) = self;
        let files = export(&verb.out)?;
        let index = verb.out.join("index.html");
        for file in &files {
            out.json("file", &json!({ "path": verb.out.join(file) }))?;
        }
        out.json(
            "summary",
            &json!({ "version": VERSION, "entities": entities().len(), "files": files.len(), "index": index }),
        )?;
        let files = counted(files.len() as u64, "file", "files");
        out.text(format_args!("Data model {VERSION}: {files}. Open {} in a browser.", index.display()))?;
        Ok(Status::default())
    }
}
