//! What is asked of both services, what they answer, and how it is asked of one that runs elsewhere.

use std::io::Read;
use std::time::Duration;

use axum::body::Bytes;

/// Most bytes of an answer that is compared.
pub(super) const MOST_ANSWER: u64 = 4 << 20;

/// A request on HMA's paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Sent with a body.
    pub is_post: bool,
    /// Path and query, from the slash on.
    pub path: String,
    /// The type of the body.
    pub content_type: Option<String>,
    /// What is sent; empty for a GET.
    pub body: Bytes,
    /// The file in it, as far as there is one: what both services decode.
    pub file: Option<Bytes>,
    /// The path of this service's own that was asked, where HMA is asked the same at one of its own.
    pub native: Option<&'static str>,
}

impl Asked {
    /// A GET.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            is_post: false,
            path: path.into(),
            content_type: None,
            body: Bytes::new(),
            file: None,
            native: None,
        }
    }

    /// A POST.
    #[must_use]
    pub fn post(path: impl Into<String>, content_type: Option<String>, body: Bytes) -> Self {
        let file = content_type.as_deref().and_then(|kind| file_in(kind, &body));
        Self { is_post: true, path: path.into(), content_type, body, file, native: None }
    }

    /// A file as HMA takes it: the name of its field is the type of the content.
    #[must_use]
    pub fn upload(path: impl Into<String>, field: &str, file: &[u8]) -> Self {
        const BOUNDARY: &str = "innerward-shadow-7d1f0c2a9b";
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"file\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let tail = format!("\r\n--{BOUNDARY}--\r\n");
        let body = [head.as_bytes(), file, tail.as_bytes()].concat();
        let content_type = Some(format!("multipart/form-data; boundary={BOUNDARY}"));
        let file = Some(Bytes::copy_from_slice(file));
        Self { is_post: true, path: path.into(), content_type, body: body.into(), file, native: None }
    }

    /// The path without slashes that stand twice, and without the query.
    pub(super) fn route(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        format!("/{}", parts.join("/"))
    }

    /// The same for a report: one of a few texts, whatever was asked.
    pub(super) fn pattern(&self) -> &'static str {
        const KNOWN: [&str; 5] = ["/h/hash", "/m/lookup", "/m/raw_lookup", "/m/compare", "/m/index/status"];
        let route = self.route();
        self.native.or_else(|| KNOWN.into_iter().find(|known| *known == route)).unwrap_or("another")
    }

    /// What the query says of `name`; of hashes and names, which need no decoding.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        let pairs = self.path.split_once('?')?.1.split('&');
        pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

/// The content of the first part of a multipart body that is a file.
fn file_in(content_type: &str, body: &Bytes) -> Option<Bytes> {
    let boundary = content_type.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    let mark = format!("--{}", boundary.trim_matches('"'));
    let starts: Vec<usize> = memchr::memmem::find_iter(body, &mark).collect();
    starts.windows(2).find_map(|pair| {
        let part = pair[0] + mark.len()..pair[1].checked_sub(2)?;
        let bytes = body.get(part.clone())?;
        let head = memchr::memmem::find(bytes, b"\r\n\r\n")?;
        let is_file = memchr::memmem::find(&bytes[..head].to_ascii_lowercase(), b"filename").is_some();
        is_file.then(|| body.slice(part.start + head + 4..part.end))
    })
}

/// An answer, as far as a client looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its status; 0 if there was no answer.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}

/// One of the two services.
pub trait Side {
    /// Its answer; of status 0 if there is none.
    fn ask(&self, asked: &Asked) -> Told;
}

/// A service that runs elsewhere.
#[cfg(feature = "http")]
pub struct Remote {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

#[cfg(feature = "http")]
impl Remote {
    /// The one at `url`, asked with `token` if it wants one. `None` if `url` is none.
    #[must_use]
    pub fn new(url: &str, token: Option<String>) -> Option<Self> {
        let uri: ureq::http::Uri = url.parse().ok()?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        if !is_web || uri.authority()?.as_str().contains('@') || uri.query().is_some() {
            return None;
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .accept_encoding("identity")
            .user_agent(concat!("innerward-shadow/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Some(Self { agent: config.into(), base: url.trim_end_matches('/').to_owned(), token })
    }
}

#[cfg(feature = "http")]
impl super::Inside for Remote {
    fn why_not(&self, bank: &str, id: u64, distance: Option<u32>) -> Option<super::Reason> {
        super::inside::Outside(self).why_not(bank, id, distance)
    }
}

#[cfg(feature = "http")]
impl Side for Remote {
    fn ask(&self, asked: &Asked) -> Told {
        let none = Told { status: 0, body: Vec::new() };
        let url = format!("{}{}", self.base, asked.path);
        let bearer = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let answer = if asked.is_post {
            let mut request = self.agent.post(&url);
            if let Some(kind) = &asked.content_type {
                request = request.header("content-type", kind);
            }
            if let Some(bearer) = &bearer {
                request = request.header("authorization", bearer);
            }
            request.send(&asked.body[..])
        } else {
            let mut request = self.agent.get(&url);
            if let Some(bearer) = &bearer {
                request = request.header("authorization", bearer);
            }
            request.call()
        };
        let Ok(answer) = answer else { return none };
        let (status, mut body) = (answer.status().as_u16(), Vec::new());
        match answer.into_body().into_reader().take(MOST_ANSWER + 1).read_to_end(&mut body) {
            Ok(len) if len as u64 <= MOST_ANSWER => Told { status, body },
            _ => none,
        }
    }
}
