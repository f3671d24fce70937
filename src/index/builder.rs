//! Gathers entries in columns and writes them as one segment.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs;
use std::io::{Seek, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::bands::Bands;
use super::directory::{BLOCK_BYTES, blocks, directory_len, head};
use super::error::{BuildError, IndexError};
use super::format::{
    Band, ContentId, KEYS_A_START, NAMED_FROM, NO_QUALITY, Record, SectionId, SectionKind, fixed_number,
};
use super::key;
use super::order;
use super::postings::{Codes, band_parts};
use super::sink::{Fill, Part, Put, write_segment};
use super::times::Mostly;
use crate::digest::{Classic, Quality, SignalKind};
use crate::hashset::{Entry, Labels, Opinion};
use crate::home::{HomeError, create_private, sync_dir};
use crate::kernel::Code256;
use crate::vocabulary::Category;

/// Gathers the entries of one segment.
///
/// Memory: each hash once, its entry's number (4 bytes), the key with its length, 5 bytes of labels and opinion; 6 bytes
/// of times where they differ.
///
/// # Examples
/// ```
/// # use innerward::{hashset::*, index::{Index, IndexWriter, SegmentBuilder}, home::Home};
/// # let folder = tempfile::tempdir()?;
/// # let home = Home::create(&folder.path().join("ward"), false)?;
/// let query: innerward::digest::Signal = "md5:5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e".parse()?;
/// let mut builder = SegmentBuilder::new();
/// builder.push(&Entry {
///     key: EntryKey::new("7-demo-1")?,
///     hashes: query.into(),
///     labels: Labels::default(),
///     opinion: Opinion::Positive,
///     updated: None,
/// })?;
/// let lock = home.lock()?;
/// let segment = builder.write(&home.index_dir())?;
/// IndexWriter::open(&home.index_dir(), &lock)?.replace_set("DEMO", 1, vec![segment], vec![])?;
///
/// let index = Index::open(&home.index_dir())?;
/// let hits = index.exact(&query)?;
/// assert_eq!(index.entry(&hits[0])?.key().as_str(), "7-demo-1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct SegmentBuilder {
    key_lengths: Vec<u8>,
    key_text: Vec<u8>,
    label_ends: Vec<u32>,
    label_text: Vec<u8>,
    label_set_of: HashMap<Labels, u32>,
    label_numbers: Vec<u32>,
    opinions: Vec<u8>,
    updates: Mostly<u32>,
    arrivals: Mostly<u16>,
    md5: DigestColumn<16>,
    sha1: DigestColumn<20>,
    sha256: DigestColumn<32>,
    blake3: DigestColumn<32>,
    codes: Vec<Code256>,
    code_entries: Vec<u32>,
    qualities: Vec<u8>,
    classics: BTreeMap<Classic, ClassicColumn>,
    bands: Option<Bands>,
}

/// The hashes of one classic kind, one behind the other, and their entries.
#[derive(Default)]
struct ClassicColumn {
    codes: Vec<u8>,
    entries: Vec<u32>,
}

type DigestColumn<const N: usize> = Vec<order::Element<N>>;

/// The columns hold hashes and keys: only their number is printed.
impl fmt::Debug for SegmentBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SegmentBuilder({} entries)", self.len())
    }
}

/// A segment on disk, to be named by the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SegmentFile {
    pub(super) content_id: ContentId,
    pub(super) entries: u32,
    pub(super) len_bytes: u64,
}

impl SegmentFile {
    /// What names its content, and its file.
    #[must_use]
    pub const fn content_id(&self) -> ContentId {
        self.content_id
    }

    /// How many entries it has.
    #[must_use]
    pub const fn entries(&self) -> u32 {
        self.entries
    }

    /// Its length.
    #[must_use]
    pub const fn len_bytes(&self) -> u64 {
        self.len_bytes
    }
}

impl SegmentBuilder {
    /// Most entries in a segment.
    pub const MAX_LEN: u32 = u32::MAX - 1;

    /// A builder without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bands to be built, however few the codes are, with postings of 4 or 5 bytes; they must be disjoint and ascending.
    /// For tests and measurements.
    #[doc(hidden)]
    #[must_use]
    pub fn with_bands(mut self, bands: Vec<Band>, posting_size: u32) -> Self {
        self.bands = Some(Bands { bands, posting_size });
        self
    }

    /// How many entries were taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.opinions.len()
    }

    /// True before the first entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.opinions.is_empty()
    }

    /// Takes an entry and returns its number in the segment: 0, 1, 2 … Equal keys and equal hashes are all kept.
    ///
    /// # Errors
    /// [`BuildError`] for an entry without a hash, or beyond [`SegmentBuilder::MAX_LEN`].
    pub fn push(&mut self, entry: &Entry) -> Result<u32, BuildError> {
        self.push_on(entry, 0)
    }

    /// As [`SegmentBuilder::push`], of an entry that came into its set on a [day](super::times::day_number), 0 if
    /// it is not known.
    pub(super) fn push_on(&mut self, entry: &Entry, day: u16) -> Result<u32, BuildError> {
        if entry.hashes.is_empty() {
            return Err(BuildError::NoHash);
        }
        let number = match u32::try_from(self.len()) {
            Ok(number) if number < Self::MAX_LEN => number,
            _ => return Err(BuildError::Full { max: Self::MAX_LEN }),
        };
        let set = match self.label_set_of.get(&entry.labels) {
            Some(&set) => set,
            None => {
                let text = label_text(&entry.labels);
                let end =
                    u32::try_from(self.label_text.len() + text.len()).map_err(|_| BuildError::Labels)?;
                let set = self.label_ends.len() as u32; // never more sets than entries
                self.label_ends.push(end);
                self.label_text.extend_from_slice(text.as_bytes());
                self.label_set_of.insert(entry.labels.clone(), set);
                set
            }
        };
        self.key_lengths.push(key::store(entry, &mut self.key_text));
        self.label_numbers.push(set);
        self.opinions.push(entry.opinion as u8);
        self.updates.push(entry.updated.unwrap_or(0));
        self.arrivals.push(day);
        let hashes = &entry.hashes;
        self.md5.extend(hashes.md5.map(|digest| (*digest.as_bytes(), number)));
        self.sha1.extend(hashes.sha1.map(|digest| (*digest.as_bytes(), number)));
        self.sha256.extend(hashes.sha256.map(|digest| (*digest.as_bytes(), number)));
        self.blake3.extend(hashes.blake3.map(|digest| (*digest.as_bytes(), number)));
        if let Some(pdq) = &hashes.pdq {
            self.codes.push(*pdq.hash.code());
            self.code_entries.push(number);
            self.qualities.push(pdq.quality.map_or(NO_QUALITY, Quality::percent));
        }
        for code in hashes.classics() {
            let column = self.classics.entry(code.kind()).or_default();
            column.codes.extend_from_slice(code.as_bytes());
            column.entries.push(number);
        }
        Ok(number)
    }

    /// Hashes alone, of entries that nobody asks for: their keys all are `0`.
    pub(super) fn of_codes(codes: Vec<Code256>) -> Self {
        let entries = codes.len();
        Self {
            key_lengths: vec![1; entries],
            key_text: vec![b'0'; entries],
            label_ends: vec![0; entries.min(1)], // no labels are the labels of all
            label_numbers: vec![0; entries],
            opinions: vec![Opinion::Investigate as u8; entries],
            qualities: vec![NO_QUALITY; entries],
            code_entries: (0..entries as u32).collect(),
            codes,
            ..Self::new()
        }
    }

    /// Writes the segment into `dir`, under a name drawn from its content: temporary name, sync, rename, mode 0600.
    ///
    /// The same entries in the same order make the same bytes, on any machine, with any number of threads. Sorting runs
    /// on rayon's pool. No set has the segment before [`IndexWriter::replace_set`](super::IndexWriter::replace_set)
    /// names it, and the next commit removes segments that no set names: write them while holding the write lock.
    ///
    /// # Errors
    /// [`IndexError::Home`] if the file cannot be written; nothing is left behind.
    pub fn write(self, dir: &Path) -> Result<SegmentFile, IndexError> {
        let temporary = dir.join(temporary_name());
        let written = self.write_as(dir, &temporary);
        if written.is_err() {
            let _ = fs::remove_file(&temporary); // the first error is the one to tell
        }
        written
    }

    fn write_as(mut self, dir: &Path, temporary: &Path) -> Result<SegmentFile, IndexError> {
        let mut file = create_private(temporary, true)?;
        let (content_id, len_bytes) = self.write_to(&mut file).map_err(HomeError::io(temporary))?;
        file.sync_all().map_err(HomeError::io(temporary))?;
        let path = dir.join(content_id.file_name());
        fs::rename(temporary, &path).map_err(HomeError::io(&path))?;
        sync_dir(dir)?;
        Ok(SegmentFile { content_id, entries: self.opinions.len() as u32, len_bytes })
    }

    /// Writes the bytes of the segment.
    pub(super) fn write_to(
        &mut self,
        out: &mut (impl Write + Seek + Send),
    ) -> std::io::Result<(ContentId, u64)> {
        order::sort(&mut self.md5);
        order::sort(&mut self.sha1);
        order::sort(&mut self.sha256);
        order::sort(&mut self.blake3);
        let mut sections = self.entry_sections();
        digest_sections(SignalKind::Md5, &self.md5, &mut sections);
        digest_sections(SignalKind::Sha1, &self.sha1, &mut sections);
        digest_sections(SignalKind::Sha256, &self.sha256, &mut sections);
        digest_sections(SignalKind::Blake3, &self.blake3, &mut sections);
        if !self.codes.is_empty() {
            self.code_sections(&mut sections);
        }
        for (number, (kind, column)) in (NAMED_FROM..).zip(&self.classics) {
            self.classic_sections(number, *kind, column, &mut sections);
        }
        write_segment(out, self.opinions.len() as u32, &sections)
    }

    fn entry_sections(&self) -> Vec<Part<'_>> {
        use SectionKind as K;
        let entries = self.len();
        let offset_size = if self.key_text.len() > u32::MAX as usize { 8 } else { 4 };
        let starts = || {
            let every = self.key_lengths.chunks(KEYS_A_START);
            every.scan(0_u64, |end, keys| {
                let start = *end;
                *end += keys.iter().map(|length| key::stored(*length) as u64).sum::<u64>();
                Some(start)
            })
        };
        let put_starts: Put<'_> = Box::new(move |sink| {
            starts().try_for_each(|start| sink.put(&start.to_le_bytes()[..offset_size as usize]))
        });
        let label_offsets: Put<'_> =
            Box::new(|sink| sink.put_u32s(std::iter::once(0).chain(self.label_ends.iter().copied())));
        let mut parts = vec![
            section(K::KeyLengths, entries, 1, Box::new(|sink| sink.put(&self.key_lengths))),
            section(K::KeyStarts, entries.div_ceil(KEYS_A_START), offset_size, put_starts),
            section(K::KeyText, self.key_text.len(), 1, Box::new(|sink| sink.put(&self.key_text))),
            section(K::LabelOffsets, self.label_ends.len() + 1, 4, label_offsets),
            section(K::LabelText, self.label_text.len(), 1, Box::new(|sink| sink.put(&self.label_text))),
        ];
        if self.label_ends.len() > 1 {
            let size = match self.label_ends.len() {
                ..=0x100 => 1,
                0x101..=0x1_0000 => 2,
                _ => 4,
            };
            let put: Put<'_> = Box::new(move |sink| {
                self.label_numbers.iter().try_for_each(|set| sink.put(&set.to_le_bytes()[..size as usize]))
            });
            parts.push(section(K::LabelNumbers, entries, size, put));
        }
        if self.opinions.iter().any(|&opinion| opinion != Opinion::Investigate as u8) {
            parts.push(section(K::Opinions, entries, 1, Box::new(|sink| sink.put(&self.opinions))));
        }
        let (updates, arrivals) = (self.updates.elements(), self.arrivals.elements());
        if !updates.is_empty() {
            let put: Put<'_> = Box::new(|sink| sink.put_u32s(updates.iter().copied()));
            parts.push(section(K::Updates, updates.len(), 4, put));
        }
        if !arrivals.is_empty() {
            let put: Put<'_> =
                Box::new(|sink| arrivals.iter().try_for_each(|day| sink.put(&day.to_le_bytes())));
            parts.push(section(K::Arrivals, arrivals.len(), 2, put));
        }
        parts
    }

    fn code_sections<'a>(&'a self, sections: &mut Vec<Part<'a>>) {
        use SectionKind as K;
        let kind = number_of(SignalKind::Pdq);
        let mut add = |id, elements, size, fill| {
            sections.push(part(record(id, Code256::BITS, elements, size), fill));
        };
        let count = self.codes.len();
        add(
            SectionId::signal(K::Codes, kind),
            count,
            Code256::BITS / 8,
            Box::new(|sink| sink.put(bytemuck::cast_slice(&self.codes))),
        );
        // An entry has one code at most, so with as many codes as entries each has its own.
        if count != self.len() {
            let fill: Put<'_> = Box::new(|sink| sink.put_u32s(self.code_entries.iter().copied()));
            add(SectionId::signal(K::CodeEntries, kind), count, 4, fill);
        }
        if self.qualities.iter().any(|&quality| quality != NO_QUALITY) {
            let fill: Put<'_> = Box::new(|sink| sink.put(&self.qualities));
            add(SectionId::signal(K::CodeQualities, kind), count, 1, fill);
        }
        let codes = Codes { bytes: bytemuck::cast_slice(&self.codes), width: Code256::BITS };
        self.bands_of(kind, codes, count, sections);
    }

    fn bands_of<'a>(&self, number: u32, codes: Codes<'a>, count: usize, sections: &mut Vec<Part<'a>>) {
        let chosen = self.bands.clone().filter(|_| codes.width == Code256::BITS);
        let bands = chosen.unwrap_or_else(|| Bands::for_codes(count, codes.width));
        sections.extend(band_parts(number, codes, &bands));
    }

    /// The name of a classic kind, and its hashes.
    fn classic_sections<'a>(
        &'a self,
        number: u32,
        kind: Classic,
        column: &'a ClassicColumn,
        sections: &mut Vec<Part<'a>>,
    ) {
        use SectionKind as K;
        let (width, count, name) = (kind.width_bits(), column.entries.len(), kind.as_str());
        let mut add = |section, elements, size, fill| {
            sections.push(part(record(SectionId::signal(section, number), width, elements, size), fill));
        };
        add(K::SignalName, name.len(), 1, Box::new(|sink| sink.put(name.as_bytes())));
        add(K::Codes, count, width.div_ceil(8), Box::new(|sink| sink.put(&column.codes)));
        // An entry has one hash of a kind at most, as with PDQ.
        if count != self.len() {
            let fill: Put<'_> = Box::new(|sink| sink.put_u32s(column.entries.iter().copied()));
            add(K::CodeEntries, count, 4, fill);
        }
        self.bands_of(number, Codes { bytes: &column.codes, width }, count, sections);
    }
}

fn digest_sections<'a, const N: usize>(
    kind: SignalKind,
    column: &'a DigestColumn<N>,
    sections: &mut Vec<Part<'a>>,
) {
    use SectionKind as K;
    if column.is_empty() {
        return;
    }
    let (width, kind, len) = (N as u32 * 8, number_of(kind), column.len());
    let mut add = |section, elements, size, fill| {
        let id = SectionId::signal(section, kind);
        sections.push(part(record(id, width, elements, size), fill));
    };
    add(
        K::DigestValues,
        len,
        N as u32,
        Box::new(|sink| column.iter().try_for_each(|(digest, _)| sink.put(digest))),
    );
    add(K::DigestEntries, len, 4, Box::new(|sink| sink.put_u32s(column.iter().map(|&(_, entry)| entry))));
    let elements = directory_len(SectionId::signal(K::DigestBlocks, kind), len);
    let put: Put<'_> =
        Box::new(move |sink| sink.put(&blocks(len, column.iter().map(|(digest, _)| head(digest)))));
    add(K::DigestBlocks, elements, BLOCK_BYTES as u32, put);
}

/// Where each of `2^width` buckets begins, and where the last one ends, for elements that belong to `buckets`.
pub(super) fn directory(width: u32, buckets: impl Iterator<Item = usize>) -> Vec<u32> {
    let mut starts = vec![0; (1 << width) + 1];
    for bucket in buckets {
        starts[bucket + 1] += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    starts
}

/// The number of a kind that no file has to name.
fn number_of(kind: SignalKind) -> u32 {
    fixed_number(kind).expect("digests and PDQ have a number in every file")
}

pub(super) fn record(id: SectionId, code_width: u32, elements: usize, element_size: u32) -> Record {
    Record { id, code_width, element_size, elements: elements as u64, ..Record::default() }
}

fn part(record: Record, put: Put<'_>) -> Part<'_> {
    Part { records: vec![record], fill: Fill::Put(put) }
}

fn section(kind: SectionKind, elements: usize, element_size: u32, put: Put<'_>) -> Part<'_> {
    part(record(SectionId::of(kind), 0, elements, element_size), put)
}

/// `dimension:CODE` and then `category:SCHEME:CODE`, separated by spaces.
pub(super) fn label_text(labels: &Labels) -> String {
    let codes = labels.as_slice().iter().map(|code| format!("{}:{code}", code.dimension()));
    let categories = labels.categories().iter().map(|category| format!("{}:{category}", Category::PREFIX));
    codes.chain(categories).collect::<Vec<_>>().join(" ")
}

/// What the names of unfinished segments begin and end with; the process is told between them.
const TEMPORARY: (&str, &str) = (".segment.", ".tmp");

fn temporary_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let (begin, end) = TEMPORARY;
    format!("{begin}{}.{}{end}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// True for an unfinished segment of a process that is not this one: under the write lock, one that was killed.
pub(super) fn is_stale_temporary(name: &str) -> bool {
    let (begin, end) = TEMPORARY;
    name.strip_prefix(begin)
        .and_then(|rest| rest.strip_suffix(end)?.split('.').next())
        .is_some_and(|process| process != std::process::id().to_string())
}
