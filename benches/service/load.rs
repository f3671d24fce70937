//! Clients: so many connections that are kept, each asking as soon as it is answered.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One request as it is sent.
pub(crate) struct Request {
    bytes: Vec<u8>,
    /// Matches that its answer has.
    expected: Option<usize>,
    /// Its last bytes are others each time.
    varied: bool,
}

impl Request {
    pub(crate) fn get(path: &str) -> Self {
        let bytes = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes();
        Self { bytes, expected: None, varied: false }
    }

    pub(crate) fn post(path: &str, kind: &str, body: Vec<u8>) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        Self { bytes: [head.into_bytes(), body].concat(), expected: None, varied: false }
    }

    pub(crate) fn expects(self, matches: usize) -> Self {
        Self { expected: Some(matches), ..self }
    }

    /// The end of a JPEG file is nothing that a decoder reads.
    pub(crate) fn varied(mut self) -> Self {
        let body = self.bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let content = self.bytes.split_off(body);
        let head = String::from_utf8(std::mem::take(&mut self.bytes)).unwrap();
        let longer = head.replace(
            &format!("Content-Length: {}", content.len()),
            &format!("Content-Length: {}", content.len() + TAIL),
        );
        self.bytes = [longer.into_bytes(), content, vec![0; TAIL]].concat();
        Self { varied: true, ..self }
    }
}

/// Bytes that differ.
const TAIL: usize = 16;

/// What came of it.
#[derive(Default)]
pub(crate) struct Load {
    seconds: f64,
    micros: Vec<u32>,
}

impl Load {
    pub(crate) fn add(&mut self, other: Self) {
        self.seconds += other.seconds;
        self.micros.extend(other.micros);
        self.micros.sort_unstable();
    }

    pub(crate) fn rate(&self) -> f64 {
        self.micros.len() as f64 / self.seconds
    }

    pub(crate) fn millis(&self, percent: usize) -> f64 {
        let at = (self.micros.len() * percent / 100).min(self.micros.len() - 1);
        f64::from(self.micros[at]) / 1e3
    }
}

/// Clients of one service, on connections that they keep.
pub(crate) struct Clients {
    runtime: tokio::runtime::Runtime,
    wires: Vec<Wire>,
}

impl Clients {
    /// So many, after each request was sent once and its answer was seen to be right.
    pub(crate) fn checked(address: &str, connections: usize, requests: &[Request]) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut wires = Vec::new();
        runtime.block_on(async {
            for _ in 0..connections {
                wires.push(Wire::open(address).await);
            }
            each(&mut wires, |mut wire, first| async move {
                for request in requests.iter().skip(first).step_by(connections) {
                    wire.ask(request, true).await;
                }
                (wire, Vec::new())
            })
            .await;
        });
        Self { runtime, wires }
    }

    /// They ask for so many seconds, each as soon as it is answered.
    pub(crate) fn run(&mut self, seconds: f64, requests: &[Request]) -> Load {
        self.ask(seconds, requests, None)
    }

    /// They ask so often a second together, whatever the service does: what is late is late for those after it as well.
    pub(crate) fn paced(&mut self, seconds: f64, requests: &[Request], rate: f64) -> Load {
        self.ask(seconds, requests, Some(self.wires.len() as f64 / rate))
    }

    fn ask(&mut self, seconds: f64, requests: &[Request], every: Option<f64>) -> Load {
        let Self { runtime, wires } = self;
        let (start, connections) = (Instant::now(), wires.len());
        let mut micros = runtime.block_on(each(wires, |mut wire, first| async move {
            let mut micros = Vec::new();
            let mut due = every.unwrap_or_default() * first as f64 / connections as f64;
            let mut at = first;
            while start.elapsed().as_secs_f64() < seconds && due < seconds {
                let mut sent = Instant::now();
                if let Some(every) = every {
                    sent = start + Duration::from_secs_f64(due);
                    tokio::time::sleep_until(sent.into()).await;
                    due += every;
                }
                wire.ask(&requests[at % requests.len()], false).await;
                micros.push(sent.elapsed().as_micros() as u32);
                at += connections;
            }
            (wire, micros)
        }));
        micros.sort_unstable();
        Load { seconds: start.elapsed().as_secs_f64(), micros }
    }
}

/// [`Clients::checked`], and what they do in so many seconds.
pub(crate) fn run(address: &str, connections: usize, seconds: f64, requests: &[Request]) -> Load {
    Clients::checked(address, connections, requests).run(seconds, requests)
}

/// Runs `work` on all wires side by side, in this thread.
async fn each<F: Future<Output = (Wire, Vec<u32>)>>(
    wires: &mut Vec<Wire>,
    work: impl Fn(Wire, usize) -> F,
) -> Vec<u32> {
    let mut running: Vec<_> = std::mem::take(wires)
        .into_iter()
        .enumerate()
        .map(|(at, wire)| Some(Box::pin(work(wire, at))))
        .collect();
    let (mut done, mut left) = (Vec::new(), running.len());
    // Woken by any of them, it looks at all: there are few.
    std::future::poll_fn(|context| {
        for slot in &mut running {
            let Some(future) = slot else { continue };
            if let std::task::Poll::Ready((wire, micros)) = future.as_mut().poll(context) {
                wires.push(wire);
                done.extend(micros);
                *slot = None;
                left -= 1;
            }
        }
        if left == 0 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

/// The matches in the answer to one request, on a connection of its own.
pub(crate) fn ask(address: &str, request: &Request) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { Wire::open(address).await.ask(request, true).await })
}

struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    sent: u64,
    number: u64,
}

impl Wire {
    async fn open(address: &str) -> Self {
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Self { stream, buffer: Vec::with_capacity(1 << 16), sent: 0, number }
    }

    /// The matches in the answer, if `checked`.
    async fn ask(&mut self, request: &Request, checked: bool) -> usize {
        if request.varied {
            let (same, _) = request.bytes.split_at(request.bytes.len() - TAIL);
            self.sent += 1;
            let tail = [self.number.to_le_bytes(), self.sent.to_le_bytes()].concat();
            self.stream.write_all(same).await.unwrap();
            self.stream.write_all(&tail).await.unwrap();
        } else {
            self.stream.write_all(&request.bytes).await.unwrap();
        }
        self.buffer.clear();
        let head = loop {
            assert!(self.stream.read_buf(&mut self.buffer).await.unwrap() > 0, "the service hung up");
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
        };
        let text = std::str::from_utf8(&self.buffer[..head]).unwrap().to_ascii_lowercase();
        assert!(text.starts_with("http/1.1 200"), "{text}");
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
        let end = head + length.trim().parse::<usize>().unwrap();
        while self.buffer.len() < end {
            assert!(self.stream.read_buf(&mut self.buffer).await.unwrap() > 0, "the service hung up");
        }
        if !checked {
            return 0;
        }
        let matches = memchr::memmem::find_iter(&self.buffer[head..end], b"\"entry\":").count();
        if let Some(expected) = request.expected {
            assert_eq!(matches, expected, "the answer is that of a matcher");
        }
        matches
    }
}
