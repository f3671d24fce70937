//! The way out: parts are counted and measured here, and nowhere else.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read};
use std::rc::Rc;

use super::{PartBounds, PartName, TakeParts};
use crate::media::gap::{Bound, Gap};

/// Why no more bytes go out.
#[derive(Debug)]
pub(super) enum Stop {
    /// Of this part.
    Part(Gap),
    /// Of the whole container.
    All(Gap),
    /// The taker failed.
    Taker(io::Error),
}

/// Whoever takes the parts, behind the bounds.
pub(super) struct Out<'a> {
    take: &'a mut dyn TakeParts,
    bounds: &'a PartBounds,
    /// Most bytes in total, and which bound says so.
    most: (u64, Gap),
    /// Of a stream whose length nobody knows: what was read of it so far, by which its ratio is bounded.
    read: Option<Rc<Cell<u64>>>,
    part_bytes: u64,
    parts: u64,
    total: u64,
    /// Bytes of the part that is open.
    part: u64,
    open: bool,
    buffer: Vec<u8>,
}

impl<'a> Out<'a> {
    /// `len`: bytes of the container.
    pub(super) fn new(take: &'a mut dyn TakeParts, bounds: &'a PartBounds, len: u64) -> Self {
        let rated = bounds.ratio.saturating_mul(len).max(PartBounds::UNRATED_BYTES);
        let most = if rated < bounds.bytes {
            (rated, Gap::Bound(Bound::Ratio, bounds.ratio))
        } else {
            (bounds.bytes, Gap::Bound(Bound::Bytes, bounds.bytes))
        };
        let part_bytes = bounds.part_bytes;
        let buffer = vec![0; BUFFER_BYTES];
        Self { take, bounds, most, read: None, part_bytes, parts: 0, total: 0, part: 0, open: false, buffer }
    }

    /// Of a stream that may go on for ever, of which so much was `read`: parts and bytes are not bounded.
    pub(super) fn endless(take: &'a mut dyn TakeParts, bounds: &'a PartBounds, read: Rc<Cell<u64>>) -> Self {
        let most = (u64::MAX, Gap::Bound(Bound::Ratio, bounds.ratio));
        Self { read: Some(read), most, part_bytes: u64::MAX, ..Self::new(take, bounds, u64::MAX) }
    }

    /// Most bytes in total, as far as that is known by now.
    fn most(&self) -> u64 {
        match &self.read {
            None => self.most.0,
            Some(read) => self.bounds.ratio.saturating_mul(read.get()).max(PartBounds::UNRATED_BYTES),
        }
    }

    pub(super) fn bounds(&self) -> &'a PartBounds {
        self.bounds
    }

    pub(super) fn begin(&mut self, name: &PartName) -> Result<(), Stop> {
        debug_assert!(!self.open, "one part at a time");
        if self.parts >= self.bounds.parts && self.read.is_none() {
            return Err(Stop::All(Gap::Bound(Bound::Parts, self.bounds.parts)));
        }
        self.parts += 1;
        self.part = 0;
        self.open = true;
        self.take.begin(name).map_err(Stop::Taker)
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let of_part = self.part_bytes - self.part;
        let of_all = self.most() - self.total;
        let len = bytes.len() as u64;
        let taken = len.min(of_part).min(of_all);
        self.part += taken;
        self.total += taken;
        if taken > 0 {
            self.take.bytes(&bytes[..taken as usize]).map_err(Stop::Taker)?;
        }
        if taken == len {
            Ok(())
        } else if of_all <= of_part {
            Err(Stop::All(self.most.1.clone()))
        } else {
            Err(Stop::Part(Gap::Bound(Bound::Bytes, self.bounds.part_bytes)))
        }
    }

    pub(super) fn end(&mut self, gap: Option<Gap>) -> Result<(), Stop> {
        self.open = false;
        self.take.end(gap).map_err(Stop::Taker)
    }

    /// Ends the part that a stop left open.
    pub(super) fn close(&mut self, gap: &Gap) -> io::Result<()> {
        if std::mem::take(&mut self.open) { self.take.end(Some(gap.clone())) } else { Ok(()) }
    }

    /// A part of which nothing can be had.
    pub(super) fn unopened(&mut self, name: &PartName, gap: Gap) -> Result<(), Stop> {
        self.begin(name)?;
        self.end(Some(gap))
    }

    /// A part that is all that `from` gives.
    pub(super) fn part(
        &mut self,
        name: &PartName,
        from: &mut dyn Read,
        kind: &'static str,
    ) -> Result<(), Stop> {
        self.begin(name)?;
        let gap = self.pour(from, kind)?;
        self.end(gap)
    }

    /// Hands out all that `from` gives, of a container called `kind`; what is missing is the answer.
    pub(super) fn pour(&mut self, from: &mut dyn Read, kind: &'static str) -> Result<Option<Gap>, Stop> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let poured = self.pour_by(from, kind, &mut buffer);
        self.buffer = buffer;
        match poured {
            Err(Stop::Part(gap)) => Ok(Some(gap)),
            other => other,
        }
    }

    fn pour_by(
        &mut self,
        from: &mut dyn Read,
        kind: &'static str,
        buffer: &mut [u8],
    ) -> Result<Option<Gap>, Stop> {
        loop {
            match from.read(buffer) {
                Ok(0) => return Ok(None),
                Ok(len) => self.bytes(&buffer[..len])?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Ok(Some(self.fault(&error, kind))),
            }
        }
    }

    /// What a decoder's error says.
    pub(super) fn fault(&self, error: &io::Error, kind: &'static str) -> Gap {
        match error.kind() {
            ErrorKind::UnexpectedEof => Gap::Truncated(kind),
            ErrorKind::OutOfMemory => Gap::Bound(Bound::Memory, self.bounds.memory_bytes),
            _ => Gap::Damaged(kind),
        }
    }
}

/// Bytes handed out at a time, at most.
const BUFFER_BYTES: usize = 64 << 10;
