//! Connections: as many as there is room for. Where there is none, the one that has been idle for longest makes room, so that
//! who opens many and says nothing keeps nobody out.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// All that are open.
pub(in crate::serve) struct Connections {
    most: usize,
    began: Instant,
    open: Mutex<Open>,
    /// One has ended.
    room: Notify,
    evicted: AtomicU64,
    accepted: AtomicU64,
    without_handshake: AtomicU64,
}

#[derive(Default)]
struct Open {
    next: u64,
    connections: BTreeMap<u64, Arc<Connection>>,
}

struct Connection {
    /// Milliseconds after the start since when no request is at work on it; [`BUSY`] if one is.
    idle_since: AtomicU64,
    /// It is to end, whatever the client has begun to say.
    end: Notify,
}

const BUSY: u64 = u64::MAX;

/// A connection's place, free again when dropped.
pub(in crate::serve) struct Seat {
    number: u64,
    connection: Arc<Connection>,
    all: Arc<Connections>,
}

/// While this is kept, a request is at work on the connection.
pub(in crate::serve) struct Busy {
    connection: Arc<Connection>,
    began: Instant,
}

impl Connections {
    pub(in crate::serve) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most: most.max(1),
            began: Instant::now(),
            open: Mutex::default(),
            room: Notify::new(),
            evicted: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            without_handshake: AtomicU64::new(0),
        })
    }

    /// A place for one more. Waits only if all others are at work.
    pub(in crate::serve) async fn seat(self: &Arc<Self>) -> Seat {
        loop {
            let changed = self.room.notified();
            if let Some(seat) = self.try_seat() {
                return seat;
            }
            changed.await;
        }
    }

    fn try_seat(self: &Arc<Self>) -> Option<Seat> {
        let mut open = self.open();
        if open.connections.len() >= self.most {
            let idle = open.connections.iter().map(|(number, one)| (one.idle_since(), *number));
            let (since, number) = idle.min()?;
            if since == BUSY {
                return None;
            }
            // Its place is free at once; its task ends as soon as it is its turn.
            if let Some(connection) = open.connections.remove(&number) {
                connection.end.notify_one();
            }
            self.evicted.fetch_add(1, Ordering::Relaxed);
        }
        let number = open.next;
        open.next += 1;
        let since = self.began.elapsed().as_millis() as u64;
        let connection = Arc::new(Connection { idle_since: AtomicU64::new(since), end: Notify::new() });
        open.connections.insert(number, connection.clone());
        self.accepted.fetch_add(1, Ordering::Relaxed);
        Some(Seat { number, connection, all: self.clone() })
    }

    /// Ends those on which no request has been at work for `quiet`.
    pub(in crate::serve) fn end_idle(&self, quiet: Duration) {
        let now = self.began.elapsed().as_millis() as u64;
        let quiet = quiet.as_millis() as u64;
        for connection in self.open().connections.values() {
            let since = connection.idle_since();
            if since != BUSY && now.saturating_sub(since) >= quiet {
                connection.end.notify_one();
            }
        }
    }

    /// How many are open, and on how many of them a request is at work.
    pub(in crate::serve) fn count(&self) -> (usize, usize) {
        let open = self.open();
        let busy = open.connections.values().filter(|one| one.idle_since() == BUSY).count();
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
    fn idle_since(&self) -> u64 {
        self.idle_since.load(Ordering::Relaxed)
    }
}

impl Seat {
    /// A request is at work from now on.
    pub(in crate::serve) fn busy(&self) -> Busy {
        self.connection.idle_since.store(BUSY, Ordering::Relaxed);
        Busy { connection: self.connection.clone(), began: self.all.began }
    }

    /// Comes back when the connection is to end. One that is at work is not ended: its place was taken a moment before the
    /// request came.
    pub(in crate::serve) async fn evicted(&self) {
        loop {
            self.connection.end.notified().await;
            if self.connection.idle_since() != BUSY {
                return;
            }
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.connection.idle_since.store(self.began.elapsed().as_millis() as u64, Ordering::Relaxed);
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

    #[tokio::test]
    async fn the_one_that_is_idle_for_longest_makes_room() {
        let all = Connections::new(3);
        let (first, second) = (all.seat().await, all.seat().await);
        let at_work = first.busy();
        tokio::time::sleep(Duration::from_millis(5)).await;
        let third = all.seat().await;
        let _fourth = all.seat().await;
        second.evicted().await;
        assert_eq!(all.count(), (3, 1));
        assert_eq!(all.totals(), [4, 1, 0]);
        let (_a, _b, _c) = (at_work, third.busy(), _fourth.busy());
        let waits = tokio::time::timeout(Duration::from_millis(50), all.seat()).await;
        assert!(waits.is_err(), "who is at work is never ended for another");
        drop(first);
        assert!(tokio::time::timeout(Duration::from_millis(500), all.seat()).await.is_ok());
    }
}
