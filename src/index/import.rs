//! A list becomes a set: read, turned into segments, described, named by the manifest. All of it, or none.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::PathBuf;

use jiff::civil::Date;
use roaring::RoaringBitmap;

use super::bring::{ImportOptions, Imported, drops_more_than};
use super::compare::{Changes, Comparison};
use super::import_error::{DescribeError, ImportError, SegmentError};
use super::intake::{Intake, Sink};
use super::keys::{KeySet, ended_keys};
use super::overlap::overlap;
use super::segment::Segment;
use super::times::day_number;
use super::{Index, IndexError, IndexWriter, Memory, SegmentBuilder, SegmentFile};
use crate::digest::Blake3;
use crate::hashset::{
    Counts, Emptied, Entry, EntryKey, ListError, ListKey, Made, Prints, ReadOptions, ReadReport, SetError,
    SetInfo, SetName, SetUpdate, Sets, Staging, read_items,
};
use crate::home::{Clock, Home, WriteLock};

/// Entries in a segment, at most. A near search goes through the bands of each segment, so one large segment is searched in
/// a fraction of the time that many small ones take. So many entries with a PDQ hash alone take 12 GB while the segment is
/// built, about 90 bytes each; each digest beside it takes its own length and 4 bytes more.
pub(super) const SEGMENT_ENTRIES: usize = 1 << 27;

/// Makes set `name` consist of the list in `input`, whatever it held before and however much of that goes; withdrawn keys
/// stay withdrawn. Without what [`bring`](super::bring()) asks first; a set with a key takes no list in this way.
///
/// # Errors
/// [`ImportError`]; nothing has changed then.
pub fn import(
    home: &Home,
    lock: &WriteLock,
    name: &SetName,
    input: &mut dyn Read,
    options: &ReadOptions,
    update: &SetUpdate,
    today: Date,
) -> Result<Imported, ImportError> {
    unasked(home, lock, name, input, options, update, today, false)
}

/// Adds the list in `input` to what set `name` holds; withdrawn keys stay withdrawn. Without the set, it is made.
///
/// What the set says already, in every respect, is passed over: to add a list twice is to add it once. An entry with a
/// key that is there and anything else that is new stands beside the old one. All or nothing, as with [`import`], and
/// the cost grows with the list and the *keys* of the set: new segments stand beside those that are there, until
/// [`merge`](super::merge()) puts them together.
///
/// # Errors
/// [`ImportError`]; nothing has changed then.
pub fn add(
    home: &Home,
    lock: &WriteLock,
    name: &SetName,
    input: &mut dyn Read,
    options: &ReadOptions,
    update: &SetUpdate,
    today: Date,
) -> Result<Imported, ImportError> {
    unasked(home, lock, name, input, options, update, today, true)
}

#[expect(clippy::too_many_arguments, reason = "those of the two above, and which of them it is")]
fn unasked(
    home: &Home,
    lock: &WriteLock,
    name: &SetName,
    input: &mut dyn Read,
    read: &ReadOptions,
    update: &SetUpdate,
    today: Date,
    add: bool,
) -> Result<Imported, ImportError> {
    let made = Made { at: Clock::start_of(today).now(), by: None };
    let options = ImportOptions { add, ..ImportOptions::new(read.clone(), update.clone(), made) };
    let mut import = Import::begin(home, lock, name)?;
    import.settle()?;
    import.key_for(&options)?;
    import.finish(|sink| read_items(input, read, sink), &Order::of(&options))
}

/// What an import is to do, once it was looked at.
pub(super) struct Order<'a> {
    pub(super) update: &'a SetUpdate,
    pub(super) adds: bool,
    pub(super) made: Made<'a>,
    pub(super) read_as: String,
    /// What the file was when it was looked at.
    pub(super) file: Option<Blake3>,
    pub(super) signed_by: Option<ListKey>,
    /// `None` if whatever goes may go.
    pub(super) max_drop: Option<u8>,
    pub(super) agreed: bool,
}

impl<'a> Order<'a> {
    pub(super) fn of(options: &'a ImportOptions<'a>) -> Self {
        Self {
            update: &options.update,
            adds: options.add,
            made: options.made,
            read_as: options.read_as(),
            file: None,
            signed_by: None,
            max_drop: None,
            agreed: options.agreed,
        }
    }
}

/// What all need.
pub(super) struct Import<'a> {
    pub(super) home: &'a Home,
    pub(super) name: &'a SetName,
    pub(super) sets: Sets,
    pub(super) writer: IndexWriter<'a>,
    /// The revisions that are current, and that of this set.
    pub(super) live: Vec<(SetName, u64)>,
    pub(super) base: Option<u64>,
    /// The last revision of this set that the database knows: `base`, unless the database was lost, or is older than the
    /// index.
    pub(super) known: Option<u64>,
}

/// A list that was read, and not stored yet.
pub(super) struct Gathered {
    pub(super) report: ReadReport,
    pub(super) intake: Intake,
    pub(super) changes: Result<Changes, IndexError>,
}

impl<'a> Import<'a> {
    pub(super) fn begin(home: &'a Home, lock: &'a WriteLock, name: &'a SetName) -> Result<Self, ImportError> {
        let sets = Sets::open(home)?;
        let writer = IndexWriter::open(&home.index_dir(), lock)?;
        let live = writer.live();
        let base = live.iter().find(|live| live.0 == *name).map(|live| live.1);
        let known = base.map_or(Ok(None), |base| sets.last_known(name, base))?;
        Ok(Self { home, name, sets, writer, live, base, known })
    }

    pub(super) fn finish(
        &mut self,
        read: impl FnOnce(Sink<'_>) -> Result<ReadReport, ListError<SegmentError>>,
        order: &Order<'_>,
    ) -> Result<Imported, ImportError> {
        let imported = self.run(read, order);
        if imported.is_err() {
            let _ = self.writer.sweep(); // the first error is the one to tell
        }
        imported
    }

    /// Reads a list. Of one that is only looked at (`dry`) nothing is kept but prints, and what it says is compared too.
    pub(super) fn gather(
        &self,
        read: impl FnOnce(Sink<'_>) -> Result<ReadReport, ListError<SegmentError>>,
        order: &Order<'_>,
        dry: bool,
    ) -> Result<Gathered, ImportError> {
        let (ended, there) =
            (self.writer.withdrawn_of(self.name.as_str()), self.writer.open_set(self.name.as_str()));
        // A set that cannot be opened can be replaced; then nobody knows what goes.
        let (there, mut fault) = match there {
            Ok(there) => (there, None),
            Err(error) if order.adds => return Err(error.into()),
            Err(error) => (Vec::new(), Some(error)),
        };
        self.base_for(order.adds)?;
        let emptied = self.sets.emptied(self.name, self.base)?;
        let withdrawn = self.sets.withdrawn_since(self.name, self.base, None)?;
        let mut withdrawn_keys: HashSet<EntryKey> = withdrawn.into_iter().collect();
        // A database that was lost, or is older than the index, learns again what that alone knows: the revision need not
        // tell, since a withdrawal by hand makes none.
        let is_known = |key: &EntryKey| withdrawn_keys.contains(key) || emptied.contains_key(key);
        let taken_back = match ended_keys(&there, &ended, is_known) {
            // What is damaged can be replaced too, by whoever agrees that nobody knows what goes.
            Err(error) if !order.adds && self.known == self.base => {
                fault = Some(error);
                HashSet::new()
            }
            found => found?,
        };
        withdrawn_keys.extend(taken_back.iter().cloned());
        let (there, old) = if order.adds { (there, Vec::new()) } else { (Vec::new(), there) };
        let mut intake = Intake {
            segments: if dry { Segments::dry() } else { Segments::new(self.home.index_dir()) },
            today: day_number(order.made.on()),
            comparison: Comparison::new(dry),
            known: Prints::default(),
            withdrawn_keys,
            gone: vec![RoaringBitmap::new(); there.len()],
            there,
            ended,
            waiting: Vec::new(),
            present: 0,
            taken_back,
            replaced: HashMap::new(),
            outdated: HashMap::new(),
            emptied_before: if order.adds { emptied } else { HashMap::new() },
            emptied: HashMap::new(),
            passed: 0,
        };
        let mut report = overlap(read, |item| intake.push(item))?;
        if report.entries == 0 && !order.adds {
            return Err(ListError::Empty(Box::new(report)).into()); // withdrawals alone must not empty a set
        }
        if order.file.is_some_and(|file| file != report.file_blake3) {
            return Err(ImportError::Changing);
        }
        intake.look_up()?;
        intake.end_what_is_there()?;
        report.outdated += intake.passed;
        report.entries -= intake.passed;
        let comparison = std::mem::replace(&mut intake.comparison, Comparison::new(false));
        let Intake { there, ended, gone, taken_back, known, .. } = &intake;
        let changes = match fault.take() {
            Some(error) => Err(error),
            None if order.adds => comparison.adding(there, ended, gone, taken_back, known),
            None => comparison.replacing(&old, ended, taken_back),
        };
        Ok(Gathered { report, intake, changes })
    }

    fn run(
        &mut self,
        read: impl FnOnce(Sink<'_>) -> Result<ReadReport, ListError<SegmentError>>,
        order: &Order<'_>,
    ) -> Result<Imported, ImportError> {
        let Gathered { report, intake, changes } = self.gather(read, order, false)?;
        let changes = match (order.max_drop, changes) {
            (Some(max), Ok(changes)) if !order.agreed && drops_more_than(max, &changes) => {
                let (before, dropped) = (changes.before, changes.dropped());
                return Err(ImportError::Drop { set: self.name.clone(), before, dropped, max });
            }
            (Some(_), Err(error)) if !order.agreed => return Err(error.into()),
            (_, changes) => changes.ok(),
        };
        let name = self.name;
        let Intake { segments, present, gone, taken_back, replaced, emptied, .. } = intake;
        let (files, mut bitmaps): (Vec<SegmentFile>, Vec<RoaringBitmap>) =
            segments.finish()?.into_iter().unzip();
        let withdrawn = bitmaps.iter().map(RoaringBitmap::len).sum();
        self.end_what_came(&files, &mut bitmaps, &taken_back, &replaced)?;
        let added = self.base.filter(|_| order.adds).map(|_| report.entries - present);
        let counts = Counts {
            withdrawn,
            present,
            new: changes.map(|changes| changes.new),
            gone: changes.map(|changes| changes.gone()),
            ..Counts::from(&report)
        };
        let taken_back: Vec<EntryKey> = taken_back.into_iter().collect();
        let emptied: Vec<Emptied> = emptied.into_iter().map(Emptied::from).collect();
        let staging = Staging {
            base: self.base_for(order.adds)?,
            current: self.base,
            update: order.update,
            report: &report,
            counts,
            added,
            taken_back: &taken_back,
            emptied: &emptied,
            signed_by: order.signed_by,
            read_as: &order.read_as,
            made: order.made,
        };
        let revision = self.sets.stage(name, &staging)?;
        if order.adds {
            self.writer.append_over(name.as_str(), revision, files, bitmaps, &gone)?;
        } else {
            self.writer.replace_set(name.as_str(), revision, files, bitmaps)?;
        }
        self.sets.prune(&self.writer.live())?;
        let set = self.sets.at_revisions(&[(name.clone(), revision)])?.swap_remove(0);
        Ok(Imported { set, report, withdrawn, present, changes })
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
    pub(super) pushed: u64,
    /// Those of them that were withdrawn.
    pub(super) passed_withdrawn: u64,
    /// Entries are counted and not kept.
    dry: bool,
}

impl Segments {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            done: Vec::new(),
            building: SegmentBuilder::new(),
            withdrawn: RoaringBitmap::new(),
            pushed: 0,
            passed_withdrawn: 0,
            dry: false,
        }
    }

    /// For a list that is only looked at.
    fn dry() -> Self {
        Self { dry: true, ..Self::new(PathBuf::new()) }
    }

    pub(super) fn push(&mut self, entry: &Entry, day: u16, withdrawn: bool) -> Result<(), SegmentError> {
        self.passed_withdrawn += u64::from(withdrawn);
        if self.dry {
            self.pushed += 1;
            return Ok(());
        }
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
#[path = "import_tests.rs"]
mod tests;
