//! Connections: as many as there is room for. Where there is none, the one on which nobody was let in for longest makes room, so
//! that who opens many and says nothing, or says it slowly, keeps nobody out.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// All that are open.
pub(in crate::serve) struct Connections {
    most: usize,
    open: Mutex<Open>,
    /// One has ended, or may be ended now.
    room: Arc<Notify>,
    evicted: AtomicU64,
    accepted: AtomicU64,
    without_handshake: AtomicU64,
}

#[derive(Default)]
struct Open {
    next: u64,
    connections: BTreeMap<u64, Arc<Connection>>,
}

/// What one connection is doing.
pub(super) struct Connection {
    doing: Mutex<Doing>,
    /// It is to end, whatever the client has begun to say.
    end: Notify,
    room: Arc<Notify>,
}

struct Doing {
    phase: Phase,
    /// Since when.
    since: Instant,
    /// How many requests there were.
    requests: u64,
    /// All of the answer was handed over, and not all of it is written yet.
    leaving: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No request is at work.
    Idle,
    /// A request has come, and whoever sends it was not let in: it makes room for others as an idle one does.
    Asking,
    /// A request that was let in is at work, until its answer is written.
    AtWork,
    /// Its place is another's.
    Ended,
}

/// A connection's place, free again when dropped.
pub(in crate::serve) struct Seat {
    number: u64,
    connection: Arc<Connection>,
    all: Arc<Connections>,
}

/// A request of a connection, with its number there. Dropped once all of its answer was handed over.
pub(super) struct Asked(Arc<Connection>, u64);

/// Stands with a request, for whoever knows the callers: one that is let in keeps the place of its connection.
#[derive(Clone)]
pub(in crate::serve) struct Admission(Arc<Connection>);

impl Connections {
    pub(in crate::serve) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most: most.max(1),
            open: Mutex::default(),
            room: Arc::default(),
            evicted: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            without_handshake: AtomicU64::new(0),
        })
    }

    /// A place for one more. Waits only if all others are at work.
    pub(in crate::serve) async fn seat(self: &Arc<Self>) -> Seat {
        let mut has_waited = false;
        loop {
            let changed = self.room.notified();
            if let Some(seat) = self.try_seat() {
                if has_waited {
                    self.room.notify_one(); // there may be room for the next who waits
                }
                return seat;
            }
            changed.await;
            has_waited = true;
        }
    }

    fn try_seat(self: &Arc<Self>) -> Option<Seat> {
        let mut open = self.open();
        while open.connections.len() >= self.most {
            let may_go = open.connections.iter().filter_map(|(number, one)| Some((one.may_go()?, *number)));
            let (_, number) = may_go.min()?;
            // One that is let in at this very moment stays, and another is looked for.
            if open.connections[&number].end(Duration::ZERO, &[Phase::Idle, Phase::Asking]) {
                open.connections.remove(&number); // its task ends as soon as it is its turn
                self.evicted.fetch_add(1, Ordering::Relaxed);
            }
        }
        let number = open.next;
        open.next += 1;
        let doing = Doing { phase: Phase::Idle, since: Instant::now(), requests: 0, leaving: false };
        let connection =
            Arc::new(Connection { doing: Mutex::new(doing), end: Notify::new(), room: self.room.clone() });
        open.connections.insert(number, connection.clone());
        self.accepted.fetch_add(1, Ordering::Relaxed);
        Some(Seat { number, connection, all: self.clone() })
    }

    /// Ends those on which there was no request for `quiet`.
    pub(in crate::serve) fn end_idle(&self, quiet: Duration) {
        for connection in self.open().connections.values() {
            connection.end(quiet, &[Phase::Idle]);
        }
    }

    /// How many are open, and on how many of them there is a request.
    pub(in crate::serve) fn count(&self) -> (usize, usize) {
        let open = self.open();
        let busy = open.connections.values().filter(|one| one.doing().phase != Phase::Idle).count();
        (open.connections.len(), busy)
    }

    /// One has come to no TLS.
    pub(in crate::serve) fn no_handshake(&self) {
        self.without_handshake.fetch_add(1, Ordering::Relaxed);
    }

    /// How many there were, how many of them had to make room, and how many came to no TLS.
    pub(in crate::serve) fn totals(&self) -> [u64; 3] {
        [&self.accepted, &self.evicted, &self.without_handshake].map(|total| total.load(Ordering::Relaxed))
    }

    /// Waits until none is open.
    pub(in crate::serve) async fn none_left(&self) {
        loop {
            let changed = self.room.notified();
            if self.open().connections.is_empty() {
                return;
            }
            changed.await;
        }
    }

    /// No code that can panic runs under the lock.
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Since when it could make room for another; `None` if it may not.
    fn may_go(&self) -> Option<Instant> {
        let doing = self.doing();
        [Phase::Idle, Phase::Asking].contains(&doing.phase).then_some(doing.since)
    }

    /// Ends it if it has been in one of `phases` for `quiet`; true if so. No request on it is let in after that.
    fn end(&self, quiet: Duration, phases: &[Phase]) -> bool {
        let mut doing = self.doing();
        let ends = phases.contains(&doing.phase) && doing.since.elapsed() >= quiet;
        if ends {
            doing.phase = Phase::Ended;
            self.end.notify_one();
        }
        ends
    }

    /// All that was handed over until now is with the system.
    pub(super) fn written(&self) {
        let mut doing = self.doing();
        if doing.leaving {
            doing.turn_to(Phase::Idle);
            drop(doing);
            self.room.notify_one();
        }
    }

    fn doing(&self) -> MutexGuard<'_, Doing> {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Doing {
    /// False if it has ended: that is for good.
    fn turn_to(&mut self, phase: Phase) -> bool {
        let lasts = self.phase != Phase::Ended;
        if lasts {
            *self = Self { phase, since: Instant::now(), leaving: false, ..*self };
        }
        lasts
    }
}

impl Seat {
    /// A request has come. `None` if the place was given away a moment before: nothing is to be answered then.
    pub(super) fn asked(&self) -> Option<Asked> {
        let mut doing = self.connection.doing();
        doing.requests += 1;
        doing.turn_to(Phase::Asking).then(|| Asked(self.connection.clone(), doing.requests))
    }

    /// For whoever sees what is written.
    pub(super) fn connection(&self) -> Arc<Connection> {
        self.connection.clone()
    }

    /// Comes back when the connection is to end.
    pub(in crate::serve) async fn evicted(&self) {
        self.connection.end.notified().await;
    }
}

impl Asked {
    pub(super) fn admission(&self) -> Admission {
        Admission(self.0.clone())
    }
}

impl Admission {
    /// The request was let in: from now on its connection makes room for nobody. False if it has done so already, and the request
    /// is not to be begun.
    pub(in crate::serve) fn admit(&self) -> bool {
        self.0.doing().turn_to(Phase::AtWork)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let mut doing = self.0.doing();
        // The next request may have come before the body of the last answer was asked for more in vain.
        if doing.requests == self.1 {
            doing.leaving = true;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.all.open().connections.remove(&self.number);
        self.all.room.notify_waiters();
        self.all.room.notify_one(); // for who has looked, and does not wait yet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(500);

    fn let_in(seat: &Seat) -> Asked {
        let asked = seat.asked().unwrap();
        assert!(asked.admission().admit());
        asked
    }

    #[tokio::test]
    async fn the_one_on_which_nobody_was_let_in_for_longest_makes_room() {
        let all = Connections::new(3);
        let (first, second) = (all.seat().await, all.seat().await);
        let _at_work = let_in(&first);
        let third = all.seat().await;
        let waits_to_be_let_in = second.asked().unwrap();
        let fourth = all.seat().await;
        third.evicted().await;
        let _fifth = all.seat().await;
        second.evicted().await;
        assert_eq!((all.count(), all.totals()), ((3, 1), [5, 2, 0]));
        drop((second, third, waits_to_be_let_in));
        assert_eq!(all.count(), (3, 1), "their places are others' already");
        drop((fourth, first));
        assert_eq!(all.count(), (1, 0));
    }

    #[tokio::test]
    async fn who_is_at_work_stays_until_the_answer_is_written_and_then_whoever_waits_comes_in() {
        let all = Connections::new(1);
        let first = all.seat().await;
        let asked = let_in(&first);
        let mut next = Box::pin(all.seat());
        let mut waits = async || tokio::time::timeout(SOON / 10, &mut next).await.is_err();
        first.connection().written();
        assert!(waits().await, "what is written is not the end of the answer");
        drop(asked);
        assert!(waits().await, "the end of the answer is not written");
        first.connection().written();
        assert!(tokio::time::timeout(SOON, next).await.is_ok());
        first.evicted().await;
    }

    #[tokio::test]
    async fn a_request_on_a_connection_whose_place_is_taken_is_not_begun() {
        let all = Connections::new(1);
        let first = all.seat().await;
        let asked = first.asked().unwrap();
        let second = all.seat().await;
        assert!(!asked.admission().admit(), "it came too late");
        assert!(first.asked().is_none());
        drop(asked);
        first.connection().written();
        assert!(first.asked().is_none(), "nothing brings the place back");
        first.evicted().await;
        assert_eq!(all.count(), (1, 0));
        drop(second);
    }

    #[tokio::test]
    async fn at_the_end_only_those_without_a_request_are_ended() {
        let all = Connections::new(9);
        let (idle, asking, working) = (all.seat().await, all.seat().await, all.seat().await);
        let _requests = (asking.asked().unwrap(), let_in(&working));
        all.end_idle(SOON);
        assert!(idle.asked().is_some_and(|asked| asked.admission().admit()), "it was not idle for so long");
        idle.connection().written();
        all.end_idle(Duration::ZERO);
        idle.evicted().await;
        assert_eq!(all.totals()[1], 0, "nobody took its place");
        assert!(asking.asked().is_some() && working.asked().is_some());
    }

    #[tokio::test]
    async fn the_end_of_an_answer_is_not_that_of_the_next_one() {
        let all = Connections::new(1);
        let seat = all.seat().await;
        let (before, _now) = (let_in(&seat), let_in(&seat));
        drop(before);
        seat.connection().written();
        assert_eq!(all.count(), (1, 1));
        assert!(tokio::time::timeout(SOON / 10, all.seat()).await.is_err());
    }
}
