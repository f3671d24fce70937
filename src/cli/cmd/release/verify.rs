//! `innerward release verify`

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::print_field;
use crate::cli::output::Output;
use crate::release::{self, PublicKey, decimal};

/// Check a release with nothing but its folder and the publisher's key; needs no home
///
/// Checks the signatures, the place in the publisher's log, every table, and everything that the manifest says of them.
/// Any changed byte is refused.
#[derive(Args)]
pub(in crate::cli) struct Verify {
    /// The release's folder
    folder: PathBuf,

    /// The publisher's key: the file innerward.pub, or the key itself (RW…), had from the publisher by another way
    #[arg(long, value_name = "KEY")]
    key: String,
}

impl Verify {
    pub(super) fn run(&self, out: &mut Output) -> anyhow::Result<()> {
        let release = release::verify(&self.folder, &key(&self.key)?)?;
        let manifest = release.manifest();
        let (mut cells, mut shown) = (0, 0);
        for table in release.tables() {
            let of_table = table.cells().iter().filter(|cell| cell.value.is_some()).count();
            let note = table.note();
            (cells, shown) = (cells + table.cells().len(), shown + of_table);
            out.json(
                "table",
                &json!({
                    "name": note.name, "indicator": note.indicator, "unit": note.unit, "epsilon_nano": note.epsilon_nano,
                    "sensitivity": note.sensitivity, "threshold": note.threshold, "cells": table.cells().len(),
                    "shown": of_table,
                }),
            )?;
        }
        out.json(
            "release",
            &json!({
                "release_id": manifest.release_id, "demo": manifest.demo, "publisher": manifest.publisher,
                "period": manifest.period, "revision": manifest.revision, "epsilon_nano": manifest.epsilon_nano,
                "tables": release.tables().len(), "cells": cells, "shown": shown, "witness": manifest.witness,
                "valid": true,
            }),
        )?;
        out.json("summary", &json!({ "releases": 1 }))?;
        out.prose(format_args!(
            "{}: the signatures hold, and the tables are what the manifest says.",
            manifest.release_id
        ))?;
        print_field("publisher", &manifest.publisher, out)?;
        print_field("period", manifest.period.in_words(), out)?;
        let epsilon = decimal(manifest.epsilon_nano);
        print_field("protection", format_args!("epsilon {epsilon}, all tables together"), out)?;
        for table in release.tables() {
            let note = table.note();
            let of_table = table.cells().iter().filter(|cell| cell.value.is_some()).count();
            let words = format!(
                "{} ({}): {of_table} of {} cells shown, values below {} withheld",
                note.name,
                note.indicator,
                table.cells().len(),
                note.threshold
            );
            print_field("table", words, out)?;
        }
        print_field("witness", &manifest.witness, out)?;
        if manifest.revision > 1 {
            out.prose(format_args!("It takes the place of {}.", manifest.supersedes))?;
        }
        if manifest.demo {
            print_field("DEMO", "the numbers describe nothing", out)?;
        }
        Ok(())
    }
}

/// The key in a file, or the key itself.
pub(in crate::cli) fn key(text: &str) -> anyhow::Result<PublicKey> {
    if Path::new(text).exists() {
        return PublicKey::read(Path::new(text)).with_context(|| text.to_owned());
    }
    text.parse().with_context(|| format!("{text}: no such file, and"))
}
