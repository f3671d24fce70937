//! One member of a ZIP: what its headers say, and its bytes by the method it was packed with.

use std::io::{self, BufRead, ErrorKind, Read};

use bzip2::bufread::BzDecoder;
use deflate64::Deflate64Decoder;
use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use lzma_rust2::{LzmaReader, XzReader, lzma_get_memory_usage_by_props};
use ppmd_rust::{Ppmd8Decoder, RestoreMethod};

use super::out::{Out, Stop};
use super::single::kib;
use super::zip::member_name;
use super::zstd::Frames;
use super::{Gap, PartName};

/// What the directory, or the member's own header, says of it.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) name: PartName,
    /// The bytes its data take in the archive.
    pub(super) packed: u64,
    /// Where its own header is, before any shift.
    pub(super) local: u64,
    unpacked: u64,
    method: u32,
    flags: u32,
    crc: u32,
    no_file: bool,
    of_local: bool,
}

impl Member {
    pub(super) fn of_entry(head: &[u8; 46], name: &[u8], extra: &[u8]) -> Self {
        let made_on = number::<2>(head, 4) >> 8;
        let mode = number::<4>(head, 38) >> 16;
        let (unix, macos) = (3, 19);
        // Links, devices and the like: they hold no bytes of their own.
        let special =
            (made_on == unix || made_on == macos) && !matches!(mode & 0o170_000, 0 | 0o100_000 | 0o040_000);
        let mut sizes = [number::<4>(head, 24), number::<4>(head, 20), number::<4>(head, 42)];
        let [unpacked, packed, local] = wide(&mut sizes, extra);
        let flags = number::<2>(head, 8);
        Self {
            name: member_name(name, flags & UTF_8 != 0, extra),
            packed,
            local,
            unpacked,
            method: number::<2>(head, 10),
            flags,
            crc: number::<4>(head, 16),
            no_file: special || is_folder(name, unpacked),
            of_local: false,
        }
    }

    pub(super) fn of_local(head: &[u8; 30], name: &[u8], extra: &[u8]) -> Self {
        let mut sizes = [number::<4>(head, 22), number::<4>(head, 18), 0];
        let [unpacked, packed, local] = wide(&mut sizes, extra);
        let flags = number::<2>(head, 6);
        Self {
            name: member_name(name, flags & UTF_8 != 0, extra),
            packed,
            local,
            unpacked,
            method: number::<2>(head, 8),
            flags,
            crc: number::<4>(head, 14),
            no_file: is_folder(name, unpacked),
            of_local: true,
        }
    }

    /// A directory, or a link or device: there is nothing in it.
    pub(super) fn is_no_file(&self) -> bool {
        self.no_file
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & (ENCRYPTED | MASKED) != 0 || self.method == AES
    }

    /// Its lengths and its checksum stand behind the data.
    pub(super) fn is_streamed(&self) -> bool {
        self.flags & STREAMED != 0 && self.packed == 0
    }

    /// Its data say by themselves where they end.
    pub(super) fn ends_itself(&self) -> bool {
        matches!(self.method, DEFLATE | DEFLATE_64 | BZIP2)
    }
}

const ENCRYPTED: u32 = 1;
const END_MARKED: u32 = 1 << 1;
const STREAMED: u32 = 1 << 3;
const UTF_8: u32 = 1 << 11;
/// The directory itself is encrypted, and what the member's header says is a mask.
const MASKED: u32 = 1 << 13;

const STORED: u32 = 0;
const DEFLATE: u32 = 8;
const DEFLATE_64: u32 = 9;
const BZIP2: u32 = 12;
const LZMA: u32 = 14;
const ZSTD_OLD: u32 = 20;
const ZSTD: u32 = 93;
const XZ: u32 = 95;
const PPMD: u32 = 98;
const AES: u32 = 99;

/// What a member without a reader is called.
pub(in crate::media) const METHOD: &str = "the method of packing of a ZIP's member";

/// Hands out the bytes of a member; what is missing of it is the answer.
pub(super) fn unpack(
    member: &Member,
    data: &mut dyn BufRead,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<Option<Gap>, Stop> {
    let memory = out.bounds().memory_bytes;
    let reader: io::Result<Box<dyn Read + '_>> = match member.method {
        STORED => Ok(Box::new(data)),
        DEFLATE => Ok(Box::new(DeflateDecoder::new(data))),
        DEFLATE_64 => Ok(Box::new(Deflate64Decoder::with_buffer(data))),
        BZIP2 => Ok(Box::new(BzDecoder::new(data))),
        LZMA => lzma(member, data, memory),
        ZSTD | ZSTD_OLD => Ok(Box::new(Frames::new(data, memory))),
        XZ => Ok(Box::new(XzReader::new_mem_limit(data, false, kib(memory)))),
        PPMD => ppmd(data, memory),
        _ => return Ok(Some(Gap::NoDecoder(METHOD))),
    };
    let mut checked = match reader {
        Ok(reader) => Checked { reader, crc: Crc::new(), len: 0 },
        Err(error) => return Ok(Some(out.fault(&error, kind))),
    };
    let gap = out.pour(&mut checked, kind)?;
    let told = !(member.of_local && member.flags & STREAMED != 0);
    let cut = member.method == STORED && checked.len < member.packed;
    let agrees = checked.crc.sum() == member.crc && checked.len == member.unpacked;
    Ok(match gap {
        None if cut => Some(Gap::Truncated(kind)),
        None if told && !agrees => Some(Gap::Damaged(kind)),
        gap => gap,
    })
}

/// APPNOTE 5.8.8: version, length of properties, properties, then the stream.
fn lzma<'a>(member: &Member, data: &'a mut dyn BufRead, memory: u64) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = [0; 9];
    data.read_exact(&mut head)?;
    if number::<2>(&head, 2) != 5 {
        return Err(ErrorKind::InvalidData.into());
    }
    let dictionary = number::<4>(&head, 5);
    if lzma_get_memory_usage_by_props(dictionary, head[4])? > kib(memory) {
        return Err(ErrorKind::OutOfMemory.into());
    }
    let len = if member.flags & END_MARKED == 0 { member.unpacked } else { u64::MAX };
    Ok(Box::new(LzmaReader::new_with_props(data, len, head[4], dictionary, None)?))
}

/// APPNOTE 5.10: order, megabytes and what to do when they are used up, in two bytes.
fn ppmd<'a>(data: &'a mut dyn BufRead, memory: u64) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = [0; 2];
    data.read_exact(&mut head)?;
    let head = number::<2>(&head, 0);
    let bytes = ((head >> 4 & 0xff) + 1) << 20;
    if u64::from(bytes) > memory {
        return Err(ErrorKind::OutOfMemory.into());
    }
    let restore = match head >> 12 {
        0 => RestoreMethod::Restart,
        1 => RestoreMethod::CutOff,
        _ => return Err(ErrorKind::InvalidData.into()),
    };
    let decoder = Ppmd8Decoder::new(data, (head & 15) + 1, bytes, restore);
    Ok(Box::new(decoder.map_err(|_| ErrorKind::InvalidData)?))
}

/// Bytes that are summed up as they pass.
struct Checked<'a> {
    reader: Box<dyn Read + 'a>,
    crc: Crc,
    len: u64,
}

impl Read for Checked<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.reader.read(out)?;
        self.crc.update(&out[..len]);
        self.len += len as u64;
        Ok(len)
    }
}

/// A folder's name ends with a stroke, in whatever direction, and there is nothing in it.
fn is_folder(name: &[u8], unpacked: u64) -> bool {
    unpacked == 0 && matches!(name.last(), Some(b'/' | b'\\'))
}

/// Unpacked and packed length and place, from the field for 64 bits where the header has no room for them.
fn wide(sizes: &mut [u32; 3], extra: &[u8]) -> [u64; 3] {
    let mut field = field(extra, 1).unwrap_or_default().as_chunks::<8>().0.iter();
    sizes.map(|size| match size {
        u32::MAX => field.next().map_or(size.into(), |bytes| u64::from_le_bytes(*bytes)),
        size => size.into(),
    })
}

/// The extra field of this number.
pub(super) fn field(mut extra: &[u8], id: u32) -> Option<&[u8]> {
    while let Some((head, rest)) = extra.split_first_chunk::<4>() {
        let len = number::<2>(head, 2) as usize;
        if number::<2>(head, 0) == id {
            return rest.get(..len);
        }
        extra = rest.get(len..)?;
    }
    None
}

/// A number of `N` bytes, at most four, low byte first.
pub(super) fn number<const N: usize>(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + N].iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}
