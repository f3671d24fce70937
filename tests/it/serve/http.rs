//! A small client for HTTP/1.1 over plain sockets: it keeps its connection, reads bodies of a length and in chunks, and shows
//! every byte of the head of an answer. It does what it is told, also where that is against the protocol.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// How long an answer may take unless a test says otherwise.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn new(method: &str, target: &str) -> Self {
        Self { method: method.into(), target: target.into(), headers: Vec::new(), body: Vec::new() }
    }

    pub(super) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    pub(super) fn post(target: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::new("POST", target) }
    }

    pub(super) fn json(method: &str, target: &str, body: &Value) -> Self {
        let request = Self { body: body.to_string().into_bytes(), ..Self::new(method, target) };
        request.with("Content-Type", "application/json")
    }

    /// A form; each part is its name, the name of its file if it is one, and its content.
    pub(super) fn form(target: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Self {
        const EDGE: &str = "edge-of-a-part-2d9f0c";
        let mut body = Vec::new();
        for (name, file, content) in parts {
            let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
            body.extend(
                format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes(),
            );
            body.extend(*content);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{EDGE}--\r\n").bytes());
        Self::post(target, body).with("Content-Type", &format!("multipart/form-data; boundary={EDGE}"))
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With a token.
    pub(super) fn by(self, token: &str) -> Self {
        self.with("Authorization", &format!("Bearer {token}"))
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !self.body.is_empty() || ["POST", "PUT"].contains(&&*self.method) {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        [head.as_bytes(), b"\r\n", &self.body].concat()
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The whole head, as it came.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A header's value, its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The same, if it has this status.
    #[track_caller]
    pub(super) fn of(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}{}", self.head, self.text());
        self
    }
}

/// A connection that is kept.
pub(super) struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    pub(super) fn to(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, read: Vec::new() })
    }

    /// The connection itself, for what no client should do.
    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    pub(super) fn send(&mut self, request: &Request) -> io::Result<Answer> {
        // Whoever is refused early may find the door closed behind the answer; the answer counts.
        let sent = self.stream.write_all(&request.bytes());
        let answer = self.answer(request.method == "HEAD");
        sent.and(answer.as_ref().map(drop).map_err(|error| error.kind().into()))
            .or_else(|error| if answer.is_ok() { Ok(()) } else { Err(error) })?;
        answer
    }

    /// Reads an answer to what was sent.
    pub(super) fn answer(&mut self, without_body: bool) -> io::Result<Answer> {
        loop {
            let end = self.until(|read| read.windows(4).position(|four| four == b"\r\n\r\n"))? + 4;
            let head = String::from_utf8_lossy(&self.read.drain(..end).collect::<Vec<_>>()).into_owned();
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
            let status: u16 = status.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, head.clone()))?;
            let mut answer = Answer { status, head, body: Vec::new() };
            if (100..200).contains(&status) {
                continue;
            }
            if !without_body && ![204, 304].contains(&status) {
                answer.body = self.body(&answer)?;
            }
            return Ok(answer);
        }
    }

    fn body(&mut self, answer: &Answer) -> io::Result<Vec<u8>> {
        if let Some(length) = answer.header("content-length") {
            let length: usize = length.parse().map_err(|_| io::Error::from(ErrorKind::InvalidData))?;
            return self.exactly(length);
        }
        let mut body = Vec::new();
        if answer.header("transfer-encoding") != Some("chunked") {
            self.stream.read_to_end(&mut self.read)?;
            body.append(&mut self.read);
            return Ok(body);
        }
        loop {
            let line = self.until(|read| read.windows(2).position(|two| two == b"\r\n"))?;
            let size = String::from_utf8_lossy(&self.exactly(line + 2)?).trim().to_owned();
            let size = usize::from_str_radix(size.split(';').next().unwrap_or_default(), 16);
            let size = size.map_err(|_| io::Error::from(ErrorKind::InvalidData))?;
            body.extend(self.exactly(size)?);
            self.exactly(2)?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        self.until(|read| (read.len() >= length).then_some(length))?;
        Ok(self.read.drain(..length).collect())
    }

    /// Reads on until `found` finds something.
    fn until(&mut self, found: impl Fn(&[u8]) -> Option<usize>) -> io::Result<usize> {
        let mut chunk = [0; 16 << 10];
        loop {
            if let Some(at) = found(&self.read) {
                return Ok(at);
            }
            match self.stream.read(&mut chunk)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                read => self.read.extend(&chunk[..read]),
            }
        }
    }
}
