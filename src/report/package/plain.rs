//! Plain tables: one a series, short rows, a header line and a row of HXL tags.

use std::collections::BTreeSet;

use super::Form;
use super::folder::{Folder, csv_text, guarded};
use crate::release::{Released, ReleasedTable};
use crate::report::model::columns;
use crate::report::{DataSet, ReportError, Series};
use crate::vocabulary::{Code, Dimension};

pub(super) fn write(folder: &mut Folder, data: &DataSet<'_>) -> Result<(), ReportError> {
    for (series, name) in data.series().iter().zip(names(data.series())) {
        folder.put(&format!("csv/{name}.csv"), Form::Csv, text(series))?;
    }
    Ok(())
}

/// A file name for each series: the table's name, with the publisher's where there are several publishers or two tables of
/// one name, and a number where that does not tell them apart either.
pub(super) fn names(series: &[Series<'_>]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let several = series.iter().any(|one| one.publisher != series[0].publisher);
    let alone = |name: &str| {
        !several && series.iter().filter(|other| other.name.eq_ignore_ascii_case(name)).count() == 1
    };
    let mut names = Vec::new();
    for one in series {
        let base = if alone(one.name) {
            one.name.to_owned()
        } else {
            format!("{}-{}", one.name, slug(one.publisher))
        };
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        let name = std::iter::once(base.clone())
            .chain(numbered)
            .find(|name| taken.insert(name.to_lowercase()))
            .expect("numbers do not end");
        names.push(name);
    }
    names
}

/// `DEMO: The Example Hotline` as `demo-the-example-hotline`.
pub(super) fn slug(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join("-").chars().take(40).collect()
}

/// The dimensions that any table of the series has, in the order of an observation's columns.
fn dimensions(series: &Series<'_>) -> Vec<Dimension> {
    let has = |dimension: &Dimension| {
        series.points().iter().any(|point| point.table.note().dimensions.contains(dimension))
    };
    let listed = columns()
        .iter()
        .filter_map(|column| Dimension::ALL.into_iter().find(|dimension| dimension.as_str() == column.name));
    listed.filter(has).collect()
}

/// The codes of a table that other codes of it roll up to. As rows they are the rest: what has no row of its own.
fn above(table: &ReleasedTable) -> BTreeSet<Code> {
    let codes: BTreeSet<Code> = table.cells().iter().flat_map(|cell| cell.codes.iter().copied()).collect();
    let parents = codes.iter().flat_map(|code| std::iter::successors(code.parent(), |code| code.parent()));
    parents.filter(|parent| codes.contains(parent)).collect()
}

fn text(series: &Series<'_>) -> String {
    let dimensions = dimensions(series);
    let mut header = vec!["time_period"];
    header.extend(dimensions.iter().copied().map(Dimension::as_str));
    header.extend(["obs_value", "obs_status", "ci95_lo", "ci95_hi", "rest"]);
    header.extend(["indicator", "unit", "publisher", "release_id"]);
    let tag = |name: &&str| {
        if *name == "rest" {
            return "#meta+rest".to_owned();
        }
        let column = columns().iter().find(|column| column.name == **name);
        column.map(|column| column.hxl.clone()).expect("every header is a column of an observation")
    };
    let tags = vec![header.iter().map(tag).collect::<Vec<String>>()];
    let rows = series.points().iter().flat_map(|point| {
        let dimensions = &dimensions;
        let above = above(point.table);
        // A `#` would end the line for those who skip lines of HXL tags as comments.
        let publisher = guarded(&series.publisher.replace('#', " "));
        let own = [
            series.indicator.as_str().to_owned(),
            series.unit.as_str().to_owned(),
            publisher,
            point.release.manifest().release_id.clone(),
        ];
        point.table.cells().iter().map(move |cell| {
            let rest: Vec<&str> = cell
                .codes
                .iter()
                .filter(|code| above.contains(code))
                .map(|code| code.dimension().as_str())
                .collect();
            let number =
                |value: Option<Released<u64>>| value.map(|value| value.get().to_string()).unwrap_or_default();
            let (low, high) = cell.interval.unzip();
            let code = |dimension: &Dimension| {
                let found = cell.codes.iter().find(|code| code.dimension() == *dimension);
                found.copied().map_or("_T", Code::as_str).to_owned()
            };
            std::iter::once(point.period().to_string())
                .chain(dimensions.iter().map(code))
                .chain([number(cell.value), cell.status.letter().to_owned(), number(low), number(high)])
                .chain([rest.join(" ")])
                .chain(own.clone())
                .collect()
        })
    });
    csv_text(&header, tags.into_iter().chain(rows))
}
