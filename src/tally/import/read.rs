//! From rows to what is counted of them.

use std::collections::HashMap;
use std::io::Read as Input;

use super::ImportError;
use super::date::{DateFault, month};
use super::map::Map;
use super::source::{Source, Values};
use super::url::normal;
use crate::tally::cells::Decided;
use crate::tally::rows::Row;
use crate::tally::{CaseId, Cell, ItemId};
use crate::vocabulary::{Code, Dimension, Period, Unit, outcome};

/// Most rows that are taken at once: they are held in memory until all were read.
pub(super) const MAX_ROWS: usize = 1_000_000;
/// Most bytes of what a row is told from others by.
const MAX_ID: usize = 4_096;

/// Why a row is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadRow {
    /// Not as many fields as there are columns.
    #[error(
        "{found} fields, where the first line has {expected}; a field with the delimiter in it needs quotation marks"
    )]
    Fields {
        /// Columns.
        expected: usize,
        /// Fields.
        found: usize,
    },
    /// A value that is used is not UTF-8.
    #[error("a column that the map names is not UTF-8")]
    Encoding,
    /// Not an object of simple values.
    #[error(
        "no JSON object, or a column that the map names has a value that is not text, a whole number, true or false"
    )]
    Json,
    /// Too long.
    #[error("the line is too long")]
    TooLong,
    /// Nothing to tell it from others by.
    #[error("the column of the id is empty, or has several values or more than {MAX_ID} bytes")]
    Id,
    /// No date.
    #[error(
        "the column of the date has no date of the form that the map says: date_form is iso, dmy, mdy or unix"
    )]
    Date,
    /// A date that could be two.
    #[error(
        "the date could begin with the day or with the month; say date_form = \"dmy\" or \"mdy\" in the map"
    )]
    AmbiguousDate,
    /// A date of a month that has not begun.
    #[error(
        "the date is in a month that has not begun; is the right column named, and the date of this machine right?"
    )]
    Future,
    /// A case that is no word.
    #[error(
        "the column of the case has several values, or more than {} bytes or control characters",
        CaseId::LEN
    )]
    Case,
}

/// What was read of a file, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// Rows, bad ones included.
    pub rows: u64,
    /// Rows that were left out.
    pub bad_rows: u64,
    /// Columns that the map does not name: nothing of them was kept.
    pub dropped_columns: u64,
    /// Of each dimension: values that mean nothing to the map, and were counted at its `other`.
    pub unmapped: Vec<(Dimension, u64)>,
}

/// One row: what it is, and where it is counted, as a number into [`Parsed::kinds`].
pub(super) struct Record {
    pub(super) month: Period,
    pub(super) id: ItemId,
    pub(super) case: Option<CaseId>,
    pub(super) kind: u32,
}

/// A file that was read, to be counted: months, digests and codes, and nothing else of it.
pub struct Parsed {
    pub(super) unit: Unit,
    pub(super) records: Vec<Record>,
    /// The different rows, without their cases.
    pub(super) kinds: Vec<Row>,
    read: Read,
}

impl Parsed {
    /// Reads `input` by `map`, on a day of the month `today`. Each bad row is told, by its line, and left out.
    ///
    /// # Errors
    /// [`ImportError`] if the file is not what the map says, or too large.
    pub fn read(
        map: &Map,
        input: impl Input,
        today: Period,
        told: &mut dyn FnMut(u64, BadRow),
    ) -> Result<Self, ImportError> {
        let mut source = Source::open(map, input)?;
        let mut kinds = Kinds::new(map);
        let (mut records, mut read) = (Vec::new(), Read::default());
        while let Some((line, row)) = source.next()? {
            read.rows += 1;
            match row.and_then(|values| kinds.record(&values, today)) {
                Ok(_) if records.len() == MAX_ROWS => return Err(ImportError::Rows),
                Ok(record) => records.push(record),
                Err(cause) => {
                    read.bad_rows += 1;
                    told(line, cause);
                }
            }
        }
        read.dropped_columns = source.dropped() as u64;
        let fields = map.fields.iter().map(|field| field.dimension);
        read.unmapped = fields.zip(kinds.unmapped).filter(|(_, values)| *values > 0).collect();
        Ok(Self { unit: map.unit, records, kinds: kinds.kinds, read })
    }

    /// What was read, in numbers.
    #[must_use]
    pub fn summary(&self) -> &Read {
        &self.read
    }

    /// What a row is.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.unit
    }
}

/// The codes of a row: of each field, and whether it was removed.
type Codes = (Vec<Code>, bool);

/// Makes records of rows.
struct Kinds<'m> {
    map: &'m Map,
    kinds: Vec<Row>,
    numbers: HashMap<Codes, u32>,
    unmapped: Vec<u64>,
}

impl<'m> Kinds<'m> {
    fn new(map: &'m Map) -> Self {
        Self { map, kinds: Vec::new(), numbers: HashMap::new(), unmapped: vec![0; map.fields.len()] }
    }

    fn record(&mut self, values: &Values, today: Period) -> Result<Record, BadRow> {
        let [id] = &values[self.map.id][..] else { return Err(BadRow::Id) };
        let id = if self.map.unit == Unit::Urls { normal(id) } else { id.clone() };
        if !(1..=MAX_ID).contains(&id.len()) {
            return Err(BadRow::Id);
        }
        let date = values[self.map.date].first().map_or("", String::as_str);
        let month = month(date, self.map.date_form).map_err(|fault| match fault {
            DateFault::Ambiguous => BadRow::AmbiguousDate,
            DateFault::Form => BadRow::Date,
        })?;
        if month > today {
            return Err(BadRow::Future);
        }
        let case = match self.map.case.map(|at| &values[at][..]) {
            None | Some([]) => None,
            Some([empty]) if empty.is_empty() => None,
            Some([word]) => Some(CaseId::of(word).ok_or(BadRow::Case)?),
            Some(_) => return Err(BadRow::Case),
        };
        let codes = self.codes(values);
        let removed = self
            .map
            .removed
            .as_ref()
            .is_some_and(|(at, words)| values[*at].iter().any(|value| words.contains(value)));
        Ok(Record { month, id: ItemId::of_case_system(&id), case, kind: self.kind((codes, removed)) })
    }

    /// The code that each field means: of several values the first by the order of the code list.
    fn codes(&mut self, values: &Values) -> Vec<Code> {
        let fields = self.map.fields.iter().zip(&mut self.unmapped);
        fields
            .map(|(field, unmapped)| {
                let texts = values[field.column].iter().flat_map(|text| match field.separator {
                    Some(separator) => text.split(separator).map(str::trim).collect::<Vec<_>>(),
                    None => vec![text.as_str()],
                });
                let mut first: Option<Code> = None;
                for text in texts.filter(|text| !text.is_empty()) {
                    match field.code(text) {
                        Some(code) => first = Some(first.map_or(code, |first| first.min(code))),
                        None => *unmapped += 1,
                    }
                }
                first.unwrap_or(field.other)
            })
            .collect()
    }

    fn kind(&mut self, codes: Codes) -> u32 {
        if let Some(number) = self.numbers.get(&codes) {
            return *number;
        }
        let number = self.kinds.len() as u32; // no more than rows
        self.kinds.push(self.row(&codes));
        self.numbers.insert(codes, number);
        number
    }

    fn row(&self, (codes, removed): &Codes) -> Row {
        let all = || self.map.constants.iter().chain(codes).copied();
        let cell = all().fold(Cell::unknown(), Cell::with);
        let outcome = all().find(|code| code.dimension() == Dimension::Outcome);
        let outcome = outcome.filter(|code| *code != outcome::NOT_APPLICABLE);
        // An item that nobody screened is not counted as screened; what its case system says of it stands in the decision.
        let is_seen = self.map.unit != Unit::Items || self.map.says(Dimension::Verdict);
        let facets = || all().filter(|code| cell.code(code.dimension()).is_some()).collect();
        Row {
            cell: is_seen.then_some(cell),
            decided: outcome.map(|outcome| Decided { outcome, facets: facets() }),
            case: None,
            removed: *removed,
        }
    }
}
