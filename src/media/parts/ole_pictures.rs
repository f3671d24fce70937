//! Office documents up to 2003: each stream as it is, and the pictures that the shared drawing layer keeps in some.
//!
//! PowerPoint keeps them in a stream of their own, Word between its text, Excel in pieces between its cells. A picture
//! is a record with a signature of its own ([MS-ODRAW] 2.2.23 and after), so streams are searched for these.

use std::io::{self, Read};

use super::ole::{Compound, Entry, word};
use super::out::{Out, Stop};
use super::source::Source;
use super::{Gap, PartName};

/// Drawings that no decoder here knows.
pub(in crate::media) const METAFILE: &str = "EMF, WMF or PICT";

pub(super) fn open(
    file: &Compound,
    source: &mut Source<'_>,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<Option<Gap>, Stop> {
    let mut encrypted = false;
    for entry in file.streams() {
        let path = file.path(entry);
        let head = file.head(source, entry, HEAD_BYTES);
        encrypted |= match entry.name.as_str() {
            "EncryptedPackage" => {
                out.unopened(&PartName::new(&path), Gap::Encrypted)?;
                encrypted = true;
                continue;
            }
            // [MS-DOC] 2.5.2, the bit fEncrypted; [MS-PPT] 2.3.2, the token of an encrypted document.
            "WordDocument" => head.get(11).is_some_and(|flags| flags & 1 != 0),
            "Current User" => head.get(12..16) == Some(&[0xdf, 0xc4, 0xd1, 0xf3]),
            _ => false,
        };
        if entry.name == "\u{1}Ole10Native" && packaged(file, source, entry, &path, kind, out)? {
            continue;
        }
        file.hand_out(source, entry, &PartName::new(&path), kind, out)?;
        if let Some(header) = thumbnail(&head) {
            let mut stream = file.stream(source, entry);
            let skipped = io::copy(&mut stream.by_ref().take(header), &mut io::sink());
            if skipped.is_ok() {
                out.part(&PartName::new(&format!("{path}/1.jpg")), &mut stream, kind)?;
            }
            continue;
        }
        if matches!(entry.name.as_str(), "Workbook" | "Book") {
            let mut drawings = Drawings::new(file.stream(source, entry));
            carve(&mut drawings, &path, kind, out)?;
            encrypted |= drawings.encrypted;
        } else {
            carve(&mut file.stream(source, entry), &path, kind, out)?;
        }
    }
    Ok(encrypted.then_some(Gap::Encrypted))
}

/// Bytes that tell what a stream is.
const HEAD_BYTES: u64 = 32;

/// The length of the header in front of a JPEG in `Thumbs.db`, where Windows kept small copies of the pictures of a
/// folder, also of those that are gone.
fn thumbnail(head: &[u8]) -> Option<u64> {
    let len = word(head.get(..4)?, 0);
    let jpeg = head.get(len as usize..)?.starts_with(b"\xff\xd8\xff");
    (jpeg && matches!(len, 12 | 16 | 24)).then_some(len.into())
}

/// A file that was put into a document by its icon: between names and lengths ([MS-OLEDS] 2.3.6). False if it is
/// something else.
fn packaged(
    file: &Compound,
    source: &mut Source<'_>,
    entry: &Entry,
    path: &str,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<bool, Stop> {
    const HEAD_BYTES: u64 = 4_096;
    let head = file.head(source, entry, HEAD_BYTES);
    let Some((at, label)) = package(&head) else { return Ok(false) };
    let len = u64::from(word(&head, at));
    let mut stream = file.stream(source, entry);
    let mut before = vec![0; at + 4];
    if stream.read_exact(&mut before).is_err() {
        return Ok(false);
    }
    let folder = path.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
    let label = PartName::of_bytes(label);
    let name = PartName::new(&format!("{folder}{}", label.as_str().unwrap_or_default()));
    out.part(&name, &mut stream.take(len), kind)?;
    Ok(true)
}

/// Where the length of the packaged file stands, and its name.
fn package(head: &[u8]) -> Option<(usize, &[u8])> {
    let text = |at: usize| head.get(at..)?.iter().position(|byte| *byte == 0).map(|len| at + len + 1);
    if head.get(4..6)? != [2, 0] {
        return None;
    }
    let label_end = text(6)?;
    let path_end = text(label_end)?;
    // Four bytes of flags, then the path again with its length.
    let again = head.get(path_end + 4..path_end + 8)?;
    let at = (path_end + 8).checked_add(word(again, 0) as usize)?;
    head.get(at..at.checked_add(4)?)?;
    Some((at, &head[6..label_end - 1]))
}

/// A picture's record: where its bytes begin, and how many they are.
struct Blip {
    suffix: &'static str,
    skip: usize,
    len: u64,
}

/// Bytes that are enough to tell a record: its header, two digests, and the header of a bitmap.
const AHEAD: usize = 96;

impl Blip {
    fn of(head: &[u8; AHEAD]) -> Option<Self> {
        const HEADER: usize = 8;
        const DIGEST: usize = 16;
        let [version, instance, kind, high] = [head[0], head[1], head[2], head[3]];
        let instance = u16::from_le_bytes([version, instance]);
        if high != 0xf0 || instance & 15 != 0 {
            return None;
        }
        // The signature says whether there are two digests in front of the picture, or one.
        let (suffix, signatures): (_, &[u16]) = match kind {
            0x1a => ("emf", &[0x3d4]),
            0x1b => ("wmf", &[0x216]),
            0x1c => ("pict", &[0x542]),
            0x1d | 0x2a => ("jpg", &[0x46a, 0x6e2]),
            0x1e => ("png", &[0x6e0]),
            0x1f => ("bmp", &[0x7a8]),
            0x29 => ("tif", &[0x6e4]),
            _ => return None,
        };
        let signature = instance >> 4;
        let digests = signatures.iter().find_map(|one| match signature.checked_sub(*one) {
            Some(more @ (0 | 1)) => Some(1 + usize::from(more)),
            _ => None,
        })?;
        let before = DIGEST * digests + 1;
        let len = u64::from(word(head, 4)).checked_sub(before as u64)?;
        Some(Self { suffix, skip: HEADER + before, len })
    }

    fn is_metafile(&self) -> bool {
        matches!(self.suffix, "emf" | "wmf" | "pict")
    }

    /// The file header that a bitmap lacks here: it says where the pixels begin.
    fn file_header(&self, head: &[u8; AHEAD]) -> Vec<u8> {
        if self.suffix != "bmp" {
            return Vec::new();
        }
        let info = &head[self.skip..];
        let (bits, colours) = (u16::from_le_bytes([info[14], info[15]]), word(info, 32));
        let colours = if colours == 0 && bits <= 8 { 1 << bits } else { colours };
        let masks = if word(info, 16) == 3 && word(info, 0) == 40 { 12 } else { 0 };
        let pixels = word(info, 0).saturating_add(colours.saturating_mul(4)).saturating_add(14 + masks);
        let len = u32::try_from(self.len.saturating_add(14)).unwrap_or(u32::MAX);
        [b"BM", &len.to_le_bytes()[..], &[0; 4], &pixels.to_le_bytes()].concat()
    }
}

/// Hands out each picture in a stream, which is read once.
fn carve(stream: &mut dyn Read, path: &str, kind: &'static str, out: &mut Out<'_>) -> Result<(), Stop> {
    const PIECE: usize = 64 << 10;
    let mut window: Vec<u8> = Vec::new();
    let mut number = 0;
    let mut at_end = false;
    loop {
        while !at_end && window.len() < PIECE {
            let had = window.len();
            // The stream was handed out whole before; that it is cut short was said there.
            let read = stream.take((PIECE - had) as u64).read_to_end(&mut window);
            at_end = window.len() == had || read.is_err();
        }
        let (found, searched) = search(&window, at_end);
        let Some((at, head, blip)) = found else {
            if at_end {
                return Ok(());
            }
            window.drain(..searched);
            continue;
        };
        number += 1;
        let name = PartName::new(&format!("{path}/{number}.{}", blip.suffix));
        if blip.is_metafile() {
            out.unopened(&name, Gap::NoDecoder(METAFILE))?;
            window.drain(..at + 8);
            continue;
        }
        let start = (at + blip.skip).min(window.len());
        let held = (window.len() - start).min(usize::try_from(blip.len).unwrap_or(usize::MAX));
        out.begin(&name)?;
        let header = blip.file_header(&head);
        let rest = blip.len - held as u64;
        let mut stream = stream.take(rest);
        let mut picture = (&header[..]).chain(&window[start..start + held]).chain(&mut stream);
        let gap = out.pour(&mut picture, kind)?;
        let cut = stream.limit() > 0;
        out.end(gap.or(cut.then_some(Gap::Truncated(kind))))?;
        window.drain(..start + held);
    }
}

/// The first picture in a piece of a stream; else how much of the piece is done with.
fn search(window: &[u8], at_end: bool) -> (Option<(usize, [u8; AHEAD], Blip)>, usize) {
    let end = if at_end { window.len() } else { window.len().saturating_sub(AHEAD) };
    for high in memchr::memchr_iter(0xf0, window) {
        let Some(at) = high.checked_sub(3) else { continue };
        if at >= end {
            break;
        }
        let mut head = [0; AHEAD];
        let had = (window.len() - at).min(AHEAD);
        head[..had].copy_from_slice(&window[at..at + had]);
        if let Some(blip) = Blip::of(&head).filter(|blip| blip.skip < had) {
            return (Some((at, head, blip)), at);
        }
    }
    (None, end)
}

/// What the drawing layer wrote into a workbook ([MS-XLS] 2.4.171): records of at most 8 KiB, each continued by others.
struct Drawings<R> {
    stream: R,
    left: usize,
    wanted: bool,
    encrypted: bool,
}

impl<R: Read> Drawings<R> {
    fn new(stream: R) -> Self {
        Self { stream, left: 0, wanted: false, encrypted: false }
    }
}

impl<R: Read> Read for Drawings<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        const DRAWING: u16 = 0xeb;
        const CONTINUE: u16 = 0x3c;
        const PASSWORD: u16 = 0x2f;
        while self.left == 0 {
            let mut head = [0; 4];
            if self.stream.read_exact(&mut head).is_err() {
                return Ok(0);
            }
            let [kind, len] = [[head[0], head[1]], [head[2], head[3]]].map(u16::from_le_bytes);
            self.wanted = kind == DRAWING || self.wanted && kind == CONTINUE;
            self.encrypted |= kind == PASSWORD;
            if self.wanted {
                self.left = len.into();
            } else {
                io::copy(&mut self.stream.by_ref().take(len.into()), &mut io::sink())?;
            }
        }
        let most = out.len().min(self.left);
        let had = self.stream.read(&mut out[..most])?;
        self.left = if had == 0 { 0 } else { self.left - had };
        Ok(had)
    }
}
