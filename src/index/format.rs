//! The bytes of a segment: constants, header, section records. `docs/format.md` is the specification.

use std::fmt;

use super::error::Fault;
use crate::digest::SignalKind;

/// The format that this build writes.
pub const FORMAT_VERSION: u32 = 4;
/// The oldest format that this build reads.
pub const OLDEST_READABLE: u32 = 1;

/// Begins every segment: no text file does, and a transfer in text mode changes it.
pub(super) const SEGMENT_MAGIC: [u8; 8] = *b"\x89IWS\r\n\x1a\n";

/// Sections begin at multiples of this many bytes.
pub(super) const ALIGNMENT: u64 = 64;
/// Most sections that a segment may have: opening one reads at most 256 KiB.
pub(super) const MAX_SECTIONS: u32 = 4096;
/// Most bits that a band, or the prefix of a digest directory, may have.
pub(super) const MAX_BAND_WIDTH: u32 = 28;
/// Most bits of a perceptual code.
pub(super) const MAX_CODE_WIDTH: u32 = 1024;
/// Signals below this number are fixed; those from it on are what their "signal name" in the same segment says.
pub(super) const NAMED_FROM: u32 = 64;
/// Most bytes of the name of a signal.
pub(super) const MAX_SIGNAL_NAME: u64 = 64;
/// So many keys have one start in the section "key starts".
pub(super) const KEYS_A_START: usize = 64;
/// Stands for a quality that the list does not state.
pub(super) const NO_QUALITY: u8 = 255;
/// Bytes of a checksum and of a content id: BLAKE3, cut.
pub(super) const CHECKSUM_LEN: usize = 16;

const MAGIC_AT: usize = 0;
pub(super) const VERSION_AT: usize = MAGIC_AT + 8;
const SECTION_COUNT_AT: usize = VERSION_AT + 4;
const FILE_LENGTH_AT: usize = SECTION_COUNT_AT + 4;
const ENTRY_COUNT_AT: usize = FILE_LENGTH_AT + 8;
const RESERVED_AT: usize = ENTRY_COUNT_AT + 4;
const CONTENT_ID_AT: usize = RESERVED_AT + 4;
const HEADER_CHECKSUM_AT: usize = CONTENT_ID_AT + CHECKSUM_LEN;
/// Bytes of the header.
pub(super) const HEADER_LEN: usize = HEADER_CHECKSUM_AT + CHECKSUM_LEN;

const KIND_AT: usize = 0;
const SIGNAL_AT: usize = KIND_AT + 4;
const CODE_WIDTH_AT: usize = SIGNAL_AT + 4;
const ELEMENT_SIZE_AT: usize = CODE_WIDTH_AT + 4;
const ELEMENTS_AT: usize = ELEMENT_SIZE_AT + 4;
const OFFSET_AT: usize = ELEMENTS_AT + 8;
const LENGTH_AT: usize = OFFSET_AT + 8;
const BIT_OFFSET_AT: usize = LENGTH_AT + 8;
const BIT_WIDTH_AT: usize = BIT_OFFSET_AT + 4;
const SECTION_CHECKSUM_AT: usize = BIT_WIDTH_AT + 4;
/// Bytes of one record of the section table.
pub(super) const RECORD_LEN: usize = SECTION_CHECKSUM_AT + CHECKSUM_LEN;

const _: () = assert!(HEADER_LEN == 64 && RECORD_LEN == 64);

/// The first 16 bytes of the BLAKE3 of `bytes`.
pub(super) fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_LEN] {
    cut(blake3::hash(bytes))
}

/// The first 16 bytes of a BLAKE3.
pub(super) fn cut(hash: blake3::Hash) -> [u8; CHECKSUM_LEN] {
    array_at(hash.as_bytes(), 0)
}

/// `N` bytes at `at`. The callers have checked the length; past the end there are zeros, never a panic.
pub(super) fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    if let Some(found) = bytes.get(at..at.saturating_add(N)) {
        out.copy_from_slice(found);
    }
    out
}

/// Little-endian, as everything in the format.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

/// Little-endian, as everything in the format.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array_at(bytes, at))
}

/// Checks what every version has in common: the signature and a version that this build reads.
pub(super) fn check_start(
    bytes: &[u8],
    magic: [u8; 8],
    what: &'static str,
    header: usize,
) -> Result<(), Fault> {
    let short = Fault::Short { expected: header as u64, found: bytes.len() as u64 };
    if bytes.len() < magic.len() {
        return Err(if magic.starts_with(bytes) { short } else { Fault::Magic { expected: what } });
    }
    if !bytes.starts_with(&magic) {
        return Err(Fault::Magic { expected: what });
    }
    if bytes.len() < VERSION_AT + 4 {
        return Err(short);
    }
    let found = u32_at(bytes, VERSION_AT);
    if !(OLDEST_READABLE..=FORMAT_VERSION).contains(&found) {
        return Err(Fault::Version { found });
    }
    if bytes.len() < header { Err(short) } else { Ok(()) }
}

/// Names a segment by what is in it: the checksum of its section table, which holds the checksums of all sections.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId(pub(super) [u8; CHECKSUM_LEN]);

impl ContentId {
    /// The name of the segment's file: `seg-`, 16 hexadecimal digits, `.iws`.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("seg-{}.iws", hex::encode(&self.0[..8]))
    }
}

impl fmt::Debug for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file_name())
    }
}

/// True for a name that [`ContentId::file_name`] could have made.
pub(super) fn is_segment_name(name: &str) -> bool {
    name.strip_prefix("seg-").and_then(|rest| rest.strip_suffix(".iws")).is_some_and(|digits| {
        digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

/// The first 64 bytes of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) section_count: u32,
    pub(super) file_length: u64,
    pub(super) entry_count: u32,
    pub(super) content_id: ContentId,
}

impl Header {
    pub(super) fn encode(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(MAGIC_AT, &SEGMENT_MAGIC);
        put(VERSION_AT, &FORMAT_VERSION.to_le_bytes());
        put(SECTION_COUNT_AT, &self.section_count.to_le_bytes());
        put(FILE_LENGTH_AT, &self.file_length.to_le_bytes());
        put(ENTRY_COUNT_AT, &self.entry_count.to_le_bytes());
        put(CONTENT_ID_AT, &self.content_id.0);
        let sum = checksum(&bytes[..HEADER_CHECKSUM_AT]);
        bytes[HEADER_CHECKSUM_AT..].copy_from_slice(&sum);
        bytes
    }

    /// The header of `file`, every field of it checked.
    pub(super) fn decode(file: &[u8]) -> Result<Self, Fault> {
        check_start(file, SEGMENT_MAGIC, "a segment", HEADER_LEN)?;
        if checksum(&file[..HEADER_CHECKSUM_AT]) != array_at(file, HEADER_CHECKSUM_AT) {
            return Err(Fault::HeaderChecksum);
        }
        let header = Self {
            section_count: u32_at(file, SECTION_COUNT_AT),
            file_length: u64_at(file, FILE_LENGTH_AT),
            entry_count: u32_at(file, ENTRY_COUNT_AT),
            content_id: ContentId(array_at(file, CONTENT_ID_AT)),
        };
        if header.file_length != file.len() as u64 {
            return Err(Fault::Length { expected: header.file_length, found: file.len() as u64 });
        }
        if u32_at(file, RESERVED_AT) != 0 {
            return Err(Fault::Reserved { at: RESERVED_AT as u64 });
        }
        if header.section_count > MAX_SECTIONS {
            return Err(Fault::SectionCount { found: header.section_count });
        }
        let table_end = HEADER_LEN + header.section_count as usize * RECORD_LEN;
        if file.len() < table_end {
            return Err(Fault::Short { expected: table_end as u64, found: file.len() as u64 });
        }
        if checksum(&file[HEADER_LEN..table_end]) != header.content_id.0 {
            return Err(Fault::TableChecksum);
        }
        Ok(header)
    }
}

/// The kinds of section that this version knows. Others are passed over, and checked by `verify` all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub(super) enum SectionKind {
    KeyOffsets = 1,
    KeyText = 2,
    LabelOffsets = 3,
    LabelText = 4,
    LabelNumbers = 5,
    Opinions = 6,
    KeyLengths = 7,
    KeyStarts = 8,
    Updates = 9,
    Arrivals = 10,
    DigestValues = 16,
    DigestEntries = 17,
    DigestDirectory = 18,
    DigestBlocks = 19,
    Codes = 32,
    CodeEntries = 33,
    CodeQualities = 34,
    BandDirectory = 35,
    BandPostings = 36,
    SketchedPostings = 37,
    SignalName = 48,
}

impl SectionKind {
    pub(super) const ALL: [Self; 21] = [
        Self::KeyOffsets,
        Self::KeyText,
        Self::LabelOffsets,
        Self::LabelText,
        Self::LabelNumbers,
        Self::Opinions,
        Self::KeyLengths,
        Self::KeyStarts,
        Self::Updates,
        Self::Arrivals,
        Self::DigestValues,
        Self::DigestEntries,
        Self::DigestDirectory,
        Self::DigestBlocks,
        Self::Codes,
        Self::CodeEntries,
        Self::CodeQualities,
        Self::BandDirectory,
        Self::BandPostings,
        Self::SketchedPostings,
        Self::SignalName,
    ];

    pub(super) fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u32 == number)
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::KeyOffsets => "key offsets",
            Self::KeyText => "key text",
            Self::LabelOffsets => "label set offsets",
            Self::LabelText => "label set text",
            Self::LabelNumbers => "label set numbers",
            Self::Opinions => "opinions",
            Self::KeyLengths => "key lengths",
            Self::KeyStarts => "key starts",
            Self::Updates => "updates",
            Self::Arrivals => "arrivals",
            Self::DigestValues => "digest values",
            Self::DigestEntries => "digest entries",
            Self::DigestDirectory => "digest directory",
            Self::DigestBlocks => "digest blocks",
            Self::Codes => "codes",
            Self::CodeEntries => "code entries",
            Self::CodeQualities => "code qualities",
            Self::BandDirectory => "band directory",
            Self::BandPostings => "band postings",
            Self::SketchedPostings => "sketched postings",
            Self::SignalName => "signal name",
        }
    }
}

/// The number of a kind of hash in every file; `None` for one that a file names itself.
pub(super) const fn fixed_number(kind: SignalKind) -> Option<u32> {
    match kind {
        SignalKind::Md5 => Some(1),
        SignalKind::Sha1 => Some(2),
        SignalKind::Sha256 => Some(3),
        SignalKind::Blake3 => Some(4),
        SignalKind::Pdq => Some(5),
        SignalKind::Classic(_) => None,
    }
}

/// The kind of hash that has `number` in every file.
pub(super) fn fixed_kind(number: u32) -> Option<SignalKind> {
    SignalKind::ALL.into_iter().find(|kind| fixed_number(*kind) == Some(number))
}

/// Which section of a segment: its kind, and what tells it from others of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SectionId {
    pub(super) kind: u32,
    pub(super) signal: u32,
    pub(super) bit_offset: u32,
    pub(super) bit_width: u32,
}

impl SectionId {
    pub(super) const fn of(kind: SectionKind) -> Self {
        Self { kind: kind as u32, signal: 0, bit_offset: 0, bit_width: 0 }
    }

    pub(super) const fn signal(kind: SectionKind, signal: u32) -> Self {
        Self { signal, ..Self::of(kind) }
    }

    pub(super) const fn band(kind: SectionKind, signal: u32, band: Band) -> Self {
        Self { bit_offset: band.offset, bit_width: band.width, ..Self::signal(kind, signal) }
    }

    /// True for a section of `kind`.
    pub(super) const fn is(self, kind: SectionKind) -> bool {
        self.kind == kind as u32
    }

    /// The same hash and bits, in a section of another kind.
    pub(super) const fn with_kind(self, kind: SectionKind) -> Self {
        Self { kind: kind as u32, ..self }
    }
}

impl fmt::Display for SectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match SectionKind::from_number(self.kind) {
            Some(kind) => write!(f, "section \"{}", kind.as_str())?,
            None => write!(f, "section \"kind {}", self.kind)?,
        }
        match fixed_kind(self.signal) {
            Some(kind) => write!(f, " of {kind}")?,
            None if self.signal != 0 => write!(f, " of signal {}", self.signal)?,
            None => {}
        }
        if self.bit_width != 0 {
            write!(f, ", {} bits from bit {}", self.bit_width, self.bit_offset)?;
        }
        f.write_str("\"")
    }
}

/// A run of bits of a code, by which codes are put into buckets.
///
/// Bits are numbered as they are written: bit 0 is the highest of byte 0. A run is read as a number, first bit highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Band {
    /// Its first bit.
    pub offset: u32,
    /// Its bits.
    pub width: u32,
}

impl Band {
    /// `code_width` bits shared out over `bands` runs, the wider ones first.
    #[must_use]
    pub fn split(code_width: u32, bands: u32) -> Vec<Self> {
        let mut offset = 0;
        (0..bands)
            .map(|band| {
                let width = code_width / bands + u32::from(band < code_width % bands);
                let here = Self { offset, width };
                offset += width;
                here
            })
            .collect()
    }

    /// The value of these bits of `code`, at most 32 of them; bits beyond its end are zero.
    pub(super) fn value(self, code: &[u8]) -> u32 {
        if self.width == 0 {
            return 0;
        }
        let first = (self.offset / 8) as usize;
        let window = match code.get(first..first + 8) {
            Some(_) => u64::from_be_bytes(array_at(code, first)),
            None => (0..8)
                .fold(0, |word, byte| (word << 8) | u64::from(code.get(first + byte).copied().unwrap_or(0))),
        };
        ((window << (self.offset % 8)) >> (64 - self.width)) as u32
    }
}

/// One record of the section table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Record {
    pub(super) id: SectionId,
    pub(super) code_width: u32,
    pub(super) element_size: u32,
    pub(super) elements: u64,
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) checksum: [u8; CHECKSUM_LEN],
}

impl Record {
    pub(super) fn encode(&self) -> [u8; RECORD_LEN] {
        let mut bytes = [0; RECORD_LEN];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(KIND_AT, &self.id.kind.to_le_bytes());
        put(SIGNAL_AT, &self.id.signal.to_le_bytes());
        put(CODE_WIDTH_AT, &self.code_width.to_le_bytes());
        put(ELEMENT_SIZE_AT, &self.element_size.to_le_bytes());
        put(ELEMENTS_AT, &self.elements.to_le_bytes());
        put(OFFSET_AT, &self.offset.to_le_bytes());
        put(LENGTH_AT, &self.length.to_le_bytes());
        put(BIT_OFFSET_AT, &self.id.bit_offset.to_le_bytes());
        put(BIT_WIDTH_AT, &self.id.bit_width.to_le_bytes());
        put(SECTION_CHECKSUM_AT, &self.checksum);
        bytes
    }

    pub(super) fn decode(bytes: &[u8; RECORD_LEN]) -> Self {
        Self {
            id: SectionId {
                kind: u32_at(bytes, KIND_AT),
                signal: u32_at(bytes, SIGNAL_AT),
                bit_offset: u32_at(bytes, BIT_OFFSET_AT),
                bit_width: u32_at(bytes, BIT_WIDTH_AT),
            },
            code_width: u32_at(bytes, CODE_WIDTH_AT),
            element_size: u32_at(bytes, ELEMENT_SIZE_AT),
            elements: u64_at(bytes, ELEMENTS_AT),
            offset: u64_at(bytes, OFFSET_AT),
            length: u64_at(bytes, LENGTH_AT),
            checksum: array_at(bytes, SECTION_CHECKSUM_AT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_read_in_the_order_in_which_bits_are_written() {
        let code = [0b1000_0001, 0b1100_0000, 0xff, 0, 0, 0, 0, 0x12, 0x34];
        assert_eq!(Band { offset: 0, width: 8 }.value(&code), 0b1000_0001);
        assert_eq!(Band { offset: 7, width: 3 }.value(&code), 0b111);
        assert_eq!(Band { offset: 56, width: 16 }.value(&code), 0x1234);
        assert_eq!(Band { offset: 60, width: 12 }.value(&code), 0x234);
        assert_eq!(Band { offset: 3, width: 0 }.value(&code), 0);
    }

    #[test]
    fn a_split_covers_every_bit_once() {
        for bands in 1..=40 {
            let mut next = 0;
            for band in Band::split(256, bands) {
                assert_eq!(band.offset, next);
                next += band.width;
            }
            assert_eq!(next, 256);
        }
    }

    #[test]
    fn header_and_record_are_read_as_written() {
        let record = Record {
            id: SectionId { kind: 1, signal: 2, bit_offset: 3, bit_width: 4 },
            code_width: 5,
            element_size: 6,
            elements: 7,
            offset: 8,
            length: 9,
            checksum: [10; 16],
        };
        assert_eq!(Record::decode(&record.encode()), record);
    }

    #[test]
    fn segment_names_are_told_from_others() {
        assert!(is_segment_name(&ContentId([0xab; 16]).file_name()));
        for other in ["seg-.iws", "seg-abababababababAB.iws", "manifest.iwm", "seg-abababababababab.iws.tmp"]
        {
            assert!(!is_segment_name(other), "{other}");
        }
    }
}
