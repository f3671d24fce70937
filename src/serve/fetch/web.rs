//! The connection: to an address that was checked, for as long and as much as the bounds allow.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::Frame;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::FetchSettings;
use super::address::is_public;
use super::target::Target;
use crate::serve::{Caller, Problem, ProblemCode, State, Upload};

const USER_AGENT: &str = concat!("innerward/", env!("CARGO_PKG_VERSION"));
/// Most bytes of the head of an answer.
const MOST_HEADER: usize = 32 << 10;
/// Bytes that are handed on at once.
const PIECE: usize = 64 << 10;

/// Fetches what URLs name.
pub(in crate::serve) struct Fetcher {
    settings: Arc<FetchSettings>,
    agent: ureq::Agent,
    at_once: Arc<Semaphore>,
    /// URLs that are fetched at the moment, by the name of the token.
    of_each: Arc<Mutex<BTreeMap<String, usize>>>,
}

/// One of the places for fetching, and of the share of its token; given back when dropped.
struct Place {
    _permit: OwnedSemaphorePermit,
    of_each: Arc<Mutex<BTreeMap<String, usize>>>,
    name: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut of_each = self.of_each.lock().unwrap_or_else(PoisonError::into_inner);
        match of_each.get_mut(&self.name) {
            Some(places) if *places > 1 => *places -= 1,
            _ => drop(of_each.remove(&self.name)),
        }
    }
}

impl Fetcher {
    pub(in crate::serve) fn new(settings: FetchSettings) -> Self {
        Self::resolving_by(settings, DefaultResolver::default())
    }

    /// With another source of addresses than the system's.
    pub(super) fn resolving_by(settings: FetchSettings, names: impl Resolver) -> Self {
        #[cfg(test)]
        let is_open = if settings.loopback { |address: IpAddr| address.is_loopback() } else { is_public };
        #[cfg(not(test))]
        let is_open = is_public;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .accept("*/*")
            .accept_encoding("identity")
            .user_agent(USER_AGENT)
            .max_response_header_size(MOST_HEADER)
            // A connection that is kept would be one to an address that was checked for another request.
            .max_idle_connections(0)
            .build();
        let resolver = Checked { names, is_open };
        Self {
            agent: ureq::Agent::with_parts(config, DefaultConnector::new(), resolver),
            at_once: Arc::new(Semaphore::new(settings.max_at_once)),
            of_each: Arc::default(),
            settings: Arc::new(settings),
        }
    }

    /// As [`State::fetch`].
    pub(super) async fn fetch(
        &self,
        state: &State,
        caller: &Caller,
        url: &str,
    ) -> Result<(Upload, Option<String>), Problem> {
        let target = Target::of(url, &self.settings)?;
        let place = self.place(caller.name())?;
        // What is fetched costs this machine and others more than matching it does: whoever has nothing left has nothing
        // fetched.
        caller.charge(1)?;
        let (agent, settings) = (self.agent.clone(), Arc::clone(&self.settings));
        let opened = state.apart(move |_| Opened::at(&agent, &settings, target, place)).await?;
        let media_type = opened.media_type.clone();
        let (pieces, body) = mpsc::channel(2);
        let pump = tokio::task::spawn_blocking(move || opened.pump(&pieces));
        let received = Upload::receive(state, Body::new(Pieces(body))).await;
        // Of a fetch that broke off, it is the pump that knows why.
        pump.await.unwrap_or_else(|_| Err(Problem::internal()))?;
        Ok((received?.paid(1), media_type))
    }

    /// A place to fetch at.
    fn place(&self, name: &str) -> Result<Place, Problem> {
        let permit = Arc::clone(&self.at_once).try_acquire_owned().map_err(|_| {
            Problem::unavailable("as many URLs are being fetched as may be at once; try again")
        })?;
        let mut of_each = self.of_each.lock().unwrap_or_else(PoisonError::into_inner);
        let own = of_each.entry(name.to_owned()).or_default();
        if *own >= self.settings.max_each {
            return Err(Problem::unavailable(
                "as many URLs are being fetched for this token as may be at once; try again when one has come",
            ));
        }
        *own += 1;
        drop(of_each);
        Ok(Place { _permit: permit, of_each: Arc::clone(&self.of_each), name: name.to_owned() })
    }
}

/// An answer whose body is still to be read.
struct Opened {
    body: ureq::BodyReader<'static>,
    media_type: Option<String>,
    max_bytes: u64,
    deadline: Instant,
    _place: Place,
}

impl Opened {
    fn at(
        agent: &ureq::Agent,
        settings: &FetchSettings,
        mut target: Target,
        place: Place,
    ) -> Result<Self, Problem> {
        let deadline = Instant::now() + Duration::from_secs(settings.max_seconds);
        for _ in 0..=settings.max_redirects {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(too_slow());
            }
            let request = agent.get(target.url()).config().timeout_global(Some(left)).build();
            let answer = request.call().map_err(|error| refusal(&error))?;
            let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
            match answer.status().as_u16() {
                200 => {}
                301 | 302 | 303 | 307 | 308 => {
                    target = target.follow(header("location").unwrap_or_default(), settings)?;
                    continue;
                }
                status => {
                    let detail = format!("the server behind the URL answers {status}");
                    return Err(Problem::new(ProblemCode::Unprocessable, detail));
                }
            }
            if header("content-encoding").is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
                return Err(Problem::new(
                    ProblemCode::Unprocessable,
                    "the server behind the URL sends the content packed, though it was asked not to; upload the content",
                ));
            }
            let len = header("content-length").and_then(|len| len.parse::<u64>().ok());
            if len.is_some_and(|len| len > settings.max_bytes) {
                return Err(too_large(settings.max_bytes));
            }
            let media_type = header("content-type").filter(|text| text.len() <= 255).map(ToOwned::to_owned);
            let body = answer.into_body().into_reader();
            return Ok(Self { body, media_type, max_bytes: settings.max_bytes, deadline, _place: place });
        }
        Err(Problem::new(
            ProblemCode::Unprocessable,
            "the server behind the URL leads from place to place without end",
        ))
    }

    /// Hands the body on piece by piece, until its end, a bound, or nobody takes it any more.
    fn pump(mut self, pieces: &mpsc::Sender<Result<Bytes, Broken>>) -> Result<(), Problem> {
        let mut left = self.max_bytes;
        let problem = loop {
            let mut piece = vec![0; PIECE];
            let problem = match self.body.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(len) if len as u64 > left => too_large(self.max_bytes),
                Ok(_) if Instant::now() > self.deadline => too_slow(),
                Ok(len) => {
                    left -= len as u64;
                    piece.truncate(len);
                    match pieces.blocking_send(Ok(piece.into())) {
                        Ok(()) => continue,
                        Err(_) => return Ok(()),
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => refusal(&ureq::Error::from(error)),
            };
            break problem;
        };
        let _ = pieces.blocking_send(Err(Broken)); // who reads must not take what there is for all
        Err(problem)
    }
}

fn too_large(most: u64) -> Problem {
    let detail = format!("what is fetched has at most {most} bytes here");
    Problem::new(ProblemCode::TooLarge, detail)
}

fn too_slow() -> Problem {
    Problem::new(ProblemCode::Unprocessable, "the server behind the URL did not send the content in time")
}

/// What went wrong with a connection, for the caller: without the URL, and without what the server says of itself.
fn refusal(error: &ureq::Error) -> Problem {
    let detail = match error {
        ureq::Error::Timeout(_) => return too_slow(),
        ureq::Error::Other(cause) if cause.is::<Closed>() => {
            return Problem::new(
                ProblemCode::Forbidden,
                "the URL's host is in a network that is not the open internet, and nothing is fetched from there",
            );
        }
        ureq::Error::HostNotFound => "the URL's host has no address",
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) | ureq::Error::Pem(_) => {
            "the server behind the URL has no certificate that can be trusted"
        }
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed => {
            "the server behind the URL cannot be reached, or broke off"
        }
        _ => "the server behind the URL does not answer as a web server does",
    };
    Problem::new(ProblemCode::Unprocessable, detail)
}

/// A name that leads where nothing is fetched from.
#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads into a closed network")
    }
}

impl std::error::Error for Closed {}

/// Gives the addresses of a name if all of them may be asked. The connection is made to one of those that it gives: the
/// name is resolved once a request, so an answer that changes meanwhile changes nothing.
struct Checked<R> {
    names: R,
    is_open: fn(IpAddr) -> bool,
}

impl<R> fmt::Debug for Checked<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checked")
    }
}

impl<R: Resolver> Resolver for Checked<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let addresses = self.names.resolve(uri, config, timeout)?;
        if addresses.is_empty() {
            return Err(ureq::Error::HostNotFound);
        }
        // One closed address among open ones is a trap, or a mistake that would be one some other time.
        if addresses.iter().all(|address| (self.is_open)(address.ip())) {
            Ok(addresses)
        } else {
            Err(ureq::Error::Other(Box::new(Closed)))
        }
    }
}

/// A body that comes through a channel.
struct Pieces(mpsc::Receiver<Result<Bytes, Broken>>);

/// It broke off.
#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was fetched broke off")
    }
}

impl std::error::Error for Broken {}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
