//! A list becomes a set: read, turned into segments, described, named by the manifest. All of it, or none.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::PathBuf;

use jiff::civil::Date;
use roaring::RoaringBitmap;

use super::keys::KeySet;
use super::segment::Segment;
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
            withdrawn_keys,
            gone: vec![RoaringBitmap::new(); there.len()],
            there,
            ended,
            waiting: Vec::new(),
            present: 0,
            taken_back: HashSet::new(),
            replaced: HashMap::new(),
        };
        let report = read(&mut |item| intake.push(item))?;
        if report.entries == 0 && !adds {
            return Err(ListError::Empty(Box::new(report)).into()); // withdrawals alone must not empty a set
        }
        intake.look_up()?;
        intake.end_what_is_there()?;
        let Intake { segments, present, gone, taken_back, replaced, .. } = intake;
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
            Item::Replaced { key, here: true } => {
                self.replaced.insert(key, self.segments.pushed);
            }
            Item::Entry(entry) => {
                let withdrawn = self.withdrawn_keys.contains(&entry.key);
                self.segments.push(&entry, withdrawn)?;
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
                Item::Entry(entry) => entry,
                Item::Replaced { key, here } => {
                    if *here {
                        self.replaced.insert(key.clone(), self.segments.pushed);
                    }
                    for &(segment, number) in places {
                        self.gone[segment].insert(number);
                    }
                    continue;
                }
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
                self.segments.push(entry, withdrawn)?;
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

    pub(super) fn push(&mut self, entry: &Entry, withdrawn: bool) -> Result<(), SegmentError> {
        if self.building.len() == SEGMENT_ENTRIES {
            self.write()?;
        }
        let number = self.building.push(entry)?;
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
#[path = "import_tests.rs"]
mod tests;
