//! Matchers for a process that lives long: they know what was imported, withdrawn and decided a moment ago, by whomever.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;

use super::flood::Guard;
use super::lists::{Lists, memory};
use super::standing::Standings;
use super::{MatchError, Matcher, Selection};
use crate::hashset::{Bounds, Local, Sets};
use crate::home::{Clock, Config, Home};
use crate::index::{Index, Reader, live_revisions};

/// Gives a [`Matcher`] for the lists as they are now. Share one among all threads, and let one of them call
/// [`Live::refresh`] every [`Live::INTERVAL`].
///
/// No thread that matches ever waits for one that opens what is new: it goes on with what was there.
pub struct Live {
    home: Home,
    config: Config,
    /// In a demo's home the day that it pretends.
    pretended: Option<Clock>,
    reader: Reader,
    guard: Option<Arc<Mutex<Guard>>>,
    /// What is watched beside the index; whoever refreshes holds it.
    watched: Mutex<Watched>,
    current: RwLock<Option<Arc<Matcher>>>,
    opened: Instant,
    /// Milliseconds after `opened` at which all was known to be as it is now.
    fresh_at: AtomicU64,
}

struct Watched {
    local: Local,
    version: u64,
    generation: u64,
    today: Date,
    /// When something changes by itself.
    changes_at: Option<Timestamp>,
    fault: Option<String>,
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

impl Live {
    /// How long a change may go unnoticed. A look costs a few system calls.
    pub const INTERVAL: Duration = Duration::from_millis(100);

    /// Opens the lists of a home, of which there may be none yet. The day is the system's, unless a demo's home pretends one.
    ///
    /// # Errors
    /// Those of [`Matcher::open`], but for [`MatchError::NoLists`].
    pub fn open(home: &Home, pretended: Option<Clock>) -> Result<Self, MatchError> {
        let config = home.config()?;
        let reader = Reader::open_in(memory(&config), &home.index_dir())?;
        let local = Local::open(home)?;
        let guard = config.flood.map(|flood| Arc::new(Mutex::new(Guard::new(home, &flood))));
        let today = pretended.unwrap_or_else(Clock::system).today();
        let watched = Watched {
            version: local.version()?,
            local,
            generation: u64::MAX,
            today,
            changes_at: None,
            fault: None,
        };
        let live = Self {
            home: home.clone(),
            config,
            pretended,
            reader,
            guard,
            watched: Mutex::new(watched),
            current: RwLock::new(None),
            opened: Instant::now(),
            fresh_at: AtomicU64::new(0),
        };
        live.refresh()?;
        Ok(live)
    }

    /// The lists as of [`Live::INTERVAL`] ago at most, if somebody refreshes; `None` as long as there is none.
    #[must_use]
    pub fn current(&self) -> Option<Arc<Matcher>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks whether anything is new and opens it; true if something was.
    ///
    /// # Errors
    /// Those of [`Matcher::open`], if what is new cannot be opened: [`Live::current`] is as it was then, and may hold what
    /// was withdrawn since. [`Live::health`] says so until a later look succeeds.
    pub fn refresh(&self) -> Result<bool, MatchError> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let looked = self.look(&mut watched);
        watched.fault = looked.as_ref().err().map(ToString::to_string);
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
        let fault = self.watched.lock().unwrap_or_else(PoisonError::into_inner).fault.clone();
        LiveHealth { generation: self.current().map(|matcher| matcher.generation()), age, fault }
    }

    /// Writes down what the flood guard counted, for other processes and later ones.
    ///
    /// # Errors
    /// [`MatchError::Local`].
    pub fn close(&self) -> Result<(), MatchError> {
        self.current().map_or(Ok(()), |matcher| matcher.close_guard().map(drop))
    }

    fn look(&self, watched: &mut Watched) -> Result<bool, MatchError> {
        let index = self.reader.newest()?;
        let (version, today) =
            (watched.local.version()?, self.pretended.unwrap_or_else(Clock::system).today());
        let is_due = watched.changes_at.is_some_and(|at| at <= Timestamp::now());
        if !is_due
            && (index.generation(), version, today) == (watched.generation, watched.version, watched.today)
        {
            return Ok(false);
        }
        let generation = index.generation();
        let lists = self.described(index, watched, today)?;
        watched.changes_at = lists.standings.changes_at;
        let matcher = match Matcher::of(Arc::new(lists), &Bounds::default(), &Selection::default()) {
            Err(MatchError::NoLists) => None,
            other => Some(Arc::new(other?)),
        };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = matcher;
        (watched.generation, watched.version, watched.today) = (generation, version, today);
        Ok(true)
    }

    fn described(&self, index: Arc<Index>, watched: &Watched, today: Date) -> Result<Lists, MatchError> {
        let sets = Sets::open(&self.home).map_err(MatchError::Local)?;
        let sets = sets.at_revisions(&live_revisions(&index)).map_err(MatchError::Local)?;
        let standings = Standings::read(&watched.local, &sets, &self.config, today)?;
        let (guard, low_quality) = (self.guard.clone(), self.config.low_quality);
        Ok(Lists { index, sets, standings, guard, today, low_quality })
    }
}
