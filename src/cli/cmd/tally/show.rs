//! `innerward tally show`

use std::collections::BTreeMap;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use crate::cli::global::Global;
use crate::cli::output::{Output, grouped};
use crate::home::Home;
use crate::tally::{Cell, Cube, Tally};
use crate::vocabulary::{Code, Dimension, Indicator, Period, PeriodKind};

/// Show the exact counts of a period
///
/// These counts are exact and stay in the ward: a small one may point to one person. `release publish` makes figures
/// that may be shared. Without --by, screened items are shown by five dimensions, and of everything else that is counted
/// (reviewed items, reports, web addresses) the total.
#[derive(Args)]
pub(in crate::cli) struct Show {
    /// The period: 2026-10, 2026-Q4 or 2026 [default: every month]
    #[arg(long, value_name = "PERIOD")]
    period: Option<Period>,

    /// By these dimensions, with commas between them: severity,maturity,ref_area
    #[arg(long, value_name = "DIMENSIONS", value_delimiter = ',', value_parser = counted_by)]
    by: Vec<Dimension>,

    /// Of this indicator alone: ITEMS_SCANNED, MATCH_ITEMS, REVIEWED, CONFIRMED, OVERTURNED, REPORTS, URLS, REMOVED
    #[arg(long, value_name = "NAME", requires = "by")]
    indicator: Option<Indicator>,
}

/// A dimension that is counted by.
pub(super) fn counted_by(text: &str) -> Result<Dimension, String> {
    let found = Cell::DIMENSIONS.into_iter().find(|dimension| name(*dimension) == text);
    found.ok_or_else(|| {
        format!("{text:?} is no dimension of the counts; those are {}", Cell::DIMENSIONS.map(name).join(", "))
    })
}

/// What a dimension is called among options.
fn name(dimension: Dimension) -> &'static str {
    dimension.as_str()
}

/// What screened items are shown by.
const USUAL: [Dimension; 5] =
    [Dimension::Verdict, Dimension::Severity, Dimension::ListClass, Dimension::Media, Dimension::Channel];

/// Columns that a code takes: the longest has 20 characters.
const WIDE: usize = 22;

impl Show {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        if self.by.iter().enumerate().any(|(at, dimension)| self.by[..at].contains(dimension)) {
            bail!("--by names a dimension twice");
        }
        let periods = match self.period {
            Some(period) => vec![period],
            None => {
                let months = |period: &Period| period.kind() == PeriodKind::Month;
                Tally::open(&home)?.periods()?.into_iter().filter(months).collect()
            }
        };
        if periods.is_empty() {
            out.text("Nothing counted yet; `innerward screen PATH…` counts what it checks.")?;
        }
        let (mut total, mut watched) = (0, 0);
        for period in &periods {
            let counts = if self.by.is_empty() {
                show(&home, *period, out)?
            } else {
                self.show_by(&home, *period, out)?
            };
            total += counts.items;
            watched += counts.watched;
        }
        let periods = periods.len();
        out.json(
            "summary",
            &json!({ "local": "not for sharing", "periods": periods, "items": total, "watched": watched }),
        )?;
        Ok(())
    }

    fn show_by(&self, home: &Home, period: Period, out: &mut Output) -> anyhow::Result<Counts> {
        let tally = Tally::open(home)?;
        let (cube, watched) = (tally.cube(period, None)?, tally.watched(period)?);
        let cube = cube.show_locally();
        let asked = |indicator: &Indicator| self.indicator.is_none_or(|one| one == *indicator);
        for indicator in cube.indicators().filter(asked) {
            out.text(format_args!("{indicator} in {} (local, not for sharing)", period.in_words()))?;
            for (codes, number) in by(cube, indicator, &self.by) {
                count_line(period, indicator, &codes, number, out)?;
                let words: Vec<String> =
                    codes.iter().map(|code| format!("{:<WIDE$}", code.as_str())).collect();
                out.text(format_args!("  {}{:>9}", words.concat(), grouped(number)))?;
            }
            let wide = WIDE * self.by.len();
            out.text(format_args!("  {:<wide$}{:>9}", "all", grouped(cube.total(indicator))))?;
        }
        Ok(Counts { items: cube.total(Indicator::ItemsScanned), watched: *watched.show_locally() })
    }
}

/// The sums of one period.
pub(in crate::cli) struct Counts {
    items: u64,
    watched: u64,
}

/// Counts by some of the dimensions.
pub(super) fn by(cube: &Cube, indicator: Indicator, dimensions: &[Dimension]) -> BTreeMap<Vec<Code>, u64> {
    let mut counts: BTreeMap<Vec<Code>, u64> = BTreeMap::new();
    for (cell, number) in cube.of(indicator) {
        let codes = dimensions.iter().filter_map(|dimension| cell.code(*dimension)).collect();
        *counts.entry(codes).or_default() += number;
    }
    counts
}

fn count_line(
    period: Period,
    indicator: Indicator,
    codes: &[Code],
    number: u64,
    out: &mut Output,
) -> anyhow::Result<()> {
    let codes: serde_json::Map<_, _> =
        codes.iter().map(|code| (code.dimension().to_string(), code.as_str().into())).collect();
    out.json(
        "count",
        &json!({
            "period": period, "indicator": indicator, "unit": indicator.unit(), "codes": codes, "number": number,
            "local": "not for sharing",
        }),
    )?;
    Ok(())
}

/// Prints the counts of one period and returns their sums.
pub(in crate::cli) fn show(home: &Home, period: Period, out: &mut Output) -> anyhow::Result<Counts> {
    let tally = Tally::open(home)?;
    let (cube, watched) = (tally.cube(period, None)?, tally.watched(period)?);
    let (cube, watched) = (cube.show_locally(), *watched.show_locally());
    out.text(format_args!("Distinct items in {} (local, not for sharing)", period.in_words()))?;
    out.text(format_args!(
        "  {:<10} {:<9} {:<14} {:<6} {:<12} {:>9}",
        "verdict", "severity", "list class", "media", "channel", "items"
    ))?;
    for (codes, items) in by(cube, Indicator::ItemsScanned, &USUAL) {
        let [verdict, severity, list_class, media, channel] = codes[..] else { continue };
        let [verdict, severity, list_class, media, channel] =
            [verdict, severity, list_class, media, channel].map(Code::as_str);
        out.json(
            "tally",
            &json!({
                "period": period, "verdict": verdict, "severity": severity, "list_class": list_class,
                "media": media, "channel": channel, "items": items, "local": "not for sharing",
            }),
        )?;
        out.text(format_args!(
            "  {verdict:<10} {severity:<9} {list_class:<14} {media:<6} {channel:<12} {:>9}",
            grouped(items)
        ))?;
    }
    let items = cube.total(Indicator::ItemsScanned);
    out.text(format_args!("  {:<55} {:>9}", "all", grouped(items)))?;
    if watched > 0 {
        out.text(format_args!("  {:<55} {:>9}", "on watched lists, among them", grouped(watched)))?;
    }
    let others = cube.indicators().filter(|one| *one != Indicator::ItemsScanned);
    for indicator in others {
        let number = cube.total(indicator);
        count_line(period, indicator, &[], number, out)?;
        out.text(format_args!("  {:<55} {:>9}", indicator.as_str(), grouped(number)))?;
    }
    Ok(Counts { items, watched })
}
