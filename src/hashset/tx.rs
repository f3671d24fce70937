//! What `tx` writes: the CSV of `tx dataset -P --csv`, and `signal_type value` lines of its local files.
//!
//! `collab` is dropped and no part of an entry's identity: a key is [derived](super::EntryKey::derived) from the hashes
//! alone, so that a withdrawal finds the entry whichever collaboration it came through.

use std::error::Error;

use super::intake::Intake;
use super::lines::{Lines, MAX_LINE, says_nothing};
use super::report::{Cause, ReadReport};
use super::{Entry, Hashes, Labels, ListError, Opinion};
use crate::digest::SignalKind;
use crate::vocabulary::{Code, Dimension};

/// The heading of the CSV.
pub(super) const HEADER: &str = "signal_type,signal_str,collab,category,tags";

const COLUMNS: usize = 5;

/// Most lines of one record: quoted text may hold line ends, and a stray quote must not swallow the list.
const MAX_RECORD_LINES: usize = 64;

/// True for `signal_type value` with a type that `tx` has.
pub(super) fn is_pair(text: &str) -> bool {
    const OTHERS: [&str; 6] = ["url", "raw_text", "trend_query", "vpdq", "text_tlsh", "pdq_ocr"];
    text.split_once(|c: char| c.is_ascii_whitespace())
        .is_some_and(|(name, _)| kind_of(name).is_some() || OTHERS.contains(&name))
}

/// The kind of hash behind a signal type. Types for pictures and videos are digests of the file all the same.
fn kind_of(signal_type: &str) -> Option<SignalKind> {
    match signal_type {
        "video_md5" | "photo_md5" => Some(SignalKind::Md5),
        "video_sha256" => Some(SignalKind::Sha256),
        name => name.parse().ok(),
    }
}

/// Reads the list to its end. The first line that says something decides: with a comma it is CSV, with or without the
/// heading.
pub(super) fn read<E: Error + 'static>(
    lines: &mut Lines<'_>,
    intake: &mut Intake<'_, E>,
) -> Result<(), ListError<E>> {
    let mut rows = None;
    let mut record = String::new();
    while let Some(line) = lines.next()? {
        let number = line.number;
        let text = match line.text {
            Ok(text) if says_nothing(text) || text == HEADER => {
                intake.report.skipped += 1;
                rows = rows.or((text == HEADER).then_some(true));
                continue;
            }
            Ok(text) => text,
            Err(cause) => {
                intake.take(number, Err(cause))?;
                continue;
            }
        };
        let found = if !*rows.get_or_insert_with(|| text.contains(',')) {
            pair(text, &mut intake.report)
        } else if !text.contains('"') {
            plain_row(text, &mut intake.report)
        } else {
            record.clear();
            record.push_str(text);
            match close_quotes(lines, &mut record)? {
                Some(more) => {
                    intake.report.skipped += more;
                    quoted_row(&record, &mut intake.report)
                }
                None => Err(Cause::OpenQuote),
            }
        };
        intake.take(number, found)?;
    }
    Ok(())
}

/// Adds lines to `record` until no quoted field is open, and says how many; `None`, with the lines still to be read, if
/// that does not happen within [`MAX_RECORD_LINES`] lines and [`MAX_LINE`] bytes.
fn close_quotes(lines: &mut Lines<'_>, record: &mut String) -> std::io::Result<Option<u64>> {
    let mut field = Field::Start.after(record);
    lines.mark();
    for more in 0..MAX_RECORD_LINES {
        if field != Field::Quoted {
            lines.unmark();
            return Ok(Some(more as u64));
        }
        match lines.next()? {
            Some(line) if line.text.as_ref().is_ok_and(|text| record.len() + text.len() < MAX_LINE) => {
                let text = line.text.unwrap_or_default();
                record.push('\n');
                record.push_str(text);
                field = field.after(text);
            }
            _ => break,
        }
    }
    lines.rewind();
    Ok(None)
}

/// Where in a CSV field a line ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Start,
    Bare,
    Quoted,
    /// After a quote in quoted text: the end of the field, or the first half of a quote that is meant.
    Quote,
}

impl Field {
    fn after(self, text: &str) -> Self {
        text.bytes().fold(self, |field, byte| match (field, byte) {
            (Self::Quoted, b'"') => Self::Quote,
            (Self::Quoted, _) | (Self::Start | Self::Quote, b'"') => Self::Quoted,
            (_, b',') => Self::Start,
            _ => Self::Bare,
        })
    }
}

fn pair(text: &str, report: &mut ReadReport) -> Result<Option<Entry>, Cause> {
    let (name, value) = text.split_once(|c: char| c.is_ascii_whitespace()).ok_or(Cause::NoHash)?;
    item([name, value, "", "", ""], report)
}

fn plain_row(text: &str, report: &mut ReadReport) -> Result<Option<Entry>, Cause> {
    let mut row = [""; COLUMNS];
    let mut found = 0;
    for value in text.split(',') {
        if let Some(column) = row.get_mut(found) {
            *column = value;
        }
        found += 1;
    }
    if found == COLUMNS { item(row, report) } else { Err(Cause::Columns { expected: COLUMNS, found }) }
}

fn quoted_row(text: &str, report: &mut ReadReport) -> Result<Option<Entry>, Cause> {
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(text.len() + 1)
        .from_reader(text.as_bytes())
        .into_records();
    let (Some(Ok(row)), None) = (rows.next(), rows.next()) else {
        return Err(Cause::OpenQuote);
    };
    match row.iter().collect::<Vec<_>>().try_into() {
        Ok(row) => item(row, report),
        Err(_) => Err(Cause::Columns { expected: COLUMNS, found: row.len() }),
    }
}

/// The entry of one row: `signal_type, signal_str, collab, category, tags`.
fn item(row: [&str; COLUMNS], report: &mut ReadReport) -> Result<Option<Entry>, Cause> {
    let [signal_type, value, _, category, tags] = row.map(str::trim);
    let Some(kind) = kind_of(signal_type) else {
        report.unsupported_lines += 1;
        report.count_unsupported(signal_type);
        return Ok(None);
    };
    let mut entry = Entry::bare(Hashes::from(kind.parse(value)?));
    entry.opinion = match category {
        "NEGATIVE_CLASS" => Opinion::Negative,
        "POSITIVE_CLASS" => Opinion::Positive,
        "INVESTIGATION_SEED" | "" => Opinion::Investigate,
        _ => {
            report.unknown_categories += 1;
            Opinion::Investigate
        }
    };
    if !tags.is_empty() {
        let mut dropped = 0;
        let code = |tag| {
            let code = severity(tag);
            dropped += u64::from(code.is_none());
            code
        };
        entry.labels = tags.split_whitespace().filter_map(code).collect::<Labels>();
        report.dropped_tags += dropped;
    }
    Ok(Some(entry))
}

/// The severity that a tag names. `_Z` and its like are codes of every dimension, so they say nothing as a tag.
fn severity(tag: &str) -> Option<Code> {
    tag.starts_with("SEV_").then(|| Dimension::Severity.codes().find(|code| code.as_str() == tag)).flatten()
}
