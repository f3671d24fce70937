//! MD5 of the blocks of several messages side by side.
//!
//! MD5 is a chain: each of a block's 64 steps waits for the one before it, and a CPU does little else meanwhile. Chains of
//! different messages do not wait for each other. The twin, and the definition of correct, is the crate `md-5`.

use crate::kernel::lanes::{Level, Words};

/// The state before the first block (RFC 1321, 3.3).
pub(super) const START: State = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

pub(super) type State = [u32; 4];

/// `floor(|sin(i + 1)| * 2^32)` (RFC 1321, 3.4).
#[rustfmt::skip]
const SINES: [u32; 64] = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
    0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
    0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
    0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
    0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
    0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
    0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
];

/// The four rotations of each round.
const TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// Which word of the block step `i` of a round takes: `(factor * i + offset) % 16`.
const WORDS: [(usize, usize); 4] = [(1, 0), (5, 1), (3, 5), (7, 0)];

/// Takes in a block of every lane, given as little-endian words.
#[inline(always)]
pub(super) fn compress<L: Level>(level: L, state: &mut [L::Words; 4], words: &[L::Words; 16]) {
    let [mut a, mut b, mut c, mut d] = *state;
    let of = [&mut a, &mut b, &mut c, &mut d];
    rounds(level, of, words);
    for (state, add) in state.iter_mut().zip([a, b, c, d]) {
        *state = state.plus(add);
    }
}

#[inline(always)]
fn rounds<L: Level>(level: L, [a, b, c, d]: [&mut L::Words; 4], words: &[L::Words; 16]) {
    // Rounds and the last two bits of a step's number are literals, as places and rotations in vectors must be.
    macro_rules! round {
        ($round:literal) => {
            for four in 0..4 {
                step::<L, $round>(level, [a, b, c, d], words, 4 * four, 0);
                step::<L, $round>(level, [d, a, b, c], words, 4 * four, 1);
                step::<L, $round>(level, [c, d, a, b], words, 4 * four, 2);
                step::<L, $round>(level, [b, c, d, a], words, 4 * four, 3);
            }
        };
    }
    round!(0);
    round!(1);
    round!(2);
    round!(3);
}

#[inline(always)]
fn step<L: Level, const ROUND: usize>(
    level: L,
    [a, b, c, d]: [&mut L::Words; 4],
    words: &[L::Words; 16],
    four: usize,
    number: usize,
) {
    let (x, y, z) = (*b, *c, *d);
    let mix = match ROUND {
        0 => z ^ (x & (y ^ z)),
        1 => y ^ (z & (x ^ y)),
        2 => x ^ y ^ z,
        _ => y ^ (x | z.inverted()),
    };
    let (factor, offset) = WORDS[ROUND];
    let word = words[(factor * (four + number) + offset) % 16];
    let sine = level.splat(SINES[16 * ROUND + four + number]);
    // What does not wait for the step before is added first.
    let sum = a.plus(word.plus(sine)).plus(mix);
    *a = sum.rotated_left(TURNS[ROUND][number]).plus(x);
}
