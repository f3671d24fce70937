//! `innerward trends`

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::releases::Releases;
use crate::cli::global::{Format, Global};
use crate::cli::output::{Output, complain, counted, grouped, on_one_line};
use crate::cli::status::Status;
use crate::release::Release;
use crate::report::{Change, DataSet, Estimate, Query, Trend, TrendRow};
use crate::vocabulary::{Code, Dimension, Indicator, Language, Period, PeriodKind, Unit};

/// Show how published figures changed over time, with the uncertainty of every sum and difference
///
/// Checks every release first. Each row is a figure with its 95 % interval, and its change against the period before: a
/// rise or fall is `clear` if the 95 % interval of the difference does not contain zero. Twenty such verdicts on figures
/// that did not change give one that is wrong, so do not look for the largest among many.
#[derive(Args)]
pub(in crate::cli) struct Trends {
    #[command(flatten)]
    releases: Releases,

    /// What is told apart: month, quarter or year, and dimensions; it is summed over everything else
    ///
    /// For example `month,severity`. Quarters and years of monthly releases are sums in which an item counts once for
    /// each month. Without a length, periods stay as they were published.
    #[arg(long, value_delimiter = ',', required = true, value_name = "PERIOD,DIMENSION,…")]
    by: Vec<String>,

    /// Only these codes: severity=SEV_A,SEV_B; may be given for several dimensions
    #[arg(long = "where", num_args = 1.., value_name = "DIMENSION=CODE,…")]
    only: Vec<String>,

    /// Only these countries or regions, a region with all its rows; what they stand for (hosting, uploading, reporting) is in the column area_role
    #[arg(long, value_delimiter = ',', value_name = "CODE")]
    region: Vec<String>,

    /// Only what counts this: REPORTS, MATCH_ITEMS, …
    #[arg(long, value_name = "INDICATOR")]
    indicator: Option<Indicator>,

    /// Only the table of this name
    #[arg(long, value_name = "NAME")]
    table: Option<String>,

    /// Only this publisher's, by the name in its releases
    #[arg(long, value_name = "NAME", conflicts_with = "sum_publishers")]
    publisher: Option<String>,

    /// Add the figures of all publishers; what several of them have counts once for each
    #[arg(long)]
    sum_publishers: bool,
}

/// The most characters of a line.
const WIDTH: usize = 80;

/// A row for programs: the columns of the CSV, and the fields of `trend`.
#[derive(Serialize)]
struct Line<'a> {
    publisher: String,
    plan: &'a str,
    table_name: &'a str,
    indicator: &'static str,
    unit: &'static str,
    area_role: &'a str,
    time_period: String,
    #[serde(flatten)]
    codes: BTreeMap<&'static str, &'static str>,
    obs_value: Option<u64>,
    obs_status: &'static str,
    ci95_lo: Option<u64>,
    ci95_hi: Option<u64>,
    cells_shown: Option<usize>,
    cells_withheld: Option<usize>,
    series_break: bool,
    change: Option<i64>,
    change_lo: Option<i64>,
    change_hi: Option<i64>,
    verdict: &'static str,
    publishers: usize,
    rest_of: String,
}

impl Trends {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let query = self.query()?;
        let opened = self.releases.open(global)?;
        let releases: Vec<&Release> = opened.iter().map(|opened| &opened.release).collect();
        let data = DataSet::of(&releases);
        let rows = data.trends(&query)?;
        let dimensions: Vec<&'static str> = query.by.iter().map(|dimension| dimension.as_str()).collect();
        let notes = notes(&query, &data, &rows);
        match global.format {
            Format::Csv => {
                out.raw(&csv(&dimensions, &rows)?)?;
                notes.iter().for_each(complain);
            }
            Format::Json => {
                for row in &rows {
                    out.json("trend", &Line::of(row, &dimensions))?;
                }
                out.json(
                    "summary",
                    &json!({ "releases": data.releases().len(), "rows": rows.len(), "notes": notes }),
                )?;
            }
            Format::Text => {
                print(&rows, out)?;
                for note in &notes {
                    out.text("")?;
                    out.prose(note)?;
                }
            }
        }
        Ok(Status::default())
    }

    fn query(&self) -> anyhow::Result<Query> {
        let mut query = Query {
            indicator: self.indicator,
            table: self.table.clone(),
            publisher: self.publisher.clone(),
            sum_publishers: self.sum_publishers,
            ..Query::default()
        };
        for word in &self.by {
            match PeriodKind::ALL.into_iter().find(|kind| kind.as_str() == word) {
                Some(kind) if query.kind.is_none() => query.kind = Some(kind),
                Some(_) => bail!("--by: one length of periods, not two; ask twice"),
                None => {
                    let dimension = dimension(word).context("--by: month, quarter, year or a dimension")?;
                    if !query.by.contains(&dimension) {
                        query.by.push(dimension);
                    }
                }
            }
        }
        for text in &self.only {
            let (name, codes) = text.split_once('=').with_context(|| {
                format!("--where {text}: write DIMENSION=CODE, for example severity=SEV_A,SEV_B")
            })?;
            if codes.contains('=') {
                // `severity=SEV_A,severity=SEV_B`: the name stands once; another dimension stands apart.
                let own = codes.split(',').map(|code| code.strip_prefix(&format!("{name}=")).unwrap_or(code));
                let (others, own): (Vec<&str>, Vec<&str>) = own.partition(|code| code.contains('='));
                let cure = std::iter::once(format!("{name}={}", own.join(",")));
                let cure: Vec<String> = cure.chain(others.into_iter().map(str::to_owned)).collect();
                bail!("--where {text}: write {}", cure.join(" "));
            }
            restrict(&mut query, dimension(name).context("--where")?, codes.split(','))?;
        }
        if !self.region.is_empty() {
            restrict(&mut query, Dimension::Area, self.region.iter().map(String::as_str))?;
        }
        Ok(query)
    }
}

fn restrict<'a>(
    query: &mut Query,
    dimension: Dimension,
    codes: impl Iterator<Item = &'a str>,
) -> anyhow::Result<()> {
    let codes: Vec<Code> = codes.map(|code| dimension.code(code)).collect::<Result<_, _>>()?;
    if query.only.insert(dimension, codes).is_some() {
        bail!("{dimension} is restricted twice; write its codes with commas between them");
    }
    Ok(())
}

/// By the name of its column; the country also as `region`.
fn dimension(name: &str) -> anyhow::Result<Dimension> {
    if name == "region" {
        return Ok(Dimension::Area);
    }
    // The role of an area is a property of the table.
    let known: Vec<Dimension> =
        Dimension::COLUMNS.into_iter().filter(|known| *known != Dimension::AreaRole).collect();
    known.iter().copied().find(|known| known.as_str() == name).with_context(|| {
        let names: Vec<&str> = known.iter().map(|known| known.as_str()).collect();
        format!("{name:?} is no dimension; there are {}", names.join(", "))
    })
}

impl<'a> Line<'a> {
    fn of(row: &'a TrendRow, dimensions: &[&'static str]) -> Self {
        let shown = row.estimate.filter(|found| found.shown > 0);
        let change = change(row);
        Self {
            publisher: row.publishers.join(" + "),
            plan: &row.plan,
            table_name: &row.table,
            indicator: row.indicator.as_str(),
            unit: row.unit.as_str(),
            area_role: &row.area_role,
            time_period: row.period.to_string(),
            codes: dimensions.iter().copied().zip(row.codes.iter().map(|code| code.as_str())).collect(),
            obs_value: shown.map(|found| found.value),
            obs_status: row.status(),
            ci95_lo: shown.map(|found| found.low),
            ci95_hi: shown.map(|found| found.high),
            cells_shown: row.estimate.map(|found| found.shown),
            cells_withheld: row.estimate.map(|found| found.withheld),
            series_break: row.series_break,
            change: change.map(|change| change.difference()),
            change_lo: change.map(|change| change.low),
            change_hi: change.map(|change| change.high),
            verdict: row.verdict(),
            publishers: row.publishers.len(),
            rest_of: row.rest.iter().map(|code| code.as_str()).collect::<Vec<_>>().join(" "),
        }
    }
}

fn change(row: &TrendRow) -> Option<Change> {
    match row.change {
        Trend::Clear(change) | Trend::NoClearChange(change) => Some(change),
        Trend::Withheld | Trend::Broken | Trend::Missing => None,
    }
}

/// The rows with a header; the dimensions stand after the period, in the order asked for.
fn csv(dimensions: &[&'static str], rows: &[TrendRow]) -> anyhow::Result<String> {
    const BEFORE: [&str; 7] =
        ["publisher", "plan", "table_name", "indicator", "unit", "area_role", "time_period"];
    const AFTER: [&str; 13] = [
        "obs_value",
        "obs_status",
        "ci95_lo",
        "ci95_hi",
        "cells_shown",
        "cells_withheld",
        "series_break",
        "change",
        "change_lo",
        "change_hi",
        "verdict",
        "publishers",
        "rest_of",
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(BEFORE.iter().chain(dimensions).chain(&AFTER))?;
    for row in rows {
        let line = serde_json::to_value(Line::of(row, dimensions))?;
        let field = |name: &&str| match &line[*name] {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => tame(text),
            other => other.to_string(),
        };
        writer.write_record(BEFORE.iter().chain(dimensions).chain(&AFTER).map(field))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// A text of a publisher as a cell: without characters that turn the direction of writing or command a terminal, and
/// nothing that a spreadsheet takes for a formula.
fn tame(text: &str) -> String {
    let text = on_one_line(text);
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

/// What a reader must know of these rows.
fn notes(query: &Query, data: &DataSet<'_>, rows: &[TrendRow]) -> Vec<String> {
    let mut notes = Vec::new();
    if data.releases().iter().any(|release| release.manifest().demo) {
        notes.push("Some of these releases come from a demo: their numbers describe nothing.".to_owned());
    }
    let unit = match rows.first().map(|row| row.unit) {
        Some(Unit::Reports) => "report",
        Some(Unit::Urls) => "web address",
        Some(Unit::Items) | None => "item",
    };
    let published = data.series().iter().map(|series| series.kind).min();
    if query.kind.is_some_and(|kind| published.is_some_and(|published| published < kind)) {
        notes.push(format!("Sums over months: one {unit} counts once for each month in which it is there."));
    }
    if rows.iter().any(|row| !row.rest.is_empty()) {
        notes.push(
            "A code beside rows of its parts is the rest, what has no row of its own: never the whole of what it names."
                .to_owned(),
        );
    }
    let coarse: Vec<String> = query.only.values().flatten().filter_map(|&code| parts(data, code)).collect();
    if !coarse.is_empty() {
        notes.push(format!("These stand for all rows below them: {}.", coarse.join("; ")));
    }
    if query.sum_publishers {
        notes.push(format!("Sums over publishers: one {unit} counts once for each publisher that has it."));
    }
    notes.extend(lacking(rows));
    if rows.iter().any(|row| row.estimate.is_some_and(|found| found.withheld > 0)) {
        notes.push(
            "Withheld cells are not zero. A figure is the sum of the cells that are shown (3/4: three of four are); its \
             interval, and that of a change, includes what the withheld ones may hold. A table with fewer cells tells more \
             of a total."
                .to_owned(),
        );
    }
    notes.push(
        "Noise was added before publication. The intervals are about that noise alone, and each holds in 95 of 100 \
             cases. A count also moves by chance and with reporting, platforms, tools and lists: it is not how common \
             something is."
            .to_owned(),
    );
    notes
}

/// Of each publisher that a sum lacks somewhere, the periods: a figure without it is lower for that reason alone.
fn lacking(rows: &[TrendRow]) -> Vec<String> {
    let mut periods: BTreeMap<&str, BTreeSet<Period>> = BTreeMap::new();
    for row in rows {
        for name in &row.lacking {
            periods.entry(name).or_default().insert(row.period);
        }
    }
    let in_words = |(name, periods): (&str, BTreeSet<Period>)| {
        let periods: Vec<String> = periods.iter().map(Period::to_string).collect();
        format!("Sums without {}, and lower for that: {}.", on_one_line(name), periods.join(", "))
    };
    periods.into_iter().map(in_words).collect()
}

/// `155 (Western Europe): DE, NL and the rest`, for a code that has rows below it.
fn parts(data: &DataSet<'_>, code: Code) -> Option<String> {
    let codes: BTreeSet<Code> =
        data.series().iter().flat_map(|series| series.codes(code.dimension())).collect();
    let below = |row: &&Code| std::iter::successors(row.parent(), |up| up.parent()).any(|up| up == code);
    let mut names: Vec<&str> = codes.iter().filter(below).map(|row| row.as_str()).collect();
    if names.is_empty() {
        return None;
    }
    if codes.contains(&code) {
        names.push("the rest");
    }
    Some(format!("{code} ({}): {}", code.label(), names.join(", ")))
}

/// A block for each table and its codes, a line for each period.
fn print(rows: &[TrendRow], out: &mut Output) -> anyhow::Result<()> {
    let mut block = None;
    for row in rows {
        let of = (
            &row.table,
            &row.plan,
            &row.codes,
            if row.plan.is_empty() { None } else { Some(&row.publishers) },
        );
        if block != Some(of) {
            if block.is_some() {
                out.text("")?;
            }
            title(row, rows, out)?;
            block = Some(of);
        }
        for line in lines(row) {
            out.text(line)?;
        }
    }
    Ok(())
}

fn title(row: &TrendRow, rows: &[TrendRow], out: &mut Output) -> anyhow::Result<()> {
    let role =
        if row.area_role.is_empty() { String::new() } else { format!(", countries: {}", row.area_role) };
    if row.plan.is_empty() {
        let all: BTreeSet<&String> = rows.iter().flat_map(|row| &row.publishers).collect();
        out.prose(format_args!("{} together", counted(all.len() as u64, "publisher", "publishers")))?;
    } else {
        let who = on_one_line(row.publishers.join(" + "));
        out.prose(format_args!("{who}, table {} of plan {}", row.table, row.plan))?;
    }
    let label = row.indicator.label_in(Language::En).plain;
    let unit = row.unit.label_in(Language::En).plain.to_lowercase();
    out.prose(format_args!("{label}, counted in {unit}{role}"))?;
    if !row.codes.is_empty() {
        let codes: Vec<String> = row.codes.iter().map(|&code| code_in_words(code, &row.rest)).collect();
        out.prose(codes.join(", "))?;
    }
    Ok(())
}

/// `155 (Western Europe, other countries)` where some of its countries have rows.
fn code_in_words(code: Code, rest: &[Code]) -> String {
    let beyond = match (rest.contains(&code), code.dimension()) {
        (false, _) => "",
        (true, Dimension::Area) => ", other countries",
        (true, _) => ", what has no row of its own",
    };
    format!("{code} ({}{beyond})", code.label())
}

/// `  2026-10     1,204 (1,190 to 1,218)    clear rise (+31 to +99)    3/4`: on two lines if it is too wide for one.
fn lines(row: &TrendRow) -> Vec<String> {
    let period = row.period.to_string();
    let Some(Estimate { value, low, high, shown, withheld, .. }) = row.estimate else {
        return vec![format!("  {period:<8}{:>9}  a part of it was not published", "-")];
    };
    if shown == 0 {
        return vec![format!("  {period:<8}{:>9}  withheld", "-")];
    }
    let change = match change(row) {
        Some(change) => {
            format!("{} ({} to {})", row.verdict(), with_sign(change.low), with_sign(change.high))
        }
        None => row.verdict().to_owned(),
    };
    let of_all = if withheld == 0 { String::new() } else { format!("{shown}/{}", shown + withheld) };
    let interval = format!("({} to {})", grouped(low), grouped(high));
    let figure = format!("  {period:<8}{:>9} {interval:<19}", grouped(value));
    let line = format!("{:<72} {of_all}", format!("{figure} {change}")).trim_end().to_owned();
    if line.chars().count() <= WIDTH {
        return vec![line];
    }
    let below = format!("{:20}{change:<48} {of_all}", "").trim_end().to_owned();
    vec![figure.trim_end().to_owned(), below]
}

fn with_sign(number: i64) -> String {
    let sign = match number {
        ..0 => "-",
        0 => "",
        1.. => "+",
    };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

#[cfg(test)]
#[path = "trends_tests.rs"]
mod tests;
