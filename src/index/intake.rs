//! Takes what a list says, and passes on what is new of it.

use std::collections::{HashMap, HashSet};

use roaring::RoaringBitmap;

use super::compare::Comparison;
use super::import::Segments;
use super::import_error::SegmentError;
use super::keys::KeySet;
use super::segment::Segment;
use crate::hashset::{Entry, EntryKey, Hashes, Item, Prints};

/// New entries that are looked for in a set at a time: its keys are read once for so many.
const LOOK_UP: usize = 1 << 17;

/// Whoever takes what a list says.
pub(super) type Sink<'s> = &'s mut dyn FnMut(Item) -> Result<(), SegmentError>;

/// Takes the entries of a list, and passes on those that say something new.
pub(super) struct Intake {
    pub(super) segments: Segments,
    pub(super) today: u16,
    pub(super) comparison: Comparison,
    /// Prints of the keys brought that the set had.
    pub(super) known: Prints,
    pub(super) withdrawn_keys: HashSet<EntryKey>,
    /// The segments of the set, if there is one to be added to.
    pub(super) there: Vec<Segment>,
    /// The entries in them that were withdrawn or replaced before, and those that this list ends.
    pub(super) ended: Vec<RoaringBitmap>,
    pub(super) gone: Vec<RoaringBitmap>,
    /// What was not looked for yet.
    pub(super) waiting: Vec<Item>,
    pub(super) present: u64,
    /// What the list takes back, wherever in it.
    pub(super) taken_back: HashSet<EntryKey>,
    /// By key that the list gave more than once: the entries before the one that holds.
    pub(super) replaced: HashMap<EntryKey, u64>,
    /// Keys of which the set says something later than what the list said, and when that was.
    pub(super) outdated: HashMap<EntryKey, u32>,
    /// Keys of which the set held something until a record left no hash of it, and when that was; of the time before this
    /// list.
    pub(super) emptied_before: HashMap<EntryKey, Option<u32>>,
    /// The same, as this list leaves them.
    pub(super) emptied: HashMap<EntryKey, Option<u32>>,
    /// Entries that were older than what the set says.
    pub(super) passed: u64,
}

impl Intake {
    pub(super) fn push(&mut self, item: Item) -> Result<(), SegmentError> {
        match item {
            Item::Withdrawn(key) => {
                self.taken_back.insert(key);
                return Ok(());
            }
            item if !self.there.is_empty() || !self.emptied_before.is_empty() => self.waiting.push(item),
            Item::Replaced { here: false, .. } => {}
            Item::Replaced { key, here: true, updated } => {
                self.comparison.replace(&key);
                self.emptied.insert(key.clone(), updated);
                self.replaced.insert(key, self.segments.pushed);
            }
            Item::Entry(entry) => {
                let withdrawn = self.is_withdrawn(&entry);
                self.take(&entry, withdrawn)?;
            }
        }
        if self.waiting.len() == LOOK_UP { self.look_up() } else { Ok(()) }
    }

    /// True if it was withdrawn: by its key, or if that is drawn from its hashes, as an item that had one of them alone. A
    /// list without ids that learns another hash of an item must not bring it back.
    fn is_withdrawn(&self, entry: &Entry) -> bool {
        let withdrawn = &self.withdrawn_keys;
        let alone = |signal| withdrawn.contains(&EntryKey::derived(&Hashes::from(signal)));
        !withdrawn.is_empty()
            && (withdrawn.contains(&entry.key)
                || (entry.hashes.iter().nth(1).is_some()
                    && entry.hashes.iter().any(alone)
                    && EntryKey::derived(&entry.hashes) == entry.key))
    }

    fn take(&mut self, entry: &Entry, withdrawn: bool) -> Result<(), SegmentError> {
        if !withdrawn {
            self.comparison.bring(entry);
        }
        self.is_held(&entry.key);
        self.segments.push(entry, self.today, withdrawn)
    }

    /// A hash is known under `key`, after all that was replaced.
    fn is_held(&mut self, key: &EntryKey) {
        if !self.emptied.is_empty() {
            self.emptied.remove(key);
        }
    }

    pub(super) fn look_up(&mut self) -> Result<(), SegmentError> {
        let waiting = std::mem::take(&mut self.waiting);
        let keys = KeySet::new(waiting.iter().map(key_of));
        let mut places: HashMap<usize, Vec<(usize, u32)>> = HashMap::new();
        for (number, segment) in self.there.iter().enumerate() {
            for (entry, key) in segment.find_keys(&keys).map_err(segment.fault())? {
                places.entry(key).or_default().push((number, entry));
            }
        }
        let hashes = self.hashes_of_replaced(&waiting, &keys, &places)?;
        for item in &waiting {
            let places = keys.number(key_of(item)).and_then(|key| places.get(&key));
            let places = places.into_iter().flatten();
            let entry = match item {
                Item::Replaced { key, here, updated } => {
                    let held = places.clone().filter(|(at, number)| !self.ended[*at].contains(*number));
                    let latest = held.clone().filter_map(|(at, number)| self.there[*at].updated(*number));
                    let latest = latest.chain(self.emptied_before.get(key).copied().flatten()).max();
                    if let (Some(latest), Some(updated)) = (latest, updated)
                        && latest > *updated
                    {
                        self.outdated.insert(key.clone(), latest);
                        continue;
                    }
                    self.outdated.remove(key);
                    if *here || self.emptied_before.contains_key(key) || held.count() > 0 {
                        self.emptied.insert(key.clone(), *updated);
                    }
                    if *here {
                        self.comparison.replace(key);
                        self.replaced.insert(key.clone(), self.segments.pushed);
                    }
                    for &(segment, number) in places {
                        self.gone[segment].insert(number);
                    }
                    continue;
                }
                Item::Entry(entry) => match self.outdated.get(&entry.key) {
                    Some(latest) if entry.updated.is_none_or(|updated| updated < *latest) => {
                        self.passed += 1;
                        continue;
                    }
                    Some(_) => {
                        // A further line of the same item, later than all that the set says.
                        self.outdated.remove(&entry.key);
                        for &(segment, number) in places.clone() {
                            self.gone[segment].insert(number);
                        }
                        entry
                    }
                    None => entry,
                },
                Item::Withdrawn(_) => continue,
            };
            let withdrawn = self.is_withdrawn(entry);
            let mut said = false;
            for &(at, number) in places.clone() {
                // What was replaced once does not hold when it is said again: it comes in anew.
                let holds = withdrawn || !self.ended[at].contains(number);
                let segment = &self.there[at];
                // An entry of its list's own key that has lost a hash says less than it did.
                let as_many = hashes[at].get(&number).is_none_or(|many| *many == entry.hashes.iter().count());
                if !said && holds && as_many && segment.says(number, entry).map_err(segment.fault())? {
                    said = true;
                    self.gone[at].remove(number);
                }
            }
            if said {
                self.present += 1;
                self.comparison.keep(&entry.key);
                self.is_held(&entry.key);
            } else {
                if places.clone().any(|&(at, number)| !self.ended[at].contains(number)) {
                    self.known.insert(self.comparison.print_of(&entry.key));
                }
                self.take(entry, withdrawn)?;
            }
        }
        self.there.iter().try_for_each(|segment| segment.sound().map_err(segment.fault()))?;
        Ok(())
    }
}

impl Intake {
    /// For each segment, of the entries that may be replaced by what is waiting, how many hashes they have.
    fn hashes_of_replaced(
        &self,
        waiting: &[Item],
        keys: &KeySet<'_>,
        places: &HashMap<usize, Vec<(usize, u32)>>,
    ) -> Result<Vec<HashMap<u32, usize>>, SegmentError> {
        let mut wanted = self.gone.clone();
        for item in waiting.iter().filter(|item| matches!(item, Item::Replaced { .. })) {
            let places = keys.number(key_of(item)).and_then(|key| places.get(&key));
            for &(segment, entry) in places.into_iter().flatten() {
                wanted[segment].insert(entry);
            }
        }
        let counts = |(segment, wanted): (&Segment, &RoaringBitmap)| {
            segment.hash_counts(wanted).map_err(segment.fault()).map_err(SegmentError::from)
        };
        self.there.iter().zip(&wanted).map(counts).collect()
    }

    /// Ends the entries of the set that the list takes back.
    pub(super) fn end_what_is_there(&mut self) -> Result<(), SegmentError> {
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
