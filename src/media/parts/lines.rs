//! Lines of a text that may be endless, and whose lines may be.

use std::io::{self, BufRead};

use super::source::Source;

/// Reads a source line by line, long lines in pieces.
pub(super) struct Lines {
    starts: bool,
    /// The piece that was read, with the line's end.
    pub(super) piece: Vec<u8>,
}

/// Where a piece stands in its line.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    /// It is the first of its line.
    pub(super) starts: bool,
}

impl Lines {
    /// Most bytes of a piece; lines of mail have 998 at most.
    const PIECE_BYTES: usize = 64 << 10;

    pub(super) fn new() -> Self {
        Self { starts: true, piece: Vec::new() }
    }

    /// Reads on; `None` at the end.
    pub(super) fn next(&mut self, source: &mut Source<'_>) -> io::Result<Option<Piece>> {
        self.piece.clear();
        let mut ends = false;
        while !ends && self.piece.len() < Self::PIECE_BYTES {
            let ahead = source.fill_buf()?;
            if ahead.is_empty() {
                break;
            }
            let room = (Self::PIECE_BYTES - self.piece.len()).min(ahead.len());
            let end = memchr::memchr(b'\n', &ahead[..room]);
            let len = end.map_or(room, |end| end + 1);
            ends = end.is_some();
            self.piece.extend_from_slice(&ahead[..len]);
            source.consume(len);
        }
        if self.piece.is_empty() {
            return Ok(None);
        }
        let piece = Piece { starts: self.starts };
        self.starts = ends;
        Ok(Some(piece))
    }

    /// The piece, and apart from it the line's end.
    pub(super) fn split(&self) -> (&[u8], &[u8]) {
        let text = self.piece.strip_suffix(b"\n").unwrap_or(&self.piece);
        let text =
            if text.len() < self.piece.len() { text.strip_suffix(b"\r").unwrap_or(text) } else { text };
        self.piece.split_at(text.len())
    }
}
