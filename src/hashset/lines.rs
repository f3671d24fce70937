//! Lines of a list, bounded: however long a line is, no more than a fixed buffer is held.
//!
//! A line ends with LF, with CRLF, or with CR alone, as old programs for the Macintosh write it: what stands behind a CR
//! that is no end would be taken for the name of a file, and its hash be lost.

use std::io::{self, Read};

use memchr::memchr2;

use super::report::Cause;

/// Most bytes of a line, and of a record that spans lines; longer ones are bad, and skipped without being held.
pub(super) const MAX_LINE: usize = 64 << 10;

/// Room for a marked record, one more line, and a read of useful size.
const BUFFER: usize = 4 * MAX_LINE;

/// One line, without its end and, unless it was asked for, without white space around it.
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: u64,
    /// What it says, or why it is not text.
    pub(super) text: Result<&'a str, Cause>,
}

/// True for an empty line and for a comment.
pub(super) fn says_nothing(text: &str) -> bool {
    text.is_empty() || text.starts_with('#')
}

/// The first line of `text`, without its end.
pub(super) fn first_line(text: &str) -> &str {
    text.split(['\n', '\r']).next().unwrap_or_default()
}

/// Cuts a stream into lines.
pub(super) struct Lines<'r> {
    input: &'r mut dyn Read,
    buffer: Vec<u8>,
    /// What is not handed out yet: `buffer[start..end]`.
    start: usize,
    end: usize,
    number: u64,
    /// Where to go back to: position in the buffer, and lines before it.
    mark: Option<(usize, u64)>,
    /// White space around a line belongs to it.
    edges: bool,
}

impl<'r> Lines<'r> {
    /// Begins to read.
    pub(super) fn new(input: &'r mut dyn Read) -> Self {
        Self { input, buffer: vec![0; BUFFER], start: 0, end: 0, number: 0, mark: None, edges: false }
    }

    /// Leaves the white space around lines, but for their ends.
    pub(super) fn with_edges(mut self) -> Self {
        self.edges = true;
        self
    }

    /// The lines handed out.
    pub(super) fn finish(self) -> u64 {
        self.number
    }

    /// Remembers this place for [`Lines::rewind`], until the lines since then exceed [`MAX_LINE`] bytes together.
    pub(super) fn mark(&mut self) {
        self.mark = Some((self.start, self.number));
    }

    /// Goes back to the mark, if there is one, and takes it away.
    pub(super) fn rewind(&mut self) {
        if let Some((start, number)) = self.mark.take() {
            (self.start, self.number) = (start, number);
        }
    }

    /// Takes the mark away.
    pub(super) fn unmark(&mut self) {
        self.mark = None;
    }

    /// The next line. With a mark set, a line that leads more than [`MAX_LINE`] bytes away from it is reported as too
    /// long and not passed over: the way back stays open, and going back is all that can be done then.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let mut searched = 0;
        let (len, past) = loop {
            let (at, past) = self.end(searched).unwrap_or((self.rest().len(), None));
            if let Some(past) = past {
                break (at, past);
            }
            if self.too_far(at) {
                break (at, at);
            }
            searched = at;
            if !self.fill()? {
                let past = self.rest().len();
                if past == 0 {
                    return Ok(None);
                }
                break (at, past);
            }
        };
        if self.too_far(len) {
            if self.mark.is_none() {
                self.pass_over()?;
            }
            self.number += 1;
            return Ok(Some(Line { number: self.number, text: Err(Cause::TooLong) }));
        }
        let from = self.start;
        self.start += past;
        self.number += 1;
        let line = &self.buffer[from..from + len];
        let line = if self.edges { line } else { line.trim_ascii() };
        let text = match std::str::from_utf8(line) {
            Err(_) => Err(Cause::NotUtf8),
            Ok(_) if line.contains(&0) => Err(Cause::ZeroByte),
            Ok(text) => Ok(text),
        };
        Ok(Some(Line { number: self.number, text }))
    }

    fn rest(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Where in the rest, from `from` on, a line ends, and where the next one begins; `None` for that where only the byte
    /// behind tells, which is not here yet: of a CR that may be the half of CRLF.
    fn end(&self, from: usize) -> Option<(usize, Option<usize>)> {
        let rest = self.rest();
        let at = from + memchr2(b'\n', b'\r', &rest[from..])?;
        let past = match rest[at..] {
            [b'\r'] => None,
            [b'\r', b'\n', ..] => Some(at + 2),
            _ => Some(at + 1),
        };
        Some((at, past))
    }

    fn too_far(&self, len: usize) -> bool {
        let from = self.mark.map_or(self.start, |(start, _)| start);
        self.start - from + len > MAX_LINE
    }

    /// Drops everything up to and with the next line end.
    fn pass_over(&mut self) -> io::Result<()> {
        loop {
            match self.end(0) {
                Some((_, Some(past))) => {
                    self.start += past;
                    return Ok(());
                }
                Some((at, None)) => self.start += at,
                None => self.start = self.end,
            }
            if !self.fill()? {
                self.start = self.end;
                return Ok(());
            }
        }
    }

    /// Reads more; false at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        if self.end == self.buffer.len() {
            let keep = self.mark.map_or(self.start, |(start, _)| start);
            self.buffer.copy_within(keep..self.end, 0);
            (self.start, self.end) = (self.start - keep, self.end - keep);
            self.mark = self.mark.map(|(_, number)| (0, number));
        }
        // At most two MAX_LINE are kept, so there is room: `too_far` stops every search beyond that.
        let read = loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.end += read;
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut input: impl Read) -> Vec<(u64, Result<String, Cause>)> {
        let mut lines = Lines::new(&mut input);
        let mut out = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            out.push((line.number, line.text.map(str::to_owned)));
        }
        out
    }

    /// Hands out one byte at a time.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = out.len().min(1);
            self.0.read(&mut out[..n])
        }
    }

    #[test]
    fn ends_marks_and_white_space_fall_away() {
        let text = b"one\r\n\t two \n\nlast";
        let expected = ["one", "two", "", "last"];
        for lines in [all(&text[..]), all(Drip(text))] {
            assert_eq!(lines.len(), 4);
            for (at, (number, text)) in lines.into_iter().enumerate() {
                assert_eq!((number, text), (at as u64 + 1, Ok(expected[at].to_owned())));
            }
        }
        assert!(all(&b""[..]).is_empty());
    }

    #[test]
    fn a_carriage_return_ends_a_line_and_with_a_line_feed_behind_it_is_one_end() {
        let text = b"one\rtwo\r\nthree\n\rfive\r\r\nseven\r";
        let expected = ["one", "two", "three", "", "five", "", "seven"];
        for lines in [all(&text[..]), all(Drip(text))] {
            let texts: Vec<_> = lines.into_iter().map(|(_, text)| text.unwrap()).collect();
            assert_eq!(texts, expected);
        }
        // The two halves of an end in two reads, behind a line that is held and behind one that is passed over.
        for len in [MAX_LINE, MAX_LINE + 1, BUFFER - 2, BUFFER - 1, BUFFER, 1 << 20] {
            for end in ["\r", "\r\n"] {
                let text = ["a".repeat(len).as_bytes(), end.as_bytes(), b"b", end.as_bytes()].concat();
                for lines in [all(&text[..]), all(Drip(&text))] {
                    assert_eq!((lines.len(), lines[0].1.is_ok()), (2, len <= MAX_LINE), "{len} {end:?}");
                    assert_eq!(lines[1], (2, Ok("b".into())), "{len} {end:?}");
                }
            }
        }
        assert_eq!(first_line("a\rb\nc"), "a");
        let mut input = &b" a\t\rb\r\n"[..];
        let mut lines = Lines::new(&mut input).with_edges();
        assert_eq!(lines.next().unwrap().unwrap().text, Ok(" a\t"));
        assert_eq!(lines.next().unwrap().unwrap().text, Ok("b"));
    }

    #[test]
    fn what_is_not_text_is_a_bad_line_of_its_own() {
        let lines = all(&b"a\n\xFF\nb\0c\nd\n"[..]);
        let texts: Vec<_> = lines.into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, [Ok("a".into()), Err(Cause::NotUtf8), Err(Cause::ZeroByte), Ok("d".into())]);
    }

    #[test]
    fn long_lines_are_passed_over_at_every_length() {
        for len in [MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, BUFFER - 1, BUFFER, BUFFER + 1, 1 << 20] {
            let text = ["a\n".as_bytes(), &vec![b'x'; len], b"\nb"].concat();
            let lines = all(&text[..]);
            assert_eq!(lines.len(), 3, "{len}");
            assert_eq!(lines[1].1.is_ok(), len <= MAX_LINE, "{len}");
            assert_eq!(lines[2], (3, Ok("b".into())), "{len}");
        }
    }

    #[test]
    fn a_mark_leads_back_even_over_a_line_that_is_too_long() {
        let text = ["a\nb\n".as_bytes(), &vec![b'x'; 1 << 20], b"\nc"].concat();
        let mut input = &text[..];
        let mut lines = Lines::new(&mut input);
        lines.next().unwrap();
        lines.mark();
        assert_eq!(lines.next().unwrap().unwrap().text, Ok("b"));
        assert_eq!(lines.next().unwrap().unwrap().text, Err(Cause::TooLong));
        lines.rewind();
        let line = lines.next().unwrap().unwrap();
        assert_eq!((line.number, line.text), (2, Ok("b")));
        assert_eq!(lines.next().unwrap().unwrap().number, 3);
        let line = lines.next().unwrap().unwrap();
        assert_eq!((line.number, line.text), (4, Ok("c")));
    }
}
