//! The tally's table: one distinct item once a month, in exactly one cell.

use rusqlite::{OptionalExtension, Statement, Transaction, TransactionBehavior, params};

use super::{Cell, Cube, Sensitive};
use crate::home::{Home, HomeError, TallyLock};
use crate::vocabulary::{Code, Dimension, Period, PeriodError, UnknownCode};

/// What can go wrong with the tally.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TallyError {
    /// The home failed.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The database failed.
    #[error("innerward.sqlite, tally: {0}")]
    Database(#[from] rusqlite::Error),
    /// A stored code is none.
    #[error("innerward.sqlite, tally: {0}; the file was written by a newer version or is damaged")]
    Code(#[from] UnknownCode),
    /// A stored month is none.
    #[error("innerward.sqlite, tally: {0}; the file is damaged")]
    Period(#[from] PeriodError),
    /// The month has been published.
    #[error("{} is closed, since it has been published; is the date of this machine right?", .0.in_words())]
    Closed(Period),
    /// The key is another one.
    #[error(
        "keys/tally-{0}.key is not the key that this month began with, so nothing can be counted in it; restore the key \
         from a backup"
    )]
    Key(Period),
}

/// How an item is told from others, before it becomes a pseudonym: the stable key of the list entry that it matched,
/// or else the BLAKE3 of its bytes. Never printed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ItemId([u8; 32]);

impl ItemId {
    /// The item that is entry `key` of set `set`, in whatever copies and edits it comes.
    #[must_use]
    pub fn of_entry(set: &str, key: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("innerward 2026 item by list entry");
        hasher.update(&(set.len() as u64).to_le_bytes()).update(set.as_bytes()).update(key.as_bytes());
        Self(*hasher.finalize().as_bytes())
    }

    /// The item with these bytes.
    #[must_use]
    pub fn of_bytes(blake3: &[u8; 32]) -> Self {
        Self(blake3::derive_key("innerward 2026 item by content", blake3))
    }
}

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
}

/// A class of lists that items of a month were matched against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListInUse {
    /// The class.
    pub list_class: Code,
    /// The month of the latest revision among the lists of the class.
    pub revised: Period,
    /// Their entries together, without withdrawn ones.
    pub active_entries: u64,
}

/// The open tally.
pub struct Tally<'a> {
    pub(super) home: &'a Home,
    pub(super) connection: rusqlite::Connection,
}

impl<'a> Tally<'a> {
    /// Opens the tally of a home.
    ///
    /// # Errors
    /// [`TallyError::Home`] if the database cannot be opened.
    pub fn open(home: &'a Home) -> Result<Self, TallyError> {
        let connection = home.database(include_str!("schema.sql"))?;
        Ok(Self { home, connection })
    }

    /// Counts sightings in `period`, all or none.
    ///
    /// A content is one item for the whole month: the first list entry that it matched, or else its own bytes. An item
    /// stays one item however often it is seen, and of its cells it keeps the first in the order of [`Cell`]: the
    /// strongest verdict, then the most severe, then code order. So adding or removing one item, with everything that
    /// was ever seen of it, changes one cell by one, even if lists change within the month.
    ///
    /// # Errors
    /// [`TallyError::Closed`] if the month takes no more items, [`TallyError::Key`] if its key is not the one that it
    /// began with; nothing is counted then.
    pub fn record(
        &mut self,
        _lock: &TallyLock,
        period: Period,
        sightings: &[Sighting],
    ) -> Result<(), TallyError> {
        if self.is_closed(period)? {
            return Err(TallyError::Closed(period)); // before its key, which may be gone, is made anew
        }
        let key = self.home.secret_key(&key_name(period))?;
        let pseudonym = pseudonyms(&key);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        begin_period(&transaction, period, &key)?;
        {
            let mut writer = Writer::new(&transaction, period)?;
            for sighting in sightings {
                let item = writer.item(pseudonym(sighting.content), sighting.entry.map(&pseudonym))?;
                writer.count(item, sighting.cell)?;
                if sighting.watched {
                    writer.watch(pseudonym(sighting.content))?;
                }
            }
        }
        Ok(transaction.commit()?)
    }

    /// Takes out of `sightings` those of contents that are counted in `period`: they were seen in it, and are told of again.
    ///
    /// # Errors
    /// [`TallyError`] if the database or the month's key fails.
    pub fn leave_out_known(&self, period: Period, sightings: &mut Vec<Sighting>) -> Result<(), TallyError> {
        // Of a month that never began, or was purged, nothing is known; and its key is not to be made.
        let Some(key) = self.home.known_secret_key(&key_name(period))? else { return Ok(()) };
        let pseudonym = pseudonyms(&key);
        let mut find = self.connection.prepare(
            "SELECT 1 FROM tally_contents WHERE period = ?1 AND content = ?2
             UNION ALL SELECT 1 FROM tally_items WHERE period = ?1 AND pseudonym = ?2",
        )?;
        let mut known = Vec::with_capacity(sightings.len());
        for sighting in &*sightings {
            known.push(find.exists(params![period.to_string(), pseudonym(sighting.content)])?);
        }
        let mut known = known.into_iter();
        sightings.retain(|_| known.next() == Some(false));
        Ok(())
    }

    /// Notes the classes of list that items of `period` are matched against. A class that was noted before keeps its
    /// latest revision, and the entries that it has with it.
    ///
    /// # Errors
    /// [`TallyError::Closed`] if the month takes no more items.
    pub fn note_lists(
        &mut self,
        _lock: &TallyLock,
        period: Period,
        lists: &[ListInUse],
    ) -> Result<(), TallyError> {
        if self.is_closed(period)? {
            return Err(TallyError::Closed(period));
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for list in lists {
            transaction.execute(
                "INSERT INTO tally_lists VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE
                 SET revised = ?3, active_entries = ?4 WHERE revised <= ?3",
                params![
                    period.to_string(),
                    list.list_class.as_str(),
                    list.revised.to_string(),
                    i64::try_from(list.active_entries).unwrap_or(i64::MAX)
                ],
            )?;
        }
        Ok(transaction.commit()?)
    }

    /// The classes of list that items of `period` were matched against.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn lists(&self, period: Period) -> Result<Vec<ListInUse>, TallyError> {
        let mut statement = self.connection.prepare(
            "SELECT list_class, revised, active_entries FROM tally_lists WHERE period = ? ORDER BY 1",
        )?;
        let mut rows = statement.query([period.to_string()])?;
        let mut lists = Vec::new();
        while let Some(row) = rows.next()? {
            lists.push(ListInUse {
                list_class: Dimension::ListClass.code(&row.get::<_, String>(0)?)?,
                revised: row.get::<_, String>(1)?.parse()?,
                active_entries: row.get::<_, i64>(2)?.unsigned_abs(),
            });
        }
        Ok(lists)
    }

    /// Ends `period`: it takes no more items from now on, so that what was published stays what was counted.
    ///
    /// # Errors
    /// [`TallyError::Key`] if its key is not the one that it began with.
    pub fn close(&mut self, _lock: &TallyLock, period: Period) -> Result<(), TallyError> {
        if self.is_closed(period)? {
            return Ok(());
        }
        let key = self.home.secret_key(&key_name(period))?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match begin_period(&transaction, period, &key) {
            Ok(()) | Err(TallyError::Closed(_)) => {}
            Err(error) => return Err(error),
        }
        transaction.execute("UPDATE tally_periods SET closed = 1 WHERE period = ?", [period.to_string()])?;
        Ok(transaction.commit()?)
    }

    /// True if `period` takes no more items.
    pub(super) fn is_closed(&self, period: Period) -> Result<bool, TallyError> {
        let closed = "SELECT 1 FROM tally_periods WHERE period = ? AND closed = 1";
        Ok(self.connection.prepare(closed)?.exists([period.to_string()])?)
    }

    /// The exact counts of `period`, cell by cell.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn cube(&self, period: Period) -> Result<Sensitive<Cube>, TallyError> {
        let mut cube = Cube::default();
        let mut statement = self.connection.prepare(
            "SELECT verdict, media, severity, list_class, channel, count(*) FROM tally_items WHERE period = ?
             GROUP BY 1, 2, 3, 4, 5",
        )?;
        let mut rows = statement.query([period.to_string()])?;
        while let Some(row) = rows.next()? {
            cube.add(cell_of(row, 0)?, row.get::<_, i64>(5)?.unsigned_abs());
        }
        Ok(Sensitive::new(cube))
    }

    /// The contents of `period` that watched sets have. They are in no cell and in no release: what is published is as if
    /// those sets were not there.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn watched(&self, period: Period) -> Result<Sensitive<u64>, TallyError> {
        let count = "SELECT count(*) FROM tally_watched WHERE period = ?";
        let contents: i64 = self.connection.query_row(count, [period.to_string()], |row| row.get(0))?;
        Ok(Sensitive::new(contents.unsigned_abs()))
    }

    /// The months that have items, earliest first.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn periods(&self) -> Result<Vec<Period>, TallyError> {
        let mut statement =
            self.connection.prepare("SELECT DISTINCT period FROM tally_items ORDER BY period")?;
        let texts: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(texts.iter().filter_map(|text| text.parse().ok()).collect())
    }
}

/// What the key of a month's pseudonyms is called.
pub(super) fn key_name(period: Period) -> String {
    format!("tally-{period}")
}

/// How items are called under a month's key.
fn pseudonyms(key: &[u8; 32]) -> impl Fn(ItemId) -> [u8; 16] {
    move |item| {
        let keyed = blake3::keyed_hash(key, &item.0);
        std::array::from_fn(|at| keyed.as_bytes()[at])
    }
}

/// Makes sure that the month takes items and that its key is the one that it began with.
fn begin_period(transaction: &Transaction<'_>, period: Period, key: &[u8; 32]) -> Result<(), TallyError> {
    let check = blake3::keyed_hash(key, b"innerward 2026 key check");
    let check = &check.as_bytes()[..16];
    transaction.execute(
        "INSERT INTO tally_periods (period, key_check) VALUES (?, ?) ON CONFLICT DO NOTHING",
        params![period.to_string(), check],
    )?;
    let (stored, closed): (Vec<u8>, bool) = transaction.query_row(
        "SELECT key_check, closed FROM tally_periods WHERE period = ?",
        [period.to_string()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    match (stored == check, closed) {
        (false, _) => Err(TallyError::Key(period)),
        (true, true) => Err(TallyError::Closed(period)),
        (true, false) => Ok(()),
    }
}

/// The statements of one transaction.
struct Writer<'t> {
    period: String,
    first_entry: Statement<'t>,
    remember_entry: Statement<'t>,
    forget_item: Statement<'t>,
    find_cell: Statement<'t>,
    put_cell: Statement<'t>,
    watch: Statement<'t>,
}

impl<'t> Writer<'t> {
    fn new(transaction: &'t Transaction<'_>, period: Period) -> Result<Self, TallyError> {
        Ok(Self {
            period: period.to_string(),
            first_entry: transaction.prepare("SELECT item FROM tally_contents WHERE period = ? AND content = ?")?,
            remember_entry: transaction.prepare("INSERT INTO tally_contents VALUES (?, ?, ?)")?,
            forget_item: transaction.prepare("DELETE FROM tally_items WHERE period = ? AND pseudonym = ?")?,
            find_cell: transaction.prepare(
                "SELECT verdict, media, severity, list_class, channel FROM tally_items WHERE period = ? AND pseudonym = ?",
            )?,
            put_cell: transaction.prepare("INSERT OR REPLACE INTO tally_items VALUES (?, ?, ?, ?, ?, ?, ?)")?,
            watch: transaction.prepare("INSERT OR IGNORE INTO tally_watched VALUES (?, ?)")?,
        })
    }

    /// The item that a content counts as.
    fn item(&mut self, content: [u8; 16], entry: Option<[u8; 16]>) -> Result<[u8; 16], TallyError> {
        let first = self.first_entry.query_row(params![self.period, content], |row| row.get(0)).optional()?;
        match (first, entry) {
            (Some(first), _) => Ok(first),
            (None, None) => Ok(content),
            (None, Some(entry)) => {
                self.remember_entry.execute(params![self.period, content, entry])?;
                // Until now it counted by its bytes, and nothing else can have made that row.
                self.forget_item.execute(params![self.period, content])?;
                Ok(entry)
            }
        }
    }

    fn watch(&mut self, content: [u8; 16]) -> Result<(), TallyError> {
        self.watch.execute(params![self.period, content])?;
        Ok(())
    }

    fn count(&mut self, item: [u8; 16], cell: Cell) -> Result<(), TallyError> {
        let found =
            self.find_cell.query_row(params![self.period, item], |row| Ok(cell_of(row, 0))).optional()?;
        if found.transpose()?.is_none_or(|known| cell < known) {
            let [verdict, media, severity, list_class, channel] =
                [cell.verdict, cell.media, cell.severity, cell.list_class, cell.channel].map(Code::as_str);
            self.put_cell.execute(params![
                self.period,
                item,
                verdict,
                media,
                severity,
                list_class,
                channel
            ])?;
        }
        Ok(())
    }
}

/// The dimensions in the order of the table's columns.
const COLUMNS: [Dimension; 5] =
    [Dimension::Verdict, Dimension::Media, Dimension::Severity, Dimension::ListClass, Dimension::Channel];

fn cell_of(row: &rusqlite::Row<'_>, first: usize) -> Result<Cell, TallyError> {
    let code =
        |at: usize| -> Result<Code, TallyError> { Ok(COLUMNS[at].code(&row.get::<_, String>(first + at)?)?) };
    Ok(Cell {
        verdict: code(0)?,
        media: code(1)?,
        severity: code(2)?,
        list_class: code(3)?,
        channel: code(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{channel, list_class, media, verdict};

    fn cell(verdict: Code, severity: &str) -> Cell {
        let severity = Dimension::Severity.code(severity).unwrap();
        Cell {
            verdict,
            media: media::IMAGE,
            severity,
            list_class: list_class::UNKNOWN,
            channel: channel::BULK,
        }
    }

    fn home() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        (dir, home)
    }

    fn record(home: &Home, period: &str, sightings: &[Sighting]) -> Result<(), TallyError> {
        Tally::open(home).unwrap().record(&home.lock_tally().unwrap(), period.parse().unwrap(), sightings)
    }

    fn counts(home: &Home, period: &str) -> Vec<(Cell, u64)> {
        let cube = Tally::open(home).unwrap().cube(period.parse().unwrap()).unwrap();
        cube.show_locally().iter().map(|(cell, items)| (*cell, items)).collect()
    }

    fn unknown(content: u8) -> Sighting {
        Sighting {
            content: ItemId::of_bytes(&[content; 32]),
            entry: None,
            cell: cell(verdict::UNKNOWN, "_Z"),
            watched: false,
        }
    }

    fn matched(content: u8, key: &str, cell: Cell) -> Sighting {
        Sighting {
            content: ItemId::of_bytes(&[content; 32]),
            entry: Some(ItemId::of_entry("DEMO", key)),
            cell,
            watched: false,
        }
    }

    #[test]
    fn an_item_is_one_item_and_its_cell_does_not_depend_on_the_order() {
        let mut sightings = [
            matched(1, "1", cell(verdict::NEAR, "SEV_A")),
            matched(2, "1", cell(verdict::KNOWN, "SEV_C")),
            matched(3, "1", cell(verdict::KNOWN, "SEV_B")),
            unknown(7),
        ];
        for turn in 0..sightings.len() {
            sightings.rotate_left(turn);
            let (_dir, home) = home();
            for _ in 0..3 {
                record(&home, "2026-10", &sightings).unwrap();
            }
            let expected = [(cell(verdict::KNOWN, "SEV_B"), 1), (cell(verdict::UNKNOWN, "_Z"), 1)];
            assert_eq!(counts(&home, "2026-10"), expected);
        }
    }

    #[test]
    fn one_content_is_one_item_whatever_the_lists_say_in_the_month() {
        let states = [
            unknown(1),
            matched(1, "A", cell(verdict::KNOWN, "SEV_A")),
            matched(1, "B", cell(verdict::NEAR, "SEV_C")),
            matched(1, "good", cell(verdict::IGNORED, "_Z")),
        ];
        for first in 0..states.len() {
            for second in 0..states.len() {
                for third in 0..states.len() {
                    let (_dir, home) = home();
                    for state in [first, second, third] {
                        record(&home, "2026-10", &[states[state]]).unwrap();
                    }
                    let total: u64 = counts(&home, "2026-10").iter().map(|count| count.1).sum();
                    assert_eq!(total, 1, "states {first}, {second}, {third}");
                }
            }
        }
    }

    #[test]
    fn other_contents_of_an_entry_stay_when_one_moves_to_it() {
        let (_dir, home) = home();
        record(&home, "2026-10", &[unknown(1), unknown(2)]).unwrap();
        record(&home, "2026-10", &[matched(1, "A", cell(verdict::NEAR, "SEV_A"))]).unwrap();
        assert_eq!(
            counts(&home, "2026-10"),
            [(cell(verdict::NEAR, "SEV_A"), 1), (cell(verdict::UNKNOWN, "_Z"), 1)]
        );
    }

    #[test]
    fn a_lost_key_and_a_closed_month_are_refused() {
        let (_dir, home) = home();
        record(&home, "2026-10", &[unknown(1)]).unwrap();
        let key = home.root().join("keys/tally-2026-10.key");
        let kept = std::fs::read(&key).unwrap();
        std::fs::remove_file(&key).unwrap();
        assert!(matches!(record(&home, "2026-10", &[unknown(1)]), Err(TallyError::Key(_))));
        std::fs::write(&key, kept).unwrap();
        record(&home, "2026-10", &[unknown(1)]).unwrap();
        Tally::open(&home).unwrap().close(&home.lock_tally().unwrap(), "2026-10".parse().unwrap()).unwrap();
        assert!(matches!(record(&home, "2026-10", &[unknown(2)]), Err(TallyError::Closed(_))));
        assert_eq!(counts(&home, "2026-10").len(), 1);
    }

    #[test]
    fn a_class_of_lists_keeps_its_latest_revision() {
        let (_dir, home) = home();
        let (mut tally, lock) = (Tally::open(&home).unwrap(), home.lock_tally().unwrap());
        let period = "2026-10".parse().unwrap();
        let list = |revised: &str, active_entries| ListInUse {
            list_class: list_class::UNKNOWN,
            revised: revised.parse().unwrap(),
            active_entries,
        };
        for noted in [list("2026-08", 5), list("2026-10", 7), list("2026-09", 9)] {
            tally.note_lists(&lock, period, &[noted]).unwrap();
        }
        assert_eq!(tally.lists(period).unwrap(), [list("2026-10", 7)]);
    }

    #[test]
    fn months_are_apart_and_share_no_pseudonym() {
        let (_dir, home) = home();
        for period in ["2026-10", "2026-11"] {
            record(&home, period, &[unknown(7)]).unwrap();
        }
        let tally = Tally::open(&home).unwrap();
        let distinct: i64 = tally
            .connection
            .query_row("SELECT count(DISTINCT pseudonym) FROM tally_items", [], |row| row.get(0))
            .unwrap();
        assert_eq!(distinct, 2);
        assert_eq!(tally.periods().unwrap().len(), 2);
    }

    #[test]
    fn watched_contents_are_counted_once_and_change_no_cell() {
        let sightings =
            [unknown(1), unknown(1), matched(2, "A", cell(verdict::KNOWN, "SEV_A")), unknown(3), unknown(4)];
        let counted = |watched: &[u8]| {
            let (_dir, home) = home();
            let seen =
                |(n, sighting): (u8, &Sighting)| Sighting { watched: watched.contains(&n), ..*sighting };
            let seen: Vec<_> = (0..).zip(&sightings).map(seen).collect();
            record(&home, "2026-10", &seen).unwrap();
            record(&home, "2026-10", &seen).unwrap();
            let watched = Tally::open(&home).unwrap().watched("2026-10".parse().unwrap()).unwrap();
            (counts(&home, "2026-10"), *watched.show_locally())
        };
        let (cells, none) = counted(&[]);
        assert_eq!((cells.len(), none), (2, 0));
        assert_eq!(counted(&[0, 1, 2, 4]), (cells, 3));
    }

    #[test]
    fn no_name_and_no_hash_is_stored() {
        let (_dir, home) = home();
        let blake3 = *blake3::hash(b"content").as_bytes();
        let content = ItemId::of_bytes(&blake3);
        let sightings = [
            Sighting { content, entry: None, cell: cell(verdict::UNKNOWN, "_Z"), watched: true },
            Sighting {
                content,
                entry: Some(ItemId::of_entry("SECRETSET", "SECRETKEY")),
                cell: cell(verdict::NEAR, "SEV_A"),
                watched: true,
            },
        ];
        record(&home, "2026-10", &sightings).unwrap();
        for file in
            std::fs::read_dir(home.root()).unwrap().map(|entry| entry.unwrap().path()).filter(|p| p.is_file())
        {
            let bytes = std::fs::read(&file).unwrap();
            for needle in [&b"SECRETSET"[..], b"SECRETKEY", &blake3[..8]] {
                assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{}", file.display());
            }
        }
    }
}
