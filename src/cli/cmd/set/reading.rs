//! What decides how a list is read beside its form, a map; and what a guess says.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use serde_json::json;

use crate::cli::output::{Output, complain, on_one_line};
use crate::hashset::{Guess, TableMap};

/// The map in the file at `path`.
pub(super) fn read_map(path: &Path) -> anyhow::Result<Arc<TableMap>> {
    let shown = || format!("--map {}", on_one_line(path.display()));
    let text = fs::read_to_string(path).with_context(shown)?;
    let map: TableMap = text.parse().with_context(shown)?;
    if map.is_illustrative() {
        complain(format_args!("{}: illustrative: nobody who has such lists has confirmed this map", shown()));
    }
    Ok(Arc::new(map))
}

/// What would be done with the list, and the map that reads it if it is a table.
pub(super) fn print_guess(shown: &str, guess: &Guess, out: &mut Output) -> anyhow::Result<()> {
    let form = guess.form.map(|form| form.to_string());
    let columns =
        guess.columns.iter().map(|column| json!({ "name": column.name, "reading": column.reading }));
    out.json(
        "guess",
        &json!({
            "form": form,
            "words": guess.words,
            "map": guess.map,
            "columns": columns.collect::<Vec<_>>(),
            "rows": guess.rows,
        }),
    )?;
    out.json("summary", &json!({ "form": form, "columns": guess.columns.len(), "imported": false }))?;
    out.text(format_args!("{shown}: {}", guess.words))?;
    if !guess.columns.is_empty() {
        out.text("")?;
    }
    for column in &guess.columns {
        out.text(format_args!("  {:<12} {}", column.reading, on_one_line(&column.name)))?;
    }
    if !guess.rows.is_empty() {
        out.text("\nThe first rows, hashes cut to four digits:")?;
    }
    for row in &guess.rows {
        out.text(format_args!("  {}", on_one_line(row.join(" | "))))?;
    }
    if let Some(map) = &guess.map {
        out.text(format_args!("\n{}", map.trim_end()))?;
    }
    out.text("\nNothing was imported.")?;
    Ok(())
}
