//! Read-only mapping of a file, the one place in this room that needs `unsafe`.
#![allow(unsafe_code)]

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Deref;

use memmap2::Mmap;

/// The bytes of a segment: a mapped file, or a buffer.
pub(super) enum Content {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl Content {
    /// Maps `file`. Reads nothing yet.
    pub(super) fn map(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self::Owned(Vec::new()));
        }
        // SAFETY: the contract is that nobody changes or shortens the file while it is mapped. Segments are written
        // under another name, synced, renamed, and from then on never opened for writing by any part of this program;
        // removing one takes its name away, while the mapped file lives on. The folder is private to its owner (0700),
        // and the bytes are only read, as `u8`, through checked offsets: should its owner edit one all the same,
        // answers may be wrong or the process may get SIGBUS, as with every mapped file.
        unsafe { Mmap::map(file) }.map(Self::Mapped)
    }
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}

/// The bytes hold hashes: they are never printed.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.len())
    }
}
