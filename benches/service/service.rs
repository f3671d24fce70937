//! The service that is asked: the built program, or its engine in this process.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::extract::{Path as InPath, Request, State as Shared};
use axum::routing::{get, post};
use axum::{Json, Router};
use innerward::digest::Signal;
use innerward::screen::{Live, Verdict, WorkerOptions, Workers};
use innerward::serve::{Ask, Caller, Problem, Scope, Settings, State, Upload};
use serde_json::{Value, json};

use crate::ward::Ward;

/// A service that runs until it is dropped.
pub(crate) struct Service {
    pub(crate) address: String,
    /// From its start to its first answer.
    pub(crate) ready_after: Duration,
    child: Option<Child>,
    state: Option<State>,
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_innerward");

impl Service {
    pub(crate) fn start(ward: &Ward, engine: bool) -> Self {
        let start = Instant::now();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        let (child, state) = if engine {
            (None, Some(in_this_process(ward, free)))
        } else {
            drop(free);
            let child = Command::new(PROGRAM)
                .arg("--home")
                .arg(ward.home.root())
                .args(["serve", "--listen", &address, "--open", "match"])
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            (Some(child), None)
        };
        while !is_ready(&address, engine) {
            assert!(start.elapsed() < Duration::from_secs(60), "it does not come up");
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { address, ready_after: start.elapsed(), child, state }
    }

    /// Memory of the service itself, mapped files included; its workers come and go.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let process = self.child.as_ref().map_or_else(|| "self".into(), |child| child.id().to_string());
        let status = fs::read_to_string(Path::new("/proc").join(process).join("status")).unwrap();
        let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        kilobytes.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
        if let Some(state) = &self.state {
            state.end_counting();
        }
    }
}

/// Whether it says so; the engine says nothing, and is as soon as it listens.
fn is_ready(address: &str, engine: bool) -> bool {
    let Ok(mut wire) = TcpStream::connect(address) else { return false };
    let mut answer = String::new();
    let asked = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    engine
        || wire.write_all(asked).and_then(|()| wire.read_to_string(&mut answer)).is_ok()
            && answer.starts_with("HTTP/1.1 200")
}

fn in_this_process(ward: &Ward, listener: TcpListener) -> State {
    let live = Live::open(&ward.home, None).unwrap();
    let workers =
        Workers::start(WorkerOptions { program: PROGRAM.into(), ..WorkerOptions::default() }).unwrap();
    let settings = Settings { open: vec![Scope::Match], ..Settings::default() };
    let state = State::new(ward.home.clone(), settings, live, Some(workers), None);
    let router = Router::new()
        .route("/v1/match/hash/{signal}", get(look_up))
        .route("/v1/match/hashes", post(look_up_many))
        .route("/v1/match", post(screen))
        .route("/v1/hash", post(hash))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(state.clone());
    let refreshed = state.clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Live::INTERVAL);
            let _ = refreshed.refresh();
        }
    });
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            listener.set_nonblocking(true).unwrap();
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(
                axum::serve::ListenerExt::tap_io(listener, |wire| drop(wire.set_nodelay(true))),
                router,
            )
            .await
            .unwrap();
        });
    });
    state
}

fn caller() -> Caller {
    Caller::new("bench", [Scope::Match])
}

fn told(verdict: &Verdict) -> Value {
    json!({ "outcome": verdict.outcome, "matches": verdict.matches })
}

async fn look_up(
    Shared(state): Shared<State>,
    InPath(signal): InPath<String>,
) -> Result<Json<Value>, Problem> {
    let signal: Signal = signal.parse().map_err(|_| Problem::bad_request("no hash"))?;
    Ok(Json(told(&state.look_up(&caller(), vec![signal], &Ask::default()).await?[0])))
}

async fn look_up_many(
    Shared(state): Shared<State>,
    Json(asked): Json<Value>,
) -> Result<Json<Value>, Problem> {
    let hashes = asked["hashes"].as_array().cloned().unwrap_or_default();
    let signals = hashes.iter().filter_map(|hash| hash.as_str()?.parse().ok()).collect();
    let verdicts = state.look_up(&caller(), signals, &Ask::default()).await?;
    Ok(Json(verdicts.iter().map(told).collect()))
}

async fn screen(Shared(state): Shared<State>, request: Request) -> Result<Json<Value>, Problem> {
    let upload = Upload::receive(&state, request.into_body()).await?;
    let brought = State::brought(None, None)?;
    let screened = state.screen(&caller(), upload, &Ask::default(), brought).await?;
    Ok(Json(told(&screened.verdict)))
}

async fn hash(Shared(state): Shared<State>, request: Request) -> Result<Json<Value>, Problem> {
    let upload = Upload::receive(&state, request.into_body()).await?;
    let fingerprint = state.fingerprint(&caller(), upload).await?;
    Ok(Json(json!({ "bytes": fingerprint.bytes, "forms": fingerprint.forms.len() })))
}
