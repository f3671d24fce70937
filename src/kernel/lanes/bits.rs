//! Differing bits: which of sixteen words, or of sixteen codes, have few.

use super::Row;

#[inline(always)]
pub(super) fn few_bits(words: &[u32; 16], most: u32) -> u32 {
    (0..16).fold(0, |mask, at| mask | u32::from(words[at].count_ones() <= most) << at)
}

#[inline(always)]
pub(super) fn near_thirds(rows: [&Row; 3], query: [u32; 3], most: u32) -> u32 {
    let apart = |at: usize| (0..3).map(|row| (rows[row].0[at] ^ query[row]).count_ones()).sum::<u32>();
    (0..16).fold(0, |mask, at| mask | u32::from(apart(at) <= most) << at)
}

/// Two words of a code, then the other two: most codes are too far in the first two already.
#[inline(always)]
pub(super) fn near_codes(codes: &[[u8; 32]; 16], query: &[u8; 32], most: u32) -> u32 {
    let words = |code: &[u8; 32]| -> [u64; 4] { bytemuck::cast(*code) };
    let query = words(query);
    let mut mask = 0;
    for (at, code) in codes.iter().enumerate() {
        let code = words(code);
        let apart = |word: usize| (code[word] ^ query[word]).count_ones();
        let half = apart(0) + apart(1);
        if half <= most && half + apart(2) + apart(3) <= most {
            mask |= 1 << at;
        }
    }
    mask
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    use std::arch::x86_64::*;

    use super::Row;

    /// Set bits of the numbers 0 to 15.
    const SET_BITS: [i8; 16] = [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4];

    #[inline]
    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    pub(in crate::kernel::lanes) fn few_bits_avx512(words: &[u32; 16], most: u32) -> u32 {
        // SAFETY: sixteen words are read.
        let words = unsafe { _mm512_loadu_si512(words.as_ptr().cast()) };
        let most = _mm512_set1_epi32(most.min(32) as i32);
        u32::from(_mm512_cmple_epu32_mask(_mm512_popcnt_epi32(words), most))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::kernel::lanes) fn few_bits_avx2(words: &[u32; 16], most: u32) -> u32 {
        // SAFETY: an array of sixteen bytes is read.
        let set_bits = _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(SET_BITS.as_ptr().cast()) });
        let (nibble, one) = (_mm256_set1_epi8(0x0f), _mm256_set1_epi8(1));
        let (pairs, most) = (_mm256_set1_epi16(1), _mm256_set1_epi32(most.min(32) as i32));
        let mut mask = 0;
        for half in 0..2 {
            // SAFETY: eight of sixteen words are read.
            let words = unsafe { _mm256_loadu_si256(words.as_ptr().add(8 * half).cast()) };
            let low = _mm256_shuffle_epi8(set_bits, _mm256_and_si256(words, nibble));
            let high = _mm256_and_si256(_mm256_srli_epi16::<4>(words), nibble);
            let bytes = _mm256_add_epi8(low, _mm256_shuffle_epi8(set_bits, high));
            let counts = _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, one), pairs);
            let many = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(counts, most)));
            mask |= (!many as u32 & 0xff) << (8 * half);
        }
        mask
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    pub(in crate::kernel::lanes) fn near_thirds_avx512(rows: [&Row; 3], query: [u32; 3], most: u32) -> u32 {
        let apart = |row: usize| {
            // SAFETY: sixteen words are read.
            let words = unsafe { _mm512_loadu_si512(rows[row].0.as_ptr().cast()) };
            _mm512_popcnt_epi32(_mm512_xor_si512(words, _mm512_set1_epi32(query[row] as i32)))
        };
        let sum = _mm512_add_epi32(_mm512_add_epi32(apart(0), apart(1)), apart(2));
        u32::from(_mm512_cmple_epu32_mask(sum, _mm512_set1_epi32(most.min(256) as i32)))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    pub(in crate::kernel::lanes) fn near_codes_avx512(
        codes: &[[u8; 32]; 16],
        query: &[u8; 32],
        most: u32,
    ) -> u32 {
        // SAFETY: a code of 32 bytes is read.
        let query = _mm512_broadcast_i64x4(unsafe { _mm256_loadu_si256(query.as_ptr().cast()) });
        // Two codes: how many bits of each 64 differ.
        let pair = |at: usize| {
            // SAFETY: two of sixteen codes are read.
            let codes = unsafe { _mm512_loadu_si512(codes.as_ptr().add(at).cast()) };
            _mm512_popcnt_epi64(_mm512_xor_si512(codes, query))
        };
        // Of the codes a, A and b, B in two registers, the sums of 128 bits: a, b, a, b, A, B, A, B.
        let halves = |a, b| _mm512_add_epi64(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
        let first = _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13);
        let second = _mm512_setr_epi64(2, 3, 6, 7, 10, 11, 14, 15);
        let most = _mm512_set1_epi64(i64::from(most.min(256)));
        let mut mask = 0;
        for half in 0..2 {
            // So placed that the sums of the eight codes come out in their order.
            let at = 8 * half;
            let (low, high) = (halves(pair(at), pair(at + 2)), halves(pair(at + 4), pair(at + 6)));
            let sums = _mm512_add_epi64(
                _mm512_permutex2var_epi64(low, first, high),
                _mm512_permutex2var_epi64(low, second, high),
            );
            mask |= u32::from(_mm512_cmple_epu64_mask(sums, most)) << at;
        }
        // The sums stand as 0, 2, 1, 3 of each four.
        mask & 0x9999 | (mask & 0x2222) << 1 | (mask & 0x4444) >> 1
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::kernel::lanes) fn near_thirds_avx2(rows: [&Row; 3], query: [u32; 3], most: u32) -> u32 {
        // SAFETY: an array of sixteen bytes is read.
        let set_bits = _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(SET_BITS.as_ptr().cast()) });
        let twice = _mm256_add_epi8(set_bits, set_bits);
        let (nibble, one) = (_mm256_set1_epi8(0x0f), _mm256_set1_epi8(1));
        let (pairs, most) = (_mm256_set1_epi16(1), _mm256_set1_epi32(most.min(256) as i32));
        let count = |table, words| {
            let low = _mm256_shuffle_epi8(table, _mm256_and_si256(words, nibble));
            let high = _mm256_and_si256(_mm256_srli_epi16::<4>(words), nibble);
            _mm256_add_epi8(low, _mm256_shuffle_epi8(table, high))
        };
        let mut mask = 0;
        for half in 0..2 {
            let differing = |row: usize| {
                // SAFETY: eight of sixteen words are read.
                let words = unsafe { _mm256_loadu_si256(rows[row].0.as_ptr().add(8 * half).cast()) };
                _mm256_xor_si256(words, _mm256_set1_epi32(query[row] as i32))
            };
            // A full adder makes of three bits their sum's low and high bit: two counts instead of three.
            let (a, b, c) = (differing(0), differing(1), differing(2));
            let either = _mm256_xor_si256(a, b);
            let low = _mm256_xor_si256(either, c);
            let high = _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(either, c));
            let bytes = _mm256_add_epi8(count(set_bits, low), count(twice, high));
            let counts = _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, one), pairs);
            let many = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(counts, most)));
            mask |= (!many as u32 & 0xff) << (8 * half);
        }
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Lanes, Level, Wide};
    use super::*;

    struct FewBits<'a>(&'a [u32; 16], u32);

    impl Wide for FewBits<'_> {
        type Output = u32;

        #[inline(always)]
        fn run<L: Level>(self, level: L) -> u32 {
            level.few_bits(self.0, self.1)
        }
    }

    #[test]
    fn every_level_counts_every_bit() {
        for bit in 0..32 {
            for at in 0..16 {
                let words = std::array::from_fn(|n| if n == at { 1_u32 << bit } else { u32::MAX >> bit });
                for most in (0..=33).chain([u32::MAX]) {
                    let expected = (0..16)
                        .filter(|n| (if *n == at { 1 } else { 32 - bit }) <= most)
                        .fold(0, |mask, n| mask | 1 << n);
                    for lanes in Lanes::available() {
                        let found = lanes.run(FewBits(&words, most));
                        assert_eq!(found, expected, "{}: bit {bit}, word {at}, {most}", lanes.name());
                    }
                }
            }
        }
    }

    struct Near<'a>([&'a Row; 3], &'a [[u8; 32]; 16], &'a [u8; 32], u32);

    impl Wide for Near<'_> {
        type Output = (u32, u32);

        #[inline(always)]
        fn run<L: Level>(self, level: L) -> (u32, u32) {
            let word = |at: usize| u32::from_ne_bytes([0, 1, 2, 3].map(|byte| self.2[4 * at + byte]));
            let query = [0, 1, 2].map(word);
            (level.near_thirds(self.0, query, self.3), level.near_codes(self.1, self.2, self.3))
        }
    }

    #[test]
    fn every_level_tells_near_codes() {
        let apart = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
        for start in 0..251 {
            // Each code has some bits of the query flipped, ever other ones, so that the distances differ.
            let query: [u8; 32] = std::array::from_fn(|at| ((start + at * 7) % 251) as u8);
            let code = |n: usize| query.map(|byte| byte ^ ((1 << ((start + n * 5) % 9)) - 1) as u8);
            let codes: [[u8; 32]; 16] = std::array::from_fn(|n| {
                let mut code = code(n);
                code[(start + n) % 32] ^= 1 << (n % 8);
                code
            });
            let word = |n: usize, row: usize| [0, 1, 2, 3].map(|byte: usize| codes[n][4 * row + byte]);
            let row = |row| Row(std::array::from_fn(|n| u32::from_ne_bytes(word(n, row))));
            let rows = [row(0), row(1), row(2)];
            let places = |len: usize, most: u32| {
                let near = |n: &usize| apart(&codes[*n][..len], &query[..len]) <= most;
                (0..16).filter(near).fold(0, |mask, n| mask | 1 << n)
            };
            for most in (0..=257).chain([u32::MAX]) {
                let expected = (places(12, most), places(32, most));
                for lanes in Lanes::available() {
                    let found = lanes.run(Near(rows.each_ref(), &codes, &query, most));
                    assert_eq!(found, expected, "{}: {start}, within {most}", lanes.name());
                }
            }
        }
    }
}
