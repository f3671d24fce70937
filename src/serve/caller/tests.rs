use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::routing::get;
use http_body_util::BodyExt;
use jiff::Timestamp;
use tower::ServiceExt;

use super::*;
use crate::home::Home;
use crate::screen::Live;
use crate::serve::{Grant, Rate, Secret, Settings, Tokens};

/// A service whose paths are one a scope, `/match` and so on; it answers with the name of the caller.
struct Ward {
    _dir: tempfile::TempDir,
    home: Home,
    state: State,
    router: Router,
    runtime: tokio::runtime::Runtime,
}

impl Ward {
    fn open_for(open: &[Scope]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let settings = Settings { open: open.to_vec(), ..Settings::default() };
        let live = Live::open(&home, None).unwrap();
        let state = State::new(home.clone(), settings, live, None, None);
        let paths = Scope::ALL.into_iter().map(|scope| {
            let name = |caller: Caller| async move { caller.name().to_owned() };
            let charged = |caller: Caller| async move { caller.charge(5).map(|()| "charged") };
            let path = format!("/{}", scope.as_str());
            let router = Router::new().route(&path, get(name)).route(&format!("{path}/charge"), get(charged));
            guarded(scope, &state, router)
        });
        let router = paths.fold(Router::new(), Router::merge);
        let unguarded = |caller: Caller| async move { caller.name().to_owned() };
        let router = router.route("/unguarded", get(unguarded)).with_state(state.clone());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Self { _dir: dir, home, state, router, runtime: runtime.unwrap() }
    }

    fn create(&self, name: &str, grant: Grant) -> Secret {
        let (name, now) = (name.parse().unwrap(), Timestamp::now());
        let made = Tokens::change(&self.home, |tokens| tokens.create(&name, grant, now, None, true));
        made.unwrap().unwrap()
    }

    fn send(&self, request: Request<Body>) -> Response {
        self.runtime.block_on(self.router.clone().oneshot(request)).unwrap()
    }

    fn ask(&self, path: &str, authorization: Option<&str>) -> Response {
        let mut request = Request::builder().method(Method::GET).uri(path);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        self.send(request.body(Body::empty()).unwrap())
    }

    fn text(&self, answer: Response) -> String {
        let body = self.runtime.block_on(answer.into_body().collect()).unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }
}

fn grant(scope: Scope) -> Grant {
    Grant { scopes: [scope].into(), ..Grant::default() }
}

fn bearing(secret: &Secret) -> String {
    format!("Bearer {}", secret.to_text())
}

#[test]
fn a_token_of_each_scope_opens_the_paths_of_that_scope_alone() {
    let ward = Ward::open_for(&[]);
    for scope in Scope::ALL {
        let token = bearing(&ward.create(scope.as_str(), grant(scope)));
        for path in Scope::ALL {
            let answer = ward.ask(&format!("/{}", path.as_str()), Some(&token));
            if path == scope {
                assert_eq!((answer.status(), ward.text(answer)), (StatusCode::OK, scope.as_str().to_owned()));
            } else {
                assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{scope:?} {path:?}");
                assert!(ward.text(answer).contains(&format!("lacks the scope {}", path.as_str())));
            }
        }
    }
}

#[test]
fn without_a_valid_token_every_answer_is_the_same() {
    let ward = Ward::open_for(&[]);
    let valid = ward.create("ci", grant(Scope::Match));
    let revoked = ward.create("old", grant(Scope::Match));
    let old = "old".parse().unwrap();
    Tokens::change(&ward.home, |tokens| tokens.revoke(&old, Timestamp::now())).unwrap();
    let one_off = bearing(&valid).replace("iw_", "iw-");
    let never = bearing(&Secret::random());
    let text = |headers: Option<&str>| {
        let answer = ward.ask("/match", headers);
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{headers:?}");
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        ward.text(answer)
    };
    let plain = text(None);
    let revoked = bearing(&revoked);
    let sent = ["Bearer ", "Bearer x", "Basic eDp5", "", &one_off, &never, &revoked];
    for headers in sent {
        assert_eq!(text(Some(headers)), plain, "{headers:?}");
    }
    for spelled in ["bearer", "BEARER"] {
        let spelled = bearing(&valid).replace("Bearer", spelled);
        assert_eq!(ward.ask("/match", Some(&spelled)).status(), StatusCode::OK);
    }
    assert_eq!(ward.ask("/unguarded", Some(&bearing(&valid))).status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[test]
fn where_it_is_open_anybody_may_and_a_wrong_token_is_still_wrong() {
    let ward = Ward::open_for(&[Scope::Match]);
    assert_eq!(ward.text(ward.ask("/match", None)), "anybody");
    assert_eq!(ward.ask("/match", Some("Basic eDp5")).status(), StatusCode::OK, "of another scheme");
    for nothing in [None, Some("Basic eDp5")] {
        let refused = ward.ask("/manage", nothing);
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "a token is missing, and would help");
        assert_eq!(refused.headers()["www-authenticate"], "Bearer");
        assert!(ward.text(refused).contains("a token of scope manage"));
    }
    let decide = bearing(&ward.create("ana", grant(Scope::Decide)));
    assert_eq!(ward.ask("/manage", Some(&decide)).status(), StatusCode::FORBIDDEN, "there is one, of others");
    let wrong = Secret::random();
    for wrong in [bearing(&wrong), format!("bearer\t{}", wrong.to_text()), "Bearer".into()] {
        assert_eq!(ward.ask("/match", Some(&wrong)).status(), StatusCode::UNAUTHORIZED, "{wrong}");
    }
    let token = bearing(&ward.create("ci", grant(Scope::Manage)));
    for path in ["/match", "/manage"] {
        assert_eq!(ward.text(ward.ask(path, Some(&token))), "ci", "{path}");
    }
}

#[test]
fn the_certificate_of_a_connection_stands_for_its_token() {
    let ward = Ward::open_for(&[]);
    let certificate = ClientCertificate([3; 32]);
    ward.create("proxy", Grant { certificate: Some(certificate), ..grant(Scope::Match) });
    let ask = |path: &str, certificate: ClientCertificate, token: Option<&str>| {
        let mut request = Request::builder().uri(path).extension(certificate);
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        ward.send(request.body(Body::empty()).unwrap())
    };
    assert_eq!(ask("/match", certificate, None).status(), StatusCode::OK);
    assert_eq!(ask("/manage", certificate, None).status(), StatusCode::FORBIDDEN);
    let refused = ask("/match", ClientCertificate([4; 32]), None);
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let told = ward.text(refused);
    assert!(told.contains("--certificate FILE") && !told.contains("  "), "{told}");
    let wrong = ask("/match", certificate, Some(&bearing(&Secret::random())));
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED, "what is sent is what counts");
}

#[test]
fn what_is_too_much_is_told_with_the_time_to_come_again() {
    let ward = Ward::open_for(&[]);
    let rate = Some(Rate { per_second: 1, burst: 2 });
    let fast = bearing(&ward.create("fast", Grant { rate, ..grant(Scope::Match) }));
    let status = |token: &str| ward.ask("/match", Some(token)).status();
    assert_eq!((status(&fast), status(&fast)), (StatusCode::OK, StatusCode::OK));
    let refused = ward.ask("/match", Some(&fast));
    assert_eq!(
        (refused.status(), &refused.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"1".parse().unwrap())
    );
    assert!(ward.text(refused).contains(r#""code":"too-many-requests""#));
    let much = bearing(&ward.create("much", Grant { quota: Some(9), ..grant(Scope::Match) }));
    assert_eq!(ward.text(ward.ask("/match/charge", Some(&much))), "charged");
    let refused = ward.ask("/match/charge", Some(&much));
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&seconds), "{seconds}");
}

#[test]
fn a_request_runs_until_its_answer_is_taken() {
    let ward = Ward::open_for(&[]);
    let token = bearing(&ward.create("ci", Grant { concurrency: Some(1), ..grant(Scope::Match) }));
    let first = ward.ask("/match", Some(&token));
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(first.body().size_hint().exact(), Some(2), "the length is still known");
    assert_eq!(ward.ask("/match", Some(&token)).status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ward.text(first), "ci");
    let second = ward.ask("/match", Some(&token));
    assert_eq!(second.status(), StatusCode::OK);
    drop(second); // nobody takes it
    assert_eq!(ward.ask("/match", Some(&token)).status(), StatusCode::OK);
}

#[test]
fn a_session_asks_by_the_text_of_a_token() {
    let ward = Ward::open_for(&[Scope::Match]);
    let secret = ward.create("ana", grant(Scope::Decide));
    let caller = ward.state.caller_of_token(&secret.to_text()).unwrap();
    assert_eq!((caller.name(), caller.may(Scope::Decide), caller.may(Scope::Manage)), ("ana", true, false));
    let refused = ward.state.caller_of_token("").unwrap_err();
    assert_eq!(refused.code, ProblemCode::Unauthorized, "nobody becomes anybody by a wrong token");
}
