//! For tests: a service that really listens, on loopback, with some paths of its own; and clients that speak bytes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use tokio::sync::mpsc::Sender;

use super::host::{Ended, Host, Orders};
use super::listen::listen;
use super::logs::Log;
use super::surrounded;
use super::tls::Certificates;
use crate::serve::ClientCertificate;
use crate::serve::testing::Ward;
use crate::serve::{Scope, Settings, State, guarded};

/// A service on its own runtime, and its home.
pub(super) struct Running {
    pub(super) ward: Ward,
    pub(super) address: String,
    pub(super) lines: Arc<Mutex<Vec<String>>>,
    orders: Sender<()>,
    ended: std::thread::JoinHandle<Ended>,
}

pub(super) fn settings() -> Settings {
    Settings {
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        open: Scope::ALL.to_vec(),
        ..Settings::default()
    }
}

/// Bytes of an answer that no buffer of a system takes at once.
pub(super) const BIG: usize = 64 << 20;

/// Paths that do what a test needs; those below `/inside` are for callers alone.
fn paths(state: &State) -> Router<State> {
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        "slow"
    };
    let certificate = |certificate: Option<axum::Extension<ClientCertificate>>| async move {
        certificate.map_or_else(|| "none".into(), |shown| hex::encode(shown.0.0))
    };
    let inside = Router::new()
        .route("/inside/echo", post(|body: Bytes| async move { body }))
        .route("/inside/big", get(|| async { vec![b'x'; BIG] }));
    Router::new()
        .merge(guarded(Scope::Match, state, inside))
        .route("/echo", post(|body: Bytes| async move { body }))
        .route("/slow", get(slow))
        .route("/big", get(|| async { vec![b'x'; BIG] }))
        .route(
            "/panics/{what}",
            get(|| async {
                if true {
                    panic!("a secret")
                }
            }),
        )
        .route("/certificate", get(certificate))
}

impl Running {
    pub(super) fn start(settings: Settings) -> Self {
        let ward = Ward::set_up(&[], settings);
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = lines.clone();
        let log = Log::to(move |line| written.lock().unwrap().push(line.to_owned()), true).unwrap();
        let state = ward.state.clone().logging(log);
        let (orders, taken) = Orders::by_hand();
        let (says, address) = std::sync::mpsc::channel();
        let ended = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
            let ended = runtime.block_on(async {
                let settings = state.0.settings.clone();
                let listeners = listen(&settings).await.unwrap();
                says.send(listeners[0].name()).unwrap();
                let certificates =
                    settings.tls.as_ref().map(|tls| Arc::new(Certificates::open(tls).unwrap()));
                let connections = state.0.connections.clone();
                let (told, router) = (state.clone(), surrounded(&state, paths(&state)));
                let tell = Arc::new(move |level, event: &str, about: &str| told.tell(level, event, about));
                Host { listeners, certificates, connections, router, settings, tell }.run(taken, || ()).await
            });
            runtime.shutdown_background();
            ended
        });
        Self { ward, address: address.recv().unwrap(), lines, orders, ended }
    }

    pub(super) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// What comes back for `bytes` until the service closes, and after how long.
    pub(super) fn speak(&self, bytes: impl AsRef<[u8]>) -> (String, Duration) {
        let (mut stream, began) = (self.connect(), Instant::now());
        let _ = stream.write_all(bytes.as_ref()); // it may be refused before its end
        (rest(&mut stream), began.elapsed())
    }

    /// The answer to a plain request on a connection of its own.
    pub(super) fn get(&self, path: &str) -> String {
        self.speak(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).0
    }

    /// How many connections are open.
    pub(super) fn connections(&self) -> usize {
        self.ward.state.0.connections.count().0
    }

    pub(super) fn order(&self) {
        self.orders.blocking_send(()).unwrap();
    }

    /// Waits for its end.
    pub(super) fn ended(self) -> Ended {
        self.ended.join().unwrap()
    }
}

/// All that comes, as text; what was cut off counts as far as it came.
pub(super) fn rest(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut piece) {
        bytes.extend_from_slice(&piece[..read]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn no_more(stream: &TcpStream) {
    stream.shutdown(Shutdown::Write).unwrap();
}

/// Asks again and again for up to ten seconds.
pub(super) fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(10) {
        if holds() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}
