//! MD5 of many messages side by side.
//!
//! MD5 is a chain: each of a block's 64 steps waits for the one before it, and a CPU does little else meanwhile. Chains of
//! different messages do not wait for each other, so step by step over an array of states the compiler makes vector
//! instructions of them. The twin, and the definition of correct, is the crate `md-5`.

use super::tail::Tail;

/// Messages side by side. Below 32 the compiler unrolls the loops over lanes and makes worse vectors of them: measured,
/// 16 lanes are half as fast as 32 with plain SSE2, and slower with AVX-512 too.
const LANES: usize = 32;

/// With fewer messages than this, one after the other is faster: a step costs the same however many lanes are in use.
/// Measured with plain SSE2, the least that every CPU has.
pub(super) const FEWEST: usize = 12;

/// The state before the first block (RFC 1321, 3.3).
pub(super) const START: State = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

pub(super) type State = [u32; 4];
pub(super) type Block = [u8; 64];

/// The same word of every lane.
type Word = [u32; LANES];

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

/// The MD5 states after all of each message, padding included, in the order of `messages`.
pub(super) fn of_many(messages: &[&[u8]]) -> Vec<State> {
    let tails: Vec<_> = messages.iter().map(|bytes| Tail::of(bytes)).collect();
    let mut states = vec![START; messages.len()];
    // The longest first, so that the last ones to end are short and few steps have empty lanes.
    let mut order: Vec<_> = (0..messages.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(messages[at].len()));
    let mut waiting = order.into_iter().map(|at| Lane {
        message: at,
        blocks: messages[at].as_chunks().0,
        tail: tails[at].md5(),
    });
    let mut lanes: Vec<Lane> = waiting.by_ref().take(LANES).collect();
    let mut wide = [[0; LANES]; 4];
    for (number, lane) in lanes.iter().enumerate() {
        set(&mut wide, number, states[lane.message]);
    }
    while lanes.len() >= FEWEST {
        for lane in &mut lanes {
            lane.turn_to_tail();
        }
        let run = lanes.iter().map(|lane| lane.blocks.len()).min().expect("at least FEWEST lanes");
        // Lanes without a message repeat the first one's work; nobody reads what they give.
        let runs: [&[Block]; LANES] =
            std::array::from_fn(|number| &lanes.get(number).unwrap_or(&lanes[0]).blocks[..run]);
        compress(&mut wide, &runs);
        let mut number = 0;
        while number < lanes.len() {
            let lane = &mut lanes[number];
            lane.blocks = &lane.blocks[run..];
            if !lane.is_done() {
                number += 1;
                continue;
            }
            states[lane.message] = get(&wide, number);
            if let Some(next) = waiting.next() {
                set(&mut wide, number, START);
                lanes[number] = next;
                number += 1;
            } else {
                let last = lanes.len() - 1;
                let moved = get(&wide, last);
                set(&mut wide, number, moved);
                lanes.swap_remove(number);
            }
        }
    }
    for (number, lane) in lanes.into_iter().enumerate() {
        let mut state = get(&wide, number);
        md5::block_api::compress(&mut state, lane.blocks);
        md5::block_api::compress(&mut state, lane.tail);
        states[lane.message] = state;
    }
    states
}

/// A message on its way through a lane.
struct Lane<'a> {
    /// Its place among the messages.
    message: usize,
    /// What is left of its whole blocks; after them, of its tail.
    blocks: &'a [Block],
    /// The blocks with the rest and the padding; empty once they are in `blocks`.
    tail: &'a [Block],
}

impl Lane<'_> {
    fn turn_to_tail(&mut self) {
        if self.blocks.is_empty() {
            self.blocks = std::mem::take(&mut self.tail);
        }
    }

    fn is_done(&self) -> bool {
        self.blocks.is_empty() && self.tail.is_empty()
    }
}

fn get(wide: &[Word; 4], lane: usize) -> State {
    wide.map(|word| word[lane])
}

fn set(wide: &mut [Word; 4], lane: usize, state: State) {
    for (word, value) in wide.iter_mut().zip(state) {
        word[lane] = value;
    }
}

/// Takes in the blocks of every lane; all runs are of one length.
fn compress(states: &mut [Word; 4], runs: &[&[Block]; LANES]) {
    for at in 0..runs[0].len() {
        let mut words = [[0; LANES]; 16];
        for (lane, run) in runs.iter().enumerate() {
            for (word, bytes) in words.iter_mut().zip(run[at].as_chunks::<4>().0) {
                word[lane] = u32::from_le_bytes(*bytes);
            }
        }
        compress_block(states, &words);
    }
}

/// One step in every lane. Rotations and places are literals after inlining, which vector shifts need.
#[inline(always)]
fn step(
    [a, b, c, d]: [&mut Word; 4],
    words: &[Word; 16],
    (round, number): (usize, usize),
    mix: impl Fn(u32, u32, u32) -> u32,
) {
    let (factor, offset) = WORDS[round];
    let word = &words[(factor * number + offset) % 16];
    let (sine, turn) = (SINES[16 * round + number], TURNS[round][number % 4]);
    for lane in 0..LANES {
        let sum =
            mix(b[lane], c[lane], d[lane]).wrapping_add(a[lane]).wrapping_add(word[lane]).wrapping_add(sine);
        a[lane] = sum.rotate_left(turn).wrapping_add(b[lane]);
    }
}

#[inline(always)]
fn round(
    [a, b, c, d]: [&mut Word; 4],
    words: &[Word; 16],
    round: usize,
    mix: impl Fn(u32, u32, u32) -> u32 + Copy,
) {
    for four in 0..4 {
        step([a, b, c, d], words, (round, 4 * four), mix);
        step([d, a, b, c], words, (round, 4 * four + 1), mix);
        step([c, d, a, b], words, (round, 4 * four + 2), mix);
        step([b, c, d, a], words, (round, 4 * four + 3), mix);
    }
}

fn compress_block(states: &mut [Word; 4], words: &[Word; 16]) {
    let [mut a, mut b, mut c, mut d] = *states;
    round([&mut a, &mut b, &mut c, &mut d], words, 0, |x, y, z| z ^ (x & (y ^ z)));
    round([&mut a, &mut b, &mut c, &mut d], words, 1, |x, y, z| y ^ (z & (x ^ y)));
    round([&mut a, &mut b, &mut c, &mut d], words, 2, |x, y, z| x ^ y ^ z);
    round([&mut a, &mut b, &mut c, &mut d], words, 3, |x, y, z| y ^ (x | !z));
    for (state, add) in states.iter_mut().zip([a, b, c, d]) {
        for lane in 0..LANES {
            state[lane] = state[lane].wrapping_add(add[lane]);
        }
    }
}
