//! Words of 32 bits side by side: what chained digests of many messages are computed with.
//!
//! A value of [`Words`] comes from a [`Level`](super::Level) alone, so holding one proves that this CPU has its
//! instructions. That of the scalar level is a plain `u32`: one lane, and the definition of correct.

use std::ops::{BitAnd, BitOr, BitXor};

/// Messages that go side by side, whatever the level; a level of fewer lanes takes them in several goes.
pub const MESSAGES: usize = 16;

/// The same word of every message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(64))]
pub struct Row(pub [u32; MESSAGES]);

/// A block of one message, as MD5, SHA-1 and SHA-256 take it.
pub type MessageBlock = [u8; 64];

/// Words of 32 bits, one of each lane.
pub trait Words:
    Copy + BitXor<Output = Self> + BitAnd<Output = Self> + BitOr<Output = Self> + sealed::Words
{
    /// How many; they divide [`MESSAGES`].
    const LANES: usize;

    /// The sums modulo 2^32.
    #[must_use]
    fn plus(self, other: Self) -> Self;

    /// The bits that are zero.
    #[must_use]
    fn inverted(self) -> Self;

    /// Rotations by 1 to 31 bits, which should be a literal after inlining.
    #[must_use]
    fn rotated_left(self, bits: u32) -> Self;

    /// Shifts by 1 to 31 bits, as above; zeros come in.
    #[must_use]
    fn shifted_right(self, bits: u32) -> Self;

    /// The four bytes of each word the other way round.
    #[must_use]
    fn swapped(self) -> Self;

    /// Writes them to the lanes from `first`.
    fn store(self, row: &mut Row, first: usize);
}

mod sealed {
    pub trait Words {}
    impl Words for u32 {}
    #[cfg(target_arch = "x86_64")]
    impl Words for super::x86::Eight {}
    #[cfg(target_arch = "x86_64")]
    impl Words for super::x86::Sixteen {}
}

impl Words for u32 {
    const LANES: usize = 1;

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn inverted(self) -> Self {
        !self
    }

    #[inline(always)]
    fn rotated_left(self, bits: u32) -> Self {
        self.rotate_left(bits)
    }

    #[inline(always)]
    fn shifted_right(self, bits: u32) -> Self {
        self >> bits
    }

    #[inline(always)]
    fn swapped(self) -> Self {
        self.swap_bytes()
    }

    #[inline(always)]
    fn store(self, row: &mut Row, first: usize) {
        row.0[first] = self;
    }
}

/// The words of sixteen blocks, little-endian, word by word: what blocks of bytes are before anything is computed.
#[inline(always)]
pub(super) fn turn(blocks: &[&MessageBlock; MESSAGES], words: &mut [Row; 16]) {
    for (lane, block) in blocks.iter().enumerate() {
        for (row, bytes) in words.iter_mut().zip(block.as_chunks().0) {
            row.0[lane] = u32::from_le_bytes(*bytes);
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    use std::arch::x86_64::*;
    use std::ops::{BitAnd, BitOr, BitXor};

    use super::{MESSAGES, MessageBlock, Row, Words};

    /// Made by a level that is proof of AVX2.
    #[derive(Clone, Copy)]
    pub(in crate::kernel::lanes) struct Eight(__m256i);

    /// Made by a level that is proof of AVX-512 with its instructions for bytes.
    #[derive(Clone, Copy)]
    pub(in crate::kernel::lanes) struct Sixteen(__m512i);

    /// Which byte each byte of four words comes from when they are the other way round.
    const SWAP: [i8; 16] = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];

    macro_rules! words {
        (
            $name:ident, $lanes:literal, $add:ident, $xor:ident, $and:ident, $or:ident, $splat:ident,
            $rotate:expr, $shift:expr, $swap:expr, $store:ident, $load:ident
        ) => {
            impl $name {
                /// The caller's level is the proof that the CPU has the instructions.
                #[inline(always)]
                pub(in crate::kernel::lanes) fn splat(word: u32) -> Self {
                    // SAFETY: the level that asks is proof of the instructions.
                    Self(unsafe { $splat(word.cast_signed()) })
                }

                /// The lanes from `first`; the caller's level is the proof as above.
                #[inline(always)]
                pub(in crate::kernel::lanes) fn load(row: &Row, first: usize) -> Self {
                    let from: &[u32; $lanes] = row.0[first..].first_chunk().expect("lanes divide messages");
                    // SAFETY: as above, and as many words are read as the array has.
                    Self(unsafe { $load(from.as_ptr().cast()) })
                }
            }

            impl BitXor for $name {
                type Output = Self;
                #[inline(always)]
                fn bitxor(self, other: Self) -> Self {
                    // SAFETY: the value is proof of the instructions.
                    Self(unsafe { $xor(self.0, other.0) })
                }
            }

            impl BitAnd for $name {
                type Output = Self;
                #[inline(always)]
                fn bitand(self, other: Self) -> Self {
                    // SAFETY: the value is proof of the instructions.
                    Self(unsafe { $and(self.0, other.0) })
                }
            }

            impl BitOr for $name {
                type Output = Self;
                #[inline(always)]
                fn bitor(self, other: Self) -> Self {
                    // SAFETY: the value is proof of the instructions.
                    Self(unsafe { $or(self.0, other.0) })
                }
            }

            impl Words for $name {
                const LANES: usize = $lanes;

                #[inline(always)]
                fn plus(self, other: Self) -> Self {
                    // SAFETY: the value is proof of the instructions.
                    Self(unsafe { $add(self.0, other.0) })
                }

                #[inline(always)]
                fn inverted(self) -> Self {
                    self ^ Self::splat(u32::MAX)
                }

                #[inline(always)]
                fn rotated_left(self, bits: u32) -> Self {
                    // SAFETY: the value is proof of the instructions.
                    Self(unsafe { $rotate(self.0, bits) })
                }

                #[inline(always)]
                fn shifted_right(self, bits: u32) -> Self {
                    // SAFETY: the value is proof of the instructions.
                    Self(unsafe { $shift(self.0, bits) })
                }

                #[inline(always)]
                fn swapped(self) -> Self {
                    // SAFETY: the value is proof of the instructions, and an array of sixteen bytes is read.
                    Self(unsafe { $swap(self.0, _mm_loadu_si128(SWAP.as_ptr().cast())) })
                }

                #[inline(always)]
                fn store(self, row: &mut Row, first: usize) {
                    let to: &mut [u32; $lanes] =
                        row.0[first..].first_chunk_mut().expect("lanes divide messages");
                    // SAFETY: the value is proof of the instructions; as many words are written as the array has.
                    unsafe { $store(to.as_mut_ptr().cast(), self.0) }
                }
            }
        };
    }

    // A count that is a literal after inlining becomes part of the instruction.
    words!(
        Eight,
        8,
        _mm256_add_epi32,
        _mm256_xor_si256,
        _mm256_and_si256,
        _mm256_or_si256,
        _mm256_set1_epi32,
        |words, bits: u32| _mm256_or_si256(
            _mm256_sll_epi32(words, _mm_cvtsi32_si128(bits.cast_signed())),
            _mm256_srl_epi32(words, _mm_cvtsi32_si128(32 - bits.cast_signed())),
        ),
        |words, bits: u32| _mm256_srl_epi32(words, _mm_cvtsi32_si128(bits.cast_signed())),
        |words, order| _mm256_shuffle_epi8(words, _mm256_broadcastsi128_si256(order)),
        _mm256_storeu_si256,
        _mm256_loadu_si256
    );
    words!(
        Sixteen,
        16,
        _mm512_add_epi32,
        _mm512_xor_si512,
        _mm512_and_si512,
        _mm512_or_si512,
        _mm512_set1_epi32,
        |words, bits: u32| _mm512_rolv_epi32(words, _mm512_set1_epi32(bits.cast_signed())),
        |words, bits: u32| _mm512_srlv_epi32(words, _mm512_set1_epi32(bits.cast_signed())),
        |words, order| _mm512_shuffle_epi8(words, _mm512_broadcast_i32x4(order)),
        _mm512_storeu_si512,
        _mm512_loadu_si512
    );

    /// Rows to columns within each quarter of a register: four words of four rows become four columns.
    macro_rules! turn_quarters {
        ($rows:expr, $low:ident, $high:ident, $low2:ident, $high2:ident) => {{
            let [a, b, c, d] = $rows;
            let (ab, cd) = ($low(a, b), $low(c, d));
            let (ab2, cd2) = ($high(a, b), $high(c, d));
            [$low2(ab, cd), $high2(ab, cd), $low2(ab2, cd2), $high2(ab2, cd2)]
        }};
    }

    #[target_feature(enable = "avx2")]
    pub(in crate::kernel::lanes) fn turn_avx2(blocks: &[&MessageBlock; MESSAGES], words: &mut [Row; 16]) {
        for left in 0..4 {
            // SAFETY: sixteen bytes are read from a multiple of sixteen below 64.
            let four =
                |block: usize| unsafe { _mm_loadu_si128(blocks[block].as_ptr().add(16 * left).cast()) };
            for top in (0..MESSAGES).step_by(8) {
                let pair = |row: usize| _mm256_set_m128i(four(top + row + 4), four(top + row));
                let turned = turn_quarters!(
                    [pair(0), pair(1), pair(2), pair(3)],
                    _mm256_unpacklo_epi32,
                    _mm256_unpackhi_epi32,
                    _mm256_unpacklo_epi64,
                    _mm256_unpackhi_epi64
                );
                for (row, column) in words[4 * left..4 * left + 4].iter_mut().zip(turned) {
                    Eight(column).store(row, top);
                }
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(in crate::kernel::lanes) fn turn_avx512(blocks: &[&MessageBlock; MESSAGES], words: &mut [Row; 16]) {
        for left in 0..4 {
            // SAFETY: sixteen bytes are read from a multiple of sixteen below 64.
            let four =
                |block: usize| unsafe { _mm_loadu_si128(blocks[block].as_ptr().add(16 * left).cast()) };
            let quad = |row: usize| {
                let lowest = _mm512_castsi128_si512(four(row));
                let lower = _mm512_inserti32x4::<1>(lowest, four(row + 4));
                let upper = _mm512_inserti32x4::<2>(lower, four(row + 8));
                _mm512_inserti32x4::<3>(upper, four(row + 12))
            };
            let turned = turn_quarters!(
                [quad(0), quad(1), quad(2), quad(3)],
                _mm512_unpacklo_epi32,
                _mm512_unpackhi_epi32,
                _mm512_unpacklo_epi64,
                _mm512_unpackhi_epi64
            );
            for (row, column) in words[4 * left..4 * left + 4].iter_mut().zip(turned) {
                Sixteen(column).store(row, 0);
            }
        }
    }
}
