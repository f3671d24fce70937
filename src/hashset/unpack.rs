//! gzip members, Zstandard frames and zip archives, read from beginning to end without going back.

use std::io::{self, BufRead, ErrorKind, Read};

use flate2::bufread::GzDecoder;
use flate2::{Crc, Decompress, FlushDecompress, Status};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::source::{Packing, SourceError};

/// The members of a gzip file, one after another. Zeros behind the last are passed over, as `gzip` does: tapes and copies
/// by blocks end so.
pub(super) struct Ungzip<R> {
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Ungzip<R> {
    pub(super) fn new(input: R) -> Self {
        Self { member: Some(GzDecoder::new(input)) }
    }
}

impl<R: BufRead> Read for Ungzip<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        while let Some(member) = &mut self.member {
            let read = member.read(out)?;
            if read > 0 {
                return Ok(read);
            }
            let Some(mut input) = self.member.take().map(GzDecoder::into_inner) else { break };
            match input.fill_buf()?.first() {
                Some(0x1F) => self.member = Some(GzDecoder::new(input)),
                _ => pass_zeros(&mut input)?,
            }
        }
        Ok(0)
    }
}

/// Passes over zeros to the end; anything else is no part of a gzip file.
fn pass_zeros(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let rest = input.fill_buf()?;
        if rest.iter().any(|&byte| byte != 0) {
            return Err(SourceError::Trailing(Packing::Gzip).into());
        }
        let len = rest.len();
        if len == 0 {
            return Ok(());
        }
        input.consume(len);
    }
}

/// The frames of a Zstandard file, one after another; `ruzstd` by itself reads one.
pub(super) struct Unzstd<R> {
    input: R,
    decoder: FrameDecoder,
    within: bool,
}

impl<R: BufRead> Unzstd<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, decoder: FrameDecoder::new(), within: false }
    }

    /// Ends the frame that was read, if one was, and opens the next; false at the end of the file.
    fn next_frame(&mut self) -> io::Result<bool> {
        if self.within {
            self.within = false;
            let told = self.decoder.get_checksum_from_data();
            if told.is_some() && told != self.decoder.get_calculated_checksum() {
                return Err(damaged(Packing::Zstd));
            }
        }
        while let Some(first) = self.input.fill_buf()?.first() {
            // The first bytes of the marks of a frame and of one that is skipped; before the first frame they were looked at.
            if !matches!(first, 0x28 | 0x50..=0x5F) {
                return Err(SourceError::Trailing(Packing::Zstd).into());
            }
            match self.decoder.reset(&mut self.input) {
                Ok(()) => {
                    self.within = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => pass(&mut self.input, length.into())?,
                Err(FrameDecoderError::WindowSizeTooBig { .. }) => {
                    return Err(SourceError::Packed("with a window above 128 MiB").into());
                }
                Err(FrameDecoderError::DictNotProvided { .. }) => {
                    return Err(SourceError::Packed("with a dictionary").into());
                }
                Err(_) => return Err(self.fault()),
            }
        }
        Ok(false)
    }

    /// The decoder does not say which of the two it was.
    fn fault(&mut self) -> io::Error {
        match self.input.fill_buf() {
            Ok([]) => ErrorKind::UnexpectedEof.into(),
            _ => damaged(Packing::Zstd),
        }
    }
}

impl<R: BufRead> Read for Unzstd<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 {
            if (!self.within || self.decoder.is_finished()) && !self.next_frame()? {
                return Ok(0);
            }
            let step = BlockDecodingStrategy::UptoBlocks(1);
            if !self.decoder.is_finished() && self.decoder.decode_blocks(&mut self.input, step).is_err() {
                return Err(self.fault());
            }
        }
        self.decoder.read(out)
    }
}

/// The one list in a zip archive. The archive is read as a stream, from its first member to the directory at its end,
/// and is an error if there is another list in it or if the directory does not name the members that were there.
pub(super) struct Unzip<R> {
    input: R,
    member: Option<Member>,
    /// Members passed, and those of them that are lists.
    members: u64,
    lists: u64,
    ended: bool,
}

struct Member {
    body: Body,
    crc: Crc,
    packed: u64,
    /// CRC and packed and unpacked length as the header says; `None` if they follow the data.
    told: Option<(u32, u64, u64)>,
    zip64: bool,
}

enum Body {
    Stored { left: u64 },
    Deflated(Box<Decompress>),
    Done,
}

const MEMBER: u32 = 0x0403_4B50;
const DESCRIPTOR: u32 = 0x0807_4B50;
const DIRECTORY: u32 = 0x0201_4B50;
const DIRECTORY_END_64: u32 = 0x0606_4B50;
const LOCATOR_64: u32 = 0x0706_4B50;
const DIRECTORY_END: u32 = 0x0605_4B50;

impl<R: BufRead> Unzip<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, member: None, members: 0, lists: 0, ended: false }
    }

    /// Opens the next member that is a list, and passes over all that are not; `None` behind the last one.
    fn next_list(&mut self) -> io::Result<Option<Member>> {
        loop {
            match number(&mut self.input, 4)? as u32 {
                MEMBER => {
                    let (mut member, is_list) = self.member()?;
                    self.members += 1;
                    if is_list {
                        self.lists += 1;
                        return Ok(Some(member));
                    }
                    self.pass_member(&mut member)?;
                }
                DIRECTORY | DIRECTORY_END => return Ok(None),
                _ => return Err(damaged(Packing::Zip)),
            }
        }
    }

    /// Reads what stands between a member's mark and its data.
    fn member(&mut self) -> io::Result<(Member, bool)> {
        let input = &mut self.input;
        let _version = number(input, 2)?;
        let (flags, method) = (number(input, 2)?, number(input, 2)?);
        let _time = number(input, 4)?;
        let crc = number(input, 4)? as u32;
        let (mut packed, mut len) = (number(input, 4)?, number(input, 4)?);
        let (name_len, mut extra) = (number(input, 2)?, number(input, 2)?);
        let mut name = vec![0; name_len as usize];
        input.read_exact(&mut name)?;
        let mut zip64 = false;
        while extra >= 4 {
            let (id, size) = (number(input, 2)?, number(input, 2)?);
            extra = extra.checked_sub(4 + size).ok_or_else(|| damaged(Packing::Zip))?;
            let mut left = size;
            if id == 1 {
                zip64 = true;
                for told in [&mut len, &mut packed] {
                    if *told == u64::from(u32::MAX) && left >= 8 {
                        *told = number(input, 8)?;
                        left -= 8;
                    }
                }
            }
            pass(input, left)?;
        }
        pass(input, extra)?;
        let follows = flags & 8 != 0;
        let body = match method {
            _ if flags & 1 != 0 => return Err(SourceError::Zip("encrypted").into()),
            0 if follows => return Err(SourceError::Zip("stored without its length").into()),
            0 => Body::Stored { left: packed },
            8 => Body::Deflated(Box::new(Decompress::new(false))),
            _ => return Err(SourceError::Zip("packed by another method than deflate").into()),
        };
        // Folders, and what macOS puts beside each file.
        let is_list =
            !name.ends_with(b"/") && !name.starts_with(b"__MACOSX/") && !name.ends_with(b".DS_Store");
        let told = (!follows).then_some((crc, packed, len));
        Ok((Member { body, crc: Crc::new(), packed: 0, told, zip64 }, is_list))
    }

    fn pass_member(&mut self, member: &mut Member) -> io::Result<()> {
        let mut scratch = [0; 4096];
        while member.read(&mut self.input, &mut scratch)? > 0 {}
        member.check(&mut self.input)
    }

    /// Behind the one list: counts what else there is, and holds the directory against it.
    fn finish(&mut self) -> io::Result<()> {
        while let Some(mut member) = self.next_list()? {
            self.pass_member(&mut member)?;
        }
        if self.lists != 1 {
            return Err(SourceError::Files { found: self.lists }.into());
        }
        let input = &mut self.input;
        let mut named = 0;
        let mut mark = DIRECTORY; // without one there was no member, and no list
        loop {
            match mark {
                DIRECTORY => {
                    pass(input, 24)?;
                    let variable = number(input, 2)? + number(input, 2)? + number(input, 2)?;
                    pass(input, 12 + variable)?;
                    named += 1;
                }
                DIRECTORY_END_64 => {
                    let len = number(input, 8)?;
                    pass(input, len)?;
                }
                LOCATOR_64 => pass(input, 16)?,
                DIRECTORY_END => break,
                _ => return Err(damaged(Packing::Zip)),
            }
            mark = number(input, 4)? as u32;
        }
        pass(input, 16)?;
        let comment = number(input, 2)?;
        pass(input, comment)?;
        if named != self.members {
            return Err(damaged(Packing::Zip));
        }
        if input.fill_buf()?.is_empty() { Ok(()) } else { Err(SourceError::Trailing(Packing::Zip).into()) }
    }
}

impl<R: BufRead> Read for Unzip<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() || self.ended {
            return Ok(0);
        }
        if self.members == 0 {
            self.member = self.next_list()?;
        }
        if let Some(member) = &mut self.member {
            let read = member.read(&mut self.input, out)?;
            if read > 0 {
                return Ok(read);
            }
            member.check(&mut self.input)?;
            self.member = None;
        }
        if self.lists == 0 {
            return Err(SourceError::Files { found: 0 }.into());
        }
        self.finish()?;
        self.ended = true;
        Ok(0)
    }
}

impl Member {
    fn read(&mut self, input: &mut impl BufRead, out: &mut [u8]) -> io::Result<usize> {
        let written = loop {
            let given = match &mut self.body {
                Body::Done => break 0,
                Body::Stored { left: 0 } => {
                    self.body = Body::Done;
                    break 0;
                }
                Body::Stored { .. } | Body::Deflated(_) => input.fill_buf()?,
            };
            if given.is_empty() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let (read, written) = match &mut self.body {
                Body::Stored { left } => {
                    let len = given.len().min(out.len()).min(usize::try_from(*left).unwrap_or(usize::MAX));
                    out[..len].copy_from_slice(&given[..len]);
                    *left -= len as u64;
                    (len, len)
                }
                Body::Deflated(inflate) => {
                    let before = (inflate.total_in(), inflate.total_out());
                    let status = inflate
                        .decompress(given, out, FlushDecompress::None)
                        .map_err(|_| damaged(Packing::Zip))?;
                    let (read, written) = (inflate.total_in() - before.0, inflate.total_out() - before.1);
                    if status == Status::StreamEnd {
                        self.body = Body::Done;
                    }
                    (read as usize, written as usize) // both are lengths of slices
                }
                Body::Done => (0, 0),
            };
            if read + written == 0 && !matches!(self.body, Body::Done) {
                return Err(damaged(Packing::Zip)); // it would go round for ever
            }
            input.consume(read);
            self.packed += read as u64;
            if written > 0 {
                break written;
            }
        };
        self.crc.update(&out[..written]);
        Ok(written)
    }

    /// Holds what was read against what the archive says of it.
    fn check(&self, input: &mut impl BufRead) -> io::Result<()> {
        let told = match self.told {
            Some(told) => told,
            None => {
                let first = number(input, 4)? as u32;
                let crc = if first == DESCRIPTOR { number(input, 4)? as u32 } else { first };
                let width = if self.zip64 || self.packed > u64::from(u32::MAX) { 8 } else { 4 };
                (crc, number(input, width)?, number(input, width)?)
            }
        };
        // `amount` counts modulo 2^32, as the length of 4 bytes does.
        let fits = told.0 == self.crc.sum() && told.1 == self.packed && told.2 as u32 == self.crc.amount();
        if fits { Ok(()) } else { Err(damaged(Packing::Zip)) }
    }
}

fn damaged(packing: Packing) -> io::Error {
    SourceError::Damaged(packing).into()
}

/// The next `len` bytes, at most 8, as a little-endian number.
fn number(input: &mut impl Read, len: usize) -> io::Result<u64> {
    let mut bytes = [0; 8];
    input.read_exact(&mut bytes[..len])?;
    Ok(u64::from_le_bytes(bytes))
}

/// Passes over `len` bytes.
fn pass(input: &mut impl Read, len: u64) -> io::Result<()> {
    if io::copy(&mut input.take(len), &mut io::sink())? == len {
        Ok(())
    } else {
        Err(ErrorKind::UnexpectedEof.into())
    }
}
