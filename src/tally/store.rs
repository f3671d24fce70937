//! The tally's table: one distinct item once a month, in exactly one cell.

use rusqlite::{OptionalExtension, params};

use super::{Cell, Cube, Sensitive};
use crate::home::{Home, HomeError, WriteLock};
use crate::vocabulary::{Code, Dimension, Period, UnknownCode};

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

/// One item, seen once.
#[derive(Clone, Copy)]
pub struct Sighting {
    /// The item.
    pub item: ItemId,
    /// Where this sighting would count it.
    pub cell: Cell,
}

/// The open tally.
pub struct Tally<'a> {
    home: &'a Home,
    connection: rusqlite::Connection,
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
    /// An item that was seen before in the period stays one item: of its cells it keeps the first in the order of
    /// [`Cell`] (strongest verdict, then most severe, then code order), whatever the order of sightings.
    ///
    /// # Errors
    /// [`TallyError`] if the key or the database fails; nothing is counted then.
    pub fn record(
        &mut self,
        _lock: &WriteLock,
        period: Period,
        sightings: &[Sighting],
    ) -> Result<(), TallyError> {
        let key = self.home.secret_key(&format!("tally-{period}"))?;
        let period = period.to_string();
        let transaction = self.connection.transaction()?;
        {
            let mut find = transaction.prepare(
                "SELECT verdict, media, severity, list_class, channel FROM tally_items WHERE period = ? AND pseudonym = ?",
            )?;
            let mut put =
                transaction.prepare("INSERT OR REPLACE INTO tally_items VALUES (?, ?, ?, ?, ?, ?, ?)")?;
            for sighting in sightings {
                let keyed = blake3::keyed_hash(&key, &sighting.item.0);
                let pseudonym = &keyed.as_bytes()[..16];
                let known = find
                    .query_row(params![period, pseudonym], |row| Ok(cell_of(row, 0)))
                    .optional()?
                    .transpose()?;
                if known.is_none_or(|known| sighting.cell < known) {
                    let [verdict, media, severity, list_class, channel] =
                        COLUMNS.map(|d| sighting.cell.code(d).as_str());
                    put.execute(params![period, pseudonym, verdict, media, severity, list_class, channel])?;
                }
            }
        }
        Ok(transaction.commit()?)
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

    #[test]
    fn an_item_is_one_item_and_its_cell_does_not_depend_on_the_order() {
        let item = ItemId::of_entry("DEMO", "1");
        let mut sightings = [
            Sighting { item, cell: cell(verdict::NEAR, "SEV_A") },
            Sighting { item, cell: cell(verdict::KNOWN, "SEV_C") },
            Sighting { item, cell: cell(verdict::KNOWN, "SEV_B") },
            Sighting { item: ItemId::of_bytes(&[7; 32]), cell: cell(verdict::UNKNOWN, "_Z") },
        ];
        for turn in 0..sightings.len() {
            sightings.rotate_left(turn);
            let (_dir, home) = home();
            let mut tally = Tally::open(&home).unwrap();
            let period = "2026-10".parse().unwrap();
            for _ in 0..3 {
                tally.record(&home.lock().unwrap(), period, &sightings).unwrap();
            }
            let cube = tally.cube(period).unwrap();
            let counts: Vec<_> = cube.show_locally().iter().map(|(cell, n)| (*cell, n)).collect();
            assert_eq!(counts, [(cell(verdict::KNOWN, "SEV_B"), 1), (cell(verdict::UNKNOWN, "_Z"), 1)]);
        }
    }

    #[test]
    fn months_are_apart_and_share_no_pseudonym() {
        let (_dir, home) = home();
        let mut tally = Tally::open(&home).unwrap();
        let sighting = Sighting { item: ItemId::of_bytes(&[7; 32]), cell: cell(verdict::UNKNOWN, "_Z") };
        for period in ["2026-10", "2026-11"] {
            tally.record(&home.lock().unwrap(), period.parse().unwrap(), &[sighting]).unwrap();
        }
        let distinct: i64 = tally
            .connection
            .query_row("SELECT count(DISTINCT pseudonym) FROM tally_items", [], |row| row.get(0))
            .unwrap();
        assert_eq!(distinct, 2);
        assert_eq!(tally.periods().unwrap().len(), 2);
    }

    #[test]
    fn no_name_and_no_hash_is_stored() {
        let (_dir, home) = home();
        let blake3 = *blake3::hash(b"content").as_bytes();
        let sightings = [
            Sighting { item: ItemId::of_bytes(&blake3), cell: cell(verdict::UNKNOWN, "_Z") },
            Sighting { item: ItemId::of_entry("SECRETSET", "SECRETKEY"), cell: cell(verdict::NEAR, "SEV_A") },
        ];
        Tally::open(&home)
            .unwrap()
            .record(&home.lock().unwrap(), "2026-10".parse().unwrap(), &sightings)
            .unwrap();
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
