//! The folder that the packages are written to, and what is in it so far.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Form, Packed};
use crate::report::ReportError;

/// Takes files and remembers what they are. They are not synced one by one: a report can be made again at any time.
#[derive(Debug)]
pub(in crate::report) struct Folder {
    root: PathBuf,
    files: Vec<File>,
}

/// A file that was written.
#[derive(Debug)]
pub(in crate::report) struct File {
    /// Below the folder, with `/` between folders.
    pub(in crate::report) path: String,
    pub(in crate::report) form: Form,
    pub(in crate::report) bytes: usize,
    /// In hex.
    pub(in crate::report) sha256: String,
}

impl Folder {
    pub(in crate::report) fn new(root: &Path) -> Result<Self, ReportError> {
        fs::create_dir_all(root).map_err(ReportError::io(root))?;
        Ok(Self { root: root.into(), files: Vec::new() })
    }

    /// Writes a file; `path` is below the folder.
    pub(in crate::report) fn put(
        &mut self,
        path: &str,
        form: Form,
        bytes: impl AsRef<[u8]>,
    ) -> Result<(), ReportError> {
        let (bytes, target) = (bytes.as_ref(), self.root.join(path));
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(ReportError::io(parent))?;
        }
        fs::write(&target, bytes).map_err(ReportError::io(&target))?;
        let sha256 = hex::encode(Sha256::digest(bytes));
        self.files.push(File { path: path.to_owned(), form, bytes: bytes.len(), sha256 });
        Ok(())
    }

    /// Writes a JSON file, indented.
    pub(in crate::report) fn put_json(
        &mut self,
        path: &str,
        form: Form,
        value: &serde_json::Value,
    ) -> Result<(), ReportError> {
        self.put(path, form, format!("{value:#}\n"))
    }

    /// What was written so far, in order.
    pub(in crate::report) fn files(&self) -> &[File] {
        &self.files
    }

    pub(super) fn into_files(self) -> Vec<Packed> {
        self.files.into_iter().map(|file| Packed { path: file.path.into(), form: file.form }).collect()
    }
}

/// A table as comma-separated text: a header line, one line a row, quotes where a field needs them.
pub(in crate::report) fn csv_text<H: AsRef<str>>(
    header: &[H],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut text = Vec::new();
    {
        let mut writer = csv::WriterBuilder::new().from_writer(&mut text);
        let mut line = |fields: Vec<&[u8]>| {
            writer
                .write_record(fields)
                .expect("rows have as many fields as the header, and memory takes them all");
        };
        line(header.iter().map(|name| name.as_ref().as_bytes()).collect());
        for row in rows {
            line(row.iter().map(String::as_bytes).collect());
        }
    }
    String::from_utf8(text).expect("fields are text")
}

/// A publisher's text as a field that no spreadsheet takes for a formula.
pub(super) fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}
