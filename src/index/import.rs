//! A list becomes a set: read, turned into segments, described, named by the manifest. All of it, or none.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::PathBuf;

use jiff::civil::Date;
use roaring::RoaringBitmap;

use super::keys::KeySet;
use super::segment::Segment;
use super::times::day_number;
use super::{BuildError, Index, IndexError, IndexWriter, Memory, SegmentBuilder, SegmentFile};
use crate::hashset::{
    Entry, EntryKey, Item, ListError, ReadOptions, ReadReport, SetError, SetInfo, SetName, SetUpdate, Sets,
    read_items,
};
use crate::home::{Home, WriteLock};

/// Why a list was not imported. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The list could not be read, or holds nothing.
    #[error(transparent)]
    List(#[from] ListError<SegmentError>),
    /// The entries could not be stored.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// The set cannot be as asked.
    #[error(transparent)]
    Set(#[from] SetError),
    /// The manifest could not be replaced.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// Why entries did not become a segment.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// A segment does not take the entry.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A segment could not be written.
    #[error(transparent)]
    Write(#[from] IndexError),
}

/// Why the sets of a home are not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DescribeError {
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// What is known about the sets could not be read.
    #[error(transparent)]
    Sets(#[from] SetError),
}

/// A finished import.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The set as it is now.
    pub set: SetInfo,
    /// What was read, line by line.
    pub report: ReadReport,
    /// Entries of the list that were withdrawn earlier and stay so.
    pub withdrawn: u64,
    /// Entries of an added list that say what the set said already, and were not added.
    pub present: u64,
}

/// Entries in a segment, at most. A near search goes through the bands of each segment, so one large segment is searched in
/// a fraction of the time that many small ones take. So many entries with a PDQ hash alone take 12 GB while the segment is
/// built, about 90 bytes each; each digest beside it takes its own length and 4 bytes more.
pub(super) const SEGMENT_ENTRIES: usize = 1 << 27;

/// New entries that are looked for in a set at a time: its keys are read once for so many.
const LOOK_UP: usize = 1 << 17;

/// Makes set `name` consist of the list in `input`, whatever it held before; withdrawn keys stay withdrawn.
///
/// The manifest is replaced last: until then readers see the old set, and a failure leaves it in place.
///
/// # Errors
/// [`ImportError`]; nothing has changed then, but that what the list takes back may be recorded as withdrawn already.
pub fn import(
    home: &Home,
    lock: &WriteLock,
    name: &SetName,
    input: &mut dyn Read,
    options: &ReadOptions,
    update: &SetUpdate,
    today: Date,
) -> Result<Imported, ImportError> {
    Import::begin(home, lock, name)?.finish(input, options, update, today, false)
}

/// Adds the list in `input` to what set `name` holds; withdrawn keys stay withdrawn. Without the set, it is made.
///
/// What the set says already, in every respect, is passed over: to add a list twice is to add it once. An entry with a
/// key that is there and anything else that is new stands beside the old one. All or nothing, as with [`import`], and
/// the cost grows with the list and the *keys* of the set: new segments stand beside those that are there, until
/// [`merge`](super::merge()) puts them together.
///
/// # Errors
/// [`ImportError`]; nothing has changed then, but that what the list takes back may be recorded as withdrawn already.
pub fn add(
    home: &Home,
    lock: &WriteLock,
    name: &SetName,
    input: &mut dyn Read,
    options: &ReadOptions,
    update: &SetUpdate,
    today: Date,
) -> Result<Imported, ImportError> {
    Import::begin(home, lock, name)?.finish(input, options, update, today, true)
}

/// What both need.
struct Import<'a> {
    home: &'a Home,
    name: &'a SetName,
    sets: Sets,
    writer: IndexWriter<'a>,
    /// The revision that is current.
    base: Option<u64>,
}

impl<'a> Import<'a> {
    fn begin(home: &'a Home, lock: &'a WriteLock, name: &'a SetName) -> Result<Self, ImportError> {
        let sets = Sets::open(home)?;
        let writer = IndexWriter::open(&home.index_dir(), lock)?;
        let live = live_revisions(&Index::open(&home.index_dir())?);
        let base = live.into_iter().find(|live| live.0 == *name).map(|live| live.1);
        Ok(Self { home, name, sets, writer, base })
    }

    fn finish(
        mut self,
        input: &mut dyn Read,
        options: &ReadOptions,
        update: &SetUpdate,
        today: Date,
        adds: bool,
    ) -> Result<Imported, ImportError> {
        let imported = self.run(|sink| read_items(input, options, sink), update, today, adds);
        if imported.is_err() {
            let _ = self.writer.sweep(); // the first error is the one to tell
        }
        imported
    }

    fn run(
        &mut self,
        read: impl FnOnce(Sink<'_>) -> Result<ReadReport, ListError<SegmentError>>,
        update: &SetUpdate,
        today: Date,
        adds: bool,
    ) -> Result<Imported, ImportError> {
        let (home, name) = (self.home, self.name);
        let withdrawn_keys = self.sets.withdrawn_keys(name)?;
        let ended = if adds { self.writer.withdrawn_of(name.as_str()) } else { Vec::new() };
        let there = if adds { self.writer.open_set(name.as_str())? } else { Vec::new() };
        let mut intake = Intake {
            segments: Segments::new(home.index_dir()),
            today: day_number(today),
            withdrawn_keys,
            gone: vec![RoaringBitmap::new(); there.len()],
            there,
            ended,
            waiting: Vec::new(),
            present: 0,
            taken_back: HashSet::new(),
            replaced: HashMap::new(),
            outdated: None,
            passed: 0,
        };
        let mut report = read(&mut |item| intake.push(item))?;
        if report.entries == 0 && !adds {
            return Err(ListError::Empty(Box::new(report)).into()); // withdrawals alone must not empty a set
        }
        intake.look_up()?;
        intake.end_what_is_there()?;
        let Intake { segments, present, passed, gone, taken_back, replaced, .. } = intake;
        report.outdated += passed;
        report.entries -= passed;
        let (files, mut bitmaps): (Vec<SegmentFile>, Vec<RoaringBitmap>) =
            segments.finish()?.into_iter().unzip();
        let withdrawn = bitmaps.iter().map(RoaringBitmap::len).sum();
        self.end_what_came(&files, &mut bitmaps, &taken_back, &replaced)?;
        // Before anything counts: should the process die in between, the next import still honours it.
        let taken_back: Vec<EntryKey> = taken_back.into_iter().collect();
        self.sets.withdraw(name, &taken_back, today)?;
        let revision = match self.base {
            Some(base) if adds => {
                self.sets.stage_addition(name, base, update, &report, report.entries - present, today)?
            }
            base => self.sets.stage_revision(name, base, update, &report, today)?,
        };
        if adds {
            self.writer.append_over(name.as_str(), revision, files, bitmaps, &gone)?;
        } else {
            self.writer.replace_set(name.as_str(), revision, files, bitmaps)?;
        }
        let live = live_revisions(&Index::open(&home.index_dir())?);
        self.sets.prune(&live)?;
        let set = self.sets.at_revisions(&[(name.clone(), revision)])?.swap_remove(0);
        Ok(Imported { set, report, withdrawn, present })
    }

    /// Ends the entries of the list that it takes back itself, or replaces by later ones.
    fn end_what_came(
        &self,
        files: &[SegmentFile],
        bitmaps: &mut [RoaringBitmap],
        taken_back: &HashSet<EntryKey>,
        replaced: &HashMap<EntryKey, u64>,
    ) -> Result<(), SegmentError> {
        let keys = KeySet::new(taken_back.iter().chain(replaced.keys()));
        let until: HashMap<usize, u64> = replaced
            .iter()
            .map(|(key, until)| (key, *until))
            .chain(taken_back.iter().map(|key| (key, u64::MAX)))
            .filter_map(|(key, until)| Some((keys.number(key)?, until)))
            .collect();
        let mut before = 0;
        for (file, bitmap) in files.iter().zip(bitmaps) {
            if !until.is_empty() {
                let segment = Segment::open(&self.home.index_dir(), &file.content_id.file_name())?;
                for (entry, key) in segment.find_keys(&keys).map_err(segment.fault())? {
                    if until.get(&key).is_some_and(|until| before + u64::from(entry) < *until) {
                        bitmap.insert(entry);
                    }
                }
            }
            before += u64::from(file.entries);
        }
        Ok(())
    }
}

/// Whoever takes what a list says.
type Sink<'s> = &'s mut dyn FnMut(Item) -> Result<(), SegmentError>;

/// Takes the entries of a list, and passes on those that say something new.
struct Intake {
    segments: Segments,
    today: u16,
    withdrawn_keys: HashSet<EntryKey>,
    /// The segments of the set, if there is one to be added to.
    there: Vec<Segment>,
    /// The entries in them that were withdrawn or replaced before, and those that this list ends.
    ended: Vec<RoaringBitmap>,
    gone: Vec<RoaringBitmap>,
    /// What was not looked for yet.
    waiting: Vec<Item>,
    present: u64,
    /// What the list takes back, wherever in it.
    taken_back: HashSet<EntryKey>,
    /// By key that the list gave more than once: the entries before the one that holds.
    replaced: HashMap<EntryKey, u64>,
    /// The key of which the set says something later than what the list says next.
    outdated: Option<EntryKey>,
    /// Entries that were older than what the set says.
    passed: u64,
}

impl Intake {
    fn push(&mut self, item: Item) -> Result<(), SegmentError> {
        match item {
            Item::Withdrawn(key) => {
                self.taken_back.insert(key);
                return Ok(());
            }
            item if !self.there.is_empty() => self.waiting.push(item),
            Item::Replaced { here: false, .. } => {}
            Item::Replaced { key, here: true, .. } => {
                self.replaced.insert(key, self.segments.pushed);
            }
            Item::Entry(entry) => {
                let withdrawn = self.withdrawn_keys.contains(&entry.key);
                self.segments.push(&entry, self.today, withdrawn)?;
            }
        }
        if self.waiting.len() == LOOK_UP { self.look_up() } else { Ok(()) }
    }

    fn look_up(&mut self) -> Result<(), SegmentError> {
        let waiting = std::mem::take(&mut self.waiting);
        let keys = KeySet::new(waiting.iter().map(key_of));
        let mut places: HashMap<usize, Vec<(usize, u32)>> = HashMap::new();
        for (number, segment) in self.there.iter().enumerate() {
            for (entry, key) in segment.find_keys(&keys).map_err(segment.fault())? {
                places.entry(key).or_default().push((number, entry));
            }
        }
        for item in &waiting {
            let places = keys.number(key_of(item)).and_then(|key| places.get(&key));
            let places = places.into_iter().flatten();
            let entry = match item {
                Item::Replaced { key, here, updated } => {
                    let holds = |(at, number): (usize, u32)| !self.ended[at].contains(number);
                    let later = |&(at, number): &(usize, u32)| {
                        updated.is_some() && self.there[at].updated(number) > *updated
                    };
                    self.outdated =
                        places.clone().any(|place| holds(*place) && later(place)).then(|| key.clone());
                    if self.outdated.is_some() {
                        continue;
                    }
                    if *here {
                        self.replaced.insert(key.clone(), self.segments.pushed);
                    }
                    for &(segment, number) in places {
                        self.gone[segment].insert(number);
                    }
                    continue;
                }
                Item::Entry(entry) if self.outdated.as_ref() == Some(&entry.key) => {
                    self.passed += 1;
                    continue;
                }
                Item::Entry(entry) => entry,
                Item::Withdrawn(_) => continue,
            };
            let withdrawn = self.withdrawn_keys.contains(&entry.key);
            let mut said = false;
            for &(at, number) in places {
                // What was replaced once does not hold when it is said again: it comes in anew.
                let holds = withdrawn || !self.ended[at].contains(number);
                let segment = &self.there[at];
                if !said && holds && segment.says(number, entry).map_err(segment.fault())? {
                    said = true;
                    self.gone[at].remove(number);
                }
            }
            if said {
                self.present += 1;
            } else {
                self.segments.push(entry, self.today, withdrawn)?;
            }
        }
        self.there.iter().try_for_each(|segment| segment.sound().map_err(segment.fault()))?;
        Ok(())
    }
}

impl Intake {
    /// Ends the entries of the set that the list takes back.
    fn end_what_is_there(&mut self) -> Result<(), SegmentError> {
        let keys = KeySet::new(&self.taken_back);
        for (segment, gone) in self.there.iter().zip(&mut self.gone) {
            gone.extend(
                segment.find_keys(&keys).map_err(segment.fault())?.into_iter().map(|(entry, _)| entry),
            );
        }
        Ok(())
    }
}

const fn key_of(item: &Item) -> &EntryKey {
    match item {
        Item::Entry(entry) => &entry.key,
        Item::Replaced { key, .. } | Item::Withdrawn(key) => key,
    }
}

/// The names and revisions of the sets in a snapshot.
#[must_use]
pub fn live_revisions(index: &Index) -> Vec<(SetName, u64)> {
    // A name that is none cannot have come from an import; it has no description to be found either.
    index.sets().iter().filter_map(|set| Some((set.name.parse().ok()?, set.revision))).collect()
}

/// A snapshot of the index of `home`, and what is known about its sets, by name: both of one moment.
///
/// An import forgets the description of what it replaces. A snapshot that was opened just before is opened again.
///
/// # Errors
/// [`DescribeError`]; [`SetError::NoRevision`] only if index and database really do not belong together.
pub fn open_described(home: &Home, memory: Memory) -> Result<(Index, Vec<SetInfo>), DescribeError> {
    describe(home, |before| before.newer(memory, &home.index_dir()))
}

/// How often a description is asked for again because a writer replaced the manifest meanwhile.
const ATTEMPTS: usize = 16;

fn describe(
    home: &Home,
    mut newer: impl FnMut(&Index) -> Result<Index, IndexError>,
) -> Result<(Index, Vec<SetInfo>), DescribeError> {
    let mut index = newer(&Index::default())?;
    let sets = Sets::open(home)?;
    let mut attempts = 1;
    loop {
        match sets.at_revisions(&live_revisions(&index)) {
            Ok(described) => return Ok((index, described)),
            Err(missing @ SetError::NoRevision { .. }) if attempts < ATTEMPTS => {
                let next = newer(&index)?;
                if next.generation() == index.generation() {
                    return Err(missing.into());
                }
                index = next;
                attempts += 1;
            }
            Err(other) => return Err(other.into()),
        }
    }
}

/// Segments under construction, one after another.
pub(super) struct Segments {
    dir: PathBuf,
    done: Vec<(SegmentFile, RoaringBitmap)>,
    building: SegmentBuilder,
    withdrawn: RoaringBitmap,
    /// Entries pushed so far.
    pushed: u64,
}

impl Segments {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            done: Vec::new(),
            building: SegmentBuilder::new(),
            withdrawn: RoaringBitmap::new(),
            pushed: 0,
        }
    }

    pub(super) fn push(&mut self, entry: &Entry, day: u16, withdrawn: bool) -> Result<(), SegmentError> {
        if self.building.len() == SEGMENT_ENTRIES {
            self.write()?;
        }
        let number = self.building.push_on(entry, day)?;
        self.pushed += 1;
        if withdrawn {
            self.withdrawn.insert(number);
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), SegmentError> {
        if !self.building.is_empty() {
            let file = std::mem::take(&mut self.building).write(&self.dir)?;
            self.done.push((file, std::mem::take(&mut self.withdrawn)));
        }
        Ok(())
    }

    /// What was written, each with its withdrawn entries.
    pub(super) fn finish(mut self) -> Result<Vec<(SegmentFile, RoaringBitmap)>, SegmentError> {
        self.write()?;
        Ok(self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashset::read_records;
    use crate::index::testing::home;

    fn import_one(home: &Home, name: &str, digit: char) {
        let list = digit.to_string().repeat(32);
        let (lock, options, update) = (home.lock().unwrap(), ReadOptions::default(), SetUpdate::default());
        let (name, today) = (name.parse().unwrap(), jiff::civil::date(2026, 7, 1));
        import(home, &lock, &name, &mut list.as_bytes(), &options, &update, today).unwrap();
    }

    /// Imports or adds records of `(id, MD5 digit, withdrawn)`.
    fn bring(home: &Home, records: &[(&str, char, bool)], adds: bool) -> Result<Imported, ImportError> {
        let (lock, update) = (home.lock().unwrap(), SetUpdate::default());
        let (name, today) = ("DEMO".parse().unwrap(), jiff::civil::date(2026, 7, 1));
        let mut import = Import::begin(home, &lock, &name)?;
        import.run(|sink| read_records(records, sink), &update, today, adds)
    }

    /// The keys that the MD5 of each digit finds.
    fn found(home: &Home, digits: &str) -> String {
        let index = Index::open(&home.index_dir()).unwrap();
        let keys = digits.chars().map(|digit| {
            let md5 = format!("md5:{}", digit.to_string().repeat(32)).parse().unwrap();
            let hits = index.exact(&md5).unwrap();
            let mut keys: Vec<_> =
                hits.iter().map(|hit| index.entry(hit).unwrap().key().as_str().to_owned()).collect();
            keys.sort();
            format!("{digit}:{}", keys.concat())
        });
        keys.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_the_set_says_later_holds_against_what_is_added() {
        let (_scratch, home) = home();
        bring(&home, &[("a@7", '1', false), ("b@7", '2', false), ("c", '6', false)], false).unwrap();
        let pages = [("a@5", '3', false), ("b@9", '4', false), ("a@6", '3', false), ("c@1", '7', false)];
        let imported = bring(&home, &pages, true).unwrap();
        assert_eq!(found(&home, "1234567"), "1:a 2: 3: 4:b 5: 6: 7:c");
        assert_eq!((imported.report.entries, imported.report.outdated, imported.set.entries), (2, 2, 5));
        bring(&home, &[("b@8", '5', false), ("a@8", '3', false)], true).unwrap();
        assert_eq!(found(&home, "12345"), "1: 2: 3:a 4:b 5:");
    }

    #[test]
    fn what_a_list_takes_back_does_not_match_and_stays_so() {
        let (_dir, home) = home();
        let first = [("a", '1', false), ("b", '2', false), ("c", '3', false)];
        bring(&home, &first, false).unwrap();
        // A withdrawal holds wherever it stands in the list, and for what was never there.
        let second = [("d", '-', true), ("a", '1', false), ("b", '2', false), ("b", '-', true)];
        let imported = bring(&home, &second, false).unwrap();
        assert_eq!((imported.report.withdrawals, imported.report.entries), (2, 2));
        assert_eq!(found(&home, "123"), "1:a 2: 3:");
        bring(&home, &first, false).unwrap();
        assert_eq!(found(&home, "123"), "1:a 2: 3:c", "an older file does not bring it back");
        bring(&home, &[("d", '4', false), ("a", '1', false)], true).unwrap();
        assert_eq!(found(&home, "1234"), "1:a 2: 3:c 4:", "nor does one that is added");
        // Withdrawals alone may be added; they must not make a set empty.
        assert!(matches!(
            bring(&home, &[("a", '-', true)], false),
            Err(ImportError::List(ListError::Empty(_)))
        ));
        assert_eq!(found(&home, "13"), "1:a 3:c");
        bring(&home, &[("a", '-', true)], true).unwrap();
        assert_eq!(found(&home, "13"), "1: 3:c");
    }

    #[test]
    fn what_a_list_replaces_does_not_match() {
        let (_dir, home) = home();
        let list =
            [("a", '1', false), ("b", '2', false), ("a", '3', false), ("b", '-', false), ("a", '1', false)];
        bring(&home, &list, false).unwrap();
        assert_eq!(found(&home, "123"), "1:a 2: 3:");
        // Added: other content replaces, the same is present, and what was replaced once may come back.
        let imported = bring(&home, &[("a", '3', false), ("e", '1', false)], true).unwrap();
        assert_eq!((found(&home, "13").as_str(), imported.present), ("1:e 3:a", 0));
        let imported = bring(&home, &[("a", '3', false), ("e", '1', false)], true).unwrap();
        assert_eq!((found(&home, "13").as_str(), imported.present), ("1:e 3:a", 2));
        bring(&home, &[("a", '1', false)], true).unwrap();
        assert_eq!(found(&home, "13"), "1:ae 3:");
        bring(&home, &[("a", '1', false), ("a", '2', false), ("a", '1', false)], true).unwrap();
        assert_eq!(found(&home, "12"), "1:ae 2:");
    }

    #[test]
    fn a_snapshot_whose_description_is_forgotten_meanwhile_is_opened_again() {
        let (_dir, home) = home();
        import_one(&home, "DEMO", '1');
        let before = Index::open(&home.index_dir()).unwrap();
        import_one(&home, "DEMO", '2');
        let forgotten = Sets::open(&home).unwrap().at_revisions(&live_revisions(&before));
        assert!(matches!(forgotten, Err(SetError::NoRevision { revision: 1, .. })));

        // The import came between the opening of the index and the reading of the database.
        let mut snapshots = vec![Index::open(&home.index_dir()).unwrap(), before];
        let (index, sets) = describe(&home, |_| Ok(snapshots.pop().unwrap())).unwrap();
        assert_eq!((sets.len(), sets[0].revision), (1, 2));
        assert_eq!(live_revisions(&index), [(sets[0].name.clone(), 2)]);
    }

    #[test]
    fn a_database_that_does_not_belong_to_the_index_is_told_and_not_waited_for() {
        let (_dir, home) = home();
        import_one(&home, "DEMO", '1');
        Sets::open(&home).unwrap().remove(&"DEMO".parse().unwrap()).unwrap();
        let mut opened = 0;
        let result = describe(&home, |_| {
            opened += 1;
            Index::open(&home.index_dir())
        });
        assert!(matches!(result, Err(DescribeError::Sets(SetError::NoRevision { .. }))));
        assert_eq!(opened, 2);
        // A writer that never pauses ends in an error too.
        let mut pairs = 0;
        let result = describe(&home, |_| {
            pairs += 1;
            let (lock, dir) = (home.lock().unwrap(), home.index_dir());
            IndexWriter::open(&dir, &lock)?.replace_set("DEMO", pairs, vec![], vec![])?;
            Index::open(&dir)
        });
        assert!(matches!(result, Err(DescribeError::Sets(SetError::NoRevision { .. }))));
        assert_eq!(pairs, ATTEMPTS as u64);
    }
}
