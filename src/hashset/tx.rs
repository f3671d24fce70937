//! What `tx` writes: the CSV of `tx dataset -P --csv`, and `signal_type value` lines of its local files.
//!
//! `collab` is dropped and no part of an entry's identity: a key is [derived](super::EntryKey::derived) from the hashes
//! alone, so that a withdrawal finds the entry whichever collaboration it came through.

use std::error::Error;
use std::io;

use super::cells::{Cells, Field};
use super::intake::Intake;
use super::lines::{Lines, says_nothing};
use super::report::{Cause, ReadReport};
use super::{Entry, Hashes, Labels, ListError, Opinion};
use crate::digest::SignalKind;
use crate::vocabulary::{Code, Dimension};

/// The heading of the CSV.
pub(super) const HEADER: &str = "signal_type,signal_str,collab,category,tags";

const COLUMNS: usize = 5;

const CELLS: Cells = Cells { delimiter: b',' };

/// True for `signal_type value` with a type that `tx` has; a name of a hash with other words behind it may be the first
/// row of a table.
pub(super) fn is_pair(text: &str) -> bool {
    const OTHERS: [&str; 6] = ["url", "raw_text", "trend_query", "vpdq", "text_tlsh", "pdq_ocr"];
    let Some((name, rest)) = text.split_once(|c: char| c.is_ascii_whitespace()) else { return false };
    let value = || rest.split_ascii_whitespace().next().unwrap_or_default();
    let is_hash = || value().bytes().all(|byte| byte.is_ascii_hexdigit());
    (kind_of(name).is_some() && is_hash()) || OTHERS.contains(&name)
}

/// The kind of hash behind a signal type, in either case. Types for pictures and videos are digests of the file all the
/// same.
fn kind_of(signal_type: &str) -> Option<SignalKind> {
    let exactly = |name: &str| match name {
        "video_md5" | "photo_md5" => Some(SignalKind::Md5),
        "video_sha256" => Some(SignalKind::Sha256),
        name => name.parse().ok(),
    };
    // As `tx` writes it in all but a few lists, and so without a copy of it.
    exactly(signal_type).or_else(|| exactly(&signal_type.to_ascii_lowercase()))
}

/// The words for opinions. `DISPUTED` is ours: `tx` has none for it.
const CATEGORIES: [(&str, Opinion); 5] = [
    ("NEGATIVE_CLASS", Opinion::Negative),
    ("POSITIVE_CLASS", Opinion::Positive),
    ("DISPUTED", Opinion::Disputed),
    ("INVESTIGATION_SEED", Opinion::Investigate),
    ("", Opinion::Investigate),
];

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
                intake.line(number, Err(cause))?;
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
            quoted_record(lines, &mut record, &mut intake.report)?
        };
        intake.line(number, found)?;
    }
    Ok(())
}

/// The entry of a record with quotes, of which `record` holds the first line. If that line opens a quote that the
/// lines behind it do not close well, it alone is bad, and they are still to be read.
fn quoted_record(
    lines: &mut Lines<'_>,
    record: &mut String,
    report: &mut ReadReport,
) -> io::Result<Result<Option<Entry>, Cause>> {
    let field = CELLS.after(Field::Start, record);
    match field {
        Field::Malformed => return Ok(Err(Cause::Quote)),
        Field::Start | Field::Bare | Field::Quote => return Ok(quoted_row(record, report)),
        Field::Quoted => {}
    }
    // Text and addresses may span lines; a hash does not, so a stray quote there cannot take the next rows with it.
    let signal_type = record.split(',').next().unwrap_or_default();
    if kind_of(signal_type.trim_matches(['"', ' '])).is_some() {
        return Ok(Err(Cause::Quote));
    }
    lines.mark();
    if let Some(more) = CELLS.close_quotes(lines, field, record)?
        && let Ok(found) = quoted_row(record, report)
    {
        lines.unmark();
        report.skipped += more;
        return Ok(Ok(found));
    }
    lines.rewind();
    Ok(Err(Cause::Quote))
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
    let fields = CELLS.split(text);
    match <&[_; COLUMNS]>::try_from(fields.as_slice()) {
        Ok(row) => item(row.each_ref().map(AsRef::as_ref), report),
        Err(_) => Err(Cause::Columns { expected: COLUMNS, found: fields.len() }),
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
    let known = CATEGORIES.iter().find(|(word, _)| category.eq_ignore_ascii_case(word));
    entry.opinion = known.map_or(Opinion::Investigate, |(_, opinion)| *opinion);
    report.unknown_categories += u64::from(known.is_none());
    if !tags.is_empty() {
        let mut dropped = 0;
        let code = |tag| {
            let code = facet(tag);
            dropped += u64::from(code.is_none());
            code
        };
        entry.labels = tags.split_whitespace().filter_map(code).collect::<Labels>();
        report.dropped_tags += dropped;
    }
    Ok(Some(entry))
}

/// How severities are written that mean something; a tag may be one of them without its dimension.
const SEVERITY: &str = "SEV_";

/// The facet that a tag names: `SEV_A`, `maturity:PREPUB`. Codes such as `_Z` are of every dimension, so they say nothing
/// by themselves.
pub(super) fn facet(tag: &str) -> Option<Code> {
    if tag.starts_with(SEVERITY) { Dimension::Severity.code(tag).ok() } else { tag.parse().ok() }
}

/// The tag that names a facet.
pub(super) fn tag(code: Code) -> String {
    match code.dimension() {
        Dimension::Severity if code.as_str().starts_with(SEVERITY) => code.to_string(),
        dimension => format!("{dimension}:{code}"),
    }
}
