//! The rows of an export, CSV or JSON Lines, with the values of the columns that are used and of no others. Bounds length,
//! number and depth of everything: the file may be anybody's.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::ImportError;
use super::map::{Form, Map};
use super::read::BadRow;

/// Most bytes of a row.
pub(super) const MAX_ROW: u64 = 1 << 18;
/// Most columns.
pub(super) const MAX_COLUMNS: usize = 1_000;
/// Most values in one field.
const MAX_VALUES: usize = 100;

/// The values of the columns that a map uses, in their order; a field may have none, or several.
pub(super) type Values = Vec<Vec<String>>;

/// Reads row after row.
pub(super) enum Source<'m, R> {
    Csv(Csv<R>),
    Lines(Lines<'m, R>),
}

impl<'m, R: Read> Source<'m, BufReader<R>> {
    pub(super) fn open(map: &'m Map, input: R) -> Result<Self, ImportError> {
        let mut input = BufReader::new(input);
        // As much of the start as a mark takes; a pipe may give it in pieces.
        let mut start = Vec::new();
        while start.len() < 3 {
            let more = input.fill_buf()?;
            let Some(byte) = more.first().copied() else { break };
            // Bytes are taken out only while they are those of a mark.
            let is_mark = [0xEF, 0xBB, 0xBF].get(start.len()) == Some(&byte) || matches!(byte, 0xFE | 0xFF);
            if !is_mark {
                break;
            }
            start.push(byte);
            input.consume(1);
        }
        if !start.is_empty() && start != [0xEF, 0xBB, 0xBF] {
            return Err(ImportError::Encoding);
        }
        let first = loop {
            match input.fill_buf()?.first().copied() {
                None => return Err(ImportError::Empty),
                Some(byte) if byte.is_ascii_whitespace() => input.consume(1),
                Some(byte) => break byte,
            }
        };
        let form = map.form.unwrap_or(if first == b'{' { Form::Jsonl } else { Form::Csv });
        Ok(match form {
            Form::Csv => Self::Csv(Csv::open(map, input)?),
            Form::Jsonl => {
                Self::Lines(Lines { map, input, line: 0, text: Vec::new(), dropped: BTreeSet::new() })
            }
        })
    }

    /// The line that the next row begins in, and the row; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Result<Values, BadRow>)>, ImportError> {
        match self {
            Self::Csv(csv) => csv.next(),
            Self::Lines(lines) => lines.next(),
        }
    }

    /// How many columns there are that the map does not use.
    pub(super) fn dropped(&self) -> usize {
        match self {
            Self::Csv(csv) => csv.dropped,
            Self::Lines(lines) => lines.dropped.len(),
        }
    }
}

/// Hands out so many bytes, and then fails, until it is allowed more.
pub(super) struct Bounded<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(left) = self.left.get().checked_sub(1).map(|left| left + 1) else {
            return Err(io::Error::other("a row is too long"));
        };
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = self.inner.read(&mut buffer[..most])?;
        self.left.set(left - read as u64);
        Ok(read)
    }
}

pub(super) struct Csv<R> {
    reader: csv::Reader<Bounded<R>>,
    left: Rc<Cell<u64>>,
    /// Where the columns of the map are.
    places: Vec<usize>,
    columns: usize,
    dropped: usize,
    record: csv::ByteRecord,
}

impl<R: Read> Csv<R> {
    fn open(map: &Map, inner: R) -> Result<Self, ImportError> {
        let left = Rc::new(Cell::new(MAX_ROW));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(map.delimiter)
            .buffer_capacity(1 << 16)
            .from_reader(Bounded { inner, left: Rc::clone(&left) });
        let mut head = csv::ByteRecord::new();
        let found = reader.read_byte_record(&mut head);
        if !found.map_err(|error| fault(error, 1, &left))? {
            return Err(ImportError::Empty);
        }
        if head.len() > MAX_COLUMNS {
            return Err(ImportError::Columns);
        }
        let names: Result<Vec<&str>, _> = head.iter().map(std::str::from_utf8).collect();
        let names: Vec<&str> = names.map_err(|_| ImportError::Encoding)?.into_iter().map(str::trim).collect();
        let mut places = Vec::new();
        for column in &map.columns {
            let mut at = names.iter().enumerate().filter(|(_, name)| *name == column).map(|(at, _)| at);
            match (at.next(), at.next()) {
                (Some(at), None) => places.push(at),
                (Some(_), Some(_)) => return Err(ImportError::ColumnTwice(column.clone())),
                (None, _) => {
                    let (column, delimiter) = (column.clone(), char::from(map.delimiter));
                    return Err(ImportError::NoColumn { column, delimiter });
                }
            }
        }
        let (columns, dropped) = (names.len(), names.len() - places.len());
        Ok(Self { reader, left, places, columns, dropped, record: csv::ByteRecord::new() })
    }

    fn next(&mut self) -> Result<Option<(u64, Result<Values, BadRow>)>, ImportError> {
        self.left.set(MAX_ROW);
        let begins = self.reader.position().line();
        let found = self.reader.read_byte_record(&mut self.record);
        if !found.map_err(|error| fault(error, begins, &self.left))? {
            return Ok(None);
        }
        let line = self.record.position().map_or(begins, csv::Position::line);
        let found = self.record.len();
        if found != self.columns {
            return Ok(Some((line, Err(BadRow::Fields { expected: self.columns, found }))));
        }
        let value =
            |at: &usize| std::str::from_utf8(&self.record[*at]).map(|text| vec![text.trim().to_owned()]);
        let values: Result<Values, _> = self.places.iter().map(value).collect();
        Ok(Some((line, values.map_err(|_| BadRow::Encoding))))
    }
}

fn fault(error: csv::Error, line: u64, left: &Cell<u64>) -> ImportError {
    match error.into_kind() {
        csv::ErrorKind::Io(_) if left.get() == 0 => ImportError::Row { line },
        csv::ErrorKind::Io(error) => ImportError::Io(error),
        // The reader gives out bytes, and takes rows of any length: there is nothing else that it could refuse.
        _ => ImportError::Encoding,
    }
}

pub(super) struct Lines<'m, R> {
    map: &'m Map,
    input: R,
    line: u64,
    text: Vec<u8>,
    dropped: BTreeSet<String>,
}

impl<R: BufRead> Lines<'_, R> {
    fn next(&mut self) -> Result<Option<(u64, Result<Values, BadRow>)>, ImportError> {
        loop {
            self.line += 1;
            self.text.clear();
            if self.input.by_ref().take(MAX_ROW).read_until(b'\n', &mut self.text)? == 0 {
                return Ok(None);
            }
            if self.text.len() as u64 == MAX_ROW && self.text.last() != Some(&b'\n') {
                self.input.skip_until(b'\n')?;
                return Ok(Some((self.line, Err(BadRow::TooLong))));
            }
            let text = self.text.trim_ascii();
            if text.is_empty() {
                continue;
            }
            let mut deserializer = serde_json::Deserializer::from_slice(text);
            let row = Row { columns: &self.map.columns, dropped: &mut self.dropped };
            let values =
                row.deserialize(&mut deserializer).and_then(|values| deserializer.end().map(|()| values));
            if self.dropped.len() > MAX_COLUMNS {
                return Err(ImportError::Columns);
            }
            return Ok(Some((self.line, values.map_err(|_| BadRow::Json))));
        }
    }
}

/// The fields of one object; of those that are not used, only the names are looked at.
struct Row<'a> {
    columns: &'a [String],
    dropped: &'a mut BTreeSet<String>,
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = Values;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Values, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Values, A::Error> {
        let mut values: Vec<Option<Vec<String>>> = vec![None; self.columns.len()];
        while let Some(name) = map.next_key::<String>()? {
            match self.columns.iter().position(|column| *column == name) {
                Some(at) if values[at].is_some() => return Err(A::Error::custom("a name twice")),
                Some(at) => values[at] = Some(map.next_value_seed(Field)?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                    if self.dropped.len() <= MAX_COLUMNS {
                        self.dropped.insert(name);
                    }
                }
            }
        }
        Ok(values.into_iter().map(Option::unwrap_or_default).collect())
    }
}

/// Text, a whole number, true or false, or a list of those.
struct Field;

impl<'de> DeserializeSeed<'de> for Field {
    type Value = Vec<String>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Vec<String>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Field {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a whole number, true, false, null or a list of those")
    }

    fn visit_str<E>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(vec![text.trim().to_owned()])
    }

    fn visit_u64<E>(self, number: u64) -> Result<Vec<String>, E> {
        Ok(vec![number.to_string()])
    }

    fn visit_i64<E>(self, number: i64) -> Result<Vec<String>, E> {
        Ok(vec![number.to_string()])
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Vec<String>, E> {
        Ok(vec![truth.to_string()])
    }

    fn visit_unit<E>(self) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<String>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Field)? {
            values.extend(value);
            if values.len() > MAX_VALUES {
                return Err(A::Error::custom("too many values"));
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> Map {
        "unit = \"report\"\nid = \"no\"\ndate = \"day\"\ndelimiter = \";\"".parse().unwrap()
    }

    type Line = (u64, Result<Values, BadRow>);

    fn rows(text: &[u8]) -> Result<(Vec<Line>, usize), ImportError> {
        let map = map();
        let mut source = Source::open(&map, text)?;
        let mut rows = Vec::new();
        while let Some(row) = source.next()? {
            rows.push(row);
        }
        Ok((rows, source.dropped()))
    }

    fn values(texts: &[&str]) -> Values {
        texts.iter().map(|text| if text.is_empty() { vec![] } else { vec![(*text).to_owned()] }).collect()
    }

    #[test]
    fn csv_and_json_lines_give_the_columns_that_are_used_and_count_the_others() {
        let csv = "\u{feff}day;text; no\n2026-10-01;\"a;\nb\";1\n2026-10-02;x;2;y\n2026-10-03;z;3\n";
        let (found, dropped) = rows(csv.as_bytes()).unwrap();
        let expected = [
            (2, Ok(values(&["1", "2026-10-01"]))),
            (4, Err(BadRow::Fields { expected: 3, found: 4 })),
            (5, Ok(values(&["3", "2026-10-03"]))),
        ];
        assert_eq!((&found[..], dropped), (&expected[..], 1));
        let json = "\n{\"no\":1,\"day\":\"2026-10-01\",\"text\":{\"deep\":[1,2]},\"more\":null}\n[]\n\n\
            {\"no\":true,\"day\":null,\"text\":1.5}\n{\"no\":{}}\n{\"no\":1.5}\n{\"no\":1,\"no\":2}\n{\"no\":[\"a\",[\"b\"]]} x\n";
        let (found, dropped) = rows(json.as_bytes()).unwrap();
        // White space before the first row belongs to no line that is told of.
        let lines: Vec<_> = found.iter().map(|(line, row)| (*line, row.is_ok())).collect();
        assert_eq!(lines, [(1, true), (2, false), (4, true), (5, false), (6, false), (7, false), (8, false)]);
        assert_eq!(found[2].1, Ok(values(&["true", ""])));
        assert_eq!(dropped, 2);
    }

    #[test]
    fn what_is_no_export_is_refused_as_a_whole() {
        let refused = |text: &[u8]| rows(text).unwrap_err().to_string();
        assert!(refused(b"").contains("nothing"));
        assert!(refused(b"\xEF\xBB\xBF \n").contains("nothing"));
        assert!(refused(b"\xFF\xFEd\0a\0").contains("UTF-16"));
        assert!(refused(b"day;n\xF6;no\n").contains("UTF-8"));
        assert!(refused(b"day,no\n").contains("\"no\""));
        assert!(refused(b"day;no;no\n").contains("twice"));
        let wide = format!("no;day;{}\n", "x;".repeat(MAX_COLUMNS));
        assert!(refused(wide.as_bytes()).contains("columns"));
        let mut open = b"no;day\n1;\"".to_vec();
        open.extend(vec![b'x'; MAX_ROW as usize + (1 << 17)]);
        assert!(refused(&open).contains("line 2") && refused(&open).contains("quotation mark"));
        let names: String = (0..=MAX_COLUMNS).map(|n| format!("{{\"x{n}\":1}}\n")).collect();
        assert!(refused(names.as_bytes()).contains("columns"));
    }

    #[test]
    fn rows_that_are_not_utf_8_or_too_long_are_bad_rows_and_the_rest_is_read() {
        let (found, _) = rows(b"no;day;t\n1;2026-10-01;\xF6\n\xF6;2026-10-01;x\n").unwrap();
        assert!(found[0].1.is_ok(), "what is not used may be anything");
        assert_eq!(found[1], (3, Err(BadRow::Encoding)));
        let mut json = b"{\"no\":1}\n{\"no\":\"".to_vec();
        json.extend(vec![b'x'; MAX_ROW as usize * 2]);
        json.extend(b"\"}\n{\"no\":3}\n");
        let (found, _) = rows(&json).unwrap();
        let lines: Vec<_> = found.iter().map(|(line, row)| (*line, row.is_ok())).collect();
        assert_eq!(lines, [(1, true), (2, false), (3, true)]);
        let deep = |name: &str| format!("{{\"{name}\":{}{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
        assert!(rows(deep("no").as_bytes()).unwrap().0[0].1.is_err(), "depth is bounded");
        assert!(
            rows(deep("x").as_bytes()).unwrap().0[0].1.is_ok(),
            "what is not used may be as deep as it likes"
        );
    }
}
