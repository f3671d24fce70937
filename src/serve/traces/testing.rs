//! For tests: a collector that takes OTLP over HTTP on a port of its own, and reads the protobuf by hand.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A collector; it runs as long as the process.
pub(super) struct Collector {
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    /// What it answers; 0 for nothing at all.
    status: AtomicU16,
    bodies: Mutex<Vec<Vec<u8>>>,
}

/// A span as it came.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) trace: String,
    pub(super) id: String,
    /// Empty for one that has none.
    pub(super) parent: String,
    pub(super) state: String,
    pub(super) name: String,
    pub(super) kind: u64,
    /// In nanoseconds.
    pub(super) from: u64,
    pub(super) until: u64,
    pub(super) attributes: BTreeMap<String, String>,
    /// 2 for an error.
    pub(super) status: u64,
}

impl Collector {
    pub(super) fn answering(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { status: status.into(), bodies: Mutex::default() });
        let taken = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = taken.clone();
                std::thread::spawn(move || shared.speak(stream.unwrap()));
            }
        });
        Self { address, shared }
    }

    pub(super) fn answer(&self, status: u16) {
        self.shared.status.store(status, Ordering::Relaxed);
    }

    /// Every byte that came, one request after the other.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.shared.bodies.lock().unwrap().concat()
    }

    pub(super) fn requests(&self) -> usize {
        self.shared.bodies.lock().unwrap().len()
    }

    pub(super) fn wait_for_requests(&self, number: usize) {
        let began = Instant::now();
        while self.requests() < number {
            assert!(began.elapsed() < Duration::from_secs(20), "{} of {number} requests", self.requests());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The attributes of the resource, and the spans, in the order in which they came.
    pub(super) fn seen(&self) -> (BTreeMap<String, String>, Vec<Seen>) {
        let (mut resource, mut spans) = (BTreeMap::new(), Vec::new());
        for body in self.shared.bodies.lock().unwrap().iter() {
            for resource_spans in messages(body, 1) {
                for message in messages(resource_spans, 1) {
                    resource.extend(messages(message, 1).map(attribute));
                }
                for scope_spans in messages(resource_spans, 2) {
                    spans.extend(messages(scope_spans, 2).map(span));
                }
            }
        }
        (resource, spans)
    }
}

impl Shared {
    fn speak(&self, stream: TcpStream) {
        let mut input = BufReader::new(stream.try_clone().unwrap());
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if input.read_line(&mut head).unwrap_or(0) == 0 {
                    return;
                }
            }
            let value = |name: &str| {
                let lines = head.lines().filter_map(|line| line.split_once(": "));
                lines
                    .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value.to_owned())
                    .next()
            };
            assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
            assert_eq!(value("content-type").as_deref(), Some("application/x-protobuf"), "{head}");
            let mut body = vec![0; value("content-length").unwrap().parse().unwrap()];
            input.read_exact(&mut body).unwrap();
            self.bodies.lock().unwrap().push(body);
            let status = self.status.load(Ordering::Relaxed);
            if status == 0 {
                std::thread::sleep(Duration::from_secs(60));
            }
            write!(&stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n").unwrap();
        }
    }
}

/// The fields of a message: number, and what it holds.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => Field::Number(u64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap())),
            2 => {
                let len = varint(&mut bytes);
                Field::Bytes(take(&mut bytes, len as usize))
            }
            5 => Field::Number(u32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap()).into()),
            other => panic!("wire type {other}"),
        };
        all.push((tag >> 3, field));
    }
    all
}

#[derive(Clone, Copy)]
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(len);
    *bytes = rest;
    taken
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = take(bytes, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

fn messages(bytes: &[u8], number: u64) -> impl Iterator<Item = &[u8]> {
    fields(bytes).into_iter().filter(move |(found, _)| *found == number).map(move |(_, field)| match field {
        Field::Bytes(bytes) => bytes,
        Field::Number(_) => panic!("field {number} is a number"),
    })
}

fn attribute(bytes: &[u8]) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let key = messages(bytes, 1).next().map(text).unwrap();
    let value = messages(bytes, 2).next().map(|value| match fields(value)[0] {
        (1, Field::Bytes(bytes)) => text(bytes),
        (_, Field::Number(number)) => number.to_string(),
        (other, _) => panic!("a value of kind {other}"),
    });
    (key, value.unwrap())
}

fn span(bytes: &[u8]) -> Seen {
    let mut seen = Seen::default();
    for (number, field) in fields(bytes) {
        match (number, field) {
            (1, Field::Bytes(id)) => seen.trace = hex::encode(id),
            (2, Field::Bytes(id)) => seen.id = hex::encode(id),
            (3, Field::Bytes(state)) => seen.state = String::from_utf8(state.to_vec()).unwrap(),
            (4, Field::Bytes(id)) => seen.parent = hex::encode(id),
            (5, Field::Bytes(name)) => seen.name = String::from_utf8(name.to_vec()).unwrap(),
            (6, Field::Number(kind)) => seen.kind = kind,
            (7, Field::Number(at)) => seen.from = at,
            (8, Field::Number(at)) => seen.until = at,
            (9, Field::Bytes(bytes)) => seen.attributes.extend([attribute(bytes)]),
            (15, Field::Bytes(bytes)) => {
                let code = fields(bytes).into_iter().find(|(number, _)| *number == 3);
                seen.status =
                    code.map_or(0, |(_, code)| if let Field::Number(code) = code { code } else { 0 });
            }
            // Flags, and counts of what was dropped.
            (16 | 10 | 12 | 14, Field::Number(_)) => {}
            (other, _) => panic!("a span with field {other}"),
        }
    }
    seen
}
