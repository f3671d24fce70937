//! A URL, taken apart strictly and put together again: what is asked is what was checked.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::FetchSettings;
use crate::serve::{Problem, ProblemCode};

/// Most bytes of a URL.
const MOST_URL: usize = 8 << 10;

/// A place that may be asked, as far as its name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// With encryption.
    is_https: bool,
    /// In lower case, without a dot at its end; an address of IPv6 in brackets.
    host: String,
    port: Option<u16>,
    /// Path and query, in ASCII.
    path: String,
}

impl Target {
    /// What `url` says, if `settings` allow it.
    pub(super) fn of(url: &str, settings: &FetchSettings) -> Result<Self, Problem> {
        let (url, rest) = trimmed(url)?;
        let scheme = url.get(..rest).unwrap_or_default().to_ascii_lowercase();
        let is_https = match &*scheme {
            "http" => false,
            "https" => true,
            _ => {
                return Err(Problem::bad_request(
                    "only http:// and https:// URLs are fetched; write a whole one",
                ));
            }
        };
        let Some(after) = url[rest..].strip_prefix("://") else {
            return Err(Problem::bad_request("this is no whole URL; write https://HOST/PATH"));
        };
        let end = after.find(['/', '?']).unwrap_or(after.len());
        let (authority, path) = after.split_at(end);
        let (host, port) = authority_of(authority)?;
        let path = if path.starts_with('/') { encoded(path) } else { format!("/{}", encoded(path)) };
        let target = Self { is_https, host, port, path };
        target.check(settings)?;
        Ok(target)
    }

    /// Where an answer from here leads.
    pub(super) fn follow(&self, to: &str, settings: &FetchSettings) -> Result<Self, Problem> {
        let own = self.authority();
        let scheme = if self.is_https { "https" } else { "http" };
        let path = self.path.split('?').next().unwrap_or("/");
        let whole = if to.split(['/', '?', '#']).next().is_some_and(|start| start.contains(':')) {
            to.to_owned()
        } else if to.starts_with("//") {
            format!("{scheme}:{to}")
        } else if to.starts_with('/') {
            format!("{scheme}://{own}{to}")
        } else if to.starts_with('?') {
            format!("{scheme}://{own}{path}{to}")
        } else {
            let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
            format!("{scheme}://{own}{folder}{to}")
        };
        let target = Self::of(&whole, settings)?;
        if self.is_https && !target.is_https {
            return Err(Problem::new(
                ProblemCode::Forbidden,
                "the server leads from https to http, which is not followed",
            ));
        }
        Ok(target)
    }

    /// As it is asked.
    pub(super) fn url(&self) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        format!("{scheme}://{}{}", self.authority(), self.path)
    }

    fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    fn check(&self, settings: &FetchSettings) -> Result<(), Problem> {
        let is_listed = settings.hosts.iter().any(|listed| {
            let listed = listed.strip_suffix('.').unwrap_or(listed).to_ascii_lowercase();
            match listed.strip_prefix('.') {
                Some(_) => self.host.len() > listed.len() && self.host.ends_with(&listed),
                None => self.host == listed,
            }
        });
        if !is_listed {
            return Err(Problem::new(
                ProblemCode::Forbidden,
                "content is fetched from the hosts alone that the operator lists, and this is none of them; upload it",
            ));
        }
        match self.port {
            Some(port) if !matches!(port, 80 | 443) && !settings.ports.contains(&port) => Err(Problem::new(
                ProblemCode::Forbidden,
                "content is fetched from ports 80 and 443 and those that the operator lists, and this is none of them",
            )),
            _ => Ok(()),
        }
    }
}

/// The URL without blanks around it and without its fragment, and where its scheme ends.
fn trimmed(url: &str) -> Result<(&str, usize), Problem> {
    let url = url.trim_matches(' ');
    if url.len() > MOST_URL {
        return Err(Problem::bad_request("the URL is longer than 8,192 bytes"));
    }
    // A browser reads a backslash as a slash, others do not: what is read in two ways is not fetched.
    if url.contains(|c: char| c.is_control() || c == '\\') {
        return Err(Problem::bad_request(
            "the URL has control characters or backslashes; encode them as %xx",
        ));
    }
    let url = url.split('#').next().unwrap_or_default();
    let colon =
        url.find(':').ok_or_else(|| Problem::bad_request("this is no whole URL; write https://HOST/PATH"))?;
    Ok((url, colon))
}

/// Host, in the one way in which it is compared, and port.
fn authority_of(authority: &str) -> Result<(String, Option<u16>), Problem> {
    if authority.contains('@') {
        return Err(Problem::bad_request("names and passwords in URLs are not sent; leave them out"));
    }
    let no_host =
        || Problem::bad_request("the URL names no host that can be asked: letters, digits, dots and hyphens");
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']').ok_or_else(no_host)?;
            let address: Ipv6Addr = address.parse().map_err(|_| no_host())?;
            (format!("[{address}]"), port.strip_prefix(':').or((port.is_empty()).then_some("")))
        }
        None => {
            let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
            (host_name(host)?, Some(port))
        }
    };
    let port = match port.ok_or_else(no_host)? {
        "" => None,
        digits if digits.len() <= 5 && digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            let port = digits.parse::<u16>().ok().filter(|port| *port > 0);
            Some(port.ok_or_else(|| Problem::bad_request("the URL's port is 1 to 65535"))?)
        }
        _ => return Err(Problem::bad_request("the URL's port is 1 to 65535")),
    };
    Ok((host, port))
}

fn host_name(host: &str) -> Result<String, Problem> {
    if !host.is_ascii() {
        return Err(Problem::bad_request("write the URL's host in ASCII, as xn--…"));
    }
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(Problem::bad_request(
            "the URL names no host that can be asked: letters, digits, dots and hyphens",
        ));
    }
    // What ends in a number is an address to some resolvers, in odd forms too: 127.1, 0x7f000001, 2130706433.
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_number && host.parse::<Ipv4Addr>().is_err() {
        return Err(Problem::bad_request("write the URL's address as four numbers with dots between them"));
    }
    Ok(host)
}

/// Path and query with what is no ASCII, and blanks, encoded.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'!'..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> FetchSettings {
        FetchSettings {
            hosts: vec!["a.example".into(), ".B.example.".into(), "93.184.216.34".into(), "[2a00::1]".into()],
            ports: vec![8080],
            ..FetchSettings::default()
        }
    }

    fn read(url: &str) -> Result<String, ProblemCode> {
        Target::of(url, &settings()).map(|target| target.url()).map_err(|problem| {
            assert!(!problem.detail.contains("example"), "nothing of the URL is quoted: {}", problem.detail);
            problem.code
        })
    }

    #[test]
    fn a_url_is_put_together_again_from_what_was_understood() {
        for (url, asked) in [
            ("https://a.example/x/y?z=1#part", "https://a.example/x/y?z=1"),
            (" HTTPS://A.Example.:443", "https://a.example:443/"),
            ("http://a.example?x", "http://a.example/?x"),
            ("http://a.example:8080/ü b", "http://a.example:8080/%C3%BC%20b"),
            ("http://x.b.example/@/:", "http://x.b.example/@/:"),
            ("http://93.184.216.34/", "http://93.184.216.34/"),
            ("http://[2A00:0::1]:80/", "http://[2a00::1]:80/"),
        ] {
            assert_eq!(read(url).as_deref(), Ok(asked), "{url}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for url in [
            "",
            "a.example/x",
            "//a.example/",
            "ftp://a.example/",
            "file:///etc/passwd",
            "gopher://a.example/",
            "http:a.example",
            "http:/a.example",
            "http://",
            "http://@a.example/",
            "http://me:secret@a.example/",
            "http://a.example@b.example/",
            "http://a.example\\@b.example/",
            "http://a.example\r\nHost: x/",
            "http://a.ex\u{e4}mple/",
            "http://a\u{3002}example/",
            "http://a%2eexample/",
            "http://a..example/",
            "http://.a.example/",
            "http://a.example:0/",
            "http://a.example:65536/",
            "http://a.example:+80/",
            "http://a.example:80:80/",
            "http://[::1/",
            "http://[::1%25lo]/",
            "http://[::1]80/",
            "http://127.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://1.2.3.0x4/",
        ] {
            assert_eq!(read(url), Err(ProblemCode::BadRequest), "{url:?}");
        }
        assert_eq!(read(&format!("http://a.example/{}", "x".repeat(MOST_URL))), Err(ProblemCode::BadRequest));
    }

    #[test]
    fn hosts_and_ports_are_those_of_the_list() {
        for url in [
            "http://c.example/",
            "http://b.example/",
            "http://xb.example/",
            "http://a.example.c.example/",
            "http://x.a.example/",
            "http://10.0.0.1/",
            "http://[::1]/",
            "http://localhost/",
            "http://a.example:22/",
            "https://a.example:8443/",
        ] {
            assert_eq!(read(url), Err(ProblemCode::Forbidden), "{url}");
        }
    }

    #[test]
    fn a_redirect_is_followed_where_a_url_could_lead() {
        let from = Target::of("https://a.example/x/y?q", &settings()).unwrap();
        for (to, url) in [
            ("/z", "https://a.example/z"),
            ("z?w", "https://a.example/x/z?w"),
            ("?w", "https://a.example/x/y?w"),
            ("//x.b.example/z", "https://x.b.example/z"),
            ("https://a.example:8080/z", "https://a.example:8080/z"),
        ] {
            assert_eq!(from.follow(to, &settings()).unwrap().url(), url, "{to}");
        }
        for to in
            ["http://a.example/", "https://c.example/", "//c.example/", "//[::1]/", "https://a.example:22/"]
        {
            assert_eq!(from.follow(to, &settings()).unwrap_err().code, ProblemCode::Forbidden, "{to}");
        }
        for to in ["javascript:x", "file:///etc/passwd", "https://u@a.example/", "ftp://a.example/"] {
            assert_eq!(from.follow(to, &settings()).unwrap_err().code, ProblemCode::BadRequest, "{to}");
        }
        let plain = Target::of("http://a.example/", &settings()).unwrap();
        assert_eq!(plain.follow("https://a.example/", &settings()).unwrap().url(), "https://a.example/");
    }
}
