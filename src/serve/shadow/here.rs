//! This service in this process, on a home: for comparisons that need no listener.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::exchange::{Asked, Side, Told};
use super::inside::{Inside, Within};
use super::reason::Reason;
use crate::digest::{Fingerprint, Wanted};
use crate::home::{Clock, Home};
use crate::screen::{Live, MatchError, Workers};
use crate::serve::server::router;
use crate::serve::{Scope, Settings, State};

/// The service of a home, asked without a network. What it is asked is counted nowhere.
pub struct Here {
    state: State,
    router: Router,
    runtime: tokio::runtime::Runtime,
}

impl Here {
    /// On `home`, with the limits of `settings`; decodes in `workers`, or in this process without any.
    ///
    /// # Errors
    /// Those of [`Live::open`]. `None` if the system gives no threads.
    pub fn open(
        home: Home,
        settings: Settings,
        workers: Option<Workers>,
        pretended: Option<Clock>,
    ) -> Result<Option<Self>, MatchError> {
        let live = Live::open(&home, pretended)?;
        let open = vec![Scope::Match, Scope::Manage];
        let settings = Settings { open, count: false, shadow: None, ..settings };
        let state = State::new(home, settings, live, workers, pretended);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Ok(runtime.ok().map(|runtime| Self { router: router(state.clone()), state, runtime }))
    }

    /// What it makes of a file; `None` if it cannot be read at all.
    #[must_use]
    pub fn fingerprint(&self, file: &[u8]) -> Option<Fingerprint> {
        self.state.fingerprint_of(file, &Wanted::default()).ok()
    }
}

impl Side for Here {
    fn ask(&self, asked: &Asked) -> Told {
        let method = if asked.is_post { Method::POST } else { Method::GET };
        let mut request = Request::builder().method(method).uri(&asked.path);
        if let Some(kind) = &asked.content_type {
            request = request.header("content-type", kind);
        }
        let Ok(request) = request.body(Body::from(asked.body.clone())) else {
            return Told { status: 0, body: Vec::new() };
        };
        let router = self.router.clone();
        self.runtime.block_on(async move {
            let Ok(answer) = router.oneshot(request).await;
            let status = answer.status().as_u16();
            match answer.into_body().collect().await {
                Ok(body) => Told { status, body: body.to_bytes().to_vec() },
                Err(_) => Told { status: 0, body: Vec::new() },
            }
        })
    }
}

impl Inside for Here {
    fn why_not(&self, bank: &str, id: u64, distance: Option<u32>) -> Option<Reason> {
        Within(&self.state).why_not(bank, id, distance)
    }
}
