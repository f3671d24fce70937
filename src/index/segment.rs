//! One segment, open for reading.

use std::fs::File;
use std::io;
use std::path::Path;

use super::codes::CodeTable;
use super::digests::DigestTable;
use super::error::{Fault, IndexError};
use super::format::{ContentId, SectionId, SectionKind};
use super::layout::{Column, Layout};
use super::map::Content;
use crate::digest::SignalKind;
use crate::hashset::Opinion;
use crate::home::HomeError;

/// A segment whose header and section table have been checked, and nothing else.
#[derive(Debug)]
pub(super) struct Segment {
    content: Content,
    layout: Layout,
}

impl Segment {
    /// Maps the segment `name` in `dir`. Reads header and section table, so the cost does not grow with its entries.
    pub(super) fn open(dir: &Path, name: &str) -> Result<Self, IndexError> {
        let path = dir.join(name);
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(IndexError::Missing { file: name.into() });
            }
            other => other.map_err(HomeError::io(&path))?,
        };
        let content = Content::map(&file).map_err(HomeError::io(&path))?;
        Self::new(content).map_err(IndexError::file(name))
    }

    pub(super) fn new(content: Content) -> Result<Self, Fault> {
        let layout = Layout::parse(&content)?;
        Ok(Self { content, layout })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.content
    }

    pub(super) const fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(super) const fn content_id(&self) -> ContentId {
        self.layout.header.content_id
    }

    /// How many entries it has, withdrawn ones included.
    pub(super) const fn len(&self) -> u32 {
        self.layout.header.entry_count
    }

    /// The table of the digests of `kind`, if there are any.
    pub(super) fn digests(&self, kind: SignalKind) -> Option<DigestTable<'_>> {
        let layout = self.layout.digests.iter().find(|layout| layout.kind == kind)?;
        Some(DigestTable::new(&self.content, layout))
    }

    /// The codes of `kind`, if there are any.
    pub(super) fn codes(&self, kind: SignalKind) -> Option<CodeTable<'_>> {
        let layout = self.layout.perceptual.iter().find(|layout| layout.kind == kind)?;
        Some(CodeTable::new(&self.content, layout))
    }

    /// Every kind of hash that it has.
    pub(super) fn kinds(&self) -> impl Iterator<Item = SignalKind> {
        let digests = self.layout.digests.iter().map(|layout| layout.kind);
        digests.chain(self.layout.perceptual.iter().map(|layout| layout.kind))
    }

    /// `entry`, if there is such an entry; a number from a file is checked here before anything is done with it.
    pub(super) fn check_entry(&self, section: SectionId, at: u64, entry: u32) -> Result<u32, Fault> {
        let limit = u64::from(self.len());
        if entry < self.len() {
            Ok(entry)
        } else {
            Err(Fault::Reference { section, at, found: u64::from(entry), limit })
        }
    }

    /// The key of `entry`.
    pub(super) fn key(&self, entry: u32) -> Result<&str, Fault> {
        self.text(&self.layout.key_offsets, &self.layout.key_text, entry as usize)
    }

    /// The labels of `entry`: `dimension:CODE`, separated by spaces.
    pub(super) fn labels(&self, entry: u32) -> Result<&str, Fault> {
        let sets = self.layout.label_offsets.len() - 1; // the layout has at least one
        let set = self.layout.label_numbers.numbers(&self.content).below(entry as usize, sets)?;
        self.text(&self.layout.label_offsets, &self.layout.label_text, set)
    }

    /// The opinion on `entry`.
    pub(super) fn opinion(&self, entry: u32) -> Result<Opinion, Fault> {
        let found = self.layout.opinions.numbers(&self.content).at(entry as usize);
        Opinion::from_byte(found as u8).ok_or(Fault::Reference {
            section: SectionId::of(SectionKind::Opinions),
            at: u64::from(entry),
            found,
            limit: 4,
        })
    }

    pub(super) fn text(&self, offsets: &Column, heap: &Column, at: usize) -> Result<&str, Fault> {
        let range = offsets.numbers(&self.content).range(at, heap.len())?;
        let bytes = heap.bytes(&self.content).get(range).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|_| Fault::Text { section: heap.id, at: at as u64 })
    }
}
