//! The bytes of a list, whatever they came in: counted and digested as they lie, unpacked, and turned into UTF-8.
//!
//! What a list is packed in is told by its first bytes, never by its name. Everything streams: the memory is that of a
//! few buffers and of one window of the packer (32 KiB for gzip and zip, at most 128 MiB for Zstandard).

use std::cell::RefCell;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;
use std::str::FromStr;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::prolog;
use super::unpack::{Ungzip, Unzip, Unzstd};
use crate::digest::Blake3;

/// A character encoding that a list was declared to have, by a label of the WHATWG Encoding Standard: `windows-1252`,
/// `iso-8859-1`, `shift_jis`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

/// Text that names no encoding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no such encoding; there are utf-8, utf-16le, utf-16be, windows-1250 to windows-1258, iso-8859-1 to -16, koi8-r, \
    shift_jis, euc-jp, euc-kr, gbk, gb18030, big5 and their other names"
)]
pub struct EncodingError;

impl FromStr for TextEncoding {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, EncodingError> {
        // `replacement` and `x-user-defined` exist for browsers; no list is written in them.
        Encoding::for_label_no_replacement(text.as_bytes())
            .filter(|encoding| encoding.name() != "x-user-defined")
            .map(Self)
            .ok_or(EncodingError)
    }
}

impl TextEncoding {
    pub(super) const fn of(encoding: &'static Encoding) -> Self {
        Self(encoding)
    }

    pub(super) const fn encoding(self) -> &'static Encoding {
        self.0
    }
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name().to_ascii_lowercase())
    }
}

/// What a list is packed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Packing {
    /// gzip, RFC 1952, of one member or several.
    Gzip,
    /// Zstandard, RFC 8878, of one frame or several.
    Zstd,
    /// A zip archive with one file in it, stored or deflated.
    Zip,
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "Zstandard",
            Self::Zip => "zip",
        })
    }
}

/// Why a packed list cannot be unpacked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The end is missing.
    #[error("the {0} file is cut short; fetch it again")]
    Truncated(Packing),
    /// Something in it is not as it was when it was packed.
    #[error("the {0} file is damaged; fetch it again")]
    Damaged(Packing),
    /// Bytes behind its end that are no part of it.
    #[error(
        "something follows the end of the {0} file that is no part of it; fetch it again, or unpack it first"
    )]
    Trailing(Packing),
    /// A bomb.
    #[error(
        "the {packing} file unpacks to more than {} times its size, as no list does; if you trust it, unpack it first",
        Source::MAX_RATIO
    )]
    Ratio {
        /// What it is packed in.
        packing: Packing,
    },
    /// A bomb, or a mistake.
    #[error("the {packing} file unpacks to more than {} GiB; split the list", Source::MAX_UNPACKED >> 30)]
    Length {
        /// What it is packed in.
        packing: Packing,
    },
    /// A zip archive with none, or with several.
    #[error("the zip archive holds {found} files and not one; unpack it, and import each list by itself")]
    Files {
        /// The files in it, folders and what macOS adds not counted.
        found: u64,
    },
    /// A zip archive that only a whole unpacker can open.
    #[error("the zip archive is {0}, which is not read here; unpack it first")]
    Zip(&'static str),
    /// Other packers, and what is packed twice.
    #[error("the list is packed {0}, which is not read here; unpack it first")]
    Packed(&'static str),
    /// XML that cannot be written in what it declares.
    #[error(
        "the XML declaration of the list {0}; say what the list is written in with --encoding, such as --encoding utf-8"
    )]
    XmlEncoding(&'static str),
}

impl From<SourceError> for io::Error {
    fn from(error: SourceError) -> Self {
        Self::other(error)
    }
}

/// Bytes as they lie, counted and digested by whoever reads them.
struct Raw<'r> {
    input: &'r mut dyn Read,
    seen: Rc<RefCell<Seen>>,
}

/// What was read of them so far.
struct Seen {
    bytes: u64,
    hasher: blake3::Hasher,
    /// What the system said when it could not read on: unpackers wrap that beyond recognition.
    fault: Option<i32>,
}

impl Read for Raw<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut seen = self.seen.borrow_mut();
        // Asked again here: an unpacker cannot be interrupted between two bytes of a header.
        let read = loop {
            match self.input.read(out) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other.inspect_err(|error| seen.fault = error.raw_os_error())?,
            }
        };
        seen.hasher.update(&out[..read]);
        seen.bytes += read as u64;
        Ok(read)
    }
}

/// A list on its way in; what is read from it is the list's text, as UTF-8 unless it says that it is not.
pub(super) struct Source<'r> {
    text: Box<dyn BufRead + 'r>,
    seen: Rc<RefCell<Seen>>,
}

impl<'r> Source<'r> {
    /// Most bytes that come out for each that goes in; lists of hashes give 2 to 20.
    pub(super) const MAX_RATIO: u64 = 100;
    /// So much may come out before the ratio counts.
    const FREE: u64 = 64 << 20;
    /// Most bytes that come out of a packed list.
    pub(super) const MAX_UNPACKED: u64 = 256 << 30;
    /// Larger than any mark that tells what something is.
    const BUFFER: usize = 64 << 10;

    /// Begins to read `input`; a byte order mark beats what was `declared`, and that what XML says of itself.
    pub(super) fn open(input: &'r mut dyn Read, declared: Option<TextEncoding>) -> io::Result<Self> {
        let seen = Seen { bytes: 0, hasher: blake3::Hasher::new(), fault: None };
        let seen = Rc::new(RefCell::new(seen));
        let raw = Raw { input, seen: Rc::clone(&seen) };
        let raw = Peek::new(BufReader::with_capacity(Self::BUFFER, raw))?;
        let Some(packing) = packing(raw.head())? else {
            return Ok(Self { text: as_utf8(raw, declared)?, seen });
        };
        let unpacker: Box<dyn Read + 'r> = match packing {
            Packing::Gzip => Box::new(Ungzip::new(raw)),
            Packing::Zstd => Box::new(Unzstd::new(raw)),
            Packing::Zip => Box::new(Unzip::new(raw)),
        };
        let bounded = Bounded { unpacker, packing, len: 0, seen: Rc::clone(&seen) };
        let text = Peek::new(BufReader::with_capacity(Self::BUFFER, bounded))?;
        if self::packing(text.head())?.is_some() {
            return Err(SourceError::Packed("twice").into());
        }
        Ok(Self { text: as_utf8(text, declared)?, seen })
    }

    /// Reads to the end whatever is left, and gives the length and the digest of the file as it lies.
    pub(super) fn finish(mut self) -> io::Result<(u64, Blake3)> {
        io::copy(&mut self.text, &mut io::sink())?;
        let seen = self.seen.borrow();
        Ok((seen.bytes, Blake3::from_bytes(*seen.hasher.finalize().as_bytes())))
    }
}

impl Read for Source<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.text.read(out)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.text.fill_buf()
    }

    fn consume(&mut self, len: usize) {
        self.text.consume(len);
    }
}

/// What the first bytes of a file say that it is packed in.
fn packing(head: &[u8]) -> Result<Option<Packing>, SourceError> {
    // Zstandard may begin with a frame to be skipped: 16 magic numbers, of which pzstd writes one.
    let skipped = head.len() >= 4 && head[0] & 0xF0 == 0x50 && head[1..4] == *b"\x2A\x4D\x18";
    Ok(Some(match head {
        [0x1F, 0x8B, 8, ..] => Packing::Gzip,
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Packing::Zstd,
        _ if skipped => Packing::Zstd,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Packing::Zip,
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => return Err(SourceError::Packed("by xz")),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => return Err(SourceError::Packed("by bzip2")),
        [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => return Err(SourceError::Packed("by 7-Zip")),
        [b'R', b'a', b'r', b'!', 0x1A, 7, ..] => return Err(SourceError::Packed("by RAR")),
        _ => return Ok(None),
    }))
}

/// A reader of which the first bytes were looked at.
struct Peek<R> {
    head: Vec<u8>,
    at: usize,
    rest: R,
}

impl<R: Read> Peek<R> {
    /// Marks are at most six bytes long; a reader may hand out fewer at a time.
    const LEN: u64 = 8;

    fn new(mut rest: R) -> io::Result<Self> {
        let mut head = Vec::new();
        rest.by_ref().take(Self::LEN).read_to_end(&mut head)?;
        Ok(Self { head, at: 0, rest })
    }

    fn head(&self) -> &[u8] {
        &self.head[self.at..]
    }

    /// Looks at `len` bytes more; before any were taken.
    fn look_on(&mut self, len: u64) -> io::Result<()> {
        self.rest.by_ref().take(len).read_to_end(&mut self.head).map(drop)
    }
}

impl<R: BufRead> Read for Peek<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.head.len() {
            return self.rest.read(out);
        }
        let read = (&self.head[self.at..]).read(out)?;
        self.at += read;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Peek<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.head.len() { self.rest.fill_buf() } else { Ok(&self.head[self.at..]) }
    }

    fn consume(&mut self, len: usize) {
        if self.at == self.head.len() { self.rest.consume(len) } else { self.at += len }
    }
}

/// What comes out of an unpacker, as long as it is in proportion to what went in.
struct Bounded<'r> {
    unpacker: Box<dyn Read + 'r>,
    packing: Packing,
    len: u64,
    seen: Rc<RefCell<Seen>>,
}

impl Bounded<'_> {
    fn named(&self, error: io::Error) -> io::Error {
        if let Some(fault) = self.seen.borrow().fault {
            return io::Error::from_raw_os_error(fault);
        }
        match error.kind() {
            _ if error.get_ref().is_some_and(|inner| inner.is::<SourceError>()) => error,
            io::ErrorKind::UnexpectedEof => SourceError::Truncated(self.packing).into(),
            _ => SourceError::Damaged(self.packing).into(),
        }
    }
}

impl Read for Bounded<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.unpacker.read(out).map_err(|error| self.named(error))?;
        self.len += read as u64;
        let packing = self.packing;
        if self.len > Source::FREE + Source::MAX_RATIO * self.seen.borrow().bytes {
            return Err(SourceError::Ratio { packing }.into());
        }
        if self.len > Source::MAX_UNPACKED {
            return Err(SourceError::Length { packing }.into());
        }
        Ok(read)
    }
}

/// The text in UTF-8, without a byte order mark. What nobody says anything about is passed on as it is: the readers
/// check it line by line.
fn as_utf8<'r, R: BufRead + 'r>(
    mut text: Peek<R>,
    declared: Option<TextEncoding>,
) -> io::Result<Box<dyn BufRead + 'r>> {
    let marked = Encoding::for_bom(text.head());
    let declared = match declared {
        None if marked.is_none() && prolog::may_declare(text.head()) => {
            text.look_on(prolog::MAX_LEN)?;
            prolog::encoding(text.head())?
        }
        declared => declared,
    };
    text.at += marked.map_or(0, |(_, len)| len);
    let encoding = marked.map(|(encoding, _)| encoding).or(declared.map(|declared| declared.0));
    match encoding.filter(|encoding| *encoding != UTF_8) {
        None => Ok(Box::new(text)),
        Some(encoding) => {
            let in_units = [UTF_16LE, UTF_16BE].contains(&encoding);
            debug_assert!(marked.is_none() || in_units);
            let decoder = encoding.new_decoder_without_bom_handling();
            Ok(Box::new(Decoded {
                text,
                decoder,
                lost: if in_units { "\u{fffd}".as_bytes() } else { b"\xFF" },
                out: vec![0; Source::BUFFER],
                start: 0,
                end: 0,
                ended: false,
            }))
        }
    }
}

/// Text of another encoding, as UTF-8.
struct Decoded<R> {
    text: R,
    decoder: Decoder,
    /// What stands for bytes that the encoding does not have. A byte that no UTF-8 has: were it a character, ids would
    /// become the same that are not, so whoever reads the text finds fault with the line or the place. Half a surrogate
    /// pair in UTF-16 is a character that is lost, as in JSON, where names are cut inside one.
    lost: &'static [u8],
    out: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
}

impl<R: BufRead> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.start == self.end && !self.ended {
            let input = self.text.fill_buf()?;
            let last = input.is_empty();
            let room = self.out.len() - self.lost.len();
            let (mut read, mut written) = (0, 0);
            while written < room {
                let (result, taken, given) = self.decoder.decode_to_utf8_without_replacement(
                    &input[read..],
                    &mut self.out[written..room],
                    last,
                );
                (read, written) = (read + taken, written + given);
                match result {
                    DecoderResult::Malformed(..) => {
                        self.out[written..written + self.lost.len()].copy_from_slice(self.lost);
                        written += self.lost.len();
                    }
                    DecoderResult::InputEmpty => {
                        self.ended = last;
                        break;
                    }
                    DecoderResult::OutputFull => break,
                }
            }
            self.text.consume(read);
            (self.start, self.end) = (0, written);
        }
        Ok(&self.out[self.start..self.end])
    }

    fn consume(&mut self, len: usize) {
        self.start += len;
    }
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}
