//! The tally's tables: one distinct item once a period, in exactly one cell of each table.

use rusqlite::{TransactionBehavior, params};

use super::cells::Cells;
use super::ids::Pseudonyms;
use super::rows::Writer;
use super::spans::{begin, key_name, names, span};
use super::{CaseId, Cell, ItemId, Sensitive, TallyError, carry};
use crate::home::{Home, TallyLock};
use crate::vocabulary::{Code, Period};

/// One content, seen once.
#[derive(Clone, Copy)]
pub struct Sighting {
    /// The content, as [`ItemId::of_bytes`] gives it.
    pub content: ItemId,
    /// The list entry that it matched, as [`ItemId::of_entry`] gives it.
    pub entry: Option<ItemId>,
    /// Where this sighting would count it.
    pub cell: Cell,
    /// A watched set has the content: counted by itself, whatever the cell.
    pub watched: bool,
    /// The case that it was screened for.
    pub case: Option<CaseId>,
}

/// What a person found an item to be.
#[derive(Clone)]
pub struct Judgement {
    /// The item, as [`ItemId::of_entry`] gives it.
    pub item: ItemId,
    /// A code of [`Dimension::Outcome`](crate::vocabulary::Dimension::Outcome).
    pub outcome: Code,
    /// What else was decided, one code of a dimension at most; these stand over what the list says.
    pub facets: Vec<Code>,
}

/// The open tally.
pub struct Tally<'a> {
    pub(super) home: &'a Home,
    pub(super) connection: rusqlite::Connection,
}

impl<'a> Tally<'a> {
    /// Opens the tally of a home. One that an earlier version made is carried over, all of it or nothing.
    ///
    /// # Errors
    /// [`TallyError::Home`] if the database cannot be opened.
    pub fn open(home: &'a Home) -> Result<Self, TallyError> {
        let mut connection = home.database(include_str!("schema.sql"))?;
        // What SQLite sorts may have pseudonyms in it, and no folder of temporary files is to have any.
        connection.pragma_update(None, "temp_store", "memory")?;
        // Pseudonyms lie anywhere in their table: with 64 MiB of it at hand, a batch of sightings reads hardly a page twice.
        connection.pragma_update(None, "cache_size", -65_536)?;
        carry::over(&mut connection, home)?;
        Ok(Self { home, connection })
    }

    /// Counts sightings in `month` and in the longer periods that hold it and are in use, all or none.
    ///
    /// In each of these periods a content is one item: the first list entry that it matched, or else its own bytes. An item
    /// stays one item however often it is seen, and of its cells it keeps the first in the order of [`Cell`]. So adding or
    /// removing one item of a period, with everything that was seen and decided of it, changes one row of that period, even
    /// if lists change within it.
    ///
    /// # Errors
    /// [`TallyError::Closed`] if a period takes no more items, [`TallyError::Key`] if its key is not the one that it
    /// began with; nothing is counted then.
    pub fn record(
        &mut self,
        _lock: &TallyLock,
        month: Period,
        sightings: &[Sighting],
    ) -> Result<(), TallyError> {
        self.write(month, |writer, cells| {
            sightings.iter().try_for_each(|sighting| writer.see(sighting, cells))
        })
    }

    /// Counts the items of `judgements` as reviewed in `month` and in the longer periods that hold it, all or none. The
    /// latest on an item holds in a period. What was seen of the item, and where that is counted, stays as it is.
    ///
    /// # Errors
    /// As [`Tally::record`].
    pub fn decide(
        &mut self,
        _lock: &TallyLock,
        month: Period,
        judgements: &[Judgement],
    ) -> Result<(), TallyError> {
        self.write(month, |writer, cells| judgements.iter().try_for_each(|one| writer.judge(one, cells)))
    }

    fn write(
        &mut self,
        month: Period,
        mut write: impl FnMut(&mut Writer<'_>, &mut Cells) -> Result<(), TallyError>,
    ) -> Result<(), TallyError> {
        let mut targets: Vec<(Period, Pseudonyms)> = Vec::new();
        for period in self.periods_with(month)? {
            if self.is_sealed(period)? {
                return Err(TallyError::Closed(period)); // before its key, which is gone, is made anew
            }
            targets.push((period, names(self.home, period)?));
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut cells = Cells::default();
        for (period, names) in &targets {
            let span = begin(&transaction, *period, names)?;
            let mut writer = Writer::new(&transaction, span, names)?;
            write(&mut writer, &mut cells)?;
            writer.finish()?;
        }
        Ok(transaction.commit()?)
    }

    /// Takes out of `sightings` those of contents that are counted in `period`: they were seen in it, and are told of again.
    ///
    /// # Errors
    /// [`TallyError`] if the database or the period's key fails.
    pub fn leave_out_known(&self, period: Period, sightings: &mut Vec<Sighting>) -> Result<(), TallyError> {
        let Some(span) = span(&self.connection, period)? else { return Ok(()) };
        // Of a period that is sealed, items are not known any more; and its key is not to be made.
        let Some(key) = self.home.known_secret_key(&key_name(period))? else { return Ok(()) };
        let names = Pseudonyms::under(&key);
        let mut find = self.connection.prepare_cached(
            "SELECT 1 FROM tally_seen WHERE span = ?1 AND content = ?2
             UNION ALL SELECT 1 FROM tally_rows WHERE span = ?1 AND origin = 0 AND pseudonym = ?2",
        )?;
        let mut known = Vec::with_capacity(sightings.len());
        for sighting in &*sightings {
            known.push(find.exists(params![span.id, names.item(sighting.content)])?);
        }
        let mut known = known.into_iter();
        sightings.retain(|_| known.next() == Some(false));
        Ok(())
    }

    /// The contents of `period` that watched sets have. They are in no cell and in no release: what is published is as if
    /// those sets were not there.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn watched(&self, period: Period) -> Result<Sensitive<u64>, TallyError> {
        let count = "SELECT (SELECT coalesce(sum(watched), 0) FROM tally_spans WHERE period = ?1)
            + (SELECT count(*) FROM tally_noticed JOIN tally_spans ON span = id WHERE period = ?1)";
        let contents: i64 = self.connection.query_row(count, [period.to_string()], |row| row.get(0))?;
        Ok(Sensitive::new(contents.unsigned_abs()))
    }
}
