//! What all requests share.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use tokio::sync::Semaphore;

use super::engine::Engine;
use super::identity::Identity;
use super::server::{Connections, Level, Log, Metrics};
use super::{Problem, Settings, traces};
use crate::home::{Clock, Home};
use crate::index::KeyNumbers;
use crate::screen::{Live, MatchError, Matcher, Workers};

/// Changes at a time: one has the lock, and the next ones wait for it on threads.
const CHANGING: usize = 8;
/// Exports at a time; each has a thread for as long as its client takes.
const EXPORTING: usize = 4;

/// What all requests share. Cloning it costs nothing.
#[derive(Clone)]
pub struct State(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) home: Home,
    pub(super) settings: Settings,
    pub(super) live: Live,
    pub(super) identity: Identity,
    /// The processes that decode; `None` to decode in this one, as tests do.
    pub(super) workers: Option<Workers>,
    pub(super) pretended: Option<Clock>,
    /// Fetches URLs; `None` if none is fetched.
    pub(super) fetcher: Option<super::fetch::Fetcher>,
    /// It only reads, beside another process that writes: nothing may be changed or counted.
    pub(super) follower: bool,
    pub(super) engine: Engine,
    /// Those who change something, and those who export, a few at a time.
    pub(super) changing: Semaphore,
    pub(super) exporting: Arc<Semaphore>,
    pub(super) connections: Arc<Connections>,
    pub(super) metrics: Metrics,
    /// It has been asked to end.
    pub(super) draining: AtomicBool,
    log: OnceLock<Log>,
    /// Finds entries by the numbers that HMA's clients have for them.
    pub(super) numbers: KeyNumbers,
    /// Sends what was answered to a running HMA too.
    pub(super) shadow: Option<super::shadow::Shadow>,
    /// Begun with the service, where there is a collector.
    #[cfg(feature = "otel")]
    pub(super) traces: OnceLock<super::traces::Traces>,
}

impl State {
    /// Shares these.
    #[must_use]
    pub fn new(
        home: Home,
        settings: Settings,
        live: Live,
        workers: Option<Workers>,
        pretended: Option<Clock>,
    ) -> Self {
        let identity = Identity::open(&home, &settings.open, pretended);
        let fetcher = settings.fetch.clone().map(super::fetch::Fetcher::new);
        let shadow = settings.shadow.as_ref().map(super::shadow::Shadow::start);
        let connections = Connections::new(settings.max_connections);
        let (follower, engine) = (live.is_follower(), Engine::new(&settings));
        let state = Self(Arc::new(Inner {
            home,
            settings,
            live,
            identity,
            workers,
            pretended,
            fetcher,
            follower,
            shadow,
            engine,
            changing: Semaphore::new(CHANGING),
            exporting: Arc::new(Semaphore::new(EXPORTING)),
            connections,
            metrics: Metrics::default(),
            draining: AtomicBool::new(false),
            log: OnceLock::new(),
            numbers: super::hma::content_numbers(),
            #[cfg(feature = "otel")]
            traces: OnceLock::new(),
        }));
        if !follower {
            state.0.home.sweep_spools();
        }
        state.begin_counting();
        state
    }

    /// Looks whether anything about the lists is new; for the one thread that does so every [`Live::INTERVAL`].
    ///
    /// # Errors
    /// As [`Live::refresh`].
    pub fn refresh(&self) -> Result<bool, MatchError> {
        self.0.live.refresh()
    }

    /// Refuses what would change something, where nothing may be changed.
    ///
    /// # Errors
    /// [`ProblemCode::Unavailable`](super::ProblemCode::Unavailable) on a follower.
    pub(super) fn may_change(&self) -> Result<(), Problem> {
        self.database().map(|_| ())
    }

    /// The home, for whoever reads or writes its database. A follower has the index and what stands in `index/standing.json`,
    /// and opens no database: on storage that it shares with the process that writes, that would not be safe.
    ///
    /// # Errors
    /// [`ProblemCode::Unavailable`](super::ProblemCode::Unavailable) on a follower.
    pub(super) fn database(&self) -> Result<&Home, Problem> {
        if self.0.follower {
            return Err(Problem::unavailable(
                "this process only follows another one, and matches; ask the one that writes for all else",
            ));
        }
        Ok(&self.0.home)
    }

    /// Tells `log` from now on; the first that is named stays.
    #[must_use]
    pub fn logging(self, log: Log) -> Self {
        let _ = self.0.log.set(log);
        self
    }

    /// Where it is told what happens.
    #[must_use]
    pub fn log(&self) -> Option<&Log> {
        self.0.log.get()
    }

    /// Tells the log that something happened, in words without content.
    pub(super) fn tell(&self, level: Level, event: &str, about: &str) {
        self.log().into_iter().for_each(|log| log.tell(level, event, about));
    }

    /// The lists as they are now.
    ///
    /// # Errors
    /// [`ProblemCode::Unavailable`](super::ProblemCode::Unavailable) as long as there is none.
    pub fn matcher(&self) -> Result<Arc<Matcher>, Problem> {
        self.0.live.current().ok_or_else(|| Problem::unavailable(self.no_lists()))
    }

    /// What whoever asks is told while there is no list.
    pub(super) fn no_lists(&self) -> &'static str {
        if self.0.follower {
            "there is no list to match against yet, and this process only follows; import one where the home is written"
        } else {
            "there is no list to match against yet; import one with `innerward set import`"
        }
    }

    /// The moment at which the home acts.
    pub(super) fn clock(&self) -> Clock {
        self.0.pretended.unwrap_or_else(Clock::system)
    }

    /// Runs what waits or computes for long apart from the threads that speak with clients.
    ///
    /// # Errors
    /// Those of `work`; [`ProblemCode::Internal`](super::ProblemCode::Internal) if it panicked.
    pub(super) async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (state, here) = (self.clone(), traces::here());
        let work = move || {
            let _within = here.enter();
            work(&state)
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(Problem::internal()))
    }

    /// The same for what changes something, once all that is needed for it is here: it may wait for locks, on a thread that
    /// others need for matching, so a few are at it at a time.
    ///
    /// # Errors
    /// Those of [`State::apart`].
    pub(super) async fn apart_in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let _turn = self.0.changing.acquire().await.map_err(|_| Problem::internal())?;
        self.apart(work).await
    }
}
