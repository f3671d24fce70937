//! The flood guard: an entry that is hit more often than the operator allows is taken out of service until a person has
//! looked at it.
//!
//! Hits are counted in windows of time that begin at whole multiples of their length since 1970 (UTC), so at most twice the
//! rate passes where one window follows another. Memory is bounded: of more than [`Guard::ENTRIES`] entries that are hit
//! within a window, those that are hit rarely are forgotten by the rule of Misra and Gries ("Finding repeated elements",
//! 1982), by which no entry's count is ever too high, and too low by at most a share of one in [`Guard::ENTRIES`] of all
//! hits. So no entry is taken out that did not have the hits.
//!
//! What other processes counted is in the database. An entry's hits are written there a tenth of the bound at a time, when
//! they go beyond the bound, and at the end: items that hit nothing cost nothing, and a thousand hits of one entry ten
//! writes, of one that a person made exempt too.
//!
//! Counting is done in memory alone, and whoever counts never waits for the database: in a service a thread of the guard's
//! own writes ([`Guard::writes_by_itself`]), in a command whoever counts does so in between. An entry that goes beyond the
//! bound is out at once. What cannot be written is kept, tried again, and [told](Guard::fault); no match fails over it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::stated::Keys;
use crate::hashset::{Hits, Local, SetError};
use crate::home::{Flood, Home};

/// An entry that was taken out of service just now.
#[derive(Clone, PartialEq, Eq)]
pub struct Tripped {
    /// Its set.
    pub set: String,
    /// Its key.
    pub key: String,
}

/// What a hit comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hit {
    /// As many as are allowed, or the entry is exempt, or was taken out before and the database knows that.
    Within,
    /// The entry is out from this hit on.
    Trips,
    /// It is out since an earlier hit, which the database does not know yet.
    Out,
}

/// Counts hits within a bound on memory.
pub(super) struct Guard {
    bound: u64,
    window_secs: i64,
    window: Mutex<Window>,
    /// Rung when something is to be written.
    bell: Condvar,
    /// Whoever writes holds it, and nobody who counts.
    store: Mutex<Store>,
    /// Why the last write failed.
    fault: Mutex<Option<String>>,
    by_itself: AtomicBool,
}

/// The database.
struct Store {
    home: Home,
    local: Option<Local>,
}

/// By set and key.
type Counts = BTreeMap<String, BTreeMap<String, Count>>;

/// What is counted at the moment.
#[derive(Default)]
struct Window {
    began: Option<i64>,
    /// What the database had of it is in it.
    is_known: bool,
    counts: Counts,
    entries: usize,
    /// Entries of which something is to be written soon.
    due: Keys,
    /// Entries that went beyond the bound here, which the database does not know yet.
    out: Keys,
    /// Entries that a person put back: they are not taken out again.
    exempt: Keys,
    /// After a write that failed, none is begun before this.
    rest_until: Option<Instant>,
    is_over: bool,
}

#[derive(Clone, Copy, Default)]
struct Count {
    /// Hits in this window, as far as they are known here.
    seen: u64,
    /// Those of them that the database does not have.
    unwritten: u64,
    /// There were more than are allowed, and there is no hurry to tell it again.
    beyond: bool,
}

/// How long the database is left alone after a write that failed.
const REST: Duration = Duration::from_millis(500);
/// How often the thread that writes looks up without being rung for.
const TURN: Duration = Duration::from_secs(1);

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    // Counts are set one by one: they are whole also where somebody panicked.
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn has(keys: &Keys, set: &str, key: &str) -> bool {
    keys.get(set).is_some_and(|of_set| of_set.contains(key))
}

fn put(keys: &mut Keys, set: &str, key: &str) {
    keys.entry(set.to_owned()).or_default().insert(key.to_owned());
}

fn pairs(keys: &Keys) -> impl Iterator<Item = (&str, &str)> {
    keys.iter().flat_map(|(set, of_set)| of_set.iter().map(move |key| (set.as_str(), key.as_str())))
}

impl Guard {
    /// Entries that are counted at a time. Each takes what its set's name and its key have in bytes, and about a hundred
    /// more.
    const ENTRIES: usize = 1 << 16;

    pub(super) fn new(home: &Home, flood: &Flood) -> Self {
        Self {
            bound: flood.hits,
            window_secs: flood.within.as_secs().max(1),
            window: Mutex::default(),
            bell: Condvar::new(),
            store: Mutex::new(Store { home: home.clone(), local: None }),
            fault: Mutex::new(None),
            by_itself: AtomicBool::new(false),
        }
    }

    /// Counts a hit of entry `key` of `set` at `now`. Waits for no disk.
    pub(super) fn hit(&self, set: &str, key: &str, now: Timestamp) -> Hit {
        let mut window = held(&self.window);
        window.turn(self.began(now), self.bound);
        if window.entries >= Self::ENTRIES && window.count(set, key).is_none() {
            window.forget_one_of_each();
        }
        let is_exempt = has(&window.exempt, set, key);
        let count = window.count_or_new(set, key);
        count.seen += 1;
        count.unwritten += 1;
        let trips = count.seen > self.bound && !count.beyond;
        count.beyond |= trips;
        if trips || count.unwritten >= self.bound.div_ceil(10) {
            put(&mut window.due, set, key);
        }
        if trips && !is_exempt {
            put(&mut window.out, set, key);
        }
        if !window.due.is_empty() || !window.is_known {
            self.bell.notify_one();
        }
        match () {
            () if trips && !is_exempt => Hit::Trips,
            () if has(&window.out, set, key) => Hit::Out,
            () => Hit::Within,
        }
    }

    /// From now on these are not taken out again, and no others: a person put them back.
    pub(super) fn exempt(&self, exempt: Keys) {
        held(&self.window).exempt = exempt;
    }

    /// The entries that are out and of which the database does not know that yet.
    pub(super) fn out(&self) -> Vec<Tripped> {
        let window = held(&self.window);
        pairs(&window.out).map(|(set, key)| Tripped { set: set.to_owned(), key: key.to_owned() }).collect()
    }

    /// Why what was counted could not be written the last time; it is kept, and tried again.
    pub(super) fn fault(&self) -> Option<String> {
        held(&self.fault).clone()
    }

    /// From now on [`Guard::keep_writing`] runs in a thread of its own, and nobody else writes.
    pub(super) fn writes_by_itself(&self) {
        self.by_itself.store(true, Ordering::Release);
    }

    /// Writes what is to be written as it comes, until [`Guard::end`].
    pub(super) fn keep_writing(&self) {
        loop {
            let mut window = held(&self.window);
            let rest =
                window.rest_until.map_or(TURN, |until| until.saturating_duration_since(Instant::now()));
            let is_quiet = |window: &mut Window| !window.is_over && !window.is_due();
            let waited = self.bell.wait_timeout_while(window, rest.clamp(REST / 10, TURN), is_quiet);
            window = waited.unwrap_or_else(PoisonError::into_inner).0;
            let (is_over, is_due) = (window.is_over, window.is_due());
            drop(window);
            if is_over {
                return;
            }
            if is_due {
                // What failed is kept, and told to whoever asks for it. What the database says of other processes' hits is
                // seen by whoever follows it.
                let _ = self.write(false, Timestamp::now());
            }
        }
    }

    /// Ends [`Guard::keep_writing`].
    pub(super) fn end(&self) {
        held(&self.window).is_over = true;
        self.bell.notify_all();
        self.by_itself.store(false, Ordering::Release);
    }

    /// Where nobody else writes, brings in what the database has of the window of `now` before anything is counted in it.
    pub(super) fn begin(&self, now: Timestamp) {
        if !self.by_itself.load(Ordering::Acquire) {
            held(&self.window).turn(self.began(now), self.bound);
            let _ = self.write_if_due(now); // what fails is told at the end
        }
    }

    /// Where nobody else writes, writes what is due; gives the entries that together with other processes' hits went beyond
    /// the bound. What fails is kept, and told at the end.
    pub(super) fn write_if_due(&self, now: Timestamp) -> Vec<Tripped> {
        if self.by_itself.load(Ordering::Acquire) || !held(&self.window).is_due() {
            return Vec::new();
        }
        self.write(false, now).unwrap_or_default()
    }

    /// Writes what was not written yet: the end of a run is not the end of the window. Gives the entries that together with
    /// other processes' hits went beyond the bound.
    ///
    /// After an error, nothing is lost and it may be tried again.
    pub(super) fn write_all(&self, now: Timestamp) -> Result<Vec<Tripped>, SetError> {
        self.write(true, now)
    }

    fn began(&self, now: Timestamp) -> i64 {
        now.as_second().div_euclid(self.window_secs) * self.window_secs
    }

    fn write(&self, all: bool, now: Timestamp) -> Result<Vec<Tripped>, SetError> {
        let mut store = held(&self.store);
        let written = self.write_to(&mut store, all, now);
        if written.is_err() {
            store.local = None; // whatever is wrong with the connection is not kept
        }
        let rest = written.is_err().then(|| Instant::now() + REST);
        held(&self.window).rest_until = rest;
        *held(&self.fault) = written.as_ref().err().map(ToString::to_string);
        written
    }

    fn write_to(&self, store: &mut Store, all: bool, now: Timestamp) -> Result<Vec<Tripped>, SetError> {
        let (began, is_known) = {
            let mut window = held(&self.window);
            if window.began.is_none() && all {
                return Ok(Vec::new()); // nothing was ever counted
            }
            window.turn(self.began(now), self.bound);
            (window.began.unwrap_or_default(), window.is_known)
        };
        if !is_known {
            let mut known = Counts::new();
            for (set, key, seen) in store.local()?.hits(began, Self::ENTRIES)? {
                let count = Count { seen, unwritten: 0, beyond: seen > self.bound };
                known.entry(set.to_string()).or_default().insert(key.as_str().to_owned(), count);
            }
            held(&self.window).learn(began, known, self.bound);
        }
        let taken = held(&self.window).take(all);
        if taken.is_empty() {
            return Ok(Vec::new());
        }
        let hits: Vec<Hits<'_>> =
            taken.iter().map(|(set, key, more)| Hits { set, key, more: *more }).collect();
        let totals = store.local().and_then(|local| local.add_hits(began, &hits, self.bound, now));
        let mut window = held(&self.window);
        let totals = totals.inspect_err(|_| window.put_back(began, &taken))?;
        let mut tripped = Vec::new();
        for ((set, key, _), (total, trips)) in taken.iter().zip(totals) {
            let was_told = window.out.get_mut(set).is_some_and(|of_set| of_set.remove(key));
            if trips && !was_told {
                tripped.push(Tripped { set: set.clone(), key: key.clone() });
            }
            if window.began == Some(began)
                && let Some(count) = window.count(set, key)
            {
                count.seen = total.saturating_add(count.unwritten);
                count.beyond = count.seen > self.bound;
            }
        }
        window.out.retain(|_, of_set| !of_set.is_empty());
        Ok(tripped)
    }
}

impl Window {
    /// Begins a new window where the old one is over. A clock that is set back begins none: hits would be counted anew.
    fn turn(&mut self, began: i64, bound: u64) {
        if self.began.is_some_and(|own| began <= own) {
            return;
        }
        (self.began, self.is_known, self.entries) = (Some(began), false, 0);
        self.counts.clear();
        self.due.clear();
        // What is out has to be written whichever window it is.
        for (set, key) in pairs(&self.out.clone()) {
            let (seen, unwritten) = (bound.saturating_add(1), bound.saturating_add(1));
            *self.count_or_new(set, key) = Count { seen, unwritten, beyond: true };
            put(&mut self.due, set, key);
        }
    }

    fn is_due(&self) -> bool {
        let is_something = !self.due.is_empty() || (self.began.is_some() && !self.is_known);
        is_something && self.rest_until.is_none_or(|until| until <= Instant::now())
    }

    fn count(&mut self, set: &str, key: &str) -> Option<&mut Count> {
        self.counts.get_mut(set)?.get_mut(key)
    }

    fn count_or_new(&mut self, set: &str, key: &str) -> &mut Count {
        if self.count(set, key).is_none() {
            self.entries += 1;
            self.counts.entry(set.to_owned()).or_default().insert(key.to_owned(), Count::default());
        }
        self.counts.entry(set.to_owned()).or_default().entry(key.to_owned()).or_default()
    }

    /// Adds what the database has of the window that began at `began`.
    fn learn(&mut self, began: i64, mut known: Counts, bound: u64) {
        if self.began != Some(began) || self.is_known {
            return;
        }
        for (set, of_set) in std::mem::take(&mut self.counts) {
            for (key, own) in of_set {
                let count = known.entry(set.clone()).or_default().entry(key.clone()).or_default();
                let was_beyond = count.beyond || own.beyond;
                count.seen = count.seen.saturating_add(own.seen);
                count.unwritten = own.unwritten;
                count.beyond = count.seen > bound;
                if count.beyond && !was_beyond {
                    put(&mut self.due, &set, &key); // the database says whether it is out
                }
            }
        }
        self.entries = known.values().map(BTreeMap::len).sum();
        (self.counts, self.is_known) = (known, true);
    }

    /// Hands out what is to be written, or all that can be, by set and key.
    fn take(&mut self, all: bool) -> Vec<(String, String, u64)> {
        let due = std::mem::take(&mut self.due);
        let mut taken = Vec::new();
        let mut take = |set: &str, key: &str, count: &mut Count| {
            if count.unwritten > 0 {
                taken.push((set.to_owned(), key.to_owned(), std::mem::take(&mut count.unwritten)));
            }
        };
        if all {
            for (set, of_set) in &mut self.counts {
                of_set.iter_mut().for_each(|(key, count)| take(set, key, count));
            }
        } else {
            for (set, key) in pairs(&due) {
                if let Some(count) = self.count(set, key) {
                    take(set, key, count);
                }
            }
        }
        taken
    }

    /// What was handed out could not be written.
    fn put_back(&mut self, began: i64, taken: &[(String, String, u64)]) {
        if self.began != Some(began) {
            return; // what is out has been taken over into the new window
        }
        for (set, key, more) in taken {
            if let Some(count) = self.count(set, key) {
                count.unwritten = count.unwritten.saturating_add(*more);
                put(&mut self.due, set, key);
            }
        }
    }

    fn forget_one_of_each(&mut self) {
        for of_set in self.counts.values_mut() {
            of_set.retain(|_, count| {
                count.seen -= 1; // none stays at nothing
                count.unwritten = count.unwritten.saturating_sub(1);
                count.seen > 0
            });
        }
        self.entries = self.counts.values().map(BTreeMap::len).sum();
    }
}

impl Store {
    fn local(&mut self) -> Result<&mut Local, SetError> {
        match self.local {
            Some(ref mut local) => Ok(local),
            None => Ok(self.local.insert(Local::open(&self.home)?)),
        }
    }
}

#[cfg(test)]
#[path = "flood_tests.rs"]
mod tests;
