//! Lists are read and sets are kept, through the public API.

mod blank;
mod databases;
mod encodings;
mod lists;
mod mutations;
mod packed;
mod samples;
mod sets;
mod tables;

use std::convert::Infallible;

use innerward::digest::SignalKind;
use innerward::hashset::{Entry, ListError, ListForm, ReadOptions, ReadReport, read_list};

const MD5: &str = "c0ffee00c0ffee00c0ffee00c0ffee00";
const SHA1: &str = "decafbaddecafbaddecafbaddecafbaddecafbad";
const LONG: &str = "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e";

fn read_as(form: Option<ListForm>, text: impl AsRef<[u8]>) -> Result<(Vec<Entry>, ReadReport), ListError> {
    read_with(&ReadOptions { form, ..ReadOptions::default() }, text)
}

fn read_with(options: &ReadOptions, text: impl AsRef<[u8]>) -> Result<(Vec<Entry>, ReadReport), ListError> {
    let mut entries = Vec::new();
    let report = read_list(&mut text.as_ref(), options, &mut |entry| {
        entries.push(entry);
        Ok::<(), Infallible>(())
    })?;
    assert_adds_up(&report);
    assert_eq!(report.entries, entries.len() as u64);
    Ok((entries, report))
}

/// Every line is counted exactly once.
fn assert_adds_up(report: &ReadReport) {
    let counted = report.skipped
        + report.entries
        + report.duplicates
        + report.unsupported_lines
        + report.bad_total
        + report.withdrawals
        + report.refused_entries
        + report.outdated;
    assert_eq!(report.lines, counted, "{report:?}");
    assert!(report.bad.len() as u64 <= report.bad_total);
}

fn plain(kind: SignalKind) -> Option<ListForm> {
    Some(ListForm::Plain { kind: Some(kind) })
}
