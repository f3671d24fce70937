//! Into the tally: what callers have screened is counted before they are told the verdict.
//!
//! One thread writes. It takes all that waits and commits it as one transaction, so that a thousand uploads a second cost no
//! more syncs than the disk can do, and an answer that was given is never lost. A content that comes again within the month,
//! from whomever and through whichever process, is the item that it was.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

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

/// The thread that counts, and the way to it.
pub(super) struct Counting {
    orders: SyncSender<Order>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Order {
    Count { sighting: Sighting, done: oneshot::Sender<Result<(), Problem>> },
    End,
}

/// What the thread has at hand.
struct Counter {
    state: Weak<Inner>,
    home: Home,
    /// What was noted beside the counts, and of which month and which lists.
    noted: Option<(Period, Beside)>,
    /// The lists that [`Counter::noted`] is of.
    generation: Option<u64>,
}

impl Counting {
    fn start(state: &State) -> Option<Self> {
        let (orders, inbox) = sync_channel(MOST_WAITING);
        let home = state.0.home.clone();
        let counter =
            Counter { state: std::sync::Arc::downgrade(&state.0), home, noted: None, generation: None };
        let thread = thread::Builder::new().name("count".into()).spawn(move || counter.run(&inbox)).ok()?;
        Some(Self { orders, thread: Mutex::new(Some(thread)) })
    }

    /// Counts what was handed in until now, and ends.
    fn end(&self) {
        let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
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

impl State {
    /// Begins to count, if what is screened is to be counted here.
    pub(in crate::serve) fn begin_counting(&self) {
        if self.0.settings.count
            && !self.0.follower
            && let Some(counting) = Counting::start(self)
        {
            let _ = self.0.engine.counting.set(counting); // it is begun once
        }
    }

    /// Waits until everything that is to be counted has been: for the end of a service.
    pub fn end_counting(&self) {
        if let Some(counting) = self.0.engine.counting.get() {
            counting.end();
        }
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
        let counting = self.0.engine.counting.get().ok_or_else(Problem::internal)?;
        let (done, told) = oneshot::channel();
        match counting.orders.try_send(Order::Count { sighting, done }) {
            Ok(()) => {
                let began = Instant::now();
                let counted = told.await.unwrap_or_else(|_| Err(ends()));
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

fn refused(error: &TallyError) -> Problem {
    match error {
        TallyError::Closed(_) => Problem::unavailable(
            "the tally takes nothing more for this month, so the item cannot be counted and is not answered; is the date \
             of the machine right?",
        ),
        _ => Problem::unavailable(
            "the item cannot be counted now, and is not answered therefore; the operator finds why with `innerward doctor`",
        ),
    }
}

impl Counter {
    fn run(mut self, inbox: &Receiver<Order>) {
        let home = self.home.clone();
        let mut tally = None;
        // What counts are read beside must not hang on whether anything was there to be counted.
        let _ = self.commit(&home, &mut tally, &[]);
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
            let counted = self.commit(&home, &mut tally, &sightings);
            let counted = counted.map_err(|error| refused(&error));
            for done in waiting {
                let _ = done.send(counted.clone()); // who asked may be gone
            }
            if is_last {
                return;
            }
        }
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
