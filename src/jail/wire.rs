//! Frames over a socket, with files beside them. Whoever reads does so within bounds of length and time.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

/// Most files beside a frame.
pub(super) const MOST_FILES: usize = 12;

/// What a frame is; its byte comes first, then the length in four bytes, then the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Tag {
    /// From a worker: it is confined, and how.
    Hello = b'H',
    /// From a worker: it needs so many bytes of the memory that all share.
    Need = b'N',
    /// To a worker: it has them.
    Granted = b'G',
    /// To a worker: work.
    Request = b'R',
    /// From a worker: some of what it makes, before the work is done; it goes on when that is [`Tag::Granted`].
    Part = b'P',
    /// From a worker: the work is done.
    Answer = b'A',
}

impl Tag {
    const ALL: [Self; 6] = [Self::Hello, Self::Need, Self::Granted, Self::Request, Self::Part, Self::Answer];

    /// Most bytes of a body: an answer has room for hundreds of frames of an animation.
    pub(super) const fn most_bytes(self) -> usize {
        match self {
            Self::Hello => 1 << 10,
            Self::Need => 8,
            Self::Granted => 0,
            Self::Request => 64 << 10,
            Self::Part => 256 << 10,
            Self::Answer => 4 << 20,
        }
    }
}

/// A frame that was received.
pub(super) struct Frame {
    pub(super) tag: Tag,
    pub(super) body: Vec<u8>,
    pub(super) files: Vec<OwnedFd>,
}

const HEADER: usize = 5;
/// Read in one go; most frames are shorter.
const AT_ONCE: usize = 16 << 10;

/// Sends a frame as a whole.
pub(super) fn send(link: BorrowedFd<'_>, tag: Tag, body: &[u8], files: &[BorrowedFd<'_>]) -> io::Result<()> {
    if body.len() > tag.most_bytes() || files.len() > MOST_FILES {
        return Err(ErrorKind::InvalidInput.into());
    }
    let mut header = [tag as u8; HEADER];
    header[1..].copy_from_slice(&(body.len() as u32).to_le_bytes()); // bounded just before
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() && !beside.push(SendAncillaryMessage::ScmRights(files)) {
        return Err(ErrorKind::InvalidInput.into());
    }
    let mut sent = 0;
    while sent < HEADER + body.len() {
        let parts = [
            IoSlice::new(header.get(sent..).unwrap_or_default()),
            IoSlice::new(&body[sent.saturating_sub(HEADER)..]),
        ];
        match sendmsg(link, &parts, &mut beside, SendFlags::NOSIGNAL) {
            Ok(len) => sent += len,
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        beside.clear(); // the files went with the first bytes
    }
    Ok(())
}

/// Receives a frame as a whole; `None` if the other side has hung up between two frames.
///
/// # Errors
/// [`ErrorKind::TimedOut`] at the `deadline`, [`ErrorKind::InvalidData`] for a frame of no known kind or too long.
pub(super) fn receive(link: BorrowedFd<'_>, deadline: Option<Instant>) -> io::Result<Option<Frame>> {
    let mut bytes = Vec::new();
    let mut files = Vec::new();
    let mut whole = HEADER;
    let mut tag = Tag::Hello;
    while bytes.len() < whole {
        wait(link, deadline)?;
        let had = bytes.len();
        bytes.resize(whole.max(AT_ONCE), 0);
        let read = read_some(link, &mut bytes[had..], &mut files)?;
        bytes.truncate(had + read);
        if read == 0 {
            return if had == 0 { Ok(None) } else { Err(ErrorKind::UnexpectedEof.into()) };
        }
        if had < HEADER && bytes.len() >= HEADER {
            tag = Tag::ALL.into_iter().find(|tag| *tag as u8 == bytes[0]).ok_or(ErrorKind::InvalidData)?;
            let len = u32::from_le_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]) as usize;
            if len > tag.most_bytes() {
                return Err(ErrorKind::InvalidData.into());
            }
            whole = HEADER + len;
        }
    }
    // Both sides take turns: nothing follows a frame before it is answered.
    if bytes.len() != whole {
        return Err(ErrorKind::InvalidData.into());
    }
    bytes.drain(..HEADER);
    Ok(Some(Frame { tag, body: bytes, files }))
}

fn read_some(link: BorrowedFd<'_>, into: &mut [u8], files: &mut Vec<OwnedFd>) -> io::Result<usize> {
    loop {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
        let mut beside = RecvAncillaryBuffer::new(&mut space);
        match recvmsg(link, &mut [IoSliceMut::new(into)], &mut beside, RecvFlags::CMSG_CLOEXEC) {
            Ok(message) => {
                for part in beside.drain() {
                    if let RecvAncillaryMessage::ScmRights(handed) = part {
                        files.extend(handed);
                    }
                }
                if files.len() > MOST_FILES {
                    return Err(ErrorKind::InvalidData.into());
                }
                return Ok(message.bytes);
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Waits until there is something to read, or `deadline`. Without one the read itself waits.
pub(super) fn wait(fd: BorrowedFd<'_>, deadline: Option<Instant>) -> io::Result<()> {
    let Some(deadline) = deadline else { return Ok(()) };
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        match poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::IN)], Some(&timeout)) {
            Ok(0) => return Err(ErrorKind::TimedOut.into()),
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Write;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    fn soon() -> Option<Instant> {
        Some(Instant::now() + Duration::from_secs(10))
    }

    #[test]
    fn frames_of_any_length_arrive_whole_with_their_files() {
        let (here, there) = UnixStream::pair().unwrap();
        for len in [0, 1, AT_ONCE - HEADER, AT_ONCE - HEADER + 1, 300_000] {
            let body: Vec<u8> = (0..len).map(|n| (n % 251) as u8).collect();
            let sent = body.clone();
            let frame = std::thread::scope(|scope| {
                scope.spawn(|| {
                    let null = File::open("/dev/null").unwrap();
                    send(there.as_fd(), Tag::Answer, &sent, &[null.as_fd(), null.as_fd()]).unwrap();
                });
                receive(here.as_fd(), soon()).unwrap().unwrap()
            });
            assert_eq!((frame.tag, frame.body == body, frame.files.len()), (Tag::Answer, true, 2), "{len}");
        }
        drop(there);
        assert!(receive(here.as_fd(), soon()).unwrap().is_none());
    }

    #[test]
    fn what_is_no_frame_is_refused_before_memory_is_taken() {
        for (bytes, kind) in [
            (&b"X\x01\0\0\0y"[..], ErrorKind::InvalidData),
            (b"A\xff\xff\xff\xff", ErrorKind::InvalidData),
            (b"N\x09\x00\x00\x00123456789", ErrorKind::InvalidData),
            (b"A\x01\0\0\0yz", ErrorKind::InvalidData),
            (b"A\x05\0\0\0yz", ErrorKind::UnexpectedEof),
            (b"A\x05", ErrorKind::UnexpectedEof),
        ] {
            let (here, mut there) = UnixStream::pair().unwrap();
            there.write_all(bytes).unwrap();
            drop(there);
            let error = receive(here.as_fd(), soon()).err().unwrap();
            assert_eq!(error.kind(), kind, "{}", bytes.escape_ascii());
        }
        let (here, there) = UnixStream::pair().unwrap();
        assert!(send(there.as_fd(), Tag::Need, &[0; 9], &[]).is_err());
        let short = Some(Instant::now() + Duration::from_millis(30));
        assert_eq!(receive(here.as_fd(), short).err().unwrap().kind(), ErrorKind::TimedOut);
    }
}
