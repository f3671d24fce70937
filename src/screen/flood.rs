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

use std::collections::BTreeMap;

use jiff::Timestamp;

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

/// Counts hits within a bound on memory.
pub(super) struct Guard {
    home: Home,
    local: Option<Local>,
    bound: u64,
    window_secs: i64,
    began: i64,
    counts: Counts,
    entries: usize,
}

/// By set and key.
type Counts = BTreeMap<String, BTreeMap<String, Count>>;

#[derive(Clone, Copy, Default)]
struct Count {
    /// Hits in this window, as far as they are known here.
    seen: u64,
    /// Those of them that the database does not have.
    unwritten: u64,
    /// The database knows that there were more than are allowed, and there is no hurry to tell it again.
    beyond: bool,
}

impl Guard {
    /// Entries that are counted at a time. Each takes what its set's name and its key have in bytes, and about a hundred
    /// more.
    const ENTRIES: usize = 1 << 16;

    pub(super) fn new(home: &Home, flood: &Flood) -> Self {
        Self {
            home: home.clone(),
            local: None,
            bound: flood.hits,
            window_secs: flood.within.as_secs().max(1),
            began: i64::MIN,
            counts: BTreeMap::new(),
            entries: 0,
        }
    }

    /// Counts a hit of entry `key` of `set` at `now`; true if it has now had too many.
    pub(super) fn hit(&mut self, set: &str, key: &str, now: Timestamp) -> Result<bool, SetError> {
        self.turn(now)?;
        let count = match self.counts.get_mut(set).and_then(|of_set| of_set.get_mut(key)) {
            Some(count) => count,
            None => {
                if self.entries >= Self::ENTRIES {
                    self.forget_one_of_each();
                }
                self.entries += 1;
                self.counts.entry(set.to_owned()).or_default().entry(key.to_owned()).or_default()
            }
        };
        count.seen += 1;
        count.unwritten += 1;
        if (count.seen <= self.bound || count.beyond) && count.unwritten < self.bound.div_ceil(10) {
            return Ok(false);
        }
        let more = count.unwritten;
        let (began, bound) = (self.began, self.bound);
        let [(total, tripped)] = self.local()?.add_hits(began, &[Hits { set, key, more }], bound, now)?[..]
        else {
            return Ok(false); // there is one answer for each question
        };
        if let Some(count) = self.counts.get_mut(set).and_then(|of_set| of_set.get_mut(key)) {
            *count = Count { seen: total, unwritten: 0, beyond: total > bound };
        }
        Ok(tripped)
    }

    /// Writes what was not written yet: the end of a run is not the end of the window.
    ///
    /// After an error, nothing is lost and it may be tried again.
    pub(super) fn write(&mut self, now: Timestamp) -> Result<Vec<Tripped>, SetError> {
        let counts = std::mem::take(&mut self.counts);
        let written = self.write_all(&counts, now);
        match written {
            Ok(_) => self.began = i64::MIN, // what comes next reads what is there
            Err(_) => self.counts = counts,
        }
        written
    }

    fn write_all(&mut self, counts: &Counts, now: Timestamp) -> Result<Vec<Tripped>, SetError> {
        let hits: Vec<Hits<'_>> = counts
            .iter()
            .flat_map(|(set, of_set)| of_set.iter().map(move |(key, count)| (set, key, count)))
            .filter(|(_, _, count)| count.unwritten > 0)
            .map(|(set, key, count)| Hits { set, key, more: count.unwritten })
            .collect();
        let mut tripped = Vec::new();
        if !hits.is_empty() {
            let (began, bound) = (self.began, self.bound);
            let totals = self.local()?.add_hits(began, &hits, bound, now)?;
            for (hit, _) in hits.iter().zip(totals).filter(|(_, (_, tripped))| *tripped) {
                tripped.push(Tripped { set: hit.set.to_owned(), key: hit.key.to_owned() });
            }
        }
        Ok(tripped)
    }

    /// Begins a new window where the old one is over. A clock that is set back begins none: hits would be counted anew.
    fn turn(&mut self, now: Timestamp) -> Result<(), SetError> {
        let began = now.as_second().div_euclid(self.window_secs) * self.window_secs;
        if began <= self.began {
            return Ok(());
        }
        let known = self.local()?.hits(began, Self::ENTRIES)?;
        self.counts.clear();
        self.entries = 0;
        self.began = began;
        for (set, key, seen) in known {
            let of_set = self.counts.entry(set.to_string()).or_default();
            of_set.insert(key.as_str().to_owned(), Count { seen, ..Count::default() });
            self.entries += 1;
        }
        Ok(())
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

    fn local(&mut self) -> Result<&mut Local, SetError> {
        match self.local {
            Some(ref mut local) => Ok(local),
            None => Ok(self.local.insert(Local::open(&self.home)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        (dir, home)
    }

    fn guard(home: &Home, hits: u64) -> Guard {
        Guard::new(home, &Flood { hits, within: jiff::SignedDuration::from_hours(1) })
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_first_hit_beyond_the_bound_trips_and_a_new_window_forgets() {
        let (_dir, home) = home();
        for bound in [1, 2, 9, 10, 37, 100] {
            let mut guard = guard(&home, bound);
            let key = format!("key-{bound}");
            for n in 1..=bound {
                assert!(!guard.hit("S", &key, at(7200)).unwrap(), "{n} of {bound}");
            }
            assert!(guard.hit("S", &key, at(10_799)).unwrap());
            assert!(!guard.hit("S", &key, at(10_799)).unwrap(), "told once");
        }
        let mut guard = guard(&home, 3);
        for hour in 0..20 {
            for _ in 0..3 {
                assert!(!guard.hit("S", "steady", at(20_000_000 + hour * 3600)).unwrap());
            }
        }
    }

    #[test]
    fn runs_that_end_and_runs_beside_each_other_count_together() {
        let (_dir, home) = home();
        let mut tripped = 0;
        for run in 0..11 {
            let mut guard = guard(&home, 10);
            tripped += u32::from(guard.hit("S", "k", at(run)).unwrap());
            tripped += guard.write(at(run)).unwrap().len() as u32;
            assert_eq!(tripped, u32::from(run == 10), "after {} runs of one hit", run + 1);
        }
        let (mut one, mut other) = (guard(&home, 100), guard(&home, 100));
        let mut hits = 0;
        while !(one.hit("S", "both", at(9)).unwrap() || other.hit("S", "both", at(9)).unwrap()) {
            hits += 2;
        }
        assert!((100..=121).contains(&hits), "each is at most a tenth behind the other: {hits}");
    }

    #[test]
    fn rare_entries_are_forgotten_in_bounded_memory_and_frequent_ones_are_not() {
        let (_dir, home) = home();
        let mut guard = guard(&home, 400);
        let mut tripped = Vec::new();
        for n in 0..5 * Guard::ENTRIES {
            assert!(!guard.hit("S", &format!("rare-{n}"), at(1)).unwrap());
            assert!(guard.entries <= Guard::ENTRIES);
            if n % 512 == 0 && guard.hit("S", "frequent", at(1)).unwrap() {
                tripped.push(n);
            }
        }
        // 401 of all hits are asked for; at most one in 65,536 of them is overlooked.
        let [n] = tripped[..] else { panic!("{} times", tripped.len()) };
        assert!((400..=410).contains(&(n / 512)), "{n}");
    }

    #[test]
    fn an_exempt_entry_is_written_down_as_rarely_as_others() {
        let (_dir, home) = home();
        let mut guard = guard(&home, 100);
        let mut hit = |times: u32| (0..times).filter(|_| guard.hit("S", "k", at(9)).unwrap()).count();
        assert_eq!(hit(101), 1);
        let (set, key) = ("S".parse().unwrap(), crate::hashset::EntryKey::new("k").unwrap());
        assert!(Local::open(&home).unwrap().release(&set, &key).unwrap());
        let watcher = home.database("").unwrap();
        let version = || watcher.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0)).unwrap();
        let (mut before, mut writes) = (version(), 0);
        for _ in 0..1000 {
            assert_eq!(hit(1), 0);
            writes += u32::from(std::mem::replace(&mut before, version()) != before);
        }
        assert_eq!(writes, 100);
    }

    #[test]
    fn a_clock_that_is_set_back_and_a_write_that_fails_lose_no_hit() {
        let (_dir, home) = home();
        let mut guard = guard(&home, 100);
        let known =
            || Local::open(&home).unwrap().hits(7200, 9).unwrap().iter().map(|hit| hit.2).sum::<u64>();
        for second in [7200, 7201, 7199, 3, 7202] {
            assert!(!guard.hit("S", "k", at(second)).unwrap());
        }
        let other = home.database("").unwrap();
        other.execute_batch("ALTER TABLE hashset_flood RENAME TO elsewhere").unwrap();
        assert!(guard.write(at(7203)).is_err());
        other.execute_batch("ALTER TABLE elsewhere RENAME TO hashset_flood").unwrap();
        assert_eq!(known(), 0);
        assert!(guard.write(at(7203)).unwrap().is_empty());
        assert_eq!(known(), 5);
    }
}
