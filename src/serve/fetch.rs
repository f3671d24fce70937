//! Content behind a URL, fetched only where the operator allows it.
//!
//! Off by default. A URL names a host of the operator's list; what the name resolves to is checked address by address just
//! before the connection is made to that very address, and again after each redirect. Nothing of the caller is sent along:
//! no cookies, no credentials, no headers of theirs; and no proxy stands between.

mod address;
mod target;
#[cfg(feature = "http")]
mod web;

#[cfg(test)]
#[cfg(feature = "http")]
mod tests;

use super::{Caller, Problem, ProblemCode, State, Upload};

/// Where content may be fetched from, and within what bounds.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// Host names; one that begins with a dot stands for all below it. An address is listed as it is written in a URL.
    pub hosts: Vec<String>,
    /// Further ports than 80 and 443.
    pub ports: Vec<u16>,
    /// Most bytes.
    pub max_bytes: u64,
    /// Most seconds, redirects included.
    pub max_seconds: u64,
    /// Most redirects.
    pub max_redirects: usize,
    /// Most URLs that are fetched at the same time; who comes beyond that is told to come again.
    pub max_at_once: usize,
    /// Most of them for one token, so that none keeps out all others.
    pub max_each: usize,
    /// Connections to this machine itself: for tests, whose servers have no other place.
    #[cfg(test)]
    pub(super) loopback: bool,
}

impl Default for FetchSettings {
    /// No host, 100 MiB, 30 seconds, 3 redirects, 16 at once, half of them for one token.
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            ports: Vec::new(),
            max_bytes: 100 << 20,
            max_seconds: 30,
            max_redirects: 3,
            max_at_once: 16,
            max_each: 8,
            #[cfg(test)]
            loopback: false,
        }
    }
}

#[cfg(feature = "http")]
pub(super) use web::Fetcher;

/// A build without `http` cannot open a connection.
#[cfg(not(feature = "http"))]
pub(super) struct Fetcher;

#[cfg(not(feature = "http"))]
impl Fetcher {
    pub(super) fn new(_settings: FetchSettings) -> Self {
        Self
    }

    async fn fetch(
        &self,
        _state: &State,
        _caller: &Caller,
        _url: &str,
    ) -> Result<(Upload, Option<String>), Problem> {
        Err(Problem::new(ProblemCode::Forbidden, "this program was built without `http`; upload the content"))
    }
}

impl State {
    /// What lies at `url`, and the media type that its server says it has. It is charged as a look-up before it is fetched,
    /// whatever comes of it; matching it costs no other.
    ///
    /// # Errors
    /// [`ProblemCode::TooManyRequests`] if the quota is used up; [`ProblemCode::Forbidden`] if fetching is off, or the host, the port or what the host resolves to is not allowed;
    /// [`ProblemCode::BadRequest`] if `url` is none; [`ProblemCode::TooLarge`]; [`ProblemCode::Unprocessable`] if the server
    /// does not give the content, or not in time; [`ProblemCode::Unavailable`] if as many are fetched as may be at once,
    /// by all or by this token.
    pub(super) async fn fetch(
        &self,
        caller: &Caller,
        url: &str,
    ) -> Result<(Upload, Option<String>), Problem> {
        match &self.0.fetcher {
            Some(fetcher) => fetcher.fetch(self, caller, url).await,
            None => Err(Problem::new(
                ProblemCode::Forbidden,
                "fetching URLs is switched off here; upload the content",
            )),
        }
    }
}
