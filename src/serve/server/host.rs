//! Connections from the first to the last: accepted, given a place, spoken TLS with, answered, and at the end seen out.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::ServeError;
use super::connections::{Connections, Seat};
use super::handshake::Refused;
use super::listen::{Accepted, Listener};
use super::logs::Level;
use super::notify::Supervisor;
use super::patient::{Leaving, Patient};
use super::tls::{Certificates, Renewal, client_certificate};
use crate::serve::ClientCertificate;
use crate::serve::Settings;

/// Most bytes of the head of a request, its last empty line among them; a longer one is answered 431.
pub(super) const HEAD_BYTES: usize = 64 << 10;
/// Most headers of a request; more are answered 431.
pub(super) const HEADERS: usize = 96;
/// How long a connection without a request stays once the service is asked to end: what is on its way may still come.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Whom it is told what happens: how grave, what in a word, and about it.
pub(in crate::serve) type Tell = Arc<dyn Fn(Level, &str, &str) + Send + Sync>;

/// How a service ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every request that had begun was answered.
    Drained,
    /// So many connections were cut off: the time for draining was over, or it was told a second time.
    Cut(usize),
}

/// Orders to end: the first to finish what has begun, the second to end at once.
pub struct Orders(mpsc::Receiver<()>);

impl Orders {
    /// Those of SIGTERM and SIGINT.
    ///
    /// # Errors
    /// [`ServeError::System`] if the signals cannot be waited for.
    pub fn of_signals() -> Result<Self, ServeError> {
        let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::System)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::System)?;
        let (sender, orders) = Self::by_hand();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                if sender.send(()).await.is_err() {
                    return;
                }
            }
        });
        Ok(orders)
    }

    /// Those that are sent.
    #[must_use]
    pub fn by_hand() -> (mpsc::Sender<()>, Self) {
        let (sender, receiver) = mpsc::channel(2);
        (sender, Self(receiver))
    }

    async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            pending::<()>().await; // nobody is left who could give one
        }
    }
}

/// What is to be answered, where, and within what bounds.
pub(in crate::serve) struct Host {
    pub(in crate::serve) listeners: Vec<Listener>,
    pub(in crate::serve) certificates: Option<Arc<Certificates>>,
    pub(in crate::serve) connections: Arc<Connections>,
    pub(in crate::serve) router: Router,
    pub(in crate::serve) settings: Settings,
    pub(in crate::serve) tell: Tell,
}

/// What every connection needs.
#[derive(Clone)]
struct Shared {
    connections: Arc<Connections>,
    certificates: Option<Arc<Certificates>>,
    router: Router,
    idle: Duration,
    stall: Duration,
    tell: Tell,
    refused: Arc<Refused>,
    /// True from the moment on at which the service is to end.
    ending: watch::Receiver<bool>,
}

impl Host {
    /// Answers until it is ordered to end, tells `ending` of that, and takes as long as what has begun takes, within the bound.
    pub(in crate::serve) async fn run(self, mut orders: Orders, ending: impl FnOnce()) -> Ended {
        let Self { listeners, certificates, connections, router, settings, tell } = self;
        let addresses: Vec<String> = listeners.iter().map(Listener::name).collect();
        let about = format!("innerward {} at {}", env!("CARGO_PKG_VERSION"), addresses.join(" and "));
        let (end, ends) = watch::channel(false);
        let shared = Shared {
            connections: connections.clone(),
            certificates: certificates.clone(),
            router,
            idle: settings.idle,
            stall: settings.stall,
            tell: tell.clone(),
            refused: Arc::default(),
            ending: ends,
        };
        let renewals = certificates.map(|certificates| tokio::spawn(renew(tell.clone(), certificates)));
        let accepting: Vec<_> =
            listeners.into_iter().map(|listener| tokio::spawn(accept(listener, shared.clone()))).collect();
        tell(Level::Info, "started", &about);
        let supervisor = Supervisor::of_environment();
        let inform = |state| {
            if let Err(error) = supervisor.tell(state) {
                tell(Level::Warn, "supervisor", &format!("NOTIFY_SOCKET cannot be told {state}: {error}"));
            }
        };
        inform("READY=1");

        orders.next().await;
        inform("STOPPING=1");
        tell(Level::Info, "ending", "no connection is taken any more; what has begun is finished");
        ending();
        accepting.iter().chain(&renewals).for_each(tokio::task::JoinHandle::abort);
        for task in accepting {
            let _ = task.await; // its listener is closed, and the file of its socket gone
        }
        let _ = end.send(true);
        let drained = async {
            while timeout(LAST_WORDS, connections.none_left()).await.is_err() {
                connections.end_idle(LAST_WORDS);
            }
        };
        tokio::select! {
            () = drained => Ended::Drained,
            () = sleep(settings.drain) => Ended::Cut(connections.count().0),
            () = orders.next() => Ended::Cut(connections.count().0),
        }
    }
}

/// Looks at the files of TLS for as long as the service runs.
async fn renew(tell: Tell, certificates: Arc<Certificates>) {
    loop {
        sleep(Certificates::INTERVAL).await;
        let looked = certificates.clone();
        match tokio::task::spawn_blocking(move || looked.look_again()).await {
            Ok(Renewal::Renewed) => tell(Level::Info, "certificate", "the renewed one is in use"),
            Ok(Renewal::Kept(why)) => {
                let about = format!("the renewed one cannot be used, the one before stays: {why}");
                tell(Level::Error, "certificate", &about);
            }
            Ok(Renewal::Same) | Err(_) => {}
        }
    }
}

async fn accept(listener: Listener, shared: Shared) {
    loop {
        // First somebody comes, then a place is made for them: nobody is sent away for a guest that does not come.
        match listener.accept().await {
            Ok(accepted) => {
                let seat = shared.connections.seat().await;
                drop(tokio::spawn(converse(accepted, seat, shared.clone())));
            }
            // Out of files or memory.
            Err(error) => {
                (shared.tell)(Level::Warn, "accept", &error.to_string());
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn converse(accepted: Accepted, seat: Seat, shared: Shared) {
    match (accepted, &shared.certificates) {
        (Accepted::Unix(stream), _) => answer(stream, None, seat, shared).await,
        (Accepted::Tcp(stream), None) => answer(stream, None, seat, shared).await,
        (Accepted::Tcp(stream), Some(certificates)) => {
            let handshake = TlsAcceptor::from(certificates.current()).accept(stream);
            let late = |_| Err(io::ErrorKind::TimedOut.into());
            let handshake = tokio::select! {
                done = timeout(shared.idle, handshake) => done.unwrap_or_else(late),
                () = seat.evicted() => return,
            };
            match handshake {
                Ok(stream) => {
                    let certificate = client_certificate(stream.get_ref().1);
                    answer(stream, certificate, seat, shared).await;
                }
                Err(error) => {
                    shared.connections.no_handshake();
                    if let Some(why) = shared.refused.tell_of(&error) {
                        (shared.tell)(Level::Warn, "handshake", &format!("a client came to no TLS: {why}"));
                    }
                }
            }
        }
    }
}

/// Answers the requests of one connection, one after another.
async fn answer<T>(stream: T, certificate: Option<ClientCertificate>, seat: Seat, shared: Shared)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Shared { router, idle, stall, mut ending, .. } = shared;
    let respond = |request: hyper::Request<Incoming>| {
        let (asked, router) = (seat.asked(), router.clone());
        let mut request = request.map(Body::new);
        if let Some(certificate) = certificate {
            request.extensions_mut().insert(certificate);
        }
        async move {
            // Its place was given away as it came: it is ended, and nothing has begun.
            let Some(asked) = asked else { return pending().await };
            request.extensions_mut().insert(asked.admission());
            let answer: Result<_, Infallible> = router.oneshot(request).await;
            answer.map(|answer| answer.map(|body| Body::new(Leaving::new(body, asked))))
        }
    };
    let io = TokioIo::new(Patient::new(stream, stall, seat.connection()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .max_headers(HEADERS)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(HEAD_BYTES)
        .half_close(true) // a client that has said all it has to say still gets its answer
        .serve_connection(io, service_fn(respond));
    let mut connection = pin!(connection);
    loop {
        tokio::select! {
            // Faults of a connection are its client's: cut off, malformed, too slow.
            _ = connection.as_mut() => return,
            () = seat.evicted() => return,
            changed = ending.changed() => {
                if changed.is_err() {
                    return;
                }
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
