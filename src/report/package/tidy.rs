//! The tables that every form describes: observations, releases, the privacy ledger, the columns and the code lists.

use std::collections::BTreeMap;

use super::Form;
use super::folder::{Folder, csv_text, guarded};
use crate::language::Locale;
use crate::release::{BreakNote, ListNote, Release, ReleasedTable, decimal, observation};
use crate::report::model::{CodeList, Column, ListedCode, code_lists, code_rows, columns, entity};
use crate::report::site::release_names;
use crate::report::{DataSet, ReportError};
use crate::vocabulary::{Dimension, crosswalk_rows};

/// The file of all observations.
pub(super) const OBSERVATIONS: &str = "observations.csv";
/// The file of releases.
pub(super) const RELEASES: &str = "releases.csv";
/// The file of how each table is protected.
pub(super) const LEDGER: &str = "privacy_ledger.csv";

/// The caveats of all releases, each once, in the order in which they are first met; numbered from 1.
pub(super) fn caveats<'a>(data: &DataSet<'a>) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for release in data.releases() {
        for caveat in &release.manifest().caveats {
            if !found.contains(&caveat.as_str()) {
                found.push(caveat);
            }
        }
    }
    found
}

pub(super) fn write(folder: &mut Folder, data: &DataSet<'_>, locales: &[&Locale]) -> Result<(), ReportError> {
    folder.put(OBSERVATIONS, Form::Table, table("Observation", observations(data)))?;
    folder.put(RELEASES, Form::Table, table("Release", releases(data)))?;
    folder.put(LEDGER, Form::Table, table("PrivacyLedger", ledger(data)))?;
    folder.put("columns.csv", Form::Table, columns_text(columns()))?;
    write_lists(folder, locales)
}

/// The code lists, each in a file of its own with its labels, all codes together, and the crosswalks.
fn write_lists(folder: &mut Folder, locales: &[&Locale]) -> Result<(), ReportError> {
    folder.put("codes.csv", Form::CodeList, table("Code", code_rows()))?;
    for list in code_lists() {
        folder.put(&format!("{}.csv", list.file()), Form::CodeList, list_text(list, locales))?;
    }
    folder.put("crosswalk.csv", Form::CodeList, table("Crosswalk", crosswalk()))
}

/// A code list with its labels in `locales`.
pub(in crate::report) fn list_text(list: &CodeList, locales: &[&Locale]) -> String {
    csv_text(&list_header(locales), list_rows(list, locales))
}

/// A table whose columns are the attributes of the entity `name`.
pub(in crate::report) fn table(name: &str, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let header: Vec<&str> = entity(name).attributes.iter().map(|column| column.name.as_str()).collect();
    csv_text(&header, rows)
}

/// What the columns of a table are, one line a column.
pub(in crate::report) fn columns_text(columns: &[Column]) -> String {
    let header = [
        "name",
        "type",
        "code_list",
        "required",
        "unit",
        "hxl_tag",
        "sdmx_concept",
        "life_cycle_stage",
        "counting_rule",
        "definition",
    ];
    csv_text(
        &header,
        columns.iter().map(|column| {
            let required = if column.required { "yes" } else { "no" };
            let list = if column.list.is_empty() { String::new() } else { format!("cl_{}", column.list) };
            [
                &column.name,
                column.kind.as_str(),
                &list,
                required,
                &column.unit,
                &column.hxl,
                &column.sdmx,
                column.stage.as_str(),
                &column.counting_rule,
                &column.definition,
            ]
            .map(str::to_owned)
            .to_vec()
        }),
    )
}

/// The columns of a code list: what it is in the model, and its labels in each language.
pub(in crate::report) fn list_header(locales: &[&Locale]) -> Vec<String> {
    let own = ["code", "parent", "order", "uri", "usage", "status"].map(str::to_owned);
    let of = |locale: &&Locale| {
        ["label", "plain", "definition", "review"].map(|what| format!("{what}_{}", locale.tag()))
    };
    own.into_iter().chain(locales.iter().flat_map(of)).collect()
}

fn list_rows(list: &CodeList, locales: &[&Locale]) -> Vec<Vec<String>> {
    let row = |code: &ListedCode| {
        let own = [code.code, code.parent, &code.order.to_string(), &code.uri, code.usage, code.status]
            .map(str::to_owned);
        let of = |locale: &&Locale| match code.words(locale) {
            Some(words) => [words.pref, words.plain, words.definition, words.status.to_owned()],
            None => Default::default(),
        };
        own.into_iter().chain(locales.iter().flat_map(of)).collect()
    };
    list.codes.iter().map(row).collect()
}

/// Every cell of every release, those of superseded ones too.
fn observations(data: &DataSet<'_>) -> impl Iterator<Item = Vec<String>> {
    data.releases().iter().flat_map(|&release| {
        let superseded_by = successor(data, release);
        release.tables().iter().flat_map(move |table| {
            let superseded_by = superseded_by.clone();
            table.cells().iter().map(move |cell| {
                let manifest = release.manifest();
                let mut row = observation(manifest, table.note(), cell);
                row.extend([
                    guarded(&manifest.publisher),
                    manifest.plan.name.clone(),
                    table.note().name.clone(),
                    manifest.revision.to_string(),
                    superseded_by.clone(),
                ]);
                row
            })
        })
    })
}

pub(super) fn successor(data: &DataSet<'_>, release: &Release) -> String {
    data.successor(release).map(|found| found.manifest().release_id.clone()).unwrap_or_default()
}

/// One row a release, in the order of the entity's attributes.
fn releases(data: &DataSet<'_>) -> impl Iterator<Item = Vec<String>> {
    let numbers: BTreeMap<&str, usize> = caveats(data).into_iter().zip(1..).collect();
    data.releases().iter().zip(release_names(data)).map(move |(release, folder)| {
        let manifest = release.manifest();
        let units: Vec<&str> = manifest.units.iter().map(|note| note.unit.as_str()).collect();
        let caveats: Vec<String> =
            manifest.caveats.iter().map(|caveat| numbers[caveat.as_str()].to_string()).collect();
        vec![
            guarded(&manifest.publisher),
            manifest.release_id.clone(),
            manifest.demo.to_string(),
            manifest.period.to_string(),
            units.join(" "),
            manifest.revision.to_string(),
            manifest.supersedes.clone(),
            successor(data, release),
            manifest.published_on.to_string(),
            guarded(&manifest.purpose),
            guarded(&manifest.licence),
            guarded(&manifest.citation),
            guarded(&manifest.contact),
            manifest.audience.as_str().to_owned(),
            manifest.plan.name.clone(),
            manifest.plan.registered_on.to_string(),
            decimal(manifest.epsilon_nano),
            decimal(manifest.epsilon_cap_nano),
            joined(&manifest.lists, list_in_words),
            joined(&manifest.breaks, break_in_words),
            guarded(&manifest.denominator),
            caveats.join(" "),
            manifest.blake3(),
            manifest.previous.clone(),
            manifest.ledger.size.to_string(),
            manifest.ledger.root.clone(),
            manifest.made_with.clone(),
            folder,
        ]
    })
}

fn joined<T>(notes: &[T], words: impl Fn(&T) -> String) -> String {
    notes.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// `NATIONAL 2026-09`
pub(super) fn list_in_words(note: &ListNote) -> String {
    format!("{} {}", note.list_class, note.revised)
}

/// `NATIONAL within` or `_Z before`
pub(super) fn break_in_words(note: &BreakNote) -> String {
    format!("{} {}", note.list_class, if note.within { "within" } else { "before" })
}

/// One row a table of a release.
fn ledger(data: &DataSet<'_>) -> impl Iterator<Item = Vec<String>> {
    let row = |release: &Release, table: &ReleasedTable| {
        let (manifest, note) = (release.manifest(), table.note());
        let dimensions: Vec<&str> = note.dimensions.iter().copied().map(Dimension::as_str).collect();
        vec![
            guarded(&manifest.publisher),
            manifest.release_id.clone(),
            note.name.clone(),
            note.file.clone(),
            note.blake3.clone(),
            note.indicator.as_str().to_owned(),
            note.unit.as_str().to_owned(),
            note.counting_rule.clone(),
            note.deduplication.clone(),
            dimensions.join(" "),
            note.cells.to_string(),
            note.mechanism.clone(),
            note.neighbours.clone(),
            decimal(note.epsilon_nano),
            "0".to_owned(),
            note.sensitivity.to_string(),
            note.k.to_string(),
            note.beta.clone(),
            note.threshold.to_string(),
            note.half_width.to_string(),
            note.noise_sd.clone(),
            note.rounding.to_string(),
            decimal(manifest.epsilon_nano),
            decimal(manifest.epsilon_cap_nano),
            "SYSTEM_RANDOM".to_owned(),
        ]
    };
    data.releases()
        .iter()
        .flat_map(move |&release| release.tables().iter().map(move |table| row(release, table)))
}

/// The crosswalks that the program has, in the order of the entity's attributes.
pub(in crate::report) fn crosswalk() -> impl Iterator<Item = Vec<String>> {
    crosswalk_rows().into_iter().map(|row| {
        vec![
            row.scheme,
            row.profile,
            row.code,
            row.target.dimension().as_str().to_owned(),
            row.target.as_str().to_owned(),
            row.relation.as_str().to_owned(),
            row.loss,
            row.evidence,
            row.since,
            row.source_label,
        ]
    })
}
