//! Counting what was read: all of a file or nothing, each row in the period of its date.

use std::collections::BTreeMap;

use rand::TryRng;
use rand::rngs::SysRng;
use rusqlite::{Connection, TransactionBehavior, params};

use super::ImportError;
use super::read::{Parsed, Record};
use crate::home::TallyLock;
use crate::tally::cells::Cells;
use crate::tally::count::{Counts, indicators};
use crate::tally::ids::{Pseudonym, Pseudonyms};
use crate::tally::rows::{Added, Origin, Row, Writer};
use crate::tally::seal::store;
use crate::tally::spans::{begin, key_name, names, span};
use crate::tally::{Sensitive, Tally, TallyError};
use crate::vocabulary::{Period, Unit};

/// Most months that the rows of one file may be of.
pub(super) const MAX_MONTHS: usize = 240;

/// How rows are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct How {
    /// The month that it is.
    pub today: Period,
    /// Rows of a sealed period are counted in the one that is now, possibly a second time; otherwise they are left out.
    pub late: bool,
    /// Nothing is counted; only told what would be.
    pub rehearse: bool,
}

/// What became of one period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Units that were not counted there before.
    pub new: u64,
    /// Units that were, and of which something more is known now.
    pub changed: u64,
    /// Rows that say nothing new: the same again.
    pub same: u64,
    /// Rows that were counted here and are dated in a sealed period.
    pub late: u64,
    /// Rows dated in this period, which is sealed: left out, or counted late elsewhere.
    pub too_late: u64,
}

/// What became of a sealed period that was revised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Revised {
    /// Units of the import that were counted before.
    pub before: u64,
    /// Those that are counted now.
    pub now: u64,
    /// Rows of the file that are dated outside of the period: passed over.
    pub outside: u64,
}

impl Tally<'_> {
    /// Counts the rows of `parsed`, each in the month of its date and in the longer periods that hold it and are in use, all
    /// or none. The same file again changes nothing, as long as its periods take items.
    ///
    /// A report, web address or item is one unit of a period, whatever the rows that it has; of its codes it keeps the first
    /// cell in the order of [`Cell`](crate::tally::Cell). So one unit less changes one row of each of its periods.
    ///
    /// # Errors
    /// [`TallyError::Key`] if the key of a period is not the one that it began with; nothing is counted then.
    pub fn import(
        &mut self,
        _lock: &TallyLock,
        parsed: &Parsed,
        how: How,
    ) -> Result<Sensitive<BTreeMap<Period, Imported>>, TallyError> {
        let Plan { targets, mut told } = self.plan(parsed, how)?;
        let mut named: BTreeMap<Period, Pseudonyms> = BTreeMap::new();
        for period in targets.keys() {
            named.insert(*period, self.names(*period, how.rehearse)?);
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (origin, mut cells) = (Origin::of_case_system(parsed.unit), Cells::default());
        for (period, records) in &targets {
            let names = &named[period];
            let span = begin(&transaction, *period, names)?;
            let mut writer = Writer::new(&transaction, span, names)?;
            let told = told.entry(*period).or_default();
            for number in records {
                let record = &parsed.records[*number];
                let row = row_of(parsed, record, names);
                if row.case.is_none() && origin.is_item() && row.cell.is_some() {
                    writer.note_uncased();
                }
                match writer.add(origin, names.item(record.id), row, &mut cells)? {
                    Added::New => told.new += 1,
                    Added::Changed => told.changed += 1,
                    Added::Same => told.same += 1,
                }
            }
            writer.finish()?;
        }
        for (period, told) in &told {
            tell(
                &transaction,
                *period,
                origin,
                "rows that came too late, as the last import had them",
                told.too_late,
            )?;
            tell(
                &transaction,
                *period,
                origin,
                "late rows of earlier periods, as the last import had them",
                told.late,
            )?;
        }
        if !how.rehearse {
            transaction.commit()?;
        }
        Ok(Sensitive::new(told))
    }

    /// The pseudonyms of a period; in a rehearsal, no key is made for it.
    fn names(&self, period: Period, rehearse: bool) -> Result<Pseudonyms, TallyError> {
        if rehearse && self.home.known_secret_key(&key_name(period))?.is_none() {
            return Ok(passing_names());
        }
        names(self.home, period)
    }

    /// Where each row is counted.
    fn plan(&self, parsed: &Parsed, how: How) -> Result<Plan, TallyError> {
        let mut plan = Plan::default();
        let mut of_month: BTreeMap<Period, Vec<(Period, bool)>> = BTreeMap::new();
        for (number, record) in parsed.records.iter().enumerate() {
            if !of_month.contains_key(&record.month) {
                if of_month.len() == MAX_MONTHS {
                    return Err(ImportError::Months.into());
                }
                let periods = self.periods_with(record.month)?.into_iter();
                let with_seal = periods.map(|period| Ok((period, self.is_sealed(period)?)));
                of_month.insert(record.month, with_seal.collect::<Result<_, TallyError>>()?);
            }
            for (period, sealed) in &of_month[&record.month] {
                if !sealed {
                    plan.targets.entry(*period).or_default().push(number);
                    continue;
                }
                plan.told.entry(*period).or_default().too_late += 1;
                let now = Period::of(period.kind(), how.today.first_day());
                if how.late && self.periods_with(how.today)?.contains(&now) {
                    plan.targets.entry(now).or_default().push(number);
                    plan.told.entry(now).or_default().late += 1;
                }
            }
        }
        Ok(plan)
    }

    /// Replaces what imports gave a sealed `period` of the unit of `parsed` by what `parsed` gives it: all of its rows have
    /// to be in it. What screening gave it stays. Releases that were published of it stay too; another revision of them is
    /// charged again.
    ///
    /// # Errors
    /// [`TallyError::NotSealed`], and [`TallyError::RevisedCap`] for items of a period that was sealed with a cap on the
    /// items of a case.
    pub fn revise(
        &mut self,
        _lock: &TallyLock,
        parsed: &Parsed,
        period: Period,
        rehearse: bool,
    ) -> Result<Sensitive<Revised>, TallyError> {
        let span = span(&self.connection, period)?
            .filter(|span| span.sealed)
            .ok_or(TallyError::NotSealed(period))?;
        let origin = Origin::of_case_system(parsed.unit);
        let caps = self.about(period)?.map(|about| about.caps).unwrap_or_default();
        if parsed.unit == Unit::Items && !caps.is_empty() {
            return Err(TallyError::RevisedCap(period));
        }
        // What tells units from each other lives no longer than this.
        let names = passing_names();
        let mut told = Revised::default();
        let mut rows: BTreeMap<Pseudonym, Row> = BTreeMap::new();
        for record in &parsed.records {
            if !period.holds(record.month) {
                told.outside += 1;
                continue;
            }
            let known = rows.entry(names.item(record.id)).or_default();
            *known = std::mem::take(known).and(row_of(parsed, record, &names));
        }
        let mut counts = Counts::new();
        for row in rows.values() {
            for (indicator, cell) in indicators(origin, row) {
                *counts.entry((origin, indicator, cell)).or_default() += 1;
            }
        }
        told.now = rows.len() as u64;
        let uncased = origin.is_item() && rows.values().any(|row| row.cell.is_some() && row.case.is_none());
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        told.before = before(&transaction, span.id, origin)?;
        transaction.execute(
            "DELETE FROM tally_counts WHERE span = ? AND origin = ?",
            params![span.id, origin.number()],
        )?;
        for cap in caps.into_iter().chain([0]) {
            store(&transaction, span.id, cap, &counts)?;
        }
        transaction.execute(
            "UPDATE tally_spans SET uncased = max(uncased, ?) WHERE id = ?",
            params![uncased, span.id],
        )?;
        if !rehearse {
            transaction.commit()?;
        }
        Ok(Sensitive::new(told))
    }
}

/// Which rows are counted where, and what is told of each period.
#[derive(Default)]
struct Plan {
    targets: BTreeMap<Period, Vec<usize>>,
    told: BTreeMap<Period, Imported>,
}

fn row_of(parsed: &Parsed, record: &Record, names: &Pseudonyms) -> Row {
    Row { case: record.case.map(|case| names.case(case)), ..parsed.kinds[record.kind as usize].clone() }
}

/// Pseudonyms under a key that nobody keeps.
fn passing_names() -> Pseudonyms {
    let mut key = [0; 32];
    // Without randomness nothing here is safe to do.
    SysRng.try_fill_bytes(&mut key).expect("the operating system gives random bytes");
    Pseudonyms::under(&key)
}

/// Notes what the last import said of a period.
fn tell(
    connection: &Connection,
    period: Period,
    origin: Origin,
    what: &str,
    number: u64,
) -> Result<(), TallyError> {
    let Some(span) = span(connection, period)? else { return Ok(()) };
    connection.execute(
        "INSERT INTO tally_told VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET number = ?4",
        params![span.id, origin.number(), what, i64::try_from(number).unwrap_or(i64::MAX)],
    )?;
    Ok(())
}

/// The units of imports that a sealed period has counted: each is counted by the first indicator of its unit, or by the
/// reviews.
fn before(connection: &Connection, span: i64, origin: Origin) -> Result<u64, TallyError> {
    let most = "SELECT coalesce(max(units), 0) FROM (SELECT sum(items) AS units FROM tally_counts
        WHERE span = ? AND origin = ? AND cap = 0 GROUP BY indicator)";
    let units: i64 = connection.query_row(most, params![span, origin.number()], |row| row.get(0))?;
    Ok(units.unsigned_abs())
}
