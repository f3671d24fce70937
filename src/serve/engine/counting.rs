//! Into the tally: what callers have screened is counted before they are told the verdict.
//!
//! One thread writes. It takes all that waits and commits it as one transaction, so that a thousand uploads a second cost no
//! more syncs than the disk can do, and an answer that was given is never lost. A content that comes again within the month,
//! from whomever and through whichever process, is the item that it was.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::super::server::Level;
use super::super::state::Inner;
use super::super::{Problem, State};
use crate::home::Home;
use crate::tally::{Beside, Brought, Sighting, Tally, TallyError};
use crate::vocabulary::{Dimension, Period, channel};

/// Sightings that wait at most.
const MOST_WAITING: usize = 8192;
/// Most of one transaction.
const TOGETHER: usize = 4096;
/// How long the lock of the tally is waited for. A release holds it for longer only when it seals a large month.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked whether a new month has begun.
const TURN: Duration = Duration::from_secs(60);
/// After a fault of the program, or when the system gave no thread, it is tried again so much later.
const REST: Duration = Duration::from_millis(500);
/// A transaction that takes longer hangs.
const HANGS: Duration = Duration::from_secs(30);

/// The thread that counts, and the way to it.
pub(super) struct Counting {
    orders: SyncSender<Order>,
    /// Whoever counts holds it.
    inbox: Arc<Mutex<Receiver<Order>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    is_running: AtomicBool,
    condition: Arc<Condition>,
}

enum Order {
    Count { sighting: Sighting, done: oneshot::Sender<Result<(), Problem>> },
    End,
}

/// Why nothing can be counted, for the health of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum CountingFault {
    /// There is no thread, it fails, or it hangs.
    Down,
    /// The tally took nothing the last time: a full disk, a damaged database, a month that is closed.
    Refused,
}

/// How counting is.
#[derive(Default)]
struct Condition {
    fault: Mutex<Option<CountingFault>>,
    /// Since when a transaction is under way.
    busy_since: Mutex<Option<Instant>>,
    has_ended: AtomicBool,
    /// How often the thread failed, or none was to be had.
    failures: AtomicU64,
    /// When it was tried the last time to start it.
    tried: Mutex<Option<Instant>>,
    /// So often it is to fail; for tests.
    #[cfg(test)]
    to_fail: AtomicU64,
    /// The system gives no thread; for tests.
    #[cfg(test)]
    no_thread: AtomicBool,
}

/// What the thread has at hand.
struct Counter {
    state: Weak<Inner>,
    home: Home,
    condition: Arc<Condition>,
    /// What was noted beside the counts, and of which month and which lists.
    noted: Option<(Period, Beside)>,
    /// The lists that [`Counter::noted`] is of.
    generation: Option<u64>,
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner) // what is in it is set as a whole
}

impl Counting {
    pub(super) fn new() -> Self {
        let (orders, inbox) = sync_channel(MOST_WAITING);
        Self {
            orders,
            inbox: Arc::new(Mutex::new(inbox)),
            thread: Mutex::new(None),
            is_running: AtomicBool::new(false),
            condition: Arc::default(),
        }
    }

    /// Starts the thread if there is none: at the beginning, and where the system gave none, with each item that is to be
    /// counted, twice a second at most.
    fn ensure(&self, state: &State) {
        if self.is_running.load(Ordering::Acquire) || self.condition.has_ended.load(Ordering::Acquire) {
            return;
        }
        let mut thread = held(&self.thread);
        let mut tried = held(&self.condition.tried);
        if thread.is_some() || tried.is_some_and(|tried| tried.elapsed() < REST) {
            return;
        }
        *tried = Some(Instant::now());
        drop(tried);
        let (home, condition) = (state.0.home.clone(), Arc::clone(&self.condition));
        let (state_of, inbox) = (Arc::downgrade(&state.0), Arc::clone(&self.inbox));
        let counter = move || Counter {
            state: state_of.clone(),
            home: home.clone(),
            condition: Arc::clone(&condition),
            noted: None,
            generation: None,
        };
        match self.spawn(move || count_all(&counter, &inbox)) {
            Ok(started) => {
                *thread = Some(started);
                self.is_running.store(true, Ordering::Release);
            }
            Err(_) => {
                self.condition.failed();
                state.tell(Level::Error, "counting", "no thread can be started to count what is screened");
            }
        }
    }

    fn spawn(&self, work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
        #[cfg(test)]
        if self.condition.no_thread.load(Ordering::Acquire) {
            return Err(std::io::ErrorKind::WouldBlock.into());
        }
        thread::Builder::new().name("count".into()).spawn(work)
    }

    /// Counts what was handed in until now, and ends.
    fn end(&self) {
        self.condition.has_ended.store(true, Ordering::Release);
        let Some(thread) = held(&self.thread).take() else { return };
        let _ = self.orders.send(Order::End); // it may have ended by itself
        // The last who held the state may be the thread itself.
        if thread.thread().id() != thread::current().id() {
            let _ = thread.join();
        }
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.end();
    }
}

impl Condition {
    fn failed(&self) {
        self.failures.fetch_add(1, Ordering::AcqRel);
        *held(&self.fault) = Some(CountingFault::Down);
    }

    fn fault(&self) -> Option<CountingFault> {
        let hangs = held(&self.busy_since).is_some_and(|since| since.elapsed() > HANGS);
        if hangs { Some(CountingFault::Down) } else { *held(&self.fault) }
    }
}

/// Counts until it is told to end. A fault of the program costs those whose items were being counted an answer, and nobody
/// else: it goes on with those that wait.
fn count_all(counter: &impl Fn() -> Counter, inbox: &Mutex<Receiver<Order>>) {
    let inbox = held(inbox);
    loop {
        let counter = counter();
        let (state, condition) = (counter.state.clone(), Arc::clone(&counter.condition));
        if catch_unwind(AssertUnwindSafe(|| counter.run(&inbox))).is_ok() {
            return;
        }
        condition.failed();
        *held(&condition.busy_since) = None;
        match state.upgrade().map(State) {
            Some(state) => {
                state.tell(Level::Error, "counting", "it failed by a fault of the program, and goes on");
            }
            None => return,
        }
        thread::sleep(REST);
    }
}

impl State {
    /// Begins to count, if what is screened is to be counted here.
    pub(in crate::serve) fn begin_counting(&self) {
        if self.0.settings.count && !self.0.follower {
            self.0.engine.counting.ensure(self);
        }
    }

    /// Waits until everything that is to be counted has been: for the end of a service.
    pub fn end_counting(&self) {
        self.0.engine.counting.end();
    }

    /// Why what is screened cannot be counted just now, and is refused therefore; `None` if it can, or need not be.
    pub(in crate::serve) fn counting_fault(&self) -> Option<CountingFault> {
        self.0.engine.counting.condition.fault()
    }

    /// How often counting failed by a fault of the program, or no thread was to be had for it.
    pub(in crate::serve) fn counting_failures(&self) -> u64 {
        self.0.engine.counting.condition.failures.load(Ordering::Acquire)
    }

    /// Counts a sighting; done once it is on the disk. Nothing to do where nothing is counted.
    ///
    /// # Errors
    /// [`ProblemCode::Unavailable`](super::super::ProblemCode::Unavailable) if it cannot be counted: the answer is refused
    /// then, so that nothing is screened and left out of the counts without a word.
    pub(super) async fn count(&self, sighting: Sighting) -> Result<(), Problem> {
        if !self.0.settings.count || self.0.follower {
            return Ok(());
        }
        let counting = &self.0.engine.counting;
        counting.ensure(self);
        if !counting.is_running.load(Ordering::Acquire) {
            return Err(uncounted());
        }
        if counting.condition.has_ended.load(Ordering::Acquire) {
            return Err(ends());
        }
        let (done, told) = oneshot::channel();
        match counting.orders.try_send(Order::Count { sighting, done }) {
            Ok(()) => {
                let began = Instant::now();
                let is_over = || counting.condition.has_ended.load(Ordering::Acquire);
                let counted =
                    told.await.unwrap_or_else(|_| Err(if is_over() { ends() } else { uncounted() }));
                self.0.metrics.counting_lags(began.elapsed());
                counted
            }
            Err(TrySendError::Full(_)) => {
                Err(Problem::unavailable("more is to be counted than the disk can write; come again"))
            }
            Err(TrySendError::Disconnected(_)) => Err(ends()),
        }
    }

    /// How an item reached the service, by the closed codes that a request or a token names: a code of
    /// [`Dimension::Channel`], by default `SERVICE`, and a country with its role, as `NL` or `NL:HOSTING`.
    ///
    /// # Errors
    /// [`ProblemCode::BadRequest`](super::super::ProblemCode::BadRequest) for a code that there is not.
    pub fn brought(channel: Option<&str>, region: Option<&str>) -> Result<Brought, Problem> {
        let channel = match channel {
            None => channel::SERVICE,
            Some(code) => Dimension::Channel.code(code).map_err(|_| {
                Problem::bad_request("there is no such channel; `innerward vocabulary` lists the codes")
            })?,
        };
        let area = region.map(Brought::region).transpose().map_err(Problem::bad_request)?;
        Ok(Brought { area, ..Brought::by(channel) })
    }
}

fn ends() -> Problem {
    Problem::unavailable("the service is about to end; come again")
}

fn uncounted() -> Problem {
    Problem::unavailable(
        "the item cannot be counted now, and is not answered therefore; the operator finds why with `innerward doctor`",
    )
}

fn refused(error: &TallyError) -> Problem {
    match error {
        TallyError::Closed(_) => Problem::unavailable(
            "the tally takes nothing more for this month, so the item cannot be counted and is not answered; is the date \
             of the machine right?",
        ),
        _ => uncounted(),
    }
}

impl Counter {
    fn run(mut self, inbox: &Receiver<Order>) {
        let home = self.home.clone();
        let mut tally = None;
        // What counts are read beside must not hang on whether anything was there to be counted.
        let _ = self.try_commit(&home, &mut tally, &[]);
        loop {
            let first = match inbox.recv_timeout(TURN) {
                Ok(order) => Some(order),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let (mut sightings, mut waiting, mut is_last) = (Vec::new(), Vec::new(), false);
            for order in first.into_iter().chain(inbox.try_iter()).take(TOGETHER) {
                match order {
                    Order::Count { sighting, done } => {
                        sightings.push(sighting);
                        waiting.push(done);
                    }
                    Order::End => is_last = true,
                }
            }
            let counted = self.try_commit(&home, &mut tally, &sightings);
            let counted = counted.map_err(|error| refused(&error));
            for done in waiting {
                let _ = done.send(counted.clone()); // who asked may be gone
            }
            if is_last {
                return;
            }
        }
    }

    /// The same as [`Counter::commit`], and keeps how it went.
    fn try_commit<'h>(
        &mut self,
        home: &'h Home,
        tally: &mut Option<Tally<'h>>,
        sightings: &[Sighting],
    ) -> Result<(), TallyError> {
        *held(&self.condition.busy_since) = Some(Instant::now());
        #[cfg(test)]
        self.fail_if_told_to();
        let done = self.commit(home, tally, sightings);
        *held(&self.condition.busy_since) = None;
        let mut fault = held(&self.condition.fault);
        // Where nothing was to be counted it only shows that the thread is at work.
        if !sightings.is_empty() || *fault == Some(CountingFault::Down) {
            *fault = done.as_ref().err().map(|_| CountingFault::Refused);
        }
        drop(fault);
        done
    }

    #[cfg(test)]
    fn fail_if_told_to(&self) {
        let one_less = |left: u64| left.checked_sub(1);
        let told = self.condition.to_fail.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less);
        assert!(told.is_err(), "a fault that was asked for");
    }

    /// Counts `sightings` in the month of now, all or none; and notes how they were matched where that is new.
    fn commit<'h>(
        &mut self,
        home: &'h Home,
        tally: &mut Option<Tally<'h>>,
        sightings: &[Sighting],
    ) -> Result<(), TallyError> {
        let Some(state) = self.state.upgrade().map(State) else { return Ok(()) };
        let month = Period::containing(state.clock().today());
        let beside = self.beside(&state, month)?;
        drop(state);
        if sightings.is_empty() && beside.is_none() {
            return Ok(());
        }
        let lock = home.lock_tally_within(PATIENCE)?;
        let done = (|| {
            let open = match tally {
                Some(tally) => tally,
                None => tally.insert(Tally::open(home)?),
            };
            if let Some(beside) = &beside {
                beside.note(open, &lock, month)?;
            }
            open.record(&lock, month, sightings)
        })();
        match done {
            Ok(()) => {
                if let Some(beside) = beside {
                    self.noted = Some((month, beside));
                }
            }
            // Whatever is wrong with the connection is not kept.
            Err(_) => *tally = None,
        }
        done
    }

    /// What is to be noted beside the counts of `month`; `None` if it was.
    fn beside(&mut self, state: &State, month: Period) -> Result<Option<Beside>, TallyError> {
        let Some(matcher) = state.0.live.current() else { return Ok(None) };
        let is_noted = |noted: &Option<(Period, Beside)>, now: &Beside| {
            noted.as_ref().is_some_and(|(of, beside)| *of == month && beside == now)
        };
        if self.generation == Some(matcher.generation())
            && let Some((of, beside)) = &self.noted
        {
            return Ok((*of != month).then(|| beside.clone()));
        }
        let now = Beside::of(&self.home, &matcher)?;
        self.generation = Some(matcher.generation());
        Ok((!is_noted(&self.noted, &now)).then_some(now))
    }
}

#[cfg(test)]
impl State {
    /// The next transactions fail by a fault of the program, so many of them.
    pub(super) fn let_counting_fail(&self, times: u64) {
        self.0.engine.counting.condition.to_fail.store(times, Ordering::Release);
    }

    /// Ends the thread that counts as if there had never been one, and lets the system give one or none from now on.
    pub(super) fn let_counting_start(&self, may: bool) {
        let counting = &self.0.engine.counting;
        counting.condition.no_thread.store(!may, Ordering::Release);
        if !may {
            counting.end();
            counting.condition.has_ended.store(false, Ordering::Release);
            counting.is_running.store(false, Ordering::Release);
        }
        *held(&counting.condition.tried) = None;
    }
}
