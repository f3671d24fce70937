//! Sets of prints: what a keyed hash function made of an entry or a key, 64 bits that are spread as evenly as can be.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Prints.
pub(crate) type Prints = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// Something for each print.
pub(crate) type ByPrint<T> = HashMap<u64, T, BuildHasherDefault<AsItIs>>;

/// Takes a print for its own hash: whoever does not know the key cannot make two that fall together. Only for prints.
#[derive(Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        // No print comes here; whatever does is spread badly and found all the same.
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, print: u64) {
        self.0 = print;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
