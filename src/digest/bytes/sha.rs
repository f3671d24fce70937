//! SHA-1 and SHA-256 of the blocks of several messages side by side (FIPS 180-4, 6.1 and 6.2).
//!
//! A CPU with instructions for these is quick with one message, and with wide vectors quicker still with sixteen. The
//! twins, and the definition of correct, are the crates `sha1` and `sha2`.

use crate::kernel::lanes::{Level, Words};

pub(super) type State1 = [u32; 5];
pub(super) type State256 = [u32; 8];

/// The states before the first block (FIPS 180-4, 5.3.1 and 5.3.3).
pub(super) const START1: State1 = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
pub(super) const START256: State256 =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// SHA-1's constant of each round of 20 steps.
const ROUNDS1: [u32; 4] = [0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6];

/// SHA-256's constant of each step: the first bits of the cube roots of the primes.
#[rustfmt::skip]
const STEPS256: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// Takes in a block of every lane, given as big-endian words.
#[inline(always)]
pub(super) fn compress1<L: Level>(level: L, state: &mut [L::Words; 5], words: &[L::Words; 16]) {
    let mut w = *words;
    let mut s = *state;
    // Rounds and steps are literals, so that words stay in registers.
    macro_rules! step {
        ($round:literal, $a:literal $b:literal $c:literal $d:literal $e:literal, $t:expr) => {
            let t = 20 * $round + $t;
            if t >= 16 {
                w[t % 16] =
                    (w[(t + 13) % 16] ^ w[(t + 8) % 16] ^ w[(t + 2) % 16] ^ w[t % 16]).rotated_left(1);
            }
            let mix = match $round {
                0 => s[$d] ^ (s[$b] & (s[$c] ^ s[$d])),
                2 => (s[$b] & s[$c]) | (s[$d] & (s[$b] ^ s[$c])),
                _ => s[$b] ^ s[$c] ^ s[$d],
            };
            let ready = s[$e].plus(w[t % 16].plus(level.splat(ROUNDS1[$round])));
            s[$e] = ready.plus(mix).plus(s[$a].rotated_left(5));
            s[$b] = s[$b].rotated_left(30);
        };
    }
    macro_rules! five {
        ($round:literal, $t:literal) => {
            step!($round, 0 1 2 3 4, $t);
            step!($round, 4 0 1 2 3, $t + 1);
            step!($round, 3 4 0 1 2, $t + 2);
            step!($round, 2 3 4 0 1, $t + 3);
            step!($round, 1 2 3 4 0, $t + 4);
        };
    }
    macro_rules! round {
        ($round:literal) => {
            five!($round, 0);
            five!($round, 5);
            five!($round, 10);
            five!($round, 15);
        };
    }
    round!(0);
    round!(1);
    round!(2);
    round!(3);
    for (state, add) in state.iter_mut().zip(s) {
        *state = state.plus(add);
    }
}

/// As [`compress1`].
#[inline(always)]
pub(super) fn compress256<L: Level>(level: L, state: &mut [L::Words; 8], words: &[L::Words; 16]) {
    let mut w = *words;
    let mut s = *state;
    macro_rules! step {
        ($first:ident, $a:literal $b:literal $c:literal $d:literal $e:literal $f:literal $g:literal $h:literal, $t:expr) => {
            if $first > 0 {
                let (old, new) = (w[($t + 1) % 16], w[($t + 14) % 16]);
                let small0 = old.rotated_left(25) ^ old.rotated_left(14) ^ old.shifted_right(3);
                let small1 = new.rotated_left(15) ^ new.rotated_left(13) ^ new.shifted_right(10);
                w[$t] = w[$t].plus(w[($t + 9) % 16]).plus(small0).plus(small1);
            }
            let big1 = s[$e].rotated_left(26) ^ s[$e].rotated_left(21) ^ s[$e].rotated_left(7);
            let choice = s[$g] ^ (s[$e] & (s[$f] ^ s[$g]));
            let sum = s[$h].plus(w[$t].plus(level.splat(STEPS256[$first + $t]))).plus(choice).plus(big1);
            let big0 = s[$a].rotated_left(30) ^ s[$a].rotated_left(19) ^ s[$a].rotated_left(10);
            let majority = (s[$a] & s[$b]) | (s[$c] & (s[$a] ^ s[$b]));
            s[$d] = s[$d].plus(sum);
            s[$h] = sum.plus(big0.plus(majority));
        };
    }
    macro_rules! eight {
        ($first:ident, $t:literal) => {
            step!($first, 0 1 2 3 4 5 6 7, $t);
            step!($first, 7 0 1 2 3 4 5 6, $t + 1);
            step!($first, 6 7 0 1 2 3 4 5, $t + 2);
            step!($first, 5 6 7 0 1 2 3 4, $t + 3);
            step!($first, 4 5 6 7 0 1 2 3, $t + 4);
            step!($first, 3 4 5 6 7 0 1 2, $t + 5);
            step!($first, 2 3 4 5 6 7 0 1, $t + 6);
            step!($first, 1 2 3 4 5 6 7 0, $t + 7);
        };
    }
    for first in [0, 16, 32, 48] {
        eight!(first, 0);
        eight!(first, 8);
    }
    for (state, add) in state.iter_mut().zip(s) {
        *state = state.plus(add);
    }
}
