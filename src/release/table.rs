//! The file of a table: one line for each cell of the public domain, in the plan's order, with the columns of the data model.

#![deny(clippy::float_arithmetic)]

use super::epsilon::decimal;
use super::mechanism::{Reading, released_cell};
use super::model::{Manifest, ReleasedCell, TableNote};
use super::plan::PlanTable;
use super::verify::VerifyError;
use crate::vocabulary::{Code, PeriodKind, Unit};

/// The columns of an observation, in order.
pub const COLUMNS: [&str; 30] = [
    "indicator",
    "unit",
    "counting_rule",
    "ref_area",
    "area_role",
    "time_period",
    "severity",
    "age_band",
    "maturity",
    "sex",
    "origin",
    "harm",
    "media",
    "signal",
    "verdict",
    "novelty",
    "site",
    "source",
    "list_class",
    "channel",
    "obs_value",
    "obs_status",
    "conf_status",
    "noise_mechanism",
    "epsilon",
    "delta",
    "noise_sd",
    "ci95_lo",
    "ci95_hi",
    RELEASE_ID,
];

/// The last column.
const RELEASE_ID: &str = "release_id";

/// The file for the `cells` of the table `note`.
pub(super) fn render(manifest: &Manifest, note: &TableNote, cells: &[ReleasedCell]) -> Vec<u8> {
    let mut text = header();
    for cell in cells {
        text.push_str(&observation(manifest, note, cell).join(","));
        text.push('\n');
    }
    text.into_bytes()
}

/// Reads the cells back. Only the values are taken from the file; everything else is worked out anew and must agree
/// to the byte.
pub(super) fn read(
    bytes: &[u8],
    manifest: &Manifest,
    note: &TableNote,
    table: &PlanTable,
) -> Result<Vec<ReleasedCell>, VerifyError> {
    let fault = |line: usize, column: &'static str, cause: &str| VerifyError::Table {
        file: note.file.clone(),
        line,
        column,
        cause: cause.to_owned(),
    };
    let text = std::str::from_utf8(bytes).map_err(|_| fault(1, "indicator", "is not UTF-8"))?;
    let body = text.strip_prefix(&header()).ok_or_else(|| {
        fault(1, "indicator", "the columns are not those of an observation, in their order")
    })?;
    let body = match body.strip_suffix('\n') {
        Some(body) => body,
        None => return Err(fault(body.lines().count() + 1, RELEASE_ID, "the last line does not end")),
    };
    let lines: Vec<&str> = body.split('\n').collect();
    let domain = table.domain().cells();
    if lines.len() != domain.len() {
        return Err(VerifyError::Rows {
            file: note.file.clone(),
            expected: domain.len(),
            found: lines.len(),
        });
    }
    lines
        .iter()
        .zip(domain)
        .enumerate()
        .map(|(at, (&found, codes))| {
            let number = at + 2;
            let fields: Vec<&str> = found.split(',').collect();
            if fields.len() != COLUMNS.len() {
                return Err(fault(number, "indicator", "does not have 30 columns"));
            }
            let reading =
                reading(fields[VALUE], table).map_err(|cause| fault(number, "obs_value", &cause))?;
            let cell = released_cell(codes.clone(), reading);
            for (column, (found, expected)) in
                fields.iter().zip(observation(manifest, note, &cell)).enumerate()
            {
                if **found != expected {
                    let name = COLUMNS[column];
                    return Err(fault(number, name, &format!("is {found:?} and must be {expected:?}")));
                }
            }
            Ok(cell)
        })
        .collect()
}

/// Where `obs_value` stands.
const VALUE: usize = 20;

fn reading(field: &str, table: &PlanTable) -> Result<Reading, String> {
    let protection = table.protection();
    if field.is_empty() {
        return Ok(protection.read(None));
    }
    let value: u64 = field.parse().map_err(|_| format!("{field:?} is not a whole number"))?;
    if value < protection.smallest_shown() {
        return Err(format!("{value} is below the threshold and must be withheld"));
    }
    if !value.is_multiple_of(u64::from(protection.rounding())) {
        return Err(format!("{value} is not a multiple of {}", protection.rounding()));
    }
    Ok(protection.read(Some(value)))
}

fn header() -> String {
    format!("{}\n", COLUMNS.join(","))
}

/// The fields of one line of a table's file, in the order of [`COLUMNS`]. A dimension that the table does not have is `_T`,
/// the total over it; the role of an area is that of the table. `conf_status` is `C` for a withheld value, else empty.
#[must_use]
pub fn observation(manifest: &Manifest, note: &TableNote, cell: &ReleasedCell) -> Vec<String> {
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let (low, high) = cell.interval.unzip();
    COLUMNS
        .into_iter()
        .map(|column| match column {
            "indicator" => note.indicator.as_str().to_owned(),
            "unit" => note.unit.as_str().to_owned(),
            "counting_rule" => counting_rule(note.unit, manifest.period.kind()).to_owned(),
            "area_role" if !note.area_role.is_empty() => note.area_role.clone(),
            "time_period" => manifest.period.to_string(),
            "obs_value" => number(cell.value.map(|value| value.get())),
            "obs_status" => cell.status.letter().to_owned(),
            "conf_status" => if cell.value.is_none() { "C" } else { "" }.to_owned(),
            "noise_mechanism" => note.mechanism.clone(),
            "epsilon" => decimal(note.epsilon_nano),
            "delta" => "0".to_owned(),
            "noise_sd" => note.noise_sd.clone(),
            "ci95_lo" => number(low.map(|value| value.get())),
            "ci95_hi" => number(high.map(|value| value.get())),
            RELEASE_ID => manifest.release_id.clone(),
            dimension => code_in(cell, dimension).map_or("_T", Code::as_str).to_owned(),
        })
        .collect()
}

/// What counts once.
const fn counting_rule(unit: Unit, kind: PeriodKind) -> &'static str {
    match (unit, kind) {
        (Unit::Items, PeriodKind::Month) => "DISTINCT_ITEM_MONTH",
        (Unit::Items, PeriodKind::Quarter) => "DISTINCT_ITEM_QUARTER",
        (Unit::Items, PeriodKind::Year) => "DISTINCT_ITEM_YEAR",
        (Unit::Reports, PeriodKind::Month) => "DISTINCT_REPORT_MONTH",
        (Unit::Reports, PeriodKind::Quarter) => "DISTINCT_REPORT_QUARTER",
        (Unit::Reports, PeriodKind::Year) => "DISTINCT_REPORT_YEAR",
        (Unit::Urls, PeriodKind::Month) => "DISTINCT_URL_MONTH",
        (Unit::Urls, PeriodKind::Quarter) => "DISTINCT_URL_QUARTER",
        (Unit::Urls, PeriodKind::Year) => "DISTINCT_URL_YEAR",
    }
}

fn code_in(cell: &ReleasedCell, column: &str) -> Option<Code> {
    cell.codes.iter().copied().find(|code| code.dimension().as_str() == column)
}
