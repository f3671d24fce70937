//! Changes what the manifest says. One writer at a time, readers undisturbed.

use std::fs;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use roaring::RoaringBitmap;

use super::builder::{SegmentFile, is_stale_temporary};
use super::error::{Fault, IndexError};
use super::format::is_segment_name;
use super::keys::KeySet;
use super::manifest::{MAX_NAME, Manifest, SegmentRecord, SetRecord, is_set_name};
use super::segment::Segment;
use crate::hashset::{EntryKey, SetName};
use crate::home::{HomeError, WriteLock};

/// Names segments, takes them away, withdraws entries; each call is one commit.
///
/// A commit replaces the manifest as a whole. After it, segments that no set names any more are removed, and so is
/// what a killed writer left behind; readers that have them mapped keep them until they close.
#[derive(Debug)]
pub struct IndexWriter<'lock> {
    pub(super) dir: PathBuf,
    pub(super) manifest: Manifest,
    _lock: PhantomData<&'lock WriteLock>,
}

impl<'lock> IndexWriter<'lock> {
    /// A writer for the index in `dir`, whose home `_lock` is held.
    ///
    /// # Errors
    /// [`IndexError::File`] if the manifest is damaged.
    pub fn open(dir: &Path, _lock: &'lock WriteLock) -> Result<Self, IndexError> {
        let manifest = Manifest::read(dir)?.unwrap_or_default();
        Ok(Self { dir: dir.into(), manifest, _lock: PhantomData })
    }

    /// The segments of set `name` with their withdrawn entries, as [`IndexWriter::replace_set`] takes them; `None` if
    /// there is no such set.
    ///
    /// # Errors
    /// As [`Index::open`](super::Index::open), for these segments.
    pub fn segments(&self, name: &str) -> Result<Option<Vec<(SegmentFile, RoaringBitmap)>>, IndexError> {
        let Some(set) = self.manifest.set(name) else { return Ok(None) };
        let segment = |record: &SegmentRecord| {
            let SegmentRecord { content_id, entries, ref withdrawn } = *record;
            let len_bytes = self.open_segment(record)?.bytes().len() as u64;
            Ok((SegmentFile { content_id, entries, len_bytes }, withdrawn.clone()))
        };
        set.segments.iter().map(segment).collect::<Result<_, _>>().map(Some)
    }

    /// Makes set `name` consist of `segments`, with the entries of each bitmap of `withdrawn` withdrawn from the
    /// segment in the same place; an empty `withdrawn` withdraws none.
    ///
    /// # Errors
    /// [`IndexError::SetName`], [`IndexError::Repeated`], [`IndexError::Bitmaps`], [`IndexError::Withdrawn`] for what
    /// cannot be, [`IndexError::Missing`] or [`IndexError::File`] for a segment that cannot be opened; then nothing
    /// has changed.
    pub fn replace_set(
        &mut self,
        name: &str,
        revision: u64,
        segments: Vec<SegmentFile>,
        withdrawn: Vec<RoaringBitmap>,
    ) -> Result<(), IndexError> {
        let records = self.records(name, Vec::new(), segments, withdrawn)?;
        self.commit(self.with_set(SetRecord { name: name.into(), revision, segments: records }))
    }

    /// Adds `segments` behind those that set `name` has, with their `withdrawn` entries as in
    /// [`IndexWriter::replace_set`], and gives it a revision; makes the set if there is none.
    ///
    /// Opens the new segments only: the cost does not grow with what is there.
    ///
    /// # Errors
    /// As [`IndexWriter::replace_set`]; [`IndexError::Repeated`] also for a segment that the set has already.
    pub fn append(
        &mut self,
        name: &str,
        revision: u64,
        segments: Vec<SegmentFile>,
        withdrawn: Vec<RoaringBitmap>,
    ) -> Result<(), IndexError> {
        self.append_over(name, revision, segments, withdrawn, &[])
    }

    /// As [`IndexWriter::append`]; the entries `gone`, segment by segment of those that are there, stop matching then.
    pub(super) fn append_over(
        &mut self,
        name: &str,
        revision: u64,
        segments: Vec<SegmentFile>,
        withdrawn: Vec<RoaringBitmap>,
        gone: &[RoaringBitmap],
    ) -> Result<(), IndexError> {
        let mut before = self.manifest.set(name).map(|set| set.segments.clone()).unwrap_or_default();
        for (record, gone) in before.iter_mut().zip(gone) {
            record.withdrawn |= gone;
        }
        let records = self.records(name, before, segments, withdrawn)?;
        self.commit(self.with_set(SetRecord { name: name.into(), revision, segments: records }))
    }

    /// The records of `before` and of `segments`, which are opened to see that they are there.
    fn records(
        &self,
        name: &str,
        before: Vec<SegmentRecord>,
        segments: Vec<SegmentFile>,
        withdrawn: Vec<RoaringBitmap>,
    ) -> Result<Vec<SegmentRecord>, IndexError> {
        if !is_set_name(name) {
            return Err(IndexError::SetName { max: MAX_NAME });
        }
        if !withdrawn.is_empty() && withdrawn.len() != segments.len() {
            return Err(IndexError::Bitmaps { segments: segments.len(), bitmaps: withdrawn.len() });
        }
        let mut records = before;
        let added_from = records.len();
        let withdrawn = withdrawn.into_iter().chain(std::iter::repeat(RoaringBitmap::new()));
        for (SegmentFile { content_id, entries, .. }, withdrawn) in segments.into_iter().zip(withdrawn) {
            if let Some(entry) = withdrawn.max().filter(|last| *last >= entries) {
                return Err(IndexError::Withdrawn { entry, entries });
            }
            if let Some(twin) = records.iter().position(|other| other.content_id == content_id) {
                if twin >= added_from || records[twin].withdrawn.is_empty() {
                    return Err(IndexError::Repeated { file: content_id.file_name() });
                }
                // What was replaced is said again, in the same words on the same day: the one segment holds for both.
                records[twin].withdrawn = withdrawn;
                continue;
            }
            let record = SegmentRecord { content_id, entries, withdrawn };
            self.open_segment(&record)?;
            records.push(record);
        }
        Ok(records)
    }

    /// The manifest with `set` in the place of the one of its name.
    pub(super) fn with_set(&self, set: SetRecord) -> Manifest {
        let mut manifest = self.manifest.clone();
        match manifest.sets.binary_search_by(|other| other.name.cmp(&set.name)) {
            Ok(at) => manifest.sets[at] = set,
            Err(at) => manifest.sets.insert(at, set),
        }
        manifest
    }

    /// Takes set `name` away. False if there is none; then nothing is written.
    ///
    /// # Errors
    /// [`IndexError::Home`] if the manifest cannot be replaced; then nothing has changed.
    pub fn remove_set(&mut self, name: &str) -> Result<bool, IndexError> {
        if self.manifest.set(name).is_none() {
            return Ok(false);
        }
        let mut manifest = self.manifest.clone();
        manifest.sets.retain(|set| set.name != name);
        self.commit(manifest).map(|()| true)
    }

    /// Withdraws every entry of set `name` that has one of `keys`: it never answers again, however often the key is
    /// there. Returns how many entries were newly withdrawn; keys that the set does not have are passed over.
    ///
    /// Reads the keys of the whole set once, on rayon's pool. Without anything new, nothing is written.
    ///
    /// # Errors
    /// [`IndexError::NoSuchSet`], or [`IndexError::File`] if the keys of a segment are damaged; then nothing has changed.
    pub fn withdraw(&mut self, name: &str, keys: &[EntryKey]) -> Result<u64, IndexError> {
        let wanted = KeySet::new(keys);
        let mut manifest = self.manifest.clone();
        let set = manifest.sets.iter_mut().find(|set| set.name == name);
        let set = set.ok_or_else(|| IndexError::NoSuchSet { name: name.into() })?;
        let mut newly = 0;
        for record in &mut set.segments {
            let segment = self.open_segment(record)?;
            for (entry, _) in segment.find_keys(&wanted).map_err(segment.fault())? {
                newly += u64::from(record.withdrawn.insert(entry));
            }
        }
        if newly > 0 {
            self.commit(manifest)?;
        }
        Ok(newly)
    }

    /// The segments of set `name`, open; none if there is no such set.
    pub(super) fn open_set(&self, name: &str) -> Result<Vec<Segment>, IndexError> {
        let records = self.manifest.set(name).map(|set| &set.segments);
        records.into_iter().flatten().map(|record| self.open_segment(record)).collect()
    }

    /// What is withdrawn in the segments of a set, in the order of [`IndexWriter::open_set`].
    pub(super) fn withdrawn_of(&self, name: &str) -> Vec<RoaringBitmap> {
        let records = self.manifest.set(name).map(|set| &set.segments);
        records.into_iter().flatten().map(|record| record.withdrawn.clone()).collect()
    }

    /// The sets and their current revisions, whether or not their segments can be opened.
    pub(super) fn live(&self) -> Vec<(SetName, u64)> {
        // A name that is none cannot have come from an import; it has no description to be found either.
        self.manifest.sets.iter().filter_map(|set| Some((set.name.parse().ok()?, set.revision))).collect()
    }

    pub(super) fn open_segment(&self, record: &SegmentRecord) -> Result<Segment, IndexError> {
        let file = record.content_id.file_name();
        let segment = Segment::open(&self.dir, &file)?;
        if segment.content_id() == record.content_id && segment.len() == record.entries {
            Ok(segment)
        } else {
            Err(IndexError::File { file, fault: Fault::Exchanged })
        }
    }

    pub(super) fn commit(&mut self, mut manifest: Manifest) -> Result<(), IndexError> {
        manifest.generation = self.manifest.generation.wrapping_add(1);
        manifest.write(&self.dir)?;
        self.manifest = manifest;
        // The commit is done. What cannot be removed now is in nobody's way, and the next commit tries again.
        let _ = self.sweep();
        Ok(())
    }

    /// Removes segments that no set names, and unfinished files of killed writers.
    pub(super) fn sweep(&self) -> Result<(), IndexError> {
        for path in self.unneeded()? {
            fs::remove_file(&path).map_err(HomeError::io(&path))?;
        }
        Ok(())
    }

    /// Segments that no set names, and unfinished files of killed writers.
    pub(super) fn unneeded(&self) -> Result<Vec<PathBuf>, IndexError> {
        // The manifest on disk decides: one that was put in place and not made safe, so that its commit failed, may stay.
        let on_disk = Manifest::read(&self.dir)?.map(|manifest| manifest.files()).unwrap_or_default();
        let needed = &on_disk | &self.manifest.files();
        let mut unneeded = Vec::new();
        for file in fs::read_dir(&self.dir).map_err(HomeError::io(&self.dir))? {
            let path = file.map_err(HomeError::io(&self.dir))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let unfinished =
                is_stale_temporary(name) || (name.starts_with(".manifest.iwm.") && name.ends_with(".tmp"));
            if unfinished || (is_segment_name(name) && !needed.contains(name)) {
                unneeded.push(path);
            }
        }
        Ok(unneeded)
    }
}
