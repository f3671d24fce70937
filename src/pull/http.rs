//! A publisher's folder on a web server. The only place of the program that opens a connection: it asks for files by their
//! paths, one after another, and sends nothing else; no cookies, no proxy, no other server.

use std::io::{self, Read};
use std::net::IpAddr;

use ureq::http::Uri;
use ureq::http::uri::Scheme;

use super::error::PullError;
use super::source::{Limits, Source};

const USER_AGENT: &str = concat!("innerward/", env!("CARGO_PKG_VERSION"));
/// How often an answer may lead to another place of the same server.
const MOST_REDIRECTS: usize = 3;
/// Most bytes of the head of an answer.
const MOST_HEADER: usize = 32 << 10;

/// A web server.
pub(super) struct Web {
    agent: ureq::Agent,
    /// `https://server:port`
    server: String,
    /// From there on, with a slash at its end.
    path: String,
}

impl Web {
    /// The server in `url`; `insecure`: without encryption, if it has to be.
    pub(super) fn new(url: &str, insecure: bool, limits: Limits) -> Result<Self, PullError> {
        let fault = |cause| PullError::Url { url: url.to_owned(), cause };
        let uri: Uri = url.parse().map_err(|_| fault("this is no address; write https://server/folder/"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(fault("this is no whole address; write https://server/folder/"));
        };
        if authority.as_str().contains('@') {
            return Err(fault("names and passwords are not sent; leave them out"));
        }
        if uri.query().is_some() || url.contains('#') {
            return Err(fault("what comes after ? or # is not sent; leave it out"));
        }
        let encrypted = *scheme == Scheme::HTTPS;
        if !encrypted && *scheme != Scheme::HTTP {
            return Err(fault("only https, and http with --insecure-http twice, are spoken"));
        }
        if !(encrypted || insecure || is_loopback(authority.host())) {
            return Err(PullError::Insecure(url.to_owned()));
        }
        let config = ureq::Agent::config_builder()
            .https_only(encrypted)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(USER_AGENT)
            .max_response_header_size(MOST_HEADER)
            .timeout_global(Some(limits.file))
            .build();
        let slash = if uri.path().ends_with('/') { "" } else { "/" };
        Ok(Self {
            agent: config.into(),
            server: format!("{scheme}://{authority}"),
            path: format!("{}{slash}", uri.path()),
        })
    }

    /// Where an answer leads, if it is to the same server, asked in the same way.
    fn follow(&self, url: &str, to: Option<&str>) -> Result<String, PullError> {
        let to = to.unwrap_or_default();
        let place = match to.strip_prefix(&self.server) {
            Some(rest) => rest,
            None if to.starts_with("//") => "",
            None => to,
        };
        if place.starts_with('/') && !place.starts_with("//") {
            return Ok(format!("{}{place}", self.server));
        }
        Err(PullError::Redirect { url: url.to_owned(), to: to.chars().take(200).collect() })
    }
}

impl Source for Web {
    fn get(&mut self, path: &str, most: u64) -> Result<Option<Vec<u8>>, PullError> {
        let mut url = self.name(path);
        let unreachable = |url: &str, cause: String| PullError::Unreachable { what: url.to_owned(), cause };
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.agent.get(&url).call().map_err(|error| unreachable(&url, error.to_string()))?;
            match answer.status().as_u16() {
                200 => {}
                404 | 410 => return Ok(None),
                301 | 302 | 303 | 307 | 308 => {
                    let to = answer.headers().get("location").and_then(|to| to.to_str().ok());
                    url = self.follow(&url, to)?;
                    continue;
                }
                status => return Err(unreachable(&url, format!("the server answers {status}"))),
            }
            let mut bytes = Vec::new();
            let read = answer.into_body().into_reader().take(most + 1).read_to_end(&mut bytes);
            read.map_err(|error: io::Error| unreachable(&url, error.to_string()))?;
            if bytes.len() as u64 > most {
                return Err(PullError::TooLarge { what: url, most });
            }
            return Ok(Some(bytes));
        }
        Err(unreachable(&url, "it leads from place to place".to_owned()))
    }

    fn folders(&mut self) -> Result<Option<Vec<String>>, PullError> {
        Ok(None)
    }

    fn name(&self, path: &str) -> String {
        format!("{}{}{path}", self.server, self.path)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(url: &str, insecure: bool) -> Result<Web, PullError> {
        Web::new(url, insecure, Limits::default())
    }

    #[test]
    fn addresses_are_whole_encrypted_and_without_secrets() {
        for (url, name) in [
            ("https://a.example", "https://a.example/log/checkpoint"),
            ("https://a.example:8443/x/y", "https://a.example:8443/x/y/log/checkpoint"),
            ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/log/checkpoint"),
            ("http://[::1]:8000/", "http://[::1]:8000/log/checkpoint"),
            ("http://localhost/x/", "http://localhost/x/log/checkpoint"),
        ] {
            assert_eq!(web(url, false).map(|web| web.name("log/checkpoint")).unwrap(), name);
        }
        for url in [
            "http://a.example/",
            "http://localhost.a.example/",
            "http://10.0.0.1/",
            "http://127.0.0.1.a.example/",
        ] {
            assert!(matches!(web(url, false), Err(PullError::Insecure(_))), "{url}");
            assert!(web(url, true).is_ok(), "{url}");
        }
        for url in [
            "",
            "a.example/x",
            "/x",
            "ftp://a.example/",
            "https://me:secret@a.example/",
            "https://a.example/?x",
            "https://a.example/#x",
            "https://",
            "https://a b/",
        ] {
            assert!(matches!(web(url, true), Err(PullError::Url { .. })), "{url}");
        }
    }

    #[test]
    fn an_answer_leads_to_the_same_server_or_nowhere() {
        let web = web("https://a.example/x/", false).unwrap();
        for (to, place) in [("/y", "https://a.example/y"), ("https://a.example/z", "https://a.example/z")] {
            assert_eq!(web.follow("", Some(to)).unwrap(), place);
        }
        for to in [
            "",
            "https://b.example/",
            "http://a.example/z",
            "//b.example/z",
            "https://a.example.b.example/",
            "https://a.example:444/",
            "https://a.example@b.example/",
            "z",
            "https://a.example//b.example/z",
        ] {
            assert!(matches!(web.follow("", Some(to)), Err(PullError::Redirect { .. })), "{to}");
        }
        assert!(web.follow("", None).is_err());
    }
}
