//! Parts of containers, taken from the records of a worker that opens them.
//!
//! A stream of records is taken for hostile: what is no record ends it as a crash would.

use std::fs::File;
use std::io::{self, PipeReader, Read, Seek, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use super::Workers;
use super::answer::decode_answer;
use super::digesting::Source;
use super::examine::Bytes;
use super::records::{How, OpenRequest, UNNAMED};
use super::worker::killed;
use crate::digest::{DigestHasher, Fingerprint, Hashed, Look};
use crate::jail::{CallError, Excuse, JailError, Pieces, Said, memory_file};
use crate::media::{Container, Content, Gap, Killed, Kind, PartBounds};

/// True if `head`, the beginning of a stream that was recognised as `content`, is that of a tar, packed or not. What
/// kills who looks is none.
///
/// # Errors
/// [`JailError`] if there is no worker to be had.
pub(super) fn is_tar(workers: Option<&Workers>, head: &[u8], content: Content) -> Result<bool, JailError> {
    let packed = matches!(
        content.kind,
        Kind::Container(Container::Gzip | Container::Bzip2 | Container::Xz | Container::Zstd)
    );
    if !packed {
        return Ok(content.kind == Kind::Container(Container::Tar));
    }
    let request = OpenRequest::new(content, How::IsTar, &PartBounds::default());
    let seen = match workers {
        Some(workers) => {
            let file = memory_file(head).map_err(JailError::Memory)?;
            match workers.recognise(&file, head.len() as u64, &request.to_bytes()) {
                Ok(seen) => Some(seen),
                Err(CallError::Jail(error)) => return Err(error),
                Err(CallError::Died(_)) => None,
            }
        }
        None => catch_unwind(|| request.answer(io::Cursor::new(head), &mut |_| Ok(())))
            .ok()
            .and_then(|answer| decode_answer(&answer)?.ok()),
    };
    Ok(seen.is_some_and(|(content, _)| content.kind == Kind::Container(Container::Tar)))
}

/// What the records of a container say next.
pub(super) enum Next {
    /// A part.
    Part {
        /// Its name, if it has one.
        name: Option<String>,
        /// What there is of it.
        bytes: Bytes,
        /// Of those that are held, how many there are.
        held: u64,
        /// What is missing of it.
        gap: Option<Gap>,
    },
    /// Nothing more; what is missing of the whole.
    End(Option<Gap>),
}

/// The parts of a container, one after another.
pub(super) struct Parts<'a> {
    from: From<'a>,
    /// What came, and how much of it was taken.
    piece: Vec<u8>,
    at: usize,
    answer: Option<Vec<u8>>,
}

enum From<'a> {
    Jail(Pieces<'a>),
    /// A thread of this process, for who does without the jail.
    Thread(Receiver<Piece>),
    Nobody,
}

enum Piece {
    Part(Vec<u8>),
    Answer(Vec<u8>),
}

/// Longer than any that a worker sends.
const LONGEST_NAME: usize = 16 << 10;
const LONGEST_GAP: usize = 16 << 10;
/// How long a worker may take for what it hands out, beside its first allowance.
pub(super) const BYTES_A_SECOND: u64 = 4 << 20;

impl<'a> Parts<'a> {
    /// Opens `file`, of so many bytes, which was recognised as `content`.
    pub(super) fn open(
        workers: Option<&'a Workers>,
        file: &Arc<File>,
        bytes: u64,
        content: Content,
        bounds: &PartBounds,
    ) -> Result<Self, CallError> {
        let request = OpenRequest::new(content, How::Parts, bounds);
        let from = match workers {
            Some(workers) => From::Jail(workers.pieces(file, bytes, &request.to_bytes())?),
            None => From::Thread(in_a_thread(ReadAt { file: Arc::clone(file), at: 0 }, request)),
        };
        Ok(Self { from, piece: Vec::new(), at: 0, answer: None })
    }

    /// Opens a tar, packed or not, that comes through a pipe; of the time that it takes, what `excused` tells does not
    /// count.
    pub(super) fn of_stream(
        workers: Option<&'a Workers>,
        pipe: PipeReader,
        content: Content,
        excused: Excuse,
    ) -> Result<Self, CallError> {
        let request = OpenRequest::new(content, How::Stream, &PartBounds::default());
        let from = match workers {
            Some(workers) => {
                From::Jail(workers.pieces_of_stream(pipe.as_fd(), &request.to_bytes(), excused)?)
            }
            None => From::Thread(in_a_thread(Forwards(pipe), request)),
        };
        Ok(Self { from, piece: Vec::new(), at: 0, answer: None })
    }

    /// False if nothing more was said `within` that time: [`Parts::next`] would wait for it. Where nobody can tell, true.
    pub(super) fn are_there(&mut self, within: Duration) -> bool {
        match &mut self.from {
            From::Jail(stream) if self.at == self.piece.len() && self.answer.is_none() => {
                stream.has_said(within)
            }
            _ => true,
        }
    }

    /// The next part, of which at most `most` bytes are held in memory; of a longer one its digests are known.
    ///
    /// # Errors
    /// [`JailError`] if there is no worker to be had any more. One that was killed over the container is a gap.
    pub(super) fn next(&mut self, most: u64) -> Result<Next, JailError> {
        match self.next_part(most) {
            Ok(next) => Ok(next),
            Err(Ended::Died(cause)) => {
                self.from = From::Nobody;
                self.answer = Some(Vec::new());
                Ok(Next::End(Some(Gap::Killed(cause))))
            }
            Err(Ended::Failed(error)) => Err(error),
        }
    }

    fn next_part(&mut self, most: u64) -> Result<Next, Ended> {
        let Some((tag, len)) = self.head()? else { return self.end() };
        if tag != b'B' {
            return Err(Ended::NONSENSE);
        }
        let name = match len {
            UNNAMED => None,
            len if len as usize > LONGEST_NAME => return Err(Ended::NONSENSE),
            len => Some(String::from_utf8(self.exactly(len as usize)?).map_err(|_| Ended::NONSENSE)?),
        };
        let mut held = Held::new()?;
        loop {
            match self.head()?.ok_or(Ended::NONSENSE)? {
                (b'D', len) => {
                    let mut left = len as usize;
                    while left > 0 {
                        let piece = self.some(left)?;
                        held.take(piece, most)?;
                        let taken = piece.len();
                        self.at += taken;
                        left -= taken;
                    }
                }
                (b'E', 0) => return Ok(held.finish(name, None, most)),
                (b'E', len) if len as usize <= LONGEST_GAP => {
                    let said = self.exactly(len as usize)?;
                    let (_, look) = decode_answer(&said).and_then(io::Result::ok).ok_or(Ended::NONSENSE)?;
                    return Ok(held.finish(name, look.gap, most));
                }
                _ => return Err(Ended::NONSENSE),
            }
        }
    }

    /// What is said of the whole.
    fn end(&mut self) -> Result<Next, Ended> {
        let answer = self.answer.take().unwrap_or_default();
        let gap = match decode_answer(&answer).ok_or(Ended::NONSENSE)? {
            Ok((_, look)) => look.gap,
            Err(error) => Some(Gap::Unreadable(error.to_string())),
        };
        if let From::Jail(stream) = std::mem::replace(&mut self.from, From::Nobody) {
            stream.give_back();
        }
        Ok(Next::End(gap))
    }

    /// Tag and length of the next record; `None` at the end.
    fn head(&mut self) -> Result<Option<(u8, u32)>, Ended> {
        if self.at == self.piece.len() && !self.more()? {
            return Ok(None);
        }
        let head = self.exactly(5)?;
        Ok(Some((head[0], u32::from_le_bytes([head[1], head[2], head[3], head[4]]))))
    }

    fn exactly(&mut self, len: usize) -> Result<Vec<u8>, Ended> {
        let mut bytes = Vec::with_capacity(len);
        while bytes.len() < len {
            let piece = self.some(len - bytes.len())?;
            let taken = piece.len();
            bytes.extend_from_slice(piece);
            self.at += taken;
        }
        Ok(bytes)
    }

    /// At least one byte and at most `most`, which are not passed over yet.
    fn some(&mut self, most: usize) -> Result<&[u8], Ended> {
        if self.at == self.piece.len() && !self.more()? {
            return Err(Ended::NONSENSE);
        }
        let end = self.piece.len().min(self.at + most);
        Ok(&self.piece[self.at..end])
    }

    /// The next piece; false if there is none, since all was said.
    fn more(&mut self) -> Result<bool, Ended> {
        if self.answer.is_some() {
            return Ok(false);
        }
        let piece = match &mut self.from {
            From::Jail(stream) => match stream.go_on().map_err(Ended::from)? {
                Said::Part(bytes) => {
                    stream.allow(Duration::from_millis(bytes.len() as u64 * 1000 / BYTES_A_SECOND));
                    Piece::Part(bytes)
                }
                Said::Answer(answer) => Piece::Answer(answer),
            },
            From::Thread(pieces) => pieces.recv().map_err(|_| Ended::Died(Killed::Crash))?,
            From::Nobody => return Ok(false),
        };
        self.at = 0;
        match piece {
            Piece::Part(bytes) if !bytes.is_empty() => self.piece = bytes,
            Piece::Part(_) => return Err(Ended::NONSENSE),
            Piece::Answer(answer) => {
                self.piece.clear();
                self.answer = Some(answer);
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Why no more parts come.
enum Ended {
    /// Who opened the container did not live to say all.
    Died(Killed),
    Failed(JailError),
}

impl Ended {
    /// It said what no worker says.
    const NONSENSE: Self = Self::Died(Killed::Crash);
}

impl std::convert::From<CallError> for Ended {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Died(death) => Self::Died(killed(death)),
            CallError::Jail(error) => Self::Failed(error),
        }
    }
}

impl std::convert::From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::Failed(JailError::Memory(error))
    }
}

/// The records of `request`, made by a thread that ends when nobody takes them.
fn in_a_thread(
    input: impl Read + Seek + std::marker::Send + 'static,
    request: OpenRequest,
) -> Receiver<Piece> {
    let (send, pieces) = sync_channel(4);
    let work = move || {
        let mut put = |bytes: &[u8]| {
            send.send(Piece::Part(bytes.to_vec())).map_err(|_| io::ErrorKind::BrokenPipe.into())
        };
        // One that panics says nothing more, which is understood.
        let _ = catch_unwind(AssertUnwindSafe(|| request.answer(input, &mut put)))
            .map(|answer| send.send(Piece::Answer(answer)));
    };
    // Where none can be started, there is nobody who sends, and that is understood too.
    let _ = thread::Builder::new().spawn(work);
    pieces
}

/// A file, read without moving the place that others read it from.
struct ReadAt {
    file: Arc<File>,
    at: u64,
}

impl Read for ReadAt {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(into, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for ReadAt {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let to = match to {
            io::SeekFrom::Start(to) => Some(to),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
            io::SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.at = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// A pipe where something that can seek is asked for; nobody who reads a stream does.
struct Forwards(PipeReader);

impl Read for Forwards {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Seek for Forwards {
    fn seek(&mut self, _: io::SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::NotSeekable.into())
    }
}

/// A part as it comes: in memory, and once it is too long for that, in digests.
pub(super) struct Held {
    file: File,
    bytes: u64,
    head: Vec<u8>,
    hasher: Option<Box<DigestHasher>>,
}

impl Held {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { file: memory_file(&[])?, bytes: 0, head: Vec::new(), hasher: None })
    }

    pub(super) fn take(&mut self, piece: &[u8], most: u64) -> io::Result<()> {
        let missing = Content::HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&piece[..missing.min(piece.len())]);
        self.bytes += piece.len() as u64;
        if self.hasher.is_none() && self.bytes <= most {
            return self.file.write_all(piece);
        }
        let hasher = match &mut self.hasher {
            Some(hasher) => hasher,
            none => {
                let mut hasher = Box::<DigestHasher>::default();
                self.file.rewind()?;
                let mut buffer = vec![0; 1 << 16];
                loop {
                    match self.file.read(&mut buffer)? {
                        0 => break,
                        read => hasher.update(&buffer[..read]),
                    }
                }
                self.file.set_len(0)?;
                none.insert(hasher)
            }
        };
        hasher.update(piece);
        Ok(())
    }

    pub(super) fn finish(self, name: Option<String>, gap: Option<Gap>, most: u64) -> Next {
        let Self { file, bytes, head, hasher } = self;
        let (bytes, held) = match (hasher, &gap) {
            (None, Some(gap)) if bytes == 0 => (Bytes::Closed(gap.clone()), 0),
            (None, _) => (Bytes::At(Source::Open(Arc::new(file))), bytes),
            (Some(hasher), _) => {
                let content = Content::of(&head);
                let look = match content.kind {
                    Kind::Text | Kind::Audio | Kind::Other => Look::default(),
                    _ => Look::gap(Gap::TooLarge {
                        name: content.name,
                        unit: "bytes",
                        found: bytes,
                        limit: most,
                    }),
                };
                let hashed = Hashed { bytes, digests: hasher.finish() };
                (Bytes::Gone(Box::new(Fingerprint::new(content, hashed, look))), 0)
            }
        };
        Next::Part { name, bytes, held, gap }
    }
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
