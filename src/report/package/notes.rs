//! For people: the commitments as a checklist, how to cite, what the files are, under which licence.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::about::{About, READING, spdx};
use super::folder::Folder;
use super::{Form, tidy};
use crate::language::Locale;
use crate::release::{Audience, Manifest};
use crate::report::model::{VERSION, code_list};
use crate::report::{DataSet, ReportError};

pub(super) fn write(folder: &mut Folder, data: &DataSet<'_>, about: &About) -> Result<(), ReportError> {
    folder.put_json("agreement.json", Form::Agreement, &agreement(data))?;
    folder.put("CITATION.cff", Form::Notes, citation(about))?;
    folder.put("LICENCE.md", Form::Notes, licence(about))?;
    folder.put("README.md", Form::Notes, readme(data, about))
}

/// What the package carries towards each commitment, and whether that is all the commitment asks of published figures.
fn carried(commitment: &str, manifest: &Manifest) -> (&'static str, String) {
    let contact = if manifest.contact.is_empty() { "none is named" } else { manifest.contact.as_str() };
    match commitment {
        "PURPOSE" => ("PARTLY", format!("The purpose stands in every signed release: {}", manifest.purpose)),
        "OWNERSHIP" => (
            "PARTLY",
            "Lists keep their owners: no entry, hash or name of a list is here, only classes of lists. The \
             publisher of each figure is named beside it"
                .to_owned(),
        ),
        "CONTROL" => (
            "PARTLY",
            format!(
                "Corrections are new releases that name what they take the place of; superseded figures are marked. \
                 Where to write: {contact}"
            ),
        ),
        "MONETIZATION" => (
            "PARTLY",
            format!("The licence of the figures is {}. It cannot show what the publisher sells elsewhere", manifest.licence),
        ),
        "PROTECTION" => (
            "CARRIED",
            "Noise on every cell, thresholds, a stated privacy loss, a charged budget, tables planned before the \
             period began; all in privacy_ledger.csv, and verifiable by the signature"
                .to_owned(),
        ),
        "RESEARCH" => (
            "CARRIED",
            "Counts only, with their method, intervals and ledger, in open formats; the figures here and what \
             follows from them cost nothing"
                .to_owned(),
        ),
        _ => ("PUBLISHER", format!("A package of data binds nobody. Ask the publisher: {contact}")),
    }
}

/// One row of the model's entity for each publisher and commitment, from the publisher's latest release.
fn agreement(data: &DataSet<'_>) -> Value {
    let mut latest: Vec<&Manifest> = Vec::new();
    for release in data.releases() {
        let manifest = release.manifest();
        match latest.iter_mut().find(|other| other.publisher == manifest.publisher) {
            Some(other) => {
                let key = |manifest: &Manifest| (manifest.published_on, manifest.period, manifest.revision);
                if key(manifest) >= key(other) {
                    *other = manifest;
                }
            }
            None => latest.push(manifest),
        }
    }
    let row = |manifest: &Manifest, code: &str| {
        let (standing, carried) = carried(code, manifest);
        let sharing = match manifest.audience {
            Audience::Public => "TLP_CLEAR",
            Audience::Partners => "TLP_GREEN",
        };
        json!({
            "publisher": manifest.publisher,
            "commitment": code,
            "standing": standing,
            "carried": carried,
            "certified": false,
            "purpose": manifest.purpose,
            "licence": manifest.licence,
            "contact": if manifest.contact.is_empty() { Value::Null } else { json!(manifest.contact) },
            "sharing_label": sharing,
        })
    };
    let codes = &code_list("commitment").codes;
    let rows: Vec<Value> =
        latest.iter().flat_map(|manifest| codes.iter().map(move |code| row(manifest, code.code))).collect();
    let commitments: Vec<Value> = codes
        .iter()
        .filter_map(|code| {
            let words = code.words(Locale::english())?;
            Some(json!({ "commitment": code.code, "title": words.pref, "inOurWords": words.definition }))
        })
        .collect();
    json!({
        "modelVersion": VERSION,
        "standard": "Better Deal for Data 1.0 (January 2026, Tech Matters), in our own words",
        "note": "A checklist that a program filled in from the signed releases. Nobody has certified it, and no organisation adopts the standard by it.",
        "commitments": commitments,
        "agreements": rows,
    })
}

/// A string as YAML and JSON both write it; marks that turn the direction of writing are spelled out.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for c in Value::from(text).to_string().chars() {
        if turns(c) {
            let _ = write!(quoted, "\\u{:04x}", u32::from(c)); // a string takes all
        } else {
            quoted.push(c);
        }
    }
    quoted
}

/// True of the marks that turn the direction of writing, by which a text can look like another.
fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

fn citation(about: &About) -> String {
    let mut text = String::from("cff-version: 1.2.0\ntype: dataset\n");
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(text, "{key}: {}", quoted(value)); // a string takes all
    };
    line(
        "message",
        "If you use these figures, please cite them as below, with the release that each is from.",
    );
    line("title", &about.title());
    line("abstract", &format!("{} {}", about.citation, about.description()));
    line("date-released", &about.published_on);
    line("version", &about.version());
    if let [licence] = &about.licences[..]
        && spdx(licence).is_some()
    {
        line("license", licence);
    }
    text.push_str("authors:\n");
    for publisher in &about.publishers {
        let _ = writeln!(text, "  - name: {}", quoted(publisher)); // a string takes all
    }
    text
}

/// Text of somebody else's within a line of Markdown.
fn inline(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' => plain.push(' '),
            c if turns(c) => {}
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' => plain.extend(['\\', c]),
            c => plain.push(c),
        }
    }
    plain
}

fn licence(about: &About) -> String {
    let licences: Vec<String> = about
        .licences
        .iter()
        .map(|name| match spdx(name) {
            Some(address) => format!("- {} (<{address}>)\n", inline(name)),
            None => format!("- {}\n", inline(name)),
        })
        .collect();
    format!(
        "# Licence\n\nThe publishers state the licence of their figures in each signed release; `releases.csv` has it \
         release by release.\n\n{}\nThe code lists, labels, definitions and crosswalks are part of innerward: MIT or \
         Apache-2.0, as you prefer. Names of other schemes belong to their owners and are used as descriptions only.\n",
        licences.concat()
    )
}

const FILES: [(&str, &str); 11] = [
    (
        "observations.csv",
        "every cell of every release, one a line; the columns are those of the open data model",
    ),
    ("releases.csv, privacy_ledger.csv", "every release, and how each of its tables was protected"),
    ("columns.csv", "what each column of observations.csv is, with its HXL tag and SDMX concept"),
    ("codes.csv, cl_NAME.csv", "the code lists, with labels in the languages that there are"),
    (
        "crosswalk.csv",
        "what categories of other schemes mean in these codes, and what is lost; its last column quotes them word for word and is not for display",
    ),
    ("datapackage.json", "Frictionless Data Package"),
    ("default.manifest.cdm.json, NAME.cdm.json", "folder of the Microsoft Common Data Model"),
    ("croissant.json", "Croissant 1.0"),
    (
        "sdmx/",
        "SDMX-CSV 2.0 with its structure in SDMX-ML 3.0; what stands, with codes for publishers; the agency INNERWARD is registered nowhere",
    ),
    (
        "csv/",
        "one short table a series, without what was superseded; the column rest names the dimensions in which a row is the rest of the codes below it; the second line has HXL tags, and reading with comment='#' skips it",
    ),
    ("agreement.json, CITATION.cff, LICENCE.md", "commitments as a checklist, how to cite, licence"),
];

fn readme(data: &DataSet<'_>, about: &About) -> String {
    let mut text = format!("# {}\n\n", inline(&about.title()));
    let _ = write!(
        text,
        "{} releases, periods {}, data model {VERSION}.\n\n{READING}\n\n## Files\n\n",
        data.releases().len(),
        about.periods
    );
    for (file, what) in FILES {
        let _ = writeln!(text, "- `{file}`: {what}");
    }
    text.push_str("\nAll files say the same: they come from the same signed releases. In the tables an apostrophe is put before a publisher's text that begins with =, +, -, @ or a tab, so that no spreadsheet takes it for a formula. `manifest_blake3` in releases.csv names the signed manifest that a figure rests on.\n\n## Caveats\n\n");
    for (number, caveat) in (1..).zip(tidy::caveats(data)) {
        let _ = writeln!(text, "{number}. {}", inline(caveat));
    }
    let _ = write!(text, "\n## How to cite\n\n{}\n", inline(&about.citation));
    if !about.contacts.is_empty() {
        let contacts: Vec<String> = about.contacts.iter().map(|contact| inline(contact)).collect();
        let _ = write!(text, "\n## Contact\n\n{}\n", contacts.join("; "));
    }
    text
}
