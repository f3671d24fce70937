//! The periods that the tally knows: which there are, which take items, and under which key.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::ids::Pseudonyms;
use super::rows::Origin;
use super::{Tally, TallyError};
use crate::home::{Home, TallyLock};
use crate::vocabulary::{Period, PeriodKind};

/// A period, as the database knows it.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) id: i64,
    pub(super) sealed: bool,
    /// Something was counted in it that had no case.
    pub(super) uncased: bool,
}

pub(super) fn span(connection: &Connection, period: Period) -> Result<Option<Span>, TallyError> {
    let mut find =
        connection.prepare_cached("SELECT id, sealed, uncased FROM tally_spans WHERE period = ?")?;
    let span = find.query_row([period.to_string()], |row| {
        Ok(Span { id: row.get(0)?, sealed: row.get(1)?, uncased: row.get(2)? })
    });
    Ok(span.optional()?)
}

/// Makes sure that the period takes items and that its key is the one that it began with; its number.
pub(super) fn begin(
    transaction: &Transaction<'_>,
    period: Period,
    names: &Pseudonyms,
) -> Result<i64, TallyError> {
    transaction.execute(
        "INSERT INTO tally_spans (period, key_check) VALUES (?, ?) ON CONFLICT DO NOTHING",
        params![period.to_string(), names.check()],
    )?;
    let (id, stored, sealed): (i64, Vec<u8>, bool) = transaction.query_row(
        "SELECT id, key_check, sealed FROM tally_spans WHERE period = ?",
        [period.to_string()],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    match (sealed, stored == names.check()) {
        (true, _) => Err(TallyError::Closed(period)),
        (false, false) => Err(TallyError::Key(period)),
        (false, true) => Ok(id),
    }
}

/// What the key of a period's pseudonyms is called.
pub(super) fn key_name(period: Period) -> String {
    format!("tally-{period}")
}

/// The pseudonyms of a period that takes items; its key is made on first use.
pub(super) fn names(home: &Home, period: Period) -> Result<Pseudonyms, TallyError> {
    Ok(Pseudonyms::under(&home.secret_key(&key_name(period))?))
}

/// What is known of a period beside its counts.
pub struct About {
    /// It takes nothing more, and its pseudonyms are gone.
    pub sealed: bool,
    /// Something was counted in it, and its counts were deleted.
    pub purged: bool,
    /// Everything that was counted in it had a case, so that a cap on the items of a case can hold.
    pub cased: bool,
    /// The caps on the items of a case under which it was sealed.
    pub caps: Vec<u32>,
    /// What imports told of it beside its counts: what it is and of which rows. Not to be shared.
    pub told: super::Sensitive<Vec<(&'static str, String, u64)>>,
}

impl Tally<'_> {
    /// Counts the longer periods of `kind` beside the months from `from` on, each for itself: an item of three months is one
    /// item of their quarter. Months are always counted. What was begun earlier stays begun.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn keep(&mut self, _lock: &TallyLock, kind: PeriodKind, from: Period) -> Result<(), TallyError> {
        if kind == PeriodKind::Month {
            return Ok(());
        }
        let since = Period::of(kind, from.first_day()).to_string();
        self.connection.execute(
            "INSERT INTO tally_kept VALUES (?1, ?2) ON CONFLICT DO UPDATE SET since = min(since, ?2)",
            [kind.as_str(), &since],
        )?;
        Ok(())
    }

    /// The periods that something of `month` is counted in: itself, and the longer ones that are in use.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn periods_with(&self, month: Period) -> Result<Vec<Period>, TallyError> {
        let mut found = vec![month];
        let mut statement =
            self.connection.prepare_cached("SELECT kind, since FROM tally_kept ORDER BY kind")?;
        let kept: Vec<(String, String)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        for (name, since) in kept {
            let kind = PeriodKind::ALL.into_iter().find(|kind| kind.as_str() == name);
            let kind = kind.ok_or(TallyError::Stored("a kind of period"))?;
            let period = Period::of(kind, month.first_day());
            found.extend(
                Some(period).filter(|period| since.parse().is_ok_and(|since: Period| since <= *period)),
            );
        }
        Ok(found)
    }

    /// The periods that hold counts, months and longer ones, in their order.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn periods(&self) -> Result<Vec<Period>, TallyError> {
        self.parsed(
            "SELECT period FROM tally_spans WHERE EXISTS (SELECT 1 FROM tally_rows WHERE span = id)
             OR EXISTS (SELECT 1 FROM tally_counts WHERE span = id)",
        )
    }

    /// True if `period` takes nothing more.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn is_sealed(&self, period: Period) -> Result<bool, TallyError> {
        Ok(span(&self.connection, period)?.is_some_and(|span| span.sealed))
    }

    /// What is known of `period` beside its counts; `None` if nothing was ever counted in it.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn about(&self, period: Period) -> Result<Option<About>, TallyError> {
        let Some(span) = span(&self.connection, period)? else { return Ok(None) };
        let mut statement =
            self.connection.prepare("SELECT cap FROM tally_caps WHERE span = ? ORDER BY cap")?;
        let caps = statement.query_map([span.id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut statement = self
            .connection
            .prepare("SELECT origin, what, number FROM tally_told WHERE span = ? ORDER BY 1, 2")?;
        let mut rows = statement.query([span.id])?;
        let mut told = Vec::new();
        while let Some(row) = rows.next()? {
            let origin = Origin::of_number(row.get(0)?)?;
            told.push((origin.in_words(), row.get(1)?, row.get::<_, i64>(2)?.unsigned_abs()));
        }
        let told = super::Sensitive::new(told);
        // Where nothing was ever counted there was no key, and so nothing to check one by.
        let purged = "SELECT 1 FROM tally_spans WHERE id = ? AND sealed = 1 AND watched = 0 AND key_check <> zeroblob(16)
             AND NOT EXISTS (SELECT 1 FROM tally_counts WHERE span = id)
             AND NOT EXISTS (SELECT 1 FROM tally_lists WHERE tally_lists.period = tally_spans.period)";
        let purged = self.connection.prepare(purged)?.exists([span.id])?;
        Ok(Some(About { sealed: span.sealed, purged, cased: !span.uncased, caps, told }))
    }

    pub(super) fn parsed(&self, query: &str) -> Result<Vec<Period>, TallyError> {
        let mut statement = self.connection.prepare(query)?;
        let texts: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut periods: Vec<Period> = texts.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        periods.sort_unstable();
        Ok(periods)
    }
}
