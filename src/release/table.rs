//! `table.csv`: one line for each cell of the public domain, in the plan's order, with the columns of the data model.

use super::mechanism::{MECHANISM, Reading, released_cell};
use super::model::{Manifest, ReleasedCell};
use super::plan::{INDICATOR, PlanTable, decimal};
use super::verify::VerifyError;
use crate::vocabulary::{Code, Dimension};

/// The file's name.
pub(super) const FILE: &str = "table.csv";

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

/// The file for `cells`.
pub(super) fn render(manifest: &Manifest, cells: &[ReleasedCell]) -> Vec<u8> {
    let mut text = header();
    for cell in cells {
        text.push_str(&line(manifest, cell).join(","));
        text.push('\n');
    }
    text.into_bytes()
}

/// Reads the cells back. Only the values are taken from the file; everything else is worked out anew and must agree
/// to the byte.
pub(super) fn read(
    bytes: &[u8],
    manifest: &Manifest,
    table: &PlanTable,
) -> Result<Vec<ReleasedCell>, VerifyError> {
    let fault = |line: usize, column: &'static str, cause: &str| VerifyError::Table {
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
        return Err(VerifyError::Rows { expected: domain.len(), found: lines.len() });
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
            for (column, (found, expected)) in fields.iter().zip(line(manifest, &cell)).enumerate() {
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

/// The fields of one line. A dimension that the table does not have is `_T`, the total over it; the area is `_U`,
/// because a home does not say where it stands. `conf_status` is `C` for a withheld value, else empty.
fn line(manifest: &Manifest, cell: &ReleasedCell) -> Vec<String> {
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let (low, high) = cell.interval.unzip();
    COLUMNS
        .into_iter()
        .map(|column| match column {
            "indicator" => INDICATOR.to_owned(),
            "unit" => "ITEMS".to_owned(),
            "counting_rule" => "DISTINCT_ITEM_MONTH".to_owned(),
            "ref_area" => "_U".to_owned(),
            "area_role" => "_Z".to_owned(),
            "time_period" => manifest.period.to_string(),
            "obs_value" => number(cell.value.map(|value| value.get())),
            "obs_status" => cell.status.letter().to_owned(),
            "conf_status" => if cell.value.is_none() { "C" } else { "" }.to_owned(),
            "noise_mechanism" => MECHANISM.to_owned(),
            "epsilon" => decimal(manifest.table.epsilon_nano),
            "delta" => "0".to_owned(),
            "noise_sd" => manifest.table.noise_sd.clone(),
            "ci95_lo" => number(low.map(|value| value.get())),
            "ci95_hi" => number(high.map(|value| value.get())),
            RELEASE_ID => manifest.release_id.clone(),
            dimension => code_in(cell, dimension).map_or("_T", Code::as_str).to_owned(),
        })
        .collect()
}

fn code_in(cell: &ReleasedCell, column: &str) -> Option<Code> {
    let dimension = Dimension::COLUMNS.into_iter().find(|dimension| dimension.as_str() == column)?;
    cell.codes.iter().copied().find(|code| code.dimension() == dimension)
}
