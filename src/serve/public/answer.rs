//! Answers about files: whole or in part, or that nothing has changed.

use std::fs::File;
use std::future::Future;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use tokio::task::{JoinHandle, spawn_blocking};

use super::folder::Open;

/// Read at a time.
const PIECE: usize = 128 << 10;

/// Pages run no script but those of the folder, and load nothing from elsewhere.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a file is, by the end of its name.
fn kind(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or_default();
    match name {
        "" => return "text/html; charset=utf-8",
        "feed.json" => return "application/feed+json; charset=utf-8",
        "checkpoint" => return "text/plain; charset=utf-8",
        _ => {}
    }
    match name.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "jsonl" => "application/jsonl",
        "jsonld" => "application/ld+json",
        "atom" => "application/atom+xml; charset=utf-8",
        "xml" => "application/xml",
        "csv" => "text/csv; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "txt" | "md" | "pub" | "minisig" | "toml" | "ttl" => "text/plain; charset=utf-8",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

/// The answer to a GET or HEAD of `path` that leads to `open`.
pub(super) fn answer(method: &Method, path: &str, asked: &HeaderMap, open: Open) -> Response {
    let modified = http_date(open.modified);
    let mut headers = HeaderMap::new();
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(header::ETAG, &open.tag);
    put(header::LAST_MODIFIED, &modified);
    put(header::CACHE_CONTROL, "public, max-age=300");
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::CONTENT_SECURITY_POLICY, POLICY);
    put(header::REFERRER_POLICY, "no-referrer");
    // Published figures are for everybody's pages.
    put(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    put(header::ACCEPT_RANGES, "bytes");
    if !has_changed(asked, &open.tag, open.modified) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    put(header::CONTENT_TYPE, kind(path));
    let range = if is_for(asked, &open.tag, &modified) { range(asked, open.bytes) } else { Range::Whole };
    let (status, from, bytes) = match range {
        Range::Whole => (StatusCode::OK, 0, open.bytes),
        Range::Part(from, to) => {
            put(header::CONTENT_RANGE, &format!("bytes {from}-{to}/{}", open.bytes));
            (StatusCode::PARTIAL_CONTENT, from, to - from + 1)
        }
        Range::Beyond => {
            put(header::CONTENT_RANGE, &format!("bytes */{}", open.bytes));
            return (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response();
        }
    };
    put(header::CONTENT_LENGTH, &bytes.to_string());
    if *method == Method::HEAD {
        return (status, headers).into_response();
    }
    let body = FileBody { file: Arc::new(open.file), at: from, left: bytes, reading: None };
    (status, headers, Body::new(body)).into_response()
}

fn http_date(time: SystemTime) -> String {
    let time = Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH);
    DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap_or_default()
}

/// Whole seconds of an HTTP date.
fn seconds(text: &str) -> Option<i64> {
    let text = text.strip_suffix("GMT").map_or_else(|| text.to_owned(), |head| format!("{head}+0000"));
    Some(jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(&text).ok()?.as_second())
}

/// False if the asker has this state of the file already.
fn has_changed(asked: &HeaderMap, tag: &str, modified: SystemTime) -> bool {
    let text = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(tags) = text(header::IF_NONE_MATCH) {
        let same = |one: &str| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag;
        return !tags.split(',').any(|one| same(one.trim()));
    }
    let (Some(since), Ok(modified)) =
        (text(header::IF_MODIFIED_SINCE).and_then(seconds), Timestamp::try_from(modified))
    else {
        return true;
    };
    modified.as_second() > since
}

/// True if the part that is asked for is to be one of this state of the file.
fn is_for(asked: &HeaderMap, tag: &str, modified: &str) -> bool {
    asked.get(header::IF_RANGE).is_none_or(|state| state == tag || state == modified)
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    Whole,
    /// From this byte to that, both among them.
    Part(u64, u64),
    Beyond,
}

/// What is asked for of so many bytes. Several parts at once are answered with the whole, as is what makes no sense.
fn range(asked: &HeaderMap, bytes: u64) -> Range {
    let parsed = || {
        let text = asked.get(header::RANGE)?.to_str().ok()?.strip_prefix("bytes=")?;
        let (from, to) = text.trim().split_once('-')?;
        Some(match (from.trim(), to.trim()) {
            ("", last) => {
                let last: u64 = last.parse().ok()?;
                if last == 0 || bytes == 0 {
                    Range::Beyond
                } else {
                    Range::Part(bytes.saturating_sub(last), bytes - 1)
                }
            }
            (from, to) => {
                let from: u64 = from.parse().ok()?;
                let to = if to.is_empty() { u64::MAX } else { to.parse().ok()? };
                if to < from {
                    return None;
                }
                if from >= bytes { Range::Beyond } else { Range::Part(from, to.min(bytes - 1)) }
            }
        })
    };
    parsed().unwrap_or(Range::Whole)
}

/// A file, read piece by piece as it is taken.
struct FileBody {
    file: Arc<File>,
    at: u64,
    left: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl HttpBody for FileBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let (file, at, most) = (self.file.clone(), self.at, self.left.min(PIECE as u64) as usize);
        let reading = self.reading.get_or_insert_with(|| spawn_blocking(move || piece(&file, at, most)));
        let read = ready!(Pin::new(reading).poll(cx));
        self.reading = None;
        match read.map_err(io::Error::other).and_then(|read| read) {
            Ok(bytes) => {
                self.at += bytes.len() as u64;
                self.left -= bytes.len() as u64;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Err(error) => {
                self.left = 0;
                Poll::Ready(Some(Err(axum::Error::new(error))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

fn piece(file: &File, at: u64, most: usize) -> io::Result<Bytes> {
    let mut bytes = vec![0; most];
    // One that was shortened meanwhile breaks off: the length is said already.
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_the_standard_has_them() {
        for (text, bytes, expected) in [
            ("bytes=0-0", 10, Range::Part(0, 0)),
            ("bytes=2-", 10, Range::Part(2, 9)),
            ("bytes=2-100", 10, Range::Part(2, 9)),
            ("bytes=-3", 10, Range::Part(7, 9)),
            ("bytes=-30", 10, Range::Part(0, 9)),
            ("bytes=10-", 10, Range::Beyond),
            ("bytes=-0", 10, Range::Beyond),
            ("bytes=-1", 0, Range::Beyond),
            ("bytes=5-2", 10, Range::Whole),
            ("bytes=0-1,3-4", 10, Range::Whole),
            ("lines=0-1", 10, Range::Whole),
            ("bytes=a-b", 10, Range::Whole),
            ("bytes=18446744073709551615-", 10, Range::Beyond),
            ("bytes=18446744073709551616-", 10, Range::Whole),
        ] {
            let asked = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(text))]);
            assert_eq!(range(&asked, bytes), expected, "{text}");
        }
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(784_111_777);
        assert_eq!(http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT", "the example of RFC 9110");
        assert_eq!(seconds(&http_date(time)), Some(784_111_777));
    }
}
