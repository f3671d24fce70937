//! The inner service: all its paths at all its addresses, and the thread that looks for changed lists.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use super::host::{Ended, Host, Orders};
use super::listen::{Listener, listen};
use super::logs::Level;
use super::tls::Certificates;
use super::{ServeError, router};
use crate::screen::Live;
use crate::serve::State;

/// A service that listens, and has not begun to answer.
pub struct Service {
    state: State,
    listeners: Vec<Listener>,
    certificates: Option<Arc<Certificates>>,
}

impl Service {
    /// Reads the files of TLS and listens at every address; nothing is answered yet.
    ///
    /// # Errors
    /// [`ServeError`]: an address is taken, a file of TLS cannot be used, or the operator has not said twice what has to be said
    /// twice.
    pub async fn open(state: State) -> Result<Self, ServeError> {
        let settings = &state.0.settings;
        state.begin_traces()?;
        let certificates = settings.tls.as_ref().map(Certificates::open).transpose()?.map(Arc::new);
        let listeners = listen(settings).await?;
        Ok(Self { state, listeners, certificates })
    }

    /// Where it listens, as people write it.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        self.listeners.iter().map(Listener::name).collect()
    }

    /// Answers until it is ordered to end, and then as long as what has begun takes, within the bound.
    ///
    /// # Errors
    /// [`ServeError::Lists`] if what the lists' guard counted could not be written down, [`ServeError::System`] if no thread
    /// can be had.
    pub async fn run(self, orders: Orders) -> Result<Ended, ServeError> {
        let Self { state, listeners, certificates } = self;
        let follower = Follower::start(&state)?;
        let told = state.clone();
        let host = Host {
            listeners,
            certificates,
            connections: state.0.connections.clone(),
            router: router(state.clone()),
            settings: state.0.settings.clone(),
            tell: Arc::new(move |level, event, about| told.tell(level, event, about)),
        };
        let ended = host.run(orders, || state.0.draining.store(true, Ordering::Relaxed)).await;
        let closed = follower.end(&state);
        match ended {
            Ended::Drained => state.tell(Level::Info, "ended", "every request was answered"),
            Ended::Cut(_) => state.tell(Level::Warn, "ended", "requests were cut off"),
        }
        closed.map(|()| ended)
    }
}

/// The thread that looks for changed lists.
struct Follower {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Follower {
    fn start(state: &State) -> Result<Self, ServeError> {
        let stop = Arc::new(AtomicBool::new(false));
        let (state, stopped) = (state.clone(), stop.clone());
        let follow = move || {
            let (mut fault, mut unwritten) = (None, false);
            while !stopped.load(Ordering::Relaxed) {
                let failed = state.refresh().err().map(|error| error.to_string());
                // Between two looks at something damaged it is as damaged as before.
                let now = failed.or_else(|| state.0.live.health().fault);
                match &now {
                    Some(error) if now != fault => state.tell(Level::Error, "lists", error),
                    None if fault.is_some() => state.tell(Level::Info, "lists", "they can be opened again"),
                    _ => {}
                }
                fault = now;
                let flood = state.0.live.guard_fault();
                match &flood {
                    Some(error) if !unwritten => state.tell(Level::Error, "flood", error),
                    None if unwritten => {
                        state.tell(Level::Info, "flood", "the guard's counts are written again")
                    }
                    _ => {}
                }
                unwritten = flood.is_some();
                std::thread::sleep(Live::INTERVAL);
            }
        };
        let thread = std::thread::Builder::new().name("lists".into()).spawn(follow);
        Ok(Self { stop, thread: thread.map_err(ServeError::System)? })
    }

    fn end(self, state: &State) -> Result<(), ServeError> {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.join(); // a panic in it has been told
        state.end_counting();
        state.keep_quotas();
        state.end_traces();
        Ok(state.0.live.close()?)
    }
}
