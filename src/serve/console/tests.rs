//! The door of the console: logging in, sessions, forms from elsewhere, what every answer carries.

use axum::http::{Extensions, HeaderMap, Method, StatusCode};
use jiff::Timestamp;

use super::super::testing::{Answer, Ward};
use super::super::{ClientCertificate, Grant, ProblemCode, Rate, Scope, Secret, Settings, Tokens};
use super::gate::{COOKIE, Console};
use super::page::Page;
use super::session::Proof;

/// What browsers send with a form of the same site.
pub(super) const HERE: (&str, &str) = ("sec-fetch-site", "same-origin");
const HOST: (&str, &str) = ("host", "127.0.0.1:8420");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const LIST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n";

/// Somebody with a browser.
pub(super) struct Browser<'a> {
    pub(super) ward: &'a Ward,
    cookie: String,
}

impl<'a> Browser<'a> {
    /// Logs in where the service is open.
    pub(super) fn enter(ward: &'a Ward) -> Self {
        let answer = login(ward, "without=token", "127.0.0.1:8420");
        assert_eq!((answer.status, location(&answer)), (StatusCode::SEE_OTHER, "/console"));
        Self { ward, cookie: cookie_of(&answer.headers).0 }
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.ward.ask(Method::GET, path, &[("cookie", &self.cookie)], "")
    }

    /// The key that the forms of this session carry.
    pub(super) fn key(&self) -> String {
        let page = self.get("/console").text();
        let at = page.find("name=\"form-key\" value=\"").expect("the page has a form") + 23;
        page[at..at + 64].to_owned()
    }

    /// Sends a form as its page would.
    pub(super) fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let key = self.key();
        self.send_as(path, &[HERE], &[&[("form-key", key.as_str())], fields].concat())
    }

    fn send_as(&self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let mut headers = [&[("cookie", self.cookie.as_str()), FORM], headers].concat();
        if headers.iter().all(|(name, _)| *name != "host") {
            headers.push(HOST);
        }
        self.ward.ask(Method::POST, path, &headers, pairs.join("&"))
    }

    /// Sends a form with a file, if there is one, as its page would.
    pub(super) fn send_files(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
        let key = self.key();
        self.send_parts(path, &[&[("form-key", key.as_str())], fields].concat(), files)
    }

    pub(super) fn send_parts(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part =
                format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        for (name, bytes) in files {
            let head = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"told-by-nobody.jpg\"\r\n\
                 Content-Type: image/jpeg\r\n\r\n"
            );
            body.extend(head.into_bytes());
            body.extend_from_slice(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--edge--\r\n");
        let headers = [
            ("cookie", self.cookie.as_str()),
            HERE,
            HOST,
            ("content-type", "multipart/form-data; boundary=edge"),
        ];
        self.ward.ask(Method::POST, path, &headers, body)
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn login(ward: &Ward, body: &str, host: &str) -> Answer {
    ward.ask(Method::POST, "/console/login", &[HERE, FORM, ("host", host)], body.to_owned())
}

fn location(answer: &Answer) -> &str {
    answer.headers.get("location").map_or("", |value| value.to_str().unwrap())
}

/// Name and value of the cookie that is set, and what is said of it.
fn cookie_of(headers: &HeaderMap) -> (String, String) {
    let text = headers["set-cookie"].to_str().unwrap();
    let (pair, terms) = text.split_once("; ").unwrap();
    (pair.to_owned(), terms.to_owned())
}

fn open(scopes: &[Scope]) -> Ward {
    Ward::set_up(&[("DEMO", LIST)], Settings { open: scopes.to_vec(), ..Settings::default() })
}

const CHANGES: [&str; 7] = [
    "/console/logout",
    "/console/match",
    "/console/compare",
    "/console/decide",
    "/console/decide/find",
    "/console/quarantine/release",
    "/console/quarantine/guard",
];

#[test]
fn without_a_session_there_is_nothing_but_the_login() {
    let ward = open(&[]);
    for page in Page::ALL {
        let answer = ward.get(page.path());
        assert_eq!((answer.status, location(&answer)), (StatusCode::SEE_OTHER, "/console/login"), "{page:?}");
    }
    for path in ["/console/", "/console/sets/DEMO", "/console/nothing", "/console/sets/../../v1"] {
        assert_eq!(location(&ward.get(path)), "/console/login", "{path}");
    }
    for path in CHANGES {
        let answer = ward.ask(Method::POST, path, &[HERE, FORM], "form-key=");
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.text().contains("session has ended"), "{path}");
    }
    let page = ward.get("/console/login").text();
    assert!(page.contains("name=\"token\"") && !page.contains("Without a token"), "it is not open");
}

#[test]
fn a_wrong_token_is_refused_and_no_session_begins() {
    let ward = open(&[]);
    for body in ["token=iw_wrong", "token=", "", "token=%00%0a", "without=token"] {
        let answer = login(&ward, body, "127.0.0.1:8420");
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{body}");
        assert!(!answer.headers.contains_key("set-cookie"));
        let text = answer.text();
        assert!(
            text.contains("role=\"alert\"") && !text.contains("iw_wrong"),
            "what was pasted is not repeated"
        );
    }
    assert!(login(&ward, &format!("token={}", "x".repeat(17 << 10)), "h").status.is_client_error());
}

#[test]
fn a_session_ends_with_its_token_and_an_open_service_does_not_carry_it_on() {
    for is_open in [false, true] {
        let ward = open(if is_open { &Scope::ALL } else { &[] });
        let create = |name: &str, term: Option<&str>| {
            let grant = Grant { scopes: [Scope::Match].into(), ..Grant::default() };
            let (name, now) = (name.parse().unwrap(), Timestamp::now());
            let term = term.map(|term| term.parse().unwrap());
            let made = Tokens::change(&ward.home, |tokens| tokens.create(&name, grant, now, term, true));
            made.unwrap().unwrap()
        };
        let begin = |secret: &Secret| {
            let answer = login(&ward, &format!("token={}", secret.to_text()), "127.0.0.1");
            assert_eq!(answer.status, StatusCode::SEE_OTHER);
            Browser { ward: &ward, cookie: cookie_of(&answer.headers).0 }
        };
        let (revoked, brief) = (begin(&create("one", None)), begin(&create("two", Some("3s"))));
        assert_eq!(revoked.get("/console").status, StatusCode::OK);
        let name = "one".parse().unwrap();
        Tokens::change(&ward.home, |tokens| tokens.revoke(&name, Timestamp::now())).unwrap();
        // What is revoked is known within a second or two.
        let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
        for browser in [revoked, brief] {
            while browser.get("/console").status == StatusCode::OK {
                assert!(std::time::Instant::now() < end, "the session goes on");
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            assert_eq!(location(&browser.get("/console")), "/console/login");
        }
        let wrong = login(&ward, &format!("token=iw_{}", "a".repeat(52)), "127.0.0.1");
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED, "open: {is_open}");
    }
}

#[test]
fn a_browser_with_a_certificate_needs_no_token_and_loses_its_session_with_it() {
    let ward = open(&[]);
    let certificate = ClientCertificate([7; 32]);
    let grant = Grant { scopes: [Scope::Match].into(), certificate: Some(certificate), ..Grant::default() };
    let (name, now) = ("browser".parse().unwrap(), Timestamp::now());
    Tokens::change(&ward.home, |tokens| tokens.create(&name, grant, now, None, false)).unwrap();
    let console = Console { state: ward.state.clone(), sessions: Default::default() };
    let caller = |proof: &Proof, shown| console.caller(proof, shown).map(|caller| caller.name().to_owned());
    assert_eq!(caller(&Proof::Certificate, Some(&certificate)).unwrap(), "browser");
    for other in [None, Some(&ClientCertificate([8; 32]))] {
        assert_eq!(caller(&Proof::Certificate, other).unwrap_err().code, ProblemCode::Unauthorized);
    }
    assert_eq!(caller(&Proof::Nothing, Some(&certificate)).unwrap_err().code, ProblemCode::Unauthorized);
}

#[test]
fn the_cookie_is_for_this_console_alone_and_dies_with_the_session() {
    let ward = open(&Scope::ALL);
    let answer = login(&ward, "without=token", "localhost");
    let (pair, terms) = cookie_of(&answer.headers);
    let (name, value) = pair.split_once('=').unwrap();
    assert_eq!((name, value.len()), (COOKIE, 64));
    assert!(value.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(terms, "Path=/console; Max-Age=43200; HttpOnly; SameSite=Strict");
    let browser = Browser { ward: &ward, cookie: pair.clone() };
    assert_eq!(browser.get("/console").status, StatusCode::OK);
    // Another login ends this session: the name of a session never outlives who had it.
    let again = ward.ask(
        Method::POST,
        "/console/login",
        &[HERE, FORM, ("host", "localhost"), ("cookie", &pair)],
        "without=token",
    );
    let second = Browser { ward: &ward, cookie: cookie_of(&again.headers).0 };
    assert_ne!(second.cookie, browser.cookie);
    assert_eq!(location(&browser.get("/console")), "/console/login");
    let left = second.send("/console/logout", &[]);
    assert!(cookie_of(&left.headers).1.contains("Max-Age=0"));
    assert_eq!(location(&second.get("/console")), "/console/login");
    for cookie in ["innerward-console=", "innerward-console=0", "other=1; innerward-console"] {
        let answer = ward.ask(Method::GET, "/console", &[("cookie", cookie)], "");
        assert_eq!(location(&answer), "/console/login", "{cookie:?}");
    }
}

#[test]
fn over_tls_the_cookie_is_never_sent_without() {
    let secure = Settings { open: Scope::ALL.to_vec(), secure_cookies: true, ..Settings::default() };
    let ward = Ward::set_up(&[], secure);
    assert!(cookie_of(&login(&ward, "without=token", "127.0.0.1").headers).1.ends_with("; Secure"));
    let ward = open(&Scope::ALL);
    let headers = [HERE, FORM, ("host", "[::1]:1"), ("x-forwarded-proto", "https")];
    let answer = ward.ask(Method::POST, "/console/login", &headers, "without=token");
    assert!(cookie_of(&answer.headers).1.ends_with("; Secure"));
}

#[test]
fn a_name_that_leads_here_gets_no_session_without_a_token() {
    let ward = open(&Scope::ALL);
    for host in ["rebound.example", "127.0.0.1.example:80", "localhost.example", "[x]", ""] {
        let answer = login(&ward, "without=token", host);
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{host}");
        let page = ward.ask(Method::GET, "/console/login", &[("host", host)], "");
        assert!(!page.text().contains("Without a token"), "{host}");
    }
    for host in ["127.0.0.1", "localhost:8420", "[::1]:8420", "10.1.2.3:443"] {
        assert_eq!(login(&ward, "without=token", host).status, StatusCode::SEE_OTHER, "{host}");
    }
}

#[test]
fn forms_from_elsewhere_and_without_the_key_do_nothing() {
    let ward = open(&Scope::ALL);
    let (browser, other) = (Browser::enter(&ward), Browser::enter(&ward));
    let (key, foreign) = (browser.key(), other.key());
    assert_ne!(key, foreign);
    let elsewhere: [&[(&str, &str)]; 7] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://elsewhere.example"), ("host", "ward.example")],
        &[("origin", "null"), ("host", "ward.example")],
        &[("origin", "https://ward.example.elsewhere.example"), ("host", "ward.example")],
    ];
    for path in CHANGES {
        for headers in elsewhere {
            let answer = browser.send_as(path, headers, &[("form-key", &key)]);
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
            // What a browser says to come from another site does not reach the console at all.
            let is_ours = !headers
                .iter()
                .any(|(name, site)| *name == "host" || ["cross-site", "same-site"].contains(site));
            assert!(!is_ours || answer.text().contains("did not come from a page of this console"));
        }
        if ["/console/match", "/console/compare"].contains(&path) {
            for fields in [&[][..], &[("form-key", "")], &[("form-key", foreign.as_str())]] {
                let answer = browser.send_parts(path, fields, &[("file", b"words")]);
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
            }
            assert_eq!(browser.send(path, &[]).status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
            continue;
        }
        for fields in [&[][..], &[("form-key", "")], &[("form-key", &foreign)], &[("form-key", &key[..63])]] {
            let answer = browser.send_as(path, &[HERE], fields);
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {fields:?}");
            assert!(answer.text().contains("not of your session"), "{path}");
        }
    }
    // An older browser says where a form comes from in another way.
    let answer = browser.send_as(
        "/console/decide/find",
        &[("origin", "http://127.0.0.1:8420"), HOST],
        &[("form-key", &key), ("set", "DEMO"), ("key", "none")],
    );
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "it came through, and there is no such entry");
    assert_eq!(browser.get("/console").status, StatusCode::OK, "nobody was logged out");
}

#[test]
fn a_page_without_its_scope_is_neither_offered_nor_given() {
    for scope in Scope::ALL {
        let ward = open(&[scope]);
        let browser = Browser::enter(&ward);
        let overview = browser.get("/console");
        assert_eq!(overview.status, StatusCode::OK);
        let overview = overview.text();
        for page in Page::ALL {
            let may = page.scope().is_none_or(|needed| needed == scope);
            let answer = browser.get(page.path());
            assert_eq!(answer.status == StatusCode::OK, may, "{scope:?} {page:?}");
            assert_eq!(overview.contains(&format!("href=\"{}\"", page.path())), may, "{scope:?} {page:?}");
            if !may {
                assert_eq!(answer.status, StatusCode::FORBIDDEN);
                assert!(answer.text().contains(&format!("scope {}", page.scope().unwrap().as_str())));
            }
        }
        let manages = scope == Scope::Manage;
        assert_eq!(browser.get("/console/sets/DEMO").status == StatusCode::OK, manages);
        for (path, needed) in [
            ("/console/decide", Scope::Decide),
            ("/console/decide/find", Scope::Decide),
            ("/console/quarantine/release", Scope::Manage),
            ("/console/quarantine/guard", Scope::Manage),
        ] {
            let refused =
                browser.send(path, &[("set", "DEMO"), ("key", "k")]).status == StatusCode::FORBIDDEN;
            assert_eq!(refused, needed != scope, "{scope:?} {path}");
        }
        let refused = browser.send_files("/console/match", &[("hash", LIST)], &[]).status;
        assert_eq!(refused == StatusCode::FORBIDDEN, scope != Scope::Match, "{scope:?}");
    }
}

#[test]
fn a_token_has_the_limits_here_that_it_has_at_the_api() {
    let ward = open(&[]);
    let grant = Grant {
        scopes: [Scope::Manage].into(),
        rate: Some(Rate { per_second: 1, burst: 3 }),
        concurrency: Some(1),
        ..Grant::default()
    };
    let name = "ana".parse().unwrap();
    let made = Tokens::change(&ward.home, |tokens| tokens.create(&name, grant, Timestamp::now(), None, true));
    let secret = made.unwrap().unwrap().to_text();
    let cookie = cookie_of(&login(&ward, &format!("token={secret}"), "127.0.0.1").headers).0;
    let browser = Browser { ward: &ward, cookie };
    let at_the_api = ward.state.caller_of_token(&secret).unwrap().enter(&Extensions::new()).unwrap();
    let refused = browser.get("/console/sets");
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "another request of it runs");
    assert!(refused.headers.contains_key("retry-after") && refused.text().contains("<h1>"));
    let again = login(&ward, &format!("token={secret}"), "127.0.0.1");
    assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS, "to log in is a request, too");
    drop(at_the_api);
    assert_eq!(browser.get("/console/sets").status, StatusCode::OK);
    let statuses: Vec<_> = (0..20).map(|_| browser.get("/console/sets").status).collect();
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
    assert_eq!(
        browser.get("/console/assets/console.css").status,
        StatusCode::OK,
        "what a page needs is free"
    );
}

#[test]
fn every_answer_keeps_the_browser_to_itself() {
    let ward = open(&Scope::ALL);
    let browser = Browser::enter(&ward);
    let mut answers: Vec<(String, Answer)> =
        Page::ALL.iter().map(|page| (page.path().to_owned(), browser.get(page.path()))).collect();
    for path in [
        "/console/sets/DEMO",
        "/console/sets/NONE",
        "/console/sets/%3Cb%3E",
        "/console/nothing",
        "/console/logout",
        "/console/tally?month=2026",
        "/console/quarantine?set=%3Cb%3E",
        "/console/login",
        "/console/assets/console.css",
        "/console/assets/console.js",
        "/console/assets/icon.svg",
        "/console/assets/none",
    ] {
        answers.push((path.to_owned(), browser.get(path)));
        answers.push((format!("{path} without a session"), ward.get(path)));
    }
    answers.push(("PUT".into(), ward.ask(Method::PUT, "/console", &[HERE], "")));
    answers.push(("refused".into(), login(&ward, "token=", HOST.1)));
    for (path, answer) in answers {
        let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap());
        let policy = header("content-security-policy");
        for part in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains("http") && !policy.contains("data:"),
            "{policy}"
        );
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        let text = answer.text();
        let is_page = header("content-type").starts_with("text/html");
        assert!(is_page || answer.status.is_redirection() || path.contains("/assets/"), "{path}");
        if is_page {
            for inline in
                ["<style", " style=", " onclick", " onload", "javascript:", "<img", "<iframe", "http:"]
            {
                assert!(!text.contains(inline), "{path}: {inline}");
            }
            assert_eq!(text.matches("<script").count(), 1, "{path}");
            assert!(text.contains("<h1>") && text.contains("lang=\"en\""), "{path}");
        }
        if answer.status.is_client_error() {
            assert!(is_page, "{path}: an error is a page");
        }
    }
}
