//! Releases as packages of data that other programs load: one tidy file, and around it the forms that describe it.
//!
//! Every form is made from the same [`DataSet`], so all say the same; the tests read each form back and compare it with the
//! signed tables cell by cell.

mod about;
mod cdm;
mod croissant;
mod folder;
mod frictionless;
mod notes;
mod plain;
mod sdmx;
#[cfg(test)]
mod tests;
mod tidy;

use std::path::{Path, PathBuf};

use super::{DataSet, ReportError};
use crate::language::Locale;
use about::About;
pub(super) use folder::{Folder, csv_text};
pub(super) use tidy::{crosswalk, list_header, list_text, table};

/// In which form a file says what the releases say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// A table that the other forms describe: comma-separated, a header line, UTF-8.
    Table,
    /// A code list.
    CodeList,
    /// The description of the Frictionless Data Package.
    Frictionless,
    /// A file of the Microsoft CDM folder.
    Cdm,
    /// A file of the SDMX exchange.
    Sdmx,
    /// The description for searches for data sets.
    Croissant,
    /// A short table of one series, with a row of HXL tags.
    Csv,
    /// The commitments, as a checklist.
    Agreement,
    /// A JSON Schema.
    JsonSchema,
    /// The vocabulary as SKOS.
    Skos,
    /// For people: how to read, how to cite, under which licence.
    Notes,
}

/// A file of the packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Below the folder that was named.
    pub path: PathBuf,
    /// What it is.
    pub form: Form,
}

/// Writes every package of `data` to `folder`, which is made if it is not there; code lists have labels in `locales`.
///
/// The same releases and languages give the same bytes. Files come in the order in which they are returned. What lies in
/// `folder` already is overwritten if it has the same name, so the folder should be a new one.
///
/// # Errors
/// [`ReportError::Io`] with the path.
pub fn write(folder: &Path, data: &DataSet<'_>, locales: &[&Locale]) -> Result<Vec<Packed>, ReportError> {
    let mut folder = Folder::new(folder)?;
    tidy::write(&mut folder, data, locales)?;
    plain::write(&mut folder, data)?;
    let about = About::of(data);
    frictionless::write(&mut folder, data, &about, locales)?;
    cdm::write(&mut folder, locales)?;
    croissant::write(&mut folder, &about)?;
    sdmx::write(&mut folder, data, &about, locales)?;
    notes::write(&mut folder, data, &about)?;
    Ok(folder.into_files())
}
