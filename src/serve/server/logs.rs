//! Log lines, in JSON. They carry no hash, no entry, no name of a file, no note, no URL, no token and no address of a client.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use jiff::Timestamp;
use serde::Serialize;

/// Lines that may wait for a slow reader. Beyond it they are counted and lost: no request waits for a log.
const WAITING: usize = 8192;

/// Where log lines go: one thread writes them, whoever logs goes on at once.
pub struct Log {
    sender: Mutex<Option<SyncSender<String>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    lost: AtomicU64,
    requests: bool,
}

/// How grave it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// In the course of things.
    Info,
    /// The service goes on, and somebody should look.
    Warn,
    /// A fault.
    Error,
}

#[derive(Serialize)]
struct Event<'a> {
    time: Timestamp,
    level: Level,
    event: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    about: &'a str,
    #[serde(skip_serializing_if = "is_none_lost")]
    lost_lines: u64,
}

/// A request that was answered.
#[derive(Serialize)]
pub(super) struct RequestLine<'a> {
    pub(super) time: Timestamp,
    pub(super) level: Level,
    pub(super) event: &'static str,
    pub(super) method: &'a str,
    /// The pattern of the path, never the path.
    pub(super) route: &'a str,
    pub(super) status: u16,
    pub(super) milliseconds: f64,
    /// The name of the token.
    pub(super) caller: Option<&'a str>,
}

fn is_none_lost(lost: &u64) -> bool {
    *lost == 0
}

impl Log {
    /// Hands each line to `write`, in a thread of its own. With `requests`, requests that were answered well are told too.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn to(write: impl FnMut(&str) + Send + 'static, requests: bool) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        let writer =
            std::thread::Builder::new().name("log".into()).spawn(move || write_all(receiver, write))?;
        Ok(Self {
            sender: Mutex::new(Some(sender)),
            writer: Mutex::new(Some(writer)),
            lost: AtomicU64::new(0),
            requests,
        })
    }

    /// Tells that something happened: `event` in one word or two, `about` in a sentence without content.
    pub fn tell(&self, level: Level, event: &str, about: &str) {
        let lost_lines = self.lost.swap(0, Ordering::Relaxed);
        self.put(&Event { time: Timestamp::now(), level, event, about, lost_lines });
    }

    pub(super) fn wants_requests(&self) -> bool {
        self.requests
    }

    pub(super) fn request(&self, line: &RequestLine<'_>) {
        self.put(line);
    }

    fn put(&self, line: &impl Serialize) {
        let Ok(line) = serde_json::to_string(line) else { return }; // numbers and short text
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.as_ref().is_none_or(|sender| sender.try_send(line).is_err()) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes what waits, and ends.
    pub fn close(&self) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(writer) = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = writer.join(); // what it could not write nobody reads
        }
    }
}

fn write_all(lines: Receiver<String>, mut write: impl FnMut(&str)) {
    lines.iter().for_each(|line| write(&line));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    #[test]
    fn nobody_waits_for_a_slow_reader_and_what_is_lost_is_said() {
        let (go, wait) = channel::<()>();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = lines.clone();
        let log = Log::to(
            move |line| {
                let _ = wait.recv();
                written.lock().unwrap().push(line.to_owned());
            },
            true,
        )
        .unwrap();
        for _ in 0..WAITING + 10 {
            log.tell(Level::Info, "started", "");
        }
        drop(go); // the reader is awake
        log.close();
        let lines = lines.lock().unwrap();
        assert!((WAITING..WAITING + 10).contains(&lines.len()), "{}", lines.len());
        assert!(
            lines.iter().all(|line| line.starts_with("{\"time\":\"") && line.contains("\"level\":\"info\""))
        );
    }
}
