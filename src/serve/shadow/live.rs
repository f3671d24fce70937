//! The shadow of a running service.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State as Shared};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Frame, SizeHint};
use jiff::Timestamp;

use super::compare;
use super::exchange::{Asked, MOST_ANSWER, Side, Told};
use super::inside::Within;
use super::native::Native;
use super::report::{Compared, Difference, ShadowReport};
use crate::digest::Wanted;
use crate::serve::{Caller, Level, Problem, State};

/// Most requests that wait.
const MOST_WAITING: usize = 256;
/// Most bytes of bodies that wait.
const MOST_BYTES: usize = 64 << 20;

/// Most answers that differed which are told one by one.
const MOST_TOLD: usize = 256;

/// Where a running HMA is.
#[derive(Debug, Clone)]
pub struct ShadowSettings {
    url: String,
}

impl ShadowSettings {
    /// What is expected, for whoever is told that it is something else.
    pub(in crate::serve) const EXPECTED: &str = if cfg!(feature = "http") {
        "the address of an HMA, as --shadow http://HOST:PORT"
    } else {
        "for builds with the feature http, which this one lacks: do without --shadow"
    };

    /// At `url`, `http://hma:5100`; `None` if that is no address, or this build has no `http`.
    #[must_use]
    pub fn new(url: &str) -> Option<Self> {
        #[cfg(feature = "http")]
        super::Remote::new(url, None)?;
        cfg!(feature = "http").then(|| Self { url: url.to_owned() })
    }
}

/// Sends what was answered here to HMA, and keeps count of the answers.
pub struct Shadow {
    queue: SyncSender<Job>,
    shared: Arc<Kept>,
}

#[derive(Default)]
struct Kept {
    report: Mutex<(ShadowReport, VecDeque<Difference>)>,
    dropped: AtomicU64,
    /// Bytes that wait.
    waiting: AtomicUsize,
}

struct Job {
    asked: Asked,
    told: Told,
    state: State,
    _room: Room,
}

impl Shadow {
    /// Beside the HMA of the settings.
    #[must_use]
    pub fn start(settings: &ShadowSettings) -> Self {
        #[cfg(feature = "http")]
        if let Some(remote) = super::Remote::new(&settings.url, None) {
            return Self::beside(remote, |_| {});
        }
        let _ = settings; // there are none without an address and a client
        Self::beside(Nobody, |_| {})
    }

    /// Beside `theirs`; `each` is told of each comparison.
    pub(super) fn beside(
        theirs: impl Side + Send + 'static,
        each: impl Fn(&Compared) + Send + 'static,
    ) -> Self {
        let (queue, jobs) = sync_channel(MOST_WAITING);
        let shared = Arc::new(Kept::default());
        let kept = Arc::clone(&shared);
        // It ends when the service is gone and the last job is done; a process that ends does not wait for it.
        std::thread::spawn(move || work(&jobs, &theirs, &kept, &each));
        Self { queue, shared }
    }

    /// What came of it so far.
    #[must_use]
    pub fn report(&self) -> ShadowReport {
        let report = self.shared.report.lock().unwrap_or_else(PoisonError::into_inner).0.clone();
        ShadowReport { dropped: self.shared.dropped.load(Ordering::Relaxed), ..report }
    }

    /// The latest answers that differed, the oldest first.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        let kept = self.shared.report.lock().unwrap_or_else(PoisonError::into_inner);
        kept.1.iter().cloned().collect()
    }

    /// Room for a body of `len` bytes; `None` if too much waits already.
    fn room(&self, len: usize) -> Option<Room> {
        let mut room = Room { kept: Arc::clone(&self.shared), len: 0 };
        room.grow(len).then_some(room)
    }

    fn put(&self, job: Job) {
        if self.queue.try_send(job).is_err() {
            self.miss();
        }
    }

    fn miss(&self) {
        self.shared.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// Who never answers.
struct Nobody;

impl Side for Nobody {
    fn ask(&self, _: &Asked) -> Told {
        Told { status: 0, body: Vec::new() }
    }
}

/// Bytes that wait, counted as long as they do.
struct Room {
    kept: Arc<Kept>,
    len: usize,
}

impl Room {
    fn grow(&mut self, len: usize) -> bool {
        let all = self.kept.waiting.fetch_add(len, Ordering::Relaxed) + len;
        self.len += len;
        all <= MOST_BYTES
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.kept.waiting.fetch_sub(self.len, Ordering::Relaxed);
    }
}

fn work(jobs: &Receiver<Job>, theirs: &dyn Side, kept: &Kept, each: &dyn Fn(&Compared)) {
    while let Ok(Job { asked, told, state, _room }) = jobs.recv() {
        let fingerprint = |file: &[u8]| state.fingerprint_of(file, &Wanted::default()).ok();
        let compared = compare(&asked, &told, Some(&Within(&state)), theirs, &fingerprint);
        kept.add(&compared);
        if let Some(reason) = compared.reason {
            // When and why, and nothing of what was asked.
            state.tell(Level::Info, "shadow", reason.as_str());
        }
        each(&compared);
    }
}

impl Kept {
    fn add(&self, compared: &Compared) {
        let mut kept = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        let (report, latest) = &mut *kept;
        report.add(compared);
        if compared.reason.is_some() {
            if latest.len() == MOST_TOLD {
                latest.pop_front();
            }
            latest.push_back(Difference { at: Timestamp::now(), compared: compared.clone() });
        }
    }
}

/// `router` with its shadow if the service has one. Of HMA's paths `/h` and `/m` are sent on, which change nothing, and of this
/// service's own what HMA can be asked as well.
pub(in crate::serve) fn beside(state: &State, router: Router<State>) -> Router<State> {
    match &state.0.shadow {
        Some(_) => router.layer(from_fn_with_state(state.clone(), follow)),
        None => router,
    }
}

async fn follow(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let shadow = state.0.shadow.as_ref();
    let path = request.uri().path().trim_start_matches('/');
    let is_hmas = (path.starts_with("h/") || path.starts_with("m/"))
        && matches!(*request.method(), Method::GET | Method::POST);
    let native = Native::of(request.method(), request.uri());
    let Some(shadow) = shadow.filter(|_| is_hmas || native.is_some()) else {
        return next.run(request).await;
    };
    let is_post = request.method() == Method::POST;
    let path = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let seen = Arc::new(Mutex::new(Passed { pieces: Vec::new(), room: shadow.room(0), ended: !is_post }));
    let passing = Arc::clone(&seen);
    let request = request.map(|body| Body::new(Tee { body, passed: passing }));
    let answer = next.run(request).await;
    // Nobody reaches HMA by way of this service who may not ask here, nor has it fetch what would not be fetched here.
    let is_let_in = answer.extensions().get::<Caller>().is_some()
        && ![StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS].contains(&answer.status());
    let fetches = path.split_once('?').is_some_and(|(_, query)| {
        query.split('&').any(|one| one.starts_with("url=")) && state.0.fetcher.is_none()
    });
    if !is_let_in || fetches {
        return answer;
    }
    let (answer, told) = read(answer).await;
    let Passed { pieces, room, ended } =
        std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    let (Some(room), Some(told), true) = (room, told, ended) else {
        shadow.miss();
        return answer;
    };
    let body = Bytes::from(pieces.concat());
    let exchange = match native {
        Some(native) => native.asked(kind, body).zip(native.told(told)),
        None => Some((if is_post { Asked::post(path, kind, body) } else { Asked::get(path) }, told)),
    };
    match exchange {
        Some((asked, told)) => shadow.put(Job { asked, told, state: state.clone(), _room: room }),
        None => shadow.miss(),
    }
    answer
}

/// The answer, and a copy of what it tells if it is short, as answers on these paths are.
async fn read(answer: Response) -> (Response, Option<Told>) {
    if answer.body().size_hint().exact().is_none_or(|len| len > MOST_ANSWER) {
        return (answer, None);
    }
    let (parts, mut body) = answer.into_parts();
    match (&mut body).collect().await {
        Ok(whole) => {
            let bytes = whole.to_bytes();
            let told = Told { status: parts.status.as_u16(), body: bytes.to_vec() };
            // The request runs until its answer is sent: what counts it goes with that.
            let again = Full::new(bytes).map_frame(move |frame| {
                let _ = &body;
                frame
            });
            (Response::from_parts(parts, Body::new(again)), Some(told))
        }
        // A body whose length is known is in memory; one that breaks all the same ends as a fault of ours.
        Err(_) => (Problem::internal().into_response(), None),
    }
}

/// What of a body went by.
#[derive(Default)]
struct Passed {
    pieces: Vec<Bytes>,
    /// `None` once there is no room for more: then nothing of it is kept.
    room: Option<Room>,
    ended: bool,
}

/// A body of which a copy is kept as it goes by. The pieces are shared, not copied.
struct Tee {
    body: Body,
    passed: Arc<Mutex<Passed>>,
}

impl HttpBody for Tee {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        match &polled {
            Poll::Ready(None) => passed.ended = true,
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(piece) = frame.data_ref() {
                    let fits = passed.room.as_mut().is_some_and(|room| room.grow(piece.len()));
                    if fits {
                        passed.pieces.push(piece.clone());
                    } else {
                        *passed = Passed::default();
                    }
                }
                passed.ended |= self.body.is_end_stream();
            }
            _ => {}
        }
        drop(passed);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
impl State {
    /// The same, with a shadow; of a state that nobody else has yet.
    pub(super) fn beside(self, shadow: Shadow) -> Self {
        let mut inner = Arc::into_inner(self.0).expect("nobody else has it");
        inner.shadow = Some(shadow);
        Self(Arc::new(inner))
    }
}
