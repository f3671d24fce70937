//! SDMX: the observations as SDMX-CSV 2.0, one file and one dataflow for each shape of table, and their structure as
//! SDMX-ML 3.0. Only what stands: a series has one observation a period. What was corrected is in `observations.csv`.

mod structure;

use std::collections::BTreeMap;

use super::Form;
use super::about::About;
use super::folder::{Folder, csv_text};
use crate::language::Locale;
use crate::release::{Release, Released, ReleasedCell, ReleasedTable, decimal, observation};
use crate::report::model::{Column, columns};
use crate::report::{DataSet, ReportError};
use crate::vocabulary::{Dimension, PeriodKind};

/// Who maintains the structures; the name is this project's own and registered nowhere.
const AGENCY: &str = "INNERWARD";

/// The dimensions that tables have in common besides the period.
const BEFORE: [&str; 4] = ["publisher", "plan", "table_name", "indicator"];

/// What is said of every observation besides its value. `threshold` and `sensitivity` are those of its table.
const SAID: [&str; 15] = [
    "unit",
    "unit_mult",
    "counting_rule",
    "obs_status",
    "conf_status",
    "noise_mechanism",
    "epsilon",
    "delta",
    "sensitivity",
    "noise_sd",
    "threshold",
    "ci95_lo",
    "ci95_hi",
    "release_id",
    "revision",
];

/// The dimensions of a shape of table, in the order of an observation's columns. Tables of one shape have the same columns.
type Shape = Vec<&'static Column>;

pub(super) fn write(
    folder: &mut Folder,
    data: &DataSet<'_>,
    about: &About,
    locales: &[&Locale],
) -> Result<(), ReportError> {
    let mut shapes: BTreeMap<Vec<usize>, Vec<(&Release, &ReleasedTable)>> = BTreeMap::new();
    for &release in data.releases().iter().filter(|release| data.successor(release).is_none()) {
        for table in release.tables() {
            shapes.entry(places(table)).or_default().push((release, table));
        }
    }
    let shapes: Vec<(Shape, _)> = shapes
        .into_iter()
        .map(|(places, tables)| (places.into_iter().map(|at| &columns()[at]).collect::<Shape>(), tables))
        .collect();
    for (shape, tables) in &shapes {
        let rows = tables.iter().flat_map(|(release, table)| {
            let publisher = &about.slugs[&release.manifest().publisher];
            table.cells().iter().map(move |cell| row(publisher, shape, release, table, cell))
        });
        folder.put(&format!("sdmx/{}.csv", name(shape)), Form::Sdmx, csv_text(&header(shape), rows))?;
    }
    let shapes: Vec<&Shape> = shapes.iter().map(|(shape, _)| shape).collect();
    folder.put("sdmx/structure.xml", Form::Sdmx, structure::text(&shapes, about, locales))
}

/// Where the dimensions of a table stand among the columns of an observation.
fn places(table: &ReleasedTable) -> Vec<usize> {
    let note = table.note();
    let has = |name: &str| {
        let of_table = note.dimensions.iter().any(|dimension| dimension.as_str() == name);
        of_table || name == Dimension::AreaRole.as_str() && !note.area_role.is_empty()
    };
    (0..columns().len()).filter(|at| has(&columns()[*at].name)).collect()
}

/// `severity_media`; `total` of a table without dimensions.
fn name(shape: &Shape) -> String {
    let names: Vec<&str> = shape.iter().map(|column| column.name.as_str()).collect();
    if names.is_empty() { "total".to_owned() } else { names.join("_") }
}

/// `DF_SEVERITY_MEDIA`
fn flow(shape: &Shape) -> String {
    format!("DF_{}", name(shape).to_uppercase())
}

/// What a column is called in SDMX.
fn concept(name: &str) -> String {
    let column = columns().iter().find(|column| column.name == name);
    column.map_or_else(|| name.to_uppercase(), |column| column.sdmx.clone())
}

fn header(shape: &Shape) -> Vec<String> {
    let control = ["STRUCTURE", "STRUCTURE_ID", "ACTION"].map(str::to_owned);
    let before = BEFORE.map(concept);
    let own = shape.iter().map(|column| column.sdmx.clone());
    let after = ["FREQ", "TIME_PERIOD", "OBS_VALUE"].map(str::to_owned);
    control.into_iter().chain(before).chain(own).chain(after).chain(SAID.map(concept)).collect()
}

fn row(
    publisher: &str,
    shape: &Shape,
    release: &Release,
    table: &ReleasedTable,
    cell: &ReleasedCell,
) -> Vec<String> {
    let (manifest, note) = (release.manifest(), table.note());
    let observed = observation(manifest, note, cell);
    let number =
        |value: Option<Released<u64>>| value.map(|value| value.get().to_string()).unwrap_or_default();
    let field = |name: &str| match name {
        "publisher" => publisher.to_owned(),
        "plan" => manifest.plan.name.clone(),
        "table_name" => note.name.clone(),
        "unit_mult" => "0".to_owned(),
        "sensitivity" => note.sensitivity.to_string(),
        "threshold" => note.threshold.to_string(),
        "revision" => manifest.revision.to_string(),
        "epsilon" => decimal(note.epsilon_nano),
        _ => {
            let at = columns().iter().position(|column| column.name == name);
            at.and_then(|at| observed.get(at)).cloned().unwrap_or_default()
        }
    };
    let control =
        ["dataflow".to_owned(), format!("{AGENCY}:{}({})", flow(shape), structure::VERSION), "I".to_owned()];
    let freq = frequency(manifest.period.kind()).to_owned();
    let value = [freq, manifest.period.to_string(), number(cell.value)];
    control
        .into_iter()
        .chain(BEFORE.map(field))
        .chain(shape.iter().map(|column| field(&column.name)))
        .chain(value)
        .chain(SAID.map(field))
        .collect()
}

/// The codes of `CL_FREQ`.
const FREQUENCIES: [(&str, &str); 3] = [("M", "Monthly"), ("Q", "Quarterly"), ("A", "Annual")];

fn frequency(kind: PeriodKind) -> &'static str {
    match kind {
        PeriodKind::Month => FREQUENCIES[0].0,
        PeriodKind::Quarter => FREQUENCIES[1].0,
        PeriodKind::Year => FREQUENCIES[2].0,
    }
}
