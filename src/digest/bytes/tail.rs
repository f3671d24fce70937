//! What follows the last whole block of a message: its last bytes, a one bit, zeros, and its length.

/// Bytes in a block of MD5, SHA-1 and SHA-256.
pub(super) const BLOCK: usize = 64;

/// The last one or two blocks of a message, for MD5 and for the SHA family, which write the length in opposite orders.
pub(super) struct Tail {
    md5: [[u8; BLOCK]; 2],
    sha: [[u8; BLOCK]; 2],
    blocks: usize,
}

impl Tail {
    /// Bytes that the length takes.
    const LENGTH: usize = size_of::<u64>();

    /// Of a message of `len` bytes that ends with `rest`, which is shorter than a block.
    pub(super) fn new(rest: &[u8], len: u64) -> Self {
        let mut md5 = [[0; BLOCK]; 2];
        let padded = md5.as_flattened_mut();
        padded[..rest.len()].copy_from_slice(rest);
        padded[rest.len()] = 0x80;
        let mut sha = md5;
        let blocks = if rest.len() < BLOCK - Self::LENGTH { 1 } else { 2 };
        let bits = len.wrapping_mul(8); // both standards count modulo 2^64 or end there
        let place = blocks * BLOCK - Self::LENGTH..blocks * BLOCK;
        md5.as_flattened_mut()[place.clone()].copy_from_slice(&bits.to_le_bytes());
        sha.as_flattened_mut()[place].copy_from_slice(&bits.to_be_bytes());
        Self { md5, sha, blocks }
    }

    pub(super) fn md5(&self) -> &[[u8; BLOCK]] {
        &self.md5[..self.blocks]
    }

    pub(super) fn sha(&self) -> &[[u8; BLOCK]] {
        &self.sha[..self.blocks]
    }
}
