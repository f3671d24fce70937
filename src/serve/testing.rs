//! For tests: a home with made-up lists, a service on it that decodes in this process, and requests to it.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{Scope, Settings, State, router};
use crate::hashset::{Made, ReadOptions, SetName, SetUpdate};
use crate::home::{Clock, Home};
use crate::index::{ImportOptions, bring};
use crate::screen::Live;

/// A fresh home and a service on it; gone when dropped.
pub(super) struct Ward {
    _dir: tempfile::TempDir,
    pub(super) home: Home,
    pub(super) state: State,
    router: Router,
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: axum::http::HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

impl Ward {
    /// With `lists`, each a set's name and a list in any form that is recognised.
    pub(super) fn with(lists: &[(&str, &str)]) -> Self {
        Self::set_up(lists, Settings { open: Scope::ALL.to_vec(), ..Settings::default() })
    }

    pub(super) fn set_up(lists: &[(&str, &str)], settings: Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        lists.iter().for_each(|(name, list)| import(&home, name, list));
        let live = Live::open(&home, None).unwrap();
        let state = State::new(home.clone(), settings, live, None, None);
        Self { _dir: dir, home, router: router(state.clone()), state }
    }

    /// A second service, for everybody, on the home of another one, which has to live longer.
    pub(super) fn on(home: &Home) -> Self {
        let settings = Settings { open: Scope::ALL.to_vec(), ..Settings::default() };
        let live = Live::open(home, None).unwrap();
        let state = State::new(home.clone(), settings, live, None, None);
        let dir = tempfile::tempdir().unwrap();
        Self { _dir: dir, home: home.clone(), router: router(state.clone()), state }
    }

    /// Replaces set `name` by `list`; the service sees it.
    pub(super) fn import(&self, name: &str, list: &str) {
        import(&self.home, name, list);
        self.settle();
    }

    /// The service looks at what was changed beside it.
    pub(super) fn settle(&self) {
        self.state.0.live.refresh().unwrap();
    }

    pub(super) fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        let router = self.router.clone();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async move {
            let answer = router.oneshot(request).await.unwrap();
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = answer.into_body().collect().await.unwrap().to_bytes().to_vec();
            Answer { status, headers, body }
        })
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], Body::empty())
    }

    pub(super) fn post_json(&self, path: &str, body: &serde_json::Value) -> Answer {
        self.ask(Method::POST, path, &[("content-type", "application/json")], body.to_string())
    }
}

fn import(home: &Home, name: &str, list: &str) {
    let lock = home.lock().unwrap();
    let name: SetName = name.parse().unwrap();
    let made = Made { at: Clock::system().now(), by: None };
    let options = ImportOptions {
        agreed: true,
        ..ImportOptions::new(ReadOptions::default(), SetUpdate::default(), made)
    };
    bring(home, &lock, &name, &mut std::io::Cursor::new(list.as_bytes()), &options).unwrap();
}

#[test]
fn a_ward_answers() {
    let ward =
        Ward::with(&[("DEMO", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n")]);
    assert!(ward.state.matcher().is_ok());
    assert_eq!(ward.get("/nothing").status, StatusCode::NOT_FOUND);
    assert_eq!(ward.post_json("/nothing", &serde_json::json!({})).json()["code"], "not-found");
    ward.import("DEMO", "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752\n");
}
