//! The four digests of a file in one read.
//!
//! MD5 is a chain of additions that leaves most of a CPU idle, SHA-1 and SHA-256 wait for the CPU's hashing unit. Block by
//! block in turn, the CPU works ahead on one while it waits for the other: a file is done in little more than the time
//! of MD5 alone. Several files at once go through vector registers, see [`SideBySide`]; one that is long may have a thread
//! for each digest, see [`hash_apart`].

mod apart;
mod many;
mod md5;
mod sha;
mod tail;

use std::cmp::Reverse;
use std::io::{self, Read};
use std::slice;

pub use self::apart::hash_apart;
pub use self::many::{Done, Hashed, SideBySide};
use self::tail::{BLOCK, Tail};
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

    /// The digests of several items, in their order; on one thread.
    ///
    /// From half a dozen items on faster than one by one, as long as no single one holds most of the bytes.
    ///
    /// # Examples
    /// ```
    /// # use innerward::digest::Digests;
    /// let items: [&[u8]; 2] = [b"one", b"another"];
    /// assert_eq!(Digests::of_many(&items)[1], Digests::of(b"another"));
    /// ```
    #[must_use]
    pub fn of_many(items: &[&[u8]]) -> Vec<Self> {
        // The longest first, so that the last ones to end are short and few steps have empty lanes.
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by_key(|at| Reverse(items[*at].len()));
        let mut waiting = order.into_iter().map(|at| Numbered { at, bytes: items[at] });
        let mut digests = vec![None; items.len()];
        let mut under_way = SideBySide::new();
        loop {
            waiting
                .by_ref()
                .take(SideBySide::<&[u8]>::MOST - under_way.len())
                .for_each(|item| under_way.push(item));
            if under_way.is_empty() {
                break;
            }
            for Done { input, hashed } in under_way.advance() {
                digests[input.at] = Some(hashed.expect("memory can be read").digests);
            }
        }
        digests.into_iter().map(|digests| digests.expect("every item was read to its end")).collect()
    }

    /// All four, the strongest first.
    pub fn signals(&self) -> [Signal; 4] {
        [self.sha256.into(), self.blake3.into(), self.sha1.into(), self.md5.into()]
    }
}

/// An item and its place among others.
struct Numbered<'a> {
    at: usize,
    bytes: &'a [u8],
}

impl Read for Numbered<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(into)
    }
}

/// The words of a state as the bytes of a digest; `BYTES` is four times `WORDS`.
fn flat<const WORDS: usize, const BYTES: usize>(words: [[u8; 4]; WORDS]) -> [u8; BYTES] {
    words.as_flattened().try_into().expect("a digest has four bytes a word")
}

/// The states of the three digests that are chains of blocks.
#[derive(Clone)]
struct Chains {
    md5: md5::State,
    sha1: sha::State1,
    sha256: sha::State256,
}

impl Default for Chains {
    fn default() -> Self {
        Self { md5: md5::START, sha1: sha::START1, sha256: sha::START256 }
    }
}

impl Chains {
    /// Takes in blocks, each by all before the next.
    fn compress(&mut self, blocks: &[[u8; BLOCK]]) {
        for block in blocks {
            ::md5::block_api::compress(&mut self.md5, slice::from_ref(block));
            self.compress_sha(slice::from_ref(block));
        }
    }

    /// Takes in blocks by SHA-1 and SHA-256 alone.
    fn compress_sha(&mut self, blocks: &[[u8; BLOCK]]) {
        for block in blocks {
            sha1::block_api::compress(&mut self.sha1, slice::from_ref(block));
            sha2::block_api::compress256(&mut self.sha256, slice::from_ref(block));
        }
    }

    fn finish(mut self, tail: &Tail, blake3: blake3::Hash) -> Digests {
        ::md5::block_api::compress(&mut self.md5, tail.md5());
        self.compress_sha(tail.sha());
        Digests {
            md5: Md5::from_bytes(flat(self.md5.map(u32::to_le_bytes))),
            sha1: Sha1::from_bytes(flat(self.sha1.map(u32::to_be_bytes))),
            sha256: Sha256::from_bytes(flat(self.sha256.map(u32::to_be_bytes))),
            blake3: Blake3::from_bytes(*blake3.as_bytes()),
        }
    }
}

/// Takes bytes as they are read.
#[derive(Clone)]
pub struct DigestHasher {
    chains: Chains,
    blake3: blake3::Hasher,
    /// Bytes taken in; those of the last, unfinished block are in `rest`.
    len: u64,
    rest: [u8; BLOCK],
}

impl Default for DigestHasher {
    fn default() -> Self {
        Self { chains: Chains::default(), blake3: blake3::Hasher::new(), len: 0, rest: [0; BLOCK] }
    }
}

impl DigestHasher {
    /// Bytes that stay in a near cache while BLAKE3 passes over them a second time; many, because BLAKE3 hashes whole
    /// aligned stretches side by side and pieces rarely begin at a round place.
    const PIECE: usize = 64 * 1024;

    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(Self::PIECE) {
            self.update_chains(piece);
            self.blake3.update(piece);
        }
    }

    /// MD5, SHA-1 and SHA-256.
    fn update_chains(&mut self, mut bytes: &[u8]) {
        let held = self.rest_len();
        self.len += bytes.len() as u64;
        if held > 0 {
            let (head, more) = bytes.split_at(bytes.len().min(BLOCK - held));
            self.rest[held..held + head.len()].copy_from_slice(head);
            if held + head.len() < BLOCK {
                return;
            }
            let block = self.rest;
            self.chains.compress(slice::from_ref(&block));
            bytes = more;
        }
        let (blocks, rest) = bytes.as_chunks();
        self.chains.compress(blocks);
        self.rest[..rest.len()].copy_from_slice(rest);
    }

    fn rest_len(&self) -> usize {
        (self.len % BLOCK as u64) as usize
    }

    /// The digests of all bytes taken in.
    #[must_use]
    pub fn finish(self) -> Digests {
        let tail = Tail::new(&self.rest[..self.rest_len()], self.len);
        self.chains.finish(&tail, self.blake3.finalize())
    }
}

#[cfg(test)]
mod tests {
    use sha2::Digest;

    use super::*;

    /// Bytes whose period divides no block, so that a swapped block shows.
    fn message(len: usize) -> Vec<u8> {
        (0..len).map(|at| (at % 251) as u8).collect()
    }

    /// By the crates' own interfaces.
    fn one_by_one(bytes: &[u8]) -> Digests {
        Digests {
            md5: Md5::from_bytes(::md5::Md5::digest(bytes).into()),
            sha1: Sha1::from_bytes(sha1::Sha1::digest(bytes).into()),
            sha256: Sha256::from_bytes(sha2::Sha256::digest(bytes).into()),
            blake3: Blake3::from_bytes(*blake3::hash(bytes).as_bytes()),
        }
    }

    /// RFC 1321 A.5, FIPS 180-4's examples as NIST publishes them, and `b3sum`; the message 0, 1, 2 … 250, 0 … of 1,025
    /// bytes from BLAKE3's test_vectors.json.
    #[test]
    fn digests_are_those_of_the_standards() {
        let million = vec![b'a'; 1_000_000];
        let two_blocks = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        let digits = "1234567890".repeat(8);
        let check = |bytes: &[u8], md5: &str, sha1: &str, sha256: &str| {
            for digests in [Digests::of(bytes), Digests::of_many(&[bytes; 40])[39]] {
                assert_eq!(digests.md5.to_hex(), md5);
                assert_eq!(digests.sha1.to_hex(), sha1);
                assert_eq!(digests.sha256.to_hex(), sha256);
            }
        };
        check(
            b"",
            "d41d8cd98f00b204e9800998ecf8427e",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        );
        check(
            b"abc",
            "900150983cd24fb0d6963f7d28e17f72",
            "a9993e364706816aba3e25717850c26c9cd0d89d",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        );
        check(
            two_blocks,
            "8215ef0796a20bcaaae116d3876c664a",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        );
        check(
            &million,
            "7707d6ae4e027c70eea2a935c2296f21",
            "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        );
        assert_eq!(Digests::of(digits.as_bytes()).md5.to_hex(), "57edf4a22be3c955ac49da2e2107b67a");
        for (len, blake3) in [
            (0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
            (1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"),
        ] {
            assert_eq!(Digests::of(&message(len)).blake3.to_hex(), blake3, "{len} bytes");
        }
    }

    #[test]
    fn pieces_do_not_matter() {
        let bytes = message(100_000);
        let whole = one_by_one(&bytes);
        for size in [1, 63, 64, 65, 1000, 16_384, 16_385, 99_999] {
            let mut hasher = DigestHasher::default();
            bytes.chunks(size).for_each(|piece| hasher.update(piece));
            assert_eq!(hasher.finish(), whole, "pieces of {size}");
        }
    }

    #[test]
    fn many_give_what_each_gives() {
        let bytes = message(300 + 300);
        let items: Vec<_> = (0..=300).map(|len| &bytes[len..2 * len]).collect();
        let expected: Vec<_> = items.iter().map(|item| one_by_one(item)).collect();
        assert_eq!(Digests::of_many(&items), expected);
        for number in 0..=40 {
            let at = 120..120 + number;
            assert_eq!(Digests::of_many(&items[at.clone()]), expected[at], "{number} items");
        }
        for (item, expected) in items.iter().zip(&expected) {
            assert_eq!(Digests::of(item), *expected, "{} bytes", item.len());
        }
    }

    #[test]
    fn sizes_of_many_may_differ_by_anything() {
        let bytes = message(3_000_000);
        let lens =
            [0, 3_000_000, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000, 4096, 65_537, 250_000, 1_000_003];
        let items: Vec<_> = lens.iter().cycle().take(50).map(|len| &bytes[..*len]).collect();
        let expected: Vec<_> = lens.iter().map(|len| one_by_one(&bytes[..*len])).collect();
        for (number, digests) in Digests::of_many(&items).into_iter().enumerate() {
            assert_eq!(digests, expected[number % lens.len()], "item {number}");
        }
    }
}
