//! One segment, open for reading.

use std::fs::File;
use std::io;
use std::path::Path;

use super::codes::CodeTable;
use super::digests::DigestTable;
use super::error::{Fault, IndexError};
use super::format::{ContentId, SectionId};
use super::layout::{Column, DigestLayout, Layout};
use super::map::{Content, Memory};
use crate::digest::SignalKind;
use crate::hashset::{Labels, Opinion};
use crate::home::HomeError;
use crate::vocabulary::{Category, Code};

/// A segment whose header and section table have been checked, and nothing else.
#[derive(Debug)]
pub(super) struct Segment {
    content: Content,
    layout: Layout,
}

impl Segment {
    /// Maps the segment `name` in `dir`. Reads header and section table, so the cost does not grow with its entries.
    pub(super) fn open(dir: &Path, name: &str) -> Result<Self, IndexError> {
        Self::open_in(Memory::Mapped, dir, name)
    }

    /// As [`Segment::open`], held in `memory`.
    pub(super) fn open_in(memory: Memory, dir: &Path, name: &str) -> Result<Self, IndexError> {
        let path = dir.join(name);
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(IndexError::Missing { file: name.into() });
            }
            other => other.map_err(HomeError::io(&path))?,
        };
        let content = match memory {
            Memory::Mapped => Content::map(&file),
            Memory::HugePages => Content::load(&file),
        };
        let content = content.map_err(HomeError::io(&path))?;
        let segment = Self::of(content);
        segment.map_err(IndexError::file(name))
    }

    /// The segment in `content`, whose mark is asked last: what is wrong with its header may be for want of the file.
    pub(super) fn of(content: Content) -> Result<Self, Fault> {
        let layout = Layout::parse(&content);
        content.sound()?;
        Ok(Self { content, layout: layout? })
    }

    /// An error if a part of its file was found to be gone since it was opened: what was read from there were zeros.
    ///
    /// To be asked after the bytes were read and before anything is done with what they said.
    pub(super) fn sound(&self) -> Result<(), Fault> {
        self.content.sound()
    }

    /// For `map_err`: a fault in its file. If a part of that is gone, the zeros in its place look like all sorts of
    /// faults, and that is the one to tell.
    pub(super) fn fault(&self) -> impl Fn(Fault) -> IndexError {
        |fault| {
            let fault = self.sound().err().unwrap_or(fault);
            IndexError::file(self.content_id().file_name())(fault)
        }
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

    /// The tables of all kinds of digest that there are.
    pub(super) fn all_digests(&self) -> impl Iterator<Item = (SignalKind, DigestTable<'_>)> {
        let table = |layout: &DigestLayout| (layout.kind, DigestTable::new(&self.content, layout));
        self.layout.digests.iter().map(table)
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

    /// The labels of `entry`: `dimension:CODE`, separated by spaces.
    pub(super) fn labels(&self, entry: u32) -> Result<&str, Fault> {
        self.label_text(self.label_set(entry)?)
    }

    /// How many label sets there are.
    pub(super) const fn label_sets(&self) -> usize {
        self.layout.label_offsets.len() - 1 // the layout has at least one offset
    }

    /// The labels of label set `set`: `dimension:CODE`, separated by spaces.
    pub(super) fn label_text(&self, set: usize) -> Result<&str, Fault> {
        self.text(&self.layout.label_offsets, &self.layout.label_text, set)
    }

    /// The number of the label set of `entry`, below the number of them.
    pub(super) fn label_set(&self, entry: u32) -> Result<usize, Fault> {
        match &self.layout.label_numbers {
            Some(numbers) => numbers.numbers(&self.content).below(entry as usize, self.label_sets()),
            None => Ok(0),
        }
    }

    /// The opinion on `entry`.
    pub(super) fn opinion(&self, entry: u32) -> Result<Opinion, Fault> {
        let Some(opinions) = &self.layout.opinions else { return Ok(Opinion::Investigate) };
        let found = opinions.numbers(&self.content).at(entry as usize);
        let at = u64::from(entry);
        Opinion::from_byte(found as u8).ok_or(Fault::Reference { section: opinions.id, at, found, limit: 4 })
    }

    pub(super) fn text(&self, offsets: &Column, heap: &Column, at: usize) -> Result<&str, Fault> {
        let range = offsets.numbers(&self.content).range(at, heap.len())?;
        let bytes = heap.bytes(&self.content).get(range).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|_| Fault::Text { section: heap.id, at: at as u64 })
    }
}

/// The codes in a text of labels, without those that this build's vocabulary does not have.
pub(super) fn codes_in(labels: &str) -> impl Iterator<Item = Code> + use<'_> {
    labels.split_ascii_whitespace().filter_map(|label| label.parse().ok())
}

/// The codes and categories in a text of labels, without those that this build does not know.
pub(super) fn labels_in(labels: &str) -> Labels {
    let category = |label: &str| label.strip_prefix(Category::PREFIX)?.strip_prefix(':')?.parse().ok();
    codes_in(labels).collect::<Labels>().with_categories(labels.split_ascii_whitespace().filter_map(category))
}

#[cfg(test)]
mod tests {
    use super::super::keys::KeySet;
    use super::super::testing::*;
    use super::super::verify::check_segment;
    use super::*;

    #[test]
    fn a_segment_that_is_cut_short_while_it_is_open_says_so_to_whoever_reads_it() {
        let (_dir, home) = home();
        let dir = home.index_dir();
        let name = builder(0..5000).write(&dir).unwrap().content_id().file_name();
        let cut = |read: &dyn Fn(&Segment) -> Result<(), Fault>| {
            let kept = std::fs::read(dir.join(&name)).unwrap();
            let segment = Segment::open(&dir, &name).unwrap();
            assert_eq!(read(&segment), Ok(()));
            File::options().write(true).open(dir.join(&name)).unwrap().set_len(4096).unwrap();
            let told = read(&segment).map_err(segment.fault());
            let gone =
                matches!(&told, Err(IndexError::File { file, fault: Fault::CutShort }) if *file == name);
            assert!(gone, "{told:?}");
            std::fs::write(dir.join(&name), kept).unwrap();
        };
        cut(&|segment| check_segment(segment).into_iter().next().map_or(Ok(()), Err));
        cut(&|segment| segment.find_keys(&KeySet::new([&entry(4999).key])).map(drop));
        cut(&|segment| {
            segment.entries()?.into_iter().flatten().try_for_each(|entry| entry.map(drop))?;
            segment.sound()
        });
    }
}
