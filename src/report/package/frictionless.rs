//! `datapackage.json`: the Frictionless Data Package over the tables, with what the releases say of themselves.

use serde_json::{Map, Value, json};

use super::about::{self, About};
use super::folder::Folder;
use super::{Form, tidy};
use crate::language::Locale;
use crate::report::model::frictionless::{list_schema, resource, schema};
use crate::report::model::{VERSION, code_lists, entity};
use crate::report::{DataSet, ReportError};

pub(super) fn write(
    folder: &mut Folder,
    data: &DataSet<'_>,
    about: &About,
    locales: &[&Locale],
) -> Result<(), ReportError> {
    let of_release: &[&str] = &["publisher", "release_id"];
    let of_table: &[&str] = &["publisher", "release_id", "table_name"];
    let tables = [
        (
            "Observation",
            "observations",
            tidy::OBSERVATIONS,
            vec![(of_release, "releases"), (of_table, "privacy_ledger")],
        ),
        ("Release", "releases", tidy::RELEASES, Vec::new()),
        ("PrivacyLedger", "privacy_ledger", tidy::LEDGER, vec![(of_release, "releases")]),
        ("Crosswalk", "crosswalk", "crosswalk.csv", Vec::new()),
        ("Code", "codes", "codes.csv", Vec::new()),
    ];
    let tables = tables.into_iter().map(|(name, table, path, links)| {
        let entity = entity(name);
        resource(table, path, &entity.label, &entity.definition, schema(entity, &links))
    });
    let header = tidy::list_header(locales);
    let lists = code_lists().map(|list| {
        let path = format!("{}.csv", list.file());
        resource(&list.file(), &path, &list.label, &list.definition, list_schema(&header))
    });
    let resources: Vec<Map<String, Value>> =
        tables.chain(lists).map(|table| with_digest(folder, table)).collect();
    let licence = |licence: &String| match about::spdx(licence) {
        Some(address) => json!({ "name": licence, "path": address }),
        None => json!({ "title": licence, "path": "LICENCE.md" }),
    };
    let licences: Vec<Value> = about.licences.iter().map(licence).collect();
    let publishers = about.publishers.iter().map(|name| json!({ "title": name, "role": "publisher" }));
    let contacts = about.contacts.iter().map(|name| json!({ "title": name, "role": "contributor" }));
    let keywords: Vec<&str> = ["child protection", "differential privacy", "open data"]
        .into_iter()
        .chain(about.counted.iter().map(String::as_str))
        .collect();
    let package = json!({
        "name": about.name(),
        "title": about.title(),
        "description": about.description(),
        "version": about.version(),
        "modelVersion": VERSION,
        "profile": "tabular-data-package",
        "created": format!("{}T00:00:00Z", about.published_on),
        "licenses": licences,
        "contributors": publishers.chain(contacts).collect::<Vec<_>>(),
        "keywords": keywords,
        "citation": about.citation,
        "resources": resources,
        "innerward": about::releases(data),
    });
    // On one line: what it says of years of releases is for programs, and `releases.csv` says it to people.
    folder.put("datapackage.json", Form::Frictionless, format!("{package}\n"))
}

/// The resource with the length and the digest of its file.
fn with_digest(folder: &Folder, mut resource: Map<String, Value>) -> Map<String, Value> {
    let path = resource["path"].as_str().unwrap_or_default();
    if let Some(file) = folder.files().iter().find(|file| file.path == path) {
        let (bytes, hash) = (file.bytes, format!("sha256:{}", file.sha256));
        resource.insert("bytes".into(), bytes.into());
        resource.insert("hash".into(), hash.into());
    }
    resource
}
