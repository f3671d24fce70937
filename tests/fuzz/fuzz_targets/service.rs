//! A service on a home of its own, asked in this process, for the targets that read what clients send.

use std::fs;
use std::io::Cursor;
use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use innerward::hashset::{Made, ReadOptions, SetName, SetUpdate};
use innerward::home::{Clock, Home};
use innerward::index::{ImportOptions, bring};
use innerward::screen::Live;
use innerward::serve::{Scope, Settings, State, router};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

/// What is on the list that the service has.
pub const LIST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n\
    pdq:f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22\n\
    md5:60b725f10c9c85c70d97880dfe8191b3\n";

struct Service {
    runtime: Runtime,
    router: Router,
}

/// What is answered.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

fn service() -> &'static Service {
    static SERVICE: OnceLock<Service> = OnceLock::new();
    SERVICE.get_or_init(|| {
        let home = home("service");
        let lock = home.lock().expect("nobody else has it");
        let name: SetName = "LIST".parse().expect("a name");
        let made = Made { at: Clock::system().now(), by: None };
        let options = ImportOptions::new(ReadOptions::default(), SetUpdate::default(), made);
        bring(&home, &lock, &name, &mut Cursor::new(LIST.as_bytes()), &options).expect("a list");
        let settings = Settings { open: Scope::ALL.to_vec(), count: false, ..Settings::default() };
        let live = Live::open(&home, None).expect("an index");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Service { runtime, router: router(State::new(home, settings, live, None, None)) }
    })
}

/// A new home under a name that the next run finds again, in memory where the system has a disk there.
pub fn home(name: &str) -> Home {
    let memory = std::path::Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let root = folder.join(format!("innerward-fuzz-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&root); // the first run finds none
    Home::create(&root, false).expect("a home")
}

/// Asks; that a client sent nonsense is never the service's fault.
pub fn ask(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let Service { runtime, router } = service();
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    // What is no target at all never reaches a service.
    let Ok(request) = request.body(Body::from(body.to_vec())) else {
        return Answer { status: 400, body: Vec::new() };
    };
    runtime.block_on(async {
        let answer = router.clone().oneshot(request).await.expect("a router always answers");
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.expect("a whole answer").to_bytes().to_vec();
        assert!(status != 500, "{}", String::from_utf8_lossy(&body));
        Answer { status, body }
    })
}
