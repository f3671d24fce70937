//! The manifest: which sets there are, which segments they consist of, which entries are withdrawn.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use roaring::RoaringBitmap;

use super::error::{Fault, IndexError};
use super::format::{
    CHECKSUM_LEN, ContentId, FORMAT_VERSION, VERSION_AT, array_at, check_start, checksum, u32_at, u64_at,
};
use crate::home::{HomeError, write_atomic};

/// Its name inside the index folder.
pub(super) const FILE_NAME: &str = "manifest.iwm";

const MAGIC: [u8; 8] = *b"\x89IWM\r\n\x1a\n";
const SET_COUNT_AT: usize = VERSION_AT + 4;
const FILE_LENGTH_AT: usize = SET_COUNT_AT + 4;
const GENERATION_AT: usize = FILE_LENGTH_AT + 8;
const CHECKSUM_AT: usize = GENERATION_AT + 8;
const HEADER_LEN: usize = CHECKSUM_AT + CHECKSUM_LEN;

/// Most bytes in the name of a set.
pub(super) const MAX_NAME: usize = 200;

/// The manifest, as far as it is known to be sound: names, numbers and bitmaps have been checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Manifest {
    /// Grows by one with each commit; 0 where there is no manifest yet.
    pub(super) generation: u64,
    /// By name.
    pub(super) sets: Vec<SetRecord>,
}

/// Tells one manifest from another: its header, which holds the generation and a checksum of all the rest, as far as it is
/// there; and how long the file is, should somebody have cut it short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    header: Vec<u8>,
    len: u64,
}

/// One set.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SetRecord {
    pub(super) name: String,
    pub(super) revision: u64,
    pub(super) segments: Vec<SegmentRecord>,
}

/// One segment of a set.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SegmentRecord {
    pub(super) content_id: ContentId,
    pub(super) entries: u32,
    pub(super) withdrawn: RoaringBitmap,
}

/// True for a name that a set can have.
pub(super) fn is_set_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len()) && !name.chars().any(char::is_control)
}

impl Manifest {
    /// The manifest in `dir`; `None` if there is none.
    pub(super) fn read(dir: &Path) -> Result<Option<Self>, IndexError> {
        match fs::read(dir.join(FILE_NAME)) {
            Ok(bytes) => Self::decode(&bytes).map(Some).map_err(IndexError::file(FILE_NAME)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(HomeError::io(dir.join(FILE_NAME))(error).into()),
        }
    }

    /// What tells the manifest in `dir` from every other, unread. `None` if there is none.
    pub(super) fn stamp(dir: &Path) -> Result<Option<Stamp>, IndexError> {
        let path = dir.join(FILE_NAME);
        let read = || -> io::Result<Option<Stamp>> {
            let mut header = Vec::with_capacity(HEADER_LEN);
            let mut file = fs::File::open(&path)?;
            let len = file.metadata()?.len();
            file.by_ref().take(HEADER_LEN as u64).read_to_end(&mut header)?;
            Ok(Some(Stamp { header, len }))
        };
        match read() {
            Ok(stamp) => Ok(stamp),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(HomeError::io(&path)(error).into()),
        }
    }

    /// Replaces the manifest in `dir`: a reader sees the old one or this one.
    pub(super) fn write(&self, dir: &Path) -> Result<(), IndexError> {
        let path = dir.join(FILE_NAME);
        let bytes = self.encode().map_err(HomeError::io(&path))?;
        Ok(write_atomic(&path, &bytes, 0o600)?)
    }

    pub(super) fn encode(&self) -> io::Result<Vec<u8>> {
        let mut out = vec![0; HEADER_LEN];
        for set in &self.sets {
            put_u32(&mut out, set.name.len());
            out.extend_from_slice(set.name.as_bytes());
            out.extend_from_slice(&set.revision.to_le_bytes());
            put_u32(&mut out, set.segments.len());
            for segment in &set.segments {
                out.extend_from_slice(&segment.content_id.0);
                out.extend_from_slice(&segment.entries.to_le_bytes());
                if segment.withdrawn.is_empty() {
                    put_u32(&mut out, 0);
                } else {
                    put_u32(&mut out, segment.withdrawn.serialized_size());
                    segment.withdrawn.serialize_into(&mut out)?;
                }
            }
        }
        let length = out.len() as u64;
        let mut put = |at: usize, value: &[u8]| out[at..at + value.len()].copy_from_slice(value);
        put(0, &MAGIC);
        put(VERSION_AT, &FORMAT_VERSION.to_le_bytes());
        put(SET_COUNT_AT, &(self.sets.len() as u32).to_le_bytes());
        put(FILE_LENGTH_AT, &length.to_le_bytes());
        put(GENERATION_AT, &self.generation.to_le_bytes());
        let sum = checksum(&out); // the field itself still holds zeros
        out[CHECKSUM_AT..HEADER_LEN].copy_from_slice(&sum);
        Ok(out)
    }

    /// The manifest in `file`, every byte of it checked.
    pub(super) fn decode(file: &[u8]) -> Result<Self, Fault> {
        check_start(file, MAGIC, "a manifest", HEADER_LEN)?;
        let (expected, found) = (u64_at(file, FILE_LENGTH_AT), file.len() as u64);
        if expected != found {
            return Err(Fault::Length { expected, found });
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(&file[..CHECKSUM_AT]).update(&[0; CHECKSUM_LEN]).update(&file[HEADER_LEN..]);
        if hasher.finalize().as_bytes()[..CHECKSUM_LEN] != file[CHECKSUM_AT..HEADER_LEN] {
            return Err(Fault::ManifestChecksum);
        }
        let mut rest = Rest { file, at: HEADER_LEN };
        let mut sets: Vec<SetRecord> = Vec::new();
        for _ in 0..u32_at(file, SET_COUNT_AT) {
            let at = rest.at;
            let set = rest.set()?;
            if sets.last().is_some_and(|last| last.name >= set.name) {
                return Err(Fault::ManifestField { at: at as u64, field: "order of sets" });
            }
            sets.push(set);
        }
        if rest.at != file.len() {
            return Err(Fault::ManifestField { at: rest.at as u64, field: "rest after the last set" });
        }
        Ok(Self { generation: u64_at(file, GENERATION_AT), sets })
    }

    pub(super) fn set(&self, name: &str) -> Option<&SetRecord> {
        self.sets.iter().find(|set| set.name == name)
    }

    /// The names of all files that the sets need.
    pub(super) fn files(&self) -> BTreeSet<String> {
        let segments = self.sets.iter().flat_map(|set| &set.segments);
        segments.map(|segment| segment.content_id.file_name()).collect()
    }
}

fn put_u32(out: &mut Vec<u8>, value: usize) {
    // Names are bounded, segments are files, and a bitmap over 2^32 numbers serialises to at most 512 MiB and a bit.
    out.extend_from_slice(&(value as u32).to_le_bytes());
}

/// What has not been read yet.
struct Rest<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Rest<'a> {
    fn take(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], Fault> {
        let fault = Fault::ManifestField { at: self.at as u64, field };
        let end = self.at.checked_add(len).ok_or(fault.clone())?;
        let bytes = self.file.get(self.at..end).ok_or(fault)?;
        self.at = end;
        Ok(bytes)
    }

    fn u32(&mut self, field: &'static str) -> Result<u32, Fault> {
        Ok(u32_at(self.take(4, field)?, 0))
    }

    fn set(&mut self) -> Result<SetRecord, Fault> {
        let len = self.u32("length of a set's name")? as usize;
        let at = self.at as u64;
        let name = std::str::from_utf8(self.take(len, "name of a set")?)
            .ok()
            .filter(|name| is_set_name(name))
            .ok_or(Fault::ManifestField { at, field: "name of a set" })?;
        let revision = u64_at(self.take(8, "revision of a set")?, 0);
        let mut segments: Vec<SegmentRecord> = Vec::new();
        for _ in 0..self.u32("number of segments")? {
            let at = self.at as u64;
            let segment = self.segment()?;
            if segments.iter().any(|other| other.content_id == segment.content_id) {
                return Err(Fault::ManifestField { at, field: "segment named twice" });
            }
            segments.push(segment);
        }
        Ok(SetRecord { name: name.into(), revision, segments })
    }

    fn segment(&mut self) -> Result<SegmentRecord, Fault> {
        let content_id = ContentId(array_at(self.take(CHECKSUM_LEN, "content id of a segment")?, 0));
        let entries = self.u32("number of entries")?;
        let len = self.u32("length of a bitmap")? as usize;
        let at = self.at as u64;
        let mut bytes = self.take(len, "bitmap of withdrawn entries")?;
        let fault = Fault::ManifestField { at, field: "bitmap of withdrawn entries" };
        let withdrawn = if len == 0 {
            RoaringBitmap::new()
        } else {
            RoaringBitmap::deserialize_from(&mut bytes).map_err(|_| fault.clone())?
        };
        if !bytes.is_empty() || withdrawn.max().is_some_and(|last| last >= entries) {
            return Err(fault);
        }
        Ok(SegmentRecord { content_id, entries, withdrawn })
    }
}
