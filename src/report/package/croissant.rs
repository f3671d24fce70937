//! `croissant.json`: Croissant 1.0, by which searches for data sets find the tables and programs load them.

use serde_json::{Value, json};

use super::about::{About, spdx};
use super::folder::Folder;
use super::{Form, tidy};
use crate::report::ReportError;
use crate::report::model::{Column, Entity, Kind, entity};

/// The files that are described: the file, its entity, and what it is called here.
const FILES: [(&str, &str, &str); 3] = [
    (tidy::OBSERVATIONS, "Observation", "observations"),
    (tidy::RELEASES, "Release", "releases"),
    (tidy::LEDGER, "PrivacyLedger", "privacy_ledger"),
];

pub(super) fn write(folder: &mut Folder, about: &About) -> Result<(), ReportError> {
    let distribution: Vec<Value> = folder
        .files()
        .iter()
        .filter(|file| FILES.iter().any(|(path, _, _)| *path == file.path))
        .map(|file| {
            json!({
                "@type": "cr:FileObject",
                "@id": file.path,
                "name": file.path,
                "contentUrl": file.path,
                "contentSize": format!("{} B", file.bytes),
                "encodingFormat": "text/csv",
                "sha256": file.sha256,
            })
        })
        .collect();
    let sets: Vec<Value> = FILES.iter().map(|(path, name, id)| record_set(path, entity(name), id)).collect();
    let licences: Vec<String> =
        about.licences.iter().map(|name| spdx(name).unwrap_or_else(|| name.clone())).collect();
    let creators: Vec<Value> =
        about.publishers.iter().map(|name| json!({ "@type": "sc:Organization", "name": name })).collect();
    let document = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.name(),
        "alternateName": about.title(),
        "description": about.description(),
        "citeAs": about.citation,
        "creator": creators,
        "datePublished": about.published_on,
        "license": licences,
        "url": "README.md",
        "temporalCoverage": about.coverage,
        "version": about.version(),
        "isLiveDataset": false,
        "distribution": distribution,
        "recordSet": sets,
    });
    folder.put_json("croissant.json", Form::Croissant, &document)
}

fn record_set(path: &str, entity: &Entity, id: &str) -> Value {
    let key: Vec<Value> = entity.key.iter().map(|name| json!({ "@id": format!("{id}/{name}") })).collect();
    let fields: Vec<Value> = entity.attributes.iter().map(|column| field(path, column, id)).collect();
    json!({
        "@type": "cr:RecordSet",
        "@id": id,
        "name": id,
        "description": entity.definition,
        "key": key,
        "field": fields,
    })
}

fn field(path: &str, column: &Column, id: &str) -> Value {
    json!({
        "@type": "cr:Field",
        "@id": format!("{id}/{}", column.name),
        "name": column.name,
        "description": column.definition,
        "dataType": data_type(column.kind),
        "source": { "fileObject": { "@id": path }, "extract": { "column": column.name } },
    })
}

fn data_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Count => "sc:Integer",
        Kind::Number => "sc:Float",
        Kind::Flag => "sc:Boolean",
        Kind::Date => "sc:Date",
        Kind::Code | Kind::Period | Kind::Name | Kind::Text | Kind::Digest | Kind::Language => "sc:Text",
    }
}

/// The context of the specification, whole: a part of it would read as another vocabulary.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "data": { "@id": "cr:data", "@type": "@json" },
        "dataType": { "@id": "cr:dataType", "@type": "@vocab" },
        "dct": "http://purl.org/dc/terms/",
        "equivalentProperty": "cr:equivalentProperty",
        "examples": { "@id": "cr:examples", "@type": "@json" },
        "extract": "cr:extract",
        "field": "cr:field",
        "fileProperty": "cr:fileProperty",
        "fileObject": "cr:fileObject",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "parentField": "cr:parentField",
        "path": "cr:path",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "samplingRate": "cr:samplingRate",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform",
    })
}
