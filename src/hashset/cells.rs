//! Rows of CSV: cells, quotes, and records that span lines. Cells are data, whatever they begin with.

use std::borrow::Cow;
use std::io;

use super::lines::{Lines, MAX_LINE};

/// Most lines of one record: quoted text may hold line ends, and a stray quote must not swallow the list.
const MAX_RECORD_LINES: u64 = 64;

/// How rows are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cells {
    /// What stands between two cells; ASCII, no quote and no line end.
    pub(super) delimiter: u8,
}

/// Where in a field a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Start,
    Bare,
    Quoted,
    /// After a quote in quoted text: the end of the field, or the first half of a quote that is meant.
    Quote,
    /// A quote in quoted text was neither.
    Malformed,
}

impl Cells {
    /// Where `text` leads to from `field`.
    pub(super) fn after(self, field: Field, text: &str) -> Field {
        text.bytes().fold(field, |field, byte| self.step(field, byte))
    }

    /// `Start` comes from a delimiter between fields, and from nothing else.
    fn step(self, field: Field, byte: u8) -> Field {
        match (field, byte) {
            (Field::Malformed, _) => Field::Malformed,
            (Field::Quoted, b'"') => Field::Quote,
            (Field::Quoted, _) | (Field::Start | Field::Quote, b'"') => Field::Quoted,
            (_, byte) if byte == self.delimiter => Field::Start,
            (Field::Quote, _) => Field::Malformed,
            _ => Field::Bare,
        }
    }

    /// Adds lines to `record` until no quoted field is open, and says how many; `None` if that does not happen within
    /// 64 lines and [`MAX_LINE`] bytes.
    pub(super) fn close_quotes(
        self,
        lines: &mut Lines<'_>,
        mut field: Field,
        record: &mut String,
    ) -> io::Result<Option<u64>> {
        for more in 1..MAX_RECORD_LINES {
            let Some(Ok(text)) = lines.next()?.map(|line| line.text) else { break };
            if record.len() + text.len() >= MAX_LINE {
                break;
            }
            record.push('\n');
            record.push_str(text);
            field = self.after(field, text);
            match field {
                Field::Quoted => {}
                Field::Malformed => break,
                Field::Start | Field::Bare | Field::Quote => return Ok(Some(more)),
            }
        }
        Ok(None)
    }

    /// The cells of a record in which no quote is open or malformed. A `csv::Reader` says the same (a test holds them
    /// against each other), but one for each record costs twenty times as much.
    pub(super) fn split(self, record: &str) -> Vec<Cow<'_, str>> {
        let mut field = Field::Start;
        let mut from = 0;
        let mut cells = Vec::new();
        for (at, byte) in record.bytes().enumerate() {
            field = self.step(field, byte);
            if field == Field::Start {
                cells.push(unquoted(&record[from..at]));
                from = at + 1;
            }
        }
        cells.push(unquoted(&record[from..]));
        cells
    }
}

fn unquoted(field: &str) -> Cow<'_, str> {
    match field.strip_prefix('"').and_then(|field| field.strip_suffix('"')) {
        None => field.into(),
        Some(inner) if inner.contains('"') => inner.replace("\"\"", "\"").into(),
        Some(inner) => inner.into(),
    }
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
        fn cells_are_those_of_a_csv_reader(
            fields in prop::collection::vec(
                prop_oneof!["[aé ]{0,3}", "[aé][aé\" ]{0,3}", "\"([a,;\n é]|\"\"){0,6}\""],
                1..8,
            ),
            delimiter in prop::sample::select(&b",;\t|"[..]),
        ) {
            let cells = Cells { delimiter };
            let record = fields.join(&char::from(delimiter).to_string());
            prop_assume!(!record.is_empty());
            prop_assert!(!matches!(cells.after(Field::Start, &record), Field::Quoted | Field::Malformed));
            let mut reader = csv::ReaderBuilder::new();
            let reader = reader.has_headers(false).delimiter(delimiter).from_reader(record.as_bytes());
            let mut rows = reader.into_records();
            let row = rows.next().expect("a record").expect("it is text");
            prop_assert!(rows.next().is_none());
            prop_assert_eq!(cells.split(&record), row.iter().collect::<Vec<_>>());
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
            let field = Cells { delimiter: b',' }.after(Field::Start, text);
            assert_eq!((field == Field::Quoted, field == Field::Malformed), (open, malformed), "{text}");
        }
    }
}
