//! The container's bytes: read ahead, and with the place known, so that going on from near by costs no system call.

use std::cell::Cell;
use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom};
use std::rc::Rc;

use memchr::memmem;

/// What a container is read from.
pub(super) trait Input: Read + Seek {}

impl<T: Read + Seek> Input for T {}

/// A container's bytes. An error of the input is kept, for a decoder's own error hides it.
pub(super) struct Source<'a> {
    input: &'a mut dyn Input,
    buffer: Vec<u8>,
    /// What of the buffer is not consumed.
    from: usize,
    to: usize,
    /// Offset in the input of the end of the buffer.
    end: u64,
    len: u64,
    error: Option<io::Error>,
}

impl<'a> Source<'a> {
    pub(super) fn new(input: &'a mut dyn Input) -> io::Result<Self> {
        let len = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        Ok(Self { input, buffer: vec![0; BUFFER_BYTES], from: 0, to: 0, end: 0, len, error: None })
    }

    /// Of what can only be read on, such as a packed stream.
    pub(super) fn forward(input: &'a mut dyn Input) -> Self {
        let buffer = vec![0; BUFFER_BYTES];
        Self { input, buffer, from: 0, to: 0, end: 0, len: u64::MAX, error: None }
    }

    /// Bytes of the whole container.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Offset of the next byte.
    pub(super) fn at(&self) -> u64 {
        self.end - (self.to - self.from) as u64
    }

    /// Goes to an offset, which may be behind the end.
    pub(super) fn go(&mut self, to: u64) -> io::Result<()> {
        let start = self.end - self.to as u64;
        if (start..=self.end).contains(&to) {
            self.from = (to - start) as usize;
            return Ok(());
        }
        (self.from, self.to) = (0, 0);
        let seeked = self.input.seek(SeekFrom::Start(to));
        self.end = to;
        self.kept(seeked).map(drop)
    }

    /// The bytes from `at`, as many of them as there are.
    pub(super) fn peek<const N: usize>(&mut self, at: u64) -> io::Result<([u8; N], usize)> {
        let mut bytes = [0; N];
        self.go(at)?;
        let mut had = 0;
        while had < N {
            match self.read(&mut bytes[had..])? {
                0 => break,
                len => had += len,
            }
        }
        Ok((bytes, had))
    }

    /// The first place from `at` on where the `N` bytes are ones that `is`, all of which begin with `prefix`. Leaves the
    /// source anywhere.
    pub(super) fn find<const N: usize>(
        &mut self,
        at: u64,
        prefix: &[u8],
        is: impl Fn(&[u8; N]) -> bool,
    ) -> io::Result<Option<u64>> {
        let holds = |bytes: &[u8]| bytes.first_chunk().is_some_and(&is);
        self.go(at)?;
        // The last bytes of a piece, with which a place may begin that ends in the next.
        let mut seam = Vec::new();
        loop {
            let place = self.at();
            let piece = self.fill_buf()?;
            if piece.is_empty() {
                return Ok(None);
            }
            let (len, before) = (piece.len(), seam.len());
            seam.extend_from_slice(&piece[..len.min(N - 1)]);
            if let Some(found) = seam.windows(N).take(before).position(holds) {
                return Ok(Some(place - before as u64 + found as u64));
            }
            let found = memmem::find_iter(piece, prefix).find(|found| holds(&piece[*found..]));
            if let Some(found) = found {
                return Ok(Some(place + found as u64));
            }
            if len >= N - 1 {
                seam.clear();
                seam.extend_from_slice(&piece[len - (N - 1)..]);
            } else {
                seam.drain(..seam.len().saturating_sub(N - 1));
            }
            self.consume(len);
        }
    }

    /// The error of the input that was met, if one was.
    pub(super) fn into_error(self) -> io::Result<()> {
        self.error.map_or(Ok(()), Err)
    }

    fn kept<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let copy = error.raw_os_error().map_or(error.kind().into(), io::Error::from_raw_os_error);
            self.error.get_or_insert(error);
            copy
        })
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.from == self.to {
            (self.from, self.to) = (0, 0);
            match self.input.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(len) => {
                    self.to = len;
                    self.end += len as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.kept(Err(error)),
            }
        }
        Ok(&self.buffer[self.from..self.to])
    }

    fn consume(&mut self, amount: usize) {
        self.from = (self.from + amount).min(self.to);
    }
}

impl Read for Source<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut had = self.fill_buf()?;
        let len = had.read(out)?;
        self.consume(len);
        Ok(len)
    }
}

impl Seek for Source<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(to) => Some(to),
            SeekFrom::Current(by) => self.at().checked_add_signed(by),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
        };
        let to = to.ok_or(ErrorKind::InvalidInput)?;
        self.go(to)?;
        Ok(to)
    }

    fn stream_position(&mut self) -> io::Result<u64> {
        Ok(self.at())
    }
}

/// What can only be read on: to go on in it is to read what lies between.
pub(super) struct Forward<R> {
    input: R,
    at: Rc<Cell<u64>>,
}

impl<R: Read> Forward<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, at: Rc::default() }
    }

    /// How many bytes were read, whenever that is asked.
    pub(super) fn so_far(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.at)
    }
}

impl<R: Read> Read for Forward<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.input.read(out)?;
        self.at.set(self.at.get() + len as u64);
        Ok(len)
    }
}

impl<R: Read> Seek for Forward<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(to) = to else { return Err(ErrorKind::Unsupported.into()) };
        let between = to.checked_sub(self.at.get()).ok_or(ErrorKind::Unsupported)?;
        io::copy(&mut self.by_ref().take(between), &mut io::sink())?;
        Ok(self.at.get())
    }
}

const BUFFER_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_on_the_seams_of_what_is_read() {
        for at in
            [0, 1, BUFFER_BYTES - 3, BUFFER_BYTES - 2, BUFFER_BYTES - 1, BUFFER_BYTES, 3 * BUFFER_BYTES - 2]
        {
            let mut bytes = vec![b'P'; 4 * BUFFER_BYTES];
            bytes[at..at + 4].copy_from_slice(b"PK\x03\x04");
            let mut input = io::Cursor::new(&bytes);
            let mut source = Source::new(&mut input).unwrap();
            let find = |source: &mut Source<'_>, from| {
                source.find(from, b"PK", |mark| mark == b"PK\x03\x04").unwrap()
            };
            assert_eq!(find(&mut source, 0), Some(at as u64));
            assert_eq!(find(&mut source, at as u64), Some(at as u64));
            assert_eq!(find(&mut source, at as u64 + 1), None);
        }
    }
}
