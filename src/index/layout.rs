//! Where everything is in a segment, from its header and section table alone.
//!
//! Whoever holds a [`Layout`] knows that every section lies inside the file and has the elements that the others call
//! for. What the elements say is not known: they are checked where they are used.

use std::collections::BTreeMap;

use super::directory::{BLOCK_BYTES, directory_len};
use super::error::Fault;
use super::format::{
    Band, HEADER_LEN, Header, KEYS_A_START, MAX_BAND_WIDTH, MAX_CODE_WIDTH, MAX_SIGNAL_NAME, NAMED_FROM,
    RECORD_LEN, Record, SectionId, SectionKind, array_at, fixed_kind, fixed_number,
};
use crate::digest::{Classic, SignalKind};
use crate::kernel::sift::BLOCK;

/// One section with elements of one size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) id: SectionId,
    start: usize,
    end: usize,
    size: usize,
}

impl Column {
    /// Its bytes in `file`, which is the file that the layout was made from.
    pub(super) fn bytes<'a>(&self, file: &'a [u8]) -> &'a [u8] {
        file.get(self.start..self.end).unwrap_or_default()
    }

    /// Its numbers.
    pub(super) fn numbers<'a>(&self, file: &'a [u8]) -> Numbers<'a> {
        Numbers { id: self.id, bytes: self.bytes(file), size: self.size }
    }

    /// Bytes of one element.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    /// How many elements.
    pub(super) const fn len(&self) -> usize {
        (self.end - self.start) / self.size
    }
}

/// A column of little-endian numbers of 1, 2, 4 or 8 bytes.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a> {
    id: SectionId,
    bytes: &'a [u8],
    size: usize,
}

impl Numbers<'_> {
    pub(super) const fn id(&self) -> SectionId {
        self.id
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len() / self.size
    }

    /// Element `at`; 0 past the end, which the callers rule out.
    pub(super) fn at(&self, at: usize) -> u64 {
        match self.size {
            4 => u64::from(u32::from_le_bytes(array_at(self.bytes, at * 4))),
            1 => u64::from(self.bytes.get(at).copied().unwrap_or(0)),
            2 => u64::from(u16::from_le_bytes(array_at(self.bytes, at * 2))),
            _ => u64::from_le_bytes(array_at(self.bytes, at * 8)),
        }
    }

    /// The first byte of element `at`.
    #[inline]
    pub(super) fn byte_of(&self, at: usize) -> Option<&u8> {
        self.bytes.get(at * self.size)
    }

    /// Element `at`, which must be below `limit` to mean anything.
    pub(super) fn below(&self, at: usize, limit: usize) -> Result<usize, Fault> {
        let found = self.at(at);
        match usize::try_from(found) {
            Ok(value) if value < limit && at < self.len() => Ok(value),
            _ => Err(Fault::Reference { section: self.id, at: at as u64, found, limit: limit as u64 }),
        }
    }

    /// As [`Numbers::range`], of a column of four-byte numbers: a search asks for hundreds of them.
    #[inline]
    pub(super) fn bucket(&self, at: usize, limit: usize) -> Result<std::ops::Range<usize>, Fault> {
        let pair = self.bytes.get(at * 4..at * 4 + 8).and_then(|pair| pair.first_chunk::<8>());
        let [start, end] = pair.map_or([1, 0], |pair| {
            [u32::from_le_bytes(array_at(pair, 0)) as usize, u32::from_le_bytes(array_at(pair, 4)) as usize]
        });
        if start <= end && end <= limit { Ok(start..end) } else { self.range(at, limit) }
    }

    /// The range from element `at` to the next, which must lie inside `0..=limit`.
    pub(super) fn range(&self, at: usize, limit: usize) -> Result<std::ops::Range<usize>, Fault> {
        let end = self.below(at + 1, limit + 1)?;
        let start = self.below(at, end + 1)?;
        Ok(start..end)
    }
}

/// The sections for one kind of digest.
#[derive(Debug, Clone, Copy)]
pub(super) struct DigestLayout {
    pub(super) kind: SignalKind,
    pub(super) values: Column,
    pub(super) entries: Column,
    pub(super) directory: Column,
}

/// One band and its two sections.
#[derive(Debug, Clone, Copy)]
pub(super) struct BandLayout {
    pub(super) band: Band,
    pub(super) directory: Column,
    pub(super) postings: Column,
}

/// The sections for one kind of perceptual hash.
#[derive(Debug, Clone)]
pub(super) struct CodesLayout {
    pub(super) kind: SignalKind,
    pub(super) codes: Column,
    pub(super) entries: Option<Column>,
    pub(super) qualities: Option<Column>,
    pub(super) bands: Vec<BandLayout>,
}

/// What says where each key is in the text of all keys.
#[derive(Debug, Clone, Copy)]
pub(super) enum KeyPlaces {
    /// Where each begins and the last ends: version 1.
    Offsets(Column),
    /// The length of each, and where every 64th begins.
    Lengths { lengths: Column, starts: Column },
}

/// Where everything is.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) header: Header,
    pub(super) keys: KeyPlaces,
    pub(super) key_text: Column,
    pub(super) label_offsets: Column,
    pub(super) label_text: Column,
    /// None if all entries have the one label set.
    pub(super) label_numbers: Option<Column>,
    /// None if all are [`Opinion::Investigate`](crate::hashset::Opinion::Investigate).
    pub(super) opinions: Option<Column>,
    /// When the list changed each entry last, and the day on which each came here: one element if all have the same.
    pub(super) updates: Option<Column>,
    pub(super) arrivals: Option<Column>,
    pub(super) digests: Vec<DigestLayout>,
    /// PDQ first, the classic kinds in their order.
    pub(super) perceptual: Vec<CodesLayout>,
}

impl Layout {
    /// Reads and checks header and table of `file`; cost and memory do not grow with the sections.
    pub(super) fn parse(file: &[u8]) -> Result<Self, Fault> {
        let header = Header::decode(file)?;
        let table = Table::parse(file, &header)?;
        let entries = u64::from(header.entry_count);
        let required = |kind| table.required(SectionId::of(kind));
        let optional = |kind| table.find(SectionId::of(kind));
        let label_offsets = required(SectionKind::LabelOffsets)?;
        if label_offsets.len() == 0 {
            return Err(Fault::Count { section: label_offsets.id, found: 0, expected: 1 });
        }
        let label_numbers = optional(SectionKind::LabelNumbers);
        let opinions = optional(SectionKind::Opinions);
        for column in label_numbers.iter().chain(&opinions) {
            table.expect(column, entries)?;
        }
        let (updates, arrivals) = (optional(SectionKind::Updates), optional(SectionKind::Arrivals));
        for column in updates.iter().chain(&arrivals).filter(|column| column.len() != 1) {
            table.expect(column, entries)?;
        }
        if label_numbers.is_none() && entries > 0 && label_offsets.len() != 2 {
            return Err(Fault::Absent { section: SectionId::of(SectionKind::LabelNumbers) });
        }
        Ok(Self {
            header,
            keys: table.keys(entries)?,
            key_text: required(SectionKind::KeyText)?,
            label_offsets,
            label_text: required(SectionKind::LabelText)?,
            label_numbers,
            opinions,
            updates,
            arrivals,
            digests: SignalKind::ALL
                .into_iter()
                .filter(|kind| kind.is_digest())
                .filter_map(|kind| table.digest(kind, fixed_number(kind)?).transpose())
                .collect::<Result<_, _>>()?,
            perceptual: table.perceptual(entries)?,
        })
    }
}

/// Every record of the section table of `file`, in order. The header has been checked.
pub(super) fn records<'a>(file: &'a [u8], header: &Header) -> impl Iterator<Item = Record> + use<'a> {
    let end = HEADER_LEN + header.section_count as usize * RECORD_LEN;
    let (records, _) = file.get(HEADER_LEN..end).unwrap_or_default().as_chunks::<RECORD_LEN>();
    records.iter().map(Record::decode)
}

/// The sections of known kinds, their place in the file checked.
struct Table {
    known: Vec<Column>,
    /// The kinds that this segment names itself, by number.
    names: Names,
}

impl Table {
    fn parse(file: &[u8], header: &Header) -> Result<Self, Fault> {
        let placed = placed(file, header)?;
        let names = Names::read(file, &placed)?;
        let mut known: Vec<Column> = Vec::new();
        for record in placed {
            let Record { id: section, offset, length, .. } = record;
            let Some(size) = element_size(&record, &names)? else { continue };
            if record.elements.checked_mul(u64::from(record.element_size)) != Some(length) {
                let Record { elements, element_size: size, .. } = record;
                return Err(Fault::Size { section, length, elements, size });
            }
            let heap = matches!(
                SectionKind::from_number(section.kind),
                Some(SectionKind::KeyText | SectionKind::KeyOffsets)
            );
            if record.elements > u64::from(u32::MAX) && !heap {
                let limit = u64::from(u32::MAX);
                return Err(Fault::TooMany { section, found: record.elements, limit });
            }
            // Both are at most the length of the file, which is in memory.
            known.push(Column { id: section, start: offset as usize, end: (offset + length) as usize, size });
        }
        known.sort_by_key(|column| column.id);
        if let Some(pair) = known.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(Fault::Twice { section: pair[0].id });
        }
        Ok(Self { known, names })
    }

    fn find(&self, id: SectionId) -> Option<Column> {
        self.known.binary_search_by_key(&id, |column| column.id).ok().map(|at| self.known[at])
    }

    fn required(&self, section: SectionId) -> Result<Column, Fault> {
        self.find(section).ok_or(Fault::Absent { section })
    }

    fn expect(&self, column: &Column, expected: u64) -> Result<(), Fault> {
        let found = column.len() as u64;
        if found == expected { Ok(()) } else { Err(Fault::Count { section: column.id, found, expected }) }
    }

    fn keys(&self, entries: u64) -> Result<KeyPlaces, Fault> {
        if let Some(offsets) = self.find(SectionId::of(SectionKind::KeyOffsets)) {
            return self.expect(&offsets, entries + 1).map(|()| KeyPlaces::Offsets(offsets));
        }
        let lengths = self.required(SectionId::of(SectionKind::KeyLengths))?;
        self.expect(&lengths, entries)?;
        let starts = self.required(SectionId::of(SectionKind::KeyStarts))?;
        self.expect(&starts, entries.div_ceil(KEYS_A_START as u64))?;
        Ok(KeyPlaces::Lengths { lengths, starts })
    }

    /// All sections of `kind` for `signal`, by bit offset.
    fn of_signal(&self, kind: SectionKind, signal: u32) -> impl Iterator<Item = Column> {
        let wanted = SectionId::signal(kind, signal);
        self.known
            .iter()
            .filter(move |column| (column.id.kind, column.id.signal) == (wanted.kind, wanted.signal))
            .copied()
    }

    fn digest(&self, kind: SignalKind, number: u32) -> Result<Option<DigestLayout>, Fault> {
        let values = self.find(SectionId::signal(SectionKind::DigestValues, number));
        let entries = self.find(SectionId::signal(SectionKind::DigestEntries, number));
        let mut directories = [SectionKind::DigestDirectory, SectionKind::DigestBlocks]
            .into_iter()
            .flat_map(|kind| self.of_signal(kind, number));
        let directory = directories.next();
        if values.is_none() && entries.is_none() && directory.is_none() {
            return Ok(None);
        }
        let absent = |wanted| Fault::Absent { section: SectionId::signal(wanted, number) };
        let values = values.ok_or(absent(SectionKind::DigestValues))?;
        let entries = entries.ok_or(absent(SectionKind::DigestEntries))?;
        let directory = directory.ok_or(absent(SectionKind::DigestBlocks))?;
        if let Some(second) = directories.next() {
            return Err(Fault::Twice { section: second.id });
        }
        self.expect(&entries, values.len() as u64)?;
        self.expect(&directory, directory_len(directory.id, values.len()) as u64)?;
        Ok(Some(DigestLayout { kind, values, entries, directory }))
    }

    /// Every kind of perceptual hash that is there and that this build knows.
    fn perceptual(&self, entry_count: u64) -> Result<Vec<CodesLayout>, Fault> {
        let mut found = Vec::new();
        if let Some(number) = fixed_number(SignalKind::Pdq) {
            found.extend(self.codes(SignalKind::Pdq, number, entry_count)?);
        }
        for (&number, &kind) in &self.names.0 {
            let Some(kind) = kind else { continue };
            let absent = Fault::Absent { section: SectionId::signal(SectionKind::Codes, number) };
            found.push(self.codes(kind, number, entry_count)?.ok_or(absent)?);
        }
        found.sort_by_key(|codes| codes.kind);
        Ok(found)
    }

    /// The postings that `directory` leads into, of `count` codes: with sketches, or those of version 1.
    fn postings(&self, directory: &Column, count: u64) -> Result<Column, Fault> {
        if let Some(plain) = self.find(directory.id.with_kind(SectionKind::BandPostings)) {
            return self.expect(&plain, count).map(|()| plain);
        }
        let sketched = self.required(directory.id.with_kind(SectionKind::SketchedPostings))?;
        self.expect(&sketched, count.next_multiple_of(BLOCK as u64)).map(|()| sketched)
    }

    fn codes(&self, kind: SignalKind, number: u32, entry_count: u64) -> Result<Option<CodesLayout>, Fault> {
        let section = |kind| SectionId::signal(kind, number);
        let entries = self.find(section(SectionKind::CodeEntries));
        let qualities = self.find(section(SectionKind::CodeQualities));
        let directories: Vec<_> = self.of_signal(SectionKind::BandDirectory, number).collect();
        let postings: Vec<_> = [SectionKind::BandPostings, SectionKind::SketchedPostings]
            .into_iter()
            .flat_map(|kind| self.of_signal(kind, number))
            .collect();
        let Some(codes) = self.find(section(SectionKind::Codes)) else {
            if entries.is_some() || qualities.is_some() || !directories.is_empty() || !postings.is_empty() {
                return Err(Fault::Absent { section: section(SectionKind::Codes) });
            }
            return Ok(None);
        };
        let count = codes.len() as u64;
        if entries.is_none() && count != entry_count {
            return Err(Fault::Absent { section: section(SectionKind::CodeEntries) });
        }
        for column in entries.iter().chain(&qualities) {
            self.expect(column, count)?;
        }
        let mut bands: Vec<BandLayout> = Vec::with_capacity(directories.len());
        for directory in directories {
            let band = Band { offset: directory.id.bit_offset, width: directory.id.bit_width };
            // Bands that shared a bit would break the pigeonhole bound, and with it the promise to find everything.
            if bands.last().is_some_and(|last| last.band.offset + last.band.width > band.offset) {
                return Err(Fault::Descriptor {
                    section: directory.id,
                    field: "bit offset",
                    found: band.offset,
                });
            }
            self.expect(&directory, (1 << band.width) + 1)?;
            let postings = self.postings(&directory, count)?;
            bands.push(BandLayout { band, directory, postings });
        }
        if postings.len() != bands.len() {
            let directory = |column: &Column| column.id.with_kind(SectionKind::BandDirectory);
            let lonely = postings.iter().map(directory).find(|id| self.find(*id).is_none());
            let twice = Fault::Twice { section: codes.id.with_kind(SectionKind::SketchedPostings) };
            return Err(lonely.map_or(twice, |section| Fault::Absent { section }));
        }
        Ok(Some(CodesLayout { kind, codes, entries, qualities, bands }))
    }
}

/// Every record of the section table, its place in the file checked: ascending, aligned, inside.
fn placed(file: &[u8], header: &Header) -> Result<Vec<Record>, Fault> {
    let file_length = file.len() as u64;
    let mut previous_end = HEADER_LEN as u64 + u64::from(header.section_count) * RECORD_LEN as u64;
    let mut placed = Vec::with_capacity(header.section_count as usize);
    for record in records(file, header) {
        let Record { id: section, offset, length, .. } = record;
        if offset % super::format::ALIGNMENT != 0 {
            return Err(Fault::Alignment { section, offset });
        }
        if offset < previous_end {
            return Err(Fault::Overlap { section, offset, previous_end });
        }
        previous_end = offset
            .checked_add(length)
            .filter(|end| *end <= file_length)
            .ok_or(Fault::Outside { section, offset, length, file: file_length })?;
        placed.push(record);
    }
    if previous_end != file_length {
        return Err(Fault::Trailing { end: previous_end, file: file_length });
    }
    Ok(placed)
}

/// The kinds of hash that a segment names itself, by number; `None` for a name that this build does not know.
struct Names(BTreeMap<u32, Option<SignalKind>>);

impl Names {
    /// Reads them all: a few dozen bytes each, which an opening can afford.
    fn read(file: &[u8], placed: &[Record]) -> Result<Self, Fault> {
        let mut names = BTreeMap::new();
        for record in placed.iter().filter(|record| record.id.kind == SectionKind::SignalName as u32) {
            let Record { id: section, code_width, offset, length, .. } = *record;
            let descriptor = |field, found| Err(Fault::Descriptor { section, field, found });
            if section.signal < NAMED_FROM {
                return descriptor("signal", section.signal);
            }
            if !(1..=MAX_CODE_WIDTH).contains(&code_width) {
                return descriptor("code width", code_width);
            }
            if length == 0 {
                return Err(Fault::Count { section, found: 0, expected: 1 });
            }
            if length > MAX_SIGNAL_NAME {
                return Err(Fault::TooMany { section, found: length, limit: MAX_SIGNAL_NAME });
            }
            let bytes = file.get(offset as usize..(offset + length) as usize).unwrap_or_default();
            let name =
                std::str::from_utf8(bytes).ok().filter(|name| name.bytes().all(|b| b.is_ascii_graphic()));
            let name = name.ok_or(Fault::Text { section, at: 0 })?;
            let kind = name.parse::<Classic>().ok();
            if kind.is_some_and(|kind| kind.width_bits() != code_width) {
                return descriptor("code width", code_width);
            }
            let kind = kind.map(SignalKind::Classic);
            // Of two numbers for one kind, a search would look at one.
            let again = kind.is_some() && names.values().any(|other| *other == kind);
            if again || names.insert(section.signal, kind).is_some() {
                return Err(Fault::Twice { section });
            }
        }
        Ok(Self(names))
    }

    /// The kind with `number`, and the width of its hashes; `None` for one that this build does not search.
    fn kind(&self, number: u32) -> Result<Option<SignalKind>, Fault> {
        if number < NAMED_FROM {
            return Ok(fixed_kind(number));
        }
        let section = SectionId::signal(SectionKind::SignalName, number);
        self.0.get(&number).copied().ok_or(Fault::Absent { section })
    }
}

/// The element size of a section that this version knows, its descriptor checked; `None` for one to be passed over.
fn element_size(record: &Record, names: &Names) -> Result<Option<usize>, Fault> {
    use SectionKind as K;
    let section = record.id;
    let Some(kind) = SectionKind::from_number(section.kind) else { return Ok(None) };
    let descriptor = |field, found| Err(Fault::Descriptor { section, field, found });
    let of_digest = matches!(kind, K::DigestValues | K::DigestEntries | K::DigestDirectory | K::DigestBlocks);
    let banded = matches!(kind, K::BandDirectory | K::BandPostings | K::SketchedPostings);
    let of_code = banded || matches!(kind, K::Codes | K::CodeEntries | K::CodeQualities);
    let width = if kind == K::SignalName {
        record.code_width // the names have been read, and this with them
    } else if !of_digest && !of_code {
        if section.signal != 0 {
            return descriptor("signal", section.signal);
        }
        0
    } else {
        match names.kind(section.signal)? {
            None if section.signal != 0 => return Ok(None), // a kind of hash that a newer build searches
            Some(SignalKind::Classic(kind)) if of_code => kind.width_bits(),
            Some(signal) if signal.is_digest() == of_digest => signal.len_bytes() as u32 * 8,
            _ => return descriptor("signal", section.signal),
        }
    };
    if record.code_width != width || width > MAX_CODE_WIDTH {
        return descriptor("code width", record.code_width);
    }
    let widest = if banded || kind == K::DigestDirectory { MAX_BAND_WIDTH } else { 0 };
    if section.bit_width > widest || (banded && section.bit_width == 0) {
        return descriptor("bit width", section.bit_width);
    }
    let last = if banded { width.saturating_sub(section.bit_width) } else { 0 };
    if section.bit_offset > last {
        return descriptor("bit offset", section.bit_offset);
    }
    let (fits, expected) = match kind {
        K::KeyOffsets | K::KeyStarts => (matches!(record.element_size, 4 | 8), "4 or 8"),
        K::SketchedPostings => (matches!(record.element_size, 4 | 5), "4 or 5"),
        K::DigestBlocks => (record.element_size as usize == BLOCK_BYTES, "64"),
        K::Arrivals => (record.element_size == 2, "2"),
        K::LabelNumbers => (matches!(record.element_size, 1 | 2 | 4), "1, 2 or 4"),
        K::KeyText | K::KeyLengths | K::LabelText | K::Opinions | K::CodeQualities | K::SignalName => {
            (record.element_size == 1, "1")
        }
        K::DigestValues | K::Codes => (record.element_size == width.div_ceil(8), "those of its code width"),
        K::LabelOffsets
        | K::Updates
        | K::DigestEntries
        | K::DigestDirectory
        | K::CodeEntries
        | K::BandDirectory
        | K::BandPostings => (record.element_size == 4, "4"),
    };
    if !fits {
        return Err(Fault::ElementSize { section, found: record.element_size, expected });
    }
    Ok(Some(record.element_size as usize))
}
