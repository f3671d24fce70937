//! What is inside a container: its parts, one after another, as a stream and within bounds.
//!
//! One level at a time: a part that is a container itself is handed out as it is, and whoever takes the parts decides
//! whether to open it. Nothing is believed that a header says about sizes: bytes are counted as they come, and memory
//! is taken as bytes come. What cannot be opened is a [`Gap`] of the part, or of the container, never an absence.

mod lines;
mod mail;
mod name;
mod ole;
mod ole_pictures;
mod out;
mod outlook;
mod pdf;
mod sevenz;
mod single;
mod source;
mod tar;
mod tnef;
mod transfer;
mod zip;
mod zip_member;
mod zstd;

#[cfg(test)]
mod tests;

use std::io::{self, Read, Seek};

pub use self::name::PartName;
use self::out::{Out, Stop};
use self::source::{Forward, Source};
use super::{Content, Gap, Kind};
pub(super) use mail::{SIGNED as SIGNED_MAIL, is_mail, is_mailbox};
pub(super) use ole_pictures::METAFILE;
pub(super) use pdf::{COLOURS as PDF_COLOURS, JBIG2, METHOD as PDF_METHOD};
pub(super) use sevenz::METHOD as SEVEN_ZIP_METHOD;
pub(super) use tar::{SPARSE as TAR_SPARSE, is_header as is_tar};
pub(super) use tnef::OBJECT as OUTLOOK_OBJECT;
pub(super) use zip_member::METHOD as ZIP_METHOD;

/// How a container is packed, and so which reader opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Container {
    /// ZIP, and all documents and programs that are made of one.
    Zip,
    /// tar, as it is.
    Tar,
    /// One stream, packed by gzip.
    Gzip,
    /// One stream, packed by bzip2.
    Bzip2,
    /// One stream, packed by xz.
    Xz,
    /// One stream, packed by zstd.
    Zstd,
    /// 7z.
    SevenZip,
    /// One message, MIME or not.
    Mail,
    /// Messages, one behind another.
    Mailbox,
    /// Microsoft's compound file: Office documents up to 2003, and messages of Outlook.
    Compound,
    /// `winmail.dat` of Outlook.
    Tnef,
    /// PDF, for its pictures and attachments.
    Pdf,
    /// A kind that this build does not open.
    Unopened,
}

/// How much may come out of one container, whatever its headers claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartBounds {
    /// Most parts.
    pub parts: u64,
    /// Most bytes of all parts together.
    pub bytes: u64,
    /// Most bytes of one part. The parts behind it are opened all the same.
    pub part_bytes: u64,
    /// Most bytes that come out for each byte of the container. The first [`PartBounds::UNRATED_BYTES`] are free: small
    /// files of one colour pack better than any bomb.
    pub ratio: u64,
    /// Most bytes of memory for what a method of packing has to remember, or for what cannot be read as a stream.
    pub memory_bytes: u64,
}

impl PartBounds {
    /// Bytes that come out of any container, however small it is.
    pub const UNRATED_BYTES: u64 = 64 << 20;
}

impl Default for PartBounds {
    /// 100,000 parts; 64 GiB in all, 8 GiB each, 1,000 times the container; 256 MiB of memory.
    fn default() -> Self {
        Self { parts: 100_000, bytes: 64 << 30, part_bytes: 8 << 30, ratio: 1_000, memory_bytes: 256 << 20 }
    }
}

/// Whoever takes the parts of a container: for each [`begin`](Self::begin), then its [`bytes`](Self::bytes) in pieces,
/// then [`end`](Self::end); never two at a time. An error from any of them ends all, and is the error of [`open_parts`].
pub trait TakeParts {
    /// A part begins.
    ///
    /// # Errors
    /// Whatever the taker cannot go on from.
    fn begin(&mut self, name: &PartName) -> io::Result<()>;

    /// More of it, at least one byte.
    ///
    /// # Errors
    /// Whatever the taker cannot go on from.
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// The part ends: whole, or with what is missing of it. One that cannot be opened at all has no bytes.
    ///
    /// # Errors
    /// Whatever the taker cannot go on from.
    fn end(&mut self, gap: Option<Gap>) -> io::Result<()>;
}

/// Opens a container that was recognised as `content` and hands out its parts, in its own order.
///
/// The answer is what is wrong with it as a whole: damaged, cut short, a bound met, no reader for it; `None` if all
/// its parts were handed out. Gaps of single parts are told with the part. Reads `input` from its start, wherever it
/// stands, and takes memory for one dictionary and some buffers; time grows with the bytes that go in and come out.
///
/// # Errors
/// An error from `take`, or if `input` cannot be read.
pub fn open_parts(
    mut input: impl Read + Seek,
    content: Content,
    bounds: &PartBounds,
    take: &mut dyn TakeParts,
) -> io::Result<Option<Gap>> {
    let Kind::Container(container) = content.kind else { return Ok(Some(Gap::NoDecoder(content.name))) };
    let mut source = Source::new(&mut input)?;
    let mut out = Out::new(take, bounds, source.len());
    let answer = open(&mut source, container, content.name, &mut out);
    source.into_error()?;
    closed(answer, &mut out)
}

/// True if `head`, the beginning of a stream that was recognised as `content`, is that of a tar, packed or not.
///
/// Packed ones are unpacked as far as the first header, within `bounds`: a few MiB of `head` are enough for every method.
#[must_use]
pub fn begins_tar(head: &[u8], content: Content, bounds: &PartBounds) -> bool {
    match content.kind {
        Kind::Container(Container::Tar) => true,
        Kind::Container(container) => {
            let mut input = io::Cursor::new(head);
            Source::new(&mut input)
                .is_ok_and(|mut source| single::is_packed_tar(&mut source, container, bounds.memory_bytes))
        }
        _ => false,
    }
}

/// As [`open_parts`], of a tar, packed or not, that is read once and from front to end, however long it is: of the bounds
/// those on memory hold and that on the ratio, which is to what was read so far.
///
/// # Errors
/// An error from `take`, or if `input` cannot be read.
pub fn open_stream(
    input: impl Read,
    content: Content,
    bounds: &PartBounds,
    take: &mut dyn TakeParts,
) -> io::Result<Option<Gap>> {
    let Kind::Container(container) = content.kind else { return Ok(Some(Gap::NoDecoder(content.name))) };
    let mut input = Forward::new(input);
    let so_far = input.so_far();
    let mut source = Source::forward(&mut input);
    let mut out = Out::endless(take, bounds, so_far);
    let answer = single::tar_stream(&mut source, container, content.name, &mut out);
    source.into_error()?;
    closed(answer, &mut out)
}

fn closed(answer: Result<Option<Gap>, Stop>, out: &mut Out<'_>) -> io::Result<Option<Gap>> {
    match answer {
        Ok(gap) => Ok(gap),
        Err(Stop::Part(gap) | Stop::All(gap)) => {
            out.close(&gap)?;
            Ok(Some(gap))
        }
        Err(Stop::Taker(error)) => Err(error),
    }
}

fn open(
    source: &mut Source<'_>,
    container: Container,
    name: &'static str,
    out: &mut Out<'_>,
) -> Result<Option<Gap>, Stop> {
    if let Some(opened) = single::packed_tar(source, container, name, out) {
        return opened;
    }
    match container {
        Container::Zip => zip::open(source, name, out),
        Container::Tar => tar::open(source, name, out),
        Container::Gzip => single::gzip(source, name, out),
        Container::Bzip2 => single::bzip2(source, name, out),
        Container::Xz => single::xz(source, name, out),
        Container::Zstd => single::zstd(source, name, out),
        Container::SevenZip => sevenz::open(source, name, out),
        Container::Mail => mail::open_message(source, name, out),
        Container::Mailbox => mail::open_mailbox(source, name, out),
        Container::Compound => ole::open(source, name, out),
        Container::Tnef => tnef::open(source, name, out),
        Container::Pdf => pdf::open(source, name, out),
        Container::Unopened => Ok(Some(Gap::Container(name))),
    }
}
