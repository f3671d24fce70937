//! What can go wrong with an index, in numbers and names of sections: never a hash, a key or a label.

use super::format::{FORMAT_VERSION, MAX_SECTIONS, OLDEST_READABLE, SectionId};
use crate::home::HomeError;

/// Why an index cannot be opened, searched or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// A file operation failed.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file is damaged, or of another version.
    #[error("{file}: {fault}; {}", fault.advice())]
    File {
        /// Its name inside the index folder.
        file: String,
        /// What is wrong.
        fault: Fault,
    },
    /// A segment that a set needs is not there.
    #[error("{file} is named by the manifest and missing; restore it from a backup or import its list again")]
    Missing {
        /// Its name inside the index folder.
        file: String,
    },
    /// A segment of a newer build, of which an older one would lose a part in writing it again.
    #[error("{file} holds what this build cannot write out again; upgrade innerward")]
    Newer {
        /// Its name inside the index folder.
        file: String,
    },
    /// Entries that do not fit a segment.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A name that a set cannot have.
    #[error("a set's name has 1 to {max} bytes and no control characters")]
    SetName {
        /// Most bytes.
        max: usize,
    },
    /// No such set.
    #[error("there is no set called {name}; `innerward set list` shows those that there are")]
    NoSuchSet {
        /// The name asked for.
        name: String,
    },
    /// One segment given twice for one set.
    #[error("{file} was given twice for one set; every hit would be counted twice")]
    Repeated {
        /// Its name inside the index folder.
        file: String,
    },
    /// Not one bitmap for each segment.
    #[error(
        "{segments} segments came with {bitmaps} bitmaps of withdrawn entries; give one for each, or none"
    )]
    Bitmaps {
        /// Segments given.
        segments: usize,
        /// Bitmaps given.
        bitmaps: usize,
    },
    /// A withdrawn entry that the segment does not have.
    #[error("entry {entry} cannot be withdrawn from a segment of {entries}")]
    Withdrawn {
        /// The number given.
        entry: u32,
        /// Entries in the segment.
        entries: u32,
    },
    /// A hit that another snapshot gave.
    #[error("this hit is of another snapshot of the index; ask the index that gave it")]
    ForeignHit,
}

impl IndexError {
    /// For `map_err`: a fault in `file`.
    pub(super) fn file(file: impl Into<String>) -> impl FnOnce(Fault) -> Self {
        let file = file.into();
        move |fault| Self::File { file, fault }
    }
}

/// An entry that a segment cannot take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Nothing to match by.
    #[error("an entry needs at least one hash")]
    NoHash,
    /// Too many different sets of labels.
    #[error("the labels of these entries take more than 4 GiB; begin another segment")]
    Labels,
    /// Too many for one segment.
    #[error("a segment has room for {max} entries; begin another")]
    Full {
        /// The limit.
        max: u32,
    },
}

/// One thing that is wrong with a file of the index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Too short for a header.
    #[error("it has {found} bytes, and its header alone has {expected}")]
    Short {
        /// Bytes of the header (and the section table, where that is what is cut).
        expected: u64,
        /// Bytes in the file.
        found: u64,
    },
    /// Not such a file, or damaged by a transfer.
    #[error("it does not begin with the signature of {expected}, or a transfer in text mode changed it")]
    Magic {
        /// `a segment` or `a manifest`.
        expected: &'static str,
    },
    /// A version that this build does not read.
    #[error("it has format version {found}; this build reads {OLDEST_READABLE} to {FORMAT_VERSION}")]
    Version {
        /// The version in the file.
        found: u32,
    },
    /// The header is not as it was written.
    #[error("its header does not have the checksum written with it")]
    HeaderChecksum,
    /// Cut short, or appended to.
    #[error("it has {found} bytes and says that it has {expected}")]
    Length {
        /// Bytes according to the header.
        expected: u64,
        /// Bytes in the file.
        found: u64,
    },
    /// A field that must be zero is not.
    #[error("the reserved bytes at {at} are not zero")]
    Reserved {
        /// Byte offset in the file.
        at: u64,
    },
    /// An impossible number of sections.
    #[error("it says that it has {found} sections; at most {MAX_SECTIONS} are possible")]
    SectionCount {
        /// The number found.
        found: u32,
    },
    /// The section table is not as it was written.
    #[error("its section table does not have the checksum in its header")]
    TableChecksum,
    /// A section does not begin at a multiple of 64.
    #[error("{section} begins at byte {offset}, which is not a multiple of 64")]
    Alignment {
        /// The section.
        section: SectionId,
        /// Where it says it begins.
        offset: u64,
    },
    /// A section begins before the one in front of it ends.
    #[error("{section} begins at byte {offset}, but what stands before it ends at {previous_end}")]
    Overlap {
        /// The section.
        section: SectionId,
        /// Where it says it begins.
        offset: u64,
        /// Where the section, or the table, in front of it ends.
        previous_end: u64,
    },
    /// A section ends after the file does.
    #[error("{section} has {length} bytes from byte {offset} on, but the file has {file}")]
    Outside {
        /// The section.
        section: SectionId,
        /// Where it says it begins.
        offset: u64,
        /// How long it says it is.
        length: u64,
        /// Bytes in the file.
        file: u64,
    },
    /// Bytes after the last section.
    #[error("its last section ends at byte {end}, but the file has {file}")]
    Trailing {
        /// End of the last section.
        end: u64,
        /// Bytes in the file.
        file: u64,
    },
    /// Elements of a size that the kind of section does not have.
    #[error("{section} has elements of {found} bytes, not {expected}")]
    ElementSize {
        /// The section.
        section: SectionId,
        /// The size found.
        found: u32,
        /// The sizes possible.
        expected: &'static str,
    },
    /// Length, element size and element count do not agree.
    #[error("{section} has {length} bytes, which is not {elements} elements of {size}")]
    Size {
        /// The section.
        section: SectionId,
        /// Its bytes.
        length: u64,
        /// Its elements.
        elements: u64,
        /// Bytes an element.
        size: u32,
    },
    /// Not the number of elements that other sections call for.
    #[error("{section} has {found} elements; {expected} belong there")]
    Count {
        /// The section.
        section: SectionId,
        /// The number found.
        found: u64,
        /// The number expected.
        expected: u64,
    },
    /// More elements than there can be.
    #[error("{section} has {found} elements; there can be {limit}")]
    TooMany {
        /// The section.
        section: SectionId,
        /// The number found.
        found: u64,
        /// The most possible.
        limit: u64,
    },
    /// A width or a bit offset that the kind of section cannot have.
    #[error("{section} has {field} {found}, which is not possible there")]
    Descriptor {
        /// The section.
        section: SectionId,
        /// `code width`, `bit offset` or `bit width`.
        field: &'static str,
        /// The value found.
        found: u32,
    },
    /// Two sections of one kind.
    #[error("{section} is there twice")]
    Twice {
        /// The section.
        section: SectionId,
    },
    /// A section is missing.
    #[error("{section} is missing")]
    Absent {
        /// The section.
        section: SectionId,
    },
    /// A section is not as it was written.
    #[error("{section} does not have the checksum written with it")]
    SectionChecksum {
        /// The section.
        section: SectionId,
    },
    /// Something between the sections.
    #[error("the padding at byte {at} is not zero")]
    Padding {
        /// Byte offset in the file.
        at: u64,
    },
    /// Elements that should ascend do not.
    #[error("{section} is not in order at element {at}")]
    Order {
        /// The section.
        section: SectionId,
        /// Number of the element.
        at: u64,
    },
    /// An entry with two hashes of one kind.
    #[error("element {at} of {section} gives an entry a second hash of one kind")]
    SecondHash {
        /// The section.
        section: SectionId,
        /// Number of the element.
        at: u64,
    },
    /// An element that points at nothing.
    #[error("element {at} of {section} is {found}; it must be below {limit}")]
    Reference {
        /// The section.
        section: SectionId,
        /// Number of the element.
        at: u64,
        /// The value found.
        found: u64,
        /// One above the largest possible value.
        limit: u64,
    },
    /// A posting whose sketch is not that of its code.
    #[error("element {at} of {section} says of its code what is not so")]
    Sketch {
        /// The section.
        section: SectionId,
        /// Number of the element.
        at: u64,
    },
    /// An element in a bucket to which it does not belong.
    #[error("element {at} of {section} is in a wrong bucket")]
    Bucket {
        /// The section.
        section: SectionId,
        /// Number of the element.
        at: u64,
    },
    /// Text that is not what it must be.
    #[error("text {at} of {section} is not valid")]
    Text {
        /// The section.
        section: SectionId,
        /// Number of the text.
        at: u64,
    },
    /// The whole manifest is not as it was written.
    #[error("it does not have the checksum written in it")]
    ManifestChecksum,
    /// A field of a set in the manifest cannot be.
    #[error("the {field} at byte {at} is not possible")]
    ManifestField {
        /// Byte offset in the file.
        at: u64,
        /// What stands there.
        field: &'static str,
    },
    /// The manifest names another segment.
    #[error("it is not the segment that the manifest names: one of the two was exchanged")]
    Exchanged,
    /// Segments, and nothing that names them.
    #[error("it is missing, though {segments} segments are there")]
    NoManifest {
        /// Segment files found.
        segments: usize,
    },
    /// Bytes that were there when the file was opened cannot be read any more.
    #[error("it was cut short, or its disk failed, while it was open")]
    CutShort,
    /// A file that should be there is not.
    #[error("it is named by the manifest and missing")]
    MissingFile,
}

impl Fault {
    /// What the person should do.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Version { found } if *found > FORMAT_VERSION => {
                "upgrade innerward, or import the lists again with this build"
            }
            Self::Version { .. } => "import the lists again with this build",
            Self::ManifestChecksum | Self::ManifestField { .. } | Self::NoManifest { .. } => {
                "restore the index from a backup, or move the folder away and import the lists again"
            }
            _ => "restore it from a backup, or import its list again",
        }
    }
}
