//! Tables: CSV and its kin, as a [`TableMap`] says how to read them; and the state files of `tx` and HMA, which are such.
//!
//! A row is a record. Columns that the map does not name, or names as `ignored`, are dropped and counted. No cell is ever
//! more than data: one that begins with `=`, `+`, `-` or `@` is not looked at otherwise than others.

use std::borrow::Cow;
use std::io::BufRead;

use super::cells::{Cells, Field};
use super::lines::{self, Lines};
use super::map::{MapError, Meaning, Says, TableMap};
use super::record::{Ended, Place, Record, Take, key};
use super::report::Cause;
use super::{Labels, tx, values};
use crate::digest::{Quality, SignalKind};
use crate::vocabulary::Category;

/// What tells how a table is read.
#[derive(Clone, Copy)]
pub(super) enum Plan<'m> {
    Map(&'m TableMap),
    /// A state file `simple.TYPE.te`: its shape is told by the number of cells in its first row.
    State(SignalKind),
}

/// What the columns of INTERPOL's ICSE export are.
pub(super) const ICSE: &str = include_str!("maps/icse.toml");
/// What the columns of NSRL's RDS version 2 are.
pub(super) const RDSV2: &str = include_str!("maps/rdsv2.toml");

/// True for the first row of an ICSE export.
pub(super) fn recognises_icse(head: &[u8]) -> bool {
    first_line(head).to_ascii_lowercase().starts_with("md5;sha1;photodna;image id;is distributed;")
}

/// True for the first row of `NSRLFile.txt`.
pub(super) fn recognises_rdsv2(head: &[u8]) -> bool {
    let line = first_line(head).replace('"', "").to_ascii_lowercase();
    line.starts_with("sha-1,md5,crc32,filename,")
}

/// True for the first row of a state file: an indicator, and one or two numbers behind it.
pub(super) fn recognises_state(head: &[u8]) -> bool {
    let line = first_line(head);
    let cells = Cells { delimiter: b',' }.split(&line);
    let number = |cell: &str| {
        !cell.is_empty() && cell.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit())
    };
    let hex = |cell: &str| cell.len() >= 16 && cell.bytes().all(|byte| byte.is_ascii_hexdigit());
    matches!(cells.len(), 4 | 5)
        && hex(&cells[0])
        && cells[1..cells.len() - 2].iter().all(|cell| number(cell))
}

fn first_line(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    lines::first_line(text).trim_end().to_owned()
}

/// Reads the table to its end.
pub(super) fn read<T: Take + ?Sized>(
    input: &mut dyn BufRead,
    plan: Plan<'_>,
    take: &mut T,
) -> Result<(), Ended<T::Stop>> {
    let mut input = input;
    // A tab at the edge of a line is a delimiter, and says that a cell is empty.
    let mut lines = Lines::new(&mut input).with_edges();
    let delimiter = if let Plan::Map(map) = plan { map.delimiter } else { b',' };
    let cells = Cells { delimiter };
    let mut table: Option<Table> = None;
    let mut record = String::new();
    while let Some(line) = lines.next().map_err(Ended::Io)? {
        let number = line.number;
        match line.text {
            Ok(text) => {
                record.clear();
                record.push_str(if number == 1 { text.trim_start_matches('\u{feff}') } else { text });
            }
            Err(_) if table.is_none() => {
                let (place, expected) = (Place::Line(number), "the names of the columns, or a first row");
                return Err(Ended::Broken { place, expected });
            }
            Err(cause) => {
                take.take(Place::Line(number), Err(cause)).map_err(Ended::Stopped)?;
                continue;
            }
        }
        if record.trim_ascii().is_empty() {
            continue;
        }
        let row = match &mut table {
            Some(table) => table.row(cells, &mut lines, &mut record).map_err(Ended::Io)?,
            None => {
                let row = cells.split(&record);
                if matches!(plan, Plan::State(_)) && !matches!(row.len(), 4 | 5) {
                    let (place, expected) = (Place::Line(number), "4 or 5 columns, as state files have");
                    return Err(Ended::Broken { place, expected });
                }
                let (found, names) = Table::begin(plan, &row).map_err(Ended::Map)?;
                drop(row);
                table = Some(found);
                if names {
                    continue;
                }
                Ok(std::mem::take(&mut record))
            }
        };
        let Some(table) = &table else { continue };
        let found = row.and_then(|row| table.record(&cells.split(&row), take));
        take.take(Place::Line(number), found).map_err(Ended::Stopped)?;
    }
    Ok(())
}

/// A table of which the first row was seen.
struct Table {
    /// Cells of a row.
    width: usize,
    /// By cell; `None` for cells that the map does not name.
    columns: Vec<Option<Meaning>>,
}

impl Table {
    /// The table that begins with `row`, and whether that is the names of its columns.
    fn begin(plan: Plan<'_>, row: &[Cow<'_, str>]) -> Result<(Self, bool), MapError> {
        let width = row.len();
        let state;
        let map = match plan {
            Plan::Map(map) => map,
            Plan::State(kind) => {
                let key = if width == 5 { Meaning::Key } else { Meaning::Ignored };
                let mut columns = vec![Meaning::Hash(kind), key, Meaning::Ignored, Meaning::Tags];
                if width == 5 {
                    columns.insert(3, Meaning::Ignored);
                }
                state = TableMap::of_positions(columns);
                &state
            }
        };
        let mut columns = vec![None; width];
        for (at, meaning) in map.resolve(map.header.then_some(row), width)? {
            columns[at] = Some(meaning.clone());
        }
        Ok((Self { width, columns }, map.header))
    }

    /// The row that begins with `record`, further lines of which may follow: quoted text may span lines. A quote that is
    /// not closed so that the row has its cells is bad, and the lines behind it are still to be read.
    fn row(
        &self,
        cells: Cells,
        lines: &mut Lines<'_>,
        record: &mut String,
    ) -> std::io::Result<Result<String, Cause>> {
        match cells.after(Field::Start, record) {
            Field::Malformed => Ok(Err(Cause::Quote)),
            Field::Quoted => {
                lines.mark();
                let closed = cells.close_quotes(lines, Field::Quoted, record)?;
                if closed.is_some() && cells.split(record).len() == self.width {
                    lines.unmark();
                    Ok(Ok(std::mem::take(record)))
                } else {
                    lines.rewind();
                    Ok(Err(Cause::Quote))
                }
            }
            Field::Start | Field::Bare | Field::Quote => Ok(Ok(std::mem::take(record))),
        }
    }

    /// The record of a row; without hashes if those that it has are of kinds that are not supported.
    fn record<T: Take + ?Sized>(&self, row: &[Cow<'_, str>], take: &mut T) -> Result<Record, Cause> {
        if row.len() != self.width {
            return Err(Cause::Columns { expected: self.width, found: row.len() });
        }
        let mut record = Record::default();
        let mut keys = Vec::new();
        // What is wrong beside the hashes; of no weight where the row takes back what its key names.
        let mut fault = None;
        let (mut typed, mut kind) = (None, None);
        let (mut quality, mut unsupported) = (None, false);
        let (mut codes, mut categories) = (Vec::new(), Vec::new());
        for (cell, meaning) in row.iter().zip(&self.columns) {
            let cell = cell.trim_ascii();
            if *meaning == Some(Meaning::Key) {
                keys.push(cell);
                continue;
            }
            if cell.is_empty() {
                continue;
            }
            match meaning {
                None => take.dropped("columns that the map does not name"),
                Some(Meaning::Ignored) => take.dropped("columns that are not kept"),
                Some(Meaning::Key) => {}
                Some(Meaning::Hash(kind)) => record.hash(values::signal(*kind, cell)),
                Some(Meaning::TypedHash) => typed = Some(cell),
                Some(Meaning::Type(kinds)) => {
                    kind = kinds.get(&cell.to_lowercase()).copied();
                    if kind.is_none() {
                        fault.get_or_insert(Cause::Expected("a type that the map names"));
                    }
                }
                Some(Meaning::Unsupported(name)) => {
                    take.unsupported(name);
                    unsupported = true;
                }
                Some(Meaning::Quality) => match percent(cell) {
                    Ok(percent) => quality = Some(percent),
                    Err(cause) => _ = fault.get_or_insert(cause),
                },
                Some(Meaning::Category { scheme, profile }) => match Category::new(scheme, profile, cell) {
                    Ok(category) => categories.push(category),
                    Err(_) => take.dropped("category"),
                },
                Some(Meaning::Opinion(words)) => match words.get(&cell.to_lowercase()) {
                    Some(opinion) => record.opinion = *opinion,
                    None => take.dropped("opinion"),
                },
                Some(Meaning::Withdrawn(spellings)) => {
                    record.withdrawn =
                        spellings.read(cell).ok_or(Cause::Expected("yes or no, as the map spells them"))?;
                }
                Some(Meaning::Updated) => match time(cell) {
                    Some(seconds) => record.updated = Some(seconds),
                    None => take.dropped("updated"),
                },
                Some(Meaning::Tags) => {
                    for tag in cell.split(|c: char| c.is_whitespace() || c == ',') {
                        match tx::facet(tag) {
                            Some(code) => codes.push(code),
                            None if tag.is_empty() => {}
                            None => take.dropped("tags"),
                        }
                    }
                }
                Some(Meaning::Flag { spellings, says }) => match (spellings.read(cell), says) {
                    (Some(true), Says::Category(category)) => categories.push(category.clone()),
                    (Some(true), Says::Facet(code)) => codes.push(*code),
                    (Some(false), _) => {}
                    (None, _) => take.dropped("flags with other words"),
                },
            }
        }
        match (typed, kind) {
            (Some(text), Some(Some(kind))) => record.hash(values::signal(kind, text)),
            (Some(_), Some(None)) => {
                take.unsupported("other");
                unsupported = true;
            }
            (Some(_), None) => _ = fault.get_or_insert(Cause::Expected("the type of the hash")),
            (None, _) => {}
        }
        if let (Some(quality), Some(pdq)) = (quality, record.hashes.pdq.as_mut()) {
            pdq.quality = Some(quality);
        }
        if let Some(text) = joined(&keys) {
            record.key = Some(key(&text)?);
        }
        if let Some(cause) = fault.filter(|_| !record.withdrawn || record.key.is_none()) {
            return Err(cause);
        }
        record.labels = categories.into_iter().fold(codes.into_iter().collect(), Labels::with_crosswalk);
        if unsupported && record.refused.is_empty() { Ok(record) } else { record.complete() }
    }
}

fn percent(cell: &str) -> Result<Quality, Cause> {
    let cause = Cause::Expected("a quality of 0 to 100");
    cell.parse().ok().and_then(|percent| Quality::new(percent).ok()).ok_or(cause)
}

/// The key of which `parts` are the columns; `None` if all are empty. No two rows with different parts have one key: of
/// several parts the empty ones stay, and a `-` inside one is written as URLs would have it.
fn joined(parts: &[&str]) -> Option<String> {
    match parts {
        parts if parts.iter().all(|part| part.is_empty()) => None,
        [part] => Some((*part).to_owned()),
        parts => {
            let parts: Vec<_> =
                parts.iter().map(|part| part.replace('%', "%25").replace('-', "%2D")).collect();
            Some(parts.join("-"))
        }
    }
}

/// Seconds since 1970. A cell is a number of seconds or milliseconds, with or without a fraction, if that is a time from
/// 1980 on and before 2100: other numbers are dates of another spelling. Else it is a time as RFC 3339 has it, or a date,
/// which is its midnight in UTC.
fn time(cell: &str) -> Option<i64> {
    // 1980-01-01 and 2100-01-01.
    const PLAUSIBLE: std::ops::Range<i64> = 315_532_800..4_102_444_800;
    let (whole, fraction) = cell.split_once('.').unwrap_or((cell, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(whole) && digits(fraction) {
        let number: i64 = whole.parse().ok()?;
        return [number, number / 1000].into_iter().find(|seconds| PLAUSIBLE.contains(seconds));
    }
    let time = |text: &str| Some(text.parse::<jiff::Timestamp>().ok()?.as_second());
    let is_date = cell.len() == "2030-01-02".len();
    if is_date { time(&format!("{cell}T00:00:00Z")) } else { time(cell) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::convert::Infallible;
    use std::sync::Arc;

    use super::super::record::testing::Taken;
    use super::*;
    use crate::hashset::{ListError, ReadOptions, Refusal, read_list};

    const MD5: &str = "c0ffee00c0ffee00c0ffee00c0ffee00";
    const MAP: &str = "key = ['Id', 'Part']\nupdated = 'When'\nquality = 'Quality'\n\
        [hashes]\nmd5 = 'MD5'\nsha1 = 'SHA1'\n[withdrawn]\ncolumn = 'Gone'\n";
    const NAMES: &str = "Id,Part,When,Quality,MD5,SHA1,Gone";

    fn taken(rows: &str) -> Taken {
        let (map, mut taken) = (MAP.parse().unwrap(), Taken::default());
        read(&mut format!("{NAMES}\n{rows}").as_bytes(), Plan::Map(&map), &mut taken).unwrap();
        taken
    }

    #[test]
    fn a_time_is_a_number_only_where_that_is_plausible() {
        // `date -u -d … +%s`
        for (cell, expected) in [
            ("1714953600", Some(1_714_953_600)),
            ("1714953600.75", Some(1_714_953_600)),
            ("1714953600123", Some(1_714_953_600)),
            ("2024-05-06", Some(1_714_953_600)),
            ("2024-05-06T02:00:00+02:00", Some(1_714_953_600)),
            ("315532800", Some(315_532_800)),
            ("315532799", None),
            ("4102444799999", Some(4_102_444_799)),
            ("4102444800000", None),
            ("06.05.2024", None),
            ("06.05", None),
            ("2024.05.06", None),
            ("20240506", None),
            ("2024-13-06", None),
            ("06/05/2024", None),
            ("1714953600.", None),
            ("-1714953600", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(time(cell), expected, "{cell}");
        }
        let taken = taken(&format!("1,,06.05.2024,,{MD5},,\n2,,2024-05-06,,{MD5},,\n"));
        assert_eq!(taken.dropped, [("updated", 1)].into());
        let times: Vec<_> = taken.records().iter().map(|record| record.updated).collect();
        assert_eq!(times, [None, Some(1_714_953_600)]);
    }

    #[test]
    fn keys_of_several_columns_are_as_many_as_their_parts() {
        let words = ["", "-", "--", "1", "1-", "-1", "1-2", "%", "%2D", "%252D"];
        let mut keys = BTreeSet::new();
        for first in words {
            for second in words {
                keys.extend(joined(&[first, second]));
            }
        }
        assert_eq!(keys.len(), words.len() * words.len() - 1, "and nothing has no key");
        assert_eq!(joined(&["a-%"]).as_deref(), Some("a-%"), "one column is as it stands");
        let records = taken(&format!("1,2-3,,,{MD5},,\n1,,,,{MD5},,\n,1,,,{MD5},,\n,,,,{MD5},,\n")).records();
        let keys: Vec<_> = records.iter().map(|record| record.key.as_ref().map(|key| key.as_str())).collect();
        assert_eq!(keys, [Some("1-2%2D3"), Some("1-"), Some("-1"), None]);
    }

    #[test]
    fn a_row_that_takes_back_needs_no_hash_and_a_bad_hash_costs_no_good_one() {
        let bad = "c0ffee";
        let rows = format!(
            "1,,,,{bad},{bad},yes\n2,,,x,{MD5},,yes\n3,,,,{MD5},{bad},no\n4,,,,{bad},,no\n,,,,{bad},,yes\n5,,,x,{MD5},,no\n"
        );
        let found = taken(&rows).found;
        let told: Vec<_> = found
            .iter()
            .map(|found| {
                let told =
                    |record: &Record| (record.withdrawn, record.hashes.iter().count(), record.refused.len());
                found.as_ref().ok().map(told)
            })
            .collect();
        let expected = [Some((true, 0, 0)), Some((true, 1, 0)), Some((false, 1, 1)), None, None, None];
        assert_eq!(told, expected);
        assert!(matches!(&found[3], Err(Cause::Hash(_))) && matches!(&found[5], Err(Cause::Expected(_))));

        let read = |strict: bool| {
            let options =
                ReadOptions { map: Some(Arc::new(MAP.parse().unwrap())), strict, ..ReadOptions::default() };
            let list = format!("{NAMES}\n{rows}");
            read_list(&mut list.as_bytes(), &options, &mut |_| Ok::<(), Infallible>(()))
        };
        let report = read(false).unwrap();
        assert_eq!((report.entries, report.withdrawals, report.bad_total), (1, 2, 3));
        assert_eq!(report.refused, [(Refusal::Length, 3)].into());
        assert!(matches!(read(true), Err(ListError::BadLine(_))));
    }
}
