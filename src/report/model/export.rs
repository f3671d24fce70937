//! The model alone, in a folder: for people, for tables, for programs.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{
    Entity, VERSION, cdm, code_lists, entities, entity, frictionless, json_schema, lists, page, skos,
};
use crate::home::sync_dir;
use crate::language::Locale;
use crate::report::ReportError;
use crate::report::package::{Folder, Form, crosswalk, csv_text, list_header, list_text, table};
use crate::vocabulary::Indicator;

/// What the page calls itself; a folder whose `index.html` does not is not overwritten.
const GENERATOR: &str = concat!("innerward ", env!("CARGO_PKG_VERSION"), " data model");
/// The same, whatever the version that wrote it.
const MARK: [&str; 2] = ["<meta name=\"generator\" content=\"innerward ", " data model\">"];

/// What innerward does in each stage.
const IN_INNERWARD: [&str; 6] = [
    "Plans are registered before their period begins; a vocabulary of closed lists; a ledger of what publishing costs",
    "Items are screened against shared lists where they lie; decisions of people are recorded",
    "Everything stays in the home folder of the organisation, and is purged by stated rules",
    "Releases: counts with noise, thresholds and signatures; these packages",
    "Distinct items, reports and addresses are counted, protected, rounded and withheld as planned",
    "Pages that say what may be read from a figure and what not; intervals, breaks and caveats with every package",
];

/// A table of the model that has rows: its file, its rows.
struct Filled {
    entity: &'static Entity,
    path: String,
    rows: Vec<Vec<String>>,
}

/// Writes the model to the folder `out` and gives the names of its files, in order.
///
/// The folder appears complete or not at all; an export that is there is replaced as a whole. The same program gives the
/// same bytes.
///
/// # Errors
/// [`ReportError::Foreign`] if `out` holds anything but an export of the model; [`ReportError::Io`] with the path.
pub fn export(out: &Path) -> Result<Vec<String>, ReportError> {
    if out.file_name().is_none() || !crate::report::is_free(out)? && !is_export(out)? {
        return Err(ReportError::ForeignModel(out.into()));
    }
    let (draft, old) = (crate::report::beside(out, "new"), crate::report::beside(out, "old"));
    crate::report::remove(&draft)?;
    let files = match write(&draft) {
        Ok(files) => files,
        Err(error) => {
            let _ = fs::remove_dir_all(&draft); // the first error is the one to tell
            return Err(error);
        }
    };
    if !crate::report::is_free(out)? {
        crate::report::remove(&old)?;
        fs::rename(out, &old).map_err(ReportError::io(out))?;
    }
    if let Err(source) = fs::rename(&draft, out) {
        let _ = fs::rename(&old, out); // only there if an export was replaced
        return Err(ReportError::io(out)(source));
    }
    sync_dir(out.parent().unwrap_or(Path::new(".")))?;
    crate::report::remove(&old)?;
    Ok(files)
}

/// Says whether `folder` holds an export of ours and nothing else: what is replaced is lost.
fn is_export(folder: &Path) -> Result<bool, ReportError> {
    let index = fs::read_to_string(folder.join("index.html")).unwrap_or_default();
    let marked = index
        .lines()
        .next()
        .is_some_and(|line| line.split_once(MARK[0]).is_some_and(|(_, rest)| rest.contains(MARK[1])));
    if !marked {
        return Ok(false);
    }
    let listed = fs::read(folder.join("files.json")).ok();
    let listed: Vec<String> =
        listed.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).map_err(ReportError::io(&inner))? {
            let entry = entry.map_err(ReportError::io(&inner))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(ReportError::io(&entry.path()))?);
            let name = path.strip_prefix(folder).ok().and_then(Path::to_str).unwrap_or_default();
            if kind.is_dir() {
                folders.push(path);
            } else if !kind.is_file() || !listed.iter().any(|known| known == name) && name != "files.json" {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn write(draft: &Path) -> Result<Vec<String>, ReportError> {
    let locales: Vec<&Locale> = Locale::built_in().iter().collect();
    let mut folder = Folder::new(draft)?;
    folder.put("index.html", Form::Notes, page::page(GENERATOR).into_string())?;
    folder.put("entities.csv", Form::Table, entities_text())?;
    folder.put("attributes.csv", Form::Table, attributes_text())?;
    let filled = filled(&locales);
    for table in &filled {
        folder.put(&table.path, Form::Table, self::table(&table.entity.name, table.rows.iter().cloned()))?;
    }
    for list in code_lists() {
        folder.put(&format!("{}.csv", list.file()), Form::CodeList, list_text(list, &locales))?;
    }
    for entity in templates(&filled) {
        folder.put(&template(entity), Form::Table, table(&entity.name, Vec::new()))?;
    }
    folder.put_json("datapackage.json", Form::Frictionless, &data_package(&filled, &locales))?;
    for entity in entities() {
        let path = format!("schemas/{}", json_schema::file(entity));
        folder.put_json(&path, Form::JsonSchema, &json_schema::schema(entity))?;
        let document = cdm::document(entity, &locales);
        folder.put(&format!("cdm/{}", cdm::file(entity)), Form::Cdm, format!("{document}\n"))?;
    }
    let all: Vec<(&Entity, Option<&str>)> = entities().iter().map(|entity| (entity, None)).collect();
    folder.put_json("cdm/default.manifest.cdm.json", Form::Cdm, &cdm::manifest(&all, &[]))?;
    folder.put("vocabulary.ttl", Form::Skos, skos::turtle(&locales))?;
    let files: Vec<String> = folder.files().iter().map(|file| file.path.clone()).collect();
    folder.put_json("files.json", Form::Notes, &json!(files))?;
    Ok(files)
}

/// The tables of the model that have rows of their own.
fn filled(locales: &[&Locale]) -> Vec<Filled> {
    let filled = |name: &str, path: &str, rows: Vec<Vec<String>>| Filled {
        entity: entity(name),
        path: path.to_owned(),
        rows,
    };
    let indicators = Indicator::ALL.map(|found| {
        [
            found.as_str(),
            found.unit().as_str(),
            found.counting_rule(),
            found.deduplication(),
            found.kind().as_str(),
        ]
        .map(str::to_owned)
        .to_vec()
    });
    let stages = lists::stages().zip(IN_INNERWARD).map(|((stage, code), ours)| {
        let words = code.words(Locale::english()).map(|words| words.definition).unwrap_or_default();
        vec![stage.as_str().to_owned(), code.order.to_string(), words, ours.to_owned()]
    });
    let code_list = |list: &super::CodeList| {
        vec![
            list.name.to_owned(),
            list.label.clone(),
            list.definition.clone(),
            list.codes.len().to_string(),
            list.uri(),
        ]
    };
    vec![
        filled("Indicator", "indicators.csv", indicators.to_vec()),
        filled("CodeList", "code_lists.csv", code_lists().map(code_list).collect()),
        filled("Code", "codes.csv", super::code_rows()),
        filled("Label", "labels.csv", label_rows(locales)),
        filled("Crosswalk", "crosswalk.csv", crosswalk().collect()),
        filled("EcosystemStage", "ecosystem_stages.csv", stages.collect()),
    ]
}

fn label_rows(locales: &[&Locale]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for list in code_lists() {
        for code in &list.codes {
            for locale in locales {
                if let Some(words) = code.words(locale) {
                    let head = [list.name, code.code, locale.tag()].map(str::to_owned);
                    let tail = [words.pref, words.plain, words.definition, words.status.to_owned()];
                    rows.push(head.into_iter().chain(tail).collect());
                }
            }
        }
    }
    rows
}

/// The entities that a publisher fills: those without rows of the model's own.
fn templates(filled: &[Filled]) -> impl Iterator<Item = &'static Entity> {
    entities().iter().filter(|entity| filled.iter().all(|table| table.entity.name != entity.name))
}

fn template(entity: &Entity) -> String {
    format!("templates/{}.csv", entity.file)
}

fn entities_text() -> String {
    let rows = entities().iter().map(|entity| {
        [&entity.name, &entity.label, entity.stage.as_str(), &entity.key.join(" "), &entity.definition]
            .map(str::to_owned)
            .to_vec()
    });
    csv_text(&["entity", "label", "life_cycle_stage", "key", "definition"], rows)
}

fn attributes_text() -> String {
    let head = [
        "entity",
        "attribute",
        "type",
        "code_list",
        "required",
        "unit",
        "life_cycle_stage",
        "hxl_tag",
        "sdmx_concept",
        "counting_rule",
        "definition",
    ];
    let rows = entities().iter().flat_map(|entity| {
        entity.attributes.iter().map(|column| {
            let required = if column.required { "yes" } else { "no" };
            [
                entity.name.as_str(),
                &column.name,
                column.kind.as_str(),
                &column.list,
                required,
                &column.unit,
                column.stage.as_str(),
                &column.hxl,
                &column.sdmx,
                &column.counting_rule,
                &column.definition,
            ]
            .map(str::to_owned)
            .to_vec()
        })
    });
    csv_text(&head, rows)
}

fn data_package(filled: &[Filled], locales: &[&Locale]) -> Value {
    let of = |entity: &Entity, path: &str| {
        let schema = frictionless::schema(entity, &[]);
        Value::Object(frictionless::resource(&entity.file, path, &entity.label, &entity.definition, schema))
    };
    let tables = filled.iter().map(|table| of(table.entity, &table.path));
    let templates = templates(filled).map(|entity| of(entity, &template(entity)));
    let lists = code_lists().map(|list| {
        let schema = frictionless::list_schema(&list_header(locales));
        let path = format!("{}.csv", list.file());
        Value::Object(frictionless::resource(&list.file(), &path, &list.label, &list.definition, schema))
    });
    let resources: Vec<Value> = tables.chain(templates).chain(lists).collect();
    json!({
        "name": "innerward-model",
        "title": "Open data model for the digital protection of children",
        "description": "Entities, attributes, code lists and crosswalks for publishing counts about child sexual abuse material. Hashes of content are no part of it.",
        "version": VERSION,
        "profile": "tabular-data-package",
        "licenses": [{ "name": "MIT" }, { "name": "Apache-2.0" }],
        "resources": resources,
    })
}
