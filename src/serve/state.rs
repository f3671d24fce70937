//! What all requests share.

use std::sync::Arc;

use axum::http::HeaderMap;

use super::{Caller, Problem, ProblemCode, Settings};
use crate::home::{Clock, Home};
use crate::screen::{Live, Matcher, Workers};

/// What all requests share. Cloning it costs nothing.
#[derive(Clone)]
pub struct State(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) home: Home,
    pub(super) settings: Settings,
    pub(super) live: Live,
    /// The processes that decode; `None` to decode in this one, as tests do.
    pub(super) workers: Option<Workers>,
    pub(super) pretended: Option<Clock>,
    /// Fetches URLs; `None` if none is fetched.
    pub(super) fetcher: Option<super::fetch::Fetcher>,
    /// Sends what was answered to a running HMA too.
    pub(super) shadow: Option<super::shadow::Shadow>,
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
        let fetcher = settings.fetch.clone().map(super::fetch::Fetcher::new);
        let shadow = settings.shadow.as_ref().and_then(super::shadow::Shadow::start);
        Self(Arc::new(Inner { home, settings, live, workers, pretended, fetcher, shadow }))
    }

    /// The lists as they are now.
    ///
    /// # Errors
    /// [`ProblemCode::Unavailable`] as long as there is none.
    pub fn matcher(&self) -> Result<Arc<Matcher>, Problem> {
        self.0.live.current().ok_or_else(|| {
            Problem::unavailable(
                "there is no list to match against yet; import one with `innerward set import`",
            )
        })
    }

    /// Who asks, by what the headers prove.
    pub(super) fn identify(&self, _headers: &HeaderMap) -> Result<Caller, Problem> {
        if self.0.settings.open.is_empty() {
            return Err(Problem::new(ProblemCode::Unauthorized, "send `Authorization: Bearer TOKEN`"));
        }
        Ok(Caller::new("anybody", self.0.settings.open.iter().copied()))
    }

    /// The moment at which the home acts.
    pub(super) fn clock(&self) -> Clock {
        self.0.pretended.unwrap_or_else(Clock::system)
    }

    /// Runs what waits or computes for long apart from the threads that speak with clients.
    ///
    /// # Errors
    /// Those of `work`; [`ProblemCode::Internal`] if it panicked.
    pub(super) async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let state = self.clone();
        tokio::task::spawn_blocking(move || work(&state)).await.unwrap_or_else(|_| Err(Problem::internal()))
    }
}
