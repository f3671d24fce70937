//! `innerward tally import`

use std::fs::File;
use std::io::{self, Read as Input};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::LOCAL;
use crate::cli::global::Global;
use crate::cli::output::{Output, complain, counted, on_one_line};
use crate::home::Home;
use crate::tally::{How, Map, Parsed, Tally};
use crate::vocabulary::{Period, Unit};

/// Count a case system's export: reports, web addresses or items
///
/// MAP says what a row is and which columns are used, each with the codes that its values mean; of every other column
/// nothing is looked at, and no value is shown or kept: docs/tally.md. Reports, web addresses and items are counted apart,
/// each once a period. Bad rows are told by their line, counted and left out; all other rows are counted, or none.
/// The same file again changes nothing, as long as its months are not sealed.
#[derive(Args)]
pub(in crate::cli) struct Import {
    /// CSV or JSON Lines, UTF-8; - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// How to read it (TOML)
    #[arg(long, value_name = "MAP")]
    map: PathBuf,

    /// Count rows of sealed periods in the one that is now, possibly a second time, instead of leaving them out
    #[arg(long)]
    late: bool,

    /// Replace what imports gave PERIOD, which is sealed, by what this file gives it
    ///
    /// The file has to have all rows of the period; rows of other periods are passed over. A release of it that was
    /// published stays, and another revision of that is charged again.
    #[arg(long, value_name = "PERIOD", conflicts_with = "late")]
    revise: Option<Period>,

    /// Say what would be counted, and count nothing
    #[arg(long)]
    dry_run: bool,
}

/// Most bad rows that are told one by one.
const TOLD: u64 = 100;

impl Import {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_or_create_home()?;
        let today = Period::containing(global.clock(&home)?.today());
        let map_name = || on_one_line(self.map.display());
        let map = std::fs::read_to_string(&self.map).with_context(map_name)?;
        let folder = self.map.parent().unwrap_or(Path::new(""));
        let loaded = crate::hashset::profiles_of(&home)?;
        let map = Map::in_folder(&map, folder, loaded.rows()).with_context(map_name)?;
        let (name, input): (String, Box<dyn Input>) = if self.file.as_os_str() == "-" {
            ("stdin".into(), Box::new(io::stdin()))
        } else {
            let name = on_one_line(self.file.display());
            let file = File::open(&self.file).with_context(|| name.clone())?;
            (name, Box::new(file))
        };
        let mut bad = 0;
        let parsed = Parsed::read(&map, input, today, &mut |line, cause| {
            bad += 1;
            if bad <= TOLD {
                complain(format_args!("{name}:{line}: {cause}"));
            }
        });
        let parsed = parsed.with_context(|| name.clone())?;
        if bad > TOLD {
            complain(format_args!("{name}: and {} more", counted(bad - TOLD, "bad row", "bad rows")));
        }
        match self.revise {
            Some(period) => self.revise(&home, &parsed, period, out)?,
            None => self.count(&home, &parsed, today, out)?,
        }
        self.sum_up(&parsed, out)
    }

    fn count(&self, home: &Home, parsed: &Parsed, today: Period, out: &mut Output) -> anyhow::Result<()> {
        let how = How { today, late: self.late, rehearse: self.dry_run };
        let mut tally = Tally::open(home)?;
        let told = tally.import(&home.lock_tally()?, parsed, how)?;
        let (one, many) = words(parsed.unit());
        let mut too_late = 0;
        for (period, told) in told.show_locally() {
            out.json(
                "import",
                &json!({
                    "period": period, "unit": parsed.unit(), "new": told.new, "changed": told.changed, "same": told.same,
                    "late": told.late, "too_late": told.too_late, "local": LOCAL,
                }),
            )?;
            too_late += told.too_late;
            let mut text = format!(
                "{period}: {} new, {} more known of, {} the same again",
                counted(told.new, one, many),
                counted(told.changed, "row", "rows"),
                counted(told.same, "row", "rows")
            );
            if told.late > 0 {
                let rows = counted(told.late, "row", "rows");
                text.push_str(&format!(
                    "; {rows} of sealed periods among them, possibly counted a second time"
                ));
            }
            if told.too_late > 0 {
                let fate = if self.late { "counted late" } else { "left out" };
                text = format!("{period} is sealed: {} {fate}", counted(told.too_late, "row", "rows"));
            }
            out.text(text)?;
        }
        if too_late > 0 && !self.late {
            complain(
                "rows of sealed periods were left out; --late counts them in the period that is now, --revise PERIOD replaces \
                 what imports gave a sealed period",
            );
        }
        Ok(())
    }

    fn revise(&self, home: &Home, parsed: &Parsed, period: Period, out: &mut Output) -> anyhow::Result<()> {
        let mut tally = Tally::open(home)?;
        let told = tally.revise(&home.lock_tally()?, parsed, period, self.dry_run)?;
        let told = *told.show_locally();
        let (one, many) = words(parsed.unit());
        out.json(
            "revised",
            &json!({
                "period": period, "unit": parsed.unit(), "before": told.before, "now": told.now, "outside": told.outside,
                "local": LOCAL,
            }),
        )?;
        out.text(format_args!(
            "{period} is sealed: {} of imports before, {} now; {} outside of it passed over",
            counted(told.before, one, many),
            counted(told.now, one, many),
            counted(told.outside, "row", "rows")
        ))?;
        complain(format_args!(
            "what was published of {period} stays; `innerward release publish` makes a revision of it that is charged again"
        ));
        Ok(())
    }

    fn sum_up(&self, parsed: &Parsed, out: &mut Output) -> anyhow::Result<()> {
        let read = parsed.summary();
        for (dimension, values) in &read.unmapped {
            out.json("unmapped", &json!({ "dimension": dimension, "values": values, "local": LOCAL }))?;
            out.text(format_args!(
                "{dimension}: {} that the map does not name, counted as `other`",
                counted(*values, "value", "values")
            ))?;
        }
        out.json(
            "summary",
            &json!({
                "unit": parsed.unit(), "rows": read.rows, "bad_rows": read.bad_rows,
                "dropped_columns": read.dropped_columns, "dry_run": self.dry_run, "local": LOCAL,
            }),
        )?;
        out.text(format_args!(
            "{} read, {} left out; of {} that the map does not name nothing was looked at (local, {LOCAL})",
            counted(read.rows, "row", "rows"),
            counted(read.bad_rows, "bad row", "bad rows"),
            counted(read.dropped_columns, "column", "columns"),
        ))?;
        if self.dry_run {
            out.text("Nothing was counted: this was a rehearsal.")?;
        }
        Ok(())
    }
}

/// What units are called.
fn words(unit: Unit) -> (&'static str, &'static str) {
    match unit {
        Unit::Items => ("item", "items"),
        Unit::Reports => ("report", "reports"),
        Unit::Urls => ("web address", "web addresses"),
    }
}
