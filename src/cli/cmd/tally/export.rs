//! `innerward tally export`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;

use super::LOCAL;
use crate::cli::global::Global;
use crate::cli::output::{Output, counted, on_one_line};
use crate::home::{Home, write_atomic};
use crate::tally::{Cell, Tally};
use crate::vocabulary::{Dimension, Period};

/// Write exact counts into a table for the organisation itself
///
/// Every cell of every indicator that is counted, with all its codes. The file is readable by you alone, says that it is
/// local, and cannot be written under HOME/public. These counts are exact, and a small one may point to one person.
#[derive(Args)]
pub(in crate::cli) struct Export {
    /// Write to FILE: CSV, not for sharing
    #[arg(long, value_name = "FILE")]
    local: PathBuf,

    /// The period: 2026-10, 2026-Q4 or 2026 [default: all]
    #[arg(long, value_name = "PERIOD")]
    period: Option<Period>,
}

impl Export {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        if is_public(&home, &self.local)? {
            bail!("exact counts are not written under {}, which is for others", home.public_dir().display());
        }
        let tally = Tally::open(&home)?;
        let periods = match self.period {
            Some(period) => vec![period],
            None => tally.periods()?,
        };
        let mut table = csv::Writer::from_writer(format!("# local: exact counts, {LOCAL}\n").into_bytes());
        let names = Cell::DIMENSIONS.map(Dimension::as_str);
        table.write_record(
            ["local", "period", "indicator", "unit"].into_iter().chain(names).chain(["number"]),
        )?;
        let mut rows: u64 = 0;
        for period in &periods {
            let cube = tally.cube(*period, None)?;
            let cube = cube.show_locally();
            for indicator in cube.indicators() {
                for (cell, number) in cube.of(indicator) {
                    let (period, number) = (period.to_string(), number.to_string());
                    let mut row = vec![LOCAL, &period, indicator.as_str(), indicator.unit().as_str()];
                    row.extend(cell.codes().map(|code| -> &str { code.as_str() }));
                    row.push(&number);
                    table.write_record(row)?;
                    rows += 1;
                }
            }
        }
        let bytes = table.into_inner().map_err(|error| anyhow::anyhow!(error.to_string()))?;
        write_atomic(&self.local, &bytes, 0o600)?;
        let periods = periods.len() as u64;
        out.json("summary", &json!({ "local": LOCAL, "periods": periods, "rows": rows }))?;
        out.text(format_args!(
            "{} of {} in {} (local, {LOCAL})",
            counted(rows, "row", "rows"),
            counted(periods, "period", "periods"),
            on_one_line(self.local.display())
        ))?;
        Ok(())
    }
}

/// True if `file` would be in the folder that is for others.
fn is_public(home: &Home, file: &Path) -> anyhow::Result<bool> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().with_context(|| on_one_line(folder.display()))?;
    let public = home.public_dir();
    let public = public.canonicalize().unwrap_or(public);
    Ok(folder.starts_with(public))
}
