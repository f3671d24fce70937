//! Shared lists: the entry model, the readers of interchange formats, what is known about each set. Never sees pixels.

mod entry;

pub use entry::{Entry, EntryKey, EntryKeyError, Hashes, Labels, Opinion, PdqEntry, Role, RoleError};
