//! Reads every byte of an index and says what is wrong with it.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;

use roaring::RoaringBitmap;

use super::bands::Sketch;
use super::codes::CodeTable;
use super::digests::DigestTable;
use super::directory::check_starts;
use super::error::{Fault, IndexError};
use super::format::{
    HEADER_LEN, KEYS_A_START, RECORD_LEN, SectionId, SectionKind, checksum, is_segment_name,
};
use super::key::{OF_PDQ, stored};
use super::layout::{BandLayout, Column, DigestLayout, KeyPlaces, Numbers, records};
use super::manifest::{FILE_NAME, Manifest};
use super::segment::Segment;
use super::snapshot::Index;
use crate::digest::SignalKind;
use crate::hashset::EntryKey;
use crate::home::HomeError;
use crate::kernel::sift::Postings;

/// What [`Index::verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyReport {
    /// The manifest, then each segment that it names.
    pub files: Vec<FileReport>,
    /// Files that no set needs: left by a writer that was killed, or not yet named. The next commit removes them.
    pub unused: Vec<String>,
}

/// What was found in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileReport {
    /// Its name inside the index folder.
    pub name: String,
    /// Its length; 0 if it is missing.
    pub bytes: u64,
    /// What is wrong with it; empty if it is sound. Of each section, the first fault of each sort.
    pub faults: Vec<Fault>,
}

impl VerifyReport {
    /// True if nothing is wrong. Unused files are no fault.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.files.iter().all(|file| file.faults.is_empty())
    }
}

/// How often a verification begins again because a writer replaced the manifest meanwhile.
const ATTEMPTS: usize = 16;
/// Longer segments are not read whole before they are searched.
const MOST_CHECKED: usize = 64 << 20;

impl Index {
    /// Reads every byte of the index in `dir`: checksums, padding, and whether what each section says can be true.
    ///
    /// Any flipped bit is found. Time grows with the bytes; memory does not. Errors of one file do not stop it.
    ///
    /// # Errors
    /// [`IndexError::Home`] if a file or the folder cannot be read.
    pub fn verify(dir: &Path) -> Result<VerifyReport, IndexError> {
        for _ in 1..ATTEMPTS {
            let stamp = Manifest::stamp(dir)?;
            let report = Self::verify_once(dir)?;
            // A writer may have named other segments, and removed these, after the manifest was read.
            if report.is_sound() || Manifest::stamp(dir)? == stamp {
                return Ok(report);
            }
        }
        Self::verify_once(dir)
    }

    fn verify_once(dir: &Path) -> Result<VerifyReport, IndexError> {
        let mut names = Vec::new();
        for file in fs::read_dir(dir).map_err(HomeError::io(dir))? {
            let file = file.map_err(HomeError::io(dir))?;
            names.push(file.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        let segments = names.iter().filter(|name| is_segment_name(name)).count();
        let mut report = VerifyReport { files: Vec::new(), unused: Vec::new() };
        let bytes = fs::metadata(dir.join(FILE_NAME)).map_or(0, |file| file.len());
        let mut add = |name: &str, bytes, faults| {
            report.files.push(FileReport { name: name.into(), bytes, faults });
        };
        let manifest = match Manifest::read(dir) {
            Ok(Some(manifest)) => {
                add(FILE_NAME, bytes, Vec::new());
                Some(manifest)
            }
            Ok(None) if segments == 0 => Some(Manifest::default()),
            Ok(None) => {
                add(FILE_NAME, 0, vec![Fault::NoManifest { segments }]);
                None
            }
            Err(IndexError::File { fault, .. }) => {
                add(FILE_NAME, bytes, vec![fault]);
                None
            }
            Err(other) => return Err(other),
        };
        // Without a manifest nobody knows which segments are needed, so all that are there are read.
        let needed: Vec<String> = match &manifest {
            Some(manifest) => manifest.files().into_iter().collect(),
            None => names.iter().filter(|name| is_segment_name(name)).cloned().collect(),
        };
        let named: Vec<_> = manifest.iter().flat_map(|m| &m.sets).flat_map(|set| &set.segments).collect();
        for name in &needed {
            let bytes = fs::metadata(dir.join(name)).map_or(0, |file| file.len());
            let faults = match Segment::open(dir, name) {
                Ok(segment) => {
                    let mut faults = check_segment(&segment);
                    let own_name = segment.content_id().file_name() == *name;
                    let mut records = named.iter().filter(|record| record.content_id.file_name() == *name);
                    let as_named = records.all(|record| {
                        (record.content_id, record.entries) == (segment.content_id(), segment.len())
                    });
                    if !own_name || !as_named {
                        faults.push(Fault::Exchanged);
                    }
                    faults
                }
                Err(IndexError::Missing { .. }) => vec![Fault::MissingFile],
                Err(IndexError::File { fault, .. }) => vec![fault],
                Err(other) => return Err(other),
            };
            add(name, bytes, faults);
        }
        // Of what a commit removes alone: others keep files of their own here, such as `standing.json`.
        let is_left = |name: &String| {
            let unfinished = name.ends_with(".tmp")
                && (name.starts_with(".segment.") || name.starts_with(".manifest.iwm."));
            unfinished || (is_segment_name(name) && !needed.contains(name))
        };
        report.unused = names.into_iter().filter(is_left).collect();
        Ok(report)
    }

    /// Reads every byte of the segments that were not in the snapshot `before`, but for those that are longer than
    /// 64 MiB: what comes with every update is sound before it is searched, and a long list is not waited for.
    ///
    /// # Errors
    /// [`IndexError::File`] with the first fault.
    pub fn check_since(&self, before: &Self) -> Result<(), IndexError> {
        let known: BTreeSet<_> =
            before.segments.iter().map(|live| live.segment.content_id().file_name()).collect();
        for live in &self.segments {
            let segment = &live.segment;
            if segment.bytes().len() <= MOST_CHECKED && !known.contains(&segment.content_id().file_name()) {
                check_segment(segment).into_iter().next().map_or(Ok(()), Err).map_err(segment.fault())?;
            }
        }
        Ok(())
    }
}

/// Everything that is wrong with a segment whose header and section table are in order.
pub(super) fn check_segment(segment: &Segment) -> Vec<Fault> {
    let (file, layout) = (segment.bytes(), segment.layout());
    let mut faults = Vec::new();
    let mut end = HEADER_LEN + layout.header.section_count as usize * RECORD_LEN;
    for record in records(file, &layout.header) {
        // The layout was made from the same records: they ascend and lie inside the file.
        let (offset, next_end) = (record.offset as usize, (record.offset + record.length) as usize);
        if let Some(at) = file[end..offset].iter().position(|byte| *byte != 0) {
            faults.push(Fault::Padding { at: (end + at) as u64 });
        }
        if checksum(&file[offset..next_end]) != record.checksum {
            faults.push(Fault::SectionChecksum { section: record.id });
        }
        end = next_end;
    }
    let mut check = |result: Result<(), Fault>| faults.extend(result.err());
    check(check_keys(segment));
    check(check_texts(segment, &layout.label_offsets, &layout.label_text, |_| true));
    let sets = layout.label_offsets.len() - 1;
    if let Some(numbers) = &layout.label_numbers {
        check(check_below(&numbers.numbers(file), sets));
    }
    check((0..segment.len()).try_for_each(|entry| segment.opinion(entry).map(|_| ())));
    check(segment.check_times());
    for digests in &layout.digests {
        let table = DigestTable::new(file, digests);
        check(table.directory().check(digests.values.len()));
        check(check_digests(&table, digests, segment.len()));
    }
    for codes in &layout.perceptual {
        let table = CodeTable::new(file, codes);
        check(check_codes(&table, segment.len()));
        for (at, band) in codes.bands.iter().enumerate() {
            let sound = check_starts(&band.directory.numbers(file), table.len());
            let buckets = sound.is_ok();
            check(sound);
            if buckets {
                let next = &codes.bands[(at + 1) % codes.bands.len()];
                check(check_band(file, &table, band, next));
            }
        }
    }
    // What is not there any more read as zeros, in which there is no end of faults.
    match segment.sound() {
        Ok(()) => faults,
        Err(gone) => vec![gone],
    }
}

/// The keys stand one behind the other, all of the text is theirs, and each is one.
fn check_keys(segment: &Segment) -> Result<(), Fault> {
    let (file, layout) = (segment.bytes(), segment.layout());
    let valid = |key: &str| EntryKey::new(key).is_ok();
    let KeyPlaces::Lengths { lengths, starts } = &layout.keys else {
        let KeyPlaces::Offsets(offsets) = &layout.keys else { return Ok(()) };
        return check_texts(segment, offsets, &layout.key_text, valid);
    };
    let starts = starts.numbers(file);
    let (mut end, mut others) = (0, None);
    for (at, length) in lengths.bytes(file).iter().enumerate() {
        if at.is_multiple_of(KEYS_A_START) && starts.at(at / KEYS_A_START) != end {
            return Err(Fault::Order { section: starts.id(), at: (at / KEYS_A_START) as u64 });
        }
        if !valid(&segment.key_at(at as u32, *length, end as usize)?)
            || *length == OF_PDQ
                && others.get_or_insert_with(|| entries_beside_pdq(segment)).contains(at as u32)
        {
            return Err(Fault::Text { section: layout.key_text.id, at: at as u64 });
        }
        end += stored(*length) as u64;
    }
    let found = layout.key_text.len() as u64;
    if end == found {
        Ok(())
    } else {
        Err(Fault::Count { section: layout.key_text.id, found, expected: end })
    }
}

/// The entries that have a hash other than PDQ: none of them has a key that is drawn from PDQ alone.
fn entries_beside_pdq(segment: &Segment) -> RoaringBitmap {
    let digests = segment.all_digests().map(|(_, table)| table.entries());
    let mut entries: RoaringBitmap =
        digests.flat_map(|entries| (0..entries.len()).map(move |at| entries.at(at) as u32)).collect();
    for kind in segment.kinds().filter(|kind| !kind.is_digest() && *kind != SignalKind::Pdq) {
        let codes = segment.codes(kind);
        entries.extend(codes.into_iter().flat_map(|codes| (0..codes.len()).map(move |at| codes.entry(at))));
    }
    entries
}

fn check_texts(
    segment: &Segment,
    offsets: &Column,
    heap: &Column,
    valid: impl Fn(&str) -> bool,
) -> Result<(), Fault> {
    check_starts(&offsets.numbers(segment.bytes()), heap.len())?;
    for at in 0..offsets.len() - 1 {
        if !valid(segment.text(offsets, heap, at)?) {
            return Err(Fault::Text { section: heap.id, at: at as u64 });
        }
    }
    Ok(())
}

fn check_below(numbers: &Numbers<'_>, limit: usize) -> Result<(), Fault> {
    (0..numbers.len()).try_for_each(|at| numbers.below(at, limit).map(|_| ()))
}

/// Digests ascend, equal ones by entry, and each is in its bucket.
fn check_digests(table: &DigestTable<'_>, layout: &DigestLayout, entries: u32) -> Result<(), Fault> {
    check_below(&table.entries(), entries as usize)?;
    let element = |at: usize| (table.value(at), table.entries().at(at));
    for at in 0..table.len() {
        if at > 0 && element(at - 1) >= element(at) {
            return Err(Fault::Order { section: layout.values.id, at: at as u64 });
        }
        check_bucket(&table.positions(table.value(at))?, at, layout.values.id)?;
    }
    Ok(())
}

/// Element `at` belongs to `bucket`: the directory says so too.
fn check_bucket(bucket: &Range<usize>, at: usize, section: SectionId) -> Result<(), Fault> {
    if bucket.contains(&at) { Ok(()) } else { Err(Fault::Bucket { section, at: at as u64 }) }
}

fn check_codes(table: &CodeTable<'_>, entries: u32) -> Result<(), Fault> {
    if let Some(numbers) = table.entries() {
        check_below(&numbers, entries as usize)?;
        if let Some(at) = (1..numbers.len()).find(|&at| numbers.at(at - 1) > numbers.at(at)) {
            return Err(Fault::Order { section: numbers.id(), at: at as u64 });
        }
    }
    (0..table.len()).try_for_each(|at| table.quality(at).map(|_| ()))
}

/// Each posting is in the bucket of its code, says of it what is so, and ascends in it; so, being as many as the codes,
/// they are all of them. What fills the last block is zero.
fn check_band(file: &[u8], table: &CodeTable<'_>, band: &BandLayout, next: &BandLayout) -> Result<(), Fault> {
    let directory = band.directory.numbers(file);
    let plain = band.postings.id.is(SectionKind::BandPostings).then(|| band.postings.numbers(file));
    let sketch = Sketch::new(table.len(), band.postings.size(), next.band);
    let sketched = Postings::new(band.postings.bytes(file), band.postings.size(), sketch.id_bits);
    let posting = |at: usize| match (&plain, &sketched) {
        (Some(plain), _) => (plain.at(at) as u32, None),
        (None, Some(sketched)) => {
            sketched.at(at).map_or((u32::MAX, None), |(code, sketch)| (code, Some(sketch)))
        }
        (None, None) => (u32::MAX, None),
    };
    let fault = |at: usize| Fault::Order { section: band.postings.id, at: at as u64 };
    let mut previous = None;
    for at in 0..table.len() {
        let (code, stated) = posting(at);
        if code as usize >= table.len() {
            let (found, limit) = (u64::from(code), table.len() as u64);
            return Err(Fault::Reference { section: band.postings.id, at: at as u64, found, limit });
        }
        let bytes = table.code(code as usize);
        let bucket = band.band.value(bytes) as usize;
        check_bucket(&directory.bucket(bucket, table.len())?, at, band.postings.id)?;
        if previous >= Some((bucket, code)) {
            return Err(fault(at));
        }
        if stated.is_some_and(|stated| stated != sketch.of(bytes)) {
            return Err(Fault::Sketch { section: band.postings.id, at: at as u64 });
        }
        previous = Some((bucket, code));
    }
    match (table.len()..band.postings.len()).find(|&at| posting(at) != (0, Some(0))) {
        Some(at) if plain.is_none() => Err(fault(at)),
        _ => Ok(()),
    }
}
