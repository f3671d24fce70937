//! What `tx` writes: the CSV of `tx dataset -P --csv`, and `signal_type value` lines of its local files.
//!
//! `collab` is dropped and no part of an entry's identity: a key is [derived](super::EntryKey::derived) from the hashes
//! alone, so that a withdrawal finds the entry whichever collaboration it came through.

use std::borrow::Cow;
use std::error::Error;
use std::io;

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
const MAX_RECORD_LINES: u64 = 64;

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
    let field = Field::Start.after(record);
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
    if let Some(more) = close_quotes(lines, field, record)?
        && let Ok(found) = quoted_row(record, report)
    {
        lines.unmark();
        report.skipped += more;
        return Ok(Ok(found));
    }
    lines.rewind();
    Ok(Err(Cause::Quote))
}

/// Adds lines to `record` until no quoted field is open, and says how many; `None` if that does not happen within
/// [`MAX_RECORD_LINES`] lines and [`MAX_LINE`] bytes.
fn close_quotes(lines: &mut Lines<'_>, mut field: Field, record: &mut String) -> io::Result<Option<u64>> {
    for more in 1..MAX_RECORD_LINES {
        let Some(Ok(text)) = lines.next()?.map(|line| line.text) else { break };
        if record.len() + text.len() >= MAX_LINE {
            break;
        }
        record.push('\n');
        record.push_str(text);
        field = field.after(text);
        match field {
            Field::Quoted => {}
            Field::Malformed => break,
            Field::Start | Field::Bare | Field::Quote => return Ok(Some(more)),
        }
    }
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
    /// A quote in quoted text was neither.
    Malformed,
}

impl Field {
    fn after(self, text: &str) -> Self {
        text.bytes().fold(self, Self::step)
    }

    /// `Start` comes from a comma between fields, and from nothing else.
    fn step(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Malformed, _) => Self::Malformed,
            (Self::Quoted, b'"') => Self::Quote,
            (Self::Quoted, _) | (Self::Start | Self::Quote, b'"') => Self::Quoted,
            (_, b',') => Self::Start,
            (Self::Quote, _) => Self::Malformed,
            _ => Self::Bare,
        }
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
    let fields = quoted_fields(text);
    match <&[_; COLUMNS]>::try_from(fields.as_slice()) {
        Ok(row) => item(row.each_ref().map(AsRef::as_ref), report),
        Err(_) => Err(Cause::Columns { expected: COLUMNS, found: fields.len() }),
    }
}

/// The fields of a record in which no quote is open or malformed. A `csv::Reader` says the same (a test holds them
/// against each other), but one for each record costs twenty times as much.
fn quoted_fields(record: &str) -> Vec<Cow<'_, str>> {
    let mut field = Field::Start;
    let mut from = 0;
    let mut fields = Vec::with_capacity(COLUMNS);
    for (at, byte) in record.bytes().enumerate() {
        field = field.step(byte);
        if field == Field::Start {
            fields.push(unquoted(&record[from..at]));
            from = at + 1;
        }
    }
    fields.push(unquoted(&record[from..]));
    fields
}

fn unquoted(field: &str) -> Cow<'_, str> {
    match field.strip_prefix('"').and_then(|field| field.strip_suffix('"')) {
        None => field.into(),
        Some(inner) if inner.contains('"') => inner.replace("\"\"", "\"").into(),
        Some(inner) => inner.into(),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 4000, failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_001), ..ProptestConfig::default()
        })]

        #[test]
        fn quoted_fields_are_those_of_a_csv_reader(
            fields in prop::collection::vec(
                prop_oneof!["[aé ]{0,3}", "[aé][aé\" ]{0,3}", "\"([a,\n é]|\"\"){0,6}\""],
                1..8,
            )
        ) {
            let record = fields.join(",");
            prop_assume!(!record.is_empty());
            prop_assert!(!matches!(Field::Start.after(&record), Field::Quoted | Field::Malformed));
            let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(record.as_bytes()).into_records();
            let row = rows.next().expect("a record").expect("it is text");
            prop_assert!(rows.next().is_none());
            prop_assert_eq!(quoted_fields(&record), row.iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_line_tells_whether_its_quotes_match() {
        for (text, open, malformed) in [
            ("a,\"b", true, false),
            ("a,\"b\"\"", true, false),
            ("a,\"b\"", false, false),
            ("a,b\"", false, false),
            ("a,\"b\" ,c", false, true),
            ("\"\"\"", true, false),
            ("\"\"\"\"", false, false),
        ] {
            let field = Field::Start.after(text);
            assert_eq!((field == Field::Quoted, field == Field::Malformed), (open, malformed), "{text}");
        }
    }
}
