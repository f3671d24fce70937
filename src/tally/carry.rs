//! The tables of version 0.1.0, carried over into those of now: all of it in one transaction, or nothing.

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::cells::Cells;
use super::seal::seal_rows;
use super::spans::key_name;
use super::{Cell, TallyError};
use crate::home::Home;
use crate::vocabulary::{Dimension, Period, verdict};

/// The tables that only 0.1.0 had.
const OLD: [&str; 4] = ["tally_items", "tally_contents", "tally_watched", "tally_periods"];

/// Carries an old tally over, if there is one. Months that were closed become sealed ones: their counts stay, and their
/// pseudonyms and keys go.
pub(super) fn over(connection: &mut Connection, home: &Home) -> Result<(), TallyError> {
    if !is_old(connection)? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !is_old(&transaction)? {
        return Ok(()); // another process was faster
    }
    let sealed = carry(&transaction)?;
    for table in OLD {
        transaction.execute_batch(&format!("DROP TABLE IF EXISTS {table}"))?;
    }
    transaction.commit()?;
    for period in sealed {
        home.forget_secret_key(&key_name(period))?;
    }
    Ok(())
}

fn is_old(connection: &Connection) -> Result<bool, TallyError> {
    let find = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'tally_periods'";
    Ok(connection.prepare(find)?.exists([])?)
}

/// Carries all rows over; the periods that are sealed.
fn carry(transaction: &Transaction<'_>) -> Result<Vec<Period>, TallyError> {
    // No item of that time had a case.
    transaction.execute_batch(
        "INSERT INTO tally_spans (period, key_check, uncased) SELECT period, key_check, 1 FROM tally_periods ORDER BY period;
         INSERT INTO tally_seen SELECT id, content, item FROM tally_contents JOIN tally_spans USING (period);
         INSERT INTO tally_noticed SELECT id, content FROM tally_watched JOIN tally_spans USING (period);",
    )?;
    let mut cells = Cells::default();
    let mut statement = transaction
        .prepare("SELECT DISTINCT verdict, media, severity, list_class, channel FROM tally_items")?;
    let mut combinations = statement.query([])?;
    while let Some(row) = combinations.next()? {
        let words: [String; 5] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
        let number = cells.number(transaction, cell(&words)?)?;
        let [verdict, media, severity, list_class, channel] = &words;
        transaction.execute(
            "INSERT INTO tally_rows SELECT id, 0, pseudonym, ?1, NULL, NULL, 0 FROM tally_items JOIN tally_spans USING (period)
             WHERE verdict = ?2 AND media = ?3 AND severity = ?4 AND list_class = ?5 AND channel = ?6",
            params![number, verdict, media, severity, list_class, channel],
        )?;
    }
    let mut closed = transaction
        .prepare("SELECT id, period FROM tally_spans JOIN tally_periods USING (period) WHERE closed = 1")?;
    let closed: Vec<(i64, String)> =
        closed.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    closed
        .into_iter()
        .map(|(span, period)| {
            seal_rows(transaction, span, &[])?;
            Ok(period.parse()?)
        })
        .collect()
}

/// What an old row says, and of what it does not speak: that is unknown of an item that matched.
fn cell(words: &[String; 5]) -> Result<Cell, TallyError> {
    const COLUMNS: [Dimension; 5] =
        [Dimension::Verdict, Dimension::Media, Dimension::Severity, Dimension::ListClass, Dimension::Channel];
    let matched = [verdict::KNOWN, verdict::NEAR].iter().any(|code| code.as_str() == words[0]);
    let signal = Dimension::Signal.unknown();
    let base = if matched { signal.into_iter().fold(Cell::unknown(), Cell::with) } else { Cell::blank() };
    COLUMNS.iter().zip(words).try_fold(base, |cell, (dimension, word)| Ok(cell.with(dimension.code(word)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::{ItemId, Sighting, Tally};
    use crate::vocabulary::Indicator;

    /// As `schema.sql` was.
    const OLD_SCHEMA: &str = include_str!("../../tests/it/old_tally.sql");

    #[test]
    fn a_tally_of_an_earlier_version_goes_on_where_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let periods = ["2026-09", "2026-10"].map(|text| text.parse::<Period>().unwrap());
        let [closed, open] = periods;
        let item = |n: u8| ItemId::of_bytes(&[n; 32]);
        let db = home.database(OLD_SCHEMA).unwrap();
        for (period, is_closed) in [(closed, 1), (open, 0)] {
            let key = home.secret_key(&key_name(period)).unwrap();
            let half = |hash: blake3::Hash| hash.as_bytes()[..16].to_vec();
            let pseudonym = |n: u8| half(blake3::keyed_hash(&key, &item(n).0));
            let period = period.to_string();
            let check = half(blake3::keyed_hash(&key, b"innerward 2026 key check"));
            db.execute("INSERT INTO tally_periods VALUES (?, ?, ?)", params![period, check, is_closed])
                .unwrap();
            for (n, words) in [
                (1, ["KNOWN", "IMAGE", "SEV_A", "NATIONAL", "BULK"]),
                (2, ["KNOWN", "IMAGE", "SEV_A", "NATIONAL", "BULK"]),
                (3, ["UNKNOWN", "VIDEO", "_Z", "_Z", "UPLOAD"]),
            ] {
                let [verdict, media, severity, class, channel] = words;
                db.execute(
                    "INSERT INTO tally_items VALUES (?, ?, ?, ?, ?, ?, ?)",
                    params![period, pseudonym(n), verdict, media, severity, class, channel],
                )
                .unwrap();
            }
            db.execute(
                "INSERT INTO tally_contents VALUES (?, ?, ?)",
                params![period, pseudonym(4), pseudonym(1)],
            )
            .unwrap();
            db.execute("INSERT INTO tally_watched VALUES (?, ?)", params![period, pseudonym(3)]).unwrap();
            db.execute("INSERT INTO tally_lists VALUES (?, 'NATIONAL', '2026-08', 7)", [&period]).unwrap();
        }
        drop(db);

        let (mut tally, lock) = (Tally::open(&home).unwrap(), home.lock_tally().unwrap());
        let counts = |tally: &Tally<'_>, period| {
            let cube = tally.cube(period, None).unwrap();
            let texts = cube.show_locally().of(Indicator::ItemsScanned).map(|(cell, n)| (cell.to_text(), n));
            texts.collect::<Vec<_>>()
        };
        let known = "severity=SEV_A;maturity=_U;verdict=KNOWN;list_class=NATIONAL;age_band=_U;sex=_U;origin=_U;legal=_U;\
                     harm=_U;media=IMAGE;signal=_U;novelty=_U;channel=BULK";
        let unknown = "verdict=UNKNOWN;media=VIDEO;channel=UPLOAD";
        for period in periods {
            assert_eq!(counts(&tally, period), [(known.to_owned(), 2), (unknown.to_owned(), 1)]);
            assert_eq!(*tally.watched(period).unwrap().show_locally(), 1);
            assert_eq!(tally.lists(period).unwrap()[0].active_entries, 7);
        }
        assert_eq!(tally.periods().unwrap(), periods);
        assert!(tally.is_sealed(closed).unwrap() && !tally.is_sealed(open).unwrap());
        let has_key = |period| home.known_secret_key(&key_name(period)).unwrap().is_some();
        assert!(!has_key(closed) && has_key(open), "the key of a sealed month goes");
        assert!(matches!(tally.cube(open, Some(5)), Err(TallyError::NoCase(_))));
        // The same items again, and another copy of the first: nothing new. A new one is.
        let seen = |content: u8| Sighting {
            content: item(content),
            entry: None,
            cell: Cell::blank().with("verdict:UNKNOWN".parse().unwrap()),
            watched: false,
            case: None,
        };
        tally.record(&lock, open, &[1, 2, 3, 4].map(seen)).unwrap();
        let total = |tally: &Tally<'_>| counts(tally, open).iter().map(|(_, n)| n).sum::<u64>();
        assert_eq!(total(&tally), 3);
        tally.record(&lock, open, &[seen(5)]).unwrap();
        assert_eq!(total(&tally), 4);
        assert!(matches!(tally.record(&lock, closed, &[seen(5)]), Err(TallyError::Closed(_))));
        assert_eq!(counts(&Tally::open(&home).unwrap(), closed).len(), 2, "once is enough");
    }
}
