//! The four digests of a file in one read.

use sha2::Digest;

use super::{Blake3, Md5, Sha1, Sha256, Signal};

/// The digests of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digests {
    /// MD5; can be forged.
    pub md5: Md5,
    /// SHA-1.
    pub sha1: Sha1,
    /// SHA-256.
    pub sha256: Sha256,
    /// BLAKE3, the ward's own name for the item.
    pub blake3: Blake3,
}

impl Digests {
    /// The digests of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = DigestHasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// All four, the strongest first.
    pub fn signals(&self) -> [Signal; 4] {
        [self.sha256.into(), self.blake3.into(), self.sha1.into(), self.md5.into()]
    }
}

/// Takes bytes as they are read.
#[derive(Default, Clone)]
pub struct DigestHasher {
    md5: md5::Md5,
    sha1: sha1::Sha1,
    sha256: sha2::Sha256,
    blake3: blake3::Hasher,
}

impl DigestHasher {
    /// Bytes that stay in the nearest cache while the four digests pass over them.
    const PIECE: usize = 16 * 1024;

    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(Self::PIECE) {
            self.md5.update(piece);
            self.sha1.update(piece);
            self.sha256.update(piece);
            self.blake3.update(piece);
        }
    }

    /// The digests of all bytes taken in.
    #[must_use]
    pub fn finish(self) -> Digests {
        Digests {
            md5: Md5::from_bytes(self.md5.finalize().into()),
            sha1: Sha1::from_bytes(self.sha1.finalize().into()),
            sha256: Sha256::from_bytes(self.sha256.finalize().into()),
            blake3: Blake3::from_bytes(*self.blake3.finalize().as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_abc_are_those_of_the_standards() {
        let digests = Digests::of(b"abc");
        assert_eq!(digests.md5.to_hex(), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(digests.sha1.to_hex(), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            digests.sha256.to_hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            digests.blake3.to_hex(),
            "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
        );
    }

    #[test]
    fn pieces_do_not_matter() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
        for size in [1, 1000, 16_384, 16_385, 99_999] {
            let mut hasher = DigestHasher::default();
            bytes.chunks(size).for_each(|piece| hasher.update(piece));
            assert_eq!(hasher.finish(), Digests::of(&bytes), "pieces of {size}");
        }
    }
}
