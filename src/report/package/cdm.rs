//! The folder of the Microsoft Common Data Model: the same tables, each as the partition of its entity.

use super::folder::Folder;
use super::{Form, tidy};
use crate::language::Locale;
use crate::report::ReportError;
use crate::report::model::{cdm, entity};

/// The entities that have data, each with its file.
const FILLED: [(&str, &str); 4] = [
    ("Observation", tidy::OBSERVATIONS),
    ("Release", tidy::RELEASES),
    ("PrivacyLedger", tidy::LEDGER),
    ("Crosswalk", "crosswalk.csv"),
];

pub(super) fn write(folder: &mut Folder, locales: &[&Locale]) -> Result<(), ReportError> {
    let entities = FILLED.map(|(name, path)| (entity(name), Some(path)));
    for (entity, _) in entities {
        let document = cdm::document(entity, locales);
        folder.put(&cdm::file(entity), Form::Cdm, format!("{document}\n"))?;
    }
    let links = [
        ["Observation", "release_id", "Release", "release_id"],
        ["PrivacyLedger", "release_id", "Release", "release_id"],
    ];
    folder.put_json("default.manifest.cdm.json", Form::Cdm, &cdm::manifest(&entities, &links))
}
