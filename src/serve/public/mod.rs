//! The public file server: a process of its own, which is given a published folder and nothing else. Static, read-only, the same
//! for everybody; of who read what it knows nothing but counts.

mod answer;
mod folder;
mod listing;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::server::{
    Certificates, Connections, Ended, Host, Level, Listener, Log, Orders, ServeError, listen,
};
use super::{Problem, ProblemCode, Settings};
use folder::{Folder, Found};

pub use folder::FolderError;

/// Pages of the releases, where they were made.
const SITE: &str = "/site/";
/// What each publication writes anew.
const FEEDS: [&str; 2] = ["/feed.atom", "/feed.json"];
/// How often the counts are told.
const TOLD_EVERY: Duration = Duration::from_secs(3600);

/// A file server that listens, and has not begun to answer.
pub struct PublicService {
    settings: Settings,
    listeners: Vec<Listener>,
    certificates: Option<Arc<Certificates>>,
    shown: Arc<Shown>,
}

/// The folder, and how often it was asked for what.
struct Shown {
    folder: Folder,
    log: Log,
    whole: AtomicU64,
    unchanged: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

impl PublicService {
    /// Opens the folder and listens; nothing is answered yet. Of `settings`, those of the listeners and of connections count.
    ///
    /// # Errors
    /// [`FolderError`] if it is no folder, or a home; [`ServeError`] as for [`super::Service::open`].
    pub async fn open(folder: &Path, settings: Settings, log: Log) -> Result<Self, PublicError> {
        let shown = Shown {
            folder: Folder::open(folder)?,
            log,
            whole: AtomicU64::new(0),
            unchanged: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        };
        let certificates = settings.tls.as_ref().map(Certificates::open).transpose()?.map(Arc::new);
        let listeners = listen(&settings).await?;
        Ok(Self { settings, listeners, certificates, shown: Arc::new(shown) })
    }

    /// Where it listens, as people write it.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        self.listeners.iter().map(Listener::name).collect()
    }

    /// Answers until it is ordered to end, and then as long as what has begun takes, within the bound.
    pub async fn run(self, orders: Orders) -> Ended {
        let Self { settings, listeners, certificates, shown } = self;
        let (told, counted) = (shown.clone(), shown.clone());
        let router = Router::new().fallback(respond).with_state(shown.clone());
        let host = Host {
            listeners,
            certificates,
            connections: Connections::new(settings.max_connections),
            router,
            settings,
            tell: Arc::new(move |level, event, about| told.log.tell(level, event, about)),
        };
        let hourly = tokio::spawn(async move {
            loop {
                tokio::time::sleep(TOLD_EVERY).await;
                counted.tell();
            }
        });
        let ended = host.run(orders, || ()).await;
        hourly.abort();
        shown.tell();
        shown.log.close();
        ended
    }
}

/// Why a folder is not served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublicError {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The listeners.
    #[error(transparent)]
    Serve(#[from] ServeError),
}

impl Shown {
    /// How many answers there were, by kind, since the start; of what and to whom is not known.
    fn tell(&self) {
        let [whole, unchanged, refused, failed] = [&self.whole, &self.unchanged, &self.refused, &self.failed]
            .map(|number| number.load(Ordering::Relaxed));
        let about = format!("{whole} sent, {unchanged} unchanged, {refused} refused, {failed} failed");
        self.log.tell(Level::Info, "answers", &about);
    }

    fn count(&self, status: StatusCode) {
        let number = match status.as_u16() {
            304 => &self.unchanged,
            200..400 => &self.whole,
            400..500 => &self.refused,
            _ => &self.failed,
        };
        number.fetch_add(1, Ordering::Relaxed);
    }
}

async fn respond(Shared(shown): Shared<Arc<Shown>>, request: Request) -> Response {
    let (head, _) = request.into_parts(); // a body is nothing to a file
    let answer = shown.clone().respond_to(&head.method, head.uri.path(), &head.headers).await;
    shown.count(answer.status());
    answer
}

impl Shown {
    async fn respond_to(self: Arc<Self>, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        if ![Method::GET, Method::HEAD].contains(method) {
            let problem = Problem::new(ProblemCode::MethodNotAllowed, "files are read here, by GET or HEAD");
            return ([(header::ALLOW, "GET, HEAD")], problem).into_response();
        }
        if path == "/healthz" {
            return "ok\n".into_response();
        }
        let looked = {
            let (shown, path) = (self.clone(), path.to_owned());
            tokio::task::spawn_blocking(move || shown.folder.find(&path)).await
        };
        match looked {
            Ok(Ok(Found::File(open))) => answer::answer(method, path, headers, open),
            Ok(Ok(Found::Folder)) => onwards(&format!("{path}/")),
            Ok(Ok(Found::Nothing)) if path == "/" => self.at_the_root().await,
            Ok(Ok(Found::Nothing)) if FEEDS.contains(&path) => {
                Problem::not_found("nothing has been published here yet; the first release brings its feeds")
                    .into_response()
            }
            Ok(Ok(Found::Nothing)) => Problem::not_found("there is no such file").into_response(),
            Ok(Err(_)) | Err(_) => Problem::internal().into_response(),
        }
    }
}

impl Shown {
    /// To the pages that were made of the releases, or where there are none, what there is instead.
    async fn at_the_root(self: Arc<Self>) -> Response {
        let look = move || match self.folder.find(SITE)? {
            Found::File(_) => Ok(None),
            _ => self.folder.list().map(Some),
        };
        match tokio::task::spawn_blocking(look).await {
            Ok(Ok(None)) => onwards(SITE),
            Ok(Ok(Some(names))) => listing::page(&names),
            Ok(Err(_)) | Err(_) => Problem::internal().into_response(),
        }
    }
}

/// To the page of a folder; a path that no header can hold leads nowhere.
fn onwards(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(path) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, path)]).into_response(),
        Err(_) => Problem::not_found("there is no such file").into_response(),
    }
}
