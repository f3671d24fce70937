//! The inside of a worker that opens a container: its parts, handed out as one stream of records.
//!
//! | Record | |
//! |---|---|
//! | `B`, length, name | a part begins; without a name the length is `u32::MAX` |
//! | `D`, length, bytes | more of it |
//! | `E`, length, gap | it ends; the length is 0 if nothing is missing, else an answer as a look has it |

use std::cell::RefCell;
use std::io::{self, Read, Seek};

use serde::{Deserialize, Serialize};

use super::answer::encode;
use crate::digest::Look;
use crate::jail::PART_BYTES;
use crate::media::{
    Container, Content, Gap, Kind, PartBounds, PartName, TakeParts, begins_tar, open_parts, open_stream,
};

/// What a worker is asked: the parts of what it is handed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenRequest {
    /// What it is, by the name of its content.
    open: String,
    how: How,
    bounds: [u64; 5],
}

/// What is wanted of it.
#[derive(Serialize, Deserialize)]
pub(super) enum How {
    /// All parts within the bounds.
    Parts,
    /// Those of a tar that is read once, however long it is.
    Stream,
    /// Whether it is a tar: then it is recognised as one, and else as what it was.
    IsTar,
}

impl OpenRequest {
    pub(super) fn new(content: Content, how: How, bounds: &PartBounds) -> Self {
        let PartBounds { parts, bytes, part_bytes, ratio, memory_bytes } = *bounds;
        Self { open: content.name.into(), how, bounds: [parts, bytes, part_bytes, ratio, memory_bytes] }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default() // numbers and names
    }

    /// Does it, and gives what is sent as the answer.
    pub(super) fn answer<'a>(&self, mut input: impl Read + Seek, send: &'a mut Send<'a>) -> Vec<u8> {
        let [parts, bytes, part_bytes, ratio, memory_bytes] = self.bounds;
        let bounds = PartBounds { parts, bytes, part_bytes, ratio, memory_bytes };
        let Some(content) = Content::named(&self.open) else { return Vec::new() }; // the parent refuses it
        match self.how {
            How::Parts => {
                let mut records = Records::new(content, send);
                let opened = open_parts(input, content, &bounds, &mut records);
                records.conclude(opened)
            }
            How::Stream => {
                let records = RefCell::new(Records::new(content, send));
                let input = TellFirst { input, records: &records };
                let opened = open_stream(input, content, &bounds, &mut &records);
                records.into_inner().conclude(opened)
            }
            How::IsTar => {
                let mut head = Vec::new();
                let read = input.read_to_end(&mut head);
                let is_tar = || begins_tar(&head, content, &bounds);
                let tar = Content { kind: Kind::Container(Container::Tar), name: "tar" };
                encode(&read.map(|_| (if is_tar() { tar } else { content }, Look::default())))
            }
        }
    }
}

/// Where records go, in pieces of at most [`PART_BYTES`].
type Send<'a> = dyn FnMut(&[u8]) -> io::Result<()> + 'a;

/// Makes records of parts.
pub(super) struct Records<'a> {
    buffer: Vec<u8>,
    content: Content,
    send: &'a mut Send<'a>,
}

/// The length of the name of what has none.
pub(super) const UNNAMED: u32 = u32::MAX;

impl<'a> Records<'a> {
    pub(super) fn new(content: Content, send: &'a mut Send<'a>) -> Self {
        Self { buffer: Vec::with_capacity(PART_BYTES), content, send }
    }

    /// Sends what is left, and gives the answer to how the container was `opened`.
    fn conclude(mut self, opened: io::Result<Option<Gap>>) -> Vec<u8> {
        let opened = opened.and_then(|gap| self.flush().map(|()| gap));
        encode(&opened.map(|gap| (self.content, Look { gap, ..Look::default() })))
    }

    pub(super) fn put(&mut self, tag: u8, len: u32, body: &[u8]) -> io::Result<()> {
        self.put_bytes(&[tag])?;
        self.put_bytes(&len.to_le_bytes())?;
        self.put_bytes(body)
    }

    fn put_bytes(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PART_BYTES - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() == PART_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            (self.send)(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

impl TakeParts for Records<'_> {
    fn begin(&mut self, name: &PartName) -> io::Result<()> {
        match name.as_str() {
            Some(name) => self.put(b'B', name.len() as u32, name.as_bytes()), // a name is bounded
            None => self.put(b'B', UNNAMED, &[]),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        bytes.chunks(PART_BYTES).try_for_each(|piece| self.put(b'D', piece.len() as u32, piece))
    }

    fn end(&mut self, gap: Option<Gap>) -> io::Result<()> {
        let said = gap.map(|gap| encode(&Ok((self.content, Look::gap(gap)))));
        let said = said.unwrap_or_default();
        self.put(b'E', said.len() as u32, &said)
    }
}

/// Records that are shared with who reads the container.
impl TakeParts for &RefCell<Records<'_>> {
    fn begin(&mut self, name: &PartName) -> io::Result<()> {
        self.borrow_mut().begin(name)
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.borrow_mut().bytes(bytes)
    }

    fn end(&mut self, gap: Option<Gap>) -> io::Result<()> {
        self.borrow_mut().end(gap)
    }
}

/// A stream that may have nothing more for a long time: what came of it is told before more is waited for.
struct TellFirst<'a, 'b, R> {
    input: R,
    records: &'a RefCell<Records<'b>>,
}

impl<R: Read> Read for TellFirst<'_, '_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.records.borrow_mut().flush()?;
        self.input.read(into)
    }
}
