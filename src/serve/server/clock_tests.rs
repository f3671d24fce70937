//! The service where the clock of the machine jumps: each start has its own day, as after a wrong time was set and set right.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use jiff::Timestamp;
use tower::ServiceExt;

use super::router;
use crate::home::Clock;
use crate::screen::Live;
use crate::serve::testing::Ward;
use crate::serve::{Grant, Scope, Settings, State, Tokens};
use crate::tally::Tally;
use crate::vocabulary::{Indicator, Period};

/// SHA-256 of `test`.
const LIST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n";

/// The home as it is on one day.
struct OneDay<'a> {
    ward: &'a Ward,
    state: State,
    token: &'a str,
    runtime: tokio::runtime::Runtime,
}

impl<'a> OneDay<'a> {
    fn on(ward: &'a Ward, token: &'a str, day: &str) -> Self {
        let clock = Clock::start_of(day.parse().unwrap());
        let live = Live::open(&ward.home, Some(clock)).unwrap();
        let state = State::new(ward.home.clone(), Settings::default(), live, None, Some(clock));
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        Self { ward, state, token, runtime: runtime.worker_threads(2).enable_all().build().unwrap() }
    }

    fn upload(&self, content: &str) -> (StatusCode, String) {
        let request = Request::post("/v1/match").header("authorization", format!("Bearer {}", self.token));
        let request = request.body(Body::from(content.to_owned())).unwrap();
        self.runtime.block_on(async {
            let answer = router(self.state.clone()).oneshot(request).await.unwrap();
            let status = answer.status();
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            (status, String::from_utf8_lossy(&body).into_owned())
        })
    }

    fn counted(&self, month: &str) -> u64 {
        let month = Period::containing(format!("{month}-01").parse().unwrap());
        let cube = Tally::open(&self.ward.home).unwrap().cube(month, None).unwrap();
        cube.show_locally().total(Indicator::ItemsScanned)
    }
}

#[test]
fn what_was_counted_and_used_is_where_it_was_when_the_clock_comes_back() {
    let ward = Ward::set_up(&[("DEMO", LIST)], Settings::default());
    let grant = Grant { scopes: [Scope::Match].into(), quota: Some(3), ..Grant::default() };
    let name = "ci".parse().unwrap();
    let made = Tokens::change(&ward.home, |tokens| tokens.create(&name, grant, Timestamp::now(), None, true));
    let token = made.unwrap().unwrap().to_text();
    // The day, uploads that are answered, whether one more is too many, and what each month has of them then.
    for (day, contents, is_used_up, october, november) in [
        ("2026-11-01", ["test", "one"].as_slice(), false, 0, 2),
        ("2026-10-31", &["test", "two", "three"], true, 3, 2),
        ("2026-12-01", &["test"], false, 3, 2),
        ("2026-11-01", &["four"], true, 3, 3),
        ("2026-10-31", &[], true, 3, 3),
    ] {
        let service = OneDay::on(&ward, &token, day);
        for content in contents {
            let (status, answer) = service.upload(content);
            assert_eq!(status, StatusCode::OK, "{day}: {answer}");
            assert_eq!(answer.contains(r#""outcome":"known""#), *content == "test", "{day}: {answer}");
        }
        if is_used_up {
            assert_eq!(service.upload("more").0, StatusCode::TOO_MANY_REQUESTS, "{day}");
        }
        assert_eq!((service.counted("2026-10"), service.counted("2026-11")), (october, november), "{day}");
        service.state.end_counting();
        service.state.keep_quotas();
    }
    // A month that was closed stays so, in words that name the clock; the month of now goes on.
    let (mut tally, lock) = (Tally::open(&ward.home).unwrap(), ward.home.lock_tally().unwrap());
    assert!(tally.seal(&lock, Period::containing("2026-09-01".parse().unwrap()), &[]).unwrap());
    drop((tally, lock));
    let (status, answer) = OneDay::on(&ward, &token, "2026-09-30").upload("late");
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.contains("is the date of the machine right"), "{answer}");
    assert_eq!(OneDay::on(&ward, &token, "2026-12-02").upload("again").0, StatusCode::OK);
}
