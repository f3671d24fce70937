//! Matchers for a process that lives long: they know what was imported, withdrawn and decided a moment ago, by whomever.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::flood::Guard;
use super::lists::{Lists, exempt, memory};
use super::standing::Standings;
use super::stated::{FileStamp, Stated};
use super::{MatchError, Matcher, Selection};
use crate::hashset::{Bounds, Local, SetError, SetInfo, Sets};
use crate::home::{Clock, Config, Home};
use crate::index::{Index, Reader, live_revisions};

/// Gives a [`Matcher`] for the lists as they are now. Share one among all threads, and let one of them call
/// [`Live::refresh`] every [`Live::INTERVAL`].
///
/// No thread that matches ever waits for one that opens what is new: it goes on with what was there. A new segment is read
/// whole before it is searched, unless it is a very long one, so that a damaged one leaves the answers as they were.
pub struct Live {
    home: Home,
    config: Config,
    /// In a demo's home the day that it pretends.
    pretended: Option<Clock>,
    reader: Reader,
    guard: Option<Arc<Guard>>,
    /// Writes down what the guard counts: nobody who matches waits for that.
    writer: Mutex<Option<JoinHandle<()>>>,
    is_follower: bool,
    /// What is watched beside the index; whoever refreshes holds it.
    watched: Mutex<Watched>,
    current: RwLock<Option<Arc<Matcher>>>,
    shares: RwLock<Arc<Shares>>,
    /// Apart from what is watched, so that nobody who asks waits for a look.
    fault: Mutex<Option<String>>,
    opened: Instant,
    /// Milliseconds after `opened` at which all was known to be as it is now.
    fresh_at: AtomicU64,
}

struct Watched {
    source: Source,
    /// The snapshot that is searched, if it is one that was opened here.
    index: Arc<Index>,
    known: Option<Known>,
    /// When something changes by itself.
    changes_at: Option<Timestamp>,
    /// When it was looked the last time, by the clock that may be set.
    looked_at: Timestamp,
    /// Before this, what was found to be damaged is not read again.
    rest_until: Option<Instant>,
    /// Why the file for those who follow is not as it should be.
    unwritten: Option<String>,
}

/// All that makes a matcher what it is: if none of it has changed, nothing has.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Known {
    generation: u64,
    said: Said,
    today: Date,
}

/// Where it stands what is said of sets and entries.
enum Source {
    /// In the database; and the file in which it is said to those who may not open that.
    Own { local: Local, written: Option<Vec<u8>> },
    /// In that file.
    Followed,
}

/// Tells what was said from what was said before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Version(u64),
    File(Option<FileStamp>),
}

/// In which share of look-ups, 0 to 1, a set or a kind of hash takes part where a service asks by shares.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shares(BTreeMap<String, f64>);

impl Shares {
    /// The share of the set, or the kind of hash, that goes by this name; 1 unless somebody said otherwise.
    #[must_use]
    pub fn of(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or(1.0)
    }

    /// True if all take part in every look-up.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.is_empty()
    }
}

/// How the lists of a [`Live`] are.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveHealth {
    /// The number of the manifest that is searched; `None` if there is no list.
    pub generation: Option<u64>,
    /// How long ago it was last known that nothing newer is there.
    pub age: Duration,
    /// Why what is newer could not be opened; the answers rest on what was there before.
    pub fault: Option<String>,
}

/// How often a description is asked for again because a writer replaced the manifest meanwhile.
const ATTEMPTS: usize = 16;
/// How long what was found to be damaged, or cannot be written, is left alone.
const REST: Duration = Duration::from_millis(500);
/// A clock that goes back by less is only being set right.
const SET_BACK: SignedDuration = SignedDuration::from_secs(2);

impl Live {
    /// How long a change may go unnoticed. A look costs a few system calls.
    pub const INTERVAL: Duration = Duration::from_millis(100);

    /// Opens the lists of a home, of which there may be none yet, and keeps `index/standing.json` for processes that
    /// [follow](Live::follow). The day is the system's, unless a demo's home pretends one.
    ///
    /// # Errors
    /// Those of [`Matcher::open`], but for [`MatchError::NoLists`].
    pub fn open(home: &Home, pretended: Option<Clock>) -> Result<Self, MatchError> {
        let source = Source::Own { local: Local::open(home)?, written: None };
        Self::start(home, pretended, source)
    }

    /// The same without ever writing anything: what is said of sets and entries is read from the file that another process,
    /// which may write, [keeps](Live::open). There is no flood guard then, since it would have to count.
    ///
    /// # Errors
    /// [`MatchError::Standing`] if there is such a file and it cannot be used, and those of [`Live::open`].
    pub fn follow(home: &Home, pretended: Option<Clock>) -> Result<Self, MatchError> {
        Self::start(home, pretended, Source::Followed)
    }

    fn start(home: &Home, pretended: Option<Clock>, source: Source) -> Result<Self, MatchError> {
        let config = home.config()?;
        let is_follower = matches!(source, Source::Followed);
        let flood = config.flood.filter(|_| !is_follower);
        let watched = Watched {
            source,
            index: Arc::default(),
            known: None,
            changes_at: None,
            looked_at: Timestamp::now(),
            rest_until: None,
            unwritten: None,
        };
        let live = Self {
            home: home.clone(),
            reader: Reader::open_in(memory(&config), &home.index_dir())?,
            config,
            pretended,
            guard: flood.map(|flood| Arc::new(Guard::new(home, &flood))),
            writer: Mutex::new(None),
            is_follower,
            watched: Mutex::new(watched),
            current: RwLock::new(None),
            shares: RwLock::default(),
            fault: Mutex::new(None),
            opened: Instant::now(),
            fresh_at: AtomicU64::new(0),
        };
        match live.refresh() {
            // Whoever writes the file may start a moment later.
            Err(MatchError::Behind) if is_follower => {}
            other => drop(other?),
        }
        live.start_writer();
        Ok(live)
    }

    /// Without a thread, whoever counts writes as well.
    fn start_writer(&self) {
        let Some(guard) = self.guard.clone() else { return };
        let writing = Arc::clone(&guard);
        if let Ok(thread) = thread::Builder::new().name("flood".into()).spawn(move || writing.keep_writing())
        {
            guard.writes_by_itself();
            *self.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        }
    }

    fn end_writer(&self) {
        self.guard.iter().for_each(|guard| guard.end());
        let thread = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let _ = thread.map(JoinHandle::join); // a panic in it has been told
    }

    /// True if it only reads.
    #[must_use]
    pub const fn is_follower(&self) -> bool {
        self.is_follower
    }

    /// The lists as of [`Live::INTERVAL`] ago at most, if somebody refreshes; `None` as long as there is none.
    #[must_use]
    pub fn current(&self) -> Option<Arc<Matcher>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is said of shares, as of the same moment as the lists, also where there is none of these yet.
    #[must_use]
    pub fn shares(&self) -> Arc<Shares> {
        self.shares.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks whether anything is new and opens it; true if something was.
    ///
    /// # Errors
    /// Those of [`Matcher::open`], if what is new cannot be opened: [`Live::current`] is as it was then, and may hold what
    /// was withdrawn since. [`Live::health`] says so until a later look succeeds.
    pub fn refresh(&self) -> Result<bool, MatchError> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.rest_until.is_some_and(|until| Instant::now() < until) {
            let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone();
            return fault.map_or(Ok(false), |fault| Err(MatchError::Stale(fault)));
        }
        let looked = self.look(&mut watched);
        if looked.is_err() {
            // What is opened next is opened from the disk, and not taken from what was found to be damaged.
            self.reader.go_back_to(Arc::clone(&watched.index));
        }
        let is_damaged = matches!(looked, Err(MatchError::Index(_)));
        watched.rest_until = is_damaged.then(|| Instant::now() + REST);
        let fault = looked.as_ref().err().map(ToString::to_string).or_else(|| watched.unwritten.clone());
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        if looked.is_ok() {
            self.fresh_at.store(self.opened.elapsed().as_millis() as u64, Ordering::Release);
        }
        looked
    }

    /// How the lists are.
    #[must_use]
    pub fn health(&self) -> LiveHealth {
        let age = self
            .opened
            .elapsed()
            .saturating_sub(Duration::from_millis(self.fresh_at.load(Ordering::Acquire)));
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone();
        LiveHealth { generation: self.current().map(|matcher| matcher.generation()), age, fault }
    }

    /// Why what the flood guard counted could not be written down the last time. It is kept and tried again, and what is
    /// out of service in this process stays so.
    #[must_use]
    pub fn guard_fault(&self) -> Option<String> {
        self.guard.as_ref()?.fault()
    }

    /// Writes down what the flood guard counted, for other processes and later ones: for the end of a service.
    ///
    /// # Errors
    /// [`MatchError::Local`].
    pub fn close(&self) -> Result<(), MatchError> {
        self.end_writer();
        self.current().map_or(Ok(()), |matcher| matcher.close_guard().map(drop))
    }

    fn look(&self, watched: &mut Watched) -> Result<bool, MatchError> {
        let now = Timestamp::now();
        // What is switched off again when a clock is set back is not found by waiting for the next change.
        let was_set_back = now + SET_BACK < std::mem::replace(&mut watched.looked_at, now);
        let is_due = was_set_back || watched.changes_at.is_some_and(|at| at <= now);
        let index = self.reader.newest()?;
        let said = match &watched.source {
            Source::Own { local, .. } => Said::Version(local.version()?),
            Source::Followed => Said::File(Stated::stamp(&self.home.index_dir())),
        };
        let today = self.pretended.unwrap_or_else(Clock::system).today();
        let known = Known { generation: index.generation(), said, today };
        if !is_due && watched.known == Some(known) {
            return Ok(false);
        }
        if watched.known.is_some() {
            index.check_since(&watched.index)?;
        }
        let (index, sets, mut stated) = self.described(index, &watched.source, now)?;
        let standing = match &watched.source {
            Source::Own { written, .. } => {
                Some(stated.to_bytes()).filter(|new| written.as_ref() != Some(new))
            }
            Source::Followed => None,
        };
        let (held, changes_at) = stated.out_of_service(now);
        let shares = Shares(std::mem::take(&mut stated.shares));
        let standings = Standings::of_stated(stated, held, &sets, &self.config, today);
        if let (Some(guard), Source::Own { local, .. }) = (&self.guard, &watched.source) {
            guard.exempt(exempt(local)?);
            // What is out and could not be written yet stays out.
            guard.out().iter().for_each(|out| standings.quarantine(&out.set, &out.key));
        }
        let (guard, low_quality) = (self.guard.clone(), self.config.low_quality);
        let lists = Lists { index: Arc::clone(&index), sets, standings, guard, today, low_quality };
        let matcher = match Matcher::of(Arc::new(lists), &Bounds::default(), &Selection::default()) {
            Err(MatchError::NoLists) => None,
            other => Some(Arc::new(other?)),
        };
        // First, so that no look-up finds a new set without its share.
        *self.shares.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shares);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = matcher;
        (watched.changes_at, watched.index) = (changes_at, index);
        watched.known = Some(Known { generation: watched.index.generation(), ..known });
        if let (Some(new), Source::Own { written, .. }) = (standing, &mut watched.source) {
            // A disk that is full keeps nobody from what is known here. It is tried again at a later look.
            match Stated::write(&self.home.index_dir(), &new) {
                Ok(()) => (*written, watched.unwritten) = (Some(new), None),
                Err(error) => (watched.known, watched.unwritten) = (None, Some(error.to_string())),
            }
        }
        Ok(true)
    }

    /// What is known of the sets of `index`, or of those of a newer snapshot if a writer replaced it just now.
    fn described(
        &self,
        mut index: Arc<Index>,
        source: &Source,
        now: Timestamp,
    ) -> Result<(Arc<Index>, Vec<SetInfo>, Stated), MatchError> {
        let Source::Own { local, .. } = source else {
            let stated = Stated::read(&self.home.index_dir())?;
            return Ok((Arc::clone(&index), stated.sets_of(&index)?, stated));
        };
        let sets = Sets::open(&self.home)?;
        for attempt in 1.. {
            match sets.at_revisions(&live_revisions(&index)) {
                // An import forgets the description of what it replaces.
                Err(SetError::NoRevision { .. }) if attempt < ATTEMPTS => {
                    let newer = self.reader.newest()?;
                    newer.check_since(&index)?;
                    index = newer;
                }
                sets => {
                    let sets = sets?;
                    let stated = Stated::gather(local, &sets, now)?;
                    return Ok((index, sets, stated));
                }
            }
        }
        unreachable!("the last attempt gives an answer")
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.end_writer();
    }
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
