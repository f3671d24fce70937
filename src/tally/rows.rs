//! One row an item and period: how what is seen and decided of it comes together, whatever the order.

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::cells::{Cells, Decided};
use super::ids::{Pseudonym, Pseudonyms};
use super::store::{Judgement, Sighting};
use super::{Cell, TallyError};
use crate::vocabulary::Unit;

/// Where a row comes from. Rows of different origins are different things, even if they speak of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Origin {
    /// Items that were screened or decided on here.
    Screened,
    /// Items of case systems.
    Items,
    /// Reports of case systems.
    Reports,
    /// Web addresses of case systems.
    Urls,
}

impl Origin {
    pub(super) const ALL: [Self; 4] = [Self::Screened, Self::Items, Self::Reports, Self::Urls];

    pub(super) const fn of_case_system(unit: Unit) -> Self {
        match unit {
            Unit::Items => Self::Items,
            Unit::Reports => Self::Reports,
            Unit::Urls => Self::Urls,
        }
    }

    pub(super) const fn number(self) -> i64 {
        self as i64
    }

    pub(super) fn of_number(number: i64) -> Result<Self, TallyError> {
        let found = Self::ALL.into_iter().find(|origin| origin.number() == number);
        found.ok_or(TallyError::Stored("the origin of a row"))
    }

    /// True for rows of items, which a cap on the items of a case holds for.
    pub(super) const fn is_item(self) -> bool {
        matches!(self, Self::Screened | Self::Items)
    }

    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Screened => "screened items",
            Self::Items => "items of case systems",
            Self::Reports => "reports",
            Self::Urls => "web addresses",
        }
    }
}

/// What is known of one item in one period.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Where it is counted as it was seen; `None` if it was not seen in the period.
    pub(super) cell: Option<Cell>,
    /// The latest decision on it.
    pub(super) decided: Option<Decided>,
    /// The case that it counts in: of several, the one with the smallest pseudonym.
    pub(super) case: Option<Pseudonym>,
    /// Of a web address: its content was taken down.
    pub(super) removed: bool,
}

impl Row {
    /// Both together; of two decisions that of `newer` holds. But for that, the order makes no difference.
    pub(super) fn and(self, newer: Self) -> Self {
        let first = |a: Option<_>, b: Option<_>| match (a, b) {
            (Some(a), Some(b)) => Some(std::cmp::min(a, b)),
            (a, b) => a.or(b),
        };
        Self {
            cell: match (self.cell, newer.cell) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            decided: newer.decided.or(self.decided),
            case: first(self.case, newer.case),
            removed: self.removed || newer.removed,
        }
    }
}

/// A row as it is stored.
pub(super) struct Stored {
    pub(super) cell: Option<i64>,
    pub(super) decided: Option<i64>,
    pub(super) case: Option<Pseudonym>,
    pub(super) removed: bool,
}

impl Stored {
    /// Of the columns `cell, decided, in_case, removed`.
    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { cell: row.get(0)?, decided: row.get(1)?, case: row.get(2)?, removed: row.get(3)? })
    }

    fn row(self, connection: &Connection, cells: &mut Cells) -> Result<Row, TallyError> {
        Ok(Row {
            cell: self.cell.map(|number| cells.cell(connection, number)).transpose()?,
            decided: self.decided.map(|number| Decided::of_number(connection, number)).transpose()?,
            case: self.case,
            removed: self.removed,
        })
    }
}

/// What became of an item that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// It was not known in the period.
    New,
    /// It was, and something more is known of it.
    Changed,
    /// Nothing new.
    Same,
}

/// The statements of one transaction, for one period.
pub(super) struct Writer<'t> {
    connection: &'t Connection,
    span: i64,
    names: &'t Pseudonyms,
    first_entry: CachedStatement<'t>,
    remember_entry: CachedStatement<'t>,
    take: CachedStatement<'t>,
    find: CachedStatement<'t>,
    put: CachedStatement<'t>,
    notice: CachedStatement<'t>,
    /// Something without a case was seen.
    uncased: bool,
}

impl<'t> Writer<'t> {
    pub(super) fn new(
        connection: &'t Connection,
        span: i64,
        names: &'t Pseudonyms,
    ) -> Result<Self, TallyError> {
        let statement = |text| connection.prepare_cached(text);
        Ok(Self {
            connection,
            span,
            names,
            first_entry: statement("SELECT item FROM tally_seen WHERE span = ? AND content = ?")?,
            remember_entry: statement("INSERT INTO tally_seen VALUES (?, ?, ?)")?,
            take: statement(
                "DELETE FROM tally_rows WHERE span = ? AND origin = 0 AND pseudonym = ?
                 RETURNING cell, decided, in_case, removed",
            )?,
            find: statement(
                "SELECT cell, decided, in_case, removed FROM tally_rows
                 WHERE span = ? AND origin = ? AND pseudonym = ?",
            )?,
            put: statement("INSERT OR REPLACE INTO tally_rows VALUES (?, ?, ?, ?, ?, ?, ?)")?,
            notice: statement("INSERT OR IGNORE INTO tally_noticed VALUES (?, ?)")?,
            uncased: false,
        })
    }

    /// Counts one content as the item that it is for the rest of the period: the first list entry that it matched, or else
    /// its bytes.
    pub(super) fn see(&mut self, sighting: &Sighting, cells: &mut Cells) -> Result<(), TallyError> {
        let content = self.names.item(sighting.content);
        if sighting.watched {
            self.notice.execute(params![self.span, content])?;
        }
        let case = sighting.case.map(|case| self.names.case(case));
        self.uncased |= case.is_none();
        let mut row = Row { cell: Some(sighting.cell), case, ..Row::default() };
        let first = self.first_entry.query_row(params![self.span, content], |row| row.get(0)).optional()?;
        let item = match (first, sighting.entry) {
            (Some(first), _) => first,
            (None, None) => content,
            (None, Some(entry)) => {
                let entry = self.names.item(entry);
                self.remember_entry.execute(params![self.span, content, entry])?;
                // Until now it counted by its bytes, and nothing else can have made that row.
                let by_bytes = self.take.query_row(params![self.span, content], Stored::of).optional()?;
                if let Some(by_bytes) = by_bytes {
                    row = by_bytes.row(self.connection, cells)?.and(row);
                }
                entry
            }
        };
        self.add(Origin::Screened, item, row, cells).map(drop)
    }

    /// Takes a decision in.
    pub(super) fn judge(&mut self, judgement: &Judgement, cells: &mut Cells) -> Result<(), TallyError> {
        let decided = Decided { outcome: judgement.outcome, facets: judgement.facets.clone() };
        let row = Row { decided: Some(decided), ..Row::default() };
        self.add(Origin::Screened, self.names.item(judgement.item), row, cells).map(drop)
    }

    /// Adds what is known of one more item.
    pub(super) fn add(
        &mut self,
        origin: Origin,
        item: Pseudonym,
        row: Row,
        cells: &mut Cells,
    ) -> Result<Added, TallyError> {
        let place = params![self.span, origin.number(), item];
        let known = self.find.query_row(place, Stored::of).optional()?;
        let known = known.map(|known| known.row(self.connection, cells)).transpose()?;
        let row = match &known {
            Some(known) => known.clone().and(row),
            None => row,
        };
        let added = match &known {
            None => Added::New,
            Some(known) if *known == row => Added::Same,
            Some(_) => Added::Changed,
        };
        if added != Added::Same {
            let cell = row.cell.map(|cell| cells.number(self.connection, cell)).transpose()?;
            let decided = row.decided.as_ref().map(|decided| decided.number(self.connection)).transpose()?;
            self.put.execute(params![
                self.span,
                origin.number(),
                item,
                cell,
                decided,
                row.case,
                row.removed
            ])?;
        }
        Ok(added)
    }

    /// Notes that something had no case.
    pub(super) fn note_uncased(&mut self) {
        self.uncased = true;
    }

    pub(super) fn finish(self) -> Result<(), TallyError> {
        if self.uncased {
            let mut note = self
                .connection
                .prepare_cached("UPDATE tally_spans SET uncased = 1 WHERE id = ? AND uncased = 0")?;
            note.execute([self.span])?;
        }
        Ok(())
    }
}
