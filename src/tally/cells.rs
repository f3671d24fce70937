//! The cells that the database knows, by number.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use super::cell::{codes_in, written};
use super::{Cell, TallyError};
use crate::vocabulary::{Code, Dimension};

/// Cells and their numbers, asked for once each. Lives no longer than a transaction: the numbers of one that is taken back
/// mean nothing.
#[derive(Default)]
pub(super) struct Cells {
    numbers: HashMap<Cell, i64>,
    cells: HashMap<i64, Cell>,
}

impl Cells {
    /// The number of a cell, which is given one if it has none.
    pub(super) fn number(&mut self, connection: &Connection, cell: Cell) -> Result<i64, TallyError> {
        if let Some(number) = self.numbers.get(&cell) {
            return Ok(*number);
        }
        let number = number(connection, &cell.to_text())?;
        self.numbers.insert(cell, number);
        self.cells.insert(number, cell);
        Ok(number)
    }

    /// The cell with a number.
    pub(super) fn cell(&mut self, connection: &Connection, number: i64) -> Result<Cell, TallyError> {
        if let Some(cell) = self.cells.get(&number) {
            return Ok(*cell);
        }
        let cell = Cell::from_text(&text(connection, number)?)?;
        self.cells.insert(number, cell);
        Ok(cell)
    }
}

/// What a person found an item to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) outcome: Code,
    /// Codes that were decided with it; they stand over those of the cell as it was seen.
    pub(super) facets: Vec<Code>,
}

impl Decided {
    /// What `seen` is with it.
    pub(super) fn over(&self, seen: Option<Cell>) -> Cell {
        self.facets.iter().copied().fold(seen.unwrap_or_else(Cell::unknown), Cell::with)
    }

    /// Its number.
    pub(super) fn number(&self, connection: &Connection) -> Result<i64, TallyError> {
        let mut facets = self.facets.clone();
        facets.sort_unstable();
        number(connection, &written([self.outcome].into_iter().chain(facets)))
    }

    pub(super) fn of_number(connection: &Connection, number: i64) -> Result<Self, TallyError> {
        let mut codes = codes_in(&text(connection, number)?)?.into_iter();
        match codes.next() {
            Some(outcome) if outcome.dimension() == Dimension::Outcome => {
                Ok(Self { outcome, facets: codes.collect() })
            }
            _ => Err(TallyError::Stored("a decision")),
        }
    }
}

fn number(connection: &Connection, text: &str) -> Result<i64, TallyError> {
    let mut find = connection.prepare_cached("SELECT id FROM tally_cells WHERE text = ?")?;
    if let Some(number) = find.query_row([text], |row| row.get(0)).optional()? {
        return Ok(number);
    }
    let mut add = connection.prepare_cached("INSERT INTO tally_cells (text) VALUES (?)")?;
    Ok(add.insert([text])?)
}

fn text(connection: &Connection, number: i64) -> Result<String, TallyError> {
    let mut find = connection.prepare_cached("SELECT text FROM tally_cells WHERE id = ?")?;
    find.query_row([number], |row| row.get(0)).optional()?.ok_or(TallyError::Stored("the number of a cell"))
}
