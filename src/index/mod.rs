//! The index: immutable memory-mapped segments, a manifest that names them, exact and near search. Knows no HTTP, no SQL
//! and no thread pool.
//!
//! [`SegmentBuilder`] turns entries into a segment, [`IndexWriter`] names it in the manifest, [`Index`] is a snapshot that
//! answers, [`Reader`] the newest one. The bytes are specified in `docs/format.md`.
//!
//! No file can make a reader panic, loop or read what is not its own: opening checks the header and the section table
//! wholly, and every offset or number that a section holds is checked when it is used. A query that meets an impossible
//! one returns [`IndexError::File`] and no answer. One that meets a wrong but possible one (a flipped bit in a hash, say)
//! may answer wrongly: only [`Index::verify`], which reads everything, finds those.

mod bands;
mod bring;
mod builder;
mod change;
mod codes;
mod compare;
mod coverage;
mod digests;
mod directory;
mod entries;
mod error;
mod exact;
mod explain;
mod filter;
mod format;
mod import;
mod import_error;
mod intake;
mod join;
mod key;
mod keys;
mod layout;
mod live;
mod lookup;
mod manifest;
mod many;
mod map;
mod members;
mod merge;
mod near_set;
mod numbers;
mod order;
mod overlap;
mod postings;
mod purge;
mod reader;
mod scope;
mod segment;
mod sink;
mod snapshot;
mod stat;
mod synthetic;
mod times;
mod verify;
mod videos;
mod withdraw;
mod writer;

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod filter_tests;
#[cfg(test)]
mod format_tests;
#[cfg(test)]
mod join_tests;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod named_tests;
#[cfg(test)]
mod testing;

pub use bring::{Brought, ImportOptions, Imported, Rehearsal, bring, list_key, rehearse};
pub use builder::{SegmentBuilder, SegmentFile};
pub use change::{Withdrawn, change, remove, withdraw};
pub use codes::Plan;
pub use compare::Changes;
pub use coverage::Coverage;
pub use error::{BuildError, Fault, IndexError};
pub use explain::Explained;
pub use filter::LabelFilter;
pub use format::{Band, ContentId, FORMAT_VERSION, OLDEST_READABLE, SectionId};
pub use import::{add, import, live_revisions, open_described};
pub use import_error::{DescribeError, ImportError, SegmentError};
pub use key::Key;
pub use map::Memory;
pub use members::{Members, SameBy, Stored};
pub use merge::{Extent, Merged, merge, set_names};
pub use near_set::NearSet;
pub use numbers::KeyNumbers;
pub use purge::purge_unneeded;
pub use reader::Reader;
pub use scope::Scope;
pub use snapshot::{EntryRef, Hit, Index, Near, SegmentStat, SetInfo};
pub use stat::BandStat;
pub use synthetic::{Synthetic, SyntheticQuery};
pub use verify::{FileReport, VerifyReport};
pub use videos::{ListedFrame, ListedFrames, VideoId};
pub use withdraw::{EntryName, WithdrawError, withdraw_entries};
pub use writer::IndexWriter;
